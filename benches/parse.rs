//! How fast text becomes normalized documents with their workloads: one file, so one thread.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use verdikt_benches::generate;
use verdikt_engine::input::{Input, LoadOptions, load};

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    let cases =
        [("yaml", "shop.yaml", generate::yaml_stream(200)), ("json", "task.json", generate::task_definition(1))];
    for (name, path, text) in cases {
        let input = Input::Text { path: path.to_owned(), bytes: text.into_bytes() };
        let Input::Text { bytes, .. } = &input else { continue };
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        let options = LoadOptions { inputs: vec![input], ..LoadOptions::default() };
        assert!(load(&options).diagnostics.is_empty(), "the generated {name} is not valid");
        group.bench_function(name, |bencher| bencher.iter(|| load(&options)));
    }
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
