//! The evaluator: what each form of expression gives.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use verdikt_model::Span;

use super::{Context, EvaluationError, Reference, Scope};
use crate::syntax::{Expression, ExpressionKind, Key, ObjectItem, Operator, Part, Step, UnaryOperator};
use crate::value::{
    AccessError, Data, Known, Marks, Member, Number, Type, Unknown, Value, What, convert, difference, unify,
};

/// Evaluates the expressions of one place: of a block of a module, with one scope.
pub struct Evaluator<'a> {
    scope: &'a dyn Scope,
    pub(super) context: Context<'a>,
    /// Whether a function renders a template.
    pub(super) in_template: bool,
    problems: RefCell<Vec<EvaluationError>>,
    /// Grows with everything that was done with an unknown value and that could have failed, had the
    /// value been known.
    doubts: Cell<usize>,
}

/// A value, with what went wrong on the way.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// Unknown where something went wrong.
    pub value: Value,
    pub problems: Vec<EvaluationError>,
}

/// Where an expression is evaluated.
#[derive(Clone, Copy, Default)]
pub(super) struct Frame<'f> {
    /// The innermost loop.
    bindings: Option<&'f Bindings<'f>>,
    /// Whether a mistake costs only the element that it is in, and not the whole.
    lenient: bool,
    /// Whether the value is of a branch that is not taken, so that only its type counts.
    untaken: bool,
}

/// The names of one loop.
pub(super) struct Bindings<'f> {
    pub(super) key: Option<(&'f str, Value)>,
    pub(super) value: (&'f str, Value),
    pub(super) outer: Option<&'f Bindings<'f>>,
}

impl<'f> Frame<'f> {
    /// Where a mistake makes the whole fail.
    pub(super) fn strict(self) -> Self {
        Frame { lenient: false, ..self }
    }

    /// For the arguments of a call: what fails in one leaves nothing of the call.
    pub(super) fn of_arguments(self) -> Self {
        if self.untaken { Frame { lenient: false, untaken: false, ..self } } else { self }
    }

    pub(super) fn inside(self, bindings: &'f Bindings<'f>) -> Self {
        Frame { bindings: Some(bindings), ..self }
    }

    pub(super) fn bindings(self) -> Option<&'f Bindings<'f>> {
        self.bindings
    }

    fn find(self, name: &str) -> Option<&'f Value> {
        let mut bindings = self.bindings;
        while let Some(inner) = bindings {
            if inner.value.0 == name {
                return Some(&inner.value.1);
            }
            if let Some((key, value)) = &inner.key
                && *key == name
            {
                return Some(value);
            }
            bindings = inner.outer;
        }
        None
    }
}

pub(super) type Result<T> = std::result::Result<T, EvaluationError>;

impl<'a> Evaluator<'a> {
    pub fn new(scope: &'a dyn Scope, context: Context<'a>) -> Self {
        Evaluator { scope, context, in_template: false, problems: RefCell::default(), doubts: Cell::new(0) }
    }

    /// For a template that a function renders.
    pub(super) fn of_template(scope: &'a dyn Scope, context: Context<'a>) -> Self {
        Evaluator { in_template: true, ..Evaluator::new(scope, context) }
    }

    /// The value of an expression. What Terraform would refuse is a problem, and unknown where it
    /// stands: the rest of the expression keeps its value.
    pub fn evaluate(&self, expression: &Expression) -> Evaluated {
        let value = self.lenient(expression, Frame { lenient: true, ..Frame::default() }).unwrap_or_else(|problem| {
            let value = refused(&problem, expression).at(expression.span);
            self.problems.borrow_mut().push(problem);
            value
        });
        Evaluated { value, problems: self.problems.take() }
    }

    /// The value of an expression, if all of it has one.
    pub fn try_evaluate(&self, expression: &Expression) -> std::result::Result<Value, EvaluationError> {
        self.value(expression, Frame::default())
    }

    /// The value of a template.
    pub(super) fn try_template(&self, parts: &[Part], span: Span) -> Result<Value> {
        self.template(parts, span, Frame::default())
    }

    /// The value of a part of an expression whose failure costs only that part, where that is so.
    pub(super) fn lenient(&self, expression: &Expression, frame: Frame<'_>) -> Result<Value> {
        match self.value(expression, frame) {
            Err(problem) if frame.lenient && !problem.is_limit() => {
                let value = refused(&problem, expression).at(expression.span);
                self.problems.borrow_mut().push(problem);
                Ok(value)
            }
            result => result,
        }
    }

    /// Notes that what was done with an unknown value could have failed.
    pub(super) fn doubt(&self) {
        self.doubts.set(self.doubts.get() + 1);
    }

