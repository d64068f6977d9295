//! Conversion of values to types, as Terraform does it for variables, arguments of functions and
//! elements of collections.
//!
//! Follows package `convert` of go-cty. Conversions are *safe* when they cannot fail whatever the value
//! (number to string) and *unsafe* otherwise (string to number); all that is asked for by name may be
//! unsafe, while looking for a common type may not always ([`unify`](super::unify())).

use std::fmt;
use std::sync::Arc;

use super::unify::unify;
use super::{Attribute, Data, Element, Known, Member, Number, Type, Unknown, Value};

/// Why a value cannot be converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversionError {
    /// From the value to the part of it that does not fit.
    pub path: Vec<PathStep>,
    /// What is required there, such as `a number is required`.
    pub message: String,
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    Attribute(Arc<str>),
    Index(usize),
    Key(Arc<str>),
}

impl fmt::Display for ConversionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.path.iter().enumerate() {
            match step {
                PathStep::Attribute(name) if index == 0 => write!(out, "{name}")?,
                PathStep::Attribute(name) => write!(out, ".{name}")?,
                PathStep::Index(index) => write!(out, "[{index}]")?,
                PathStep::Key(key) => write!(out, "[{key:?}]")?,
            }
        }
        if self.path.is_empty() { out.write_str(&self.message) } else { write!(out, ": {}", self.message) }
    }
}

impl std::error::Error for ConversionError {}

/// Converts a value to a type. Attributes of objects that the type does not have are dropped, optional
/// ones that are missing become null. [`Type::Dynamic`] fits everything; elements of a collection of it
/// are brought to one type. Marks and places stay.
pub fn convert(value: &Value, to: &Type) -> Result<Value, ConversionError> {
    Conversion { path: Vec::new() }.value(value, to)
}

/// What is being converted.
struct Conversion {
    path: Vec<PathStep>,
}

impl Conversion {
    fn error(&self, message: impl Into<String>) -> ConversionError {
        ConversionError { path: self.path.clone(), message: message.into() }
    }

    fn inside(&mut self, step: PathStep, value: &Value, to: &Type) -> Result<Value, ConversionError> {
        self.path.push(step);
        let converted = self.value(value, to)?;
        self.path.pop();
        Ok(converted)
    }

    fn value(&mut self, value: &Value, to: &Type) -> Result<Value, ConversionError> {
        let converted = match (value.data(), to) {
            (_, Type::Dynamic)
            | (Data::Bool(_), Type::Bool)
            | (Data::Number(_), Type::Number)
            | (Data::String(_), Type::String) => return Ok(value.clone()),
            (Data::Null(from), _) => {
                self.check(from, to)?;
                Value::null_of(filled_in(from, to))
            }
            (Data::Unknown(_), _) => return self.unknown(value, to),
            (Data::Bool(value), Type::String) => Value::string(if *value { "true" } else { "false" }),
            (Data::Number(number), Type::String) => Value::string(number.to_string()),
            (Data::String(text), Type::Number) => match Number::parse(text) {
                Ok(number) => Value::number(number),
                Err(problem) => return Err(self.error(problem.to_string())),
            },
            (Data::String(text), Type::Bool) => Value::bool(self.parse_bool(text)?),
            (Data::List(_) | Data::Set(_) | Data::Tuple(_), Type::List(_) | Type::Set(_)) => {
                return self.collection(value, to);
            }
            (Data::Tuple(_), Type::Tuple(types)) if value.raw_elements().len() == types.len() => {
                let items = value.raw_elements().iter().zip(types.iter()).enumerate();
                let items: Result<Vec<Value>, _> =
                    items.map(|(index, (item, ty))| self.inside(PathStep::Index(index), item, ty)).collect();
                Value::tuple(items?)
            }
            (Data::Map(_) | Data::Object(_), Type::Map(element)) => return self.map(value, element),
            (Data::Map(_) | Data::Object(_), Type::Object(attributes)) => self.object(value, attributes)?,
            _ => return Err(self.error(mismatch(&value.ty(), to))),
        };
        Ok(converted.like(value))
    }

