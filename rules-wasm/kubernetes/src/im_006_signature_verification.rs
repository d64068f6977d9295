//! IM-006: image signatures are verified before start.

use std::collections::BTreeMap;

use verdikt_sdk::{Field, Finding, Findings, Node, Set, Workload, rule};

use crate::admission::{Target, attribute};
use crate::answer::Answer;
use crate::cluster::Namespaces;
use crate::namespace::Namespace;
use crate::signature::{Clause, Coverage, Image, Verifiers};
use crate::workloads::Kind;

rule! {
    /// # Image signatures are verified before start
    ///
    /// Whoever can write to the registry can replace an image. A signature that the cluster checks before
    /// it starts one is what notices.
    ///
    /// ## What is checked
    ///
    /// Every image of every workload, also those mounted as volumes, against the policies in the scanned
    /// files:
    ///
    /// - Kyverno: `verifyImages` of a `ClusterPolicy` or `Policy`, and `ImageValidatingPolicy`;
    /// - sigstore's policy controller: `ClusterImagePolicy`, for namespaces with the label
    ///   `policy.sigstore.dev/include: "true"`;
    /// - Gatekeeper with Ratify: constraints whose kind has `Ratify` in its name and whose
    ///   `ConstraintTemplate` in the scanned files asks Ratify;
    /// - Connaisseur, of which only the webhook can be seen: what it verifies is *unknown*.
    ///
    /// An image passes when a policy covers it that refuses what is not signed: its pattern matches the
    /// image as the engine writes it, it is about pods of the namespace, and its mode enforces. A Kyverno
    /// entry without `attestors`, and a `ClusterImagePolicy` with an authority that lets everything pass,
    /// verify nothing. An image fails when only policies cover it that warn or audit, and when none covers
    /// it although there are some.
    ///
    /// Without any such policy the rule says *unknown*, since it may be elsewhere, and fails with the
    /// parameter `assume_complete.cluster`. What leaves it *unknown* whether a policy covers a workload is
    /// listed for the rule PS-012: filters of single objects or users, conditions, a `PolicyException`, a
    /// template that is not in the scanned files.
    ///
    /// ECS verifies nothing by itself; there a person has to answer.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    /// ---
    /// apiVersion: kyverno.io/v1
    /// kind: ClusterPolicy
    /// metadata: {name: signed}
    /// spec:
    ///   validationFailureAction: Audit
    ///   rules:
    ///     - name: check
    ///       match: {any: [{resources: {kinds: [Pod]}}]}
    ///       verifyImages:
    ///         - imageReferences: ["registry.example/*"]
    ///           attestors: [{entries: [{keys: {publicKeys: "k8s://kyverno/cosign-pub"}}]}]
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata: {name: web, namespace: shop}
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    /// ---
    /// apiVersion: kyverno.io/v1
    /// kind: ClusterPolicy
    /// metadata: {name: signed}
    /// spec:
    ///   validationFailureAction: Enforce
    ///   rules:
    ///     - name: check
    ///       match: {any: [{resources: {kinds: [Pod]}}]}
    ///       verifyImages:
    ///         - imageReferences: ["registry.example/*"]
    ///           attestors: [{entries: [{keys: {publicKeys: "k8s://kyverno/cosign-pub"}}]}]
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Let the build sign its images, and add a policy of one of these engines with the public key of the
    /// build, in the mode that refuses.
    ///
    /// ## References
    ///
    /// - [Kyverno: verify images](https://kyverno.io/docs/policy-types/cluster-policy/verify-images/)
    /// - [sigstore: policy controller](https://docs.sigstore.dev/policy-controller/overview/)
    /// - [Ratify](https://ratify.dev/docs/what-is-ratify)
    /// - [Connaisseur](https://sse-secure-systems.github.io/connaisseur/latest/)
    pub static RULE = {
        id: "IM-006",
        slug: "signature-verification",
        severity: High,
        targets: ["workload/*"],
        controls: [
            "bsi-sys-1-6-draft:SYS.1.6.A6" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A12" => text,
            "c1-c10:C1" => explicit,
        ],
        extra: { "module": "images" },
        settings: Settings {
            /// Whether the scanned files have all policies of the cluster, so that what is not there does not exist.
            assume_complete_cluster as "assume_complete.cluster": bool = false,
        },
        texts: {
            "en": {
                title: "Image signatures are verified before start",
                remediation: "Add a Kyverno `verifyImages` rule in the mode Enforce, a sigstore ClusterImagePolicy, or Connaisseur, with the public key of the build.",
                messages: {
                    "not-enforced": "The signature of image `{image}` of `{user}` is not required: policy `{policy}` refuses nothing because of `{attribute}`, expected one that enforces.",
                    "not-included": "The signature of image `{image}` of `{user}` is not verified: namespace `{namespace}` lacks the label `policy.sigstore.dev/include: \"true\"` that policy `{policy}` needs.",
                    "not-covered": "The signature of image `{image}` of `{user}` is not verified: no policy for signatures covers it, expected one that enforces.",
                    "no-policy": "The signature of image `{image}` of `{user}` is not verified: the cluster has no policy for signatures.",
                    "no-policy-in-set": "Whether signatures of images are verified cannot be known: no policy for it is in the scanned files, but it may be elsewhere.",
                    "not-known": "Whether policy `{policy}` verifies the signature of image `{image}` of `{user}` cannot be known: it depends on values that are not known, such as the labels of the namespace.",
                    "depends-on": "Whether the signature of image `{image}` of `{user}` is verified depends on `{attribute}` of {kind} `{policy}`, which cannot be decided from the scanned files.",
                    "depends-on-missing": "Whether the signature of image `{image}` of `{user}` is verified is not known: {kind} `{policy}` needs what `{attribute}` names, which is not in the scanned files.",
                    "covered": "Every image is covered by a policy that enforces signatures.",
                    "no-images": "The rule does not apply: the workload names no images.",
                    "ask": "Is the signature of every image verified before the task is started, such as with `cosign verify` in the pipeline? ECS does not do it.",
                },
            },
            "de": {
                title: "Image-Signaturen werden vor dem Start geprüft",
                description: "Wer in die Registry schreiben kann, kann ein Image austauschen; nur eine vor dem Start geprüfte Signatur deckt das auf. Geprüft wird, ob jedes Image von einer erzwingenden Richtlinie zur Signaturprüfung erfasst ist: Kyverno (`verifyImages`, ImageValidatingPolicy), sigstore (ClusterImagePolicy mit dem Namespace-Label `policy.sigstore.dev/include`), Gatekeeper mit Ratify. Ohne Richtlinie in den geprüften Dateien ist das Ergebnis nicht bestimmbar, mit `assume_complete.cluster` ein Verstoß.",
                remediation: "Eine Kyverno-Regel `verifyImages` im Modus Enforce, eine ClusterImagePolicy von sigstore oder Connaisseur mit dem öffentlichen Schlüssel des Builds einrichten.",
                messages: {
                    "not-enforced": "Die Signatur von Image `{image}` von `{user}` ist nicht Pflicht: Richtlinie `{policy}` weist wegen `{attribute}` nichts ab, erwartet wird eine erzwingende.",
                    "not-included": "Die Signatur von Image `{image}` von `{user}` wird nicht geprüft: Dem Namespace `{namespace}` fehlt das Label `policy.sigstore.dev/include: \"true\"`, das Richtlinie `{policy}` benötigt.",
                    "not-covered": "Die Signatur von Image `{image}` von `{user}` wird nicht geprüft: Keine Richtlinie zur Signaturprüfung erfasst es, erwartet wird eine erzwingende.",
                    "no-policy": "Die Signatur von Image `{image}` von `{user}` wird nicht geprüft: Der Cluster hat keine Richtlinie zur Signaturprüfung.",
                    "no-policy-in-set": "Ob Signaturen von Images geprüft werden, lässt sich nicht feststellen: In den geprüften Dateien ist keine Richtlinie dafür, sie kann aber anderswo sein.",
                    "not-known": "Ob Richtlinie `{policy}` die Signatur von Image `{image}` von `{user}` prüft, lässt sich nicht feststellen: Es hängt von Werten ab, die nicht bekannt sind, etwa von Labels des Namespace.",
                    "depends-on": "Ob die Signatur von Image `{image}` von `{user}` geprüft wird, hängt von `{attribute}` in {kind} `{policy}` ab und lässt sich aus den geprüften Dateien nicht entscheiden.",
                    "depends-on-missing": "Ob die Signatur von Image `{image}` von `{user}` geprüft wird, ist nicht bekannt: {kind} `{policy}` braucht, was `{attribute}` nennt, und das ist nicht in den geprüften Dateien.",
                    "covered": "Jedes Image ist von einer Richtlinie erfasst, die Signaturen erzwingt.",
                    "no-images": "Die Regel ist nicht anwendbar: Der Workload nennt keine Images.",
                    "ask": "Wird die Signatur jedes Images geprüft, bevor die Task startet, etwa mit `cosign verify` in der Pipeline? ECS tut es nicht.",
                },
            },
        },
        inventory: judge,
    };
}

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let verifiers = Verifiers::find(set, settings.assume_complete_cluster);
    let namespaces = if verifiers.is_empty() { Namespaces::default() } else { Namespaces::find(set) };
    let of_workloads = set.documents().iter().map(|envelope| envelope.namespace.as_deref());
    let known: BTreeMap<_, Namespace<'_>> = of_workloads.map(|name| (name, namespaces.namespace(name))).collect();
    // What is demanded is the same for all workloads of a kind in a namespace.
    let mut demanded: BTreeMap<(Option<&str>, Kind<'_>), Vec<Clause<'_>>> = BTreeMap::new();
    for envelope in set.documents() {
        let (name, kind) = (envelope.namespace.as_deref(), Kind::of(envelope));
        demanded.entry((name, kind)).or_insert_with(|| match known.get(&name) {
            Some(namespace) => verifiers.clauses(&Target { namespace, kind }),
            None => Vec::new(),
        });
    }
    set.judge_each(findings, |document, findings| {
        let workload = Workload::from(document);
        if workload.is_ecs() {
            return findings.add(Finding::manual(workload, "ask"));
        }
        let before = findings.len();
        let images = images(workload, findings);
        if images.is_empty() && findings.len() == before {
            return findings.add(Finding::not_applicable(workload, "no-images"));
        }
        if verifiers.is_empty() && !settings.assume_complete_cluster {
            return findings.add(Finding::undecided(workload, "no-policy-in-set"));
        }
        let name = document.envelope().namespace.as_deref();
        let clauses = demanded.get(&(name, Kind::of(document.envelope()))).map_or(&[][..], Vec::as_slice);
        for used in images {
            if let Some(finding) = used.judge(verifiers.is_empty(), clauses, name) {
                findings.add(finding);
            }
        }
        if findings.len() == before {
            findings.add(Finding::pass(workload, "covered"));
        }
    });
}

