//! Policies of admission, whichever engine they are for: whether they refuse what violates them, and in
//! which namespaces.

mod cel;
mod conditions;
mod exceptions;
mod gatekeeper;
pub(crate) mod kyverno;
mod reach;
mod resources;

pub(crate) use cel::{kyverno_covers, kyverno_denies};
pub(crate) use exceptions::Exceptions;
pub(crate) use gatekeeper::{constraint_covers, constraint_denies};
pub(crate) use reach::{Hang, Reach, attribute};

use verdikt_sdk::{Document, Envelope, Node, Set};

use crate::admission::gatekeeper::Gatekeeper;
use crate::admission::kyverno::Rules;
use crate::answer::Answer;
use crate::namespace::Namespace;
use crate::pod_security::Level;
use crate::workloads::Kind;

/// Workloads of one kind in a namespace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) namespace: &'a Namespace<'a>,
    pub(crate) kind: Kind<'a>,
}

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

/// What a document is to admission.
#[derive(Clone, Copy)]
enum Role {
    Policy(Engine),
    /// What bindings bind.
    Bound,
    Exception,
    Template,
    Configuration,
}

impl Role {
    fn of(kind: &str, group: &str) -> Option<Role> {
        Some(match (kind, group) {
            ("ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io") => Role::Policy(Engine::Binding),
            ("ValidatingAdmissionPolicy", "admissionregistration.k8s.io") => Role::Bound,
            ("ClusterPolicy" | "Policy", "kyverno.io") => Role::Policy(Engine::Kyverno),
            (kind, "policies.kyverno.io") if kind.ends_with("ValidatingPolicy") => Role::Policy(Engine::KyvernoCel),
            ("PolicyException", "kyverno.io" | "policies.kyverno.io") => Role::Exception,
            (_, "constraints.gatekeeper.sh") => Role::Policy(Engine::Gatekeeper),
            ("ConstraintTemplate", "templates.gatekeeper.sh") => Role::Template,
            ("Config", "config.gatekeeper.sh") => Role::Configuration,
            _ => return None,
        })
    }
}

/// Reads a document when its kind and API group are wanted. The address names the group of kinds that are
/// not Kubernetes' own; of an object that Terraform makes, only the body does.
pub(crate) fn read_if<T>(
    set: &Set<'_>,
    envelope: &Envelope,
    wanted: impl Fn(&str, &str) -> Option<T>,
) -> Option<(T, Document)> {
    if envelope.platform != "kubernetes" {
        return None;
    }
    if let Some(stated) = envelope.address.rsplit('/').nth(1) {
        let (kind, group) = stated.split_once('.').unwrap_or((stated, own_group(stated)));
        let role = wanted(kind, group)?;
        return Some((role, set.read(envelope).ok()?));
    }
    let document = set.read(envelope).ok()?;
    let version = document.root().get("apiVersion").str().known().unwrap_or_default();
    let role = wanted(&envelope.kind, version.split_once('/').map_or("", |(group, _)| group))?;
    Some((role, document))
}

/// The group of the kinds that rules about admission ask for, of those that addresses give none.
fn own_group(kind: &str) -> &'static str {
    let of_registration = kind.starts_with("ValidatingAdmissionPolicy") || kind.ends_with("WebhookConfiguration");
    if of_registration { "admissionregistration.k8s.io" } else { "" }
}

/// The policies of a set, of whichever engine, and what they depend on.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    policies: Vec<Policy>,
    bound: Vec<Document>,
    exceptions: Vec<Document>,
    gatekeeper: Gatekeeper,
    /// Whether the set has all that the cluster has.
    complete: bool,
}

