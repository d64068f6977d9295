//! The JSON report, a published contract: fields are added, never changed.
//!
//! The structures here mirror those of the model, so that the model can change without the
//! contract.

use std::collections::HashMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use verdikt_model::{DocumentRef, FileOutcome, Gate, Level, Operation, Report, Row, Verdict};

use crate::RenderOptions;
use crate::json_parts::{JsonLocation, JsonRenderedFrom};

/// The version of the contract.
const VERSION: u32 = 1;

pub(crate) fn render(report: &Report, options: &RenderOptions) -> String {
    let rows: Vec<&Row> = report.rows.iter().filter(|row| options.is_severe_enough(row)).collect();
    let wire = JsonReport {
        report: VERSION,
        tool: JsonTool { name: &report.tool.name, version: &report.tool.version },
        summary: summary(report, &rows),
        incomplete: report.incomplete,
        gate: match report.gate {
            Gate::Passed => "passed",
            Gate::Failed => "failed",
        },
        diff_base: report
            .diff_base
            .as_ref()
            .map(|base| JsonDiffBase { reference: &base.reference, commit: base.commit.as_deref() }),
        results: rows.into_iter().map(|row| result(report, row)).collect(),
        diagnostics: report.diagnostics.iter().map(diagnostic).collect(),
        coverage: coverage(report),
        packs: report
            .packs
            .iter()
            .map(|pack| JsonPack { id: &pack.id, version: &pack.version, digest: &pack.digest })
            .collect(),
        rules: report
            .rules
            .iter()
            .map(|rule| JsonRule {
                id: &rule.info.id,
                slug: &rule.info.slug,
                title: &rule.info.title,
                severity: rule.info.severity.as_str(),
                controls: &rule.info.controls,
                pack: &report.packs[rule.pack].id,
                scope: rule.info.scope.as_str(),
                targets: rule.info.targets.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        artifacts: report
            .artifacts
            .iter()
            .map(|artifact| JsonArtifact { document: document(&artifact.document), compliant: artifact.compliant })
            .collect(),
        frameworks: [],
    };
    // Maps with string keys and plain values: nothing that JSON cannot hold.
    let mut text = serde_json::to_string_pretty(&wire).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct JsonReport<'a> {
    report: u32,
    tool: JsonTool<'a>,
    summary: JsonSummary,
    incomplete: bool,
    gate: &'static str,
    /// What the findings were compared with.
    diff_base: Option<JsonDiffBase<'a>>,
    results: Vec<JsonResult<'a>>,
    diagnostics: Vec<JsonDiagnostic<'a>>,
    coverage: JsonCoverage<'a>,
    packs: Vec<JsonPack<'a>>,
    rules: Vec<JsonRule<'a>>,
    artifacts: Vec<JsonArtifact<'a>>,
    /// Frameworks are not rolled up by this version.
    frameworks: [(); 0],
}

#[derive(Serialize)]
struct JsonTool<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct JsonDiffBase<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    commit: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct JsonSummary {
    documents: usize,
    pass: usize,
    fail: usize,
    unknown: usize,
    error: usize,
    not_applicable: usize,
    informational: usize,
    manual: usize,
    suppressed: usize,
    /// Rows below `--min-severity`, which are not among the results.
    hidden: usize,
}

/// Counts the rows that are there. Passes and inapplicable rules are counted by pairs of rule and
/// document, whether or not they have rows.
fn summary(report: &Report, rows: &[&Row]) -> JsonSummary {
    let of = |verdict: Verdict| rows.iter().filter(|row| row.verdict == verdict && row.suppressed.is_none()).count();
    JsonSummary {
        documents: report.summary.documents,
        pass: report.summary.pass,
        fail: of(Verdict::Fail),
        unknown: of(Verdict::Unknown),
        error: of(Verdict::Error),
        not_applicable: report.summary.not_applicable,
        informational: of(Verdict::Informational),
        manual: of(Verdict::Manual),
        suppressed: rows.iter().filter(|row| row.suppressed.is_some()).count(),
        hidden: report.rows.len() - rows.len(),
    }
}

#[derive(Serialize)]
struct JsonResult<'a> {
    rule: &'a str,
    slug: &'a str,
    verdict: &'static str,
    severity: &'static str,
    /// What a failure leads to: `audit`, `mark` or `enforce`.
    mode: &'static str,
    message: &'a str,
    document: Option<JsonDocument<'a>>,
    pointer: &'a str,
    location: Option<JsonLocation<'a>>,
    fingerprint: &'a str,
    controls: &'a [String],
    suppressed: Option<JsonSuppressed<'a>>,
    pack: &'a str,
    /// Whether `pointer` names something that is not there; `location` is then its nearest ancestor.
    absent: bool,
    reason: &'a str,
    subject: &'a str,
    code: Option<&'a str>,
    #[serde(serialize_with = "as_map")]
    arguments: &'a [(String, String)],
    provenance: Vec<JsonProvenance<'a>>,
    related: Vec<JsonRelated<'a>>,
    /// Whether the value at `location` is a secret.
    sensitive: bool,
    fix: Option<JsonFix<'a>>,
}

#[derive(Serialize)]
struct JsonDocument<'a> {
    platform: &'static str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
    address: &'a str,
    file: &'a str,
    line: u32,
    /// For the output of a renderer: what it was rendered from.
    rendered_from: Option<JsonRenderedFrom<'a>>,
}

