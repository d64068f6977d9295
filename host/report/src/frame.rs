//! Cuts the piece out of a source that a code frame shows.
//!
//! One line, at most a terminal's width of it, and nothing that is secret: what stands where a finding is
//! sensitive, where the report says that there are secrets, and whatever else in the line reads the same, is masked. The
//! cost of a report's frames is linear in its rows and sources, even when a source is one line of
//! megabytes: rows are sorted by place, so each search for a column goes on where the last one ended.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use verdikt_model::{LineIndex, Location, Report, is_reference};

use crate::terminal::visible;

/// Stands where a long line was cut.
const CUT: char = '…';

/// Stands for a secret, however long it is.
const MASK: &str = "***";

/// The shortest text of a secret that is masked wherever else it stands: a shorter one is a part of many
/// words.
const DISTINCTIVE: usize = 4;

/// What there is to show of a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Shown(Window),
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
    /// In bytes of the text; sorted, and apart from each other.
    secrets: Vec<Range<usize>>,
    /// Finds what the secrets say wherever it stands.
    texts: Option<AhoCorasick>,
    /// How long the longest of these texts is.
    longest: usize,
}

#[derive(Clone, Copy, Default)]
struct Cursor {
    line: u32,
    /// Characters before it in its line.
    chars: usize,
    /// Bytes before it in its line.
    bytes: usize,
}

/// A line without what ends it, and where in its file it begins.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Frames<'a> {
    pub(crate) fn new(report: &'a Report) -> Self {
        let mut frames = Frames { files: HashMap::new() };
        let mut places: HashMap<&str, Vec<&Location>> = HashMap::new();
        for place in &report.secrets {
            places.entry(&place.file).or_default().push(place);
        }
        // Where something is missing, there is no value to hide.
        for row in report.rows.iter().filter(|row| row.sensitive && !row.absent) {
            if let Some(place) = &row.location {
                places.entry(&place.file).or_default().push(place);
            }
        }
        for (path, mut places) in places {
            places.sort();
            if let Some(file) = frames.file(report, path) {
                file.hide(&places);
            }
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
            texts: None,
            longest: 0,
        }))
    }

    /// What to show of a place in `width` columns.
    pub(crate) fn frame(&mut self, report: &'a Report, place: &Location, width: usize) -> Frame {
        self.file(report, &place.file).map_or(Frame::Missing, |file| file.frame(place, width))
    }
}

impl<'a> File<'a> {
    /// Remembers what must not be shown; the places are sorted.
    fn hide(&mut self, places: &[&Location]) {
        let mut secrets = Vec::with_capacity(places.len());
        for place in places {
            let start = self.offset(place.line, place.column);
            let cursor = self.cursor;
            let end = self.offset(place.end_line, place.end_column);
            // The next place may begin inside of this one.
            self.cursor = cursor;
            secrets.push(start..end.max(start));
        }
        // `var.password` names a secret, and shows none.
        let is_shown = |range: &Range<usize>| self.text.get(range.clone()).is_none_or(is_reference);
        secrets.retain(|range| !range.is_empty() && !is_shown(range));
        self.secrets = disjoint(secrets);
        let mut texts: Vec<&str> = Vec::new();
        for secret in self.secrets.iter().filter_map(|range| self.text.get(range.clone())) {
            let lines = secret.lines().map(|line| line.trim().trim_matches(['"', '\'']));
            texts.extend(lines.filter(|line| line.chars().count() >= DISTINCTIVE));
        }
        texts.sort_unstable();
        texts.dedup();
        self.longest = texts.iter().map(|text| text.len()).max().unwrap_or(0);
        self.texts = finder(texts);
    }

    /// Where a place is in the text.
    fn offset(&mut self, line: u32, column: u32) -> usize {
        let Some(found) = self.line(line) else { return self.text.len() };
        found.offset + self.seek(found.text, line, column.saturating_sub(1) as usize).bytes
    }

