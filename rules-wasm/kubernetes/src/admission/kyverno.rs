//! Kyverno's `ClusterPolicy` and `Policy`.
//!
//! <https://kyverno.io/docs/policy-types/cluster-policy/overview/>

use verdikt_sdk::{List, Node};

use crate::admission::Target;
use crate::admission::conditions::hold_at_creation;
use crate::admission::exceptions::Exceptions;
use crate::admission::reach::Reach;
use crate::admission::resources::{has_members, has_one, kyverno_kinds_have, unless_some};
use crate::answer::Answer;
use crate::namespace::Namespace;
use crate::pod_security::Level;
use crate::workloads::Kind;

/// A policy, and what exempts from it.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) spec: Node<'a>,
    pub(crate) exceptions: Exceptions<'a>,
}

/// What a rule may do to refuse what violates it, beside `podSecurity`.
///
/// `Validation` in <https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/common_types.go>
const CHECKS: [&str; 7] = ["pattern", "anyPattern", "deny", "foreach", "cel", "manifests", "assert"];

impl<'a> Rules<'a> {
    fn list(self) -> List<'a, Node<'a>> {
        self.spec.get("rules").list()
    }

    /// Whether it has a rule that validates. One without rules may get some.
    pub(super) fn validate(self) -> Answer {
        self.are_missing().or(Answer::any(self.list(), is_validating))
    }

    fn are_missing(self) -> Answer {
        Answer::has_any(self.list()).not()
    }

    /// Whether one of its rules is.
    fn any(self, test: impl Fn(Node<'a>) -> Reach<'a>) -> Reach<'a> {
        let list = self.list();
        let rest = if list.rest().is_some() { Reach::by(list.node(), Answer::Maybe) } else { Reach::NO };
        Reach::any(list.known().map(test).chain([rest]))
    }

    /// Whether it refuses what violates it, at least in some namespaces.
    pub(super) fn refuse(self) -> Reach<'a> {
        let overridden = |overrides: Node<'a>| {
            Reach::by(overrides, Answer::any(overrides.list(), |one| is_enforce(one.get("action"))))
        };
        let action = self.spec.get("validationFailureAction");
        let whole = Reach::unless(action, is_enforce(action), ENFORCE)
            .or(overridden(self.spec.get("validationFailureActionOverrides")));
        let by_rule = self.any(|rule| {
            let overrides = rule.path(&["validate", "failureActionOverrides"]);
            refuses_something(rule).and(own_actions(rule, whole).or(overridden(overrides)))
        });
        let without_rules = Reach::by(self.spec.get("rules"), self.are_missing()).and(whole);
        at_admission(self.spec).and(by_rule.or(without_rules))
    }

    /// Whether it refuses workloads that violate it.
    pub(super) fn refuse_at(self, target: &Target<'a>) -> Reach<'a> {
        let by_rule = self.any(|rule| refuses_something(rule).and(self.rule_refuses(rule, target)));
        let without_rules = Reach::by(self.spec.get("rules"), self.are_missing());
        let without_rules = without_rules.and(policy_action(self.spec, target.namespace));
        self.apply().and(by_rule.or(without_rules))
    }

    /// Whether a rule enforces a Pod Security Standard of at least this level there, without exceptions for
    /// single controls.
    pub(super) fn enforce_standard(self, target: &Target<'a>, level: Level) -> Reach<'a> {
        let by_rule = self.any(|rule| {
            let standard = rule.path(&["validate", "podSecurity"]);
            let (stated, excluded) = (standard.get("level"), standard.get("exclude"));
            let reaches = Answer::of(stated, |stated: Option<&str>| {
                stated.and_then(Level::parse).is_some_and(|stated| stated >= level)
            });
            Reach::by(stated, reaches)
                .and(Reach::by(excluded, Answer::has_any(excluded.list()).not()))
                .and(self.rule_refuses(rule, target))
        });
        self.apply().and(by_rule)
    }

    fn rule_refuses(self, rule: Node<'a>, target: &Target<'a>) -> Reach<'a> {
        rule_action(self.spec, rule, target.namespace).and(self.rule_covers(rule, target))
    }

    /// Whether a rule judges workloads of a kind in a namespace, all of them.
    pub(crate) fn rule_covers(self, rule: Node<'a>, target: &Target<'a>) -> Reach<'a> {
        let (matches, excludes) = (Filters { node: rule.get("match") }, Filters { node: rule.get("exclude") });
        let conditions = [
            (rule.get("preconditions"), hold_at_creation(rule.get("preconditions"))),
            (rule.get("celPreconditions"), unless_some(Answer::has_any(rule.get("celPreconditions").list()))),
        ];
        let covers = Reach::any(target.kind.chain().map(|kind| {
            let left_in = excludes.cover(target.namespace, kind).not();
            Reach::by(matches.node, matches.cover(target.namespace, kind))
                .and(Reach::by(excludes.node, left_in))
                .and(self.exceptions.leave_in(rule, target.namespace, kind))
        }));
        conditions.into_iter().fold(covers, |covers, (node, answer)| covers.and(Reach::by(node, answer)))
    }

    /// Whether it is asked about everything that is created.
    pub(crate) fn apply(self) -> Reach<'a> {
        let conditions = self.spec.path(&["webhookConfiguration", "matchConditions"]);
        at_admission(self.spec).and(Reach::by(conditions, unless_some(Answer::has_any(conditions.list()))))
    }
}

