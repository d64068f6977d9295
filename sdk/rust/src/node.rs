//! How rules read documents: every answer is *known*, *absent* or *unknown*, never a guess.

use std::fmt;
use std::marker::PhantomData;

use crate::tape::{Kind, Tape};
use crate::text::PartialText;

/// Marks the ids of nodes that do not stand in the text.
const MISSING: u32 = 1 << 31;

/// Marks those of them that are below something unknown or no object, so that nobody knows whether they are
/// absent.
const HIDDEN: u32 = 1 << 30;

/// A place in a document, whether something stands there or not.
///
/// Cheap to copy. [`Node::get`] always answers with a node, so a rule can follow a path through
/// members that are absent or unknown and decide at its end; a [`Finding`](crate::Finding) about
/// that node then points at the attribute that is missing. The pointer is made only when a finding
/// needs it.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    tape: &'a Tape,
    id: u32,
}

/// What a rule learns about a value.
///
/// `null` counts as absent, as it does for Kubernetes and AWS. A value of another type than the
/// rule asks for counts as unknown: the platform would not accept the document, so nobody can say
/// what it would do, and a rule must not pass what it could not read.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a, T> {
    /// The document says so.
    Known(T),
    /// The document says nothing, or `null`.
    Absent,
    /// The document says something that cannot be known.
    Unknown(Unknown<'a>),
}

impl<'a, T> Field<'a, T> {
    /// The value if it is known; absent and unknown both become `None`, so never conclude a pass
    /// from `None`.
    pub fn known(self) -> Option<T> {
        if let Field::Known(value) = self { Some(value) } else { None }
    }

    /// What is unknown, if something is.
    pub fn unknown(self) -> Option<Unknown<'a>> {
        if let Field::Unknown(unknown) = self { Some(unknown) } else { None }
    }

    /// Whether nothing is stated.
    pub fn is_absent(&self) -> bool {
        matches!(self, Field::Absent)
    }

    /// Converts a known value.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Field<'a, U> {
        match self {
            Field::Known(value) => Field::Known(convert(value)),
            Field::Absent => Field::Absent,
            Field::Unknown(unknown) => Field::Unknown(unknown),
        }
    }
}

/// What a rule concludes about a value.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'a> {
    /// Right, whatever is unknown.
    Pass,
    /// Wrong, whatever is unknown.
    Fail,
    /// It depends on what is unknown.
    Unknown(Unknown<'a>),
}

/// A type that a node can be read as.
pub trait Read<'a>: Sized {
    /// Reads the node as this type.
    fn read(node: Node<'a>) -> Field<'a, Self>;
}

/// An attribute of a known type: what typed views give.
pub struct Value<'a, T> {
    node: Node<'a>,
    kind: PhantomData<fn() -> T>,
}

// Not derived: that would ask the same of `T`, of which there is none.
impl<T> Clone for Value<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Value<'_, T> {}

impl<T> fmt::Debug for Value<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(out)
    }
}

impl<'a, T> From<Node<'a>> for Value<'a, T> {
    fn from(node: Node<'a>) -> Self {
        Value { node, kind: PhantomData }
    }
}

impl<'a, T> From<Value<'a, T>> for Node<'a> {
    fn from(value: Value<'a, T>) -> Self {
        value.node
    }
}

impl<'a, T: Read<'a>> Value<'a, T> {
    /// The place of the attribute.
    pub fn node(self) -> Node<'a> {
        self.node
    }

    /// What the document says. Prefer [`Value::fails_if`] where one test decides: it also decides
    /// unknown values whose [alternatives](Unknown::alternatives) agree.
    pub fn read(self) -> Field<'a, T> {
        T::read(self.node)
    }

    /// Decides by a test that says whether a known or absent (`None`) value violates the rule.
    ///
    /// A value that cannot be known is decided too when all its alternatives agree.
    pub fn fails_if(self, violates: impl Fn(Option<T>) -> bool) -> Decision<'a> {
        self.node.decide(|node| match T::read(node) {
            Field::Known(value) => Decision::when(violates(Some(value))),
            Field::Absent => Decision::when(violates(None)),
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        })
    }
}

