//! Files in, documents out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use verdikt_model::{Code, Diagnostic, Directive, FileId, FileOutcome, Level};

use crate::detect;
use crate::discover::{self, Candidate, Content};
use crate::join::join;
use crate::kubernetes::kustomize::{self, Kustomization};
use crate::kubernetes::rendered;
use crate::syntax::{json, yaml};
use crate::terraform::configurations::{self, Role};
use crate::terraform::stage;
use crate::{
    Draft, Format, LoadOptions, Loaded, ParsedDocument, Progress, Recognition, Syntax, cloudformation, ecs, kubernetes,
    suppression, terraform,
};

/// Loads everything that the options name.
///
/// Files are read and parsed on the rayon pool that the caller is in. What comes out depends on the
/// input alone: inputs in order, files sorted by path, documents in the order of their file, each
/// workload right after its origin. Configurations of Terraform are evaluated when all files are read,
/// since one file says little.
pub fn load(options: &LoadOptions) -> Loaded {
    let mut loaded = Loaded::default();
    let (mut candidates, roots) = discover::discover(options, &mut loaded.folders, &mut loaded.diagnostics);
    configurations::keep_once(&mut candidates, &roots);
    let progress = |progress| {
        if let Some(report) = &options.progress {
            report(progress);
        }
    };
    progress(Progress::Found(candidates.len()));
    let done = AtomicUsize::new(0);
    let files: Vec<FileResult> = candidates
        .par_iter()
        .enumerate()
        .map(|(index, candidate)| {
            let result = file(options, FileId(index as u32), candidate);
            progress(Progress::Parsed(done.fetch_add(1, Ordering::Relaxed) + 1));
            result
        })
        .collect();
    let files = candidates.into_iter().zip(files).map(|(candidate, result)| ReadFile {
        set: candidate.set,
        path: candidate.path,
        identity: candidate.identity,
        below: candidate.below,
        content: candidate.content,
        result,
    });
    let mut files: Vec<ReadFile> = files.collect();
    stage::run(options, &roots, &mut files, &mut loaded);
    join(options, files, &mut loaded);
    loaded
}

/// A file with what became of it.
pub(crate) struct ReadFile {
    pub(crate) set: u32,
    pub(crate) path: String,
    pub(crate) identity: String,
    /// Below the root of its input.
    pub(crate) below: String,
    pub(crate) content: Content,
    pub(crate) result: FileResult,
}

/// What became of one file.
pub(crate) struct FileResult {
    /// Empty when the file was skipped or could not be read.
    pub(crate) text: Arc<str>,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// With indexes of drafts in place of documents.
    pub(crate) directives: Vec<Directive>,
    pub(crate) notes: Vec<terraform::Note>,
    pub(crate) outcome: FileOutcome,
    /// For a kustomization: which files it names.
    pub(crate) kustomization: Option<Kustomization>,
    /// For a file of Terraform's language.
    pub(crate) role: Option<Role>,
    /// The resources of plans, of which documents are made when the configurations beside them are known.
    pub(crate) planned: Vec<terraform::Resource>,
}

impl FileResult {
    pub(crate) fn new(text: Arc<str>, outcome: FileOutcome) -> Self {
        FileResult {
            text,
            drafts: Vec::new(),
            diagnostics: Vec::new(),
            directives: Vec::new(),
            notes: Vec::new(),
            outcome,
            kustomization: None,
            role: None,
            planned: Vec::new(),
        }
    }

    fn skipped(reason: impl Into<String>) -> Self {
        FileResult::new(Arc::from(""), FileOutcome::Skipped { reason: reason.into() })
    }

    fn failed(text: Arc<str>, diagnostics: Vec<Diagnostic>) -> Self {
        FileResult { diagnostics, ..FileResult::new(text, FileOutcome::Failed) }
    }
}

pub(crate) fn settings(options: &LoadOptions) -> kubernetes::Settings<'_> {
    kubernetes::Settings { namespace: options.namespace.as_deref(), pod_specs: &options.pod_specs }
}

