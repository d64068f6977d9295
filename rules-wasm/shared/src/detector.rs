//! Says of a value under a name whether it is a credential in plain text.

use verdikt_sdk::{Field, Finding, Node, Unknown};

use crate::base64;
use crate::content::Syntax;
use crate::form::{Form, HOLE, ValuePatterns};
use crate::literal::{Literal, is_name};
use crate::names::{NamePatterns, SecretName};
use crate::reference::Source;
use crate::scan::{self, Style};

/// How credentials are recognized: parameters of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Detector<'s> {
    /// Names of credentials.
    pub names: &'s NamePatterns,
    /// Names under which nothing is a credential.
    pub allowed: &'s NamePatterns,
    /// Forms of credentials.
    pub values: &'s ValuePatterns,
}

/// Why a value is a credential. Nothing of it shows the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Its name is one of a credential and it is a literal.
    Name,
    /// It has the form of a credential, or something in it.
    Form(Form),
    /// It sets this name of a credential inside of it.
    Inside(String),
    /// It comes from a place of credentials: the reference.
    Flow(String),
}

impl Evidence {
    /// The finding that says what was recognized. The rule has a message for each of these codes.
    pub fn fail<'a>(&self, value: Node<'a>) -> Finding<'a> {
        match self {
            Evidence::Name => Finding::fail(value, "by-name").sensitive(),
            Evidence::Inside(name) => Finding::fail(value, "inside").argument("inner", name).sensitive(),
            Evidence::Flow(source) => Finding::fail(value, "literal-flow").argument("source", source),
            Evidence::Form(form) => match form {
                Form::PrivateKey => Finding::fail(value, "private-key"),
                Form::Issued(issuer) => Finding::fail(value, "token").argument("issuer", issuer),
                Form::WebToken => Finding::fail(value, "web-token"),
                Form::Header => Finding::fail(value, "header"),
                Form::Hash => Finding::fail(value, "hash"),
                Form::Sql => Finding::fail(value, "sql"),
                Form::Url => Finding::fail(value, "url"),
                Form::Own(pattern) => Finding::fail(value, "by-form").argument("form", pattern),
            }
            .sensitive(),
        }
    }
}

/// What is said of a value that may be unknown.
#[derive(Clone, Debug)]
pub enum Outcome<'a> {
    /// No credential in plain text.
    Clean,
    /// A credential in plain text, for every value of what is unknown.
    Credential(Evidence),
    /// It depends on something that is not known.
    Unknown(Unknown<'a>),
    /// A tool fills something in before the platform sees it.
    Template(Node<'a>),
}

/// Why a template cannot be decided, as part of a sentence.
const TEMPLATE: &str = "a placeholder that is filled in before the platform sees it";

/// The most pairs of alternative names and values that are judged one by one.
const MOST_ALTERNATIVES: usize = 1024;

impl<'a> Outcome<'a> {
    /// What to state when the outcome is not known.
    pub fn unknown(&self) -> Option<Finding<'a>> {
        match self {
            Outcome::Unknown(unknown) => Some(Finding::unknown(*unknown)),
            Outcome::Template(node) => Some(Finding::unknown_because(*node, TEMPLATE)),
            Outcome::Clean | Outcome::Credential(_) => None,
        }
    }
}

/// What is said of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgment {
    Clean,
    Credential(Evidence),
    Template,
}

impl Judgment {
    /// What is said of a text with this in it under a name.
    pub(crate) fn inside(self, name: &str) -> Judgment {
        match self {
            Judgment::Credential(Evidence::Name) => Judgment::Credential(Evidence::Inside(name.to_owned())),
            other => other,
        }
    }

