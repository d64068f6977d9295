//! What is wrong with a document, in words that help.

use saphyr_parser::ScanError;
use verdikt_model::Code;

use crate::syntax::{Problem, describe, grouped, shortened};

/// What only YAML can have wrong.
impl Problem {
    pub(super) fn too_many(at: usize, limit: usize) -> Self {
        let message = format!(
            "This document has more than {} nodes, the limit of one document, where each alias counts as everything \
             that it stands for. Write the values out, or split the document.",
            grouped(limit)
        );
        Problem { code: Code::TooManyNodes, at, message }
    }

    pub(super) fn bad_alias(at: usize, alias: &str) -> Self {
        let alias = shortened(alias);
        let message = format!(
            "The alias `{alias}` stands inside the very node that its anchor names, so its value would never end. \
             Point it at an anchor outside."
        );
        Problem { code: Code::BadAlias, at, message }
    }

    /// From what the parser says. `open` is where the innermost flow collection that is not closed
    /// yet begins.
    pub(super) fn syntax(text: &str, at: usize, error: &ScanError, depth: usize, open: Option<usize>) -> Self {
        // The parser gives up at 255 levels of flow collections, before it reports even one.
        if open_brackets(&text[..at]) > depth {
            return Self::too_deep(at, depth);
        }
        if text[at..].starts_with('*') {
            let end = text[at..].find(|character: char| character.is_whitespace() || ",[]{}".contains(character));
            let alias = &text[at..end.map_or(text.len(), |end| at + end)];
            if alias.len() > 1 {
                let alias = shortened(alias);
                let message = format!(
                    "The alias `{alias}` names no anchor above it in this document. Anchors do not reach across `---`."
                );
                return Problem { code: Code::BadAlias, at, message };
            }
        }
        let (expected, advice) = explain(error.info());
        let at = if expected == TAB { indenting_tab(text, at).unwrap_or(at) } else { at };
        let mut message = format!("This is not valid YAML: {expected}");
        // The other explanations say themselves what is here.
        if expected.starts_with("expected") || expected.starts_with("while") {
            message.push_str(", found ");
            message.push_str(&describe(text, at));
        }
        message.push('.');
        if let Some(open) = open {
            let line_break = text[open..at.max(open)].contains('\n');
            if line_break && let Some(bracket) = text[open..].chars().next() {
                let lines = super::gap::lines(&text[open..at]);
                message.push_str(&format!(
                    " The innermost `{bracket}` that is still open stands {lines} {} above.",
                    if lines == 1 { "line" } else { "lines" }
                ));
            }
        }
        if !advice.is_empty() {
            message.push(' ');
            message.push_str(advice);
        }
        Problem { code: Code::YamlSyntax, at, message }
    }
}

/// Whether the parser stumbled over the indentation of a line in a flow collection. In block style what
/// is indented less ends a collection, so nothing can be indented too little there.
pub(super) fn is_little_indented(error: &ScanError) -> bool {
    matches!(error.info(), "invalid indentation" | "invalid indentation in flow construct")
}

const TAB: &str = "a tab cannot indent a line";

/// The first tab from `at` on with nothing but white space before it on its line: the parser names
/// the beginning of the scalar that it was reading.
fn indenting_tab(text: &str, at: usize) -> Option<usize> {
    let line = text[..at].rfind('\n').map_or(0, |line_break| line_break + 1);
    text[line..].match_indices('\t').map(|(tab, _)| line + tab).find(|tab| {
        let before = text[..*tab].trim_end_matches([' ', '\t']);
        *tab >= at && (before.is_empty() || before.ends_with('\n'))
    })
}

/// How many brackets are open at the end of a text, quotes not looked at.
fn open_brackets(text: &str) -> usize {
    text.bytes().fold(0usize, |open, byte| match byte {
        b'[' | b'{' => open + 1,
        b']' | b'}' => open.saturating_sub(1),
        _ => open,
    })
}

/// What the parser expected and what the writer may do about it.
fn explain(info: &str) -> (&str, &'static str) {
    const INDENT: &str = "Check that lines of one map or list are indented alike.";
    const QUOTE: &str = "Put the text in quotes if it contains `: ` or ` #`, or begins with a special character.";
    match info {
        "while parsing a block mapping, did not find expected key" => ("expected a key of the surrounding map", INDENT),
        "while parsing a block collection, did not find expected '-' indicator" => {
            ("expected `-` of the surrounding list", INDENT)
        }
        "while parsing a flow sequence, expected ',' or ']'" => ("expected `,` or `]`", ""),
        "while parsing a flow mapping, did not find expected ',' or '}'" => ("expected `,` or `}`", ""),
        "while parsing a node, did not find expected node content" => ("expected a value", ""),
        "mapping values are not allowed in this context" => ("a key with `:` cannot stand here", QUOTE),
        "mapping keys are not allowed in this context" => ("a key with `?` cannot stand here", ""),
        "block sequence entries are not allowed in this context" => {
            ("an element with `- ` cannot stand here", "Begin the list on a line of its own.")
        }
        "simple key expected" | "simple key expect ':'" => ("expected `:` after the key before this place", INDENT),
        "invalid indentation" => ("the indentation is not that of any surrounding map or list", INDENT),
        "invalid indentation in quoted scalar" => (
            "the string that begins here is never closed, or goes on in a line that is not indented enough",
            "Check whether its closing quote is missing.",
        ),
        "invalid indentation in flow construct" => (
            "the line is not indented enough for the bracket that is open",
            "Check whether a closing bracket is missing.",
        ),
        "while scanning a quoted scalar, found unexpected end of stream"
        | "while scanning a quoted scalar, found unexpected document indicator" => {
            ("the string that begins here is never closed", "Add the closing quote.")
        }
        "invalid trailing content after double-quoted scalar" => {
            ("expected the end of the value after the closing quote", "")
        }
        "while scanning a block scalar, did not find expected comment or line break" => {
            ("expected the end of the line after `|` or `>`", QUOTE)
        }
        "wrongly indented line in block scalar" => {
            ("the line is indented less than the first line of its block of text", INDENT)
        }
        "a block scalar content cannot start with a tab"
        | "while scanning a plain scalar, found a tab"
        | "tabs disallowed within this context (block indentation)"
        | "tabs disallowed in this context"
        | "tab cannot be used as indentation" => (TAB, "Use spaces."),
        "misplaced bracket" => ("this bracket closes nothing", QUOTE),
        "the handle wasn't declared" => ("the tag's handle is not declared by a `%TAG` directive", ""),
        "comment intercepting the multiline text" => {
            ("a comment cannot stand inside a text of several lines", "Put the text in quotes, or move the comment.")
        }
        "while parsing a quoted scalar, found unknown escape character" => {
            ("the string has an escape that YAML does not know", "Write `\\\\` for a backslash, or use single quotes.")
        }
        "while parsing a quoted scalar, did not find expected hexadecimal number" => {
            ("the string has an escape without its hexadecimal digits", "")
        }
        "found unprintable character" => ("a control character cannot stand here", "Remove it."),
        "comments must be separated from other tokens by whitespace" => ("expected a space before `#`", ""),
        "unexpected end of plain scalar" => ("expected a value", QUOTE),
        _ if info.starts_with("unexpected character") => ("no value can begin with this character", QUOTE),
        _ => (info, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_counted_as_they_open_and_close() {
        for (text, open) in [("", 0), ("[[]", 1), ("]]{", 1), ("{[{", 3)] {
            assert_eq!(open_brackets(text), open, "{text}");
        }
    }
}
