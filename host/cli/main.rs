//! The command line of Verdikt. Everything it does, it does through the public API of the engine.

mod args;
mod commands;
mod exit;
mod guest_build;
mod log;
mod options;
mod packs;
mod problems;
mod progress;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(std::env::args_os()).into()
}
