//! The pods of Argo Workflows.
//!
//! A workflow is a list of templates, and each that runs containers (`container`, `script`,
//! `containerSet`) becomes a pod of its own. The types are those of
//! pkg/apis/workflow/v1alpha1/workflow_types.go in argoproj/argo-workflows; how a pod is made of them
//! is `createWorkflowPod` in workflow/controller/workflowpod.go there:
//!
//! - `templateDefaults` lie under the template (`mergedTemplateDefaultsInto`), merged strategically.
//! - Pod settings of the template win over those of the workflow, each as a whole
//!   (`addSchedulingConstraints`, `setupServiceAccount`); labels and annotations are merged.
//! - Of the workflow's volumes a pod has those that its containers mount (`addVolumeReferences`).
//! - `podSpecPatch` of the workflow and of the template are merged over the pod. What cannot be read
//!   as a patch makes the whole pod unknown.
//!
//! What only the controller knows is not here: the containers `init` and `wait` that it adds, and the
//! defaults of its configuration. Templates that run no container of the user's (`resource`, `data`,
//! `http`, …) have no workload.

use std::collections::{HashMap, HashSet};

use verdikt_model::{Level, NodeId, NodeRef};

use crate::kubernetes::compose::{Composed, Composer, Layer, Members, Placeholders};
use crate::syntax::yaml;
use crate::{InputLimits, ParsedDocument};

const PLACEHOLDERS: Placeholders = Placeholders {
    open: "{{",
    close: "}}",
    words: &[],
    why: "a parameter of the workflow that is filled in when it runs",
};

/// How provenance names the workflow's own settings, its defaults and its patches.
const WORKFLOW: &str = "workflow";
const DEFAULTS: &str = "template defaults";
const PATCH: &str = "pod spec patch";

/// What Argo calls a container that has no name.
const MAIN: &str = "main";
/// The containers that the controller adds. A patch that only sets their resources is none of ours.
const ADDED: [&str; 2] = ["wait", "init"];
const HARMLESS: [&str; 2] = ["name", "resources"];

/// Where an object of this kind has its workflow.
pub(super) fn workflow<'a>(object: NodeRef<'a>, kind: &str) -> Option<NodeRef<'a>> {
    match kind {
        "Workflow" | "WorkflowTemplate" | "ClusterWorkflowTemplate" => object.get_present("spec"),
        "CronWorkflow" => object.path(&["spec", "workflowSpec"]),
        _ => None,
    }
    .filter(|spec| spec.is_map())
}

/// The bytes that the pods of a workflow would repeat.
pub(super) fn repeated_size(workflow: NodeRef<'_>) -> usize {
    let shared = workflow.entries().filter(|(key, _)| *key != "templates");
    let size: usize = shared.map(|(_, member)| member.to_json().len()).sum();
    size.saturating_mul(pod_templates(workflow).len())
}

/// The pod templates of a workflow. `object` is what it stands in, whose names they have.
pub(super) fn compose<'a>(object: NodeRef<'a>, workflow: NodeRef<'a>) -> Vec<Composed> {
    let mut pods: Vec<Composed> =
        pod_templates(workflow).into_iter().map(|template| of_template(object, workflow, template)).collect();
    // The templates stand elsewhere, but not what the workflow decides for all their pods.
    const DECIDES: [&str; 4] = ["hostNetwork", "securityContext", "volumes", "podSpecPatch"];
    if let Some(reference) = workflow.get_present("workflowTemplateRef")
        && DECIDES.iter().any(|key| workflow.get_present(key).is_some())
    {
        pods.push(of_reference(object, workflow, reference));
    }
    pods
}

/// The templates that run containers, those that stand inside others included.
fn pod_templates<'a>(workflow: NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let mut found = Vec::new();
    for template in workflow.get("templates").into_iter().flat_map(NodeRef::items) {
        collect(template, &mut found);
    }
    found
}

fn collect<'a>(template: NodeRef<'a>, found: &mut Vec<NodeRef<'a>>) {
    if main_of(template).is_some() {
        found.push(template);
    }
    // `steps` is a list of lists, `dag.tasks` a list. The depth limit of the loaders bounds it.
    let groups = template.get("steps").into_iter().flat_map(NodeRef::items);
    let steps = groups.flat_map(NodeRef::items);
    let tasks = template.path(&["dag", "tasks"]).into_iter().flat_map(NodeRef::items);
    for inline in steps.chain(tasks).filter_map(|step| step.get_present("inline")) {
        collect(inline, found);
    }
}

