//! The body of a block as a value: arguments, nested blocks as lists of objects, `dynamic` blocks in the
//! place of what they make.
//!
//! There are two views of it. The document has what is configured, and nothing else. A reference to a
//! resource may also ask for what only the provider knows: that is unknown, but no error.

use std::sync::Arc;

use verdikt_model::{Pointer, Span};

use super::IgnoreChanges;
use super::address::{resource_of, within};
use super::references::{Dynamic, Nested, Reference, in_expression};
use super::scope::{BlockScope, Iteration};
use crate::syntax::{Block, Body, Expression, ExpressionKind, Part, Step};
use crate::value::{Data, Element, Known, Member, Origin, Piece, Unknown, Value, What};

/// Why an attribute is not known that a provider decides.
const AFTER_APPLY: &str = "only known after apply";

/// Parts of a body in which references are looked for.
const MOST_PARTS: usize = 20_000;
/// Blocks that one `dynamic` block may make.
const MOST_BLOCKS: usize = 10_000;
/// What such a block costs, beside the values in it.
const BLOCK_STEPS: usize = 20;

/// A body with what belongs to it.
pub(super) struct Built {
    pub(super) body: Value,
    /// What references to it see.
    pub(super) view: Value,
    pub(super) references: Vec<(Pointer, String)>,
    pub(super) ignore_changes: IgnoreChanges,
}

/// Evaluates a body; `address` is what it is the body of.
pub(super) fn build(scope: BlockScope<'_>, body: &Body, address: &str) -> Built {
    let mut builder = Builder { scope, path: Vec::new(), mentioned: Vec::new(), ignore_changes: IgnoreChanges::None };
    let mut parts = Parts::default();
    builder.arguments(body, &mut parts);
    for block in body.blocks().filter(|block| !refers_to_self(block)) {
        builder.nested(block, address, &mut parts);
    }
    // Provisioners and connections may refer to what the resource is without them.
    if body.blocks().any(refers_to_self) {
        builder.scope.own = Some(open_object(parts.clone().into_members().1, address));
        for block in body.blocks().filter(|block| refers_to_self(block)) {
            builder.nested(block, address, &mut parts);
        }
    }
    let (members, view) = parts.into_members();
    let body = builder.scope.world.checked(Value::object(members), body.span).at(body.span);
    let mut found = Found { path: Vec::new(), references: Vec::new(), left: MOST_PARTS };
    found.collect(&body);
    found.add_mentioned(builder.mentioned);
    Built {
        view: open_object(view, address).with_place(body.place().clone()),
        body,
        references: found.references,
        ignore_changes: builder.ignore_changes,
    }
}

fn refers_to_self(block: &Block) -> bool {
    matches!(&*block.kind.text, "provisioner" | "connection")
}

/// An object that may have more attributes than these.
pub(super) fn open_object(members: Vec<Member>, address: &str) -> Value {
    // What is configured as null is decided by the provider.
    let mut members: Vec<Member> = members.into_iter().filter(|member| !member.value.is_null()).collect();
    members.sort_by(|a, b| a.key.cmp(&b.key));
    Value::unknown(Unknown::reference(AFTER_APPLY, address).not_null().with(Known::Attributes(members.into())))
}

/// The arguments and nested blocks of a body, on the way.
#[derive(Clone, Default)]
struct Parts {
    arguments: Vec<Member>,
    blocks: Vec<Blocks>,
}

/// Nested blocks of one kind.
#[derive(Clone)]
struct Blocks {
    kind: Arc<str>,
    /// Of the first.
    kind_span: Span,
    elements: Vec<NestedBlock>,
    /// Why it is not known whether these are all, if so.
    open: Option<Arc<str>>,
}

#[derive(Clone)]
struct NestedBlock {
    body: Value,
    view: Value,
    /// Whether it is there for certain.
    certain: bool,
}