impl Policies {
    /// Those among the documents of a set.
    pub(crate) fn read<'e>(set: &Set<'_>, envelopes: impl Iterator<Item = &'e Envelope>, complete: bool) -> Policies {
        let mut found = Policies { complete, ..Policies::default() };
        for (role, document) in envelopes.filter_map(|envelope| read_if(set, envelope, Role::of)) {
            match role {
                Role::Policy(engine) => found.policies.push(Policy { document, engine }),
                Role::Bound => found.bound.push(document),
                Role::Exception => found.exceptions.push(document),
                Role::Template => found.gatekeeper.templates.push(document),
                Role::Configuration => found.gatekeeper.configurations.push(document),
            }
        }
        found
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter()
    }

    /// The policies of Kubernetes itself, which bindings put into force.
    pub(crate) fn bound(&self) -> &[Document] {
        &self.bound
    }

    /// What exempts from a policy.
    pub(crate) fn exceptions_of<'a>(&'a self, policy: &'a Document) -> Exceptions<'a> {
        Exceptions { all: &self.exceptions, policy }
    }

    /// Whether a namespace is asked about, and by a constraint whose template suits it.
    pub(crate) fn constraint_applies<'a>(
        &'a self,
        constraint: &'a Document,
        namespace: &Namespace<'a>,
        suits: impl Fn(&Document) -> Answer,
    ) -> Reach<'a> {
        let root = constraint.root();
        let template = match self.gatekeeper.templates_of(&constraint.envelope().kind).map(suits).reduce(Answer::either)
        {
            Some(answer) => Reach::by(root.get("kind"), answer),
            None => Reach::missing(root.get("kind"), self.else_exists().and(Answer::Maybe)),
        };
        self.gatekeeper.asks(namespace).and(template)
    }

    /// Whether there may be something that the set does not have.
    fn else_exists(&self) -> Answer {
        Answer::when(!self.complete)
    }

    fn rules<'a>(&'a self, policy: &'a Policy) -> Rules<'a> {
        Rules { spec: policy.spec(), exceptions: self.exceptions_of(&policy.document) }
    }

    /// Whether a policy judges what is created, rather than change it or make something else.
    pub(crate) fn validates(&self, policy: &Policy) -> Answer {
        match policy.engine {
            Engine::Kyverno => self.rules(policy).validate(),
            Engine::KyvernoCel | Engine::Gatekeeper | Engine::Binding => Answer::Yes,
        }
    }

    /// Whether a policy refuses what violates it, at least in some namespaces.
    pub(crate) fn refuses<'a>(&'a self, policy: &'a Policy) -> Reach<'a> {
        let spec = policy.spec();
        let reach = match policy.engine {
            Engine::Kyverno => self.rules(policy).refuse(),
            Engine::KyvernoCel => kyverno_denies(spec),
            Engine::Binding => cel::binding_denies(spec),
            Engine::Gatekeeper => constraint_denies(spec),
        };
        reach.of(&policy.document)
    }

    /// Whether a policy refuses workloads that violate it.
    pub(crate) fn refuses_at<'a>(&'a self, policy: &'a Policy, target: &Target<'a>) -> Reach<'a> {
        let spec = policy.spec();
        let reach = match policy.engine {
            Engine::Kyverno => is_of(&policy.document, target.namespace).and(self.rules(policy).refuse_at(target)),
            Engine::KyvernoCel => is_of(&policy.document, target.namespace)
                .and(kyverno_denies(spec))
                .and(kyverno_covers(spec, target, self.exceptions_of(&policy.document))),
            Engine::Binding => cel::binding_refuses(spec, &self.bound, target, self.else_exists()),
            Engine::Gatekeeper => constraint_denies(spec)
                .and(constraint_covers(spec.get("match"), target))
                .and(self.constraint_applies(&policy.document, target.namespace, |_| Answer::Yes)),
        };
        reach.of(&policy.document)
    }

    /// Whether a policy enforces a Pod Security Standard in a namespace, at least the one of this level.
    /// Only Kyverno has a rule that is one as a whole; of other rules nobody can tell what they add up to.
    pub(crate) fn enforces_standard<'a>(
        &'a self,
        policy: &'a Policy,
        namespace: &'a Namespace<'a>,
        level: Level,
    ) -> Reach<'a> {
        let pods = Target { namespace, kind: Kind::POD };
        let reach = match policy.engine {
            Engine::Kyverno => {
                is_of(&policy.document, namespace).and(self.rules(policy).enforce_standard(&pods, level))
            }
            Engine::KyvernoCel | Engine::Gatekeeper | Engine::Binding => Reach::NO,
        };
        reach.of(&policy.document)
    }
}

impl Policy {
    fn spec(&self) -> Node<'_> {
        self.document.root().get("spec")
    }

    pub(crate) fn name(&self) -> &str {
        &self.document.envelope().name
    }

    /// Where it says what happens to what its engine could not judge.
    pub(crate) fn failure_policy(&self) -> Option<Node<'_>> {
        let spec = self.spec();
        match self.engine {
            Engine::Kyverno => {
                let own = spec.path(&["webhookConfiguration", "failurePolicy"]);
                // What the first replaces.
                Some(if own.is_absent() { spec.get("failurePolicy") } else { own })
            }
            Engine::KyvernoCel => Some(spec.get("failurePolicy")),
            Engine::Gatekeeper | Engine::Binding => None,
        }
    }
}

/// Whether a policy reaches a namespace at all: one that is in a namespace itself is about that only.
pub(crate) fn is_of<'a>(policy: &'a Document, namespace: &Namespace<'_>) -> Reach<'a> {
    let envelope = policy.envelope();
    let is_namespaced = envelope.kind == "Policy" || envelope.kind.starts_with("Namespaced");
    let answer = match (is_namespaced, &envelope.namespace, namespace.name) {
        (false, ..) => Answer::Yes,
        (true, Some(own), Some(name)) => Answer::when(own == name),
        (true, ..) => Answer::Maybe,
    };
    Reach::by(policy.root().path(&["metadata", "namespace"]), answer)
}
