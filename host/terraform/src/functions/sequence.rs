//! Functions of lists and tuples, and those that take values of several kinds: `coalesce`, `length`.

use crate::value::{Data, Element, Known, Number, Type, Unknown, Value, convert, equal, unify};

use super::seen::Seen;
use super::text::clusters;
use super::{Call, Failure};

pub(super) fn alltrue(call: &Call<'_>) -> Result<Value, Failure> {
    all_or_any(call, false)
}

pub(super) fn anytrue(call: &Call<'_>) -> Result<Value, Failure> {
    all_or_any(call, true)
}

/// The first element that decides does so, whatever the others are.
fn all_or_any(call: &Call<'_>, decides: bool) -> Result<Value, Failure> {
    let list = call.get(0)?;
    let mut elements = Vec::new();
    gather(call, list, &mut elements)?;
    // `alltrue` takes null for false, `anytrue` for nothing.
    let decisive = |element: &Element| {
        element.certain && (element.value.as_bool() == Some(decides) || (!decides && element.value.is_null()))
    };
    if elements.iter().any(decisive) {
        return Ok(Value::bool(decides));
    }
    Ok(if list.is_wholly_known() { Value::bool(!decides) } else { call.unknown(Type::Bool) })
}

pub(super) fn chunklist(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    let element = element_type(list);
    let size = call.integer(1)?;
    let size = usize::try_from(size).map_err(|_| Failure::new("the size argument must be positive"))?;
    let items: Vec<Value> = list.elements().collect();
    call.spend(items.len())?;
    let chunks: Vec<Value> = match (items.len(), size) {
        (0, _) => Vec::new(),
        (_, 0) => vec![list.clone()],
        (_, size) => items.chunks(size).map(|chunk| Value::list(element.clone(), chunk.to_vec())).collect(),
    };
    Ok(Value::list(Type::list(element), chunks))
}

pub(super) fn chunklist_type(arguments: &[Value]) -> Result<Type, Failure> {
    Ok(Type::list(arguments.first().map_or(Type::Dynamic, Value::ty)))
}

pub(super) fn coalesce(call: &Call<'_>) -> Result<Value, Failure> {
    let common = common_type(call.arguments)?;
    let mut candidates = Vec::new();
    for (index, argument) in call.arguments.iter().enumerate() {
        let value = convert(argument, &common).map_err(|error| Failure::argument(index, error.to_string()))?;
        if value.is_unknown() {
            candidates.push(value);
            continue;
        }
        if value.is_null() || value.as_str() == Some("") {
            continue;
        }
        if candidates.is_empty() {
            return Ok(value);
        }
        candidates.push(value);
        break;
    }
    if candidates.is_empty() {
        return Err(Failure::new("no non-null, non-empty-string arguments"));
    }
    Ok(Value::one_of(&Unknown::derived_from(call.arguments), candidates))
}

pub(super) fn common_type(arguments: &[Value]) -> Result<Type, Failure> {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    unify(&types, true).ok_or_else(|| Failure::new("all arguments must have the same type"))
}

pub(super) fn coalescelist(call: &Call<'_>) -> Result<Value, Failure> {
    coalescelist_type(call.arguments)?;
    let mut candidates = Vec::new();
    for argument in call.arguments {
        let has_elements = argument.length().is_some_and(|length| length > 0);
        if has_elements || argument.is_unknown() {
            candidates.push(argument.clone());
        }
        if has_elements || is_certainly_filled(argument) {
            break;
        }
    }
    if candidates.is_empty() {
        return Err(Failure::new("no non-null arguments"));
    }
    Ok(Value::one_of(&Unknown::derived_from(call.arguments), candidates))
}

/// Whether a list of which not all is known has an element.
fn is_certainly_filled(list: &Value) -> bool {
    list.as_unknown().is_some_and(|unknown| match &unknown.known {
        Known::Elements { elements, .. } => elements.iter().any(|element| element.certain),
        _ => false,
    })
}