impl Parts {
    /// Where the next block of a kind goes.
    fn blocks(&mut self, kind: &str, span: Span) -> &mut Blocks {
        let at = self.blocks.iter().position(|blocks| *blocks.kind == *kind).unwrap_or_else(|| {
            self.blocks.push(Blocks { kind: kind.into(), kind_span: span, elements: Vec::new(), open: None });
            self.blocks.len() - 1
        });
        &mut self.blocks[at]
    }

    fn count(&self, kind: &str) -> usize {
        self.blocks.iter().find(|blocks| *blocks.kind == *kind).map_or(0, |blocks| blocks.elements.len())
    }

    /// The members of the document and those of the view.
    fn into_members(self) -> (Vec<Member>, Vec<Member>) {
        let mut members = self.arguments;
        let mut view = members.clone();
        for blocks in self.blocks {
            view.push(blocks.list(|block| &block.view));
            members.push(blocks.list(|block| &block.body));
        }
        (members, view)
    }
}

impl Blocks {
    fn list(&self, part: impl Fn(&NestedBlock) -> &Value) -> Member {
        let value = if self.open.is_none() && self.elements.iter().all(|block| block.certain) {
            Value::tuple(self.elements.iter().map(|block| part(block).clone()).collect())
        } else {
            let element = |block: &NestedBlock| Element { value: part(block).clone(), certain: block.certain };
            let elements: Vec<Element> = self.elements.iter().map(element).collect();
            let why = self.open.clone().unwrap_or_else(|| "it depends on a value that is not known".into());
            let known = Known::Elements { elements: elements.into(), open: self.open.is_some() };
            Value::unknown(Unknown::new(why).not_null().with(known))
        };
        // The list itself stands nowhere in the text; its first block does.
        Member { key: self.kind.clone(), key_span: Some(self.kind_span), value: value.at(self.kind_span) }
    }
}

struct Builder<'w> {
    scope: BlockScope<'w>,
    /// From the body to the block that is evaluated.
    path: Vec<String>,
    /// The resources that the expression of an argument names.
    mentioned: Vec<(Pointer, String)>,
    ignore_changes: IgnoreChanges,
}

