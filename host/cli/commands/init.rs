//! `verdikt init`: a config to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use anyhow::{Context, Result, bail};
use verdikt_engine::Config;

use crate::exit::Exit;

/// Valid as it is, and as what it becomes when all that is commented out is not.
const TEMPLATE: &str = include_str!("../template/verdikt.yaml");

pub(crate) fn run() -> Result<Exit> {
    let file = Config::FILE;
    // Made new: what somebody has written is never lost.
    match OpenOptions::new().write(true).create_new(true).open(file) {
        Ok(mut out) => out.write_all(TEMPLATE.as_bytes()).with_context(|| format!("cannot write {file}"))?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{file} is there already, and is not overwritten; `verdikt config show` prints what it means")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {file}")),
    }
    super::print(&format!("Wrote {file}. `verdikt config show` prints what holds with it.\n"))?;
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use verdikt_engine::model::Source;

    use super::*;

    #[test]
    fn the_template_is_valid_with_and_without_what_is_commented_out() {
        let read = |text: &str| Config::read(&Source::new("t", "t", text), Path::new("/")).map_err(|e| e.to_string());
        read(TEMPLATE).unwrap();
        // Sentences have one space behind the `#`; what is commented out has none, or two and more.
        let is_setting = |rest: &&str| rest.starts_with("  ") || !rest.starts_with([' ', '#']);
        let line = |line: &str| line.strip_prefix('#').filter(is_setting).unwrap_or(line).to_owned();
        let full: Vec<String> = TEMPLATE.lines().map(line).collect();
        let config = read(&full.join("\n")).unwrap();
        assert!(config.profile_names().contains(&"strict"));
        assert!(!config.overrides().is_empty() && !config.exclude().is_empty() && !config.packs().is_empty());
    }
}
