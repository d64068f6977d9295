//! Runs the binary as people and CI jobs do: arguments, files and standard input in; exit code,
//! standard output, standard error and files out.
//!
//! Some tests need the built-in packs and fail without them: `cargo xtask test` builds them first.

#![expect(clippy::disallowed_methods, reason = "tests make the folders that they scan")]

mod adoption;
mod check;
mod config;
mod contract;
mod diff_base;
mod history;
mod normalize;
mod pack;
mod policy;
mod rules;
mod support;
mod suppress;
mod terraform;
mod usage;
