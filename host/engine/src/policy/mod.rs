//! The files in which people state what is to be judged and what is to be accepted.
//!
//! They are read as scanned files are: with a place on every value, so that a mistake is reported
//! where it stands. Unlike those of scanned files, their mistakes stop the run: a policy of which a
//! part was not understood is not the policy that somebody wrote.

pub(crate) mod baseline;
mod config;
mod decisions;
pub(crate) mod evidence;
mod filter;
mod layer;
pub(crate) mod moved;
mod origin;
mod profile;
mod reader;
mod resolve;
pub(crate) mod seen;
mod selector;
mod statements;
mod values;
pub(crate) mod waivers;

pub use baseline::{Baseline, BaselineChange, NewBaseline};
pub use config::{Config, PolicyFile, is_namespace};
#[cfg(test)]
pub(crate) use decisions::Decision;
pub(crate) use decisions::Decisions;
pub use evidence::{Attachments, Evidence};
pub use origin::{Given, Origin, Stated};
pub use reader::{PolicyError, Problem};
pub use resolve::EffectiveRule;
pub(crate) use resolve::Resolver;
pub use values::{RunFlags, RunValues};
pub use waivers::Waivers;

#[cfg(test)]
mod tests;
