//! Which files there are.
//!
//! Apart from opening what an argument names and the ignore files above it, everything goes through a
//! capability to the argument's folder ([`cap_std::fs::Dir`]): a symbolic link is followed while it
//! stays inside and refused when it leads out, whatever happens to the folder meanwhile. Links are
//! looked at after everything else and only when they lead to what was not seen by its own path, so
//! nothing is read twice and no loop goes on.
//!
//! **Candidates** are files named `*.yaml`, `*.yml`, `*.json` and `Kustomization`, CloudFormation's
//! `*.template`, files of Terraform, and whatever an argument names itself. Only they are counted and listed in the coverage section; a
//! repository's other files are of no interest here, and neither is what ignore files, `--exclude` and
//! hidden names leave out.

#![expect(clippy::disallowed_methods, reason = "discovery is where the file system is read")]

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, FileType};
use verdikt_model::{Code, Diagnostic};

use crate::detect;
use crate::ignores::{Ignores, ignores_above, left_out, with_ignores};
use crate::{Input, LoadOptions, ScannedFolder, Text};

/// A file that may be ours.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// Which input it is of.
    pub(crate) set: u32,
    /// As reports print it.
    pub(crate) path: String,
    /// As fingerprints know it.
    pub(crate) identity: String,
    /// Below the [root](InputRoot) of its input.
    pub(crate) below: String,
    /// Whether an argument names it, rather than a folder above.
    pub(crate) named: bool,
    pub(crate) content: Content,
}

/// Where the files of an input are that others of its files may name.
#[derive(Debug)]
pub(crate) struct InputRoot {
    pub(crate) origin: Origin,
    /// What paths of reports begin with.
    pub(crate) shown: String,
    /// What identities begin with.
    pub(crate) prefix: String,
    /// Whether the input is one file, which alone is reported on.
    pub(crate) is_file: bool,
    /// The folder by its path without links, where there is one.
    pub(crate) real: PathBuf,
}

#[derive(Debug)]
pub(crate) enum Origin {
    Folder(Arc<Dir>),
    /// Texts beside those that are scanned, by their paths below the root.
    Memory(Arc<HashMap<String, Arc<[u8]>>>),
    /// The input could not be opened.
    Nowhere,
}

impl InputRoot {
    fn nowhere() -> Self {
        InputRoot {
            origin: Origin::Nowhere,
            shown: String::new(),
            prefix: String::new(),
            is_file: false,
            real: PathBuf::new(),
        }
    }
}

