//! Cuts the piece out of a source that a code frame shows.
//!
//! One line, at most a terminal's width of it, and never one that holds a secret. The cost of a
//! report's frames is linear in its rows and sources, even when a source is one line of megabytes:
//! rows are sorted by place, so each search for a column goes on where the last one ended.

use std::collections::HashMap;
use std::ops::Range;

use verdikt_model::{LineIndex, Location, Report};

use crate::terminal::visible;

/// Stands where a long line was cut.
const CUT: char = '…';

/// What there is to show of a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Shown(Window),
    /// There is a secret where the frame would be.
    Secret,
    /// The source is not at hand.
    Missing,
}

/// A line, or the part of it around a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub text: String,
    /// The place in `text`, in bytes; never empty unless the line is.
    pub highlight: Range<usize>,
    /// A second line of `text`, where the first has nothing but a bracket.
    pub context: Option<Range<usize>>,
}

/// The sources of a report, and what must not be shown of them.
pub(crate) struct Frames<'a> {
    files: HashMap<&'a str, File<'a>>,
}

struct File<'a> {
    text: &'a str,
    lines: LineIndex,
    /// Where the last search for a column ended.
    cursor: Cursor,
    /// Sorted, and apart from each other.
    secrets: Vec<Range<(u32, u32)>>,
}

#[derive(Clone, Copy, Default)]
struct Cursor {
    line: u32,
    /// Characters before it in its line.
    chars: usize,
    /// Bytes before it in its line.
    bytes: usize,
}

impl<'a> Frames<'a> {
    pub(crate) fn new(report: &'a Report) -> Self {
        let mut frames = Frames { files: HashMap::new() };
        for row in report.rows.iter().filter(|row| row.sensitive) {
            // Where the value came from holds it as well.
            let sources = row.provenance.iter().map(|step| &step.location);
            for place in row.location.iter().chain(sources) {
                if let Some(file) = frames.file(report, &place.file) {
                    file.secrets.push((place.line, place.column)..(place.end_line, place.end_column));
                }
            }
        }
        for file in frames.files.values_mut() {
            file.secrets = disjoint(std::mem::take(&mut file.secrets));
        }
        frames
    }

    fn file(&mut self, report: &'a Report, path: &str) -> Option<&mut File<'a>> {
        let (path, text) = report.sources.get_key_value(path)?;
        Some(self.files.entry(path).or_insert_with(|| File {
            text,
            lines: LineIndex::new(text),
            cursor: Cursor::default(),
            secrets: Vec::new(),
        }))
    }

    /// What to show of a place in `width` columns.
    pub(crate) fn frame(&mut self, report: &'a Report, place: &Location, width: usize) -> Frame {
        self.file(report, &place.file).map_or(Frame::Missing, |file| file.frame(place, width))
    }
}

impl<'a> File<'a> {
    fn frame(&mut self, place: &Location, width: usize) -> Frame {
        let Some(line) = self.line(place.line) else { return Frame::Missing };
        let start = self.seek(line, place.line, place.column.saturating_sub(1) as usize);
        let room = width.max(20);
        let rest = &line[start.bytes..];
        // How much of the place itself is shown: to the end of its line at most.
        let length = if place.end_line > place.line {
            usize::MAX
        } else {
            place.end_column.saturating_sub(place.column) as usize
        };
        let inside = take(rest, length.min(room));
        let inside_chars = inside.chars().count();
        // A line is shown from its beginning where that leaves room for the place.
        let before_chars = if start.chars + inside_chars <= room {
            start.chars
        } else {
            (room - inside_chars).min(room / 3).min(start.chars)
        };
        let before = take_back(&line[..start.bytes], before_chars);
        let after = take(&rest[inside.len()..], room - inside_chars - before_chars);
        let first = (place.line, (start.chars - before_chars) as u32 + 1);
        let last = (place.line, (start.chars + inside_chars + after.chars().count()) as u32 + 1);
        if self.holds_secret(first..last) {
            return Frame::Secret;
        }

        let mut text = String::with_capacity(before.len() + inside.len() + after.len() + 8);
        if before_chars < start.chars {
            text.push(CUT);
        }
        text.extend(before.chars().map(visible));
        let begin = text.len();
        text.extend(inside.chars().map(visible));
        // An empty place is where the next character stands.
        let mut behind = after.chars().map(visible);
        if inside.is_empty() {
            text.extend(behind.next());
        }
        let highlight = begin..text.len();
        text.extend(behind);
        if inside.len() + after.len() < rest.len() {
            text.push(CUT);
        }
        let context = if inside.trim_end().len() <= 1 { self.next_line(place, room, &mut text) } else { None };
        Frame::Shown(Window { text, highlight, context })
    }

    /// Adds the second line of a place that has one and may be shown: of `{` alone nobody can tell
    /// which of many it is.
    fn next_line(&self, place: &Location, room: usize, text: &mut String) -> Option<Range<usize>> {
        let number = place.line + 1;
        let line = self.line(number).filter(|line| place.end_line > place.line && !line.trim().is_empty())?;
        let shown = take(line, room);
        if self.holds_secret((number, 1)..(number, shown.chars().count() as u32 + 1)) {
            return None;
        }
        text.push('\n');
        let begin = text.len();
        text.extend(shown.chars().map(visible));
        if shown.len() < line.len() {
            text.push(CUT);
        }
        Some(begin..text.len())
    }

    /// A line without what ends it, and without a byte-order mark: that has no column.
    fn line(&self, line: u32) -> Option<&'a str> {
        let start = self.lines.line_start(line)? as usize;
        let end = self.lines.line_start(line + 1).map_or(self.text.len(), |end| end as usize);
        let text = self.text.get(start..end)?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Some(if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text })
    }

    /// Finds a column, or the end of a line that is shorter.
    fn seek(&mut self, text: &str, line: u32, chars: usize) -> Cursor {
        let from = if self.cursor.line == line && self.cursor.chars <= chars {
            self.cursor
        } else {
            Cursor { line, chars: 0, bytes: 0 }
        };
        let skipped = take(&text[from.bytes..], chars - from.chars);
        self.cursor = Cursor { line, chars: from.chars + skipped.chars().count(), bytes: from.bytes + skipped.len() };
        self.cursor
    }

    fn holds_secret(&self, shown: Range<(u32, u32)>) -> bool {
        // The first that does not end before what is shown.
        let at = self.secrets.partition_point(|secret| secret.end <= shown.start);
        self.secrets.get(at).is_some_and(|secret| secret.start < shown.end)
    }
}

/// Sorts ranges and joins those that touch.
fn disjoint(mut ranges: Vec<Range<(u32, u32)>>) -> Vec<Range<(u32, u32)>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<(u32, u32)>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// The first characters of a text.
fn take(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

/// The last characters of a text.
fn take_back(text: &str, chars: usize) -> &str {
    match chars.checked_sub(1) {
        None => "",
        Some(last) => text.char_indices().nth_back(last).map_or(text, |(start, _)| &text[start..]),
    }
}
