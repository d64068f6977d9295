//! LG-001: container logs are stored outside the container.

use verdikt_sdk::{
    Container, Decision, Document, Field, Finding, Findings, Node, Selector, Set, Value, Workload, rule,
};

use crate::collector::collects_logs;
use crate::fargate_profile::{FargateProfiles, Placement};
use crate::nodes::covers;
use crate::resources::is_windows;

rule! {
    /// # Container logs are stored outside the container
    ///
    /// What a container writes about an attack is worth nothing when it vanishes with the container: it
    /// crashes, is moved or is stopped by the attacker, and nobody can say what happened.
    ///
    /// ## What is checked
    ///
    /// ECS: the log driver of every container, `logConfiguration.logDriver`.
    ///
    /// - A driver that ECS has passes: `awsfirelens`, `awslogs`, `fluentd`, `gelf`, `journald`,
    ///   `json-file`, `splunk` and `syslog`. Any other word fails, also in capitals, and so does `none`. A
    ///   task that can only run on Fargate has `awslogs`, `splunk` and `awsfirelens` only, so there the
    ///   others fail.
    /// - `awsfirelens` hands the log to another container of the task, the one with a
    ///   `firelensConfiguration`. Without such a container it fails, and on Windows, which does not
    ///   support it.
    /// - No driver fails in a task that can only run on Fargate: its output is lost. On EC2 the container
    ///   engine's own driver decides, `json-file` unless it was changed, which would keep the log on the
    ///   host; since no document says so, the rule says *unknown*.
    ///
    /// Kubernetes: the kubelet keeps standard output on the node. That it goes on from there shows one of
    /// these in the scanned files:
    ///
    /// - a DaemonSet that runs a collector of logs and mounts those of its node (`/var/log`): Fluent Bit,
    ///   Fluentd, Filebeat, Promtail, Vector and their relatives, or an agent that can collect logs too
    ///   (Grafana, OpenTelemetry, Datadog, Elastic, CloudWatch, New Relic, Splunk, …), by the name of the
    ///   image. An init container is none, since it ends before the pod begins; a native sidecar is. The
    ///   DaemonSet counts for workloads on whose nodes it certainly runs: of the same operating system,
    ///   with no node selector or node affinity that the workload does not have too, and with tolerations
    ///   for all taints that the workload tolerates;
    /// - the EKS add-on `amazon-cloudwatch-observability` (Terraform);
    /// - the ConfigMap `aws-logging` in the namespace `aws-observability` with an `output.conf`, by which
    ///   EKS on Fargate ships logs. No DaemonSet runs on Fargate, so that for pods which an
    ///   `aws_eks_fargate_profile` takes this alone counts. Without any profile in the scanned files it counts for
    ///   all workloads but DaemonSets.
    ///
    /// With none of them the rule says *unknown*: a collector may be installed from elsewhere. Whether
    /// programs log to standard output is not looked at: log files inside of a container stay invisible.
    ///
    /// ## Fails
    ///
    /// ```json
    /// {"requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{"name": "app"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   requires_compatibilities = ["FARGATE"]
    ///   container_definitions    = jsonencode([{ name = "app" }])
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "logConfiguration": {"logDriver": "awslogs"}}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   requires_compatibilities = ["FARGATE"]
    ///   container_definitions = jsonencode([{
    ///     name = "app"
    ///     logConfiguration = {
    ///       logDriver = "awslogs"
    ///       options = {
    ///         awslogs-group         = "/ecs/web"
    ///         awslogs-region        = "eu-central-1"
    ///         awslogs-stream-prefix = "web"
    ///       }
    ///     }
    ///   }])
    /// }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: aws-logging
    ///   namespace: aws-observability
    /// data:
    ///   output.conf: |
    ///     [OUTPUT]
    ///         Name cloudwatch_logs
    ///         Match *
    /// ```
    ///
    /// ## How to fix it
    ///
    /// ECS: give every container a `logConfiguration` with `awslogs`, or with `awsfirelens` and a router
    /// container. Kubernetes: run a collector on every node, and scan it together with the workloads.
    ///
    /// ## References
    ///
    /// - [ECS: LogConfiguration](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html)
    /// - [ECS: FireLens](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html)
    /// - [Docker: logging drivers](https://docs.docker.com/engine/logging/configure/)
    /// - [Kubernetes: logging architecture](https://kubernetes.io/docs/concepts/cluster-administration/logging/)
    /// - [EKS: logging on Fargate](https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html)
    pub static RULE = {
        id: "LG-001",
        slug: "container-logs",
        severity: High,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A7" => text, "bsi-sys-1-6-2022:SYS.1.6.A7" => title],
        extra: { "module": "logging" },
        texts: {
            "en": {
                title: "Container logs are stored outside the container",
                remediation: "ECS: `logConfiguration` with `awslogs` or `awsfirelens` for every container. Kubernetes: run a collector of logs on every node.",
                messages: {
                    "no-driver": "The log of container `{container}` is lost: the task can only run on Fargate and there is no `logDriver`, expected `awslogs`, `splunk` or `awsfirelens`.",
                    "discarded": "The log of container `{container}` is discarded: `logDriver` is `none`.",
                    "not-on-fargate": "The log of container `{container}` goes nowhere: `logDriver` is `{driver}`, but Fargate has `awslogs`, `splunk` and `awsfirelens` only.",
                    "no-such-driver": "The log of container `{container}` goes nowhere: `logDriver` is `{driver}`, which Amazon ECS does not have, expected one of {drivers}.",
                    "no-router": "The log of container `{container}` goes nowhere: `logDriver` is `awsfirelens`, but no other container of the task has a `firelensConfiguration`.",
                    "not-on-windows": "The log of container `{container}` goes nowhere: `logDriver` is `awsfirelens`, which Windows containers do not support.",
                    "engine-default": "Where the log of container `{container}` goes is not known: there is no `logDriver`, so the container engine of the host decides (`json-file`, unless it was changed).",
                    "no-collector": "Where the logs go is not known: nothing in the scanned files collects logs where these pods run, so that standard output stays on the node at most.",
                    "other-nodes": "Where the logs go is not known: DaemonSet `{name}` collects logs, but it is not certain that it runs on every node on which these pods may run (operating system, node selector, node affinity, tolerations).",
                    "on-fargate": "Where the logs go is not known: by the profile `{profile}` these pods run or may run on Fargate, where no DaemonSet runs, and nothing else ships their logs.",
                    "drivers": "Every container has a log driver.",
                    "collector": "The DaemonSet `{name}` collects the logs.",
                    "fargate-logging": "The ConfigMap `{name}` of namespace `aws-observability` ships the logs.",
                    "add-on": "The EKS add-on `amazon-cloudwatch-observability` (`{name}`) collects the logs.",
                },
            },
            "de": {
                title: "Container-Protokolle werden außerhalb des Containers gespeichert",
                description: "Protokolle, die mit dem Container verschwinden, helfen bei keinem Vorfall. Geprüft wird in ECS der Log-Treiber jedes Containers; ohne ihn gehen Protokolle auf Fargate verloren, auf EC2 entscheidet die Container-Engine. In Kubernetes wird in den geprüften Dateien nach einem Kollektor gesucht: einem DaemonSet, der ConfigMap `aws-logging` für Fargate oder dem EKS-Add-on für CloudWatch.",
                remediation: "ECS: für jeden Container `logConfiguration` mit `awslogs` oder `awsfirelens` angeben. Kubernetes: auf jedem Knoten einen Log-Kollektor betreiben.",
                messages: {
                    "no-driver": "Das Protokoll des Containers `{container}` geht verloren: Die Task kann nur auf Fargate laufen, und `logDriver` fehlt; erwartet wird `awslogs`, `splunk` oder `awsfirelens`.",
                    "discarded": "Das Protokoll des Containers `{container}` wird verworfen: `logDriver` ist `none`.",
                    "not-on-fargate": "Das Protokoll des Containers `{container}` kommt nirgends an: `logDriver` ist `{driver}`, Fargate kennt aber nur `awslogs`, `splunk` und `awsfirelens`.",
                    "no-such-driver": "Das Protokoll des Containers `{container}` kommt nirgends an: `logDriver` ist `{driver}`, was es in Amazon ECS nicht gibt; erwartet wird {drivers}.",
                    "no-router": "Das Protokoll des Containers `{container}` kommt nirgends an: `logDriver` ist `awsfirelens`, aber kein anderer Container der Task hat eine `firelensConfiguration`.",
                    "not-on-windows": "Das Protokoll des Containers `{container}` kommt nirgends an: `logDriver` ist `awsfirelens`, was Windows-Container nicht unterstützen.",
                    "engine-default": "Wohin das Protokoll des Containers `{container}` geht, ist nicht bekannt: `logDriver` fehlt, also entscheidet die Container-Engine des Hosts (`json-file`, sofern nichts anderes eingestellt ist).",
                    "no-collector": "Wohin die Protokolle gehen, ist nicht bekannt: In den geprüften Dateien sammelt nichts die Protokolle dort ein, wo diese Pods laufen; die Standardausgabe bleibt also höchstens auf dem Knoten.",
                    "other-nodes": "Wohin die Protokolle gehen, ist nicht bekannt: Das DaemonSet `{name}` sammelt Protokolle ein, läuft aber nicht mit Sicherheit auf jedem Knoten, auf dem diese Pods laufen können (Betriebssystem, Node-Selektor, Node-Affinität, Tolerations).",
                    "on-fargate": "Wohin die Protokolle gehen, ist nicht bekannt: Durch das Profil `{profile}` laufen diese Pods auf Fargate oder möglicherweise dort; DaemonSets laufen dort nicht, und nichts anderes leitet die Protokolle weiter.",
                    "drivers": "Jeder Container hat einen Log-Treiber.",
                    "collector": "Das DaemonSet `{name}` sammelt die Protokolle ein.",
                    "fargate-logging": "Die ConfigMap `{name}` im Namespace `aws-observability` leitet die Protokolle weiter.",
                    "add-on": "Das EKS-Add-on `amazon-cloudwatch-observability` (`{name}`) sammelt die Protokolle ein.",
                },
            },
        },
        inventory: judge,
    };
}

