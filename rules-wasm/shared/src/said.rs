//! What a rule says of one value, and of a value of which only the alternatives are known.

use verdikt_sdk::{Finding, Findings, Node};

use crate::detector::alternatives;

/// What a rule says of a value.
pub enum Said<'a> {
    /// It is right.
    Clean,
    /// It is wrong.
    Fails(Finding<'a>),
    /// Nobody knows.
    Unknown(Finding<'a>),
}

impl<'a> Said<'a> {
    /// Judges a value, or each of its alternatives: what they do not agree on is unknown.
    pub fn of(value: Node<'a>, judge: impl Fn(Node<'a>) -> Said<'a>) -> Said<'a> {
        let mut all = alternatives(value).into_iter().map(judge);
        let first = all.next().unwrap_or(Said::Clean);
        let agreed = match first {
            Said::Clean => all.all(|said| matches!(said, Said::Clean)),
            Said::Fails(_) => all.all(|said| matches!(said, Said::Fails(_))),
            Said::Unknown(_) => true,
        };
        match value.unknown() {
            Some(unknown) if !agreed => Said::Unknown(Finding::unknown(unknown)),
            _ => first,
        }
    }

    /// States it.
    pub fn state(self, findings: &mut Findings<'_>) {
        if let Said::Fails(finding) | Said::Unknown(finding) = self {
            findings.add(finding);
        }
    }
}
