//! What judging a document costs: all document rules of the pack, a fresh instance for each batch.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use verdikt_benches::{MemorySet, default_settings, generate, workload_pack};
use verdikt_engine::model::Scope;
use verdikt_engine::runtime::{Activation, Call, DocumentSet, Runtime, RuntimeOptions};

fn call(criterion: &mut Criterion) {
    let built = workload_pack().unwrap_or_else(|error| panic!("{error:#}"));
    let runtime = Runtime::new(RuntimeOptions::default()).expect("the sandbox starts");
    let pack = runtime.load(built.precompiled()).expect("the built pack loads");
    let rules = pack.info().rules.iter().filter(|rule| rule.scope == Scope::Document);
    let rules: Vec<Activation> = rules
        .map(|rule| Activation { rule: rule.id.clone(), settings: default_settings(rule.settings_schema.as_deref()) })
        .collect();
    let memory = MemorySet::of_yaml(generate::stream(generate::deployment, 512));
    let workloads = memory.workloads();
    let set: Arc<dyn DocumentSet> = Arc::new(memory);

    let mut group = criterion.benchmark_group("call");
    for size in [1, 64, 512] {
        let call = Call {
            scope: Scope::Document,
            rules: &rules,
            documents: &workloads[..size],
            set: &set,
            stop: &|| false,
            on_fault: &|| (),
        };
        assert_eq!(pack.evaluate(&call).fault_count, 0, "a fault is not what is measured here");
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("documents", size), |bencher| {
            bencher.iter(|| black_box(pack.evaluate(&call).findings.len()));
        });
    }
    group.finish();
}

criterion_group!(benches, call);
criterion_main!(benches);
