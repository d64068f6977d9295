//! Generated expressions, compared with Terraform.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::oracle::{ERROR, console};
use super::printed::{UNKNOWN, printed};
use super::world::World;

/// Values of all types, with some that cannot be converted to each other.
fn leaves() -> impl Strategy<Value = String> {
    let scalars = prop_oneof![
        "[0-9]",
        "-?[0-9]{1,3}[.][0-9]{1,3}",
        "[0-9]{1,20}e-?[0-9]",
        "\"[abz0-2]{0,2}\"",
        Just("\"true\"".to_owned()),
        Just("\"1.50\"".to_owned()),
        Just("\"é\"".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("null".to_owned()),
        Just("tostring(null)".to_owned()),
    ];
    let names = proptest::sample::select(vec![
        "local.n",
        "local.s",
        "local.list",
        "local.set",
        "local.map",
        "local.tuple",
        "local.object",
        "local.objects",
        "local.nothing",
        "local.unknown",
        "[]",
        "{}",
        "v",
        "k",
    ]);
    prop_oneof![3 => scalars, 1 => names.prop_map(str::to_owned)]
}

/// Expressions of every form.
fn expressions() -> impl Strategy<Value = String> {
    leaves().prop_recursive(4, 30, 3, |inner| {
        let one = inner.clone();
        let two = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        let functions = proptest::sample::select(vec![
            "tostring", "tonumber", "tobool", "tolist", "toset", "tomap", "jsonencode", "length", "keys", "values", "flatten",
            "upper", "distinct", "sort", "reverse", "can", "sum", "compact",
        ]);
        let operators = proptest::sample::select(vec!["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"]);
        prop_oneof![
            2 => two.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            1 => three.clone().prop_map(|(a, b, c)| format!("[{a}, {b}, {c}]")),
            2 => two.clone().prop_map(|(a, b)| format!("{{ b = {a}, a = {b} }}")),
            1 => two.clone().prop_map(|(a, b)| format!("{{ ({a}) = {b} }}")),
            1 => (one.clone(), "[abk]|name|id").prop_map(|(a, name)| format!("{a}.{name}")),
            1 => two.clone().prop_map(|(a, b)| format!("{a}[{b}]")),
            1 => (one.clone(), "(|[.]a|[.]id|\\[0\\])").prop_map(|(a, step)| format!("{a}[*]{step}")),
            2 => (two.clone(), operators).prop_map(|((a, b), operator)| format!("({a} {operator} {b})")),
            1 => (one.clone(), "[!-]").prop_map(|(a, operator)| format!("{operator}{a}")),
            3 => three.clone().prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            3 => (two.clone(), any::<bool>()).prop_map(|((a, b), yes)| format!("({yes} ? {a} : {b})")),
            1 => two.clone().prop_map(|(a, b)| format!("[for k, v in {a} : {b}]")),
            1 => one.clone().prop_map(|a| format!("[for k, v in {a} : [k, v]]")),
            1 => three.clone().prop_map(|(a, b, c)| format!("[for k, v in {a} : {b} if {c}]")),
            1 => two.clone().prop_map(|(a, b)| format!("{{ for k, v in {a} : k => {b} }}")),
            1 => two.clone().prop_map(|(a, b)| format!("{{ for k, v in {a} : {b} => v... }}")),
            1 => two.clone().prop_map(|(a, b)| format!("\"${{{a}}} ${{{b}}}\"")),
            1 => three.clone().prop_map(|(a, b, c)| format!("\"%{{ if {a} }}${{{b}}}%{{ else }}${{{c}}}%{{ endif }}\"")),
            1 => one.clone().prop_map(|a| format!("\"%{{ for k, v in {a} ~}} ${{k}}${{v}} %{{~ endfor }}\"")),
            1 => two.clone().prop_map(|(a, b)| format!("try({a}, {b})")),
            1 => two.prop_map(|(a, b)| format!("concat({a}, {b})")),
            4 => (functions, one).prop_map(|(function, a)| format!("{function}({a})")),
        ]
    })
}

/// Whether a difference is none that matters.
fn is_fine(expression: &str, terraform: &str, ours: &str) -> bool {
    // Version 1.12 does not mind a mistake in one operand where the other one decides.
    let short_circuit = terraform == ERROR && (expression.contains("&&") || expression.contains("||"));
    // We may know more than Terraform does; that it is true is what the tests of the evaluator hold.
    let more = terraform.contains(UNKNOWN) && ours != ERROR;
    terraform == ours || short_circuit || more
}

/// How many expressions are compared; more with `VERDIKT_GENERATED=n`.
fn count() -> usize {
    std::env::var("VERDIKT_GENERATED").ok().and_then(|count| count.parse().ok()).unwrap_or(1200)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the number of cases is set by whoever wants more")]
fn generated_expressions_have_the_values_that_terraform_prints() {
    let seed = std::env::var("VERDIKT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let config = Config { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let strategy = expressions();
    // Names of loops are declared around all of it, so that they exist everywhere.
    let expressions: Vec<String> = (0..count())
        .map(|_| strategy.new_tree(&mut runner).expect("an expression").current())
        .map(|expression| format!("[for k, v in {{ a = 1 }} : {expression}][0]"))
        .collect();
    let Some(results) = console(&expressions) else { return };
    let mut different = Vec::new();
    let mut valued = 0;
    for (expression, terraform) in expressions.iter().zip(&results) {
        valued += usize::from(terraform != ERROR);
        let ours = World::new().evaluate(expression).map_or(ERROR.to_owned(), |value| printed(&value));
        if !is_fine(expression, terraform, &ours) {
            different.push(format!("{expression}\n  terraform: {terraform}\n  ours: {ours}"));
        }
    }
    assert!(different.is_empty(), "{} of {} differ:\n{}", different.len(), results.len(), different.join("\n"));
    // The comparison is of values as well as of mistakes.
    assert!(valued * 4 > results.len(), "only {valued} of {} have a value", results.len());
}
