//! Which rules run: `--select` and `--ignore`.

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

/// Rules by pack and by place in their pack, in that order.
pub(crate) type Selected = Vec<(usize, usize)>;

/// # Errors
/// When a selector names nothing, or when no rule is left.
pub(crate) fn resolve(packs: &[&PackInfo], selection: &Selection) -> Result<Selected, Error> {
    let select = selection.select.iter().map(|selector| (selector, selects as StandsFor));
    let ignore = selection.ignore.iter().map(|selector| (selector, deselects as StandsFor));
    for (selector, stands_for) in select.chain(ignore) {
        if !packs.iter().any(|pack| pack.rules.iter().any(|rule| stands_for(selector, pack, rule))) {
            let names = packs.iter().flat_map(|pack| {
                let rules = pack.rules.iter().flat_map(|rule| [rule.id.as_str(), rule.slug.as_str()]);
                std::iter::once(pack.id.as_str()).chain(rules)
            });
            return Err(Error::UnknownSelector { selector: selector.clone(), nearest: nearest(selector, names) });
        }
    }
    let any = |selectors: &[String], stands_for: StandsFor, pack: &PackInfo, rule: &RuleInfo| {
        selectors.iter().any(|selector| stands_for(selector, pack, rule))
    };
    let mut selected = Selected::new();
    for (pack_index, pack) in packs.iter().enumerate() {
        for (rule_index, rule) in pack.rules.iter().enumerate() {
            let on = match selection.select.as_slice() {
                [] => rule.enabled_by_default,
                select => any(select, selects, pack, rule),
            };
            if on && !any(&selection.ignore, deselects, pack, rule) {
                selected.push((pack_index, rule_index));
            }
        }
    }
    if selected.is_empty() {
        let reason = if packs.is_empty() { "no pack is loaded" } else { "the selection leaves none" };
        return Err(Error::NoRules { reason });
    }
    Ok(selected)
}

type StandsFor = fn(&str, &PackInfo, &RuleInfo) -> bool;

/// Whether a selector switches a rule on: by one of our names, or by what another tool calls a check of
/// what the rule judges.
fn selects(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> bool {
    matches(selector, pack, rule) || rule.aliases().any(|alias| alias.is_called(selector))
}

/// Whether a selector switches a rule off. A check of another tool that is about a part of what the rule
/// judges does not: the other parts would be silenced unseen.
fn deselects(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> bool {
    let mut whole = rule.aliases().filter(|alias| alias.member.is_none());
    matches(selector, pack, rule) || whole.any(|alias| alias.is_called(selector))
}

/// Whether an id, a slug, a pack or a prefix with `*` stands for a rule.
pub(crate) fn matches(selector: &str, pack: &PackInfo, rule: &RuleInfo) -> bool {
    let names = [rule.id.as_str(), rule.slug.as_str(), pack.id.as_str()];
    match selector.strip_suffix('*') {
        Some(prefix) => {
            names.iter().any(|name| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
        }
        None => names.iter().any(|name| name.eq_ignore_ascii_case(selector)),
    }
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
    fn selects_by_id_slug_pack_and_prefix() {
        let pack = |id: &str, rules| PackInfo {
            id: id.into(),
            version: "1.0.0".into(),
            title: String::new(),
            rules,
            extra: vec![],
        };
        let mut workload = pack("workload", vec![rule("WL-001", "privileged", true), rule("IM-005", "pull", false)]);
        workload.rules[0].extra = vec![("alias".into(), "trivy:KSV-0017".into())];
        workload.rules[1].extra = vec![("alias".into(), "checkov:CKV_1@part".into())];
        let mine = pack("mine", vec![rule("X-1", "own", true)]);
        let packs = [&workload, &mine];
        let run = |select: &[&str], ignore: &[&str]| {
            let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            resolve(&packs, &Selection { select: list(select), ignore: list(ignore) })
        };
        assert_eq!(run(&[], &[]).unwrap(), [(0, 0), (1, 0)]);
        assert_eq!(run(&["im-005"], &[]).unwrap(), [(0, 1)]);
        assert_eq!(run(&["workload"], &["pull"]).unwrap(), [(0, 0)]);
        assert_eq!(run(&["WL-*", "own"], &[]).unwrap(), [(0, 0), (1, 0)]);
        assert_eq!(run(&["ksv017"], &[]).unwrap(), [(0, 0)]);
        assert_eq!(run(&["CKV_1"], &[]).unwrap(), [(0, 1)]);
        assert_eq!(run(&[], &["ksv017"]).unwrap(), [(1, 0)]);
        // It is about a part of the rule, and the rest shall not be silenced.
        assert!(matches!(run(&[], &["CKV_1"]), Err(Error::UnknownSelector { .. })));
        assert!(matches!(run(&["WL-002"], &[]), Err(Error::UnknownSelector { nearest, .. }) if nearest == ["WL-001"]));
        assert!(matches!(run(&["Z*"], &[]), Err(Error::UnknownSelector { .. })));
        assert!(matches!(run(&["mine"], &["X-1"]), Err(Error::NoRules { .. })));
    }
}
