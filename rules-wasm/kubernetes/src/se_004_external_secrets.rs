//! SE-004: referenced Secrets come from a managed secret store.

use std::collections::BTreeSet;

use verdikt_sdk::{Document, Envelope, Field, Finding, Findings, Node, Selector, Set, Workload, rule};

use crate::answer::Answer;
use crate::secret_content::{Content, entries};

rule! {
    /// # Referenced Secrets come from a managed secret store
    ///
    /// A store outside of the cluster gives credentials an owner, renews them and keeps account of who read
    /// them. A Secret that somebody wrote by hand has none of that.
    ///
    /// ## What is checked
    ///
    /// Every Secret that a pod template refers to: `env[].valueFrom.secretKeyRef`, `envFrom[].secretRef`,
    /// volumes of the type `secret` and sources of projected ones, in containers of every kind. Who makes the
    /// Secret is looked for in the scanned files, within the same namespace:
    ///
    /// - An `ExternalSecret`, `ClusterExternalSecret`, `SealedSecret`, `SecretProviderClass` (by its
    ///   `secretObjects`), `VaultStaticSecret`, `VaultDynamicSecret`, `VaultPKISecret`, `HCPVaultSecretsApp`,
    ///   `OnePasswordItem` or a `Certificate` of cert-manager makes it: passes. So does an ExternalSecret whose
    ///   values a generator makes.
    /// - An ExternalSecret with `creationPolicy: None` makes nothing. With `Merge` it fills a Secret that
    ///   something else makes: that passes when its manifest is empty, and counts for nothing else.
    /// - An ExternalSecret of a store of the provider `fake`, or of a generator `Fake`: fails, since the values
    ///   are in the manifest of that.
    /// - A `Secret` with values of its own: fails. With encrypted values or references to a store only, it
    ///   passes; when it is empty or filled in from elsewhere, the rule says *unknown*.
    /// - Nothing makes it: *unknown*, since another repository or a person may.
    ///
    /// Volumes of the Secrets Store CSI driver and pods into which Vault's agent is injected
    /// (`vault.hashicorp.com/agent-inject: "true"`) pass, since no Secret is needed for them; Secrets that such a
    /// pod refers to are judged all the same. When a workload or
    /// a producer does not say its namespace and the other does, nobody can know whether they meet, so the
    /// rule says *unknown* as well. Each Secret is stated once for a workload. `imagePullSecrets` are not
    /// looked at: no program reads them.
    ///
    /// The rule does not apply to pods that refer to no Secret, and to ECS, whose `secrets` always name a
    /// store.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: db
    /// data:
    ///   password: ZXhhbXBsZS1vbmx5
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: app
    ///       envFrom:
    ///         - secretRef:
    ///             name: db
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// apiVersion: external-secrets.io/v1
    /// kind: ExternalSecret
    /// metadata:
    ///   name: db
    /// spec:
    ///   secretStoreRef:
    ///     name: vault
    ///   dataFrom:
    ///     - extract:
    ///         key: prod/database
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: app
    ///       envFrom:
    ///         - secretRef:
    ///             name: db
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Create the credential in a store (Secrets Manager, Vault, …) and an `ExternalSecret` that makes the
    /// Secret of this name; then delete the manifest of the Secret. Scan the workload together with what makes
    /// its Secrets, or the rule cannot see it.
    ///
    /// ## References
    ///
    /// - [Kubernetes: good practices for Secrets](https://kubernetes.io/docs/concepts/security/secrets-good-practices/)
    /// - [External Secrets Operator: ExternalSecret](https://external-secrets.io/latest/api/externalsecret/)
    /// - [Secrets Store CSI driver: sync as Kubernetes Secret](https://secrets-store-csi-driver.sigs.k8s.io/topics/sync-as-kubernetes-secret)
    pub static RULE = {
        id: "SE-004",
        slug: "external-secrets",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A8" => text, "c1-c10:C6" => explicit],
        extra: { "module": "secrets" },
        texts: {
            "en": {
                title: "Referenced Secrets come from a managed secret store",
                remediation: "Keep the credential in a store and create an ExternalSecret (External Secrets Operator) that makes the Secret; then delete the manifest of the Secret.",
                messages: {
                    "plain-secret": "The Secret `{secret}` is a manifest with values of its own, expected one that is made from a managed secret store.",
                    "fake-store": "The Secret `{secret}` is made from a store for tests, whose values are in a manifest; expected a managed secret store.",
                    "no-origin": "Where the values of the Secret `{secret}` come from is not known: what makes it in the scanned files does not say it.",
                    "only-merged": "Where the Secret `{secret}` comes from is not known: an ExternalSecret adds values of a store, and nothing in the scanned files makes it.",
                    "not-known": "Which object in the scanned files makes the Secret `{secret}` depends on values that are not known.",
                    "no-producer": "Where the Secret `{secret}` comes from is not known: nothing in the scanned files makes it.",
                    "managed": "All Secrets that are referred to come from a managed store or are encrypted.",
                    "no-secret-referenced": "The rule does not apply: the pod refers to no Secret.",
                    "ecs": "The rule does not apply: secrets of ECS always come from a store.",
                },
            },
            "de": {
                title: "Referenzierte Secrets stammen aus einem verwalteten Secret-Speicher",
                description: "Ein Speicher außerhalb des Clusters erneuert Zugangsdaten und hält fest, wer sie gelesen hat. Geprüft wird für jedes Secret, auf das eine Pod-Vorlage verweist, wodurch es in den geprüften Dateien entsteht: durch ExternalSecret, SealedSecret, SecretProviderClass und Ähnliches oder durch ein Manifest mit eigenen Werten.",
                remediation: "Die Zugangsdaten in einem Speicher ablegen und ein ExternalSecret (External Secrets Operator) anlegen, das das Secret erzeugt; danach das Manifest des Secrets löschen.",
                messages: {
                    "plain-secret": "Das Secret `{secret}` ist ein Manifest mit eigenen Werten; erwartet wird eines, das aus einem verwalteten Secret-Speicher entsteht.",
                    "fake-store": "Das Secret `{secret}` entsteht aus einem Speicher für Tests, dessen Werte in einem Manifest stehen; erwartet wird ein verwalteter Secret-Speicher.",
                    "no-origin": "Woher die Werte des Secrets `{secret}` stammen, ist nicht bekannt: Was es in den geprüften Dateien erzeugt, sagt es nicht.",
                    "only-merged": "Woher das Secret `{secret}` stammt, ist nicht bekannt: Ein ExternalSecret ergänzt Werte aus einem Speicher, aber nichts in den geprüften Dateien erzeugt es.",
                    "not-known": "Welches Objekt in den geprüften Dateien das Secret `{secret}` erzeugt, hängt von Werten ab, die nicht bekannt sind.",
                    "no-producer": "Woher das Secret `{secret}` stammt, ist nicht bekannt: Nichts in den geprüften Dateien erzeugt es.",
                    "managed": "Alle Secrets, auf die verwiesen wird, stammen aus einem verwalteten Speicher oder sind verschlüsselt.",
                    "no-secret-referenced": "Die Regel ist nicht anwendbar: Der Pod verweist auf kein Secret.",
                    "ecs": "Die Regel ist nicht anwendbar: Secrets von ECS stammen immer aus einem Speicher.",
                },
            },
        },
        inventory: judge,
    };
}

