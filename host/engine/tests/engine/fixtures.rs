//! The fixtures of the built-in rules once more, this time through WebAssembly and the engine.

use std::fs;
use std::path::{Path, PathBuf};

use verdikt_engine::input::{Input, LoadOptions};
use verdikt_engine::model::{Date, Verdict};
use verdikt_engine::{Check, Engine, Parameter, Selection};
use verdikt_expectations::{Fixture, Statement, differences};

use crate::support::built_pack;

#[test]
fn fixtures_get_the_verdicts_that_they_state() {
    let packs = packs();
    let engine = packs.iter().fold(Engine::builder(), |builder, (id, _)| builder.pack(built_pack(id)));
    let engine = engine.build().unwrap();
    let mut problems = Vec::new();
    for (pack, rule) in engine.rules() {
        let (_, folder) = packs.iter().find(|(id, _)| *id == pack.id).expect("a pack of this repository");
        for fixture in Fixture::all(&folder.join("fixtures").join(&rule.id)) {
            let load = LoadOptions { inputs: vec![Input::Texts(fixture.input())], ..LoadOptions::default() };
            let mut check = Check::new(load, Date::parse("2026-11-22").unwrap());
            check.selection = Selection { select: vec![rule.id.clone()], ignore: Vec::new() };
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
                .map(|row| Statement {
                    file: row.location.as_ref().map_or_else(String::new, |place| place.file.clone()),
                    line: row.location.as_ref().map_or(0, |place| place.line as usize),
                    verdict: row.verdict,
                    rule: report.rule(row).id.clone(),
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
