//! Any text at all: the loaders never panic, what they say stays inside of the text, and where a text
//! is JSON both of them read the same.

use proptest::prelude::*;
use serde_json::{Value, json};
use verdikt_input::Syntax;
use verdikt_model::{DiagnosticPlace, Level, NodeRef};

use crate::kubectl;
use crate::support::{Wrong, read, reproducible, root, sample, sorted, value};

proptest! {
    #![proptest_config(reproducible(4000))]

    #[test]
    fn no_text_makes_a_loader_panic(
        text in "([\\[\\]{},:\"'a1\\\\\n\t \\-.?|>&*!#%~ü\r@`\0\u{85}\u{feff}]|: |- |\n  |---|<<: |&a |\\*a |!t |\\.\\.\\.|\n---\n|\\|[-+1-9]\n|a: b\n|\"x\"|\\? ){0,40}"
    ) {
        for syntax in [Syntax::Yaml, Syntax::Json] {
            let (parsed, diagnostics) = read(syntax, &text);
            for document in &parsed {
                check(root(document), &text)?;
                for comment in &document.comments {
                    prop_assert_eq!(&text[comment.span.range()], &*comment.text);
                }
            }
            for diagnostic in diagnostics {
                if let DiagnosticPlace::Span(span) = diagnostic.place {
                    prop_assert!(text.get(span.range()).is_some(), "{:?} in {:?}", span, text);
                }
            }
        }
    }

    #[test]
    fn json_is_yaml(value in json_value(), indent in any::<bool>()) {
        let text = if indent { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        let [as_json, as_yaml] = [Syntax::Json, Syntax::Yaml].map(|syntax| read(syntax, &text));
        prop_assert_eq!(&as_json.1, &[]);
        prop_assert_eq!(&as_yaml.1, &[]);
        same(root(&as_json.0[0]), root(&as_yaml.0[0]))?;
    }
}

/// Where a cluster reads a text and so do we, both read the same.
#[test]
fn noise_that_kubectl_reads_is_read_alike() {
    let piece = "[\\[\\]{},:\"'a1\\\\\t .?|>&*!#%~-]|: |- |\n  |\n    |\n  k: |<<: |&a |\\*a|\\*a |!t |!!str |\\|\n   |>-\n    |a: b|\"x\"|'y'|\\? |a b| #c|\\{a: |\\[1, |, |\\]|\\}|\r\n  |\\\\n";
    let strategy = proptest::string::string_regex(&format!("( |\n  )({piece}){{1,9}}")).unwrap();
    let texts: Vec<String> = (0..2000).map(|number| kubectl::object(number, &sample(&strategy, number))).collect();
    let Some(theirs) = kubectl::specs(&texts) else { return };
    let (mut wrong, mut compared) = (Wrong::default(), 0);
    for (text, theirs) in texts.iter().zip(theirs) {
        let (parsed, diagnostics) = read(Syntax::Yaml, text);
        let refused = diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Error);
        if let (Some(theirs), [document], false) = (theirs, &parsed[..], refused) {
            let ours = root(document).get("spec").map(value).unwrap_or_default();
            wrong.check(&sorted(ours), &sorted(theirs), text.split_once("spec:").unwrap().1);
            compared += 1;
        }
    }
    wrong.must_be_empty();
    assert!(compared > 300, "{compared}");
}

/// Every place is in the text, and what stands in a collection stands inside of it.
fn check(node: NodeRef<'_>, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.get(node.span().range()).is_some(), "{:?} in {:?}", node.span(), text);
    // What an alias stands for is elsewhere.
    if !node.provenance().is_empty() {
        return Ok(());
    }
    for item in node.items() {
        prop_assert!(node.span().contains(item.span()), "{:?} in {:?}", item.span(), text);
        check(item, text)?;
    }
    for (_, key, member) in node.keyed_entries() {
        // Else it was merged in.
        if node.span().contains(key) {
            prop_assert!(node.span().contains(member.span()), "{:?} in {:?}", member.span(), text);
        }
        check(member, text)?;
    }
    Ok(())
}

/// Two trees of one text with the same values at the same places.
fn same(one: NodeRef<'_>, other: NodeRef<'_>) -> Result<(), TestCaseError> {
    prop_assert_eq!(value(one), value(other));
    prop_assert_eq!(one.as_number(), other.as_number());
    prop_assert_eq!(one.span(), other.span());
    for (one, other) in one.items().zip(other.items()) {
        same(one, other)?;
    }
    for ((key, place, one), (other_key, other_place, other)) in one.keyed_entries().zip(other.keyed_entries()) {
        prop_assert_eq!((key, place), (other_key, other_place));
        same(one, other)?;
    }
    Ok(())
}

/// JSON that YAML reads alike: no number is too large for a float, and no character beyond the first
/// plane is written as two escapes.
fn json_value() -> impl Strategy<Value = Value> {
    let text = "[ -~ü€\u{1f600}\n\t\u{8}]{0,12}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        (1i32..300).prop_map(|exponent| json!(10f64.powi(exponent))),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}
