//! Answers that may depend on what is not known.

use verdikt_sdk::{Decision, Field, List, Node, Read, Value};

/// Yes, no, or nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    No,
    Maybe,
    Yes,
}

impl Answer {
    pub(crate) fn when(yes: bool) -> Answer {
        if yes { Answer::Yes } else { Answer::No }
    }

    /// Whether a value passes a test; an absent one is `None`.
    pub(crate) fn of<'a, T: Read<'a>>(node: Node<'a>, test: impl Fn(Option<T>) -> bool) -> Answer {
        match Value::from(node).fails_if(test) {
            Decision::Fail => Answer::Yes,
            Decision::Pass => Answer::No,
            Decision::Unknown(_) => Answer::Maybe,
        }
    }

    /// Whether something stands there.
    pub(crate) fn is_stated(node: Node<'_>) -> Answer {
        let all = node.alternatives().map(|node| match node.unknown() {
            Some(_) => Answer::Maybe,
            None => Answer::when(!node.is_absent()),
        });
        all.reduce(Answer::either).unwrap_or(Answer::Maybe)
    }

    /// Whether something stands there that is not empty.
    pub(crate) fn has_content(node: Node<'_>) -> Answer {
        let all = node.alternatives().map(|node| match node.members() {
            Field::Known(mut members) => Answer::when(members.next().is_some()),
            Field::Absent => Answer::No,
            Field::Unknown(_) if node.unknown().is_some() => Answer::Maybe,
            // No object but a list, or a single value.
            Field::Unknown(_) if node.list().rest().is_none() => Answer::has_any(node.list()),
            Field::Unknown(_) => Answer::Yes,
        });
        all.reduce(Answer::either).unwrap_or(Answer::Maybe)
    }

    /// Whether a list has an element.
    pub(crate) fn has_any<'a>(list: List<'a, Node<'a>>) -> Answer {
        Answer::any(list, Answer::is_stated)
    }

    /// Whether one of the elements passes a test.
    pub(crate) fn any<'a>(list: List<'a, Node<'a>>, test: impl Fn(Node<'a>) -> Answer) -> Answer {
        let rest = if list.rest().is_some() { Answer::Maybe } else { Answer::No };
        list.known().map(test).fold(rest, Answer::or)
    }

    /// Whether all elements pass a test.
    pub(crate) fn all<'a>(list: List<'a, Node<'a>>, test: impl Fn(Node<'a>) -> Answer) -> Answer {
        let rest = if list.rest().is_some() { Answer::Maybe } else { Answer::Yes };
        list.known().map(test).fold(rest, Answer::and)
    }

    pub(crate) fn and(self, other: Answer) -> Answer {
        self.min(other)
    }

    pub(crate) fn or(self, other: Answer) -> Answer {
        self.max(other)
    }

    pub(crate) fn not(self) -> Answer {
        match self {
            Answer::No => Answer::Yes,
            Answer::Maybe => Answer::Maybe,
            Answer::Yes => Answer::No,
        }
    }

    /// It will be one of two, nobody knows which.
    pub(crate) fn either(self, other: Answer) -> Answer {
        if self == other { self } else { Answer::Maybe }
    }

    /// The first answer where this one says yes, else the second.
    pub(crate) fn choose(self, yes: Answer, no: Answer) -> Answer {
        match self {
            Answer::Yes => yes,
            Answer::No => no,
            Answer::Maybe => yes.either(no),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Answer::{Maybe, No, Yes};

    #[test]
    fn answers_join() {
        for (one, other, and, or, either) in [
            (Yes, Yes, Yes, Yes, Yes),
            (Yes, No, No, Yes, Maybe),
            (Yes, Maybe, Maybe, Yes, Maybe),
            (No, Maybe, No, Maybe, Maybe),
            (No, No, No, No, No),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                assert_eq!((one.and(other), one.or(other), one.either(other)), (and, or, either), "{one:?} {other:?}");
                assert_eq!(one.and(other), one.not().or(other.not()).not(), "{one:?} {other:?}");
            }
        }
        assert_eq!([Yes, No, Maybe].map(|answer| answer.choose(Yes, No)), [Yes, No, Maybe]);
        assert_eq!(Maybe.choose(Yes, Yes), Yes);
    }
}
