//! `.tf.json` files: the same blocks and arguments, written as JSON.
//!
//! HCL's JSON specification (<https://github.com/hashicorp/hcl/blob/main/json/spec.md>) says what a
//! property is by what is expected in its place: a block with so many labels, or an argument. Strings
//! are templates where references make sense and texts where they do not. In the body of a resource only
//! its provider knows what is a block; there most objects are ([`MAPS`]).

use verdikt_model::{Code, Diagnostic, NodeRef, Span, Value};

use crate::syntax::{
    self, Argument, Block, Body, Expression, ExpressionKind, Item, Key, Label, Name, ObjectItem, Origin, Part,
};

/// How strings are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    Templates,
    /// As they are.
    Texts,
    /// As an expression each: `"type": "list(string)"`, `"depends_on": ["aws_iam_role.a"]`.
    Expressions,
}

/// The blocks of a file, with how many labels they have.
const FILE_BLOCKS: &[(&str, usize)] = &[
    ("action", 2),
    ("check", 1),
    ("data", 2),
    ("ephemeral", 2),
    ("import", 0),
    ("locals", 0),
    ("module", 1),
    ("moved", 0),
    ("output", 1),
    ("provider", 1),
    ("removed", 0),
    ("resource", 2),
    ("terraform", 0),
    ("variable", 1),
];

/// Blocks that Terraform itself knows in resources, with how many labels they have.
const RESOURCE_BLOCKS: &[(&str, usize)] =
    &[("_", 0), ("connection", 0), ("dynamic", 1), ("lifecycle", 0), ("provisioner", 1)];

const SETTINGS_BLOCKS: &[(&str, usize)] =
    &[("backend", 1), ("cloud", 0), ("provider_meta", 1), ("required_providers", 0)];

const CHECK_BLOCKS: &[(&str, usize)] = &[("assert", 0), ("data", 2)];

/// The blocks that may stand in a block of a kind.
fn blocks_in(kind: &str) -> &'static [(&'static str, usize)] {
    match kind {
        "resource" | "data" | "ephemeral" | "content" => RESOURCE_BLOCKS,
        "dynamic" => &[("content", 0)],
        "terraform" => SETTINGS_BLOCKS,
        "check" => CHECK_BLOCKS,
        "variable" => &[("validation", 0)],
        "output" => &[("precondition", 0)],
        "provisioner" => &[("connection", 0)],
        "lifecycle" => &[("precondition", 0), ("postcondition", 0)],
        _ => &[],
    }
}

/// How the strings of an argument are read.
fn strings_of(block: &str, argument: &str) -> Strings {
    match (block, argument) {
        // What is read before anything can be referred to (`Value(nil)` in `internal/configs`).
        ("variable", "default") | ("module", "source" | "version") | ("provider", "alias") => Strings::Texts,
        ("variable", "type")
        | ("resource" | "data" | "ephemeral" | "module" | "output", "depends_on")
        | ("resource" | "data" | "ephemeral", "provider")
        | ("module", "providers")
        | ("lifecycle", "ignore_changes" | "replace_triggered_by")
        | ("dynamic", "iterator") => Strings::Expressions,
        _ => Strings::Templates,
    }
}

/// Arguments of well-known providers that are maps or objects. Only a provider's schema can tell an object
/// that is an argument from one that is a block; what is not named here is taken for a block, as most are.
const MAPS: &[&str] = &[
    "annotations",
    "binary_data",
    "body",
    "data",
    "default_annotations",
    "default_labels",
    "environment_variables",
    "headers",
    "input",
    "keepers",
    "labels",
    "manifest",
    "match_labels",
    "node_labels",
    "node_selector",
    "parameters",
    "query",
    "secrets",
    "string_data",
    "tags",
    "tags_all",
    "triggers",
    "triggers_replace",
    "values",
    "variables",
    "vars",
];

/// Whether a provider says what may stand in a block of that kind.
fn is_of_provider(kind: &str) -> bool {
    matches!(kind, "resource" | "data" | "ephemeral" | "provider" | "content")
}

