//! What several rules of the pack ask.

use verdikt_sdk::{Decision, Field, Finding, Findings, Node, Workload};

/// Kinds whose pods end by themselves.
const BATCH: [&str; 9] = [
    "Job",
    "CronJob",
    "Workflow",
    "WorkflowTemplate",
    "ClusterWorkflowTemplate",
    "CronWorkflow",
    "Task",
    "TaskRun",
    "PipelineRun",
];

/// Whether a rule about pods that keep running goes on. States that it does not apply to ECS and to pods
/// that end by themselves.
pub(crate) fn keeps_running(workload: Workload<'_>, findings: &mut Findings<'_>) -> bool {
    let reason = if workload.is_ecs() {
        "ecs"
    } else if workload.kind().read().known().is_some_and(|kind| BATCH.contains(&kind)) {
        "batch"
    } else {
        return true;
    };
    findings.add(Finding::not_applicable(workload, reason));
    false
}

/// Whether a rule about ECS goes on. States that it does not apply to Kubernetes.
pub(crate) fn is_ecs(workload: Workload<'_>, findings: &mut Findings<'_>) -> bool {
    let ecs = workload.is_ecs();
    if !ecs {
        findings.add(Finding::not_applicable(workload, "kubernetes"));
    }
    ecs
}

/// The only block of a type that may stand once; plans have an empty list where there is none.
pub(crate) fn block<'a>(parent: Node<'a>, name: &str) -> Option<Node<'a>> {
    let blocks = parent.get(name);
    if blocks.is_absent() {
        return None;
    }
    let list = blocks.list();
    // What is no list is the block itself, or is not known.
    if list.rest().is_some() { Some(blocks) } else { list.known().next() }
}

/// States each main container that has no probe of a kind.
pub(crate) fn has_probe(workload: Workload<'_>, kind: &str, findings: &mut Findings<'_>) {
    for container in findings.every(workload.containers()) {
        // Sidecars are there before the others and need none to begin; the role is never unknown.
        if container.role().read().known().is_some_and(|role| role != "main") {
            continue;
        }
        let probe = container.probes().get(kind);
        if let Some(unknown) = probe.unknown() {
            findings.add(Finding::unknown(unknown));
        } else if probe.is_absent() {
            findings.add(Finding::fail(probe, "missing").argument("container", container.label()));
        } else {
            findings.settle(has_handler(probe), || {
                Finding::fail(probe, "no-handler").argument("container", container.label())
            });
        }
    }
}

/// Passes when a probe says what it asks; the API server refuses one that does not.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#probe-check-methods>
fn has_handler(probe: Node<'_>) -> Decision<'_> {
    let is_stated = |handler: &str| {
        probe.get(handler).decide(|handler| match handler.members() {
            Field::Known(_) => Decision::Pass,
            Field::Absent => Decision::Fail,
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        })
    };
    ["exec", "httpGet", "tcpSocket", "grpc"].into_iter().map(is_stated).fold(Decision::Fail, Decision::or)
}
