//! The files below a scanned folder, as the evaluation of Terraform sees them.
//!
//! What the scan found itself has the number that it has there. A configuration may read any other file below
//! the folder, whether or not it is of a kind that is scanned and whatever an ignore file says of it: a template, a
//! hidden module, values that nobody commits. Such an [`Extra`] gets a number of its own, which is known for good only
//! when everything was read ([`Numbers`]): which thread is first must not decide what a report looks like.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use cap_std::fs::Dir;
use verdikt_model::{Code, Diagnostic, DiagnosticPlace, FileId, Source, Span};
use verdikt_terraform::files::{FileContent, FileProblem, Files, Json};

use crate::InputLimits;
use crate::discover::joined;
use crate::syntax::json;

/// Numbers of extra files begin here until all are known.
const PROVISIONAL: u32 = 1 << 31;

/// A file that was read for a configuration and that the scan did not find itself.
#[derive(Debug)]
pub(crate) struct Extra {
    pub(crate) set: u32,
    /// Below the root of its input; for a file that an option names, as reports print it.
    pub(crate) below: String,
    /// As reports print it.
    pub(crate) path: String,
    /// As fingerprints know it.
    pub(crate) identity: String,
    pub(crate) text: Arc<str>,
}

/// The extra files of all inputs, in the order in which they were read.
#[derive(Debug, Default)]
pub(crate) struct Extras(Mutex<Vec<Extra>>);

impl Extras {
    /// The provisional number of a file.
    pub(crate) fn add(&self, extra: Extra) -> FileId {
        let mut extras = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        extras.push(extra);
        FileId(PROVISIONAL + extras.len() as u32 - 1)
    }

    /// The files in the order of their paths, and what becomes of their numbers. `scanned` is how many files
    /// the scan found itself.
    pub(crate) fn finish(self, scanned: usize) -> (Vec<Extra>, Numbers) {
        let mut extras: Vec<(usize, Extra)> =
            self.0.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().enumerate().collect();
        extras.sort_by(|(_, one), (_, other)| (one.set, &one.path).cmp(&(other.set, &other.path)));
        let mut numbers = vec![FileId(0); extras.len()];
        for (place, (provisional, _)) in extras.iter().enumerate() {
            numbers[*provisional] = FileId((scanned + place) as u32);
        }
        (extras.into_iter().map(|(_, extra)| extra).collect(), Numbers(numbers))
    }
}

/// The final numbers of extra files, by their provisional ones.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Vec<FileId>);

impl Numbers {
    pub(crate) fn file(&self, file: FileId) -> FileId {
        let place = file.0.checked_sub(PROVISIONAL);
        place.and_then(|place| self.0.get(place as usize)).copied().unwrap_or(file)
    }

    pub(crate) fn span(&self, span: Span) -> Span {
        Span { file: self.file(span.file), ..span }
    }

    pub(crate) fn diagnostic(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        if let DiagnosticPlace::Span(span) = &mut diagnostic.place {
            *span = self.span(*span);
        }
        diagnostic
    }
}

/// Where the files of an input are.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Folder(Arc<Dir>),
    /// Nowhere but among the texts that were given, which has more than those that are scanned; by their paths.
    Memory(Arc<HashMap<String, Arc<[u8]>>>),
}

/// A file that the scan found.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) id: FileId,
    /// Absent where it could not be read as text.
    pub(crate) text: Option<Arc<str>>,
}

/// The files of one input.
#[derive(Debug)]
pub(crate) struct InputFiles<'a> {
    pub(crate) set: u32,
    pub(crate) place: Place,
    /// What paths of reports, and identities, begin with.
    pub(crate) shown: String,
    pub(crate) prefix: String,
    /// By their paths below the folder.
    pub(crate) known: HashMap<String, Known>,
    pub(crate) limits: &'a InputLimits,
    pub(crate) extras: &'a Extras,
    read: Mutex<HashMap<String, Result<FileContent, FileProblem>>>,
}

impl<'a> InputFiles<'a> {
    pub(crate) fn new(
        set: u32,
        place: Place,
        (shown, prefix): (String, String),
        known: HashMap<String, Known>,
        limits: &'a InputLimits,
        extras: &'a Extras,
    ) -> Self {
        InputFiles { set, place, shown, prefix, known, limits, extras, read: Mutex::default() }
    }