/// How a candidate is read.
#[derive(Debug)]
pub(crate) enum Content {
    /// A file below a folder that was opened.
    Below(Arc<Dir>, PathBuf),
    /// A file that an argument names.
    Named(PathBuf),
    Text(Vec<u8>),
    /// Not to be read; why.
    Special(&'static str),
    /// It could not even be looked at; a diagnostic says why.
    Failed,
}

/// Finds the candidates of every input, sorted by path within each, and the roots of the inputs.
pub(crate) fn discover(
    options: &LoadOptions,
    folders: &mut Vec<ScannedFolder>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Candidate>, Vec<InputRoot>) {
    let mut found = Vec::new();
    let mut roots = Vec::with_capacity(options.inputs.len());
    for (set, input) in options.inputs.iter().enumerate() {
        roots.push(match input {
            Input::Text { path, bytes } => {
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                found.push(Candidate {
                    set: set as u32,
                    path: path.clone(),
                    identity: path.clone(),
                    below: name.to_owned(),
                    named: true,
                    content: Content::Text(bytes.clone()),
                });
                let (shown, prefix) = (folder.to_owned(), folder.to_owned());
                InputRoot { origin: Origin::Memory(Arc::default()), shown, prefix, is_file: true, real: PathBuf::new() }
            }
            Input::Texts(given) => texts(options, set as u32, given, &mut found, diagnostics),
            Input::Path(path) => argument(options, set as u32, path, &mut found, folders, diagnostics),
        });
    }
    (found, roots)
}

/// Texts as the files of a folder: that which all of them are in.
fn texts(
    options: &LoadOptions,
    set: u32,
    given: &[Text],
    found: &mut Vec<Candidate>,
    diagnostics: &mut Vec<Diagnostic>,
) -> InputRoot {
    let folder = |path: &str| path.rsplit_once('/').map_or(0, |(folder, _)| folder.len() + 1);
    let root = |path: fn(&Text) -> &str| {
        let first = given.first().map_or("", path);
        given.iter().map(path).fold(&first[..folder(first)], |root, path| {
            let same = root.bytes().zip(path.bytes()).take_while(|(one, other)| one == other).count();
            &root[..folder(root.get(..same).unwrap_or_default())]
        })
    };
    let (shown, prefix) = (root(|text| &text.path), root(|text| &text.identity));
    let below = |text: &Text| text.path[shown.len()..].to_owned();
    let (companions, files): (Vec<&Text>, Vec<&Text>) = given.iter().partition(|text| text.companion);
    let files: Vec<Candidate> = files
        .into_iter()
        .map(|text| Candidate {
            set,
            path: text.path.clone(),
            identity: text.identity.clone(),
            below: below(text),
            named: text.named,
            content: Content::Text(text.bytes.clone()),
        })
        .collect();
    let is_file = matches!(&files[..], [file] if file.named);
    add(options, files, true, "the texts of one input", found, diagnostics);
    let companions = companions.into_iter().map(|text| (below(text), Arc::from(&*text.bytes))).collect();
    let trimmed = |path: &str| path.strip_suffix('/').unwrap_or(path).to_owned();
    InputRoot {
        origin: Origin::Memory(Arc::new(companions)),
        shown: trimmed(shown),
        prefix: trimmed(prefix),
        is_file,
        real: PathBuf::new(),
    }
}

/// A text that a person names by an option: the path that reports print, the one that fingerprints know, the
/// text.
pub(crate) fn named_text(options: &LoadOptions, path: &Path) -> Result<(String, String, Arc<str>), Diagnostic> {
    let full = options.cwd.join(path);
    let shown = shown(path, &options.cwd);
    let real = std::fs::canonicalize(&full).unwrap_or_else(|_| full.clone());
    let base = repository(&real).or(real.parent());
    let identity = slashed(base.and_then(|base| real.strip_prefix(base).ok()).unwrap_or(&real));
    let content = Content::Named(full);
    let candidate = Candidate { set: 0, path: shown, identity, below: String::new(), named: true, content };
    let bytes = read(&candidate, options.limits.file_size())?;
    let text = String::from_utf8(bytes).map_err(|_| {
        let message = "This file is not UTF-8, so that the values in it were not read. Save it as UTF-8.";
        Diagnostic::path(Code::NotUtf8, candidate.path.clone(), message)
    })?;
    Ok((candidate.path, candidate.identity, Arc::from(text)))
}

/// Adds the files of one input in order, as far as the limit goes. `place` names the input.
fn add(
    options: &LoadOptions,
    mut files: Vec<Candidate>,
    complete: bool,
    place: &str,
    found: &mut Vec<Candidate>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    files.sort_by(|one, other| one.path.cmp(&other.path));
    if !complete || found.len() + files.len() > options.limits.files {
        let message = format!(
            "There are more than {} files to read, the limit of one scan; the rest was left out. Scan folders one by \
             one, or exclude some.",
            crate::syntax::grouped(options.limits.files)
        );
        diagnostics.push(Diagnostic::path(Code::TooMany, place, message));
        files.truncate(options.limits.files.saturating_sub(found.len()));
    }
    found.append(&mut files);
}

/// Reads a candidate's bytes. The error is a diagnostic.
pub(crate) fn read(candidate: &Candidate, limit: usize) -> Result<Vec<u8>, Diagnostic> {
    let unreadable = |error: &io::Error| unreadable(&candidate.path, "file", error);
    let file = match &candidate.content {
        Content::Text(bytes) if bytes.len() > limit => return Err(too_large(&candidate.path, limit)),
        Content::Text(bytes) => return Ok(bytes.clone()),
        Content::Below(folder, relative) => folder.open(relative),
        Content::Named(path) => File::open_ambient(path, ambient_authority()),
        Content::Special(_) | Content::Failed => return Ok(Vec::new()),
    }
    .map_err(|error| unreadable(&error))?;
    let size = file.metadata().map_err(|error| unreadable(&error))?.len();
    if size > limit as u64 {
        return Err(too_large(&candidate.path, limit));
    }
    // The file may have grown meanwhile.
    let mut bytes = Vec::with_capacity(size as usize + 1);
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() > limit { Err(too_large(&candidate.path, limit)) } else { Ok(bytes) }
}

fn too_large(path: &str, limit: usize) -> Diagnostic {
    let message = format!(
        "This file is larger than {}, the limit of one file, and was not read. Split it, exclude it, or raise the limit.",
        size(limit)
    );
    Diagnostic::path(Code::TooLarge, path, message)
}

fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{bytes} bytes") }
}

