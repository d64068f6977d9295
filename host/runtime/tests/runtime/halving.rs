//! Finding who is at fault: exactly those, at a bounded number of calls, with the others' results
//! kept.

use std::time::Duration;

use verdikt_model::{DocumentId, Edit, Fix, Operation, Place, Pointer, Related, Scope, Severity, Status};
use verdikt_runtime::{Evaluation, Limits, RulePack};

use crate::guest::{Finding, Guest, T, fail};
use crate::set::{Question, faults, load, runtime, stated};

const STATE: &str = "(call $state (i32.const 0) (local.get $rule) (local.get $id))";

/// A guest whose rules fail on every document with an even id, and that also does `code`.
fn guest(code: &str) -> Guest {
    let judge = format!("{code} (if (i32.eqz (i32.rem_u (local.get $id) (i32.const 2))) (then {STATE}))");
    Guest::new(&T).finding(fail()).judge(&judge)
}

/// Rules and documents without a fault, of those that fail.
fn expected(rules: usize, documents: u32, at_fault: &dyn Fn(usize, u32) -> bool) -> Vec<(usize, u32)> {
    (0..documents)
        .filter(|id| id % 2 == 0)
        .flat_map(|id| (0..rules).map(move |rule| (rule, id)))
        .filter(|(rule, id)| !at_fault(*rule, *id))
        .collect()
}

#[test]
fn a_good_pack_passes_and_fails() {
    let runtime = runtime(Limits::default());
    let evaluation = Question::about(5).ask(&load(&runtime, &guest("")));
    assert_eq!(stated(&evaluation), [(0, 0), (0, 2), (0, 4)]);
    assert_eq!(evaluation.findings[0].status, Status::Fail);
    assert_eq!(evaluation.findings[0].message, "it fails");
    assert_eq!((evaluation.faults.len(), evaluation.unjudged.len(), evaluation.fault_count), (0, 0, 0));
}

#[test]
fn everything_in_a_finding_comes_through() {
    let finding = Finding {
        status: 2,
        reason: b"a variable".to_vec(),
        pointer: Some(b"/later/deep".to_vec()),
        subject: b"subject".to_vec(),
        message: "Größe".as_bytes().to_vec(),
        arguments: 2,
        controls: vec!["frame:1"],
        related: Some((1, "/list/0")),
        edit: Some((2, "/nothing", Some("[1]"))),
        severity: Some(4),
        code: Some("code"),
        sensitive: true,
        message_at: None,
    };
    let runtime = runtime(Limits::default());
    let pack = load(&runtime, &Guest::new(&T).finding(finding).judge(STATE));
    let evaluation = Question { documents: vec![0], ..Question::about(2) }.ask(&pack);
    let place = |document, pointer| Place { document: DocumentId(document), pointer: Pointer::parse(pointer).unwrap() };
    let argument = || ("name".to_owned(), "value".to_owned());
    let expected = verdikt_model::Finding {
        rule: 0,
        status: Status::Unknown("a variable".into()),
        at: Some(place(0, "/later/deep")),
        subject: "subject".into(),
        message: "Größe".into(),
        code: Some("code".into()),
        arguments: vec![argument(), argument()],
        severity: Some(Severity::Critical),
        sensitive: true,
        controls: vec!["frame:1".into()],
        related: vec![Related { at: place(1, "/list/0"), note: "note".into() }],
        fix: Some(Fix {
            title: "fix it".into(),
            safe: true,
            edits: vec![Edit {
                operation: Operation::Replace,
                pointer: Pointer::parse("/nothing").unwrap(),
                value: Some("[1]".into()),
            }],
        }),
        extra: Vec::new(),
    };
    assert_eq!(evaluation.findings, [expected]);
}

