//! The common type of several types: of the branches of a conditional, of the elements of a list.

use std::cmp::Ordering;

use super::convert::convertible;
use super::{Attribute, Type};

/// Different types that are compared with each other to find the most general one. What has more of them
/// has no common type, as a rule, and the comparison would take long.
const MOST_DISTINCT: usize = 128;

/// The type to which values of all these types are converted where one is needed; `None` when there is
/// none, and for no types at all. With `lossy`, conversions that may fail count (string to number).
///
/// Follows `unify` in package `convert` of go-cty.
pub fn unify(types: &[Type], lossy: bool) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let count = |kind: fn(&Type) -> bool| types.iter().filter(|ty| kind(ty)).count();
    let dynamic = count(|ty| matches!(ty, Type::Dynamic));
    let lists = count(|ty| matches!(ty, Type::List(_)));
    let sets = count(|ty| matches!(ty, Type::Set(_)));
    let maps = count(|ty| matches!(ty, Type::Map(_)));
    let tuples = count(|ty| matches!(ty, Type::Tuple(_)));
    let objects = count(|ty| matches!(ty, Type::Object(_)));
    let all = |kinds: usize| kinds + dynamic == types.len();
    // What has no type yet may become anything.
    let known = |unified: fn(&[Type], bool) -> Option<Type>| {
        if dynamic > 0 { Some(Type::Dynamic) } else { unified(types, lossy) }
    };
    if maps > 0 && all(maps) {
        return known(|types, lossy| elements(types, lossy).map(Type::map));
    } else if maps > 0 && all(maps + objects) {
        if let Some(map) = re_unified(types, |ty| matches!(ty, Type::Object(_)), objects_to_map, lossy)
            && matches!(map, Type::Map(_))
        {
            return Some(map);
        }
    } else if lists > 0 && all(lists) {
        return known(|types, lossy| elements(types, lossy).map(Type::list));
    } else if lists > 0 && all(lists + tuples) {
        if let Some(list) = re_unified(types, |ty| matches!(ty, Type::Tuple(_)), tuples_to_list, lossy)
            && matches!(list, Type::List(_))
        {
            return Some(list);
        }
    } else if sets > 0 && all(sets) {
        return known(|types, lossy| elements(types, lossy).map(Type::set));
    } else if objects > 0 && all(objects) {
        return known(unify_objects);
    } else if tuples > 0 && all(tuples) {
        return known(unify_tuples);
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    let order = by_generality(types);
    let fits = |wanted: &&Type| types.iter().all(|ty| ty == *wanted || convertible(ty, wanted, lossy));
    order.into_iter().map(|index| &types[index]).find(fits).cloned()
}

/// Collections of one kind.
fn elements(types: &[Type], lossy: bool) -> Option<Type> {
    let elements: Vec<Type> = types.iter().filter_map(Type::element).cloned().collect();
    unify(&elements, lossy)
}

/// Structures beside collections: the structures are brought to one collection first.
fn re_unified(
    types: &[Type],
    structure: fn(&Type) -> bool,
    collect: fn(&[Type], bool) -> Option<Type>,
    lossy: bool,
) -> Option<Type> {
    let structures: Vec<Type> = types.iter().filter(|ty| structure(ty)).cloned().collect();
    let collection = collect(&structures, lossy)?;
    let replaced: Vec<Type> =
        types.iter().map(|ty| if structure(ty) { collection.clone() } else { ty.clone() }).collect();
    unify(&replaced, lossy)
}

fn unify_objects(types: &[Type], lossy: bool) -> Option<Type> {
    let attributes: Vec<&[Attribute]> = types
        .iter()
        .filter_map(|ty| if let Type::Object(attributes) = ty { Some(&**attributes) } else { None })
        .collect();
    let first = attributes.first()?;
    let names_differ = |other: &&[Attribute]| {
        other.len() != first.len() || other.iter().zip(first.iter()).any(|(other, first)| other.name != first.name)
    };
    if attributes.iter().any(names_differ) {
        return objects_to_map(types, lossy);
    }
    let mut unified = Vec::with_capacity(first.len());
    for (index, attribute) in first.iter().enumerate() {
        let across: Vec<Type> = attributes.iter().map(|attributes| attributes[index].ty.clone()).collect();
        unified.push(Attribute { name: attribute.name.clone(), ty: unify(&across, lossy)?, optional: false });
    }
    let unified = Type::Object(unified.into());
    let fits = types.iter().all(|ty| *ty == unified || convertible(ty, &unified, lossy));
    if fits { Some(unified) } else { objects_to_map(types, lossy) }
}

