//! Resources of the Kubernetes providers as Kubernetes objects: what the provider sends to the cluster.
//!
//! - `kubernetes_manifest` holds an object as it is, `kubectl_manifest` (of the providers gavinbunney/kubectl and
//!   alekc/kubectl) one as YAML;
//! - the other resources of hashicorp/kubernetes write objects as blocks (`blocks`, `kinds`);
//! - `kubernetes_labels` and `kubernetes_annotations` change an object that is elsewhere, and are documents as patches
//!   are.

use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, DocumentId, Entry, NodeId, NodeRef, Span, Tree, TreeBuilder};

use self::blocks::{Block, Kind, Literal};
use super::convert::{self, Reader, Target, stand_for};
use super::{Decoded, Output, Resource, SEVERAL, Single, member, refused, single};
use crate::InputLimits;
use crate::kubernetes::{MadeFrom, push_object};
use crate::syntax::yaml;

mod blocks;
mod kinds;
mod scalars;

/// The resource that holds an object, and its argument.
pub(super) const OBJECT: &str = "kubernetes_manifest";
pub(super) const OBJECT_MANIFEST: &str = "manifest";
/// The resource that holds an object as YAML, and its argument.
pub(super) const TEXT: &str = "kubectl_manifest";
pub(super) const TEXT_MANIFEST: &str = "yaml_body";

/// Nodes of a YAML text in a resource. No cluster stores an object that large.
const MOST_NODES: usize = 100_000;

/// Adds the objects of a resource and their workloads, if it has any. `origin` is the resource's own draft.
pub(super) fn push(resource: &Resource, origin: usize, out: &mut Output<'_>) {
    let made = |is_patch| MadeFrom { origin, address: &resource.address, is_patch };
    let (tree, root) = match resource.kind.as_str() {
        OBJECT => whole(resource, manifest(resource, OBJECT_MANIFEST, out), origin, out),
        TEXT => match manifest(resource, TEXT_MANIFEST, out) {
            text if text.as_str().is_some() => return of_yaml(resource, text, made(false), out),
            // What a text encodes of which only parts are unknown.
            text => {
                let said = match resource.decoded(text) {
                    Some(Decoded::Said(said)) => Some(resource.tree.node(said)),
                    _ => text.unknown_entry("$json"),
                };
                whole(resource, said.unwrap_or(text), origin, out)
            }
        },
        "kubernetes_labels" => patch(resource, "labels", origin),
        "kubernetes_annotations" => patch(resource, "annotations", origin),
        kind => match kinds::find(kind) {
            Some(kind) => object(resource, kind, origin, out.diagnostics),
            None => return,
        },
    };
    let is_patch = matches!(resource.kind.as_str(), "kubernetes_labels" | "kubernetes_annotations");
    push_object(&tree, tree.node(root), resource.span, made(is_patch), out.settings, out.drafts, out.diagnostics);
}

/// The object of a resource, or the body where there is none: the providers demand the argument, and what it was meant to
/// be is not known.
fn manifest<'r>(resource: &'r Resource, key: &str, out: &mut Output<'_>) -> NodeRef<'r> {
    let body = resource.body();
    member(body, key).map_or_else(
        || {
            out.diagnostics.push(missing(resource, &format!("argument `{key}`"), resource.span));
            body
        },
        |(_, node)| node,
    )
}

/// What is said where something is missing that the provider demands.
fn missing(resource: &Resource, what: &str, place: Span) -> Diagnostic {
    let message = format!(
        "`{}` has no {what}, so that Terraform refuses it and nothing is known of what it should be. Add it.",
        resource.address
    );
    Diagnostic::at(Code::TerraformRefuses, place, message)
}