/// The member that makes a template one that runs containers.
fn main_of<'a>(template: NodeRef<'a>) -> Option<(&'static str, NodeRef<'a>)> {
    ["container", "script", "containerSet"].into_iter().find_map(|key| Some((key, template.get_present(key)?)))
}

/// The elements of a list that are merged by name.
#[derive(Default)]
struct Group<'a> {
    name: Option<&'a str>,
    /// The strongest first.
    layers: Vec<Layer<'a>>,
    /// For a container of a set: what all of them mount.
    mounts: Option<NodeRef<'a>>,
}

impl<'a> Group<'a> {
    fn new(layers: impl IntoIterator<Item = Layer<'a>>) -> Self {
        let layers: Vec<Layer<'a>> = layers.into_iter().collect();
        Group { name: layers.iter().find_map(|layer| layer.node.str("name")), layers, mounts: None }
    }
}

/// What patches say, parsed.
struct Patches<'a> {
    parsed: Vec<(NodeRef<'a>, ParsedDocument)>,
    /// A patch that cannot be read.
    unreadable: Option<NodeRef<'a>>,
}

impl<'a> Patches<'a> {
    /// Reads patches, the strongest first.
    fn read(texts: impl IntoIterator<Item = NodeRef<'a>>) -> Self {
        let mut patches = Patches { parsed: Vec::new(), unreadable: None };
        for node in texts {
            let Some(text) = node.as_str().filter(|text| !text.is_empty()) else {
                if node.as_str().is_none() {
                    patches.unreadable = Some(node);
                }
                continue;
            };
            let mut problems = Vec::new();
            let mut documents = yaml::load(node.span().file, text, &InputLimits::default(), &mut problems);
            let broken = problems.iter().any(|problem| problem.level() == Level::Error);
            match documents.pop() {
                Some(parsed) if !broken && documents.is_empty() && parsed.tree.node(parsed.root).is_map() => {
                    patches.parsed.push((node, parsed));
                }
                _ => patches.unreadable = Some(node),
            }
        }
        patches
    }

    fn layers(&self) -> Vec<Layer<'_>> {
        self.parsed.iter().map(|(text, patch)| Layer::quoted(patch.tree.node(patch.root), *text, PATCH)).collect()
    }
}

/// The settings of a pod that a template or its workflow may state, with the workflow's name for each.
const SETTINGS: [(&str, &str); 8] = [
    ("serviceAccountName", "serviceAccountName"),
    ("automountServiceAccountToken", "automountServiceAccountToken"),
    ("nodeSelector", "nodeSelector"),
    ("tolerations", "tolerations"),
    ("priorityClassName", "podPriorityClassName"),
    ("securityContext", "securityContext"),
    ("hostNetwork", "hostNetwork"),
    ("imagePullSecrets", "imagePullSecrets"),
];
/// The lists of a pod whose elements are put together by name.
const LISTS: [&str; 3] = ["initContainers", "containers", "volumes"];

