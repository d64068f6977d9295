//! Which names say that what they name is a credential.
//!
//! Names are read word by word, so that `DB_PASSWORD`, `db.password` and `dbPassword` are one name and
//! `COMPASS` holds no `PASS`.

use std::ops::Range;

use verdikt_sdk::{Node, Setting, Strings};

use crate::filter::{self, Filter};
use crate::vocabulary::{ABOUT, BROWSER, CREDENTIALS, OTHERS};

/// What a secret name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretName {
    /// A password, which people choose: it can be a number or look like anything else.
    Password,
    /// A key or token, which machines make.
    Other,
}

/// Patterns of names, as a parameter of rules.
///
/// A pattern is one or more words with `_` between them, which must stand in the name in this order,
/// side by side, in upper or lower case. `*` at an end of a word stands for any characters of that word,
/// and alone for one or more words. With `$` at its end the name must end there.
#[derive(Clone, Debug)]
pub struct NamePatterns {
    patterns: Vec<Pattern>,
    /// The patterns that begin with a whole word, by that word and in its order.
    by_word: Vec<(String, u16)>,
    /// The others.
    open: Vec<u16>,
    /// What a name must have somewhere in it: one of these texts, of each pattern one.
    stems: Vec<String>,
    filter: Filter,
}

#[derive(Clone, Debug)]
struct Pattern {
    source: String,
    words: Vec<Word>,
    /// Whether the name must end where the pattern does.
    is_end: bool,
}

#[derive(Clone, Debug)]
enum Word {
    /// One or more words.
    Any,
    /// The word, and what may stand before and behind its text.
    Like { text: String, open_start: bool, open_end: bool },
}

