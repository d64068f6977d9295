//! Whether a policy refuses something, and what that hangs on.

use verdikt_sdk::{Document, Node};

use crate::answer::Answer;

/// An answer, and what it hangs on where it is not a plain yes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach<'a> {
    pub(crate) answer: Answer,
    pub(crate) hangs_on: Option<Hang<'a>>,
}

/// What keeps a policy from refusing something, or may do so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hang<'a> {
    pub(crate) node: Node<'a>,
    /// The value with which it would refuse; empty where there is no such value.
    pub(crate) expected: &'static str,
    /// Whose node it is, where that is another document than the policy.
    of: Option<&'a Document>,
    /// Whether the node names something that the scanned files do not have.
    pub(crate) is_missing: bool,
}

impl<'a> Reach<'a> {
    pub(crate) const YES: Reach<'static> = Reach { answer: Answer::Yes, hangs_on: None };
    pub(crate) const NO: Reach<'static> = Reach { answer: Answer::No, hangs_on: None };

    /// An answer that hangs on a node.
    pub(crate) fn by(node: Node<'a>, answer: Answer) -> Reach<'a> {
        Reach::unless(node, answer, "")
    }

    /// The same, of a node that would have to have another value.
    pub(crate) fn unless(node: Node<'a>, answer: Answer, expected: &'static str) -> Reach<'a> {
        let hang = Hang { node, expected, of: None, is_missing: false };
        Reach { answer, hangs_on: (answer != Answer::Yes).then_some(hang) }
    }

    /// It hangs on something that the scanned files do not have.
    pub(crate) fn missing(node: Node<'a>, answer: Answer) -> Reach<'a> {
        let reach = Reach::by(node, answer);
        Reach { hangs_on: reach.hangs_on.map(|hang| Hang { is_missing: true, ..hang }), ..reach }
    }

    /// What it hangs on is of this document, unless it is of another already.
    pub(crate) fn of(self, document: &'a Document) -> Reach<'a> {
        let owned = |hang: Hang<'a>| Hang { of: hang.of.or(Some(document)), ..hang };
        Reach { hangs_on: self.hangs_on.map(owned), ..self }
    }

    /// Both have to be; the first that is least certain decides.
    pub(crate) fn and(self, other: Reach<'a>) -> Reach<'a> {
        if other.answer < self.answer { other } else { self }
    }

    /// One has to be; the first that is most certain decides.
    pub(crate) fn or(self, other: Reach<'a>) -> Reach<'a> {
        if other.answer > self.answer || self.hangs_on.is_none() && other.answer == self.answer { other } else { self }
    }

    /// Whether one of several is.
    pub(crate) fn any(all: impl Iterator<Item = Reach<'a>>) -> Reach<'a> {
        all.fold(Reach::NO, Reach::or)
    }
}

impl<'a> Hang<'a> {
    /// Whose attribute it is.
    pub(crate) fn owner(&self) -> Option<&'a Document> {
        self.of
    }
}

/// An attribute as people write it: `spec.rules[0].exclude`.
pub(crate) fn attribute(node: Node<'_>) -> String {
    let mut attribute = String::new();
    for token in node.pointer().split('/').skip(1) {
        if token.bytes().all(|byte| byte.is_ascii_digit()) {
            attribute.push_str(&format!("[{token}]"));
        } else {
            attribute.push_str(if attribute.is_empty() { "" } else { "." });
            attribute.push_str(&token.replace("~1", "/").replace("~0", "~"));
        }
    }
    attribute
}