#[test]
fn one_document_among_many_is_found() {
    let runtime = runtime(Limits::default());
    for bad in [0, 1, 31, 32, 62, 63] {
        let pack =
            load(&runtime, &guest(&format!("(if (i32.eq (local.get $id) (i32.const {bad})) (then unreachable))")));
        let evaluation = Question::about(64).ask(&pack);
        assert_eq!(faults(&evaluation), [("abort", vec![0], vec![bad])]);
        assert_eq!(stated(&evaluation), expected(1, 64, &|_, id| id == bad));
        assert_eq!(evaluation.fault_count, 1);
    }
}

#[test]
fn one_rule_on_one_document_is_found() {
    let code = "(if (i32.and (i32.eq (local.get $id) (i32.const 10)) (i32.eq (local.get $digit) (i32.const 3)))
        (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))";
    let runtime = runtime(Limits::default());
    let question = Question { rules: vec!["T-1", "T-2", "T-3", "T-4"], ..Question::about(64) };
    let evaluation = question.ask(&load(&runtime, &guest(code)));
    assert_eq!(faults(&evaluation), [("trap", vec![2], vec![10])]);
    assert_eq!(stated(&evaluation), expected(4, 64, &|rule, id| rule == 2 && id == 10));
    assert_eq!(evaluation.fault_count, 1);
}

#[test]
fn a_rule_that_always_traps_costs_the_others_nothing() {
    let code = "(if (i32.eq (local.get $digit) (i32.const 2)) (then unreachable))";
    let runtime = runtime(Limits::default());
    let question = Question { rules: vec!["T-1", "T-2", "T-3"], budget: 20, ..Question::about(64) };
    let evaluation = question.ask(&load(&runtime, &guest(code)));
    assert_eq!(stated(&evaluation), expected(3, 64, &|rule, _| rule == 1));
    assert_eq!(evaluation.fault_count, 20);
    // What was left when the budget was used up is that rule's alone, and nothing of it is lost.
    assert!(evaluation.unjudged.iter().all(|(rules, _)| *rules == [1]), "{:?}", evaluation.unjudged);
    assert_eq!(pairs(&evaluation), (0..64).map(|id| (1, id)).collect::<Vec<_>>());
}

/// All pairs that are at fault or unjudged.
fn pairs(evaluation: &Evaluation) -> Vec<(usize, u32)> {
    let at_fault = evaluation.faults.iter().map(|fault| (&fault.rules, &fault.documents));
    let unjudged = evaluation.unjudged.iter().map(|(rules, documents)| (rules, documents));
    let mut pairs: Vec<(usize, u32)> = at_fault
        .chain(unjudged)
        .flat_map(|(rules, documents)| rules.iter().flat_map(|rule| documents.iter().map(|id| (*rule, id.0))))
        .collect();
    pairs.sort_unstable();
    pairs
}

#[test]
fn a_document_on_which_every_rule_traps_is_one_fault_to_the_budget() {
    let runtime = runtime(Limits::default());
    let question = Question { rules: vec!["T-1", "T-2", "T-3"], ..Question::about(8) };
    let pack = load(&runtime, &guest("(if (i32.eq (local.get $id) (i32.const 5)) (then unreachable))"));
    let evaluation = question.ask(&pack);
    let one = |rule| ("abort", vec![rule], vec![5]);
    assert_eq!(faults(&evaluation), [one(0), one(1), one(2)]);
    assert_eq!(evaluation.fault_count, 1);
}

#[test]
fn every_call_that_ran_into_its_deadline_counts() {
    let runtime = runtime(Limits { time: Duration::from_millis(30), ..Limits::default() });
    let question = Question { budget: 5, ..Question::about(64) };
    let pack = load(&runtime, &guest("(loop $ever (br $ever))"));
    let evaluation = question.ask(&pack);
    assert_eq!(evaluation.fault_count, 5);
    assert_eq!(pairs(&evaluation), (0..64).map(|id| (0, id)).collect::<Vec<_>>());
    assert_eq!(stated(&evaluation), []);
}

