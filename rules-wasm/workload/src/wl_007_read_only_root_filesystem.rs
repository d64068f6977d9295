//! WL-007: the root file system is read-only.

use verdikt_sdk::{Finding, Findings, Workload, rule};

use crate::common::is_linux;

rule! {
    /// # The root file system is read-only
    ///
    /// An intruder who cannot write has to do without tools, and a container that cannot be changed is
    /// still the image that was tested. What a program has to write belongs on a volume.
    ///
    /// ## What is checked
    ///
    /// `readOnlyRootFilesystem` (ECS: `readonlyRootFilesystem`) has to be `true` for every container,
    /// init containers, sidecars and ephemeral containers included. Where it is absent the root file
    /// system is writable. No field says that a container is meant to keep data, so none is excused; a
    /// waiver can.
    ///
    /// The rule does not apply to Windows, which cannot run from a read-only file system.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "readonlyRootFilesystem": false}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name = "app"
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
    ///       securityContext:
    ///         readOnlyRootFilesystem: true
    ///       volumeMounts:
    ///         - {name: tmp, mountPath: /tmp}
    ///   volumes:
    ///     - {name: tmp, emptyDir: {}}
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "readonlyRootFilesystem": true}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name                   = "app"
    ///     readonlyRootFilesystem = true
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Set it to `true` and mount an `emptyDir` or a tmpfs where the program writes. ECS Exec needs a
    /// writable root file system; a task cannot have both.
    ///
    /// ## References
    ///
    /// - [Kubernetes: security context](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    /// - [ECS Exec](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html)
    pub static RULE = {
        id: "WL-007",
        slug: "read-only-root-filesystem",
        severity: Medium,
        targets: ["workload/*"],
        controls: [
            "bsi-sys-1-6-draft:SYS.1.6.A23" => text,
            "bsi-sys-1-6-draft:SYS.1.6.A21" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A23" => text,
            "c1-c10:C3" => explicit,
        ],
        aliases: ["checkov:CKV_K8S_22", "checkov:CKV_AWS_336", "trivy:KSV-0014", "kube-linter:no-read-only-root-fs"],
        extra: { "module": "workload-hardening" },
        texts: {
            "en": {
                title: "The root file system is read-only",
                remediation: "Set it to `true` and mount an `emptyDir` or a tmpfs for the paths that must be written. ECS Exec needs a writable root and conflicts with this rule.",
                messages: {
                    "writable": "Container `{container}` has a writable root file system: `{field}` is false, expected true.",
                    "not-stated": "Container `{container}` has a writable root file system: `{field}` is absent, expected true.",
                    "windows": "The rule does not apply: Windows cannot run from a read-only file system.",
                },
            },
            "de": {
                title: "Das Wurzeldateisystem ist schreibgeschützt",
                description: "Ein Container, der nicht verändert werden kann, entspricht weiterhin dem geprüften Image. Geprüft wird, ob `readOnlyRootFilesystem` (ECS: `readonlyRootFilesystem`) für jeden Container `true` ist, auch für Init-, Sidecar- und ephemere Container. Ohne Angabe ist das Wurzeldateisystem beschreibbar.",
                remediation: "Auf `true` setzen und für beschreibbare Pfade ein `emptyDir` oder tmpfs einbinden. ECS Exec benötigt ein beschreibbares Wurzeldateisystem und verträgt sich nicht mit dieser Regel.",
                messages: {
                    "writable": "Container `{container}` hat ein beschreibbares Wurzeldateisystem: `{field}` ist false, erwartet wird true.",
                    "not-stated": "Container `{container}` hat ein beschreibbares Wurzeldateisystem: `{field}` fehlt, erwartet wird true.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kann nicht von einem schreibgeschützten Dateisystem laufen.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if !is_linux(workload, findings) {
        return;
    }
    // As the document spells it, so that it can be found there and pasted.
    let field = if workload.is_ecs() { "readonlyRootFilesystem" } else { "readOnlyRootFilesystem" };
    for container in findings.every(workload.containers()) {
        let read_only = container.read_only_root_filesystem();
        findings.settle(read_only.fails_if(|value| value != Some(true)), || {
            let code = if read_only.read().is_absent() { "not-stated" } else { "writable" };
            Finding::fail(read_only, code).argument("container", container.label()).argument("field", field)
        });
    }
}
