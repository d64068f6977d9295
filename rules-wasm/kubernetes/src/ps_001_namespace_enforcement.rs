//! PS-001: namespaces enforce a Pod Security Standard.

use verdikt_sdk::{Document, Field, Finding, Findings, Node, Selector, Set, Strings, rule};

use crate::admission::{Policies, Reach};
use crate::answer::Answer;
use crate::cluster::{Namespaces, Places, namespaces_and_workloads};
use crate::namespace::Namespace;
use crate::pod_security::{Configurations, ENFORCE, Level, OTHERS, Stated};

rule! {
    /// # Namespaces enforce a Pod Security Standard
    ///
    /// A standard that nobody enforces is advice. With the label
    /// `pod-security.kubernetes.io/enforce` the API server refuses pods that do not meet it.
    ///
    /// ## What is checked
    ///
    /// Every namespace that has a document or a workload, except `exempt_system_namespaces`, has to enforce
    /// `min_level` or a stricter level. In this order:
    ///
    /// 1. A `PodSecurityConfiguration` of the API server that exempts the namespace: fails. One that exempts
    ///    users or runtime classes lets some pods off in every namespace: *unknown*.
    /// 2. The label `pod-security.kubernetes.io/enforce`, of the Namespace or of Terraform's
    ///    `kubernetes_labels`. A value that is no level fails: Kubernetes refuses it. Which version of the
    ///    standard `pod-security.kubernetes.io/enforce-version` names does not matter.
    /// 3. Without that label, `defaults.enforce` of a `PodSecurityConfiguration` in the scanned files, else
    ///    `privileged`.
    ///
    /// What falls short of it passes all the same when a Kyverno policy with a `podSecurity` rule of such a
    /// level, in `Enforce` mode and without exceptions for controls, covers all pods of the namespace. What
    /// leaves it *unknown* whether a policy covers them is listed for the rule PS-012: exclusions of some,
    /// conditions, a `PolicyException`. Other policies are not compared with the standards. The modes `audit`
    /// and `warn` refuse nothing and do not count.
    ///
    /// A namespace without a document in the scanned files is reported as *unknown*, once, at its first
    /// workload; so is the namespace of workloads that name none. A pass says whether `target_level` is
    /// reached.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/warn: restricted
    /// ```
    ///
    /// ```hcl
    /// resource "kubernetes_namespace_v1" "shop" {
    ///   metadata {
    ///     name = "shop"
    ///   }
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Namespace
    /// metadata:
    ///   name: shop
    ///   labels:
    ///     pod-security.kubernetes.io/enforce: restricted
    /// ```
    ///
    /// ```hcl
    /// resource "kubernetes_namespace_v1" "shop" {
    ///   metadata {
    ///     name   = "shop"
    ///     labels = { "pod-security.kubernetes.io/enforce" = "baseline" }
    ///   }
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Label the namespace; PS-010 and PS-011 say which workloads would be refused. Pin the version of the
    /// standard by `pod-security.kubernetes.io/enforce-version`, so that an upgrade of the cluster does not
    /// change it.
    ///
    /// ## References
    ///
    /// - [Kubernetes: Pod Security Admission](https://kubernetes.io/docs/concepts/security/pod-security-admission/)
    /// - [Kubernetes: configure the admission controller](https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/)
    /// - [Kyverno: Pod Security](https://kyverno.io/docs/policy-types/cluster-policy/validate/#pod-security)
    pub static RULE = {
        id: "PS-001",
        slug: "namespace-enforcement",
        severity: High,
        targets: ["kubernetes/Namespace", "workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => guide],
        extra: { "module": "pod-security-standards" },
        settings: Settings {
            /// The level that every namespace has to enforce.
            min_level: Level = "baseline",
            /// The level to aim for. A pass says whether it is reached.
            target_level: Level = "restricted",
            /// Namespaces of the system, which have to run what no standard allows.
            exempt_system_namespaces: Strings = ["kube-system", "kube-public", "kube-node-lease"],
        },
        texts: {
            "en": {
                title: "Namespaces enforce a Pod Security Standard",
                remediation: "Label the namespace with `pod-security.kubernetes.io/enforce: restricted` (`baseline` as a first step) and pin `pod-security.kubernetes.io/enforce-version`.",
                messages: {
                    "not-labeled": "Namespace `{namespace}` enforces no Pod Security Standard: the label `pod-security.kubernetes.io/enforce` is missing, expected {expected}.",
                    "only-advice": "Namespace `{namespace}` enforces no Pod Security Standard: `audit` and `warn` refuse nothing, expected the label `pod-security.kubernetes.io/enforce` with {expected}.",
                    "too-low": "Namespace `{namespace}` enforces the level {found}, expected {expected}.",
                    "invalid-label": "Namespace `{namespace}` has a label `pod-security.kubernetes.io/enforce` that Kubernetes refuses: `{found}` is none of privileged, baseline and restricted; expected {expected}.",
                    "exempted": "Namespace `{namespace}` is exempt from Pod Security Admission by the configuration of the API server, expected {expected}.",
                    "target-level": "The namespace enforces the level that is aimed for.",
                    "min-level": "The namespace enforces the level that is required, not yet the one that is aimed for.",
                    "policy-engine": "A policy of Kyverno enforces the level that is required.",
                    "system-namespace": "The rule does not apply: the namespace is one of the system.",
                    "judged-at-namespace": "The rule does not apply: namespace `{namespace}` is judged where it is defined.",
                    "judged-at-workload": "The rule does not apply: the namespace is judged at workload `{workload}`.",
                    "ecs": "The rule does not apply: ECS has no namespaces.",
                    "not-in-set": "What namespace `{namespace}` enforces is not known: its definition is not in the scanned files.",
                    "no-namespace": "What enforces a standard here is not known: the namespace is only decided at deployment.",
                    "undecided": "What namespace `{namespace}` enforces depends on values that are not known.",
                    "exempts-some": "Whether namespace `{namespace}` enforces a standard for all pods cannot be known: `{attribute}` of {object} exempts some.",
                    "depends-on": "Namespace `{namespace}` itself enforces less than {expected}. Whether a policy makes up for it depends on `{attribute}` of {object}, which cannot be decided from the scanned files.",
                },
            },
            "de": {
                title: "Namespaces erzwingen einen Pod-Security-Standard",
                description: "Mit dem Label `pod-security.kubernetes.io/enforce` weist der API-Server Pods ab, die einen Pod-Security-Standard nicht erfüllen. Geprüft wird, ob jeder Namespace mindestens `min_level` erzwingt: durch das Label, durch die Konfiguration des API-Servers oder durch eine Kyverno-Richtlinie. `audit` und `warn` zählen nicht.",
                remediation: "Den Namespace mit `pod-security.kubernetes.io/enforce: restricted` kennzeichnen (`baseline` als erster Schritt) und `pod-security.kubernetes.io/enforce-version` festlegen.",
                messages: {
                    "not-labeled": "Namespace `{namespace}` erzwingt keinen Pod-Security-Standard: Das Label `pod-security.kubernetes.io/enforce` fehlt, erwartet wird {expected}.",
                    "only-advice": "Namespace `{namespace}` erzwingt keinen Pod-Security-Standard: `audit` und `warn` weisen nichts ab, erwartet wird das Label `pod-security.kubernetes.io/enforce` mit {expected}.",
                    "too-low": "Namespace `{namespace}` erzwingt die Stufe {found}, erwartet wird {expected}.",
                    "invalid-label": "Namespace `{namespace}` hat ein Label `pod-security.kubernetes.io/enforce`, das Kubernetes ablehnt: `{found}` ist weder privileged noch baseline noch restricted; erwartet wird {expected}.",
                    "exempted": "Namespace `{namespace}` ist durch die Konfiguration des API-Servers von der Pod-Security-Admission ausgenommen, erwartet wird {expected}.",
                    "target-level": "Der Namespace erzwingt die angestrebte Stufe.",
                    "min-level": "Der Namespace erzwingt die geforderte, noch nicht die angestrebte Stufe.",
                    "policy-engine": "Eine Kyverno-Richtlinie erzwingt die geforderte Stufe.",
                    "system-namespace": "Die Regel ist nicht anwendbar: Es ist ein Namespace des Systems.",
                    "judged-at-namespace": "Die Regel ist nicht anwendbar: Der Namespace `{namespace}` wird bei seiner Definition geprüft.",
                    "judged-at-workload": "Die Regel ist nicht anwendbar: Der Namespace wird beim Workload `{workload}` geprüft.",
                    "ecs": "Die Regel ist nicht anwendbar: ECS kennt keine Namespaces.",
                    "not-in-set": "Was der Namespace `{namespace}` erzwingt, ist nicht bekannt: Seine Definition ist nicht in den geprüften Dateien.",
                    "no-namespace": "Ob hier ein Standard erzwungen wird, ist nicht bekannt: Der Namespace wird erst beim Deployment bestimmt.",
                    "undecided": "Was der Namespace `{namespace}` erzwingt, hängt von Werten ab, die nicht bekannt sind.",
                    "exempts-some": "Ob der Namespace `{namespace}` für alle Pods einen Standard erzwingt, ist nicht bekannt: `{attribute}` in {object} nimmt manche aus.",
                    "depends-on": "Der Namespace `{namespace}` selbst erzwingt weniger als {expected}. Ob eine Richtlinie das ausgleicht, hängt von `{attribute}` in {object} ab und lässt sich aus den geprüften Dateien nicht entscheiden.",
                },
            },
        },
        inventory: judge,
    };
}

/// The kinds of the policies that can enforce a standard, and what exempts from them.
const POLICIES: [&str; 3] = ["ClusterPolicy", "Policy", "PolicyException"];

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let namespaces = Namespaces::find(set);
    let everywhere = namespaces_and_workloads(set);
    let places = Places::of(&everywhere);
    let policies: Vec<_> = POLICIES.iter().flat_map(|kind| set.find(Selector::new("kubernetes", kind))).collect();
    let policies = Policies::read(set, policies.iter(), false);
    let configurations = Configurations::find(set);
    let view = View { policies: &policies, configurations: &configurations, settings };
    for envelope in set.documents() {
        if let Some(document) = namespaces.document(envelope) {
            findings.add(namespaces.at_namespace(document, |namespace| view.judge(document.root(), &namespace)));
            continue;
        }
        let workload = Document::without_body(envelope);
        let judge = |name| view.judge(workload.root(), &namespaces.namespace(name));
        findings.add(places.at_workload(&workload, judge));
    }
}

