//! JSON with a place on every node.
//!
//! Strict RFC 8259, so that what we accept is what a cluster or AWS accepts, with two additions: a
//! byte-order mark is skipped, and several texts may follow one another, as in JSON lines and in the
//! output of some tools. Nothing here recurses. A repeated key counts as it does for Go's
//! encoding/json, which Kubernetes and AWS' tools use: the last one wins. So does a lone surrogate:
//! it becomes U+FFFD (`unquoteBytes` in encoding/json/decode.go).

use std::sync::Arc;

use memchr::memmem;
use verdikt_model::{Code, Diagnostic, Entry, FileId, NodeId, Span, StringRange, TreeBuilder};

use super::members::{Repeat, Repeats};
use super::{Problem, Problems, after, describe, grouped};
use crate::{InputLimits, ParsedDocument};

/// Parses every JSON text of a file. A text that is wrong becomes a diagnostic, and reading goes on
/// at the next one.
///
/// `text` must not be longer than [`InputLimits::MAX_FILE_SIZE`].
pub(crate) fn load(
    file: FileId,
    text: &str,
    limits: &InputLimits,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<ParsedDocument> {
    read(file, text, limits, Members::LastCounts, diagnostics)
}

/// [`load`], but a map keeps all members that share a key: in Terraform's JSON syntax each of them is a
/// block.
pub(crate) fn load_with_repeats(
    file: FileId,
    text: &str,
    limits: &InputLimits,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<ParsedDocument> {
    read(file, text, limits, Members::All, diagnostics)
}

/// Which members of a map are kept that share a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    LastCounts,
    All,
}

fn read(
    file: FileId,
    text: &str,
    limits: &InputLimits,
    members: Members,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<ParsedDocument> {
    let mut parsed = Vec::new();
    let mut problems = Problems::new(diagnostics);
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    loop {
        at += text.as_bytes()[at..].iter().take_while(|byte| is_space(**byte)).count();
        if at >= text.len() {
            return parsed;
        }
        let mut reader = Reader::new(file, text, at, limits, members);
        match reader.document(&mut problems) {
            Ok(root) => {
                let span = reader.builder.node(root).span();
                at = reader.at;
                parsed.push(ParsedDocument {
                    tree: Arc::new(reader.builder.finish()),
                    root,
                    span,
                    comments: Vec::new(),
                    tags: Vec::new(),
                });
            }
            Err(problem) => {
                let span = Span::new(file, problem.at as u32, after(text, problem.at) as u32);
                problems.push(Diagnostic::at(problem.code, span, problem.message));
                match next_text(text, problem.at) {
                    Some(next) => at = next,
                    None => return parsed,
                }
            }
        }
    }
}

/// Where the next text begins after an error: at a line that begins with `{` when the line before
/// ends with `}`. Inside one text a comma would stand between them, and strings have no line breaks.
fn next_text(text: &str, from: usize) -> Option<usize> {
    memmem::find_iter(&text.as_bytes()[from..], b"\n{")
        .map(|found| from + found + 1)
        .find(|at| *at > from + 1 && text[..*at].trim_end().ends_with('}'))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// A collection that is not closed yet.
enum Frame {
    List { start: usize, items: usize },
    Map { start: usize, entries: usize, key: StringRange, key_span: Span },
}

/// What may come next.
enum Expect {
    Value,
    /// After `[`.
    ValueOrEnd,
    /// After `{`.
    KeyOrEnd,
    /// After a comma in a map.
    Key,
    /// After a value in a collection.
    CommaOrEnd,
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    limits: &'a InputLimits,
    builder: TreeBuilder,
    frames: Vec<Frame>,
    /// Children of all open collections.
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    /// What finds members that share a key, where only one of them counts.
    repeats: Option<Repeats>,
    unescaped: String,
}

impl<'a> Reader<'a> {
    fn new(file: FileId, text: &'a str, at: usize, limits: &'a InputLimits, members: Members) -> Self {
        Reader {
            file,
            text,
            at,
            limits,
            builder: TreeBuilder::new(),
            frames: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            repeats: (members == Members::LastCounts).then(Repeats::default),
            unescaped: String::new(),
        }
    }

    /// Reads one text and stops after it.
    fn document(&mut self, problems: &mut Problems<'_>) -> Result<NodeId, Problem> {
        let mut expect = Expect::Value;
        loop {
            self.skip_space();
            let complete = match (&expect, self.peek()) {
                (Expect::ValueOrEnd, Some(b']')) | (Expect::KeyOrEnd, Some(b'}')) => self.close(problems),
                (Expect::CommaOrEnd, Some(found)) => match (found, self.frames.last()) {
                    (b',', Some(frame)) => {
                        self.at += 1;
                        expect = if matches!(frame, Frame::Map { .. }) { Expect::Key } else { Expect::Value };
                        continue;
                    }
                    (b']', Some(Frame::List { .. })) | (b'}', Some(Frame::Map { .. })) => self.close(problems),
                    (_, Some(Frame::List { .. })) => return Err(self.unexpected("`,` or `]` after a list's element")),
                    _ => return Err(self.unexpected("`,` or `}` after a map's member")),
                },
                (Expect::KeyOrEnd | Expect::Key, Some(b'"')) => {
                    self.key()?;
                    expect = Expect::Value;
                    continue;
                }
                (Expect::KeyOrEnd, _) => return Err(self.unexpected("a key in double quotes or `}`")),
                (Expect::Key, _) => return Err(self.unexpected("a key in double quotes after the comma")),
                (Expect::CommaOrEnd, None) => match self.frames.last() {
                    Some(Frame::List { .. }) => return Err(self.unexpected("`,` or `]` after a list's element")),
                    _ => return Err(self.unexpected("`,` or `}` after a map's member")),
                },
                (Expect::Value | Expect::ValueOrEnd, Some(b'[')) => {
                    self.open(Frame::List { start: self.at, items: self.items.len() })?;
                    expect = Expect::ValueOrEnd;
                    continue;
                }
                (Expect::Value | Expect::ValueOrEnd, Some(b'{')) => {
                    let key = self.builder.string_range("");
                    let key_span = self.span(self.at);
                    self.open(Frame::Map { start: self.at, entries: self.entries.len(), key, key_span })?;
                    expect = Expect::KeyOrEnd;
                    continue;
                }
                (Expect::Value | Expect::ValueOrEnd, _) => self.scalar()?,
            };
            if self.builder.len() > self.limits.nodes {
                return Err(self.too_many());
            }
            match self.frames.last() {
                None => return Ok(complete),
                Some(Frame::List { .. }) => self.items.push(complete),
                Some(Frame::Map { key, key_span, .. }) => {
                    self.entries.push(Entry { key: *key, key_span: *key_span, node: complete });
                }
            }
            expect = Expect::CommaOrEnd;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// From `start` to here.
    fn span(&self, start: usize) -> Span {
        Span::new(self.file, start as u32, self.at as u32)
    }

    fn unexpected(&self, expected: &str) -> Problem {
        self.unexpected_at(self.at, expected)
    }

    fn unexpected_at(&self, at: usize, expected: &str) -> Problem {
        let message = format!("This is not valid JSON: expected {expected}, found {}.", describe(self.text, at));
        Problem { at, code: Code::JsonSyntax, message }
    }

    fn too_many(&self) -> Problem {
        let message = format!(
            "This document has more than {} nodes, the limit of one document. Split it into several files.",
            grouped(self.limits.nodes)
        );
        Problem { at: self.at.saturating_sub(1), code: Code::TooManyNodes, message }
    }

    fn open(&mut self, frame: Frame) -> Result<(), Problem> {
        if self.frames.len() >= self.limits.depth() {
            return Err(Problem::too_deep(self.at, self.limits.depth()));
        }
        self.frames.push(frame);
        self.at += 1;
        Ok(())
    }

    /// Consumes the bracket that closes the innermost collection.
    fn close(&mut self, problems: &mut Problems<'_>) -> NodeId {
        self.at += 1;
        match self.frames.pop() {
            Some(Frame::Map { start, entries, .. }) => {
                if let Some(repeats) = &mut self.repeats {
                    repeats.drop_earlier(&self.builder, &mut self.entries, entries, problems, |_, _| Repeat::Twice);
                }
                let node = self.builder.map(self.span(start), &self.entries[entries..]);
                self.entries.truncate(entries);
                node
            }
            Some(Frame::List { start, items }) => {
                let node = self.builder.list(self.span(start), &self.items[items..]);
                self.items.truncate(items);
                node
            }
            // Callers close only what is open.
            None => self.builder.null(self.span(self.at)),
        }
    }

    fn key(&mut self) -> Result<(), Problem> {
        let start = self.at;
        let content = self.string()?;
        let read = match &content {
            Some(range) => self.builder.string_range(&self.text[range.clone()]),
            None => self.builder.string_range(&self.unescaped),
        };
        let read_span = self.span(start);
        if let Some(Frame::Map { key, key_span, .. }) = self.frames.last_mut() {
            (*key, *key_span) = (read, read_span);
        }
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:` after the key"));
        }
        self.at += 1;
        Ok(())
    }

    fn scalar(&mut self) -> Result<NodeId, Problem> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                let content = self.string()?;
                let span = self.span(start);
                Ok(match content {
                    Some(range) => self.builder.string(span, &self.text[range]),
                    None => self.builder.string(span, &self.unescaped),
                })
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Ok(self.builder.number(self.span(start), &self.text[start..self.at]))
            }
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'\'') => {
                let word = self.text.as_bytes()[start..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
                    .count();
                self.at += word;
                match &self.text[start..self.at] {
                    "null" => Ok(self.builder.null(self.span(start))),
                    "true" => Ok(self.builder.bool(self.span(start), true)),
                    "false" => Ok(self.builder.bool(self.span(start), false)),
                    "" => Err(self.unexpected_at(start, "a value; strings stand in double quotes")),
                    _ => Err(self.unexpected_at(
                        start,
                        "a value: a string in double quotes, a number, `true`, `false`, `null`, `[` or `{`",
                    )),
                }
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Moves past a number; RFC 8259 section 6.
    fn number(&mut self) -> Result<(), Problem> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.unexpected("no digit after a leading zero"));
            }
        } else {
            self.digits("a digit")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("a digit after the decimal point")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("a digit of the exponent")?;
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-')) {
            return Err(self.unexpected("the end of the number"));
        }
        Ok(())
    }

    fn digits(&mut self, expected: &str) -> Result<(), Problem> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected(expected)) } else { Ok(()) }
    }

    /// Moves past a string. `Some` is where its content stands in the text; `None` when it had
    /// escapes and the content is in `unescaped`.
    fn string(&mut self) -> Result<Option<std::ops::Range<usize>>, Problem> {
        let opening = self.at;
        self.at += 1;
        let start = self.at;
        let mut plain = start;
        let mut escaped = false;
        self.unescaped.clear();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let Some(length) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) else {
                let message = "This is not valid JSON: the string that begins here is never closed; expected `\"` \
                               before the end of the file."
                    .into();
                return Err(Problem { at: opening, code: Code::JsonSyntax, message });
            };
            self.at += length;
            match rest[length] {
                b'"' => {
                    let end = self.at;
                    self.at += 1;
                    if !escaped {
                        return Ok(Some(start..end));
                    }
                    self.unescaped.push_str(&self.text[plain..end]);
                    return Ok(None);
                }
                b'\\' => {
                    escaped = true;
                    self.unescaped.push_str(&self.text[plain..self.at]);
                    let character = self.escape()?;
                    self.unescaped.push(character);
                    plain = self.at;
                }
                b'\n' | b'\r' => {
                    return Err(self.unexpected("`\"` at the end of the string (a line break in it is written `\\n`)"));
                }
                _ => {
                    return Err(self.unexpected(
                        "no control character in a string (a tab is written `\\t`, others `\\u` and four digits)",
                    ));
                }
            }
        }
    }

    /// Moves past an escape and gives what it stands for.
    fn escape(&mut self) -> Result<char, Problem> {
        self.at += 1;
        let escape = self.peek();
        let character = match escape {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let unit = self.unit()?;
                let low_follows = self.text.as_bytes()[self.at..].starts_with(b"\\u");
                if !(0xd800..0xdc00).contains(&unit) || !low_follows {
                    return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                let next = self.at;
                self.at += 2;
                let low = self.unit()?;
                if !(0xdc00..0xe000).contains(&low) {
                    // Not a pair: the second escape stands for itself.
                    self.at = next;
                    return Ok(char::REPLACEMENT_CHARACTER);
                }
                let scalar = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return Err(self.unexpected("one of `\" \\ / b f n r t u` after `\\`")),
        };
        self.at += 1;
        Ok(character)
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Problem> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("four hexadecimal digits after `\\u`"));
            };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Vec<ParsedDocument>, Vec<Diagnostic>) {
        read_with(text, &InputLimits::default())
    }

    fn read_with(text: &str, limits: &InputLimits) -> (Vec<ParsedDocument>, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let parsed = load(FileId(0), text, limits, &mut diagnostics);
        (parsed, diagnostics)
    }

    fn json(parsed: &ParsedDocument) -> String {
        parsed.tree.node(parsed.root).to_json()
    }

    #[test]
    fn repeated_members_are_kept_on_request() {
        let text = r#"{"a": 1, "b": 2, "a": 3}"#;
        let limits = InputLimits::default();
        let mut diagnostics = Vec::new();
        let read = |parsed: Vec<ParsedDocument>| parsed[0].tree.node(parsed[0].root).to_json();
        assert_eq!(read(load_with_repeats(FileId(0), text, &limits, &mut diagnostics)), r#"{"a":1,"b":2,"a":3}"#);
        assert_eq!(diagnostics, []);
        assert_eq!(read(load(FileId(0), text, &limits, &mut diagnostics)), r#"{"b":2,"a":3}"#);
        assert_eq!(diagnostics.len(), 1);
    }

    #[test]
    fn valid_texts_come_back_as_they_are() {
        for text in [
            "null",
            "true",
            "[]",
            "{}",
            r#"{"a":[1,-0.5e+3,1E400,123456789012345678901234567890],"b":{"c":null}}"#,
            r#""ü \" \\ \n""#,
            "[[[]],{}]",
        ] {
            let (parsed, diagnostics) = read(text);
            assert_eq!(diagnostics, [], "{text}");
            assert_eq!(parsed.len(), 1, "{text}");
            assert_eq!(json(&parsed[0]), text);
            assert_eq!(parsed[0].span.range(), 0..text.len());
        }
    }

    #[test]
    fn escapes() {
        for (text, expected) in [
            (r#""\u0041\u00fc\/\b\f""#, "Aü/\u{8}\u{c}"),
            (r#""\ud83d\ude00""#, "\u{1f600}"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ude00x""#, "\u{fffd}x"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
        ] {
            let (parsed, diagnostics) = read(text);
            assert_eq!(diagnostics, [], "{text}");
            assert_eq!(parsed[0].tree.node(parsed[0].root).as_str(), Some(expected), "{text}");
        }
    }

    #[test]
    fn errors_say_where_and_what_was_expected() {
        for (text, at, expected) in [
            (r#"{"a":1"#, 6, "expected `,` or `}` after a map's member, found the end of the file"),
            ("[1 2]", 3, "expected `,` or `]` after a list's element, found `2`"),
            ("[1}", 2, "expected `,` or `]`"),
            ("{'a':1}", 1, "expected a key in double quotes or `}`, found `'`"),
            (r#"{"a":1,}"#, 7, "expected a key in double quotes after the comma, found `}`"),
            ("[1,]", 3, "expected a value, found `]`"),
            (r#"{"a" 1}"#, 5, "expected `:` after the key"),
            ("[01]", 2, "no digit after a leading zero"),
            ("[1.]", 3, "a digit after the decimal point"),
            ("[-]", 2, "a digit"),
            ("[1e+]", 4, "a digit of the exponent"),
            ("[1x]", 2, "the end of the number"),
            ("[True]", 1, "`true`"),
            ("{\"a\": # no\n1}", 6, "expected a value, found `#`"),
            ("\"a\nb\"", 2, "a line break in it is written `\\n`"),
            ("\"a\tb\"", 2, "no control character"),
            (r#""\x""#, 2, "one of"),
            (r#""\u12g4""#, 5, "four hexadecimal digits"),
            (r#"["abc"#, 1, "never closed"),
            ("{}]", 2, "expected a value, found `]`"),
        ] {
            let (_, diagnostics) = read(text);
            assert_eq!(diagnostics.len(), 1, "{text}: {diagnostics:?}");
            assert!(diagnostics[0].message.contains(expected), "{text}: {}", diagnostics[0].message);
            let verdikt_model::DiagnosticPlace::Span(span) = diagnostics[0].place else { panic!("{text}: no place") };
            assert_eq!(span.start, at, "{text}");
        }
    }

    #[test]
    fn texts_may_follow_one_another_and_a_bad_one_does_not_take_the_others_along() {
        let (parsed, diagnostics) = read("\u{feff}{\"a\":1}\n{\"a\":2} [3]\n");
        assert_eq!(diagnostics, []);
        assert_eq!(parsed.iter().map(json).collect::<Vec<_>>(), [r#"{"a":1}"#, r#"{"a":2}"#, "[3]"]);

        let (parsed, diagnostics) = read("{\"a\":1}\n{\"a\":oops,\n\"b\":{\n}}\n{\"a\":3}");
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(parsed.iter().map(json).collect::<Vec<_>>(), [r#"{"a":1}"#, r#"{"a":3}"#]);
    }

    #[test]
    fn the_last_of_repeated_keys_counts() {
        let (parsed, diagnostics) = read(r#"{"a":1,"b":2,"a":3}"#);
        assert_eq!(json(&parsed[0]), r#"{"b":2,"a":3}"#);
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].code, Code::DuplicateKey);

        let many: String = (0..50).map(|index| format!("\"k{}\":{index},", index % 40)).collect();
        let (parsed, diagnostics) = read(&format!("{{{}\"z\":0}}", many));
        let root = parsed[0].tree.node(parsed[0].root);
        assert_eq!(root.entries().len(), 41);
        assert_eq!(root.get("k3").and_then(|node| node.as_number()), Some("43"));
        assert_eq!(root.get("k33").and_then(|node| node.as_number()), Some("33"));
        assert_eq!(diagnostics.len(), 10);
    }

    #[test]
    fn budgets() {
        let limits = InputLimits { nodes: 100, depth: 5, ..InputLimits::default() };
        let (parsed, diagnostics) = read_with("[[[[[1]]]]]", &limits);
        assert_eq!((parsed.len(), diagnostics.len()), (1, 0));
        let (parsed, diagnostics) = read_with("[[[[[[1]]]]]]", &limits);
        assert!(parsed.is_empty());
        assert_eq!(diagnostics[0].code, Code::TooDeep);
        let wide = format!("[{}1]", "1,".repeat(100));
        assert_eq!(read_with(&wide, &limits).1[0].code, Code::TooManyNodes);
        let deep = "[".repeat(100_000);
        assert_eq!(read(&deep).1[0].code, Code::TooDeep);
    }

    proptest! {
        #![proptest_config(crate::syntax::reproducible())]

        #[test]
        fn nothing_panics_and_spans_hold_their_values(text in r#"[\[\]{},:"a\\un1 \n\-.etrueü]{0,40}"#) {
            let (parsed, _) = read(&text);
            for document in parsed {
                check_spans(&text, document.tree.node(document.root));
            }
        }
    }

    /// What a span covers must parse to the node's own value again.
    fn check_spans(text: &str, node: verdikt_model::NodeRef<'_>) {
        let (again, diagnostics) = read(&text[node.span().range()]);
        assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == Code::DuplicateKey));
        assert_eq!(json(&again[0]), node.to_json());
        for child in node.items().chain(node.entries().map(|(_, child)| child).collect::<Vec<_>>()) {
            check_spans(text, child);
        }
        for (key, span, _) in node.keyed_entries() {
            let (again, _) = read(&text[span.range()]);
            assert_eq!(again[0].tree.node(again[0].root).as_str(), Some(key));
        }
    }
}
