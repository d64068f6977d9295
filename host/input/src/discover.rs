//! Which files there are.
