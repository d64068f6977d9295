//! Rule packs: from bytes to something that can be asked.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use verdikt_model::{Fault, PackInfo};
use wasmtime::component::Component;

use crate::adapter::{Adapter, Interface, NEWEST};
use crate::artifact::{self, Trusted};
use crate::cache::Entry;
use crate::description;
use crate::error::{PackError, PackProblem};
use crate::inventory::Access;
use crate::runtime::Shared;
use crate::wasm::{self, PackFile};
use crate::wire;

/// Where a pack comes from.
#[derive(Clone, Debug)]
pub struct PackSource<'a> {
    /// What messages call it: the path of its file, or `built-in pack workload`.
    pub name: String,
    /// A component, or a core module with an embedded component type.
    pub wasm: Cow<'a, [u8]>,
    /// For packs that are part of the program.
    pub precompiled: Option<Precompiled>,
}

/// Code and description of a pack that is part of the program.
///
/// Loading code is running it, and only bytes that live as long as the program can be given: they
/// must be what [`precompile`](crate::precompile) returned for the same pack, included in the
/// program when it was built. Code from a file belongs in the [cache](crate::RuntimeOptions::cache).
#[derive(Clone, Copy, Debug)]
pub struct Precompiled {
    pub artifact: &'static [u8],
    pub description: &'static str,
}

/// A pack that is ready to judge documents. Cheap to clone.
#[derive(Clone)]
pub struct RulePack {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    name: Arc<str>,
    digest: String,
    info: PackInfo,
    imports: Vec<String>,
    interface: Interface,
    /// Set at loading, and for built-in packs at the first call.
    code: OnceLock<Result<Box<dyn Adapter>, Fault>>,
    built_in: Option<BuiltIn>,
}

struct BuiltIn {
    component: Vec<u8>,
    artifact: &'static [u8],
}

impl RulePack {
    /// What messages call it.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    pub fn info(&self) -> &PackInfo {
        &self.inner.info
    }

    /// `sha256:` and 64 hexadecimal digits, of the file as it was given.
    pub fn digest(&self) -> &str {
        &self.inner.digest
    }

    /// The interfaces that the pack uses: all that it could ever reach.
    pub fn imports(&self) -> &[String] {
        &self.inner.imports
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.inner.name
    }

    /// The linked code. A built-in pack is loaded at the first call of this.
    pub(crate) fn adapter(&self) -> Result<&dyn Adapter, Fault> {
        let inner = &*self.inner;
        match inner.code.get_or_init(|| inner.load_built_in()) {
            Ok(adapter) => Ok(&**adapter),
            Err(fault) => Err(fault.clone()),
        }
    }
}

impl std::fmt::Debug for RulePack {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RulePack").field("name", &self.inner.name).field("digest", &self.inner.digest).finish()
    }
}

impl Inner {
    fn load_built_in(&self) -> Result<Box<dyn Adapter>, Fault> {
        let Some(built_in) = &self.built_in else {
            return Err(Fault::Instantiation { what: "the pack has no code".to_owned() });
        };
        let Shared { engine, linkers, cache, .. } = &*self.shared;
        let loaded = artifact::load(engine, Trusted::embedded(built_in.artifact))
            .and_then(|component| linkers.bind(self.interface, &component));
        if let Err(error) = &loaded {
            // Another machine, another configuration: what was compiled ahead does not fit here.
            tracing::debug!(pack = &*self.name, error = format!("{error:#}"), "compiling a built-in pack again");
        }
        loaded
            .or_else(|_| {
                let cached = cache.as_ref().and_then(|cache| cache.get(&self.digest));
                let cached = cached.and_then(|entry| artifact::load(engine, Trusted::from_cache(&entry)).ok());
                let component = match cached {
                    Some(component) => component,
                    None => {
                        let component = Component::new(engine, &built_in.component)?;
                        keep(&self.shared, &self.digest, &self.info, &component);
                        component
                    }
                };
                linkers.bind(self.interface, &component)
            })
            .map_err(|error| Fault::Instantiation { what: format!("{error:#}") })
    }
}

pub(crate) fn load(shared: &Arc<Shared>, source: PackSource<'_>) -> Result<RulePack, PackError> {
    let PackSource { name, wasm, precompiled } = source;
    let name: Arc<str> = name.into();
    load_parts(shared, &name, &wasm, precompiled).map_err(|problem| PackError::new(&name, problem))
}

