//! Where an object holds pod templates.

use std::collections::HashSet;

use verdikt_model::{NodeId, NodeRef};

use crate::kubernetes::compose::Composed;
use crate::kubernetes::pod_specs::Configured;
use crate::kubernetes::{argo, kinds, tekton};
use crate::limits::MOST_REPEATED;

/// How far down custom resources are searched. The deepest known (a CronJob in an object of a
/// provider in a composition) needs twelve levels.
const DEEPEST: usize = 24;

/// The members of a pod spec that list containers.
const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// A pod template of an object.
#[derive(Debug)]
pub(crate) enum Template<'a> {
    /// At the place where its kind has it, by the members that lead there from `object`. What stands
    /// on the way is not checked yet.
    At { object: NodeRef<'a>, path: &'static [&'static str] },
    /// Found by its shape, or where a configured path says.
    Found { metadata: Option<NodeRef<'a>>, spec: NodeRef<'a> },
    /// Made of several parts as the kind's controller makes it.
    Composed(Composed),
}

/// The pod templates of an object.
#[derive(Debug, Default)]
pub(crate) struct Templates<'a> {
    pub(crate) found: Vec<Template<'a>>,
    /// A part of the object whose pods would repeat too much; they were not made.
    pub(crate) too_large: Option<NodeRef<'a>>,
    repeated: usize,
}

/// Finds the pod templates of an object. Kubernetes' own kinds and some others have one or none, at a
/// known place; Argo and Tekton compose pods; other custom resources are searched for maps that look
/// like a pod spec.
pub(crate) fn find<'a>(object: NodeRef<'a>, group: &str, kind: &str) -> Templates<'a> {
    let mut templates = Templates::default();
    templates.object(object, group, kind, object, DEEPEST);
    templates
}

impl<'a> Templates<'a> {
    /// `inner` is `object` itself or an object that it embeds.
    fn object(&mut self, inner: NodeRef<'a>, group: &str, kind: &str, object: NodeRef<'a>, depth: usize) {
        if let Some(path) = kinds::template_path(group, kind) {
            self.found.push(Template::At { object: inner, path });
        } else if group == "argoproj.io"
            && let Some(workflow) = argo::workflow(inner, kind)
        {
            self.compose(workflow, argo::repeated_size(workflow), || argo::compose(object, workflow));
        } else if group == "tekton.dev"
            && let Some(pods) = tekton::pods(inner, kind)
        {
            self.compose(inner, pods.repeated_size(), || pods.compose(object));
        } else if kind == "List" || !(kinds::is_built_in(group) || kinds::holds_patterns(group)) {
            for (key, member) in inner.entries().filter(|(key, _)| !matches!(*key, "metadata" | "status")) {
                // The object's own metadata is not that of its pods.
                self.search(Place { node: member, key, metadata: None, templated: false }, object, depth);
            }
        }
    }

    fn compose(&mut self, part: NodeRef<'a>, size: usize, compose: impl FnOnce() -> Vec<Composed>) {
        self.repeated = self.repeated.saturating_add(size);
        if self.repeated > MOST_REPEATED {
            self.too_large = Some(part);
        } else {
            self.found.extend(compose().into_iter().map(Template::Composed));
        }
    }

    /// Looks at a map or list and below.
    fn search(&mut self, place: Place<'a>, object: NodeRef<'a>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let Place { node, key, metadata, templated } = place;
        // Lists and templates of other systems embed whole objects.
        if let (Some(api_version), Some(kind)) = (node.str("apiVersion"), node.str("kind")) {
            return self.object(node, kinds::group(api_version), kind, object, depth);
        }
        if node.is_map() && is_pod_spec(node, templated && key == "spec") {
            self.found.push(Template::Found { metadata: metadata.filter(|_| key == "spec"), spec: node });
            return;
        }
        for item in node.items() {
            self.search(Place { node: item, key: "", metadata: None, templated: false }, object, depth);
        }
        let metadata = node.get_present("metadata");
        let templated = key == "template" || key.ends_with("Template");
        for (key, member) in node.entries() {
            // Schemas describe objects and are none.
            if !matches!(key, "metadata" | "status" | "openAPIV3Schema") {
                self.search(Place { node: member, key, metadata, templated }, object, depth);
            }
        }
    }

    /// Adds the templates that configured paths lead to, but for those that were found anyway.
    pub(crate) fn add(&mut self, configured: Vec<Configured<'a>>) {
        let mut known: HashSet<NodeId> = self.found.iter().filter_map(Template::spec).collect();
        for Configured { metadata, spec } in configured {
            if known.insert(spec.id()) {
                self.found.push(Template::Found { metadata, spec });
            }
        }
    }
}

impl Template<'_> {
    /// The node of the pod spec, where a single one gives it.
    fn spec(&self) -> Option<NodeId> {
        match self {
            Template::At { object, path } => Some(object.path(path)?.get("spec")?.id()),
            Template::Found { spec, .. } => Some(spec.id()),
            Template::Composed(_) => None,
        }
    }
}

/// A node that is searched.
struct Place<'a> {
    node: NodeRef<'a>,
    /// The member that it is.
    key: &'a str,
    /// The `metadata` beside it.
    metadata: Option<NodeRef<'a>>,
    /// Whether it is a member of a `template`.
    templated: bool,
}

/// What only a pod spec has beside its containers.
const HOST_NAMESPACES: [&str; 3] = ["hostIPC", "hostNetwork", "hostPID"];

/// Whether a map is a pod spec: its containers, of whatever role, are maps with a name, and one has an
/// image. Below `template` either is enough, and so are init containers or a namespace of the host alone:
/// Knative names no containers, and other controllers fill in images or all main containers
/// (<https://www.elastic.co/guide/en/cloud-on-k8s/current/k8s-virtual-memory.html>).
fn is_pod_spec(map: NodeRef<'_>, below_template: bool) -> bool {
    let text = |container: NodeRef<'_>, key: &str| {
        container.get(key).is_some_and(|node| node.as_str().is_some() || node.is_unknown())
    };
    let (mut named, mut images, mut any) = (true, 0, false);
    for containers in CONTAINER_LISTS.iter().filter_map(|key| map.get(key)) {
        any |= containers.is_unknown() || containers.items().len() > 0;
        for container in containers.items().filter(|container| !container.is_unknown()) {
            if !container.is_map() {
                return false;
            }
            let (has_name, has_image) = (text(container, "name"), text(container, "image"));
            images += usize::from(has_image);
            named &= has_name || (below_template && has_image);
        }
    }
    let is_stated = |key: &str| map.get(key).is_some_and(|node| node.as_bool().is_some() || node.is_unknown());
    let uses_host = HOST_NAMESPACES.into_iter().any(is_stated);
    named && (images > 0 || (below_template && (any || uses_host)))
}
