//! `yamlencode` and `yamldecode`.
//!
//! Terraform reads and writes YAML with a library of its own, which is neither quite YAML 1.1 nor 1.2
//! (<https://github.com/zclconf/go-cty-yaml>): `yes` is true and `0o17` is fifteen, but `1_000` is a
//! string. What it writes is followed to the byte, since digests are taken of it.

mod decode;
mod encode;

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

pub(super) fn yamldecode(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    call.spend(value.as_str().map_or(1, str::len) / 8)?;
    let plain = [Piece::Value(value.clone())];
    // What is written as JSON is YAML as well.
    let decoded = match (value.as_unknown().map(|unknown| &unknown.known), value.as_text().map(Text::origin)) {
        (Some(Known::Encoded(Encoding::Yaml | Encoding::Json, inner)), _) => decoded(inner),
        (None, Some(Origin::Encoded(Encoding::Yaml | Encoding::Json, inner))) => decoded(inner),
        (Some(Known::Pieces(pieces)), _) => match decode::decode(pieces) {
            Ok(value) => value,
            // What the text is without its holes says nothing of what it will be.
            Err(_) => return Ok(call.unknown(Type::Dynamic)),
        },
        (Some(_), _) => return Ok(call.unknown(Type::Dynamic)),
        (None, Some(Origin::Pieces(pieces))) => decode::decode(pieces)?,
        (None, _) => decode::decode(&plain)?,
    };
    Ok(value.child(&decoded))
}
