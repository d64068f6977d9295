//! The files in which people state what is to be judged and what is to be accepted.
//!
//! They are read as scanned files are: with a place on every value, so that a mistake is reported
//! where it stands. Unlike those of scanned files, their mistakes stop the run: a policy of which a
//! part was not understood is not the policy that somebody wrote.

pub(crate) mod baseline;
pub(crate) mod evidence;
mod moved;
mod reader;
pub(crate) mod seen;
mod selector;
pub(crate) mod waivers;

pub use baseline::{Baseline, BaselineChange, NewBaseline};
pub use evidence::{Attachments, Evidence};
pub use reader::{PolicyError, Problem};
pub use waivers::Waivers;
