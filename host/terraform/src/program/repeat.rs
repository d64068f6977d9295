//! `count` and `for_each`: how often something is there, and what `count.index`, `each.key` and
//! `each.value` mean in each of its instances.

use std::sync::Arc;

use verdikt_model::Span;

use super::address::Key;
use crate::value::{Data, Known, Type, Unknown, Value, convert};

/// What stands for one instance.
#[derive(Clone, Debug)]
pub(super) enum Each {
    Once,
    /// `count.index`
    Index(Value),
    /// `each.key` and `each.value`
    Element {
        key: Value,
        value: Value,
    },
}

/// All instances.
#[derive(Clone, Debug)]
pub(super) struct Repetition {
    pub(super) kind: RepetitionKind,
    pub(super) instances: Vec<(Option<Key>, Each)>,
}

#[derive(Clone, Debug)]
pub(super) enum RepetitionKind {
    Once,
    Count,
    ForEach,
    /// It is not known how many there are, and why; the one instance stands for all.
    Unknown(Arc<str>),
}

/// What is wrong with a `count` or `for_each`.
pub(super) struct Refused {
    pub(super) span: Span,
    /// Begins in lower case and ends without a dot.
    pub(super) message: String,
    /// Whether it is a limit of ours, and Terraform would accept it.
    pub(super) limit: bool,
}

/// Instances that one block may have.
const MOST_INSTANCES: u64 = 10_000;

impl Repetition {
    pub(super) fn once() -> Self {
        Repetition { kind: RepetitionKind::Once, instances: vec![(None, Each::Once)] }
    }

    /// Of a `count` with this value (`evaluateCountExpression` in `internal/terraform/eval_count.go`).
    pub(super) fn of_count(value: &Value, span: Span) -> (Self, Option<Refused>) {
        if value.is_null() {
            return Self::refused(Counted::Count, span, "`count` must be a number, and this is null");
        }
        let number = match convert(value, &Type::Number) {
            Ok(number) => number,
            Err(error) => return Self::refused(Counted::Count, span, format!("`count` must be a number: {error}")),
        };
        if let Some(unknown) = number.as_unknown() {
            return (Self::unknown_count(unknown), None);
        }
        let count = number.as_number().and_then(|number| number.to_string().parse::<u64>().ok());
        match count {
            None => Self::refused(Counted::Count, span, "`count` must be a whole number that is not negative"),
            Some(count) if count > MOST_INSTANCES => Self::too_many(Counted::Count, "count", span),
            Some(count) => {
                let each = |index| (Some(Key::Index(index)), Each::Index(Value::number(index as i64).at(span)));
                (Repetition { kind: RepetitionKind::Count, instances: (0..count).map(each).collect() }, None)
            }
        }
    }

    /// Of a `for_each` with this value (`evaluateForEachExpression` in
    /// `internal/terraform/eval_for_each.go`).
    pub(super) fn of_each(value: &Value, span: Span) -> (Self, Option<Refused>) {
        let elements: Vec<(Arc<str>, Value, Value)> = match value.data() {
            Data::Unknown(_) => {
                let unknown = value.as_unknown();
                return (Self::unknown_each(unknown), None);
            }
            Data::Null(_) => {
                return Self::refused(
                    Counted::Each,
                    span,
                    "`for_each` must be a map or a set of strings, and this is null",
                );
            }
            Data::Map(_) | Data::Object(_) => {
                let member = |member: crate::value::Member| {
                    let key = Value::string(&*member.key);
                    let key = match member.key_span {
                        Some(span) => key.at(span),
                        None => key.with_place(member.value.place().clone()),
                    };
                    (member.key, key, member.value)
                };
                value.members().map(member).collect()
            }
            Data::Set(_) => {
                let mut elements = Vec::new();
                for element in value.elements() {
                    match element.as_str() {
                        Some(text) => elements.push((Arc::from(text), element.clone(), element)),
                        None if element.is_unknown() => return (Self::unknown_each(element.as_unknown()), None),
                        None => {
                            let message =
                                "`for_each` must be a map or a set of strings, and this set holds something else";
                            return Self::refused(Counted::Each, span, message);
                        }
                    }
                }
                elements
            }
            _ => {
                let message =
                    format!("`for_each` must be a map or a set of strings, and this is a {}; use `toset`", value.ty());
                return Self::refused(Counted::Each, span, message);
            }
        };
        if elements.len() as u64 > MOST_INSTANCES {
            return Self::too_many(Counted::Each, "for_each", span);
        }
        let each = |(key, key_value, value)| (Some(Key::Name(key)), Each::Element { key: key_value, value });
        (Repetition { kind: RepetitionKind::ForEach, instances: elements.into_iter().map(each).collect() }, None)
    }

    fn refused(counted: Counted, span: Span, message: impl Into<String>) -> (Self, Option<Refused>) {
        let why = "made as often as an expression says that Terraform refuses";
        (Self::unknown(counted, why), Some(Refused { span, message: message.into(), limit: false }))
    }

    fn too_many(counted: Counted, name: &str, span: Span) -> (Self, Option<Refused>) {
        let message = format!("`{name}` gives more than {MOST_INSTANCES} instances, the limit; one was judged for all");
        (Self::unknown(counted, "made more often than the limit"), Some(Refused { span, message, limit: true }))
    }

    fn unknown(counted: Counted, why: &str) -> Self {
        let unknown = Unknown::new(why);
        match counted {
            Counted::Count => Self::unknown_count(&unknown),
            Counted::Each => Self::unknown_each(Some(&unknown)),
        }
    }

    fn unknown_count(unknown: &Unknown) -> Self {
        // `count = condition ? 1 : 0`: if there is one at all, its index is known.
        let at_most_one = matches!(&unknown.known, Known::Any(values) if values.iter().all(|value| {
            value.as_number().is_some_and(|number| matches!(number.to_string().as_str(), "0" | "1"))
        }));
        let index = if at_most_one {
            Value::number(0)
        } else {
            Value::unknown(unknown.derived().of_type(Type::Number).not_null())
        };
        Repetition { kind: RepetitionKind::Unknown(unknown.why.clone()), instances: vec![(None, Each::Index(index))] }
    }

    fn unknown_each(unknown: Option<&Unknown>) -> Self {
        let why: Arc<str> = unknown.map_or_else(|| "not known".into(), |unknown| unknown.why.clone());
        let derived = || unknown.map_or_else(|| Unknown::new(why.clone()), Unknown::derived);
        let each = Each::Element {
            key: Value::unknown(derived().of_type(Type::String).not_null()),
            value: Value::unknown(derived()),
        };
        Repetition { kind: RepetitionKind::Unknown(why), instances: vec![(None, each)] }
    }
}

impl RepetitionKind {
    /// Why it is not known how many there are, if so.
    pub(super) fn unknown_number(&self) -> Option<&Arc<str>> {
        if let RepetitionKind::Unknown(why) = self { Some(why) } else { None }
    }
}

#[derive(Clone, Copy)]
enum Counted {
    Count,
    Each,
}
