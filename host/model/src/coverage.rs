//! What a scan saw and what it did not.

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOutcome {
    /// Taken for `format` and read; how many documents came of it, derived ones not counted.
    Scanned { format: &'static str, documents: usize },
    /// Not ours, or not to be scanned; why.
    Skipped { reason: String },
    /// Ours, but it could not be read; a diagnostic says why.
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCoverage {
    /// As reports print it.
    pub path: String,
    pub outcome: FileOutcome,
}

/// Something that a scanned file names and that was not judged, although nothing is wrong with it: a
/// chart that is not rendered, a module that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageNote {
    /// The file that names it, as reports print it.
    pub path: String,
    /// Where it begins, counted from 1.
    pub line: u32,
    /// What it is, and what to do to have it judged; full sentences.
    pub text: String,
}

/// Every file that was found, in scan order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub files: Vec<FileCoverage>,
    /// In the order of the files.
    pub notes: Vec<CoverageNote>,
}

impl Coverage {
    pub fn scanned(&self) -> usize {
        self.files.iter().filter(|file| matches!(file.outcome, FileOutcome::Scanned { .. })).count()
    }

    /// Path and reason of each file that was left out.
    pub fn skipped(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|file| match &file.outcome {
            FileOutcome::Skipped { reason } => Some((file.path.as_str(), reason.as_str())),
            _ => None,
        })
    }

    pub fn documents(&self) -> usize {
        self.files
            .iter()
            .map(|file| if let FileOutcome::Scanned { documents, .. } = file.outcome { documents } else { 0 })
            .sum()
    }
}
