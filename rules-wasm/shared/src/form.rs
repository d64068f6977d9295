//! Values that have the form of a credential, whatever their name: formats of keys and tokens, and URLs
//! with a password.

use verdikt_sdk::{Node, Setting, Strings};

use crate::literal::{has_dependent_variable, template};
use crate::pattern::Pattern;

/// The entry of the list that stands for URLs of any scheme with a password in them, which no pattern
/// describes.
const URL: &str = "scheme://user:password@";

/// What stands for a part of a text that is not known. No pattern matches it.
pub(crate) const HOLE: char = '\u{FFFF}';

/// Patterns of credentials, as a parameter of rules.
///
/// Each is a small regular expression without groups and alternatives; `scheme://user:password@` stands
/// for URLs of any scheme that have a password.
#[derive(Clone, Debug)]
pub struct ValuePatterns {
    patterns: Vec<Pattern>,
    /// Which patterns can begin with a byte, by that byte.
    by_first: Vec<Vec<u16>>,
    urls: bool,
}

/// What was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A credential; how it is recognized, in a form that does not show it.
    Credential(String),
    /// A place for one that is filled in later.
    Template,
}

impl ValuePatterns {
    /// The formats of SE-001, when nothing else is said. Each issuer documents its own; all have a
    /// fixed beginning, so that texts which are none are not taken for one.
    pub const DEFAULT: &'static [&'static str] = &[
        URL,
        // Private keys in PEM (RFC 7468), OpenSSH's and PGP's included.
        "-BEGIN [A-Z0-9 ]*PRIVATE KEY",
        "PuTTY-User-Key-File-[23]:",
        "AGE-SECRET-KEY-1[0-9A-Z]{58}",
        // AWS: long-term and temporary access keys.
        "AKIA[A-Z0-9]{16}",
        "ASIA[A-Z0-9]{16}",
        // Google: API keys, OAuth secrets and tokens.
        "AIza[A-Za-z0-9_-]{35}",
        "GOCSPX-[A-Za-z0-9_-]{28}",
        r"ya29\.[A-Za-z0-9_-]{20,}",
        // Azure: keys in connection strings, shared access signatures.
        "AccountKey=[A-Za-z0-9+/]{40,}={0,2}",
        "SharedAccessKey=[A-Za-z0-9+/]{40,}={0,2}",
        "sig=[A-Za-z0-9%+/]{43,}={0,2}",
        // Code hosts.
        "gh[pousr]_[A-Za-z0-9]{36,255}",
        "github_pat_[A-Za-z0-9_]{22,255}",
        "glpat-[A-Za-z0-9_-]{20,}",
        "gldt-[A-Za-z0-9_-]{20,}",
        "glrt-[A-Za-z0-9_-]{20,}",
        "glptt-[A-Za-z0-9_-]{20,}",
        // Registries of packages and images.
        "npm_[A-Za-z0-9]{36}",
        "pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
        "dckr_pat_[A-Za-z0-9_-]{20,}",
        r#""auth"\s*:\s*"[A-Za-z0-9+/]{8,}={0,2}""#,
        // Chat, mail, payment.
        "xox[abeoprs]-[A-Za-z0-9-]{10,}",
        "xapp-[0-9]-[A-Za-z0-9-]{20,}",
        r"hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{16,}",
        r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
        "key-[0-9a-f]{32}",
        "SK[0-9a-f]{32}",
        "[rs]k_live_[A-Za-z0-9]{16,}",
        "[rs]k_test_[A-Za-z0-9]{16,}",
        "whsec_[A-Za-z0-9+/]{24,}={0,2}",
        "shp[acps][ast]_[a-fA-F0-9]{32}",
        // Clouds and tools.
        r"hv[bsr]\.[A-Za-z0-9_-]{24,}",
        r"atlasv1\.[A-Za-z0-9_=-]{60,}",
        "do[opr]_v1_[a-f0-9]{64}",
        "dapi[a-f0-9]{32}",
        "glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}",
        "NRAK-[A-Z0-9]{27}",
        "hf_[A-Za-z0-9]{30,}",
        "sk-ant-[A-Za-z0-9_-]{20,}",
        "sk-proj-[A-Za-z0-9_-]{20,}",
        "lin_api_[A-Za-z0-9]{32,}",
        // JSON Web Tokens (RFC 7519), and credentials in an HTTP header.
        r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        r"Authorization:\s*Basic\s+[A-Za-z0-9+/]{8,}={0,2}",
        r"Authorization:\s*Bearer\s+[A-Za-z0-9._~+/-]{16,}={0,2}",
    ];

    /// The first credential in a text, or else a place for one.
    ///
    /// A credential stands by itself: neither before nor behind it is a character that could belong to it.
    pub(crate) fn find(&self, text: &str) -> Option<Form> {
        let bytes = text.as_bytes();
        for at in 0..bytes.len() {
            let byte = bytes[at];
            if is_word(byte) && at > 0 && continues(bytes[at - 1]) {
                continue;
            }
            for pattern in self.by_first[usize::from(byte)].iter().map(|index| &self.patterns[usize::from(*index)]) {
                let stands_alone = |end: usize| {
                    end > at && !(is_word(bytes[end - 1]) && bytes.get(end).is_some_and(|next| continues(*next)))
                };
                if pattern.end(bytes, at, stands_alone).is_some() {
                    return Some(Form::Credential(shown(pattern)));
                }
            }
        }
        if self.urls { find_in_urls(text) } else { None }
    }

    /// `None` when something is no pattern, or there are more than anybody needs.
    fn parse<'p>(entries: impl IntoIterator<Item = &'p str>) -> Option<ValuePatterns> {
        let mut found = ValuePatterns { patterns: Vec::new(), by_first: vec![Vec::new(); 256], urls: false };
        for entry in entries {
            if entry == URL {
                found.urls = true;
                continue;
            }
            let (pattern, index) = (Pattern::parse(entry)?, u16::try_from(found.patterns.len()).ok()?);
            for byte in (0..=u8::MAX).filter(|byte| pattern.can_begin_with(*byte)) {
                found.by_first[usize::from(byte)].push(index);
            }
            found.patterns.push(pattern);
        }
        Some(found)
    }
}

