//! The configurations among the files of a scan: which there are, what they describe, and which documents that gives
//! for which file.
//!
//! A folder with files of Terraform is a module. One that no other calls is a root and evaluated with all that it calls;
//! a module that others call is judged as its callers configure it, and not at all where they make no instance of it. A
//! document belongs to the file in which its block stands, also where the module is called from another folder; those of
//! one file are in the order of its text.
//!
//! Where a plan lies in the folder of a root, the resources that it names are judged by the plan, at the places
//! that they have in the configuration (`beside`).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use verdikt_model::{Code, Diagnostic, DiagnosticPlace, FileId};
use verdikt_terraform::budget::Limits;
use verdikt_terraform::files::{folder_of, name_of};
use verdikt_terraform::program::{EmptyCall, Evaluation, Given, Inputs, Item, ItemKind, Program, VariableFile};

use super::files::{Extra, Extras, InputFiles, Known, Numbers, Place};
use super::{Note, Output, Resource, ecs, kubernetes, push, value};
use crate::discover::{self, Candidate, InputRoot, Origin, joined};
use crate::kubernetes::Settings;
use crate::{Configuration, Draft, GivenVariable, LoadOptions};

/// Nodes of the documents of one configuration: a few lines can hold what grows to this many times their size.
const MOST_NODES: u64 = 2_000_000;

/// Nodes of its variables, locals and outputs: much of what they hold stands again in the resources that use it.
const MOST_DECLARED_NODES: u64 = 250_000;

/// What a file of a scan is to Terraform, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A part of a module.
    Configuration,
    /// Values of variables.
    Variables,
}

/// The role of a file, if it has one.
pub(crate) fn role(path: &str) -> Option<Role> {
    let name = name_of(path);
    if name.ends_with(".tf") || name.ends_with(".tf.json") {
        Some(Role::Configuration)
    } else if name.ends_with(".tfvars") || name.ends_with(".tfvars.json") {
        Some(Role::Variables)
    } else {
        None
    }
}

/// Drops files of Terraform that several inputs hold from all of these but the widest: there, what calls a module is
/// more likely to be seen, and nothing is judged twice.
pub(crate) fn keep_once(candidates: &mut Vec<Candidate>, roots: &[InputRoot]) {
    let file = |candidate: &Candidate| {
        let root = roots.get(candidate.set as usize).filter(|root| !root.real.as_os_str().is_empty())?;
        role(&candidate.below).map(|_| root.real.join(&candidate.below))
    };
    // A folder comes before a file in it, and before what is below it.
    let rank = |set: u32| roots.get(set as usize).map(|root| (root.real.components().count(), root.is_file, set));
    let mut widest: HashMap<PathBuf, u32> = HashMap::new();
    for candidate in candidates.iter() {
        let Some(file) = file(candidate) else { continue };
        let set = widest.entry(file).or_insert(candidate.set);
        if rank(candidate.set) < rank(*set) {
            *set = candidate.set;
        }
    }
    let mut seen = HashSet::new();
    candidates.retain(|candidate| {
        file(candidate).is_none_or(|file| widest.get(&file) == Some(&candidate.set) && seen.insert(file))
    });
}

/// A file that the scan found.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) set: u32,
    pub(crate) id: FileId,
    /// Below the folder of its input.
    pub(crate) path: String,
    /// As reports print it.
    pub(crate) shown: String,
    /// Absent where it could not be read as text.
    pub(crate) text: Option<Arc<str>>,
    pub(crate) role: Option<Role>,
}

/// What the configurations of a scan give, before the numbers of extra files are known.
pub(crate) struct Evaluated {
    roots: Vec<Root>,
    extras: Extras,
    diagnostics: Vec<Diagnostic>,
    /// Texts of scanned files that a configuration has read.
    used: HashMap<FileId, Arc<str>>,
    unusable: Vec<String>,
}

/// An evaluated root module.
struct Root {
    set: u32,
    /// Below the folder of its input.
    folder: String,
    /// The folder as fingerprints know it.
    identity: Arc<str>,
    /// Whether it is more than what a plan is compared with.
    is_judged: bool,
    evaluation: Evaluation,
    /// Calls without an instance, of modules of the scan that have none anywhere.
    omitted: Vec<EmptyCall>,
}