impl Builder<'_> {
    /// What a block holds, in both views. As deep as the parser allows.
    fn object(&mut self, body: &Body, address: &str, labels: Vec<Member>) -> (Value, Value) {
        let mut parts = Parts { arguments: labels, blocks: Vec::new() };
        self.arguments(body, &mut parts);
        for block in body.blocks() {
            self.nested(block, address, &mut parts);
        }
        let (members, view) = parts.into_members();
        let view = open_object(view, address).at(body.span);
        (Value::object(members).at(body.span), view)
    }

    fn arguments(&mut self, body: &Body, parts: &mut Parts) {
        for argument in body.arguments() {
            let value = self.scope.world.evaluate(&argument.value, &self.scope);
            self.mention(&argument.name.text, &argument.value);
            let member = Member {
                key: (*argument.name.text).into(),
                key_span: Some(argument.name.span),
                value: value.or_at(argument.value.span),
            };
            parts.arguments.push(member);
        }
    }

    fn nested(&mut self, block: &Block, address: &str, parts: &mut Parts) {
        match Nested::of(block) {
            Nested::Lifecycle => {
                let body = self.lifecycle(&block.body);
                let nested = NestedBlock { view: body.clone(), body, certain: true };
                parts.blocks("lifecycle", block.kind.span).elements.push(nested);
            }
            Nested::Plain => {
                let kind = &*block.kind.text;
                let labels = labels(block);
                let at = parts.count(kind);
                let (body, view) =
                    self.inside(kind, at, |builder, address| builder.object(&block.body, address, labels), address);
                let nested = NestedBlock { body: body.at(block.span), view, certain: true };
                parts.blocks(kind, block.kind.span).elements.push(nested);
            }
            Nested::Dynamic(dynamic) => self.dynamic(block, &dynamic, address, parts),
        }
    }

    /// Goes into a nested block, whose address is that of a value: `aws_x.y.rule[0]`.
    fn inside<T>(&mut self, kind: &str, at: usize, go: impl FnOnce(&mut Self, &str) -> T, address: &str) -> T {
        self.path.push(kind.to_owned());
        self.path.push(at.to_string());
        let result = go(self, &format!("{address}.{kind}[{at}]"));
        self.path.truncate(self.path.len() - 2);
        result
    }

    fn dynamic(&mut self, block: &Block, dynamic: &Dynamic<'_>, address: &str, parts: &mut Parts) {
        let Some(for_each) = dynamic.for_each else {
            self.scope.world.refused(block.kind.span, "A `dynamic` block says with `for_each` what it is made for.");
            return;
        };
        let Some(content) = dynamic.content else {
            self.scope.world.refused(block.kind.span, "A `dynamic` block says in a block `content` what it makes.");
            return;
        };
        let collection = self.scope.world.evaluate(for_each, &self.scope);
        let Elements { mut elements, open } = match elements_of(&collection) {
            Ok(elements) => elements,
            Err(message) => {
                self.scope.world.refused(for_each.span, message);
                Elements { elements: Vec::new(), open: Some("made for something that Terraform refuses".into()) }
            }
        };
        if elements.len() > MOST_BLOCKS {
            self.scope.world.limit(for_each.span, format!("This makes more than {MOST_BLOCKS} blocks, the limit."));
            elements.truncate(MOST_BLOCKS);
        }
        if let Some(why) = open {
            parts.blocks(dynamic.kind, block.kind.span).open.get_or_insert(why);
        }
        for (key, value, certain) in elements {
            if !self.scope.world.spend(BLOCK_STEPS, for_each.span) {
                break;
            }
            self.scope.iterators.push(Iteration { name: dynamic.iterator.into(), key, value });
            let at = parts.count(dynamic.kind);
            let (body, view) =
                self.inside(dynamic.kind, at, |builder, address| builder.object(content, address, Vec::new()), address);
            self.scope.iterators.pop();
            let nested = NestedBlock { body: body.at(content.span), view, certain };
            parts.blocks(dynamic.kind, block.kind.span).elements.push(nested);
        }
        // Even what makes nothing says that there are no such blocks, where a value may be asked for.
        parts.blocks(dynamic.kind, block.kind.span);
    }

    /// `lifecycle` holds names rather than values. Its conditions are left out: they are checked when
    /// Terraform runs and configure nothing.
    fn lifecycle(&mut self, body: &Body) -> Value {
        let mut members = Vec::new();
        for argument in body.arguments() {
            let name = &*argument.name.text;
            let value = match name {
                "ignore_changes" | "replace_triggered_by" => {
                    let names = names(&argument.value);
                    if name == "ignore_changes" {
                        self.ignore_changes = match &names {
                            Names::All => IgnoreChanges::All,
                            Names::Of(names) => IgnoreChanges::Of(names.iter().map(|(name, _)| name.clone()).collect()),
                        };
                    }
                    match names {
                        Names::All => Value::string("all"),
                        Names::Of(names) => {
                            Value::tuple(names.into_iter().map(|(name, span)| Value::string(name).at(span)).collect())
                        }
                    }
                }
                _ => self.scope.world.evaluate(&argument.value, &self.scope),
            };
            let value = value.or_at(argument.value.span);
            members.push(Member { key: name.into(), key_span: Some(argument.name.span), value });
        }
        Value::object(members).at(body.span)
    }

    /// Notes the resources that an expression names.
    fn mention(&mut self, argument: &str, expression: &Expression) {
        let instance = self.scope.instance;
        let iterators: Vec<Box<str>> = self.scope.iterators.iter().map(|iteration| iteration.name.clone()).collect();
        let mut bound: Vec<&str> = iterators.iter().map(|name| &**name).collect();
        let mut addresses = Vec::new();
        in_expression(expression, &mut bound, &mut |mention| {
            if let Some(Reference::Resource(position)) = mention.resolve(&instance.module) {
                addresses.push(within(&instance.address, instance.module.resources.at(position).local_address()));
            }
        });
        if !addresses.is_empty() {
            let pointer = pointer(self.path.iter().map(String::as_str).chain([argument]));
            self.mentioned.extend(addresses.into_iter().map(|address| (pointer.clone(), address)));
        }
    }
}

