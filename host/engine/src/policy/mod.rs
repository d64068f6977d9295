//! The files in which people state what is to be judged and what is to be accepted.
//!
//! They are read as scanned files are: with a place on every value, so that a mistake is reported
//! where it stands. Unlike those of scanned files, their mistakes stop the run: a policy of which a
//! part was not understood is not the policy that somebody wrote.

mod config;
mod decisions;
mod filter;
mod layer;
mod origin;
mod profile;
#[cfg_attr(not(test), expect(dead_code, reason = "the readers of waivers and evidence are being written"))]
mod reader;
mod resolve;
mod statements;
mod values;

pub use config::{Config, PolicyFile, is_namespace};
#[cfg(test)]
pub(crate) use decisions::Decision;
pub(crate) use decisions::Decisions;
pub use origin::{Given, Origin, Stated};
pub use reader::{PolicyError, Problem};
pub use resolve::EffectiveRule;
pub(crate) use resolve::Resolver;
pub use values::{RunFlags, RunValues};

#[cfg(test)]
mod tests;
