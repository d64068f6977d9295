//! A parsed value whose every node knows its place.
//!
//! One arena a tree: nodes, list items, map entries and one string buffer, so that a document of a
//! thousand nodes costs a handful of allocations and children are ranges, not pointers. Two nodes
//! may share children: an alias of YAML is a node with a place of its own and the payload of its
//! anchor.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use crate::document::DocumentId;
use crate::pointer::Pointer;
use crate::span::Span;

/// A node of a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Stands for no node in [`Tree::origins`]; no tree has so many.
const NO_ORIGIN: NodeId = NodeId(u32::MAX);

/// A range of a tree's string buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StringRange {
    start: u32,
    end: u32,
}

/// A range of a tree's items or entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildRange {
    start: u32,
    end: u32,
}

impl ChildRange {
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Bool(bool),
    /// Text that is a number in JSON's grammar, digit for digit as written where that is one.
    Number(StringRange),
    String(StringRange),
    List(ChildRange),
    Map(ChildRange),
    /// A value that cannot be known. Its entries are `$unknown` (why) and what is known of it:
    /// `$ref`, `$parts`, `$any`, `$json`, and of a map the members that are known all the same. Unlike a
    /// map's, its keys are written as they are.
    Unknown(ChildRange),
}

/// One node: where it is and what it is.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub span: Span,
    pub value: Value,
}

/// One member of a map.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub key: StringRange,
    pub key_span: Span,
    pub node: NodeId,
}

/// Where a value came from, beyond the place that gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// `pod level`, `anchor`, `variable`, `local`, `LimitRange`, ...
    pub what: String,
    pub span: Span,
}

/// A parsed value. Built by [`TreeBuilder`], then never changed, but for the number of the document
/// that it was derived from.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    strings: String,
    provenance: HashMap<NodeId, Vec<Provenance>>,
    /// Nodes whose values nobody may print.
    sensitive: HashSet<NodeId>,
    /// For derived trees: the node of the origin's tree that each node stands for, by node;
    /// [`NO_ORIGIN`] and missing ones stand for none.
    origins: Vec<NodeId>,
    origin: Option<DocumentId>,
}

impl Tree {
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { tree: self, id }
    }

    pub fn string(&self, range: StringRange) -> &str {
        &self.strings[range.start as usize..range.end as usize]
    }

    /// Nodes in the arena. Shared nodes count once.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The nodes that [are sensitive](NodeRef::is_sensitive), in no order.
    pub fn sensitive_nodes(&self) -> impl Iterator<Item = NodeRef<'_>> {
        self.sensitive.iter().map(|id| self.node(*id))
    }

    /// For a derived tree: which document it was derived from, where that is numbered only after the
    /// tree was made. Does nothing to other trees.
    pub fn set_origin_document(&mut self, origin: DocumentId) {
        if self.origin.is_some() {
            self.origin = Some(origin);
        }
    }

    /// For a tree that was derived from `through`, which itself was derived: lets each node stand for
    /// what its node of `through` stands for.
    pub fn set_origins_through(&mut self, through: &Tree) {
        for origin in &mut self.origins {
            *origin = through.origins.get(origin.index()).copied().unwrap_or(NO_ORIGIN);
        }
    }
}

/// A node together with its tree: how trees are read.
#[derive(Clone, Copy, Debug)]
pub struct NodeRef<'a> {
    tree: &'a Tree,
    id: NodeId,
}

impl PartialEq for NodeRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl<'a> NodeRef<'a> {
    pub fn id(self) -> NodeId {
        self.id
    }

