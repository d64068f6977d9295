//! Scripts of shells, as far as rules look into them: which commands there are, and which of them run
//! beside the rest.
//!
//! Approximate: quoted words are words, but what a shell substitutes is not followed, and neither are
//! functions and loops.
//!
//! <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>

/// A simple command of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command<'s> {
    /// Its words from the program on, without quotes around them.
    pub(crate) words: Vec<&'s str>,
    /// Whether the shell goes on while it runs (`&`).
    pub(crate) is_background: bool,
}

/// Words that may stand before the program of a command.
const BEFORE: [&str; 11] = ["!", "do", "else", "exec", "if", "then", "until", "while", "elif", "command", "builtin"];

/// The simple commands of a script, in their order.
pub(crate) fn commands(script: &str) -> Vec<Command<'_>> {
    let mut lexer = Lexer { script, at: 0, delimiters: Vec::new(), commands: vec![Command::default()] };
    while lexer.step() {}
    lexer.commands.retain(|command| !command.words.is_empty());
    lexer.commands
}

struct Lexer<'s> {
    script: &'s str,
    at: usize,
    /// The last lines of texts that follow the current line (`<<END`).
    delimiters: Vec<&'s str>,
    /// The last one is being read.
    commands: Vec<Command<'s>>,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.script[self.at..]
    }

    /// Reads one word or operator. False at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return false };
        match first {
            '\n' => {
                self.at += 1;
                self.end();
                self.skip_texts();
            }
            ';' | '|' | '(' | ')' | '`' => {
                self.at += 1;
                self.end();
            }
            '&' if rest.starts_with("&&") => {
                self.at += 2;
                self.end();
            }
            '&' if rest.starts_with("&>") => self.at += 1,
            '&' => {
                self.at += 1;
                self.end_in_background();
            }
            '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
            '<' if rest.starts_with("<<") && !rest.starts_with("<<<") => {
                self.at += 2;
                let skipped = self.rest().len() - self.rest().trim_start_matches(['-', ' ']).len();
                self.at += skipped;
                let delimiter = self.word();
                self.delimiters.push(delimiter.trim_matches(['"', '\'', '\\']));
            }
            // What is read and written is no word of the command.
            '<' | '>' => {
                self.forget_descriptor();
                self.at += rest.len() - rest.trim_start_matches(['<', '>', '&', '|', ' ']).len();
                self.word();
            }
            _ if first.is_whitespace() => self.at += first.len_utf8(),
            _ => {
                let word = self.word();
                self.add(word);
            }
        }
        true
    }

    /// Reads up to the end of a word; quotes and `${…}` belong to it.
    fn word(&mut self) -> &'s str {
        let rest = self.rest();
        let mut quote = None;
        let mut braces = 0_usize;
        let mut characters = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, character)) = characters.next() {
            match (character, quote) {
                ('\\', None | Some('"')) => drop(characters.next()),
                (_, Some(open)) if character == open => quote = None,
                (_, Some(_)) => {}
                ('\'' | '"', None) => quote = Some(character),
                ('$', None) if rest[at..].starts_with("${") => braces += 1,
                ('}', None) => braces = braces.saturating_sub(1),
                (_, None) if braces > 0 => {}
                (';' | '&' | '|' | '(' | ')' | '`' | '<' | '>', None) => {
                    end = at;
                    break;
                }
                (_, None) if character.is_whitespace() => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        self.at += end;
        &rest[..end]
    }

    fn add(&mut self, word: &'s str) {
        let word = word.trim_matches(['"', '\'']);
        let Some(command) = self.commands.last_mut() else { return };
        let is_before = BEFORE.contains(&word) || word.starts_with(['{', '}']) || is_assignment(word);
        if !command.words.is_empty() || !is_before && !word.starts_with('-') {
            command.words.push(word);
        }
    }

    /// A number right before `<` or `>` is no word.
    fn forget_descriptor(&mut self) {
        let read = &self.script[..self.at];
        let Some(command) = self.commands.last_mut() else { return };
        let is_descriptor = |word: &str| read.ends_with(word) && word.bytes().all(|byte| byte.is_ascii_digit());
        if command.words.last().is_some_and(|word| is_descriptor(word)) {
            command.words.pop();
        }
    }

    fn end(&mut self) {
        if self.commands.last().is_some_and(|command| !command.words.is_empty()) {
            self.commands.push(Command::default());
        }
    }

    /// What ends in a group runs in the background as the group does.
    fn end_in_background(&mut self) {
        if let Some(command) = self.commands.iter_mut().rev().find(|command| !command.words.is_empty()) {
            command.is_background = true;
        }
        self.end();
    }

    /// Skips the texts that begin behind the line that has ended.
    fn skip_texts(&mut self) {
        for delimiter in std::mem::take(&mut self.delimiters) {
            while self.at < self.script.len() {
                let rest = self.rest();
                let line = rest.split('\n').next().unwrap_or(rest);
                self.at = (self.at + line.len() + 1).min(self.script.len());
                if line.trim_start_matches('\t') == delimiter {
                    break;
                }
            }
        }
    }
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_'))
}

#[cfg(test)]
mod tests {
    use super::commands;

    /// The words of each command, `&` behind those in the background.
    fn shown(script: &str) -> Vec<String> {
        let shown = commands(script).into_iter();
        shown.map(|command| command.words.join(" ") + if command.is_background { " &" } else { "" }).collect()
    }

    #[test]
    fn commands_of_scripts() {
        for (script, expected) in [
            ("", &[][..]),
            ("exec /usr/bin/supervisord -n", &["/usr/bin/supervisord -n"]),
            ("A=1 B='2 3' run x && exec \"serve\" --now", &["run x", "serve --now"]),
            ("if true; then\n  init\nfi", &["true", "init", "fi"]),
            ("echo supervisord | grep s", &["echo supervisord", "grep s"]),
            ("(exec -a name prog)", &["name prog"]),
            ("a & b", &["a &", "b"]),
            ("a&b& wait", &["a &", "b &", "wait"]),
            ("a && b || c", &["a", "b", "c"]),
            ("a >/dev/null 2>&1 && b &>log", &["a", "b"]),
            ("a 2 > b 2>c", &["a 2"]),
            ("curl 'http://x/?a=1&b=2' \"c & d\"", &["curl http://x/?a=1&b=2 c & d"]),
            ("(while true; do a; sleep 5; done) & b", &["true", "a", "sleep 5", "done &", "b"]),
            ("{ a; b; } & c", &["a", "b &", "c"]),
            ("a # b & c\nd", &["a", "d"]),
            ("cat <<EOF > f\na & b\nEOF\nserve", &["cat", "serve"]),
            ("cat <<-'END'\n\ta & b\n\tEND\nserve", &["cat", "serve"]),
            ("cat <<EOF", &["cat"]),
            ("x ${A:-b & c} ${D}", &["x ${A:-b & c} ${D}"]),
            ("a \\& b", &["a \\& b"]),
            ("'unclosed & x", &["unclosed & x"]),
            ("é & ü", &["é &", "ü"]),
            ("&", &[]),
        ] {
            assert_eq!(shown(script), expected, "{script}");
        }
    }
}
