//! Bodies, blocks and arguments; and how the parser goes on behind a mistake.

use std::collections::HashMap;

use verdikt_model::{FileId, Span};

use super::MAX_DEPTH;
use super::ast::{Argument, Block, Body, Comment, Expression, Item, Label, Name};
use super::lexer::{self, CommentRange, Token, TokenKind};

/// A file as far as it could be read.
#[derive(Clone, Debug)]
pub struct File {
    pub body: Body,
    /// In the order of the text, those inside of expressions included.
    pub comments: Vec<Comment>,
    /// In the order of the text.
    pub problems: Vec<Problem>,
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub span: Span,
    /// What is wrong, what was expected and what to do, in full.
    pub message: String,
}

/// Problems of one file that are kept: a hostile file could otherwise have millions.
const MOST_PROBLEMS: usize = 100;

const NO_END_BEFORE_NEXT: &str = "The block that begins here has no end before the next one; add `}`.";

/// Parses the text of a `.tf` file, which is shorter than 4 GiB.
///
/// Every mistake is a problem, and costs the argument or block header that it is in. A byte-order mark
/// at the beginning is skipped, as Terraform does.
pub fn parse(file: FileId, text: &str) -> File {
    let origin = Origin::Text { file, offset: 0 };
    let mut parser = Parser::new(origin, text, Braces::Believed);
    let mut body = parser.body(None);
    if !parser.problems.is_empty() {
        // A brace that is missing would cost everything behind it. Where the mistakes are, both readings
        // say.
        let mut problems = parser.problems;
        parser = Parser::new(origin, text, Braces::Doubted);
        body = parser.body(None);
        problems.extend(parser.problems.drain(..).filter(|problem| problem.message == NO_END_BEFORE_NEXT));
        parser.problems = problems;
    }
    let mut comments = parser.comments;
    // A part that was skipped behind a mistake was read before that.
    comments.sort_by_key(|comment| comment.span.start);
    let mut problems = parser.problems;
    problems.sort_by_key(|problem| problem.span.start);
    File { body, comments, problems }
}

/// The mistake was told already; whoever gets this gives up on what it was reading.
pub(super) struct Broken;

pub(super) type Read<T> = Result<T, Broken>;

/// Whether what looks like the beginning of another block of the file ends the blocks that are open.
/// A file without mistakes may hold a block inside of another at the beginning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Braces {
    Believed,
    Doubted,
}

/// Where the text that is parsed stands.
#[derive(Clone, Copy, Debug)]
pub enum Origin {
    /// In a file as it is, from an offset on.
    Text { file: FileId, offset: u32 },
    /// Somehow in a part of a file, which is the place of everything in it.
    Within(Span),
}

impl Origin {
    fn span(self, start: usize, end: usize) -> Span {
        match self {
            Origin::Text { file, offset } => Span::new(file, offset + start as u32, offset + end as u32),
            Origin::Within(span) => span,
        }
    }
}

/// Where the parser is in its text.
pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    origin: Origin,
    /// Behind the last token that was read.
    pub(super) at: usize,
    /// The token at `at`, where it was looked at already.
    peeked: Option<Token>,
    /// Whether line breaks are tokens.
    newlines: bool,
    braces: Braces,
    depth: usize,
    /// Where the last comment that was kept ends: tokens are looked at more than once.
    commented: usize,
    comments: Vec<Comment>,
    problems: Vec<Problem>,
}

impl<'t> Parser<'t> {
    pub(super) fn new(origin: Origin, text: &'t str, braces: Braces) -> Self {
        Parser {
            text,
            origin,
            at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
            braces,
            peeked: None,
            newlines: true,
            depth: 0,
            commented: 0,
            comments: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.origin.span(start, end)
    }

    /// The offset in its file of an offset in the text, where the text stands there as it is.
    pub(super) fn offset(&self, at: usize) -> Option<u32> {
        match self.origin {
            Origin::Text { offset, .. } => Some(offset + at as u32),
            Origin::Within(_) => None,
        }
    }

    /// What was wrong, if anything.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    pub(super) fn token_text(&self, token: Token) -> &'t str {
        &self.text[token.start..token.end]
    }

    /// The next token, left where it is.
    pub(super) fn peek(&mut self) -> Token {
        if let Some(token) = self.peeked {
            return token;
        }
        let (text, origin) = (self.text, self.origin);
        let (comments, commented) = (&mut self.comments, &mut self.commented);
        let token = lexer::token(text, self.at, self.newlines, |CommentRange { start, end }| {
            if end > *commented {
                *commented = end;
                let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
                let own_line = text[line..start].trim_matches([' ', '\t', '\u{feff}']).is_empty();
                comments.push(Comment { span: origin.span(start, end), own_line });
            }
        });
        self.peeked = Some(token);
        token
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        self.move_to(token.end);
        token
    }

    /// Goes on at an offset.
    pub(super) fn move_to(&mut self, at: usize) {
        self.at = at;
        self.peeked = None;
    }

