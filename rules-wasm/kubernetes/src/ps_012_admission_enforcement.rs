//! PS-012: admission policies are in enforcing mode.

use verdikt_sdk::{Document, Field, Finding, Findings, Node, Set, rule};

use crate::admission::Policy;
use crate::answer::Answer;
use crate::cluster::Cluster;
use crate::namespace::Namespace;
use crate::pod_security::{Configurations, Level};

rule! {
    /// # Admission policies are in enforcing mode
    ///
    /// A policy that audits writes down what is wrong and lets it in. That is right while it is new, and
    /// easily stays so for years.
    ///
    /// ## What is checked
    ///
    /// The mode of each policy:
    ///
    /// | policy | refuses | without a mode |
    /// |---|---|---|
    /// | Kyverno `ClusterPolicy`, `Policy` | `validationFailureAction` or a rule's `failureAction` is `Enforce` | audits |
    /// | Kyverno `ValidatingPolicy` | `validationActions` has `Deny` | refuses |
    /// | Gatekeeper constraint | `enforcementAction` is `deny`, or `scoped` with `deny` for its webhook | refuses |
    /// | `ValidatingAdmissionPolicyBinding` | `validationActions` has `Deny` | refuses nothing |
    ///
    /// A policy that only audits fails when nothing in the scanned files refuses anything, and is reported
    /// as informational beside others that do. Policies of Kyverno that only change or generate objects are
    /// left out, and so is one with `admission: false`: it refuses nothing. A `ValidatingWebhookConfiguration`
    /// whose `failurePolicy` is `Ignore` is reported as informational: it lets everything in while its
    /// service is down.
    ///
    /// And each namespace that has workloads, except those of the system (`kube-system`, `kube-public`,
    /// `kube-node-lease`): at least one policy that refuses has to cover its workloads, or it has to enforce a
    /// Pod Security Standard (PS-001). Lists of namespaces, selectors of namespaces, kinds and rules of
    /// resources decide what a policy covers; a policy that chooses single objects or users may cover it.
    /// Conditions in CEL and preconditions are not looked at.
    ///
    /// Without any policy in the scanned files the rule says *unknown*, unless `assume_complete.cluster` says
    /// that they are all there are. A namespace without a document is judged at its first workload.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: kyverno.io/v1
    /// kind: ClusterPolicy
    /// metadata:
    ///   name: no-privileged
    /// spec:
    ///   validationFailureAction: Audit
    ///   rules: []
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// apiVersion: kyverno.io/v1
    /// kind: ClusterPolicy
    /// metadata:
    ///   name: no-privileged
    /// spec:
    ///   validationFailureAction: Enforce
    ///   rules: []
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Look through the reports of the audit, waive or mend what they name, and switch the policy to
    /// `Enforce` or `deny`.
    ///
    /// ## References
    ///
    /// - [Kyverno: validate rules](https://kyverno.io/docs/policy-types/cluster-policy/validate/)
    /// - [Gatekeeper: handling constraint violations](https://open-policy-agent.github.io/gatekeeper/website/docs/violations/)
    /// - [Kubernetes: validating admission policy](https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/)
    /// - [Kubernetes: failure policy of webhooks](https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy)
    pub static RULE = {
        id: "PS-012",
        slug: "admission-enforcement",
        severity: High,
        targets: ["kubernetes/*", "workload/*"],
        controls: ["bsi-app-4-4-draft:APP.4.4.A13" => text, "c1-c10:C2" => explicit],
        extra: { "module": "pod-security-standards" },
        settings: Settings {
            /// Whether the scanned files have all policies of the cluster, so that what is not there does not exist.
            complete as "assume_complete.cluster": bool = false,
        },
        texts: {
            "en": {
                title: "Admission policies are in enforcing mode",
                remediation: "Switch the policy to `Enforce`, `deny` or `Deny` after an audit phase.",
                messages: {
                    "audits": "Policy `{policy}` refuses nothing: its mode is {found}, expected {expected}.",
                    "audits-by-default": "Policy `{policy}` refuses nothing: it states no mode and so only audits, expected {expected}.",
                    "audits-beside": "Policy `{policy}` refuses nothing: its mode is {found}. Other policies of the cluster do.",
                    "only-audits": "Nothing refuses workloads in namespace `{namespace}`: all policies in the scanned files only audit.",
                    "not-covered": "Nothing refuses workloads in namespace `{namespace}`: no policy that refuses covers it.",
                    "no-policy": "Nothing refuses workloads in namespace `{namespace}`: the cluster has no policy, and the namespace enforces no Pod Security Standard.",
                    "fails-open": "Webhook `{webhook}` lets everything in while its service is down: `failurePolicy` is Ignore.",
                    "enforcing": "The policy refuses what violates it.",
                    "covered": "A policy that refuses, or a Pod Security Standard, covers the namespace.",
                    "fails-closed": "Every webhook refuses what it cannot judge.",
                    "no-validation": "The rule does not apply: the policy does not validate.",
                    "other-object": "The rule does not apply: the object is no policy of admission.",
                    "no-workloads": "The rule does not apply: no workload is in the namespace.",
                    "system-namespace": "The rule does not apply: the namespace is one of the system.",
                    "judged-at-namespace": "The rule does not apply: namespace `{namespace}` is judged where it is defined.",
                    "judged-at-workload": "The rule does not apply: the namespace is judged at workload `{workload}`.",
                    "ecs": "The rule does not apply: ECS has no admission policies.",
                    "no-policy-in-set": "Whether something refuses workloads that violate a policy is not known: no policy is in the scanned files.",
                    "no-namespace": "Whether something refuses workloads here is not known: the namespace is only decided at deployment.",
                    "undecided": "Whether something refuses workloads in namespace `{namespace}` depends on values that are not known.",
                    "undecided-mode": "Whether policy `{policy}` refuses what violates it depends on values that are not known.",
                },
            },
            "de": {
                title: "Admission-Richtlinien sind im erzwingenden Modus",
                description: "Eine Richtlinie im Audit-Modus notiert Verstöße und lässt sie zu. Geprüft wird der Modus jeder Richtlinie von Kyverno, Gatekeeper und Kubernetes selbst und ob jeder Namespace mit Workloads von einer erzwingenden Richtlinie oder einem Pod-Security-Standard abgedeckt ist. Ohne Richtlinien in den geprüften Dateien ist das Ergebnis unbekannt, außer mit `assume_complete.cluster`.",
                remediation: "Die Richtlinie nach einer Audit-Phase auf `Enforce`, `deny` oder `Deny` umstellen.",
                messages: {
                    "audits": "Richtlinie `{policy}` weist nichts ab: Ihr Modus ist {found}, erwartet wird {expected}.",
                    "audits-by-default": "Richtlinie `{policy}` weist nichts ab: Sie gibt keinen Modus an und protokolliert daher nur, erwartet wird {expected}.",
                    "audits-beside": "Richtlinie `{policy}` weist nichts ab: Ihr Modus ist {found}. Andere Richtlinien des Clusters tun es.",
                    "only-audits": "Nichts weist Workloads im Namespace `{namespace}` ab: Alle Richtlinien in den geprüften Dateien protokollieren nur.",
                    "not-covered": "Nichts weist Workloads im Namespace `{namespace}` ab: Keine erzwingende Richtlinie deckt ihn ab.",
                    "no-policy": "Nichts weist Workloads im Namespace `{namespace}` ab: Der Cluster hat keine Richtlinie, und der Namespace erzwingt keinen Pod-Security-Standard.",
                    "fails-open": "Webhook `{webhook}` lässt alles zu, solange sein Dienst ausfällt: `failurePolicy` ist Ignore.",
                    "enforcing": "Die Richtlinie weist Verstöße ab.",
                    "covered": "Eine erzwingende Richtlinie oder ein Pod-Security-Standard deckt den Namespace ab.",
                    "fails-closed": "Jeder Webhook weist ab, was er nicht prüfen kann.",
                    "no-validation": "Die Regel ist nicht anwendbar: Die Richtlinie validiert nicht.",
                    "other-object": "Die Regel ist nicht anwendbar: Das Objekt ist keine Admission-Richtlinie.",
                    "no-workloads": "Die Regel ist nicht anwendbar: Im Namespace ist kein Workload.",
                    "system-namespace": "Die Regel ist nicht anwendbar: Es ist ein Namespace des Systems.",
                    "judged-at-namespace": "Die Regel ist nicht anwendbar: Der Namespace `{namespace}` wird bei seiner Definition geprüft.",
                    "judged-at-workload": "Die Regel ist nicht anwendbar: Der Namespace wird beim Workload `{workload}` geprüft.",
                    "ecs": "Die Regel ist nicht anwendbar: ECS kennt keine Admission-Richtlinien.",
                    "no-policy-in-set": "Ob etwas Workloads abweist, die eine Richtlinie verletzen, ist nicht bekannt: In den geprüften Dateien ist keine Richtlinie.",
                    "no-namespace": "Ob hier etwas Workloads abweist, ist nicht bekannt: Der Namespace wird erst beim Deployment bestimmt.",
                    "undecided": "Ob etwas Workloads im Namespace `{namespace}` abweist, hängt von Werten ab, die nicht bekannt sind.",
                    "undecided-mode": "Ob Richtlinie `{policy}` Verstöße abweist, hängt von Werten ab, die nicht bekannt sind.",
                },
            },
        },
        inventory: judge,
    };
}

