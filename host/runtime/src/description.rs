//! What a pack says about itself: checked when it comes from the guest, and checked again when it
//! comes from a file.

use std::collections::HashSet;

use semver::Version;
use verdikt_model::{PackInfo, Platform, RuleInfo, Target};

use crate::answer::{RawPack, RawRule};
use crate::limits::Limits;
use crate::text::shorten;

/// Longest identifier of a pack or rule.
const ID_LENGTH: usize = 64;
/// Problems that one message lists. An author corrects several at once, but reads no hundred.
const PROBLEMS: usize = 5;

/// Checks a description and gives it the model's types.
///
/// # Errors
/// What is wrong, several problems joined by semicolons.
pub(crate) fn check(pack: RawPack, limits: &Limits) -> Result<PackInfo, String> {
    let mut problems = Problems::default();
    check_pack(&pack, limits, &mut problems);
    let mut seen = HashSet::new();
    for (index, rule) in pack.rules.iter().enumerate() {
        let RuleInfo { id, slug, .. } = &rule.info;
        let name = if is_rule_id(id) { format!("rule {id}") } else { format!("rule number {}", index + 1) };
        check_rule(&name, rule, limits, &mut problems);
        // One namespace: users select rules by either.
        for word in [id, slug] {
            if !seen.insert(word.as_str()) {
                problems.add(format!("{name}: another rule of the pack is called `{}` too", shorten(word)));
            }
        }
    }
    let RawPack { id, version, title, rules, extra } = pack;
    let rules = rules.into_iter().filter_map(with_targets).collect();
    problems.end(PackInfo { id, version, title, rules, extra })
}

/// `None` for a target that [`check_rule`] has already reported.
fn with_targets(rule: RawRule) -> Option<RuleInfo> {
    let targets: Option<Vec<Target>> = rule
        .targets
        .into_iter()
        .map(|(platform, kind)| {
            Some(Target { platform: Platform::parse(&platform)?, kind: Some(kind).filter(|kind| kind != "*") })
        })
        .collect();
    Some(RuleInfo { targets: targets?, ..rule.info })
}

/// What is wrong, up to a number.
#[derive(Default)]
struct Problems {
    listed: Vec<String>,
    more: usize,
}

impl Problems {
    fn add(&mut self, problem: String) {
        if self.listed.len() < PROBLEMS {
            self.listed.push(problem);
        } else {
            self.more += 1;
        }
    }

    fn end<T>(self, value: T) -> Result<T, String> {
        if self.listed.is_empty() {
            return Ok(value);
        }
        let listed = self.listed.join("; ");
        Err(if self.more > 0 { format!("{listed}; and {} problems more", self.more) } else { listed })
    }
}

fn check_pack(pack: &RawPack, limits: &Limits, problems: &mut Problems) {
    if !is_kebab(&pack.id) {
        problems.add(format!("the pack's id `{}` must be in kebab case, such as `my-rules`", shorten(&pack.id)));
    }
    if Version::parse(&pack.version).is_err() {
        problems.add(format!(
            "the pack's version `{}` must be a semantic version, such as `1.0.0`",
            shorten(&pack.version)
        ));
    }
    check_title("the pack", &pack.title, problems);
    check_lengths("the pack", &[&pack.version, &pack.title], limits, problems);
    check_pairs("the pack", "extra", &pack.extra, limits, problems);
    if pack.rules.is_empty() {
        problems.add("the pack has no rule".to_owned());
    }
    if pack.rules.len() > limits.rules {
        problems.add(format!("the pack has {} rules, the limit is {}", pack.rules.len(), limits.rules));
    }
}

fn check_rule(name: &str, rule: &RawRule, limits: &Limits, problems: &mut Problems) {
    let info = &rule.info;
    if !is_rule_id(&info.id) {
        problems.add(format!(
            "{name}: the id `{}` must be letters, digits, `-`, `_` and `.`, such as `WL-001`",
            shorten(&info.id)
        ));
    }
    if !is_kebab(&info.slug) {
        problems.add(format!("{name}: the slug `{}` must be in kebab case, such as `privileged`", shorten(&info.slug)));
    }
    check_title(name, &info.title, problems);
    check_lengths(name, &[&info.title, &info.description, &info.remediation], limits, problems);
    check_targets(name, &rule.targets, limits, problems);
    for control in &info.controls {
        if !is_control(control) {
            problems.add(format!("{name}: the control `{}` must be `framework:control`", shorten(control)));
        }
    }
    check_texts(name, info, limits, problems);
    if let Some(schema) = &info.settings_schema {
        check_lengths(name, &[schema], limits, problems);
        check_schema(name, schema, problems);
    }
    check_pairs(name, "extra", &info.extra, limits, problems);
    for (what, length) in [("controls", info.controls.len()), ("texts", info.texts.len())] {
        check_list(name, what, length, limits, problems);
    }
    let controls: Vec<&str> = info.controls.iter().map(String::as_str).collect();
    check_lengths(name, &controls, limits, problems);
}

