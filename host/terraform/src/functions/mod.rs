//! Terraform's functions, as version 1.11 has them.
//!
//! A call goes the way that it goes in cty (<https://github.com/zclconf/go-cty>, `cty/function`):
//! arguments are converted to the types of the parameters, `null` and unknown arguments are dealt with
//! where the function does not do so itself, marks are taken off and put on the result. What each
//! function wants of that stands in `table.rs`.
//!
//! Where a result would depend on the time, on chance or on the machine, or where it could not be
//! guaranteed to be Terraform's own, it is unknown and says why. It is never something else.

mod cidr;
mod conversion;
mod csv;
mod encoding;
mod filesystem;
mod float;
mod format;
mod hash;
pub(crate) mod json;
mod mapping;
mod numeric;
mod parts;
mod pattern;
mod seen;
mod sequence;
mod sets;
mod string;
mod structure;
mod table;
mod text;
mod time;
pub(crate) mod yaml;

use std::fmt;

use verdikt_model::Span;

use crate::budget::Exhausted;
use crate::evaluate::Context;
use crate::value::{Known, MOST_ALTERNATIVES, Marks, Member, Number, NumberError, Type, Unknown, Value, convert};

use parts::unmarked;
pub use table::{FUNCTIONS, find};

/// A function.
pub struct Function {
    pub name: &'static str,
    parameters: &'static [Parameter],
    /// What all further arguments are.
    variadic: Option<Parameter>,
    returns: Returns,
    run: Run,
}

/// How a function gets its result.
enum Run {
    /// From its arguments.
    Pure(fn(&Call<'_>) -> Result<Value, Failure>),
    /// It cannot be had here, for this reason.
    Never(&'static str),
    /// The evaluator knows it, since its arguments are expressions: `try` and `can`.
    Lazy,
}

/// What a function takes in one place.
#[derive(Clone, Copy)]
struct Parameter {
    name: &'static str,
    /// None takes any type.
    ty: Option<Kind>,
    null: bool,
    /// Whether the function deals with unknown arguments itself.
    unknown: bool,
    marks: MarkRule,
}

/// What happens to the marks of an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MarkRule {
    /// All, also those inside, are taken off and put on the result.
    Spread,
    /// Those of the argument itself are taken off and put on the result.
    Own,
    /// The function sees them.
    Seen,
}

const fn parameter(name: &'static str, ty: Option<Kind>) -> Parameter {
    Parameter { name, ty, null: false, unknown: false, marks: MarkRule::Spread }
}

impl Parameter {
    const fn null(self) -> Parameter {
        Parameter { null: true, ..self }
    }

    const fn unknown(self) -> Parameter {
        Parameter { unknown: true, ..self }
    }

    const fn own_marks(self) -> Parameter {
        Parameter { marks: MarkRule::Own, ..self }
    }

    const fn seen_marks(self) -> Parameter {
        Parameter { marks: MarkRule::Seen, ..self }
    }
}

/// A type that the table can name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Number,
    String,
    List,
    ListOfBool,
    ListOfNumber,
    ListOfString,
    Set,
    SetOfString,
    MapOfLists,
}

impl Kind {
    fn ty(self) -> Type {
        match self {
            Kind::Bool => Type::Bool,
            Kind::Number => Type::Number,
            Kind::String => Type::String,
            Kind::List => Type::list(Type::Dynamic),
            Kind::ListOfBool => Type::list(Type::Bool),
            Kind::ListOfNumber => Type::list(Type::Number),
            Kind::ListOfString => Type::list(Type::String),
            Kind::Set => Type::set(Type::Dynamic),
            Kind::SetOfString => Type::set(Type::String),
            Kind::MapOfLists => Type::map(Type::list(Type::String)),
        }
    }
}

/// The type of an unknown result.
enum Returns {
    /// Always this, and never null.
    Kind(Kind),
    /// What the types of the arguments say. Fails where Terraform would do so before it knows values.
    By(fn(&[Value]) -> Result<Type, Failure>),
    /// Nothing is known.
    Any,
}

/// What a function works with.
struct Call<'c> {
    arguments: &'c [Value],
    context: &'c Context<'c>,
    templates: &'c dyn Templates,
    span: Span,
}

