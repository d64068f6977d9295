//! Values that cannot be known, with what is known of them.

use std::sync::Arc;

use super::{Encoding, Member, Piece, Type, Value};

/// Alternatives that one unknown value lists. Beyond them nobody gains by the list.
pub const MOST_ALTERNATIVES: usize = 32;
/// References that one unknown value keeps.
const MOST_REFERENCES: usize = 8;

/// A value that cannot be known.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// [`Type::Dynamic`] when not even that is known.
    pub ty: Type,
    /// Part of a sentence for people, such as `only known after apply`.
    pub why: Arc<str>,
    /// The one thing that the value is, such as `aws_kms_key.eks.arn`.
    pub reference: Option<Arc<str>>,
    /// What the value was made of, `reference` included.
    pub references: Vec<Arc<str>>,
    /// Whether it is certain that it is not null.
    pub not_null: bool,
    pub known: Known,
}

/// What is known of an unknown value.
#[derive(Clone, Debug)]
pub enum Known {
    Nothing,
    /// A text: its pieces.
    Pieces(Arc<[Piece]>),
    /// A text: these pieces as often as there is something for them, each time with other values for what is
    /// unknown in them.
    Repeated(Arc<[Piece]>),
    /// It is one of these. Each may be unknown again.
    Any(Arc<[Value]>),
    /// A list, set or tuple of which the length is not known.
    Elements {
        /// Those that are known to be or may be there, in order.
        elements: Arc<[Element]>,
        /// Whether there may be others.
        open: bool,
    },
    /// An object of which these attributes are known, in the order of their names: a resource, whose
    /// configured arguments are known. What else is asked of it is unknown, and refers to
    /// `reference.name`.
    Attributes(Arc<[Member]>),
    /// A text that encodes this value.
    Encoded(Encoding, Box<Value>),
}

/// An element of a list of unknown length.
#[derive(Clone, Debug)]
pub struct Element {
    pub value: Value,
    /// Whether it is there for certain.
    pub certain: bool,
}

impl Unknown {
    /// Nothing but the reason is known.
    pub fn new(why: impl Into<Arc<str>>) -> Self {
        Unknown {
            ty: Type::Dynamic,
            why: why.into(),
            reference: None,
            references: Vec::new(),
            not_null: false,
            known: Known::Nothing,
        }
    }

    /// The value of something that has a name.
    pub fn reference(why: impl Into<Arc<str>>, reference: impl Into<Arc<str>>) -> Self {
        let reference = reference.into();
        Unknown { references: vec![reference.clone()], reference: Some(reference), ..Unknown::new(why) }
    }

    #[must_use]
    pub fn of_type(self, ty: Type) -> Self {
        Unknown { ty, ..self }
    }

    #[must_use]
    pub fn not_null(self) -> Self {
        Unknown { not_null: true, ..self }
    }

    #[must_use]
    pub fn with(self, known: Known) -> Self {
        Unknown { known, ..self }
    }

    /// What is made of this: unknown for the same reason, and refers to the same things, but is
    /// something else.
    pub fn derived(&self) -> Self {
        Unknown { references: self.references.clone(), ..Unknown::new(self.why.clone()) }
    }

    /// What is made of several values, of which at least one is not known.
    pub fn derived_from<'v>(values: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut whole: Option<Unknown> = None;
        for value in values {
            value.for_each_unknown(&mut |unknown| match &mut whole {
                None => whole = Some(unknown.derived()),
                Some(whole) => {
                    for reference in &unknown.references {
                        if whole.references.len() < MOST_REFERENCES && !whole.references.contains(reference) {
                            whole.references.push(reference.clone());
                        }
                    }
                }
            });
        }
        whole.unwrap_or_else(|| Unknown::new("made of a value that is not known"))
    }
}
