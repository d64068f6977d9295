//! Texts that were made to cost much: what is kept of them and said about them is bounded.
//!
//! Nothing here looks at a clock. A text that costs more than its length allows makes this test
//! hang, and what is counted is what memory holds in the end.

use verdikt_input::{InputLimits, ParsedDocument, Syntax};
use verdikt_model::{Code, Diagnostic};

use crate::support::{read, root};

/// More are never listed for one file.
const MOST_DIAGNOSTICS: usize = 100;

fn bounded(syntax: Syntax, text: &str, case: &str) -> (Vec<ParsedDocument>, Vec<Diagnostic>) {
    let (parsed, diagnostics) = read(syntax, text);
    assert!(diagnostics.len() <= MOST_DIAGNOSTICS, "{case}: {} diagnostics", diagnostics.len());
    let said: usize = diagnostics.iter().map(|diagnostic| diagnostic.message.len()).sum();
    assert!(said <= 1000 * diagnostics.len(), "{case}: {said} bytes of messages");
    let nodes: usize = parsed.iter().map(|document| document.tree.len()).sum();
    assert!(nodes <= text.len() + 1, "{case}: {nodes} nodes of {} bytes", text.len());
    (parsed, diagnostics)
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<Code> {
    diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn one_character_over_and_over() {
    for character in (0..=0x7f).map(char::from).chain(['\u{85}', 'ü', '\u{feff}', '\u{1f600}']) {
        let text: String = std::iter::repeat_n(character, 50_000).collect();
        for syntax in [Syntax::Yaml, Syntax::Json] {
            bounded(syntax, &text, &format!("{character:?}"));
        }
    }
}

#[test]
fn one_piece_over_and_over() {
    for piece in [
        "a: ",
        "- ",
        "? ",
        "[a, ",
        "{a: ",
        "a: [\n",
        "- a:\n",
        "&a ",
        "*a ",
        "!t ",
        "!!str ",
        "\"a\" ",
        "'a' ",
        "\"\\",
        "''",
        "# a\n",
        " #",
        "\n ",
        "\r\n",
        "---\n",
        "--- ",
        "...\n",
        "%a b\n",
        "<<: ",
        "<<: *a\n",
        "| ",
        "|\n",
        ">\n ",
        "a\n",
        "a: 1\n",
        "\ta\n",
        "[]",
        "{}",
        "],",
        "\\u",
        "\\ud83d",
        "\"\\ud83d\",",
        "\"a\":",
        "{\"a\":1}\n",
        "[1]\n---\n",
        "a: \"\n---\n",
        "a: &a [*a]\n---\n",
        "a\u{85}",
        "x: {}\n",
    ] {
        let text = piece.repeat(10_000);
        for syntax in [Syntax::Yaml, Syntax::Json] {
            bounded(syntax, &text, piece);
            bounded(syntax, &format!("[\"{text}"), piece);
        }
    }
}

#[test]
fn aliases_that_multiply() {
    let row = format!("[{}]", vec!["x"; 100].join(", "));
    // Ten levels of ten.
    let levels = (1..10).map(|level| {
        let aliases = vec![format!("*a{}", level - 1); 10];
        format!("a{level}: &a{level} [{}]\n", aliases.join(", "))
    });
    let bomb: String = [format!("a0: &a0 {row}\n")].into_iter().chain(levels).collect();
    let (parsed, diagnostics) = bounded(Syntax::Yaml, &bomb, "levels");
    assert!(parsed.is_empty());
    assert_eq!(codes(&diagnostics), [Code::TooManyNodes]);

    // Within the limit an alias costs one node, whatever it stands for.
    let most = InputLimits::default().nodes / 102;
    for (aliases, expected) in [(most - 1000, &[][..]), (most + 1000, &[Code::TooManyNodes])] {
        let text = format!("a: &a {row}\nb:\n{}", "- *a\n".repeat(aliases));
        let (parsed, diagnostics) = bounded(Syntax::Yaml, &text, "aliases");
        assert_eq!(codes(&diagnostics), expected);
        for document in parsed {
            assert!(document.tree.len() < aliases + 200);
            assert_eq!(root(&document).get("b").map(|list| list.items().len()), Some(aliases));
        }
    }
}

#[test]
fn nesting() {
    for (syntax, text) in [
        (Syntax::Yaml, (0..2000).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>()),
        (Syntax::Yaml, "- ".repeat(50_000)),
        (Syntax::Yaml, "? ".repeat(50_000)),
        (Syntax::Yaml, "[".repeat(500_000)),
        (Syntax::Yaml, "{a: ".repeat(100_000)),
        (Syntax::Json, "[".repeat(500_000)),
        (Syntax::Json, "{\"a\":".repeat(100_000)),
    ] {
        let (parsed, diagnostics) = bounded(syntax, &text, &text[..8]);
        assert!(parsed.is_empty());
        assert_eq!(codes(&diagnostics), [Code::TooDeep], "{}", &text[..8]);
    }
}

#[test]
fn long_scalars_and_lines() {
    let long = "x".repeat(30 << 20);
    for (syntax, text) in [
        (Syntax::Yaml, format!("a: {long}")),
        (Syntax::Yaml, format!("a: '{long}'")),
        (Syntax::Json, format!("{{\"a\":\"{long}\"}}")),
    ] {
        let (parsed, diagnostics) = bounded(syntax, &text, "long");
        assert_eq!(diagnostics, []);
        assert_eq!(root(&parsed[0]).str("a").map(str::len), Some(long.len()));
    }
    let comment = format!("a: 1 #{long}");
    let (parsed, _) = bounded(Syntax::Yaml, &comment, "comment");
    assert_eq!(parsed[0].comments[0].text.len(), long.len() + 1);
    let line = format!("[{}1]", "1,".repeat(1_000_000));
    let (parsed, _) = bounded(Syntax::Json, &line, "line");
    assert_eq!(root(&parsed[0]).items().len(), 1_000_001);
}

#[test]
fn many_documents() {
    let (parsed, diagnostics) = bounded(Syntax::Yaml, &"a: 1\n---\n".repeat(100_000), "good");
    assert_eq!((parsed.len(), diagnostics.len()), (100_000, 0));
    let (parsed, diagnostics) = bounded(Syntax::Yaml, &"a: [\n---\nb: 1\n---\n".repeat(50_000), "every other");
    assert_eq!((parsed.len(), diagnostics.len()), (50_000, MOST_DIAGNOSTICS));
    let (parsed, diagnostics) = bounded(Syntax::Json, &"{\"a\":1}\n".repeat(100_000), "lines");
    assert_eq!((parsed.len(), diagnostics.len()), (100_000, 0));
}

#[test]
fn repeated_keys_by_the_million() {
    for (syntax, text) in [
        (Syntax::Json, format!("{{{}\"a\":2}}", "\"a\":1,".repeat(1_000_000))),
        (Syntax::Yaml, "a: 1\n".repeat(300_000) + "a: 2\n"),
    ] {
        let (parsed, diagnostics) = bounded(syntax, &text, "repeated");
        assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == Code::DuplicateKey));
        assert_eq!(root(&parsed[0]).to_json(), r#"{"a":2}"#);
    }
}

#[test]
fn what_is_no_text() {
    for (syntax, text, expected) in [
        (Syntax::Yaml, "a: 1\n\0b: 2", Code::YamlSyntax),
        (Syntax::Yaml, "a: 1 # \0\nb: 2", Code::YamlSyntax),
        (Syntax::Yaml, "a: \"\\ud83d\"", Code::YamlSyntax),
        (Syntax::Json, "{\"a\":1}\0", Code::JsonSyntax),
        (Syntax::Json, "{\"a\":\"\0\"}", Code::JsonSyntax),
    ] {
        let (_, diagnostics) = bounded(syntax, text, text);
        assert_eq!(codes(&diagnostics), [expected], "{text:?}");
    }
    let (parsed, _) = bounded(Syntax::Json, r#"{"a":"\ud83d","\udE00b":1}"#, "surrogates");
    assert_eq!(root(&parsed[0]).to_json(), "{\"a\":\"\u{fffd}\",\"\u{fffd}b\":1}");
}
