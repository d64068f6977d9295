//! Why a check cannot go on.

use std::fmt;

use crate::policy::PolicyError;

/// Something that stops the whole check. Problems in the user's files are diagnostics of the report
/// and guests that misbehave are rows of it, not errors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The sandbox or the threads could not be started.
    #[error("cannot start the WebAssembly sandbox")]
    Runtime(#[from] verdikt_runtime::RuntimeError),
    #[error("cannot start {jobs} worker threads")]
    Threads { jobs: usize, source: rayon::ThreadPoolBuildError },
    /// A selector names no rule and no pack.
    #[error("`{selector}` names no rule, slug or pack{}", Hint(.nearest))]
    UnknownSelector { selector: String, nearest: Vec<String> },
    /// Everything was deselected.
    #[error("no rules are left to run: {reason}")]
    NoRules { reason: &'static str },
    /// No rule has such a parameter.
    #[error("{}", unknown_parameter(.rule.as_deref(), .key, .nearest))]
    UnknownParameter { rule: Option<String>, key: String, nearest: Vec<String> },
    /// A parameter's value does not fit its schema.
    #[error("parameter `{key}` of {rule}: {problem}")]
    InvalidParameter { rule: String, key: String, problem: String },
    /// There is no such profile.
    #[error("there is no profile `{name}`; {}", profiles(.nearest, .known))]
    UnknownProfile { name: String, nearest: Vec<String>, known: Vec<String> },
    /// Of the values that are given for variables of Terraform, some can be used by no configuration.
    #[error("{}", .problems.join("; "))]
    UnusableVariables { problems: Vec<String> },
    /// A policy file is wrong.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

struct Hint<'a>(&'a [String]);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return out.write_str("; `verdikt rules` lists them");
        }
        write!(out, "; did you mean {}?", alternatives(self.0))
    }
}

fn unknown_parameter(rule: Option<&str>, key: &str, nearest: &[String]) -> String {
    let whose = rule.map_or("no rule has".to_owned(), |rule| format!("{rule} has no"));
    let hint = match nearest {
        [] => "; `verdikt explain RULE` shows a rule's parameters".to_owned(),
        _ => format!("; did you mean {}?", alternatives(nearest)),
    };
    match rule {
        Some(_) => format!("{whose} parameter `{key}`{hint}"),
        None => format!("{whose} a parameter `{key}`{hint}"),
    }
}

fn profiles(nearest: &[String], known: &[String]) -> String {
    match nearest {
        [] => format!("there are {}", quoted(known.iter().map(String::as_str), "and")),
        _ => format!("did you mean {}?", alternatives(nearest)),
    }
}

fn alternatives(names: &[String]) -> String {
    quoted(names.iter().map(String::as_str), "or")
}

/// Names as a sentence lists them, with a word between them.
pub(crate) fn quoted<'a>(names: impl Iterator<Item = &'a str>, between: &str) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(&format!(" {between} "))
}

/// The names that a mistyped one may have meant, best first: at most three within a third of its
/// length in edits.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = wanted.to_ascii_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    let mut scored: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (edits(&wanted, &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    scored.sort();
    scored.dedup();
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// Levenshtein distance, one row at a time.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, from) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, to) in right.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_near() {
        assert_eq!(nearest("privilegd", ["privileged", "non-root"]), ["privileged"]);
        assert_eq!(nearest("wl-01", ["WL-001", "WL-010", "IM-001"]), ["WL-001", "WL-010"]);
        assert!(nearest("zzz", ["privileged"]).is_empty());
    }
}