    pub fn tree(self) -> &'a Tree {
        self.tree
    }

    pub fn span(self) -> Span {
        self.tree.nodes[self.id.index()].span
    }

    pub fn value(self) -> Value {
        self.tree.nodes[self.id.index()].value
    }

    pub fn is_null(self) -> bool {
        matches!(self.value(), Value::Null)
    }

    pub fn is_unknown(self) -> bool {
        matches!(self.value(), Value::Unknown(_))
    }

    pub fn is_map(self) -> bool {
        matches!(self.value(), Value::Map(_))
    }

    pub fn is_list(self) -> bool {
        matches!(self.value(), Value::List(_))
    }

    pub fn as_bool(self) -> Option<bool> {
        if let Value::Bool(value) = self.value() { Some(value) } else { None }
    }

    /// The text of a string. Numbers and booleans are not strings.
    pub fn as_str(self) -> Option<&'a str> {
        if let Value::String(range) = self.value() { Some(self.tree.string(range)) } else { None }
    }

    /// The exact text of a number.
    pub fn as_number(self) -> Option<&'a str> {
        if let Value::Number(range) = self.value() { Some(self.tree.string(range)) } else { None }
    }

    /// The elements of a list; none for anything else.
    pub fn items(self) -> impl ExactSizeIterator<Item = NodeRef<'a>> + Clone {
        let range = if let Value::List(range) = self.value() { range.range() } else { 0..0 };
        let tree = self.tree;
        tree.items[range].iter().map(move |id| tree.node(*id))
    }

    /// An element of a list, at the same cost wherever it stands.
    pub fn item(self, index: usize) -> Option<NodeRef<'a>> {
        let Value::List(range) = self.value() else { return None };
        self.tree.items[range.range()].get(index).map(|id| self.tree.node(*id))
    }

    /// The members of a map in source order, with raw keys; none for anything else.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (&'a str, NodeRef<'a>)> + Clone {
        let range = if let Value::Map(range) = self.value() { range.range() } else { 0..0 };
        let tree = self.tree;
        tree.entries[range].iter().map(move |entry| (tree.string(entry.key), tree.node(entry.node)))
    }

    /// The members of a map with the places of their keys; none for anything else.
    pub fn keyed_entries(self) -> impl ExactSizeIterator<Item = (&'a str, Span, NodeRef<'a>)> + Clone {
        let range = if let Value::Map(range) = self.value() { range.range() } else { 0..0 };
        let tree = self.tree;
        tree.entries[range].iter().map(move |entry| (tree.string(entry.key), entry.key_span, tree.node(entry.node)))
    }

    /// What is known of an unknown value, `$unknown` first; none for anything else.
    pub fn unknown_entries(self) -> impl ExactSizeIterator<Item = (&'a str, NodeRef<'a>)> + Clone {
        let range = if let Value::Unknown(range) = self.value() { range.range() } else { 0..0 };
        let tree = self.tree;
        tree.entries[range].iter().map(move |entry| (tree.string(entry.key), tree.node(entry.node)))
    }

    /// One entry of an unknown value, such as `$any`.
    pub fn unknown_entry(self, key: &str) -> Option<NodeRef<'a>> {
        self.unknown_entries().find(|(name, _)| *name == key).map(|(_, node)| node)
    }

    /// The members of a map, and those that are known of an unknown one, with raw keys and their places;
    /// none for anything else.
    pub fn known_entries(self) -> impl Iterator<Item = (&'a str, Span, NodeRef<'a>)> + Clone {
        let (range, is_unknown) = match self.value() {
            Value::Map(range) => (range.range(), false),
            Value::Unknown(range) => (range.range(), true),
            _ => (0..0, false),
        };
        let tree = self.tree;
        tree.entries[range].iter().filter_map(move |entry| {
            let key = tree.string(entry.key);
            let key = match key.strip_prefix('$') {
                // Of an unknown value, keys stand as they do in JSON text.
                Some(raw) if is_unknown => Some(raw).filter(|raw| raw.starts_with('$')),
                _ => Some(key),
            };
            Some((key?, entry.key_span, tree.node(entry.node)))
        })
    }

    /// A member of a map, or one that is known of an unknown map, by its raw key, with the place of the key.
    pub fn get_keyed(self, key: &str) -> Option<(Span, NodeRef<'a>)> {
        self.known_entries().find(|(name, _, _)| *name == key).map(|(_, span, node)| (span, node))
    }

    /// A member of a map, or one that is known of an unknown map, by its raw key.
    pub fn get(self, key: &str) -> Option<NodeRef<'a>> {
        self.get_keyed(key).map(|(_, node)| node)
    }

    /// A member that is there and not null. Kubernetes and AWS treat null as absent.
    pub fn get_present(self, key: &str) -> Option<NodeRef<'a>> {
        self.get(key).filter(|node| !node.is_null())
    }

    /// A member through several maps, each present.
    pub fn path(self, keys: &[&str]) -> Option<NodeRef<'a>> {
        keys.iter().try_fold(self, |node, key| node.get_present(key))
    }

    /// The string member of a map.
    pub fn str(self, key: &str) -> Option<&'a str> {
        self.get(key)?.as_str()
    }

    /// Where the value came from; empty when the place that gives it says all.
    pub fn provenance(self) -> &'a [Provenance] {
        self.tree.provenance.get(&self.id).map_or(&[], Vec::as_slice)
    }

    /// Whether the value is marked as one that nobody may print.
    pub fn is_sensitive(self) -> bool {
        self.tree.sensitive.contains(&self.id)
    }

    /// For a node of a derived document: the origin and the node of its tree that this one stands
    /// for.
    pub fn origin(self) -> Option<(DocumentId, NodeId)> {
        let node = self.tree.origins.get(self.id.index()).filter(|node| **node != NO_ORIGIN)?;
        Some((self.tree.origin?, *node))
    }

    /// The pointer from `root` to this node, by search: the first in source order where nodes are
    /// shared. `None` when it is not below `root`.
    pub fn pointer_from(self, root: NodeId) -> Option<Pointer> {
        self.tree.node(root).pointers_to(&[self.id]).pop().flatten()
    }

    /// The pointers from here to several nodes, by one search for all: the first in source order
    /// where nodes are shared, `None` for what is not below. `wanted` must be sorted.
    pub fn pointers_to(self, wanted: &[NodeId]) -> Vec<Option<Pointer>> {
        debug_assert!(wanted.is_sorted(), "nodes to search for are sorted");
        let mut search = Search { wanted, steps: Vec::new(), found: vec![None; wanted.len()], left: wanted.len() };
        search.visit(self);
        search.found
    }

    /// Appends the node as JSON text, the form in which packs read it.
    pub fn write_json(self, out: &mut String) {
        // Recursion is bounded by the loaders' depth limit of 128 levels.
        match self.value() {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Number(range) => out.push_str(self.tree.string(range)),
            Value::String(range) => write_json_string("", self.tree.string(range), out),
            Value::List(_) => {
                out.push('[');
                for (index, item) in self.items().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Value::Map(range) | Value::Unknown(range) => {
                let raw = self.is_unknown();
                out.push('{');
                for (index, entry) in self.tree.entries[range.range()].iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    let key = self.tree.string(entry.key);
                    write_json_string(if !raw && key.starts_with('$') { "$" } else { "" }, key, out);
                    out.push(':');
                    self.tree.node(entry.node).write_json(out);
                }
                out.push('}');
            }
        }
    }

    pub fn to_json(self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }
}

