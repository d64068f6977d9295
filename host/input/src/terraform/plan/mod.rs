//! Plans and states as `terraform show -json` prints them
//! (<https://developer.hashicorp.com/terraform/internals/json-format>).
//!
//! The planned values of a resource lack what is known only after apply; `after_unknown` of its change says
//! where that is, and `configuration` what it refers to. The three are put together leaf by leaf. Data
//! sources that were read while planning stand in the prior state.
//!
//! What a plan deletes is no document. What it replaces is one, as it will be; of a plan that only refreshes, what is
//! there stays as it is. `resource_drift` needs no reading: values that changed outside of Terraform are in the prior
//! state, and the planned values are what becomes of them. `action_reason`, `importing` and `relevant_attributes`
//! explain changes to people, and change no value.
//!
//! **A plan may not be the whole truth** (`internal/command/jsonplan/plan.go`, `internal/plans/plan.go`): Terraform
//! ended with an error (`errored`), was told to leave resources out or had to (`complete`), or could not plan some yet
//! (`deferred_changes`, which stand in no other part). What is known of the latter is judged; their nulls count
//! as unknown, since a provider that defers a change need not have computed what belongs there. In each case the
//! scan is incomplete.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, NodeRef, Span, TreeBuilder};

use self::configuration::Configuration;
use self::merge::{Leaf, Merge};
use super::{Decoded, Note, Resource, ecs, encoded};
use crate::{InputLimits, ParsedDocument, Recognition};

mod configuration;
mod declared;
mod merge;

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
    let found = plan.found();
    for one in &found {
        plan.resource(one);
    }
    let (mut read, deleted) = (plan.read, plan.gone.len());
    diagnostics.extend(incomplete(root, &found, parsed.span));
    if read.resources.is_empty() {
        let what = if root.get("values").is_some() { "state" } else { "plan" };
        let reason = match deleted {
            0 => format!("Terraform {what} without resources"),
            count => format!("Terraform {what} that leaves no resource (it deletes {count})"),
        };
        return Err(Recognition::Nothing { reason });
    }
    read.resources.extend(declared::declared(root));
    if deleted > 0 {
        let place = root.get("resource_changes").map_or(parsed.span, NodeRef::span);
        let text =
            format!("This plan deletes {deleted} of the resources that there are; what it deletes was not judged.");
        read.notes.push(Note { span: place, text });
    }
    if let Some(names) = names(&found, |doubt| matches!(doubt, Doubt::NoChange)) {
        let text = format!(
            "This plan does not say what is known only after apply of {names}: it lacks them in `resource_changes`. What has no \
             value may be anything there. Keep all that `terraform show -json` prints."
        );
        read.notes.push(Note { span: root.get("planned_values").map_or(parsed.span, NodeRef::span), text });
    }
    Ok(read)
}

/// What says that a plan is not the whole truth.
fn incomplete(root: NodeRef<'_>, found: &[Found<'_>], whole: Span) -> Vec<Diagnostic> {
    let says = |key: &str, expected: bool| root.get(key).filter(|node| node.as_bool() == Some(expected));
    let mut out = Vec::new();
    let deferred = names(found, |doubt| matches!(doubt, Doubt::Deferred(_)));
    if let Some(errored) = says("errored", true) {
        let message = "Terraform ended with an error while it made this plan, so that resources are missing in it. Repair \
                       the configuration and plan anew.";
        out.push(Diagnostic::at(Code::PlanIncomplete, errored.span(), message));
    } else if let Some(complete) = says("complete", false).filter(|_| deferred.is_none()) {
        let message = "Terraform says of this plan that it is not complete: it leaves resources out, as `-target` does, and \
                       they were not judged. Plan without such options, or plan anew after this plan is applied.";
        out.push(Diagnostic::at(Code::PlanIncomplete, complete.span(), message));
    }
    if let Some(names) = deferred {
        let message = format!(
            "Terraform could not plan all resources yet and deferred the changes of {names}. They were judged by what is \
             known of them. Apply what this plan holds, then plan anew."
        );
        let place = root.get("deferred_changes").map_or(whole, NodeRef::span);
        out.push(Diagnostic::at(Code::PlanIncomplete, place, message));
    }
    out
}

