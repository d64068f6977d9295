//! A folder to scan, and what came of a run.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A pod that breaks WL-001 at 8:19, and nothing that WL-001 minds.
pub const PRIVILEGED: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: debug}
spec:
  containers:
    - name: sh
      image: registry.example/sh:1.0
      securityContext: {privileged: true}
";

pub const UNPRIVILEGED: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: registry.example/web:1.0
      securityContext: {privileged: false}
";

/// What a rule cannot judge: a cluster would refuse it.
pub const WRONG_TYPE: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: odd}
spec:
  containers:
    - name: odd
      image: registry.example/odd:1.0
      securityContext: {privileged: [1]}
";

pub const TASK_DEFINITION: &str = r#"{
  "family": "shop",
  "containerDefinitions": [
    {"name": "web", "image": "registry.example/web:1.0", "memory": 256, "privileged": true}
  ]
}
"#;

/// A temporary folder in which the binary runs.
pub struct Project {
    folder: tempfile::TempDir,
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Project {
        let project = Project { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The binary in this folder, in an environment that says nothing about colors.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_verdikt"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        for variable in ["NO_COLOR", "CLICOLOR_FORCE", "CI", "RUST_BACKTRACE"] {
            command.env_remove(variable);
        }
        command.env("XDG_CACHE_HOME", self.path(".test-cache"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::new(self.command(arguments).output().unwrap())
    }

    pub fn run_with_stdin(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Run::new(child.wait_with_output().unwrap())
    }
}

impl Run {
    pub fn new(output: Output) -> Run {
        Run {
            code: output.status.code().expect("a run ends by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Run {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// Fails a test that would prove nothing in a build without packs.
#[track_caller]
pub fn require_packs() {
    let run = Project::new(&[]).run(&["rules", "--format", "json"]);
    let rules = if run.code == 0 { run.json().as_array().map_or(0, Vec::len) } else { 0 };
    assert!(rules > 0, "this build has no built-in packs; `cargo xtask test` builds them: {run:#?}");
}

/// Every file below a folder, relative to it.
pub fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}
