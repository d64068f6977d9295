//! What a pack costs before it has judged anything: loading it, and starting an instance.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use verdikt_benches::{MemorySet, default_settings, generate, workload_pack};
use verdikt_engine::model::{DocumentId, Scope};
use verdikt_engine::runtime::{Activation, Call, DocumentSet, PackSource, RulePack, Runtime, RuntimeOptions};

/// Loads a pack and has one rule judge one document, the least that a process can do with it.
fn first_call(source: PackSource<'static>, set: &Arc<dyn DocumentSet>, workload: DocumentId) -> RulePack {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("the sandbox starts");
    let pack = runtime.load(source).expect("the built pack loads");
    judge_one(&pack, set, workload);
    pack
}

fn judge_one(pack: &RulePack, set: &Arc<dyn DocumentSet>, workload: DocumentId) {
    let info = pack.info();
    let rule = info.rules.iter().find(|rule| rule.scope == Scope::Document).expect("the pack has a document rule");
    let settings = default_settings(rule.settings_schema.as_deref());
    let evaluation = pack.evaluate(&Call {
        scope: Scope::Document,
        rules: &[Activation { rule: rule.id.clone(), settings }],
        documents: &[workload],
        set,
        stop: &|| false,
        on_fault: &|| (),
    });
    assert_eq!(evaluation.fault_count, 0, "a fault is not what is measured here");
}

fn instantiate(criterion: &mut Criterion) {
    let built = workload_pack().unwrap_or_else(|error| panic!("{error:#}"));
    let memory = MemorySet::of_yaml(generate::deployment(1));
    let workload = memory.workloads()[0];
    let set: Arc<dyn DocumentSet> = Arc::new(memory);

    let mut group = criterion.benchmark_group("instantiate");
    let pack = first_call(built.precompiled(), &set, workload);
    group.bench_function("one call of a loaded pack", |bencher| {
        bencher.iter(|| judge_one(&pack, &set, workload));
    });
    group.bench_function("sandbox, load precompiled, one call", |bencher| {
        bencher.iter(|| black_box(first_call(built.precompiled(), &set, workload)));
    });
    group.sample_size(10);
    group.bench_function("sandbox, compile, one call", |bencher| {
        bencher.iter(|| black_box(first_call(built.component(), &set, workload)));
    });
    group.finish();
}

criterion_group!(benches, instantiate);
criterion_main!(benches);
