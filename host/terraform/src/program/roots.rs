//! Which folders are root modules.

use std::collections::{BTreeMap, BTreeSet};

use super::Program;
use crate::config::Source;
use crate::files::below;

/// The folders that are roots of their own, among those that were scanned.
///
/// A module that another one calls is judged as its callers configure it, and not again with the values
/// of its defaults. Where modules call each other in a circle, which Terraform refuses, the first of them
/// by name is a root, so that each is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// Sorted.
    pub roots: Vec<String>,
    /// What is called by others of the folders, and not a root. Sorted.
    pub called: Vec<String>,
}

impl Roots {
    pub(super) fn of(program: &Program<'_>, folders: &[String]) -> Roots {
        // Folders without files of Terraform are neither.
        let modules: BTreeMap<&str, _> =
            folders.iter().filter_map(|folder| Some((folder.as_str(), program.module(folder)?))).collect();
        let calls: BTreeMap<&str, Vec<&str>> = modules
            .iter()
            .map(|(folder, module)| {
                let targets = module.calls.iter().filter_map(|(_, call)| {
                    let target = local_folder(folder, call.source.as_ref()?)?;
                    modules.get_key_value(target.as_str()).map(|(target, _)| *target)
                });
                (*folder, targets.filter(|target| target != folder).collect())
            })
            .collect();
        let called: BTreeSet<&str> = calls.values().flatten().copied().collect();
        let mut roots: Vec<&str> = modules.keys().copied().filter(|folder| !called.contains(folder)).collect();
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        reach(&calls, &roots, &mut reached);
        for folder in modules.keys().copied() {
            if !reached.contains(folder) {
                roots.push(folder);
                reach(&calls, &[folder], &mut reached);
            }
        }
        roots.sort_unstable();
        let called = modules.keys().filter(|folder| roots.binary_search(folder).is_err());
        Roots {
            called: called.map(|folder| (*folder).to_owned()).collect(),
            roots: roots.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// The folders that calls lead to from some folders, with these.
pub(super) fn reachable(program: &Program<'_>, from: Vec<&str>) -> BTreeSet<String> {
    let mut waiting: Vec<String> = from.into_iter().map(str::to_owned).collect();
    let mut reached = BTreeSet::new();
    while let Some(folder) = waiting.pop() {
        if !reached.contains(&folder) {
            let module = program.module(&folder);
            let calls = module.iter().flat_map(|module| module.calls.iter());
            waiting.extend(calls.filter_map(|(_, call)| local_folder(&folder, call.source.as_ref()?)));
            reached.insert(folder);
        }
    }
    reached
}

fn reach<'m>(calls: &BTreeMap<&'m str, Vec<&'m str>>, from: &[&'m str], reached: &mut BTreeSet<&'m str>) {
    let mut waiting = from.to_vec();
    while let Some(folder) = waiting.pop() {
        if reached.insert(folder) {
            waiting.extend(calls.get(folder).into_iter().flatten());
        }
    }
}

/// Whether a source is a path (`isModuleSourceLocal` in `internal/addrs/module_source.go`).
pub(super) fn is_local(source: &str) -> bool {
    ["./", "../", ".\\", "..\\"].iter().any(|prefix| source.starts_with(prefix))
}

/// The folder that a call from a folder leads to, when it is a path below the scanned folder.
fn local_folder(from: &str, source: &Source) -> Option<String> {
    let text = source.text.as_deref().filter(|text| is_local(text))?;
    below(from, &text.replace('\\', "/")).ok()
}
