//! Where in a text something can begin that is looked for: a filter over every three bytes of it.
//!
//! Texts are long and credentials are rare, so nearly all of the time goes into passing over what is none.
//! One look at a table for each byte decides that; only where it says *perhaps* is anything read.

/// The words of the table, of 64 bits each: 4 KiB.
const WORDS: usize = 512;

/// The longest beginning that is looked at.
pub(crate) const LENGTH: usize = 3;

/// Beginnings that are looked for, in upper or lower case. Says *perhaps* for a few others as well.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    words: Box<[u64; WORDS]>,
}

impl Filter {
    pub(crate) fn new() -> Filter {
        Filter { words: Box::new([0; WORDS]) }
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
            for slot in [slot(number), second_slot(number)] {
                self.words[slot / 64] |= 1 << (slot % 64);
            }
        }
    }

    /// Two places in the table, since one is hit too often by chance.
    fn has(&self, gram: u32) -> bool {
        is_set(&self.words, slot(gram)) && is_set(&self.words, second_slot(gram))
    }
}

/// The first place from `from` on where something can begin, and for which of two filters.
pub(crate) fn next(bytes: &[u8], from: usize, filters: [&Filter; 2]) -> Option<(usize, [bool; 2])> {
    let (left, right) = (&*filters[0].words, &*filters[1].words);
    let mut at = from;
    // Nearly all of the time of a rule is spent here.
    while let Some(&window) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let gram = u32::from_le_bytes(window);
        let slot = slot(gram);
        if is_set(left, slot) | is_set(right, slot) {
            let found = filters.map(|filter| filter.has(gram));
            if found != [false; 2] {
                return Some((at, found));
            }
        }
        at += 1;
    }
    // The last places, with nothing behind the end.
    (at..bytes.len()).find_map(|at| {
        let gram = u32::from_le_bytes([0, 1, 2, 3].map(|offset| bytes.get(at + offset).copied().unwrap_or(0)));
        let found = filters.map(|filter| filter.has(gram));
        (found != [false; 2]).then_some((at, found))
    })
}

fn is_set(words: &[u64; WORDS], slot: usize) -> bool {
    words[slot / 64] >> (slot % 64) & 1 == 1
}

/// Where a beginning stands in the table: upper and lower case are the same, and the fourth byte is nothing.
fn slot(gram: u32) -> usize {
    ((gram | 0xFF20_2020).wrapping_mul(0x9E37_79B1) >> 17) as usize
}

fn second_slot(gram: u32) -> usize {
    ((gram | 0xFF20_2020).wrapping_mul(0x85EB_CA6B) >> 17) as usize
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
    }
}