fn of_template<'a>(object: NodeRef<'a>, workflow: NodeRef<'a>, template: NodeRef<'a>) -> Composed {
    let mut composer = Composer::new(PLACEHOLDERS);
    let defaults = workflow.get_present("templateDefaults").map(|node| Layer::from(node, DEFAULTS));
    let layers: Vec<Layer<'_>> = [Some(Layer::own(template)), defaults].into_iter().flatten().collect();
    let workflow = Layer::from(workflow, WORKFLOW);

    let labels = layers.iter().filter_map(|layer| layer.member("metadata")).chain(workflow.member("podMetadata"));
    let metadata = composer.merge("metadata", &labels.collect::<Vec<_>>());
    let patches = Patches::read(
        layers
            .iter()
            .find_map(|layer| layer.member("podSpecPatch"))
            .into_iter()
            .chain(workflow.member("podSpecPatch"))
            .map(|layer| layer.node),
    );
    if let Some(patch) = patches.unreadable {
        let spec = composer.unknown("a `podSpecPatch` that cannot be read as a patch decides it", Layer::own(patch));
        return composer.finish(object, metadata, spec);
    }
    let patches = patches.layers();
    let containers = containers(&layers);
    let init: Vec<Group<'_>> = layers.iter().find_map(|layer| items(*layer, "initContainers")).unwrap_or_default();
    let volumes = volumes(&layers, workflow, containers.iter().chain(&init));

    let mut spec = Members::default();
    for (key, workflow_key) in SETTINGS {
        let own: Vec<Layer<'_>> = match key {
            // Only workflows have these.
            "hostNetwork" | "imagePullSecrets" => Vec::new(),
            _ => layers.iter().filter_map(|layer| layer.member(key)).filter(|layer| !is_empty(layer.node)).collect(),
        };
        let stated = if own.is_empty() { workflow.member(workflow_key).into_iter().collect() } else { own };
        let patched: Vec<Layer<'_>> = members(&patches, key).chain(stated).collect();
        let value = composer.merge(key, &patched);
        spec.put_some(&mut composer, key, value);
    }
    put_patched(&mut composer, &mut spec, &patches);
    for (key, mut groups) in LISTS.into_iter().zip([init, containers, volumes]) {
        // The weakest first, so that the strongest comes to lie above it.
        for layer in patches.iter().rev() {
            overlay(&mut groups, items(*layer, key).unwrap_or_default(), true);
        }
        let built: Vec<NodeId> = groups.iter().filter_map(|group| element(&mut composer, key, group)).collect();
        if !built.is_empty() {
            let list = composer.list(&built, template);
            spec.put(&mut composer, key, list);
        }
    }
    let spec = composer.map(spec, template);
    composer.finish(object, metadata, spec)
}

/// The pod of a workflow whose templates stand in another object.
fn of_reference<'a>(object: NodeRef<'a>, workflow: NodeRef<'a>, reference: NodeRef<'a>) -> Composed {
    let mut composer = Composer::new(PLACEHOLDERS);
    let mut spec = Members::default();
    if let Some(patch) = workflow.get_present("podSpecPatch") {
        let why = "a `podSpecPatch` decides it, over templates of another object";
        let spec = composer.unknown(why, Layer::own(patch));
        return composer.finish(object, None, spec);
    }
    for key in ["hostNetwork", "securityContext", "volumes"] {
        let value = workflow.get_present(key).map(|node| composer.copy(Layer::own(node)));
        spec.put_some(&mut composer, key, value);
    }
    let why = "the templates stand in the object that `workflowTemplateRef` names";
    let containers = composer.unknown(why, Layer::own(reference));
    spec.put(&mut composer, "containers", containers);
    let spec = composer.map(spec, workflow);
    composer.finish(object, None, spec)
}

/// The containers of a template: its own, then its sidecars, which Argo runs beside them.
fn containers<'a>(layers: &[Layer<'a>]) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    match layers.first().and_then(|layer| main_of(layer.node)) {
        Some(("containerSet", set)) => {
            // Defaults for the sets of a whole workflow are merged by the names of the containers.
            let set = Layer::own(set);
            match items(set, "containers") {
                Some(own) => {
                    let mounts = set.node.get_present("volumeMounts");
                    groups.extend(own.into_iter().map(|group| Group { mounts, ..group }));
                }
                // What is no set stands for its containers.
                None if !set.node.is_map() => groups.push(Group::new([set])),
                None => {}
            }
            let defaults = layers.iter().skip(1).filter_map(|layer| layer.member("containerSet"));
            for more in defaults.filter_map(|layer| items(layer, "containers")) {
                overlay(&mut groups, more, false);
            }
        }
        Some((key, _)) => {
            let mut main = Group::new(layers.iter().filter_map(|layer| layer.member(key)));
            main.name = main.name.or(Some(MAIN));
            groups.push(main);
        }
        None => {}
    }
    groups.extend(layers.iter().find_map(|layer| items(*layer, "sidecars")).unwrap_or_default());
    groups
}

fn items<'a>(layer: Layer<'a>, key: &str) -> Option<Vec<Group<'a>>> {
    let list = layer.member(key)?;
    // What should be a list and is none becomes an element that is no container.
    let single = (!list.node.is_list()).then_some(list.node);
    Some(list.node.items().chain(single).map(|item| Group::new([list.with(item)])).collect())
}