/// One step of a path through a tree.
enum Step<'a> {
    Index(usize),
    Key(&'a str),
}

/// A search for the places of nodes, depth first. The loaders' limits on depth and on what aliases
/// multiply bound it.
struct Search<'a, 'w> {
    wanted: &'w [NodeId],
    /// From the root to here.
    steps: Vec<Step<'a>>,
    found: Vec<Option<Pointer>>,
    left: usize,
}

impl<'a> Search<'a, '_> {
    fn visit(&mut self, node: NodeRef<'a>) {
        let first = self.wanted.partition_point(|wanted| *wanted < node.id);
        // Who asks for a node twice gets it twice.
        let same = self.wanted[first..].iter().take_while(|wanted| **wanted == node.id).count();
        if same > 0 && self.found[first].is_none() {
            let pointer = self.steps.iter().fold(Pointer::root(), |pointer, step| match step {
                Step::Index(index) => pointer.index(*index),
                Step::Key(key) => pointer.member(&escape_key(key)),
            });
            self.found[first..first + same].fill(Some(pointer));
            self.left -= same;
        }
        let items = node.items().enumerate().map(|(index, item)| (Step::Index(index), item));
        let members = node.entries().map(|(key, member)| (Step::Key(key), member));
        for (step, child) in items.chain(members) {
            if self.left == 0 {
                return;
            }
            self.steps.push(step);
            self.visit(child);
            self.steps.pop();
        }
    }
}

