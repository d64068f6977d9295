//! EX-001: containers have a liveness probe.

use verdikt_sdk::{Findings, Workload, rule};

use crate::common::{has_probe, keeps_running};

rule! {
    /// # Containers have a liveness probe
    ///
    /// A program that hangs keeps its process. Without a liveness probe nobody restarts it.
    ///
    /// ## What is checked
    ///
    /// Every container of a pod that keeps running has a `livenessProbe`. Init containers, sidecars and
    /// ephemeral containers are left out. The rule does not apply to pods that end by themselves (jobs,
    /// workflows) and to ECS, whose health checks are `EX-006`.
    ///
    /// A probe that fails too easily restarts a program that only is slow, which makes an overload worse, and
    /// a program that ends when it is broken needs none; so the rule is off by default.
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
    ///       livenessProbe:
    ///         httpGet:
    ///           path: /healthz
    ///           port: 8080
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Add a `livenessProbe` that asks the program itself and nothing that it depends on, and a `startupProbe`
    /// where it starts slowly.
    ///
    /// ## References
    ///
    /// - [Kubernetes: liveness, readiness and startup probes](https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/)
    pub static RULE = {
        id: "EX-001",
        slug: "liveness-probe",
        severity: Low,
        enabled_by_default: false,
        targets: ["workload/*"],
        controls: [],
        aliases: ["checkov:CKV_K8S_8", "kube-linter:no-liveness-probe"],
        extra: { "module": "extended" },
        texts: {
            "en": {
                title: "Containers have a liveness probe",
                remediation: "Add a `livenessProbe` to the container.",
                messages: {
                    "no-handler": "The `livenessProbe` of container `{container}` asks nothing, expected `httpGet`, `tcpSocket`, `grpc` or `exec`.",
                    "missing": "Container `{container}` has no `livenessProbe`, so nobody restarts it when it hangs.",
                    "batch": "The rule does not apply: the pod ends by itself.",
                    "ecs": "The rule does not apply to ECS.",
                },
            },
            "de": {
                title: "Container haben eine Liveness-Probe",
                description: "Ein hängendes Programm behält seinen Prozess; ohne Liveness-Probe startet es niemand neu. Geprüft werden die Container von Pods, die dauerhaft laufen.",
                remediation: "Dem Container eine `livenessProbe` geben.",
                messages: {
                    "no-handler": "Die `livenessProbe` des Containers `{container}` fragt nichts, erwartet wird `httpGet`, `tcpSocket`, `grpc` oder `exec`.",
                    "missing": "Container `{container}` hat keine `livenessProbe`, also startet ihn niemand neu, wenn er hängt.",
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
        has_probe(workload, "liveness", findings);
    }
}
