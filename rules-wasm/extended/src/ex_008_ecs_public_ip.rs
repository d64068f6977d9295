//! EX-008: tasks of ECS services get no public address.

use verdikt_sdk::{Document, Finding, Findings, Value, rule};

use crate::common::block;

rule! {
    /// # Tasks of ECS services get no public address
    ///
    /// A task with a public address can be reached from everywhere, and only its security groups stand between
    /// it and the internet.
    ///
    /// ## What is checked
    ///
    /// `assign_public_ip` in the `network_configuration` of `aws_ecs_service` and `aws_ecs_task_set` is not
    /// true. Not stated, it is false. In a subnet without a NAT gateway or endpoints, tasks on Fargate need a
    /// public address to pull their image, so the rule is off by default.
    ///
    /// ## Fails
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "web" {
    ///   network_configuration {
    ///     subnets          = aws_subnet.public[*].id
    ///     assign_public_ip = true
    ///   }
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```hcl
    /// resource "aws_ecs_service" "web" {
    ///   network_configuration {
    ///     subnets = aws_subnet.private[*].id
    ///   }
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Run the tasks in private subnets behind a load balancer; they reach registries through VPC endpoints or
    /// a NAT gateway.
    ///
    /// ## References
    ///
    /// - [ECS: AwsVpcConfiguration](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html)
    /// - [AWS provider: `aws_ecs_service`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service)
    pub static RULE = {
        id: "EX-008",
        slug: "ecs-public-ip",
        severity: High,
        enabled_by_default: false,
        targets: ["terraform/aws_ecs_service", "terraform/aws_ecs_task_set"],
        controls: [],
        aliases: ["checkov:CKV_AWS_333"],
        extra: { "module": "extended" },
        texts: {
            "en": {
                title: "Tasks of ECS services get no public address",
                remediation: "Remove `assign_public_ip` and run the tasks in private subnets.",
                messages: {
                    "public-ip": "Tasks of the service get a public address: `assign_public_ip` is true, expected false.",
                },
            },
            "de": {
                title: "Tasks von ECS-Services erhalten keine öffentliche Adresse",
                description: "Eine Task mit öffentlicher Adresse ist von überall erreichbar. Geprüft wird `assign_public_ip` von Services und Task-Sets.",
                remediation: "`assign_public_ip` entfernen und die Tasks in privaten Subnetzen laufen lassen.",
                messages: {
                    "public-ip": "Die Tasks des Services erhalten eine öffentliche Adresse: `assign_public_ip` ist true, erwartet wird false.",
                },
            },
        },
        document: judge,
    };
}

fn judge(service: &Document, findings: &mut Findings<'_>) {
    let Some(network) = block(service.root(), "network_configuration") else { return };
    let public: Value<'_, bool> = network.get("assign_public_ip").into();
    findings.settle(public.fails_if(|public| public == Some(true)), || Finding::fail(public, "public-ip"));
}