fn coalescelist_type(arguments: &[Value]) -> Result<Type, Failure> {
    if arguments.is_empty() {
        return Err(Failure::new("at least one argument is required"));
    }
    for argument in arguments {
        if argument.is_unknown() {
            break;
        }
        let is_list = match argument.data() {
            Data::List(_) | Data::Tuple(_) => true,
            Data::Null(ty) => matches!(ty, Type::List(_) | Type::Tuple(_)),
            _ => false,
        };
        if !is_list {
            return Err(Failure::new("coalescelist arguments must be lists or tuples"));
        }
    }
    Ok(Type::Dynamic)
}

pub(super) fn compact(call: &Call<'_>) -> Result<Value, Failure> {
    let mut elements = Vec::new();
    let open = !gather(call, call.get(0)?, &mut elements)?;
    elements.retain(|element| !element.value.is_null() && element.value.as_str() != Some(""));
    for element in &mut elements {
        element.certain &= !element.value.is_unknown();
    }
    Ok(gathered(call, elements, open, Type::list(Type::String)))
}

pub(super) fn concat(call: &Call<'_>) -> Result<Value, Failure> {
    let ty = concat_type(call.arguments)?;
    let mut elements = Vec::new();
    let mut open = false;
    for (index, argument) in call.arguments.iter().enumerate() {
        let list = match &ty {
            Type::List(_) => convert(argument, &ty).map_err(|error| Failure::argument(index, error.to_string()))?,
            _ => argument.clone(),
        };
        open |= !gather(call, &list, &mut elements)?;
    }
    Ok(gathered(call, elements, open, ty))
}

/// Adds the elements of a list as far as they are known; says whether there are no others.
pub(super) fn gather(call: &Call<'_>, list: &Value, elements: &mut Vec<Element>) -> Result<bool, Failure> {
    // Which of the elements of a set are one shows when they are known.
    let is_set = matches!(list.ty(), Type::Set(_));
    match list.as_unknown().map(|unknown| &unknown.known) {
        None => {
            call.spend(list.raw_elements().len())?;
            elements.extend(list.elements().map(|value| Element { value, certain: true }));
            Ok(true)
        }
        Some(Known::Elements { elements: known, open }) => {
            call.spend(known.len())?;
            let certain = |element: &Element| element.certain && (!is_set || element.value.is_wholly_known());
            elements.extend(
                known.iter().map(|element| Element { value: list.child(&element.value), certain: certain(element) }),
            );
            Ok(!open)
        }
        Some(_) => Ok(false),
    }
}

/// A list or tuple of elements, or an unknown one when there may be others.
pub(super) fn gathered(call: &Call<'_>, elements: Vec<Element>, open: bool, ty: Type) -> Value {
    if open || elements.iter().any(|element| !element.certain) {
        let known = Known::Elements { elements: elements.into(), open };
        return Value::unknown(Unknown::derived_from(call.arguments).of_type(ty).not_null().with(known));
    }
    let items = elements.into_iter().map(|element| element.value).collect();
    match ty {
        Type::List(element) => Value::list(Type::clone(&element), items),
        _ => Value::tuple(items),
    }
}

pub(super) fn concat_type(arguments: &[Value]) -> Result<Type, Failure> {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    if types.is_empty() {
        return Err(Failure::new("at least one argument is required"));
    }
    if types.iter().all(|ty| matches!(ty, Type::List(_)))
        && let Some(common) = unify(&types, true)
    {
        return Ok(common);
    }
    let mut elements: Option<Vec<Type>> = Some(Vec::new());
    for (index, (ty, argument)) in types.iter().zip(arguments).enumerate() {
        match ty {
            Type::Dynamic if argument.is_unknown() => elements = None,
            Type::Tuple(types) => {
                if let Some(elements) = &mut elements {
                    elements.extend(types.iter().cloned());
                }
            }
            Type::List(element) => match (&mut elements, argument.length()) {
                (Some(elements), Some(length)) => {
                    elements.extend(std::iter::repeat_n(Type::clone(element), length));
                }
                _ => elements = None,
            },
            ty => {
                return Err(Failure::argument(index, format!("all arguments must be lists or tuples; got {ty}")));
            }
        }
    }
    Ok(elements.map_or(Type::Dynamic, Type::tuple))
}

