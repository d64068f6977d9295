//! SE-002: ConfigMaps hold no credentials.

use verdikt_rules_shared::{CredentialSettings, Detector, Evidence, InText, Outcome, Said, Syntax, base64};
use verdikt_sdk::{Document, Field, Finding, Findings, Node, rule};

rule! {
    /// # ConfigMaps hold no credentials
    ///
    /// Far more people and programs may read ConfigMaps than Secrets: they are shown in dashboards,
    /// listed by `kubectl describe`, and no encryption at rest is meant for them.
    ///
    /// ## What is checked
    ///
    /// Every entry of `data` and `binaryData` (decoded), with the names and forms of `SE-001`:
    ///
    /// - the key together with its value (`db.password: …`). A key that names a file, such as
    ///   `secrets.yaml`, says nothing of its content;
    /// - every name of a credential with its value inside of the content, whatever the format: `name=value`,
    ///   `name: value`, `"name": "value"`, `'name' => 'value'`, `export NAME=value`, `<name>value</name>`,
    ///   `<add key="name" value="…"/>`, a `value` beside `name: NAME`, the next lines of YAML, lists of passwords and
    ///   tokens, `requirepass value`, `machine … password value`, `PASSWORD 'value'`. Comments are passed over;
    /// - everything that has the form of a credential, wherever it stands.
    ///
    /// The ending of the key says how the content is to be read: in programs (`.py`, `.js`, `.php`) what has no
    /// quotes is a name of the program, in `.conf` a value may stand behind a space, and sentences (`.md`, `.html`)
    /// have none there.
    ///
    /// References, paths, empty values and the like pass, as in `SE-001`. A placeholder (`${NAME}`,
    /// `{{ … }}`) is unknown; `$NAME`, which a script replaces at run time, passes inside of a content, and in scripts
    /// (`.sh`) `${NAME}` does, too. So do references into another Secret as Argo CD writes them
    /// (`$dex.github.clientSecret`), and labels of PromQL (`kube_secret_info{secret="tls"}`).
    ///
    /// Values are read up to 512 characters behind their name. The literals of a `configMapGenerator` are judged in
    /// what `kustomize build` prints.
    ///
    /// There is one finding for each entry. Its value is shown nowhere in the report.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    /// data:
    ///   db.password: example-only
    ///   application.properties: |
    ///     spring.datasource.username=shop
    ///     spring.datasource.password=example-only
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    /// data:
    ///   log.level: info
    ///   application.properties: |
    ///     spring.config.import=configtree:/run/secrets/
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Change the credential, since it is known. Move it to a Secret that an external store fills, and
    /// give it to the program as a file or as a variable. Programs that read one file can have the
    /// credential in a second one. Names that only sound like credentials go to `allowed_names`.
    ///
    /// ## References
    ///
    /// - [Kubernetes: ConfigMaps](https://kubernetes.io/docs/concepts/configuration/configmap/)
    /// - [Kubernetes: good practices for Secrets](https://kubernetes.io/docs/concepts/security/secrets-good-practices/)
    pub static RULE = {
        id: "SE-002",
        slug: "configmap-secrets",
        severity: High,
        targets: ["kubernetes/ConfigMap"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A8" => text],
        extra: { "module": "secrets" },
        settings: CredentialSettings,
        texts: {
            "en": {
                title: "ConfigMaps hold no credentials",
                remediation: "Change the credential, since it is known. Move it to a Secret that an external store fills, for example with an ExternalSecret, and give it to the program as a file or a variable.",
                messages: {
                    "by-name": "The entry `{key}` is a credential in plain text, expected in a Secret.",
                    "private-key": "The entry `{key}` holds a credential in plain text: line {line} holds a private key, expected in a Secret.",
                    "token": "The entry `{key}` holds a credential in plain text: line {line} holds a key or token of {issuer}, expected in a Secret.",
                    "web-token": "The entry `{key}` holds a credential in plain text: line {line} holds a JSON Web Token, expected in a Secret.",
                    "header": "The entry `{key}` holds a credential in plain text: line {line} holds the credentials of an HTTP header, expected in a Secret.",
                    "hash": "The entry `{key}` holds a credential in plain text: line {line} holds the hash of a password, expected in a Secret.",
                    "sql": "The entry `{key}` holds a credential in plain text: line {line} holds the password of an SQL user, expected in a Secret.",
                    "url": "The entry `{key}` holds a credential in plain text: line {line} holds a URL with a password, expected in a Secret.",
                    "by-form": "The entry `{key}` holds a credential in plain text: line {line} holds something of the form `{form}`, expected in a Secret.",
                    "inside": "The entry `{key}` holds a credential in plain text: line {line} sets `{inner}`, expected in a Secret.",
                    "literal-flow": "The entry `{key}` is a credential in plain text: it gets the value of `{source}`, expected in a Secret.",
                },
            },
            "de": {
                title: "ConfigMaps enthalten keine Zugangsdaten",
                description: "ConfigMaps sind für weit mehr Personen und Programme lesbar als Secrets. Geprüft werden die Schlüssel, die Werte und jede Zeile der Inhalte von `data` und `binaryData` auf Namen und Formen von Zugangsdaten. Der Wert selbst erscheint nirgends im Bericht.",
                remediation: "Zugangsdaten ändern, denn sie sind bekannt. In ein Secret verschieben, das ein externer Speicher füllt, etwa mit einem ExternalSecret, und dem Programm als Datei oder Variable übergeben.",
                messages: {
                    "by-name": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext, erwartet werden sie in einem Secret.",
                    "private-key": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} enthält einen privaten Schlüssel; erwartet werden sie in einem Secret.",
                    "token": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} enthält einen Schlüssel oder ein Token von {issuer}; erwartet werden sie in einem Secret.",
                    "web-token": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} enthält ein JSON Web Token; erwartet werden sie in einem Secret.",
                    "header": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} enthält Zugangsdaten eines HTTP-Headers; erwartet werden sie in einem Secret.",
                    "hash": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} enthält den Hash eines Passworts; erwartet werden sie in einem Secret.",
                    "sql": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} enthält das Passwort eines SQL-Benutzers; erwartet werden sie in einem Secret.",
                    "url": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} enthält eine URL mit Passwort; erwartet werden sie in einem Secret.",
                    "by-form": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} enthält etwas von der Form `{form}`; erwartet werden sie in einem Secret.",
                    "inside": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Zeile {line} setzt `{inner}`; erwartet werden sie in einem Secret.",
                    "literal-flow": "Der Eintrag `{key}` enthält Zugangsdaten im Klartext: Er erhält den Wert von `{source}`; erwartet werden sie in einem Secret.",
                },
            },
        },
        document: judge,
    };
}

