//! PS-012: admission policies are in enforcing mode.

use std::collections::HashMap;

use verdikt_sdk::{Document, Field, Finding, Findings, Node, Selector, Set, rule};

use crate::admission::{Hang, Policies, Policy, Reach, Target, attribute};
use crate::answer::Answer;
use crate::cluster::{Namespaces, Places, namespaces_and_workloads};
use crate::namespace::Namespace;
use crate::pod_security::{Configurations, Level};
use crate::workloads::Kind;

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
    /// A policy that refuses nothing fails when nothing in the scanned files refuses anything, and is reported
    /// as informational beside others that do. The finding names what is at fault: the mode, the mode of a
    /// rule, `admission: false`, a standard of the level `privileged`, or that there is nothing to check.
    /// Policies of Kyverno that only change or generate objects are left out. What a policy demands is not
    /// looked at. A webhook, a policy of Kyverno or a `ValidatingAdmissionPolicy` whose `failurePolicy` is
    /// `Ignore` is reported as informational: it lets in what it could not judge.
    ///
    /// And each namespace that has workloads, except those of the system (`kube-system`, `kube-public`,
    /// `kube-node-lease`): a policy that refuses has to cover its workloads of each kind, or the pods that they
    /// make, or it has to enforce a Pod Security Standard (PS-001). What decides:
    ///
    /// - lists of namespaces, selectors of namespaces, kinds, rules of resources, in `match` and `exclude`;
    /// - overrides of the mode (`validationFailureActionOverrides`, `failureActionOverrides`);
    /// - what lets a namespace off Gatekeeper: the label `admission.gatekeeper.sh/ignore`, and
    ///   `excludedNamespaces` of its `Config` for the processes `*` and `webhook`.
    ///
    /// It is *unknown*, and the finding names the attribute, where a policy covers a namespace but for something
    /// that cannot be decided:
    ///
    /// - filters of single objects or users (names, labels, annotations, roles), also in `exclude`;
    /// - `preconditions`, except on the operation, `celPreconditions` and `matchConditions`;
    /// - a rule behind others in a policy with `applyRules: One`;
    /// - a `PolicyException` that names the policy and reaches the namespace: whether Kyverno heeds it is set on
    ///   its command line;
    /// - a binding whose `ValidatingAdmissionPolicy` is not in the scanned files, and a constraint whose
    ///   `ConstraintTemplate` is not; with `assume_complete.cluster` they do nothing;
    /// - a binding that may lack its parameters and then allows everything;
    /// - exemptions of users or runtime classes in a `PodSecurityConfiguration`.
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
    /// - [Kyverno: policy exceptions](https://kyverno.io/docs/guides/exceptions/)
    /// - [Gatekeeper: exempting namespaces](https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/)
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
                    "refuses-nothing": "Policy `{policy}` refuses nothing: `{attribute}` is {found}, expected {expected}.",
                    "refuses-nothing-by-default": "Policy `{policy}` refuses nothing: `{attribute}` is missing, expected {expected}.",
                    "checks-nothing": "Policy `{policy}` refuses nothing: `{attribute}` has nothing to check.",
                    "refuses-nothing-beside": "Policy `{policy}` refuses nothing because of `{attribute}`. Something else in the scanned files does refuse workloads.",
                    "none-refuses": "Nothing refuses workloads in namespace `{namespace}`: no policy in the scanned files refuses anything.",
                    "left-out": "Nothing refuses a {workload} in namespace `{namespace}`: `{attribute}` of {object} leaves it out, and no other policy covers it.",
                    "no-policy": "Nothing refuses workloads in namespace `{namespace}`: the cluster has no policy, and the namespace enforces no Pod Security Standard.",
                    "fails-open": "Webhook `{webhook}` lets everything in while its service is down: `failurePolicy` is Ignore.",
                    "policy-fails-open": "Policy `{policy}` lets in what could not be judged: `{attribute}` is Ignore.",
                    "enforcing": "The policy refuses what violates it.",
                    "covered": "A policy that refuses, or a Pod Security Standard, covers the namespace.",
                    "fails-closed": "Every webhook refuses what it cannot judge.",
                    "no-validation": "The rule does not apply: the policy does not validate.",
                    "other-object": "The rule does not apply: the object is no policy of admission.",
                    "judged-at-binding": "The rule does not apply: bindings say whether the policy refuses anything.",
                    "no-workloads": "The rule does not apply: no workload is in the namespace.",
                    "system-namespace": "The rule does not apply: the namespace is one of the system.",
                    "judged-at-namespace": "The rule does not apply: namespace `{namespace}` is judged where it is defined.",
                    "judged-at-workload": "The rule does not apply: the namespace is judged at workload `{workload}`.",
                    "ecs": "The rule does not apply: ECS has no admission policies.",
                    "no-policy-in-set": "Whether something refuses workloads that violate a policy is not known: no policy is in the scanned files.",
                    "no-namespace": "Whether something refuses workloads here is not known: the namespace is only decided at deployment.",
                    "undecided": "Whether something refuses workloads in namespace `{namespace}` depends on values that are not known.",
                    "depends-on": "Whether something refuses workloads in namespace `{namespace}` depends on `{attribute}` of {object}, which cannot be decided from the scanned files.",
                    "depends-on-missing": "Whether something refuses workloads in namespace `{namespace}` is not known: the {missing} of {object} is not in the scanned files.",
                    "undecided-mode": "Whether policy `{policy}` refuses what violates it depends on `{attribute}`, which is not known.",
                },
            },
            "de": {
                title: "Admission-Richtlinien sind im erzwingenden Modus",
                description: "Eine Richtlinie im Audit-Modus notiert Verstöße und lässt sie zu. Geprüft wird, ob jede Richtlinie von Kyverno, Gatekeeper und Kubernetes selbst etwas abweist und ob jeder Namespace mit Workloads von einer erzwingenden Richtlinie oder einem Pod-Security-Standard erfasst ist. Ausnahmen und Bedingungen, die sich nicht entscheiden lassen, machen das Ergebnis unbekannt. Ohne Richtlinien in den geprüften Dateien ist das Ergebnis unbekannt, außer mit `assume_complete.cluster`.",
                remediation: "Die Richtlinie nach einer Audit-Phase auf `Enforce`, `deny` oder `Deny` umstellen.",
                messages: {
                    "refuses-nothing": "Richtlinie `{policy}` weist nichts ab: `{attribute}` ist {found}, erwartet wird {expected}.",
                    "refuses-nothing-by-default": "Richtlinie `{policy}` weist nichts ab: `{attribute}` fehlt, erwartet wird {expected}.",
                    "checks-nothing": "Richtlinie `{policy}` weist nichts ab: `{attribute}` enthält nichts, was geprüft würde.",
                    "refuses-nothing-beside": "Richtlinie `{policy}` weist wegen `{attribute}` nichts ab. Anderes in den geprüften Dateien weist Workloads ab.",
                    "none-refuses": "Nichts weist Workloads im Namespace `{namespace}` ab: Keine Richtlinie in den geprüften Dateien weist etwas ab.",
                    "left-out": "Nichts weist im Namespace `{namespace}` Objekte der Art {workload} ab: `{attribute}` in {object} lässt sie aus, und keine andere Richtlinie erfasst sie.",
                    "no-policy": "Nichts weist Workloads im Namespace `{namespace}` ab: Der Cluster hat keine Richtlinie, und der Namespace erzwingt keinen Pod-Security-Standard.",
                    "fails-open": "Webhook `{webhook}` lässt alles zu, solange sein Dienst ausfällt: `failurePolicy` ist Ignore.",
                    "policy-fails-open": "Richtlinie `{policy}` lässt zu, was nicht geprüft werden konnte: `{attribute}` ist Ignore.",
                    "enforcing": "Die Richtlinie weist Verstöße ab.",
                    "covered": "Eine erzwingende Richtlinie oder ein Pod-Security-Standard erfasst den Namespace.",
                    "fails-closed": "Jeder Webhook weist ab, was er nicht prüfen kann.",
                    "no-validation": "Die Regel ist nicht anwendbar: Die Richtlinie validiert nicht.",
                    "other-object": "Die Regel ist nicht anwendbar: Das Objekt ist keine Admission-Richtlinie.",
                    "judged-at-binding": "Die Regel ist nicht anwendbar: Ob die Richtlinie etwas abweist, sagen ihre Bindings.",
                    "no-workloads": "Die Regel ist nicht anwendbar: Im Namespace ist kein Workload.",
                    "system-namespace": "Die Regel ist nicht anwendbar: Es ist ein Namespace des Systems.",
                    "judged-at-namespace": "Die Regel ist nicht anwendbar: Der Namespace `{namespace}` wird bei seiner Definition geprüft.",
                    "judged-at-workload": "Die Regel ist nicht anwendbar: Der Namespace wird beim Workload `{workload}` geprüft.",
                    "ecs": "Die Regel ist nicht anwendbar: ECS kennt keine Admission-Richtlinien.",
                    "no-policy-in-set": "Ob etwas Workloads abweist, die eine Richtlinie verletzen, ist nicht bekannt: In den geprüften Dateien ist keine Richtlinie.",
                    "no-namespace": "Ob hier etwas Workloads abweist, ist nicht bekannt: Der Namespace wird erst beim Deployment bestimmt.",
                    "undecided": "Ob etwas Workloads im Namespace `{namespace}` abweist, hängt von Werten ab, die nicht bekannt sind.",
                    "depends-on": "Ob etwas Workloads im Namespace `{namespace}` abweist, hängt von `{attribute}` in {object} ab und lässt sich aus den geprüften Dateien nicht entscheiden.",
                    "depends-on-missing": "Ob etwas Workloads im Namespace `{namespace}` abweist, ist nicht bekannt: {missing} zu {object} ist nicht in den geprüften Dateien.",
                    "undecided-mode": "Ob Richtlinie `{policy}` Verstöße abweist, hängt von `{attribute}` ab, und das ist nicht bekannt.",
                },
            },
        },
        inventory: judge,
    };
}

