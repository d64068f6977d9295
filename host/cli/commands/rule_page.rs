//! Pages of rules: what each is, why, how to fix it, its parameters, controls and messages. One for a
//! terminal, or all of them as a Markdown document.

use std::fmt::Write;

use serde_json::Value;
use verdikt_engine::model::{PackInfo, RuleInfo, Text};
use verdikt_engine::report::escaped;

use super::rules::parameters;

/// Codes of the messages that the SDK gives to every rule. They say nothing about a rule.
const COMMON_CODES: [&str; 3] = ["unknown", "pass", "not-applicable"];

/// The words of a page.
struct Words {
    facts: [&'static str; 6],
    on: &'static str,
    off: &'static str,
    /// The heading above what to write instead. Many descriptions have a longer section of that name,
    /// which then stands for the short text.
    remedy: &'static str,
    parameters: &'static str,
    default: &'static str,
    messages: &'static str,
}

const ENGLISH: Words = Words {
    facts: ["Severity", "Pack", "Judges", "Default", "Controls", "Also"],
    on: "on",
    off: "off; --select switches it on",
    remedy: "How to fix it",
    parameters: "Parameters",
    default: "default",
    messages: "Messages",
};

const GERMAN: Words = Words {
    facts: ["Schwere", "Pack", "Prüft", "Vorgabe", "Controls", "Auch"],
    on: "an",
    off: "aus; --select schaltet sie ein",
    remedy: "Abhilfe",
    parameters: "Parameter",
    default: "Vorgabe",
    messages: "Meldungen",
};

fn words(language: &str) -> &'static Words {
    if language == "de" { &GERMAN } else { &ENGLISH }
}

/// How headings and facts are set.
#[derive(Clone, Copy)]
enum Style {
    Terminal {
        color: bool,
    },
    /// The page's own heading has this many marks.
    Markdown {
        level: usize,
    },
}

/// The page of a rule for a terminal, in a language; what has no text in it is in English.
pub(super) fn one(pack: &PackInfo, rule: &RuleInfo, language: &str, color: bool) -> String {
    let mut out = String::new();
    page(&mut out, pack, rule, language, Style::Terminal { color });
    out
}

/// The pages of all rules as one Markdown document: English, and below each what it says in other
/// languages.
pub(super) fn all(rules: &[(&PackInfo, &RuleInfo)]) -> String {
    let mut out = "# Rules\n\n<!-- Written by `verdikt explain --all`. -->\n\n".to_owned();
    out.push_str("| rule | name | says | severity | pack | default |\n| --- | --- | --- | --- | --- | --- |\n");
    for (pack, rule) in rules {
        let default = if rule.enabled_by_default { "on" } else { "off" };
        let cells = [&rule.id, &rule.slug, &rule.title, rule.severity.as_str(), &pack.id, default];
        let _ = writeln!(out, "| {} |", cells.map(|cell| escaped(cell).replace('|', "\\|")).join(" | "));
    }
    for (pack, rule) in rules {
        out.push('\n');
        page(&mut out, pack, rule, "en", Style::Markdown { level: 2 });
        for text in rule.texts.iter().filter(|text| text.language != "en") {
            let words = words(&text.language);
            let _ = writeln!(out, "\n### {}: {}", escaped(&text.language), escaped(&text.title));
            markdown(&mut out, &text.description, Style::Markdown { level: 3 });
            let _ = writeln!(out, "\n**{}.** {}", words.remedy, escaped(text.remediation.trim()));
            messages(&mut out, text, words, Style::Markdown { level: 3 });
        }
    }
    out
}

fn page(out: &mut String, pack: &PackInfo, rule: &RuleInfo, language: &str, style: Style) {
    let words = words(language);
    let text = rule.text(language);
    let title = text.map_or(rule.title.as_str(), |text| &text.title);
    heading(out, &format!("{} {}: {title}", rule.id, rule.slug), 0, style);
    out.push('\n');
    let aliases: Vec<String> = rule.aliases().map(|alias| alias.to_string()).collect();
    let targets: Vec<String> = rule.targets.iter().map(ToString::to_string).collect();
    let controls = rule.controls.iter().map(|control| match rule.basis(control) {
        Some(basis) => format!("{control} ({basis})"),
        None => control.clone(),
    });
    let values = [
        rule.severity.to_string(),
        format!("{} {}", pack.id, pack.version),
        format!("{} ({} scope)", targets.join(", "), rule.scope.as_str()),
        if rule.enabled_by_default { words.on } else { words.off }.to_owned(),
        controls.collect::<Vec<_>>().join(", "),
        aliases.join(", "),
    ];
    for (name, value) in words.facts.iter().zip(values).filter(|(_, value)| !value.is_empty()) {
        let value = escaped(&value);
        // Writing to a String cannot fail.
        let _ = match style {
            Style::Terminal { color } => {
                let (strong, end) = strong(color);
                writeln!(out, "{strong}{name:9}{end} {value}")
            }
            Style::Markdown { .. } => writeln!(out, "- {name}: {value}"),
        };
    }
    let own = text.map(|text| (text.description.as_str(), text.remediation.as_str()));
    let (description, remediation) = own.unwrap_or((&rule.description, &rule.remediation));
    // A description that begins with the title would say it twice.
    let description = description.trim();
    let first = description.strip_prefix("# ").unwrap_or(description);
    let description = first.strip_prefix(title).filter(|rest| rest.starts_with('\n')).unwrap_or(description);
    markdown(out, description, style);
    let has_remedy = description.lines().any(|line| line.starts_with('#') && line.ends_with(words.remedy));
    if !has_remedy && !remediation.trim().is_empty() {
        out.push('\n');
        heading(out, words.remedy, 1, style);
        markdown(out, remediation, style);
    }
    write_parameters(out, rule, words, style);
    if let Some(text) = text {
        messages(out, text, words, style);
    }
}

