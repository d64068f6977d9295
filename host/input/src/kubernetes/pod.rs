//! The workload of a pod template: what the pod says as a whole.
//!
//! Field names and their meaning are those of PodSpec in the Kubernetes API reference (core/v1).

use verdikt_model::{NodeId, NodeRef};

use crate::kubernetes::container;
use crate::kubernetes::security::PodLevel;
use crate::kubernetes::shapes;
use crate::workload::{Derivation, Fields, Member, Section, Shape, image};

/// The object that holds the template, and where the template is.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) object: NodeRef<'a>,
    pub(crate) kind: &'a str,
    /// Whether its fields are Kubernetes' own.
    pub(crate) built_in: bool,
}

/// A pod template's parts.
#[derive(Clone, Copy)]
pub(crate) enum Parts<'a> {
    /// By the members that lead to it from an object, which may be one that the owner embeds.
    At(NodeRef<'a>, &'static [&'static str]),
    These {
        metadata: Option<NodeRef<'a>>,
        spec: NodeRef<'a>,
    },
}

/// Derives the workload of a template. `None` when the object has no pod spec, as in a patch that
/// only scales a Deployment.
pub(crate) fn derive<'a>(derivation: &mut Derivation<'_>, owner: Owner<'a>, parts: Parts<'a>) -> Option<Fields> {
    // What types the fields of a custom resource have, its definition alone says: what does not fit
    // a pod is unknown, but the cluster need not refuse it.
    if !owner.built_in {
        derivation.set_quiet(true);
    }
    let object = derivation.open(owner.object, "object");
    let (metadata, spec) = match parts {
        Parts::At(pod, []) => {
            let pod = derivation.open(pod, "object");
            (own_metadata(derivation, pod), derivation.section(pod, "spec"))
        }
        Parts::At(inner, path) => {
            let inner = derivation.open(inner, "object");
            let template = path.iter().fold(inner, |section, key| derivation.section(section, key));
            (derivation.section(template, "metadata"), derivation.section(template, "spec"))
        }
        Parts::These { metadata, spec } => {
            (metadata.map_or(Section::Absent, |node| derivation.open(node, "metadata")), derivation.open(spec, "spec"))
        }
    };
    let spec_node = spec.node()?;

    let mut out = Fields::default();
    identity(derivation, &mut out, owner, object);
    derivation.take(&mut out, "labels", metadata, "labels", shapes::TEXT_MAP);
    derivation.take(&mut out, "annotations", metadata, "annotations", shapes::TEXT_MAP);
    let scaled = if let Parts::At(inner, _) = parts { derivation.open(inner, "object") } else { object };
    replicas(derivation, &mut out, owner, scaled);
    operating_system(derivation, &mut out, spec);
    for key in ["hostNetwork", "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace"] {
        derivation.take(&mut out, key, spec, key, Shape::Bool);
    }
    derivation.take(&mut out, "runtimeClass", spec, "runtimeClassName", Shape::Text);
    // The old name still counts where the new one is not stated (core/v1 conversion).
    let account = if matches!(spec.member("serviceAccountName"), Member::Absent) {
        "serviceAccount"
    } else {
        "serviceAccountName"
    };
    derivation.take(&mut out, "serviceAccount", spec, account, Shape::Text);
    derivation.take(&mut out, "automountServiceAccountToken", spec, "automountServiceAccountToken", Shape::Bool);
    derivation.take(&mut out, "nodeSelector", spec, "nodeSelector", shapes::TEXT_MAP);
    required_nodes(derivation, &mut out, spec);
    derivation.take(&mut out, "tolerations", spec, "tolerations", shapes::TOLERATIONS);
    derivation.take(&mut out, "imagePullSecrets", spec, "imagePullSecrets", shapes::PULL_SECRETS);
    derivation.take(&mut out, "priorityClass", spec, "priorityClassName", Shape::Text);
    let pod_level = pod_level(derivation, &mut out, spec, spec_node, metadata);
    let volumes = derivation.gather([(spec, "volumes")], |derivation, _, item, items| volume(derivation, item, items));
    derivation.put_some(&mut out, "volumes", volumes);
    let containers = derivation.gather(
        [(spec, "initContainers"), (spec, "containers"), (spec, "ephemeralContainers")],
        |derivation, part, item, items| {
            let list = [container::List::Init, container::List::Main, container::List::Ephemeral][part];
            items.push(container::derive(derivation, item, list, &pod_level));
        },
    );
    derivation.put_some(&mut out, "containers", containers);
    Some(out)
}

/// `platform`, `kind`, `apiVersion`, `name`, `namespace`. What is wrong with them was said when the
/// object was named.
fn identity(derivation: &mut Derivation<'_>, out: &mut Fields, owner: Owner<'_>, object: Section<'_>) {
    let platform = derivation.text("kubernetes", owner.object);
    derivation.put(out, "platform", platform);
    let kind = derivation.text(owner.kind, owner.object.get("kind").unwrap_or(owner.object));
    derivation.put(out, "kind", kind);
    let metadata = own_metadata(derivation, object);
    derivation.quietly(|derivation| {
        derivation.take(out, "apiVersion", object, "apiVersion", Shape::Text);
        let is_stated = |key| match metadata.member(key) {
            Member::Absent => false,
            Member::Known { node, .. } => node.as_str() != Some(""),
            Member::Unknown { .. } => true,
        };
        let name = if is_stated("name") { "name" } else { "generateName" };
        derivation.take(out, "name", metadata, name, Shape::Text);
        if is_stated("namespace") {
            derivation.take(out, "namespace", metadata, "namespace", Shape::Text);
        }
    });
}

