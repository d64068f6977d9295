//! RS-005: workload namespaces have a ResourceQuota.

use verdikt_sdk::{Findings, Node, Set, Strings, rule};

use crate::answer::Answer;
use crate::bounds::judge_namespaces;

rule! {
    /// # Workload namespaces have a ResourceQuota
    ///
    /// A quota bounds what all pods of a namespace take together. Without one a namespace may take the whole
    /// cluster from the others.
    ///
    /// ## What is checked
    ///
    /// Every namespace that has workloads needs a `ResourceQuota` that bounds at least one of `limits.cpu`,
    /// `limits.memory`, `requests.cpu`, `requests.memory`, `cpu` and `memory` in `spec.hard`, be it to 0. A
    /// quota with `scopes` or a `scopeSelector` bounds some pods only and does not count, nor do several of
    /// them together; one that only counts objects (`pods`, `count/…`) bounds neither.
    ///
    /// Which namespaces are judged, and where the finding stands, is as for the rule RS-004.
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
    /// kind: ResourceQuota
    /// metadata: {name: quota, namespace: shop}
    /// spec:
    ///   hard:
    ///     limits.cpu: "8"
    ///     limits.memory: 8Gi
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Create a ResourceQuota beside the namespace. Pods that state no limits are then refused, so create a
    /// LimitRange with defaults as well.
    ///
    /// ## References
    ///
    /// - [Kubernetes: resource quotas](https://kubernetes.io/docs/concepts/policy/resource-quotas/)
    /// - [Kubernetes: quota scopes](https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes)
    pub static RULE = {
        id: "RS-005",
        slug: "resource-quota",
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
                title: "Workload namespaces have a ResourceQuota",
                remediation: "Create a ResourceQuota that bounds `cpu` and `memory`.",
                messages: {
                    "missing": "Namespace `{namespace}` has workloads and no ResourceQuota, expected one that bounds `cpu` or `memory`.",
                    "falls-short": "ResourceQuota `{name}` of namespace `{namespace}` bounds neither `cpu` nor `memory` of all pods, expected one that does.",
                    "bounded": "ResourceQuota `{name}` bounds the namespace.",
                    "not-known": "Whether namespace `{namespace}` has a ResourceQuota that bounds `cpu` or `memory` cannot be known, because part of `{name}` is not.",
                    "anywhere": "Whether namespace `{namespace}` has a ResourceQuota cannot be known: the namespace of `{name}` is only decided at deployment.",
                    "no-namespace": "Whether there is a ResourceQuota cannot be known: the namespace of the workload is only decided at deployment.",
                    "system-namespace": "The rule does not apply: `{namespace}` is a namespace of the system.",
                    "no-workloads": "The rule does not apply: there are no workloads in namespace `{namespace}`.",
                    "ecs": "The rule does not apply: tasks of ECS have no namespace.",
                    "judged-at-namespace": "The rule does not apply: namespace `{namespace}` is judged where it is defined.",
                    "judged-at-workload": "The rule does not apply: the namespace is judged at workload `{workload}`.",
                },
            },
            "de": {
                title: "Namespaces mit Workloads haben eine ResourceQuota",
                description: "Eine ResourceQuota begrenzt, was alle Pods eines Namespace zusammen beanspruchen. Geprüft wird, ob jeder Namespace mit Workloads eine hat, die `cpu` oder `memory` für alle Pods begrenzt; eine mit `scopes` oder `scopeSelector` gilt nur für manche und zählt nicht. Der Befund steht am Namespace oder, wenn dieser nicht in den geprüften Dateien steht, am ersten Workload darin.",
                remediation: "Eine ResourceQuota anlegen, die `cpu` und `memory` begrenzt.",
                messages: {
                    "missing": "Namespace `{namespace}` hat Workloads, aber keine ResourceQuota; erwartet wird eine, die `cpu` oder `memory` begrenzt.",
                    "falls-short": "ResourceQuota `{name}` im Namespace `{namespace}` begrenzt weder `cpu` noch `memory` aller Pods; erwartet wird eine, die das tut.",
                    "bounded": "ResourceQuota `{name}` begrenzt den Namespace.",
                    "not-known": "Ob Namespace `{namespace}` eine ResourceQuota hat, die `cpu` oder `memory` begrenzt, lässt sich nicht feststellen, weil ein Teil von `{name}` nicht bekannt ist.",
                    "anywhere": "Ob Namespace `{namespace}` eine ResourceQuota hat, lässt sich nicht feststellen: Der Namespace von `{name}` wird erst beim Deployment festgelegt.",
                    "no-namespace": "Ob es eine ResourceQuota gibt, lässt sich nicht feststellen: Der Namespace des Workloads wird erst beim Deployment festgelegt.",
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

/// What a quota calls the processor and the memory. Without a prefix it means requests.
const BOUNDED: [&str; 6] = ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory", "cpu", "memory"];

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    judge_namespaces(set, "ResourceQuota", &settings.exempt_system_namespaces, bounds_all_pods, findings);
}

fn bounds_all_pods(quota: Node<'_>) -> Answer {
    let spec = quota.get("spec");
    let bounds = BOUNDED.map(|resource| Answer::is_stated(spec.path(&["hard", resource])));
    let by_scope = Answer::any(spec.get("scopes").list(), Answer::is_stated);
    let by_selector = Answer::any(spec.path(&["scopeSelector", "matchExpressions"]).list(), Answer::is_stated);
    bounds.into_iter().fold(Answer::No, Answer::or).and(by_scope.not()).and(by_selector.not())
}