impl NamePatterns {
    /// The names of SE-001, when nothing else is said.
    pub const DEFAULT: &'static [&'static str] = CREDENTIALS;

    /// Whether the name is one of a credential.
    pub fn secret(&self, name: &str) -> Option<SecretName> {
        // Nearly all names end here.
        if self.has_stem(name.as_bytes()) { self.secret_with_stem(name) } else { None }
    }

    /// Whether a name in which a stem stands is one of a credential.
    pub(crate) fn secret_with_stem(&self, name: &str) -> Option<SecretName> {
        let words = Words::of(name);
        if OTHERS.iter().any(|other| words.end_with(other)) {
            return None;
        }
        // What stands before a word that says what the name is about is not what the name names.
        let about = words.iter(0).rposition(|word| ABOUT.binary_search(&word).is_ok());
        let mut found = None;
        for start in 0..words.len() {
            for pattern in self.beginning_with(words.get(start)) {
                let Some(end) = pattern.end(&words, start, pattern.is_end) else { continue };
                if about.is_some_and(|about| about >= end) {
                    continue;
                }
                if end == words.len() && pattern.is_of_passwords() {
                    return Some(SecretName::Password);
                }
                found = Some(SecretName::Other);
            }
        }
        // A secret is one wherever it stands.
        let is_public =
            || BROWSER.iter().any(|first| words.begin_with(first)) && !words.iter(0).any(|word| word == "SECRET");
        found.filter(|_| !is_public())
    }

    /// Where the name of a credential may have its stem.
    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether a stem begins here, so that what stands around it may be the name of a credential.
    pub(crate) fn has_stem_at(&self, text: &[u8], at: usize) -> bool {
        let is_at = |stem: &[u8]| text.get(at..at + stem.len()).is_some_and(|own| own.eq_ignore_ascii_case(stem));
        self.stems.iter().any(|stem| is_at(stem.as_bytes()))
    }

    fn has_stem(&self, name: &[u8]) -> bool {
        let mut from = 0;
        while let Some((at, _)) = filter::next(name, from, [&self.filter; 2]) {
            if self.has_stem_at(name, at) {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a pattern is the whole name.
    pub fn has(&self, name: &str) -> bool {
        let words = Words::of(name);
        self.patterns.iter().any(|pattern| pattern.end(&words, 0, true).is_some())
    }

    /// The patterns that can begin with a word: nearly always only those that are open at their beginning.
    fn beginning_with<'w>(&'w self, word: &'w str) -> impl Iterator<Item = &'w Pattern> {
        let with = move |word: &'w str| {
            let first = self.by_word.partition_point(|(own, _)| own.as_str() < word);
            self.by_word[first..].iter().take_while(move |(own, _)| own == word).map(|(_, index)| *index)
        };
        let singular = word.strip_suffix('S').into_iter().flat_map(with);
        let all = self.open.iter().copied().chain(with(word)).chain(singular);
        all.map(|index| &self.patterns[usize::from(index)])
    }

    fn new(patterns: Vec<Pattern>) -> NamePatterns {
        let stems = stems(&patterns);
        let mut filter = Filter::new();
        stems.iter().for_each(|stem| filter.insert(stem.as_bytes()));
        let mut found = NamePatterns { patterns, by_word: Vec::new(), open: Vec::new(), stems, filter };
        for (index, pattern) in (0..).zip(&found.patterns) {
            match pattern.words.first() {
                Some(Word::Like { text, open_start: false, open_end: false }) => {
                    let at = found.by_word.partition_point(|(other, _)| other <= text);
                    found.by_word.insert(at, (text.clone(), index));
                }
                _ => found.open.push(index),
            }
        }
        found
    }

    fn parse<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Option<NamePatterns> {
        let patterns: Vec<Pattern> = patterns.into_iter().map(Pattern::parse).collect::<Option<_>>()?;
        // Patterns are counted in 16 bits.
        (patterns.len() <= usize::from(u16::MAX)).then(|| NamePatterns::new(patterns))
    }
}

/// Patterns in source code; what is none is left out, and a test holds that nothing is.
impl From<&[&str]> for NamePatterns {
    fn from(patterns: &[&str]) -> Self {
        NamePatterns::new(patterns.iter().filter_map(|pattern| Pattern::parse(pattern)).collect())
    }
}

impl<const N: usize> From<[&str; N]> for NamePatterns {
    fn from(patterns: [&str; N]) -> Self {
        NamePatterns::from(patterns.as_slice())
    }
}

impl Setting for NamePatterns {
    const SCHEMA: &'static str = r#""type": "array", "items": {"type": "string", "pattern": "^[A-Za-z0-9_.*-]*[A-Za-z0-9][A-Za-z0-9_.*-]*\\$?$"}"#;

    fn to_json(&self) -> String {
        let items: Vec<String> = self.patterns.iter().map(|pattern| pattern.source.to_json()).collect();
        format!("[{}]", items.join(", "))
    }

    fn read(node: Node<'_>) -> Option<Self> {
        NamePatterns::parse(Strings::read(node)?.iter())
    }
}

impl Pattern {
    fn parse(source: &str) -> Option<Pattern> {
        let (text, is_end) = source.strip_suffix('$').map_or((source, false), |text| (text, true));
        let words: Vec<Word> = text
            .split(['_', '-', '.'])
            .filter(|word| !word.is_empty())
            .map(|word| {
                let text = word.trim_matches('*').to_ascii_uppercase();
                if text.is_empty() {
                    return Some(Word::Any);
                }
                let (open_start, open_end) = (word.starts_with('*'), word.ends_with('*'));
                text.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(Word::Like {
                    text,
                    open_start,
                    open_end,
                })
            })
            .collect::<Option<_>>()?;
        let says_something = words.iter().any(|word| matches!(word, Word::Like { .. }));
        says_something.then(|| Pattern { source: source.to_owned(), words, is_end })
    }

    /// The texts of its words, each of which every name has that it is of.
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.words.iter().filter_map(|word| match word {
            Word::Like { text, .. } => Some(text.as_str()),
            Word::Any => None,
        })
    }

    fn is_of_passwords(&self) -> bool {
        self.texts().any(|text| text.contains("PASS") || ["PWD", "PW", "KENNWORT", "MASTERAUTH"].contains(&text))
    }

    /// Behind which word a match that begins at `start` ends; with `whole` only at the end of the name.
    fn end(&self, words: &Words, start: usize, whole: bool) -> Option<usize> {
        let (mut at, mut next) = (start, 0);
        // Where the last wildcard could end instead; it takes one more word where the rest fails.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let matches = match self.words.get(next) {
                None if !whole || at == words.len() => return Some(at),
                None => false,
                Some(_) if at == words.len() => return None,
                Some(Word::Any) => {
                    retry = Some((at + 1, next + 1));
                    true
                }
                Some(Word::Like { text, open_start, open_end }) => is_like(words.get(at), text, *open_start, *open_end),
            };
            if matches {
                (at, next) = (at + 1, next + 1);
            } else {
                let (taken, after) = retry.filter(|(taken, _)| *taken < words.len())?;
                retry = Some((taken + 1, after));
                (at, next) = (taken + 1, after);
            }
        }
    }
}

