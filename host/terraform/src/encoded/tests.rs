//! Tests of JSON with holes.

use super::json;
use crate::testing::{Locals, shown};

/// What the heredoc of an argument `x` decodes to.
fn decoded(text: &str) -> Option<String> {
    let locals = Locals::new(text);
    json(&locals.value("x")).as_ref().map(shown)
}

#[test]
fn texts_are_decoded_with_their_holes() {
    for (text, expected) in [
        (r#"{"a": [1, -2.5e1, true, null], "b": "c\n\"\u00e9\ud83d\ude00"}"#, "{a=[1 -25 true null] b='c\n\"é😀'}"),
        ("  [] ", "[]"),
        ("{}", "{}"),
        (r#"{"a": ${unknown.a}, "b": 1}"#, "{a=?unknown.a b=1}"),
        (r#"{"a": "${unknown.a}", "b": 1}"#, "{a=?unknown.a b=1}"),
        (r#"{"a": "x:${unknown.a}-y"}"#, r#"{a=?"x:${?unknown.a}-y"}"#),
        (r#"{"a": ${local.p}, "s": "${local.s}"}"#, "{a=true s='text'}"),
        (r#"{"a": 1${unknown.a}}"#, "{a=?}"),
        (r#"{"a": ${unknown.a}${unknown.b}}"#, "{a=?}"),
        (r#"[1, ${unknown.a}, 2]"#, "?[1 ?unknown.a? 2 ...]"),
        (r#"[1, "${unknown.a}", 2]"#, "[1 ?unknown.a 2]"),
        (r#"[{"a": 1} ${unknown.a}]"#, "?[{a=1} ?unknown.a? ...]"),
        (r#"[{"a": 1} ${unknown.a} {"b": 2}]"#, "?[{a=1} ?unknown.a? {b=2} ...]"),
        (r#"[${unknown.a}{"b": 2}]"#, "?[{b=2} ...]"),
        (r#"[${unknown.a}]"#, "?[?unknown.a? ...]"),
        (r#"{"a": 1 ${unknown.a} }"#, "?{a=1 ...}"),
        (r#"{${unknown.a} "a": 1}"#, "?{a=1 ...}"),
        (r#"{"a": 1, "${unknown.a}": 2, "b": 3}"#, "?{a=1 b=3 ...}"),
        (r#"{"a": ${unknown.a == 1 ? 1 : 2}}"#, "{a=?any(1 2)}"),
        (r#"{"a": "%{ if unknown.a == 1 }x%{ else }y%{ endif }"}"#, "{a=?any('x' 'y')}"),
        (r#"[%{ for x in [1, 2] }${x}, %{ endfor } 3]"#, "[1 2 3]"),
        (r#"[%{ for x in unknown.a }{"x": "${x}"}, %{ endfor } {"y": 1}]"#, "?[?? {y=1} ...]"),
    ] {
        let text = format!("x = <<E\n{text}\nE\np = true\ns = \"text\"");
        assert_eq!(decoded(&text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_is_no_json_is_not_decoded() {
    for text in
        ["", "a", "{", "[1 2]", "{\"a\" 1}", "{a: 1}", "[1,]", "{\"a\": 1,}", "1 2", "[01]", "\"\\x\"", "[1}", "'a'"]
    {
        let text = format!("x = <<E\n{text}\nE");
        assert_eq!(decoded(&text), None, "{text}");
    }
    let deep = format!("x = <<E\n{}\nE", "[".repeat(100_000));
    assert_eq!(decoded(&deep), None);
}

#[test]
fn leaves_have_the_place_of_their_text() {
    let locals = Locals::new(
        "x = <<-E\n    {\n      \"plain\": true,\n      \"hole\": ${unknown.a},\n      \"known\": ${local.p},\n      \"text\": \
         \"${local.s}\",\n      \"mixed\": \"a${local.s}b\"\n    }\n  E\np = false\ns = \"text\"\ny = local.x",
    );
    for (name, member, expected) in [
        ("x", "plain", "true"),
        ("x", "hole", "unknown.a <- local unknown.a: nowhere"),
        ("x", "known", "local.p <- local local.p: false"),
        ("x", "text", "local.s <- local local.s: \"text\""),
        ("x", "mixed", "\"a${local.s}b\""),
        ("y", "plain", "local.x <- local local.x: true"),
        ("y", "known", "local.x <- local local.x: local.p <- local local.p: false"),
    ] {
        let value = json(&locals.value(name)).expect("JSON");
        let leaf = value.member(member).expect("a member of that name");
        assert_eq!(locals.way(&leaf), expected, "{name} {member}");
    }
    let value = json(&locals.value("x")).expect("JSON");
    let key = value.members().next().and_then(|member| member.key_span).expect("a place");
    assert_eq!(locals.text(key), "\"hole\"");
}
