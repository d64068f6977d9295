//! The examples of the rule catalogue: each states the verdict of its rule.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use verdikt_input::{InputLimits, Syntax, parse};
use verdikt_model::{FileId, NodeRef, Verdict};

use crate::accepted::problems;
use crate::{beside, rules, verdikt};

/// The kinds of documents that are read, with the names that their files get. Dockerfiles and answers
/// of people are not among them.
const KINDS: [(&str, &str); 3] = [("kubernetes", "example.yaml"), ("ecs", "example.json"), ("terraform", "main.tf")];

#[test]
fn examples_of_the_catalogue_get_the_verdicts_that_it_states() {
    let Some(path) = beside("controls/controls.yaml") else { return };
    let text = fs::read_to_string(&path).expect("the catalogue is readable");
    let (documents, _) = parse(Syntax::Yaml, FileId(0), &text, &InputLimits::default());
    let catalogue = documents[0].tree.node(documents[0].root).get("rules").expect("rules of the catalogue");
    let built = rules();
    let mut judged = Vec::new();
    let mut disagree = BTreeMap::new();
    for rule in catalogue.items() {
        let id = rule.str("id").expect("a rule has an id");
        if !built.iter().any(|built| built == id) {
            continue;
        }
        let parameters: Vec<String> = rule
            .get("examples_parameters")
            .into_iter()
            .flat_map(NodeRef::entries)
            // Strings are given as they are.
            .map(|(name, value)| {
                format!("{id}.{name}={}", value.as_str().map_or_else(|| value.to_json(), str::to_owned))
            })
            .collect();
        for (kind, file) in KINDS {
            for (which, example) in rule.path(&["examples", kind]).into_iter().flat_map(NodeRef::entries) {
                let expected = rule.path(&["examples_expected", kind, which]).and_then(NodeRef::as_str);
                let expected =
                    expected.expect("every example has an expected verdict").to_lowercase().replace('_', "-");
                let found = verdict(id, file, example.as_str().expect("an example is a text"), &parameters);
                let case = format!("example {id} {kind} {which}");
                if found != expected {
                    disagree.insert(case.clone(), format!("expected {expected}, found {found}"));
                }
                judged.push(case);
            }
        }
    }
    println!("examples of the catalogue: {} of {} agree", judged.len() - disagree.len(), judged.len());
    assert!(!judged.is_empty(), "no example was judged");
    let problems = problems(&judged, &disagree);
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// The worst verdict of a rule over an example.
fn verdict(rule: &str, file: &str, text: &str, parameters: &[String]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(Path::new(file)), text).expect("the example is written");
    let mut command = verdikt();
    command.current_dir(folder.path());
    command.args(["check", file, "--select", rule, "--show", "pass,not-applicable", "--format", "json"]);
    for parameter in parameters {
        command.args(["--param", parameter]);
    }
    let output = command.output().expect("the CLI runs");
    let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) else {
        return format!("no report: {}", String::from_utf8_lossy(&output.stderr));
    };
    let verdicts = report["results"].as_array().into_iter().flatten();
    let verdicts = verdicts.filter_map(|row| Verdict::parse(row["verdict"].as_str()?));
    verdicts.max_by_key(|verdict| badness(*verdict)).map_or_else(|| "none".to_owned(), |verdict| verdict.to_string())
}

/// In the catalogue's order of merging: the worst wins.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Error => 6,
        Verdict::Fail => 5,
        Verdict::Unknown => 4,
        Verdict::Manual => 3,
        Verdict::Informational => 2,
        Verdict::Pass => 1,
        Verdict::NotApplicable => 0,
    }
}