/// An image and who uses it.
struct Used<'a> {
    image: Image<'a>,
    user: (Node<'a>, Option<&'a str>),
}

/// Something else fills in an image that is absent.
fn images<'a>(workload: Workload<'a>, findings: &mut Findings<'_>) -> Vec<Used<'a>> {
    let containers = findings.every(workload.containers());
    let containers: Vec<_> = containers.map(|it| (it.image(), it.node(), it.name().read().known())).collect();
    let volumes = findings.every(workload.volumes());
    let volumes = volumes.map(|it| (it.image(), it.node(), it.name().read().known()));
    let all = containers
        .into_iter()
        .chain(volumes)
        .map(|(image, node, name)| Used { image: Image { reference: image.reference().node() }, user: (node, name) });
    all.filter(|used| !used.image.reference.is_absent()).collect()
}

impl<'a> Used<'a> {
    /// The finding about an image that is not certainly verified.
    fn judge(&self, unguarded: bool, clauses: &[Clause<'_>], namespace: Option<&str>) -> Option<Finding<'a>> {
        let said: Vec<(&Clause<'_>, Coverage<'_>)> =
            clauses.iter().map(|clause| (clause, clause.coverage(&self.image))).collect();
        let enforced = said.iter().map(|(_, coverage)| coverage.is_enforced().answer).fold(Answer::No, Answer::or);
        let at = self.image.reference;
        let first = |fits: &dyn Fn(&Coverage<'_>) -> bool| {
            said.iter()
                .find(|(_, coverage)| fits(coverage))
                .map(|(clause, coverage)| (clause.verifier.name(), coverage))
        };
        let finding = match enforced {
            Answer::Yes => return None,
            Answer::Maybe => {
                let (policy, coverage) = first(&|coverage| coverage.is_enforced().answer == Answer::Maybe)?;
                let finding = match coverage.is_enforced().hangs_on {
                    Some(hang) if hang.is_missing => Finding::undecided(at, "depends-on-missing"),
                    Some(_) => Finding::undecided(at, "depends-on"),
                    None => Finding::undecided(at, "not-known"),
                };
                let hang = coverage.is_enforced().hangs_on;
                let owner = hang.and_then(|hang| hang.owner()).map(|owner| owner.envelope());
                finding
                    .argument("policy", owner.map_or(policy, |owner| &owner.name))
                    .argument("kind", owner.map_or("", |owner| &owner.kind))
                    .argument("attribute", hang.map_or_else(String::new, |hang| attribute(hang.node)))
            }
            Answer::No => {
                // What cannot be known may also not be there.
                let may_be_absent = at.alternatives().any(|image| image.str().known().is_none());
                if let (true, Field::Unknown(unknown)) = (may_be_absent, at.str()) {
                    return Some(Finding::unknown(unknown));
                }
                let audited =
                    first(&|coverage| coverage.matches.answer != Answer::No && coverage.enforces.answer == Answer::No);
                let unlabelled = first(&|coverage| coverage.lacks_label == Answer::Yes);
                match (unlabelled, audited) {
                    (Some((policy, _)), _) => Finding::fail(at, "not-included")
                        .argument("policy", policy)
                        .argument("namespace", namespace.unwrap_or_default()),
                    (None, Some((policy, coverage))) => {
                        let hang = coverage.enforces.hangs_on;
                        Finding::fail(at, "not-enforced")
                            .argument("policy", policy)
                            .argument("attribute", hang.map_or_else(String::new, |hang| attribute(hang.node)))
                    }
                    (None, None) if unguarded => Finding::fail(at, "no-policy"),
                    (None, None) => Finding::fail(at, "not-covered"),
                }
            }
        };
        let (node, name) = self.user;
        let image = at.str().known().unwrap_or("…");
        Some(finding.argument("image", image).argument("user", name.map_or_else(|| node.pointer(), str::to_owned)))
    }
}
