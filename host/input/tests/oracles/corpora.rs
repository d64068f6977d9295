//! Real files: nothing panics, what is ours is taken for that, what is said about the files is
//! right, and what they hold is what kubectl reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Deserializer, Value};
use verdikt_input::{Input, LoadOptions, Loaded, load};
use verdikt_model::{Code, Diagnostic, DiagnosticPlace, Document, FileOutcome, Platform};

use crate::kubectl;
use crate::support::{corpus, sorted, value};

/// The folders of the corpora.
const FOLDERS: [&str; 2] = ["labelled", "robustness"];

/// What may be said about the files; its first lines describe it.
const EXPECTED: &str = include_str!("corpora_diagnostics.txt");

/// The heading of what nobody has looked at yet.
const NEW: &str = "Not examined yet.";

fn load_all(folder: &Path, inputs: &[&str]) -> Loaded {
    load(&LoadOptions {
        inputs: inputs.iter().map(|input| Input::Path(input.into())).collect(),
        cwd: folder.to_owned(),
        ..LoadOptions::default()
    })
}

#[test]
fn only_what_is_right_is_said_about_real_files() {
    let Some(folder) = corpus("") else { return };
    let loaded = load_all(&folder, &FOLDERS);
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for diagnostic in &loaded.diagnostics {
        // The corpora hold variants of one application beside each other; these are counted below.
        if diagnostic.code != Code::RepeatedAddress {
            *found.entry(format!("{} {}", diagnostic.code, file(&loaded, diagnostic))).or_default() += 1;
        }
    }
    let groups = groups(EXPECTED);
    let expected: BTreeMap<&str, usize> = groups.iter().flat_map(|(_, lines)| lines.clone()).collect();
    if expected.iter().map(|(line, count)| (*line, *count)).eq(found.iter().map(|(line, count)| (&**line, *count))) {
        assert!(groups.iter().all(|(heading, _)| *heading != NEW), "some diagnostics have no reason yet");
        return;
    }
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/corpora_diagnostics.txt");
        fs::write(path, updated(&groups, &found)).unwrap();
        panic!("corpora_diagnostics.txt was updated; examine what is new, and run this again");
    }
    let mut difference = String::new();
    for diagnostic in &loaded.diagnostics {
        let line = format!("{} {}", diagnostic.code, file(&loaded, diagnostic));
        if diagnostic.code != Code::RepeatedAddress && expected.get(&*line) != found.get(&line) {
            let _ = writeln!(difference, "{line}: {}", diagnostic.message);
        }
    }
    for (line, count) in expected.iter().filter(|(line, _)| !found.contains_key(**line)) {
        let _ = writeln!(difference, "{line}: listed {count} times, and not there");
    }
    panic!("these differ from corpora_diagnostics.txt:\n{difference}");
}

/// The path of the file that a diagnostic is about.
fn file<'a>(loaded: &'a Loaded, diagnostic: &'a Diagnostic) -> &'a str {
    match &diagnostic.place {
        DiagnosticPlace::Span(span) => &loaded.sources.get(span.file).path,
        DiagnosticPlace::Path(path) => path,
        DiagnosticPlace::Resolved(location) => &location.file,
        DiagnosticPlace::Nowhere => "-",
    }
}

/// Reads the list: headings with the diagnostics below them, each with how often it stands in its
/// file.
fn groups(text: &str) -> Vec<(&str, Vec<(&str, usize)>)> {
    let mut groups = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("= ") {
            groups.push((heading, Vec::new()));
        } else if let Some((_, lines)) = groups.last_mut().filter(|_| !line.is_empty()) {
            lines.push(line.rsplit_once(" x").map_or((line, 1), |(line, count)| (line, count.parse().unwrap())));
        }
    }
    groups
}