/// Namespaces of the system, which have to run what no policy would let in.
const SYSTEM: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let cluster = Cluster::read(set);
    let view = View::new(&cluster, settings);
    for envelope in set.documents() {
        let is_this = |document: &&Document| document.envelope().id == envelope.id;
        if envelope.platform == "workload" {
            let workload = Document::without_body(envelope);
            findings.add(cluster.at_workload(&workload, |namespace| view.judge_namespace(workload.root(), namespace)));
        } else if let Some(document) = cluster.namespaces().iter().find(is_this) {
            findings.add(if cluster.has_workloads(&envelope.name) != Answer::No {
                cluster.at_namespace(document, |namespace| view.judge_namespace(document.root(), namespace))
            } else {
                Finding::not_applicable(document, "no-workloads")
            });
        } else if let Some(policy) = cluster.policies().iter().find(|policy| is_this(&&policy.document)) {
            findings.add(view.judge_policy(policy));
        } else if envelope.kind == "ValidatingWebhookConfiguration" {
            match set.read(envelope) {
                Ok(document) => judge_webhooks(document.root(), findings),
                Err(error) => findings.add(Finding::error(&Document::without_body(envelope), error.to_string())),
            }
        } else {
            findings.add(Finding::not_applicable(&Document::without_body(envelope), "other-object"));
        }
    }
}

