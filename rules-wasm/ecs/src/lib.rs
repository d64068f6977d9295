//! The built-in pack `ecs`: rules that read ECS task definitions.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

export_pack! {
    id: "ecs",
    title: "ECS task definitions",
    rules: [],
}
