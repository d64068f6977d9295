//! EX-005: ECS clusters have Container Insights.

use verdikt_sdk::{Decision, Document, Field, Finding, Findings, Node, Value, rule};

rule! {
    /// # ECS clusters have Container Insights
    ///
    /// Container Insights collects how tasks fare: processor, memory, network, restarts. Without it nobody
    /// sees a task that mines coins or restarts all night.
    ///
    /// ## What is checked
    ///
    /// `aws_ecs_cluster` has a `setting` of the name `containerInsights` whose value is `enabled` or `enhanced`.
    /// Without such a setting it fails: the default of the account, which may say otherwise, is not looked at.
    /// The rule costs money where it is followed, so it is off by default.
    ///
    /// ## Fails
    ///
    /// ```hcl
    /// resource "aws_ecs_cluster" "shop" {
    ///   name = "shop"
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```hcl
    /// resource "aws_ecs_cluster" "shop" {
    ///   name = "shop"
    ///   setting {
    ///     name  = "containerInsights"
    ///     value = "enhanced"
    ///   }
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Add the setting. `enhanced` also shows single tasks and containers.
    ///
    /// ## References
    ///
    /// - [ECS: Container Insights](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html)
    /// - [AWS provider: `aws_ecs_cluster`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_cluster)
    pub static RULE = {
        id: "EX-005",
        slug: "container-insights",
        severity: Low,
        enabled_by_default: false,
        targets: ["terraform/aws_ecs_cluster"],
        controls: [],
        aliases: ["checkov:CKV_AWS_65", "trivy:AWS-0034"],
        extra: { "module": "extended" },
        texts: {
            "en": {
                title: "ECS clusters have Container Insights",
                remediation: "Add `setting { name = \"containerInsights\", value = \"enabled\" }` to the cluster, as a block.",
                messages: {
                    "disabled": "The cluster has no Container Insights: the setting is `{found}`, expected `enabled` or `enhanced`.",
                    "not-stated": "The cluster has no Container Insights: there is no setting `containerInsights`.",
                },
            },
            "de": {
                title: "ECS-Cluster haben Container Insights",
                description: "Container Insights sammelt, wie es den Tasks geht: Prozessor, Speicher, Netz, Neustarts. Geprüft wird die Einstellung `containerInsights` des Clusters.",
                remediation: "Dem Cluster einen Block `setting` mit `name = \"containerInsights\"` und `value = \"enabled\"` geben.",
                messages: {
                    "disabled": "Der Cluster hat kein Container Insights: Die Einstellung ist `{found}`, erwartet wird `enabled` oder `enhanced`.",
                    "not-stated": "Der Cluster hat kein Container Insights: Es gibt keine Einstellung `containerInsights`.",
                },
            },
        },
        document: judge,
    };
}

fn judge(cluster: &Document, findings: &mut Findings<'_>) {
    let settings = cluster.root().get("setting");
    let mut doubt = settings.list().rest();
    for setting in settings.list().known() {
        let setting: Node<'_> = setting;
        match setting.get("name").str() {
            Field::Known("containerInsights") => {
                let value: Value<'_, &str> = setting.get("value").into();
                let decision = value.fails_if(|value| !matches!(value, Some("enabled" | "enhanced")));
                return findings.settle(decision, || {
                    Finding::fail(value, "disabled").argument("found", value.read().known().unwrap_or_default())
                });
            }
            Field::Known(_) | Field::Absent => {}
            Field::Unknown(unknown) => doubt = Some(unknown),
        }
    }
    let decision = doubt.map_or(Decision::Fail, Decision::Unknown);
    findings.settle(decision, || Finding::fail(settings, "not-stated"));
}
