//! A small part of regular expressions: enough for the formats of keys and tokens.
//!
//! A regular-expression engine would be larger than all rules of a pack together. There are
//! characters, `.`, classes, `\d`, `\w` and the repetitions `?`, `*`, `+`, `{n}`, `{n,}` and `{n,m}`;
//! there are no groups and no alternatives (a list of patterns is one).

/// The most often that a character of an open repetition is taken: what bounds the work at each place
/// of a hostile text.
const LONGEST: usize = 1024;

/// Bytes: ASCII as a bit set, and whether all others belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    ascii: u128,
    others: bool,
}

impl Set {
    const NONE: Set = Set { ascii: 0, others: false };
    /// Everything but the end of a line.
    const ANY: Set = Set { ascii: !(1 << b'\n'), others: true };

    fn with(self, byte: u8) -> Set {
        if byte < 128 { Set { ascii: self.ascii | 1 << byte, ..self } } else { Set { others: true, ..self } }
    }

    fn with_range(self, first: u8, last: u8) -> Set {
        (first..=last).fold(self, Set::with)
    }

    fn union(self, other: Set) -> Set {
        Set { ascii: self.ascii | other.ascii, others: self.others || other.others }
    }

    /// A negated class does not cross lines.
    fn negated(self) -> Set {
        Set { ascii: !self.ascii & Set::ANY.ascii, others: !self.others }
    }

    fn bytes(self) -> Vec<u8> {
        let mut rest = self.ascii;
        let next = || {
            let byte = rest.trailing_zeros() as u8;
            rest &= rest.checked_sub(1)?;
            Some(byte)
        };
        let ascii = std::iter::from_fn(next);
        if self.others { ascii.chain(128..=u8::MAX).collect() } else { ascii.collect() }
    }

    fn has(self, byte: u8) -> bool {
        if byte < 128 { self.ascii >> byte & 1 == 1 } else { self.others }
    }
}

/// A character and how often it stands there.
#[derive(Clone, Copy, Debug)]
struct Step {
    set: Set,
    least: usize,
    most: usize,
}

/// A pattern that was understood.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    source: String,
    steps: Vec<Step>,
    /// The fixed text that every match begins with.
    prefix: String,
}

impl Pattern {
    /// `None` for what is no pattern, and for one that matches the empty text.
    pub(crate) fn parse(source: &str) -> Option<Pattern> {
        let mut steps = Vec::new();
        let mut rest = source.bytes().peekable();
        while let Some(byte) = rest.next() {
            let set = match byte {
                b'.' => Set::ANY,
                b'[' => parse_class(&mut rest)?,
                b'\\' => escaped(rest.next()?)?,
                b'(' | b')' | b'|' | b'^' | b'$' | b'{' | b'}' | b']' | b'*' | b'+' | b'?' => return None,
                other => Set::NONE.with(other),
            };
            let (least, most) = parse_repetition(&mut rest)?;
            steps.push(Step { set, least, most });
        }
        let prefix = prefix(&steps);
        steps.iter().any(|step| step.least > 0).then(|| Pattern { source: source.to_owned(), steps, prefix })
    }

    /// As it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The fixed text that every match begins with: what a message may show.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What its matches can begin with: texts of at most `length` bytes; `None` when they are more than `most`.
    pub(crate) fn beginnings(&self, length: usize, most: usize) -> Option<Vec<Vec<u8>>> {
        let mut found = vec![Vec::new()];
        for step in &self.steps {
            for _ in 0..step.least.min(length) {
                if found.first().is_none_or(|beginning| beginning.len() == length) {
                    return Some(found);
                }
                let bytes = step.set.bytes();
                if found.len() * bytes.len() > most {
                    return None;
                }
                let longer = |beginning: &Vec<u8>| -> Vec<Vec<u8>> {
                    bytes.iter().map(|byte| [beginning.as_slice(), &[*byte]].concat()).collect()
                };
                found = found.iter().flat_map(longer).collect();
            }
            if step.least != step.most {
                break;
            }
        }
        found.first().is_some_and(|beginning| !beginning.is_empty()).then_some(found)
    }

    /// Where a match that begins at `from` ends, for which `accepts` holds.
    pub(crate) fn end(&self, text: &[u8], from: usize, accepts: impl Fn(usize) -> bool) -> Option<usize> {
        // Nearly all places end here.
        if !text[from..].starts_with(self.prefix.as_bytes()) {
            return None;
        }
        // Steps of a fixed length have one place to end at.
        let mut at = from;
        let mut steps = self.steps.as_slice();
        while let [step, rest @ ..] = steps
            && step.least == step.most
        {
            if !text.get(at..at + step.least)?.iter().all(|byte| step.set.has(*byte)) {
                return None;
            }
            (at, steps) = (at + step.least, rest);
        }
        // All places that the other steps so far can end at, in ascending order.
        let mut open = vec![at];
        for step in steps {
            let mut next: Vec<usize> = Vec::new();
            for &start in &open {
                let run = text[start..].iter().take(step.most).take_while(|byte| step.set.has(**byte)).count();
                let first = (start + step.least).max(next.last().map_or(0, |last| last + 1));
                next.extend(first..=start + run);
            }
            if next.is_empty() {
                return None;
            }
            open = next;
        }
        open.into_iter().rev().find(|end| accepts(*end))
    }
}

