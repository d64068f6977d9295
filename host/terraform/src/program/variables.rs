//! What the variables of a module instance have as values
//! (`prepareFinalInputVariableValue` in `internal/terraform/eval_variable.go`).

use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, Span};

use super::Unusable;
use super::inputs::{Input, InputSource};
use super::scope::NoScope;
use super::world::World;
use crate::config::{AttributeDefaults, Constraint, Defaults, Variable};
use crate::syntax::{self, Origin};
use crate::value::{Data, Marks, Member, Place, Unknown, Value, What, convert};

/// A variable with its value.
#[derive(Clone, Debug)]
pub(super) struct VariableValue {
    /// What gave it.
    pub(super) what: What,
    pub(super) value: Value,
}

impl World<'_> {
    /// The value of a variable of the root.
    pub(super) fn root_variable(&self, variable: &Variable, input: Option<&Input>) -> VariableValue {
        let Some(input) = input else {
            return VariableValue { what: What::Variable, value: self.finished(variable, None) };
        };
        let given = match &input.source {
            InputSource::Written(expression) => self.evaluate(expression, &NoScope),
            InputSource::Text(text) => self.text_input(variable, text),
            InputSource::Lost => {
                let why = format!("a file that may set variable `{}` could not be read", variable.name.text);
                Value::unknown(Unknown::reference(why, format!("var.{}", variable.name.text)))
            }
        };
        if input.what == What::CommandLine {
            self.unusable.borrow_mut().extend(self.unfit(variable, &given));
        }
        VariableValue { what: input.what, value: self.finished(variable, Some(given)) }
    }

    /// Why Terraform refuses a value of the command line.
    fn unfit(&self, variable: &Variable, given: &Value) -> Option<Unusable> {
        let constraint = variable.constraint.as_ref().unwrap_or(&Constraint::ANY);
        let why = if given.is_wholly_known() {
            convert(&self.with_defaults(given.clone(), &constraint.defaults), &constraint.ty).err()?.to_string()
        } else {
            // Nothing can be referred to in it, so that only mistakes are unknown.
            "it is no expression without references".to_owned()
        };
        Some(Unusable { name: variable.name.text.to_string(), why })
    }

    /// The value of a variable of a called module, for the argument that the call has for it.
    pub(super) fn called_variable(&self, variable: &Variable, argument: Option<Value>) -> VariableValue {
        let what = if argument.is_some() { What::ModuleCall } else { What::Variable };
        VariableValue { what, value: self.finished(variable, argument) }
    }

    /// A value from the environment or from `--var`: the text itself where the variable wants a simple
    /// value or does not say what it wants, an expression otherwise (`decodeVariableType`).
    fn text_input(&self, variable: &Variable, text: &str) -> Value {
        if variable.constraint.as_ref().is_none_or(Constraint::takes_text) {
            return Value::string(text);
        }
        // The text stands in no file: what is wrong with it is told at the variable.
        match syntax::parse_expression(Origin::Within(variable.name.span), text) {
            Ok(expression) => without_places(&self.evaluate(&expression, &NoScope)),
            Err(problem) => {
                let message = format!(
                    "The value that is given for the variable `{}` from outside is no expression. {}",
                    variable.name.text, problem.message
                );
                self.refused(variable.name.span, message);
                Value::unknown(Unknown::new("given from outside, and not to be understood"))
            }
        }
    }

    /// The value of a variable for what is given for it, if anything is.
    fn finished(&self, variable: &Variable, given: Option<Value>) -> Value {
        let name = &variable.name.text;
        let constraint = variable.constraint.as_ref().unwrap_or(&Constraint::ANY);
        let nullable = variable.nullable.unwrap_or(true);
        let given = given.filter(|given| nullable || !given.is_null());
        let is_default = given.is_none();
        let value = match (given, &variable.default) {
            (Some(given), _) => given,
            (None, Some(default)) => self.evaluate(default, &NoScope),
            (None, None) => {
                let unknown = Unknown::reference(format!("no value for variable `{name}`"), format!("var.{name}"));
                let unknown = unknown.of_type(constraint.ty.without_optional());
                return self.marked(variable, Value::unknown(unknown).at(variable.name.span));
            }
        };
        let value = self.with_defaults(value, &constraint.defaults);
        let value = convert(&value, &constraint.ty).unwrap_or_else(|error| {
            let whose = if is_default { "default" } else { "value" };
            let span = value.place().location().unwrap_or(variable.name.span);
            self.refused(span, format!("The {whose} of the variable `{name}` does not have its type: {error}."));
            let why = format!("the {whose} of variable `{name}` does not have its type");
            Value::unknown(Unknown::reference(why, format!("var.{name}")).of_type(constraint.ty.without_optional()))
                .at(span)
        });
        self.marked(variable, value)
    }

    fn marked(&self, variable: &Variable, value: Value) -> Value {
        let mut marks = Marks::NONE;
        if variable.sensitive == Some(true) {
            marks = marks | Marks::SENSITIVE;
        }
        if variable.ephemeral == Some(true) {
            marks = marks | Marks::EPHEMERAL;
        }
        value.with_marks(marks)
    }

    /// Fills in what is missing or null (`Defaults.Apply` of HCL's `ext/typeexpr`). As deep as a type.
    fn with_defaults(&self, value: Value, defaults: &Defaults) -> Value {
        let applied = match (defaults, value.data()) {
            (Defaults::None, _) | (_, Data::Null(_) | Data::Unknown(_)) => return value,
            (Defaults::Elements(inner), Data::Map(_) | Data::Object(_)) => {
                Value::object(value.raw_members().iter().map(|member| self.member(member, inner)).collect())
            }
            (Defaults::Elements(inner), Data::List(_) | Data::Set(_) | Data::Tuple(_)) => {
                let elements = value.raw_elements().iter();
                Value::tuple(elements.map(|element| self.with_defaults(element.clone(), inner)).collect())
            }
            (Defaults::Tuple(inner), Data::List(_) | Data::Set(_) | Data::Tuple(_)) => {
                let elements = value.raw_elements().iter().enumerate();
                let element = |(index, element): (usize, &Value)| {
                    self.with_defaults(element.clone(), inner.get(index).unwrap_or(&Defaults::None))
                };
                Value::tuple(elements.map(element).collect())
            }
            (Defaults::Object(attributes), Data::Map(_) | Data::Object(_)) => {
                let mut members: Vec<Member> = value.raw_members().to_vec();
                for attribute in attributes {
                    self.attribute(&mut members, attribute);
                }
                Value::object(members)
            }
            _ => return value,
        };
        applied.like(&value)
    }

    fn member(&self, member: &Member, defaults: &Defaults) -> Member {
        Member { value: self.with_defaults(member.value.clone(), defaults), ..member.clone() }
    }

    fn attribute(&self, members: &mut Vec<Member>, defaults: &AttributeDefaults) {
        let default = || defaults.value.as_ref().map(|value| self.evaluate(value, &NoScope));
        match members.iter_mut().find(|member| member.key == defaults.name) {
            Some(member) => {
                if member.value.is_null()
                    && let Some(default) = default()
                {
                    member.value = default;
                }
                member.value = self.with_defaults(member.value.clone(), &defaults.inner);
            }
            None => {
                if let Some(default) = default() {
                    let value = self.with_defaults(default, &defaults.inner);
                    members.push(Member::new(Arc::clone(&defaults.name), value));
                }
            }
        }
    }

    pub(super) fn refused(&self, span: Span, message: impl Into<String>) {
        self.tell(Diagnostic::at(Code::TerraformRefuses, span, message));
    }
}

/// A constant value that is written in no file. As deep as the parser allows.
fn without_places(value: &Value) -> Value {
    let value = match value.data() {
        Data::Tuple(_) => Value::tuple(value.raw_elements().iter().map(without_places).collect()),
        Data::Object(_) => {
            let member = |member: &Member| Member::new(member.key.clone(), without_places(&member.value));
            Value::object(value.raw_members().iter().map(member).collect())
        }
        _ => value.clone(),
    };
    value.with_place(Place::default())
}
