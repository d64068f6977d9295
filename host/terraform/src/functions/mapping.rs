//! Functions of maps and objects: `keys`, `lookup`, `merge`, `transpose`, `values`, `zipmap`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::{Attribute, Data, Element, Known, Member, Type, Unknown, Value, convert};

use super::sequence::element_type;
use super::{Call, Failure};

pub(super) fn keys(call: &Call<'_>) -> Result<Value, Failure> {
    let map = call.get(0)?;
    keys_type(call.arguments)?;
    call.spend(map.raw_members().len())?;
    let key = |member: &Member| {
        let key = Value::string(&*member.key);
        match member.key_span {
            Some(span) => key.at(span),
            None => key,
        }
    };
    let names = || map.raw_members().iter().map(key).collect();
    Ok(match (map.data(), map.ty()) {
        (Data::Map(_), _) => Value::list(Type::String, names()),
        (Data::Object(_), _) => Value::tuple(names()),
        // What attributes there are says the type, also of an unknown object.
        (_, Type::Object(attributes)) => {
            Value::tuple(attributes.iter().map(|attribute| Value::string(&*attribute.name)).collect())
        }
        (_, Type::Dynamic) => known_parts(call, map.known_members().map(|member| key(&member)), Type::Dynamic),
        _ => known_parts(call, map.known_members().map(|member| key(&member)), Type::list(Type::String)),
    })
}

/// What a list of all keys or values of a map has for certain, where only some of its members are known.
fn known_parts(call: &Call<'_>, parts: impl Iterator<Item = Value>, ty: Type) -> Value {
    let elements: Vec<Element> = parts.map(|value| Element { value, certain: true }).collect();
    let known =
        if elements.is_empty() { Known::Nothing } else { Known::Elements { elements: elements.into(), open: true } };
    Value::unknown(Unknown::derived_from(call.arguments).of_type(ty).with(known))
}

fn keys_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first().map_or(Type::Dynamic, Value::ty) {
        Type::Map(_) | Type::Object(_) | Type::Dynamic => Ok(Type::Dynamic),
        _ => Err(Failure::argument(0, "must have map or object type")),
    }
}

pub(super) fn lookup(call: &Call<'_>) -> Result<Value, Failure> {
    if call.arguments.len() > 3 {
        let count = call.arguments.len();
        return Err(Failure::new(format!("lookup() takes two or three arguments, got {count}")));
    }
    let (map, key, default) = (call.get(0)?, call.get(1)?, call.arguments.get(2));
    let element = match (map.data(), map.ty()) {
        (Data::Object(_) | Data::Unknown(_), Type::Object(_) | Type::Dynamic) => None,
        (_, Type::Map(element)) => Some(element),
        _ => return Err(Failure::argument(0, "lookup() requires a map as the first argument")),
    };
    let default = match (&element, default) {
        (Some(element), Some(default)) => Some(
            convert(default, element)
                .map_err(|_| Failure::argument(2, "the default value must have the same type as the map elements"))?,
        ),
        (_, default) => default.cloned(),
    };
    if let Some(key) = key.as_str().filter(|_| map.is_unknown())
        && let Some(member) = map.known_members().find(|member| *member.key == *key)
    {
        return Ok(member.value);
    }
    let ty = element.as_deref().cloned().unwrap_or(Type::Dynamic);
    let Some(key) = key.as_str().filter(|_| !map.is_unknown()) else {
        call.spend(map.raw_members().len())?;
        // Whatever the key, it is one of them. Of an unknown map nothing is known but the default.
        let values = map.members().map(|member| member.value).chain(default);
        let unknown = Unknown::derived_from(call.arguments);
        return Ok(match map.is_unknown() {
            true => Value::unknown(unknown.of_type(ty)),
            false => Value::one_of(&unknown, values.collect()),
        });
    };
    match (map.member(key), default) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default),
        (None, None) if element.is_none() => {
            Err(Failure::argument(0, format!("the given object has no attribute {key:?}")))
        }
        (None, None) => Err(Failure::new(format!("lookup failed to find key {key:?}"))),
    }
}

pub(super) fn merge(call: &Call<'_>) -> Result<Value, Failure> {
    let ty = merge_type(call.arguments)?;
    let mut members: BTreeMap<Arc<str>, Member> = BTreeMap::new();
    let mut open = false;
    for argument in call.arguments {
        if argument.is_unknown() {
            // It may have each of the members that were there before it.
            let hidden = |key: &str| argument.known_members().all(|member| *member.key != *key);
            for (key, member) in &mut members {
                if may_have(&argument.ty(), key) && hidden(key) {
                    let unknown = Unknown::derived_from([argument]);
                    let other = argument.attribute(key).unwrap_or_else(|_| Value::unknown(unknown.derived()));
                    member.value = Value::one_of(&unknown, vec![member.value.clone(), other]);
                }
            }
            open = true;
        }
        for member in argument.known_members() {
            call.spend(1)?;
            members.insert(member.key.clone(), member);
        }
    }
    let members = members.into_values().collect();
    let merged = match &ty {
        Type::Map(element) => Value::map(Type::clone(element), members),
        _ => Value::object(members),
    };
    if !open || merged.as_limit().is_some() {
        return Ok(merged);
    }
    let known = Known::Attributes(merged.raw_members().into());
    Ok(Value::unknown(Unknown::derived_from(call.arguments).of_type(ty).not_null().with(known)))
}

