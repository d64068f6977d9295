//! Templates: strings with interpolations and directives, and heredocs.
//!
//! Follows `TemplateExpr` of HCL (`hclsyntax/expression_template.go`).

use std::sync::Arc;

use verdikt_model::Span;

use super::EvaluationError;
use super::comprehension::{Round, Rounds};
use super::evaluator::{Bindings, Evaluator, Frame, Result};
use crate::functions::yaml::in_pieces;
use crate::syntax::{Expression, Name, Part};
use crate::value::{Known, Literal, Marks, Origin, Piece, Text, Type, Unknown, Value, convert};

/// A text that is being put together.
#[derive(Default)]
struct Pieces {
    pieces: Vec<Piece>,
    marks: Marks,
    /// Bytes of what is known.
    length: usize,
}

impl Evaluator<'_> {
    /// What a template gives: the value of the one interpolation that it consists of, or a string.
    pub(super) fn template(&self, parts: &[Part], span: Span, frame: Frame<'_>) -> Result<Value> {
        match parts {
            [] => Ok(Value::string("").at(span)),
            [Part::Literal { text, .. }] if !may_hold_a_document(text) => Ok(Value::string(text.clone()).at(span)),
            [Part::Interpolation(expression)] => self.value(expression, frame),
            parts => self.text(parts, span, frame),
        }
    }

    /// A text of several parts.
    fn text(&self, parts: &[Part], span: Span, frame: Frame<'_>) -> Result<Value> {
        let mut pieces = Pieces::default();
        self.append_parts(parts, &mut pieces, frame)?;
        let value = pieces.value();
        self.checked(value.at(span), span)
    }

    fn append_parts(&self, parts: &[Part], pieces: &mut Pieces, frame: Frame<'_>) -> Result<()> {
        for part in parts {
            match part {
                Part::Literal { text, span, anchors } => {
                    self.spend_bytes(text.len(), *span)?;
                    let literal = Literal { text: Arc::from(&**text), span: *span, anchors: Arc::from(&**anchors) };
                    pieces.literal(literal);
                }
                Part::Interpolation(expression) => {
                    let value = self.lenient(expression, frame)?;
                    let value = self.interpolated(&value, expression.span)?;
                    pieces.value_piece(value);
                }
                Part::If { condition, yes, no, span } => self.append_if(condition, yes, no, *span, pieces, frame)?,
                Part::For { key_name, value_name, collection, body, span } => {
                    let names = (key_name.as_ref(), value_name);
                    self.append_for(names, collection, body, *span, pieces, frame)?;
                }
            }
        }
        Ok(())
    }

    /// What an interpolation adds to a text, as a string.
    fn interpolated(&self, value: &Value, span: Span) -> Result<Value> {
        if value.is_null() {
            return Err(EvaluationError::new(span, "a null value cannot be included in a string"));
        }
        if value.is_unknown() && (value.ty() != Type::String || !value.is_certainly_not_null()) {
            self.doubt();
        }
        let text = convert(value, &Type::String).map_err(|problem| {
            EvaluationError::new(span, format!("this value cannot be included in a string: {problem}"))
        })?;
        self.spend_bytes(text.as_str().map_or(0, str::len), span)?;
        // Its lines become lines of this text.
        let text = in_pieces(&text, self.context.budget).unwrap_or(text);
        self.checked(text, span)
    }

    fn append_if(
        &self,
        condition: &Expression,
        yes: &[Part],
        no: &[Part],
        span: Span,
        pieces: &mut Pieces,
        frame: Frame<'_>,
    ) -> Result<()> {
        let condition = self.condition(condition, frame)?;
        pieces.marks = pieces.marks | condition.marks();
        if let Some(chosen) = condition.as_bool() {
            return self.append_parts(if chosen { yes } else { no }, pieces, frame);
        }
        let mut values = Vec::with_capacity(2);
        let mut problem = None;
        for branch in [yes, no] {
            match self.text(branch, span, frame.strict()) {
                Ok(value) => values.push(value),
                Err(error) if error.is_limit() => return Err(error),
                Err(error) => problem = Some(error),
            }
        }
        if let Some(problem) = problem {
            if values.is_empty() {
                return Err(problem);
            }
            self.doubt();
        }
        let unknown = Unknown::derived_from([&condition]).of_type(Type::String).not_null();
        pieces.value_piece(Value::one_of(&unknown, values));
        Ok(())
    }

    fn append_for(
        &self,
        names: (Option<&Name>, &Name),
        collection: &Expression,
        body: &[Part],
        span: Span,
        pieces: &mut Pieces,
        frame: Frame<'_>,
    ) -> Result<()> {
        let value = self.value(collection, frame.strict())?;
        self.append_rounds(names, &value, body, (collection.span, span), pieces, frame)
    }

    /// `spans` are those of the collection and of the directive.
    fn append_rounds(
        &self,
        names: (Option<&Name>, &Name),
        collection: &Value,
        body: &[Part],
        spans: (Span, Span),
        pieces: &mut Pieces,
        frame: Frame<'_>,
    ) -> Result<()> {
        pieces.marks = pieces.marks | collection.marks();
        let (rounds, open, unknown) = match self.rounds(collection, spans.0, "a `for` directive")? {
            Rounds::All(rounds) => (rounds, false, None),
            Rounds::Some { rounds, open, unknown } => (rounds, open, Some(unknown)),
            Rounds::Any { values, unknown } => {
                let text = |value: &Value| {
                    let mut inner = Pieces::default();
                    self.append_rounds(names, value, body, spans, &mut inner, frame)?;
                    Ok(inner.value())
                };
                let texts: Result<Vec<Value>> = values.iter().map(text).collect();
                let unknown = unknown.of_type(Type::String).not_null();
                pieces.value_piece(Value::one_of(&unknown, texts?));
                return Ok(());
            }
        };
        let unknown = unknown.unwrap_or_else(|| Unknown::derived_from([collection])).of_type(Type::String).not_null();
        let mut told = !open;
        for Round { key, value, certain } in rounds {
            let bindings = Bindings {
                key: names.0.map(|name| (&*name.text, key)),
                value: (&names.1.text, value),
                outer: frame.bindings(),
            };
            self.spend(1, spans.1)?;
            if certain {
                self.append_parts(body, pieces, frame.inside(&bindings))?;
                continue;
            }
            let text = match self.text(body, spans.1, frame.strict().inside(&bindings)) {
                Ok(text) => text,
                Err(problem) if problem.is_limit() => return Err(problem),
                Err(_) => {
                    self.doubt();
                    Value::unknown(unknown.clone())
                }
            };
            let text = match open {
                true => Value::unknown(unknown.clone().with(Known::Repeated([Piece::Value(text)].into()))),
                false => Value::one_of(&unknown, vec![text, Value::string("")]),
            };
            told = true;
            pieces.value_piece(text.at(spans.1));
        }
        if !told {
            // Of what the other rounds give nothing can be said.
            pieces.value_piece(Value::unknown(unknown).at(spans.1));
        }
        Ok(())
    }
}

