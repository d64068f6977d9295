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
    /// A way to authenticate.
    Method,
    /// `***`: somebody has taken it out.
    Masked,
    /// A public key or a certificate.
    Public,
    /// A number or a duration.
    Number,
    /// The name of a host, or a URL without a password.
    Host,
    /// Anything else.
    Text,
}

/// What begins and what ends a reference to a store of secrets, and the least parts that it has between
/// slashes.
const REFERENCES: &[(&str, &str, usize)] = &[
    ("ref+", "", 3),                  // vals: ref+vault://path
    ("op://", "", 5),                 // 1Password: op://vault/item/field
    ("sm://", "", 3),                 // berglas
    ("gcpsm://", "", 3),              // kapitan, Spring
    ("awssm://", "", 3),              //
    ("awsssm://", "", 3),             //
    ("secretref:", "", 1),            // Azure Container Apps
    ("@Microsoft.KeyVault(", ")", 1), // Azure App Service
    ("<path:", ">", 2),               // argocd-vault-plugin
    ("$__file{", "}", 1),             // Grafana
    ("$__env{", "}", 1),
    ("$__vault{", "}", 1),
    ("%env(", ")%", 1), // Symfony
    ("ENC[", "]", 1),   // sops and hiera-eyaml: encrypted
];

/// Values that switch something, and words for nothing.
const FLAGS: &[&str] = &[
    "0",
    "1",
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

/// Ways to authenticate, which people write under names such as `SMTP_AUTH`.
const METHODS: &[&str] = &[
    "anonymous",
    "approle",
    "basic",
    "bearer",
    "cram-md5",
    "digest",
    "github",
    "google",
    "gssapi",
    "iam",
    // Of `fetch`, under `credentials`.
    "include",
    "omit",
    "same-origin",
    "jwt",
    "kerberos",
    "kubernetes",
    "ldap",
    "login",
    "md5",
    "mtls",
    "ntlm",
    "oauth",
    "oauth2",
    "oidc",
    "peer",
    "plain",
    "saml",
    "scram-sha-1",
    "scram-sha-256",
    "scram-sha-512",
    "simple",
    "tls",
    "trust",
    "x509",
];

/// Words that people and programs put in the place of what they take out.
const MASKS: &[&str] = &["[redacted]", "<redacted>", "[filtered]", "[masked]", "[hidden]", "(redacted)"];

/// What provides the values of `${provider:place}` to programs such as Kafka Connect: no default stands there.
const PROVIDERS: &[&str] = &["secrets", "configmaps", "file", "directory", "env", "vault", "secretsManager", "ssm"];

/// What begins a text that is public: keys and certificates without their private part.
const PUBLIC: &[&str] = &[
    "ssh-rsa AAAA",
    "ssh-dss AAAA",
    "ssh-ed25519 AAAA",
    "ecdsa-sha2-",
    "sk-ssh-ed25519@openssh.com ",
    "-----BEGIN CERTIFICATE",
    "-----BEGIN PUBLIC KEY",
    "-----BEGIN RSA PUBLIC KEY",
    "-----BEGIN PGP PUBLIC KEY",
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
            Literal::Template { default: None | Some("") } if !is_to_be_replaced(text.trim()) => Entry::Template,
            Literal::Variable => Entry::Template,
            _ => Entry::Content,
        }
    }
}

impl Literal<'_> {
    pub(crate) fn of(value: &str) -> Literal<'_> {
        let value = value.trim();
        if value.is_empty() {
            Literal::Empty
        } else if is_masked(value) {
            Literal::Masked
        } else if is_reference(value) {
            Literal::Reference
        } else if let Some(template) = template(value) {
            template
        } else if has_dependent_variable(value) {
            beside_variables(value)
        } else if is_variable(value) {
            Literal::Variable
        } else if is_one_of(FLAGS, value) {
            Literal::Flag
        } else if is_one_of(METHODS, value) {
            Literal::Method
        } else if is_number(value) {
            Literal::Number
        } else if is_path(value) {
            Literal::Path
        } else if is_host(value) {
            Literal::Host
        } else if PUBLIC.iter().any(|start| value.starts_with(start)) {
            Literal::Public
        } else {
            Literal::Text
        }
    }
}

