//! Which values are equal, and the order of sets.
//!
//! Follows `Value.Equals` and `setRules` of go-cty (`cty/value_ops.go`, `cty/set_internals.go`).

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Attribute, Data, Element, Known, Member, NumberForm, Piece, Type, Unknown, Value};

/// What `==` gives: a bool, or unknown.
///
/// Values of different types are different, but for null, which equals null whatever its type.
pub fn equal(left: &Value, right: &Value) -> Value {
    let marks = left.marks_within() | right.marks_within();
    let result = match compare(left, right) {
        Some(equal) => Value::bool(equal),
        None => Value::unknown(Unknown::derived_from([left, right]).of_type(Type::Bool).not_null()),
    };
    result.with_marks(marks)
}

/// Whether two values are equal; `None` when that is not known.
fn compare(left: &Value, right: &Value) -> Option<bool> {
    match (left.data(), right.data()) {
        (Data::Null(_), Data::Null(_)) => Some(true),
        (Data::Unknown(_), _) => compare_unknown(left, right),
        (_, Data::Unknown(_)) => compare_unknown(right, left),
        _ if left.is_wholly_known() && right.is_wholly_known() => Some(equal_known(left, right)),
        _ => compare_inside(left, right),
    }
}

/// Types count, also those of nulls inside.
fn equal_known(left: &Value, right: &Value) -> bool {
    match (left.data(), right.data()) {
        (Data::Tuple(_) | Data::Object(_), Data::Tuple(_) | Data::Object(_)) => {
            left.ty() == right.ty() && equal_data(left, right)
        }
        _ => equal_data(left, right),
    }
}

/// Equality of known values, inside of which nulls have one type or were compared as types.
fn equal_data(left: &Value, right: &Value) -> bool {
    let sequences = || {
        let (left, right) = (left.raw_elements(), right.raw_elements());
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal_data(left, right))
    };
    let members = || {
        let (left, right) = (left.raw_members(), right.raw_members());
        let same = |(left, right): (&Member, &Member)| left.key == right.key && equal_data(&left.value, &right.value);
        left.len() == right.len() && left.iter().zip(right).all(same)
    };
    match (left.data(), right.data()) {
        (Data::Null(_), Data::Null(_)) => true,
        (Data::Bool(left), Data::Bool(right)) => left == right,
        (Data::Number(left), Data::Number(right)) => left == right,
        (Data::String(left), Data::String(right)) => left == right,
        (Data::List(left), Data::List(right)) | (Data::Set(left), Data::Set(right)) => {
            left.element == right.element && sequences()
        }
        (Data::Map(left), Data::Map(right)) => left.element == right.element && members(),
        (Data::Tuple(_), Data::Tuple(_)) => sequences(),
        (Data::Object(_), Data::Object(_)) => members(),
        _ => false,
    }
}

/// `unknown` is unknown, the other one may be.
fn compare_unknown(unknown: &Value, other: &Value) -> Option<bool> {
    let known = unknown.as_unknown()?;
    if other.is_null() {
        return known.not_null.then_some(false);
    }
    if (known.not_null || other.is_certainly_not_null()) && !may_be_one(&known.ty, &other.ty()) {
        return Some(false);
    }
    match &known.known {
        Known::Any(values) => {
            let mut results = values.iter().map(|value| compare(value, other));
            let first = results.next()??;
            results.all(|result| result == Some(first)).then_some(first)
        }
        Known::Pieces(pieces) => {
            let text = other.as_str()?;
            (!fits(text, pieces)).then_some(false)
        }
        _ => None,
    }
}

/// Whether two types may turn out to be one, when what has no type yet gets one.
fn may_be_one(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (Type::List(left), Type::List(right))
        | (Type::Set(left), Type::Set(right))
        | (Type::Map(left), Type::Map(right)) => may_be_one(left, right),
        (Type::Tuple(left), Type::Tuple(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| may_be_one(left, right))
        }
        (Type::Object(left), Type::Object(right)) => {
            let one =
                |(left, right): (&Attribute, &Attribute)| left.name == right.name && may_be_one(&left.ty, &right.ty);
            left.len() == right.len() && left.iter().zip(right.iter()).all(one)
        }
        _ => left == right,
    }
}