/// Whether a value of a type can have a member.
fn may_have(ty: &Type, key: &str) -> bool {
    !matches!(ty, Type::Object(_)) || ty.attribute(key).is_some()
}

pub(super) fn merge_type(arguments: &[Value]) -> Result<Type, Failure> {
    let mut types = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let ty = argument.ty();
        match ty {
            Type::Dynamic | Type::Map(_) | Type::Object(_) => types.push(ty),
            _ => return Err(Failure::new(format!("arguments must be maps or objects, got \"{ty}\""))),
        }
    }
    // Without a type nothing is known of the result.
    if types.contains(&Type::Dynamic) {
        return Ok(Type::Dynamic);
    }
    let Some(first) = types.first() else { return Ok(Type::object([])) };
    if types.iter().all(|ty| ty == first) {
        return Ok(first.clone());
    }
    // Which keys there are decides the type of an object.
    let open = arguments.iter().any(|argument| argument.is_unknown() && matches!(argument.ty(), Type::Map(_)));
    if open {
        return Ok(Type::Dynamic);
    }
    Ok(Type::object(arguments.iter().filter(|argument| !argument.is_null()).flat_map(|argument| match argument.ty() {
        Type::Object(attributes) => attributes.to_vec(),
        Type::Map(element) => {
            let attribute =
                |member: &Member| Attribute { name: member.key.clone(), ty: Type::clone(&element), optional: false };
            argument.raw_members().iter().map(attribute).collect()
        }
        _ => Vec::new(),
    })))
}

pub(super) fn transpose(call: &Call<'_>) -> Result<Value, Failure> {
    let map = call.get(0)?;
    let ty = Type::list(Type::String);
    if !map.is_wholly_known() {
        return Ok(call.unknown(Type::map(ty)));
    }
    let mut transposed: BTreeMap<Box<str>, Vec<Value>> = BTreeMap::new();
    for member in map.members() {
        if member.value.is_null() {
            return Err(Failure::argument(0, "input map must not contain null lists"));
        }
        for item in member.value.raw_elements() {
            call.spend(1)?;
            let key = item.as_str().ok_or_else(|| Failure::argument(0, "input list must not contain null string"))?;
            transposed.entry(key.into()).or_default().push(Value::string(&*member.key));
        }
    }
    // Keys were gone through in order, so the lists are sorted.
    let members = transposed.into_iter().map(|(key, items)| Member::new(key, Value::list(Type::String, items)));
    Ok(Value::map(ty, members.collect()))
}

pub(super) fn values(call: &Call<'_>) -> Result<Value, Failure> {
    let map = call.get(0)?;
    call.spend(map.raw_members().len())?;
    let items = map.members().map(|member| member.value).collect();
    match map.data() {
        Data::Map(_) => Ok(Value::list(element_type(map), items)),
        Data::Object(_) => Ok(Value::tuple(items)),
        _ => {
            let ty = values_type(call.arguments)?;
            Ok(known_parts(call, map.known_members().map(|member| member.value), ty))
        }
    }
}

pub(super) fn values_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first().map_or(Type::Dynamic, Value::ty) {
        Type::Map(element) => Ok(Type::List(element)),
        Type::Object(attributes) => Ok(Type::Tuple(attributes.iter().map(|attribute| attribute.ty.clone()).collect())),
        Type::Dynamic => Ok(Type::Dynamic),
        _ => Err(Failure::new("values() requires a map as the first argument")),
    }
}

pub(super) fn zipmap(call: &Call<'_>) -> Result<Value, Failure> {
    let (keys, values) = (call.get(0)?, call.get(1)?);
    let ty = zipmap_type(call.arguments)?;
    if !keys.is_wholly_known() {
        return Ok(call.unknown(ty));
    }
    let (left, right) = (keys.raw_elements().len(), values.raw_elements().len());
    if left != right {
        return Err(Failure::new(format!("number of keys ({left}) does not match number of values ({right})")));
    }
    call.spend(left)?;
    let mut members = Vec::with_capacity(left);
    for (index, (key, value)) in keys.raw_elements().iter().zip(values.elements()).enumerate() {
        let Some(key) = key.as_str() else {
            return Err(Failure::new(format!("keys list has null value at index {index}")));
        };
        members.push(Member::new(key, value));
    }
    Ok(match ty {
        Type::Map(element) => Value::map(Type::clone(&element), members),
        _ => Value::object(members),
    })
}

pub(super) fn zipmap_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.get(1).map_or(Type::Dynamic, Value::ty) {
        Type::List(element) => Ok(Type::Map(element)),
        Type::Tuple(_) | Type::Dynamic => Ok(Type::Dynamic),
        _ => Err(Failure::new("values argument must be a list or tuple value")),
    }
}
