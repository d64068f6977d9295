//! Pod Security Admission: which Pod Security Standard a namespace enforces.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-admission/>

use verdikt_sdk::{Document, Field, Node, Setting};

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
pub(crate) struct Configurations<'a> {
    nodes: Vec<Node<'a>>,
    /// Whether there is one of which nothing is known.
    unseen: bool,
}

impl<'a> Configurations<'a> {
    /// `PodSecurityConfiguration` as a document, or within an `AdmissionConfiguration`.
    pub(crate) fn of(documents: &'a [Document]) -> Configurations<'a> {
        let mut found = Configurations { nodes: Vec::new(), unseen: false };
        for document in documents {
            if document.envelope().kind == "PodSecurityConfiguration" {
                found.nodes.push(document.root());
                continue;
            }
            let plugins = document.root().get("plugins").list();
            found.unseen |= plugins.rest().is_some();
            for plugin in plugins.known() {
                found.add(plugin);
            }
        }
        found
    }

    /// Adds the configuration of a plugin, if that is the one of Pod Security.
    fn add(&mut self, plugin: Node<'a>) {
        let configuration = plugin.get("configuration");
        match Answer::of(plugin.get("name"), |name: Option<&str>| name == Some("PodSecurity")) {
            Answer::No => {}
            Answer::Yes if configuration.is_known() => self.nodes.push(configuration),
            // It is a file of its own (`path`), or not known.
            Answer::Yes => self.unseen |= !plugin.get("path").is_absent() || configuration.unknown().is_some(),
            Answer::Maybe => self.unseen = true,
        }
    }

    /// Whether pods of a namespace are held to a level or a stricter one.
    pub(crate) fn holds(&self, namespace: &Namespace<'a>, level: Level) -> Answer {
        let labeled = namespace.by_label(ENFORCE, self.holds_by_default(level), |stated| {
            Answer::when(Level::parse(stated).is_some_and(|stated| stated >= level))
        });
        self.exempts(namespace).not().and(labeled)
    }

    /// Whether a configuration exempts a namespace from everything.
    pub(crate) fn exempts(&self, namespace: &Namespace<'a>) -> Answer {
        let exempts = |node: &Node<'a>| {
            Answer::any(node.path(&["exemptions", "namespaces"]).list(), |name| match namespace.name {
                Some(own) => Answer::of(name, |name: Option<&str>| name == Some(own)),
                None => Answer::Maybe,
            })
        };
        let unseen = if self.unseen { Answer::Maybe } else { Answer::No };
        self.nodes.iter().map(exempts).fold(unseen, Answer::or)
    }

    /// What holds without a label: `privileged`, unless a configuration says something else. Which of
    /// several the API server has is not known.
    pub(crate) fn holds_by_default(&self, level: Level) -> Answer {
        let holds = |node: &Node<'a>| {
            Answer::of(node.path(&["defaults", "enforce"]), |stated: Option<&str>| {
                stated.map_or(Some(Level::Privileged), Level::parse).is_some_and(|stated| stated >= level)
            })
        };
        let silent = Answer::when(Level::Privileged >= level);
        let seen = self.nodes.iter().map(holds).reduce(Answer::either).unwrap_or(silent);
        if self.unseen { seen.either(Answer::Maybe) } else { seen }
    }
}
