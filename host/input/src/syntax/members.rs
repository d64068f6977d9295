//! Members of a map that share a key: the last one counts.
//!
//! So it is for a cluster: `Unmarshal` of sigs.k8s.io/yaml and Go's encoding/json set a key again
//! when it comes again. A reader deserves to be told, since other tools keep the first.

use verdikt_model::{Code, Diagnostic, Entry, Span, TreeBuilder};

use super::{Problems, shortened};

/// Up to here maps are searched member by member, which is faster than sorting.
const FEW: usize = 12;

/// What to say of two members with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Someone wrote the key twice.
    Twice,
    /// A merge key below sets what stands above it. Go's reader lets it win, others do not.
    MergedLater,
    /// A key that was merged in is set again: that is what merging is for.
    Intended,
}

/// Finds repeated keys, map after map of one document.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    order: Vec<u32>,
    dropped: Vec<bool>,
}

impl Repeats {
    /// Leaves the last of the entries from `first` on that share a key, in their order, and warns
    /// of the others as `judge` says, which gets the indexes of both in `entries`.
    pub(super) fn drop_earlier(
        &mut self,
        builder: &TreeBuilder,
        entries: &mut Vec<Entry>,
        first: usize,
        problems: &mut Problems<'_>,
        judge: impl Fn(usize, usize) -> Repeat,
    ) {
        let members = &entries[first..];
        if members.len() < 2 || !self.find(builder, members) {
            return;
        }
        // Ordered by key and then by place: each entry before one with the same key goes.
        let order = std::mem::take(&mut self.order);
        for pair in order.windows(2) {
            let (earlier, later) = (&members[pair[0] as usize], &members[pair[1] as usize]);
            if builder.key(earlier) != builder.key(later) {
                continue;
            }
            self.dropped[pair[0] as usize] = true;
            match judge(first + pair[0] as usize, first + pair[1] as usize) {
                Repeat::Twice => warn(builder.key(later), later.key_span, false, problems),
                Repeat::MergedLater => warn(builder.key(later), earlier.key_span, true, problems),
                Repeat::Intended => {}
            }
        }
        self.order = order;
        let mut index = 0;
        let dropped = &self.dropped;
        let mut tail = entries.split_off(first);
        tail.retain(|_| {
            index += 1;
            !dropped[index - 1]
        });
        entries.append(&mut tail);
    }

    /// Whether any key repeats. If so, `order` holds the members' indexes by key and place.
    fn find(&mut self, builder: &TreeBuilder, members: &[Entry]) -> bool {
        if members.len() <= FEW {
            let repeats = members.iter().enumerate().any(|(index, entry)| {
                let key = builder.key(entry);
                members[..index].iter().any(|earlier| builder.key(earlier) == key)
            });
            if !repeats {
                return false;
            }
        }
        self.order.clear();
        self.order.extend(0..members.len() as u32);
        let key = |index: &u32| builder.key(&members[*index as usize]);
        // A stable sort keeps places in order among equal keys.
        self.order.sort_by(|one, other| key(one).cmp(key(other)));
        let repeats = self.order.windows(2).any(|pair| key(&pair[0]) == key(&pair[1]));
        if repeats {
            self.dropped.clear();
            self.dropped.resize(members.len(), false);
        }
        repeats
    }
}

fn warn(key: &str, at: Span, merged: bool, problems: &mut Problems<'_>) {
    let key = shortened(key);
    let message = if merged {
        format!(
            "The merge key `<<` that follows sets `{key}` again and wins, while other tools keep this value. Put `<<` \
             first in its map, so that every tool reads the same."
        )
    } else {
        format!(
            "The key `{key}` stands twice in this map. The last one counts, while other tools keep the first; remove one \
             of them, so that every tool reads the same."
        )
    };
    problems.push(Diagnostic::at(Code::DuplicateKey, at, message));
}
