//! Real modules: what is said of them must be what Terraform would say.

use std::fs;
use std::path::{Path, PathBuf};

use verdikt_model::DiagnosticPlace;
use verdikt_terraform::budget::Limits;
use verdikt_terraform::program::{Inputs, Program};

use super::support::Disk;

/// Folders below one, with the files of Terraform in them.
fn folders(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(folder) = waiting.pop() {
        let mut has_files = false;
        for entry in fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                waiting.push(path);
            } else {
                has_files |= path.extension().is_some_and(|extension| extension == "tf");
            }
        }
        if has_files {
            found.push(folder.to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

/// What is said of the labelled ones, and why Terraform would say it, too. Most of them are examples that
/// show one resource and leave away what it refers to.
const EXPECTED: &[(&str, &str)] = &[
    ("is not declared in this module", "the example leaves the declaration away"),
    ("is neither declared here", "a name without quotes, where a text is meant"),
    ("is declared more than once", "alternatives stand beside each other in one folder"),
    ("does not exist", "the example leaves a file away"),
    ("A type is written without quotes.", "written for Terraform 0.11"),
];

#[test]
fn real_modules() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    if !corpora.is_dir() {
        println!("skipped: there are no real modules beside the repository");
        return;
    }
    let mut evaluated = 0;
    let mut unexpected = Vec::new();
    for (part, expected) in [("labelled", EXPECTED), ("robustness", &[])] {
        for entry in fs::read_dir(corpora.join(part)).into_iter().flatten().flatten() {
            let files = Disk::new(&entry.path());
            let program = Program::new(&files);
            for root in program.roots(&folders(&entry.path())).roots {
                let evaluation = program.evaluate(&root, &Inputs::default(), Limits::default()).expect("a module");
                evaluated += 1;
                for diagnostic in &evaluation.diagnostics {
                    if !expected.iter().any(|(text, _)| diagnostic.message.contains(text)) {
                        let place = match &diagnostic.place {
                            DiagnosticPlace::Span(span) => files.place(*span),
                            place => format!("{place:?}"),
                        };
                        unexpected.push(format!("{part} {place}: {}", diagnostic.message));
                    }
                }
            }
        }
    }
    assert!(evaluated > 50, "only {evaluated} roots were found");
    assert!(unexpected.is_empty(), "{unexpected:#?}");
}
