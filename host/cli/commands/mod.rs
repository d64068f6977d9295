//! One file a command. A command does its work and says how it ended; errors are printed here, once.

mod baseline;
mod check;
mod config;
mod explain;
mod init;
mod normalize;
mod pack_build;
mod pack_new;
mod rule_page;
mod rules;

use std::ffi::OsString;
use std::io::{self, Write};

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};
use verdikt_engine::BaselineChange;

use crate::args::{BaselineCommand, Cli, Command, ConfigCommand, PackCommand};
use crate::exit::Exit;
use crate::options::Environment;
use crate::{log, problems};

/// Runs the command line that is given.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for, anything else is wrong usage. Whether it could be
            // printed changes nothing.
            let _ = error.print();
            return if error.use_stderr() { Exit::Failed } else { Exit::Clean };
        }
    };
    match dispatch(cli, &Environment::read()) {
        Ok(exit) => exit,
        Err(error) => {
            let exit = Exit::of_error(&error);
            if exit == Exit::Failed {
                eprintln!("{}", problems::error(&error));
            }
            exit
        }
    }
}

fn dispatch(cli: Cli, environment: &Environment) -> Result<Exit> {
    if let Some(filter) = &environment.log {
        log::start(filter)?;
    }
    let color = environment.color(cli.color);
    match cli.command {
        Command::Check(args) => check::run(&args, environment, color),
        Command::Rules(args) => rules::run(&args, environment),
        Command::Explain(args) => explain::run(&args, environment, color),
        Command::Normalize(args) => normalize::run(&args),
        Command::Baseline(BaselineCommand::Create(args)) => baseline::run(&args, BaselineChange::Create, environment),
        Command::Baseline(BaselineCommand::Update(args)) => baseline::run(&args, BaselineChange::Update, environment),
        Command::Baseline(BaselineCommand::Prune(args)) => baseline::run(&args, BaselineChange::Prune, environment),
        Command::Pack(PackCommand::New(args)) => pack_new::run(&args),
        Command::Pack(PackCommand::Build(args)) => pack_build::run(&args, environment),
        Command::Init => init::run(),
        Command::Config(ConfigCommand::Show(args)) => config::show(&args, environment),
        Command::Config(ConfigCommand::Schema) => config::schema(),
        Command::Completions(args) => completions(args.shell),
    }
}

/// `verdikt completions`: they follow from the arguments alone.
fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "verdikt", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Clean)
}

/// Writes to standard output as a whole.
fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("cannot write to standard output")
}
