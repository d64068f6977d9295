//! RS-006: workloads run with at least two replicas.

use verdikt_sdk::{Decision, Document, Finding, Findings, Node, Set, Value, Workload, rule};

use crate::autoscaler::{Autoscaler, Autoscalers, is_fewer, shown};

rule! {
    /// # Workloads run with at least two replicas
    ///
    /// With a single copy every update and every lost node is an outage.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: `spec.replicas` of Deployments, StatefulSets, ReplicaSets, ReplicationControllers and Argo
    /// Rollouts must be at least `min_replicas`; absent means 1. Where an autoscaler is in charge of the
    /// number, its bounds decide instead:
    ///
    /// - `minReplicas` of a HorizontalPodAutoscaler (absent means 1). It does nothing for a workload that
    ///   states 0 replicas, so there the 0 counts.
    /// - `minReplicaCount` of a KEDA ScaledObject (absent means 0) and `idleReplicaCount`. The annotation
    ///   `autoscaling.keda.sh/paused-replicas` replaces them; with `autoscaling.keda.sh/paused` alone the
    ///   workload keeps its own number.
    /// - An upper bound below `min_replicas` counts as well.
    ///
    /// An autoscaler is in charge when `scaleTargetRef` has the kind, the group and the name of the workload,
    /// in the same namespace. When that cannot be known, the rule fails or passes only where both answers
    /// agree. Custom resources of other kinds are judged when they state `spec.replicas`.
    ///
    /// Terraform: `desired_count` of an `aws_ecs_service`; absent means 0. Where an
    /// `aws_appautoscaling_target` is in charge of the service, its `min_capacity` decides. A number that
    /// Terraform is told to ignore (`lifecycle { ignore_changes = [desired_count] }`) is *unknown*, since
    /// somebody else sets it. The rule does not apply to the scheduling strategy `DAEMON`.
    ///
    /// Nor does it apply to Jobs, CronJobs, DaemonSets, single Pods, and ECS task definitions, which say
    /// nothing about copies. The number two is our choice.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec:
    ///   replicas: 1
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "web" {
    ///   name          = "web"
    ///   desired_count = 1
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// apiVersion: apps/v1
    /// kind: Deployment
    /// metadata: {name: web}
    /// spec: {}
    /// ---
    /// apiVersion: autoscaling/v2
    /// kind: HorizontalPodAutoscaler
    /// metadata: {name: web}
    /// spec:
    ///   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
    ///   minReplicas: 2
    ///   maxReplicas: 10
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "web" {
    ///   name          = "web"
    ///   desired_count = 2
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Raise the number of replicas, or the minimum of the autoscaler, and spread them over nodes and zones.
    ///
    /// ## References
    ///
    /// - [Kubernetes: Deployments](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#replicas)
    /// - [Kubernetes: horizontal pod autoscaling](https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/)
    /// - [KEDA: ScaledObject](https://keda.sh/docs/latest/reference/scaledobject-spec/)
    /// - [KEDA: pausing autoscaling](https://keda.sh/docs/latest/concepts/scaling-deployments/#pausing-autoscaling)
    /// - [Terraform: aws_ecs_service](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service)
    pub static RULE = {
        id: "RS-006",
        slug: "replicas",
        severity: Low,
        targets: ["workload/*", "terraform/aws_ecs_service"],
        controls: ["bsi-sys-1-6-2022:SYS.1.6.A25" => title],
        extra: { "module": "resources" },
        settings: Settings {
            /// How many replicas there must be at least.
            min_replicas: i64 = 2,
        },
        texts: {
            "en": {
                title: "Workloads run with at least two replicas",
                remediation: "Raise the number of replicas, or the minimum of the autoscaler.",
                messages: {
                    "few-replicas": "`{name}` runs with too few replicas: `{field}` is {found}, expected at least {minimum}.",
                    "few-by-default": "`{name}` runs with too few replicas: `{field}` is absent, which means {found}, expected at least {minimum}.",
                    "few-by-autoscaler": "`{name}` may run with too few replicas: `{field}` of autoscaler `{autoscaler}` is {found}, expected at least {minimum}.",
                    "few-by-autoscaler-default": "`{name}` may run with too few replicas: `{field}` of autoscaler `{autoscaler}` is absent, which means {found}, expected at least {minimum}.",
                    "ignored": "How many copies of `{name}` run cannot be known: Terraform is told to ignore `desired_count`, and no autoscaling target is in the scanned files.",
                    "perhaps-autoscaled": "How many copies of `{name}` run cannot be known: it depends on whether `{autoscaler}` is in charge of them.",
                    "replicas": "There are enough replicas.",
                    "autoscaler": "The minimum of autoscaler `{autoscaler}` is high enough.",
                    "kind": "The rule does not apply: a {kind} says nothing about copies.",
                    "daemon": "The rule does not apply: the service runs one task on every container instance.",
                },
            },
            "de": {
                title: "Workloads laufen mit mindestens zwei Replikaten",
                description: "Mit nur einer Kopie ist jede Aktualisierung und jeder verlorene Knoten ein Ausfall. Geprüft wird in Kubernetes `spec.replicas` oder, wo ein Autoscaler zuständig ist, dessen Untergrenze; in Terraform `desired_count` eines `aws_ecs_service` oder `min_capacity` des zugehörigen `aws_appautoscaling_target`.",
                remediation: "Die Zahl der Replikate oder die Untergrenze des Autoscalers erhöhen.",
                messages: {
                    "few-replicas": "`{name}` läuft mit zu wenigen Replikaten: `{field}` ist {found}, erwartet werden mindestens {minimum}.",
                    "few-by-default": "`{name}` läuft mit zu wenigen Replikaten: `{field}` fehlt, was {found} bedeutet, erwartet werden mindestens {minimum}.",
                    "few-by-autoscaler": "`{name}` läuft möglicherweise mit zu wenigen Replikaten: `{field}` des Autoscalers `{autoscaler}` ist {found}, erwartet werden mindestens {minimum}.",
                    "few-by-autoscaler-default": "`{name}` läuft möglicherweise mit zu wenigen Replikaten: `{field}` des Autoscalers `{autoscaler}` fehlt, was {found} bedeutet, erwartet werden mindestens {minimum}.",
                    "ignored": "Wie viele Kopien von `{name}` laufen, lässt sich nicht feststellen: Terraform soll `desired_count` ignorieren, und in den geprüften Dateien ist kein Ziel eines Autoscalings.",
                    "perhaps-autoscaled": "Wie viele Kopien von `{name}` laufen, lässt sich nicht feststellen: Es hängt davon ab, ob `{autoscaler}` für sie zuständig ist.",
                    "replicas": "Es gibt genügend Replikate.",
                    "autoscaler": "Die Untergrenze des Autoscalers `{autoscaler}` ist hoch genug.",
                    "kind": "Die Regel ist nicht anwendbar: {kind} sagt nichts über Kopien.",
                    "daemon": "Die Regel ist nicht anwendbar: Der Service führt auf jeder Container-Instanz eine Task aus.",
                },
            },
        },
        inventory: judge,
    };
}

/// Kinds that run one copy when they do not say how many.
const SCALABLE: [&str; 5] = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout"];
/// Kinds that have no number of copies.
const SINGLE: [&str; 6] = ["Pod", "PodTemplate", "DaemonSet", "Job", "CronJob", "TaskDefinition"];

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let autoscalers = Autoscalers::of(set);
    set.judge_each(findings, |document, findings| match Count::of(document) {
        Ok(count) => {
            let (certain, possible) = autoscalers.in_charge_of(document, set);
            findings.add(count.judge(certain, possible, settings.min_replicas));
        }
        Err(finding) => findings.add(*finding),
    });
}

/// What a document says about its copies.
struct Count<'a> {
    document: Node<'a>,
    name: &'a str,
    /// As the document spells it.
    field: &'static str,
    replicas: Node<'a>,
    /// What it means when nothing is stated.
    default: i64,
    /// Whether Terraform leaves the number as somebody else sets it.
    is_ignored: bool,
}

