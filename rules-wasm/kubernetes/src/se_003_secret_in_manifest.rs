//! SE-003: Secret manifests carry no data in the repository.

use verdikt_sdk::{Document, Field, Finding, Findings, Node, rule};

use crate::secret_content::{Content, SecretEntry, content, entries};
use crate::secret_template::{Holds, credentials_of_template, holds, values_of_store};

rule! {
    /// # Secret manifests carry no data in the repository
    ///
    /// The data of a Secret is Base64, which hides nothing. In a repository everybody who can read it has
    /// the credential, and the history keeps it after it was changed.
    ///
    /// ## What is checked
    ///
    /// Every entry of `data` and `stringData` of a `Secret`. One that holds a value of its own fails,
    /// whatever its name: what is no secret belongs into a ConfigMap. An entry passes that is empty, that is
    /// encrypted (`ENC[…]`, as sops writes it) or that names a place in a store (`vault:…`, `ref+…`,
    /// `<path:…>`), also inside of the Base64. A placeholder that a tool fills in (`${NAME}`) is unknown.
    ///
    /// `SealedSecret`, `ExternalSecret`, `ClusterExternalSecret`, `PushSecret` and `ClusterPushSecret` hold no
    /// secret, or only an encrypted one. Their templates (`data`, `stringData` and `templateFrom[].literal`)
    /// may: what has the name or the form of a credential there, as for the rule SE-001, fails. What a template
    /// fills in (`{{ .password }}`) and other configuration passes.
    ///
    /// A `SecretStore` or `ClusterSecretStore` of the provider `fake`, and a generator of the kind `Fake`, have
    /// their values in the manifest: every value fails like one of a Secret.
    ///
    /// Kustomize's `secretGenerator` is not seen: scan what `kustomize build` prints.
    ///
    /// Terraform: a literal in `data` of `kubernetes_secret` fails, also when it comes from the default of a
    /// variable. A variable without a value, a data source or an attribute of another resource passes, with
    /// the reason `ends-in-state`: it is not in the file, but Terraform keeps it in its state.
    ///
    /// The rule does not apply to the token of a service account that the cluster fills in, and to objects
    /// that were read from a cluster, which their `uid` or `resourceVersion` tells.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: db
    /// stringData:
    ///   password: example-only
    /// ```
    ///
    /// ```hcl
    /// resource "kubernetes_secret_v1" "db" {
    ///   metadata {
    ///     name = "db"
    ///   }
    ///   data = { password = "example-only" }
    /// }
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
    ///   data:
    ///     - secretKey: password
    ///       remoteRef:
    ///         key: prod/database
    ///         property: password
    /// ```
    ///
    /// ```hcl
    /// resource "kubernetes_secret_v1" "db" {
    ///   metadata {
    ///     name = "db"
    ///   }
    ///   data = { password = var.db_password }
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Change the credential, since it is known, and take it out of the repository: let the External
    /// Secrets Operator or the Secrets Store CSI driver fetch it from a store, or encrypt the manifest with
    /// sops or as a SealedSecret.
    ///
    /// ## References
    ///
    /// - [Kubernetes: Secrets](https://kubernetes.io/docs/concepts/configuration/secret/)
    /// - [External Secrets Operator](https://external-secrets.io/latest/introduction/overview/)
    /// - [Sealed Secrets](https://github.com/bitnami-labs/sealed-secrets)
    pub static RULE = {
        id: "SE-003",
        slug: "secret-in-manifest",
        severity: High,
        targets: [
            "kubernetes/Secret",
            "kubernetes/SealedSecret",
            "kubernetes/ExternalSecret",
            "kubernetes/ClusterExternalSecret",
            "kubernetes/PushSecret",
            "kubernetes/ClusterPushSecret",
            "kubernetes/SecretStore",
            "kubernetes/ClusterSecretStore",
            "kubernetes/Fake",
            "kubernetes/ClusterGenerator",
        ],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A8" => text],
        extra: { "module": "secrets" },
        texts: {
            "en": {
                title: "Secret manifests carry no data in the repository",
                remediation: "Change the credential, since it is known. Let an ExternalSecret make the Secret from an external store, or encrypt the manifest with sops or as a SealedSecret.",
                messages: {
                    "inline": "The entry `{key}` of the Secret holds its value in the manifest, expected a Secret that is filled from an external store.",
                    "in-template": "The template of the Secret holds the credential `{key}` in plain text, expected a value that the store fills in.",
                    "in-store": "The store for tests holds the value of `{key}` in the manifest, expected a store outside of the cluster.",
                    "no-content": "The Secret holds no value.",
                    "encrypted": "The Secret holds encrypted values and references to a store only.",
                    "ends-in-state": "The values are not in the file. Terraform keeps them in its state, which has to be protected like the Secret.",
                    "managed": "The object holds no value in plain text.",
                    "service-account-token": "The rule does not apply: the cluster fills in the token.",
                    "cluster-dump": "The rule does not apply: the object was read from a cluster.",
                    "other-group": "The rule does not apply: the kind is of another API group.",
                },
            },
            "de": {
                title: "Secret-Manifeste im Repository enthalten keine Daten",
                description: "Die Daten eines Secrets sind nur Base64-kodiert, und die Historie eines Repositorys behält sie. Geprüft wird jeder Eintrag von `data` und `stringData`. Verschlüsselte Werte und Verweise auf einen Speicher bestehen, ebenso ExternalSecret und SealedSecret, solange ihre Vorlagen keine Zugangsdaten enthalten. Speicher des Providers `fake` haben ihre Werte im Manifest.",
                remediation: "Zugangsdaten ändern, denn sie sind bekannt. Das Secret durch ein ExternalSecret aus einem externen Speicher erzeugen lassen oder das Manifest mit sops oder als SealedSecret verschlüsseln.",
                messages: {
                    "inline": "Der Eintrag `{key}` des Secrets enthält seinen Wert im Manifest; erwartet wird ein Secret, das aus einem externen Speicher gefüllt wird.",
                    "in-template": "Die Vorlage des Secrets enthält die Zugangsdaten `{key}` im Klartext; erwartet wird ein Wert, den der Speicher einsetzt.",
                    "in-store": "Der Speicher für Tests enthält den Wert von `{key}` im Manifest; erwartet wird ein Speicher außerhalb des Clusters.",
                    "no-content": "Das Secret enthält keinen Wert.",
                    "encrypted": "Das Secret enthält nur verschlüsselte Werte und Verweise auf einen Speicher.",
                    "ends-in-state": "Die Werte stehen nicht in der Datei. Terraform legt sie in seinem State ab, der wie das Secret zu schützen ist.",
                    "managed": "Das Objekt enthält keinen Wert im Klartext.",
                    "service-account-token": "Die Regel ist nicht anwendbar: Der Cluster trägt das Token ein.",
                    "cluster-dump": "Die Regel ist nicht anwendbar: Das Objekt wurde aus einem Cluster gelesen.",
                    "other-group": "Die Regel ist nicht anwendbar: Die Art gehört zu einer anderen API-Gruppe.",
                },
            },
        },
        document: judge,
    };
}

