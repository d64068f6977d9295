//! What was found in an earlier state does not count, unless it has become worse.

use std::sync::Arc;

use verdikt_engine::input::{Input, LoadOptions, Text};
use verdikt_engine::model::{Code, DiffBase, Gate, Report, Verdict};
use verdikt_engine::{Base, Check, Engine, Selection};

use crate::guest::{Finding, Guest, T, fail};
use crate::support::{check, engine, pack, pod};

fn set(texts: &[(&str, &str)]) -> Check {
    let text = |(path, text): &(&str, &str)| Text {
        path: (*path).to_owned(),
        identity: (*path).to_owned(),
        named: false,
        companion: false,
        bytes: text.as_bytes().to_vec(),
    };
    let input = Input::Texts(texts.iter().map(text).collect());
    Check { load: LoadOptions { inputs: vec![input], ..LoadOptions::default() }, ..check(&[]) }
}

fn only(rule: &str, check: Check) -> Check {
    Check { selection: Selection { select: vec![rule.to_owned()], ignore: Vec::new() }, ..check }
}

/// What `now` gives after `then`.
fn compare(engine: &Engine, then: &Check, now: &Check) -> Report {
    check_after(base(engine, then), engine, now)
}

fn base(engine: &Engine, then: &Check) -> Base {
    engine.base(then, DiffBase { reference: "yesterday".to_owned(), commit: None }).unwrap()
}

fn check_after(base: Base, engine: &Engine, now: &Check) -> Report {
    engine.check(&Check { base: Some(Arc::new(base)), ..now.clone() }).unwrap()
}

fn reasons(report: &Report) -> Vec<Option<&str>> {
    report.rows.iter().map(|row| row.suppressed.as_ref().map(|suppressed| suppressed.reason.as_str())).collect()
}

#[test]
fn embedders_compare_without_git() {
    let then = only("WL-001", set(&[("a.yaml", &pod("a")), ("b.yaml", &pod("b"))]));
    let now = only("WL-001", set(&[("a.yaml", &pod("a")), ("c.yaml", &pod("b")), ("d.yaml", &pod("d"))]));
    let engine = engine();
    let report = compare(engine, &then, &now);
    let expected = [Some("present at yesterday"), Some("present at yesterday, in b.yaml"), None];
    assert_eq!(reasons(&report), expected);
    assert_eq!((report.gate, report.summary.fail, report.summary.suppressed), (Gate::Failed, 1, 2));
    assert_eq!(report.diff_base.unwrap().reference, "yesterday");
    let report = compare(engine, &now, &now);
    assert_eq!((report.gate, report.summary.fail), (Gate::Passed, 0));
}

#[test]
fn what_became_worse_is_new() {
    // Nobody knows whether the LimitRange and the pod will meet.
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: r\n  namespace: test\nspec:\n  limits:\n    \
                 - type: Container\n      default: {memory: 1Gi}\n";
    let pod = pod("a").replace("  namespace: test\n", "");
    let unknown = only("RS-001", set(&[("pod.yaml", &pod), ("range.yaml", range)]));
    let fails = only("RS-001", set(&[("pod.yaml", &pod)]));
    let engine = engine();
    let report = compare(engine, &unknown, &fails);
    assert_eq!((report.rows[0].verdict, &reasons(&report)[..]), (Verdict::Fail, &[None][..]));
    let report = compare(engine, &fails, &unknown);
    assert_eq!(
        (report.rows[0].verdict, &reasons(&report)[..]),
        (Verdict::Unknown, &[Some("present at yesterday")][..])
    );
}

/// An engine with one rule, which does this to every document.
fn judging(severity: u8, code: &str) -> Engine {
    let finding = Finding { severity: Some(severity), ..fail() };
    let guest = Guest::new(&T[..1]).finding(finding).judge(code).component();
    Engine::builder().pack(pack("test.wasm", guest)).build().unwrap()
}

const FAIL: &str = "(call $state (i32.const 0) (local.get $rule) (local.get $id))";

#[test]
fn what_became_more_severe_is_new() {
    let pods = set(&[("pod.yaml", &pod("a"))]);
    for (then, now, open) in [(2, 2, 0), (2, 1, 0), (2, 3, 1)] {
        let report = check_after(base(&judging(then, FAIL), &pods), &judging(now, FAIL), &pods);
        assert!(!report.rows.is_empty());
        let counting = if open == 0 { 0 } else { report.rows.len() };
        assert_eq!(report.summary.fail, counting, "{then} became {now}");
    }
}

#[test]
fn a_rule_that_could_not_judge_then_knows_nothing() {
    let pods = set(&[("pod.yaml", &pod("a"))]);
    let base = base(&judging(1, "unreachable"), &pods);
    let report = check_after(base.clone(), &judging(1, FAIL), &pods);
    assert_eq!(report.summary.fail, report.rows.len());
    let codes: Vec<Code> = report.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, [Code::BaseIncomplete]);
    assert!(report.diagnostics[0].message.contains("At yesterday"), "{}", report.diagnostics[0].message);
    assert!(!report.incomplete, "what could not be judged then is no gap in the scan of today");
    // An error of today is never old.
    let report = check_after(base, &judging(1, "unreachable"), &pods);
    assert!(report.rows.iter().all(|row| row.verdict == Verdict::Error && row.suppressed.is_none()));
}
