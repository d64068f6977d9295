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
    character.is_ascii_graphic() || character == ' ' || {
        let mut text = String::from("a");
        text.push(character);
        !text.escape_debug().skip(1).eq(character.escape_unicode())
    }
}

/// The address of something in a module instance, whose own address is empty for the root.
pub(super) fn within(module: &str, local: impl fmt::Display) -> String {
    if module.is_empty() { local.to_string() } else { format!("{module}.{local}") }
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
        assert_eq!(within("", "aws_x.y"), "aws_x.y");
        assert_eq!(within("module.a[0]", "aws_x.y"), "module.a[0].aws_x.y");
    }
}
