//! RS-001: every container has a memory limit.

use verdikt_sdk::{Container, Document, Field, Finding, Findings, Node, Selector, Set, Unknown, Workload, rule};

use crate::quantity::is_positive;

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
    /// can only run on Fargate always has a size.
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
        controls: ["waf-pp:WAF-SEC-120", "bsi-sys-1-6-2022:SYS.1.6.A15"],
        aliases: ["checkov:CKV_K8S_13", "trivy:KSV-0018", "kube-linter:unset-memory-requirements"],
        extra: { "module": "resources" },
        texts: {
            "en": {
                title: "Every container has a memory limit",
                remediation: "Set `resources.limits.memory`, or provide a LimitRange with `default.memory`. ECS: set `memory` on the container or on the task.",
                messages: {
                    "no-limit": "Container `{container}` has no memory limit: neither it, nor its pod, nor a LimitRange of its namespace sets one.",
                    "zero-limit": "Container `{container}` has no memory limit: `{found}` means unlimited, expected more than 0.",
                    "no-task-limit": "Container `{container}` has no memory limit: neither it nor its task sets `memory`.",
                    "soft-limit": "Container `{container}` has no memory limit: `memoryReservation` is only a reservation, expected `memory` on the container or on the task.",
                    "container": "Every container has a memory limit of its own.",
                    "pod-level": "The memory limit of the pod or task covers containers that have none of their own.",
                    "inherited-limitrange": "Containers without a memory limit get one from LimitRange `{limit_range}`.",
                    "platform": "The task can only run on Fargate, where every task has a memory size.",
                },
            },
            "de": {
                title: "Jeder Container hat ein Speicherlimit",
                description: "Ein Container ohne Speicherlimit kann den Speicher des Knotens erschöpfen. Geprüft wird je Container das eigene Limit, ersatzweise das des Pods und schließlich der Vorgabewert eines LimitRange im selben Namespace; in ECS `memory` am Container oder an der Task.",
                remediation: "`resources.limits.memory` setzen oder einen LimitRange mit `default.memory` bereitstellen. ECS: `memory` am Container oder an der Task setzen.",
                messages: {
                    "no-limit": "Container `{container}` hat kein Speicherlimit: Weder er selbst noch sein Pod noch ein LimitRange seines Namespace setzt eines.",
                    "zero-limit": "Container `{container}` hat kein Speicherlimit: `{found}` bedeutet unbegrenzt, erwartet wird mehr als 0.",
                    "no-task-limit": "Container `{container}` hat kein Speicherlimit: Weder er selbst noch seine Task setzt `memory`.",
                    "soft-limit": "Container `{container}` hat kein Speicherlimit: `memoryReservation` ist nur eine Reservierung, erwartet wird `memory` am Container oder an der Task.",
                    "container": "Jeder Container hat ein eigenes Speicherlimit.",
                    "pod-level": "Das Speicherlimit des Pods oder der Task gilt für Container ohne eigenes Limit.",
                    "inherited-limitrange": "Container ohne eigenes Speicherlimit erhalten eines durch den LimitRange `{limit_range}`.",
                    "platform": "Die Task kann nur auf Fargate laufen, wo jede Task eine Speichergröße hat.",
                },
            },
        },
        inventory: judge,
    };
}

fn judge(set: &Set<'_>, findings: &mut Findings<'_>) {
    let ranges = LimitRanges::read(set);
    set.judge_each(findings, |document, findings| {
        let workload = Workload::from(document);
        let before = findings.len();
        let support = if workload.is_ecs() {
            judge_ecs(workload, findings)
        } else {
            judge_kubernetes(workload, document.envelope().namespace.as_deref(), &ranges, findings)
        };
        // The rule has to state an outcome for every document.
        if findings.len() == before {
            findings.add(support.pass(workload));
        }
    });
}

/// What keeps a workload within limits: the weakest support that one of its containers needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Support<'r> {
    Container,
    Platform,
    PodLevel,
    LimitRange(&'r str),
}

impl Support<'_> {
    fn pass(self, workload: Workload<'_>) -> Finding<'_> {
        match self {
            Support::Container => Finding::pass(workload, "container"),
            Support::Platform => Finding::pass(workload, "platform"),
            Support::PodLevel => Finding::pass(workload, "pod-level"),
            Support::LimitRange(name) => Finding::pass(workload, "inherited-limitrange").argument("limit_range", name),
        }
    }
}

