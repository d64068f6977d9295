//! WL-006: a seccomp profile restricts system calls.

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Node, Selector, Set, Value, Workload, rule};

use crate::common::{is_kubernetes, is_linux};

rule! {
    /// # A seccomp profile restricts system calls
    ///
    /// A program needs perhaps 60 of the kernel's more than 300 system calls. The others are what exploits
    /// of the kernel are made of. Kubernetes, unlike Docker, runs containers without any profile unless
    /// somebody asks for one.
    ///
    /// ## What is checked
    ///
    /// The profile that each container gets, init containers, sidecars and ephemeral containers included:
    /// `seccompProfile` of the container or else of the pod.
    ///
    /// - `RuntimeDefault` and `Localhost` pass.
    /// - `Unconfined`, and a profile without a type, fail.
    /// - Where neither states one, it is the kubelet's default. That passes when the scanned files have a
    ///   `KubeletConfiguration` and every one of them says `seccompDefault: true`, and fails otherwise.
    /// - A privileged container fails whatever is stated: container runtimes give it no profile.
    ///
    /// Annotations do not count; Kubernetes 1.27 stopped reading them.
    ///
    /// The rule applies neither to Windows, which has no seccomp, nor to ECS, where Docker's default
    /// profile holds and no parameter changes it.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         seccompProfile:
    ///           type: Unconfined
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   securityContext:
    ///     seccompProfile:
    ///       type: RuntimeDefault
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ## How to fix it
    ///
    /// State `RuntimeDefault` for the pod. A profile of your own (`Localhost`) can be tighter: it is a file
    /// on the nodes, and the kubelet reports what it refuses in the log of the node.
    ///
    /// ## References
    ///
    /// - [Kubernetes: restrict a container's syscalls with seccomp](https://kubernetes.io/docs/tutorials/security/seccomp/)
    /// - [Kubernetes: seccomp and Kubernetes](https://kubernetes.io/docs/reference/node/seccomp/)
    pub static RULE = {
        id: "WL-006",
        slug: "seccomp",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A21" => text, "bsi-sys-1-6-2022:SYS.1.6.A21" => title],
        aliases: ["checkov:CKV_K8S_31", "trivy:KSV-0030"],
        extra: { "module": "workload-hardening" },
        texts: {
            "en": {
                title: "A seccomp profile restricts system calls",
                remediation: "Set `securityContext.seccompProfile.type: RuntimeDefault` on the pod; use `Localhost` profiles for tighter lists.",
                messages: {
                    "unconfined": "Container `{container}` may make every system call: `seccompProfile.type` is {value}, expected RuntimeDefault or Localhost.",
                    "no-type": "Container `{container}` may make every system call: its `seccompProfile` has no type, expected RuntimeDefault or Localhost.",
                    "not-declared": "Container `{container}` may make every system call: neither it nor its pod states a `seccompProfile`, expected RuntimeDefault or Localhost.",
                    "privileged": "Container `{container}` may make every system call whatever `seccompProfile` says, because it is privileged.",
                    "declared": "Every container has a seccomp profile.",
                    "localhost": "Every container has a seccomp profile, at least one of them a profile of its node.",
                    "inherited-kubelet": "Containers that state no seccomp profile get RuntimeDefault from the kubelet.",
                    "windows": "The rule does not apply: Windows has no seccomp.",
                    "ecs": "The rule does not apply: on ECS the default profile of Docker holds and cannot be changed.",
                },
            },
            "de": {
                title: "Ein Seccomp-Profil schränkt Systemaufrufe ein",
                description: "Ohne Seccomp-Profil darf ein Container jeden Systemaufruf ausführen, auch die, auf denen Angriffe auf den Kernel beruhen. Geprüft wird, ob jeder Container ein Profil hat: am Container, am Pod oder durch `seccompDefault: true` in jeder KubeletConfiguration der geprüften Dateien.",
                remediation: "`securityContext.seccompProfile.type: RuntimeDefault` am Pod setzen; für engere Listen Profile vom Typ `Localhost` verwenden.",
                messages: {
                    "unconfined": "Container `{container}` darf jeden Systemaufruf ausführen: `seccompProfile.type` ist {value}, erwartet wird RuntimeDefault oder Localhost.",
                    "no-type": "Container `{container}` darf jeden Systemaufruf ausführen: Sein `seccompProfile` hat keinen Typ, erwartet wird RuntimeDefault oder Localhost.",
                    "not-declared": "Container `{container}` darf jeden Systemaufruf ausführen: Weder er noch sein Pod gibt ein `seccompProfile` an, erwartet wird RuntimeDefault oder Localhost.",
                    "privileged": "Container `{container}` darf jeden Systemaufruf ausführen, unabhängig von `seccompProfile`, weil er privilegiert ist.",
                    "declared": "Jeder Container hat ein Seccomp-Profil.",
                    "localhost": "Jeder Container hat ein Seccomp-Profil, mindestens einer ein Profil seines Knotens.",
                    "inherited-kubelet": "Container ohne eigenes Seccomp-Profil erhalten RuntimeDefault vom Kubelet.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt kein Seccomp.",
                    "ecs": "Die Regel ist nicht anwendbar: In ECS gilt das Standardprofil von Docker, das sich nicht ändern lässt.",
                },
            },
        },
        inventory: judge,
    };
}

