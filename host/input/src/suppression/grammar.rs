//! The text of a suppression: `RULE[,RULE] [until=YYYY-MM-DD] reason`.
//!
//! What is not understood is a [`Mistake`] and never a guess: a suppression whose last day was
//! overlooked would hold for ever.

use std::ops::Range;

use verdikt_model::Date;

/// Names as they are written, each with its place in the text.
pub(super) type Names<'a> = Vec<(&'a str, Range<usize>)>;

/// What a text says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// Never empty.
    pub(super) rules: Names<'a>,
    pub(super) until: Option<Date>,
    pub(super) reason: &'a str,
}

/// Why a text cannot be understood, and the place in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) at: Range<usize>,
    pub(super) message: String,
}

impl Mistake {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Mistake { at, message: message.into() }
    }
}

/// The form as messages show it.
pub(super) const FORM: &str = "`RULE[,RULE] [until=YYYY-MM-DD] reason`";

/// Words that people write where the day belongs.
const OTHER_WORDS: [&str; 5] = ["until", "expires", "expiry", "exp", "till"];

/// Reads a text.
pub(super) fn parse(text: &str) -> Result<Statement<'_>, Mistake> {
    let (rules, mut at) = rules(text)?;
    let mut until = None;
    while let Some(word) = word(text, at) {
        let option = text[word.clone()].split_once('=').filter(|(key, _)| is_key(key));
        let Some((key, value)) = option else { break };
        if key != "until" {
            let message = format!("`{key}` is no option of a suppression; the only one is `until=YYYY-MM-DD`.");
            return Err(Mistake::new(word, message));
        }
        if until.is_some() {
            return Err(Mistake::new(word, "`until` stands twice; leave one day."));
        }
        let value_at = word.end - value.len()..word.end;
        until = Some(Date::parse(value).ok_or_else(|| Mistake::new(value_at, not_a_day(value)))?);
        at = word.end;
    }
    let reason = text[at..].trim().trim_start_matches(['-', '–', '—', ':']).trim_start();
    misplaced(text, at)?;
    Ok(Statement { rules, until, reason })
}

/// What to say of a day that is none.
pub(super) fn not_a_day(value: &str) -> String {
    format!("`{}` is no day that exists, written YYYY-MM-DD.", short(value))
}

/// Whether a text may name a rule: an id, a slug, a pack, or a prefix of one with `*`.
pub(super) fn is_name(text: &str) -> bool {
    let stem = text.strip_suffix('*').unwrap_or(text);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && stem.bytes().all(plain) && !stem.starts_with(['-', '.'])
}

/// Whether a name can hardly be a word of a sentence: it has a digit, or is a prefix.
pub(super) fn is_distinct_name(text: &str) -> bool {
    is_name(text) && (text.ends_with('*') || text.bytes().any(|byte| byte.is_ascii_digit()))
}

/// The first characters of what somebody wrote, for messages.
pub(super) fn short(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(at, _)| &text[..at])
}

/// Names of rules with commas between them, with or without white space around these; and where they
/// end.
fn rules(text: &str) -> Result<(Names<'_>, usize), Mistake> {
    let mut rules = Vec::new();
    let mut at = 0;
    loop {
        let Some(word) = word(text, at) else {
            let message = format!("A suppression names at least one rule; write {FORM}.");
            return Err(Mistake::new(at.min(text.len())..text.len(), message));
        };
        let name = text[word.clone()].split(',').next().unwrap_or_default();
        let place = word.start..word.start + name.len();
        if !is_name(name) {
            let what = if name.is_empty() { "A rule is missing before this comma" } else { "This names no rule" };
            let message = format!("{what}; write {FORM}, with ids, slugs, packs or prefixes such as `WL-*`.");
            return Err(Mistake::new(word, message));
        }
        at = place.end;
        rules.push((name, place));
        let rest = text[at..].trim_start();
        match rest.strip_prefix(',') {
            Some(after) => at = text.len() - after.len(),
            None => return Ok((rules, at)),
        }
    }
}

/// The next run of characters without white space.
fn word(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let start = from + (rest.len() - rest.trim_start().len());
    let length = text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
    (length > 0).then_some(start..start + length)
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
}

