//! From spans and pointers to places for people, and to identities for machines.

use std::fmt::Write;

use sha2::{Digest, Sha256};
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

pub(crate) fn provenance(sources: &Sources, node: NodeRef<'_>) -> Vec<ProvenanceStep> {
    let steps = node.provenance().iter();
    steps.map(|step| ProvenanceStep { what: step.what.clone(), location: location(sources, step.span) }).collect()
}

/// The pointer with list items named by what identifies them, so that it survives reordering: the
/// item's `name`, else the scalar itself, else its index.
pub(crate) fn identity(document: &Document, pointer: &Pointer) -> String {
    let mut text = String::new();
    let mut node = Some(document.body());
    for token in pointer.tokens() {
        let below =
            node.and_then(|node| if node.is_list() { node.item(token.parse().ok()?) } else { node.get(&token) });
        let in_list = node.is_some_and(NodeRef::is_list);
        // Writing to a String cannot fail.
        let _ = match below.filter(|_| in_list).map(|item| (item.str("name"), item.as_str())) {
            Some((Some(name), _)) => write!(text, "/[name={name}]"),
            Some((None, Some(scalar))) => write!(text, "/[={scalar}]"),
            _ => write!(text, "/{token}"),
        };
        node = below;
    }
    text
}

/// What identifies a finding across runs, machines and edits elsewhere in its file.
pub(crate) struct Identity<'a> {
    pub rule: &'a str,
    /// [`verdikt_model::Source::identity`] of the file, empty without a document.
    pub file: &'a str,
    pub platform: &'a str,
    pub address: &'a str,
    pub pointer: &'a str,
    pub subject: &'a str,
    /// Which of the findings with all the rest equal, in the order of the report.
    pub ordinal: usize,
}

impl Identity<'_> {
    /// 32 hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        // Lengths keep neighboring fields apart; the first field names this way of hashing.
        let ordinal = self.ordinal.to_string();
        let fields =
            ["verdikt/1", self.rule, self.file, self.platform, self.address, self.pointer, self.subject, &ordinal];
        for field in fields {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field.as_bytes());
        }
        hash.finalize().iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
