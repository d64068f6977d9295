//! Where an object holds pod templates.

use verdikt_model::NodeRef;

use crate::kubernetes::kinds;

/// How far down custom resources are searched. The deepest known (a CronJob in an object of a
/// provider in a composition) needs twelve levels.
const DEEPEST: usize = 24;

/// A pod template of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Template<'a> {
    /// At the place where Kubernetes' own kind has it, by the members that lead there. What stands
    /// on the way is not checked yet.
    BuiltIn(&'static [&'static str]),
    /// Found by its shape.
    Found { metadata: Option<NodeRef<'a>>, spec: NodeRef<'a> },
}

/// The pod templates of an object. Kubernetes' own kinds have one or none, at a known place; custom
/// resources are searched for maps that look like a pod spec.
pub(crate) fn find<'a>(object: NodeRef<'a>, group: &str, kind: &str) -> Vec<Template<'a>> {
    let known = kinds::template_path(group, kind).map(Template::BuiltIn);
    if known.is_some() || kinds::is_built_in(group) {
        return known.into_iter().collect();
    }
    let mut found = Vec::new();
    if !kinds::holds_patterns(group) {
        for (key, member) in object.entries().filter(|(key, _)| !matches!(*key, "metadata" | "status")) {
            // The object's own metadata is not that of its pods.
            search(member, key, None, false, DEEPEST, &mut found);
        }
    }
    found
}

/// Looks at a map or list and below. `metadata` stands beside it, `templated` says that it is a
/// member of a `template`.
fn search<'a>(
    node: NodeRef<'a>,
    key: &str,
    metadata: Option<NodeRef<'a>>,
    templated: bool,
    depth: usize,
    out: &mut Vec<Template<'a>>,
) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    if node.is_map() && is_pod_spec(node, templated && key == "spec") {
        out.push(Template::Found { metadata: metadata.filter(|_| key == "spec"), spec: node });
        return;
    }
    for item in node.items() {
        search(item, "", None, false, depth, out);
    }
    let metadata = node.get_present("metadata");
    let template = matches!(key, "template" | "podTemplate");
    for (key, member) in node.entries() {
        // Containers of an Argo workflow get their security context from other places; schemas
        // describe objects and are none.
        if !matches!(key, "metadata" | "status" | "containerSet" | "openAPIV3Schema") {
            search(member, key, metadata, template, depth, out);
        }
    }
}

/// Whether a map is a pod spec: its `containers` are maps with a name, and one has an image. Below
/// `template` either is enough: Knative names no containers, other controllers fill in images.
fn is_pod_spec(map: NodeRef<'_>, below_template: bool) -> bool {
    let Some(containers) = map.get("containers") else {
        return false;
    };
    if containers.is_unknown() {
        return below_template;
    }
    let text = |container: NodeRef<'_>, key: &str| {
        container.get(key).is_some_and(|node| node.as_str().is_some() || node.is_unknown())
    };
    let (mut named, mut images) = (true, 0);
    for container in containers.items().filter(|container| !container.is_unknown()) {
        if !container.is_map() {
            return false;
        }
        let (has_name, has_image) = (text(container, "name"), text(container, "image"));
        images += usize::from(has_image);
        named &= has_name || (below_template && has_image);
    }
    named && (images > 0 || (below_template && containers.items().len() > 0))
}
