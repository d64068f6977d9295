//! Tests of what `terraform console` cannot say: unknown values, places, mistakes, limits. The values of
//! expressions are compared with Terraform's in `tests/console`.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use verdikt_model::{FileId, Span};

use crate::budget::Limits;
use crate::testing::{Locals, shown};
use crate::value::{Data, Known, Literal, MAX_DEPTH, Marks, Origin, Piece, Text, Type, Unknown, Value, same};

/// What an expression gives.
fn value(expression: &str) -> String {
    shown(&Locals::new(&format!("x = {expression}")).value("x"))
}

#[test]
fn what_is_known_of_unknown_values() {
    for (expression, expected) in [
        ("unknown.a", "?unknown.a"),
        ("unknown.a.b[0][\"k\"]", "?unknown.a.b[0][\"k\"]"),
        ("[unknown.a, 1]", "[?unknown.a 1]"),
        ("{ a = unknown.a, b = 1 }.b", "1"),
        ("\"x-${unknown.a}-y\"", "?\"x-${?unknown.a}-y\""),
        ("\"${unknown.a}\"", "?unknown.a"),
        ("\"a${\"b${unknown.a}\"}c\"", "?\"ab${?unknown.a}c\""),
        // Conditions.
        ("unknown.a ? 1 : 2", "?any(1 2)"),
        ("unknown.a ? 1 : 1", "1"),
        ("unknown.a ? \"x\" : unknown.b", "?any('x' ?unknown.b)"),
        ("unknown.a ? unknown.b : unknown.b", "?unknown.b"),
        ("unknown.a ? { p = true } : { p = false }", "?any({p=true} {p=false})"),
        ("(unknown.a ? { p = true, q = 1 } : { p = true, q = 2 }).p", "true"),
        ("(unknown.a ? { p = true } : { p = false }).p", "?any(true false)"),
        ("(unknown.a ? [1, 2] : [3, 2])[1]", "2"),
        ("(unknown.a ? [1] : [2])[*]", "?any([1] [2])"),
        ("unknown.a ? (unknown.b ? 1 : 2) : 3", "?any(1 2 3)"),
        ("(unknown.a ? 1 : 2) + 1", "?any(2 3)"),
        ("(unknown.a ? 1 : 2) > 0", "true"),
        ("(unknown.a ? 1 : 2) == 3", "false"),
        ("(unknown.a ? 1 : 2) == 1", "?"),
        ("-(unknown.a ? 1 : 2)", "?any(-1 -2)"),
        ("[10, 20][unknown.a ? 0 : 1]", "?any(10 20)"),
        ("[10, 20][unknown.a]", "?any(10 20)"),
        ("[10, 10][unknown.a]", "10"),
        ("{ a = 1, b = 2 }[unknown.a]", "?any(1 2)"),
        ("[for x in (unknown.a ? [1, 2] : [3]) : x + 1]", "?any([2 3] [4])"),
        // Operators.
        ("unknown.a && false", "false"),
        ("true || unknown.a", "true"),
        ("unknown.a || false", "?"),
        ("unknown.a == unknown.a", "?"),
        ("{ a = unknown.a, b = 1 } == { a = 1, b = 2 }", "false"),
        ("string.a == null", "false"),
        ("string.a == 5", "false"),
        ("\"x-${unknown.a}\" == \"y-1\"", "false"),
        ("\"x-${unknown.a}\" == \"x-1\"", "?"),
        // Lists of which the length is unknown.
        ("[for x in [1, 2, 3] : x if x < 3 || unknown.a]", "?[1 2 3?]"),
        ("[for x in unknown.a : { p = true, n = x }]", "?[{n=? p=true}? ...]"),
        ("[for x in [for y in unknown.a : { p = true }] : x.p]", "?[true? ...]"),
        ("[for y in unknown.a : { p = true }][*].p", "?[true? ...]"),
        ("{ for x in [\"a\", unknown.a] : x => 1 }", "?{a=1 ...}"),
        ("{ for x in [\"a\", unknown.a] : x => 1... }", "?{a=?[1 ...] ...}"),
        ("{ for x in [\"a\", \"b\"] : x => 1 if x == \"a\" || unknown.a }", "?{a=1 ...}"),
        ("{ for x in [\"a\", \"b\"] : x => 1 if x == \"a\" || unknown.a }.a", "1"),
        // Keys.
        ("{ a = 1, (unknown.a) = 2, b = 3 }", "?{a=?any(1 2) b=3 ...}"),
        ("{ a = 1, (unknown.a) = 2, b = 3 }.b", "3"),
        ("{ (unknown.a) = 2 }.z", "?"),
        // Splats.
        ("unknown.a[*]", "?"),
        ("unknown.a[*].b", "?"),
        ("string.a[*]", "[?string.a]"),
        ("[unknown.a][*].b", "[?unknown.a.b]"),
        // Directives.
        ("\"a%{ if unknown.a }b%{ else }c%{ endif }d\"", "?\"a${?any('b' 'c')}d\""),
        ("\"a%{ if unknown.a }b%{ else }b%{ endif }d\"", "'abd'"),
        ("\"a%{ for x in unknown.a }b%{ endfor }d\"", "?\"a${?\"${'b'}\"*}d\""),
        // What may fail decides what `try` gives.
        ("try(unknown.a, 1)", "?unknown.a"),
        ("try(unknown.a.b, 1)", "?unknown.a.b"),
        ("try(1, unknown.a)", "1"),
        ("try({}.a, unknown.a)", "?unknown.a"),
        ("try([1, 2][unknown.a], 3)", "?any(1 2 3)"),
        ("try(unknown.a + 1, 3)", "?any(? 3)"),
        ("try(unknown.a ? 1 : 1, 1)", "1"),
        ("try(unknown.a ? 1 : {}.b, 2)", "?any(1 2)"),
        ("try((unknown.a ? { p = 1 } : {}).p, 2)", "?any(1 2)"),
        ("unknown.a ? 1 : {}.b", "1"),
        ("can(unknown.a)", "true"),
        ("try([unknown.a.b, 1][1], 2)", "?any(1 2)"),
        ("can(unknown.a + 1)", "?"),
        ("can(unknown.a.b)", "?"),
        ("can([1][unknown.a])", "?"),
        ("can(unknown.a ? 1 : {}.b)", "?"),
        ("can({}.a)", "false"),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn places_say_where_values_come_from() {
    let locals = Locals::new(
        "p = true\nc = [{ privileged = local.p, name = \"a\" }]\nd = local.c\nobject = { (local.k) = 1 }\nk = \"key\"\n\
         literal = [{ privileged = true }]\nreference = local.d[0].privileged\nwhole = local.d\nsplat = \
         local.c[*].privileged\nloop = [for x in local.c : x.privileged]\nmembers = [for k, v in { a = 1 } : \
         k]\nconditional = local.p ? local.c : []\ntemplate = \"${local.p}\"\ntext = \"x${local.k}\"\nsum = 1 + \
         2\nbrackets = (local.p)\nattempt = try(local.c[0].nope, local.p)\nnested = { a = { b = [local.p] } }\neither = (unknown.a ? local.c : local.d)[0].privileged\nchosen = \
         local.c[unknown.a == 1 ? 0 : 0].name",
    );
    for (name, path, expected) in [
        ("literal", "0.privileged", "true"),
        (
            "reference",
            "",
            "local.d[0].privileged <- local local.d: local.c <- local local.c: local.p <- local local.p: true",
        ),
        ("whole", "0.name", "local.d <- local local.d: local.c <- local local.c: \"a\""),
        ("splat", "0", "local.c[*].privileged <- local local.c: local.p <- local local.p: true"),
        ("loop", "0", "x.privileged <- element x: local.c <- local local.c: local.p <- local local.p: true"),
        ("members", "0", "k <- element k: a"),
        ("conditional", "0.privileged", "local.c <- local local.c: local.p <- local local.p: true"),
        ("template", "", "local.p <- local local.p: true"),
        ("text", "", "\"x${local.k}\""),
        ("sum", "", "1 + \n         2"),
        ("brackets", "", "local.p <- local local.p: true"),
        ("attempt", "", "local.p <- local local.p: true"),
        ("either", "", "local.c <- local local.c: local.p <- local local.p: true"),
        ("chosen", "", "local.c[unknown.a == 1 ? 0 : 0].name <- local local.c: \"a\""),
        ("nested", "a.b.0", "local.p <- local local.p: true"),
        ("object", "key", "1"),
    ] {
        let mut value = locals.value(name);
        for step in path.split('.').filter(|step| !step.is_empty()) {
            value = match step.parse() {
                Ok(index) => value.element(index),
                Err(_) => value.member(step),
            }
            .expect("a part of that name");
        }
        let expected = expected.replace("1 + \n         2", "1 + 2");
        assert_eq!(locals.way(&value), expected, "{name} {path}");
    }
    let object = locals.value("object");
    let key = object.members().next().and_then(|member| member.key_span).expect("a place");
    assert_eq!(locals.text(key), "(local.k)");
}

#[test]
fn a_mistake_costs_the_element_that_it_is_in() {
    for (expression, expected, mistakes) in [
        ("[{ image = nope.x, privileged = true }]", "[{image=? privileged=true}]", 1),
        ("{ a = 1 + null, b = [2, {}.c] }", "{a=? b=[2 ?]}", 2),
        ("\"a${nope.x}b\"", "?\"a${?}b\"", 1),
        ("[for x in [1, 2] : { n = x, bad = x.y }]", "[{bad=? n=1} {bad=? n=2}]", 2),
        ("true ? { a = nope.x, b = 1 } : { a = 2, b = 2 }", "{a=? b=1}", 1),
        ("false ? { a = nope.x } : { a = 2 }", "{a=2}", 0),
        ("1 + nope.x", "?", 1),
        ("nope.x ? 1 : 2", "?", 1),
        ("try([nope.x], 1)", "1", 0),
        ("can([nope.x])", "false", 0),
        ("nope(1)", "?", 1),
        ("{ (nope.x) = 1 }", "?", 1),
    ] {
        let evaluated = Locals::new(&format!("x = {expression}")).evaluate("x");
        assert_eq!(shown(&evaluated.value), expected, "{expression}");
        assert_eq!(evaluated.problems.len(), mistakes, "{expression}: {:?}", evaluated.problems);
    }
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (expression, place, message) in [
        ("[1, 2][5]", "[5]", "greater than or equal to the length"),
        ("local.object.nope", ".nope", "does not have an attribute named \"nope\""),
        ("1 + \"a\"", "\"a\"", "a number is required"),
        ("true ? [] : {}", "[]", "both results of a conditional must have one type"),
        ("[for x in 5 : x]", "5", "cannot go through a value of type number"),
        ("{ for x in [1, 1] : x => 1 }", "x", "two elements have the key \"1\""),
        ("\"a${null}\"", "null", "a null value cannot be included"),
        ("{ local.object = 1 }", "local.object", "parentheses"),
        ("nope(1)", "nope", "there is no function \"nope\""),
    ] {
        let locals = Locals::new(&format!("x = {expression}\nobject = {{}}"));
        let problem = locals.try_value("x").expect_err(expression);
        assert_eq!(
            locals.text(problem.span()).trim_start_matches(['.']),
            place.trim_start_matches('.'),
            "{expression}"
        );
        assert!(problem.message().contains(message), "{expression}: {problem}");
        assert!(!problem.message().ends_with('.'), "{problem}");
    }
}

#[test]
fn what_is_too_much_ends_quickly() {
    let doubling: String =
        (1..60).map(|index| format!("a{index} = [local.a{}, local.a{}]\n", index - 1, index - 1)).collect();
    let texts: String =
        (1..60).map(|index| format!("t{index} = \"${{local.t{}}}${{local.t{}}}\"\n", index - 1, index - 1)).collect();
    let deep: String = (1..300).map(|index| format!("d{index} = [local.d{}]\n", index - 1)).collect();
    let text = format!(
        "a0 = \"x\"\n{doubling}t0 = \"xxxxxxxx\"\n{texts}d0 = 1\n{deep}self = [local.self]\nten = [0, 1, 2, 3, 4, 5, 6, 7, 8, \
         9]\nloops = [for a in local.ten : [for b in local.ten : [for c in local.ten : [for d in local.ten : \
         [for e in local.ten : [for f in local.ten : [for g in local.ten : [for h in local.ten : h]]]]]]]]\nequal = \
         local.a20 == local.a20\nchosen = unknown.a ? local.a18 : local.a19\n"
    );
    for name in ["a59", "t59", "d299", "self", "loops"] {
        let limits = Limits { steps: 200_000, bytes: 1 << 20, ..Limits::default() };
        let locals = Locals::within(&text, limits);
        let evaluated = locals.evaluate(name);
        assert!(evaluated.value.is_unknown(), "{name}");
        assert!(evaluated.problems.iter().any(super::EvaluationError::is_limit), "{name}: {:?}", evaluated.problems);
        // `try` does not go on behind a limit.
        let attempt = Locals::within(&format!("{text}attempt = try(local.{name}, 1)"), limits);
        assert!(attempt.try_value("attempt").expect_err(name).is_limit(), "{name}");
    }
    for name in ["equal", "chosen"] {
        let evaluated = Locals::within(&text, Limits { steps: 100_000, ..Limits::default() }).evaluate(name);
        assert!(evaluated.problems.iter().any(super::EvaluationError::is_limit), "{name}");
    }
}

/// Whether one value says nothing else than the other, as far as both are known. Numbers, bools and
/// strings of the same text count as the same, since an unknown branch may hide what they are converted
/// to, as it does in Terraform.
fn agrees(vague: &Value, exact: &Value) -> bool {
    let text = |value: &Value| match value.data() {
        Data::Bool(value) => Some(value.to_string()),
        Data::Number(number) => Some(number.to_string()),
        Data::String(text) => Some(text.as_str().to_owned()),
        _ => None,
    };
    if vague.is_unknown() || exact.is_unknown() {
        return true;
    }
    if let (Some(vague), Some(exact)) = (text(vague), text(exact)) {
        return vague == exact;
    }
    if vague.length().is_some() && exact.length().is_some() {
        let members = |value: &Value| value.members().map(|member| member.key).collect::<Vec<_>>();
        return vague.length() == exact.length()
            && members(vague) == members(exact)
            && vague.elements().zip(exact.elements()).all(|(vague, exact)| agrees(&vague, &exact))
            && vague.members().zip(exact.members()).all(|(vague, exact)| agrees(&vague.value, &exact.value));
    }
    vague.is_null() && exact.is_null()
}

/// Expressions over `local.a`, `local.b` and `local.c`.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("local.a".to_owned()),
        Just("local.b".to_owned()),
        Just("local.c".to_owned()),
        "[0-3]",
        "\"[xy0-1]?\"",
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("null".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            two.clone().prop_map(|(a, b)| format!("{{ x = {a}, y = {b} }}")),
            two.clone().prop_map(|(a, b)| format!("{{ x = {a}, ({b}) = 1 }}")),
            (inner.clone(), "[xy]").prop_map(|(a, name)| format!("{a}.{name}")),
            two.clone().prop_map(|(a, b)| format!("{a}[{b}]")),
            (inner.clone(), "(|[.][xy])").prop_map(|(a, step)| format!("{a}[*]{step}")),
            (two.clone(), "==|!=|&&|\\|\\||<|\\+|-").prop_map(|((a, b), operator)| format!("({a} {operator} {b})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            three.clone().prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            two.clone().prop_map(|(a, b)| format!("[for v in {a} : {b}]")),
            two.clone().prop_map(|(a, b)| format!("[for v in {a} : v if {b}]")),
            two.clone().prop_map(|(a, b)| format!("{{ for k, v in {a} : \"${{k}}\" => {b} }}")),
            two.clone().prop_map(|(a, b)| format!("{{ for v in {a} : v => {b}... }}")),
            two.clone().prop_map(|(a, b)| format!("\"${{{a}}}-${{{b}}}\"")),
            two.clone().prop_map(|(a, b)| format!("\"%{{ if {a} }}${{{b}}}%{{ else }}z%{{ endif }}\"")),
            inner.clone().prop_map(|a| format!("\"%{{ for v in {a} }}${{v}}%{{ endfor }}\"")),
            two.prop_map(|(a, b)| format!("try({a}, {b})")),
            inner.prop_map(|a| format!("can({a})")),
        ]
    })
}

/// Values without anything unknown.
fn inputs() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-2]",
        "\"[xy01]?\"",
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("null".to_owned()),
        "\\[[0-2], \"x\"\\]",
        "\\[\\]",
        "\\{ x = [0-2], y = \"[xy]\" \\}",
        "\\[\\{ x = [01] \\}, \\{ x = [01] \\}\\]",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(4), failure_persistence: None, cases: 3000, ..ProptestConfig::default()
    })]

    /// Not to know an input never makes a result that is known another one.
    #[test]
    fn not_knowing_an_input_changes_no_known_result(
        expression in expressions(), a in inputs(), b in inputs(), c in inputs(), hidden in 1usize..8,
    ) {
        let hide = |bit: usize, input: &str| if hidden & bit > 0 { "unknown.z".to_owned() } else { input.to_owned() };
        let exact = Locals::new(&format!("x = {expression}\na = {a}\nb = {b}\nc = {c}"));
        let (a, b, c) = (hide(1, &a), hide(2, &b), hide(4, &c));
        let vague = Locals::new(&format!("x = {expression}\na = {a}\nb = {b}\nc = {c}"));
        let Ok(exact) = exact.try_value("x") else { return Ok(()) };
        match vague.try_value("x") {
            Ok(vague) => prop_assert!(agrees(&vague, &exact), "{} became {}", shown(&exact), shown(&vague)),
            // An operand may fail where the other one decides, and that is not known.
            Err(_) if expression.contains("&&") || expression.contains("||") => {}
            Err(problem) => prop_assert!(false, "{} became an error: {problem}", shown(&exact)),
        }
    }

    /// Whatever gives a value, each part of it stands somewhere in the expression, and came from somewhere.
    #[test]
    fn every_part_has_a_place_in_the_expression(expression in expressions(), a in inputs(), b in inputs()) {
        let text = format!("x = {expression}\na = {a}\nb = [local.a, unknown.q, {b}]\nc = {{ x = local.b, y = {a} }}");
        let locals = Locals::new(&text);
        let mut waiting = vec![locals.evaluate("x").value];
        while let Some(value) = waiting.pop() {
            let location = value.place().location();
            let inside = location.is_some_and(|span| locals.argument("x").contains(span));
            prop_assert!(inside, "{} of {} is at {location:?}", shown(&value), expression);
            let steps = value.place().steps();
            // What the scope says of no place ends nowhere.
            let (last, before) = steps.split_last().map_or((None, &steps[..]), |(last, before)| (Some(last), before));
            prop_assert!(before.iter().all(|step| step.span.is_some()), "{:?}", steps);
            prop_assert!(last.is_none_or(|step| step.span.is_some() || step.name.starts_with("unknown.")), "{:?}", steps);
            waiting.extend(value.elements());
            waiting.extend(value.members().map(|member| member.value));
            if let Some(Known::Any(values)) = value.as_unknown().map(|unknown| &unknown.known) {
                waiting.extend(values.iter().map(|inner| value.child(inner)));
            }
            if let Some(Known::Elements { elements, .. }) = value.as_unknown().map(|unknown| &unknown.known) {
                waiting.extend(elements.iter().map(|element| value.child(&element.value)));
            }
        }
    }

    /// Whatever is written: there is an answer, each part of it is within the limits, and what is
    /// evaluated twice is the same.
    #[test]
    fn every_expression_has_an_answer(expression in expressions(), a in inputs(), b in inputs()) {
        let text = format!("x = {expression}\na = {a}\nb = [local.a, unknown.q, sensitive.s]\nc = {b}");
        let evaluated = Locals::new(&text).evaluate("x");
        prop_assert_eq!(shown(&evaluated.value), shown(&Locals::new(&text).evaluate("x").value));
        prop_assert!(!evaluated.problems.iter().any(super::EvaluationError::is_limit));
    }
}

