//! WL-013: one service per container.

use std::collections::BTreeSet;

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Node, Port, Strings, Unknown, Value, Workload, rule};

use crate::command::{SHELLS, Word, Words, commands, decide, is_named};

rule! {
    /// # One service per container
    ///
    /// Each service in a container needs its own rights, and the container has to have all of them: more
    /// capabilities, wider profiles, more open ports. When one service is taken over, so are the others;
    /// when one hangs, nobody restarts it.
    ///
    /// ## What is checked
    ///
    /// Every container but init containers, in two ways.
    ///
    /// - **Ports**: more than one port number fails. Ports by the names in `auxiliary_port_names` are left
    ///   out, and a number that stands there twice, for TCP and UDP, counts once. A range of ports of ECS
    ///   counts as several.
    /// - **Supervisors**: a container that is started by `supervisord`, `s6-svscan`, `runit`, `runsvdir`,
    ///   `systemd` or `init` fails. It is found as the first word of `command` or `args` (ECS: `entryPoint`
    ///   or `command`), behind `env`, `tini` and the like, and in the script of a shell.
    ///
    /// Kubernetes does not ask for ports to be stated, and what an image starts by itself is not seen. So
    /// a pass is a good sign, no proof.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       ports:
    ///         - {name: http, containerPort: 8080}
    ///         - {name: smtp, containerPort: 2525}
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "portMappings": [{"containerPort": 8080}, {"containerPort": 2525}]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family = "web"
    ///   container_definitions = jsonencode([{
    ///     name         = "app"
    ///     portMappings = [{ containerPort = 8080 }, { containerPort = 2525 }]
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
    ///       ports:
    ///         - {name: http, containerPort: 8080}
    ///         - {name: metrics, containerPort: 9090}
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "portMappings": [{"containerPort": 8080}]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family = "web"
    ///   container_definitions = jsonencode([{
    ///     name         = "app"
    ///     portMappings = [{ containerPort = 8080 }]
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Give each service a container. Helpers that have to be near go into the same pod or task, as sidecars.
    /// Where one program has two ports on purpose, name the second after what it is for and add the name to
    /// `auxiliary_port_names`.
    ///
    /// ## References
    ///
    /// - [Kubernetes: pods with several containers](https://kubernetes.io/docs/concepts/workloads/pods/#how-pods-manage-multiple-containers)
    /// - [Docker: several processes in a container](https://docs.docker.com/engine/containers/multi-service_container/)
    /// - [ECS: PortMapping](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html)
    pub static RULE = {
        id: "WL-013",
        slug: "one-service-per-container",
        severity: Low,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-2022:SYS.1.6.A11" => text],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Names of ports that belong to the operation of a service and are none of their own.
            auxiliary_port_names: Strings = ["metrics", "health", "healthz", "probe"],
        },
        texts: {
            "en": {
                title: "One service per container",
                remediation: "Split the container; move helpers into sidecars.",
                messages: {
                    "several-ports": "Container `{container}` has several service ports ({ports}), expected one.",
                    "supervisor": "Container `{container}` is started by `{program}`, which runs several services, expected one program.",
                    "heuristic": "No container states several services; ports and programs that only the image knows are not seen.",
                },
            },
            "de": {
                title: "Nur ein Dienst pro Container",
                description: "Mehrere Dienste in einem Container brauchen zusammen mehr Rechte und fallen gemeinsam. Geprüft wird bei jedem Container außer Init-Containern, ob er mehr als einen Dienst-Port angibt (ohne die Namen in `auxiliary_port_names`) und ob sein Befehl einen Supervisor wie `supervisord`, `runit` oder `systemd` startet.",
                remediation: "Den Container aufteilen; Hilfsprogramme in Sidecars verlegen.",
                messages: {
                    "several-ports": "Container `{container}` hat mehrere Dienst-Ports ({ports}), erwartet wird einer.",
                    "supervisor": "Container `{container}` wird von `{program}` gestartet, das mehrere Dienste ausführt; erwartet wird ein einziges Programm.",
                    "heuristic": "Kein Container gibt mehrere Dienste an; Ports und Programme, die nur das Image kennt, sind nicht zu sehen.",
                },
            },
        },
        document: judge,
    };
}

/// Programs whose work is to start several others.
const SUPERVISORS: [&str; 6] = ["supervisord", "s6-svscan", "runit", "runsvdir", "systemd", "init"];

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    for container in findings.every(workload.containers()) {
        let is_init = container.role().fails_if(|role| role == Some("init"));
        if matches!(is_init, Decision::Fail) {
            continue;
        }
        // An init container by a policy that is not known would be left out.
        let settled = |decision| match (decision, is_init) {
            (Decision::Fail, Decision::Unknown(unknown)) => Decision::Unknown(unknown),
            (decision, _) => decision,
        };
        let ports = Ports::of(container, &settings.auxiliary_port_names);
        findings.settle(settled(ports.decision()), || {
            Finding::fail(ports.at.unwrap_or(container.ports().node()), "several-ports")
                .argument("container", container.label())
                .argument("ports", ports.shown.join(", "))
        });
        findings.settle(settled(is_supervised(container)), || {
            let (at, program) = match Words::of_container(container).program() {
                Word::Known(word, _) => (word, word.str().known()),
                Word::End | Word::Unknown(_) => (container.command().node(), None),
            };
            Finding::fail(at, "supervisor")
                .argument("container", container.label())
                .argument("program", program.unwrap_or("…"))
        });
    }
    if findings.is_empty() {
        findings.add(Finding::pass(workload, "heuristic"));
    }
}

