//! What stands between scalars: comments, and the tags and anchors before a node.
//!
//! The parser reports neither comments nor where a node begins behind its tag and anchor. Outside of
//! scalars both are simple to find: a comment is a `#` after white space, and tags and anchors have
//! no white space in them.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memrchr2};

/// The comments in a range without scalars, without the line break; and whether each has its line
/// for itself.
pub(super) fn comments(text: &str, range: Range<usize>, mut found: impl FnMut(Range<usize>, bool)) {
    let bytes = text.as_bytes();
    let mut from = range.start;
    while let Some(at) = memchr(b'#', &bytes[from..range.end]).map(|at| from + at) {
        if at > 0 && !is_white(bytes[at - 1]) {
            from = at + 1;
            continue;
        }
        let end = line_end(bytes, at);
        let end = at + text[at..end].trim_end().len();
        let before = bytes[..at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
        found(at..end, before.is_none_or(|byte| matches!(byte, b'\n' | b'\r')));
        from = end.max(at + 1).min(range.end);
    }
}

/// Where a node begins whose tag, anchor or both begin at `at`.
pub(super) fn after_properties(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = at;
    loop {
        at = after_space_and_comments(bytes, at);
        match bytes.get(at) {
            Some(b'!') if bytes.get(at + 1) == Some(&b'<') => at += memchr(b'>', &bytes[at..]).map_or(1, |end| end + 1),
            Some(b'&' | b'!') => {
                let name = bytes[at..]
                    .iter()
                    .position(|byte| is_white(*byte) || matches!(byte, b',' | b'[' | b']' | b'{' | b'}'));
                at += name.unwrap_or(bytes.len() - at);
            }
            _ => return at,
        }
    }
}

/// Where the header of a block scalar (`|` or `>`) is, between the end of what comes before and the
/// content.
pub(super) fn block_header(text: &str, range: Range<usize>) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = range.start;
    loop {
        at = after_properties(text, at);
        if at > range.end {
            return None;
        }
        match bytes.get(at)? {
            b'|' | b'>' => return Some(at),
            // Indicators of the collections that the scalar is in.
            _ => at += 1,
        }
    }
}

/// The end of a block scalar's header without its comment: `|2-`.
pub(super) fn after_header(text: &str, at: usize) -> usize {
    let header = text.as_bytes()[at..].iter();
    at + header.take_while(|byte| matches!(byte, b'|' | b'>' | b'+' | b'-' | b'0'..=b'9')).count()
}

/// The end of the last indicator (`-`, `:` or `?`) in a range without scalars: where a value that nobody
/// wrote stands.
pub(super) fn after_indicator(text: &str, range: Range<usize>) -> Option<usize> {
    let mut at = range.start;
    let mut found = None;
    loop {
        at = after_properties(text, at);
        if at >= range.end {
            return found;
        }
        if matches!(text.as_bytes()[at], b'-' | b':' | b'?') {
            found = Some(at + 1);
        }
        at += 1;
    }
}

/// The `-` of the first element of a list in block style that is a member of a map. The parser's mark
/// is there, or behind it and the white space that follows when the list is no deeper than its key.
pub(super) fn first_dash(text: &str, at: usize) -> usize {
    let line = memrchr2(b'\n', b'\r', &text.as_bytes()[..at]).map_or(0, |line_break| line_break + 1);
    let before = text[line..at].trim_start_matches(' ');
    let behind_dash = before.strip_prefix('-').map(|rest| rest.trim_start_matches([' ', '\t']));
    if behind_dash.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) { at - before.len() } else { at }
}

/// The bracket that closes a flow collection. The parser's mark is there, or at the comma before it
/// when a map ends with one.
pub(super) fn closing_bracket(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    if bytes.get(at) == Some(&b',') { after_space_and_comments(bytes, at + 1) } else { at }
}