pub(super) fn contains(call: &Call<'_>) -> Result<Value, Failure> {
    let (list, wanted) = (call.get(0)?, call.get(1)?);
    if !matches!(list.ty(), Type::List(_) | Type::Tuple(_) | Type::Set(_) | Type::Dynamic) {
        return Err(Failure::new("argument must be list, tuple, or set"));
    }
    let mut elements = Vec::new();
    let mut open = !gather(call, list, &mut elements)?;
    let is_typed = |element: &Element| element.value.ty() != Type::Dynamic;
    let has_types =
        matches!(list.data(), Data::Tuple(_)) || (!list.ty().has_dynamic() && elements.iter().all(is_typed));
    for element in elements {
        // What has no type yet may make a text of it.
        let stays = has_types || element.value.as_str().is_some();
        match equal(wanted, &element.value).as_bool() {
            Some(true) if element.certain && stays => return Ok(Value::bool(true)),
            Some(false) if stays => {}
            _ => open = true,
        }
    }
    Ok(if open { call.unknown(Type::Bool) } else { Value::bool(false) })
}

pub(super) fn distinct(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    call.spend(usize::try_from(list.weight()).unwrap_or(usize::MAX))?;
    let mut seen = Seen::default();
    if !list.is_wholly_known() {
        let mut elements = Vec::new();
        let open = !gather(call, list, &mut elements)?;
        // What is not known may be equal to something else.
        elements.retain_mut(|element| {
            let is_known = element.value.is_wholly_known();
            let is_new = !is_known || !element.certain || seen.insert(&element.value);
            element.certain &= is_known;
            is_new
        });
        return Ok(gathered(call, elements, open, list.ty()));
    }
    let different = list.elements().filter(|element| seen.insert(element)).collect();
    Ok(Value::list(element_type(list), different))
}

pub(super) fn first_type(arguments: &[Value]) -> Result<Type, Failure> {
    Ok(arguments.first().map_or(Type::Dynamic, Value::ty))
}

pub(super) fn element(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    let empty = || Failure::new("cannot use element function with an empty list");
    if !matches!(list.data(), Data::List(_) | Data::Tuple(_)) {
        return Err(Failure::new(format!("cannot read elements from {}", list.ty())));
    }
    if call.get(1)?.is_unknown() {
        call.spend(list.raw_elements().len())?;
        if list.raw_elements().is_empty() {
            return Err(empty());
        }
        return Ok(Value::one_of(&Unknown::derived_from(call.arguments), list.elements().collect()));
    }
    let index = call.integer(1).map_err(|_| Failure::new("invalid index: value must be a whole number"))?;
    let length = i64::try_from(list.raw_elements().len()).unwrap_or(i64::MAX);
    // Version 1.11 counts from the end of a list, but fails for a tuple.
    if matches!(list.data(), Data::Tuple(_)) && index.checked_rem(length).is_some_and(|index| index < 0) {
        return Err(Failure::new("cannot use element function with a negative index"));
    }
    let index = index.checked_rem_euclid(length).and_then(|index| usize::try_from(index).ok()).ok_or_else(empty)?;
    list.element(index).ok_or_else(empty)
}

pub(super) fn element_of_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first().map(Value::ty) {
        Some(Type::List(element)) => Ok(Type::clone(&element)),
        Some(Type::Tuple(_)) | None => Ok(Type::Dynamic),
        Some(ty) => Err(Failure::new(format!("cannot read elements from {ty}"))),
    }
}

pub(super) fn flatten(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    if !is_sequence(list) {
        return Err(Failure::new("can only flatten lists, sets and tuples"));
    }
    let mut elements = Vec::new();
    let mut open = false;
    flatten_into(call, list, &mut elements, &mut open)?;
    let ty = if open {
        Type::Dynamic
    } else {
        Type::tuple(elements.iter().map(|element: &Element| element.value.ty()).collect::<Vec<_>>())
    };
    Ok(gathered(call, elements, open, ty))
}

