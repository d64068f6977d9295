//! The Pod Security Standards, as the API server's admission plugin enforces them.
//!
//! The plugin is k8s.io/pod-security-admission; a check of its package `policy` is a [`Control`] here,
//! under the same name and from the same version on. It judges what is stated for the pod and what is
//! stated for each container, not what comes of the two: a pod that says `Unconfined` violates the
//! standard also when each of its containers says something else. Inherited values are therefore judged
//! once, where they are stated.
//!
//! The tables and the order of precedence are those of the plugin at the commit 8f84a87c7f61 of July 1, 2026,
//! which has the version v1.37 of the standards:
//! <https://github.com/kubernetes/pod-security-admission/tree/8f84a87c7f61/policy>.
//! It is the reference for earlier versions too: it judges `v1.25` as any API server does that
//! has it, which includes two changes that were made to all versions at once, AppArmor's field (1.30)
//! and volumes of images (1.33).

mod controls;
pub(crate) mod profile;
mod refuse;
mod version;

use std::borrow::Cow;

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Node, Value, Volume, Workload};

pub(crate) use controls::{
    APP_ARMOR_PROFILE, CAPABILITIES_BASELINE, HOST_PORTS, HOST_PROBES, PROC_MOUNT, PROC_MOUNT_RESTRICTED,
    RESTRICTED_VOLUMES, SE_LINUX_OPTIONS, SYSCTLS_OF_ANY_SPELLING, WINDOWS_HOST_PROCESS, se_linux_types,
};
pub(crate) use version::{Latest, Version};

/// How strict a standard is. What is missing here is `privileged`, which allows everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Baseline,
    Restricted,
}

/// One requirement of the standards.
pub(crate) struct Control {
    /// As the admission plugin calls it.
    pub(crate) id: &'static str,
    level: Level,
    /// The first minor version that has it.
    since: u32,
    /// The first minor version in which a stricter control stands in its place at level restricted.
    replaced: Option<u32>,
    /// Which pods it lets off, and the first minor version in which it does.
    lets_off: Option<(u32, LetsOff)>,
    /// What it asks of the pod.
    pod: Option<for<'a> fn(&mut Judge<'a>)>,
    /// What it asks of each container.
    container: Option<for<'a> fn(&mut Judge<'a>, Container<'a>)>,
    /// What it asks of each volume.
    volume: Option<for<'a> fn(&mut Judge<'a>, Volume<'a>)>,
}

impl Control {
    /// Whether a version has it.
    pub(crate) fn is_in(&self, version: Version) -> bool {
        version.has(self.since)
    }
}

/// A sort of pods that a control lets off.
#[derive(Clone, Copy)]
enum LetsOff {
    /// Windows has no such fields. Only `os.name` says what a pod runs on, no node selector.
    Windows,
    /// Root inside of a user namespace is nobody outside.
    UserNamespaces,
}

/// The controls of a level, in the order of the table.
pub(crate) fn controls(level: Level, version: Version) -> impl Iterator<Item = &'static Control> + Clone {
    controls::ALL.iter().copied().filter(move |control| {
        let is_replaced = level == Level::Restricted && control.replaced.is_some_and(|since| version.has(since));
        control.level <= level && control.is_in(version) && !is_replaced
    })
}

/// The field of the capabilities that a container drops: of all fields the only one that must have a
/// value among others.
pub(crate) const DROP: &str = "securityContext.capabilities.drop";

/// What a control says of one attribute, when it is not a pass.
pub(crate) struct Statement<'a> {
    pub(crate) control: &'static Control,
    pub(crate) at: Node<'a>,
    pub(crate) whose: Whose<'a>,
    /// The attribute as Kubernetes names it, from the pod's spec or from the container on.
    pub(crate) field: Cow<'static, str>,
    /// The values that the control takes.
    pub(crate) allowed: &'static [&'static str],
    decision: Decision<'a>,
}

