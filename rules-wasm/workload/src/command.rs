//! What starts a container: which program its command and arguments run.

use verdikt_sdk::{Container, Decision, Field, List, Node, PartialText, Unknown};

/// Programs that only start another one, which their arguments name.
const WRAPPERS: [&str; 6] = ["busybox", "catatonit", "dumb-init", "env", "nohup", "tini"];

/// Shells, without the suffix that Windows gives to programs.
pub(crate) const SHELLS: [&str; 9] = ["sh", "bash", "ash", "dash", "zsh", "ksh", "cmd", "powershell", "pwsh"];

/// The words that start a container: its command and the arguments of that. Without a command the image
/// decides what gets the arguments; most images that say nothing else run them as a command.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    words: Vec<Node<'a>>,
    /// What keeps later words from being known.
    rest: Option<Unknown<'a>>,
}

/// A word of a command, or why there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word<'a> {
    /// The word, and its place among all.
    Known(Node<'a>, usize),
    /// There are no more words.
    End,
    Unknown(Unknown<'a>),
}

/// Decides by the words of a container, for each alternative of its command and of its arguments.
pub(crate) fn decide<'a>(container: Container<'a>, judge: impl Fn(&Words<'a>) -> Decision<'a>) -> Decision<'a> {
    container.command().node().decide(|command| {
        container.args().node().decide(|arguments| judge(&Words::of(command.list(), arguments.list())))
    })
}

/// Whether a container says what starts it, or some of it. An empty list says nothing.
pub(crate) fn is_stated(list: List<'_, Node<'_>>) -> bool {
    list.rest().is_some() || list.known().next().is_some()
}

impl<'a> Words<'a> {
    /// The words as they stand there; see [`decide`] for those that depend on a condition.
    pub(crate) fn of_container(container: Container<'a>) -> Words<'a> {
        Words::of(container.command(), container.args())
    }

    fn of(command: List<'a, Node<'a>>, arguments: List<'a, Node<'a>>) -> Words<'a> {
        let mut words = Vec::new();
        for list in [command, arguments] {
            let Some(unknown) = list.rest() else {
                words.extend(list.known());
                continue;
            };
            // Up to the first piece that is not known.
            words.extend(unknown.parts().into_iter().flatten().map_while(|part| part));
            return Words { words, rest: Some(unknown) };
        }
        Words { words, rest: None }
    }

    fn at(&self, place: usize) -> Word<'a> {
        match (self.words.get(place), self.rest) {
            (Some(word), _) => Word::Known(*word, place),
            (None, Some(unknown)) => Word::Unknown(unknown),
            (None, None) => Word::End,
        }
    }

    /// The program that runs in the end: the first word, or what comes behind those that only start
    /// another, their options and assignments.
    pub(crate) fn program(&self) -> Word<'a> {
        let mut place = 0;
        let mut is_wrapped = false;
        loop {
            let Word::Known(word, _) = self.at(place) else { return self.at(place) };
            let leads_on = word.agreed(|word| match word.text() {
                Field::Known(text) => is_named(&text, &WRAPPERS).map(|wraps| wraps || (is_wrapped && is_option(&text))),
                Field::Absent => Some(false),
                Field::Unknown(_) => None,
            });
            match (leads_on.flatten(), word.unknown()) {
                (Some(true), _) => is_wrapped = true,
                (None, Some(unknown)) => return Word::Unknown(unknown),
                (Some(false), _) | (None, None) => return Word::Known(word, place),
            }
            place += 1;
        }
    }

    /// The script behind `-c` of a shell at a place.
    pub(crate) fn script(&self, shell: usize) -> Word<'a> {
        for place in shell + 1.. {
            let Word::Known(word, _) = self.at(place) else { return self.at(place) };
            let Field::Known(option) = word.str() else {
                return word.unknown().map_or(Word::End, Word::Unknown);
            };
            let is_command = option.starts_with('-') && !option.starts_with("--") && option.contains('c');
            if is_command || option.eq_ignore_ascii_case("/c") || option.eq_ignore_ascii_case("-command") {
                return self.at(place + 1);
            }
            if !option.starts_with(['-', '+', '/']) {
                break;
            }
        }
        Word::End
    }
}

fn is_option(text: &PartialText<'_>) -> bool {
    text.prefix().starts_with('-') || text.prefix().contains('=')
}

/// Whether a word is the path of a program with one of some names. Windows has backslashes, suffixes and
/// no case; nothing else has programs called so.
pub(crate) fn is_named(word: &PartialText<'_>, names: &[&str]) -> Option<bool> {
    let end = word.suffix();
    match (end.rsplit(['/', '\\']).next(), word.whole()) {
        (Some(base), Some(_)) => Some(is_one_of(base, names)),
        (Some(base), None) if base.len() < end.len() => Some(is_one_of(base, names)),
        // The beginning of the name is not known.
        _ => {
            let end = end.to_ascii_lowercase();
            let possible = names.iter().any(|name| name.ends_with(&end) || format!("{name}.exe").ends_with(&end));
            (!possible).then_some(false)
        }
    }
}

fn is_one_of(base: &str, names: &[&str]) -> bool {
    let base = base.to_ascii_lowercase();
    names.contains(&base.strip_suffix(".exe").unwrap_or(&base))
}

/// The words of a shell's script that stand where a command begins. Approximate: quotes and what a shell
/// substitutes are not followed.
pub(crate) fn commands(script: &str) -> impl Iterator<Item = &str> {
    const BEFORE: [&str; 11] = ["!", "do", "else", "exec", "if", "nohup", "sudo", "then", "time", "until", "while"];
    script.split([';', '&', '|', '\n', '(', ')', '{', '}', '`']).filter_map(|part| {
        let mut words = part.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
        words.find(|word| !BEFORE.contains(word) && !word.starts_with('-') && !word.contains('='))
    })
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn commands_of_scripts() {
        for (script, expected) in [
            ("", &[][..]),
            ("exec /usr/bin/supervisord -n", &["/usr/bin/supervisord"]),
            ("A=1 B='2' run x && exec \"serve\" --now", &["run", "serve"]),
            ("if true; then\n  init\nfi", &["true", "init", "fi"]),
            ("echo supervisord | grep s", &["echo", "grep"]),
            ("(exec -a name prog)", &["name"]),
        ] {
            assert_eq!(commands(script).collect::<Vec<_>>(), expected, "{script}");
        }
    }
}
