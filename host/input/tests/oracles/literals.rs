//! The text at a span, read by itself, is the value again: in real files and in the test suite.

use std::fs;

use serde_json::Value;
use verdikt_input::Syntax;
use verdikt_model::{Level, NodeRef};

use crate::support::{corpus, files, read, root, value};
use crate::yaml_test_suite;

/// Longer texts are not read again as a whole; what they consist of is.
const LONG: usize = 2000;

#[test]
fn real_files() {
    let Some(folder) = corpus("") else { return };
    let mut checked = Checked::default();
    for (index, path) in files(&folder).iter().enumerate() {
        // Most are small cases of the Pod Security Standards, which are much alike.
        if path.components().any(|part| part.as_os_str() == "pss") && index % 20 != 0 {
            continue;
        }
        let Ok(text) = fs::read_to_string(path) else { continue };
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => checked.text(Syntax::Json, &text),
            Some("yaml" | "yml") => checked.text(Syntax::Yaml, &text),
            _ => {}
        }
    }
    assert!(checked.scalars > 10_000 && checked.blocks > 1000 && checked.keys > 20_000, "{checked:?}");
    assert!(checked.collections > 5_000, "{checked:?}");
}

#[test]
fn the_test_suite() {
    let Some(cases) = yaml_test_suite::cases() else { return };
    let mut checked = Checked::default();
    cases.iter().for_each(|case| checked.text(Syntax::Yaml, &case.yaml));
    assert!(checked.scalars > 300 && checked.blocks > 50 && checked.keys > 250, "{checked:?}");
}

/// How much was read again.
#[derive(Debug, Default)]
struct Checked {
    scalars: usize,
    blocks: usize,
    keys: usize,
    collections: usize,
}

