//! RS-003: containers declare CPU and memory requests.

use verdikt_sdk::{Container, Finding, Findings, Node, Resources, Set, Workload, rule};

use crate::resources::{Amount, LimitRanges, Outcome, Supply, Support, first_doubt, is_ephemeral, judge_each};

rule! {
    /// # Containers declare CPU and memory requests
    ///
    /// The scheduler places pods by what they request. A container that requests nothing may land on a
    /// node that is full, and is the first to be thrown out when memory runs short.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: for every container, init container and sidecar, for `cpu` and for `memory`, the first
    /// of these that exists:
    ///
    /// 1. its own `resources.requests`,
    /// 2. its own `resources.limits`, which Kubernetes takes for the request where there is none,
    /// 3. the requests or the limits of the pod, `spec.resources`, which the scheduler then goes by,
    /// 4. a `LimitRange` in the same namespace with an item of type `Container` that has
    ///    `defaultRequest`, `default`, `max` or `min`, in this order.
    ///
    /// A request of 0 asks for nothing and fails, unless the pod requests something. Ephemeral containers
    /// cannot have requests and are left out. The rule does not apply to ECS, where the size of a task
    /// says what is reserved.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       resources:
    ///         requests:
    ///           cpu: 100m
    ///           memory: 128Mi
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Request what the program uses on an ordinary day.
    ///
    /// ## References
    ///
    /// - [Kubernetes: requests and limits](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits)
    /// - [Kubernetes: limit ranges](https://kubernetes.io/docs/concepts/policy/limit-range/)
    /// - [Kubernetes: quality of service](https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/)
    pub static RULE = {
        id: "RS-003",
        slug: "requests",
        severity: Low,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => guide],
        aliases: [
            "checkov:CKV_K8S_10@cpu",
            "checkov:CKV_K8S_12@memory",
            "trivy:KSV-0015@cpu",
            "trivy:KSV-0016@memory",
        ],
        extra: { "module": "resources" },
        texts: {
            "en": {
                title: "Containers declare CPU and memory requests",
                remediation: "Add `resources.requests` with `cpu` and `memory`, or provide a LimitRange with `defaultRequest`.",
                messages: {
                    "no-request": "Container `{container}` requests no {resource}: neither it, nor its pod, nor a LimitRange of its namespace sets a request or a limit.",
                    "zero-request": "Container `{container}` requests no {resource}: `{found}` is none, expected more than 0.",
                    "container": "Every container requests CPU and memory.",
                    "limit": "Where a container states no request, its limit is taken for it.",
                    "pod-level": "The requests of the pod cover containers that have none of their own.",
                    "inherited-limitrange": "Containers without requests get them from LimitRange `{limit_range}`.",
                    "ecs": "The rule does not apply: in ECS the size of a task says what is reserved for it.",
                },
            },
            "de": {
                title: "Container geben CPU- und Speicheranforderungen an",
                description: "Der Scheduler verteilt Pods nach ihren Anforderungen. Geprüft werden je Container `requests` für `cpu` und `memory`; ersatzweise zählen das eigene Limit, die Angaben des Pods und die Vorgabewerte eines LimitRange im selben Namespace. Eine Anforderung von 0 genügt nicht.",
                remediation: "`resources.requests` mit `cpu` und `memory` ergänzen oder einen LimitRange mit `defaultRequest` bereitstellen.",
                messages: {
                    "no-request": "Container `{container}` fordert kein {resource} an: Weder er selbst noch sein Pod noch ein LimitRange seines Namespace setzt eine Anforderung oder ein Limit.",
                    "zero-request": "Container `{container}` fordert kein {resource} an: `{found}` ist keine Anforderung, erwartet wird mehr als 0.",
                    "container": "Jeder Container fordert CPU und Speicher an.",
                    "limit": "Wo ein Container keine Anforderung angibt, gilt sein Limit dafür.",
                    "pod-level": "Die Anforderungen des Pods gelten für Container ohne eigene.",
                    "inherited-limitrange": "Container ohne eigene Anforderungen erhalten sie durch den LimitRange `{limit_range}`.",
                    "ecs": "Die Regel ist nicht anwendbar: In ECS gibt die Größe einer Task an, was für sie reserviert wird.",
                },
            },
        },
        inventory: judge,
    };
}

/// What containers have to request.
const RESOURCES: [&str; 2] = ["cpu", "memory"];

fn judge(set: &Set<'_>, findings: &mut Findings<'_>) {
    let ranges = RESOURCES.map(|resource| LimitRanges::of_requests(set, resource));
    judge_each(set, findings, |workload, namespace, findings| {
        let mut weakest = Support::Container;
        if workload.is_ecs() {
            findings.add(Finding::not_applicable(workload, "ecs"));
            return weakest;
        }
        let supplies = ranges.each_ref().map(|ranges| ranges.supply(namespace));
        for container in findings.every(workload.containers()) {
            if is_ephemeral(container) {
                continue;
            }
            for (resource, supply) in RESOURCES.iter().zip(&supplies) {
                let support = judge_container(workload, container, resource, supply, findings);
                weakest = support.map_or(weakest, |support| weakest.max(support));
            }
        }
        weakest
    });
}

/// Judges what one container requests of one resource. `None` when there is a finding about it.
fn judge_container<'r>(
    workload: Workload<'_>,
    container: Container<'_>,
    resource: &str,
    supply: &Supply<'r>,
    findings: &mut Findings<'_>,
) -> Option<Support<'r>> {
    let [request, limit] = amounts(container.resources(), resource);
    let [pod_request, pod_limit] = amounts(workload.resources(), resource);
    let of_pod = |otherwise: Outcome<'r>| {
        move |amount: Amount<'_>| match amount {
            Amount::Some => Outcome::Met(Support::PodLevel),
            Amount::Zero(_) => Outcome::Missing,
            Amount::Absent => otherwise,
            Amount::Undecided => Outcome::Depends,
        }
    };
    let pod = Outcome::of(pod_request, of_pod(Outcome::of(pod_limit, of_pod(Outcome::Missing))));
    // `SetDefaults_Pod` in k8s.io/kubernetes/pkg/apis/core/v1/defaults.go takes the limit before admission
    // fills in what a LimitRange has.
    let of_container = |stated: Support<'r>, otherwise: Outcome<'r>| {
        move |amount: Amount<'_>| match amount {
            Amount::Some => Outcome::Met(stated),
            Amount::Zero(_) => pod,
            Amount::Absent => otherwise,
            Amount::Undecided => pod.or(Outcome::Depends),
        }
    };
    let by_limit = Outcome::of(limit, of_container(Support::Limit, pod.or(supply.outcome())));
    match Outcome::of(request, of_container(Support::Container, by_limit)) {
        Outcome::Met(support) => return Some(support),
        Outcome::Depends => findings.add(first_doubt(&[request, limit, pod_request, pod_limit], supply)),
        Outcome::Missing => {
            let zero = [request, limit].into_iter().find_map(|node| match node.agreed(Amount::of) {
                Some(Amount::Zero(found)) => Some((node, found)),
                _ => None,
            });
            let finding = match zero {
                Some((node, found)) => Finding::fail(node, "zero-request").argument("found", found),
                None => Finding::fail(request, "no-request"),
            };
            findings.add(finding.argument("container", container.label()).argument("resource", resource));
        }
    }
    None
}

/// The request and the limit of a resource.
fn amounts<'a>(resources: Resources<'a>, resource: &str) -> [Node<'a>; 2] {
    [resources.requests().get(resource), resources.limits().get(resource)]
}
