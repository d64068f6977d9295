//! SE-005: Terraform holds no credentials as plain text.

use verdikt_rules_shared::{
    CredentialSettings, Detector, Evidence, InText, Outcome, Said, Syntax, alternatives, base64,
};
use verdikt_sdk::{Document, Field, Finding, Findings, Node, Unknown, rule};

rule! {
    /// # Terraform holds no credentials as plain text
    ///
    /// Configuration lies in version control, and what it says ends in the state and in plans. A password
    /// in it is known to everybody who can read one of them.
    ///
    /// ## What is checked
    ///
    /// Texts that are known from the files: arguments of resources, data sources, providers, backends and
    /// calls of modules, defaults and given values of variables, and locals, at any depth. A text is a
    /// credential
    ///
    /// - by the name of its argument, local or variable, or by the `name` or `key` that stands beside a
    ///   `value` in the same block, with the names of `SE-001` (`password`, `auth_token`, `secret_key`, …);
    /// - by its form, with the forms of `SE-001`;
    /// - by the names that are set inside of it, for scripts such as `user_data` (also in Base64);
    /// - inside of it: in JSON and YAML in a text, such as `container_properties` of AWS Batch and `values` of
    ///   `helm_release`, and in Base64;
    /// - always in arguments that hold nothing else: `secret_string`, `secret_binary`, `secret_data`, `plaintext`,
    ///   `plaintext_value`, `secret_text`, `data_json`, `secure_environment_variables`, `secure_json_data` and
    ///   `sensitive_config_vars` of whatever resource, also as write-only arguments (`…_wo`); `value` in a block
    ///   `secret`, of an `aws_ssm_parameter` of the type `SecureString` and of `azurerm_key_vault_secret`, `data` of
    ///   `kubernetes_secret_v1_data`, `secret_id` of Vault's AppRole.
    ///
    /// A value that comes from a variable counts when it is known: by the default or by a file of values.
    /// What is known only later is not written in the files and passes: a variable without a default, a data
    /// source, an attribute of another resource, such as the result of `random_password`. Where not even that
    /// can be told, the rule says *unknown*.
    ///
    /// In a plan, a secret counts when the configuration in it states it as a constant. A plan without
    /// configuration does not say that, so its secrets are unknown. Variables given with `-var` or `TF_VAR_…`
    /// are known values like any other: scan configurations without them.
    ///
    /// Left to other rules are `container_definitions` of ECS (`SE-001`) and pods, workloads, ConfigMaps and Secrets
    /// of the Kubernetes provider (`SE-001`, `SE-002`, `SE-003`); outputs are left out, since they repeat what stands
    /// elsewhere.
    ///
    /// ## Fails
    ///
    /// ```hcl
    /// variable "db_password" {
    ///   default = "example-only"
    /// }
    ///
    /// resource "aws_secretsmanager_secret_version" "db" {
    ///   secret_id     = aws_secretsmanager_secret.db.id
    ///   secret_string = "example-only"
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```hcl
    /// variable "db_password" {
    ///   sensitive = true
    /// }
    ///
    /// resource "aws_secretsmanager_secret_version" "db" {
    ///   secret_id     = aws_secretsmanager_secret.db.id
    ///   secret_string = var.db_password
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Change the credential, since it is known. Let Terraform make it (`random_password`) or the cloud manage
    /// it (`manage_master_user_password`), read it from a store, or declare a variable with `sensitive = true`
    /// and no default. Write-only arguments (`password_wo`) keep it out of the state as well.
    ///
    /// ## References
    ///
    /// - [Terraform: sensitive data](https://developer.hashicorp.com/terraform/language/manage-sensitive-data)
    /// - [Terraform: sensitive variables](https://developer.hashicorp.com/terraform/language/values/variables#suppressing-values-in-cli-output)
    /// - [AWS provider: `aws_secretsmanager_secret_version`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret_version)
    pub static RULE = {
        id: "SE-005",
        slug: "terraform-literals",
        severity: High,
        targets: ["terraform/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A8" => text],
        extra: { "module": "secrets" },
        settings: CredentialSettings,
        texts: {
            "en": {
                title: "Terraform holds no credentials as plain text",
                remediation: "Change the credential, since it is known. Read it from a secret store, or declare a variable with `sensitive = true` and no default.",
                messages: {
                    "by-name": "`{name}` holds a credential in plain text, expected a value from a secret store or from a variable without default.",
                    "private-key": "`{name}` holds a credential in plain text: line {line} of it holds a private key, expected a value from a secret store or from a variable without default.",
                    "token": "`{name}` holds a credential in plain text: line {line} of it holds a key or token of {issuer}, expected a value from a secret store or from a variable without default.",
                    "web-token": "`{name}` holds a credential in plain text: line {line} of it holds a JSON Web Token, expected a value from a secret store or from a variable without default.",
                    "header": "`{name}` holds a credential in plain text: line {line} of it holds the credentials of an HTTP header, expected a value from a secret store or from a variable without default.",
                    "hash": "`{name}` holds a credential in plain text: line {line} of it holds the hash of a password, expected a value from a secret store or from a variable without default.",
                    "sql": "`{name}` holds a credential in plain text: line {line} of it holds the password of an SQL user, expected a value from a secret store or from a variable without default.",
                    "url": "`{name}` holds a credential in plain text: line {line} of it holds a URL with a password, expected a value from a secret store or from a variable without default.",
                    "by-form": "`{name}` holds a credential in plain text: line {line} of it holds something of the form `{form}`, expected a value from a secret store or from a variable without default.",
                    "inside": "`{name}` holds a credential in plain text: line {line} of it sets `{inner}`, expected a value from a secret store or from a variable without default.",
                },
            },
            "de": {
                title: "Terraform enthält keine Zugangsdaten im Klartext",
                description: "Was in der Konfiguration steht, endet auch im State und in Plänen. Geprüft werden alle aus den Dateien bekannten Texte: Argumente von Ressourcen, Providern und Modulaufrufen, Vorgaben von Variablen und Locals, nach Namen und nach Form. Werte aus Variablen ohne Vorgabe, Datenquellen und anderen Ressourcen bestehen.",
                remediation: "Zugangsdaten ändern, denn sie sind bekannt. Aus einem Secret-Speicher lesen oder eine Variable mit `sensitive = true` und ohne Vorgabe deklarieren.",
                messages: {
                    "by-name": "`{name}` enthält Zugangsdaten im Klartext; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "private-key": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin enthält einen privaten Schlüssel; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "token": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin enthält einen Schlüssel oder ein Token von {issuer}; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "web-token": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin enthält ein JSON Web Token; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "header": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin enthält Zugangsdaten eines HTTP-Headers; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "hash": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin enthält den Hash eines Passworts; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "sql": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin enthält das Passwort eines SQL-Benutzers; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "url": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin enthält eine URL mit Passwort; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "by-form": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin enthält etwas von der Form `{form}`; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                    "inside": "`{name}` enthält Zugangsdaten im Klartext: Zeile {line} darin setzt `{inner}`; erwartet wird ein Wert aus einem Secret-Speicher oder aus einer Variable ohne Vorgabe.",
                },
            },
        },
        document: judge,
    };
}

/// Arguments that hold nothing but credentials, whatever they belong to and at any depth.
const ALWAYS: &[&str] = &[
    "data_json",
    "data_json_wo",
    "plaintext",
    "plaintext_value",
    "secret_binary",
    "secret_data",
    "secret_data_wo",
    "secret_string",
    "secret_string_wo",
    "secret_text",
    "secure_environment_variables",
    "secure_json_data",
    "sensitive_config_vars",
];

/// Arguments that hold nothing but credentials in resources of one type.
const OF_TYPES: &[(&str, &str)] = &[
    ("azurerm_key_vault_secret", "value"),
    ("azurerm_key_vault_secret", "value_wo"),
    ("kubernetes_secret_v1_data", "data"),
    ("vault_approle_auth_backend_role_secret_id", "secret_id"),
];

/// Resources of the Kubernetes provider that other rules judge as Kubernetes objects.
const OBJECTS: &[&str] = &[
    "config_map",
    "cron_job",
    "daemon_set",
    "daemonset",
    "deployment",
    "job",
    "manifest",
    "pod",
    "replication_controller",
    "secret",
    "stateful_set",
];

/// An argument that sounds like a key and is the name of one.
///
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group#ec2_ssh_key-1>
const KEY_PAIR: &str = "ec2_ssh_key";

fn judge(document: &Document, settings: &CredentialSettings, findings: &mut Findings<'_>) {
    let detector = settings.detector();
    let (kind, name, root) = (document.envelope().kind.as_str(), &document.envelope().name, document.root());
    let mut walk = Walk { detector, open: Vec::new(), has_unknown: false, findings };
    match kind {
        "output" => {}
        _ if is_object(kind) => {}
        "variable" => {
            let (default, value) = (root.get("default"), root.get("value"));
            walk.open.push(Step::named(name, default));
            // Given in a file of values; where it is the default, that is judged.
            let text = value.str().known();
            if value.unknown().is_some() || text.is_some() && text != default.str().known() {
                walk.open.push(Step::named(name, value));
            }
        }
        "local" => walk.open.push(Step::named(name, root.get("value"))),
        _ => walk.resource(kind, root),
    }
    walk.run();
}

/// Whether other rules judge the resource, such as `kubernetes_secret_v1`.
fn is_object(kind: &str) -> bool {
    let Some(name) = kind.strip_prefix("kubernetes_") else { return false };
    let is_version =
        |end: &str| end.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    let name = name.rsplit_once('_').filter(|(_, end)| is_version(end)).map_or(name, |(name, _)| name);
    OBJECTS.contains(&name)
}

/// A value to judge.
#[derive(Clone, Copy)]
struct Step<'a> {
    /// What it is called in messages.
    shown: &'a str,
    meaning: Meaning<'a>,
    /// What could make a credential of it, and is not known.
    doubt: Option<Unknown<'a>>,
    value: Node<'a>,
}

/// What says whether a text is a credential, beside its form.
#[derive(Clone, Copy)]
enum Meaning<'a> {
    Name(&'a str),
    /// Nothing: most elements of lists have no name of their own.
    Nothing,
    /// Only credentials stand there.
    Secret,
}

impl<'a> Step<'a> {
    fn named(name: &'a str, value: Node<'a>) -> Self {
        let meaning = if ALWAYS.contains(&name) { Meaning::Secret } else { Meaning::Name(name) };
        Step { shown: name, meaning, doubt: None, value }
    }

    /// Whether the name is one of the elements of a list: `passwords` are, `secrets` and `ssh_keys` name some.
    fn is_of_items(&self) -> bool {
        match self.meaning {
            Meaning::Secret => true,
            Meaning::Name(name) => ["password", "passwords", "token", "tokens"].iter().any(|end| name.ends_with(end)),
            Meaning::Nothing => false,
        }
    }

    /// A value that another one names.
    fn named_by(shown: &'a str, name: Node<'a>, value: Node<'a>) -> Self {
        let meaning = name.str().known().map_or(Meaning::Nothing, Meaning::Name);
        Step { shown, meaning, doubt: name.str().unknown(), value }
    }

    fn secret(shown: &'a str, value: Node<'a>) -> Self {
        Step { shown, meaning: Meaning::Secret, doubt: None, value }
    }
}

struct Walk<'s, 'a, 'f, 'g> {
    detector: Detector<'s>,
    open: Vec<Step<'a>>,
    /// Whether an unknown value that nothing calls a credential was stated: once is enough.
    has_unknown: bool,
    findings: &'g mut Findings<'f>,
}

impl<'a> Walk<'_, 'a, '_, '_> {
    fn resource(&mut self, kind: &str, root: Node<'a>) {
        if let Some(unknown) = root.unknown() {
            self.findings.add(Finding::unknown(unknown));
        }
        for (argument, value) in root.known_members() {
            self.open.push(match (kind, argument) {
                ("aws_ecs_task_definition", "container_definitions") => continue,
                ("aws_ssm_parameter", "value" | "value_wo" | "insecure_value") => parameter(argument, root, value),
                _ if OF_TYPES.contains(&(kind, argument)) => Step::secret(argument, value),
                _ => Step::named(argument, value),
            });
        }
    }

    fn run(&mut self) {
        while let Some(step) = self.open.pop() {
            if is_list(step.value) {
                let items = step.value.list().known();
                let meaning = if step.is_of_items() { step.meaning } else { Meaning::Nothing };
                self.open.extend(items.map(|value| Step { meaning, value, ..step }));
                continue;
            }
            let alternatives = alternatives(step.value);
            if step.value.unknown().is_some() && alternatives.iter().any(|value| is_structure(*value)) {
                // What is in one of them may be there: the SDK makes its failures unknown.
                self.open.extend(alternatives.into_iter().map(|value| Step { value, ..step }));
                continue;
            }
            self.members(&step);
            if step.value.members().known().is_none() {
                self.state(&step);
            }
        }
    }

    /// The members of a block or an object. A `value` is called by the `name` or `key` beside it, and is one in a
    /// block `secret`.
    fn members(&mut self, of: &Step<'a>) {
        let beside = ["name", "key"].map(|member| of.value.get(member)).into_iter().find(|name| !name.is_absent());
        for (name, value) in of.value.known_members() {
            self.open.push(match (of.meaning, beside) {
                (Meaning::Secret, _) => Step::secret(name, value),
                _ if name == "value" && of.shown == "secret" => Step::secret("secret", value),
                (_, Some(beside)) if name == "value" => {
                    Step::named_by(beside.str().known().unwrap_or(name), beside, value)
                }
                // It is the name of a key pair.
                _ if name == KEY_PAIR => Step::named("name", value),
                _ => Step::named(name, value),
            });
        }
    }

    fn state(&mut self, step: &Step<'a>) {
        let said = self.said(step);
        let is_plain = match step.meaning {
            Meaning::Secret => false,
            Meaning::Name(name) => !self.detector.is_secret(name),
            Meaning::Nothing => true,
        };
        if matches!(said, Said::Unknown(_)) && is_plain {
            if self.has_unknown {
                return;
            }
            self.has_unknown = true;
        }
        said.state(self.findings);
    }

    fn said(&self, step: &Step<'a>) -> Said<'a> {
        if self.detector.is_allowed(step.shown) {
            return Said::Clean;
        }
        let said = Said::of(step.value, |value| self.value(step, value));
        match (said, step.doubt) {
            (Said::Clean, Some(doubt)) => {
                let secret = Step { meaning: Meaning::Secret, ..*step };
                match Said::of(step.value, |value| self.value(&secret, value)) {
                    Said::Clean => Said::Clean,
                    Said::Fails(_) | Said::Unknown(_) => Said::Unknown(Finding::unknown(doubt)),
                }
            }
            (said, _) => said,
        }
    }

    fn value(&self, step: &Step<'a>, value: Node<'a>) -> Said<'a> {
        match (value.str(), value.number()) {
            (Field::Known(text), _) => self.text(step, value, text),
            // Terraform makes a text of a number where it needs one.
            (_, Field::Known(number)) => self.text(step, value, number.0),
            (Field::Unknown(unknown), _) if !value.is_known() => self.unknown_text(step, value, unknown),
            _ => Said::Clean,
        }
    }

    fn text(&self, step: &Step<'a>, value: Node<'a>, text: &str) -> Said<'a> {
        // Scripts for machines may or must be encoded.
        let is_script =
            ["user_data", "user_data_base64", "custom_data", "metadata_startup_script"].contains(&step.shown);
        let decoded =
            if is_script { base64::decode(text).and_then(|bytes| String::from_utf8(bytes).ok()) } else { None };
        let text = decoded.as_deref().unwrap_or(text);
        if (is_script || text.contains('\n'))
            && let InText::Credential(line, evidence) = self.detector.in_text(text, Syntax::Unknown)
        {
            return Said::Fails(fail(step, value, &evidence, line.number));
        }
        let outcome = match step.meaning {
            Meaning::Secret => self.detector.of_secret_text(text, value),
            Meaning::Name(name) => self.detector.of_text(name, text, value),
            Meaning::Nothing => self.detector.of_text("", text, value),
        };
        said(step, value, outcome)
    }

    /// What is known later is not written in the files, unless a part of it is.
    fn unknown_text(&self, step: &Step<'a>, value: Node<'a>, unknown: Unknown<'a>) -> Said<'a> {
        match self.detector.outcome_of("", value) {
            Outcome::Credential(evidence @ (Evidence::Form(_) | Evidence::Inside(_))) => {
                Said::Fails(fail(step, value, &evidence, self.detector.line_in(value)))
            }
            _ if unknown.reference().is_some() || unknown.parts().is_some() => Said::Clean,
            _ => Said::Unknown(Finding::unknown(unknown)),
        }
    }
}

/// A parameter of Systems Manager: a secret by its type, else by its name.
fn parameter<'a>(argument: &'a str, root: Node<'a>, value: Node<'a>) -> Step<'a> {
    let kind = root.get("type").str();
    if let Field::Known("SecureString") = kind {
        return Step::secret(argument, value);
    }
    let step = Step::named_by(argument, root.get("name"), value);
    Step { doubt: kind.unknown().or(step.doubt), ..step }
}

/// Whether there is something in a value.
fn is_structure(value: Node<'_>) -> bool {
    is_list(value) || value.known_members().next().is_some()
}

/// A list, also one of which only some elements are known.
fn is_list(value: Node<'_>) -> bool {
    let is_partly = value
        .unknown()
        .and_then(Unknown::parts)
        .is_some_and(|mut parts| parts.any(|part| part.is_some_and(|part| part.str().known().is_none())));
    is_partly || (value.is_known() && value.list().rest().is_none())
}

fn said<'a>(step: &Step<'_>, value: Node<'a>, outcome: Outcome<'a>) -> Said<'a> {
    if let Some(unknown) = outcome.unknown() {
        return Said::Unknown(unknown);
    }
    match outcome {
        // What is known later is not written in the files.
        Outcome::Credential(Evidence::Flow(_)) => Said::Clean,
        Outcome::Credential(evidence) => Said::Fails(fail(step, value, &evidence, 1)),
        Outcome::Clean | Outcome::Unknown(_) | Outcome::Template(_) => Said::Clean,
    }
}

fn fail<'a>(step: &Step<'_>, value: Node<'a>, evidence: &Evidence, line: usize) -> Finding<'a> {
    evidence.fail(value).argument("name", step.shown).argument("line", line)
}
