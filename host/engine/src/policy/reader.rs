//! Reads a policy file value by value, and keeps every problem with its place.

use std::fmt;

use verdikt_input::{InputLimits, Syntax};
use verdikt_model::{Date, DiagnosticPlace, FileId, Level, Location, NodeRef, Source, Span};

use crate::error::nearest;

/// A mistake in a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub location: Location,
    /// What is wrong, what was expected and what to do, in full.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = &self.location;
        write!(out, "{}:{}:{}: {}", at.file, at.line, at.column, self.message)
    }
}

/// Everything that is wrong with a policy file, in the order of its text; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct PolicyError(pub Vec<Problem>);

impl PolicyError {
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|left, right| left.location.cmp(&right.location));
        PolicyError(problems)
    }
}

/// Reads one file. What a method cannot read it reports, and gives `None` or what could be read: the
/// rest of the file is read nevertheless, so that a person sees all mistakes at once.
pub(crate) struct Reader<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Reads `source` with `read`, which gets the root of its one document. An empty file is `empty`.
    ///
    /// # Errors
    /// Every problem that the syntax or `read` has found.
    pub(crate) fn read<T>(
        source: &'a Source,
        syntax: Syntax,
        read: impl FnOnce(&mut Reader<'a>, NodeRef<'_>) -> Option<T>,
        empty: impl FnOnce() -> T,
    ) -> Result<T, PolicyError> {
        let mut reader = Reader { source, problems: Vec::new() };
        reader.conflicts();
        if !reader.problems.is_empty() {
            // What else is wrong follows from them.
            return Err(PolicyError(reader.problems));
        }
        let (documents, diagnostics) = verdikt_input::parse(syntax, FileId(0), &source.text, &InputLimits::default());
        for diagnostic in diagnostics {
            // A key that stands twice is a warning in a manifest; in a policy nobody knows which was meant.
            let repeated = diagnostic.code == verdikt_model::Code::DuplicateKey;
            if let DiagnosticPlace::Span(span) = diagnostic.place
                && (diagnostic.level() == Level::Error || repeated)
            {
                reader.problem(span, diagnostic.message);
            }
        }
        let value = match documents.as_slice() {
            [] => Some(empty()),
            [document] => read(&mut reader, document.tree.node(document.root)),
            [_, second, ..] => {
                reader.problem(second.span, "A policy file holds one document; move this one to a file of its own.");
                None
            }
        };
        match value {
            Some(value) if reader.problems.is_empty() => Ok(value),
            _ => Err(PolicyError::new(reader.problems)),
        }
    }

    /// One problem with a file as a whole.
    pub(crate) fn refuse(source: &'a Source, message: &str) -> PolicyError {
        let mut reader = Reader { source, problems: Vec::new() };
        reader.problem(Span::new(FileId(0), 0, 0), message);
        PolicyError(reader.problems)
    }

    /// Reports what a merge by git left open.
    fn conflicts(&mut self) {
        if self.source.text.len() > InputLimits::default().file_size {
            return;
        }
        let mut start = 0;
        for line in self.source.text.split_inclusive('\n') {
            if line.starts_with("<<<<<<< ") {
                let span = Span::new(FileId(0), start, start + line.trim_end().len() as u32);
                let message = "A merge left this conflict. Keep what is right of both sides, and delete the lines that \
                               begin with `<<<<<<<`, `=======` and `>>>>>>>`.";
                self.problem(span, message);
            }
            start += line.len() as u32;
        }
    }

    pub(crate) fn location(&self, span: Span) -> Location {
        let (start, end) = (self.source.position(span.start), self.source.position(span.end));
        Location {
            file: self.source.path.clone(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    pub(crate) fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.problem_at(self.location(span), message);
    }

    /// For what is found out only when a value is no node any more.
    pub(crate) fn problem_at(&mut self, location: Location, message: impl Into<String>) {
        self.problems.push(Problem { location, message: message.into() });
    }

    fn expected(&mut self, node: NodeRef<'_>, what: &str, expected: &str) {
        self.problem(node.span(), format!("`{what}` must be {expected}, but it is {}.", found(node)));
    }

    /// Checks that a node is a map and has none but these members. `what` names it in messages.
    pub(crate) fn members<'n>(&mut self, node: NodeRef<'n>, what: &str, known: &[&str]) -> Option<NodeRef<'n>> {
        let map = self.map(node, what)?;
        for (key, span, _) in map.keyed_entries() {
            if !known.contains(&key) {
                let hint = match nearest(key, known.iter().copied()).first() {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has {}.", quoted(known)),
                };
                self.problem(span, format!("`{what}` has no member `{key}`; {hint}"));
            }
        }
        Some(map)
    }

    /// Checks that a node is a map, with keys of the user's own.
    pub(crate) fn map<'n>(&mut self, node: NodeRef<'n>, what: &str) -> Option<NodeRef<'n>> {
        if node.is_map() {
            return Some(node);
        }
        self.expected(node, what, "a map");
        None
    }

    /// A member that must be there; reported at the map where it is not.
    pub(crate) fn required<'n>(&mut self, map: NodeRef<'n>, what: &str, key: &str, why: &str) -> Option<NodeRef<'n>> {
        let member = map.get_present(key);
        if member.is_none() {
            // The whole map would be a frame of many lines; its first key tells which it is.
            let place = map.keyed_entries().next().map_or_else(|| map.span(), |(_, span, _)| span);
            self.problem(place, format!("`{what}` lacks `{key}`: {why}"));
        }
        member
    }

    /// The version of the file's form, which must be there and be `known`.
    pub(crate) fn version(&mut self, map: NodeRef<'_>, what: &str, key: &str, known: u32) {
        let Some(node) = self.required(map, what, key, &format!("write `{key}: {known}`.")) else { return };
        match node.as_number().map(str::parse::<u32>) {
            Some(Ok(version)) if version == known => {}
            Some(Ok(version)) => self.problem(
                node.span(),
                format!(
                    "This {what} is of version {version}, and this version of Verdikt reads version {known}. Use the \
                     Verdikt that wrote it, or write it anew."
                ),
            ),
            _ => self.expected(node, key, &format!("the number {known}")),
        }
    }

    /// The elements of a list.
    pub(crate) fn list<'n>(&mut self, node: NodeRef<'n>, what: &str) -> Vec<NodeRef<'n>> {
        if !node.is_list() {
            self.expected(node, what, "a list");
        }
        node.items().collect()
    }

    /// A text that is not empty.
    pub(crate) fn text<'n>(&mut self, node: NodeRef<'n>, what: &str) -> Option<&'n str> {
        match node.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => {
                self.problem(node.span(), format!("`{what}` is empty; write a text or leave it away."));
                None
            }
            None => {
                self.expected(node, what, "a string (put it in quotes)");
                None
            }
        }
    }

    /// One text, or a list of texts, each with its node.
    pub(crate) fn texts<'n>(&mut self, node: NodeRef<'n>, what: &str) -> Vec<(&'n str, NodeRef<'n>)> {
        let items = if node.is_list() { node.items().collect() } else { vec![node] };
        items.into_iter().filter_map(|item| Some((self.text(item, what)?, item))).collect()
    }

    pub(crate) fn boolean(&mut self, node: NodeRef<'_>, what: &str) -> Option<bool> {
        let value = node.as_bool();
        if value.is_none() {
            self.expected(node, what, "true or false");
        }
        value
    }

    /// A day, `YYYY-MM-DD`, with or without quotes.
    pub(crate) fn date(&mut self, node: NodeRef<'_>, what: &str) -> Option<Date> {
        let date = node.as_str().and_then(Date::parse);
        if date.is_none() {
            self.expected(node, what, "a day that exists, written YYYY-MM-DD");
        }
        date
    }

    /// One of several words.
    pub(crate) fn choice<T>(
        &mut self,
        node: NodeRef<'_>,
        what: &str,
        words: &[&str],
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = node.as_str().and_then(parse);
        if value.is_none() {
            self.expected(node, what, &format!("one of {}", quoted(words)));
        }
        value
    }

    /// A pattern of file names or addresses. As in `.gitignore`, `*` stays within a part of a path and
    /// `**` crosses parts; on every system `\` takes the next character as it is.
    pub(crate) fn glob(&mut self, node: NodeRef<'_>, what: &str) -> Option<globset::Glob> {
        let text = self.text(node, what)?;
        match globset::GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build() {
            Ok(glob) => Some(glob),
            Err(error) => {
                self.problem(node.span(), format!("`{what}` is no pattern: {error}."));
                None
            }
        }
    }

    /// A pattern of paths that begin at some folder. One that no such path can match is refused: what
    /// it was written for would silently not happen.
    pub(crate) fn path_glob(&mut self, node: NodeRef<'_>, what: &str) -> Option<globset::Glob> {
        let glob = self.glob(node, what)?;
        let text = glob.glob();
        let mut parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        if parts.is_empty() || text.ends_with('/') {
            parts.push("**");
        }
        let better = parts.join("/");
        let advice = if parts.contains(&"..") {
            "leave `..` away".to_owned()
        } else if better != text {
            format!("write `{better}`")
        } else {
            return Some(glob);
        };
        let message =
            format!("`{what}` is compared with paths such as `k8s/web.yaml`, and this matches none; {advice}.");
        self.problem(node.span(), message);
        None
    }
}

