//! What expressions refer to, without evaluating them.

use crate::config::{Mode, Module};
use crate::syntax::{Block, Body, Expression, ExpressionKind, Key, Part, Step};

/// Something of the same module that an expression refers to. Numbers are positions in the
/// [`Named`](crate::config::Named) lists of the [`Module`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reference<'e> {
    Variable(usize),
    Local(usize),
    Resource(usize),
    /// A module call: one of its outputs, or all where it is not said which.
    Call(usize, Option<&'e str>),
}

/// A name with the steps behind it, which no expression around it binds.
#[derive(Clone, Copy)]
pub(super) struct Mention<'e> {
    pub(super) name: &'e str,
    pub(super) steps: &'e [Step],
}

impl<'e> Mention<'e> {
    /// What it is in a module. `None` for what belongs to no module (`each`, `path`), and for what is not
    /// declared.
    pub(super) fn resolve(&self, module: &Module) -> Option<Reference<'e>> {
        let attribute = |at: usize| match self.steps.get(at) {
            Some(Step::Attribute(name)) => Some(&*name.text),
            _ => None,
        };
        match self.name {
            "var" => module.variables.position(attribute(0)?).map(Reference::Variable),
            "local" => module.locals.position(attribute(0)?).map(Reference::Local),
            "module" => {
                let call = module.calls.position(attribute(0)?)?;
                // `module.a.output`, `module.a[0].output`: Terraform waits for this output alone.
                let output = match self.steps.get(1) {
                    Some(Step::Index { .. }) => attribute(2),
                    _ => attribute(1),
                };
                Some(Reference::Call(call, output))
            }
            name => {
                let (address, _) = resource_address(name, self.steps)?;
                module.resources.position(&address).map(Reference::Resource)
            }
        }
    }
}

/// The local address of the resource or data source that a reference begins with, and how many steps
/// belong to it. `None` for what cannot be a resource.
pub(super) fn resource_address(name: &str, steps: &[Step]) -> Option<(String, usize)> {
    let attribute = |at: usize| match steps.get(at) {
        Some(Step::Attribute(name)) => Some(&*name.text),
        _ => None,
    };
    match name {
        "data" | "ephemeral" | "resource" => {
            let mode = match name {
                "data" => Mode::Data,
                "ephemeral" => Mode::Ephemeral,
                _ => Mode::Managed,
            };
            Some((format!("{}{}.{}", mode.prefix(), attribute(0)?, attribute(1)?), 2))
        }
        "var" | "local" | "module" | "each" | "count" | "self" | "path" | "terraform" => None,
        kind => Some((format!("{kind}.{}", attribute(0)?), 1)),
    }
}

/// Tells every mention in an expression. As deep as the parser allows.
pub(super) fn in_expression<'e>(
    expression: &'e Expression,
    bound: &mut Vec<&'e str>,
    tell: &mut dyn FnMut(Mention<'e>),
) {
    match &expression.kind {
        ExpressionKind::Null | ExpressionKind::Bool(_) | ExpressionKind::Number(_) => {}
        ExpressionKind::Template(parts) => in_parts(parts, bound, tell),
        ExpressionKind::Variable(name) => {
            if !bound.contains(&&**name) {
                tell(Mention { name, steps: &[] });
            }
        }
        ExpressionKind::Call { arguments, .. } | ExpressionKind::Tuple(arguments) => {
            for argument in arguments {
                in_expression(argument, bound, tell);
            }
        }
        ExpressionKind::Object(items) => {
            for item in items {
                if let Key::Expression(key) = &item.key {
                    in_expression(key, bound, tell);
                }
                in_expression(&item.value, bound, tell);
            }
        }
        ExpressionKind::For(inner) => {
            in_expression(&inner.collection, bound, tell);
            let before = bound.len();
            bound.extend(inner.key_name.as_ref().map(|name| &*name.text));
            bound.push(&inner.value_name.text);
            for part in [inner.key.as_ref(), Some(&inner.value), inner.condition.as_ref()].into_iter().flatten() {
                in_expression(part, bound, tell);
            }
            bound.truncate(before);
        }
        ExpressionKind::Traversal { of, steps } => {
            match &of.kind {
                ExpressionKind::Variable(name) => {
                    if !bound.contains(&&**name) {
                        tell(Mention { name, steps });
                    }
                }
                _ => in_expression(of, bound, tell),
            }
            in_steps(steps, bound, tell);
        }
        ExpressionKind::Operation { first, rest } => {
            in_expression(first, bound, tell);
            for operation in rest {
                in_expression(&operation.right, bound, tell);
            }
        }
        ExpressionKind::Unary { of, .. } | ExpressionKind::Parentheses(of) => in_expression(of, bound, tell),
        ExpressionKind::Conditional { condition, yes, no } => {
            for part in [condition, yes, no] {
                in_expression(part, bound, tell);
            }
        }
    }
}