/// The ports of a container that are services of their own.
#[derive(Default)]
struct Ports<'a> {
    /// The numbers that are certain.
    numbers: BTreeSet<i64>,
    /// Whether a range alone has several.
    has_range: bool,
    /// How many there may be beyond those, each of one number, and what keeps them from being known.
    possible: usize,
    unknown: Option<Unknown<'a>>,
    /// Whether there may be any number more.
    is_open: bool,
    /// For the message.
    shown: Vec<String>,
    /// The first that is too many.
    at: Option<Node<'a>>,
}

impl<'a> Ports<'a> {
    fn of(container: Container<'a>, auxiliary: &Strings) -> Ports<'a> {
        let list = container.ports();
        let mut ports = Ports { is_open: list.rest().is_some(), unknown: list.rest(), ..Ports::default() };
        for port in list.known() {
            ports.add(port, auxiliary);
        }
        ports
    }

    fn add(&mut self, port: Port<'a>, auxiliary: &Strings) {
        let counts = port.name().fails_if(|name| !name.is_some_and(|name| auxiliary.contains(name)));
        let name_unknown = match counts {
            Decision::Pass => return,
            Decision::Fail => None,
            Decision::Unknown(unknown) => Some(unknown),
        };
        let (number, range) = (port.container_port(), port.container_port_range());
        let certain = match range.read() {
            Field::Absent => number.node().agreed(|number| number.integer().known()).flatten(),
            Field::Known(range) => only_port(range),
            Field::Unknown(_) => None,
        };
        match (certain, range.read(), name_unknown) {
            (Some(certain), _, None) => {
                if self.numbers.insert(certain) {
                    self.shown.push(certain.to_string());
                    self.mark(if number.read().is_absent() { range.node() } else { number.node() });
                }
            }
            (None, Field::Known(several), None) => {
                self.has_range = true;
                self.shown.push(several.to_owned());
                self.mark(range.node());
            }
            // Another of the same number would change nothing.
            (Some(certain), _, Some(_)) if self.numbers.contains(&certain) => {}
            (None, Field::Absent, None) if number.read().is_absent() => {}
            (certain, read, name_unknown) => {
                self.possible += 1;
                self.is_open |= certain.is_none() && !read.is_absent();
                let unknown = name_unknown.or(range.read().unknown()).or(number.read().unknown());
                self.unknown = self.unknown.or(unknown);
            }
        }
    }

    /// Remembers where it became too many.
    fn mark(&mut self, at: Node<'a>) {
        if self.are_several() {
            self.at = self.at.or(Some(at));
        }
    }

    fn are_several(&self) -> bool {
        self.numbers.len() > 1 || self.has_range
    }

    fn decision(&self) -> Decision<'a> {
        if self.are_several() {
            return Decision::Fail;
        }
        match self.unknown {
            Some(unknown) if self.is_open || self.numbers.len() + self.possible > 1 => Decision::Unknown(unknown),
            _ => Decision::Pass,
        }
    }
}

/// The port of a range, such as `8000-8000`, that has only one.
fn only_port(range: &str) -> Option<i64> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    (first.trim() == last.trim()).then(|| first.trim().parse().ok()).flatten()
}

fn is_supervised(container: Container<'_>) -> Decision<'_> {
    decide(container, |words| match words.program() {
        Word::End => Decision::Pass,
        Word::Unknown(unknown) => Decision::Unknown(unknown),
        Word::Known(word, place) => word.decide(|word| {
            let word: Value<'_, &str> = word.into();
            let named = |names: &'static [&'static str]| {
                word.fails_if_text(|word| word.map_or(Some(false), |word| is_named(word, names)))
            };
            match named(&SHELLS) {
                Decision::Fail => match words.script(place) {
                    Word::End => Decision::Pass,
                    Word::Unknown(unknown) => Decision::Unknown(unknown),
                    Word::Known(script, _) => {
                        Value::from(script).fails_if(|script: Option<&str>| script.is_some_and(runs_supervisor))
                    }
                },
                decision => named(&SUPERVISORS).and(decision),
            }
        }),
    })
}

fn runs_supervisor(script: &str) -> bool {
    commands(script).any(|command| SUPERVISORS.contains(&command.rsplit('/').next().unwrap_or(command)))
}