fn own_metadata<'a>(derivation: &mut Derivation<'_>, object: Section<'a>) -> Section<'a> {
    derivation.quietly(|derivation| derivation.section(object, "metadata"))
}

fn replicas(derivation: &mut Derivation<'_>, out: &mut Fields, owner: Owner<'_>, object: Section<'_>) {
    let has_replicas = matches!(owner.kind, "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController");
    if has_replicas || !owner.built_in {
        // A `spec` of a wrong type was reported on the way to the template.
        let spec = derivation.quietly(|derivation| derivation.section(object, "spec"));
        derivation.take(out, "replicas", spec, "replicas", Shape::Integer);
    }
}

/// What the affinity demands of a node; what it merely prefers keeps no pod from any.
fn required_nodes(derivation: &mut Derivation<'_>, out: &mut Fields, spec: Section<'_>) {
    let affinity = derivation.section(spec, "affinity");
    let of_nodes = derivation.section(affinity, "nodeAffinity");
    let required = derivation.section(of_nodes, "requiredDuringSchedulingIgnoredDuringExecution");
    derivation.take(out, "nodeSelectorTerms", required, "nodeSelectorTerms", shapes::NODE_SELECTOR_TERMS);
}

/// The field for it, else the well-known label that a node selector asks for.
fn operating_system(derivation: &mut Derivation<'_>, out: &mut Fields, spec: Section<'_>) {
    let os = derivation.section(spec, "os");
    let selector = derivation.quietly(|derivation| derivation.section(spec, "nodeSelector"));
    for (section, key, source) in [(os, "name", "os"), (selector, "kubernetes.io/os", "nodeSelector")] {
        let (Member::Known { node, .. } | Member::Unknown { node, .. }) = section.member(key) else {
            continue;
        };
        // The selector is reported with the others of its map.
        let value = if source == "os" {
            derivation.value(section, key, Shape::Text)
        } else {
            derivation.quietly(|derivation| derivation.value(section, key, Shape::Text))
        };
        derivation.put_some(out, "os", value);
        let source = derivation.text(source, node);
        derivation.put(out, "osSource", source);
        return;
    }
}

/// The raw values of the pod level, and what containers inherit of them.
fn pod_level<'a>(
    derivation: &mut Derivation<'_>,
    out: &mut Fields,
    spec: Section<'a>,
    spec_node: NodeRef<'a>,
    metadata: Section<'a>,
) -> PodLevel<'a> {
    let raw_context = derivation.value(spec, "securityContext", shapes::POD_SECURITY_CONTEXT);
    let context = derivation.quietly(|derivation| derivation.section(spec, "securityContext"));
    let annotations = derivation.quietly(|derivation| derivation.section(metadata, "annotations"));
    let containers = ["initContainers", "containers", "ephemeralContainers"]
        .iter()
        .filter_map(|key| spec.node()?.get(key))
        .map(|list| list.items().len())
        .sum();
    let pod_level = PodLevel::new(derivation, context, raw_context, annotations, containers);
    let sysctls = pod_level.member(derivation, "sysctls").map(|sysctls| derivation.share(sysctls));
    derivation.put_some(out, "sysctls", sysctls);

    let resources = derivation.value(spec, "resources", shapes::RESOURCES);
    let mut raw = Fields::default();
    derivation.put_some(&mut raw, "securityContext", raw_context);
    derivation.put_some(&mut raw, "resources", resources);
    derivation.put_map(out, "pod", raw, Some(spec_node));
    let shared = resources.map(|resources| derivation.share(resources));
    derivation.put_some(out, "resources", shared);
    pod_level
}

/// A volume, once for each source that it states: the API server takes one only, and a second must
/// not hide behind the first. Kubernetes makes a volume without a source an `emptyDir`; here it has
/// no `type`.
fn volume(derivation: &mut Derivation<'_>, node: NodeRef<'_>, items: &mut Vec<NodeId>) {
    if node.is_unknown() {
        // Of one that has several sources nobody can say which of them is meant.
        items.extend(derivation.each_alternative(node, |derivation, one| {
            let mut volumes = Vec::new();
            if one.is_map() {
                volume(derivation, one, &mut volumes);
            }
            let [only] = volumes[..] else { return Some(derivation.unknown_whole(one)) };
            Some(only)
        }));
        return;
    }
    if !node.is_map() {
        items.push(derivation.fit(node, Shape::Object(&[]), "volumes"));
        return;
    }
    let section = Section::Map(node);
    let name = derivation.value(section, "name", Shape::Text);
    let mut sources = node.keyed_entries().filter(|(key, _, source)| *key != "name" && !source.is_null()).peekable();
    if sources.peek().is_none() {
        let mut fields = Fields::default();
        derivation.put_some(&mut fields, "name", name);
        items.push(derivation.map(fields, node));
    }
    for (kind, _, source) in sources {
        let mut fields = Fields::default();
        let shared = name.map(|name| derivation.share(name));
        derivation.put_some(&mut fields, "name", shared);
        let kind_text = derivation.text(kind, source);
        derivation.put(&mut fields, "type", kind_text);
        let raw = derivation.fit(source, shapes::volume_source(kind), kind);
        derivation.put(&mut fields, "source", raw);
        let opened = derivation.quietly(|derivation| derivation.open(source, kind));
        if kind == "hostPath" {
            let path = derivation.quietly(|derivation| derivation.value(opened, "path", Shape::Text));
            derivation.put_some(&mut fields, "hostPath", path);
        }
        if kind == "image" {
            let image = derivation.quietly(|derivation| image::derive(derivation, opened, "reference"));
            derivation.put_some(&mut fields, "image", image);
        }
        let built = derivation.map(fields, node);
        items.push(derivation.unless_absent(built, source));
    }
}