/// Recursion ends where values do: their depth is bounded.
fn flatten_into(call: &Call<'_>, list: &Value, out: &mut Vec<Element>, open: &mut bool) -> Result<(), Failure> {
    let mut elements = Vec::new();
    *open |= !gather(call, list, &mut elements)?;
    for Element { value, certain } in elements {
        let unknown_list =
            value.is_unknown() && matches!(value.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_) | Type::Dynamic);
        if unknown_list || is_sequence(&value) {
            // The marks of what is taken apart are on its elements.
            flatten_into(call, &value, out, open)?;
            *open |= !certain;
        } else {
            out.push(Element { value, certain });
        }
    }
    Ok(())
}

fn is_sequence(value: &Value) -> bool {
    matches!(value.data(), Data::List(_) | Data::Set(_) | Data::Tuple(_))
}

pub(super) fn index(call: &Call<'_>) -> Result<Value, Failure> {
    let (list, wanted) = (call.get(0)?, call.get(1)?);
    if !matches!(list.data(), Data::List(_) | Data::Tuple(_)) {
        return Err(Failure::new("argument must be a list or tuple"));
    }
    if list.raw_elements().is_empty() {
        return Err(Failure::new("cannot search an empty list"));
    }
    for (index, element) in list.raw_elements().iter().enumerate() {
        call.spend(1)?;
        match equal(element, wanted).as_bool() {
            Some(true) => return Ok(Value::number(Number::from_usize(index))),
            Some(false) => {}
            None => return Ok(call.unknown(Type::Number)),
        }
    }
    Err(Failure::new("item not found"))
}

pub(super) fn length(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    let length = match value.data() {
        Data::String(text) => {
            call.spend(text.len() / 16)?;
            Some(clusters(text).count())
        }
        _ => match (value.length(), value.ty()) {
            // A set may lose elements when they become known.
            (Some(length), Type::Set(_)) if length > 1 && !value.is_wholly_known() => None,
            (Some(length), _) => Some(length),
            (None, Type::Tuple(elements)) => Some(elements.len()),
            (None, Type::Object(attributes)) => Some(attributes.len()),
            (None, Type::Bool | Type::Number) => {
                return Err(Failure::argument(0, "argument must be a string, a collection type, or a structural type"));
            }
            (None, _) => None,
        },
    };
    Ok(match length {
        Some(length) => Value::number(Number::from_usize(length)),
        None => call.unknown(Type::Number),
    })
}

pub(super) fn matchkeys(call: &Call<'_>) -> Result<Value, Failure> {
    let (values, keys, wanted) = (call.get(0)?, call.get(1)?, call.get(2)?);
    let common = unify(&[keys.ty(), wanted.ty()], true)
        .ok_or_else(|| Failure::new("keys and searchset must be of the same type"))?;
    if values.raw_elements().len() != keys.raw_elements().len() {
        return Err(Failure::new("length of keys and values should be equal"));
    }
    let converted = |index, list| convert(list, &common).map_err(|error| Failure::argument(index, error.to_string()));
    let (keys, wanted) = (converted(1, keys)?, converted(2, wanted)?);
    if !call.arguments.iter().all(Value::is_wholly_known) {
        return Ok(call.unknown(values.ty()));
    }
    call.spend(usize::try_from(keys.weight().saturating_add(wanted.weight())).unwrap_or(usize::MAX))?;
    let wanted = Seen::of(wanted.raw_elements());
    let pairs = values.elements().zip(keys.raw_elements());
    let found = pairs.filter(|(_, key)| wanted.contains(key)).map(|(value, _)| value).collect();
    Ok(Value::list(element_type(values), found))
}

pub(super) fn one(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    let ty = one_type(call.arguments)?;
    if !is_sequence(list) {
        return Ok(call.unknown(ty));
    }
    let set_open = matches!(list.data(), Data::Set(_)) && !list.is_wholly_known();
    match (list.raw_elements().len(), list.element(0)) {
        (0, _) => Ok(Value::null_of(ty)),
        (1, Some(only)) => Ok(only),
        (_, Some(_)) if set_open => Ok(call.unknown(ty)),
        _ => Err(Failure::argument(0, "must be a list, set, or tuple value with either zero or one elements")),
    }
}

