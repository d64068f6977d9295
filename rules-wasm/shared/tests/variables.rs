//! What the detector says of the variables of real programs: a table of names and values.

use verdikt_rules_shared::{Detector, NamePatterns, Outcome, ValuePatterns};
use verdikt_sdk::{Document, Envelope};

#[test]
fn variables_of_real_programs() {
    let names = NamePatterns::from(NamePatterns::DEFAULT);
    let allowed = NamePatterns::from([]);
    let values = ValuePatterns::from(ValuePatterns::DEFAULT);
    let detector = Detector { names: &names, allowed: &allowed, values: &values };
    let envelope = Envelope {
        id: 0,
        platform: "workload".to_owned(),
        kind: "Pod".to_owned(),
        namespace: None,
        name: "x".to_owned(),
        address: "x".to_owned(),
        origin: None,
    };
    let document = Document::new(envelope, "{}").unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("variables.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (row, _) = line.split_once("   # ").or_else(|| line.split_once(" # ")).unwrap_or((line, ""));
        let (expected, assignment) = row.split_once(' ').unwrap();
        let (name, value) = assignment.split_once('=').unwrap();
        let said = match detector.of_text(name, &value.replace('~', ""), document.root()) {
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