/// The list with what was found: what stood in a group stays there.
fn updated(groups: &[(&str, Vec<(&str, usize)>)], found: &BTreeMap<String, usize>) -> String {
    let introduction = EXPECTED.lines().take_while(|line| line.starts_with('#'));
    let mut out = introduction.fold(String::new(), |out, line| out + line + "\n");
    let listed: BTreeSet<&str> = groups
        .iter()
        .filter(|(heading, _)| *heading != NEW)
        .flat_map(|(_, lines)| lines.iter().map(|(line, _)| *line))
        .collect();
    let mut group = |heading: &str, belongs: &dyn Fn(&str) -> bool| {
        let lines: Vec<_> = found.iter().filter(|(line, _)| belongs(line)).collect();
        if lines.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n= {heading}");
        for (line, count) in lines {
            let times = if *count > 1 { format!(" x{count}") } else { String::new() };
            let _ = writeln!(out, "{line}{times}");
        }
    };
    for (heading, lines) in groups.iter().filter(|(heading, _)| *heading != NEW) {
        group(heading, &|line| lines.iter().any(|(listed, _)| *listed == line));
    }
    group(NEW, &|line| !listed.contains(line));
    out
}

#[test]
fn files_are_taken_for_what_their_authors_say() {
    let Some(folder) = corpus("") else { return };
    let loaded = load_all(&folder, &["labelled"]);
    let outcomes: BTreeMap<&str, &FileOutcome> =
        loaded.coverage.files.iter().map(|file| (file.path.as_str(), &file.outcome)).collect();
    let index = fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let mut checked = 0;
    for row in Deserializer::from_str(&index).into_iter::<Value>() {
        let row = row.unwrap();
        let expected = match row["format"].as_str() {
            Some("k8s") => "kubernetes",
            Some("ecs") => "ecs",
            Some("tf-hcl") => "terraform",
            Some("tf-plan") => "tfplan",
            _ => continue,
        };
        let path = format!("labelled/{}", row["file"].as_str().unwrap());
        let outcome = outcomes.get(&*path);
        let fits = matches!(outcome, Some(FileOutcome::Scanned { format, documents: 1.. }) if *format == expected);
        assert!(fits, "{path} is {expected}: {outcome:?}");
        checked += 1;
    }
    assert!(checked > 5000, "{checked}");
}

#[test]
fn addresses_said_to_repeat_do() {
    let Some(folder) = corpus("") else { return };
    let loaded = load_all(&folder, &FOLDERS);
    let mut repeated: BTreeMap<u32, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for document in loaded.documents.iter().filter(|document| document.platform != Platform::Workload) {
        if !document.name.is_empty() && !seen.insert((document.set.0, document.platform.as_str(), &document.address)) {
            *repeated.entry(document.set.0).or_default() += 1;
        }
    }
    let said = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.code == Code::RepeatedAddress).count();
    assert_eq!(said, repeated.values().map(|count| *count.min(&100)).sum::<usize>());
}

#[test]
fn objects_are_those_that_kubectl_reads() {
    let Some(folder) = corpus("") else { return };
    let folders = ["labelled", "robustness/kubernetes-examples", "robustness/microservices-demo"];
    let Some(objects) = kubectl::objects(&folders, &folder) else { return };
    let mut theirs: BTreeMap<String, usize> = BTreeMap::new();
    for object in objects {
        // Not sent to any cluster, so not ours.
        let group = object["apiVersion"].as_str().unwrap_or_default();
        if !group.starts_with("kustomize.config.k8s.io/") {
            *theirs.entry(sorted(object).to_string()).or_default() += 1;
        }
    }
    let loaded = load_all(&folder, &folders);
    let mut compared = 0;
    // Those of Terraform have an origin.
    let is_manifest = |it: &&Document| it.platform == Platform::Kubernetes && it.origin.is_none();
    for document in loaded.documents.iter().filter(is_manifest) {
        let ours = sorted(kubectl::declared(value(document.tree.node(document.root)))).to_string();
        let path = PathBuf::from(&loaded.sources.get(document.span.file).path);
        let count = theirs.get_mut(&ours).filter(|count| **count > 0);
        *count.unwrap_or_else(|| panic!("kubectl does not read this in {}: {ours}", path.display())) -= 1;
        compared += 1;
    }
    theirs.retain(|_, count| *count > 0);
    assert!(theirs.is_empty(), "kubectl reads more: {theirs:#?}");
    assert!(compared > 5000, "{compared}");
}
