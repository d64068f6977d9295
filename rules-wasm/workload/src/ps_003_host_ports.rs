//! PS-003: containers do not bind host ports.

use verdikt_sdk::{Findings, Workload, rule};

use crate::common::is_kubernetes;
use crate::pss;

rule! {
    /// # Containers do not bind host ports
    ///
    /// A port of the node is reached by everybody who reaches the node, past Services and, with many
    /// network plugins, past network policies. And only one pod of a node can have it.
    ///
    /// ## What is checked
    ///
    /// Every `hostPort` that a container, an init container, a sidecar or an ephemeral container states
    /// has to be 0. With `hostNetwork: true` Kubernetes fills the field in for ports that do not state
    /// it; those are not reported here, because WL-008 reports the host network.
    ///
    /// The rule does not apply to ECS, where `hostPort` is how a port is published at all.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       ports:
    ///         - containerPort: 8080
    ///           hostPort: 80
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
    /// ## How to fix it
    ///
    /// Remove `hostPort` and publish the port with a Service or an Ingress.
    ///
    /// ## References
    ///
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [Kubernetes: Service](https://kubernetes.io/docs/concepts/services-networking/service/)
    pub static RULE = {
        id: "PS-003",
        slug: "host-ports",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => indirect],
        aliases: ["checkov:CKV_K8S_26", "trivy:KSV-0024"],
        extra: { "module": "pod-security-standards" },
        texts: {
            "en": {
                title: "Containers do not bind host ports",
                remediation: "Remove `hostPort` and publish the port with a Service or an Ingress.",
                messages: {
                    "host-port": "Container `{container}` binds a port of its node: `hostPort` is {value}, expected 0 or nothing.",
                    "ecs": "The rule does not apply: on ECS, ports are published as ports of the host.",
                },
            },
            "de": {
                title: "Container belegen keine Host-Ports",
                description: "Ein Port des Knotens ist an Services und oft auch an Netzwerkrichtlinien vorbei erreichbar. Geprüft wird, ob ein Container, auch ein Init- oder ephemerer Container, einen `hostPort` über 0 angibt.",
                remediation: "`hostPort` entfernen und den Port über einen Service oder ein Ingress veröffentlichen.",
                messages: {
                    "host-port": "Container `{container}` belegt einen Port seines Knotens: `hostPort` ist {value}, erwartet wird 0 oder keine Angabe.",
                    "ecs": "Die Regel ist nicht anwendbar: In ECS werden Ports als Ports des Hosts veröffentlicht.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if is_kubernetes(workload, findings) {
        let control = [&pss::HOST_PORTS].into_iter();
        pss::judge(workload, pss::Latest.into(), control, findings, |statement| statement.finding("host-port"));
    }
}
