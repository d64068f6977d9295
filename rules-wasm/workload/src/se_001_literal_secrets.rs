//! SE-001: no credentials as plain text in environment variables.

use verdikt_rules_shared::{CredentialSettings, Detector, Outcome};
use verdikt_sdk::{Container, EnvironmentVariable, Finding, Findings, Node, Workload, rule};

rule! {
    /// # No credentials as plain text in environment variables
    ///
    /// A password in a manifest lands in version control, in the database of the cluster, in the console
    /// of the cloud and in logs. Whoever can read one of them has it, and it stays in their history after
    /// it was changed.
    ///
    /// ## What is checked
    ///
    /// Every environment variable of every container: `env` of Kubernetes, `environment` of ECS. A
    /// variable that takes its value from a Secret (`valueFrom`, `secrets` of ECS) passes. Two things make
    /// a value a credential:
    ///
    /// - **Its name.** A word or words of the name are in `secret_name_patterns` (`DB_PASSWORD`,
    ///   `dbPassword` and `db.password` are the same words), and no word behind them says that the name is
    ///   about something else: `PASSWORD_FILE`, `SECRET_NAME` and `TOKEN_URL` hold no credential. The value
    ///   must be a literal: not empty, no reference, no path, no switch such as `true`, no way to authenticate
    ///   such as `ldap`, nothing that was taken out (`***`), no public key. Numbers, durations and the names of
    ///   hosts pass too, but not under the name of a password, where `123456` is one.
    /// - **Its form.** The value is or contains what `credential_value_patterns` describe: keys of AWS,
    ///   Google and others, private keys, tokens of GitHub, GitLab, Slack and others, JSON Web Tokens, hashes of
    ///   passwords, or a URL with a password. The name does not matter.
    /// - **A name inside of it.** The value sets the name of a credential: `password=…` in a connection string,
    ///   `"password": …` in JSON, `--password …` in options.
    ///
    /// The last two are found in Base64 as well. Only a whole reference excuses a value: `$(NAME)`, several of
    /// them (`$(USER):$(PASSWORD)`), or the reference of a store, such as an ARN, `vault:path#key` and
    /// `op://vault/item/field`. `prefix$(NAME)` and `arn:x` are literals. Names of Secrets (`EXISTING_SECRET`,
    /// `IMAGE_PULL_SECRET`, `TLS_SECRET`) and the cluster token of etcd are no credentials, and neither are keys and
    /// tokens that are built into what browsers get (`NEXT_PUBLIC_…`, `VITE_…`, `REACT_APP_…`).
    ///
    /// A placeholder that is filled in before the platform sees it (`${NAME}`, `{{ … }}`, `<name>`, `REPLACE_ME`,
    /// `your-token`) is unknown; with a default (`${NAME:-text}`) the default counts. A known default password
    /// such as `changeme` is a literal like any other: it works until somebody changes it.
    ///
    /// In Terraform and CloudFormation a value may be unknown and still certain to be a credential: the
    /// result of `random_password`, the string of a version of a secret, a `{{resolve:secretsmanager:…}}`.
    /// In `environment` it ends as plain text in the task definition, so the rule fails. Names, ARNs and
    /// addresses of other resources pass; any other unknown value is unknown, whatever its name, since it
    /// could have the form of a credential.
    ///
    /// A workload without environment variables passes with the reason `no-environment`. The value itself
    /// is shown nowhere in the report.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       env:
    ///         - name: DB_PASSWORD
    ///           value: example-only
    ///         - name: DATABASE_URL
    ///           value: postgres://shop:example-only@db/shop
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "environment": [{"name": "DB_PASSWORD", "value": "example-only"}]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family = "web"
    ///   container_definitions = jsonencode([{
    ///     name        = "app"
    ///     environment = [{ name = "DB_PASSWORD", value = random_password.db.result }]
    ///   }])
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       env:
    ///         - name: DB_PASSWORD
    ///           valueFrom:
    ///             secretKeyRef:
    ///               name: db
    ///               key: password
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "secrets": [
    ///   {"name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db"}
    /// ]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family = "web"
    ///   container_definitions = jsonencode([{
    ///     name    = "app"
    ///     secrets = [{ name = "DB_PASSWORD", valueFrom = aws_secretsmanager_secret.db.arn }]
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Change the credential: it is known to everybody who could read the file. Keep the new one in a
    /// Secret that a store fills (External Secrets Operator, Secrets Store CSI driver) and name it with
    /// `valueFrom.secretKeyRef`, or mount it as a file; in ECS name a secret of Secrets Manager or a
    /// parameter of Systems Manager in `secrets`. Where a name only sounds like one of a credential, add
    /// it to `allowed_names`, for some files only by an override of the configuration.
    ///
    /// ## References
    ///
    /// - [Kubernetes: distribute credentials using Secrets](https://kubernetes.io/docs/tasks/inject-data-application/distribute-credentials-secure/)
    /// - [ECS: pass sensitive data to a container](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html)
    /// - [CloudFormation: dynamic references](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html)
    pub static RULE = {
        id: "SE-001",
        slug: "literal-secrets",
        severity: Critical,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A8" => text, "bsi-sys-1-6-2022:SYS.1.6.A8" => title],
        aliases: ["trivy:AWS-0036"],
        extra: { "module": "secrets" },
        settings: CredentialSettings,
        texts: {
            "en": {
                title: "No credentials as plain text in environment variables",
                remediation: "Change the credential, since it is known. Kubernetes: take the value from a Secret with `valueFrom.secretKeyRef`, and let an external store fill the Secret. ECS: move the variable to `secrets`, with the ARN of a secret or a parameter as `valueFrom`.",
                messages: {
                    "by-name": "Container `{container}` has a credential in plain text: the environment variable `{variable}` has a literal value, expected a reference to a secret.",
                    "private-key": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` holds a private key, expected a reference to a secret.",
                    "token": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` holds a key or token of {issuer}, expected a reference to a secret.",
                    "web-token": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` holds a JSON Web Token, expected a reference to a secret.",
                    "header": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` holds the credentials of an HTTP header, expected a reference to a secret.",
                    "hash": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` holds the hash of a password, expected a reference to a secret.",
                    "sql": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` holds the password of an SQL user, expected a reference to a secret.",
                    "url": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` holds a URL with a password, expected a reference to a secret.",
                    "by-form": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` holds something of the form `{form}`, expected a reference to a secret.",
                    "inside": "Container `{container}` has a credential in plain text: the value of the environment variable `{variable}` sets `{inner}`, expected a reference to a secret.",
                    "literal-flow": "Container `{container}` has a credential in plain text: the environment variable `{variable}` gets the value of `{source}`, which ends readable in the workload's definition; expected a reference to a secret.",
                    "no-environment": "No container has environment variables.",
                },
            },
            "de": {
                title: "Keine Zugangsdaten im Klartext in Umgebungsvariablen",
                description: "Ein Passwort in einem Manifest gelangt in die Versionsverwaltung, in die Datenbank des Clusters und in Protokolle. Geprüft wird jede Umgebungsvariable jedes Containers: ihr Name (etwa `DB_PASSWORD`) zusammen mit einem literalen Wert, und unabhängig vom Namen die Form des Werts (etwa Schlüssel von AWS, private Schlüssel, Tokens, URLs mit Passwort). Der Wert selbst erscheint nirgends im Bericht.",
                remediation: "Zugangsdaten ändern, denn sie sind bekannt. Kubernetes: den Wert mit `valueFrom.secretKeyRef` aus einem Secret beziehen, das ein externer Speicher füllt. ECS: die Variable nach `secrets` verschieben, mit dem ARN eines Secrets oder Parameters als `valueFrom`.",
                messages: {
                    "by-name": "Container `{container}` enthält Zugangsdaten im Klartext: Die Umgebungsvariable `{variable}` hat einen literalen Wert, erwartet wird ein Verweis auf ein Secret.",
                    "private-key": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` enthält einen privaten Schlüssel; erwartet wird ein Verweis auf ein Secret.",
                    "token": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` enthält einen Schlüssel oder ein Token von {issuer}; erwartet wird ein Verweis auf ein Secret.",
                    "web-token": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` enthält ein JSON Web Token; erwartet wird ein Verweis auf ein Secret.",
                    "header": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` enthält Zugangsdaten eines HTTP-Headers; erwartet wird ein Verweis auf ein Secret.",
                    "hash": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` enthält den Hash eines Passworts; erwartet wird ein Verweis auf ein Secret.",
                    "sql": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` enthält das Passwort eines SQL-Benutzers; erwartet wird ein Verweis auf ein Secret.",
                    "url": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` enthält eine URL mit Passwort; erwartet wird ein Verweis auf ein Secret.",
                    "by-form": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` enthält etwas von der Form `{form}`; erwartet wird ein Verweis auf ein Secret.",
                    "inside": "Container `{container}` enthält Zugangsdaten im Klartext: Der Wert der Umgebungsvariable `{variable}` setzt `{inner}`; erwartet wird ein Verweis auf ein Secret.",
                    "literal-flow": "Container `{container}` enthält Zugangsdaten im Klartext: Die Umgebungsvariable `{variable}` erhält den Wert von `{source}`, der lesbar in der Definition des Workloads endet; erwartet wird ein Verweis auf ein Secret.",
                    "no-environment": "Kein Container hat Umgebungsvariablen.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &CredentialSettings, findings: &mut Findings<'_>) {
    let detector = settings.detector();
    let mut has_environment = false;
    for container in findings.every(workload.containers()) {
        has_environment |= container.env_from().known().next().is_some();
        for variable in findings.every(container.env()) {
            has_environment = true;
            judge_variable(container, variable, &detector, findings);
        }
    }
    if !has_environment && findings.is_empty() {
        findings.add(Finding::pass(workload, "no-environment"));
    }
}

fn judge_variable<'a>(
    container: Container<'a>,
    variable: EnvironmentVariable<'a>,
    detector: &Detector<'_>,
    findings: &mut Findings<'_>,
) {
    let value = variable.value().node();
    let outcome = detector.outcome(variable.name().node(), value);
    if let Outcome::Credential(evidence) = &outcome {
        let finding = evidence.fail(value);
        findings.add(finding.argument("container", container.label()).argument("variable", label(variable)));
    } else if let Some(finding) = outcome.unknown() {
        // A number under the name of a password is one, though the platform refuses it.
        let is_written = matches!(&outcome, Outcome::Unknown(unknown) if unknown.reference().is_none());
        let is_secret = variable.name().read().known().is_some_and(|name| detector.is_secret(name));
        findings.add(if is_written && is_secret { finding.sensitive() } else { finding });
    }
}

/// The variable's name, or where it stands when that is not known.
fn label(variable: EnvironmentVariable<'_>) -> String {
    let name = variable.name().read().known();
    name.map_or_else(|| Node::from(variable).pointer(), str::to_owned)
}
