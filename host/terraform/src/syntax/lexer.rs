//! From text to tokens, one at a time: inside of a template another language begins, and only the
//! parser knows where.
//!
//! What a token is follows the scanner of HashiCorp's implementation (`scan_tokens.rl` in
//! github.com/hashicorp/hcl, folder hclsyntax).

use memchr::memmem;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Identifier,
    Number,
    /// `"`
    Quote,
    /// `<<NAME` or `<<-NAME`, up to and including the line break.
    Heredoc,
    OpenBrace,
    CloseBrace,
    /// `~}`
    TrimCloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    Equals,
    EqualEqual,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Not,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Question,
    Colon,
    DoubleColon,
    Comma,
    Dot,
    Ellipsis,
    Arrow,
    Newline,
    End,
    /// A character that is none of the language's.
    Invalid,
    /// `/*` without `*/`.
    OpenComment,
}

/// A token and the bytes that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Where a comment stands, its line break left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CommentRange {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The token at or behind `at`. White space and comments before it are skipped, line breaks too
/// unless they mean something; `comment` is told each comment.
pub(super) fn token(text: &str, at: usize, newlines: bool, mut comment: impl FnMut(CommentRange)) -> Token {
    let bytes = text.as_bytes();
    let mut start = at;
    loop {
        match bytes.get(start) {
            Some(b' ' | b'\t') => start += 1,
            Some(b'\n') if !newlines => start += 1,
            Some(b'\r') if !newlines && bytes.get(start + 1) == Some(&b'\n') => start += 2,
            Some(b'#') => {
                let end = line_end(bytes, start);
                comment(CommentRange { start, end });
                start = end;
            }
            Some(b'/') if bytes.get(start + 1) == Some(&b'/') => {
                let end = line_end(bytes, start);
                comment(CommentRange { start, end });
                start = end;
            }
            Some(b'/') if bytes.get(start + 1) == Some(&b'*') => {
                let Some(length) = memmem::find(&bytes[start + 2..], b"*/") else {
                    return Token { kind: TokenKind::OpenComment, start, end: bytes.len() };
                };
                let end = start + 2 + length + 2;
                comment(CommentRange { start, end });
                start = end;
            }
            _ => break,
        }
    }
    let (kind, length) = kind(text, start);
    Token { kind, start, end: start + length }
}

/// Where the line of an offset ends, its line break left out.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
    if end > at && bytes.get(end - 1) == Some(&b'\r') && end < bytes.len() { end - 1 } else { end }
}

/// The kind and length of the token that begins at `at`.
fn kind(text: &str, at: usize) -> (TokenKind, usize) {
    let bytes = text.as_bytes();
    let Some(first) = bytes.get(at) else {
        return (TokenKind::End, 0);
    };
    let next = bytes.get(at + 1).copied();
    let two = |second: u8, both: TokenKind, one: TokenKind| if next == Some(second) { (both, 2) } else { (one, 1) };
    match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => (TokenKind::Identifier, identifier(text, at)),
        b'0'..=b'9' => (TokenKind::Number, number(bytes, at)),
        b'"' => (TokenKind::Quote, 1),
        b'{' => (TokenKind::OpenBrace, 1),
        b'}' => (TokenKind::CloseBrace, 1),
        b'~' => two(b'}', TokenKind::TrimCloseBrace, TokenKind::Invalid),
        b'[' => (TokenKind::OpenBracket, 1),
        b']' => (TokenKind::CloseBracket, 1),
        b'(' => (TokenKind::OpenParenthesis, 1),
        b')' => (TokenKind::CloseParenthesis, 1),
        b'=' if next == Some(b'>') => (TokenKind::Arrow, 2),
        b'=' => two(b'=', TokenKind::EqualEqual, TokenKind::Equals),
        b'!' => two(b'=', TokenKind::NotEqual, TokenKind::Not),
        b'<' if next == Some(b'<') => match heredoc(text, at) {
            Some(length) => (TokenKind::Heredoc, length),
            None => (TokenKind::Less, 1),
        },
        b'<' => two(b'=', TokenKind::LessEqual, TokenKind::Less),
        b'>' => two(b'=', TokenKind::GreaterEqual, TokenKind::Greater),
        b'&' => two(b'&', TokenKind::And, TokenKind::Invalid),
        b'|' => two(b'|', TokenKind::Or, TokenKind::Invalid),
        b'+' => (TokenKind::Plus, 1),
        b'-' => (TokenKind::Minus, 1),
        b'*' => (TokenKind::Star, 1),
        b'/' => (TokenKind::Slash, 1),
        b'%' => (TokenKind::Percent, 1),
        b'?' => (TokenKind::Question, 1),
        b':' => two(b':', TokenKind::DoubleColon, TokenKind::Colon),
        b',' => (TokenKind::Comma, 1),
        b'.' if bytes[at..].starts_with(b"...") => (TokenKind::Ellipsis, 3),
        b'.' => (TokenKind::Dot, 1),
        b'\n' => (TokenKind::Newline, 1),
        b'\r' if next == Some(b'\n') => (TokenKind::Newline, 2),
        _ => match identifier(text, at) {
            0 => (TokenKind::Invalid, text[at..].chars().next().map_or(1, char::len_utf8)),
            length => (TokenKind::Identifier, length),
        },
    }
}

