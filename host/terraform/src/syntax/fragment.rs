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

#[cfg(test)]
mod tests {
    use verdikt_model::{FileId, Span};

    use super::super::ast::ExpressionKind;
    use super::*;

    const AT: Origin = Origin::Text { file: FileId(3), offset: 100 };

    #[test]
    fn expressions_stand_alone() {
        let expression = parse_expression(AT, " [1,\n 2]").expect("it is one expression");
        assert!(matches!(expression.kind, ExpressionKind::Tuple(ref items) if items.len() == 2));
        assert_eq!(expression.span, Span::new(FileId(3), 101, 108));
        for (text, start) in [("1 2", 102), ("", 100), ("[1", 102), ("a = 1", 102)] {
            let problem = parse_expression(AT, text).expect_err(text);
            assert!(problem.span.start >= start - 2 && problem.span.start <= start + 1, "{text}: {problem:?}");
        }
        let within = Origin::Within(Span::new(FileId(3), 7, 9));
        assert_eq!(parse_expression(within, "1 2").expect_err("two").span, Span::new(FileId(3), 7, 9));
    }

    #[test]
    fn texts_are_templates_as_a_whole() {
        let parts = parse_template(AT, "a \"b\" \\n ${c} $${d} %%{e}\n%{ if f }g%{ endif }").expect("it is a template");
        let Part::Literal { text, .. } = &parts[0] else { panic!("it begins with text: {parts:?}") };
        assert_eq!(&**text, "a \"b\" \\n ");
        let Part::Interpolation(inner) = &parts[1] else { panic!("then comes an interpolation: {parts:?}") };
        assert_eq!(inner.span, Span::new(FileId(3), 111, 112));
        let Part::Literal { text, .. } = &parts[2] else { panic!("then comes text: {parts:?}") };
        assert_eq!(&**text, " ${d} %{e}\n");
        assert!(matches!(parts[3], Part::If { .. }));
        assert_eq!(parse_template(AT, "").expect("nothing is a template"), []);
        for text in ["${", "%{ if a }", "%{ endif }", "${a b}"] {
            assert!(parse_template(AT, text).is_err(), "{text}");
        }
    }
}
