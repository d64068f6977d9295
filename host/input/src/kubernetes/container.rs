//! The workload of a pod template: one container.
//!
//! Field names and their meaning are those of Container and EphemeralContainer in the Kubernetes API
//! reference (core/v1).

use verdikt_model::{NodeId, NodeRef};

use crate::kubernetes::security::{PodLevel, Resolver};
use crate::kubernetes::shapes;
use crate::workload::{Derivation, Fields, Member, Section, Shape, image};

/// Which list of the pod a container is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Init,
    Main,
    Ephemeral,
}

/// Derives one element of a list of containers.
pub(super) fn derive<'a>(derivation: &mut Derivation<'_>, node: NodeRef<'a>, list: List, pod: &PodLevel<'a>) -> NodeId {
    if node.unknown_entry("$any").is_some() {
        let each = derivation.each_alternative(node, |derivation, one| Some(derive(derivation, one, list, pod)));
        return each.unwrap_or_else(|| derivation.unknown_whole(node));
    }
    if !node.is_map() && node.known_entries().next().is_none() {
        return derivation.fit(node, Shape::Object(&[]), "containers");
    }
    let container = derivation.open(node, "containers");
    let mut out = Fields::default();
    derivation.take(&mut out, "name", container, "name", Shape::Text);
    let role = role(derivation, container, node, list);
    derivation.put(&mut out, "role", role);
    let image = image::derive(derivation, container, "image");
    derivation.put_some(&mut out, "image", image);
    derivation.take_all(
        &mut out,
        container,
        &[
            ("imagePullPolicy", Shape::Text),
            ("command", shapes::TEXTS),
            ("args", shapes::TEXTS),
            ("workingDir", Shape::Text),
            ("stdin", Shape::Bool),
            ("tty", Shape::Bool),
        ],
    );
    let context = derivation.section(container, "securityContext");
    let inherited = Resolver::new(pod, context).put_all(derivation, &mut out, node, node.str("name"));
    derivation.take(&mut out, "resources", container, "resources", shapes::RESOURCES);
    derivation.take(&mut out, "env", container, "env", shapes::ENV);
    derivation.take(&mut out, "envFrom", container, "envFrom", shapes::ENV_FROM);
    derivation.take(&mut out, "ports", container, "ports", shapes::PORTS);
    derivation.take(&mut out, "mounts", container, "volumeMounts", shapes::MOUNTS);
    derivation.take(&mut out, "devices", container, "volumeDevices", shapes::DEVICES);
    let mut probes = Fields::default();
    for (to, from) in [("liveness", "livenessProbe"), ("readiness", "readinessProbe"), ("startup", "startupProbe")] {
        derivation.take(&mut probes, to, container, from, shapes::PROBE);
    }
    derivation.put_map(&mut out, "probes", probes, Some(node));
    derivation.take(&mut out, "lifecycle", container, "lifecycle", shapes::LIFECYCLE);
    derivation.put_map(&mut out, "inherited", inherited, Some(node));
    derivation.map(out, node)
}

/// An init container that restarts always is a sidecar ("Sidecar Containers" in Kubernetes'
/// documentation).
fn role(derivation: &mut Derivation<'_>, container: Section<'_>, node: NodeRef<'_>, list: List) -> NodeId {
    match list {
        List::Main => derivation.text("main", node),
        List::Ephemeral => derivation.text("ephemeral", node),
        List::Init => match container.member("restartPolicy") {
            Member::Known { node: policy, .. } => match policy.as_str() {
                Some("Always") => derivation.text("sidecar", policy),
                Some(_) => derivation.text("init", policy),
                None => derivation.fit(policy, Shape::Text, "restartPolicy"),
            },
            _ => derivation.text("init", node),
        },
    }
}
