//! Tables of texts and what they are read as; what a mistake costs; what holds for any text.

use std::fmt::Write;

use proptest::prelude::*;
use verdikt_model::FileId;

use super::ast::{Body, Expression, ExpressionKind, Item, Key, Part, SplatKind, Step};
use super::{MAX_DEPTH, parse};

/// An expression with every nesting shown.
fn shown(expression: &Expression) -> String {
    let list = |items: &[Expression]| items.iter().map(shown).collect::<Vec<_>>().join(" ");
    match &expression.kind {
        ExpressionKind::Null => "null".into(),
        ExpressionKind::Bool(value) => value.to_string(),
        ExpressionKind::Number(text) => text.to_string(),
        ExpressionKind::Template(parts) => format!("<{}>", template(parts)),
        ExpressionKind::Variable(name) => name.to_string(),
        ExpressionKind::Call { name, arguments, expand } => {
            format!("({}! {}{})", name.text, list(arguments), if *expand { "..." } else { "" })
        }
        ExpressionKind::Tuple(items) => format!("[{}]", list(items)),
        ExpressionKind::Object(items) => {
            let item = |key: &Key, value: &Expression| match key {
                Key::Name(name) => format!("{}={}", name.text, shown(value)),
                Key::Expression(key) => format!("{}:{}", shown(key), shown(value)),
            };
            format!("{{{}}}", items.iter().map(|it| item(&it.key, &it.value)).collect::<Vec<_>>().join(" "))
        }
        ExpressionKind::For(parts) => format!(
            "(for {}{} in {}: {}{}{}{})",
            parts.key_name.as_ref().map_or(String::new(), |name| format!("{},", name.text)),
            parts.value_name.text,
            shown(&parts.collection),
            parts.key.as_ref().map_or(String::new(), |key| format!("{}=>", shown(key))),
            shown(&parts.value),
            if parts.group { "..." } else { "" },
            parts.condition.as_ref().map_or(String::new(), |condition| format!(" if {}", shown(condition))),
        ),
        ExpressionKind::Traversal { of, steps } => format!("{}{}", shown(of), steps_shown(steps)),
        ExpressionKind::Operation { first, rest } => {
            let mut text = format!("({}", shown(first));
            for operation in rest {
                let _ = write!(text, " {:?} {}", operation.operator, shown(&operation.right));
            }
            text + ")"
        }
        ExpressionKind::Unary { operator, of } => format!("({operator:?} {})", shown(of)),
        ExpressionKind::Conditional { condition, yes, no } => {
            format!("({} ? {} : {})", shown(condition), shown(yes), shown(no))
        }
        ExpressionKind::Parentheses(inner) => format!("p{}", shown(inner)),
    }
}

fn steps_shown(steps: &[Step]) -> String {
    let step = |step: &Step| match step {
        Step::Attribute(name) => format!(".{}", name.text),
        Step::Index { key, .. } => format!("[{}]", shown(key)),
        Step::Splat { kind: SplatKind::Full, steps, .. } => format!("[*|{}]", steps_shown(steps)),
        Step::Splat { kind: SplatKind::Attributes, steps, .. } => format!(".*|{}|", steps_shown(steps)),
    };
    steps.iter().map(step).collect()
}

fn template(parts: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Literal { text, .. } => text.escape_debug().to_string(),
        Part::Interpolation(expression) => format!("${{{}}}", shown(expression)),
        Part::If { condition, yes, no, .. } => {
            format!("%if {}|{}|{}%", shown(condition), template(yes), template(no))
        }
        Part::For { key_name, value_name, collection, body, .. } => {
            let key = key_name.as_ref().map_or(String::new(), |name| format!("{},", name.text));
            format!("%for {key}{} in {}|{}%", value_name.text, shown(collection), template(body))
        }
    };
    parts.iter().map(part).collect()
}

/// The value of the one argument of a text.
fn value(text: &str) -> String {
    let file = parse(FileId(0), text);
    assert_eq!(file.problems, [], "{text}");
    shown(&file.body.arguments().next().expect("one argument").value)
}

