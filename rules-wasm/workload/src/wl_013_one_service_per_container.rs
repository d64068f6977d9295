//! WL-013: one service per container.

use std::collections::BTreeMap;

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Node, Port, Strings, Unknown, Workload, rule};

use crate::command::{Found, SHELLS, Word, Words, decide};
use crate::script::commands;

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
    /// - **Ports**: more than one port number fails. Left out are ports whose name is one of
    ///   `auxiliary_port_names` or has one as a part (`http-metrics`), and the port that the annotation
    ///   `prometheus.io/port` names. HTTP and HTTPS of one server are one service: 80 or 8080 beside 443 or
    ///   8443, or a port named `http` or `web` beside one named `https` or `websecure`. A number that stands
    ///   there twice, for TCP and UDP, counts once. A range of ports of ECS counts as several.
    /// - **Supervisors**: a container that is started by `supervisord`, `s6-svscan`, `runit`, `runsvdir`,
    ///   `systemd`, `init`, `monit`, `foreman` or a relative fails. It is found as the first word of
    ///   `command` or `args` (ECS: `entryPoint` or `command`), behind `env`, `tini`, `gosu` and the like, as
    ///   the script or module of an interpreter (`python -m supervisor.supervisord`), and in the script of a
    ///   shell.
    /// - **Scripts**: a script of a shell that leaves a program in the background and starts another fails
    ///   (`worker & exec web`). Waiting, sleeping, printing and the like are no programs in this sense.
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
            /// Names of ports, or parts of names between hyphens, that belong to the operation of a service
            /// and are none of their own.
            auxiliary_port_names: Strings =
                ["metrics", "health", "healthz", "probe", "admin", "management", "prometheus"],
        },
        texts: {
            "en": {
                title: "One service per container",
                remediation: "Split the container; move helpers into sidecars.",
                messages: {
                    "several-ports": "Container `{container}` has several service ports ({ports}), expected one.",
                    "supervisor": "Container `{container}` is started by `{program}`, which runs several services, expected one program.",
                    "several-programs": "Container `{container}` is started by a script that runs several programs side by side ({programs}), expected one.",
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
                    "several-programs": "Container `{container}` wird von einem Skript gestartet, das mehrere Programme nebeneinander ausführt ({programs}); erwartet wird ein einziges.",
                    "heuristic": "Kein Container gibt mehrere Dienste an; Ports und Programme, die nur das Image kennt, sind nicht zu sehen.",
                },
            },
        },
        document: judge,
    };
}

/// Programs whose work is to start several others.
const SUPERVISORS: [&str; 20] = [
    "circusd",
    "dinit",
    "foreman",
    "goreman",
    "hivemind",
    "honcho",
    "horust",
    "init",
    "monit",
    "multirun",
    "my_init",
    "openrc-init",
    "overmind",
    "runit",
    "runit-init",
    "runsvdir",
    "runsvinit",
    "s6-svscan",
    "supervisord",
    "systemd",
];
/// Programs that run the script that their arguments name. Versions may follow the name.
const INTERPRETERS: [&str; 4] = ["node", "perl", "python", "ruby"];
/// What a script does beside the program that it is for: it waits, prepares or tells.
const PASSING: [&str; 31] = [
    ":", "cat", "cd", "chmod", "chown", "cp", "curl", "date", "disown", "echo", "esac", "exit", "false", "fg", "fi",
    "jobs", "kill", "ln", "mkdir", "mv", "printf", "rm", "set", "sleep", "tail", "test", "touch", "trap", "true",
    "wait", "wget",
];

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
        let ports = Ports::of(workload, container, &settings.auxiliary_port_names);
        findings.settle(settled(ports.decision()), || {
            Finding::fail(ports.at.unwrap_or(container.ports().node()), "several-ports")
                .argument("container", container.label())
                .argument("ports", ports.shown.join(", "))
        });
        findings.settle(settled(runs_several(container)), || {
            let finding = match several(&Words::of_container(container)) {
                Ok(Some(Several::Programs(at, programs))) => {
                    Finding::fail(at, "several-programs").argument("programs", programs.join(", "))
                }
                Ok(Some(Several::Supervisor(at, program))) => {
                    Finding::fail(at, "supervisor").argument("program", program)
                }
                Ok(None) | Err(_) => Finding::fail(container.command(), "supervisor").argument("program", "…"),
            };
            finding.argument("container", container.label())
        });
    }
    if findings.is_empty() {
        findings.add(Finding::pass(workload, "heuristic"));
    }
}