fn is_one_of(words: &[&str], value: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// A reference and nothing else: what only begins like one is a literal.
fn is_reference(value: &str) -> bool {
    let of_store = |(start, end, parts): &(&str, &str, usize)| {
        let begins = value.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start));
        begins && value.len() > start.len() + end.len() && value.ends_with(end) && value.split('/').count() >= *parts
    };
    let is_one_word = !value.contains([' ', '\t', '\n', '"', '\'']);
    (is_one_word && (is_arn(value) || is_of_vault(value) || is_of_google(value) || is_of_argo_cd(value)))
        || (!value.contains('\n') && REFERENCES.iter().any(of_store))
}

/// `arn:partition:service:region:account:resource`.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
fn is_arn(value: &str) -> bool {
    let mut parts = value.splitn(6, ':');
    parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next().is_some_and(|service| !service.is_empty())
        && parts.nth(2).is_some_and(|resource| !resource.is_empty())
}

/// `vault:secret/data/shop#password`, which bank-vaults replaces.
///
/// <https://bank-vaults.dev/docs/mutating-webhook/configuration/>
fn is_of_vault(value: &str) -> bool {
    let path = value.strip_prefix(">>").unwrap_or(value).strip_prefix("vault:");
    path.and_then(|path| path.split_once('#')).is_some_and(|(path, key)| path.contains('/') && !key.is_empty())
}

/// `$oidc.okta.clientSecret` of the Secret `argocd-secret`, and `$name:key` of another one.
///
/// <https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/#sensitive-data-and-sso-client-secrets>
fn is_of_argo_cd(value: &str) -> bool {
    let Some(name) = value.strip_prefix('$') else { return false };
    let is_key = |key: &str| key.bytes().all(|byte| byte.is_ascii_alphabetic() || b"._-".contains(&byte));
    let is_object = |name: &str| {
        name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    match name.split_once(':') {
        Some((object, key)) => is_object(object) && key.contains('.') && is_key(key),
        None => ["dex.", "oidc.", "webhook."].iter().any(|start| name.starts_with(start)) && is_key(name),
    }
}

/// `projects/shop/secrets/db/versions/1`.
fn is_of_google(value: &str) -> bool {
    let mut parts = value.split('/');
    let is_project = parts.next() == Some("projects") && parts.next().is_some_and(|project| !project.is_empty());
    is_project && parts.next() == Some("secrets") && parts.next().is_some_and(|secret| !secret.is_empty())
}

/// What is the name of a key or a token, where machines make those: `alias/shop` of AWS KMS, the place
/// `prod/db/credentials` in a store, the header `X-XSRF-TOKEN`.
pub(crate) fn is_name(value: &str) -> bool {
    let is_word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || b"_-".contains(&byte));
    let is_place = value.split('/').count() > 2 && value.split('/').all(is_word);
    let header = value.strip_prefix("X-").or_else(|| value.strip_prefix("x-"));
    let is_header = header.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-'));
    is_alias(value) || is_place || is_header
}

fn is_alias(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    value.strip_prefix("alias/").is_some_and(|name| !name.is_empty() && name.bytes().all(is_part))
}

/// One character of those that hide others, again and again.
fn is_masked(value: &str) -> bool {
    if is_one_of(MASKS, value) {
        return true;
    }
    let mut characters = value.chars();
    let first = characters.next();
    first.is_some_and(|first| {
        "*•.#?_-".contains(first) && characters.clone().all(|other| other == first)
            || value.len() > 2 && "xX".contains(first) && characters.all(|other| other == first)
    })
}

/// `$(NAME)`, which Kubernetes and shells replace; `$$(NAME)` stands for itself.
///
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
pub(crate) fn has_dependent_variable(value: &str) -> bool {
    without_variables(value, "").is_some()
}

/// A value with something else for each `$(NAME)`; `None` when there is none in it.
fn without_variables(value: &str, instead: &str) -> Option<String> {
    let mut found = None;
    let mut from = 0;
    while let Some(at) = value[from..].find("$(").map(|at| from + at) {
        if value[..at].ends_with('$') {
            found.iter_mut().for_each(|text: &mut String| text.push_str(&value[from..at + 1]));
            from = at + 1;
            continue;
        }
        let Some(length) = closing(&value[at + 1..]) else { break };
        let text = found.get_or_insert_with(|| value[..from].to_owned());
        text.push_str(&value[from..at]);
        text.push_str(instead);
        from = at + 1 + length;
    }
    found.map(|text| text + &value[from..])
}

