//! The built-in pack `kubernetes`: rules that read Kubernetes objects.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod admission;
mod answer;
mod bounds;
mod cluster;
mod im_006_signature_verification;
mod namespace;
mod pod_security;
mod ps_001_namespace_enforcement;
mod ps_012_admission_enforcement;
mod rs_004_limit_range;
mod rs_005_resource_quota;
mod se_002_configmap_secrets;
mod se_003_secret_in_manifest;
mod se_004_external_secrets;
mod secret_content;
mod secret_template;
mod signature;
mod workloads;

export_pack! {
    id: "kubernetes",
    title: "Kubernetes objects",
    rules: [
        ps_001_namespace_enforcement::RULE,
        ps_012_admission_enforcement::RULE,
        im_006_signature_verification::RULE,
        rs_004_limit_range::RULE,
        rs_005_resource_quota::RULE,
        se_002_configmap_secrets::RULE,
        se_003_secret_in_manifest::RULE,
        se_004_external_secrets::RULE,
    ],
}