    fn parse_bool(&self, text: &str) -> Result<bool, ConversionError> {
        match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            "True" | "TRUE" => Err(self.error("a bool is required; to convert from string, use lowercase \"true\"")),
            "False" | "FALSE" => Err(self.error("a bool is required; to convert from string, use lowercase \"false\"")),
            _ => Err(self.error("a bool is required")),
        }
    }

    /// What is not known is of the type afterwards. Whether it can be converted is asked as far as its
    /// type is known.
    fn unknown(&mut self, value: &Value, to: &Type) -> Result<Value, ConversionError> {
        let Some(unknown) = value.as_unknown() else { return Ok(value.clone()) };
        if value.as_limit().is_some() {
            return Ok(value.clone());
        }
        self.check(&unknown.ty, to)?;
        let ty = filled_in(&unknown.ty, to);
        let known = match &unknown.known {
            Known::Pieces(_) | Known::Repeated(_) | Known::Encoded(..) if ty == Type::String => unknown.known.clone(),
            Known::Any(values) => {
                // An alternative that cannot be converted would be an error: it is none.
                let values: Vec<Value> = values.iter().filter_map(|value| self.value(value, to).ok()).collect();
                if values.is_empty() { Known::Nothing } else { Known::Any(values.into()) }
            }
            Known::Elements { elements, open } => match to {
                Type::List(element) | Type::Set(element) => {
                    let convert = |known: &Element| {
                        let value = self.value(&known.value, element).ok()?;
                        Some(Element { value, certain: known.certain })
                    };
                    let converted: Option<Vec<Element>> = elements.iter().map(convert).collect();
                    match converted {
                        Some(elements) => Known::Elements { elements: elements.into(), open: *open },
                        None => Known::Nothing,
                    }
                }
                _ => Known::Nothing,
            },
            Known::Attributes(members) => match to {
                Type::Object(attributes) => {
                    let wanted = members.iter().filter_map(|member| {
                        let attribute = attributes.iter().find(|attribute| attribute.name == member.key)?;
                        let value = self.value(&member.value, &attribute.ty).ok()?;
                        Some(Member { value, ..member.clone() })
                    });
                    Known::Attributes(wanted.collect())
                }
                Type::Map(element) => {
                    let convert = |member: &Member| {
                        Some(Member { value: self.value(&member.value, element).ok()?, ..member.clone() })
                    };
                    match members.iter().map(convert).collect() {
                        Some(members) => Known::Attributes(members),
                        None => Known::Nothing,
                    }
                }
                _ => Known::Nothing,
            },
            _ => Known::Nothing,
        };
        // The same thing, converted: what it refers to is still what it is.
        let unknown = Unknown { ty, known, ..unknown.clone() };
        Ok(Value::unknown(unknown).like(value))
    }

    fn collection(&mut self, value: &Value, to: &Type) -> Result<Value, ConversionError> {
        let (Type::List(wanted) | Type::Set(wanted)) = to else { return Ok(value.clone()) };
        let element = match (value.data(), &**wanted) {
            (Data::List(list) | Data::Set(list), Type::Dynamic) => list.element.clone(),
            (_, Type::Dynamic) => {
                let types: Vec<Type> = value.raw_elements().iter().map(Value::ty).collect();
                match settled(unify(&types, true), value.raw_elements().iter()) {
                    Some(element) => element,
                    None if types.is_empty() => Type::Dynamic,
                    None => return Err(self.error("all list elements must have the same type")),
                }
            }
            (_, wanted) => wanted.clone(),
        };
        let has_dynamic = element.has_dynamic();
        let plain = if has_dynamic { element.clone() } else { element.without_optional() };
        match value.data() {
            Data::List(list) if list.element == plain && matches!(to, Type::List(_)) => return Ok(value.clone()),
            Data::Set(set) if set.element == plain && matches!(to, Type::Set(_)) => return Ok(value.clone()),
            _ => {}
        }
        let mut items = Vec::with_capacity(value.raw_elements().len());
        for (index, item) in value.raw_elements().iter().enumerate() {
            items.push(self.inside(PathStep::Index(index), item, &element)?);
        }
        let element = if has_dynamic { self.one_type(&mut items, plain)? } else { plain };
        let converted =
            if matches!(to, Type::List(_)) { Value::list(element, items) } else { Value::set(element, items) };
        Ok(converted.like(value))
    }

    fn map(&mut self, value: &Value, wanted: &Type) -> Result<Value, ConversionError> {
        let element = match (value.data(), wanted) {
            (Data::Map(map), Type::Dynamic) => map.element.clone(),
            (_, Type::Dynamic) => {
                let types: Vec<Type> = value.raw_members().iter().map(|member| member.value.ty()).collect();
                match settled(unify(&types, true), value.raw_members().iter().map(|member| &member.value)) {
                    Some(element) => element,
                    None if types.is_empty() => Type::Dynamic,
                    None => return Err(self.error("all map elements must have the same type")),
                }
            }
            (_, wanted) => wanted.clone(),
        };
        let has_dynamic = element.has_dynamic();
        let plain = if has_dynamic { element.clone() } else { element.without_optional() };
        if matches!(value.data(), Data::Map(map) if map.element == plain) {
            return Ok(value.clone());
        }
        let mut members = Vec::with_capacity(value.raw_members().len());
        for member in value.raw_members() {
            let converted = self.inside(PathStep::Key(member.key.clone()), &member.value, &element)?;
            members.push(Member { value: converted, ..member.clone() });
        }
        let element = if has_dynamic {
            let mut values: Vec<Value> = members.iter().map(|member| member.value.clone()).collect();
            // Of a map, unlike of a list, a null takes the type of the others.
            let typed = values.iter().map(Value::ty).find(|ty| *ty != Type::Dynamic);
            if let Some(ty) = typed {
                for value in values.iter_mut().filter(|value| matches!(value.data(), Data::Null(Type::Dynamic))) {
                    *value = Value::null_of(ty.clone()).like(value);
                }
            }
            let element = self.one_type(&mut values, plain)?;
            members.iter_mut().zip(values).for_each(|(member, value)| member.value = value);
            element
        } else {
            plain
        };
        Ok(Value::map(element, members).like(value))
    }

    /// Elements of a type that leaves something open (`list(any)` inside of a list) must agree on it.
    fn one_type(&mut self, items: &mut [Value], wanted: Type) -> Result<Type, ConversionError> {
        let types: Vec<Type> = items.iter().map(Value::ty).collect();
        if types.is_empty() {
            return Ok(wanted);
        }
        // Where nothing was found that they have in common, they must be of one type already.
        let common = if wanted == Type::Dynamic { Some(Type::Dynamic) } else { unify(&types, true) };
        let Some(common) = common else {
            return Err(self.error("collection elements cannot be unified"));
        };
        let mut found: Option<Type> = None;
        for (item, ty) in items.iter_mut().zip(types) {
            let ty = if ty == common {
                ty
            } else {
                *item = self.value(item, &common)?;
                item.ty()
            };
            // What has no type yet may become one that fits.
            if !(item.is_unknown() && ty == Type::Dynamic) && *found.get_or_insert_with(|| ty.clone()) != ty {
                return Err(self.error("all elements must have the same type"));
            }
        }
        let common = if common == Type::Dynamic { found.unwrap_or(common) } else { common };
        Ok(settled(Some(common), items.iter()).unwrap_or(wanted))
    }

    fn object(&mut self, value: &Value, attributes: &[Attribute]) -> Result<Value, ConversionError> {
        let mut members = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            match value.raw_member(&attribute.name) {
                Some(member) => {
                    let converted =
                        self.inside(PathStep::Attribute(attribute.name.clone()), &member.value, &attribute.ty)?;
                    members.push(Member { value: converted, ..member.clone() });
                }
                None if attribute.optional => {
                    let null = Value::null_of(attribute.ty.without_optional());
                    members.push(Member::new(attribute.name.clone(), null));
                }
                None => return Err(self.error(missing(value, attributes))),
            }
        }
        Ok(Value::object(members))
    }

    /// Whether any value of one type can be converted to the other.
    fn check(&self, from: &Type, to: &Type) -> Result<(), ConversionError> {
        if convertible(from, to, true) { Ok(()) } else { Err(self.error(mismatch(from, to))) }
    }
}

