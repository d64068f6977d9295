//! Kyverno: `verifyImages` of its policies, and `ImageValidatingPolicy`.
//!
//! <https://kyverno.io/docs/policy-types/cluster-policy/verify-images/>
//! <https://kyverno.io/docs/policy-types/image-validating-policy/>

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{List, Node};

use crate::admission::kyverno::{Rules, own_action, policy_action};
use crate::admission::{Exceptions, Reach, Target, kyverno_covers, kyverno_denies};
use crate::answer::Answer;
use crate::signature::reference::Written;
use crate::signature::{Demand, Image, Patterns};

/// Whether a policy has rules that verify images.
pub(super) fn verifies(spec: Node<'_>) -> Answer {
    Answer::any(spec.get("rules").list(), |rule| Answer::is_stated(rule.get("verifyImages")))
}

/// Each entry of each rule demands something.
pub(super) fn demands<'a>(rules: Rules<'a>, target: &Target<'a>) -> Vec<(Patterns<'a>, Demand<'a>)> {
    let list = rules.spec.get("rules").list();
    let open = |list: List<'a, Node<'a>>| {
        let reach = Reach::by(list.node(), Answer::Maybe);
        list.rest().map(|_| (Patterns::Open, Demand { applies: reach, enforces: reach, is_labeled: Answer::Yes }))
    };
    let mut found: Vec<_> = open(list).into_iter().collect();
    let applies = rules.apply();
    for rule in list.known() {
        let rule: Node<'a> = rule;
        let entries = rule.get("verifyImages").list();
        if entries.is_absent() {
            continue;
        }
        let covers = rules.rule_covers(rule, target);
        found.extend(open(entries));
        found.extend(entries.known().map(|entry: Node<'a>| {
            let action = own_action(entry.get("failureAction"), policy_action(rules.spec, target.namespace));
            let demand = Demand {
                applies: asks_for_signatures(entry).and(covers),
                enforces: applies.and(action).and(is_required(entry)),
                is_labeled: Answer::Yes,
            };
            (Patterns::Kyverno(Entry::of(entry)), demand)
        }));
    }
    found
}

/// The patterns of an entry of `verifyImages`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// What one pattern was called before.
    own: Node<'a>,
    references: List<'a, Node<'a>>,
    skipped: List<'a, Node<'a>>,
}

impl<'a> Entry<'a> {
    fn of(entry: Node<'a>) -> Entry<'a> {
        let list = |name: &str| entry.get(name).list();
        Entry { own: entry.get("image"), references: list("imageReferences"), skipped: list("skipImageReferences") }
    }

    pub(super) fn matches(&self, image: &Image<'_>) -> Answer {
        let any = |list| Answer::any(list, |pattern| matches_one(pattern, image));
        matches_one(self.own, image).or(any(self.references)).and(any(self.skipped).not())
    }
}

fn matches_one(pattern: Node<'_>, image: &Image<'_>) -> Answer {
    let matches = |pattern: &str| {
        image.passes(pattern == "*", |text| Answer::when(wildcard::matches(pattern, &Written::of(text).for_kyverno())))
    };
    let matches = pattern.agreed(|pattern| Some(matches(pattern.str().known()?))).flatten();
    Answer::is_stated(pattern).and(matches.unwrap_or(Answer::Maybe))
}

/// Without somebody who has to have signed, an entry only turns tags into digests.
fn asks_for_signatures(entry: Node<'_>) -> Reach<'_> {
    let attestors =
        Answer::any(entry.get("attestors").list(), |attestor| Answer::has_any(attestor.get("entries").list()));
    let attestations = Answer::has_any(entry.get("attestations").list());
    let members = ["key", "roots", "subject", "issuer"].map(|name| Answer::is_stated(entry.get(name)));
    Reach::by(entry.get("attestors"), members.into_iter().fold(attestors.or(attestations), Answer::or))
}

/// One that is not required lets pods in that it has not looked at.
fn is_required(entry: Node<'_>) -> Reach<'_> {
    let required = entry.get("required");
    let stated = Answer::of(required, |required: Option<bool>| required != Some(false));
    Reach::by(required, stated.choose(Answer::Yes, Answer::Maybe))
}

pub(super) fn demand_by_cel<'a>(
    spec: Node<'a>,
    target: &Target<'a>,
    exceptions: Exceptions<'a>,
) -> (Patterns<'a>, Demand<'a>) {
    let validations = Reach::by(spec.get("validations"), validates_signatures(spec));
    let demand = Demand {
        applies: validations.and(kyverno_covers(spec, target, exceptions)),
        enforces: kyverno_denies(spec),
        is_labeled: Answer::Yes,
    };
    (Patterns::KyvernoCel(spec.get("matchImageReferences").list()), demand)
}

pub(super) fn matches_reference<'a>(references: List<'a, Node<'a>>, image: &Image<'_>) -> Answer {
    Answer::any(references, |reference| {
        let glob = reference.get("glob");
        let by_glob = glob.agreed(|glob| Some(matches_glob(glob.str().known()?, image))).flatten();
        Answer::is_stated(glob).choose(by_glob.unwrap_or(Answer::Maybe), Answer::Maybe)
    })
}

/// An image is compared as it is written. Of patterns with alternatives or classes nobody can tell here.
fn matches_glob(glob: &str, image: &Image<'_>) -> Answer {
    let is_simple = !glob.contains(['[', '{', '\\']);
    image.passes(matches!(glob, "*" | "**"), |text| {
        let full = Written::of(text).for_kyverno();
        match (wildcard::matches(glob, text), wildcard::matches(glob, &full)) {
            _ if !is_simple => Answer::Maybe,
            (true, _) => Answer::Yes,
            (false, true) => Answer::Maybe,
            (false, false) => Answer::No,
        }
    })
}

/// Whether an expression asks for signatures. One that nobody wrote down asks for nothing.
fn validates_signatures(spec: Node<'_>) -> Answer {
    Answer::any(spec.get("validations").list(), |validation| {
        let asks = Answer::of(validation.get("expression"), |expression: Option<&str>| {
            expression.is_some_and(|expression| {
                ["verifyImageSignatures", "verifyAttestationSignatures"].iter().any(|name| expression.contains(name))
            })
        });
        // It may ask through a variable.
        asks.or(Answer::Maybe)
    })
}
