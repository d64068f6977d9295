//! Configurations put together at random: whatever refers to whatever, nothing panics, and each ends.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use verdikt_terraform::budget::Limits;
use verdikt_terraform::program::{Inputs, Program};

use super::support::{Texts, shown};

/// Expressions that refer to all that the blocks below declare, and to what they do not.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "\"a\"",
        "null",
        "true",
        "[1, \"b\"]",
        "{ k = 1 }",
        "var.a",
        "var.b",
        "local.a",
        "local.b",
        "local.c",
        "a_x.r",
        "a_x.r.id",
        "a_x.c",
        "a_x.c[0].v",
        "a_x.e",
        "a_x.e[\"k\"].v",
        "data.d_d.d.x",
        "module.m",
        "module.m.o",
        "module.n",
        "module.n[0].o",
        "module.f[\"k\"]",
        "each.key",
        "each.value",
        "count.index",
        "self.v",
        "path.module",
        "terraform.workspace",
        "nothing.at_all",
        "a_x.c[*].v",
        "module.n[*].o",
        "rule.value",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("[{a}]")),
            inner.clone().prop_map(|a| format!("\"x${{{a}}}\"")),
            inner.clone().prop_map(|a| format!("({a}).v")),
            inner.clone().prop_map(|a| format!("({a})[0]")),
            inner.clone().prop_map(|a| format!("toset({a})")),
            inner.clone().prop_map(|a| format!("jsonencode({a})")),
            inner.clone().prop_map(|a| format!("try({a}, 1)")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[for k, v in {a} : {b}]")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

proptest! {
    #![proptest_config(Config { cases: 400, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_panics_and_everything_ends(parts in prop::collection::vec(expression(), 16)) {
        let [a, b, c, count, each, v, w, rule, m, n, f, o, d, out, inner, key] = parts.as_slice() else {
            return Ok(());
        };
        let main = format!(
            "variable \"a\" {{}}\nvariable \"b\" {{\n type = object({{ v = optional(number, 3) }})\n default = {a}\n}}\n\
             locals {{\n a = {a}\n b = {b}\n c = {c}\n}}\n\
             resource \"a_x\" \"r\" {{\n v = {v}\n w = {w}\n dynamic \"rule\" {{\n for_each = {rule}\n content {{\n x = {w}\n }}\n }}\n}}\n\
             resource \"a_x\" \"c\" {{\n count = {count}\n v = {v}\n}}\n\
             resource \"a_x\" \"e\" {{\n for_each = {each}\n v = {w}\n}}\n\
             data \"d_d\" \"d\" {{\n x = {d}\n}}\n\
             data \"aws_iam_policy_document\" \"p\" {{\n source_policy_documents = {d}\n statement {{\n sid = {key}\n actions = {v}\n principals {{\n type = {b}\n identifiers = {c}\n }}\n }}\n}}\n\
             module \"m\" {{\n source = \"./m\"\n i = {m}\n}}\n\
             module \"n\" {{\n source = \"./m\"\n count = {n}\n i = {count}\n}}\n\
             module \"f\" {{\n source = \"./m\"\n for_each = {f}\n i = {key}\n}}\n\
             output \"o\" {{\n value = [{o}, data.aws_iam_policy_document.p.json]\n}}\n"
        );
        let module = format!(
            "variable \"i\" {{}}\nlocals {{\n a = {inner}\n}}\nresource \"a_x\" \"r\" {{\n v = var.i\n}}\noutput \"o\" {{\n value = {out}\n}}\n"
        );
        let files = Texts::new([("main.tf", main.as_str()), ("m/main.tf", module.as_str())]);
        let limits = Limits { steps: 100_000, bytes: 1 << 20, ..Limits::default() };
        let program = Program::new(&files);
        let evaluation = program.evaluate("", &Inputs::default(), limits).expect("there is a module");
        prop_assert!(evaluation.steps <= 100_000);
        let bodies = |evaluation: &verdikt_terraform::program::Evaluation| {
            evaluation.items.iter().map(|item| format!("{} {}", item.address, shown(&item.body))).collect::<Vec<_>>()
        };
        let again = program.evaluate("", &Inputs::default(), limits).expect("there is a module");
        prop_assert_eq!(bodies(&evaluation), bodies(&again));
    }
}
