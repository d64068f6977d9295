//! What verifies the signatures of images before they start: policies of several engines, and which
//! images of which namespaces they are about.

mod kyverno;
mod reference;
mod sigstore;

pub(crate) use reference::Image;

use verdikt_sdk::{Document, Envelope, Selector, Set};

use crate::admission::{constraint_covers, constraint_denies};
use crate::answer::Answer;
use crate::namespace::Namespace;

/// A document of a set that verifies images, or makes something do so.
#[derive(Debug)]
pub(crate) struct Verifier {
    document: Document,
    engine: Engine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    /// `ClusterPolicy` and `Policy` of kyverno.io, by `verifyImages`.
    Kyverno,
    /// `ImageValidatingPolicy` of policies.kyverno.io.
    ImageValidating,
    /// `ClusterImagePolicy` of policy.sigstore.dev.
    Sigstore,
    /// A constraint of OPA Gatekeeper that asks Ratify.
    Ratify,
    /// The webhook of Connaisseur, whose configuration is in no object.
    Connaisseur,
}

/// What a verifier says of an image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coverage {
    /// Whether it verifies the image in this namespace, whatever it then does.
    pub(crate) matches: Answer,
    /// Whether it refuses the image when nobody signed it.
    pub(crate) enforces: Answer,
    /// Whether it would verify the image if the namespace had the label for it.
    pub(crate) lacks_label: Answer,
}

impl Coverage {
    fn new(matches: Answer, enforces: Answer) -> Coverage {
        Coverage { matches, enforces, lacks_label: Answer::No }
    }

    /// Whether the image cannot start without a signature.
    pub(crate) fn is_enforced(self) -> Answer {
        self.matches.and(self.enforces)
    }
}

impl Verifier {
    /// Those of a set.
    pub(crate) fn all(set: &Set<'_>) -> Vec<Verifier> {
        let mut verifiers = Vec::new();
        for envelope in set.find(Selector::new("kubernetes", "*")) {
            let Some(engine) = Engine::of(&envelope) else { continue };
            let Ok(document) = set.read(&envelope) else { continue };
            let verifies = engine != Engine::Kyverno || kyverno::verifies(document.root().get("spec")) != Answer::No;
            if verifies {
                verifiers.push(Verifier { document, engine });
            }
        }
        verifiers
    }

    pub(crate) fn name(&self) -> &str {
        &self.document.envelope().name
    }

    /// What it says of an image in a namespace.
    pub(crate) fn coverage(&self, image: &Image<'_>, namespace: &Namespace<'_>) -> Coverage {
        let spec = self.document.root().get("spec");
        let mut coverage = match self.engine {
            Engine::Kyverno => kyverno::coverage(spec, image, namespace),
            Engine::ImageValidating => kyverno::coverage_by_cel(spec, image, namespace),
            Engine::Sigstore => sigstore::coverage(spec, image, namespace),
            // What Ratify accepts is in its own configuration; nothing unverified passes the constraint.
            Engine::Ratify => Coverage::new(constraint_covers(spec.get("match"), namespace), constraint_denies(spec)),
            Engine::Connaisseur => Coverage::new(Answer::Maybe, Answer::Maybe),
        };
        coverage.matches = coverage.matches.and(self.reaches(namespace));
        coverage
    }

    /// Whether it reaches a namespace at all: one that is in a namespace itself is about that only.
    fn reaches(&self, namespace: &Namespace<'_>) -> Answer {
        let envelope = self.document.envelope();
        let is_namespaced = envelope.kind == "Policy" || envelope.kind.starts_with("Namespaced");
        match (is_namespaced, &envelope.namespace, namespace.name) {
            (false, ..) => Answer::Yes,
            (true, Some(own), Some(name)) => Answer::when(own == name),
            (true, ..) => Answer::Maybe,
        }
    }
}

impl Engine {
    /// By kind and API group, which the address names for kinds that are not Kubernetes' own.
    fn of(envelope: &Envelope) -> Option<Engine> {
        let kind = envelope.address.rsplit('/').nth(1).unwrap_or_default();
        let is_webhook = matches!(kind, "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration");
        match kind.split_once('.') {
            None if is_webhook && envelope.name.contains("connaisseur") => Some(Engine::Connaisseur),
            Some(("ClusterPolicy" | "Policy", "kyverno.io")) => Some(Engine::Kyverno),
            Some(("ImageValidatingPolicy" | "NamespacedImageValidatingPolicy", "policies.kyverno.io")) => {
                Some(Engine::ImageValidating)
            }
            Some(("ClusterImagePolicy", "policy.sigstore.dev")) => Some(Engine::Sigstore),
            Some((kind, "constraints.gatekeeper.sh")) if kind.to_ascii_lowercase().contains("ratify") => {
                Some(Engine::Ratify)
            }
            _ => None,
        }
    }
}
