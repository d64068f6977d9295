//! The same input gives the same report, byte for byte, however the work is spread.

use verdikt_engine::model::Verdict;
use verdikt_engine::report::{Format, RenderOptions, render};
use verdikt_engine::runtime::{Limits, PackSource};
use verdikt_engine::{Check, Engine};

use crate::guest::{Guest, T, fail};
use crate::support::{built, check, pack, pod};

fn json(packs: Vec<PackSource<'static>>, jobs: usize, isolate: bool, check: &Check) -> String {
    let builder = packs.into_iter().fold(Engine::builder().jobs(jobs), |builder, pack| builder.pack(pack));
    let engine = builder.limits(Limits { faults: 5, ..Limits::default() }).build().unwrap();
    let mut check = check.clone();
    check.isolate = isolate;
    let report = engine.check(&check).unwrap();
    render(&report, Format::Json, &RenderOptions::default())
}

/// Many files of several documents, some with nothing to complain about.
fn many() -> Check {
    let texts: Vec<(String, String)> = (0..120)
        .map(|file| {
            let pods: Vec<String> = (0..3).map(|index| pod(&format!("pod-{file}-{index}"))).collect();
            let pods = pods.join("---\n");
            (format!("{file:03}.yaml"), if file % 4 == 0 { pods.replace("true", "false") } else { pods })
        })
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let mut check = check(&texts);
    check.show = [Verdict::Pass, Verdict::NotApplicable].into();
    check
}

#[test]
fn threads_and_isolation_do_not_show() {
    let packs = || vec![pack("workload.wasm", built("wasm"))];
    let check = many();
    let reference = json(packs(), 1, false, &check);
    assert!(reference.contains("\"WL-001\""));
    for (jobs, isolate) in [(4, false), (2, true)] {
        assert!(json(packs(), jobs, isolate, &check) == reference, "{jobs} jobs, isolate {isolate}");
    }
}

#[test]
fn a_stopped_pack_is_stopped_at_the_same_place() {
    // Traps on every third document, so that the budget of five is used up in the first batch.
    let judge = "(if (i32.eqz (i32.rem_u (local.get $id) (i32.const 3))) (then unreachable))
                 (call $state (i32.const 0) (local.get $rule) (local.get $id))";
    let guest = Guest::new(&T).finding(fail()).judge(judge).component();
    let packs = || vec![pack("test.wasm", guest.clone())];
    let check = many();
    let reference = json(packs(), 1, false, &check);
    assert!(reference.contains("pack-stopped"));
    for _ in 0..3 {
        assert!(json(packs(), 4, false, &check) == reference);
    }
}
