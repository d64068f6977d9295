//! WL-009: workloads do not share the host PID or IPC namespace.

use verdikt_sdk::{Finding, Findings, Workload, rule};

use crate::common::shares;

rule! {
    /// # Workloads do not share the host PID or IPC namespace
    ///
    /// With the process ids of its host a container sees every process of the node, its arguments and
    /// often its environment, and may send it signals. With the inter-process communication of its host
    /// it reads and writes the shared memory of others.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: `hostPID: true` and `hostIPC: true` fail, each for itself. ECS: `pidMode: host` and
    /// `ipcMode: host` fail. Absent passes: the namespaces are then private.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   hostPID: true
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ```json
    /// {"pidMode": "host", "containerDefinitions": [{"name": "app"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   pid_mode = "host"
    ///   ipc_mode = "host"
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   shareProcessNamespace: true
    ///   containers:
    ///     - name: app
    /// ```
    ///
    /// ```json
    /// {"pidMode": "task", "containerDefinitions": [{"name": "app"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   pid_mode = "task"
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the fields. Containers of one pod that have to see each other's processes use
    /// `shareProcessNamespace`; containers of one task use `pidMode: task`.
    ///
    /// ## References
    ///
    /// - [Kubernetes: share process namespace](https://kubernetes.io/docs/tasks/configure-pod-container/share-process-namespace/)
    /// - [Kubernetes: Pod Security Standards, host namespaces](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [ECS: RegisterTaskDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html)
    pub static RULE = {
        id: "WL-009",
        slug: "host-pid-ipc",
        severity: High,
        targets: ["workload/*"],
        controls: ["bsi-app-4-4-draft:APP.4.4.A4" => text],
        aliases: [
            "checkov:CKV_K8S_17@hostPID",
            "checkov:CKV_K8S_18@hostIPC",
            "checkov:CKV_AWS_335@hostPID",
            "trivy:KSV-0010@hostPID",
            "trivy:KSV-0008@hostIPC",
            "kube-linter:host-pid@hostPID",
            "kube-linter:host-ipc@hostIPC",
        ],
        extra: { "module": "workload-hardening" },
        texts: {
            "en": {
                title: "Workloads do not share the host PID or IPC namespace",
                remediation: "Remove `hostPID` and `hostIPC` (ECS: `pidMode` and `ipcMode` host); use `shareProcessNamespace` inside the pod when containers must see each other.",
                messages: {
                    "pid": "The processes of the host are visible: `{field}` is {value}, expected {expected}.",
                    "ipc": "The inter-process communication of the host is shared: `{field}` is {value}, expected {expected}.",
                },
            },
            "de": {
                title: "Workloads teilen nicht den PID- oder IPC-Namensraum des Hosts",
                description: "Mit dem PID-Namensraum des Hosts sieht ein Container alle Prozesse des Knotens, mit dem IPC-Namensraum dessen gemeinsamen Speicher. Geprüft werden in Kubernetes `hostPID` und `hostIPC`, in ECS `pidMode` und `ipcMode`.",
                remediation: "`hostPID` und `hostIPC` entfernen (ECS: `pidMode` und `ipcMode` host); wenn Container einander sehen müssen, innerhalb des Pods `shareProcessNamespace` verwenden.",
                messages: {
                    "pid": "Die Prozesse des Hosts sind sichtbar: `{field}` ist {value}, erwartet wird {expected}.",
                    "ipc": "Die Interprozesskommunikation des Hosts wird geteilt: `{field}` ist {value}, erwartet wird {expected}.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    for (flag, mode, code, pod_field, task_field) in [
        (workload.host_pid(), workload.pid_mode(), "pid", "hostPID", "pidMode"),
        (workload.host_ipc(), workload.ipc_mode(), "ipc", "hostIPC", "ipcMode"),
    ] {
        findings.settle(shares(flag, mode), || {
            let (field, value, expected) =
                if workload.is_ecs() { (task_field, "host", "task") } else { (pod_field, "true", "false") };
            Finding::fail(flag, code).argument("field", field).argument("value", value).argument("expected", expected)
        });
    }
}
