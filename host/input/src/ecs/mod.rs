//! ECS task definitions: what is one, what it is called, what its body is.
//!
//! Three forms are read, alone or in an array: the input of `register-task-definition`, the output of
//! `describe-task-definition` (`{"taskDefinition": {…}, "tags": […]}`), and a bare array of container
//! definitions, as files have it that Terraform's `container_definitions` reads. Field names are those
//! of the Amazon ECS API reference (`RegisterTaskDefinition`, `TaskDefinition`,
//! `ContainerDefinition`), in camelCase; the form of CloudFormation is another normalizer's.
//!
//! **How the tools read them.** `--cli-input-json` is Python's `json` (awscli/customizations/cliinput.py):
//! strict but for the last of two equal keys, which counts here too, with a warning. Types are checked
//! before anything is sent (botocore/validate.py), so a container's `"cpu": "256"` is refused, and is a
//! wrong type here. `--cli-input-yaml` is ruamel.yaml, which reads YAML 1.2: where that and the 1.1 of
//! our loader differ (`yes` is a string there), the value has a type that botocore refuses, so that no
//! task definition which AWS accepts is read differently.
//!
//! **The body** is the task definition in that one shape: `tags` of a description are brought into it,
//! a bare array becomes the `containerDefinitions` of an otherwise empty one.
//!
//! **Name and address** are the `family`. A bare array has none, and neither has a definition that
//! lacks the field (for which there is a diagnostic): both are empty then, and reports show the file.
//!
//! Members in another letter case (`Privileged`) are unknown: see `spelling`.

use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, DocumentId, NodeId, NodeRef, Platform, Span, Tree, TreeBuilder};

use crate::workload::{Derivation, found};
use crate::{Draft, ParsedDocument, Recognition};

mod container;
pub(crate) mod schema;
mod spelling;
mod task;
#[cfg(test)]
mod tests;

const KIND: &str = "TaskDefinition";

/// Members of a container definition that no other format has beside `name` and `image`.
const CONTAINER_KEYS: [&str; 15] = [
    "dockerLabels",
    "dockerSecurityOptions",
    "entryPoint",
    "environmentFiles",
    "essential",
    "firelensConfiguration",
    "linuxParameters",
    "logConfiguration",
    "memoryReservation",
    "mountPoints",
    "portMappings",
    "readonlyRootFilesystem",
    "repositoryCredentials",
    "systemControls",
    "volumesFrom",
];

