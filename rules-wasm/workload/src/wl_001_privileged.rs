//! WL-001: containers do not run in privileged mode.

use verdikt_sdk::{Decision, Field, Finding, Findings, Workload, rule};

use crate::common::is_linux;
use crate::production::ProductionSelector;

rule! {
    /// # Containers do not run in privileged mode
    ///
    /// A privileged container has every Linux capability, sees all devices of its host and is not
    /// held back by seccomp, AppArmor or SELinux. Who takes over its process has taken over the
    /// node, and with it every other workload there.
    ///
    /// ## What is checked
    ///
    /// `privileged` of every container: init containers, sidecars and ephemeral containers too.
    ///
    /// - `true` fails.
    /// - `false` passes, and so does a container that does not state it, because both platforms then
    ///   take `false`. With the parameter `require_explicit` a container has to state `false`, except
    ///   in a task definition that can only run on Fargate, which refuses privileged containers.
    /// - Windows has no privileged mode in this sense; the rule does not apply there.
    ///
    /// With `production_selector` only the workloads that it chooses are judged.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         privileged: true
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "privileged": true}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name       = "app"
    ///     privileged = true
    ///   }])
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         privileged: false
    ///         capabilities:
    ///           add: [NET_BIND_SERVICE]
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "privileged": false}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name       = "app"
    ///     privileged = false
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the field, and add the one capability that the program needs (see WL-005).
    ///
    /// ## References
    ///
    /// - [Kubernetes: privileged containers](https://kubernetes.io/docs/concepts/security/linux-kernel-security-constraints/#privileged-containers)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    pub static RULE = {
        id: "WL-001",
        slug: "privileged",
        severity: Critical,
        targets: ["workload/*"],
        controls: [
            "waf-pp:WAF-SEC-120" => text,
            "bsi-sys-1-6-draft:SYS.1.6.A17" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A17" => title,
        ],
        aliases: ["checkov:CKV_K8S_16", "checkov:CKV_AWS_334", "trivy:KSV-0017", "kube-linter:privileged-container"],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Whether a container has to state `privileged: false` instead of saying nothing.
            require_explicit: bool = false,
            /// Which workloads count as production, and are judged: `namespace=PATTERN` or
            /// `label:NAME=PATTERN` (ECS: a tag), with `*` and `?`. All, when empty.
            production_selector: ProductionSelector = [],
        },
        texts: {
            "en": {
                title: "Containers do not run in privileged mode",
                remediation: "Remove `privileged` or set it to `false`; add single capabilities instead (WL-005).",
                messages: {
                    "privileged": "Container `{container}` runs in privileged mode: `privileged` is true, expected false or nothing.",
                    "not-stated": "Container `{container}` does not state `privileged`, expected `privileged: false`.",
                    "platform": "No container is privileged: the task can only run on Fargate, which has no privileged mode.",
                    "windows": "The rule does not apply: Windows has no privileged mode.",
                    "not-production": "The rule does not apply: `production_selector` does not choose this workload.",
                    "no-namespace": "Whether `production_selector` chooses the workload is not known: its namespace is only decided at deployment.",
                },
            },
            "de": {
                title: "Container laufen nicht im privilegierten Modus",
                description: "Ein privilegierter Container hat alle Linux-Capabilities, sieht alle Geräte des Hosts und wird weder von Seccomp noch von AppArmor oder SELinux beschränkt. Geprüft wird `privileged` jedes Containers, auch von Init-, Sidecar- und ephemeren Containern. Der Wert `true` verstößt gegen die Regel.",
                remediation: "`privileged` entfernen oder auf `false` setzen; stattdessen einzelne Capabilities hinzufügen (WL-005).",
                messages: {
                    "privileged": "Container `{container}` läuft im privilegierten Modus: `privileged` ist true, erwartet wird false oder keine Angabe.",
                    "not-stated": "Container `{container}` macht keine Angabe zu `privileged`, erwartet wird `privileged: false`.",
                    "platform": "Kein Container ist privilegiert: Die Task kann nur auf Fargate laufen, wo es keinen privilegierten Modus gibt.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt keinen privilegierten Modus.",
                    "not-production": "Die Regel ist nicht anwendbar: `production_selector` wählt diesen Workload nicht aus.",
                    "no-namespace": "Ob `production_selector` den Workload auswählt, ist nicht bekannt: Der Namespace wird erst beim Deployment festgelegt.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if !settings.production_selector.chooses(workload, findings) || !is_linux(workload, findings) {
        return;
    }
    let explicit = match workload.fargate_only() {
        Field::Known(true) => Decision::Pass,
        Field::Unknown(unknown) if settings.require_explicit => Decision::Unknown(unknown),
        _ => Decision::when(settings.require_explicit),
    };
    let mut left_to_platform = false;
    for container in findings.every(workload.containers()) {
        let privileged = container.privileged();
        let decision = privileged.node().decide(|node| match node.bool() {
            Field::Known(privileged) => Decision::when(privileged),
            Field::Absent => explicit,
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        });
        let is_absent = privileged.node().agreed(|node| node.is_absent()) == Some(true);
        findings.settle(decision, || {
            let code = if is_absent { "not-stated" } else { "privileged" };
            Finding::fail(privileged, code).argument("container", container.label())
        });
        left_to_platform |= is_absent && matches!(workload.fargate_only(), Field::Known(true));
    }
    if left_to_platform && findings.is_empty() {
        findings.add(Finding::pass(workload, "platform"));
    }
}
