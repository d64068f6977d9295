//! RS-002: every container has a CPU limit.

use verdikt_sdk::{Finding, Findings, Node, Set, Workload, rule};

use crate::production::ProductionSelector;
use crate::resources::{
    Amount, LimitRanges, Outcome, Support, ecs_doubt, fargate_size, is_windows, judge_each, judge_limits, no_limit,
    task_size,
};

rule! {
    /// # Every container has a CPU limit
    ///
    /// A container without a limit may use every processor of its node. A program that runs wild, or an
    /// intruder who computes for himself, then slows down everything beside it.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: for every container, init container and sidecar the first of these that exists:
    ///
    /// 1. its own `resources.limits.cpu` above 0,
    /// 2. the limit of the pod, `spec.resources.limits.cpu`,
    /// 3. a `LimitRange` in the same namespace with an item of type `Container` that has `default.cpu`
    ///    or, without that, `max.cpu`. Kubernetes gives it to containers that state no limit; a stated
    ///    limit of 0 stays 0.
    ///
    /// When a workload or a LimitRange does not say its namespace, nobody can know whether they meet,
    /// so the rule says *unknown* instead of pass or fail. Ephemeral containers cannot have limits and
    /// are left out.
    ///
    /// ECS: `cpu` of the task, which is a hard limit, or of every container. On Linux the `cpu` of a
    /// container is only its share when processors are short; it passes with the reason `soft`, and
    /// fails with the parameter `hard_cpu_required`; a `cpu` of 0, which descriptions print where none was
    /// stated, is the smallest share and fails. On Windows it is a hard limit, while the size of the
    /// task is ignored. A task that can only run on Fargate always has a size.
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
    ///           cpu: 100m
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "memory": 256}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", memory = 256 }])
    /// }
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
    ///           cpu: 500m
    /// ```
    ///
    /// ```json
    /// {"cpu": "256", "containerDefinitions": [{"name": "app"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   cpu                   = "256"
    ///   container_definitions = jsonencode([{ name = "app" }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// State `resources.limits.cpu`, well above what the program uses under load since it is slowed down
    /// beyond that, or let a LimitRange give every container of a namespace a default. ECS: state `cpu` of
    /// the task.
    ///
    /// ## References
    ///
    /// - [Kubernetes: resources of pods and containers](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/)
    /// - [Kubernetes: limit ranges](https://kubernetes.io/docs/concepts/policy/limit-range/)
    /// - [ECS: task definition parameters](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html)
    pub static RULE = {
        id: "RS-002",
        slug: "cpu-limit",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => text, "bsi-sys-1-6-2022:SYS.1.6.A15" => text],
        aliases: ["checkov:CKV_K8S_11", "trivy:KSV-0011"],
        extra: { "module": "resources" },
        settings: Settings {
            /// ECS on Linux: whether a container's share of the processor is not enough.
            hard_cpu_required: bool = false,
            /// Which workloads count as production, and are judged: `namespace=PATTERN` or
            /// `label:NAME=PATTERN` (ECS: a tag), with `*` and `?`. All, when empty.
            production_selector: ProductionSelector = [],
        },
        texts: {
            "en": {
                title: "Every container has a CPU limit",
                remediation: "Set `resources.limits.cpu`, or provide a LimitRange with `default.cpu`. ECS: set `cpu` on the task.",
                messages: {
                    "no-limit": "Container `{container}` has no CPU limit: neither it, nor its pod, nor a LimitRange of its namespace sets one.",
                    "zero-limit": "Container `{container}` has no CPU limit: `{found}` is none, expected more than 0.",
                    "zero-share": "Container `{container}` has no CPU limit: its `cpu` is 0, the smallest share of the processor, expected `cpu` on the task.",
                    "no-task-limit": "Container `{container}` has no CPU limit: neither it nor its task sets `cpu`.",
                    "share-only": "Container `{container}` has no hard CPU limit: its `cpu` is only a share, expected `cpu` on the task.",
                    "container": "Every container has a CPU limit of its own.",
                    "pod-level": "The CPU limit of the pod or task covers containers that have none of their own.",
                    "soft": "Every container has a share of the processor, which limits it only when others want it too.",
                    "inherited-limitrange": "Containers without a CPU limit get one from LimitRange `{limit_range}`.",
                    "platform": "The task can only run on Fargate, where every task has a CPU size.",
                    "not-production": "The rule does not apply: `production_selector` does not choose the workload.",
                    "no-namespace": "Whether `production_selector` chooses the workload is not known: its namespace is only decided at deployment.",
                },
            },
            "de": {
                title: "Jeder Container hat ein CPU-Limit",
                description: "Ein Container ohne CPU-Limit kann alle Prozessoren des Knotens belegen. Geprüft wird je Container das eigene Limit, ersatzweise das des Pods und schließlich der Vorgabewert eines LimitRange im selben Namespace; in ECS `cpu` an der Task oder am Container. Unter Linux ist `cpu` am ECS-Container nur ein Anteil; mit `hard_cpu_required` genügt er nicht.",
                remediation: "`resources.limits.cpu` setzen oder einen LimitRange mit `default.cpu` bereitstellen. ECS: `cpu` an der Task setzen.",
                messages: {
                    "no-limit": "Container `{container}` hat kein CPU-Limit: Weder er selbst noch sein Pod noch ein LimitRange seines Namespace setzt eines.",
                    "zero-limit": "Container `{container}` hat kein CPU-Limit: `{found}` ist keines, erwartet wird mehr als 0.",
                    "zero-share": "Container `{container}` hat kein CPU-Limit: Sein `cpu` ist 0, der kleinste Anteil am Prozessor; erwartet wird `cpu` an der Task.",
                    "no-task-limit": "Container `{container}` hat kein CPU-Limit: Weder er selbst noch seine Task setzt `cpu`.",
                    "share-only": "Container `{container}` hat kein hartes CPU-Limit: Sein `cpu` ist nur ein Anteil, erwartet wird `cpu` an der Task.",
                    "container": "Jeder Container hat ein eigenes CPU-Limit.",
                    "pod-level": "Das CPU-Limit des Pods oder der Task gilt für Container ohne eigenes Limit.",
                    "soft": "Jeder Container hat einen Anteil am Prozessor, der ihn nur begrenzt, wenn auch andere ihn beanspruchen.",
                    "inherited-limitrange": "Container ohne eigenes CPU-Limit erhalten eines durch den LimitRange `{limit_range}`.",
                    "platform": "Die Task kann nur auf Fargate laufen, wo jede Task eine CPU-Größe hat.",
                    "not-production": "Die Regel ist nicht anwendbar: `production_selector` wählt den Workload nicht aus.",
                    "no-namespace": "Ob `production_selector` den Workload auswählt, ist nicht bekannt: Der Namespace wird erst beim Deployment festgelegt.",
                },
            },
        },
        inventory: judge,
    };
}

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let ranges = LimitRanges::of_limits(set, "cpu");
    judge_each(set, findings, |workload, namespace, findings| {
        if !settings.production_selector.chooses(workload, findings) {
            Support::Container
        } else if workload.is_ecs() {
            judge_ecs(workload, settings, findings)
        } else {
            judge_limits(workload, namespace, "cpu", &ranges, findings)
        }
    });
}

