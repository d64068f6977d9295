//! The built-in pack `terraform`: rules that read Terraform resources.
//!
//! One file is one rule; its doc comment is the page that `verdikt explain` shows.

use verdikt_sdk::export_pack;

mod se_005_terraform_literals;

export_pack! {
    id: "terraform",
    title: "Terraform resources",
    rules: [
        se_005_terraform_literals::RULE,
    ],
}
