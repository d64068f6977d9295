//! What `kubectl` makes of manifests, without a cluster.
//!
//! `kubectl annotate --local` reads objects as every command of kubectl does, with sigs.k8s.io/yaml,
//! changes nothing but one annotation and knows no types that would fill in defaults. So it is the
//! shortest way from a manifest to what a cluster would be sent.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Deserializer, Value};

use crate::support::normal;

/// The annotation that is set and taken away again.
const MARK: &str = "verdikt.dev/read-by-kubectl";

/// The objects of all files below folders of `cwd`; files that kubectl refuses have none. `None` where
/// there is no kubectl.
pub fn objects(folders: &[&str], cwd: &Path) -> Option<Vec<Value>> {
    let mark = format!("{MARK}=yes");
    let fixed = ["annotate", "--local", "--overwrite", "-o", "json", &mark, "-R"];
    let arguments = fixed.into_iter().chain(folders.iter().flat_map(|folder| ["-f", folder]));
    let output = run(arguments, cwd)?;
    let text = String::from_utf8(output.stdout).unwrap();
    let objects = Deserializer::from_str(&text).into_iter::<Value>();
    Some(objects.map(|object| declared(object.unwrap())).collect())
}

/// What kubectl reads at `spec` of each of these [objects](object), numbered in order; `None` for
/// those that it refuses. `None` where there is no kubectl.
pub fn specs(texts: &[impl AsRef<str>]) -> Option<Vec<Option<Value>>> {
    let folder = tempfile::tempdir().unwrap();
    for (index, text) in texts.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.yaml")), text.as_ref()).unwrap();
    }
    let mut specs = vec![None; texts.len()];
    for mut object in objects(&["."], folder.path())? {
        let index: usize = object["metadata"]["name"].as_str().unwrap().trim_start_matches("case-").parse().unwrap();
        specs[index] = Some(object["spec"].take());
    }
    Some(specs)
}

/// An object of a kind that nobody knows, whose `spec` is what follows the colon.
pub fn object(number: usize, spec: &str) -> String {
    format!("apiVersion: verdikt.dev/v1\nkind: Case\nmetadata: {{name: case-{number}}}\nspec:{spec}\n")
}

/// Runs kubectl without a configuration. `None`, and a line that says so, where there is none.
pub fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>, cwd: &Path) -> Option<Output> {
    let mut command = Command::new("kubectl");
    command.args(arguments).env("KUBECONFIG", "/dev/null").current_dir(cwd).stdin(Stdio::null());
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            println!("skipped: kubectl cannot be run: {error}");
            None
        }
    }
}

/// An object as both sides must have it: without the mark, without what a cluster writes, and
/// without the maps that this leaves empty.
pub fn declared(object: Value) -> Value {
    let mut object = normal(object);
    let Some(members) = object.as_object_mut() else { return object };
    members.shift_remove("status");
    if let Some(metadata) = members.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("managedFields");
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.shift_remove(MARK);
        }
        drop_empty(metadata, "annotations");
    }
    drop_empty(members, "metadata");
    object
}

fn drop_empty(members: &mut serde_json::Map<String, Value>, key: &str) {
    let is_empty = |value: &Value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
    if members.get(key).is_some_and(is_empty) {
        members.shift_remove(key);
    }
}
