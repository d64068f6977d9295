//! EC-002: ECS containers map no host devices.

use verdikt_sdk::{Decision, Document, Field, Finding, Findings, Node, Value, rule};

rule! {
    /// # ECS containers map no host devices
    ///
    /// A device of the host is direct access to the host: with `/dev/sda` a container reads and writes
    /// every file of the machine, with `/dev/mem` its memory. No user id and no read-only file system
    /// stands between.
    ///
    /// ## What is checked
    ///
    /// `linuxParameters.devices` of every container has to be empty; each device fails. Fargate refuses the
    /// parameter, so that a definition that states it does not run there anyway. Graphics cards that a
    /// container gets by `resourceRequirements` are no devices in this sense. A disk that is mounted as a
    /// volume (`driverOpts` with a `device`) is a matter of WL-010.
    ///
    /// The rule does not apply to Windows, which has no such parameter.
    ///
    /// ## Fails
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "linuxParameters": {"devices": [{"hostPath": "/dev/sda"}]}}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family = "web"
    ///   container_definitions = jsonencode([{
    ///     name            = "app"
    ///     linuxParameters = { devices = [{ hostPath = "/dev/sda" }] }
    ///   }])
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "resourceRequirements": [{"type": "GPU", "value": "1"}]}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family = "web"
    ///   container_definitions = jsonencode([{
    ///     name                 = "app"
    ///     resourceRequirements = [{ type = "GPU", value = "1" }]
    ///   }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the devices. Ask for graphics cards by `resourceRequirements`, and for storage by volumes.
    ///
    /// ## References
    ///
    /// - [ECS: LinuxParameters](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html)
    /// - [ECS: Device](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Device.html)
    /// - [ECS: task definitions for GPU workloads](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu.html)
    pub static RULE = {
        id: "EC-002",
        slug: "host-devices",
        severity: High,
        targets: ["ecs/TaskDefinition"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A17" => text],
        extra: { "module": "ecs-task" },
        texts: {
            "en": {
                title: "ECS containers map no host devices",
                remediation: "Remove `linuxParameters.devices`; ask for graphics cards by `resourceRequirements`.",
                messages: {
                    "device": "Container `{container}` maps the device `{device}` of the host, expected none.",
                    "windows": "The rule does not apply: Windows has no such parameter.",
                },
            },
            "de": {
                title: "ECS-Container binden keine Host-Geräte ein",
                description: "Über ein Gerät des Hosts greift ein Container am Dateisystem und am Speicherschutz vorbei direkt auf den Host zu. Geprüft wird, ob `linuxParameters.devices` jedes Containers leer ist.",
                remediation: "`linuxParameters.devices` entfernen; Grafikkarten über `resourceRequirements` anfordern.",
                messages: {
                    "device": "Container `{container}` bindet das Gerät `{device}` des Hosts ein, erwartet wird keines.",
                    "windows": "Die Regel ist nicht anwendbar: Windows kennt diesen Parameter nicht.",
                },
            },
        },
        document: judge,
    };
}

fn judge(document: &Document, findings: &mut Findings<'_>) {
    let task = document.root();
    let family: Value<'_, &str> = task.path(&["runtimePlatform", "operatingSystemFamily"]).into();
    // "Fail" means Windows: its families begin with the word.
    let windows = family.fails_if_text(|family| family.map_or(Some(false), |family| family.starts_with("WINDOWS")));
    match windows {
        Decision::Pass => {}
        Decision::Fail => {
            findings.add(Finding::not_applicable(document, "windows"));
            return;
        }
        Decision::Unknown(unknown) => {
            findings.add(Finding::unknown(unknown));
            return;
        }
    }
    for container in findings.every(task.get("containerDefinitions").list()) {
        let container: Node<'_> = container;
        for device in findings.every(container.path(&["linuxParameters", "devices"]).list()) {
            judge_device(container, device, findings);
        }
    }
}

/// A device counts by being there, whichever it is.
fn judge_device(container: Node<'_>, device: Node<'_>, findings: &mut Findings<'_>) {
    let decision = device.decide(|device| match device.members() {
        Field::Known(_) => Decision::Fail,
        Field::Absent => Decision::Pass,
        Field::Unknown(unknown) => Decision::Unknown(unknown),
    });
    findings.settle(decision, || {
        let name = container.get("name").str().known().map_or_else(|| container.pointer(), str::to_owned);
        Finding::fail(device, "device")
            .argument("container", name)
            .argument("device", device.get("hostPath").str().known().unwrap_or("…"))
    });
}
