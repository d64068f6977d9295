//! One derivation: the tree that grows, the origin it reads, and what is wrong with the origin.

use verdikt_model::{
    Code, Diagnostic, DocumentId, Entry, NodeId, NodeRef, Platform, Provenance, Span, Tree, TreeBuilder, Value,
};

use crate::workload::Shape;

/// A workload that is being derived from one origin document.
pub(crate) struct Derivation<'d> {
    pub(crate) builder: TreeBuilder,
    pub(crate) diagnostics: &'d mut Vec<Diagnostic>,
    platform: Platform,
    /// Whether wrong types are not reported: somebody else does it, or nobody can.
    quiet: bool,
}

/// The members of a map that is being built, in the order in which they are put.
#[derive(Default)]
pub(crate) struct Fields {
    entries: Vec<Entry>,
}

/// A map of the origin whose members are read one by one, or what stands in its place.
#[derive(Clone, Copy)]
pub(crate) enum Section<'a> {
    Absent,
    Map(NodeRef<'a>),
    /// It cannot be known, but for the members that it has. `leaf` says why and is what each of the others
    /// becomes.
    Unknown {
        leaf: NodeId,
        node: NodeRef<'a>,
    },
}

/// A member of a [`Section`].
#[derive(Clone, Copy)]
pub(crate) enum Member<'a> {
    Absent,
    Known { key: Span, node: NodeRef<'a> },
    Unknown { leaf: NodeId, node: NodeRef<'a> },
}

impl Fields {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> Section<'a> {
    /// The source node, present or unknown.
    pub(crate) fn node(self) -> Option<NodeRef<'a>> {
        match self {
            Section::Absent => None,
            Section::Map(node) | Section::Unknown { node, .. } => Some(node),
        }
    }

    /// A member; null counts as absent.
    pub(crate) fn member(self, key: &str) -> Member<'a> {
        match self {
            Section::Absent => Member::Absent,
            Section::Unknown { leaf, node } => match node.get_keyed(key) {
                Some((_, known)) if known.is_null() => Member::Absent,
                Some((key, node)) => Member::Known { key, node },
                None => Member::Unknown { leaf, node },
            },
            Section::Map(map) => match map.get_keyed(key) {
                Some((key, node)) if !node.is_null() => Member::Known { key, node },
                _ => Member::Absent,
            },
        }
    }
}

impl<'d> Derivation<'d> {
    /// `origin` is the document that the workload stands for.
    pub(crate) fn new(platform: Platform, origin: DocumentId, diagnostics: &'d mut Vec<Diagnostic>) -> Self {
        Derivation { builder: TreeBuilder::derived_from(origin), diagnostics, platform, quiet: false }
    }

    /// Whose origin it is.
    pub(crate) fn platform(&self) -> Platform {
        self.platform
    }

