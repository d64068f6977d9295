//! From the files of a folder to a [`Module`]: what it declares, before anything is evaluated.
//!
//! Which files belong to a module, which of them override others, and what a block of each kind may hold
//! is as in Terraform's package `internal/configs`. A block that Terraform would refuse is reported and
//! kept as far as it can be understood: what is in it is still to be judged.

mod constraint;
mod json;
mod merge;
mod named;
mod read;

use verdikt_model::{Diagnostic, FileId, Span};

pub use constraint::{AttributeDefaults, Constraint, Defaults};
pub(crate) use json::json_arguments;
pub use named::Named;

use crate::syntax::{Block, Body, Comment, Expression, Name};

/// What the files of one folder declare.
#[derive(Debug, Default)]
pub struct Module {
    /// From the scanned folder.
    pub folder: String,
    /// In the order of their names; those that override others are the last.
    pub files: Vec<SourceFile>,
    pub variables: Named<Variable>,
    pub locals: Named<Local>,
    pub outputs: Named<Output>,
    /// By address within the module: `aws_s3_bucket.logs`, `data.aws_region.this`.
    pub resources: Named<Resource>,
    pub calls: Named<ModuleCall>,
    pub providers: Vec<Provider>,
    /// The `terraform` blocks.
    pub settings: Vec<Block>,
    /// What is wrong with the files.
    pub diagnostics: Vec<Diagnostic>,
}

/// One file of a module.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// From the scanned folder.
    pub path: String,
    pub id: FileId,
    /// In the order of the text.
    pub comments: Vec<Comment>,
}

/// A `variable` block.
#[derive(Debug)]
pub struct Variable {
    pub name: Name,
    pub constraint: Option<Constraint>,
    /// Evaluated without any names.
    pub default: Option<Expression>,
    pub sensitive: Option<bool>,
    pub ephemeral: Option<bool>,
    pub nullable: Option<bool>,
    /// The arguments, for rules about variables.
    pub body: Body,
    /// The whole block.
    pub span: Span,
}

/// One argument of a `locals` block.
#[derive(Debug)]
pub struct Local {
    pub name: Name,
    pub value: Expression,
    /// Name and value.
    pub span: Span,
}

/// An `output` block.
#[derive(Debug)]
pub struct Output {
    pub name: Name,
    /// Absent only where Terraform would refuse the block.
    pub value: Option<Expression>,
    pub sensitive: Option<bool>,
    pub ephemeral: Option<bool>,
    /// The arguments, for rules about outputs.
    pub body: Body,
    pub span: Span,
}

/// What kind of thing a `resource`, `data` or `ephemeral` block declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    Managed,
    Data,
    Ephemeral,
}

impl Mode {
    /// What stands before the type in an address.
    pub fn prefix(self) -> &'static str {
        match self {
            Mode::Managed => "",
            Mode::Data => "data.",
            Mode::Ephemeral => "ephemeral.",
        }
    }
}

/// How often something is there.
#[derive(Debug)]
pub enum Repeat {
    Once,
    Count(Expression),
    ForEach(Expression),
}

/// A `resource`, `data` or `ephemeral` block.
#[derive(Debug)]
pub struct Resource {
    pub mode: Mode,
    pub kind: Name,
    pub name: Name,
    pub repeat: Repeat,
    pub provider: Option<Expression>,
    pub depends_on: Option<Expression>,
    /// Without the arguments above.
    pub body: Body,
    pub span: Span,
}

/// A `module` block.
#[derive(Debug)]
pub struct ModuleCall {
    pub name: Name,
    pub source: Option<Source>,
    pub version: Option<Expression>,
    pub repeat: Repeat,
    pub depends_on: Option<Expression>,
    pub providers: Option<Expression>,
    /// Without the arguments above.
    pub arguments: Body,
    pub span: Span,
}

/// Where the files of a called module are.
#[derive(Clone, Debug)]
pub struct Source {
    /// As written; absent where it is more than a text, as some forks of Terraform allow.
    pub text: Option<Box<str>>,
    pub span: Span,
}

/// A `provider` block.
#[derive(Debug)]
pub struct Provider {
    pub name: Name,
    pub alias: Option<Box<str>>,
    pub body: Body,
    pub span: Span,
}

/// The name of a file among those of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Native,
    Json,
}

impl FileKind {
    /// What a file of that name is to Terraform, and whether it overrides others; `None` when it is no
    /// part of a module (`fileExt`, `isOverride` and `IsIgnoredFile` of
    /// `internal/configs/parser_config_dir.go`).
    pub fn of(name: &str) -> Option<(FileKind, bool)> {
        if name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) {
            return None;
        }
        let (kind, stem) = match name.strip_suffix(".tf") {
            Some(stem) => (FileKind::Native, stem),
            None => (FileKind::Json, name.strip_suffix(".tf.json")?),
        };
        Some((kind, stem == "override" || stem.ends_with("_override")))
    }
}
