//! How the evaluation sees files: by path from the scanned folder, through whoever owns them.

use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, FileId, NodeId, Tree};

/// The files below the scanned folder. Nothing else can be read.
///
/// Paths are relative to that folder, with `/` between their parts and without `.` and `..`; the
/// folder itself is the empty path. [`below`] makes such a path of one that a configuration gives.
pub trait Files: Sync {
    /// The content of a file. The same path gives the same [`FileId`] each time.
    fn read(&self, path: &str) -> Result<FileContent, FileProblem>;

    /// The files of a folder, with those of the folders in it where `recursive`; sorted paths, from
    /// the scanned folder. Empty when there is no such folder.
    fn list(&self, folder: &str, recursive: bool) -> Vec<String>;

    /// What to say of a file of a module that cannot be read as text; `None` where whoever owns the files
    /// has said it already. `problem` is the rest of a sentence that begins with the file's name.
    fn tell_unreadable(&self, path: &str, code: Code, problem: &str) -> Option<Diagnostic> {
        Some(Diagnostic::path(code, path, format!("`{path}` {problem}.")))
    }

    /// Reads the text of a `.tf.json` or `.tfvars.json` file, strictly, and with every member of an
    /// object: what repeats a name is another block in such a file.
    fn parse_json(&self, file: FileId, text: &str) -> Json;
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileContent {
    Text {
        id: FileId,
        text: Arc<str>,
    },
    /// Not UTF-8, so that nothing in it has a place.
    Binary(Arc<[u8]>),
}

impl FileContent {
    pub fn bytes(&self) -> &[u8] {
        match self {
            FileContent::Text { text, .. } => text.as_bytes(),
            FileContent::Binary(bytes) => bytes,
        }
    }
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileProblem {
    /// There is none at that path.
    NotFound,
    /// It is a folder.
    Folder,
    /// The path leads out of the scanned folder.
    Outside,
    /// It is larger than the limit.
    TooLarge,
    /// The operating system refuses.
    Unreadable,
}

/// The text of a file that belongs to a module; what to say otherwise.
pub(crate) fn read_text(files: &dyn Files, path: &str) -> Result<(FileId, Arc<str>), Option<Diagnostic>> {
    match files.read(path) {
        Ok(FileContent::Text { id, text }) => Ok((id, text)),
        Ok(FileContent::Binary(_)) => {
            Err(files.tell_unreadable(path, Code::NotUtf8, "is not UTF-8, so that Terraform cannot read it"))
        }
        Err(problem) => {
            let code = if problem == FileProblem::TooLarge { Code::TooLarge } else { Code::Unreadable };
            Err(files.tell_unreadable(path, code, problem.as_str()))
        }
    }
}

impl FileProblem {
    /// What to say of the file, as the rest of a sentence that begins with its name.
    pub fn as_str(self) -> &'static str {
        match self {
            FileProblem::NotFound => "does not exist",
            FileProblem::Folder => "is a folder, not a file",
            FileProblem::Outside => "is outside of the scanned folder and is not read",
            FileProblem::TooLarge => "is larger than the limit",
            FileProblem::Unreadable => "cannot be read",
        }
    }
}

/// A parsed JSON text.
#[derive(Clone, Debug)]
pub struct Json {
    pub tree: Arc<Tree>,
    /// Absent when the text could not be read at all.
    pub root: Option<NodeId>,
    pub diagnostics: Vec<Diagnostic>,
}

/// The path below the scanned folder that `path` means when it is read from `folder`. Nothing below the
/// scanned folder has an absolute path.
pub fn below(folder: &str, path: &str) -> Result<String, FileProblem> {
    if path.starts_with('/') {
        return Err(FileProblem::Outside);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(FileProblem::Outside)?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// The folder of a file; the empty path for one of the scanned folder itself.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_scanned_folder() {
        let outside = Err(FileProblem::Outside);
        for (folder, path, expected) in [
            ("", "a.txt", Ok("a.txt".to_owned())),
            ("", ".", Ok(String::new())),
            ("envs/prod", "./a//b.txt", Ok("envs/prod/a/b.txt".to_owned())),
            ("envs/prod", "../../modules/x", Ok("modules/x".to_owned())),
            ("envs/prod", "../..", Ok(String::new())),
            ("envs/prod", "../../../x", outside.clone()),
            ("", "../x", outside.clone()),
            ("a", "/etc/passwd", outside),
        ] {
            assert_eq!(below(folder, path), expected, "{path} from {folder}");
        }
    }

    #[test]
    fn folders_and_names_of_paths() {
        for (path, folder, name) in [("a/b/c.tf", "a/b", "c.tf"), ("c.tf", "", "c.tf"), ("", "", "")] {
            assert_eq!((folder_of(path), name_of(path)), (folder, name));
        }
    }
}
