//! Documents in memory, with their bodies made beforehand.

use verdikt_engine::input::{Input, LoadOptions, load};
use verdikt_engine::model::{Document, DocumentId, Platform};
use verdikt_engine::runtime::{DocumentSet, Link, Selector};

/// The workloads of generated manifests. The bodies are there already, so that a measured call is the
/// guest's work and what the border to it costs.
pub struct MemorySet {
    documents: Vec<Document>,
    bodies: Vec<String>,
    workloads: Vec<DocumentId>,
}

impl MemorySet {
    /// Reads a text of Kubernetes manifests.
    pub fn of_yaml(text: String) -> Self {
        let input = Input::Text { path: "shop.yaml".to_owned(), bytes: text.into_bytes() };
        let documents = load(&LoadOptions { inputs: vec![input], ..LoadOptions::default() }).documents;
        let bodies = documents.iter().map(|document| document.body().to_json()).collect();
        let workloads = documents.iter().filter(|document| document.platform == Platform::Workload);
        let workloads = workloads.map(|document| document.id).collect();
        MemorySet { documents, bodies, workloads }
    }

    /// The workloads, in scan order.
    pub fn workloads(&self) -> &[DocumentId] {
        &self.workloads
    }
}

impl DocumentSet for MemorySet {
    fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(id.0 as usize)
    }

    fn body(&self, id: DocumentId) -> Option<&str> {
        self.bodies.get(id.0 as usize).map(String::as_str)
    }

    // Only rules of scope `document` are measured through this set, and they must not ask.
    fn find(&self, _: &Selector) -> Vec<DocumentId> {
        Vec::new()
    }

    fn references(&self, _: DocumentId) -> Vec<Link> {
        Vec::new()
    }

    fn referrers(&self, _: DocumentId) -> Vec<Link> {
        Vec::new()
    }
}
