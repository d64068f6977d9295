//! A repository with a history, made by the `git` of the machine.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Project, Run};

/// A project that is a git repository.
pub struct History {
    pub project: Project,
}

impl History {
    /// A repository whose branch `main` has one commit of these files. `None`, with a line that says
    /// so, where git is not installed.
    pub fn new(files: &[(&str, &str)]) -> Option<History> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("skipped: there is no git here to make a repository with");
            return None;
        }
        let history = History { project: Project::new(files) };
        // Where the binary keeps compiled packs in tests.
        history.project.write(".gitignore", ".test-cache/\n");
        history.git(&["init", "--quiet", "--initial-branch=main"]);
        history.commit("first");
        Some(history)
    }

    /// Runs git in the repository.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.project.path("."), arguments)
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// `verdikt check` of one rule, as JSON.
    #[track_caller]
    pub fn check(&self, code: i32, arguments: &[&str]) -> Value {
        self.project.run(&check(arguments)).expect(code).json()
    }
}

/// The arguments of a check of one rule that reports as JSON.
pub fn check<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["check", "--select", "WL-001", "-f", "json"], arguments].concat()
}

/// Runs git with settings of nobody.
#[track_caller]
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "protocol.file.allow=always"]).args(arguments);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", folder.join("no-such-file"));
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        command.env(format!("GIT_{who}_DATE"), "2026-11-22T12:00:00Z");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// `FILE NAME` of each row, and why it does not count.
pub fn rows(report: &Value) -> Vec<String> {
    let rows = report["results"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            let document = &row["document"];
            let row_of = format!("{} {}", document["file"].as_str().unwrap(), document["name"].as_str().unwrap());
            match row["suppressed"].as_object() {
                None => row_of,
                Some(why) => {
                    format!("{row_of}: {}, {}", why["kind"].as_str().unwrap(), why["reason"].as_str().unwrap())
                }
            }
        })
        .collect()
}

/// `CODE FILE: MESSAGE` of each diagnostic.
pub fn diagnostics(report: &Value) -> Vec<String> {
    let diagnostics = report["diagnostics"].as_array().unwrap();
    diagnostics
        .iter()
        .map(|it| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            format!("{} {}: {}", text(&it["code"]), text(&it["location"]["file"]), text(&it["message"]))
        })
        .collect()
}

/// The one line that an error says.
#[track_caller]
pub fn error(run: Run) -> String {
    let run = run.expect(2);
    assert!(run.stdout.is_empty(), "{run:#?}");
    run.stderr
}
