//! The fixtures of a pack against its rules, natively: the rules run over what the loader makes of the
//! files.

use std::path::Path;

use verdikt_input::{Input, LoadOptions, Loaded, load};
use verdikt_model::{Document, Pointer, Verdict};
use verdikt_sdk::testing::{Case, Reported, check_pack};
use verdikt_sdk::{Envelope, Pack};

use crate::expectation::{Statement, differences};
use crate::fixture::Fixture;

/// The headings that every page has.
const HEADINGS: [&str; 5] = ["## What is checked", "## Fails", "## Passes", "## How to fix it", "## References"];

/// What the rules of a pack lack that every built-in rule has: both languages, a German description,
/// the headings of a page.
///
/// # Panics
/// When the pack does not keep the contract of the SDK.
pub fn problems_of_metadata(pack: &Pack) -> Vec<String> {
    check_pack(pack);
    let mut problems = Vec::new();
    for rule in pack.rules {
        let languages: Vec<_> = rule.texts.iter().map(|text| text.language).collect();
        if languages != ["en", "de"] {
            problems.push(format!("{}: the languages are {languages:?}", rule.id));
        }
        if rule.texts.iter().any(|text| text.language != "en" && text.description.is_empty()) {
            problems.push(format!("{}: a translation has no description", rule.id));
        }
        let lacks = |heading: &&&str| !rule.page.iter().any(|line| line.trim() == **heading);
        problems.extend(HEADINGS.iter().filter(lacks).map(|heading| format!("{}: no heading `{heading}`", rule.id)));
    }
    problems
}

/// What is wrong with the fixtures of a pack: a rule that says something else than its fixtures state,
/// or that has no fixture of a pass or of a failure.
///
/// `folder` holds a folder for each rule, named by its id.
///
/// # Panics
/// When a fixture cannot be read, or a rule does not keep its contract.
pub fn problems_of_fixtures(pack: &Pack, folder: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for rule in pack.rules {
        let mut verdicts = Vec::new();
        for fixture in Fixture::all(&folder.join(rule.id)) {
            for statement in &fixture.expectations.expected {
                assert_eq!(statement.rule, rule.id, "{}: a fixture is of one rule", fixture.name);
                verdicts.push(statement.verdict);
            }
            if fixture.expectations.expected.is_empty() {
                verdicts.push(Verdict::Pass);
            }
            let differences = differences(&fixture.expectations, &judge(pack, rule.id, &fixture));
            problems.extend(differences.into_iter().map(|what| format!("{}/{what}", rule.id)));
        }
        for needed in [Verdict::Pass, Verdict::Fail] {
            if !verdicts.contains(&needed) {
                problems.push(format!("{}: no fixture of a {needed}", rule.id));
            }
        }
    }
    problems
}

/// What a rule states about a fixture.
fn judge(pack: &Pack, rule: &str, fixture: &Fixture) -> Vec<Statement> {
    let loaded = loaded(fixture);
    let mut case = Case::new().setting(rule, &fixture.expectations.settings());
    for document in &loaded.documents {
        case = case.with(envelope(document), document.body().to_json());
    }
    case.judge(pack, rule).findings.iter().map(|finding| statement(&loaded, finding)).collect()
}

/// The documents of a fixture with their bodies, as packs get them.
pub(crate) fn documents(fixture: &Fixture) -> Vec<(Envelope, String)> {
    let documents = loaded(fixture).documents;
    documents.iter().map(|document| (envelope(document), document.body().to_json())).collect()
}

fn loaded(fixture: &Fixture) -> Loaded {
    let loaded = load(&LoadOptions { inputs: vec![Input::Texts(fixture.input())], ..LoadOptions::default() });
    assert!(!loaded.documents.is_empty(), "{}: no documents; {:?}", fixture.name, loaded.diagnostics);
    for (index, document) in loaded.documents.iter().enumerate() {
        assert_eq!(document.id.0 as usize, index, "{}: ids are places in the list", fixture.name);
    }
    loaded
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

/// A finding at the place where a report would show it: a document that the rule does not apply to by
/// its first line, the rest by the node or its nearest ancestor that exists.
fn statement(loaded: &Loaded, finding: &Reported) -> Statement {
    let verdict = Verdict::parse(finding.verdict.as_str()).expect("host and SDK have the same verdicts");
    let rule = finding.rule.to_owned();
    let Some(document) = finding.document else {
        return Statement { file: String::new(), line: 0, verdict, rule };
    };
    let document = &loaded.documents[document as usize];
    let pointer = Pointer::parse(finding.pointer.as_deref().unwrap_or_default()).expect("a valid pointer");
    let node = pointer.resolve(document.body()).expect("a pointer into the document").node;
    let span = if pointer.is_root() { document.span } else { node.span() };
    let source = loaded.sources.get(span.file);
    Statement { file: source.path.clone(), line: source.position(span.start).line as usize, verdict, rule }
}
