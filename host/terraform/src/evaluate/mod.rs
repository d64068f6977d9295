//! Expressions to values, as Terraform evaluates them.
//!
//! The meaning of every form follows HCL's specification
//! (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>) and its implementation (folder
//! `hclsyntax` there). What goes wrong is an [`EvaluationError`], a value inside of the evaluation, since
//! `try` and `can` look at it; it becomes a diagnostic only at the top, where
//! [`Evaluator::evaluate`] puts an unknown value in its place.

mod call;
mod comprehension;
mod evaluator;
mod operators;
mod rendering;
mod template;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use verdikt_model::Span;

use crate::budget::{Budget, Exhausted};
use crate::files::Files;
use crate::syntax::{Expression, Step};
use crate::value::{Value, What};

pub use evaluator::{Evaluated, Evaluator};

/// What names mean where an expression stands. Names of `for` loops are looked up before it is asked.
pub trait Scope {
    /// What a reference means. [`Reference::steps`] may be answered partly: the rest is taken out of
    /// the value. A name that does not exist is an error; a thing that exists and has no known value
    /// is an unknown value.
    fn resolve(&self, reference: &Reference<'_>) -> Result<Resolved, EvaluationError>;
}

/// A name and the steps behind it.
pub struct Reference<'a> {
    /// The first name, such as `var`.
    pub root: &'a str,
    pub steps: &'a [Step],
    /// Of all of it.
    pub span: Span,
    pub(crate) key: &'a dyn Fn(&Expression) -> Result<Value, EvaluationError>,
}

impl Reference<'_> {
    /// The value of the key of an index, such as `each.key` in `module.a[each.key].id`.
    pub fn evaluate(&self, key: &Expression) -> Result<Value, EvaluationError> {
        (self.key)(key)
    }
}

/// What a reference means.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// With the place where it is written.
    pub value: Value,
    /// How many of the steps are answered.
    pub steps: usize,
    /// What the reference leads through, with the name as the configuration writes it (`local.a`). None
    /// for what has no place of its own, such as `path.module`.
    pub through: Option<(What, Arc<str>)>,
}

/// What an evaluation has at hand beside names.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub budget: &'a Budget,
    pub files: &'a dyn Files,
    /// The folder of the root module, from the scanned folder; Terraform runs there.
    pub root_folder: &'a str,
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationError(Box<ErrorParts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct ErrorParts {
    span: Span,
    message: String,
    limit: bool,
}

impl EvaluationError {
    /// Terraform would refuse the expression at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        EvaluationError(Box::new(ErrorParts { span, message: message.into(), limit: false }))
    }

    /// A limit of ours was reached; `try` does not catch it.
    pub fn limit(span: Span, message: impl Into<String>) -> Self {
        EvaluationError(Box::new(ErrorParts { span, message: message.into(), limit: true }))
    }

    pub fn exhausted(span: Span, exhausted: Exhausted) -> Self {
        EvaluationError::limit(span, exhausted.to_string())
    }

    pub fn span(&self) -> Span {
        self.0.span
    }

    /// Begins in lower case and ends without a dot.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether it is a limit of ours.
    pub fn is_limit(&self) -> bool {
        self.0.limit
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.message())
    }
}

impl std::error::Error for EvaluationError {}