/// The form in which a task definition is written.
enum Form<'a> {
    /// `register-task-definition` input.
    Definition(NodeRef<'a>),
    /// `describe-task-definition` output.
    Description { definition: NodeRef<'a>, tags: Option<NodeRef<'a>> },
    /// A bare array of container definitions.
    Containers(NodeRef<'a>),
    /// Several of the first two; what else stands among them is reported.
    Several(NodeRef<'a>),
}

/// Whether a node has the shape of a task definition, or of several.
pub(crate) fn recognize(node: NodeRef<'_>) -> bool {
    form(node).is_some()
}

/// Turns a parsed document into drafts, each task definition followed by its workload.
pub(crate) fn normalize(
    parsed: &ParsedDocument,
    out: &mut Vec<Draft>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Recognition {
    let root = parsed.tree.node(parsed.root);
    let Some(form) = form(root) else {
        return Recognition::NotOurs {
            reason: "not an ECS task definition: it has no list `containerDefinitions`".into(),
        };
    };
    let mut documents = 0;
    if let Form::Several(list) = form {
        for item in list.items() {
            let Some(form) = definition(item) else {
                diagnostics.push(Diagnostic::at(
                    Code::MissingField,
                    item.span(),
                    "This item of a list of task definitions has no list `containerDefinitions`, so it was not judged. \
                     Add the list, or remove the item.",
                ));
                continue;
            };
            push(&parsed.tree, form, item.span(), out, diagnostics);
            documents += 1;
        }
    } else {
        push(&parsed.tree, form, parsed.span, out, diagnostics);
        documents = 1;
    }
    Recognition::Documents(documents)
}

fn form(node: NodeRef<'_>) -> Option<Form<'_>> {
    if node.is_map() {
        return definition(node);
    }
    // One is enough: a mistake in its neighbor must not hide it.
    if node.items().any(|item| definition(item).is_some()) {
        return Some(Form::Several(node));
    }
    is_container_array(node).then_some(Form::Containers(node))
}

fn definition(node: NodeRef<'_>) -> Option<Form<'_>> {
    let containers = |node: NodeRef<'_>| match node.get_present("containerDefinitions") {
        Some(list) => list.is_list() || list.is_unknown() || node.get("family").is_some(),
        None => false,
    };
    if containers(node) {
        return Some(Form::Definition(node));
    }
    let definition = node.get_present("taskDefinition").filter(|definition| containers(*definition))?;
    Some(Form::Description { definition, tags: node.get_present("tags") })
}

/// Whether a list is one of container definitions: many formats have lists of maps with a name and an
/// image, so that one of them must have a member that only ECS has.
fn is_container_array(list: NodeRef<'_>) -> bool {
    let text =
        |item: NodeRef<'_>, key: &str| item.get(key).is_some_and(|node| node.as_str().is_some() || node.is_unknown());
    let mut speaks_ecs = false;
    for item in list.items() {
        if !(text(item, "name") && text(item, "image")) {
            return false;
        }
        speaks_ecs |= item.entries().any(|(key, _)| CONTAINER_KEYS.contains(&key));
    }
    speaks_ecs
}

fn push(tree: &Arc<Tree>, form: Form<'_>, span: Span, out: &mut Vec<Draft>, diagnostics: &mut Vec<Diagnostic>) {
    let (tree, root) = match form {
        Form::Definition(node) => (Arc::clone(tree), node.id()),
        Form::Description { definition, tags: Some(tags) } if definition.get("tags").is_none() => {
            with_tags(definition, tags)
        }
        Form::Description { definition, .. } => (Arc::clone(tree), definition.id()),
        Form::Containers(list) => of_containers(list),
        // Forms are found without a form inside another.
        Form::Several(_) => return,
    };
    let (tree, root) = spelling::corrected(tree, root, diagnostics);
    let body = tree.node(root);
    let family = match body.get_present("family") {
        Some(node) => {
            if node.as_str().is_none() && !node.is_unknown() {
                diagnostics.push(Diagnostic::at(
                    Code::WrongType,
                    node.span(),
                    format!("`family` must be a string (put it in quotes), but it is {}.", found(node)),
                ));
            }
            node.as_str().or(node.as_number()).unwrap_or("").to_owned()
        }
        None => {
            if !matches!(form, Form::Containers(_)) {
                diagnostics.push(Diagnostic::at(
                    Code::MissingField,
                    body.span(),
                    "This task definition has no `family`, so Amazon ECS refuses it and reports cannot tell it from \
                     others. Add it, such as `\"family\": \"web\"`.",
                ));
            }
            String::new()
        }
    };
    let definition =
        Definition { tree, root, name: family.clone(), address: family, span, origin: None, resource: None };
    push_definition(definition, out, diagnostics);
}

/// A task definition in the canonical shape, ready to become a document.
pub(crate) struct Definition {
    pub(crate) tree: Arc<Tree>,
    pub(crate) root: NodeId,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) span: Span,
    /// See [`Draft::origin`].
    pub(crate) origin: Option<usize>,
    /// See [`Draft::resource`].
    pub(crate) resource: Option<(Arc<Tree>, NodeId)>,
}

/// Adds a task definition and its workload.
pub(crate) fn push_definition(definition: Definition, out: &mut Vec<Draft>, diagnostics: &mut Vec<Diagnostic>) {
    let Definition { tree, root, name, address, span, origin: made_from, resource } = definition;
    let origin = out.len();
    let draft = Draft {
        platform: Platform::Ecs,
        kind: KIND.to_owned(),
        namespace: None,
        name,
        address,
        span,
        origin: made_from,
        rendered_from: None,
        is_patch: false,
        configuration: None,
        references: Vec::new(),
        tree: Arc::clone(&tree),
        root,
        resource,
    };
    let body = tree.node(root);
    let mut derivation = Derivation::new(Platform::Ecs, DocumentId(origin as u32), diagnostics);
    let fields = task::derive(&mut derivation, body);
    let (workload, workload_root) = derivation.finish(fields, body);
    let workload = Draft {
        platform: Platform::Workload,
        origin: Some(origin),
        tree: Arc::new(workload),
        root: workload_root,
        ..draft.clone()
    };
    out.push(draft);
    out.push(workload);
}

fn with_tags(definition: NodeRef<'_>, tags: NodeRef<'_>) -> (Arc<Tree>, NodeId) {
    let mut builder = TreeBuilder::new();
    let mut entries = Vec::with_capacity(definition.entries().len() + 1);
    for (key, key_span, member) in definition.keyed_entries() {
        let copied = builder.copy(member);
        entries.push(builder.entry(key, key_span, copied));
    }
    let copied = builder.copy(tags);
    entries.push(builder.entry("tags", tags.span(), copied));
    let root = builder.map(definition.span(), &entries);
    (Arc::new(builder.finish()), root)
}

fn of_containers(list: NodeRef<'_>) -> (Arc<Tree>, NodeId) {
    let mut builder = TreeBuilder::new();
    let copied = builder.copy(list);
    let entry = builder.entry("containerDefinitions", list.span(), copied);
    let root = builder.map(list.span(), &[entry]);
    (Arc::new(builder.finish()), root)
}
