//! Where `terraform init` has put the modules that are not local: `.terraform/modules/modules.json`.

use std::collections::HashMap;

use crate::files::{FileContent, Files, below};

/// Folders of installed modules by the path of calls that leads to them (`network.subnets`), as
/// `internal/modsdir/manifest.go` of Terraform writes them.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    folders: HashMap<String, String>,
}

impl Manifest {
    /// The manifest of a root; empty when there is none, and without the entries that lead out of the
    /// scanned folder.
    pub(super) fn read(files: &dyn Files, root: &str) -> Manifest {
        let read = below(root, ".terraform/modules/modules.json").and_then(|path| files.read(&path));
        let Ok(FileContent::Text { id, text }) = read else { return Manifest::default() };
        // It is no part of the configuration: one that cannot be read is as good as none.
        let json = files.parse_json(id, &text);
        let modules = json.root.and_then(|node| json.tree.node(node).get("Modules"));
        let folder = |entry: verdikt_model::NodeRef<'_>| {
            let folder = below(root, entry.str("Dir")?).ok()?;
            Some((entry.str("Key")?.to_owned(), folder))
        };
        Manifest { folders: modules.into_iter().flat_map(|modules| modules.items().filter_map(folder)).collect() }
    }

    /// The folder of the module that a path of calls leads to.
    pub(super) fn folder(&self, path: &[&str]) -> Option<&str> {
        self.folders.get(&path.join(".")).map(String::as_str)
    }
}
