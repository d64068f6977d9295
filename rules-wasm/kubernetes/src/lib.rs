//! The built-in pack `kubernetes`: rules that read Kubernetes objects.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod se_002_configmap_secrets;
mod se_003_secret_in_manifest;
mod se_004_external_secrets;
mod secret_content;

export_pack! {
    id: "kubernetes",
    title: "Kubernetes objects",
    rules: [
        se_002_configmap_secrets::RULE,
        se_003_secret_in_manifest::RULE,
        se_004_external_secrets::RULE,
    ],
}
