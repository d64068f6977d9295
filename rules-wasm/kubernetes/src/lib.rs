//! The built-in pack `kubernetes`: rules that read Kubernetes objects.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

export_pack! {
    id: "kubernetes",
    title: "Kubernetes objects",
    rules: [],
}
