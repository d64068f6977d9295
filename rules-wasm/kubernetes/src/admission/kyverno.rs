//! Kyverno's `ClusterPolicy` and `Policy`.
//!
//! <https://kyverno.io/docs/policy-types/cluster-policy/overview/>

use verdikt_sdk::{List, Node};

use crate::admission::{chooses, in_whole};
use crate::answer::Answer;
use crate::namespace::{Namespace, has_one, kinds_cover_workloads};
use crate::pod_security::Level;

/// Where the mode stands, or would: with the policy, else with the first rule that has one.
pub(super) fn mode(spec: Node<'_>) -> Node<'_> {
    let whole = spec.get("validationFailureAction");
    let own = rules(spec).known().map(|rule| rule.path(&["validate", "failureAction"]));
    let own = own.into_iter().find(|action| whole.is_absent() && !action.is_absent());
    own.unwrap_or(whole)
}

fn rules(spec: Node<'_>) -> List<'_, Node<'_>> {
    spec.get("rules").list()
}

/// Whether it has a rule that validates. One without rules may get some.
pub(super) fn validates(spec: Node<'_>) -> Answer {
    has_no_rules(spec).or(Answer::any(rules(spec), is_validating))
}

fn has_no_rules(spec: Node<'_>) -> Answer {
    Answer::has_any(rules(spec)).not()
}

fn is_validating(rule: Node<'_>) -> Answer {
    Answer::is_stated(rule.get("validate")).or(Answer::is_stated(rule.get("verifyImages")))
}

/// Whether it refuses what violates it, at least in some namespaces.
pub(super) fn enforces(spec: Node<'_>) -> Answer {
    let overrides = |of: Node<'_>, name: &str| Answer::any(of.get(name).list(), |one| is_enforce(one.get("action")));
    let by_policy =
        is_enforce(spec.get("validationFailureAction")).or(overrides(spec, "validationFailureActionOverrides"));
    let by_rule = Answer::any(rules(spec), |rule| {
        let validate = rule.get("validate");
        let own = validate.get("failureAction");
        let action = Answer::is_stated(own).choose(is_enforce(own), by_policy);
        is_validating(rule).and(action.or(overrides(validate, "failureActionOverrides")))
    });
    at_admission(spec).and(by_rule.or(has_no_rules(spec).and(by_policy)))
}

/// Whether it refuses workloads of a namespace that violate it.
pub(super) fn enforces_in(spec: Node<'_>, namespace: &Namespace<'_>) -> Answer {
    let by_rule = Answer::any(rules(spec), |rule| is_validating(rule).and(rule_enforces_in(spec, rule, namespace)));
    at_admission(spec).and(by_rule.or(has_no_rules(spec).and(policy_action(spec, namespace))))
}

/// Whether a rule enforces a Pod Security Standard of at least this level there, without exceptions for
/// single controls.
pub(super) fn enforces_standard_in(spec: Node<'_>, namespace: &Namespace<'_>, level: Level) -> Answer {
    let by_rule = Answer::any(rules(spec), |rule| {
        let standard = rule.path(&["validate", "podSecurity"]);
        let reaches = Answer::of(standard.get("level"), |stated: Option<&str>| {
            stated.and_then(Level::parse).is_some_and(|stated| stated >= level)
        });
        let excepts = Answer::has_any(standard.get("exclude").list());
        reaches.and(excepts.not()).and(rule_enforces_in(spec, rule, namespace))
    });
    at_admission(spec).and(by_rule)
}

fn rule_enforces_in(spec: Node<'_>, rule: Node<'_>, namespace: &Namespace<'_>) -> Answer {
    rule_covers(rule, namespace).and(rule_action(spec, rule, namespace))
}

/// Whether a rule is about the workloads of a namespace, all of them.
pub(crate) fn rule_covers<'a>(rule: Node<'a>, namespace: &Namespace<'a>) -> Answer {
    let excluded = Filters::of(rule.get("exclude")).exclude(namespace);
    Filters::of(rule.get("match")).cover(namespace).and(excluded.not())
}