/// The drivers that ECS has.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html>
const DRIVERS: [&str; 8] = ["awsfirelens", "awslogs", "fluentd", "gelf", "journald", "json-file", "splunk", "syslog"];
/// Those of them that Fargate has.
const ON_FARGATE: [&str; 3] = ["awslogs", "splunk", "awsfirelens"];

fn judge(set: &Set<'_>, findings: &mut Findings<'_>) {
    let shipping = Shipping::find(set);
    set.judge_each(findings, |document, findings| {
        let workload = Workload::from(document);
        if workload.is_ecs() {
            let before = findings.len();
            for container in findings.every(workload.containers()) {
                judge_ecs(workload, container, findings);
            }
            if findings.len() == before {
                findings.add(Finding::pass(workload, "drivers"));
            }
        } else {
            findings.add(shipping.judge(document));
        }
    });
}

/// What becomes of the log of an ECS container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Log {
    Kept,
    /// It is lost: the code of the message.
    Lost(&'static str),
    /// The container engine decides.
    Engine,
    /// It depends on what is not known.
    Depends,
}

impl Log {
    /// By a log driver, of which nothing may be stated.
    fn of(driver: Field<'_, &str>, on_fargate: Option<bool>, router: Decision<'_>, windows: Option<bool>) -> Log {
        match (driver.known().filter(|driver| !driver.is_empty()), on_fargate) {
            (None, _) if driver.unknown().is_some() => Log::Depends,
            (None, Some(true)) => Log::Lost("no-driver"),
            (None, Some(false)) => Log::Engine,
            (Some("none"), _) => Log::Lost("discarded"),
            (Some(driver), _) if !DRIVERS.contains(&driver) => Log::Lost("no-such-driver"),
            (Some("awsfirelens"), _) => match (windows, router) {
                (Some(true), _) => Log::Lost("not-on-windows"),
                (_, Decision::Fail) => Log::Lost("no-router"),
                (None, _) | (_, Decision::Unknown(_)) => Log::Depends,
                (Some(false), Decision::Pass) => Log::Kept,
            },
            (Some(driver), Some(true)) if !ON_FARGATE.contains(&driver) => Log::Lost("not-on-fargate"),
            (Some(driver), None) if !ON_FARGATE.contains(&driver) => Log::Depends,
            (None, None) => Log::Depends,
            (Some(_), _) => Log::Kept,
        }
    }
}

