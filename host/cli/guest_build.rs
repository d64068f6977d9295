//! Compiles a Rust pack to WebAssembly with whatever toolchain the machine has.
//!
//! Used by `verdikt pack build` and, through `#[path]`, by `xtask` for the built-in packs, so it
//! depends on the standard library and `anyhow` only. Two kinds of toolchain will do:
//!
//! 1. one whose standard library for `wasm32-unknown-unknown` is installed, or can be fetched by
//!    rustup;
//! 2. Debian's `rustc-web` with `rust-web-src`, where Cargo builds the standard library from source.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The target that packs are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The packages of Debian's recipe.
pub const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "cargo-web"];

/// How long rustup may take. It fetches some 20 MB; where a network swallows what is sent to rustup's
/// servers, it would wait for minutes.
const RUSTUP_TIME: Duration = Duration::from_secs(120);

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";

/// A cargo, and how it has to be called, that compiles for [`TARGET`].
#[derive(Debug)]
pub struct Toolchain {
    cargo: OsString,
    arguments: Vec<&'static str>,
    environment: Vec<(&'static str, OsString)>,
    description: String,
}

impl Toolchain {
    /// For people: which toolchain it is.
    pub fn description(&self) -> &str {
        &self.description
    }
}

/// Finds a toolchain. Where there is none but rustup, this has it install the target and says so on
/// stderr.
///
/// # Errors
/// When there is none; the message says what to install.
pub fn find() -> Result<Toolchain> {
    if target_is_installed() {
        return Ok(installed_toolchain());
    }
    // Before rustup, although it builds the standard library for a minute: who has installed it needs
    // no network, and where there is none rustup may wait for it in every run.
    if let Some(toolchain) = debian_toolchain() {
        return Ok(toolchain);
    }
    if rustup_target_add() && target_is_installed() {
        return Ok(installed_toolchain());
    }
    bail!("no Rust toolchain here can compile for {TARGET}\n{}", install_hint())
}

/// What to install when [`find`] finds nothing.
pub fn install_hint() -> String {
    format!(
        "install one of:\n  with rustup:  rustup target add {TARGET}\n  on Debian:    apt-get install --no-install-recommends {}\n                (and a wasm linker: rust-lld of any rustup toolchain, or the package lld)",
        DEBIAN_PACKAGES.join(" ")
    )
}

/// Compiles the package in `manifest_dir` (or `package` of the workspace there) with a profile and
/// returns the path of the core module. Cargo's own messages go to stderr.
///
/// # Errors
/// When cargo cannot be started or fails, or when the package has no `cdylib` target.
pub fn build(
    toolchain: &Toolchain,
    manifest_dir: &Path,
    package: Option<&str>,
    profile: &str,
    target_dir: &Path,
) -> Result<PathBuf> {
    let manifest = manifest_dir.join("Cargo.toml");
    if !manifest.is_file() {
        bail!("{} does not exist: {} is not a Rust package", manifest.display(), manifest_dir.display());
    }
    let mut command = Command::new(&toolchain.cargo);
    command.arg("build").args(["--lib", "--target", TARGET, "--profile", profile]);
    command.args(["--message-format", "json-render-diagnostics"]);
    command.arg("--manifest-path").arg(&manifest).arg("--target-dir").arg(target_dir);
    if let Some(package) = package {
        command.args(["--package", package]);
    }
    command.args(&toolchain.arguments);
    command.envs(toolchain.environment.iter().map(|(name, value)| (name, value)));
    // Flags that a person set for the host's own code, such as a linker, break guests. The prefixes
    // keep the author's home folder out of the pack and its digest the same on every machine.
    command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", remapped_prefixes(manifest_dir));
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot start {}", toolchain.cargo.to_string_lossy()))?;
    if !output.status.success() {
        bail!("cargo could not compile {} for {TARGET}", manifest_dir.display());
    }
    last_module(&String::from_utf8_lossy(&output.stdout)).with_context(|| {
        format!(
            "{} builds no WebAssembly module: it needs `crate-type = [\"cdylib\"]` under `[lib]`",
            manifest.display()
        )
    })
}

/// Values of `--remap-path-prefix` in the form of `CARGO_ENCODED_RUSTFLAGS`.
fn remapped_prefixes(manifest_dir: &Path) -> OsString {
    let mut flags = OsString::new();
    let homes = [("CARGO_HOME", ".cargo", "/cargo"), ("RUSTUP_HOME", ".rustup", "/rustup")];
    let homes = homes.iter().filter_map(|(variable, folder, name)| Some((home(variable, folder)?, *name)));
    let here = fs::canonicalize(manifest_dir).ok().map(|path| (path, "/pack"));
    for (path, name) in homes.chain(here) {
        if !flags.is_empty() {
            // The separator of this variable.
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(path);
        flags.push("=");
        flags.push(name);
    }
    flags
}

/// A folder that a variable names, or its place in the home folder.
fn home(variable: &str, folder: &str) -> Option<PathBuf> {
    let stated = env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    stated.or_else(|| Some(env::home_dir()?.join(folder)))
}

/// The module of the package itself in cargo's messages: a package is reported after everything
/// that it depends on, so the last one is it.
fn last_module(messages: &str) -> Option<PathBuf> {
    let artifacts = messages.lines().filter(|line| line.contains(r#""reason":"compiler-artifact""#));
    let mut modules = artifacts.filter_map(|line| {
        let (_, names) = line.split_once(r#""filenames":["#)?;
        json_strings(names).into_iter().find(|name| name.ends_with(".wasm"))
    });
    modules.next_back().map(PathBuf::from)
}

/// The strings of a JSON list of strings, from behind its `[` to its `]`. Cargo's messages are the
/// only JSON that this file reads.
fn json_strings(list: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut current: Option<String> = None;
    let mut chars = list.chars();
    while let Some(char) = chars.next() {
        match (&mut current, char) {
            (None, '"') => current = Some(String::new()),
            (None, ']') => break,
            (None, _) => {}
            (Some(_), '"') => strings.extend(current.take()),
            (Some(text), '\\') => match chars.next() {
                Some('u') => {
                    let code: String = chars.by_ref().take(4).collect();
                    text.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
                }
                Some(escape) => text.push(match escape {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    other => other,
                }),
                None => {}
            },
            (Some(text), char) => text.push(char),
        }
    }
    strings
}

fn installed_toolchain() -> Toolchain {
    Toolchain {
        cargo: "cargo".into(),
        arguments: Vec::new(),
        environment: Vec::new(),
        description: format!("{} with its {TARGET}", version("rustc").unwrap_or_else(|| "rustc".to_owned())),
    }
}

/// Whether the standard library for the target is there. Asked of the file system: rustup has been
/// seen to call a target up to date whose files were gone.
fn target_is_installed() -> bool {
    let Some(folder) = output_of(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET])) else {
        return false;
    };
    entries(Path::new(&folder)).iter().any(|path| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

fn rustup_target_add() -> bool {
    if version("rustup").is_none() {
        return false;
    }
    eprintln!("note: running `rustup target add {TARGET}`, for at most {} s", RUSTUP_TIME.as_secs());
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "1").stdin(Stdio::null());
    let Ok(mut rustup) = command.spawn() else {
        return false;
    };
    let end = Instant::now() + RUSTUP_TIME;
    loop {
        match rustup.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(50)),
            Ok(None) | Err(_) => {
                eprintln!("note: rustup did not end in time and was stopped");
                // It may have ended just now; then there is nothing to stop.
                let _ = rustup.kill();
                let _ = rustup.wait();
                return false;
            }
        }
    }
}

/// Debian's packages have no standard library for the target, but its source: Cargo builds it.
/// <https://doc.rust-lang.org/cargo/reference/unstable.html#build-std>
fn debian_toolchain() -> Option<Toolchain> {
    let rustc = Path::new(DEBIAN_RUSTC);
    let release = version(DEBIAN_RUSTC)?;
    let sysroot = PathBuf::from(output_of(Command::new(rustc).args(["--print", "sysroot"]))?);
    if !sysroot.join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file() {
        return None;
    }
    let cargo = if Path::new(DEBIAN_CARGO).is_file() { DEBIAN_CARGO } else { "cargo" };
    Some(Toolchain {
        cargo: cargo.into(),
        arguments: vec!["-Zbuild-std=std,panic_abort"],
        environment: vec![
            ("RUSTC", rustc.into()),
            // Lets a stable compiler build its own standard library.
            ("RUSTC_BOOTSTRAP", "1".into()),
            ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", wasm_linker(&sysroot)?.into()),
        ],
        description: format!("{release} of Debian, which builds the standard library for {TARGET} itself"),
    })
}

/// `rust-lld` of this toolchain or of any that rustup has, else `wasm-ld` of the package `lld`.
fn wasm_linker(sysroot: &Path) -> Option<PathBuf> {
    let mut toolchains =
        home("RUSTUP_HOME", ".rustup").map(|home| entries(&home.join("toolchains"))).unwrap_or_default();
    toolchains.insert(0, sysroot.to_owned());
    let hosts = toolchains.iter().flat_map(|toolchain| entries(&toolchain.join("lib/rustlib")));
    let bundled = hosts.map(|host| host.join("bin/rust-lld")).find(|linker| linker.is_file());
    bundled.or_else(|| {
        let path = env::var_os("PATH")?;
        // Debian's name has a version behind it, such as `wasm-ld-19`.
        let is_linker = |file: &PathBuf| {
            let name = file.file_name().and_then(OsStr::to_str).unwrap_or_default();
            name == "wasm-ld" || name.starts_with("wasm-ld-")
        };
        env::split_paths(&path).flat_map(|folder| entries(&folder)).find(is_linker)
    })
}

/// What is in a folder, sorted; nothing when it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn version(program: &str) -> Option<String> {
    output_of(Command::new(program).arg("--version"))
}

/// What a program prints, if it can be started and succeeds.
fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_of_the_package_is_the_last_one() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"dep"},"filenames":["/t/deps/dep.wasm"],"fresh":true}"#,
            "\n",
            r#"{"reason":"build-script-executed","filenames":["/t/no.wasm"]}"#,
            "\n",
            r#"{"reason":"compiler-artifact","filenames":["/t/lib.rlib","/t/a \"b\"\\\u00fc].wasm"],"executable":null}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(last_module(messages), Some(PathBuf::from("/t/a \"b\"\\ü].wasm")));
        assert_eq!(last_module(r#"{"reason":"compiler-artifact","filenames":["/t/lib.rlib"]}"#), None);
    }

    #[test]
    fn a_folder_without_a_manifest_is_refused() {
        let toolchain = installed_toolchain();
        let error =
            build(&toolchain, Path::new("/nowhere"), None, "release", Path::new("/nowhere/target")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/Cargo.toml does not exist"), "{error}");
    }
}
