//! From paths to normalized documents with a place on every node.
//!
//! [`load()`] is the interface to a scan: it finds the files of each input (discovery goes through
//! a capability to the scanned folder, so that no symbolic link leads out of it), decides what each
//! is, parses it with a place on every node, and normalizes it into [`Document`]s. Files that are
//! not ours are listed as skipped; problems in files that are ours become diagnostics, and the rest
//! of the file and of the scan goes on.
//!
//! [`parse`] is the part of it that knows no platform: from one text to trees with a place on every
//! node, for whoever reads YAML or JSON and has to say where something stands.
//!
//! Nothing here reads the environment, the clock or the current folder: they enter through
//! [`LoadOptions`]. The order of everything in [`Loaded`] depends on the input alone, never on
//! threads.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use verdikt_model::{
    Coverage, Diagnostic, Directive, Document, NodeId, Platform, Pointer, RenderedFrom, Sources, Span, Tree,
};

mod cloudformation;
mod detect;
mod discover;
mod ecs;
mod ignores;
mod join;
mod kubernetes;
mod limits;
mod load;
mod repository;
mod scanned;
mod suppression;
mod syntax;
mod terraform;
mod workload;

pub use kubernetes::PodSpecPath;
pub use limits::InputLimits;
pub use load::load;
pub use repository::{Chosen, OutsideRepository, Repository};
pub use scanned::ScannedFolder;
pub use syntax::{Syntax, parse};

/// What to load, and how.
#[derive(Clone)]
pub struct LoadOptions {
    /// Each is one document set, numbered in order.
    pub inputs: Vec<Input>,
    /// Report paths are relative to it, and so are relative PATHs.
    pub cwd: PathBuf,
    /// `None`: each file tells.
    pub format: Option<Format>,
    /// Files and folders to leave out; matched against the path relative to the input, and against
    /// the bare name.
    pub exclude: globset::GlobSet,
    /// More of it, with a folder of its own.
    pub exclude_below: Option<ExcludeBelow>,
    /// Whether `.gitignore`, `.ignore` and hidden files and folders are left out.
    pub respect_ignore: bool,
    /// The namespace of namespaced Kubernetes objects that state none.
    pub namespace: Option<String>,
    /// Where custom resources have pods, beside the places that are known.
    pub pod_specs: Vec<PodSpecPath>,
    pub terraform: TerraformOptions,
    pub limits: InputLimits,
    /// Called from the threads that load.
    pub progress: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        LoadOptions {
            inputs: Vec::new(),
            cwd: PathBuf::from("."),
            format: None,
            exclude: globset::GlobSet::empty(),
            exclude_below: None,
            respect_ignore: true,
            namespace: None,
            pod_specs: Vec::new(),
            terraform: TerraformOptions::default(),
            limits: InputLimits::default(),
            progress: None,
        }
    }
}

impl fmt::Debug for LoadOptions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LoadOptions")
            .field("inputs", &self.inputs)
            .field("cwd", &self.cwd)
            .field("format", &self.format)
            .field("exclude", &self.exclude)
            .field("exclude_below", &self.exclude_below)
            .field("respect_ignore", &self.respect_ignore)
            .field("namespace", &self.namespace)
            .field("pod_specs", &self.pod_specs)
            .field("terraform", &self.terraform)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What is given to configurations of Terraform from outside, as `terraform plan` takes it.
#[derive(Clone, Debug, Default)]
pub struct TerraformOptions {
    /// Values for variables of root modules, in the order in which they were given; the last one counts.
    pub given: Vec<GivenVariable>,
    /// `TF_VAR_name` of the environment, without the prefix.
    pub environment: Vec<(String, String)>,
    /// `terraform.workspace`, which is not known otherwise.
    pub workspace: Option<String>,
}

/// Values for variables.
#[derive(Clone, Debug)]
pub enum GivenVariable {
    /// `--var name=text`
    Value { name: String, text: String },
    /// `--var-file`: relative to the current folder.
    File(PathBuf),
}

/// Files and folders to leave out, wherever the scan begins: a config means the same paths in every
/// run.
#[derive(Clone, Debug)]
pub struct ExcludeBelow {
    /// An absolute path without links.
    pub folder: PathBuf,
    /// Matched against the path relative to the folder, for what is below it, and against the bare
    /// name.
    pub globs: globset::GlobSet,
}

impl ExcludeBelow {
    /// `path` is absolute and without links.
    pub(crate) fn is_match(&self, path: &Path, name: &OsStr) -> bool {
        self.globs.is_match(name) || path.strip_prefix(&self.folder).is_ok_and(|path| self.globs.is_match(path))
    }
}

/// Where documents come from.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file or a folder.
    Path(PathBuf),
    /// Text that is already in memory: standard input, or an editor's buffer.
    Text {
        /// As reports print it: `<stdin>`, or the file's name.
        path: String,
        bytes: Vec<u8>,
    },
    /// Texts that are one document set, as the files of a folder are: those of
    /// [`Repository::choose`], say.
    Texts(Vec<Text>),
}

