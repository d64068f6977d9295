//! The command line of Verdikt. Everything it does, it does through the public API of the engine.

#![expect(clippy::disallowed_methods, reason = "files, environment and programs of the user enter here")]

mod args;
mod commands;
mod config;
mod exit;
mod git;
mod guest_build;
mod log;
mod options;
mod packs;
mod policies;
mod problems;
mod progress;
mod table;
mod variables;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(std::env::args_os()).into()
}
