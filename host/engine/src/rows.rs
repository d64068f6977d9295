//! Rows of the report: everything that a renderer shows, looked up once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use verdikt_model::{
    Code, Diagnostic, DiagnosticPlace, Document, DocumentId, DocumentRef, Finding, PackRef, Place, Platform, Pointer,
    RelatedPlace, Row, RuleRef, Source, Sources, Span, Status, Verdict,
};

use crate::documents::Documents;
use crate::identity::{Names, twins};
use crate::locate::{is_absent, location, node, provenance};
use crate::policy::Decisions;
use crate::secrets::Secret;

/// Makes rows; knows everything that a row shows.
pub(crate) struct Rows<'a> {
    sources: &'a Sources,
    documents: &'a Documents,
    rules: &'a [RuleRef],
    decisions: &'a Decisions,
    names: Names,
    /// What tells documents of one address apart.
    twins: Arc<HashMap<DocumentId, String>>,
    rows: Vec<Judged>,
}

/// A row, and what only this scan knows of its place.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub row: Row,
    /// What the row's fingerprint would be in any file: how a finding is known whose file was moved.
    pub anywhere: String,
    /// `None` for a row about a subject.
    pub place: Option<Placed>,
    /// The value of a sensitive finding.
    pub secret: Option<Secret>,
}

impl Judged {
    /// Whether the row is about its subject, such as a namespace, and its document only shows where that
    /// was seen: the first of several workloads, say, which may be another one tomorrow.
    pub(crate) fn is_about_subject(&self) -> bool {
        !self.row.subject.is_empty() && self.row.pointer.is_empty()
    }

    pub(crate) fn identity(&self) -> Option<&PlaceIdentity> {
        self.place.as_ref().map(|place| &place.identity)
    }
}

/// Where a row stands.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub document: DocumentId,
    /// What the row's location is made of.
    pub span: Span,
    /// What identifies the place beside the document's address, but for the ordinal.
    pub identity: PlaceIdentity,
}

/// What identifies a place on every machine and after edits elsewhere in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PlaceIdentity {
    /// [`verdikt_model::Source::identity`] of the file.
    pub file: String,
    /// What tells the document from others of its file and address; empty for most.
    pub twin: String,
    /// The row's pointer with list items named by what identifies them.
    pub pointer: String,
}

/// A document as reports name it.
pub(crate) fn reference(sources: &Sources, document: &Document) -> DocumentRef {
    let source = sources.get(document.span.file);
    DocumentRef {
        platform: document.platform.as_str(),
        kind: document.kind.clone(),
        namespace: document.namespace.clone(),
        name: document.name.clone(),
        address: document.address.clone(),
        file: source.path.clone(),
        line: source.position(document.span.start).line,
        rendered_from: document.rendered_from.clone(),
    }
}

/// The list and the index of a text in a list. Others are named by what they say; a secret is not, or its
/// fingerprint could be guessed.
fn without_text(document: &Document, pointer: &Pointer) -> Option<(Pointer, usize)> {
    let text = pointer.to_string();
    let (list, index) = text.rsplit_once('/')?;
    let list = Pointer::parse(list).ok()?;
    let is_list = list.resolve(document.body()).is_ok_and(|found| found.exact && found.node.is_list());
    let is_text = node(document, pointer).as_str().is_some();
    if is_list && is_text { Some((list, index.parse().ok()?)) } else { None }
}

impl<'a> Rows<'a> {
    pub(crate) fn new(
        sources: &'a Sources,
        documents: &'a Documents,
        rules: &'a [RuleRef],
        decisions: &'a Decisions,
    ) -> Self {
        let twins = Arc::new(twins(documents.all()));
        Rows { sources, documents, rules, decisions, names: Names::default(), twins, rows: Vec::new() }
    }

    /// Whether a rule is to judge a document, or what is none.
    pub(crate) fn is_enabled(&self, rule: usize, document: Option<DocumentId>) -> bool {
        self.decisions.of(rule, document).enabled
    }