/// Namespaces of the system, which have to run what no policy would let in.
const SYSTEM: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let namespaces = Namespaces::find(set);
    let policies = Policies::read(set, set.find(Selector::new("kubernetes", "*")).iter(), settings.complete);
    let configurations = Configurations::find(set);
    let everywhere = namespaces_and_workloads(set);
    let places = Places::of(&everywhere);
    let by_id: HashMap<u32, &Policy> = policies.iter().map(|policy| (policy.document.envelope().id, policy)).collect();
    let bound: HashMap<u32, &Document> = policies.bound().iter().map(|it| (it.envelope().id, it)).collect();
    let view = View::new(&policies, &namespaces, &configurations, &places, settings);
    for envelope in set.documents() {
        if envelope.platform == "workload" {
            let workload = Document::without_body(envelope);
            let judge = |name| view.judge_namespace(workload.root(), &namespaces.namespace(name));
            findings.add(places.at_workload(&workload, judge));
        } else if let Some(document) = namespaces.document(envelope) {
            findings.add(if places.has_workloads(&envelope.name) != Answer::No {
                namespaces.at_namespace(document, |namespace| view.judge_namespace(document.root(), &namespace))
            } else {
                Finding::not_applicable(document, "no-workloads")
            });
        } else if let Some(policy) = by_id.get(&envelope.id) {
            findings.add(view.judge_policy(policy));
        } else if let Some(policy) = bound.get(&envelope.id) {
            let failure = policy.root().path(&["spec", "failurePolicy"]);
            let open = fails_open(failure, &envelope.name);
            findings.add(open.unwrap_or_else(|| Finding::not_applicable(*policy, "judged-at-binding")));
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
        if is_ignore(policy) {
            let name = webhook.get("name").str().known().unwrap_or_default();
            findings.add(Finding::informational(policy, "fails-open").argument("webhook", name));
        }
    }
    if findings.len() == before {
        findings.add(Finding::pass(configuration, "fails-closed"));
    }
}

