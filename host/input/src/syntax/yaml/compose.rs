//! From the parser's events to a tree.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marked, Tag};
use verdikt_model::{Code, Diagnostic, Entry, FileId, NodeId, Provenance, Span, StringRange, TreeBuilder, Value};

use super::characters::Characters;
use super::gap;
use super::marks::Marks;
use super::problem;
use super::scalar::{self, Scalar};
use crate::syntax::members::{Repeat, Repeats};
use crate::syntax::{Problem, Problems, after};
use crate::{Comment, InputLimits, ParsedDocument};

/// Reads the document that `text` holds, which begins at the byte `base` of its file. In the file it is
/// `written`, of the same length.
pub(super) fn document(
    file: FileId,
    text: &str,
    written: &str,
    base: usize,
    limits: &InputLimits,
    parsed: &mut Vec<ParsedDocument>,
    problems: &mut Problems<'_>,
) -> Outcome {
    let mut parser = Parser::new(Characters::new(text));
    let mut composer = Composer::new(file, text, base, limits, problems);
    let first = parsed.len();
    let mut outcome = Outcome::Failed;
    let problem = loop {
        match parser.next_event() {
            Some(Ok((Event::StreamEnd, _))) | None => break None,
            Some(Ok((event, marked))) => {
                if let Err(problem) = composer.event(event, &marked, parsed) {
                    break Some(problem);
                }
            }
            Some(Err(error)) => {
                let at = composer.marks.offset(error.marker());
                if problem::is_little_indented(&error) {
                    outcome = Outcome::LittleIndented(at);
                }
                break Some(Problem::syntax(text, at, &error, limits.depth(), composer.innermost_bracket()));
            }
        }
    };
    match problem {
        // What follows the document's last token is comments.
        None => {
            composer.gap(text.len());
            if let Some(last) = parsed.get_mut(first..).and_then(<[ParsedDocument]>::last_mut) {
                last.comments.append(&mut composer.comments);
            }
            Outcome::Complete
        }
        Some(problem) => {
            let (start, end) = (problem.at, after(text, problem.at));
            let span = composer.span(written.floor_char_boundary(start), written.ceil_char_boundary(end));
            composer.problems.push(Diagnostic::at(problem.code, span, problem.message));
            outcome
        }
    }
}

/// Whether a document was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Complete,
    Failed,
    /// Failed at a line of a flow collection that is indented too little.
    LittleIndented(usize),
}

/// What the next complete node is to an open collection.
#[derive(Clone, Copy)]
enum Slot {
    Item,
    Key,
    Value {
        key: StringRange,
        span: Span,
    },
    /// The value of the merge key.
    Merge,
    /// The value of a key that cannot be one.
    Dropped,
}

/// A collection that is not closed yet.
struct Frame {
    slot: Slot,
    is_map: bool,
    /// Whether it stands in brackets of its own.
    flow: bool,
    start: usize,
    /// Where its children begin in `items` or `entries`.
    first: usize,
    /// Where its merged members begin in `merged`.
    first_merged: usize,
    anchor: usize,
    /// The document's nodes when it began.
    nodes_before: usize,
    /// Levels of the deepest child so far.
    height: usize,
    tag: Option<Box<str>>,
}

/// A complete node that aliases may name.
#[derive(Clone, Copy)]
struct Anchored {
    node: NodeId,
    nodes: usize,
    height: usize,
}

struct Composer<'a, 'p> {
    file: FileId,
    text: &'a str,
    base: usize,
    limits: &'a InputLimits,
    marks: Marks<'a>,
    /// The first `#` at or behind the last place that was searched for one; most gaps have none.
    hash: usize,
    problems: &'a mut Problems<'p>,
    builder: TreeBuilder,
    root: Option<NodeId>,
    frames: Vec<Frame>,
    /// Children of all open collections.
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    /// Which of the entries came through merge keys.
    merged: Vec<Range<usize>>,
    repeats: Repeats,
    /// By the parser's number of the anchor; none while its node is incomplete.
    anchors: Vec<Option<Anchored>>,
    /// Nodes of the document, aliases counted as what they stand for.
    nodes: usize,
    /// The offset after the last token that means something.
    end: usize,
    /// Up to where comments were taken.
    seen: usize,
    comments: Vec<Comment>,
    tags: Vec<(NodeId, Box<str>)>,
}