/// Evaluates the configurations among the files of all inputs. `planned` are the inputs that are a plan alone, beside which
/// a configuration may lie.
pub(crate) fn evaluate(
    options: &LoadOptions,
    inputs: &[InputRoot],
    files: &[Scanned],
    planned: &HashSet<u32>,
) -> Evaluated {
    let extras = Extras::default();
    let mut diagnostics = Vec::new();
    let mut used = HashMap::new();
    let given = given(options, files, &extras, &mut used, &mut diagnostics);
    let mut roots = Vec::new();
    for (set, input) in inputs.iter().enumerate() {
        let set = set as u32;
        let of_set = || files.iter().filter(|file| file.set == set);
        let is_judged = of_set().any(|file| file.role == Some(Role::Configuration));
        if !is_judged && !planned.contains(&set) {
            continue;
        }
        let known = of_set().map(|file| (file.path.clone(), Known { id: file.id, text: file.text.clone() })).collect();
        let place = match &input.origin {
            Origin::Folder(folder) => Place::Folder(Arc::clone(folder)),
            Origin::Memory(companions) => Place::Memory(Arc::clone(companions)),
            Origin::Nowhere => continue,
        };
        let names = (input.shown.clone(), input.prefix.clone());
        let below = InputFiles::new(set, place, names, known, &options.limits, &extras);
        let program = Program::new(&below);
        let folders: BTreeSet<String> = of_set()
            .filter(|file| file.role == Some(Role::Configuration))
            .map(|file| folder_of(&file.path).to_owned())
            .collect();
        let folders: Vec<String> = folders.into_iter().collect();
        let structure = program.roots(&folders);
        let mut wanted = if is_judged { structure.roots.clone() } else { vec![String::new()] };
        let evaluate = |folder: &String| {
            let evaluation = program.evaluate(folder, &given, Limits::default())?;
            let identity = Arc::from(joined(&input.prefix, folder).trim_end_matches('/'));
            Some(Root { set, folder: folder.clone(), identity, is_judged, evaluation, omitted: Vec::new() })
        };
        let first = roots.len();
        while !wanted.is_empty() {
            let found: Vec<Option<Root>> = wanted.par_iter().map(evaluate).collect();
            roots.extend(found.into_iter().flatten());
            // Each round evaluates modules that no round before did.
            let evaluations = roots[first..].iter().map(|root| &root.evaluation);
            wanted = if is_judged { program.unreached(&structure, evaluations) } else { Vec::new() };
        }
        drop(program);
        let modules = roots[first..].iter().flat_map(|root| &root.evaluation.modules);
        let reached: HashSet<String> = modules.map(|module| module.folder.clone()).collect();
        for root in &mut roots[first..] {
            let is_omitted =
                |call: &&EmptyCall| !reached.contains(&call.folder) && structure.called.contains(&call.folder);
            root.omitted = root.evaluation.empty.iter().filter(is_omitted).cloned().collect();
        }
        used.extend(below.used());
    }
    let unusable = unusable(&options.terraform.given, &roots);
    Evaluated { roots, extras, diagnostics, used, unusable }
}

/// What is given by name and of no use to any root: Terraform refuses it.
fn unusable(given: &[GivenVariable], roots: &[Root]) -> Vec<String> {
    let mut told = Vec::new();
    for one in given.iter().filter(|_| !roots.is_empty()) {
        let GivenVariable::Value { name, .. } = one else { continue };
        let mut declaring = roots.iter().filter(|root| !root.evaluation.undeclared.contains(name)).peekable();
        let problem = if declaring.peek().is_none() {
            Some(format!("no configuration declares a variable `{name}`"))
        } else {
            let why = declaring.map(|root| root.evaluation.unusable.iter().find(|unusable| unusable.name == *name));
            let why: Option<Vec<_>> = why.collect();
            why.and_then(|why| Some(format!("the value of the variable `{name}` does not fit: {}", why.first()?.why)))
        };
        told.extend(problem.filter(|problem| !told.contains(problem)));
    }
    told
}

/// The values that the user gives, with the files that hold them.
fn given(
    options: &LoadOptions,
    files: &[Scanned],
    extras: &Extras,
    used: &mut HashMap<FileId, Arc<str>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Inputs {
    let variables = &options.terraform;
    let mut command_line = Vec::new();
    for one in &variables.given {
        command_line.push(match one {
            GivenVariable::Value { name, text } => Given::Value { name: name.clone(), text: text.clone() },
            GivenVariable::File(path) => match discover::named_text(options, path) {
                Ok((shown, identity, text)) => {
                    let scanned = files.iter().find(|file| file.shown == shown);
                    let id = match scanned {
                        Some(file) => {
                            used.insert(file.id, Arc::clone(&text));
                            file.id
                        }
                        None => {
                            let (below, path) = (shown.clone(), shown.clone());
                            extras.add(Extra { set: 0, below, path, identity, text: Arc::clone(&text) })
                        }
                    };
                    Given::File(VariableFile { path: shown, id, text })
                }
                Err(diagnostic) => {
                    diagnostics.push(diagnostic);
                    Given::Unread
                }
            },
        });
    }
    Inputs { environment: variables.environment.clone(), command_line, workspace: variables.workspace.clone() }
}

/// The documents of one file.
#[derive(Default)]
pub(crate) struct OfFile {
    /// Each a document of a resource with those that were derived from it, which name it by its place in
    /// the group.
    pub(crate) groups: Vec<Vec<Draft>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) notes: Vec<Note>,
}

