//! Files in, documents out.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use verdikt_model::{
    Code, Coverage, CoverageNote, Diagnostic, Directive, Document, DocumentId, FileCoverage, FileId, FileOutcome,
    Level, Platform, Pointer, Reach, SetId, Source, Sources, Span,
};
use verdikt_terraform::files::folder_of;

use crate::detect;
use crate::discover::{self, Candidate, Content, InputRoot};
use crate::kubernetes::kustomize::{self, Kustomization};
use crate::kubernetes::rendered;
use crate::syntax::{grouped, json, yaml};
use crate::terraform::beside::without_keys;
use crate::terraform::configurations::{self, OfFile, PlanBeside, Role, Scanned};
use crate::{
    Configuration, Draft, Format, LoadOptions, Loaded, ParsedDocument, Progress, Recognition, Syntax, cloudformation,
    ecs, kubernetes, suppression, terraform,
};

/// Warnings of repeated addresses in one set; a folder of variants of one application repeats all.
const MOST_REPEATED_ADDRESSES: usize = 100;

/// Loads everything that the options name.
///
/// Files are read and parsed on the rayon pool that the caller is in. What comes out depends on the
/// input alone: inputs in order, files sorted by path, documents in the order of their file, each
/// workload right after its origin. Configurations of Terraform are evaluated when all files are read,
/// since one file says little.
pub fn load(options: &LoadOptions) -> Loaded {
    let mut loaded = Loaded::default();
    let (candidates, roots) = discover::discover(options, &mut loaded.folders, &mut loaded.diagnostics);
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
    configurations(options, &roots, &mut files, &mut loaded.diagnostics);
    join(options, files, &mut loaded);
    loaded
}

/// A file with what became of it.
struct ReadFile {
    set: u32,
    path: String,
    identity: String,
    /// Below the root of its input.
    below: String,
    content: Content,
    result: FileResult,
}

/// What became of one file.
struct FileResult {
    /// Empty when the file was skipped or could not be read.
    text: Arc<str>,
    drafts: Vec<Draft>,
    diagnostics: Vec<Diagnostic>,
    /// With indexes of drafts in place of documents.
    directives: Vec<Directive>,
    notes: Vec<terraform::Note>,
    outcome: FileOutcome,
    /// For a kustomization: which files it names.
    kustomization: Option<Kustomization>,
    /// For a file of Terraform's language.
    role: Option<Role>,
    /// The resources of plans, of which documents are made when the configurations beside them are known.
    planned: Vec<terraform::Resource>,
}

