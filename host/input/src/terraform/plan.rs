//! Plans and states as `terraform show -json` prints them
//! (<https://developer.hashicorp.com/terraform/internals/json-format>).
//!
//! The planned values of a resource lack what is known only after apply; `after_unknown` of its change says
//! where that is, and `configuration` what it refers to. The three are put together leaf by leaf. Data
//! sources that were read while planning stand in the prior state.
//!
//! What a plan deletes is no document. What it replaces is one, as it will be.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, Entry, NodeId, NodeRef, Span, TreeBuilder};

use super::configuration::{Configuration, Expressions};
use super::{AFTER_APPLY, Note, Resource, ecs, encoded};
use crate::{InputLimits, ParsedDocument, Recognition};

/// Whether a node has the shape of a plan or a state.
pub(crate) fn recognize(node: NodeRef<'_>) -> bool {
    node.str("format_version").is_some()
        && (["planned_values", "resource_changes"].iter().any(|key| node.get_present(key).is_some())
            || (node.str("terraform_version").is_some() && node.get_present("values").is_some_and(NodeRef::is_map)))
}

/// What a plan or a state holds.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) resources: Vec<Resource>,
    pub(crate) notes: Vec<Note>,
}

/// Reads a plan or a state; `text` is the file's. The error says why it has nothing to judge.
pub(crate) fn read(
    parsed: &ParsedDocument,
    text: &str,
    limits: &InputLimits,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Read, Recognition> {
    let root = parsed.tree.node(parsed.root);
    if !recognize(root) {
        let reason = "not a plan or state of Terraform: it has no `format_version` with `planned_values`, \
                      `resource_changes` or `values`";
        return Err(Recognition::NotOurs { reason: reason.into() });
    }
    let version = root.str("format_version").unwrap_or_default();
    if !matches!(version.split('.').next(), Some("0" | "1")) {
        let message = format!(
            "Format `{version}` of Terraform's plans and states is not known here, so that this one was not judged; formats \
             0 and 1 are. Use a newer version of Verdikt, or an older one of Terraform."
        );
        let place = root.get("format_version").map_or(parsed.span, NodeRef::span);
        diagnostics.push(Diagnostic::at(Code::UnsupportedVersion, place, message));
        let reason = format!("plan or state of Terraform in the unknown format `{version}`");
        return Err(Recognition::Nothing { reason });
    }
    let mut plan = Plan::new(root, text, limits, diagnostics);
    plan.resources();
    let (mut read, deleted) = (plan.read, plan.deleted);
    if root.get("errored").and_then(NodeRef::as_bool) == Some(true) {
        let message = "Terraform ended with an error while it made this plan, so that resources are missing in it. Repair \
                       the configuration and plan anew.";
        diagnostics.push(Diagnostic::at(Code::PlanIncomplete, parsed.span, message));
    }
    if read.resources.is_empty() {
        let what = if root.get("values").is_some() { "state" } else { "plan" };
        let reason = match deleted {
            0 => format!("Terraform {what} without resources"),
            count => format!("Terraform {what} that leaves no resource (it deletes {count})"),
        };
        return Err(Recognition::Nothing { reason });
    }
    if deleted > 0 {
        let place = root.get("resource_changes").map_or(parsed.span, NodeRef::span);
        let text =
            format!("This plan deletes {deleted} of the resources that there are; what it deletes was not judged.");
        read.notes.push(Note { span: place, text });
    }
    Ok(read)
}

struct Plan<'p, 't> {
    root: NodeRef<'p>,
    text: &'t str,
    limits: &'t InputLimits,
    configuration: Configuration<'p>,
    /// What becomes of each resource, by its address.
    changes: HashMap<&'p str, NodeRef<'p>>,
    /// Resources that are there before and not after.
    deleted: usize,
    read: Read,
    diagnostics: &'t mut Vec<Diagnostic>,
}

impl<'p, 't> Plan<'p, 't> {
    fn new(root: NodeRef<'p>, text: &'t str, limits: &'t InputLimits, diagnostics: &'t mut Vec<Diagnostic>) -> Self {
        let configuration = Configuration::of(root);
        let (changes, read) = (HashMap::new(), Read::default());
        let mut plan = Plan { root, text, limits, configuration, changes, deleted: 0, read, diagnostics };
        for change in root.get("resource_changes").into_iter().flat_map(NodeRef::items) {
            let Some(address) = change.str("address") else { continue };
            let actions = change.path(&["change", "actions"]);
            let is_gone = |action: NodeRef<'_>| matches!(action.as_str(), Some("delete" | "forget"));
            if change.get_present("deposed").is_some() {
                // It is what an earlier replacement left behind of a resource that has a change of its own.
            } else if actions.is_some_and(|actions| actions.items().len() > 0 && actions.items().all(is_gone)) {
                plan.deleted += 1;
            } else {
                plan.changes.insert(address, change);
            }
        }
        plan
    }

    fn resources(&mut self) {
        let root = self.root;
        let values = ["planned_values", "values"].iter().find_map(|key| root.get_present(key));
        let prior = root.path(&["prior_state", "values"]);
        let mut planned = Vec::new();
        let mut known = HashSet::new();
        if let Some(module) = values.and_then(|values| values.get_present("root_module")) {
            collect(module, &mut planned);
            known.extend(planned.iter().filter_map(|found| found.node.str("address")));
        } else if values.is_none() {
            // A plan of which only the changes were kept.
            let changes = root.get("resource_changes").into_iter().flat_map(NodeRef::items);
            let kept = changes
                .filter(|change| change.str("address").is_some_and(|address| self.changes.contains_key(address)));
            planned.extend(kept.map(|node| Found { node, module: node.str("module_address").unwrap_or_default() }));
        }
        let mut read = Vec::new();
        if let Some(module) = prior.and_then(|values| values.get_present("root_module")) {
            collect(module, &mut read);
            let is_new = |found: &Found<'p>| {
                found.node.str("mode") == Some("data")
                    && found.node.str("address").is_none_or(|address| !known.contains(address))
            };
            read.retain(is_new);
        }
        for found in planned.into_iter().chain(read) {
            self.resource(&found);
        }
    }

    fn resource(&mut self, found: &Found<'p>) {
        let node = found.node;
        let (Some(address), Some(kind), Some(name)) = (node.str("address"), node.str("type"), node.str("name")) else {
            let message = "This has no `address`, `type` and `name` as Terraform prints them for each resource, so that it was not judged. Print \
                           the plan anew with `terraform show -json`.";
            self.diagnostics.push(Diagnostic::at(Code::MissingField, node.span(), message));
            return;
        };
        let is_data = node.str("mode") == Some("data");
        let kind = if is_data { format!("data.{kind}") } else { kind.to_owned() };
        let change = self.changes.get(address).and_then(|change| change.get_present("change"));
        let values = node.get_present("values").or(change.and_then(|change| change.get_present("after")));
        let sensitive = node.get("sensitive_values").or(change.and_then(|change| change.get("after_sensitive")));
        let unknown = change.and_then(|change| change.get("after_unknown"));
        let expressions = self.configuration.expressions(found.module, &kind, name);
        let is_configured = expressions.is_some();
        let mut merge = Merge { builder: TreeBuilder::new(), address, is_configured };
        let value = Leaf { value: values, unknown, sensitive, expressions };
        let root = merge.value(value, false, node.span());
        let root = root.unwrap_or_else(|| merge.builder.map(node.span(), &[]));
        let mut decoded = HashMap::new();
        if kind == ecs::KIND
            && let Some(text) = merge.builder.node(root).get(ecs::CONTAINERS)
        {
            // The tree cannot be read while it grows.
            let id = text.id();
            let mut copied = TreeBuilder::new();
            let string = copied.copy(text);
            let copied = copied.finish();
            let string = copied.node(string);
            let said = encoded::decode(&mut merge.builder, string, self.text, self.limits, self.diagnostics);
            decoded.extend(said.map(|said| (id, said)));
        }
        self.read.resources.push(Resource {
            address: address.to_owned(),
            kind,
            name: name.to_owned(),
            span: node.span(),
            tree: Arc::new(merge.builder.finish()),
            root,
            references: expressions.map_or_else(Vec::new, |expressions| expressions.references()),
            decoded,
        });
    }
}

