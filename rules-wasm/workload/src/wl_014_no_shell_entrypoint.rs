//! WL-014: the start command is not a shell.

use verdikt_sdk::{Decision, Finding, Findings, Workload, rule};

use crate::command::{Found, SHELLS, Words, is_stated, runs};

rule! {
    /// # The start command is not a shell
    ///
    /// A shell that starts a program stays its parent: it swallows the signals of a stop, it makes every
    /// variable in its command line code, and it has to be in the image, where an intruder finds it.
    ///
    /// ## What is checked
    ///
    /// The program that starts each container: the first word of `command`, or of `args` where there is no
    /// command; in ECS `entryPoint` and `command`. `env` (also with `-S`), `tini`, `dumb-init`, `busybox`,
    /// `sudo`, `gosu`, `nice`, `timeout`, `nsenter` and the like only start another program, so what they
    /// start counts.
    ///
    /// - Shells fail, by whatever path: `sh`, `bash`, `ash`, `dash`, `zsh`, `ksh`, `fish`, `csh` and their
    ///   relatives, `cmd`, `powershell` and `pwsh`, and `su`, which starts the shell of a user. What they
    ///   run changes nothing, not even `exec`.
    /// - Any other program passes. What a script of its own (`/start.sh`) is run by is not seen.
    /// - A container that does not say what it runs, or only arguments of what its image runs, says nothing
    ///   about it. When no container does, the rule does not apply.
    ///
    /// Init containers are left out, unless the parameter `include_init` is set.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       command: [sh, -c, python3 app.py]
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "entryPoint": ["sh", "-c"], "command": ["python3 app.py"]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family = "web"
    ///   container_definitions = jsonencode([{
    ///     name       = "app"
    ///     entryPoint = ["sh", "-c"]
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
    ///       command: [python3, app.py]
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "entryPoint": ["python3", "app.py"]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family = "web"
    ///   container_definitions = jsonencode([{
    ///     name       = "app"
    ///     entryPoint = ["python3", "app.py"]
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Call the program itself, each argument a string of its own. Kubernetes puts variables into
    /// arguments without a shell: `$(NAME)`. What a script prepares belongs into the image or into an
    /// init container.
    ///
    /// ## References
    ///
    /// - [Kubernetes: command and arguments](https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    /// - [Docker: shell and exec form](https://docs.docker.com/reference/dockerfile/#shell-and-exec-form)
    pub static RULE = {
        id: "WL-014",
        slug: "no-shell-entrypoint",
        severity: Low,
        targets: ["workload/*"],
        controls: [],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Whether init containers are judged too.
            include_init: bool = false,
        },
        texts: {
            "en": {
                title: "The start command is not a shell",
                remediation: "Call the program directly, each argument a string of its own.",
                messages: {
                    "shell": "Container `{container}` is started by a shell: `{program}`, expected the program itself.",
                    "image-decides": "The rule does not apply: no container states a command, so the images decide.",
                },
            },
            "de": {
                title: "Der Startbefehl ist keine Shell",
                description: "Eine Shell als Startbefehl reicht Signale nicht weiter, macht Variablen in der Befehlszeile zu Code und muss im Image vorhanden sein. Geprüft wird das Programm, das jeden Container startet: das erste Wort von `command` oder ersatzweise `args`, in ECS von `entryPoint` oder `command`. Init-Container zählen nur mit `include_init`.",
                remediation: "Das Programm direkt aufrufen und jedes Argument als eigene Zeichenkette angeben.",
                messages: {
                    "shell": "Container `{container}` wird von einer Shell gestartet: `{program}`, erwartet wird das Programm selbst.",
                    "image-decides": "Die Regel ist nicht anwendbar: Kein Container gibt einen Befehl an, also entscheiden die Images.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let mut is_any_stated = false;
    for container in findings.every(workload.containers()) {
        let is_init = container.role().fails_if(|role| role == Some("init"));
        if matches!(is_init, Decision::Fail) && !settings.include_init {
            continue;
        }
        is_any_stated |= is_stated(container.command());
        let decision = match (runs(container, &SHELLS), is_init) {
            (Decision::Fail, Decision::Unknown(unknown)) if !settings.include_init => Decision::Unknown(unknown),
            (decision, _) => decision,
        };
        findings.settle(decision, || {
            let (at, program) = match Words::of_container(container).program() {
                Found::Word(word) => (word.node(), word.text()),
                Found::End | Found::Unknown(_) => (container.command().node(), None),
            };
            Finding::fail(at, "shell")
                .argument("container", container.label())
                .argument("program", program.unwrap_or("…"))
        });
    }
    if !is_any_stated && findings.is_empty() {
        findings.add(Finding::not_applicable(workload, "image-decides"));
    }
}
