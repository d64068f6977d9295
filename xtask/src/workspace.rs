//! Where things are, and how programs are started.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, ensure};

/// The repository that this program was built from.
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo puts the programs that it builds, wherever the target folder is.
    binaries: PathBuf,
}

impl Workspace {
    pub(crate) fn of_this_program() -> Result<Workspace> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no folder above it")?;
        let program = env::current_exe().context("cannot find out where xtask itself is")?;
        let binaries = program.parent().context("xtask is in no folder")?;
        ensure!(
            binaries.ends_with("release"),
            "xtask was built in another profile than release; start it as `cargo xtask`"
        );
        Ok(Workspace { root: root.to_owned(), binaries: binaries.to_owned() })
    }

    /// A program of this workspace that [`Self::build`] built.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.binaries.join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// Builds programs of this workspace and returns where they are.
    pub(crate) fn build(&self, name: &str) -> Result<PathBuf> {
        run(self.cargo(&["build", "--release", "--workspace", "--bin", name]))?;
        Ok(self.binary(name))
    }

    /// The cargo that runs this program, in the root folder.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(&self.root);
        command
    }
}

/// Says what is being done and why.
pub(crate) fn say(text: &str) {
    eprintln!("\n==> {text}");
}

/// Runs a program that has to succeed.
pub(crate) fn run(command: Command) -> Result<()> {
    let name = shown(&command);
    let status = status_of(command)?;
    ensure!(status.success(), "`{name}` failed ({status})");
    Ok(())
}

/// Runs a program, shows how it is called and returns how it ended.
pub(crate) fn status_of(mut command: Command) -> Result<ExitStatus> {
    eprintln!("    {}", shown(&command));
    command.status().with_context(|| format!("cannot start `{}`", shown(&command)))
}

/// A command as a person would type it; only for messages.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    // Cargo is known by its path, which says nothing to anybody.
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = [program].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_is_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["build", "--release"]);
        assert_eq!(shown(&command), "cargo build --release");
    }
}