impl<'a> Value<'a, &'a str> {
    /// As [`Value::fails_if`], by a test of strings of which not everything may be known. The test
    /// answers `None` where it depends on the rest.
    pub fn fails_if_text(self, violates: impl Fn(Option<&PartialText<'a>>) -> Option<bool>) -> Decision<'a> {
        self.node.decide(|node| {
            let answer = match node.text() {
                Field::Known(text) => violates(Some(&text)),
                Field::Absent => violates(None),
                Field::Unknown(unknown) => return Decision::Unknown(unknown),
            };
            let unknown = || node.unknown().unwrap_or(Unknown { node, cause: node, expected: None });
            answer.map_or_else(|| Decision::Unknown(unknown()), Decision::when)
        })
    }
}

impl<'a> Decision<'a> {
    /// `Fail` when the rule is violated, else `Pass`.
    pub fn when(violated: bool) -> Decision<'a> {
        if violated { Decision::Fail } else { Decision::Pass }
    }

    /// Both must be right: one failure is enough to fail, and only two passes pass.
    pub fn and(self, other: Decision<'a>) -> Decision<'a> {
        match (self, other) {
            (Decision::Fail, _) | (_, Decision::Fail) => Decision::Fail,
            (Decision::Unknown(unknown), _) | (_, Decision::Unknown(unknown)) => Decision::Unknown(unknown),
            (Decision::Pass, Decision::Pass) => Decision::Pass,
        }
    }

    /// One is enough: one pass is enough to pass, and only two failures fail.
    pub fn or(self, other: Decision<'a>) -> Decision<'a> {
        match (self, other) {
            (Decision::Pass, _) | (_, Decision::Pass) => Decision::Pass,
            (Decision::Unknown(unknown), _) | (_, Decision::Unknown(unknown)) => Decision::Unknown(unknown),
            (Decision::Fail, Decision::Fail) => Decision::Fail,
        }
    }
}

/// A value that cannot be known, with what is known of it.
#[derive(Clone, Copy)]
pub struct Unknown<'a> {
    /// What the rule asked for.
    node: Node<'a>,
    /// What stands in the way: the node itself or one above it.
    cause: Node<'a>,
    /// For a value of the wrong type: what would have been right.
    expected: Option<&'static str>,
}

impl<'a> Unknown<'a> {
    /// What the rule asked for.
    pub fn node(self) -> Node<'a> {
        self.node
    }

    /// Why it cannot be known.
    pub fn why(self) -> String {
        match self.expected {
            Some(expected) => format!("wrong type: expected {expected}, found {}", self.cause.describe()),
            None => self.part("$unknown").and_then(Node::as_str).unwrap_or("no reason given").to_owned(),
        }
    }

    /// What the value refers to, such as `aws_kms_key.eks`, when it is a reference.
    pub fn reference(self) -> Option<&'a str> {
        if self.is_exact() { self.part("$ref")?.as_str() } else { None }
    }

    /// What the value begins with, when that is a reference: the whole, or the first of its pieces.
    pub fn begins_with(self) -> Option<&'a str> {
        let first = || self.part("$parts")?.as_items()?.next()?.unknown()?.reference();
        self.reference().or_else(|| if self.is_exact() { first() } else { None })
    }

    /// The pieces of a string or list of which only some are known; `None` is an unknown piece,
    /// of any length. [`Node::text`] reads those of a string.
    pub fn parts(self) -> Option<impl DoubleEndedIterator<Item = Option<Node<'a>>>> {
        let parts = if self.is_exact() { self.part("$parts")?.as_items()? } else { return None };
        let parts: Vec<_> = parts.map(|part| (part.state() == State::Present).then_some(part)).collect();
        Some(parts.into_iter())
    }

    /// The values among which it will be, when that is known: the branches of a condition. Of a
    /// value above the node these are its members of the same name. [`Node::alternatives`] is what
    /// rules want.
    pub fn alternatives(self) -> Option<impl Iterator<Item = Node<'a>>> {
        let whole = if self.expected.is_none() { self.part("$any")?.as_items()? } else { return None };
        let names = self.node.names_below(self.cause);
        Some(whole.map(move |one| names.iter().fold(one, |node, name| node.get(name))))
    }

    /// What the value encodes, when it is a text in JSON or YAML of which only parts are unknown: a policy that
    /// names a resource which does not exist yet.
    pub fn encoded(self) -> Option<Node<'a>> {
        if self.is_exact() { self.part("$json") } else { None }
    }

    /// Whether it is the value itself that is marked, not something above it.
    fn is_exact(self) -> bool {
        self.expected.is_none() && self.node.id == self.cause.id
    }

    fn part(self, key: &str) -> Option<Node<'a>> {
        if self.cause.kind() == Some(Kind::Unknown) { self.cause.find_raw(key) } else { None }
    }
}

