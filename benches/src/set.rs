//! Documents in memory, with their bodies made beforehand.

use std::collections::HashMap;

use verdikt_engine::input::{Input, LoadOptions, load};
use verdikt_engine::model::{Document, DocumentId, Platform};
use verdikt_engine::runtime::{DocumentSet, Link, Selector};

/// The documents of an input. The bodies are there already, so that a measured call is the guest's work
/// and what the border to it costs.
pub struct MemorySet {
    documents: Vec<Document>,
    bodies: Vec<String>,
    /// By kind, as the inventory of the host has them.
    kinds: HashMap<String, Vec<DocumentId>>,
    all: Vec<DocumentId>,
}

impl MemorySet {
    /// Reads a text of Kubernetes manifests.
    pub fn of_yaml(text: String) -> Self {
        let input = Input::Text { path: "shop.yaml".to_owned(), bytes: text.into_bytes() };
        MemorySet::new(load(&LoadOptions { inputs: vec![input], ..LoadOptions::default() }).documents)
    }

    /// Documents as the loader made them.
    pub fn new(documents: Vec<Document>) -> Self {
        let bodies = documents.iter().map(|document| document.body().to_json()).collect();
        let mut kinds: HashMap<String, Vec<DocumentId>> = HashMap::new();
        for document in &documents {
            kinds.entry(document.kind.clone()).or_default().push(document.id);
        }
        let all = documents.iter().map(|document| document.id).collect();
        MemorySet { documents, bodies, kinds, all }
    }

    /// All documents, in scan order.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The workloads, in scan order.
    pub fn workloads(&self) -> Vec<DocumentId> {
        let workloads = self.documents.iter().filter(|document| document.platform == Platform::Workload);
        workloads.map(|document| document.id).collect()
    }
}

impl DocumentSet for MemorySet {
    fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(id.0 as usize)
    }

    fn body(&self, id: DocumentId) -> Option<&str> {
        self.bodies.get(id.0 as usize).map(String::as_str)
    }

    // Labels are not looked at: sets are small here.
    fn find(&self, selector: &Selector) -> Vec<DocumentId> {
        let candidates = match &selector.kind {
            Some(kind) => self.kinds.get(kind).map_or(&[][..], Vec::as_slice),
            None => &self.all,
        };
        let matches = |document: &Document| {
            selector.platform.is_none_or(|platform| platform == document.platform)
                && (selector.namespace.is_none() || selector.namespace == document.namespace)
                && selector.name.as_ref().is_none_or(|name| *name == document.name)
        };
        candidates.iter().copied().filter(|id| self.document(*id).is_some_and(matches)).collect()
    }

    fn references(&self, _: DocumentId) -> Vec<Link> {
        Vec::new()
    }

    fn referrers(&self, _: DocumentId) -> Vec<Link> {
        Vec::new()
    }
}