/// A resource and the address of the module that it is in, which is empty for the root.
struct Found<'p> {
    node: NodeRef<'p>,
    module: &'p str,
}

/// The resources of a module and of those in it. The loader's limit on depth bounds the recursion.
fn collect<'p>(module: NodeRef<'p>, out: &mut Vec<Found<'p>>) {
    let address = module.str("address").unwrap_or_default();
    let resources = module.get("resources").into_iter().flat_map(NodeRef::items);
    out.extend(resources.map(|node| Found { node, module: address }));
    for child in module.get("child_modules").into_iter().flat_map(NodeRef::items) {
        collect(child, out);
    }
}

/// What a plan says of one value, in four places.
#[derive(Clone, Copy)]
struct Leaf<'p, 'c> {
    value: Option<NodeRef<'p>>,
    /// True where it is unknown, or the same for what is in it.
    unknown: Option<NodeRef<'p>>,
    /// True where it is sensitive, or the same for what is in it.
    sensitive: Option<NodeRef<'p>>,
    expressions: Option<Expressions<'p, 'c>>,
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
struct Merge<'p> {
    builder: TreeBuilder,
    /// Of the resource.
    address: &'p str,
    /// Whether the plan says what the resource is configured with.
    is_configured: bool,
}

/// Why a secret is unknown that is known to the plan: where it was read from is not the configuration.
const GIVEN: &str = "a secret that comes from outside of the configuration";

impl Merge<'_> {
    /// Nothing where the plan says nothing of it. The loader's limit on depth bounds the recursion.
    fn value(&mut self, leaf: Leaf<'_, '_>, sensitive: bool, place: Span) -> Option<NodeId> {
        let sensitive = sensitive || Leaf::is_true(leaf.sensitive);
        let id = if let Some(unknown) = leaf.unknown.filter(|unknown| unknown.as_bool() == Some(true)) {
            let span = leaf.value.filter(|value| !value.is_null()).unwrap_or(unknown).span();
            let reference = leaf.expressions.and_then(Expressions::reference);
            let known = reference.map(|reference| ("$ref", self.builder.string(span, &reference)));
            self.builder.unknown(span, AFTER_APPLY, known.as_slice())
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
