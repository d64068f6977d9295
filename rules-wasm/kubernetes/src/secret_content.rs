//! What a Secret's manifest holds.

use verdikt_rules_shared::{Entry, alternatives, base64};
use verdikt_sdk::{Field, Node, Unknown};

/// What stands in an entry of `data` or `stringData`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'a> {
    /// Nothing.
    Empty,
    /// A reference to a store, or something encrypted.
    Elsewhere,
    /// A reference of Terraform's: the value ends in its state, but is not in the file.
    Reference,
    /// Something that a tool fills in.
    Template,
    /// A value.
    Inline,
    /// Any of these.
    Unknown(Unknown<'a>),
}

/// An entry of a Secret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecretEntry<'a> {
    /// `None` for all entries of a map that is not known.
    pub(crate) key: Option<&'a str>,
    pub(crate) value: Node<'a>,
    pub(crate) content: Content<'a>,
}

/// Every entry of a Secret.
pub(crate) fn entries(secret: Node<'_>) -> Vec<SecretEntry<'_>> {
    let mut found = Vec::new();
    for (field, encoded) in [("data", true), ("stringData", false)] {
        let map = secret.get(field);
        match map.members() {
            Field::Known(members) => found.extend(members.map(|(key, value)| SecretEntry {
                key: Some(key),
                value,
                content: content(value, encoded),
            })),
            Field::Absent => {}
            Field::Unknown(unknown) => found.push(SecretEntry { key: None, value: map, content: of_unknown(unknown) }),
        }
    }
    found
}

/// What stands in a value; `encoded` in Base64.
pub(crate) fn content(value: Node<'_>, encoded: bool) -> Content<'_> {
    let mut contents = alternatives(value).into_iter().map(|value| match value.str() {
        Field::Known(text) => of_text(text, encoded),
        Field::Absent => Content::Empty,
        Field::Unknown(unknown) => of_unknown(unknown),
    });
    let first = contents.next().unwrap_or(Content::Empty);
    // Where the alternatives differ, nobody knows which it will be.
    match value.unknown() {
        Some(unknown) if !contents.all(|other| same(first, other)) => Content::Unknown(unknown),
        _ => first,
    }
}

fn same(left: Content<'_>, right: Content<'_>) -> bool {
    std::mem::discriminant(&left) == std::mem::discriminant(&right)
}

/// The value of a variable, of a data source or of another resource is not in the file.
fn of_unknown(unknown: Unknown<'_>) -> Content<'_> {
    let has_text = unknown.parts().is_some_and(|mut parts| parts.any(|part| part.is_some()));
    match unknown.reference() {
        Some(_) if !has_text => Content::Reference,
        _ => Content::Unknown(unknown),
    }
}

/// `data` is Base64 of what counts; what is no Base64 counts as it stands.
fn of_text<'a>(text: &str, encoded: bool) -> Content<'a> {
    let as_written = Entry::of(text);
    let decoded = if encoded && as_written == Entry::Content { base64::decode(text) } else { None };
    let entry = match decoded.map(String::from_utf8) {
        Some(Ok(decoded)) => Entry::of(&decoded),
        _ => as_written,
    };
    match entry {
        Entry::Empty => Content::Empty,
        Entry::Elsewhere => Content::Elsewhere,
        Entry::Template => Content::Template,
        Entry::Content => Content::Inline,
    }
}
