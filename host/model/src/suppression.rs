//! What people write beside a resource so that a rule's findings on it are accepted.

use crate::date::Date;
use crate::document::DocumentId;
use crate::span::Span;

/// One request to accept the findings of some rules in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    pub kind: DirectiveKind,
    pub dialect: Dialect,
    /// In the order of the text; never empty.
    pub rules: Vec<NamedRule>,
    /// Why; empty where nobody said.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// The comment, annotation or entry as a whole.
    pub span: Span,
    pub reach: Reach,
}

/// How a directive is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DirectiveKind {
    Comment,
    /// Of a Kubernetes object or its pod template.
    Annotation,
    /// Of a CloudFormation resource.
    Metadata,
}

impl DirectiveKind {
    /// As reports say it.
    pub fn as_str(self) -> &'static str {
        match self {
            DirectiveKind::Comment => "comment",
            DirectiveKind::Annotation => "annotation",
            DirectiveKind::Metadata => "metadata",
        }
    }
}

/// Whose names of rules a directive uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    Verdikt,
    Checkov,
    Trivy,
    KubeLinter,
}

/// A rule as a directive names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRule {
    /// An id, a slug, a pack or a prefix with `*`; in other dialects, what that tool calls a check.
    pub name: String,
    pub span: Span,
}

/// Which findings a directive is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that stand inside `target`, the block that the comment stands on or above. Where there
    /// are none, those about the smallest block around it that has any: a field that is missing is
    /// found at the block that lacks it. `around` is the target, or where the comment counts as standing
    /// when it has none.
    Place { target: Option<Span>, around: Span },
    /// Those of a document and of what was derived from it.
    Document(DocumentId),
}
