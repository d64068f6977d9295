//! Templates: quoted strings and heredocs.
//!
//! A template is read as a flat list of pieces first, as HashiCorp's implementation does
//! (`parser_template.go`): what `~` strips and how far `<<-` outdents is defined on those. A piece of
//! text ends at `$` and `%`, and in a heredoc at the end of a line, so that `~` never reaches further
//! than its line there.

use verdikt_model::Span;

use super::MAX_DEPTH;
use super::ast::{Expression, Name, Part};
use super::lexer::{self, Token, TokenKind};
use super::parser::{Parser, Read};

/// A piece of a template, before directives are matched.
enum Piece {
    Text {
        text: String,
        span: Span,
        /// Where the text begins in the file, if it stands there as it is.
        at: Option<u32>,
    },
    Interpolation(Expression),
    If {
        condition: Expression,
        span: Span,
    },
    Else(Span),
    EndIf(Span),
    For {
        key_name: Option<Name>,
        value_name: Name,
        collection: Expression,
        span: Span,
    },
    EndFor(Span),
}

/// The text of a template that has nothing but text.
pub(super) fn literal(parts: &[Part]) -> Option<Box<str>> {
    match parts {
        [] => Some("".into()),
        [Part::Literal { text, .. }] => Some(text.clone()),
        _ => None,
    }
}

