//! The fixtures of the built-in rules once more, this time through WebAssembly and the engine.

use std::fs;
use std::path::{Path, PathBuf};

use verdikt_engine::model::Verdict;
use verdikt_engine::{Parameter, Selection};
use verdikt_expectations::{Expectations, Statement, differences, is_fixture, read, sidecar};

use crate::support::{check, engine};

#[test]
fn fixtures_get_the_verdicts_that_they_state() {
    let engine = engine();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules-wasm/workload/fixtures");
    let mut problems = Vec::new();
    let rules: Vec<String> = engine.rules().map(|(_, rule)| rule.id.clone()).collect();
    for rule in &rules {
        for path in files(&root.join(rule)) {
            let text = fs::read_to_string(&path).unwrap();
            let expected = expectations(&path, &text);
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            let mut check = check(&[(&name, &text)]);
            check.selection = Selection { select: vec![rule.clone()], ignore: Vec::new() };
            check.show = [Verdict::NotApplicable].into();
            check.parameters = expected
                .parameters
                .iter()
                .map(|(key, value)| Parameter { rule: Some(rule.clone()), key: key.clone(), value: value.clone() })
                .collect();
            let report = engine.check(&check).unwrap();
            assert!(report.summary.documents > 0, "{name}: {:?}", report.diagnostics);
            let found: Vec<Statement> = report
                .rows
                .iter()
                .map(|row| Statement {
                    line: row.location.as_ref().map_or(0, |place| place.line as usize),
                    verdict: row.verdict,
                    rule: report.rule(row).id.clone(),
                })
                .collect();
            problems.extend(differences(&expected, &found).into_iter().map(|what| format!("{name}: {what}")));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| is_fixture(&path.to_string_lossy()));
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths
}

fn expectations(path: &Path, text: &str) -> Expectations {
    let name = path.to_string_lossy();
    let read = match sidecar(&name) {
        Some(sidecar) => read(&name, &fs::read_to_string(sidecar).unwrap_or_default()),
        None => read(&name, text),
    };
    read.unwrap_or_else(|problems| panic!("{problems}"))
}
