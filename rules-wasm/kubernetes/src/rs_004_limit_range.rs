//! RS-004: workload namespaces have a LimitRange.

use verdikt_rules_shared::quantity;
use verdikt_sdk::{Findings, Node, Set, Strings, rule};

use crate::answer::Answer;
use crate::bounds::judge_namespaces;

rule! {
    /// # Workload namespaces have a LimitRange
    ///
    /// A LimitRange gives limits to containers that state none, and refuses pods that want too much. Without
    /// one a single pod may take all that its namespace may have.
    ///
    /// ## What is checked
    ///
    /// Every namespace that has workloads needs a `LimitRange` that limits `cpu` or `memory`, by an item of the
    /// type
    ///
    /// - `Container`, with a `default` or, where none is stated, a `max`: the API server takes that for the
    ///   default;
    /// - `Pod`, with a `max`. It can have no default.
    ///
    /// Zero is no limit: a container with the limit 0 takes what it wants. A LimitRange with a default above its
    /// maximum is refused by the API server and counts for nothing. Of several LimitRanges one is enough. Those
    /// that only state `min`, `defaultRequest`, a ratio or the type `PersistentVolumeClaim` limit nothing.
    ///
    /// The finding stands at the `Namespace`, or where that is not in the scanned files at the first workload
    /// of the namespace. Namespaces of the system (`exempt_system_namespaces`) and namespaces without
    /// workloads are left out. A workload or a LimitRange that does not say its namespace leaves it unknown
    /// whether they meet.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   containers:
    ///     - name: app
    /// ---
    /// apiVersion: v1
    /// kind: LimitRange
    /// metadata: {name: defaults, namespace: shop}
    /// spec:
    ///   limits:
    ///     - type: Container
    ///       default: {cpu: 500m, memory: 256Mi}
    ///       defaultRequest: {cpu: 100m, memory: 128Mi}
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Create a LimitRange beside the namespace, with defaults that suit most of its containers.
    ///
    /// ## References
    ///
    /// - [Kubernetes: limit ranges](https://kubernetes.io/docs/concepts/policy/limit-range/)
    /// - [Kubernetes: LimitRange](https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/limit-range-v1/)
    pub static RULE = {
        id: "RS-004",
        slug: "limit-range",
        severity: Low,
        targets: ["kubernetes/Namespace", "workload/*"],
        controls: ["bsi-sys-1-6-2022:SYS.1.6.A15" => text],
        extra: { "module": "resources" },
        settings: Settings {
            /// Namespaces of the system, which are left out.
            exempt_system_namespaces: Strings = ["kube-system", "kube-public", "kube-node-lease"],
        },
        texts: {
            "en": {
                title: "Workload namespaces have a LimitRange",
                remediation: "Create a LimitRange with defaults or maxima for `cpu` and `memory`.",
                messages: {
                    "missing": "Namespace `{namespace}` has workloads and no LimitRange, expected one with a default or a maximum for `cpu` or `memory`.",
                    "falls-short": "LimitRange `{name}` of namespace `{namespace}` limits nothing, expected a default or a maximum above 0 for `cpu` or `memory` of containers or pods, and no default above its maximum.",
                    "bounded": "LimitRange `{name}` has defaults or maxima.",
                    "not-known": "Whether namespace `{namespace}` has a LimitRange that limits `cpu` or `memory` cannot be known, because part of `{name}` is not.",
                    "anywhere": "Whether namespace `{namespace}` has a LimitRange cannot be known: the namespace of `{name}` is only decided at deployment.",
                    "no-namespace": "Whether there is a LimitRange cannot be known: the namespace of the workload is only decided at deployment.",
                    "system-namespace": "The rule does not apply: `{namespace}` is a namespace of the system.",
                    "no-workloads": "The rule does not apply: there are no workloads in namespace `{namespace}`.",
                    "ecs": "The rule does not apply: tasks of ECS have no namespace.",
                    "judged-at-namespace": "The rule does not apply: namespace `{namespace}` is judged where it is defined.",
                    "judged-at-workload": "The rule does not apply: the namespace is judged at workload `{workload}`.",
                },
            },
            "de": {
                title: "Namespaces mit Workloads haben eine LimitRange",
                description: "Eine LimitRange gibt Containern ohne eigene Angabe ein Limit und weist zu große Pods ab. Geprüft wird, ob jeder Namespace mit Workloads eine hat, die für Container oder Pods einen Vorgabe- oder Höchstwert für `cpu` oder `memory` enthält. Der Befund steht am Namespace oder, wenn dieser nicht in den geprüften Dateien steht, am ersten Workload darin.",
                remediation: "Eine LimitRange mit Vorgabe- oder Höchstwerten für `cpu` und `memory` anlegen.",
                messages: {
                    "missing": "Namespace `{namespace}` hat Workloads, aber keine LimitRange; erwartet wird eine mit einem Vorgabe- oder Höchstwert für `cpu` oder `memory`.",
                    "falls-short": "LimitRange `{name}` im Namespace `{namespace}` begrenzt nichts; erwartet wird ein Vorgabe- oder Höchstwert über 0 für `cpu` oder `memory` von Containern oder Pods und kein Vorgabewert über dem Höchstwert.",
                    "bounded": "LimitRange `{name}` hat Vorgabe- oder Höchstwerte.",
                    "not-known": "Ob Namespace `{namespace}` eine LimitRange hat, die `cpu` oder `memory` begrenzt, lässt sich nicht feststellen, weil ein Teil von `{name}` nicht bekannt ist.",
                    "anywhere": "Ob Namespace `{namespace}` eine LimitRange hat, lässt sich nicht feststellen: Der Namespace von `{name}` wird erst beim Deployment festgelegt.",
                    "no-namespace": "Ob es eine LimitRange gibt, lässt sich nicht feststellen: Der Namespace des Workloads wird erst beim Deployment festgelegt.",
                    "system-namespace": "Die Regel ist nicht anwendbar: `{namespace}` ist ein System-Namespace.",
                    "no-workloads": "Die Regel ist nicht anwendbar: Im Namespace `{namespace}` gibt es keine Workloads.",
                    "ecs": "Die Regel ist nicht anwendbar: ECS-Tasks haben keinen Namespace.",
                    "judged-at-namespace": "Die Regel ist nicht anwendbar: Der Namespace `{namespace}` wird bei seiner Definition geprüft.",
                    "judged-at-workload": "Die Regel ist nicht anwendbar: Der Namespace wird beim Workload `{workload}` geprüft.",
                },
            },
        },
        inventory: judge,
    };
}

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    judge_namespaces(set, "LimitRange", &settings.exempt_system_namespaces, limits_something, findings);
}