/// A day in the reason that somebody meant as the last one: the suppression would hold for ever.
fn misplaced(text: &str, from: usize) -> Result<(), Mistake> {
    let mut at = from;
    let mut first = true;
    while let Some(found) = word(text, at) {
        let written = &text[found.clone()];
        let key = written.split(['=', ':']).next().unwrap_or_default().to_ascii_lowercase();
        let is_option = written.starts_with("until=");
        let is_other = first && OTHER_WORDS.contains(&key.as_str()) && {
            let value = written.get(key.len() + 1..).filter(|value| !value.is_empty());
            let next = word(text, found.end).map(|next| &text[next]);
            value.or(next).is_some_and(|value| value.starts_with(|digit: char| digit.is_ascii_digit()))
        };
        if is_option || is_other {
            let message = "The last day stands right after the rules and is written `until=YYYY-MM-DD`.";
            return Err(Mistake::new(found, message));
        }
        at = found.end;
        first = false;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::reproducible;

    #[test]
    fn good_texts() {
        for (text, rules, until, reason) in [
            ("WL-001 why", &["WL-001"][..], None, "why"),
            ("  WL-001  ", &["WL-001"], None, ""),
            ("WL-001,im-001 until=2027-01-31 two words", &["WL-001", "im-001"], Some("2027-01-31"), "two words"),
            ("WL-001 , IM-* -- see #12", &["WL-001", "IM-*"], None, "see #12"),
            ("WL-001, privileged, workload why", &["WL-001", "privileged", "workload"], None, "why"),
            ("* until=2027-01-31", &["*"], Some("2027-01-31"), ""),
            ("WL-001 we wait until March", &["WL-001"], None, "we wait until March"),
            ("WL-001 until the move is done", &["WL-001"], None, "until the move is done"),
            ("CKV_K8S_16 known", &["CKV_K8S_16"], None, "known"),
        ] {
            let found = parse(text).unwrap();
            assert_eq!(found.rules.iter().map(|(name, _)| *name).collect::<Vec<_>>(), rules, "{text}");
            assert!(found.rules.iter().all(|(name, at)| &text[at.clone()] == *name), "{text}");
            assert_eq!(found.until.map(|day| day.to_string()).as_deref(), until, "{text}");
            assert_eq!(found.reason, reason, "{text}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, at, message) in [
            ("", "", "at least one rule"),
            ("   ", "   ", "at least one rule"),
            ("until=2027-01-31 why", "until=2027-01-31", "names no rule"),
            ("WL-001, until=2027-01-31", "until=2027-01-31", "names no rule"),
            ("WL-001: why", "WL-001:", "names no rule"),
            (",WL-001 why", ",WL-001", "missing before this comma"),
            ("WL-001,, IM-001", ",", "missing before this comma"),
            ("WL-001 until=2027-02-29 why", "2027-02-29", "no day that exists"),
            ("WL-001 until= why", "", "no day that exists"),
            ("WL-001 until=2027-01-31 until=2027-01-31", "until=2027-01-31", "twice"),
            ("WL-001 expires=2027-01-31 why", "expires=2027-01-31", "`expires` is no option"),
            ("WL-001 why until=2027-01-31", "until=2027-01-31", "right after the rules"),
            ("WL-001 until 2027-01-31 why", "until", "right after the rules"),
            ("WL-001 exp:2027-01-31 why", "exp:2027-01-31", "right after the rules"),
            ("WL-001 Until: 31.01.2027", "Until:", "right after the rules"),
        ] {
            let mistake = parse(text).unwrap_err();
            assert_eq!(&text[mistake.at.clone()], at, "{text}: {mistake:?}");
            assert!(mistake.message.contains(message), "{text}: {mistake:?}");
        }
    }

    proptest! {
        #![proptest_config(reproducible())]

        #[test]
        fn every_text_is_read_or_refused_at_a_place_of_it(text in "[ ,=*:WLü0-9a-z-]{0,30}") {
            match parse(&text) {
                Ok(found) => {
                    prop_assert!(!found.rules.is_empty());
                    prop_assert!(found.rules.iter().all(|(name, at)| text.get(at.clone()) == Some(*name)));
                }
                Err(mistake) => prop_assert!(text.get(mistake.at).is_some()),
            }
        }
    }
}