impl Parser<'_> {
    /// Behind the opening quote.
    pub(super) fn quoted(&mut self, quote: Token) -> Read<Vec<Part>> {
        let mut pieces = Vec::new();
        let mut trim = false;
        loop {
            let (start, bytes) = (self.at, self.text.as_bytes());
            match bytes.get(start) {
                Some(b'"') => {
                    self.move_to(start + 1);
                    return self.parts(pieces, start);
                }
                Some(b'$' | b'%') if bytes.get(start + 1) == Some(&b'{') => {
                    trim = self.sequence(&mut pieces)?;
                    continue;
                }
                Some(b'\n' | b'\r') => {
                    let message = "A quoted text ends on its line; close it with `\"`, write `\\n`, or use a heredoc.";
                    return Err(self.problem(start, start + 1, message));
                }
                None => return Err(self.problem(quote.start, quote.end, "The text that begins here has no end.")),
                Some(_) => {}
            }
            let text = self.quoted_text()?;
            self.text_piece(&mut pieces, text, start, trim);
            trim = false;
        }
    }

    /// Text up to the next thing that is none, escapes resolved. Moves behind it.
    fn quoted_text(&mut self) -> Read<String> {
        let mut text = String::new();
        let mut at = self.at;
        loop {
            let rest = &self.text[at..];
            let length = rest.find(['"', '\\', '$', '%', '\n', '\r']).unwrap_or(rest.len());
            text.push_str(&rest[..length]);
            at += length;
            let rest = &self.text[at..];
            match rest.as_bytes().first() {
                Some(b'\\') => {
                    let (character, length) = match escape(rest) {
                        Ok(escape) => escape,
                        Err(length) => {
                            let message = format!(
                                "`{}` is no escape; known are \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN. Write \
                                 `\\\\` for a backslash.",
                                rest[..length].escape_debug()
                            );
                            return Err(self.problem(at, at + length, message));
                        }
                    };
                    text.push(character);
                    at += length;
                }
                Some(b'$' | b'%') if at == self.at => at += dollar(rest, &mut text),
                _ => break,
            }
        }
        self.move_to(at);
        Ok(text)
    }

    /// Behind the first line of a heredoc; ends before the line break behind its last one.
    pub(super) fn heredoc(&mut self, open: Token) -> Read<Vec<Part>> {
        let header = self.token_text(open).trim_end();
        let flush = header.starts_with("<<-");
        let marker = header.trim_start_matches(['<', '-']);
        let mut pieces = Vec::new();
        let mut trim = false;
        let mut line_start = true;
        loop {
            let (start, bytes) = (self.at, self.text.as_bytes());
            if start == bytes.len() {
                let message =
                    format!("This heredoc has no end: a line with `{marker}` alone and a line break behind it.");
                return Err(self.problem(open.start, open.start + header.len(), message));
            }
            if matches!(bytes[start], b'$' | b'%') && bytes.get(start + 1) == Some(&b'{') {
                trim = self.sequence(&mut pieces)?;
                line_start = false;
                continue;
            }
            let rest = &self.text[start..];
            let newline = memchr::memchr(b'\n', rest.as_bytes());
            if line_start
                && let Some(newline) = newline
                && rest[..newline].trim() == marker
            {
                self.move_to(lexer::line_end(bytes, start));
                if flush {
                    outdent(&mut pieces);
                }
                return self.parts(pieces, start);
            }
            line_start = self.bare_text(&mut pieces, newline, trim);
            trim = false;
        }
    }

    /// A text that is a template as a whole.
    pub(super) fn bare(&mut self) -> Read<Vec<Part>> {
        let mut pieces = Vec::new();
        let mut trim = false;
        while self.at < self.text.len() {
            let rest = &self.text.as_bytes()[self.at..];
            if matches!(rest[0], b'$' | b'%') && rest.get(1) == Some(&b'{') {
                trim = self.sequence(&mut pieces)?;
            } else {
                self.bare_text(&mut pieces, memchr::memchr(b'\n', rest), trim);
                trim = false;
            }
        }
        self.parts(pieces, self.at)
    }

    /// Text without escapes, up to where a piece ends; the next line break is so far away. Says whether
    /// the piece ends its line.
    fn bare_text(&mut self, pieces: &mut Vec<Piece>, newline: Option<usize>, trim: bool) -> bool {
        let start = self.at;
        let rest = &self.text[start..];
        let mut text = String::new();
        let length = if rest.starts_with(['$', '%']) {
            dollar(rest, &mut text)
        } else {
            let end = newline.map_or(rest.len(), |newline| newline + 1);
            let length = rest[..end].find(['$', '%']).unwrap_or(end);
            text.push_str(&rest[..length]);
            length
        };
        let ends_line = text.ends_with('\n');
        self.move_to(start + length);
        self.text_piece(pieces, text, start, trim);
        ends_line
    }

    fn text_piece(&self, pieces: &mut Vec<Piece>, text: String, start: usize, trim: bool) {
        let as_written = self.text[start..self.at] == *text;
        let trimmed = if trim { text.len() - text.trim_start().len() } else { 0 };
        let text = if trim { text.trim_start().to_owned() } else { text };
        let at = self.offset(start + trimmed).filter(|_| as_written);
        pieces.push(Piece::Text { text, span: self.span(start, self.at), at });
    }

    /// `${ … }` or `%{ … }`; says whether the text behind it is to be stripped.
    fn sequence(&mut self, pieces: &mut Vec<Piece>) -> Read<bool> {
        let start = self.at;
        let directive = self.text.as_bytes()[start] == b'%';
        let strips = self.text.as_bytes().get(start + 2) == Some(&b'~');
        if strips && let Some(Piece::Text { text, .. }) = pieces.last_mut() {
            text.truncate(text.trim_end().len());
        }
        self.move_to(start + 2 + usize::from(strips));
        self.with_newlines(false, |parser| {
            let mut piece = if directive { parser.directive()? } else { Piece::Interpolation(parser.expression()?) };
            let close = parser.peek();
            let trim = match close.kind {
                TokenKind::CloseBrace => false,
                TokenKind::TrimCloseBrace => true,
                TokenKind::End => {
                    let message = "This has no end; add `}`, or write `$${` and `%%{` for the characters themselves.";
                    return Err(parser.problem(start, start + 2, message));
                }
                _ => {
                    return Err(parser.unexpected(
                        "`}` (for text that is no template, `$${` and `%%{` stand for the characters themselves)",
                    ));
                }
            };
            parser.next();
            let whole = parser.span(start, parser.at);
            if let Piece::If { span, .. }
            | Piece::Else(span)
            | Piece::EndIf(span)
            | Piece::For { span, .. }
            | Piece::EndFor(span) = &mut piece
            {
                *span = whole;
            }
            pieces.push(piece);
            Ok(trim)
        })
    }

    /// Behind `%{`. Spans are filled in by the caller.
    fn directive(&mut self) -> Read<Piece> {
        let word = self.peek();
        let span = self.span(word.start, word.end);
        let name = if word.kind == TokenKind::Identifier { self.token_text(word) } else { "" };
        if !matches!(name, "if" | "else" | "endif" | "for" | "endfor") {
            return Err(self.unexpected("`if`, `else`, `endif`, `for` or `endfor`"));
        }
        self.next();
        Ok(match name {
            "if" => Piece::If { condition: self.expression()?, span },
            "else" => Piece::Else(span),
            "endif" => Piece::EndIf(span),
            "for" => {
                let (key_name, value_name) = self.loop_names()?;
                Piece::For { key_name, value_name, collection: self.expression()?, span }
            }
            _ => Piece::EndFor(span),
        })
    }

    /// Matches directives with their ends. `end` is where the template ends.
    fn parts(&mut self, pieces: Vec<Piece>, end: usize) -> Read<Vec<Part>> {
        let mut open: Vec<Open> = Vec::new();
        let mut parts = Vec::new();
        let mut pending = None;
        for piece in pieces {
            let full = open.len() == MAX_DEPTH;
            if !matches!(piece, Piece::Text { .. }) {
                parts.extend(pending.take().map(Pending::part));
            }
            match (piece, open.last_mut()) {
                (Piece::Text { text, span, at }, _) => match &mut pending {
                    None => pending = Some(Pending::new(text, span, at)),
                    Some(pending) => pending.push(&text, span, at),
                },
                (Piece::Interpolation(expression), _) => parts.push(Part::Interpolation(expression)),
                (Piece::If { span, .. } | Piece::For { span, .. }, _) if full => {
                    let message = format!("Directives are nested more than {MAX_DEPTH} levels deep, the limit.");
                    return Err(self.problem_at(span, message));
                }
                (Piece::If { condition, span }, _) => {
                    open.push(Open::If { condition, yes: None, span, before: std::mem::take(&mut parts) });
                }
                (Piece::For { key_name, value_name, collection, span }, _) => {
                    let before = std::mem::take(&mut parts);
                    open.push(Open::For { key_name, value_name, collection, span, before });
                }
                (Piece::Else(_), Some(Open::If { yes: yes @ None, .. })) => *yes = Some(std::mem::take(&mut parts)),
                (Piece::EndIf(close), Some(Open::If { .. })) | (Piece::EndFor(close), Some(Open::For { .. })) => {
                    let body = std::mem::take(&mut parts);
                    if let Some(opened) = open.pop() {
                        parts = opened.close(body, close);
                    }
                }
                (Piece::Else(span) | Piece::EndIf(span) | Piece::EndFor(span), _) => {
                    let message = "No directive is open that this could belong to.";
                    return Err(self.problem_at(span, message));
                }
            }
        }
        parts.extend(pending.map(Pending::part));
        match open.last() {
            None => Ok(parts),
            Some(opened) => {
                let word = opened.word();
                let message = format!("The template ends here, but a `{word}` in it has no `end{word}`.");
                Err(self.problem(end, end + 1, message))
            }
        }
    }
}

