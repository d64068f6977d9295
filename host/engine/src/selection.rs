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

/// Whether a selector stands for a rule; [`selects`] and [`deselects`] are two answers.
pub(crate) type StandsFor = fn(&str, &PackInfo, &RuleInfo) -> bool;

/// Whether a selector switches a rule on: by one of our names, or by what another tool calls a check of
/// what the rule judges.
pub(crate) fn selects(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> bool {
    matches(selector, pack, rule) || rule.aliases().any(|alias| alias.is_called(selector))
}

/// Whether a selector switches a rule off. A check of another tool that is about a part of what the rule
/// judges does not: the other parts would be silenced unseen.
pub(crate) fn deselects(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> bool {
    let mut whole = rule.aliases().filter(|alias| alias.member.is_none());
    matches(selector, pack, rule) || whole.any(|alias| alias.is_called(selector))
}

/// Whether an id, a slug, a pack or a prefix with `*` stands for a rule.
pub(crate) fn matches(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> bool {
    rank(selector, pack, rule).is_some()
}

/// Every selector must mean some rule.
///
/// # Errors
/// [`Error::UnknownSelector`] for the first that does not.
pub(crate) fn check_names(packs: &[&PackInfo], selection: &Selection) -> Result<(), Error> {
    let select = selection.select.iter().map(|selector| (selector, selects as StandsFor));
    let ignore = selection.ignore.iter().map(|selector| (selector, deselects as StandsFor));
    match select.chain(ignore).find(|(selector, stands_for)| !is_known(packs, selector, *stands_for)) {
        Some((selector, _)) => {
            Err(Error::UnknownSelector { selector: selector.clone(), nearest: nearest_selectors(packs, selector) })
        }
        None => Ok(()),
    }
}

/// Whether a selector stands for some rule.
pub(crate) fn is_known(packs: &[&PackInfo], selector: &str, stands_for: StandsFor) -> bool {
    packs.iter().any(|pack| pack.rules.iter().any(|rule| stands_for(selector, pack, rule)))
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
    /// By its id or slug.
    Rule,
    /// By the beginning of a name; the longer, the closer.
    Prefix(Reverse<usize>),
    /// By its pack.
    Pack,
}

/// How closely a selector names a rule; `None` when it does not.
pub(crate) fn rank(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> Option<Rank> {
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
            ("WL", [None, None]),
            ("wl-001\u{e9}*", [None, None]),
        ] {
            assert_eq!(ranks(selector), expected, "{selector}");
        }
        assert!(Rank::Rule < Rank::Prefix(Reverse(9)) && Rank::Prefix(Reverse(9)) < Rank::Prefix(Reverse(1)));
        assert!(Rank::Prefix(Reverse(0)) < Rank::Pack);
        pack.rules[0].extra = vec![("alias".into(), "trivy:KSV-0017".into())];
        pack.rules[1].extra = vec![("alias".into(), "checkov:CKV_1@part".into())];
        let both =
            |stands_for: StandsFor, selector: &str| [0, 1].map(|at| stands_for(selector, &pack, &pack.rules[at]));
        assert_eq!((both(selects, "ksv017"), both(deselects, "ksv017")), ([true, false], [true, false]));
        // It is about a part of the rule, and the rest shall not be silenced.
        assert_eq!((both(selects, "CKV_1"), both(deselects, "CKV_1")), ([false, true], [false, false]));
        let unknown = |selector: &str| {
            check_names(&[&pack], &Selection { select: Vec::new(), ignore: vec![selector.to_owned()] })
        };
        assert!(unknown("CKV_1").is_err());
        assert!(unknown("pull").is_ok());
        assert!(matches!(unknown("WL-002"), Err(Error::UnknownSelector { nearest, .. }) if nearest == ["WL-001"]));
        assert!(matches!(unknown("Z*"), Err(Error::UnknownSelector { .. })));
    }
}
