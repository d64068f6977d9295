//! Kyverno: `verifyImages` of its policies, and `ImageValidatingPolicy`.
//!
//! <https://kyverno.io/docs/policy-types/cluster-policy/verify-images/>
//! <https://kyverno.io/docs/policy-types/image-validating-policy/>

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{List, Node};

use crate::admission::{cel_policy_denies, kyverno, resources_cover};
use crate::answer::Answer;
use crate::namespace::Namespace;
use crate::signature::reference::Written;
use crate::signature::{Coverage, Image};

/// Whether a policy has rules that verify images.
pub(super) fn verifies(spec: Node<'_>) -> Answer {
    Answer::any(spec.get("rules").list(), |rule| Answer::is_stated(rule.get("verifyImages")))
}

pub(super) fn coverage(spec: Node<'_>, image: &Image<'_>, namespace: &Namespace<'_>) -> Coverage {
    let mut best = Coverage::new(Answer::No, Answer::No);
    for rule in spec.get("rules").list().known() {
        let rule: Node<'_> = rule;
        let covers = kyverno::rule_covers(rule, namespace);
        for entry in rule.get("verifyImages").list().known() {
            let entry: Node<'_> = entry;
            let matches = covers.and(matches_entry(entry, image)).and(asks_for_signatures(entry));
            let own = entry.get("failureAction");
            let action =
                Answer::is_stated(own).choose(kyverno::is_enforce(own), kyverno::policy_action(spec, namespace));
            let one = Coverage::new(matches, kyverno::at_admission(spec).and(action).and(is_required(entry)));
            best = better(best, one);
        }
    }
    let is_complete =
        Answer::all(spec.get("rules").list(), |rule| Answer::when(rule.get("verifyImages").list().rest().is_none()));
    if is_complete == Answer::Yes { best } else { better(best, Coverage::new(Answer::Maybe, Answer::Maybe)) }
}

/// The one by which an image is more surely verified.
fn better(one: Coverage, other: Coverage) -> Coverage {
    let worth = |coverage: Coverage| (coverage.is_enforced(), coverage.matches);
    if worth(other) > worth(one) { other } else { one }
}

/// `image` is what one pattern was called before.
fn matches_entry(entry: Node<'_>, image: &Image<'_>) -> Answer {
    let own = matches_one(entry.get("image"), image);
    let references = Answer::any(entry.get("imageReferences").list(), |pattern| matches_one(pattern, image));
    let skipped = Answer::any(entry.get("skipImageReferences").list(), |pattern| matches_one(pattern, image));
    own.or(references).and(skipped.not())
}

fn matches_one(pattern: Node<'_>, image: &Image<'_>) -> Answer {
    let matches = |pattern: &str| {
        image.passes(pattern == "*", |text| Answer::when(wildcard::matches(pattern, &Written::of(text).for_kyverno())))
    };
    let matches = pattern.agreed(|pattern| Some(matches(pattern.str().known()?))).flatten();
    Answer::is_stated(pattern).and(matches.unwrap_or(Answer::Maybe))
}

/// Without somebody who has to have signed, an entry only turns tags into digests.
fn asks_for_signatures(entry: Node<'_>) -> Answer {
    let lists = ["attestors", "attestations"].map(|name| Answer::any(entry.get(name).list(), Answer::is_stated));
    let members = ["key", "roots", "subject", "issuer"].map(|name| Answer::is_stated(entry.get(name)));
    lists.into_iter().chain(members).fold(Answer::No, Answer::or)
}

/// One that is not required lets pods in that it has not looked at.
fn is_required(entry: Node<'_>) -> Answer {
    let stated = Answer::of(entry.get("required"), |required: Option<bool>| required != Some(false));
    if stated == Answer::Yes { Answer::Yes } else { Answer::Maybe }
}

pub(super) fn coverage_by_cel(spec: Node<'_>, image: &Image<'_>, namespace: &Namespace<'_>) -> Coverage {
    let covers = resources_cover(spec.get("matchConstraints"), namespace);
    let conditions = Answer::any(spec.get("matchConditions").list(), Answer::is_stated);
    // What conditions in CEL let through is not looked at.
    let unconditional = if conditions == Answer::No { Answer::Yes } else { Answer::Maybe };
    let references: List<'_, Node<'_>> = spec.get("matchImageReferences").list();
    let matches = Answer::any(references, |reference| {
        let glob = reference.get("glob");
        let by_glob = glob.agreed(|glob| Some(matches_glob(glob.str().known()?, image))).flatten();
        Answer::is_stated(glob).choose(by_glob.unwrap_or(Answer::Maybe), Answer::Maybe)
    });
    let matches = covers.and(unconditional).and(matches).and(validates_signatures(spec));
    Coverage::new(matches, cel_policy_denies(spec))
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
