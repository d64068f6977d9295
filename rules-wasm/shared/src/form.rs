//! Values that have the form of a credential, whatever their name: formats of keys and tokens, and URLs
//! with a password.

use verdikt_sdk::{Node, Setting, Strings};

use crate::base64;
use crate::filter::{Filter, LENGTH};
use crate::literal::{Literal, has_dependent_variable, template};
use crate::pattern::Pattern;

/// The entry of the list that stands for URLs of any scheme with a password in them, which no pattern
/// describes.
const URL: &str = "scheme://user:password@";

/// What stands for a part of a text that is not known. No pattern matches it.
pub(crate) const HOLE: char = '\u{FFFF}';

/// What something is that was recognized by its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The private half of a pair of keys.
    PrivateKey,
    /// A key or a token that somebody issues: who.
    Issued(&'static str),
    /// A JSON Web Token.
    WebToken,
    /// What authenticates in a header of HTTP.
    Header,
    /// What a system keeps of a password; weak ones are guessed from it.
    Hash,
    /// The password of a user, in SQL.
    Sql,
    /// A password in a URL.
    Url,
    /// What a pattern of the user describes: the pattern, or the fixed text that its matches begin with.
    Own(String),
}

/// The formats of SE-001. Each issuer documents its own; all have a fixed beginning, so that texts which are none
/// are not taken for one.
const FORMS: &[(&str, Form)] = &[
    (URL, Form::Url),
    // Private keys in PEM (RFC 7468), OpenSSH's and PGP's included.
    ("-BEGIN [A-Z0-9 ]*PRIVATE KEY", Form::PrivateKey),
    ("PuTTY-User-Key-File-[23]:", Form::PrivateKey),
    ("AGE-SECRET-KEY-1[0-9A-Z]{58}", Form::PrivateKey),
    // Long-term and temporary access keys.
    ("AKIA[A-Z0-9]{16}", Form::Issued("AWS")),
    ("ASIA[A-Z0-9]{16}", Form::Issued("AWS")),
    // API keys, OAuth secrets and tokens.
    ("AIza[A-Za-z0-9_-]{35}", Form::Issued("Google")),
    ("GOCSPX-[A-Za-z0-9_-]{28}", Form::Issued("Google")),
    (r"ya29\.[A-Za-z0-9_-]{20,}", Form::Issued("Google")),
    // Keys in connection strings, shared access signatures.
    ("AccountKey=[A-Za-z0-9+/]{40,}={0,2}", Form::Issued("Azure")),
    ("SharedAccessKey=[A-Za-z0-9+/]{40,}={0,2}", Form::Issued("Azure")),
    ("sig=[A-Za-z0-9%+/]{43,}={0,2}", Form::Issued("Azure")),
    // Code hosts.
    ("gh[pousr]_[A-Za-z0-9]{36,255}", Form::Issued("GitHub")),
    ("github_pat_[A-Za-z0-9_]{22,255}", Form::Issued("GitHub")),
    ("glpat-[A-Za-z0-9_-]{20,}", Form::Issued("GitLab")),
    ("gldt-[A-Za-z0-9_-]{20,}", Form::Issued("GitLab")),
    ("glrt-[A-Za-z0-9_-]{20,}", Form::Issued("GitLab")),
    ("glptt-[A-Za-z0-9_-]{20,}", Form::Issued("GitLab")),
    // Registries of packages and images.
    ("npm_[A-Za-z0-9]{36}", Form::Issued("npm")),
    ("pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}", Form::Issued("PyPI")),
    ("dckr_pat_[A-Za-z0-9_-]{20,}", Form::Issued("Docker")),
    // Chat, mail, payment.
    ("xox[abeoprs]-[A-Za-z0-9-]{10,}", Form::Issued("Slack")),
    ("xapp-[0-9]-[A-Za-z0-9-]{20,}", Form::Issued("Slack")),
    (r"hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{16,}", Form::Issued("Slack")),
    (r"discord\.com/api/webhooks/[0-9]{16,}/[A-Za-z0-9_-]{50,}", Form::Issued("Discord")),
    (r"discordapp\.com/api/webhooks/[0-9]{16,}/[A-Za-z0-9_-]{50,}", Form::Issued("Discord")),
    (
        r"\.webhook\.office\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/[0-9a-f]{32}",
        Form::Issued("Microsoft Teams"),
    ),
    (r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", Form::Issued("SendGrid")),
    ("key-[0-9a-f]{32}", Form::Issued("Mailgun")),
    ("SK[0-9a-f]{32}", Form::Issued("Twilio")),
    ("[rs]k_live_[A-Za-z0-9]{16,}", Form::Issued("Stripe")),
    ("[rs]k_test_[A-Za-z0-9]{16,}", Form::Issued("Stripe")),
    ("whsec_[A-Za-z0-9+/]{24,}={0,2}", Form::Issued("Stripe")),
    ("shp[acps][ast]_[a-fA-F0-9]{32}", Form::Issued("Shopify")),
    // Clouds and tools.
    (r"hv[bsr]\.[A-Za-z0-9_-]{24,}", Form::Issued("Vault")),
    (r"atlasv1\.[A-Za-z0-9_=-]{60,}", Form::Issued("HCP Terraform")),
    ("do[opr]_v1_[a-f0-9]{64}", Form::Issued("DigitalOcean")),
    ("dapi[a-f0-9]{32}", Form::Issued("Databricks")),
    ("glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}", Form::Issued("Grafana")),
    ("NRAK-[A-Z0-9]{27}", Form::Issued("New Relic")),
    ("hf_[A-Za-z0-9]{30,}", Form::Issued("Hugging Face")),
    ("sk-ant-[A-Za-z0-9_-]{20,}", Form::Issued("Anthropic")),
    ("sk-proj-[A-Za-z0-9_-]{20,}", Form::Issued("OpenAI")),
    ("tskey-[a-z]+-[A-Za-z0-9-]{16,}", Form::Issued("Tailscale")),
    ("lin_api_[A-Za-z0-9]{32,}", Form::Issued("Linear")),
    // JSON Web Tokens (RFC 7519), and credentials in an HTTP header.
    (r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}", Form::WebToken),
    (r#"Authorization["']?[:=,]?\s*["']?Basic\s+[A-Za-z0-9+/]{8,}={0,2}"#, Form::Header),
    (r#"authorization["']?[:=,]?\s*["']?Basic\s+[A-Za-z0-9+/]{8,}={0,2}"#, Form::Header),
    (r#"Authorization["']?[:=,]?\s*["']?Bearer\s+[A-Za-z0-9._~+/-]{16,}={0,2}"#, Form::Header),
    (r#"authorization["']?[:=,]?\s*["']?Bearer\s+[A-Za-z0-9._~+/-]{16,}={0,2}"#, Form::Header),
    // What `htpasswd`, `mkpasswd` and `/etc/shadow` have.
    (r"\$2[aby]\$[0-9]{2}\$[A-Za-z0-9./]{53}", Form::Hash),
    (r"\$apr1\$[A-Za-z0-9./]{1,8}\$[A-Za-z0-9./]{22}", Form::Hash),
    (r"\$[156]\$[A-Za-z0-9./=$]{20,}", Form::Hash),
    (r"\$argon2id\$[A-Za-z0-9+/=,$]{20,}", Form::Hash),
    (r"\{SHA\}[A-Za-z0-9+/]{27}=", Form::Hash),
    (r"\{SSHA\}[A-Za-z0-9+/]{32,}={0,2}", Form::Hash),
    // `CREATE USER … IDENTIFIED BY '…'`.
    (r"[Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Dd]\s+[Bb][Yy]\s+'[^'$%?:<{\s][^'\s]*'", Form::Sql),
    (
        r"[Ii][Dd][Ee][Nn][Tt][Ii][Ff][Ii][Ee][Dd]\s+[Ww][Ii][Tt][Hh]\s+\w+\s+[Bb][Yy]\s+'[^'$%?:<{\s][^'\s]*'",
        Form::Sql,
    ),
];

/// Patterns of credentials, as a parameter of rules.
///
/// Each is a small regular expression without groups and alternatives; `scheme://user:password@` stands
/// for URLs of any scheme that have a password.
#[derive(Clone, Debug)]
pub struct ValuePatterns {
    patterns: Vec<(Pattern, Form)>,
    /// Which patterns can begin with a byte, in the order of the bytes.
    by_first: Vec<(u8, u16)>,
    /// What begins where one of those may stand.
    filter: Filter,
    /// What a text in Base64 begins with that begins like one of those, in order.
    encoded: Vec<[u8; 4]>,
    /// The patterns that begin with too many things to look for them.
    open: Vec<u16>,
    urls: bool,
}

/// What was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A credential.
    Credential(Form),
    /// A place for one that is filled in later.
    Template,
}

/// The most texts that a pattern may begin with.
const MOST_BEGINNINGS: usize = 4096;

/// The most of them that are looked for in Base64.
const MOST_ENCODED: usize = 16;

/// What a key in PEM begins with, `-----BEGIN`, and JSON, in Base64.
const ENCODED: [&[u8]; 2] = [b"LS0t", b"eyJ"];

const fn sources() -> [&'static str; FORMS.len()] {
    let mut sources = [""; FORMS.len()];
    let mut at = 0;
    while at < sources.len() {
        sources[at] = FORMS[at].0;
        at += 1;
    }
    sources
}

impl ValuePatterns {
    /// The formats of SE-001, when nothing else is said.
    pub const DEFAULT: &'static [&'static str] = &sources();

    /// Where something may begin.
    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// What begins at a place.
    ///
    /// A credential stands by itself: neither before nor behind it is a character that could belong to it.
    pub(crate) fn find_at(&self, text: &str, at: usize) -> Option<Found> {
        let bytes = text.as_bytes();
        let byte = *bytes.get(at)?;
        if self.urls && byte == b':' && bytes[at..].starts_with(b"://") {
            return find_in_url(text, at);
        }
        if self.urls && byte == b'@' && [&b"@tcp("[..], b"@unix("].iter().any(|end| bytes[at..].starts_with(end)) {
            return find_in_name(text, at);
        }
        if is_word(byte) && at > 0 && continues(bytes[at - 1]) {
            return None;
        }
        let first = self.by_first.partition_point(|(own, _)| *own < byte);
        let candidates = self.by_first[first..].iter().take_while(|(own, _)| *own == byte).map(|(_, index)| *index);
        self.match_at(bytes, at, candidates)
    }

    /// The first match of a pattern that can begin with nearly anything.
    pub(crate) fn find_open(&self, text: &str) -> Option<(usize, Found)> {
        if self.open.is_empty() {
            return None;
        }
        let bytes = text.as_bytes();
        let stands_alone = |at: &usize| !(is_word(bytes[*at]) && *at > 0 && continues(bytes[*at - 1]));
        let mut places = (0..bytes.len()).filter(stands_alone);
        places.find_map(|at| Some((at, self.match_at(bytes, at, self.open.iter().copied())?)))
    }

    fn match_at(&self, bytes: &[u8], at: usize, mut candidates: impl Iterator<Item = u16>) -> Option<Found> {
        candidates.find_map(|index| {
            let (pattern, form) = self.patterns.get(usize::from(index))?;
            let stands_alone = |end: usize| {
                end > at && !(is_word(bytes[end - 1]) && bytes.get(end).is_some_and(|next| continues(*next)))
            };
            pattern.end(bytes, at, stands_alone)?;
            Some(Found::Credential(form.clone()))
        })
    }

    /// Whether a text in Base64 begins here that begins like something to look for.
    pub(crate) fn is_encoded(&self, bytes: &[u8]) -> bool {
        let is_one = |begin: &[u8]| {
            let at = self.encoded.partition_point(|own| own.as_slice() < begin);
            self.encoded.get(at).is_some_and(|own| own == begin)
        };
        ENCODED.iter().any(|begin| bytes.starts_with(begin)) || bytes.get(..4).is_some_and(is_one)
    }

    /// `None` when something is no pattern, or there are more than anybody needs.
    fn parse<'p>(entries: impl IntoIterator<Item = &'p str>) -> Option<ValuePatterns> {
        let mut found = ValuePatterns::empty();
        for (index, entry) in entries.into_iter().enumerate() {
            if entry == URL {
                found.urls = true;
                ["://", "@tc", "@un"].iter().for_each(|mark| found.filter.insert(mark.as_bytes()));
                continue;
            }
            found.add(Pattern::parse(entry)?, index)?;
        }
        ENCODED.iter().for_each(|begin| found.filter.insert(begin));
        Some(found)
    }

    fn empty() -> ValuePatterns {
        ValuePatterns {
            patterns: Vec::new(),
            by_first: Vec::new(),
            filter: Filter::new(),
            encoded: Vec::new(),
            open: Vec::new(),
            urls: false,
        }
    }

    /// Adds the pattern that stands at a place of a list.
    fn add(&mut self, pattern: Pattern, at: usize) -> Option<()> {
        let index = u16::try_from(self.patterns.len()).ok()?;
        match pattern.beginnings(LENGTH, MOST_BEGINNINGS) {
            Some(beginnings) => {
                for beginning in &beginnings {
                    self.filter.insert(beginning);
                    // Small lists, so that nothing is gained by a sort.
                    let entry = (beginning[0], index);
                    let at = self.by_first.partition_point(|other| *other < entry);
                    if self.by_first.get(at) != Some(&entry) {
                        self.by_first.insert(at, entry);
                    }
                }
                // In Base64 three characters are four.
                for beginning in beginnings.iter().filter(|own| own.len() == LENGTH && beginnings.len() <= MOST_ENCODED)
                {
                    let encoded = base64::encode([beginning[0], beginning[1], beginning[2]]);
                    self.filter.insert(&encoded);
                    let at = self.encoded.partition_point(|other| *other < encoded);
                    self.encoded.insert(at, encoded);
                }
            }
            None => self.open.push(index),
        }
        let form = form_of(&pattern, at);
        self.patterns.push((pattern, form));
        Some(())
    }
}

/// What a pattern describes. One of ours nearly always stands where it stands in our list.
fn form_of(pattern: &Pattern, at: usize) -> Form {
    let own = FORMS.get(at).into_iter().chain(FORMS).find(|(source, _)| *source == pattern.source());
    own.map_or_else(|| Form::Own(shown(pattern)), |(_, form)| form.clone())
}

/// Patterns in source code; what is none leaves the list empty, and a test holds that none is.
impl From<&[&str]> for ValuePatterns {
    fn from(entries: &[&str]) -> Self {
        ValuePatterns::parse(entries.iter().copied()).unwrap_or_else(ValuePatterns::empty)
    }
}

impl Setting for ValuePatterns {
    const SCHEMA: &'static str = r#""type": "array", "items": {"type": "string"}"#;

    fn to_json(&self) -> String {
        let urls = self.urls.then_some(URL);
        let entries = urls.into_iter().chain(self.patterns.iter().map(|(pattern, _)| pattern.source()));
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

/// A password in the authority of the URL (RFC 3986, 3.2.1) whose scheme ends at `at`.
fn find_in_url(text: &str, at: usize) -> Option<Found> {
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+.-".contains(byte);
    if at == 0 || !is_scheme(&text.as_bytes()[at - 1]) {
        return None;
    }
    let rest = &text[at + 3..];
    // Passwords are often not encoded as they should be, so the last `@` before the path counts, and
    // a space or a quote ends the URL.
    let end = rest.find(|character: char| character.is_whitespace() || "\"'`<>/?#".contains(character));
    let end = match end {
        // `<password>` is a placeholder, not the end.
        Some(end) if rest[end..].starts_with('<') => rest.find(['/', ' ', '"', '\'', '\n']).unwrap_or(rest.len()),
        Some(end) => end,
        None => rest.len(),
    };
    let (credentials, host) = rest[..end].rsplit_once('@')?;
    match credentials.split_once(':') {
        Some((_, password)) => of_password(password),
        // The token of a code host can stand alone.
        None => is_token_of(host, credentials).then_some(Found::Credential(Form::Url)),
    }
}

/// `user:password@tcp(host:3306)`, as drivers of Go have it.
///
/// <https://github.com/go-sql-driver/mysql#dsn-data-source-name>
fn find_in_name(text: &str, at: usize) -> Option<Found> {
    /// As long as what stands before can be.
    const LONGEST: usize = 256;
    let from = (at.saturating_sub(LONGEST)..=at).find(|from| text.is_char_boundary(*from))?;
    let before = text[from..at].rsplit([' ', '\t', '\n', '"', '\'', '=', '`', '/']).next()?;
    before.split_once(':').and_then(|(_, password)| of_password(password))
}

fn of_password(password: &str) -> Option<Found> {
    if password.is_empty() || is_shell_variable(password) {
        return None;
    }
    if password.contains(HOLE) || !has_dependent_variable(password) && template(password).is_some() {
        return Some(Found::Template);
    }
    match Literal::of(password) {
        Literal::Reference | Literal::Masked => None,
        Literal::Template { .. } => Some(Found::Template),
        _ => Some(Found::Credential(Form::Url)),
    }
}

fn is_token_of(host: &str, user: &str) -> bool {
    const TOKENS: &[&str] = &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"];
    let is_code_host = ["github", "gitlab", "bitbucket", "dev.azure", "gitea"].iter().any(|name| host.contains(name));
    let is_made = user.len() >= 20
        && user.bytes().any(|byte| byte.is_ascii_digit())
        && user.bytes().all(|byte| is_word(byte) || b"_-".contains(&byte));
    TOKENS.iter().any(|token| user.starts_with(token) && user.len() > token.len()) || is_code_host && is_made
}

fn is_shell_variable(text: &str) -> bool {
    text.strip_prefix('$')
        .is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| is_word(byte) || byte == b'_'))
}

#[cfg(test)]
mod tests {
    use super::{Form, Found, ValuePatterns};
    use crate::filter;

    /// The first credential in a text, or else a place for one.
    fn find(patterns: &ValuePatterns, text: &str) -> Option<Found> {
        let (mut from, mut template) = (0, None);
        while let Some((at, _)) = filter::next(text.as_bytes(), from, [patterns.filter(); 2]) {
            match patterns.find_at(text, at) {
                Some(Found::Template) => template = Some(Found::Template),
                found @ Some(_) => return found,
                None => {}
            }
            from = at + 1;
        }
        patterns.find_open(text).map(|(_, found)| found).or(template)
    }

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
        let (aws, url) = (Form::Issued("AWS"), Form::Url);
        for (text, form) in [
            (repeated("AKIA", "A1B2", 4), aws.clone()),
            (repeated("id=ASIA", "A1B2", 4), aws),
            ("x\n-----BEGIN RSA PRIVATE KEY-----\nMII".to_owned(), Form::PrivateKey),
            ("---BEGIN OPENSSH PRIVATE KEY---".to_owned(), Form::PrivateKey),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----".to_owned(), Form::PrivateKey),
            (repeated("ghp_", "a1", 18), Form::Issued("GitHub")),
            (repeated("token glpat-", "a1", 10), Form::Issued("GitLab")),
            (repeated("xoxb-1234567890-", "a", 20), Form::Issued("Slack")),
            (repeated("sk_live_", "a1", 12), Form::Issued("Stripe")),
            (jwt, Form::WebToken),
            (format!("Authorization: Basic {}", "dXNlcjpwYXNz"), Form::Header),
            ("postgres://shop:geheim@db/shop".to_owned(), url.clone()),
            ("redis://:geheim@redis:6379".to_owned(), url.clone()),
            ("see https://a.example and amqp://u:p@ss@mq".to_owned(), url.clone()),
            ("postgres://shop:prefix$(SUFFIX)@db/shop".to_owned(), url.clone()),
            ("postgres://shop:geheim@$(HOST)/shop".to_owned(), url.clone()),
            ("https://ghp_abc@github.com/shop/web".to_owned(), url.clone()),
            ("https://oauth2:geheim@gitlab.example/shop/web.git".to_owned(), url.clone()),
            ("shop:geheim@tcp(db:3306)/shop".to_owned(), url),
            (repeated("shop:$2y$10$", "a", 53), Form::Hash),
            ("create user shop identified by 'geheim';".to_owned(), Form::Sql),
        ] {
            assert_eq!(find(&patterns, &text), Some(Found::Credential(form)), "{text}");
        }
        let own = ValuePatterns::from(["shop-[0-9]{4}", "[0-9a-f]{8}", "x*y"].as_slice());
        for (text, shown) in [("shop-1234", "shop-…"), ("is 0123abcd", "[0-9a-f]{8}"), ("a xxy", "x*y")] {
            assert_eq!(find(&own, text), Some(Found::Credential(Form::Own(shown.to_owned()))), "{text}");
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
            assert_eq!(find(&patterns, &text), None, "{text}");
        }
        for text in ["postgres://shop:${DB_PASSWORD}@db", "postgres://shop:<password>@db", "postgres://u:\u{FFFF}@db"] {
            assert_eq!(find(&patterns, text), Some(Found::Template), "{text}");
        }
    }
}