/// An object that a resource holds as a whole. One of an unknown kind is judged by its shape, and one that is
/// unknown altogether as a pod of which nothing is known: it may be one, and what cannot be known must not pass.
fn whole(resource: &Resource, object: NodeRef<'_>, origin: usize, out: &mut Output<'_>) -> (Arc<Tree>, NodeId) {
    let mut builder = TreeBuilder::derived_from(DocumentId(origin as u32));
    let span = object.span();
    // A body in the place of an object says nothing of one.
    let is_missing = object.id() == resource.root && !object.is_unknown();
    let has_types =
        resource.kind == OBJECT && object.str("apiVersion").is_some_and(crate::kubernetes::kinds::is_built_in_version);
    let why = object.unknown_entry("$unknown").and_then(NodeRef::as_str);
    let root = if is_missing {
        unknown_pod(&mut builder, resource, None)
    } else if object.str("kind").is_some() && has_types {
        scalars::manifest(&mut builder, object, "")
    } else if object.str("kind").is_some() {
        builder.copy(object)
    } else if let Some(kind) = kind_by_shape(object) {
        let mut entries = Vec::new();
        for (key, key_span, node) in object.known_entries().filter(|(key, ..)| *key != "kind") {
            let node = builder.copy(node);
            entries.push(builder.entry(key, key_span, node));
        }
        let place = object.get("kind").unwrap_or(object).span();
        let kind = builder.string(place, kind);
        entries.push(builder.entry("kind", place, kind));
        match why {
            Some(why) => builder.unknown_map(span, why, &[], &entries),
            None => builder.map(span, &entries),
        }
    } else {
        let why = why.map_or(String::new(), |why| format!(" ({why})"));
        let text = format!(
            "`{}` holds a Kubernetes object that cannot be known{why}; it was judged as a pod of which nothing is known.",
            resource.address
        );
        out.note(resource.span, text);
        // A text or a list in place of an object is as good as unknown: the provider refuses it.
        unknown_pod(&mut builder, resource, Some(object).filter(|object| object.is_unknown()))
    };
    (Arc::new(builder.finish()), root)
}

/// A pod of which nothing is known but what is said of it.
fn unknown_pod(builder: &mut TreeBuilder, resource: &Resource, known: Option<NodeRef<'_>>) -> NodeId {
    let span = known.map_or(resource.body().span(), NodeRef::span);
    let (version, kind) = (builder.string(span, "v1"), builder.string(span, "Pod"));
    let name = builder.string(span, &resource.name);
    let name = builder.entry("name", span, name);
    let metadata = builder.map(span, &[name]);
    let spec = match known {
        Some(known) => builder.copy(known),
        None => builder.unknown(span, "no object", &[]),
    };
    let members = [("apiVersion", version), ("kind", kind), ("metadata", metadata), ("spec", spec)];
    let entries = members.map(|(key, node)| builder.entry(key, span, node));
    builder.map(span, &entries)
}

