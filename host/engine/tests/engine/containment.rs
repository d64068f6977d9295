//! Packs that misbehave: the report says so, nothing of theirs is a pass, and the others go on.

use std::time::Duration;

use verdikt_engine::model::{Code, Report, Verdict};
use verdikt_engine::runtime::Limits;
use verdikt_engine::{Engine, Error, Selection};

use crate::guest::{Guest, I, T, fail};
use crate::support::{built, check, count, engine, pack, pod};

const STATE: &str = "(call $state (i32.const 0) (local.get $rule) (local.get $id))";

fn run(guest: &Guest, pods: usize) -> Report {
    let limits = Limits { time: Duration::from_millis(60), ..Limits::default() };
    let engine = Engine::builder()
        .pack(pack("workload.wasm", built("wasm")))
        .pack(pack("test.wasm", guest.component()))
        .limits(limits)
        .build()
        .unwrap();
    let text = (0..pods).map(|index| pod(&format!("pod-{index}"))).collect::<Vec<_>>().join("---\n");
    let mut check = check(&[("pods.yaml", &text)]);
    check.selection.select = vec!["WL-001".to_owned(), "test-pack".to_owned()];
    engine.check(&check).unwrap()
}

#[test]
fn misbehavior_is_an_error_and_never_a_pass() {
    // What the guest does to the workload of the second pod, and what the report says of it.
    let on_second = |code: &str| format!("(if (i32.eq (local.get $id) (i32.const 3)) (then {code}))");
    let cases: [(Guest, &str); 4] = [
        (Guest::new(&T[..1]).judge(&on_second("unreachable")), "panicked or aborted"),
        (Guest::new(&T[..1]).judge(&on_second("(loop $ever (br $ever))")), "ran longer than the limit"),
        (Guest::new(&T[..1]).judge(&on_second("(drop (memory.grow (i32.const 4096)))")), "of memory, the limit is"),
        (
            Guest::new(&T[..1]).finding(fail().pointer("/containers/7")).judge(&on_second(STATE)),
            "`7` is no index into a list of 1",
        ),
    ];
    for (guest, message) in cases {
        let report = run(&guest, 3);
        let errors: Vec<&str> =
            report.rows.iter().filter(|row| row.verdict == Verdict::Error).map(|row| row.message.as_str()).collect();
        assert!(errors.len() == 1 && errors[0].contains(message), "{message}: {errors:?}");
        assert!(errors[0].starts_with("T-1 of pack `test-pack`"), "{errors:?}");
        // T-1 passed on the other two, WL-001 failed on all.
        assert_eq!((report.summary.pass, report.summary.fail, report.summary.error), (2, 3, 1), "{message}");
        assert!(report.incomplete);
    }
}

#[test]
fn a_pack_that_always_faults_is_one_clear_error() {
    let report = run(&Guest::new(&T[..2]).judge("unreachable"), 200);
    let stopped: Vec<_> = report.diagnostics.iter().filter(|diagnostic| diagnostic.code == Code::PackStopped).collect();
    assert_eq!(stopped.len(), 1);
    assert!(stopped[0].message.contains("`test-pack` was stopped after 20 faults"), "{}", stopped[0].message);
    assert_eq!(report.summary.pass, 0);
    assert_eq!(report.summary.fail, 200, "WL-001 goes on");
    let errors = count(&report, Verdict::Error);
    assert!((20..60).contains(&errors), "{errors} rows say it");
}

#[test]
fn a_pack_that_loops_for_ever_ends_soon() {
    let report = run(&Guest::new(&T).judge("(loop $ever (br $ever))"), 100);
    // Each call costs its deadline, so that what counts is how many there were.
    let stopped = report.diagnostics.iter().find(|diagnostic| diagnostic.code == Code::PackStopped);
    assert!(stopped.is_some_and(|diagnostic| diagnostic.message.contains("stopped after 20 faults")));
    assert_eq!((report.summary.pass, report.summary.fail), (0, 100));
    assert!(report.incomplete);
}

#[test]
fn silence_of_an_inventory_rule_is_no_pass() {
    let report = run(&Guest::new(&I[..1]), 2);
    assert_eq!((report.summary.pass, report.summary.error), (0, 2));
    assert!(report.rows.iter().any(|row| row.message.contains("must state an outcome for every document")));
}

#[test]
fn unusable_packs_are_named_and_the_others_go_on() {
    let twin = Guest::new(&T[..1]).component();
    let cases: [(&str, Vec<u8>, &str); 3] = [
        ("notes.txt", b"hello".to_vec(), "not a Verdikt pack"),
        ("core.wasm", wat::parse_str("(module)").unwrap(), "pack build"),
        ("twin.wasm", twin.clone(), "a pack with the id `test-pack` is loaded already, from first.wasm"),
    ];
    for (name, wasm, message) in cases {
        let engine = Engine::builder().pack(pack("first.wasm", twin.clone())).pack(pack(name, wasm)).build().unwrap();
        assert_eq!(engine.problems().len(), 1, "{name}");
        assert!(engine.problems()[0].message.contains(message), "{}", engine.problems()[0].message);
        let report = engine.check(&check(&[("pod.yaml", &pod("web"))])).unwrap();
        assert!(report.incomplete && report.summary.pass == 1, "{name}");
        assert!(report.diagnostics.iter().any(|it| it.code == Code::PackUnusable && it.file.as_deref() == Some(name)));
    }
}

#[test]
fn a_second_pack_with_the_same_rule_is_refused() {
    let second = Guest::new(&T[..1]).called("second-pack").component();
    let engine = Engine::builder()
        .pack(pack("first.wasm", Guest::new(&T[..2]).component()))
        .pack(pack("second.wasm", second))
        .build()
        .unwrap();
    assert!(engine.problems()[0].message.contains("declares rule T-1 (`one`), but pack `test-pack` has"));
    assert_eq!(engine.rules().count(), 2);
}

#[test]
fn what_means_nothing_is_refused() {
    let engine = engine();
    let mut check = check(&[("pod.yaml", &pod("web"))]);
    check.selection = Selection { select: vec!["privilegd".to_owned()], ignore: Vec::new() };
    let error = engine.check(&check).unwrap_err();
    assert!(matches!(&error, Error::UnknownSelector { nearest, .. } if nearest == &["privileged"]), "{error}");
}
