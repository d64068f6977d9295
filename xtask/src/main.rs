//! `cargo xtask`: the commands of this repository.
//!
//! Each one installs what it lacks, says what it does and why, and can be run again. The CLI is an
//! ordinary crate, but the packs inside it are WebAssembly, compiled for another target by what may
//! be another toolchain, and cargo cannot express that.

#![expect(clippy::disallowed_methods, reason = "a build tool reads arguments and files and starts programs")]

mod commands;
// Shared with `verdikt pack build`, which compiles other people's packs the same way.
#[path = "../../host/cli/guest_build.rs"]
mod guest_build;
mod packs;
mod ratios;
mod size;
mod tally;
mod toolchain;
mod workspace;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

const USAGE: &str = "\
The commands of this repository.

Usage: cargo xtask COMMAND

  demo                 build everything and scan examples/: the first thing to run
  test [ARGS]          build everything and run all tests; ARGS go to `cargo test`
  conformance          compare the rules with what others expect of them: the examples of the rule
                       catalogue and labelled cases, where they lie beside the repository
  docs                 write the pages that are made from code: rules-wasm/RULES.md
  packs                build the rule packs that the CLI embeds, into target/packs
  size                 compare the built packs with their size budget
  install [--root DIR] build the CLI and copy it to DIR/bin (default: cargo's own folder)
  bench [WHICH] [ARGS] run the benchmarks and compare them; WHICH: `input` for those that need no
                       sandbox, `growth` for how cost grows with input, `rules` for what rules cost
                       beside reading; ARGS go to `cargo bench`
  help                 print this
";

/// What to do, with everything that it needs.
enum Command {
    Demo,
    Test(Vec<String>),
    Conformance,
    Docs,
    Packs,
    Size,
    Install { root: Option<PathBuf> },
    Bench(Vec<String>),
    Help,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments = env::args_os().skip(1).map(|argument| {
        argument.into_string().map_err(|argument| anyhow::anyhow!("{} is not UTF-8", argument.display()))
    });
    let command = parse(arguments.collect::<Result<_>>()?)?;
    if let Command::Help = command {
        print!("{USAGE}");
        return Ok(());
    }
    let workspace = Workspace::of_this_program()?;
    match command {
        Command::Demo => commands::demo(&workspace),
        Command::Test(arguments) => commands::test(&workspace, &arguments),
        Command::Conformance => commands::conformance(&workspace),
        Command::Docs => commands::docs(&workspace),
        Command::Packs => packs::build(&workspace).map(drop),
        Command::Size => size::check(&workspace, &packs::list(&workspace)?),
        Command::Install { root } => commands::install(&workspace, root),
        Command::Bench(arguments) => commands::bench(&workspace, &arguments),
        Command::Help => Ok(()),
    }
}

fn parse(mut arguments: Vec<String>) -> Result<Command> {
    if arguments.is_empty() {
        return Ok(Command::Help);
    }
    let name = arguments.remove(0);
    let command = match name.as_str() {
        "demo" => Command::Demo,
        "conformance" => Command::Conformance,
        "docs" => Command::Docs,
        "packs" => Command::Packs,
        "size" => Command::Size,
        "help" | "-h" | "--help" => Command::Help,
        // Everything behind these names is cargo's.
        "test" => return Ok(Command::Test(arguments)),
        "bench" => return Ok(Command::Bench(arguments)),
        "install" => {
            let root = match arguments.first() {
                Some(flag) if flag == "--root" => {
                    let folder = arguments.get(1).context("--root needs a folder")?;
                    let folder = PathBuf::from(folder);
                    arguments.drain(..2);
                    Some(folder)
                }
                _ => None,
            };
            Command::Install { root }
        }
        unknown => bail!("there is no command `{unknown}`\n\n{USAGE}"),
    };
    if let Some(unexpected) = arguments.first() {
        bail!("`cargo xtask {name}` does not take `{unexpected}`\n\n{USAGE}");
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(words: &[&str]) -> Result<Command> {
        parse(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for words in [&["dem"][..], &["demo", "--fast"], &["install", "--root"], &["install", "--root", "/tmp", "x"]] {
            assert!(parse_words(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn arguments_of_cargo_are_handed_on() {
        let Ok(Command::Test(arguments)) = parse_words(&["test", "-p", "verdikt-input", "--", "yaml"]) else {
            panic!("not taken for `test`");
        };
        assert_eq!(arguments, ["-p", "verdikt-input", "--", "yaml"]);
    }

    #[test]
    fn the_usage_names_every_command() {
        for name in ["demo", "test", "conformance", "docs", "packs", "size", "install", "bench", "help"] {
            assert!(USAGE.contains(&format!("\n  {name}")), "{name}");
            assert!(parse_words(&[name]).is_ok(), "{name}");
        }
    }
}
