//! One of several values, told part by part.
//!
//! What is one of several objects is an object, each of whose attributes is one of several values. That says
//! less, since nobody can tell any more which attributes go together, but nothing that is wrong; and what all
//! of them agree on is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Data, Element, Known, Member, Unknown, Value, same};

impl Value {
    /// The value with everything in it that is one of several objects or lists told part by part. It is for
    /// what only the structure counts of: lists become tuples, and maps objects.
    #[must_use]
    pub fn part_by_part(&self) -> Value {
        if self.is_wholly_known() {
            return self.clone();
        }
        let members = |members: &[Member]| -> Vec<Member> {
            members.iter().map(|member| Member { value: member.value.part_by_part(), ..member.clone() }).collect()
        };
        let told = match self.data() {
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                Value::tuple(self.raw_elements().iter().map(Value::part_by_part).collect())
            }
            Data::Map(_) | Data::Object(_) => Value::object(members(self.raw_members())),
            _ => {
                let Some(unknown) = self.as_unknown() else { return self.clone() };
                let known = match &unknown.known {
                    Known::Any(values) => {
                        let joined = Value::joined(unknown, values.iter().map(|value| self.child(value)).collect());
                        return match self.place().location() {
                            Some(location) => joined.or_at(location),
                            None => joined,
                        };
                    }
                    Known::Attributes(known) => Known::Attributes(members(known).into()),
                    Known::Elements { elements, open } => {
                        let told =
                            |element: &Element| Element { value: element.value.part_by_part(), ..element.clone() };
                        Known::Elements { elements: elements.iter().map(told).collect(), open: *open }
                    }
                    _ => return self.clone(),
                };
                Value::unknown(unknown.clone().with(known))
            }
        };
        told.like(self)
    }

    /// One of several values, it is not known which, told part by part. `unknown` says why.
    pub fn joined(unknown: &Unknown, values: Vec<Value>) -> Value {
        let values: Vec<Value> = values.iter().map(Value::part_by_part).collect();
        let (absent, present): (Vec<Value>, Vec<Value>) = values.iter().cloned().partition(Value::is_null);
        let joined = match present.len() {
            0 | 1 => None,
            _ if present.iter().all(has_members) => Some(join_objects(unknown, &present)),
            _ if present.iter().all(|value| value.length().is_some()) => Some(join_sequences(unknown, &present)),
            _ => None,
        };
        match joined {
            Some(joined) => Value::one_of(unknown, [joined].into_iter().chain(absent).collect()),
            None => Value::one_of(unknown, values),
        }
    }

    /// The members of a map or object, and those that are known of an unknown one, in the order of their keys.
    /// Each value comes the way of the whole and has its marks.
    pub fn known_members(&self) -> impl Iterator<Item = Member> + '_ {
        let known = match self.as_unknown().map(|unknown| &unknown.known) {
            Some(Known::Attributes(members)) => members,
            _ => self.raw_members(),
        };
        known.iter().map(|member| Member { value: self.child(&member.value), ..member.clone() })
    }
}

/// Whether it is an object, or one of which some attributes are known.
fn has_members(value: &Value) -> bool {
    match value.as_unknown() {
        Some(unknown) => matches!(unknown.known, Known::Attributes(_)),
        None => matches!(value.data(), Data::Map(_) | Data::Object(_)),
    }
}