/// Rendering of templates, which is the evaluator's business.
pub trait Templates {
    /// Renders the text of a string as a template in which these variables and all functions but
    /// `templatefile` and `templatestring` can be used.
    fn render(&self, template: &Value, variables: &[Member], span: Span) -> Result<Value, FunctionError>;
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// The argument that is at fault, counted from zero.
    pub argument: Option<usize>,
    /// Begins in lower case and ends without a dot.
    pub message: String,
    /// Whether it is a limit of ours, so that `try` does not catch it.
    pub limit: bool,
}

impl fmt::Display for FunctionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for FunctionError {}

/// Why an implementation gives no value.
#[derive(Debug)]
pub(crate) enum Failure {
    Error(FunctionError),
    /// Terraform may have a result; it is unknown here.
    Unknown(String),
}

impl Failure {
    fn new(message: impl Into<String>) -> Failure {
        Failure::Error(FunctionError { argument: None, message: message.into(), limit: false })
    }

    fn argument(argument: usize, message: impl Into<String>) -> Failure {
        Failure::Error(FunctionError { argument: Some(argument), message: message.into(), limit: false })
    }
}

impl From<FunctionError> for Failure {
    fn from(error: FunctionError) -> Failure {
        Failure::Error(error)
    }
}

impl From<Exhausted> for Failure {
    fn from(exhausted: Exhausted) -> Failure {
        Failure::Error(FunctionError { argument: None, message: exhausted.to_string(), limit: true })
    }
}

impl From<NumberError> for Failure {
    fn from(error: NumberError) -> Failure {
        match error {
            NumberError::TooLarge => Failure::Unknown(error.to_string()),
            _ => Failure::new(error.to_string()),
        }
    }
}

impl Function {
    /// Whether the arguments are to be handed over as expressions, which only the evaluator can.
    pub fn is_lazy(&self) -> bool {
        matches!(self.run, Run::Lazy)
    }

