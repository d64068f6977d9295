//! What the detector says of the files of real programs, and where: a list of files.

use verdikt_rules_shared::{CredentialSettings, InText, Outcome, Syntax};
use verdikt_sdk::Tape;

#[test]
fn files_of_real_programs() {
    let settings = CredentialSettings::default();
    let detector = settings.detector();
    let tape = Tape::parse("{}").unwrap();
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
            InText::Clean => match detector.by_name(name, &text, tape.root()) {
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