impl Pieces {
    fn literal(&mut self, literal: Literal) {
        self.length += literal.text.len();
        self.pieces.push(Piece::Literal(literal));
    }

    /// A string or an unknown one. Pieces of an unknown text are pieces of the whole.
    fn value_piece(&mut self, value: Value) {
        self.marks = self.marks | value.marks();
        self.length += value.as_str().map_or(0, str::len);
        match value.as_unknown() {
            Some(Unknown { known: Known::Pieces(inner), .. }) => {
                for piece in inner.iter() {
                    self.pieces.push(match piece {
                        Piece::Value(part) => Piece::Value(value.child(part)),
                        literal => literal.clone(),
                    });
                }
            }
            _ => self.pieces.push(Piece::Value(value)),
        }
    }

    /// The text; unknown where a piece is.
    fn value(self) -> Value {
        let unknown = self.pieces.iter().any(|piece| matches!(piece, Piece::Value(value) if value.is_unknown()));
        let value = if unknown {
            let values = self.pieces.iter().filter_map(|piece| match piece {
                Piece::Value(value) => Some(value),
                Piece::Literal(_) => None,
            });
            let whole = Unknown::derived_from(values).of_type(Type::String).not_null();
            Value::unknown(whole.with(Known::Pieces(self.pieces.into())))
        } else {
            let mut text = String::with_capacity(self.length);
            for piece in &self.pieces {
                match piece {
                    Piece::Literal(literal) => text.push_str(&literal.text),
                    Piece::Value(value) => text.push_str(value.as_str().unwrap_or_default()),
                }
            }
            if may_hold_a_document(&text) {
                Value::text(Text::with_origin(text, Origin::Pieces(self.pieces.into())))
            } else {
                Value::string(text)
            }
        };
        value.with_marks(self.marks)
    }
}

/// Whether a text may encode a value, so that the places of its parts are worth keeping.
fn may_hold_a_document(text: &str) -> bool {
    text.contains('\n') || text.trim_start().starts_with(['{', '['])
}