/// A key as it stands in JSON text: user keys that begin with `$` get another one, so that nobody
/// can forge an unknown value.
pub(crate) fn escape_key(key: &str) -> std::borrow::Cow<'_, str> {
    if key.starts_with('$') { format!("${key}").into() } else { key.into() }
}

fn write_json_string(prefix: &str, text: &str, out: &mut String) {
    out.push('"');
    out.push_str(prefix);
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        if escape.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escape);
        }
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

/// Builds a [`Tree`], children before their parents.
#[derive(Debug, Default)]
pub struct TreeBuilder {
    tree: Tree,
}

impl TreeBuilder {
    pub fn new() -> Self {
        Self::default()
    }

    /// A builder for a document that is derived from `origin`; see [`TreeBuilder::set_origin`].
    pub fn derived_from(origin: DocumentId) -> Self {
        TreeBuilder { tree: Tree { origin: Some(origin), ..Tree::default() } }
    }

    pub fn string_range(&mut self, text: &str) -> StringRange {
        let start = self.tree.strings.len() as u32;
        self.tree.strings.push_str(text);
        StringRange { start, end: self.tree.strings.len() as u32 }
    }

    fn push(&mut self, span: Span, value: Value) -> NodeId {
        self.tree.nodes.push(Node { span, value });
        NodeId(self.tree.nodes.len() as u32 - 1)
    }

    pub fn null(&mut self, span: Span) -> NodeId {
        self.push(span, Value::Null)
    }

    pub fn bool(&mut self, span: Span, value: bool) -> NodeId {
        self.push(span, Value::Bool(value))
    }

    /// `text` must be a number in JSON's grammar: it goes to the packs as it is.
    pub fn number(&mut self, span: Span, text: &str) -> NodeId {
        debug_assert!(is_json_number(text), "not a JSON number: {text}");
        let range = self.string_range(text);
        self.push(span, Value::Number(range))
    }

    pub fn string(&mut self, span: Span, text: &str) -> NodeId {
        let range = self.string_range(text);
        self.push(span, Value::String(range))
    }

    pub fn list(&mut self, span: Span, items: &[NodeId]) -> NodeId {
        let start = self.tree.items.len() as u32;
        self.tree.items.extend_from_slice(items);
        let end = self.tree.items.len() as u32;
        self.push(span, Value::List(ChildRange { start, end }))
    }

    /// A key for [`TreeBuilder::map`].
    pub fn entry(&mut self, key: &str, key_span: Span, node: NodeId) -> Entry {
        Entry { key: self.string_range(key), key_span, node }
    }

    pub fn map(&mut self, span: Span, entries: &[Entry]) -> NodeId {
        let range = self.entry_range(entries);
        self.push(span, Value::Map(range))
    }

    /// A value that cannot be known, with the reason and with what is known of it (`$ref`,
    /// `$parts`, `$any`, `$json`).
    pub fn unknown(&mut self, span: Span, why: &str, known: &[(&str, NodeId)]) -> NodeId {
        self.unknown_map(span, why, known, &[])
    }

    /// A map that cannot be known, of which only some members are: there may be others.
    pub fn unknown_map(&mut self, span: Span, why: &str, known: &[(&str, NodeId)], members: &[Entry]) -> NodeId {
        let why = self.string(span, why);
        let mut entries = vec![self.entry("$unknown", span, why)];
        for (key, node) in known {
            debug_assert!(
                matches!(*key, "$ref" | "$parts" | "$any" | "$json"),
                "not a part of an unknown value: {key}"
            );
            let entry = self.entry(key, span, *node);
            entries.push(entry);
        }
        for member in members {
            let key = self.key(member);
            let escaped = key.starts_with('$').then(|| escape_key(key).into_owned());
            entries.push(match escaped {
                Some(key) => self.entry(&key, member.key_span, member.node),
                None => *member,
            });
        }
        let range = self.entry_range(&entries);
        self.push(span, Value::Unknown(range))
    }