fn objects_to_map(types: &[Type], lossy: bool) -> Option<Type> {
    let mut elements = Vec::new();
    for ty in types {
        if let Type::Object(attributes) = ty {
            elements.extend(attributes.iter().map(|attribute| attribute.ty.clone()));
        }
    }
    collection(types, Type::map(unify(&elements, lossy)?), lossy)
}

fn unify_tuples(types: &[Type], lossy: bool) -> Option<Type> {
    let tuples: Vec<&[Type]> =
        types.iter().filter_map(|ty| if let Type::Tuple(elements) = ty { Some(&**elements) } else { None }).collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|tuple| tuple.len() != length) {
        return tuples_to_list(types, lossy);
    }
    let mut unified = Vec::with_capacity(length);
    for index in 0..length {
        let across: Vec<Type> = tuples.iter().map(|tuple| tuple[index].clone()).collect();
        unified.push(unify(&across, lossy)?);
    }
    let unified = Type::Tuple(unified.into());
    let fits = types.iter().all(|ty| *ty == unified || convertible(ty, &unified, lossy));
    if fits { Some(unified) } else { tuples_to_list(types, lossy) }
}

fn tuples_to_list(types: &[Type], lossy: bool) -> Option<Type> {
    let mut elements = Vec::new();
    for ty in types {
        if let Type::Tuple(types) = ty {
            elements.extend(types.iter().cloned());
        }
    }
    collection(types, Type::list(unify(&elements, lossy)?), lossy)
}

fn collection(types: &[Type], wanted: Type, lossy: bool) -> Option<Type> {
    types.iter().all(|ty| *ty == wanted || convertible(ty, &wanted, lossy)).then_some(wanted)
}

/// Indexes of the types, the most general first; those that cannot be compared stay in their order.
/// Equal types count once, so that a list of ten thousand strings and numbers costs nothing.
fn by_generality(types: &[Type]) -> Vec<usize> {
    let mut distinct: Vec<usize> = Vec::new();
    for (index, ty) in types.iter().enumerate() {
        if distinct.len() == MOST_DISTINCT {
            break;
        }
        if !distinct.iter().any(|seen| types[*seen] == *ty) {
            distinct.push(index);
        }
    }
    let mut waiting = distinct;
    let mut order = Vec::with_capacity(waiting.len());
    // Rounds of those that nothing is more general than: a topological order.
    while !waiting.is_empty() {
        let more_general =
            |index: usize| waiting.iter().any(|other| compare(&types[*other], &types[index]) == Ordering::Less);
        let (mut next, rest): (Vec<usize>, Vec<usize>) =
            waiting.iter().copied().partition(|index| !more_general(*index));
        if next.is_empty() {
            // Types of which each is more general than another; none will do.
            next = rest;
            waiting = Vec::new();
        } else {
            waiting = rest;
        }
        order.extend(next);
    }
    order
}

/// Which type is more general, and comes first; `Equal` when that cannot be said.
fn compare(left: &Type, right: &Type) -> Ordering {
    match (left, right) {
        (Type::Dynamic, Type::Dynamic) => Ordering::Equal,
        // Everything can be converted to it, and it will become like its neighbors.
        (Type::Dynamic, _) => Ordering::Greater,
        (_, Type::Dynamic) => Ordering::Less,
        (Type::String, Type::Bool | Type::Number) => Ordering::Less,
        (Type::Bool | Type::Number, Type::String) => Ordering::Greater,
        (Type::List(left), Type::List(right))
        | (Type::Set(left), Type::Set(right))
        | (Type::Map(left), Type::Map(right)) => compare(left, right),
        (Type::List(_), Type::Set(_) | Type::Tuple(_)) => Ordering::Less,
        (Type::Set(_), Type::List(_)) => Ordering::Greater,
        (Type::Tuple(_), Type::Set(_)) => Ordering::Less,
        (Type::Set(_), Type::Tuple(_)) => Ordering::Greater,
        (Type::Tuple(_), Type::List(_)) => Ordering::Greater,
        (Type::Map(_), Type::Object(_)) => Ordering::Less,
        (Type::Object(_), Type::Map(_)) => Ordering::Greater,
        (Type::Object(left), Type::Object(right)) if left.len() == right.len() => {
            let named = left.iter().zip(right.iter());
            if named.clone().any(|(left, right)| left.name != right.name) {
                return Ordering::Equal;
            }
            joined(named.map(|(left, right)| compare(&left.ty, &right.ty)))
        }
        (Type::Tuple(left), Type::Tuple(right)) if left.len() == right.len() => {
            joined(left.iter().zip(right.iter()).map(|(left, right)| compare(left, right)))
        }
        _ => Ordering::Equal,
    }
}