/// A document that was judged.
#[derive(Serialize)]
struct JsonArtifact<'a> {
    #[serde(flatten)]
    document: JsonDocument<'a>,
    /// Null where it is not known.
    compliant: Option<bool>,
}

#[derive(Serialize)]
struct JsonSuppressed<'a> {
    kind: &'a str,
    reason: &'a str,
    by: Option<&'a str>,
    until: Option<&'a str>,
    location: Option<JsonLocation<'a>>,
}

#[derive(Serialize)]
struct JsonProvenance<'a> {
    what: &'a str,
    location: JsonLocation<'a>,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    note: &'a str,
    location: JsonLocation<'a>,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safe: bool,
    /// RFC 6902.
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    op: &'static str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<serde_json::Value>,
}

fn result<'a>(report: &'a Report, row: &'a Row) -> JsonResult<'a> {
    let rule = &report.rules[row.rule];
    JsonResult {
        rule: &rule.info.id,
        slug: &rule.info.slug,
        verdict: row.verdict.as_str(),
        severity: row.severity.as_str(),
        mode: row.mode.as_str(),
        message: &row.message,
        document: row.document.as_ref().map(document),
        pointer: &row.pointer,
        location: row.location.as_ref().map(JsonLocation::from),
        fingerprint: &row.fingerprint,
        controls: &row.controls,
        suppressed: row.suppressed.as_ref().map(|suppressed| JsonSuppressed {
            kind: &suppressed.kind,
            reason: &suppressed.reason,
            by: suppressed.by.as_deref(),
            until: suppressed.until.as_deref(),
            location: suppressed.location.as_ref().map(JsonLocation::from),
        }),
        pack: &report.packs[rule.pack].id,
        absent: row.absent,
        reason: &row.reason,
        subject: &row.subject,
        code: row.code.as_deref(),
        arguments: &row.arguments,
        provenance: row
            .provenance
            .iter()
            .map(|step| JsonProvenance { what: &step.what, location: JsonLocation::from(&step.location) })
            .collect(),
        related: row
            .related
            .iter()
            .map(|related| JsonRelated { note: &related.note, location: JsonLocation::from(&related.location) })
            .collect(),
        sensitive: row.sensitive,
        fix: row.fix.as_ref().map(|fix| JsonFix {
            title: &fix.title,
            safe: fix.safe,
            edits: fix.edits.iter().map(edit).collect(),
        }),
    }
}

fn document(document: &DocumentRef) -> JsonDocument<'_> {
    JsonDocument {
        platform: document.platform,
        kind: &document.kind,
        namespace: document.namespace.as_deref(),
        name: &document.name,
        address: &document.address,
        file: &document.file,
        line: document.line,
        rendered_from: document.rendered_from.as_ref().map(JsonRenderedFrom::from),
    }
}