impl<'a, 'p> Composer<'a, 'p> {
    fn new(file: FileId, text: &'a str, base: usize, limits: &'a InputLimits, problems: &'a mut Problems<'p>) -> Self {
        Composer {
            file,
            text,
            base,
            limits,
            marks: Marks::new(text),
            hash: next_hash(text, 0),
            problems,
            builder: TreeBuilder::new(),
            root: None,
            frames: Vec::new(),
            items: Vec::new(),
            entries: Vec::new(),
            merged: Vec::new(),
            repeats: Repeats::default(),
            anchors: Vec::new(),
            nodes: 0,
            end: 0,
            seen: 0,
            comments: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'a>, marked: &Marked, parsed: &mut Vec<ParsedDocument>) -> Result<(), Problem> {
        match event {
            Event::Scalar(value, style, anchor, tag) => self.scalar(&value, style, anchor, tag.as_deref(), marked),
            Event::Alias(anchor) => self.alias(anchor, marked),
            Event::MappingStart(anchor, tag) => self.open(true, anchor, tag.as_deref(), marked),
            Event::SequenceStart(anchor, tag) => self.open(false, anchor, tag.as_deref(), marked),
            Event::MappingEnd | Event::SequenceEnd => self.close(marked),
            Event::DocumentStart(explicit) => {
                if explicit {
                    let start = self.marks.offset(&marked.start);
                    self.gap(start);
                    self.end = self.marks.offset(&marked.end);
                }
                Ok(())
            }
            Event::DocumentEnd => {
                let start = self.marks.offset(&marked.start);
                self.gap(start);
                self.finish(parsed);
                Ok(())
            }
            Event::StreamStart | Event::StreamEnd | Event::Nothing => Ok(()),
        }
    }

    /// Hands out the document that is complete and begins a new one.
    fn finish(&mut self, parsed: &mut Vec<ParsedDocument>) {
        let builder = std::mem::take(&mut self.builder);
        let comments = std::mem::take(&mut self.comments);
        let tags = std::mem::take(&mut self.tags);
        self.anchors.clear();
        self.nodes = 0;
        self.repeats = Repeats::default();
        if let Some(root) = self.root.take() {
            let node = builder.node(root);
            let span = node.span();
            // Else there is nothing but a value that nobody wrote.
            if !(node.is_null() && span.range().is_empty()) {
                parsed.push(ParsedDocument { tree: Arc::new(builder.finish()), root, span, comments, tags });
            }
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, (self.base + start) as u32, (self.base + end.max(start)) as u32)
    }

    /// Takes the comments between the last token and `to`.
    fn gap(&mut self, to: usize) {
        let from = self.end.max(self.seen);
        if from < to {
            self.take_comments(from..to);
            self.seen = to;
        }
    }

    /// Ranges come in the order of the text.
    fn take_comments(&mut self, range: Range<usize>) {
        if self.hash < range.start {
            self.hash = next_hash(self.text, range.start);
        }
        if self.hash >= range.end {
            return;
        }
        let (file, base, text, comments) = (self.file, self.base, self.text, &mut self.comments);
        gap::comments(text, range, |found, own_line| {
            let span = Span::new(file, (base + found.start) as u32, (base + found.end) as u32);
            comments.push(Comment { span, text: text[found].into(), own_line });
        });
    }

    /// Where the innermost bracket that is still open stands.
    fn innermost_bracket(&self) -> Option<usize> {
        self.frames.last().filter(|frame| frame.flow).map(|frame| frame.start)
    }

    fn count(&mut self, nodes: usize, at: usize) -> Result<(), Problem> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > self.limits.nodes { Err(Problem::too_many(at, self.limits.nodes)) } else { Ok(()) }
    }

