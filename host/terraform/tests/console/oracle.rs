//! Runs `terraform console`.

#![expect(clippy::disallowed_methods, reason = "another program evaluates files that are written for it")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use super::world::{FILES, PRELUDE};

/// What Terraform prints for an expression that it refuses.
pub const ERROR: &str = "error";

/// What Terraform prints for each expression; `None` when the program is missing.
pub fn console(expressions: &[String]) -> Option<Vec<String>> {
    let mut results = Vec::with_capacity(expressions.len());
    for batch in expressions.chunks(400) {
        results.extend(console_batch(batch)?);
    }
    Some(results)
}

fn console_batch(expressions: &[String]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut text = String::from("locals {\n");
    // The first and last line of each expression.
    let mut lines = Vec::with_capacity(expressions.len());
    for (index, expression) in expressions.iter().enumerate() {
        let first = text.matches('\n').count() + 1;
        text.push_str(&format!("  e{index} = {expression}\n"));
        lines.push(first..=text.matches('\n').count());
    }
    text.push_str("}\n");
    for (name, bytes) in FILES {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(path, bytes).expect("the file is written");
    }
    fs::write(folder.path().join("main.tf"), PRELUDE).expect("the file is written");
    fs::write(folder.path().join("expressions.tf"), &text).expect("the file is written");
    let spawned = Command::new("terraform")
        .args(["console", "-no-color"])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: there is no `terraform` on this machine to compare with");
        return None;
    };
    let all: Vec<String> = (0..expressions.len()).map(|index| format!("\"@{index}\", local.e{index}")).collect();
    let input = format!("[{}]\n", all.join(", "));
    let mut stdin = child.stdin.take().expect("the input is piped");
    let written = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the program runs");
    written.join().expect("the input is written").expect("the program reads its input");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let refused: BTreeSet<usize> = stderr
        .lines()
        .filter_map(|line| {
            let rest = line.trim_start().strip_prefix("on expressions.tf line ")?;
            rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
        })
        .collect();
    assert!(stdout.contains("\n  \"@0\",\n"), "no answer from Terraform: {stdout}{stderr}");
    let mut results = Vec::with_capacity(expressions.len());
    let mut rest = &*stdout;
    for (index, lines) in lines.into_iter().enumerate() {
        let marker = format!("\n  \"@{index}\",\n");
        let start = rest.find(&marker).expect("an element for each expression") + marker.len();
        rest = &rest[start..];
        let next = format!("\n  \"@{}\",\n", index + 1);
        let end = rest.find(&next).or_else(|| rest.rfind("\n]")).expect("something follows");
        // The elements stand two columns further in.
        let value: Vec<&str> = rest[..end].lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        let value = value.join("\n").trim_end_matches(',').replace("<<-EOT\n", "<<EOT\n");
        results.push(if refused.range(lines).next().is_some() { ERROR.to_owned() } else { value });
    }
    Some(results)
}
