//! Addresses as Terraform writes them: `module.network["a"].aws_subnet.this[0]`.

use std::fmt;
use std::sync::Arc;

/// Which instance of something that is there several times.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    Index(u64),
    Name(Arc<str>),
}

/// In brackets, as behind an address.
impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Index(index) => write!(out, "[{index}]"),
            Key::Name(name) => write!(out, "[{}]", quoted(name)),
        }
    }
}

/// A text as Terraform quotes it in addresses (`toHCLQuotedString` in `internal/addrs/instance_key.go`).
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if rest.as_str().starts_with('{') => out.extend([character, character]),
            _ if is_printable(character) => out.push(character),
            _ if (character as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", character as u32)),
            _ => out.push_str(&format!("\\U{:08x}", character as u32)),
        }
    }
    out.push('"');
    out
}

/// As Go's `unicode.IsPrint`. What Rust's debugging output escapes is the same, but for marks at the
/// beginning of a text.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_graphic() || character == ' ';
    }
    let text = String::from_iter(['a', character]);
    !character.is_control() && !text.escape_debug().skip(1).eq(character.escape_unicode())
}

/// The address of something in a module instance, whose own address is empty for the root.
pub(super) fn within(module: &str, local: impl fmt::Display) -> String {
    if module.is_empty() { local.to_string() } else { format!("{module}.{local}") }
}

/// The address of the resource or data source that a reference begins with; `None` when it begins with
/// something else, such as a variable.
pub(super) fn resource_of(reference: &str) -> Option<&str> {
    let mut at = 0;
    let part = |at: &mut usize| {
        let start = *at;
        let rest = &reference[start..];
        let length = rest.find(['.', '[']).unwrap_or(rest.len());
        *at += length;
        *at += key_length(&reference[*at..]);
        let end = *at;
        if reference[end..].starts_with('.') {
            *at += 1;
        }
        (length > 0).then(|| (&rest[..length], end))
    };
    loop {
        let (name, end) = part(&mut at)?;
        match name {
            "module" => {
                part(&mut at)?;
            }
            "data" | "ephemeral" => {
                part(&mut at)?;
                return part(&mut at).map(|(_, end)| &reference[..end]);
            }
            "var" | "local" | "path" | "terraform" | "each" | "count" | "self" | "output" => return None,
            _ if end == reference.len() => return None,
            _ => return part(&mut at).map(|(_, end)| &reference[..end]),
        }
    }
}

/// The length of a key in brackets at the beginning of a text, with the brackets; 0 when there is none. A text in it
/// may hold brackets, too.
pub fn key_length(text: &str) -> usize {
    if !text.starts_with('[') {
        return 0;
    }
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_terraform_does() {
        for (key, expected) in [
            (Key::Index(0), "[0]"),
            (Key::Name("a".into()), "[\"a\"]"),
            (Key::Name("".into()), "[\"\"]"),
            (Key::Name("a b/ü é\u{301}".into()), "[\"a b/ü é\u{301}\"]"),
            (Key::Name("q\"\\\n\t\r".into()), r#"["q\"\\\n\t\r"]"#),
            (Key::Name("${x} %{y} $ % $x".into()), r#"["$${x} %%{y} $ % $x"]"#),
            (Key::Name("\u{0}\u{7f}\u{a0}\u{200b}\u{e0001}".into()), r#"["\u0000\u007f\u00a0\u200b\U000e0001"]"#),
        ] {
            assert_eq!(key.to_string(), expected);
        }
        for (reference, expected) in [
            ("aws_kms_key.eks.arn", Some("aws_kms_key.eks")),
            ("aws_x.y", Some("aws_x.y")),
            ("aws_x.y[0].id", Some("aws_x.y[0]")),
            (r#"module.a["k.]\"["].aws_x.y["b.c"].id"#, Some(r#"module.a["k.]\"["].aws_x.y["b.c"]"#)),
            ("data.aws_region.this.name", Some("data.aws_region.this")),
            ("module.a.module.b[1].data.aws_x.y", Some("module.a.module.b[1].data.aws_x.y")),
            ("module.kms.key_arn", None),
            ("module.kms", None),
            ("var.x.y", None),
            ("module.a.var.x", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(resource_of(reference), expected, "{reference}");
        }
        assert_eq!(within("", "aws_x.y"), "aws_x.y");
        assert_eq!(within("module.a[0]", "aws_x.y"), "module.a[0].aws_x.y");
    }
}
