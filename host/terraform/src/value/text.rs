//! Strings that remember what they were made of.
//!
//! A policy is text that holds values: a finding in `jsonencode([{ privileged = var.p }])` belongs to
//! `var.p`, also when all of it is known. So a string may keep what it encodes, or the pieces of the
//! template that gave it.

use std::ops::Deref;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use verdikt_model::Span;

use super::Value;
use super::summary::Summary;

/// A string.
#[derive(Clone, Debug)]
pub struct Text(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    text: Box<str>,
    origin: Origin,
    summary: Summary,
}

/// What a string was made of.
#[derive(Clone, Debug)]
pub enum Origin {
    /// Nothing is kept.
    Plain,
    /// It encodes a value.
    Encoded(Encoding, Value),
    /// It is these pieces, one behind the other.
    Pieces(Arc<[Piece]>),
}

/// How a string encodes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Json,
    Yaml,
    /// Of a string.
    Base64,
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Text as it stands in a file.
    Literal(Literal),
    /// What an interpolation gave: a string, number or bool, or unknown.
    Value(Value),
}

/// Text that stands in a file.
#[derive(Clone, Debug)]
pub struct Literal {
    pub text: Arc<str>,
    pub span: Span,
    /// Pairs of offsets, in the text and in the file, in order: from one to the next the text stands in
    /// the file as it is, or somehow where there is none in the file. Empty where all of it begins where
    /// the span does.
    pub anchors: Arc<[(u32, Option<u32>)]>,
}

impl Literal {
    /// The text of a range of a file as it stands there.
    pub fn as_written(text: impl Into<Arc<str>>, span: Span) -> Self {
        Literal { text: text.into(), span, anchors: Arc::default() }
    }

    /// Whether all of it stands in the file as it is.
    pub fn is_as_written(&self) -> bool {
        self.anchors.is_empty()
    }

    /// The place of a range of the text in its file; of the whole when it is not known more exactly.
    pub fn place(&self, range: std::ops::Range<usize>) -> Span {
        let offset = |at: usize| {
            let (text, file) = match self.anchors.partition_point(|(text, _)| *text as usize <= at) {
                0 => (0, Some(self.span.start)),
                after => self.anchors[after - 1],
            };
            Some(file? + (at as u32).checked_sub(text)?)
        };
        // The end is reckoned from the last character, since behind it another line may begin.
        let last = range.end.max(range.start + 1) - 1;
        match (offset(range.start), offset(last)) {
            (Some(start), Some(last)) if start <= last && last < self.span.end => {
                Span::new(self.span.file, start, last + 1)
            }
            _ => self.span,
        }
    }
}

impl Text {
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Text::with_origin(text, Origin::Plain)
    }

    /// The text is brought into the normal form that all strings of Terraform have. What it was made of is
    /// forgotten where that is more than a value may hold.
    pub fn with_origin(text: impl Into<Box<str>>, origin: Origin) -> Self {
        let text = normalized(text.into());
        let within = match &origin {
            Origin::Plain => Summary::LEAF,
            Origin::Encoded(_, value) => Summary::of([value]),
            Origin::Pieces(pieces) => pieces_summary(pieces),
        };
        let (origin, within) = match within.problem() {
            None => (origin, within),
            Some(_) => (Origin::Plain, Summary::LEAF),
        };
        let weight = within.weight + (text.len() / 32) as u64;
        Text(Arc::new(Inner { text, origin, summary: Summary { weight, wholly_known: true, ..within } }))
    }

    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    pub(super) fn summary(&self) -> Summary {
        self.0.summary
    }
}

/// A text in the normal form (NFC) that all of Terraform's strings have, so that texts that look the same
/// are the same (<https://github.com/zclconf/go-cty/blob/main/docs/types.md>).
pub(super) fn normalized(text: Box<str>) -> Box<str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    text.nfc().collect::<String>().into()
}

/// Of the values among them.
pub(super) fn pieces_summary(pieces: &[Piece]) -> Summary {
    Summary::of(pieces.iter().filter_map(|piece| match piece {
        Piece::Value(value) => Some(value),
        Piece::Literal(_) => None,
    }))
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}