impl FileResult {
    fn new(text: Arc<str>, outcome: FileOutcome) -> Self {
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

fn settings(options: &LoadOptions) -> kubernetes::Settings<'_> {
    kubernetes::Settings { namespace: options.namespace.as_deref(), pod_specs: &options.pod_specs }
}

/// Evaluates the configurations among the files, and gives each file its documents.
fn configurations(
    options: &LoadOptions,
    roots: &[InputRoot],
    files: &mut Vec<ReadFile>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let is_ours = |file: &ReadFile| file.result.role.is_some() || !file.result.planned.is_empty();
    if !files.iter().any(is_ours) {
        return;
    }
    let id = |index: usize| FileId(index as u32);
    let scanned: Vec<Scanned> = files
        .iter()
        .enumerate()
        .map(|(index, file)| Scanned {
            set: file.set,
            id: id(index),
            path: configuration_path(options, file),
            text: text_of(file),
            role: file.result.role,
        })
        .collect();
    let is_alone = |file: &&ReadFile| roots.get(file.set as usize).is_some_and(|root| root.is_file);
    let lone_plans = files.iter().filter(is_alone).filter(|file| !file.result.planned.is_empty());
    let lone_plans: HashSet<u32> = lone_plans.map(|file| file.set).collect();
    let evaluated = configurations::evaluate(options, roots, &scanned, &lone_plans);
    let only = files.iter().enumerate().filter(|(_, file)| is_alone(file) && file.result.role.is_some());
    let only: HashMap<u32, FileId> = only.map(|(index, file)| (file.set, id(index))).collect();
    let plans =
        files.iter_mut().enumerate().filter(|(_, file)| !file.result.planned.is_empty()).map(|(index, file)| {
            let folder = folder_of(&scanned[index].path).to_owned();
            PlanBeside { set: file.set, folder, file: id(index), resources: std::mem::take(&mut file.result.planned) }
        });
    let plans = plans.collect();
    let (mut described, alone) = evaluated.describe(options, settings(options), scanned.len(), &only, plans);
    diagnostics.append(&mut described.diagnostics);
    for (place, plan) in alone.into_iter().enumerate() {
        let configuration = Configuration { id: (described.configurations + place) as u32, folder: None };
        let result = &mut files[plan.file.0 as usize].result;
        for resource in &plan.resources {
            let out = &mut terraform::Output {
                settings: settings(options),
                limits: &options.limits,
                configuration: &configuration,
                drafts: &mut result.drafts,
                diagnostics: &mut result.diagnostics,
                notes: &mut result.notes,
            };
            terraform::push(resource, out);
        }
    }
    files.extend(described.extras.into_iter().map(|extra| ReadFile {
        set: extra.set,
        path: extra.path,
        identity: extra.identity,
        below: String::new(),
        content: Content::Special(""),
        result: FileResult::new(extra.text, FileOutcome::Scanned { format: Format::Terraform.as_str(), documents: 0 }),
    }));
    for (index, file) in files.iter_mut().enumerate() {
        let found = described.files.remove(&id(index));
        if found.is_none() && file.result.role.is_none() && !described.used.contains_key(&id(index)) {
            continue;
        }
        if let Some(text) = described.used.remove(&id(index)) {
            // A template or the like, of another kind than those that are scanned; or values.
            if matches!(file.result.outcome, FileOutcome::Skipped { .. }) {
                file.result.text = text;
                file.result.outcome = FileOutcome::Scanned { format: Format::Terraform.as_str(), documents: 0 };
            }
        }
        of_terraform(id(index), &mut file.result, found.unwrap_or_default());
    }
}

/// Gives a file what the configurations say of it.
fn of_terraform(id: FileId, result: &mut FileResult, found: OfFile) {
    let mut documents = 0;
    for group in found.groups {
        let first = result.drafts.len();
        documents += 1;
        let moved = |draft: Draft| Draft { origin: draft.origin.map(|origin| first + origin), ..draft };
        result.drafts.extend(group.into_iter().map(moved));
    }
    result.notes.extend(found.notes);
    result.diagnostics.extend(found.diagnostics);
    if documents > 0 || result.role == Some(Role::Configuration) {
        let outline = terraform::comments::outline(id, &result.text);
        let (text, drafts) = (Arc::clone(&result.text), &result.drafts);
        result.directives.extend(suppression::find_in_blocks(&text, &outline, drafts, &mut result.diagnostics));
    }
    result.diagnostics.sort_by_key(start);
    let has_errors = result.diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Error);
    match &mut result.outcome {
        FileOutcome::Scanned { documents: counted, .. } => *counted += documents,
        FileOutcome::Skipped { .. } | FileOutcome::Failed => {}
    }
    if result.role.is_some() && documents == 0 && has_errors {
        result.outcome = FileOutcome::Failed;
    }
}

/// The path of a file below the root of its input. A text that is said to be Terraform's gets a name by which
/// it is one.
fn configuration_path(options: &LoadOptions, file: &ReadFile) -> String {
    if options.format != Some(Format::Terraform) || configurations::role(&file.below).is_some() {
        return file.below.clone();
    }
    match (&file.content, file.result.role) {
        (Content::Text(_), Some(_)) if file.result.text.trim_start().starts_with('{') => "main.tf.json".to_owned(),
        (Content::Text(_), Some(_)) => "main.tf".to_owned(),
        _ => file.below.clone(),
    }
}

