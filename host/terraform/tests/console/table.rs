//! The table of expressions.

#![expect(clippy::disallowed_methods, reason = "the file of expected results is updated on request")]

use std::fs;
use std::path::Path;

use super::oracle::{ERROR, console};
use super::printed::printed;
use super::world::World;

/// Names below this folder, and what is in the files.
const TABLES: &[(&str, &str)] =
    &[("expressions.txt", include_str!("expressions.txt")), ("functions.txt", include_str!("functions.txt"))];

/// An expression and what Terraform prints for it.
struct Case {
    expression: String,
    expected: String,
    /// Why ours is something else, and what.
    ours: Option<String>,
}

/// Lines with `> ` are an expression, `< ` is what we print where that is something else; other lines
/// are what Terraform prints. `#` begins a comment, and what no `>` stands before is a comment, too.
fn cases(table: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut in_expression = false;
    for line in table.lines() {
        if let Some(text) = line.strip_prefix("> ") {
            match cases.last_mut() {
                Some(case) if in_expression => case.expression.push_str(&format!("\n{text}")),
                _ => cases.push(Case { expression: text.to_owned(), expected: String::new(), ours: None }),
            }
            in_expression = true;
            continue;
        }
        in_expression = false;
        let Some(case) = cases.last_mut().filter(|_| !line.starts_with('#')) else { continue };
        if let Some(text) = line.strip_prefix("< ") {
            match &mut case.ours {
                Some(ours) => ours.push_str(&format!("\n{text}")),
                None => case.ours = Some(text.to_owned()),
            }
        } else {
            case.expected.push_str(line);
            case.expected.push('\n');
        }
    }
    for case in &mut cases {
        case.expected.truncate(case.expected.trim_end().len());
    }
    cases
}

fn ours(world: &World, expression: &str) -> String {
    match world.evaluate(expression) {
        Ok(value) => printed(&value),
        Err(problem) => {
            assert!(!problem.is_limit(), "{expression}: {problem}");
            ERROR.to_owned()
        }
    }
}

#[test]
fn expressions_have_the_values_that_terraform_prints() {
    let world = World::new();
    let mut different = Vec::new();
    let cases: Vec<Case> = TABLES.iter().flat_map(|(_, table)| cases(table)).collect();
    for case in &cases {
        let found = ours(&world, &case.expression);
        let expected = case.ours.as_ref().unwrap_or(&case.expected);
        if found != *expected {
            different.push(format!("{}\n  expected {expected}\n  found {found}", case.expression));
        }
    }
    assert!(different.is_empty(), "{} of {} differ:\n{}", different.len(), cases.len(), different.join("\n"));
}

#[test]
fn the_table_is_what_terraform_prints() {
    for (name, table) in TABLES {
        let cases = cases(table);
        let expressions: Vec<String> = cases.iter().map(|case| case.expression.clone()).collect();
        let Some(results) = console(&expressions) else { return };
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            update(name, table, &cases, &results);
            continue;
        }
        for (case, result) in cases.iter().zip(&results) {
            assert_eq!(case.expected, *result, "{}", case.expression);
        }
    }
}

/// Writes the table anew, with its comments.
fn update(name: &str, table: &str, cases: &[Case], results: &[String]) {
    let mut text = String::new();
    let mut next = cases.iter().zip(results);
    let mut in_expression = false;
    for line in table.lines() {
        if line.starts_with('#') {
            text.push_str(&format!("\n{line}\n"));
            in_expression = false;
        } else if line.starts_with("> ") && !in_expression {
            in_expression = true;
            let Some((case, result)) = next.next() else { break };
            for line in case.expression.lines() {
                text.push_str(&format!("> {line}\n"));
            }
            for line in case.ours.iter().flat_map(|ours| ours.lines()) {
                text.push_str(&format!("< {line}\n"));
            }
            text.push_str(&format!("{result}\n"));
        } else if !line.starts_with("> ") {
            in_expression = false;
        }
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/console");
    fs::write(Path::new(folder).join(name), text).expect("the table is written");
}
