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
/// A line ends after `\n`; the `\r` of `\r\n` belongs to the line it ends.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1));
        LineIndex { starts }
    }

    /// The position of a byte offset. An offset past the end or inside a character counts as the
    /// character boundary before it. A byte-order mark at the beginning has no column.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= offset) - 1;
        let before = &text[self.starts[line] as usize..offset];
        let before = if line == 0 { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
        Position { line: line as u32 + 1, column: before.chars().count() as u32 + 1 }
    }

    /// The byte offset where a line begins, counted from 1.
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.starts.get(line.checked_sub(1)? as usize).copied()
    }

    pub fn lines(&self) -> u32 {
        self.starts.len() as u32
    }
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

    proptest! {
        #[test]
        fn positions_grow_with_offsets(text in "[a-zü\n]{0,40}") {
            let lines = LineIndex::new(&text);
            let mut last = Position { line: 1, column: 0 };
            for (offset, _) in text.char_indices() {
                let here = lines.position(&text, offset as u32);
                prop_assert!(here > last, "{here:?} after {last:?}");
                last = here;
            }
        }
    }
}
