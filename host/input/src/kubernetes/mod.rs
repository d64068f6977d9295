//! Kubernetes objects. A place holder until the normalizer is merged.

use verdikt_model::{Diagnostic, NodeRef};

use crate::{Draft, Parsed, Recognition};

/// Whether a node has the shape of a Kubernetes object.
pub(crate) fn recognize(node: NodeRef<'_>) -> bool {
    node.str("apiVersion").is_some() && node.str("kind").is_some()
}

/// Turns a parsed document into drafts.
pub(crate) fn normalize(
    _parsed: &Parsed,
    _namespace: Option<&str>,
    _out: &mut Vec<Draft>,
    _diagnostics: &mut Vec<Diagnostic>,
) -> Recognition {
    Recognition::NotOurs { reason: "not a Kubernetes object".into() }
}