fn judge_ecs<'r>(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) -> Support<'r> {
    let task_node = workload.resources().limits().get("cpu");
    let task = fargate_size(workload).or(task_size(workload, task_node));
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html: a share on
    // Linux, an absolute quota on Windows.
    let share = match (is_windows(workload.os()), settings.hard_cpu_required) {
        (Some(true), _) => Outcome::Met(Support::Container),
        (_, false) => Outcome::Met(Support::Share),
        (Some(false), true) => Outcome::Missing,
        (None, true) => Outcome::Depends,
    };
    let mut weakest = Support::Container;
    for container in findings.every(workload.containers()) {
        let node = container.resources().requests().get("cpu");
        let outcome = Outcome::of(node, |own| match own {
            Amount::Some => task.or(share),
            Amount::Zero(_) | Amount::Absent => task,
            Amount::Undecided => task.or(Outcome::Depends),
        });
        match outcome {
            Outcome::Met(support) => weakest = weakest.max(support),
            Outcome::Missing if node.agreed(Amount::of) == Some(Amount::Some) => {
                findings.add(Finding::fail(node, "share-only").argument("container", container.label()));
            }
            // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html: the agent
            // makes two shares of zero on Linux.
            Outcome::Missing if is_zero(node) && is_windows(workload.os()) == Some(false) => {
                findings.add(Finding::fail(node, "zero-share").argument("container", container.label()));
            }
            Outcome::Missing => findings.add(no_limit(container, node, "no-task-limit")),
            Outcome::Depends => findings.add(ecs_doubt(workload, &[node, task_node])),
        }
    }
    weakest
}

fn is_zero(node: Node<'_>) -> bool {
    matches!(node.agreed(Amount::of), Some(Amount::Zero(_)))
}
