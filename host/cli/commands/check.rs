//! `verdikt check`: scan, judge, report.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use verdikt_engine::model::{Gate, Report, Sources};
use verdikt_engine::report::{RenderOptions, render};
use verdikt_engine::{Check, Engine, Parameter, Selection, UnknownPolicy};

use crate::args::{AcceptedArgs, CheckArgs, InputArgs, RuleArgs, Show};
use crate::exit::Exit;
use crate::options::{self, Environment};
use crate::progress::Meter;
use crate::{packs, policies, problems};

pub(crate) fn run(args: &CheckArgs, environment: &Environment, color: bool) -> Result<Exit> {
    let outputs = options::outputs(&args.format)?;
    let engine = packs::engine(&args.packs, environment, args.jobs)?;
    let mut check = scan(&args.inputs, &args.rules, &args.accepted, &engine, environment)?;
    check.baseline = args.baseline.as_deref().map(policies::baseline).transpose()?;
    check.show = args.show.iter().filter_map(|show| show.verdict()).collect();
    check.fail_on = args.fail_on.0;
    check.unknown = args.unknown.into();
    let meter = Meter::new(environment, !args.quiet && !args.no_progress).map(Arc::new);
    if let Some(meter) = &meter {
        let (loading, judging) = (Arc::clone(meter), Arc::clone(meter));
        check.load.progress = Some(Arc::new(move |progress| loading.loading(progress)));
        check.judged = Some(Arc::new(move |documents| judging.judging(documents)));
    }
    let report = engine.check(&check);
    if let Some(meter) = &meter {
        meter.finish();
    }
    let report = report.inspect_err(|_| {
        // A pack that could not be loaded is often why a rule is not known.
        problems::print(engine.problems(), &Sources::default());
    })?;

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

/// What to read, which rules to run, and what is accepted: the same for everything that scans.
pub(super) fn scan(
    inputs: &InputArgs,
    rules: &RuleArgs,
    accepted: &AcceptedArgs,
    engine: &Engine,
    environment: &Environment,
) -> Result<Check> {
    let today = environment.today()?;
    let mut check = Check::new(options::load_options(inputs)?, today);
    check.selection = Selection { select: rules.select.clone(), ignore: rules.ignore.clone() };
    check.parameters = rules
        .param
        .iter()
        .map(|text| Parameter::parse(text, engine.rules().map(|(_, rule)| rule)))
        .collect::<Result<_, String>>()
        .map_err(|problem| anyhow!("--param: {problem}"))?;
    check.isolate = rules.isolate;
    check.waivers = accepted.waivers.iter().map(|file| policies::waivers(file)).collect::<Result<_>>()?;
    check.evidence = accepted.evidence.iter().map(|file| policies::evidence(file, today)).collect::<Result<_>>()?;
    Ok(check)
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
