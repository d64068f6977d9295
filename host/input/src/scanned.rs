//! Folders that were scanned, for whoever asks what is not there any more.

use std::io;
use std::path::Path;
use std::sync::Arc;

use cap_std::fs::Dir;

/// A folder that a scan walked. It can say whether a file is still there that the scan did not meet:
/// what an ignore file or `--exclude` hides has not gone.
#[derive(Clone, Debug)]
pub struct ScannedFolder {
    identity: String,
    folder: Arc<Dir>,
}

impl ScannedFolder {
    pub(crate) fn new(identity: String, folder: Arc<Dir>) -> Self {
        ScannedFolder { identity, folder }
    }

    /// The path that the identities of its files begin with; empty for the root of a repository and
    /// for a folder that is in none.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The rest of a path behind this folder; `None` for one that is not below it.
    pub fn below<'a>(&self, identity: &'a str) -> Option<&'a str> {
        if self.identity.is_empty() {
            return (!identity.starts_with('/')).then_some(identity);
        }
        identity.strip_prefix(self.identity.as_str())?.strip_prefix('/')
    }

    /// Whether a file of this [identity](verdikt_model::Source::identity) is below the folder; `None`
    /// when it would not be. What cannot be looked at counts as being there.
    pub fn holds(&self, identity: &str) -> Option<bool> {
        let relative = self.below(identity)?;
        Some(match self.folder.symlink_metadata(Path::new(relative)) {
            Ok(_) => true,
            Err(error) => !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
        })
    }
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;

    use super::*;

    #[test]
    fn a_folder_knows_what_is_below_it_and_there() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Arc::new(Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap());
        dir.write("a.yaml", "").unwrap();
        for (prefix, identity, expected) in [
            ("", "a.yaml", Some(true)),
            ("", "b.yaml", Some(false)),
            ("", "a.yaml/b.yaml", Some(false)),
            ("", "/etc/passwd", None),
            ("k8s", "k8s/a.yaml", Some(true)),
            ("k8s", "k8s/b.yaml", Some(false)),
            ("k8s", "k8s2/a.yaml", None),
            ("k8s", "k8s", None),
            ("k8s", "a.yaml", None),
            // Nobody looks outside of the folder, so nobody knows.
            ("k8s", "k8s/../../b.yaml", Some(true)),
        ] {
            let scanned = ScannedFolder::new(prefix.to_owned(), Arc::clone(&dir));
            assert_eq!(scanned.holds(identity), expected, "{identity} below {prefix:?}");
        }
    }
}
