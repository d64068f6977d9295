//! Settings of rules: typed parameters with defaults, their JSON Schema, and how they are read.

use crate::json::quote;
use crate::node::{Field, Node};

/// A type that a parameter of a rule can have.
pub trait Setting: Sized {
    /// The members of the parameter's JSON Schema that say its type, such as `"type": "boolean"`.
    const SCHEMA: &'static str;

    /// The value as JSON text.
    fn to_json(&self) -> String;

    /// Reads the value. `None` when it is of another type.
    fn read(node: Node<'_>) -> Option<Self>;
}

impl Setting for bool {
    const SCHEMA: &'static str = r#""type": "boolean""#;

    fn to_json(&self) -> String {
        self.to_string()
    }

    fn read(node: Node<'_>) -> Option<Self> {
        node.bool().known()
    }
}

impl Setting for i64 {
    const SCHEMA: &'static str = r#""type": "integer""#;

    fn to_json(&self) -> String {
        self.to_string()
    }

    fn read(node: Node<'_>) -> Option<Self> {
        node.integer().known()
    }
}

impl Setting for String {
    const SCHEMA: &'static str = r#""type": "string""#;

    fn to_json(&self) -> String {
        quote(self)
    }

    fn read(node: Node<'_>) -> Option<Self> {
        node.str().known().map(str::to_owned)
    }
}

/// A list of strings as a parameter: `Strings::from(["a", "b"])`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strings(Vec<String>);

impl Strings {
    /// Whether the list has this very string.
    pub fn contains(&self, text: &str) -> bool {
        self.0.iter().any(|item| item == text)
    }

    /// The strings in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The strings in one text, for messages.
    pub fn join(&self, separator: &str) -> String {
        self.0.join(separator)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<[&str; N]> for Strings {
    fn from(items: [&str; N]) -> Self {
        Strings(items.iter().map(|item| (*item).to_owned()).collect())
    }
}

impl FromIterator<String> for Strings {
    fn from_iter<I: IntoIterator<Item = String>>(items: I) -> Self {
        Strings(items.into_iter().collect())
    }
}

impl Setting for Strings {
    const SCHEMA: &'static str = r#""type": "array", "items": {"type": "string"}"#;

    fn to_json(&self) -> String {
        let items: Vec<String> = self.iter().map(quote).collect();
        format!("[{}]", items.join(", "))
    }

    fn read(node: Node<'_>) -> Option<Self> {
        let list = node.list();
        if !node.is_known() || list.rest().is_some() {
            return None;
        }
        list.known().map(|item: Node<'_>| String::read(item)).collect::<Option<_>>().map(Strings)
    }
}

/// A rule's settings as a whole; [`rule!`](crate::rule) implements it.
pub trait Settings: Sized + 'static {
    /// JSON Schema (draft 2020-12) with the defaults.
    fn schema() -> String;

    /// Reads settings; what is absent gets its default.
    ///
    /// # Errors
    /// When a parameter is of another type or of a name that the rule does not know.
    fn read(node: Node<'_>) -> Result<Self, String>;
}

/// One property of a settings schema.
#[doc(hidden)]
pub fn property<T: Setting>(name: &str, about: &[&str], default: &T) -> String {
    let about: Vec<&str> = about.iter().map(|line| line.trim()).collect();
    format!(
        r#"{}: {{"description": {}, {}, "default": {}}}"#,
        quote(name),
        quote(about.join(" ").trim()),
        T::SCHEMA,
        default.to_json()
    )
}

/// The schema of an object with these properties.
#[doc(hidden)]
pub fn object_schema(properties: &[String]) -> String {
    format!(
        r#"{{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {{{}}}, "additionalProperties": false}}"#,
        properties.join(", ")
    )
}

/// One parameter out of an object of settings. The host fills in defaults, so they are made only where they
/// are asked for.
#[doc(hidden)]
pub fn parameter<T: Setting>(settings: Node<'_>, name: &str, default: impl FnOnce() -> T) -> Result<T, String> {
    let node = settings.get(name);
    if node.is_absent() {
        return Ok(default());
    }
    T::read(node).ok_or_else(|| format!("parameter `{name}` must be {{{}}}", T::SCHEMA))
}

/// Refuses settings that are no object, and parameters that a rule does not have.
#[doc(hidden)]
pub fn refuse_others(settings: Node<'_>, names: &[&str]) -> Result<(), String> {
    let Field::Known(members) = settings.members() else {
        return Err("the settings must be an object".to_owned());
    };
    for (name, _) in members {
        if !names.contains(&name) {
            return Err(format!("there is no parameter `{name}` (there are: {})", names.join(", ")));
        }
    }
    Ok(())
}

/// Settings of a rule that has none.
impl Settings for () {
    fn schema() -> String {
        object_schema(&[])
    }

    fn read(node: Node<'_>) -> Result<Self, String> {
        match node.members() {
            Field::Known(mut members) => match members.next() {
                None => Ok(()),
                Some((name, _)) => Err(format!("the rule has no parameters, so none named `{name}`")),
            },
            _ => Err("the settings must be an object".to_owned()),
        }
    }
}