    fn entry_range(&mut self, entries: &[Entry]) -> ChildRange {
        let start = self.tree.entries.len() as u32;
        self.tree.entries.extend_from_slice(entries);
        ChildRange { start, end: self.tree.entries.len() as u32 }
    }

    /// A node at a place of its own with the value of another: an alias, at no cost in memory.
    pub fn alias(&mut self, span: Span, of: NodeId) -> NodeId {
        let value = self.tree.nodes[of.index()].value;
        let id = self.push(span, value);
        if self.tree.sensitive.contains(&of) {
            self.mark_sensitive(id);
        }
        id
    }

    /// Says that a node stands elsewhere than it was built.
    pub fn moved(&mut self, node: NodeId, span: Span) -> NodeId {
        self.tree.nodes[node.index()].span = span;
        node
    }

    /// Copies a node of another tree with everything below it. Origins are recorded when this
    /// builder is [derived](TreeBuilder::derived_from) and `from` is of the origin's tree.
    pub fn copy(&mut self, from: NodeRef<'_>) -> NodeId {
        let span = from.span();
        let id = match from.value() {
            Value::Null => self.null(span),
            Value::Bool(value) => self.bool(span, value),
            Value::Number(range) => self.number(span, from.tree.string(range)),
            Value::String(range) => self.string(span, from.tree.string(range)),
            Value::List(_) => {
                let items: Vec<NodeId> = from.items().map(|item| self.copy(item)).collect();
                self.list(span, &items)
            }
            Value::Map(range) | Value::Unknown(range) => {
                let mut entries = Vec::with_capacity(range.range().len());
                for entry in &from.tree.entries[range.range()] {
                    let node = self.copy(from.tree.node(entry.node));
                    let key = from.tree.string(entry.key);
                    entries.push(self.entry(key, entry.key_span, node));
                }
                let copied = self.entry_range(&entries);
                let value = if from.is_unknown() { Value::Unknown(copied) } else { Value::Map(copied) };
                self.push(span, value)
            }
        };
        for step in from.provenance() {
            self.add_provenance(id, step.clone());
        }
        if from.is_sensitive() {
            self.mark_sensitive(id);
        }
        self.set_origin(id, from.id);
        id
    }

    /// Says which node of the origin's tree a node stands for. Does nothing in a builder that is
    /// not derived.
    pub fn set_origin(&mut self, node: NodeId, origin: NodeId) {
        if self.tree.origin.is_some() {
            let origins = &mut self.tree.origins;
            if origins.len() <= node.index() {
                origins.resize(node.index() + 1, NO_ORIGIN);
            }
            origins[node.index()] = origin;
        }
    }

    pub fn add_provenance(&mut self, node: NodeId, step: Provenance) {
        self.tree.provenance.entry(node).or_default().push(step);
    }

    /// Says that nobody may print the value of a node; what is below it has marks of its own.
    pub fn mark_sensitive(&mut self, node: NodeId) {
        self.tree.sensitive.insert(node);
    }

    /// Reads back what was built so far.
    pub fn node(&self, id: NodeId) -> NodeRef<'_> {
        self.tree.node(id)
    }

    pub fn key(&self, entry: &Entry) -> &str {
        self.tree.string(entry.key)
    }

    /// The entries of a map that was built, for merge keys.
    pub fn map_entries(&self, id: NodeId) -> &[Entry] {
        if let Value::Map(range) = self.tree.nodes[id.index()].value { &self.tree.entries[range.range()] } else { &[] }
    }

    pub fn len(&self) -> usize {
        self.tree.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tree.nodes.is_empty()
    }

    /// The tree, in no more memory than it needs: trees live until the report is made.
    pub fn finish(self) -> Tree {
        let mut tree = self.tree;
        tree.nodes.shrink_to_fit();
        tree.items.shrink_to_fit();
        tree.entries.shrink_to_fit();
        tree.strings.shrink_to_fit();
        tree.origins.shrink_to_fit();
        tree
    }
}