fn check_targets(name: &str, targets: &[(String, String)], limits: &Limits, problems: &mut Problems) {
    check_list(name, "targets", targets.len(), limits, problems);
    if targets.is_empty() {
        problems.add(format!("{name}: a rule without a target judges nothing"));
    }
    for (platform, kind) in targets {
        if Platform::parse(platform).is_none() {
            let known = Platform::ALL.map(Platform::as_str).join(", ");
            problems.add(format!("{name}: the target's platform `{}` must be one of {known}", shorten(platform)));
        }
        let plain = kind.chars().all(|character| !character.is_whitespace() && !character.is_control());
        if kind.is_empty() || !plain || (kind.contains('*') && kind != "*") {
            problems.add(format!("{name}: the target's kind `{}` must be one exact kind, or `*`", shorten(kind)));
        }
        check_lengths(name, &[kind], limits, problems);
    }
}

fn check_texts(name: &str, info: &RuleInfo, limits: &Limits, problems: &mut Problems) {
    let mut languages = HashSet::new();
    for text in &info.texts {
        let tag = &text.language;
        let plain =
            tag.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if tag.len() > ID_LENGTH || !plain {
            problems.add(format!("{name}: the language `{}` must be a BCP 47 tag, such as `de`", shorten(tag)));
        }
        if !languages.insert(tag) {
            problems.add(format!("{name}: two texts are in the language `{}`", shorten(tag)));
        }
        check_lengths(name, &[&text.title, &text.description, &text.remediation], limits, problems);
        check_pairs(name, "messages", &text.messages, limits, problems);
        let mut codes = HashSet::new();
        for (code, _) in &text.messages {
            if code.is_empty() || !codes.insert(code) {
                problems.add(format!("{name}: the message code `{}` is empty or stands twice", shorten(code)));
            }
        }
    }
}

fn check_schema(name: &str, schema: &str, problems: &mut Problems) {
    match serde_json::from_str::<serde_json::Value>(schema) {
        Ok(serde_json::Value::Object(schema)) => {
            if schema.get("type").is_some_and(|kind| kind != "object") {
                problems.add(format!("{name}: the settings schema must be of type `object`"));
            }
        }
        Ok(_) => problems.add(format!("{name}: the settings schema must be a JSON object")),
        Err(error) => problems.add(format!("{name}: the settings schema is not JSON: {error}")),
    }
}

fn check_title(name: &str, title: &str, problems: &mut Problems) {
    if title.trim().is_empty() || title.chars().any(char::is_control) {
        problems.add(format!("{name}: the title `{}` must be one line of text", shorten(title)));
    }
}

fn check_lengths(name: &str, texts: &[&str], limits: &Limits, problems: &mut Problems) {
    for text in texts {
        if text.len() > limits.string_length {
            problems.add(format!("{name}: a text has {} bytes, the limit is {}", text.len(), limits.string_length));
        }
    }
}

fn check_pairs(name: &str, what: &str, pairs: &[(String, String)], limits: &Limits, problems: &mut Problems) {
    check_list(name, what, pairs.len(), limits, problems);
    for (key, value) in pairs {
        check_lengths(name, &[key, value], limits, problems);
    }
}

fn check_list(name: &str, what: &str, length: usize, limits: &Limits, problems: &mut Problems) {
    if length > limits.list_length {
        problems.add(format!("{name}: `{what}` has {length} elements, the limit is {}", limits.list_length));
    }
}

