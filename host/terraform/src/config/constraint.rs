//! Type constraints of variables: `object({ name = string, port = optional(number, 80) })`.
//!
//! As HCL's package `ext/typeexpr` reads them (`get_type.go`), and with the bare `list` and `map` that
//! `decodeVariableType` of Terraform's `internal/configs/named_values.go` allows.

use std::sync::Arc;

use verdikt_model::Span;

use super::read::text_of;
use crate::syntax::{Expression, ExpressionKind, Key, ObjectItem};
use crate::value::{Attribute, Type};

/// What the value of a variable must be, and what is filled in where parts of it are missing.
#[derive(Clone, Debug)]
pub struct Constraint {
    pub ty: Type,
    pub defaults: Defaults,
}

/// Defaults of optional attributes, in the shape of the type that has them.
#[derive(Clone, Debug)]
pub enum Defaults {
    None,
    /// Of every element of a list, set or map.
    Elements(Box<Defaults>),
    Tuple(Vec<Defaults>),
    Object(Vec<AttributeDefaults>),
}

/// The default of one attribute and of what is in it.
#[derive(Clone, Debug)]
pub struct AttributeDefaults {
    pub name: Arc<str>,
    pub value: Option<Expression>,
    pub inner: Defaults,
}

/// What is wrong with a constraint, and where.
pub(super) type Problem = (Span, String);

const EXPECTED: &str = "a type is `string`, `number`, `bool`, `any`, or `list(…)`, `set(…)`, `map(…)`, `object({ … })` or \
                        `tuple([ … ])` of types";

impl Constraint {
    /// Any value at all: what a variable without a type has.
    pub const ANY: Constraint = Constraint { ty: Type::Dynamic, defaults: Defaults::None };

    /// Reads the `type` of a variable. What cannot be understood is any type.
    pub(super) fn read(expression: &Expression) -> (Constraint, Vec<Problem>) {
        let mut problems = Vec::new();
        // Terraform before 0.12 had three types, as texts.
        if let Some(text) = text_of(expression) {
            let ty = match text {
                "string" => Type::String,
                "list" => Type::list(Type::Dynamic),
                "map" => Type::map(Type::Dynamic),
                _ => Type::Dynamic,
            };
            problems.push((expression.span, "A type is written without quotes.".to_owned()));
            return (Constraint { ty, defaults: Defaults::None }, problems);
        }
        if let ExpressionKind::Variable(name) = &expression.kind {
            match &**name {
                "list" => return (Constraint { ty: Type::list(Type::Dynamic), ..Constraint::ANY }, problems),
                "map" => return (Constraint { ty: Type::map(Type::Dynamic), ..Constraint::ANY }, problems),
                _ => {}
            }
        }
        (read(expression, &mut problems), problems)
    }

    /// Whether a text that comes from the command line is the value itself and no expression.
    pub fn takes_text(&self) -> bool {
        self.ty.is_primitive()
    }
}

/// As deep as the parser allows.
fn read(expression: &Expression, problems: &mut Vec<Problem>) -> Constraint {
    match &expression.kind {
        ExpressionKind::Variable(name) => {
            let ty = match &**name {
                "string" => Type::String,
                "number" => Type::Number,
                "bool" => Type::Bool,
                "any" => Type::Dynamic,
                name => {
                    problems.push((expression.span, format!("`{name}` is no type; {EXPECTED}.")));
                    Type::Dynamic
                }
            };
            Constraint { ty, defaults: Defaults::None }
        }
        ExpressionKind::Parentheses(inner) => read(inner, problems),
        ExpressionKind::Call { name, arguments, expand: false } => match (&*name.text, &arguments[..]) {
            ("list", [element]) => collection(Type::list, element, problems),
            ("set", [element]) => collection(Type::set, element, problems),
            ("map", [element]) => collection(Type::map, element, problems),
            ("tuple", [Expression { kind: ExpressionKind::Tuple(elements), .. }]) => {
                let elements: Vec<Constraint> = elements.iter().map(|element| read(element, problems)).collect();
                let defaults = if elements.iter().all(|element| element.defaults.is_none()) {
                    Defaults::None
                } else {
                    Defaults::Tuple(elements.iter().map(|element| element.defaults.clone()).collect())
                };
                let types: Vec<Type> = elements.into_iter().map(|element| element.ty).collect();
                Constraint { ty: Type::tuple(types), defaults }
            }
            ("object", [Expression { kind: ExpressionKind::Object(items), .. }]) => object(items, problems),
            _ => {
                problems.push((expression.span, format!("This is no type; {EXPECTED}.")));
                Constraint::ANY
            }
        },
        _ => {
            problems.push((expression.span, format!("This is no type; {EXPECTED}.")));
            Constraint::ANY
        }
    }
}

fn collection(of: impl Fn(Type) -> Type, element: &Expression, problems: &mut Vec<Problem>) -> Constraint {
    let Constraint { ty, defaults } = read(element, problems);
    let defaults = if defaults.is_none() { Defaults::None } else { Defaults::Elements(Box::new(defaults)) };
    Constraint { ty: of(ty), defaults }
}

fn object(items: &[ObjectItem], problems: &mut Vec<Problem>) -> Constraint {
    let mut attributes = Vec::with_capacity(items.len());
    let mut defaults = Vec::new();
    for item in items {
        let name: Arc<str> = match &item.key {
            Key::Name(name) => (*name.text).into(),
            Key::Expression(key) => match text_of(key) {
                Some(text) => text.into(),
                None => {
                    problems.push((key.span, "The name of an attribute of a type is a plain name.".to_owned()));
                    continue;
                }
            },
        };
        let (constraint, value, optional) = match &item.value.kind {
            ExpressionKind::Call { name: call, arguments, expand: false } if &*call.text == "optional" => {
                match &arguments[..] {
                    [ty] => (read(ty, problems), None, true),
                    [ty, value] => (read(ty, problems), Some(value.clone()), true),
                    _ => {
                        let message = "`optional` takes the type of the attribute and, if need be, its default.";
                        problems.push((item.value.span, message.to_owned()));
                        (Constraint::ANY, None, true)
                    }
                }
            }
            _ => (read(&item.value, problems), None, false),
        };
        if value.is_some() || !constraint.defaults.is_none() {
            defaults.push(AttributeDefaults { name: name.clone(), value, inner: constraint.defaults });
        }
        attributes.push(Attribute { name, ty: constraint.ty, optional });
    }
    let defaults = if defaults.is_empty() { Defaults::None } else { Defaults::Object(defaults) };
    Constraint { ty: Type::object(attributes), defaults }
}

impl Defaults {
    pub fn is_none(&self) -> bool {
        matches!(self, Defaults::None)
    }
}