/// The kind of which an object has the shape, where its own cannot be known.
fn kind_by_shape(object: NodeRef<'_>) -> Option<&'static str> {
    let has = |path: &[&str]| object.path(path).is_some();
    match () {
        () if has(&["spec", "jobTemplate"]) => Some("CronJob"),
        () if has(&["spec", "template"]) => Some("Deployment"),
        () if has(&["spec", "containers"]) || object.get("spec").is_some_and(NodeRef::is_unknown) => Some("Pod"),
        () => None,
    }
}

/// The objects of a YAML text; each part of them stands where the text stands.
fn of_yaml(resource: &Resource, text: NodeRef<'_>, made: MadeFrom<'_>, out: &mut Output<'_>) {
    let mut problems = Vec::new();
    // Aliases share what they stand for, and the copy does not.
    let limits = InputLimits { nodes: out.limits.nodes.min(MOST_NODES), ..*out.limits };
    let parsed = yaml::load(text.span().file, text.as_str().unwrap_or_default(), &limits, &mut problems);
    for document in parsed {
        let mut builder = TreeBuilder::derived_from(DocumentId(made.origin as u32));
        let root = moved(&mut builder, document.tree.node(document.root), text);
        let tree = Arc::new(builder.finish());
        push_object(&tree, tree.node(root), resource.span, made, out.settings, out.drafts, out.diagnostics);
    }
    for mut problem in problems {
        problem.place = verdikt_model::DiagnosticPlace::Span(text.span());
        out.diagnostics.push(problem);
    }
}

/// Copies a node to the place of a text. The loader's limit on depth bounds the recursion.
fn moved(builder: &mut TreeBuilder, node: NodeRef<'_>, text: NodeRef<'_>) -> NodeId {
    let span = text.span();
    let id = if node.is_map() {
        let mut entries: Vec<Entry> = Vec::with_capacity(node.entries().len());
        for (key, member) in node.entries() {
            let member = moved(builder, member, text);
            entries.push(builder.entry(key, span, member));
        }
        builder.map(span, &entries)
    } else if node.is_list() {
        let items: Vec<NodeId> = node.items().map(|item| moved(builder, item, text)).collect();
        builder.list(span, &items)
    } else {
        let copied = builder.copy(node);
        builder.moved(copied, span)
    };
    stand_for(builder, id, text);
    id
}

/// An object of which a resource states some metadata.
fn patch(resource: &Resource, member: &str, origin: usize) -> (Arc<Tree>, NodeId) {
    let body = resource.body();
    let mut builder = TreeBuilder::derived_from(DocumentId(origin as u32));
    let mut entries = Vec::new();
    for (from, to) in [("api_version", "apiVersion"), ("kind", "kind")] {
        if let Some((key, node)) = body.get_keyed(from) {
            let node = builder.copy(node);
            entries.push(builder.entry(to, key, node));
        }
    }
    let mut metadata = Vec::new();
    let stated = body.get_present("metadata");
    let stated = stated.and_then(|metadata| if metadata.is_list() { metadata.item(0) } else { Some(metadata) });
    let named =
        stated.into_iter().flat_map(NodeRef::keyed_entries).filter(|(key, _, _)| matches!(*key, "name" | "namespace"));
    for (key, key_span, node) in named.chain(body.get_keyed(member).map(|(span, node)| (member, span, node))) {
        if !node.is_null() {
            let node = if key == member { convert::texts(&mut builder, node) } else { builder.copy(node) };
            metadata.push(builder.entry(key, key_span, node));
        }
    }
    let metadata = builder.map(stated.unwrap_or(body).span(), &metadata);
    entries.push(builder.entry("metadata", stated.unwrap_or(body).span(), metadata));
    let root = builder.map(body.span(), &entries);
    builder.set_origin(root, resource.root);
    (Arc::new(builder.finish()), root)
}

/// The object that a resource writes as blocks.
fn object(
    resource: &Resource,
    kind: kinds::Kind,
    origin: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Arc<Tree>, NodeId) {
    let body = resource.body();
    let builder = TreeBuilder::derived_from(DocumentId(origin as u32));
    let mut object = Object { builder, resource, diagnostics };
    let mut entries = Vec::new();
    for (key, text) in [("apiVersion", kind.api_version), ("kind", kind.kind)] {
        let text = object.builder.string(body.span(), text);
        object.builder.set_origin(text, resource.root);
        entries.push(object.builder.entry(key, body.span(), text));
    }
    object.members(body, kind.block, &mut entries);
    let root = object.builder.map(body.span(), &entries);
    object.builder.set_origin(root, resource.root);
    (Arc::new(object.builder.finish()), root)
}

struct Object<'o> {
    builder: TreeBuilder,
    resource: &'o Resource,
    diagnostics: &'o mut Vec<Diagnostic>,
}

