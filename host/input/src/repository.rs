//! Which files of another state of a repository a scan would read: what the scan of today would find
//! at its PATHs if that state were checked out.
//!
//! What is left out is decided by today's ignore files and options, not by those of the other state.
//! Both states are then read alike: a file that is there in both is read in both or in neither, also
//! one that is tracked although `.gitignore` names it.

#![expect(clippy::disallowed_methods, reason = "discovery is where the file system is read")]

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::discover::{is_candidate, joined, repository, shown, slashed};
use crate::ignores::{Ignores, ignores_above, left_out, with_ignores};
use crate::terraform::configurations::{Role, role};
use crate::{Input, LoadOptions};

/// The repository that all inputs of a scan are in.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
    arguments: Vec<Argument>,
}

/// A PATH in the repository.
#[derive(Clone, Debug)]
struct Argument {
    /// As reports print it.
    shown: String,
    /// Its path from the root; empty for the root itself.
    place: String,
    is: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// By its path without links.
    Folder(PathBuf),
    File,
    /// The scan says that there is nothing.
    Missing,
}

/// A file that a scan would read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Index into the list that was chosen from.
    pub file: usize,
    /// As reports would print it.
    pub path: String,
    /// Whether a PATH names it, rather than a folder above.
    pub named: bool,
    /// Whether it is there only for others to read it; see [`crate::Text::companion`].
    pub companion: bool,
}

/// Why inputs have no other state to be read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutsideRepository {
    /// It is a text, such as standard input; by the path that reports print.
    Text(String),
    /// No folder at or above it has a `.git`.
    Path(String),
    /// Two PATHs are in different repositories.
    Several { one: String, other: String },
}

impl fmt::Display for OutsideRepository {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OutsideRepository::Text(path) => write!(out, "{path} is a text and no file, so it has no earlier state"),
            OutsideRepository::Path(path) => {
                write!(out, "{path} is not in a git repository, so it has no earlier state")
            }
            OutsideRepository::Several { one, other } => {
                write!(out, "{one} and {other} are in different repositories; check them one by one")
            }
        }
    }
}

impl std::error::Error for OutsideRepository {}

impl Repository {
    /// Finds the repository that the inputs of a scan are in.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn of(options: &LoadOptions) -> Result<Repository, OutsideRepository> {
        let mut found: Option<Repository> = None;
        for input in &options.inputs {
            let path = match input {
                Input::Path(path) => path,
                Input::Text { path, .. } => return Err(OutsideRepository::Text(path.clone())),
                Input::Texts(texts) => {
                    let path =
                        texts.first().map_or_else(|| "an input without texts".to_owned(), |text| text.path.clone());
                    return Err(OutsideRepository::Text(path));
                }
            };
            let full = options.cwd.join(path);
            // Of a PATH that is not there, the nearest folder above tells the repository.
            let real = full.ancestors().find_map(|path| std::fs::canonicalize(path).ok());
            let name = shown(path, &options.cwd);
            let root = real.as_deref().and_then(repository).ok_or_else(|| OutsideRepository::Path(name.clone()))?;
            let place = real.as_deref().and_then(|real| real.strip_prefix(root).ok()).map(slashed).unwrap_or_default();
            let is = match (std::fs::metadata(&full), &real) {
                (Ok(metadata), Some(real)) if metadata.is_dir() => Kind::Folder(real.clone()),
                (Ok(_), _) => Kind::File,
                (Err(_), _) => Kind::Missing,
            };
            let argument = Argument { shown: name, place, is };
            match &mut found {
                None => found = Some(Repository { root: root.to_owned(), arguments: vec![argument] }),
                Some(found) if found.root == root => found.arguments.push(argument),
                Some(found) => {
                    let one = found.arguments.first().map(|first| first.shown.clone()).unwrap_or_default();
                    return Err(OutsideRepository::Several { one, other: argument.shown });
                }
            }
        }
        found.ok_or_else(|| OutsideRepository::Path(shown(Path::new("."), &options.cwd)))
    }

    /// The folder that holds `.git`, by its path without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Which of `files`, paths from the root with `/` between their parts, the scan would read; for
    /// each of its inputs, sorted. No more than one above [`crate::InputLimits::files`] for each.
    pub fn choose(&self, options: &LoadOptions, files: &[String]) -> Vec<Vec<Chosen>> {
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.sort_by(|one, other| files[*one].cmp(&files[*other]));
        let choose = |argument: &Argument| {
            let mut walk = Walk::new(self, options, argument);
            let first = order.partition_point(|index| files[*index] < argument.place);
            let below = order[first..].iter().take_while(|index| files[**index].starts_with(&argument.place));
            let mut has_configuration = false;
            let mut others = Vec::new();
            let chosen = below.filter_map(|index| {
                let relative = argument.below(&files[*index])?;
                if relative.is_empty() {
                    let path = argument.shown.clone();
                    let chosen = Chosen { file: *index, path, named: true, companion: false };
                    return (argument.is == Kind::File).then_some(chosen);
                }
                let is_candidate = is_candidate(relative.as_ref());
                if !(is_candidate || is_read_by_configurations(relative)) || walk.leaves_out(relative, false) {
                    return None;
                }
                let path = argument.report_path(relative);
                let chosen = Chosen { file: *index, path, named: false, companion: !is_candidate };
                if !is_candidate {
                    others.push(chosen);
                    return None;
                }
                has_configuration |= role(relative) == Some(Role::Configuration);
                Some(chosen)
            });
            let most = options.limits.files.saturating_add(1);
            let mut chosen: Vec<Chosen> = chosen.take(most).collect();
            if argument.is == Kind::File {
                chosen.extend(argument.beside(files, &order).take(most));
            } else if has_configuration {
                chosen.append(&mut others);
            }
            chosen
        };
        self.arguments.iter().map(choose).collect()
    }

    /// The path that reports print of a folder, if the scan would look into it; `folder` is its path
    /// from the root.
    pub fn enters(&self, options: &LoadOptions, folder: &str) -> Option<String> {
        self.arguments.iter().find_map(|argument| {
            let relative = argument.below(folder)?;
            let enters = !relative.is_empty() && !Walk::new(self, options, argument).leaves_out(relative, true);
            enters.then(|| argument.report_path(relative))
        })
    }
}