/// The length of what begins with a bracket, to the bracket that closes it.
pub(crate) fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// What a value is in which variables stand: references where there is nothing else, such as
/// `$(USER):$(PASSWORD)`, but `prefix-$(SUFFIX)` is a literal.
fn beside_variables(value: &str) -> Literal<'_> {
    const SCHEMES: &[&str] = &["Basic", "Bearer", "Token"];
    let rest = without_variables(value, "").unwrap_or_default();
    if is_one_of(SCHEMES, rest.trim()) || !rest.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        return Literal::Reference;
    }
    match Literal::of(&without_variables(value, "x").unwrap_or_default()) {
        Literal::Reference => Literal::Reference,
        Literal::Path => Literal::Path,
        Literal::Host => Literal::Host,
        Literal::Template { .. } => Literal::Template { default: None },
        _ => Literal::Text,
    }
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
        || is_between(value, "%")
        || is_of_maven(value)
        || is_between_braces(value)
        || is_to_be_replaced(value);
    is_marked.then_some(Literal::Template { default: None })
}

/// The text of `NAME:-text`, `NAME-text` and `NAME:text`; `NAME:?text` is a message, not a default.
fn default_of(inside: &str) -> Option<&str> {
    let end = inside.find(|character: char| !character.is_ascii_alphanumeric() && !"_.".contains(character))?;
    let (name, rest) = inside.split_at(end);
    if PROVIDERS.contains(&name) && !rest.starts_with(":-") {
        return None;
    }
    let text = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-')).or_else(|| rest.strip_prefix(':'))?;
    (!text.starts_with(['?', '+', '$', '='])).then_some(text)
}

/// A word in capitals between two marks, such as `__DB_PASSWORD__`.
fn is_between(value: &str, mark: &str) -> bool {
    let inside = value.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    inside.is_some_and(|name| !name.is_empty() && is_upper_name(name))
}

/// `@redis.password@`, which Maven and Gradle replace when they copy a file. A password without a dot is possible.
fn is_of_maven(value: &str) -> bool {
    let inside = value.strip_prefix('@').and_then(|rest| rest.strip_suffix('@'));
    inside.is_some_and(|name| {
        name.contains('.') && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_.-".contains(&byte))
    })
}

/// `{password}` and `%(password)s`, as programs fill them in.
fn is_between_braces(value: &str) -> bool {
    let inside = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let inside = inside.or_else(|| value.strip_prefix("%(").and_then(|rest| rest.strip_suffix(")s")));
    inside.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)))
}

/// Words that ask a person to write something else, such as `REPLACE_ME` and `your-password-here`.
/// `changeme` is none of them: programs come with it as their default, and it works.
fn is_to_be_replaced(value: &str) -> bool {
    const WORDS: &[&str] = &["replaceme", "placeholder", "tbd", "todo", "fixme", "to-be-replaced", "fill-me-in"];
    const STARTS: &[&str] = &["replace-", "your-", "insert-", "enter-your-", "put-your-"];
    if value.len() > 80 {
        return false;
    }
    let words = value.replace(['_', ' ', '.'], "-").to_ascii_lowercase();
    WORDS.contains(&words.as_str()) || STARTS.iter().any(|start| words.starts_with(start)) || words.ends_with("-here")
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
            ("$(USER):$(DB_PASSWORD)", Literal::Reference),
            ("Bearer $(TOKEN)", Literal::Reference),
            ("$(cat $(find /run))", Literal::Reference),
            ("prefix-$(DB_PASSWORD)", Literal::Text),
            ("$(DB_PASSWORD)x", Literal::Text),
            ("$(DB_PASSWORD", Literal::Text),
            ("/run/secrets/$(NAME)", Literal::Path),
            ("https://$(HOST)/token", Literal::Host),
            ("arn:x", Literal::Text),
            ("alias/x", Literal::Text),
            ("op://x", Literal::Host),
            ("op://vault/item/field", Literal::Reference),
            ("vault:x", Literal::Text),
            ("ref+x", Literal::Text),
            ("ENC[x", Literal::Text),
            ("ENC[]", Literal::Text),
            ("projects/x", Literal::Text),
            ("***", Literal::Masked),
            ("xxxx", Literal::Masked),
            ("xx", Literal::Text),
            ("REPLACE_ME", template),
            ("your-api-key-here", template),
            ("{password}", template),
            ("ssh-ed25519 AAAA", Literal::Public),
            ("ldap", Literal::Method),
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
