//! The built-in pack `kubernetes`: rules that read Kubernetes objects.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod answer;
mod bounds;
mod placement;
mod rs_004_limit_range;
mod rs_005_resource_quota;

export_pack! {
    id: "kubernetes",
    title: "Kubernetes objects",
    rules: [rs_004_limit_range::RULE, rs_005_resource_quota::RULE],
}
