//! Compiled packs on disk, from outside.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use verdikt_runtime::{Limits, RulePack, Runtime, RuntimeOptions};

use crate::guest::{Guest, T, fail};
use crate::set::{Question, source, stated};

fn runtime(folder: &Path, limits: Limits) -> Runtime {
    Runtime::new(RuntimeOptions { limits, cache: Some(folder.to_owned()), concurrency: 1 }).unwrap()
}

fn guest() -> Guest {
    Guest::new(&T).finding(fail()).judge("(call $state (i32.const 0) (local.get $rule) (local.get $id))")
}

fn works(pack: &RulePack) {
    assert_eq!(pack.info().rules.len(), 4);
    assert_eq!(stated(&Question::about(2).ask(pack)), [(0, 0), (0, 1)]);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
}

#[test]
fn a_pack_is_compiled_once() {
    let folder = tempfile::tempdir().unwrap();
    let wasm = guest().module();
    works(&runtime(folder.path(), Limits::default()).load(source(wasm.clone())).unwrap());
    let [file] = &files(folder.path())[..] else { panic!("one file a pack") };
    let written = fs::metadata(file).unwrap().modified().unwrap();
    let pack = runtime(folder.path(), Limits::default()).load(source(wasm)).unwrap();
    works(&pack);
    assert_eq!(fs::metadata(file).unwrap().modified().unwrap(), written, "it was compiled again");
    // A second pack has a file of its own.
    runtime(folder.path(), Limits::default()).load(source(Guest::new(&T).module())).unwrap();
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn the_description_is_cached_with_the_code() {
    // A guest that describes itself with more memory than the second runtime gives.
    let folder = tempfile::tempdir().unwrap();
    let wasm = guest().describe("(drop (memory.grow (i32.const 100)))").module();
    runtime(folder.path(), Limits::default()).load(source(wasm.clone())).unwrap();
    let tight = Limits { memory: 4 << 20, ..Limits::default() };
    works(&runtime(folder.path(), tight.clone()).load(source(wasm.clone())).unwrap());
    let other = tempfile::tempdir().unwrap();
    assert!(runtime(other.path(), tight).load(source(wasm)).is_err());
}

#[test]
fn what_is_cached_is_held_to_the_limits_of_now() {
    let folder = tempfile::tempdir().unwrap();
    let wasm = guest().module();
    runtime(folder.path(), Limits::default()).load(source(wasm.clone())).unwrap();
    let error = runtime(folder.path(), Limits { rules: 3, ..Limits::default() }).load(source(wasm)).unwrap_err();
    assert!(error.to_string().contains("the pack has 4 rules, the limit is 3"), "{error}");
}

#[test]
fn a_damaged_entry_is_compiled_again() {
    let folder = tempfile::tempdir().unwrap();
    let wasm = guest().module();
    let load = || works(&runtime(folder.path(), Limits::default()).load(source(wasm.clone())).unwrap());
    load();
    let file = files(folder.path()).remove(0);
    let good = fs::read(&file).unwrap();
    let half = good[..good.len() / 2].to_vec();
    let mut flipped = good.clone();
    flipped[good.len() - 100] ^= 0x40;
    for bad in [Vec::new(), b"garbage".to_vec(), half, flipped] {
        fs::write(&file, &bad).unwrap();
        load();
        assert_eq!(fs::read(&file).unwrap(), good, "the entry was not replaced");
    }
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    load();
}

#[test]
fn a_pack_that_is_refused_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bad = guest().describe("unreachable").module();
    runtime(folder.path(), Limits::default()).load(source(bad)).unwrap_err();
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_folder_that_cannot_be_trusted_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    works(&runtime(folder.path(), Limits::default()).load(source(guest().module())).unwrap());
    assert!(files(folder.path()).is_empty());
}

#[test]
fn many_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let wasm = Arc::new(guest().module());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let runtime = runtime(folder.path(), Limits::default());
                for _ in 0..3 {
                    works(&runtime.load(source(wasm.to_vec())).unwrap());
                }
            });
        }
    });
    assert_eq!(files(folder.path()).len(), 1, "a temporary file was left");
}