const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// Whether a LimitRange limits the processor or the memory of whatever is created.
///
/// `SetDefaults_LimitRangeItem` in
/// <https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/apis/core/v1/defaults.go>
fn limits_something(range: Node<'_>) -> Answer {
    let items = range.path(&["spec", "limits"]).list();
    let limits = Answer::any(items, |item| {
        let is = |kind: &str| Answer::of(item.get("type"), |stated: Option<&str>| stated == Some(kind));
        let any = |limit: fn(Node<'_>, &str) -> Answer| RESOURCES.map(|resource| limit(item, resource));
        let [of_containers, of_pods] = [any(default_of), any(|item, resource| is_limit(item.path(&["max", resource])))]
            .map(|limits| limits.into_iter().fold(Answer::No, Answer::or));
        is("Container").and(of_containers).or(is("Pod").and(of_pods))
    });
    let refused = Answer::any(items, |item| {
        RESOURCES.map(|resource| is_default_above(item, resource)).into_iter().fold(Answer::No, Answer::or)
    });
    limits.and(refused.not())
}

/// Whether a container that states no limit gets one.
fn default_of(item: Node<'_>, resource: &str) -> Answer {
    let default = item.path(&["default", resource]);
    Answer::is_stated(default).choose(is_limit(default), is_limit(item.path(&["max", resource])))
}

fn is_limit(quantity: Node<'_>) -> Answer {
    let all = quantity.alternatives().map(|node| match text(node) {
        Some(text) => quantity::is_positive(text).map_or(Answer::Maybe, Answer::when),
        None if node.is_absent() => Answer::No,
        None => Answer::Maybe,
    });
    all.reduce(Answer::either).unwrap_or(Answer::Maybe)
}

/// Whether a default is above the maximum, which the API server refuses.
///
/// `ValidateLimitRange` in
/// <https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/apis/core/validation/validation.go>
fn is_default_above(item: Node<'_>, resource: &str) -> Answer {
    let (default, maximum) = (item.path(&["default", resource]), item.path(&["max", resource]));
    match (text(default), text(maximum)) {
        (Some(default), Some(maximum)) => quantity::is_above(default, maximum).map_or(Answer::Maybe, Answer::when),
        _ => Answer::is_stated(default).and(Answer::is_stated(maximum)).and(Answer::Maybe),
    }
}

/// A quantity as it is written, which may be as a number.
fn text(quantity: Node<'_>) -> Option<&str> {
    quantity.str().known().or_else(|| Some(quantity.number().known()?.0))
}