/// Reads one file, whatever happens.
fn file(options: &LoadOptions, id: FileId, candidate: &Candidate) -> FileResult {
    if let Some(reason) = detect::unread(&candidate.path).filter(|_| options.format.is_none()) {
        return FileResult::skipped(reason);
    }
    let role = role(options, candidate);
    match (options.format, configurations::role(&candidate.below)) {
        // Whoever names a file says what it is.
        (Some(Format::Terraform), None) if role.is_none() && !candidate.named => {
            return FileResult::skipped("not a file of Terraform, which `--type terraform` asks for");
        }
        (Some(format), Some(_)) if format != Format::Terraform && !candidate.named => {
            return FileResult::skipped(format!("file of Terraform, which `--type {}` leaves out", format.as_str()));
        }
        _ => {}
    }
    match &candidate.content {
        Content::Special(reason) => return FileResult::skipped(*reason),
        Content::Failed => return FileResult::failed(Arc::from(""), Vec::new()),
        Content::Below(..) | Content::Named(_) | Content::Text(_) => {}
    }
    // Nothing here should panic. Should it nevertheless, the other files must not be lost.
    catch_unwind(AssertUnwindSafe(|| read(options, id, candidate, role))).unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let message = format!(
            "Verdikt failed while it read this file, which is a defect of Verdikt and not of the file: {}. Please \
             report it with the file; exclude the file meanwhile.",
            what.unwrap_or("no details")
        );
        FileResult::failed(Arc::from(""), vec![Diagnostic::path(Code::Unreadable, candidate.path.clone(), message)])
    })
}

/// What a file is to Terraform.
fn role(options: &LoadOptions, candidate: &Candidate) -> Option<Role> {
    match options.format {
        None => configurations::role(&candidate.below),
        Some(Format::Terraform) => {
            let of_text = matches!(candidate.content, Content::Text(_)).then_some(Role::Configuration);
            configurations::role(&candidate.below).or(of_text.filter(|_| candidate.named))
        }
        Some(_) => None,
    }
}

fn read(options: &LoadOptions, id: FileId, candidate: &Candidate, role: Option<Role>) -> FileResult {
    let bytes = match discover::read(candidate, options.limits.file_size()) {
        Ok(bytes) => bytes,
        Err(diagnostic) => return FileResult::failed(Arc::from(""), vec![diagnostic]),
    };
    // What somebody points at, or says the format of, is never skipped for being unreadable.
    let insisted = options.format.is_some() || candidate.named || role == Some(Role::Configuration);
    match String::from_utf8(bytes) {
        Ok(text) if role.is_some() => {
            let outcome = match role {
                Some(Role::Variables) => FileOutcome::Skipped { reason: detect::UNUSED_VARIABLES.into() },
                _ => FileOutcome::Scanned { format: Format::Terraform.as_str(), documents: 0 },
            };
            FileResult { role, ..FileResult::new(Arc::from(text), outcome) }
        }
        Ok(text) => text_file(options, id, candidate, Arc::from(text)),
        Err(error) => {
            let bytes = error.as_bytes();
            let (message, readable) = not_utf8(bytes, error.utf8_error().valid_up_to());
            if insisted || detect::looks_like_ours(&readable) {
                let diagnostic = Diagnostic::path(Code::NotUtf8, candidate.path.clone(), message);
                FileResult::failed(Arc::from(""), vec![diagnostic])
            } else {
                FileResult::skipped(detect::unreadable_reason("UTF-8 text"))
            }
        }
    }
}

/// What to say of bytes that are not UTF-8, and what can be read of them.
fn not_utf8(bytes: &[u8], valid: usize) -> (String, String) {
    let utf16 = match bytes {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes as fn([u8; 2]) -> u16),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes as fn([u8; 2]) -> u16),
        _ => None,
    };
    if let Some(decode) = utf16 {
        let units = bytes[2..].chunks_exact(2).map(|pair| decode([pair[0], pair[1]]));
        let text = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        let message =
            "This file is UTF-16, and only UTF-8 is read. Convert it, for example with `iconv -f UTF-16 -t UTF-8`.";
        return (message.into(), text);
    }
    let readable = String::from_utf8_lossy(bytes).into_owned();
    let line = bytes[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
    let found = bytes.get(valid).map_or_else(String::new, |byte| format!(" (0x{byte:02X})"));
    let message = format!(
        "This file is not UTF-8: the byte at offset {valid}{found}, in line {line}, begins no character. Save it as UTF-8, \
         or exclude it."
    );
    (message, readable)
}

