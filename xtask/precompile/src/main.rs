//! `xtask-precompile ID MODULE OUT`: makes the three files of a built-in pack that the CLI embeds.
//!
//! From the core module of a pack it writes, into the folder OUT:
//!
//! - `ID.wasm`, the component, which is what the pack's digest is of;
//! - `ID.cwasm`, its machine code for the baseline CPU of this platform;
//! - `ID.json`, what the pack says of itself, so that listing rules runs no guest.
//!
//! A program of its own, and not a part of `xtask`, because it needs wasmtime: so `xtask` is there in
//! seconds, and wasmtime is compiled with the same features as for the CLI.

#![expect(clippy::disallowed_methods, reason = "a build step reads and writes files")]

use std::borrow::Cow;
use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use verdikt_runtime::{PackSource, Runtime, RuntimeOptions, componentize, precompile};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask-precompile: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [id, module, out] = arguments.as_slice() else {
        bail!("expected three arguments: ID MODULE OUT");
    };
    let id = id.to_str().context("the pack's id is not UTF-8")?;
    let (module, out) = (Path::new(module), Path::new(out));

    let core = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let component = componentize(&core).with_context(|| format!("{} is no rule pack", module.display()))?;
    check_id(id, &component)?;
    let made = precompile(&component).with_context(|| format!("cannot compile the pack {id} ahead of time"))?;

    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    write_if_changed(&out.join(format!("{id}.wasm")), &component)?;
    write_if_changed(&out.join(format!("{id}.cwasm")), &made.artifact)?;
    write_if_changed(&out.join(format!("{id}.json")), made.description.as_bytes())
}

/// A pack's folder, its files and what it calls itself are one name: users select rules by it.
fn check_id(id: &str, component: &[u8]) -> Result<()> {
    let runtime = Runtime::new(RuntimeOptions::default())?;
    let source = PackSource { name: format!("pack {id}"), wasm: Cow::Borrowed(component), precompiled: None };
    let pack = runtime.load(source)?;
    let stated = &pack.info().id;
    ensure!(stated == id, "the pack in the folder {id} calls itself {stated}: the two names must be the same");
    Ok(())
}

/// Leaves a file that has this content alone: its date decides whether cargo builds the CLI again.
fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(());
    }
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}
