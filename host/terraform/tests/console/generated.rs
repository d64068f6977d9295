//! Generated expressions.
