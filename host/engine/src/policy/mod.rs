//! The files in which people state what is to be judged and what is to be accepted.
//!
//! They are read as scanned files are: with a place on every value, so that a mistake is reported
//! where it stands. Unlike those of scanned files, their mistakes stop the run: a policy of which a
//! part was not understood is not the policy that somebody wrote.

#[expect(dead_code, reason = "the readers of the single files are being written")]
mod reader;

pub use reader::{PolicyError, Problem};
