//! WL-003: processes cannot gain more privileges than their parent.

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Node, Workload, rule};

use crate::common::{capability_name, is_linux};

rule! {
    /// # Processes cannot gain more privileges than their parent
    ///
    /// A program with the setuid bit or with file capabilities gets rights that its caller does not
    /// have. One `sudo` or `ping` forgotten in an image is enough to undo a non-root user. The kernel's
    /// `no_new_privs` flag ends that for a process and all its children.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: `allowPrivilegeEscalation` of every container has to be `false`. It counts as true
    /// when it is absent, and also for a container that is privileged or adds the capability
    /// `SYS_ADMIN`, alone or within `ALL`, whatever is stated. (The API server refuses `false` beside
    /// `privileged: true` or `CAP_SYS_ADMIN`.)
    ///
    /// ECS: `dockerSecurityOptions` of every container has to contain `no-new-privileges`. Fargate has
    /// no such parameter, so the rule does not apply to tasks that can only run there.
    ///
    /// The rule does not apply to Windows.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         runAsUser: 1000
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "user": "1000"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name = "app"
    ///     user = "1000"
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
    ///         allowPrivilegeEscalation: false
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "dockerSecurityOptions": ["no-new-privileges"]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name                  = "app"
    ///     dockerSecurityOptions = ["no-new-privileges"]
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// State it for every container. A program that breaks relies on setuid: give it the capability
    /// that it needs, or another user.
    ///
    /// ## References
    ///
    /// - [Kubernetes: security context](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/)
    /// - [Linux: no_new_privs](https://docs.kernel.org/userspace-api/no_new_privs.html)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    pub static RULE = {
        id: "WL-003",
        slug: "privilege-escalation",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A17" => text],
        aliases: [
            "checkov:CKV_K8S_20@allowPrivilegeEscalation",
            "trivy:KSV-0001@allowPrivilegeEscalation",
            "kube-linter:privilege-escalation-container@allowPrivilegeEscalation",
        ],
        extra: { "module": "workload-hardening" },
        texts: {
            "en": {
                title: "Processes cannot gain more privileges than their parent",
                remediation: "Kubernetes: set `allowPrivilegeEscalation: false` on every container. ECS on EC2: add `no-new-privileges` to `dockerSecurityOptions`.",
                messages: {
                    "allowed": "Container `{container}` allows privilege escalation: `allowPrivilegeEscalation` is true, expected false.",
                    "not-stated": "Container `{container}` allows privilege escalation: `allowPrivilegeEscalation` is absent and counts as true, expected false.",
                    "privileged": "Container `{container}` allows privilege escalation whatever `allowPrivilegeEscalation` says, because it is privileged.",
                    "sys-admin": "Container `{container}` allows privilege escalation whatever `allowPrivilegeEscalation` says, because it adds the capability `{capability}`.",
                    "no-option": "Container `{container}` allows privilege escalation: `dockerSecurityOptions` lacks `no-new-privileges`.",
                    "fargate": "The rule does not apply: Fargate has no `dockerSecurityOptions`.",
                    "windows": "The rule does not apply: Windows has no such setting.",
                },
            },
            "de": {
                title: "Prozesse können keine zusätzlichen Privilegien erlangen",
                description: "Programme mit Setuid-Bit oder Datei-Capabilities erhalten Rechte, die ihr Aufrufer nicht hat, und machen einen Nicht-Root-Benutzer wirkungslos. Geprüft wird in Kubernetes, ob `allowPrivilegeEscalation` für jeden Container `false` ist, in ECS, ob `dockerSecurityOptions` den Eintrag `no-new-privileges` enthält.",
                remediation: "Kubernetes: `allowPrivilegeEscalation: false` an jedem Container setzen. ECS auf EC2: `no-new-privileges` in `dockerSecurityOptions` aufnehmen.",
                messages: {
                    "allowed": "Container `{container}` erlaubt zusätzliche Privilegien: `allowPrivilegeEscalation` ist true, erwartet wird false.",
                    "not-stated": "Container `{container}` erlaubt zusätzliche Privilegien: `allowPrivilegeEscalation` fehlt und gilt damit als true, erwartet wird false.",
                    "privileged": "Container `{container}` erlaubt zusätzliche Privilegien unabhängig von `allowPrivilegeEscalation`, weil er privilegiert ist.",
                    "sys-admin": "Container `{container}` erlaubt zusätzliche Privilegien unabhängig von `allowPrivilegeEscalation`, weil er die Capability `{capability}` hinzufügt.",
                    "no-option": "Container `{container}` erlaubt zusätzliche Privilegien: In `dockerSecurityOptions` fehlt `no-new-privileges`.",
                    "fargate": "Die Regel ist nicht anwendbar: Fargate kennt `dockerSecurityOptions` nicht.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt keine solche Einstellung.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if !is_linux(workload, findings) {
        return;
    }
    if workload.is_ecs() {
        judge_ecs(workload, findings);
    } else {
        for container in findings.every(workload.containers()) {
            judge_kubernetes(container, findings);
        }
    }
}

fn judge_kubernetes(container: Container<'_>, findings: &mut Findings<'_>) {
    let allowed = container.allow_privilege_escalation();
    let stated = allowed.fails_if(|value| value != Some(false));
    if matches!(stated, Decision::Fail) {
        let code = if allowed.read().is_absent() { "not-stated" } else { "allowed" };
        findings.add(Finding::fail(allowed, code).argument("container", container.label()));
        return;
    }
    let privileged = container.privileged();
    let is_privileged = privileged.fails_if(|value| value == Some(true));
    if matches!(is_privileged, Decision::Fail) {
        findings.add(Finding::fail(privileged, "privileged").argument("container", container.label()));
        return;
    }
    let (sys_admin, others) = adds_sys_admin(container);
    if let Some((item, capability)) = sys_admin {
        findings.add(
            Finding::fail(item, "sys-admin")
                .argument("capability", capability)
                .argument("container", container.label()),
        );
        return;
    }
    // Nothing fails for certain. What is unknown is stated once, nearest to the rule's own field.
    if let Decision::Unknown(unknown) = stated.and(is_privileged).and(others) {
        findings.add(Finding::unknown(unknown));
    }
}

/// The added capability that contains `SYS_ADMIN`, and whether others may.
fn adds_sys_admin(container: Container<'_>) -> (Option<(Node<'_>, &str)>, Decision<'_>) {
    let add = container.capabilities().add();
    let mut others = add.rest().map_or(Decision::Pass, Decision::Unknown);
    for item in add.known() {
        match item.str() {
            Field::Known(written) if matches!(capability_name(written).as_str(), "SYS_ADMIN" | "ALL") => {
                return (Some((item, written)), Decision::Fail);
            }
            Field::Unknown(unknown) => others = others.and(Decision::Unknown(unknown)),
            Field::Known(_) | Field::Absent => {}
        }
    }
    (None, others)
}

fn judge_ecs(workload: Workload<'_>, findings: &mut Findings<'_>) {
    let on_fargate = workload.fargate_only();
    if let Field::Known(true) = on_fargate {
        findings.add(Finding::not_applicable(workload, "fargate"));
        return;
    }
    for container in findings.every(workload.containers()) {
        let options = container.security_options();
        let mut decision = options.rest().map_or(Decision::Fail, Decision::Unknown);
        for option in options.known() {
            decision = decision.or(option.decide(|option| match option.str() {
                Field::Known(written) => Decision::when(!is_no_new_privileges(written)),
                Field::Absent => Decision::Fail,
                Field::Unknown(unknown) => Decision::Unknown(unknown),
            }));
        }
        // On Fargate the rule would not apply, so a failure needs to know that it is not there.
        if let (Decision::Fail, Field::Unknown(unknown)) = (decision, on_fargate) {
            decision = Decision::Unknown(unknown);
        }
        findings.settle(decision, || Finding::fail(options, "no-option").argument("container", container.label()));
    }
}

/// The spellings that Docker takes.
///
/// <https://github.com/moby/moby/blob/v28.0.0/daemon/daemon_unix.go>, `parseSecurityOpt`
fn is_no_new_privileges(option: &str) -> bool {
    match option.split_once(['=', ':']) {
        None => option == "no-new-privileges",
        Some((name, value)) => {
            name == "no-new-privileges" && matches!(value, "true" | "TRUE" | "True" | "t" | "T" | "1")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_no_new_privileges;

    #[test]
    fn spellings_of_the_option() {
        for good in ["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true", "no-new-privileges=1"] {
            assert!(is_no_new_privileges(good), "{good}");
        }
        for bad in ["", "no-new-privileges:false", "no-new-privileges=", "new-privileges", "label:no-new-privileges"] {
            assert!(!is_no_new_privileges(bad), "{bad}");
        }
    }
}
