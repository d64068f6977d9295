//! LG-001: container logs are stored outside the container.

use verdikt_sdk::{
    Container, Decision, Document, Field, Finding, Findings, Node, Selector, Set, Value, Workload, rule,
};

use crate::collector::collects_logs;

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
    /// - A driver passes. `none` fails, and so do drivers other than `awslogs`, `splunk` and
    ///   `awsfirelens` in a task that can only run on Fargate, which has no others.
    /// - No driver fails in a task that can only run on Fargate: its output is lost. On EC2 the container
    ///   engine's own driver decides, `json-file` unless it was changed, which would keep the log on the
    ///   host; since no document says so, the rule says *unknown*.
    ///
    /// Kubernetes: the kubelet keeps standard output on the node. That it goes on from there shows one of
    /// these in the scanned files:
    ///
    /// - a DaemonSet that runs a collector of logs: Fluent Bit, Fluentd, Filebeat, Promtail, Vector and
    ///   their relatives, by the name of the image; or an agent that can collect logs too (Grafana,
    ///   OpenTelemetry, Datadog, Elastic, CloudWatch, New Relic, Splunk, …) and mounts `/var/log` of the
    ///   host,
    /// - the ConfigMap `aws-logging` in the namespace `aws-observability` with an `output.conf`, by which
    ///   EKS on Fargate ships logs,
    /// - the EKS add-on `amazon-cloudwatch-observability` (Terraform).
    ///
    /// With none of them the rule says *unknown*: a collector may be installed from elsewhere. Which nodes
    /// a DaemonSet runs on is not looked at, and neither is whether programs log to standard output: log
    /// files inside of a container stay invisible.
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
                    "engine-default": "Where the log of container `{container}` goes is not known: there is no `logDriver`, so the container engine of the host decides (`json-file`, unless it was changed).",
                    "no-collector": "Where the logs go is not known: no collector of logs is in the scanned files, so that standard output stays on the node at most.",
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
                    "engine-default": "Wohin das Protokoll des Containers `{container}` geht, ist nicht bekannt: `logDriver` fehlt, also entscheidet die Container-Engine des Hosts (`json-file`, sofern nichts anderes eingestellt ist).",
                    "no-collector": "Wohin die Protokolle gehen, ist nicht bekannt: In den geprüften Dateien ist kein Log-Kollektor, die Standardausgabe bleibt also höchstens auf dem Knoten.",
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

/// The drivers that Fargate has.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html>
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
            findings.add(match &shipping {
                Some(Shipping { code, name }) => Finding::pass(workload, code).argument("name", name),
                None => Finding::undecided(workload, "no-collector"),
            });
        }
    });
}

fn judge_ecs(workload: Workload<'_>, container: Container<'_>, findings: &mut Findings<'_>) {
    let driver: Value<'_, &str> = container.logging().get("driver").into();
    let label = || container.label();
    let is_missing = driver.fails_if(|driver| driver.is_none_or(str::is_empty));
    let is_discarded = driver.fails_if(|driver| driver == Some("none"));
    let on_fargate = workload.fargate_only();
    match (is_missing, is_discarded, on_fargate) {
        (Decision::Fail, _, Field::Known(true)) => {
            findings.add(Finding::fail(driver, "no-driver").argument("container", label()));
        }
        (_, Decision::Fail, _) => findings.add(Finding::fail(driver, "discarded").argument("container", label())),
        (Decision::Fail, _, Field::Known(false) | Field::Absent) => {
            findings.add(Finding::undecided(driver, "engine-default").argument("container", label()));
        }
        (Decision::Unknown(unknown), ..)
        | (_, Decision::Unknown(unknown), _)
        | (Decision::Fail, _, Field::Unknown(unknown)) => findings.add(Finding::unknown(unknown)),
        (Decision::Pass, Decision::Pass, Field::Known(false) | Field::Absent) => {}
        (Decision::Pass, Decision::Pass, on_fargate) => {
            let unsupported = driver.fails_if(|driver| !driver.is_some_and(|driver| ON_FARGATE.contains(&driver)));
            match (unsupported, on_fargate) {
                (Decision::Fail, Field::Unknown(unknown)) => findings.add(Finding::unknown(unknown)),
                (decision, _) => findings.settle(decision, || {
                    Finding::fail(driver, "not-on-fargate")
                        .argument("container", label())
                        .argument("driver", driver.read().known().unwrap_or("…"))
                }),
            }
        }
    }
}

/// What takes the logs of a cluster away from its nodes.
struct Shipping {
    /// Of the message.
    code: &'static str,
    name: String,
}

impl Shipping {
    /// The first that is certain. What may be one changes nothing: without any, nothing is known either.
    fn find(set: &Set<'_>) -> Option<Shipping> {
        let first = |selector: Selector, code, is_shipping: &dyn Fn(&Document) -> bool| {
            let found = set.find(selector).into_iter().filter_map(|envelope| set.read(&envelope).ok());
            let found = found.into_iter().find(|document| is_shipping(document))?;
            Some(Shipping { code, name: found.envelope().name.clone() })
        };
        let config_map = Selector::new("kubernetes", "ConfigMap").namespace("aws-observability").name("aws-logging");
        let add_on = Selector::new("terraform", "aws_eks_addon");
        first(Selector::new("workload", "DaemonSet"), "collector", &|document| collects_logs(document.into()))
            .or_else(|| first(config_map, "fargate-logging", &has_output))
            .or_else(|| {
                first(add_on, "add-on", &|document| {
                    is_exactly(document.root().get("addon_name"), "amazon-cloudwatch-observability")
                })
            })
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
