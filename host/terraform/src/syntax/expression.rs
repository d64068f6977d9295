//! Expressions: operators, terms, and steps into values.

use super::ast::{
    Expression, ExpressionKind, For, Key, Name, ObjectItem, Operation, Operator, SplatKind, Step, UnaryOperator,
};
use super::lexer::{Token, TokenKind};
use super::parser::{Parser, Read};

/// Binds less than every operator.
const LOOSEST: u8 = 1;

impl Parser<'_> {
    /// An expression, a conditional one included.
    pub(super) fn expression(&mut self) -> Read<Expression> {
        self.nested(|parser| {
            let condition = parser.operations(LOOSEST)?;
            if parser.take(TokenKind::Question).is_none() {
                return Ok(condition);
            }
            let yes = parser.expression()?;
            if parser.take(TokenKind::Colon).is_none() {
                return Err(parser.unexpected("`:` and what the conditional is otherwise"));
            }
            let no = parser.expression()?;
            let span = condition.span.join(no.span);
            let (condition, yes, no) = (Box::new(condition), Box::new(yes), Box::new(no));
            Ok(Expression { kind: ExpressionKind::Conditional { condition, yes, no }, span })
        })
    }

    /// Operands with operators that bind at least so tightly. What binds equally is one list, so that
    /// a sum of ten thousand terms is no deeper than one of two.
    fn operations(&mut self, least: u8) -> Read<Expression> {
        let mut left = self.operand()?;
        loop {
            let precedence = match operator(self.peek().kind) {
                Some(operator) if operator.precedence() >= least => operator.precedence(),
                _ => return Ok(left),
            };
            let mut rest = Vec::new();
            while let Some(operator) = operator(self.peek().kind).filter(|found| found.precedence() == precedence) {
                let token = self.next();
                let operator_span = self.span(token.start, token.end);
                let right = self.operations(precedence + 1)?;
                rest.push(Operation { operator, operator_span, right });
            }
            let span = rest.last().map_or(left.span, |last| left.span.join(last.right.span));
            left = Expression { kind: ExpressionKind::Operation { first: Box::new(left), rest }, span };
        }
    }

    /// A term with what stands directly before and behind it. A sign is of the term with its steps:
    /// `-a.b` negates `a.b`.
    fn operand(&mut self) -> Read<Expression> {
        let operator = match self.peek().kind {
            TokenKind::Minus => UnaryOperator::Negate,
            TokenKind::Not => UnaryOperator::Not,
            _ => {
                let term = self.term()?;
                return self.with_steps(term);
            }
        };
        let sign = self.next();
        let of = self.nested(Parser::operand)?;
        let span = self.span(sign.start, sign.end).join(of.span);
        let operand = Expression { kind: ExpressionKind::Unary { operator, of: Box::new(of) }, span };
        // HashiCorp's parser looks for steps behind an operand with a sign as well; the operand has
        // taken them all.
        Ok(operand)
    }

    fn with_steps(&mut self, of: Expression) -> Read<Expression> {
        if !matches!(self.peek().kind, TokenKind::Dot | TokenKind::OpenBracket) {
            return Ok(of);
        }
        let steps = self.steps()?;
        let span = steps.last().map_or(of.span, |last| of.span.join(last.span()));
        Ok(Expression { kind: ExpressionKind::Traversal { of: Box::new(of), steps }, span })
    }

    fn steps(&mut self) -> Read<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::Dot => {
                    self.next();
                    steps.push(if let Some(star) = self.take(TokenKind::Star) {
                        self.attribute_splat(token, star)?
                    } else {
                        self.dotted(token)?
                    });
                }
                TokenKind::OpenBracket => {
                    self.next();
                    steps.push(match self.take(TokenKind::Star) {
                        Some(_) => self.full_splat(token)?,
                        None => self.index(token)?,
                    });
                }
                _ => return Ok(steps),
            }
        }
    }

    /// `.name`, or `.0`.
    fn dotted(&mut self, dot: Token) -> Read<Step> {
        let Some(number) = self.take(TokenKind::Number) else {
            return Ok(Step::Attribute(self.name("the name of an attribute")?));
        };
        let text = self.token_text(number);
        if text.contains('.') {
            let message = format!("`.{text}` is no index; write each in brackets, such as `[0]`.");
            return Err(self.problem(number.start, number.end, message));
        }
        let span = self.span(number.start, number.end);
        let key = Expression { kind: ExpressionKind::Number(text.into()), span };
        Ok(Step::Index { key, span: self.span(dot.start, number.end) })
    }

    /// Behind `.*`.
    fn attribute_splat(&mut self, dot: Token, star: Token) -> Read<Step> {
        let mut steps = Vec::new();
        let mut end = star.end;
        while let Some(dot) = self.take(TokenKind::Dot) {
            if let Some(star) = self.take(TokenKind::Star) {
                let message = "A splat of attributes (`.*`) cannot stand inside of another; use `[*]`.";
                return Err(self.problem(star.start, star.end, message));
            }
            if !matches!(self.peek().kind, TokenKind::Identifier | TokenKind::Number) {
                return Err(self.problem(star.start, dot.end, "Expected the name of an attribute behind this."));
            }
            steps.push(self.dotted(dot)?);
            end = self.at;
        }
        Ok(Step::Splat { kind: SplatKind::Attributes, steps, span: self.span(dot.start, end) })
    }

    /// Behind `[*`.
    fn full_splat(&mut self, open: Token) -> Read<Step> {
        if self.take(TokenKind::CloseBracket).is_none() {
            return Err(self.unexpected("`]` behind the `*` of a splat"));
        }
        let steps = self.nested(Parser::steps)?;
        Ok(Step::Splat { kind: SplatKind::Full, steps, span: self.span(open.start, self.at) })
    }

    /// Behind `[`.
    fn index(&mut self, open: Token) -> Read<Step> {
        self.with_newlines(false, |parser| {
            let key = parser.expression()?;
            match parser.take(TokenKind::CloseBracket) {
                Some(close) => Ok(Step::Index { key, span: parser.span(open.start, close.end) }),
                None => Err(parser.unexpected("`]`")),
            }
        })
    }

    fn term(&mut self) -> Read<Expression> {
        let token = self.peek();
        match token.kind {
            TokenKind::Identifier => {
                self.next();
                self.word(token)
            }
            TokenKind::Number => {
                self.next();
                let text = self.token_text(token);
                if text.bytes().filter(|byte| *byte == b'.').count() > 1 {
                    let message = format!("`{text}` is no number; a text stands in double quotes.");
                    return Err(self.problem(token.start, token.end, message));
                }
                Ok(Expression { kind: ExpressionKind::Number(text.into()), span: self.span(token.start, token.end) })
            }
            TokenKind::Quote => {
                self.next();
                let parts = self.quoted(token)?;
                Ok(Expression { kind: ExpressionKind::Template(parts), span: self.span(token.start, self.at) })
            }
            TokenKind::Heredoc => {
                self.next();
                let parts = self.heredoc(token)?;
                Ok(Expression { kind: ExpressionKind::Template(parts), span: self.span(token.start, self.at) })
            }
            TokenKind::OpenParenthesis => {
                self.next();
                self.with_newlines(false, |parser| {
                    let inner = Box::new(parser.expression()?);
                    let Some(close) = parser.take(TokenKind::CloseParenthesis) else {
                        return Err(parser.unexpected("`)`"));
                    };
                    let span = parser.span(token.start, close.end);
                    Ok(Expression { kind: ExpressionKind::Parentheses(inner), span })
                })
            }
            TokenKind::OpenBracket => {
                self.next();
                self.with_newlines(false, |parser| parser.tuple(token))
            }
            TokenKind::OpenBrace => {
                self.next();
                if self.with_newlines(false, |parser| parser.is_word("for")) {
                    self.with_newlines(false, |parser| parser.for_expression(token, TokenKind::CloseBrace))
                } else {
                    self.with_newlines(true, |parser| parser.object(token))
                }
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Behind an identifier.
    fn word(&mut self, token: Token) -> Read<Expression> {
        let span = self.span(token.start, token.end);
        if matches!(self.peek().kind, TokenKind::OpenParenthesis | TokenKind::DoubleColon) {
            return self.call(token);
        }
        let kind = match self.token_text(token) {
            "true" => ExpressionKind::Bool(true),
            "false" => ExpressionKind::Bool(false),
            "null" => ExpressionKind::Null,
            name => ExpressionKind::Variable(name.into()),
        };
        Ok(Expression { kind, span })
    }

    /// Behind the first part of a function's name.
    fn call(&mut self, first: Token) -> Read<Expression> {
        let mut text = self.token_text(first).to_owned();
        while self.take(TokenKind::DoubleColon).is_some() {
            let part = self.name("the name of a function")?;
            text.push_str("::");
            text.push_str(&part.text);
        }
        let name = Name { text: text.into(), span: self.span(first.start, self.at) };
        if self.take(TokenKind::OpenParenthesis).is_none() {
            return Err(self.unexpected("`(` behind the name of a function"));
        }
        self.with_newlines(false, |parser| {
            let mut arguments = Vec::new();
            let mut expand = None;
            while parser.peek().kind != TokenKind::CloseParenthesis {
                arguments.push(parser.expression()?);
                expand = parser.take(TokenKind::Ellipsis);
                if expand.is_some() {
                    break;
                }
                if parser.take(TokenKind::Comma).is_none() {
                    break;
                }
            }
            if parser.take(TokenKind::CloseParenthesis).is_none() {
                return Err(match expand {
                    Some(dots) => parser.problem(dots.start, dots.end, "Nothing but `)` may stand behind `...`."),
                    None => parser.unexpected("`,` or `)`"),
                });
            }
            let expand = expand.is_some();
            let span = parser.span(first.start, parser.at);
            Ok(Expression { kind: ExpressionKind::Call { name, arguments, expand }, span })
        })
    }

    /// Behind `[`.
    fn tuple(&mut self, open: Token) -> Read<Expression> {
        if self.is_word("for") {
            return self.for_expression(open, TokenKind::CloseBracket);
        }
        let mut items = Vec::new();
        while self.peek().kind != TokenKind::CloseBracket {
            items.push(self.expression()?);
            if self.take(TokenKind::Comma).is_none() {
                break;
            }
        }
        if self.take(TokenKind::CloseBracket).is_none() {
            return Err(self.open_or_unexpected(open, "`,` or `]`"));
        }
        Ok(Expression { kind: ExpressionKind::Tuple(items), span: self.span(open.start, self.at) })
    }

    /// Behind `{`.
    fn object(&mut self, open: Token) -> Read<Expression> {
        let mut items = Vec::new();
        loop {
            while self.take(TokenKind::Newline).is_some() {}
            if self.take(TokenKind::CloseBrace).is_some() {
                break;
            }
            if self.peek().kind == TokenKind::End {
                return Err(self.unexpected("a key or `}`"));
            }
            let key = self.expression()?;
            if self.take(TokenKind::Equals).is_none() && self.take(TokenKind::Colon).is_none() {
                return Err(self.open_or_unexpected(open, "`=` and the value of this key"));
            }
            let value = self.expression()?;
            items.push(ObjectItem { key: as_key(key), value });
            if self.take(TokenKind::CloseBrace).is_some() {
                break;
            }
            if self.take(TokenKind::Comma).is_none() && self.take(TokenKind::Newline).is_none() {
                return Err(self.open_or_unexpected(open, "`,`, `}` or the end of the line"));
            }
        }
        Ok(Expression { kind: ExpressionKind::Object(items), span: self.span(open.start, self.at) })
    }

    /// Behind the bracket that `close` closes.
    fn for_expression(&mut self, open: Token, close: TokenKind) -> Read<Expression> {
        self.next();
        let (key_name, value_name) = self.loop_names()?;
        let collection = self.expression()?;
        if self.take(TokenKind::Colon).is_none() {
            return Err(self.unexpected("`:` behind what `for` goes through"));
        }
        let mut value = self.expression()?;
        let mut key = None;
        if self.take(TokenKind::Arrow).is_some() {
            key = Some(std::mem::replace(&mut value, self.expression()?));
        }
        let ellipsis = self.take(TokenKind::Ellipsis);
        let mut condition = None;
        if self.is_word("if") {
            self.next();
            condition = Some(self.expression()?);
        }
        if self.take(close).is_none() {
            return Err(self.unexpected("the end of the `for`"));
        }
        let is_object = close == TokenKind::CloseBrace;
        match (&key, ellipsis) {
            (None, _) if is_object => {
                return Err(
                    self.problem_at(value.span, "A `for` between braces gives keys and values: `key => value`.")
                );
            }
            (Some(key), _) if !is_object => {
                let message = "A `for` between brackets gives values without keys; use braces for `key => value`.";
                return Err(self.problem_at(key.span, message));
            }
            (_, Some(token)) if !is_object => {
                let message = "`...` gathers values under a key; a `for` between brackets has none.";
                return Err(self.problem(token.start, token.end, message));
            }
            _ => {}
        }
        let group = ellipsis.is_some();
        let kind =
            ExpressionKind::For(Box::new(For { key_name, value_name, collection, key, value, group, condition }));
        Ok(Expression { kind, span: self.span(open.start, self.at) })
    }

    /// `value in` or `key, value in`
    pub(super) fn loop_names(&mut self) -> Read<(Option<Name>, Name)> {
        let mut names = (None, self.name("a name behind `for`")?);
        if self.take(TokenKind::Comma).is_some() {
            let value = self.name("a name for the values")?;
            names = (Some(names.1), value);
        }
        if !self.is_word("in") {
            return Err(self.unexpected("`in`"));
        }
        self.next();
        Ok(names)
    }

    /// A bracket that is never closed is told where it stands, since the file's end says nothing.
    fn open_or_unexpected(&mut self, open: Token, expected: &str) -> super::parser::Broken {
        if self.peek().kind == TokenKind::End {
            let message = format!("The `{}` here is never closed.", self.token_text(open));
            return self.problem(open.start, open.end, message);
        }
        self.unexpected(expected)
    }
}

/// A name that stands alone is a key itself; in parentheses it is a reference.
fn as_key(key: Expression) -> Key {
    match key.kind {
        ExpressionKind::Variable(text) => Key::Name(Name { text, span: key.span }),
        _ => Key::Expression(key),
    }
}

fn operator(kind: TokenKind) -> Option<Operator> {
    Some(match kind {
        TokenKind::Or => Operator::Or,
        TokenKind::And => Operator::And,
        TokenKind::EqualEqual => Operator::Equal,
        TokenKind::NotEqual => Operator::NotEqual,
        TokenKind::Less => Operator::Less,
        TokenKind::LessEqual => Operator::LessOrEqual,
        TokenKind::Greater => Operator::Greater,
        TokenKind::GreaterEqual => Operator::GreaterOrEqual,
        TokenKind::Plus => Operator::Add,
        TokenKind::Minus => Operator::Subtract,
        TokenKind::Star => Operator::Multiply,
        TokenKind::Slash => Operator::Divide,
        TokenKind::Percent => Operator::Remainder,
        _ => return None,
    })
}
