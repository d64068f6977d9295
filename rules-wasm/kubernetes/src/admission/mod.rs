//! Policies of admission, whichever engine they are for: whether they refuse what violates them, and in
//! which namespaces.

pub(crate) mod kyverno;

use verdikt_sdk::{Document, Envelope, Node};

use crate::answer::Answer;
use crate::namespace::{Namespace, has_one, kinds_cover_workloads, rules_cover_workloads};
use crate::pod_security::Level;

/// A policy that a set has.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) document: Document,
    engine: Engine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// `ClusterPolicy` and `Policy` of kyverno.io.
    Kyverno,
    /// The validating kinds of policies.kyverno.io, which are written in CEL.
    KyvernoCel,
    /// A constraint of OPA Gatekeeper; its kind is the name of a template.
    Gatekeeper,
    /// A `ValidatingAdmissionPolicyBinding` of Kubernetes itself.
    Binding,
}

impl Engine {
    /// By kind and API group, which the address names for kinds that are not Kubernetes' own.
    pub(crate) fn of(envelope: &Envelope) -> Option<Engine> {
        let kind = envelope.address.rsplit('/').nth(1).unwrap_or_default();
        match kind.split_once('.') {
            _ if envelope.platform != "kubernetes" => None,
            None if kind == "ValidatingAdmissionPolicyBinding" => Some(Engine::Binding),
            Some(("ClusterPolicy" | "Policy", "kyverno.io")) => Some(Engine::Kyverno),
            Some((kind, "policies.kyverno.io")) if kind.ends_with("ValidatingPolicy") => Some(Engine::KyvernoCel),
            Some((_, "constraints.gatekeeper.sh")) => Some(Engine::Gatekeeper),
            _ => None,
        }
    }
}

impl Policy {
    pub(crate) fn new(document: Document, engine: Engine) -> Policy {
        Policy { document, engine }
    }

    fn spec(&self) -> Node<'_> {
        self.document.root().get("spec")
    }

    pub(crate) fn name(&self) -> &str {
        &self.document.envelope().name
    }

    /// Where its mode stands, or would.
    pub(crate) fn mode(&self) -> Node<'_> {
        match self.engine {
            Engine::Kyverno => kyverno::mode(self.spec()),
            Engine::KyvernoCel | Engine::Binding => self.spec().get("validationActions"),
            Engine::Gatekeeper => self.spec().get("enforcementAction"),
        }
    }

    /// The mode in which it would refuse what violates it.
    pub(crate) fn enforcing_mode(&self) -> &'static str {
        match self.engine {
            Engine::Kyverno => "Enforce",
            Engine::KyvernoCel | Engine::Binding => "Deny",
            Engine::Gatekeeper => "deny",
        }
    }

    /// Whether it judges what is created, rather than change it or make something else.
    pub(crate) fn validates(&self) -> Answer {
        match self.engine {
            Engine::Kyverno => kyverno::validates(self.spec()),
            Engine::KyvernoCel | Engine::Gatekeeper | Engine::Binding => Answer::Yes,
        }
    }

    /// Whether it refuses what violates it, at least in some namespaces.
    pub(crate) fn enforces(&self) -> Answer {
        let spec = self.spec();
        match self.engine {
            Engine::Kyverno => kyverno::enforces(spec),
            Engine::KyvernoCel => cel_policy_denies(spec),
            Engine::Binding => has_one(spec.get("validationActions"), &["Deny"]),
            Engine::Gatekeeper => constraint_denies(spec),
        }
    }

    /// Whether it refuses workloads of a namespace that violate it. `policies` are those that bindings
    /// can be of.
    pub(crate) fn enforces_in(&self, namespace: &Namespace<'_>, policies: &[Document]) -> Answer {
        let spec = self.spec();
        match self.engine {
            Engine::Kyverno => self.is_of(namespace).and(kyverno::enforces_in(spec, namespace)),
            Engine::KyvernoCel => {
                let covers = resources_cover(spec.get("matchConstraints"), namespace);
                self.is_of(namespace).and(cel_policy_denies(spec)).and(covers)
            }
            Engine::Binding => {
                let bound = policies.iter().filter(|policy| {
                    Answer::of(spec.get("policyName"), |name: Option<&str>| name == Some(&policy.envelope().name))
                        == Answer::Yes
                });
                // A binding of a policy that does not exist does nothing, and one that is not in the set may
                // be about anything.
                let policy = bound
                    .map(|policy| resources_cover(policy.root().path(&["spec", "matchConstraints"]), namespace))
                    .reduce(Answer::either);
                self.enforces()
                    .and(resources_cover(spec.get("matchResources"), namespace))
                    .and(policy.unwrap_or(Answer::Maybe))
            }
            Engine::Gatekeeper => self.enforces().and(constraint_covers(spec.get("match"), namespace)),
        }
    }

    /// Whether it enforces a Pod Security Standard in a namespace, at least the one of this level. Only
    /// Kyverno has a rule that is one as a whole; of other rules nobody can tell what they add up to.
    pub(crate) fn enforces_standard_in(&self, namespace: &Namespace<'_>, level: Level) -> Answer {
        match self.engine {
            Engine::Kyverno => self.is_of(namespace).and(kyverno::enforces_standard_in(self.spec(), namespace, level)),
            Engine::KyvernoCel | Engine::Gatekeeper | Engine::Binding => Answer::No,
        }
    }

    /// Whether it reaches a namespace at all: one that is in a namespace itself is about that only.
    fn is_of(&self, namespace: &Namespace<'_>) -> Answer {
        let envelope = self.document.envelope();
        let is_namespaced = envelope.kind == "Policy" || envelope.kind.starts_with("Namespaced");
        match (is_namespaced, &envelope.namespace, namespace.name) {
            (false, ..) => Answer::Yes,
            (true, Some(own), Some(name)) => Answer::when(own == name),
            (true, ..) => Answer::Maybe,
        }
    }
}

