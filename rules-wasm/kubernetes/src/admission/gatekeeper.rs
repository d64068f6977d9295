//! Constraints of OPA Gatekeeper.
//!
//! <https://open-policy-agent.github.io/gatekeeper/website/docs/howto/>

use verdikt_sdk::{Document, Field, Node};

use crate::admission::Target;
use crate::admission::reach::Reach;
use crate::admission::resources::{has_group, has_members, has_one, unless_some};
use crate::answer::Answer;
use crate::namespace::Namespace;
use crate::workloads::Kind;

/// What the set says of Gatekeeper as a whole.
#[derive(Debug, Default)]
pub(crate) struct Gatekeeper {
    /// `ConstraintTemplate`: each makes a kind of constraints.
    pub(super) templates: Vec<Document>,
    /// `Config`.
    pub(super) configurations: Vec<Document>,
}

/// A namespace with this label is not asked about at all. Gatekeeper itself refuses to give it to others
/// than those that its command line names, so that without a known definition a namespace does not have it.
///
/// <https://github.com/open-policy-agent/gatekeeper/blob/master/pkg/webhook/namespacelabel.go>
const IGNORE: &str = "admission.gatekeeper.sh/ignore";

impl Gatekeeper {
    /// The templates of the set that make a kind.
    pub(crate) fn templates_of(&self, kind: &str) -> impl Iterator<Item = &Document> {
        self.templates.iter().filter(move |template| {
            let names = template.root().path(&["spec", "crd", "spec", "names", "kind"]);
            // A name that is not known may be this one.
            Answer::of(names, |name: Option<&str>| name == Some(kind)) != Answer::No
        })
    }

    /// Whether Gatekeeper asks its constraints about a namespace.
    ///
    /// <https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/>
    pub(super) fn asks<'a>(&'a self, namespace: &Namespace<'a>) -> Reach<'a> {
        let labeled = match namespace.label(IGNORE) {
            Some(label) => Reach::by(label, namespace.by_label(IGNORE, Answer::No, |_| Answer::Yes).not()),
            None => Reach::YES,
        };
        let asks = self.configurations.iter().flat_map(|configuration| {
            let matches = configuration.root().path(&["spec", "match"]);
            let rest = matches.list().rest().map(|_| Reach::by(matches, Answer::Maybe));
            let entries = matches.list().known().map(|entry: Node<'a>| {
                let excluded = entry.get("excludedNamespaces");
                let here = namespace.is_among(excluded.list());
                Reach::by(excluded, has_one(entry.get("processes"), &["*", "webhook"]).and(here).not())
            });
            entries.chain(rest).map(|reach| reach.of(configuration)).collect::<Vec<_>>()
        });
        asks.fold(labeled, Reach::and)
    }
}

/// Whether a constraint refuses what violates it.
///
/// <https://open-policy-agent.github.io/gatekeeper/website/docs/enforcement-points>
pub(crate) fn constraint_denies(spec: Node<'_>) -> Reach<'_> {
    let (action, scoped) = (spec.get("enforcementAction"), spec.get("scopedEnforcementActions"));
    let is_scoped = Answer::of(action, |action: Option<&str>| action == Some("scoped"));
    let by_scope = Answer::any(scoped.list(), |scoped| {
        let points = Answer::any(scoped.get("enforcementPoints").list(), |point| {
            Answer::of(point.get("name"), |name: Option<&str>| {
                matches!(name, Some("*" | "validation.gatekeeper.sh" | "vap.k8s.io"))
            })
        });
        Answer::of(scoped.get("action"), |action: Option<&str>| action == Some("deny")).and(points)
    });
    let by_action = Answer::of(action, |action: Option<&str>| action.is_none_or(|action| action == "deny"));
    match is_scoped {
        Answer::Yes => Reach::unless(scoped, by_scope, "deny for validation.gatekeeper.sh"),
        other => Reach::unless(action, other.choose(by_scope, by_action), "deny"),
    }
}

/// Whether a constraint covers what is created with a workload.
///
/// <https://github.com/open-policy-agent/gatekeeper/blob/master/pkg/mutation/match/match.go>
pub(crate) fn constraint_covers<'a>(matches: Node<'a>, target: &Target<'a>) -> Reach<'a> {
    let namespace = target.namespace;
    let list = |member: &str| matches.get(member).list();
    let included = Answer::has_any(list("namespaces")).choose(namespace.is_among(list("namespaces")), Answer::Yes);
    let kinds = target.kind.chain().map(|kind| kinds_have(matches, kind)).fold(Answer::No, Answer::or);
    let source = Answer::of(matches.get("source"), |source: Option<&str>| source == Some("Generated"));
    let all = [
        ("kinds", kinds),
        ("namespaces", included),
        ("excludedNamespaces", namespace.is_among(list("excludedNamespaces")).not()),
        ("namespaceSelector", namespace.is_selected(matches.get("namespaceSelector"))),
        ("scope", Answer::of(matches.get("scope"), |scope: Option<&str>| scope != Some("Cluster"))),
        ("labelSelector", unless_some(has_members(matches.get("labelSelector"), &["matchLabels", "matchExpressions"]))),
        ("name", unless_some(has_name(matches.get("name")))),
        ("source", unless_some(source)),
    ];
    all.into_iter().fold(Reach::YES, |covers, (member, answer)| covers.and(Reach::by(matches.get(member), answer)))
}

/// An empty list, of kinds or of groups, stands for all.
fn kinds_have(matches: Node<'_>, kind: Kind<'_>) -> Answer {
    let all = matches.get("kinds").list();
    let one = Answer::any(all, |entry| {
        let (kinds, groups) = (entry.get("kinds"), entry.get("apiGroups").list());
        let of_kind = Answer::has_any(kinds.list()).choose(has_one(kinds, &["*", kind.name]), Answer::Yes);
        of_kind.and(Answer::has_any(groups).choose(has_group(groups, kind), Answer::Yes))
    });
    Answer::has_any(all).choose(one, Answer::Yes)
}

/// An empty name is none.
fn has_name(name: Node<'_>) -> Answer {
    match name.str() {
        Field::Absent | Field::Known("" | "*") => Answer::No,
        _ => Answer::Maybe,
    }
}
