//! From outcomes to a report: places resolved, pairs counted, rows sorted, the gate decided.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use verdikt_model::{
    Code, Diagnostic, DiagnosticPlace, Document, DocumentId, DocumentRef, Finding, Gate, Level, NodeRef, PackRef,
    Place, Platform, RelatedPlace, Report, ReportDiagnostic, Row, RuleRef, Scope, Severity, Source, Sources, Status,
    Summary, Tool, Verdict,
};

use crate::documents::Documents;
use crate::engine::{Check, UnknownPolicy};
use crate::evaluate::{Outcome, unjudged};
use crate::locate::{Identity, identity, is_absent, location, node, provenance};
use crate::plan::Job;

/// Everything that a report is made of.
pub(crate) struct Inputs<'a> {
    pub sources: &'a Sources,
    pub documents: &'a Documents,
    pub diagnostics: Vec<Diagnostic>,
    pub coverage: verdikt_model::Coverage,
    pub packs: Vec<PackRef>,
    /// The selected rules.
    pub rules: Vec<RuleRef>,
    pub jobs: &'a [Job],
    pub outcomes: Vec<Outcome>,
    pub fault_budget: usize,
}

pub(crate) fn aggregate(inputs: Inputs<'_>, check: &Check) -> Report {
    let Inputs { sources, documents, mut diagnostics, coverage, packs, rules, jobs, outcomes, fault_budget } = inputs;
    let mut rows = Rows { sources, documents, rules: &rules, templates: HashMap::new(), rows: Vec::new() };
    let mut summary = Summary {
        documents: documents.all().iter().filter(|document| document.platform != Platform::Workload).count(),
        ..Summary::default()
    };
    let mut stopped: BTreeMap<usize, Stopped> = BTreeMap::new();
    for (job, outcome) in jobs.iter().zip(outcomes) {
        for (rules, ids) in unjudged(job, &outcome) {
            let stopped = stopped.entry(job.pack).or_default();
            for rule in rules {
                stopped.pairs.entry(rule).or_default().extend(&ids);
            }
        }
        if !outcome.discarded {
            let packs: &[PackRef] = &packs;
            count(job, outcome, packs, &mut rows, &mut summary, &check.show);
        }
    }
    for (pack, stopped) in &stopped {
        diagnostics.push(rows.stopped(&packs[*pack], stopped, fault_budget));
    }
    let rows = finish(rows.rows, &rules);
    tally(&rows, &mut summary);
    let diagnostics = resolve(diagnostics, sources);
    let errors = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    Report {
        tool: Tool { name: "verdikt".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        incomplete: errors || summary.error > 0,
        gate: gate(&rows, check.fail_on, check.unknown),
        sources: shown(&rows, &diagnostics, sources),
        summary,
        rows,
        diagnostics,
        coverage,
        packs,
        rules,
    }
}

/// Documents that a stopped pack did not judge, by rule.
#[derive(Default)]
struct Stopped {
    pairs: BTreeMap<usize, BTreeSet<DocumentId>>,
}

/// Turns a job's findings and faults into rows and counts the pairs that passed.
fn count(
    job: &Job,
    outcome: Outcome,
    packs: &[PackRef],
    rows: &mut Rows<'_>,
    summary: &mut Summary,
    show: &BTreeSet<Verdict>,
) {
    let left: Vec<(Vec<usize>, Vec<DocumentId>)> = unjudged(job, &outcome);
    let mut pairs: HashMap<(usize, DocumentId), (Verdict, Option<Finding>)> = HashMap::new();
    for mut finding in outcome.evaluation.findings {
        finding.rule = job.rules[finding.rule];
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
                pairs.insert((rule, *document), (Verdict::Error, None));
                let info = &rows.rules[rule].info;
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
            let (verdict, finding) = match pairs.remove(&(*rule, *document)) {
                Some(stated) => stated,
                // Silence of a document rule is a pass.
                None if job.scope == Scope::Document => (Verdict::Pass, None),
                // The runtime has made a fault of it; should it ever not, it is still no pass.
                None => {
                    let message = format!("{} gave no outcome for this", rows.rules[*rule].info.id);
                    rows.error(*rule, *document, message, "no-outcome");
                    continue;
                }
            };
            match verdict {
                Verdict::Pass => summary.pass += 1,
                Verdict::NotApplicable => summary.not_applicable += 1,
                _ => continue,
            }
            if show.contains(&verdict) {
                rows.pair(*rule, *document, verdict, finding);
            }
        }
    }
}