impl<'a> Count<'a> {
    /// Reads what a document says, or why the rule does not come to that.
    fn of(document: &'a Document) -> Result<Count<'a>, Box<Finding<'a>>> {
        let (envelope, root) = (document.envelope(), document.root());
        let name = envelope.name.as_str();
        if envelope.platform == "terraform" {
            let is_daemon = Value::<&str>::from(root.get("scheduling_strategy"));
            return match is_daemon.fails_if(|strategy| strategy == Some("DAEMON")) {
                Decision::Fail => Err(Box::new(Finding::not_applicable(root, "daemon"))),
                Decision::Unknown(unknown) => Err(Box::new(Finding::unknown(unknown))),
                Decision::Pass => Ok(Count {
                    document: root,
                    name,
                    field: "desired_count",
                    replicas: root.get("desired_count"),
                    default: 0,
                    is_ignored: is_ignored(root, "desired_count"),
                }),
            };
        }
        let workload = Workload::from(document);
        let replicas = workload.replicas().node();
        let kind = envelope.kind.as_str();
        let is_custom = !workload.is_ecs() && !SINGLE.contains(&kind) && !replicas.is_absent();
        if !SCALABLE.contains(&kind) && !is_custom {
            return Err(Box::new(Finding::not_applicable(root, "kind").argument("kind", kind)));
        }
        // What a custom resource does without a number nobody knows.
        let unknown = replicas.unknown().filter(|_| replicas.alternatives().any(Node::is_absent));
        if let Some(unknown) = unknown.filter(|_| !SCALABLE.contains(&kind)) {
            return Err(Box::new(Finding::unknown(unknown)));
        }
        Ok(Count { document: root, name, field: "replicas", replicas, default: 1, is_ignored: false })
    }

