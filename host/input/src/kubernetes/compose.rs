//! Pod templates that no file holds: what a controller makes of several parts of a custom resource.
//!
//! Argo and Tekton write containers, defaults and pod settings in places of their own and make a pod
//! of them. A [`Composer`] does the same: it builds the pod template as a tree whose every node stands
//! for a node of the resource, so that the workload is derived from it like from any other and all
//! places are those of the file. [`Composer::merge`] merges as `strategicpatch` of
//! k8s.io/apimachinery does, which both projects use: maps member by member, the lists of
//! [`MERGE_KEYS`] element by element, all other values as a whole.
//!
//! Placeholders that the controller fills in when it makes the pod (`{{inputs.parameters.image}}`,
//! `$(params.image)`) are unknown, with the text around them as `$parts`.

use std::collections::HashMap;

use verdikt_model::{DocumentId, Entry, NodeId, NodeRef, Provenance, Span, Tree, TreeBuilder, Value};

/// The lists of a pod spec that merge by a member of their elements: the `patchMergeKey` tags of
/// core/v1.
const MERGE_KEYS: [(&str, &str); 11] = [
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("imagePullSecrets", "name"),
    ("resourceClaims", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("ports", "containerPort"),
    ("topologySpreadConstraints", "topologyKey"),
];

/// A pod template as a controller makes it, in an object that has the names of its resource.
#[derive(Debug)]
pub(crate) struct Composed {
    pub(crate) tree: Tree,
    /// An object with `apiVersion`, `kind`, `metadata` and the `template`.
    pub(crate) root: NodeId,
}

impl Composed {
    /// The members that lead to the template.
    pub(crate) const PATH: &'static [&'static str] = &["template"];
}

/// One of the values that are merged.
#[derive(Clone, Copy)]
pub(super) struct Layer<'a> {
    pub(super) node: NodeRef<'a>,
    /// For a value of a text that the resource holds: the node of that text, which has the place.
    quoted: Option<NodeRef<'a>>,
    /// How provenance names the part of the resource that this is from, when it is not the container
    /// or template itself.
    from: Option<&'static str>,
}

impl<'a> Layer<'a> {
    /// What the template or container states itself.
    pub(super) fn own(node: NodeRef<'a>) -> Self {
        Layer { node, quoted: None, from: None }
    }

    /// What it gets from elsewhere.
    pub(super) fn from(node: NodeRef<'a>, from: &'static str) -> Self {
        Layer { node, quoted: None, from: Some(from) }
    }

    /// A value of the text that `text` is.
    pub(super) fn quoted(node: NodeRef<'a>, text: NodeRef<'a>, from: &'static str) -> Self {
        Layer { node, quoted: Some(text), from: Some(from) }
    }

    /// The same for another node of the same part.
    pub(super) fn with(self, node: NodeRef<'a>) -> Self {
        Layer { node, ..self }
    }

    /// The same for a member that is there and not null.
    pub(super) fn member(self, key: &str) -> Option<Self> {
        self.node.get_present(key).map(|node| self.with(node))
    }

    pub(super) fn is_quoted(self) -> bool {
        self.quoted.is_some()
    }

    /// The node of the resource that it stands for.
    fn origin(self) -> NodeRef<'a> {
        self.quoted.unwrap_or(self.node)
    }

    fn span(self) -> Span {
        self.origin().span()
    }
}

/// Which texts a controller fills in.
#[derive(Clone, Copy)]
pub(super) struct Placeholders {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// What follows `open`; empty when anything may.
    pub(super) words: &'static [&'static str],
    /// What fills them in.
    pub(super) why: &'static str,
}

impl Placeholders {
    /// The pieces of a text, `None` for a placeholder; `None` when the text has none.
    fn split(self, text: &str) -> Option<Vec<Option<&str>>> {
        let mut pieces = Vec::new();
        let (mut plain, mut from) = (0, 0);
        while let Some(at) = text[from..].find(self.open).map(|at| from + at) {
            let inside = &text[at + self.open.len()..];
            from = at + self.open.len();
            let filled = self.words.is_empty() || self.words.iter().any(|word| inside.starts_with(word));
            let Some(end) = inside.find(self.close).filter(|_| filled) else { continue };
            if plain < at {
                pieces.push(Some(&text[plain..at]));
            }
            pieces.push(None);
            from += end + self.close.len();
            plain = from;
        }
        if pieces.is_empty() {
            return None;
        }
        if plain < text.len() {
            pieces.push(Some(&text[plain..]));
        }
        Some(pieces)
    }
}

/// Builds one pod template.
pub(super) struct Composer {
    builder: TreeBuilder,
    placeholders: Placeholders,
}

impl Composer {
    pub(super) fn new(placeholders: Placeholders) -> Self {
        // The tree itself never leaves this module's users, so which document it names is all one.
        Composer { builder: TreeBuilder::derived_from(DocumentId(0)), placeholders }
    }

