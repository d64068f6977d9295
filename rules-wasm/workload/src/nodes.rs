//! On which nodes pods run: whether a DaemonSet is wherever the pods of a workload may be.

use verdikt_sdk::{Field, List, Node, Workload};

use crate::resources::is_windows;

/// The labels by which kubelets name the operating system of their node.
///
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-os>
const SYSTEM_LABELS: [&str; 2] = ["kubernetes.io/os", "beta.kubernetes.io/os"];
/// Labels that every node has.
const COMMON_LABELS: [&str; 3] = ["kubernetes.io/os", "kubernetes.io/arch", "kubernetes.io/hostname"];
/// Labels of nodes, by a value of which providers mark those that stand for no machine and never run a
/// DaemonSet.
const VIRTUAL: [(&str, &str); 2] = [("eks.amazonaws.com/compute-type", "fargate"), ("type", "virtual-kubelet")];
/// The taints of nodes in trouble, which the DaemonSet controller lets every DaemonSet tolerate.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations>
const TROUBLE: &str = "node.kubernetes.io/";
/// The effects by which a taint keeps pods from a node.
const EFFECTS: [&str; 2] = ["NoSchedule", "NoExecute"];

/// Whether a DaemonSet certainly has a pod on every node on which a workload may have one.
pub(crate) fn covers(daemon_set: Workload<'_>, workload: Workload<'_>) -> bool {
    let system = is_windows(workload.os()).map(|windows| if windows { "windows" } else { "linux" });
    system.is_some_and(|system| {
        is_windows(daemon_set.os()) == Some(system == "windows")
            && selects(daemon_set, workload, system)
            && affinity_allows(daemon_set.node_selector_terms(), system)
            && tolerates(daemon_set, workload)
    })
}

/// Whether the node selector of a DaemonSet holds on the nodes of a workload: it is what the workload
/// asks of its nodes too.
fn selects(daemon_set: Workload<'_>, workload: Workload<'_>, system: &str) -> bool {
    match daemon_set.node_selector().members() {
        Field::Absent => true,
        Field::Unknown(_) => false,
        Field::Known(mut labels) => labels.all(|(label, value)| match value.str() {
            Field::Known(value) if SYSTEM_LABELS.contains(&label) => value == system,
            Field::Known(value) => is_exactly(workload.node_selector().get(label), value),
            Field::Absent | Field::Unknown(_) => false,
        }),
    }
}

/// Whether what an affinity demands holds on every node of an operating system. One term has to.
fn affinity_allows(terms: List<'_, Node<'_>>, system: &str) -> bool {
    let holds = |term: Node<'_>| {
        let expressions = term.get("matchExpressions").list();
        let mut stated = expressions.known().peekable();
        // A term that asks for nothing holds nowhere.
        stated.peek().is_some()
            && expressions.rest().is_none()
            && term.get("matchFields").is_absent()
            && stated.all(|expression| holds_everywhere(expression, system))
    };
    terms.is_absent() || terms.known().any(holds)
}

/// Whether an expression of an affinity holds on every node of an operating system that runs DaemonSets.
fn holds_everywhere(expression: Node<'_>, system: &str) -> bool {
    let (Field::Known(key), Field::Known(operator)) = (expression.get("key").str(), expression.get("operator").str())
    else {
        return false;
    };
    let values = expression.get("values").list();
    match operator {
        "In" => SYSTEM_LABELS.contains(&key) && values.known().any(|value: Node<'_>| is_exactly(value, system)),
        "NotIn" => {
            let is_virtual = |value: Node<'_>| VIRTUAL.iter().any(|(label, of)| key == *label && is_exactly(value, of));
            values.rest().is_none() && values.known().all(is_virtual)
        }
        "Exists" => COMMON_LABELS.contains(&key),
        _ => false,
    }
}

/// Whether a DaemonSet tolerates every taint that a workload tolerates.
fn tolerates(daemon_set: Workload<'_>, workload: Workload<'_>) -> bool {
    let wanted = workload.tolerations();
    wanted.rest().is_none()
        && wanted.known().all(|wanted| {
            let text = |member: &str| wanted.get(member).str();
            let by_daemon_set =
                |effect: &str| daemon_set.tolerations().known().any(|own| includes(own, wanted, effect));
            match (text("key"), text("effect")) {
                (Field::Known(key), _) if key.starts_with(TROUBLE) => true,
                // It keeps no pod away.
                (_, Field::Known("PreferNoSchedule")) => true,
                (_, Field::Known(effect)) if !effect.is_empty() => by_daemon_set(effect),
                (_, Field::Known(_) | Field::Absent) => EFFECTS.iter().all(|effect| by_daemon_set(effect)),
                (_, Field::Unknown(_)) => false,
            }
        })
}

/// Whether a toleration certainly tolerates all taints of an effect that another one does.
///
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
fn includes(own: Node<'_>, wanted: Node<'_>, effect: &str) -> bool {
    // Nothing means the same as an empty text, and that the default.
    let text = |toleration: Node<'_>, member: &str, default: &str| match toleration.get(member).str() {
        Field::Known("") | Field::Absent => Some(default.to_owned()),
        Field::Known(text) => Some(text.to_owned()),
        Field::Unknown(_) => None,
    };
    let is_same = |member: &str, default: &str| {
        let own = text(own, member, default);
        own.is_some() && own == text(wanted, member, default)
    };
    let is_empty = |member: &str| text(own, member, "").is_some_and(|text| text.is_empty());
    let has_effect = is_empty("effect") || is_exactly(own.get("effect"), effect);
    let exists = is_exactly(own.get("operator"), "Exists");
    let has_key = if is_empty("key") { exists } else { is_same("key", "") };
    has_effect && has_key && (exists || (is_same("operator", "Equal") && is_same("value", "")))
}

