//! WL-015: untrusted workloads run with extra isolation.

use verdikt_sdk::{
    Decision, Document, Envelope, Field, Finding, Findings, Node, Selector, Set, Strings, Unknown, Value, Workload,
    rule,
};

use crate::fargate_profile::{FargateProfiles, Placement};

rule! {
    /// # Untrusted workloads run with extra isolation
    ///
    /// Containers of one node share its kernel. That is a thin wall for code that comes from customers, from
    /// plugins or from a build of anything: one fault in the kernel, and all workloads of the node are open.
    ///
    /// ## What is checked
    ///
    /// A workload is untrusted when the label `workload-trust` (parameter `trust_label`) of its pods, or
    /// else of its Namespace, has the value `untrusted`; a Terraform `aws_ecs_service` when it has a tag of
    /// that name and value. Any other value counts as trusted, to which the rule does not apply.
    ///
    /// - Kubernetes: an untrusted workload passes when `runtimeClassName`, or the `handler` of the
    ///   RuntimeClass of that name in the scanned files, is among `sandbox_runtime_classes` or a variant of one
    ///   (`kata-qemu`). A name counts for nothing when the handler in the scanned files is a plain one such as `runc`,
    ///   and when several RuntimeClasses of the name disagree, nobody knows.
    /// - It also passes when a selector of an `aws_eks_fargate_profile` in the scanned files takes its pods, each of
    ///   which then has a machine of its own. A DaemonSet never runs on Fargate.
    /// - ECS: an untrusted service passes with the launch type `FARGATE` or with no other capacity
    ///   providers than `FARGATE` and `FARGATE_SPOT`. With neither stated it runs on EC2, unless the
    ///   scanned files have a cluster with default capacity providers: then nobody knows. Task
    ///   definitions are judged by their services.
    ///
    /// When nothing in the scanned files carries the label, the rule asks a person once which workloads are
    /// untrusted.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: plugin
    ///   labels:
    ///     workload-trust: untrusted
    /// spec:
    ///   containers:
    ///     - name: plugin
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "plugin" {
    ///   name        = "plugin"
    ///   launch_type = "EC2"
    ///   tags        = { workload-trust = "untrusted" }
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: plugin
    ///   labels:
    ///     workload-trust: untrusted
    /// spec:
    ///   runtimeClassName: gvisor
    ///   containers:
    ///     - name: plugin
    /// ```
    ///
    /// ```hcl
    /// resource "aws_eks_fargate_profile" "untrusted" {
    ///   cluster_name = "main"
    ///   selector {
    ///     namespace = "plugins"
    ///     labels    = { workload-trust = "untrusted" }
    ///   }
    /// }
    ///
    /// resource "aws_ecs_service" "plugin" {
    ///   name        = "plugin"
    ///   launch_type = "FARGATE"
    ///   tags        = { workload-trust = "untrusted" }
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Install a sandboxed runtime, such as gVisor or Kata Containers, with a RuntimeClass and name it in
    /// `runtimeClassName`; or make a Fargate profile whose selectors take the workload. Run ECS services on
    /// Fargate.
    ///
    /// ## References
    ///
    /// - [Kubernetes: RuntimeClass](https://kubernetes.io/docs/concepts/containers/runtime-class/)
    /// - [EKS: Fargate profiles](https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html)
    /// - [ECS: capacity providers](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/clusters.html)
    /// - [gVisor](https://gvisor.dev/docs/), [Kata Containers](https://katacontainers.io/docs/)
    pub static RULE = {
        id: "WL-015",
        slug: "untrusted-isolation",
        severity: Medium,
        targets: ["workload/*", "terraform/aws_ecs_service"],
        controls: [
            "bsi-sys-1-6-draft:SYS.1.6.A17" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A26" => title,
            "xccdf-eks:fargate" => text,
        ],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// The label, or tag, whose value `untrusted` marks a workload.
            trust_label: String = "workload-trust",
            /// Names and handlers of runtime classes that isolate a pod from the kernel of its node, each with
            /// its variants: `kata` is `kata-qemu` too.
            sandbox_runtime_classes: Strings = ["gvisor", "kata", "runsc"],
        },
        texts: {
            "en": {
                title: "Untrusted workloads run with extra isolation",
                remediation: "Add a Fargate profile whose selectors take the workload, or a sandboxed RuntimeClass such as gVisor or Kata. ECS: run the service on Fargate.",
                messages: {
                    "shared-kernel": "The untrusted workload shares the kernel of its node: `runtimeClassName` is {value}, expected one of {classes} or a Fargate profile that takes the pods.",
                    "plain-handler": "The untrusted workload shares the kernel of its node: its RuntimeClass {value} has the handler `{handler}`, expected one of {classes} or a Fargate profile that takes the pods.",
                    "shared-host": "The untrusted service shares the kernel of its hosts: it does not run on Fargate only (`launch_type` is {value}).",
                    "possible-profile": "Whether the untrusted workload runs isolated is not known: the Fargate profile `{profile}` may take its pods, which is only decided at deployment.",
                    "cluster-default": "Whether the untrusted service runs isolated is not known: it states no launch type, so the default capacity providers of its cluster decide.",
                    "possible-sandbox": "Whether the untrusted workload runs isolated is not known: the handler of its RuntimeClass `{value}` is not known.",
                    "no-namespace": "Whether the workload is untrusted is not known: the Namespace `{namespace}` is or may be, and the namespace of the workload is only decided at deployment.",
                    "namespace-not-known": "Whether the workload is untrusted is not known: the label of its Namespace `{namespace}` is not known.",
                    "unclassified": "Which workloads are untrusted? None in the scanned files has the label `{label}`, by which this rule knows them.",
                    "sandboxed": "The untrusted workload runs in a sandbox: `runtimeClassName` is `{value}`.",
                    "fargate-profile": "The untrusted workload runs on Fargate, by the profile `{profile}`.",
                    "fargate": "The untrusted service runs on Fargate.",
                    "trusted": "The rule does not apply: the workload is marked as trusted.",
                    "not-labeled": "The rule does not apply: the workload has no label that says whether it is trusted.",
                    "ecs": "The rule does not apply: task definitions are judged by their services.",
                },
            },
            "de": {
                title: "Nicht vertrauenswürdige Workloads laufen zusätzlich isoliert",
                description: "Container eines Knotens teilen sich dessen Kernel; für fremden Code ist das zu wenig Trennung. Ein Workload gilt als nicht vertrauenswürdig, wenn sein Label `workload-trust` (Parameter `trust_label`) oder das seines Namespace den Wert `untrusted` hat, ein ECS-Service durch ein solches Tag. Er muss in einer Sandbox-Runtime (gVisor, Kata) oder auf Fargate laufen. Trägt nichts in den geprüften Dateien das Label, wird einmal nachgefragt.",
                remediation: "Ein Fargate-Profil anlegen, dessen Selektoren den Workload erfassen, oder eine Sandbox-RuntimeClass wie gVisor oder Kata verwenden. ECS: den Service auf Fargate betreiben.",
                messages: {
                    "shared-kernel": "Der nicht vertrauenswürdige Workload teilt sich den Kernel seines Knotens: `runtimeClassName` ist {value}, erwartet wird {classes} oder ein Fargate-Profil, das die Pods erfasst.",
                    "plain-handler": "Der nicht vertrauenswürdige Workload teilt sich den Kernel seines Knotens: Seine RuntimeClass {value} hat den Handler `{handler}`, erwartet wird {classes} oder ein Fargate-Profil, das die Pods erfasst.",
                    "shared-host": "Der nicht vertrauenswürdige Service teilt sich den Kernel seiner Hosts: Er läuft nicht ausschließlich auf Fargate (`launch_type` ist {value}).",
                    "possible-profile": "Ob der nicht vertrauenswürdige Workload isoliert läuft, ist nicht bekannt: Das Fargate-Profil `{profile}` erfasst möglicherweise seine Pods, was sich erst beim Deployment entscheidet.",
                    "cluster-default": "Ob der nicht vertrauenswürdige Service isoliert läuft, ist nicht bekannt: Er gibt keinen Launch-Typ an, also entscheiden die Standard-Capacity-Provider seines Clusters.",
                    "possible-sandbox": "Ob der nicht vertrauenswürdige Workload isoliert läuft, ist nicht bekannt: Der Handler seiner RuntimeClass `{value}` ist nicht bekannt.",
                    "no-namespace": "Ob der Workload vertrauenswürdig ist, ist nicht bekannt: Der Namespace `{namespace}` ist es nicht oder möglicherweise nicht, und der Namespace des Workloads wird erst beim Deployment festgelegt.",
                    "namespace-not-known": "Ob der Workload vertrauenswürdig ist, ist nicht bekannt: Das Label seines Namespace `{namespace}` ist nicht bekannt.",
                    "unclassified": "Welche Workloads sind nicht vertrauenswürdig? In den geprüften Dateien trägt keiner das Label `{label}`, an dem diese Regel sie erkennt.",
                    "sandboxed": "Der nicht vertrauenswürdige Workload läuft in einer Sandbox: `runtimeClassName` ist `{value}`.",
                    "fargate-profile": "Der nicht vertrauenswürdige Workload läuft auf Fargate, durch das Profil `{profile}`.",
                    "fargate": "Der nicht vertrauenswürdige Service läuft auf Fargate.",
                    "trusted": "Die Regel ist nicht anwendbar: Der Workload ist als vertrauenswürdig gekennzeichnet.",
                    "not-labeled": "Die Regel ist nicht anwendbar: Kein Label des Workloads sagt, ob er vertrauenswürdig ist.",
                    "ecs": "Die Regel ist nicht anwendbar: Task-Definitionen werden anhand ihrer Services beurteilt.",
                },
            },
        },
        inventory: judge,
    };
}

