//! Values: what an expression gives, with Terraform's types, with unknowns at the leaves that are not
//! known, and with the place that each part of it comes from.
//!
//! A [`Value`] is cheap to clone. What it holds is shared, so a value may be far larger than the
//! memory that it takes: a local that holds another one twice, forty times over. Every value knows its
//! [`depth`](Value::depth) and [`weight`](Value::weight); what is deeper or heavier than the limits
//! cannot be made, and becomes unknown instead ([`Value::limit`]). So recursion over a value is
//! bounded, and so is the time that it takes.
//!
//! Types and conversions follow go-cty (<https://github.com/zclconf/go-cty>), on which Terraform is
//! built.

mod access;
mod convert;
mod equality;
mod join;
mod marks;
mod number;
mod place;
mod summary;
mod text;
mod types;
mod unify;
mod unknown;

use std::sync::Arc;

use verdikt_model::Span;

pub use access::AccessError;
pub use convert::{ConversionError, PathStep, convert};
pub use equality::{equal, same};
pub use marks::Marks;
pub use number::{Number, NumberError, NumberForm};
pub use place::{Place, Step, What};
use summary::Summary;
pub use summary::{MAX_DEPTH, MAX_WEIGHT};
pub use text::{Encoding, Literal, Origin, Piece, Text};
pub use types::{Attribute, Type};
pub use unify::{difference, unify};
pub use unknown::{Element, Known, MOST_ALTERNATIVES, Unknown};

/// What an expression gives.
#[derive(Clone, Debug)]
pub struct Value {
    data: Data,
    marks: Marks,
    place: Place,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Data {
    Null(Type),
    Bool(bool),
    Number(Number),
    String(Text),
    List(Arc<Sequence>),
    /// In the order in which Terraform goes through it, each once.
    Set(Arc<Sequence>),
    Map(Arc<Members>),
    Tuple(Arc<Sequence>),
    Object(Arc<Members>),
    Unknown(Arc<UnknownData>),
}

/// The elements of a list, set or tuple.
#[derive(Debug)]
pub struct Sequence {
    /// Dynamic for a tuple, whose elements have types of their own.
    element: Type,
    items: Box<[Value]>,
    summary: Summary,
}

impl Sequence {
    /// Dynamic for a tuple, whose elements have types of their own.
    pub fn element_type(&self) -> &Type {
        &self.element
    }
}

/// The members of a map or object, in the order of their keys.
#[derive(Debug)]
pub struct Members {
    /// Dynamic for an object, whose members have types of their own.
    element: Type,
    members: Box<[Member]>,
    summary: Summary,
}

impl Members {
    /// Dynamic for an object, whose members have types of their own.
    pub fn element_type(&self) -> &Type {
        &self.element
    }
}

/// A member of a map or object.
#[derive(Clone, Debug)]
pub struct Member {
    pub key: Arc<str>,
    /// Where the key is written.
    pub key_span: Option<Span>,
    pub value: Value,
}

impl Member {
    pub fn new(key: impl Into<Arc<str>>, value: Value) -> Self {
        let key = key.into();
        let key = if key.is_ascii() { key } else { text::normalized(Box::from(&*key)).into() };
        Member { key, key_span: None, value }
    }
}

/// An unknown value and what must be known of all values.
#[derive(Debug)]
pub struct UnknownData {
    unknown: Unknown,
    summary: Summary,
    limit: bool,
}

/// Making values.
impl Value {
    fn new(data: Data) -> Self {
        Value { data, marks: Marks::NONE, place: Place::default() }
    }

    /// `null` without a type.
    pub fn null() -> Self {
        Value::null_of(Type::Dynamic)
    }

    pub fn null_of(ty: Type) -> Self {
        Value::new(Data::Null(ty))
    }

    pub fn bool(value: bool) -> Self {
        Value::new(Data::Bool(value))
    }

    pub fn number(number: impl Into<Number>) -> Self {
        Value::new(Data::Number(number.into()))
    }

    pub fn string(text: impl Into<Box<str>>) -> Self {
        Value::new(Data::String(Text::new(text)))
    }

    /// A string that remembers what it was made of.
    pub fn text(text: Text) -> Self {
        Value::new(Data::String(text))
    }

    pub fn tuple(items: Vec<Value>) -> Self {
        Value::sequence(Type::Dynamic, items, Data::Tuple)
    }

    /// The items must be of the type already.
    pub fn list(element: Type, items: Vec<Value>) -> Self {
        Value::sequence(element, items, Data::List)
    }

    /// The items must be of the type already; order and repetition do not matter. Unknown items make
    /// the whole unknown, since they may equal others.
    pub fn set(element: Type, items: Vec<Value>) -> Self {
        match equality::ordered_set(items) {
            Ok(items) => Value::sequence(element, items, Data::Set),
            Err(items) => equality::unknown_set(element, items),
        }
    }

