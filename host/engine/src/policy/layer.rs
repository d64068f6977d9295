//! What the top of a config and a profile say alike: selection, mode, threshold, parameters, rules.

use serde_json::{Map, Value as Json};
use verdikt_model::{Mode, NodeRef, Severity};

use super::origin::Stated;
use super::reader::Reader;
use crate::engine::UnknownPolicy;

/// The members that a config's top and its profiles share.
pub(crate) const MEMBERS: [&str; 7] = ["select", "ignore", "mode", "fail-on", "unknown", "params", "rules"];

/// One layer of what is stated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    /// Empty: the layer does not choose.
    pub select: Vec<Stated<String>>,
    pub ignore: Vec<Stated<String>>,
    pub mode: Option<Stated<Mode>>,
    /// The inner `None` is `never`.
    pub fail_on: Option<Stated<Option<Severity>>>,
    pub unknown: Option<Stated<UnknownPolicy>>,
    /// For every rule that has the key.
    pub params: Vec<Assignment>,
    pub rules: Vec<RuleEntry>,
}

/// A value for a parameter.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub key: String,
    pub value: Stated<Json>,
}

/// What is said of the rules that a selector names.
#[derive(Clone, Debug)]
pub(crate) struct RuleEntry {
    pub selector: Stated<String>,
    pub enabled: Option<Stated<bool>>,
    pub severity: Option<Stated<Severity>>,
    pub mode: Option<Stated<Mode>>,
    pub params: Vec<Assignment>,
}

impl Layer {
    /// Reads the shared members of a map; what else may be in it is the caller's business.
    pub(crate) fn read(reader: &mut Reader<'_>, map: NodeRef<'_>) -> Layer {
        Layer {
            select: member(map, "select").map_or_else(Vec::new, |node| texts(reader, node, "select")),
            ignore: member(map, "ignore").map_or_else(Vec::new, |node| texts(reader, node, "ignore")),
            mode: member(map, "mode").and_then(|node| mode(reader, node)),
            fail_on: member(map, "fail-on").and_then(|node| threshold(reader, node)),
            unknown: member(map, "unknown").and_then(|node| unknown(reader, node)),
            params: member(map, "params").map_or_else(Vec::new, |node| params(reader, node)),
            rules: member(map, "rules").map_or_else(Vec::new, |node| rules(reader, node)),
        }
    }
}

fn member<'n>(map: NodeRef<'n>, key: &str) -> Option<NodeRef<'n>> {
    map.get_present(key)
}

/// The map under `rules`, of a layer or of an override.
pub(crate) fn rules(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Vec<RuleEntry> {
    let Some(map) = reader.map(node, "rules") else { return Vec::new() };
    let mut entries = Vec::new();
    for (selector, span, node) in map.keyed_entries() {
        let selector = Stated { value: selector.to_owned(), location: reader.location(span) };
        let Some(map) = reader.members(node, &selector.value, &["enabled", "severity", "mode", "params"]) else {
            continue;
        };
        entries.push(RuleEntry {
            enabled: member(map, "enabled").and_then(|node| {
                let value = reader.boolean(node, "enabled")?;
                Some(stated(reader, node, value))
            }),
            severity: member(map, "severity").and_then(|node| severity(reader, node)),
            mode: member(map, "mode").and_then(|node| mode(reader, node)),
            params: member(map, "params").map_or_else(Vec::new, |node| params(reader, node)),
            selector,
        });
    }
    entries
}

pub(crate) fn stated<T>(reader: &Reader<'_>, node: NodeRef<'_>, value: T) -> Stated<T> {
    Stated { value, location: reader.location(node.span()) }
}

/// One text or several, each with its place.
pub(crate) fn texts(reader: &mut Reader<'_>, node: NodeRef<'_>, what: &str) -> Vec<Stated<String>> {
    let texts = reader.texts(node, what);
    texts.into_iter().map(|(text, node)| stated(reader, node, text.to_owned())).collect()
}

fn mode(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Option<Stated<Mode>> {
    let value = reader.choice(node, "mode", &Mode::ALL.map(Mode::as_str), Mode::parse)?;
    Some(stated(reader, node, value))
}

fn severity(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Option<Stated<Severity>> {
    let value = reader.choice(node, "severity", &Severity::ALL.map(Severity::as_str), Severity::parse)?;
    Some(stated(reader, node, value))
}

fn threshold(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Option<Stated<Option<Severity>>> {
    let mut words = Severity::ALL.map(Severity::as_str).to_vec();
    words.push("never");
    let value = reader.choice(node, "fail-on", &words, |text| match text {
        "never" => Some(None),
        _ => Severity::parse(text).map(Some),
    })?;
    Some(stated(reader, node, value))
}

fn unknown(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Option<Stated<UnknownPolicy>> {
    let words = UnknownPolicy::ALL.map(UnknownPolicy::as_str);
    let value = reader.choice(node, "unknown", &words, UnknownPolicy::parse)?;
    Some(stated(reader, node, value))
}

fn params(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Vec<Assignment> {
    let Some(map) = reader.map(node, "params") else { return Vec::new() };
    let entries = map.keyed_entries();
    entries.map(|(key, _, node)| Assignment { key: key.to_owned(), value: stated(reader, node, json(node)) }).collect()
}

/// The value as JSON. The parser has bounded the depth.
fn json(node: NodeRef<'_>) -> Json {
    if node.is_map() {
        let entries = node.entries().map(|(key, value)| (key.to_owned(), json(value)));
        Json::Object(entries.collect::<Map<_, _>>())
    } else if node.is_list() {
        Json::Array(node.items().map(json).collect())
    } else if let Some(value) = node.as_bool() {
        Json::Bool(value)
    } else if let Some(number) = node.as_number() {
        // A number that is beyond JSON readers stays a text, which no schema takes for a number.
        serde_json::from_str(number).unwrap_or_else(|_| Json::String(number.to_owned()))
    } else {
        node.as_str().map_or(Json::Null, |text| Json::String(text.to_owned()))
    }
}
