//! Configurations that ask for too much: each ends quickly, with bounded memory, and says why.

use std::fmt::Write;
use std::time::{Duration, Instant};

use verdikt_model::{Code, Level};
use verdikt_terraform::budget::Limits;
use verdikt_terraform::program::{Evaluation, Inputs, Program};

use super::support::{Texts, messages, value};

/// Evaluates on a thread with the stack that worker threads have.
fn evaluate(files: &[(&str, &str)]) -> (Evaluation, Vec<String>, Duration) {
    let texts = Texts::new(files.iter().copied());
    std::thread::scope(|scope| {
        let work = || {
            let start = Instant::now();
            let evaluation =
                Program::new(&texts).evaluate("", &Inputs::default(), Limits::default()).expect("there is a module");
            let messages = messages(&texts, &evaluation);
            (evaluation, messages, start.elapsed())
        };
        std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn_scoped(scope, work)
            .expect("a thread starts")
            .join()
            .expect("it does not panic")
    })
}

/// That a limit was told, and as an error.
fn limited(files: &[(&str, &str)], said: &str) {
    let (evaluation, messages, took) = evaluate(files);
    assert!(evaluation.diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Error), "{messages:?}");
    assert!(messages.iter().any(|message| message.contains(said)), "{said}: {messages:?}");
    // Far more than it takes: a test build on a busy machine.
    assert!(took < Duration::from_secs(60), "{said}: {took:?}");
}

#[test]
fn a_loop_over_a_hundred_million_elements() {
    let nested = "locals {\n l = [for i in range(1000) : i]\n a = [for i in local.l : [for j in local.l : [for k in local.l : k]]]\n}";
    limited(&[("a.tf", nested)], "more than");
}

#[test]
fn locals_that_double() {
    let mut text = String::from("locals {\n l0 = [\"x\", \"y\"]\n t0 = \"ten bytes \"\n");
    for level in 1..60 {
        let before = level - 1;
        writeln!(
            text,
            " l{level} = [local.l{before}, local.l{before}]\n t{level} = \"${{local.t{before}}}${{local.t{before}}}\""
        )
        .expect("writing to a string works");
    }
    text.push_str("}\nresource \"a\" \"b\" {\n l = local.l59\n t = local.t59\n}");
    limited(&[("a.tf", &text)], "");
}

#[test]
fn modules_that_call_themselves() {
    let (evaluation, said, _) =
        evaluate(&[("a.tf", "module \"a\" {\n source = \"./.\"\n}\nlocals { x = module.a.x }")]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("calls itself"), "{said:?}");
    assert_eq!(evaluation.unread.len(), 1);
    let (evaluation, said, _) = evaluate(&[
        ("a.tf", "module \"a\" {\n source = \"./b\"\n}"),
        ("b/b.tf", "module \"c\" {\n source = \"../c\"\n}"),
        ("c/c.tf", "module \"b\" {\n source = \"../b\"\n}"),
    ]);
    assert_eq!((said.len(), evaluation.modules.len()), (1, 3), "{said:?}");
}

#[test]
fn modules_that_multiply() {
    let names: Vec<String> = (0..40).map(|level| format!("m{level}/main.tf")).collect();
    let texts: Vec<String> = (0..40)
        .map(|level| {
            let next = level + 1;
            format!("module \"a\" {{\n source = \"../m{next}\"\n}}\nmodule \"b\" {{\n source = \"../m{next}\"\n}}")
        })
        .collect();
    let mut files: Vec<(&str, &str)> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("m40/main.tf", "locals { x = 1 }"));
    files.push(("main.tf", "module \"a\" {\n source = \"./m0\"\n}"));
    limited(&files, "module instances");
    let deep: Vec<(String, String)> = (0..200)
        .map(|level| (format!("d{level}/main.tf"), format!("module \"a\" {{\n source = \"../d{}\"\n}}", level + 1)))
        .collect();
    let mut files: Vec<(&str, &str)> = deep.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    files.push(("d200/main.tf", "locals { x = 1 }"));
    files.push(("main.tf", "module \"a\" {\n source = \"./d0\"\n}"));
    limited(&files, "levels deep");
}