fn write_parameters(out: &mut String, rule: &RuleInfo, words: &Words, style: Style) {
    let parameters = parameters(rule);
    if parameters.is_empty() {
        return;
    }
    out.push('\n');
    heading(out, words.parameters, 1, style);
    out.push('\n');
    for (name, schema) in parameters {
        let text = |key: &str| match &schema[key] {
            Value::Null => "-".to_owned(),
            Value::String(text) if key != "default" => text.clone(),
            value => value.to_string(),
        };
        let (id, name, kind, default) = (escaped(&rule.id), escaped(&name), text("type"), text("default"));
        let about = schema["description"].as_str().map(escaped);
        let _ = match style {
            Style::Terminal { .. } => {
                writeln!(out, "  --param {id}.{name}=…  ({}, {} {})", escaped(&kind), words.default, escaped(&default))
            }
            Style::Markdown { .. } => {
                write!(out, "- `{name}` ({}, {} `{}`)", escaped(&kind), words.default, escaped(&default))
            }
        };
        let _ = match (style, about) {
            (Style::Terminal { .. }, Some(about)) => writeln!(out, "      {about}"),
            (Style::Terminal { .. }, None) => Ok(()),
            (Style::Markdown { .. }, Some(about)) => writeln!(out, ": {about}"),
            (Style::Markdown { .. }, None) => writeln!(out),
        };
    }
}

/// What the rule may say, by code.
fn messages(out: &mut String, text: &Text, words: &Words, style: Style) {
    let own = || text.messages.iter().filter(|(code, _)| !COMMON_CODES.contains(&code.as_str()));
    if own().next().is_none() {
        return;
    }
    out.push('\n');
    heading(out, words.messages, 1, style);
    out.push('\n');
    for (code, template) in own() {
        let (code, template) = (escaped(code), escaped(template));
        let _ = match style {
            Style::Terminal { .. } => writeln!(out, "  {code}\n      {template}"),
            Style::Markdown { .. } => writeln!(out, "- `{code}`: {template}"),
        };
    }
}

/// A heading of the page; `below` is how many levels it is below the page's own.
fn heading(out: &mut String, text: &str, below: usize, style: Style) {
    let text = escaped(text);
    let _ = match style {
        Style::Terminal { color } => {
            let (strong, end) = strong(color);
            writeln!(out, "{strong}{text}{end}")
        }
        Style::Markdown { level } => writeln!(out, "{} {text}", "#".repeat(level + below)),
    };
}

fn strong(color: bool) -> (&'static str, &'static str) {
    if color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") }
}

/// Markdown of a pack: headings set as the page's are, everything else as it is written.
fn markdown(out: &mut String, text: &str, style: Style) {
    let mut in_code = false;
    out.push('\n');
    for line in text.trim().lines() {
        let line = line.replace('\t', "    ");
        in_code ^= line.trim_start().starts_with("```");
        let marks = line.len() - line.trim_start_matches('#').len();
        if in_code || marks == 0 {
            let _ = writeln!(out, "{}", escaped(&line));
        } else {
            heading(out, line[marks..].trim(), marks.saturating_sub(1).max(1), style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::tests::pack;
    use super::*;

    #[test]
    fn the_page_says_everything_that_is_known() {
        let pack = pack();
        let page = one(&pack, &pack.rules[0], "en", false);
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
        let page = one(&pack, &pack.rules[0], "en", false);
        assert_eq!(page.matches("Images come from").count(), 1, "{page}");
        assert_eq!(page.matches(ENGLISH.remedy).count(), 1, "{page}");
        assert!(page.contains("At length."), "{page}");
    }

    #[test]
    fn pages_of_strangers_do_not_steer_the_terminal() {
        let mut pack = pack();
        let evil = "\u{1b}[2J\u{7}";
        pack.rules[0].description = format!("# {evil}\n{evil}");
        pack.rules[0].title = evil.to_owned();
        pack.rules[0].controls = vec![evil.to_owned()];
        assert!(!one(&pack, &pack.rules[0], "en", false).contains(['\u{1b}', '\u{7}']));
    }

    #[test]
    fn all_pages_are_one_document() {
        let pack = pack();
        let text = all(&pack.rules.iter().map(|rule| (&pack, rule)).collect::<Vec<_>>());
        for part in [
            "# Rules\n",
            "| IM-001 | image-registry | Images come from",
            "\n## IM-001 image-registry: Images come from",
            "\n- Severity: high\n",
            "\n### What\n",
            "\n### Parameters\n\n- `registries` (array, default `[\"a\"]`): Allowed.\n- `strict` (boolean, default `false`)\n",
        ] {
            assert!(text.contains(part), "`{part}` is missing in:\n{text}");
        }
    }
}
