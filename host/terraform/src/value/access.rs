//! Attributes and indexes: `value.name` and `value[key]`.
//!
//! Follows `GetAttr` and `Index` of HCL (`ops.go`).

use std::fmt;
use std::sync::Arc;

use super::{Data, Known, MOST_ALTERNATIVES, Number, Type, Unknown, Value, convert, same};

/// Why there is nothing to be taken out of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessError(String);

impl AccessError {
    fn new(message: impl Into<String>) -> Self {
        AccessError(message.into())
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for AccessError {}

impl Value {
    /// `value.name`
    pub fn attribute(&self, name: &str) -> Result<Value, AccessError> {
        match self.data() {
            Data::Object(_) => self
                .member(name)
                .ok_or_else(|| AccessError::new(format!("this object does not have an attribute named \"{name}\""))),
            Data::Map(_) => self
                .member(name)
                .ok_or_else(|| AccessError::new(format!("this map does not have an element with the key \"{name}\""))),
            Data::Null(_) => Err(AccessError::new("this value is null, so it does not have any attributes")),
            Data::Unknown(_) => self.unknown_attribute(name),
            _ => Err(no_attributes(&self.ty())),
        }
    }

    fn unknown_attribute(&self, name: &str) -> Result<Value, AccessError> {
        let Some(unknown) = self.as_unknown() else { return Err(no_attributes(&self.ty())) };
        if let Known::Any(values) = &unknown.known {
            return self.alternatives(unknown, values, |value| self.child(value).attribute(name));
        }
        if let Known::Attributes(members) = &unknown.known
            && let Ok(index) = members.binary_search_by(|member| (*member.key).cmp(name))
        {
            return Ok(self.child(&members[index].value));
        }
        let ty = match &unknown.ty {
            Type::Dynamic => Type::Dynamic,
            Type::Map(element) => (**element).clone(),
            ty @ Type::Object(_) => match ty.attribute(name) {
                Some(attribute) => attribute.ty.clone(),
                None => {
                    return Err(AccessError::new(format!("this object does not have an attribute named \"{name}\"")));
                }
            },
            ty => return Err(no_attributes(ty)),
        };
        Ok(self.part(unknown, &format!(".{name}"), ty))
    }

    /// `value[key]`
    pub fn index(&self, key: &Value) -> Result<Value, AccessError> {
        if self.is_null() {
            return Err(AccessError::new("this value is null, so it does not have any indices"));
        }
        if key.is_null() {
            return Err(AccessError::new("a null value cannot be used as an indexing key"));
        }
        if self.as_limit().is_some() || key.as_limit().is_some() {
            return Ok(if self.as_limit().is_some() { self.clone() } else { key.clone() });
        }
        if let Some(Unknown { known: Known::Any(keys), .. }) = key.as_unknown() {
            let unknown = Unknown::derived_from([key]);
            return Ok(self.alternatives(&unknown, keys, |key| self.index(key))?.with_marks(key.marks()));
        }
        let found = match self.data() {
            Data::Unknown(_) => self.unknown_index(key)?,
            Data::List(_) | Data::Tuple(_) => {
                let key = converted(key, &Type::Number)?;
                match key.as_number() {
                    Some(number) => {
                        let element = number.to_usize().and_then(|index| self.element(index));
                        element.ok_or_else(|| no_element(number, self.length().unwrap_or(0)))?
                    }
                    None => self.any_of(&key, self.elements()),
                }
            }
            Data::Map(_) | Data::Object(_) => {
                let text = converted(key, &Type::String)?;
                match text.as_str() {
                    Some(name) => self.member(name).ok_or_else(|| self.no_member(key))?,
                    None => self.any_of(&text, self.members().map(|member| member.value)),
                }
            }
            Data::Set(_) => return Err(set_index()),
            _ => return Err(AccessError::new("this value does not have any indices")),
        };
        Ok(found.with_marks(key.marks()))
    }

    fn unknown_index(&self, key: &Value) -> Result<Value, AccessError> {
        let Some(unknown) = self.as_unknown() else { return Err(set_index()) };
        if let Known::Any(values) = &unknown.known {
            return self.alternatives(unknown, values, |value| self.child(value).index(key));
        }
        let (ty, wanted) = match &unknown.ty {
            Type::Dynamic => (Type::Dynamic, None),
            Type::List(element) => ((**element).clone(), Some(Type::Number)),
            Type::Tuple(elements) => {
                let index = key.as_number().and_then(Number::to_usize);
                let ty = match (index, key.is_unknown()) {
                    (Some(index), _) => match elements.get(index) {
                        Some(ty) => ty.clone(),
                        None => return Err(AccessError::new(NO_SUCH_ELEMENT)),
                    },
                    (None, _) => Type::Dynamic,
                };
                (ty, Some(Type::Number))
            }
            Type::Map(element) => ((**element).clone(), Some(Type::String)),
            Type::Object(_) => {
                let text = converted(key, &Type::String)?;
                return match text.as_str() {
                    Some(name) => self.unknown_attribute(name),
                    None => Ok(self.part(unknown, "", Type::Dynamic)),
                };
            }
            Type::Set(_) => return Err(set_index()),
            _ => return Err(AccessError::new("this value does not have any indices")),
        };
        let key = match wanted {
            Some(wanted) => converted(key, &wanted)?,
            None => key.clone(),
        };
        if let Some(name) = key.as_str()
            && let Known::Attributes(members) = &unknown.known
            && let Ok(index) = members.binary_search_by(|member| (*member.key).cmp(name))
        {
            return Ok(self.child(&members[index].value));
        }
        let step = match key.data() {
            Data::Number(number) => format!("[{number}]"),
            Data::String(text) => format!("[{:?}]", text.as_str()),
            _ => return Ok(self.part(&Unknown::derived_from([self, &key]), "", ty)),
        };
        Ok(self.part(unknown, &step, ty))
    }

    /// What one step into an unknown value gives.
    fn part(&self, unknown: &Unknown, step: &str, ty: Type) -> Value {
        let reference = unknown.reference.as_ref().filter(|_| !step.is_empty());
        let part = match reference {
            Some(reference) => Unknown::reference(unknown.why.clone(), format!("{reference}{step}")),
            None => unknown.derived(),
        };
        Value::unknown(part.of_type(ty)).like(self)
    }

    /// What a step gives that may lead into several values. Those that it cannot lead into would be
    /// errors, so the value is none of them.
    fn alternatives(
        &self,
        unknown: &Unknown,
        values: &[Value],
        step: impl Fn(&Value) -> Result<Value, AccessError>,
    ) -> Result<Value, AccessError> {
        let mut found = Vec::with_capacity(values.len());
        let mut problem = None;
        for value in values {
            match step(value) {
                Ok(value) => found.push(value),
                Err(error) => problem = Some(error),
            }
        }
        match problem {
            Some(problem) if found.is_empty() => Err(problem),
            _ => Ok(Value::one_of(unknown, found).or_at_location_of(self).with_marks(self.marks())),
        }
    }

    /// What an unknown key may lead to.
    fn any_of(&self, key: &Value, values: impl ExactSizeIterator<Item = Value>) -> Value {
        let unknown = Unknown::derived_from([key]);
        if values.len() > MOST_ALTERNATIVES {
            let ty = self.ty().element().cloned().unwrap_or(Type::Dynamic);
            return Value::unknown(unknown.of_type(ty)).like(self);
        }
        Value::one_of(&unknown, values.collect()).or_at_location_of(self).with_marks(self.marks())
    }

    /// One of several values, it is not known which. `unknown` says why. Where all are the same the value
    /// is known.
    pub fn one_of(unknown: &Unknown, values: Vec<Value>) -> Value {
        let mut distinct: Vec<Value> = Vec::new();
        for value in values {
            // Alternatives of alternatives are alternatives.
            let inner = match value.as_unknown() {
                Some(Unknown { known: Known::Any(inner), .. }) => {
                    inner.iter().map(|inner| value.child(inner)).collect()
                }
                _ => vec![value],
            };
            for value in inner {
                if !distinct.iter().any(|other| same(other, &value)) {
                    distinct.push(value);
                }
            }
        }
        if let [only] = &distinct[..] {
            return only.clone();
        }
        let whole = Unknown { reference: None, ..unknown.derived() };
        let Some(first) = distinct.first() else { return Value::unknown(whole) };
        let ty = first.ty();
        let ty = if distinct.iter().all(|value| value.ty() == ty) { ty } else { Type::Dynamic };
        let not_null = distinct.iter().all(Value::is_certainly_not_null);
        let known = if distinct.len() > MOST_ALTERNATIVES { Known::Nothing } else { Known::Any(Arc::from(distinct)) };
        Value::unknown(Unknown { ty, not_null, known, ..whole })
    }

    /// At the place of another value, if it does not know one, but with a way that is complete already.
    fn or_at_location_of(self, other: &Value) -> Value {
        match other.place().location() {
            Some(location) => self.or_at(location),
            None => self,
        }
    }

    /// Whether the value is known not to be null.
    pub fn is_certainly_not_null(&self) -> bool {
        match self.as_unknown() {
            Some(unknown) => unknown.not_null,
            None => !self.is_null(),
        }
    }

    fn no_member(&self, key: &Value) -> AccessError {
        let hint = if matches!(self.data(), Data::Object(_)) && key.as_number().is_some() {
            "; an object only supports looking up attributes by name, not by numeric index"
        } else {
            ""
        };
        AccessError::new(format!("{NO_SUCH_ELEMENT}{hint}"))
    }
}

const NO_SUCH_ELEMENT: &str = "the given key does not identify an element in this collection value";

fn converted(key: &Value, to: &Type) -> Result<Value, AccessError> {
    convert(key, to).map_err(|problem| AccessError::new(format!("{NO_SUCH_ELEMENT}: {problem}")))
}

fn no_element(index: &Number, length: usize) -> AccessError {
    let why = if !index.is_integer() {
        "indexing a sequence requires a whole number, but the given index has a fractional part"
    } else if index.is_negative() {
        "a negative number is not a valid index for a sequence"
    } else if length == 0 {
        "the collection has no elements"
    } else {
        "the given index is greater than or equal to the length of the collection"
    };
    AccessError::new(format!("{NO_SUCH_ELEMENT}: {why}"))
}

fn set_index() -> AccessError {
    AccessError::new("elements of a set are identified only by their value and don't have any separate index or key")
}

fn no_attributes(ty: &Type) -> AccessError {
    AccessError::new(match ty {
        Type::Bool | Type::Number | Type::String => {
            format!("attributes of a primitive-typed value ({ty}) cannot be accessed")
        }
        Type::List(element) | Type::Set(element) if matches!(**element, Type::Object(_)) => {
            format!("attributes of a {ty} cannot be accessed; did you mean one element of it, or all of them (`[*]`)?")
        }
        _ => "this value does not have any attributes".to_owned(),
    })
}