/// Whether a piece of source is nothing but a reference of Terraform's language, such as `var.password`: it
/// names a value and shows none.
pub fn is_reference(source: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]\"".contains(&byte);
    ["var.", "local.", "module.", "data.", "each."].iter().any(|start| source.starts_with(start))
        && source.bytes().all(is_part)
}

/// Whether a text is a number in JSON's grammar (RFC 8259 section 6).
pub fn is_json_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let length = digits(exponent);
        return length > 0 && length == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn span(start: u32, end: u32) -> Span {
        Span::new(FileId(0), start, end)
    }

    #[test]
    fn user_keys_cannot_forge_an_unknown_value() {
        let mut builder = TreeBuilder::new();
        let value = builder.string(span(0, 1), "\"\\\u{1}\n");
        let entry = builder.entry("$unknown", span(0, 1), value);
        let map = builder.map(span(0, 1), &[entry]);
        let unknown = builder.unknown_map(span(1, 2), "why", &[], &[entry]);
        let list = builder.list(span(0, 2), &[map, unknown]);
        let tree = builder.finish();
        let text = r#"[{"$$unknown":"\"\\\u0001\n"},{"$unknown":"why","$$unknown":"\"\\\u0001\n"}]"#;
        assert_eq!(tree.node(list).to_json(), text);
        assert_eq!(tree.node(unknown).get("$unknown").map(NodeRef::id), Some(value));
        assert_eq!((tree.node(unknown).get("$$unknown"), tree.node(unknown).get("why")), (None, None));
        assert_eq!(tree.node(value).pointer_from(list).unwrap().to_string(), "/0/$$unknown");
    }

    #[test]
    fn places_of_many_nodes_are_found_in_one_search() {
        let mut builder = TreeBuilder::new();
        let leaf = builder.bool(span(0, 1), true);
        let other = builder.null(span(1, 2));
        let list = builder.list(span(0, 3), &[other, leaf]);
        let entries = [builder.entry("a/b", span(0, 1), list), builder.entry("c", span(0, 1), leaf)];
        let root = builder.map(span(0, 9), &entries);
        let stranger = builder.null(span(8, 9));
        let tree = builder.finish();
        let found = tree.node(root).pointers_to(&[leaf, leaf, list, root, stranger]);
        let found: Vec<_> = found.iter().map(|pointer| pointer.as_ref().map(Pointer::as_str)).collect();
        assert_eq!(found, [Some("/a~1b/1"), Some("/a~1b/1"), Some("/a~1b"), Some(""), None]);
        assert_eq!(tree.node(list).item(1), Some(tree.node(leaf)));
        assert_eq!((tree.node(list).item(2), tree.node(root).item(0)), (None, None));
    }

    #[test]
    fn json_numbers() {
        for good in ["0", "-0", "10", "1.5", "1e9", "-1.25E-3"] {
            assert!(is_json_number(good), "{good}");
        }
        for bad in ["", "-", "01", "1.", ".5", "1e", "1e+", "0x1", "1_0", "NaN", "1 "] {
            assert!(!is_json_number(bad), "{bad}");
        }
    }

    #[test]
    fn copies_keep_places_and_origins() {
        let mut builder = TreeBuilder::new();
        let value = builder.bool(span(3, 7), true);
        let entry = builder.entry("privileged", span(0, 2), value);
        let map = builder.map(span(0, 7), &[entry]);
        let tree = builder.finish();
        let mut derived = TreeBuilder::derived_from(DocumentId(4));
        let copy = derived.copy(tree.node(map));
        assert!(!derived.node(copy).is_sensitive());
        let mut derived = derived.finish();
        derived.set_origin_document(DocumentId(7));
        let copied = derived.node(copy).get("privileged").unwrap();
        assert_eq!(copied.span(), span(3, 7));
        assert_eq!(copied.origin(), Some((DocumentId(7), value)));

        let mut again = TreeBuilder::derived_from(DocumentId(4));
        again.null(span(0, 0));
        let copy = again.copy(copied);
        let mut again = again.finish();
        again.set_origins_through(&derived);
        assert_eq!(again.node(copy).origin(), Some((DocumentId(4), value)));
    }
}