/// Makes rows; knows everything that a row shows.
struct Rows<'a> {
    sources: &'a Sources,
    documents: &'a Documents,
    rules: &'a [RuleRef],
    /// By workload: which pod template of its origin it was derived from.
    templates: HashMap<DocumentId, String>,
    /// With what identifies each, but for the ordinal.
    rows: Vec<(Row, RowIdentity)>,
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct RowIdentity {
    file: String,
    pointer: String,
}

impl Rows<'_> {
    fn finding(&mut self, finding: Finding) {
        let severity = finding.severity.unwrap_or(self.rules[finding.rule].info.severity);
        let mut controls = self.rules[finding.rule].info.controls.clone();
        controls.extend(finding.controls);
        controls.dedup();
        let related = finding.related.iter().filter_map(|related| {
            let document = self.documents.get(related.at.document)?;
            let span = node(document, &related.at.pointer).span();
            Some(RelatedPlace { note: related.note.clone(), location: location(self.sources, span) })
        });
        let related = related.collect();
        let secret = if finding.sensitive { self.secret(finding.at.as_ref()) } else { None };
        let mask = |text: String| match &secret {
            Some(secret) => text.replace(secret.as_str(), "***"),
            None => text,
        };
        let row = Row {
            rule: finding.rule,
            verdict: finding.status.verdict(),
            severity,
            message: mask(finding.message),
            code: finding.code,
            arguments: finding.arguments.into_iter().map(|(name, value)| (name, mask(value))).collect(),
            reason: mask(finding.status.reason().to_owned()),
            document: None,
            subject: finding.subject,
            pointer: String::new(),
            location: None,
            absent: false,
            provenance: Vec::new(),
            related,
            fingerprint: String::new(),
            controls,
            suppressed: None,
            sensitive: finding.sensitive,
            fix: finding.fix,
        };
        self.push(row, finding.at.as_ref());
    }

    /// The text that must not be shown.
    fn secret(&self, at: Option<&Place>) -> Option<String> {
        let at = at?;
        let document = self.documents.get(at.document)?;
        let value = node(document, &at.pointer);
        value.as_str().or(value.as_number()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn error(&mut self, rule: usize, document: DocumentId, message: String, code: &str) {
        let status = Status::Error(code.to_owned());
        self.plain(rule, document, &status, message);
    }

    /// A row for a rule and a document as a whole, for `--show`.
    fn pair(&mut self, rule: usize, document: DocumentId, verdict: Verdict, finding: Option<Finding>) {
        let title = &self.rules[rule].info.title;
        let message = finding.as_ref().map(|finding| finding.message.clone()).filter(|message| !message.is_empty());
        let message = message.unwrap_or_else(|| title.clone());
        let reason = finding.map_or(String::new(), |finding| finding.status.reason().to_owned());
        let status = if verdict == Verdict::Pass { Status::Pass(reason) } else { Status::NotApplicable(reason) };
        self.plain(rule, document, &status, message);
    }

    fn plain(&mut self, rule: usize, document: DocumentId, status: &Status, message: String) {
        let info = &self.rules[rule].info;
        let row = Row {
            rule,
            verdict: status.verdict(),
            severity: info.severity,
            message,
            code: None,
            arguments: Vec::new(),
            reason: status.reason().to_owned(),
            document: None,
            subject: String::new(),
            pointer: String::new(),
            location: None,
            absent: false,
            provenance: Vec::new(),
            related: Vec::new(),
            fingerprint: String::new(),
            controls: info.controls.clone(),
            suppressed: None,
            sensitive: false,
            fix: None,
        };
        self.push(row, Some(&Place { document, pointer: verdikt_model::Pointer::root() }));
    }

    /// Fills in what follows from the place.
    fn push(&mut self, mut row: Row, at: Option<&Place>) {
        let mut own = RowIdentity { file: String::new(), pointer: String::new() };
        if let Some((at, document)) = at.and_then(|at| Some((at, self.documents.get(at.document)?))) {
            // The whole of a document is where its block stands, not its root node.
            let (span, steps) = if at.pointer.is_root() {
                (document.span, Vec::new())
            } else {
                let node = node(document, &at.pointer);
                row.absent = is_absent(document, &at.pointer);
                (node.span(), provenance(self.sources, node))
            };
            let source: &Source = self.sources.get(document.span.file);
            row.document = Some(DocumentRef {
                platform: document.platform.as_str(),
                kind: document.kind.clone(),
                namespace: document.namespace.clone(),
                name: document.name.clone(),
                address: document.address.clone(),
                file: source.path.clone(),
                line: source.position(document.span.start).line,
            });
            row.pointer = at.pointer.to_string();
            row.location = Some(location(self.sources, span));
            row.provenance = steps;
            let pointer = format!("{}{}", self.template(document), identity(document, &at.pointer));
            own = RowIdentity { file: source.identity.clone(), pointer };
        }
        self.rows.push((row, own));
    }

    /// Which pod template of its origin a workload was derived from; empty for the origin itself.
    /// Custom resources may embed several, whose workloads share an address.
    fn template(&mut self, document: &Document) -> &str {
        let documents = self.documents;
        self.templates.entry(document.id).or_insert_with(|| {
            // The root stands for the whole object; its containers stand in one template.
            let origin = document.body().get("containers").and_then(NodeRef::origin);
            let origin = origin.and_then(|(id, node)| Some((documents.get(id)?, node)));
            let pointer = origin.and_then(|(origin, node)| origin.tree.node(node).pointer_from(origin.root));
            pointer.map_or(String::new(), |pointer| format!("{pointer}#"))
        })
    }

    /// One diagnostic for the pack, and one row for each rule at the first document that it did not
    /// judge: thousands of rows would say no more.
    fn stopped(&mut self, pack: &PackRef, stopped: &Stopped, budget: usize) -> Diagnostic {
        let documents: BTreeSet<DocumentId> = stopped.pairs.values().flatten().copied().collect();
        for (rule, left) in &stopped.pairs {
            if let Some(first) = left.first() {
                let id = &self.rules[*rule].info.id;
                let message = format!(
                    "{id} was not evaluated on this and {} more documents, because pack `{}` was stopped",
                    left.len() - 1,
                    pack.id
                );
                self.error(*rule, *first, message, "pack-stopped");
            }
        }
        Diagnostic {
            code: Code::PackStopped,
            message: format!(
                "pack `{}` was stopped after {budget} faults; {} documents were not judged by all of its rules. \
                 Run `verdikt pack test` or leave the pack out with `--ignore {}`.",
                pack.id,
                documents.len(),
                pack.id
            ),
            place: DiagnosticPlace::Nowhere,
        }
    }
}

/// Sorts, drops repetitions, and gives each row its fingerprint.
fn finish(mut rows: Vec<(Row, RowIdentity)>, rules: &[RuleRef]) -> Vec<Row> {
    rows.sort_by(|(left, left_own), (right, right_own)| {
        let key = |row: &Row| {
            let place = row.location.clone();
            // Rows without a place come last.
            (place.is_none(), place)
        };
        key(left)
            .cmp(&key(right))
            .then_with(|| rules[left.rule].info.id.cmp(&rules[right.rule].info.id))
            .then_with(|| left_own.cmp(right_own))
            .then_with(|| left.subject.cmp(&right.subject))
            .then_with(|| left.message.cmp(&right.message))
    });
    // Halved batches of inventory rules may state the same subject twice, and two workloads that one
    // alias gives the same template are wrong at the same place.
    rows.dedup();
    let mut ordinals: HashMap<(usize, Option<String>, RowIdentity, String), usize> = HashMap::new();
    rows.into_iter()
        .map(|(mut row, own)| {
            let document = row.document.as_ref();
            let address = document.map(|document| format!("{}\0{}", document.platform, document.address));
            let ordinal = ordinals.entry((row.rule, address, own.clone(), row.subject.clone())).or_insert(0);
            row.fingerprint = Identity {
                rule: &rules[row.rule].info.id,
                file: &own.file,
                platform: document.map_or("", |document| document.platform),
                address: document.map_or("", |document| &document.address),
                pointer: &own.pointer,
                subject: &row.subject,
                ordinal: *ordinal,
            }
            .fingerprint();
            *ordinal += 1;
            row
        })
        .collect()
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
        verdict && row.suppressed.is_none() && row.severity >= threshold
    };
    if rows.iter().any(counts) { Gate::Failed } else { Gate::Passed }
}

fn resolve(diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<ReportDiagnostic> {
    let mut resolved: Vec<ReportDiagnostic> = diagnostics
        .into_iter()
        .map(|diagnostic| {
            let (file, location) = match &diagnostic.place {
                DiagnosticPlace::Span(span) => (None, Some(location(sources, *span))),
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
fn shown(rows: &[Row], diagnostics: &[ReportDiagnostic], sources: &Sources) -> BTreeMap<String, std::sync::Arc<str>> {
    let places = rows.iter().flat_map(|row| {
        let related = row.related.iter().map(|related| &related.location);
        let steps = row.provenance.iter().map(|step| &step.location);
        row.location.iter().chain(related).chain(steps)
    });
    let places = places.chain(diagnostics.iter().filter_map(|diagnostic| diagnostic.location.as_ref()));
    let files: BTreeSet<&str> = places.map(|place| place.file.as_str()).collect();
    let texts = sources.iter().filter(|(_, source)| files.contains(source.path.as_str()));
    texts.map(|(_, source)| (source.path.clone(), source.text.clone())).collect()
}