#[test]
fn a_pack_that_refuses_a_setting_is_one_fault() {
    // Whatever the documents, even without any, when the second rule is among those asked.
    let code = "(loop $rules (if (i32.lt_u (local.get $a) (local.get $rule_count)) (then
            (if (i32.eq (i32.const 50) (i32.load8_u offset=2 (i32.load
                (i32.add (local.get $rules) (i32.mul (local.get $a) (i32.const 16))))))
                (then (return (call $refuse (global.get $text0) (global.get $text0_length)))))
            (local.set $a (i32.add (local.get $a) (i32.const 1))) (br $rules))))";
    let guest = guest("").text("bad setting").evaluate_before(code);
    let runtime = runtime(Limits::default());
    let question = Question { rules: vec!["T-1", "T-2", "T-3"], ..Question::about(64) };
    let evaluation = question.ask(&load(&runtime, &guest));
    assert_eq!(faults(&evaluation), [("refused", vec![1], (0..64).collect())]);
    assert_eq!(stated(&evaluation), expected(3, 64, &|rule, _| rule == 1));
    assert_eq!(evaluation.fault_count, 1);
}

#[test]
fn a_pack_that_refuses_a_document_is_at_fault_there_only() {
    let code = "(if (i32.eq (local.get $id) (i32.const 7))
        (then (return (call $refuse (global.get $text0) (global.get $text0_length)))))";
    let runtime = runtime(Limits::default());
    let evaluation = Question::about(16).ask(&load(&runtime, &guest(code).text("no")));
    assert_eq!(faults(&evaluation), [("refused", vec![0], vec![7])]);
    assert_eq!(stated(&evaluation), expected(1, 16, &|_, id| id == 7));
}

#[test]
fn batches_and_single_documents_give_the_same() {
    // Three kinds of faults, spread over rules and documents.
    let code = "
        (if (i32.eq (i32.rem_u (local.get $id) (i32.const 11)) (i32.const 3)) (then unreachable))
        (if (i32.and (i32.eq (local.get $digit) (i32.const 2)) (i32.eq (local.get $id) (i32.const 4)))
            (then (drop (memory.grow (i32.const 10000)))))
        (if (i32.and (i32.eq (local.get $digit) (i32.const 1)) (i32.eq (local.get $id) (i32.const 6)))
            (then (call $state (i32.const 1) (local.get $rule) (local.get $id))))";
    let runtime = runtime(Limits::default());
    let pack = load(&runtime, &guest(code).finding(fail().pointer("/text/0")));
    let whole = Question { rules: vec!["T-1", "T-2", "T-3"], ..Question::about(40) };
    let batched = whole.ask(&pack);
    assert_eq!(whole.ask(&pack), batched, "two runs differ");
    let mut isolated = Evaluation::default();
    for id in 0..40 {
        let one =
            Question { documents: vec![id], set: whole.set.clone(), rules: whole.rules.clone(), ..Question::about(0) };
        let Evaluation { findings, faults, .. } = one.ask(&pack);
        isolated.findings.extend(findings);
        isolated.faults.extend(faults);
    }
    assert_eq!(isolated.findings, batched.findings);
    assert_eq!(isolated.faults, batched.faults);
    assert_eq!(batched.faults.len(), 4 * 3 + 2);
}

#[test]
fn what_cannot_be_judged_is_said() {
    let runtime = runtime(Limits::default());
    let pack: RulePack = load(&runtime, &guest(""));
    let question = Question { rules: vec!["T-1", "T-9"], documents: vec![0, 77, 0], ..Question::about(2) };
    let evaluation = question.ask(&pack);
    assert_eq!(stated(&evaluation), [(0, 0)]);
    assert_eq!(pairs(&evaluation), [(0, 77), (1, 0), (1, 77)]);
    // Silence of a document rule means pass, that of an inventory rule does not: the scope matters.
    let evaluation = Question { scope: Scope::Inventory, ..Question::about(2) }.ask(&pack);
    assert_eq!(pairs(&evaluation), [(0, 0), (0, 1)]);
    let nothing = Question { documents: Vec::new(), ..Question::about(2) }.ask(&pack);
    assert_eq!(nothing, Evaluation::default());
}
