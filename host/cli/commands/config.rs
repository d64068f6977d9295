//! `verdikt config`: what is configured, who says so, and the format of the file.

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Value, json};
use verdikt_engine::input::PodSpecPath;
use verdikt_engine::model::{Location, Sources};
use verdikt_engine::report::JsonLocation;
use verdikt_engine::report::escaped;
use verdikt_engine::{EffectiveRule, Given, Origin, RunValues, Stated};

use crate::args::{ConfigShowArgs, ListFormat};
use crate::config::{self, Policy};
use crate::exit::Exit;
use crate::options::Environment;
use crate::{packs, problems, table};

/// The published schema of the file.
const SCHEMA: &str = include_str!("../../../schemas/verdikt.schema.json");

/// `verdikt config schema`
pub(crate) fn schema() -> Result<Exit> {
    super::print(SCHEMA)?;
    Ok(Exit::Clean)
}

/// `verdikt config show`
pub(crate) fn show(args: &ConfigShowArgs, environment: &Environment) -> Result<Exit> {
    let policy = config::read(&args.inputs, &args.packs, &args.rules, &args.verdict, &args.accepted)?;
    let engine = packs::engine(&policy.packs, environment, None)?;
    let errors = problems::print(engine.problems(), &Sources::default());
    let check = config::check(&policy, &args.inputs, &args.rules, &engine, environment)?;
    let lines = lines(&policy, &args.inputs.exclude, &args.packs.pack, &engine.effective_rules(&check)?);
    let text = match args.format {
        ListFormat::Table => list(&lines, environment.width()),
        ListFormat::Json => json(&policy, &lines)?,
    };
    super::print(&text)?;
    Ok(if errors { Exit::Failed } else { Exit::Clean })
}

/// A value that holds.
struct Line {
    key: String,
    value: Value,
    origin: Origin,
}

impl Line {
    fn new<T>(key: impl Into<String>, given: &Given<T>, value: impl FnOnce(&T) -> Value) -> Line {
        Line { key: key.into(), value: value(&given.value), origin: given.origin.clone() }
    }

    fn stated(key: impl Into<String>, stated: &Stated<String>) -> Line {
        let origin = Origin::Config(stated.location.clone());
        Line { key: key.into(), value: json!(stated.value), origin }
    }
}

fn lines(
    policy: &Policy,
    excluded: &[String],
    named_packs: &[std::path::PathBuf],
    rules: &[EffectiveRule<'_>],
) -> Vec<Line> {
    let RunValues { profile, mode, fail_on, unknown, namespace, respect_ignore } = &policy.values;
    let config = &policy.config;
    let mut lines = vec![
        Line::new("profile", profile, |it| json!(it)),
        Line::new("mode", mode, |it| json!(it.as_str())),
        Line::new("fail-on", fail_on, |it| json!(it.map_or("never", |severity| severity.as_str()))),
        Line::new("unknown", unknown, |it| json!(it.as_str())),
        Line::new("respect-ignore", respect_ignore, |it| json!(it)),
    ];
    lines.extend(namespace.iter().map(|namespace| Line::new("namespace", namespace, |it| json!(it))));
    lines.extend(excluded.iter().map(|glob| Line::new("exclude", &Given::flag((), "--exclude"), |()| json!(glob))));
    lines.extend(config.exclude().iter().map(|glob| Line::stated("exclude", glob)));
    let named = named_packs.iter().map(|pack| pack.display().to_string());
    lines.extend(named.map(|pack| Line::new("packs", &Given::flag(pack, "--pack"), |it| json!(it))));
    lines.extend(config.packs().iter().map(|pack| Line::stated("packs", pack)));
    for path in config.pod_specs() {
        let PodSpecPath { group, kind, path: members } = &path.value;
        let kind = group.as_ref().map_or_else(|| kind.clone(), |group| format!("{kind}.{group}"));
        let origin = Origin::Config(path.location.clone());
        let value = json!(format!("{kind} {}", members.join(".")));
        lines.push(Line { key: "kubernetes.pod-specs".to_owned(), value, origin });
    }
    for (key, files) in [
        ("waivers", policy.waivers.as_slice()),
        ("baseline", policy.baseline.as_slice()),
        ("evidence", policy.evidence.as_slice()),
    ] {
        lines.extend(files.iter().map(|file| Line::new(key, file, |path| json!(path.display().to_string()))));
    }
    for rule in rules {
        let key = |member: &str| format!("rules.{}.{member}", rule.rule.id);
        lines.push(Line::new(key("enabled"), &rule.enabled, |it| json!(it)));
        lines.push(Line::new(key("severity"), &rule.severity, |it| json!(it.as_str())));
        lines.push(Line::new(key("mode"), rule.mode.as_ref().unwrap_or(mode), |it| json!(it.as_str())));
        for (name, given) in &rule.parameters {
            lines.push(Line::new(key(&format!("params.{name}")), given, Value::clone));
        }
    }
    lines.extend(config.overrides().into_iter().map(|(key, stated)| Line::stated(key, &stated)));
    lines
}

fn list(lines: &[Line], width: usize) -> String {
    let rows = lines.iter().map(|line| {
        let value = line.value.as_str().map_or_else(|| line.value.to_string(), str::to_owned);
        [&line.key, &value, &line.origin.to_string()].map(|cell| escaped(cell).into_owned())
    });
    table::render(["KEY", "VALUE", "ORIGIN"], rows, width)
}

#[derive(Serialize)]
struct JsonConfig<'a> {
    /// The file, where there is one.
    config: Option<&'a str>,
    values: Vec<JsonValue<'a>>,
}

#[derive(Serialize)]
struct JsonValue<'a> {
    key: &'a str,
    value: &'a Value,
    /// As the table prints it.
    origin: String,
    location: Option<JsonLocation<'a>>,
}

fn json(policy: &Policy, lines: &[Line]) -> Result<String> {
    let values = lines.iter().map(|line| JsonValue {
        key: &line.key,
        value: &line.value,
        origin: line.origin.to_string(),
        location: place(&line.origin).map(JsonLocation::from),
    });
    let config = JsonConfig { config: policy.file.as_deref(), values: values.collect() };
    let mut text = serde_json::to_string_pretty(&config).context("cannot write the values as JSON")?;
    text.push('\n');
    Ok(text)
}

fn place(origin: &Origin) -> Option<&Location> {
    match origin {
        Origin::Config(location) => Some(location),
        Origin::Profile { location, .. } => location.as_ref(),
        Origin::Default | Origin::Flag(_) => None,
    }
}