/// Whether a text may be one of which only some pieces are known.
fn fits(text: &str, pieces: &[Piece]) -> bool {
    fn known(piece: &Piece) -> Option<&str> {
        match piece {
            Piece::Literal(literal) => Some(&literal.text),
            Piece::Value(value) => value.as_str(),
        }
    }
    let begins = pieces.iter().map_while(known).try_fold(text, |rest, piece| rest.strip_prefix(piece));
    let ends = pieces.iter().rev().map_while(known).try_fold(text, |rest, piece| rest.strip_suffix(piece));
    begins.is_some() && ends.is_some()
}

/// Neither is unknown, but something inside is.
fn compare_inside(left: &Value, right: &Value) -> Option<bool> {
    match (left.data(), right.data()) {
        (Data::Null(left), Data::Null(right)) => (left == right).then_some(true),
        (Data::Tuple(_), Data::Tuple(_)) | (Data::List(_), Data::List(_)) => {
            let (left, right) = (left.raw_elements(), right.raw_elements());
            if left.len() != right.len() {
                return Some(false);
            }
            all(left.iter().zip(right).map(|(left, right)| compare_part(left, right)))
        }
        (Data::Object(_), Data::Object(_)) | (Data::Map(_), Data::Map(_)) => {
            let (left, right) = (left.raw_members(), right.raw_members());
            if left.len() != right.len() || left.iter().zip(right).any(|(left, right)| left.key != right.key) {
                return Some(false);
            }
            all(left.iter().zip(right).map(|(left, right)| compare_part(&left.value, &right.value)))
        }
        (Data::Set(_), Data::Set(_)) => None,
        _ => Some(false),
    }
}

/// A part of values of which something is unknown. A null inside has a type that counts.
fn compare_part(left: &Value, right: &Value) -> Option<bool> {
    match (left.data(), right.data()) {
        (Data::Null(_), Data::Null(_)) => compare_inside(left, right),
        _ => compare(left, right),
    }
}

/// False if one is, true if all are.
fn all(results: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut whole = Some(true);
    for result in results {
        match result {
            Some(true) => {}
            Some(false) => return Some(false),
            None => whole = None,
        }
    }
    whole
}

/// Whether two values are certainly the same: known and equal, of one type, or unknown and the same
/// thing.
pub fn same(left: &Value, right: &Value) -> bool {
    if left.marks() != right.marks() {
        return false;
    }
    match (left.data(), right.data()) {
        (Data::Unknown(left), Data::Unknown(right)) if Arc::ptr_eq(left, right) => true,
        (Data::Unknown(left), Data::Unknown(right)) => {
            let (left, right) = (&left.unknown, &right.unknown);
            left.ty == right.ty
                && match (&left.known, &right.known) {
                    _ if left.reference.is_some() => left.reference == right.reference,
                    (Known::Pieces(left), Known::Pieces(right)) => same_pieces(left, right),
                    _ => false,
                }
        }
        (Data::Null(left), Data::Null(right)) => left == right,
        (Data::List(left), Data::List(right)) | (Data::Set(left), Data::Set(right)) => {
            left.element == right.element && same_items(&left.items, &right.items)
        }
        (Data::Tuple(left), Data::Tuple(right)) => same_items(&left.items, &right.items),
        (Data::Map(left), Data::Map(right)) | (Data::Object(left), Data::Object(right)) => {
            left.element == right.element
                && left.members.len() == right.members.len()
                && left
                    .members
                    .iter()
                    .zip(&right.members)
                    .all(|(left, right)| left.key == right.key && same(&left.value, &right.value))
        }
        (Data::Bool(_), _) | (Data::Number(_), _) | (Data::String(_), _) => equal_data(left, right),
        _ => false,
    }
}

fn same_pieces(left: &[Piece], right: &[Piece]) -> bool {
    let same = |(left, right): (&Piece, &Piece)| match (left, right) {
        (Piece::Literal(left), Piece::Literal(right)) => left.text == right.text,
        (Piece::Value(left), Piece::Value(right)) => same(left, right),
        _ => false,
    };
    left.len() == right.len() && left.iter().zip(right).all(same)
}

fn same_items(left: &[Value], right: &[Value]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
}

