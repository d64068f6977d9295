//! Which rules a suppression means.

use std::collections::HashMap;

use verdikt_model::{Alias, Dialect, PackInfo, RuleInfo};

use crate::policy::seen::Seen;
use crate::selection;

/// What one name of a suppression stands for.
#[derive(Clone)]
pub(super) enum Meaning<'a> {
    Rules {
        /// Those that were selected.
        meant: Vec<Meant<'a>>,
        /// Whether they are all that have the name, and none ended in error.
        all_ran: bool,
    },
    /// No rule that is loaded has the name; which ones may have been meant, or `None` when nobody can
    /// know.
    Nothing(Option<Vec<String>>),
}

/// A rule, and which of its findings.
#[derive(Clone)]
pub(super) struct Meant<'a> {
    /// Index into the selected rules.
    pub(super) rule: usize,
    /// Checks of another tool that are meant; `None` is all that the rule finds.
    checks: Option<Vec<Alias<'a>>>,
}

impl Meant<'_> {
    /// All that a rule finds.
    #[cfg(test)]
    pub(super) fn all(rule: usize) -> Self {
        Meant { rule, checks: None }
    }

    pub(super) fn covers(&self, pointer: &str) -> bool {
        self.checks.as_ref().is_none_or(|checks| checks.iter().any(|check| check.covers(pointer)))
    }
}

/// Looks names up, each once.
pub(super) struct Names<'s, 'a> {
    seen: &'s Seen<'a>,
    known: HashMap<(Dialect, String), Meaning<'a>>,
}

impl<'s, 'a> Names<'s, 'a> {
    pub(super) fn new(seen: &'s Seen<'a>) -> Self {
        Names { seen, known: HashMap::new() }
    }

    pub(super) fn meaning(&mut self, dialect: Dialect, name: &str) -> Meaning<'a> {
        let seen = self.seen;
        self.known.entry((dialect, name.to_owned())).or_insert_with(|| meaning(seen, dialect, name)).clone()
    }
}

fn meaning<'a>(seen: &Seen<'a>, dialect: Dialect, name: &str) -> Meaning<'a> {
    let is_own = |pack: &PackInfo, rule: &RuleInfo| dialect == Dialect::Verdikt && selection::matches(name, pack, rule);
    let checks = |rule: &'a RuleInfo| rule.aliases().filter(|alias| means(dialect, name, *alias));
    let has_name = |pack: &PackInfo, rule: &RuleInfo| {
        is_own(pack, rule) || rule.aliases().any(|alias| means(dialect, name, alias))
    };
    let Some(named) = seen.find(has_name) else { return Meaning::Nothing(seen.named(name).nearest) };
    let meant = named.selected.iter().map(|index| {
        let (pack, rule) = seen.rule(*index);
        Meant { rule: *index, checks: (!is_own(pack, rule)).then(|| checks(rule).collect()) }
    });
    Meaning::Rules { meant: meant.collect(), all_ran: named.all_ran }
}

/// Whether a dialect's name stands for a check. `*` is every check of its tool.
fn means(dialect: Dialect, name: &str, alias: Alias<'_>) -> bool {
    let tool = match dialect {
        Dialect::Verdikt => return alias.is_called(name),
        Dialect::Checkov => "checkov",
        Dialect::Trivy => "trivy",
        Dialect::KubeLinter => "kube-linter",
    };
    alias.tool == tool && (name == "*" || alias.is_called(name))
}