fn judge(secret: &Document, findings: &mut Findings<'_>) {
    let root = secret.root();
    if secret.envelope().kind != "Secret" {
        match holds(&secret.envelope().kind, api_group(root)) {
            Some(holds) => judge_maker(root, holds, findings),
            None => findings.add(Finding::not_applicable(secret, "other-group")),
        }
        return;
    }
    if !api_group(root).is_empty() {
        findings.add(Finding::not_applicable(secret, "other-group"));
        return;
    }
    // The API server writes both, and refuses to create an object that has the second.
    let written = ["uid", "resourceVersion"].map(|field| root.get("metadata").get(field));
    if written.iter().any(|field| field.is_known()) {
        findings.add(Finding::not_applicable(secret, "cluster-dump"));
        return;
    }
    if let Some(unknown) = written.iter().find_map(|field| field.unknown()) {
        findings.add(Finding::unknown(unknown));
        return;
    }
    let entries = entries(root);
    let mut reason = "no-content";
    for entry in &entries {
        match entry.content {
            Content::Elsewhere if reason == "no-content" => reason = "encrypted",
            Content::Reference => reason = "ends-in-state",
            _ => state(entry, "inline", findings),
        }
    }
    if findings.is_empty() {
        findings.add(match root.get("type").str() {
            Field::Known("kubernetes.io/service-account-token") if entries.is_empty() => {
                Finding::not_applicable(secret, "service-account-token")
            }
            _ => Finding::pass(secret, reason),
        });
    }
}

/// Judges what makes a Secret, by what it holds itself.
fn judge_maker(object: Node<'_>, holds: Holds<'_>, findings: &mut Findings<'_>) {
    match holds {
        Holds::Template(path) => {
            for (text, outcome) in credentials_of_template(object.path(path)) {
                let failure = Finding::fail(text.value, "in-template").argument("key", &text.key).sensitive();
                findings.add(outcome.unknown().unwrap_or(failure));
            }
        }
        Holds::Values(path) => {
            for text in values_of_store(object.path(path)) {
                let entry =
                    SecretEntry { key: Some(&text.key), value: text.value, content: content(text.value, false) };
                state(&entry, "in-store", findings);
            }
        }
    }
    if findings.is_empty() {
        findings.add(Finding::pass(object, "managed"));
    }
}

/// States what is wrong with an entry, by the code of a value that stands in it.
fn state(entry: &SecretEntry<'_>, inline: &'static str, findings: &mut Findings<'_>) {
    match entry.content {
        Content::Empty | Content::Elsewhere | Content::Reference => {}
        Content::Inline => {
            findings.add(Finding::fail(entry.value, inline).argument("key", entry.key.unwrap_or_default()).sensitive());
        }
        Content::Template => findings
            .add(Finding::unknown_because(entry.value, "a placeholder that is filled in before the platform sees it")),
        // A number or a list where a text belongs is what somebody meant as the secret.
        Content::Unknown(unknown) => findings.add(Finding::unknown(unknown).sensitive()),
    }
}

/// `external-secrets.io` of `external-secrets.io/v1`; empty for the core group.
fn api_group(object: Node<'_>) -> &str {
    let version = object.get("apiVersion").str().known().unwrap_or_default();
    version.split_once('/').map_or("", |(group, _)| group)
}

#[cfg(test)]
mod tests {
    use verdikt_sdk::testing::{Case, Verdict};

    /// The code frame of a finding that is not sensitive shows the value.
    #[test]
    fn numbers_and_lists_where_a_secret_belongs_are_masked() {
        let secret =
            |value: &str| format!(r#"{{"kind": "Secret", "apiVersion": "v1", "stringData": {{"pin": {value}}}}}"#);
        let config =
            |key: &str| format!(r#"{{"kind": "ConfigMap", "apiVersion": "v1", "data": {{"{key}": 61626364}}}}"#);
        for (rule, body, sensitive) in [
            ("SE-003", secret("59382741"), true),
            ("SE-003", secret("[59382741]"), true),
            ("SE-002", config("DB_PASSWORD"), true),
            ("SE-002", config("PORT"), false),
        ] {
            let judgement = Case::new().document("kubernetes", &body).judge(&crate::PACK, rule);
            assert_eq!(judgement.verdict(), Verdict::Unknown, "{body}");
            assert!(judgement.findings.iter().all(|finding| finding.sensitive == sensitive), "{body}");
        }
    }
}
