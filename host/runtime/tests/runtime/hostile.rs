//! Guests that misbehave while they judge: each becomes the right fault, and never a pass.

use std::time::Duration;

use verdikt_model::Fault;
use verdikt_runtime::Limits;

use crate::guest::{At, Finding, Guest, T, fail};
use crate::set::{Question, faults, load, runtime, stated};

fn limits() -> Limits {
    Limits { memory: 8 << 20, hostcall_bytes: 4 << 20, ..Limits::default() }
}

fn guest() -> Guest {
    Guest::new(&T)
}

/// A guest that states this about each document.
fn states(finding: Finding) -> Guest {
    guest().finding(finding).judge("(call $state (i32.const 0) (local.get $rule) (local.get $id))")
}

#[test]
fn every_misdeed_is_a_fault_of_its_own_kind() {
    let loop_for_ever = "(loop $ever (br $ever)) unreachable";
    let big = |length: u32| fail().message_with(At(700 << 10, length));
    let cases: Vec<(&str, Guest, &str, &str)> = vec![
        ("loops for ever", guest().evaluate(loop_for_ever), "deadline", "0.1 s"),
        ("panics", guest().evaluate("unreachable"), "abort", "panicked"),
        (
            "panics with a message",
            guest()
                .logs()
                .text("panicked at src/lib.rs:7\n\u{1b}[2J")
                .evaluate("(call $log (i32.const 0) (global.get $text0) (global.get $text0_length)) unreachable"),
            "abort",
            "after it logged: panicked at src/lib.rs:7 \\u{1b}[2J",
        ),
        (
            "grows its memory for ever",
            guest().evaluate("(loop $ever (drop (memory.grow (i32.const 1))) (br $ever)) unreachable"),
            "memory",
            "the limit is 8192 KiB",
        ),
        (
            "swallows that it got no memory",
            guest().evaluate("(drop (memory.grow (i32.const 1000))) (call $answer (i32.const 0) (i32.const 0))"),
            "memory",
            "",
        ),
        (
            "grows a memory past its own maximum and swallows that",
            guest()
                .with("(memory $small 1 2)")
                .evaluate("(drop (memory.grow $small (i32.const 2))) (call $answer (i32.const 0) (i32.const 0))"),
            "trap",
            "smaller maximum",
        ),
        (
            "grows a table for ever",
            guest().with("(table $t 1 funcref)").evaluate(
                "(loop $ever (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $ever)) unreachable",
            ),
            "trap",
            "tables of",
        ),
        (
            "recurses for ever",
            guest()
                .with("(func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))")
                .evaluate("(call $deep (i32.const 0))"),
            "stack",
            "",
        ),
        ("reads past its memory", guest().evaluate("(i32.load (i32.const -4))"), "out-of-bounds", ""),
        (
            "divides by zero",
            guest().evaluate("(i32.div_u (i32.const 1) (local.get $rule))"),
            "trap",
            "integer divide by zero",
        ),
        ("writes invalid UTF-8", states(Finding { message: vec![0xff, 0xfe], ..fail() }), "invalid-output", "utf-8"),
        ("points out of its memory", states(big(u32::MAX)), "invalid-output", "out of bounds"),
        ("returns a result out of its memory", guest().evaluate("(i32.const -4)"), "invalid-output", ""),
        ("says too much at once", states(big(70_000)), "invalid-output", "70000 bytes, the limit is 65536"),
        ("says far too much at once", states(big(6 << 20)).pages(110), "invalid-output", "fuel"),
        (
            "has 300,000 findings",
            guest().evaluate(
                "(memory.fill (i32.const 1024) (i32.const 0) (i32.const 500000))
                 (call $answer (i32.const 1024) (i32.const 300000))",
            ),
            "invalid-output",
            "",
        ),
        (
            "has 4,000 findings where 1,000 are allowed",
            guest().pages(20).evaluate(
                "(memory.fill (i32.const 1024) (i32.const 0) (i32.const 500000))
                 (call $answer (i32.const 1024) (i32.const 4000))",
            ),
            "invalid-output",
            "it has 4000 findings, the limit is 1000",
        ),
        (
            "floods the log",
            guest()
                .logs()
                .evaluate("(loop $ever (call $log (i32.const 4) (i32.const 0) (i32.const 5)) (br $ever)) unreachable"),
            "log",
            "1000 lines",
        ),
        (
            "logs a line out of its memory",
            guest().logs().evaluate("(call $log (i32.const 4) (i32.const -9) (i32.const 99)) unreachable"),
            "host-call",
            "",
        ),
        (
            "logs more than it may move at once",
            guest()
                .logs()
                .pages(110)
                .evaluate("(call $log (i32.const 4) (i32.const 0) (i32.const 6000000)) unreachable"),
            "host-call",
            "",
        ),
        (
            "names a rule that it was not asked for",
            guest().finding(fail()).judge("(call $state (i32.const 0) (i32.const 7) (local.get $id))"),
            "invalid-output",
            "rule number 7 of a request with 1 rule",
        ),
        (
            "names a document that it was not given",
            guest().finding(fail()).judge("(call $state (i32.const 0) (local.get $rule) (i32.const 1))"),
            "invalid-output",
            "rule T-1 names document 1, which is not among those",
        ),
        (
            "names a document that does not exist",
            guest().finding(fail()).judge("(call $state (i32.const 0) (local.get $rule) (i32.const -1))"),
            "invalid-output",
            "document 4294967295",
        ),
        ("names an index out of range", states(fail().pointer("/list/1")), "invalid-output", "list of 1"),
        (
            "steps into a scalar",
            states(fail().pointer("/text/x")),
            "invalid-output",
            "rule T-1 on shop/Deployment/doc-0: pointer `/text/x` steps into a scalar",
        ),
        ("has no pointer at all", states(fail().pointer("list")), "invalid-output", "RFC 6901"),
        (
            "says nothing of a document",
            states(Finding { pointer: None, subject: b"namespace shop".to_vec(), ..fail() }),
            "invalid-output",
            "must name the document",
        ),
        ("has no message", states(Finding { message: Vec::new(), ..fail() }), "invalid-output", "no message"),
        ("has 300 arguments", states(Finding { arguments: 300, ..fail() }), "invalid-output", "`arguments` has 300"),
        (
            "names a control without a framework",
            states(Finding { controls: vec!["a:1", "1.2"], ..fail() }),
            "invalid-output",
            "control `1.2`",
        ),
        (
            "relates to a document that does not exist",
            states(Finding { related: Some((9, "")), ..fail() }),
            "invalid-output",
            "a related place names document 9",
        ),
        (
            "relates to a place that cannot be",
            states(Finding { related: Some((1, "/text/x")), ..fail() }),
            "invalid-output",
            "a related place: pointer",
        ),
        (
            "fixes without a value",
            states(Finding { edit: Some((0, "/a", None)), ..fail() }),
            "invalid-output",
            "need a value",
        ),
        (
            "fixes with what is no JSON",
            states(Finding { edit: Some((2, "/a", Some("{"))), ..fail() }),
            "invalid-output",
            "is not JSON",
        ),
        (
            "removes with a value",
            states(Finding { edit: Some((1, "/a", Some("1"))), ..fail() }),
            "invalid-output",
            "takes no value",
        ),
        ("has a status that does not exist", states(Finding { status: 7, ..fail() }), "invalid-output", ""),
        ("has a severity that does not exist", states(Finding { severity: Some(9), ..fail() }), "invalid-output", ""),
        (
            "refuses",
            guest().text("no such setting").evaluate("(call $refuse (global.get $text0) (global.get $text0_length))"),
            "refused",
            "no such setting",
        ),
    ];
    let patient = runtime(Limits { findings: 1_000, ..limits() });
    let hasty = runtime(Limits { time: Duration::from_millis(50), ..limits() });
    for (name, guest, code, words) in cases {
        let pack = load(if code == "deadline" { &hasty } else { &patient }, &guest);
        let question = Question { documents: vec![0], ..Question::about(2) };
        let evaluation = question.ask(&pack);
        assert_eq!(faults(&evaluation), [(code, vec![0], vec![0])], "a guest that {name}");
        let text = evaluation.faults[0].fault.to_string();
        assert!(text.contains(words), "a guest that {name}: {words:?} in {text:?}");
        assert!(evaluation.findings.is_empty(), "a guest that {name} has findings");
        assert!(evaluation.unjudged.is_empty(), "a guest that {name}");
        assert_eq!(evaluation.fault_count, 1, "a guest that {name}");
    }
}

