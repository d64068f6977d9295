//! Kyverno's `PolicyException`, of both of its APIs: what exempts from policies.
//!
//! Kyverno looks at exceptions only where it is told to (`--enablePolicyException`), and only at those of
//! one namespace (`--exceptionNamespace`). No object says either, so with an exception nobody knows whether
//! its policy refuses what it exempts:
//! <https://kyverno.io/docs/guides/exceptions/>

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{Document, Node};

use crate::admission::kyverno::Filters;
use crate::admission::reach::Reach;
use crate::answer::Answer;
use crate::namespace::Namespace;
use crate::workloads::Kind;

/// The exceptions of a set, as one policy sees them.
#[derive(Clone, Copy)]
pub(crate) struct Exceptions<'a> {
    pub(super) all: &'a [Document],
    pub(super) policy: &'a Document,
}

impl<'a> Exceptions<'a> {
    /// Whether objects of a kind in a namespace are left to a rule of the policy, by exceptions of
    /// `kyverno.io`.
    ///
    /// <https://github.com/kyverno/kyverno/blob/main/api/kyverno/v2/policy_exception_types.go>
    pub(super) fn leave_in(self, rule: Node<'a>, namespace: &Namespace<'a>, kind: Kind<'_>) -> Reach<'a> {
        self.all.iter().fold(Reach::YES, |others, exception| {
            let (spec, envelope) = (exception.root().get("spec"), self.policy.envelope());
            let named = Answer::any(spec.get("exceptions").list(), |one| {
                let policy = match &envelope.namespace {
                    Some(namespace) if envelope.kind == "Policy" => format!("{namespace}/{}", envelope.name),
                    _ => envelope.name.clone(),
                };
                let rules = Answer::any(one.get("ruleNames").list(), |pattern| matches_node(pattern, rule.get("name")));
                Answer::of(one.get("policyName"), |pattern: Option<&str>| {
                    pattern.is_some_and(|pattern| wildcard::matches(pattern, &policy))
                })
                .and(rules)
            });
            let exempts = named.and(Filters { node: spec.get("match") }.cover(namespace, kind));
            others.and(exempts_perhaps(exception, spec.get("match"), exempts))
        })
    }

    /// Whether objects are left to the policy, by exceptions of `policies.kyverno.io`. They choose by
    /// conditions in CEL only.
    ///
    /// <https://github.com/kyverno/kyverno/blob/main/api/policies.kyverno.io/v1/policy_exception.go>
    pub(super) fn leave_in_by_reference(self) -> Reach<'a> {
        let envelope = self.policy.envelope();
        self.all.iter().fold(Reach::YES, |others, exception| {
            let references = exception.root().path(&["spec", "policyRefs"]);
            let named = Answer::any(references.list(), |reference| {
                let is = |member: &str, own: &str| {
                    Answer::of(reference.get(member), |stated: Option<&str>| stated == Some(own))
                };
                is("name", &envelope.name).and(is("kind", &envelope.kind))
            });
            others.and(exempts_perhaps(exception, references, named))
        })
    }
}

fn exempts_perhaps<'a>(exception: &'a Document, at: Node<'a>, exempts: Answer) -> Reach<'a> {
    match exempts {
        Answer::No => Reach::YES,
        Answer::Maybe | Answer::Yes => Reach::by(at, Answer::Maybe).of(exception),
    }
}

/// Whether a text matches a pattern, of which neither need be known.
fn matches_node(pattern: Node<'_>, text: Node<'_>) -> Answer {
    Answer::of(pattern, |pattern: Option<&str>| pattern == Some("*")).or(match text.str().known() {
        Some(text) => {
            Answer::of(pattern, |pattern: Option<&str>| pattern.is_some_and(|pattern| wildcard::matches(pattern, text)))
        }
        None => Answer::Maybe,
    })
}
