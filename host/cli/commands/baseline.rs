//! `verdikt baseline`: draw a line under what is there today.

use std::path::Path;

use anyhow::{Result, bail};
use verdikt_engine::model::Sources;
use verdikt_engine::{BaselineChange, NewBaseline};

use crate::args::{BaselineArgs, VerdictArgs};
use crate::exit::Exit;
use crate::options::Environment;
use crate::{config, packs, policies, problems};

/// The file where neither a flag nor the config names one.
const DEFAULT_FILE: &str = ".verdikt-baseline.json";

pub(crate) fn run(args: &BaselineArgs, change: BaselineChange, environment: &Environment) -> Result<Exit> {
    let policy = config::read(&args.inputs, &args.packs, &args.rules, &VerdictArgs::default(), &args.accepted)?;
    let file = policy.baseline.as_ref().map_or(Path::new(DEFAULT_FILE), |file| &file.value);
    let old = match change {
        BaselineChange::Create if file.symlink_metadata().is_ok() => bail!(
            "there is a baseline already: {}; `verdikt baseline update` brings it up to date, `prune` only takes out \
             what has gone",
            file.display()
        ),
        BaselineChange::Create => None,
        BaselineChange::Update | BaselineChange::Prune => Some(policies::baseline(file)?),
    };
    let engine = packs::engine(&policy.packs, environment, args.jobs)?;
    let mut check = config::check(&policy, &args.inputs, &args.rules, &engine, environment)?;
    check.baseline = old;
    let (report, new) = engine.baseline(&check, change).inspect_err(|_| {
        // A pack that could not be loaded is often why a rule is not known.
        problems::print(engine.problems(), &Sources::default());
    })?;
    for diagnostic in &report.diagnostics {
        eprintln!("{}", problems::report_line(diagnostic));
    }
    if report.incomplete && !args.allow_incomplete {
        let errors = report.summary.error;
        let rules = if errors > 0 { format!(" ({errors} rule results ended in error)") } else { String::new() };
        eprintln!(
            "error: {} was not written: the scan is incomplete{rules}, and a baseline of it would lack what was not \
             judged; --allow-incomplete writes it nevertheless",
            file.display()
        );
        return Ok(Exit::Incomplete);
    }
    if report.summary.documents == 0 && change == BaselineChange::Create {
        eprintln!("error: {} was not written: there is nothing to scan", file.display());
        return Ok(Exit::Nothing);
    }
    policies::write(file, &new.text)?;
    super::print(&summary(file, change, &new))?;
    Ok(Exit::Clean)
}

fn summary(file: &Path, change: BaselineChange, new: &NewBaseline) -> String {
    let findings = if new.findings == 1 { "1 finding" } else { &format!("{} findings", new.findings) };
    match change {
        BaselineChange::Create => format!("{} accepts {findings}.\n", file.display()),
        BaselineChange::Update | BaselineChange::Prune => format!(
            "{} accepts {findings}: {} added, {} moved, {} removed.\n",
            file.display(),
            new.added,
            new.moved,
            new.removed
        ),
    }
}
