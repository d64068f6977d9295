//! JSON as Terraform writes and reads it: `jsonencode`, `jsondecode`.
//!
//! Writing follows cty's and Go's encoders
//! (<https://github.com/zclconf/go-cty/blob/main/cty/json/marshal.go>,
//! <https://pkg.go.dev/encoding/json#Marshal>), to the byte: `<`, `>` and `&` are escaped.

use crate::encoded;
use crate::value::{Data, Encoding, Known, Origin, Text, Type, Unknown, Value};

use super::structure::decoded;
use super::{Call, Failure};

pub(super) fn jsonencode(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    let marks = value.marks_within();
    call.spend(usize::try_from(value.weight()).unwrap_or(usize::MAX))?;
    if !value.is_wholly_known() {
        let known = Known::Encoded(Encoding::Json, Box::new(value.clone()));
        let unknown = Unknown::derived_from(call.arguments).of_type(Type::String).not_null().with(known);
        return Ok(Value::unknown(unknown).with_marks(marks));
    }
    let text = encode(value).map_err(Failure::new)?;
    call.context.budget.spend_bytes(text.len())?;
    Ok(Value::text(Text::with_origin(text, Origin::Encoded(Encoding::Json, value.clone()))).with_marks(marks))
}

pub(super) fn jsondecode(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.get(0)?;
    call.spend(text.as_str().map_or(1, str::len) / 8)?;
    match encoded::json(text) {
        Some(value) => Ok(decoded(&value)),
        None if text.is_unknown() => Ok(call.unknown(Type::Dynamic)),
        None => Err(Failure::argument(0, "the text is not valid JSON")),
    }
}

/// The compact JSON text of a known value.
pub(super) fn encode(value: &Value) -> Result<String, &'static str> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

/// Recursion ends where values do: their depth is bounded.
fn write(value: &Value, out: &mut String) -> Result<(), &'static str> {
    match value.data() {
        Data::Null(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) if number.is_infinite() => return Err("cannot serialize infinity as JSON"),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => write_string(text, out),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            out.push('[');
            for (index, item) in value.raw_elements().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Data::Map(_) | Data::Object(_) => {
            out.push('{');
            for (index, member) in value.raw_members().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(&member.key, out);
                out.push(':');
                write(&member.value, out)?;
            }
            out.push('}');
        }
        Data::Unknown(_) => return Err("value is not known"),
    }
    Ok(())
}

/// A string as JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_string(text, &mut out);
    out
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
