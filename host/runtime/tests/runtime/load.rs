//! What is loaded and what is refused, with a message that says what to do.

use std::fs;
use std::time::Duration;

use verdikt_model::{Platform, Scope, Severity};
use verdikt_runtime::{Limits, PackSource, Precompiled, RulePack, Runtime, componentize, precompile};

use crate::guest::{Guest, I, Rule, T, embed, fail, wit};
use crate::set::{Question, faults, load, runtime, source, stated};

const STATE: &str = "(call $state (i32.const 0) (local.get $rule) (local.get $id))";

const fn send_and_sync<T: Send + Sync>() {}
const _: () = {
    send_and_sync::<Runtime>();
    send_and_sync::<RulePack>();
};

fn guest() -> Guest {
    Guest::new(&T).finding(fail()).judge(STATE)
}

fn error(runtime: &Runtime, wasm: Vec<u8>) -> String {
    match runtime.load(source(wasm)) {
        Ok(pack) => panic!("{pack:?} was loaded"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_component_and_a_core_module_are_loaded() {
    let runtime = runtime(Limits::default());
    let guest = guest().logs();
    for wasm in [guest.module(), guest.component()] {
        let digest = sha256(&wasm);
        let pack = runtime.load(source(wasm)).unwrap();
        assert_eq!(pack.name(), "test.wasm");
        assert_eq!(pack.digest(), digest);
        assert_eq!(pack.info().id, "test-pack");
        let rule = &pack.info().rules[1];
        assert_eq!((rule.id.as_str(), rule.slug.as_str()), ("T-2", "two"));
        assert_eq!((rule.severity, rule.scope, rule.enabled_by_default), (Severity::High, Scope::Document, true));
        assert_eq!((rule.targets[0].platform, &rule.targets[0].kind), (Platform::Workload, &None));
        assert_eq!(stated(&Question::about(2).ask(&pack)), [(0, 0), (0, 1)]);
        // `log` is imported but never called by anything but the guest's own import.
        assert!(pack.imports().iter().all(|name| name.starts_with("verdikt:policy/")), "{:?}", pack.imports());
        assert!(pack.imports().iter().any(|name| name == "verdikt:policy/log@0.1.0"), "{:?}", pack.imports());
    }
    let component = guest.component();
    assert_eq!(componentize(&component).unwrap(), component);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(bytes);
    format!("sha256:{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

#[test]
fn what_is_no_pack_is_refused_with_advice() {
    let text = |text: &str| wat::parse_str(text).unwrap();
    let mut truncated = guest().component();
    truncated.truncate(truncated.len() / 2);
    let with_wasi = r#"(module (import "wasi_snapshot_preview1" "fd_write"
        (func (param i32 i32 i32 i32) (result i32))) (memory (export "memory") 1))"#;
    let run = r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
        (func (export "run") (canon lift (core func $i "f"))))"#;
    let environment = r#"(component (import "wasi:cli/environment@0.2.0" (instance)) (instance $p)
        (export "verdikt:policy/pack@0.1.0" (instance $p)))"#;
    let elsewhere = r#"(component (import "acme:http/client@1.0.0" (instance)) (instance $p)
        (export "verdikt:policy/pack@0.1.0" (instance $p)))"#;
    let empty_pack = r#"(component (instance $p) (export "verdikt:policy/pack@0.1.0" (instance $p)))"#;
    let cases: Vec<(Vec<u8>, &[&str])> = vec![
        (Vec::new(), &["this is an empty file", "verdikt pack build"]),
        (b"apiVersion: v1\n".to_vec(), &["this is a text file"]),
        (b"\x7fELF....".to_vec(), &["an ELF file"]),
        (truncated, &["the WebAssembly is damaged"]),
        (guest().bare_module(), &["does not say what it exports", "verdikt pack build"]),
        (embed(text("(module)"), &wit()), &["cannot be made a component", "verdikt pack build"]),
        (embed(text(with_wasi), &wit()), &["`wasi_snapshot_preview1`", "packs get no WASI", "wasm32-unknown-unknown"]),
        (text(with_wasi), &["packs get no WASI"]),
        (text(environment), &["`wasi:cli/environment@0.2.0`", "packs get no WASI"]),
        (text(elsewhere), &["`acme:http/client@1.0.0`", "nothing but `verdikt:policy`"]),
        (text(run), &["exports `run` and imports nothing", "a pack exports `verdikt:policy/pack@0.1.0`"]),
        (text("(component)"), &["exports nothing"]),
        (text(empty_pack), &["does not fit verdikt:policy 0.1.0"]),
    ];
    let runtime = runtime(Limits::default());
    for (wasm, words) in cases {
        let error = error(&runtime, wasm);
        assert!(error.starts_with("test.wasm: "), "{error}");
        for words in words {
            assert!(error.contains(words), "{words:?} in {error:?}");
        }
    }
}

