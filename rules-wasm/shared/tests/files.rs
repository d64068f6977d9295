//! What the detector says of the files of real programs, and where: a list of files.

use verdikt_rules_shared::{Detector, InText, NamePatterns, Outcome, Syntax, ValuePatterns};
use verdikt_sdk::{Document, Envelope};

#[test]
fn files_of_real_programs() {
    let names = NamePatterns::from(NamePatterns::DEFAULT);
    let allowed = NamePatterns::from([]);
    let values = ValuePatterns::from(ValuePatterns::DEFAULT);
    let detector = Detector { names: &names, allowed: &allowed, values: &values };
    let envelope = Envelope {
        id: 0,
        platform: "kubernetes".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespace: None,
        name: "x".to_owned(),
        address: "x".to_owned(),
        origin: None,
    };
    let document = Document::new(envelope, "{}").unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in include_str!("files.txt").split("\n=== ").skip(1) {
        let (header, text) = file.split_once('\n').unwrap();
        let text = text.replace('~', "");
        let (expected, name) = header.rsplit_once(' ').unwrap();
        let said = match detector.in_text(&text, Syntax::of(name)) {
            InText::Credential(line, _) => format!("secret {}", line.number),
            InText::Template => "open".to_owned(),
            // As the rule does it: the file's own name may be one of a credential.
            InText::Clean => match detector.by_name(name, &text, document.root()) {
                Outcome::Credential(_) => "secret 1".to_owned(),
                _ => "clean".to_owned(),
            },
        };
        if said != expected {
            wrong.push(format!("{said}, not {header}:\n{text}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 60);
}
