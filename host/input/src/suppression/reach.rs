//! What a comment of YAML, or of Terraform's language, is about.
//!
//! - Behind something, it is about what begins on its line: members of a map with their values,
//!   elements of a list. Where none does, it is about the innermost that ends there.
//! - On a line of its own, it is about what begins on the next line that has content. Several such
//!   lines stack.
//! - Where that is the first line of the document, it is about the document.
//! - A comment that stands deeper than what follows it closes the block above. It is inside that block
//!   and about nothing that follows.

use verdikt_model::{LineIndex, NodeRef, Reach, Span, Value};

use crate::Comment;

/// A member of a map with its value, or an element of a list.
#[derive(Clone, Copy)]
struct Part {
    span: Span,
    /// Index of the collection that it is in.
    block: usize,
}

/// A map or a list.
#[derive(Clone, Copy)]
struct Block {
    span: Span,
    parent: Option<usize>,
}

/// The parts of one document by place, and its comments.
pub(super) struct Layout<'a> {
    text: &'a str,
    lines: &'a LineIndex,
    comments: &'a [Comment],
    /// Where the first line of all is about the whole.
    root: Option<Span>,
    /// In the order of their beginnings, the outer before the inner; so are the blocks.
    parts: Vec<Part>,
    blocks: Vec<Block>,
}

/// What follows a comment.
#[derive(Clone, Copy)]
enum Next {
    Part(usize),
    /// A closing bracket, or the end of the document.
    Nothing,
}

/// A comment about a target, and then about what is around that: behind the last line of a block, the
/// comment itself is outside.
fn about(target: Option<Span>, comment: &Comment) -> Reach {
    Reach::Place { target, around: target.unwrap_or(comment.span) }
}

impl<'a> Layout<'a> {
    pub(super) fn new(text: &'a str, lines: &'a LineIndex, root: NodeRef<'_>, comments: &'a [Comment]) -> Self {
        let mut layout = Layout::of_blocks(text, lines, root, comments);
        layout.root = Some(root.span());
        layout
    }

    /// The layout of a file that is no document, but holds blocks.
    pub(super) fn of_blocks(text: &'a str, lines: &'a LineIndex, root: NodeRef<'_>, comments: &'a [Comment]) -> Self {
        let mut layout = Layout { text, lines, comments, root: None, parts: Vec::new(), blocks: Vec::new() };
        layout.collect(root, None);
        layout
    }

    /// Depth first, which the loader bounds. What an alias repeats stands elsewhere, and so does what a
    /// merge key brings in.
    fn collect(&mut self, node: NodeRef<'_>, parent: Option<usize>) {
        if !matches!(node.value(), Value::Map(_) | Value::List(_)) {
            return;
        }
        let block = self.blocks.len();
        self.blocks.push(Block { span: node.span(), parent });
        for item in node.items().filter(|item| node.span().contains(item.span())) {
            self.parts.push(Part { span: item.span(), block });
            self.collect(item, Some(block));
        }
        for (_, key, value) in node.keyed_entries().filter(|(_, key, _)| node.span().contains(*key)) {
            self.parts.push(Part { span: key.join(value.span()), block });
            self.collect(value, Some(block));
        }
    }

    /// The reach of each comment, in their order.
    pub(super) fn reaches(&self) -> Vec<Reach> {
        let mut reaches = Vec::with_capacity(self.comments.len());
        // What follows a comment follows the comments right above it too; from behind, each stretch of
        // text is looked at once.
        let mut following: Option<(u32, Next)> = None;
        for comment in self.comments.iter().rev() {
            let below = following.filter(|(start, _)| self.is_blank(comment.span.end, *start));
            let next = below.map_or_else(|| self.next(comment.span.end), |(_, next)| next);
            following = comment.own_line.then_some((comment.span.start, next));
            reaches.push(if comment.own_line { self.own_line(comment, next) } else { self.behind(comment, next) });
        }
        reaches.reverse();
        reaches
    }

    fn own_line(&self, comment: &Comment, next: Next) -> Reach {
        let column = self.column(comment.span.start);
        if let Next::Part(part) = next {
            let part = self.parts[part];
            let opens_block = self.blocks[part.block].span.start >= self.indent(part.span.start).1;
            if column <= self.indent(part.span.start).0 || opens_block || self.in_flow(comment) {
                return about(self.line(part.span.start), comment);
            }
        }
        if let Some(part) = self.above(comment).filter(|part| part.span.contains(comment.span)) {
            // Between a key and its value.
            return about(Some(part.span), comment);
        }
        let inside = if self.in_flow(comment) { None } else { self.closed(comment, column, next) };
        Reach::Place { target: None, around: inside.unwrap_or(comment.span) }
    }

