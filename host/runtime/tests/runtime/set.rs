//! Document sets for tests, and how packs are asked about them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use verdikt_model::{Document, DocumentId, FileId, Platform, Pointer, Scope, SetId, Span, TreeBuilder};
use verdikt_runtime::{
    Activation, Call, DocumentSet, Evaluation, Limits, Link, PackSource, RulePack, Runtime, RuntimeOptions, Selector,
};

/// Documents `doc-0`, `doc-1` and so on, each with the body
/// `{"list":[true],"text":"x","nothing":null,"later":{"$unknown":"why"}}`. Each refers to the next.
pub struct Set {
    documents: Vec<Document>,
    bodies: Vec<String>,
}

impl Set {
    pub fn of(count: u32) -> Arc<dyn DocumentSet> {
        let documents: Vec<Document> = (0..count).map(document).collect();
        let bodies = documents.iter().map(|document| document.body().to_json()).collect();
        Arc::new(Set { documents, bodies })
    }
}

fn document(id: u32) -> Document {
    let span = Span::new(FileId(0), 0, 0);
    let mut builder = TreeBuilder::new();
    let item = builder.bool(span, true);
    let list = builder.list(span, &[item]);
    let text = builder.string(span, "x");
    let null = builder.null(span);
    let unknown = builder.unknown(span, "why", &[]);
    let entries = [
        builder.entry("list", span, list),
        builder.entry("text", span, text),
        builder.entry("nothing", span, null),
        builder.entry("later", span, unknown),
    ];
    let root = builder.map(span, &entries);
    Document {
        id: DocumentId(id),
        set: SetId(0),
        platform: Platform::Workload,
        kind: "Deployment".into(),
        namespace: Some("shop".into()),
        name: format!("doc-{id}"),
        address: format!("shop/Deployment/doc-{id}"),
        span,
        origin: None,
        rendered_from: None,
        is_patch: false,
        configuration: None,
        references: Vec::new(),
        tree: Arc::new(builder.finish()),
        root,
    }
}

impl DocumentSet for Set {
    fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(id.0 as usize)
    }

    fn body(&self, id: DocumentId) -> Option<&str> {
        self.bodies.get(id.0 as usize).map(String::as_str)
    }

    fn find(&self, selector: &Selector) -> Vec<DocumentId> {
        let matches = |document: &&Document| {
            selector.platform.is_none_or(|platform| platform == document.platform)
                && selector.kind.as_ref().is_none_or(|kind| *kind == document.kind)
                && selector.name.as_ref().is_none_or(|name| *name == document.name)
        };
        self.documents.iter().filter(matches).map(|document| document.id).collect()
    }

    fn references(&self, id: DocumentId) -> Vec<Link> {
        let target = DocumentId(id.0 + 1);
        let pointer = Pointer::root().member("text");
        self.document(target).map(|_| Link { document: id, pointer, target }).into_iter().collect()
    }

    fn referrers(&self, id: DocumentId) -> Vec<Link> {
        id.0.checked_sub(1).into_iter().flat_map(|before| self.references(DocumentId(before))).collect()
    }
}

/// A runtime for two guests at a time.
pub fn runtime(limits: Limits) -> Runtime {
    Runtime::new(RuntimeOptions { limits, cache: None, concurrency: 2 }).unwrap()
}

pub fn source(wasm: Vec<u8>) -> PackSource<'static> {
    PackSource { name: "test.wasm".into(), wasm: wasm.into(), precompiled: None }
}

pub fn load(runtime: &Runtime, guest: &crate::guest::Guest) -> RulePack {
    runtime.load(source(guest.module())).unwrap_or_else(|error| panic!("{error}"))
}

/// How a pack is asked.
pub struct Question<'a> {
    pub set: Arc<dyn DocumentSet>,
    pub scope: Scope,
    pub rules: Vec<&'a str>,
    pub documents: Vec<u32>,
    /// Faults after which the work stops.
    pub budget: usize,
}

impl Question<'_> {
    /// All documents of a set of `count`.
    pub fn about(count: u32) -> Question<'static> {
        Question {
            set: Set::of(count),
            scope: Scope::Document,
            rules: vec!["T-1"],
            documents: (0..count).collect(),
            budget: usize::MAX,
        }
    }

    pub fn ask(&self, pack: &RulePack) -> Evaluation {
        let rules: Vec<Activation> =
            self.rules.iter().map(|rule| Activation { rule: (*rule).into(), settings: "{}".into() }).collect();
        let documents: Vec<DocumentId> = self.documents.iter().copied().map(DocumentId).collect();
        let faults = AtomicUsize::new(0);
        let evaluation = pack.evaluate(&Call {
            scope: self.scope,
            rules: &rules,
            documents: &documents,
            set: &self.set,
            stop: &|| faults.load(Ordering::Relaxed) >= self.budget,
            on_fault: &|| {
                faults.fetch_add(1, Ordering::Relaxed);
            },
        });
        assert_eq!(evaluation.fault_count, faults.load(Ordering::Relaxed));
        evaluation
    }
}

/// Rule and document of each finding.
pub fn stated(evaluation: &Evaluation) -> Vec<(usize, u32)> {
    let at = |finding: &verdikt_model::Finding| finding.at.as_ref().map_or(u32::MAX, |at| at.document.0);
    evaluation.findings.iter().map(|finding| (finding.rule, at(finding))).collect()
}

/// Code, rules and documents of each fault.
pub fn faults(evaluation: &Evaluation) -> Vec<(&'static str, Vec<usize>, Vec<u32>)> {
    let documents = |fault: &verdikt_runtime::FaultAt| fault.documents.iter().map(|id| id.0).collect();
    evaluation.faults.iter().map(|fault| (fault.fault.code(), fault.rules.clone(), documents(fault))).collect()
}
