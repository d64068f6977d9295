//! Code that was compiled ahead of time. The one place with `unsafe`.

use wasmtime::Engine;
use wasmtime::component::Component;

/// Bytes that this program wrote: loading code is running it, so there is no way to make one of
/// these from bytes of anybody else.
#[derive(Clone, Copy)]
pub(crate) struct Trusted<'a>(&'a [u8]);

impl<'a> Trusted<'a> {
    /// Code that was compiled into the program beside the pack that it was made of.
    pub(crate) fn embedded(artifact: &'static [u8]) -> Self {
        Trusted(artifact)
    }

    /// Code that was compiled a moment ago and has been nowhere since.
    pub(crate) fn just_compiled(artifact: &'a [u8]) -> Self {
        Trusted(artifact)
    }

    /// Code from the cache, after its folder, its owner and its checksum were found to be right.
    pub(crate) fn from_cache(entry: &'a crate::cache::Entry) -> Self {
        Trusted(&entry.artifact)
    }
}

/// Loads compiled code.
///
/// # Errors
/// When it was compiled by another version of wasmtime, for another kind of machine, or with other
/// settings. That is a miss: the pack is compiled again.
pub(crate) fn load(engine: &Engine, artifact: Trusted<'_>) -> wasmtime::Result<Component> {
    // SAFETY: wasmtime must have written the bytes, and nobody may have changed them since. They
    // are either part of this program, where `precompile` made them during its build (who can
    // change those can change the program); or this program wrote them to its cache folder, which
    // belongs to the same user and which nobody else may write to (`cache::Cache::open`), with a
    // checksum over the bytes that are loaded here (`cache::Cache::get`). They are in memory, so
    // they cannot change while they are read. wasmtime itself refuses bytes of another version of
    // it or for another configuration.
    #[allow(unsafe_code, reason = "wasmtime cannot verify compiled code; the comment says who wrote it")]
    unsafe {
        Component::deserialize(engine, artifact.0)
    }
}
