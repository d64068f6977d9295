//! YAML as a cluster reads it, with a place on every node.
//!
//! saphyr-parser gives events; what they mean is decided here: [scalars](scalar) as Kubernetes
//! resolves them, anchors and merge keys under a budget, repeated keys, keys that JSON has not.
//!
//! Every document is read by a parser of its own. A file is cut at the lines that begin with `---`
//! or `...`: neither can be content anywhere, block scalars and quoted strings included (YAML 1.2.2
//! section 9.1.2, production `c-forbidden`), and Kubernetes' own reader cuts before it parses
//! (`YAMLReader` in k8s.io/apimachinery/pkg/util/yaml/decoder.go). So an unclosed quote or bracket
//! spoils its own document and no other.
//!
//! Nobody may hide from us what a cluster sees. Its reader cuts at some lines that are no markers in
//! YAML 1.2, and its parser ends lines at characters that are none since YAML 1.2 (`is_break` of
//! go-yaml's yamlprivateh.go): a comment may end in its middle. Both are read here as a cluster reads
//! them.

mod characters;
mod compose;
mod gap;
mod marks;
mod problem;
mod scalar;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;
use verdikt_model::{Code, Diagnostic, FileId, Span};

use self::compose::Outcome;
use super::Problems;
use crate::{InputLimits, ParsedDocument};

/// Parses every document of a file. A document that is wrong becomes a diagnostic, the others are
/// read; empty ones are left out.
///
/// `text` must not be longer than [`InputLimits::MAX_FILE_SIZE`].
pub(crate) fn load(
    file: FileId,
    text: &str,
    limits: &InputLimits,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<ParsedDocument> {
    let mut parsed = Vec::new();
    let mut problems = Problems::new(diagnostics);
    for range in documents(text) {
        let written = &text[range.clone()];
        if written.trim().is_empty() {
            continue;
        }
        let document = match odd_line_break(written) {
            None => Cow::Borrowed(written),
            Some((at, found)) => {
                let span = Span::new(file, (range.start + at) as u32, (range.start + at + found.len_utf8()) as u32);
                problems.push(Diagnostic::at(Code::OddLineBreak, span, odd_line_break_message(found)));
                Cow::Owned(with_usual_line_breaks(written))
            }
        };
        read(file, document, written, range.start, limits, &mut parsed, &mut problems);
    }
    parsed
}

/// How often a document is read again, and how much text that may be.
const MOST_ATTEMPTS: usize = 100;
const MOST_BYTES: usize = 8 << 20;

/// Reads one document. The indentation of lines in brackets means nothing to a cluster, whose parser
/// does not look at it (`yaml_parser_unroll_indent` in go-yaml's scannerc.go), while YAML and
/// saphyr-parser want it to be deeper than that of the block around. Where a line is not, it is joined to
/// the one before, which means the same in brackets, and the document is read again.
fn read(
    file: FileId,
    document: Cow<'_, str>,
    written: &str,
    base: usize,
    limits: &InputLimits,
    parsed: &mut Vec<ParsedDocument>,
    problems: &mut Problems<'_>,
) {
    let (before, said) = (parsed.len(), problems.diagnostics().len());
    let outcome = compose::document(file, &document, written, base, limits, parsed, problems);
    let Outcome::LittleIndented(mut at) = outcome else { return };
    // Where joining does not help, the first attempt counts: it knows the text as it is written.
    let first = (parsed.split_off(before), problems.diagnostics().split_off(said));
    let mut text = document.into_owned();
    for _ in 0..MOST_ATTEMPTS.min(MOST_BYTES / text.len()) {
        if !join_line(&mut text, at) {
            break;
        }
        match compose::document(file, &text, written, base, limits, parsed, problems) {
            Outcome::Complete => return,
            Outcome::Failed => break,
            Outcome::LittleIndented(next) => at = next,
        }
        parsed.truncate(before);
        problems.diagnostics().truncate(said);
    }
    parsed.truncate(before);
    parsed.extend(first.0);
    problems.diagnostics().truncate(said);
    problems.diagnostics().extend(first.1);
}

/// Joins the line of `at` to the one before by spaces in place of the line break and of the comment
/// before it. Does nothing, and says so, where a `#` might belong to a text in quotes.
fn join_line(text: &mut String, at: usize) -> bool {
    let Some(end) = text[..at].rfind(['\n', '\r']) else { return false };
    let start = text[..end].rfind('\n').map_or(0, |line_break| line_break + 1);
    let line = &text[start..end];
    let comment = line
        .match_indices('#')
        .map(|(hash, _)| hash)
        .find(|hash| line[..*hash].chars().next_back().is_none_or(char::is_whitespace));
    if comment.is_some_and(|hash| line[..hash].contains(['"', '\''])) {
        return false;
    }
    let blank = comment.map_or(end, |hash| start + hash)..end + 1;
    text.replace_range(blank.clone(), &" ".repeat(blank.len()));
    true
}

/// Characters that end a line in YAML 1.1, and do not since 1.2: next line, line separator and
/// paragraph separator. Each with a line break of as many bytes.
const ODD_LINE_BREAKS: [(char, &str); 3] = [('\u{85}', "\r\n"), ('\u{2028}', " \r\n"), ('\u{2029}', " \r\n")];

/// The first odd line break of a text.
fn odd_line_break(text: &str) -> Option<(usize, char)> {
    if text.is_ascii() {
        return None;
    }
    let first = |(character, _): (char, &str)| {
        let found = memmem::find(text.as_bytes(), character.encode_utf8(&mut [0; 4]).as_bytes());
        found.map(|at| (at, character))
    };
    ODD_LINE_BREAKS.into_iter().filter_map(first).min()
}

fn odd_line_break_message(found: char) -> String {
    format!(
        "The character U+{:04X} ends the line here, also in a comment, while most programs show what follows in the \
         same line. It was read as a line break, as a cluster does; remove it, or write it as an escape in double quotes.",
        u32::from(found)
    )
}

/// A text of the same length whose lines end as everybody expects.
fn with_usual_line_breaks(text: &str) -> String {
    ODD_LINE_BREAKS.into_iter().fold(text.to_owned(), |text, (odd, usual)| text.replace(odd, usual))
}

/// Where the documents of a stream are. Directives (`%TAG`) belong to the document that follows.
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    // Whether nothing of the document that begins at `start` was seen but what may precede `---`.
    let mut may_have_directives = true;
    for (at, marker) in markers(text, start) {
        let next_line = || text[at..].find('\n').map_or(text.len(), |line| at + line + 1);
        match marker {
            Marker::End => {
                found.push(start..next_line());
                start = next_line();
                may_have_directives = true;
            }
            Marker::Separator => {
                found.push(start..at);
                start = next_line();
                may_have_directives = true;
            }
            Marker::Start => {
                if !(may_have_directives && is_prefix(&text[start..at])) {
                    found.push(start..at);
                    start = at;
                }
                may_have_directives = false;
            }
        }
    }
    found.push(start..text.len());
    found
}