fn is_exactly(node: Node<'_>, text: &str) -> bool {
    node.str().known() == Some(text)
}

#[cfg(test)]
mod tests {
    use verdikt_sdk::{Tape, Workload};

    use super::covers;

    const ALL: &str = r#""tolerations": [{"operator": "Exists"}]"#;

    #[test]
    fn daemon_sets_cover_nodes() {
        for (daemon_set, workload, expected) in [
            ("", "", true),
            // The operating system.
            (r#""os": "linux""#, "", true),
            (r#""os": "windows""#, "", false),
            ("", r#""os": "windows""#, false),
            (r#""os": "windows""#, r#""os": "windows""#, true),
            ("", r#""os": {"$unknown": "w"}"#, false),
            // The node selector.
            (r#""nodeSelector": {"kubernetes.io/os": "linux"}"#, "", true),
            (r#""nodeSelector": {"beta.kubernetes.io/os": "windows"}"#, "", false),
            (r#""nodeSelector": {"pool": "apps"}"#, "", false),
            (r#""nodeSelector": {"pool": "apps"}"#, r#""nodeSelector": {"pool": "apps", "a": "b"}"#, true),
            (r#""nodeSelector": {"pool": "apps"}"#, r#""nodeSelector": {"pool": "data"}"#, false),
            (r#""nodeSelector": {"$unknown": "w"}"#, "", false),
            ("", r#""nodeSelector": {"pool": "apps"}"#, true),
            // The affinity.
            (
                r#""nodeSelectorTerms": [{"matchExpressions": [
                    {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]},
                    {"key": "eks.amazonaws.com/compute-type", "operator": "NotIn", "values": ["fargate"]}]}]"#,
                "",
                true,
            ),
            (
                r#""nodeSelectorTerms": [{"matchExpressions": [
                    {"key": "eks.amazonaws.com/compute-type", "operator": "NotIn", "values": ["fargate", "auto"]}]}]"#,
                "",
                false,
            ),
            (
                r#""nodeSelectorTerms": [{"matchExpressions": [{"key": "pool", "operator": "Exists"}]},
                    {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "Exists"}]}]"#,
                "",
                true,
            ),
            (r#""nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name"}]}]"#, "", false),
            (r#""nodeSelectorTerms": [{}]"#, "", false),
            (r#""nodeSelectorTerms": {"$unknown": "w"}"#, "", false),
            // Tolerations.
            ("", r#""tolerations": [{"key": "gpu", "operator": "Exists"}]"#, false),
            (ALL, r#""tolerations": [{"key": "gpu", "value": "a", "effect": "NoSchedule"}]"#, true),
            (ALL, r#""tolerations": [{"operator": "Exists"}]"#, true),
            ("", r#""tolerations": [{"key": "gpu", "operator": "Exists", "effect": "PreferNoSchedule"}]"#, true),
            ("", r#""tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}]"#, true),
            (
                r#""tolerations": [{"operator": "Exists", "effect": "NoSchedule"},
                    {"operator": "Exists", "effect": "NoExecute"}]"#,
                r#""tolerations": [{"operator": "Exists"}]"#,
                true,
            ),
            (
                r#""tolerations": [{"operator": "Exists", "effect": "NoSchedule"}]"#,
                r#""tolerations": [{"operator": "Exists"}]"#,
                false,
            ),
            (
                r#""tolerations": [{"key": "gpu", "value": "a"}]"#,
                r#""tolerations": [{"key": "gpu", "value": "a", "effect": "NoSchedule"}]"#,
                true,
            ),
            (
                r#""tolerations": [{"key": "gpu", "value": "a"}]"#,
                r#""tolerations": [{"key": "gpu", "value": "b", "effect": "NoSchedule"}]"#,
                false,
            ),
            (
                r#""tolerations": [{"key": "gpu", "value": "a"}]"#,
                r#""tolerations": [{"key": "gpu", "operator": "Exists"}]"#,
                false,
            ),
            (ALL, r#""tolerations": {"$unknown": "w"}"#, false),
        ] {
            let [daemon_set_tape, workload_tape] =
                [daemon_set, workload].map(|body| Tape::parse(format!("{{{body}}}")).expect("JSON"));
            let covers = covers(Workload::from(daemon_set_tape.root()), Workload::from(workload_tape.root()));
            assert_eq!(covers, expected, "{daemon_set} {workload}");
        }
    }
}
