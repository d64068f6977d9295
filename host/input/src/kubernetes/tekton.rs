//! The pods of Tekton Pipelines.
//!
//! A task becomes one pod, whose containers are its steps and sidecars. The types are those of
//! pkg/apis/pipeline/v1 and v1beta1 in tektoncd/pipeline:
//!
//! - `stepTemplate` lies under each step, merged strategically as a container
//!   (`MergeStepsWithStepTemplate` in pkg/apis/pipeline/v1/merge.go), and under no sidecar.
//! - A `podTemplate` gives settings of the pod (pkg/apis/pipeline/pod/template.go): `TaskRun`s have
//!   one, `PipelineRun`s one for all tasks and one for each (`taskRunSpecs`), which wins field by
//!   field, volumes and variables by name (`MergePodTemplateWithDefault`).
//! - What a step takes from a `StepAction` (`ref`) stands in another object: unknown. Of a run that
//!   only names its task or pipeline the steps are unknown, where it states settings of their pods.
//!
//! A `Task` alone is judged as it stands; the settings that a run adds to it are judged with the run.

use std::collections::{HashMap, HashSet};

use verdikt_model::{NodeId, NodeRef};

use crate::kubernetes::compose::{Composed, Composer, Layer, Members, Placeholders};

const PLACEHOLDERS: Placeholders = Placeholders {
    open: "$(",
    close: ")",
    words: &["params.", "params[", "inputs.", "outputs.", "tasks.", "context.", "workspaces.", "results.", "steps."],
    why: "a parameter of the task that is filled in when it runs",
};

const STEP_TEMPLATE: &str = "step template";
const POD_TEMPLATE: &str = "pod template";

/// What a `StepAction` can give to a step that names one.
const ACTION_FIELDS: [&str; 6] = ["image", "command", "args", "workingDir", "env", "securityContext"];

/// A task and what a run says of its pod.
#[derive(Clone, Default)]
struct Task<'a> {
    /// With `steps`, `stepTemplate`, `sidecars` and `volumes`; `None` when it stands in another
    /// object.
    spec: Option<NodeRef<'a>>,
    /// What names a task of another object.
    reference: Option<NodeRef<'a>>,
    metadata: Option<NodeRef<'a>>,
    /// The strongest first.
    pod_templates: Vec<NodeRef<'a>>,
    service_account: Option<NodeRef<'a>>,
    /// Resources of single steps and sidecars, by name.
    step_overrides: Option<NodeRef<'a>>,
    sidecar_overrides: Option<NodeRef<'a>>,
    /// Resources of the task as a whole, which Tekton divides among its steps.
    resources: Option<NodeRef<'a>>,
}

/// The tasks of an object of this kind. `None` for kinds that have none.
pub(super) fn pods<'a>(object: NodeRef<'a>, kind: &str) -> Option<Pods<'a>> {
    let spec = object.get_present("spec");
    let mut tasks = Vec::new();
    match kind {
        "Task" | "ClusterTask" => {
            tasks.push(Task { spec, ..Task::default() });
        }
        "StepAction" => return Some(Pods { tasks, action: spec.filter(|spec| spec.is_map()) }),
        "TaskRun" => tasks.extend(spec.map(task_run)),
        "Pipeline" => {
            if let Some(spec) = spec {
                pipeline(spec, &Task::default(), None, &mut tasks);
            }
        }
        "PipelineRun" => {
            if let Some(spec) = spec {
                pipeline_run(spec, &mut tasks);
            }
        }
        _ => return None,
    }
    // What a task without steps is, another controller decides; a run of one has settings to judge.
    tasks.retain(|task| match task.spec {
        Some(spec) => spec.get_present("steps").is_some(),
        None => !task.pod_templates.is_empty(),
    });
    Some(Pods { tasks, action: None })
}

/// What the pods of an object are made of.
pub(super) struct Pods<'a> {
    tasks: Vec<Task<'a>>,
    /// The step that a `StepAction` is.
    action: Option<NodeRef<'a>>,
}

impl<'a> Pods<'a> {
    /// The bytes that the pods would repeat.
    pub(super) fn repeated_size(&self) -> usize {
        let size = |node: NodeRef<'_>| node.to_json().len();
        // The tasks of a run share the node of its pod template, which is measured once.
        let mut measured: HashMap<NodeId, usize> = HashMap::new();
        let mut total = 0_usize;
        for task in &self.tasks {
            for template in &task.pod_templates {
                let bytes = *measured.entry(template.id()).or_insert_with(|| size(*template));
                total = total.saturating_add(bytes);
            }
            let Some(spec) = task.spec else { continue };
            let count = |key: &str| spec.get(key).map_or(0, |list| list.items().len());
            let env = task.pod_templates.iter().filter_map(|template| template.get_present("env")).map(size).sum();
            let template = spec.get_present("stepTemplate").map_or(0, size).saturating_add(env);
            total = total.saturating_add(template.saturating_mul(count("steps") + count("sidecars")));
        }
        total
    }

