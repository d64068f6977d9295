//! EX-010: what people do in containers through ECS Exec is logged.

use verdikt_sdk::{Document, Finding, Findings, Value, rule};

use crate::common::block;

rule! {
    /// # What people do in containers through ECS Exec is logged
    ///
    /// ECS Exec gives a shell in a running container. Where its sessions are not logged, nobody can say
    /// afterwards what was done.
    ///
    /// ## What is checked
    ///
    /// `logging` in the `execute_command_configuration` of an `aws_ecs_cluster` is not `NONE`. Not stated, it is
    /// `DEFAULT`: sessions go where the logs of the container go. Whether services allow ECS Exec at all is not
    /// asked here.
    ///
    /// ## Fails
    ///
    /// ```hcl
    /// resource "aws_ecs_cluster" "shop" {
    ///   configuration {
    ///     execute_command_configuration {
    ///       logging = "NONE"
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```hcl
    /// resource "aws_ecs_cluster" "shop" {
    ///   configuration {
    ///     execute_command_configuration {
    ///       logging = "OVERRIDE"
    ///       log_configuration {
    ///         cloud_watch_log_group_name = aws_cloudwatch_log_group.exec.name
    ///       }
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Set `logging` to `OVERRIDE` with a log group or a bucket that nobody who may use ECS Exec can write to.
    ///
    /// ## References
    ///
    /// - [ECS: monitoring with ECS Exec](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html)
    /// - [ECS: ExecuteCommandConfiguration](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommandConfiguration.html)
    pub static RULE = {
        id: "EX-010",
        slug: "ecs-exec-logging",
        severity: Medium,
        enabled_by_default: false,
        targets: ["terraform/aws_ecs_cluster"],
        controls: [],
        aliases: ["checkov:CKV_AWS_223"],
        extra: { "module": "extended" },
        texts: {
            "en": {
                title: "What people do in containers through ECS Exec is logged",
                remediation: "Set `logging` of `execute_command_configuration` to `OVERRIDE`, with a log group or a bucket.",
                messages: {
                    "not-logged": "Sessions of ECS Exec are not logged: `logging` is `NONE`, expected `DEFAULT` or `OVERRIDE`.",
                },
            },
            "de": {
                title: "Was über ECS Exec in Containern geschieht, wird protokolliert",
                description: "ECS Exec öffnet eine Shell in einem laufenden Container. Geprüft wird, dass `logging` der `execute_command_configuration` eines Clusters nicht `NONE` ist.",
                remediation: "`logging` der `execute_command_configuration` auf `OVERRIDE` setzen, mit einer Log-Gruppe oder einem Bucket.",
                messages: {
                    "not-logged": "Sitzungen von ECS Exec werden nicht protokolliert: `logging` ist `NONE`, erwartet wird `DEFAULT` oder `OVERRIDE`.",
                },
            },
        },
        document: judge,
    };
}

fn judge(cluster: &Document, findings: &mut Findings<'_>) {
    let configuration = block(cluster.root(), "configuration");
    let Some(configuration) = configuration.and_then(|outer| block(outer, "execute_command_configuration")) else {
        return;
    };
    let logging: Value<'_, &str> = configuration.get("logging").into();
    findings.settle(logging.fails_if(|logging| logging == Some("NONE")), || Finding::fail(logging, "not-logged"));
}