/// The labels of a nested block as members: only blocks that Terraform itself reads have some, and the one
/// of those is a type.
fn labels(block: &Block) -> Vec<Member> {
    let member = |label: &crate::syntax::Label| Member {
        key: "type".into(),
        key_span: Some(label.span),
        value: Value::string(label.text.clone()).at(label.span),
    };
    block.labels.iter().take(1).map(member).collect()
}

/// What a `dynamic` block is made for.
struct Elements {
    /// Key, value, and whether it is there for certain.
    elements: Vec<(Value, Value, bool)>,
    /// Why there may be others, if so.
    open: Option<Arc<str>>,
}

/// The elements of the value of a `for_each` (`expandBlocks` of HCL's `ext/dynblock`).
fn elements_of(collection: &Value) -> Result<Elements, String> {
    let closed = |elements| Ok(Elements { elements, open: None });
    match collection.data() {
        Data::Null(_) => Err("`for_each` must be a collection, and this is null.".to_owned()),
        Data::List(_) | Data::Tuple(_) => {
            let element = |(index, value)| (Value::number(index as i64), value, true);
            closed(collection.elements().enumerate().map(element).collect())
        }
        Data::Set(_) => closed(collection.elements().map(|value| (value.clone(), value, true)).collect()),
        Data::Map(_) | Data::Object(_) => {
            closed(collection.members().map(|member| (Value::string(&*member.key), member.value, true)).collect())
        }
        Data::Bool(_) | Data::Number(_) | Data::String(_) => {
            Err(format!("`for_each` must be a collection, and this is a {}.", collection.ty()))
        }
        Data::Unknown(_) => Ok(uncertain(collection)),
    }
}

/// What is known of the elements of something that is not known.
fn uncertain(collection: &Value) -> Elements {
    let Some(unknown) = collection.as_unknown() else { return Elements { elements: Vec::new(), open: None } };
    let part = |value: &Value| Value::unknown(unknown.derived()).with_place(value.place().clone());
    match &unknown.known {
        Known::Elements { elements, open } => {
            let element = |element: &Element| (part(collection), collection.child(&element.value), element.certain);
            Elements { elements: elements.iter().map(element).collect(), open: open.then(|| unknown.why.clone()) }
        }
        // Each alternative may be the one.
        Known::Any(alternatives) if alternatives.iter().all(|alternative| elements_of(alternative).is_ok()) => {
            let mut all = Elements { elements: Vec::new(), open: None };
            for alternative in &**alternatives {
                if let Ok(Elements { elements, open }) = elements_of(&collection.child(alternative)) {
                    all.elements.extend(elements.into_iter().map(|(key, value, _)| (key, value, false)));
                    all.open = all.open.or(open);
                }
            }
            all
        }
        _ => {
            let known = collection.known_members().map(|member| (Value::string(&*member.key), member.value, true));
            let others = (part(collection), part(collection), false);
            Elements { elements: known.chain([others]).collect(), open: Some(unknown.why.clone()) }
        }
    }
}

/// What a list of names says.
enum Names {
    All,
    Of(Vec<(String, Span)>),
}

/// `all`, or a list of attributes (`decodeResourceBlock` in `internal/configs/resource.go`, with the forms
/// of older versions).
fn names(expression: &Expression) -> Names {
    match &expression.kind {
        ExpressionKind::Variable(name) if &**name == "all" => Names::All,
        ExpressionKind::Tuple(items) => {
            let items: Vec<(String, Span)> =
                items.iter().filter_map(|item| Some((path_text(item)?, item.span))).collect();
            if items.iter().any(|(name, _)| name == "*") { Names::All } else { Names::Of(items) }
        }
        _ => Names::Of(Vec::new()),
    }
}

