//! Embeds Verdikt in a program: loads a pack, checks a folder and a text, reads the report.
//!
//! ```text
//! cargo run --release --bin embed -- target/packs/workload.wasm examples/kubernetes
//! ```

#![expect(clippy::disallowed_methods, reason = "a program that embeds the engine reads what it wants")]

use std::borrow::Cow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use verdikt_engine::input::{Input, LoadOptions};
use verdikt_engine::model::{Date, Gate, Verdict};
use verdikt_engine::runtime::PackSource;
use verdikt_engine::{Check, Engine, Selection};

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (pack, folder) = arguments
        .next()
        .zip(arguments.next())
        .context("usage: embed PACK.wasm PATH (`cargo xtask packs` writes target/packs/workload.wasm)")?;

    // An engine is made once and may be shared by all threads of a program.
    let wasm = std::fs::read(&pack).with_context(|| format!("cannot read the pack {}", pack.display()))?;
    let source = PackSource { name: pack.display().to_string(), wasm: Cow::Owned(wasm), precompiled: None };
    let engine = Engine::builder().pack(source).build()?;
    for problem in engine.problems() {
        eprintln!("{}", problem.message);
    }

    // The engine reads no clock: whoever embeds it says on which day acceptances hold or have ended.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
    let today = Date::from_unix(i64::try_from(now.as_secs())?).context("the clock is wrong")?;

    // A folder on disk.
    let load = LoadOptions {
        inputs: vec![Input::Path(folder)],
        cwd: std::env::current_dir().context("the current folder is gone")?,
        ..LoadOptions::default()
    };
    let report = engine.check(&Check::new(load, today))?;
    for row in report.rows.iter().filter(|row| row.verdict == Verdict::Fail) {
        let place = row.location.as_ref().map_or(String::new(), |place| format!("{}:{}", place.file, place.line));
        println!("{place}: {} {}", report.rule(row).id, row.message);
    }
    println!("{} passed, {} failed, {} unknown", report.summary.pass, report.summary.fail, report.summary.unknown);

    // A text from anywhere, such as an editor or an admission request, and one rule only.
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: debug\nspec:\n  containers:\n    - name: sh\n      \
                    image: registry.example/sh:1.0\n      securityContext:\n        privileged: yes\n";
    let input = Input::Text { path: "request.yaml".to_owned(), bytes: manifest.into() };
    let mut check = Check::new(LoadOptions { inputs: vec![input], ..LoadOptions::default() }, today);
    check.selection = Selection { select: vec!["privileged".to_owned()], ignore: Vec::new() };
    let admitted = engine.check(&check)?.gate == Gate::Passed;
    println!("the debug pod is {}", if admitted { "admitted" } else { "denied" });

    Ok(if report.gate == Gate::Passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
