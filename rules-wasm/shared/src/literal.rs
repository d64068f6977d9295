//! What kind of text a value is: a reference, something to be filled in, a path, a number, or plainly a
//! literal.

/// What a value says of itself, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Literal<'a> {
    /// Nothing.
    Empty,
    /// Says where the credential is.
    Reference,
    /// Is filled in by a tool, from the text that is given when nothing else is (`${NAME:-text}`).
    Template { default: Option<&'a str> },
    /// `$NAME`, as shells have it.
    Variable,
    /// A path of a file.
    Path,
    /// A switch, such as `true`, or an explicit nothing.
    Flag,
    /// A number or a duration.
    Number,
    /// The name of a host, or a URL without a password.
    Host,
    /// Anything else.
    Text,
}

/// What begins a reference to a store of secrets.
const REFERENCES: &[&str] = &[
    "arn:",   // AWS: a name, never a secret
    "vault:", // bank-vaults
    "ref+",   // vals
    "op://",  // 1Password
    "sm://",  // berglas
    "gcpsm://",
    "awssm://",
    "secretref:",           // Azure Container Apps
    "@Microsoft.KeyVault(", // Azure App Service
    "<path:",               // argocd-vault-plugin
    "$__file{",             // Grafana
    "$__env{",
    "$__vault{",
    "alias/", // the name of a key of AWS KMS
    "%env(",  // Symfony
    "ENC[",   // sops and hiera-eyaml: encrypted
];

/// Values that switch something, and words for nothing.
const FLAGS: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "enabled",
    "disabled",
    "enable",
    "disable",
    "required",
    "optional",
    "seconds",
    "minutes",
    "hours",
    "days",
    "always",
    "never",
    "none",
    "null",
    "nil",
    "undefined",
    "~",
];

/// What an entry of a Secret holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Empty,
    /// Says where the credential is, or holds it encrypted.
    Elsewhere,
    /// Is filled in by a tool.
    Template,
    /// A value of its own.
    Content,
}

impl Entry {
    /// Reads a text. A text of several lines is a value of its own whatever it has in it.
    pub fn of(text: &str) -> Entry {
        match Literal::of(text) {
            Literal::Empty => Entry::Empty,
            _ if text.trim().contains('\n') => Entry::Content,
            // Nothing in a cluster replaces `$(NAME)` there; a tool may have done so before, if it is all.
            Literal::Reference if has_dependent_variable(text) => {
                let inside = text.trim().strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
                if inside.is_some_and(|name| !name.contains(')')) { Entry::Template } else { Entry::Content }
            }
            Literal::Reference => Entry::Elsewhere,
            Literal::Template { default: None | Some("") } | Literal::Variable => Entry::Template,
            _ => Entry::Content,
        }
    }
}

impl Literal<'_> {
    pub(crate) fn of(value: &str) -> Literal<'_> {
        let value = value.trim();
        if value.is_empty() {
            Literal::Empty
        } else if is_reference(value) {
            Literal::Reference
        } else if let Some(template) = template(value) {
            template
        } else if is_variable(value) {
            Literal::Variable
        } else if FLAGS.iter().any(|flag| flag.eq_ignore_ascii_case(value)) {
            Literal::Flag
        } else if is_number(value) {
            Literal::Number
        } else if is_path(value) {
            Literal::Path
        } else if is_host(value) {
            Literal::Host
        } else {
            Literal::Text
        }
    }
}

fn is_reference(value: &str) -> bool {
    let is_of_store = |start: &&str| value.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start));
    REFERENCES.iter().any(is_of_store)
        || (value.starts_with("projects/") && value.contains("/secrets/"))
        || has_dependent_variable(value)
}

/// `$(NAME)`, which Kubernetes and shells replace; `$$(NAME)` stands for itself.
///
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
pub(crate) fn has_dependent_variable(value: &str) -> bool {
    value.match_indices("$(").any(|(at, _)| !value[..at].ends_with('$') && value[at..].contains(')'))
}

/// The placeholders of tools that fill in files before they are applied.
pub(crate) fn template(value: &str) -> Option<Literal<'_>> {
    let has = |open: &str, close: &str| value.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
    if has("${", "}") {
        let inside = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        return Some(Literal::Template { default: inside.and_then(default_of) });
    }
    let is_marked = has("{{", "}}")
        || has("<%", "%>")
        || has("#{", "}")
        || has("[[", "]]")
        || (value.starts_with('<') && value.ends_with('>'))
        || is_between(value, "@@")
        || is_between(value, "__")
        || is_between(value, "%");
    is_marked.then_some(Literal::Template { default: None })
}

/// The text of `NAME:-text`, `NAME-text` and `NAME:text`; `NAME:?text` is a message, not a default.
fn default_of(inside: &str) -> Option<&str> {
    let end = inside.find(|character: char| !character.is_ascii_alphanumeric() && !"_.".contains(character))?;
    let rest = &inside[end..];
    let text = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-')).or_else(|| rest.strip_prefix(':'))?;
    (!text.starts_with(['?', '+', '$', '='])).then_some(text)
}

/// A word in capitals between two marks, such as `__DB_PASSWORD__`.
fn is_between(value: &str, mark: &str) -> bool {
    let inside = value.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    inside.is_some_and(|name| !name.is_empty() && is_upper_name(name))
}

fn is_variable(value: &str) -> bool {
    value
        .strip_prefix('$')
        .is_some_and(|name| name.starts_with(|first: char| !first.is_ascii_digit()) && is_upper_name(name))
}

