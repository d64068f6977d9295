//! The baseline: findings that were there when somebody drew a line, by their fingerprints.
//!
//! The file is JSON with one line for each finding, sorted, so that a change of the baseline reads in a
//! diff as what it is: so many findings more, so many less.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::json;
use verdikt_input::Syntax;
use verdikt_model::{Code, Diagnostic, Location, NodeRef, RelatedPlace, RuleRef, Source, Suppressed, Verdict};

use crate::policy::moved::{Gone, moved};
use crate::policy::reader::{PolicyError, Reader};
use crate::policy::seen::{Fate, Seen};
use crate::rows::Judged;

/// The version of the file's form.
const VERSION: u32 = 1;

/// Entries that match nothing any more and are listed one by one.
const MOST_LISTED: usize = 20;

/// The kind of acceptance, as reports say it.
const KIND: &str = "baseline";

/// The baseline of one file.
#[derive(Clone, Debug)]
pub struct Baseline {
    source: Arc<Source>,
    entries: Vec<(Entry, Location)>,
}

/// A finding that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    // In the order in which the file is sorted.
    file: String,
    rule: String,
    address: String,
    pointer: String,
    fingerprint: String,
    /// What the fingerprint would be in any file.
    identity: String,
    verdict: Verdict,
}

impl Baseline {
    /// Reads the text of a baseline. `path` is what reports call the file.
    ///
    /// # Errors
    /// Everything in it that is not understood.
    pub fn read(path: &str, text: &str) -> Result<Baseline, PolicyError> {
        let source = Arc::new(Source::new(path, path, text));
        let entries = Reader::read(&source, Syntax::Json, file, || None)?;
        match entries {
            Some(entries) => Ok(Baseline { source, entries }),
            None => Err(Reader::refuse(&source, "This baseline is empty; `verdikt baseline create` makes one.")),
        }
    }

    /// The file, for reports that show a place in it.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }
}

fn file(reader: &mut Reader<'_>, root: NodeRef<'_>) -> Option<Option<Vec<(Entry, Location)>>> {
    let map = reader.members(root, "baseline", &["baseline", "findings"])?;
    reader.version(map, "baseline", "baseline", VERSION);
    let list = reader.required(map, "baseline", "findings", "it lists what is accepted.")?;
    let entries = reader.list(list, "findings").into_iter();
    Some(Some(entries.filter_map(|node| entry(reader, node)).collect()))
}

