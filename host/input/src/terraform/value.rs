//! From the values of an evaluation to trees.
//!
//! The place of a node is the innermost expression of the resource's block that gives its value; what lies behind that
//! is its provenance. A list of which the length is not known has the elements that are known, and unknown ones for those
//! that may be there; an object of which not all attributes are known is unknown and has those that are.

use std::collections::HashMap;

use verdikt_model::{Entry, NodeId, Provenance, Span, Tree, TreeBuilder, is_json_number};
use verdikt_terraform::encoded::{broken_at, json, yaml};
use verdikt_terraform::value::{
    Data, Encoding, Known, Marks, Member, Origin, Piece, Place, Text, Unknown, Value, What,
};

use super::files::Numbers;
use super::{Decoded, encoded};

/// Parts of a value that becomes one tree, and of what a text in it encodes.
pub(super) const MOST_PARTS: u64 = 200_000;

/// Parts of what a member in JSON encodes. Container definitions are no more than 64 KiB of text, and no container takes
/// less than three characters and a comma. <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
const MOST_JSON_PARTS: u64 = 20_000;

/// Why what has more parts is unknown.
const TOO_LARGE: &str = "it has more parts than the limit";

/// How many steps of provenance the trees of a configuration may still have. Each element of a list that came through many
/// locals has all of them, so that steps can outnumber nodes by far; nodes beyond the limit have none.
pub(super) struct Steps(usize);

impl Default for Steps {
    fn default() -> Self {
        Steps(1_000_000)
    }
}

/// What some members of a body are.
#[derive(Clone, Copy, Default)]
pub(super) struct Members<'m> {
    /// JSON texts.
    pub(super) json: &'m [&'m str],
    /// YAML texts, of which those that are known are read elsewhere.
    pub(super) yaml: &'m [&'m str],
    /// Objects of which only the structure counts.
    pub(super) objects: &'m [&'m str],
    /// What nobody may print.
    pub(super) secret: &'m [&'m str],
}

/// Builds the tree of a body. `block` is where what has no place of its own counts as written.
pub(super) fn tree(body: &Value, block: Span, numbers: &Numbers, steps: &mut Steps, members: Members<'_>) -> Built {
    let mut builder = Builder { builder: TreeBuilder::new(), numbers, block, steps };
    let body = &with_objects(body, members.objects);
    let root = builder.node(body, block, Depth(0));
    let mut decoded = HashMap::new();
    for key in members.secret {
        if let Some(id) = builder.builder.node(root).get(key).map(|node| node.id()) {
            encoded::mark(&mut builder.builder, id);
        }
    }
    let json_texts = members.json.iter().map(|key| (key, json as fn(&Value) -> Option<Value>, MOST_JSON_PARTS));
    let yaml_texts = members.yaml.iter().map(|key| (key, partly_known_yaml as fn(&Value) -> Option<Value>, MOST_PARTS));
    for (key, decode, most) in json_texts.chain(yaml_texts) {
        let Some(text) = body.member(key).map(with_own_marks) else { continue };
        let Some(node) = builder.builder.node(root).get(key).map(|node| (node.id(), node.span())) else { continue };
        match decode(&text) {
            // A few characters of a text can encode a node.
            Some(said) if said.weight() > most => {
                let said = builder.builder.unknown(node.1, TOO_LARGE, &[]);
                decoded.insert(node.0, Decoded::Said(said))
            }
            Some(said) => {
                let said = builder.node(&said.part_by_part(), node.1, Depth(0));
                decoded.insert(node.0, Decoded::Said(said))
            }
            // What is unknown in a text may be what makes JSON of it.
            None if text.as_str().is_none() || !members.json.contains(key) => None,
            None => {
                let place = broken_at(&text).end().map_or(node.1, |span| numbers.span(span));
                decoded.insert(node.0, Decoded::Broken(place))
            }
        };
    }
    Built { tree: builder.builder.finish(), root, decoded }
}

fn partly_known_yaml(text: &Value) -> Option<Value> {
    if text.is_unknown() { yaml(text) } else { None }
}

/// A body in which some members are told part by part.
fn with_objects(body: &Value, keys: &[&str]) -> Value {
    if keys.is_empty() || body.is_wholly_known() {
        return body.clone();
    }
    let told = body.members().map(|member| match keys.contains(&&*member.key) {
        true => Member { value: member.value.part_by_part(), ..member },
        false => member,
    });
    Value::object(told.collect()).with_place(body.place().clone()).with_marks(body.marks())
}

