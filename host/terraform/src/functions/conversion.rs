//! Functions that convert, and functions about marks: `tobool`, `tolist`, …, `sensitive`,
//! `nonsensitive`, `issensitive`, `ephemeralasnull`.

use crate::value::{Data, Marks, Type, Value, convert};

use super::parts::mapped;
use super::{Call, Failure};

pub(super) fn tobool(call: &Call<'_>) -> Result<Value, Failure> {
    to(call, &Type::Bool)
}

pub(super) fn tolist(call: &Call<'_>) -> Result<Value, Failure> {
    to(call, &Type::list(Type::Dynamic))
}

pub(super) fn tomap(call: &Call<'_>) -> Result<Value, Failure> {
    to(call, &Type::map(Type::Dynamic))
}

pub(super) fn tonumber(call: &Call<'_>) -> Result<Value, Failure> {
    to(call, &Type::Number)
}

pub(super) fn toset(call: &Call<'_>) -> Result<Value, Failure> {
    to(call, &Type::set(Type::Dynamic))
}

pub(super) fn tostring(call: &Call<'_>) -> Result<Value, Failure> {
    to(call, &Type::String)
}

/// What is asked for by name has messages of its own.
fn to(call: &Call<'_>, wanted: &Type) -> Result<Value, Failure> {
    let value = call.get(0)?;
    call.spend(usize::try_from(value.weight()).unwrap_or(usize::MAX))?;
    convert(value, wanted).map_err(|_| {
        let hint = match (value.data(), wanted) {
            (Data::String(text), Type::Bool) => {
                format!("cannot convert {:?} to bool; only the strings \"true\" or \"false\" are allowed", &**text)
            }
            (Data::String(text), Type::Number) => format!(
                "cannot convert {:?} to number; given string must be a decimal representation of a number",
                &**text
            ),
            _ => format!("cannot convert {} to {}", value.ty(), constraint_name(wanted)),
        };
        Failure::argument(0, hint)
    })
}

/// As Terraform calls a type that leaves something open.
fn constraint_name(wanted: &Type) -> String {
    match wanted {
        Type::List(element) if **element == Type::Dynamic => "list of any single type".to_owned(),
        Type::Set(element) if **element == Type::Dynamic => "set of any single type".to_owned(),
        Type::Map(element) if **element == Type::Dynamic => "map of any single type".to_owned(),
        ty => ty.to_string(),
    }
}

pub(super) fn sensitive(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(call.get(0)?.clone().with_marks(Marks::SENSITIVE))
}

/// Only the mark of the value itself is taken off; what is in it keeps its own.
pub(super) fn nonsensitive(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(call.get(0)?.clone().without_marks(Marks::SENSITIVE))
}

pub(super) fn issensitive(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    Ok(match (value.is_sensitive(), value.is_unknown()) {
        (true, _) => Value::bool(true),
        // It may be sensitive when it is known.
        (false, true) => call.unknown(Type::Bool),
        (false, false) => Value::bool(false),
    })
}

pub(super) fn ephemeralasnull(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(without_ephemeral(call.get(0)?))
}

fn without_ephemeral(value: &Value) -> Value {
    if !value.marks_within().contains(Marks::EPHEMERAL) {
        value.clone()
    } else if value.marks().contains(Marks::EPHEMERAL) {
        Value::null_of(value.ty()).like(value).without_marks(Marks::EPHEMERAL)
    } else {
        mapped(value, &without_ephemeral)
    }
}