#[test]
fn a_document_rule_that_asks_for_the_set_is_at_fault() {
    let runtime = runtime(limits());
    for call in [
        "(call $get (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))",
        "(call $references (i32.const 0) (i32.const 64))",
        "(call $referrers (i32.const 0) (i32.const 64))",
        "(call $find (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
            (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 64))",
    ] {
        let pack = load(&runtime, &guest().looks_around().judge(call));
        let evaluation = Question::about(1).ask(&pack);
        assert_eq!(evaluation.faults[0].fault, Fault::InventoryFromDocumentRule, "{call}");
    }
}

#[test]
fn a_guest_that_cannot_be_started_is_settled_in_one_call() {
    // It describes itself with little memory and is then held to less.
    let wasm = guest().module();
    let compiled = verdikt_runtime::precompile(&wasm).unwrap();
    let runtime = runtime(Limits { memory: 1 << 20, ..limits() });
    let precompiled =
        verdikt_runtime::Precompiled { artifact: compiled.artifact.leak(), description: compiled.description.leak() };
    let source = verdikt_runtime::PackSource { name: "big".into(), wasm: wasm.into(), precompiled: Some(precompiled) };
    let pack = runtime.load(source).unwrap();
    let evaluation = Question { rules: vec!["T-1", "T-2"], ..Question::about(64) }.ask(&pack);
    assert_eq!(evaluation.faults[0].fault, Fault::Memory { wanted: 2 << 20, limit: 1 << 20 });
    assert_eq!(faults(&evaluation), [("memory", vec![0, 1], (0..64).collect())]);
    assert_eq!(evaluation.fault_count, 1);
}

#[test]
fn a_store_is_never_used_twice() {
    // A guest that answers well once in its life, and keeps what it needs to know in a global.
    let guest = guest()
        .with("(global $asked (mut i32) (i32.const 0))")
        .finding(fail())
        .judge(
            "(if (global.get $asked) (then unreachable))
             (call $state (i32.const 0) (local.get $rule) (local.get $id))",
        )
        .evaluate_after("(global.set $asked (i32.const 1))");
    let runtime = runtime(limits());
    let pack = load(&runtime, &guest);
    for _ in 0..3 {
        assert_eq!(stated(&Question::about(1).ask(&pack)), [(0, 0)]);
    }
}

#[test]
fn a_slow_guest_within_its_time_is_no_fault() {
    let work = "(local.set $a (i32.const 10000000))
        (loop $more
            (local.set $a (i32.sub (local.get $a) (i32.const 1)))
            (br_if $more (local.get $a)))
        (call $answer (i32.const 0) (i32.const 0))";
    let runtime = runtime(Limits { time: Duration::from_secs(20), ..limits() });
    let evaluation = Question::about(1).ask(&load(&runtime, &guest().evaluate(work)));
    assert_eq!(faults(&evaluation), []);
}