    pub(super) fn compose(&self, object: NodeRef<'a>) -> Vec<Composed> {
        let action = self.action.map(|action| of_action(object, action));
        self.tasks.iter().map(|task| of_task(object, task)).chain(action).collect()
    }
}

fn task_run<'a>(run: NodeRef<'a>) -> Task<'a> {
    Task {
        spec: run.get_present("taskSpec"),
        reference: run.get_present("taskRef"),
        metadata: None,
        pod_templates: run.get_present("podTemplate").into_iter().collect(),
        service_account: run.get_present("serviceAccountName"),
        step_overrides: run.get_present("stepSpecs").or(run.get_present("stepOverrides")),
        sidecar_overrides: run.get_present("sidecarSpecs").or(run.get_present("sidecarOverrides")),
        resources: run.get_present("computeResources"),
    }
}

/// The tasks of a pipeline that stand in it. `all` is what a run says of all of them, `single` its list
/// of what it says of each.
fn pipeline<'a>(
    spec: NodeRef<'a>,
    all: &Task<'a>,
    single: Option<&HashMap<&str, NodeRef<'a>>>,
    out: &mut Vec<Task<'a>>,
) {
    let tasks = ["tasks", "finally"].into_iter().filter_map(|key| spec.get(key)).flat_map(NodeRef::items);
    for task in tasks {
        // A pipeline in a pipeline; the depth limit of the loaders bounds it.
        if let Some(nested) = task.get_present("pipelineSpec") {
            pipeline(nested, all, None, out);
        }
        let own = task.str("name").and_then(|name| single?.get(name)).copied();
        let Some(spec) = task.get_present("taskSpec") else {
            if let Some(own) = own {
                out.push(run_of(all, own, task));
            }
            continue;
        };
        let settings = own.map_or_else(|| all.clone(), |own| run_of(all, own, task));
        out.push(Task { spec: Some(spec), metadata: spec.get_present("metadata"), ..settings });
    }
}

/// What a run says of one task of its pipeline, over what it says of all.
fn run_of<'a>(all: &Task<'a>, own: NodeRef<'a>, task: NodeRef<'a>) -> Task<'a> {
    let template = own.get_present("podTemplate").or(own.get_present("taskPodTemplate"));
    let account = own.get_present("serviceAccountName").or(own.get_present("taskServiceAccountName"));
    Task {
        spec: None,
        reference: Some(task),
        metadata: own.get_present("metadata"),
        pod_templates: template.into_iter().chain(all.pod_templates.iter().copied()).collect(),
        service_account: account.or(all.service_account),
        ..task_run(own)
    }
}

fn pipeline_run<'a>(run: NodeRef<'a>, out: &mut Vec<Task<'a>>) {
    // Version v1 has them below `taskRunTemplate`, v1beta1 in the run itself.
    let template = run.get_present("taskRunTemplate").unwrap_or(run);
    let all = Task {
        pod_templates: template.get_present("podTemplate").into_iter().collect(),
        service_account: template.get_present("serviceAccountName"),
        ..Task::default()
    };
    let single = || run.get("taskRunSpecs").into_iter().flat_map(NodeRef::items);
    let before = out.len();
    if let Some(spec) = run.get_present("pipelineSpec") {
        let by_name = single().filter_map(|own| Some((own.str("pipelineTaskName")?, own))).collect();
        pipeline(spec, &all, Some(&by_name), out);
    } else {
        out.extend(single().map(|own| run_of(&all, own, own)));
    }
    // Where no task stands here, nothing else says what is set for all of them.
    if out[before..].iter().all(|task| task.spec.is_none()) {
        let reference = run.get_present("pipelineRef").or(run.get_present("pipelineSpec")).unwrap_or(run);
        out.push(Task { reference: Some(reference), ..all });
    }
}

fn of_task<'a>(object: NodeRef<'a>, task: &Task<'a>) -> Composed {
    let mut composer = Composer::new(PLACEHOLDERS);
    let metadata = task.metadata.map(|node| composer.copy(Layer::own(node)));
    let mut spec = Members::default();
    let account = task.service_account.map(|node| composer.copy(Layer::own(node)));
    spec.put_some(&mut composer, "serviceAccountName", account);
    put_pod_settings(&mut composer, &mut spec, task);
    let volumes = task.spec.and_then(|spec| spec.get_present("volumes"));
    let volumes = volumes.into_iter().chain(task.pod_templates.iter().filter_map(|pod| setting(*pod, "volumes")));
    let volumes: Vec<Layer<'_>> = volumes.map(Layer::own).collect();
    let volumes = composer.merge("volumes", &volumes);
    spec.put_some(&mut composer, "volumes", volumes);
    let containers = match task.spec {
        Some(steps) => containers(&mut composer, task, steps),
        None => {
            let source = task.reference.unwrap_or(object);
            composer.unknown("the steps stand in another object", Layer::own(source))
        }
    };
    spec.put(&mut composer, "containers", containers);
    let spec = composer.map(spec, task.spec.or(task.pod_templates.first().copied()).unwrap_or(object));
    composer.finish(object, metadata, spec)
}