fn load_parts(
    shared: &Arc<Shared>,
    name: &Arc<str>,
    wasm: &[u8],
    precompiled: Option<Precompiled>,
) -> Result<RulePack, PackProblem> {
    if wasm.len() > shared.limits.component_size {
        return Err(PackProblem::TooLarge { size: wasm.len(), limit: shared.limits.component_size });
    }
    let file = wasm::read(wasm)?;
    if let Some((artifact, digest, info)) = precompiled.and_then(|precompiled| described(precompiled, shared)) {
        let built_in = BuiltIn { component: file.component.into_owned(), artifact };
        let PackFile { imports, interface, .. } = file;
        let (shared, name) = (Arc::clone(shared), Arc::clone(name));
        let code = OnceLock::new();
        let inner = Inner { shared, name, digest, info, imports, interface, code, built_in: Some(built_in) };
        return Ok(RulePack { inner: Arc::new(inner) });
    }
    let digest = digest(wasm);
    let (adapter, info) = match cached(shared, &file, &digest) {
        Some(found) => found,
        None => compile(shared, name, &file, &digest)?,
    };
    let PackFile { imports, interface, .. } = file;
    let (shared, name) = (Arc::clone(shared), Arc::clone(name));
    let code = OnceLock::from(Ok(adapter));
    let inner = Inner { shared, name, digest, info, imports, interface, code, built_in: None };
    Ok(RulePack { inner: Arc::new(inner) })
}

/// Artifact, digest and description of a built-in pack. `None` is a miss.
fn described(precompiled: Precompiled, shared: &Shared) -> Option<(&'static [u8], String, PackInfo)> {
    let described = wire::read(precompiled.description)?;
    let info = description::check(described.pack, &shared.limits).ok()?;
    Some((precompiled.artifact, described.digest, info))
}

/// The pack as it was compiled and described before.
fn cached(shared: &Shared, file: &PackFile<'_>, digest: &str) -> Option<(Box<dyn Adapter>, PackInfo)> {
    let entry = shared.cache.as_ref()?.get(digest)?;
    // The limits of then are not those of now.
    let info = description::check(wire::read(&entry.description)?.pack, &shared.limits).ok()?;
    let component = artifact::load(&shared.engine, Trusted::from_cache(&entry)).ok()?;
    Some((shared.linkers.bind(file.interface, &component).ok()?, info))
}

fn compile(
    shared: &Shared,
    name: &Arc<str>,
    file: &PackFile<'_>,
    digest: &str,
) -> Result<(Box<dyn Adapter>, PackInfo), PackProblem> {
    let component = Component::new(&shared.engine, &file.component)
        .map_err(|error| PackProblem::Compile { what: format!("{error:#}") })?;
    let adapter = bind(shared, file, &component)?;
    let info = describe(shared, name, &*adapter)?;
    keep(shared, digest, &info, &component);
    Ok((adapter, info))
}

fn bind(shared: &Shared, file: &PackFile<'_>, component: &Component) -> Result<Box<dyn Adapter>, PackProblem> {
    shared.linkers.bind(file.interface, component).map_err(|error| {
        if file.version > NEWEST {
            // It imports a function that a later 0.1.x added.
            PackProblem::Newer { version: file.version.to_string() }
        } else {
            PackProblem::Incompatible { what: format!("{error:#}") }
        }
    })
}

fn describe(shared: &Shared, name: &Arc<str>, adapter: &dyn Adapter) -> Result<PackInfo, PackProblem> {
    let raw = shared
        .call(name, Access::Describing, shared.limits.describe_time, |store| adapter.describe(store))
        .map_err(|failed| match failed.fault {
            // Types of functions are compared only now.
            Fault::Instantiation { what } => PackProblem::Incompatible { what },
            fault => PackProblem::Describe(fault),
        })?;
    description::check(raw, &shared.limits).map_err(|what| PackProblem::Description { what })
}

/// The description, as JSON, of a pack that was compiled for another engine than this one.
pub(crate) fn describe_compiled(
    shared: &Shared,
    file: &PackFile<'_>,
    wasm: &[u8],
    artifact: Trusted<'_>,
) -> Result<String, PackProblem> {
    let component = artifact::load(&shared.engine, artifact)
        .map_err(|error| PackProblem::Compile { what: format!("the code does not fit this machine: {error:#}") })?;
    let adapter = bind(shared, file, &component)?;
    let info = describe(shared, &"pack".into(), &*adapter)?;
    wire::write(&digest(wasm), &info).map_err(|error| PackProblem::Description { what: error.to_string() })
}

/// Puts a pack into the cache, if there is one.
fn keep(shared: &Shared, digest: &str, info: &PackInfo, component: &Component) {
    let Some(cache) = &shared.cache else { return };
    match (wire::write(digest, info), component.serialize()) {
        (Ok(description), Ok(artifact)) => cache.put(digest, &Entry { description, artifact }),
        (description, artifact) => tracing::debug!(
            description = description.is_ok(),
            artifact = artifact.is_ok(),
            "a compiled pack cannot be written down"
        ),
    }
}

/// `sha256:` and the digest of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