#[test]
fn more_instances_than_anybody_has() {
    limited(&[("a.tf", "resource \"a\" \"b\" {\n count = 1000000000\n x = count.index\n}")], "instances");
    let many = "locals {\n l = range(1000)\n m = flatten([for i in local.l : [for j in range(20) : i * 20 + j]])\n}";
    limited(
        &[("a.tf", many), ("b.tf", "resource \"a\" \"b\" {\n for_each = { for i in local.m : \"k${i}\" => i }\n}")],
        "instances",
    );
    let blocks = "resource \"a\" \"b\" {\n dynamic \"c\" {\n  for_each = local.m\n  content {\n x = c.value\n }\n }\n}";
    limited(&[("a.tf", many), ("b.tf", blocks)], "blocks");
    let nested = "module \"a\" {\n source = \"./m\"\n count = 5000\n}";
    let inner = "resource \"a\" \"b\" {\n count = 5000\n x = count.index\n}";
    limited(&[("a.tf", nested), ("m/m.tf", inner)], "");
}

#[test]
fn long_chains_cost_no_stack() {
    let mut text = String::from("locals {\n l0 = 1\n");
    for level in 1..20_000 {
        writeln!(text, " l{level} = local.l{}", level - 1).expect("writing to a string works");
    }
    text.push('}');
    let (evaluation, said, took) = evaluate(&[("a.tf", &text)]);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!(value(&evaluation, "local.l19999"), "1");
    assert!(took < Duration::from_secs(60), "{took:?}");
    // The same, backwards, and in a circle.
    let mut text = String::from("locals {\n");
    for level in 0..20_000 {
        writeln!(text, " l{level} = local.l{}", (level + 1) % 20_000).expect("writing to a string works");
    }
    text.push('}');
    let (evaluation, said, _) = evaluate(&[("a.tf", &text)]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(evaluation.diagnostics[0].code, Code::TerraformCycle);
}

#[test]
fn deep_nesting() {
    let forms = [
        ("[", "1", "]"),
        ("(", "1", ")"),
        ("{ a = ", "1", "}"),
        ("{ for k, v in ", "[]", " : k => v }"),
        ("\"${", "1", "}\""),
    ];
    for (open, inner, close) in forms {
        for levels in [60, 120, 100_000] {
            let text = format!("locals {{\n a = {}{inner}{}\n}}", open.repeat(levels), close.repeat(levels));
            let (_, said, _) = evaluate(&[("a.tf", &text)]);
            assert_eq!(!said.is_empty(), levels > 120, "{open} {levels}: {said:?}");
        }
    }
    let mut blocks = "a {\n".repeat(110);
    blocks.push_str(&"}\n".repeat(110));
    let (_, said, _) = evaluate(&[("a.tf", &format!("resource \"x\" \"y\" {{\n{blocks}}}"))]);
    assert_eq!(said, Vec::<String>::new());
    let dynamic = "dynamic \"a\" {\n for_each = [1, 2]\n content {\n";
    let text = format!("resource \"x\" \"y\" {{\n{}{}}}", dynamic.repeat(40), "}\n}\n".repeat(40));
    limited(&[("a.tf", &text)], "");
}

#[test]
fn files_outside_are_not_read() {
    for path in ["/etc/passwd", "../../../etc/passwd", "~/.ssh/id_rsa"] {
        let (evaluation, said, _) = evaluate(&[("a.tf", &format!("locals {{\n a = file(\"{path}\")\n}}"))]);
        // Terraform would read it: that is no mistake, but a value that is not known here.
        assert_eq!(said, Vec::<String>::new());
        assert!(value(&evaluation, "local.a").starts_with('?'));
    }
}

/// Each is evaluated beside lists of tens of thousands of elements and texts of a million characters.
const COSTLY: &[&str] = &[
    // Sizes that are asked for by a number.
    r#"format("%1000000000d", 1)"#,
    r#"format("%.1000000000f", 1)"#,
    r#"format("%[999999999]d", 1)"#,
    r#"formatlist("%500000s", local.texts)"#,
    r#"indent(1000000000, "a\nb")"#,
    r#"pow(10, 1e9)"#,
    r#"pow(2, 1e18)"#,
    r#"pow(0.5, 1e18)"#,
    r#"1e999999999"#,
    r#"[for text in local.texts : 1e300000]"#,
    r#"tonumber(local.nines)"#,
    r#"tonumber("1e${local.nines}")"#,
    r#"parseint(local.nines, 10)"#,
    r#"cidrsubnet("::/0", 128, pow(2, 127))"#,
    r#"cidrsubnets("::/0", [for text in local.texts : 64]...)"#,
    r#"timeadd("2020-01-01T00:00:00Z", "${local.nines}h")"#,
    r#"formatdate(replace(local.letters, "a", "YYYY"), "2020-01-01T00:00:00Z")"#,
    // Products.
    r#"setproduct(local.texts, local.texts)"#,
    r#"replace(local.letters, "a", local.letters)"#,
    r#"replace(local.letters, "/a/", local.thousand)"#,
    r#"[for text in local.texts : merge({ for text in local.texts : text => text })]"#,
    r#"setunion(toset(local.texts), [for i in range(1000) : toset(local.texts)]...)"#,
    r#"merge([for i in range(1000) : { for text in local.texts : text => text }]...)"#,
    r#"concat([for i in range(1000) : local.texts]...)"#,
    r#"[for text in local.texts : index(local.texts, text)]"#,
    r#"[for i in range(1000) : substr(local.letters, i, 1)]"#,
    r#"[for i in range(1000) : sha512(local.letters)]"#,
    r#""%{ for a in local.texts }%{ for b in local.texts }x%{ endfor }%{ endfor }""#,
    // Patterns.
    r#"regexall("(a+)+b", local.letters)"#,
    r#"regexall("(.*)(.*)(.*)(.*)(.*)x", local.letters)"#,
    r#"regex("((a{1,1000}){1,1000}){1,1000}", "a")"#,
    r#"fileset(".", "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")"#,
    // Texts that are read.
    r#"jsondecode(replace(local.letters, "a", "["))"#,
    r#"yamldecode(replace(local.letters, "a", "["))"#,
    r#"yamldecode(replace(local.letters, "a", "- "))"#,
    r#"yamldecode(replace(local.letters, "a", "{a: "))"#,
    r#"yamldecode("a: &a ${jsonencode(local.texts)}\n${join("\n", [for i in range(1000) : "k${i}: *a"])}")"#,
    // Texts with lines that are not known.
    r#"yamldecode("%{ for text in local.texts }${var.unknown}\n%{ endfor }")"#,
    r#"yamldecode("%{ for text in local.texts }\n${text}: ${var.unknown}%{ endfor }")"#,
    r#"yamldecode("%{ for text in local.texts }%{ if var.unknown }\n${text}: 1%{ endif }%{ endfor }")"#,
    r#"jsondecode("[%{ for text in local.texts }${var.unknown},%{ endfor }1]")"#,
    r#"yamldecode("%{ for a in var.unknown }%{ for b in var.unknown }%{ for c in var.unknown }%{ for d in var.unknown }%{ for e in var.unknown }\n- a: ${a}%{ endfor }%{ endfor }%{ endfor }%{ endfor }%{ endfor }")"#,
    r#"[for i in range(100) : merge({ for text in local.texts : text => text }, var.unknown)]"#,
    r#"merge([for text in local.texts : var.unknown ? { (text) = 1 } : {}]...)"#,
];

#[test]
fn what_costs_much_ends_quickly() {
    let locals = "variable \"unknown\" {}\nlocals {\n thousand = join(\"\", [for i in range(1000) : \"a\"])\n \
                  letters = replace(local.thousand, \"a\", local.thousand)\n nines = replace(local.letters, \"a\", \"9\")\n \
                  texts = [for pair in setproduct(range(150), range(150)) : \"${pair[0]}-${pair[1]}\"]\n}\n";
    for expression in COSTLY {
        let text = format!("{locals}resource \"a\" \"b\" {{\n c = {expression}\n}}");
        let (evaluation, said, took) = evaluate(&[("a.tf", &text)]);
        assert!(evaluation.items.iter().any(|item| item.address == "a.b"), "{expression}");
        // Nobody reads a message that quotes a million digits.
        assert!(said.iter().all(|message| message.len() < 3000), "{expression}");
        // A test build, which computes ten times slower, on a busy machine.
        assert!(took < Duration::from_secs(30), "{expression}: {took:?}");
    }
}
