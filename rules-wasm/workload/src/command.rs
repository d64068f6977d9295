//! What starts a container: which program its command and arguments run.

use verdikt_sdk::{Container, Decision, Field, List, Node, PartialText, Unknown};

use crate::image::Answer;
use crate::script;
use crate::wrapper::Wrapper;

/// Shells, without the suffix that Windows gives to programs. `su` starts the shell of a user.
pub(crate) const SHELLS: [&str; 21] = [
    "ash",
    "bash",
    "cmd",
    "csh",
    "dash",
    "elvish",
    "fish",
    "hush",
    "ksh",
    "lksh",
    "mksh",
    "nu",
    "oksh",
    "posh",
    "powershell",
    "pwsh",
    "rbash",
    "sh",
    "su",
    "tcsh",
    "zsh",
];

/// The words that start a container: its command and the arguments of that. Without a command the image
/// decides what gets the arguments; most images that say nothing else run them as a command.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    words: Vec<Word<'a>>,
    /// What keeps later words from being known.
    rest: Option<Unknown<'a>>,
}

/// A word of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    node: Node<'a>,
    /// The piece of the node that it is, where a program or a shell splits a text into words.
    piece: Option<&'a str>,
}

/// A word of a command, or why there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    Word(Word<'a>),
    /// There are no more words.
    End,
    Unknown(Unknown<'a>),
}

/// Decides by the words from the program on that a container runs in the end, for each alternative of its
/// command and of its arguments.
pub(crate) fn decide<'a>(container: Container<'a>, judge: impl Fn(&Words<'a>) -> Decision<'a>) -> Decision<'a> {
    container.command().node().decide(|command| {
        container.args().node().decide(|arguments| judge(&Words::of(command.list(), arguments.list()).unwrapped()))
    })
}

/// Fails when the program that a container runs in the end has one of some names.
pub(crate) fn runs<'a>(container: Container<'a>, names: &[&str]) -> Decision<'a> {
    decide(container, |words| match words.program() {
        Found::End => Decision::Pass,
        Found::Unknown(unknown) => Decision::Unknown(unknown),
        Found::Word(word) => word.is_named(names),
    })
}

/// Whether a container says what starts it, or some of it. An empty list says nothing.
pub(crate) fn is_stated(list: List<'_, Node<'_>>) -> bool {
    list.rest().is_some() || list.known().next().is_some()
}

impl<'a> Word<'a> {
    pub(crate) fn node(self) -> Node<'a> {
        self.node
    }

    /// The word, when all of it is known.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.piece.or_else(|| self.node.str().known())
    }

    /// What holds of a word, whatever it will be; `None` when that depends on what is not known.
    fn agreed<T: PartialEq>(self, read: impl Fn(Spelling<'_>) -> Option<T>) -> Option<T> {
        match self.piece {
            Some(piece) => read(Spelling::of(piece)),
            None => self.node.agreed(|node| match node.text() {
                Field::Known(text) => read(Spelling::of_partial(&text)),
                Field::Absent => read(Spelling::of("")),
                Field::Unknown(_) => None,
            })?,
        }
    }

    /// Fails when the word is the path of a program with one of some names.
    pub(crate) fn is_named(self, names: &[&str]) -> Decision<'a> {
        match (
            self.agreed(|word| word.is_named(|name| names.contains(&name), || names.iter().copied())),
            self.unknown(),
        ) {
            (Some(named), _) => Decision::when(named),
            (None, Some(unknown)) => Decision::Unknown(unknown),
            (None, None) => Decision::Pass,
        }
    }

    /// Whether a test holds of its name; `None` when that is not known.
    pub(crate) fn name_is(self, test: impl Fn(&str) -> bool) -> Answer {
        self.agreed(|word| word.name().map(|name| test(&name)))
    }

    /// Why it is not known.
    pub(crate) fn unknown(self) -> Option<Unknown<'a>> {
        if self.piece.is_some() { None } else { self.node.str().unknown() }
    }
}

impl<'a> Words<'a> {
    /// The words from the program on, as they stand there; see [`decide`] for those that depend on a
    /// condition.
    pub(crate) fn of_container(container: Container<'a>) -> Words<'a> {
        Words::of(container.command(), container.args()).unwrapped()
    }

    /// The words of a command in a script.
    pub(crate) fn of_command(script: Word<'a>, command: &script::Command<'a>) -> Words<'a> {
        let words = command.words.iter().map(|piece| Word { node: script.node, piece: Some(piece) });
        Words { words: words.collect(), rest: None }.unwrapped()
    }

