//! From outcomes to a report: places resolved, pairs counted, rows sorted, the gate decided.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::ThreadPool;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use verdikt_input::ScannedFolder;
use verdikt_model::{
    Diagnostic, DiagnosticPlace, Directive, DocumentId, Finding, Gate, Level, Mode, PackInfo, PackRef, Platform,
    Report, ReportDiagnostic, Row, RuleRef, Scope, Severity, Source, Sources, Status, Summary, Tool, Verdict,
};

use crate::artifacts;
use crate::base;
use crate::documents::Documents;
use crate::engine::{Check, UnknownPolicy};
use crate::evaluate::{Outcome, unjudged};
use crate::identity::Identity;
use crate::locate::location;
use crate::plan::Job;
use crate::policy::baseline::{self, Accepted};
use crate::policy::seen::{Scan, Seen};
use crate::policy::{Decisions, evidence, waivers};
use crate::rows::{Judged, Rows};
use crate::secrets;
use crate::suppress::{self, Suppressions};

/// Everything that a report is made of.
pub(crate) struct Inputs<'a> {
    pub sources: &'a Sources,
    pub documents: &'a Documents,
    pub diagnostics: Vec<Diagnostic>,
    /// Suppressions that stand in the scanned files.
    pub directives: &'a [Directive],
    pub coverage: verdikt_model::Coverage,
    pub folders: &'a [ScannedFolder],
    /// What the packs say of themselves, as many as `packs`.
    pub infos: &'a [&'a PackInfo],
    pub packs: Vec<PackRef>,
    /// The selected rules.
    pub rules: Vec<RuleRef>,
    pub decisions: &'a Decisions,
    pub jobs: &'a [Job],
    pub outcomes: Vec<Outcome>,
    pub fault_budget: usize,
    /// Rows are made, sorted and hashed on these threads.
    pub pool: &'a ThreadPool,
}

