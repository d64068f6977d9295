//! Kubernetes objects: what is one, what it is called, what its body is.
//!
//! Anything with `apiVersion` and `kind` is one. A list (`kind: List`, or a typed one such as
//! `PodList`) is split into its items, which inherit the list's group and kind when it is typed and
//! they state none, as the API server writes them.
//!
//! **The body** is the object as declared: `status` and `metadata.managedFields`, which the cluster
//! writes, are left out, since rules judge what somebody asked for.
//!
//! **The name** is `metadata.name`, else the prefix `metadata.generateName` as it is written (such
//! as `migrate-`): the rest of such a name exists only once the object is created. **The namespace**
//! is what the object states; the namespace of the run fills the envelope of namespaced kinds that
//! state none, never the body.
//!
//! **The address** is `namespace/kind/name`, with `kind.group` for kinds that Kubernetes does not have
//! itself: `/Pod/web`, `shop/Deployment/api`, `shop/Rollout.argoproj.io/api`.

use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, DocumentId, Entry, NodeId, NodeRef, Platform, Span, Tree, TreeBuilder, Value};

use crate::kubernetes::compose::Composed;
use crate::kubernetes::pod::{Owner, Parts};
use crate::kubernetes::templates::Template;
use crate::limits::MOST_REPEATED;
use crate::syntax::grouped;
use crate::workload::{Derivation, found};
use crate::{Draft, ParsedDocument, Recognition};

mod argo;
mod compose;
mod container;
pub(crate) mod kinds;
pub(crate) mod kustomize;
mod pod;
mod pod_specs;
pub(crate) mod rendered;
mod security;
mod shapes;
mod tekton;
mod templates;
#[cfg(test)]
mod tests;

pub use pod_specs::PodSpecPath;

/// What the run says of all objects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings<'a> {
    /// For the envelope of namespaced objects that state no namespace.
    pub(crate) namespace: Option<&'a str>,
    pub(crate) pod_specs: &'a [PodSpecPath],
}

/// What an object comes from that is no file of Kubernetes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MadeFrom<'a> {
    /// The draft that it was made of.
    pub(crate) origin: usize,
    /// Of that draft, and so of the object.
    pub(crate) address: &'a str,
    pub(crate) is_patch: bool,
}

/// Whether a node has the shape of a Kubernetes object, or of one that lacks half of its type.
pub(crate) fn recognize(node: NodeRef<'_>) -> bool {
    match (node.str("apiVersion"), node.str("kind")) {
        (Some(_), Some(_)) => true,
        (Some(version), None) => kinds::is_built_in_version(version) && has_metadata(node),
        // Other systems have resources with `kind` and `metadata` too; a pod template tells.
        (None, Some(kind)) => {
            kinds::template_path("", kind).is_some() && has_metadata(node) && node.get("spec").is_some()
        }
        (None, None) => false,
    }
}

fn has_metadata(node: NodeRef<'_>) -> bool {
    node.get("metadata").is_some_and(NodeRef::is_map)
}

/// Turns a parsed document into drafts, each object followed by the workloads that are derived from
/// it.
pub(crate) fn normalize(
    parsed: &ParsedDocument,
    settings: Settings<'_>,
    out: &mut Vec<Draft>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Recognition {
    let root = parsed.tree.node(parsed.root);
    if !recognize(root) {
        return Recognition::NotOurs { reason: "not a Kubernetes object: it has no `apiVersion` and `kind`".into() };
    }
    let mut normalizer = Normalizer { tree: &parsed.tree, settings, made_from: None, out, diagnostics, documents: 0 };
    normalizer.object(root, parsed.span, None);
    Recognition::Documents(normalizer.documents)
}

/// Adds an object that another document states, and its workloads. `span` is the block of that one.
pub(crate) fn push_object(
    tree: &Arc<Tree>,
    object: NodeRef<'_>,
    span: Span,
    made_from: MadeFrom<'_>,
    settings: Settings<'_>,
    out: &mut Vec<Draft>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut normalizer = Normalizer { tree, settings, made_from: Some(made_from), out, diagnostics, documents: 0 };
    normalizer.object(object, span, None);
}

struct Normalizer<'a> {
    tree: &'a Arc<Tree>,
    settings: Settings<'a>,
    made_from: Option<MadeFrom<'a>>,
    out: &'a mut Vec<Draft>,
    diagnostics: &'a mut Vec<Diagnostic>,
    documents: usize,
}

