//! Settings of rules: defaults from their schema, overridden by parameters, validated.

use serde_json::{Map, Value};
use verdikt_model::{PackInfo, RuleInfo};

use crate::error::{Error, nearest};

/// `[RULE.]key=value` of `--param`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Id or slug; `None` for every rule that has the key.
    pub rule: Option<String>,
    pub key: String,
    /// JSON, or plain text where the schema says `string`.
    pub value: String,
}

impl Parameter {
    /// Splits `[RULE.]key=value`. Keys may have dots themselves, so a first part counts as a rule
    /// only when one of `rules` has it as id or slug.
    ///
    /// # Errors
    /// A sentence when there is no `=` or no key.
    pub fn parse<'a>(text: &str, rules: impl IntoIterator<Item = &'a RuleInfo>) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| !name.trim().is_empty())
            .ok_or_else(|| format!("`{text}` is no parameter; expected [RULE.]key=value"))?;
        let (name, value) = (name.trim(), value.to_owned());
        if let Some((first, key)) = name.split_once('.') {
            let names_rule = rules.into_iter().any(|rule| is_named(rule, first));
            if names_rule && !key.is_empty() {
                return Ok(Parameter { rule: Some(first.to_owned()), key: key.to_owned(), value });
            }
        }
        Ok(Parameter { rule: None, key: name.to_owned(), value })
    }
}

fn is_named(rule: &RuleInfo, name: &str) -> bool {
    rule.id.eq_ignore_ascii_case(name) || rule.slug.eq_ignore_ascii_case(name)
}

/// Every parameter must mean something to some rule that is loaded, selected or not.
///
/// # Errors
/// [`Error::UnknownParameter`] for the first that does not.
pub(crate) fn check_names(packs: &[&PackInfo], parameters: &[Parameter]) -> Result<(), Error> {
    let rules = || packs.iter().flat_map(|pack| &pack.rules);
    for parameter in parameters {
        let mut meant = rules().filter(|rule| parameter.rule.as_deref().is_none_or(|name| is_named(rule, name)));
        if meant.clone().next().is_none() {
            let name = parameter.rule.clone().unwrap_or_default();
            let near = nearest(&name, rules().flat_map(|rule| [rule.id.as_str(), rule.slug.as_str()]));
            return Err(Error::UnknownSelector { selector: name, nearest: near });
        }
        if !meant.any(|rule| properties(rule).contains_key(&parameter.key)) {
            let keys: Vec<String> = rules()
                .filter(|rule| parameter.rule.as_deref().is_none_or(|name| is_named(rule, name)))
                .flat_map(|rule| properties(rule).into_iter().map(|(key, _)| key))
                .collect();
            let near = nearest(&parameter.key, keys.iter().map(String::as_str));
            return Err(Error::UnknownParameter {
                rule: parameter.rule.clone(),
                key: parameter.key.clone(),
                nearest: near,
            });
        }
    }
    Ok(())
}

/// The settings of a rule as JSON text: defaults of its schema, then the parameters in their order.
///
/// # Errors
/// [`Error::InvalidParameter`] when a value does not fit the schema.
pub(crate) fn settings(rule: &RuleInfo, parameters: &[Parameter]) -> Result<String, Error> {
    let properties = properties(rule);
    let mut settings = Map::new();
    for (key, property) in &properties {
        if let Some(default) = property.get("default") {
            settings.insert(key.clone(), default.clone());
        }
    }
    let mut overridden = false;
    for parameter in parameters {
        if !parameter.rule.as_deref().is_none_or(|name| is_named(rule, name)) {
            continue;
        }
        let Some(property) = properties.get(&parameter.key) else { continue };
        overridden = true;
        let invalid =
            |problem: String| Error::InvalidParameter { rule: rule.id.clone(), key: parameter.key.clone(), problem };
        let value = value_of(property, &parameter.value).map_err(invalid)?;
        settings.insert(parameter.key.clone(), value);
    }
    let settings = Value::Object(settings);
    // Compiling a schema costs more than judging a document; what nobody set needs no validation.
    if let Some(schema) = schema(rule).filter(|_| overridden) {
        let validator = jsonschema::validator_for(&schema).map_err(|error| Error::InvalidParameter {
            rule: rule.id.clone(),
            key: "(schema)".to_owned(),
            problem: format!("the pack's schema of settings is invalid: {error}"),
        })?;
        if let Some(error) = validator.iter_errors(&settings).next() {
            let path = error.instance_path().to_string();
            let key = path.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
            return Err(Error::InvalidParameter { rule: rule.id.clone(), key, problem: error.to_string() });
        }
    }
    Ok(settings.to_string())
}

