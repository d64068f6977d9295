//! Every fixture says what its rule must say about it, to the line; here the rules run natively.

use std::path::Path;

use verdikt_expectations::{problems_of_fixtures, problems_of_metadata, problems_of_unknowns};
use verdikt_rules_extended::PACK;

#[test]
fn metadata_is_complete() {
    let problems = problems_of_metadata(&PACK);
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn fixtures_get_the_verdicts_that_they_state() {
    let problems = problems_of_fixtures(&PACK, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn what_is_said_of_unknown_values_holds_for_all_values() {
    let problems = problems_of_unknowns(&PACK, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"));
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}