    fn frame(&mut self, place: &Location, width: usize) -> Frame {
        let Some(line) = self.line(place.line) else { return Frame::Missing };
        let start = self.seek(line.text, place.line, place.column.saturating_sub(1) as usize);
        let room = width.max(20);
        let rest = &line.text[start.bytes..];
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
        let before = take_back(&line.text[..start.bytes], before_chars);
        let after = take(&rest[inside.len()..], room - inside_chars - before_chars);
        let first = line.offset + start.bytes - before.len();
        let middle = line.offset + start.bytes;
        let behind = middle + inside.len();
        let masks = self.masks(line, first..behind + after.len());

        let mut text = String::with_capacity(before.len() + inside.len() + after.len() + 8);
        if before_chars < start.chars {
            text.push(CUT);
        }
        push_masked(&mut text, before, first, &masks);
        let begin = text.len();
        push_masked(&mut text, inside, middle, &masks);
        // An empty place is where the next character stands.
        let next = if inside.is_empty() { take(after, 1) } else { "" };
        push_masked(&mut text, next, behind, &masks);
        let highlight = begin..text.len();
        push_masked(&mut text, &after[next.len()..], behind + next.len(), &masks);
        if inside.len() + after.len() < rest.len() {
            text.push(CUT);
        }
        let context = if inside.trim_end().len() <= 1 { self.next_line(place, room, &mut text) } else { None };
        Frame::Shown(Window { text, highlight, context })
    }

    /// Adds the second line of a place that has one: of `{` alone nobody can tell which of many it is.
    fn next_line(&self, place: &Location, room: usize, text: &mut String) -> Option<Range<usize>> {
        let line = self.line(place.line + 1);
        let line = line.filter(|line| place.end_line > place.line && !line.text.trim().is_empty())?;
        let shown = take(line.text, room);
        text.push('\n');
        let begin = text.len();
        push_masked(text, shown, line.offset, &self.masks(line, line.offset..line.offset + shown.len()));
        if shown.len() < line.text.len() {
            text.push(CUT);
        }
        Some(begin..text.len())
    }

    /// What must not be shown of a part of a line, in bytes of the file; sorted, and apart from each other.
    fn masks(&self, line: Line<'_>, shown: Range<usize>) -> Vec<Range<usize>> {
        // The first that does not end before what is shown.
        let at = self.secrets.partition_point(|secret| secret.end <= shown.start);
        let mut masks: Vec<Range<usize>> =
            self.secrets[at..].iter().take_while(|secret| secret.start < shown.end).cloned().collect();
        if let Some(texts) = &self.texts {
            // A text may begin before what is shown, or end behind it.
            let mut start = shown.start.saturating_sub(line.offset + self.longest);
            while !line.text.is_char_boundary(start) {
                start -= 1;
            }
            let mut end = (shown.end - line.offset + self.longest).min(line.text.len());
            while !line.text.is_char_boundary(end) {
                end += 1;
            }
            let found = texts.find_iter(&line.text[start..end]).map(|found| found.range());
            masks.extend(found.map(|range| line.offset + start + range.start..line.offset + start + range.end));
        }
        disjoint(masks)
    }

    /// A line, without a byte-order mark: that has no column.
    fn line(&self, line: u32) -> Option<Line<'a>> {
        let start = self.lines.line_start(line)? as usize;
        let end = self.lines.line_start(line + 1).map_or(self.text.len(), |end| end as usize);
        let text = self.text.get(start..end)?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Some(match text.strip_prefix('\u{feff}') {
            Some(rest) if line == 1 => Line { text: rest, offset: start + text.len() - rest.len() },
            _ => Line { text, offset: start },
        })
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
}

/// Finds what secrets say, wherever it stands in a text.
///
/// `None` only for more text than fits into memory; the places of the secrets are masked anyway.
pub fn finder<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Option<AhoCorasick> {
    // What it would choose for few texts, a DFA, takes a time that grows with the square of a text that repeats
    // itself: for `password=` a hundred thousand times, hours.
    let kind = Some(AhoCorasickKind::ContiguousNFA);
    AhoCorasick::builder().kind(kind).match_kind(MatchKind::LeftmostLongest).build(texts).ok()
}

/// Adds a piece of a file that begins at `offset`, without what is masked of it.
fn push_masked(out: &mut String, piece: &str, offset: usize, masks: &[Range<usize>]) {
    if piece.is_empty() {
        return;
    }
    let mut done = 0;
    for mask in masks.iter().filter(|mask| mask.start < offset + piece.len() && offset < mask.end) {
        let start = mask.start.saturating_sub(offset).max(done);
        out.extend(piece.get(done..start).unwrap_or_default().chars().map(visible));
        out.push_str(MASK);
        done = (mask.end - offset).min(piece.len());
    }
    out.extend(piece.get(done..).unwrap_or_default().chars().map(visible));
}

/// Sorts ranges and joins those that touch.
fn disjoint(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
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
