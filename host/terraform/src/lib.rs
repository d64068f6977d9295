//! Terraform as Terraform reads it, offline and with a place on every part.
//!
//! [`syntax::parse`] turns the text of a `.tf` file into a tree of blocks and expressions. It follows
//! the specification of HCL's native syntax
//! (<https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>) and, where that is silent, the
//! behavior of `terraform fmt`, which accepts a file exactly when Terraform's own parser does.
//!
//! [`program::Program`] goes from folders to what their configurations describe: it reads each into a
//! [`config::Module`], says which of them are roots, and evaluates a root with all that it calls.
//! Expressions are [evaluated](evaluate) to [`value::Value`]s. All of it sees files through
//! [`files::Files`] and spends from a [`budget::Budget`].

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
