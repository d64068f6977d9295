//! The loaders against what others wrote down and against other programs: a test suite, real files,
//! `kubectl`, and properties that hold for any text.
//!
//! Where an oracle is not on the machine, its tests say so in a line and pass.

#![expect(clippy::disallowed_methods, reason = "oracles are folders of files and another program")]

mod corpora;
mod generate;
mod hostile;
mod kubectl;
mod kustomize;
mod literals;
mod noise;
mod scalars;
mod spans;
mod support;
mod yaml_test_suite;
