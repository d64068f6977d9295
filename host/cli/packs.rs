//! Where the rules of a run come from: the packs in this binary, and those of `--pack`.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use verdikt_engine::runtime::{Limits, PackSource, Precompiled};
use verdikt_engine::{Engine, EngineBuilder};

use crate::args::PackArgs;
use crate::options::Environment;

/// A pack that was compiled ahead of time into this binary.
pub(crate) struct EmbeddedPack {
    pub(crate) id: &'static str,
    pub(crate) wasm: &'static [u8],
    /// Machine code for the platform that this binary is for.
    pub(crate) artifact: &'static [u8],
    /// What the pack says of itself, so that it need not be asked.
    pub(crate) description: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/packs.rs"));

/// How to get a build with packs.
const HOW_TO_BUILD: &str = "`cargo xtask demo` in the repository builds them, and this binary with them";

/// An engine with every pack that the arguments name. Packs that cannot be used are
/// [problems](Engine::problems) of it.
///
/// # Errors
/// When a pack's file cannot be read, or when there is no pack at all.
pub(crate) fn engine(args: &PackArgs, environment: &Environment, jobs: Option<u16>) -> Result<Engine> {
    let mut builder = Engine::builder().cache(environment.cache.clone());
    if let Some(jobs) = jobs {
        builder = builder.jobs(jobs.into());
    }
    if !args.no_builtin {
        builder = BUILTIN.iter().fold(builder, |builder, pack| builder.pack(embedded(pack)));
    }
    let files = files(&args.pack)?;
    if files.is_empty() && (args.no_builtin || BUILTIN.is_empty()) {
        if args.no_builtin {
            bail!("no rules to run: --no-builtin leaves the built-in packs out, and no --pack names another");
        }
        bail!("no rules to run: this build has no built-in packs, and no --pack names one; {HOW_TO_BUILD}");
    }
    if BUILTIN.is_empty() && !args.no_builtin {
        eprintln!("warning: this build has no built-in packs; {HOW_TO_BUILD} (--no-builtin silences this)");
    }
    let builder = files.iter().try_fold(builder, |builder, file| add(builder, file))?;
    builder.build().context("cannot start the engine")
}

fn embedded(pack: &'static EmbeddedPack) -> PackSource<'static> {
    PackSource {
        name: format!("built-in pack {}", pack.id),
        wasm: Cow::Borrowed(pack.wasm),
        precompiled: Some(Precompiled { artifact: pack.artifact, description: pack.description }),
    }
}

fn add<'a>(builder: EngineBuilder<'a>, file: &Path) -> Result<EngineBuilder<'a>> {
    Ok(builder.pack(PackSource { name: file.display().to_string(), wasm: Cow::Owned(read(file)?), precompiled: None }))
}

/// At most one byte more than a pack may have: the engine says what is wrong with a larger one.
fn read(file: &Path) -> Result<Vec<u8>> {
    let context = || format!("cannot read the pack {}", file.display());
    let limit = Limits::default().component_size as u64 + 1;
    let mut wasm = Vec::new();
    File::open(file).with_context(context)?.take(limit).read_to_end(&mut wasm).with_context(context)?;
    Ok(wasm)
}

/// The files that `--pack` names: a folder stands for every `*.wasm` in it, sorted.
fn files(stated: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in stated {
        let kind = fs::metadata(path).with_context(|| format!("cannot read --pack {}", path.display()))?;
        if kind.is_file() {
            files.push(path.clone());
        } else if kind.is_dir() {
            let found = folder(path).with_context(|| format!("cannot read --pack {}", path.display()))?;
            if found.is_empty() {
                bail!("--pack {} has no rule packs: no file there ends in .wasm", path.display());
            }
            files.extend(found);
        } else {
            bail!("--pack {} is neither a file nor a folder", path.display());
        }
    }
    Ok(files)
}

fn folder(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "wasm") && file.is_file() {
            found.push(file);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stands_for_its_packs_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["b.wasm", "a.wasm", "c.txt"] {
            fs::write(path(name), "").unwrap();
        }
        fs::create_dir(path("d.wasm")).unwrap();
        let found = files(&[path("c.txt"), folder.path().to_owned()]).unwrap();
        assert_eq!(found, [path("c.txt"), path("a.wasm"), path("b.wasm")]);
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none.wasm");
        assert!(format!("{:#}", files(&[missing]).unwrap_err()).contains("none.wasm"));
        assert!(files(&[folder.path().to_owned()]).unwrap_err().to_string().contains("no rule packs"));
    }

    #[test]
    fn embedded_packs_are_complete() {
        for pack in BUILTIN {
            assert!(pack.wasm.starts_with(b"\0asm"), "{}", pack.id);
            assert!(!pack.artifact.is_empty() && !pack.description.is_empty(), "{}", pack.id);
        }
    }
}