    /// Whether evaluating something could have failed with other values for what is unknown in it.
    pub(super) fn doubtful<T>(&self, evaluate: impl FnOnce() -> T) -> (T, bool) {
        let before = self.doubts.get();
        let result = evaluate();
        (result, self.doubts.get() != before)
    }

    pub(super) fn spend(&self, steps: usize, span: Span) -> Result<()> {
        self.context.budget.spend(steps).map_err(|exhausted| EvaluationError::exhausted(span, exhausted))
    }

    pub(super) fn spend_bytes(&self, bytes: usize, span: Span) -> Result<()> {
        self.context.budget.spend_bytes(bytes).map_err(|exhausted| EvaluationError::exhausted(span, exhausted))
    }

    /// A value that was just made, unless it is larger than values may be.
    pub(super) fn checked(&self, value: Value, span: Span) -> Result<Value> {
        match value.as_limit() {
            Some(why) => Err(EvaluationError::limit(span, format!("this is {why}"))),
            None => Ok(value),
        }
    }

    /// The value of an expression, with its place.
    pub(super) fn value(&self, expression: &Expression, frame: Frame<'_>) -> Result<Value> {
        let span = expression.span;
        let exhausted = |exhausted| EvaluationError::exhausted(span, exhausted);
        self.context.budget.spend(1).map_err(exhausted)?;
        let _nested = self.context.budget.nest().map_err(exhausted)?;
        match &expression.kind {
            ExpressionKind::Null => Ok(Value::null().at(span)),
            ExpressionKind::Bool(value) => Ok(Value::bool(*value).at(span)),
            ExpressionKind::Number(text) => match Number::parse(text) {
                Ok(number) => Ok(Value::number(number).at(span)),
                Err(problem) => Err(EvaluationError::new(span, problem.to_string())),
            },
            ExpressionKind::Template(parts) => self.template(parts, span, frame),
            ExpressionKind::Variable(name) => self.reference(name, &[], span, frame),
            ExpressionKind::Call { name, arguments, expand } => self.call(name, arguments, *expand, span, frame),
            ExpressionKind::Tuple(items) => self.tuple(items, span, frame),
            ExpressionKind::Object(items) => self.object(items, span, frame),
            ExpressionKind::For(parts) => self.comprehension(parts, span, frame),
            ExpressionKind::Traversal { of, steps } => self.traversal(of, steps, span, frame),
            ExpressionKind::Operation { first, rest } => self.operations(first, rest, span, frame),
            ExpressionKind::Unary { operator, of } => self.unary(*operator, of, span, frame),
            ExpressionKind::Conditional { condition, yes, no } => self.conditional(condition, yes, no, span, frame),
            ExpressionKind::Parentheses(inner) => self.value(inner, frame),
        }
    }