impl fmt::Debug for Unknown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Unknown({:?}: {})", self.node.pointer(), self.why())
    }
}

/// What is known of a list: some elements, and whether there may be more.
///
/// An absent list has no elements and is complete. A list of unknown length may still have elements
/// that are certain, and those can fail a rule.
#[must_use]
pub struct List<'a, T> {
    node: Node<'a>,
    kind: PhantomData<fn() -> T>,
}

// Not derived: that would ask the same of `T`, of which there is none.
impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<T> fmt::Debug for List<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(out)
    }
}

impl<'a, T: From<Node<'a>>> List<'a, T> {
    /// The place of the list.
    pub fn node(self) -> Node<'a> {
        self.node
    }

    /// Whether nothing is stated.
    pub fn is_absent(self) -> bool {
        self.node.state() == State::Absent
    }

    /// The elements that are certain. Ask [`List::rest`] before concluding that there are no others.
    pub fn known(self) -> impl Iterator<Item = T> {
        self.known_nodes().map(T::from)
    }

    pub(crate) fn known_nodes(self) -> impl Iterator<Item = Node<'a>> + use<'a, T> {
        let items = match self.node.kind() {
            Some(Kind::List) => self.node.as_items(),
            Some(Kind::Unknown) => self.node.find_raw("$parts").and_then(Node::as_items),
            _ => None,
        };
        // In a list every element counts; among parts a null stands for elements that are unknown.
        let parts = self.node.kind() == Some(Kind::Unknown);
        items.into_iter().flatten().filter(move |item| !parts || item.state() == State::Present)
    }

    /// What keeps the list from being known in full.
    pub fn rest(self) -> Option<Unknown<'a>> {
        match self.node.read_present() {
            Field::Known(node) if node.kind() == Some(Kind::List) => None,
            Field::Known(node) => Some(node.wrong_type("a list")),
            Field::Absent => None,
            Field::Unknown(unknown) => Some(unknown),
        }
    }
}

impl<'a, T> From<Node<'a>> for List<'a, T> {
    fn from(node: Node<'a>) -> Self {
        List { node, kind: PhantomData }
    }
}

impl<'a, T> From<List<'a, T>> for Node<'a> {
    fn from(list: List<'a, T>) -> Self {
        list.node
    }
}

/// A step from a node to one below it.
#[derive(Clone, Copy)]
enum Step<'a> {
    /// The element at an index of a list.
    Element(usize),
    /// A member of an object or of what is known of an unknown value, its name as it stands in the text.
    Member { of: Node<'a>, key: &'a str },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Present,
    Absent,
    /// Marked as unknown, or below something that is, or below something of the wrong type.
    Unknown,
}

impl<'a> Node<'a> {
    pub(crate) fn new(tape: &'a Tape, id: u32) -> Self {
        Node { tape, id }
    }

