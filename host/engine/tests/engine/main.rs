//! The engine from outside: real input through real packs in the sandbox, to a report.

#![expect(clippy::disallowed_methods, reason = "tests read fixtures and what xtask built")]

mod base;
mod baseline;
mod containment;
mod determinism;
mod evidence;
mod fixtures;
mod policy;
mod report;
mod schemas;
mod secrets;
mod support;
mod suppression;
mod waivers;

// The hostile guests of the runtime's own tests. Not everything that they can do is needed here.
#[expect(dead_code, reason = "shared with the tests of the runtime")]
#[path = "../../../runtime/tests/runtime/guest.rs"]
mod guest;
