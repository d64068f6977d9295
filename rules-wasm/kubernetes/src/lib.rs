//! The built-in pack `kubernetes`: rules that read Kubernetes objects.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod admission;
mod answer;
mod cluster;
mod namespace;
mod pod_security;
mod ps_001_namespace_enforcement;
mod ps_012_admission_enforcement;

export_pack! {
    id: "kubernetes",
    title: "Kubernetes objects",
    rules: [
        ps_001_namespace_enforcement::RULE,
        ps_012_admission_enforcement::RULE,
    ],
}
