//! `yamlencode` and `yamldecode`.
//!
//! Terraform reads and writes YAML with a library of its own, which is neither quite YAML 1.1 nor 1.2
//! (<https://github.com/zclconf/go-cty-yaml>): `yes` is true and `0o17` is fifteen, but `1_000` is a
//! string. What it writes is followed to the byte, since digests are taken of it.

mod decode;
mod encode;
mod holes;

use crate::budget::Budget;
use crate::encoded;
use crate::value::{Encoding, Known, Origin, Piece, Text, Type, Unknown, Value};

use super::structure::decoded;
use super::{Call, Failure};

pub(super) fn yamlencode(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    let marks = value.marks_within();
    call.spend(usize::try_from(value.weight()).unwrap_or(usize::MAX))?;
    if !value.is_wholly_known() {
        let known = Known::Encoded(Encoding::Yaml, Box::new(value.clone()));
        let unknown = Unknown::derived_from(call.arguments).of_type(Type::String).not_null().with(known);
        return Ok(Value::unknown(unknown).with_marks(marks));
    }
    let text = encode::encode(value, call.context.budget)?;
    Ok(Value::text(Text::with_origin(text, Origin::Encoded(Encoding::Yaml, value.clone()))).with_marks(marks))
}

/// A text in YAML of which only parts are known as the pieces that it is.
pub(crate) fn in_pieces(text: &Value, budget: &Budget) -> Option<Value> {
    let unknown = text.as_unknown()?;
    let Known::Encoded(Encoding::Yaml, inner) = &unknown.known else { return None };
    let pieces = encode::encode_pieces(&text.child(inner), budget).ok()?;
    Some(Value::unknown(unknown.clone().with(Known::Pieces(pieces.into()))).like(text))
}

/// The value of the text that the pieces are, some of which may be unknown.
pub(crate) fn read(pieces: &[Piece]) -> Result<Value, Failure> {
    decode::decode(pieces)
}

pub(super) fn yamldecode(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.get(0)?;
    call.spend(text.as_str().map_or(1, str::len) / 8)?;
    match encoded::read_yaml(text) {
        Ok(value) => Ok(decoded(&value)),
        // What the text is without its holes says nothing of what it will be.
        Err(_) if text.is_unknown() => Ok(call.unknown(Type::Dynamic)),
        Err(failure) => Err(failure),
    }
}