/// What a place says about a limit.
#[derive(Clone, Copy)]
enum Limit<'a> {
    Some,
    /// Stated, but zero or less.
    Zero(&'a str),
    Absent,
    Unknown(Unknown<'a>),
    /// No quantity at all. The platform refuses it, so nobody knows what it would be.
    Malformed(&'a str),
}

impl<'a> Limit<'a> {
    /// Quantities are strings or numbers.
    fn of(node: Node<'a>) -> Limit<'a> {
        let text = match (node.number(), node.str()) {
            (Field::Known(number), _) => number.0,
            (_, Field::Known(text)) => text,
            (Field::Absent, _) | (_, Field::Absent) => return Limit::Absent,
            (_, Field::Unknown(unknown)) => return Limit::Unknown(unknown),
        };
        match is_positive(text) {
            Some(true) => Limit::Some,
            Some(false) => Limit::Zero(text),
            None => Limit::Malformed(text),
        }
    }

    /// The finding when it depends on this place whether there is a limit.
    fn undecided(self, node: Node<'a>) -> Option<Finding<'a>> {
        match self {
            Limit::Unknown(unknown) => Some(Finding::unknown(unknown)),
            Limit::Malformed(text) => Some(Finding::unknown_because(node, format!("`{text}` is not a quantity"))),
            Limit::Some | Limit::Zero(_) | Limit::Absent => None,
        }
    }
}

fn judge_kubernetes<'r>(
    workload: Workload<'_>,
    namespace: Option<&str>,
    ranges: &'r LimitRanges,
    findings: &mut Findings<'_>,
) -> Support<'r> {
    let pod_node = workload.resources().limits().get("memory");
    let pod = Limit::of(pod_node);
    let mut support = Support::Container;
    for container in findings.every(workload.containers()) {
        if container.role().read().known() == Some("ephemeral") {
            continue;
        }
        let node = container.resources().limits().get("memory");
        let own = Limit::of(node);
        match (own, pod) {
            (Limit::Some, _) => continue,
            (_, Limit::Some) => {
                support = support.max(Support::PodLevel);
                continue;
            }
            _ => {}
        }
        // Only a limit that is not stated is filled in.
        let inherited = if let Limit::Absent = own { ranges.supply(namespace) } else { Supply::No };
        match (own.undecided(node).or_else(|| pod.undecided(pod_node)), inherited) {
            (_, Supply::Yes(name)) => support = support.max(Support::LimitRange(name)),
            (Some(undecided), _) => findings.add(undecided),
            (None, Supply::Maybe(why)) => findings.add(Finding::unknown_because(node, why)),
            (None, Supply::No) => findings.add(no_limit(container, node, own, "no-limit")),
        }
    }
    support
}

fn judge_ecs<'r>(workload: Workload<'_>, findings: &mut Findings<'_>) -> Support<'r> {
    let on_fargate = workload.fargate_only();
    let task_node = workload.resources().limits().get("memory");
    let task = Limit::of(task_node);
    let mut support = Support::Container;
    for container in findings.every(workload.containers()) {
        let node = container.resources().limits().get("memory");
        let own = Limit::of(node);
        match (own, task, on_fargate) {
            (Limit::Some, ..) => {}
            (_, Limit::Some, _) => support = support.max(Support::PodLevel),
            (_, _, Field::Known(true)) => support = support.max(Support::Platform),
            (_, _, on_fargate) => {
                let undecided = own.undecided(node).or_else(|| task.undecided(task_node));
                let undecided = undecided.or_else(|| on_fargate.unknown().map(Finding::unknown));
                let soft = !container.resources().requests().get("memory").is_absent();
                let code = if soft { "soft-limit" } else { "no-task-limit" };
                findings.add(undecided.unwrap_or_else(|| no_limit(container, node, own, code)));
            }
        }
    }
    support
}

fn no_limit<'a>(container: Container<'a>, node: Node<'a>, own: Limit<'a>, code: &'static str) -> Finding<'a> {
    let finding = match own {
        Limit::Zero(found) => Finding::fail(node, "zero-limit").argument("found", found),
        _ => Finding::fail(node, code),
    };
    finding.argument("container", container.label())
}

/// The LimitRanges of a set that give containers a memory limit, or may.
struct LimitRanges {
    ranges: Vec<LimitRange>,
}

struct LimitRange {
    name: String,
    namespace: Option<String>,
    /// False when part of it cannot be known.
    certain: bool,
}

/// What a container that states no limit gets.
enum Supply<'r> {
    /// One from the LimitRange of this name.
    Yes(&'r str),
    /// It depends on this.
    Maybe(String),
    No,
}

impl LimitRanges {
    fn read(set: &Set<'_>) -> LimitRanges {
        let mut ranges = Vec::new();
        for envelope in set.find(Selector::new("kubernetes", "LimitRange")) {
            // One that cannot be read may give a limit.
            let certain = match set.read(&envelope) {
                Ok(document) => match gives_memory(&document) {
                    Gives::No => continue,
                    Gives::Yes => true,
                    Gives::Maybe => false,
                },
                Err(_) => false,
            };
            ranges.push(LimitRange { name: envelope.name, namespace: envelope.namespace, certain });
        }
        LimitRanges { ranges }
    }

    fn supply(&self, namespace: Option<&str>) -> Supply<'_> {
        let stated = |range: &&LimitRange| range.namespace.is_some() && range.namespace.as_deref() == namespace;
        if let Some(range) = self.ranges.iter().find(|range| range.certain && stated(range)) {
            return Supply::Yes(&range.name);
        }
        let possible =
            self.ranges.iter().find(|range| stated(range) || range.namespace.is_none() || namespace.is_none());
        match possible {
            None => Supply::No,
            Some(range) if stated(&range) => {
                Supply::Maybe(format!("LimitRange `{}` may supply a limit, but part of it is not known", range.name))
            }
            Some(range) => Supply::Maybe(format!(
                "LimitRange `{}` would supply a limit, but the namespace of the {} is only decided at deployment",
                range.name,
                if namespace.is_none() { "workload" } else { "LimitRange" },
            )),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gives {
    No,
    Maybe,
    Yes,
}

/// Whether a LimitRange gives containers a memory limit. Kubernetes takes the maximum for the
/// default where there is none.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/limit-range-v1/>
fn gives_memory(document: &Document) -> Gives {
    let limits = document.root().path(&["spec", "limits"]).list();
    let rest = if limits.rest().is_some() { Gives::Maybe } else { Gives::No };
    let items = limits.known().map(|item: Node<'_>| {
        let default = Limit::of(item.path(&["default", "memory"]));
        let given = match default {
            Limit::Absent => Limit::of(item.path(&["max", "memory"])),
            stated => stated,
        };
        match (item.get("type").str(), given) {
            (_, Limit::Absent | Limit::Zero(_)) => Gives::No,
            (Field::Known("Container"), Limit::Some) => Gives::Yes,
            (Field::Known("Container") | Field::Unknown(_), _) => Gives::Maybe,
            (Field::Known(_) | Field::Absent, _) => Gives::No,
        }
    });
    items.fold(rest, Gives::max)
}
