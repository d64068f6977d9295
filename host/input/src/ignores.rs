//! What a walk leaves out: hidden names, `.gitignore` and `.ignore`, and what `--exclude` names.

#![expect(clippy::disallowed_methods, reason = "discovery is where the file system is read")]

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::LoadOptions;

/// Bytes of an ignore file that are read; longer ones are no ignore files.
const IGNORE_FILE_SIZE: u64 = 1 << 20;

/// Whether a walk over the folder `real` leaves out what stands at `path`, relative to it, by its name.
pub(crate) fn left_out(
    options: &LoadOptions,
    real: &Path,
    path: &Path,
    is_folder: bool,
    ignores: Option<&Ignores>,
) -> bool {
    let name = path.file_name().unwrap_or(OsStr::new(""));
    if name == ".git" || is_excluded(options, real, path) {
        return true;
    }
    if !options.respect_ignore {
        return false;
    }
    let hidden = name.as_encoded_bytes().starts_with(b".");
    ignores.and_then(|ignores| ignores.decide(&real.join(path), is_folder)).unwrap_or(hidden)
}

/// Whether somebody asked that what stands at `path`, relative to the folder `real`, be left out. Of what is below
/// an excluded folder, only that folder is known to be excluded.
pub(crate) fn is_excluded(options: &LoadOptions, real: &Path, path: &Path) -> bool {
    let name = path.file_name().unwrap_or(OsStr::new(""));
    options.exclude.is_match(path)
        || options.exclude.is_match(name)
        || options.exclude_below.as_ref().is_some_and(|exclude| exclude.is_match(&real.join(path), name))
}

/// The ignore files of a folder, and those above it.
pub(crate) struct Ignores {
    rules: Gitignore,
    above: Option<Arc<Ignores>>,
}

impl Ignores {
    /// The innermost rule that says anything decides; `path` is absolute.
    fn decide(&self, path: &Path, is_folder: bool) -> Option<bool> {
        match self.rules.matched(path, is_folder) {
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
            Match::None => self.above.as_ref().and_then(|above| above.decide(path, is_folder)),
        }
    }
}

/// The ignore files from the repository's root down to the folder above `real`.
pub(crate) fn ignores_above(real: &Path, repository: Option<&Path>) -> Option<Arc<Ignores>> {
    let repository = repository?;
    let mut folders: Vec<&Path> =
        real.ancestors().skip(1).take_while(|folder| folder.starts_with(repository)).collect();
    folders.reverse();
    folders.into_iter().fold(None, |above, path| match Dir::open_ambient_dir(path, ambient_authority()) {
        Ok(folder) => with_ignores(&folder, path, above),
        Err(_) => above,
    })
}

/// Adds the rules of a folder's own `.gitignore` and `.ignore`; the latter counts more.
pub(crate) fn with_ignores(folder: &Dir, real: &Path, above: Option<Arc<Ignores>>) -> Option<Arc<Ignores>> {
    let mut builder = GitignoreBuilder::new(real);
    let mut any = false;
    for name in [".gitignore", ".ignore"] {
        let Some(text) = ignore_file(folder, name) else { continue };
        for line in text.strip_prefix('\u{feff}').unwrap_or(&text).lines() {
            // Git skips a pattern that it cannot read, too.
            any |= builder.add_line(None, line).is_ok();
        }
    }
    if !any {
        return above;
    }
    match builder.build() {
        Ok(rules) => Some(Arc::new(Ignores { rules, above })),
        Err(_) => above,
    }
}

fn ignore_file(folder: &Dir, name: &str) -> Option<String> {
    // Most folders have none: ask before opening, and never open what could block.
    if !folder.metadata(name).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    folder.open(name).ok()?.take(IGNORE_FILE_SIZE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
