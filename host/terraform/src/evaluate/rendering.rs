//! Templates that are not part of the configuration: files and strings that functions render.

use verdikt_model::Span;

use super::evaluator::Evaluator;
use super::{Context, EvaluationError, Reference, Resolved, Scope};
use crate::functions::{FunctionError, Templates};
use crate::syntax::{Origin as Source, parse_template};
use crate::value::{Member, Origin, Piece, Value, What};

/// Renders templates for functions.
pub(super) struct Rendering<'a> {
    pub(super) context: Context<'a>,
}

impl Templates for Rendering<'_> {
    fn render(&self, template: &Value, variables: &[Member], span: Span) -> Result<Value, FunctionError> {
        let error = |message: String| FunctionError { argument: Some(0), message, limit: false };
        let text = template.as_text().ok_or_else(|| error("a string is required".to_owned()))?;
        let place = match text.origin() {
            // The text of a file as it stands there.
            Origin::Pieces(pieces) => match &**pieces {
                [Piece::Literal(literal)] if literal.is_as_written() => {
                    Source::Text { file: literal.span.file, offset: literal.span.start }
                }
                _ => Source::Within(template.place().location().unwrap_or(span)),
            },
            _ => Source::Within(template.place().location().unwrap_or(span)),
        };
        let parts = parse_template(place, text).map_err(|problem| error(problem.message))?;
        let scope = Variables(variables);
        let evaluator = Evaluator::of_template(&scope, self.context);
        evaluator.try_template(&parts, span).map_err(|problem| FunctionError {
            argument: Some(0),
            message: problem.message().to_owned(),
            limit: problem.is_limit(),
        })
    }
}

/// The variables of a template: there is nothing else in it.
struct Variables<'v>(&'v [Member]);

impl Scope for Variables<'_> {
    fn resolve(&self, reference: &Reference<'_>) -> Result<Resolved, EvaluationError> {
        match self.0.iter().find(|member| &*member.key == reference.root) {
            Some(member) => {
                let through = Some((What::Element, member.key.clone()));
                Ok(Resolved { value: member.value.clone(), steps: 0, through })
            }
            None => {
                let message = format!("the variable {:?} is not among those given to the template", reference.root);
                Err(EvaluationError::new(reference.span, message))
            }
        }
    }
}
