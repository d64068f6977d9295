//! Findings that were known in a file which is no longer there, found again in another.

use std::collections::{BTreeMap, HashSet};

use verdikt_model::Verdict;

use crate::rows::Judged;

/// A finding that is known from a file that has gone.
pub(crate) struct Gone<'a> {
    /// [`Judged::anywhere`] of it.
    pub anywhere: &'a str,
    /// [`verdikt_model::Source::identity`] of the file that it was in.
    pub file: &'a str,
}

/// For each of the known findings, the row that it is now.
///
/// Rows in `taken` are known by their own fingerprint and are no candidates. The same rule at the same
/// place of a document with the same address is taken for the finding that moved, as long as there
/// are no more such rows than such findings: of two rows that could be the one finding nobody knows
/// which is new, so both count. Several moves of equal documents (a folder for each environment) are
/// paired in the order of their files.
pub(crate) fn moved(rows: &[Judged], taken: &HashSet<usize>, gone: &[Gone<'_>]) -> Vec<Option<usize>> {
    let mut known: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, gone) in gone.iter().enumerate() {
        known.entry(gone.anywhere).or_default().push(index);
    }
    let mut candidates: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, judged) in rows.iter().enumerate() {
        let verdict = judged.row.verdict;
        let open = verdict.is_finding() && verdict != Verdict::Error && !taken.contains(&index);
        if open && known.contains_key(judged.anywhere.as_str()) {
            candidates.entry(&judged.anywhere).or_default().push(index);
        }
    }
    let mut found = vec![None; gone.len()];
    for (anywhere, mut rows_of) in candidates {
        let Some(mut of) = known.remove(anywhere).filter(|of| rows_of.len() <= of.len()) else { continue };
        of.sort_by_key(|index| gone[*index].file);
        rows_of.sort_by_key(|index| rows[*index].identity().map(|place| &place.file));
        for (known, row) in of.into_iter().zip(rows_of) {
            found[known] = Some(row);
        }
    }
    found
}
