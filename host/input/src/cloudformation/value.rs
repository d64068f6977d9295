//! What an expression of a template is worth: known, absent, or unknown with what is known of it.

use std::collections::HashMap;

use verdikt_model::{Provenance, Span};

/// Alternatives that one unknown value lists. Beyond them nobody gains by the list.
pub(super) const MOST_ALTERNATIVES: usize = 32;
/// Steps of provenance that one value keeps.
const MOST_STEPS: usize = 16;

/// The value of an expression.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) data: Data,
    /// The innermost expression of the template that gives the value.
    pub(super) span: Span,
    /// Where it came from beyond that.
    pub(super) steps: Vec<Provenance>,
}

#[derive(Clone, Debug)]
pub(super) enum Data {
    /// `AWS::NoValue`: the property or element is not there.
    Absent,
    Null,
    Bool(bool),
    /// In JSON's grammar.
    Number(String),
    Text(String),
    List(Vec<Value>),
    Map(Map),
    Unknown(Unknown),
}

/// A map, and whether it may have members beside those that are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Map {
    pub(super) members: Vec<Member>,
    /// Why there may be more.
    pub(super) open: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Value,
}

/// What is known of a value that cannot be known.
#[derive(Clone, Debug, Default)]
pub(super) struct Unknown {
    pub(super) why: String,
    /// What it refers to, as the template names it.
    pub(super) reference: Option<String>,
    /// For a text: its pieces, of which one at least is unknown. Empty when none is known.
    pub(super) pieces: Vec<Piece>,
    /// What it can be, when that is known; an absent one says that it may not be there.
    pub(super) alternatives: Vec<Value>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Known(String),
    Unknown { why: String, reference: Option<String> },
}

impl Unknown {
    /// Whether two unknown values are one and the same, since they refer to the same things.
    pub(super) fn is_certainly(&self, other: &Unknown) -> bool {
        let refers = |piece: &Piece| !matches!(piece, Piece::Unknown { reference: None, .. });
        if self.pieces.is_empty() {
            self.reference.is_some() && other.pieces.is_empty() && self.reference == other.reference
        } else {
            self.pieces.iter().all(refers) && self.pieces == other.pieces
        }
    }
}

impl Value {
    pub(super) fn new(data: Data, span: Span) -> Self {
        Value { data, span, steps: Vec::new() }
    }

    pub(super) fn text(text: impl Into<String>, span: Span) -> Self {
        Value::new(Data::Text(text.into()), span)
    }

    /// Unknown, and nothing is known of it.
    pub(super) fn unknown(why: impl Into<String>, span: Span) -> Self {
        Value::new(Data::Unknown(Unknown { why: why.into(), ..Unknown::default() }), span)
    }

    /// Unknown, but what it refers to is known.
    pub(super) fn reference(why: impl Into<String>, reference: impl Into<String>, span: Span) -> Self {
        let reference = Some(reference.into());
        Value::new(Data::Unknown(Unknown { why: why.into(), reference, ..Unknown::default() }), span)
    }

    /// A text of pieces: known when all of them are.
    pub(super) fn of_pieces(pieces: Vec<Piece>, span: Span) -> Self {
        let pieces = joined(pieces);
        let unknown = pieces.iter().find_map(|piece| match piece {
            Piece::Unknown { why, .. } => Some(why.clone()),
            Piece::Known(_) => None,
        });
        match (&pieces[..], unknown) {
            ([], _) => Value::text("", span),
            ([Piece::Known(text)], _) => Value::text(text, span),
            ([Piece::Unknown { why, reference }], _) => {
                let (why, reference) = (why.clone(), reference.clone());
                Value::new(Data::Unknown(Unknown { why, reference, ..Unknown::default() }), span)
            }
            (_, why) => {
                let why = why.unwrap_or_default();
                Value::new(Data::Unknown(Unknown { why, pieces, ..Unknown::default() }), span)
            }
        }
    }