/// A file: what stands in it, as if it were written in the native syntax.
pub(super) fn file(root: NodeRef<'_>, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Body {
    let mut reader = Reader { text, diagnostics };
    let mut body = Body { items: Vec::new(), span: root.span(), complete: true };
    for (name, span, node) in reader.properties(root) {
        match FILE_BLOCKS.iter().find(|(kind, _)| *kind == name) {
            Some((kind, labels)) => reader.blocks(node, (kind, kind), span, *labels, &mut Vec::new(), &mut body.items),
            None => {
                let message =
                    format!("Terraform knows no block `{name}` at the top of a file; nothing in it was judged.");
                reader.diagnostics.push(Diagnostic::at(Code::HclSyntax, span, message));
            }
        }
    }
    body
}

/// A file with values of variables: an object whose strings are texts, since nothing can be referred to in
/// it.
pub(crate) fn json_arguments(root: NodeRef<'_>, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Body {
    let mut reader = Reader { text, diagnostics };
    let mut body = Body { items: Vec::new(), span: root.span(), complete: true };
    for (name, span, node) in reader.properties(root) {
        let value = reader.expression(node, Strings::Texts);
        let whole = span.join(value.span);
        body.items.push(Item::Argument(Argument { name: Name { text: name.into(), span }, value, span: whole }));
    }
    body
}

