//! What tests of the normalizers share: text in, drafts out, with places and origins to look
//! at.

use std::collections::HashSet;
use std::sync::OnceLock;

use jsonschema::Validator;
use verdikt_model::{Diagnostic, Entry, FileId, NodeId, NodeRef, Platform, Pointer, Tree, TreeBuilder};

use crate::syntax::{json, yaml};
use crate::{Draft, InputLimits, ParsedDocument, Recognition};

/// What a normalizer made of a text.
pub(crate) struct Outcome {
    text: String,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) recognition: Recognition,
}

/// Parses one text, JSON or else YAML, and hands it to a normalizer.
pub(crate) fn normalize(
    text: &str,
    normalizer: impl FnOnce(&ParsedDocument, &mut Vec<Draft>, &mut Vec<Diagnostic>) -> Recognition,
) -> Outcome {
    let mut diagnostics = Vec::new();
    let load = if text.trim_start().starts_with(['{', '[']) { json::load } else { yaml::load };
    let parsed = load(FileId(0), text, &InputLimits::default(), &mut diagnostics);
    assert!(diagnostics.is_empty(), "the test's own text is wrong: {diagnostics:?}");
    let [parsed] = &parsed[..] else { panic!("one document a test, not {}", parsed.len()) };
    let mut drafts = Vec::new();
    let recognition = normalizer(parsed, &mut drafts, &mut diagnostics);
    for draft in &drafts {
        validate(draft);
    }
    Outcome { text: text.to_owned(), drafts, diagnostics, recognition }
}

/// Holds a body against the schema that is published for its platform.
fn validate(draft: &Draft) {
    static VALIDATORS: OnceLock<[Validator; 3]> = OnceLock::new();
    let [workload, kubernetes, ecs] = VALIDATORS.get_or_init(|| {
        [
            include_str!("../../../../wit/0.1.0/schemas/workload.schema.json"),
            include_str!("../../../../wit/0.1.0/schemas/kubernetes.schema.json"),
            include_str!("../../../../wit/0.1.0/schemas/ecs.schema.json"),
        ]
        .map(|text| {
            let schema = serde_json::from_str(text).expect("a schema is JSON");
            jsonschema::draft202012::new(&schema).expect("a schema is one of draft 2020-12")
        })
    });
    let validator = match draft.platform {
        Platform::Workload => workload,
        Platform::Ecs => ecs,
        _ => kubernetes,
    };
    let body = draft.tree.node(draft.root).to_json();
    let value = serde_json::from_str(&body).expect("a body is JSON");
    if let Err(error) = validator.validate(&value) {
        panic!("{error} at `{}` of {body}", error.instance_path());
    }
}