    /// Ends the template: `metadata` and `spec` are the pod's, the names those of `object`.
    pub(super) fn finish(mut self, object: NodeRef<'_>, metadata: Option<NodeId>, spec: NodeId) -> Composed {
        let mut template = Members::default();
        template.put_some(&mut self, "metadata", metadata);
        template.put(&mut self, "spec", spec);
        let template = self.map(template, object);
        let mut root = Members::default();
        for key in ["apiVersion", "kind"] {
            let value = object.get(key).map(|node| self.copy(Layer::own(node)));
            root.put_some(&mut self, key, value);
        }
        if let Some(own) = object.get_present("metadata") {
            let mut names = Members::default();
            for key in ["name", "generateName", "namespace"] {
                let value = own.get(key).map(|node| self.builder.copy(node));
                names.put_some(&mut self, key, value);
            }
            let names = if own.is_map() { self.map(names, own) } else { self.builder.copy(own) };
            root.put(&mut self, "metadata", names);
        }
        root.put(&mut self, "template", template);
        let root = self.map(root, object);
        Composed { tree: self.builder.finish(), root }
    }

    pub(super) fn map(&mut self, members: Members, source: NodeRef<'_>) -> NodeId {
        let id = self.builder.map(source.span(), &members.entries);
        self.builder.set_origin(id, source.id());
        id
    }

    pub(super) fn list(&mut self, items: &[NodeId], source: NodeRef<'_>) -> NodeId {
        let id = self.builder.list(source.span(), items);
        self.builder.set_origin(id, source.id());
        id
    }

    pub(super) fn text(&mut self, text: &str, source: Layer<'_>) -> NodeId {
        let id = self.builder.string(source.span(), text);
        self.builder.set_origin(id, source.origin().id());
        id
    }

    pub(super) fn unknown(&mut self, why: &str, source: Layer<'_>) -> NodeId {
        let id = self.builder.unknown(source.span(), why, &[]);
        self.builder.set_origin(id, source.origin().id());
        id
    }

    /// A map that was built, with one member set. What is no map, such as an unknown value, stays.
    pub(super) fn with_member(&mut self, map: NodeId, key: &str, value: NodeId) -> NodeId {
        if !self.builder.node(map).is_map() {
            return map;
        }
        let mut entries = self.builder.map_entries(map).to_vec();
        entries.retain(|entry| self.builder.key(entry) != key);
        let built = self.builder.node(map);
        let (span, origin) = (built.span(), built.origin());
        let member_span = self.builder.node(value).span();
        entries.push(self.builder.entry(key, member_span, value));
        let id = self.builder.map(span, &entries);
        if let Some((_, origin)) = origin {
            self.builder.set_origin(id, origin);
        }
        id
    }

    /// Copies a value with everything below it.
    pub(super) fn copy(&mut self, layer: Layer<'_>) -> NodeId {
        // The recursion is bounded by the depth limit of the loaders.
        let node = layer.node;
        let id = match node.value() {
            Value::List(_) => {
                let items: Vec<NodeId> = node.items().map(|item| self.copy(layer.with(item))).collect();
                self.builder.list(layer.span(), &items)
            }
            Value::Map(_) => {
                let mut members = Members::default();
                for (key, span, member) in node.keyed_entries() {
                    let copied = self.copy(layer.with(member));
                    members.put_at(self, key, layer.quoted.map_or(span, NodeRef::span), copied);
                }
                self.builder.map(layer.span(), &members.entries)
            }
            Value::String(_) if let Some(pieces) = node.as_str().and_then(|text| self.placeholders.split(text)) => {
                self.filled_in(&pieces, layer.span())
            }
            _ if layer.quoted.is_none() => self.builder.copy(node),
            Value::Null => self.builder.null(layer.span()),
            Value::Bool(value) => self.builder.bool(layer.span(), value),
            Value::Number(_) => self.builder.number(layer.span(), node.as_number().unwrap_or("0")),
            Value::String(_) => self.builder.string(layer.span(), node.as_str().unwrap_or_default()),
            Value::Unknown(_) => self.builder.unknown(layer.span(), "a value that cannot be read", &[]),
        };
        self.builder.set_origin(id, layer.origin().id());
        if let Some(from) = layer.from {
            self.builder.add_provenance(id, Provenance { what: from.to_owned(), span: layer.span() });
        }
        id
    }

    fn filled_in(&mut self, pieces: &[Option<&str>], span: Span) -> NodeId {
        let why = self.placeholders.why;
        let pieces: Vec<NodeId> = pieces
            .iter()
            .map(|piece| match piece {
                Some(text) => self.builder.string(span, text),
                None => self.builder.null(span),
            })
            .collect();
        let parts = self.builder.list(span, &pieces);
        self.builder.unknown(span, why, &[("$parts", parts)])
    }