fn unreadable(path: &str, what: &str, error: &io::Error) -> Diagnostic {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => "Give the user who runs the scan the right to read it, or exclude it.",
        io::ErrorKind::NotFound => {
            "It may have been removed meanwhile, or be a link to nothing; restore or exclude it."
        }
        _ => "Repair or exclude it.",
    };
    Diagnostic::path(Code::Unreadable, path, format!("This {what} could not be read: {error}. {advice}"))
}

/// Whether a file of this name is looked at without being named by an argument.
pub(crate) fn is_candidate(name: &OsStr) -> bool {
    let path = Path::new(name);
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or("");
    // `shop.template` is one of CloudFormation, `nginx.conf.template` of something else.
    let is_template = extension.eq_ignore_ascii_case("template") && path.with_extension("").extension().is_none();
    is_template
        || ["yaml", "yml", "json", "tf", "tfvars", "tofu"].iter().any(|ours| extension.eq_ignore_ascii_case(ours))
        || name == "Kustomization"
        || name.to_str().is_some_and(|name| detect::unread(name).is_some())
}

/// What an argument names.
fn argument(
    options: &LoadOptions,
    set: u32,
    path: &Path,
    found: &mut Vec<Candidate>,
    folders: &mut Vec<ScannedFolder>,
    diagnostics: &mut Vec<Diagnostic>,
) -> InputRoot {
    let full = options.cwd.join(path);
    let shown = shown(path, &options.cwd);
    let metadata = match std::fs::metadata(&full) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message =
                "There is no file or folder of this name. Check the path; it is relative to the current folder.";
            diagnostics.push(Diagnostic::path(Code::PathNotFound, shown, message));
            return InputRoot::nowhere();
        }
        Err(error) => {
            diagnostics.push(unreadable(&shown, "path", &error));
            return InputRoot::nowhere();
        }
    };
    let real = std::fs::canonicalize(&full).unwrap_or_else(|_| full.clone());
    let repository = repository(&real);
    if !metadata.is_dir() {
        let base = repository.or(real.parent());
        let identity = base.and_then(|base| real.strip_prefix(base).ok()).unwrap_or(&real);
        let identity = slashed(identity);
        let content = if metadata.is_file() {
            Content::Named(full.clone())
        } else {
            let message =
                "This is a pipe, a socket or a device, which is never opened. Give a file, or `-` for standard input.";
            diagnostics.push(Diagnostic::path(Code::Unreadable, shown.clone(), message));
            Content::Failed
        };
        // What a file of Terraform names lies in its folder or below.
        let folder = full.parent().and_then(|parent| Dir::open_ambient_dir(parent, ambient_authority()).ok());
        let is_file = metadata.is_file();
        let folder = folder.filter(|_| is_file);
        let above = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        let root = InputRoot {
            origin: folder.map_or(Origin::Nowhere, |folder| Origin::Folder(Arc::new(folder))),
            shown: above(&shown),
            prefix: above(&identity),
            is_file: true,
            real: real.parent().map(Path::to_owned).unwrap_or_default(),
        };
        let below = full.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        found.push(Candidate { set, path: shown, identity, below, named: true, content });
        return root;
    }
    let folder = match Dir::open_ambient_dir(&full, ambient_authority()) {
        Ok(folder) => Arc::new(folder),
        Err(error) => {
            diagnostics.push(unreadable(&shown, "folder", &error));
            return InputRoot::nowhere();
        }
    };
    let prefix = repository.and_then(|repository| real.strip_prefix(repository).ok()).map(slashed).unwrap_or_default();
    folders.push(ScannedFolder::new(repository.map(|_| prefix.clone()), Arc::clone(&folder)));
    let root = InputRoot {
        origin: Origin::Folder(Arc::clone(&folder)),
        shown: if shown == "." { String::new() } else { shown.clone() },
        prefix,
        is_file: false,
        real: real.clone(),
    };
    let mut walk = Walk {
        options,
        set,
        folder,
        real: &real,
        shown: root.shown.clone(),
        prefix: root.prefix.clone(),
        links: Vec::new(),
        seen: HashSet::new(),
        found: Vec::new(),
        diagnostics,
    };
    let above = if options.respect_ignore { ignores_above(&real, repository) } else { None };
    let complete = walk.run(above);
    let files = walk.found;
    add(options, files, complete, &shown, found, diagnostics);
    root
}

