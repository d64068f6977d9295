//! The disagreements that are accepted, each with a reason.

use std::collections::BTreeMap;
use std::path::Path;

use verdikt_input::{InputLimits, Syntax, parse};
use verdikt_model::FileId;

/// Reasons by case. A case is `example RULE KIND WHICH` or
/// `CORPUS TOPIC/DETAIL FILE RESOURCE EXPECTED`.
pub fn accepted() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/accepted.yaml");
    let text = std::fs::read_to_string(&path).expect("the file is readable");
    let (documents, diagnostics) = parse(Syntax::Yaml, FileId(0), &text, &InputLimits::default());
    assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", path.display());
    let mut cases = BTreeMap::new();
    for group in documents.iter().flat_map(|document| document.tree.node(document.root).items()) {
        let reason = group.str("reason").expect("every group has a reason").trim();
        let listed = group.get("cases").expect("every group has cases");
        for case in listed.items() {
            let case = case.as_str().expect("a case is a text").to_owned();
            let before = cases.insert(case.clone(), reason.to_owned());
            assert!(before.is_none(), "{case} stands twice in {}", path.display());
        }
    }
    cases
}

/// What is wrong when these cases were judged and these of them disagree, one sentence each.
pub fn problems(judged: &[String], disagree: &BTreeMap<String, String>) -> Vec<String> {
    let accepted = accepted();
    let mut problems: Vec<String> = disagree
        .iter()
        .filter(|(case, _)| !accepted.contains_key(*case))
        .map(|(case, what)| format!("disagrees: {case}: {what}"))
        .collect();
    let agrees = |case: &&String| judged.contains(case) && !disagree.contains_key(*case);
    problems.extend(accepted.keys().filter(agrees).map(|case| format!("agrees, take it from accepted.yaml: {case}")));
    problems
}