    /// The member of this name. When the node is absent, so is its member; when it is unknown, so is
    /// its member, unless just that is known of it; when it is no object at all, its member is unknown.
    ///
    /// Names are as the user wrote them: the `$` that the host puts before names that begin with one
    /// never shows. Should a name stand twice in an object, the first counts; the host writes none
    /// twice.
    pub fn get(self, name: &str) -> Node<'a> {
        if name.starts_with('$') {
            return self.get_raw(&format!("${name}"));
        }
        self.get_raw(name)
    }

    /// The same by a name as it stands in the text.
    fn get_raw(self, name: &str) -> Node<'a> {
        let kind = self.kind();
        if matches!(kind, Some(Kind::Map | Kind::Unknown))
            && let Some(found) = self.find_raw(name)
        {
            return found;
        }
        let marks = match kind {
            None => self.id & (MISSING | HIDDEN),
            Some(Kind::Map | Kind::Null) => MISSING,
            Some(_) => MISSING | HIDDEN,
        };
        Node::new(self.tape, marks | self.tape.add_missing(self.id, name))
    }

    /// The member that several names lead to.
    pub fn path(self, names: &[&str]) -> Node<'a> {
        names.iter().fold(self, |node, name| node.get(name))
    }

    /// Reads the node as a type.
    pub fn read<T: Read<'a>>(self) -> Field<'a, T> {
        T::read(self)
    }

    /// Reads a boolean.
    pub fn bool(self) -> Field<'a, bool> {
        self.read()
    }

    /// Reads a string. Numbers and booleans are not strings.
    pub fn str(self) -> Field<'a, &'a str> {
        self.read()
    }

    /// Reads a string of which not everything may be known.
    pub fn text(self) -> Field<'a, PartialText<'a>> {
        self.read()
    }

    /// Reads a whole number, also when it is written like `1e3` or `2.0`.
    pub fn integer(self) -> Field<'a, i64> {
        self.read()
    }

    /// The exact text of a number.
    pub fn number(self) -> Field<'a, Number<'a>> {
        self.read()
    }

    /// Reads the node as a list.
    pub fn list(self) -> List<'a, Node<'a>> {
        self.into()
    }

    /// The members of an object, in the order of the document, with names as the user wrote them.
    pub fn members(self) -> Field<'a, Members<'a>> {
        self.typed(
            "an object",
            |node| {
                if node.kind() == Some(Kind::Map) { Some(Members(node.entries())) } else { None }
            },
        )
    }

    /// The members that are certain, also of an object of which not all are known: [`Node::unknown`] says whether
    /// there may be others. None for anything else.
    pub fn known_members(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let kind = self.kind();
        let members = matches!(kind, Some(Kind::Map | Kind::Unknown)).then(|| self.entries());
        let is_of_user = move |raw: &str| kind == Some(Kind::Map) || !raw.starts_with('$') || raw.starts_with("$$");
        let members = members.into_iter().flatten().filter(move |(raw, _)| is_of_user(raw));
        members.map(|(raw, value)| (name_of_user(raw), value))
    }

    /// Whether nothing stands here, or `null`. False for what is unknown.
    pub fn is_absent(self) -> bool {
        self.state() == State::Absent
    }

    /// Whether something known stands here, of whatever type.
    pub fn is_known(self) -> bool {
        self.state() == State::Present
    }

    /// Why the node is unknown, if it is.
    pub fn unknown(self) -> Option<Unknown<'a>> {
        self.read_present().unknown()
    }

    /// The values among which this one will be, in the order of the document: only the node itself,
    /// unless it is unknown and its [alternatives](Unknown::alternatives) are listed. One of them may
    /// still be unknown.
    pub fn alternatives(self) -> Alternatives<'a> {
        Alternatives { next: Some(self), open: Vec::new() }
    }

    /// Decides by a judge of single nodes. The judge sees each of the node's
    /// [alternatives](Node::alternatives), and the decision stands only when all agree.
    ///
    /// Judges nest: where a decision takes two values, the judge of the first decides the second.
    pub fn decide(self, judge: impl Fn(Node<'a>) -> Decision<'a>) -> Decision<'a> {
        let Some(unknown) = self.unknown().filter(|unknown| unknown.alternatives().is_some()) else {
            return judge(self);
        };
        let verdict = |node| match judge(node) {
            Decision::Pass => Some(false),
            Decision::Fail => Some(true),
            Decision::Unknown(_) => None,
        };
        self.agreed(verdict).flatten().map_or(Decision::Unknown(unknown), Decision::when)
    }

    /// What holds of every value among which this one will be: what `read` says of each of the
    /// [alternatives](Node::alternatives), when it says the same of all.
    pub fn agreed<T: PartialEq>(self, read: impl Fn(Node<'a>) -> T) -> Option<T> {
        let mut all = self.alternatives().map(read);
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// The RFC 6901 pointer to the node, as far as the document can have it: it ends at a value that
    /// has no members.
    pub fn pointer(self) -> String {
        let anchor = self.anchor();
        let mut pointer = self.pointer_to_entry(anchor.id);
        if let Some(Kind::Map | Kind::Unknown | Kind::Null) = anchor.kind() {
            for key in self.keys_below(anchor) {
                push_token(&mut pointer, &key);
            }
        }
        pointer
    }

    /// The absent members that lead from a node above to this one, as they would stand in the text.
    fn keys_below(self, above: Node<'a>) -> Vec<String> {
        let mut keys = Vec::new();
        let mut id = self.id;
        while id & MISSING != 0 && id != above.id {
            let missing = self.tape.missing(id & !(MISSING | HIDDEN));
            keys.push(self.tape.missing_key(missing));
            id = missing.parent;
        }
        keys.reverse();
        keys
    }

    /// The same as names of the user.
    fn names_below(self, above: Node<'a>) -> Vec<String> {
        let keys = self.keys_below(above).into_iter();
        keys.map(|key| if key.starts_with("$$") { key[1..].to_owned() } else { key }).collect()
    }

    /// The document that the node is of.
    pub(crate) fn document(self) -> u32 {
        self.tape.document()
    }

    /// Descends from the root to an entry of the tape.
    fn pointer_to_entry(self, target: u32) -> String {
        // Longer than most.
        let mut pointer = String::with_capacity(64);
        self.descend(target, |step| match step {
            Step::Element(index) => push_token(&mut pointer, &index.to_string()),
            Step::Member { key, .. } => push_token(&mut pointer, key),
        });
        pointer
    }

    /// The value that this node, or one above it, is an alternative of.
    pub(crate) fn alternative_of(self) -> Option<Unknown<'a>> {
        if !self.tape.has_unknown() {
            return None;
        }
        let mut found = None;
        self.descend(self.anchor().id, |step| {
            if let (Step::Member { of, key: "$any" }, None) = (step, found) {
                found = of.unknown();
            }
        });
        found
    }

    /// The node itself; when one of its alternatives is nothing at all, the others.
    pub(crate) fn unless_absent(self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let may_be_absent = self.unknown().is_some() && self.alternatives().any(Node::is_absent);
        let others = may_be_absent.then(|| self.alternatives().filter(|node| !node.is_absent()));
        (!may_be_absent).then_some(self).into_iter().chain(others.into_iter().flatten())
    }

    /// Visits the steps from the root to an entry of the tape.
    fn descend(self, target: u32, mut visit: impl FnMut(Step<'a>)) {
        let mut at = 0;
        while at != target {
            let is_list = self.tape.entry(at).kind == Kind::List;
            let mut index = 0usize;
            let mut child = at + 1;
            loop {
                let value = if is_list { child } else { child + 1 };
                let after = self.tape.after(value);
                if target < after {
                    visit(if is_list {
                        Step::Element(index)
                    } else {
                        Step::Member { of: Node::new(self.tape, at), key: self.tape.text(self.tape.entry(child)) }
                    });
                    at = value;
                    break;
                }
                index += 1;
                child = after;
            }
        }
    }

    /// What stands at the node; `None` when nothing does.
    fn kind(self) -> Option<Kind> {
        if self.id & MISSING == 0 { Some(self.tape.entry(self.id).kind) } else { None }
    }

    /// The nearest node at or above this one that is in the text.
    fn anchor(self) -> Node<'a> {
        let mut id = self.id;
        while id & MISSING != 0 {
            id = self.tape.missing(id & !(MISSING | HIDDEN)).parent;
        }
        Node::new(self.tape, id)
    }

    fn state(self) -> State {
        match self.kind() {
            Some(Kind::Null) => State::Absent,
            Some(Kind::Unknown) => State::Unknown,
            Some(_) => State::Present,
            None if self.id & HIDDEN == 0 => State::Absent,
            None => State::Unknown,
        }
    }

    fn read_present(self) -> Field<'a, Node<'a>> {
        match self.state() {
            State::Present => Field::Known(self),
            State::Absent => Field::Absent,
            State::Unknown => {
                let cause = self.anchor();
                // Not marked as unknown: then it is no object, and this node is a member of it.
                let expected = (cause.kind() != Some(Kind::Unknown)).then_some("an object");
                Field::Unknown(Unknown { node: self, cause, expected })
            }
        }
    }

    fn wrong_type(self, expected: &'static str) -> Unknown<'a> {
        Unknown { node: self, cause: self, expected: Some(expected) }
    }

    /// Reads a value of one type. An unknown value whose alternatives all read the same is decided
    /// by [`Node::decide`], not here.
    fn typed<T>(self, expected: &'static str, read: impl Fn(Node<'a>) -> Option<T>) -> Field<'a, T> {
        match self.read_present() {
            Field::Known(node) => match read(node) {
                Some(value) => Field::Known(value),
                None => Field::Unknown(node.wrong_type(expected)),
            },
            Field::Absent => Field::Absent,
            Field::Unknown(unknown) => Field::Unknown(unknown),
        }
    }

    fn as_str(self) -> Option<&'a str> {
        match self.kind()? {
            Kind::Plain | Kind::Escaped => Some(self.tape.text(self.tape.entry(self.id))),
            _ => None,
        }
    }

    fn as_items(self) -> Option<Items<'a>> {
        match self.kind()? {
            Kind::List => Some(Items { tape: self.tape, next: self.id + 1, end: self.tape.entry(self.id).end }),
            _ => None,
        }
    }

    /// Only for objects.
    fn entries(self) -> Entries<'a> {
        Entries { tape: self.tape, next: self.id + 1, end: self.tape.entry(self.id).end }
    }

    /// A member by its name as it stands in the text. Only for objects.
    fn find_raw(self, name: &str) -> Option<Node<'a>> {
        self.tape.find(self.id, name).map(|key| Node::new(self.tape, key + 1))
    }

    fn describe(self) -> &'static str {
        match self.kind() {
            None | Some(Kind::Null) => "nothing",
            Some(Kind::False | Kind::True) => "a boolean",
            Some(Kind::Number) => "a number",
            Some(Kind::Plain | Kind::Escaped) => "a string",
            Some(Kind::List) => "a list",
            Some(Kind::Map) => "an object",
            Some(Kind::Unknown) => "a value that is not known",
        }
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Node({:?}: {})", self.pointer(), self.describe())
    }
}