    fn into_outcome(self, node: Node<'_>) -> Outcome<'_> {
        match self {
            Judgment::Clean => Outcome::Clean,
            Judgment::Credential(evidence) => Outcome::Credential(evidence),
            Judgment::Template => Outcome::Template(node),
        }
    }
}

/// What a name says, as far as it is known.
#[derive(Clone, Copy)]
enum Name {
    Plain,
    Secret(SecretName),
    Allowed,
}

/// What is said of a text of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InText<'t> {
    /// Holds no credential.
    Clean,
    /// Holds one.
    Credential(Line<'t>, Evidence),
    /// Holds a place for one.
    Template,
}

/// A place in a text of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// From 1.
    pub number: usize,
    /// The name that is set there, when that is what was recognized.
    pub name: Option<&'t str>,
}

impl Detector<'_> {
    /// Judges a value under a name, both of which may be absent, unknown or one of several.
    pub fn outcome<'a>(&self, name: Node<'a>, value: Node<'a>) -> Outcome<'a> {
        let (names, values) = (alternatives(name), alternatives(value));
        if names.len().saturating_mul(values.len()) > MOST_ALTERNATIVES {
            return undecided(value, name);
        }
        let pairs = names.iter().flat_map(|name| values.iter().map(|value| self.single(*name, *value)));
        agreed(pairs).unwrap_or_else(|| undecided(value, name))
    }

    /// Judges a value under a name that is known.
    pub fn outcome_of<'a>(&self, name: &str, value: Node<'a>) -> Outcome<'a> {
        let name = self.read(name);
        let outcomes = alternatives(value).into_iter().map(|value| self.of_value(name, value));
        agreed(outcomes).unwrap_or_else(|| undecided(value, value))
    }

    /// Judges a text that was made of a node, such as by decoding it, under a name that is known.
    pub fn of_text<'a>(&self, name: &str, text: &str, node: Node<'a>) -> Outcome<'a> {
        self.judge(self.read(name), text).into_outcome(node)
    }

    /// Judges a text that stands where only credentials stand, whatever its name.
    pub fn of_secret_text<'a>(&self, text: &str, node: Node<'a>) -> Outcome<'a> {
        self.judge(Name::Secret(SecretName::Password), text).into_outcome(node)
    }

    /// Judges a text by the name that it stands under alone.
    pub fn by_name<'a>(&self, name: &str, text: &str, node: Node<'a>) -> Outcome<'a> {
        let judgment = match self.read(name) {
            Name::Secret(kind) => judge_literal(kind, text),
            Name::Plain | Name::Allowed => Judgment::Clean,
        };
        judgment.into_outcome(node)
    }

    /// The first credential in a text of several lines.
    pub fn in_text<'t>(&self, text: &'t str, syntax: Syntax) -> InText<'t> {
        let Some(hit) = scan::scan(self, text, Style::File(syntax), 0) else { return InText::Clean };
        match hit.judgment {
            Judgment::Credential(evidence) => {
                let before = text.as_bytes().get(..hit.at).unwrap_or_default();
                let number = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                InText::Credential(Line { number, name: hit.name }, evidence)
            }
            Judgment::Template => InText::Template,
            Judgment::Clean => InText::Clean,
        }
    }

    /// In which line of a value the first credential stands, as far as the value is known.
    pub fn line_in(&self, value: Node<'_>) -> usize {
        let text = match value.str() {
            Field::Known(text) => text.to_owned(),
            Field::Absent => return 1,
            Field::Unknown(unknown) => unknown.parts().map(|parts| with_holes(parts).0).unwrap_or_default(),
        };
        match self.in_text(&text, Syntax::Unknown) {
            InText::Credential(line, _) => line.number,
            InText::Clean | InText::Template => 1,
        }
    }

    /// Whether the name is one of a credential, and not allowed.
    pub fn is_secret(&self, name: &str) -> bool {
        matches!(self.read(name), Name::Secret(_))
    }

    /// Whether nothing under this name is a credential.
    pub fn is_allowed(&self, name: &str) -> bool {
        matches!(self.read(name), Name::Allowed)
    }

    fn read(&self, name: &str) -> Name {
        let is_allowed = !self.allowed.is_empty() && self.allowed.has(name);
        if is_allowed { Name::Allowed } else { self.names.secret(name).map_or(Name::Plain, Name::Secret) }
    }

    fn single<'a>(&self, name: Node<'a>, value: Node<'a>) -> Outcome<'a> {
        let unknown = match name.str() {
            Field::Known(name) => return self.of_value(self.read(name), value),
            Field::Absent => return self.of_value(Name::Plain, value),
            Field::Unknown(unknown) => unknown,
        };
        // What any name makes of the value: no worse than the name of a password, no better than one
        // that is allowed, or else one that says nothing.
        let worst = self.of_value(Name::Secret(SecretName::Password), value);
        if let Outcome::Clean = worst {
            return worst;
        }
        match self.of_value(Name::Plain, value) {
            credential @ Outcome::Credential(_) if self.allowed.is_empty() => credential,
            undecided @ (Outcome::Unknown(_) | Outcome::Template(_)) => undecided,
            _ => Outcome::Unknown(unknown),
        }
    }

    fn of_value<'a>(&self, name: Name, value: Node<'a>) -> Outcome<'a> {
        match value.str() {
            Field::Absent => Outcome::Clean,
            Field::Known(text) => self.judge(name, text).into_outcome(value),
            Field::Unknown(_) if matches!(name, Name::Allowed) => Outcome::Clean,
            Field::Unknown(unknown) => self.of_unknown(name, unknown),
        }
    }

    /// Judges what is known of a value: what it refers to, and its known pieces.
    fn of_unknown<'a>(&self, name: Name, unknown: Unknown<'a>) -> Outcome<'a> {
        let is_secret = matches!(name, Name::Secret(_));
        let source = unknown.reference().map_or(Source::Open, Source::of);
        let Some(parts) = unknown.parts() else {
            let reference = unknown.reference().unwrap_or_default();
            return match source {
                Source::Credential => Outcome::Credential(Evidence::Flow(reference.to_owned())),
                Source::Store if is_secret => Outcome::Credential(Evidence::Flow(reference.to_owned())),
                Source::Harmless => Outcome::Clean,
                Source::Store | Source::Open => Outcome::Unknown(unknown),
            };
        };
        let (text, holes) = with_holes(parts);
        if let Judgment::Credential(evidence) = self.judge_content(&text) {
            return Outcome::Credential(evidence);
        }
        // The one unknown piece is a name or an address: then the text is as good as known.
        if holes == 1 && source == Source::Harmless {
            let is_arn = unknown.reference().is_some_and(|reference| reference.to_ascii_lowercase().ends_with("arn"));
            let piece = if is_arn { "arn:aws:x:x:x:x" } else { "x" };
            return self.judge(name, &text.replace(HOLE, piece)).into_outcome(unknown.node());
        }
        // How a path or the name of a secret goes on does not make it a credential.
        let text = text.replace(HOLE, "x");
        let is_elsewhere = |text: &str| matches!(Literal::of(text), Literal::Reference | Literal::Path);
        if is_elsewhere(&text) || is_elsewhere(&format!("{text}:x:x:x")) {
            return Outcome::Clean;
        }
        Outcome::Unknown(unknown)
    }

    /// Judges a text that is known.
    fn judge(&self, name: Name, text: &str) -> Judgment {
        if matches!(name, Name::Allowed) {
            return Judgment::Clean;
        }
        let content = self.judge_content(text);
        let by_name = match name {
            Name::Secret(kind) => judge_literal(kind, text),
            Name::Plain | Name::Allowed => Judgment::Clean,
        };
        // What was recognized inside says more than the name.
        match (content, by_name) {
            (content @ Judgment::Credential(_), _) => content,
            (content, Judgment::Clean) => content,
            (_, by_name) => by_name,
        }
    }

    /// Judges what stands in a value, also in one that is in Base64 as a whole.
    fn judge_content(&self, text: &str) -> Judgment {
        /// What is shorter is Base64 by chance.
        const SHORTEST: usize = 16;
        let hit = scan::scan(self, text, Style::Value, 0).map(|hit| hit.judgment);
        if matches!(hit, Some(Judgment::Credential(_))) || text.len() < SHORTEST {
            return hit.unwrap_or(Judgment::Clean);
        }
        let inside = base64::decode_text(text.trim());
        let inside = inside.and_then(|inside| scan::scan(self, &inside, scan::FILE, 1).map(|hit| hit.judgment));
        inside.or(hit).unwrap_or(Judgment::Clean)
    }
}