/// Webhooks that let everything in while their service is down. In `v1` they refuse it by default.
fn judge_webhooks(configuration: Node<'_>, findings: &mut Findings<'_>) {
    let before = findings.len();
    for webhook in configuration.get("webhooks").list().known() {
        let webhook: Node<'_> = webhook;
        let policy = webhook.get("failurePolicy");
        if Answer::of(policy, |policy: Option<&str>| policy == Some("Ignore")) == Answer::Yes {
            let name = webhook.get("name").str().known().unwrap_or_default();
            findings.add(Finding::informational(policy, "fails-open").argument("webhook", name));
        }
    }
    if findings.len() == before {
        findings.add(Finding::pass(configuration, "fails-closed"));
    }
}

struct View<'a> {
    cluster: &'a Cluster,
    configurations: Configurations<'a>,
    settings: &'a Settings,
    /// Whether anything of the cluster refuses anything.
    refuses: Answer,
}

impl<'a> View<'a> {
    fn new(cluster: &'a Cluster, settings: &'a Settings) -> View<'a> {
        let configurations = cluster.configurations();
        let by_standard = cluster
            .namespaces()
            .iter()
            .map(|document| configurations.holds(&cluster.made_by(document), Level::Baseline))
            .fold(Answer::No, Answer::or);
        let by_policy = cluster.policies().iter().map(Policy::enforces).fold(Answer::No, Answer::or);
        View { cluster, configurations, settings, refuses: by_standard.or(by_policy) }
    }

    fn judge_policy(&self, policy: &'a Policy) -> Finding<'a> {
        let mode = policy.mode();
        let finding = match (policy.validates(), policy.enforces()) {
            (Answer::No, _) => return Finding::not_applicable(&policy.document, "no-validation"),
            (Answer::Yes, Answer::Yes) => return Finding::pass(mode, "enforcing"),
            (Answer::Yes, Answer::No) => match self.refuses {
                Answer::Yes => Finding::informational(mode, "audits-beside"),
                Answer::No if mode.is_absent() => Finding::fail(mode, "audits-by-default"),
                Answer::No => Finding::fail(mode, "audits"),
                Answer::Maybe => Finding::undecided(mode, "undecided-mode"),
            },
            _ => match mode.unknown() {
                Some(unknown) => Finding::unknown(unknown),
                None => Finding::undecided(mode, "undecided-mode"),
            },
        };
        finding
            .argument("policy", policy.name())
            .argument("found", shown(mode))
            .argument("expected", policy.enforcing_mode())
    }

    /// What is to say of a namespace, at its document or at the workload that stands for it.
    fn judge_namespace<'n>(&self, at: Node<'n>, namespace: &Namespace<'n>) -> Finding<'n>
    where
        'a: 'n,
    {
        if namespace.name.is_some_and(|name| SYSTEM.contains(&name)) {
            return Finding::not_applicable(at, "system-namespace");
        }
        let policies = || self.cluster.policies().iter().filter(|policy| policy.validates() != Answer::No);
        let by_policy =
            policies().map(|policy| policy.enforces_in(namespace, self.cluster.bound())).fold(Answer::No, Answer::or);
        let exists = policies().map(Policy::validates).fold(Answer::No, Answer::or);
        let finding = match by_policy.or(self.configurations.holds(namespace, Level::Baseline)) {
            Answer::Yes => Finding::pass(at, "covered"),
            _ if exists != Answer::Yes && !self.settings.complete => Finding::undecided(at, "no-policy-in-set"),
            Answer::Maybe if namespace.name.is_none() => Finding::undecided(at, "no-namespace"),
            Answer::Maybe => Finding::undecided(at, "undecided"),
            Answer::No if exists == Answer::No => Finding::fail(at, "no-policy"),
            Answer::No if policies().all(|policy| policy.enforces() == Answer::No) => Finding::fail(at, "only-audits"),
            Answer::No => Finding::fail(at, "not-covered"),
        };
        finding.argument("namespace", namespace.name.unwrap_or_default())
    }
}

/// A mode in words: a word, or a list of words.
fn shown(mode: Node<'_>) -> String {
    match mode.str() {
        Field::Known(word) => word.to_owned(),
        _ => {
            let words: Vec<_> = mode.list().known().filter_map(|word: Node<'_>| word.str().known()).collect();
            words.join(", ")
        }
    }
}
