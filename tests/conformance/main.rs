//! What others expect of the built-in rules: the examples of the rule catalogue and labelled cases from
//! the tests of other tools.
//!
//! Both lie beside the repository, in a folder that is not part of it; where it is missing the tests say
//! so and end. What disagrees is either a defect or stands in `accepted.yaml` with the reason; what
//! stands there and agrees is a defect of that file. `cargo xtask conformance` runs just this.

#![expect(clippy::disallowed_methods, reason = "tests read files and start programs")]

mod accepted;
mod examples;
mod labelled;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What lies beside the repository, or `None` with a line that says what is not run for lack of it.
fn beside(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if !found.exists() {
        eprintln!("skipped: {} is not there", found.display());
        return None;
    }
    Some(found)
}

fn verdikt() -> Command {
    Command::new(env!("CARGO_BIN_EXE_verdikt"))
}

/// The rules of this build, as `verdikt rules --format json` lists them.
fn rules() -> Vec<String> {
    let listed = verdikt().args(["rules", "--format", "json"]).output().expect("the CLI runs");
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("a list of rules");
    let ids = listed.as_array().into_iter().flatten().filter_map(|rule| rule["id"].as_str());
    ids.map(str::to_owned).collect()
}
