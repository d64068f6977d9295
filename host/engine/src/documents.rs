//! The documents of a scan as packs see them: bodies as JSON text made once, and the inventory of a
//! document set with its indexes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use verdikt_model::{Document, DocumentId, NodeId, NodeRef, Platform, Pointer, SetId};
use verdikt_runtime::{DocumentSet, Link, Selector};

use crate::references;

/// Every document of a scan. As a [`DocumentSet`] it has no inventory: it serves document rules,
/// whose batches may cross document sets.
#[derive(Debug)]
pub(crate) struct Documents {
    documents: Vec<Document>,
    bodies: Vec<OnceLock<Box<str>>>,
    /// Computed at the first question.
    templates: OnceLock<HashMap<DocumentId, Pointer>>,
}

impl Documents {
    /// # Panics
    /// In debug builds, when a document's id is not its place in the list.
    pub(crate) fn new(documents: Vec<Document>) -> Self {
        debug_assert!(documents.iter().enumerate().all(|(place, document)| document.id.0 as usize == place));
        let bodies = documents.iter().map(|_| OnceLock::new()).collect();
        Documents { documents, bodies, templates: OnceLock::new() }
    }

    pub(crate) fn all(&self) -> &[Document] {
        &self.documents
    }

    pub(crate) fn get(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(id.0 as usize)
    }

    /// For a workload: its origin, and where in that the pod template stands that it was derived
    /// from.
    pub(crate) fn template(&self, workload: &Document) -> Option<(&Document, &Pointer)> {
        let pointer = self.templates.get_or_init(|| templates(&self.documents)).get(&workload.id)?;
        Some((self.get(workload.origin?)?, pointer))
    }
}

/// Where the templates of all workloads stand in their origins. A custom resource may embed many, so
/// each origin is searched once for all of them.
fn templates(documents: &[Document]) -> HashMap<DocumentId, Pointer> {
    let mut wanted: BTreeMap<DocumentId, Vec<(NodeId, DocumentId)>> = BTreeMap::new();
    for document in documents {
        // The root stands for the whole object; its containers stand in one template.
        if let Some((origin, node)) = document.body().get("containers").and_then(NodeRef::origin) {
            wanted.entry(origin).or_default().push((node, document.id));
        }
    }
    let mut found = HashMap::new();
    for (origin, mut workloads) in wanted {
        let Some(origin) = documents.get(origin.0 as usize) else { continue };
        workloads.sort_unstable();
        let nodes: Vec<NodeId> = workloads.iter().map(|(node, _)| *node).collect();
        let pointers = origin.body().pointers_to(&nodes);
        let pairs = workloads.iter().zip(pointers);
        found.extend(pairs.filter_map(|((_, workload), pointer)| Some((*workload, pointer?))));
    }
    found
}

impl DocumentSet for Documents {
    fn document(&self, id: DocumentId) -> Option<&Document> {
        self.get(id)
    }

    fn body(&self, id: DocumentId) -> Option<&str> {
        let document = self.get(id)?;
        Some(self.bodies[id.0 as usize].get_or_init(|| {
            // Normalized text is about as long as its source.
            let mut text = String::with_capacity(document.span.range().len());
            document.body().write_json(&mut text);
            text.into_boxed_str()
        }))
    }

    fn find(&self, _: &Selector) -> Vec<DocumentId> {
        Vec::new()
    }

    fn references(&self, _: DocumentId) -> Vec<Link> {
        Vec::new()
    }

    fn referrers(&self, _: DocumentId) -> Vec<Link> {
        Vec::new()
    }

    fn len(&self) -> usize {
        self.documents.len()
    }
}

/// The inventory of one document set. Indexes are made at the first question that needs them.
pub(crate) struct Inventory {
    documents: Arc<Documents>,
    set: SetId,
    index: OnceLock<Index>,
    links: OnceLock<Links>,
}

#[derive(Default)]
struct Index {
    all: Vec<DocumentId>,
    platforms: HashMap<Platform, Vec<DocumentId>>,
    kinds: HashMap<String, Vec<DocumentId>>,
    namespaces: HashMap<String, Vec<DocumentId>>,
    labels: HashMap<(String, String), Vec<DocumentId>>,
}

