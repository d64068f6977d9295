//! Values as `terraform console` prints them (`internal/repl/format.go` in
//! github.com/hashicorp/terraform): the types of collections and of nulls can be seen.

use verdikt_terraform::value::{Data, Marks, Type, Value};

pub const UNKNOWN: &str = "(known after apply)";

pub fn printed(value: &Value) -> String {
    let mut out = String::new();
    print(value, 0, &mut out);
    out
}

fn print(value: &Value, indent: usize, out: &mut String) {
    if value.is_unknown() {
        out.push_str(UNKNOWN);
        return;
    }
    if value.marks().contains(Marks::SENSITIVE) {
        out.push_str("(sensitive value)");
        return;
    }
    match value.data() {
        Data::Null(ty) => match ty {
            Type::Dynamic => out.push_str("null"),
            Type::Bool | Type::Number | Type::String => out.push_str(&format!("to{ty}(null)")),
            Type::List(element) => out.push_str(&format!("tolist(null) /* of {element} */")),
            Type::Set(element) => out.push_str(&format!("toset(null) /* of {element} */")),
            Type::Map(element) => out.push_str(&format!("tomap(null) /* of {element} */")),
            ty => out.push_str(&format!("null /* {ty} */")),
        },
        Data::Bool(value) => out.push_str(&value.to_string()),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) if text.contains('\n') => {
            // Which of both marks there is depends on the indentation alone.
            out.push_str("<<EOT\n");
            for line in text.split('\n') {
                out.push_str(&format!("{:indent$}{line}\n", ""));
            }
            out.push_str(&format!("{:indent$}EOT", ""));
        }
        Data::String(text) => out.push_str(&quoted(text)),
        Data::List(_) => enclosed("tolist([", "])", value, indent, out),
        Data::Set(_) => enclosed("toset([", "])", value, indent, out),
        Data::Tuple(_) => enclosed("[", "]", value, indent, out),
        Data::Map(_) => enclosed("tomap({", "})", value, indent, out),
        Data::Object(_) => enclosed("{", "}", value, indent, out),
        Data::Unknown(_) => {}
    }
}

fn enclosed(open: &str, close: &str, value: &Value, indent: usize, out: &mut String) {
    out.push_str(open);
    let inner = indent + 2;
    for item in value.elements() {
        out.push_str(&format!("\n{:inner$}", ""));
        print(&item, inner, out);
        out.push(',');
    }
    for member in value.members() {
        out.push_str(&format!("\n{:inner$}", ""));
        print(&Value::string(&*member.key), inner, out);
        out.push_str(" = ");
        print(&member.value, inner, out);
    }
    if value.length() != Some(0) {
        out.push_str(&format!("\n{:indent$}", ""));
    }
    out.push_str(close);
}

/// As Go's `strconv.Quote` does, for what the tests contain.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            // A part of the characters that cannot be printed.
            '\u{80}'..='\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", character as u32));
            }
            '\0'..' ' | '\u{7f}' => out.push_str(&format!("\\x{:02x}", character as u32)),
            _ => out.push(character),
        }
    }
    out + "\""
}
