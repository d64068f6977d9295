//! WL-004: containers drop all Linux capabilities.

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Node, Workload, rule};

use crate::common::{capability_name, is_linux};

rule! {
    /// # Containers drop all Linux capabilities
    ///
    /// A container that states nothing keeps a default set of about a dozen capabilities: it may change
    /// the owner of files, send raw packets, and more that most programs never need but an intruder
    /// does.
    ///
    /// ## What is checked
    ///
    /// The capabilities that every container drops have to contain `ALL`, written exactly so: the Pod
    /// Security Standards accept no other spelling. In ECS a privileged container fails even then,
    /// because ECS ignores the list there.
    ///
    /// The rule does not apply to Windows, which has no capabilities.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         capabilities:
    ///           drop: [NET_RAW]
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app"}]}
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
    ///         capabilities:
    ///           drop: [ALL]
    ///           add: [NET_BIND_SERVICE]
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "linuxParameters": {"capabilities": {"drop": ["ALL"]}}}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   container_definitions = jsonencode([{
    ///     name            = "app"
    ///     linuxParameters = { capabilities = { drop = ["ALL"] } }
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Drop `ALL` in every container, init containers included, and add back what the program proves to
    /// need and WL-005 allows.
    ///
    /// ## References
    ///
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [ECS: KernelCapabilities](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html)
    pub static RULE = {
        id: "WL-004",
        slug: "drop-all-capabilities",
        severity: Medium,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A21" => text, "c1-c10:C3" => explicit],
        aliases: ["checkov:CKV_K8S_37", "trivy:KSV-0003", "trivy:KSV-0106"],
        extra: { "module": "workload-hardening" },
        texts: {
            "en": {
                title: "Containers drop all Linux capabilities",
                remediation: "Add `capabilities.drop: [ALL]` to every container, init containers included; add back single ones only as WL-005 allows.",
                messages: {
                    "not-dropped": "Container `{container}` keeps the default capabilities: `capabilities.drop` lacks `ALL`.",
                    "nothing-dropped": "Container `{container}` keeps the default capabilities: nothing is dropped, expected `ALL`.",
                    "spelling": "Container `{container}` drops `{found}`, expected exactly `ALL`: Pod Security accepts no other spelling.",
                    "privileged": "Container `{container}` is privileged, so ECS ignores which capabilities it drops.",
                    "windows": "The rule does not apply: Windows has no capabilities.",
                },
            },
            "de": {
                title: "Container geben alle Linux-Capabilities ab",
                description: "Ohne Angabe behält ein Container etwa ein Dutzend Capabilities, die die meisten Programme nicht benötigen. Geprüft wird, ob jeder Container `ALL` abgibt, in genau dieser Schreibweise. In ECS verstößt ein privilegierter Container immer gegen die Regel, weil ECS die Liste dort nicht beachtet.",
                remediation: "`capabilities.drop: [ALL]` an jedem Container setzen, auch an Init-Containern; einzelne Capabilities nur hinzufügen, wie WL-005 es erlaubt.",
                messages: {
                    "not-dropped": "Container `{container}` behält die voreingestellten Capabilities: In `capabilities.drop` fehlt `ALL`.",
                    "nothing-dropped": "Container `{container}` behält die voreingestellten Capabilities: Es wird keine abgegeben, erwartet wird `ALL`.",
                    "spelling": "Container `{container}` gibt `{found}` ab, erwartet wird genau `ALL`: Pod Security erkennt keine andere Schreibweise an.",
                    "privileged": "Container `{container}` ist privilegiert, daher beachtet ECS nicht, welche Capabilities er abgibt.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt keine Capabilities.",
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
    for container in findings.every(workload.containers()) {
        let dropped = drops_all(container);
        if matches!(dropped, Decision::Fail) {
            findings.add(not_dropped(container));
            continue;
        }
        let privileged = container.privileged();
        let ignored = if workload.is_ecs() { privileged.fails_if(|value| value == Some(true)) } else { Decision::Pass };
        // A privileged container of ECS fails whatever it drops.
        findings.settle(dropped.and(ignored), || {
            Finding::fail(privileged, "privileged").argument("container", container.label())
        });
    }
}

fn drops_all(container: Container<'_>) -> Decision<'_> {
    let drop = container.capabilities().drop();
    let rest = drop.rest().map_or(Decision::Fail, Decision::Unknown);
    drop.known().fold(rest, |decision, item: Node<'_>| {
        decision.or(item.decide(|item| match item.str() {
            Field::Known(written) => Decision::when(written != "ALL"),
            Field::Absent => Decision::Fail,
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        }))
    })
}

fn not_dropped(container: Container<'_>) -> Finding<'_> {
    let drop = container.capabilities().drop();
    let misspelled = drop.known().find_map(|item| {
        let written = item.str().known()?;
        (capability_name(written) == "ALL").then_some((item, written))
    });
    let finding = match misspelled {
        Some((item, written)) => Finding::fail(item, "spelling").argument("found", written),
        None if drop.is_absent() => Finding::fail(drop, "nothing-dropped"),
        None => Finding::fail(drop, "not-dropped"),
    };
    finding.argument("container", container.label())
}