/// The addresses of the resources of which there is a doubt, as a sentence names them; nothing where there is none.
fn names(found: &[Found<'_>], is_meant: fn(&Doubt) -> bool) -> Option<String> {
    const MOST: usize = 3;
    let meant = found.iter().filter(|one| one.doubt.as_ref().is_some_and(is_meant));
    let mut addresses = meant.filter_map(|one| one.node.str("address"));
    let first: Vec<String> = addresses.by_ref().take(MOST).map(|address| format!("`{address}`")).collect();
    match (first.is_empty(), addresses.count()) {
        (true, _) => None,
        (false, 0) => Some(first.join(", ")),
        (false, more) => Some(format!("{} and {more} more", first.join(", "))),
    }
}

struct Plan<'p, 't> {
    root: NodeRef<'p>,
    text: &'t str,
    limits: &'t InputLimits,
    configuration: Configuration<'p>,
    /// What becomes of each resource, by its address.
    changes: HashMap<&'p str, NodeRef<'p>>,
    /// Resources that are there before and not after.
    gone: HashSet<&'p str>,
    read: Read,
    diagnostics: &'t mut Vec<Diagnostic>,
}

impl<'p, 't> Plan<'p, 't> {
    fn new(root: NodeRef<'p>, text: &'t str, limits: &'t InputLimits, diagnostics: &'t mut Vec<Diagnostic>) -> Self {
        let configuration = Configuration::of(root);
        let (changes, gone, read) = (HashMap::new(), HashSet::new(), Read::default());
        let mut plan = Plan { root, text, limits, configuration, changes, gone, read, diagnostics };
        for change in list(root, "resource_changes").chain(deferred(root).map(|(change, _)| change)) {
            let Some(address) = change.str("address") else { continue };
            let actions = change.path(&["change", "actions"]);
            let is_gone = |action: NodeRef<'_>| matches!(action.as_str(), Some("delete" | "forget"));
            if is_deposed(change) {
                // It is what an earlier replacement left behind of a resource that has a change of its own.
            } else if actions.is_some_and(|actions| actions.items().len() > 0 && actions.items().all(is_gone)) {
                plan.gone.insert(address);
            } else {
                plan.changes.entry(address).or_insert(change);
            }
        }
        plan
    }

    /// Everything that there is when the plan is applied, each once.
    fn found(&self) -> Vec<Found<'p>> {
        let root = self.root;
        let mut all = All { gone: &self.gone, known: HashSet::new(), found: Vec::new() };
        let planned = root.get_present("planned_values");
        let values = planned.or(root.get_present("values"));
        for (node, module) in values.map(resources_in).unwrap_or_default() {
            let has_change = || {
                let change = self.changes.get(node.str("address").unwrap_or_default());
                change.is_some_and(|change| change.path(&["change", "after_unknown"]).is_some())
            };
            let doubt = (planned.is_some() && !has_change()).then_some(Doubt::NoChange);
            all.add(node, module, doubt);
        }
        // Changes have the values as well, where only they were kept.
        for change in list(root, "resource_changes").filter(|change| !is_deposed(*change)) {
            all.add(change, change.str("module_address").unwrap_or_default(), None);
        }
        for (change, reason) in deferred(root).filter(|(change, _)| !is_deposed(*change)) {
            all.add(change, change.str("module_address").unwrap_or_default(), Some(Doubt::Deferred(reason)));
        }
        let is_refresh = all.found.is_empty() && self.gone.is_empty();
        for (node, module) in root.path(&["prior_state", "values"]).map(resources_in).unwrap_or_default() {
            if is_refresh || node.str("mode") == Some("data") {
                all.add(node, module, None);
            }
        }
        all.found
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
        let doubt = found.doubt.as_ref().map(Doubt::why);
        let mut merge = Merge { builder: TreeBuilder::new(), address, is_configured, doubt };
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
            let broken = || string.as_str().map(|_| Decoded::Broken(string.span()));
            decoded.extend(said.map(Decoded::Said).or_else(broken).map(|decoded| (id, decoded)));
        }
        if node.get("index_unknown").and_then(NodeRef::as_bool) == Some(true) {
            let text = format!("It is not known how many there are of `{address}`; one was judged for all.");
            self.read.notes.push(Note { span: node.span(), text });
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

/// A resource, as the part of a plan has it that says most of it.
struct Found<'p> {
    node: NodeRef<'p>,
    /// The address of the module that it is in, which is empty for the root.
    module: &'p str,
    doubt: Option<Doubt>,
}

/// Why a null of a resource may stand for a value that is not known.
enum Doubt {
    /// Terraform has not planned it yet; for what reason.
    Deferred(&'static str),
    /// No part of the plan says what is known only after apply.
    NoChange,
}

impl Doubt {
    fn why(&self) -> &'static str {
        match self {
            Doubt::Deferred(why) => why,
            Doubt::NoChange => "the plan does not say whether it is known only after apply",
        }
    }
}

/// Resources on the way, of which each counts once.
struct All<'a, 'p> {
    gone: &'a HashSet<&'p str>,
    known: HashSet<&'p str>,
    found: Vec<Found<'p>>,
}

impl<'p> All<'_, 'p> {
    /// What has no address is told of later.
    fn add(&mut self, node: NodeRef<'p>, module: &'p str, doubt: Option<Doubt>) {
        let is_new = |address| !self.gone.contains(address) && self.known.insert(address);
        if node.str("address").is_none_or(is_new) {
            self.found.push(Found { node, module, doubt });
        }
    }
}