fn judge_ecs(workload: Workload<'_>, container: Container<'_>, findings: &mut Findings<'_>) {
    let driver: Value<'_, &str> = container.logging().get("driver").into();
    let on_fargate = match workload.fargate_only() {
        Field::Known(only) => Some(only),
        Field::Absent => Some(false),
        Field::Unknown(_) => None,
    };
    let router = other_router(workload, container);
    let log = driver.node().agreed(|node| Log::of(node.str(), on_fargate, router, is_windows(workload.os())));
    let finding = match log {
        Some(Log::Kept) => return,
        Some(Log::Lost(code)) => Finding::fail(driver, code)
            .argument("driver", driver.read().known().unwrap_or("…"))
            .argument("drivers", DRIVERS.join(", ")),
        Some(Log::Engine) => Finding::undecided(driver, "engine-default"),
        Some(Log::Depends) | None => {
            let of_router = if let Decision::Unknown(unknown) = router { Some(unknown) } else { None };
            let unknown = driver.read().unknown().or_else(|| workload.fargate_only().unknown()).or(of_router);
            let unknown = unknown.or_else(|| workload.os().read().unknown());
            findings.add(unknown.map_or_else(|| Finding::undecided(driver, "engine-default"), Finding::unknown));
            return;
        }
    };
    findings.add(finding.argument("container", container.label()));
}

