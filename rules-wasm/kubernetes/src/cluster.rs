//! What a set says of the cluster as a whole: its namespaces, its policies of admission, how its API
//! server is configured.

use std::collections::HashMap;

use verdikt_sdk::{Document, Envelope, Finding, Node, Selector, Set};

use crate::admission::{Engine, Policy};
use crate::namespace::Namespace;
use crate::pod_security::Configurations;

/// The documents that rules about namespaces read, each once.
pub(crate) struct Cluster {
    namespaces: Vec<Document>,
    /// `kubernetes_labels` of Terraform, which labels objects that something else has made.
    labels: Vec<Document>,
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
        Cluster {
            namespaces: all("kubernetes", "Namespace"),
            labels: all("terraform", "kubernetes_labels"),
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

    /// Whether workloads are in a namespace, or may be: those that do not say where they go.
    pub(crate) fn has_workloads(&self, namespace: &str) -> bool {
        self.first.contains_key(&Some(namespace.to_owned())) || self.first.contains_key(&None)
    }

    /// The namespace that a Namespace makes.
    pub(crate) fn made_by<'a>(&'a self, document: &'a Document) -> Namespace<'a> {
        let labels = Some(document.root().path(&["metadata", "labels"]));
        Namespace { labels, ..self.called(Some(&document.envelope().name)) }
    }

    /// The namespace of this name, of which no document is known.
    fn called<'a>(&'a self, name: Option<&'a str>) -> Namespace<'a> {
        let is_of = |document: &&Document| {
            let mut metadata = document.root().get("metadata").list().known();
            document.root().get("kind").str().known() == Some("Namespace")
                && metadata.any(|metadata: Node<'_>| name.is_some() && metadata.get("name").str().known() == name)
        };
        let added = self.labels.iter().filter(is_of).map(|document| document.root().get("labels")).collect();
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
        let has_document = |name: &&str| self.namespaces.iter().any(|known| known.envelope().name == **name);
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
