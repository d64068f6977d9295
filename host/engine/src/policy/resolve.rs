//! What holds for a rule: the one order of precedence, in code.
//!
//! For each value, what is stated nearest to the run and most closely to the rule holds:
//!
//! 1. the command line: `--select`, `--ignore`, `--param`;
//! 2. `overrides`, of those that match a document, the last one that says something;
//! 3. `rules` of the config, an id or slug before a prefix before a pack;
//! 4. the profile, then what it extends: `rules` as above, then `params`;
//! 5. `ignore` of the config and of its profiles, which add up; then the nearest `select`; then
//!    `params` of the config;
//! 6. what the rule says of itself.
//!
//! Where nothing says the mode of a rule, it is the mode of the run.

use serde_json::{Map, Value};
use verdikt_model::{Location, Mode, PackInfo, RuleInfo, Severity};

use super::config::{Config, Override};
use super::layer::{Assignment, RuleEntry};
use super::origin::{Given, Origin, Stated};
use super::profile::{self, Profile};
use super::reader::{PolicyError, Problem};
use super::statements;
use crate::engine::Check;
use crate::error::{Error, nearest};
use crate::selection::{self, Rank, StandsFor, deselects, rank, selects};
use crate::settings::{self, Schema};

/// What holds for one rule, outside of overrides.
#[derive(Clone, Debug)]
pub struct EffectiveRule<'a> {
    pub pack: &'a PackInfo,
    pub rule: &'a RuleInfo,
    pub enabled: Given<bool>,
    pub severity: Given<Severity>,
    /// `None`: the mode of the run.
    pub mode: Option<Given<Mode>>,
    /// In the order of the rule's schema; without those that have neither a default nor a value.
    pub parameters: Vec<(String, Given<Value>)>,
}

impl EffectiveRule<'_> {
    /// The parameters as a pack gets them.
    pub(crate) fn settings(&self) -> Map<String, Value> {
        self.parameters.iter().map(|(key, given)| (key.clone(), given.value.clone())).collect()
    }
}

/// A loaded rule, and what is said of it.
pub(crate) struct LoadedRule<'a> {
    /// Index into the packs.
    pub pack_index: usize,
    pub pack: &'a PackInfo,
    pub info: &'a RuleInfo,
    pub schema: Schema<'a>,
}

/// Who says something.
#[derive(Clone, Copy)]
enum Speaker<'a> {
    Config,
    Profile(&'a Profile),
}

impl Speaker<'_> {
    fn origin(self, location: &Location) -> Origin {
        match self {
            Speaker::Config => Origin::Config(location.clone()),
            Speaker::Profile(profile) => profile.origin(location),
        }
    }

    fn given<T: Clone>(self, stated: &Stated<T>) -> Given<T> {
        Given { value: stated.value.clone(), origin: self.origin(&stated.location) }
    }
}

/// Says of each rule what holds.
pub(crate) struct Resolver<'a> {
    check: &'a Check,
    config: &'a Config,
    chain: Vec<&'a Profile>,
    /// Every rule that is loaded.
    pub(crate) rules: Vec<LoadedRule<'a>>,
}

