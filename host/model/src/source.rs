//! The texts of the files of one scan.

use std::sync::{Arc, OnceLock};

use crate::span::{LineIndex, Position, Span};

/// Which [`Source`] of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// The text of one file, or of standard input.
#[derive(Debug)]
pub struct Source {
    /// The path as reports print it: relative to the current folder, `/` between its parts,
    /// `<stdin>` for standard input.
    pub path: String,
    /// The path that identifies the file on every machine: relative to the repository's root, or
    /// to the scanned folder where there is no repository. Fingerprints use it.
    pub identity: String,
    pub text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

impl Source {
    pub fn new(path: impl Into<String>, identity: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Source { path: path.into(), identity: identity.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// Computed at the first call.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }
}

/// All sources of a scan; [`FileId`]s are indexes into it.
#[derive(Debug, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

impl Sources {
    pub fn add(&mut self, source: Source) -> FileId {
        self.sources.push(source);
        FileId(self.sources.len() as u32 - 1)
    }

    /// # Panics
    /// When the id is of another scan.
    pub fn get(&self, file: FileId) -> &Source {
        &self.sources[file.0 as usize]
    }

    /// The text that a span covers; empty when the span does not fit the text.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.range()).unwrap_or("")
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.sources.iter().enumerate().map(|(index, source)| (FileId(index as u32), source))
    }

    pub fn len(&self) -> usize {
        self.sources.len()
    }

    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}
