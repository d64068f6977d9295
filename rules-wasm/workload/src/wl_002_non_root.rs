//! WL-002: containers run as a non-root user.

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Node, User, Workload, rule};

use crate::common::is_linux;
use crate::production::ProductionSelector;

rule! {
    /// # Containers run as a non-root user
    ///
    /// The root user of a container is the root user of its host unless user namespaces stand
    /// between them. A fault in the kernel, in the runtime or in a mount then hands over the node.
    ///
    /// ## What is checked
    ///
    /// The user that each container will certainly have. What the image says does not count, because
    /// the next image may say something else.
    ///
    /// Kubernetes: `runAsUser` and `runAsNonRoot`, each from the container or else from the pod.
    ///
    /// - `runAsUser` from 1 to 2147483647 passes. A number that is no user id, such as -1, fails, since the
    ///   cluster refuses the pod; 0 fails, also with `runAsNonRoot: true`, which only keeps the
    ///   container from starting.
    /// - `runAsNonRoot: true` without a user passes: the kubelet refuses to start the container as
    ///   user id 0.
    /// - Anything else fails: the image decides, and most images run as root.
    /// - `hostUsers: false` (a user namespace) excuses root only with the parameter
    ///   `accept_user_namespaces`.
    ///
    /// ECS: the part of `user` before the colon.
    ///
    /// - A number above 0 passes; `0`, `root`, a number that is no user id and no user fail.
    /// - Another name passes, although the image may give it the user id 0. With the parameter
    ///   `numeric_user_required` it fails.
    ///
    /// The rule does not apply to Windows, which has other users. With `production_selector` only the
    /// workloads that it chooses are judged.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         runAsUser: 0
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "user": "root"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name = "app"
    ///     user = "root"
    ///   }])
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///     runAsUser: 1000
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "user": "1000:1000"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name = "app"
    ///     user = "1000:1000"
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// State `runAsNonRoot: true` and a `runAsUser` above 0 for the pod and override neither in its
    /// containers; in ECS state `user` as `uid:gid`. Files that the program writes must belong to that
    /// user.
    ///
    /// ## References
    ///
    /// - [Kubernetes: security context](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/)
    /// - [Kubernetes: user namespaces](https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    pub static RULE = {
        id: "WL-002",
        slug: "non-root",
        severity: High,
        targets: ["workload/*"],
        controls: [
            "waf-pp:WAF-SEC-120" => text,
            "bsi-sys-1-6-draft:SYS.1.6.A17" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A17" => title,
        ],
        aliases: ["checkov:CKV_K8S_23", "trivy:KSV-0012", "kube-linter:run-as-non-root"],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Whether a user of an ECS container has to be a number.
            numeric_user_required: bool = false,
            /// Whether root is accepted in a pod with `hostUsers: false`.
            accept_user_namespaces: bool = false,
            /// Which workloads count as production, and are judged: `namespace=PATTERN` or
            /// `label:NAME=PATTERN` (ECS: a tag), with `*` and `?`. All, when empty.
            production_selector: ProductionSelector = [],
        },
        texts: {
            "en": {
                title: "Containers run as a non-root user",
                remediation: "Kubernetes: set `runAsNonRoot: true` and `runAsUser` above 0 on the pod and do not override them in containers. ECS: set `user` to `uid:gid`, such as `1000:1000`.",
                messages: {
                    "explicit-root": "Container `{container}` runs as root: its user is {user}, expected a user id above 0.",
                    "root-refused": "Container `{container}` cannot start: its user is {user} while `runAsNonRoot` is true, expected a user id above 0.",
                    "invalid-user": "Container `{container}` cannot start: {user} is no user id, expected one from 1 to 2147483647.",
                    "not-declared": "Container `{container}` may run as root: neither `runAsUser` above 0 nor `runAsNonRoot: true` is stated, so the image decides.",
                    "no-user": "Container `{container}` may run as root: no `user` is stated, so the image decides.",
                    "name-not-numeric": "Container `{container}` runs as user `{user}`, expected a user id above 0: the image could give this name the user id 0.",
                    "name-resolved-in-image": "No container runs as root, provided that the images give their named users a user id above 0.",
                    "user-namespace": "Root in a container is another user on the host: the pod has a user namespace of its own.",
                    "windows": "The rule does not apply: Windows has other users.",
                    "not-production": "The rule does not apply: `production_selector` does not choose this workload.",
                    "no-namespace": "Whether `production_selector` chooses the workload is not known: its namespace is only decided at deployment.",
                },
            },
            "de": {
                title: "Container laufen mit einem Nicht-Root-Benutzer",
                description: "Root im Container ist ohne Benutzer-Namensraum zugleich Root auf dem Host. Geprüft wird der Benutzer, den jeder Container mit Sicherheit hat: in Kubernetes `runAsUser` und `runAsNonRoot` von Container und Pod, in ECS `user`. Die Angabe im Image zählt nicht, weil das nächste Image eine andere haben kann.",
                remediation: "Kubernetes: `runAsNonRoot: true` und `runAsUser` über 0 am Pod setzen und in Containern nicht überschreiben. ECS: `user` als `uid:gid` angeben, etwa `1000:1000`.",
                messages: {
                    "explicit-root": "Container `{container}` läuft als Root: Der Benutzer ist {user}, erwartet wird eine Benutzer-ID über 0.",
                    "root-refused": "Container `{container}` kann nicht starten: Der Benutzer ist {user}, obwohl `runAsNonRoot` true ist; erwartet wird eine Benutzer-ID über 0.",
                    "invalid-user": "Container `{container}` kann nicht starten: {user} ist keine Benutzer-ID, erwartet wird eine von 1 bis 2147483647.",
                    "not-declared": "Container `{container}` läuft möglicherweise als Root: Weder `runAsUser` über 0 noch `runAsNonRoot: true` ist angegeben, also entscheidet das Image.",
                    "no-user": "Container `{container}` läuft möglicherweise als Root: Es ist kein `user` angegeben, also entscheidet das Image.",
                    "name-not-numeric": "Container `{container}` läuft als Benutzer `{user}`, erwartet wird eine Benutzer-ID über 0: Das Image könnte diesem Namen die Benutzer-ID 0 geben.",
                    "name-resolved-in-image": "Kein Container läuft als Root, sofern die Images den benannten Benutzern eine Benutzer-ID über 0 geben.",
                    "user-namespace": "Root im Container ist auf dem Host ein anderer Benutzer: Der Pod hat einen eigenen Benutzer-Namensraum.",
                    "windows": "Die Regel ist nicht anwendbar: Windows hat andere Benutzer.",
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
    // A pass that deserves a reason. Stated only when nothing else is.
    let mut reason = None;
    for container in findings.every(workload.containers()) {
        if workload.is_ecs() {
            reason = reason.or(judge_ecs(container, settings, findings));
        } else {
            reason = reason.or(judge_kubernetes(workload, container, settings, findings));
        }
    }
    if let Some(reason) = reason.filter(|_| findings.is_empty()) {
        findings.add(Finding::pass(workload, reason));
    }
}

fn judge_kubernetes(
    workload: Workload<'_>,
    container: Container<'_>,
    settings: &Settings,
    findings: &mut Findings<'_>,
) -> Option<&'static str> {
    let uid = container.user().uid();
    let non_root = container.run_as_non_root();
    // With a user id, `runAsNonRoot` changes nothing: at best it keeps root from starting.
    let decision = uid.node().decide(|uid| match uid.integer() {
        Field::Known(uid) => Decision::when(!is_user_id(uid) || uid == 0),
        Field::Absent => non_root.fails_if(|non_root| non_root != Some(true)),
        Field::Unknown(unknown) => Decision::Unknown(unknown),
    });
    let host_users = workload.host_users();
    if settings.accept_user_namespaces && !matches!(decision, Decision::Pass) {
        let excused = decision.or(host_users.fails_if(|shared| shared != Some(false)));
        if let Decision::Pass = excused {
            return Some("user-namespace");
        }
        if let Decision::Unknown(unknown) = excused {
            findings.add(Finding::unknown(unknown));
            return None;
        }
    }
    findings.settle(decision, || {
        let finding = if uid.node().agreed(|uid| uid.is_absent()) == Some(true) {
            Finding::fail(non_root, "not-declared")
        } else {
            let is_invalid = uid.node().agreed(|uid| uid.integer().known().is_some_and(is_user_id)) == Some(false);
            let code = match (is_invalid, non_root.read()) {
                (true, _) => "invalid-user",
                (false, Field::Known(true)) => "root-refused",
                (false, _) => "explicit-root",
            };
            Finding::fail(uid, code).argument("user", every_value(uid.node()))
        };
        let finding = finding.argument("container", container.label());
        if matches!(host_users.read(), Field::Known(false)) {
            finding
                .related(host_users, "the pod has a user namespace; `accept_user_namespaces` would accept root in it")
        } else {
            finding
        }
    });
    None
}

fn judge_ecs(container: Container<'_>, settings: &Settings, findings: &mut Findings<'_>) -> Option<&'static str> {
    let user = container.user();
    // A user that cannot be known as a whole may be a number in one case and a name in another.
    let decision = user.node().decide(|user| {
        let user = User::from(user);
        user.uid().node().decide(|uid| match uid.integer() {
            Field::Known(uid) => Decision::when(!is_user_id(uid) || uid == 0),
            Field::Absent => user.name().fails_if(|name| problem_of_name(name, settings).is_some()),
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        })
    });
    let (uid, name) = (user.uid(), user.name());
    let no_number = uid.node().agreed(|uid| uid.is_absent()) == Some(true);
    if let (Decision::Pass, true) = (decision, no_number) {
        // `00` is a number to the runtime, whatever it is to JSON.
        let is_number = |name: Node<'_>| name.str().known().is_some_and(|name| name.parse::<i64>().is_ok());
        return (name.node().agreed(is_number) != Some(true)).then_some("name-resolved-in-image");
    }
    // With unknown names that is the whole user, which is where the attribute stands.
    findings.settle(decision, || {
        let problem = name.node().agreed(|name| problem_of_name(name.str().known(), settings)).flatten();
        let finding = match (no_number, problem) {
            (false, _) => {
                let is_invalid = uid.node().agreed(|uid| uid.integer().known().is_some_and(is_user_id)) == Some(false);
                let code = if is_invalid { "invalid-user" } else { "explicit-root" };
                Finding::fail(uid, code).argument("user", every_value(uid.node()))
            }
            (true, Some("no-user")) => Finding::fail(user, "no-user"),
            (true, problem) => {
                Finding::fail(name, problem.unwrap_or("explicit-root")).argument("user", every_value(name.node()))
            }
        };
        finding.argument("container", container.label())
    });
    None
}

