//! The controls, one by one.
//!
//! Each is the check of the same name in the package `policy` of k8s.io/pod-security-admission; the
//! file there is `check_` and that name.

use std::borrow::Cow;

use verdikt_sdk::{Container, Decision, Field, Node, PartialText, Value};

use crate::pss::refuse::is_set;
use crate::pss::{Control, DROP, Judge, LetsOff, Level, Version};

/// All controls. A control that is replaced stands before the one that replaces it.
pub(super) static ALL: &[&Control] = &[
    &HOST_NAMESPACES,
    &PRIVILEGED,
    &CAPABILITIES_BASELINE,
    &HOST_PATH_VOLUMES,
    &HOST_PORTS,
    &APP_ARMOR_PROFILE,
    &SE_LINUX_OPTIONS,
    &PROC_MOUNT,
    &SECCOMP_BASELINE,
    &SYSCTLS,
    &WINDOWS_HOST_PROCESS,
    &HOST_PROBES,
    &RESTRICTED_VOLUMES,
    &ALLOW_PRIVILEGE_ESCALATION,
    &RUN_AS_NON_ROOT,
    &RUN_AS_USER,
    &SECCOMP_RESTRICTED,
    &CAPABILITIES_RESTRICTED,
    &PROC_MOUNT_RESTRICTED,
];

static NOTHING: Control = Control {
    id: "",
    level: Level::Baseline,
    since: 0,
    replaced: None,
    lets_off: None,
    pod: None,
    container: None,
    volume: None,
};

static HOST_NAMESPACES: Control = Control {
    id: "hostNamespaces",
    pod: Some(|judge| {
        let pod = judge.pod;
        for (flag, field) in
            [(pod.host_network(), "hostNetwork"), (pod.host_pid(), "hostPID"), (pod.host_ipc(), "hostIPC")]
        {
            judge.refuse(flag, field, &["false"], |value| value == Some(true));
        }
    }),
    ..NOTHING
};

pub(super) static PRIVILEGED: Control = Control {
    id: "privileged",
    container: Some(|judge, container| {
        judge.refuse(container.privileged(), "securityContext.privileged", &["false"], |value| value == Some(true));
    }),
    ..NOTHING
};

pub(crate) static CAPABILITIES_BASELINE: Control = Control {
    id: "capabilities_baseline",
    replaced: Some(22),
    container: Some(|judge, container| judge.refuse_added(container, BASELINE_CAPABILITIES)),
    ..NOTHING
};

const BASELINE_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

static HOST_PATH_VOLUMES: Control = Control {
    id: "hostPathVolumes",
    replaced: Some(0),
    volume: Some(|judge, volume| judge.refuse(volume.kind(), "hostPath", &[], |kind| kind == Some("hostPath"))),
    ..NOTHING
};

pub(crate) static HOST_PORTS: Control = Control {
    id: "hostPorts",
    container: Some(|judge, container| {
        for port in judge.every(container.ports(), "ports[].hostPort") {
            judge.refuse(port.host_port(), "ports[].hostPort", &["0"], |port| port.is_some_and(|port| port != 0));
        }
    }),
    ..NOTHING
};

pub(crate) static APP_ARMOR_PROFILE: Control = Control {
    id: "appArmorProfile",
    pod: Some(|judge| {
        let profile = judge.pod_context().get("appArmorProfile");
        judge.refuse_profile(profile, APP_ARMOR_TYPE);
        judge.refuse_annotations(APP_ARMOR_ANNOTATION, &["runtime/default", "localhost/*"], |profile| {
            none([profile.is(""), profile.is("runtime/default"), profile.starts_with("localhost/")])
        });
    }),
    container: Some(|judge, container| {
        if is_own(container, "appArmorProfile") {
            judge.refuse_profile(container.app_armor_profile(), APP_ARMOR_TYPE);
        }
    }),
    ..NOTHING
};

const APP_ARMOR_TYPE: &str = "securityContext.appArmorProfile.type";
/// The API server still judges it, also for containers that the pod does not have.
const APP_ARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

