//! Which documents an override is about.

use std::path::{Component, Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};
use verdikt_model::{Document, NodeRef};

use super::reader::Reader;

/// The members of an override that choose documents.
pub(crate) const MEMBERS: [&str; 5] = ["files", "namespaces", "kinds", "names", "addresses"];

/// A document passes when each list that is stated has a pattern that matches it.
#[derive(Clone, Debug, Default)]
pub(crate) struct DocumentFilter {
    /// In the order of [`MEMBERS`]; `None` where nothing is stated.
    patterns: [Option<Patterns>; MEMBERS.len()],
}

/// One list of patterns.
#[derive(Clone, Debug)]
struct Patterns {
    texts: Vec<String>,
    set: GlobSet,
}

impl DocumentFilter {
    /// Reads the members of an override that choose documents. There must be one: what is meant for
    /// every document is no override.
    pub(crate) fn read(reader: &mut Reader<'_>, map: NodeRef<'_>) -> Option<DocumentFilter> {
        let mut filter = DocumentFilter::default();
        let mut stated = false;
        for (member, place) in MEMBERS.iter().zip(&mut filter.patterns) {
            let Some(node) = map.get_present(member) else { continue };
            stated = true;
            *place = patterns(reader, node, member);
        }
        if !stated {
            let place = map.keyed_entries().next().map_or_else(|| map.span(), |(_, span, _)| span);
            let message = "An override says which documents it is about, by `files`, `namespaces`, `kinds`, `names` or \
                           `addresses`; what is meant for all belongs under `rules`.";
            reader.problem(place, message);
            return None;
        }
        Some(filter)
    }

    /// `path` is that of the document's file, relative to the folder of the config.
    pub(crate) fn matches(&self, document: &Document, path: &str) -> bool {
        let namespace = document.namespace.as_deref();
        let values: [&[&str]; MEMBERS.len()] = [
            &[path, path.rsplit('/').next().unwrap_or(path)],
            namespace.as_slice(),
            &[&document.kind],
            &[&document.name],
            &[&document.address],
        ];
        self.patterns
            .iter()
            .zip(values)
            .all(|(patterns, values)| patterns.as_ref().is_none_or(|it| values.iter().any(|value| it.is_match(value))))
    }

    /// Each list that is stated: its member and its patterns.
    pub(crate) fn stated(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        let lists = MEMBERS.iter().zip(&self.patterns);
        lists.filter_map(|(member, patterns)| Some((*member, patterns.as_ref()?.texts.as_slice())))
    }
}

impl Patterns {
    /// A text matches itself as well: Terraform writes `this[0]`, which as a pattern is `this0`.
    fn is_match(&self, value: &str) -> bool {
        self.set.is_match(value) || self.texts.iter().any(|text| text == value)
    }
}

fn patterns(reader: &mut Reader<'_>, node: NodeRef<'_>, what: &str) -> Option<Patterns> {
    if node.is_list() && node.items().len() == 0 {
        reader.problem(node.span(), format!("`{what}` is an empty list, so the override would match nothing."));
        return None;
    }
    let globs: Vec<Glob> = globs(reader, node, what).into_iter().map(|(glob, _)| glob).collect();
    let texts = globs.iter().map(|glob| glob.glob().to_owned()).collect();
    Some(Patterns { texts, set: set(reader, node, what, globs)? })
}

/// One pattern or a list of them, each with its node.
pub(crate) fn globs<'n>(reader: &mut Reader<'_>, node: NodeRef<'n>, what: &str) -> Vec<(Glob, NodeRef<'n>)> {
    let items = if node.is_list() { node.items().collect() } else { vec![node] };
    items.into_iter().filter_map(|item| Some((reader.glob(item, what)?, item))).collect()
}

/// Several patterns as one matcher.
pub(crate) fn set(
    reader: &mut Reader<'_>,
    node: NodeRef<'_>,
    what: &str,
    globs: impl IntoIterator<Item = Glob>,
) -> Option<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(glob);
    }
    match builder.build() {
        Ok(set) => Some(set),
        Err(error) => {
            reader.problem(node.span(), format!("The patterns of `{what}` cannot be used together: {error}."));
            None
        }
    }
}

/// A path as patterns see it: relative to `folder` where it is below, else absolute; `/` between
/// its parts. Nothing is looked up: `path` is taken from `cwd` as it is written.
pub(crate) fn relative_to(folder: &Path, cwd: &Path, path: &str) -> String {
    let absolute = plain(&cwd.join(path));
    let relative = absolute.strip_prefix(folder).unwrap_or(&absolute);
    relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            _ => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_from_the_folder_of_the_config() {
        for (folder, cwd, path, expected) in [
            ("/repo", "/repo", "legacy/a.yaml", "legacy/a.yaml"),
            ("/repo", "/repo/legacy", "a.yaml", "legacy/a.yaml"),
            ("/repo", "/repo/apps", "../legacy/./a.yaml", "legacy/a.yaml"),
            ("/repo/apps", "/repo", "legacy/a.yaml", "/repo/legacy/a.yaml"),
            ("/repo", "/elsewhere", "/repo/a.yaml", "a.yaml"),
            ("/repo", "/repo", "<stdin>", "<stdin>"),
        ] {
            assert_eq!(relative_to(Path::new(folder), Path::new(cwd), path), expected, "{path} in {cwd}");
        }
    }
}
