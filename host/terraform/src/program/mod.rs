//! Evaluating a configuration: a root module with all that it calls.
//!
//! What refers to what is known before anything is evaluated (`references.rs`), as in Terraform's graph.
//! So the parts of a configuration are evaluated in an order in which each finds what it refers to, by a
//! loop and not by recursion (`schedule.rs`): neither a long chain of references nor a circle of them costs
//! stack. Instances of modules and resources come into being on the way, where `count` and `for_each` are
//! evaluated (`repeat.rs`).

mod address;
mod body;
mod computed;
mod inputs;
mod items;
mod manifest;
mod policy_document;
mod references;
mod repeat;
mod roots;
mod schedule;
mod scope;
mod variables;
mod world;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use verdikt_model::{Diagnostic, Pointer, Span};

pub use address::{Key, key_length};
pub use inputs::{Given, Inputs, VariableFile};
pub use roots::Roots;

use crate::budget::Limits;
use crate::config::{Mode, Module};
use crate::files::Files;
use crate::value::Value;

/// The modules below a scanned folder, each read once, however many roots call it.
pub struct Program<'f> {
    files: &'f dyn Files,
    modules: Mutex<HashMap<String, Option<Arc<Module>>>>,
}

impl<'f> Program<'f> {
    pub fn new(files: &'f dyn Files) -> Self {
        Program { files, modules: Mutex::default() }
    }

    /// The module in a folder; `None` when Terraform would find no file of its there.
    pub fn module(&self, folder: &str) -> Option<Arc<Module>> {
        let modules = || self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = modules().get(folder) {
            return module.clone();
        }
        // Read without the lock: two threads that want the same module read it twice, others do not wait.
        let module = Module::read(self.files, folder).map(Arc::new);
        modules().entry(folder.to_owned()).or_insert(module).clone()
    }

    /// Which of the folders are roots of their own; see [`Roots`].
    pub fn roots(&self, folders: &[String]) -> Roots {
        Roots::of(self, folders)
    }

    /// Roots among the called folders that no evaluation has an instance of, so that nothing of them was judged
    /// yet. Where a caller makes no instance, as with `count = 0`, there is nothing to judge, neither of the module
    /// nor of what it calls.
    pub fn unreached<'e>(&self, roots: &Roots, evaluations: impl IntoIterator<Item = &'e Evaluation>) -> Vec<String> {
        let (mut reached, mut omitted) = (HashSet::new(), Vec::new());
        for evaluation in evaluations {
            reached.extend(evaluation.modules.iter().map(|module| module.folder.as_str()));
            omitted.extend(evaluation.empty.iter().map(|call| call.folder.as_str()));
        }
        let omitted = roots::reachable(self, omitted);
        let is_left = |folder: &&String| !reached.contains(folder.as_str()) && !omitted.contains(folder.as_str());
        let left: Vec<String> = roots.called.iter().filter(is_left).cloned().collect();
        self.roots(&left).roots
    }

    /// Evaluates the root module in a folder with all that it calls. `None` when there is no module.
    pub fn evaluate(&self, root: &str, inputs: &Inputs, limits: Limits) -> Option<Evaluation> {
        let module = self.module(root)?;
        Some(world::evaluate(self, module, inputs, limits))
    }
}

/// What a configuration describes.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// Module by module, each in the order of its files.
    pub items: Vec<Item>,
    /// What is wrong with the files and what Terraform would refuse, each said once however many instances
    /// of a module it concerns.
    pub diagnostics: Vec<Diagnostic>,
    /// The root first, callers before what they call.
    pub modules: Vec<ModuleInstance>,
    /// Calls of modules whose files are not there.
    pub unread: Vec<UnreadModule>,
    /// Calls of modules that make no instance.
    pub empty: Vec<EmptyCall>,
    /// Values that were given by name on the command line for variables that this root does not have.
    pub undeclared: Vec<String>,
    /// Values that were given by name on the command line and are none that the variable can have.
    pub unusable: Vec<Unusable>,
    /// What it took, of [`Limits::steps`].
    pub steps: u64,
}

/// A value of the command line that Terraform refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Of the variable.
    pub name: String,
    /// A clause.
    pub why: String,
}

/// A module as one call makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleInstance {
    /// Empty for the root.
    pub address: String,
    /// From the scanned folder.
    pub folder: String,
}

/// A module that was not evaluated: what it makes is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadModule {
    pub address: String,
    /// As the call writes it.
    pub source: String,
    /// The `source` of the call, or the call.
    pub span: Span,
    /// Why, as the rest of a sentence that begins with "it".
    pub why: &'static str,
}

/// A call with a `count` of zero, or a `for_each` without elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmptyCall {
    pub address: String,
    /// Of the module, from the scanned folder.
    pub folder: String,
    /// The name of the call.
    pub span: Span,
}

/// Something that a configuration declares, in one instance: what a document is made of.
#[derive(Clone, Debug)]
pub struct Item {
    /// As Terraform writes it; `var.x`, `local.x`, `output.x`, `provider.aws`, `module.x`, `terraform`
    /// within their module for what is no resource.
    pub address: String,
    /// The address of the module instance that it is in; empty for the root.
    pub module: String,
    pub kind: ItemKind,
    /// `bucket` of `aws_s3_bucket.bucket`.
    pub name: String,
    pub key: Option<Key>,
    /// The block.
    pub span: Span,
    /// An object: the arguments, and of each kind of nested block a list of objects in the order of the
    /// text. What Terraform itself reads (`count`, `for_each`, `provider`, `depends_on`, `source`, `version`)
    /// is not in it.
    pub body: Value,
    /// The resources that the value at a place of the body comes from, by their addresses.
    pub references: Vec<(Pointer, String)>,
    pub ignore_changes: IgnoreChanges,
    /// Why it is not known how many there are of it, as the rest of a sentence that begins with "it". This
    /// one stands for all of them. That it is in a module of unknown number is said by the item of the call.
    pub unknown_number: Option<Arc<str>>,
    /// Whether all of the block could be read.
    pub complete: bool,
}

/// What an [`Item`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// Of a type.
    Resource(Mode, String),
    Variable,
    Local,
    Output,
    /// Of that name.
    Provider(String),
    /// A module call.
    Module,
    /// A `terraform` block.
    Settings,
}

impl ItemKind {
    /// The kind of the document: `aws_s3_bucket`, `data.aws_region`, `provider.aws`, `variable`.
    pub fn document_kind(&self) -> String {
        match self {
            ItemKind::Resource(mode, kind) => format!("{}{kind}", mode.prefix()),
            ItemKind::Variable => "variable".to_owned(),
            ItemKind::Local => "local".to_owned(),
            ItemKind::Output => "output".to_owned(),
            ItemKind::Provider(name) => format!("provider.{name}"),
            ItemKind::Module => "module".to_owned(),
            ItemKind::Settings => "terraform".to_owned(),
        }
    }
}

/// `lifecycle.ignore_changes`: arguments that others than Terraform may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IgnoreChanges {
    #[default]
    None,
    All,
    /// As they are written, such as `tags["Name"]`.
    Of(Vec<String>),
}