    fn tuple(&self, items: &[Expression], span: Span, frame: Frame<'_>) -> Result<Value> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.lenient(item, frame)?);
        }
        self.checked(Value::tuple(values).at(span), span)
    }

    fn object(&self, items: &[ObjectItem], span: Span, frame: Frame<'_>) -> Result<Value> {
        let mut members = Members::default();
        for item in items {
            let (key, key_span) = match &item.key {
                Key::Name(name) => (Value::string(name.text.clone()), name.span),
                Key::Expression(key) => (self.key(key, frame)?, key.span),
            };
            let value = self.lenient(&item.value, frame)?;
            members.add(key, key_span, value);
        }
        self.checked(members.object(None).at(span), span)
    }

    /// The key of a member of an object constructor, which is a string or unknown.
    fn key(&self, key: &Expression, frame: Frame<'_>) -> Result<Value> {
        if let ExpressionKind::Traversal { of, .. } = &key.kind
            && let ExpressionKind::Variable(_) = of.kind
        {
            let message = "this key may be a reference or a name; put a reference into parentheses, and a name with dots \
                           into quotes";
            return Err(EvaluationError::new(key.span, message));
        }
        // The words of the language are names here.
        match key.kind {
            ExpressionKind::Null => return Ok(Value::string("null")),
            ExpressionKind::Bool(value) => return Ok(Value::string(if value { "true" } else { "false" })),
            _ => {}
        }
        let value = self.value(key, frame.strict())?;
        self.string_key(&value, key.span)
    }

    /// A key of an object as a string.
    pub(super) fn string_key(&self, value: &Value, span: Span) -> Result<Value> {
        if value.is_null() {
            return Err(EvaluationError::new(span, "a null value cannot be used as a key"));
        }
        if value.is_unknown() && value.ty() == Type::Dynamic {
            self.doubt();
        }
        convert(value, &Type::String)
            .map_err(|problem| EvaluationError::new(span, format!("this value cannot be used as a key: {problem}")))
    }

    fn conditional(
        &self,
        condition: &Expression,
        yes: &Expression,
        no: &Expression,
        span: Span,
        frame: Frame<'_>,
    ) -> Result<Value> {
        let condition_value = self.condition(condition, frame)?;
        let marks = condition_value.marks();
        let Some(chosen) = condition_value.as_bool() else {
            return self.undecided(&condition_value, yes, no, span, frame);
        };
        // The other branch counts for the type only, and Terraform does not mind its mistakes.
        let (taken, other) = if chosen { (yes, no) } else { (no, yes) };
        let value = self.value(taken, frame)?;
        let told = self.problems.borrow().len();
        let other = self.lenient(other, Frame { lenient: true, untaken: true, ..frame })?;
        self.problems.borrow_mut().truncate(told);
        let span = taken.span;
        let ty = self.common_type(&value, &other, span)?;
        let converted = convert(&value, &ty).map_err(|problem| {
            EvaluationError::new(span, format!("this result of the conditional has the wrong type: {problem}"))
        })?;
        Ok(self.checked(converted, span)?.with_marks(marks))
    }

    /// A condition as a bool, or unknown.
    pub(super) fn condition(&self, condition: &Expression, frame: Frame<'_>) -> Result<Value> {
        let value = self.value(condition, frame.strict())?;
        if value.is_null() {
            return Err(EvaluationError::new(condition.span, "the condition is null; it must be true or false"));
        }
        if value.is_unknown() && value.ty() != Type::Bool {
            self.doubt();
        }
        convert(&value, &Type::Bool)
            .map_err(|problem| EvaluationError::new(condition.span, format!("the condition must be a bool: {problem}")))
    }

    /// Both branches of a conditional whose condition is not known.
    fn undecided(
        &self,
        condition: &Value,
        yes: &Expression,
        no: &Expression,
        span: Span,
        frame: Frame<'_>,
    ) -> Result<Value> {
        let marks = condition.marks();
        let branches = (self.value(yes, frame.strict()), self.value(no, frame.strict()));
        let (yes, no) = match branches {
            (Err(problem), _) | (_, Err(problem)) if problem.is_limit() => return Err(problem),
            (Ok(yes), Ok(no)) => (yes, no),
            // Terraform fails where the condition comes out so, and the value is the other one.
            (Ok(only), Err(_)) | (Err(_), Ok(only)) => {
                self.doubt();
                return Ok(only.with_marks(marks));
            }
            (Err(problem), Err(_)) => return Err(problem),
        };
        let ty = self.common_type(&yes, &no, span)?;
        let unknown = Unknown::derived_from([condition]).of_type(ty.clone());
        let mut values = Vec::with_capacity(2);
        for branch in [yes, no] {
            match convert(&branch, &ty) {
                Ok(value) => values.push(self.checked(value, span)?),
                Err(_) => self.doubt(),
            }
        }
        let value = Value::one_of(&unknown, values);
        Ok(self.checked(value.or_at(span), span)?.with_marks(marks))
    }

    /// The type that a conditional has, whichever branch it takes.
    fn common_type(&self, left: &Value, right: &Value, span: Span) -> Result<Type> {
        let untyped = |value: &Value| matches!(value.data(), Data::Null(Type::Dynamic));
        // Telling the type of a large value takes its time.
        self.spend(usize::try_from(left.weight().saturating_add(right.weight())).unwrap_or(usize::MAX), span)?;
        let (left_type, right_type) = (left.ty(), right.ty());
        if untyped(left) {
            return Ok(right_type);
        }
        if untyped(right) {
            return Ok(left_type);
        }
        if left_type == Type::Dynamic || right_type == Type::Dynamic {
            return Ok(Type::Dynamic);
        }
        unify(&[left_type.clone(), right_type.clone()], true).ok_or_else(|| {
            let why = difference(&left_type, &right_type);
            EvaluationError::new(span, format!("both results of a conditional must have one type, but {why}"))
        })
    }

    /// `name` with the steps behind it.
    fn reference(&self, name: &str, steps: &[Step], span: Span, frame: Frame<'_>) -> Result<Value> {
        if let Some(value) = frame.find(name) {
            let value = value.clone().through(What::Element, name, span);
            return self.steps(value, steps, span, frame);
        }
        let key = |key: &Expression| self.value(key, frame.strict());
        let resolved = self.scope.resolve(&Reference { root: name, steps, span, key: &key })?;
        let value = match resolved.through {
            Some((what, name)) => resolved.value.through(what, name, span),
            None => resolved.value.at(span),
        };
        self.steps(value, steps.get(resolved.steps..).unwrap_or_default(), span, frame)
    }

    fn traversal(&self, of: &Expression, steps: &[Step], span: Span, frame: Frame<'_>) -> Result<Value> {
        if let ExpressionKind::Variable(name) = &of.kind {
            return self.reference(name, steps, span, frame);
        }
        let value = self.value(of, frame)?;
        self.steps(value, steps, span, frame)
    }

    /// Takes something out of a value, step by step.
    pub(super) fn steps(&self, value: Value, steps: &[Step], span: Span, frame: Frame<'_>) -> Result<Value> {
        let mut value = value;
        for step in steps {
            self.spend(1, step.span())?;
            let vague = value.as_unknown().is_some_and(|unknown| !matches!(unknown.known, Known::Attributes(_)));
            let unknown = value.is_unknown();
            let failed = |problem: AccessError| EvaluationError::new(step.span(), problem.to_string());
            value = match step {
                Step::Attribute(name) => value.attribute(&name.text).map_err(failed)?,
                Step::Index { key, .. } => {
                    let key = self.value(key, frame.strict())?;
                    if key.is_unknown() {
                        self.doubt();
                    }
                    value.index(&key).map_err(failed)?
                }
                Step::Splat { steps, .. } => match self.splat(&value, steps, span, frame) {
                    Err(problem) if frame.untaken && !problem.is_limit() => {
                        Value::unknown(Unknown::new(problem.message()).of_type(splat_type(&value)))
                    }
                    result => result?,
                },
            };
            if vague || (unknown && value.is_unknown()) {
                self.doubt();
            }
        }
        Ok(value)
    }
}

