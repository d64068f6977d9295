//! What a plan says of one value, put together: the value, what of it is unknown, what of it is sensitive, and what
//! the configuration computes it from.

use verdikt_model::{Entry, NodeId, NodeRef, Span, TreeBuilder};

use super::configuration::Expressions;
use crate::terraform::AFTER_APPLY;

/// What a plan says of one value, in four places.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'p, 'c> {
    pub(super) value: Option<NodeRef<'p>>,
    /// True where it is unknown, or the same for what is in it.
    pub(super) unknown: Option<NodeRef<'p>>,
    /// True where it is sensitive, or the same for what is in it.
    pub(super) sensitive: Option<NodeRef<'p>>,
    pub(super) expressions: Option<Expressions<'p, 'c>>,
}

impl<'p, 'c> Leaf<'p, 'c> {
    fn member(self, key: &str) -> Leaf<'p, 'c> {
        let of = |node: Option<NodeRef<'p>>| node.and_then(|node| node.get(key));
        Leaf {
            value: of(self.value),
            unknown: of(self.unknown),
            sensitive: of(self.sensitive),
            expressions: self.expressions.and_then(|expressions| expressions.member(key)),
        }
    }

    fn item(self, index: usize) -> Leaf<'p, 'c> {
        let of = |node: Option<NodeRef<'p>>| node.and_then(|node| node.item(index));
        Leaf {
            value: of(self.value),
            unknown: of(self.unknown),
            sensitive: of(self.sensitive),
            expressions: self.expressions.and_then(|expressions| expressions.item(index)),
        }
    }

    /// Whether it is a text that the configuration does not state. Documents in texts (container definitions,
    /// policies) stay: what is secret in them is only a part.
    fn is_given(self) -> bool {
        let is_plain = |text: &str| !text.trim_start().starts_with(['[', '{']);
        self.value.and_then(NodeRef::as_str).is_some_and(|text| !text.is_empty() && is_plain(text))
            && !self.expressions.is_some_and(Expressions::is_constant)
    }

    fn is_true(node: Option<NodeRef<'p>>) -> bool {
        node.and_then(NodeRef::as_bool) == Some(true)
    }
}

/// Puts together what a plan says of a value.
pub(super) struct Merge<'p> {
    pub(super) builder: TreeBuilder,
    /// Of the resource.
    pub(super) address: &'p str,
    /// Whether the plan says what the resource is configured with.
    pub(super) is_configured: bool,
    /// Why a null may stand for a value that is not known, where it may.
    pub(super) doubt: Option<&'static str>,
}

/// Why a secret is unknown that is known to the plan: where it was read from is not the configuration.
const GIVEN: &str = "a secret that comes from outside of the configuration";

impl Merge<'_> {
    /// Nothing where the plan says nothing of it. The loader's limit on depth bounds the recursion.
    pub(super) fn value(&mut self, leaf: Leaf<'_, '_>, sensitive: bool, place: Span) -> Option<NodeId> {
        let sensitive = sensitive || Leaf::is_true(leaf.sensitive);
        let id = if let Some(unknown) = leaf.unknown.filter(|unknown| unknown.as_bool() == Some(true)) {
            let span = leaf.value.filter(|value| !value.is_null()).unwrap_or(unknown).span();
            self.unknown(leaf, span, AFTER_APPLY)
        } else if let (Some(value), Some(why)) = (leaf.value.filter(|value| value.is_null()), self.doubt) {
            self.unknown(leaf, value.span(), why)
        } else if leaf.value.or(leaf.unknown).is_some_and(NodeRef::is_map) && leaf.value.is_none_or(NodeRef::is_map) {
            self.map(leaf, sensitive, place)?
        } else if leaf.value.or(leaf.unknown).is_some_and(NodeRef::is_list) && leaf.value.is_none_or(NodeRef::is_list) {
            self.list(leaf, sensitive, place)?
        } else if sensitive && leaf.is_given() {
            self.given(leaf, leaf.value?)
        } else {
            self.builder.copy(leaf.value?)
        };
        if sensitive {
            self.builder.mark_sensitive(id);
        }
        Some(id)
    }

    fn unknown(&mut self, leaf: Leaf<'_, '_>, span: Span, why: &str) -> NodeId {
        let reference = leaf.expressions.and_then(Expressions::reference);
        let known = reference.map(|reference| ("$ref", self.builder.string(span, &reference)));
        self.builder.unknown(span, why, known.as_slice())
    }

    /// A secret that the plan knows and the configuration does not state: it was given when the plan was made,
    /// or the provider made it. Rules need not see it, and must not take it for one that is written somewhere.
    fn given(&mut self, leaf: Leaf<'_, '_>, value: NodeRef<'_>) -> NodeId {
        let span = value.span();
        let stated = leaf.expressions.and_then(Expressions::reference);
        // What is not configured is an attribute of the resource itself.
        let own = (self.is_configured && leaf.expressions.is_none()).then(|| self.address.to_owned());
        let known = stated.or(own).map(|reference| ("$ref", self.builder.string(span, &reference)));
        self.builder.unknown(span, GIVEN, known.as_slice())
    }

    fn map(&mut self, leaf: Leaf<'_, '_>, sensitive: bool, place: Span) -> Option<NodeId> {
        let span = leaf.value.map_or(place, NodeRef::span);
        let mut entries: Vec<Entry> = Vec::new();
        let stated = leaf.value.into_iter().flat_map(NodeRef::keyed_entries);
        let hidden = leaf.unknown.into_iter().flat_map(NodeRef::keyed_entries);
        let hidden = hidden.filter(|(key, _, _)| leaf.value.is_none_or(|value| value.get(key).is_none()));
        for (key, key_span, _) in stated.chain(hidden) {
            if let Some(node) = self.value(leaf.member(key), sensitive, span) {
                entries.push(self.builder.entry(key, key_span, node));
            }
        }
        if let (Some(why), Some(expressions)) = (self.doubt, leaf.expressions) {
            for key in expressions.keys() {
                let is_stated = |node: Option<NodeRef<'_>>| node.is_some_and(|node| node.get(key).is_some());
                if !is_stated(leaf.value) && !is_stated(leaf.unknown) {
                    let node = self.unknown(leaf.member(key), span, why);
                    entries.push(self.builder.entry(key, span, node));
                }
            }
        }
        (leaf.value.is_some() || !entries.is_empty()).then(|| self.builder.map(span, &entries))
    }

    fn list(&mut self, leaf: Leaf<'_, '_>, sensitive: bool, place: Span) -> Option<NodeId> {
        let span = leaf.value.map_or(place, NodeRef::span);
        let length = |node: Option<NodeRef<'_>>| node.map_or(0, |node| node.items().len());
        let mut items = Vec::new();
        let mut any = false;
        for index in 0..length(leaf.value).max(length(leaf.unknown)) {
            let item = self.value(leaf.item(index), sensitive, span);
            any |= item.is_some();
            items.push(item.unwrap_or_else(|| self.builder.null(span)));
        }
        (leaf.value.is_some() || any).then(|| self.builder.list(span, &items))
    }
}
