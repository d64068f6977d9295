//! The types that a platform demands of its fields, and how a value is copied under them.

use verdikt_model::{Entry, NodeId, NodeRef, Platform, Value};

use crate::workload::Derivation;

/// The type of a field. Tables of these are constants beside the derivation that uses them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Copied as it is.
    Any,
    Bool,
    /// A whole number that fits into 64 bits, as Kubernetes' `int32`/`int64` and AWS' `Integer`.
    Integer,
    Text,
    /// Kubernetes' `IntOrString`.
    IntegerOrText,
    /// Kubernetes' `Quantity`, whose decoder takes a string and a bare number (`Quantity.UnmarshalJSON`
    /// in k8s.io/apimachinery/pkg/api/resource).
    Quantity,
    List(&'static Shape),
    /// A map with keys of the user's own.
    Map(&'static Shape),
    /// A map with known members. Others are copied as they are: a field that the platform does not
    /// have is no type error.
    Object(&'static [(&'static str, Shape)]),
}

impl Shape {
    /// As a sentence names it.
    fn expected(self) -> &'static str {
        match self {
            Shape::Any => "a value",
            Shape::Bool => "a boolean",
            Shape::Integer => "a whole number",
            Shape::Text => "a string",
            Shape::IntegerOrText => "a whole number or a string",
            Shape::Quantity => "a quantity (a string such as \"250m\", or a number)",
            Shape::List(_) => "a list",
            Shape::Map(_) | Shape::Object(_) => "a map",
        }
    }
}

impl Derivation<'_> {
    /// Copies a value that is there, checking it on the way. What does not fit becomes unknown, and
    /// a diagnostic says so. `name` is the field's, for the diagnostic.
    pub(crate) fn fit(&mut self, node: NodeRef<'_>, shape: Shape, name: &str) -> NodeId {
        // The recursion is bounded by the depth limit of the loaders.
        match (shape, node.value()) {
            (_, Value::Unknown(_)) => self.builder.copy(node),
            (Shape::Any | Shape::Map(_) | Shape::Object(_), Value::Map(_)) => self.fit_members(node, shape),
            (Shape::Any, Value::List(_)) => self.fit_items(node, Shape::Any, name),
            (Shape::List(item), Value::List(_)) => self.fit_items(node, *item, name),
            (Shape::Any, _)
            | (Shape::Bool, Value::Bool(_))
            | (Shape::Text | Shape::IntegerOrText, Value::String(_))
            | (Shape::Quantity, Value::Number(_)) => self.builder.copy(node),
            (Shape::Quantity, Value::String(_)) if node.as_str().is_some_and(is_quantity) => self.builder.copy(node),
            (Shape::Integer | Shape::IntegerOrText, Value::Number(_)) => self.fit_integer(node, shape, name),
            _ => self.wrong_type(node, shape.expected(), name),
        }
    }

    fn fit_members(&mut self, node: NodeRef<'_>, shape: Shape) -> NodeId {
        let mut entries: Vec<Entry> = Vec::with_capacity(node.entries().len());
        for (key, key_span, member) in node.keyed_entries() {
            if member.is_null() {
                continue;
            }
            let member_shape = match shape {
                Shape::Map(shape) => *shape,
                Shape::Object(known) => known.iter().find(|(name, _)| *name == key).map_or(Shape::Any, |known| known.1),
                _ => Shape::Any,
            };
            let copied = self.fit(member, member_shape, key);
            entries.push(self.builder.entry(key, key_span, copied));
        }
        let id = self.builder.map(node.span(), &entries);
        self.take_place_of(id, node);
        id
    }

    fn fit_items(&mut self, node: NodeRef<'_>, shape: Shape, name: &str) -> NodeId {
        let mut items: Vec<NodeId> = Vec::with_capacity(node.items().len());
        for item in node.items() {
            // Go's decoder leaves the zero value where a list of strings has a null; AWS' tools refuse it.
            let copied = if item.is_null() && matches!(shape, Shape::Text) && self.platform() == Platform::Kubernetes {
                let empty = self.builder.string(item.span(), "");
                self.stand_for(empty, item);
                empty
            } else {
                self.fit(item, shape, name)
            };
            items.push(copied);
        }
        let id = self.builder.list(node.span(), &items);
        self.take_place_of(id, node);
        id
    }

    fn fit_integer(&mut self, node: NodeRef<'_>, shape: Shape, name: &str) -> NodeId {
        match node.as_number().and_then(whole_number) {
            Some(value) => {
                let id = self.builder.number(node.span(), &value.to_string());
                self.take_place_of(id, node);
                id
            }
            None => self.wrong_type(node, shape.expected(), name),
        }
    }

    /// A value that has no place for a placeholder, such as one of a fixed set of words: unknown where
    /// one still has to be filled in, else its checked copy.
    pub(crate) fn fit_word(&mut self, node: NodeRef<'_>, name: &str) -> NodeId {
        match node.as_str() {
            Some(text) if is_placeholder(text) => self.unknown(PLACEHOLDER, node),
            _ => self.fit(node, Shape::Text, name),
        }
    }

    /// An unknown value in place of one that the platform refuses, and a diagnostic. Where something
    /// still has to be filled in, nothing is wrong yet.
    pub(crate) fn wrong_type(&mut self, node: NodeRef<'_>, expected: &str, name: &str) -> NodeId {
        if node.as_str().is_some_and(is_placeholder) {
            return self.unknown(PLACEHOLDER, node);
        }
        let message = format!(
            "`{name}` must be {expected}, but it is {}. {} refuses the document; what this field decides is unknown.",
            found_with_text(node),
            self.platform_name()
        );
        let why = format!("wrong type: expected {expected}, found {}", found(node));
        self.invalid(node, message, &why)
    }
}

