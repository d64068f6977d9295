//! PS-005: only safe sysctls are set.

use verdikt_sdk::{Findings, Workload, rule};

use crate::common::{is_kubernetes, is_linux};
use crate::pss;

rule! {
    /// # Only safe sysctls are set
    ///
    /// A sysctl is a setting of the kernel. Some belong to the namespaces of a pod; others reach the whole
    /// node, or take from other pods what they need.
    ///
    /// ## What is checked
    ///
    /// The name of every sysctl of the pod has to be one that the Pod Security Standards count as safe:
    ///
    /// | since | sysctls |
    /// |---|---|
    /// | v1.0 | `kernel.shm_rmid_forced`, `net.ipv4.ip_local_port_range`, `net.ipv4.tcp_syncookies`, `net.ipv4.ping_group_range`, `net.ipv4.ip_unprivileged_port_start` |
    /// | v1.27 | `net.ipv4.ip_local_reserved_ports` |
    /// | v1.29 | `net.ipv4.tcp_keepalive_time`, `net.ipv4.tcp_fin_timeout`, `net.ipv4.tcp_keepalive_intvl`, `net.ipv4.tcp_keepalive_probes` |
    /// | v1.32 | `net.ipv4.tcp_rmem`, `net.ipv4.tcp_wmem` |
    /// | v1.37 | `net.ipv4.tcp_slow_start_after_idle`, `net.ipv4.tcp_notsent_lowat` |
    ///
    /// `pss_version` pins a version. Slashes instead of dots make no difference, as they make none to the
    /// kubelet. A namespace that enforces a standard refuses them all the same, and so PS-010 does.
    ///
    /// The rule applies neither to Windows, which has no sysctls, nor to ECS, whose `systemControls` the
    /// standards do not know.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   securityContext:
    ///     sysctls:
    ///       - name: kernel.msgmax
    ///         value: "65536"
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   securityContext:
    ///     sysctls:
    ///       - name: net.ipv4.tcp_syncookies
    ///         value: "1"
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the sysctl, or set it on the nodes that run such pods. The kubelet refuses unsafe ones anyway
    /// unless its `allowedUnsafeSysctls` names them.
    ///
    /// ## References
    ///
    /// - [Kubernetes: using sysctls](https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/)
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    pub static RULE = {
        id: "PS-005",
        slug: "sysctls",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => indirect],
        aliases: ["trivy:KSV-0026"],
        extra: { "module": "pod-security-standards" },
        settings: Settings {
            /// The version of the standard: `latest`, or such as `v1.25`. A version that is newer than all known ones is judged by the newest.
            pss_version: pss::Version = pss::Latest,
        },
        texts: {
            "en": {
                title: "Only safe sysctls are set",
                remediation: "Remove the sysctl, or set it on the nodes that run such pods.",
                messages: {
                    "unsafe": "The pod sets the sysctl {value}, which is not counted as safe; safe are: {allowed}.",
                    "windows": "The rule does not apply: Windows has no sysctls.",
                    "ecs": "The rule does not apply: the Pod Security Standards are about pods of Kubernetes.",
                },
            },
            "de": {
                title: "Nur sichere Sysctls werden gesetzt",
                description: "Manche Sysctls wirken über den Pod hinaus auf den ganzen Knoten. Geprüft wird, ob jedes Sysctl des Pods in der Liste der sicheren Sysctls des Pod-Security-Standards steht; `pss_version` legt dessen Version fest.",
                remediation: "Das Sysctl entfernen oder auf den Knoten setzen, auf denen solche Pods laufen.",
                messages: {
                    "unsafe": "Der Pod setzt das Sysctl {value}, das nicht als sicher gilt; sicher sind: {allowed}.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt keine Sysctls.",
                    "ecs": "Die Regel ist nicht anwendbar: Die Pod-Security-Standards gelten für Pods von Kubernetes.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if is_kubernetes(workload, findings) && is_linux(workload, findings) {
        let control = [&pss::SYSCTLS_OF_ANY_SPELLING].into_iter();
        pss::judge(workload, settings.pss_version, control, findings, |statement| statement.finding("unsafe"));
    }
}