fn value_of(property: &Value, text: &str) -> Result<Value, String> {
    let expected = property.get("type").and_then(Value::as_str);
    if expected == Some("string") {
        return Ok(Value::String(text.to_owned()));
    }
    serde_json::from_str(text).map_err(|error| {
        let example = match expected {
            Some("array") => "a JSON list such as [\"a\",\"b\"]",
            Some("boolean") => "true or false",
            Some("integer" | "number") => "a number",
            Some("object") => "a JSON object",
            _ => "JSON",
        };
        format!("`{text}` is not {example} ({error})")
    })
}

fn schema(rule: &RuleInfo) -> Option<Value> {
    // The runtime has checked that it is a JSON object when the pack was loaded.
    serde_json::from_str(rule.settings_schema.as_deref()?).ok()
}

/// The schema's properties by name: the rule's parameters.
fn properties(rule: &RuleInfo) -> Map<String, Value> {
    match schema(rule).as_mut().and_then(|schema| schema.get_mut("properties")).map(Value::take) {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use verdikt_model::{Scope, Severity};

    use super::*;

    fn rule() -> RuleInfo {
        RuleInfo {
            id: "WL-005".into(),
            slug: "added-capabilities".into(),
            title: String::new(),
            description: String::new(),
            remediation: String::new(),
            severity: Severity::High,
            scope: Scope::Document,
            enabled_by_default: true,
            targets: vec![],
            controls: vec![],
            texts: vec![],
            settings_schema: Some(
                r#"{"type":"object","additionalProperties":false,"properties":{
                    "allowed":{"type":"array","items":{"type":"string"},"default":["NET_BIND_SERVICE"]},
                    "assume_complete.cluster":{"type":"boolean","default":false},
                    "label":{"type":"string","default":""}}}"#
                    .into(),
            ),
            extra: vec![],
        }
    }

    #[test]
    fn parameters_override_defaults_and_are_validated() {
        let rule = rule();
        let run = |texts: &[&str]| {
            let parameters: Vec<Parameter> =
                texts.iter().map(|text| Parameter::parse(text, [&rule]).unwrap()).collect();
            settings(&rule, &parameters).map_err(|error| error.to_string())
        };
        assert_eq!(run(&[]).unwrap(), r#"{"allowed":["NET_BIND_SERVICE"],"assume_complete.cluster":false,"label":""}"#);
        assert_eq!(
            run(&["wl-005.allowed=[]", "assume_complete.cluster=true", "added-capabilities.label=a=b"]).unwrap(),
            r#"{"allowed":[],"assume_complete.cluster":true,"label":"a=b"}"#
        );
        assert!(run(&["allowed=CHOWN"]).unwrap_err().contains("JSON list"));
        assert!(run(&["allowed=[1]"]).unwrap_err().contains("`allowed`"));
    }

    #[test]
    fn unknown_parameters_are_refused() {
        let pack =
            PackInfo { id: "p".into(), version: "1".into(), title: String::new(), rules: vec![rule()], extra: vec![] };
        let check = |text: &str| check_names(&[&pack], &[Parameter::parse(text, &pack.rules).unwrap()]);
        assert!(check("allowed=[]").is_ok());
        assert!(matches!(check("alowed=[]"), Err(Error::UnknownParameter { nearest, .. }) if nearest == ["allowed"]));
        assert!(matches!(check("WL-005.nothing=1"), Err(Error::UnknownParameter { rule: Some(_), .. })));
        assert!(Parameter::parse("novalue", []).is_err());
    }
}