/// Users write rule ids in comments, configuration and options, between commas and spaces.
fn is_rule_id(text: &str) -> bool {
    text.len() <= ID_LENGTH
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn is_kebab(text: &str) -> bool {
    text.len() <= ID_LENGTH
        && text
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// `framework:control`.
pub(crate) fn is_control(text: &str) -> bool {
    text.split_once(':').is_some_and(|(framework, control)| !framework.is_empty() && !control.is_empty())
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use verdikt_model::{Scope, Severity, Text};

    use super::*;

    pub(crate) fn rule(id: &str, slug: &str) -> RawRule {
        RawRule {
            info: RuleInfo {
                id: id.into(),
                slug: slug.into(),
                title: "Title".into(),
                description: String::new(),
                remediation: String::new(),
                severity: Severity::High,
                scope: Scope::Document,
                enabled_by_default: true,
                targets: Vec::new(),
                controls: vec!["frame:1.2".into()],
                texts: Vec::new(),
                settings_schema: None,
                extra: Vec::new(),
            },
            targets: vec![("workload".into(), "*".into()), ("kubernetes".into(), "Pod".into())],
        }
    }

    fn pack(rules: Vec<RawRule>) -> RawPack {
        RawPack { id: "my-pack".into(), version: "1.0.0".into(), title: "Pack".into(), rules, extra: Vec::new() }
    }

    fn text(language: &str, codes: &[&str]) -> Text {
        Text {
            language: language.into(),
            title: String::new(),
            description: String::new(),
            remediation: String::new(),
            messages: codes.iter().map(|code| ((*code).into(), String::new())).collect(),
        }
    }

    #[test]
    fn a_good_description_passes() {
        let info = check(pack(vec![rule("WL-001", "privileged"), rule("WL-002", "root")]), &Limits::default()).unwrap();
        assert_eq!(info.rules[1].id, "WL-002");
        let expected = [
            Target { platform: Platform::Workload, kind: None },
            Target { platform: Platform::Kubernetes, kind: Some("Pod".into()) },
        ];
        assert_eq!(info.rules[0].targets, expected);
    }

    #[test]
    fn every_part_of_a_description_is_checked() {
        type Change = fn(&mut RawPack);
        let cases: &[(&str, Change)] = &[
            ("the pack's id `My Pack`", |pack| pack.id = "My Pack".into()),
            ("the pack's id ``", |pack| pack.id.clear()),
            ("the pack's version `new`", |pack| pack.version = "new".into()),
            ("the pack: the title ``", |pack| pack.title = " ".into()),
            ("the pack has no rule", |pack| pack.rules.clear()),
            ("the pack has 1001 rules", |pack| pack.rules = vec![rule("A", "a"); 1001]),
            ("the id ``", |pack| pack.rules[0].info.id.clear()),
            ("the id `A,B`", |pack| pack.rules[0].info.id = "A,B".into()),
            ("the id `-A`", |pack| pack.rules[0].info.id = "-A".into()),
            ("the slug `Privileged`", |pack| pack.rules[0].info.slug = "Privileged".into()),
            ("the slug `a--b`", |pack| pack.rules[0].info.slug = "a--b".into()),
            ("the title `a b`", |pack| pack.rules[0].info.title = "a\nb".into()),
            ("`A-1` too", |pack| pack.rules.push(rule("A-1", "other"))),
            ("`first` too", |pack| pack.rules.push(rule("A-2", "first"))),
            ("without a target", |pack| pack.rules[0].targets.clear()),
            ("platform `azure`", |pack| pack.rules[0].targets[0].0 = "azure".into()),
            ("kind ``", |pack| pack.rules[0].targets[0].1.clear()),
            ("kind `Pod*`", |pack| pack.rules[0].targets[0].1 = "Pod*".into()),
            ("the control `none`", |pack| pack.rules[0].info.controls[0] = "none".into()),
            ("the control `a:`", |pack| pack.rules[0].info.controls[0] = "a:".into()),
            ("not JSON", |pack| pack.rules[0].info.settings_schema = Some("{".into())),
            ("a JSON object", |pack| pack.rules[0].info.settings_schema = Some("[]".into())),
            ("type `object`", |pack| pack.rules[0].info.settings_schema = Some(r#"{"type":"string"}"#.into())),
            ("not JSON", |pack| pack.rules[0].info.settings_schema = Some("[".repeat(10_000))),
            ("the language `d e`", |pack| pack.rules[0].info.texts = vec![text("d e", &[])]),
            ("two texts", |pack| pack.rules[0].info.texts = vec![text("de", &[]), text("de", &[])]),
            ("the message code `x`", |pack| pack.rules[0].info.texts = vec![text("de", &["x", "x"])]),
            ("a text has 70000 bytes", |pack| pack.rules[0].info.description = "x".repeat(70_000)),
            ("`extra` has 300 elements", |pack| pack.rules[0].info.extra = vec![Default::default(); 300]),
            ("and 1 problems more", |pack| {
                pack.rules = ["1", "2", "3", "4", "5", "6"].map(|id| rule(id, "A")).to_vec();
                for (index, rule) in pack.rules.iter_mut().enumerate() {
                    rule.info.slug = format!("Slug{index}");
                }
            }),
        ];
        for (expected, change) in cases {
            let mut changed = pack(vec![rule("A-1", "first")]);
            change(&mut changed);
            let error = check(changed, &Limits::default()).expect_err(expected);
            assert!(error.contains(expected), "expected {expected:?} in {error:?}");
        }
    }
}
