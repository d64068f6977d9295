//! What a set says of the cluster as a whole: its namespaces, its policies of admission, how its API
//! server is configured.

use std::collections::HashMap;

use verdikt_sdk::{Document, Envelope, Finding, Selector, Set};

use crate::admission::{Engine, Policy};
use crate::answer::Answer;
use crate::namespace::Namespace;
use crate::pod_security::Configurations;

/// The documents that rules about namespaces read, each once.
pub(crate) struct Cluster {
    namespaces: Vec<Document>,
    /// The places of those that define a namespace.
    by_name: HashMap<String, usize>,
    configurations: Vec<Document>,
    policies: Vec<Policy>,
    /// What bindings bind.
    bound: Vec<Document>,
    /// The first workload of each namespace: it stands for a namespace without a document.
    first: HashMap<Option<String>, Envelope>,
}

impl Cluster {
    pub(crate) fn read(set: &Set<'_>) -> Cluster {
        // What the set has named can be read.
        let all = |platform: &str, kind: &str| -> Vec<Document> {
            set.find(Selector::new(platform, kind)).iter().filter_map(|envelope| set.read(envelope).ok()).collect()
        };
        let mut policies = Vec::new();
        for envelope in set.find(Selector::new("kubernetes", "*")) {
            if let Some(engine) = Engine::of(&envelope) {
                policies.extend(set.read(&envelope).ok().map(|document| Policy::new(document, engine)));
            }
        }
        let mut first = HashMap::new();
        for envelope in set.find(Selector::new("workload", "*")).into_iter().filter(is_pod) {
            first.entry(envelope.namespace.clone()).or_insert(envelope);
        }
        let mut configurations = all("kubernetes", "AdmissionConfiguration");
        configurations.extend(all("kubernetes", "PodSecurityConfiguration"));
        let namespaces = all("kubernetes", "Namespace");
        // The first of several counts.
        let names = namespaces.iter().enumerate().rev().filter(|(_, document)| !is_patch(document.envelope()));
        Cluster {
            by_name: names.map(|(index, document)| (document.envelope().name.clone(), index)).collect(),
            namespaces,
            configurations,
            policies,
            bound: all("kubernetes", "ValidatingAdmissionPolicy"),
            first,
        }
    }

    /// The Namespaces of the set.
    pub(crate) fn namespaces(&self) -> &[Document] {
        &self.namespaces
    }

    /// The policies of the set, of whichever engine.
    pub(crate) fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The policies of Kubernetes itself, which bindings put into force.
    pub(crate) fn bound(&self) -> &[Document] {
        &self.bound
    }

    pub(crate) fn configurations(&self) -> Configurations<'_> {
        Configurations::of(&self.configurations)
    }

    /// Whether workloads are in a namespace. Those that do not say where they go may be.
    pub(crate) fn has_workloads(&self, namespace: &str) -> Answer {
        match (self.first.contains_key(&Some(namespace.to_owned())), self.first.contains_key(&None)) {
            (true, _) => Answer::Yes,
            (false, true) => Answer::Maybe,
            (false, false) => Answer::No,
        }
    }

    /// The namespace of this name, as far as the set knows it.
    pub(crate) fn namespace<'a>(&'a self, name: Option<&'a str>) -> Namespace<'a> {
        let document = name.and_then(|name| self.by_name.get(name)).map(|index| &self.namespaces[*index]);
        document.map_or_else(|| self.called(name), |document| self.made_by(document))
    }

    /// What a rule says of a Namespace: `judge` says it of the namespace. Labels of a namespace that is
    /// defined elsewhere in the set are judged there, which the rule says by a message of the code
    /// `judged-at-namespace`.
    pub(crate) fn at_namespace<'a>(
        &'a self,
        document: &'a Document,
        judge: impl FnOnce(&Namespace<'a>) -> Finding<'a>,
    ) -> Finding<'a> {
        let name = document.envelope().name.as_str();
        let is_definition = |other: &Document| other.envelope().name == name && !is_patch(other.envelope());
        if is_patch(document.envelope()) && self.namespaces.iter().any(is_definition) {
            return Finding::not_applicable(document, "judged-at-namespace").argument("namespace", name);
        }
        judge(&self.made_by(document))
    }

    /// The namespace that a Namespace defines, or patches.
    pub(crate) fn made_by<'a>(&'a self, document: &'a Document) -> Namespace<'a> {
        let namespace = self.called(Some(&document.envelope().name));
        if is_patch(document.envelope()) {
            return namespace;
        }
        Namespace { labels: Some(document.root().path(&["metadata", "labels"])), ..namespace }
    }

    /// The namespace of this name, of which no definition is known.
    fn called<'a>(&'a self, name: Option<&'a str>) -> Namespace<'a> {
        let patches = self.namespaces.iter().filter(|document| {
            is_patch(document.envelope()) && name.is_some_and(|name| document.envelope().name == name)
        });
        let added = patches.map(|document| document.root().path(&["metadata", "labels"])).collect();
        Namespace { name, labels: None, added }
    }

    /// What a rule says of a workload: `judge` says it of the namespace that the workload stands for, being
    /// the first of one that has no document. Of others the rule says where the namespace is judged, by
    /// messages of the codes `ecs`, `judged-at-namespace` and `judged-at-workload`.
    pub(crate) fn at_workload<'a>(
        &'a self,
        workload: &'a Document,
        judge: impl FnOnce(&Namespace<'a>) -> Finding<'a>,
    ) -> Finding<'a> {
        let envelope = workload.envelope();
        if !is_pod(envelope) {
            return Finding::not_applicable(workload, "ecs");
        }
        let name = envelope.namespace.as_deref();
        let has_document = |name: &&str| self.by_name.contains_key(*name);
        let finding = match (name.filter(has_document), self.first.get(&envelope.namespace)) {
            (Some(name), _) => Finding::not_applicable(workload, "judged-at-namespace").argument("namespace", name),
            (None, Some(first)) if first.id != envelope.id => {
                Finding::not_applicable(workload, "judged-at-workload").argument("workload", &first.address)
            }
            _ => judge(&self.called(name)),
        };
        finding.subject(name.unwrap_or_default())
    }
}

/// Whether a workload is a pod's; the others are tasks of ECS, which have no namespace.
fn is_pod(workload: &Envelope) -> bool {
    workload.kind != "TaskDefinition"
}

/// Whether a document is of a resource of Terraform that changes an object which something else defines.
fn is_patch(document: &Envelope) -> bool {
    document.address.split('.').any(|part| matches!(part, "kubernetes_labels" | "kubernetes_annotations"))
}