/// What has the attribute.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'a> {
    Pod,
    Container(Container<'a>),
    Volume(Volume<'a>),
}

impl<'a> Statement<'a> {
    /// The finding with all that messages say of a violation.
    pub(crate) fn finding(&self, code: &'static str) -> Finding<'a> {
        let finding = match self.whose {
            Whose::Pod => Finding::fail(self.at, code),
            Whose::Container(container) => Finding::fail(self.at, code).argument("container", container.label()),
            Whose::Volume(volume) => Finding::fail(self.at, code).argument("volume", volume.label()),
        };
        finding
            .argument("control", self.control.id)
            .argument("field", &self.field)
            .argument("value", self.found().unwrap_or_else(|| "\"\"".to_owned()))
            .argument("allowed", self.allowed.join(", "))
    }

    /// One code for the pod and one for its containers.
    pub(crate) fn code(&self, pod: &'static str, container: &'static str) -> &'static str {
        if let Whose::Pod = self.whose { pod } else { container }
    }

    /// The value at the place in words; `None` when there is none.
    fn found(&self) -> Option<String> {
        match self.at.unknown().and_then(|unknown| unknown.alternatives()) {
            Some(alternatives) => {
                Some(alternatives.map(|one| shown(one).unwrap_or_default()).collect::<Vec<_>>().join(" | "))
            }
            None => shown(self.at),
        }
    }
}

/// A value in words; "…" stands for what is not known of it.
fn shown(node: Node<'_>) -> Option<String> {
    match (node.bool(), node.number(), node.text()) {
        (Field::Absent, ..) => None,
        (Field::Known(value), ..) => Some(value.to_string()),
        (_, Field::Known(number), _) => Some(number.0.to_owned()),
        (.., Field::Known(text)) if text.whole() == Some("") => Some("\"\"".to_owned()),
        (.., Field::Known(text)) => Some(text.pieces().map(|piece| piece.unwrap_or("…")).collect()),
        _ => Some("…".to_owned()),
    }
}

/// Judges a pod by some controls. `failure` makes the finding of a violation.
///
/// A container or volume of which nothing is known is stated once, not once for each control.
pub(crate) fn judge<'a>(
    pod: Workload<'a>,
    version: Version,
    controls: impl Iterator<Item = &'static Control> + Clone,
    findings: &mut Findings<'_>,
    failure: impl Fn(&Statement<'a>) -> Finding<'a>,
) {
    let mut judge = Judge { pod, version, control: &controls::PRIVILEGED, whose: Whose::Pod, statements: Vec::new() };
    for control in controls.clone() {
        if let Some(ask) = control.pod {
            judge.control = control;
            ask(&mut judge);
        }
    }
    judge.settle(findings, &failure);
    if controls.clone().any(|control| control.container.is_some()) {
        for container in findings.every(pod.containers()) {
            if let Some(unknown) = container.node().unknown() {
                findings.add(Finding::unknown(unknown));
                continue;
            }
            judge.whose = Whose::Container(container);
            for control in controls.clone() {
                if let Some(ask) = control.container {
                    judge.control = control;
                    ask(&mut judge, container);
                }
            }
            judge.settle(findings, &failure);
        }
    }
    if controls.clone().any(|control| control.volume.is_some()) {
        for volume in findings.every(pod.volumes()) {
            if let Some(unknown) = volume.node().unknown() {
                findings.add(Finding::unknown(unknown));
                continue;
            }
            judge.whose = Whose::Volume(volume);
            for control in controls.clone() {
                if let Some(ask) = control.volume {
                    judge.control = control;
                    ask(&mut judge, volume);
                }
            }
            judge.settle(findings, &failure);
        }
    }
}

/// What a control is asked with, and what it answers.
struct Judge<'a> {
    pod: Workload<'a>,
    version: Version,
    control: &'static Control,
    whose: Whose<'a>,
    statements: Vec<Statement<'a>>,
}

impl<'a> Judge<'a> {
    /// States what is decided about an attribute; a pass goes without saying.
    fn state(
        &mut self,
        at: impl Into<Node<'a>>,
        decision: Decision<'a>,
        field: impl Into<Cow<'static, str>>,
        allowed: &'static [&'static str],
    ) {
        let decision = match (decision, self.control.lets_off) {
            (Decision::Pass, _) | (_, None) => decision,
            (_, Some((since, _))) if !self.version.has(since) => decision,
            (_, Some((_, pods))) => self.is_let_off(pods).or(decision),
        };
        if !matches!(decision, Decision::Pass) {
            let (control, whose) = (self.control, self.whose);
            self.statements.push(Statement { control, at: at.into(), whose, field: field.into(), allowed, decision });
        }
    }

    /// Whether the pod is one of this sort (`Pass`).
    fn is_let_off(&self, pods: LetsOff) -> Decision<'a> {
        match pods {
            LetsOff::UserNamespaces => self.pod.host_users().fails_if(|shared| shared != Some(false)),
            LetsOff::Windows => {
                let source: Value<'a, &'a str> = self.pod.node().get("osSource").into();
                let os = self.pod.os().fails_if(|os| os != Some("windows"));
                os.and(source.fails_if(|source| source != Some("os")))
            }
        }
    }

    /// Turns the statements into findings.
    fn settle(&mut self, findings: &mut Findings<'_>, failure: &impl Fn(&Statement<'a>) -> Finding<'a>) {
        for statement in self.statements.drain(..) {
            let finding = match statement.decision {
                Decision::Pass => continue,
                Decision::Fail => failure(&statement),
                Decision::Unknown(unknown) => Finding::unknown(unknown),
            };
            findings.add(finding.extra("control", statement.control.id));
        }
    }
}