/// The texts that come of replacing one node of a JSON text at or below `from` by another value, each
/// with the pointer of that node.
pub(crate) fn replacements(text: &str, from: &str, by: &str) -> Vec<(String, String)> {
    fn pointers(value: &serde_json::Value, at: String, out: &mut Vec<String>) {
        if let Some(map) = value.as_object() {
            for (key, member) in map {
                pointers(member, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            pointers(item, format!("{at}/{index}"), out);
        }
        out.push(at);
    }
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let by: serde_json::Value = serde_json::from_str(by).unwrap();
    let mut all = Vec::new();
    pointers(value.pointer(from).unwrap(), from.to_owned(), &mut all);
    let replace = |pointer: String| {
        let mut value = value.clone();
        *value.pointer_mut(&pointer).unwrap() = by.clone();
        (pointer, value.to_string())
    };
    all.into_iter().map(replace).collect()
}

/// What holds of a full document whatever one of its nodes below `from` is replaced by. Every field of
/// the document must be one that the workload takes over.
///
/// - An unknown value never vanishes and is no problem of the file.
/// - What is unknown for a wrong type was reported, and the other way round.
/// - Every node of the workload stands for a node of the origin, and has a place in the text.
pub(crate) fn check_replacements(text: &str, from: &str, normalize: impl Fn(&str) -> Outcome) {
    check_each_replacement(text, from, normalize, |outcome, has, by, case| {
        let reported = outcome.diagnostics.len();
        if by.contains("why") {
            assert_eq!(reported, 0, "{case}: {:?}", outcome.diagnostics);
        } else {
            assert!(reported <= 1, "reported twice: {case}: {:?}", outcome.diagnostics);
            assert_eq!(has("$unknown"), reported == 1, "{case}: {:?}", outcome.diagnostics);
        }
    });
}

/// What of [`check_replacements`] holds of custom resources too, whose types nobody knows.
pub(crate) fn check_custom_replacements(text: &str, from: &str, normalize: impl Fn(&str) -> Outcome) {
    check_each_replacement(text, from, normalize, |outcome, _, _, case| {
        assert!(outcome.diagnostics.is_empty(), "{case}: {:?}", outcome.diagnostics);
    });
}

/// Replaces each node by each kind of value. `check` gets what came of it, whether any workload has a
/// text, the value and a name of the case.
fn check_each_replacement(
    text: &str,
    from: &str,
    normalize: impl Fn(&str) -> Outcome,
    check: impl Fn(&Outcome, &dyn Fn(&str) -> bool, &str, &str),
) {
    for by in ["null", "true", "1.5", "\"text\"", "[]", "[7]", "{}", "{\"x\":7}", "\"<why>\""] {
        for (pointer, text) in replacements(text, from, by) {
            let outcome = normalize(&text);
            let case = format!("{by} at {pointer}");
            let bodies: Vec<String> =
                outcome.workloads().iter().map(|draft| draft.tree.node(draft.root).to_json()).collect();
            let has = |text: &str| bodies.iter().any(|body| body.contains(text));
            if by.contains("why") {
                assert!(has(r#""$unknown":"why""#), "the unknown value vanished: {case}: {bodies:?}");
            }
            check(&outcome, &has, by, &case);
            for draft in outcome.workloads() {
                let origin = &outcome.drafts[draft.origin.expect("a workload has an origin")];
                let mut known = HashSet::new();
                collect(origin.tree.node(origin.root), &mut known);
                check_origins(draft.tree.node(draft.root), &origin.tree, &known, &case);
            }
        }
    }
}

/// The ids of a node and of everything below it.
fn collect(node: NodeRef<'_>, out: &mut HashSet<NodeId>) {
    out.insert(node.id());
    for child in node.items().chain(node.entries().map(|(_, member)| member)) {
        collect(child, out);
    }
}

fn check_origins(node: NodeRef<'_>, tree: &Tree, known: &HashSet<NodeId>, case: &str) {
    let (_, origin) = node.origin().unwrap_or_else(|| panic!("{} has no origin: {case}", node.to_json()));
    assert!(known.contains(&origin), "{} comes from nowhere: {case}", node.to_json());
    assert_eq!(node.span(), tree.node(origin).span(), "{}: {case}", node.to_json());
    // What an unknown value says of itself is not a node of the document.
    for child in node.items().chain(node.entries().map(|(_, member)| member)) {
        check_origins(child, tree, known, case);
    }
}

/// Replaces every string `<why>` of a parsed document by a value that is unknown for that reason.
pub(crate) fn with_unknowns(parsed: &ParsedDocument) -> ParsedDocument {
    fn copy(builder: &mut TreeBuilder, node: NodeRef<'_>) -> NodeId {
        if let Some(why) = node.as_str().and_then(|text| text.strip_prefix('<')?.strip_suffix('>')) {
            let reference = builder.string(node.span(), "var.x");
            return builder.unknown(node.span(), why, &[("$ref", reference)]);
        }
        if node.is_map() {
            let mut entries: Vec<Entry> = Vec::new();
            for (key, span, member) in node.keyed_entries() {
                let copied = copy(builder, member);
                entries.push(builder.entry(key, span, copied));
            }
            return builder.map(node.span(), &entries);
        }
        if node.is_list() {
            let items: Vec<NodeId> = node.items().map(|item| copy(builder, item)).collect();
            return builder.list(node.span(), &items);
        }
        builder.copy(node)
    }
    let mut builder = TreeBuilder::new();
    let root = copy(&mut builder, parsed.tree.node(parsed.root));
    ParsedDocument { tree: builder.finish().into(), root, span: parsed.span, comments: Vec::new(), tags: Vec::new() }
}

impl Outcome {
    pub(crate) fn addresses(&self) -> Vec<&str> {
        self.drafts.iter().filter(|draft| draft.origin.is_none()).map(|draft| draft.address.as_str()).collect()
    }

    pub(crate) fn workloads(&self) -> Vec<&Draft> {
        self.drafts.iter().filter(|draft| draft.platform == Platform::Workload).collect()
    }

    /// The only workload.
    pub(crate) fn workload(&self) -> NodeRef<'_> {
        let [draft] = self.workloads()[..] else { panic!("one workload was expected: {:?}", self.addresses()) };
        draft.tree.node(draft.root)
    }

    /// The node of the only workload at a pointer.
    pub(crate) fn at(&self, pointer: &str) -> Option<NodeRef<'_>> {
        assert_eq!(self.workloads().len(), 1, "one workload was expected: {:?}", self.addresses());
        self.at_of(0, pointer)
    }

    /// The JSON text of the only workload at a pointer; empty when nothing is there.
    pub(crate) fn json(&self, pointer: &str) -> String {
        self.at(pointer).map(NodeRef::to_json).unwrap_or_default()
    }

    /// The node of one of several workloads at a pointer.
    fn at_of(&self, workload: usize, pointer: &str) -> Option<NodeRef<'_>> {
        let draft = self.workloads()[workload];
        let resolved = Pointer::parse(pointer).unwrap().resolve(draft.tree.node(draft.root)).ok()?;
        resolved.exact.then_some(resolved.node)
    }

    /// Like [`Outcome::json`], of one of several workloads.
    pub(crate) fn json_of(&self, workload: usize, pointer: &str) -> String {
        self.at_of(workload, pointer).map(NodeRef::to_json).unwrap_or_default()
    }

    /// Like [`Outcome::origin`], of one of several workloads.
    pub(crate) fn origin_of(&self, workload: usize, pointer: &str) -> String {
        self.origin_pointer(self.at_of(workload, pointer).unwrap(), pointer)
    }

    /// What a value of one of several workloads came from.
    pub(crate) fn provenance_of(&self, workload: usize, pointer: &str) -> Vec<&str> {
        let draft = self.workloads()[workload];
        let resolved = Pointer::parse(pointer).unwrap().resolve(draft.tree.node(draft.root)).unwrap();
        assert!(resolved.exact, "{pointer} is not there");
        resolved.provenance.iter().map(|step| step.what.as_str()).collect()
    }

    /// The source text under a node of the only workload.
    pub(crate) fn source(&self, pointer: &str) -> &str {
        &self.text[self.at(pointer).unwrap().span().range()]
    }

    /// The pointer, in the origin's body, of the node that a node of the only workload stands for.
    pub(crate) fn origin(&self, pointer: &str) -> String {
        self.origin_pointer(self.at(pointer).unwrap(), pointer)
    }

    fn origin_pointer(&self, node: NodeRef<'_>, pointer: &str) -> String {
        let (document, node) = node.origin().unwrap_or_else(|| panic!("{pointer} has no origin"));
        let origin = &self.drafts[document.0 as usize];
        origin.tree.node(node).pointer_from(origin.root).expect("an origin is in the origin's body").to_string()
    }

    /// The codes and source texts of the diagnostics.
    pub(crate) fn problems(&self) -> Vec<(&'static str, &str)> {
        self.diagnostics
            .iter()
            .map(|diagnostic| match diagnostic.place {
                verdikt_model::DiagnosticPlace::Span(span) => (diagnostic.code.as_str(), &self.text[span.range()]),
                _ => panic!("{diagnostic:?} has no place"),
            })
            .collect()
    }
}