    fn open(&mut self, is_map: bool, anchor: usize, tag: Option<&Tag>, marked: &Marked) -> Result<(), Problem> {
        let mut start = self.marks.offset(&marked.start);
        if anchor > 0 || tag.is_some() {
            start = gap::after_properties(self.text, start);
        }
        self.gap(start);
        if self.frames.len() >= self.limits.depth() {
            return Err(Problem::too_deep(start, self.limits.depth()));
        }
        // Block collections begin with a token without extent, or with the `-` of an element.
        let bracket = if is_map { b'{' } else { b'[' };
        let flow = self.text.as_bytes().get(start) == Some(&bracket) && self.marks.offset(&marked.end) > start;
        if flow {
            self.end = start + 1;
        } else if !is_map && self.frames.last().is_some_and(|frame| frame.is_map) {
            start = gap::first_dash(self.text, start);
        }
        let nodes_before = self.nodes;
        self.count(1, start)?;
        self.frames.push(Frame {
            slot: if is_map { Slot::Key } else { Slot::Item },
            is_map,
            flow,
            start,
            first: if is_map { self.entries.len() } else { self.items.len() },
            first_merged: self.merged.len(),
            anchor,
            nodes_before,
            height: 0,
            tag: tag.and_then(local_tag),
        });
        Ok(())
    }

    fn close(&mut self, marked: &Marked) -> Result<(), Problem> {
        // The parser closes only what it opened.
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        if frame.flow {
            let at = gap::closing_bracket(self.text, self.marks.offset(&marked.start));
            self.gap(at);
            self.end = at + 1;
        }
        let span = self.span(frame.start, self.end);
        let node = if frame.is_map {
            let merged = &self.merged[frame.first_merged..];
            let is_merged = |entry: usize| {
                let at = merged.partition_point(|range| range.end <= entry);
                merged.get(at).is_some_and(|range| range.contains(&entry))
            };
            let judge = |earlier, later| match (is_merged(earlier), is_merged(later)) {
                (true, _) => Repeat::Intended,
                (false, true) => Repeat::MergedLater,
                (false, false) => Repeat::Twice,
            };
            self.repeats.drop_earlier(&self.builder, &mut self.entries, frame.first, self.problems, judge);
            let node = self.builder.map(span, &self.entries[frame.first..]);
            self.entries.truncate(frame.first);
            self.merged.truncate(frame.first_merged);
            node
        } else {
            let node = self.builder.list(span, &self.items[frame.first..]);
            self.items.truncate(frame.first);
            node
        };
        if let Some(tag) = frame.tag {
            self.tags.push((node, tag));
        }
        let height = frame.height + 1;
        self.anchor(frame.anchor, Anchored { node, nodes: self.nodes - frame.nodes_before, height });
        self.place(node, height, false)
    }

    fn anchor(&mut self, number: usize, anchored: Anchored) {
        if number > 0 {
            if self.anchors.len() <= number {
                self.anchors.resize(number + 1, None);
            }
            self.anchors[number] = Some(anchored);
        }
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        marked: &Marked,
    ) -> Result<(), Problem> {
        let (start, end) = self.scalar_place(value, style, anchor > 0 || tag.is_some(), marked);
        let span = self.span(start, end);
        self.end = self.end.max(end);
        let is_key = matches!(self.frames.last(), Some(Frame { slot: Slot::Key, .. }));
        if is_key && scalar::is_merge(value, style == ScalarStyle::Plain, tag.map(parts)) {
            self.set_slot(Slot::Merge);
            return Ok(());
        }
        let resolved = match tag {
            Some(tag) => scalar::tagged(&tag.handle, &tag.suffix, value),
            None if style == ScalarStyle::Plain => scalar::plain(value),
            None => Scalar::String(value.into()),
        };
        if is_key && anchor == 0 {
            self.scalar_key(resolved, span);
            return Ok(());
        }
        self.count(1, start)?;
        let node = match &resolved {
            Scalar::Null => self.builder.null(span),
            Scalar::Bool(value) => self.builder.bool(span, *value),
            Scalar::Number(number) => self.builder.number(span, number),
            Scalar::String(text) => self.builder.string(span, text),
            Scalar::NotFinite(_) | Scalar::Mismatch(_) => self.unusable(&resolved, span),
        };
        if let Some(tag) = tag.and_then(local_tag) {
            self.tags.push((node, tag));
        }
        self.anchor(anchor, Anchored { node, nodes: 1, height: 0 });
        if is_key {
            self.scalar_key(resolved, span);
            return Ok(());
        }
        self.place(node, 0, false)
    }

