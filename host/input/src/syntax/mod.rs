//! From text to trees: one loader a syntax. What both share is here.

use std::fmt::Write;

pub(crate) mod json;
mod members;
pub(crate) mod yaml;

/// The character at an offset as an error message names it.
fn describe(text: &str, at: usize) -> String {
    let Some(found) = text.get(at..).and_then(|rest| rest.chars().next()) else {
        return "the end of the file".into();
    };
    match found {
        '\n' | '\r' => "the end of the line".into(),
        '\t' => "a tab".into(),
        ' ' => "a space".into(),
        '`' => "a backtick".into(),
        found if found.is_control() || found == '\u{feff}' => {
            let mut name = "the character ".to_string();
            // Writing to a String cannot fail.
            let _ = write!(name, "U+{:04X}", u32::from(found));
            name
        }
        found => format!("`{found}`"),
    }
}

/// The offset after the character at `at`, for spans that show it.
fn after(text: &str, at: usize) -> usize {
    at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

/// A number with separators between thousands, as messages print limits.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_named_so_that_people_can_find_them() {
        for (text, at, expected) in [
            ("a", 0, "`a`"),
            ("aü", 1, "`ü`"),
            ("a", 1, "the end of the file"),
            ("\r\n", 0, "the end of the line"),
            ("\t", 0, "a tab"),
            ("\u{1}", 0, "the character U+0001"),
            ("ü", 1, "the end of the file"),
        ] {
            assert_eq!(describe(text, at), expected, "{text:?} at {at}");
        }
    }

    #[test]
    fn large_numbers_are_grouped() {
        for (number, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (2_000_000, "2,000,000")] {
            assert_eq!(grouped(number), expected);
        }
    }
}