    /// The paths of the files that were read and that the scan found itself.
    pub(crate) fn used(&self) -> Vec<(FileId, Arc<str>)> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let used = read.iter().filter(|(path, _)| self.known.contains_key(*path));
        used.filter_map(|(_, content)| match content {
            Ok(FileContent::Text { id, text }) => Some((*id, Arc::clone(text))),
            _ => None,
        })
        .collect()
    }

    fn open(&self, path: &str) -> Result<FileContent, FileProblem> {
        if let Some(known) = self.known.get(path)
            && let Some(text) = &known.text
        {
            return Ok(FileContent::Text { id: known.id, text: Arc::clone(text) });
        }
        let bytes = match &self.place {
            Place::Folder(folder) => read(folder, path, self.limits.file_size())?,
            Place::Memory(companions) => match companions.get(path) {
                Some(bytes) if bytes.len() > self.limits.file_size() => return Err(FileProblem::TooLarge),
                Some(bytes) => bytes.to_vec(),
                None => {
                    let below = format!("{path}/");
                    let mut paths = self.known.keys().chain(companions.keys());
                    let is_folder = path.is_empty() || paths.any(|known| known.starts_with(&below));
                    return Err(if is_folder { FileProblem::Folder } else { FileProblem::NotFound });
                }
            },
        };
        Ok(match String::from_utf8(bytes) {
            Ok(text) => {
                let text: Arc<str> = Arc::from(text);
                let id = match self.known.get(path) {
                    Some(known) => known.id,
                    None => self.extras.add(Extra {
                        set: self.set,
                        below: path.to_owned(),
                        path: joined(&self.shown, path),
                        identity: joined(&self.prefix, path),
                        text: Arc::clone(&text),
                    }),
                };
                FileContent::Text { id, text }
            }
            Err(error) => FileContent::Binary(Arc::from(error.into_bytes())),
        })
    }
}

impl Files for InputFiles<'_> {
    fn read(&self, path: &str) -> Result<FileContent, FileProblem> {
        // With the lock, so that no file gets two numbers.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = read.get(path) {
            return content.clone();
        }
        let content = self.open(path);
        read.insert(path.to_owned(), content.clone());
        content
    }

    fn list(&self, folder: &str, recursive: bool) -> Vec<String> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        match &self.place {
            Place::Folder(root) => {
                let mut open = vec![folder.to_owned()];
                while let Some(folder) = open.pop() {
                    for (path, is_folder) in entries(root, &folder) {
                        if !is_folder {
                            found.insert(path);
                        } else if recursive {
                            open.push(path);
                        }
                        if found.len() >= self.limits.files {
                            return found.into_iter().collect();
                        }
                    }
                }
            }
            Place::Memory(companions) => {
                let below = self.known.keys().chain(companions.keys()).filter(|path| {
                    let rest = if folder.is_empty() {
                        Some(path.as_str())
                    } else {
                        path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'))
                    };
                    rest.is_some_and(|rest| recursive || !rest.contains('/'))
                });
                found.extend(below.cloned());
            }
        }
        found.into_iter().collect()
    }

    fn tell_unreadable(&self, path: &str, code: Code, problem: &str) -> Option<Diagnostic> {
        let told = self.known.contains_key(path);
        let shown = joined(&self.shown, path);
        (!told).then(|| Diagnostic::path(code, shown.clone(), format!("`{shown}` {problem}.")))
    }

    fn parse_json(&self, file: FileId, text: &str) -> Json {
        let mut diagnostics = Vec::new();
        let mut parsed = json::load_with_repeats(file, text, self.limits, &mut diagnostics).into_iter();
        let first = parsed.next();
        if let Some(second) = parsed.next() {
            let message = "A file of Terraform holds one JSON text; what begins here was not judged.";
            diagnostics.push(Diagnostic::at(Code::JsonSyntax, second.span, message));
        }
        match first {
            Some(document) => Json { tree: document.tree, root: Some(document.root), diagnostics },
            None => Json { tree: Arc::default(), root: None, diagnostics },
        }
    }
}

fn read(folder: &Dir, path: &str, limit: usize) -> Result<Vec<u8>, FileProblem> {
    if path.is_empty() {
        return Err(FileProblem::Folder);
    }
    let problem = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileProblem::NotFound,
        // cap-std refuses what leads out of the folder with an error of its own making.
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => FileProblem::Outside,
        io::ErrorKind::IsADirectory => FileProblem::Folder,
        _ => FileProblem::Unreadable,
    };
    let metadata = folder.metadata(Path::new(path)).map_err(problem)?;
    if metadata.is_dir() {
        return Err(FileProblem::Folder);
    }
    // To open a pipe or a device could block.
    if !metadata.is_file() {
        return Err(FileProblem::Unreadable);
    }
    if metadata.len() > limit as u64 {
        return Err(FileProblem::TooLarge);
    }
    let mut bytes = Vec::new();
    folder.open(Path::new(path)).map_err(problem)?.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(problem)?;
    if bytes.len() > limit { Err(FileProblem::TooLarge) } else { Ok(bytes) }
}

/// Paths below the root, each with whether it is a folder. Links to folders are not followed, so that no loop
/// goes on.
fn entries(root: &Dir, folder: &str) -> Vec<(String, bool)> {
    let opened = if folder.is_empty() { root.try_clone() } else { root.open_dir(Path::new(folder)) };
    let Ok(listed) = opened.and_then(|folder| folder.entries()) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in listed.flatten() {
        let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
        let path = joined(folder, &name);
        if kind.is_dir() {
            found.push((path, true));
        } else if kind.is_file() || (kind.is_symlink() && root.metadata(Path::new(&path)).is_ok_and(|it| it.is_file()))
        {
            found.push((path, false));
        }
    }
    found
}

/// An extra file as a source of the scan.
impl From<Extra> for Source {
    fn from(extra: Extra) -> Source {
        Source::new(extra.path, extra.identity, extra.text)
    }
}