    /// Where a scalar stands, without tag and anchor, and takes the comments before it.
    fn scalar_place(&mut self, value: &str, style: ScalarStyle, properties: bool, marked: &Marked) -> (usize, usize) {
        let mut start = self.marks.offset(&marked.start);
        let end = self.marks.offset(&marked.end);
        match style {
            ScalarStyle::Plain if value.is_empty() => {
                // A value that nobody wrote: right behind what announces it.
                let at = match self.text.as_bytes().get(start) {
                    _ if properties => end,
                    Some(b':') if start >= self.end => start + 1,
                    _ => gap::after_indicator(self.text, self.end..start).unwrap_or(self.end),
                };
                self.gap(at);
                (at, at)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                // The parser's mark is at the first line of content, behind the header.
                let header = gap::block_header(self.text, self.end..end).unwrap_or(start);
                self.gap(header);
                let first_line = gap::line_end(self.text.as_bytes(), header);
                let header_end = gap::after_header(self.text, header);
                self.take_comments(header_end..first_line);
                let content = header + self.text[header..end.max(header)].trim_end().len();
                (header, if content <= first_line { header_end } else { content })
            }
            _ => {
                if properties {
                    start = gap::after_properties(self.text, start);
                }
                self.gap(start);
                // The parser's mark is behind the white space that follows a closing quote.
                let end =
                    if style == ScalarStyle::Plain { end.max(start) } else { gap::after_quoted(self.text, start) };
                (start, end)
            }
        }
    }

    /// A leaf whose value a cluster would refuse: unknown, so that no rule takes it for absent.
    fn unusable(&mut self, scalar: &Scalar<'_>, span: Span) -> NodeId {
        let why = refusal(scalar);
        let message = format!("This value cannot be read: {why}. It counts as unknown; correct the value or its tag.");
        self.problems.push(Diagnostic::at(Code::WrongType, span, message));
        self.builder.unknown(span, &why, &[])
    }

    fn alias(&mut self, number: usize, marked: &Marked) -> Result<(), Problem> {
        let (start, end) = (self.marks.offset(&marked.start), self.marks.offset(&marked.end));
        self.gap(start);
        self.end = end;
        let Some(anchored) = self.anchors.get(number).copied().flatten() else {
            return Err(Problem::bad_alias(start, &self.text[start..end]));
        };
        self.count(anchored.nodes, start)?;
        if self.frames.len() + anchored.height > self.limits.depth() {
            return Err(Problem::too_deep(start, self.limits.depth()));
        }
        let span = self.span(start, end);
        let node = self.builder.alias(span, anchored.node);
        let at = self.builder.node(anchored.node).span();
        self.builder.add_provenance(node, Provenance { what: "anchor".into(), span: at });
        // A tag belongs to the anchored value. Tags are noted in the order of the nodes.
        if let Ok(tagged) = self.tags.binary_search_by_key(&anchored.node, |(tagged, _)| *tagged) {
            let tag = self.tags[tagged].1.clone();
            self.tags.push((node, tag));
        }
        self.place(node, anchored.height, true)
    }

    fn set_slot(&mut self, slot: Slot) {
        if let Some(frame) = self.frames.last_mut() {
            frame.slot = slot;
        }
    }

    /// Puts a complete node where it belongs.
    fn place(&mut self, node: NodeId, height: usize, is_alias: bool) -> Result<(), Problem> {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.height = frame.height.max(height);
        match frame.slot {
            Slot::Item => self.items.push(node),
            Slot::Value { key, span } => {
                self.entries.push(Entry { key, key_span: span, node });
                frame.slot = Slot::Key;
            }
            Slot::Dropped => frame.slot = Slot::Key,
            Slot::Key => self.node_key(node),
            Slot::Merge => {
                frame.slot = Slot::Key;
                self.merge(node, is_alias)?;
            }
        }
        Ok(())
    }

