//! `verdikt explain`: the page of one rule.

use std::fmt::Write;

use anyhow::{Result, bail};
use serde_json::Value;
use verdikt_engine::model::{PackInfo, RuleInfo, Sources};
use verdikt_engine::report::escaped;

use super::rules::parameters;
use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::options::Environment;
use crate::{packs, problems};

/// The heading above what to write instead. Many descriptions have a longer section of that name,
/// which then stands for the short text.
const REMEDY: &str = "How to fix it";

pub(crate) fn run(args: &ExplainArgs, environment: &Environment, color: bool) -> Result<Exit> {
    let engine = packs::engine(&args.packs, environment, None)?;
    let errors = problems::print(engine.problems(), &Sources::default());
    let Some((pack, rule)) = engine.rule(&args.rule) else {
        let near = engine.nearest_rules(&args.rule);
        let hint = match near.as_slice() {
            [] => "; `verdikt rules` lists them all".to_owned(),
            near => format!("; did you mean {}?", near.join(" or ")),
        };
        bail!("no rule is called `{}`{hint}", escaped(&args.rule));
    };
    super::print(&page(pack, rule, color))?;
    Ok(if errors { Exit::Failed } else { Exit::Clean })
}

/// The page: Markdown that reads well as it is, with its headings set off where there is color.
fn page(pack: &PackInfo, rule: &RuleInfo, color: bool) -> String {
    let mut out = String::new();
    let (strong, end) = if color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{strong}{} {}: {}{end}\n", escaped(&rule.id), escaped(&rule.slug), escaped(&rule.title));
    let default = if rule.enabled_by_default { "on" } else { "off; --select switches it on" };
    let aliases: Vec<String> = rule.aliases().map(|alias| alias.to_string()).collect();
    let targets: Vec<String> = rule.targets.iter().map(ToString::to_string).collect();
    let facts = [
        ("Severity", rule.severity.to_string()),
        ("Pack", format!("{} {}", pack.id, pack.version)),
        ("Judges", format!("{} ({} scope)", targets.join(", "), rule.scope.as_str())),
        ("Default", default.to_owned()),
        ("Controls", rule.controls.join(", ")),
        ("Also", aliases.join(", ")),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(out, "{strong}{name:9}{end} {}", escaped(value));
    }
    // A description that begins with the title would say it twice.
    let description = rule.description.trim();
    let description =
        description.strip_prefix(rule.title.as_str()).filter(|rest| rest.starts_with('\n')).unwrap_or(description);
    markdown(&mut out, description, strong, end);
    let fixes = description.lines().any(|line| line.starts_with('#') && line.ends_with(REMEDY));
    if !fixes && !rule.remediation.trim().is_empty() {
        let _ = writeln!(out, "\n{strong}{REMEDY}{end}");
        markdown(&mut out, &rule.remediation, strong, end);
    }
    let parameters = parameters(rule);
    if !parameters.is_empty() {
        let _ = writeln!(out, "\n{strong}Parameters{end}\n");
    }
    for (name, schema) in parameters {
        let text = |key: &str| match &schema[key] {
            Value::Null => "-".to_owned(),
            Value::String(text) if key != "default" => text.clone(),
            value => value.to_string(),
        };
        let _ = writeln!(
            out,
            "  --param {}.{}=…  ({}, default {})",
            escaped(&rule.id),
            escaped(&name),
            escaped(&text("type")),
            escaped(&text("default"))
        );
        if schema["description"].is_string() {
            let _ = writeln!(out, "      {}", escaped(&text("description")));
        }
    }
    out
}

/// Markdown for a terminal: headings without their marks, everything else as it is written.
fn markdown(out: &mut String, text: &str, strong: &str, end: &str) {
    let mut in_code = false;
    out.push('\n');
    for line in text.trim().lines() {
        let line = line.replace('\t', "    ");
        in_code ^= line.trim_start().starts_with("```");
        let heading = if in_code { None } else { line.strip_prefix('#') };
        let _ = match heading {
            Some(rest) => writeln!(out, "{strong}{}{end}", escaped(rest.trim_start_matches('#').trim())),
            None => writeln!(out, "{}", escaped(&line)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::pack;
    use super::*;

    #[test]
    fn the_page_says_everything_that_is_known() {
        let pack = pack();
        let page = page(&pack, &pack.rules[0], false);
        for part in [
            "IM-001 image-registry: Images come from",
            "Severity  high",
            "Pack      workload 0.1.0",
            "Judges    workload/*, kubernetes/Pod (document scope)",
            "off; --select",
            "owasp-container:d10",
            "\nWhat\n",
            "```yaml\nimage: a\n```",
            "How to fix it\n\nUse `registry`.",
            "--param IM-001.registries=…  (array, default [\"a\"])\n      Allowed.",
            "--param IM-001.strict=…  (boolean, default false)\n",
        ] {
            assert!(page.contains(part), "`{part}` is missing in:\n{page}");
        }
    }

    #[test]
    fn nothing_is_said_twice() {
        let mut pack = pack();
        let rule = &mut pack.rules[0];
        rule.description = format!("{}\n\nWhy.\n\n## How to fix it\n\nAt length.", rule.title);
        let page = page(&pack, &pack.rules[0], false);
        assert_eq!(page.matches("Images come from").count(), 1, "{page}");
        assert_eq!(page.matches(REMEDY).count(), 1, "{page}");
        assert!(page.contains("At length."), "{page}");
    }

    #[test]
    fn pages_of_strangers_do_not_steer_the_terminal() {
        let mut pack = pack();
        let evil = "\u{1b}[2J\u{7}";
        pack.rules[0].description = format!("# {evil}\n{evil}");
        pack.rules[0].title = evil.to_owned();
        pack.rules[0].controls = vec![evil.to_owned()];
        assert!(!page(&pack, &pack.rules[0], false).contains(['\u{1b}', '\u{7}']));
    }
}