/// The report, and what `record` makes of the rows when the policy files have been applied.
pub(crate) fn aggregate<T>(inputs: Inputs<'_>, check: &Check, record: impl FnOnce(&Accepted<'_>) -> T) -> (Report, T) {
    let Inputs {
        sources,
        documents,
        mut diagnostics,
        directives,
        coverage,
        folders,
        infos,
        packs,
        rules,
        decisions,
        jobs,
        outcomes,
        fault_budget,
        pool,
    } = inputs;
    let mut rows = Rows::new(sources, documents, &rules, decisions);
    let mut summary = Summary {
        documents: documents.all().iter().filter(|document| document.platform != Platform::Workload).count(),
        ..Summary::default()
    };
    let mut stopped: BTreeMap<usize, Stopped> = BTreeMap::new();
    for (job, outcome) in jobs.iter().zip(&outcomes) {
        for (rules, ids) in unjudged(job, outcome) {
            let stopped = stopped.entry(job.pack).or_default();
            for rule in rules {
                let ids = ids.iter().filter(|id| rows.is_enabled(rule, Some(**id)));
                stopped.pairs.entry(rule).or_default().extend(ids);
            }
        }
    }
    for (pack, stopped) in &stopped {
        diagnostics.push(rows.stopped(&packs[*pack], &stopped.pairs, fault_budget));
    }
    let judged = artifacts::judged(documents, jobs, &rows);
    let skipped = stopped.values().flat_map(|stopped| &stopped.pairs).flat_map(|(rule, documents)| {
        documents.iter().filter(|document| decisions.of(*rule, Some(**document)).mode >= Mode::Mark)
    });
    let skipped: BTreeSet<DocumentId> = skipped.copied().collect();
    let counted: Vec<(Vec<Judged>, Pairs)> = pool.install(|| {
        let judged = jobs.par_iter().zip(outcomes).filter(|(_, outcome)| !outcome.discarded);
        let counted = judged.map(|(job, outcome)| {
            let mut rows = rows.fork();
            let pairs = count(job, outcome, &packs, &mut rows, &check.show);
            (rows.into_rows(), pairs)
        });
        counted.collect()
    });
    let mut rows = rows.into_rows();
    for (more, pairs) in counted {
        rows.extend(more);
        summary.pass += pairs.pass;
        summary.not_applicable += pairs.not_applicable;
    }
    // Before anything is compared or written by its words.
    let secrets = secrets::mask(&mut rows, &mut diagnostics, &rules, documents.all(), sources);
    let mut rows = pool.install(|| finish(rows, &rules));
    let scan =
        Scan { packs: infos, rules: &rules, decisions, sources, coverage: &coverage, folders, load: &check.load };
    let seen = Seen::new(&scan, &rows, &diagnostics);
    let whole = |document| Some(location(sources, documents.get(document)?.span));
    let show_passes = check.show.contains(&Verdict::Pass);
    let answered = evidence::apply(&mut rows, &check.evidence, &seen, check.today, show_passes, &whole);
    summary.pass += answered.passed;
    diagnostics.extend(answered.diagnostics);
    if answered.passed > 0 && show_passes {
        // What passes is about the whole document, so it stands elsewhere.
        rows = pool.install(|| sorted(rows, &rules));
    }
    let suppressions = Suppressions { directives, sources, documents, today: check.today };
    diagnostics.extend(suppress::apply(&mut rows, &suppressions, &seen));
    diagnostics.extend(waivers::apply(&mut rows, &check.waivers, &seen, check.today));
    let applied = check.baseline.as_ref().map(|known| (known, baseline::apply(&mut rows, known, &seen)));
    let recorded = record(&Accepted {
        rows: &rows,
        rules: &rules,
        old: applied.as_ref().map(|(known, applied)| (*known, applied)),
    });
    diagnostics.extend(applied.into_iter().flat_map(|(_, applied)| applied.diagnostics));
    // A document does not comply because what is wrong with it is old: nobody has accepted that.
    let artifacts = artifacts::artifacts(sources, documents, &judged, &skipped, &rows, &diagnostics);
    if let Some(base) = &check.base {
        base::apply(&mut rows, &rules, sources, base, &mut diagnostics);
    }
    let rows: Vec<Row> = rows.into_iter().map(|judged| judged.row).collect();
    tally(&rows, &mut summary);
    let diagnostics = resolve(diagnostics, sources);
    let errors = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let policies = check.evidence.iter().map(|it| it.source()).chain(check.waivers.iter().map(|it| it.source()));
    let policies: Vec<&Source> = policies.chain(check.baseline.iter().map(|it| it.source())).collect();
    let report = Report {
        tool: Tool { name: "verdikt".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        diff_base: check.base.as_ref().map(|base| base.state().clone()),
        incomplete: errors || summary.error > 0,
        gate: gate(&rows, check.fail_on, check.unknown),
        secrets: secrets.into_iter().map(|span| location(sources, span)).collect(),
        sources: shown(&rows, &diagnostics, sources, &policies),
        summary,
        rows,
        diagnostics,
        coverage,
        packs,
        rules,
        artifacts,
    };
    (report, recorded)
}

/// Documents that a stopped pack did not judge, by rule.
#[derive(Default)]
struct Stopped {
    pairs: BTreeMap<usize, BTreeSet<DocumentId>>,
}

/// How many pairs of rule and document have no row.
#[derive(Default)]
struct Pairs {
    pass: usize,
    not_applicable: usize,
}

/// Turns a job's findings and faults into rows and counts the pairs that passed.
fn count(job: &Job, outcome: Outcome, packs: &[PackRef], rows: &mut Rows<'_>, show: &BTreeSet<Verdict>) -> Pairs {
    let mut counted = Pairs::default();
    let left: Vec<(Vec<usize>, Vec<DocumentId>)> = unjudged(job, &outcome);
    let mut pairs: HashMap<(usize, DocumentId), (Verdict, Option<Finding>)> = HashMap::new();
    for mut finding in outcome.evaluation.findings {
        finding.rule = job.rules[finding.rule];
        // Inventory rules judge the whole set, also what they are switched off for.
        if !rows.is_enabled(finding.rule, finding.at.as_ref().map(|at| at.document)) {
            continue;
        }
        let is_error = finding.status.verdict() == Verdict::Error;
        if !is_error && finding.at.as_ref().is_some_and(|at| rows.is_decided_elsewhere(at)) {
            finding.status = Status::NotApplicable("decided by the object that this patches".to_owned());
        }
        let verdict = finding.status.verdict();
        if let Some(at) = &finding.at {
            let pair = pairs.entry((finding.rule, at.document)).or_insert((verdict, None));
            if verdict >= pair.0 {
                *pair = (verdict, (!verdict.is_finding()).then(|| finding.clone()));
            }
        }
        if verdict.is_finding() {
            rows.finding(finding);
        }
    }
    for fault in outcome.evaluation.faults {
        for rule in fault.rules.iter().map(|rule| job.rules[*rule]) {
            for document in &fault.documents {
                if !rows.is_enabled(rule, Some(*document)) {
                    continue;
                }
                pairs.insert((rule, *document), (Verdict::Error, None));
                let info = &rows.rules()[rule].info;
                let message =
                    format!("{} of pack `{}` could not judge this: {}", info.id, packs[job.pack].id, fault.fault);
                rows.error(rule, *document, message, fault.fault.code());
            }
        }
    }
    for (rules, documents) in left {
        for rule in rules {
            for document in &documents {
                pairs.insert((rule, *document), (Verdict::Error, None));
            }
        }
    }
    for rule in &job.rules {
        for document in &job.documents {
            if !rows.is_enabled(*rule, Some(*document)) {
                continue;
            }
            let (verdict, finding) = match pairs.remove(&(*rule, *document)) {
                Some(stated) => stated,
                // Silence of a document rule is a pass.
                None if job.scope == Scope::Document => (Verdict::Pass, None),
                // The runtime has made a fault of it; should it ever not, it is still no pass.
                None => {
                    let message = format!("{} gave no outcome for this", rows.rules()[*rule].info.id);
                    rows.error(*rule, *document, message, "no-outcome");
                    continue;
                }
            };
            match verdict {
                Verdict::Pass => counted.pass += 1,
                Verdict::NotApplicable => counted.not_applicable += 1,
                _ => continue,
            }
            if show.contains(&verdict) {
                rows.pair(*rule, *document, verdict, finding);
            }
        }
    }
    counted
}

/// Sorts, drops repetitions, and gives each row its fingerprint.
fn finish(rows: Vec<Judged>, rules: &[RuleRef]) -> Vec<Judged> {
    let mut rows = sorted(rows, rules);
    // Halved batches of inventory rules may state the same subject twice, and two workloads that one
    // alias gives the same template are wrong at the same place.
    rows.dedup_by(|later, earlier| later.row == earlier.row && later.identity() == earlier.identity());
    rows.par_iter_mut().for_each(|judged| identify(judged, rules, 0));
    // Most are the only ones with their identity; the others are told apart by their order.
    let mut ordinals: HashMap<String, usize> = HashMap::new();
    for judged in &mut rows {
        let ordinal = ordinals.entry(judged.row.fingerprint.clone()).or_insert(0);
        if *ordinal > 0 {
            identify(judged, rules, *ordinal);
        }
        *ordinal += 1;
    }
    rows
}

/// In the order of the report. Rows are large, so their numbers are sorted instead.
fn sorted(rows: Vec<Judged>, rules: &[RuleRef]) -> Vec<Judged> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.par_sort_by(|left, right| {
        let (left, right) = (&rows[*left], &rows[*right]);
        // Rows without a place come last.
        let is_placeless = |judged: &Judged| judged.row.location.is_none();
        is_placeless(left)
            .cmp(&is_placeless(right))
            .then_with(|| left.row.location.cmp(&right.row.location))
            .then_with(|| rules[left.row.rule].info.id.cmp(&rules[right.row.rule].info.id))
            .then_with(|| left.identity().cmp(&right.identity()))
            .then_with(|| left.row.subject.cmp(&right.row.subject))
            // Fingerprints must not depend on a message, which is other words in another version.
            .then_with(|| (&left.row.code, &left.row.arguments).cmp(&(&right.row.code, &right.row.arguments)))
            .then_with(|| left.row.message.cmp(&right.row.message))
    });
    let mut rows: Vec<Option<Judged>> = rows.into_iter().map(Some).collect();
    order.into_iter().filter_map(|place| rows[place].take()).collect()
}

