//! What JSON and YAML keep of a value: no lists, sets and maps, but tuples and objects.

use crate::value::{Data, Element, Known, Member, Type, Unknown, Value};

/// The value that decoding gives of what was encoded, with the places of its leaves.
pub(super) fn decoded(value: &Value) -> Value {
    let members = || {
        value.raw_members().iter().map(|member| Member { value: decoded(&member.value), ..member.clone() }).collect()
    };
    let structure = match value.data() {
        Data::Null(_) => Value::null(),
        Data::Bool(_) | Data::Number(_) => return value.clone(),
        Data::String(text) => Value::text(text.clone()),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            Value::tuple(value.raw_elements().iter().map(decoded).collect())
        }
        Data::Map(_) | Data::Object(_) => Value::object(members()),
        Data::Unknown(_) => {
            let Some(unknown) = value.as_unknown() else { return value.clone() };
            let known = match &unknown.known {
                Known::Any(values) => Known::Any(values.iter().map(decoded).collect()),
                Known::Elements { elements, open } => {
                    let decoded = |element: &Element| Element { value: decoded(&element.value), ..element.clone() };
                    Known::Elements { elements: elements.iter().map(decoded).collect(), open: *open }
                }
                Known::Attributes(members) => {
                    let decoded = |member: &Member| Member { value: decoded(&member.value), ..member.clone() };
                    Known::Attributes(members.iter().map(decoded).collect())
                }
                known => known.clone(),
            };
            // What becomes a tuple or an object has a type that depends on what is in it.
            let ty = if unknown.ty.is_primitive() { unknown.ty.clone() } else { Type::Dynamic };
            Value::unknown(Unknown { ty, known, ..unknown.clone() })
        }
    };
    structure.like(value)
}