    fn behind(&self, comment: &Comment, next: Next) -> Reach {
        let (_, content) = self.indent(comment.span.start);
        let before = &self.text[content as usize..comment.span.start as usize];
        let target = match next {
            // Behind a dash or `---` alone, it is about what follows.
            Next::Part(part) if before.trim_end().bytes().all(|byte| matches!(byte, b'-' | b'?' | b' ' | b'\t')) => {
                self.line(self.parts[part].span.start)
            }
            _ => self.line(comment.span.start).or_else(|| self.ending(comment)),
        };
        about(target, comment)
    }

    /// The innermost part that ends on the line of a comment.
    fn ending(&self, comment: &Comment) -> Option<Span> {
        let (start, _) = self.line_of(comment.span.start);
        let above = self.parts.partition_point(|part| part.span.start < start);
        let ends = |part: &&Part| start < part.span.end && part.span.end <= comment.span.start;
        self.parts[..above].iter().rev().find(ends).map(|part| part.span)
    }

    /// Everything that begins on the line of an offset.
    fn line(&self, offset: u32) -> Option<Span> {
        let (start, end) = self.line_of(offset);
        if let Some(root) = self.root.filter(|root| (start..end).contains(&root.start)) {
            return Some(root);
        }
        let first = self.parts.partition_point(|part| part.span.start < start);
        let begun = self.parts[first..].iter().take_while(|part| part.span.start < end).map(|part| part.span);
        begun.reduce(Span::join)
    }

    /// The innermost block above a comment that is indented no deeper than the comment. `None` where
    /// that block goes on behind the comment.
    fn closed(&self, comment: &Comment, column: u32, next: Next) -> Option<Span> {
        let mut block = Some(self.above(comment)?.block);
        while let Some(index) = block {
            let Block { span, parent } = self.blocks[index];
            if self.column(span.start) <= column {
                let goes_on = matches!(next, Next::Part(part) if span.contains(self.parts[part].span));
                return (!goes_on && Some(span) != self.root).then_some(span);
            }
            block = parent;
        }
        None
    }

    /// The part that begins last before a comment.
    fn above(&self, comment: &Comment) -> Option<Part> {
        let above = self.parts.partition_point(|part| part.span.start < comment.span.start);
        self.parts.get(above.checked_sub(1)?).copied()
    }

    /// Whether the innermost collection around a comment is in brackets, where indentation means
    /// nothing.
    fn in_flow(&self, comment: &Comment) -> bool {
        let before = self.blocks.partition_point(|block| block.span.start < comment.span.start);
        let mut block = before.checked_sub(1);
        while let Some(index) = block {
            let Block { span, parent } = self.blocks[index];
            if span.contains(comment.span) {
                return matches!(self.text.as_bytes().get(span.start as usize), Some(b'{' | b'['));
            }
            block = parent;
        }
        false
    }

    /// The first part behind an offset, unless something that is no beginning stands between.
    fn next(&self, offset: u32) -> Next {
        let part = self.parts.partition_point(|part| part.span.start < offset);
        match self.parts.get(part) {
            Some(found) if self.leads_to(offset, found.span.start) => Next::Part(part),
            _ => Next::Nothing,
        }
    }

    /// Whether nothing but indicators, properties and comments stand in a range.
    fn leads_to(&self, from: u32, to: u32) -> bool {
        let mut rest = &self.text[from as usize..to as usize];
        loop {
            rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || "-?{[,".contains(letter));
            match rest.bytes().next() {
                None => return true,
                Some(b'#') => rest = rest.find('\n').map_or("", |end| &rest[end..]),
                Some(b'/') if rest.starts_with("//") => rest = rest.find('\n').map_or("", |end| &rest[end..]),
                Some(b'/') if rest.starts_with("/*") => rest = rest.find("*/").map_or("", |end| &rest[end + 2..]),
                Some(b'&' | b'!') => rest = rest.find(char::is_whitespace).map_or("", |end| &rest[end..]),
                Some(_) => return false,
            }
        }
    }

    fn is_blank(&self, from: u32, to: u32) -> bool {
        self.text.get(from as usize..to as usize).is_some_and(|between| between.trim().is_empty())
    }

    fn line_of(&self, offset: u32) -> (u32, u32) {
        let line = self.lines.position(self.text, offset).line;
        let start = self.lines.line_start(line).unwrap_or(0);
        (start, self.lines.line_start(line + 1).unwrap_or(self.text.len() as u32 + 1))
    }

    /// How far the line of an offset is indented, and where its content begins.
    fn indent(&self, offset: u32) -> (u32, u32) {
        let (start, _) = self.line_of(offset);
        let line = &self.text[start as usize..];
        let content = start + (line.len() - line.trim_start_matches([' ', '\t', '\u{feff}']).len()) as u32;
        (content - start, content)
    }

    /// How far an offset is from the beginning of its line.
    fn column(&self, offset: u32) -> u32 {
        offset - self.line_of(offset).0
    }
}
