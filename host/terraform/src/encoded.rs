//! JSON and YAML inside of strings, with what is not known at the leaves that are not known.
//!
//! Policies, container definitions and manifests are text for Terraform: what `jsonencode` gives, or a
//! heredoc with interpolations. [`json`] and [`yaml`] give the value that such a text encodes. Where an
//! interpolation is unknown, the text has a *hole*: in the place of a value it is an unknown value, inside
//! of a string it makes that string unknown, with the pieces around it. Where it could be more than a value,
//! such as lines of its own, what it could add to is open. Every leaf has the place of its text, and what an
//! interpolation gave comes the way that the interpolated value came.
//!
//! A directive whose condition or collection is not known is no hole: the text is read with each of its
//! branches ([`variants`]), and a part of the value is what it is in all of them, or one of several.

mod json;
mod source;
mod variants;

use crate::functions::Failure;
use crate::functions::yaml::read;
use crate::value::{Encoding, Known, Origin, Piece, Place, Text, Type, Unknown, Value};

pub(crate) use source::Source;

/// The value that a string encodes as JSON; `None` when it is no JSON as far as it is known.
pub fn json(text: &Value) -> Option<Value> {
    let decoded = match (text.as_text(), text.as_unknown().map(|unknown| &unknown.known)) {
        (Some(known), _) => match known.origin() {
            Origin::Encoded(Encoding::Json, inner) => inner.clone(),
            Origin::Pieces(pieces) => json::parse(pieces)?,
            Origin::Plain | Origin::Encoded(..) => json::parse(&[Piece::Value(text.clone())])?,
        },
        (_, Some(Known::Encoded(Encoding::Json, inner))) => (**inner).clone(),
        (_, Some(Known::Pieces(pieces))) => of_variants(text, pieces, |pieces| json::parse(pieces).ok_or(())).ok()?,
        (_, Some(Known::Any(values))) => {
            let values: Option<Vec<Value>> = values.iter().map(json).collect();
            Value::one_of(&Unknown::derived_from([text]), values?)
        }
        _ => return None,
    };
    Some(text.child(&decoded))
}

/// The place at which a text that is no JSON stops being it.
pub fn broken_at(text: &Value) -> Place {
    let place = match text.as_text().map(Text::origin) {
        Some(Origin::Pieces(pieces)) => json::broken_at(pieces),
        _ => json::broken_at(&[Piece::Value(text.clone())]),
    };
    text.child(&Value::null().with_place(place)).place().clone()
}

/// The value that a string encodes as YAML, as `yamldecode` reads it; `None` when it is none as far as it is
/// known.
pub fn yaml(text: &Value) -> Option<Value> {
    read_yaml(text).ok()
}

/// The same with the reason why it is none.
pub(crate) fn read_yaml(text: &Value) -> Result<Value, Failure> {
    let decoded = match (text.as_text(), text.as_unknown().map(|unknown| &unknown.known)) {
        (Some(known), _) => match known.origin() {
            // What is written as JSON is YAML as well.
            Origin::Encoded(Encoding::Yaml | Encoding::Json, inner) => inner.clone(),
            Origin::Pieces(pieces) => read(pieces)?,
            Origin::Plain | Origin::Encoded(..) => read(&[Piece::Value(text.clone())])?,
        },
        (_, Some(Known::Encoded(Encoding::Yaml | Encoding::Json, inner))) => (**inner).clone(),
        (_, Some(Known::Pieces(pieces))) => of_variants(text, pieces, read)?,
        (_, Some(Known::Any(values))) => {
            let values: Result<Vec<Value>, Failure> = values.iter().map(read_yaml).collect();
            Value::one_of(&Unknown::derived_from([text]), values?)
        }
        _ => return Err(Failure::Unknown("the text is not known".to_owned())),
    };
    Ok(text.child(&decoded))
}

/// What all the texts that a text may be say together; nothing where one of them cannot be read.
fn of_variants<E>(text: &Value, pieces: &[Piece], parse: impl Fn(&[Piece]) -> Result<Value, E>) -> Result<Value, E> {
    let values: Result<Vec<Value>, E> = variants::of(pieces).iter().map(|variant| parse(variant)).collect();
    Ok(Value::joined(&Unknown::derived_from([text]), values?))
}

/// An unknown text that stands for a JSON value.
pub(crate) fn as_json(text: &Value) -> Value {
    match text.as_unknown() {
        Some(unknown) if unknown.ty == Type::String => {
            let unknown = Unknown { ty: Type::Dynamic, known: Known::Nothing, ..unknown.clone() };
            Value::unknown(unknown).like(text)
        }
        _ => text.clone(),
    }
}

#[cfg(test)]
mod tests;
