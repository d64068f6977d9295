//! Lines of a YAML text that are not known.
//!
//! A hole inside of a line is a value or a part of one, or of a key: a text with a line break in that place
//! would break the template, so the other lines are what they are. A hole that has a line for itself stands
//! for any number of entries of the collection that it is in (`${indent(4, yamlencode(var.labels))}`). A
//! parser would not understand such a line. So it is written as an entry that says so: a [`BLOCK`] in place
//! of a key or of an element.

use crate::encoded::Source;
use crate::value::Piece;

/// Stands for what is not known inside of a line. Nobody writes it
/// (<https://www.unicode.org/faq/private_use.html>).
pub(super) const HOLE: char = '\u{f8ff}';
/// Stands for entries of a collection that are not known.
pub(super) const BLOCK: char = '\u{f8fe}';

/// The text that the pieces are, with its holes written so that a parser understands them. `None` where it
/// has one of the characters for them.
pub(super) fn source(pieces: &[Piece]) -> Option<Source<'_>> {
    let plain = Source::of(pieces, HOLE)?;
    if plain.text.contains(BLOCK) {
        return None;
    }
    if !plain.text.contains(HOLE) {
        return Some(plain);
    }
    let mut written = Vec::new();
    let mut outline = Outline::default();
    let lines: Vec<&str> = plain.text.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let holes = line.matches(HOLE).count();
        if is_block(line) && !outline.is_inside(line) {
            written.push(outline.entries(line, &lines[number + 1..]));
            written.extend(std::iter::repeat_n(String::new(), holes - 1));
        } else {
            written.extend(std::iter::repeat_n(HOLE.to_string(), holes));
            outline.read(line);
        }
    }
    Source::with(pieces, HOLE, |hole| written.get(hole).cloned().unwrap_or_default())
}

/// Whether nothing but holes stands in a line.
fn is_block(line: &str) -> bool {
    let rest = line.trim();
    rest.contains(HOLE) && rest.chars().all(|letter| letter == HOLE || letter == ' ')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    Sequence,
}

/// What is open where a line begins.
#[derive(Default)]
struct Outline {
    /// Collections with their columns, the innermost last.
    open: Vec<(usize, Kind)>,
    /// The column of a key or dash that has nothing behind it yet.
    awaiting: Option<usize>,
    /// The column of what a block scalar belongs to, whose lines are deeper.
    scalar: Option<usize>,
    /// The quote that is open.
    quote: Option<char>,
    /// Brackets that are open.
    brackets: usize,
}

impl Outline {
    /// Whether a line is part of a scalar or of a collection in brackets.
    fn is_inside(&self, line: &str) -> bool {
        self.quote.is_some() || self.brackets > 0 || self.scalar.is_some_and(|column| indentation(line) > column)
    }

    fn read(&mut self, line: &str) {
        let column = indentation(line);
        let rest = &line[column..];
        if rest.trim().is_empty() || self.scalar.is_some_and(|of| column > of) {
            return;
        }
        self.scalar = None;
        if self.quote.is_some() || self.brackets > 0 {
            return self.read_flow(rest);
        }
        if rest.starts_with('#') {
            return;
        }
        if column == 0 && (rest.starts_with("---") || rest.starts_with("...") || rest.starts_with('%')) {
            *self = Outline::default();
            return;
        }
        self.awaiting = None;
        self.close(column, rest);
        self.read_entries(column, rest);
    }

    /// Closes what a line at a column cannot belong to.
    fn close(&mut self, column: usize, rest: &str) {
        let is_item = rest == "-" || rest.starts_with("- ");
        while self
            .open
            .last()
            .is_some_and(|(open, kind)| *open > column || (*open == column && !is_item && *kind == Kind::Sequence))
        {
            self.open.pop();
        }
    }

    /// Dashes, a key, and what is behind them.
    fn read_entries(&mut self, mut column: usize, mut rest: &str) {
        while rest == "-" || rest.starts_with("- ") {
            self.opens(column, Kind::Sequence);
            self.awaiting = Some(column);
            let behind = rest[1..].trim_start();
            column += rest.len() - behind.len();
            rest = behind;
        }
        let value = match value_of(rest) {
            Some(value) => {
                self.opens(column, Kind::Mapping);
                self.awaiting = Some(column);
                value
            }
            None => rest,
        };
        let value = value.trim_start();
        if value.is_empty() || value.starts_with('#') {
            return;
        }
        let of = self.awaiting.take();
        if value.starts_with(['|', '>']) {
            self.scalar = of;
        } else {
            self.read_flow(value);
        }
    }

