//! Which rules a suppression means.

use std::collections::HashMap;

use verdikt_model::{Alias, Dialect, PackInfo, RuleRef};

use crate::selection;

/// What one name of a suppression stands for.
#[derive(Clone, Default)]
pub(super) struct Meaning<'a> {
    /// The selected rules.
    pub(super) rules: Vec<Meant<'a>>,
    /// Whether any loaded rule is called so.
    pub(super) is_known: bool,
    /// Whether every loaded rule that is called so was selected.
    pub(super) is_complete: bool,
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
pub(super) struct Names<'a> {
    loaded: &'a [&'a PackInfo],
    selected: HashMap<&'a str, usize>,
    known: HashMap<(Dialect, String), Meaning<'a>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(loaded: &'a [&'a PackInfo], rules: &'a [RuleRef]) -> Self {
        let selected = rules.iter().enumerate().map(|(index, rule)| (rule.info.id.as_str(), index)).collect();
        Names { loaded, selected, known: HashMap::new() }
    }

    pub(super) fn meaning(&mut self, dialect: Dialect, name: &str) -> &Meaning<'a> {
        let (loaded, selected) = (self.loaded, &self.selected);
        self.known.entry((dialect, name.to_owned())).or_insert_with(|| {
            let mut meaning = Meaning { is_complete: true, ..Meaning::default() };
            for (pack, rule) in loaded.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule))) {
                let is_own = dialect == Dialect::Verdikt && selection::is_called(name, pack, rule);
                let checks = (!is_own).then(|| rule.aliases().filter(|alias| means(dialect, name, *alias)).collect());
                if checks.as_ref().is_some_and(Vec::is_empty) {
                    continue;
                }
                meaning.is_known = true;
                match selected.get(rule.id.as_str()) {
                    Some(rule) => meaning.rules.push(Meant { rule: *rule, checks }),
                    None => meaning.is_complete = false,
                }
            }
            meaning
        })
    }

    /// Everything that our own suppressions may name.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a str> {
        self.loaded.iter().flat_map(|pack| {
            let rules = pack.rules.iter().flat_map(|rule| [rule.id.as_str(), rule.slug.as_str()]);
            std::iter::once(pack.id.as_str()).chain(rules)
        })
    }
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
