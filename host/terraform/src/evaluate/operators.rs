//! Operators, with the conversions of their operands.
//!
//! Follows `expression_ops.go` of HCL. As Terraform does since version 1.12, `||` and `&&` do not mind a
//! mistake in one operand where the other one decides.

use verdikt_model::Span;

use super::EvaluationError;
use super::evaluator::{Evaluator, Frame, Result};
use crate::syntax::{Expression, Operation, Operator, UnaryOperator};
use crate::value::{Known, Marks, Number, NumberError, Type, Unknown, Value, convert, equal};

/// What an operator does with two numbers.
type Compute = fn(&Number, &Number) -> std::result::Result<Value, NumberError>;

impl Evaluator<'_> {
    /// Operations of one precedence, from left to right.
    pub(super) fn operations(
        &self,
        first: &Expression,
        rest: &[Operation],
        span: Span,
        frame: Frame<'_>,
    ) -> Result<Value> {
        let frame = frame.strict();
        let mut left = self.value(first, frame);
        let mut left_span = first.span;
        for operation in rest {
            let right = self.value(&operation.right, frame);
            left = self.operation(operation.operator, left, right, (left_span, operation.right.span));
            left_span = left_span.join(operation.right.span);
        }
        Ok(left?.at(span))
    }

    /// `||` where `decisive` is true, `&&` otherwise.
    fn logical(&self, left: Result<Value>, right: Result<Value>, decisive: bool, spans: (Span, Span)) -> Result<Value> {
        // What is no bool is a mistake whatever the other operand says.
        let converted = |value: Result<Value>, span| match value {
            Ok(value) => Ok(Ok(self.converted(&value, &Type::Bool, span)?)),
            Err(problem) if problem.is_limit() => Err(problem),
            Err(problem) => Ok(Err(problem)),
        };
        let (left, right) = (converted(left, spans.0)?, converted(right, spans.1)?);
        let marks = [&left, &right].into_iter().flatten().fold(Marks::NONE, |marks, value| marks | value.marks());
        let decides = |value: &Result<Value>| value.as_ref().is_ok_and(|value| value.as_bool() == Some(decisive));
        if decides(&left) || decides(&right) {
            return Ok(Value::bool(decisive).with_marks(marks));
        }
        if left.is_err() != right.is_err() {
            // What is not known could have decided.
            self.doubt();
        }
        let (left, right) = (present(left?, spans.0)?, present(right?, spans.1)?);
        let result = match (left.as_bool(), right.as_bool()) {
            (Some(_), Some(_)) => Value::bool(!decisive),
            _ => Value::unknown(Unknown::derived_from([&left, &right]).of_type(Type::Bool).not_null()),
        };
        Ok(result.with_marks(marks))
    }

    /// An operand, converted. Whether it can be is not known where its type is not.
    fn converted(&self, value: &Value, ty: &Type, span: Span) -> Result<Value> {
        if value.is_unknown() && (value.ty() != *ty || !value.is_certainly_not_null()) {
            self.doubt();
        }
        convert(value, ty)
            .map_err(|problem| EvaluationError::new(span, format!("unsuitable value for an operand: {problem}")))
    }

    /// An operand, converted, that must not be null.
    fn operand(&self, value: &Value, ty: &Type, span: Span) -> Result<Value> {
        present(self.converted(value, ty, span)?, span)
    }

    fn operation(
        &self,
        operator: Operator,
        left: Result<Value>,
        right: Result<Value>,
        spans: (Span, Span),
    ) -> Result<Value> {
        let (ty, compute): (Type, Compute) = match operator {
            Operator::Or => return self.logical(left, right, true, spans),
            Operator::And => return self.logical(left, right, false, spans),
            Operator::Equal => return self.equality(&left?, &right?, spans),
            Operator::NotEqual => return Ok(negated(self.equality(&left?, &right?, spans)?)),
            Operator::Less => (Type::Bool, |left, right| Ok(Value::bool(left < right))),
            Operator::LessOrEqual => (Type::Bool, |left, right| Ok(Value::bool(left <= right))),
            Operator::Greater => (Type::Bool, |left, right| Ok(Value::bool(left > right))),
            Operator::GreaterOrEqual => (Type::Bool, |left, right| Ok(Value::bool(left >= right))),
            Operator::Add => (Type::Number, |left, right| left.plus(right).map(Value::number)),
            Operator::Subtract => (Type::Number, |left, right| left.minus(right).map(Value::number)),
            Operator::Multiply => (Type::Number, |left, right| left.times(right).map(Value::number)),
            Operator::Divide => (Type::Number, |left, right| left.divided_by(right).map(Value::number)),
            Operator::Remainder => (Type::Number, |left, right| left.remainder(right).map(Value::number)),
        };
        self.numeric(&left?, &right?, spans, ty, compute)
    }

    fn equality(&self, left: &Value, right: &Value, spans: (Span, Span)) -> Result<Value> {
        // Comparing large values takes its time.
        let weight = left.weight().min(right.weight());
        self.spend(usize::try_from(weight).unwrap_or(usize::MAX), spans.0)?;
        Ok(equal(left, right))
    }

    /// An operation of numbers, or of what may be several numbers.
    fn numeric(
        &self,
        left: &Value,
        right: &Value,
        spans: (Span, Span),
        result: Type,
        compute: Compute,
    ) -> Result<Value> {
        let (left, right) = (self.operand(left, &Type::Number, spans.0)?, self.operand(right, &Type::Number, spans.1)?);
        let marks = left.marks() | right.marks();
        if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
            let value = compute(left, right)
                .map_err(|problem| EvaluationError::new(spans.0.join(spans.1), problem.to_string()))?;
            return Ok(value.with_marks(marks));
        }
        let unknown = Unknown::derived_from([&left, &right]).of_type(result).not_null();
        let (Some(lefts), Some(rights)) = (numbers(&left), numbers(&right)) else {
            return Ok(Value::unknown(unknown).with_marks(marks));
        };
        self.spend(lefts.len() * rights.len(), spans.0)?;
        let mut results = Vec::with_capacity(lefts.len() * rights.len());
        for left in &lefts {
            for right in &rights {
                match compute(left, right) {
                    Ok(value) => results.push(value),
                    // Terraform fails then, and the result is no matter.
                    Err(_) => self.doubt(),
                }
            }
        }
        Ok(Value::one_of(&unknown, results).with_marks(marks))
    }

    pub(super) fn unary(
        &self,
        operator: UnaryOperator,
        of: &Expression,
        span: Span,
        frame: Frame<'_>,
    ) -> Result<Value> {
        let ty = match operator {
            UnaryOperator::Negate => Type::Number,
            UnaryOperator::Not => Type::Bool,
        };
        let value = self.operand(&self.value(of, frame.strict())?, &ty, of.span)?;
        let marks = value.marks();
        let unknown = || Unknown::derived_from([&value]).of_type(ty.clone()).not_null();
        let result = match operator {
            UnaryOperator::Not => negated(value),
            UnaryOperator::Negate => match numbers(&value) {
                Some(numbers) => {
                    let negated = numbers.into_iter().map(|number| Value::number(number.negated()));
                    Value::one_of(&unknown(), negated.collect())
                }
                None => Value::unknown(unknown()),
            },
        };
        Ok(result.at(span).with_marks(marks))
    }
}

fn present(operand: Value, span: Span) -> Result<Value> {
    if operand.is_null() { Err(EvaluationError::new(span, "an operand must not be null")) } else { Ok(operand) }
}

/// The opposite of a bool that may be unknown.
fn negated(value: Value) -> Value {
    let negated = match value.as_bool() {
        Some(known) => Value::bool(!known),
        None => Value::unknown(Unknown::derived_from([&value]).of_type(Type::Bool).not_null()),
    };
    negated.with_marks(value.marks())
}

/// The number that a value is, or those that it may be.
fn numbers(value: &Value) -> Option<Vec<&Number>> {
    match value.as_unknown() {
        None => value.as_number().map(|number| vec![number]),
        Some(Unknown { known: Known::Any(values), .. }) => values.iter().map(Value::as_number).collect(),
        Some(_) => None,
    }
}
