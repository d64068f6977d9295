//! Pod Security Admission: which Pod Security Standard a namespace enforces.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-admission/>

use verdikt_sdk::{Document, Field, Node, Selector, Set, Setting};

use crate::admission::Reach;
use crate::answer::Answer;
use crate::namespace::Namespace;

/// A level of the Pod Security Standards, the loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Privileged,
    Baseline,
    Restricted,
}

/// The label that sets the level.
pub(crate) const ENFORCE: &str = "pod-security.kubernetes.io/enforce";
/// The labels of the modes that refuse nothing.
pub(crate) const OTHERS: [&str; 2] = ["pod-security.kubernetes.io/audit", "pod-security.kubernetes.io/warn"];

impl Level {
    pub(crate) fn parse(text: &str) -> Option<Level> {
        match text {
            "privileged" => Some(Level::Privileged),
            "baseline" => Some(Level::Baseline),
            "restricted" => Some(Level::Restricted),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

impl From<&str> for Level {
    /// For defaults of parameters.
    fn from(text: &str) -> Self {
        Level::parse(text).unwrap_or(Level::Restricted)
    }
}

impl Setting for Level {
    const SCHEMA: &'static str = r#""type": "string", "enum": ["privileged", "baseline", "restricted"]"#;

    fn to_json(&self) -> String {
        format!("\"{}\"", self.as_str())
    }

    fn read(node: Node<'_>) -> Option<Self> {
        Level::parse(node.str().known()?)
    }
}

/// What the label of a namespace says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stated {
    Nothing,
    Level(Level),
    /// None of the levels. The API server refuses it for new namespaces and takes it for `restricted` in
    /// old ones.
    Invalid,
    Unknown,
}

impl Stated {
    pub(crate) fn read(label: Node<'_>) -> Stated {
        match label.str() {
            Field::Absent => Stated::Nothing,
            Field::Known(text) => Level::parse(text).map_or(Stated::Invalid, Stated::Level),
            Field::Unknown(_) => Stated::Unknown,
        }
    }
}

/// What the configurations of the API server say that a set has.
///
/// <https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/>
#[derive(Default)]
pub(crate) struct Configurations {
    documents: Vec<Document>,
}

/// A place that configures Pod Security, of the document that it stands in.
#[derive(Clone, Copy)]
enum Place<'a> {
    Here(&'a Document, Node<'a>),
    /// In something of which nothing is known, or perhaps there.
    Unseen(&'a Document, Node<'a>),
}

/// What lets single pods off in every namespace.
const PARTIAL_EXEMPTIONS: [&str; 2] = ["usernames", "runtimeClasses"];

impl Configurations {
    pub(crate) fn find(set: &Set<'_>) -> Configurations {
        let kinds = ["AdmissionConfiguration", "PodSecurityConfiguration"];
        let found = kinds.iter().flat_map(|kind| set.find(Selector::new("kubernetes", kind)));
        Configurations { documents: found.filter_map(|envelope| set.read(&envelope).ok()).collect() }
    }

    /// `PodSecurityConfiguration` as a document, or within an `AdmissionConfiguration`.
    fn places(&self) -> impl Iterator<Item = Place<'_>> {
        self.documents.iter().flat_map(|document| {
            if document.envelope().kind == "PodSecurityConfiguration" {
                return vec![Place::Here(document, document.root())];
            }
            let plugins = document.root().get("plugins");
            let rest = plugins.list().rest().map(|_| Place::Unseen(document, plugins));
            plugins.list().known().filter_map(|plugin| place(document, plugin)).chain(rest).collect()
        })
    }

    /// Whether pods of a namespace are held to a level or a stricter one, all of them.
    pub(crate) fn hold<'a>(&'a self, namespace: &Namespace<'a>, level: Level) -> Reach<'a> {
        let labeled = namespace.by_label(ENFORCE, self.holds_by_default(level), |stated| {
            Answer::when(Level::parse(stated).is_some_and(|stated| stated >= level))
        });
        let labeled = match namespace.label(ENFORCE) {
            Some(label) => Reach::by(label, labeled),
            None => Reach { answer: labeled, hangs_on: None },
        };
        self.hold_to_labels(namespace).and(labeled)
    }

    /// Whether no configuration exempts a namespace, or some pods of it.
    pub(crate) fn hold_to_labels<'a>(&'a self, namespace: &Namespace<'a>) -> Reach<'a> {
        let each = self.places().map(|place| match place {
            Place::Unseen(document, node) => Reach::by(node, Answer::Maybe).of(document),
            Place::Here(document, node) => {
                let exemptions = node.get("exemptions");
                let namespaces = exemptions.get("namespaces");
                let exempt = Answer::any(namespaces.list(), |name| match namespace.name {
                    Some(own) => Answer::of(name, |name: Option<&str>| name == Some(own)),
                    None => Answer::Maybe,
                });
                let some = PARTIAL_EXEMPTIONS.map(|member| {
                    let list = exemptions.get(member);
                    let none = Answer::has_any(list.list()) == Answer::No;
                    Reach::by(list, if none { Answer::Yes } else { Answer::Maybe })
                });
                some.into_iter().fold(Reach::by(namespaces, exempt.not()), Reach::and).of(document)
            }
        });
        each.fold(Reach::YES, Reach::and)
    }

    /// What holds without a label: `privileged`, unless a configuration says something else. Which of
    /// several the API server has is not known.
    fn holds_by_default(&self, level: Level) -> Answer {
        let each = self.places().map(|place| match place {
            Place::Unseen(..) => Answer::Maybe,
            Place::Here(_, node) => Answer::of(node.path(&["defaults", "enforce"]), |stated: Option<&str>| {
                stated.map_or(Some(Level::Privileged), Level::parse).is_some_and(|stated| stated >= level)
            }),
        });
        each.reduce(Answer::either).unwrap_or(Answer::when(Level::Privileged >= level))
    }
}

/// Where a plugin of an `AdmissionConfiguration` configures Pod Security, if it is that one.
fn place<'a>(document: &'a Document, plugin: Node<'a>) -> Option<Place<'a>> {
    let configuration = plugin.get("configuration");
    match Answer::of(plugin.get("name"), |name: Option<&str>| name == Some("PodSecurity")) {
        Answer::No => None,
        Answer::Yes if configuration.is_known() => Some(Place::Here(document, configuration)),
        // It is a file of its own (`path`), or not known.
        Answer::Yes if plugin.get("path").is_absent() && configuration.unknown().is_none() => None,
        Answer::Yes | Answer::Maybe => Some(Place::Unseen(document, plugin)),
    }
}
