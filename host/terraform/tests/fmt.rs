//! `terraform fmt` as the oracle: it accepts a file exactly when Terraform's own parser does.
//!
//! Where the program is not installed, the tests say so and pass.

#![expect(clippy::disallowed_methods, reason = "another program judges files that are written for it")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use verdikt_model::{FileId, LineIndex};
use verdikt_terraform::syntax::parse;

/// Where Terraform sees mistakes, and what it calls them. Its parser names the place of some mistakes by
/// what it found when it went on: the next closing bracket, or the end of the file.
const PLACED_LATE: [&str; 4] = [
    "Missing close bracket on index",
    "Missing close bracket on splat index",
    "Unterminated template string",
    "Unclosed configuration block",
];

/// The errors of one file.
#[derive(Default)]
struct Errors {
    lines: BTreeSet<u32>,
    /// Whether one of them is [`PLACED_LATE`].
    late: bool,
}

/// Errors by file name; `None` when the program is missing.
fn oracle(folder: &Path) -> Option<BTreeMap<String, Errors>> {
    let output = Command::new("terraform")
        .args(["fmt", "-no-color", "-write=false", "-list=false", "-recursive", "."])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .output();
    let Ok(output) = output else {
        println!("skipped: there is no `terraform` on this machine to compare with");
        return None;
    };
    let mut errors: BTreeMap<String, Errors> = BTreeMap::new();
    let mut late = false;
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        if let Some(summary) = line.trim_start().strip_prefix("Error: ") {
            late = PLACED_LATE.contains(&summary);
        }
        let place = line.trim_start().strip_prefix("on ").and_then(|place| place.split_once(" line "));
        if let Some((file, rest)) = place {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            // Sentences of messages may begin like a place.
            if let Ok(line) = digits.parse() {
                let file = errors.entry(file.to_owned()).or_default();
                file.lines.insert(line);
                file.late |= late;
            }
        }
    }
    Some(errors)
}

/// The lines of our problems.
fn ours(text: &str) -> BTreeSet<u32> {
    let lines = LineIndex::new(text);
    parse(FileId(0), text).problems.iter().map(|problem| lines.position(text, problem.span.start).line).collect()
}

/// What is different: accepted by one only, or refused at other lines.
fn differences(texts: &[String]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (index, text) in texts.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.tf")), text).expect("the file is written");
    }
    let oracle = oracle(folder.path())?;
    let mut different = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let nothing = Errors::default();
        let theirs = oracle.get(&format!("{index}.tf")).unwrap_or(&nothing);
        let ours = ours(text);
        // Behind the first mistake both guess how to go on.
        let agree = if theirs.late {
            ours.first() <= theirs.lines.last() && !ours.is_empty()
        } else if theirs.lines.is_empty() {
            ours.is_empty()
        } else {
            !theirs.lines.is_disjoint(&ours)
        };
        if !agree {
            let theirs = &theirs.lines;
            let changed = text.bytes().zip(EVERYTHING.bytes()).take_while(|(left, right)| left == right).count();
            let changed = text.floor_char_boundary(changed);
            different.push(format!(
                "theirs {theirs:?}, ours {ours:?}, changed at {}:\n{}\n",
                text[..changed].matches('\n').count() + 1,
                &text[text[..changed].rfind('\n').map_or(0, |line| line + 1)..text.floor_char_boundary(changed + 60)]
            ));
        }
    }
    Some(different)
}

const EVERYTHING: &str = include_str!("samples/everything.tf");

#[test]
fn the_sample_is_right() {
    assert_eq!(parse(FileId(0), EVERYTHING).problems, []);
    if let Some(different) = differences(&[EVERYTHING.to_owned()]) {
        assert_eq!(different, [""; 0]);
    }
}

/// Each text is the sample with one change, which mostly makes it wrong.
#[test]
fn changed_samples_are_refused_where_terraform_refuses_them() {
    let mut texts = Vec::new();
    let offsets: Vec<usize> = EVERYTHING.char_indices().map(|(at, _)| at).collect();
    for at in &offsets {
        let (before, after) = EVERYTHING.split_at(*at);
        let mut rest = after.chars();
        rest.next();
        texts.push(format!("{before}{}", rest.as_str()));
    }
    const INSERTED: [&str; 24] = [
        "{", "}", "(", ")", "[", "]", "\"", "\n", ",", "=", ":", ".", "*", "${", "%{", "~", "#", "/*", "<<E\n", "x",
        "1", "-", "?", "'",
    ];
    for (step, at) in offsets.iter().enumerate() {
        let (before, after) = EVERYTHING.split_at(*at);
        texts.push(format!("{before}{}{after}", INSERTED[step % INSERTED.len()]));
        texts.push(format!("{before}{}{after}", INSERTED[(step * 7 + 3) % INSERTED.len()]));
    }
    for at in offsets.iter().step_by(9) {
        texts.push(EVERYTHING[..*at].to_owned());
    }
    if let Some(different) = differences(&texts) {
        for difference in different.iter().take(200) {
            println!("{difference}");
        }
        assert!(different.is_empty(), "{} of {} texts are judged otherwise", different.len(), texts.len());
    }
}

/// Real modules, where the checkout has them beside it.
#[test]
fn real_files_are_judged_as_terraform_judges_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    if !root.is_dir() {
        println!("skipped: no collection of real files beside this checkout");
        return;
    }
    let mut texts = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is readable") {
            let path = entry.expect("the entry is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "tf")
                && let Ok(text) = fs::read_to_string(&path)
            {
                texts.push(text);
            }
        }
    }
    if let Some(different) = differences(&texts) {
        assert!(different.is_empty(), "of {} files:\n{}", texts.len(), different.join("\n"));
    }
}