/// A file whose text is in memory.
#[derive(Clone, Debug)]
pub struct Text {
    /// As reports print it.
    pub path: String,
    /// As fingerprints know it; see [`verdikt_model::Source::identity`].
    pub identity: String,
    /// Whether somebody asked for this very file. Then it is an error that it cannot be read, even
    /// where nothing shows that it is ours.
    pub named: bool,
    /// Whether it is there only for others to read it, such as a template of a configuration; then it is not
    /// scanned itself.
    pub companion: bool,
    /// What is longer than [the limit](field@InputLimits::file_size) may be cut to one byte more than that.
    pub bytes: Vec<u8>,
}

/// What a file is to be taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Objects of Kubernetes, and the configuration files of nodes and clusters.
    Kubernetes,
    /// Task definitions of Amazon ECS, in the form of its API.
    Ecs,
    /// Templates, of which the task definitions are read.
    CloudFormation,
    /// Configurations in Terraform's language.
    Terraform,
    /// Plans and states as `terraform show -json` prints them.
    TerraformPlan,
}

impl Format {
    pub const ALL: [Format; 5] =
        [Format::Kubernetes, Format::Ecs, Format::CloudFormation, Format::Terraform, Format::TerraformPlan];

    /// The name that the command line uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Kubernetes => "kubernetes",
            Format::Ecs => "ecs",
            Format::CloudFormation => "cloudformation",
            Format::Terraform => "terraform",
            Format::TerraformPlan => "tfplan",
        }
    }

    /// The format of a name.
    pub fn parse(text: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.as_str() == text)
    }
}

/// How far loading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many files are to be read; said once, before the first is read.
    Found(usize),
    /// So many of them are done.
    Parsed(usize),
}

/// Everything that loading gave.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The texts of all files, in scan order; those of files that were skipped are empty.
    pub sources: Sources,
    /// Inputs in order, files sorted by path, documents in file order, a workload right after its
    /// origin. A document's id is its index.
    pub documents: Vec<Document>,
    /// What was wrong with paths, then what is wrong in files, in the order of the files and of their texts.
    pub diagnostics: Vec<Diagnostic>,
    /// Suppressions that stand in the files, in the order of the files and of their texts.
    pub directives: Vec<Directive>,
    /// What became of each file.
    pub coverage: Coverage,
    /// Those of the inputs that are folders, in order.
    pub folders: Vec<ScannedFolder>,
    /// What of the given variables no configuration can use, each as a clause.
    pub unusable: Vec<String>,
}

/// One parsed document of a file, before anything is known of its meaning.
#[derive(Debug)]
pub struct ParsedDocument {
    pub tree: Arc<Tree>,
    /// The document's root in `tree`.
    pub root: NodeId,
    /// The whole document, from its first to its last character that means something.
    pub span: Span,
    /// In source order; for `# Source:` lines and inline suppressions.
    pub comments: Vec<Comment>,
    /// YAML's local tags (`!Ref`) with the node that each stands before, in source order. The
    /// values are what they would be without the tag, but scalars are strings.
    pub(crate) tags: Vec<(NodeId, Box<str>)>,
}

/// A comment of a source, from its `#` to the end of its line. JSON has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    pub span: Span,
    /// What the span covers: `#` and what follows, without white space at the end.
    pub text: Box<str>,
    /// Whether nothing but white space stands before it on its line.
    pub own_line: bool,
}

/// A document in the making: all but its id and set, which are known when files are joined.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) platform: Platform,
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) span: Span,
    /// Which of the file's drafts it was derived from, if from any.
    pub(crate) origin: Option<usize>,
    pub(crate) rendered_from: Option<RenderedFrom>,
    /// See [`Document::is_patch`].
    pub(crate) is_patch: bool,
    /// For a part of a Terraform configuration.
    pub(crate) configuration: Option<Configuration>,
    /// The addresses of what values come from, and where in the body these stand.
    pub(crate) references: Vec<(Pointer, String)>,
    pub(crate) tree: Arc<Tree>,
    pub(crate) root: NodeId,
    /// For what comes of a resource of a CloudFormation template: the resource in the template as it
    /// is written, with its `Metadata`.
    pub(crate) resource: Option<(Arc<Tree>, NodeId)>,
}

/// In which configuration of Terraform something is: addresses mean something in theirs only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// Which of the scan's.
    pub(crate) id: u32,
    /// See [`Document::configuration`]; none for a plan.
    pub(crate) folder: Option<Arc<str>>,
}

/// What a normalizer made of a parsed document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recognition {
    /// It is the normalizer's; so many drafts were added, derived ones not counted.
    Documents(usize),
    /// It is the normalizer's, but has nothing that rules judge; why, as the coverage section says it.
    Nothing { reason: String },
    /// It is not; why, as the coverage section says it.
    NotOurs { reason: String },
}
