//! Policies in CEL: those of Kubernetes itself, and those of Kyverno.

use verdikt_sdk::{Document, Node};

use crate::admission::Target;
use crate::admission::exceptions::Exceptions;
use crate::admission::reach::Reach;
use crate::admission::resources::{has_one, resources_cover, unless_some};
use crate::answer::Answer;

/// Whether a policy of `policies.kyverno.io` refuses what violates it. Without actions it denies.
///
/// `ValidationActions`, `AdmissionEnabled` and `EvaluationMode` in
/// <https://github.com/kyverno/kyverno/blob/main/api/policies.kyverno.io/v1/validating_policy.go>
pub(crate) fn kyverno_denies(spec: Node<'_>) -> Reach<'_> {
    let actions = spec.get("validationActions");
    let denies = Answer::has_any(actions.list()).choose(has_one(actions, &["Deny"]), Answer::Yes);
    let (enabled, mode) = (spec.path(&["evaluation", "admission", "enabled"]), spec.path(&["evaluation", "mode"]));
    let is_enabled = Answer::of(enabled, |enabled: Option<bool>| enabled != Some(false));
    let of_kubernetes = Answer::of(mode, |mode: Option<&str>| mode != Some("JSON"));
    Reach::unless(enabled, is_enabled, "true")
        .and(Reach::unless(mode, of_kubernetes, "Kubernetes"))
        .and(Reach::unless(actions, denies, "Deny"))
        .and(validates(spec))
}

/// Whether a policy of `policies.kyverno.io` judges what is created with a workload.
pub(crate) fn kyverno_covers<'a>(spec: Node<'a>, target: &Target<'a>, exceptions: Exceptions<'a>) -> Reach<'a> {
    resources_cover(spec.get("matchConstraints"), target, Answer::Maybe)
        .and(unconditional(spec))
        .and(exceptions.leave_in_by_reference())
}

/// Whether a binding puts a policy of Kubernetes into force at a workload. `policies` are all of the set;
/// one that it does not have may be about anything, unless nothing `else_exists`.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>
pub(super) fn binding_refuses<'a>(
    spec: Node<'a>,
    policies: &'a [Document],
    target: &Target<'a>,
    else_exists: Answer,
) -> Reach<'a> {
    let name = spec.get("policyName");
    let bound = policies
        .iter()
        .filter(|policy| Answer::of(name, |name: Option<&str>| name == Some(&policy.envelope().name)) == Answer::Yes);
    let by_policy = bound.map(|policy| {
        let own = policy.root().get("spec");
        let covers = resources_cover(own.get("matchConstraints"), target, Answer::Maybe);
        covers.and(unconditional(own)).and(validates(own)).of(policy).and(parameters(own, spec))
    });
    // Which of several of one name the cluster has is not known.
    let by_policy = by_policy.reduce(|one, other| match one.answer.either(other.answer) {
        Answer::Maybe if one.answer != Answer::Maybe => Reach::by(name, Answer::Maybe),
        _ => one,
    });
    binding_denies(spec)
        .and(resources_cover(spec.get("matchResources"), target, Answer::Yes))
        .and(by_policy.unwrap_or(Reach::missing(name, else_exists.and(Answer::Maybe))))
}

pub(super) fn binding_denies(spec: Node<'_>) -> Reach<'_> {
    let actions = spec.get("validationActions");
    Reach::unless(actions, has_one(actions, &["Deny"]), "Deny")
}

/// What conditions let through is not looked at.
fn unconditional(spec: Node<'_>) -> Reach<'_> {
    let conditions = spec.get("matchConditions");
    Reach::by(conditions, unless_some(Answer::has_any(conditions.list())))
}

/// A policy without validations only annotates.
fn validates(spec: Node<'_>) -> Reach<'_> {
    let validations = spec.get("validations");
    Reach::by(validations, Answer::has_any(validations.list()))
}

/// Whether a policy judges although its parameters may not be there: without one a binding may allow
/// everything, and a policy may ignore the error.
fn parameters<'a>(policy: Node<'a>, binding: Node<'a>) -> Reach<'a> {
    let (kind, reference) = (policy.get("paramKind"), binding.get("paramRef"));
    let not_found = reference.get("parameterNotFoundAction");
    let failure = policy.get("failurePolicy");
    let denies = Answer::of(not_found, |action: Option<&str>| action != Some("Allow"));
    let fails = Answer::of(failure, |policy: Option<&str>| policy != Some("Ignore"));
    let judges = Reach::by(reference, denies.choose(Answer::Yes, Answer::Maybe))
        .and(Reach::by(reference, fails.choose(Answer::Yes, Answer::Maybe)));
    match Answer::is_stated(kind) {
        Answer::No => Reach::YES,
        Answer::Yes => judges,
        Answer::Maybe => Reach::by(reference, judges.answer.either(Answer::Yes)),
    }
}