    /// As a sentence names it.
    pub(crate) fn platform_name(&self) -> &'static str {
        if self.platform == Platform::Ecs { "Amazon ECS" } else { "Kubernetes" }
    }

    /// Stops reporting wrong types, or starts again.
    pub(crate) fn set_quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    /// Reads something that is read elsewhere too, and reported there.
    pub(crate) fn quietly<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.quiet, true);
        let value = read(self);
        self.quiet = before;
        value
    }

    /// Says which source node a built node stands for. What is made of a value that nobody may print
    /// must not be printed either.
    pub(crate) fn stand_for(&mut self, built: NodeId, source: NodeRef<'_>) {
        self.builder.set_origin(built, source.id());
        if source.is_sensitive() {
            self.builder.mark_sensitive(built);
        }
    }

    /// Makes a built node one that has the value of a source node: it came from where that did.
    pub(crate) fn take_place_of(&mut self, built: NodeId, source: NodeRef<'_>) {
        for step in source.provenance() {
            self.builder.add_provenance(built, step.clone());
        }
        self.stand_for(built, source);
    }

    /// Opens a value as a map.
    pub(crate) fn open<'a>(&mut self, node: NodeRef<'a>, name: &str) -> Section<'a> {
        match node.value() {
            Value::Map(_) => Section::Map(node),
            Value::Null => Section::Absent,
            Value::Unknown(_) => Section::Unknown { leaf: self.unknown_below(node), node },
            _ => Section::Unknown { leaf: self.wrong_type(node, "a map", name), node },
        }
    }

    /// Opens a member as a map.
    pub(crate) fn section<'a>(&mut self, parent: Section<'a>, key: &str) -> Section<'a> {
        match parent.member(key) {
            Member::Absent => Section::Absent,
            Member::Unknown { leaf, node } => Section::Unknown { leaf, node },
            Member::Known { node, .. } => self.open(node, key),
        }
    }

    /// What the members of an unknown value are: unknown for the same reason. What is known of the
    /// whole (`$ref`, `$parts`, `$any`) is not known of a member.
    fn unknown_below(&mut self, node: NodeRef<'_>) -> NodeId {
        let why = node.unknown_entry("$unknown").and_then(NodeRef::as_str);
        let leaf = self.builder.unknown(node.span(), why.unwrap_or("a value that cannot be known"), &[]);
        self.stand_for(leaf, node);
        leaf
    }

    /// An unknown value in place of one that is built otherwise here than in the origin: why it is
    /// unknown and what it refers to stay, while what it can be (`$any`, `$parts`) has the shape of
    /// the origin.
    pub(crate) fn unknown_whole(&mut self, node: NodeRef<'_>) -> NodeId {
        self.unknown_with(node, None)
    }

    fn unknown_with(&mut self, node: NodeRef<'_>, alternatives: Option<NodeId>) -> NodeId {
        let text = |key: &str| node.unknown_entry(key).and_then(NodeRef::as_str);
        let reference = text("$ref").map(|reference| ("$ref", self.builder.string(node.span(), reference)));
        let known: Vec<_> = reference.into_iter().chain(alternatives.map(|node| ("$any", node))).collect();
        let id = self.builder.unknown(node.span(), text("$unknown").unwrap_or("a value that cannot be known"), &known);
        for step in node.provenance() {
            self.builder.add_provenance(id, step.clone());
        }
        self.stand_for(id, node);
        id
    }

    /// A node of its own for a member of an unknown section.
    pub(crate) fn unknown_leaf(&mut self, leaf: NodeId, node: NodeRef<'_>) -> NodeId {
        let id = self.builder.alias(node.span(), leaf);
        self.stand_for(id, node);
        id
    }

    /// The checked copy of a member, or unknown below an unknown section; `None` when absent.
    pub(crate) fn value(&mut self, section: Section<'_>, key: &str, shape: Shape) -> Option<NodeId> {
        match section.member(key) {
            Member::Absent => None,
            Member::Known { node, .. } => Some(self.fit(node, shape, key)),
            Member::Unknown { leaf, node } => Some(self.unknown_leaf(leaf, node)),
        }
    }

    /// Copies the member `from` of a section to `to`, where it is there.
    pub(crate) fn take(&mut self, out: &mut Fields, to: &str, section: Section<'_>, from: &str, shape: Shape) {
        match section.member(from) {
            Member::Absent => {}
            Member::Known { key, node } => {
                let copied = self.fit(node, shape, from);
                let entry = self.builder.entry(to, key, copied);
                out.entries.push(entry);
            }
            Member::Unknown { leaf, node } => {
                let copied = self.unknown_leaf(leaf, node);
                self.put(out, to, copied);
            }
        }
    }

    /// Copies members under their own names.
    pub(crate) fn take_all(&mut self, out: &mut Fields, section: Section<'_>, fields: &[(&str, Shape)]) {
        for (key, shape) in fields {
            self.take(out, key, section, key, *shape);
        }
    }

    pub(crate) fn put(&mut self, out: &mut Fields, key: &str, value: NodeId) {
        let span = self.builder.node(value).span();
        let entry = self.builder.entry(key, span, value);
        out.entries.push(entry);
    }

    pub(crate) fn put_some(&mut self, out: &mut Fields, key: &str, value: Option<NodeId>) {
        if let Some(value) = value {
            self.put(out, key, value);
        }
    }

    /// What is derived from a value: from each of its alternatives by itself, where it is unknown but
    /// lists them (`$any`), so that rules can judge what it can be. Null stands for an alternative
    /// that is not there.
    pub(crate) fn each_alternative(
        &mut self,
        node: NodeRef<'_>,
        derive: impl Fn(&mut Self, NodeRef<'_>) -> Option<NodeId>,
    ) -> Option<NodeId> {
        let Some(alternatives) = node.unknown_entry("$any") else { return derive(self, node) };
        let mut derived = Vec::with_capacity(alternatives.items().len());
        for alternative in alternatives.items() {
            let one = if alternative.is_null() { None } else { derive(self, alternative) };
            derived.push(one.unwrap_or_else(|| self.builder.null(alternative.span())));
        }
        let derived = self.builder.list(alternatives.span(), &derived);
        Some(self.unknown_with(node, Some(derived)))
    }

    /// The same for a value in whose place there is another one where it is not there itself.
    pub(crate) fn each_alternative_or(
        &mut self,
        node: NodeRef<'_>,
        otherwise: NodeId,
        derive: impl Fn(&mut Self, NodeRef<'_>) -> NodeId,
    ) -> NodeId {
        let alternatives = node.unknown_entry("$any").into_iter().flat_map(NodeRef::items);
        let derived: Vec<NodeId> =
            alternatives.map(|one| if one.is_null() { self.share(otherwise) } else { derive(self, one) }).collect();
        let derived = self.builder.list(node.span(), &derived);
        self.unknown_with(node, Some(derived))
    }

    /// What was built for a value, which may not be there where the value may not be.
    pub(crate) fn unless_absent(&mut self, built: NodeId, source: NodeRef<'_>) -> NodeId {
        if !may_be_absent(source) {
            return built;
        }
        let absent = self.builder.null(source.span());
        let either = self.builder.list(source.span(), &[built, absent]);
        self.unknown_with(source, Some(either))
    }

    /// A string of our own words, which stands for a source node.
    pub(crate) fn text(&mut self, text: &str, source: NodeRef<'_>) -> NodeId {
        let id = self.builder.string(source.span(), text);
        self.stand_for(id, source);
        id
    }

    pub(crate) fn bool(&mut self, value: bool, source: NodeRef<'_>) -> NodeId {
        let id = self.builder.bool(source.span(), value);
        self.stand_for(id, source);
        id
    }

    pub(crate) fn number(&mut self, value: i64, source: NodeRef<'_>) -> NodeId {
        let id = self.builder.number(source.span(), &value.to_string());
        self.stand_for(id, source);
        id
    }

    pub(crate) fn unknown(&mut self, why: &str, source: NodeRef<'_>) -> NodeId {
        let id = self.builder.unknown(source.span(), why, &[]);
        self.stand_for(id, source);
        id
    }

    /// Ends a map.
    pub(crate) fn map(&mut self, fields: Fields, source: NodeRef<'_>) -> NodeId {
        let id = self.builder.map(source.span(), &fields.entries);
        self.stand_for(id, source);
        id
    }

    /// Ends a map and puts it, unless it is empty: a map that gathers fields exists when one does.
    pub(crate) fn put_map(&mut self, out: &mut Fields, key: &str, fields: Fields, source: Option<NodeRef<'_>>) {
        if let Some(source) = source.filter(|_| !fields.is_empty()) {
            let id = self.map(fields, source);
            self.put(out, key, id);
        }
    }

    pub(crate) fn list(&mut self, items: &[NodeId], source: NodeRef<'_>) -> NodeId {
        let id = self.builder.list(source.span(), items);
        self.stand_for(id, source);
        id
    }

    /// Builds a list of several lists of the origin, each element by `build`. See the module
    /// `workload` for what becomes of lists that are unknown as a whole. `None` when none is stated.
    pub(crate) fn gather<'a, const N: usize>(
        &mut self,
        parts: [(Section<'a>, &str); N],
        mut build: impl FnMut(&mut Self, usize, NodeRef<'a>, &mut Vec<NodeId>),
    ) -> Option<NodeId> {
        let mut first: Option<NodeRef<'a>> = None;
        let mut items = Vec::new();
        let mut stated = 0;
        let mut unknown = None;
        for (part, (section, key)) in parts.into_iter().enumerate() {
            let (leaf, node) = match section.member(key) {
                Member::Absent => continue,
                Member::Unknown { leaf, node } => (self.unknown_leaf(leaf, node), node),
                Member::Known { node, .. } if node.is_list() => {
                    stated += 1;
                    first = first.or(Some(node));
                    for item in node.items() {
                        build(self, part, item, &mut items);
                    }
                    continue;
                }
                Member::Known { node, .. } if node.is_unknown() => (self.unknown_whole(node), node),
                Member::Known { node, .. } => (self.wrong_type(node, "a list", key), node),
            };
            stated += 1;
            first = first.or(Some(node));
            unknown = Some(leaf);
            items.push(leaf);
        }
        match unknown {
            // One section that is unknown hides each of its lists; together they are one unknown.
            Some(leaf) if stated == 1 || items.iter().all(|item| self.builder.node(*item).is_unknown()) => Some(leaf),
            _ => first.map(|node| self.list(&items, node)),
        }
    }

    /// A value of the pod level where a container states none: the same payload under a node of its
    /// own, which says where it came from.
    pub(crate) fn inherit(&mut self, value: NodeId, what: &str) -> NodeId {
        let id = self.share(value);
        let span = self.builder.node(id).span();
        self.builder.add_provenance(id, Provenance { what: what.to_owned(), span });
        id
    }

    /// A second node for a value that was built already, at no cost.
    pub(crate) fn share(&mut self, value: NodeId) -> NodeId {
        let built = self.builder.node(value);
        let (span, origin, provenance) = (built.span(), built.origin(), built.provenance().to_vec());
        let id = self.builder.alias(span, value);
        for step in provenance {
            self.builder.add_provenance(id, step);
        }
        if let Some((_, origin)) = origin {
            self.builder.set_origin(id, origin);
        }
        id
    }

    /// Something is wrong with a value beyond its type.
    pub(crate) fn invalid(&mut self, node: NodeRef<'_>, message: String, why: &str) -> NodeId {
        if !self.quiet {
            self.diagnostics.push(Diagnostic::at(Code::WrongType, node.span(), message));
        }
        self.unknown(why, node)
    }

    /// The finished tree and its root.
    pub(crate) fn finish(mut self, fields: Fields, source: NodeRef<'_>) -> (Tree, NodeId) {
        let root = self.map(fields, source);
        (self.builder.finish(), root)
    }
}

/// Whether the alternatives of an unknown value say that it may not be there.
pub(crate) fn may_be_absent(node: NodeRef<'_>) -> bool {
    node.unknown_entry("$any").is_some_and(|alternatives| alternatives.items().any(NodeRef::is_null))
}