/// Parses a file's text and normalizes what is ours.
fn text_file(options: &LoadOptions, id: FileId, candidate: &Candidate, text: Arc<str>) -> FileResult {
    let mut diagnostics = Vec::new();
    let syntax = detect::syntax(&candidate.path, &text);
    let (parsed, what) = parse(id, &text, syntax, options, &mut diagnostics);
    let has_errors = diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Error);
    let roots = || parsed.iter().map(|document| document.tree.node(document.root));
    let formats: Vec<Option<Format>> = roots().map(|root| options.format.or_else(|| detect::format(root))).collect();
    if options.format.is_none() {
        // From within the chart, only the path from the repository's root has the folder's name.
        if [&candidate.path, &candidate.identity].iter().any(|path| detect::is_template(path, &text, has_errors)) {
            return FileResult::skipped(detect::TEMPLATE);
        }
        if formats.iter().all(Option::is_none) {
            // Where a limit ended the reading, nobody knows what would have come.
            let ended = |code| matches!(code, Code::TooDeep | Code::TooManyNodes);
            let limited = diagnostics.iter().any(|diagnostic| ended(diagnostic.code));
            return if !has_errors {
                let kustomization = roots().find(|root| kustomize::is_kustomization(&candidate.path, *root));
                let kustomization = kustomization.map(Kustomization::of);
                let mut reason = detect::reason(&candidate.path, &mut roots());
                if kustomization.as_ref().is_some_and(|kustomization| kustomization.has_inline_patches) {
                    reason.push_str(detect::INLINE_PATCHES);
                }
                FileResult { kustomization, ..FileResult::skipped(reason) }
            } else if limited || detect::looks_like_ours(&text) {
                FileResult::failed(text, diagnostics)
            } else {
                FileResult::skipped(detect::unreadable_reason(what))
            };
        }
    }
    let mut drafts = Vec::new();
    let mut notes = Vec::new();
    let mut recognized = Vec::new();
    let mut documents = 0;
    let mut found = None;
    let mut refusal = None;
    let settings = settings(options);
    let mut planned = Vec::new();
    for (document, format) in parsed.iter().zip(formats) {
        let Some(format) = format else { continue };
        let first = drafts.len();
        let recognition = match format {
            Format::Kubernetes => kubernetes::normalize(document, settings, &mut drafts, &mut diagnostics),
            Format::Ecs => ecs::normalize(document, &mut drafts, &mut diagnostics),
            Format::CloudFormation => {
                cloudformation::normalize(document, &text, &options.limits, &mut drafts, &mut diagnostics)
            }
            Format::Terraform | Format::TerraformPlan => {
                match terraform::plan::read(document, &text, &options.limits, &mut diagnostics) {
                    Ok(read) => {
                        let count = read.resources.len();
                        planned.extend(read.resources);
                        notes.extend(read.notes);
                        Recognition::Documents(count)
                    }
                    Err(recognition) => recognition,
                }
            }
        };
        if let Some(source) = rendered::by_helm(&text, document) {
            for draft in &mut drafts[first..] {
                draft.rendered_from.get_or_insert_with(|| source.clone());
            }
        }
        match recognition {
            Recognition::Documents(count) => {
                documents += count;
                recognized.push((document, first..drafts.len()));
                found = found.or(Some(format));
            }
            Recognition::NotOurs { reason } if options.format.is_some() => {
                let message = format!(
                    "This is {reason}. Leave `--type {}` away to have such documents skipped.",
                    format.as_str()
                );
                diagnostics.push(Diagnostic::at(Code::MissingField, document.span, message));
            }
            Recognition::Nothing { reason } | Recognition::NotOurs { reason } => refusal = refusal.or(Some(reason)),
        }
    }
    let directives = suppression::find(&text, &recognized, &drafts, &mut diagnostics);
    // In the order of the text, whichever stage found them.
    diagnostics.sort_by_key(start);
    let has_errors = diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Error);
    let outcome = match (found, refusal) {
        (Some(format), _) => FileOutcome::Scanned { format: format.as_str(), documents },
        (None, _) if has_errors => FileOutcome::Failed,
        (None, Some(reason)) => return FileResult::skipped(reason),
        (None, None) => return FileResult::skipped(detect::reason(&candidate.path, &mut roots())),
    };
    FileResult { drafts, diagnostics, directives, notes, planned, ..FileResult::new(text, outcome) }
}

pub(crate) fn start(diagnostic: &Diagnostic) -> u32 {
    match diagnostic.place {
        verdikt_model::DiagnosticPlace::Span(span) => span.start,
        _ => 0,
    }
}

/// Parses a text, and says as what.
fn parse(
    id: FileId,
    text: &str,
    syntax: Option<Syntax>,
    options: &LoadOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<ParsedDocument>, &'static str) {
    let limits = &options.limits;
    match syntax {
        Some(Syntax::Json) => (json::load(id, text, limits, diagnostics), "valid JSON"),
        Some(Syntax::Yaml) => (yaml::load(id, text, limits, diagnostics), "valid YAML"),
        None => {
            let before = diagnostics.len();
            let parsed = json::load(id, text, limits, diagnostics);
            if diagnostics[before..].iter().all(|diagnostic| diagnostic.code != Code::JsonSyntax) {
                return (parsed, "valid JSON");
            }
            // YAML's flow collections look like JSON but are more.
            diagnostics.truncate(before);
            (yaml::load(id, text, limits, diagnostics), "valid YAML")
        }
    }
}