/// Links in scan order, by both ends.
#[derive(Default)]
struct Links {
    from: BTreeMap<DocumentId, Vec<Link>>,
    to: BTreeMap<DocumentId, Vec<Link>>,
}

impl Inventory {
    pub(crate) fn new(documents: Arc<Documents>, set: SetId) -> Self {
        Inventory { documents, set, index: OnceLock::new(), links: OnceLock::new() }
    }

    fn members(&self) -> impl Iterator<Item = &Document> {
        self.documents.all().iter().filter(|document| document.set == self.set)
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index::default();
            for document in self.members() {
                let id = document.id;
                index.all.push(id);
                index.platforms.entry(document.platform).or_default().push(id);
                index.kinds.entry(document.kind.clone()).or_default().push(id);
                if let Some(namespace) = &document.namespace {
                    index.namespaces.entry(namespace.clone()).or_default().push(id);
                }
                for (key, value) in labels(document) {
                    index.labels.entry((key.to_owned(), value.to_owned())).or_default().push(id);
                }
            }
            index
        })
    }

    fn links(&self) -> &Links {
        self.links.get_or_init(|| {
            let mut links = Links::default();
            let members: Vec<&Document> = self.members().collect();
            for link in references::links(&members) {
                links.from.entry(link.document).or_default().push(link.clone());
                links.to.entry(link.target).or_default().push(link);
            }
            links
        })
    }
}

impl DocumentSet for Inventory {
    fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(id).filter(|document| document.set == self.set)
    }

    fn body(&self, id: DocumentId) -> Option<&str> {
        self.document(id)?;
        self.documents.body(id)
    }

    fn find(&self, selector: &Selector) -> Vec<DocumentId> {
        static NONE: Vec<DocumentId> = Vec::new();
        let index = self.index();
        // The shortest list that the selector allows is filtered by the rest of it.
        let mut lists = vec![&index.all];
        lists.extend(selector.platform.map(|platform| index.platforms.get(&platform).unwrap_or(&NONE)));
        lists.extend(selector.kind.as_ref().map(|kind| index.kinds.get(kind).unwrap_or(&NONE)));
        lists.extend(selector.namespace.as_ref().map(|space| index.namespaces.get(space).unwrap_or(&NONE)));
        lists.extend(selector.labels.iter().map(|label| index.labels.get(label).unwrap_or(&NONE)));
        let shortest = lists.into_iter().min_by_key(|list| list.len()).unwrap_or(&NONE);
        let matches = |document: &Document| {
            selector.platform.is_none_or(|platform| platform == document.platform)
                && selector.kind.as_ref().is_none_or(|kind| *kind == document.kind)
                && selector.namespace.as_ref().is_none_or(|space| document.namespace.as_ref() == Some(space))
                && selector.name.as_ref().is_none_or(|name| *name == document.name)
                && selector.labels.iter().all(|(key, value)| labels(document).any(|label| label == (key, value)))
        };
        shortest.iter().copied().filter(|id| self.documents.get(*id).is_some_and(matches)).collect()
    }

    fn references(&self, id: DocumentId) -> Vec<Link> {
        self.links().from.get(&id).cloned().unwrap_or_default()
    }

    fn referrers(&self, id: DocumentId) -> Vec<Link> {
        self.links().to.get(&id).cloned().unwrap_or_default()
    }

    fn len(&self) -> usize {
        self.index().all.len()
    }
}

/// The labels that an inventory is searched by: those of a Kubernetes object, and for a workload
/// those of its pods, which Services and NetworkPolicies select.
fn labels(document: &Document) -> impl Iterator<Item = (&str, &str)> {
    let labels: Option<NodeRef<'_>> = match document.platform {
        Platform::Kubernetes => document.body().path(&["metadata", "labels"]),
        Platform::Workload | Platform::Ecs => document.body().get_present("labels"),
        Platform::Terraform => None,
    };
    labels.into_iter().flat_map(|labels| labels.entries()).filter_map(|(key, value)| Some((key, value.as_str()?)))
}