#[test]
fn chains_of_any_length_nest_no_values() {
    // Each text is made of the one before, and each value is dropped in the end.
    let mut value = Value::string("{");
    for _ in 0..100_000 {
        let pieces = [Piece::Value(value), Piece::Literal(Literal::as_written("x", Span::new(FileId(0), 0, 1)))];
        value = Value::text(Text::with_origin("{x", Origin::Pieces(Arc::from(pieces))));
    }
    assert!(value.depth() <= MAX_DEPTH);
    let mut value = Value::unknown(Unknown::new("not known"));
    for _ in 0..100_000 {
        let ty = Type::list(value.ty());
        value = Value::unknown(Unknown::derived_from([&value]).of_type(ty).with(Known::Any(Arc::from([value]))));
    }
    assert!(value.depth() <= MAX_DEPTH);
    for make in [Value::tuple, |values| Value::list(Type::Dynamic, values)] {
        let mut value = Value::bool(true);
        for _ in 0..100_000 {
            value = make(vec![value]);
        }
        assert!(value.as_limit().is_some() || value.depth() <= MAX_DEPTH);
    }
}

#[test]
fn marks_spread_to_what_is_made_of_marked_values() {
    let secret = Value::string("hush").with_marks(Marks::SENSITIVE);
    assert!(Value::tuple(vec![secret.clone()]).marks_within().contains(Marks::SENSITIVE));
    assert!(!Value::tuple(vec![secret.clone()]).is_sensitive());
    assert!(
        Value::tuple(vec![Value::bool(true)])
            .with_marks(Marks::SENSITIVE)
            .element(0)
            .is_some_and(|item| item.is_sensitive())
    );
    assert!(!same(&secret, &Value::string("hush")));
    assert_eq!(secret.ty(), Type::String);
}