/// No actions are `Deny`: `ValidationActions` in
/// <https://github.com/kyverno/kyverno/blob/v1.15.0/api/policies.kyverno.io/v1alpha1/validating_policy.go>
pub(crate) fn cel_policy_denies(spec: Node<'_>) -> Answer {
    let actions = spec.get("validationActions");
    let any = Answer::has_any(actions.list());
    let at_admission = spec.path(&["evaluation", "admission", "enabled"]);
    any.choose(has_one(actions, &["Deny"]), Answer::Yes)
        .and(Answer::of(at_admission, |enabled: Option<bool>| enabled != Some(false)))
}

/// <https://open-policy-agent.github.io/gatekeeper/website/docs/enforcement-points>
pub(crate) fn constraint_denies(spec: Node<'_>) -> Answer {
    let action = spec.get("enforcementAction");
    let is_scoped = Answer::of(action, |action: Option<&str>| action == Some("scoped"));
    let by_scope = Answer::any(spec.get("scopedEnforcementActions").list(), |scoped| {
        let points = Answer::any(scoped.get("enforcementPoints").list(), |point| {
            Answer::of(point.get("name"), |name: Option<&str>| {
                matches!(name, Some("*" | "validation.gatekeeper.sh" | "vap.k8s.io"))
            })
        });
        Answer::of(scoped.get("action"), |action: Option<&str>| action == Some("deny")).and(points)
    });
    let by_action = Answer::of(action, |action: Option<&str>| action.is_none_or(|action| action == "deny"));
    is_scoped.choose(by_scope, by_action)
}

/// <https://open-policy-agent.github.io/gatekeeper/website/docs/howto/#the-match-field>
pub(crate) fn constraint_covers(matches: Node<'_>, namespace: &Namespace<'_>) -> Answer {
    let namespaces = matches.get("namespaces");
    let included = Answer::is_stated(namespaces).choose(namespace.is_among(namespaces.list()), Answer::Yes);
    let excluded = namespace.is_among(matches.get("excludedNamespaces").list());
    let kinds = matches.get("kinds").list();
    let covers_kinds = Answer::any(kinds, |entry| kinds_cover_workloads(entry.get("kinds").list()));
    included
        .and(excluded.not())
        .and(namespace.is_selected(matches.get("namespaceSelector")))
        .and(if kinds.is_absent() { Answer::Yes } else { covers_kinds })
        .and(Answer::of(matches.get("scope"), |scope: Option<&str>| scope != Some("Cluster")))
        .and(in_whole(chooses(matches, &["labelSelector", "name"])))
}

/// `MatchResources` of Kubernetes, as bindings, their policies and Kyverno's CEL policies have it. What
/// conditions in CEL let through is not looked at.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-binding-v1/>
pub(crate) fn resources_cover(resources: Node<'_>, namespace: &Namespace<'_>) -> Answer {
    namespace
        .is_selected(resources.get("namespaceSelector"))
        .and(rules_cover_workloads(resources.get("resourceRules").list()))
        .and(in_whole(chooses(resources, &["objectSelector"])))
}

/// Whether conditions choose among the objects of a namespace: one of these members is stated and not
/// empty.
fn chooses(matches: Node<'_>, members: &[&str]) -> Answer {
    members.iter().map(|member| Answer::has_content(matches.get(member))).fold(Answer::No, Answer::or)
}

/// What a condition that chooses among the objects of a namespace leaves of it: it may be that nothing
/// else is in there, but nobody knows.
fn in_whole(chooses: Answer) -> Answer {
    chooses.choose(Answer::Maybe, Answer::Yes)
}
