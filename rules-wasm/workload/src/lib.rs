//! The built-in pack `workload`: rules that read the workload, the one view of Kubernetes pod
//! templates and ECS task definitions.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod autoscaler;
mod collector;
mod command;
mod common;
mod fargate_profile;
mod host_path;
mod im_001_version_tag;
mod im_002_digest_pinned;
mod im_003_approved_registry;
mod im_004_no_public_registry;
mod im_005_pull_policy_always;
mod im_007_deprecated_image;
mod image;
mod lg_001_container_logs;
mod nodes;
mod production;
mod ps_002_windows_host_process;
mod ps_003_host_ports;
mod ps_004_proc_mount;
mod ps_005_sysctls;
mod ps_006_linux_security_modules;
mod ps_007_probe_host;
mod ps_008_restricted_volume_types;
mod ps_009_baseline_capabilities;
mod ps_010_profile_baseline;
mod ps_011_profile_restricted;
mod pss;
mod resources;
mod rs_001_memory_limit;
mod rs_002_cpu_limit;
mod rs_003_requests;
mod rs_006_replicas;
mod script;
mod se_001_literal_secrets;
mod terraform;
mod wl_001_privileged;
mod wl_002_non_root;
mod wl_003_privilege_escalation;
mod wl_004_drop_all_capabilities;
mod wl_005_added_capabilities;
mod wl_006_seccomp;
mod wl_007_read_only_root_filesystem;
mod wl_008_host_network;
mod wl_009_host_pid_ipc;
mod wl_010_host_path;
mod wl_011_user_namespace;
mod wl_012_no_remote_administration;
mod wl_013_one_service_per_container;
mod wl_014_no_shell_entrypoint;
mod wl_015_untrusted_isolation;
mod wrapper;

export_pack! {
    id: "workload",
    title: "Workloads of Kubernetes and ECS",
    rules: [
        wl_001_privileged::RULE,
        wl_002_non_root::RULE,
        wl_003_privilege_escalation::RULE,
        wl_004_drop_all_capabilities::RULE,
        wl_005_added_capabilities::RULE,
        wl_006_seccomp::RULE,
        wl_007_read_only_root_filesystem::RULE,
        wl_008_host_network::RULE,
        wl_009_host_pid_ipc::RULE,
        wl_010_host_path::RULE,
        wl_011_user_namespace::RULE,
        wl_012_no_remote_administration::RULE,
        wl_013_one_service_per_container::RULE,
        wl_014_no_shell_entrypoint::RULE,
        wl_015_untrusted_isolation::RULE,
        ps_002_windows_host_process::RULE,
        ps_003_host_ports::RULE,
        ps_004_proc_mount::RULE,
        ps_005_sysctls::RULE,
        ps_006_linux_security_modules::RULE,
        ps_007_probe_host::RULE,
        ps_008_restricted_volume_types::RULE,
        ps_009_baseline_capabilities::RULE,
        ps_010_profile_baseline::RULE,
        ps_011_profile_restricted::RULE,
        im_001_version_tag::RULE,
        im_002_digest_pinned::RULE,
        im_003_approved_registry::RULE,
        im_004_no_public_registry::RULE,
        im_005_pull_policy_always::RULE,
        im_007_deprecated_image::RULE,
        rs_001_memory_limit::RULE,
        rs_002_cpu_limit::RULE,
        rs_003_requests::RULE,
        rs_006_replicas::RULE,
        se_001_literal_secrets::RULE,
        lg_001_container_logs::RULE,
    ],
}
