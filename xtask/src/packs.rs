//! Builds the rule packs that the CLI embeds.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::guest_build;
use crate::size;
use crate::toolchain;
use crate::workspace::{Workspace, run, say};

/// A pack of the folder `rules-wasm`.
pub(crate) struct Pack {
    /// The name of its folder, and what the pack calls itself.
    pub(crate) id: String,
}

impl Pack {
    /// Its package in this workspace.
    fn package(&self) -> String {
        format!("verdikt-rules-{}", self.id)
    }
}

/// Where the files are that the CLI embeds: `<id>.wasm`, `<id>.cwasm` and `<id>.json`.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target/packs")
}

/// Every folder of `rules-wasm` that is a package made for WebAssembly, in alphabetical order. The
/// others are there for tests.
pub(crate) fn list(workspace: &Workspace) -> Result<Vec<Pack>> {
    let folder = workspace.root.join("rules-wasm");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut packs = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        let manifest = fs::read_to_string(path.join("Cargo.toml")).unwrap_or_default();
        if manifest.contains("\"cdylib\"") {
            let name = path.file_name().and_then(|name| name.to_str());
            packs.push(Pack { id: name.with_context(|| format!("{} is not UTF-8", path.display()))?.to_owned() });
        }
    }
    packs.sort_by(|left, right| left.id.cmp(&right.id));
    ensure!(!packs.is_empty(), "{} holds no pack", folder.display());
    Ok(packs)
}

/// Compiles every pack to WebAssembly and ahead of time to machine code, and holds them to their
/// size budget. Files whose content is as it was are not touched, so that the CLI is not built again.
pub(crate) fn build(workspace: &Workspace) -> Result<Vec<Pack>> {
    let packs = list(workspace)?;
    let toolchain = toolchain::ensure()?;
    // A folder of its own: the compiler may be another one than that of the host's code, and would
    // throw its results away in turns.
    let target = workspace.root.join("target/guest");
    let mut modules = Vec::new();
    for pack in &packs {
        say(&format!("compiling the pack {} to WebAssembly", pack.id));
        let module = guest_build::build(&toolchain, &workspace.root, Some(&pack.package()), "guest", &target)?;
        modules.push(module);
    }

    say("building the ahead-of-time compiler of packs (the first time, this compiles wasmtime: some minutes)");
    let precompile = workspace.build("xtask-precompile")?;
    for (pack, module) in packs.iter().zip(modules) {
        let mut command = Command::new(&precompile);
        command.arg(&pack.id).arg(module).arg(folder(workspace));
        run(command)?;
    }
    remove_stale(workspace, &packs)?;
    size::check(workspace, &packs)?;
    Ok(packs)
}

/// The CLI embeds what is in the folder, so a pack that is no longer in the source must go.
fn remove_stale(workspace: &Workspace, packs: &[Pack]) -> Result<()> {
    let folder = folder(workspace);
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let id = path.file_stem().unwrap_or_default();
        if !packs.iter().any(|pack| id == pack.id.as_str()) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
