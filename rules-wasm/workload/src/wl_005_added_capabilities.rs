//! WL-005: only allowed capabilities are added.

use verdikt_sdk::{Field, Finding, Findings, Severity, Strings, Workload, rule};

use crate::common::{capability_name, is_linux};

rule! {
    /// # Only allowed capabilities are added
    ///
    /// Capabilities cut root's power into pieces, and some of the pieces are nearly all of it:
    /// `SYS_ADMIN` mounts file systems, `SYS_PTRACE` reads the memory of other processes, `SYS_MODULE`
    /// loads code into the kernel.
    ///
    /// ## What is checked
    ///
    /// Every capability that a container adds has to be among `allowed_capabilities`. Each one that is
    /// not fails; the severity is critical for those among `critical_capabilities`. A leading `CAP_`
    /// and the case make no difference.
    ///
    /// Fargate lets a task add `SYS_PTRACE` only, and it has to be allowed here too. The rule does not
    /// apply to Windows, which has no capabilities.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         capabilities:
    ///           add: [NET_ADMIN]
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "linuxParameters": {"capabilities": {"add": ["SYS_TIME"]}}}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name            = "app"
    ///     linuxParameters = { capabilities = { add = ["SYS_TIME"] } }
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
    ///         capabilities:
    ///           drop: [ALL]
    ///           add: [NET_BIND_SERVICE]
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "linuxParameters": {"capabilities": {"drop": ["ALL"]}}}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name            = "app"
    ///     linuxParameters = { capabilities = { drop = ["ALL"] } }
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the capability. Where a program needs it, waive the rule for that one workload, with an
    /// owner and a date, instead of allowing it everywhere.
    ///
    /// ## References
    ///
    /// - [Linux: capabilities(7)](https://man7.org/linux/man-pages/man7/capabilities.7.html)
    /// - [Kubernetes: capabilities of a container](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container)
    /// - [ECS: KernelCapabilities](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html)
    pub static RULE = {
        id: "WL-005",
        slug: "added-capabilities",
        severity: High,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A17" => text, "bsi-sys-1-6-draft:SYS.1.6.A21" => text],
        aliases: ["checkov:CKV_K8S_25", "trivy:KSV-0022", "trivy:KSV-0106"],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Capabilities that every container may add.
            allowed_capabilities: Strings = ["NET_BIND_SERVICE"],
            /// Capabilities that make a finding critical.
            critical_capabilities: Strings = [
                "ALL",
                "SYS_ADMIN",
                "SYS_MODULE",
                "SYS_PTRACE",
                "SYS_RAWIO",
                "DAC_READ_SEARCH",
                "NET_ADMIN",
                "BPF",
            ],
        },
        texts: {
            "en": {
                title: "Only allowed capabilities are added",
                remediation: "Remove the capability, or document the exception as a waiver with an owner and a date.",
                messages: {
                    "added": "Container `{container}` adds the capability `{capability}`, allowed: {allowed}.",
                    "windows": "The rule does not apply: Windows has no capabilities.",
                },
            },
            "de": {
                title: "Nur erlaubte Capabilities werden hinzugefügt",
                description: "Einige Capabilities kommen vollen Root-Rechten nahe. Geprüft wird, ob jede hinzugefügte Capability in `allowed_capabilities` steht; steht sie in `critical_capabilities`, ist der Verstoß kritisch. Ein vorangestelltes `CAP_` und die Groß- und Kleinschreibung spielen keine Rolle.",
                remediation: "Die Capability entfernen oder die Ausnahme mit Verantwortlichem und Ablaufdatum dokumentieren.",
                messages: {
                    "added": "Container `{container}` fügt die Capability `{capability}` hinzu, erlaubt: {allowed}.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt keine Capabilities.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if !is_linux(workload, findings) {
        return;
    }
    let named = |list: &Strings, name: &str| list.iter().any(|item| capability_name(item) == name);
    for container in findings.every(workload.containers()) {
        for item in findings.every(container.capabilities().add()) {
            let written = match item.str() {
                Field::Known(written) => written,
                Field::Absent => continue,
                Field::Unknown(unknown) => {
                    findings.add(Finding::unknown(unknown));
                    continue;
                }
            };
            let capability = capability_name(written);
            if named(&settings.allowed_capabilities, &capability) {
                continue;
            }
            let allowed = &settings.allowed_capabilities;
            let finding = Finding::fail(item, "added")
                .argument("capability", written)
                .argument("container", container.label())
                .argument("allowed", if allowed.is_empty() { "-".to_owned() } else { allowed.join(", ") });
            let is_critical = named(&settings.critical_capabilities, &capability);
            findings.add(if is_critical { finding.severity(Severity::Critical) } else { finding });
        }
    }
}
