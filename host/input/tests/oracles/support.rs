//! What the oracles share: where they are, and trees as values that compare.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRng, TestRunner};
use serde_json::{Map, Value};
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
    text.parse::<i64>().map_or_else(|_| float(text.parse().unwrap_or(f64::NAN)), Value::from)
}

/// A float as the integer that it is, where it is one that a signed integer holds.
fn float(number: f64) -> Value {
    let is_integer = number.fract() == 0.0 && number.abs() < 9.2e18;
    if is_integer { Value::from(number as i64) } else { Value::from(number) }
}

/// Another program's value in the form of [`value`].
pub fn normal(value: Value) -> Value {
    match value {
        Value::Number(found) => number(&found.to_string()),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(members) => Value::Object(members.into_iter().map(|(key, value)| (key, normal(value))).collect()),
        other => other,
    }
}

/// A value whose members stand in the order of their keys.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> =
                members.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            members.into_iter().collect()
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// All files below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { found.append(&mut files(&path)) } else { found.push(path) }
    }
    found
}

/// What differs from what it should be, so that one run shows all of it.
#[derive(Default)]
pub struct Wrong {
    lines: Vec<String>,
}

impl Wrong {
    pub fn check<T: Debug + PartialEq>(&mut self, found: &T, expected: &T, case: &str) {
        if found != expected {
            self.lines.push(format!("{case:?} is {found:?} instead of {expected:?}"));
        }
    }

    pub fn must_be_empty(&self) {
        let first = self.lines.iter().take(20).fold(String::new(), |out, line| out + "\n" + line);
        assert!(self.lines.is_empty(), "{} cases differ, the first ones:{first}", self.lines.len());
    }
}

/// How property tests run: the same cases each time.
pub fn reproducible(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() }
}

/// One value of a strategy, the same for the same number.
pub fn sample<S: Strategy>(strategy: &S, number: usize) -> S::Value {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(number as u64).to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    strategy.new_tree(&mut runner).unwrap().current()
}
