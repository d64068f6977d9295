//! Accepts the findings for which a suppression stands in the scanned files, and says which of these
//! are stale.
//!
//! The verdict of an accepted row stays; it only does not count. That a suppression is unused is said
//! only when it is certain: it is written for us, every rule that it names ran, none of them failed, and
//! nothing of the file was left out.

use std::collections::HashSet;

use verdikt_model::{Code, Date, Diagnostic, Dialect, Directive, FileId, NamedRule, Sources, Span, Suppressed};

use crate::documents::Documents;
use crate::error::quoted;
use crate::locate::location;
use crate::policy::seen::{Fate, Seen};
use crate::rows::Judged;

mod index;
mod names;

use index::Index;
use names::{Meaning, Names};

/// What has to be known to accept rows.
pub(crate) struct Suppressions<'a> {
    pub directives: &'a [Directive],
    pub sources: &'a Sources,
    pub documents: &'a Documents,
    pub today: Date,
}

/// Marks the rows that are accepted and gives what there is to say of the suppressions. A row that is
/// accepted already stays as it is, and counts as a use.
pub(crate) fn apply(rows: &mut [Judged], suppressions: &Suppressions<'_>, seen: &Seen<'_>) -> Vec<Diagnostic> {
    if suppressions.directives.is_empty() {
        return Vec::new();
    }
    let doubtful = doubtful(suppressions, seen);
    let mut names = Names::new(seen);
    let mut index = Index::new(rows, suppressions.documents);
    let mut diagnostics = Vec::new();
    let mut outcomes = Vec::new();
    for directive in suppressions.directives {
        let has_ended = directive.until.is_some_and(|until| until < suppressions.today);
        let suppressed = suppressed(directive, suppressions.sources);
        let accept = |judged: &mut Judged| {
            judged.row.suppressed.get_or_insert_with(|| suppressed.clone());
        };
        let accept: Option<&dyn Fn(&mut Judged)> = if has_ended { None } else { Some(&accept) };
        let mut outcome = Outcome { directive, has_ended, used: Vec::new(), unused: Vec::new() };
        // What is written for another tool may be needed there, and name checks that we do not have.
        let is_for_us = directive.dialect == Dialect::Verdikt;
        let mut is_known = false;
        for named in &directive.rules {
            match names.meaning(directive.dialect, &named.name) {
                Meaning::Rules { meant, all_ran } => {
                    is_known = true;
                    if index.reach(directive.reach, &meant, rows, accept) {
                        outcome.used.push(named);
                    } else if all_ran && is_for_us && !doubtful.contains(&directive.span.file) {
                        outcome.unused.push(named);
                    }
                }
                Meaning::Nothing(Some(near)) if is_for_us => diagnostics.push(unknown(named, &near)),
                Meaning::Nothing(_) => {}
            }
        }
        if is_known {
            outcomes.push(outcome);
        }
    }
    diagnostics.extend(stale(outcomes));
    diagnostics
}

fn suppressed(directive: &Directive, sources: &Sources) -> Suppressed {
    Suppressed {
        kind: directive.kind.as_str().to_owned(),
        reason: directive.reason.clone(),
        by: None,
        until: directive.until.map(|until| until.to_string()),
        location: Some(location(sources, directive.span)),
    }
}

/// Files with suppressions of which nobody knows whether they are needed: not all of the file was
/// judged, or it is a patch, which may lack what it patches has.
fn doubtful(suppressions: &Suppressions<'_>, seen: &Seen<'_>) -> HashSet<FileId> {
    let files: HashSet<FileId> = suppressions.directives.iter().map(|directive| directive.span.file).collect();
    let unread = files.into_iter().filter(|file| seen.file(&suppressions.sources.get(*file).identity) != Fate::Judged);
    let patches = suppressions.documents.all().iter().filter(|document| document.is_patch);
    unread.chain(patches.map(|document| document.span.file)).collect()
}

/// What became of a suppression.
struct Outcome<'a> {
    directive: &'a Directive,
    has_ended: bool,
    /// Rules that have findings in its reach.
    used: Vec<&'a NamedRule>,
    /// Rules that certainly have none.
    unused: Vec<&'a NamedRule>,
}

/// What is wrong with suppressions that were understood, each once. One text may stand for several
/// documents, by an alias or a loop; it is used when one of them needs it.
fn stale(outcomes: Vec<Outcome<'_>>) -> Vec<Diagnostic> {
    let used = outcomes.iter().flat_map(|outcome| outcome.used.iter().map(|named| (named.span, named.name.as_str())));
    let used: HashSet<(Span, &str)> = used.collect();
    let mut said: HashSet<(Span, Code)> = HashSet::new();
    let mut diagnostics = Vec::new();
    for mut outcome in outcomes {
        outcome.unused.retain(|named| !used.contains(&(named.span, named.name.as_str())));
        let found = [ended(&outcome), unused(&outcome), unreasoned(&outcome)].into_iter().flatten();
        // One thing at a time: who removes it need not say why it was there.
        diagnostics.extend(found.take(1).filter(|found| said.insert((outcome.directive.span, found.code))));
    }
    diagnostics
}

fn ended(outcome: &Outcome<'_>) -> Option<Diagnostic> {
    let until = outcome.directive.until.filter(|_| outcome.has_ended)?;
    let advice = if outcome.used.is_empty() && !outcome.unused.is_empty() {
        "Remove it: there is nothing left that it would accept."
    } else {
        "Fix what it was for, or set a later day."
    };
    let message = format!("This suppression ended on {until} and accepts nothing any more. {advice}");
    Some(Diagnostic::at(Code::ExpiredAcceptance, outcome.directive.span, message))
}

fn unused(outcome: &Outcome<'_>) -> Option<Diagnostic> {
    let first = outcome.unused.first()?;
    let list = quoted(outcome.unused.iter().map(|named| named.name.as_str()), "and");
    Some(if outcome.unused.len() == outcome.directive.rules.len() {
        let message = format!(
            "This suppression of {list} accepts nothing, because there is no such finding in its reach. Remove it, or \
             move it to what it is about."
        );
        Diagnostic::at(Code::UnusedAcceptance, outcome.directive.span, message)
    } else {
        let message =
            format!("This suppression names {list}, but there is no such finding in its reach. Take that out of it.");
        Diagnostic::at(Code::UnusedAcceptance, first.span, message)
    })
}

fn unreasoned(outcome: &Outcome<'_>) -> Option<Diagnostic> {
    let message =
        "This suppression holds but gives no reason. Say why, so that others can judge whether it still has to hold.";
    let lacks = outcome.directive.reason.is_empty();
    lacks.then(|| Diagnostic::at(Code::MissingReason, outcome.directive.span, message))
}

fn unknown(named: &NamedRule, near: &[String]) -> Diagnostic {
    let hint = match near {
        [] => "`verdikt rules` lists them all.".to_owned(),
        near => format!("did you mean {}?", quoted(near.iter().map(String::as_str), "or")),
    };
    let message = format!("No rule, slug or pack is called `{}`, so this accepts nothing; {hint}", named.name);
    Diagnostic::at(Code::UnknownRule, named.span, message)
}