    /// A list. Elements that are not there are left out. Where no element is certain, neither is it
    /// that the list has any, so that the whole of it is unknown.
    pub(super) fn list(mut items: Vec<Value>, span: Span) -> Self {
        items.retain(|item| !item.is_absent());
        let first = items.first().filter(|_| items.iter().all(Value::may_be_absent));
        let Some(Data::Unknown(first)) = first.map(|first| &first.data) else {
            return Value::new(Data::List(items), span);
        };
        let mut whole = Unknown { why: first.why.clone(), ..Unknown::default() };
        if let [item] = &items[..] {
            let alternatives = alternatives(item).into_iter().map(|item| Value::list(vec![item], span));
            whole.alternatives = alternatives.collect();
        }
        Value::new(Data::Unknown(whole), span)
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self.data, Data::Absent)
    }

    /// Whether it is unknown whether the value is there at all.
    pub(super) fn may_be_absent(&self) -> bool {
        matches!(&self.data, Data::Unknown(unknown) if unknown.alternatives.iter().any(|one| one.is_absent() || one.may_be_absent()))
    }

    /// The text of a scalar, as CloudFormation hands every scalar on.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) | Data::Number(text) => Some(text),
            Data::Bool(true) => Some("true"),
            Data::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// The pieces of what is or will be a text; `None` for lists, maps and what is not there.
    pub(super) fn pieces(&self) -> Option<Vec<Piece>> {
        match &self.data {
            Data::Unknown(unknown) if unknown.pieces.is_empty() => {
                let (why, reference) = (unknown.why.clone(), unknown.reference.clone());
                Some(vec![Piece::Unknown { why, reference }])
            }
            Data::Unknown(unknown) => Some(unknown.pieces.clone()),
            _ => self.as_text().map(|text| vec![Piece::Known(text.to_owned())]),
        }
    }

    /// The value at another place, with everything in it: where the template uses it.
    pub(super) fn moved(mut self, span: Span) -> Self {
        self.span = span;
        let inner: &mut dyn Iterator<Item = &mut Value> = match &mut self.data {
            Data::List(items) => &mut items.iter_mut(),
            Data::Map(map) => &mut map.members.iter_mut().map(|member| &mut member.value),
            Data::Unknown(unknown) => &mut unknown.alternatives.iter_mut(),
            _ => return self,
        };
        for value in inner {
            *value = std::mem::replace(value, Value::new(Data::Absent, span)).moved(span);
        }
        self
    }

    /// Adds steps of provenance.
    pub(super) fn with_steps(mut self, steps: impl IntoIterator<Item = Provenance>) -> Self {
        for step in steps {
            if self.steps.len() < MOST_STEPS && !self.steps.contains(&step) {
                self.steps.push(step);
            }
        }
        self
    }

    /// Whether two values mean the same, wherever they were written.
    pub(super) fn means(&self, other: &Value) -> bool {
        // The recursion is bounded by the depth of values, which the evaluator limits.
        match (&self.data, &other.data) {
            (Data::Absent, Data::Absent) | (Data::Null, Data::Null) => true,
            (Data::List(one), Data::List(other)) => all_mean(one, other),
            (Data::Map(one), Data::Map(other)) => {
                one.open.is_none()
                    && other.open.is_none()
                    && one.members.len() == other.members.len()
                    && one
                        .members
                        .iter()
                        .zip(&other.members)
                        .all(|(one, other)| one.key == other.key && one.value.means(&other.value))
            }
            (Data::Unknown(one), Data::Unknown(other)) => {
                one.reference == other.reference
                    && (one.reference.is_some() || !one.pieces.is_empty() || !one.alternatives.is_empty())
                    && one.pieces == other.pieces
                    && all_mean(&one.alternatives, &other.alternatives)
            }
            _ => self.as_text().is_some() && self.as_text() == other.as_text(),
        }
    }
}

