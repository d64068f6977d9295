//! Changing all parts of a value.

use std::sync::Arc;

use crate::value::{Data, Element, Known, Member, Piece, Type, Value};

/// The value without marks, inside neither.
pub(super) fn unmarked(value: &Value) -> Value {
    if value.marks_within().is_empty() {
        return value.clone();
    }
    mapped(value, &unmarked).without_marks(value.marks())
}

fn mapped_pieces(pieces: &[Piece], change: &dyn Fn(&Value) -> Value) -> Arc<[Piece]> {
    let change = |piece: &Piece| match piece {
        Piece::Value(value) => Piece::Value(change(value)),
        Piece::Literal(_) => piece.clone(),
    };
    pieces.iter().map(change).collect()
}

/// The value with each of its direct parts changed.
pub(super) fn mapped(value: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
    let items = || value.raw_elements().iter().map(change).collect();
    let members = || {
        let change = |member: &Member| Member { value: change(&member.value), ..member.clone() };
        value.raw_members().iter().map(change).collect()
    };
    let element = || value.ty().element().cloned().unwrap_or(Type::Dynamic);
    let changed = match value.data() {
        Data::Null(_) | Data::Bool(_) | Data::Number(_) => return value.clone(),
        // What it was made of would still have what is to be changed.
        Data::String(text) => Value::string(text.as_str()),
        Data::List(_) => Value::list(element(), items()),
        Data::Set(_) => Value::set(element(), items()),
        Data::Tuple(_) => Value::tuple(items()),
        Data::Map(_) => Value::map(element(), members()),
        Data::Object(_) => Value::object(members()),
        Data::Unknown(_) => {
            let Some(unknown) = value.as_unknown() else { return value.clone() };
            let known = match &unknown.known {
                Known::Any(values) => Known::Any(values.iter().map(change).collect()),
                Known::Elements { elements, open } => {
                    let change = |element: &Element| Element { value: change(&element.value), ..element.clone() };
                    Known::Elements { elements: elements.iter().map(change).collect(), open: *open }
                }
                Known::Encoded(encoding, inner) => Known::Encoded(*encoding, Box::new(change(inner))),
                Known::Pieces(pieces) => Known::Pieces(mapped_pieces(pieces, change)),
                Known::Repeated(pieces) => Known::Repeated(mapped_pieces(pieces, change)),
                Known::Attributes(members) => {
                    let change = |member: &Member| Member { value: change(&member.value), ..member.clone() };
                    Known::Attributes(members.iter().map(change).collect())
                }
                Known::Nothing => Known::Nothing,
            };
            Value::unknown(unknown.clone().with(known))
        }
    };
    changed.like(value)
}