pub(crate) static SE_LINUX_OPTIONS: Control = Control {
    id: "seLinuxOptions",
    pod: Some(|judge| judge.refuse_se_linux(judge.pod_context().get("seLinuxOptions"))),
    container: Some(|judge, container| {
        if is_own(container, "seLinuxOptions") {
            judge.refuse_se_linux(container.se_linux_options());
        }
    }),
    ..NOTHING
};

/// The types of SELinux that a version takes.
pub(crate) fn se_linux_types(version: Version) -> &'static [&'static str] {
    const TYPES: &[&str] = &["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
    if version.has(31) { TYPES } else { &TYPES[..3] }
}

pub(crate) static PROC_MOUNT: Control = Control {
    id: "procMount",
    replaced: Some(35),
    lets_off: Some((35, LetsOff::UserNamespaces)),
    container: Some(refuse_proc_mount),
    ..NOTHING
};

static SECCOMP_BASELINE: Control = Control {
    id: "seccompProfile_baseline",
    replaced: Some(19),
    pod: Some(|judge| {
        if judge.version.has(19) {
            judge.refuse_profile(judge.pod_context().get("seccompProfile"), SECCOMP_TYPE);
        } else {
            judge.refuse_seccomp_annotation("seccomp.security.alpha.kubernetes.io/pod");
        }
    }),
    container: Some(|judge, container| {
        if judge.version.has(19) {
            if is_own(container, "seccompProfile") {
                judge.refuse_profile(container.seccomp_profile(), SECCOMP_TYPE);
            }
            return;
        }
        match container.name().read() {
            Field::Known(name) => judge.refuse_seccomp_annotation(&format!("{SECCOMP_ANNOTATION}{name}")),
            // A container without a name is refused whatever else it says.
            Field::Absent => {}
            // Which annotation is meant is not known, so none may be wrong.
            Field::Unknown(unknown) => {
                let before = judge.statements.len();
                judge.refuse_annotations(SECCOMP_ANNOTATION, SECCOMP_PROFILES, is_bad_seccomp);
                if judge.statements.len() > before {
                    judge.statements.truncate(before);
                    judge.state(container.name(), Decision::Unknown(unknown), "name", SECCOMP_PROFILES);
                }
            }
        }
    }),
    ..NOTHING
};

const SECCOMP_TYPE: &str = "securityContext.seccompProfile.type";
const SECCOMP_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP_PROFILES: &[&str] = &["runtime/default", "docker/default", "localhost/*"];

fn is_bad_seccomp(profile: &PartialText<'_>) -> Option<bool> {
    none([profile.is("runtime/default"), profile.is("docker/default"), profile.starts_with("localhost/")])
}

pub(crate) static SYSCTLS: Control =
    Control { id: "sysctls", pod: Some(|judge| refuse_sysctls(judge, |name| name.into())), ..NOTHING };

/// The same, but a name may be spelled with slashes.
pub(crate) static SYSCTLS_OF_ANY_SPELLING: Control =
    Control { id: "sysctls", pod: Some(|judge| refuse_sysctls(judge, normal_sysctl)), ..NOTHING };

fn refuse_sysctls(judge: &mut Judge<'_>, normal: fn(&str) -> Cow<'_, str>) {
    let allowed = safe_sysctls(judge.version);
    for sysctl in judge.every(judge.pod.sysctls(), "securityContext.sysctls[].name") {
        let name: Value<'_, &str> = sysctl.get("name").into();
        judge.refuse(name, "securityContext.sysctls[].name", allowed, |name| {
            name.is_none_or(|name| !allowed.contains(&&*normal(name)))
        });
    }
}

/// The name with dots. The first of dots and slashes says which of the two separates.
///
/// `NormalizeName` in <https://github.com/kubernetes/component-helpers/blob/v0.34.0/node/util/sysctl/sysctl.go>
fn normal_sysctl(name: &str) -> Cow<'_, str> {
    if name.find(['.', '/']).is_none_or(|at| name.as_bytes()[at] == b'.') {
        return name.into();
    }
    let swap = |character| match character {
        '.' => '/',
        '/' => '.',
        other => other,
    };
    name.chars().map(swap).collect()
}

/// Those that are safe, in the order in which they became so.
const SAFE_SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_slow_start_after_idle",
    "net.ipv4.tcp_notsent_lowat",
];