/// The driver that mounts secrets of a store without a Secret.
const CSI_DRIVER: &str = "secrets-store.csi.k8s.io";

/// The annotation that has Vault's agent write secrets into a pod, without a Secret.
///
/// <https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations>
const VAULT_INJECT: &str = "vault.hashicorp.com/agent-inject";

/// How a kind says which Secrets it makes.
enum Naming {
    /// The first of these members that is there, else the name of the object.
    Member(&'static [&'static [&'static str]]),
    /// `secretObjects[].secretName`.
    SecretObjects,
}

/// What makes Secrets from a store, by kind and API group.
const MANAGED: &[(&str, &str, Naming)] = &[
    ("ExternalSecret", "external-secrets.io", Naming::Member(&[&["spec", "target", "name"]])),
    (
        "ClusterExternalSecret",
        "external-secrets.io",
        Naming::Member(&[&["spec", "externalSecretSpec", "target", "name"], &["spec", "externalSecretName"]]),
    ),
    ("SealedSecret", "bitnami.com", Naming::Member(&[])),
    ("SecretProviderClass", "secrets-store.csi.x-k8s.io", Naming::SecretObjects),
    ("VaultStaticSecret", "secrets.hashicorp.com", Naming::Member(&[&["spec", "destination", "name"]])),
    ("VaultDynamicSecret", "secrets.hashicorp.com", Naming::Member(&[&["spec", "destination", "name"]])),
    ("VaultPKISecret", "secrets.hashicorp.com", Naming::Member(&[&["spec", "destination", "name"]])),
    ("HCPVaultSecretsApp", "secrets.hashicorp.com", Naming::Member(&[&["spec", "destination", "name"]])),
    ("OnePasswordItem", "onepassword.com", Naming::Member(&[])),
    ("Certificate", "cert-manager.io", Naming::Member(&[&["spec", "secretName"]])),
];

/// The specification of an ExternalSecret, by the kind that has one.
const EXTERNAL: [(&str, &[&str]); 2] =
    [("ExternalSecret", &["spec"]), ("ClusterExternalSecret", &["spec", "externalSecretSpec"])];

/// Something that makes a Secret.
struct Producer {
    /// `None` when it is not known.
    name: Option<String>,
    /// `None` when the object does not say it.
    namespace: Option<String>,
    /// Whether it makes one at all in that namespace. One for the whole cluster selects namespaces.
    is_certain: bool,
    making: Making,
}

/// What the Secret is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Making {
    Managed,
    /// What a store has is put into a Secret that something else makes.
    Merged,
    /// From a store that has its values in a manifest.
    Fake,
    /// A manifest with values of its own.
    Plain,
    /// A manifest without values.
    Empty,
    /// Something that is filled in somehow.
    Open,
}

/// Whether a producer makes a Secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Meets {
    No,
    Perhaps,
    Yes,
}