/// The type that the items of a typed list have.
#[derive(Clone, Copy)]
struct ItemType<'a> {
    api_version: NodeRef<'a>,
    kind: &'a str,
    /// The node that names the list's kind.
    list_kind: NodeRef<'a>,
}

impl<'a> Normalizer<'a> {
    fn object(&mut self, node: NodeRef<'a>, span: Span, inherited: Option<ItemType<'a>>) {
        let Some(kind) = node.str("kind").or(inherited.map(|inherited| inherited.kind)) else {
            self.missing(
                key_of(node, "apiVersion"),
                "This has the `apiVersion` and `metadata` of a Kubernetes object but no `kind` that is a string, so it \
                 was not judged. Add the kind, such as `kind: Deployment`.",
            );
            return;
        };
        let api_version = node.str("apiVersion").or(inherited.and_then(|inherited| inherited.api_version.as_str()));
        if api_version.is_none() && !node.get("apiVersion").is_some_and(NodeRef::is_unknown) {
            self.missing(
                key_of(node, "kind"),
                format!(
                    "This {kind} has no `apiVersion` that is a string, so Kubernetes refuses it. It was judged as \
                     Kubernetes' own {kind}; add its version, such as `apiVersion: apps/v1`."
                ),
            );
        }
        if let Some(item_kind) = list_of(node, kind) {
            self.list(node, item_kind);
            return;
        }
        let group = kinds::group(api_version.unwrap_or(""));
        let metadata = self.map_of(node, "metadata");
        let name = self.name(node, metadata, group, kind);
        let stated = self.namespace_of(metadata);
        let namespace = match stated {
            Stated::Text(namespace) => Some(namespace),
            // A nameless file is no object that could be in a namespace.
            Stated::Absent if !name.is_empty() && kinds::is_namespaced(group, kind) => self.settings.namespace,
            Stated::Absent | Stated::Other => None,
        };
        let qualified = if kinds::is_built_in(group) { kind.to_owned() } else { format!("{kind}.{group}") };
        let (tree, root) = self.body(node, inherited);
        let address = match self.made_from {
            Some(made_from) => made_from.address.to_owned(),
            None => format!("{}/{qualified}/{name}", namespace.unwrap_or("")),
        };
        let draft = Draft {
            platform: Platform::Kubernetes,
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            address,
            span,
            origin: self.made_from.map(|made_from| made_from.origin),
            rendered_from: rendered::by_kustomize(node),
            is_patch: self.made_from.is_some_and(|made_from| made_from.is_patch),
            configuration: None,
            references: Vec::new(),
            tree: Arc::clone(&tree),
            root,
            resource: None,
        };
        let origin = self.out.len();
        self.documents += 1;
        self.out.push(draft);
        self.workloads(origin, tree.node(root), group, kind);
    }

    /// Derives the workloads of the draft that was added last.
    fn workloads(&mut self, origin: usize, object: NodeRef<'_>, group: &str, kind: &str) {
        let mut templates = templates::find(object, group, kind);
        templates.add(pod_specs::configured(self.settings.pod_specs, object, group, kind, self.diagnostics));
        if let Some(part) = templates.too_large {
            self.diagnostics.push(Diagnostic::at(
                Code::TooManyNodes,
                part.span(),
                format!(
                    "The pods of this {kind} would repeat more than {} bytes of what they share, the limit, so that \
                     they were not judged. Make what is shared smaller, or split it.",
                    grouped(MOST_REPEATED)
                ),
            ));
        }
        let owner = Owner { object, kind, built_in: kinds::is_built_in(group) };
        for template in templates.found {
            match template {
                Template::At { object, path } => self.workload(origin, owner, Parts::At(object, path), None),
                Template::Found { metadata, spec } => {
                    self.workload(origin, owner, Parts::These { metadata, spec }, None);
                }
                Template::Composed(composed) => {
                    let object = composed.tree.node(composed.root);
                    let parts = Parts::At(object, Composed::PATH);
                    self.workload(origin, Owner { object, ..owner }, parts, Some(&composed.tree));
                }
            }
        }
    }