/// Which attributes are missing.
fn missing(value: &Value, attributes: &[Attribute]) -> String {
    let names: Vec<String> = attributes
        .iter()
        .filter(|attribute| !attribute.optional && value.raw_member(&attribute.name).is_none())
        .map(|attribute| format!("\"{}\"", attribute.name))
        .collect();
    match &names[..] {
        [name] if matches!(value.data(), Data::Map(_)) => format!("map has no element for required attribute {name}"),
        [name] => format!("attribute {name} is required"),
        [first, second] => format!("attributes {first} and {second} are required"),
        [first @ .., last] => format!("attributes {}, and {last} are required", first.join(", ")),
        [] => String::new(),
    }
}

fn mismatch(from: &Type, to: &Type) -> String {
    match (from, to) {
        (Type::Object(_), Type::Object(attributes)) => {
            let absent =
                attributes.iter().find(|attribute| !attribute.optional && from.attribute(&attribute.name).is_none());
            match absent {
                Some(attribute) => format!("attribute \"{}\" is required", attribute.name),
                None => format!("{to} required"),
            }
        }
        _ => format!("{to} required"),
    }
}

/// The type that a value of type `from` has after it was converted to `to`, as far as that is known
/// without the value.
fn filled_in(from: &Type, to: &Type) -> Type {
    match (from, to) {
        (_, Type::Dynamic) => from.clone(),
        (Type::List(from) | Type::Set(from), Type::List(to)) => Type::list(filled_in(from, to)),
        (Type::List(from) | Type::Set(from), Type::Set(to)) => Type::set(filled_in(from, to)),
        (Type::Map(from), Type::Map(to)) => Type::map(filled_in(from, to)),
        (Type::Tuple(from), Type::List(to)) if to.has_dynamic() => Type::list(filled_in(&common(from.iter()), to)),
        (Type::Tuple(from), Type::Set(to)) if to.has_dynamic() => Type::set(filled_in(&common(from.iter()), to)),
        (Type::Object(from), Type::Map(to)) if to.has_dynamic() => {
            Type::map(filled_in(&common(from.iter().map(|attribute| &attribute.ty)), to))
        }
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => {
            Type::Tuple(from.iter().zip(to.iter()).map(|(from, to)| filled_in(from, to)).collect())
        }
        (Type::Object(_), Type::Object(attributes)) => {
            let fill = |attribute: &Attribute| Attribute {
                name: attribute.name.clone(),
                ty: match from.attribute(&attribute.name) {
                    Some(own) => filled_in(&own.ty, &attribute.ty),
                    None => attribute.ty.without_optional(),
                },
                optional: false,
            };
            Type::Object(attributes.iter().map(fill).collect())
        }
        _ => to.without_optional(),
    }
}

