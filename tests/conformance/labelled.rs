//! Labelled cases from the tests of other tools, scored by the script that lies beside them.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::accepted::problems;
use crate::{beside, rules};

/// Of a hundred rows, so many must agree; the rest is explained one by one.
const NEEDED: usize = 99;

/// The rows about the profiles of the Pod Security Standards, of which every one must agree.
const PROFILES: &str = "pss (profiles)";

/// A corpus with a few rows only may have so many that are explained.
const FEW: usize = 2;

#[test]
fn labelled_cases_agree_or_are_explained() {
    let Some(script) = beside("corpora/score.py") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let rows = folder.path().join("rows.jsonl");
    let mut command = Command::new("python3");
    command.arg(script).args(["--bin", env!("CARGO_BIN_EXE_verdikt"), "--json"]).arg(&rows);
    let Ok(output) = command.output() else {
        eprintln!("skipped: there is no python3");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = fs::read_to_string(&rows).expect("the script writes the rows");
    let built = rules();
    let mut judged = Vec::new();
    let mut disagree = BTreeMap::new();
    let mut tally: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).expect("a row is JSON");
        let speak = row["rules"].as_array().into_iter().flatten().filter_map(Value::as_str);
        // Rules that are not built yet cannot disagree.
        if !speak.clone().all(|rule| built.iter().any(|built| built == rule)) {
            continue;
        }
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let case = format!(
            "{} {}/{} {} {} {}",
            text("corpus"),
            text("topic"),
            text("detail"),
            text("file"),
            row["resource"].as_str().unwrap_or("-"),
            text("expected")
        );
        let agrees = row["agrees"] == true;
        // The profiles of the Pod Security Standards are exact; single rules have one answer for both.
        let is_profile = text("topic").starts_with("pss-");
        let corpus = if is_profile { PROFILES.to_owned() } else { text("corpus") };
        let (good, all) = tally.entry((corpus, text("format"))).or_default();
        *good += usize::from(agrees);
        *all += 1;
        if !agrees {
            let rules = speak.collect::<Vec<_>>().join(", ");
            disagree.insert(case.clone(), format!("{rules}; the label is that of {}", text("upstream_rule")));
        }
        judged.push(case);
    }
    judged.sort();
    judged.dedup();
    let mut problems = problems(&judged, &disagree);
    for ((corpus, format), (good, all)) in &tally {
        println!("{corpus:24} {format:8} {good:5} of {all:5} agree");
        if corpus == PROFILES && good < all {
            problems.push(format!("{corpus}: only {good} of {all} agree, and all are needed"));
        }
    }
    let (good, all) = tally.values().fold((0, 0), |(good, all), row| (good + row.0, all + row.1));
    println!("{good} of {all} rows agree");
    if good * 100 < all * NEEDED {
        problems.push(format!("only {good} of {all} agree, {NEEDED} % are needed"));
    }
    assert!(!judged.is_empty(), "no row was judged");
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}