const ENFORCE: &str = "Enforce";

fn is_validating(rule: Node<'_>) -> Answer {
    Answer::is_stated(rule.get("validate")).or(Answer::is_stated(rule.get("verifyImages")))
}

/// Whether there is something that a rule could refuse. The standard `privileged` allows everything.
fn refuses_something(rule: Node<'_>) -> Reach<'_> {
    let validate = rule.get("validate");
    let standard = validate.get("podSecurity");
    let level = standard.get("level");
    let allows_all = Answer::of(level, |level: Option<&str>| level == Some(Level::Privileged.as_str()));
    let by_standard = Reach::by(validate, Answer::is_stated(standard));
    let stated = CHECKS.iter().map(|check| Answer::is_stated(validate.get(check)));
    let checks = stated.fold(Answer::is_stated(rule.get("verifyImages")), Answer::or);
    by_standard.and(Reach::unless(level, allows_all.not(), "baseline")).or(Reach::by(validate, checks))
}

/// A policy can be for scans in the background only.
fn at_admission(spec: Node<'_>) -> Reach<'_> {
    let admission = spec.get("admission");
    Reach::unless(admission, Answer::of(admission, |stated: Option<bool>| stated != Some(false)), "true")
}

/// Without a mode Kyverno audits. The lower case is of old.
///
/// <https://github.com/kyverno/kyverno/blob/v1.15.0/api/kyverno/v1/spec_types.go>
pub(crate) fn is_enforce(action: Node<'_>) -> Answer {
    Answer::of(action, |action: Option<&str>| matches!(action, Some("Enforce" | "enforce")))
}

/// Which mode a rule has in a namespace: that of its first override that matches, then its own, then the
/// same of the policy.
///
/// `ResolveValidationFailureAction` in
/// <https://github.com/kyverno/kyverno/blob/main/pkg/engine/api/engineresponse.go>
fn rule_action<'a>(spec: Node<'a>, rule: Node<'a>, namespace: &Namespace<'a>) -> Reach<'a> {
    let overrides = rule.path(&["validate", "failureActionOverrides"]);
    overridden(overrides, namespace, own_actions(rule, policy_action(spec, namespace)))
}

/// The mode of a rule that states one, else another. Each entry of `verifyImages` has its own.
fn own_actions<'a>(rule: Node<'a>, other: Reach<'a>) -> Reach<'a> {
    let of_images =
        rule.get("verifyImages").list().known().map(|entry| own_action(Node::get(entry, "failureAction"), other));
    let by_images = of_images.reduce(Reach::or).unwrap_or(other);
    own_action(rule.path(&["validate", "failureAction"]), by_images)
}

