//! PS-002: Windows HostProcess containers are not used.

use verdikt_sdk::{Findings, Workload, rule};

use crate::common::is_kubernetes;
use crate::pss;

rule! {
    /// # Windows HostProcess containers are not used
    ///
    /// A HostProcess container is no container: its programs run on the Windows node itself, with its
    /// files, its network and, unless `runAsUserName` says otherwise, nearly all rights.
    ///
    /// ## What is checked
    ///
    /// `windowsOptions.hostProcess` of the pod and of each container must not be true. It is judged
    /// whatever operating system the pod names, because a pod need not name one.
    ///
    /// The rule does not apply to ECS, which has no such containers.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   os: {name: windows}
    ///   hostNetwork: true
    ///   securityContext:
    ///     windowsOptions:
    ///       hostProcess: true
    ///       runAsUserName: NT AUTHORITY\SYSTEM
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   os: {name: windows}
    ///   securityContext:
    ///     windowsOptions:
    ///       runAsUserName: ContainerUser
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove `hostProcess`. Agents that configure nodes are the exception that a waiver is for; keep them
    /// in a namespace of their own.
    ///
    /// ## References
    ///
    /// - [Kubernetes: HostProcess containers](https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/)
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    pub static RULE = {
        id: "PS-002",
        slug: "windows-host-process",
        severity: Critical,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => indirect],
        aliases: ["trivy:KSV-0103"],
        extra: { "module": "pod-security-standards" },
        texts: {
            "en": {
                title: "Windows HostProcess containers are not used",
                remediation: "Remove `hostProcess` from `windowsOptions` of the pod and of its containers.",
                messages: {
                    "pod": "The pod runs on its Windows node and not in containers: `{field}` is {value}, expected false.",
                    "container": "Container `{container}` runs on its Windows node: `{field}` is {value}, expected false.",
                    "ecs": "The rule does not apply: ECS has no HostProcess containers.",
                },
            },
            "de": {
                title: "Windows-HostProcess-Container werden nicht genutzt",
                description: "Programme eines HostProcess-Containers laufen auf dem Windows-Knoten selbst. Geprüft wird, ob `windowsOptions.hostProcess` am Pod oder an einem Container true ist.",
                remediation: "`hostProcess` aus `windowsOptions` des Pods und seiner Container entfernen.",
                messages: {
                    "pod": "Der Pod läuft auf seinem Windows-Knoten und nicht in Containern: `{field}` ist {value}, erwartet wird false.",
                    "container": "Container `{container}` läuft auf seinem Windows-Knoten: `{field}` ist {value}, erwartet wird false.",
                    "ecs": "Die Regel ist nicht anwendbar: ECS kennt keine HostProcess-Container.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if is_kubernetes(workload, findings) {
        let control = [&pss::WINDOWS_HOST_PROCESS].into_iter();
        pss::judge(workload, pss::Latest.into(), control, findings, |statement| {
            statement.finding(statement.code("pod", "container"))
        });
    }
}
