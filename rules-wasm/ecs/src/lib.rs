//! The built-in pack `ecs`: rules that read ECS task definitions.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod ec_001_task_role;
mod ec_002_host_devices;
mod role;

export_pack! {
    id: "ecs",
    title: "ECS task definitions",
    rules: [
        ec_001_task_role::RULE,
        ec_002_host_devices::RULE,
    ],
}
