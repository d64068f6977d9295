//! What verifies the signatures of images before they start: policies of several engines, and which
//! images of which namespaces they are about.

mod kyverno;
mod reference;
mod sigstore;

pub(crate) use reference::Image;

use verdikt_sdk::{Document, List, Node, Selector, Set};

use crate::admission::kyverno::Rules;
use crate::admission::{Policies, Reach, Target, constraint_covers, constraint_denies, is_of, read_if};
use crate::answer::Answer;

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

/// Something that a verifier demands of images in one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clause<'a> {
    pub(crate) verifier: &'a Verifier,
    images: Patterns<'a>,
    demand: Demand<'a>,
}

/// What a clause comes to, whatever the image.
#[derive(Clone, Copy, Debug)]
struct Demand<'a> {
    /// Whether it verifies images there.
    applies: Reach<'a>,
    /// Whether it refuses what nobody signed.
    enforces: Reach<'a>,
    /// Whether the namespace has the label that is needed.
    is_labeled: Answer,
}

/// Which images a clause is about.
#[derive(Clone, Copy, Debug)]
enum Patterns<'a> {
    All,
    Open,
    Kyverno(kyverno::Entry<'a>),
    KyvernoCel(List<'a, Node<'a>>),
    Sigstore(List<'a, Node<'a>>),
}

/// What a clause says of an image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coverage<'a> {
    /// Whether it verifies the image, whatever it then does.
    pub(crate) matches: Reach<'a>,
    /// Whether it refuses the image when nobody signed it.
    pub(crate) enforces: Reach<'a>,
    /// Whether it would verify the image if the namespace had the label for it.
    pub(crate) lacks_label: Answer,
}

impl<'a> Coverage<'a> {
    /// Whether the image cannot start without a signature.
    pub(crate) fn is_enforced(self) -> Reach<'a> {
        self.matches.and(self.enforces)
    }
}

impl<'a> Clause<'a> {
    /// What it says of an image.
    pub(crate) fn coverage(&self, image: &Image<'_>) -> Coverage<'a> {
        let Demand { applies, enforces, is_labeled } = self.demand;
        let of_image = match self.images {
            Patterns::All => Answer::Yes,
            Patterns::Open => Answer::Maybe,
            Patterns::Kyverno(entry) => entry.matches(image),
            Patterns::KyvernoCel(references) => kyverno::matches_reference(references, image),
            Patterns::Sigstore(images) => sigstore::matches_one(images, image),
        };
        let matches = Reach { answer: of_image, hangs_on: None }.and(applies);
        Coverage {
            matches: matches.and(Reach { answer: is_labeled, hangs_on: None }),
            enforces,
            lacks_label: matches.and(enforces).answer.and(is_labeled.not()),
        }
    }
}

/// What verifies images in a set.
pub(crate) struct Verifiers {
    all: Vec<Verifier>,
    /// What the policies among them depend on.
    policies: Policies,
}

impl Verifiers {
    /// Those of a set. `complete` says that the set has all that the cluster has.
    pub(crate) fn find(set: &Set<'_>, complete: bool) -> Verifiers {
        let envelopes = set.find(Selector::new("kubernetes", "*"));
        let mut all = Vec::new();
        for envelope in &envelopes {
            let found = read_if(set, envelope, |kind, group| Engine::of(kind, group, &envelope.name));
            all.extend(found.map(|(engine, document)| Verifier { document, engine }).filter(Verifier::verifies));
        }
        // Without anything that verifies, nothing depends on anything.
        let wanted = if all.is_empty() { [].iter() } else { envelopes.iter() };
        Verifiers { policies: Policies::read(set, wanted, complete), all }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What all of them demand of the images of workloads.
    pub(crate) fn clauses<'a>(&'a self, target: &Target<'a>) -> Vec<Clause<'a>> {
        self.all.iter().flat_map(|verifier| self.clauses_of(verifier, target)).collect()
    }

    fn clauses_of<'a>(&'a self, verifier: &'a Verifier, target: &Target<'a>) -> Vec<Clause<'a>> {
        let document = &verifier.document;
        let spec = document.root().get("spec");
        let exceptions = self.policies.exceptions_of(document);
        let demand = |applies, enforces| Demand { applies, enforces, is_labeled: Answer::Yes };
        let found = match verifier.engine {
            Engine::Kyverno => kyverno::demands(Rules { spec, exceptions }, target),
            Engine::ImageValidating => vec![kyverno::demand_by_cel(spec, target, exceptions)],
            Engine::Sigstore => vec![sigstore::demand(spec, target)],
            // What Ratify accepts is in its own configuration; nothing unverified passes the constraint.
            Engine::Ratify => {
                let applies = self.policies.constraint_applies(document, target.namespace, asks_ratify);
                let covers = constraint_covers(spec.get("match"), target).and(applies);
                vec![(Patterns::All, demand(covers, constraint_denies(spec)))]
            }
            Engine::Connaisseur => {
                let webhooks = Reach::by(document.root().get("webhooks"), Answer::Maybe);
                vec![(Patterns::Open, demand(webhooks, webhooks))]
            }
        };
        let clause = |(images, demand): (Patterns<'a>, Demand<'a>)| {
            let applies = is_of(document, target.namespace).and(demand.applies).of(document);
            let demand = Demand { applies, enforces: demand.enforces.of(document), ..demand };
            Clause { verifier, images, demand }
        };
        found.into_iter().map(clause).collect()
    }
}

/// Whether a template asks Ratify, by what its code says.
fn asks_ratify(template: &Document) -> Answer {
    let says_so = |node: Node<'_>| {
        Answer::of(node, |code: Option<&str>| code.is_some_and(|code| code.to_ascii_lowercase().contains("ratify")))
    };
    Answer::any(template.root().path(&["spec", "targets"]).list(), |target| {
        let by_rego = says_so(target.get("rego"));
        let by_code = Answer::any(target.get("code").list(), |code| says_so(code.path(&["source", "rego"])));
        by_rego.or(by_code)
    })
}

impl Verifier {
    pub(crate) fn name(&self) -> &str {
        &self.document.envelope().name
    }

    /// Whether it verifies images at all. Most policies of Kyverno do something else.
    fn verifies(&self) -> bool {
        self.engine != Engine::Kyverno || kyverno::verifies(self.document.root().get("spec")) != Answer::No
    }
}

impl Engine {
    fn of(kind: &str, group: &str, name: &str) -> Option<Engine> {
        let is_webhook = matches!(kind, "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration");
        Some(match (kind, group) {
            _ if is_webhook && name.contains("connaisseur") => Engine::Connaisseur,
            ("ClusterPolicy" | "Policy", "kyverno.io") => Engine::Kyverno,
            ("ImageValidatingPolicy" | "NamespacedImageValidatingPolicy", "policies.kyverno.io") => {
                Engine::ImageValidating
            }
            ("ClusterImagePolicy", "policy.sigstore.dev") => Engine::Sigstore,
            (kind, "constraints.gatekeeper.sh") if kind.to_ascii_lowercase().contains("ratify") => Engine::Ratify,
            _ => return None,
        })
    }
}
