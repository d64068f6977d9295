//! A whole check of a folder, without the start of the process: discover, parse, judge, report.

#![expect(clippy::disallowed_methods, reason = "a benchmark writes the files that it measures on")]

use std::fs;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use verdikt_benches::{generate, workload_pack};
use verdikt_engine::input::{Input, LoadOptions};
use verdikt_engine::model::Date;
use verdikt_engine::report::{Format, RenderOptions, render};
use verdikt_engine::{Check, Engine};

const FILES: usize = 1000;

/// Writes the files and returns how many bytes they have.
fn write_folder(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for number in 0..FILES {
        let (name, text) = match number % 10 {
            0 => (format!("task-{number}.json"), generate::task_definition(number)),
            _ => (format!("service-{number}.yaml"), generate::deployment(number)),
        };
        // A repository has its files in folders.
        let team = folder.join(format!("team-{}", number % 17));
        fs::create_dir_all(&team)?;
        fs::write(team.join(name), &text)?;
        bytes += text.len() as u64;
    }
    Ok(bytes)
}

fn end_to_end(criterion: &mut Criterion) {
    let built = workload_pack().unwrap_or_else(|error| panic!("{error:#}"));
    let folder = tempfile::tempdir().expect("a folder for the generated files");
    let bytes = write_folder(folder.path()).expect("the generated files are written");

    let mut group = criterion.benchmark_group("end_to_end");
    group.throughput(Throughput::Bytes(bytes)).sample_size(20);
    for jobs in [1, 2] {
        let engine = Engine::builder().pack(built.precompiled()).jobs(jobs).build().expect("the engine starts");
        let load = LoadOptions {
            inputs: vec![Input::Path(folder.path().to_owned())],
            cwd: folder.path().to_owned(),
            ..LoadOptions::default()
        };
        let check = Check::new(load, Date::parse("2026-01-01").expect("this is a day"));
        let report = engine.check(&check).expect("the check runs");
        assert!(!report.incomplete && report.summary.fail > 0, "the generated folder is not what it is meant to be");
        group.bench_function(BenchmarkId::new("threads", jobs), |bencher| {
            bencher.iter(|| {
                let report = engine.check(&check).expect("the check runs");
                render(&report, Format::Json, &RenderOptions::default())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, end_to_end);
criterion_main!(benches);