/// Patterns in source code; what is none leaves the list empty, and a test holds that none is.
impl From<&[&str]> for ValuePatterns {
    fn from(entries: &[&str]) -> Self {
        let parsed = ValuePatterns::parse(entries.iter().copied());
        parsed.unwrap_or(ValuePatterns { patterns: Vec::new(), by_first: vec![Vec::new(); 256], urls: false })
    }
}

impl Setting for ValuePatterns {
    const SCHEMA: &'static str = r#""type": "array", "items": {"type": "string"}"#;

    fn to_json(&self) -> String {
        let urls = self.urls.then_some(URL);
        let entries = urls.into_iter().chain(self.patterns.iter().map(Pattern::source));
        let entries: Vec<String> = entries.map(|entry| entry.to_owned().to_json()).collect();
        format!("[{}]", entries.join(", "))
    }

    fn read(node: Node<'_>) -> Option<Self> {
        ValuePatterns::parse(Strings::read(node)?.iter())
    }
}

/// How a message names a pattern: by what every match begins with, which is no secret.
fn shown(pattern: &Pattern) -> String {
    let prefix = pattern.prefix();
    if prefix.is_empty() { pattern.source().to_owned() } else { format!("{}…", prefix.trim()) }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// What could belong to the credential before or behind it: letters, digits, and the first byte of what
/// is not ASCII, so also of a hole.
fn continues(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 128
}

/// Passwords in the authority of URLs (RFC 3986, 3.2.1).
fn find_in_urls(text: &str) -> Option<Form> {
    let mut has_template = false;
    for (at, _) in text.match_indices("://") {
        let scheme = text[..at].bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte));
        if scheme.count() == 0 {
            continue;
        }
        let rest = &text[at + 3..];
        // Passwords are often not encoded as they should be, so the last `@` before the path counts, and
        // a space or a quote ends the URL.
        let end = rest.find(|character: char| character.is_whitespace() || "\"'`<>/?#".contains(character));
        let end = match end {
            // `<password>` is a placeholder, not the end.
            Some(end) if rest[end..].starts_with('<') => rest.find(['/', ' ', '"', '\'']).unwrap_or(rest.len()),
            Some(end) => end,
            None => rest.len(),
        };
        let Some((credentials, _)) = rest[..end].rsplit_once('@') else { continue };
        let Some((_, password)) = credentials.split_once(':') else { continue };
        if password.is_empty() || has_dependent_variable(password) || is_shell_variable(password) || is_masked(password)
        {
            continue;
        }
        if password.contains(HOLE) || template(password).is_some() {
            has_template = true;
            continue;
        }
        return Some(Form::Credential(URL.to_owned()));
    }
    has_template.then_some(Form::Template)
}

