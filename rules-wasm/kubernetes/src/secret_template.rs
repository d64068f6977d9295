//! What objects that make Secrets from a store hold themselves, in plain text.

use verdikt_rules_shared::{Detector, NamePatterns, Outcome, ValuePatterns};
use verdikt_sdk::{Field, Node};

/// Texts of an object that end in a Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds<'p> {
    /// At this path, a blueprint of the Secret: it is filled in with what the store has.
    Template(&'p [&'p str]),
    /// At this path, what a store has: only for tests, since everybody can read it.
    Values(&'p [&'p str]),
}

/// What an object of a kind and an API group holds; `None` for what makes no Secrets.
///
/// <https://github.com/bitnami-labs/sealed-secrets/blob/main/pkg/apis/sealedsecrets/v1alpha1/types.go>
/// <https://external-secrets.io/latest/api/spec/>
pub(crate) fn holds(kind: &str, group: &str) -> Option<Holds<'static>> {
    Some(match (kind, group) {
        ("SealedSecret", "bitnami.com") => Holds::Template(&["spec", "template"]),
        ("ExternalSecret", "external-secrets.io") => Holds::Template(&["spec", "target", "template"]),
        ("ClusterExternalSecret", "external-secrets.io") => {
            Holds::Template(&["spec", "externalSecretSpec", "target", "template"])
        }
        ("PushSecret", "external-secrets.io") => Holds::Template(&["spec", "template"]),
        ("ClusterPushSecret", "external-secrets.io") => Holds::Template(&["spec", "pushSecretSpec", "template"]),
        ("SecretStore" | "ClusterSecretStore", "external-secrets.io") => {
            Holds::Values(&["spec", "provider", "fake", "data"])
        }
        ("Fake", "generators.external-secrets.io") => Holds::Values(&["spec", "data"]),
        ("ClusterGenerator", "generators.external-secrets.io") => {
            Holds::Values(&["spec", "generator", "fakeSpec", "data"])
        }
        _ => return None,
    })
}

/// A text, and what it is called.
pub(crate) struct Text<'a> {
    pub(crate) key: String,
    pub(crate) value: Node<'a>,
}

/// The texts of a template that hold a credential, and those of which it is not known. Other text beside
/// the secrets is what a template is for.
pub(crate) fn credentials_of_template(template: Node<'_>) -> Vec<(Text<'_>, Outcome<'_>)> {
    let (names, allowed) = (NamePatterns::from(NamePatterns::DEFAULT), NamePatterns::from([]));
    let values = ValuePatterns::from(ValuePatterns::DEFAULT);
    let detector = Detector { names: &names, allowed: &allowed, values: &values };
    let literals = template.get("templateFrom").list();
    let of_literals =
        literals.known().map(|from: Node<'_>| Text { key: "literal".to_owned(), value: from.get("literal") });
    let fields = ["data", "stringData"].into_iter().flat_map(|field| texts(template.get(field)));
    let rest = literals.rest().map(|_| Text { key: "literal".to_owned(), value: literals.node() });
    let judged = fields.chain(of_literals).chain(rest).filter(|text| !text.value.is_absent()).map(|text| {
        let outcome = detector.outcome_of(&text.key, text.value);
        (text, outcome)
    });
    // What is filled in comes from the store.
    judged.filter(|(_, outcome)| matches!(outcome, Outcome::Credential(_) | Outcome::Unknown(_))).collect()
}

/// What a store for tests has: a map, or a list of keys with a value or a map of values.
pub(crate) fn values_of_store(data: Node<'_>) -> Vec<Text<'_>> {
    if let Field::Known(_) = data.members() {
        return texts(data);
    }
    let list = data.list();
    let entries = list.known().flat_map(|entry: Node<'_>| {
        let key = entry.get("key").str().known().unwrap_or_default().to_owned();
        let own = Text { key, value: entry.get("value") };
        texts(entry.get("valueMap")).into_iter().chain([own])
    });
    let rest = list.rest().map(|_| Text { key: String::new(), value: data });
    entries.chain(rest).filter(|text| !text.value.is_absent()).collect()
}

/// The members of a map; of one that is not known, the whole.
fn texts(map: Node<'_>) -> Vec<Text<'_>> {
    match map.members() {
        Field::Known(members) => members.map(|(key, value)| Text { key: key.to_owned(), value }).collect(),
        Field::Absent => Vec::new(),
        Field::Unknown(_) => vec![Text { key: String::new(), value: map }],
    }
}
