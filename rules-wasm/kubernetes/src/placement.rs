//! Which document of a set stands for a namespace, for rules that judge namespaces: its own, or else the
//! first workload in it.

use std::collections::HashMap;

use verdikt_sdk::{Document, Envelope, Finding, Selector, Set, Strings};

/// The namespaces of a set and the workloads in them.
pub(crate) struct Placement {
    /// The documents of namespaces, by name.
    namespaces: HashMap<String, Envelope>,
    /// The first workload of each namespace; `None` are those that do not say where they are.
    first: HashMap<Option<String>, Envelope>,
}

impl Placement {
    pub(crate) fn of(set: &Set<'_>) -> Placement {
        let mut placement = Placement { namespaces: HashMap::new(), first: HashMap::new() };
        for envelope in set.find(Selector::new("kubernetes", "Namespace")) {
            placement.namespaces.entry(envelope.name.clone()).or_insert(envelope);
        }
        for envelope in set.find(Selector::new("workload", "*")) {
            if !is_task(&envelope) {
                placement.first.entry(envelope.namespace.clone()).or_insert(envelope);
            }
        }
        placement
    }

    /// The namespace that a document stands for, or what to say of it instead. The rule needs messages for
    /// the codes `system`, `no-workloads`, `task`, `no-namespace` and `elsewhere`.
    pub(crate) fn namespace<'a>(&self, document: &'a Document, exempt: &Strings) -> Result<&'a str, Finding<'a>> {
        let envelope = document.envelope();
        if is_task(envelope) {
            return Err(Finding::not_applicable(document, "task"));
        }
        let is_namespace = envelope.platform == "kubernetes";
        let stated = if is_namespace { Some(&envelope.name) } else { envelope.namespace.as_ref() };
        let elsewhere = |judged: &Envelope| {
            Err(Finding::not_applicable(document, "elsewhere").argument("address", &judged.address))
        };
        let first = self.first.get(&stated.cloned());
        let Some(name) = stated else {
            return match first {
                Some(first) if first.id != envelope.id => elsewhere(first),
                _ => Err(Finding::undecided(document, "no-namespace")),
            };
        };
        if exempt.contains(name) {
            return Err(Finding::not_applicable(document, "system").argument("namespace", name));
        }
        match (self.namespaces.get(name), first) {
            (Some(_), None) => Err(Finding::not_applicable(document, "no-workloads").argument("namespace", name)),
            (Some(own), _) | (None, Some(own)) if own.id != envelope.id => elsewhere(own),
            _ => Ok(name),
        }
    }
}

/// A task of ECS is in no namespace.
fn is_task(envelope: &Envelope) -> bool {
    envelope.platform == "workload" && envelope.kind == "TaskDefinition"
}
