//! Tests of JSON and YAML with holes.

use super::{json, yaml};
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
        (r#"[%{ for x in unknown.a }{"x": "${x}"}, %{ endfor } {"y": 1}]"#, "?[{x=?}? {y=1}]"),
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

#[test]
fn texts_in_yaml_are_decoded_with_their_holes() {
    for (text, expected) in [
        ("a: 1\nb: [x, true]", "{a=1 b=['x' true]}"),
        ("a: ${unknown.a}\nb: true", "{a=?unknown.a b=true}"),
        ("a: \"${unknown.a}\"\nb: x-${unknown.a}:1", "{a=?unknown.a b=?\"${'x-'}${?unknown.a}${':1'}\"}"),
        ("a:\n  - ${unknown.a}\n  - b", "{a=[?unknown.a 'b']}"),
        ("a: [x, ${unknown.a}]", "{a=?['x' ?unknown.a? ...]}"),
        ("a: ${unknown.c ? \"true\" : \"false\"}", "{a=?any(true false)}"),
        ("a: ${jsonencode({ b = unknown.b, c = true })}", "{a={b=?unknown.b c=true}}"),
        // A line of its own: more members, more elements, or all of a value.
        ("a:\n  ${unknown.a}\n  b: 1\nc: 2", "{a=?{b=1 ...} c=2}"),
        ("a:\n  b: 1\n  ${unknown.a}\nc: 2", "{a=?{b=1 ...} c=2}"),
        ("a:\n  - 1\n  ${unknown.a}\n  - 2", "{a=?[1 ?? 2 ...]}"),
        ("a:\n- 1\n${unknown.a}\n- 2", "{a=?[1 ?? 2 ...]}"),
        ("a:\n  ${unknown.a}\nb: 1", "{a=?unknown.a b=1}"),
        ("${unknown.a}", "?unknown.a"),
        ("${unknown.a}\nb: 1", "?{b=1 ...}"),
        // At the beginning of a line, it may belong to whatever is open.
        ("a:\n  b:\n    c: 1\n${unknown.a}\nd: 1", "?{a=?{b=?{c=1 ...} ...} d=1 ...}"),
        ("a:\n  b:\n${unknown.a}\n  c: 1", "{a=?{b=?unknown.a c=1 ...}}"),
        ("a:\n${unknown.a}\n  b: 1\nc: 1", "{a=?{b=1 ...} c=1}"),
        // In a text it is a part of that.
        ("a: |\n  b\n  ${unknown.a}\nc: 1", "{a=?\"${'b\n'}${?unknown.a}${'\n'}\" c=1}"),
        // What is put in with an indentation has the structure that it had.
        (
            "a:\n  ${indent(2, yamlencode({ b = unknown.b, c = [true], d = { e = \"\\\"${unknown.e}\\\"\" } }))}\nf: 1",
            "{a={b=?unknown.b c=[true] d={e=?\"\"${?unknown.e}\"\"}} f=1}",
        ),
        ("${yamlencode({ a = unknown.a })}b: 1", "{a=?unknown.a b=1}"),
        // Directives that are not decided.
        ("a: 1\n%{ if unknown.c ~}\nb: 2\n%{ endif ~}\nc: 3", "{a=1 b=?any(2 null) c=3}"),
        ("a:\n  b: 1\n%{ if unknown.c ~}\n  c: 2\n%{ else ~}\n  c: 3\n%{ endif ~}\n", "{a={b=1 c=?any(2 3)}}"),
        (
            "a:\n%{ for x in unknown.a ~}\n  - name: ${x}\n    p: true\n%{ endfor ~}\nb: 1",
            "{a=?any(null [{name=? p=true}]) b=1}",
        ),
        (
            "a:\n  - name: 0\n%{ for x in unknown.a ~}\n  - name: ${x}\n%{ endfor ~}\nb: 1",
            "{a=?[{name=0} {name=?}?] b=1}",
        ),
    ] {
        let source = format!("x = <<E\n{text}\nE");
        let locals = Locals::new(&source);
        assert_eq!(yaml(&locals.value("x")).as_ref().map(shown).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn directives_in_json_are_read_both_ways() {
    for (text, expected) in [
        (r#"{"a": 1 %{ if unknown.c }, "b": 2%{ endif }}"#, "{a=1 b=?any(2 null)}"),
        (r#"[%{ if unknown.c }{"b": 2}%{ else }{"b": 3}%{ endif }]"#, "[{b=?any(2 3)}]"),
        (r#"[%{ for x in unknown.a }{"b": "${x}", "p": true}, %{ endfor }{"p": 1}]"#, "?[{b=? p=true}? {p=1}]"),
    ] {
        let text = format!("x = <<E\n{text}\nE");
        assert_eq!(decoded(&text).as_deref(), Some(expected), "{text}");
    }
}
