//! Which rules run: `--select` and `--ignore`.

use std::cmp::Reverse;

use verdikt_model::{PackInfo, RuleInfo};

use crate::error::{Error, nearest};

/// What to run. A selector is a rule id, a slug, a pack, or a prefix of one of them with `*`, or what
/// another tool calls the rule (its alias); all are compared without case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Empty for every rule that is on by default. Naming a rule switches it on.
    pub select: Vec<String>,
    /// Wins over `select`.
    pub ignore: Vec<String>,
}

/// Every selector must mean some rule.
///
/// # Errors
/// [`Error::UnknownSelector`] for the first that does not.
pub(crate) fn check_names<'a>(
    packs: &[&PackInfo],
    selectors: impl IntoIterator<Item = &'a String>,
) -> Result<(), Error> {
    match selectors.into_iter().find(|selector| !is_known(packs, selector)) {
        Some(selector) => {
            Err(Error::UnknownSelector { selector: selector.clone(), nearest: nearest_selectors(packs, selector) })
        }
        None => Ok(()),
    }
}

/// Whether a selector names a rule.
pub(crate) fn is_known(packs: &[&PackInfo], selector: &str) -> bool {
    packs.iter().any(|pack| pack.rules.iter().any(|rule| rank(selector, pack, rule).is_some()))
}

/// Ids, slugs and packs that a mistyped selector may have meant, best first.
pub(crate) fn nearest_selectors(packs: &[&PackInfo], selector: &str) -> Vec<String> {
    let names = packs.iter().flat_map(|pack| {
        let rules = pack.rules.iter().flat_map(|rule| [rule.id.as_str(), rule.slug.as_str()]);
        std::iter::once(pack.id.as_str()).chain(rules)
    });
    nearest(selector, names)
}

/// How closely a selector names a rule. Ordered: the closest is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// By its id or slug, or what another tool calls it.
    Rule,
    /// By the beginning of a name; the longer, the closer.
    Prefix(Reverse<usize>),
    /// By its pack.
    Pack,
}

/// How closely a selector names a rule; `None` when it does not.
pub(crate) fn rank(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> Option<Rank> {
    let alias = || rule.aliases().any(|alias| alias.is_called(selector)).then_some(Rank::Rule);
    own_rank(selector, pack, rule).or_else(alias)
}

/// Whether a selector names a rule in our own words.
pub(crate) fn is_called(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> bool {
    own_rank(selector, pack, rule).is_some()
}

fn own_rank(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> Option<Rank> {
    if let Some(prefix) = selector.strip_suffix('*') {
        let begins = |name: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let names = [rule.id.as_str(), rule.slug.as_str(), pack.id.as_str()];
        return names.into_iter().any(begins).then_some(Rank::Prefix(Reverse(prefix.len())));
    }
    if rule.id.eq_ignore_ascii_case(selector) || rule.slug.eq_ignore_ascii_case(selector) {
        return Some(Rank::Rule);
    }
    pack.id.eq_ignore_ascii_case(selector).then_some(Rank::Pack)
}

#[cfg(test)]
mod tests {
    use verdikt_model::{Scope, Severity};

    use super::*;

    fn rule(id: &str, slug: &str, enabled_by_default: bool) -> RuleInfo {
        RuleInfo {
            id: id.into(),
            slug: slug.into(),
            title: String::new(),
            description: String::new(),
            remediation: String::new(),
            severity: Severity::Low,
            scope: Scope::Document,
            enabled_by_default,
            targets: vec![],
            controls: vec![],
            texts: vec![],
            settings_schema: None,
            extra: vec![],
        }
    }

    #[test]
    fn rules_are_named_by_id_slug_pack_and_prefix() {
        let mut pack = PackInfo {
            id: "workload".into(),
            version: "1.0.0".into(),
            title: String::new(),
            rules: vec![rule("WL-001", "privileged", true), rule("IM-005", "pull", false)],
            extra: vec![],
        };
        pack.rules[0].extra = vec![("alias".into(), "trivy:KSV-0017".into())];
        let ranks = |selector: &str| [0, 1].map(|place| rank(selector, &pack, &pack.rules[place]));
        let prefix = |length| Some(Rank::Prefix(Reverse(length)));
        for (selector, expected) in [
            ("WL-001", [Some(Rank::Rule), None]),
            ("wl-001", [Some(Rank::Rule), None]),
            ("pull", [None, Some(Rank::Rule)]),
            ("workload", [Some(Rank::Pack), Some(Rank::Pack)]),
            ("work*", [prefix(4), prefix(4)]),
            ("WL-*", [prefix(3), None]),
            ("*", [prefix(0), prefix(0)]),
            ("ksv017", [Some(Rank::Rule), None]),
            ("WL", [None, None]),
            ("wl-001\u{e9}*", [None, None]),
        ] {
            assert_eq!(ranks(selector), expected, "{selector}");
        }
        assert!(Rank::Rule < Rank::Prefix(Reverse(9)) && Rank::Prefix(Reverse(9)) < Rank::Prefix(Reverse(1)));
        assert!(Rank::Prefix(Reverse(0)) < Rank::Pack);
        let unknown = |selector: &str| check_names(&[&pack], &[selector.to_owned()]);
        assert!(unknown("pull").is_ok());
        assert!(matches!(unknown("WL-002"), Err(Error::UnknownSelector { nearest, .. }) if nearest == ["WL-001"]));
        assert!(matches!(unknown("Z*"), Err(Error::UnknownSelector { .. })));
    }
}
