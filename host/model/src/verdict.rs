//! The outcome of a rule on a document.

use std::fmt;

/// The outcome of a rule on a document. Ordered by what wins when one rule says several things of
/// one document: the greatest does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    NotApplicable,
    Pass,
    Informational,
    Manual,
    Unknown,
    Fail,
    Error,
}

impl Verdict {
    pub const ALL: [Verdict; 7] = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Unknown,
        Verdict::Error,
        Verdict::NotApplicable,
        Verdict::Informational,
        Verdict::Manual,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::NotApplicable => "not-applicable",
            Verdict::Manual => "manual",
            Verdict::Informational => "informational",
            Verdict::Error => "error",
        }
    }

    pub fn parse(text: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text)
    }

    /// Whether a report lists the verdict without being asked (`--show`).
    pub fn is_finding(self) -> bool {
        !matches!(self, Verdict::Pass | Verdict::NotApplicable)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
