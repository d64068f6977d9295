//! Makes sure that something here can compile rules to WebAssembly.

use std::env;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::guest_build::{self, DEBIAN_PACKAGES, TARGET, Toolchain};
use crate::workspace::{run, say};

/// The toolchain for packs. Installs Debian's packages where there is none and rustup cannot fetch
/// the target, such as behind a network that reaches package mirrors only.
///
/// # Errors
/// When nothing can be installed; the message says what a person can do.
pub(crate) fn ensure() -> Result<Toolchain> {
    let toolchain = match guest_build::find() {
        Ok(toolchain) => toolchain,
        Err(reason) if has_apt() => {
            say(&format!(
                "rules are compiled to {TARGET}, for which no toolchain here has a standard library; installing Debian's {} (some 120 MB to fetch), which build it from source",
                DEBIAN_PACKAGES.join(", ")
            ));
            install_packages().context(reason)?;
            guest_build::find().context("Debian's packages are installed, but do not do")?
        }
        Err(reason) => return Err(reason),
    };
    say(&format!("rules are compiled by {}", toolchain.description()));
    Ok(toolchain)
}

fn install_packages() -> Result<()> {
    run(apt(&["update"]))?;
    let mut install = apt(&["install", "--yes", "--no-install-recommends"]);
    install.args(DEBIAN_PACKAGES);
    run(install)
}

fn has_apt() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join("apt-get").is_file())
}

/// `apt-get`, as root.
fn apt(arguments: &[&str]) -> Command {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg("apt-get");
        sudo
    };
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stdin(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
