//! Expressions and templates that stand alone: on a command line, in a string of a JSON file.

use super::ast::{Expression, Part};
use super::lexer::TokenKind;
use super::parser::{Braces, Origin, Parser, Problem, Read};

/// Parses a text that is one expression and nothing else.
pub fn parse_expression(origin: Origin, text: &str) -> Result<Expression, Problem> {
    read(origin, text, |parser| {
        // Line breaks mean nothing between the tokens of `--var`, as in `hclsyntax.ParseExpression`.
        parser.with_newlines(false, |parser| {
            let expression = parser.expression()?;
            match parser.peek().kind {
                TokenKind::End => Ok(expression),
                _ => Err(parser.unexpected("nothing behind the expression")),
            }
        })
    })
}

/// Parses a text that is a template as a whole, without quotes around it and without escapes but `$${`
/// and `%%{`.
pub fn parse_template(origin: Origin, text: &str) -> Result<Vec<Part>, Problem> {
    read(origin, text, |parser| parser.bare())
}

/// The first problem is told: what comes behind it may be its consequence.
fn read<T>(origin: Origin, text: &str, read: impl FnOnce(&mut Parser<'_>) -> Read<T>) -> Result<T, Problem> {
    let mut parser = Parser::new(origin, text, Braces::Believed);
    let result = read(&mut parser);
    let problem = parser.into_problems().into_iter().next();
    match (result, problem) {
        (Ok(value), None) => Ok(value),
        (_, Some(problem)) => Err(problem),
        // Whoever gives up has said why.
        (Err(_), None) => {
            let message = "This cannot be read.".to_owned();
            Err(Problem { span: Parser::new(origin, text, Braces::Believed).span(0, text.len()), message })
        }
    }
}