impl Argument {
    /// The rest of a path from the root that is at or below this one.
    fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(&self.place)?;
        if self.place.is_empty() || rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    }

    /// What a file of Terraform's may read that lies in its folder or below; nothing for other files.
    fn beside<'f>(&'f self, files: &'f [String], order: &'f [usize]) -> impl Iterator<Item = Chosen> + 'f {
        let above = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| joined(folder, ""));
        let (place, shown) = (above(&self.place), above(&self.shown));
        let of_terraform = role(&self.place).is_some() || self.place.ends_with(".json");
        let others = order.iter().filter(move |_| of_terraform).filter(|index| files[**index] != self.place);
        others.filter_map(move |index| {
            let relative = files[*index].strip_prefix(&place)?;
            let reads = is_candidate(relative.as_ref()) || is_read_by_configurations(relative);
            let path = format!("{shown}{relative}");
            reads.then_some(Chosen { file: *index, path, named: false, companion: true })
        })
    }

    fn report_path(&self, relative: &str) -> String {
        joined(if self.shown == "." { "" } else { &self.shown }, relative)
    }
}

/// Whether a file that is not scanned itself may be one that a configuration of Terraform reads: which it reads is known
/// only when it is evaluated.
fn is_read_by_configurations(path: &str) -> bool {
    const EXTENSIONS: [&str; 22] = [
        "cfg",
        "conf",
        "crt",
        "csv",
        "env",
        "hcl",
        "ini",
        "js",
        "pem",
        "policy",
        "properties",
        "ps1",
        "pub",
        "py",
        "rego",
        "sh",
        "sql",
        "tftpl",
        "tmpl",
        "toml",
        "tpl",
        "txt",
    ];
    let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// What a walk from one argument leaves out.
struct Walk<'a> {
    options: &'a LoadOptions,
    /// `None` where the argument is no folder today.
    folder: Option<(&'a Path, Dir)>,
    above: Option<Arc<Ignores>>,
    /// Folders below by their relative paths; `None` for those that are left out.
    folders: HashMap<String, Option<Option<Arc<Ignores>>>>,
}

impl<'a> Walk<'a> {
    fn new(repository: &Repository, options: &'a LoadOptions, argument: &'a Argument) -> Self {
        let folder = match &argument.is {
            Kind::Folder(real) => {
                Dir::open_ambient_dir(real, ambient_authority()).ok().map(|folder| (real.as_path(), folder))
            }
            Kind::File | Kind::Missing => None,
        };
        let above = match &folder {
            Some((real, folder)) if options.respect_ignore => {
                with_ignores(folder, real, ignores_above(real, Some(&repository.root)))
            }
            _ => None,
        };
        Walk { options, folder, above, folders: HashMap::new() }
    }

    /// Whether what stands at `relative`, or a folder that it is in, is left out.
    fn leaves_out(&mut self, relative: &str, is_folder: bool) -> bool {
        // A file today: what was below a folder of that name is nothing that is scanned.
        let Some((real, folder)) = &self.folder else { return true };
        let mut above = self.above.clone();
        for (end, _) in relative.match_indices('/') {
            let path = &relative[..end];
            let entered = self.folders.entry(path.to_owned()).or_insert_with(|| {
                if left_out(self.options, real, path.as_ref(), true, above.as_deref()) {
                    return None;
                }
                // A folder that is gone has no ignore files today.
                let below = folder.open_dir(path).ok().filter(|_| self.options.respect_ignore);
                Some(below.map_or(above.clone(), |below| with_ignores(&below, &real.join(path), above.clone())))
            });
            match entered {
                None => return true,
                Some(ignores) => above = ignores.clone(),
            }
        }
        left_out(self.options, real, relative.as_ref(), is_folder, above.as_deref())
    }
}
