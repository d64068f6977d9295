//! Preconditions of Kyverno's rules, as far as the creation of an object decides them.
//!
//! <https://kyverno.io/docs/policy-types/cluster-policy/preconditions/>

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{Field, Node};

use crate::answer::Answer;

/// The operation with which something new comes into the cluster.
const CREATE: &str = "CREATE";

/// Whether preconditions hold for everything that is created. Many only leave out operations; of all
/// others nobody can tell here.
pub(super) fn hold_at_creation(preconditions: Node<'_>) -> Answer {
    let (any, all) = (preconditions.get("any"), preconditions.get("all"));
    match preconditions.members() {
        Field::Absent => Answer::Yes,
        Field::Known(_) => {
            let by_any = Answer::has_any(any.list()).choose(Answer::any(any.list(), holds), Answer::Yes);
            Answer::all(all.list(), holds).and(by_any)
        }
        // A list of conditions, as they were written once.
        Field::Unknown(_) => Answer::all(preconditions.list(), holds),
    }
}

fn holds(condition: Node<'_>) -> Answer {
    let operator = |operator: Option<&str>| match operator {
        Some("Equals" | "Equal" | "In" | "AnyIn" | "AllIn") => Some(true),
        Some("NotEquals" | "NotEqual" | "NotIn" | "AnyNotIn" | "AllNotIn") => Some(false),
        _ => None,
    };
    let wanted = condition.get("operator").agreed(|node| operator(node.str().known())).flatten();
    let is_operation = Answer::of(condition.get("key"), |key: Option<&str>| key.is_some_and(is_operation));
    match (is_operation, wanted) {
        (Answer::Yes, Some(true)) => is_creation(condition.get("value")),
        (Answer::Yes, Some(false)) => is_creation(condition.get("value")).not(),
        _ => Answer::Maybe,
    }
}

/// `{{ request.operation }}`, with a default for scans in the background or without.
fn is_operation(key: &str) -> bool {
    let expression = key.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or_default();
    expression.split("||").next().is_some_and(|variable| variable.trim() == "request.operation")
}

/// Whether the value is, or has among others, the one of a creation.
fn is_creation(value: Node<'_>) -> Answer {
    let is_one = |value: Node<'_>| {
        Answer::of(value, |value: Option<&str>| value.is_some_and(|pattern| wildcard::matches(pattern, CREATE)))
    };
    match value.str() {
        Field::Known(_) | Field::Absent => is_one(value),
        Field::Unknown(_) => Answer::any(value.list(), is_one),
    }
}
