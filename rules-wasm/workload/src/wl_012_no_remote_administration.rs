//! WL-012: no administrative remote access into containers.

use verdikt_sdk::{Container, Decision, Document, Field, Finding, Findings, Port, Value, Workload, rule};

use crate::command::{Found, Words, is_stated, runs};
use crate::production::ProductionSelector;
use crate::terraform::is_true;

rule! {
    /// # No administrative remote access into containers
    ///
    /// A container that somebody has logged in to is not the image any more, and nobody knows what was done
    /// to it. A way in for administrators is a way in for intruders as well, and it needs a shell in
    /// the image.
    ///
    /// ## What is checked
    ///
    /// Signs of such a way in, each of which fails:
    ///
    /// - Kubernetes: an ephemeral container, which exists to debug; `stdin` and `tty` together in a
    ///   Deployment, a StatefulSet, a DaemonSet or another kind that runs services (ReplicaSet,
    ///   ReplicationController, DeploymentConfig of OpenShift, Rollout of Argo), an interactive terminal that
    ///   nobody sits at.
    /// - ECS: `interactive` and `pseudoTerminal` together; `enable_execute_command` of a Terraform
    ///   `aws_ecs_service`, by which ECS Exec opens a shell.
    /// - Both: the container port 22, also within a range of ports, and a port named `ssh` or `sshd`,
    ///   also behind a protocol (`tcp-ssh`); a command that runs a server to log in to: `sshd`, `dropbear`,
    ///   `telnetd`, `ttyd` and their like.
    ///
    /// With `production_selector` only the workloads that it chooses are judged. Whether people use
    /// `kubectl exec` is a question of their rights and of the operation, not of the manifest.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       stdin: true
    ///       tty: true
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "interactive": true, "pseudoTerminal": true}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "web" {
    ///   name                   = "web"
    ///   enable_execute_command = true
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       ports:
    ///         - containerPort: 8080
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "portMappings": [{"containerPort": 8080}]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "web" {
    ///   name = "web"
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the SSH server, the terminal and ECS Exec from what runs in production, and look for faults
    /// in logs, metrics and an environment of its own.
    ///
    /// ## References
    ///
    /// - [Kubernetes: ephemeral containers](https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    /// - [ECS Exec](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html)
    pub static RULE = {
        id: "WL-012",
        slug: "no-remote-administration",
        severity: High,
        targets: ["workload/*", "terraform/aws_ecs_service"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A16" => text, "bsi-sys-1-6-2022:SYS.1.6.A16" => text],
        aliases: ["kube-linter:ssh-port@ports"],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Which workloads count as production, and are judged: `namespace=PATTERN` or
            /// `label:NAME=PATTERN` (ECS: a tag), with `*` and `?`. All, when empty.
            production_selector: ProductionSelector = [],
        },
        texts: {
            "en": {
                title: "No administrative remote access into containers",
                remediation: "Remove SSH, the terminal and ECS Exec from production; debug in a separate environment.",
                messages: {
                    "ephemeral": "Container `{container}` is ephemeral, made to debug in the running pod, expected none in a manifest.",
                    "ssh-port": "Container `{container}` opens port {port} for SSH, expected no remote login.",
                    "login-server": "Container `{container}` runs `{program}`, a server to log in to, expected no remote login.",
                    "terminal": "Container `{container}` waits at an interactive terminal: `stdin` and `tty` are both true, expected neither.",
                    "task-terminal": "Container `{container}` waits at an interactive terminal: `interactive` and `pseudoTerminal` are both true, expected neither.",
                    "execute-command": "ECS Exec opens a shell in the containers of the service: `enable_execute_command` is true, expected false.",
                    "not-production": "The rule does not apply: `production_selector` does not choose this one.",
                    "no-namespace": "Whether `production_selector` chooses the workload is not known: its namespace is only decided at deployment.",
                },
            },
            "de": {
                title: "Kein administrativer Fernzugriff in Container",
                description: "Ein Container, in dem sich jemand angemeldet hat, entspricht nicht mehr seinem Image, und der Zugang steht auch Angreifern offen. Als Anzeichen gelten ephemere Container, Port 22 oder ein Port namens `ssh`, ein Server zum Anmelden als Programm (`sshd`), ein interaktives Terminal (`stdin` mit `tty`, in ECS `interactive` mit `pseudoTerminal`) und ECS Exec (`enable_execute_command`).",
                remediation: "SSH, Terminal und ECS Exec aus der Produktion entfernen; Fehler in einer eigenen Umgebung suchen.",
                messages: {
                    "ephemeral": "Container `{container}` ist ephemer und dient der Fehlersuche im laufenden Pod; im Manifest wird keiner erwartet.",
                    "ssh-port": "Container `{container}` öffnet Port {port} für SSH, erwartet wird kein Fernzugang.",
                    "login-server": "Container `{container}` startet `{program}`, einen Server zum Anmelden; erwartet wird kein Fernzugang.",
                    "terminal": "Container `{container}` wartet an einem interaktiven Terminal: `stdin` und `tty` sind beide true, erwartet wird keines von beiden.",
                    "task-terminal": "Container `{container}` wartet an einem interaktiven Terminal: `interactive` und `pseudoTerminal` sind beide true, erwartet wird keines von beiden.",
                    "execute-command": "ECS Exec öffnet eine Shell in den Containern des Service: `enable_execute_command` ist true, erwartet wird false.",
                    "not-production": "Die Regel ist nicht anwendbar: `production_selector` wählt das Dokument nicht aus.",
                    "no-namespace": "Ob `production_selector` den Workload auswählt, ist nicht bekannt: Der Namespace wird erst beim Deployment festgelegt.",
                },
            },
        },
        document: judge,
    };
}

/// The kinds of Kubernetes, and of what is built on it, that run services, at whose terminals nobody sits.
const SERVICES: [&str; 7] =
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout"];

fn judge(document: &Document, settings: &Settings, findings: &mut Findings<'_>) {
    if document.envelope().platform == "terraform" {
        let (service, tags) = (document.root(), document.root().get("tags"));
        if settings.production_selector.chooses_by(service, None, tags, findings) {
            let enabled = service.get("enable_execute_command");
            findings.settle(is_true(enabled), || Finding::fail(enabled, "execute-command"));
        }
        return;
    }
    let workload = Workload::from(document);
    if !settings.production_selector.chooses(workload, findings) {
        return;
    }
    for container in findings.every(workload.containers()) {
        // One statement for a container of which nothing is known, not one for each sign.
        if let Some(unknown) = container.node().unknown() {
            findings.add(Finding::unknown(unknown));
            continue;
        }
        judge_container(workload, container, findings);
    }
}

fn judge_container(workload: Workload<'_>, container: Container<'_>, findings: &mut Findings<'_>) {
    if container.role().read().known() == Some("ephemeral") {
        findings.add(Finding::fail(container, "ephemeral").argument("container", container.label()));
    }
    for port in findings.every(container.ports()) {
        findings.settle(is_for_ssh(port), || {
            let (number, range) = (port.container_port(), port.container_port_range());
            let shown = match (number.read(), range.read()) {
                (Field::Known(number), _) => number.to_string(),
                (_, Field::Known(range)) => range.to_owned(),
                _ => "…".to_owned(),
            };
            let at = match (is_ssh(number), includes_ssh(range)) {
                (Decision::Fail, _) => number.node(),
                (_, Decision::Fail) => range.node(),
                _ => port.name().node(),
            };
            Finding::fail(at, "ssh-port").argument("container", container.label()).argument("port", shown)
        });
    }
    findings.settle(runs(container, &LOGIN_SERVERS), || {
        let program = Words::of_container(container).program();
        let name = if let Found::Word(word) = program { word.text() } else { None };
        let at = if is_stated(container.command()) { container.command().node() } else { container.args().node() };
        Finding::fail(at, "login-server")
            .argument("container", container.label())
            .argument("program", name.unwrap_or("…"))
    });
    let is_service = workload.kind().read().known().is_some_and(|kind| SERVICES.contains(&kind));
    if workload.is_ecs() || is_service {
        let (stdin, tty) = (container.stdin(), container.tty());
        let decision = stdin.fails_if(|open| open == Some(true)).or(tty.fails_if(|open| open == Some(true)));
        findings.settle(decision, || {
            let code = if workload.is_ecs() { "task-terminal" } else { "terminal" };
            Finding::fail(tty, code).argument("container", container.label())
        });
    }
}

const SSH: i64 = 22;

/// Programs that let people log in, or give them a terminal in a browser.
const LOGIN_SERVERS: [&str; 9] =
    ["sshd", "dropbear", "tinysshd", "telnetd", "in.telnetd", "utelnetd", "ttyd", "gotty", "shellinaboxd"];

fn is_for_ssh(port: Port<'_>) -> Decision<'_> {
    // The protocol may stand before the name: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
    let is_ssh_name = |name: &str| matches!(name.rsplit('-').next(), Some("ssh" | "sshd"));
    let by_name = port.name().fails_if(|name| name.is_some_and(is_ssh_name));
    is_ssh(port.container_port()).and(includes_ssh(port.container_port_range())).and(by_name)
}

fn is_ssh(number: Value<'_, i64>) -> Decision<'_> {
    number.fails_if(|number| number == Some(SSH))
}

fn includes_ssh<'a>(range: Value<'a, &'a str>) -> Decision<'a> {
    range.fails_if(|range| {
        let (first, last) = range.and_then(|range| range.split_once('-')).unwrap_or((range.unwrap_or(""), ""));
        let number = |text: &str| text.trim().parse::<i64>().ok();
        let (first, last) = (number(first), number(last).or(number(first)));
        first.zip(last).is_some_and(|(first, last)| (first..=last).contains(&SSH))
    })
}