fn is_upper_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `3600`, `-1`, `0.5`, `24h`, `1h30m`, `512Mi`.
fn is_number(value: &str) -> bool {
    const UNITS: &[&str] = &[
        "", "ns", "us", "ms", "s", "sec", "m", "min", "h", "d", "w", "y", "k", "b", "kb", "mb", "gb", "ki", "mi", "gi",
    ];
    let mut rest = value.strip_prefix(['-', '+']).unwrap_or(value);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let unit = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let name = rest[digits..digits + unit].to_ascii_lowercase();
        let dots = rest[..digits].matches('.').count();
        let has_digit = rest.starts_with(|first: char| first.is_ascii_digit());
        if !has_digit || dots > 1 || !UNITS.contains(&name.as_str()) {
            return false;
        }
        rest = &rest[digits + unit..];
    }
    true
}

/// An absolute or relative path. A key in Base64 can begin with `/` as well, but mixes capitals, small
/// letters and digits.
fn is_path(value: &str) -> bool {
    let rest = value.strip_prefix("file://").unwrap_or(value);
    let is_rooted = ["/", "./", "../", "~/"].iter().any(|start| rest.starts_with(start))
        || (rest.as_bytes().get(1..3) == Some(b":\\") && rest.as_bytes()[0].is_ascii_alphabetic());
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-/~:\\@ ".contains(character);
    is_rooted && rest.chars().all(is_plain) && !rest.split(['/', '\\', '.', '-', '_']).any(is_mixed)
}

fn is_mixed(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// `vault.internal`, `localhost`, `redis:6379`, `https://login.example/realms/shop`.
fn is_host(value: &str) -> bool {
    let (value, is_url) = match value.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte)) => {
            (rest, true)
        }
        Some(_) => return false,
        None => (value, false),
    };
    let end = value.find(['/', '?', '#']).unwrap_or(value.len());
    let (authority, path) = value.split_at(end);
    // A query can hold anything, and what is no URL has no path.
    if path.contains('?') || (!is_url && !path.is_empty()) {
        return false;
    }
    let (host, has_port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (host, true),
        Some(_) => return false,
        None => (authority, false),
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let labels = host.split('.').count();
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_address = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && labels == 4;
    host.split('.').all(is_label)
        && (is_url
            || has_port
            || host == "localhost"
            || is_address
            || (labels > 1 && last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_lowercase())))
}

#[cfg(test)]
mod tests {
    use super::{Entry, Literal};

    #[test]
    fn entries_of_secrets() {
        for (text, expected) in [
            ("", Entry::Empty),
            ("vault:secret/data/db#password", Entry::Elsewhere),
            ("ENC[AES256_GCM,data:xx]", Entry::Elsewhere),
            ("${DB_PASSWORD}", Entry::Template),
            ("${DB_PASSWORD:-geheim}", Entry::Content),
            ("$DB_PASSWORD", Entry::Template),
            ("geheim", Entry::Content),
            ("true", Entry::Content),
            ("/run/x", Entry::Content),
            ("#!/bin/sh\necho $(date)\n", Entry::Content),
        ] {
            assert_eq!(Entry::of(text), expected, "{text}");
        }
    }

    #[test]
    fn values_are_what_they_look_like() {
        let template = Literal::Template { default: None };
        for (value, expected) in [
            ("", Literal::Empty),
            ("  \n", Literal::Empty),
            ("$(DB_PASSWORD)", Literal::Reference),
            ("prefix-$(DB_PASSWORD)", Literal::Reference),
            ("$$(DB_PASSWORD)", Literal::Text),
            ("arn:aws:secretsmanager:eu-central-1:111122223333:secret:db", Literal::Reference),
            ("vault:secret/data/db#password", Literal::Reference),
            ("ENC[AES256_GCM,data:xx,type:str]", Literal::Reference),
            ("projects/p/secrets/s/versions/1", Literal::Reference),
            ("<path:secret/data/db#password>", Literal::Reference),
            ("${DB_PASSWORD}", template),
            ("x-${DB_PASSWORD}-y", template),
            ("${DB_PASSWORD:-}", Literal::Template { default: Some("") }),
            ("${DB_PASSWORD:-geheim}", Literal::Template { default: Some("geheim") }),
            ("${db.password:geheim}", Literal::Template { default: Some("geheim") }),
            ("${DB_PASSWORD:?must be set}", template),
            ("{{ .Values.password }}", template),
            ("<your-password>", template),
            ("__DB_PASSWORD__", template),
            ("$DB_PASSWORD", Literal::Variable),
            ("$ecret", Literal::Text),
            ("$2", Literal::Text),
            ("TRUE", Literal::Flag),
            ("none", Literal::Flag),
            ("3600", Literal::Number),
            ("-1", Literal::Number),
            ("1h30m", Literal::Number),
            ("24H", Literal::Number),
            ("12abc", Literal::Text),
            ("/run/secrets/db_password", Literal::Path),
            ("./secrets/db.txt", Literal::Path),
            (r"C:\secrets\db.txt", Literal::Path),
            ("file:///etc/db", Literal::Path),
            ("/9j4AAQSkZJRgABAQ", Literal::Text),
            ("/a+b=", Literal::Text),
            ("vault.internal", Literal::Host),
            ("vault.internal:8200", Literal::Host),
            ("redis:6379", Literal::Host),
            ("localhost", Literal::Host),
            ("10.0.0.1", Literal::Host),
            ("https://login.example/realms/shop", Literal::Host),
            ("https://login.example/?key=abc", Literal::Text),
            ("redis", Literal::Text),
            ("example-only", Literal::Text),
            ("changeme", Literal::Text),
            ("Secret.Pass", Literal::Text),
            ("a b c", Literal::Text),
            ("ä:b", Literal::Text),
        ] {
            assert_eq!(Literal::of(value), expected, "{value}");
        }
    }
}
