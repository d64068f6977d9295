//! What a guest answered, before any of it is believed.
//!
//! Adapters translate their version's types into these; [`crate::findings`] and
//! [`crate::description`] check them once, for every version. Enumerations are already the model's:
//! the component model lets no other value through. Numbers and texts can be anything.

use verdikt_model::{Operation, RuleInfo, Severity, Status};

/// A pack's description of itself.
#[derive(Clone, Debug)]
pub(crate) struct RawPack {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) rules: Vec<RawRule>,
    pub(crate) extra: Vec<(String, String)>,
}

/// A rule's description of itself.
#[derive(Clone, Debug)]
pub(crate) struct RawRule {
    /// All but the targets, which are empty here.
    pub(crate) info: RuleInfo,
    /// Platform and kind as the guest wrote them.
    pub(crate) targets: Vec<(String, String)>,
}

/// A place that may not exist.
#[derive(Clone, Debug)]
pub(crate) struct RawPlace {
    pub(crate) document: u32,
    pub(crate) pointer: String,
}

#[derive(Clone, Debug)]
pub(crate) struct RawEdit {
    pub(crate) operation: Operation,
    pub(crate) pointer: String,
    pub(crate) value: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct RawFix {
    pub(crate) title: String,
    pub(crate) safe: bool,
    pub(crate) edits: Vec<RawEdit>,
}

/// A statement that may be about anything.
#[derive(Clone, Debug)]
pub(crate) struct RawFinding {
    pub(crate) rule: u32,
    pub(crate) status: Status,
    pub(crate) at: Option<RawPlace>,
    pub(crate) subject: String,
    pub(crate) message: String,
    pub(crate) code: Option<String>,
    pub(crate) arguments: Vec<(String, String)>,
    pub(crate) severity: Option<Severity>,
    pub(crate) sensitive: bool,
    pub(crate) controls: Vec<String>,
    pub(crate) related: Vec<(RawPlace, String)>,
    pub(crate) fix: Option<RawFix>,
    pub(crate) extra: Vec<(String, String)>,
}