/// Recursion ends where values do: their depth is bounded.
fn join_objects(unknown: &Unknown, objects: &[Value]) -> Value {
    let mut members: BTreeMap<Arc<str>, (Member, Vec<Value>)> = BTreeMap::new();
    for object in objects {
        for member in object.known_members() {
            let (_, values) = members.entry(member.key.clone()).or_insert_with(|| (member.clone(), Vec::new()));
            values.push(member.value);
        }
    }
    let closed = objects.iter().filter(|object| !object.is_unknown());
    let lacking = |key: &str| closed.clone().any(|object| object.raw_member(key).is_none());
    let open = objects.iter().filter(|object| object.is_unknown());
    let hidden = |key: &str| open.clone().any(|object| object.known_members().all(|member| *member.key != *key));
    let joined = members.into_values().map(|(member, mut values)| {
        if lacking(&member.key) {
            values.push(Value::null());
        }
        if hidden(&member.key) {
            values.push(Value::unknown(unknown.derived()));
        }
        Member { value: Value::joined(unknown, values), ..member }
    });
    let object = Value::object(joined.collect());
    if objects.iter().any(Value::is_unknown) && object.as_limit().is_none() {
        let known = Known::Attributes(object.raw_members().into());
        return Value::unknown(unknown.derived().not_null().with(known));
    }
    object
}

/// Elements that all sequences begin or end with are the same ones, however many there are between them.
fn join_sequences(unknown: &Unknown, sequences: &[Value]) -> Value {
    let lengths = || sequences.iter().filter_map(Value::length);
    let (shortest, longest) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    let at = |index: usize| sequences.iter().filter_map(|sequence| sequence.element(index)).collect::<Vec<_>>();
    let from_end = |back: usize| {
        let element = |sequence: &Value| sequence.element(sequence.length()?.checked_sub(back + 1)?);
        sequences.iter().filter_map(element).collect::<Vec<_>>()
    };
    if shortest == longest {
        return Value::tuple((0..longest).map(|index| Value::joined(unknown, at(index))).collect());
    }
    let are_same = |values: &[Value]| values.windows(2).all(|pair| same(&pair[0], &pair[1]));
    let begin = (0..shortest).take_while(|index| are_same(&at(*index))).count();
    let end = (0..shortest - begin).take_while(|back| are_same(&from_end(*back))).count();
    let joined = (0..longest - end).map(|index| {
        let between =
            |sequence: &Value| sequence.element(index).filter(|_| index + end < sequence.length().unwrap_or(0));
        let values = sequences.iter().filter_map(between).collect();
        Element { value: Value::joined(unknown, values), certain: index + end < shortest }
    });
    let ending = (0..end).rev().map(|back| Element { value: Value::joined(unknown, from_end(back)), certain: true });
    let known = Known::Elements { elements: joined.chain(ending).collect(), open: false };
    Value::unknown(unknown.derived().not_null().with(known))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Locals, shown};

    #[test]
    fn alternatives_are_told_part_by_part() {
        for (expression, expected) in [
            ("{ a = 1 }", "{a=1}"),
            ("unknown.c ? { a = 1, b = 2 } : { a = 1, b = 3 }", "{a=1 b=?any(2 3)}"),
            ("unknown.c ? { a = 1, b = 2 } : { a = 1 }", "{a=1 b=?any(2 null)}"),
            ("unknown.c ? [1, 2] : [1, 3]", "[1 ?any(2 3)]"),
            ("{ x = unknown.c ? [{ a = 1 }] : [{ a = 1 }, { a = 2 }] }", "{x=?[{a=1} {a=2}?]}"),
            ("unknown.c ? [{ a = 1 }] : [{ a = 0 }, { a = 1 }]", "?[{a=0}? {a=1}]"),
            ("unknown.c ? [[0, unknown.a]] : [[0, 1], [0, unknown.a]]", "?[[0 1]? [0 ?unknown.a]]"),
            ("{ x = unknown.c ? { a = { b = 1 } } : null }", "{x=?any({a={b=1}} null)}"),
            ("unknown.c ? 1 : 2", "?any(1 2)"),
            ("unknown.c ? { a = 1, (unknown.k) = 2 } : { a = 1 }", "?{a=?any(1 2) ...}"),
            ("unknown.c", "?unknown.c"),
        ] {
            let locals = Locals::new(&format!("x = {expression}"));
            assert_eq!(shown(&locals.value("x").part_by_part()), expected, "{expression}");
        }
    }
}
