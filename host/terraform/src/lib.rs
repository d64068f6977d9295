//! Terraform as Terraform reads it, offline and with a place on every part.
//!
//! [`syntax::parse`] turns the text of a `.tf` file into a tree of blocks and expressions. It follows
//! the specification of HCL's native syntax
//! (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>) and, where that is silent, the
//! behavior of `terraform fmt`, which accepts a file exactly when Terraform's own parser does.

pub mod budget;
pub mod config;
pub mod encoded;
pub mod evaluate;
pub mod files;
pub mod functions;
pub mod program;
pub mod syntax;
pub mod value;

#[cfg(test)]
mod testing;
