//! The loader as a whole: streams, merges, repeated keys, places, budgets, recovery. What holds for any
//! text, and what others say of texts, is in `tests/oracles`.

use verdikt_model::{Code, DiagnosticPlace, NodeRef};

use super::*;

fn read_with(text: &str, limits: &InputLimits) -> (Vec<ParsedDocument>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let parsed = load(FileId(0), text, limits, &mut diagnostics);
    (parsed, diagnostics)
}

fn read(text: &str) -> (Vec<ParsedDocument>, Vec<Diagnostic>) {
    read_with(text, &InputLimits::default())
}

fn root(parsed: &ParsedDocument) -> NodeRef<'_> {
    parsed.tree.node(parsed.root)
}

fn json(text: &str) -> Vec<String> {
    let (parsed, diagnostics) = read(text);
    assert_eq!(diagnostics, [], "{text}");
    parsed.iter().map(|document| root(document).to_json()).collect()
}

fn start(diagnostic: &Diagnostic) -> usize {
    match diagnostic.place {
        DiagnosticPlace::Span(span) => span.start as usize,
        _ => panic!("a diagnostic of a document has a place: {diagnostic:?}"),
    }
}

/// The text that a node covers.
fn covers<'a>(text: &'a str, node: NodeRef<'_>) -> &'a str {
    &text[node.span().range()]
}