/// How many of them a version has, newest first.
const SYSCTLS_OF_VERSIONS: &[(u32, usize)] = &[(37, 14), (32, 12), (29, 10), (27, 6), (0, 5)];

fn safe_sysctls(version: Version) -> &'static [&'static str] {
    let known = SYSCTLS_OF_VERSIONS.iter().find(|(since, _)| version.has(*since)).map_or(0, |(_, count)| *count);
    &SAFE_SYSCTLS[..known]
}

pub(crate) static WINDOWS_HOST_PROCESS: Control = Control {
    id: "windowsHostProcess",
    pod: Some(|judge| {
        let flag = judge.pod_context().path(&["windowsOptions", "hostProcess"]);
        judge.refuse_host_process(flag);
    }),
    container: Some(|judge, container| {
        if is_own(container, "windowsOptions") && is_own(container, "windowsOptions.hostProcess") {
            judge.refuse_host_process(container.windows_options().get("hostProcess"));
        }
    }),
    ..NOTHING
};

pub(crate) static HOST_PROBES: Control = Control {
    id: "hostProbesAndHostLifecycle",
    since: 34,
    container: Some(|judge, container| {
        let (probes, lifecycle) = (container.probes(), container.lifecycle());
        for (parent, member, field) in [
            (probes, "liveness", "livenessProbe"),
            (probes, "readiness", "readinessProbe"),
            (probes, "startup", "startupProbe"),
            (lifecycle, "postStart", "lifecycle.postStart"),
            (lifecycle, "preStop", "lifecycle.preStop"),
        ] {
            for handler in ["httpGet", "tcpSocket"] {
                let action = parent.path(&[member, handler]);
                // Most containers have none of them.
                if action.is_absent() {
                    continue;
                }
                let host: Value<'_, &str> = action.get("host").into();
                let decision = host.fails_if_text(is_set);
                if !matches!(decision, Decision::Pass) {
                    judge.state(host, decision, format!("{field}.{handler}.host"), &["\"\""]);
                }
            }
        }
    }),
    ..NOTHING
};

pub(crate) static RESTRICTED_VOLUMES: Control = Control {
    id: "restrictedVolumes",
    level: Level::Restricted,
    // A volume without a source becomes an `emptyDir` before admission (`SetDefaults_Volume`).
    volume: Some(|judge, volume| {
        judge
            .refuse(volume.kind(), "type", VOLUME_TYPES, |kind| kind.is_some_and(|kind| !VOLUME_TYPES.contains(&kind)));
    }),
    ..NOTHING
};

const VOLUME_TYPES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

static ALLOW_PRIVILEGE_ESCALATION: Control = Control {
    id: "allowPrivilegeEscalation",
    level: Level::Restricted,
    since: 8,
    lets_off: Some((25, LetsOff::Windows)),
    container: Some(|judge, container| {
        let escalation = container.allow_privilege_escalation();
        judge.refuse(escalation, "securityContext.allowPrivilegeEscalation", &["false"], |value| value != Some(false));
    }),
    ..NOTHING
};

static RUN_AS_NON_ROOT: Control = Control {
    id: "runAsNonRoot",
    level: Level::Restricted,
    lets_off: Some((35, LetsOff::UserNamespaces)),
    pod: Some(|judge| {
        let stated: Value<'_, bool> = judge.pod_context().get("runAsNonRoot").into();
        judge.refuse(stated, "securityContext.runAsNonRoot", &["true"], |value| value == Some(false));
    }),
    container: Some(|judge, container| {
        if is_own(container, "runAsNonRoot") {
            let stated = container.run_as_non_root();
            judge.refuse(stated, "securityContext.runAsNonRoot", &["true"], |value| value != Some(true));
        }
    }),
    ..NOTHING
};

static RUN_AS_USER: Control = Control {
    id: "runAsUser",
    level: Level::Restricted,
    since: 23,
    lets_off: Some((35, LetsOff::UserNamespaces)),
    pod: Some(|judge| judge.refuse_root(judge.pod_context().get("runAsUser").into())),
    container: Some(|judge, container| {
        if is_own(container, "user.uid") {
            judge.refuse_root(container.user().uid());
        }
    }),
    ..NOTHING
};

