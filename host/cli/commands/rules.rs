//! `verdikt rules`: every rule that is loaded.

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;
use verdikt_engine::model::{PackInfo, RuleInfo, Sources};
use verdikt_engine::report::escaped;

use crate::args::{ListFormat, RulesArgs};
use crate::exit::Exit;
use crate::options::Environment;
use crate::{packs, problems, table};

pub(crate) fn run(args: &RulesArgs, environment: &Environment) -> Result<Exit> {
    let engine = packs::engine(&args.packs, environment, None)?;
    let text = match args.format {
        ListFormat::Table => list(engine.rules(), environment.width()),
        ListFormat::Json => json(engine.rules())?,
    };
    super::print(&text)?;
    let errors = problems::print(engine.problems(), &Sources::default());
    Ok(if errors { Exit::Failed } else { Exit::Clean })
}

fn list<'a>(rules: impl Iterator<Item = (&'a PackInfo, &'a RuleInfo)>, width: usize) -> String {
    let rows = rules.map(|(pack, rule)| {
        let default = if rule.enabled_by_default { "on" } else { "off" };
        [&rule.id, &rule.slug, rule.severity.as_str(), &pack.id, default, &rule.title]
            .map(|cell| escaped(cell).into_owned())
    });
    table::render(["ID", "SLUG", "SEVERITY", "PACK", "DEFAULT", "TITLE"], rows, width)
}

/// The published form of a rule.
#[derive(Serialize)]
struct JsonRule<'a> {
    id: &'a str,
    slug: &'a str,
    title: &'a str,
    severity: &'static str,
    pack: &'a str,
    scope: &'static str,
    targets: Vec<String>,
    enabled_by_default: bool,
    controls: &'a [String],
    parameters: Vec<JsonParameter>,
}

#[derive(Serialize)]
struct JsonParameter {
    name: String,
    #[serde(rename = "type")]
    kind: Value,
    default: Value,
    description: Value,
}

fn json<'a>(rules: impl Iterator<Item = (&'a PackInfo, &'a RuleInfo)>) -> Result<String> {
    let rules: Vec<JsonRule<'_>> = rules
        .map(|(pack, rule)| JsonRule {
            id: &rule.id,
            slug: &rule.slug,
            title: &rule.title,
            severity: rule.severity.as_str(),
            pack: &pack.id,
            scope: rule.scope.as_str(),
            targets: rule.targets.iter().map(ToString::to_string).collect(),
            enabled_by_default: rule.enabled_by_default,
            controls: &rule.controls,
            parameters: parameters(rule)
                .into_iter()
                .map(|(name, schema)| JsonParameter {
                    name,
                    kind: schema["type"].clone(),
                    default: schema["default"].clone(),
                    description: schema["description"].clone(),
                })
                .collect(),
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&rules).context("cannot write the rules as JSON")?;
    text.push('\n');
    Ok(text)
}

/// Names and schemas of what can be set, in the order of the schema.
pub(super) fn parameters(rule: &RuleInfo) -> Vec<(String, Value)> {
    let schema: Option<Value> = rule.settings_schema.as_ref().and_then(|text| serde_json::from_str(text).ok());
    match schema.and_then(|mut schema| schema.get_mut("properties").map(Value::take)) {
        Some(Value::Object(properties)) => properties.into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use verdikt_engine::model::{Platform, Scope, Severity, Target};

    use super::*;

    pub(in crate::commands) fn pack() -> PackInfo {
        PackInfo {
            id: "workload".to_owned(),
            version: "0.1.0".to_owned(),
            title: "Workloads".to_owned(),
            rules: vec![RuleInfo {
                id: "IM-001".to_owned(),
                slug: "image-registry".to_owned(),
                title: "Images come from registries that are allowed".to_owned(),
                description: "## What\n\nThe registry.\n\n```yaml\nimage: a\n```".to_owned(),
                remediation: "Use `registry`.".to_owned(),
                severity: Severity::High,
                scope: Scope::Document,
                enabled_by_default: false,
                targets: vec![
                    Target { platform: Platform::Workload, kind: None },
                    Target { platform: Platform::Kubernetes, kind: Some("Pod".to_owned()) },
                ],
                controls: vec!["owasp-container:d10".to_owned()],
                texts: Vec::new(),
                settings_schema: Some(
                    r#"{"type":"object","properties":{"registries":{"type":"array","default":["a"],"description":"Allowed."},"strict":{"type":"boolean","default":false}}}"#
                        .to_owned(),
                ),
                extra: Vec::new(),
            }],
            extra: Vec::new(),
        }
    }

    #[test]
    fn the_json_is_the_published_form() {
        let pack = pack();
        let text = json(pack.rules.iter().map(|rule| (&pack, rule))).unwrap();
        let rules: Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!([{
            "id": "IM-001", "slug": "image-registry", "title": "Images come from registries that are allowed",
            "severity": "high", "pack": "workload", "scope": "document", "targets": ["workload/*", "kubernetes/Pod"],
            "enabled_by_default": false, "controls": ["owasp-container:d10"],
            "parameters": [
                {"name": "registries", "type": "array", "default": ["a"], "description": "Allowed."},
                {"name": "strict", "type": "boolean", "default": false, "description": null},
            ],
        }]);
        assert_eq!(rules, expected);
    }

    #[test]
    fn a_rule_without_settings_has_no_parameters() {
        let mut pack = pack();
        pack.rules[0].settings_schema = None;
        assert!(parameters(&pack.rules[0]).is_empty());
    }
}
