//! Every fixture says what its rule must say about it, to the line; here the rules run natively over
//! what the loader makes of the files.

#![expect(clippy::disallowed_methods, reason = "tests read fixtures")]

use std::fs;
use std::path::{Path, PathBuf};

use verdikt_expectations::{Expectations, Statement, differences, is_fixture, read, sidecar};
use verdikt_input::{Input, LoadOptions, Loaded, load};
use verdikt_model::{Document, Pointer, Verdict};
use verdikt_rules_workload::PACK;
use verdikt_sdk::Envelope;
use verdikt_sdk::testing::{Case, Reported, check_pack};

#[test]
fn metadata_is_complete() {
    check_pack(&PACK);
    for rule in PACK.rules {
        let languages: Vec<_> = rule.texts.iter().map(|text| text.language).collect();
        assert_eq!(languages, ["en", "de"], "{}", rule.id);
        assert!(rule.texts.iter().all(|text| text.language == "en" || !text.description.is_empty()), "{}", rule.id);
        for heading in ["## What is checked", "## Fails", "## Passes", "## How to fix it", "## References"] {
            assert!(rule.page.iter().any(|line| line.trim() == heading), "{}: no heading `{heading}`", rule.id);
        }
    }
}

#[test]
fn fixtures_get_the_verdicts_that_they_state() {
    let mut problems = Vec::new();
    for rule in PACK.rules {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(rule.id);
        let mut verdicts = Vec::new();
        for path in files(&folder) {
            let name = format!("{}/{}", rule.id, path.file_name().unwrap().to_string_lossy());
            let (text, expectations) = read_fixture(&path);
            for statement in &expectations.expected {
                assert_eq!(statement.rule, rule.id, "{name}: a fixture is of one rule");
                verdicts.push(statement.verdict);
            }
            if expectations.expected.is_empty() {
                verdicts.push(Verdict::Pass);
            }
            let found = judge(rule.id, &name, text, &expectations);
            problems.extend(differences(&expectations, &found).into_iter().map(|what| format!("{name}: {what}")));
        }
        for needed in [Verdict::Pass, Verdict::Fail] {
            if !verdicts.contains(&needed) {
                problems.push(format!("{}: no fixture of a {needed}", rule.id));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// In the order of their names, so that failures read the same everywhere.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| is_fixture(&path.to_string_lossy()));
    paths.sort();
    paths
}

fn read_fixture(path: &Path) -> (String, Expectations) {
    let text = fs::read_to_string(path).unwrap();
    let name = path.to_string_lossy();
    let expectations = match sidecar(&name) {
        // A JSON fixture that must pass needs no sidecar.
        Some(sidecar) => read(&name, &fs::read_to_string(sidecar).unwrap_or_default()),
        None => read(&name, &text),
    };
    (text, expectations.unwrap_or_else(|problems| panic!("{problems}")))
}

fn judge(rule: &str, name: &str, text: String, expectations: &Expectations) -> Vec<Statement> {
    let loaded = load(&LoadOptions {
        inputs: vec![Input::Text { path: name.to_owned(), bytes: text.into_bytes() }],
        ..LoadOptions::default()
    });
    assert!(!loaded.documents.is_empty(), "{name}: no documents; {:?}", loaded.diagnostics);
    let mut case = Case::new().setting(rule, &expectations.settings());
    for (index, document) in loaded.documents.iter().enumerate() {
        assert_eq!(document.id.0 as usize, index, "{name}: ids are places in the list");
        case = case.with(envelope(document), document.body().to_json());
    }
    let findings = case.judge(&PACK, rule).findings;
    findings.iter().map(|finding| Statement { line: line(&loaded, finding), ..statement(finding) }).collect()
}

fn envelope(document: &Document) -> Envelope {
    Envelope {
        id: document.id.0,
        platform: document.platform.as_str().to_owned(),
        kind: document.kind.clone(),
        namespace: document.namespace.clone(),
        name: document.name.clone(),
        address: document.address.clone(),
        origin: document.origin.map(|id| id.0),
    }
}

fn statement(finding: &Reported) -> Statement {
    let verdict = Verdict::parse(finding.verdict.as_str()).expect("host and SDK have the same verdicts");
    Statement { line: 0, verdict, rule: finding.rule.to_owned() }
}

/// Where a report would show the finding: a document that the rule does not apply to by its first
/// line, the rest by the node or its nearest ancestor that exists.
fn line(loaded: &Loaded, finding: &Reported) -> usize {
    let document = &loaded.documents[finding.document.expect("a finding about a document") as usize];
    let pointer = Pointer::parse(finding.pointer.as_deref().unwrap_or_default()).expect("a valid pointer");
    let node = pointer.resolve(document.body()).expect("a pointer into the document").node;
    let span = if pointer.is_root() { document.span } else { node.span() };
    loaded.sources.get(span.file).position(span.start).line as usize
}