/// What stands for an expression that Terraform would refuse.
fn refused(problem: &EvaluationError, expression: &Expression) -> Value {
    let why = format!("it cannot be evaluated: {}", problem.message());
    if problem.is_limit() {
        Value::limit(why)
    } else {
        Value::unknown(Unknown::new(why).of_type(form_type(expression)))
    }
}

/// The type of a splat that goes into a value, when its elements have none.
fn splat_type(of: &Value) -> Type {
    match of.ty() {
        Type::List(_) | Type::Set(_) => Type::list(Type::Dynamic),
        Type::Tuple(elements) => Type::tuple(vec![Type::Dynamic; elements.len()]),
        Type::Dynamic => Type::Dynamic,
        _ => Type::tuple([Type::Dynamic]),
    }
}

/// The type that an expression has by its form, whatever its parts are.
fn form_type(expression: &Expression) -> Type {
    match &expression.kind {
        ExpressionKind::Bool(_) => Type::Bool,
        ExpressionKind::Number(_) => Type::Number,
        ExpressionKind::Template(parts) => match &parts[..] {
            [Part::Interpolation(inner)] => form_type(inner),
            _ => Type::String,
        },
        ExpressionKind::Operation { rest, .. } => match rest.last().map(|operation| operation.operator) {
            Some(Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder) => {
                Type::Number
            }
            _ => Type::Bool,
        },
        ExpressionKind::Unary { operator: UnaryOperator::Negate, .. } => Type::Number,
        ExpressionKind::Unary { operator: UnaryOperator::Not, .. } => Type::Bool,
        ExpressionKind::Conditional { yes, no, .. } => match (form_type(yes), form_type(no)) {
            (Type::Dynamic, _) | (_, Type::Dynamic) => Type::Dynamic,
            (yes, no) => unify(&[yes, no], true).unwrap_or(Type::Dynamic),
        },
        ExpressionKind::Parentheses(inner) => form_type(inner),
        _ => Type::Dynamic,
    }
}

/// Members of an object that is being made, of which some keys may be unknown.
#[derive(Default)]
pub(super) struct Members {
    members: Vec<Member>,
    /// Of the keys that are not known.
    unknown: Option<Unknown>,
    marks: Marks,
}

impl Members {
    /// Adds a member; one of the same key is replaced. The key is a string or unknown.
    pub(super) fn add(&mut self, key: Value, key_span: Span, value: Value) {
        self.marks = self.marks | key.marks();
        match key.as_str() {
            Some(text) => self.members.push(Member { key: Arc::from(text), key_span: Some(key_span), value }),
            None => {
                // It may be the key of any member before it.
                let unknown = Unknown::derived_from([&key]);
                for member in &mut self.members {
                    member.value = Value::one_of(&unknown, vec![member.value.clone(), value.clone()]);
                }
                self.unknown.get_or_insert(unknown);
            }
        }
    }

    /// The object; one of which only some attributes are known where not all keys are, or for the reason
    /// that is given.
    pub(super) fn object(self, unknown: Option<Unknown>) -> Value {
        let object = Value::object(self.members);
        let object = match self.unknown.or(unknown) {
            None => object,
            Some(_) if object.as_limit().is_some() => object,
            Some(unknown) => {
                let attributes = object.raw_members().iter().cloned().collect();
                Value::unknown(unknown.not_null().with(Known::Attributes(attributes)))
            }
        };
        object.with_marks(self.marks)
    }
}