/// The ports of a container that are services of their own.
#[derive(Default)]
struct Ports<'a> {
    /// The numbers that are certain, and which of them are the web.
    numbers: BTreeMap<i64, Option<Web>>,
    /// Whether a range alone has several.
    has_range: bool,
    /// How many there may be beyond those, each of one number, and what keeps them from being known.
    possible: usize,
    unknown: Option<Unknown<'a>>,
    /// Whether there may be any number more.
    is_open: bool,
    /// The port that metrics are read from, by an annotation of the pod.
    scraped: Option<i64>,
    scraped_unknown: Option<Unknown<'a>>,
    /// For the message.
    shown: Vec<String>,
    /// The first that is too many.
    at: Option<Node<'a>>,
}

/// Which half of a web server a port is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Web {
    Plain,
    Secure,
}

impl Web {
    fn of(number: i64, name: Option<&str>) -> Option<Web> {
        match (name, number) {
            (Some("http" | "web"), _) | (_, 80 | 8080) => Some(Web::Plain),
            (Some("https" | "websecure"), _) | (_, 443 | 8443) => Some(Web::Secure),
            _ => None,
        }
    }
}

impl<'a> Ports<'a> {
    fn of(workload: Workload<'a>, container: Container<'a>, auxiliary: &Strings) -> Ports<'a> {
        let list = container.ports();
        // What Prometheus is usually told to read.
        let scraped = workload.annotations().get("prometheus.io/port").str();
        let mut ports = Ports {
            is_open: list.rest().is_some(),
            unknown: list.rest(),
            scraped: scraped.known().and_then(|port| port.trim().parse().ok()),
            scraped_unknown: scraped.unknown(),
            ..Ports::default()
        };
        for port in list.known() {
            ports.add(port, auxiliary);
        }
        ports
    }

    fn add(&mut self, port: Port<'a>, auxiliary: &Strings) {
        let is_auxiliary =
            |name: &str| auxiliary.contains(name) || name.split('-').any(|part| auxiliary.contains(part));
        let counts = port.name().fails_if(|name| !name.is_some_and(is_auxiliary));
        let name_unknown = match counts {
            Decision::Pass => return,
            Decision::Fail => None,
            Decision::Unknown(unknown) => Some(unknown),
        };
        let (number, range) = (port.container_port(), port.container_port_range());
        let certain: Option<i64> = match range.read() {
            Field::Absent => number.node().agreed(|number| number.integer().known()).flatten(),
            Field::Known(range) => only_port(range),
            Field::Unknown(_) => None,
        };
        let web = certain.and_then(|certain| port.name().node().agreed(|name| Web::of(certain, name.str().known())));
        // A name that is one of several may be one half of a web server or not.
        let name_unknown = name_unknown.or_else(|| port.name().read().unknown().filter(|_| web.is_none()));
        match (certain, range.read(), name_unknown) {
            (Some(certain), ..) if self.scraped == Some(certain) => {}
            (Some(certain), _, None) => {
                if self.numbers.insert(certain, web.flatten()).is_none() {
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
            (Some(certain), _, Some(_)) if self.numbers.contains_key(&certain) => {}
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
        if self.are_several(None) {
            self.at = self.at.or(Some(at));
        }
    }

    /// Whether there are several services, apart from the one of a port.
    fn are_several(&self, apart_from: Option<i64>) -> bool {
        let counted = || self.numbers.iter().filter(|(number, _)| Some(**number) != apart_from).map(|(_, web)| *web);
        let has = |wanted| counted().any(|web| web == Some(wanted));
        let one_server = usize::from(has(Web::Plain) && has(Web::Secure));
        counted().count() - one_server > 1 || self.has_range
    }

    fn decision(&self) -> Decision<'a> {
        if self.are_several(None) {
            let may_be_scraped = || self.numbers.keys().any(|number| !self.are_several(Some(*number)));
            return match self.scraped_unknown {
                Some(unknown) if may_be_scraped() => Decision::Unknown(unknown),
                _ => Decision::Fail,
            };
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

/// How a container comes to run several programs, and where that is stated.
enum Several<'a> {
    /// By a program whose work that is.
    Supervisor(Node<'a>, &'a str),
    /// By a script that does not wait for one before it starts the next.
    Programs(Node<'a>, Vec<&'a str>),
}

fn runs_several(container: Container<'_>) -> Decision<'_> {
    decide(container, |words| match several(words) {
        Ok(found) => Decision::when(found.is_some()),
        Err(unknown) => Decision::Unknown(unknown),
    })
}

fn several<'a>(words: &Words<'a>) -> Result<Option<Several<'a>>, Unknown<'a>> {
    let program = match words.program() {
        Found::Word(program) => program,
        Found::End => return Ok(None),
        Found::Unknown(unknown) => return Err(unknown),
    };
    match program.is_named(&SHELLS) {
        Decision::Pass => supervisor(words),
        Decision::Unknown(unknown) => Err(unknown),
        Decision::Fail => match words.script() {
            Found::End => Ok(None),
            Found::Unknown(unknown) => Err(unknown),
            Found::Word(script) => match script.text() {
                Some(text) => Ok(several_of_script(script, text)),
                None => script.unknown().map_or(Ok(None), Err),
            },
        },
    }
}

/// The supervisor that words start, as the program or as the first script of an interpreter.
fn supervisor<'a>(words: &Words<'a>) -> Result<Option<Several<'a>>, Unknown<'a>> {
    let Found::Word(program) = words.program() else { return Ok(None) };
    let named = |word: Word<'a>| match word.is_named(&SUPERVISORS) {
        Decision::Pass => Ok(None),
        Decision::Fail => Ok(Some(Several::Supervisor(word.node(), word.text().unwrap_or("…")))),
        Decision::Unknown(unknown) => Err(unknown),
    };
    let is_interpreter = |name: &str| {
        let versions = INTERPRETERS.iter().filter_map(|interpreter| name.strip_prefix(interpreter));
        versions.into_iter().any(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    };
    // Without a reason not to know, nothing is there.
    let hidden = |word: Word<'a>| word.unknown().map_or(Ok(None), Err);
    match program.name_is(is_interpreter) {
        Some(true) => {}
        Some(false) => return named(program),
        None => return hidden(program),
    }
    for place in 1.. {
        let word = match words.at(place) {
            Found::Word(word) => word,
            Found::End => break,
            Found::Unknown(unknown) => return Err(unknown),
        };
        match word.text() {
            Some("-m") => {
                let module = match words.at(place + 1) {
                    Found::Word(module) => module,
                    Found::End => break,
                    Found::Unknown(unknown) => return Err(unknown),
                };
                let is_supervisor = |name: &str| SUPERVISORS.contains(&name.rsplit('.').next().unwrap_or(name));
                let name = module.text().filter(|name| is_supervisor(name));
                return match (name, module.text()) {
                    (Some(name), _) => Ok(Some(Several::Supervisor(module.node(), name))),
                    (None, Some(_)) => Ok(None),
                    (None, None) => hidden(module),
                };
            }
            // A program in the command line itself.
            Some("-c" | "-e") => break,
            Some(option) if option.starts_with('-') => {}
            Some(_) => return named(word),
            None => return hidden(word),
        }
    }
    Ok(None)
}

/// What a script of a shell starts that runs side by side.
fn several_of_script<'a>(script: Word<'a>, text: &'a str) -> Option<Several<'a>> {
    let commands = commands(text);
    let mut programs = Vec::new();
    for (place, command) in commands.iter().enumerate() {
        let words = Words::of_command(script, command);
        if let Ok(Some(found)) = supervisor(&words) {
            return Some(found);
        }
        let Found::Word(program) = words.program() else { continue };
        let name = program.text().unwrap_or_default();
        let base = name.rsplit('/').next().unwrap_or(name);
        let is_last = place + 1 == commands.len();
        if (command.is_background || is_last) && !PASSING.contains(&base) {
            programs.push(if base == "done" { "…" } else { base });
        }
    }
    (programs.len() > 1).then(|| Several::Programs(script.node(), programs))
}