/// One text of each pattern, as few different ones as possible.
fn stems(patterns: &[Pattern]) -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    for pattern in patterns {
        let is_covered = |text: &str| chosen.iter().any(|stem| text.contains(stem.as_str()));
        if !pattern.texts().any(is_covered) {
            chosen.extend(pattern.texts().max_by_key(|text| text.len()).map(str::to_owned));
        }
    }
    chosen
}

/// Whether a word of a name is one of a pattern; it may stand in the plural.
fn is_like(word: &str, text: &str, open_start: bool, open_end: bool) -> bool {
    let is = |word: &str| match (open_start, open_end) {
        (false, false) => word == text,
        (true, false) => word.ends_with(text),
        (false, true) => word.starts_with(text),
        (true, true) => word.contains(text),
    };
    is(word) || word.strip_suffix('S').is_some_and(is)
}

/// The words of a name, in upper case: the last ones, which say what it names.
struct Words {
    text: String,
    words: Vec<Range<usize>>,
}

/// The most words that are looked at, so that the work is bounded for a hostile name.
const MOST_WORDS: usize = 64;

impl Words {
    /// A word ends at what is neither letter nor digit, between a small letter and a capital (`dbPassword`),
    /// before the last capital of several (`DBPassword`) and between letters and digits (`PASSWORD2`).
    /// Numbers are left out.
    fn of(name: &str) -> Words {
        let bytes = name.as_bytes();
        let mut words = Vec::with_capacity(8);
        let mut start = 0;
        for at in 0..=bytes.len() {
            let here = bytes.get(at).copied().unwrap_or(b'_');
            let before = if at == 0 { b'_' } else { bytes[at - 1] };
            let behind = bytes.get(at + 1).copied().unwrap_or(b'_');
            let is_border = !here.is_ascii_alphanumeric()
                || !before.is_ascii_alphanumeric()
                || (before.is_ascii_lowercase() && here.is_ascii_uppercase())
                || (before.is_ascii_uppercase() && here.is_ascii_uppercase() && behind.is_ascii_lowercase())
                || before.is_ascii_digit() != here.is_ascii_digit();
            if is_border {
                if bytes[start..at].first().is_some_and(u8::is_ascii_alphabetic) {
                    words.push(start..at);
                }
                start = if here.is_ascii_alphanumeric() { at } else { (at + 1).min(bytes.len()) };
            }
        }
        words.drain(..words.len().saturating_sub(MOST_WORDS));
        Words { text: name.to_ascii_uppercase(), words }
    }

    /// Whether these are its last words, of which the last may stand in the plural.
    fn end_with(&self, last: &[&str]) -> bool {
        let Some(from) = self.len().checked_sub(last.len()) else { return false };
        self.iter(from).zip(last).all(|(word, expected)| is_like(word, expected, false, false))
    }

    /// Whether these are its first words.
    fn begin_with(&self, first: &[&str]) -> bool {
        self.len() > first.len() && self.iter(0).zip(first).all(|(word, expected)| word == *expected)
    }

    fn len(&self) -> usize {
        self.words.len()
    }

    fn get(&self, at: usize) -> &str {
        &self.text[self.words[at].clone()]
    }

