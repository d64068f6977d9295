//! YAML as a cluster reads it, with a place on every node.
//!
//! saphyr-parser gives events; what they mean is decided here: [scalars](scalar) as Kubernetes
//! resolves them, anchors and merge keys under a budget, repeated keys, keys that JSON has not.
//!
//! Every document is read by a parser of its own. A file is cut at the lines that begin with `---`
//! or `...`: neither can be content anywhere, block scalars and quoted strings included (YAML 1.2.2
//! section 9.1.2, production `c-forbidden`), and Kubernetes' own reader cuts there before it parses
//! (`splitYAMLDocument` in k8s.io/apimachinery/pkg/util/yaml/decoder.go). So an unclosed quote or
//! bracket spoils its own document and no other.

mod characters;
mod compose;
mod gap;
mod marks;
mod problem;
mod scalar;

use std::ops::Range;

use memchr::memmem;
use verdikt_model::{Diagnostic, FileId};

use super::Problems;
use crate::{InputLimits, Parsed};

/// Parses every document of a file. A document that is wrong becomes a diagnostic, the others are
/// read; empty ones are left out.
///
/// `text` must not be longer than [`InputLimits::MAX_FILE_SIZE`].
pub(crate) fn load(file: FileId, text: &str, limits: &InputLimits, diagnostics: &mut Vec<Diagnostic>) -> Vec<Parsed> {
    let mut parsed = Vec::new();
    let mut problems = Problems::new(diagnostics);
    for range in documents(text) {
        let document = &text[range.clone()];
        if !document.trim().is_empty() {
            compose::document(file, document, range.start, limits, &mut parsed, &mut problems);
        }
    }
    parsed
}

/// Where the documents of a stream are. Directives (`%TAG`) belong to the document that follows.
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    // Whether nothing of the document that begins at `start` was seen but what may precede `---`.
    let mut may_have_directives = true;
    for (at, ends) in markers(text, start) {
        if ends {
            let next = text[at..].find('\n').map_or(text.len(), |line| at + line + 1);
            found.push(start..next);
            start = next;
            may_have_directives = true;
        } else {
            if !(may_have_directives && is_prefix(&text[start..at])) {
                found.push(start..at);
                start = at;
            }
            may_have_directives = false;
        }
    }
    found.push(start..text.len());
    found
}

/// The lines that begin with `---` (false) or `...` (true) and white space, in order.
fn markers(text: &str, start: usize) -> impl Iterator<Item = (usize, bool)> {
    let bytes = text.as_bytes();
    let is_marker = move |at: usize| bytes.get(at + 3).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    let first = bytes[start..].starts_with(b"---") || bytes[start..].starts_with(b"...");
    let first = first.then_some((start, bytes.get(start) == Some(&b'.')));
    let mut starts = memmem::find_iter(bytes, b"\n---").map(|at| at + 1).peekable();
    let mut ends = memmem::find_iter(bytes, b"\n...").map(|at| at + 1).peekable();
    let following = std::iter::from_fn(move || match (starts.peek(), ends.peek()) {
        (Some(one), Some(other)) if one < other => starts.next().map(|at| (at, false)),
        (Some(_), None) => starts.next().map(|at| (at, false)),
        (_, _) => ends.next().map(|at| (at, true)),
    });
    first.into_iter().chain(following).filter(move |(at, _)| is_marker(*at))
}

/// Whether a text has only what may stand before the `---` of the same document.
fn is_prefix(text: &str) -> bool {
    text.lines().all(|line| line.starts_with('%') || line.trim_start().is_empty() || line.trim_start().starts_with('#'))
}

#[cfg(test)]
mod tests;
