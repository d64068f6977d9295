//! What the benchmarks measure on: generated input and the built packs.
//!
//! Input is generated so that it is the same on every machine, can be made as large as a question
//! needs, and belongs to nobody.

pub mod generate;
#[cfg(feature = "engine")]
mod pack;
#[cfg(feature = "engine")]
mod set;

#[cfg(feature = "engine")]
pub use pack::{BuiltPack, built_packs, default_settings, workload_pack};
#[cfg(feature = "engine")]
pub use set::MemorySet;
