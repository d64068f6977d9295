//! What the benchmarks measure on: generated input and the built packs.
//!
//! Input is generated so that it is the same on every machine, can be made as large as a question
//! needs, and belongs to nobody.

pub mod generate;
#[cfg(feature = "engine")]
mod pack;
#[cfg(feature = "engine")]
mod set;

use verdikt_input::{Input, Text};

#[cfg(feature = "engine")]
pub use pack::{BuiltPack, built_packs, default_settings, workload_pack};
#[cfg(feature = "engine")]
pub use set::MemorySet;

/// Files of one folder, which belong together: path and text of each.
pub fn folder(files: Vec<(String, String)>) -> Input {
    let text = |(path, text): (String, String)| Text {
        identity: path.clone(),
        path,
        named: false,
        companion: false,
        bytes: text.into_bytes(),
    };
    Input::Texts(files.into_iter().map(text).collect())
}