/// A node as a sentence names it, with its text where that is short.
fn found(node: NodeRef<'_>) -> String {
    const LONGEST: usize = 40;
    if node.is_list() {
        return "a list".to_owned();
    }
    if node.is_map() {
        return "a map".to_owned();
    }
    let text = node.to_json();
    if text.len() > LONGEST { "a long text".to_owned() } else { format!("`{text}`") }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file of `name`, `days` and `tags` gives, or its problems as `line:column message`.
    fn read(text: &str) -> Result<(String, usize), Vec<String>> {
        let source = Source::new("p.yaml", "p.yaml", text);
        let result = Reader::read(
            &source,
            Syntax::Yaml,
            |reader, root| {
                let map = reader.members(root, "policy", &["name", "until", "tags"])?;
                let name = reader.required(map, "policy", "name", "it names the policy.");
                let name = name.and_then(|node| reader.text(node, "name").map(str::to_owned));
                if let Some(until) = map.get_present("until") {
                    reader.date(until, "until");
                }
                let tags = map.get_present("tags").map_or(0, |tags| reader.texts(tags, "tags").len());
                Some((name?, tags))
            },
            || ("empty".to_owned(), 0),
        );
        result.map_err(|error| {
            let line = |problem: &Problem| {
                format!("{}:{} {}", problem.location.line, problem.location.column, problem.message)
            };
            error.0.iter().map(line).collect()
        })
    }

    #[test]
    fn good_files_are_read() {
        assert_eq!(read("name: a\nuntil: 2027-01-31\ntags: [x, z]\n"), Ok(("a".to_owned(), 2)));
        assert_eq!(read("name: a\ntags: x\n"), Ok(("a".to_owned(), 1)));
        assert_eq!(read("# nothing\n"), Ok(("empty".to_owned(), 0)));
    }

    #[test]
    fn every_problem_is_told_where_it_stands() {
        for (text, expected) in [
            (
                "nam: a\n",
                &[
                    "1:1 `policy` has no member `nam`; did you mean `name`?",
                    "1:1 `policy` lacks `name`: it names the policy.",
                ][..],
            ),
            (
                "name: [a]\nuntil: 2026-02-30\n",
                &[
                    "1:7 `name` must be a string (put it in quotes), but it is a list.",
                    "2:8 `until` must be a day that exists, written YYYY-MM-DD, but it is `\"2026-02-30\"`.",
                ],
            ),
            ("- a\n", &["1:1 `policy` must be a map, but it is a list."]),
            ("name: ' '\n", &["1:7 `name` is empty; write a text or leave it away."]),
            ("name: a\n---\nname: b\n", &["3:1 A policy file holds one document; move this one to a file of its own."]),
        ] {
            assert_eq!(read(text).unwrap_err(), expected, "{text:?}");
        }
        assert_eq!(read("name: a\nname: b\n").unwrap_err().len(), 1);
        assert_eq!(read("name: [\n").unwrap_err().len(), 1);
    }
}
