//! What a config says of some documents reaches exactly those, through the sandbox and back.

use std::path::Path;
use std::sync::Arc;

use verdikt_engine::input::{Input, LoadOptions};
use verdikt_engine::model::{Code, Date, Gate, Mode, Report, Severity, Source, Verdict};
use verdikt_engine::{Check, Config, Engine, Error};

use crate::support::{count, engine, lines, pack, pod};

const FOLDER: &str = "/repo";

/// Texts by path from the folder of the config, and what the config says.
fn check(config: &str, texts: &[(&str, &str)]) -> Check {
    let inputs =
        texts.iter().map(|(path, text)| Input::Text { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() });
    let load = LoadOptions { inputs: inputs.collect(), cwd: FOLDER.into(), ..LoadOptions::default() };
    let mut check = Check::new(load, Date::parse("2026-11-22").unwrap());
    let text = format!("version: 1\nselect: [WL-001]\n{config}");
    let source = Source::new("verdikt.yaml", "verdikt.yaml", text);
    check.config = Arc::new(Config::read(&source, Path::new(FOLDER)).unwrap());
    check
}

fn run(config: &str, texts: &[(&str, &str)]) -> Report {
    engine().check(&check(config, texts)).unwrap()
}

/// `ADDRESS VERDICT SEVERITY MODE`
fn rows(report: &Report) -> Vec<String> {
    let rows = report.rows.iter();
    rows.map(|row| {
        let address = row.document.as_ref().map_or("", |document| document.address.as_str());
        format!("{address} {} {} {}", row.verdict, row.severity, row.mode)
    })
    .collect()
}

fn compliance(report: &Report) -> Vec<(&str, Option<bool>)> {
    report.artifacts.iter().map(|artifact| (artifact.document.address.as_str(), artifact.compliant)).collect()
}

#[test]
fn an_override_is_about_the_documents_that_it_chooses() {
    let (a, b, c) = (pod("a"), pod("b").replace("namespace: test", "namespace: kube-system"), pod("c"));
    let texts = [("apps/a.yaml", a.as_str()), ("legacy/b.yaml", b.as_str()), ("legacy/old/c.yaml", c.as_str())];
    let of = |members: &str| {
        let config = format!("overrides: [{{{members}, rules: {{privileged: {{severity: low, mode: audit}}}}}}]\n");
        let report = run(&config, &texts);
        let changed = report.rows.iter().filter(|row| (row.severity, row.mode) == (Severity::Low, Mode::Audit));
        assert!(report.rows.iter().all(|row| (row.severity == Severity::Low) == (row.mode == Mode::Audit)));
        changed.filter_map(|row| Some(row.document.as_ref()?.name.as_str().to_owned())).collect::<Vec<_>>().join("")
    };
    for (members, expected) in [
        ("files: 'legacy/**'", "bc"),
        ("files: ['legacy/b.yaml', 'apps/*']", "ab"),
        ("files: c.yaml", "c"),
        ("namespaces: 'kube-*'", "b"),
        ("kinds: Deployment", ""),
        ("kinds: [Deployment, Po?]", "abc"),
        ("names: '[ab]'", "ab"),
        ("addresses: 'test/Pod/*'", "ac"),
        ("files: 'legacy/**', namespaces: test", "c"),
        ("files: 'legacy/**', names: a", ""),
    ] {
        assert_eq!(of(members), expected, "{members}");
    }
}

#[test]
fn the_last_override_that_says_something_holds() {
    let config = "mode: mark\noverrides:\n\
                  - {names: '*', rules: {WL-*: {severity: low, mode: audit}}}\n\
                  - {names: b, rules: {WL-001: {severity: high}}}\n\
                  - {names: c, rules: {workload: {enabled: false}}}\n";
    let text = [pod("a"), pod("b"), pod("c")].join("---\n");
    let mut check = check(config, &[("pods.yaml", &text)]);
    check.mode = Mode::Mark;
    let report = engine().check(&check).unwrap();
    assert_eq!(rows(&report), ["test/Pod/a fail low audit", "test/Pod/b fail high audit"]);
    // The rule did not pass where it did not run.
    assert_eq!((report.summary.pass, report.summary.fail, report.gate), (0, 2, Gate::Passed));
    assert_eq!(compliance(&report), [("test/Pod/a", Some(true)), ("test/Pod/b", Some(true))]);
}

#[test]
fn parameters_differ_by_document_whatever_the_batches() {
    // Nothing is stated of `privileged`, which matters only where it has to be.
    let silent = |name: &str| pod(name).replace("        privileged: true\n", "        runAsNonRoot: true\n");
    let text: Vec<String> = (0..150).map(|index| silent(&format!("p{index}"))).collect();
    let config = "overrides: [{names: 'p*7', rules: {WL-001: {params: {require_explicit: true}}}}]\n";
    let mut check = check(config, &[("pods.yaml", &text.join("---\n"))]);
    let report = engine().check(&check).unwrap();
    assert_eq!(count(&report, Verdict::Fail), 15);
    assert!(report.rows.iter().all(|row| row.document.as_ref().unwrap().name.ends_with('7')), "{:?}", rows(&report));
    assert_eq!((report.summary.pass, report.summary.fail), (135, 15));
    check.isolate = true;
    let isolated = engine().check(&check).unwrap();
    assert_eq!(lines(&isolated), lines(&report));
    assert_eq!(isolated.artifacts, report.artifacts);
}

