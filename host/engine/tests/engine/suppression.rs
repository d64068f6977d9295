//! Suppressions in scanned files: which findings they accept, and what is said of stale ones.

use std::collections::HashSet;
use std::fmt::Write;

use verdikt_engine::model::{Date, Gate, Report};
use verdikt_engine::{Check, Selection};

use crate::support;

/// Two privileged containers in a pod. `{…}` are placeholders for comments.
const POD: &str = "\
apiVersion: v1{first}
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app{item}
      image: registry.example/app:1.0
      securityContext:{block}
        privileged: true{value}
    {above}
    - name: other
      image: registry.example/other:latest{image}
      securityContext:
        privileged: true
";

/// The pod with a comment at one of its placeholders.
fn pod(placeholder: &str, comment: &str) -> String {
    let mut text = POD.to_owned();
    for name in ["first", "item", "block", "value", "above", "image"] {
        let comment = if name == placeholder { comment } else { "" };
        let gap = if name == "above" || comment.is_empty() { "" } else { " " };
        text = text.replace(&format!("{{{name}}}"), &format!("{gap}{comment}"));
    }
    text
}

/// WL-001, IM-001 and WL-002 on some texts.
fn check(texts: &[(&str, &str)]) -> Check {
    let select = ["WL-001", "IM-001", "WL-002"].map(str::to_owned).to_vec();
    Check { selection: Selection { select, ignore: Vec::new() }, ..support::check(texts) }
}

/// `LINE RULE kind@LINE` of the accepted rows.
fn accepted(report: &Report) -> Vec<String> {
    let rows = report.rows.iter().filter_map(|row| Some((row, row.suppressed.as_ref()?)));
    rows.map(|(row, suppressed)| {
        let line = row.location.as_ref().map_or(0, |place| place.line);
        let by = suppressed.location.as_ref().map_or(0, |place| place.line);
        format!("{line} {} {}@{by}", report.rule(row).id, suppressed.kind)
    })
    .collect()
}

/// `LINE:COLUMN code` of the warnings.
fn warnings(report: &Report) -> Vec<String> {
    let place = |location: &verdikt_engine::model::Location| format!("{}:{}", location.line, location.column);
    let diagnostics = report.diagnostics.iter();
    diagnostics
        .map(|found| format!("{} {}", found.location.as_ref().map_or(String::new(), place), found.code))
        .collect()
}

#[test]
fn comments_accept_what_they_are_about() {
    let engine = support::engine();
    for (placeholder, comment, expected, stale) in [
        ("value", "# verdikt:ignore WL-001 why", &["10 WL-001 comment@10"][..], &[][..]),
        ("value", "# verdikt:ignore wl-001 why", &["10 WL-001 comment@10"], &[]),
        ("value", "# verdikt:ignore privileged until=2026-11-22 why", &["10 WL-001 comment@10"], &[]),
        ("block", "# verdikt:ignore WL-001 why", &["10 WL-001 comment@9"], &[]),
        ("item", "# verdikt:ignore WL-001 why", &["10 WL-001 comment@7"], &[]),
        ("above", "# verdikt:ignore WL-001 why", &["15 WL-001 comment@11"], &[]),
        (
            "first",
            "# verdikt:ignore WL-001,IM-001 why",
            &["10 WL-001 comment@1", "13 IM-001 comment@1", "15 WL-001 comment@1"],
            &[],
        ),
        // What is missing is found at the block that lacks it, around the comment.
        ("item", "# verdikt:ignore WL-002 why", &["7 WL-002 comment@7"], &[]),
        ("value", "# verdikt:ignore WL-002 why", &["7 WL-002 comment@10"], &[]),
        ("image", "# verdikt:ignore WL-002 why", &["12 WL-002 comment@13"], &[]),
        ("image", "# verdikt:ignore IM-* why", &["13 IM-001 comment@13"], &[]),
        ("image", "# verdikt:ignore workload why", &["13 IM-001 comment@13"], &[]),
        // The neighbor's finding is out of reach.
        ("image", "# verdikt:ignore WL-001 why", &[], &["13:44 unused-acceptance"]),
        ("value", "# verdikt:ignore WL-001,IM-001 why", &["10 WL-001 comment@10"], &["10:50 unused-acceptance"]),
        ("value", "# verdikt:ignore WL-001 until=2026-11-21 why", &[], &["10:26 expired-acceptance"]),
        ("value", "# verdikt:ignore WL-001", &["10 WL-001 comment@10"], &["10:26 missing-reason"]),
        ("value", "# verdikt:ignore WL-0O1 why", &[], &["10:43 unknown-rule"]),
        ("value", "# verdikt:ignore WL-001 until=2026-11-31 why", &[], &["10:56 bad-suppression"]),
        // Not selected, so that nobody knows whether it is needed.
        ("value", "# verdikt:ignore WL-007 why", &[], &[]),
        ("image", "# verdikt:ignore WL-* why", &["12 WL-002 comment@13"], &[]),
        ("value", "# checkov:skip=CKV_K8S_16:why", &["10 WL-001 comment@10", "15 WL-001 comment@10"], &[]),
        ("value", "# checkov:skip=CKV_K8S_9999", &[], &[]),
        ("image", "# trivy:ignore:KSV013 why", &["13 IM-001 comment@13"], &[]),
        ("image", "# trivy:ignore:AVD-KSV-0013:exp:2026-11-21 why", &[], &["13:44 expired-acceptance"]),
        // Trivy may need it.
        ("image", "# trivy:ignore:KSV017 why", &[], &[]),
    ] {
        let text = pod(placeholder, comment);
        let report = engine.check(&check(&[("web.yaml", &text)])).unwrap();
        assert_eq!(accepted(&report), expected, "{text}");
        assert_eq!(warnings(&report), stale, "{text}{:?}", report.diagnostics);
        assert!(!report.incomplete);
    }
}