/// Endings of keys that are names of files with a content of their own.
const FILES: &[&str] = &[
    "yaml",
    "yml",
    "json",
    "toml",
    "ini",
    "cfg",
    "conf",
    "cnf",
    "config",
    "properties",
    "xml",
    "env",
    "sh",
    "bash",
    "sql",
    "py",
    "js",
    "lua",
    "rb",
    "php",
    "html",
    "tpl",
    "tmpl",
    "md",
    "rego",
    "hcl",
    "tf",
    "groovy",
    "awk",
];

fn judge(config: &Document, settings: &CredentialSettings, findings: &mut Findings<'_>) {
    let detector = settings.detector();
    for (field, encoded) in [("data", false), ("binaryData", true)] {
        match config.root().get(field).members() {
            Field::Known(members) => {
                members.for_each(|(key, value)| judge_entry(key, value, encoded, &detector, findings));
            }
            Field::Absent => {}
            Field::Unknown(unknown) => findings.add(Finding::unknown(unknown)),
        }
    }
}

fn judge_entry<'a>(key: &str, value: Node<'a>, encoded: bool, detector: &Detector<'_>, findings: &mut Findings<'_>) {
    if !detector.is_allowed(key) {
        Said::of(value, |value| judge_value(key, value, encoded, detector)).state(findings);
    }
}

fn judge_value<'a>(key: &str, value: Node<'a>, encoded: bool, detector: &Detector<'_>) -> Said<'a> {
    let text = match value.str() {
        Field::Known(text) => text,
        Field::Absent => return Said::Clean,
        Field::Unknown(unknown) => {
            let outcome = detector.outcome_of(named(key), value);
            // Only the whole of a text says what each of its lines sets.
            let is_whole = unknown.parts().is_none();
            return if is_whole || !matches!(outcome, Outcome::Clean) {
                said(key, value, outcome, detector)
            } else {
                Said::Unknown(Finding::unknown(unknown))
            };
        }
    };
    if !encoded {
        return judge_text(key, value, text, detector);
    }
    match base64::decode(text).map(String::from_utf8) {
        Some(Ok(decoded)) => judge_text(key, value, &decoded, detector),
        // Binary: only its key says anything.
        Some(Err(_)) if detector.is_secret(named(key)) => {
            said(key, value, Outcome::Credential(Evidence::Name), detector)
        }
        Some(Err(_)) => Said::Clean,
        None => Said::Unknown(Finding::unknown_because(value, "the value is no Base64").sensitive()),
    }
}

/// What a key says of its value: nothing when it is the name of a file.
fn named(key: &str) -> &str {
    let is_file = key.rsplit_once('.').is_some_and(|(_, end)| FILES.contains(&end.to_ascii_lowercase().as_str()));
    if is_file { "" } else { key }
}

fn judge_text<'a>(key: &str, value: Node<'a>, text: &str, detector: &Detector<'_>) -> Said<'a> {
    let inside = detector.in_text(text, Syntax::of(key));
    // A line of the text says more than the text as a whole.
    if let InText::Credential(line, evidence) = inside {
        return Said::Fails(evidence.fail(value).argument("key", key).argument("line", line.number));
    }
    match detector.by_name(named(key), text, value) {
        Outcome::Clean if inside == InText::Template => said(key, value, Outcome::Template(value), detector),
        outcome => said(key, value, outcome, detector),
    }
}

fn said<'a>(key: &str, value: Node<'a>, outcome: Outcome<'a>, detector: &Detector<'_>) -> Said<'a> {
    match outcome {
        Outcome::Credential(evidence) => {
            Said::Fails(evidence.fail(value).argument("key", key).argument("line", detector.line_in(value)))
        }
        // A number or a list under the name of a credential is what somebody meant as one.
        Outcome::Unknown(unknown) if detector.is_secret(named(key)) => {
            Said::Unknown(Finding::unknown(unknown).sensitive())
        }
        outcome => outcome.unknown().map_or(Said::Clean, Said::Unknown),
    }
}
