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

#[test]
fn real_modules() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    if !corpora.is_dir() {
        println!("skipped: there are no real modules beside the repository");
        return;
    }
    for part in ["labelled", "robustness"] {
        for entry in fs::read_dir(corpora.join(part)).into_iter().flatten().flatten() {
            let files = Disk::new(&entry.path());
            let program = Program::new(&files);
            let roots = program.roots(&folders(&entry.path()));
            for root in &roots.roots {
                let evaluation = program.evaluate(root, &Inputs::default(), Limits::default()).expect("a module");
                println!(
                    "== {} {root}: {} items, {} modules, {} unread",
                    entry.path().display(),
                    evaluation.items.len(),
                    evaluation.modules.len(),
                    evaluation.unread.len()
                );
                for diagnostic in &evaluation.diagnostics {
                    let place = match &diagnostic.place {
                        DiagnosticPlace::Span(span) => files.place(*span),
                        place => format!("{place:?}"),
                    };
                    println!("   {place}: {} {}", diagnostic.code, diagnostic.message);
                }
            }
        }
    }
}
