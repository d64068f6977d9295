//! Functions of sets: `setintersection`, `setproduct`, `setsubtract`, `setunion`.

use crate::value::{Data, Known, Type, Unknown, Value, convert, unify};

use super::seen::Seen;
use super::sequence::{element_type, gather};
use super::{Call, Failure};

pub(super) fn setintersection(call: &Call<'_>) -> Result<Value, Failure> {
    combine(call, Uncertain::OfFirst, |elements, other| {
        let other = Seen::of(other.raw_elements());
        elements.retain(|element| other.contains(element));
    })
}

pub(super) fn setsubtract(call: &Call<'_>) -> Result<Value, Failure> {
    combine(call, Uncertain::OfFirst, |elements, other| {
        let other = Seen::of(other.raw_elements());
        elements.retain(|element| !other.contains(element));
    })
}

pub(super) fn setunion(call: &Call<'_>) -> Result<Value, Failure> {
    // What is there twice, making the set takes out.
    combine(call, Uncertain::Union, |elements, other| elements.extend(other.elements()))
}

/// What a combination of sets has, of which not all elements are known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Uncertain {
    /// What any of them has.
    Union,
    /// Nothing but what the first one has.
    OfFirst,
}

/// Brings all sets to one type and combines the first with the others, one after the other.
fn combine(call: &Call<'_>, uncertain: Uncertain, step: fn(&mut Vec<Value>, &Value)) -> Result<Value, Failure> {
    let ty = set_type(call.arguments)?;
    let mut combined: Option<Vec<Value>> = None;
    for (index, argument) in call.arguments.iter().enumerate() {
        let set = convert(argument, &ty).map_err(|error| Failure::argument(index, error.to_string()))?;
        if !set.is_wholly_known() {
            return partly_known(call, uncertain, ty);
        }
        call.spend(usize::try_from(set.weight()).unwrap_or(usize::MAX))?;
        match &mut combined {
            None => combined = Some(set.elements().collect()),
            Some(elements) => step(elements, &set),
        }
    }
    Ok(Value::set(ty.element().cloned().unwrap_or(Type::Dynamic), combined.unwrap_or_default()))
}

/// Elements that are not known may be equal to others.
fn partly_known(call: &Call<'_>, uncertain: Uncertain, ty: Type) -> Result<Value, Failure> {
    let mut elements = Vec::new();
    let mut open = false;
    let sets = if uncertain == Uncertain::Union { call.arguments } else { call.arguments.get(..1).unwrap_or_default() };
    for (index, argument) in sets.iter().enumerate() {
        let set = convert(argument, &ty).map_err(|error| Failure::argument(index, error.to_string()))?;
        open |= !gather(call, &set, &mut elements)?;
    }
    for element in &mut elements {
        element.certain &= uncertain == Uncertain::Union && element.value.is_wholly_known();
    }
    let known = Known::Elements { elements: elements.into(), open };
    Ok(Value::unknown(Unknown::derived_from(call.arguments).of_type(ty).not_null().with(known)))
}

pub(super) fn set_type(arguments: &[Value]) -> Result<Type, Failure> {
    let typed = arguments.iter().filter(|argument| {
        // An empty set of nothing in particular fits all.
        !(argument.length() == Some(0) && element_type(argument) == Type::Dynamic)
    });
    let types: Vec<Type> = typed.map(element_type).collect();
    if types.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    match unify(&types, true) {
        Some(element) => Ok(Type::set(element)),
        None => Err(Failure::new("given sets must all have compatible element types")),
    }
}

pub(super) fn setproduct(call: &Call<'_>) -> Result<Value, Failure> {
    let ty = product_type(call.arguments)?;
    let Some(Type::Tuple(wanted)) = ty.element().cloned() else { return Ok(call.unknown(Type::Dynamic)) };
    if call.arguments.iter().any(|argument| argument.length().is_none()) {
        return Ok(call.unknown(ty));
    }
    let lengths = call.arguments.iter().map(|argument| argument.raw_elements().len());
    let total = lengths.clone().try_fold(1usize, usize::checked_mul).unwrap_or(usize::MAX);
    call.spend(total.saturating_mul(call.arguments.len().saturating_add(1)))?;
    let mut columns: Vec<Vec<Value>> = Vec::with_capacity(call.arguments.len());
    for (index, (argument, ty)) in call.arguments.iter().zip(wanted.iter()).enumerate() {
        let converted: Result<Vec<Value>, _> = argument.elements().map(|element| convert(&element, ty)).collect();
        columns.push(converted.map_err(|error| Failure::argument(index, error.to_string()))?);
    }
    let mut products = Vec::with_capacity(total);
    for number in 0..total {
        // The last list changes fastest.
        let mut rest = number;
        let mut row: Vec<Value> = Vec::with_capacity(columns.len());
        for column in columns.iter().rev() {
            let index = rest.checked_rem(column.len()).unwrap_or(0);
            rest = rest.checked_div(column.len()).unwrap_or(0);
            row.extend(column.get(index).cloned());
        }
        row.reverse();
        products.push(Value::tuple(row));
    }
    let element = Type::Tuple(wanted);
    Ok(if matches!(ty, Type::List(_)) { Value::list(element, products) } else { Value::set(element, products) })
}

pub(super) fn product_type(arguments: &[Value]) -> Result<Type, Failure> {
    if arguments.len() < 2 {
        return Err(Failure::new("at least two arguments are required"));
    }
    let mut types = Vec::with_capacity(arguments.len());
    let mut ordered = true;
    for (index, argument) in arguments.iter().enumerate() {
        match argument.ty() {
            Type::Set(element) => {
                ordered = false;
                types.push(Type::clone(&element));
            }
            Type::List(element) => types.push(Type::clone(&element)),
            Type::Tuple(elements) if elements.is_empty() => types.push(Type::Dynamic),
            Type::Tuple(elements) => types.push(
                unify(&elements, true)
                    .ok_or_else(|| Failure::argument(index, "all elements must be of the same type"))?,
            ),
            Type::Dynamic if matches!(argument.data(), Data::Unknown(_)) => return Ok(Type::Dynamic),
            _ => return Err(Failure::argument(index, "a set or a list is required")),
        }
    }
    let tuple = Type::tuple(types);
    Ok(if ordered { Type::list(tuple) } else { Type::set(tuple) })
}
