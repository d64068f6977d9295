//! What the benchmarks measure on: generated input and the built packs.
//!
//! Input is generated so that it is the same on every machine, can be made as large as a question
//! needs, and belongs to nobody.

pub mod generate;
mod pack;
mod set;

pub use pack::{BuiltPack, default_settings, workload_pack};
pub use set::MemorySet;