/// The end of the quoted scalar that begins at `at`.
pub(super) fn after_quoted(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(quote @ (b'"' | b'\'')) = bytes.get(at).copied() else { return at };
    let mut from = at + 1;
    while let Some(found) = memchr2(quote, b'\\', bytes.get(from..).unwrap_or_default()).map(|found| from + found) {
        from = match (bytes[found], bytes.get(found + 1)) {
            // Backslashes escape in double quotes only, and a doubled single quote is one.
            (b'\\', _) if quote == b'"' => found + 2,
            (b'\\', _) => found + 1,
            (b'\'', Some(b'\'')) => found + 2,
            _ => return found + 1,
        };
    }
    text.len()
}

/// The offset of the line break that ends the line of `at`, or the end of the text.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |end| at + end)
}

/// How many line breaks a text has.
pub(super) fn lines(text: &str) -> usize {
    memchr_iter(b'\n', text.as_bytes()).count()
}

fn after_space_and_comments(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(byte) if is_white(*byte) => at += 1,
            Some(b'#') if at == 0 || is_white(bytes[at - 1]) => at = line_end(bytes, at),
            _ => return at,
        }
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_begin_behind_their_properties() {
        for (text, rest) in [
            ("&a b", "b"),
            ("!t &a b", "b"),
            ("&a !<x y> b", "b"),
            ("!!str # note\n  b", "b"),
            ("!t[b]", "[b]"),
            ("&a", ""),
            ("b", "b"),
        ] {
            assert_eq!(&text[after_properties(text, 0)..], rest, "{text:?}");
        }
    }

    #[test]
    fn lists_begin_at_their_first_dash() {
        for (text, at, dash) in [
            ("k:\n- a", 5, 3),
            ("k:\n- --a", 5, 3),
            ("k:\n- - a", 5, 3),
            ("k:\n  -   # - c\n  a", 11, 5),
            ("k:\n-\n a", 4, 3),
            ("- k:\n  - a", 9, 7),
            ("k:\n - a", 4, 4),
            ("? - a", 2, 2),
            ("- ? - a", 4, 4),
        ] {
            assert_eq!(first_dash(text, at), dash, "{text:?}");
        }
    }

    #[test]
    fn brackets_close_behind_a_last_comma() {
        for (text, at, bracket) in [("{a: 1, }", 5, 7), ("{a: 1}", 5, 5), ("{a, # }\n }", 2, 9), ("{a,", 2, 3)] {
            assert_eq!(closing_bracket(text, at), bracket, "{text:?}");
        }
    }

    #[test]
    fn unwritten_values_stand_behind_their_indicator() {
        for (text, indicator) in
            [(":\n- # - c\n", Some(3)), (": &a !t\n  -\n  - - ", Some(17)), (" , ", None), ("", None)]
        {
            assert_eq!(after_indicator(text, 0..text.len()), indicator, "{text:?}");
        }
    }

    #[test]
    fn quoted_scalars_end_at_their_closing_quote() {
        for (text, end) in [
            ("\"a\" # \"b\"", 3),
            (r#""a\"b\\" c"#, 8),
            ("'a''b' ", 6),
            (r"'a\'b", 4),
            ("''", 2),
            ("\"\"", 2),
            ("\"open", 5),
            (r#""\"#, 2),
            ("plain", 0),
        ] {
            assert_eq!(after_quoted(text, 0), end, "{text:?}");
        }
    }

    #[test]
    fn headers_are_found_behind_everything_that_may_precede_them() {
        for (text, header) in [
            (": |\n  a", "|"),
            (": &a !t >2- # | note\n  a", ">2-"),
            (": # | note\n  |+\n a", "|+"),
            ("\n- - ? |\n", "|"),
        ] {
            let at = block_header(text, 0..text.len()).unwrap_or(usize::MAX);
            assert_eq!(&text[at..after_header(text, at)], header, "{text:?}");
        }
        assert_eq!(block_header("a: b", 0..3), None);
    }
}