static SECCOMP_RESTRICTED: Control = Control {
    id: "seccompProfile_restricted",
    level: Level::Restricted,
    since: 19,
    lets_off: Some((25, LetsOff::Windows)),
    pod: Some(|judge| judge.refuse_profile(judge.pod_context().get("seccompProfile"), SECCOMP_TYPE)),
    container: Some(|judge, container| {
        if is_own(container, "seccompProfile") {
            judge.require_profile(container.seccomp_profile(), SECCOMP_TYPE);
        }
    }),
    ..NOTHING
};

static CAPABILITIES_RESTRICTED: Control = Control {
    id: "capabilities_restricted",
    level: Level::Restricted,
    since: 22,
    lets_off: Some((25, LetsOff::Windows)),
    container: Some(|judge, container| {
        let drop = container.capabilities().drop();
        let rest = drop.rest().map_or(Decision::Fail, Decision::Unknown);
        let dropped = drop.known().fold(rest, |decision, item: Node<'_>| {
            let item: Value<'_, &str> = item.into();
            decision.or(item.fails_if(|name| name != Some("ALL")))
        });
        judge.state(drop, dropped, DROP, &["ALL"]);
        judge.refuse_added(container, &["NET_BIND_SERVICE"]);
    }),
    ..NOTHING
};

pub(crate) static PROC_MOUNT_RESTRICTED: Control = Control {
    id: "procMount_restricted",
    level: Level::Restricted,
    since: 35,
    container: Some(refuse_proc_mount),
    ..NOTHING
};

fn refuse_proc_mount<'a>(judge: &mut Judge<'a>, container: Container<'a>) {
    judge.refuse(container.proc_mount(), "securityContext.procMount", &["Default"], |mount| {
        mount.is_some_and(|mount| mount != "Default")
    });
}

/// Whether all of these are false.
fn none<const N: usize>(answers: [Option<bool>; N]) -> Option<bool> {
    if answers.contains(&Some(true)) {
        return Some(false);
    }
    answers.into_iter().collect::<Option<Vec<bool>>>().map(|_| true)
}

/// Whether the container states a value itself: what it inherits was judged at the pod.
fn is_own(container: Container<'_>, path: &str) -> bool {
    container.inherited().get(path).is_absent()
}

impl<'a> Judge<'a> {
    fn refuse_host_process(&mut self, flag: Node<'a>) {
        let flag: Value<'a, bool> = flag.into();
        self.refuse(flag, "securityContext.windowsOptions.hostProcess", &["false"], |value| value == Some(true));
    }

    fn refuse_root(&mut self, user: Value<'a, i64>) {
        self.refuse(user, "securityContext.runAsUser", &["> 0"], |user| user == Some(0));
    }

    fn refuse_se_linux(&mut self, options: Node<'a>) {
        let allowed = se_linux_types(self.version);
        let kind: Value<'a, &'a str> = options.get("type").into();
        self.refuse(kind, "securityContext.seLinuxOptions.type", allowed, |kind| {
            kind.is_some_and(|kind| !kind.is_empty() && !allowed.contains(&kind))
        });
        for (member, field) in
            [("user", "securityContext.seLinuxOptions.user"), ("role", "securityContext.seLinuxOptions.role")]
        {
            let label: Value<'a, &'a str> = options.get(member).into();
            self.state(label, label.fails_if_text(is_set), field, &["\"\""]);
        }
    }

    /// States each capability that is added and not allowed. Names are compared as they are written, as
    /// the API server does.
    fn refuse_added(&mut self, container: Container<'a>, allowed: &'static [&'static str]) {
        const FIELD: &str = "securityContext.capabilities.add[]";
        for item in self.every(container.capabilities().add(), FIELD) {
            let name: Value<'a, &'a str> = item.into();
            self.refuse(name, FIELD, allowed, |name| name.is_none_or(|name| !allowed.contains(&name)));
        }
    }

    fn refuse_seccomp_annotation(&mut self, key: &str) {
        let annotation: Value<'a, &'a str> = self.pod.annotations().get(key).into();
        let decision = annotation.fails_if_text(|profile| profile.map_or(Some(false), is_bad_seccomp));
        self.state(annotation, decision, format!("metadata.annotations[{key}]"), SECCOMP_PROFILES);
    }
}