fn entry(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Option<(Entry, Location)> {
    const NAMES: [&str; 7] = ["file", "rule", "address", "pointer", "verdict", "fingerprint", "identity"];
    let map = reader.members(node, "finding", &NAMES)?;
    let why = "`verdikt baseline update` writes whole entries.";
    let mut text = |name| {
        let node = reader.required(map, "finding", name, why)?;
        // Findings about something that has no document have no file, address and pointer.
        if node.as_str() == Some("") { Some("") } else { reader.text(node, name) }
    };
    let (file, address, pointer) = (text("file"), text("address"), text("pointer"));
    let rule = text("rule");
    // The line is too long to be shown as a whole.
    let location = reader.location(map.get("rule").unwrap_or(map).span());
    let verdict = reader.required(map, "finding", "verdict", why).and_then(|node| {
        let accepted = |word: &str| Verdict::parse(word).filter(|verdict| can_be_accepted(*verdict));
        reader.choice(node, "verdict", &["fail", "unknown", "manual", "informational"], accepted)
    });
    let mut digest = |name| {
        let node = reader.required(map, "finding", name, why)?;
        let text = reader.text(node, name)?;
        let good = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !good {
            reader.problem(node.span(), format!("`{name}` must be 32 hexadecimal digits; {why}"));
        }
        good.then(|| text.to_owned())
    };
    let (fingerprint, identity) = (digest("fingerprint"), digest("identity"));
    let entry = Entry {
        file: file?.to_owned(),
        rule: rule?.to_owned(),
        address: address?.to_owned(),
        pointer: pointer?.to_owned(),
        fingerprint: fingerprint?,
        identity: identity?,
        verdict: verdict?,
    };
    Some((entry, location))
}

/// A rule that failed says nothing of the document, so there is nothing to accept.
fn can_be_accepted(verdict: Verdict) -> bool {
    verdict.is_finding() && verdict != Verdict::Error
}

/// What became of the entries of a baseline.
#[derive(Default)]
pub(crate) struct Applied {
    /// By entry: the row that it is now.
    found: Vec<Option<usize>>,
    /// Entries whose row is in another file now.
    moved: HashSet<usize>,
    /// Entries whose finding is certainly no longer there.
    gone: HashSet<usize>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Accepts the rows that the baseline knows, and says which of its entries match nothing any more.
///
/// An entry accepts what is not worse than what it was made for: a finding that was *unknown* when the
/// line was drawn, and is a failure now, counts.
pub(crate) fn apply(rows: &mut [Judged], baseline: &Baseline, seen: &Seen<'_>) -> Applied {
    let entries = &baseline.entries;
    let mut applied = Applied { found: vec![None; entries.len()], ..Applied::default() };
    let mut known: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, (entry, _)) in entries.iter().enumerate() {
        known.entry(&entry.fingerprint).or_default().push(index);
    }
    let mut taken = HashSet::new();
    for (row, judged) in rows.iter_mut().enumerate().filter(|(_, judged)| can_be_accepted(judged.row.verdict)) {
        let file = judged.identity().map_or("", |place| &place.file);
        let is_about = |index: &usize| {
            let entry = &entries[*index].0;
            entry.file == file && entry.is_about(judged, seen)
        };
        let same = known.get(judged.row.fingerprint.as_str()).into_iter().flatten().copied();
        let same: Vec<usize> = same.filter(is_about).collect();
        if same.is_empty() {
            continue;
        }
        taken.insert(row);
        same.iter().for_each(|index| applied.found[*index] = Some(row));
        // A merge that kept both sides may have left a finding twice; what accepts more counts.
        if let Some(index) = same.iter().max_by_key(|index| entries[**index].0.verdict) {
            accept(judged, &entries[*index], None);
        }
    }
    let missing: Vec<usize> = (0..entries.len())
        .filter(|index| applied.found[*index].is_none() && seen.file(&entries[*index].0.file) == Fate::Gone)
        .collect();
    let gone: Vec<Gone<'_>> = missing
        .iter()
        .map(|index| Gone { anywhere: &entries[*index].0.identity, file: &entries[*index].0.file })
        .collect();
    for (index, row) in missing.into_iter().zip(moved(rows, &taken, &gone)) {
        if let Some(row) = row.filter(|row| entries[index].0.is_about(&rows[*row], seen)) {
            applied.found[index] = Some(row);
            applied.moved.insert(index);
            accept(&mut rows[row], &entries[index], Some(&entries[index].0.file));
        }
    }
    for (index, (entry, _)) in entries.iter().enumerate() {
        if applied.found[index].is_none() && seen.would_repeat(&entry.rule, &entry.file) {
            applied.gone.insert(index);
        }
    }
    applied.diagnostics = stale(entries, &applied.gone);
    applied
}

fn accept(judged: &mut Judged, (entry, location): &(Entry, Location), moved_from: Option<&str>) {
    let row = &mut judged.row;
    if row.verdict > entry.verdict {
        let note = format!("the baseline accepts this as `{}`, and it is `{}` now", entry.verdict, row.verdict);
        row.related.push(RelatedPlace { note, location: location.clone() });
    } else if row.suppressed.is_none() {
        let reason = match moved_from {
            None => "in the baseline".to_owned(),
            Some(file) => format!("in the baseline for {file}, from where it was moved"),
        };
        row.suppressed =
            Some(Suppressed { kind: KIND.to_owned(), reason, by: None, until: None, location: Some(location.clone()) });
    }
}

fn stale(entries: &[(Entry, Location)], gone: &HashSet<usize>) -> Vec<Diagnostic> {
    const HOW: &str = "`verdikt baseline prune` removes it from the baseline.";
    let stale: Vec<&(Entry, Location)> =
        entries.iter().enumerate().filter(|(index, _)| gone.contains(index)).map(|(_, entry)| entry).collect();
    let mut diagnostics: Vec<Diagnostic> = stale
        .iter()
        .take(MOST_LISTED)
        .map(|(entry, location)| {
            let message = format!("This finding of {} is no longer there. {HOW}", entry.rule);
            Diagnostic::located(Code::UnusedAcceptance, location.clone(), message)
        })
        .collect();
    if let (Some(last), more @ 1..) = (diagnostics.last_mut(), stale.len().saturating_sub(MOST_LISTED)) {
        last.message.push_str(&format!(" The same is so for {more} entries behind it."));
    }
    diagnostics
}

/// How a baseline is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineChange {
    /// Everything that is open now.
    Create,
    /// What is open now is added, what has gone is removed.
    Update,
    /// What has gone is removed.
    Prune,
}

