//! The versions of the interface that this host speaks: one file each, behind one trait.
//!
//! A component says its version by the name of the interface that it exports, so the adapter is
//! chosen before anything is compiled or started. Within 0.1.x the types are frozen; a later 0.1.x
//! can only have more functions for packs to import.

mod v0_1;

use semver::Version;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use verdikt_model::Document;

use crate::answer::{RawFinding, RawPack};
use crate::evaluate::Activation;
use crate::fault::Failure;
use crate::state::State;

/// The interface that every pack exports, up to its version.
pub(crate) const PACK_INTERFACE: &str = "verdikt:policy/pack@";
/// What packs may import from.
pub(crate) const PACKAGE: &str = "verdikt:policy/";
/// The newest version that this host knows, patch included.
pub(crate) const NEWEST: Version = Version::new(0, 1, 0);

/// A pack that is ready to be called. Each call gets a fresh store, so that nothing is left over
/// from the call before.
pub(crate) trait Adapter: Send + Sync {
    fn describe(&self, store: &mut Store<State>) -> Result<RawPack, Failure>;

    /// The inner error is the guest's own: it refuses the request.
    fn evaluate(
        &self,
        store: &mut Store<State>,
        request: &Request<'_>,
    ) -> Result<Result<Vec<RawFinding>, String>, Failure>;
}

/// What a guest is asked, without a copy of anything.
pub(crate) struct Request<'a> {
    pub(crate) rules: Vec<&'a Activation>,
    /// Each with its body; that is empty for inventory rules, which read through the inventory.
    pub(crate) documents: Vec<(&'a Document, &'a str)>,
}

/// A version of the interface that has an adapter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    V0_1,
}

/// What the exported names say about the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Detected {
    Known(Interface, Version),
    /// Made for a later Verdikt.
    Newer(Version),
    /// A version that was never released.
    Unreleased(Version),
    /// No pack at all.
    None,
}

/// Tells the version by the exported names. Of several known versions the newest counts.
pub(crate) fn detect<'a>(exports: impl IntoIterator<Item = &'a str>) -> Detected {
    let versions = exports.into_iter().filter_map(|name| Version::parse(name.strip_prefix(PACK_INTERFACE)?).ok());
    let mut unknown = Detected::None;
    let mut known: Option<Version> = None;
    for version in versions {
        if version.major == 0 && version.minor == 1 && version.pre.is_empty() {
            known = known.max(Some(version));
        } else if version > NEWEST {
            unknown = Detected::Newer(version);
        } else {
            unknown = Detected::Unreleased(version);
        }
    }
    known.map_or(unknown, |version| Detected::Known(Interface::V0_1, version))
}

/// The host's side of every version. Nothing else is ever linked: no WASI, no clock, no randomness.
pub(crate) struct Linkers {
    v0_1: Linker<State>,
}

impl Linkers {
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        Ok(Linkers { v0_1: v0_1::linker(engine)? })
    }

    /// Links a component. The types of functions are compared only when it is instantiated.
    pub(crate) fn bind(&self, interface: Interface, component: &Component) -> wasmtime::Result<Box<dyn Adapter>> {
        match interface {
            Interface::V0_1 => v0_1::bind(&self.v0_1, component),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_by_the_exported_name() {
        let known = |version: &str| Detected::Known(Interface::V0_1, Version::parse(version).unwrap());
        let cases: &[(&[&str], Detected)] = &[
            (&["verdikt:policy/pack@0.1.0"], known("0.1.0")),
            (&["other:thing/x@1.0.0", "verdikt:policy/pack@0.1.7"], known("0.1.7")),
            (&["verdikt:policy/pack@0.1.0", "verdikt:policy/pack@0.2.0"], known("0.1.0")),
            (&["verdikt:policy/pack@0.2.0"], Detected::Newer(Version::new(0, 2, 0))),
            (&["verdikt:policy/pack@1.0.0"], Detected::Newer(Version::new(1, 0, 0))),
            (&["verdikt:policy/pack@0.0.9"], Detected::Unreleased(Version::new(0, 0, 9))),
            (&["verdikt:policy/pack@0.1.0-draft"], Detected::Unreleased(Version::parse("0.1.0-draft").unwrap())),
            (&["verdikt:policy/pack@latest"], Detected::None),
            (&["verdikt:policy/pack"], Detected::None),
            (&["wasi:cli/run@0.2.0"], Detected::None),
            (&[], Detected::None),
        ];
        for (exports, expected) in cases {
            assert_eq!(detect(exports.iter().copied()), *expected, "{exports:?}");
        }
    }
}