    /// The members must be of the type already; of several with one key the last counts.
    pub fn map(element: Type, members: Vec<Member>) -> Self {
        Value::members_of(element, members, Data::Map)
    }

    /// Of several members with one key the last counts.
    pub fn object(members: Vec<Member>) -> Self {
        Value::members_of(Type::Dynamic, members, Data::Object)
    }

    pub fn unknown(unknown: Unknown) -> Self {
        Value::make_unknown(unknown, false)
    }

    /// Unknown since a limit was reached, which must be told as an error.
    pub fn limit(why: impl Into<Arc<str>>) -> Self {
        Value::make_unknown(Unknown::new(why), true)
    }

    fn make_unknown(mut unknown: Unknown, limit: bool) -> Self {
        if unknown.ty.is_deeper_than(MAX_DEPTH) {
            unknown.ty = Type::Dynamic;
        }
        let mut summary = match &unknown.known {
            Known::Nothing => Summary::LEAF,
            Known::Pieces(pieces) | Known::Repeated(pieces) => text::pieces_summary(pieces),
            Known::Any(values) => Summary::of(&**values),
            Known::Elements { elements, .. } => Summary::of(elements.iter().map(|element| &element.value)),
            Known::Attributes(members) => Summary::of(members.iter().map(|member| &member.value)),
            Known::Encoded(_, value) => Summary::of([&**value]),
        };
        if let Some(problem) = summary.problem() {
            return Value::limit(problem);
        }
        summary.wholly_known = false;
        // A text of sensitive pieces is marked itself; an alternative that is sensitive need not be the
        // one.
        Value::new(Data::Unknown(Arc::new(UnknownData { unknown, summary, limit })))
    }

    fn sequence(element: Type, items: Vec<Value>, data: impl FnOnce(Arc<Sequence>) -> Data) -> Self {
        let summary = Summary::of(&items);
        match summary.problem() {
            Some(problem) => Value::limit(problem),
            None => Value::new(data(Arc::new(Sequence { element, items: items.into(), summary }))),
        }
    }

    fn members_of(element: Type, mut members: Vec<Member>, data: impl FnOnce(Arc<Members>) -> Data) -> Self {
        if !members.is_sorted_by(|a, b| a.key < b.key) {
            // Stable, so that the last of one key stays last.
            members.sort_by(|a, b| a.key.cmp(&b.key));
            members.reverse();
            members.dedup_by(|a, b| a.key == b.key);
            members.reverse();
        }
        let summary = Summary::of(members.iter().map(|member| &member.value));
        match summary.problem() {
            Some(problem) => Value::limit(problem),
            None => Value::new(data(Arc::new(Members { element, members: members.into(), summary }))),
        }
    }

    /// The value at another place.
    #[must_use]
    pub fn with_place(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// The value as written at a span.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.with_place(Place::at(span))
    }

    /// The value at a span, if it does not know a place.
    #[must_use]
    pub fn or_at(self, span: Span) -> Self {
        if self.place.is_nowhere() { self.at(span) } else { self }
    }

    /// What a reference to the value gives, such as `local.c` at `from`.
    #[must_use]
    pub fn through(mut self, what: What, name: impl Into<Arc<str>>, from: Span) -> Self {
        self.place = self.place.through(what, name, from);
        self
    }

    /// The value with further marks.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Self {
        self.marks = self.marks | marks;
        self
    }

    /// The value without some marks; what is in it keeps its own.
    #[must_use]
    pub fn without_marks(mut self, marks: Marks) -> Self {
        self.marks = self.marks.without(marks);
        self
    }

    /// The same marks and place with other data: what a conversion gives.
    #[must_use]
    pub(crate) fn like(self, other: &Value) -> Self {
        Value { marks: self.marks | other.marks, place: other.place.clone(), ..self }
    }
}

