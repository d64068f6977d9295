//! SE-004: referenced Secrets come from a managed secret store.

use std::collections::BTreeSet;

use verdikt_sdk::{Document, Field, Finding, Findings, Node, Selector, Set, Workload, rule};

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
    ///   `secretObjects`), `VaultStaticSecret`, `VaultDynamicSecret`, `VaultPKISecret`, `OnePasswordItem` or
    ///   a `Certificate` of cert-manager makes it: passes.
    /// - A `Secret` with values of its own: fails. With encrypted values or references to a store only, it
    ///   passes; when it is empty or filled in from elsewhere, the rule says *unknown*.
    /// - Nothing makes it: *unknown*, since another repository or a person may.
    ///
    /// Volumes of the Secrets Store CSI driver pass, since no Secret is needed for them. When a workload or
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
    ("OnePasswordItem", "onepassword.com", Naming::Member(&[])),
    ("Certificate", "cert-manager.io", Naming::Member(&[&["spec", "secretName"]])),
];

/// Something that makes a Secret.
struct Producer {
    /// `None` when it is not known.
    name: Option<String>,
    /// `None` when the object does not say it.
    namespace: Option<String>,
    /// Whether it makes one in namespaces that it selects.
    everywhere: bool,
    making: Making,
}

/// What the Secret is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Making {
    Managed,
    /// A manifest with values of its own.
    Plain,
    /// A manifest that is filled in somehow.
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
            _ if self.everywhere => Meets::Perhaps,
            (own, other) if own == other => Meets::Yes,
            (Some(_), Some(_)) => Meets::No,
            _ => Meets::Perhaps,
        };
        by_name.min(by_namespace)
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
    let mut found = Vec::new();
    for (kind, group, naming) in MANAGED {
        for envelope in set.find(Selector::new("kubernetes", kind)) {
            let Ok(document) = set.read(&envelope) else { continue };
            let root = document.root();
            let version = root.get("apiVersion").str().known().unwrap_or_default();
            if version.split_once('/').map(|(group, _)| group) != Some(group) {
                continue;
            }
            let everywhere = *kind == "ClusterExternalSecret";
            found.extend(names(root, &envelope.name, naming).into_iter().map(|name| Producer {
                name,
                namespace: envelope.namespace.clone(),
                everywhere,
                making: Making::Managed,
            }));
        }
    }
    for envelope in set.find(Selector::new("kubernetes", "Secret")) {
        let Ok(document) = set.read(&envelope) else { continue };
        if document.root().get("apiVersion").str().known() == Some("v1") {
            let making = making(document.root());
            let (name, namespace) = (Some(envelope.name), envelope.namespace);
            found.push(Producer { name, namespace, everywhere: false, making });
        }
    }
    found
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
        let (managed, plain, open) = (best(Making::Managed), best(Making::Plain), best(Making::Open));
        let finding = if managed == Meets::Yes {
            return;
        } else if plain == Meets::Yes && managed == Meets::No {
            Finding::fail(at, "plain-secret").argument("secret", secret)
        } else if open == Meets::Yes {
            Finding::unknown_because(at, format!("the Secret `{secret}` does not say where its values come from"))
        } else if managed.max(plain).max(open) == Meets::Perhaps {
            let why = format!("which of the scanned objects makes the Secret `{secret}` depends on what is not known");
            Finding::unknown_because(at, why)
        } else {
            Finding::unknown_because(at, format!("nothing that was scanned makes the Secret `{secret}`"))
        };
        self.findings.add(finding);
    }
}
