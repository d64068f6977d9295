//! Everything that a renderer needs: places resolved, rows sorted, nothing left to look up.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::coverage::Coverage;
use crate::diagnostic::{Code, Level};
use crate::document::RenderedFrom;
use crate::finding::Fix;
use crate::rule::{Mode, RuleInfo, Severity};
use crate::verdict::Verdict;

/// A place for people. Lines and columns count from 1, columns in Unicode scalar values, the end is
/// exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Relative to the current folder; `<stdin>` for standard input.
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
}

/// The tool that made a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// Rows by verdict; `pass` and `not_applicable` count pairs of rule and document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub documents: usize,
    pub pass: usize,
    pub fail: usize,
    pub unknown: usize,
    pub error: usize,
    pub not_applicable: usize,
    pub informational: usize,
    pub manual: usize,
    pub suppressed: usize,
}

/// The document that a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRef {
    pub platform: &'static str,
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
    pub address: String,
    pub file: String,
    /// Where it begins.
    pub line: u32,
    pub rendered_from: Option<RenderedFrom>,
}

/// One step of where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenanceStep {
    pub what: String,
    pub location: Location,
}

/// Another place that explains a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedPlace {
    pub note: String,
    pub location: Location,
}

/// Why a row does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// `comment`, `annotation`, `metadata`, `waiver`, `baseline` or `diff-base`.
    pub kind: String,
    pub reason: String,
    pub by: Option<String>,
    /// `YYYY-MM-DD`.
    pub until: Option<String>,
    pub location: Option<Location>,
}

/// One row of the results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Index into [`Report::rules`].
    pub rule: usize,
    pub verdict: Verdict,
    pub severity: Severity,
    /// What a failure leads to.
    pub mode: Mode,
    /// In the report's language.
    pub message: String,
    /// The message's code and arguments, so that it can be rendered in another language.
    pub code: Option<String>,
    pub arguments: Vec<(String, String)>,
    /// The argument of the status: reason code, what is unknown, the question.
    pub reason: String,
    /// `None` when the row is about a `subject` that has no document.
    pub document: Option<DocumentRef>,
    pub subject: String,
    /// RFC 6901, into the document's body.
    pub pointer: String,
    pub location: Option<Location>,
    /// Whether `pointer` names something that is not there: `location` is then the nearest ancestor
    /// that is.
    pub absent: bool,
    pub provenance: Vec<ProvenanceStep>,
    pub related: Vec<RelatedPlace>,
    pub fingerprint: String,
    pub controls: Vec<String>,
    pub suppressed: Option<Suppressed>,
    /// Whether renderers must not show the source at `location`.
    pub sensitive: bool,
    pub fix: Option<Fix>,
}

/// A document that was judged, and what that amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    pub document: DocumentRef,
    /// Whether the rules of mode `mark` or `enforce` agree with it; `None` where that is not known,
    /// because a value, a judgment or an answer is missing.
    pub compliant: Option<bool>,
}

impl Row {
    /// A row that says no more than this: without a place, a fingerprint, or anything that explains it.
    pub fn new(rule: usize, verdict: Verdict, severity: Severity, mode: Mode, message: String) -> Self {
        Row {
            rule,
            verdict,
            severity,
            mode,
            message,
            code: None,
            arguments: Vec::new(),
            reason: String::new(),
            document: None,
            subject: String::new(),
            pointer: String::new(),
            location: None,
            absent: false,
            provenance: Vec::new(),
            related: Vec::new(),
            fingerprint: String::new(),
            controls: Vec::new(),
            suppressed: None,
            sensitive: false,
            fix: None,
        }
    }
}

/// A rule that took part, with the pack it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    pub info: RuleInfo,
    /// Index into [`Report::packs`].
    pub pack: usize,
}

/// A pack that took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackRef {
    pub id: String,
    pub version: String,
    /// `sha256:` and 64 hexadecimal digits of the component.
    pub digest: String,
}

/// A diagnostic with its place resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportDiagnostic {
    pub code: Code,
    pub level: Level,
    pub message: String,
    /// The file, when it has no text in which a place could be.
    pub file: Option<String>,
    pub location: Option<Location>,
}

/// What the run amounts to. The CLI turns it into an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Nothing at or above the threshold.
    Passed,
    /// Findings at or above the threshold.
    Failed,
}

/// The earlier state whose findings a report accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffBase {
    /// As a person named it: a branch, a tag, a commit.
    pub reference: String,
    /// The commit in full, where the state is one.
    pub commit: Option<String>,
}

impl fmt::Display for DiffBase {
    /// `origin/main (1a2b3c4)`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Digits that tell the commits of most repositories apart; git shows no fewer.
        const SHORT: usize = 7;
        match self.commit.as_deref().map(|commit| commit.get(..SHORT).unwrap_or(commit)) {
            Some(commit) if !self.reference.starts_with(commit) => write!(out, "{} ({commit})", self.reference),
            _ => out.write_str(&self.reference),
        }
    }
}

/// Everything that a renderer needs.
#[derive(Clone, Debug)]
pub struct Report {
    pub tool: Tool,
    /// What the findings were compared with, if they were.
    pub diff_base: Option<DiffBase>,
    pub summary: Summary,
    /// Sorted by file, place, rule and message.
    pub rows: Vec<Row>,
    pub diagnostics: Vec<ReportDiagnostic>,
    pub coverage: Coverage,
    pub packs: Vec<PackRef>,
    /// The rules that were selected, in the order of their packs.
    pub rules: Vec<RuleRef>,
    /// The documents that a rule judged, in scan order; what was derived from them is part of them.
    pub artifacts: Vec<Artifact>,
    pub gate: Gate,
    /// Whether something that should have been judged was not: an error diagnostic, or a rule that
    /// ended in error.
    pub incomplete: bool,
    /// Where the scanned files hold secrets: those of sensitive rows with what they came from, and what the
    /// files themselves call sensitive. Sorted.
    pub secrets: Vec<Location>,
    /// The texts of the files that rows and diagnostics show, by the path of their locations. Empty
    /// in a report that was read back from a file.
    pub sources: BTreeMap<String, Arc<str>>,
}

impl Report {
    pub fn rule(&self, row: &Row) -> &RuleInfo {
        &self.rules[row.rule].info
    }
}