impl Checked {
    fn text(&mut self, syntax: Syntax, text: &str) {
        let (parsed, diagnostics) = read(syntax, text);
        // Where something is wrong, reading it again is wrong, too; and a part has no directives.
        if text.starts_with("%TAG") || diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Error) {
            return;
        }
        for document in &parsed {
            self.node(syntax, text, root(document), None);
        }
    }

    fn node(&mut self, syntax: Syntax, text: &str, node: NodeRef<'_>, parent: Option<NodeRef<'_>>) {
        let covered = &text[node.span().range()];
        let case = || format!("{covered:?} in {text:?}");
        assert_eq!(covered.trim(), covered, "white space around {}", case());
        // What an alias stands for is elsewhere, and a tag or what is unknown has a meaning of its own.
        if !node.provenance().is_empty() || node.is_unknown() || has_tag(text, node) {
            return;
        }
        let is_collection = node.is_list() || node.is_map();
        if covered.is_empty() {
            assert!(node.is_null(), "{}", case());
        } else if syntax == Syntax::Json {
            assert_eq!(alone(syntax, covered), Some(value(node)), "{}", case());
        } else if is_collection {
            // Aliases need their anchors, and a block scalar may end behind the span, with white space.
            let next_line = text[node.span().range().end..].lines().nth(1).unwrap_or_default();
            let cut = covered.contains('+') || (!next_line.is_empty() && next_line.trim().is_empty());
            if covered.len() < LONG && !covered.contains('*') && !cut {
                let pair = !covered.starts_with(['{', '[']) && parent.is_some_and(|parent| is_flow(text, parent));
                let (again, expected) = if pair {
                    (format!("[{covered}]"), Value::from(vec![value(node)]))
                } else {
                    (format!("{}{covered}\n", " ".repeat(column(text, node))), value(node))
                };
                assert_eq!(alone(syntax, &again), Some(expected), "{}", case());
                self.collections += 1;
            }
        } else if covered.starts_with(['|', '>']) {
            self.block(text, node, parent);
        } else {
            assert_eq!(alone(syntax, &format!(" {covered}")), Some(value(node)), "{}", case());
            self.scalars += 1;
        }
        let mut end = node.span().start;
        for item in node.items() {
            assert!(node.span().contains(item.span()) && end <= item.span().start, "{}", case());
            end = item.span().end;
            self.node(syntax, text, item, Some(node));
        }
        for (key, span, member) in node.keyed_entries() {
            // Else it was merged in from elsewhere.
            if node.span().contains(span) {
                assert!(end <= span.start && span.end <= member.span().start, "{key} of {}", case());
                assert!(node.span().contains(member.span()), "{key} of {}", case());
                end = member.span().end;
                self.key(syntax, &text[span.range()], key);
                self.node(syntax, text, member, Some(node));
            }
        }
    }

    /// A block scalar depends on the column of the collection around it, if there is one.
    fn block(&mut self, text: &str, node: NodeRef<'_>, parent: Option<NodeRef<'_>>) {
        let covered = &text[node.span().range()];
        let indent = parent.map_or(0, |parent| column(text, parent));
        let again = match parent {
            Some(parent) if parent.is_map() => format!("{}k: {covered}\n", " ".repeat(indent)),
            Some(_) => format!("{}- {covered}\n", " ".repeat(indent)),
            None => format!("{covered}\n"),
        };
        let (parsed, diagnostics) = read(Syntax::Yaml, &again);
        assert_eq!(diagnostics, [], "{covered:?} in {text:?}");
        let outer = root(&parsed[0]);
        let found = outer.get("k").or(outer.items().next()).unwrap_or(outer).as_str().unwrap();
        let expected = node.as_str().unwrap();
        // A span ends with the last character that can be seen, so what ends with white space lost it.
        let header = covered.lines().next().unwrap_or_default();
        let ends_white = expected.strip_suffix('\n').is_some_and(|rest| rest.ends_with([' ', '\t']));
        let cut = header.contains('+') || node.span().range().end == text.len() || ends_white;
        let whole = |text: &str| if cut { text.trim_end().to_owned() } else { text.to_owned() };
        assert_eq!(whole(found), whole(expected), "{covered:?} in {text:?}");
        self.blocks += 1;
    }

    fn key(&mut self, syntax: Syntax, covered: &str, key: &str) {
        // An alias, a block scalar, or nothing behind a tag: they are no keys by themselves.
        if covered.is_empty() || covered.starts_with(['*', '|', '>']) {
            return;
        }
        let again = match syntax {
            Syntax::Json => format!("{{{covered}:1}}"),
            Syntax::Yaml if covered.contains('\n') => format!("{{ ? {covered}\n: 1 }}"),
            Syntax::Yaml => format!("{covered}: 1\n"),
        };
        let (parsed, diagnostics) = read(syntax, &again);
        assert_eq!(diagnostics, [], "{covered:?}");
        let found: Vec<&str> = root(&parsed[0]).entries().map(|(key, _)| key).collect();
        // A tag makes a string of what would be a number.
        assert!(found == [key] || covered == key, "{covered:?} is {found:?} and not {key:?}");
        self.keys += 1;
    }
}

/// What a text holds that has one value and nothing wrong with it.
fn alone(syntax: Syntax, text: &str) -> Option<Value> {
    let (parsed, diagnostics) = read(syntax, text);
    let fine = diagnostics.iter().all(|diagnostic| diagnostic.level() == Level::Warning);
    if let [document] = &parsed[..] { fine.then(|| value(root(document))) } else { None }
}

/// Whether a list stands in brackets: a map in it may do without.
fn is_flow(text: &str, node: NodeRef<'_>) -> bool {
    text[node.span().range()].starts_with('[')
}

/// The column where a node begins, counted from 0.
fn column(text: &str, node: NodeRef<'_>) -> usize {
    let before = &text[..node.span().range().start];
    before.chars().rev().take_while(|character| !matches!(character, '\n' | '\r' | '\u{feff}')).count()
}

/// Whether a tag stands before a node, an anchor between them or not.
fn has_tag(text: &str, node: NodeRef<'_>) -> bool {
    let before = &text[..node.span().range().start];
    before
        .split(|character: char| character.is_whitespace() || "[{,".contains(character))
        .rev()
        .filter(|word| !word.is_empty())
        .take(2)
        .any(|word| word.starts_with('!'))
}