/// The common type of some values. What is not known and has no type yet may turn out to be a text, which makes
/// texts of the bools and numbers beside it.
fn settled<'v>(common: Option<Type>, mut values: impl Iterator<Item = &'v Value>) -> Option<Type> {
    let may_change = matches!(common, Some(Type::Bool | Type::Number));
    let open = may_change && values.any(|value| value.is_unknown() && value.ty() == Type::Dynamic);
    if open { Some(Type::Dynamic) } else { common }
}

fn common<'t>(types: impl Iterator<Item = &'t Type>) -> Type {
    unify(&types.cloned().collect::<Vec<_>>(), true).unwrap_or(Type::Dynamic)
}

/// Whether there is a conversion between two types; with `lossy` also one that may fail for some values,
/// or lose something.
pub(super) fn convertible(from: &Type, to: &Type, lossy: bool) -> bool {
    match (from, to) {
        (_, Type::Dynamic) => true,
        (Type::Dynamic, _) => lossy,
        (Type::Bool, Type::Bool) | (Type::Number, Type::Number) | (Type::String, Type::String) => true,
        (Type::Bool | Type::Number, Type::String) => true,
        (Type::String, Type::Bool | Type::Number) => lossy,
        (Type::Tuple(elements), Type::List(to) | Type::Set(to)) => match &**to {
            Type::Dynamic => elements.is_empty() || unify(elements, lossy).is_some(),
            to => elements.iter().all(|from| convertible(from, to, lossy)),
        },
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(from, to)| convertible(from, to, lossy))
        }
        // A set keeps neither order nor repetition.
        (Type::List(from), Type::Set(to)) => lossy && convertible(from, to, lossy),
        (Type::List(from) | Type::Set(from), Type::List(to)) | (Type::Set(from), Type::Set(to)) => {
            convertible(from, to, lossy)
        }
        (Type::Map(from), Type::Map(to)) => convertible(from, to, lossy),
        (Type::Object(attributes), Type::Map(to)) => match &**to {
            Type::Dynamic => {
                let types: Vec<Type> = attributes.iter().map(|attribute| attribute.ty.clone()).collect();
                types.is_empty() || unify(&types, lossy).is_some()
            }
            to => attributes.iter().all(|attribute| convertible(&attribute.ty, to, lossy)),
        },
        (Type::Map(from), Type::Object(attributes)) => {
            lossy && attributes.iter().all(|attribute| convertible(from, &attribute.ty, lossy))
        }
        (Type::Object(_), Type::Object(attributes)) => {
            attributes.iter().all(|attribute| match from.attribute(&attribute.name) {
                Some(own) => convertible(&own.ty, &attribute.ty, lossy),
                None => attribute.optional,
            })
        }
        _ => false,
    }
}