impl Producer {
    fn makes(&self, name: &str, namespace: Option<&str>) -> Meets {
        let by_name = match self.name.as_deref() {
            Some(own) if own == name => Meets::Yes,
            Some(_) => Meets::No,
            None => Meets::Perhaps,
        };
        let by_namespace = match (self.namespace.as_deref(), namespace) {
            (own, other) if own == other => Meets::Yes,
            (Some(_), Some(_)) => Meets::No,
            _ => Meets::Perhaps,
        };
        let at_all = if self.is_certain { Meets::Yes } else { Meets::Perhaps };
        by_name.min(by_namespace).min(at_all)
    }
}

fn judge(set: &Set<'_>, findings: &mut Findings<'_>) {
    let producers = producers(set);
    set.judge_each(findings, |document, findings| {
        let workload = Workload::from(document);
        if workload.is_ecs() {
            findings.add(Finding::not_applicable(workload, "ecs"));
            return;
        }
        let before = findings.len();
        let mut judged = Judged { producers: &producers, document, seen: BTreeSet::new(), findings };
        judged.workload(workload);
        let any = !judged.seen.is_empty();
        if findings.len() == before {
            let outcome = if any {
                Finding::pass(workload, "managed")
            } else {
                Finding::not_applicable(workload, "no-secret-referenced")
            };
            findings.add(outcome);
        }
    });
}

fn producers(set: &Set<'_>) -> Vec<Producer> {
    let fakes = Fakes::read(set);
    let mut found = Vec::new();
    for (kind, group, naming) in MANAGED {
        for (envelope, document) in all(set, kind, group) {
            let root = document.root();
            let external = EXTERNAL.iter().find(|(external, _)| external == kind);
            let making = match external {
                Some((_, path)) => making_external(root.path(path), envelope.namespace.as_deref(), &fakes),
                None => Some((Making::Managed, true)),
            };
            let Some((making, is_certain)) = making else { continue };
            found.extend(names(root, &envelope.name, naming).into_iter().map(|name| Producer {
                name,
                namespace: envelope.namespace.clone(),
                is_certain: is_certain && *kind != "ClusterExternalSecret",
                making,
            }));
        }
    }
    for (envelope, document) in all(set, "Secret", "") {
        let making = making(document.root());
        let (name, namespace) = (Some(envelope.name), envelope.namespace);
        found.push(Producer { name, namespace, is_certain: true, making });
    }
    found
}

