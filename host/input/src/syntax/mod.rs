//! From text to trees: one loader a syntax. What both share is here.

use std::fmt::Write;

use verdikt_model::{Code, Diagnostic, FileId, Level, Span};

use crate::{InputLimits, ParsedDocument};

pub(crate) mod json;
mod members;
pub(crate) mod yaml;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// As Kubernetes reads it: YAML 1.1 scalars (`yes` is true), merge keys, several documents.
    Yaml,
    /// RFC 8259; several texts may follow one another.
    Json,
}

/// Parses a text that is already in memory, without asking whose document it is.
///
/// Spans name `file`. What cannot be read becomes a diagnostic with a place, and the other documents
/// of the text are read; empty documents are left out. A text that is longer than the limit of one
/// file is not read at all.
pub fn parse(syntax: Syntax, file: FileId, text: &str, limits: &InputLimits) -> (Vec<ParsedDocument>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    if text.len() > limits.file_size() {
        let message = format!(
            "This text has {} bytes, and {} is the limit of one file; it was not read. Split it, or raise the limit.",
            grouped(text.len()),
            grouped(limits.file_size())
        );
        return (Vec::new(), vec![Diagnostic::at(Code::TooLarge, Span::new(file, 0, 0), message)]);
    }
    let parsed = match syntax {
        Syntax::Yaml => yaml::load(file, text, limits, &mut diagnostics),
        Syntax::Json => json::load(file, text, limits, &mut diagnostics),
    };
    (parsed, diagnostics)
}

/// Problems of one file that are listed: a hostile file could otherwise have millions. Warnings leave
/// as much room again for errors, so that none of them hides that something was not read.
const MOST_WARNINGS: usize = 50;
const MOST_PROBLEMS: usize = 100;

/// The diagnostics of one file.
pub(crate) struct Problems<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
    before: usize,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        Problems { before: diagnostics.len(), diagnostics }
    }

    pub(crate) fn push(&mut self, mut diagnostic: Diagnostic) {
        let most = if diagnostic.level() == Level::Warning { MOST_WARNINGS } else { MOST_PROBLEMS };
        let listed = self.diagnostics.len() - self.before;
        if listed + 1 == most {
            diagnostic.message.push_str(" Further ones of this file are not listed.");
        }
        if listed < most {
            self.diagnostics.push(diagnostic);
        }
    }

    /// For who reports on what was read.
    pub(crate) fn diagnostics(&mut self) -> &mut Vec<Diagnostic> {
        self.diagnostics
    }
}

/// Why a document could not be read further, and where; `at` is an offset in the text that is read.
#[derive(Debug)]
struct Problem {
    code: Code,
    at: usize,
    message: String,
}

impl Problem {
    fn too_deep(at: usize, limit: usize) -> Self {
        let message = format!(
            "This document is nested more than {limit} levels deep, the limit. No file that people write needs that; \
             check how it was made."
        );
        Problem { code: Code::TooDeep, at, message }
    }
}

/// A name as messages quote it.
fn shortened(name: &str) -> &str {
    const MOST: usize = 80;
    &name[..name.floor_char_boundary(MOST)]
}

/// The character at an offset as an error message names it.
fn describe(text: &str, at: usize) -> String {
    let Some(found) = text.get(at..).and_then(|rest| rest.chars().next()) else {
        return "the end of the file".into();
    };
    match found {
        '\n' | '\r' => "the end of the line".into(),
        '\t' => "a tab".into(),
        ' ' => "a space".into(),
        '`' => "a backtick".into(),
        found if found.is_control() || found == '\u{feff}' => {
            let mut name = "the character ".to_string();
            // Writing to a String cannot fail.
            let _ = write!(name, "U+{:04X}", u32::from(found));
            name
        }
        found => format!("`{found}`"),
    }
}

/// The offset after the character at `at`, for spans that show it.
fn after(text: &str, at: usize) -> usize {
    at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

/// A number with separators between thousands, as messages print limits.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How property tests run: the same cases each time.
#[cfg(test)]
pub(crate) fn reproducible() -> proptest::test_runner::Config {
    use proptest::test_runner::{Config, RngSeed};

    Config { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_named_so_that_people_can_find_them() {
        for (text, at, expected) in [
            ("a", 0, "`a`"),
            ("aü", 1, "`ü`"),
            ("a", 1, "the end of the file"),
            ("\r\n", 0, "the end of the line"),
            ("\t", 0, "a tab"),
            ("\u{1}", 0, "the character U+0001"),
            ("ü", 1, "the end of the file"),
        ] {
            assert_eq!(describe(text, at), expected, "{text:?} at {at}");
        }
    }

    #[test]
    fn a_file_lists_so_many_problems_and_no_warning_hides_an_error() {
        let place = verdikt_model::DiagnosticPlace::Nowhere;
        let problem = |code| Diagnostic { code, message: String::new(), place: place.clone() };
        let mut diagnostics = vec![problem(Code::Unreadable)];
        let mut problems = Problems::new(&mut diagnostics);
        for code in [Code::DuplicateKey, Code::YamlSyntax] {
            (0..1000).for_each(|_| problems.push(problem(code)));
        }
        let count = |code| diagnostics.iter().filter(|diagnostic| diagnostic.code == code).count();
        assert_eq!((count(Code::DuplicateKey), count(Code::YamlSyntax)), (50, 50));
        assert!(diagnostics[50].message.contains("not listed") && diagnostics[100].message.contains("not listed"));
    }

    #[test]
    fn a_text_is_read_as_its_syntax_says_and_up_to_the_limit() {
        let read = |syntax, text: &str, file_size| {
            parse(syntax, FileId(7), text, &InputLimits { file_size, ..InputLimits::default() })
        };
        let (parsed, diagnostics) = read(Syntax::Yaml, "a: yes # b", 10);
        assert_eq!(diagnostics, []);
        assert_eq!(parsed[0].tree.node(parsed[0].root).to_json(), r#"{"a":true}"#);
        assert_eq!((parsed[0].span, &*parsed[0].comments[0].text), (Span::new(FileId(7), 0, 6), "# b"));
        for (syntax, text, file_size, code) in [
            (Syntax::Json, "a: yes # b", 10, Code::JsonSyntax),
            (Syntax::Yaml, "a: [", 10, Code::YamlSyntax),
            (Syntax::Yaml, "a: yes # b", 9, Code::TooLarge),
            (Syntax::Json, "[1, 2, 3]", 8, Code::TooLarge),
        ] {
            let (parsed, diagnostics) = read(syntax, text, file_size);
            assert!(parsed.is_empty(), "{syntax:?} {text}");
            assert_eq!(diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), [code], "{syntax:?} {text}");
        }
    }

    #[test]
    fn large_numbers_are_grouped() {
        for (number, expected) in [(0, "0"), (999, "999"), (1000, "1,000"), (2_000_000, "2,000,000")] {
            assert_eq!(grouped(number), expected);
        }
    }
}
