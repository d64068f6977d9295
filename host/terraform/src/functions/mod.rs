//! Terraform's functions: the interface that the evaluator calls, until they are there.

use verdikt_model::Span;

use crate::evaluate::Context;
use crate::value::{Member, Value};

/// A function.
pub struct Function(());

/// Rendering of templates, which is the evaluator's business.
pub trait Templates {
    /// Renders the text of a string as a template.
    fn render(&self, template: &Value, variables: &[Member], span: Span) -> Result<Value, FunctionError>;
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    pub argument: Option<usize>,
    pub message: String,
    pub limit: bool,
}

/// The function of that name.
pub fn find(_name: &str) -> Option<&'static Function> {
    None
}

impl Function {
    pub fn parameter_name(&self, _index: usize) -> Option<&'static str> {
        None
    }

    pub fn call(
        &self,
        _arguments: &[Value],
        _span: Span,
        _context: &Context<'_>,
        _templates: &dyn Templates,
    ) -> Result<Value, FunctionError> {
        Ok(Value::null())
    }
}