/// The body in place of one that cannot be written out.
pub(super) fn too_large(block: Span) -> Built {
    let mut builder = TreeBuilder::new();
    let unknown = builder.unknown(block, TOO_LARGE, &[]);
    let entry = builder.entry("value", block, unknown);
    let root = builder.map(block, &[entry]);
    Built { tree: builder.finish(), root, decoded: HashMap::new() }
}

/// A tree, and what JSON texts in it say.
pub(super) struct Built {
    pub(super) tree: Tree,
    pub(super) root: NodeId,
    pub(super) decoded: HashMap<NodeId, Decoded>,
}

/// A text without the mark that it has only since something sensitive is in it: that has the mark itself. Of the
/// pieces of a template nobody knows which part of the JSON they became, so that all of it stays marked.
fn with_own_marks(text: Value) -> Value {
    let inner = match (text.as_text().map(Text::origin), text.as_unknown().map(|unknown| &unknown.known)) {
        (Some(Origin::Encoded(_, inner)), _) => Some(inner),
        (_, Some(Known::Encoded(_, inner))) => Some(&**inner),
        _ => None,
    };
    let is_within = inner.is_some_and(|inner| inner.marks_within().contains(Marks::SENSITIVE));
    if is_within { text.without_marks(Marks::SENSITIVE) } else { text }
}

/// How deep the recursion is. What a text encodes may be a text again.
#[derive(Clone, Copy)]
struct Depth(u16);

impl Depth {
    /// Everything that walks a tree recursively relies on it.
    const MOST: u16 = 200;

    fn below(self) -> Option<Depth> {
        (self.0 < Depth::MOST).then_some(Depth(self.0 + 1))
    }
}

struct Builder<'n, 's> {
    builder: TreeBuilder,
    numbers: &'n Numbers,
    block: Span,
    steps: &'s mut Steps,
}

