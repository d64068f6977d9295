//! EX-003: ECS tasks have a network interface of their own.

use verdikt_sdk::{Decision, Field, Finding, Findings, Workload, rule};

use crate::common::is_ecs;

rule! {
    /// # ECS tasks have a network interface of their own
    ///
    /// With `networkMode: awsvpc` each task has its own address and its own security groups. In other modes
    /// all tasks of an instance share those of the instance.
    ///
    /// ## What is checked
    ///
    /// `networkMode` is `awsvpc`, or `none`, which gives no network at all. Not stated, it is `bridge` on
    /// Linux and `nat` on Windows, and fails. A task that can only run on Fargate always has `awsvpc`. The
    /// rule does not apply to Kubernetes.
    ///
    /// ## Fails
    ///
    /// ```json
    /// {"family": "web", "networkMode": "bridge", "containerDefinitions": [{"name": "app"}]}
    /// ```
    ///
    /// ## Passes
    ///
    /// ```json
    /// {"family": "web", "networkMode": "awsvpc", "containerDefinitions": [{"name": "app"}]}
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Set `networkMode` to `awsvpc` and give the service subnets and security groups. On instances each task
    /// then takes an elastic network interface, of which an instance has only so many.
    ///
    /// ## References
    ///
    /// - [ECS: task networking with awsvpc](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html)
    /// - [ECS: RegisterTaskDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html)
    pub static RULE = {
        id: "EX-003",
        slug: "ecs-awsvpc",
        severity: Medium,
        enabled_by_default: false,
        targets: ["workload/*"],
        controls: [],
        extra: { "module": "extended" },
        texts: {
            "en": {
                title: "ECS tasks have a network interface of their own",
                remediation: "Set `networkMode` to `awsvpc`.",
                messages: {
                    "shared-network": "The task shares the network interfaces of its instance: `networkMode` is `{found}`, expected `awsvpc`.",
                    "not-stated": "The task shares the network interfaces of its instance: no `networkMode` is stated, expected `awsvpc`.",
                    "platform": "The task can only run on Fargate, where every task has `awsvpc`.",
                    "kubernetes": "The rule does not apply to Kubernetes.",
                },
            },
            "de": {
                title: "ECS-Tasks haben eine eigene Netzwerkschnittstelle",
                description: "Mit `networkMode: awsvpc` hat jede Task eine eigene Adresse und eigene Security Groups; in anderen Modi teilen sich alle Tasks die der Instanz.",
                remediation: "`networkMode` auf `awsvpc` setzen.",
                messages: {
                    "shared-network": "Die Task teilt sich die Netzwerkschnittstellen ihrer Instanz: `networkMode` ist `{found}`, erwartet wird `awsvpc`.",
                    "not-stated": "Die Task teilt sich die Netzwerkschnittstellen ihrer Instanz: Kein `networkMode` ist angegeben, erwartet wird `awsvpc`.",
                    "platform": "Die Task kann nur auf Fargate laufen, wo jede Task `awsvpc` hat.",
                    "kubernetes": "Die Regel ist auf Kubernetes nicht anwendbar.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if !is_ecs(workload, findings) {
        return;
    }
    let mode = workload.network_mode();
    let decision = mode.fails_if(|mode| !matches!(mode, Some("awsvpc" | "none")));
    // On Fargate the platform decides; whatever is stated beside it would be refused.
    let decision = match (decision, workload.fargate_only()) {
        (Decision::Pass, _) => return,
        (_, Field::Known(true)) => {
            findings.add(Finding::pass(workload, "platform"));
            return;
        }
        (_, Field::Unknown(unknown)) => Decision::Unknown(unknown),
        (decision, _) => decision,
    };
    findings.settle(decision, || match mode.read() {
        Field::Known(found) => Finding::fail(mode, "shared-network").argument("found", found),
        _ => Finding::fail(mode, "not-stated"),
    });
}
