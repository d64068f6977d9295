//! Puts into the binary what it carries: the built-in packs, and the SDK that `pack new` writes.
//!
//! It compiles nothing: `cargo xtask packs` fills `target/packs` before. Without packs the binary is
//! built all the same and says so when it runs.

#![expect(clippy::disallowed_methods, reason = "a build script reads and writes files where Cargo says")]

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// What of the SDK's folder a project needs to build against it.
const SDK_PARTS: [&str; 3] = ["README.md", "src", "wit"];

/// Sections of the SDK's manifest that only its own tests need.
const SDK_OWN_SECTIONS: [&str; 3] = ["dev-dependencies", "lints", "bench"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(out.join("packs.rs"), packs(&root)?)?;
    fs::write(out.join("sdk.rs"), sdk(&root, &out)?)?;
    Ok(())
}

/// A table of the packs in `target/packs`, or in `VERDIKT_PACKS_DIR`: `<id>.wasm` with what was made
/// of it ahead of time, `<id>.cwasm` and `<id>.json`.
fn packs(root: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=VERDIKT_PACKS_DIR");
    let folder = env::var_os("VERDIKT_PACKS_DIR").map_or_else(|| root.join("target/packs"), PathBuf::from);
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut text =
        "/// The packs in this binary, in alphabetical order.\npub(crate) static BUILTIN: &[EmbeddedPack] = &[\n"
            .to_owned();
    for wasm in files_with(&folder, "wasm")? {
        let id = wasm.file_stem().and_then(|stem| stem.to_str()).ok_or("a pack's file name is not UTF-8")?;
        let (artifact, description) = (wasm.with_extension("cwasm"), wasm.with_extension("json"));
        for file in [&artifact, &description] {
            if !file.is_file() {
                return Err(format!("{} is missing; `cargo xtask packs` makes it", file.display()).into());
            }
        }
        writeln!(
            text,
            "EmbeddedPack {{ id: {id:?}, wasm: include_bytes!({wasm:?}), artifact: include_bytes!({artifact:?}), description: include_str!({description:?}) }},"
        )?;
    }
    text.push_str("];\n");
    Ok(text)
}

/// The files of a folder with an extension, sorted; none when there is no folder.
fn files_with(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A table of the SDK's files, with a manifest that needs no workspace around it.
fn sdk(root: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    let folder = root.join("sdk/rust");
    let manifest = out.join("sdk-Cargo.toml");
    println!("cargo::rerun-if-changed={}", root.join("Cargo.toml").display());
    println!("cargo::rerun-if-changed={}", folder.join("Cargo.toml").display());
    fs::write(&manifest, standalone(&folder.join("Cargo.toml"), &root.join("Cargo.toml"))?)?;
    let mut files = vec![("Cargo.toml".to_owned(), manifest)];
    for part in SDK_PARTS {
        let path = folder.join(part);
        println!("cargo::rerun-if-changed={}", path.display());
        collect(&path, part, &mut files)?;
    }
    let license = root.join("LICENSE");
    println!("cargo::rerun-if-changed={}", license.display());
    files.push(("LICENSE".to_owned(), license));
    files.sort();
    let mut text =
        "/// Paths and texts of the SDK of this version.\npub(crate) static SDK: &[(&str, &str)] = &[\n".to_owned();
    for (name, path) in files {
        writeln!(text, "({name:?}, include_str!({:?})),", fs::canonicalize(path)?)?;
    }
    text.push_str("];\n");
    Ok(text)
}

/// Files below a path, links followed: `wit` is one. The names are those in the SDK's folder, with
/// `/` between their parts.
fn collect(path: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    if path.is_file() {
        files.push((name.to_owned(), path.to_owned()));
    } else if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let below = entry.file_name().into_string().map_err(|_| "a file name of the SDK is not UTF-8")?;
            collect(&entry.path(), &format!("{name}/{below}"), files)?;
        }
    }
    Ok(())
}

/// The manifest with everything that it inherits from the workspace written out.
fn standalone(manifest: &Path, workspace: &Path) -> Result<String, Box<dyn Error>> {
    let mut manifest: Table = fs::read_to_string(manifest)?.parse()?;
    let workspace: Table = fs::read_to_string(workspace)?.parse()?;
    let workspace = workspace.get("workspace").and_then(Value::as_table).ok_or("no [workspace]")?;
    for section in SDK_OWN_SECTIONS {
        manifest.remove(section);
    }
    for (section, source) in [("package", "package"), ("dependencies", "dependencies")] {
        let Some(entries) = manifest.get_mut(section).and_then(Value::as_table_mut) else { continue };
        let source =
            workspace.get(source).and_then(Value::as_table).ok_or("the workspace defines nothing to inherit")?;
        for (name, value) in entries.iter_mut() {
            let Some(own) = value.as_table().filter(|own| own.get("workspace") == Some(&Value::Boolean(true))) else {
                continue;
            };
            let mut inherited = source.get(name).ok_or_else(|| format!("the workspace has no `{name}`"))?.clone();
            let own: Vec<(String, Value)> = own
                .iter()
                .filter(|(key, _)| *key != "workspace")
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            if !own.is_empty() {
                if let Value::String(version) = inherited {
                    inherited = Value::Table(Table::from_iter([("version".to_owned(), Value::String(version))]));
                }
                let table = inherited.as_table_mut().ok_or_else(|| format!("`{name}` is no dependency"))?;
                // Features add up, everything else is overridden.
                for (key, value) in own {
                    match (table.get_mut(&key).and_then(Value::as_array_mut), value) {
                        (Some(inherited), Value::Array(own)) => inherited.extend(own),
                        (_, value) => {
                            table.insert(key, value);
                        }
                    }
                }
            }
            *value = inherited;
        }
    }
    Ok(format!(
        "# Verdikt's SDK, as `verdikt pack new` wrote it. Do not edit: a newer Verdikt writes it anew.\n{manifest}"
    ))
}