#[test]
fn accepted_rows_keep_their_verdict_and_do_not_count() {
    let engine = support::engine();
    let text = pod("first", "# verdikt:ignore * until=2027-01-31 for a test");
    let report = engine.check(&check(&[("web.yaml", &text)])).unwrap();
    assert_eq!(report.gate, Gate::Passed);
    assert_eq!((report.summary.fail, report.summary.suppressed), (0, 5));
    for row in &report.rows {
        let suppressed = row.suppressed.as_ref().unwrap();
        assert_eq!(row.verdict.as_str(), "fail");
        assert_eq!((suppressed.reason.as_str(), suppressed.until.as_deref()), ("for a test", Some("2027-01-31")));
    }
    let later = Check { today: Date::parse("2027-02-01").unwrap(), ..check(&[("web.yaml", &text)]) };
    let report = engine.check(&later).unwrap();
    assert_eq!((report.gate, report.summary.fail, report.summary.suppressed), (Gate::Failed, 5, 0));
}

/// A deployment with annotations of its own and of its template.
fn deployment(own: &str, template: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations: {{{own}}}\nspec:\n  template:\n    \
         metadata:\n      annotations: {{{template}}}\n    spec:\n      hostPID: true\n      hostIPC: true\n      containers:\n      \
         - {{name: app, image: registry.example/app}}\n"
    )
}

#[test]
fn annotations_accept_what_their_object_or_template_does() {
    let engine = support::engine();
    let none = "";
    for (own, template, expected, stale) in [
        ("verdikt.dev/ignore: IM-001 why", none, &["14 IM-001 annotation@5"][..], &[][..]),
        (none, "verdikt.dev/ignore: IM-001 why", &["14 IM-001 annotation@9"], &[]),
        ("verdikt.dev/ignore: WL-001 why", none, &[], &["5:37 unused-acceptance"]),
        ("verdikt.dev/ignore: WL-009 why", none, &["11 WL-009 annotation@5", "12 WL-009 annotation@5"], &[]),
        // Checks about one of the two fields say nothing of the other.
        ("checkov.io/skip1: CKV_K8S_17=why", none, &["11 WL-009 annotation@5"], &[]),
        ("checkov.io/skip1: CKV_K8S_18=why", none, &["12 WL-009 annotation@5"], &[]),
        ("ignore-check.kube-linter.io/host-pid: why", none, &["11 WL-009 annotation@5"], &[]),
        ("checkov.io/skip1: CKV_K8S_16=why", none, &[], &[]),
        ("checkov.io/skip1: CKV_K8S_14", none, &["14 IM-001 annotation@5"], &["5:17 missing-reason"]),
        (
            "kube-linter.io/ignore-all: why",
            none,
            &["11 WL-009 annotation@5", "12 WL-009 annotation@5", "14 IM-001 annotation@5"],
            &[],
        ),
    ] {
        let select = ["WL-001", "IM-001", "WL-009"].map(str::to_owned).to_vec();
        let text = deployment(own, template);
        let mut check = check(&[("web.yaml", &text)]);
        check.selection.select = select;
        let report = engine.check(&check).unwrap();
        assert_eq!(accepted(&report), expected, "{own} {template}");
        assert_eq!(warnings(&report), stale, "{own} {template} {:?}", report.diagnostics);
    }
}

