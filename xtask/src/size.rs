//! The size budget of the built-in packs.
//!
//! Packs are embedded in the CLI and their machine code is read at every start, so growth is paid by
//! every user of every scan. A pack that needs more gets it by a change of this table, in the commit
//! that says why.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::packs::{self, Pack};
use crate::workspace::{Workspace, say};

/// In KiB: pack, component, machine code.
const BUDGET: &[(&str, u64, u64)] = &[
    ("ecs", 192, 448),
    ("extended", 384, 896),
    ("kubernetes", 768, 1792),
    ("terraform", 320, 832),
    ("workload", 960, 2176),
];

/// Prints the size of each pack beside its budget.
///
/// # Errors
/// When a pack has no budget or is larger than it.
pub(crate) fn check(workspace: &Workspace, packs: &[Pack]) -> Result<()> {
    say("sizes of the packs, in KiB (budget)");
    let mut over = Vec::new();
    for pack in packs {
        let &(_, component_budget, code_budget) = BUDGET
            .iter()
            .find(|(id, ..)| *id == pack.id)
            .with_context(|| format!("the pack {} has no size budget; give it one in xtask/src/size.rs", pack.id))?;
        let component = size(workspace, pack, "wasm")?;
        let code = size(workspace, pack, "cwasm")?;
        eprintln!(
            "    {:<16} component {component:>5} ({component_budget})   machine code {code:>5} ({code_budget})",
            pack.id
        );
        if component > component_budget || code > code_budget {
            over.push(pack.id.as_str());
        }
    }
    ensure!(
        over.is_empty(),
        "over their size budget: {}; make them smaller, or raise the budget in xtask/src/size.rs and say why",
        over.join(", ")
    );
    Ok(())
}

/// In KiB, rounded up.
fn size(workspace: &Workspace, pack: &Pack, extension: &str) -> Result<u64> {
    let path = packs::folder(workspace).join(format!("{}.{extension}", pack.id));
    let file =
        fs::metadata(&path).with_context(|| format!("cannot read {}; run `cargo xtask packs`", path.display()))?;
    Ok(file.len().div_ceil(1024))
}
