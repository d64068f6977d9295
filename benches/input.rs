//! How fast text becomes trees, and trees normalized documents, on one thread.
//!
//! `events` is the bare parser below the YAML loader, the floor of what the loader can cost; `parse`
//! is a file that turns out not to be ours, so nothing but parsing and detection; `load` is all of it.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use saphyr_parser::Parser;
use verdikt_benches::{folder, generate};
use verdikt_input::{Input, LoadOptions, Loaded, load};

fn options(path: &str, text: String) -> LoadOptions {
    let input = Input::Text { path: path.to_owned(), bytes: text.into_bytes() };
    LoadOptions { inputs: vec![input], ..LoadOptions::default() }
}

/// Counts events, so that none can be optimized away.
fn events(text: &str) -> usize {
    let mut parser = Parser::new_from_str(text);
    let mut count = 0;
    while let Some(event) = parser.next_event() {
        event.expect("generated YAML is valid");
        count += 1;
    }
    count
}

fn check(loaded: &Loaded, documents: usize) {
    assert_eq!(loaded.diagnostics.first(), None, "generated input is valid");
    let found = loaded.documents.iter().filter(|document| document.origin.is_none()).count();
    assert_eq!(found, documents, "every generated document is recognized");
}

fn yaml(criterion: &mut Criterion) {
    let cases = [
        ("deployments", generate::stream(generate::deployment, 200), 200),
        ("translated", generate::translated(&generate::stream(generate::deployment, 200)), 200),
        ("definitions", generate::stream(generate::definition, 10), 10),
        ("config-maps", generate::stream(generate::config_map, 50), 50),
    ];
    for (name, text, documents) in cases {
        let mut group = criterion.benchmark_group(format!("yaml-{name}"));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("events", |bencher| bencher.iter(|| events(&text)));
        let other = options("other.yaml", generate::nobodys(&text));
        check(&load(&other), 0);
        group.bench_function("parse", |bencher| bencher.iter(|| load(&other)));
        let ours = options("shop.yaml", text);
        check(&load(&ours), documents);
        group.bench_function("load", |bencher| bencher.iter(|| load(&ours)));
        group.finish();
    }
}

fn json(criterion: &mut Criterion) {
    let tasks: String = (0..500).map(generate::task_definition).collect();
    let mut group = criterion.benchmark_group("json-tasks");
    group.throughput(Throughput::Bytes(tasks.len() as u64));
    let values = |text: &str| serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>().count();
    group.bench_function("values of serde_json", |bencher| bencher.iter(|| values(&tasks)));
    let other = options("other.json", generate::nobodys(&tasks));
    check(&load(&other), 0);
    group.bench_function("parse", |bencher| bencher.iter(|| load(&other)));
    let ours = options("tasks.json", tasks);
    check(&load(&ours), 500);
    group.bench_function("load", |bencher| bencher.iter(|| load(&ours)));
    group.finish();
}

/// Configurations of Terraform, evaluated across their modules, in resources per second.
fn terraform(criterion: &mut Criterion) {
    const SERVICES: usize = 40;
    const RESOURCES: usize = SERVICES * 25;
    let inputs = vec![folder(generate::configuration(SERVICES))];
    let options = LoadOptions { inputs, ..LoadOptions::default() };
    let loaded = load(&options);
    assert_eq!(loaded.diagnostics.first(), None, "generated input is valid");
    let resources = loaded.documents.iter().filter(|document| document.kind.starts_with("aws_")).count();
    assert_eq!(resources, RESOURCES, "every resource is there");
    let mut group = criterion.benchmark_group("terraform");
    group.throughput(Throughput::Elements(RESOURCES as u64));
    group.bench_function("load", |bencher| bencher.iter(|| load(&options)));
    group.finish();
}

/// Many files, as a repository has them, in documents per second.
fn threads(criterion: &mut Criterion) {
    const FILES: usize = 400;
    let file = |number| Input::Text {
        path: format!("service-{number}.yaml"),
        bytes: generate::deployment(number).into_bytes(),
    };
    let options = LoadOptions { inputs: (0..FILES).map(file).collect(), ..LoadOptions::default() };
    check(&load(&options), FILES);
    let mut group = criterion.benchmark_group("files");
    group.throughput(Throughput::Elements(FILES as u64));
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads starts");
        group.bench_function(BenchmarkId::new("threads", threads), |bencher| {
            bencher.iter(|| pool.install(|| load(&options)));
        });
    }
    group.finish();
}

criterion_group!(benches, yaml, json, terraform, threads);
criterion_main!(benches);