/// The template's volumes, and of the workflow's those that the containers mount.
fn volumes<'a: 'g, 'g>(
    layers: &[Layer<'a>],
    workflow: Layer<'a>,
    containers: impl Iterator<Item = &'g Group<'a>>,
) -> Vec<Group<'a>> {
    let mut groups = layers.iter().find_map(|layer| items(*layer, "volumes")).unwrap_or_default();
    let own: HashSet<&str> = groups.iter().filter_map(|group| group.name).collect();
    let mut mounted = HashSet::new();
    let mut any = false;
    for group in containers {
        let lists = group.layers.iter().filter_map(|layer| layer.node.get_present("volumeMounts"));
        for list in lists.chain(group.mounts) {
            any |= !list.is_list();
            for mount in list.items() {
                match mount.str("name") {
                    Some(name) => mounted.insert(name),
                    None => std::mem::replace(&mut any, true),
                };
            }
        }
    }
    let shared = items(workflow, "volumes").unwrap_or_default();
    let wanted = |group: &Group<'_>| match group.name {
        Some(name) => !own.contains(name) && (any || mounted.contains(name)),
        None => true,
    };
    let shared: Vec<Group<'a>> = shared.into_iter().filter(wanted).collect();
    groups.extend(shared);
    groups
}

/// Adds the elements of a list to those of the same name, above or below what they say; the others
/// are new.
fn overlay<'a>(groups: &mut Vec<Group<'a>>, more: Vec<Group<'a>>, above: bool) {
    let mut by_name: HashMap<&str, usize> =
        groups.iter().enumerate().filter_map(|(index, group)| Some((group.name?, index))).collect();
    for group in more {
        match group.name.and_then(|name| by_name.get(name)).and_then(|index| groups.get_mut(*index)) {
            Some(own) if above => drop(own.layers.splice(0..0, group.layers)),
            Some(own) => own.layers.extend(group.layers),
            None => {
                by_name.extend(group.name.map(|name| (name, groups.len())));
                groups.push(group);
            }
        }
    }
}

/// What only the patches say of the pod.
fn put_patched(composer: &mut Composer, spec: &mut Members, patches: &[Layer<'_>]) {
    let mut seen: HashSet<&str> = SETTINGS.iter().map(|(key, _)| *key).chain(LISTS).collect();
    for (key, _) in patches.iter().flat_map(|layer| layer.node.entries()) {
        if seen.insert(key) {
            let layers: Vec<Layer<'_>> = members(patches, key).collect();
            let value = composer.merge(key, &layers);
            spec.put_some(composer, key, value);
        }
    }
}

/// The members of patches, null included: it removes.
fn members<'p, 'a>(patches: &'p [Layer<'a>], key: &'p str) -> impl Iterator<Item = Layer<'a>> + 'p {
    patches.iter().filter_map(move |layer| layer.node.get(key).map(|node| layer.with(node)))
}

fn element(composer: &mut Composer, key: &str, group: &Group<'_>) -> Option<NodeId> {
    let first = *group.layers.first()?;
    if key != "volumes"
        && group.layers.iter().all(|layer| layer.is_quoted())
        && group.name.is_some_and(|name| ADDED.contains(&name))
    {
        let harmless = first.node.entries().all(|(key, _)| HARMLESS.contains(&key));
        let why = "a `podSpecPatch` changes a container that Argo adds";
        return (!harmless).then(|| composer.unknown(why, first));
    }
    let mut element = composer.merge(key, &group.layers)?;
    if let Some(mounts) = group.mounts {
        let own = group.layers.iter().filter_map(|layer| layer.member("volumeMounts"));
        let layers: Vec<Layer<'_>> = own.chain([Layer::from(mounts, "container set")]).collect();
        if let Some(merged) = composer.merge("volumeMounts", &layers) {
            element = composer.with_member(element, "volumeMounts", merged);
        }
    }
    if let Some(name) = group.name.filter(|_| composer.node(element).get("name").is_none()) {
        let name = composer.text(name, first);
        element = composer.with_member(element, "name", name);
    }
    Some(element)
}

/// Whether Argo takes a value for one that is not stated.
fn is_empty(node: NodeRef<'_>) -> bool {
    node.as_str() == Some("")
        || (node.is_list() && node.items().len() == 0)
        || (node.is_map() && node.entries().len() == 0)
}
