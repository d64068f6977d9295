//! A plan and the configuration that it was made of, side by side.
//!
//! The values are the plan's. What the plan does not know is looked up in the configuration, which often knows
//! more than nothing of it: of a text that holds one unknown value the plan knows nothing at all. Places and
//! provenance are those of the configuration; what the provider fills in has the place of the block around it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use verdikt_model::{Entry, NodeId, NodeRef, Span, TreeBuilder};

use super::{Decoded, Resource};

/// The resources of plans, each with what the configuration says of it.
pub(super) struct Planned<'r> {
    pairs: Vec<(&'r Resource, Option<&'r Resource>)>,
    /// Addresses that the configuration has and a plan judges.
    covered: HashSet<&'r str>,
}

impl<'r> Planned<'r> {
    pub(super) fn new(plan: impl Iterator<Item = &'r Resource>, configuration: &'r [Resource]) -> Self {
        let exact: HashMap<&str, &Resource> = configuration.iter().map(|it| (it.address.as_str(), it)).collect();
        // A resource of which the number is not known stands for all of them.
        let mut general: HashMap<String, &Resource> = HashMap::new();
        for resource in configuration {
            general.entry(without_keys(&resource.address)).or_insert(resource);
        }
        let mut planned = Planned { pairs: Vec::new(), covered: HashSet::new() };
        for resource in plan {
            let found = exact.get(resource.address.as_str()).copied();
            let found = found.or_else(|| general.get(&without_keys(&resource.address)).copied());
            planned.covered.extend(found.map(|found| found.address.as_str()));
            planned.pairs.push((resource, found));
        }
        planned
    }

    /// Whether a resource of the configuration is judged by a plan.
    pub(super) fn covers(&self, address: &str) -> bool {
        self.covered.contains(address)
    }

    /// What is judged of the plans.
    pub(super) fn merged(&self) -> impl Iterator<Item = Resource> + '_ {
        self.pairs.iter().map(|(plan, source)| source.map_or_else(|| (*plan).clone(), |source| merge(plan, source)))
    }
}

/// An address without the keys of its instances.
pub(crate) fn without_keys(address: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::with_capacity(address.len()), 0_u32, false, false);
    for letter in address.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            letter if depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

fn merge(plan: &Resource, source: &Resource) -> Resource {
    let mut merger = Merger { builder: TreeBuilder::new() };
    let root = merger.node(plan.body(), Some(source.body()), source.span);
    let mut decoded = HashMap::new();
    for (key, text) in source.body().entries().filter(|(_, text)| source.decoded.contains_key(&text.id())) {
        let Some(id) = merger.builder.node(root).get(key).map(NodeRef::id) else { continue };
        let in_plan = plan.body().get(key).and_then(|text| plan.decoded(text));
        let said = match (in_plan, source.decoded(text)) {
            (Some(Decoded::Said(in_plan)), in_source) => {
                let in_source = match in_source {
                    Some(Decoded::Said(node)) => Some(source.tree.node(node)),
                    _ => None,
                };
                Some(Decoded::Said(merger.node(plan.tree.node(in_plan), in_source, text.span())))
            }
            (None, Some(Decoded::Said(node))) => Some(Decoded::Said(merger.builder.copy(source.tree.node(node)))),
            (Some(Decoded::Broken(_)), Some(broken @ Decoded::Broken(_))) => Some(broken),
            (Some(broken @ Decoded::Broken(_)), _) => Some(broken),
            (None, broken) => broken,
        };
        decoded.extend(said.map(|said| (id, said)));
    }
    Resource {
        address: plan.address.clone(),
        kind: plan.kind.clone(),
        name: plan.name.clone(),
        span: source.span,
        tree: Arc::new(merger.builder.finish()),
        root,
        references: if source.references.is_empty() { plan.references.clone() } else { source.references.clone() },
        decoded,
    }
}

struct Merger {
    builder: TreeBuilder,
}

