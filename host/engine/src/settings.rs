//! Parameters of rules: what their schema says of them, and what `--param` states.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value};
use verdikt_model::RuleInfo;

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

impl Parameter {
    /// Whether it is meant for a rule, which need not have the key.
    pub(crate) fn names(&self, rule: &RuleInfo) -> bool {
        self.rule.as_deref().is_none_or(|name| is_named(rule, name))
    }
}

fn is_named(rule: &RuleInfo, name: &str) -> bool {
    rule.id.eq_ignore_ascii_case(name) || rule.slug.eq_ignore_ascii_case(name)
}

/// Every parameter must mean something to some rule that is loaded, selected or not.
///
/// # Errors
/// [`Error::UnknownParameter`] for the first that does not.
pub(crate) fn check_names<'a>(
    schemas: impl Iterator<Item = &'a Schema<'a>> + Clone,
    parameters: &[Parameter],
) -> Result<(), Error> {
    for parameter in parameters {
        let meant: Vec<&Schema<'_>> = schemas.clone().filter(|schema| parameter.names(schema.rule)).collect();
        if meant.is_empty() {
            let name = parameter.rule.clone().unwrap_or_default();
            let rules = schemas.clone().flat_map(|schema| [schema.rule.id.as_str(), schema.rule.slug.as_str()]);
            return Err(Error::UnknownSelector { nearest: nearest(&name, rules), selector: name });
        }
        if !meant.iter().any(|schema| schema.has(&parameter.key)) {
            return Err(Error::UnknownParameter {
                rule: parameter.rule.clone(),
                key: parameter.key.clone(),
                nearest: nearest(&parameter.key, meant.iter().flat_map(|schema| schema.keys())),
            });
        }
    }
    Ok(())
}

/// What a rule says of its parameters.
pub(crate) struct Schema<'a> {
    rule: &'a RuleInfo,
    whole: Option<Value>,
    /// Compiling a schema costs more than judging a document, and what nobody set needs no validation.
    validator: OnceLock<Result<Validator, String>>,
}

/// A value that does not fit.
pub(crate) struct Misfit {
    /// Empty where the settings as a whole are meant.
    pub key: String,
    pub problem: String,
}

impl<'a> Schema<'a> {
    pub(crate) fn new(rule: &'a RuleInfo) -> Self {
        // The runtime has checked that it is a JSON object when the pack was loaded.
        let whole = rule.settings_schema.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Schema { rule, whole, validator: OnceLock::new() }
    }

    fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        let properties = self.whole.as_ref().and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        properties.into_iter().flatten()
    }

    fn property(&self, key: &str) -> Option<&Value> {
        self.properties().find(|(name, _)| *name == key).map(|(_, property)| property)
    }

    /// The names of the parameters, in the order of the schema.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.properties().map(|(key, _)| key.as_str())
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.property(key).is_some()
    }

    pub(crate) fn default(&self, key: &str) -> Option<&Value> {
        self.property(key)?.get("default")
    }

    /// What holds where nothing is stated.
    pub(crate) fn defaults(&self) -> Map<String, Value> {
        let defaults =
            self.properties().filter_map(|(key, property)| Some((key.clone(), property.get("default")?.clone())));
        defaults.collect()
    }

    /// The value that a text means, as `--param` has it.
    ///
    /// # Errors
    /// When it is not JSON and the parameter is no text.
    pub(crate) fn parse(&self, key: &str, text: &str) -> Result<Value, String> {
        value_of(self.property(key).unwrap_or(&Value::Null), text)
    }

    /// Everything about settings that does not fit.
    pub(crate) fn misfits(&self, settings: &Map<String, Value>) -> Vec<Misfit> {
        let Some(schema) = &self.whole else { return Vec::new() };
        let validator =
            self.validator.get_or_init(|| jsonschema::validator_for(schema).map_err(|error| error.to_string()));
        let validator = match validator {
            Ok(validator) => validator,
            Err(error) => {
                let problem = format!("the schema that pack gives for {} is invalid: {error}", self.rule.id);
                return vec![Misfit { key: String::new(), problem }];
            }
        };
        let settings = Value::Object(settings.clone());
        let misfit = |error: jsonschema::ValidationError<'_>| {
            let path = error.instance_path().to_string();
            let key = path.trim_start_matches('/').split('/').next().unwrap_or_default();
            Misfit { key: key.replace("~1", "/").replace("~0", "~"), problem: error.to_string() }
        };
        validator.iter_errors(&settings).map(misfit).collect()
    }
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
    fn values_are_read_and_validated() {
        let rule = rule();
        let schema = Schema::new(&rule);
        let defaults = schema.defaults();
        assert_eq!(
            Value::Object(defaults.clone()).to_string(),
            r#"{"allowed":["NET_BIND_SERVICE"],"assume_complete.cluster":false,"label":""}"#
        );
        assert_eq!(schema.parse("allowed", "[]"), Ok(serde_json::json!([])));
        assert_eq!(schema.parse("label", "[]"), Ok(serde_json::json!("[]")));
        assert!(schema.parse("allowed", "CHOWN").unwrap_err().contains("JSON list"));
        let misfits = |key: &str, value: Value| {
            let mut settings = schema.defaults();
            settings.insert(key.to_owned(), value);
            schema.misfits(&settings).into_iter().map(|misfit| misfit.key).collect::<Vec<_>>()
        };
        assert_eq!(schema.misfits(&defaults).len(), 0);
        assert_eq!(misfits("allowed", serde_json::json!([1])), ["allowed"]);
        assert_eq!(misfits("assume_complete.cluster", serde_json::json!("yes")), ["assume_complete.cluster"]);
        assert_eq!(misfits("alowed", serde_json::json!([])), [""]);
    }

    #[test]
    fn parameters_are_split_and_unknown_ones_refused() {
        let rule = rule();
        let schema = Schema::new(&rule);
        let parse = |text: &str| Parameter::parse(text, [&rule]);
        let named = |rule: Option<&str>, key: &str, value: &str| {
            Ok(Parameter { rule: rule.map(str::to_owned), key: key.to_owned(), value: value.to_owned() })
        };
        assert_eq!(parse("wl-005.allowed=[]"), named(Some("wl-005"), "allowed", "[]"));
        assert_eq!(parse("assume_complete.cluster=true"), named(None, "assume_complete.cluster", "true"));
        assert_eq!(parse("added-capabilities.label=a=b"), named(Some("added-capabilities"), "label", "a=b"));
        assert!(parse("novalue").is_err());
        let check = |text: &str| check_names([&schema].into_iter(), &[parse(text).unwrap()]);
        assert!(check("allowed=[]").is_ok());
        assert!(matches!(check("alowed=[]"), Err(Error::UnknownParameter { nearest, .. }) if nearest == ["allowed"]));
        assert!(matches!(check("WL-005.nothing=1"), Err(Error::UnknownParameter { rule: Some(_), .. })));
    }
}
