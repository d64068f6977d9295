//! What tests of the normalizers share: JSON text in, drafts out, with places and origins to look
//! at.

use std::sync::OnceLock;

use jsonschema::Validator;
use verdikt_model::{Diagnostic, Entry, FileId, NodeId, NodeRef, Platform, Pointer, TreeBuilder};

use crate::syntax::json;
use crate::{Draft, InputLimits, Parsed, Recognition};

/// What a normalizer made of a text.
pub(crate) struct Outcome {
    text: String,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) recognition: Recognition,
}

/// Parses one JSON text and hands it to a normalizer.
pub(crate) fn normalize(
    text: &str,
    normalizer: impl FnOnce(&Parsed, &mut Vec<Draft>, &mut Vec<Diagnostic>) -> Recognition,
) -> Outcome {
    let mut diagnostics = Vec::new();
    let parsed = json::load(FileId(0), text, &InputLimits::default(), &mut diagnostics);
    assert!(diagnostics.is_empty(), "the test's own JSON is wrong: {diagnostics:?}");
    let [parsed] = &parsed[..] else { panic!("one JSON text a test, not {}", parsed.len()) };
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

/// Replaces every string `<why>` of a parsed document by a value that is unknown for that reason.
pub(crate) fn with_unknowns(parsed: &Parsed) -> Parsed {
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
    Parsed { tree: builder.finish().into(), root, span: parsed.span, comments: Vec::new(), tags: Vec::new() }
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
        let resolved = Pointer::parse(pointer).unwrap().resolve(self.workload()).unwrap();
        resolved.exact.then_some(resolved.node)
    }

    /// The JSON text of the only workload at a pointer; empty when nothing is there.
    pub(crate) fn json(&self, pointer: &str) -> String {
        self.at(pointer).map(NodeRef::to_json).unwrap_or_default()
    }

    /// The source text under a node of the only workload.
    pub(crate) fn source(&self, pointer: &str) -> &str {
        &self.text[self.at(pointer).unwrap().span().range()]
    }

    /// The pointer, in the origin's body, of the node that a node of the only workload stands for.
    pub(crate) fn origin(&self, pointer: &str) -> String {
        let (document, node) = self.at(pointer).unwrap().origin().unwrap_or_else(|| panic!("{pointer} has no origin"));
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
