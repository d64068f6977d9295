//! Where in a text something can begin that is looked for: a filter over every three bytes of it.
//!
//! Texts are long and credentials are rare, so nearly all of the time goes into passing over what is none.
//! One look at a table for each byte decides that; only where it says *perhaps* is anything read.

/// Bits of the table: 4 KiB.
const SLOTS: u32 = 1 << 15;

/// The longest beginning that is looked at.
pub(crate) const LENGTH: usize = 3;

/// Beginnings that are looked for, in upper or lower case. Says *perhaps* for a few others as well.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    words: Box<[u64]>,
}

impl Filter {
    pub(crate) fn new() -> Filter {
        Filter { words: vec![0; SLOTS as usize / 64].into_boxed_slice() }
    }

    /// Looks for a beginning from now on; one shorter than [`LENGTH`] may be followed by anything.
    pub(crate) fn insert(&mut self, beginning: &[u8]) {
        let mut gram = [0; LENGTH];
        let length = beginning.len().min(LENGTH);
        gram[..length].copy_from_slice(&beginning[..length]);
        // Each missing byte stands for all that it can be; upper and lower case are one.
        let missing = (LENGTH - length) as u32;
        for rest in 0..1u32 << (8 * missing) {
            let number = u32::from_le_bytes([gram[0], gram[1], gram[2], 0]) | rest << (8 * length);
            let slot = slot(number);
            self.words[slot / 64] |= 1 << (slot % 64);
        }
    }

    fn has(&self, gram: u32) -> bool {
        let slot = slot(gram);
        self.words.get(slot / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
    }

    /// Whether anything can begin anywhere in a text.
    pub(crate) fn finds(&self, bytes: &[u8]) -> bool {
        next(bytes, 0, [self, self]).is_some()
    }
}

/// The first place from `from` on where something can begin, and for which of two filters.
pub(crate) fn next(bytes: &[u8], from: usize, filters: [&Filter; 2]) -> Option<(usize, [bool; 2])> {
    let rest = bytes.get(from..)?;
    let found = |gram: u32| filters.map(|filter| filter.has(gram));
    for (at, window) in rest.windows(4).enumerate() {
        let gram = u32::from_le_bytes([window[0], window[1], window[2], window[3]]) & 0xFF_FFFF;
        if filters[0].has(gram) | filters[1].has(gram) {
            return Some((from + at, found(gram)));
        }
    }
    // The last places, with nothing behind the end.
    (bytes.len().saturating_sub(LENGTH).max(from)..bytes.len()).find_map(|at| {
        let byte = |offset: usize| u32::from(bytes.get(at + offset).copied().unwrap_or(0)) << (8 * offset);
        let gram = byte(0) | byte(1) | byte(2);
        found(gram).contains(&true).then(|| (at, found(gram)))
    })
}

/// Where a beginning stands in the table, in upper or lower case the same.
fn slot(gram: u32) -> usize {
    ((gram | 0x20_2020).wrapping_mul(0x9E37_79B1) >> 17) as usize
}

#[cfg(test)]
mod tests {
    use super::{Filter, next};

    #[test]
    fn beginnings_are_found_wherever_they_stand() {
        let (mut names, mut forms) = (Filter::new(), Filter::new());
        names.insert(b"pass");
        names.insert(b"pw");
        forms.insert(b"AKIA");
        for (text, expected) in [
            ("", None),
            ("pa", None),
            ("pas", Some((0, [true, false]))),
            ("a PASSWORD", Some((2, [true, false]))),
            ("smtp_pw", Some((5, [true, false]))),
            ("smtp_pw=", Some((5, [true, false]))),
            ("pwd", Some((0, [true, false]))),
            ("xAKI", Some((1, [false, true]))),
            ("0123456789", None),
        ] {
            assert_eq!(next(text.as_bytes(), 0, [&names, &forms]), expected, "{text}");
        }
        assert_eq!(next(b"pw pw", 1, [&names, &forms]), Some((3, [true, false])));
        assert_eq!(next(b"pw", 7, [&names, &forms]), None);
        assert!(names.finds(b"x_Pass_y") && !names.finds(b"x_y"));
    }
}