/// `ordinal`: which of the findings with the same identity it is, in the order of the report.
fn identify(judged: &mut Judged, rules: &[RuleRef], ordinal: usize) {
    let row = &judged.row;
    // Where a subject was seen is no part of what is said of it.
    let by_place = !judged.is_about_subject();
    let document = row.document.as_ref().filter(|_| by_place);
    let place = judged.identity().filter(|_| by_place);
    let identity = Identity {
        rule: &rules[row.rule].info.id,
        file: place.map_or("", |place| &place.file),
        platform: document.map_or("", |document| document.platform),
        address: document.map_or("", |document| &document.address),
        twin: place.map_or("", |place| &place.twin),
        pointer: place.map_or("", |place| &place.pointer),
        subject: &row.subject,
        ordinal,
    };
    let (fingerprint, anywhere) = (identity.fingerprint(), Identity { file: "*", ..identity }.fingerprint());
    judged.row.fingerprint = fingerprint;
    judged.anywhere = anywhere;
}

fn tally(rows: &[Row], summary: &mut Summary) {
    for row in rows {
        if row.suppressed.is_some() {
            summary.suppressed += 1;
            continue;
        }
        match row.verdict {
            Verdict::Fail => summary.fail += 1,
            Verdict::Unknown => summary.unknown += 1,
            Verdict::Error => summary.error += 1,
            Verdict::Informational => summary.informational += 1,
            Verdict::Manual => summary.manual += 1,
            // Counted by pairs, whether or not they are shown.
            Verdict::Pass | Verdict::NotApplicable => {}
        }
    }
}

