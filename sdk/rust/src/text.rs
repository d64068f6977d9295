//! Strings of which only some pieces are known, such as an image whose tag is a variable.

use std::borrow::Cow;

use crate::node::{Field, Node, Read};

/// A string of which something is known: the whole, or some pieces (`"$parts": ["web:", null]`).
///
/// Questions about it have three answers: `Some(true)` and `Some(false)` hold whatever the unknown
/// pieces will be, and `None` says that it depends on them.
///
/// ```
/// use verdikt_sdk::{Field, Tape};
///
/// let tape = Tape::parse(r#"{"$unknown": "a variable", "$parts": ["registry.example/", null, ":1.4"]}"#)?;
/// let Field::Known(image) = tape.root().text() else { unreachable!() };
/// assert_eq!(image.starts_with("registry.example/"), Some(true));
/// assert_eq!(image.starts_with("docker.io/"), Some(false));
/// assert_eq!(image.starts_with("registry.example/shop/"), None);
/// assert_eq!(image.ends_with(":latest"), Some(false));
/// assert_eq!(image.is("registry.example/web:1.4"), None);
/// # Ok::<(), verdikt_sdk::TapeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialText<'a> {
    pieces: Pieces<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pieces<'a> {
    /// The string is known. Nearly all are, so this one takes no memory.
    Whole([Option<Cow<'a, str>>; 1]),
    /// `None` is an unknown piece, of any length. Two neighbors are never of the same sort, and
    /// there is at least one.
    Several(Vec<Option<Cow<'a, str>>>),
}

impl<'a> PartialText<'a> {
    fn of_pieces(parts: impl Iterator<Item = Option<&'a str>>) -> PartialText<'a> {
        let mut pieces: Vec<Option<Cow<'a, str>>> = Vec::new();
        for part in parts {
            match (pieces.last_mut(), part) {
                (Some(None), None) => {}
                (Some(Some(before)), Some(text)) => before.to_mut().push_str(text),
                (_, part) => pieces.push(part.map(Cow::Borrowed)),
            }
        }
        if pieces.is_empty() {
            pieces.push(None);
        }
        PartialText { pieces: Pieces::Several(pieces) }
    }

    fn list(&self) -> &[Option<Cow<'a, str>>] {
        match &self.pieces {
            Pieces::Whole(whole) => whole,
            Pieces::Several(pieces) => pieces,
        }
    }

    /// The string, when all of it is known.
    pub fn whole(&self) -> Option<&str> {
        if let [Some(whole)] = self.list() { Some(whole) } else { None }
    }

    /// What is known of its beginning; empty when nothing is.
    pub fn prefix(&self) -> &str {
        self.list().first().and_then(Option::as_deref).unwrap_or_default()
    }

    /// What is known of its end; empty when nothing is.
    pub fn suffix(&self) -> &str {
        self.list().last().and_then(Option::as_deref).unwrap_or_default()
    }

    /// The pieces in their order; `None` is an unknown one, of any length.
    pub fn pieces(&self) -> impl DoubleEndedIterator<Item = Option<&str>> {
        self.list().iter().map(Option::as_deref)
    }

    /// Whether it begins with a text.
    pub fn starts_with(&self, text: &str) -> Option<bool> {
        let prefix = self.prefix();
        match self.whole() {
            Some(whole) => Some(whole.starts_with(text)),
            None if prefix.starts_with(text) => Some(true),
            None => if_impossible(!text.starts_with(prefix)),
        }
    }

    /// Whether it ends with a text.
    pub fn ends_with(&self, text: &str) -> Option<bool> {
        let suffix = self.suffix();
        match self.whole() {
            Some(whole) => Some(whole.ends_with(text)),
            None if suffix.ends_with(text) => Some(true),
            None => if_impossible(!text.ends_with(suffix)),
        }
    }

    /// Whether a text is in it.
    pub fn contains(&self, text: &str) -> Option<bool> {
        let found = self.pieces().flatten().any(|piece| piece.contains(text));
        if found || self.whole().is_some() { Some(found) } else { None }
    }

    /// Whether it is a text.
    pub fn is(&self, text: &str) -> Option<bool> {
        match self.whole() {
            Some(whole) => Some(whole == text),
            None => if_impossible(!self.can_be(text)),
        }
    }

    /// Whether some value of the unknown pieces makes it a text. Not for one that is known in whole.
    fn can_be(&self, text: &str) -> bool {
        let Some(middle) = text.strip_prefix(self.prefix()).and_then(|rest| rest.strip_suffix(self.suffix())) else {
            return false;
        };
        let inner = self.list().get(1..self.list().len().saturating_sub(1)).unwrap_or_default();
        // The first place where a piece fits leaves the most for the others.
        let left =
            inner.iter().flatten().try_fold(middle, |rest, piece| rest.split_once(&**piece).map(|(_, rest)| rest));
        left.is_some()
    }
}

fn if_impossible(impossible: bool) -> Option<bool> {
    impossible.then_some(false)
}

impl<'a> Read<'a> for PartialText<'a> {
    fn read(node: Node<'a>) -> Field<'a, Self> {
        match node.str() {
            Field::Known(text) => Field::Known(PartialText { pieces: Pieces::Whole([Some(Cow::Borrowed(text))]) }),
            Field::Absent => Field::Absent,
            Field::Unknown(unknown) => match unknown.parts() {
                Some(parts) => {
                    Field::Known(PartialText::of_pieces(parts.map(|part| part.and_then(|part| part.str().known()))))
                }
                None => Field::Unknown(unknown),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PartialText;

    fn text(pieces: &[Option<&'static str>]) -> PartialText<'static> {
        PartialText::of_pieces(pieces.iter().copied())
    }

    #[test]
    fn pieces_are_joined() {
        assert_eq!(text(&[Some("a"), Some("b")]).whole(), Some("ab"));
        assert_eq!(text(&[None, None, Some("a"), Some("b")]).pieces().collect::<Vec<_>>(), [None, Some("ab")]);
        assert_eq!(text(&[]).pieces().collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn questions_have_three_answers() {
        let known = text(&[Some("abc")]);
        let begun = text(&[Some("ab"), None]);
        let ended = text(&[None, Some("bc")]);
        let nothing = text(&[None]);
        for (asked, answers) in [
            ("abc", [Some(true), None, None, None]),
            ("ab", [Some(false), None, Some(false), None]),
            ("", [Some(false), Some(false), Some(false), None]),
            ("bc", [Some(false), Some(false), None, None]),
            ("b", [Some(false), Some(false), Some(false), None]),
        ] {
            let found = [&known, &begun, &ended, &nothing].map(|text| text.is(asked));
            assert_eq!(found, answers, "is {asked}");
        }
        for (asked, answers) in [
            ("a", [Some(true), Some(true), None, None]),
            ("abc", [Some(true), None, None, None]),
            ("b", [Some(false), Some(false), None, None]),
            ("", [Some(true), Some(true), Some(true), Some(true)]),
        ] {
            let found = [&known, &begun, &ended, &nothing].map(|text| text.starts_with(asked));
            assert_eq!(found, answers, "starts with {asked}");
        }
        for (asked, answers) in [
            ("c", [Some(true), None, Some(true), None]),
            ("abc", [Some(true), None, None, None]),
            ("b", [Some(false), None, Some(false), None]),
        ] {
            let found = [&known, &begun, &ended, &nothing].map(|text| text.ends_with(asked));
            assert_eq!(found, answers, "ends with {asked}");
        }
        for (asked, answers) in
            [("b", [Some(true), Some(true), Some(true), None]), ("x", [Some(false), None, None, None])]
        {
            let found = [&known, &begun, &ended, &nothing].map(|text| text.contains(asked));
            assert_eq!(found, answers, "contains {asked}");
        }
    }

    #[test]
    fn inner_pieces_stand_in_their_order() {
        let path = text(&[Some("a/"), None, Some("/b/"), None, Some("/c")]);
        assert_eq!(path.is("a/x/b/y/c"), None);
        assert_eq!(path.is("a//b//c"), None);
        assert_eq!(path.is("a/x/y/c"), Some(false));
        assert_eq!(path.is("a/b/c"), Some(false), "pieces do not overlap");
    }
}