fn edit(edit: &verdikt_model::Edit) -> JsonEdit<'_> {
    JsonEdit {
        op: match edit.operation {
            Operation::Add => "add",
            Operation::Remove => "remove",
            Operation::Replace => "replace",
        },
        path: edit.pointer.as_str(),
        // The value is JSON text; should a pack have written anything else, it stays as text.
        value: edit
            .value
            .as_ref()
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::String(text.clone()))),
    }
}

fn as_map<S: Serializer>(pairs: &&[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(pairs.len()))?;
    for (index, (name, value)) in pairs.iter().enumerate() {
        // A name that a pack repeats must not become a repeated key.
        if pairs[..index].iter().all(|(earlier, _)| earlier != name) {
            map.serialize_entry(name, value)?;
        }
    }
    map.end()
}

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    code: &'static str,
    level: &'static str,
    message: &'a str,
    /// Null when the problem has no place.
    location: Option<JsonPlace<'a>>,
}

/// A place in a text, or a file that has none.
#[derive(Serialize)]
#[serde(untagged)]
enum JsonPlace<'a> {
    Text(JsonLocation<'a>),
    File { file: &'a str },
}

fn diagnostic(diagnostic: &verdikt_model::ReportDiagnostic) -> JsonDiagnostic<'_> {
    let file = || diagnostic.file.as_deref().map(|file| JsonPlace::File { file });
    JsonDiagnostic {
        code: diagnostic.code.as_str(),
        level: diagnostic.level.as_str(),
        message: &diagnostic.message,
        location: diagnostic.location.as_ref().map(|place| JsonPlace::Text(JsonLocation::from(place))).or_else(file),
    }
}

#[derive(Serialize)]
struct JsonCoverage<'a> {
    /// Files that were found.
    files: usize,
    scanned: usize,
    skipped: Vec<JsonSkipped<'a>>,
    /// Files that should have been scanned and could not be, with the first thing that is wrong.
    failed: Vec<JsonSkipped<'a>>,
    /// What each scanned file was taken for.
    taken: Vec<JsonTaken<'a>>,
    /// Documents of the scanned files, derived ones not counted.
    documents: usize,
    /// What scanned files name and what was not judged, although nothing is wrong with it.
    notes: Vec<JsonNote<'a>>,
}

#[derive(Serialize)]
struct JsonNote<'a> {
    file: &'a str,
    line: u32,
    note: &'a str,
}

#[derive(Serialize)]
struct JsonSkipped<'a> {
    file: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonTaken<'a> {
    file: &'a str,
    /// `kubernetes`, `ecs`, …; `kustomize-patch` for a part of an object.
    format: &'static str,
    documents: usize,
}

fn coverage(report: &Report) -> JsonCoverage<'_> {
    let coverage = &report.coverage;
    let mut problems: HashMap<&str, &str> = HashMap::new();
    for problem in report.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error) {
        let file = problem.location.as_ref().map(|location| &location.file).or(problem.file.as_ref());
        if let Some(file) = file {
            problems.entry(file).or_insert(&problem.message);
        }
    }
    let failed = coverage.files.iter().filter(|file| file.outcome == FileOutcome::Failed).map(|file| JsonSkipped {
        file: &file.path,
        // Only what a limit cut off has no problem of its own.
        reason: problems.get(file.path.as_str()).unwrap_or(&"left out, because a limit of the scan was reached"),
    });
    let taken = coverage.files.iter().filter_map(|file| match file.outcome {
        FileOutcome::Scanned { format, documents } => Some(JsonTaken { file: &file.path, format, documents }),
        _ => None,
    });
    JsonCoverage {
        files: coverage.files.len(),
        scanned: coverage.scanned(),
        skipped: coverage.skipped().map(|(file, reason)| JsonSkipped { file, reason }).collect(),
        failed: failed.collect(),
        taken: taken.collect(),
        documents: coverage.documents(),
        notes: coverage
            .notes
            .iter()
            .map(|note| JsonNote { file: &note.path, line: note.line, note: &note.text })
            .collect(),
    }
}

#[derive(Serialize)]
struct JsonPack<'a> {
    id: &'a str,
    version: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
struct JsonRule<'a> {
    id: &'a str,
    slug: &'a str,
    title: &'a str,
    severity: &'static str,
    controls: &'a [String],
    pack: &'a str,
    scope: &'static str,
    targets: Vec<String>,
}
