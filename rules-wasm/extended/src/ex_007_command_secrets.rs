//! EX-007: no credentials as plain text in commands.

use verdikt_rules_shared::{CredentialSettings, Detector, Evidence, InText, Outcome, Said, Syntax};
use verdikt_sdk::{Container, Field, Finding, Findings, List, Node, Workload, rule};

rule! {
    /// # No credentials as plain text in commands
    ///
    /// What stands in a command is in the manifest, in its history, and in the list of processes of the node,
    /// where every other process may read it.
    ///
    /// ## What is checked
    ///
    /// The words of `command` and `args` of every container, in ECS of `entryPoint` and `command`, with the
    /// names and forms of `SE-001`: `--password=…` and `TOKEN=…` in one word, `--password` with its value in
    /// the next, and whatever has the form of a credential. Scripts (`sh -c`) are read like files. References such
    /// as `$(NAME)` pass. Short options, which mean something else in each program (`mysql -p…`), are not read.
    ///
    /// Words that only sound like a name of a credential are frequent in commands, so the rule is off by
    /// default. The credential is shown nowhere in the report.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       args: ["--db-password=example-only", "--api-token", "example-only"]
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "command": ["mysql", "--password=example-only"]}]}
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       args: ["--db-password=$(DB_PASSWORD)", "--api-token-file", "/run/secrets/token"]
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Change the credential, since it is known. Give the new one to the program as a file, or as a variable
    /// from a Secret that the command refers to with `$(NAME)`.
    ///
    /// ## References
    ///
    /// - [Kubernetes: distribute credentials using Secrets](https://kubernetes.io/docs/tasks/inject-data-application/distribute-credentials-secure/)
    /// - [Kubernetes: dependent variables](https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/)
    pub static RULE = {
        id: "EX-007",
        slug: "command-secrets",
        severity: High,
        enabled_by_default: false,
        targets: ["workload/*"],
        controls: [],
        extra: { "module": "extended" },
        settings: CredentialSettings,
        texts: {
            "en": {
                title: "No credentials as plain text in commands",
                remediation: "Change the credential, since it is known. Give it to the program as a file or as a variable from a Secret, which the command can refer to as `$(NAME)`.",
                messages: {
                    "by-name": "The command of container `{container}` holds a credential in plain text: the value of `{option}`, expected a reference such as `$(NAME)`.",
                    "literal-flow": "The command of container `{container}` holds a credential in plain text: it gets the value of `{source}`, expected a reference such as `$(NAME)`.",
                    "private-key": "The command of container `{container}` holds a credential in plain text: one of its words holds a private key, expected a reference such as `$(NAME)`.",
                    "token": "The command of container `{container}` holds a credential in plain text: one of its words holds a key or token of {issuer}, expected a reference such as `$(NAME)`.",
                    "web-token": "The command of container `{container}` holds a credential in plain text: one of its words holds a JSON Web Token, expected a reference such as `$(NAME)`.",
                    "header": "The command of container `{container}` holds a credential in plain text: one of its words holds the credentials of an HTTP header, expected a reference such as `$(NAME)`.",
                    "hash": "The command of container `{container}` holds a credential in plain text: one of its words holds the hash of a password, expected a reference such as `$(NAME)`.",
                    "sql": "The command of container `{container}` holds a credential in plain text: one of its words holds the password of an SQL user, expected a reference such as `$(NAME)`.",
                    "url": "The command of container `{container}` holds a credential in plain text: one of its words holds a URL with a password, expected a reference such as `$(NAME)`.",
                    "by-form": "The command of container `{container}` holds a credential in plain text: one of its words holds something of the form `{form}`, expected a reference such as `$(NAME)`.",
                    "inside": "The command of container `{container}` holds a credential in plain text: one of its words sets `{inner}`, expected a reference such as `$(NAME)`.",
                },
            },
            "de": {
                title: "Keine Zugangsdaten im Klartext in Befehlen",
                description: "Was in einem Befehl steht, steht im Manifest, in dessen Historie und in der Prozessliste des Knotens. Geprüft werden die Wörter der Befehle aller Container.",
                remediation: "Zugangsdaten ändern, denn sie sind bekannt. Dem Programm als Datei übergeben oder als Variable aus einem Secret, auf die der Befehl mit `$(NAME)` verweisen kann.",
                messages: {
                    "by-name": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: den Wert von `{option}`; erwartet wird ein Verweis wie `$(NAME)`.",
                    "literal-flow": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Er erhält den Wert von `{source}`; erwartet wird ein Verweis wie `$(NAME)`.",
                    "private-key": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter enthält einen privaten Schlüssel; erwartet wird ein Verweis wie `$(NAME)`.",
                    "token": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter enthält einen Schlüssel oder ein Token von {issuer}; erwartet wird ein Verweis wie `$(NAME)`.",
                    "web-token": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter enthält ein JSON Web Token; erwartet wird ein Verweis wie `$(NAME)`.",
                    "header": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter enthält Zugangsdaten eines HTTP-Headers; erwartet wird ein Verweis wie `$(NAME)`.",
                    "hash": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter enthält den Hash eines Passworts; erwartet wird ein Verweis wie `$(NAME)`.",
                    "sql": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter enthält das Passwort eines SQL-Benutzers; erwartet wird ein Verweis wie `$(NAME)`.",
                    "url": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter enthält eine URL mit Passwort; erwartet wird ein Verweis wie `$(NAME)`.",
                    "by-form": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter enthält etwas von der Form `{form}`; erwartet wird ein Verweis wie `$(NAME)`.",
                    "inside": "Der Befehl von Container `{container}` enthält Zugangsdaten im Klartext: Eines seiner Wörter setzt `{inner}`; erwartet wird ein Verweis wie `$(NAME)`.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &CredentialSettings, findings: &mut Findings<'_>) {
    let detector = settings.detector();
    for container in findings.every(workload.containers()) {
        judge_words(container, container.command(), &detector, findings);
        judge_words(container, container.args(), &detector, findings);
    }
}

fn judge_words<'a>(
    container: Container<'a>,
    words: List<'a, Node<'a>>,
    detector: &Detector<'_>,
    findings: &mut Findings<'_>,
) {
    // The option whose value the next word is; `Unknown` when that depends on the option.
    let mut option: Field<'a, &'a str> = Field::Absent;
    for word in findings.every(words) {
        let said = Said::of(word, |word| judge_word(container, word, option, detector));
        said.state(findings);
        option = match word.str() {
            Field::Known(text) if text.starts_with('-') && !text.contains('=') => Field::Known(text),
            Field::Known(_) | Field::Absent => Field::Absent,
            Field::Unknown(unknown) => Field::Unknown(unknown),
        };
    }
}

fn judge_word<'a>(
    container: Container<'a>,
    word: Node<'a>,
    option: Field<'a, &'a str>,
    detector: &Detector<'_>,
) -> Said<'a> {
    let fails = |evidence: &Evidence| {
        let finding = evidence.fail(word).argument("container", container.label());
        Said::Fails(finding.argument("option", option.known().unwrap_or_default()))
    };
    let said = |outcome: Outcome<'a>| match (&outcome, outcome.unknown()) {
        (Outcome::Credential(evidence), _) => fails(evidence),
        (_, Some(unknown)) => Said::Unknown(unknown),
        (_, None) => Said::Clean,
    };
    let text = match word.str() {
        Field::Known(text) => text,
        Field::Absent => return Said::Clean,
        Field::Unknown(_) => return said(detector.outcome_of("", word)),
    };
    match detector.in_text(text, Syntax::Unknown) {
        InText::Credential(_, evidence) => return fails(&evidence),
        InText::Template => return said(Outcome::Template(word)),
        InText::Clean => {}
    }
    // Another option is no value.
    let is_value = !text.starts_with('-');
    match option {
        Field::Known(option) if is_value => said(detector.by_name(option, text, word)),
        Field::Unknown(unknown) if is_value => match detector.of_secret_text(text, word) {
            Outcome::Clean => Said::Clean,
            _ => Said::Unknown(Finding::unknown(unknown)),
        },
        _ => Said::Clean,
    }
}