    /// Why the result can never be known here.
    pub fn never_known(&self) -> Option<&'static str> {
        if let Run::Never(why) = self.run { Some(why) } else { None }
    }

    /// The names of the parameters, without that of further arguments.
    pub fn parameter_names(&self) -> impl Iterator<Item = &'static str> {
        self.parameters.iter().map(|parameter| parameter.name)
    }

    /// What further arguments are called, if there may be any.
    pub fn variadic_name(&self) -> Option<&'static str> {
        self.variadic.as_ref().map(|parameter| parameter.name)
    }

    /// The name of a parameter, for messages.
    pub fn parameter_name(&self, index: usize) -> Option<&'static str> {
        self.parameter(index).map(|parameter| parameter.name)
    }

    fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }

    /// Calls the function. `span` is the place of the call.
    pub fn call(
        &self,
        arguments: &[Value],
        span: Span,
        context: &Context<'_>,
        templates: &dyn Templates,
    ) -> Result<Value, FunctionError> {
        if let Some(limit) = arguments.iter().find(|argument| argument.as_limit().is_some()) {
            return Ok(limit.clone());
        }
        self.check_count(arguments.len())?;
        let sensitive = arguments.iter().any(|argument| argument.marks_within().contains(Marks::SENSITIVE));
        self.prepared(arguments, span, context, templates).map_err(|error| match error {
            // Messages quote what they complain about.
            FunctionError { limit: false, argument, .. } if sensitive => {
                let message = format!("{} does not accept this sensitive value", self.name);
                FunctionError { argument, message, limit: false }
            }
            error => error,
        })
    }

    /// As HCL says it, before anything else.
    fn check_count(&self, count: usize) -> Result<(), FunctionError> {
        let fewest = self.parameters.len();
        let argument = |argument, message| Err(FunctionError { argument, message, limit: false });
        if count < fewest {
            let missing = self.parameters[count].name;
            argument(None, format!("function {} expects {}; missing value for {missing:?}", self.name, plural(fewest)))
        } else if count > fewest && self.variadic.is_none() {
            argument(Some(fewest), format!("function {} expects only {}", self.name, plural(fewest)))
        } else {
            Ok(())
        }
    }

    fn prepared(
        &self,
        arguments: &[Value],
        span: Span,
        context: &Context<'_>,
        templates: &dyn Templates,
    ) -> Result<Value, FunctionError> {
        let mut marks = Marks::NONE;
        let mut prepared = Vec::with_capacity(arguments.len());
        let mut unknown = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let Some(parameter) = self.parameter(index) else { continue };
            let error = |message| FunctionError { argument: Some(index), message, limit: false };
            let mut value = match parameter.ty {
                Some(kind) => convert(argument, &kind.ty()).map_err(|problem| error(problem.to_string()))?,
                None => argument.clone(),
            };
            if value.is_null() && !parameter.null {
                return Err(error("argument must not be null".to_owned()));
            }
            if value.is_unknown() && !parameter.unknown {
                unknown.push(index);
            }
            match parameter.marks {
                MarkRule::Spread => {
                    marks = marks | value.marks_within();
                    value = unmarked(&value);
                }
                MarkRule::Own => {
                    marks = marks | value.marks();
                    value = value.without_marks(marks);
                }
                MarkRule::Seen => {}
            }
            prepared.push(value);
        }
        let call = Call { arguments: &prepared, context, templates, span };
        call.context.budget.spend(1).map_err(exhausted)?;
        // What is one of several values makes the result one of several, where they are not too many.
        let counts = prepared.iter().filter_map(alternatives_of).map(<[Value]>::len);
        let several = prepared
            .iter()
            .position(|argument| alternatives_of(argument).is_some())
            .filter(|_| counts.fold(1, usize::saturating_mul) <= MOST_ALTERNATIVES);
        let result = match (&self.run, &unknown[..], several) {
            (Run::Pure(run), [], several) => match (run(&call), several) {
                (Ok(value), Some(index)) if is_vague(&value) => {
                    self.alternatives(&prepared, index, span, context, templates)
                }
                (result, _) => result,
            },
            (Run::Pure(_), indexes, Some(index))
                if indexes.iter().all(|index| is_one_of_several(&prepared[*index])) =>
            {
                self.alternatives(&prepared, index, span, context, templates)
            }
            (Run::Pure(_), _, _) => self.unknown(&prepared),
            (Run::Never(why), ..) => Err(Failure::Unknown((*why).to_owned())),
            (Run::Lazy, ..) => Err(Failure::new(format!("{} takes expressions", self.name))),
        };
        // A value of any type may turn out to be one that fits.
        let open = || prepared.iter().any(|value| value.is_unknown() && value.ty() == Type::Dynamic);
        let result = match result {
            Ok(value) => value,
            Err(Failure::Error(error)) if !error.limit && open() => {
                Value::unknown(self.result_of(Unknown::derived_from(&prepared), &prepared))
            }
            Err(Failure::Unknown(why)) => Value::unknown(self.result_of(Unknown::new(why), &prepared)),
            Err(Failure::Error(error)) => return Err(error),
        };
        Ok(result.with_marks(marks))
    }

    /// The result for an argument that is one of several values: one of their results.
    fn alternatives(
        &self,
        arguments: &[Value],
        index: usize,
        span: Span,
        context: &Context<'_>,
        templates: &dyn Templates,
    ) -> Result<Value, Failure> {
        let Some(values) = alternatives_of(&arguments[index]) else { return self.unknown(arguments) };
        let mut results: Vec<Value> = Vec::new();
        for value in values.iter() {
            let mut chosen = arguments.to_vec();
            chosen[index] = value.clone();
            match self.prepared(&chosen, span, context, templates) {
                Ok(result) if result.as_limit().is_some() => return Ok(result),
                Ok(result) => results.push(result),
                Err(error) if error.limit => return Err(Failure::Error(error)),
                // Then Terraform fails, and what it would have is no matter.
                Err(_) => {}
            }
        }
        if results.is_empty() {
            self.unknown(arguments)
        } else {
            Ok(Value::one_of(&Unknown::derived_from(arguments), results))
        }
    }

    /// What is known without the values of all arguments.
    fn unknown(&self, arguments: &[Value]) -> Result<Value, Failure> {
        if let Returns::By(by) = self.returns
            && !arguments.iter().any(|argument| argument.is_unknown() && argument.ty() == Type::Dynamic)
        {
            by(arguments)?;
        }
        Ok(Value::unknown(self.result_of(Unknown::derived_from(arguments), arguments)))
    }

    /// Adds the type of the result.
    fn result_of(&self, unknown: Unknown, arguments: &[Value]) -> Unknown {
        match self.returns {
            Returns::Kind(kind) => unknown.of_type(kind.ty()).not_null(),
            Returns::By(by) => unknown.of_type(by(arguments).unwrap_or(Type::Dynamic)),
            Returns::Any => unknown,
        }
    }
}

