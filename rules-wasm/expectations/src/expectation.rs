//! What a fixture states about itself: read, and compared with what a rule said.

use std::fmt;

use verdikt_model::Verdict;

/// What a fixture expects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// Settings of the rule under test: names and JSON values.
    pub parameters: Vec<(String, String)>,
    /// In the order of the file.
    pub expected: Vec<Statement>,
}

/// A verdict that a rule gives at a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// The file's path in its fixture.
    pub file: String,
    /// From 1; 0 for a statement about the whole set.
    pub line: usize,
    /// Never a pass.
    pub verdict: Verdict,
    pub rule: String,
}

impl fmt::Display for Statement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {} {}", self.file, self.line, self.verdict, self.rule)
    }
}

impl Expectations {
    /// The parameters as one JSON object.
    pub fn settings(&self) -> String {
        let members: Vec<String> = self.parameters.iter().map(|(key, json)| format!("\"{key}\": {json}")).collect();
        format!("{{{}}}", members.join(", "))
    }
}

/// Reads expectations: of a YAML fixture by its own text, of a JSON fixture by the text of its
/// sidecar.
///
/// # Errors
/// With every line that cannot be understood: a typing error must not turn into a pass.
pub fn read(path: &str, text: &str) -> Result<Expectations, String> {
    let in_sidecar = path.ends_with(".json") || path.ends_with(".expect");
    let file = path.strip_suffix(".expect").unwrap_or(path);
    let mut found = Expectations::default();
    let mut problems = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let read = if in_sidecar {
            read_sidecar_line(file, line, &mut found)
        } else {
            read_comment(file, number, line, &mut found)
        };
        if let Err(problem) = read {
            problems.push(format!("{path}:{number}: {problem}"));
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems.join("\n")) }
}

fn read_comment(file: &str, number: usize, line: &str, found: &mut Expectations) -> Result<(), String> {
    let Some((_, comment)) = line.split_once('#') else {
        return Ok(());
    };
    let comment = comment.trim();
    if let Some(parameter) = comment.strip_prefix("param:") {
        found.parameters.push(read_parameter(parameter)?);
    } else if let Some(statements) = comment.strip_prefix("expect-set:") {
        for statement in statements.split(',') {
            found.expected.push(read_statement("", 0, statement)?);
        }
    } else if let Some(statements) = comment.strip_prefix("expect:") {
        for statement in statements.split(',') {
            found.expected.push(read_statement(file, number, statement)?);
        }
    }
    Ok(())
}

fn read_sidecar_line(file: &str, line: &str, found: &mut Expectations) -> Result<(), String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(());
    }
    let (first, rest) = line.split_once(' ').ok_or("expected `LINE VERDICT RULE` or `param KEY=JSON`")?;
    if first == "param" {
        found.parameters.push(read_parameter(rest)?);
        return Ok(());
    }
    let number = first.parse().map_err(|_| format!("`{first}` is neither a line number nor `param`"))?;
    found.expected.push(read_statement(file, number, rest)?);
    Ok(())
}

fn read_parameter(text: &str) -> Result<(String, String), String> {
    let (key, json) = text.split_once('=').ok_or("expected `KEY=JSON`")?;
    let (key, json) = (key.trim(), json.trim());
    if key.is_empty() || json.is_empty() {
        return Err("expected `KEY=JSON`".to_owned());
    }
    Ok((key.to_owned(), json.to_owned()))
}

fn read_statement(file: &str, line: usize, text: &str) -> Result<Statement, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [verdict, rule] = words[..] else {
        return Err(format!("expected `VERDICT RULE`, found `{}`", text.trim()));
    };
    match Verdict::parse(verdict) {
        None => Err(format!("there is no verdict `{verdict}`")),
        Some(Verdict::Pass) => Err("a pass is what is not marked".to_owned()),
        Some(verdict) => Ok(Statement { file: file.to_owned(), line, verdict, rule: rule.to_owned() }),
    }
}

/// What differs between what was expected and what a run stated, one sentence each; nothing when
/// they agree. Passes in `found` do not count. Every statement counts as often as it occurs.
pub fn differences(expectations: &Expectations, found: &[Statement]) -> Vec<String> {
    let mut missing = expectations.expected.clone();
    let mut differences = Vec::new();
    for statement in found.iter().filter(|statement| statement.verdict != Verdict::Pass) {
        match missing.iter().position(|expected| expected == statement) {
            Some(at) => {
                missing.swap_remove(at);
            }
            None => differences.push(format!("{statement} was not expected")),
        }
    }
    missing.sort();
    differences.extend(missing.iter().map(|expected| format!("{expected} was expected")));
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(file: &str, line: usize, verdict: Verdict, rule: &str) -> Statement {
        Statement { file: file.to_owned(), line, verdict, rule: rule.to_owned() }
    }

    #[test]
    fn reads_comments_of_yaml() {
        let text = "# param: a=[\"x\", 1]\na: 1 # expect: fail WL-001, unknown WL-002\n# not one\nb: 2\n";
        let found = read("x.yaml", text).unwrap();
        assert_eq!(found.settings(), r#"{"a": ["x", 1]}"#);
        assert_eq!(
            found.expected,
            [statement("x.yaml", 2, Verdict::Fail, "WL-001"), statement("x.yaml", 2, Verdict::Unknown, "WL-002")]
        );
        let of_set = read("x.yaml", "# expect-set: fail RS-004\n").unwrap();
        assert_eq!(of_set.expected, [statement("", 0, Verdict::Fail, "RS-004")]);
        assert_eq!(read("x.yaml", "a: 1\n").unwrap(), Expectations::default());
    }

    #[test]
    fn reads_sidecars_of_json() {
        let found = read("x.json", "# why\n\n12 not-applicable WL-003\nparam a=true\n").unwrap();
        assert_eq!(found.settings(), r#"{"a": true}"#);
        assert_eq!(found.expected, [statement("x.json", 12, Verdict::NotApplicable, "WL-003")]);
    }

    #[test]
    fn refuses_what_it_does_not_understand() {
        for (path, text, problem) in [
            ("x.yaml", "a: 1 # expect: fails WL-001", "x.yaml:1: there is no verdict `fails`"),
            ("x.yaml", "\na: 1 # expect: fail", "x.yaml:2: expected `VERDICT RULE`, found `fail`"),
            ("x.yaml", "a: 1 # expect: pass WL-001", "x.yaml:1: a pass is what is not marked"),
            ("x.yaml", "# param: a", "x.yaml:1: expected `KEY=JSON`"),
            ("x.json", "one fail WL-001", "x.json:1: `one` is neither a line number nor `param`"),
            ("x.json", "1", "x.json:1: expected `LINE VERDICT RULE` or `param KEY=JSON`"),
        ] {
            assert_eq!(read(path, text).unwrap_err(), problem);
        }
    }

    #[test]
    fn names_what_differs() {
        let expecting = |expected: Vec<Statement>| Expectations { parameters: Vec::new(), expected };
        let one = || vec![statement("x.yaml", 1, Verdict::Fail, "A")];
        let with_pass = [one(), vec![statement("x.yaml", 1, Verdict::Pass, "A")]].concat();
        assert!(differences(&expecting(one()), &with_pass).is_empty());
        assert_eq!(differences(&expecting(Vec::new()), &one()), ["x.yaml:1: fail A was not expected"]);
        assert_eq!(differences(&expecting(one()), &[]), ["x.yaml:1: fail A was expected"]);
        assert_eq!(differences(&expecting(one()), &[one(), one()].concat()), ["x.yaml:1: fail A was not expected"]);
    }
}
