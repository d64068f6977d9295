//! The loader as a whole: streams, merges, repeated keys, places, budgets, recovery.

use proptest::prelude::*;
use verdikt_model::{Code, DiagnosticPlace, NodeRef};

use super::*;

fn read_with(text: &str, limits: &InputLimits) -> (Vec<Parsed>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let parsed = load(FileId(0), text, limits, &mut diagnostics);
    (parsed, diagnostics)
}

fn read(text: &str) -> (Vec<Parsed>, Vec<Diagnostic>) {
    read_with(text, &InputLimits::default())
}

fn root(parsed: &Parsed) -> NodeRef<'_> {
    parsed.tree.node(parsed.root)
}

fn json(text: &str) -> Vec<String> {
    let (parsed, diagnostics) = read(text);
    assert_eq!(diagnostics, [], "{text}");
    parsed.iter().map(|document| root(document).to_json()).collect()
}

fn start(diagnostic: &Diagnostic) -> usize {
    match diagnostic.place {
        DiagnosticPlace::Span(span) => span.start as usize,
        _ => panic!("a diagnostic of a document has a place: {diagnostic:?}"),
    }
}

/// What a node covers, by a path of keys and indexes.
fn covers<'a>(text: &'a str, node: NodeRef<'_>) -> &'a str {
    &text[node.span().range()]
}

#[test]
fn streams_are_cut_at_document_markers() {
    for (text, expected) in [
        ("", &[][..]),
        ("# only a comment\n", &[]),
        ("---\n---\n\n---\n# nothing\n", &[]),
        ("a: 1", &[r#"{"a":1}"#]),
        ("\u{feff}a: 1\r\nb: 2\r\n", &[r#"{"a":1,"b":2}"#]),
        ("---\na: 1\n---\nb: 2\n", &[r#"{"a":1}"#, r#"{"b":2}"#]),
        ("--- {a: 1}\n--- # note\nb: 2", &[r#"{"a":1}"#, r#"{"b":2}"#]),
        ("a: 1\n...\nb: 2\n", &[r#"{"a":1}"#, r#"{"b":2}"#]),
        ("%YAML 1.1\n# note\n---\na: 1\n...\n%TAG ! tag:x,2:\n---\nb: !c 2\n", &[r#"{"a":1}"#, r#"{"b":"2"}"#]),
        ("a: |\n  ---\n  b\n---\nc: \"x ---\"\n", &[r#"{"a":"---\nb\n"}"#, r#"{"c":"x ---"}"#]),
        ("a: 1\n---b: 2\n", &[r#"{"a":1,"---b":2}"#]),
        ("---\nnull\n---\n~", &["null", "null"]),
        ("a: 1\n---", &[r#"{"a":1}"#]),
    ] {
        assert_eq!(json(text), expected, "{text:?}");
    }
}
