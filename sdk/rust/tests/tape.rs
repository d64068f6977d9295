//! The tape against the grammar of RFC 8259, and against serde_json.

use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_oneof, proptest};
use verdikt_sdk::{Field, MAX_DEPTH, Node, Problem, Tape};

/// The node as serde_json would have it. Only for documents whose keys have no `$`.
fn to_value(node: Node<'_>) -> serde_json::Value {
    if node.is_absent() {
        return serde_json::Value::Null;
    }
    if let Field::Known(value) = node.bool() {
        return value.into();
    }
    if let Field::Known(value) = node.str() {
        return value.into();
    }
    if let Field::Known(number) = node.number() {
        // serde_json rounds fractions less exactly than the standard library unless told otherwise.
        return match number.0.contains(['.', 'e', 'E']) {
            true => number.as_f64().into(),
            false => serde_json::from_str(number.0).expect("the text of a number is a number"),
        };
    }
    if let Field::Known(members) = node.members() {
        return members.map(|(name, member)| (name.to_owned(), to_value(member))).collect();
    }
    let list = node.list();
    assert!(list.rest().is_none(), "{node:?} is of no type");
    list.known().map(to_value).collect()
}

#[test]
fn accepts_what_the_grammar_accepts() {
    for text in [
        "null",
        " \t\r\n true \n",
        "false",
        "0",
        "-0",
        "-0.0",
        "10",
        "1.5e9",
        "1E+2",
        "1e-2",
        "-1.25E-3",
        "\"\"",
        r#""\"\\\/\b\f\n\r\t\u00e4\uD83D\uDE00""#,
        "\"ä😀\u{7f}\"",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        "[1,2]",
        "[[[]],{}]",
        r#"{"a":1,"b":[true,null],"c":{"d":"e"}}"#,
        " { \"a\" : [ 1 , 2 ] } ",
    ] {
        let tape = Tape::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(to_value(tape.root()), serde_json::from_str::<serde_json::Value>(text).unwrap(), "{text}");
    }
}

#[test]
fn refuses_the_rest_and_says_where() {
    for (text, offset, problem) in [
        ("", 0, Problem::End),
        ("  ", 2, Problem::End),
        ("nul", 0, Problem::Value),
        ("nulL", 0, Problem::Value),
        ("True", 0, Problem::Value),
        ("+1", 0, Problem::Value),
        (".5", 0, Problem::Value),
        ("NaN", 0, Problem::Value),
        ("'a'", 0, Problem::Value),
        ("/* */ 1", 0, Problem::Value),
        ("\u{feff}1", 0, Problem::Value),
        ("\u{a0}1", 0, Problem::Value),
        ("-", 1, Problem::End),
        ("-a", 1, Problem::Number),
        ("01", 1, Problem::Number),
        ("-01", 2, Problem::Number),
        ("1.", 2, Problem::End),
        ("[1.]", 3, Problem::Number),
        ("[1e]", 3, Problem::Number),
        ("[1e+]", 4, Problem::Number),
        ("0x1", 1, Problem::Trailing),
        ("1 2", 2, Problem::Trailing),
        ("{} x", 3, Problem::Trailing),
        ("]", 0, Problem::Value),
        ("[", 1, Problem::End),
        ("[1", 2, Problem::End),
        ("[1,", 3, Problem::End),
        ("[1,]", 3, Problem::Value),
        ("[,1]", 1, Problem::Value),
        ("[1 2]", 3, Problem::Separator),
        ("[1}", 2, Problem::Separator),
        ("{", 1, Problem::End),
        ("{1:2}", 1, Problem::Key),
        ("{\"a\"}", 4, Problem::Colon),
        ("{\"a\" 1}", 5, Problem::Colon),
        ("{\"a\":}", 5, Problem::Value),
        ("{\"a\":1,}", 7, Problem::Key),
        ("{\"a\":1]", 6, Problem::Separator),
        ("\"", 1, Problem::End),
        ("\"a\nb\"", 2, Problem::Control),
        ("\"\u{0}\"", 1, Problem::Control),
        (r#""\x""#, 2, Problem::Escape),
        (r#""\u12g4""#, 5, Problem::Escape),
        (r#""\u+123""#, 3, Problem::Escape),
        (r#""\u12"#, 5, Problem::End),
        (r#""\"#, 2, Problem::End),
        (r#""\ud800""#, 1, Problem::Surrogate),
        (r#""\ud800a""#, 1, Problem::Surrogate),
        (r#""\ud800\n""#, 1, Problem::Surrogate),
        (r#""\ud800\ud800""#, 1, Problem::Surrogate),
        (r#""\udc00""#, 1, Problem::Surrogate),
    ] {
        let error = Tape::parse(text).expect_err(text);
        assert_eq!((error.offset, error.problem), (offset, problem), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
    }
}

#[test]
fn depth_is_bounded_and_costs_no_stack() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Tape::parse(nested(MAX_DEPTH)).is_ok());
    let error = Tape::parse(nested(MAX_DEPTH + 1)).expect_err("too deep");
    assert_eq!((error.offset, error.problem), (MAX_DEPTH, Problem::Depth));
    assert_eq!(Tape::parse("[".repeat(1_000_000)).expect_err("too deep").problem, Problem::Depth);
    assert_eq!(error.to_string(), "not valid JSON at byte 256: nested too deeply");
}

/// Any JSON value whose numbers survive serde_json and whose keys have no meaning to the SDK.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        prop::strategy::Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-1e15..1e15f64).prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[^$].{0,6}", inner, 0..6)
                .prop_map(|members| members.into_iter().collect::<serde_json::Value>()),
        ]
    })
}

/// Texts that are nearly JSON: what a parser gets wrong is between valid and noise.
fn nearly_json() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u",
        "d800",
        "dc00",
        "00e4",
        "0",
        "1",
        "-",
        "+",
        ".",
        "e",
        "E",
        "true",
        "false",
        "null",
        " ",
        "\n",
        "a",
        "ä",
        "\u{1}",
        "\"a\"",
        "\"a\":",
        "\"$unknown\":",
    ]);
    prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn reads_what_serde_json_writes(value in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let tape = Tape::parse(text.unwrap()).unwrap();
        assert_eq!(to_value(tape.root()), value);
    }

    #[test]
    fn accepts_what_serde_json_accepts(text in nearly_json()) {
        let ours = Tape::parse(text.as_str());
        // serde_json refuses some numbers that are only too large, and lets half a surrogate pass
        // where it ignores a value: so one of its two ways is the upper bound, the other the lower.
        if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
            assert!(ours.is_ok(), "{text:?}: {ours:?}");
        }
        if serde_json::from_str::<serde::de::IgnoredAny>(&text).is_err() {
            assert!(ours.is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_pointer_leads_back(value in json()) {
        let text = value.to_string();
        let tape = Tape::parse(text).unwrap();
        let mut open = vec![tape.root()];
        while let Some(node) = open.pop() {
            let there = value.pointer(&node.pointer()).expect("serde_json follows the pointer");
            assert_eq!(&to_value(node), there);
            open.extend(node.list().known());
            open.extend(node.members().known().into_iter().flatten().map(|(_, member)| member));
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        if let Ok(tape) = Tape::parse(text) {
            let _ = tape.root().pointer();
        }
    }
}
