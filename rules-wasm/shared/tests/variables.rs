//! What the detector says of the variables of real programs: a table of names and values.

use verdikt_rules_shared::{CredentialSettings, Outcome};
use verdikt_sdk::Tape;

#[test]
fn variables_of_real_programs() {
    let settings = CredentialSettings::default();
    let detector = settings.detector();
    let tape = Tape::parse("{}").unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("variables.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (row, _) = line.split_once("   # ").or_else(|| line.split_once(" # ")).unwrap_or((line, ""));
        let (expected, assignment) = row.split_once(' ').unwrap();
        let (name, value) = assignment.split_once('=').unwrap();
        let said = match detector.of_text(name, &value.replace('~', ""), tape.root()) {
            Outcome::Clean => "clean",
            Outcome::Credential(_) => "secret",
            Outcome::Unknown(_) | Outcome::Template(_) => "open",
        };
        if said != expected {
            wrong.push(format!("{line}: {said}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 300);
}