/// The documents of a kind in an API group.
fn all(set: &Set<'_>, kind: &str, group: &str) -> impl Iterator<Item = (Envelope, Document)> {
    set.find(Selector::new("kubernetes", kind)).into_iter().filter_map(move |envelope| {
        let document = set.read(&envelope).ok()?;
        let version = document.root().get("apiVersion").str().known().unwrap_or_default();
        (version.split_once('/').map_or("", |(group, _)| group) == group).then_some((envelope, document))
    })
}

/// What has its values in a manifest instead of a store, or may have.
struct Fakes(Vec<Fake>);

struct Fake {
    kind: &'static str,
    envelope: Envelope,
    is_one: Answer,
}

impl Fakes {
    fn read(set: &Set<'_>) -> Fakes {
        let of_provider = ["SecretStore", "ClusterSecretStore"].into_iter().flat_map(|kind| {
            let stores = all(set, kind, "external-secrets.io");
            stores.map(move |(envelope, document)| {
                let fake = document.root().path(&["spec", "provider", "fake"]);
                Fake { kind, envelope, is_one: Answer::is_stated(fake) }
            })
        });
        let generators = all(set, "Fake", "generators.external-secrets.io");
        let generators = generators.map(|(envelope, _)| Fake { kind: "Fake", envelope, is_one: Answer::Yes });
        Fakes(of_provider.chain(generators).filter(|fake| fake.is_one != Answer::No).collect())
    }

    /// Whether a reference names one; `default` is the kind of a reference without one.
    fn have(&self, reference: Node<'_>, default: &str, namespace: Option<&str>) -> Answer {
        self.0.iter().fold(Answer::No, |found, fake| {
            let of_kind = Answer::of(reference.get("kind"), |kind: Option<&str>| kind.unwrap_or(default) == fake.kind);
            let named = Answer::of(reference.get("name"), |name: Option<&str>| name == Some(&fake.envelope.name));
            let here = fake.kind == "ClusterSecretStore" || fake.envelope.namespace.as_deref() == namespace;
            found.or(of_kind.and(named).and(Answer::when(here)).and(fake.is_one))
        })
    }
}

/// What an ExternalSecret makes, and whether that is certain; `None` when it makes no Secret.
///
/// `creationPolicy` and `sourceRef` in <https://external-secrets.io/latest/api/externalsecret/>
fn making_external(spec: Node<'_>, namespace: Option<&str>, fakes: &Fakes) -> Option<(Making, bool)> {
    let of_store = fakes.have(spec.get("secretStoreRef"), "SecretStore", namespace);
    let of_entries = ["data", "dataFrom"].map(|list| {
        Answer::any(spec.get(list).list(), |entry| {
            let source = entry.get("sourceRef");
            let of_store = fakes.have(source.get("storeRef"), "SecretStore", namespace);
            of_store.or(fakes.have(source.get("generatorRef"), "", namespace))
        })
    });
    // Lists that are not known matter only where there is a fake at all.
    let is_fake = if fakes.0.is_empty() { Answer::No } else { of_entries.into_iter().fold(of_store, Answer::or) };
    match (spec.path(&["target", "creationPolicy"]).str(), is_fake) {
        (Field::Known("None"), _) => None,
        (_, Answer::Yes) => Some((Making::Fake, true)),
        (Field::Absent | Field::Known("Owner" | "Orphan"), Answer::No) => Some((Making::Managed, true)),
        (Field::Known("Merge"), Answer::No) => Some((Making::Merged, true)),
        _ => Some((Making::Managed, false)),
    }
}

/// The Secrets that an object makes; `None` for one whose name is not known.
fn names(object: Node<'_>, own: &str, naming: &Naming) -> Vec<Option<String>> {
    let text = |node: Node<'_>| match node.str() {
        Field::Known(name) => Some(Some(name.to_owned())),
        Field::Absent => None,
        Field::Unknown(_) => Some(None),
    };
    match naming {
        Naming::Member(members) => {
            let stated = members.iter().find_map(|path| text(object.path(path)));
            vec![stated.unwrap_or_else(|| Some(own.to_owned()))]
        }
        Naming::SecretObjects => {
            let list = object.path(&["spec", "secretObjects"]).list();
            let known = list.known().filter_map(|object: Node<'_>| text(object.get("secretName")));
            known.chain(list.rest().map(|_| None)).collect()
        }
    }
}

