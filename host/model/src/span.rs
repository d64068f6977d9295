//! Places in a source: byte ranges in the model, lines and columns only for output.

use crate::source::FileId;

/// A range of bytes in one file. Four gigabytes are out of reach: the input layer refuses files
/// that are far smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub file: FileId,
    /// Byte offset of the first byte.
    pub start: u32,
    /// Byte offset after the last byte; equal to `start` for an empty range.
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        debug_assert!(start <= end, "a span ends before it begins: {start}..{end}");
        Span { file, start, end }
    }

    /// The bytes of this span as a range into its source's text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both. Spans of two files cannot be joined: `self` stays.
    pub fn join(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// A place as people write it: both count from 1, columns in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Where the lines of a text begin, so that an offset becomes a [`Position`] by binary search.
///
/// A line ends after `\n`; the `\r` of `\r\n` belongs to the line it ends. However long a line is, a
/// column costs no more than a fixed number of steps: a dump of megabytes may be one line and have
/// thousands of findings.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// How many characters begin before each [`STRIDE`] of bytes, and in all. Empty when all are
    /// ASCII, so that bytes are characters.
    characters: Vec<u32>,
}

/// Bytes between two places whose characters were counted.
const STRIDE: usize = 1024;

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        starts.extend(bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at as u32 + 1));
        let mut characters = Vec::new();
        if !text.is_ascii() {
            characters.push(0);
            characters.extend(bytes.chunks(STRIDE).scan(0, |before, chunk| {
                *before += count_characters(chunk);
                Some(*before)
            }));
        }
        LineIndex { starts, characters }
    }

    /// The position of a byte offset in the text that the index was made of. An offset past the end or inside a character counts as the
    /// character boundary before it. A byte-order mark at the beginning has no column.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= offset) - 1;
        let start = self.starts[line] as usize;
        let start = if start == 0 && text.starts_with('\u{feff}') { offset.min('\u{feff}'.len_utf8()) } else { start };
        let column = if self.characters.is_empty() {
            (offset - start) as u32
        } else if offset - start <= STRIDE {
            count_characters(&text.as_bytes()[start..offset])
        } else {
            self.characters_before(text, offset) - self.characters_before(text, start)
        };
        Position { line: line as u32 + 1, column: column + 1 }
    }

    fn characters_before(&self, text: &str, offset: usize) -> u32 {
        let stride = offset / STRIDE;
        self.characters[stride] + count_characters(&text.as_bytes()[stride * STRIDE..offset])
    }

    /// The byte offset where a line begins, counted from 1.
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.starts.get(line.checked_sub(1)? as usize).copied()
    }

    pub fn lines(&self) -> u32 {
        self.starts.len() as u32
    }
}

/// How many characters begin in a part of a text.
fn count_characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let text = "a: ü\r\nb: x\n";
        let lines = LineIndex::new(text);
        assert_eq!(lines.position(text, 3), Position { line: 1, column: 4 });
        assert_eq!(lines.position(text, 5), Position { line: 1, column: 5 });
        assert_eq!(lines.position(text, 7), Position { line: 2, column: 1 });
        assert_eq!(lines.position(text, 999), Position { line: 3, column: 1 });
    }

    #[test]
    fn a_byte_order_mark_has_no_column() {
        let text = "\u{feff}a: 1";
        assert_eq!(LineIndex::new(text).position(text, 3), Position { line: 1, column: 1 });
    }

    /// What a position is, without an index.
    fn counted(text: &str, offset: usize) -> Position {
        let boundary = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let before = &text[..boundary];
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() as u32 + 1;
        Position { line, column }
    }

    #[test]
    fn columns_of_lines_longer_than_a_stride() {
        for filler in ["x", "ü", "€x", "\u{1f600}"] {
            for before in ["", "\u{feff}", "a\n", "ü\n"] {
                let long = filler.repeat(3 * STRIDE / filler.len() + 5);
                for text in
                    [format!("{before}{long}"), format!("{before}{}", &long[..STRIDE]), format!("{before}{long}\nü")]
                {
                    let lines = LineIndex::new(&text);
                    for offset in 0..text.len() + 2 {
                        assert_eq!(
                            lines.position(&text, offset as u32),
                            counted(&text, offset),
                            "{offset} in {text:.9?}"
                        );
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn positions_are_what_counting_gives(text in "\u{feff}?[a-zü€\r\n]{0,40}") {
            let lines = LineIndex::new(&text);
            for offset in 0..text.len() + 2 {
                prop_assert_eq!(lines.position(&text, offset as u32), counted(&text, offset), "at {}", offset);
            }
        }
    }
}