/// Whether a name or a handler is in the list, or a variant of one that is: `kata-qemu` is one of `kata`.
fn is_listed(name: &str, settings: &Settings) -> bool {
    let is_variant =
        |listed: &str| name.strip_prefix(listed).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    settings.sandbox_runtime_classes.iter().any(is_variant)
}

/// Whether a handler is one that gives a container the kernel of its node: by the names that container
/// runtimes and the toolkits of devices configure.
///
/// <https://github.com/opencontainers/runtime-spec/blob/main/implementations.md>
fn is_plain(handler: &str) -> bool {
    const PLAIN: [&str; 6] = ["crun", "docker", "nvidia", "runc", "runhcs-wcow-process", "youki"];
    PLAIN.iter().any(|plain| handler.strip_prefix(plain).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

/// What a label says of a workload.
enum Trust<'a> {
    Untrusted,
    Trusted,
    /// There is no label.
    Unlabeled,
    Unknown(Unknown<'a>),
    /// It depends on a Namespace: the code of the message, and the name.
    Perhaps(&'static str, &'a str),
}

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let surroundings = Surroundings::read(set, settings);
    let mut is_any_labeled = false;
    // The question is asked once, at the first document that has no label, when no other has one either.
    let mut unlabeled: Option<Envelope> = None;
    set.judge_each(findings, |document, findings| {
        let is_service = document.envelope().platform == "terraform";
        if !is_service && Workload::from(document).is_ecs() {
            findings.add(Finding::not_applicable(document, "ecs"));
            return;
        }
        let trust = if is_service {
            Trust::by(document.root().get("tags"), settings)
        } else {
            surroundings.trust_of(document, settings)
        };
        is_any_labeled |= !matches!(trust, Trust::Unlabeled);
        findings.add(match trust {
            Trust::Trusted => Finding::not_applicable(document, "trusted"),
            Trust::Unlabeled if unlabeled.is_none() => {
                unlabeled = Some(document.envelope().clone());
                return;
            }
            Trust::Unlabeled => Finding::not_applicable(document, "not-labeled"),
            trust => {
                let isolation = if is_service {
                    surroundings.isolation_of_service(document)
                } else {
                    surroundings.isolation_of(document, settings)
                };
                match (isolation, trust) {
                    (Isolation::Isolated(finding), _) => finding,
                    (_, Trust::Unknown(unknown)) => Finding::unknown(unknown),
                    (_, Trust::Perhaps(code, namespace)) => {
                        Finding::undecided(document, code).argument("namespace", namespace)
                    }
                    (Isolation::Not(finding), _) => finding,
                }
            }
        });
    });
    // It was read before, so it can be read again.
    if let Some(first) = unlabeled.and_then(|envelope| set.read(&envelope).ok()) {
        findings.add(if is_any_labeled {
            Finding::not_applicable(&first, "not-labeled")
        } else {
            // It is asked once of the whole set, whichever workload is the first.
            Finding::manual(&first, "unclassified")
                .subject(&settings.trust_label)
                .argument("label", &settings.trust_label)
        });
    }
}

impl<'a> Trust<'a> {
    fn by(labels: Node<'a>, settings: &Settings) -> Trust<'a> {
        let label: Value<'a, &'a str> = labels.get(&settings.trust_label).into();
        // A label that may be absent leaves it to the Namespace, so absence is no value like others.
        let said = label.node().agreed(|label| match label.str() {
            Field::Known(value) => Some(Some(value == "untrusted")),
            Field::Absent => Some(None),
            Field::Unknown(_) => None,
        });
        match (said.flatten(), label.read().unknown()) {
            (Some(Some(true)), _) => Trust::Untrusted,
            (Some(Some(false)), _) => Trust::Trusted,
            (None, Some(unknown)) => Trust::Unknown(unknown),
            (Some(None), _) | (None, None) => Trust::Unlabeled,
        }
    }
}

/// Where an untrusted workload runs, as the statement about it.
enum Isolation<'a> {
    Isolated(Finding<'a>),
    /// Shared with others, or not known.
    Not(Finding<'a>),
}

/// What else of the set decides.
struct Surroundings {
    /// The labeled Namespaces by their names, and whether each is untrusted, where that is known.
    namespaces: Vec<(String, Option<bool>)>,
    runtime_classes: Vec<Document>,
    profiles: FargateProfiles,
    has_cluster_default: bool,
}

impl Surroundings {
    fn read(set: &Set<'_>, settings: &Settings) -> Surroundings {
        let read = |platform, kind| -> Vec<Document> {
            let found = set.find(Selector::new(platform, kind)).into_iter();
            found.filter_map(|envelope| set.read(&envelope).ok()).collect()
        };
        let clusters = read("terraform", "aws_ecs_cluster_capacity_providers");
        let is_untrusted = |namespace: Document| {
            let untrusted = match Trust::by(namespace.root().path(&["metadata", "labels"]), settings) {
                Trust::Unlabeled => return None,
                Trust::Untrusted => Some(true),
                Trust::Trusted => Some(false),
                Trust::Unknown(_) | Trust::Perhaps(..) => None,
            };
            Some((namespace.envelope().name.clone(), untrusted))
        };
        Surroundings {
            namespaces: read("kubernetes", "Namespace").into_iter().filter_map(is_untrusted).collect(),
            runtime_classes: read("kubernetes", "RuntimeClass"),
            profiles: FargateProfiles::read(set),
            has_cluster_default: clusters
                .iter()
                .any(|cluster| !cluster.root().get("default_capacity_provider_strategy").is_absent()),
        }
    }

    /// The label of the pods counts, and where they have none, that of their Namespace.
    fn trust_of<'a>(&'a self, document: &'a Document, settings: &Settings) -> Trust<'a> {
        let own = Trust::by(Workload::from(document).labels(), settings);
        if !matches!(own, Trust::Unlabeled) {
            return own;
        }
        let stated = document.envelope().namespace.as_deref();
        let mut found = Trust::Unlabeled;
        for (name, is_untrusted) in &self.namespaces {
            match (stated, is_untrusted) {
                (Some(stated), _) if stated != name => {}
                (Some(_), Some(true)) => return Trust::Untrusted,
                (Some(_), None) => found = Trust::Perhaps("namespace-not-known", name),
                (Some(_), Some(false)) if matches!(found, Trust::Unlabeled) => found = Trust::Trusted,
                (None, Some(true) | None) => found = Trust::Perhaps("no-namespace", name),
                _ => {}
            }
        }
        found
    }

    fn isolation_of<'a>(&'a self, document: &'a Document, settings: &Settings) -> Isolation<'a> {
        let workload = Workload::from(document);
        let class = workload.runtime_class();
        let is_sandboxed = class.node().agreed(|class| match class.str() {
            Field::Known(name) => self.is_sandbox(name, settings),
            Field::Absent => Some(false),
            Field::Unknown(_) => None,
        });
        let shown = class.read().known();
        match (is_sandboxed.flatten(), self.profiles.place(workload, document.envelope().namespace.as_deref())) {
            (Some(true), _) => {
                Isolation::Isolated(Finding::pass(class, "sandboxed").argument("value", shown.unwrap_or("…")))
            }
            (_, Placement::Fargate(profile)) => {
                Isolation::Isolated(Finding::pass(document, "fargate-profile").argument("profile", profile))
            }
            (None, _) => Isolation::Not(match class.read().unknown() {
                Some(unknown) => Finding::unknown(unknown),
                None => Finding::undecided(class, "possible-sandbox").argument("value", shown.unwrap_or("…")),
            }),
            (_, Placement::Possible(profile)) => {
                Isolation::Not(Finding::undecided(document, "possible-profile").argument("profile", profile))
            }
            (Some(false), Placement::Node) => {
                let handler = shown.and_then(|name| self.handler_of(name));
                let finding = match handler {
                    Some(handler) => Finding::fail(class, "plain-handler")
                        .argument("handler", handler.str().known().unwrap_or("…"))
                        .related(handler, "the handler"),
                    None => Finding::fail(class, "shared-kernel"),
                };
                Isolation::Not(
                    finding
                        .argument("value", shown.map_or_else(|| "-".to_owned(), |name| format!("`{name}`")))
                        .argument("classes", settings.sandbox_runtime_classes.join(", ")),
                )
            }
        }
    }

    /// Whether a RuntimeClass is a sandbox: by the handler that the set says it has, and else by its name.
    fn is_sandbox(&self, name: &str, settings: &Settings) -> Option<bool> {
        let by_name = is_listed(name, settings);
        let classes = self.runtime_classes.iter().filter(|class| class.envelope().name == name);
        let answers = classes.map(|class| {
            let of_handler = |handler: Node<'_>| match handler.str() {
                Field::Known(handler) if is_listed(handler, settings) => Some(true),
                Field::Known(handler) => Some(by_name && !is_plain(handler)),
                Field::Absent => Some(false),
                Field::Unknown(_) => None,
            };
            class.root().get("handler").agreed(of_handler).flatten()
        });
        // The set may hold the classes of several clusters.
        answers.reduce(|one, other| if one == other { one } else { None }).unwrap_or(Some(by_name))
    }

    /// The handler that the set states for a RuntimeClass.
    fn handler_of(&self, name: &str) -> Option<Node<'_>> {
        let class = self.runtime_classes.iter().find(|class| class.envelope().name == name)?;
        Some(class.root().get("handler")).filter(|handler| handler.is_known())
    }

    fn isolation_of_service<'a>(&self, document: &'a Document) -> Isolation<'a> {
        let service = document.root();
        let launch_type: Value<'a, &'a str> = service.get("launch_type").into();
        let providers = service.get("capacity_provider_strategy").list();
        let on_fargate = launch_type.fails_if(|launch_type| launch_type != Some("FARGATE"));
        let mut by_providers = match (providers.rest(), providers.known().next()) {
            (Some(unknown), _) => Decision::Unknown(unknown),
            (None, None) => Decision::Fail,
            (None, Some(_)) => Decision::Pass,
        };
        for provider in providers.known() {
            let provider: Value<'a, &'a str> = Node::get(provider, "capacity_provider").into();
            by_providers =
                by_providers.and(provider.fails_if(|provider| !matches!(provider, Some("FARGATE" | "FARGATE_SPOT"))));
        }
        let is_silent =
            launch_type.read().is_absent() && providers.rest().is_none() && providers.known().next().is_none();
        match on_fargate.or(by_providers) {
            Decision::Pass => Isolation::Isolated(Finding::pass(document, "fargate")),
            Decision::Unknown(unknown) => Isolation::Not(Finding::unknown(unknown)),
            Decision::Fail if is_silent && self.has_cluster_default => {
                Isolation::Not(Finding::undecided(launch_type, "cluster-default"))
            }
            Decision::Fail => {
                let shown = launch_type.read().known();
                let shown = shown.map_or_else(|| "-".to_owned(), |launch_type| format!("`{launch_type}`"));
                Isolation::Not(Finding::fail(launch_type, "shared-host").argument("value", shown))
            }
        }
    }
}