/// A directive whose end was not seen yet, with the parts that stood before it.
enum Open {
    If { condition: Expression, yes: Option<Vec<Part>>, span: Span, before: Vec<Part> },
    For { key_name: Option<Name>, value_name: Name, collection: Expression, span: Span, before: Vec<Part> },
}

impl Open {
    fn word(&self) -> &'static str {
        match self {
            Open::If { .. } => "if",
            Open::For { .. } => "for",
        }
    }

    /// The parts before the directive, and the directive.
    fn close(self, body: Vec<Part>, close: Span) -> Vec<Part> {
        match self {
            Open::If { condition, yes, span, mut before } => {
                let (yes, no) = match yes {
                    Some(yes) => (yes, body),
                    None => (body, Vec::new()),
                };
                before.push(Part::If { condition, yes, no, span: span.join(close) });
                before
            }
            Open::For { key_name, value_name, collection, span, mut before } => {
                before.push(Part::For { key_name, value_name, collection, body, span: span.join(close) });
                before
            }
        }
    }
}

/// Pieces of text that stand side by side: they are one part.
struct Pending {
    text: String,
    span: Span,
    anchors: Vec<(u32, Option<u32>)>,
}

impl Pending {
    fn new(text: String, span: Span, at: Option<u32>) -> Self {
        let anchors = if at == Some(span.start) { Vec::new() } else { vec![(0, at)] };
        Pending { text, span, anchors }
    }

