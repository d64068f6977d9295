//! Comments in files of Terraform's language, and what stands where around them: as much as suppressions need.

use verdikt_model::{Entry, FileId, NodeId, Span, Tree, TreeBuilder};
use verdikt_terraform::syntax::{self, Body, Expression, ExpressionKind, Item, Key};

use crate::Comment;

/// Blocks, arguments, members and elements of a file as a tree, and its comments.
pub(crate) struct Outline {
    pub(crate) tree: Tree,
    pub(crate) root: NodeId,
    pub(crate) comments: Vec<Comment>,
}

/// The outline of a text. What is wrong with the text has been said where it was evaluated.
pub(crate) fn outline(file: FileId, text: &str) -> Outline {
    let parsed = syntax::parse(file, text);
    let comment = |comment: &syntax::Comment| {
        let raw = text.get(comment.span.range()).unwrap_or_default();
        // The closing mark belongs to no reason.
        let inner = if raw.starts_with("/*") { raw.strip_suffix("*/").unwrap_or(raw) } else { raw };
        Comment { span: comment.span, text: inner.trim_end().into(), own_line: comment.own_line }
    };
    let comments = parsed.comments.iter().map(comment).collect();
    let mut builder = Builder { builder: TreeBuilder::new(), text };
    let root = builder.body(&parsed.body, Span::new(file, 0, text.len() as u32));
    Outline { tree: builder.builder.finish(), root, comments }
}

struct Builder<'t> {
    builder: TreeBuilder,
    text: &'t str,
}

// The parser bounds the depth of what it reads, and so the recursion.
impl Builder<'_> {
    fn body(&mut self, body: &Body, span: Span) -> NodeId {
        let mut entries: Vec<Entry> = Vec::with_capacity(body.items.len());
        for item in &body.items {
            entries.push(match item {
                Item::Argument(argument) => {
                    let value = self.expression(&argument.value);
                    self.builder.entry(&argument.name.text, argument.name.span, value)
                }
                Item::Block(block) => {
                    let header = block.labels.last().map_or(block.kind.span, |label| label.span);
                    let before = self.text.get(..block.body.span.start as usize + 1).unwrap_or_default();
                    let brace = before.rfind('{').map_or(header.end, |at| at as u32).max(header.end);
                    let braces = Span::new(block.span.file, brace.min(block.span.end), block.span.end);
                    let inner = self.body(&block.body, braces);
                    self.builder.entry(&block.kind.text, block.kind.span.join(header), inner)
                }
            });
        }
        self.builder.map(span, &entries)
    }

    fn expression(&mut self, expression: &Expression) -> NodeId {
        match &expression.kind {
            ExpressionKind::Object(members) => {
                let mut entries: Vec<Entry> = Vec::with_capacity(members.len());
                for member in members {
                    let value = self.expression(&member.value);
                    let key = match &member.key {
                        Key::Name(name) => name.span,
                        Key::Expression(key) => key.span,
                    };
                    entries.push(self.builder.entry("", key, value));
                }
                self.builder.map(expression.span, &entries)
            }
            ExpressionKind::Tuple(items) => self.list(expression.span, items),
            ExpressionKind::Call { arguments, .. } => match &arguments[..] {
                [argument] => self.expression(argument),
                arguments => self.list(expression.span, arguments),
            },
            ExpressionKind::Parentheses(inner) => self.expression(inner),
            ExpressionKind::For(it) => self.list(expression.span, std::slice::from_ref(&it.value)),
            ExpressionKind::Conditional { yes, no, .. } => {
                let items = [self.expression(yes), self.expression(no)];
                self.builder.list(expression.span, &items)
            }
            _ => self.builder.null(expression.span),
        }
    }

    fn list(&mut self, span: Span, items: &[Expression]) -> NodeId {
        let items: Vec<NodeId> = items.iter().map(|item| self.expression(item)).collect();
        self.builder.list(span, &items)
    }
}