// The recursions are as deep as the tables, or bounded by the depth of values.
impl Object<'_> {
    fn members(&mut self, of: NodeRef<'_>, block: &Block, entries: &mut Vec<Entry>) {
        // Of what is unknown altogether, each member is.
        let all = block.fields.iter().filter(|_| of.is_unknown()).map(|(from, ..)| (*from, of.span(), of));
        for (key, key_span, node) in of.keyed_entries().filter(|(_, _, node)| !node.is_null()).chain(all) {
            let field = block.fields.iter().find(|(from, ..)| *from == key);
            let (to, kind) = match field {
                Some((_, to, kind)) => ((*to).to_owned(), *kind),
                None if block.open => (in_camel_case(key), Kind::Same),
                None => continue,
            };
            if let Kind::Inline(inner) = kind {
                match single(node) {
                    Single::Nothing => {}
                    Single::One(node) => self.members(node, inner, entries),
                    Single::Unsure | Single::Several => {
                        let several = self.several(key, node);
                        entries.push(self.builder.entry(key, key_span, several));
                    }
                }
                continue;
            }
            let built = match field {
                // A block that this table does not know: what it says must not pass for being absent.
                None if node.items().any(NodeRef::is_map) => {
                    let why = format!("the block `{key}` of the provider is not known here");
                    Some(self.builder.unknown(node.span(), &why, &[]))
                }
                _ => self.value((key, &to), node, kind),
            };
            if let Some(built) = built {
                entries.push(self.builder.entry(&to, key_span, built));
            }
        }
        for (from, to) in block.required {
            if of.is_map() && !entries.iter().any(|entry| self.builder.key(entry) == *to) {
                self.diagnostics.push(missing(self.resource, &format!("block `{from}`"), of.span()));
                let node = self.builder.unknown(of.span(), &format!("the block `{from}` is missing"), &[]);
                entries.push(self.builder.entry(to, of.span(), node));
            }
        }
        for (name, literal) in block.defaults {
            if entries.iter().any(|entry| self.builder.key(entry) == *name) {
                continue;
            }
            let node = match literal {
                Literal::Bool(value) => self.builder.bool(of.span(), *value),
                Literal::Text(text) => self.builder.string(of.span(), text),
            };
            self.builder.set_origin(node, of.id());
            entries.push(self.builder.entry(name, of.span(), node));
        }
    }

    /// What nobody can know since several blocks stand where one may be.
    fn several(&mut self, name: &str, blocks: NodeRef<'_>) -> NodeId {
        if matches!(single(blocks), Single::Several) {
            self.diagnostics.push(refused(self.resource, name, blocks));
        }
        self.builder.unknown(blocks.span(), SEVERAL, &[])
    }

    /// The names are Terraform's and the API's.
    fn value(&mut self, names: (&str, &str), node: NodeRef<'_>, kind: Kind) -> Option<NodeId> {
        if node.is_unknown() {
            return Some(self.unknown(names, node, kind));
        }
        match kind {
            Kind::Block(block) => match single(node) {
                Single::Nothing => None,
                Single::One(node) => self.block(node, block),
                Single::Unsure | Single::Several => Some(self.several(names.0, node)),
            },
            Kind::First(block) => self.block(if node.is_list() { node.item(0)? } else { node }, block),
            // Terraform refuses a map that is given as an argument in the place of a block; what it would be is clear.
            Kind::Blocks(block) if node.is_map() => {
                let item = self.block(node, block)?;
                let list = self.builder.list(node.span(), &[item]);
                stand_for(&mut self.builder, list, node);
                Some(list)
            }
            Kind::Blocks(block) if node.is_list() => {
                let items: Vec<NodeId> = node.items().filter_map(|item| self.block(item, block)).collect();
                let list = self.builder.list(node.span(), &items);
                stand_for(&mut self.builder, list, node);
                Some(list)
            }
            Kind::Sources(block) if node.is_list() => {
                let mut sources = Vec::new();
                for item in node.items() {
                    self.sources(item, block, &mut sources);
                }
                let list = self.builder.list(node.span(), &sources);
                stand_for(&mut self.builder, list, node);
                Some(list)
            }
            Kind::Secret => {
                let copied = convert::texts(&mut self.builder, node);
                super::encoded::mark(&mut self.builder, copied);
                Some(copied)
            }
            Kind::NonZero if matches!(node.as_number().or(node.as_str()), Some("0")) => None,
            Kind::Integers => Some(convert::elements(&mut self.builder, node, Target::Integer, Reader::Schema)),
            // Terraform's older interface for providers cannot tell an empty text from none.
            _ if node.as_str() == Some("") => None,
            Kind::Integer | Kind::NonZero | Kind::IntegerOrText | Kind::Octal => Some(self.number(node, kind)),
            _ => Some(scalars::argument(&mut self.builder, node, names.1)),
        }
    }

    fn block(&mut self, node: NodeRef<'_>, block: &Block) -> Option<NodeId> {
        if node.is_unknown() {
            // One that may be there is in its alternatives what it would be.
            let Some(alternatives) = node.unknown_entry("$any") else { return Some(self.builder.copy(node)) };
            let mut items = Vec::new();
            for item in alternatives.items() {
                let built = if item.is_null() { None } else { self.block(item, block) };
                items.push(built.unwrap_or_else(|| self.builder.null(item.span())));
            }
            return Some(convert::unknown(&mut self.builder, node, alternatives.span(), &items));
        }
        // A block with nothing in it may be null in a plan.
        let mut entries = Vec::new();
        self.members(node, block, &mut entries);
        let id = self.builder.map(node.span(), &entries);
        stand_for(&mut self.builder, id, node);
        Some(id)
    }

    /// Each block of a group of projected sources as a source of its own.
    fn sources(&mut self, group: NodeRef<'_>, block: &Block, out: &mut Vec<NodeId>) {
        if !group.is_map() {
            out.push(self.without_alternatives(group));
            return;
        }
        for (key, key_span, node) in group.keyed_entries().filter(|(_, _, node)| !node.is_null()) {
            let Some((_, to, Kind::Blocks(inner))) = block.fields.iter().find(|(from, ..)| *from == key) else {
                continue;
            };
            if node.is_unknown() {
                out.push(self.without_alternatives(node));
            }
            for item in node.items() {
                if let Some(built) = self.block(item, inner) {
                    let entry = self.builder.entry(to, key_span, built);
                    let source = self.builder.map(item.span(), &[entry]);
                    self.builder.set_origin(source, item.id());
                    out.push(source);
                }
            }
        }
    }

    /// An unknown value of which nobody says what it can be: in Terraform's words that would mean something else.
    fn without_alternatives(&mut self, node: NodeRef<'_>) -> NodeId {
        let why = node.unknown_entry("$unknown").and_then(NodeRef::as_str).unwrap_or("a value that cannot be known");
        let id = self.builder.unknown(node.span(), why, &[]);
        stand_for(&mut self.builder, id, node);
        id
    }

    /// A number that is a text for the provider.
    fn number(&mut self, node: NodeRef<'_>, kind: Kind) -> NodeId {
        let number = node.as_str().and_then(|text| match kind {
            Kind::Octal => i64::from_str_radix(text, 8).ok(),
            _ => text.parse::<i64>().ok(),
        });
        let Some(number) = number else { return self.builder.copy(node) };
        let id = self.builder.number(node.span(), &number.to_string());
        stand_for(&mut self.builder, id, node);
        id
    }

    /// An unknown value with alternatives that are what the API has in its place.
    fn unknown(&mut self, names: (&str, &str), node: NodeRef<'_>, kind: Kind) -> NodeId {
        let Some(alternatives) = node.unknown_entry("$any").filter(|_| !matches!(kind, Kind::Secret)) else {
            return self.builder.copy(node);
        };
        let items: Vec<NodeId> = alternatives
            .items()
            .map(|item| self.value(names, item, kind).unwrap_or_else(|| self.builder.null(item.span())))
            .collect();
        convert::unknown(&mut self.builder, node, alternatives.span(), &items)
    }
}

