//! The embedding API of Verdikt.
//!
//! An [`Engine`] holds rule packs, compiled and ready; [`Engine::check`] reads files or texts, runs
//! the rules over them in the sandbox and returns a [`Report`](model::Report), which
//! [`report::render`] turns into bytes. There is no global state and no async runtime; an engine is
//! `Send + Sync` and may be shared by many threads.
//!
//! The stages are one direction: load, plan, evaluate, aggregate.
//!
//! ```
//! use verdikt_engine::input::{Input, LoadOptions};
//! use verdikt_engine::model::Date;
//! use verdikt_engine::{Check, Engine};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::builder().build()?;
//! let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: []}\n";
//! let input = Input::Text { path: "pod.yaml".into(), bytes: manifest.into() };
//! let loaded = engine.normalize(&LoadOptions { inputs: vec![input], ..LoadOptions::default() });
//! assert_eq!(loaded.documents[0].address, "/Pod/web");
//!
//! // Without a pack there is nothing to judge with, and the engine says so.
//! let check = Check::new(LoadOptions::default(), Date::parse("2026-11-22").unwrap());
//! assert!(engine.check(&check).is_err());
//! # Ok(())
//! # }
//! ```
//!
//! `examples/embed` in the repository is a complete program.

mod aggregate;
mod artifacts;
mod base;
mod documents;
mod engine;
mod error;
mod evaluate;
mod identity;
mod locate;
mod plan;
mod policy;
mod references;
mod rows;
mod secrets;
mod selection;
mod settings;
mod suppress;

pub use base::Base;
pub use engine::{Check, Engine, EngineBuilder, UnknownPolicy};
pub use error::{Error, nearest};
pub use policy::{
    Attachments, Baseline, BaselineChange, Config, EffectiveRule, Evidence, Given, NewBaseline, Origin, PolicyError,
    PolicyFile, Problem, RunFlags, RunValues, Stated, Waivers, is_namespace,
};
pub use selection::Selection;
pub use settings::Parameter;

/// What is read, and how: discovery, parsers, normalization.
pub use verdikt_input as input;
/// The words of reports: findings, documents, places.
pub use verdikt_model as model;
/// Formats that a report is rendered in.
pub use verdikt_report as report;
/// The sandbox: limits and pack sources.
pub use verdikt_runtime as runtime;