/// The text of a file, also of one that was skipped, where it is at hand.
fn text_of(file: &ReadFile) -> Option<Arc<str>> {
    if !file.result.text.is_empty() {
        return Some(Arc::clone(&file.result.text));
    }
    match &file.content {
        Content::Text(bytes) => std::str::from_utf8(bytes).ok().map(Arc::from),
        _ => None,
    }
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

fn start(diagnostic: &Diagnostic) -> u32 {
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

/// Gives out ids and puts everything in order.
fn join(options: &LoadOptions, files: Vec<ReadFile>, loaded: &mut Loaded) {
    let mut sources = Sources::default();
    let mut coverage = Coverage::default();
    let mut notes = Vec::new();
    let mut addresses = Addresses::default();
    let patches = patches(&files);
    let mut full = false;
    let mut references = References::default();
    for ReadFile { set, path, identity, result: mut file, .. } in files {
        let first = loaded.documents.len();
        if first + file.drafts.len() > options.limits.documents {
            if !full {
                let message = format!(
                    "There are more than {} documents, the limit of one scan; this file and what follows was left out. \
                     Scan folders one by one.",
                    grouped(options.limits.documents)
                );
                loaded.diagnostics.push(Diagnostic::path(Code::TooMany, path.clone(), message));
            }
            full = true;
        }
        if full && !file.drafts.is_empty() {
            file.drafts.clear();
            file.directives.clear();
            file.outcome = FileOutcome::Failed;
        }
        let is_patch = patches.contains(&(set, path.clone()));
        if is_patch {
            as_patch(&mut file);
        }
        sources.add(Source::new(path.clone(), identity, file.text));
        coverage.files.push(FileCoverage { path, outcome: file.outcome });
        file.notes.sort_by_key(|note| note.span.start);
        notes.append(&mut file.notes);
        loaded.diagnostics.append(&mut file.diagnostics);
        loaded.directives.extend(file.directives.into_iter().map(|directive| renumber(directive, first)));
        let set = SetId(set);
        for draft in file.drafts {
            // A logical id is unique in its template only, an address of Terraform in its configuration.
            let is_local = draft.resource.is_some() || draft.platform == Platform::Terraform || draft.origin.is_some();
            references.add(&draft, DocumentId(loaded.documents.len() as u32));
            let mut document = number(draft, first, loaded.documents.len(), set);
            document.is_patch |= is_patch;
            // A patch has the address of what it patches.
            if !document.is_patch && !is_local {
                addresses.check(&document, &sources, &mut loaded.diagnostics);
            }
            loaded.documents.push(document);
        }
    }
    coverage.notes.extend(notes.into_iter().map(|note| {
        let source = sources.get(note.span.file);
        CoverageNote { path: source.path.clone(), line: source.position(note.span.start).line, text: note.text }
    }));
    references.resolve(&mut loaded.documents);
    loaded.sources = sources;
    loaded.coverage = coverage;
}

/// The files that kustomizations of their set name as patches and not as resources.
fn patches(files: &[ReadFile]) -> HashSet<(u32, String)> {
    let named = |which: fn(&Kustomization) -> &[String]| {
        let files = files.iter().filter_map(|file| Some((file, file.result.kustomization.as_ref()?)));
        files.flat_map(move |(at, kustomization)| {
            let beside = |file: &String| Some((at.set, kustomize::beside(&at.path, file)?));
            which(kustomization).iter().filter_map(beside).collect::<Vec<_>>()
        })
    };
    let mut patches: HashSet<(u32, String)> = named(|kustomization| &kustomization.patches).collect();
    for resource in named(|kustomization| &kustomization.resources) {
        patches.remove(&resource);
    }
    patches
}

/// Takes a file for a patch: it need not have what only whole objects must have.
fn as_patch(file: &mut FileResult) {
    file.diagnostics.retain(|diagnostic| diagnostic.code != Code::MissingField);
    if let FileOutcome::Scanned { format, .. } = &mut file.outcome {
        *format = "kustomize-patch";
    }
}

/// Gives a directive the document of its draft; `first` is the id of its file's first one.
fn renumber(directive: Directive, first: usize) -> Directive {
    let reach = match directive.reach {
        Reach::Document(DocumentId(draft)) => Reach::Document(DocumentId(first as u32 + draft)),
        place @ Reach::Place { .. } => place,
    };
    Directive { reach, ..directive }
}

/// Makes a document of a draft; `first` is the id of its file's first one.
fn number(draft: Draft, first: usize, id: usize, set: SetId) -> Document {
    let Draft {
        platform,
        kind,
        namespace,
        name,
        address,
        span,
        origin,
        rendered_from,
        is_patch,
        configuration,
        references: _,
        mut tree,
        root,
        resource: _,
    } = draft;
    let origin = origin.map(|origin| DocumentId((first + origin) as u32));
    if let Some(origin) = origin {
        Arc::make_mut(&mut tree).set_origin_document(origin);
    }
    Document {
        id: DocumentId(id as u32),
        set,
        platform,
        kind,
        namespace,
        name,
        address,
        span,
        origin,
        rendered_from,
        is_patch,
        configuration: configuration.and_then(|configuration| configuration.folder),
        references: Vec::new(),
        tree,
        root,
    }
}

/// What refers to what in Terraform's configurations.
#[derive(Default)]
struct References {
    /// By configuration and address; and by the address without the keys of instances.
    exact: HashMap<(u32, String), DocumentId>,
    general: HashMap<(u32, String), Vec<DocumentId>>,
    /// From a document, where it stands, in which configuration, to which address.
    found: Vec<(DocumentId, Pointer, u32, String)>,
}

impl References {
    fn add(&mut self, draft: &Draft, id: DocumentId) {
        let Some(configuration) = &draft.configuration else { return };
        self.exact.insert((configuration.id, draft.address.clone()), id);
        self.general.entry((configuration.id, without_keys(&draft.address))).or_default().push(id);
        let found = draft.references.iter().cloned();
        self.found.extend(found.map(|(pointer, address)| (id, pointer, configuration.id, address)));
    }

    fn resolve(self, documents: &mut [Document]) {
        for (from, pointer, configuration, address) in self.found {
            let general = without_keys(&address);
            let exact = self.exact.get(&(configuration, address));
            let targets = match exact {
                Some(target) => std::slice::from_ref(target),
                None => self.general.get(&(configuration, general)).map_or(&[][..], Vec::as_slice),
            };
            if let Some(document) = documents.get_mut(from.0 as usize) {
                document.references.extend(targets.iter().map(|target| (pointer.clone(), *target)));
            }
        }
    }
}

/// Which addresses a set has had.
#[derive(Default)]
struct Addresses {
    seen: HashMap<(SetId, Platform, String), Span>,
    repeated: HashMap<SetId, usize>,
}

impl Addresses {
    fn check(&mut self, document: &Document, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
        // What has no name of its own has no address that could repeat: the cluster completes a
        // `generateName` for each object anew.
        let is_generated = || document.body().path(&["metadata", "generateName"]).is_some();
        let has_name = || document.body().path(&["metadata", "name"]).is_some_and(|name| name.as_str() != Some(""));
        if document.name.is_empty() || (document.platform == Platform::Kubernetes && is_generated() && !has_name()) {
            return;
        }
        let first = match self.seen.entry((document.set, document.platform, document.address.clone())) {
            Entry::Vacant(entry) => {
                entry.insert(document.span);
                return;
            }
            Entry::Occupied(entry) => *entry.get(),
        };
        let repeated = self.repeated.entry(document.set).or_default();
        *repeated += 1;
        if *repeated > MOST_REPEATED_ADDRESSES {
            return;
        }
        let source = sources.get(first.file);
        let mut message = format!(
            "`{}` stands in {}, line {}, too. Both were judged; rules that look at the whole set see both. Scan variants \
             of one application as separate paths.",
            document.address,
            source.path,
            source.position(first.start).line
        );
        if *repeated == MOST_REPEATED_ADDRESSES {
            message.push_str(" Further repeated addresses of this path are not listed.");
        }
        diagnostics.push(Diagnostic::at(Code::RepeatedAddress, document.span, message));
    }
}