    /// Derives one workload. `through` is the tree that it is derived from, when that is not the
    /// origin's.
    fn workload(&mut self, origin: usize, owner: Owner<'_>, parts: Parts<'_>, through: Option<&Tree>) {
        let mut derivation = Derivation::new(Platform::Kubernetes, DocumentId(origin as u32), &mut *self.diagnostics);
        let Some(fields) = pod::derive(&mut derivation, owner, parts) else {
            return;
        };
        let (mut tree, root) = derivation.finish(fields, owner.object);
        if let Some(through) = through {
            tree.set_origins_through(through);
        }
        let draft = &self.out[origin];
        let workload = Draft {
            platform: Platform::Workload,
            tree: Arc::new(tree),
            root,
            origin: Some(origin),
            kind: draft.kind.clone(),
            namespace: draft.namespace.clone(),
            name: draft.name.clone(),
            address: draft.address.clone(),
            span: draft.span,
            rendered_from: draft.rendered_from.clone(),
            is_patch: draft.is_patch,
            configuration: None,
            references: Vec::new(),
            resource: None,
        };
        self.out.push(workload);
    }

    fn list(&mut self, list: NodeRef<'a>, item_kind: Option<&'a str>) {
        let Some(items) = list.get_present("items") else {
            return;
        };
        if !items.is_list() {
            self.wrong_type(items, "items", "a list of objects; none of them was judged");
            return;
        }
        let inherited = match (item_kind, list.get("apiVersion"), list.get("kind")) {
            (Some(kind), Some(api_version), Some(list_kind)) => Some(ItemType { api_version, kind, list_kind }),
            _ => None,
        };
        for item in items.items() {
            // Lists of lists are as deep as the loader lets a document be.
            if item.is_map() && (inherited.is_some() || recognize(item)) {
                self.object(item, item.span(), inherited);
            } else if item.is_map() {
                self.missing(
                    item.span(),
                    "This item of a list has no `apiVersion` and `kind`, so it was not judged. Kubernetes refuses it; \
                     add both.",
                );
            } else {
                self.wrong_type(item, "items", "a list of objects; this one was not judged");
            }
        }
    }

    /// A member that has to be a map.
    fn map_of(&mut self, node: NodeRef<'a>, key: &str) -> Option<NodeRef<'a>> {
        let member = node.get_present(key)?;
        if !member.is_map() && !member.is_unknown() {
            self.wrong_type(member, key, "a map");
        }
        Some(member)
    }

    fn name(&mut self, object: NodeRef<'a>, metadata: Option<NodeRef<'a>>, group: &str, kind: &str) -> &'a str {
        if metadata.is_some_and(NodeRef::is_unknown) {
            return "";
        }
        for key in ["name", "generateName"] {
            match metadata.and_then(|metadata| metadata.get_present(key)) {
                // Go cannot tell the empty string from an absent one.
                Some(name) if name.as_str() == Some("") => {}
                Some(name) if name.is_unknown() => return "",
                Some(name) => match (name.as_str(), name.as_number()) {
                    (Some(text), _) => return text,
                    (None, text) => {
                        self.wrong_type(name, key, "a string (put it in quotes)");
                        return text.unwrap_or("");
                    }
                },
                None => {}
            }
        }
        if kinds::needs_name(group, kind) {
            let place = metadata.filter(|node| node.is_map()).map_or_else(|| key_of(object, "kind"), NodeRef::span);
            self.missing(
                place,
                format!(
                    "This {kind} has no name, so Kubernetes refuses it and reports cannot tell it from others. Add \
                     `metadata.name` (or `metadata.generateName`)."
                ),
            );
        }
        ""
    }