/// What a value is when nobody knows whether it is the one or the other. `span` is the expression
/// that decides.
///
/// Maps are taken together member by member and lists element by element, so that a member on which
/// both agree stays known. A list where the other has none, and a map where the other has nothing,
/// are unknown as a whole: a rule that asks whether something is there must not find it.
pub(super) fn either(one: Value, other: Value, span: Span, why: &str) -> Value {
    if one.means(&other) {
        return one.with_steps(other.steps);
    }
    match (one.data, other.data) {
        (Data::Map(left), Data::Map(right)) => {
            Value::new(Data::Map(either_map(left, right, why)), one.span).with_steps(one.steps).with_steps(other.steps)
        }
        (Data::List(left), Data::List(right)) if !left.is_empty() && !right.is_empty() => {
            Value::list(either_list(left, right, why), one.span).with_steps(one.steps).with_steps(other.steps)
        }
        (left, right) => {
            let one = Value { data: left, span: one.span, steps: one.steps };
            let other = Value { data: right, span: other.span, steps: other.steps };
            let mut found: Vec<Value> = Vec::new();
            for value in alternatives(&one).into_iter().chain(alternatives(&other)) {
                if !found.iter().any(|known| known.means(&value)) {
                    found.push(value);
                }
            }
            // An absent alternative is never dropped: it decides whether a list is certain to have
            // the element.
            if found.len() > MOST_ALTERNATIVES {
                found.retain(Value::is_absent);
                if !found.is_empty() {
                    found.push(Value::unknown(why, span));
                }
            }
            Value::new(Data::Unknown(Unknown { why: why.to_owned(), alternatives: found, ..Unknown::default() }), span)
        }
    }
}

/// What a value can be: itself, unless it lists that.
fn alternatives(value: &Value) -> Vec<Value> {
    match &value.data {
        Data::Unknown(unknown) if !unknown.alternatives.is_empty() => unknown.alternatives.clone(),
        _ => vec![value.clone()],
    }
}

fn all_mean(one: &[Value], other: &[Value]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.means(other))
}

fn either_map(one: Map, other: Map, why: &str) -> Map {
    let open = one.open.or(other.open);
    let places: HashMap<String, usize> =
        other.members.iter().enumerate().map(|(place, member)| (member.key.clone(), place)).collect();
    let mut right: Vec<Option<Member>> = other.members.into_iter().map(Some).collect();
    let mut members = Vec::with_capacity(one.members.len());
    for member in one.members {
        let same = places.get(&member.key).and_then(|place| right.get_mut(*place)?.take());
        let value = either_present(member.value, same.map(|same| same.value), why);
        members.push(Member { value, ..member });
    }
    for member in right.into_iter().flatten() {
        let value = either_present(member.value, None, why);
        members.push(Member { value, ..member });
    }
    Map { members, open }
}

/// Elements belong together by their name where all have one and the lists share any, else by their
/// place.
fn either_list(one: Vec<Value>, other: Vec<Value>, why: &str) -> Vec<Value> {
    let partners: Vec<Option<usize>> = match (names(&one), names(&other)) {
        (Some(left), Some(right)) if left.keys().any(|name| right.contains_key(name)) => {
            let mut partners = vec![None; one.len()];
            left.iter().for_each(|(name, place)| partners[*place] = right.get(name).copied());
            partners
        }
        _ => (0..one.len()).map(Some).collect(),
    };
    let mut right: Vec<Option<Value>> = other.into_iter().map(Some).collect();
    let mut items = Vec::with_capacity(one.len().max(right.len()));
    for (item, partner) in one.into_iter().zip(partners) {
        let same = partner.and_then(|partner| right.get_mut(partner)?.take());
        items.push(either_present(item, same, why));
    }
    items.extend(right.into_iter().flatten().map(|item| either_present(item, None, why)));
    items
}

/// What is there on one side, and something else or nothing on the other.
fn either_present(one: Value, other: Option<Value>, why: &str) -> Value {
    let span = one.span;
    either(one, other.unwrap_or(Value::new(Data::Absent, span)), span, why)
}

/// The `Name` of each element with its place, when each has one of its own.
fn names(items: &[Value]) -> Option<HashMap<String, usize>> {
    let mut names = HashMap::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let Data::Map(map) = &item.data else { return None };
        let name = map.members.iter().find(|member| member.key == "Name")?.value.as_text()?;
        if names.insert(name.to_owned(), place).is_some() {
            return None;
        }
    }
    Some(names)
}

/// Known pieces that follow one another become one; empty ones go.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (out.last_mut(), piece) {
            (_, Piece::Known(text)) if text.is_empty() => {}
            (Some(Piece::Known(last)), Piece::Known(text)) => last.push_str(&text),
            (_, piece) => out.push(piece),
        }
    }
    out
}
