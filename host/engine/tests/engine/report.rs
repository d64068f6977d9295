//! What a report says: places, pairs, fingerprints, the gate.

use verdikt_engine::model::{Gate, Report, Severity, Verdict};
use verdikt_engine::{Selection, UnknownPolicy};

use crate::support::{check, compiled_engine, count, engine, lines, pod};

fn only(rule: &str) -> Selection {
    Selection { select: vec![rule.to_owned()], ignore: Vec::new() }
}

#[test]
fn findings_have_a_place_and_documents_are_counted() {
    let text = format!("# Two.\n{}---\n{}", pod("a"), pod("b").replace("true", "yes"));
    let mut check = check(&[("pods.yaml", &text)]);
    check.selection = only("WL-001");
    let report = engine().check(&check).unwrap();
    assert_eq!(lines(&report), ["12 fail WL-001", "24 fail WL-001"]);
    let row = &report.rows[1];
    let place = row.location.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.column, place.end_line, place.end_column), ("pods.yaml", 21, 24, 24));
    assert_eq!(row.pointer, "/containers/0/privileged");
    let document = row.document.as_ref().unwrap();
    assert_eq!((document.platform, document.address.as_str(), document.line), ("workload", "test/Pod/b", 14));
    assert_eq!((report.summary.documents, report.summary.pass, report.summary.fail), (2, 0, 2));
    assert_eq!(report.gate, Gate::Failed);
    assert!(!report.incomplete);
}

#[test]
fn pairs_that_pass_are_shown_on_request() {
    let text = pod("a").replace("true", "false");
    let mut check = check(&[("pod.yaml", &text)]);
    check.selection = only("WL-001");
    let engine = engine();
    assert!(engine.check(&check).unwrap().rows.is_empty());
    check.show = [Verdict::Pass].into();
    let report = engine.check(&check).unwrap();
    assert_eq!(lines(&report), ["1 pass WL-001"]);
    assert_eq!((report.rows[0].pointer.as_str(), report.summary.pass), ("", 1));
}

#[test]
fn fingerprints_survive_moves_within_a_file_and_tell_findings_apart() {
    let fingerprints = |text: &str| {
        let report = engine().check(&check(&[("pods.yaml", text)])).unwrap();
        let mut all: Vec<String> = report.rows.iter().map(|row| row.fingerprint.clone()).collect();
        all.sort();
        all
    };
    let before = fingerprints(&format!("{}---\n{}", pod("a"), pod("b")));
    let after = fingerprints(&format!("# A comment.\n\n{}---\n{}", pod("b"), pod("a")));
    assert_eq!(before, after);
    let mut unique = before.clone();
    unique.dedup();
    assert_eq!(unique.len(), before.len());
    assert_ne!(before, fingerprints(&format!("{}---\n{}", pod("a"), pod("c"))));
}

#[test]
fn fingerprints_survive_another_order_and_another_form() {
    let engine = compiled_engine();
    let fingerprints = |text: &str| {
        let report = engine.check(&check(&[("pods", text)])).unwrap();
        let mut all: Vec<String> = report.rows.iter().map(|row| row.fingerprint.clone()).collect();
        all.sort();
        all
    };
    let block = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: one\n    image: a\n    \
                 securityContext:\n      privileged: true\n      capabilities:\n        add: [NET_ADMIN, SYS_PTRACE]\n  \
                 - name: two\n    image: a\n";
    let flow = "# Another form.\n{kind: Pod, apiVersion: v1, spec: {containers: [{image: a, name: two}, {image: a, \
                securityContext: {capabilities: {add: [SYS_PTRACE, NET_ADMIN]}, privileged: yes}, name: one}]}, \
                metadata: {name: a}}\n";
    let json = r#"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"},
        "spec": {"containers": [{"image": "a", "name": "two"}, {"name": "one", "image": "a",
        "securityContext": {"privileged": true, "capabilities": {"add": ["NET_ADMIN", "SYS_PTRACE"]}}}]}}]}"#;
    let expected = fingerprints(block);
    assert!(expected.len() > 10, "{expected:?}");
    assert!(expected.windows(2).all(|pair| pair[0] != pair[1]), "{expected:?}");
    assert_eq!(fingerprints(flow), expected);
    assert_eq!(fingerprints(json), expected);
}

