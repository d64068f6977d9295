//! Wrong usage is refused with code 2 and says what to do. Nothing is ever ignored.

use std::io::Read;
use std::process::Stdio;

use crate::support::{PRIVILEGED, Project};

#[test]
fn help_and_version_are_no_errors() {
    let project = Project::new(&[]);
    for arguments in [&["--help"][..], &["--version"], &["check", "--help"], &["pack", "new", "--help"]] {
        let run = project.run(arguments).expect(0);
        assert!(run.stderr.is_empty() && !run.stdout.is_empty(), "{run:#?}");
    }
    assert!(project.run(&["--version"]).stdout.contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_is_not_known_is_refused() {
    let project = Project::new(&[("pod.yaml", PRIVILEGED)]);
    let cases: &[(&[&str], &str)] = &[
        (&[], "Usage"),
        (&["scan"], "unrecognized subcommand"),
        (&["check", "--formt", "json"], "--format"),
        (&["check", "-f", "sarif"], "table, json"),
        (&["check", "-f", "json="], "FILE"),
        (&["check", "-f", "json", "-f", "table"], "standard output"),
        (&["check", "-f", "json=a", "-f", "table=a"], "file a"),
        (&["check", "-t", "helm"], "expected one of auto, kubernetes, ecs"),
        (&["check", "--var", "a"], "NAME=VALUE"),
        (&["check", "--fail-on", "HIGH"], "critical, never"),
        (&["check", "--min-severity", "never"], "critical"),
        (&["check", "--unknown", "pass"], "ignore, warn, fail"),
        (&["check", "--mode", "warn"], "audit, mark, enforce"),
        (&["config"], "Usage"),
        (&["completions"], "SHELL"),
        (&["check", "--show", "fail"], "not-applicable"),
        (&["check", "--jobs", "0"], "1..="),
        (&["check", "--color", "yes"], "always"),
        (&["check", "--namespace", "Not_A_Label"], "small letters"),
        (&["check", "--exclude", "a[", "--no-builtin", "--pack", "pod.yaml"], "--exclude a["),
        (&["check", "--pack", "none.wasm"], "none.wasm"),
        (&["check", "--pack", "empty"], "no file there ends in .wasm"),
        (&["check", "--no-builtin"], "no rules to run"),
        (&["check", "--no-builtin", "--pack", "pod.yaml", "-", "-"], "twice"),
        (&["rules", "--format", "yaml"], "table, json"),
        (&["explain"], "RULE"),
        (&["baseline"], "create"),
        (&["baseline", "renew"], "unrecognized subcommand"),
        (&["check", "--waivers", "none.yaml"], "cannot read the waivers none.yaml"),
        (&["check", "--waivers", "empty"], "cannot read the waivers empty"),
        (&["check", "--evidence", "none.yaml"], "cannot read the evidence none.yaml"),
        (&["pack", "new", "x"], "--lang"),
        (&["pack", "test"], "unrecognized subcommand"),
    ];
    std::fs::create_dir(project.path("empty")).unwrap();
    for (arguments, part) in cases {
        let run = project.run(arguments).expect(2);
        assert!(run.stderr.contains(part), "{arguments:?}: `{part}` is not in {}", run.stderr);
        assert!(run.stdout.is_empty(), "{arguments:?}: {}", run.stdout);
    }
}

/// Flags that the contract has and this version does not serve must not look as if it did.
#[test]
fn flags_to_come_are_refused() {
    let project = Project::new(&[("pod.yaml", PRIVILEGED)]);
    let flags = ["--framework", "--diff-base", "--lang"];
    for flag in flags {
        let run = project.run(&["check", flag, "x"]).expect(2);
        assert!(run.stderr.contains(flag), "{}", run.stderr);
    }
    for command in ["frameworks", "convert"] {
        project.run(&[command]).expect(2);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let documents = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n".repeat(5000);
    let project = Project::new(&[("pods.yaml", &documents)]);
    let mut command = project.command(&["normalize"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked") && !stderr.contains("error: cannot write"), "{stderr}");
    assert_eq!(output.status.code(), Some(0), "{stderr}");
}