/// What becomes of the configurations of a scan.
pub(crate) struct Described {
    pub(crate) files: HashMap<FileId, OfFile>,
    /// What has no place in a file.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Files that the scan did not find itself, in the order of their numbers.
    pub(crate) extras: Vec<Extra>,
    /// How many configurations there are.
    pub(crate) configurations: usize,
    /// Texts of scanned files that a configuration has read.
    pub(crate) used: HashMap<FileId, Arc<str>>,
    /// See [`crate::Loaded::unusable`].
    pub(crate) unusable: Vec<String>,
}

/// A plan in the folder of a root, as `plan::read` has it.
pub(crate) struct PlanBeside {
    pub(crate) set: u32,
    /// Below the folder of the input.
    pub(crate) folder: String,
    /// Which of the scan's files it is.
    pub(crate) file: FileId,
    pub(crate) resources: Vec<Resource>,
}

impl Evaluated {
    /// The roots in a folder of an input, which is at most one.
    fn has_root(&self, set: u32, folder: &str) -> bool {
        self.roots.iter().any(|root| root.set == set && root.folder == folder)
    }

    /// Makes documents of everything but what `is_wanted` leaves out, by the input and the file; extra files have their
    /// paths below the root of the input. `scanned` is how many files the scan found itself. Plans that lie beside no root
    /// come back.
    pub(crate) fn describe(
        self,
        options: &LoadOptions,
        settings: Settings<'_>,
        scanned: usize,
        is_wanted: &dyn Fn(u32, FileId, Option<&str>) -> bool,
        plans: Vec<PlanBeside>,
    ) -> (Described, Vec<PlanBeside>) {
        let (beside, alone): (Vec<PlanBeside>, Vec<PlanBeside>) =
            plans.into_iter().partition(|plan| self.has_root(plan.set, &plan.folder));
        let Evaluated { roots, extras, diagnostics, used, unusable } = self;
        let (extras, numbers) = extras.finish(scanned);
        let below: Vec<String> = extras.iter().map(|extra| extra.below.clone()).collect();
        let configurations = roots.len();
        let mut described = Described { files: HashMap::new(), diagnostics, extras, configurations, used, unusable };
        let maker = Maker { options, settings, numbers: &numbers };
        let made: Vec<Made> = roots
            .par_iter()
            .enumerate()
            .map(|(id, root)| {
                let plans: Vec<&PlanBeside> =
                    beside.iter().filter(|plan| plan.set == root.set && plan.folder == root.folder).collect();
                maker.root(id, root, &plans)
            })
            .collect();
        let mut said = HashSet::new();
        for (root, made) in roots.iter().zip(made) {
            let is_wanted = |file: FileId| {
                let extra = (file.0 as usize).checked_sub(scanned).and_then(|place| below.get(place));
                is_wanted(root.set, file, extra.map(String::as_str))
            };
            for group in made.groups {
                if let Some(first) = group.first().filter(|first| is_wanted(first.span.file)) {
                    described.files.entry(first.span.file).or_default().groups.push(group);
                }
            }
            for note in made.notes.into_iter().filter(|note| is_wanted(note.span.file)) {
                let notes = &mut described.files.entry(note.span.file).or_default().notes;
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            // Several roots may call one module, whose mistakes are said once.
            for diagnostic in made.diagnostics {
                let place = match &diagnostic.place {
                    DiagnosticPlace::Span(span) => Some(*span),
                    _ => None,
                };
                if !said.insert((diagnostic.code, diagnostic.message.clone(), place)) {
                    continue;
                }
                match place {
                    Some(span) => described.files.entry(span.file).or_default().diagnostics.push(diagnostic),
                    None => described.diagnostics.push(diagnostic),
                }
            }
        }
        for file in described.files.values_mut() {
            file.groups.sort_by_key(|group| group.first().map(|first| (first.span.start, first.span.end)));
        }
        (described, alone)
    }
}

/// What one root gives.
#[derive(Default)]
struct Made {
    groups: Vec<Vec<Draft>>,
    diagnostics: Vec<Diagnostic>,
    notes: Vec<Note>,
}

struct Maker<'a> {
    options: &'a LoadOptions,
    settings: Settings<'a>,
    numbers: &'a Numbers,
}

