//! Which documents of a set refer to which others.
//!
//! Kubernetes objects refer by name, in fields whose meaning the API reference fixes
//! (<https://kubernetes.io/docs/reference/kubernetes-api/>). The fields below are found wherever
//! they stand in a body, so that custom resources that embed a pod spec are covered too.

use std::collections::HashMap;

use verdikt_model::{Document, DocumentId, NodeRef, Platform, Pointer};
use verdikt_runtime::Link;

/// How a field names another object.
enum Reference {
    /// The value is the name.
    Name(&'static str),
    /// The value is a map, and this member of it is the name.
    Member(&'static str, &'static str),
    /// The value is a list of maps whose `name` is the name.
    Names(&'static str),
    /// The value is a map with `kind` and `name`.
    Typed,
    /// The value is a list of maps with `kind` and `name`, and perhaps `namespace`.
    TypedList,
}

const FIELDS: &[(&str, Reference)] = &[
    ("serviceAccountName", Reference::Name("ServiceAccount")),
    ("secretName", Reference::Name("Secret")),
    ("ingressClassName", Reference::Name("IngressClass")),
    ("runtimeClassName", Reference::Name("RuntimeClass")),
    ("priorityClassName", Reference::Name("PriorityClass")),
    ("storageClassName", Reference::Name("StorageClass")),
    ("configMap", Reference::Member("ConfigMap", "name")),
    ("configMapRef", Reference::Member("ConfigMap", "name")),
    ("configMapKeyRef", Reference::Member("ConfigMap", "name")),
    ("secretRef", Reference::Member("Secret", "name")),
    ("secretKeyRef", Reference::Member("Secret", "name")),
    ("persistentVolumeClaim", Reference::Member("PersistentVolumeClaim", "claimName")),
    ("service", Reference::Member("Service", "name")),
    ("imagePullSecrets", Reference::Names("Secret")),
    ("roleRef", Reference::Typed),
    ("scaleTargetRef", Reference::Typed),
    ("ownerReferences", Reference::TypedList),
    ("subjects", Reference::TypedList),
];

/// All links among the documents, in scan order. Derived workloads refer to their origin.
pub(crate) fn links(documents: &[&Document]) -> Vec<Link> {
    let mut names: HashMap<(&str, &str), Vec<&Document>> = HashMap::new();
    for document in documents.iter().filter(|document| document.platform == Platform::Kubernetes) {
        names.entry((&document.kind, &document.name)).or_default().push(document);
    }
    let mut links = Vec::new();
    for document in documents {
        if let Some(origin) = document.origin {
            links.push(Link { document: document.id, pointer: Pointer::root(), target: origin });
        }
        // Terraform says itself what refers to what.
        links.extend(document.references.iter().map(|(pointer, target)| Link {
            document: document.id,
            pointer: pointer.clone(),
            target: *target,
        }));
        if document.platform == Platform::Kubernetes {
            let mut search = Search { document, names: &names, links: &mut links };
            search.walk(document.body(), &Pointer::root());
        }
    }
    links
}

struct Search<'a> {
    document: &'a Document,
    names: &'a HashMap<(&'a str, &'a str), Vec<&'a Document>>,
    links: &'a mut Vec<Link>,
}

impl Search<'_> {
    // The loaders' limit on depth bounds the recursion.
    fn walk(&mut self, node: NodeRef<'_>, pointer: &Pointer) {
        for (index, item) in node.items().enumerate() {
            if item.is_map() || item.is_list() {
                self.walk(item, &pointer.index(index));
            }
        }
        for (key, value) in node.entries() {
            let reference = FIELDS.iter().find(|(field, _)| *field == key).map(|(_, reference)| reference);
            if !(reference.is_some() || value.is_map() || value.is_list()) {
                continue;
            }
            let below = pointer.member(key);
            if let Some(reference) = reference {
                self.field(reference, value, &below);
            }
            self.walk(value, &below);
        }
    }

    fn field(&mut self, reference: &Reference, value: NodeRef<'_>, at: &Pointer) {
        match reference {
            Reference::Name(kind) => self.link(kind, value, None, at),
            Reference::Member(kind, member) => {
                if let Some(name) = value.get(member) {
                    self.link(kind, name, None, &at.member(member));
                }
            }
            Reference::Names(kind) => {
                for (index, item) in value.items().enumerate() {
                    if let Some(name) = item.get("name") {
                        self.link(kind, name, None, &at.index(index).member("name"));
                    }
                }
            }
            Reference::Typed => self.typed(value, at),
            Reference::TypedList => {
                for (index, item) in value.items().enumerate() {
                    self.typed(item, &at.index(index));
                }
            }
        }
    }

    fn typed(&mut self, value: NodeRef<'_>, at: &Pointer) {
        if let (Some(kind), Some(name)) = (value.str("kind"), value.get("name")) {
            self.link(kind, name, value.str("namespace"), &at.member("name"));
        }
    }

    /// A namespaced object is meant in the namespace that the reference states, else in the
    /// document's own; a cluster-scoped one has none.
    fn link(&mut self, kind: &str, name: NodeRef<'_>, namespace: Option<&str>, at: &Pointer) {
        let Some(name) = name.as_str() else { return };
        let own = namespace.or(self.document.namespace.as_deref());
        let found: Vec<DocumentId> = self
            .names
            .get(&(kind, name))
            .into_iter()
            .flatten()
            .filter(|target| target.namespace.is_none() || target.namespace.as_deref() == own)
            .filter(|target| target.id != self.document.id)
            .map(|target| target.id)
            .collect();
        self.links.extend(found.into_iter().map(|target| Link {
            document: self.document.id,
            pointer: at.clone(),
            target,
        }));
    }
}