/// A policy can be for scans in the background only.
pub(crate) fn at_admission(spec: Node<'_>) -> Answer {
    Answer::of(spec.get("admission"), |admission: Option<bool>| admission != Some(false))
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
fn rule_action(spec: Node<'_>, rule: Node<'_>, namespace: &Namespace<'_>) -> Answer {
    let validate = rule.get("validate");
    let own = validate.get("failureAction");
    let base = Answer::is_stated(own).choose(is_enforce(own), policy_action(spec, namespace));
    overridden(validate.get("failureActionOverrides"), namespace, base)
}

pub(crate) fn policy_action(spec: Node<'_>, namespace: &Namespace<'_>) -> Answer {
    let base = is_enforce(spec.get("validationFailureAction"));
    overridden(spec.get("validationFailureActionOverrides"), namespace, base)
}

fn overridden(overrides: Node<'_>, namespace: &Namespace<'_>, base: Answer) -> Answer {
    let list = overrides.list();
    let base = if list.rest().is_some() { Answer::Maybe } else { base };
    let all: Vec<_> = list.known().collect();
    all.into_iter().rev().fold(base, |behind, one: Node<'_>| {
        let namespaces = one.get("namespaces");
        let named = Answer::is_stated(namespaces).choose(namespace.is_among(namespaces.list()), Answer::Yes);
        named.and(namespace.is_selected(one.get("namespaceSelector"))).choose(is_enforce(one.get("action")), behind)
    })
}

/// `match` or `exclude` of a rule: filters of which any or all have to fit.
///
/// <https://kyverno.io/docs/policy-types/cluster-policy/match-exclude/>
struct Filters<'a> {
    node: Node<'a>,
}

impl<'a> Filters<'a> {
    fn of(node: Node<'a>) -> Filters<'a> {
        Filters { node }
    }

    /// Whether workloads of the namespace are matched, none of them left out.
    fn cover(&self, namespace: &Namespace<'a>) -> Answer {
        self.join(|filter| {
            let resources = filter.get("resources");
            let chooses = chooses(filter, USERS).or(chooses(resources, OBJECTS));
            says_something(filter).and(reaches(resources, namespace)).and(in_whole(chooses))
        })
    }

    /// Whether all workloads of the namespace are excluded. Exceptions for some leave the others in.
    fn exclude(&self, namespace: &Namespace<'a>) -> Answer {
        self.join(|filter| {
            let resources = filter.get("resources");
            let chooses = chooses(filter, USERS).or(chooses(resources, OBJECTS));
            says_something(filter).and(chooses.choose(Answer::No, reaches(resources, namespace)))
        })
    }

    fn join(&self, fits: impl Fn(Node<'a>) -> Answer) -> Answer {
        let (any, all) = (self.node.get("any"), self.node.get("all"));
        let directly = fits(self.node);
        let by_all = Answer::is_stated(all).choose(Answer::all(all.list(), &fits), directly);
        Answer::is_stated(any).choose(Answer::any(any.list(), &fits), by_all)
    }
}

/// Conditions on who asks, and on single objects.
const USERS: &[&str] = &["subjects", "roles", "clusterRoles"];
const OBJECTS: &[&str] = &["name", "names", "selector", "annotations"];

/// An empty filter matches nothing.
///
/// `matchesResourceDescriptionMatchHelper` and `…ExcludeHelper` in
/// <https://github.com/kyverno/kyverno/blob/v1.15.0/pkg/engine/utils/match.go>
fn says_something(filter: Node<'_>) -> Answer {
    Answer::has_content(filter.get("resources")).or(chooses(filter, USERS))
}

fn reaches<'a>(resources: Node<'a>, namespace: &Namespace<'a>) -> Answer {
    let namespaces = resources.get("namespaces");
    let operations = resources.get("operations");
    kinds_cover_workloads(resources.get("kinds").list())
        .and(Answer::is_stated(namespaces).choose(namespace.is_among(namespaces.list()), Answer::Yes))
        .and(namespace.is_selected(resources.get("namespaceSelector")))
        .and(Answer::is_stated(operations).choose(has_one(operations, &["CREATE"]), Answer::Yes))
}
