//! Whether each document that was judged is compliant.
//!
//! A document answers for itself and for the workloads that were derived from it. It is compliant
//! when every rule that asks for compliance (mode `mark` or `enforce`) could say so: a failure that
//! nobody accepted makes it not compliant, and where something was not judged nobody knows.

use std::collections::{BTreeSet, HashMap, HashSet};

use verdikt_model::{
    Artifact, Code, Diagnostic, DiagnosticPlace, Document, DocumentId, FileId, Level, Mode, Row, Sources, Span, Verdict,
};

use crate::documents::Documents;
use crate::plan::Job;
use crate::rows::{Judged, Rows, reference};

/// Ordered: the worst is the greatest, and what is worst holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Compliance {
    Yes,
    Unknown,
    No,
}

/// Documents of which somebody judged something, in scan order; what was not judged of them is not
/// known yet.
pub(crate) fn judged(documents: &Documents, jobs: &[Job], rows: &Rows<'_>) -> BTreeSet<DocumentId> {
    let mut judged = BTreeSet::new();
    for job in jobs {
        let enabled = |document: &DocumentId| job.rules.iter().any(|rule| rows.is_enabled(*rule, Some(*document)));
        judged.extend(job.documents.iter().filter(|document| enabled(document)).map(|id| origin(documents, *id)));
    }
    judged
}

/// One artifact for each document of `judged`. `skipped` are documents that a rule with a claim to
/// compliance should have judged and did not.
pub(crate) fn artifacts(
    sources: &Sources,
    documents: &Documents,
    judged: &BTreeSet<DocumentId>,
    skipped: &BTreeSet<DocumentId>,
    rows: &[Judged],
    diagnostics: &[Diagnostic],
) -> Vec<Artifact> {
    let mut worst: HashMap<DocumentId, Compliance> = HashMap::new();
    let mut state = |document: DocumentId, compliance: Compliance| {
        let known = worst.entry(origin(documents, document)).or_insert(Compliance::Yes);
        *known = compliance.max(*known);
    };
    for row in rows {
        if let Some(place) = &row.place {
            state(place.document, of_row(&row.row));
        }
    }
    for document in skipped {
        state(*document, Compliance::Unknown);
    }
    let unread = Unread::new(diagnostics);
    let artifact = |document: &Document| {
        let mut compliance = worst.get(&document.id).copied().unwrap_or(Compliance::Yes);
        // What a patch does not state is decided by the object that it patches.
        if document.is_patch || unread.concerns(document, sources) {
            compliance = compliance.max(Compliance::Unknown);
        }
        Artifact {
            document: reference(sources, document),
            compliant: match compliance {
                Compliance::Yes => Some(true),
                Compliance::Unknown => None,
                Compliance::No => Some(false),
            },
        }
    };
    judged.iter().filter_map(|id| documents.get(*id)).map(artifact).collect()
}

fn of_row(row: &Row) -> Compliance {
    if row.mode < Mode::Mark || row.suppressed.is_some() {
        return Compliance::Yes;
    }
    match row.verdict {
        Verdict::Fail => Compliance::No,
        Verdict::Unknown | Verdict::Error | Verdict::Manual => Compliance::Unknown,
        Verdict::Pass | Verdict::NotApplicable | Verdict::Informational => Compliance::Yes,
    }
}

/// The document that all others were derived from of which this is one, or the document itself.
fn origin(documents: &Documents, id: DocumentId) -> DocumentId {
    // A document is derived from one before it.
    let of = |id: DocumentId| documents.get(id).and_then(|document| document.origin).filter(|origin| *origin < id);
    std::iter::successors(Some(id), |id| of(*id)).last().unwrap_or(id)
}

/// What could not be read: rules have not seen it, so they cannot have said that it is right.
struct Unread {
    spans: HashMap<FileId, Vec<Span>>,
    paths: HashSet<String>,
    /// A pack that could not be loaded would have judged nobody knows what.
    everything: bool,
}

impl Unread {
    fn new(diagnostics: &[Diagnostic]) -> Self {
        let mut unread = Unread { spans: HashMap::new(), paths: HashSet::new(), everything: false };
        for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.level() == Level::Error) {
            unread.everything |= diagnostic.code == Code::PackUnusable;
            match &diagnostic.place {
                DiagnosticPlace::Span(span) => unread.spans.entry(span.file).or_default().push(*span),
                DiagnosticPlace::Path(path) => drop(unread.paths.insert(path.clone())),
                DiagnosticPlace::Resolved(_) | DiagnosticPlace::Nowhere => {}
            }
        }
        unread
    }

    fn concerns(&self, document: &Document, sources: &Sources) -> bool {
        let block = document.span.range();
        let inside =
            |span: &Span| span.range().start < block.end.max(block.start + 1) && span.range().end >= block.start;
        self.everything
            || self.spans.get(&document.span.file).is_some_and(|spans| spans.iter().any(inside))
            || self.paths.contains(&sources.get(document.span.file).path)
    }
}
