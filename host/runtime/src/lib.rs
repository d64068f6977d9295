//! Runs rule packs in a WebAssembly sandbox: everything that touches wasmtime.
//!
//! A [`Runtime`] loads packs and owns their limits. A [`RulePack`] describes itself
//! ([`RulePack::info`]) and judges documents of a [`DocumentSet`] ([`RulePack::evaluate`]). Each
//! guest call gets a fresh store, is held to [`Limits`], and is given nothing but its request, a
//! log, and for rules of scope `inventory` the document set. Whatever else a guest does becomes a
//! [`Fault`](verdikt_model::Fault) at the documents and rules that are to blame, and never a pass.
//!
//! ```
//! use verdikt_runtime::{PackSource, Runtime, RuntimeOptions};
//!
//! let runtime = Runtime::new(RuntimeOptions::default())?;
//! let source = PackSource { name: "notes.txt".into(), wasm: b"no pack"[..].into(), precompiled: None };
//! let error = runtime.load(source).unwrap_err();
//! assert!(error.to_string().starts_with("notes.txt: not a Verdikt pack: this is a text file"));
//! # Ok::<(), verdikt_runtime::RuntimeError>(())
//! ```

mod adapter;
mod answer;
mod artifact;
mod cache;
mod component_type;
mod description;
mod error;
mod evaluate;
mod fault;
mod findings;
mod inventory;
mod limits;
mod pack;
mod permits;
mod precompile;
mod runtime;
mod state;
mod text;
mod ticker;
mod wasm;
mod wire;

pub use error::{PackError, PackProblem, RuntimeError};
pub use evaluate::{Activation, Call, Evaluation, FaultAt};
pub use inventory::{DocumentSet, Link, Selector};
pub use limits::Limits;
pub use pack::{PackSource, Precompiled, RulePack};
pub use precompile::{Precompilation, precompile};
pub use runtime::{Allocation, Runtime, RuntimeOptions};
pub use wasm::componentize;
