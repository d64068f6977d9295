//! EX-002: containers have a readiness probe.

use verdikt_sdk::{Findings, Workload, rule};

use crate::common::{has_probe, keeps_running};

rule! {
    /// # Containers have a readiness probe
    ///
    /// Without a readiness probe a pod gets requests as soon as its process runs: while it still starts, and
    /// while it cannot answer.
    ///
    /// ## What is checked
    ///
    /// Every container of a pod that keeps running has a `readinessProbe`. Init containers, sidecars and
    /// ephemeral containers are left out. The rule does not apply to pods that end by themselves (jobs,
    /// workflows) and to ECS. Pods that serve nobody need no such probe, so the rule is off by default.
    ///
    /// A probe that says nothing of what it asks (`httpGet`, `tcpSocket`, `grpc` or `exec`) fails like none: the
    /// API server refuses it.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1
    ///       readinessProbe:
    ///         httpGet:
    ///           path: /ready
    ///           port: 8080
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Add a `readinessProbe` that says whether the program can answer requests now.
    ///
    /// ## References
    ///
    /// - [Kubernetes: liveness, readiness and startup probes](https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/)
    pub static RULE = {
        id: "EX-002",
        slug: "readiness-probe",
        severity: Low,
        enabled_by_default: false,
        targets: ["workload/*"],
        controls: [],
        aliases: ["checkov:CKV_K8S_9", "kube-linter:no-readiness-probe"],
        extra: { "module": "extended" },
        texts: {
            "en": {
                title: "Containers have a readiness probe",
                remediation: "Add a `readinessProbe` to the container.",
                messages: {
                    "no-handler": "The `readinessProbe` of container `{container}` asks nothing, expected `httpGet`, `tcpSocket`, `grpc` or `exec`.",
                    "missing": "Container `{container}` has no `readinessProbe`, so it gets requests that it cannot answer yet.",
                    "batch": "The rule does not apply: the pod ends by itself.",
                    "ecs": "The rule does not apply to ECS.",
                },
            },
            "de": {
                title: "Container haben eine Readiness-Probe",
                description: "Ohne Readiness-Probe erhält ein Pod Anfragen, sobald sein Prozess läuft, auch während er noch startet. Geprüft werden die Container von Pods, die dauerhaft laufen.",
                remediation: "Dem Container eine `readinessProbe` geben.",
                messages: {
                    "no-handler": "Die `readinessProbe` des Containers `{container}` fragt nichts, erwartet wird `httpGet`, `tcpSocket`, `grpc` oder `exec`.",
                    "missing": "Container `{container}` hat keine `readinessProbe`, also erhält er Anfragen, die er noch nicht beantworten kann.",
                    "batch": "Die Regel ist nicht anwendbar: Der Pod endet von selbst.",
                    "ecs": "Die Regel ist auf ECS nicht anwendbar.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if keeps_running(workload, findings) {
        has_probe(workload, "readiness", findings);
    }
}