#[test]
fn metadata_of_cloudformation_accepts_what_its_resource_does() {
    let engine = support::engine();
    let task = |name: &str, metadata: &str| {
        format!(
            "  {name}:\n    Type: AWS::ECS::TaskDefinition\n    Metadata: {metadata}\n    Properties:\n      \
             ContainerDefinitions: [{{Name: app, Image: 'registry.example/app:1.0', Privileged: true}}]\n"
        )
    };
    let verdikt = task("A", "{verdikt: {ignore: [{rules: [WL-001], reason: why, until: 2027-01-31}]}}");
    let text = format!("Resources:\n{verdikt}{}", task("B", "{checkov: {skip: [{id: CKV_AWS_334, comment: why}]}}"));
    let mut check = check(&[("stack.yaml", &text)]);
    check.selection.select = vec!["WL-001".to_owned()];
    let report = engine.check(&check).unwrap();
    assert_eq!(accepted(&report), ["6 WL-001 metadata@4", "11 WL-001 metadata@9"]);
    assert_eq!(warnings(&report), [""; 0]);
}

#[test]
fn rules_are_selected_by_the_names_of_other_tools() {
    let engine = support::engine();
    let text = deployment("", "");
    let mut check = check(&[("web.yaml", &text)]);
    check.selection.select = vec!["CKV_K8S_14".to_owned(), "host-pid".to_owned()];
    let report = engine.check(&check).unwrap();
    let rules: Vec<&str> = report.rules.iter().map(|rule| rule.info.id.as_str()).collect();
    assert_eq!(rules, ["WL-009", "IM-001"]);
}

#[test]
fn a_value_that_an_alias_repeats_is_accepted_where_it_stands() {
    let engine = support::engine();
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: a\n    image: a:1\n    \
                securityContext: &context\n      privileged: true # verdikt:ignore WL-001 why\n  - name: b\n    image: b:1\n    \
                securityContext: *context # verdikt:ignore IM-001 why\n";
    let report = engine.check(&check(&[("web.yaml", text)])).unwrap();
    assert_eq!(accepted(&report), ["9 WL-001 comment@9", "9 WL-001 comment@9"]);
    assert_eq!(warnings(&report), ["12:31 unused-acceptance"]);
}

/// A fingerprint is no place: what is written beside a finding changes nothing of what it is.
#[test]
fn comments_change_no_fingerprint() {
    let engine = support::engine();
    let text = pod("", "");
    let fingerprints = |text: &str| -> Vec<String> {
        let report = engine.check(&check(&[("web.yaml", text)])).unwrap();
        let mut rows: Vec<String> = report.rows.iter().map(|row| row.fingerprint.clone()).collect();
        rows.sort();
        rows
    };
    let before = fingerprints(&text);
    assert_eq!(before.len(), 5);
    for line in 0..=text.lines().count() {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.insert(line, "# verdikt:ignore WL-001 why");
        assert_eq!(fingerprints(&lines.join("\n")), before, "at line {line}");
    }
}

/// What is accepted depends on the place and not on how much else there is.
#[test]
fn each_of_many_suppressions_finds_its_own_of_many_findings() {
    let engine = support::engine();
    let mut text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n".to_owned();
    for index in 0..2_000 {
        let _ = writeln!(
            text,
            "  - {{name: c{index}, image: 'a:1', securityContext: {{privileged: true}}}} # verdikt:ignore WL-001 why"
        );
    }
    let mut check = check(&[("web.yaml", &text)]);
    check.selection.select = vec!["WL-001".to_owned()];
    let report = engine.check(&check).unwrap();
    assert_eq!((report.summary.suppressed, report.summary.fail), (2_000, 0));
    let own_line = |row: &verdikt_engine::model::Row| {
        let by = row.suppressed.as_ref().and_then(|suppressed| suppressed.location.as_ref());
        by.map(|place| place.line) == row.location.as_ref().map(|place| place.line)
    };
    assert!(report.rows.iter().all(own_line));
    let lines: HashSet<u32> = report.rows.iter().filter_map(|row| Some(row.location.as_ref()?.line)).collect();
    assert_eq!(lines.len(), 2_000);
}

/// What the documentation shows is what happens.
#[test]
fn the_documented_example_accepts_what_it_says() {
    let documentation = include_str!("../../../../docs/suppressions.md");
    let mut blocks = documentation.split("```yaml\n").skip(1).filter_map(|block| Some(block.split_once("```")?.0));
    let example = blocks.find(|block| block.contains("kind: Pod")).unwrap();
    let mut check = check(&[("web.yaml", example)]);
    check.selection.select = ["WL-007", "WL-001", "IM-001", "WL-002", "RS-001"].map(str::to_owned).to_vec();
    let report = support::engine().check(&check).unwrap();
    assert_eq!(warnings(&report), [""; 0], "{:?}", report.diagnostics);
    let accepted = accepted(&report);
    let rules: Vec<&str> = accepted.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(rules, ["WL-002", "WL-007", "IM-001", "WL-001", "RS-001", "WL-007"], "{accepted:?}");
    let open: Vec<String> = support::lines(&report);
    assert_eq!(open.len() - accepted.len(), 2, "{open:?}");
}
