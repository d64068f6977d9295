//! What is known of a value without going through it, and how large values may be.

use super::{Marks, Value};

/// Levels that values may be nested in each other.
pub const MAX_DEPTH: u16 = 128;
/// How much one value may hold; see [`Value::weight`].
pub const MAX_WEIGHT: u64 = 1 << 20;

/// What is known of a value without going through it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Summary {
    pub(super) depth: u16,
    pub(super) weight: u64,
    /// Of the value and all that is in it.
    pub(super) marks: Marks,
    pub(super) wholly_known: bool,
}

impl Summary {
    pub(super) const LEAF: Summary = Summary { depth: 0, weight: 1, marks: Marks::NONE, wholly_known: true };

    pub(super) fn of<'v>(children: impl IntoIterator<Item = &'v Value>) -> Summary {
        let mut whole = Summary::LEAF;
        for child in children {
            let summary = child.summary();
            whole.depth = whole.depth.max(summary.depth.saturating_add(1));
            whole.weight = whole.weight.saturating_add(summary.weight);
            whole.marks = whole.marks | summary.marks;
            whole.wholly_known &= summary.wholly_known;
        }
        whole
    }

    /// Why there can be no such value.
    pub(super) fn problem(&self) -> Option<String> {
        if self.depth > MAX_DEPTH {
            Some(format!("a value that is nested more than {MAX_DEPTH} levels deep, the limit"))
        } else if self.weight > MAX_WEIGHT {
            Some(format!("a value with more than {MAX_WEIGHT} parts, the limit"))
        } else {
            None
        }
    }
}