/// RFC 6901 escapes: `~` first, or the other's escape would be escaped again.
fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    if !token.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        pointer.push_str(token);
        return;
    }
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// A number, digit for digit as the document has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a>(pub &'a str);

impl Number<'_> {
    /// The nearest floating-point number; infinite when it is out of range.
    pub fn as_f64(self) -> f64 {
        // The grammar of JSON's numbers is a part of Rust's.
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// The number if it is whole and fits.
    pub fn as_integer(self) -> Option<i64> {
        if let Ok(value) = self.0.parse() {
            return Some(value);
        }
        let value = self.as_f64();
        // Up to 2^53 a floating-point number that looks whole is what was written.
        (value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0).then_some(value as i64)
    }
}

impl<'a> Read<'a> for bool {
    fn read(node: Node<'a>) -> Field<'a, Self> {
        node.typed("a boolean", |node| match node.kind() {
            Some(Kind::True) => Some(true),
            Some(Kind::False) => Some(false),
            _ => None,
        })
    }
}

impl<'a> Read<'a> for &'a str {
    fn read(node: Node<'a>) -> Field<'a, Self> {
        node.typed("a string", Node::as_str)
    }
}

impl<'a> Read<'a> for Number<'a> {
    fn read(node: Node<'a>) -> Field<'a, Self> {
        node.typed("a number", |node| match node.kind() {
            Some(Kind::Number) => Some(Number(node.tape.text(node.tape.entry(node.id)))),
            _ => None,
        })
    }
}

impl<'a> Read<'a> for i64 {
    fn read(node: Node<'a>) -> Field<'a, Self> {
        match node.number() {
            Field::Known(number) => match number.as_integer() {
                Some(value) => Field::Known(value),
                None => Field::Unknown(node.wrong_type("a whole number")),
            },
            Field::Absent => Field::Absent,
            Field::Unknown(unknown) => Field::Unknown(unknown),
        }
    }
}

/// The values among which one will be: see [`Node::alternatives`].
#[derive(Clone, Debug)]
pub struct Alternatives<'a> {
    next: Option<Node<'a>>,
    /// Still to be opened behind that, the next one last: alternatives may have alternatives, and the walk
    /// over them does not recurse.
    open: Vec<Node<'a>>,
}

impl<'a> Iterator for Alternatives<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        while let Some(node) = self.next.take().or_else(|| self.open.pop()) {
            let inner: Vec<_> = node.unknown().and_then(Unknown::alternatives).into_iter().flatten().collect();
            // A list of no alternatives says nothing.
            if inner.is_empty() {
                return Some(node);
            }
            self.open.extend(inner.into_iter().rev());
        }
        None
    }
}

/// The elements of a list.
#[derive(Clone, Debug)]
struct Items<'a> {
    tape: &'a Tape,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.next >= self.end {
            return None;
        }
        let item = Node::new(self.tape, self.next);
        self.next = self.tape.after(self.next);
        Some(item)
    }
}

/// The members of an object: name and value.
#[derive(Clone, Debug)]
pub struct Members<'a>(Entries<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(raw, value)| (name_of_user(raw), value))
    }
}

/// The same with names as they stand in the text.
#[derive(Clone, Debug)]
struct Entries<'a> {
    tape: &'a Tape,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let raw = self.tape.text(self.tape.entry(self.next));
        let value = Node::new(self.tape, self.next + 1);
        self.next = self.tape.after(self.next + 1);
        Some((raw, value))
    }
}

/// `$$name` in the text is the user's `$name`.
fn name_of_user(raw: &str) -> &str {
    if raw.starts_with("$$") { &raw[1..] } else { raw }
}
