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
            ty => out.push_str(&format!("null /* {ty} */")),
        },
        Data::Bool(value) => out.push_str(&value.to_string()),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) if text.contains('\n') => {
            // At the margin there is no indentation to take away.
            out.push_str(if indent > 0 { "<<-EOT\n" } else { "<<EOT\n" });
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
        out.push_str(&format!("\n{:inner$}{} = ", "", quoted(&member.key)));
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
            '\0'..' ' | '\u{7f}' => out.push_str(&format!("\\x{:02x}", character as u32)),
            _ => out.push(character),
        }
    }
    out + "\""
}