/// The settings of a pod template that decide how its pod is secured.
const SETTINGS: [&str; 8] = [
    "automountServiceAccountToken",
    "hostNetwork",
    "imagePullSecrets",
    "nodeSelector",
    "priorityClassName",
    "runtimeClassName",
    "securityContext",
    "tolerations",
];

/// A setting of a pod template. What is no map hides all of them, and stands for each.
fn setting<'a>(template: NodeRef<'a>, key: &str) -> Option<NodeRef<'a>> {
    if template.is_map() { template.get_present(key) } else { Some(template) }
}

/// The settings of pod templates, which have the names that a pod spec has for them. Each is taken
/// whole.
fn put_pod_settings(composer: &mut Composer, spec: &mut Members, task: &Task<'_>) {
    let mut seen: HashSet<&str> = ["env", "volumes"].into();
    let stated = task.pod_templates.iter().flat_map(|template| template.entries().map(|(key, _)| key));
    for key in stated.chain(SETTINGS) {
        if !seen.insert(key) {
            continue;
        }
        let stated = || task.pod_templates.iter().filter_map(|template| setting(*template, key));
        // False is not stated for Tekton: a default of true wins over it.
        let is_set = |node: &NodeRef<'_>| key != "hostNetwork" || node.as_bool() != Some(false);
        let value = stated().find(is_set).or_else(|| stated().next());
        let value = value.map(|node| composer.copy(Layer::own(node)));
        spec.put_some(composer, key, value);
    }
}

/// The steps, then the sidecars, which run beside them.
fn containers<'a>(composer: &mut Composer, task: &Task<'a>, spec: NodeRef<'a>) -> NodeId {
    let template = spec.get_present("stepTemplate").map(|node| Layer::from(node, STEP_TEMPLATE));
    let mut items = Vec::new();
    for (key, template, overrides) in
        [("steps", template, task.step_overrides), ("sidecars", None, task.sidecar_overrides)]
    {
        let overrides: HashMap<&str, NodeRef<'a>> =
            overrides.into_iter().flat_map(NodeRef::items).filter_map(|item| Some((item.str("name")?, item))).collect();
        let list = spec.get_present(key);
        // What should be a list and is none becomes an element that is no container.
        let single = list.filter(|list| !list.is_list());
        for item in list.into_iter().flat_map(NodeRef::items).chain(single) {
            let override_of = item.str("name").and_then(|name| overrides.get(name)).copied();
            items.push(container(composer, task, item, template, override_of));
        }
    }
    composer.list(&items, spec.get_present("steps").unwrap_or(spec))
}

fn container<'a>(
    composer: &mut Composer,
    task: &Task<'a>,
    item: NodeRef<'a>,
    template: Option<Layer<'a>>,
    override_of: Option<NodeRef<'a>>,
) -> NodeId {
    let own = Layer::own(item);
    let layers: Vec<Layer<'a>> = [Some(own), template].into_iter().flatten().collect();
    let Some(mut container) = composer.merge("", &layers).filter(|_| item.is_map()) else {
        return composer.copy(own);
    };
    if let Some(reference) = item.get_present("ref") {
        for field in ACTION_FIELDS.into_iter().filter(|field| item.get_present(field).is_none()) {
            let unknown = composer.unknown("the `StepAction` that the step names may give it", Layer::own(reference));
            container = composer.with_member(container, field, unknown);
        }
    }
    let env = task.pod_templates.iter().filter_map(|pod| setting(*pod, "env"));
    let env: Vec<Layer<'a>> = env.map(|env| Layer::from(env, POD_TEMPLATE)).collect();
    // "Environment variables defined in the PodTemplate … take precedence" (docs/podtemplates.md).
    if !env.is_empty() && composer.node(container).get("env").is_none_or(|env| !env.is_unknown()) {
        let own = layers.iter().filter_map(|layer| layer.member("env"));
        let layers: Vec<Layer<'a>> = env.into_iter().chain(own).collect();
        if let Some(merged) = composer.merge("env", &layers) {
            container = composer.with_member(container, "env", merged);
        }
    }
    // `computeResources` since v1, `resources` before.
    let resources = override_of.map(Layer::own).into_iter().chain(layers);
    let resources: Vec<Layer<'a>> =
        resources.filter_map(|layer| layer.member("computeResources").or_else(|| layer.member("resources"))).collect();
    let resources = match task.resources {
        Some(whole) => {
            Some(composer.unknown("Tekton divides the resources of the task among its steps", Layer::own(whole)))
        }
        None => composer.merge("resources", &resources),
    };
    match resources {
        Some(resources) => composer.with_member(container, "resources", resources),
        None => container,
    }
}

fn of_action<'a>(object: NodeRef<'a>, action: NodeRef<'a>) -> Composed {
    let mut composer = Composer::new(PLACEHOLDERS);
    let container = composer.copy(Layer::own(action));
    let containers = composer.list(&[container], action);
    let mut spec = Members::default();
    spec.put(&mut composer, "containers", containers);
    let spec = composer.map(spec, action);
    composer.finish(object, None, spec)
}