/// What a literal is under the name of a credential.
pub(crate) fn judge_literal(kind: SecretName, text: &str) -> Judgment {
    let is_password = kind == SecretName::Password;
    match Literal::of(text) {
        Literal::Empty | Literal::Reference | Literal::Path | Literal::Flag | Literal::Masked | Literal::Public => {
            Judgment::Clean
        }
        // People choose numbers and words as passwords.
        Literal::Number | Literal::Host | Literal::Method if !is_password => Judgment::Clean,
        Literal::Text if !is_password && is_name(text.trim()) => Judgment::Clean,
        Literal::Template { default: Some(default) } => match Literal::of(default) {
            Literal::Text => Judgment::Credential(Evidence::Name),
            Literal::Number | Literal::Host | Literal::Method if is_password => Judgment::Credential(Evidence::Name),
            _ => Judgment::Template,
        },
        Literal::Template { default: None } | Literal::Variable => Judgment::Template,
        Literal::Number | Literal::Host | Literal::Method | Literal::Text => Judgment::Credential(Evidence::Name),
    }
}

/// The text of which these are the parts, with a hole for each that is not known, and how many there are.
fn with_holes<'a>(parts: impl Iterator<Item = Option<Node<'a>>>) -> (String, usize) {
    let mut text = String::new();
    let mut holes = 0;
    for part in parts {
        match part.map(|part| part.str()) {
            Some(Field::Known(known)) => text.push_str(known),
            // Two unknown pieces in a row could be one.
            _ => {
                text.push(HOLE);
                holes += 1;
            }
        }
    }
    (text, holes)
}