fn gate(rows: &[Row], fail_on: Option<Severity>, unknown: UnknownPolicy) -> Gate {
    let Some(threshold) = fail_on else { return Gate::Passed };
    let counts = |row: &Row| {
        let verdict =
            row.verdict == Verdict::Fail || (row.verdict == Verdict::Unknown && unknown == UnknownPolicy::Fail);
        verdict && row.suppressed.is_none() && row.mode == Mode::Enforce && row.severity >= threshold
    };
    if rows.iter().any(counts) { Gate::Failed } else { Gate::Passed }
}

fn resolve(diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<ReportDiagnostic> {
    let mut resolved: Vec<ReportDiagnostic> = diagnostics
        .into_iter()
        .map(|diagnostic| {
            let (file, location) = match &diagnostic.place {
                DiagnosticPlace::Span(span) => (None, Some(location(sources, *span))),
                DiagnosticPlace::Resolved(location) => (None, Some(location.clone())),
                DiagnosticPlace::Path(path) => (Some(path.clone()), None),
                DiagnosticPlace::Nowhere => (None, None),
            };
            ReportDiagnostic {
                code: diagnostic.code,
                level: diagnostic.level(),
                message: diagnostic.message,
                file,
                location,
            }
        })
        .collect();
    resolved.sort_by(|left, right| {
        let key = |it: &ReportDiagnostic| {
            let file = it.location.as_ref().map(|place| place.file.clone()).or(it.file.clone());
            (file, it.location.clone(), it.code)
        };
        key(left).cmp(&key(right)).then_with(|| left.message.cmp(&right.message))
    });
    resolved
}

/// The texts that code frames need.
fn shown(
    rows: &[Row],
    diagnostics: &[ReportDiagnostic],
    sources: &Sources,
    policies: &[&Source],
) -> BTreeMap<String, std::sync::Arc<str>> {
    let places = rows.iter().flat_map(|row| {
        let related = row.related.iter().map(|related| &related.location);
        let steps = row.provenance.iter().map(|step| &step.location);
        row.location.iter().chain(related).chain(steps)
    });
    let places = places.chain(diagnostics.iter().filter_map(|diagnostic| diagnostic.location.as_ref()));
    let files: HashSet<&str> = places.map(|place| place.file.as_str()).collect();
    let texts = sources.iter().map(|(_, source)| source).chain(policies.iter().copied());
    let texts = texts.filter(|source| files.contains(source.path.as_str()));
    texts.map(|source| (source.path.clone(), source.text.clone())).collect()
}