/// A reference as it is written; `None` for what is none.
fn path_text(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Variable(name) => Some(name.to_string()),
        ExpressionKind::Template(parts) => match &parts[..] {
            [Part::Literal { text, .. }] => Some(text.to_string()),
            _ => None,
        },
        ExpressionKind::Traversal { of, steps } => {
            let mut text = path_text(of)?;
            for step in steps {
                match step {
                    Step::Attribute(name) => {
                        text.push('.');
                        text.push_str(&name.text);
                    }
                    Step::Index { key, .. } => match &key.kind {
                        ExpressionKind::Number(number) => text.push_str(&format!("[{number}]")),
                        _ => text.push_str(&format!("[{:?}]", path_text(key)?)),
                    },
                    Step::Splat { .. } => text.push_str("[*]"),
                }
            }
            Some(text)
        }
        _ => None,
    }
}

/// References that are found in values.
struct Found {
    /// From the body to the value.
    path: Vec<String>,
    references: Vec<(Pointer, String)>,
    left: usize,
}

impl Found {
    /// As deep as values may be.
    fn collect(&mut self, value: &Value) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        for step in value.place().steps() {
            if step.what == What::Resource {
                self.add(&step.name);
            }
        }
        match value.data() {
            Data::String(text) => match text.origin() {
                Origin::Plain => {}
                Origin::Encoded(_, inner) => self.here(inner),
                Origin::Pieces(pieces) => self.pieces(pieces),
            },
            Data::Unknown(_) => self.unknown(value),
            _ => {
                for (index, element) in value.raw_elements().iter().enumerate() {
                    self.path.push(index.to_string());
                    self.collect(element);
                    self.path.pop();
                }
                for member in value.raw_members() {
                    self.path.push(escaped(&member.key));
                    self.collect(&member.value);
                    self.path.pop();
                }
            }
        }
    }

    /// What is in a value that a pointer cannot go into.
    fn here(&mut self, value: &Value) {
        let path = self.path.clone();
        let before = self.references.len();
        self.collect(value);
        let pointer = pointer(path.iter().map(String::as_str));
        for reference in &mut self.references[before..] {
            reference.0 = pointer.clone();
        }
        let mut new: Vec<_> = self.references.drain(before..).collect();
        new.retain(|reference| !self.references.contains(reference));
        new.dedup();
        self.references.extend(new);
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            if let Piece::Value(value) = piece {
                self.here(value);
            }
        }
    }

    fn unknown(&mut self, value: &Value) {
        let Some(unknown) = value.as_unknown() else { return };
        for reference in &unknown.references {
            self.add(reference);
        }
        match &unknown.known {
            Known::Nothing => {}
            Known::Pieces(pieces) | Known::Repeated(pieces) => self.pieces(pieces),
            Known::Any(values) => values.iter().for_each(|value| self.here(value)),
            Known::Elements { elements, .. } => elements.iter().for_each(|element| self.here(&element.value)),
            Known::Attributes(members) => members.iter().for_each(|member| self.here(&member.value)),
            Known::Encoded(_, value) => self.here(value),
        }
    }

    fn add(&mut self, reference: &str) {
        if let Some(address) = resource_of(reference) {
            let reference = (pointer(self.path.iter().map(String::as_str)), address.to_owned());
            if !self.references.contains(&reference) {
                self.references.push(reference);
            }
        }
    }

    /// Adds the resources that expressions name, where the values do not know them any more.
    fn add_mentioned(&mut self, mentioned: Vec<(Pointer, String)>) {
        for (pointer, address) in mentioned {
            let known = self.references.iter().any(|(at, known)| {
                at.as_str().starts_with(pointer.as_str())
                    && known.strip_prefix(address.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
            });
            if !known {
                self.references.push((pointer, address));
            }
        }
    }
}

fn pointer<'p>(path: impl Iterator<Item = &'p str>) -> Pointer {
    path.fold(Pointer::root(), |pointer, token| pointer.member(token))
}

/// A key as pointers write it: what users begin with `$` gets another one.
fn escaped(key: &str) -> String {
    if key.starts_with('$') { format!("${key}") } else { key.to_owned() }
}