/// Whether a number is a user id. Kubernetes refuses pods with others, and Docker does not start them.
///
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/util/validation/validation.go> (`IsValidUserID`),
/// <https://github.com/moby/sys/blob/main/user/user.go> (`maxID`)
fn is_user_id(number: i64) -> bool {
    (0..=i64::from(i32::MAX)).contains(&number)
}

/// What is wrong with the name of a user: the code of a message.
fn problem_of_name(name: Option<&str>, settings: &Settings) -> Option<&'static str> {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Some("no-user");
    };
    match name.parse::<i64>() {
        Ok(number) if !is_user_id(number) => Some("invalid-user"),
        Ok(0) => Some("explicit-root"),
        Ok(_) => None,
        Err(_) if name == "root" => Some("explicit-root"),
        Err(_) if settings.numeric_user_required => Some("name-not-numeric"),
        Err(_) => None,
    }
}

/// The values that a user may have, for a message; `-` is none.
fn every_value(node: Node<'_>) -> String {
    let value = |node: Node<'_>| match (node.integer(), node.str()) {
        (Field::Known(uid), _) => uid.to_string(),
        (_, Field::Known(name)) => name.to_owned(),
        _ => "-".to_owned(),
    };
    let mut values: Vec<String> = node.alternatives().map(value).collect();
    values.dedup();
    values.join(", ")
}