/// Looking at values.
impl Value {
    pub fn data(&self) -> &Data {
        &self.data
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Of the value itself; not of what is in it.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// Of the value and of all that is in it.
    pub fn marks_within(&self) -> Marks {
        self.summary().marks
    }

    pub fn is_sensitive(&self) -> bool {
        self.marks.contains(Marks::SENSITIVE)
    }

    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null(_))
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self.data, Data::Unknown(_))
    }

    /// Whether all that is in it is known, too. Costs nothing.
    pub fn is_wholly_known(&self) -> bool {
        self.summary().wholly_known
    }

    /// Why the value is unknown, if it is so because of a limit.
    pub fn as_limit(&self) -> Option<&str> {
        match &self.data {
            Data::Unknown(unknown) if unknown.limit => Some(&unknown.unknown.why),
            _ => None,
        }
    }

    pub fn as_unknown(&self) -> Option<&Unknown> {
        if let Data::Unknown(unknown) = &self.data { Some(&unknown.unknown) } else { None }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Data::Bool(value) = self.data { Some(value) } else { None }
    }

    pub fn as_number(&self) -> Option<&Number> {
        if let Data::Number(number) = &self.data { Some(number) } else { None }
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Data::String(text) = &self.data { Some(text) } else { None }
    }

    /// What a string was made of.
    pub fn as_text(&self) -> Option<&Text> {
        if let Data::String(text) = &self.data { Some(text) } else { None }
    }

    /// Levels below this one; 0 for what holds nothing.
    pub fn depth(&self) -> u16 {
        self.summary().depth
    }

    /// The parts of the value, with shared ones as often as they occur, and a part for each 32 bytes of
    /// text.
    pub fn weight(&self) -> u64 {
        self.summary().weight
    }

    /// Takes time for tuples and objects, whose types are those of all that is in them.
    pub fn ty(&self) -> Type {
        match &self.data {
            Data::Null(ty) => ty.clone(),
            Data::Bool(_) => Type::Bool,
            Data::Number(_) => Type::Number,
            Data::String(_) => Type::String,
            Data::List(list) => Type::list(list.element.clone()),
            Data::Set(set) => Type::set(set.element.clone()),
            Data::Map(map) => Type::map(map.element.clone()),
            Data::Tuple(tuple) => Type::Tuple(tuple.items.iter().map(Value::ty).collect()),
            Data::Object(object) => {
                let attribute =
                    |member: &Member| Attribute { name: member.key.clone(), ty: member.value.ty(), optional: false };
                Type::Object(object.members.iter().map(attribute).collect())
            }
            Data::Unknown(unknown) => unknown.unknown.ty.clone(),
        }
    }

    /// How many elements or members a list, set, tuple, map or object has.
    pub fn length(&self) -> Option<usize> {
        match &self.data {
            Data::List(items) | Data::Set(items) | Data::Tuple(items) => Some(items.items.len()),
            Data::Map(members) | Data::Object(members) => Some(members.members.len()),
            _ => None,
        }
    }

    /// The elements of a list, set or tuple; none for anything else. Each comes the way of the whole
    /// and has its marks.
    pub fn elements(&self) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator + '_ {
        self.raw_elements().iter().map(|item| self.child(item))
    }

    /// The members of a map or object in the order of their keys; none for anything else. Each value
    /// comes the way of the whole and has its marks.
    pub fn members(&self) -> impl DoubleEndedIterator<Item = Member> + ExactSizeIterator + '_ {
        self.raw_members().iter().map(|member| Member {
            key: member.key.clone(),
            key_span: member.key_span,
            value: self.child(&member.value),
        })
    }

    /// An element of a list, set or tuple.
    pub fn element(&self, index: usize) -> Option<Value> {
        self.raw_elements().get(index).map(|item| self.child(item))
    }

    /// A member of a map or object.
    pub fn member(&self, key: &str) -> Option<Value> {
        self.raw_member(key).map(|member| self.child(&member.value))
    }

    /// The elements without the way and the marks of the whole.
    pub(crate) fn raw_elements(&self) -> &[Value] {
        match &self.data {
            Data::List(items) | Data::Set(items) | Data::Tuple(items) => &items.items,
            _ => &[],
        }
    }

    /// The members without the way and the marks of the whole.
    pub(crate) fn raw_members(&self) -> &[Member] {
        match &self.data {
            Data::Map(members) | Data::Object(members) => &members.members,
            _ => &[],
        }
    }

    fn raw_member(&self, key: &str) -> Option<&Member> {
        let members = self.raw_members();
        members.binary_search_by(|member| (*member.key).cmp(key)).ok().map(|index| &members[index])
    }

    /// What was taken out of this value.
    pub(crate) fn child(&self, child: &Value) -> Value {
        Value { data: child.data.clone(), marks: child.marks | self.marks, place: self.place.of_child(&child.place) }
    }

    /// Tells the unknown values in it, as far as a report needs them: those among the first parts.
    pub fn for_each_unknown(&self, tell: &mut impl FnMut(&Unknown)) {
        let mut left = 2048;
        self.tell_unknowns(&mut left, tell);
    }

    fn tell_unknowns(&self, left: &mut usize, tell: &mut impl FnMut(&Unknown)) {
        if let Some(unknown) = self.as_unknown() {
            tell(unknown);
        }
        let members = self.raw_members().iter().map(|member| &member.value);
        for value in self.raw_elements().iter().chain(members) {
            if *left == 0 {
                return;
            }
            *left -= 1;
            if !value.is_wholly_known() {
                value.tell_unknowns(left, tell);
            }
        }
    }

    fn summary(&self) -> Summary {
        let inner = match &self.data {
            Data::Null(_) | Data::Bool(_) | Data::Number(_) => Summary::LEAF,
            Data::String(text) => text.summary(),
            Data::List(items) | Data::Set(items) | Data::Tuple(items) => items.summary,
            Data::Map(members) | Data::Object(members) => members.summary,
            Data::Unknown(unknown) => unknown.summary,
        };
        Summary { marks: inner.marks | self.marks, ..inner }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::string(text)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Value::number(number)
    }
}
