//! `for` and splats: what goes through the elements of a value.
//!
//! Follows `ForExpr` and `SplatExpr` of HCL (`hclsyntax/expression.go`). Beyond it, a collection that is
//! not known in all gives what is known of the result.

use std::collections::BTreeMap;
use std::sync::Arc;

use verdikt_model::Span;

use super::EvaluationError;
use super::evaluator::{Bindings, Evaluator, Frame, Members, Result};
use crate::syntax::{Expression, For, Step};
use crate::value::{Data, Element, Known, Marks, Number, Type, Unknown, Value, convert};

/// One round of a loop.
pub(super) struct Round {
    pub(super) key: Value,
    pub(super) value: Value,
    /// Whether it takes place for certain.
    pub(super) certain: bool,
}

/// What a loop goes through.
pub(super) enum Rounds {
    /// All of them, in order.
    All(Vec<Round>),
    /// Not all are known, for the reason that is given: there may be others where it is open.
    Some { rounds: Vec<Round>, open: bool, unknown: Unknown },
    /// One of several collections.
    Any { values: Vec<Value>, unknown: Unknown },
}

impl Evaluator<'_> {
    pub(super) fn comprehension(&self, parts: &For, span: Span, frame: Frame<'_>) -> Result<Value> {
        let collection = self.value(&parts.collection, frame.strict())?;
        let value = self.comprehension_of(parts, &collection, span, frame)?;
        self.checked(value.or_at(span), span)
    }

    fn comprehension_of(&self, parts: &For, collection: &Value, span: Span, frame: Frame<'_>) -> Result<Value> {
        let rounds = self.rounds(collection, parts.collection.span, "a `for` expression")?;
        let marks = collection.marks();
        let (rounds, rest) = match rounds {
            Rounds::All(rounds) => (rounds, None),
            Rounds::Some { rounds, open, unknown } => (rounds, Some((open, unknown))),
            Rounds::Any { values, unknown } => {
                let results: Result<Vec<Value>> =
                    values.iter().map(|value| self.comprehension_of(parts, value, span, frame)).collect();
                return Ok(Value::one_of(&unknown, results?).with_marks(marks));
            }
        };
        if rounds.is_empty() {
            self.check_condition(parts, frame)?;
        }
        let result = match &parts.key {
            None => self.tuple_of(parts, rounds, rest, span, frame)?,
            Some(key) => self.object_of(parts, key, rounds, rest, span, frame)?,
        };
        Ok(result.with_marks(marks))
    }

    /// What a loop goes through. `what` names the loop for messages.
    pub(super) fn rounds(&self, collection: &Value, span: Span, what: &str) -> Result<Rounds> {
        self.spend(collection.length().unwrap_or(1), span)?;
        let round = |key: Value, value: Value| Round { key, value, certain: true };
        Ok(match collection.data() {
            Data::Null(_) => return Err(EvaluationError::new(span, format!("{what} cannot go through null"))),
            Data::List(_) | Data::Tuple(_) => Rounds::All(
                collection
                    .elements()
                    .enumerate()
                    .map(|(index, value)| {
                        round(Value::number(Number::from_usize(index)).with_place(value.place().clone()), value)
                    })
                    .collect(),
            ),
            Data::Set(_) => Rounds::All(collection.elements().map(|value| round(value.clone(), value)).collect()),
            Data::Map(_) | Data::Object(_) => Rounds::All(
                collection
                    .members()
                    .map(|member| {
                        let key = Value::string(&*member.key);
                        let key = match member.key_span {
                            Some(span) => collection.child(&key.at(span)),
                            None => key.with_place(collection.place().clone()),
                        };
                        round(key.with_marks(collection.marks()), member.value)
                    })
                    .collect(),
            ),
            Data::Unknown(_) => self.unknown_rounds(collection, span, what)?,
            _ => {
                let message = format!("{what} cannot go through a value of type {}", collection.ty());
                return Err(EvaluationError::new(span, message));
            }
        })
    }

    fn unknown_rounds(&self, collection: &Value, span: Span, what: &str) -> Result<Rounds> {
        self.doubt();
        let Some(unknown) = collection.as_unknown() else { return Ok(Rounds::All(Vec::new())) };
        let whole = Unknown::derived_from([collection]);
        let part = |ty: Type| Value::unknown(unknown.derived().of_type(ty)).like(collection);
        let (key, value) = match &unknown.ty {
            Type::Dynamic => (Type::Dynamic, Type::Dynamic),
            Type::List(element) => (Type::Number, (**element).clone()),
            Type::Set(element) => ((**element).clone(), (**element).clone()),
            Type::Map(element) => (Type::String, (**element).clone()),
            Type::Tuple(_) => (Type::Number, Type::Dynamic),
            Type::Object(_) => (Type::String, Type::Dynamic),
            ty => {
                let message = format!("{what} cannot go through a value of type {ty}");
                return Err(EvaluationError::new(span, message));
            }
        };
        let is_set = matches!(unknown.ty, Type::Set(_));
        Ok(match &unknown.known {
            Known::Any(values) => {
                self.spend(values.len(), span)?;
                // What cannot be gone through would be an error, so it is none of the alternatives.
                let values = values.iter().filter(|value| !value.is_null()).map(|value| collection.child(value));
                Rounds::Any { values: values.collect(), unknown: whole }
            }
            Known::Elements { elements, open } => {
                self.spend(elements.len(), span)?;
                let round = |element: &Element| {
                    let value = collection.child(&element.value);
                    let key = if is_set { value.clone() } else { part(key.clone()) };
                    Round { key, value, certain: element.certain }
                };
                Rounds::Some { rounds: elements.iter().map(round).collect(), open: *open, unknown: whole }
            }
            known => {
                let mut rounds = Vec::new();
                if let Known::Attributes(members) = known {
                    self.spend(members.len(), span)?;
                    rounds.extend(collection.known_members().map(|member| {
                        let key = Value::string(&*member.key).with_place(collection.place().clone());
                        Round { key, value: member.value, certain: true }
                    }));
                }
                // One round stands for however many others there are.
                let value = part(value);
                let key = if is_set { value.clone() } else { part(key) };
                rounds.push(Round { key, value, certain: false });
                Rounds::Some { rounds, open: true, unknown: whole }
            }
        })
    }

    /// Whether a round counts, and if it does, whether for certain. `missing` is told why it may not.
    fn included(
        &self,
        parts: &For,
        certain: bool,
        frame: Frame<'_>,
        marks: &mut Marks,
        missing: &mut Option<Unknown>,
    ) -> Result<Option<bool>> {
        let Some(condition) = &parts.condition else { return Ok(Some(certain)) };
        let included = match self.condition(condition, frame) {
            // A round that may not take place is no mistake.
            Err(problem) if !certain && !problem.is_limit() => {
                self.doubt();
                return Ok(None);
            }
            result => result?,
        };
        *marks = *marks | included.marks();
        Ok(match included.as_bool() {
            Some(false) => None,
            Some(true) => Some(certain),
            None => {
                missing.get_or_insert_with(|| Unknown::derived_from([&included]));
                Some(false)
            }
        })
    }

    /// A condition that would be a mistake whatever the elements are is one where there are none, too.
    fn check_condition(&self, parts: &For, frame: Frame<'_>) -> Result<()> {
        let Some(condition) = &parts.condition else { return Ok(()) };
        let nothing = || Value::unknown(Unknown::new("there is no element"));
        let bindings = bind(parts, nothing(), nothing(), frame);
        self.condition(condition, frame.inside(&bindings)).map(|_| ())
    }

    fn tuple_of(
        &self,
        parts: &For,
        rounds: Vec<Round>,
        rest: Option<(bool, Unknown)>,
        span: Span,
        frame: Frame<'_>,
    ) -> Result<Value> {
        let mut marks = Marks::NONE;
        let mut elements = Vec::with_capacity(rounds.len());
        let mut undecided = None;
        for Round { key, value, certain } in rounds {
            let bindings = bind(parts, key, value, frame);
            let inner = frame.inside(&bindings);
            let included = self.included(parts, certain, inner, &mut marks, &mut undecided)?;
            let Some(certain) = included else { continue };
            let inner = if certain { inner } else { inner.strict() };
            match self.lenient(&parts.value, inner) {
                Ok(value) => elements.push(Element { value, certain }),
                Err(problem) if !certain && !problem.is_limit() => self.doubt(),
                Err(problem) => return Err(problem),
            }
        }
        let result = match (rest, undecided) {
            (None, None) => Value::tuple(elements.into_iter().map(|element| element.value).collect()),
            (rest, undecided) => {
                let open = rest.as_ref().is_some_and(|(open, _)| *open);
                let unknown = rest.map(|(_, unknown)| unknown).or(undecided);
                let unknown = unknown.unwrap_or_else(|| Unknown::new("its length is not known"));
                Value::unknown(unknown.not_null().with(Known::Elements { elements: elements.into(), open })).at(span)
            }
        };
        Ok(result.with_marks(marks))
    }

    fn object_of(
        &self,
        parts: &For,
        key: &Expression,
        rounds: Vec<Round>,
        rest: Option<(bool, Unknown)>,
        span: Span,
        frame: Frame<'_>,
    ) -> Result<Value> {
        let mut marks = Marks::NONE;
        let mut groups: BTreeMap<Arc<str>, (Span, Vec<Value>)> = BTreeMap::new();
        // Why not all members are known.
        let mut missing = rest.map(|(_, unknown)| unknown);
        for round in rounds {
            let certain = round.certain;
            let bindings = bind(parts, round.key, round.value, frame);
            let inner = frame.inside(&bindings);
            let included = self.included(parts, certain, inner, &mut marks, &mut missing)?;
            let Some(certain) = included else { continue };
            let member = self.member_of(parts, key, if certain { inner } else { inner.strict() });
            let (key_value, value) = match member {
                Ok(member) => member,
                Err(problem) if !certain && !problem.is_limit() => {
                    self.doubt();
                    continue;
                }
                Err(problem) => return Err(problem),
            };
            marks = marks | key_value.marks();
            let Some(text) = key_value.as_str().filter(|_| certain) else {
                missing.get_or_insert_with(|| Unknown::derived_from([&key_value]));
                continue;
            };
            match groups.get_mut(text) {
                None => {
                    groups.insert(text.into(), (key.span, vec![value]));
                }
                Some((_, values)) if parts.group => values.push(value),
                Some(_) => {
                    let message = format!(
                        "two elements have the key {text:?} in this `for` expression; put `...` behind the value to \
                         gather the values of each key"
                    );
                    return Err(EvaluationError::new(key.span, message));
                }
            }
        }
        let mut object = Members::default();
        for (key, (key_span, mut values)) in groups {
            let value = match (parts.group, &missing) {
                (false, _) => values.pop(),
                (true, None) => Some(self.checked(Value::tuple(values).at(span), span)?),
                // Other keys may turn out to be this one.
                (true, Some(unknown)) => {
                    let elements = values.into_iter().map(|value| Element { value, certain: true }).collect();
                    let known = Known::Elements { elements, open: true };
                    Some(Value::unknown(unknown.derived().not_null().with(known)).at(span))
                }
            };
            if let Some(value) = value {
                object.add(Value::string(&*key), key_span, value);
            }
        }
        Ok(object.object(missing).with_marks(marks))
    }

    /// The key, which is a string or unknown, and the value of one round.
    fn member_of(&self, parts: &For, key: &Expression, frame: Frame<'_>) -> Result<(Value, Value)> {
        let key_value = self.value(key, frame.strict())?;
        let key_value = self.string_key(&key_value, key.span)?;
        Ok((key_value, self.lenient(&parts.value, frame)?))
    }

    /// `value[*]` or `value.*` with the steps behind it, which go into each element.
    pub(super) fn splat(&self, of: &Value, steps: &[Step], span: Span, frame: Frame<'_>) -> Result<Value> {
        self.spend(of.length().unwrap_or(1), span)?;
        let each = |value: &Value| self.steps(value.clone(), steps, span, frame);
        let result = match of.data() {
            Data::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                return Err(EvaluationError::new(span, "a splat cannot go through a null list or set"));
            }
            Data::Null(_) => Value::tuple(Vec::new()),
            Data::Tuple(_) => {
                let values: Result<Vec<Value>> = of.elements().map(|value| each(&value)).collect();
                Value::tuple(values?)
            }
            Data::List(list) | Data::Set(list) => {
                let values: Result<Vec<Value>> = of.elements().map(|value| each(&value)).collect();
                let values = values?;
                // The type of an element that is not there.
                let typical = || each(&Value::unknown(Unknown::new("").of_type(list.element_type().clone())));
                let element = match values.first() {
                    Some(value) => value.ty(),
                    None => typical()?.ty(),
                };
                homogeneous(element, values)
            }
            Data::Unknown(_) => return self.unknown_splat(of, steps, span, frame),
            _ => Value::tuple(vec![each(of)?]),
        };
        // What is in it came the whole way already.
        self.checked(result.at(span).with_marks(of.marks()), span)
    }

    fn unknown_splat(&self, of: &Value, steps: &[Step], span: Span, frame: Frame<'_>) -> Result<Value> {
        let Some(unknown) = of.as_unknown() else { return Ok(of.clone()) };
        let each = |value: &Value| self.steps(value.clone(), steps, span, frame);
        let whole = Unknown::derived_from([of]);
        match (&unknown.known, &unknown.ty) {
            (Known::Any(values), _) => {
                self.spend(values.len(), span)?;
                let mut results = Vec::with_capacity(values.len());
                for value in values.iter() {
                    match self.splat(&of.child(value), steps, span, frame) {
                        Err(problem) if !problem.is_limit() => self.doubt(),
                        result => results.push(result?),
                    }
                }
                return Ok(Value::one_of(&whole, results).with_marks(of.marks()).or_at(span));
            }
            (Known::Elements { elements, open }, _) => {
                self.spend(elements.len(), span)?;
                let element = |element: &Element| {
                    Ok(Element { value: each(&of.child(&element.value))?, certain: element.certain })
                };
                let elements: Result<Arc<[Element]>> = elements.iter().map(element).collect();
                let ty = match &unknown.ty {
                    Type::List(_) | Type::Set(_) => elements.as_ref().ok().and_then(|elements| elements.first()),
                    _ => None,
                };
                let ty = ty.map_or(Type::Dynamic, |element| Type::list(element.value.ty()));
                let known = Known::Elements { elements: elements?, open: *open };
                return Ok(Value::unknown(whole.of_type(ty).not_null().with(known)).at(span).with_marks(of.marks()));
            }
            (_, Type::List(element) | Type::Set(element)) => {
                let template = each(&Value::unknown(unknown.derived().of_type((**element).clone())).like(of))?;
                let ty = Type::list(template.ty());
                let elements = Arc::from([Element { value: template, certain: false }]);
                let known = Known::Elements { elements, open: true };
                return Ok(Value::unknown(whole.of_type(ty).not_null().with(known)).at(span).with_marks(of.marks()));
            }
            (_, Type::Tuple(types)) => {
                let part = |ty: &Type| each(&Value::unknown(unknown.derived().of_type(ty.clone())).like(of));
                let types: Result<Vec<Type>> = types.iter().map(|ty| Ok(part(ty)?.ty())).collect();
                return Ok(Value::unknown(whole.of_type(Type::tuple(types?)).not_null()).like(of));
            }
            (Known::Attributes(_), _) => {}
            (_, Type::Dynamic) => {
                // It may be a list, or one thing.
                return Ok(Value::unknown(whole).like(of));
            }
            _ if unknown.not_null => {}
            _ => {
                // One thing, or null: then there is none.
                let elements = Arc::from([Element { value: each(of)?, certain: false }]);
                let known = Known::Elements { elements, open: false };
                return Ok(Value::unknown(whole.not_null().with(known)).at(span).with_marks(of.marks()));
            }
        }
        // One thing that is certainly there.
        self.checked(Value::tuple(vec![each(of)?]).at(span).with_marks(of.marks()), span)
    }
}

/// The names of one round.
fn bind<'f>(parts: &'f For, key: Value, value: Value, frame: Frame<'f>) -> Bindings<'f> {
    Bindings {
        key: parts.key_name.as_ref().map(|name| (&*name.text, key)),
        value: (&parts.value_name.text, value),
        outer: frame.bindings(),
    }
}

/// A list of values that have one type, as a rule. Where some parts of them have no type since they are
/// unknown or null, they are brought to the first one's.
fn homogeneous(element: Type, values: Vec<Value>) -> Value {
    let converted: Option<Vec<Value>> = values.iter().map(|value| convert(value, &element).ok()).collect();
    match converted {
        Some(values) => Value::list(element, values),
        None => Value::tuple(values),
    }
}