/// One of several comparisons, where they do not contradict each other.
fn joined(comparisons: impl Iterator<Item = Ordering>) -> Ordering {
    let (mut less, mut greater) = (false, false);
    for comparison in comparisons {
        less |= comparison == Ordering::Less;
        greater |= comparison == Ordering::Greater;
    }
    match (less, greater) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// How two types differ that have no common one, as the rest of a sentence about two values.
pub fn difference(left: &Type, right: &Type) -> String {
    let mut at = String::new();
    let why = differing(left, right, &mut at);
    if at.is_empty() { why } else { format!("at `{at}` {why}") }
}

/// The same for what is at a place in both, which grows to the part that differs. As deep as types.
fn differing(left: &Type, right: &Type, at: &mut String) -> String {
    match (left, right) {
        (Type::Object(left), Type::Object(right)) => {
            let has = |one: &[Attribute], name: &str| one.iter().any(|attribute| *attribute.name == *name);
            let only = left.iter().find(|attribute| !has(right, &attribute.name));
            if let Some(only) = only.or(right.iter().find(|attribute| !has(left, &attribute.name))) {
                return format!("only one has the attribute `{}`", only.name);
            }
            let both = left.iter().filter_map(|one| Some((one, right.iter().find(|other| other.name == one.name)?)));
            let both: Vec<_> = both.map(|(one, other)| (&*one.name, &one.ty, &other.ty)).collect();
            if let Some((name, one, other)) = most_different(&both) {
                at.push_str(if at.is_empty() { "" } else { "." });
                at.push_str(name);
                return differing(one, other, at);
            }
        }
        (Type::Tuple(left), Type::Tuple(right)) => {
            if left.len() != right.len() {
                let elements = if left.len() == 1 { "element" } else { "elements" };
                return format!("one has {} {elements} and the other one {}", left.len(), right.len());
            }
            let both: Vec<_> =
                left.iter().zip(right.iter()).enumerate().map(|(at, (one, other))| (at, one, other)).collect();
            if let Some((index, one, other)) = most_different(&both) {
                at.push_str(&format!("[{index}]"));
                return differing(one, other, at);
            }
        }
        (Type::List(one), Type::List(other))
        | (Type::Set(one), Type::Set(other))
        | (Type::Map(one), Type::Map(other)) => {
            at.push_str("[*]");
            return differing(one, other, at);
        }
        _ => {}
    }
    format!("one is {left} and the other one {right}")
}

/// The first pair without a common type, else the first that is not the same.
fn most_different<'t, K: Copy>(pairs: &[(K, &'t Type, &'t Type)]) -> Option<(K, &'t Type, &'t Type)> {
    let has_none = |(_, one, other): &&(K, &Type, &Type)| unify(&[(*one).clone(), (*other).clone()], true).is_none();
    pairs.iter().find(has_none).or(pairs.iter().find(|(_, one, other)| one != other)).copied()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn types_differ_somewhere() {
        let object = |members: &[(&str, Type)]| {
            let attribute =
                |(name, ty): &(&str, Type)| Attribute { name: Arc::from(*name), ty: ty.clone(), optional: false };
            Type::Object(members.iter().map(attribute).collect())
        };
        let tuple = |elements: &[Type]| Type::Tuple(elements.into());
        for (left, right, expected) in [
            (Type::String, object(&[]), "one is string and the other one object"),
            (object(&[("a", Type::Bool)]), object(&[]), "only one has the attribute `a`"),
            (
                object(&[("a", object(&[("b", Type::Bool)]))]),
                object(&[("a", object(&[("b", tuple(&[]))]))]),
                "at `a.b` one is bool and the other one tuple",
            ),
            (
                tuple(&[object(&[("a", Type::Bool)])]),
                tuple(&[object(&[("c", Type::Bool)])]),
                "at `[0]` only one has the attribute `a`",
            ),
            (tuple(&[Type::Bool]), tuple(&[]), "one has 1 element and the other one 0"),
            (Type::list(object(&[])), Type::list(Type::Bool), "at `[*]` one is object and the other one bool"),
        ] {
            assert_eq!(difference(&left, &right), expected);
        }
    }
}