fn prefix(steps: &[Step]) -> String {
    let fixed = steps.iter().map_while(|step| {
        let single = step.set.ascii.count_ones() == 1 && !step.set.others && (step.least, step.most) == (1, 1);
        single.then(|| char::from(step.set.ascii.trailing_zeros() as u8))
    });
    fixed.collect()
}

type Bytes<'a> = std::iter::Peekable<std::str::Bytes<'a>>;

/// After `[`, to the `]`.
fn parse_class(rest: &mut Bytes<'_>) -> Option<Set> {
    let negated = rest.next_if_eq(&b'^').is_some();
    let mut set = Set::NONE;
    loop {
        let byte = match rest.next()? {
            b']' => break,
            b'\\' => {
                let byte = rest.next()?;
                if byte.is_ascii_alphanumeric() {
                    set = set.union(escaped(byte)?);
                    continue;
                }
                byte
            }
            byte => byte,
        };
        if rest.peek() != Some(&b'-') {
            set = set.with(byte);
            continue;
        }
        rest.next();
        match rest.next()? {
            // A hyphen at the end of a class is itself.
            b']' => {
                set = set.with(byte).with(b'-');
                break;
            }
            last if last >= byte => set = set.with_range(byte, last),
            _ => return None,
        }
    }
    let set = if negated { set.negated() } else { set };
    (set != Set::NONE).then_some(set)
}

fn escaped(byte: u8) -> Option<Set> {
    let digits = Set::NONE.with_range(b'0', b'9');
    match byte {
        b'd' => Some(digits),
        b'w' => Some(digits.with_range(b'a', b'z').with_range(b'A', b'Z').with(b'_')),
        b's' => Some(Set::NONE.with(b' ').with(b'\t')),
        byte if byte.is_ascii_alphanumeric() => None,
        byte => Some(Set::NONE.with(byte)),
    }
}

fn parse_repetition(rest: &mut Bytes<'_>) -> Option<(usize, usize)> {
    let repetition = match rest.peek() {
        Some(b'?') => (0, 1),
        Some(b'*') => (0, LONGEST),
        Some(b'+') => (1, LONGEST),
        Some(b'{') => {
            rest.next();
            let mut inside = String::new();
            loop {
                match rest.next()? {
                    b'}' => break,
                    byte => inside.push(char::from(byte)),
                }
            }
            let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
            let least: usize = least.parse().ok()?;
            let most = if most.is_empty() { LONGEST } else { most.parse().ok()? };
            return (least <= most && most <= LONGEST).then_some((least, most));
        }
        _ => return Some((1, 1)),
    };
    rest.next();
    Some(repetition)
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_what_they_say() {
        for (pattern, text, end) in [
            ("abc", "abcd", Some(3)),
            ("abc", "ab", None),
            ("a[0-9]{2}", "a12", Some(3)),
            ("a[0-9]{2}", "a1b", None),
            ("a[0-9]{2,3}b", "a1234b", None),
            ("a[0-9]{2,3}b", "a123b", Some(5)),
            ("a.*b", "axxbxxb!", Some(7)),
            ("a.*b", "a\nb", None),
            ("ab?c+", "accc", Some(4)),
            (r"a\.b", "a.b", Some(3)),
            (r"a\.b", "axb", None),
            (r"\d+\w", "12x", Some(3)),
            ("[a-c-]+", "a-bd", Some(3)),
            ("[^a]b", "xb", Some(2)),
            ("[^a]b", "ab", None),
            (r"[\d_]+", "1_2", Some(3)),
            ("ä", "ä", Some(2)),
        ] {
            let parsed = Pattern::parse(pattern).unwrap_or_else(|| panic!("{pattern}"));
            assert_eq!(parsed.end(text.as_bytes(), 0, |_| true), end, "{pattern} on {text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in
            ["", "a*", "(a)", "a|b", "^a", "a$", "[a", "[]", "[b-a]", "a{2", "a{3,2}", "a{9999}", r"\q", "a\\"]
        {
            assert!(Pattern::parse(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn the_fixed_beginning_is_known() {
        for (pattern, prefix) in [("AKIA[A-Z]{16}", "AKIA"), ("gh[op]_x", "gh"), ("[a]b", "ab"), (r"SG\.x+", "SG.")] {
            assert_eq!(Pattern::parse(pattern).unwrap().prefix(), prefix, "{pattern}");
        }
    }

    #[test]
    fn what_matches_begin_with_is_known() {
        for (pattern, expected) in [
            ("AKIA[A-Z]{16}", Some(vec!["AKI"])),
            ("g[op]_x", Some(vec!["go_", "gp_"])),
            ("a+b", Some(vec!["a"])),
            ("ab", Some(vec!["ab"])),
            ("a{4}", Some(vec!["aaa"])),
            ("[a-z]{3}", None),
            ("a?b", None),
        ] {
            let expected = expected.map(|all| all.into_iter().map(|text| text.as_bytes().to_vec()).collect());
            assert_eq!(Pattern::parse(pattern).unwrap().beginnings(3, 100), expected, "{pattern}");
        }
    }

    #[test]
    fn open_repetitions_are_bounded() {
        let long = "a".repeat(200_000);
        let pattern = Pattern::parse("a+a+a+b").unwrap();
        assert_eq!(pattern.end(long.as_bytes(), 0, |_| true), None);
    }
}
