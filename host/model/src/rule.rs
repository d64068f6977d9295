//! Rules and packs as they describe themselves.

use std::fmt;

use crate::document::{Document, Platform};

/// How bad a violation is. Ordered: `Info` is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    pub fn parse(text: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.as_str() == text)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a failure leads to. Ordered: `Audit` asks the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// It is reported, nothing more.
    Audit,
    /// It is reported, and its artifact counts as not compliant.
    Mark,
    /// It fails the check as well.
    #[default]
    Enforce,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Audit, Mode::Mark, Mode::Enforce];

    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Audit => "audit",
            Mode::Mark => "mark",
            Mode::Enforce => "enforce",
        }
    }

    pub fn parse(text: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a rule needs to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each document by itself; silence means pass.
    Document,
    /// The whole document set; silence is not a pass.
    Inventory,
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Document => "document",
            Scope::Inventory => "inventory",
        }
    }
}

/// Documents that a rule judges.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    pub platform: Platform,
    /// `None` is every kind.
    pub kind: Option<String>,
}

impl Target {
    pub fn matches(&self, document: &Document) -> bool {
        self.platform == document.platform && self.kind.as_ref().is_none_or(|kind| *kind == document.kind)
    }
}

impl fmt::Display for Target {
    /// `workload/*`, `kubernetes/NetworkPolicy`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.platform, self.kind.as_deref().unwrap_or("*"))
    }
}

/// The human text of a rule in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// BCP 47 tag.
    pub language: String,
    pub title: String,
    /// Markdown.
    pub description: String,
    /// Markdown.
    pub remediation: String,
    /// Templates by message code; `{name}` stands for an argument.
    pub messages: Vec<(String, String)>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    pub id: String,
    pub slug: String,
    pub title: String,
    pub description: String,
    pub remediation: String,
    pub severity: Severity,
    pub scope: Scope,
    pub enabled_by_default: bool,
    pub targets: Vec<Target>,
    /// `framework:control`.
    pub controls: Vec<String>,
    pub texts: Vec<Text>,
    /// JSON Schema as text.
    pub settings_schema: Option<String>,
    pub extra: Vec<(String, String)>,
}

/// One pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackInfo {
    pub id: String,
    pub version: String,
    pub title: String,
    pub rules: Vec<RuleInfo>,
    pub extra: Vec<(String, String)>,
}
