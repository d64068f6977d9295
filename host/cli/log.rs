//! Notes for whoever writes packs or looks for a fault: on standard error, when asked for.

use std::io;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

/// The variable that asks for them.
pub(crate) const VARIABLE: &str = "VERDIKT_LOG";

/// Prints what a filter lets through, such as `verdikt::pack=debug` for what packs log.
///
/// # Errors
/// When it is no filter.
pub(crate) fn start(filter: &str) -> Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("{VARIABLE}={filter} is no filter; write a level such as `debug`, or `verdikt::pack=debug`")
    })?;
    // Only one can be installed; this is the only place that does.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false)
        .without_time()
        .try_init();
    Ok(())
}