/// The mode that is stated, else another.
pub(crate) fn own_action<'a>(own: Node<'a>, other: Reach<'a>) -> Reach<'a> {
    match Answer::is_stated(own) {
        Answer::No => other,
        stated => Reach::unless(own, stated.choose(is_enforce(own), other.answer), ENFORCE),
    }
}

/// The mode of the policy in a namespace.
pub(crate) fn policy_action<'a>(spec: Node<'a>, namespace: &Namespace<'a>) -> Reach<'a> {
    let own = spec.get("validationFailureAction");
    overridden(spec.get("validationFailureActionOverrides"), namespace, Reach::unless(own, is_enforce(own), ENFORCE))
}

fn overridden<'a>(overrides: Node<'a>, namespace: &Namespace<'a>, base: Reach<'a>) -> Reach<'a> {
    let list = overrides.list();
    let base = if list.rest().is_some() { Reach::by(overrides, Answer::Maybe) } else { base };
    let all: Vec<_> = list.known().collect();
    all.into_iter().rev().fold(base, |behind, one: Node<'a>| {
        let (namespaces, action) = (one.get("namespaces"), one.get("action"));
        let named = Answer::is_stated(namespaces).choose(namespace.is_among(namespaces.list()), Answer::Yes);
        match named.and(namespace.is_selected(one.get("namespaceSelector"))) {
            Answer::No => behind,
            Answer::Yes => Reach::unless(action, is_enforce(action), ENFORCE),
            Answer::Maybe => Reach::by(one, is_enforce(action).either(behind.answer)),
        }
    })
}

/// `match` or `exclude` of a rule: filters of which any or all have to fit.
///
/// <https://kyverno.io/docs/policy-types/cluster-policy/match-exclude/>
#[derive(Clone, Copy)]
pub(super) struct Filters<'a> {
    pub(super) node: Node<'a>,
}

impl<'a> Filters<'a> {
    /// Whether objects of a kind in the namespace are matched. Where a filter chooses some of them, nobody
    /// knows which these are.
    pub(super) fn cover(self, namespace: &Namespace<'a>, kind: Kind<'_>) -> Answer {
        let fits = |filter| reaches(filter, namespace, kind).and(unless_some(chooses(filter)));
        let (any, all) = (self.node.get("any"), self.node.get("all"));
        let by_all = Answer::has_any(all.list()).choose(Answer::all(all.list(), fits), fits(self.node));
        Answer::has_any(any.list()).choose(Answer::any(any.list(), fits), by_all)
    }
}

/// Conditions on who asks, and on single objects.
const USERS: &[&str] = &["subjects", "roles", "clusterRoles"];
const OBJECTS: &[&str] = &["name", "names", "selector", "annotations"];

fn chooses(filter: Node<'_>) -> Answer {
    has_members(filter, USERS).or(has_members(filter.get("resources"), OBJECTS))
}

/// Whether a filter is about the creation of objects of a kind in a namespace, or of some of them. An empty
/// filter matches nothing.
///
/// `matchesResourceDescriptionMatchHelper` and `…ExcludeHelper` in
/// <https://github.com/kyverno/kyverno/blob/v1.15.0/pkg/engine/utils/match.go>
fn reaches<'a>(filter: Node<'a>, namespace: &Namespace<'a>, kind: Kind<'_>) -> Answer {
    let resources = filter.get("resources");
    let (namespaces, operations) = (resources.get("namespaces"), resources.get("operations"));
    Answer::has_content(resources)
        .or(has_members(filter, USERS))
        .and(kyverno_kinds_have(resources.get("kinds").list(), kind))
        .and(Answer::has_any(namespaces.list()).choose(namespace.is_among(namespaces.list()), Answer::Yes))
        .and(namespace.is_selected(resources.get("namespaceSelector")))
        .and(Answer::has_any(operations.list()).choose(has_one(operations, &["CREATE"]), Answer::Yes))
}
