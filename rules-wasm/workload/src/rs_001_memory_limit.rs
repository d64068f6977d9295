//! RS-001: every container has a memory limit.

use verdikt_sdk::{Findings, Set, Workload, rule};

use crate::production::ProductionSelector;
use crate::resources::{
    Amount, LimitRanges, Outcome, Support, ecs_doubt, fargate_size, judge_each, judge_limits, no_limit, task_size,
};

rule! {
    /// # Every container has a memory limit
    ///
    /// A container without a limit takes what it gets. A leak in one, or an intruder who wants to do
    /// harm, then makes the node kill its neighbors.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: for every container, init container and sidecar the first of these that exists:
    ///
    /// 1. its own `resources.limits.memory` above 0,
    /// 2. the limit of the pod, `spec.resources.limits.memory`,
    /// 3. a `LimitRange` in the same namespace with an item of type `Container` that has
    ///    `default.memory` or, without that, `max.memory`. Kubernetes gives it to containers that
    ///    state no limit; a stated limit of 0 stays 0.
    ///
    /// When a workload or a LimitRange does not say its namespace, nobody can know whether they meet,
    /// so the rule says *unknown* instead of pass or fail. Ephemeral containers cannot have limits and
    /// are left out.
    ///
    /// ECS: `memory` of every container, or of the task. `memoryReservation` is no limit. A task that
    /// can only run on Fargate always has a size; on other Windows hosts ECS ignores the size of the
    /// task, so there every container needs its own limit.
    ///
    /// With `production_selector` only the workloads that it chooses are judged.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       resources:
    ///         requests:
    ///           memory: 128Mi
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "memoryReservation": 128}]}
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       resources:
    ///         limits:
    ///           memory: 256Mi
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "memory": 256}]}
    /// ```
    ///
    /// ## How to fix it
    ///
    /// State `resources.limits.memory`, a little above what the program uses under load, or let a
    /// LimitRange give every container of a namespace a default.
    ///
    /// ## References
    ///
    /// - [Kubernetes: resources of pods and containers](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/)
    /// - [Kubernetes: limit ranges](https://kubernetes.io/docs/concepts/policy/limit-range/)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    pub static RULE = {
        id: "RS-001",
        slug: "memory-limit",
        severity: High,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => text, "bsi-sys-1-6-2022:SYS.1.6.A15" => text],
        aliases: ["checkov:CKV_K8S_13", "trivy:KSV-0018", "kube-linter:unset-memory-requirements"],
        extra: { "module": "resources" },
        settings: Settings {
            /// Which workloads count as production, and are judged: `namespace=PATTERN` or
            /// `label:NAME=PATTERN` (ECS: a tag), with `*` and `?`. All, when empty.
            production_selector: ProductionSelector = [],
        },
        texts: {
            "en": {
                title: "Every container has a memory limit",
                remediation: "Set `resources.limits.memory`, or provide a LimitRange with `default.memory`. ECS: set `memory` on the container or on the task.",
                messages: {
                    "no-limit": "Container `{container}` has no memory limit: neither it, nor its pod, nor a LimitRange of its namespace sets one.",
                    "zero-limit": "Container `{container}` has no memory limit: `{found}` is none, expected more than 0.",
                    "no-task-limit": "Container `{container}` has no memory limit: neither it nor its task sets `memory`.",
                    "soft-limit": "Container `{container}` has no memory limit: `memoryReservation` is only a reservation, expected `memory` on the container or on the task.",
                    "container": "Every container has a memory limit of its own.",
                    "pod-level": "The memory limit of the pod or task covers containers that have none of their own.",
                    "inherited-limitrange": "Containers without a memory limit get one from LimitRange `{limit_range}`.",
                    "platform": "The task can only run on Fargate, where every task has a memory size.",
                    "not-production": "The rule does not apply: `production_selector` does not choose the workload.",
                    "no-namespace": "Whether `production_selector` chooses the workload is not known: its namespace is only decided at deployment.",
                },
            },
            "de": {
                title: "Jeder Container hat ein Speicherlimit",
                description: "Ein Container ohne Speicherlimit kann den Speicher des Knotens erschöpfen. Geprüft wird je Container das eigene Limit, ersatzweise das des Pods und schließlich der Vorgabewert eines LimitRange im selben Namespace; in ECS `memory` am Container oder an der Task.",
                remediation: "`resources.limits.memory` setzen oder einen LimitRange mit `default.memory` bereitstellen. ECS: `memory` am Container oder an der Task setzen.",
                messages: {
                    "no-limit": "Container `{container}` hat kein Speicherlimit: Weder er selbst noch sein Pod noch ein LimitRange seines Namespace setzt eines.",
                    "zero-limit": "Container `{container}` hat kein Speicherlimit: `{found}` ist keines, erwartet wird mehr als 0.",
                    "no-task-limit": "Container `{container}` hat kein Speicherlimit: Weder er selbst noch seine Task setzt `memory`.",
                    "soft-limit": "Container `{container}` hat kein Speicherlimit: `memoryReservation` ist nur eine Reservierung, erwartet wird `memory` am Container oder an der Task.",
                    "container": "Jeder Container hat ein eigenes Speicherlimit.",
                    "pod-level": "Das Speicherlimit des Pods oder der Task gilt für Container ohne eigenes Limit.",
                    "inherited-limitrange": "Container ohne eigenes Speicherlimit erhalten eines durch den LimitRange `{limit_range}`.",
                    "platform": "Die Task kann nur auf Fargate laufen, wo jede Task eine Speichergröße hat.",
                    "not-production": "Die Regel ist nicht anwendbar: `production_selector` wählt den Workload nicht aus.",
                    "no-namespace": "Ob `production_selector` den Workload auswählt, ist nicht bekannt: Der Namespace wird erst beim Deployment festgelegt.",
                },
            },
        },
        inventory: judge,
    };
}

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let ranges = LimitRanges::of_limits(set, "memory");
    judge_each(set, findings, |workload, namespace, findings| {
        if !settings.production_selector.chooses(workload, findings) {
            Support::Container
        } else if workload.is_ecs() {
            judge_ecs(workload, findings)
        } else {
            judge_limits(workload, namespace, "memory", &ranges, findings)
        }
    });
}

fn judge_ecs<'r>(workload: Workload<'_>, findings: &mut Findings<'_>) -> Support<'r> {
    let task_node = workload.resources().limits().get("memory");
    let task = fargate_size(workload).or(task_size(workload, task_node));
    let mut weakest = Support::Container;
    for container in findings.every(workload.containers()) {
        let node = container.resources().limits().get("memory");
        let outcome = Outcome::of(node, |own| match own {
            Amount::Some => Outcome::Met(Support::Container),
            Amount::Zero(_) | Amount::Absent => task,
            Amount::Undecided => task.or(Outcome::Depends),
        });
        match outcome {
            Outcome::Met(support) => weakest = weakest.max(support),
            Outcome::Missing => {
                let soft = !container.resources().requests().get("memory").is_absent();
                findings.add(no_limit(container, node, if soft { "soft-limit" } else { "no-task-limit" }));
            }
            Outcome::Depends => findings.add(ecs_doubt(workload, &[node, task_node])),
        }
    }
    weakest
}