    /// Makes a scalar the key of the next value.
    fn scalar_key(&mut self, scalar: Scalar<'_>, span: Span) {
        let number;
        let key = match &scalar {
            Scalar::Bool(true) => Some("true"),
            Scalar::Bool(false) => Some("false"),
            Scalar::String(text) => Some(&**text),
            Scalar::NotFinite(name) => Some(*name),
            Scalar::Number(text) => {
                number = scalar::number_key(text);
                number.as_deref()
            }
            Scalar::Null | Scalar::Mismatch(_) => None,
        };
        match key {
            Some(key) => {
                let key = self.builder.string_range(key);
                self.set_slot(Slot::Value { key, span });
            }
            None => self.bad_key(&refusal(&scalar), span),
        }
    }

    /// Makes a node that is no plain scalar, a collection or an alias, the key of the next value.
    fn node_key(&mut self, node: NodeId) {
        let node = self.builder.node(node);
        let span = node.span();
        let scalar = match node.value() {
            Value::Null => Scalar::Null,
            Value::Bool(value) => Scalar::Bool(value),
            Value::Number(_) => Scalar::Number(Cow::Owned(node.as_number().unwrap_or_default().into())),
            Value::String(_) => Scalar::String(Cow::Owned(node.as_str().unwrap_or_default().into())),
            Value::List(_) => return self.bad_key("a list cannot be a key", span),
            Value::Map(_) => return self.bad_key("a map cannot be a key", span),
            Value::Unknown(_) => return self.bad_key("the value that the alias stands for cannot be a key", span),
        };
        self.scalar_key(scalar, span);
    }

    fn bad_key(&mut self, why: &str, span: Span) {
        self.set_slot(Slot::Dropped);
        let message = format!(
            "This key cannot be read: {why}. The member is left out; use a string, a number or a boolean as its key."
        );
        self.problems.push(Diagnostic::at(Code::BadKey, span, message));
    }

    /// Merges the value of `<<` into the open map, as `merge` of go-yaml v2's decode.go does: in the
    /// order of the text, so what comes later wins, a merge key included; of a list of maps the
    /// first wins.
    fn merge(&mut self, node: NodeId, is_alias: bool) -> Result<(), Problem> {
        let first = self.entries.len();
        let value = self.builder.node(node);
        let at = value.span();
        let mut maps: Vec<NodeId> = match value.value() {
            Value::Map(_) => vec![node],
            // An alias of a list is refused, a list of aliases is not.
            Value::List(_) if !is_alias && value.items().all(|item| item.is_map()) => {
                value.items().map(|item| item.id()).collect()
            }
            _ => {
                let message =
                    "The merge key `<<` takes a map, an alias of one, or a list of these. Nothing was merged here.";
                self.problems.push(Diagnostic::at(Code::BadMerge, at, message));
                return Ok(());
            }
        };
        maps.reverse();
        for map in maps {
            // Merging copies members, so they count again.
            let members = self.builder.map_entries(map);
            let count = members.len();
            self.entries.extend_from_slice(members);
            self.count(count, at.start as usize - self.base)?;
        }
        self.merged.push(first..self.entries.len());
        Ok(())
    }
}

/// The first `#` from `from` on, or the text's end.
fn next_hash(text: &str, from: usize) -> usize {
    memchr(b'#', &text.as_bytes()[from..]).map_or(text.len(), |at| from + at)
}

/// Why a cluster refuses a scalar.
fn refusal(scalar: &Scalar<'_>) -> String {
    match scalar {
        Scalar::Null => "null cannot be a key".into(),
        Scalar::Mismatch(expected) => format!("its tag says that it is {expected}, but it is not"),
        Scalar::NotFinite(name) => format!("`{name}` is no number in JSON"),
        Scalar::Number(_) => "the number is too large for a signed integer of 64 bits".into(),
        Scalar::Bool(_) | Scalar::String(_) => "it cannot stand here".into(),
    }
}

fn parts(tag: &Tag) -> (&str, &str) {
    (&tag.handle, &tag.suffix)
}

/// A tag with a meaning of its own, as it is written.
fn local_tag(tag: &Tag) -> Option<Box<str>> {
    let (handle, suffix) = parts(tag);
    (!scalar::is_core_tag(handle, suffix)).then(|| format!("{handle}{suffix}").into())
}