/// The length of the identifier at `at`; 0 when there is none.
pub(super) fn identifier(text: &str, at: usize) -> usize {
    let mut length = 0;
    for character in text[at..].chars() {
        let fits = if length == 0 {
            character == '_' || unicode_ident::is_xid_start(character)
        } else {
            character == '-' || unicode_ident::is_xid_continue(character)
        };
        if !fits {
            break;
        }
        length += character.len_utf8();
    }
    length
}

/// The length of the number at `at`: as many digits, dots and exponents as there are, but for dots at
/// the end. Whether it is one number is for the parser to say.
fn number(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    let mut length = end;
    loop {
        match bytes.get(end) {
            Some(byte) if byte.is_ascii_digit() => {
                end += 1;
                length = end;
            }
            Some(b'.') => end += 1,
            Some(b'e' | b'E') => {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                if !bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                    break;
                }
                end += 2 + sign;
                length = end;
            }
            _ => break,
        }
    }
    length - at
}

/// The length of a heredoc's first line with its line break, where it is one.
fn heredoc(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at + 2..];
    let dash = usize::from(rest.starts_with('-'));
    let name = identifier(rest, dash);
    let behind = rest.get(dash + name..)?;
    let newline = if behind.starts_with("\r\n") { 2 } else { usize::from(behind.starts_with('\n')) };
    (name > 0 && newline > 0).then_some(2 + dash + name + newline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        use TokenKind::{
            Arrow, CloseBrace, Ellipsis, End, Equals, Heredoc, Identifier, Invalid, Less, Newline, Number, OpenComment,
            TrimCloseBrace,
        };
        for (text, expected) in [
            ("a-b_c = 1", &[(Identifier, 5), (Equals, 1), (Number, 1)][..]),
            ("größe=>", &[(Identifier, 7), (Arrow, 2)]),
            ("1.5e-3 1... 1.2.3", &[(Number, 6), (Number, 1), (Ellipsis, 3), (Number, 5)]),
            ("1e 1e+", &[(Number, 1), (Identifier, 1), (Number, 1), (Identifier, 1), (TokenKind::Plus, 1)]),
            ("<<-E\r\n", &[(Heredoc, 6)]),
            ("<<E x", &[(Less, 1), (Less, 1), (Identifier, 1), (Identifier, 1)]),
            ("# c\n/* d */ // e\n~} }", &[(Newline, 1), (Newline, 1), (TrimCloseBrace, 2), (CloseBrace, 1)]),
            ("/* never", &[(OpenComment, 8)]),
            ("§'", &[(Invalid, 2), (Invalid, 1)]),
            ("\r", &[(Invalid, 1)]),
        ] {
            let mut at = 0;
            for (kind, length) in expected {
                let found = token(text, at, true, |_| {});
                assert_eq!((found.kind, found.end - found.start), (*kind, *length), "{text:?} at {at}");
                at = found.end;
            }
            assert_eq!(token(text, at, true, |_| {}).kind, End, "{text:?}");
        }
    }

    #[test]
    fn comments_are_told_without_their_line_breaks() {
        let text = "# a\r\n// b\n/* c\nd */x";
        let mut comments = Vec::new();
        let found = token(text, 0, false, |comment| comments.push(&text[comment.start..comment.end]));
        assert_eq!(found.kind, TokenKind::Identifier);
        assert_eq!(comments, ["# a", "// b", "/* c\nd */"]);
    }
}