/// Recursion is bounded by the JSON loader's limit of depth.
struct Reader<'a> {
    /// Of the file.
    text: &'a str,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// The properties of an object, or of all objects of a list, without comments.
    fn properties<'t>(&mut self, node: NodeRef<'t>) -> Vec<(&'t str, Span, NodeRef<'t>)> {
        let mut properties = Vec::new();
        let objects: Vec<NodeRef<'t>> = if node.is_list() { node.items().collect() } else { vec![node] };
        for object in objects {
            if object.is_map() {
                properties.extend(object.keyed_entries().filter(|(name, _, _)| *name != "//"));
            } else if !node.is_null() {
                let message = "An object is expected here, with the names of blocks or arguments.";
                self.diagnostics.push(Diagnostic::at(Code::HclSyntax, object.span(), message));
            }
        }
        properties
    }

    /// A property that is a block, or many: its labels are the names of properties in it. A block has a
    /// kind, and another that says what may stand in it.
    fn blocks(
        &mut self,
        node: NodeRef<'_>,
        (kind, inner_kind): (&str, &str),
        kind_span: Span,
        labels_left: usize,
        labels: &mut Vec<Label>,
        items: &mut Vec<Item>,
    ) {
        if labels_left > 0 {
            for (label, span, inner) in self.properties(node) {
                labels.push(Label { text: label.into(), span });
                self.blocks(inner, (kind, inner_kind), kind_span, labels_left - 1, labels, items);
                labels.pop();
            }
            return;
        }
        let bodies: Vec<NodeRef<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
        for body in bodies.into_iter().filter(|body| !body.is_null()) {
            let kind_name = Name { text: kind.into(), span: kind_span };
            // Places must not overlap, or a comment or a path would belong to several blocks: a block is
            // where its own label and its own braces are.
            let begin = labels.last().map_or(kind_span, |label| label.span);
            let span = if node.is_list() { body.span() } else { begin.join(body.span()) };
            let body = self.body(body, inner_kind);
            items.push(Item::Block(Block { kind: kind_name, labels: labels.clone(), body, span }));
        }
    }

    fn body(&mut self, node: NodeRef<'_>, kind: &str) -> Body {
        let mut body = Body { items: Vec::new(), span: node.span(), complete: true };
        let mut names: Vec<&str> = Vec::new();
        for (name, span, value) in self.properties(node) {
            // A block, what its body is read as, and how many labels it has.
            let block = match blocks_in(kind).iter().find(|(block, _)| *block == name) {
                Some((block, labels)) => is_block_like(value).then_some((*block, *labels)),
                None => {
                    let is_block = is_of_provider(kind) && is_block_of_provider(value) && !MAPS.contains(&name);
                    is_block.then_some(("content", 0))
                }
            };
            match block {
                Some((inner, labels)) => {
                    self.blocks(value, (name, inner), span, labels, &mut Vec::new(), &mut body.items);
                }
                _ if names.contains(&name) => {
                    let message = format!("The argument `{name}` was given before; remove one of them.");
                    self.diagnostics.push(Diagnostic::at(Code::HclSyntax, span, message));
                    body.complete = false;
                }
                _ => {
                    names.push(name);
                    let value = self.expression(value, strings_of(kind, name));
                    let whole = span.join(value.span);
                    let name = Name { text: name.into(), span };
                    body.items.push(Item::Argument(Argument { name, value, span: whole }));
                }
            }
        }
        body
    }

    fn expression(&mut self, node: NodeRef<'_>, strings: Strings) -> Expression {
        let span = node.span();
        let kind = match node.value() {
            Value::Null | Value::Unknown(_) => ExpressionKind::Null,
            Value::Bool(value) => ExpressionKind::Bool(value),
            Value::Number(number) => {
                let number = node.tree().string(number);
                match number.strip_prefix('-') {
                    Some(number) => ExpressionKind::Unary {
                        operator: syntax::UnaryOperator::Negate,
                        of: Box::new(Expression { kind: ExpressionKind::Number(number.into()), span }),
                    },
                    None => ExpressionKind::Number(number.into()),
                }
            }
            Value::String(text) => return self.string(node.tree().string(text), span, strings),
            Value::List(_) => ExpressionKind::Tuple(node.items().map(|item| self.expression(item, strings)).collect()),
            Value::Map(_) => {
                let items = node.keyed_entries().map(|(key, key_span, value)| ObjectItem {
                    // Names of `providers` are names, not references.
                    key: Key::Expression(match strings {
                        Strings::Expressions => literal(key, key_span),
                        _ => self.string(key, key_span, strings),
                    }),
                    value: self.expression(value, strings),
                });
                ExpressionKind::Object(items.collect())
            }
        };
        Expression { kind, span }
    }

    fn string(&mut self, text: &str, span: Span, strings: Strings) -> Expression {
        let read = match strings {
            Strings::Texts => return literal(text, span),
            Strings::Templates if !text.contains("${") && !text.contains("%{") => return literal(text, span),
            Strings::Templates => syntax::parse_template(self.origin(text, span), text)
                .map(|parts| Expression { kind: ExpressionKind::Template(parts), span }),
            Strings::Expressions => syntax::parse_expression(self.origin(text, span), text),
        };
        read.unwrap_or_else(|problem| {
            self.diagnostics.push(Diagnostic::at(Code::HclSyntax, problem.span, problem.message));
            literal(text, span)
        })
    }

    /// Where the text of a string stands: behind its quote if nothing in it is escaped.
    fn origin(&self, text: &str, span: Span) -> Origin {
        let written = self.text.get(span.range()).unwrap_or("");
        let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        if inner == Some(text) {
            Origin::Text { file: span.file, offset: span.start + 1 }
        } else {
            Origin::Within(span)
        }
    }
}

/// Whether a value may be the body of a block, or of several.
fn is_block_like(node: NodeRef<'_>) -> bool {
    node.is_map() || node.is_null() || (node.is_list() && node.items().all(NodeRef::is_map))
}

/// Whether a value in the body of a resource is probably a block: an empty list is an argument as well.
fn is_block_of_provider(node: NodeRef<'_>) -> bool {
    node.is_map() || (node.is_list() && node.items().len() > 0 && node.items().all(NodeRef::is_map))
}

fn literal(text: &str, span: Span) -> Expression {
    let parts = if text.is_empty() {
        Vec::new()
    } else {
        vec![Part::Literal { text: text.into(), span, anchors: Box::new([(0, None)]) }]
    };
    Expression { kind: ExpressionKind::Template(parts), span }
}