/// Words that the Kubernetes API writes with capitals where they do not begin a name.
const ACRONYMS: [&str; 7] = ["id", "ip", "ipc", "pid", "uri", "uuid", "wwn"];

/// Names that do not follow the rule.
const IRREGULAR: [(&str, &str); 9] = [
    ("ceph_monitors", "monitors"),
    ("cluster_ips", "clusterIPs"),
    ("data_disk_uri", "diskURI"),
    ("external_ips", "externalIPs"),
    ("non_resource_urls", "nonResourceURLs"),
    ("rados_user", "user"),
    ("rbd_image", "image"),
    ("rbd_pool", "pool"),
    ("target_ww_ns", "targetWWNs"),
];

/// A name of the provider as the API writes it: `run_as_non_root` is `runAsNonRoot`.
fn in_camel_case(name: &str) -> String {
    if let Some((_, irregular)) = IRREGULAR.iter().find(|(from, _)| *from == name) {
        return (*irregular).to_owned();
    }
    let mut out = String::with_capacity(name.len());
    for (index, word) in name.split('_').enumerate() {
        let mut letters = word.chars();
        match letters.next() {
            _ if index > 0 && ACRONYMS.contains(&word) => out.push_str(&word.to_ascii_uppercase()),
            Some(first) if index > 0 => {
                out.extend(first.to_uppercase());
                out.push_str(letters.as_str());
            }
            _ => out.push_str(word),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_api() {
        for (name, expected) in [
            ("image", "image"),
            ("run_as_non_root", "runAsNonRoot"),
            ("host_ipc", "hostIPC"),
            ("host_pid", "hostPID"),
            ("host_ip", "hostIP"),
            ("cluster_ip", "clusterIP"),
            ("external_ips", "externalIPs"),
            ("load_balancer_ip", "loadBalancerIP"),
            ("api_version", "apiVersion"),
            ("api_groups", "apiGroups"),
            ("ip_families", "ipFamilies"),
            ("non_resource_urls", "nonResourceURLs"),
            ("volume_id", "volumeID"),
            ("automount_service_account_token", "automountServiceAccountToken"),
        ] {
            assert_eq!(in_camel_case(name), expected);
        }
    }
}
