//! Compiling packs ahead of time, for those that become part of the program.

use crate::artifact::Trusted;
use crate::error::{PackError, PackProblem};
use crate::pack;
use crate::runtime::{Runtime, RuntimeOptions, baseline_engine};
use crate::wasm;

/// What a program includes beside a pack; see [`Precompiled`](crate::Precompiled).
#[derive(Clone, Debug)]
pub struct Precompilation {
    /// Code for the baseline CPU of this kind of machine.
    pub artifact: Vec<u8>,
    /// JSON.
    pub description: String,
}

/// Compiles a pack for the baseline CPU of this kind of machine and asks it for its description.
///
/// # Errors
/// When the bytes are no pack, or one that [`Runtime::load`] would refuse.
pub fn precompile(wasm: &[u8]) -> Result<Precompilation, PackError> {
    let compile = |what: String| PackError::from(PackProblem::Compile { what });
    let file = wasm::read(wasm)?;
    let engine = baseline_engine().map_err(|error| compile(format!("{error:#}")))?;
    let artifact = engine.precompile_component(&file.component).map_err(|error| compile(format!("{error:#}")))?;
    // The pack is described by the very code that was made, which shows that this machine takes it.
    let runtime = Runtime::new(RuntimeOptions { concurrency: 1, ..RuntimeOptions::default() })
        .map_err(|error| compile(error.to_string()))?;
    let description = pack::describe_compiled(runtime.shared(), &file, wasm, Trusted::just_compiled(&artifact))?;
    Ok(Precompilation { artifact, description })
}