    fn opens(&mut self, column: usize, kind: Kind) {
        if self.open.last() != Some(&(column, kind)) {
            self.open.push((column, kind));
        }
    }

    /// Goes through quotes and brackets.
    fn read_flow(&mut self, text: &str) {
        let mut letters = text.chars().peekable();
        let mut before = ' ';
        while let Some(letter) = letters.next() {
            match (self.quote, letter) {
                (Some('"'), '\\') => {
                    letters.next();
                }
                (Some(quote), letter) if letter == quote => self.quote = None,
                (Some(_), _) => {}
                // Quotes and brackets inside of a plain scalar are nothing special.
                (None, '"' | '\'') if before == ' ' || self.brackets > 0 => self.quote = Some(letter),
                (None, '[' | '{') if before == ' ' || self.brackets > 0 => self.brackets += 1,
                (None, ']' | '}') => self.brackets = self.brackets.saturating_sub(1),
                (None, '#') if before == ' ' => return,
                _ => {}
            }
            before = letter;
        }
    }

    /// What is written for the holes of a line that they have for themselves, and remembers it. What stands
    /// before them in the line is written already.
    fn entries(&mut self, line: &str, following: &[&str]) -> String {
        let column = indentation(line);
        self.scalar = None;
        let next = following.iter().find(|line| !is_block(line) && is_content(line));
        let kind_below = |column: usize| {
            let line = next.filter(|line| indentation(line) == column)?;
            let rest = &line[column..];
            Some(if rest == "-" || rest.starts_with("- ") { Kind::Sequence } else { Kind::Mapping })
        };
        let entry = |kind: Kind| match kind {
            Kind::Mapping => format!("{BLOCK}:"),
            Kind::Sequence => format!("- {BLOCK}"),
        };
        if column > 0 {
            // The text of the hole begins here, so that it belongs to what is at this column.
            let is_value = self.awaiting.is_some_and(|of| of < column);
            while !is_value && self.open.last().is_some_and(|(open, _)| *open > column) {
                self.open.pop();
            }
            let here = self.open.last().filter(|(open, _)| *open == column && !is_value).map(|(_, kind)| *kind);
            return match here.or_else(|| kind_below(column)) {
                Some(kind) => {
                    self.awaiting = None;
                    self.opens(column, kind);
                    entry(kind)
                }
                None => HOLE.to_string(),
            };
        }
        // It may have an indentation of its own, so that it may belong to anything that is open.
        let mut lines = Vec::new();
        if let Some(of) = self.awaiting.take() {
            let deeper = next.map(|line| indentation(line)).filter(|column| *column > of);
            lines.push(match deeper.and_then(|column| Some((column, kind_below(column)?))) {
                Some((column, kind)) => format!("{}{}", " ".repeat(column), entry(kind)),
                None => format!("{}{HOLE}", " ".repeat(of + 1)),
            });
        }
        // What follows goes on with a collection, which the hole cannot have closed.
        let below = next.map_or(0, |line| indentation(line));
        let goes_on = |column: usize, kind: Kind| {
            column < below || (column == below && kind == Kind::Mapping && kind_below(below) == Some(Kind::Sequence))
        };
        let ends = self.open.iter().rev().filter(|(column, kind)| !goes_on(*column, *kind));
        lines.extend(ends.map(|(column, kind)| format!("{}{}", " ".repeat(*column), entry(*kind))));
        if lines.is_empty() {
            return kind_below(0).map_or_else(|| HOLE.to_string(), entry);
        }
        lines.join("\n")
    }
}

/// Spaces at the beginning of a line.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_content(line: &str) -> bool {
    let rest = line.trim_start();
    !rest.is_empty() && !rest.starts_with('#')
}

/// What stands behind the key with which a text begins, if it does.
fn value_of(text: &str) -> Option<&str> {
    let end = match text.chars().next()? {
        quote @ ('"' | '\'') => {
            let close = text[1..].find(quote)? + 2;
            let rest = &text[close..];
            close + rest.len() - rest.trim_start().len()
        }
        '[' | '{' | '#' | '|' | '>' => return None,
        _ => text.find(": ").or_else(|| text.trim_end().ends_with(':').then(|| text.trim_end().len() - 1))?,
    };
    let behind = text[end..].strip_prefix(':')?;
    (behind.is_empty() || behind.starts_with(' ')).then_some(behind)
}