#[test]
fn operators_bind_as_in_the_specification() {
    for (text, expected) in [
        ("a + b * c - d", "(a Add (b Multiply c) Subtract d)"),
        ("a * b + c", "((a Multiply b) Add c)"),
        ("a == b + c == d", "(a Equal (b Add c) Equal d)"),
        ("a || b && c == d < e + f * g", "(a Or (b And (c Equal (d Less (e Add (f Multiply g))))))"),
        ("a < b || c", "((a Less b) Or c)"),
        ("-a.b + !c[0]", "((Negate a.b) Add (Not c[0]))"),
        ("!!a", "(Not (Not a))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("(a + b) * c", "(p(a Add b) Multiply c)"),
        ("a - -1", "(a Subtract (Negate 1))"),
        // A dash belongs to the name that it stands in.
        ("a-1", "a-1"),
    ] {
        assert_eq!(value(&format!("x = {text}\n")), expected, "{text}");
    }
}

#[test]
fn terms_and_steps() {
    for (text, expected) in [
        ("a.b[0].c.0", "a.b[0].c[0]"),
        ("a[*].b[0]", "a[*|.b[0]]"),
        ("a.*.b[0]", "a.*|.b|[0]"),
        ("a.*.b.0.c", "a.*|.b[0].c|"),
        ("a[\n  b\n  .c\n]", "a[b.c]"),
        ("f(a, b...)", "(f! a b...)"),
        ("f(\n  a,\n  b,\n)", "(f! a b)"),
        ("provider::x::f()", "(provider::x::f! )"),
        ("{ a = 1, \"b\" : 2 }", "{a=1 <b>:2}"),
        ("{\n a = 1\n\n (b) = 2\n 3 = c }", "{a=1 pb:2 3:c}"),
        ("{ for k, v in m : k => v... if v }", "(for k,v in m: k=>v... if v)"),
        ("[\n for v in\n l : v\n]", "(for v in l: v)"),
        ("[true, false, null, 1.5e-3,]", "[true false null 1.5e-3]"),
    ] {
        assert_eq!(value(&format!("x = {text}\n")), expected, "{text}");
    }
}

#[test]
fn templates() {
    for (text, expected) in [
        (r#""""#, "<>"),
        (r#""a\n\t\"\\\u00e9\U0001F600""#, r#"<a\n\t\"\\é😀>"#),
        (r#""${a}""#, "<${a}>"),
        (r#""a ${b} c""#, "<a ${b} c>"),
        (r#""$${a} %%{b} $ % $5 $$${c}""#, "<${a} %{b} $ % $5 $${c}>"),
        (r#""${"${"a"}"}""#, "<${<${<a>}>}>"),
        (r#""${ {a = "}"} }""#, "<${{a=<}>}}>"),
        (r#""a  ${~ b ~}  c""#, "<a${b}c>"),
        (r#""%{ if a }b%{ else }c%{ endif }""#, "<%if a|b|c%>"),
        (r#""x %{~ for k, v in m ~} ${k} %{~ endfor ~} y""#, "<x%for k,v in m|${k}%y>"),
        ("<<E\na\n  b $${c} \\n\nE", "<a\\n  b ${c} \\\\n\\n>"),
        ("<<-E\n    a\n\n      ${b}\n    E", "<a\\n\\n  ${b}\\n>"),
        ("<<-E\n  a\n${b}\n  E", "<  a\\n${b}\\n>"),
        // What `~` strips ends with its line.
        ("<<E\n%{ if a ~}\n  b\n%{ endif ~}\nE", "<%if a|  b\\n|%>"),
        ("<<E\r\na\r\nE", "<a\\r\\n>"),
    ] {
        assert_eq!(value(&format!("x = {text}\n")), expected, "{text}");
    }
}

#[test]
fn blocks_have_labels_and_bodies() {
    let file = parse(FileId(0), "\u{feff}a \"b c\" d {\n  e {}\n  f { g = 1 }\n}\nh = 2");
    assert_eq!(file.problems, []);
    let block = file.body.blocks().next().unwrap();
    assert_eq!(block.labels.iter().map(|label| &*label.text).collect::<Vec<_>>(), ["b c", "d"]);
    assert_eq!(block.body.blocks().map(|inner| &*inner.kind.text).collect::<Vec<_>>(), ["e", "f"]);
    assert!(block.body.blocks().nth(1).unwrap().body.argument("g").is_some());
    assert!(file.body.complete && file.body.argument("h").is_some());
}

/// Names of what could be read, with `!` where a body is incomplete.
fn outline(body: &Body) -> String {
    let item = |item: &Item| match item {
        Item::Argument(argument) => argument.name.text.to_string(),
        Item::Block(block) => format!("{}{}", block.kind.text, outline(&block.body)),
    };
    let items = body.items.iter().map(item).collect::<Vec<_>>().join(" ");
    format!("({items}{})", if body.complete { "" } else { "!" })
}

#[test]
fn a_mistake_costs_what_it_is_in() {
    for (text, expected, problems) in [
        ("r {\n  a = 1\n  b = [1 2]\n  c = 3\n}\ns {}\n", "(r(a c!) s()!)", 1),
        ("r {\n  b = f(\"x\n  c = 3\n}\ns {}\n", "(r(c!) s()!)", 1),
        ("r {\n  b = {\n    x = y z\n  }\n  c = 3\n}\n", "(r(c!)!)", 1),
        ("r {\n  b = <<E\n  ${x y}\nE\n  c = 3\n}\n", "(r(c!)!)", 1),
        ("a = 1 b = 2\nc = 3\n", "(c!)", 1),
        ("a = 1\na = 2\nb = 3\n", "(a b!)", 1),
        ("r \"a\" b\ns {}\n", "(s()!)", 1),
        ("\"a\" = 1\nb = 2\n", "(b!)", 1),
        ("}\nb = 2\n", "(b!)", 1),
        ("a = 'x'\nb = 2\n", "(b!)", 1),
        // A brace is missing, and what follows is still read.
        ("resource \"a\" \"b\" {\n  c = 1\n\nresource \"d\" \"e\" {\n  f = 1\n}\n", "(resource(c!) resource(f)!)", 2),
        ("resource \"a\" \"b\" {\n  c = [1\n\nlocals {\n  f = 1\n}\n", "(resource(!) locals(f)!)", 3),
    ] {
        let file = parse(FileId(0), text);
        assert_eq!(outline(&file.body), expected, "{text}");
        assert!(file.problems.len() <= problems && !file.problems.is_empty(), "{text}: {:#?}", file.problems);
    }
}

#[test]
fn nesting_is_bounded_and_chains_are_not() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{ a = ", "}"), ("f(", ")"), ("-", ""), ("\"${", "}\""), ("x[", "]")]
    {
        for (depth, fits) in [(MAX_DEPTH / 2 - 4, true), (MAX_DEPTH + 1, false), (200_000, false)] {
            let text = format!("a = {}1{}\nb = 2\n", open.repeat(depth), close.repeat(depth));
            let file = parse(FileId(0), &text);
            assert_eq!(file.problems.is_empty(), fits, "{depth} times {open}");
            // Quotes that nest too deep cannot be told apart when they are skipped.
            assert!(open.contains('"') || file.body.argument("b").is_some(), "{depth} times {open}");
        }
    }
    for link in ["+ 1 ", ".b", "[0]", "&& c "] {
        let text = format!("a = a {}\n", link.repeat(50_000));
        assert_eq!(parse(FileId(0), &text).problems, [], "{link}");
    }
    let blocks = format!("{}{}", "b {\n".repeat(100_000), "}\n".repeat(100_000));
    assert!(!parse(FileId(0), &blocks).problems.is_empty());
}

#[test]
fn comments_are_kept_wherever_they_stand() {
    let text = "# a\nx = [ // b\n  1, /* c */ 2\n] # d\ny = {\n  # e\n}\nz = <<E\n# no comment\nE\n";
    let file = parse(FileId(0), text);
    let comments: Vec<(&str, bool)> =
        file.comments.iter().map(|comment| (&text[comment.span.range()], comment.own_line)).collect();
    assert_eq!(comments, [("# a", true), ("// b", false), ("/* c */", false), ("# d", false), ("# e", true)]);
}

/// Every expression below a body.
fn expressions<'a>(body: &'a Body, out: &mut Vec<&'a Expression>) {
    for item in &body.items {
        match item {
            Item::Argument(argument) => out.push(&argument.value),
            Item::Block(block) => expressions(&block.body, out),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: proptest::test_runner::RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Whatever the text: there is an answer, and every place in it lies in the text.
    #[test]
    fn any_text_is_read(text in "([a-c=\\[\\]{}()\"$%~,.:?!<>#/*\n \\\\1ü-]|<<E\n|\\$\\{|%\\{ if |resource \"a\" \\{\n){0,60}") {
        let file = parse(FileId(0), &text);
        prop_assert_eq!(file.body.complete, file.problems.is_empty());
        for problem in &file.problems {
            prop_assert!(problem.span.end as usize <= text.len() + 1, "{problem:?}");
            prop_assert!(text.get(problem.span.start as usize..).is_some(), "{problem:?}");
        }
        for comment in &file.comments {
            prop_assert!(text[comment.span.range()].starts_with(['#', '/']));
        }
    }

    /// The text at an expression's place is that expression.
    #[test]
    fn the_text_of_an_expression_reads_back(
        parts in proptest::collection::vec("[a-c]|1\\.5|\"x\\$\\{a\\}\"|a\\.b\\[0\\]|\\[1, a\\]|\\{ a = 1 \\}|f\\(a\\)|!a|\\(b\\)", 1..6),
        operators in proptest::collection::vec("\\+|==|&&|\\?|\\*", 5),
    ) {
        let mut text = "x = ".to_owned();
        let mut questions = 0;
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                let operator = &operators[index - 1];
                questions += usize::from(operator == "?");
                let _ = write!(text, " {operator} ");
            }
            text.push_str(part);
        }
        text.push_str(&" : c".repeat(questions));
        text.push('\n');
        let file = parse(FileId(0), &text);
        prop_assert_eq!(&file.problems, &[]);
        let mut all = Vec::new();
        expressions(&file.body, &mut all);
        for expression in all {
            let again = format!("x = {}\n", &text[expression.span.range()]);
            prop_assert_eq!(value(&again), shown(expression));
        }
    }
}