/// The values of which an argument is one.
fn alternatives_of(value: &Value) -> Option<&[Value]> {
    match &value.as_unknown()?.known {
        Known::Any(values) => Some(values),
        _ => None,
    }
}

fn is_one_of_several(value: &Value) -> bool {
    alternatives_of(value).is_some()
}

/// Whether a result says less than those for each of several arguments would.
fn is_vague(value: &Value) -> bool {
    let known = value.as_unknown().map(|unknown| &unknown.known);
    matches!(known, Some(Known::Nothing | Known::Attributes(_) | Known::Elements { .. }))
}

fn plural(count: usize) -> String {
    if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") }
}

fn exhausted(exhausted: Exhausted) -> FunctionError {
    FunctionError { argument: None, message: exhausted.to_string(), limit: true }
}

impl Call<'_> {
    fn get(&self, index: usize) -> Result<&Value, Failure> {
        self.arguments.get(index).ok_or_else(|| Failure::argument(index, "argument is missing"))
    }

    /// A parameter of type string, not unknown and not null.
    fn string(&self, index: usize) -> Result<&str, Failure> {
        self.get(index)?.as_str().ok_or_else(|| Failure::argument(index, "string required"))
    }

    /// A parameter of type number that must be a whole one.
    fn integer(&self, index: usize) -> Result<i64, Failure> {
        let Some(number) = self.get(index)?.as_number() else {
            return Err(Failure::argument(index, "number required"));
        };
        number.to_i64().ok_or_else(|| Failure::argument(index, whole_number_problem(number)))
    }

    /// The result for these arguments is not known.
    fn unknown(&self, ty: Type) -> Value {
        Value::unknown(Unknown::derived_from(self.arguments).of_type(ty))
    }

    /// Pays for a text and makes a value of it.
    fn text(&self, text: String) -> Result<Value, Failure> {
        self.context.budget.spend_bytes(text.len())?;
        Ok(Value::string(text))
    }

    /// Pays for so many elements.
    fn spend(&self, elements: usize) -> Result<(), Failure> {
        Ok(self.context.budget.spend(elements)?)
    }

    /// A list of strings.
    fn strings(&self, strings: impl IntoIterator<Item = String>) -> Result<Value, Failure> {
        let mut items = Vec::new();
        for string in strings {
            self.spend(1)?;
            items.push(self.text(string)?);
        }
        Ok(Value::list(Type::String, items))
    }
}

fn whole_number_problem(number: &Number) -> String {
    if number.is_integer() {
        "value must be a whole number, between -9223372036854775808 and 9223372036854775807 inclusive".to_owned()
    } else {
        "value must be a whole number".to_owned()
    }
}

#[cfg(test)]
mod tests;