#[test]
fn streams_are_cut_at_document_markers() {
    for (text, expected) in [
        ("", &[][..]),
        ("# only a comment\n", &[]),
        ("---\n---\n\n---\n# nothing\n", &[]),
        ("a: 1", &[r#"{"a":1}"#]),
        ("\u{feff}a: 1\r\nb: 2\r\n", &[r#"{"a":1,"b":2}"#]),
        ("---\na: 1\n---\nb: 2\n", &[r#"{"a":1}"#, r#"{"b":2}"#]),
        ("--- {a: 1}\n--- # note\nb: 2", &[r#"{"a":1}"#, r#"{"b":2}"#]),
        ("a: 1\n...\nb: 2\n", &[r#"{"a":1}"#, r#"{"b":2}"#]),
        ("%YAML 1.1\n# note\n---\na: 1\n...\n%TAG ! tag:x,2:\n---\nb: !c 2\n", &[r#"{"a":1}"#, r#"{"b":"2"}"#]),
        ("a: |\n  ---\n  b\n---\nc: \"x ---\"\n", &[r#"{"a":"---\nb\n"}"#, r#"{"c":"x ---"}"#]),
        ("a: 1\n---#: |\n  b: 2\n", &[r#"{"a":1}"#, r#"{"b":2}"#]),
        (
            "---#x\na: 1\n---\u{a0}# c\n b: 2\n---\u{b}\n---\u{a0}c: 3",
            &[r#"{"a":1}"#, "{\"b\":2}", "{\"---\u{a0}c\":3}"],
        ),
        ("a: 1\n---b: 2\n", &[r#"{"a":1,"---b":2}"#]),
        ("---\nnull\n---\n~", &["null", "null"]),
        ("a: 1\n---", &[r#"{"a":1}"#]),
    ] {
        assert_eq!(json(text), expected, "{text:?}");
    }
}

#[test]
fn lines_end_where_they_end_for_a_cluster() {
    // Each row was put to kubectl 1.32 as well.
    for (text, expected) in [
        ("a: 1 # c\u{85}b: 2", r#"{"a":1,"b":2}"#),
        ("ü: x\u{2028}b: z\u{2029}c: 3 # d", r#"{"ü":"x","b":"z","c":3}"#),
        ("a: \"x\u{85}  y\"\nb: |\n  l\u{85}  m\n", r#"{"a":"x y","b":"l\nm\n"}"#),
    ] {
        let (parsed, diagnostics) = read(text);
        assert_eq!(root(&parsed[0]).to_json(), expected, "{text:?}");
        let first = text.find(['\u{85}', '\u{2028}']).unwrap();
        assert_eq!(diagnostics.len(), 1, "{text:?}");
        assert_eq!((diagnostics[0].code, start(&diagnostics[0])), (Code::OddLineBreak, first), "{text:?}");
        for (_, node) in
            root(&parsed[0]).entries().filter(|(_, node)| node.as_str().is_some_and(|text| text.len() == 1))
        {
            assert_eq!(covers(text, node), node.as_str().unwrap());
        }
    }
    assert_eq!(json("a: \"x\\u2028y\\N\""), ["{\"a\":\"x\u{2028}y\u{85}\"}"]);
}

#[test]
fn indentation_in_brackets_means_nothing() {
    // Each row was put to kubectl 1.32 as well.
    for (text, expected) in [
        ("a:\n  b: [\n    x,\n  w, # why\nz\n]\n  c: d\n", r#"{"a":{"b":["x","w","z"],"c":"d"}}"#),
        ("a:\r\n- b: {\r\n  ü: d,\r\ne: [1,\r\n\r\n2]\r\n}\r\n- f\r\n", r#"{"a":[{"b":{"ü":"d","e":[1,2]}},"f"]}"#),
    ] {
        let (parsed, diagnostics) = read(text);
        assert_eq!(diagnostics, [], "{text:?}");
        assert_eq!(root(&parsed[0]).to_json(), expected, "{text:?}");
        assert_eq!(covers(text, root(&parsed[0])), text.trim_end());
    }
    // Else the diagnostic is that of the text as it is written.
    for text in ["a:\n  b: {\n  c: d\n  }}\n", "a:\n  b: ['#', # \n]\n", "a:\n  b: [x\n]]\n"] {
        let (parsed, diagnostics) = read(text);
        assert_eq!((parsed.len(), diagnostics.len()), (0, 1), "{text:?}");
        assert!(diagnostics[0].message.contains("the indentation is not that"), "{text:?}: {}", diagnostics[0].message);
    }
    let open = format!("a:\n  b: [\n{}", "x,\n".repeat(100_000));
    assert_eq!(read(&open).1.len(), 1);
}

#[test]
fn values_and_keys_mean_what_they_mean_to_a_cluster() {
    // Each row was put to kubectl 1.32 as well.
    for (text, expected) in [
        ("[yes, \"yes\", 'no', off, 0o17, 1_000]", r#"[true,"yes","no",false,15,1000]"#),
        (
            "{y: y, 1.5: a, 1e3: b, 1e6: c, 0x10: d, .inf: e}",
            r#"{"true":true,"1.5":"a","1000":"b","1e+06":"c","16":"d",".inf":"e"}"#,
        ),
        ("{2001-01-01: b, !!str 1: a, !!int \"2\": a, !foo 3: a}", r#"{"2001-01-01":"b","1":"a","2":"a","3":"a"}"#),
        ("{a: &x b, *x : c}", r#"{"a":"b","b":"c"}"#),
        (
            "[!!str 1, !!int \"3\", !!bool \"no\", ! 12, !foo bar, !!binary aGk=, !!null '']",
            r#"["1",3,false,"12","bar","hi",null]"#,
        ),
        ("[!!str {a: b}, !foo [1], [? a : b], [c: d]]", r#"[{"a":"b"},[1],[{"a":"b"}],[{"c":"d"}]]"#),
        ("a: |\n  x\n   y\n\nb: >-\n  x\n  y\n", r#"{"a":"x\n y\n","b":"x y"}"#),
        ("a: |+\n  x\n\nb: \"x\\\n  y\"", r#"{"a":"x\n\n","b":"xy"}"#),
        ("a:\n- b\n-\n- c:\n  d: e", r#"{"a":["b",null,{"c":null,"d":"e"}]}"#),
        ("-", "[null]"),
        ("a:", r#"{"a":null}"#),
        ("{$unknown: a}", r#"{"$$unknown":"a"}"#),
    ] {
        assert_eq!(json(text), [expected], "{text:?}");
    }
}

#[test]
fn merge_keys() {
    // Each row was put to kubectl 1.32 as well.
    let base = "base: &b {a: 1, c: 2}\nother: &o {a: 3, d: 4}\nresult: ";
    for (result, expected) in [
        ("{<<: *b}", r#"{"a":1,"c":2}"#),
        ("{<<: *b, a: 9}", r#"{"c":2,"a":9}"#),
        ("{<<: [*b, *o]}", r#"{"d":4,"a":1,"c":2}"#),
        ("{<<: [{a: 5}, *b], e: 6}", r#"{"c":2,"a":5,"e":6}"#),
        ("{<<: *b, <<: *o}", r#"{"c":2,"a":3,"d":4}"#),
        ("{<<: {<<: *b, e: 1}}", r#"{"a":1,"c":2,"e":1}"#),
        ("{\"<<\": *b}", r#"{"<<":{"a":1,"c":2}}"#),
        ("{!!merge <<: *b}", r#"{"a":1,"c":2}"#),
        ("{!!str <<: *b}", r#"{"<<":{"a":1,"c":2}}"#),
        ("[<<, {<<: {}}]", r#"["<<",{}]"#),
    ] {
        let text = format!("{base}{result}");
        let (parsed, diagnostics) = read(&text);
        assert_eq!(diagnostics, [], "{result}");
        assert_eq!(root(&parsed[0]).get("result").unwrap().to_json(), expected, "{result}");
    }
    // A merge below the key that it sets wins in a cluster. Other tools disagree, so there is a warning.
    let (parsed, diagnostics) = read("base: &b {a: 1}\nresult: {a: 9, <<: *b}");
    assert_eq!(root(&parsed[0]).get("result").unwrap().to_json(), r#"{"a":1}"#);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!((diagnostics[0].code, start(&diagnostics[0])), (Code::DuplicateKey, 25));
    for bad in ["3", "~", "[1]", "[*b, 1]", "*l", "[*l]"] {
        let (parsed, diagnostics) = read(&format!("l: &l [{{a: 1}}]\nb: &b {{}}\nresult: {{<<: {bad}, z: 1}}"));
        assert_eq!(diagnostics.len(), 1, "{bad}");
        assert_eq!(diagnostics[0].code, Code::BadMerge, "{bad}");
        assert_eq!(root(&parsed[0]).get("result").unwrap().to_json(), r#"{"z":1}"#, "{bad}");
    }
}

#[test]
fn repeated_and_impossible_keys() {
    let text = "a: 1\nb: 2\na: 3\n1: x\n\"1\": z\n";
    let (parsed, diagnostics) = read(text);
    assert_eq!(root(&parsed[0]).to_json(), r#"{"b":2,"a":3,"1":"z"}"#);
    let places: Vec<_> = diagnostics.iter().map(|diagnostic| (diagnostic.code, start(diagnostic))).collect();
    assert_eq!(places, [(Code::DuplicateKey, 20), (Code::DuplicateKey, 10)]);

    for key in ["[a]", "{a: b}", "~", "18446744073709551615", "!!int a", "? - a\n"] {
        let (parsed, diagnostics) = read(&format!("x: 1\n{key}: 2\nz: 3\n"));
        assert_eq!(diagnostics.len(), 1, "{key}: {diagnostics:?}");
        assert_eq!((diagnostics[0].code, start(&diagnostics[0]) >= 5), (Code::BadKey, true), "{key}");
        assert_eq!(root(&parsed[0]).to_json(), r#"{"x":1,"z":3}"#, "{key}");
    }

    let many = format!("z: 0\n{}", "z: 1\n".repeat(1000));
    let (_, diagnostics) = read(&many);
    assert_eq!(diagnostics.len(), 50);
    assert!(diagnostics[49].message.contains("not listed"));
}

#[test]
fn what_a_cluster_refuses_is_unknown() {
    for text in ["a: .inf", "a: !!int x", "a: !!null x", "a: !!binary ä"] {
        let (parsed, diagnostics) = read(text);
        assert_eq!(diagnostics.len(), 1, "{text}");
        assert_eq!(diagnostics[0].code, Code::WrongType, "{text}");
        assert!(root(&parsed[0]).get("a").unwrap().is_unknown(), "{text}");
    }
}

#[test]
fn aliases_have_their_own_place_and_say_where_the_value_is() {
    let text = "a: &x\n  b: [1]\nc: *x\nd: &y 5\ne: *y\n";
    let (parsed, diagnostics) = read(text);
    assert_eq!(diagnostics, []);
    let map = root(&parsed[0]);
    assert_eq!(map.to_json(), r#"{"a":{"b":[1]},"c":{"b":[1]},"d":5,"e":5}"#);
    for (key, covered, anchored) in [("c", "*x", "b: [1]"), ("e", "*y", "5")] {
        let alias = map.get(key).unwrap();
        assert_eq!(covers(text, alias), covered);
        assert_eq!(alias.provenance().len(), 1);
        assert_eq!(alias.provenance()[0].what, "anchor");
        assert_eq!(&text[alias.provenance()[0].span.range()], anchored);
    }
    // A name may be given again; what was before it keeps the former value.
    assert_eq!(json("[&x 1, *x, &x 2, *x]"), ["[1,1,2,2]"]);
    for (text, at) in [("a: *x", 3), ("a: &x [*x]", 7), ("a: &x 1\n---\nb: *x", 15), ("&x a: *x\nb: 1", 6)] {
        let (parsed, diagnostics) = read(text);
        if text.starts_with("&x a") {
            // The anchor is the key's, so nothing is wrong with it.
            assert_eq!(root(&parsed[0]).to_json(), r#"{"a":"a","b":1}"#);
            continue;
        }
        assert_eq!(diagnostics.len(), 1, "{text}: {diagnostics:?}");
        assert_eq!((diagnostics[0].code, start(&diagnostics[0])), (Code::BadAlias, at), "{text}");
    }
}

#[test]
fn places_are_those_of_the_text() {
    let text = "\u{feff}# ü before\nkey: &a !t  plain text  # trailing\n\"q\": 'single'\nlist:\n  - one\n  -   two: 2\n      \
                three:\n\nflow: { a: [1, 2 ], b }  # c\nblock: |-  # why\n\n  text\n    more\n\n# own\nlong: a\n  b\n  c\nempty:\nlast: é\n";
    let (parsed, diagnostics) = read(text);
    assert_eq!(diagnostics, []);
    let map = root(&parsed[0]);
    assert_eq!(parsed[0].span, map.span());
    assert_eq!(covers(text, map), &text[text.find("key").unwrap()..text.len() - 1]);
    for (key, covered) in [
        ("key", "plain text"),
        ("q", "'single'"),
        ("list", "- one\n  -   two: 2\n      three:"),
        ("flow", "{ a: [1, 2 ], b }"),
        ("block", "|-  # why\n\n  text\n    more"),
        ("long", "a\n  b\n  c"),
        ("empty", ""),
        ("last", "é"),
    ] {
        assert_eq!(covers(text, map.get(key).unwrap()), covered, "{key}");
    }
    let keys: Vec<&str> = map.keyed_entries().map(|(_, span, _)| &text[span.range()]).collect();
    assert_eq!(keys, ["key", "\"q\"", "list", "flow", "block", "long", "empty", "last"]);
    let list = map.get("list").unwrap();
    assert_eq!(list.items().map(|item| covers(text, item)).collect::<Vec<_>>(), ["one", "two: 2\n      three:"]);
    let flow = map.get("flow").unwrap();
    assert_eq!(flow.entries().map(|(_, node)| covers(text, node)).collect::<Vec<_>>(), ["[1, 2 ]", ""]);

    let comments: Vec<(&str, bool)> =
        parsed[0].comments.iter().map(|comment| (&*comment.text, comment.own_line)).collect();
    let expected = [("# ü before", true), ("# trailing", false), ("# c", false), ("# why", false), ("# own", true)];
    assert_eq!(comments, expected);
    for comment in &parsed[0].comments {
        assert_eq!(&text[comment.span.range()], &*comment.text);
    }
    assert_eq!(
        parsed[0].tags.iter().map(|(node, tag)| (parsed[0].tree.node(*node).as_str(), &**tag)).collect::<Vec<_>>(),
        [(Some("plain text"), "!t")]
    );
}

#[test]
fn hashes_that_are_no_comments() {
    let text = "a: b#c\nd: \"# e\"\nf: |\n  # g\nh: '#'\ni: !x#y z\nj: [k, # l\n  m]\nn: >2 # o\n   p\n# q";
    let (parsed, diagnostics) = read(text);
    assert_eq!(diagnostics, []);
    let comments: Vec<&str> = parsed[0].comments.iter().map(|comment| &*comment.text).collect();
    assert_eq!(comments, ["# l", "# o", "# q"]);
}

#[test]
fn a_bad_document_does_not_take_the_others_along() {
    for bad in [
        "a: \"never closed\n",
        "a: [1,\n",
        "a: b: c\n",
        "a: 1\n b: 2\n",
        "a: {b\n",
        "a: *nothing\n",
        "- a\nb: 1\n",
        "a: |\n  b\n c\n",
        "a: 'x' y\n",
        "a: @x\n",
        "%YAML\n",
        "a: \"\\q\"\n",
        "a: ]\n",
    ] {
        let text = format!("first: 1\n---\n{bad}---\nlast: 1\n");
        let (parsed, diagnostics) = read(&text);
        let read: Vec<String> = parsed.iter().map(|document| root(document).to_json()).collect();
        assert_eq!(read, [r#"{"first":1}"#, r#"{"last":1}"#], "{bad:?}");
        assert_eq!(diagnostics.len(), 1, "{bad:?}: {diagnostics:?}");
        let at = start(&diagnostics[0]);
        let place = 13..13 + bad.len() + 1;
        assert!(place.contains(&at), "{bad:?}: {at} is not in {place:?}: {}", diagnostics[0].message);
    }
}

#[test]
fn errors_say_where_and_what_was_expected() {
    for (text, at, expected) in [
        ("a: \"x\nb: 1", 3, "the string that begins here is never closed"),
        ("a: [1,\n  2\nb: 1\n", 12, "stands 2 lines above"),
        ("a: b: c", 4, "a key with `:` cannot stand here."),
        ("a: 1\n\tb: 2", 5, "a tab"),
        ("x: &b 1\na: *b c", 14, "expected a key"),
        ("a: *b", 3, "The alias `*b` names no anchor above it"),
        ("a: ü\n  b: c", 9, "a key with `:`"),
    ] {
        let (_, diagnostics) = read(text);
        assert_eq!(diagnostics.len(), 1, "{text:?}");
        let message = &diagnostics[0].message;
        assert!(message.contains(expected), "{text:?}: {message}");
        assert_eq!(start(&diagnostics[0]), at, "{text:?}: {message}");
    }
}

#[test]
fn depth_is_bounded_whatever_nests() {
    let flow = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let maps = |depth: usize| format!("{}1{}", "{a: ".repeat(depth), "}".repeat(depth));
    let dashes = |depth: usize| format!("{}a", "- ".repeat(depth));
    let block = |depth: usize| (0..depth).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>();
    let questions = |depth: usize| format!("{}a", "? ".repeat(depth));
    for make in [&flow as &dyn Fn(usize) -> String, &maps, &dashes, &block] {
        assert_eq!(read(&make(128)).1, []);
        for depth in [129, 200, 300, 3000] {
            let (parsed, diagnostics) = read(&format!("a: 1\n---\n{}\n---\nb: 1\n", make(depth)));
            assert_eq!(parsed.len(), 2, "{depth} {}", &make(4));
            assert_eq!(diagnostics.len(), 1);
            assert_eq!(diagnostics[0].code, Code::TooDeep, "{depth} {}", &make(4));
        }
    }
    for text in
        [flow(100_000), "[".repeat(100_000), "{".repeat(100_000), maps(100_000), dashes(100_000), questions(100_000)]
    {
        let (parsed, diagnostics) = read(&text);
        assert!(parsed.is_empty());
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].code, Code::TooDeep, "{}", &text[..8]);
    }
}

#[test]
fn aliases_multiply_neither_nodes_nor_depth_beyond_the_budget() {
    // Nine levels of nine: 387 million leaves.
    let mut bomb = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..9 {
        let alias = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![alias; 9].join(", ")));
    }
    let (parsed, diagnostics) = read(&format!("{bomb}---\nb: 1\n"));
    assert_eq!(parsed.len(), 1);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].code, Code::TooManyNodes);

    // Merging copies: a map of 1,000 keys, merged through 1,000 levels of inheritance.
    let mut merges = format!("m0: &m0 {{{}}}\n", (0..1000).map(|key| format!("k{key}: 1, ")).collect::<String>());
    for level in 1..3000 {
        merges.push_str(&format!("m{level}: &m{level} {{<<: *m{}}}\n", level - 1));
    }
    let (parsed, diagnostics) = read(&merges);
    assert!(parsed.is_empty());
    assert_eq!(diagnostics[0].code, Code::TooManyNodes);

    // Each level stands in an anchor of 100 levels: in the end 10,000 of them.
    let mut deep = format!("d0: &d0 {}1{}\n", "[".repeat(100), "]".repeat(100));
    for level in 1..100 {
        deep.push_str(&format!("d{level}: &d{level} {}*d{}{}\n", "[".repeat(100), level - 1, "]".repeat(100)));
    }
    let (parsed, diagnostics) = read(&deep);
    assert!(parsed.is_empty());
    assert_eq!(diagnostics[0].code, Code::TooDeep);

    let limits = InputLimits { nodes: 10, ..InputLimits::default() };
    assert_eq!(read_with("[1, 2, 3, 4, 5, 6, 7, 8, 9]", &limits).1, []);
    assert_eq!(read_with("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", &limits).1[0].code, Code::TooManyNodes);
    assert_eq!(read_with("[&a [1, 2, 3], *a, 1]", &limits).1, []);
    assert_eq!(read_with("[&a [1, 2, 3], *a, 1, 2]", &limits).1[0].code, Code::TooManyNodes);
}
