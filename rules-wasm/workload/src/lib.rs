//! The built-in pack `workload`: rules that read the workload, the one view of Kubernetes pod
//! templates and ECS task definitions.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod common;
mod im_001_version_tag;
mod quantity;
mod rs_001_memory_limit;
mod se_001_literal_secrets;
mod wl_001_privileged;
mod wl_002_non_root;
mod wl_003_privilege_escalation;
mod wl_004_drop_all_capabilities;
mod wl_005_added_capabilities;
mod wl_007_read_only_root_filesystem;
mod wl_008_host_network;
mod wl_009_host_pid_ipc;

export_pack! {
    id: "workload",
    title: "Workloads of Kubernetes and ECS",
    rules: [
        wl_001_privileged::RULE,
        wl_002_non_root::RULE,
        wl_003_privilege_escalation::RULE,
        wl_004_drop_all_capabilities::RULE,
        wl_005_added_capabilities::RULE,
        wl_007_read_only_root_filesystem::RULE,
        wl_008_host_network::RULE,
        wl_009_host_pid_ipc::RULE,
        im_001_version_tag::RULE,
        rs_001_memory_limit::RULE,
        se_001_literal_secrets::RULE,
    ],
}
