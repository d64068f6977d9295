//! `verdikt check`: scan, judge, report.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result};
use verdikt_engine::model::{Gate, Report, Sources};
use verdikt_engine::report::{RenderOptions, render};
use verdikt_engine::{Check, Engine, UnknownPolicy};

use crate::args::{CheckArgs, Show};
use crate::exit::Exit;
use crate::git::{self, Revision};
use crate::options::{self, Environment};
use crate::progress::Meter;
use crate::{config, packs, problems};

pub(crate) fn run(args: &CheckArgs, environment: &Environment, color: bool) -> Result<Exit> {
    let outputs = options::outputs(&args.format)?;
    let policy = config::read(&args.inputs, &args.packs, &args.rules, &args.verdict, &args.accepted)?;
    let engine = packs::engine(&policy.packs, environment, args.jobs)?;
    let mut check = config::check(&policy, &args.inputs, &args.rules, &engine, environment)?;
    check.baseline = policy.baseline()?;
    check.show = args.show.iter().filter_map(|show| show.verdict()).collect();
    let meter = Meter::new(environment, !args.quiet && !args.no_progress).map(Arc::new);
    if let Some(meter) = &meter {
        let (loading, judging) = (Arc::clone(meter), Arc::clone(meter));
        check.load.progress = Some(Arc::new(move |progress| loading.loading(progress)));
        check.judged = Some(Arc::new(move |documents| judging.judging(documents)));
    }
    let report = judge(&engine, &check, args.diff_base.as_deref());
    if let Some(meter) = &meter {
        meter.finish();
    }
    let report = report?;

    let render_options = RenderOptions {
        color,
        width: environment.width(),
        min_severity: args.min_severity,
        unknown: check.unknown != UnknownPolicy::Ignore,
        suppressed: args.show.contains(&Show::Suppressed),
        quiet: args.quiet,
    };
    // Files first: when one cannot be written, standard output does not look like success.
    let (files, stdout): (Vec<_>, Vec<_>) = outputs.iter().partition(|output| output.file.is_some());
    for output in files {
        if let Some(file) = &output.file {
            let text = render(&report, output.format, &RenderOptions { color: false, ..render_options.clone() });
            fs::write(file, text)
                .with_context(|| format!("cannot write the {} report to {}", output.format.as_str(), file.display()))?;
        }
    }
    for output in stdout {
        super::print(&render(&report, output.format, &render_options))?;
    }
    Ok(exit(&report, args.allow_incomplete))
}

/// Checks the files of today, after those of an earlier revision where one is named.
fn judge(engine: &Engine, check: &Check, diff_base: Option<&str>) -> Result<Report> {
    let report = match diff_base.map(|reference| git::revision(&check.load, reference)).transpose()? {
        None => engine.check(check),
        Some(Revision { state, load, gaps }) => engine
            .base(&Check { load, show: BTreeSet::new(), ..check.clone() }, state)
            .map(|base| gaps.into_iter().fold(base, |base, (path, why)| base.without(path, why)))
            .and_then(|base| engine.check(&Check { base: Some(Arc::new(base)), ..check.clone() })),
    };
    report.map_err(|error| {
        // A pack that could not be loaded is often why a rule is not known.
        problems::print(engine.problems(), &Sources::default());
        error.into()
    })
}

/// An incomplete scan outweighs findings, findings outweigh nothing to scan.
fn exit(report: &Report, allow_incomplete: bool) -> Exit {
    match report.gate {
        _ if report.incomplete && !allow_incomplete => Exit::Incomplete,
        Gate::Failed => Exit::Findings,
        Gate::Passed if report.summary.documents == 0 && !report.incomplete => Exit::Nothing,
        Gate::Passed => Exit::Clean,
    }
}