/// Passes when another container of the task routes logs.
fn other_router<'a>(workload: Workload<'a>, container: Container<'_>) -> Decision<'a> {
    let containers = workload.containers();
    let own = container.node().pointer();
    let others = containers.known().filter(|other: &Container<'_>| other.node().pointer() != own);
    let routes = |other: Container<'a>| {
        other.log_router().decide(|router| match router.members() {
            Field::Known(_) => Decision::Pass,
            Field::Absent => Decision::Fail,
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        })
    };
    let rest = containers.rest().map_or(Decision::Fail, Decision::Unknown);
    others.map(routes).fold(rest, Decision::or)
}

/// What takes the logs of a cluster away from where they are written.
struct Shipping {
    /// DaemonSets that collect the logs of their nodes.
    collectors: Vec<Document>,
    /// The name of an add-on that does, on every node.
    add_on: Option<String>,
    /// The name of the ConfigMap by which Fargate ships logs.
    fargate: Option<String>,
    profiles: FargateProfiles,
}

impl Shipping {
    /// What is certain. What may be one changes nothing: without any, nothing is known either.
    fn find(set: &Set<'_>) -> Shipping {
        let found = |selector: Selector| -> Vec<Document> {
            set.find(selector).into_iter().filter_map(|envelope| set.read(&envelope).ok()).collect()
        };
        let first = |selector: Selector, is_shipping: &dyn Fn(&Document) -> bool| {
            found(selector).into_iter().find(is_shipping).map(|document| document.envelope().name.clone())
        };
        let mut collectors = found(Selector::new("workload", "DaemonSet"));
        collectors.retain(|document| collects_logs(document.into()));
        let config_map = Selector::new("kubernetes", "ConfigMap").namespace("aws-observability").name("aws-logging");
        Shipping {
            collectors,
            add_on: first(Selector::new("terraform", "aws_eks_addon"), &|document| {
                is_exactly(document.root().get("addon_name"), "amazon-cloudwatch-observability")
            }),
            fargate: first(config_map, &has_output),
            profiles: FargateProfiles::read(set),
        }
    }

    fn judge<'a>(&'a self, document: &'a Document) -> Finding<'a> {
        let workload = Workload::from(document);
        let of_node = self.of_node(workload);
        let of_fargate =
            self.fargate.as_ref().map(|name| Finding::pass(workload, "fargate-logging").argument("name", name));
        let is_daemon_set = workload.kind().read().known() == Some("DaemonSet");
        match (self.profiles.place(workload, document.envelope().namespace.as_deref()), of_node, of_fargate) {
            (Placement::Node, Ok(pass), _) => pass,
            // Without profiles nothing says what runs on Fargate.
            (Placement::Node, Err(_), Some(pass)) if self.profiles.is_empty() && !is_daemon_set => pass,
            (Placement::Node, Err(undecided), _) => undecided,
            (Placement::Fargate(_), _, Some(pass)) | (Placement::Possible(_), Ok(_), Some(pass)) => pass,
            (Placement::Possible(_), Err(undecided), _) => undecided,
            (Placement::Fargate(profile), _, None) | (Placement::Possible(profile), Ok(_), None) => {
                Finding::undecided(workload, "on-fargate").argument("profile", profile)
            }
        }
    }

    /// What collects the logs of a workload that runs on nodes, or else what is known of that.
    fn of_node<'a>(&self, workload: Workload<'a>) -> Result<Finding<'a>, Finding<'a>> {
        let name = |document: &Document| document.envelope().name.clone();
        let collector = self.collectors.iter().find(|collector| covers((*collector).into(), workload));
        match (collector, &self.add_on, self.collectors.first()) {
            (Some(collector), ..) => Ok(Finding::pass(workload, "collector").argument("name", name(collector))),
            (None, Some(add_on), _) => Ok(Finding::pass(workload, "add-on").argument("name", add_on)),
            (None, None, Some(other)) => Err(Finding::undecided(workload, "other-nodes").argument("name", name(other))),
            (None, None, None) => Err(Finding::undecided(workload, "no-collector")),
        }
    }
}

/// The log router of Fargate takes outputs from there only.
fn has_output(config_map: &Document) -> bool {
    let output = config_map.root().path(&["data", "output.conf"]);
    let has_text = |node: Node<'_>| match node.text() {
        Field::Known(text) => text.pieces().flatten().any(|piece| !piece.trim().is_empty()),
        Field::Absent | Field::Unknown(_) => false,
    };
    output.agreed(has_text) == Some(true)
}

fn is_exactly(node: Node<'_>, text: &str) -> bool {
    node.agreed(|node| node.str().known() == Some(text)) == Some(true)
}
