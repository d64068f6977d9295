//! What rules read: known, absent, unknown, and the pointers of each.

use verdikt_sdk::{Decision, Field, Node, Tape, Workload};

fn tape(text: &str) -> Tape {
    Tape::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn why<T: std::fmt::Debug>(field: Field<'_, T>) -> String {
    match field {
        Field::Unknown(unknown) => unknown.why(),
        other => panic!("expected unknown, found {other:?}"),
    }
}

#[test]
fn null_is_absent_and_so_is_everything_below() {
    let tape = tape(r#"{"a": null, "b": {}}"#);
    for path in [&["a"][..], &["a", "x", "y"], &["b", "x"], &["c"], &["c", "d", "e"]] {
        let node = tape.root().path(path);
        assert!(node.is_absent(), "{path:?}");
        assert!(node.bool().is_absent() && node.str().is_absent() && node.integer().is_absent(), "{path:?}");
        assert!(node.list().is_absent() && node.list().rest().is_none(), "{path:?}");
        assert!(matches!(node.members(), Field::Absent), "{path:?}");
        assert_eq!(node.pointer(), format!("/{}", path.join("/")));
    }
}

#[test]
fn another_type_is_unknown_never_absent() {
    let tape = tape(r#"{"text": "true", "number": 1.5, "list": [1], "flag": true}"#);
    let root = tape.root();
    assert_eq!(why(root.get("text").bool()), "wrong type: expected a boolean, found a string");
    assert_eq!(why(root.get("flag").str()), "wrong type: expected a string, found a boolean");
    assert_eq!(why(root.get("number").integer()), "wrong type: expected a whole number, found a number");
    assert_eq!(why(root.get("list").members()), "wrong type: expected an object, found a list");
    assert_eq!(root.get("text").list().rest().unwrap().why(), "wrong type: expected a list, found a string");
    assert_eq!(root.get("text").list().known().count(), 0);
    // A member of what has no members: the pointer ends where the document does.
    let below = root.path(&["text", "deep", "er"]);
    assert_eq!(why(below.bool()), "wrong type: expected an object, found a string");
    assert_eq!(below.pointer(), "/text");
    assert_eq!(root.path(&["list", "x"]).pointer(), "/list");
}

#[test]
fn an_unknown_value_is_unknown_and_so_is_everything_below() {
    let tape = tape(r#"{"a": {"$unknown": "set at deployment", "$ref": "var.a"}}"#);
    let a = tape.root().get("a");
    assert_eq!(why(a.bool()), "set at deployment");
    assert_eq!(a.unknown().unwrap().reference(), Some("var.a"));
    assert_eq!(a.unknown().unwrap().begins_with(), Some("var.a"));
    let text = r#"{"$unknown": "w", "$parts": [{"$unknown": "v", "$ref": "var.b"}, ":1"]}"#;
    let pieces = self::tape(text);
    let unknown = pieces.root().unknown().unwrap();
    assert_eq!((unknown.reference(), unknown.begins_with()), (None, Some("var.b")));
    assert_eq!(unknown.parts().unwrap().map(|part| part.is_some()).collect::<Vec<_>>(), [false, true]);
    let below = a.path(&["b", "c"]);
    assert_eq!(why(below.str()), "set at deployment");
    assert_eq!(below.pointer(), "/a/b/c");
    // What is known of a value says nothing about its members.
    assert_eq!(below.unknown().unwrap().reference(), None);
    assert!(!a.is_absent() && !a.is_known());
    // The marker counts wherever it stands, and also when it is written with an escape.
    for text in [r#"{"x": 1, "$unknown": "w"}"#, r#"{"\u0024unknown": "w"}"#] {
        assert_eq!(why(self::tape(text).root().get("y").bool()), "w");
    }
    // What is known of an object all the same.
    let partly = self::tape(r#"{"x": 1, "$unknown": "w", "$$unknown": 2}"#);
    assert_eq!(why(partly.root().bool()), "w");
    assert!(matches!(partly.root().get("x").integer(), Field::Known(1)));
    assert!(matches!(partly.root().get("$unknown").integer(), Field::Known(2)));
    assert!(matches!(partly.root().members(), Field::Unknown(_)));
    assert_eq!(partly.root().known_members().map(|(name, _)| name).collect::<Vec<_>>(), ["x", "$unknown"]);
    assert_eq!(self::tape("[1]").root().known_members().count(), 0);
    // Without a proper reason it is still unknown.
    assert_eq!(why(self::tape(r#"{"$unknown": 1}"#).root().bool()), "no reason given");
}

#[test]
fn nobody_can_forge_an_unknown_value() {
    let tape = tape(r#"{"$$unknown": "mine", "$$$x": 1, "plain": 2, "a/b~c": {}}"#);
    let root = tape.root();
    assert!(root.is_known());
    assert!(matches!(root.get("$unknown").str(), Field::Known("mine")));
    assert!(matches!(root.get("$$x").integer(), Field::Known(1)));
    assert_eq!(root.get("$unknown").pointer(), "/$$unknown");
    assert_eq!(root.get("$absent").pointer(), "/$$absent");
    assert_eq!(root.path(&["a/b~c", "d/e"]).pointer(), "/a~1b~0c/d~1e");
    let names: Vec<_> = root.members().known().unwrap().map(|(name, _)| name).collect();
    assert_eq!(names, ["$unknown", "$$x", "plain", "a/b~c"]);
}

#[test]
fn lists_of_unknown_length_have_certain_elements() {
    let tape = tape(r#"{"a": {"$unknown": "w", "$parts": [{"n": 1}, null, {"n": 2}]}, "b": [1, null]}"#);
    let list = tape.root().get("a").list();
    assert_eq!(list.rest().unwrap().why(), "w");
    let known: Vec<_> = list.known().map(|item: Node<'_>| item.get("n").pointer()).collect();
    assert_eq!(known, ["/a/$parts/0/n", "/a/$parts/2/n"]);
    assert_eq!(tape.root().get("b").list().known().count(), 2);
    let parts = tape.root().get("a").unknown().unwrap().parts().unwrap();
    assert_eq!(tape.root().get("a").unknown().unwrap().begins_with(), None);
    assert_eq!(parts.map(|part| part.is_some()).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn alternatives_decide_only_when_all_agree() {
    let decide = |text: &str| {
        let tape = tape(text);
        let workload = Workload::from(tape.root());
        match workload.host_network().fails_if(|value| value == Some(true)) {
            Decision::Pass => "pass",
            Decision::Fail => "fail",
            Decision::Unknown(_) => "unknown",
        }
    };
    for (value, decision) in [
        ("true", "fail"),
        ("false", "pass"),
        ("null", "pass"),
        (r#"{"$unknown": "w"}"#, "unknown"),
        (r#"{"$unknown": "w", "$any": [true, true]}"#, "fail"),
        (r#"{"$unknown": "w", "$any": [false, null]}"#, "pass"),
        (r#"{"$unknown": "w", "$any": [true, null]}"#, "unknown"),
        (r#"{"$unknown": "w", "$any": [true, {"$unknown": "v"}]}"#, "unknown"),
        (r#"{"$unknown": "w", "$any": [true, {"$unknown": "v", "$any": [true]}]}"#, "fail"),
        (r#"{"$unknown": "w", "$any": []}"#, "unknown"),
        (r#"{"$unknown": "w", "$any": true}"#, "unknown"),
        (r#"{"$unknown": "w", "$any": ["true"]}"#, "unknown"),
    ] {
        assert_eq!(decide(&format!(r#"{{"hostNetwork": {value}}}"#)), decision, "{value}");
    }
}

#[test]
fn a_text_of_which_parts_are_unknown_says_what_it_encodes() {
    let tape = tape(
        r#"{"policy": {"$unknown": "w", "$json": {"Statement": [{"Effect": "Allow", "Resource": {"$unknown": "v"}}]}}, "own": {"$$json": 1}}"#,
    );
    let policy = tape.root().get("policy").unknown().unwrap().encoded().unwrap();
    let statement = policy.get("Statement").list().known().next().unwrap();
    assert_eq!(statement.get("Effect").str().known(), Some("Allow"));
    assert!(statement.get("Resource").unknown().is_some_and(|resource| resource.encoded().is_none()));
    assert_eq!(statement.get("Effect").pointer(), "/policy/$json/Statement/0/Effect");
    assert!(tape.root().get("own").unknown().is_none());
}

#[test]
fn alternatives_of_a_whole_are_alternatives_of_its_members() {
    let tape = tape(
        r#"{"a": {"$unknown": "w", "$any": [{"b": {"$$c": 1}, "d": 1}, {"b": {"$unknown": "v", "$any": [{"$$c": 1}, null]}, "d": 1}]}}"#,
    );
    let a = tape.root().get("a");
    let values = |node: Node<'_>| {
        let alternatives = node.alternatives().map(|one| (one.pointer(), one.integer().known()));
        alternatives.collect::<Vec<_>>()
    };
    assert_eq!(values(a.get("d")), [("/a/$any/0/d".to_owned(), Some(1)), ("/a/$any/1/d".to_owned(), Some(1))]);
    assert_eq!(
        values(a.path(&["b", "$c"])),
        [
            ("/a/$any/0/b/$$c".to_owned(), Some(1)),
            ("/a/$any/1/b/$any/0/$$c".to_owned(), Some(1)),
            ("/a/$any/1/b/$any/1/$$c".to_owned(), None),
        ]
    );
    let one = |node: Node<'_>| node.integer().known() == Some(1);
    assert_eq!(a.get("d").agreed(one), Some(true));
    assert_eq!(a.path(&["b", "$c"]).agreed(one), None);
    assert_eq!(a.get("e").agreed(|node| node.is_absent()), Some(true));
    // Asked directly, the member is unknown all the same, and a finding is about it.
    assert_eq!(why(a.get("d").integer()), "w");
    assert_eq!(a.get("d").pointer(), "/a/d");
}

#[test]
fn decisions_about_two_values_nest() {
    let decide = |own: &str, whole: &str| {
        let text = format!(r#"{{"own": {own}, "whole": {whole}}}"#);
        let tape = tape(&text);
        let (own, whole) = (tape.root().get("own"), tape.root().get("whole"));
        let decision = own.decide(|own| match own.integer() {
            Field::Known(own) if own > 0 => Decision::Pass,
            Field::Known(_) | Field::Absent => whole.decide(|whole| match whole.integer() {
                Field::Known(whole) => Decision::when(whole <= 0),
                Field::Absent => Decision::Fail,
                Field::Unknown(unknown) => Decision::Unknown(unknown),
            }),
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        });
        match decision {
            Decision::Pass => "pass".to_owned(),
            Decision::Fail => "fail".to_owned(),
            Decision::Unknown(unknown) => unknown.node().pointer(),
        }
    };
    let any = |values: &str| format!(r#"{{"$unknown": "w", "$any": [{values}]}}"#);
    for (own, whole, expected) in [
        (any("1, 2"), "0".to_owned(), "pass"),
        (any("1, null"), "2".to_owned(), "pass"),
        (any("1, null"), "0".to_owned(), "/own"),
        (any("0, null"), any("0, null"), "fail"),
        (any("0, null"), any("0, 1"), "/own"),
        ("null".to_owned(), any("0, 1"), "/whole"),
    ] {
        assert_eq!(decide(&own, &whole), expected, "{own} {whole}");
    }
}

#[test]
fn texts_are_known_in_pieces() {
    let tape = tape(
        r#"{"whole": "a", "parts": {"$unknown": "w", "$parts": ["a", null]}, "other": {"$unknown": "w", "$parts": [1]},
            "any": {"$unknown": "w", "$any": ["ab", {"$unknown": "w", "$parts": ["a", null]}]}, "none": {"$unknown": "w"}}"#,
    );
    let root = tape.root();
    assert_eq!(root.get("whole").text().known().unwrap().whole(), Some("a"));
    assert_eq!(root.get("parts").text().known().unwrap().prefix(), "a");
    assert_eq!(root.get("other").text().known().unwrap().pieces().collect::<Vec<_>>(), [None]);
    assert_eq!(why(root.get("none").text()), "w");
    assert_eq!(why(root.text()), "wrong type: expected a string, found an object");
    assert!(root.get("absent").text().is_absent());
    let begins = |name: &str, text: &str| {
        let value = verdikt_sdk::Value::from(root.get(name));
        match value.fails_if_text(|found| found.map_or(Some(false), |found| found.starts_with(text))) {
            Decision::Pass => 'p',
            Decision::Fail => 'f',
            Decision::Unknown(_) => 'u',
        }
    };
    for (name, text, expected) in [
        ("any", "a", 'f'),
        ("any", "b", 'p'),
        ("any", "ab", 'u'),
        ("parts", "a", 'f'),
        ("parts", "ab", 'u'),
        ("none", "a", 'u'),
    ] {
        assert_eq!(begins(name, text), expected, "{name} {text}");
    }
}

#[test]
fn decisions_combine_as_in_three_valued_logic() {
    let tape = tape(r#"{"$unknown": "w"}"#);
    let unknown = Decision::Unknown(tape.root().unknown().unwrap());
    let name = |decision: Decision<'_>| match decision {
        Decision::Pass => 'p',
        Decision::Fail => 'f',
        Decision::Unknown(_) => 'u',
    };
    let all = [Decision::Pass, Decision::Fail, unknown];
    let and: String = all.iter().flat_map(|a| all.iter().map(move |b| name(a.and(*b)))).collect();
    let or: String = all.iter().flat_map(|a| all.iter().map(move |b| name(a.or(*b)))).collect();
    assert_eq!((and.as_str(), or.as_str()), ("pfufffufu", "ppppfupuu"));
}

#[test]
fn numbers_keep_their_text_and_know_when_they_are_whole() {
    for (text, integer) in [
        ("0", Some(0)),
        ("-9223372036854775808", Some(i64::MIN)),
        ("9223372036854775808", None),
        ("1e3", Some(1000)),
        ("2.0", Some(2)),
        ("2.5", None),
        ("1e999", None),
        ("1e18", None),
    ] {
        let tape = tape(text);
        assert_eq!(tape.root().integer().known(), integer, "{text}");
        assert_eq!(tape.root().number().known().unwrap().0, text);
    }
}

#[test]
fn fargate_depends_on_the_launch_types() {
    let fargate = |text: &str| format!("{:?}", Workload::from(tape(text).root()).fargate_only().map(|value| value));
    assert_eq!(fargate("{}"), "Absent");
    assert_eq!(fargate(r#"{"fargate": true, "compatibilities": ["FARGATE"]}"#), "Known(true)");
    assert_eq!(fargate(r#"{"fargate": false, "compatibilities": ["EC2"]}"#), "Known(false)");
    assert!(fargate(r#"{"compatibilities": {"$unknown": "w"}}"#).starts_with("Unknown"));
}