#[test]
fn two_workloads_of_one_custom_resource_are_told_apart() {
    let spec = "containers:\n          - name: app\n            image: registry.example/a:1\n            \
                securityContext:\n              privileged: true\n";
    let pair = |first: &str, second: &str| {
        let template = |name: &str| format!("  {name}:\n    template:\n      spec:\n        {spec}");
        let head = "apiVersion: example.com/v1\nkind: Pair\nmetadata:\n  name: p\nspec:\n";
        let mut check = check(&[("pair.yaml", &format!("{head}{}{}", template(first), template(second)))]);
        check.selection = only("WL-001");
        engine().check(&check).unwrap()
    };
    let fingerprints = |report: &Report| report.rows.iter().map(|row| row.fingerprint.clone()).collect::<Vec<_>>();
    let report = pair("first", "second");
    let found = fingerprints(&report);
    assert_eq!((count(&report, Verdict::Fail), found.len()), (2, 2));
    assert_ne!(found[0], found[1]);
    // Each keeps its own when they change places.
    let swapped = fingerprints(&pair("second", "first"));
    assert_eq!((&swapped[0], &swapped[1]), (&found[1], &found[0]));
}

#[test]
fn one_place_is_stated_once() {
    let text = "apiVersion: example.com/v1\nkind: Pair\nmetadata:\n  name: p\nspec:\n  first:\n    template:\n      \
                spec: &spec\n        containers:\n          - name: app\n            image: registry.example/a:1\n            \
                securityContext:\n              privileged: true\n  second:\n    template:\n      spec: *spec\n";
    let mut check = check(&[("pair.yaml", text)]);
    check.selection = only("WL-001");
    assert_eq!(lines(&engine().check(&check).unwrap()), ["13 fail WL-001"]);
}

#[test]
fn the_gate_follows_the_threshold() {
    let mut check = check(&[("pod.yaml", &pod("a").replace("privileged: true", "privileged: false"))]);
    check.selection = only("WL-007");
    let engine = engine();
    for (fail_on, gate) in [
        (Some(Severity::Low), Gate::Failed),
        (Some(Severity::Medium), Gate::Failed),
        (Some(Severity::High), Gate::Passed),
        (None, Gate::Passed),
    ] {
        check.fail_on = fail_on;
        assert_eq!(engine.check(&check).unwrap().gate, gate, "{fail_on:?}");
    }
}

#[test]
fn unknown_counts_when_asked_to() {
    // Nobody knows whether the LimitRange and the pod will meet.
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: r\n  namespace: test\nspec:\n  limits:\n    \
                 - type: Container\n      default: {memory: 1Gi}\n";
    let text = format!("{range}---\n{}", pod("a").replace("  namespace: test\n", ""));
    let mut check = check(&[("set.yaml", &text)]);
    check.selection = only("RS-001");
    let engine = engine();
    for (unknown, gate) in [
        (UnknownPolicy::Ignore, Gate::Passed),
        (UnknownPolicy::Warn, Gate::Passed),
        (UnknownPolicy::Fail, Gate::Failed),
    ] {
        check.unknown = unknown;
        let report = engine.check(&check).unwrap();
        assert_eq!((report.gate, report.summary.unknown, report.summary.pass), (gate, 1, 0));
    }
}

#[test]
fn document_sets_do_not_see_each_other() {
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: r\n  namespace: test\nspec:\n  limits:\n    \
                 - type: Container\n      default: {memory: 1Gi}\n";
    let together = format!("{range}---\n{}", pod("a"));
    let engine = engine();
    let run = |texts: &[(&str, &str)]| {
        let mut check = check(texts);
        check.selection = only("RS-001");
        engine.check(&check).unwrap().summary
    };
    assert_eq!(run(&[("set.yaml", &together)]).pass, 1);
    assert_eq!(run(&[("range.yaml", range), ("pod.yaml", &pod("a"))]).fail, 1);
}