struct View<'a> {
    policies: &'a Policies,
    configurations: &'a Configurations,
    settings: &'a Settings,
}

impl View<'_> {
    /// What is to say of a namespace, at its document or at the workload that stands for it.
    fn judge<'a>(&self, at: Node<'a>, namespace: &Namespace<'a>) -> Finding<'a> {
        let Settings { min_level, target_level, exempt_system_namespaces } = self.settings;
        if namespace.name.is_some_and(|name| exempt_system_namespaces.contains(name)) {
            return Finding::not_applicable(at, "system-namespace");
        }
        let by_admission = self.configurations.hold(namespace, *min_level);
        let by_policy =
            self.policies.iter().map(|policy| self.policies.enforces_standard(policy, namespace, *min_level));
        let by_policy = Reach::any(by_policy);
        let finding = match by_admission.answer.or(by_policy.answer) {
            Answer::Yes if by_admission.answer != Answer::Yes => Finding::pass(at, "policy-engine"),
            Answer::Yes if self.configurations.hold(namespace, *target_level).answer == Answer::Yes => {
                Finding::pass(at, "target-level")
            }
            Answer::Yes => Finding::pass(at, "min-level"),
            Answer::No => self.failure(at, namespace),
            Answer::Maybe => unknown(at, namespace, by_admission, by_policy),
        };
        let name = namespace.name.unwrap_or_default();
        finding.argument("namespace", name).argument("expected", min_level.as_str())
    }

    fn failure<'a>(&self, at: Node<'a>, namespace: &Namespace<'a>) -> Finding<'a> {
        let label = namespace.label(ENFORCE).unwrap_or(at);
        // A finding is about the namespace, also where something else labels it.
        let place = if namespace.is_added(ENFORCE) { at } else { label };
        let advises = OTHERS.iter().filter_map(|other| namespace.label(other)).any(|label| !label.is_absent());
        let exempts = self.configurations.hold_to_labels(namespace).answer == Answer::No;
        match Stated::read(label) {
            _ if exempts => Finding::fail(at, "exempted"),
            Stated::Level(level) => Finding::fail(place, "too-low").argument("found", level.as_str()),
            Stated::Invalid => {
                Finding::fail(place, "invalid-label").argument("found", label.str().known().unwrap_or_default())
            }
            Stated::Nothing | Stated::Unknown if advises => Finding::fail(place, "only-advice"),
            Stated::Nothing | Stated::Unknown => Finding::fail(place, "not-labeled"),
        }
    }
}

/// Why it is not known whether a namespace enforces a standard.
fn unknown<'a>(at: Node<'a>, namespace: &Namespace<'a>, by_admission: Reach<'_>, by_policy: Reach<'_>) -> Finding<'a> {
    if namespace.name.is_none() {
        return Finding::undecided(at, "no-namespace");
    }
    let hanging = |code, reach: Reach<'_>| {
        let hang = reach.hangs_on?;
        let finding = Finding::undecided(at, code).argument("attribute", hang.attribute());
        Some(finding.argument("object", hang.owner()?))
    };
    if by_admission.answer == Answer::No {
        return hanging("depends-on", by_policy).unwrap_or_else(|| Finding::undecided(at, "undecided"));
    }
    match (hanging("exempts-some", by_admission), namespace.label(ENFORCE)) {
        (Some(finding), _) => finding,
        (None, None) => Finding::undecided(at, "not-in-set"),
        (None, Some(label)) => match label.str() {
            Field::Unknown(unknown) if !namespace.is_added(ENFORCE) => Finding::unknown(unknown),
            _ => Finding::undecided(at, "undecided"),
        },
    }
}