    fn judge(self, certain: Vec<&'a Autoscaler>, possible: Vec<&'a Autoscaler>, minimum: i64) -> Finding<'a> {
        // Of several that are in charge the worst decides.
        let worst = certain.into_iter().max_by_key(|autoscaler| match autoscaler.sets_fewer_than(minimum) {
            Decision::Pass => 0,
            Decision::Unknown(_) => 1,
            Decision::Fail => 2,
        });
        if let Some(autoscaler) = worst {
            let may_set_fewer = |other: &&&Autoscaler| !matches!(other.sets_fewer_than(minimum), Decision::Pass);
            let doubtful = possible.iter().find(may_set_fewer);
            return match (autoscaler.sets_fewer_than(minimum), doubtful) {
                (Decision::Pass, Some(other)) => self.perhaps_autoscaled(other),
                _ => self.by_autoscaler(autoscaler, minimum),
            };
        }
        let own = is_fewer(self.replicas, self.default, minimum);
        let agrees = |autoscaler: &&Autoscaler| {
            let other = autoscaler.sets_fewer_than(minimum);
            matches!((own, other), (Decision::Pass, Decision::Pass) | (Decision::Fail, Decision::Fail))
        };
        let doubtful = possible.into_iter().find(|autoscaler| self.is_ignored || !agrees(autoscaler));
        let finding = match (doubtful, own) {
            (Some(autoscaler), _) => return self.perhaps_autoscaled(autoscaler),
            (None, _) if self.is_ignored => Finding::undecided(self.replicas, "ignored"),
            (None, Decision::Pass) => return Finding::pass(self.document, "replicas"),
            (None, Decision::Unknown(unknown)) => return Finding::unknown(unknown),
            (None, Decision::Fail) => {
                let code = if self.replicas.is_absent() { "few-by-default" } else { "few-replicas" };
                Finding::fail(self.replicas, code)
                    .argument("field", self.field)
                    .argument("found", shown(self.replicas, self.default))
                    .argument("minimum", minimum)
            }
        };
        finding.argument("name", self.name)
    }

    fn perhaps_autoscaled(self, autoscaler: &Autoscaler) -> Finding<'a> {
        let finding = Finding::undecided(self.replicas, "perhaps-autoscaled");
        finding.argument("autoscaler", autoscaler.name()).argument("name", self.name)
    }

    fn by_autoscaler(self, autoscaler: &'a Autoscaler, minimum: i64) -> Finding<'a> {
        let decisive = autoscaler.decisive(minimum);
        let finding = match autoscaler.sets_fewer_than(minimum) {
            Decision::Pass => {
                return Finding::pass(self.document, "autoscaler").argument("autoscaler", autoscaler.name());
            }
            Decision::Unknown(unknown) => Finding::unknown_because(
                self.replicas,
                format!("`{}` of autoscaler `{}` is not known: {}", decisive.field, autoscaler.name(), unknown.why()),
            ),
            Decision::Fail => {
                let is_absent = decisive.node.is_absent();
                let code = if is_absent { "few-by-autoscaler-default" } else { "few-by-autoscaler" };
                Finding::fail(self.replicas, code)
                    .argument("name", self.name)
                    .argument("field", decisive.field)
                    .argument("autoscaler", autoscaler.name())
                    .argument("found", shown(decisive.node, decisive.default))
                    .argument("minimum", minimum)
            }
        };
        finding.related(decisive.node, "how few the autoscaler may set")
    }
}

/// Whether Terraform is told to leave an argument as somebody else has set it.
fn is_ignored(resource: Node<'_>, argument: &str) -> bool {
    let blocks = resource.get("lifecycle").list();
    blocks.known().any(|block: Node<'_>| {
        let ignored = block.get("ignore_changes");
        let names = |name: Node<'_>| name.str().known() == Some(argument);
        ignored.str().known() == Some("all") || ignored.list().known().any(names)
    })
}
