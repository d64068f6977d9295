//! EX-009: services on Fargate run on the newest platform version.

use verdikt_sdk::{Document, Field, Finding, Findings, Strings, Value, rule};

rule! {
    /// # Services on Fargate run on the newest platform version
    ///
    /// The platform version is the kernel and the runtime below a task. An old one has the faults that newer
    /// ones mend.
    ///
    /// ## What is checked
    ///
    /// `platform_version` of an `aws_ecs_service` with `launch_type = "FARGATE"` is one of
    /// `accepted_platform_versions`. Not stated, it is `LATEST`, which passes. The rule does not apply to
    /// services of other launch types, nor to those that state none and choose a capacity provider.
    ///
    /// ## Fails
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "web" {
    ///   launch_type      = "FARGATE"
    ///   platform_version = "1.3.0"
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "web" {
    ///   launch_type      = "FARGATE"
    ///   platform_version = "LATEST"
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove `platform_version`, or set it to `LATEST`, and deploy the service anew when a version is new.
    ///
    /// ## References
    ///
    /// - [ECS: Fargate platform versions](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html)
    /// - [AWS provider: `aws_ecs_service`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service)
    pub static RULE = {
        id: "EX-009",
        slug: "fargate-platform-version",
        severity: Medium,
        enabled_by_default: false,
        targets: ["terraform/aws_ecs_service"],
        controls: [],
        aliases: ["checkov:CKV_AWS_332"],
        extra: { "module": "extended" },
        settings: Settings {
            /// Platform versions that are new enough.
            accepted_platform_versions: Strings = ["LATEST"],
        },
        texts: {
            "en": {
                title: "Services on Fargate run on the newest platform version",
                remediation: "Remove `platform_version`, or set it to `LATEST`.",
                messages: {
                    "old-version": "The service runs on platform version `{found}`, expected one of: {expected}.",
                    "not-fargate": "The rule does not apply: the service does not state the launch type `FARGATE`.",
                },
            },
            "de": {
                title: "Services auf Fargate laufen auf der neuesten Plattformversion",
                description: "Die Plattformversion ist Kernel und Laufzeitumgebung einer Task; eine alte hat Fehler, die neuere beheben. Geprüft wird `platform_version` von Services mit dem Starttyp `FARGATE`.",
                remediation: "`platform_version` entfernen oder auf `LATEST` setzen.",
                messages: {
                    "old-version": "Der Service läuft auf der Plattformversion `{found}`, erwartet wird eine von: {expected}.",
                    "not-fargate": "Die Regel ist nicht anwendbar: Der Service nennt nicht den Starttyp `FARGATE`.",
                },
            },
        },
        document: judge,
    };
}

fn judge(service: &Document, settings: &Settings, findings: &mut Findings<'_>) {
    let version: Value<'_, &str> = service.root().get("platform_version").into();
    let accepted = &settings.accepted_platform_versions;
    let decision = version.fails_if(|version| version.is_some_and(|version| !accepted.contains(version)));
    match service.root().get("launch_type").str() {
        Field::Known("FARGATE") => {}
        Field::Unknown(unknown) => {
            // Whatever the launch type: what would pass on Fargate does.
            if !matches!(decision, verdikt_sdk::Decision::Pass) {
                findings.add(Finding::unknown(unknown));
            }
            return;
        }
        Field::Known(_) | Field::Absent => {
            findings.add(Finding::not_applicable(service, "not-fargate"));
            return;
        }
    }
    findings.settle(decision, || {
        Finding::fail(version, "old-version")
            .argument("found", version.read().known().unwrap_or_default())
            .argument("expected", accepted.join(", "))
    });
}
