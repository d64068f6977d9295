//! Places of pods in custom resources that nobody but the user knows.

use verdikt_model::{Code, Diagnostic, NodeRef};

use crate::workload::found;

/// Where the custom resources of a kind have a pod spec or a pod template, in addition to the places
/// that are known or found by their shape.
///
/// ```
/// use verdikt_input::PodSpecPath;
///
/// let path = PodSpecPath::parse("Cluster.example.com", "spec.workers.pod").unwrap();
/// assert_eq!((path.kind.as_str(), path.group.as_deref()), ("Cluster", Some("example.com")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSpecPath {
    /// `None`: of any group.
    pub group: Option<String>,
    pub kind: String,
    /// The members that lead there from the object. Of a list on the way every element counts; `*` is
    /// every member of a map.
    pub path: Vec<String>,
}

impl PodSpecPath {
    /// Reads a kind, `Kind.group` or `Kind`, and a path: members with dots between them, or a JSON
    /// Pointer for members that have dots themselves.
    ///
    /// # Errors
    /// What is wrong and what was expected, as a sentence for the user goes on.
    pub fn parse(kind: &str, path: &str) -> Result<PodSpecPath, String> {
        let is_name = !kind.contains(|character: char| character == '/' || character.is_whitespace());
        let (kind, group) = match kind.split_once('.') {
            Some((kind, group)) => (kind, Some(group)),
            None => (kind, None),
        };
        if !is_name || kind.is_empty() || group.is_some_and(str::is_empty) {
            return Err("the kind must be written as `Kind.group`, such as `Rollout.argoproj.io`, or as `Kind`".into());
        }
        let members: Vec<String> = match path.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect(),
            None => path.split('.').map(str::to_owned).collect(),
        };
        if members.iter().any(String::is_empty) {
            return Err("the path must name members with dots between them, such as `spec.worker.template`".into());
        }
        Ok(PodSpecPath { group: group.map(str::to_owned), kind: kind.to_owned(), path: members })
    }

    /// Whether an object of this kind is meant.
    fn fits(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group.as_deref().is_none_or(|own| own == group)
    }

    /// The nodes at the end of the path.
    fn ends<'a>(&self, object: NodeRef<'a>) -> Vec<NodeRef<'a>> {
        let mut nodes = vec![object];
        for member in &self.path {
            let next = nodes.into_iter().flat_map(through_lists);
            nodes = if member == "*" {
                next.flat_map(|node| node.entries().map(|(_, member)| member)).collect()
            } else {
                next.filter_map(|node| node.get(member)).collect()
            };
        }
        nodes.into_iter().flat_map(through_lists).filter(|node| !node.is_null()).collect()
    }
}

/// A node, or the elements of one that is a list.
fn through_lists(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    if node.is_list() { node.items().collect() } else { vec![node] }
}

/// A pod at a configured place.
pub(super) struct Configured<'a> {
    pub(super) metadata: Option<NodeRef<'a>>,
    pub(super) spec: NodeRef<'a>,
}

/// The pods of an object that configured paths lead to. An object need not have them; something else
/// in their place is a mistake in the object or in the configuration, and is reported.
pub(super) fn configured<'a>(
    paths: &[PodSpecPath],
    object: NodeRef<'a>,
    group: &str,
    kind: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Configured<'a>> {
    let mut pods = Vec::new();
    for path in paths.iter().filter(|path| path.fits(group, kind)) {
        for end in path.ends(object) {
            let template = end.get_present("spec").filter(|_| end.get("containers").is_none());
            let spec = template.unwrap_or(end);
            if spec.is_unknown() || spec.get("containers").is_some() {
                pods.push(Configured { metadata: template.and(end.get_present("metadata")), spec });
                continue;
            }
            let what = if spec.is_map() { "a map without `containers`" } else { found(spec) };
            diagnostics.push(Diagnostic::at(
                Code::WrongType,
                end.span(),
                format!(
                    "The configuration says that a {kind} has a pod spec or pod template at `{}`, but here is {what}, so \
                     that nothing was judged. Correct the path or the object.",
                    path.path.join(".")
                ),
            ));
        }
    }
    pods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read() {
        for (kind, path, expected) in [
            ("Foo.example.com", "spec.worker.pod", Some((Some("example.com"), "Foo", vec!["spec", "worker", "pod"]))),
            ("Foo", "spec.groups.*.template", Some((None, "Foo", vec!["spec", "groups", "*", "template"]))),
            ("Foo", "/spec/a.b/c~1d", Some((None, "Foo", vec!["spec", "a.b", "c/d"]))),
            ("", "spec", None),
            (".example.com", "spec", None),
            ("Foo.", "spec", None),
            ("example.com/v1/Foo", "spec", None),
            ("Foo", "", None),
            ("Foo", "spec..pod", None),
            ("Foo", "/", None),
        ] {
            let parsed = PodSpecPath::parse(kind, path).ok();
            let parsed = parsed.as_ref().map(|parsed| {
                let path: Vec<&str> = parsed.path.iter().map(String::as_str).collect();
                (parsed.group.as_deref(), parsed.kind.as_str(), path)
            });
            assert_eq!(parsed, expected, "{kind} {path}");
        }
    }
}