/// What a line between documents is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marker {
    /// `---`: a document begins here, perhaps in the same line.
    Start,
    /// `...`
    End,
    /// A line that begins with `---` and goes on so that it separates documents for `YAMLReader`
    /// though it is no marker of YAML: white space of Unicode, or `#`.
    Separator,
}

/// The lines that mark or separate documents, in order.
fn markers(text: &str, start: usize) -> impl Iterator<Item = (usize, Marker)> {
    let bytes = text.as_bytes();
    let first = bytes[start..].starts_with(b"---") || bytes[start..].starts_with(b"...");
    let mut starts = memmem::find_iter(bytes, b"\n---").map(|at| at + 1).peekable();
    let mut ends = memmem::find_iter(bytes, b"\n...").map(|at| at + 1).peekable();
    let following = std::iter::from_fn(move || match (starts.peek(), ends.peek()) {
        (Some(one), Some(other)) if one < other => starts.next(),
        (Some(_), None) => starts.next(),
        (_, _) => ends.next(),
    });
    first.then_some(start).into_iter().chain(following).filter_map(|at| Some((at, marker(&text[at..])?)))
}

/// What a line is that begins with three dashes or dots.
fn marker(line: &str) -> Option<Marker> {
    let dashes = line.starts_with('-');
    match line.as_bytes().get(3) {
        None | Some(b' ' | b'\t' | b'\n' | b'\r') => Some(if dashes { Marker::Start } else { Marker::End }),
        Some(b'#') if dashes => Some(Marker::Separator),
        Some(next) if dashes && !next.is_ascii_graphic() => {
            let rest = line[3..].split('\n').next().unwrap_or_default().trim_start();
            (rest.is_empty() || rest.starts_with('#')).then_some(Marker::Separator)
        }
        Some(_) => None,
    }
}

/// Whether a text has only what may stand before the `---` of the same document.
fn is_prefix(text: &str) -> bool {
    text.lines().all(|line| line.starts_with('%') || line.trim_start().is_empty() || line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests;
