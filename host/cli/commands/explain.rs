//! `verdikt explain`: the page of one rule, or those of all.

use anyhow::{Result, bail};
use verdikt_engine::model::Sources;
use verdikt_engine::report::escaped;

use super::rule_page;
use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::options::Environment;
use crate::{packs, problems};

pub(crate) fn run(args: &ExplainArgs, environment: &Environment, color: bool) -> Result<Exit> {
    let engine = packs::engine(&args.packs, environment, None)?;
    let errors = problems::print(engine.problems(), &Sources::default());
    let text = match &args.rule {
        None => rule_page::all(&engine.rules().collect::<Vec<_>>()),
        Some(name) => {
            let Some((pack, rule)) = engine.rule(name) else {
                let near = engine.nearest_rules(name);
                let hint = match near.as_slice() {
                    [] => "; `verdikt rules` lists them all".to_owned(),
                    near => format!("; did you mean {}?", near.join(" or ")),
                };
                bail!("no rule is called `{}`{hint}", escaped(name));
            };
            rule_page::one(pack, rule, args.lang.tag(), color)
        }
    };
    super::print(&text)?;
    Ok(if errors { Exit::Failed } else { Exit::Clean })
}
