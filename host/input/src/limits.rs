//! How much input is too much.

/// What a scan accepts. Each limit ends one file or one document with a diagnostic, never the scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputLimits {
    /// Bytes of one file. The largest manifests that people write by hand or generate are a few
    /// megabytes (bundles of custom resource definitions); spans hold offsets up to 4 GiB.
    pub file_size: usize,
    /// Levels of nesting of one document, what aliases add counted. Everything that walks a tree
    /// recursively relies on it.
    pub depth: usize,
    /// Nodes of one document, each alias counted as everything that it stands for.
    pub nodes: usize,
    /// Candidate files of one scan.
    pub files: usize,
    /// Documents of one scan, derived ones counted.
    pub documents: usize,
}

impl InputLimits {
    /// The greatest `file_size` that spans can address; a larger setting counts as this.
    pub const MAX_FILE_SIZE: usize = u32::MAX as usize;
    /// The greatest `depth` that recursion over trees can bear; a larger setting counts as this.
    pub const MAX_DEPTH: usize = 250;

    /// `file_size` as far as spans reach.
    pub(crate) fn file_size(&self) -> usize {
        self.file_size.min(Self::MAX_FILE_SIZE)
    }

    /// `depth` as far as recursion may go.
    pub(crate) fn depth(&self) -> usize {
        self.depth.min(Self::MAX_DEPTH)
    }
}

impl Default for InputLimits {
    fn default() -> Self {
        InputLimits { file_size: 32 << 20, depth: 128, nodes: 2_000_000, files: 200_000, documents: 1_000_000 }
    }
}

/// Bytes that the workloads of one object may repeat of what they share: a security context in each
/// container, settings in each pod. No cluster would store so much, and the repetition would be a bomb.
pub(crate) const MOST_REPEATED: usize = 16 << 20;
