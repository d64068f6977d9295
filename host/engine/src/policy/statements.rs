//! Whether what a config says means something: its rules and parameters exist, its values fit.
//!
//! Profiles that are not used are checked as well: a mistake is to be found by who makes it, not by
//! who first says `--profile`.

use verdikt_model::{PackInfo, Scope};

use super::config::Config;
use super::layer::{Assignment, Layer, RuleEntry};
use super::origin::Stated;
use super::reader::{PolicyError, Problem};
use super::resolve::LoadedRule;
use crate::error::nearest;
use crate::selection::{Rank, StandsFor, deselects, is_known, matches, nearest_selectors, rank, selects};

/// # Errors
/// Every statement that means nothing, at its place.
pub(crate) fn check(config: &Config, packs: &[&PackInfo], rules: &[LoadedRule<'_>]) -> Result<(), PolicyError> {
    let mut statements = Statements { packs, rules, problems: Vec::new() };
    statements.layer(&config.top);
    for profile in &config.profiles.0 {
        statements.layer(&profile.layer);
    }
    for it in &config.overrides {
        statements.entries(&it.rules, true);
    }
    if statements.problems.is_empty() { Ok(()) } else { Err(PolicyError::new(statements.problems)) }
}

struct Statements<'a> {
    packs: &'a [&'a PackInfo],
    rules: &'a [LoadedRule<'a>],
    problems: Vec<Problem>,
}

impl Statements<'_> {
    fn problem<T>(&mut self, at: &Stated<T>, message: String) {
        self.problems.push(Problem { location: at.location.clone(), message });
    }

    fn layer(&mut self, layer: &Layer) {
        for selector in &layer.select {
            self.selector(selector, selects);
        }
        for selector in &layer.ignore {
            self.selector(selector, deselects);
        }
        let every: Vec<&LoadedRule<'_>> = self.rules.iter().collect();
        self.params(&layer.params, &every, "No rule has");
        self.entries(&layer.rules, false);
    }

    fn selector(&mut self, selector: &Stated<String>, stands_for: StandsFor) -> bool {
        let known = is_known(self.packs, &selector.value, stands_for);
        if !known {
            let hint = match nearest_selectors(self.packs, &selector.value).as_slice() {
                [] => "`verdikt rules` lists them.".to_owned(),
                near => format!("did you mean `{}`?", near.join("` or `")),
            };
            self.problem(selector, format!("`{}` names no rule, slug or pack; {hint}", selector.value));
        }
        known
    }

    fn entries(&mut self, entries: &[RuleEntry], is_override: bool) {
        let rules = self.rules;
        for (index, entry) in entries.iter().enumerate() {
            if !self.selector(&entry.selector, matches) {
                continue;
            }
            let selector = &entry.selector.value;
            let meant: Vec<&LoadedRule<'_>> =
                rules.iter().filter(|rule| rank(selector, rule.pack, rule.info).is_some()).collect();
            // The same rule by id and by slug: which entry was meant to hold, nobody can tell.
            let same = entries[..index].iter().find(|earlier| {
                let by_name = |name: &str, rule: &LoadedRule<'_>| rank(name, rule.pack, rule.info) == Some(Rank::Rule);
                meant.iter().any(|rule| by_name(selector, rule) && by_name(&earlier.selector.value, rule))
            });
            if let Some(earlier) = same {
                let message =
                    format!("`{selector}` is the same rule as `{}` above; join the two.", earlier.selector.value);
                self.problem(&entry.selector, message);
            }
            self.params(&entry.params, &meant, &format!("{selector} has not"));
            if is_override {
                self.inventory(&entry.params, &meant);
            }
        }
    }

    /// Each key is one of a rule's, and the value fits every rule that has it.
    fn params(&mut self, params: &[Assignment], meant: &[&LoadedRule<'_>], nobody: &str) {
        for Assignment { key, value } in params {
            let mut owners = meant.iter().filter(|rule| rule.schema.has(key)).peekable();
            if owners.peek().is_none() {
                let hint = match nearest(key, meant.iter().flat_map(|rule| rule.schema.keys())).first() {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`verdikt explain RULE` shows a rule's parameters.".to_owned(),
                };
                self.problem(value, format!("{nobody} a parameter `{key}`; {hint}"));
                continue;
            }
            let misfit = owners.find_map(|rule| {
                let mut settings = rule.schema.defaults();
                settings.insert(key.clone(), value.value.clone());
                let misfit = rule.schema.misfits(&settings).into_iter().find(|misfit| misfit.key == *key)?;
                Some(format!("Parameter `{key}` of {} does not take this: {}.", rule.info.id, misfit.problem))
            });
            if let Some(message) = misfit {
                self.problem(value, message);
            }
        }
    }

    /// Inventory rules judge a set of documents at once, so they have one set of parameters.
    fn inventory(&mut self, params: &[Assignment], meant: &[&LoadedRule<'_>]) {
        for Assignment { key, value } in params {
            let whole = |rule: &&&LoadedRule<'_>| rule.info.scope == Scope::Inventory && rule.schema.has(key);
            if let Some(rule) = meant.iter().find(whole) {
                let message = format!(
                    "{} judges all documents together, so its parameters cannot differ from one to the other; set \
                     `{key}` under `rules`.",
                    rule.info.id
                );
                self.problem(value, message);
            }
        }
    }
}
