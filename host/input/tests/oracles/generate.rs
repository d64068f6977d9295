//! YAML texts made together with what they mean: every value, and where each of it stands.
//!
//! A [`Node`] says how something is written, the [`Writer`] writes it and notes what a reader must
//! find. It follows YAML 1.2.2 (chapters 6 to 8) and reads nothing, so it is an oracle of its own.

use std::ops::Range;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// How a value is written.
#[derive(Clone, Debug)]
pub enum Node {
    /// Nothing at all: null.
    Absent,
    /// One of [`PLAIN`].
    Plain(usize),
    /// A plain scalar of several lines; an empty string is an empty line.
    Words(Vec<String>),
    Single(String),
    Double(String),
    /// A literal or folded block scalar.
    Block {
        folded: bool,
        explicit: bool,
        chomp: Chomp,
        lines: Vec<String>,
        trailing: usize,
    },
    List {
        flow: bool,
        items: Vec<Node>,
    },
    /// With how each key is written, and whether the map merges another one first.
    Map {
        flow: bool,
        merge: Option<usize>,
        members: Vec<(usize, Node)>,
    },
    Anchored(Box<Node>),
    /// A scalar with a tag that makes a string of it.
    Tagged(Box<Node>),
    /// One of the anchors that are complete.
    Alias(usize),
}

/// What happens to the line breaks at the end of a block scalar.
#[derive(Clone, Copy, Debug)]
pub enum Chomp {
    Strip,
    Clip,
    Keep,
}

