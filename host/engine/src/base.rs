//! Findings of an earlier state: those that were there already do not count.
//!
//! The earlier state is judged like the one of today, by the same rules with the same settings, and a
//! finding is known again by its fingerprint. It is new nevertheless
//! - when it has become worse: a value that could not be known is known to be wrong now, or what is
//!   found is more severe;
//! - when it was accepted then, by a comment that is gone: nobody accepts it any more;
//! - when the earlier state could not be judged where it stands. A diagnostic says so.

use std::collections::{BTreeMap, HashMap, HashSet};

use verdikt_model::{
    Code, Coverage, Diagnostic, DiagnosticPlace, DiffBase, Level, Report, Row, RuleRef, Scope, Severity, Suppressed,
    Verdict,
};

use crate::rows::Judged;

/// Files and folders of the earlier state that diagnostics name; the rest is counted.
const MOST_GAPS: usize = 20;

/// What was found in an earlier state.
#[derive(Clone, Debug)]
pub struct Base {
    state: DiffBase,
    /// By fingerprint.
    known: HashMap<String, Known>,
    /// What could not be judged, by file or folder; `None` for what has no file.
    gaps: BTreeMap<Option<String>, Gap>,
}

/// A finding that nobody had accepted.
#[derive(Clone, Debug)]
struct Known {
    verdict: Verdict,
    severity: Severity,
    /// The fingerprint that it would have in any file.
    anywhere: String,
    /// As reports print it; `None` for a finding about a subject.
    file: Option<String>,
}

#[derive(Clone, Debug)]
struct Gap {
    why: String,
    /// How many more reasons there are.
    more: usize,
}

impl Base {
    /// The findings of `report`, which a check of the earlier state gave: the same check, but for what
    /// it read.
    pub fn of(report: &Report, state: DiffBase) -> Base {
        let mut base = Base { state, known: HashMap::new(), gaps: BTreeMap::new() };
        for diagnostic in &report.diagnostics {
            // A pack that cannot be used is the same problem today, and reported as such.
            if diagnostic.level == Level::Error && diagnostic.code != Code::PackUnusable {
                let file = diagnostic.location.as_ref().map(|place| &place.file).or(diagnostic.file.as_ref());
                base.gap(file.cloned(), diagnostic.message.clone());
            }
        }
        for row in &report.rows {
            let file = row.document.as_ref().map(|document| document.file.clone());
            match row.verdict {
                Verdict::Error => base.gap(file, row.message.clone()),
                verdict if verdict.is_finding() && row.suppressed.is_none() => {
                    let known = Known { verdict, severity: row.severity, anywhere: row.anywhere.clone(), file };
                    base.known.insert(row.fingerprint.clone(), known);
                }
                _ => {}
            }
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

/// Accepts what was there already, and says where that cannot be known. `coverage` tells which files
/// there are today.
pub(crate) fn apply(
    rows: &mut [Judged],
    rules: &[RuleRef],
    coverage: &Coverage,
    base: &Base,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut gone: HashMap<&str, &Known> = base.known.iter().map(|(print, known)| (print.as_str(), known)).collect();
    for judged in rows.iter_mut() {
        if let Some(known) = gone.remove(judged.row.fingerprint.as_str())
            && is_open(&judged.row)
            && known.covers(&judged.row)
        {
            accept(&mut judged.row, format!("present at {}", base.state));
        }
    }
    moved(rows, gone.into_values(), coverage, base);
    gaps(rows, rules, base, diagnostics);
}

/// Whether a row still counts, and may cease to.
fn is_open(row: &Row) -> bool {
    row.verdict.is_finding() && row.verdict != Verdict::Error && row.suppressed.is_none()
}

impl Known {
    /// Whether the finding of today is no worse.
    fn covers(&self, row: &Row) -> bool {
        row.verdict <= self.verdict && row.severity <= self.severity
    }
}

fn accept(row: &mut Row, reason: String) {
    let suppressed = Suppressed { kind: "diff-base".to_owned(), reason, by: None, until: None, location: None };
    row.suppressed = Some(suppressed);
}

/// Accepts findings of files that were moved: equal in all but the file, and no more of them than
/// have gone together with their files.
fn moved<'a>(rows: &mut [Judged], gone: impl Iterator<Item = &'a Known>, coverage: &Coverage, base: &Base) {
    let files: HashSet<&str> = coverage.files.iter().map(|file| file.path.as_str()).collect();
    let mut left: HashMap<&str, Vec<(&str, &Known)>> = HashMap::new();
    for known in gone {
        if let Some(file) = known.file.as_deref().filter(|file| !files.contains(file)) {
            left.entry(&known.anywhere).or_default().push((file, known));
        }
    }
    let mut arrived: HashMap<String, Vec<&mut Row>> = HashMap::new();
    for row in rows.iter_mut().map(|judged| &mut judged.row) {
        if is_open(row) && left.contains_key(row.anywhere.as_str()) {
            arrived.entry(row.anywhere.clone()).or_default().push(row);
        }
    }
    for (anywhere, rows) in arrived {
        let Some(left) = left.get_mut(anywhere.as_str()) else { continue };
        if rows.len() > left.len() {
            continue;
        }
        left.sort_by_key(|(file, _)| *file);
        for (row, (file, known)) in rows.into_iter().zip(left) {
            if known.covers(row) {
                accept(row, format!("present at {}, in {file}", base.state));
            }
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