fn is_shell_variable(text: &str) -> bool {
    text.strip_prefix('$')
        .is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| is_word(byte) || byte == b'_'))
}

/// `***`: somebody has taken the password out.
fn is_masked(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::{Form, ValuePatterns};

    /// Credentials are put together at run time, so that other tools do not find any here.
    fn repeated(prefix: &str, filler: &str, times: usize) -> String {
        format!("{prefix}{}", filler.repeat(times))
    }

    #[test]
    fn every_default_is_a_pattern() {
        assert_eq!(ValuePatterns::from(ValuePatterns::DEFAULT).patterns.len(), ValuePatterns::DEFAULT.len() - 1);
    }

    #[test]
    fn credentials_are_found_by_their_form() {
        let patterns = ValuePatterns::from(ValuePatterns::DEFAULT);
        let jwt = format!("eyJ{}.eyJ{}.{}", "a".repeat(20), "b".repeat(20), "c".repeat(20));
        for (text, shown) in [
            (repeated("AKIA", "A1B2", 4), "AKIA…"),
            (repeated("id=ASIA", "A1B2", 4), "ASIA…"),
            ("x\n-----BEGIN RSA PRIVATE KEY-----\nMII".to_owned(), "-BEGIN…"),
            ("---BEGIN OPENSSH PRIVATE KEY---".to_owned(), "-BEGIN…"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----".to_owned(), "-BEGIN…"),
            (repeated("ghp_", "a1", 18), "gh…"),
            (repeated("token glpat-", "a1", 10), "glpat-…"),
            (repeated("xoxb-1234567890-", "a", 20), "xox…"),
            (repeated("sk_live_", "a1", 12), "k_live_…"),
            (jwt, "eyJ…"),
            (format!("Authorization: Basic {}", "dXNlcjpwYXNz"), "Authorization:…"),
            ("postgres://shop:geheim@db/shop".to_owned(), "scheme://user:password@"),
            ("redis://:geheim@redis:6379".to_owned(), "scheme://user:password@"),
            ("see https://a.example and amqp://u:p@ss@mq".to_owned(), "scheme://user:password@"),
        ] {
            let shown = if shown == "k_live_…" { "[rs]k_live_[A-Za-z0-9]{16,}" } else { shown };
            assert_eq!(patterns.find(&text), Some(Form::Credential(shown.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        let patterns = ValuePatterns::from(ValuePatterns::DEFAULT);
        for text in [
            "".to_owned(),
            "AKIA".to_owned(),
            repeated("XAKIA", "A1B2", 4),
            repeated("AKIA", "A1B2", 5),
            repeated("\u{FFFF}AKIA", "A1B2", 4),
            format!("{}\u{FFFF}", repeated("AKIA", "A1B2", 4)),
            "-----BEGIN PUBLIC KEY-----".to_owned(),
            "-----BEGIN CERTIFICATE-----".to_owned(),
            "Basic authentication".to_owned(),
            "https://example.org/a:b@c".to_owned(),
            "https://user@example.org".to_owned(),
            "https://user:@example.org".to_owned(),
            "postgres://shop:$(DB_PASSWORD)@db/shop".to_owned(),
            "postgres://shop:$DB_PASSWORD@db/shop".to_owned(),
            "postgres://shop:***@db/shop".to_owned(),
            "://a:b@c".to_owned(),
        ] {
            assert_eq!(patterns.find(&text), None, "{text}");
        }
        for text in ["postgres://shop:${DB_PASSWORD}@db", "postgres://shop:<password>@db", "postgres://u:\u{FFFF}@db"] {
            assert_eq!(patterns.find(text), Some(Form::Template), "{text}");
        }
    }
}
