//! Which rules run: `--select` and `--ignore`.

use verdikt_model::{PackInfo, RuleInfo};

use crate::error::{Error, nearest};

/// What to run. A selector is a rule id, a slug, a pack, or a prefix of one of them with `*`; ids
/// are compared without case.
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
    for selector in selection.select.iter().chain(&selection.ignore) {
        if !packs.iter().any(|pack| pack.rules.iter().any(|rule| matches(selector, pack, rule))) {
            let names = packs.iter().flat_map(|pack| {
                let rules = pack.rules.iter().flat_map(|rule| [rule.id.as_str(), rule.slug.as_str()]);
                std::iter::once(pack.id.as_str()).chain(rules)
            });
            return Err(Error::UnknownSelector { selector: selector.clone(), nearest: nearest(selector, names) });
        }
    }
    let any = |selectors: &[String], pack: &PackInfo, rule: &RuleInfo| {
        selectors.iter().any(|selector| matches(selector, pack, rule))
    };
    let mut selected = Selected::new();
    for (pack_index, pack) in packs.iter().enumerate() {
        for (rule_index, rule) in pack.rules.iter().enumerate() {
            let on = match selection.select.as_slice() {
                [] => rule.enabled_by_default,
                select => any(select, pack, rule),
            };
            if on && !any(&selection.ignore, pack, rule) {
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
        let workload = pack("workload", vec![rule("WL-001", "privileged", true), rule("IM-005", "pull", false)]);
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
        assert!(matches!(run(&["WL-002"], &[]), Err(Error::UnknownSelector { nearest, .. }) if nearest == ["WL-001"]));
        assert!(matches!(run(&["Z*"], &[]), Err(Error::UnknownSelector { .. })));
        assert!(matches!(run(&["mine"], &["X-1"]), Err(Error::NoRules { .. })));
    }
}
