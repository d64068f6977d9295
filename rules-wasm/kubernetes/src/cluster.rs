//! What a set says of the cluster as a whole: its namespaces, and the workloads in them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use verdikt_sdk::{Document, Envelope, Finding, Selector, Set};

use crate::answer::Answer;
use crate::namespace::Namespace;
use crate::workloads::Kind;

/// Where namespaces and workloads are, as the envelopes say it.
pub(crate) struct Places<'s> {
    /// The namespaces that a document defines.
    defined: HashSet<&'s str>,
    /// The workloads of each namespace; of those that do not say where they go, at `None`.
    workloads: BTreeMap<Option<&'s str>, Workloads<'s>>,
}

struct Workloads<'s> {
    /// The first one stands for a namespace without a document.
    first: &'s Envelope,
    kinds: BTreeSet<Kind<'s>>,
}

/// The namespaces and workloads of a set. What a rule is asked about may be some of them only.
pub(crate) fn namespaces_and_workloads(set: &Set<'_>) -> Vec<Envelope> {
    [set.find(Selector::new("kubernetes", "Namespace")), set.find(Selector::new("workload", "*"))].concat()
}

impl<'s> Places<'s> {
    /// Of all [`namespaces_and_workloads`].
    pub(crate) fn of(documents: &'s [Envelope]) -> Places<'s> {
        let mut places = Places { defined: HashSet::new(), workloads: BTreeMap::new() };
        for envelope in documents {
            if is_namespace(envelope) && !is_patch(envelope) {
                places.defined.insert(&envelope.name);
            } else if is_pod(envelope) {
                let here = places.workloads.entry(envelope.namespace.as_deref());
                let here = here.or_insert_with(|| Workloads { first: envelope, kinds: BTreeSet::new() });
                here.kinds.insert(Kind::of(envelope));
            }
        }
        places
    }

    /// Whether workloads are in a namespace. Those that do not say where they go may be.
    pub(crate) fn has_workloads(&self, namespace: &str) -> Answer {
        match (self.workloads.contains_key(&Some(namespace)), self.workloads.contains_key(&None)) {
            (true, _) => Answer::Yes,
            (false, true) => Answer::Maybe,
            (false, false) => Answer::No,
        }
    }

    /// The kinds of the workloads in a namespace; where there are none, of those that may be there.
    pub(crate) fn kinds<'p>(&'p self, namespace: Option<&'p str>) -> impl Iterator<Item = Kind<'p>> {
        let here = self.workloads.get(&namespace).or_else(|| self.workloads.get(&None));
        here.into_iter().flat_map(|workloads| workloads.kinds.iter().copied())
    }

    /// What a rule says of a workload: `judge` says it of the namespace that the workload stands for, being
    /// the first of one that has no document. Of others the rule says where the namespace is judged, by
    /// messages of the codes `ecs`, `judged-at-namespace` and `judged-at-workload`.
    pub(crate) fn at_workload<'a>(
        &self,
        workload: &'a Document,
        judge: impl FnOnce(Option<&'a str>) -> Finding<'a>,
    ) -> Finding<'a> {
        let envelope = workload.envelope();
        if !is_pod(envelope) {
            return Finding::not_applicable(workload, "ecs");
        }
        let name = envelope.namespace.as_deref();
        let finding = match (name.filter(|name| self.defined.contains(name)), self.workloads.get(&name)) {
            (Some(name), _) => Finding::not_applicable(workload, "judged-at-namespace").argument("namespace", name),
            (None, Some(here)) if here.first.id != envelope.id => {
                Finding::not_applicable(workload, "judged-at-workload").argument("workload", &here.first.address)
            }
            _ => judge(name),
        };
        finding.subject(name.unwrap_or_default())
    }
}

/// The Namespaces of a set, each read once.
#[derive(Default)]
pub(crate) struct Namespaces {
    documents: Vec<Document>,
    by_id: HashMap<u32, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Namespaces {
    pub(crate) fn find(set: &Set<'_>) -> Namespaces {
        let found = set.find(Selector::new("kubernetes", "Namespace"));
        // What the set has named can be read.
        let documents: Vec<_> = found.iter().filter_map(|envelope| set.read(envelope).ok()).collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, document) in documents.iter().enumerate() {
            by_name.entry(document.envelope().name.clone()).or_default().push(index);
        }
        let by_id = documents.iter().enumerate().map(|(index, document)| (document.envelope().id, index)).collect();
        Namespaces { documents, by_id, by_name }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter()
    }

    /// The document that an envelope is of, if it is a Namespace.
    pub(crate) fn document(&self, envelope: &Envelope) -> Option<&Document> {
        self.by_id.get(&envelope.id).map(|index| &self.documents[*index])
    }

    fn of_name(&self, name: &str) -> impl Iterator<Item = &Document> {
        self.by_name.get(name).into_iter().flatten().map(|index| &self.documents[*index])
    }

    /// The namespace of this name, as far as the set knows it.
    pub(crate) fn namespace<'a>(&'a self, name: Option<&'a str>) -> Namespace<'a> {
        let all = || name.into_iter().flat_map(|name| self.of_name(name));
        let labels = |document: &'a Document| document.root().path(&["metadata", "labels"]);
        let of = |patches: bool| all().filter(move |document| is_patch(document.envelope()) == patches);
        let document = of(false).chain(of(true)).next();
        Namespace { name, document, labels: of(false).map(labels).collect(), added: of(true).map(labels).collect() }
    }

    /// The namespace that a Namespace defines, or patches.
    pub(crate) fn made_by<'a>(&'a self, document: &'a Document) -> Namespace<'a> {
        let namespace = self.namespace(Some(&document.envelope().name));
        let own =
            if is_patch(document.envelope()) { None } else { Some(document.root().path(&["metadata", "labels"])) };
        Namespace { labels: own.into_iter().collect(), ..namespace }
    }

    /// What a rule says of a Namespace: `judge` says it of the namespace. Labels of a namespace that is
    /// defined elsewhere in the set are judged there, which the rule says by a message of the code
    /// `judged-at-namespace`.
    pub(crate) fn at_namespace<'a>(
        &'a self,
        document: &'a Document,
        judge: impl FnOnce(Namespace<'a>) -> Finding<'a>,
    ) -> Finding<'a> {
        let name = document.envelope().name.as_str();
        if is_patch(document.envelope()) && self.of_name(name).any(|other| !is_patch(other.envelope())) {
            return Finding::not_applicable(document, "judged-at-namespace").argument("namespace", name);
        }
        judge(self.made_by(document))
    }
}

fn is_namespace(document: &Envelope) -> bool {
    document.platform == "kubernetes" && document.kind == "Namespace"
}

/// Whether a document is a workload of pods; the others are tasks of ECS, which have no namespace.
fn is_pod(document: &Envelope) -> bool {
    document.platform == "workload" && document.kind != "TaskDefinition"
}

/// Whether a document is of a resource of Terraform that changes an object which something else defines.
fn is_patch(document: &Envelope) -> bool {
    document.address.split('.').any(|part| matches!(part, "kubernetes_labels" | "kubernetes_annotations"))
}