impl<'a> Resolver<'a> {
    /// # Errors
    /// When the config or a flag names what there is not, or gives a parameter a wrong value.
    pub(crate) fn new(packs: &[&'a PackInfo], check: &'a Check) -> Result<Self, Error> {
        let config: &Config = &check.config;
        let rules: Vec<LoadedRule<'a>> = packs
            .iter()
            .enumerate()
            .flat_map(|(pack_index, pack)| {
                pack.rules.iter().map(move |info| LoadedRule { pack_index, pack, info, schema: Schema::new(info) })
            })
            .collect();
        statements::check(config, packs, &rules)?;
        selection::check_names(packs, &check.selection)?;
        settings::check_names(rules.iter().map(|rule| &rule.schema), &check.parameters)?;
        let chain = chain(config, check.profile.as_deref())?;
        Ok(Resolver { check, config, chain, rules })
    }

    /// What holds for a rule where these overrides match, given in the order of the config.
    ///
    /// # Errors
    /// When parameters that are right each by itself do not fit together, or one of `--param` is
    /// wrong.
    pub(crate) fn effective(&self, rule: &LoadedRule<'a>, overrides: &[&Override]) -> Result<EffectiveRule<'a>, Error> {
        let entries = self.entries(rule, overrides);
        let severity = entries.iter().find_map(|(who, entry)| Some(who.given(entry.severity.as_ref()?)));
        let mode = entries.iter().find_map(|(who, entry)| Some(who.given(entry.mode.as_ref()?)));
        let effective = EffectiveRule {
            pack: rule.pack,
            rule: rule.info,
            enabled: self.enabled(rule, &entries),
            severity: severity.unwrap_or(Given::default(rule.info.severity)),
            mode,
            parameters: self.parameters(rule, &entries)?,
        };
        self.check_settings(rule, &effective)?;
        Ok(effective)
    }

    /// Whether a rule judges anything: everywhere, or where an override says so.
    pub(crate) fn is_selected(&self, rule: &LoadedRule<'a>) -> bool {
        let enabled = |overrides: &[&Override]| self.enabled(rule, &self.entries(rule, overrides)).value;
        enabled(&[]) || self.config.overrides.iter().any(|it| enabled(&[it]))
    }

    pub(crate) fn overrides(&self) -> &'a [Override] {
        &self.config.overrides
    }

    pub(crate) fn check(&self) -> &'a Check {
        self.check
    }