    fn namespace_of(&mut self, metadata: Option<NodeRef<'a>>) -> Stated<'a> {
        let Some(metadata) = metadata else {
            return Stated::Absent;
        };
        if metadata.is_unknown() {
            return Stated::Other;
        }
        match metadata.get_present("namespace") {
            None => Stated::Absent,
            Some(node) => match node.as_str() {
                Some("") => Stated::Absent,
                Some(text) => Stated::Text(text),
                None => {
                    if !node.is_unknown() {
                        self.wrong_type(node, "namespace", "a string (put it in quotes)");
                    }
                    Stated::Other
                }
            },
        }
    }

    /// The object without what the cluster writes, and with the type that a typed list gives it. Most
    /// objects are their own body; others are copied, with their places.
    fn body(&self, object: NodeRef<'a>, inherited: Option<ItemType<'a>>) -> (Arc<Tree>, NodeId) {
        let inherited = inherited.filter(|_| object.str("kind").is_none() || object.str("apiVersion").is_none());
        let managed = object.get("metadata").is_some_and(|metadata| metadata.get("managedFields").is_some());
        if inherited.is_none() && !managed && object.get("status").is_none() {
            return (Arc::clone(self.tree), object.id());
        }
        let mut builder = TreeBuilder::new();
        let mut entries = Vec::with_capacity(object.entries().len() + 2);
        if let Some(item) = inherited {
            let api_version = builder.copy(item.api_version);
            entries.push(builder.entry("apiVersion", item.api_version.span(), api_version));
            let kind = builder.string(item.list_kind.span(), item.kind);
            entries.push(builder.entry("kind", item.list_kind.span(), kind));
        }
        for (key, key_span, member) in object.keyed_entries() {
            let node = match key {
                "status" => continue,
                "apiVersion" | "kind" if inherited.is_some() => continue,
                "metadata" if managed => copy_without(&mut builder, member, "managedFields"),
                _ => builder.copy(member),
            };
            entries.push(builder.entry(key, key_span, node));
        }
        let root = builder.map(object.span(), &entries);
        (Arc::new(builder.finish()), root)
    }

    fn missing(&mut self, place: Span, message: impl Into<String>) {
        // What another document does not state may be filled in by who applies it.
        if self.made_from.is_some() {
            return;
        }
        self.diagnostics.push(Diagnostic::at(Code::MissingField, place, message));
    }

    fn wrong_type(&mut self, node: NodeRef<'_>, name: &str, expected: &str) {
        self.diagnostics.push(Diagnostic::at(
            Code::WrongType,
            node.span(),
            format!("`{name}` must be {expected}, but it is {}.", found(node)),
        ));
    }
}

/// What an object says of its namespace.
enum Stated<'a> {
    Absent,
    Text(&'a str),
    /// Something that is no text: unknown, or of a wrong type.
    Other,
}

/// For a list the kind of its items, where the list names one. `AllowList` and the like are lists
/// only when they have items and nothing that an object would have.
fn list_of<'a>(node: NodeRef<'a>, kind: &'a str) -> Option<Option<&'a str>> {
    match kind.strip_suffix("List") {
        Some("") => Some(None),
        Some(item) if node.get("items").is_some_and(|items| !matches!(items.value(), Value::Map(_))) => {
            node.get("spec").is_none().then_some(Some(item))
        }
        _ => None,
    }
}

fn copy_without(builder: &mut TreeBuilder, map: NodeRef<'_>, left_out: &str) -> NodeId {
    let mut entries: Vec<Entry> = Vec::with_capacity(map.entries().len());
    for (key, key_span, member) in map.keyed_entries().filter(|(key, _, _)| *key != left_out) {
        let copied = builder.copy(member);
        entries.push(builder.entry(key, key_span, copied));
    }
    builder.map(map.span(), &entries)
}

/// Where a key stands, else where the map is.
fn key_of(map: NodeRef<'_>, key: &str) -> Span {
    map.get_keyed(key).map_or_else(|| map.span(), |(span, _)| span)
}