    fn push(&mut self, text: &str, span: Span, at: Option<u32>) {
        let length = self.text.len() as u32;
        let (anchor, file) = self.anchors.last().copied().unwrap_or((0, Some(self.span.start)));
        if file.map(|file| file + (length - anchor)) != at {
            if self.anchors.is_empty() {
                self.anchors.push((0, Some(self.span.start)));
            }
            self.anchors.push((length, at));
        }
        self.text.push_str(text);
        self.span = self.span.join(span);
    }

    fn part(self) -> Part {
        Part::Literal { text: self.text.into(), span: self.span, anchors: self.anchors.into() }
    }
}

/// Takes the indentation of the least indented line from all. Blank lines do not count; a line that
/// begins with a sequence has none.
fn outdent(pieces: &mut [Piece]) {
    let mut least = usize::MAX;
    let mut lines = Vec::new();
    let mut line_start = true;
    for (index, piece) in pieces.iter().enumerate() {
        let text = if let Piece::Text { text, .. } = piece { Some(text) } else { None };
        if line_start {
            match text {
                Some(text) if text.ends_with('\n') && text.trim_start().is_empty() => {}
                Some(text) => {
                    let indentation = text.chars().take_while(|character| character.is_whitespace()).count();
                    least = least.min(indentation);
                    lines.push(index);
                }
                None => least = 0,
            }
        }
        line_start = text.is_some_and(|text| text.ends_with('\n'));
    }
    for index in lines {
        if let Piece::Text { text, at, .. } = &mut pieces[index] {
            let cut: usize = text.chars().take(least).map(char::len_utf8).sum();
            text.drain(..cut);
            *at = at.map(|at| at + cut as u32);
        }
    }
}

/// At `$` or `%` that begins no sequence: takes it, or the escape `$${` that stands for `${`. Gives
/// the length of what was taken.
fn dollar(rest: &str, text: &mut String) -> usize {
    let bytes = rest.as_bytes();
    if bytes.get(1) == bytes.first() && bytes.get(2) == Some(&b'{') {
        text.push_str(&rest[1..3]);
        3
    } else {
        text.push_str(&rest[..1]);
        1
    }
}

/// The character of an escape and its length; its length alone when it means nothing.
fn escape(rest: &str) -> Result<(char, usize), usize> {
    let selector = rest[1..].chars().next();
    let digits = |count: usize| {
        let code = rest.get(2..2 + count).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        code.map(|character| (character, 2 + count)).ok_or(2)
    };
    match selector {
        Some('n') => Ok(('\n', 2)),
        Some('r') => Ok(('\r', 2)),
        Some('t') => Ok(('\t', 2)),
        Some('"') => Ok(('"', 2)),
        Some('\\') => Ok(('\\', 2)),
        Some('u') => digits(4),
        Some('U') => digits(8),
        Some(other) if !matches!(other, '\n' | '\r') => Err(1 + other.len_utf8()),
        _ => Err(1),
    }
}

/// Where a quoted text ends that need not be right: behind its closing quote, or before the line break
/// that it runs into. `at` is behind the opening one.
pub(super) fn skip_quoted(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    // Quotes and braces that are open; a quote is outermost.
    let mut open = vec![b'"'];
    let mut at = at;
    while let Some(byte) = bytes.get(at) {
        let in_text = open.last() == Some(&b'"');
        match byte {
            b'\\' if in_text => at += 1,
            b'"' if in_text => {
                open.pop();
                if open.is_empty() {
                    return at + 1;
                }
            }
            b'"' => open.push(b'"'),
            b'\n' => return at,
            b'$' | b'%' if in_text && bytes.get(at + 1) == Some(&b'{') => {
                // Doubled, it is text.
                if bytes.get(at.wrapping_sub(1)) != Some(byte) {
                    open.push(b'{');
                }
                at += 1;
            }
            b'{' if !in_text => open.push(b'{'),
            b'}' if !in_text => {
                open.pop();
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Where a heredoc ends that need not be right: before the line break behind its marker.
pub(super) fn skip_heredoc(text: &str, open: Token) -> usize {
    let marker = text[open.start..open.end].trim_end().trim_start_matches(['<', '-']);
    let mut at = open.end;
    for line in text[open.end..].split_inclusive('\n') {
        if line.trim() == marker {
            return lexer::line_end(text.as_bytes(), at);
        }
        at += line.len();
    }
    text.len()
}
