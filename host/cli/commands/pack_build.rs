//! `verdikt pack build`: compile a pack, see that it loads, and write it.

use std::borrow::Cow;
use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, bail};
use verdikt_engine::Engine;
use verdikt_engine::model::{RuleInfo, Sources};
use verdikt_engine::report::escaped;
use verdikt_engine::runtime::{PackSource, componentize};

use crate::args::PackBuildArgs;
use crate::exit::Exit;
use crate::options::Environment;
use crate::{guest_build, problems, table};

pub(crate) fn run(args: &PackBuildArgs, environment: &Environment) -> Result<Exit> {
    let folder = &args.folder;
    let toolchain = guest_build::find()?;
    eprintln!("Compiling {} with {}", folder.display(), toolchain.description());
    let module = guest_build::build(&toolchain, folder, None, "release", &folder.join("target"))?;
    let wasm = fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    let component = componentize(&wasm).with_context(|| format!("{} is no rule pack", module.display()))?;

    // What a scan would find out, found out now: it is only written when it can be used.
    let name = module.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-")).unwrap_or_default();
    let file = folder.join(format!("{name}.wasm"));
    let source = PackSource { name: file.display().to_string(), wasm: Cow::Borrowed(&component), precompiled: None };
    let engine = Engine::builder().pack(source).build().context("cannot start the engine")?;
    if !engine.problems().is_empty() {
        problems::print(engine.problems(), &Sources::default());
        bail!("the pack was compiled, but it cannot be used; {} was not written", file.display());
    }
    fs::write(&file, &component).with_context(|| format!("cannot write {}", file.display()))?;

    let mut text = String::new();
    for pack in engine.packs() {
        let info = pack.info();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}: {} KiB, pack {} {} with {} {}",
            escaped(&file.display().to_string()),
            component.len().div_ceil(1024),
            escaped(&info.id),
            escaped(&info.version),
            info.rules.len(),
            if info.rules.len() == 1 { "rule" } else { "rules" }
        );
    }
    let cells = |rule: &RuleInfo| {
        [&rule.id, &rule.slug, rule.severity.as_str(), &rule.title].map(|cell| escaped(cell).into_owned())
    };
    let rows = engine.rules().map(|(_, rule)| cells(rule));
    text.push_str(&table::render(["ID", "SLUG", "SEVERITY", "TITLE"], rows, environment.width()));
    super::print(&text)?;
    Ok(Exit::Clean)
}
