//! Threads and address space.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use verdikt_runtime::{Allocation, Limits, PackSource, Precompiled, Runtime, RuntimeOptions, precompile};

use crate::guest::{Guest, T, fail};
use crate::set::{Question, faults, load, source, stated};

fn guest() -> Guest {
    let judge = "(if (i32.eq (local.get $id) (i32.const 3)) (then unreachable))
        (call $state (i32.const 0) (local.get $rule) (local.get $id))";
    Guest::new(&T).finding(fail()).judge(judge)
}

#[test]
fn more_threads_than_places_wait_for_each_other() {
    let runtime = Runtime::new(RuntimeOptions { limits: Limits::default(), cache: None, concurrency: 2 }).unwrap();
    assert_eq!(runtime.allocation(), Allocation::Pooling);
    let pack = load(&runtime, &guest());
    let expected = Question::about(8).ask(&pack);
    assert_eq!(faults(&expected), [("abort", vec![0], vec![3])]);
    let same = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(Question::about(8).ask(&pack), expected);
                    same.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(same.into_inner(), 320);
}

#[test]
fn a_pack_outlives_its_runtime() {
    let runtime = Runtime::new(RuntimeOptions { concurrency: 1, ..RuntimeOptions::default() }).unwrap();
    let pack = load(&runtime, &guest());
    drop(runtime);
    assert_eq!(stated(&Question::about(2).ask(&pack)), [(0, 0), (0, 1)]);
    // Deadlines too: the clock belongs to the engine.
    let short = Limits { time: std::time::Duration::from_millis(20), ..Limits::default() };
    let runtime = Runtime::new(RuntimeOptions { limits: short, concurrency: 1, cache: None }).unwrap();
    let pack = load(&runtime, &Guest::new(&T).judge("(loop $ever (br $ever))"));
    drop(runtime);
    assert_eq!(faults(&Question::about(1).ask(&pack)), [("deadline", vec![0], vec![0])]);
}

/// Runs the test `in_a_small_address_space` in a process with that many KiB of address space.
#[cfg(target_os = "linux")]
fn under_limit(kib: u64, expected: &str) {
    let output = Command::new("sh")
        .args(["-c", "ulimit -v \"$1\" && shift && exec \"$@\"", "sh", &kib.to_string()])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "machine::in_a_small_address_space", "--ignored", "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "with {kib} KiB: {text}");
    assert!(text.contains(&format!("allocation: {expected}")), "with {kib} KiB: {text}");
    assert!(text.contains("1 passed"), "with {kib} KiB: {text}");
}

#[cfg(target_os = "linux")]
#[test]
fn address_space_decides_where_memories_live() {
    under_limit(12 << 20, "OnDemand");
    under_limit(3 << 20, "Compact");
}

#[test]
#[ignore = "run by `address_space_decides_where_memories_live`, in a process of its own"]
fn in_a_small_address_space() {
    let runtime = Runtime::new(RuntimeOptions { limits: Limits::default(), cache: None, concurrency: 2 }).unwrap();
    println!("allocation: {:?}", runtime.allocation());
    let wasm = guest().component();
    let evaluation = Question::about(8).ask(&runtime.load(source(wasm.clone())).unwrap());
    assert_eq!(faults(&evaluation), [("abort", vec![0], vec![3])]);
    assert_eq!(evaluation.findings.len(), 7);
    // Limits hold as elsewhere.
    let greedy = load(
        &runtime,
        &Guest::new(&T).evaluate("(loop $ever (drop (memory.grow (i32.const 9))) (br $ever)) unreachable"),
    );
    assert_eq!(faults(&Question::about(1).ask(&greedy)), [("memory", vec![0], vec![0])]);
    // Code that was compiled ahead of time may not fit, and is then compiled again.
    if runtime.allocation() == Allocation::Compact {
        assert!(precompile(&wasm).is_err(), "what is built in is not built on such a machine");
        let description = r#"{"schema":1,"digest":"sha256:00","pack":{"id":"p","version":"1.0.0","title":"t","rules":
            [{"id":"T-1","slug":"one","title":"t","description":"","remediation":"","severity":"low","scope":"document",
            "enabled_by_default":true,"targets":[["workload","*"]],"controls":[],"texts":[],"settings_schema":null,
            "extra":[]}],"extra":[]}}"#;
        let precompiled = Some(Precompiled { artifact: b"", description });
        let pack = runtime.load(PackSource { name: "b".into(), wasm: wasm.into(), precompiled }).unwrap();
        assert_eq!(Question::about(2).ask(&pack).findings.len(), 2);
    }
}