#[test]
fn an_inventory_rule_sees_everything_and_says_nothing_where_it_is_off() {
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata:\n  name: r\n  namespace: test\nspec:\n  limits:\n    \
                 - type: Container\n      default: {memory: 1Gi}\n";
    let other = pod("c").replace("namespace: test", "namespace: other");
    let text = format!("{range}---\n{}---\n{}---\n{other}", pod("a"), pod("b").replace("test", "elsewhere"));
    let with = |config: &str| {
        let mut check = check(config, &[("set.yaml", &text)]);
        check.selection.select = Vec::new();
        check.show = [Verdict::Pass].into();
        engine().check(&check).unwrap()
    };
    let only = "rules: {'*': {enabled: false}, RS-001: {enabled: true}}\n";
    assert_eq!(
        rows(&with(only)),
        ["test/Pod/a pass high enforce", "elsewhere/Pod/b fail high enforce", "other/Pod/c fail high enforce"]
    );
    let report =
        with(&format!("{only}overrides: [{{namespaces: [test, other], rules: {{RS-001: {{enabled: false}}}}}}]\n"));
    assert_eq!(rows(&report), ["elsewhere/Pod/b fail high enforce"]);
    assert_eq!((report.summary.pass, report.summary.fail), (0, 1));
    assert_eq!(compliance(&report), [("elsewhere/Pod/b", Some(false))]);
}

#[test]
fn compliance_is_what_the_rules_that_ask_for_it_agree_on() {
    let odd = pod("odd").replace("privileged: true", "privileged: [1]");
    let fine = pod("fine").replace("true", "false");
    let service = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";
    let text = [service, &pod("bad"), &fine, &odd].join("---\n");
    let texts = [("pods.yaml", text.as_str())];
    // What nobody judged is not listed, and what could not be judged is not known.
    let report = run("", &texts);
    assert_eq!(
        compliance(&report),
        [("test/Pod/bad", Some(false)), ("test/Pod/fine", Some(true)), ("test/Pod/odd", None)]
    );
    assert!(report.artifacts.iter().all(|artifact| artifact.document.platform == "kubernetes"));
    let with = |mode| {
        let mut check = check("", &texts);
        check.mode = mode;
        let report = engine().check(&check).unwrap();
        (report.gate, report.artifacts.iter().map(|artifact| artifact.compliant).collect::<Vec<_>>())
    };
    assert_eq!(with(Mode::Enforce).0, Gate::Failed);
    assert_eq!(with(Mode::Mark), (Gate::Passed, vec![Some(false), Some(true), None]));
    // The odd document has a field that could not be read, whatever the mode.
    assert_eq!(with(Mode::Audit), (Gate::Passed, vec![Some(true), Some(true), None]));
}

#[test]
fn without_every_pack_nothing_is_known_to_be_compliant() {
    let fine = pod("fine").replace("true", "false");
    let engine = Engine::builder()
        .pack(pack("workload.wasm", crate::support::built("wasm")))
        .pack(pack("broken.wasm", b"\0asm".to_vec()))
        .build()
        .unwrap();
    let report = engine.check(&check("", &[("pod.yaml", &fine)])).unwrap();
    assert!(report.diagnostics.iter().any(|diagnostic| diagnostic.code == Code::PackUnusable));
    assert_eq!(compliance(&report), [("test/Pod/fine", None)]);
}

#[test]
fn a_severity_of_the_config_decides_about_the_gate() {
    let text = pod("a");
    let gate = |config: &str| {
        let mut check = check(config, &[("pod.yaml", &text)]);
        check.fail_on = Some(Severity::High);
        engine().check(&check).unwrap().gate
    };
    assert_eq!(gate(""), Gate::Failed);
    assert_eq!(gate("rules: {workload: {severity: medium}}\n"), Gate::Passed);
    assert_eq!(gate("rules: {workload: {severity: medium}, privileged: {severity: high}}\n"), Gate::Failed);
    assert_eq!(gate("rules: {workload: {mode: audit}}\n"), Gate::Passed);
}

#[test]
fn a_config_that_means_nothing_stops_the_check() {
    let found = engine().check(&check("rules: {priviledged: {}}\nignore: [XY-1]\n", &[("pod.yaml", &pod("a"))]));
    let Err(Error::Policy(error)) = found else { panic!("the config was believed") };
    let text = error.to_string();
    assert!(text.starts_with("verdikt.yaml:3:9: `priviledged` names no rule"), "{text}");
    assert!(text.contains("\nverdikt.yaml:4:10: `XY-1` names no rule"), "{text}");
}
