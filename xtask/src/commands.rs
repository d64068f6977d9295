//! What the commands do, step by step.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::packs;
use crate::ratios::ratios;
use crate::tally::Tally;
use crate::workspace::{Workspace, run, say, shown, status_of};

/// Builds everything and scans `examples/`. Findings are what it is for, so they are no failure.
pub(crate) fn demo(workspace: &Workspace) -> Result<()> {
    let verdikt = build_cli(workspace)?;
    say("scanning examples/");
    let mut scan = Command::new(verdikt);
    scan.args(["check", "examples"]).current_dir(&workspace.root);
    let status = status_of(scan)?;
    match status.code() {
        Some(0 | 1) => {}
        Some(3) => bail!("the scan of examples/ is incomplete; its report says what could not be judged"),
        _ => bail!("the scan of examples/ failed ({status})"),
    }
    say("next: `cargo run --release -- check PATH` scans your own files; `cargo xtask install` installs `verdikt`");
    Ok(())
}

/// Builds everything and runs all tests. They run in the release profile: they need wasmtime, which
/// is compiled already, and compile hostile guests with it, which takes long without optimization.
pub(crate) fn test(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    packs::build(workspace)?;
    say("running all tests");
    let mut command = workspace.cargo(&["test", "--release", "--workspace", "--no-fail-fast"]);
    command.args(arguments);
    let name = shown(&command);
    eprintln!("    {name}");
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{name}`"))?;

    let mut tally = Tally::default();
    let output = child.stdout.take().context("the output of `cargo test` was not captured")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cannot read the output of `cargo test`")?;
        let line = String::from_utf8_lossy(&line);
        writeln!(std::io::stdout(), "{line}").context("cannot write to standard output")?;
        tally.add_line(&line);
    }
    let status = child.wait().with_context(|| format!("cannot wait for `{name}`"))?;
    println!("\n{tally}");
    ensure!(status.success(), "`{name}` failed ({status})");
    ensure!(tally.passed > 0, "no test was run");
    Ok(())
}

/// Compares the rules with what others expect of them. Part of all tests; here by itself, with its
/// figures.
pub(crate) fn conformance(workspace: &Workspace) -> Result<()> {
    packs::build(workspace)?;
    say("comparing the rules with what others expect of them");
    let mut command = workspace.cargo(&["test", "--release", "--workspace", "--test", "conformance"]);
    command.args(["--", "--nocapture"]);
    run(command)
}

/// Writes the pages of the built-in rules. A test of the CLI fails when they are not current.
pub(crate) fn docs(workspace: &Workspace) -> Result<()> {
    let verdikt = build_cli(workspace)?;
    let page = workspace.root.join("rules-wasm/RULES.md");
    let output = Command::new(verdikt).args(["explain", "--all"]).output().context("cannot run the built CLI")?;
    ensure!(output.status.success(), "`verdikt explain --all` failed: {}", String::from_utf8_lossy(&output.stderr));
    fs::write(&page, output.stdout).with_context(|| format!("cannot write {}", page.display()))?;
    say(&format!("wrote {}", page.display()));
    Ok(())
}

/// Builds the CLI and copies it to a folder of programs.
pub(crate) fn install(workspace: &Workspace, root: Option<PathBuf>) -> Result<()> {
    let built = build_cli(workspace)?;
    let root = match root {
        Some(root) => root,
        None => cargo_home()?,
    };
    let folder = root.join("bin");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let name = built.file_name().context("the built program has no name")?;
    let installed = folder.join(name);
    // A program that is running can be replaced, but not written to.
    let staged = folder.join(format!(".verdikt-{}", std::process::id()));
    fs::copy(&built, &staged).with_context(|| format!("cannot write {}", staged.display()))?;
    if let Err(error) = fs::rename(&staged, &installed) {
        // The copy is of no use to anybody; that it stays is the smaller problem.
        let _ = fs::remove_file(&staged);
        return Err(error).with_context(|| format!("cannot write {}", installed.display()));
    }
    say(&format!("installed {}", installed.display()));
    let path = env::var_os("PATH").unwrap_or_default();
    if !env::split_paths(&path).any(|entry| entry == folder) {
        eprintln!("    {} is not on the PATH; add it to call `verdikt` by its name", folder.display());
    }
    Ok(())
}

/// Runs benchmarks and says what their numbers mean beside each other. `input`, `growth` and `rules` as
/// the first argument choose what they name; the first needs no sandbox and no packs.
pub(crate) fn bench(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let (chosen, arguments) = match arguments.split_first() {
        Some((first, rest)) if matches!(first.as_str(), "input" | "growth" | "rules") => (first.as_str(), rest),
        _ => ("", arguments),
    };
    // Named, because unit tests take part in `cargo bench` otherwise and do not know its flags.
    let benches: &[&str] = match chosen {
        "input" => &["-p", "verdikt-benches", "--no-default-features", "--bench", "input"],
        "growth" => &["--workspace", "--bench", "growth"],
        "rules" => &["--workspace", "--bench", "rules", "--"],
        _ => &["--workspace", "--bench", "input", "--bench", "instantiate", "--bench", "call", "--bench", "end_to_end"],
    };
    if chosen != "input" {
        packs::build(workspace)?;
    }
    say("running the benchmarks");
    let mut command = workspace.cargo(&["bench"]);
    command.args(benches).args(arguments);
    run(command)?;
    if !matches!(chosen, "growth" | "rules") {
        say("how many times as fast, by the medians of the last runs");
        print!("{}", ratios(&workspace.root.join("target/criterion")));
    }
    Ok(())
}

fn build_cli(workspace: &Workspace) -> Result<PathBuf> {
    packs::build(workspace)?;
    say("building verdikt with the packs inside");
    workspace.build("verdikt")
}

/// Where `cargo install` puts programs.
fn cargo_home() -> Result<PathBuf> {
    let stated = env::var_os("CARGO_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    stated
        .or_else(|| Some(env::home_dir()?.join(".cargo")))
        .context("there is no home folder; name a folder with --root")
}
