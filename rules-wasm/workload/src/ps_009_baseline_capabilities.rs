//! PS-009: added capabilities stay within the baseline set.

use verdikt_sdk::{Findings, Workload, rule};

use crate::common::{is_kubernetes, is_linux};
use crate::pss;

rule! {
    /// # Added capabilities stay within the baseline set
    ///
    /// Container runtimes give root in a container a part of root's power. Whoever adds to that part hands
    /// out what it was made to keep: `NET_ADMIN` rewrites the network of a pod, `SYS_ADMIN` is nearly root
    /// itself.
    ///
    /// ## What is checked
    ///
    /// Every capability that a container adds has to be one that runtimes give by default: `AUDIT_WRITE`,
    /// `CHOWN`, `DAC_OVERRIDE`, `FOWNER`, `FSETID`, `KILL`, `MKNOD`, `NET_BIND_SERVICE`, `SETFCAP`, `SETGID`,
    /// `SETPCAP`, `SETUID` or `SYS_CHROOT`. `NET_RAW` is not among them. Names are compared as they are
    /// written, as the API server does it: `CAP_CHOWN` and `chown` are refused.
    ///
    /// This is the control of the Pod Security Standard *baseline*. WL-005 is stricter and also covers ECS.
    ///
    /// The rule applies neither to Windows, which has no capabilities, nor to ECS.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         capabilities:
    ///           add: [NET_RAW]
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         capabilities:
    ///           drop: [ALL]
    ///           add: [CHOWN]
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the capability.
    ///
    /// ## References
    ///
    /// - [Linux: capabilities(7)](https://man7.org/linux/man-pages/man7/capabilities.7.html)
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    pub static RULE = {
        id: "PS-009",
        slug: "baseline-capabilities",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => indirect],
        aliases: ["trivy:KSV-0022"],
        extra: { "module": "pod-security-standards" },
        texts: {
            "en": {
                title: "Added capabilities stay within the baseline set",
                remediation: "Remove the capability.",
                messages: {
                    "added": "Container `{container}` adds the capability {value}, allowed: {allowed}.",
                    "windows": "The rule does not apply: Windows has no capabilities.",
                    "ecs": "The rule does not apply: the Pod Security Standards are about pods of Kubernetes.",
                },
            },
            "de": {
                title: "Zusätzliche Capabilities bleiben im Baseline-Satz",
                description: "Capabilities über den Standardsatz der Laufzeitumgebungen hinaus kommen Root-Rechten nahe. Geprüft wird, ob jede hinzugefügte Capability zum Satz des Pod-Security-Standards „baseline“ gehört.",
                remediation: "Die Capability entfernen.",
                messages: {
                    "added": "Container `{container}` fügt die Capability {value} hinzu, erlaubt: {allowed}.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt keine Capabilities.",
                    "ecs": "Die Regel ist nicht anwendbar: Die Pod-Security-Standards gelten für Pods von Kubernetes.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if is_kubernetes(workload, findings) && is_linux(workload, findings) {
        let control = [&pss::CAPABILITIES_BASELINE].into_iter();
        pss::judge(workload, pss::Latest.into(), control, findings, |statement| statement.finding("added"));
    }
}