    /// Merges values of a field, the strongest first. `None` when none is stated.
    pub(super) fn merge(&mut self, field: &str, layers: &[Layer<'_>]) -> Option<NodeId> {
        let mut stated = Vec::with_capacity(layers.len());
        for layer in layers {
            match layer.node.value() {
                // A patch removes what it sets to null; elsewhere null is absent.
                Value::Null if layer.quoted.is_some() => break,
                Value::Null => {}
                _ => stated.push(*layer),
            }
        }
        let (first, weaker) = stated.split_first()?;
        let merged = match first.node.value() {
            _ if weaker.is_empty() => self.copy(*first),
            Value::Map(_) => {
                let maps: Vec<Layer<'_>> = stated.iter().copied().take_while(|layer| layer.node.is_map()).collect();
                match stated.get(maps.len()).filter(|hidden| hidden.node.is_unknown()) {
                    // What it would give to the maps above cannot be told from what it would not.
                    Some(hidden) => self.copy(*hidden),
                    None => self.merge_maps(field, &maps),
                }
            }
            Value::List(_) if let Some((_, key)) = MERGE_KEYS.iter().find(|(name, _)| *name == field) => {
                self.merge_lists(field, key, &stated)
            }
            _ => self.copy(*first),
        };
        Some(merged)
    }

    fn merge_maps(&mut self, field: &str, maps: &[Layer<'_>]) -> NodeId {
        let strongest = maps[0];
        if let Some(directed) = maps.iter().find(|layer| has_directive(**layer)) {
            return self.unknown("a patch with a directive such as `$patch` decides it", *directed);
        }
        // An environment variable has a value or a source, never both: the stronger one.
        let states = |key: &str| strongest.node.get_present(key).is_some();
        let maps = if field == "env" && (states("value") || states("valueFrom")) { &maps[..1] } else { maps };
        let mut order = Vec::new();
        let mut by_key: HashMap<&str, Vec<Layer<'_>>> = HashMap::new();
        for layer in maps {
            for (key, span, member) in layer.node.keyed_entries() {
                let layers = by_key.entry(key).or_default();
                if layers.is_empty() {
                    order.push((key, layer.quoted.map_or(span, NodeRef::span)));
                }
                layers.push(layer.with(member));
            }
        }
        let mut members = Members::default();
        for (key, span) in order {
            if let Some(merged) = by_key.get(key).and_then(|layers| self.merge(key, layers)) {
                members.put_at(self, key, span, merged);
            }
        }
        let id = self.builder.map(strongest.span(), &members.entries);
        self.builder.set_origin(id, strongest.origin().id());
        id
    }

    fn merge_lists(&mut self, field: &str, merge_key: &str, lists: &[Layer<'_>]) -> NodeId {
        let mut groups: Vec<Vec<Layer<'_>>> = Vec::new();
        let mut by_key: HashMap<String, usize> = HashMap::new();
        for layer in lists {
            // What is no list beside lists is one element that cannot be known, or that has a wrong type.
            let single = (!layer.node.is_list()).then_some(layer.node);
            for item in layer.node.items().chain(single) {
                let Some(key) = item.get_present(merge_key).map(NodeRef::to_json) else {
                    groups.push(vec![layer.with(item)]);
                    continue;
                };
                match by_key.get(&key) {
                    Some(group) => groups[*group].push(layer.with(item)),
                    None => {
                        by_key.insert(key, groups.len());
                        groups.push(vec![layer.with(item)]);
                    }
                }
            }
        }
        let items: Vec<NodeId> = groups.iter().filter_map(|layers| self.merge(field, layers)).collect();
        let strongest = lists[0];
        let id = self.builder.list(strongest.span(), &items);
        self.builder.set_origin(id, strongest.origin().id());
        id
    }

    /// Reads back what was built so far.
    pub(super) fn node(&self, id: NodeId) -> NodeRef<'_> {
        self.builder.node(id)
    }
}

/// The members of a map that is being built.
#[derive(Default)]
pub(super) struct Members {
    entries: Vec<Entry>,
}

impl Members {
    pub(super) fn put(&mut self, composer: &mut Composer, key: &str, value: NodeId) {
        let span = composer.builder.node(value).span();
        self.put_at(composer, key, span, value);
    }

    pub(super) fn put_some(&mut self, composer: &mut Composer, key: &str, value: Option<NodeId>) {
        if let Some(value) = value {
            self.put(composer, key, value);
        }
    }

    fn put_at(&mut self, composer: &mut Composer, key: &str, span: Span, value: NodeId) {
        let entry = composer.builder.entry(key, span, value);
        self.entries.push(entry);
    }
}

/// Whether a map of a patch says by a member such as `$patch` what is to be done with it.
fn has_directive(layer: Layer<'_>) -> bool {
    layer.quoted.is_some() && layer.node.entries().any(|(key, _)| key.starts_with('$'))
}
