//! Findings of an earlier state: those that were there already do not count.
//!
//! The earlier state is judged like the one of today, by the same rules with the same settings, and a
//! finding is known again by its fingerprint. It is new nevertheless
//! - when it has become worse: a value that could not be known is known to be wrong now, or what is
//!   found is more severe;
//! - when it was accepted then, by a comment that is gone: nobody accepts it any more;
//! - when the earlier state could not be judged where it stands. A diagnostic says so.

use std::collections::{BTreeMap, HashSet};

use verdikt_model::{
    Code, Diagnostic, DiagnosticPlace, DiffBase, Level, Report, Row, RuleRef, Scope, Severity, Sources, Suppressed,
    Verdict,
};

use crate::policy::moved::{Gone, moved};
use crate::rows::Judged;

/// Files and folders of the earlier state that diagnostics name; the rest is counted.
const MOST_GAPS: usize = 20;

/// What was found in an earlier state.
#[derive(Clone, Debug)]
pub struct Base {
    state: DiffBase,
    findings: Findings,
    /// What could not be judged, by file or folder; `None` for what has no file.
    gaps: BTreeMap<Option<String>, Gap>,
}

/// The findings of a state that nobody has accepted, by fingerprint.
pub(crate) type Findings = BTreeMap<String, Known>;

/// A finding of the earlier state.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    verdict: Verdict,
    severity: Severity,
    /// [`Judged::anywhere`] of it.
    anywhere: String,
    /// [`verdikt_model::Source::identity`] of its file; `None` for a finding about a subject.
    file: Option<String>,
}

#[derive(Clone, Debug)]
struct Gap {
    why: String,
    /// How many more reasons there are.
    more: usize,
}

/// The findings among rows that nobody has accepted.
pub(crate) fn findings(rows: &[Judged]) -> Findings {
    let open = rows.iter().filter(|judged| is_open(&judged.row));
    open.map(|judged| {
        let known = Known {
            verdict: judged.row.verdict,
            severity: judged.row.severity,
            anywhere: judged.anywhere.clone(),
            file: judged.identity().map(|place| place.file.clone()),
        };
        (judged.row.fingerprint.clone(), known)
    })
    .collect()
}

/// Whether a row counts, and may cease to.
fn is_open(row: &Row) -> bool {
    row.verdict.is_finding() && row.verdict != Verdict::Error && row.suppressed.is_none()
}

impl Base {
    /// What the check of an earlier state found, and what its report says was not judged.
    pub(crate) fn new(state: DiffBase, findings: Findings, report: &Report) -> Base {
        let mut base = Base { state, findings, gaps: BTreeMap::new() };
        for diagnostic in &report.diagnostics {
            // A pack that cannot be used is the same problem today, and reported as such.
            if diagnostic.level == Level::Error && diagnostic.code != Code::PackUnusable {
                let file = diagnostic.location.as_ref().map(|place| &place.file).or(diagnostic.file.as_ref());
                base.gap(file.cloned(), diagnostic.message.clone());
            }
        }
        for row in report.rows.iter().filter(|row| row.verdict == Verdict::Error) {
            base.gap(row.document.as_ref().map(|document| document.file.clone()), format!("{}.", row.message));
        }
        base
    }

    /// Adds a file or folder of the earlier state that was not judged, by the path that reports print,
    /// and a sentence that says why.
    #[must_use]
    pub fn without(mut self, path: impl Into<String>, why: impl Into<String>) -> Self {
        self.gap(Some(path.into()), why.into());
        self
    }

    /// Which state it is.
    pub fn state(&self) -> &DiffBase {
        &self.state
    }

    fn gap(&mut self, file: Option<String>, why: String) {
        self.gaps.entry(file).and_modify(|gap| gap.more += 1).or_insert(Gap { why, more: 0 });
    }
}

/// Accepts what was there already, and says where that cannot be known. `sources` are the files that
/// there are today.
pub(crate) fn apply(
    rows: &mut [Judged],
    rules: &[RuleRef],
    sources: &Sources,
    base: &Base,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut known = HashSet::new();
    for (index, judged) in rows.iter_mut().enumerate() {
        if let Some(finding) = base.findings.get(&judged.row.fingerprint) {
            known.insert(index);
            finding.accept(&mut judged.row, || format!("present at {}", base.state));
        }
    }
    let files: HashSet<&str> = sources.iter().map(|(_, source)| source.identity.as_str()).collect();
    let (left, gone): (Vec<&Known>, Vec<Gone<'_>>) = base
        .findings
        .values()
        .filter_map(|finding| {
            // Both states were read alike, so what one of them lacks is not there.
            let file = finding.file.as_deref().filter(|file| !files.contains(file))?;
            Some((finding, Gone { anywhere: &finding.anywhere, file }))
        })
        .unzip();
    for ((finding, gone), index) in left.into_iter().zip(&gone).zip(moved(rows, &known, &gone)) {
        if let Some(judged) = index.and_then(|index| rows.get_mut(index)) {
            finding.accept(&mut judged.row, || format!("present at {}, in {}", base.state, gone.file));
        }
    }
    gaps(rows, rules, base, diagnostics);
}

impl Known {
    /// Accepts what this finding is today, unless it counts for nothing or has become worse.
    fn accept(&self, row: &mut Row, reason: impl FnOnce() -> String) {
        if is_open(row) && row.verdict <= self.verdict && row.severity <= self.severity {
            let kind = "diff-base".to_owned();
            row.suppressed = Some(Suppressed { kind, reason: reason(), by: None, until: None, location: None });
        }
    }
}

/// Says what could not be judged then, where a finding counts for it: the others are known to be old.
fn gaps(rows: &[Judged], rules: &[RuleRef], base: &Base, diagnostics: &mut Vec<Diagnostic>) {
    let mut files = HashSet::new();
    let mut anywhere = false;
    for row in rows.iter().map(|judged| &judged.row).filter(|row| is_open(row)) {
        // What a rule says that sees a whole set may depend on any file of it.
        anywhere |= rules[row.rule].info.scope == Scope::Inventory;
        match &row.document {
            Some(document) => _ = files.insert(document.file.as_str()),
            None => anywhere = true,
        }
    }
    let concerns = |gap: &Option<String>| match gap {
        _ if anywhere => true,
        None => !files.is_empty(),
        Some(path) => {
            files.contains(path.as_str())
                || files.iter().any(|file| file.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/')))
        }
    };
    let open: Vec<_> = base.gaps.iter().filter(|(path, _)| concerns(path)).collect();
    for (path, gap) in open.iter().take(MOST_GAPS) {
        let more = match gap.more {
            0 => String::new(),
            1 => " (and one more problem)".to_owned(),
            more => format!(" (and {more} more problems)"),
        };
        let message = format!(
            "At {}, this could not be judged in full{more}: {} What is found in it may have been there already, and counts \
             as new.",
            base.state, gap.why
        );
        let place = path.as_ref().map_or(DiagnosticPlace::Nowhere, |path| DiagnosticPlace::Path(path.clone()));
        diagnostics.push(Diagnostic { code: Code::BaseIncomplete, message, place });
    }
    if let Some(more) = open.len().checked_sub(MOST_GAPS).filter(|more| *more > 0) {
        let message = format!("At {}, {more} more files could not be judged in full.", base.state);
        diagnostics.push(Diagnostic { code: Code::BaseIncomplete, message, place: DiagnosticPlace::Nowhere });
    }
}
