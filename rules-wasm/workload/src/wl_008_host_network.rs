//! WL-008: workloads do not use the host network.

use verdikt_sdk::{Finding, Findings, Workload, rule};

use crate::common::shares;

rule! {
    /// # Workloads do not use the host network
    ///
    /// In the network of its host a container sees the node's traffic, reaches what listens on the
    /// node's loopback address, and is beyond the reach of network policies. In ECS it also reaches the
    /// credentials of the container instance.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: `hostNetwork: true` fails. ECS: `networkMode: host` fails. Absent passes: a pod then
    /// has a network of its own, and a task is in `bridge` mode, or in `awsvpc` mode on Fargate.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   hostNetwork: true
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ```json
    /// {"networkMode": "host", "containerDefinitions": [{"name": "app"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   network_mode = "host"
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       ports: [{containerPort: 8080}]
    /// ```
    ///
    /// ```json
    /// {"networkMode": "awsvpc", "containerDefinitions": [{"name": "app"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   network_mode = "awsvpc"
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Publish ports with a Service; in ECS use `awsvpc`. Agents of the network itself are the
    /// exception that a waiver is for.
    ///
    /// ## References
    ///
    /// - [Kubernetes: Pod Security Standards, host namespaces](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [ECS: network modes](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html)
    pub static RULE = {
        id: "WL-008",
        slug: "host-network",
        severity: High,
        targets: ["workload/*"],
        controls: ["bsi-app-4-4-draft:APP.4.4.A4" => text, "bsi-sys-1-6-draft:SYS.1.6.A17" => text],
        aliases: ["checkov:CKV_K8S_19", "trivy:KSV-0009", "kube-linter:host-network"],
        extra: { "module": "workload-hardening" },
        texts: {
            "en": {
                title: "Workloads do not use the host network",
                remediation: "Remove `hostNetwork` and publish ports with a Service. ECS: use `awsvpc`.",
                messages: {
                    "pod": "The pod uses the network of its host: `hostNetwork` is true, expected false or nothing.",
                    "task": "The task uses the network of its host: `networkMode` is host, expected awsvpc or bridge.",
                },
            },
            "de": {
                title: "Workloads nutzen nicht das Host-Netz",
                description: "Im Netz des Hosts sieht ein Container den Verkehr des Knotens, erreicht Dienste auf dessen Loopback-Adresse und unterliegt keinen Netzwerkrichtlinien. Geprüft werden in Kubernetes `hostNetwork` und in ECS `networkMode`.",
                remediation: "`hostNetwork` entfernen und Ports über einen Service veröffentlichen. ECS: `awsvpc` verwenden.",
                messages: {
                    "pod": "Der Pod nutzt das Netz des Hosts: `hostNetwork` ist true, erwartet wird false oder keine Angabe.",
                    "task": "Die Task nutzt das Netz des Hosts: `networkMode` ist host, erwartet wird awsvpc oder bridge.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    let network = workload.host_network();
    let code = if workload.is_ecs() { "task" } else { "pod" };
    findings.settle(shares(network, workload.network_mode()), || Finding::fail(network, code));
}
