//! Calls of functions.

use verdikt_model::Span;

use super::EvaluationError;
use super::evaluator::{Evaluator, Frame, Result};
use super::rendering::Rendering;
use crate::functions;
use crate::syntax::{Expression, ExpressionKind, Name};
use crate::value::{Data, Known, Type, Unknown, Value};

/// The namespace of Terraform's own functions, which need not be written.
const CORE: &str = "core::";

impl Evaluator<'_> {
    pub(super) fn call(
        &self,
        name: &Name,
        arguments: &[Expression],
        expand: bool,
        span: Span,
        frame: Frame<'_>,
    ) -> Result<Value> {
        let frame = frame.of_arguments();
        let bare = name.text.strip_prefix(CORE).unwrap_or(&name.text);
        match bare {
            "try" if !expand => return self.try_call(arguments, span, frame),
            "can" if !expand => return self.can_call(arguments, span, frame),
            "templatefile" | "templatestring" if self.in_template => {
                let message = format!("{bare}: templates cannot render further templates");
                return Err(EvaluationError::new(name.span, message));
            }
            "templatestring" if !arguments.first().is_some_and(is_reference) => {
                let message = format!("{bare}: the template must be a reference to a string from elsewhere");
                return Err(EvaluationError::new(span, message));
            }
            _ => {}
        }
        if bare.starts_with("provider::") {
            for argument in arguments {
                self.value(argument, frame)?;
            }
            self.doubt();
            let why = format!("the result of {bare}, a function of a provider");
            return Ok(Value::unknown(Unknown::new(why)).at(span));
        }
        let Some(function) = functions::find(&name.text) else {
            return Err(EvaluationError::new(name.span, format!("there is no function {:?}", name.text)));
        };
        // Of these, an argument that is not known stands for any number of them.
        let takes_any_number = matches!(bare, "concat" | "merge");
        let (values, spans) = match self.arguments(arguments, expand, takes_any_number, frame)? {
            Arguments::Known { values, spans } => (values, spans),
            Arguments::Unknown(unknown) => {
                self.doubt();
                return Ok(Value::unknown(unknown).at(span));
            }
        };
        if values.iter().any(|value| !value.is_wholly_known()) {
            self.doubt();
        }
        // Functions convert their arguments, which goes through all of them.
        let weight = values.iter().fold(0u64, |sum, value| sum.saturating_add(value.weight()));
        self.spend(usize::try_from(weight / 64).unwrap_or(usize::MAX), span)?;
        let rendering = Rendering { context: self.context };
        match function.call(&values, span, &self.context, &rendering) {
            Ok(value) => self.checked(value.or_at(span), span),
            Err(problem) => {
                let at = problem.argument.and_then(|index| spans.get(index)).copied().unwrap_or(span);
                Err(if problem.limit {
                    EvaluationError::limit(at, problem.message)
                } else {
                    let parameter = problem.argument.and_then(|index| function.parameter_name(index));
                    let message = match parameter {
                        Some(parameter) => format!("{bare}: {} (argument {parameter:?})", problem.message),
                        None => format!("{bare}: {}", problem.message),
                    };
                    EvaluationError::new(at, message)
                })
            }
        }
    }

    /// The arguments of a call, with those that `...` adds.
    fn arguments(
        &self,
        arguments: &[Expression],
        expand: bool,
        takes_any_number: bool,
        frame: Frame<'_>,
    ) -> Result<Arguments> {
        let mut values = Vec::with_capacity(arguments.len());
        let mut spans = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            let value = self.value(argument, frame)?;
            if !expand || index + 1 < arguments.len() {
                values.push(value);
                spans.push(argument.span);
                continue;
            }
            match value.data() {
                Data::Tuple(_) | Data::List(_) | Data::Set(_) => {
                    self.spend(value.length().unwrap_or(0), argument.span)?;
                    spans.extend(std::iter::repeat_n(argument.span, value.length().unwrap_or(0)));
                    values.extend(value.elements());
                }
                Data::Null(_) => {
                    return Err(EvaluationError::new(argument.span, "what `...` expands must not be null"));
                }
                Data::Unknown(_)
                    if matches!(value.ty(), Type::Dynamic | Type::Tuple(_) | Type::List(_) | Type::Set(_)) =>
                {
                    if !takes_any_number {
                        values.push(value);
                        return Ok(Arguments::Unknown(Unknown::derived_from(&values)));
                    }
                    self.doubt();
                    if let Some(Known::Elements { elements, .. }) = value.as_unknown().map(|unknown| &unknown.known) {
                        let certain = elements.iter().take_while(|element| element.certain);
                        values.extend(certain.map(|element| value.child(&element.value)));
                    }
                    values.push(Value::unknown(Unknown::derived_from([&value])));
                    spans.resize(values.len(), argument.span);
                }
                _ => {
                    let message =
                        format!("what `...` expands must be a list, tuple or set, and this is {}", value.ty());
                    return Err(EvaluationError::new(argument.span, message));
                }
            }
        }
        Ok(Arguments::Known { values, spans })
    }

    /// `try`: the first of its arguments that has a value.
    ///
    /// Where that depends on what is not known, it is one of them
    /// (<https://github.com/hashicorp/hcl/tree/main/ext/tryfunc>; Terraform says only that it is unknown).
    fn try_call(&self, arguments: &[Expression], span: Span, frame: Frame<'_>) -> Result<Value> {
        if arguments.is_empty() {
            return Err(EvaluationError::new(span, "try: at least one argument is required"));
        }
        let mut possible = Vec::new();
        let mut failures = Vec::new();
        for argument in arguments {
            let (result, doubtful) = self.doubtful(|| self.value(argument, frame.strict()));
            match result {
                Ok(value) => {
                    // What a resource will be is there, as a rule, and nothing is said of it here.
                    let named = value.as_unknown().is_some_and(|unknown| unknown.reference.is_some());
                    possible.push(value);
                    if named || !doubtful {
                        break;
                    }
                }
                Err(problem) if problem.is_limit() => return Err(problem),
                Err(problem) if doubtful => {
                    // Whether it fails may depend on what is not known.
                    failures.push(problem.message().to_owned());
                    possible.push(Value::unknown(Unknown::new(problem.message())));
                }
                Err(problem) => failures.push(problem.message().to_owned()),
            }
        }
        if possible.is_empty() {
            let message = format!("try: none of the arguments has a value: {}", failures.join("; "));
            return Err(EvaluationError::new(span, message));
        }
        let unknown = Unknown::derived_from(&possible);
        Ok(Value::one_of(&unknown, possible).or_at(span))
    }

    /// `can`: whether its argument has a value.
    fn can_call(&self, arguments: &[Expression], span: Span, frame: Frame<'_>) -> Result<Value> {
        let [argument] = arguments else {
            return Err(EvaluationError::new(span, "can: exactly one argument is required"));
        };
        let (result, doubtful) = self.doubtful(|| self.value(argument, frame.strict()));
        let value = match result {
            Err(problem) if problem.is_limit() => return Err(problem),
            Ok(value) if doubtful => {
                Value::unknown(Unknown::derived_from([&value]).of_type(Type::Bool).not_null().with(Known::Nothing))
            }
            Err(problem) if doubtful => Value::unknown(Unknown::new(problem.message()).of_type(Type::Bool).not_null()),
            result => Value::bool(result.is_ok()),
        };
        Ok(value.at(span))
    }
}

/// Whether an expression is nothing but a name and steps into its value.
fn is_reference(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Variable(_) => true,
        ExpressionKind::Traversal { of, .. } => is_reference(of),
        _ => false,
    }
}

/// What a function is called with.
enum Arguments {
    Known {
        values: Vec<Value>,
        spans: Vec<Span>,
    },
    /// How many there are is not known.
    Unknown(Unknown),
}
