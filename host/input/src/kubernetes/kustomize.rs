//! What a kustomization file says of the files beside it.
//!
//! A file that a kustomization lists under `patches`, `patchesStrategicMerge` or
//! `patchesJson6902` (api/types/kustomization.go of sigs.k8s.io/kustomize) looks like an object but is a
//! part of one: what it leaves out stands in the object that it patches. Reporting that as missing
//! would be a false alarm, and passing over what it states a false pass. So it is read like an object
//! and marked as a patch. Patches that stand in the kustomization itself are not read, which the coverage
//! section says.

use verdikt_model::NodeRef;

/// The files that a kustomization names, as it names them: relative to its own folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Kustomization {
    pub(crate) patches: Vec<String>,
    /// What is a whole object even where it is named as a patch too.
    pub(crate) resources: Vec<String>,
    /// Whether patches stand in it as text.
    pub(crate) has_inline_patches: bool,
}

impl Kustomization {
    /// Reads a kustomization or a component.
    pub(crate) fn of(root: NodeRef<'_>) -> Self {
        let items = |key: &str| root.get(key).into_iter().flat_map(NodeRef::items);
        let maps = || items("patches").chain(items("patchesJson6902"));
        // A patch may stand here as text, which is no path for its line breaks.
        let (inline, plain): (Vec<&str>, Vec<&str>) =
            items("patchesStrategicMerge").filter_map(NodeRef::as_str).partition(|text| text.contains('\n'));
        Kustomization {
            patches: maps().filter_map(|patch| patch.str("path")).chain(plain).map(str::to_owned).collect(),
            resources: items("resources").filter_map(NodeRef::as_str).map(str::to_owned).collect(),
            has_inline_patches: !inline.is_empty() || maps().any(|patch| patch.get_present("patch").is_some()),
        }
    }
}

/// Whether a file is a kustomization by its name or by what it says of itself. A file of one of these
/// names needs neither `apiVersion` nor `kind` (api/konfig/general.go).
pub(crate) fn is_kustomization(path: &str, root: NodeRef<'_>) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
        || root.str("apiVersion").is_some_and(|version| version.starts_with("kustomize.config.k8s.io/"))
}

/// The path of a file that a file of another path names, without `.` and `..`. `None` when it leads out
/// of what paths can say.
pub(crate) fn beside(path: &str, named: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in named.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") | None => parts.push(".."),
                Some(_) => {
                    parts.pop();
                }
            },
            part => parts.push(part),
        }
    }
    (!named.starts_with('/') && !parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_that_names_them() {
        for (path, named, expected) in [
            ("a/b/kustomization.yaml", "patch.yaml", Some("a/b/patch.yaml")),
            ("a/b/kustomization.yaml", "./x//patch.yaml", Some("a/b/x/patch.yaml")),
            ("a/b/kustomization.yaml", "../base/patch.yaml", Some("a/base/patch.yaml")),
            ("kustomization.yaml", "../../patch.yaml", Some("../../patch.yaml")),
            ("../k/kustomization.yaml", "../patch.yaml", Some("../patch.yaml")),
            ("/r/kustomization.yaml", "patch.yaml", Some("/r/patch.yaml")),
            ("kustomization.yaml", "/etc/patch.yaml", None),
            ("kustomization.yaml", ".", None),
        ] {
            assert_eq!(beside(path, named).as_deref(), expected, "{named} in {path}");
        }
    }
}
