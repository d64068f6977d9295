//! PS-007: probes and lifecycle hooks do not name a host.

use verdikt_sdk::{Finding, Findings, Workload, rule};

use crate::common::is_kubernetes;
use crate::pss;

rule! {
    /// # Probes and lifecycle hooks do not name a host
    ///
    /// The kubelet of the node sends probes and hooks. With `host` a pod chooses where to, so whoever may
    /// create a pod can make every node talk to services that only nodes reach, and learns from the state
    /// of the pod what is there.
    ///
    /// ## What is checked
    ///
    /// `host` under `httpGet` and `tcpSocket` of the liveness, readiness and startup probe, and of the hooks
    /// `postStart` and `preStop`, has to be empty or absent: requests then go to the pod itself. A header
    /// `Host` in `httpHeaders` is no matter.
    ///
    /// The Pod Security Standards have this control from v1.34 on. With an earlier `pss_version` the rule
    /// does not apply. It does not apply to ECS either, whose health checks are commands.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       livenessProbe:
    ///         httpGet:
    ///           host: 169.254.169.254
    ///           port: 80
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       livenessProbe:
    ///         httpGet:
    ///           port: 8080
    ///           httpHeaders:
    ///             - {name: Host, value: shop.example}
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove `host`. For a virtual host set the header `Host`.
    ///
    /// ## References
    ///
    /// - [Kubernetes: probes](https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/)
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    pub static RULE = {
        id: "PS-007",
        slug: "probe-host",
        severity: Low,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => indirect],
        extra: { "module": "pod-security-standards" },
        settings: Settings {
            /// The version of the standard: `latest`, or such as `v1.25`.
            pss_version: pss::Version = pss::Latest,
        },
        texts: {
            "en": {
                title: "Probes and lifecycle hooks do not name a host",
                remediation: "Remove `host`; for a virtual host set the header `Host` in `httpHeaders`.",
                messages: {
                    "host": "Container `{container}` makes the kubelet send requests elsewhere: `{field}` is {value}, expected nothing.",
                    "version": "The rule does not apply: the Pod Security Standards have this control from v1.34 on.",
                    "ecs": "The rule does not apply: health checks of ECS are commands.",
                },
            },
            "de": {
                title: "Probes und Lifecycle-Hooks nennen keinen Host",
                description: "Probes und Hooks sendet der Kubelet; mit `host` kann ein Pod ihn Anfragen an beliebige Ziele senden lassen. Geprüft wird `host` unter `httpGet` und `tcpSocket` aller Probes und Hooks. Der Pod-Security-Standard enthält diese Vorgabe ab v1.34.",
                remediation: "`host` entfernen; für einen virtuellen Host den Header `Host` in `httpHeaders` setzen.",
                messages: {
                    "host": "Container `{container}` lässt den Kubelet Anfragen an ein anderes Ziel senden: `{field}` ist {value}, erwartet wird keine Angabe.",
                    "version": "Die Regel ist nicht anwendbar: Der Pod-Security-Standard enthält diese Vorgabe ab v1.34.",
                    "ecs": "Die Regel ist nicht anwendbar: Healthchecks von ECS sind Befehle.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if !is_kubernetes(workload, findings) {
        return;
    }
    if !pss::HOST_PROBES.is_in(settings.pss_version) {
        findings.add(Finding::not_applicable(workload, "version"));
        return;
    }
    let control = [&pss::HOST_PROBES].into_iter();
    pss::judge(workload, settings.pss_version, control, findings, |statement| statement.finding("host"));
}