impl Merger {
    /// The depth of plans bounds the recursion.
    fn node(&mut self, plan: NodeRef<'_>, source: Option<NodeRef<'_>>, around: Span) -> NodeId {
        let source = source.filter(|source| !source.is_null());
        let span = source.map_or(around, NodeRef::span);
        if plan.is_unknown() {
            return match source {
                Some(source) => self.builder.copy(source),
                None => self.moved(plan, span),
            };
        }
        let id = if plan.is_map() {
            let members = source.filter(|source| source.is_map());
            let mut entries: Vec<Entry> = Vec::with_capacity(plan.entries().len());
            for (key, _, member) in plan.keyed_entries() {
                let stated = members.and_then(|source| source.get_keyed(key));
                let node = self.node(member, stated.map(|(_, node)| node), span);
                entries.push(self.builder.entry(key, stated.map_or(span, |(key_span, _)| key_span), node));
            }
            self.builder.map(span, &entries)
        } else if plan.is_list() {
            let items: Vec<NodeRef<'_>> = source.into_iter().flat_map(NodeRef::items).collect();
            let partners = partners(plan, &items);
            let items: Vec<NodeId> = plan
                .items()
                .zip(partners)
                .map(|(item, partner)| self.node(item, partner.map(|partner| items[partner]), span))
                .collect();
            self.builder.list(span, &items)
        } else {
            self.moved(plan, span)
        };
        for step in source.into_iter().flat_map(NodeRef::provenance) {
            self.builder.add_provenance(id, step.clone());
        }
        if plan.is_sensitive() || source.is_some_and(NodeRef::is_sensitive) {
            self.builder.mark_sensitive(id);
        }
        id
    }

    /// A copy of a leaf at another place.
    fn moved(&mut self, leaf: NodeRef<'_>, span: Span) -> NodeId {
        let copied = self.builder.copy(leaf);
        self.builder.moved(copied, span)
    }
}

/// For each element of a plan's list the one of the source that it comes from. Sets have an order of their own in
/// plans: where elements contradict each other at one place, they are looked for.
fn partners(plan: NodeRef<'_>, source: &[NodeRef<'_>]) -> Vec<Option<usize>> {
    /// Beyond it, a search for each would take too long.
    const MOST: usize = 1000;
    let at_place =
        |(index, item): (usize, NodeRef<'_>)| source.get(index).is_some_and(|other| !contradicts(item, *other, 0));
    if source.len() > MOST || plan.items().enumerate().all(at_place) {
        return (0..plan.items().len()).map(|index| (index < source.len()).then_some(index)).collect();
    }
    let mut taken = vec![false; source.len()];
    plan.items()
        .map(|item| {
            let found =
                source.iter().enumerate().find(|(index, other)| !taken[*index] && !contradicts(item, **other, 0));
            let index = found.map(|(index, _)| index)?;
            taken[index] = true;
            Some(index)
        })
        .collect()
}

/// Whether two values cannot be the same: some known scalar in them differs.
fn contradicts(plan: NodeRef<'_>, source: NodeRef<'_>, depth: usize) -> bool {
    /// Deeper, they are taken for equal.
    const MOST: usize = 8;
    if plan.is_unknown() || source.is_unknown() || plan.is_null() || source.is_null() || depth > MOST {
        return false;
    }
    if plan.is_map() && source.is_map() {
        return source
            .entries()
            .any(|(key, member)| plan.get(key).is_some_and(|it| contradicts(it, member, depth + 1)));
    }
    if plan.is_list() && source.is_list() {
        return plan.items().len() != source.items().len();
    }
    let text = |node: NodeRef<'_>| {
        let text = node.as_str().or(node.as_number());
        text.map(str::to_owned).or_else(|| node.as_bool().map(|value| value.to_string()))
    };
    match (text(plan), text(source)) {
        (Some(plan), Some(source)) => plan != source,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_instances_are_left_out() {
        for (address, expected) in [
            ("aws_x.y", "aws_x.y"),
            ("module.a[0].aws_x.y[\"k.[l]\"]", "module.a.aws_x.y"),
            ("module.a[\"x\\\"]y\"].aws_x.y[1]", "module.a.aws_x.y"),
        ] {
            assert_eq!(without_keys(address), expected);
        }
    }
}