fn list<'p>(root: NodeRef<'p>, key: &str) -> impl Iterator<Item = NodeRef<'p>> + use<'p> {
    root.get(key).into_iter().flat_map(NodeRef::items)
}

fn is_deposed(change: NodeRef<'_>) -> bool {
    change.get_present("deposed").is_some()
}

/// The changes that Terraform deferred, each with why nothing is certain of it (`internal/command/jsonplan/plan.go`).
fn deferred<'p>(root: NodeRef<'p>) -> impl Iterator<Item = (NodeRef<'p>, &'static str)> + use<'p> {
    list(root, "deferred_changes").map(|deferred| {
        let why = match deferred.str("reason") {
            Some("instance_count_unknown") => "not planned yet, since it is not known how many there are",
            Some("resource_config_unknown") => "not planned yet, since too little of its configuration is known",
            Some("provider_config_unknown") => "not planned yet, since the configuration of its provider is not known",
            Some("absent_prereq") => "not planned yet, since something that it needs is not there",
            Some("deferred_prereq") => "not planned yet, since something that it depends on is not either",
            Some("excluded" | "not_included") => "not planned, since Terraform was told to leave it out",
            _ => "not planned yet",
        };
        (deferred.get_present("resource_change").unwrap_or(deferred), why)
    })
}

/// The resources of the modules in a part of a plan, each with the address of its module.
fn resources_in(values: NodeRef<'_>) -> Vec<(NodeRef<'_>, &str)> {
    let mut found = Vec::new();
    if let Some(module) = values.get_present("root_module") {
        collect(module, &mut found);
    }
    found
}

/// The resources of a module and of those in it. The loader's limit on depth bounds the recursion.
fn collect<'p>(module: NodeRef<'p>, out: &mut Vec<(NodeRef<'p>, &'p str)>) {
    let address = module.str("address").unwrap_or_default();
    out.extend(list(module, "resources").map(|node| (node, address)));
    for child in list(module, "child_modules") {
        collect(child, out);
    }
}
