//! Attributes that a provider computes from the configuration alone, so that they are known before it is
//! asked.

use super::body::open_object;
use super::policy_document;
use super::world::World;
use crate::config::{Mode, Resource};
use crate::evaluate::{EvaluationError, Reference, Resolved, Scope};
use crate::syntax::{self, Expression, ExpressionKind};
use crate::value::{Known, Member, Origin, Piece, Type, Unknown, Value, What, convert};

impl World<'_> {
    /// What references to a resource see: its arguments, and what is computed from them.
    pub(super) fn with_computed(&self, resource: &Resource, body: &Value, view: Value, address: &str) -> Value {
        let computed = match (resource.mode, &*resource.kind.text) {
            (Mode::Data, "aws_iam_policy_document") => {
                let (texts, problems) = policy_document::texts_of(body);
                for problem in problems {
                    self.refused(resource.span, problem);
                }
                texts
            }
            (Mode::Data, "template_file") => Vec::from_iter(self.rendered(body, resource)),
            // `output` is `input` once it is applied
            // (<https://developer.hashicorp.com/terraform/language/resources/terraform-data>).
            (Mode::Managed, "terraform_data") => {
                Vec::from_iter(body.member("input").map(|input| Member::new("output", input)))
            }
            _ => return view,
        };
        let mut members = match view.as_unknown().map(|unknown| &unknown.known) {
            Some(Known::Attributes(members)) => members.to_vec(),
            _ => Vec::new(),
        };
        members.extend(computed);
        open_object(members, address).with_place(view.place().clone())
    }

    /// `rendered` of a `template_file`, the template of which has the `vars` as names
    /// (<https://registry.terraform.io/providers/hashicorp/template/latest/docs/data-sources/file>).
    fn rendered(&self, body: &Value, resource: &Resource) -> Option<Member> {
        let template = body.member("template")?;
        let text = template.as_text()?;
        let variables = body.member("vars").unwrap_or_else(|| Value::object(Vec::new()));
        let origin = match text.origin() {
            Origin::Pieces(pieces) => match &**pieces {
                [Piece::Literal(literal)] if literal.is_as_written() => {
                    syntax::Origin::Text { file: literal.span.file, offset: literal.span.start }
                }
                _ => syntax::Origin::Within(resource.span),
            },
            _ => syntax::Origin::Within(resource.span),
        };
        let value = match syntax::parse_template(origin, text) {
            Ok(parts) => {
                let span = template.place().location().unwrap_or(resource.span);
                let expression = Expression { kind: ExpressionKind::Template(parts), span };
                self.evaluate(&expression, &TemplateVariables(variables))
            }
            Err(problem) => {
                self.refused(problem.span, problem.message);
                return None;
            }
        };
        let value = convert(&value, &Type::String).unwrap_or(value);
        Some(Member::new("rendered", value.with_marks(template.marks())))
    }
}

/// The names in the template of a `template_file`: texts.
struct TemplateVariables(Value);

impl Scope for TemplateVariables {
    fn resolve(&self, reference: &Reference<'_>) -> Result<Resolved, EvaluationError> {
        let value = match self.0.as_unknown() {
            Some(unknown) => Value::unknown(Unknown { ty: Type::String, ..unknown.derived() }),
            None => {
                let Some(value) = self.0.member(reference.root) else {
                    let message = format!("the variable `{}` is not among the `vars` of the template", reference.root);
                    return Err(EvaluationError::new(reference.span, message));
                };
                convert(&value, &Type::String).unwrap_or(value)
            }
        };
        Ok(Resolved { value, steps: 0, through: Some((What::Element, reference.root.into())) })
    }
}