/// What all say; `None` when they differ.
fn agreed<'a>(mut outcomes: impl Iterator<Item = Outcome<'a>>) -> Option<Outcome<'a>> {
    let first = outcomes.next()?;
    for outcome in outcomes {
        match (&first, &outcome) {
            (Outcome::Clean, Outcome::Clean) | (Outcome::Credential(_), Outcome::Credential(_)) => {}
            _ => return None,
        }
    }
    Some(first)
}

/// Alternatives that do not agree: the value is unknown, or else its name is.
fn undecided<'a>(value: Node<'a>, name: Node<'a>) -> Outcome<'a> {
    value.unknown().or(name.unknown()).map_or(Outcome::Template(value), Outcome::Unknown)
}

/// The values that a node may have, alternatives of alternatives included: the node itself when it is
/// known or has none.
pub fn alternatives(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node.unknown().and_then(Unknown::alternatives) {
            Some(alternatives) => open.extend(alternatives),
            None => found.push(node),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use verdikt_sdk::{Document, Envelope};

    struct Parameters {
        names: NamePatterns,
        allowed: NamePatterns,
        values: ValuePatterns,
    }

    impl Parameters {
        fn new(allowed: &[&str]) -> Parameters {
            Parameters {
                names: NamePatterns::from(NamePatterns::DEFAULT),
                allowed: NamePatterns::from(allowed),
                values: ValuePatterns::from(ValuePatterns::DEFAULT),
            }
        }

        fn detector(&self) -> Detector<'_> {
            Detector { names: &self.names, allowed: &self.allowed, values: &self.values }
        }
    }

    fn document(body: &str) -> Document {
        let envelope = Envelope {
            id: 0,
            platform: "kubernetes".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: None,
            name: "x".to_owned(),
            address: "x".to_owned(),
            origin: None,
        };
        Document::new(envelope, body).unwrap()
    }

    /// `clean`, `name`, `form`, `flow`, `unknown` or `template`.
    fn said(outcome: &Outcome<'_>) -> &'static str {
        match outcome {
            Outcome::Clean => "clean",
            Outcome::Credential(Evidence::Name) => "name",
            Outcome::Credential(Evidence::Form(_)) => "form",
            Outcome::Credential(Evidence::Inside(_)) => "inside",
            Outcome::Credential(Evidence::Flow(_)) => "flow",
            Outcome::Unknown(_) => "unknown",
            Outcome::Template(_) => "template",
        }
    }

    const WHY: &str = r#"{"$unknown": "why"}"#;

    #[test]
    fn values_under_names() {
        let parameters = Parameters::new(&["PUBLIC_TOKEN"]);
        for (name, value, expected) in [
            (r#""DB_PASSWORD""#, r#""example-only""#, "name"),
            (r#""DB_PASSWORD""#, r#""12345""#, "name"),
            (r#""DB_PASSWORD""#, r#""my.secret""#, "name"),
            (r#""DB_PASSWORD""#, r#""""#, "clean"),
            (r#""DB_PASSWORD""#, "null", "clean"),
            (r#""DB_PASSWORD""#, r#""$(OTHER)""#, "clean"),
            (r#""DB_PASSWORD""#, r#""${OTHER}""#, "template"),
            (r#""DB_PASSWORD""#, r#""${OTHER:-geheim}""#, "name"),
            (r#""DB_PASSWORD""#, r#""/run/secrets/db""#, "clean"),
            (r#""ALLOW_EMPTY_PASSWORD""#, r#""yes""#, "clean"),
            (r#""API_TOKEN""#, r#""3600""#, "clean"),
            (r#""API_TOKEN""#, r#""vault.internal""#, "clean"),
            (r#""API_TOKEN""#, r#""abc""#, "name"),
            (r#""PUBLIC_TOKEN""#, r#""abc""#, "clean"),
            (r#""PUBLIC_TOKEN""#, WHY, "clean"),
            (r#""DATABASE_URL""#, r#""postgres://u:geheim@db/x""#, "form"),
            (r#""DATABASE_URL""#, r#""postgres://u:${P}@db/x""#, "template"),
            (r#""DATABASE_URL""#, r#""postgres://u@db/x""#, "clean"),
            (r#""JDBC_URL""#, r#""jdbc:mysql://h/db?user=a&password=geheim""#, "inside"),
            (r#""JDBC_URL""#, r#""jdbc:mysql://h/db?user=a&password=$(P)""#, "clean"),
            (r#""LOG_FORMAT""#, r#""${time} ${level}""#, "clean"),
            (r#""GREETING""#, r#""hello""#, "clean"),
            (r#""GREETING""#, WHY, "unknown"),
            (r#""DB_PASSWORD""#, WHY, "unknown"),
            (r#""DB_PASSWORD""#, "5", "unknown"),
            (WHY, r#""hello""#, "unknown"),
            (WHY, r#""""#, "clean"),
            (WHY, r#""/etc/app.conf""#, "clean"),
            (WHY, WHY, "unknown"),
            ("null", r#""hello""#, "clean"),
            (r#""X""#, r#"{"$unknown": "w", "$any": ["a", "b"]}"#, "clean"),
            (r#""DB_PASSWORD""#, r#"{"$unknown": "w", "$any": ["a", "b"]}"#, "name"),
            (r#""DB_PASSWORD""#, r#"{"$unknown": "w", "$any": ["a", ""]}"#, "unknown"),
            (r#"{"$unknown": "w", "$any": ["TOKEN", "HOST"]}"#, r#""a""#, "unknown"),
            (r#"{"$unknown": "w", "$any": ["TOKEN", "PASSWORD"]}"#, r#""a""#, "name"),
            (r#"{"$unknown": "w", "$any": ["HOST", "PORT"]}"#, r#""a""#, "clean"),
            (r#""DB""#, r#"{"$unknown": "w", "$ref": "random_password.db.result"}"#, "flow"),
            (r#""DB_PASSWORD""#, r#"{"$unknown": "w", "$ref": "var.db_password"}"#, "unknown"),
            (r#""DB_PASSWORD""#, r#"{"$unknown": "w", "$ref": "data.aws_ssm_parameter.db.value"}"#, "flow"),
            (r#""DB_SCHEMA""#, r#"{"$unknown": "w", "$ref": "data.aws_ssm_parameter.db.value"}"#, "unknown"),
            (r#""DB_HOST""#, r#"{"$unknown": "w", "$ref": "aws_db_instance.db.address"}"#, "clean"),
            (r#""DB_PASSWORD""#, r#"{"$unknown": "w", "$ref": "aws_secretsmanager_secret.db.arn"}"#, "clean"),
            (r#""DB_URL""#, r#"{"$unknown": "w", "$parts": ["postgres://u:geheim@", null, "/db"]}"#, "form"),
            (r#""DB_URL""#, r#"{"$unknown": "w", "$parts": ["postgres://u:", null, "@db"]}"#, "unknown"),
            (r#""OPTIONS""#, r#"{"$unknown": "w", "$parts": ["host=", null, ";password=geheim"]}"#, "inside"),
            (r#""OPTIONS""#, r#"{"$unknown": "w", "$parts": ["host=a;password=x", null]}"#, "unknown"),
            (
                r#""API_URL""#,
                r#"{"$unknown": "w", "$ref": "aws_lb.a.dns_name", "$parts": ["https://", null]}"#,
                "clean",
            ),
            (r#""API_URL""#, r#"{"$unknown": "w", "$parts": ["https://", null]}"#, "unknown"),
            (r#""DB_PASSWORD""#, r#"{"$unknown": "w", "$parts": ["/run/secrets/", null]}"#, "clean"),
            (r#""DB_PASSWORD""#, r#"{"$unknown": "w", "$parts": ["arn:aws:ssm:", null]}"#, "clean"),
            (r#""DB_PASSWORD""#, r#"{"$unknown": "w", "$parts": ["abc", null]}"#, "unknown"),
        ] {
            let document = document(&format!(r#"{{"name": {name}, "value": {value}}}"#));
            let root = document.root();
            let outcome = parameters.detector().outcome(root.get("name"), root.get("value"));
            assert_eq!(said(&outcome), expected, "{name}: {value}");
        }
    }

    #[test]
    fn an_unknown_name_that_could_be_allowed_decides_nothing() {
        let document = document(r#"{"name": {"$unknown": "w"}, "value": "postgres://u:geheim@db"}"#);
        let root = document.root();
        for (allowed, expected) in [(&[][..], "form"), (&["MY_URL"][..], "unknown")] {
            let parameters = Parameters::new(allowed);
            let outcome = parameters.detector().outcome(root.get("name"), root.get("value"));
            assert_eq!(said(&outcome), expected);
        }
    }

    #[test]
    fn texts_of_several_lines() {
        let parameters = Parameters::new(&["PUBLIC_TOKEN"]);
        let detector = parameters.detector();
        for (text, expected) in [
            ("user=a\ndb.password=geheim\n", Some((2, "db.password"))),
            ("a: 1\npassword: ${DB_PASSWORD}\n", None),
            ("PUBLIC_TOKEN=abc", None),
        ] {
            let found = match detector.in_text(text, Syntax::Unknown) {
                InText::Credential(Line { number, name: Some(name) }, Evidence::Inside(_)) => Some((number, name)),
                _ => None,
            };
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(detector.in_text("password: ${DB_PASSWORD}", Syntax::Unknown), InText::Template);
        assert_eq!(detector.in_text("PGPASSWORD=$DB_PASSWORD psql", Syntax::Unknown), InText::Clean);
        let pem = "-----BEGIN PRIVATE KEY-----\nMII\n";
        let key = InText::Credential(Line { number: 1, name: None }, Evidence::Form(Form::PrivateKey));
        assert_eq!(detector.in_text(pem, Syntax::Unknown), key);
    }
}