/// A baseline as it is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBaseline {
    /// The text of the file.
    pub text: String,
    /// Findings in it.
    pub findings: usize,
    /// Those that the old one did not accept.
    pub added: usize,
    /// Those that stand in another file now.
    pub moved: usize,
    /// Entries of the old one that are not in it.
    pub removed: usize,
}

/// The rows of a scan and what the old baseline made of them: what a new one is made from.
pub(crate) struct Accepted<'a> {
    pub rows: &'a [Judged],
    pub rules: &'a [RuleRef],
    pub old: Option<(&'a Baseline, &'a Applied)>,
}

impl Accepted<'_> {
    /// The baseline after the scan. Findings that a comment or a waiver accepts need no baseline.
    /// Entries of which nothing is certain (another folder, a rule that was not selected) stay as they
    /// are.
    pub(crate) fn change(&self, change: BaselineChange) -> NewBaseline {
        let Accepted { rows, rules, old } = *self;
        let nothing = Applied::default();
        let (entries, applied) =
            old.map_or((&[][..], &nothing), |(baseline, applied)| (baseline.entries.as_slice(), applied));
        let mut new: BTreeMap<String, Entry> = BTreeMap::new();
        let mut keep = |entry: Entry| {
            new.insert(entry.fingerprint.clone(), entry);
        };
        let is_accepted_otherwise = |judged: &Judged| judged.row.suppressed.as_ref().is_some_and(|by| by.kind != KIND);
        let mut removed = 0;
        for (index, (entry, _)) in entries.iter().enumerate() {
            match applied.found[index] {
                None if applied.gone.contains(&index) => removed += 1,
                None => keep(entry.clone()),
                Some(row) if change == BaselineChange::Update && is_accepted_otherwise(&rows[row]) => removed += 1,
                // It is written where it is now.
                Some(row) => keep(Entry::new(&rows[row], rules, Some(entry.verdict))),
            }
        }
        let mut added = 0;
        if change != BaselineChange::Prune {
            for judged in rows.iter().filter(|judged| can_be_accepted(judged.row.verdict)) {
                if !is_accepted_otherwise(judged) {
                    added += usize::from(judged.row.suppressed.is_none());
                    keep(Entry::new(judged, rules, None));
                }
            }
        }
        let mut entries: Vec<Entry> = new.into_values().collect();
        entries.sort();
        NewBaseline { text: text(&entries), findings: entries.len(), added, moved: applied.moved.len(), removed }
    }
}

impl Entry {
    /// Whether what people read in the entry, but for the file, is what its digests accept: those nobody
    /// reviews.
    fn is_about(&self, judged: &Judged, seen: &Seen<'_>) -> bool {
        self.rule == seen.rule(judged.row.rule).1.id && self.address == *address(judged)
    }

    fn new(judged: &Judged, rules: &[RuleRef], verdict: Option<Verdict>) -> Entry {
        let row = &judged.row;
        let place = judged.identity();
        Entry {
            file: place.map(|place| place.file.clone()).unwrap_or_default(),
            rule: rules[row.rule].info.id.clone(),
            address: address(judged).clone(),
            // The items of a list of texts are named by what they say, which here is a secret.
            pointer: match place {
                Some(place) if !row.sensitive => place.pointer.clone(),
                _ => row.pointer.clone(),
            },
            fingerprint: row.fingerprint.clone(),
            identity: judged.anywhere.clone(),
            verdict: verdict.unwrap_or(row.verdict),
        }
    }
}

/// What a finding is about, as an entry says it.
fn address(judged: &Judged) -> &String {
    let document = judged.row.document.as_ref().filter(|_| !judged.is_about_subject());
    document.map_or(&judged.row.subject, |document| &document.address)
}

fn text(entries: &[Entry]) -> String {
    let lines = entries.iter().map(|entry| {
        json!({
            "file": entry.file,
            "rule": entry.rule,
            "address": entry.address,
            "pointer": entry.pointer,
            "verdict": entry.verdict.as_str(),
            "fingerprint": entry.fingerprint,
            "identity": entry.identity,
        })
        .to_string()
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return format!("{{\n  \"baseline\": {VERSION},\n  \"findings\": []\n}}\n");
    }
    format!("{{\n  \"baseline\": {VERSION},\n  \"findings\": [\n    {}\n  ]\n}}\n", lines.join(",\n    "))
}
