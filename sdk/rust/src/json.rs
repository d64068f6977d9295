//! Writing the few pieces of JSON that a pack produces: schemas and values of fixes.

use std::fmt::Write;

/// A JSON string, with its quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn quotes_what_json_needs_quoted() {
        assert_eq!(quote("a\"b\\c\nd\u{1}ü"), r#""a\"b\\c\nd\u0001ü""#);
    }
}
