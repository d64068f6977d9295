//! The built-in pack, as `cargo xtask packs` left it.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use verdikt_engine::runtime::{PackSource, Precompiled};

/// The files of a built pack. They live as long as the program, as those that the CLI embeds do.
pub struct BuiltPack {
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
        PackSource { name: "workload".to_owned(), wasm: Cow::Borrowed(self.wasm), precompiled: None }
    }
}

/// Reads the pack `workload`.
///
/// # Errors
/// When it has not been built.
#[expect(clippy::disallowed_methods, reason = "benchmarks read what xtask built")]
pub fn workload_pack() -> Result<BuiltPack> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/packs");
    let path = |extension| folder.join(format!("workload.{extension}"));
    let missing = "the pack `workload` is not built; run `cargo xtask packs`";
    Ok(BuiltPack {
        wasm: fs::read(path("wasm")).context(missing)?.leak(),
        precompiled: Precompiled {
            artifact: fs::read(path("cwasm")).context(missing)?.leak(),
            description: fs::read_to_string(path("json")).context(missing)?.leak(),
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