pub(super) fn one_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first().map_or(Type::Dynamic, Value::ty) {
        Type::List(element) | Type::Set(element) => Ok(Type::clone(&element)),
        Type::Tuple(elements) if elements.len() <= 1 => Ok(elements.first().cloned().unwrap_or(Type::Dynamic)),
        Type::Dynamic => Ok(Type::Dynamic),
        _ => Err(Failure::argument(0, "must be a list, set, or tuple value with either zero or one elements")),
    }
}

pub(super) fn reverse(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    call.spend(list.raw_elements().len())?;
    let items = list.elements().rev().collect();
    match list.data() {
        Data::Tuple(_) => Ok(Value::tuple(items)),
        Data::List(_) | Data::Set(_) => Ok(Value::list(element_type(list), items)),
        _ => {
            let ty = reverse_type(call.arguments)?;
            let mut elements = Vec::new();
            let open = !gather(call, list, &mut elements)?;
            elements.reverse();
            Ok(gathered(call, elements, open, ty))
        }
    }
}

pub(super) fn reverse_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first().map_or(Type::Dynamic, Value::ty) {
        Type::Tuple(types) => Ok(Type::Tuple(types.iter().rev().cloned().collect())),
        Type::List(element) | Type::Set(element) => Ok(Type::List(element)),
        Type::Dynamic => Ok(Type::Dynamic),
        ty => Err(Failure::argument(0, format!("can only reverse list or tuple values, not {ty}"))),
    }
}

pub(super) fn slice(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    slice_type(call.arguments)?;
    let length = list.raw_elements().len();
    let position = |index: usize, name: &str| {
        let position = call.integer(index).map_err(|error| match error {
            Failure::Error(error) => Failure::argument(index, format!("invalid {name} index: {error}")),
            other => other,
        })?;
        let position = usize::try_from(position)
            .map_err(|_| Failure::argument(index, format!("{name} index must not be less than zero")))?;
        if position > length {
            let message = format!("{name} index must not be greater than the length of the list");
            return Err(Failure::argument(index, message));
        }
        Ok(position)
    };
    let (start, end) = (position(1, "start")?, position(2, "end")?);
    if start > end {
        return Err(Failure::argument(1, "start index must not be greater than end index"));
    }
    call.spend(end - start)?;
    let items: Vec<Value> = list.elements().skip(start).take(end - start).collect();
    Ok(match list.data() {
        Data::Tuple(_) => Value::tuple(items),
        _ => Value::list(element_type(list), items),
    })
}

pub(super) fn slice_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first().map_or(Type::Dynamic, Value::ty) {
        Type::Set(_) => Err(Failure::argument(
            0,
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the \
             ordering of the result is not important",
        )),
        list @ Type::List(_) => Ok(list),
        Type::Tuple(_) | Type::Dynamic => Ok(Type::Dynamic),
        _ => Err(Failure::argument(0, "must be a list or tuple value")),
    }
}

pub(super) fn sort(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    let ty = Type::list(Type::String);
    if !list.is_wholly_known() {
        // They are all there, somewhere.
        let mut elements = Vec::new();
        gather(call, list, &mut elements)?;
        let known = Known::Elements { elements: elements.into(), open: list.length().is_none() };
        return Ok(Value::unknown(Unknown::derived_from([list]).of_type(ty).not_null().with(known)));
    }
    let mut items: Vec<Value> = list.elements().collect();
    call.spend(items.len())?;
    if let Some(index) = items.iter().position(Value::is_null) {
        return Err(Failure::new(format!("given list element {index} is null; a null string cannot be sorted")));
    }
    items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Ok(Value::list(Type::String, items))
}

/// Of a list, set or map.
pub(super) fn element_type(value: &Value) -> Type {
    value.ty().element().cloned().unwrap_or(Type::Dynamic)
}
