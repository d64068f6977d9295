//! The fixtures of the built-in rules once more, this time through WebAssembly and the engine.

use std::fs;
use std::path::{Path, PathBuf};

use verdikt_engine::input::{Input, LoadOptions};
use verdikt_engine::model::{Date, PackInfo, RuleInfo, Verdict};
use verdikt_engine::{Check, Engine, Parameter, Selection};
use verdikt_expectations::{Fixture, Statement, differences};

use crate::support::built_pack;

#[test]
fn fixtures_get_the_verdicts_that_they_state() {
    assert_stated(|_, rule| vec![rule.id.clone()]);
}

/// The rules of a pack that judge the same documents are asked together, and each document is in as many calls as there
/// are such groups: what a rule says must not depend on it.
#[test]
fn what_a_rule_says_does_not_depend_on_the_rules_beside_it() {
    assert_stated(|pack, _| pack.rules.iter().map(|rule| rule.id.clone()).collect());
}

/// Asserts that each rule says of its fixtures what they state when the given rules are selected.
fn assert_stated(select: impl Fn(&PackInfo, &RuleInfo) -> Vec<String>) {
    let packs = packs();
    let engine = packs.iter().fold(Engine::builder(), |builder, (id, _)| builder.pack(built_pack(id)));
    let engine = engine.build().unwrap();
    let mut problems = Vec::new();
    for (pack, rule) in engine.rules() {
        let (_, folder) = packs.iter().find(|(id, _)| *id == pack.id).expect("a pack of this repository");
        for fixture in Fixture::all(&folder.join("fixtures").join(&rule.id)) {
            let load = LoadOptions { inputs: vec![Input::Texts(fixture.input())], ..LoadOptions::default() };
            let mut check = Check::new(load, Date::parse("2026-11-22").unwrap());
            check.selection = Selection { select: select(pack, rule), ignore: Vec::new() };
            check.show = [Verdict::NotApplicable].into();
            let parameters = fixture.expectations.parameters.iter();
            check.parameters = parameters
                .map(|(key, value)| {
                    // Strings are given as they are, all else as JSON.
                    let value = serde_json::from_str(value).unwrap_or_else(|_| value.clone());
                    Parameter { rule: Some(rule.id.clone()), key: key.clone(), value }
                })
                .collect();
            let report = engine.check(&check).unwrap();
            assert!(report.summary.documents > 0, "{}: {:?}", fixture.name, report.diagnostics);
            let found: Vec<Statement> = report
                .rows
                .iter()
                .filter(|row| report.rule(row).id == rule.id)
                .map(|row| Statement {
                    file: row.location.as_ref().map_or_else(String::new, |place| place.file.clone()),
                    line: row.location.as_ref().map_or(0, |place| place.line as usize),
                    verdict: row.verdict,
                    rule: rule.id.clone(),
                })
                .collect();
            let differences = differences(&fixture.expectations, &found);
            problems.extend(differences.into_iter().map(|what| format!("{}/{what}", rule.id)));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// The built-in packs with their folders: those that have fixtures.
fn packs() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules-wasm");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let packs = entries.filter(|path| path.join("fixtures").is_dir());
    packs.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path)).collect()
}