/// Whether Kubernetes reads a text as a quantity: a sign, a decimal number and a suffix, with spaces around
/// them. All digits may be missing: `Mi` is nothing (`ParseQuantity` in k8s.io/apimachinery/pkg/api/resource).
fn is_quantity(text: &str) -> bool {
    const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let text = text.trim_matches(' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let fraction = unsigned.trim_start_matches(|character: char| character.is_ascii_digit());
    let fraction = fraction.strip_prefix('.').unwrap_or(fraction);
    let suffix = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
    let exponent = suffix.strip_prefix(['e', 'E']);
    let is_suffix = SUFFIXES.contains(&suffix) || exponent.is_some_and(|exponent| exponent.parse::<i64>().is_ok());
    !text.is_empty() && is_suffix
}

/// Why a value is unknown that still has to be filled in.
pub(crate) const PLACEHOLDER: &str = "a placeholder that is filled in before the platform sees it";

/// Whether a text has a placeholder of the tools that fill in files before they are applied: `${NAME}`
/// of envsubst and Flux, `{{ … }}` and `<% … %>` of templates, `<NAME>` of CodeDeploy
/// (<https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-ecs-ecr-codedeploy.html>).
/// Commands may have all of these for reasons of their own, so it is asked where no such text is valid.
pub(crate) fn is_placeholder(text: &str) -> bool {
    [("${", "}"), ("{{", "}}"), ("<", ">")]
        .into_iter()
        .any(|(open, close)| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close)))
}

/// The type of a value as a sentence names it.
pub(crate) fn found(node: NodeRef<'_>) -> &'static str {
    match node.value() {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Unknown(_) => "a value that cannot be known",
    }
}

/// The type of a value with its text where that is short: what a person looks for in the file.
fn found_with_text(node: NodeRef<'_>) -> String {
    const LONGEST: usize = 40;
    match node.value() {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => {
            let text = node.to_json();
            if text.len() <= LONGEST { format!("{} ({text})", found(node)) } else { found(node).to_owned() }
        }
        _ => found(node).to_owned(),
    }
}

/// The whole number that a JSON number means to an API server.
///
/// Manifests reach it through clients that read numbers as `int64` or else `float64` and write them
/// anew (k8s.io/apimachinery/pkg/runtime/serializer/json, sigs.k8s.io/yaml), so `1000.0` and `1e3`
/// arrive as `1000`, while `1.5` and numbers beyond 64 bits are refused.
pub(crate) fn whole_number(text: &str) -> Option<i64> {
    if let Ok(value) = text.parse::<i64>() {
        return Some(value);
    }
    if !text.contains(['.', 'e', 'E']) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    // Beyond 2^53 neighboring integers are one float, so the text no longer says which is meant.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        for (text, expected) in [
            ("${TAG}", true),
            ("nginx:${TAG:-1}", true),
            ("{{ image }}", true),
            ("<%= image %>", true),
            ("<IMAGE1_NAME>", true),
            ("$TAG", false),
            ("${TAG", false),
            ("a > b", false),
            ("registry.example/app:1@sha256:00", false),
        ] {
            assert_eq!(is_placeholder(text), expected, "{text}");
        }
    }

    #[test]
    fn quantities() {
        for text in ["1", "-1", "+.5Gi", "5.", "1e3", "1E", "12e-3", " 1Mi ", "Mi", "0.1m"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", " ", "128mi", "1G i", "1MB", "128K", "1.2.3", "1e", "e", "--1", "1e99999999999999999999"] {
            assert!(!is_quantity(text), "{text}");
        }
    }

    #[test]
    fn whole_numbers() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("-0", Some(0)),
            ("1000.0", Some(1000)),
            ("1e3", Some(1000)),
            ("1.5e1", Some(15)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1.5", None),
            ("1e300", None),
            ("1e-3", None),
        ] {
            assert_eq!(whole_number(text), expected, "{text}");
        }
    }
}