#[test]
fn a_pack_that_is_too_large_is_refused() {
    let wasm = guest().component();
    let runtime = runtime(Limits { component_size: wasm.len() - 1, ..Limits::default() });
    let error = error(&runtime, wasm);
    assert!(error.contains("the limit is"), "{error}");
}

/// A copy of the interface with something changed.
fn changed_wit(change: impl Fn(String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(wit()).unwrap() {
        let path = file.unwrap().path();
        // The folder holds the schemas of bodies as well.
        if path.extension().is_none_or(|extension| extension != "wit") {
            continue;
        }
        let text = change(fs::read_to_string(&path).unwrap());
        fs::write(folder.path().join(path.file_name().unwrap()), text).unwrap();
    }
    folder
}

#[test]
fn versions_are_told_apart() {
    let runtime = runtime(Limits::default());
    let build = |version: &'static str| {
        let wit = changed_wit(|text| text.replace("0.1.0", version));
        let text = guest().logs().wat().replace("@0.1.0", &format!("@{version}"));
        embed(wat::parse_str(text).unwrap(), wit.path())
    };
    // A later patch is the same interface.
    let pack = runtime.load(source(build("0.1.9"))).unwrap();
    assert_eq!(stated(&Question::about(1).ask(&pack)), [(0, 0)]);
    for (version, words) in
        [("0.2.0", "needs a newer Verdikt"), ("1.0.0", "needs a newer Verdikt"), ("0.0.1", "was never released")]
    {
        let error = error(&runtime, build(version));
        assert!(error.contains(words) && error.contains(version), "{error}");
    }
}

#[test]
fn an_interface_of_other_types_is_refused() {
    let runtime = runtime(Limits::default());
    let wit = changed_wit(|text| text.replace("    address: string,\n    /// The document", "    /// The document"));
    let error = error(&runtime, guest().module_for(wit.path()));
    assert!(error.contains("does not fit verdikt:policy 0.1.0") && error.contains("field"), "{error}");
}

#[test]
fn a_later_function_needs_a_newer_host() {
    let runtime = runtime(Limits::default());
    let wit = changed_wit(|text| {
        text.replace("0.1.0", "0.1.1").replace("interface log {", "interface log {\n  flush: func();\n")
    });
    let text = guest().wat().replace("@0.1.0", "@0.1.1").replacen(
        "(module",
        r#"(module (import "verdikt:policy/log@0.1.1" "flush" (func $flush))"#,
        1,
    );
    let error = error(&runtime, embed(wat::parse_str(text).unwrap(), wit.path()));
    assert!(error.contains("needs a newer Verdikt") && error.contains("0.1.1"), "{error}");
}

#[test]
fn descriptions_are_made_under_limits_and_checked() {
    let rule = |change: fn(&mut Rule)| {
        let mut rules = T.to_vec();
        change(&mut rules[0]);
        Guest::new(&rules)
    };
    let cases: Vec<(Guest, &str)> = vec![
        (guest().describe("(loop $ever (br $ever))"), "could not describe itself: it ran longer"),
        (guest().describe("unreachable"), "could not describe itself: it panicked"),
        (guest().describe("(drop (memory.grow (i32.const 1000)))"), "it wanted 66048 KiB of memory"),
        (guest().pages(2000), "it wanted 128000 KiB of memory, the limit is 65536 KiB"),
        (guest().with("(func $f unreachable)").start("(start $f)"), "could not describe itself: it panicked"),
        (guest().describe("(return (i32.const -4))"), "could not describe itself: its answer is invalid"),
        (
            guest().looks_around().describe("(call $references (i32.const 0) (i32.const 64))"),
            "`describe` asked for the document set",
        ),
        (Guest::new(&[]), "the pack has no rule"),
        (Guest::new(&[T[0].clone(), T[0].clone()]), "another rule of the pack is called `T-1` too"),
        (rule(|rule| rule.platform = "azure"), "rule T-1: the target's platform `azure`"),
        (rule(|rule| rule.id = "T 1"), "the id `T 1`"),
        (rule(|rule| rule.slug = "One"), "the slug `One`"),
        (rule(|rule| rule.schema = Some("[1]")), "settings schema must be a JSON object"),
        (guest().called("Test"), "the pack's id `Test`"),
    ];
    let runtime = runtime(Limits { describe_time: Duration::from_millis(300), ..Limits::default() });
    for (guest, words) in cases {
        let error = error(&runtime, guest.module());
        assert!(error.starts_with("test.wasm: ") && error.contains(words), "{words:?} in {error:?}");
    }
}