impl Maker<'_> {
    /// `id` tells the configurations of the scan apart.
    fn root(&self, id: usize, root: &Root, plans: &[&PlanBeside]) -> Made {
        let configuration = Configuration { id: id as u32, folder: Some(Arc::clone(&root.identity)) };
        let evaluation = &root.evaluation;
        let mut made = Made::default();
        made.diagnostics.extend(evaluation.diagnostics.iter().map(|it| self.numbers.diagnostic(it.clone())));
        for unread in &evaluation.unread {
            let text = format!(
                "`{}` calls the module `{}`, which {}: what it creates was not judged, and its outputs are unknown.",
                unread.address, unread.source, unread.why
            );
            made.notes.push(Note { span: self.numbers.span(unread.span), text });
        }
        for call in root.omitted.iter().filter(|_| root.is_judged) {
            let text = format!(
                "`{}` makes no instance of the module in `{}`, by its `count` or `for_each`: Terraform creates nothing of it, and \
                 nothing of it was judged.",
                call.address, call.folder
            );
            made.notes.push(Note { span: self.numbers.span(call.span), text });
        }
        let (mut left, mut left_declared) = (MOST_NODES, MOST_DECLARED_NODES);
        let mut steps = value::Steps::default();
        let mut resources: Vec<Resource> = Vec::with_capacity(evaluation.items.len());
        for item in &evaluation.items {
            let weight = item.body.weight();
            let is_declared = matches!(item.kind, ItemKind::Variable | ItemKind::Local | ItemKind::Output);
            let left = if is_declared { &mut left_declared } else { &mut left };
            let most = value::MOST_PARTS.min(self.options.limits.nodes as u64).min(*left);
            let fits = weight <= most;
            *left -= if fits { weight } else { 0 };
            resources.push(self.resource(item, fits, &mut steps));
            if !fits {
                let message = format!(
                    "The values of `{}` have more parts than one document, or all of a configuration, may have, so that they were \
                     not judged. Make it smaller, or split it.",
                    item.address
                );
                made.diagnostics.push(Diagnostic::at(Code::TooManyNodes, self.numbers.span(item.span), message));
            }
        }
        // What the configuration declares beside resources, it says better itself.
        let is_said = |resource: &&Resource| !(root.is_judged && resource.is_declaration());
        let planned = plans.iter().flat_map(|plan| &plan.resources).filter(is_said);
        let planned = super::beside::Planned::new(planned, &resources);
        for resource in planned.merged() {
            self.push(&resource, &configuration, &mut made);
        }
        for (resource, item) in resources.iter().zip(&evaluation.items) {
            if root.is_judged && !planned.covers(&resource.address) {
                self.push(resource, &configuration, &mut made);
            }
            if let Some(why) = item.unknown_number.as_ref().filter(|_| root.is_judged) {
                let text = format!(
                    "It is not known how many there are of `{}` ({why}); one was judged for all.",
                    resource.address
                );
                made.notes.push(Note { span: resource.span, text });
            }
        }
        made
    }

    fn push(&self, resource: &Resource, configuration: &Configuration, made: &mut Made) {
        let mut group = Vec::new();
        let out = &mut Output {
            settings: self.settings,
            limits: &self.options.limits,
            configuration,
            drafts: &mut group,
            diagnostics: &mut made.diagnostics,
            notes: &mut made.notes,
        };
        push(resource, out);
        made.groups.push(group);
    }

    /// `fits` says whether its values are small enough to be written out; they share what they hold, and trees do not.
    fn resource(&self, item: &Item, fits: bool, steps: &mut value::Steps) -> Resource {
        let span = self.numbers.span(item.span);
        let kind = item.kind.document_kind();
        let (json, yaml, objects): (&[&str], &[&str], &[&str]) = match kind.as_str() {
            ecs::KIND => (&[ecs::CONTAINERS], &[], &[]),
            kubernetes::OBJECT => (&[], &[], &[kubernetes::OBJECT_MANIFEST]),
            kubernetes::TEXT => (&[], &[kubernetes::TEXT_MANIFEST], &[]),
            _ => (&[], &[], &[]),
        };
        // Nobody may print what a variable holds that says so.
        let is_secret = item.kind == ItemKind::Variable
            && item.body.member("sensitive").is_some_and(|sensitive| sensitive.as_bool() == Some(true));
        let secret: &[&str] = if is_secret { &["default", "value"] } else { &[] };
        let members = value::Members { json, yaml, objects, secret };
        let built = match fits {
            true => value::tree(&item.body, span, self.numbers, steps, members),
            false => value::too_large(span),
        };
        Resource {
            address: item.address.clone(),
            kind,
            name: item.name.clone(),
            span,
            tree: Arc::new(built.tree),
            root: built.root,
            references: item.references.clone(),
            decoded: built.decoded,
        }
    }
}