fn in_steps<'e>(steps: &'e [Step], bound: &mut Vec<&'e str>, tell: &mut dyn FnMut(Mention<'e>)) {
    for step in steps {
        match step {
            Step::Attribute(_) => {}
            Step::Index { key, .. } => in_expression(key, bound, tell),
            Step::Splat { steps, .. } => in_steps(steps, bound, tell),
        }
    }
}

fn in_parts<'e>(parts: &'e [Part], bound: &mut Vec<&'e str>, tell: &mut dyn FnMut(Mention<'e>)) {
    for part in parts {
        match part {
            Part::Literal { .. } => {}
            Part::Interpolation(expression) => in_expression(expression, bound, tell),
            Part::If { condition, yes, no, .. } => {
                in_expression(condition, bound, tell);
                in_parts(yes, bound, tell);
                in_parts(no, bound, tell);
            }
            Part::For { key_name, value_name, collection, body, .. } => {
                in_expression(collection, bound, tell);
                let before = bound.len();
                bound.extend(key_name.as_ref().map(|name| &*name.text));
                bound.push(&value_name.text);
                in_parts(body, bound, tell);
                bound.truncate(before);
            }
        }
    }
}

/// Tells every mention in the body of a block that has a value: not those of conditions, which are only
/// checked, and not those of `lifecycle`, which are names and no values.
pub(super) fn in_body<'e>(body: &'e Body, bound: &mut Vec<&'e str>, tell: &mut dyn FnMut(Mention<'e>)) {
    for argument in body.arguments() {
        in_expression(&argument.value, bound, tell);
    }
    for block in body.blocks() {
        match Nested::of(block) {
            Nested::Plain => in_body(&block.body, bound, tell),
            Nested::Lifecycle => {}
            Nested::Dynamic(dynamic) => {
                for expression in [dynamic.for_each, dynamic.labels].into_iter().flatten() {
                    in_expression(expression, bound, tell);
                }
                if let Some(content) = dynamic.content {
                    bound.push(dynamic.iterator);
                    in_body(content, bound, tell);
                    bound.pop();
                }
            }
        }
    }
}

/// What a block in the body of another is.
pub(super) enum Nested<'b> {
    Plain,
    /// What Terraform does with a resource, in names rather than values.
    Lifecycle,
    Dynamic(Dynamic<'b>),
}

/// `dynamic "kind" { … }`
pub(super) struct Dynamic<'b> {
    pub(super) kind: &'b str,
    pub(super) for_each: Option<&'b Expression>,
    /// The name of the value that stands for the element.
    pub(super) iterator: &'b str,
    pub(super) labels: Option<&'b Expression>,
    pub(super) content: Option<&'b Body>,
}

impl<'b> Nested<'b> {
    pub(super) fn of(block: &'b Block) -> Nested<'b> {
        match (&*block.kind.text, &block.labels[..]) {
            ("lifecycle", []) => Nested::Lifecycle,
            ("dynamic", [kind]) => {
                let argument = |name| block.body.argument(name).map(|argument| &argument.value);
                let iterator = match argument("iterator").map(|iterator| &iterator.kind) {
                    Some(ExpressionKind::Variable(name)) => name,
                    _ => &kind.text,
                };
                let content = block.body.blocks().find(|block| &*block.kind.text == "content");
                Nested::Dynamic(Dynamic {
                    kind: &kind.text,
                    for_each: argument("for_each"),
                    iterator,
                    labels: argument("labels"),
                    content: content.map(|content| &content.body),
                })
            }
            _ => Nested::Plain,
        }
    }
}
