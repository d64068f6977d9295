//! Rules that look at the whole set.

use std::time::{Duration, Instant};

use verdikt_model::Scope;
use verdikt_runtime::Limits;

use crate::guest::{Finding, Guest, I, T, fail};
use crate::set::{Question, Set, faults, load, runtime, stated};

const STATE: &str = "(call $state (i32.const 0) (local.get $rule) (local.get $id))";

fn guest(judge: &str) -> Guest {
    Guest::new(&I).looks_around().finding(fail()).judge(judge)
}

fn question(count: u32) -> Question<'static> {
    Question { scope: Scope::Inventory, rules: vec!["I-5"], ..Question::about(count) }
}

/// States something when the length of an option or list, left at 64 by an import, is as wanted.
fn when(call: &str, offset: u32, wanted: u32) -> String {
    format!(
        "{call} (if (i32.eq (i32.load8_u offset={offset} (i32.const 64)) (i32.const {wanted})) (then {STATE})
            (else unreachable))"
    )
}

#[test]
fn the_set_can_be_asked() {
    let get = |document: &str| {
        format!("(call $get {document} (global.get $text0) (global.get $text0_length) (i32.const 64))")
    };
    let own = get("(local.get $id)");
    let body = r#"{"list":[true],"text":"x","nothing":null,"later":{"$unknown":"why"}}"#;
    // `*` is text 0 in these.
    let find = |platform: &str| {
        format!(
            "(call $find {platform} (global.get $text0) (i32.const 1)
                (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1) (global.get $text1) (global.get $text1_length)
                (i32.const 0) (i32.const 0) (i32.const 64))"
        )
    };
    let everywhere = find("(global.get $text0) (i32.const 1)");
    let cases: &[(&str, &[&str], String)] = &[
        ("the whole body", &[""], when(&own, 8, body.len() as u32)),
        ("a node", &["/list"], when(&own, 8, 6)),
        ("an absent node", &["/none/0"], when(&own, 0, 0)),
        ("an index out of range", &["/list/7"], when(&own, 0, 0)),
        ("a step into a scalar", &["/text/a"], when(&own, 0, 0)),
        ("below null", &["/nothing/a"], when(&own, 0, 0)),
        ("below an unknown value, which is unknown", &["/later/a/0"], when(&own, 8, 18)),
        ("a document that is not in the set", &[""], when(&get("(i32.const 99)"), 0, 0)),
        ("documents by name", &["*", "doc-1"], when(&everywhere, 4, 1)),
        ("no document by that name", &["*", "doc-7"], when(&everywhere, 4, 0)),
        ("references", &[], when("(call $references (i32.const 0) (i32.const 64))", 4, 1)),
        ("references of the last", &[], when("(call $references (i32.const 1) (i32.const 64))", 4, 0)),
        ("referrers", &[], when("(call $referrers (i32.const 1) (i32.const 64))", 4, 1)),
        ("referrers of none", &[], when("(call $referrers (i32.const 99) (i32.const 64))", 4, 0)),
    ];
    let runtime = runtime(Limits::default());
    for (name, texts, judge) in cases {
        let guest = texts.iter().fold(guest(judge), |guest, text| guest.text(*text));
        let evaluation = question(2).ask(&load(&runtime, &guest));
        assert_eq!(faults(&evaluation), [], "{name}");
        assert_eq!(stated(&evaluation), [(0, 0), (0, 1)], "{name}");
    }
    // What is no question gets no answer that could be taken for "there is nothing".
    let cases: &[(&str, &[&str], String)] = &[
        ("platform `azure`", &["*", "azure"], find("(global.get $text1) (global.get $text1_length)")),
        ("`list` is not an RFC 6901 pointer", &["list"], own.clone()),
    ];
    for (words, texts, judge) in cases {
        let guest = texts.iter().fold(guest(judge), |guest, text| guest.text(*text));
        let evaluation = Question { documents: vec![0], ..question(2) }.ask(&load(&runtime, &guest));
        assert_eq!(faults(&evaluation), [("host-call", vec![0], vec![0])], "{words}");
        let text = evaluation.faults[0].fault.to_string();
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn bodies_are_not_in_the_request() {
    let length = "(i32.load offset=60 (i32.add (local.get $documents) (i32.mul (local.get $document) (i32.const 64))))";
    let runtime = runtime(Limits::default());
    let judge = format!("(if {length} (then unreachable)) {STATE}");
    assert_eq!(faults(&question(3).ask(&load(&runtime, &guest(&judge)))), []);
    let document_rule = Guest::new(&T).judge(&format!("(if (i32.eqz {length}) (then unreachable))"));
    assert_eq!(faults(&Question::about(3).ask(&load(&runtime, &document_rule))), []);
}

#[test]
fn silence_is_a_fault_of_exactly_that_pair() {
    let judge = format!(
        "(if (i32.or (i32.ne (local.get $digit) (i32.const 6)) (i32.ne (local.get $id) (i32.const 40))) (then {STATE}))"
    );
    let runtime = runtime(Limits::default());
    let asked = Question { rules: vec!["I-5", "I-6"], ..question(64) };
    let evaluation = asked.ask(&load(&runtime, &guest(&judge)));
    assert_eq!(faults(&evaluation), [("invalid-output", vec![1], vec![40])]);
    let text = evaluation.faults[0].fault.to_string();
    assert!(text.contains("rule I-6 on shop/Deployment/doc-40"), "{text}");
    assert_eq!(evaluation.findings.len(), 127);
    // A rule that never says anything: all its pairs, at one fault and one call.
    let silent = format!("(if (i32.ne (local.get $digit) (i32.const 6)) (then {STATE}))");
    let evaluation = Question { budget: 20, ..asked }.ask(&load(&runtime, &guest(&silent)));
    assert_eq!(evaluation.faults.len(), 64);
    assert_eq!((evaluation.fault_count, evaluation.findings.len()), (1, 64));
}

#[test]
fn a_pass_has_to_be_said() {
    let runtime = runtime(Limits::default());
    let pass = Finding { status: 1, message: Vec::new(), ..fail() };
    let guest = Guest::new(&I).finding(pass).judge(STATE);
    let evaluation = question(3).ask(&load(&runtime, &guest));
    assert_eq!(stated(&evaluation), [(0, 0), (0, 1), (0, 2)]);
    assert_eq!(faults(&evaluation), []);
}

#[test]
fn subjects_without_a_document_are_reported_once() {
    // One document is at fault, so the request is halved, and each half names the same namespace.
    let subject = Finding { pointer: None, subject: b"namespace shop".to_vec(), ..fail() };
    let guest = guest(&format!("(if (i32.eq (local.get $id) (i32.const 5)) (then unreachable)) {STATE}"))
        .finding(subject)
        .evaluate_after("(call $state (i32.const 1) (i32.const 0) (i32.const 0))");
    let runtime = runtime(Limits::default());
    let evaluation = question(8).ask(&load(&runtime, &guest));
    assert_eq!(faults(&evaluation), [("abort", vec![0], vec![5])]);
    let expected = [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (0, 6), (0, 7), (0, u32::MAX)];
    assert_eq!(stated(&evaluation), expected);
    assert_eq!(evaluation.findings[7].subject, "namespace shop");
    let nameless = Finding { pointer: None, ..fail() };
    let guest = Guest::new(&I).finding(nameless).judge(STATE);
    let evaluation = question(1).ask(&load(&runtime, &guest));
    assert!(evaluation.faults[0].fault.to_string().contains("neither a document nor a subject"));
}

#[test]
fn a_large_set_gets_more_time() {
    let time = Duration::from_millis(20);
    let runtime = runtime(Limits { time, ..Limits::default() });
    let pack = load(&runtime, &guest("(loop $ever (br $ever))"));
    for (count, least) in [(1, time), (20_480, time * 21)] {
        let asked = Question { set: Set::of(count), documents: vec![0], ..question(1) };
        let start = Instant::now();
        let evaluation = asked.ask(&pack);
        assert!(start.elapsed() >= least, "{count} documents: {:?}", start.elapsed());
        assert_eq!(faults(&evaluation), [("deadline", vec![0], vec![0])]);
    }
}
