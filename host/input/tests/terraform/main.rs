//! Terraform at the border of this crate: what comes of plans and of configurations.

mod plan;
mod support;
