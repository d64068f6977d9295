//! From spans and pointers to places for people.

use verdikt_model::{Document, Location, NodeRef, Pointer, ProvenanceStep, Sources, Span};

/// A span with lines and columns.
pub(crate) fn location(sources: &Sources, span: Span) -> Location {
    let source = sources.get(span.file);
    let start = source.position(span.start);
    let end = source.position(span.end);
    Location {
        file: source.path.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// Where a pointer leads in a document: the node or its nearest ancestor that exists.
pub(crate) fn node<'a>(document: &'a Document, pointer: &Pointer) -> NodeRef<'a> {
    // The runtime has refused pointers that cannot be resolved; a row is better than a panic.
    pointer.resolve(document.body()).map_or(document.body(), |found| found.node)
}

/// Whether a pointer names something that is not there. Below a value that is unknown nothing is
/// known to be absent.
pub(crate) fn is_absent(document: &Document, pointer: &Pointer) -> bool {
    pointer.resolve(document.body()).is_ok_and(|found| !found.exact && !found.node.is_unknown())
}

/// Where the value came from that a pointer names.
pub(crate) fn provenance(sources: &Sources, document: &Document, pointer: &Pointer) -> Vec<ProvenanceStep> {
    let steps = pointer.resolve(document.body()).map_or(&[][..], |found| found.provenance);
    steps
        .iter()
        .map(|step| ProvenanceStep { what: step.what.clone(), location: location(sources, step.span) })
        .collect()
}
