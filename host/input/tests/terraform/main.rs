//! Terraform at the border of this crate: what comes of plans and of configurations.

mod beside;
mod configuration;
mod kubernetes;
mod plan;
mod support;
mod suppressions;
