//! `kubectl kustomize` reads manifests and writes them anew: what we read before and after is the
//! same.
//!
//! Kustomize orders keys and documents, drops comments, resolves anchors and writes numbers in a form
//! of its own; none of that has a meaning. But it reads YAML in its own way (sigs.k8s.io/kustomize/kyaml
//! on a copy of go-yaml v3), and what it takes for something else than a cluster does is left out
//! here: `yes` and the like are strings to it, dates become timestamps, keys must be strings, and
//! nothing in a flow collection is an empty string. It writes line separators as they are, which ends
//! lines, one line break too many behind some texts that end with several, and no tag `!`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use verdikt_input::{Input, LoadOptions, Loaded, load};
use verdikt_model::Platform;

use crate::generate;
use crate::kubectl;
use crate::support::{Wrong, files, sample, sorted, value};

/// What the fixtures do not have: every style of scalars, anchors, merge keys, a list of objects.
const MANIFEST: &str = r#"# A comment.
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  labels: {app: shop, 'tier': "web"}
data:
  plain: text with spaces # and a comment
  lines: one
    two

    three
  single: 'it''s'
  double: "a\tb\u00e9 \
    c"
  literal: |
    a: b
      c

  kept: |+
    d

  folded: >-
    e
    f

    g
  "quoted key": "0x1F"
  ? explicit
  : 'yes'
---
apiVersion: example.com/v1
kind: Settings
metadata:
  name: numbers
  annotations: {<<: &notes {note: "1"}, more: "2"}
  labels: *notes
base: &base
  a: 1
  b: {c: 0x1F, d: 017, e: 1_000}
spec:
  - <<: *base
    a: 2
  - *base
  - {<<: [*base, {z: 1}], b: null}
  - -
    - - .5
    - [1e3, 1.0, -0, 12345678901234567, 99999999999999999999, ~, true, "true", "1", !!str 12, !!float 1]
...
---
# Nothing.
---
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 80, "targetPort": "http"}]}},
  {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "b"}, "spec": {"ports": []}}
]}
"#;

const MANIFEST_NAME: &str = "the manifest of this test";

/// The objects of a text: bodies by kind and address.
fn objects(text: &str) -> BTreeMap<String, Vec<String>> {
    let loaded: Loaded = load(&LoadOptions {
        inputs: vec![Input::Text { path: "manifest.yaml".into(), bytes: text.into() }],
        ..LoadOptions::default()
    });
    let mut objects: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for document in loaded.documents.iter().filter(|document| document.platform == Platform::Kubernetes) {
        let body: Value = kubectl::declared(value(document.tree.node(document.root)));
        objects.entry(format!("{} {}", document.kind, document.address)).or_default().push(sorted(body).to_string());
    }
    objects.values_mut().for_each(|bodies| bodies.sort());
    objects
}

/// What kustomize makes of some files. `None` where there is no kubectl.
fn kustomize(texts: &[&str]) -> Option<Result<String, String>> {
    let folder = tempfile::tempdir().unwrap();
    let mut kustomization = String::from("resources:\n");
    for (index, text) in texts.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.yaml")), text).unwrap();
        kustomization.push_str(&format!("- {index}.yaml\n"));
    }
    fs::write(folder.path().join("kustomization.yaml"), kustomization).unwrap();
    let output = kubectl::run(["kustomize", "."], folder.path())?;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Some(if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) })
}

/// Whether a text has what kustomize takes for something else than a cluster does, or writes so.
fn is_read_otherwise(text: &str) -> bool {
    const OTHERWISE: [&str; 9] = ["yes", "on", "Off", "2001-01-01", "10", "11", "12", "13", "14"];
    let is_end = |character: char| character.is_whitespace() || ":,[]{}#".contains(character);
    let nothing = |rest: &str| rest.trim_start().starts_with([',', '}']);
    text.split(is_end).any(|word| OTHERWISE.contains(&word))
        || text.split(':').skip(1).any(nothing)
        || ["\\N", "\\L", "+", "! "].iter().any(|written| text.contains(written))
}

#[test]
fn manifests_are_the_same_before_and_after() {
    let mut wrong = Wrong::default();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut texts = vec![(MANIFEST_NAME.to_owned(), MANIFEST.to_owned())];
    for folder in ["examples/kubernetes", "rules-wasm/workload/fixtures"] {
        for path in files(&repository.join(folder)) {
            texts.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
        }
    }
    let mut compared = 0;
    for (name, text) in &texts {
        let before = objects(text);
        if before.is_empty() || (name != MANIFEST_NAME && is_read_otherwise(text)) {
            continue;
        }
        match kustomize(&[text]) {
            None => return,
            Some(Ok(after)) => {
                wrong.check(&objects(&after), &before, name);
                compared += before.len();
            }
            // Some fixtures are wrong on purpose, and kustomize reads references in them; some are no objects
            // of a cluster.
            Some(Err(error))
                if name != MANIFEST_NAME
                    && ["name reference", "missing metadata.name"].iter().any(|why| error.contains(why)) => {}
            Some(Err(error)) => panic!("{name}: {error}"),
        }
    }
    wrong.must_be_empty();
    assert!(compared > 40, "{compared}");
}

#[test]
fn generated_manifests_are_the_same_before_and_after() {
    let texts = (0..600).map(|number| sample(&generate::documents(number), number).text);
    let texts: Vec<String> = texts.filter(|text| !is_read_otherwise(text)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert!(texts.len() > 100, "{}", texts.len());
    let Some(after) = kustomize(&texts) else { return };
    let after = objects(&after.unwrap());
    let mut wrong = Wrong::default();
    let mut before = BTreeMap::new();
    texts.iter().for_each(|text| before.extend(objects(text)));
    for (address, bodies) in &before {
        wrong.check(&after.get(address), &Some(bodies), address);
    }
    wrong.must_be_empty();
}
