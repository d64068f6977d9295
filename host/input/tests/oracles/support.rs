//! What the oracles share: where they are, and trees as values that compare.

use std::path::PathBuf;

use serde_json::{Map, Number, Value};
use verdikt_input::{InputLimits, ParsedDocument, Syntax, parse};
use verdikt_model::{Diagnostic, FileId, NodeRef, Value as Kind};

/// A folder of files that others wrote, where this machine has them.
pub fn corpus(path: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpora")).join(path);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there is no folder {}", folder.display());
    None
}

/// Parses a text under the default limits.
pub fn read(syntax: Syntax, text: &str) -> (Vec<ParsedDocument>, Vec<Diagnostic>) {
    parse(syntax, FileId(0), text, &InputLimits::default())
}

/// The root node of a parsed document.
pub fn root(document: &ParsedDocument) -> NodeRef<'_> {
    document.tree.node(document.root)
}

/// A node as a value that compares by meaning. Unknown values become objects with the keys that packs
/// see.
pub fn value(node: NodeRef<'_>) -> Value {
    match node.value() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => value.into(),
        Kind::Number(_) => number(node.as_number().unwrap_or_default()),
        Kind::String(_) => node.as_str().unwrap_or_default().into(),
        Kind::List(_) => node.items().map(value).collect(),
        Kind::Map(_) => members(node.entries()),
        Kind::Unknown(_) => members(node.unknown_entries()),
    }
}

fn members<'a>(entries: impl Iterator<Item = (&'a str, NodeRef<'a>)>) -> Value {
    Value::Object(entries.map(|(key, node)| (key.to_owned(), value(node))).collect::<Map<_, _>>())
}

/// A number of JSON's grammar by its value: `1`, `1.0` and `1e0` are the same.
fn number(text: &str) -> Value {
    let integer = text.parse::<i64>().ok().map(Number::from).or_else(|| text.parse::<u64>().ok().map(Number::from));
    integer.map_or_else(|| float(text.parse().unwrap_or(f64::NAN)), Value::Number)
}

/// A float as the integer that it is, where it is a small one. No JSON has what is not finite.
fn float(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { Value::from(number as i64) } else { Value::from(number) }
}

/// Another program's value in the form of [`value`].
pub fn normal(value: Value) -> Value {
    match value {
        Value::Number(found) => match found.as_f64() {
            Some(number) if found.is_f64() => float(number),
            _ => Value::Number(found),
        },
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(members) => Value::Object(members.into_iter().map(|(key, value)| (key, normal(value))).collect()),
        other => other,
    }
}
