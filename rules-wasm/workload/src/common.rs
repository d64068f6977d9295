//! What several rules ask of a workload.

use verdikt_sdk::{Decision, Field, Finding, Findings, Value, Workload};

/// Whether a rule about Linux goes on.
///
/// States that it does not apply on Windows, and that nothing can be known when the operating system
/// cannot. A workload that names no operating system is taken for Linux: nodes of Windows repel it
/// where they are set up as Kubernetes recommends, and ECS says Linux.
///
/// <https://kubernetes.io/docs/concepts/windows/user-guide/#ensuring-os-specific-workloads-land-on-the-appropriate-container-host>
pub(crate) fn is_linux(workload: Workload<'_>, findings: &mut Findings<'_>) -> bool {
    // "Fail" means Windows here.
    match workload.os().fails_if(|os| os == Some("windows")) {
        Decision::Pass => true,
        Decision::Fail => {
            findings.add(Finding::not_applicable(workload, "windows"));
            false
        }
        Decision::Unknown(unknown) => {
            findings.add(Finding::unknown(unknown));
            false
        }
    }
}

/// Whether a rule about pods goes on: states for a task definition that it does not apply.
pub(crate) fn is_kubernetes(workload: Workload<'_>, findings: &mut Findings<'_>) -> bool {
    if workload.is_ecs() {
        findings.add(Finding::not_applicable(workload, "ecs"));
    }
    !workload.is_ecs()
}

/// Decides a flag by which a workload shares a namespace of its host.
///
/// On ECS the flag is derived from a mode; when the mode cannot be known, neither can the flag.
pub(crate) fn shares<'a>(flag: Value<'a, bool>, mode: Value<'a, &'a str>) -> Decision<'a> {
    match (flag.read(), mode.read()) {
        (Field::Absent, Field::Unknown(_)) => mode.fails_if(|mode| mode == Some("host")),
        _ => flag.fails_if(|flag| flag == Some(true)),
    }
}

/// A capability without the prefix that some write and others leave out, in the case in which the
/// kernel's names are.
///
/// <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container>
pub(crate) fn capability_name(written: &str) -> String {
    let name = written.trim().to_ascii_uppercase();
    name.strip_prefix("CAP_").map(str::to_owned).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::capability_name;

    #[test]
    fn capabilities_have_one_name() {
        for (written, name) in [
            ("NET_ADMIN", "NET_ADMIN"),
            ("CAP_NET_ADMIN", "NET_ADMIN"),
            ("cap_net_admin", "NET_ADMIN"),
            ("all", "ALL"),
            ("CAP_CAP_X", "CAP_X"),
        ] {
            assert_eq!(capability_name(written), name, "{written}");
        }
    }
}
