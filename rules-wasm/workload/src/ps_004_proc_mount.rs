//! PS-004: the default /proc mask is kept.

use verdikt_sdk::{Findings, Workload, rule};

use crate::common::{is_kubernetes, is_linux};
use crate::pss;

rule! {
    /// # The default /proc mask is kept
    ///
    /// Container runtimes hide parts of `/proc` and make others read-only, because the kernel lets its
    /// settings be changed there. `procMount: Unmasked` takes that away.
    ///
    /// ## What is checked
    ///
    /// `procMount` of every container has to be `Default` or absent. The standard *baseline* takes
    /// `Unmasked` from v1.35 on for pods with `hostUsers: false`, in which root is nobody outside;
    /// *restricted* does not. This rule follows the stricter one unless the parameter
    /// `accept_user_namespaces` is set. PS-010 and PS-011 judge each by its own.
    ///
    /// The rule applies neither to Windows, which has no `/proc`, nor to ECS, where the mask cannot be
    /// changed.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         procMount: Unmasked
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         procMount: Default
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove `procMount`. Builders of images inside of pods may need it; give their pods a user namespace
    /// and accept that by the parameter or by a waiver.
    ///
    /// ## References
    ///
    /// - [Kubernetes: proc access](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#proc-access)
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [Kubernetes: user namespaces and Pod Security Admission](https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/)
    pub static RULE = {
        id: "PS-004",
        slug: "proc-mount",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => indirect],
        aliases: ["trivy:KSV-0027", "kube-linter:unsafe-proc-mount"],
        extra: { "module": "pod-security-standards" },
        settings: Settings {
            /// Whether other values are accepted in a pod with `hostUsers: false`.
            accept_user_namespaces: bool = false,
        },
        texts: {
            "en": {
                title: "The default /proc mask is kept",
                remediation: "Remove `procMount`.",
                messages: {
                    "unmasked": "Container `{container}` sees `/proc` without its mask: `procMount` is {value}, expected Default or nothing.",
                    "windows": "The rule does not apply: Windows has no `/proc`.",
                    "ecs": "The rule does not apply: on ECS the mask of `/proc` cannot be changed.",
                },
            },
            "de": {
                title: "Die Standard-Maskierung von /proc bleibt erhalten",
                description: "Ohne die Maskierung von `/proc` kann ein Container Einstellungen des Kernels lesen und ändern. Geprüft wird, ob `procMount` an jedem Container `Default` ist oder fehlt; `accept_user_namespaces` nimmt Pods mit `hostUsers: false` aus.",
                remediation: "`procMount` entfernen.",
                messages: {
                    "unmasked": "Container `{container}` sieht `/proc` ohne Maskierung: `procMount` ist {value}, erwartet wird Default oder keine Angabe.",
                    "windows": "Die Regel ist nicht anwendbar: Windows hat kein `/proc`.",
                    "ecs": "Die Regel ist nicht anwendbar: In ECS lässt sich die Maskierung von `/proc` nicht ändern.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if is_kubernetes(workload, findings) && is_linux(workload, findings) {
        let control = if settings.accept_user_namespaces { &pss::PROC_MOUNT } else { &pss::PROC_MOUNT_RESTRICTED };
        let control = [control].into_iter();
        pss::judge(workload, pss::Latest.into(), control, findings, |statement| statement.finding("unmasked"));
    }
}