    /// What knows the same and has made nothing yet, for another thread.
    pub(crate) fn fork(&self) -> Rows<'a> {
        Rows { names: Names::default(), twins: Arc::clone(&self.twins), rows: Vec::new(), ..*self }
    }

    /// The selected rules.
    pub(crate) fn rules(&self) -> &'a [RuleRef] {
        self.rules
    }

    /// What was made, in the order in which it was made.
    pub(crate) fn into_rows(self) -> Vec<Judged> {
        self.rows
    }

    pub(crate) fn finding(&mut self, finding: Finding) {
        let decision = self.decisions.of(finding.rule, finding.at.as_ref().map(|at| at.document));
        // What the user says of a severity stands above what the rule says of a single finding.
        let severity = decision.severity.or(finding.severity).unwrap_or(self.rules[finding.rule].info.severity);
        let mut controls = self.rules[finding.rule].info.controls.clone();
        controls.extend(finding.controls);
        controls.dedup();
        let related = finding.related.iter().filter_map(|related| {
            let document = self.documents.get(related.at.document)?;
            let span = node(document, &related.at.pointer).span();
            Some(RelatedPlace { note: related.note.clone(), location: location(self.sources, span) })
        });
        let related = related.collect();
        let sensitive = finding.sensitive || self.is_sensitive(finding.at.as_ref());
        let secret = if sensitive { self.secret(finding.at.as_ref()) } else { None };
        let verdict = finding.status.verdict();
        let row = Row {
            code: finding.code,
            arguments: finding.arguments,
            reason: finding.status.reason().to_owned(),
            subject: finding.subject,
            related,
            controls,
            sensitive,
            fix: finding.fix,
            ..Row::new(finding.rule, verdict, severity, decision.mode, finding.message)
        };
        self.push(row, finding.at.as_ref(), secret);
    }

    /// Whether a place is one of a patch that has nothing there, or is the whole of it: the object that it
    /// patches decides.
    pub(crate) fn is_decided_elsewhere(&self, at: &Place) -> bool {
        self.documents.get(at.document).is_some_and(|document| {
            // Labels that Terraform gives to a namespace are judged for themselves: what they label may be
            // defined nowhere in the set.
            let made_by = document.origin.and_then(|origin| self.documents.get(origin));
            let is_labels = made_by.is_some_and(|origin| origin.platform == Platform::Terraform);
            document.is_patch && ((at.pointer.is_root() && !is_labels) || is_absent(document, &at.pointer))
        })
    }

    /// Whether the document itself says that nobody may print what is there.
    fn is_sensitive(&self, at: Option<&Place>) -> bool {
        let document = |at: &Place| Some(node(self.documents.get(at.document)?, &at.pointer).is_sensitive());
        at.and_then(document).unwrap_or(false)
    }

    /// What must not be shown.
    fn secret(&self, at: Option<&Place>) -> Option<Secret> {
        let at = at?;
        Some(Secret::of(self.sources, self.documents.get(at.document)?, &at.pointer))
    }

    pub(crate) fn error(&mut self, rule: usize, document: DocumentId, message: String, code: &str) {
        let status = Status::Error(code.to_owned());
        self.plain(rule, document, &status, message);
    }

    /// A row for a rule and a document as a whole, for `--show`.
    pub(crate) fn pair(&mut self, rule: usize, document: DocumentId, verdict: Verdict, finding: Option<Finding>) {
        let title = &self.rules[rule].info.title;
        let message = finding.as_ref().map(|finding| finding.message.clone()).filter(|message| !message.is_empty());
        let message = message.unwrap_or_else(|| title.clone());
        let reason = finding.map_or(String::new(), |finding| finding.status.reason().to_owned());
        let status = if verdict == Verdict::Pass { Status::Pass(reason) } else { Status::NotApplicable(reason) };
        self.plain(rule, document, &status, message);
    }

    fn plain(&mut self, rule: usize, document: DocumentId, status: &Status, message: String) {
        let info = &self.rules[rule].info;
        let decision = self.decisions.of(rule, Some(document));
        let severity = decision.severity.unwrap_or(info.severity);
        let row = Row {
            reason: status.reason().to_owned(),
            controls: info.controls.clone(),
            ..Row::new(rule, status.verdict(), severity, decision.mode, message)
        };
        self.push(row, Some(&Place { document, pointer: Pointer::root() }), None);
    }

    /// Fills in what follows from the place.
    fn push(&mut self, mut row: Row, at: Option<&Place>, secret: Option<Secret>) {
        let mut place = None;
        if let Some((at, document)) = at.and_then(|at| Some((at, self.documents.get(at.document)?))) {
            // The whole of a document is where its block stands, not its root node.
            let (span, steps) = if at.pointer.is_root() {
                (document.span, Vec::new())
            } else {
                let node = node(document, &at.pointer);
                row.absent = is_absent(document, &at.pointer);
                (node.span(), provenance(self.sources, document, &at.pointer))
            };
            let source: &Source = self.sources.get(document.span.file);
            row.document = Some(reference(self.sources, document));
            row.pointer = at.pointer.to_string();
            row.location = Some(location(self.sources, span));
            row.provenance = steps;
            let named = if row.sensitive { without_text(document, &at.pointer) } else { None };
            let named = match named {
                Some((list, index)) => format!("{}/{index}", self.names.pointer(document, &list)),
                None => self.names.pointer(document, &at.pointer),
            };
            let pointer = self.template(document) + &named;
            let twin = self.twins.get(&document.id).cloned().unwrap_or_default();
            let identity = PlaceIdentity { file: source.identity.clone(), twin, pointer };
            place = Some(Placed { document: document.id, span, identity });
        }
        self.rows.push(Judged { row, anywhere: String::new(), place, secret });
    }

    /// Which pod template of its origin a workload was derived from; empty for the origin itself.
    /// Custom resources may embed several, whose workloads share an address.
    fn template(&mut self, document: &Document) -> String {
        let template = self.documents.template(document);
        template.map_or(String::new(), |(origin, pointer)| format!("{}#", self.names.pointer(origin, pointer)))
    }

    /// One diagnostic for the pack, and one row for each rule at the first document that it did not
    /// judge: thousands of rows would say no more.
    pub(crate) fn stopped(
        &mut self,
        pack: &PackRef,
        pairs: &BTreeMap<usize, BTreeSet<DocumentId>>,
        budget: usize,
    ) -> Diagnostic {
        let documents: BTreeSet<DocumentId> = pairs.values().flatten().copied().collect();
        for (rule, left) in pairs {
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