/// What is worth knowing of a policy that lets in what it could not judge.
fn fails_open<'a>(failure: Node<'a>, policy: &str) -> Option<Finding<'a>> {
    is_ignore(failure).then(|| {
        let finding = Finding::informational(failure, "policy-fails-open");
        finding.argument("policy", policy).argument("attribute", attribute(failure))
    })
}

fn is_ignore(failure: Node<'_>) -> bool {
    Answer::of(failure, |policy: Option<&str>| policy == Some("Ignore")) == Answer::Yes
}

struct View<'a> {
    policies: &'a Policies,
    configurations: &'a Configurations,
    places: &'a Places<'a>,
    settings: &'a Settings,
    /// Whether anything of the cluster refuses anything.
    refuses: Answer,
}

impl<'a> View<'a> {
    fn new(
        policies: &'a Policies,
        namespaces: &'a Namespaces,
        configurations: &'a Configurations,
        places: &'a Places<'a>,
        settings: &'a Settings,
    ) -> View<'a> {
        let of_namespace = |document| configurations.hold(&namespaces.made_by(document), Level::Baseline).answer;
        let by_standard = namespaces.iter().map(of_namespace).fold(Answer::No, Answer::or);
        let by_policy = policies.iter().map(|policy| policies.refuses(policy).answer).fold(Answer::No, Answer::or);
        View { policies, configurations, places, settings, refuses: by_standard.or(by_policy) }
    }

    fn judge_policy(&self, policy: &'a Policy) -> Finding<'a> {
        let refuses = self.policies.refuses(policy);
        let (node, expected) = match refuses.hangs_on {
            Some(hang) => (hang.node, hang.expected),
            None => (policy.document.root(), ""),
        };
        let finding = match (self.policies.validates(policy), refuses.answer) {
            (Answer::No, _) => return Finding::not_applicable(&policy.document, "no-validation"),
            (Answer::Yes, Answer::Yes) => {
                let open = policy.failure_policy().and_then(|failure| fails_open(failure, policy.name()));
                return open.unwrap_or_else(|| Finding::pass(&policy.document, "enforcing"));
            }
            (Answer::Yes, Answer::No) => match self.refuses {
                Answer::Yes => Finding::informational(node, "refuses-nothing-beside"),
                Answer::No if expected.is_empty() => Finding::fail(node, "checks-nothing"),
                Answer::No if node.is_absent() => Finding::fail(node, "refuses-nothing-by-default"),
                Answer::No => Finding::fail(node, "refuses-nothing"),
                Answer::Maybe => Finding::undecided(node, "undecided-mode"),
            },
            _ => match node.unknown() {
                Some(unknown) => Finding::unknown(unknown),
                None => Finding::undecided(node, "undecided-mode"),
            },
        };
        finding
            .argument("policy", policy.name())
            .argument("attribute", attribute(node))
            .argument("found", shown(node))
            .argument("expected", expected)
    }

    /// What is to say of a namespace, at its document or at the workload that stands for it.
    fn judge_namespace<'n>(&self, at: Node<'n>, namespace: &Namespace<'_>) -> Finding<'n> {
        if namespace.name.is_some_and(|name| SYSTEM.contains(&name)) {
            return Finding::not_applicable(at, "system-namespace");
        }
        let policies = || self.policies.iter().map(|policy| (policy, self.policies.validates(policy)));
        let exists = policies().map(|(_, validates)| validates).fold(Answer::No, Answer::or);
        let refused = |policy, kind| self.policies.refuses_at(policy, &Target { namespace, kind });
        let by_kind = |kind| {
            let validating = policies().filter(|(_, validates)| *validates != Answer::No);
            Reach::any(validating.map(|(policy, _)| refused(policy, kind)))
        };
        let (kind, by_policy) = self
            .places
            .kinds(namespace.name)
            .map(|kind| (kind, by_kind(kind)))
            .reduce(|first, other| if other.1.answer < first.1.answer { other } else { first })
            .unwrap_or((Kind::POD, Reach::NO));
        let reach = by_policy.or(self.configurations.hold(namespace, Level::Baseline));
        let finding = match reach.answer {
            Answer::Yes => Finding::pass(at, "covered"),
            _ if exists != Answer::Yes && !self.settings.complete => Finding::undecided(at, "no-policy-in-set"),
            Answer::Maybe if namespace.name.is_none() => Finding::undecided(at, "no-namespace"),
            Answer::Maybe => {
                let code = |hang: &Hang<'_>| if hang.missing.is_some() { "depends-on-missing" } else { "depends-on" };
                let hanging = reach.hangs_on.and_then(|hang| named(Finding::undecided(at, code(&hang)), &hang));
                hanging.unwrap_or_else(|| Finding::undecided(at, "undecided"))
            }
            Answer::No if exists == Answer::No => Finding::fail(at, "no-policy"),
            Answer::No => {
                let refusing =
                    self.policies.iter().filter(|policy| self.policies.refuses(policy).answer == Answer::Yes);
                let mut left_out = refusing.filter_map(|policy| refused(policy, kind).hangs_on);
                let left_out = left_out.find_map(|hang| named(Finding::fail(at, "left-out"), &hang));
                left_out.unwrap_or_else(|| Finding::fail(at, "none-refuses")).argument("workload", kind.name)
            }
        };
        finding.argument("namespace", namespace.name.unwrap_or_default())
    }
}

/// Names the attribute that a finding about a namespace hangs on; `None` where it is of nothing that has a
/// name.
fn named<'a>(finding: Finding<'a>, hang: &Hang<'_>) -> Option<Finding<'a>> {
    let finding = finding.argument("attribute", hang.attribute()).argument("object", hang.owner()?);
    Some(finding.argument("missing", hang.missing.unwrap_or_default()))
}

/// What stands at an attribute, in words: a word, a list of words, or actions and where they are taken.
fn shown(node: Node<'_>) -> String {
    let word = |node: Node<'_>| match (node.str(), node.bool()) {
        (Field::Known(word), _) => word.to_owned(),
        (_, Field::Known(flag)) => flag.to_string(),
        _ => {
            let points = node.get("enforcementPoints").list();
            let points: Vec<_> = points.known().filter_map(|point| Node::get(point, "name").str().known()).collect();
            format!("{} for {}", node.get("action").str().known().unwrap_or("…"), points.join(", "))
        }
    };
    let words: Vec<_> = node.list().known().map(word).collect();
    if node.list().rest().is_some() { word(node) } else { words.join(", ") }
}