impl Builder<'_, '_> {
    fn node(&mut self, value: &Value, around: Span, depth: Depth) -> NodeId {
        let span = self.location(value.place()).unwrap_or(around);
        let Some(below) = depth.below() else {
            return self.builder.unknown(span, "it is nested too deep", &[]);
        };
        let id = match value.data() {
            Data::Null(_) => self.builder.null(span),
            Data::Bool(value) => self.builder.bool(span, *value),
            Data::Number(number) => {
                let text = number.to_string();
                if is_json_number(&text) {
                    self.builder.number(span, &text)
                } else {
                    self.builder.unknown(span, "a number that is infinite", &[])
                }
            }
            Data::String(text) => self.builder.string(span, text),
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                let items: Vec<NodeId> = value.elements().map(|item| self.node(&item, span, below)).collect();
                self.builder.list(span, &items)
            }
            Data::Map(_) | Data::Object(_) => {
                let entries = self.entries(value, span, below);
                self.builder.map(span, &entries)
            }
            Data::Unknown(_) => match value.as_unknown() {
                Some(unknown) => self.unknown(value, unknown, span, below),
                None => self.builder.unknown(span, "a value that cannot be known", &[]),
            },
        };
        self.provenance(id, value, span);
        if value.is_sensitive() {
            self.builder.mark_sensitive(id);
        }
        id
    }

    /// The innermost expression of the block that gives a value. What comes out of a template was perhaps given to it in
    /// the block.
    fn location(&self, place: &Place) -> Option<Span> {
        let first = place.location().map(|span| self.numbers.span(span));
        let steps = place.steps();
        let through_file = steps.first().is_some_and(|step| step.what == What::File);
        let is_within =
            |span: &Span| span.file == self.block.file && self.block.range().contains(&(span.start as usize));
        let behind = steps.iter().filter(|_| through_file).filter_map(|step| step.span);
        behind.map(|span| self.numbers.span(span)).rfind(is_within).or(first)
    }

    /// The steps behind the place of a value. What is written in no file stands where it is asked for.
    fn provenance(&mut self, id: NodeId, value: &Value, place: Span) {
        let mut last = place;
        let steps = value.place().steps();
        let Some(left) = self.steps.0.checked_sub(steps.len()) else { return };
        self.steps.0 = left;
        for step in steps {
            let span = step.span.map_or(last, |span| self.numbers.span(span));
            last = span;
            self.builder.add_provenance(id, Provenance { what: step.what.as_str().to_owned(), span });
        }
    }

    /// The members that are known of a value.
    fn entries(&mut self, value: &Value, span: Span, below: Depth) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(value.length().unwrap_or(0));
        for member in value.known_members() {
            let node = self.node(&member.value, span, below);
            let place = self.builder.node(node).span();
            let key_span = member.key_span.map(|span| self.numbers.span(span));
            // What is written in another file is not the key of what stands here.
            let key_span = key_span.filter(|span| span.file == place.file).unwrap_or(place);
            entries.push(self.builder.entry(&member.key, key_span, node));
        }
        entries
    }

    fn unknown(&mut self, value: &Value, unknown: &Unknown, span: Span, below: Depth) -> NodeId {
        let mut known = Vec::new();
        if let Some(reference) = &unknown.reference {
            known.push(("$ref", self.builder.string(span, reference)));
        }
        match &unknown.known {
            Known::Nothing | Known::Repeated(_) => {}
            Known::Attributes(_) => {
                let members = self.entries(value, span, below);
                return self.builder.unknown_map(span, &unknown.why, &known, &members);
            }
            Known::Pieces(pieces) => {
                if let Some(parts) = self.parts(pieces, span) {
                    known.push(("$parts", parts));
                }
                if let Some(said) = json(value)
                    .filter(|said| (said.length().is_some() || said.is_unknown()) && said.weight() <= MOST_PARTS)
                {
                    let said = self.node(&said, span, below);
                    known.push(("$json", said));
                }
            }
            Known::Any(values) => {
                let items: Vec<NodeId> = values.iter().map(|item| self.node(item, span, below)).collect();
                known.push(("$any", self.builder.list(span, &items)));
            }
            Known::Elements { elements, open } => {
                if elements.is_empty() {
                    return self.builder.unknown(span, &unknown.why, &known);
                }
                let mut items = Vec::with_capacity(elements.len() + 1);
                for element in elements.iter() {
                    let item = self.node(&element.value, span, below);
                    items.push(if element.certain { item } else { self.perhaps(item, &unknown.why) });
                }
                if *open {
                    items.push(self.builder.unknown(span, &unknown.why, &[]));
                }
                return self.builder.list(span, &items);
            }
            Known::Encoded(Encoding::Json | Encoding::Yaml, inner) => {
                let inner = self.node(inner, span, below);
                known.push(("$json", inner));
            }
            Known::Encoded(..) => {}
        }
        self.builder.unknown(span, &unknown.why, &known)
    }

    /// An element that may not be there.
    fn perhaps(&mut self, item: NodeId, why: &str) -> NodeId {
        let span = self.builder.node(item).span();
        let absent = self.builder.null(span);
        let any = self.builder.list(span, &[item, absent]);
        self.builder.unknown(span, why, &[("$any", any)])
    }

    /// The pieces of a text, with null for those that are not known, or what they refer to; none where
    /// nothing is known.
    fn parts(&mut self, pieces: &[Piece], span: Span) -> Option<NodeId> {
        let mut parts = Vec::new();
        flatten(pieces, &mut parts, 0);
        if parts.iter().all(|part| matches!(part, Part::Unknown)) {
            return None;
        }
        let parts: Vec<NodeId> = parts
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => self.builder.string(span, &text),
                Part::Unknown => self.builder.null(span),
                Part::Reference { why, to } => {
                    let reference = self.builder.string(span, to);
                    self.builder.unknown(span, why, &[("$ref", reference)])
                }
            })
            .collect();
        Some(self.builder.list(span, &parts))
    }
}

/// A piece of a text.
enum Part<'v> {
    Text(String),
    Unknown,
    /// Not known, but what it refers to is.
    Reference {
        why: &'v str,
        to: &'v str,
    },
}

/// Pieces in one list; those of pieces stand in their place, and known ones that follow each other are one.
fn flatten<'v>(pieces: &'v [Piece], out: &mut Vec<Part<'v>>, depth: u16) {
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => push_text(out, &literal.text),
            Piece::Value(value) => match value.data() {
                Data::String(text) => push_text(out, text),
                Data::Bool(value) => push_text(out, if *value { "true" } else { "false" }),
                Data::Number(number) => push_text(out, &number.to_string()),
                _ => match value.as_unknown().map(|unknown| (&unknown.known, unknown)) {
                    Some((Known::Pieces(inner), _)) if depth < Depth::MOST => flatten(inner, out, depth + 1),
                    Some((_, Unknown { why, reference: Some(to), .. })) => out.push(Part::Reference { why, to }),
                    _ => out.push(Part::Unknown),
                },
            },
        }
    }
}

fn push_text(out: &mut Vec<Part<'_>>, text: &str) {
    match out.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => out.push(Part::Text(text.to_owned())),
    }
}