#[test]
fn a_built_in_pack_is_not_compiled() {
    let wasm = guest().component();
    let compiled = precompile(&wasm).unwrap();
    let description: &'static str = compiled.description.leak();
    // The bytes of the pack are what is described; the code is that of another pack, which shows
    // that it is the code that runs.
    let silent = precompile(&Guest::new(&T).component()).unwrap();
    let runtime = runtime(Limits::default());
    for (artifact, expected) in [(compiled.artifact, 2), (silent.artifact, 0), (b"of another version".to_vec(), 2)] {
        let precompiled = Some(Precompiled { artifact: artifact.leak(), description });
        let built_in = PackSource { name: "built-in pack test".into(), wasm: wasm.clone().into(), precompiled };
        let pack = runtime.load(built_in).unwrap();
        assert_eq!(pack.info().rules.len(), T.len());
        assert_eq!(pack.digest(), sha256(&wasm));
        assert_eq!(Question::about(2).ask(&pack).findings.len(), expected);
    }
    // A description of another form is a miss as well.
    let precompiled = Some(Precompiled { artifact: b"", description: "{\"schema\":0}" });
    let pack = runtime.load(PackSource { name: "b".into(), wasm: wasm.into(), precompiled }).unwrap();
    assert_eq!(Question::about(2).ask(&pack).findings.len(), 2);
}

#[test]
fn a_pack_with_both_scopes_is_asked_for_each() {
    let runtime = runtime(Limits::default());
    let rules = [&T[..], &I].concat();
    let pack = load(&runtime, &Guest::new(&rules).finding(fail()).judge(STATE));
    let inventory = Question { scope: Scope::Inventory, rules: vec!["I-6"], ..Question::about(2) };
    assert_eq!(stated(&inventory.ask(&pack)), [(0, 0), (0, 1)]);
    let document = Question::about(2).ask(&pack);
    assert_eq!(faults(&document), []);
}

#[test]
fn a_component_type_with_a_second_package_is_refused() {
    // Two packages that depend on each other would send wit-parser into endless recursion.
    let module = guest().module();
    let name = b"verdikt:policy/types@0.1.0";
    let at = module.windows(name.len()).position(|window| window == name).unwrap();
    let mut changed = module;
    changed[at] = b'w';
    let error = error(&runtime(Limits::default()), changed);
    assert!(error.contains("`werdikt:policy/types@0.1.0`"), "{error}");
}

#[test]
fn damaged_packs_are_refused_or_work_but_never_panic() {
    // Every byte of the part that says what a core module exports (some of these make wit-parser
    // panic), then some of everything else.
    let module = guest().module();
    let bare = guest().bare_module().len();
    let component = guest().component();
    let mut seed = 1_u32;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    };
    let in_the_type = (bare..module.len()).map(|at| (at, 0x01)).chain((bare..module.len()).map(|at| (at, 0x07)));
    for (at, flip) in in_the_type {
        let mut damaged = module.clone();
        damaged[at] ^= flip;
        let _ = componentize(&damaged);
    }
    let runtime = runtime(Limits::default());
    for _ in 0..150 {
        let mut damaged = if random(2) == 0 { module.clone() } else { component.clone() };
        for _ in 0..1 + random(3) {
            let at = random(damaged.len());
            damaged[at] = random(256) as u8;
        }
        if let Err(error) = runtime.load(source(damaged)) {
            assert!(error.to_string().starts_with("test.wasm: "), "{error}");
        }
    }
}