fn making(secret: Node<'_>) -> Making {
    let entries = entries(secret);
    let has = |wanted: fn(&Content<'_>) -> bool| entries.iter().any(|entry| wanted(&entry.content));
    if has(|content| matches!(content, Content::Inline)) {
        Making::Plain
    } else if has(|content| matches!(content, Content::Elsewhere))
        && !has(|content| matches!(content, Content::Unknown(_) | Content::Template | Content::Reference))
    {
        Making::Managed
    } else if entries.iter().all(|entry| matches!(entry.content, Content::Empty)) {
        Making::Empty
    } else {
        Making::Open
    }
}

/// One workload under judgment.
struct Judged<'w, 'd, 'f> {
    producers: &'w [Producer],
    document: &'d Document,
    /// The Secrets that were judged.
    seen: BTreeSet<&'d str>,
    findings: &'w mut Findings<'f>,
}

impl<'d> Judged<'_, 'd, '_> {
    fn workload(&mut self, workload: Workload<'d>) {
        let injects = workload.annotations().get(VAULT_INJECT);
        if injects.str().known() == Some("true") {
            // No Secret, but secrets of a store.
            self.seen.insert("");
        }
        for container in self.findings.every(workload.containers()) {
            for variable in self.findings.every(container.env()) {
                self.reference(variable.value_from().get("secretKeyRef"), "name");
            }
            for source in self.findings.every(container.env_from()) {
                self.reference(source.get("secretRef"), "name");
            }
        }
        for volume in self.findings.every(workload.volumes()) {
            let source = volume.source();
            match volume.kind().read() {
                Field::Known("secret") => self.reference(source, "secretName"),
                Field::Known("projected") => {
                    for source in self.findings.every(source.get("sources").list()) {
                        self.reference(Node::get(source, "secret"), "name");
                    }
                }
                Field::Known("csi") if source.get("driver").str().known() == Some(CSI_DRIVER) => {
                    // No Secret, but a secret of a store.
                    self.seen.insert("");
                }
                Field::Known(_) | Field::Absent => {}
                Field::Unknown(unknown) => self.findings.add(Finding::unknown(unknown)),
            }
        }
    }

    /// Judges what a reference names, if there is one.
    fn reference(&mut self, reference: Node<'d>, member: &str) {
        if let Some(unknown) = reference.unknown() {
            self.findings.add(Finding::unknown(unknown));
            return;
        }
        if reference.is_absent() {
            return;
        }
        let name = reference.get(member);
        match name.str() {
            Field::Known(secret) => {
                if self.seen.insert(secret) {
                    self.secret(name, secret);
                }
            }
            Field::Absent => self.findings.add(Finding::unknown_because(name, "the reference names no Secret")),
            Field::Unknown(unknown) => self.findings.add(Finding::unknown(unknown)),
        }
    }

    fn secret(&mut self, at: Node<'d>, secret: &str) {
        let namespace = self.document.envelope().namespace.as_deref();
        let best = |making: Making| {
            let of = self.producers.iter().filter(|producer| producer.making == making);
            of.map(|producer| producer.makes(secret, namespace)).max().unwrap_or(Meets::No)
        };
        let (managed, merged, open) = (best(Making::Managed), best(Making::Merged), best(Making::Open));
        let (plain, fake, empty) = (best(Making::Plain), best(Making::Fake), best(Making::Empty));
        let all = [managed, merged, open, plain, fake, empty];
        // An ExternalSecret fills what a manifest leaves empty.
        let is_filled = all == [Meets::No, Meets::Yes, Meets::No, Meets::No, Meets::No, Meets::Yes];
        let finding = if managed == Meets::Yes || is_filled {
            return;
        } else if plain == Meets::Yes && managed == Meets::No {
            Finding::fail(at, "plain-secret")
        } else if fake == Meets::Yes && managed == Meets::No {
            Finding::fail(at, "fake-store")
        } else if open.max(empty) == Meets::Yes {
            Finding::undecided(at, "no-origin")
        } else if merged == Meets::Yes {
            Finding::undecided(at, "only-merged")
        } else if all.contains(&Meets::Perhaps) {
            Finding::undecided(at, "not-known")
        } else {
            Finding::undecided(at, "no-producer")
        };
        let finding = finding.argument("secret", secret);
        self.findings.add(finding);
    }
}
