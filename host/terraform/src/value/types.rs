//! Terraform's types.

use std::fmt;
use std::sync::Arc;

/// The type of a value, or what a value is to be converted to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Of a value: it is not known. Of a constraint: any type (`any`).
    Dynamic,
    Bool,
    Number,
    String,
    List(Arc<Type>),
    Set(Arc<Type>),
    Map(Arc<Type>),
    Tuple(Arc<[Type]>),
    Object(Arc<[Attribute]>),
}

/// An attribute of an object's type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    pub name: Arc<str>,
    pub ty: Type,
    /// In constraints only: where it is missing it becomes null.
    pub optional: bool,
}

impl Type {
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    pub fn set(element: Type) -> Type {
        Type::Set(Arc::new(element))
    }

    pub fn map(element: Type) -> Type {
        Type::Map(Arc::new(element))
    }

    pub fn tuple(elements: impl Into<Arc<[Type]>>) -> Type {
        Type::Tuple(elements.into())
    }

    /// Attributes are put into the order of their names; of several of one name the last counts.
    pub fn object(attributes: impl IntoIterator<Item = Attribute>) -> Type {
        let mut attributes: Vec<Attribute> = attributes.into_iter().collect();
        // Stable, so that the last of one name stays last.
        attributes.sort_by(|a, b| a.name.cmp(&b.name));
        attributes.reverse();
        attributes.dedup_by(|a, b| a.name == b.name);
        attributes.reverse();
        Type::Object(attributes.into())
    }

    pub fn is_primitive(&self) -> bool {
        matches!(self, Type::Bool | Type::Number | Type::String)
    }

    /// The type of the elements of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some(element),
            _ => None,
        }
    }

    /// An attribute of an object's type.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        let Type::Object(attributes) = self else { return None };
        attributes.binary_search_by(|attribute| (*attribute.name).cmp(name)).ok().map(|index| &attributes[index])
    }

    /// Whether the type, or one inside of it, is [`Type::Dynamic`].
    pub fn has_dynamic(&self) -> bool {
        match self {
            Type::Dynamic => true,
            Type::Bool | Type::Number | Type::String => false,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.has_dynamic(),
            Type::Tuple(elements) => elements.iter().any(Type::has_dynamic),
            Type::Object(attributes) => attributes.iter().any(|attribute| attribute.ty.has_dynamic()),
        }
    }

    /// Whether types are nested in it more than so many levels deep.
    pub(super) fn is_deeper_than(&self, levels: u16) -> bool {
        let Some(below) = levels.checked_sub(1) else { return !(self.is_primitive() || *self == Type::Dynamic) };
        match self {
            Type::Dynamic | Type::Bool | Type::Number | Type::String => false,
            Type::List(element) | Type::Set(element) | Type::Map(element) => element.is_deeper_than(below),
            Type::Tuple(elements) => elements.iter().any(|element| element.is_deeper_than(below)),
            Type::Object(attributes) => attributes.iter().any(|attribute| attribute.ty.is_deeper_than(below)),
        }
    }

    /// A constraint as the type of a value: no attribute is optional.
    pub fn without_optional(&self) -> Type {
        match self {
            Type::Dynamic | Type::Bool | Type::Number | Type::String => self.clone(),
            Type::List(element) => Type::list(element.without_optional()),
            Type::Set(element) => Type::set(element.without_optional()),
            Type::Map(element) => Type::map(element.without_optional()),
            Type::Tuple(elements) => Type::tuple(elements.iter().map(Type::without_optional).collect::<Vec<_>>()),
            Type::Object(attributes) => {
                let plain = |attribute: &Attribute| Attribute {
                    name: attribute.name.clone(),
                    ty: attribute.ty.without_optional(),
                    optional: false,
                };
                Type::Object(attributes.iter().map(plain).collect())
            }
        }
    }
}

/// As Terraform's messages call it: `string`, `list of string`, `object`.
impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dynamic => out.write_str("dynamic"),
            Type::Bool => out.write_str("bool"),
            Type::Number => out.write_str("number"),
            Type::String => out.write_str("string"),
            Type::List(element) => write!(out, "list of {element}"),
            Type::Set(element) => write!(out, "set of {element}"),
            Type::Map(element) => write!(out, "map of {element}"),
            Type::Tuple(_) => out.write_str("tuple"),
            Type::Object(_) => out.write_str("object"),
        }
    }
}
