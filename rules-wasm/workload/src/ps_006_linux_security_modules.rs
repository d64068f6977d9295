//! PS-006: AppArmor and SELinux are not disabled or loosened.

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Workload, rule};

use crate::common::is_linux;
use crate::pss;

rule! {
    /// # AppArmor and SELinux are not disabled or loosened
    ///
    /// AppArmor and SELinux keep a program that has broken out of its container from what it is after: the
    /// files and processes of the node. Container runtimes confine every container by one of them unless a
    /// workload asks for something else.
    ///
    /// ## What is checked
    ///
    /// Kubernetes, as the Pod Security Standard *baseline* asks for it; the pod and each container for
    /// itself:
    ///
    /// - `appArmorProfile.type` has to be `RuntimeDefault` or `Localhost`, the older annotation
    ///   `container.apparmor.security.beta.kubernetes.io/…` `runtime/default` or `localhost/…`.
    /// - `seLinuxOptions.type` has to be `container_t`, `container_init_t`, `container_kvm_t` or, from v1.31
    ///   on, `container_engine_t`.
    /// - `seLinuxOptions.user` and `seLinuxOptions.role` have to be empty.
    ///
    /// `pss_version` pins a version of the standard.
    ///
    /// ECS: among `dockerSecurityOptions` must be neither `apparmor:unconfined` nor `label:disable`, and
    /// `label:type`, `label:user` and `label:role` are judged as the fields above. Fargate has no such
    /// parameter, so the rule does not apply to tasks that can only run there.
    ///
    /// Absent passes: the runtime then confines the container. The rule does not apply to Windows.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         appArmorProfile:
    ///           type: Unconfined
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "dockerSecurityOptions": ["apparmor:unconfined"]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", dockerSecurityOptions = ["label:disable"] }])
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
    ///         appArmorProfile:
    ///           type: RuntimeDefault
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "dockerSecurityOptions": ["apparmor:docker-default"]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app" }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the field, or name a profile of the node (`Localhost`) that allows what the program needs.
    ///
    /// ## References
    ///
    /// - [Kubernetes: AppArmor](https://kubernetes.io/docs/tutorials/security/apparmor/)
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    pub static RULE = {
        id: "PS-006",
        slug: "linux-security-modules",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => indirect, "bsi-sys-1-6-draft:SYS.1.6.A21" => text],
        aliases: ["trivy:KSV-0002@appArmorProfile", "trivy:KSV-0025@seLinuxOptions"],
        extra: { "module": "pod-security-standards" },
        settings: Settings {
            /// The version of the standard: `latest`, or such as `v1.25`. A version that is newer than all known ones is judged by the newest.
            pss_version: pss::Version = pss::Latest,
        },
        texts: {
            "en": {
                title: "AppArmor and SELinux are not disabled or loosened",
                remediation: "Remove the field, or use `RuntimeDefault` or a `Localhost` profile. ECS: remove the entry from `dockerSecurityOptions`.",
                messages: {
                    "pod": "The pod loosens its confinement: `{field}` is {value}, allowed: {allowed}.",
                    "container": "Container `{container}` loosens its confinement: `{field}` is {value}, allowed: {allowed}.",
                    "option": "Container `{container}` loosens its confinement: `dockerSecurityOptions` has `{option}`.",
                    "fargate": "The rule does not apply: Fargate has no `dockerSecurityOptions`.",
                    "windows": "The rule does not apply: Windows has neither AppArmor nor SELinux.",
                },
            },
            "de": {
                title: "AppArmor und SELinux sind nicht deaktiviert oder gelockert",
                description: "AppArmor und SELinux schirmen den Knoten gegen ausgebrochene Programme ab. Geprüft werden in Kubernetes `appArmorProfile`, die ältere Annotation dafür und `seLinuxOptions` an Pod und Containern, in ECS `dockerSecurityOptions`. `pss_version` legt die Version des Pod-Security-Standards fest.",
                remediation: "Die Angabe entfernen oder `RuntimeDefault` oder ein Profil vom Typ `Localhost` verwenden. ECS: den Eintrag aus `dockerSecurityOptions` entfernen.",
                messages: {
                    "pod": "Der Pod lockert seine Abschirmung: `{field}` ist {value}, erlaubt: {allowed}.",
                    "container": "Container `{container}` lockert seine Abschirmung: `{field}` ist {value}, erlaubt: {allowed}.",
                    "option": "Container `{container}` lockert seine Abschirmung: `dockerSecurityOptions` enthält `{option}`.",
                    "fargate": "Die Regel ist nicht anwendbar: Fargate kennt `dockerSecurityOptions` nicht.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt weder AppArmor noch SELinux.",
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
    if workload.is_ecs() {
        judge_ecs(workload, settings, findings);
        return;
    }
    let controls = [&pss::APP_ARMOR_PROFILE, &pss::SE_LINUX_OPTIONS].into_iter();
    pss::judge(workload, settings.pss_version, controls, findings, |statement| {
        statement.finding(statement.code("pod", "container"))
    });
}

fn judge_ecs(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let on_fargate = workload.fargate_only();
    if let Field::Known(true) = on_fargate {
        findings.add(Finding::not_applicable(workload, "fargate"));
        return;
    }
    for container in findings.every(workload.containers()) {
        judge_options(container, on_fargate, settings, findings);
    }
}

fn judge_options<'a>(
    container: Container<'a>,
    on_fargate: Field<'a, bool>,
    settings: &Settings,
    findings: &mut Findings<'_>,
) {
    for option in findings.every(container.security_options()) {
        let decision = option.decide(|option| match option.str() {
            Field::Known(written) => Decision::when(loosens(written, settings.pss_version)),
            Field::Absent => Decision::Pass,
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        });
        // On Fargate the rule would not apply, so a failure needs to know that it is not there.
        let decision = match (decision, on_fargate) {
            (Decision::Fail, Field::Unknown(unknown)) => Decision::Unknown(unknown),
            _ => decision,
        };
        findings.settle(decision, || {
            let written = option.str().known().unwrap_or("…");
            Finding::fail(option, "option").argument("option", written).argument("container", container.label())
        });
    }
}

/// Whether an option of Docker disables AppArmor or SELinux, or gives a container other labels.
///
/// Name and value stand around `=` or, as in older times, `:`; a label has a `:` of its own.
///
/// <https://github.com/moby/moby/blob/v28.0.0/daemon/daemon_unix.go>, `parseSecurityOpt`, and
/// <https://github.com/opencontainers/selinux/blob/v1.11.1/go-selinux/label/label_linux.go>, `InitLabels`
fn loosens(option: &str, version: pss::Version) -> bool {
    let Some((name, value)) = option.split_once('=').or_else(|| option.split_once(':')) else {
        return false;
    };
    match (name, value.split_once(':')) {
        ("apparmor", _) => value == "unconfined",
        ("label", None) => value == "disable",
        ("label", Some(("type", kind))) => !pss::se_linux_types(version).contains(&kind),
        ("label", Some(("user" | "role", _))) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::loosens;
    use crate::pss::Latest;

    #[test]
    fn options_of_docker() {
        for bad in [
            "apparmor:unconfined",
            "apparmor=unconfined",
            "label:disable",
            "label=disable",
            "label:type:spc_t",
            "label=type:spc_t",
            "label:user:system_u",
            "label=role:sysadm_r",
        ] {
            assert!(loosens(bad, Latest.into()), "{bad}");
        }
        for good in [
            "",
            "apparmor",
            "apparmor:docker-default",
            "apparmor=unconfined-not",
            "label:type:container_t",
            "label:level:s0:c1,c2",
            "no-new-privileges",
            "no-new-privileges:true",
            "credentialspec:file://web.json",
        ] {
            assert!(!loosens(good, Latest.into()), "{good}");
        }
    }
}