    /// What is said of a rule by name, the strongest first.
    fn entries<'s>(&'s self, rule: &LoadedRule<'a>, overrides: &[&'s Override]) -> Vec<(Speaker<'s>, &'s RuleEntry)> {
        let mut found = Vec::new();
        for it in overrides.iter().rev() {
            found.extend(closest(&it.rules, rule).map(|entry| (Speaker::Config, entry)));
        }
        found.extend(closest(&self.config.top.rules, rule).map(|entry| (Speaker::Config, entry)));
        for profile in &self.chain {
            let speaker = Speaker::Profile(profile);
            found.extend(closest(&profile.layer.rules, rule).map(|entry| (speaker, entry)));
        }
        found
    }

    fn enabled(&self, rule: &LoadedRule<'a>, entries: &[(Speaker<'_>, &RuleEntry)]) -> Given<bool> {
        let names = |selectors: &[String], stands_for: StandsFor| {
            selectors.iter().any(|it| stands_for(it, rule.pack, rule.info))
        };
        let flags = &self.check.selection;
        if names(&flags.ignore, deselects) {
            return Given::flag(false, "--ignore");
        }
        if !flags.select.is_empty() {
            return Given::flag(names(&flags.select, selects), "--select");
        }
        if let Some(given) = entries.iter().find_map(|(who, entry)| Some(who.given(entry.enabled.as_ref()?))) {
            return given;
        }
        let layers = || {
            let profiles = self.chain.iter().map(|profile| (Speaker::Profile(profile), &profile.layer));
            profiles.chain([(Speaker::Config, &self.config.top)])
        };
        let of = |selectors: &[Stated<String>], stands_for: StandsFor| {
            selectors.iter().find(|it| stands_for(&it.value, rule.pack, rule.info)).map(|it| it.location.clone())
        };
        if let Some((who, at)) = layers().find_map(|(who, layer)| Some((who, of(&layer.ignore, deselects)?))) {
            return Given { value: false, origin: who.origin(&at) };
        }
        if let Some((who, layer)) = layers().find(|(_, layer)| !layer.select.is_empty()) {
            return match of(&layer.select, selects) {
                Some(at) => Given { value: true, origin: who.origin(&at) },
                None => Given { value: false, origin: who.origin(&layer.select[0].location) },
            };
        }
        Given::default(rule.info.enabled_by_default)
    }

    fn parameters(
        &self,
        rule: &LoadedRule<'a>,
        entries: &[(Speaker<'_>, &RuleEntry)],
    ) -> Result<Vec<(String, Given<Value>)>, Error> {
        let mut parameters = Vec::new();
        for key in rule.schema.keys() {
            // Of flags, which have an order, the last one.
            let flag = self.check.parameters.iter().rev().find(|it| it.key == key && it.names(rule.info));
            let given = match flag {
                Some(flag) => {
                    let value = rule.schema.parse(key, &flag.value);
                    let invalid =
                        |problem| Error::InvalidParameter { rule: rule.info.id.clone(), key: key.into(), problem };
                    Some(Given::flag(value.map_err(invalid)?, "--param"))
                }
                None => self.stated_parameter(key, entries),
            };
            let default = || rule.schema.default(key).cloned().map(Given::default);
            parameters.extend(given.or_else(default).map(|given| (key.to_owned(), given)));
        }
        Ok(parameters)
    }

    /// The strongest statement in files. A profile's own `params` come before what it extends.
    fn stated_parameter(&self, key: &str, entries: &[(Speaker<'_>, &RuleEntry)]) -> Option<Given<Value>> {
        let of = |who: Speaker<'_>, params: &[Assignment]| {
            params.iter().find(|it| it.key == key).map(|it| who.given(&it.value))
        };
        let by = |wanted: Option<&Profile>| {
            let said = entries.iter().filter(move |(who, _)| match (who, wanted) {
                (Speaker::Config, None) => true,
                (Speaker::Profile(profile), Some(wanted)) => std::ptr::eq(*profile, wanted),
                _ => false,
            });
            said.filter_map(|(who, entry)| of(*who, &entry.params)).next()
        };
        by(None)
            .or_else(|| {
                let profiles = self.chain.iter();
                profiles
                    .filter_map(|profile| {
                        by(Some(profile)).or_else(|| of(Speaker::Profile(profile), &profile.layer.params))
                    })
                    .next()
            })
            .or_else(|| of(Speaker::Config, &self.config.top.params))
    }

    /// Values that are right each by itself may be wrong together.
    fn check_settings(&self, rule: &LoadedRule<'a>, effective: &EffectiveRule<'a>) -> Result<(), Error> {
        let stated = || effective.parameters.iter().filter(|(_, given)| given.origin != Origin::Default);
        if stated().next().is_none() {
            return Ok(());
        }
        let Some(misfit) = rule.schema.misfits(&effective.settings()).into_iter().next() else { return Ok(()) };
        // What is said of the whole is told at the first value that somebody stated.
        let about = stated().find(|(key, _)| *key == misfit.key).or_else(|| stated().next());
        match about.map(|(_, given)| &given.origin) {
            Some(Origin::Config(location) | Origin::Profile { location: Some(location), .. }) => {
                let message = format!("The parameters of {} do not fit together: {}.", rule.info.id, misfit.problem);
                Err(Error::Policy(PolicyError::new(vec![Problem { location: location.clone(), message }])))
            }
            _ => Err(Error::InvalidParameter { rule: rule.info.id.clone(), key: misfit.key, problem: misfit.problem }),
        }
    }
}

/// The entries that name a rule, the closest first; of equally close ones the last first.
fn closest<'s>(entries: &'s [RuleEntry], rule: &LoadedRule<'_>) -> impl Iterator<Item = &'s RuleEntry> {
    let named =
        entries.iter().rev().filter_map(|entry| Some((rank(&entry.selector.value, rule.pack, rule.info)?, entry)));
    let mut named: Vec<(Rank, &RuleEntry)> = named.collect();
    named.sort_by_key(|(rank, _)| *rank);
    named.into_iter().map(|(_, entry)| entry)
}

/// The profile of the run and what it extends, the strongest first.
pub(crate) fn chain<'a>(config: &'a Config, flag: Option<&str>) -> Result<Vec<&'a Profile>, Error> {
    let name = flag.or(config.profile.as_ref().map(|profile| profile.value.as_str())).unwrap_or(profile::DEFAULT);
    let chain = config.profiles.chain(name);
    if chain.is_empty() {
        let names = config.profiles.names();
        return Err(Error::UnknownProfile {
            name: name.to_owned(),
            nearest: nearest(name, names.iter().copied()),
            known: names.into_iter().map(str::to_owned).collect(),
        });
    }
    Ok(chain)
}
