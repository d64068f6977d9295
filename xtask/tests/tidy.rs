//! What compilers do not check about this repository: that every file says what it is for, and that no
//! crate depends on another that it must not know.

#![expect(clippy::disallowed_methods, reason = "the source is what is tested")]

use std::fs;
use std::path::{Path, PathBuf};

/// Who may depend on whom, as ARCHITECTURE.md says. Tests may use more.
const LAYERS: &[(&str, &[&str])] = &[
    ("host/model", &[]),
    ("host/terraform", &["verdikt-model"]),
    ("host/input", &["verdikt-model", "verdikt-terraform"]),
    ("host/runtime", &["verdikt-model"]),
    ("host/report", &["verdikt-model"]),
    ("host/engine", &["verdikt-model", "verdikt-input", "verdikt-runtime", "verdikt-report"]),
    ("", &["verdikt-engine"]),
    ("sdk/rust", &[]),
    ("rules-wasm/shared", &["verdikt-sdk"]),
    ("rules-wasm/expectations", &["verdikt-model", "verdikt-input", "verdikt-sdk"]),
    ("examples/embed", &["verdikt-engine"]),
    ("benches", &["verdikt-model", "verdikt-input", "verdikt-engine"]),
    ("xtask", &[]),
    ("xtask/precompile", &["verdikt-runtime"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is in the repository").to_owned()
}

/// Every Rust file of the repository, except what cargo made and what other people's packs are.
fn sources() -> Vec<PathBuf> {
    let mut folders = vec![root()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is readable") {
            let entry = entry.expect("the entry is readable");
            let (path, name) = (entry.path(), entry.file_name());
            if entry.file_type().expect("the entry has a type").is_dir() {
                if name != "target" && !name.to_string_lossy().starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    sources
}

/// The names under `[dependencies]` of a manifest.
fn dependencies(manifest: &str) -> Vec<String> {
    let lines = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| Some(line.split(['.', '=', ' ']).next()?.to_owned())).collect()
}

#[test]
fn every_file_says_what_it_is_for() {
    let sources = sources();
    assert!(sources.len() > 50, "only {} files were found", sources.len());
    let silent: Vec<_> = sources
        .iter()
        .filter(|path| {
            let text = fs::read_to_string(path).expect("the file is readable");
            !text.starts_with("//! ")
        })
        .collect();
    assert!(silent.is_empty(), "these files do not begin with a `//!` comment: {silent:#?}");
}

#[test]
fn no_crate_depends_on_one_that_it_must_not_know() {
    for (folder, allowed) in LAYERS {
        let path = root().join(folder).join("Cargo.toml");
        let manifest = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let ours = dependencies(&manifest).into_iter().filter(|name| name.starts_with("verdikt"));
        for name in ours {
            assert!(allowed.contains(&name.as_str()), "{} must not depend on {name}", path.display());
        }
    }
}

#[test]
fn guests_depend_on_the_sdk_and_what_they_share() {
    for entry in fs::read_dir(root().join("rules-wasm")).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path().join("Cargo.toml");
        // Without a `cdylib` it is no guest, but something for their tests.
        let guest = fs::read_to_string(&path).ok().filter(|manifest| manifest.contains("\"cdylib\""));
        let Some(manifest) = guest else { continue };
        for name in dependencies(&manifest).into_iter().filter(|name| name.starts_with("verdikt")) {
            let known = ["verdikt-sdk", "verdikt-rules-shared"].contains(&name.as_str());
            assert!(known, "{} must not depend on {name}", path.display());
        }
    }
}
