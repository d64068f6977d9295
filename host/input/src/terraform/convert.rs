//! Scalars of another type than what a provider takes at their place.
//!
//! Terraform converts what a configuration says to the type that the provider's schema has: `"true"` and `"1"` are booleans
//! for it, `"80"` a number, `8080` a text (`conversion_primitive.go` in <https://github.com/zclconf/go-cty>, folder
//! `cty/convert`). What cannot be converted is refused, and stays as it is here: it has a wrong type.

use verdikt_model::{Entry, NodeId, NodeRef, Span, TreeBuilder};

/// Who converts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Terraform, to the types of a provider's schema.
    Schema,
    /// A provider written in Go, to the types of an API.
    OpenApi,
}

/// A type of scalars.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Bool,
    Integer,
    Text,
}

/// Copies a scalar, converted where it has to be and can be; whatever else is copied as it is.
pub(super) fn scalar(builder: &mut TreeBuilder, node: NodeRef<'_>, target: Option<Target>, reader: Reader) -> NodeId {
    let span = node.span();
    if let (Some(_), Some(alternatives)) = (target, node.unknown_entry("$any")) {
        let items: Vec<NodeId> = alternatives.items().map(|item| scalar(builder, item, target, reader)).collect();
        return unknown(builder, node, alternatives.span(), &items);
    }
    let converted = match (target, node.as_str()) {
        (Some(Target::Bool), Some(text)) => as_bool(text, reader).map(|value| builder.bool(span, value)),
        (Some(Target::Integer), Some(text)) => {
            whole_number(text).map(|number| builder.number(span, &number.to_string()))
        }
        (Some(Target::Text), None) => match (node.as_number(), node.as_bool()) {
            (Some(number), _) => Some(builder.string(span, number)),
            (_, Some(value)) => Some(builder.string(span, if value { "true" } else { "false" })),
            _ => None,
        },
        _ => None,
    };
    match converted {
        Some(id) => {
            stand_for(builder, id, node);
            id
        }
        None => builder.copy(node),
    }
}

/// Texts such as `8.0` and `1e3` are numbers, too.
fn whole_number(text: &str) -> Option<i64> {
    /// Up to here, whole numbers are exact.
    const MOST: f64 = 9_007_199_254_740_992.0;
    let whole = |number: &f64| number.fract() == 0.0 && number.abs() <= MOST;
    text.parse().ok().or_else(|| text.parse::<f64>().ok().filter(whole).map(|number| number as i64))
}

/// An unknown value with other alternatives.
pub(super) fn unknown(builder: &mut TreeBuilder, node: NodeRef<'_>, place: Span, alternatives: &[NodeId]) -> NodeId {
    let any = builder.list(place, alternatives);
    let text = |key: &str| node.unknown_entry(key).and_then(NodeRef::as_str);
    let reference = text("$ref").map(|reference| ("$ref", builder.string(node.span(), reference)));
    let known: Vec<_> = reference.into_iter().chain([("$any", any)]).collect();
    let id = builder.unknown(node.span(), text("$unknown").unwrap_or("a value that cannot be known"), &known);
    stand_for(builder, id, node);
    id
}

/// `ParseBool` of Go's `strconv` takes more than Terraform does.
fn as_bool(text: &str, reader: Reader) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        "t" | "T" | "TRUE" | "True" if reader == Reader::OpenApi => Some(true),
        "f" | "F" | "FALSE" | "False" if reader == Reader::OpenApi => Some(false),
        _ => None,
    }
}

/// A map whose values are texts.
pub(super) fn texts(builder: &mut TreeBuilder, map: NodeRef<'_>) -> NodeId {
    if !map.is_map() {
        return builder.copy(map);
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(map.entries().len());
    for (key, key_span, member) in map.keyed_entries() {
        let member = scalar(builder, member, Some(Target::Text), Reader::Schema);
        entries.push(builder.entry(key, key_span, member));
    }
    let id = builder.map(map.span(), &entries);
    stand_for(builder, id, map);
    id
}

/// A list of scalars.
pub(super) fn elements(builder: &mut TreeBuilder, list: NodeRef<'_>, target: Target, reader: Reader) -> NodeId {
    if !list.is_list() {
        return builder.copy(list);
    }
    let items: Vec<NodeId> = list.items().map(|item| scalar(builder, item, Some(target), reader)).collect();
    let id = builder.list(list.span(), &items);
    stand_for(builder, id, list);
    id
}

/// What a built node has of the node that gives its value.
pub(super) fn stand_for(builder: &mut TreeBuilder, id: NodeId, source: NodeRef<'_>) {
    for step in source.provenance() {
        builder.add_provenance(id, step.clone());
    }
    if source.is_sensitive() {
        builder.mark_sensitive(id);
    }
    builder.set_origin(id, source.id());
}
