//! What rules cost beside reading: the time per document of all rules of all packs, and that of parsing
//! and normalizing the same documents, as medians and as what only one batch in a hundred exceeds.
//!
//! The program fails when judging the files of repositories costs more than reading them. The other rows show
//! what is dearest in them by itself: a Deployment among the objects that belong to it, and alone.
//! `cargo xtask bench rules PATH…` measures files of your own in place of generated ones.

use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use verdikt_benches::{MemorySet, built_packs, default_settings, generate};
use verdikt_engine::input::{Input, LoadOptions, load};
use verdikt_engine::model::{Document, DocumentId, Platform, RuleInfo, Scope};
use verdikt_engine::runtime::{Activation, Call, DocumentSet, RulePack, Runtime, RuntimeOptions};

/// Files of a batch, as many as the host gives to a pack at once.
const BATCH: usize = 64;

/// Batches of one kind: enough for one in a hundred.
const BATCHES: usize = 200;

/// What is held to the bound.
const REPOSITORIES: &str = "repositories";

/// Documents of one kind, by number.
struct Kind {
    name: &'static str,
    extension: &'static str,
    make: fn(usize) -> String,
}

const KINDS: [Kind; 5] = [
    Kind { name: REPOSITORIES, extension: "yaml", make: generate::repository_file },
    Kind { name: "applications", extension: "yaml", make: generate::application },
    Kind { name: "Deployments", extension: "yaml", make: generate::deployment },
    Kind { name: "task definitions", extension: "json", make: generate::task_definition },
    Kind { name: "ConfigMaps", extension: "yaml", make: generate::config_map },
];

/// An input, measured.
struct Sample {
    documents: usize,
    reading: Duration,
    judging: Duration,
}

fn main() -> ExitCode {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("the sandbox starts");
    let packs = built_packs().unwrap_or_else(|error| panic!("{error:#}"));
    let packs: Vec<RulePack> =
        packs.iter().map(|pack| runtime.load(pack.precompiled()).expect("the built pack loads")).collect();
    let rules: usize = packs.iter().map(|pack| pack.info().rules.len()).sum();
    let packs: Vec<Active> = packs.into_iter().map(Active::new).collect();
    // `cargo bench` hands on its own flags.
    let paths: Vec<PathBuf> = std::env::args_os()
        .skip(1)
        .filter(|argument| !argument.to_string_lossy().starts_with('-'))
        .map(PathBuf::from)
        .collect();
    // One thread: time is work.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread starts");
    println!("{rules} rules of {} packs; microseconds per document", packs.len());
    println!("{:<28} {:>9} {:>12} {:>12} {:>12} {:>12}", "", "documents", "reading p50", "p99", "rules p50", "p99");
    if !paths.is_empty() {
        for path in paths {
            let name = path.display().to_string();
            let samples: Vec<Sample> =
                (0..9).map(|_| pool.install(|| measure(&packs, vec![Input::Path(path.clone())]))).collect();
            report(&name, samples);
        }
        return ExitCode::SUCCESS;
    }
    let mut too_dear = false;
    for Kind { name, extension, make } in KINDS {
        let samples = (0..BATCHES).map(|batch| {
            let files = (batch * BATCH..(batch + 1) * BATCH)
                .map(|number| Input::Text { path: format!("{number}.{extension}"), bytes: make(number).into_bytes() });
            pool.install(|| measure(&packs, files.collect()))
        });
        let ratio = report(name, samples.collect());
        too_dear |= name == REPOSITORIES && ratio > 1.0;
    }
    if too_dear {
        eprintln!("to judge the files of repositories costs more than to read them");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Prints the distribution over samples; returns how many times the reading the rules cost.
fn report(name: &str, samples: Vec<Sample>) -> f64 {
    let documents = samples.iter().map(|sample| sample.documents).max().unwrap_or(0);
    let per_document = |of: fn(&Sample) -> Duration| {
        let mut times: Vec<f64> =
            samples.iter().map(|sample| of(sample).as_secs_f64() * 1e6 / sample.documents.max(1) as f64).collect();
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
        (at(0.5), at(0.99))
    };
    let (reading, judging) = (per_document(|sample| sample.reading), per_document(|sample| sample.judging));
    println!(
        "{name:<28} {documents:>9} {:>12.1} {:>12.1} {:>12.1} {:>12.1}",
        reading.0, reading.1, judging.0, judging.1
    );
    judging.0 / reading.0
}

/// A pack with what its rules are activated by.
struct Active {
    pack: RulePack,
    /// In the order of the pack's rules; `None` for one that is off by default.
    activations: Vec<Option<Activation>>,
}

impl Active {
    fn new(pack: RulePack) -> Active {
        let activation = |rule: &RuleInfo| Activation {
            rule: rule.id.clone(),
            settings: default_settings(rule.settings_schema.as_deref()),
        };
        let rules = pack.info().rules.iter();
        let activations = rules.map(|rule| rule.enabled_by_default.then(|| activation(rule))).collect();
        Active { pack, activations }
    }
}

/// Reads an input and judges what it holds. Workloads do not count as documents of their own.
fn measure(packs: &[Active], inputs: Vec<Input>) -> Sample {
    let options = LoadOptions { inputs, ..LoadOptions::default() };
    let begin = Instant::now();
    let loaded = load(&options);
    let reading = begin.elapsed();
    let memory = MemorySet::new(loaded.documents);
    let calls: Vec<_> = packs.iter().flat_map(|pack| calls(pack, memory.documents())).collect();
    let documents = memory.documents().iter().filter(|document| document.platform != Platform::Workload).count();
    let set: Arc<dyn DocumentSet> = Arc::new(memory);
    let begin = Instant::now();
    for (pack, scope, rules, documents) in &calls {
        let call = Call { scope: *scope, rules, documents, set: &set, stop: &|| false, on_fault: &|| () };
        let evaluation = pack.evaluate(&call);
        assert_eq!(evaluation.fault_count, 0, "a fault is not what is measured here");
        black_box(evaluation.findings.len());
    }
    Sample { documents, reading, judging: begin.elapsed() }
}

/// A call: who judges what by which rules.
type Judging<'p> = (&'p RulePack, Scope, Vec<Activation>, Vec<DocumentId>);

/// The calls that the engine would make: documents that the same rules judge stand in one batch.
fn calls<'p>(active: &'p Active, documents: &[Document]) -> Vec<Judging<'p>> {
    let mut calls: Vec<Judging<'_>> = Vec::new();
    for scope in [Scope::Document, Scope::Inventory] {
        for document in documents {
            let rules = active.pack.info().rules.iter().zip(&active.activations);
            let judging = rules
                .filter(|(rule, _)| rule.scope == scope && rule.targets.iter().any(|target| target.matches(document)));
            let rules: Vec<Activation> = judging.filter_map(|(_, activation)| activation.clone()).collect();
            if rules.is_empty() {
                continue;
            }
            match calls.iter_mut().find(|(_, of, same, _)| *of == scope && *same == rules) {
                Some((.., ids)) => ids.push(document.id),
                None => calls.push((&active.pack, scope, rules, vec![document.id])),
            }
        }
    }
    calls
}
