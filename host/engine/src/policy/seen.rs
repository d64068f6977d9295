//! What a scan saw, so that nothing is called unused that was only out of sight.

use std::collections::{BTreeSet, HashMap};

use verdikt_input::{LoadOptions, ScannedFolder};
use verdikt_model::{
    Code, Coverage, Diagnostic, DiagnosticPlace, FileOutcome, Level, PackInfo, RuleInfo, RuleRef, Scope, Sources,
    Verdict,
};

use crate::error::nearest;
use crate::policy::Decisions;
use crate::rows::Judged;
use crate::selection;

/// Answers what an entry of a policy file could have matched in this scan.
pub(crate) struct Seen<'a> {
    packs: &'a [&'a PackInfo],
    rules: &'a [RuleRef],
    /// Selected rules that ended in error somewhere, or that are off for some documents: what they
    /// would have found there, nobody knows.
    silent: BTreeSet<usize>,
    /// By identity, whether all of the file was read.
    files: HashMap<&'a str, bool>,
    folders: &'a [ScannedFolder],
    /// Whether a pack could not be loaded, whose rules are then not known.
    packs_missing: bool,
    /// Whether something that a folder holds was not read, or left out for this run.
    partial: bool,
}

/// What a scan was, before anything is accepted.
pub(crate) struct Scan<'a> {
    /// Every pack that is loaded.
    pub packs: &'a [&'a PackInfo],
    /// The selected rules.
    pub rules: &'a [RuleRef],
    /// What a config says of each rule, place by place.
    pub decisions: &'a Decisions,
    pub sources: &'a Sources,
    pub coverage: &'a Coverage,
    pub folders: &'a [ScannedFolder],
    pub load: &'a LoadOptions,
}

/// What became of a file that an entry speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It was read, all of it.
    Judged,
    /// It is no longer there, although its folder was scanned.
    Gone,
    /// It was not part of the scan, or not all of it could be read.
    Unsure,
}

/// The rules that a name stands for.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Those that were selected.
    pub selected: BTreeSet<usize>,
    /// Whether they are all that have the name, and each said what there is to say.
    pub all_ran: bool,
    /// Names of rules that may have been meant where no rule has the name; `None` when one has, or
    /// when nobody can know.
    pub nearest: Option<Vec<String>>,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(scan: &Scan<'a>, rows: &[Judged], diagnostics: &[Diagnostic]) -> Self {
        let Scan { packs, rules, decisions, sources, coverage, folders, load } = *scan;
        let off = (0..rules.len()).filter(|rule| !decisions.is_on_everywhere(*rule));
        let failed = rows.iter().filter(|judged| judged.row.verdict == Verdict::Error).map(|judged| judged.row.rule);
        let errors = || diagnostics.iter().filter(|diagnostic| diagnostic.level() == Level::Error);
        let unread: BTreeSet<&str> = errors()
            .filter_map(|diagnostic| match &diagnostic.place {
                DiagnosticPlace::Span(span) => Some(sources.get(span.file).path.as_str()),
                DiagnosticPlace::Path(path) => Some(path.as_str()),
                DiagnosticPlace::Resolved(_) | DiagnosticPlace::Nowhere => None,
            })
            .collect();
        // There is one entry of the coverage for each source, in the same order.
        let mut files = HashMap::new();
        for ((_, source), file) in sources.iter().zip(&coverage.files) {
            let read = file.outcome != FileOutcome::Failed && !unread.contains(source.path.as_str());
            *files.entry(source.identity.as_str()).or_insert(true) &= read;
        }
        Seen {
            packs,
            rules,
            silent: failed.chain(off).collect(),
            files,
            folders,
            packs_missing: errors().any(|diagnostic| diagnostic.code == Code::PackUnusable),
            partial: errors().next().is_some() || !load.exclude.is_empty() || load.exclude_below.is_some(),
        }
    }

    /// The rules that an id, a slug, a pack or a prefix with `*` stands for.
    pub(crate) fn named(&self, name: &str) -> Named {
        self.find(|pack, rule| selection::matches(name, pack, rule)).unwrap_or_else(|| {
            let names = self.loaded().flat_map(|(pack, rule)| [&*rule.id, &*rule.slug, &*pack.id]);
            Named { nearest: (!self.packs_missing).then(|| nearest(name, names)), ..Named::default() }
        })
    }

    /// The rules that have some name; `None` when none that is loaded has it.
    pub(crate) fn find(&self, has_name: impl Fn(&PackInfo, &RuleInfo) -> bool) -> Option<Named> {
        let mut named = Named { all_ran: true, ..Named::default() };
        let mut any = false;
        for (_, rule) in self.loaded().filter(|(pack, rule)| has_name(pack, rule)) {
            any = true;
            match self.rules.iter().position(|selected| selected.info.id == rule.id) {
                Some(index) => {
                    named.all_ran &= !self.silent.contains(&index);
                    named.selected.insert(index);
                }
                None => named.all_ran = false,
            }
        }
        any.then_some(named)
    }

    fn loaded(&self) -> impl Iterator<Item = (&'a PackInfo, &'a RuleInfo)> {
        self.packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (*pack, rule)))
    }

    /// The pack and the metadata of a selected rule.
    pub(crate) fn rule(&self, index: usize) -> (&'a PackInfo, &'a RuleInfo) {
        let RuleRef { info, pack } = &self.rules[index];
        (self.packs[*pack], info)
    }

    pub(crate) fn file(&self, identity: &str) -> Fate {
        match self.files.get(identity) {
            Some(true) => Fate::Judged,
            Some(false) => Fate::Unsure,
            None if self.folders.iter().any(|folder| folder.lacks(identity)) => Fate::Gone,
            None => Fate::Unsure,
        }
    }

    /// Whether the scan saw every file below a folder of the repository; with nothing, every file.
    pub(crate) fn saw_all(&self, folder: &str) -> bool {
        !self.partial && self.folders.iter().any(|scanned| scanned.covers(folder))
    }

    /// Whether it is certain that a rule would have stated again what it once stated of a file; an
    /// empty `identity` stands for what has no file.
    pub(crate) fn would_repeat(&self, rule: &str, identity: &str) -> bool {
        let Some(index) = self.rules.iter().position(|selected| selected.info.id == rule) else { return false };
        if self.silent.contains(&index) {
            return false;
        }
        if identity.is_empty() {
            return self.saw_all("");
        }
        // What an inventory rule states of a file depends on its neighbors.
        let neighbors = || self.folders.iter().any(|folder| folder.is_above(identity));
        self.file(identity) != Fate::Unsure && (self.rules[index].info.scope == Scope::Document || neighbors())
    }
}
