//! Terraform in a scan: when all files are read, the configurations among them are evaluated, and each file gets what they
//! say of it.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use verdikt_model::{FileId, FileOutcome, Level};
use verdikt_terraform::files::folder_of;

use super::configurations::{self, OfFile, PlanBeside, Scanned};
use super::{Output, comments, push};
use crate::discover::{Content, InputRoot};
use crate::ignores::is_excluded;
use crate::load::{FileResult, ReadFile, settings, start};
use crate::{Configuration, Draft, Format, LoadOptions, Loaded, suppression};

/// Evaluates the configurations among the files, and gives each file its documents.
pub(crate) fn run(options: &LoadOptions, roots: &[InputRoot], files: &mut Vec<ReadFile>, loaded: &mut Loaded) {
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
            shown: file.path.clone(),
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
    let plans: Vec<PlanBeside> = plans.collect();
    let plan_files: Vec<FileId> = plans.iter().map(|plan| plan.file).collect();
    // What is excluded is evaluated, since others depend on it, and not reported on.
    let is_excluded = |root: &InputRoot, below: &str| {
        let prefixes = below.match_indices('/').map(|(at, _)| &below[..at]).chain([below]);
        prefixes.map(Path::new).any(|path| is_excluded(options, &root.real, path))
    };
    let is_wanted = |set: u32, file: FileId, extra: Option<&str>| {
        let excluded = |below: &str| roots.get(set as usize).is_some_and(|root| is_excluded(root, below));
        only.get(&set).is_none_or(|only| *only == file) && !extra.is_some_and(excluded)
    };
    let (mut described, alone) = evaluated.describe(options, settings(options), scanned.len(), &is_wanted, plans);
    loaded.diagnostics.append(&mut described.diagnostics);
    loaded.unusable = described.unusable;
    let alone_files: HashSet<FileId> = alone.iter().map(|plan| plan.file).collect();
    for file in plan_files.into_iter().filter(|file| !alone_files.contains(file)) {
        // Its resources count where the configuration has them.
        if let FileOutcome::Scanned { documents, .. } = &mut files[file.0 as usize].result.outcome {
            *documents = 0;
        }
    }
    for (place, plan) in alone.into_iter().enumerate() {
        let configuration = Configuration { id: (described.configurations + place) as u32, folder: None };
        let result = &mut files[plan.file.0 as usize].result;
        for resource in &plan.resources {
            let out = &mut Output {
                settings: settings(options),
                limits: &options.limits,
                configuration: &configuration,
                drafts: &mut result.drafts,
                diagnostics: &mut result.diagnostics,
                notes: &mut result.notes,
            };
            push(resource, out);
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
        let is_native = configuration_path(options, file).ends_with(".tf") || file.path.ends_with(".tf");
        of_terraform(id(index), is_native, &mut file.result, found.unwrap_or_default());
    }
}

/// Gives a file what the configurations say of it. `is_native` says whether it is written in Terraform's own syntax, which
/// alone has comments.
fn of_terraform(id: FileId, is_native: bool, result: &mut FileResult, found: OfFile) {
    let mut documents = 0;
    for group in found.groups {
        let first = result.drafts.len();
        documents += 1;
        let moved = |draft: Draft| Draft { origin: draft.origin.map(|origin| first + origin), ..draft };
        result.drafts.extend(group.into_iter().map(moved));
    }
    result.notes.extend(found.notes);
    result.diagnostics.extend(found.diagnostics);
    if is_native {
        let outline = comments::outline(id, &result.text);
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