/// Plain scalars that may stand everywhere, with the JSON of what they are.
const PLAIN: [(&str, &str); 26] = [
    ("a", r#""a""#),
    ("some text", r#""some text""#),
    ("yes", "true"),
    ("Off", "false"),
    ("~", "null"),
    ("null", "null"),
    ("0", "0"),
    ("-12", "-12"),
    ("0x1F", "31"),
    ("017", "15"),
    ("1_000", "1000"),
    (".5", "0.5"),
    ("1e3", "1e3"),
    ("12345678901234567890", "12345678901234567890"),
    ("2001-01-01", r#""2001-01-01""#),
    ("http://x.y/z#f", r#""http://x.y/z#f""#),
    ("a#b", r#""a#b""#),
    ("a:b", r#""a:b""#),
    ("-a", r#""-a""#),
    ("=", r#""=""#),
    ("<<", r#""<<""#),
    ("it's", r#""it's""#),
    ("say \"x\"", r#""say \"x\"""#),
    ("nginx:1.27@sha256:0f", r#""nginx:1.27@sha256:0f""#),
    ("ü€\u{1f600}", "\"ü€\u{1f600}\""),
    ("a\\n", r#""a\\n""#),
];

/// What a reader must find.
#[derive(Clone, Debug)]
pub struct Expected {
    pub span: Range<usize>,
    pub value: Value,
    pub children: Children,
}

#[derive(Clone, Debug)]
pub enum Children {
    /// Of a scalar, or of an alias: its children stand where its anchor is.
    None,
    Items(Vec<Expected>),
    /// The members that stand in the map itself: key, its place, value.
    Members(Vec<(String, Range<usize>, Expected)>),
}

/// A document with one key, `spec`, besides those that make it an object of Kubernetes.
#[derive(Clone, Debug)]
pub struct Generated {
    pub text: String,
    pub spec: Expected,
    /// Places of all comments, and whether each has its line for itself.
    pub comments: Vec<(Range<usize>, bool)>,
}

/// Documents, numbered as their names say.
pub fn documents(number: usize) -> impl Strategy<Value = Generated> {
    (node(), prop::collection::vec(any::<u8>(), 1..60), any::<[bool; 3]>())
        .prop_map(move |(node, layout, [crlf, mark, marker])| document(number, &node, layout, crlf, mark, marker))
}

fn document(number: usize, node: &Node, layout: Vec<u8>, crlf: bool, mark: bool, marker: bool) -> Generated {
    let newline = if crlf { "\r\n" } else { "\n" };
    let mut writer = Writer { newline, layout, ..Writer::default() };
    if mark {
        writer.text.push('\u{feff}');
    }
    if marker {
        writer.text.push_str("---");
        writer.line_end();
    }
    let name = format!("{{name: case-{number}}}");
    for (key, value) in [("apiVersion", "verdikt.dev/v1"), ("kind", "Case"), ("metadata", &name)] {
        writer.text.push_str(&format!("{key}: {value}"));
        writer.line_end();
    }
    writer.text.push_str("spec:");
    let spec = writer.value(node, "", 0, After::Colon);
    Generated { text: writer.text, spec, comments: writer.comments }
}

fn node() -> impl Strategy<Value = Node> {
    let line = "[a-z#:\"'-]([a-zü: #,&*!|>%@`{}\\[\\]-]{0,8}[a-zü:,\\]])?";
    let word = "[a-z]{1,5}( [a-zü]{1,3}){0,2}";
    let quoted = "[ a-zü€\u{1f600}:#,'{}\\[\\]&*!%@-]{0,14}";
    let escaped = "[ a-zü€\u{1f600}:#\"'\\\\\n\t\u{7}\u{85}\u{2028}{}-]{0,14}";
    let block = (
        any::<[bool; 2]>(),
        prop::collection::vec(prop_oneof![4 => line, 1 => Just(String::new())], 0..4),
        line,
        0..3usize,
        prop_oneof![Just(Chomp::Strip), Just(Chomp::Clip), Just(Chomp::Keep)],
    )
        .prop_map(|([folded, explicit], mut lines, last, trailing, chomp)| {
            lines.push(last);
            Node::Block { folded, explicit, chomp, lines, trailing }
        });
    let words = (word, prop::collection::vec(prop_oneof![3 => word, 1 => Just(String::new())], 0..3), word)
        .prop_map(|(first, middle, last)| Node::Words([first].into_iter().chain(middle).chain([last]).collect()));
    let scalar = prop_oneof![
        4 => (0..PLAIN.len()).prop_map(Node::Plain),
        1 => Just(Node::Absent),
        1 => words,
        2 => quoted.prop_map(Node::Single),
        2 => escaped.prop_map(Node::Double),
        2 => block,
        1 => (0..PLAIN.len()).prop_map(|plain| Node::Tagged(Box::new(Node::Plain(plain)))),
        1 => (0..8usize).prop_map(Node::Alias),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        let list = (any::<bool>(), prop::collection::vec(inner.clone(), 0..5))
            .prop_map(|(flow, items)| Node::List { flow, items });
        let members = prop::collection::vec((0..8usize, inner.clone()), 0..5);
        let map = (any::<bool>(), prop::option::weighted(0.3, 0..8usize), members)
            .prop_map(|(flow, merge, members)| Node::Map { flow, merge, members });
        prop_oneof![
            3 => list,
            5 => map,
            2 => inner.prop_map(|inner| Node::Anchored(Box::new(inner))),
        ]
    })
}

/// What a value in block style stands behind.
#[derive(Clone, Copy, PartialEq)]
enum After {
    Colon,
    Dash,
}

#[derive(Default)]
struct Writer {
    text: String,
    newline: &'static str,
    /// Decides everything that has no meaning: indentation, comments, where lines break.
    layout: Vec<u8>,
    decisions: usize,
    comments: Vec<(Range<usize>, bool)>,
    /// How many anchors have a name.
    names: usize,
    /// The anchors that aliases may name.
    anchors: Vec<(String, Value)>,
}

impl Writer {
    fn choose(&mut self, of: usize) -> usize {
        self.decisions += 1;
        usize::from(self.layout[self.decisions % self.layout.len()]) % of
    }

    fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }

    fn gap(&mut self) {
        let wide = self.choose(3);
        self.spaces(1 + wide);
    }

    fn column(&self) -> usize {
        let line = self.text.rfind('\n').map_or(0, |line_break| line_break + 1);
        self.text[line..].chars().filter(|character| *character != '\u{feff}').count()
    }

    fn comment(&mut self, own_line: bool) {
        let start = self.text.len();
        self.text.push_str(&format!("# c{} ü: [", self.comments.len()));
        self.comments.push((start..self.text.len(), own_line));
    }

    /// Ends a line, perhaps with a comment, and perhaps with lines that mean nothing behind it.
    fn line_end(&mut self) {
        if self.choose(6) == 0 {
            self.gap();
            self.comment(false);
        }
        self.text.push_str(self.newline);
        match self.choose(12) {
            0 => self.text.push_str(self.newline),
            1 => {
                let indent = self.choose(9);
                self.spaces(indent);
                self.comment(true);
                self.text.push_str(self.newline);
            }
            _ => {}
        }
    }

    /// Goes on in the next line, as far to the right as a continued scalar has to be.
    fn next_line(&mut self, parent: usize) {
        self.text.push_str(self.newline);
        let indent = parent + 1 + self.choose(3);
        self.spaces(indent);
    }

    /// Writes what stands behind an indicator in block style, up to the end of its last line.
    /// `parent` is the column of the collection around it.
    fn value(&mut self, node: &Node, properties: &str, parent: usize, after: After) -> Expected {
        match node {
            Node::Absent => {
                if !properties.is_empty() {
                    self.gap();
                    self.text.push_str(properties.trim_end());
                }
                let at = self.text.len();
                self.line_end();
                Expected { span: at..at, value: Value::Null, children: Children::None }
            }
            Node::Anchored(inner) if properties.is_empty() => {
                let name = self.name();
                let expected = self.value(inner, &format!("&{name} "), parent, after);
                self.anchors.push((name, expected.value.clone()));
                expected
            }
            Node::Block { folded, explicit, chomp, lines, trailing } => {
                self.gap();
                self.text.push_str(properties);
                self.block(*folded, *explicit, *chomp, lines, *trailing, parent)
            }
            Node::List { flow: false, items } if !items.is_empty() => {
                let column = self.begin_collection(properties, parent, after, after == After::Colon);
                let start = self.text.len();
                let mut expected = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.spaces(column);
                    }
                    self.text.push('-');
                    expected.push(self.value(item, "", column, After::Dash));
                }
                list(start, expected)
            }
            Node::Map { flow: false, merge, members } if !members.is_empty() => {
                let column = self.begin_collection(properties, parent, after, false);
                let start = self.text.len();
                let merged = self.merged(*merge);
                let mut first = true;
                if let Some((name, _)) = &merged {
                    self.text.push_str(&format!("<<: *{name}"));
                    self.line_end();
                    first = false;
                }
                let mut expected = Vec::new();
                for (index, (style, member)) in members.iter().enumerate() {
                    if !std::mem::take(&mut first) {
                        self.spaces(column);
                    }
                    let (key, span) = self.key(*style, index, Some(column));
                    self.text.push(':');
                    expected.push((key, span, self.value(member, "", column, After::Colon)));
                }
                let end = expected.last().map_or(start, |(_, _, last)| last.span.end);
                map(start..end, expected, merged)
            }
            other => {
                // What fits a line may stand in the next one.
                if self.choose(8) == 0 {
                    self.next_line(parent)
                } else {
                    self.gap()
                }
                self.text.push_str(properties);
                let expected = self.flow(other, !properties.is_empty(), parent);
                self.line_end();
                expected
            }
        }
    }

    /// Moves to where a collection in block style begins, and gives the column.
    fn begin_collection(&mut self, properties: &str, parent: usize, after: After, may_align: bool) -> usize {
        if after == After::Dash && properties.is_empty() && self.choose(3) > 0 {
            self.gap();
            return self.column();
        }
        if !properties.is_empty() {
            self.gap();
            self.text.push_str(properties.trim_end());
        }
        self.line_end();
        let column = parent + usize::from(!may_align) + self.choose(3);
        self.spaces(column);
        column
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("a{}", self.names)
    }

    /// The anchor of a map that a merge key names, where there is one.
    fn merged(&self, choice: Option<usize>) -> Option<(String, Map<String, Value>)> {
        let maps = self.anchors.iter().filter_map(|(name, value)| Some((name.clone(), value.as_object()?.clone())));
        let maps: Vec<_> = maps.collect();
        maps.get(choice? % maps.len().max(1)).cloned()
    }

    /// Writes a key; `block` is the column of its map in block style.
    fn key(&mut self, style: usize, index: usize, block: Option<usize>) -> (String, Range<usize>) {
        let (text, key) = match style {
            0 | 1 => (format!("k{index}"), format!("k{index}")),
            2 => (format!("'it''s {index}'"), format!("it's {index}")),
            3 => (format!("\"q\\t{index}\""), format!("q\t{index}")),
            4 => (format!("ü€{index}"), format!("ü€{index}")),
            5 => (format!("1{index}"), format!("1{index}")),
            _ => (format!("k {index}"), format!("k {index}")),
        };
        let explicit = block.filter(|_| style == 1);
        if explicit.is_some() {
            self.text.push('?');
            self.gap();
        }
        let start = self.text.len();
        self.text.push_str(&text);
        let span = start..self.text.len();
        if let Some(column) = explicit {
            self.line_end();
            self.spaces(column);
        }
        (key, span)
    }

    fn block(
        &mut self,
        folded: bool,
        explicit: bool,
        chomp: Chomp,
        lines: &[String],
        trailing: usize,
        parent: usize,
    ) -> Expected {
        let start = self.text.len();
        let deeper = 1 + self.choose(3);
        self.text.push(if folded { '>' } else { '|' });
        if explicit {
            self.text.push_str(&deeper.to_string());
        }
        self.text.push_str(match chomp {
            Chomp::Strip => "-",
            Chomp::Clip => "",
            Chomp::Keep => "+",
        });
        if self.choose(4) == 0 {
            self.gap();
            self.comment(false);
        }
        let mut end = self.text.len();
        self.text.push_str(self.newline);
        for (index, line) in lines.iter().enumerate() {
            // Where the indentation is stated, a literal may begin with spaces.
            let more = if explicit && !folded && !line.is_empty() { index % 3 } else { 0 };
            if !line.is_empty() {
                self.spaces(parent + deeper + more);
                self.text.push_str(line);
                end = self.text.len();
            }
            self.text.push_str(self.newline);
        }
        (0..trailing).for_each(|_| self.text.push_str(self.newline));
        let mut value = if folded {
            fold(lines)
        } else {
            let more = |index: usize, line: &str| {
                if explicit && !line.is_empty() { " ".repeat(index % 3) } else { String::new() }
            };
            let lines: Vec<String> = lines.iter().enumerate().map(|(index, line)| more(index, line) + line).collect();
            lines.join("\n")
        };
        match chomp {
            Chomp::Strip => {}
            Chomp::Clip => value.push('\n'),
            Chomp::Keep => value.push_str(&"\n".repeat(1 + trailing)),
        }
        Expected { span: start..end, value: value.into(), children: Children::None }
    }

    /// Writes a node in a style that flow collections take, without what ends its line.
    fn flow(&mut self, node: &Node, has_properties: bool, parent: usize) -> Expected {
        let start = self.text.len();
        let value: Value = match node {
            Node::Absent => self.plain(0),
            Node::Plain(index) => self.plain(*index),
            Node::Words(lines) => {
                for (index, line) in lines.iter().enumerate() {
                    match (index, line.is_empty()) {
                        (0, _) => {}
                        (_, true) => {
                            self.text.push_str(self.newline);
                            continue;
                        }
                        (_, false) => self.next_line(parent),
                    }
                    self.text.push_str(line);
                }
                fold(lines).into()
            }
            Node::Single(content) => self.single(content, parent),
            Node::Double(content) => self.double(content, parent),
            Node::Block { lines, .. } => self.double(&lines.join("\n"), parent),
            Node::Tagged(inner) if !has_properties => {
                let tag = ["!!str", "!local", "!"][self.choose(3)];
                self.text.push_str(&format!("{tag} "));
                let start = self.text.len();
                self.flow(inner, true, parent);
                let value = self.text[start..].to_owned().into();
                return Expected { span: start..self.text.len(), value, children: Children::None };
            }
            Node::Tagged(inner) => return self.flow(inner, true, parent),
            Node::Anchored(inner) if !has_properties => {
                let name = self.name();
                self.text.push_str(&format!("&{name} "));
                let expected = self.flow(inner, true, parent);
                self.anchors.push((name, expected.value.clone()));
                return expected;
            }
            Node::Anchored(inner) => return self.flow(inner, true, parent),
            Node::Alias(choice) => match self.anchors.get(choice % self.anchors.len().max(1)).cloned() {
                Some((name, value)) if !has_properties => {
                    self.text.push_str(&format!("*{name}"));
                    value
                }
                _ => self.plain(0),
            },
            Node::List { items, .. } => {
                self.text.push('[');
                let mut expected = Vec::new();
                for item in items {
                    self.separate(expected.len(), parent);
                    expected.push(self.flow(item, false, parent));
                }
                self.close(']', expected.len());
                let mut expected = list(start, expected);
                expected.span.end = self.text.len();
                return expected;
            }
            Node::Map { merge, members, .. } => {
                self.text.push('{');
                let merged = self.merged(*merge);
                if let Some((name, _)) = &merged {
                    self.text.push_str(&format!("<<: *{name} "));
                }
                let mut expected = Vec::new();
                for (index, (style, member)) in members.iter().enumerate() {
                    self.separate(index + usize::from(merged.is_some()), parent);
                    let (key, span) = self.key(*style, index, None);
                    self.text.push(':');
                    let member = if matches!(member, Node::Absent) {
                        let at = self.text.len();
                        self.spaces(1);
                        Expected { span: at..at, value: Value::Null, children: Children::None }
                    } else {
                        self.gap();
                        self.flow(member, false, parent)
                    };
                    expected.push((key, span, member));
                }
                self.close('}', expected.len());
                return map(start..self.text.len(), expected, merged);
            }
        };
        Expected { span: start..self.text.len(), value, children: Children::None }
    }

    /// Writes what stands before an element of a flow collection that has so many already.
    fn separate(&mut self, before: usize, parent: usize) {
        if before > 0 {
            // Else the comma could be part of an alias.
            self.spaces(1);
            self.text.push(',');
        }
        match self.choose(8) {
            0 => self.next_line(parent),
            1 => {
                self.gap();
                self.comment(false);
                self.next_line(parent);
            }
            _ => self.gap(),
        }
    }

    fn close(&mut self, bracket: char, elements: usize) {
        self.gap();
        if elements > 0 && self.choose(4) == 0 {
            self.text.push_str(", ");
        }
        self.text.push(bracket);
    }

    fn plain(&mut self, index: usize) -> Value {
        let (text, json) = PLAIN[index];
        self.text.push_str(text);
        crate::support::normal(serde_json::from_str(json).unwrap())
    }

    fn single(&mut self, content: &str, parent: usize) -> Value {
        self.text.push('\'');
        let characters: Vec<char> = content.chars().collect();
        for (index, character) in characters.iter().enumerate() {
            match character {
                '\'' => self.text.push_str("''"),
                ' ' if is_lone_space(&characters, index) && self.choose(5) == 0 => self.next_line(parent),
                other => self.text.push(*other),
            }
        }
        self.text.push('\'');
        content.into()
    }

    fn double(&mut self, content: &str, parent: usize) -> Value {
        self.text.push('"');
        let characters: Vec<char> = content.chars().collect();
        for (index, character) in characters.iter().enumerate() {
            match character {
                '"' | '\\' => self.text.extend(['\\', *character]),
                '\n' => self.text.push_str("\\n"),
                '\t' => self.text.push_str("\\t"),
                '\u{7}' => self.text.push_str("\\a"),
                '\u{85}' => self.text.push_str("\\N"),
                '\u{2028}' => self.text.push_str("\\L"),
                ' ' if is_lone_space(&characters, index) && self.choose(5) == 0 => self.next_line(parent),
                other => match self.choose(8) {
                    0 => self.text.push_str(&format!("\\U{:08x}", u32::from(*other))),
                    1 if u32::from(*other) < 0x1_0000 => self.text.push_str(&format!("\\u{:04X}", u32::from(*other))),
                    // The line break is escaped, and what indents the next line is not content.
                    2 if index > 0 && *other != ' ' => {
                        self.text.push('\\');
                        self.next_line(parent);
                        self.text.push(*other);
                    }
                    _ => self.text.push(*other),
                },
            }
        }
        self.text.push('"');
        content.into()
    }
}

/// Whether a space may become a line break: one between two characters that are none.
fn is_lone_space(characters: &[char], at: usize) -> bool {
    let is_text = |character: Option<&char>| character.is_some_and(|character| !character.is_whitespace());
    is_text(at.checked_sub(1).and_then(|before| characters.get(before))) && is_text(characters.get(at + 1))
}

/// Line folding: a line break is a space, and so many empty lines are as many line breaks.
fn fold(lines: &[String]) -> String {
    let mut value = String::new();
    let mut breaks = 0;
    for (index, line) in lines.iter().enumerate() {
        if line.is_empty() {
            breaks += 1;
            continue;
        }
        value.push_str(&if breaks == 0 && index > 0 { " ".to_owned() } else { "\n".repeat(breaks) });
        value.push_str(line);
        breaks = 0;
    }
    value
}

fn list(start: usize, items: Vec<Expected>) -> Expected {
    let end = items.last().map_or(start, |last| last.span.end);
    let value = json!(items.iter().map(|item| &item.value).collect::<Vec<_>>());
    Expected { span: start..end, value, children: Children::Items(items) }
}

fn map(
    span: Range<usize>,
    members: Vec<(String, Range<usize>, Expected)>,
    merged: Option<(String, Map<String, Value>)>,
) -> Expected {
    let mut value = merged.map(|(_, members)| members).unwrap_or_default();
    value.extend(members.iter().map(|(key, _, member)| (key.clone(), member.value.clone())));
    Expected { span, value: value.into(), children: Children::Members(members) }
}
