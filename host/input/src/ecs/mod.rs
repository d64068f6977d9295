//! ECS task definitions. A place holder until the normalizer is merged.

use verdikt_model::{Diagnostic, NodeRef};

use crate::{Draft, Parsed, Recognition};

/// Whether a node has the shape of an ECS task definition.
pub(crate) fn recognize(node: NodeRef<'_>) -> bool {
    node.get("containerDefinitions").is_some_and(NodeRef::is_list)
}

/// Turns a parsed document into drafts.
pub(crate) fn normalize(_parsed: &Parsed, _out: &mut Vec<Draft>, _diagnostics: &mut Vec<Diagnostic>) -> Recognition {
    Recognition::NotOurs { reason: "not an ECS task definition".into() }
}
