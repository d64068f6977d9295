//! WL-002: containers run as a non-root user.

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Workload, rule};

use crate::common::is_linux;

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
    /// - `runAsUser` above 0 passes; 0 fails, also with `runAsNonRoot: true`, which only keeps the
    ///   container from starting.
    /// - `runAsNonRoot: true` without a user passes: the kubelet refuses to start the container as
    ///   user id 0.
    /// - Anything else fails: the image decides, and most images run as root.
    /// - `hostUsers: false` (a user namespace) excuses root only with the parameter
    ///   `accept_user_namespaces`.
    ///
    /// ECS: the part of `user` before the colon.
    ///
    /// - A number above 0 passes; `0`, `root` and no user fail.
    /// - Another name passes, although the image may give it the user id 0. With the parameter
    ///   `numeric_user_required` it fails.
    ///
    /// The rule does not apply to Windows, which has other users.
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
        controls: ["waf-pp:WAF-SEC-120", "bsi-sys-1-6-draft:SYS.1.6.A17"],
        aliases: ["checkov:CKV_K8S_23", "trivy:KSV-0012", "kube-linter:run-as-non-root"],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Whether a user of an ECS container has to be a number.
            numeric_user_required: bool = false,
            /// Whether root is accepted in a pod with `hostUsers: false`.
            accept_user_namespaces: bool = false,
        },
        texts: {
            "en": {
                title: "Containers run as a non-root user",
                remediation: "Kubernetes: set `runAsNonRoot: true` and `runAsUser` above 0 on the pod and do not override them in containers. ECS: set `user` to `uid:gid`, such as `1000:1000`.",
                messages: {
                    "explicit-root": "Container `{container}` runs as root: its user is {user}, expected a user id above 0.",
                    "root-refused": "Container `{container}` cannot start: its user is {user} while `runAsNonRoot` is true, expected a user id above 0.",
                    "not-declared": "Container `{container}` may run as root: neither `runAsUser` above 0 nor `runAsNonRoot: true` is stated, so the image decides.",
                    "no-user": "Container `{container}` may run as root: no `user` is stated, so the image decides.",
                    "name-not-numeric": "Container `{container}` runs as user `{user}`, expected a user id above 0: the image could give this name the user id 0.",
                    "name-resolved-in-image": "No container runs as root, provided that the images give their named users a user id above 0.",
                    "user-namespace": "Root in a container is another user on the host: the pod has a user namespace of its own.",
                    "windows": "The rule does not apply: Windows has other users.",
                },
            },
            "de": {
                title: "Container laufen mit einem Nicht-Root-Benutzer",
                description: "Root im Container ist ohne Benutzer-Namensraum zugleich Root auf dem Host. Geprüft wird der Benutzer, den jeder Container mit Sicherheit hat: in Kubernetes `runAsUser` und `runAsNonRoot` von Container und Pod, in ECS `user`. Die Angabe im Image zählt nicht, weil das nächste Image eine andere haben kann.",
                remediation: "Kubernetes: `runAsNonRoot: true` und `runAsUser` über 0 am Pod setzen und in Containern nicht überschreiben. ECS: `user` als `uid:gid` angeben, etwa `1000:1000`.",
                messages: {
                    "explicit-root": "Container `{container}` läuft als Root: Der Benutzer ist {user}, erwartet wird eine Benutzer-ID über 0.",
                    "root-refused": "Container `{container}` kann nicht starten: Der Benutzer ist {user}, obwohl `runAsNonRoot` true ist; erwartet wird eine Benutzer-ID über 0.",
                    "not-declared": "Container `{container}` läuft möglicherweise als Root: Weder `runAsUser` über 0 noch `runAsNonRoot: true` ist angegeben, also entscheidet das Image.",
                    "no-user": "Container `{container}` läuft möglicherweise als Root: Es ist kein `user` angegeben, also entscheidet das Image.",
                    "name-not-numeric": "Container `{container}` läuft als Benutzer `{user}`, erwartet wird eine Benutzer-ID über 0: Das Image könnte diesem Namen die Benutzer-ID 0 geben.",
                    "name-resolved-in-image": "Kein Container läuft als Root, sofern die Images den benannten Benutzern eine Benutzer-ID über 0 geben.",
                    "user-namespace": "Root im Container ist auf dem Host ein anderer Benutzer: Der Pod hat einen eigenen Benutzer-Namensraum.",
                    "windows": "Die Regel ist nicht anwendbar: Windows hat andere Benutzer.",
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
    let has_uid = !uid.read().is_absent();
    // With a user id, `runAsNonRoot` changes nothing: at best it keeps root from starting.
    let decision = if has_uid {
        uid.fails_if(|uid| uid.is_none_or(|uid| uid <= 0))
    } else {
        non_root.fails_if(|non_root| non_root != Some(true))
    };
    let host_users = workload.host_users();
    let excused = settings.accept_user_namespaces;
    if excused && matches!(decision, Decision::Fail) {
        match host_users.fails_if(|shared| shared != Some(false)) {
            Decision::Pass => return Some("user-namespace"),
            Decision::Fail => {}
            Decision::Unknown(unknown) => {
                findings.add(Finding::unknown(unknown));
                return None;
            }
        }
    }
    findings.settle(decision, || {
        let finding = if has_uid {
            let refused = matches!(non_root.read(), Field::Known(true));
            let user = uid.read().known().unwrap_or(0);
            Finding::fail(uid, if refused { "root-refused" } else { "explicit-root" }).argument("user", user)
        } else {
            Finding::fail(non_root, "not-declared")
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
    let (uid, name) = (user.uid(), user.name());
    if !uid.read().is_absent() {
        findings.settle(uid.fails_if(|uid| uid.is_none_or(|uid| uid <= 0)), || {
            Finding::fail(uid, "explicit-root")
                .argument("user", uid.read().known().unwrap_or(0))
                .argument("container", container.label())
        });
        return None;
    }
    let stated = match name.read() {
        Field::Known(stated) if !stated.is_empty() => stated,
        Field::Unknown(unknown) => {
            findings.add(Finding::unknown(unknown));
            return None;
        }
        _ => {
            findings.add(Finding::fail(user, "no-user").argument("container", container.label()));
            return None;
        }
    };
    // `00` is a number to the runtime, whatever it is to JSON.
    let code = match stated.parse::<i64>() {
        Ok(number) if number > 0 => return None,
        Ok(_) => "explicit-root",
        Err(_) if stated == "root" => "explicit-root",
        Err(_) if settings.numeric_user_required => "name-not-numeric",
        Err(_) => return Some("name-resolved-in-image"),
    };
    findings.add(Finding::fail(name, code).argument("user", stated).argument("container", container.label()));
    None
}