    fn iter(&self, from: usize) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        (from..self.len()).map(|at| self.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::{NamePatterns, SecretName, Words};

    #[test]
    fn names_are_split_into_words() {
        for (name, expected) in [
            ("DB_PASSWORD", "DB PASSWORD"),
            ("db.password", "DB PASSWORD"),
            ("dbPassword", "DB PASSWORD"),
            ("DBPassword", "DB PASSWORD"),
            ("db-password-2", "DB PASSWORD"),
            ("PASSWORD2", "PASSWORD"),
            ("apiKey", "API KEY"),
            ("S3SecretKey", "S SECRET KEY"),
            ("Ünïcode_token", "N CODE TOKEN"),
            ("", ""),
            ("__", ""),
            ("123", ""),
        ] {
            let words = Words::of(name);
            assert_eq!(words.iter(0).collect::<Vec<_>>().join(" "), expected, "{name}");
        }
    }

    #[test]
    fn every_default_is_a_pattern() {
        assert_eq!(NamePatterns::from(NamePatterns::DEFAULT).patterns.len(), NamePatterns::DEFAULT.len());
    }

    #[test]
    fn names_of_credentials() {
        let patterns = NamePatterns::from(NamePatterns::DEFAULT);
        for name in [
            "DB_PASSWORD",
            "password",
            "my_password",
            "PGPASSWORD",
            "mysqlPassword",
            "KEYSTORE_PASS",
            "MYSQL_PWD",
            "PASSWORD_1",
            "KEY_PASSPHRASE",
            "db.password",
            "REDIS_PASSWD",
        ] {
            assert_eq!(patterns.secret(name), Some(SecretName::Password), "{name}");
        }
        for name in [
            "SECRET_BLAH",
            "CLIENT_SECRET",
            "GITHUB_TOKEN",
            "authToken",
            "API_KEY",
            "apiKey",
            "X_APIKEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "SECRET_KEY_BASE",
            "PRIVATE_KEY",
            "AZURE_BATCH_KEY",
            "AZURE_STORAGE_ACCOUNT_KEY",
            "OCI_CLI_KEY_CONTENT",
            "PASSWORD_HASH",
            "APP_CREDENTIALS",
            "BEARER",
            "ROOT_TOKEN_ID",
            "VAULT_SECRET_ID",
            "DJANGO_SECRET",
            "ECS_ENGINE_AUTH_DATA",
            "TOKEN_ID_SECRET",
        ] {
            assert_eq!(patterns.secret(name), Some(SecretName::Other), "{name}");
        }
        for name in [
            "PASSWORD_FILE",
            "SECRET_NAME",
            "TOKEN_URL",
            "TOKEN_TTL",
            "DB_PASSWORD_SECRET_ARN",
            "PASSWORD_MIN_LENGTH",
            "COMPASS",
            "BYPASS",
            "TOKENIZER",
            "SECRETARY",
            "PUBLIC_KEY",
            "CACHE_KEY",
            "PARTITION_KEY",
            "KEY_ID",
            "SECRETS_MANAGER_REGION",
            "TOKEN_ENDPOINT",
            "DB_USER",
            "LOG_LEVEL",
            "KUBECONFIG",
            "SECRET_USERNAME",
            "passwordKey",
            "tokenSecretName",
            "SECRET_ID",
            "KEY_VAULT_NAME",
            "",
            "_",
        ] {
            assert_eq!(patterns.secret(name), None, "{name}");
        }
    }

    #[test]
    fn patterns_of_a_user() {
        for (pattern, name, whole) in [
            ("TOKEN", "token", true),
            ("TOKEN", "MY_TOKEN", false),
            ("*_TOKEN", "MY_OTHER_TOKEN", true),
            ("PUBLIC_*", "PUBLIC_TOKEN", true),
            ("PUBLIC_*", "PUBLIC", false),
            ("A_*_B_*_C", "A_X_B_B_Y_C", true),
            ("A_*_B", "A_X_B_C", false),
            ("T*", "TOKEN", true),
            ("*OKE*", "TOKEN", true),
        ] {
            assert_eq!(NamePatterns::from([pattern]).has(name), whole, "{pattern} on {name}");
        }
        assert!(NamePatterns::parse(["*"]).is_none());
        assert!(NamePatterns::parse([""]).is_none());
        assert!(NamePatterns::parse(["A B"]).is_none());
    }
}