/// The root of the repository that a file or folder is in.
pub(crate) fn repository(real: &Path) -> Option<&Path> {
    real.ancestors().find(|folder| folder.join(".git").exists())
}

/// A path as reports print it: relative to the current folder where it is below, `/` between parts.
pub(crate) fn shown(path: &Path, cwd: &Path) -> String {
    let relative = if path.is_absolute() { path.strip_prefix(cwd).unwrap_or(path) } else { path };
    let text = slashed(relative);
    if text.is_empty() { ".".into() } else { text }
}

/// A path with `/` between its parts and without `.` among them.
pub(crate) fn slashed(path: &Path) -> String {
    let mut text = String::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::RootDir => text.push('/'),
            component => {
                if !text.is_empty() && !text.ends_with('/') {
                    text.push('/');
                }
                text.push_str(&component.as_os_str().to_string_lossy());
            }
        }
    }
    text
}

pub(crate) fn joined(folder: &str, rest: &str) -> String {
    match folder {
        "" => rest.to_owned(),
        _ if folder.ends_with('/') => format!("{folder}{rest}"),
        _ => format!("{folder}/{rest}"),
    }
}

/// A symbolic link that was met.
struct Link {
    relative: PathBuf,
    ignores: Option<Arc<Ignores>>,
}

/// A walk over one folder.
struct Walk<'a> {
    options: &'a LoadOptions,
    set: u32,
    folder: Arc<Dir>,
    /// Where the folder really is, for ignore rules.
    real: &'a Path,
    /// What report paths begin with.
    shown: String,
    /// What identities begin with.
    prefix: String,
    links: Vec<Link>,
    /// Files and folders that were seen, by their paths without links.
    seen: HashSet<PathBuf>,
    found: Vec<Candidate>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Returns false when there are more files than the limit.
    fn run(&mut self, above: Option<Arc<Ignores>>) -> bool {
        if !self.folders(PathBuf::new(), above) {
            return false;
        }
        // Links that the targets of links have come after them.
        let mut next = 0;
        while next < self.links.len() {
            let Link { relative, ignores } = &self.links[next];
            let (relative, ignores) = (relative.clone(), ignores.clone());
            next += 1;
            if !self.link(relative, ignores) {
                return false;
            }
        }
        true
    }

    /// A folder and everything below, in the order of names.
    fn folders(&mut self, first: PathBuf, above: Option<Arc<Ignores>>) -> bool {
        let mut folders = vec![(first, above)];
        while let Some((relative, above)) = folders.pop() {
            let here = folders.len();
            if !self.one_folder(&relative, above, &mut folders) {
                return false;
            }
            folders[here..].reverse();
        }
        true
    }

    fn one_folder(
        &mut self,
        relative: &Path,
        above: Option<Arc<Ignores>>,
        folders: &mut Vec<(PathBuf, Option<Arc<Ignores>>)>,
    ) -> bool {
        let opened =
            if relative.as_os_str().is_empty() { self.folder.try_clone() } else { self.folder.open_dir(relative) };
        let listed = opened.and_then(|folder| {
            let mut entries = Vec::new();
            for entry in folder.entries()? {
                let entry = entry?;
                entries.push((entry.file_name(), entry.file_type()));
            }
            entries.sort_by(|(one, _), (other, _)| one.as_encoded_bytes().cmp(other.as_encoded_bytes()));
            Ok((folder, entries))
        });
        let (folder, entries) = match listed {
            Ok(listed) => listed,
            Err(error) => {
                self.diagnostics.push(unreadable(&self.report_path(relative), "folder", &error));
                return true;
            }
        };
        self.seen.insert(relative.to_owned());
        let ignores =
            if self.options.respect_ignore { with_ignores(&folder, &self.real.join(relative), above) } else { None };
        for (name, file_type) in entries {
            let path = relative.join(&name);
            let file_type = match file_type {
                Ok(file_type) => file_type,
                Err(error) => {
                    self.diagnostics.push(unreadable(&self.report_path(&path), "file", &error));
                    continue;
                }
            };
            if left_out(self.options, self.real, &path, file_type.is_dir(), ignores.as_deref()) {
                continue;
            }
            if file_type.is_dir() {
                folders.push((path, ignores.clone()));
            } else if file_type.is_symlink() {
                self.links.push(Link { relative: path, ignores: ignores.clone() });
            } else if is_candidate(&name) {
                if self.found.len() >= self.options.limits.files {
                    return false;
                }
                self.file(path, file_type);
            }
        }
        true
    }

    fn file(&mut self, relative: PathBuf, file_type: FileType) {
        let content = if file_type.is_file() {
            Content::Below(Arc::clone(&self.folder), relative.clone())
        } else {
            Content::Special("a pipe, a socket or a device, which is never opened")
        };
        self.seen.insert(relative.clone());
        self.push(&relative, content);
    }

    fn push(&mut self, relative: &Path, content: Content) {
        let path = self.report_path(relative);
        let identity = joined(&self.prefix, &slashed(relative));
        let below = slashed(relative);
        self.found.push(Candidate { set: self.set, path, identity, below, named: false, content });
    }

    fn report_path(&self, relative: &Path) -> String {
        let path = joined(&self.shown, &slashed(relative));
        if path.is_empty() { ".".into() } else { path }
    }

    /// Follows a link to what was not seen yet. Returns false when there are too many files.
    fn link(&mut self, relative: PathBuf, ignores: Option<Arc<Ignores>>) -> bool {
        let named_like_ours = relative.file_name().is_some_and(is_candidate);
        let target = self.folder.canonicalize(&relative).and_then(|real| Ok((self.folder.metadata(&real)?, real)));
        let (metadata, real) = match target {
            Ok(target) => target,
            Err(error) if leads_out(&error) => {
                // A link with another extension leads to no file that we read.
                if named_like_ours || relative.extension().is_none() {
                    self.diagnostics.push(Diagnostic::path(
                        Code::LinkOutside,
                        self.report_path(&relative),
                        "This symbolic link leads out of the scanned folder (or is absolute) and was not followed. Scan its \
                         target by its own path if it belongs to the scan.",
                    ));
                }
                return true;
            }
            Err(error) => {
                if named_like_ours {
                    self.diagnostics.push(unreadable(&self.report_path(&relative), "file", &error));
                    self.push(&relative, Content::Failed);
                }
                return true;
            }
        };
        // `canonicalize` names the folder itself `.`.
        let real = if real == Path::new(".") { PathBuf::new() } else { real };
        if self.seen.contains(&real) {
            return true;
        }
        if metadata.is_dir() {
            // The target's own path is remembered, so that a link back to it is no loop.
            self.seen.insert(real);
            return self.folders(relative, ignores);
        }
        if !named_like_ours {
            return true;
        }
        if self.found.len() >= self.options.limits.files {
            return false;
        }
        self.seen.insert(real);
        self.file(relative, metadata.file_type());
        true
    }
}

/// Whether cap-std refused to leave the folder: that is an error of its own making, not one of the
/// operating system.
fn leads_out(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}
