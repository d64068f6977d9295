//! What rules state.

use crate::document::DocumentId;
use crate::pointer::Pointer;
use crate::rule::Severity;
use crate::verdict::Verdict;

/// What a rule states about a node, with its argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Fail,
    /// A short reason code; may be empty.
    Pass(String),
    /// What could not be known.
    Unknown(String),
    /// A short reason code.
    NotApplicable(String),
    Informational,
    /// The question to a person.
    Manual(String),
    /// The rule itself failed and says so, or the host found that it misbehaved.
    Error(String),
}

impl Status {
    pub fn verdict(&self) -> Verdict {
        match self {
            Status::Fail => Verdict::Fail,
            Status::Pass(_) => Verdict::Pass,
            Status::Unknown(_) => Verdict::Unknown,
            Status::NotApplicable(_) => Verdict::NotApplicable,
            Status::Informational => Verdict::Informational,
            Status::Manual(_) => Verdict::Manual,
            Status::Error(_) => Verdict::Error,
        }
    }

    /// The argument; empty for `fail` and `informational`.
    pub fn reason(&self) -> &str {
        match self {
            Status::Fail | Status::Informational => "",
            Status::Pass(reason)
            | Status::Unknown(reason)
            | Status::NotApplicable(reason)
            | Status::Manual(reason)
            | Status::Error(reason) => reason,
        }
    }
}

/// A node of a document, present or absent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub document: DocumentId,
    pub pointer: Pointer,
}

/// Another place that explains a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    pub at: Place,
    pub note: String,
}

/// RFC 6902 operations that fixes use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Add,
    Remove,
    Replace,
}

/// One change of a document's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub operation: Operation,
    pub pointer: Pointer,
    /// JSON text; `None` for `Remove`.
    pub value: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    /// Whether it can be applied unseen.
    pub safe: bool,
    pub edits: Vec<Edit>,
}

/// A rule's statement about a node of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Index into the rules of the call that gave it.
    pub rule: usize,
    pub status: Status,
    /// `None` only when `subject` says what is meant.
    pub at: Option<Place>,
    /// What is missing when there is no document for it; else empty.
    pub subject: String,
    /// A finished sentence in English.
    pub message: String,
    pub code: Option<String>,
    pub arguments: Vec<(String, String)>,
    pub severity: Option<Severity>,
    /// Whether the value must never be shown.
    pub sensitive: bool,
    pub controls: Vec<String>,
    pub related: Vec<Related>,
    pub fix: Option<Fix>,
    pub extra: Vec<(String, String)>,
}
