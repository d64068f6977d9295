//! The built-in pack `extended`: rules that users of other scanners expect, though the standards that the
//! built-in rules come from do not name them. All of them are off by default.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod common;
mod ex_001_liveness_probe;
mod ex_002_readiness_probe;
mod ex_003_ecs_awsvpc;
mod ex_004_efs_transit_encryption;
mod ex_005_container_insights;
mod ex_006_ecs_health_check;
mod ex_007_command_secrets;
mod ex_008_ecs_public_ip;
mod ex_009_fargate_platform_version;
mod ex_010_ecs_exec_logging;

export_pack! {
    id: "extended",
    title: "What other scanners ask for",
    rules: [
        ex_001_liveness_probe::RULE,
        ex_002_readiness_probe::RULE,
        ex_003_ecs_awsvpc::RULE,
        ex_004_efs_transit_encryption::RULE,
        ex_005_container_insights::RULE,
        ex_006_ecs_health_check::RULE,
        ex_007_command_secrets::RULE,
        ex_008_ecs_public_ip::RULE,
        ex_009_fargate_platform_version::RULE,
        ex_010_ecs_exec_logging::RULE,
    ],
}
