//! The loaders against what others wrote down and against other programs: test suites, real files,
//! `kubectl`, and properties that hold for any text.
//!
//! Where an oracle is not on the machine, its tests say so in a line and pass.

mod support;
mod yaml_test_suite;