/// The elements of a set in Terraform's order, each once; as they are when it is not known which of
/// them are equal.
pub(super) fn ordered_set(mut items: Vec<Value>) -> Result<Vec<Value>, Vec<Value>> {
    if items.len() < 2 {
        return Ok(items);
    }
    if !items.iter().all(Value::is_wholly_known) {
        return Err(items);
    }
    if items.iter().all(|item| item.ty().is_primitive()) {
        items.sort_by(order);
        items.dedup_by(|next, first| equal_data(first, next));
        return Ok(items);
    }
    let mut keyed: Vec<(Vec<u8>, Value)> = items.into_iter().map(|item| (order_key(&item), item)).collect();
    keyed.sort_by(|(left, left_item), (right, right_item)| {
        left_item.is_null().cmp(&right_item.is_null()).then_with(|| left.cmp(right))
    });
    // Numbers with the same ten first digits have the same key, and values with the same key are few.
    let mut ordered: Vec<(Vec<u8>, Value)> = Vec::with_capacity(keyed.len());
    for (key, item) in keyed {
        let like = ordered.iter().rev().take_while(|(other, _)| *other == key);
        if !like.into_iter().any(|(_, other)| equal_data(other, &item)) {
            ordered.push((key, item));
        }
    }
    Ok(ordered.into_iter().map(|(_, item)| item).collect())
}

/// A set of which not all elements are known, so that some may be equal.
pub(super) fn unknown_set(element: Type, items: Vec<Value>) -> Value {
    let unknown = Unknown::derived_from(&items).of_type(Type::set(element)).not_null();
    let elements = items.into_iter().map(|value| Element { value, certain: true }).collect();
    Value::unknown(unknown.with(Known::Elements { elements, open: false }))
}

/// The order of known values of one primitive type; null comes last.
fn order(left: &Value, right: &Value) -> Ordering {
    match (left.data(), right.data()) {
        (Data::String(left), Data::String(right)) => left.as_str().cmp(right),
        (Data::Number(left), Data::Number(right)) => left.cmp(right),
        (Data::Bool(left), Data::Bool(right)) => left.cmp(right),
        _ => left.is_null().cmp(&right.is_null()),
    }
}

/// What other values are ordered by: the bytes that go-cty makes of them to compute a hash.
fn order_key(value: &Value) -> Vec<u8> {
    let mut key = Vec::new();
    append_key(value, &mut key);
    key
}

fn append_key(value: &Value, key: &mut Vec<u8>) {
    match value.data() {
        Data::Unknown(_) => key.push(b'?'),
        Data::Null(_) => key.push(b'~'),
        Data::Bool(value) => key.push(if *value { b'T' } else { b'F' }),
        Data::Number(number) => key.extend(number.to_text(NumberForm::General, Some(10)).bytes()),
        Data::String(text) => append_quoted(text, key),
        Data::List(_) | Data::Set(_) => append_items(value, b"[]", key),
        Data::Tuple(_) => append_items(value, b"<>", key),
        Data::Map(_) => {
            key.push(b'{');
            for member in value.raw_members() {
                append_quoted(&member.key, key);
                key.push(b':');
                append_key(&member.value, key);
                key.push(b';');
            }
            key.push(b'}');
        }
        Data::Object(_) => {
            key.push(b'<');
            for member in value.raw_members() {
                append_key(&member.value, key);
                key.push(b';');
            }
            key.push(b'>');
        }
    }
}

fn append_items(value: &Value, brackets: &[u8; 2], key: &mut Vec<u8>) {
    key.push(brackets[0]);
    for item in value.raw_elements() {
        append_key(item, key);
        key.push(b';');
    }
    key.push(brackets[1]);
}

/// As Go's `%q` writes a text, but for characters outside of ASCII that it thinks cannot be printed.
fn append_quoted(text: &str, key: &mut Vec<u8>) {
    key.push(b'"');
    for character in text.chars() {
        match character {
            '"' | '\\' => key.extend([b'\\', character as u8]),
            '\n' => key.extend(b"\\n"),
            '\r' => key.extend(b"\\r"),
            '\t' => key.extend(b"\\t"),
            '\u{7}' => key.extend(b"\\a"),
            '\u{8}' => key.extend(b"\\b"),
            '\u{b}' => key.extend(b"\\v"),
            '\u{c}' => key.extend(b"\\f"),
            '\0'..' ' | '\u{7f}' => key.extend(format!("\\x{:02x}", character as u32).bytes()),
            _ => key.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    key.push(b'"');
}
