//! What can go wrong before a pack runs, in words for the person who has to act.

use std::fmt;

use verdikt_model::Fault;

use crate::adapter::{NEWEST, PACK_INTERFACE};

/// A sandbox could not be set up on this machine.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error("cannot set up the WebAssembly engine: {0:#}")]
    Engine(wasmtime::Error),
    #[error("cannot start the thread that keeps deadlines: {0}")]
    Ticker(std::io::Error),
}

/// A pack that cannot be used: which one, what is wrong, what to do.
#[derive(Debug)]
pub struct PackError {
    /// The pack's name as it was given, such as its path; `None` for bytes without a name.
    pub pack: Option<String>,
    pub problem: PackProblem,
}

impl PackError {
    pub(crate) fn new(pack: &str, problem: PackProblem) -> Self {
        PackError { pack: Some(pack.to_owned()), problem }
    }
}

impl From<PackProblem> for PackError {
    fn from(problem: PackProblem) -> Self {
        PackError { pack: None, problem }
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pack {
            Some(pack) => write!(out, "{pack}: {}", self.problem),
            None => self.problem.fmt(out),
        }
    }
}

impl std::error::Error for PackError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.problem.source()
    }
}

/// What is wrong with a pack.
#[derive(Debug, thiserror::Error)]
pub enum PackProblem {
    #[error(
        "the pack has {} KiB, the limit is {} KiB; strip its debug information and build it for size",
        size.div_ceil(1024), limit / 1024
    )]
    TooLarge { size: usize, limit: usize },
    #[error(
        "not a Verdikt pack: this is {looks_like}; a pack is a WebAssembly component, built with `verdikt pack build`"
    )]
    NotWasm { looks_like: &'static str },
    #[error("not a Verdikt pack: the WebAssembly is damaged ({what}); build or download it again")]
    Malformed { what: String },
    #[error(
        "not a Verdikt pack: this is a core WebAssembly module that does not say what it exports; \
         build it with `verdikt pack build`, or with wit-bindgen for the world `verdikt:policy/rule-pack`"
    )]
    NoComponentType,
    #[error("this core module cannot be made a component: {what}; build it with `verdikt pack build`")]
    NotComponentizable { what: String },
    #[error(
        "not a Verdikt pack: this component exports {} and imports {}, but a pack exports `{PACK_INTERFACE}{NEWEST}`; \
         build it for the world `verdikt:policy/rule-pack`",
        names(exports),
        names(imports)
    )]
    OtherWorld { exports: Vec<String>, imports: Vec<String> },
    #[error("{}", foreign_imports(imports))]
    ForeignImports { imports: Vec<String> },
    #[error(
        "the pack speaks verdikt:policy {version} and needs a newer Verdikt, this one speaks up to {NEWEST}; update Verdikt, or build the pack for {NEWEST}"
    )]
    Newer { version: String },
    #[error("the pack speaks verdikt:policy {version}, which was never released; build it for {NEWEST}")]
    Unreleased { version: String },
    #[error("the pack cannot be compiled: {what}")]
    Compile { what: String },
    #[error("the pack does not fit verdikt:policy {NEWEST}: {what}; build it with the WIT files of that version")]
    Incompatible { what: String },
    #[error("the pack could not describe itself: {0}; run `verdikt pack test` on it")]
    Describe(Fault),
    #[error("the pack describes itself wrongly: {what}; correct its metadata and build it again")]
    Description { what: String },
}

fn names(names: &[String]) -> String {
    const SHOWN: usize = 8;
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{}`", crate::text::shorten(name))).collect();
    let rest = names.len().saturating_sub(SHOWN);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

fn foreign_imports(imports: &[String]) -> String {
    let wasi = imports.iter().any(|name| name.starts_with("wasi"));
    let advice = if wasi {
        "packs get no WASI, since they must not reach files, clocks or the network: \
         build for `wasm32-unknown-unknown`, or answer WASI inside of the component with a null adapter"
    } else {
        "packs get nothing but `verdikt:policy`: remove what needs the others"
    };
    format!("the pack imports {}; {advice}", names(imports))
}