    /// Takes the next token if it is of a kind.
    pub(super) fn take(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.next())
    }

    /// Whether the next token is that word.
    pub(super) fn is_word(&mut self, word: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Identifier && self.token_text(token) == word
    }

    /// Takes an identifier.
    pub(super) fn name(&mut self, expected: &str) -> Read<Name> {
        match self.take(TokenKind::Identifier) {
            Some(token) => Ok(Name { text: self.token_text(token).into(), span: self.span(token.start, token.end) }),
            None => Err(self.unexpected(expected)),
        }
    }

    /// Reads something in which line breaks mean something, or do not.
    pub(super) fn with_newlines<T>(&mut self, newlines: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.newlines, newlines);
        self.peeked = None;
        let result = read(self);
        self.newlines = before;
        self.peeked = None;
        result
    }

    /// Reads something one level further in.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth == MAX_DEPTH {
            let token = self.peek();
            let message = format!("This is nested more than {MAX_DEPTH} levels deep, the limit. Split it up.");
            return Err(self.problem(token.start, token.end, message));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn problem(&mut self, start: usize, end: usize, message: impl Into<String>) -> Broken {
        self.problem_at(self.span(start, end), message)
    }

    pub(super) fn problem_at(&mut self, span: Span, message: impl Into<String>) -> Broken {
        if self.problems.len() < MOST_PROBLEMS {
            let mut message = message.into();
            if self.problems.len() + 1 == MOST_PROBLEMS {
                message.push_str(" Further ones of this file are not listed.");
            }
            self.problems.push(Problem { span, message });
        }
        Broken
    }

    /// The next token does not fit here.
    pub(super) fn unexpected(&mut self, expected: &str) -> Broken {
        let token = self.peek();
        let found = match token.kind {
            TokenKind::End => "the file ends".to_owned(),
            TokenKind::Newline => "the line ends".to_owned(),
            TokenKind::OpenComment => {
                return self.problem(token.start, token.start + 2, "This comment has no end; add `*/`.");
            }
            TokenKind::Heredoc => "a heredoc begins".to_owned(),
            TokenKind::Invalid if self.token_text(token) == "'" => {
                let message = "Terraform has no single quotes; write the text in double quotes.";
                return self.problem(token.start, token.end, message);
            }
            _ => format!("`{}` stands", self.token_text(token).escape_debug()),
        };
        self.problem(token.start, token.end, format!("Expected {expected} here, but {found} instead."))
    }

    /// A file, or what stands between braces: `open` is the opening one's offset, the closing one is
    /// taken.
    fn body(&mut self, open: Option<usize>) -> Body {
        let start = open.unwrap_or(self.at);
        let mut body = Body { items: Vec::new(), span: self.span(start, start), complete: true };
        let mut names: HashMap<Box<str>, Span> = HashMap::new();
        loop {
            let token = self.peek();
            match (token.kind, open) {
                (TokenKind::Newline, _) => {
                    self.next();
                    continue;
                }
                (TokenKind::CloseBrace, Some(_)) => {
                    self.next();
                    break;
                }
                (TokenKind::End, None) => break,
                (TokenKind::End, Some(open)) => {
                    self.problem(open, open + 1, "The block that begins here has no end; add `}`.");
                    body.complete = false;
                    break;
                }
                // The braces are not balanced before: what follows at the beginning of a line is the next
                // block of the file.
                (TokenKind::Identifier, Some(open))
                    if self.braces == Braces::Doubted && self.begins_file_item(token.start) =>
                {
                    self.problem(open, open + 1, NO_END_BEFORE_NEXT);
                    body.complete = false;
                    break;
                }
                _ => {}
            }
            match self.item() {
                Ok(Item::Argument(argument)) => {
                    body.complete &= self.once(&mut names, &argument);
                    if names.get(&argument.name.text) == Some(&argument.name.span) {
                        body.items.push(Item::Argument(argument));
                    }
                }
                Ok(Item::Block(block)) => {
                    body.complete &= block.body.complete;
                    body.items.push(Item::Block(block));
                }
                Err(Broken) => {
                    body.complete = false;
                    self.skip_item(token.start);
                }
            }
        }
        body.span = self.span(start, self.at);
        body
    }

    /// Notes an argument's name; says whether it is the first of that name.
    fn once(&mut self, names: &mut HashMap<Box<str>, Span>, argument: &Argument) -> bool {
        let name = &argument.name;
        if names.contains_key(&name.text) {
            let message =
                format!("`{}` is set twice in this block, which Terraform refuses; remove one of them.", name.text);
            self.problem_at(name.span, message);
            return false;
        }
        names.insert(name.text.clone(), name.span);
        true
    }

    /// An argument or a block, with the line break behind it.
    fn item(&mut self) -> Read<Item> {
        if self.peek().kind == TokenKind::Quote {
            let quote = self.peek();
            let message = "Names of arguments and blocks stand without quotes; remove them.";
            return Err(self.problem(quote.start, quote.end, message));
        }
        let name = self.name("the name of an argument or block")?;
        let item = match self.peek().kind {
            TokenKind::Equals => Item::Argument(self.argument(name)?),
            TokenKind::Quote | TokenKind::Identifier | TokenKind::OpenBrace => Item::Block(self.block(name)?),
            _ => {
                let message = format!("Expected `=` or a block behind `{}`.", name.text);
                return Err(self.problem_at(name.span, message));
            }
        };
        let behind = self.peek();
        match behind.kind {
            TokenKind::Newline => {
                self.next();
                Ok(item)
            }
            TokenKind::End => Ok(item),
            // A block that ended for want of a brace.
            TokenKind::Identifier if self.braces == Braces::Doubted && self.begins_file_item(behind.start) => Ok(item),
            _ => Err(self.unexpected("the end of the line")),
        }
    }

    fn argument(&mut self, name: Name) -> Read<Argument> {
        self.next();
        let value: Expression = self.expression()?;
        let span = name.span.join(value.span);
        Ok(Argument { name, value, span })
    }

    fn block(&mut self, kind: Name) -> Read<Block> {
        let mut labels = Vec::new();
        let open = loop {
            let token = self.peek();
            match token.kind {
                TokenKind::OpenBrace => break self.next(),
                TokenKind::Identifier => {
                    self.next();
                    let span = self.span(token.start, token.end);
                    labels.push(Label { text: self.token_text(token).into(), span });
                }
                TokenKind::Quote => labels.push(self.label()?),
                _ => return Err(self.unexpected("a label or `{`")),
            }
        };
        let start = kind.span.start as usize;
        let body = self.nested(|parser| match parser.peek().kind {
            TokenKind::Newline | TokenKind::End | TokenKind::CloseBrace => Ok(parser.body(Some(open.start))),
            _ => parser.single_line(open),
        })?;
        let span = self.span(start, self.at);
        Ok(Block { kind, labels, body, span })
    }

    /// The one argument of a block that begins and ends on one line.
    fn single_line(&mut self, open: Token) -> Read<Body> {
        let name = self.name("the name of an argument")?;
        if self.peek().kind != TokenKind::Equals {
            let message = "A block on one line holds one argument; write this one on lines of its own.";
            return Err(self.problem_at(name.span, message));
        }
        let argument = self.argument(name)?;
        if self.take(TokenKind::CloseBrace).is_none() {
            return Err(self.unexpected("`}`, since a block on one line holds one argument,"));
        }
        let span = self.span(open.start, self.at);
        Ok(Body { items: vec![Item::Argument(argument)], span, complete: true })
    }

    /// A quoted label, which is no template.
    fn label(&mut self) -> Read<Label> {
        let quote = self.next();
        let parts = self.quoted(quote)?;
        let span = self.span(quote.start, self.at);
        match super::template::literal(&parts) {
            Some(text) => Ok(Label { text, span }),
            None => {
                Err(self.problem(quote.start, self.at, "A label is a plain text; `${` and `%{` mean nothing here."))
            }
        }
    }

    /// Goes to the end of an item that could not be read: behind the line break that ends it, before
    /// the brace that closes its body, or before what can only be another block of the file.
    fn skip_item(&mut self, start: usize) {
        let broken = self.at.max(start);
        // Where the mistake is inside of brackets, the item ends behind those. Its beginning tells.
        self.move_to(start);
        let mut open = 0usize;
        self.newlines = true;
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::End | TokenKind::OpenComment => {
                    self.move_to(self.text.len());
                    return;
                }
                TokenKind::Identifier if token.start > start && self.begins_file_item(token.start) => return,
                TokenKind::Newline if open == 0 && token.end > broken => {
                    self.next();
                    return;
                }
                TokenKind::OpenBrace | TokenKind::OpenBracket | TokenKind::OpenParenthesis => open += 1,
                TokenKind::CloseBrace if open == 0 && token.start > start => return,
                TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::CloseParenthesis => {
                    open = open.saturating_sub(1);
                }
                TokenKind::Quote => {
                    let end = super::template::skip_quoted(self.text, token.end);
                    if self.text.as_bytes().get(end) == Some(&b'\n') {
                        // A text without an end hides the brackets that close what is open on its line.
                        open = 0;
                    }
                    self.move_to(end);
                    continue;
                }
                TokenKind::Heredoc => {
                    let end = super::template::skip_heredoc(self.text, token);
                    self.move_to(end);
                    continue;
                }
                _ => {}
            }
            self.next();
        }
    }

    /// Whether a block of a Terraform file begins at an offset: at the beginning of a line, one of
    /// Terraform's words with what stands behind it in a header. Only then braces that do not match
    /// are not believed.
    fn begins_file_item(&self, at: usize) -> bool {
        const WITH_LABELS: [&str; 9] =
            ["resource", "data", "variable", "output", "module", "provider", "ephemeral", "check", "action"];
        const WITHOUT: [&str; 5] = ["locals", "terraform", "moved", "import", "removed"];
        if at > 0 && self.text.as_bytes()[at - 1] != b'\n' {
            return false;
        }
        let rest = &self.text[at..];
        let word = &rest[..lexer::identifier(rest, 0)];
        let behind = rest[word.len()..].trim_start_matches([' ', '\t']);
        (WITH_LABELS.contains(&word) && behind.starts_with('"'))
            || (WITHOUT.contains(&word) && behind.starts_with('{') && behind.len() < rest.len())
    }
}