    fn of(command: List<'a, Node<'a>>, arguments: List<'a, Node<'a>>) -> Words<'a> {
        let mut words = Vec::new();
        let whole = |node| Word { node, piece: None };
        for list in [command, arguments] {
            let Some(unknown) = list.rest() else {
                words.extend(list.known().map(whole));
                continue;
            };
            // Up to the first piece that is not known.
            words.extend(unknown.parts().into_iter().flatten().map_while(|part| part.map(whole)));
            return Words { words, rest: Some(unknown) };
        }
        Words { words, rest: None }
    }

    pub(crate) fn at(&self, place: usize) -> Found<'a> {
        match (self.words.get(place), self.rest) {
            (Some(word), _) => Found::Word(*word),
            (None, Some(unknown)) => Found::Unknown(unknown),
            (None, None) => Found::End,
        }
    }

    /// The program: the first word.
    pub(crate) fn program(&self) -> Found<'a> {
        self.at(0)
    }

    /// Without what only starts another program: what that starts.
    fn unwrapped(mut self) -> Words<'a> {
        while let Found::Word(word) = self.program() {
            match word.agreed(|word| word.wrapper()) {
                Some(Some(wrapper)) => self = self.behind(wrapper),
                Some(None) => break,
                None => return self.hidden(word),
            }
        }
        self
    }

    /// The words behind a wrapper, its options and what else stands before the program.
    fn behind(self, wrapper: &Wrapper) -> Words<'a> {
        let mut operands = wrapper.operands;
        let mut are_options_over = false;
        let mut place = 1;
        while let Found::Word(word) = self.at(place) {
            let Some(text) = word.text() else {
                // Only of its beginning is it known what it is.
                let is_option = word.agreed(|word| word.is_option(wrapper.assigns && !are_options_over));
                match (is_option, operands) {
                    (Some(true), _) => {}
                    (Some(false), 0) => break,
                    (Some(false), _) => operands -= 1,
                    (None, _) => return self.hidden(word),
                }
                place += 1;
                continue;
            };
            if text == "--" && !are_options_over {
                are_options_over = true;
            } else if text.starts_with('-') && text.len() > 1 && !are_options_over {
                if let Some(command) = wrapper.split_string(text) {
                    return self.split(if command.is_empty() { place + 1 } else { place }, command);
                }
                if wrapper.takes_next(text) {
                    place += 1;
                    // A value that may not be there lets the next word take its place.
                    if let Found::Word(value) = self.at(place)
                        && value.text().is_none()
                    {
                        return self.hidden(value);
                    }
                }
            } else if wrapper.assigns && text.contains('=') {
                are_options_over = true;
            } else if operands > 0 {
                operands -= 1;
            } else {
                break;
            }
            place += 1;
        }
        Words { words: self.words.into_iter().skip(place).collect(), rest: self.rest }
    }

    /// The words of a command that stands in one word, and those behind it. `command` is empty when it is
    /// the whole word.
    fn split(self, place: usize, command: &'a str) -> Words<'a> {
        let Found::Word(word) = self.at(place) else {
            return Words { words: Vec::new(), rest: self.rest };
        };
        let command = if command.is_empty() { word.text() } else { Some(command) };
        let Some(command) = command else { return self.hidden(word) };
        let pieces = command.split_whitespace().map(|piece| piece.trim_matches(['"', '\'']));
        // Assignments may stand before the program there too.
        let pieces = pieces.skip_while(|piece| piece.contains('='));
        let pieces = pieces.map(|piece| Word { node: word.node, piece: Some(piece) });
        Words { words: pieces.chain(self.words.into_iter().skip(place + 1)).collect(), rest: self.rest }
    }

    /// Nothing is known, because of a word.
    fn hidden(self, word: Word<'a>) -> Words<'a> {
        Words { words: Vec::new(), rest: word.unknown().or(self.rest) }
    }

    /// The script behind `-c` of the shell that the program is.
    pub(crate) fn script(&self) -> Found<'a> {
        for place in 1.. {
            let Found::Word(word) = self.at(place) else { return self.at(place) };
            let Some(option) = word.text() else {
                return word.unknown().map_or(Found::End, Found::Unknown);
            };
            let is_command = option.starts_with('-') && !option.starts_with("--") && option.contains('c');
            if is_command || option.eq_ignore_ascii_case("/c") || option.eq_ignore_ascii_case("-command") {
                return self.at(place + 1);
            }
            if !option.starts_with(['-', '+', '/']) {
                break;
            }
        }
        Found::End
    }
}

/// What is known of how a word is spelled.
#[derive(Clone, Copy)]
struct Spelling<'t> {
    prefix: &'t str,
    suffix: &'t str,
    is_whole: bool,
}

impl<'t> Spelling<'t> {
    fn of(text: &'t str) -> Spelling<'t> {
        Spelling { prefix: text, suffix: text, is_whole: true }
    }

    fn of_partial(text: &'t PartialText<'_>) -> Spelling<'t> {
        match text.whole() {
            Some(whole) => Spelling::of(whole),
            None => Spelling { prefix: text.prefix(), suffix: text.suffix(), is_whole: false },
        }
    }

    /// The name of the program that it is the path of, when that is known. Windows has backslashes,
    /// suffixes and no case; nothing else has programs called so.
    fn name(self) -> Option<String> {
        let base = self.suffix.rsplit(['/', '\\']).next().unwrap_or_default();
        let is_known = self.is_whole || base.len() < self.suffix.len();
        is_known
            .then(|| base.to_ascii_lowercase())
            .map(|base| base.strip_suffix(".exe").map(str::to_owned).unwrap_or(base))
    }

    /// Whether a test holds of its name. Where that is not known, `candidates` are all for which it does.
    fn is_named<'n, N: Iterator<Item = &'n str>>(
        self,
        test: impl Fn(&str) -> bool,
        candidates: impl FnOnce() -> N,
    ) -> Answer {
        match self.name() {
            Some(name) => Some(test(&name)),
            None => {
                let end = self.suffix.to_ascii_lowercase();
                let can_be = |name: &str| name.ends_with(&end) || format!("{name}.exe").ends_with(&end);
                (!candidates().any(can_be)).then_some(false)
            }
        }
    }

    /// The wrapper that it is, if it is one; `None` when that is not known.
    fn wrapper(self) -> Option<Option<&'static Wrapper>> {
        match self.is_named(|name| Wrapper::of(name).is_some(), Wrapper::names)? {
            true => Some(self.name().and_then(|name| Wrapper::of(&name))),
            false => Some(None),
        }
    }

    /// Whether it is an option without a value of its own word, or an assignment where those are allowed;
    /// for words of which only pieces are known.
    fn is_option(self, allows_assignments: bool) -> Answer {
        let begins_option = self.prefix.starts_with('-');
        match self.prefix.contains('=') {
            true => Some(begins_option || allows_assignments),
            false => (!self.prefix.is_empty() && !begins_option && !allows_assignments).then_some(false),
        }
    }
}
