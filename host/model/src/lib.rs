//! The vocabulary of Verdikt: plain data that every other crate speaks.
//!
//! Nothing here touches a file, a clock, an environment variable, a color, `serde` or `wasmtime`;
//! nothing here imports another crate of the workspace. Each word has one meaning:
//!
//! - A [`Source`] is the text of one file; a [`Span`] is a byte range in it. Line and column are
//!   computed from a span for output only ([`LineIndex`]).
//! - A [`Tree`] is a parsed value whose every node has a span. A [`Document`] is one thing that a
//!   rule judges: an envelope and the root of its tree.
//! - A [`Pack`](PackInfo) holds [rules](RuleInfo). A [`Finding`] is a rule's statement about a node
//!   of a document, a [`Diagnostic`] is a problem in the user's own file, a [`Fault`] is a guest
//!   that misbehaved.
//! - A [`Report`] is everything that a renderer needs.

mod coverage;
mod date;
mod diagnostic;
mod document;
mod fault;
mod finding;
mod pointer;
mod report;
mod rule;
mod source;
mod span;
mod suppression;
mod tree;
mod verdict;

pub use coverage::{Coverage, CoverageNote, FileCoverage, FileOutcome};
pub use date::Date;
pub use diagnostic::{Code, Diagnostic, DiagnosticPlace, Level};
pub use document::{Document, DocumentId, Platform, RenderedFrom, Renderer, SetId};
pub use fault::Fault;
pub use finding::{Edit, Finding, Fix, Operation, Place, Related, Status};
pub use pointer::{Pointer, PointerError, Resolved};
pub use report::{
    Artifact, DiffBase, DocumentRef, Gate, Location, PackRef, ProvenanceStep, RelatedPlace, Report, ReportDiagnostic,
    Row, RuleRef, Summary, Suppressed, Tool,
};
pub use rule::{Alias, Mode, PackInfo, RuleInfo, Scope, Severity, Target, Text};
pub use source::{FileId, Source, Sources};
pub use span::{LineIndex, Position, Span};
pub use suppression::{Dialect, Directive, DirectiveKind, NamedRule, Reach};
pub use tree::{
    ChildRange, Entry, Node, NodeId, NodeRef, Provenance, StringRange, Tree, TreeBuilder, Value, is_json_number,
    is_reference,
};
pub use verdict::Verdict;
