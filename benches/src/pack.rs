//! The built-in packs, as `cargo xtask packs` left them.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use verdikt_engine::runtime::{PackSource, Precompiled};

/// The files of a built pack. They live as long as the program, as those that the CLI embeds do.
pub struct BuiltPack {
    name: String,
    wasm: &'static [u8],
    precompiled: Precompiled,
}

impl BuiltPack {
    /// As the CLI embeds it: with its machine code.
    pub fn precompiled(&self) -> PackSource<'static> {
        PackSource { precompiled: Some(self.precompiled), ..self.component() }
    }

    /// As a pack that a person hands over: to be compiled.
    pub fn component(&self) -> PackSource<'static> {
        PackSource { name: self.name.clone(), wasm: Cow::Borrowed(self.wasm), precompiled: None }
    }
}

/// Reads the pack `workload`.
///
/// # Errors
/// When it has not been built.
pub fn workload_pack() -> Result<BuiltPack> {
    read("workload")
}

/// Reads all packs, in the order of their names.
///
/// # Errors
/// When none has been built.
#[expect(clippy::disallowed_methods, reason = "benchmarks read what xtask built")]
pub fn built_packs() -> Result<Vec<BuiltPack>> {
    let entries = fs::read_dir(folder()).context("no pack is built; run `cargo xtask packs`")?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.context("the folder of packs cannot be read")?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    names.iter().map(|name| read(name)).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/packs")
}

#[expect(clippy::disallowed_methods, reason = "benchmarks read what xtask built")]
fn read(name: &str) -> Result<BuiltPack> {
    let path = |extension| folder().join(format!("{name}.{extension}"));
    let missing = || format!("the pack `{name}` is not built; run `cargo xtask packs`");
    Ok(BuiltPack {
        name: name.to_owned(),
        wasm: fs::read(path("wasm")).with_context(missing)?.leak(),
        precompiled: Precompiled {
            artifact: fs::read(path("cwasm")).with_context(missing)?.leak(),
            description: fs::read_to_string(path("json")).with_context(missing)?.leak(),
        },
    })
}

/// A rule's settings when nobody sets any: the defaults of its schema.
pub fn default_settings(schema: Option<&str>) -> String {
    let schema: Value = schema.and_then(|schema| serde_json::from_str(schema).ok()).unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    let defaults = properties.into_iter().flatten().filter_map(|(key, property)| {
        let default = property.get("default")?;
        Some((key.clone(), default.clone()))
    });
    Value::Object(defaults.collect::<Map<_, _>>()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_come_from_the_schema() {
        let schema = r#"{"type": "object", "properties": {"a": {"default": [1]}, "b": {"type": "string"}}}"#;
        assert_eq!(default_settings(Some(schema)), r#"{"a":[1]}"#);
        assert_eq!(default_settings(None), "{}");
    }
}
