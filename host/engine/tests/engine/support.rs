//! What the tests share: the built pack, texts as input, reports as short lines.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use verdikt_engine::input::{Input, LoadOptions};
use verdikt_engine::model::{Date, Report, Verdict};
use verdikt_engine::runtime::{PackSource, Precompiled};
use verdikt_engine::{Check, Engine};

/// A file of the pack `workload`, as `cargo xtask packs` built it.
pub fn built(extension: &str) -> Vec<u8> {
    built_file("workload", extension)
}

fn built_file(id: &str, extension: &str) -> Vec<u8> {
    let folder = std::env::var_os("VERDIKT_PACKS_DIR").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/packs"));
    let path = folder.join(id).with_extension(extension);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask packs` first", path.display()))
}

pub fn pack(name: &str, wasm: Vec<u8>) -> PackSource<'static> {
    PackSource { name: name.to_owned(), wasm: Cow::Owned(wasm), precompiled: None }
}

/// An engine with the built-in pack, one for all tests.
pub fn engine() -> &'static Engine {
    static ENGINE: LazyLock<Engine> = LazyLock::new(compiled_engine);
    &ENGINE
}

/// The same without the time that compiling takes.
pub fn compiled_engine() -> Engine {
    Engine::builder().pack(built_pack("workload")).build().unwrap()
}

/// A built-in pack as it is in the binary of the CLI.
pub fn built_pack(id: &str) -> PackSource<'static> {
    // In a program it is part of the binary; here it lives as long as the process, too.
    let artifact = built_file(id, "cwasm").leak();
    let description = String::from_utf8(built_file(id, "json")).unwrap().leak();
    let precompiled = Some(Precompiled { artifact, description });
    PackSource { name: format!("{id}.wasm"), wasm: Cow::Owned(built_file(id, "wasm")), precompiled }
}

/// Texts by path, as one document set.
pub fn check(texts: &[(&str, &str)]) -> Check {
    let inputs =
        texts.iter().map(|(path, text)| Input::Text { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() });
    let load = LoadOptions { inputs: inputs.collect(), ..LoadOptions::default() };
    Check::new(load, Date::parse("2026-11-22").unwrap())
}

/// A pod in the namespace `test` with one privileged container.
pub fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: test\nspec:\n  containers:\n    \
         - name: app\n      image: registry.example/app:1.0\n      securityContext:\n        privileged: true\n"
    )
}

/// `LINE VERDICT RULE`, in the order of the report.
pub fn lines(report: &Report) -> Vec<String> {
    let rows = report.rows.iter();
    rows.map(|row| {
        let line = row.location.as_ref().map_or(0, |place| place.line);
        format!("{line} {} {}", row.verdict, report.rule(row).id)
    })
    .collect()
}

/// `LINE CODE MESSAGE` of what is said about a file.
pub fn said(report: &Report, file: &str) -> Vec<String> {
    let of_file = report.diagnostics.iter().filter_map(|it| Some((it, it.location.as_ref()?)));
    let of_file = of_file.filter(|(_, place)| place.file == file);
    of_file.map(|(it, place)| format!("{} {} {}", place.line, it.code, it.message)).collect()
}

pub fn count(report: &Report, verdict: Verdict) -> usize {
    report.rows.iter().filter(|row| row.verdict == verdict).count()
}
