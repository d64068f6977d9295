//! Generated expressions, compared with Terraform.

#![expect(clippy::disallowed_methods, reason = "the number of cases is set by whoever wants more")]

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::oracle::{ERROR, console};
use super::printed::{UNKNOWN, printed};
use super::world::World;

/// One of some texts.
fn one_of(texts: &[&'static str]) -> BoxedStrategy<String> {
    proptest::sample::select(texts.to_vec()).prop_map(str::to_owned).boxed()
}

fn number(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof!["[0-9]", "-?[0-9]{1,3}[.][0-9]{1,3}", "[0-9]{1,20}e-?[0-9]", Just("local.n".to_owned())];
    if depth == 0 {
        return leaf.boxed();
    }
    let operators = one_of(&["+", "-", "*", "/", "%"]);
    prop_oneof![
        3 => leaf,
        2 => (number(depth - 1), operators, number(depth - 1)).prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
        1 => number(depth - 1).prop_map(|a| format!("-{a}")),
        1 => collection(depth - 1).prop_map(|a| format!("length({a})")),
        1 => wrapped(number(depth - 1), depth),
    ]
    .boxed()
}

fn boolean(depth: u32) -> BoxedStrategy<String> {
    let leaf = one_of(&["true", "false", "\"true\"", "local.unknown"]);
    if depth == 0 {
        return leaf;
    }
    prop_oneof![
        2 => leaf,
        2 => (anything(depth - 1), one_of(&["==", "!="]), anything(depth - 1)).prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
        2 => (number(depth - 1), one_of(&["<", ">", "<=", ">="]), number(depth - 1)).prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
        1 => (boolean(depth - 1), one_of(&["&&", "||"]), boolean(depth - 1)).prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
        1 => boolean(depth - 1).prop_map(|a| format!("!{a}")),
        1 => anything(depth - 1).prop_map(|a| format!("can({a})")),
        1 => wrapped(boolean(depth - 1), depth),
    ]
    .boxed()
}

fn text(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        3 => "\"[abz0-2]{0,2}\"",
        1 => one_of(&["\"1.50\"", "\"é\"", "\"true\"", "local.s", "local.unknown", "\"e\\u0301\""]),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    prop_oneof![
        3 => leaf,
        1 => (scalar(depth - 1), scalar(depth - 1)).prop_map(|(a, b)| format!("\"${{{a}}} ${{{b}}}\"")),
        1 => (boolean(depth - 1), scalar(depth - 1), scalar(depth - 1))
            .prop_map(|(a, b, c)| format!("\"%{{ if {a} }}${{{b}}}%{{ else }}${{{c}}}%{{ endif }}\"")),
        1 => (collection(depth - 1), scalar(depth - 1))
            .prop_map(|(a, b)| format!("\"%{{ for k, v in {a} ~}} ${{k}}${{{b}}} %{{~ endfor }}\"")),
        1 => anything(depth - 1).prop_map(|a| format!("jsonencode({a})")),
        1 => scalar(depth - 1).prop_map(|a| format!("tostring({a})")),
        1 => wrapped(text(depth - 1), depth),
    ]
    .boxed()
}

fn scalar(depth: u32) -> BoxedStrategy<String> {
    prop_oneof![number(depth), boolean(depth), text(depth)].boxed()
}

fn collection(depth: u32) -> BoxedStrategy<String> {
    let names = ["list", "set", "map", "tuple", "object", "objects"].map(|name| format!("local.{name}"));
    let leaf = prop_oneof![
        proptest::sample::select(names.to_vec()),
        one_of(&["[]", "{}", "[null]", "[1, 2]", "[true, \"b\"]", "{ a = null, b = 1 }"]),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let (any, inner) = (anything(depth - 1), collection(depth - 1));
    prop_oneof![
        3 => leaf,
        2 => (any.clone(), any.clone()).prop_map(|(a, b)| format!("[{a}, {b}]")),
        1 => (any.clone(), any.clone(), any.clone()).prop_map(|(a, b, c)| format!("[{a}, {b}, {c}]")),
        2 => (any.clone(), any.clone()).prop_map(|(a, b)| format!("{{ b = {a}, a = {b} }}")),
        1 => (scalar(depth - 1), any.clone()).prop_map(|(a, b)| format!("{{ ({a}) = {b} }}")),
        1 => (inner.clone(), any.clone()).prop_map(|(a, b)| format!("[for k, v in {a} : {b}]")),
        1 => inner.clone().prop_map(|a| format!("[for k, v in {a} : [k, v]]")),
        1 => (inner.clone(), any.clone(), boolean(depth - 1)).prop_map(|(a, b, c)| format!("[for k, v in {a} : {b} if {c}]")),
        1 => (inner.clone(), any.clone()).prop_map(|(a, b)| format!("{{ for k, v in {a} : k => {b} }}")),
        1 => (inner.clone(), scalar(depth - 1)).prop_map(|(a, b)| format!("{{ for k, v in {a} : {b} => v... }}")),
        2 => (any.clone(), one_of(&["", ".a", ".id", "[0]"])).prop_map(|(a, step)| format!("{a}[*]{step}")),
        2 => (scalar(depth - 1), scalar(depth - 1), one_of(&["tolist", "toset"])).prop_map(|(a, b, to)| format!("{to}([{a}, {b}])")),
        2 => (inner.clone(), one_of(&["tolist", "toset", "tomap", "keys", "values", "flatten", "distinct", "reverse"]))
            .prop_map(|(a, function)| format!("{function}({a})")),
        1 => (inner.clone(), inner.clone(), one_of(&["concat", "merge"])).prop_map(|(a, b, function)| format!("{function}({a}, {b})")),
        2 => wrapped(inner, depth),
    ]
    .boxed()
}

/// What gives one of several values of a kind.
fn wrapped(inner: BoxedStrategy<String>, depth: u32) -> BoxedStrategy<String> {
    prop_oneof![
        2 => (boolean(depth - 1), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        1 => (any::<bool>(), inner.clone(), anything(depth - 1)).prop_map(|(yes, a, b)| format!("({yes} ? {a} : {b})")),
        1 => (anything(depth - 1), inner.clone()).prop_map(|(a, b)| format!("try({a}, {b})")),
        1 => (inner.clone(), inner.clone(), number(0)).prop_map(|(a, b, index)| format!("[{a}, {b}][{index} % 2]")),
        1 => (inner.clone(), anything(depth - 1)).prop_map(|(a, b)| format!("{{ b = {b}, a = {a} }}.a")),
        1 => inner.prop_map(|a| format!("[for x in [{a}] : x][0]")),
    ]
    .boxed()
}

/// Mostly what fits where it stands, so that most of it has a value.
fn anything(depth: u32) -> BoxedStrategy<String> {
    prop_oneof![
        3 => scalar(depth),
        3 => collection(depth),
        1 => one_of(&["null", "tostring(null)", "local.nothing", "v", "k", "local.dynamic"]),
    ]
    .boxed()
}

/// Whether a difference is none that matters.
fn is_fine(expression: &str, terraform: &str, ours: &str) -> bool {
    // Version 1.12 does not mind a mistake in one operand where the other one decides.
    let short_circuit = terraform == ERROR && (expression.contains("&&") || expression.contains("||"));
    // We may know more than Terraform does, also that something will fail whatever the unknown value is;
    // that it is true is what the tests of the evaluator hold.
    let more = terraform.contains(UNKNOWN);
    // Whether something can fail may depend on more than Terraform looks at.
    let doubtful = ours.contains(UNKNOWN) && (expression.contains("can(") || expression.contains("try("));
    // What cannot be known to fail before it is known is unknown here.
    let deferred = terraform == ERROR && ours.contains(UNKNOWN);
    terraform == ours || short_circuit || more || doubtful || deferred
}

/// How many expressions are compared; more with `VERDIKT_GENERATED=n`.
fn count() -> usize {
    std::env::var("VERDIKT_GENERATED").ok().and_then(|count| count.parse().ok()).unwrap_or(1200)
}

#[test]
fn generated_expressions_have_the_values_that_terraform_prints() {
    let seed = std::env::var("VERDIKT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let config = Config { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let strategy = anything(3);
    // Names of loops are declared around all of it, so that they exist everywhere.
    let expressions: Vec<String> = (0..count())
        .map(|_| strategy.new_tree(&mut runner).expect("an expression").current())
        .map(|expression| format!("[for k, v in {{ a = 1 }} : {expression}][0]"))
        .collect();
    let Some(results) = console(&expressions) else { return };
    let mut different = Vec::new();
    let (mut valued, mut untaken, mut weaker) = (0, 0, 0);
    for (expression, terraform) in expressions.iter().zip(&results) {
        valued += usize::from(terraform != ERROR);
        let ours = World::new().evaluate(expression).map_or(ERROR.to_owned(), |value| printed(&value));
        if is_fine(expression, terraform, &ours) {
            continue;
        } else if terraform == ERROR && ours != ERROR && expression.contains('?') && untaken < results.len() / 200 {
            // What fails in the branch that is not taken has a type for Terraform, which may not fit the
            // other one. As far as the form of an expression says it, it has one for us, too.
            untaken += 1;
        } else if terraform != ERROR && ours.contains(UNKNOWN) && weaker < results.len() / 200 {
            // Terraform knows bounds of numbers and lengths, and takes unknown elements of a set for
            // different ones; not to know is never wrong.
            weaker += 1;
        } else {
            different.push(format!("{expression}\n  terraform: {terraform}\n  ours: {ours}"));
        }
    }
    assert!(different.is_empty(), "{} of {} differ:\n{}", different.len(), results.len(), different.join("\n"));
    // The comparison is of values as well as of mistakes.
    assert!(valued * 4 > results.len(), "only {valued} of {} have a value", results.len());
}
