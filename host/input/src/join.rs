//! What became of the files, put together: documents get their numbers, and files their places in the order of the
//! scan.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use verdikt_model::{
    Code, Coverage, CoverageNote, Diagnostic, Directive, Document, DocumentId, FileCoverage, FileOutcome, Platform,
    Pointer, Reach, SetId, Source, Sources, Span,
};

use crate::kubernetes::kustomize::{self, Kustomization};
use crate::load::{FileResult, ReadFile};
use crate::syntax::grouped;
use crate::terraform::beside::without_keys;
use crate::{Draft, LoadOptions, Loaded};

/// Warnings of repeated addresses in one set; a folder of variants of one application repeats all.
const MOST_REPEATED_ADDRESSES: usize = 100;

/// Gives out ids and puts everything in order.
pub(crate) fn join(options: &LoadOptions, files: Vec<ReadFile>, loaded: &mut Loaded) {
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
                for target in targets {
                    let reference = (pointer.clone(), *target);
                    if !document.references.contains(&reference) {
                        document.references.push(reference);
                    }
                }
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
