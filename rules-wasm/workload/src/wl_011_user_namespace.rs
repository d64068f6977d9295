//! WL-011: pods use their own user namespace.

use verdikt_sdk::{Decision, Finding, Findings, Workload, rule};

use crate::common::is_linux;

rule! {
    /// # Pods use their own user namespace
    ///
    /// In a user namespace of its own, root of a container is a user of the host that may do nothing.
    /// Whoever breaks out of the container stands there with empty hands.
    ///
    /// ## What is checked
    ///
    /// `hostUsers` of the pod. `false` passes. `true` or nothing, which counts as true, is reported as
    /// information, since nodes have to support it; with the parameter `enforce_user_namespaces` it fails.
    ///
    /// The rule does not apply to Windows, nor to ECS, which has no such setting. Whether the kernel of
    /// the nodes can do it is a question that no manifest answers.
    ///
    /// ## Fails
    ///
    /// With `enforce_user_namespaces`:
    ///
    /// ```yaml
    /// spec:
    ///   hostUsers: true
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   hostUsers: false
    /// ```
    ///
    /// ## How to fix it
    ///
    /// State `hostUsers: false`. The nodes need Linux 6.3 or newer and a runtime that supports ID-mapped
    /// mounts; the pod must not use `hostNetwork`, `hostPID` or `hostIPC`.
    ///
    /// ## References
    ///
    /// - [Kubernetes: user namespaces](https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/)
    pub static RULE = {
        id: "WL-011",
        slug: "user-namespace",
        severity: Info,
        targets: ["workload/*"],
        controls: ["bsi-app-4-4-draft:APP.4.4.A4" => text],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Whether a pod without a user namespace of its own fails.
            enforce_user_namespaces: bool = false,
        },
        texts: {
            "en": {
                title: "Pods use their own user namespace",
                remediation: "Set `hostUsers: false` where the nodes support it.",
                messages: {
                    "host-users": "The pod has the user ids of its host: `hostUsers` is {value}, expected false.",
                    "ecs": "The rule does not apply: ECS has no user namespaces.",
                    "windows": "The rule does not apply: Windows has no user namespaces.",
                },
            },
            "de": {
                title: "Pods nutzen einen eigenen User-Namespace",
                description: "In einem eigenen Benutzer-Namensraum ist Root im Container auf dem Host ein Benutzer ohne Rechte. Geprüft wird, ob `hostUsers` des Pods `false` ist. Andernfalls wird ein Hinweis gemeldet, mit `enforce_user_namespaces` ein Verstoß.",
                remediation: "`hostUsers: false` setzen, sofern die Knoten es unterstützen.",
                messages: {
                    "host-users": "Der Pod hat die Benutzer-IDs des Hosts: `hostUsers` ist {value}, erwartet wird false.",
                    "ecs": "Die Regel ist nicht anwendbar: ECS kennt keine Benutzer-Namensräume.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt keine Benutzer-Namensräume.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if workload.is_ecs() {
        findings.add(Finding::not_applicable(workload, "ecs"));
        return;
    }
    if !is_linux(workload, findings) {
        return;
    }
    let host_users = workload.host_users();
    match host_users.fails_if(|shared| shared != Some(false)) {
        Decision::Pass => {}
        Decision::Unknown(unknown) => findings.add(Finding::unknown(unknown)),
        Decision::Fail => {
            let finding = if settings.enforce_user_namespaces {
                Finding::fail(host_users, "host-users")
            } else {
                Finding::informational(host_users, "host-users")
            };
            let value = if host_users.read().is_absent() { "absent and counts as true" } else { "true" };
            findings.add(finding.argument("value", value));
        }
    }
}
