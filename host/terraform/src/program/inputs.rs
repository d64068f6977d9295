//! Values for the variables of a root module, from outside of it, in Terraform's order of precedence
//! (<https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence>;
//! `internal/command/meta_vars.go`): the environment, `terraform.tfvars`, `terraform.tfvars.json`, the files
//! `*.auto.tfvars` and `*.auto.tfvars.json` by name, and the command line in its order. The last one counts.

use std::collections::HashMap;
use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, FileId, Level, Span};

use crate::config::{Module, json_arguments};
use crate::files::{Files, name_of, read_text};
use crate::syntax::{self, Body, Expression, Item};
use crate::value::What;

/// What is given to a root module from outside.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `TF_VAR_name=text`, without the prefix. Names of no variable mean nothing.
    pub environment: Vec<(String, String)>,
    /// In the order in which they were given.
    pub command_line: Vec<Given>,
    /// `terraform.workspace`; a value that cannot be known when it is not given.
    pub workspace: Option<String>,
}

/// An argument of the command line.
#[derive(Clone, Debug)]
pub enum Given {
    /// `--var name=text`
    Value { name: String, text: String },
    /// `--var-file`
    File(VariableFile),
    /// A file that could not be read: what it sets is not known.
    Unread,
}

/// A file with values of variables.
#[derive(Clone, Debug)]
pub struct VariableFile {
    /// As a person named it. What ends in `.json` is JSON.
    pub path: String,
    pub id: FileId,
    pub text: Arc<str>,
}

/// The value that counts for a variable.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) what: What,
    pub(super) source: InputSource,
}

#[derive(Clone, Debug)]
pub(super) enum InputSource {
    /// The text of an environment variable or of `--var`: what it means depends on the variable's type.
    Text(String),
    /// An argument of a file. Nothing can be referred to in it.
    Written(Expression),
    /// A file that may set it could not be read.
    Lost,
}

/// The values for a root, by name of the variable.
pub(super) fn collect(
    files: &dyn Files,
    root: &Module,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> (HashMap<String, Input>, Vec<String>) {
    let mut reader = Reader { files, root, inputs: HashMap::new(), undeclared: Vec::new(), diagnostics };
    for (name, text) in &inputs.environment {
        if root.variables.get(name).is_some() {
            let input = Input { what: What::Environment, source: InputSource::Text(text.clone()) };
            reader.inputs.insert(name.clone(), input);
        }
    }
    for path in automatic_files(files, &root.folder) {
        match read_text(files, &path) {
            Ok((id, text)) => reader.file(&path, id, &text),
            Err(diagnostic) => {
                reader.diagnostics.extend(diagnostic);
                reader.lose(|_| true);
            }
        }
    }
    for given in &inputs.command_line {
        match given {
            Given::Value { name, text } => {
                let input = Input { what: What::CommandLine, source: InputSource::Text(text.clone()) };
                if !reader.add(name, input) && !reader.undeclared.contains(name) {
                    reader.undeclared.push(name.clone());
                }
            }
            Given::File(VariableFile { path, id, text }) => reader.file(path, *id, text),
            Given::Unread => reader.lose(|_| true),
        }
    }
    (reader.inputs, reader.undeclared)
}

/// The files of a folder that Terraform reads without being asked, in their order.
fn automatic_files(files: &dyn Files, folder: &str) -> Vec<String> {
    let mut found: Vec<(u8, String)> = files
        .list(folder, false)
        .into_iter()
        .filter_map(|path| {
            let rank = match name_of(&path) {
                "terraform.tfvars" => 0,
                "terraform.tfvars.json" => 1,
                name if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => 2,
                _ => return None,
            };
            Some((rank, path))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

/// Whether a text has a name as a word of its own.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

struct Reader<'a> {
    files: &'a dyn Files,
    root: &'a Module,
    inputs: HashMap<String, Input>,
    undeclared: Vec<String>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Whether there is such a variable.
    fn add(&mut self, name: &str, input: Input) -> bool {
        let declared = self.root.variables.get(name).is_some();
        if declared {
            self.inputs.insert(name.to_owned(), input);
        }
        declared
    }

    /// Forgets what some variables have been set to: something that could not be read may set them otherwise.
    fn lose(&mut self, is_meant: impl Fn(&str) -> bool) {
        for (name, _) in self.root.variables.iter().filter(|(name, _)| is_meant(name)) {
            self.inputs.insert(name.to_string(), Input { what: What::VariableFile, source: InputSource::Lost });
        }
    }

    /// A file may be meant for several roots: what this one does not declare is no mistake.
    fn file(&mut self, path: &str, id: FileId, text: &str) {
        let before = self.diagnostics.len();
        let body = if path.ends_with(".json") { self.json(id, text) } else { self.native(id, text) };
        if self.diagnostics[before..].iter().any(|diagnostic| diagnostic.level() == Level::Error) {
            // What could be read of it counts below. A name that it has nowhere it does not set; in JSON, an
            // escape may be a part of one.
            let is_json = path.ends_with(".json");
            self.lose(|name| has_word(text, name) || (is_json && text.contains('\\')));
        }
        for item in body.items {
            match item {
                Item::Argument(argument) => {
                    let source = InputSource::Written(argument.value);
                    self.add(&argument.name.text, Input { what: What::VariableFile, source });
                }
                Item::Block(block) => {
                    let message = format!(
                        "A file with values of variables holds arguments only; write `{} = {{ … }}`.",
                        block.kind.text
                    );
                    self.diagnostics.push(Diagnostic::at(Code::TerraformRefuses, block.kind.span, message));
                    self.lose(|name| *name == *block.kind.text);
                }
            }
        }
    }

    fn native(&mut self, id: FileId, text: &str) -> Body {
        let file = syntax::parse(id, text);
        let problems = file.problems.into_iter();
        self.diagnostics.extend(problems.map(|problem| Diagnostic::at(Code::HclSyntax, problem.span, problem.message)));
        file.body
    }

    fn json(&mut self, id: FileId, text: &str) -> Body {
        let parsed = self.files.parse_json(id, text);
        self.diagnostics.extend(parsed.diagnostics);
        match parsed.root {
            Some(root) => json_arguments(parsed.tree.node(root), text, self.diagnostics),
            None => Body { items: Vec::new(), span: Span::new(id, 0, 0), complete: false },
        }
    }
}