fn judge(set: &Set<'_>, findings: &mut Findings<'_>) {
    let default = default_of_kubelets(set);
    set.judge_each(findings, |document, findings| {
        let workload = Workload::from(document);
        if !is_kubernetes(workload, findings) || !is_linux(workload, findings) {
            return;
        }
        let before = findings.len();
        let mut reason = Reason::Declared;
        for container in findings.every(workload.containers()) {
            reason = reason.max(judge_container(container, default, findings));
        }
        // The rule has to state an outcome for every document.
        if findings.len() == before {
            findings.add(Finding::pass(workload, reason.code()));
        }
    });
}

/// Whether a container is confined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Confinement {
    Some(Reason),
    None,
    /// It depends on what is not known.
    Depends,
}

/// What a pass rests on; the least known last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Declared,
    Localhost,
    Kubelet,
}

impl Reason {
    fn code(self) -> &'static str {
        match self {
            Reason::Declared => "declared",
            Reason::Localhost => "localhost",
            Reason::Kubelet => "inherited-kubelet",
        }
    }
}

impl Confinement {
    /// By a profile; `default` holds where none is stated.
    fn of(profile: Node<'_>, default: Confinement) -> Confinement {
        if profile.is_absent() {
            return default;
        }
        let kinds = profile.get("type").alternatives().map(|kind| match kind.str() {
            Field::Known("RuntimeDefault") => Confinement::Some(Reason::Declared),
            Field::Known("Localhost") => Confinement::Some(Reason::Localhost),
            Field::Known(_) | Field::Absent => Confinement::None,
            Field::Unknown(_) => Confinement::Depends,
        });
        kinds.reduce(Confinement::either).unwrap_or(Confinement::Depends)
    }

    /// It will be one of two, nobody knows which.
    fn either(self, other: Confinement) -> Confinement {
        match (self, other) {
            (Confinement::Some(one), Confinement::Some(other)) => Confinement::Some(one.max(other)),
            (Confinement::None, Confinement::None) => Confinement::None,
            _ => Confinement::Depends,
        }
    }
}

/// States what is wrong with a container, or else says what it relies on.
fn judge_container(container: Container<'_>, default: Confinement, findings: &mut Findings<'_>) -> Reason {
    let profile = container.seccomp_profile();
    let privileged = container.privileged();
    let confinement = profile.alternatives().map(|profile| Confinement::of(profile, default));
    let confinement = confinement.reduce(Confinement::either).unwrap_or(Confinement::Depends);
    match (confinement, privileged.fails_if(|value| value == Some(true))) {
        (Confinement::None, _) => findings.add(unconfined(container, profile)),
        (_, Decision::Fail) => {
            findings.add(Finding::fail(privileged, "privileged").argument("container", container.label()));
        }
        (Confinement::Depends, _) => {
            let unknown = profile.unknown().or_else(|| profile.get("type").unknown());
            findings.add(unknown.map_or_else(
                || Finding::unknown_because(profile, "what `seccompDefault` of the kubelets is cannot be known"),
                Finding::unknown,
            ));
        }
        (_, Decision::Unknown(unknown)) => findings.add(Finding::unknown(unknown)),
        (Confinement::Some(reason), Decision::Pass) => return reason,
    }
    Reason::Declared
}

fn unconfined<'a>(container: Container<'a>, profile: Node<'a>) -> Finding<'a> {
    let kind = profile.get("type");
    let finding = if profile.is_absent() {
        Finding::fail(profile, "not-declared")
    } else if kind.is_absent() {
        Finding::fail(kind, "no-type")
    } else {
        let stated = kind.agreed(|kind| kind.str().known()).flatten();
        Finding::fail(kind, "unconfined").argument("value", stated.unwrap_or("neither"))
    };
    finding.argument("container", container.label())
}

/// What containers get that state no profile. Which node a pod runs on is not known, so every kubelet
/// has to give them one.
///
/// <https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/>
fn default_of_kubelets(set: &Set<'_>) -> Confinement {
    let kubelets = set.find(Selector::new("kubernetes", "KubeletConfiguration"));
    let defaults = kubelets.iter().map(|kubelet| {
        let Ok(document) = set.read(kubelet) else { return Confinement::Depends };
        let stated: Value<'_, bool> = document.root().get("seccompDefault").into();
        match stated.fails_if(|stated| stated != Some(true)) {
            Decision::Pass => Confinement::Some(Reason::Kubelet),
            Decision::Fail => Confinement::None,
            Decision::Unknown(_) => Confinement::Depends,
        }
    });
    // One that gives none is enough.
    let weakest = |one, other| match (one, other) {
        (Confinement::None, _) | (_, Confinement::None) => Confinement::None,
        (Confinement::Depends, _) | (_, Confinement::Depends) => Confinement::Depends,
        (one, _) => one,
    };
    defaults.reduce(weakest).unwrap_or(Confinement::None)
}
