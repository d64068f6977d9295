//! Text of guests on its way to people.

/// Longest quotation of a guest in a message of the host.
const QUOTED: usize = 400;

/// One printable line of bounded length: control characters are escaped, since they could drive a
/// terminal, and the rest is cut.
pub(crate) fn shorten(text: &str) -> String {
    let mut line = String::new();
    for character in text.trim().chars() {
        if line.len() >= QUOTED {
            line.push('…');
            break;
        }
        match character {
            '\n' | '\r' | '\t' => line.push(' '),
            _ if character.is_control() => line.extend(character.escape_default()),
            _ => line.push(character),
        }
    }
    line
}

/// The first `bytes` bytes of a text, or a little less: a character is never cut in two.
pub(crate) fn prefix(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_one_printable_line() {
        assert_eq!(shorten(" a\nb\u{1b}[31m "), "a b\\u{1b}[31m");
        let long = shorten(&"ü".repeat(1000));
        assert!(long.len() <= QUOTED + 4 && long.ends_with('…'), "{long}");
    }

    #[test]
    fn prefixes_end_between_characters() {
        assert_eq!(prefix("aüb", 2), "a");
        assert_eq!(prefix("aüb", 3), "aü");
        assert_eq!(prefix("aüb", 99), "aüb");
    }
}
