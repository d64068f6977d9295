//! Folders that were scanned, for whoever asks what is not there any more.

use std::io;
use std::path::Path;
use std::sync::Arc;

use cap_std::fs::Dir;

/// A folder that a scan walked. It can say whether a file is still there that the scan did not meet:
/// what an ignore file or `--exclude` hides has not gone.
#[derive(Clone, Debug)]
pub struct ScannedFolder {
    /// The path from the root of the repository; `None` for a folder that is in none. The identities
    /// of its files do not say then which folder they are of.
    identity: Option<String>,
    folder: Arc<Dir>,
}

impl ScannedFolder {
    pub(crate) fn new(identity: Option<String>, folder: Arc<Dir>) -> Self {
        ScannedFolder { identity, folder }
    }

    /// Whether the folder is this one or holds it. Nobody can tell of a folder outside of a repository.
    pub fn covers(&self, folder: &str) -> bool {
        self.identity.as_deref() == Some(folder) || self.below(folder).is_some()
    }

    /// Whether a file of this [identity](verdikt_model::Source::identity) would be below the folder.
    pub fn is_above(&self, identity: &str) -> bool {
        self.below(identity).is_some()
    }

    /// Whether it is certain that a file of this identity is not there, although it would be below the
    /// folder. What cannot be looked at counts as being there.
    pub fn lacks(&self, identity: &str) -> bool {
        let Some(relative) = self.below(identity) else { return false };
        match self.folder.symlink_metadata(Path::new(relative)) {
            Ok(_) => false,
            Err(error) => matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory),
        }
    }

    /// The rest of a path behind this folder.
    fn below<'a>(&self, identity: &'a str) -> Option<&'a str> {
        let rest = match self.identity.as_deref()? {
            "" => identity,
            folder => identity.strip_prefix(folder)?.strip_prefix('/')?,
        };
        (!rest.is_empty() && !rest.starts_with('/')).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test makes the folder that it looks into")]
    fn a_folder_knows_what_would_be_below_it_and_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let dir = Arc::new(Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap());
        dir.write("a.yaml", "").unwrap();
        for (prefix, identity, is_above, lacks) in [
            (Some(""), "a.yaml", true, false),
            (Some(""), "b.yaml", true, true),
            (Some(""), "a.yaml/b.yaml", true, true),
            (Some(""), "/etc/none", false, false),
            (Some(""), "", false, false),
            (Some("k8s"), "k8s/a.yaml", true, false),
            (Some("k8s"), "k8s/b.yaml", true, true),
            (Some("k8s"), "k8s2/b.yaml", false, false),
            (Some("k8s"), "k8s", false, false),
            (Some("k8s"), "b.yaml", false, false),
            // Nobody looks outside of the folder, so nobody knows.
            (Some("k8s"), "k8s/../../b.yaml", true, false),
            // Which folder the file was in, its identity does not say.
            (None, "b.yaml", false, false),
        ] {
            let scanned = ScannedFolder::new(prefix.map(str::to_owned), Arc::clone(&dir));
            assert_eq!(
                (scanned.is_above(identity), scanned.lacks(identity)),
                (is_above, lacks),
                "{identity} {prefix:?}"
            );
        }
        let scanned = ScannedFolder::new(Some("k8s".to_owned()), Arc::clone(&dir));
        assert!(scanned.covers("k8s") && scanned.covers("k8s/base") && !scanned.covers("") && !scanned.covers("k8"));
        assert!(!ScannedFolder::new(None, dir).covers(""));
    }
}
