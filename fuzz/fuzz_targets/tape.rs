//! The tape on any text: it must not panic, must accept what serde_json accepts and refuse what it
//! refuses, and every node must have a pointer that leads back to it.
//!
//! `cargo +nightly fuzz run tape`

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::Value;
use verdikt_sdk::{Problem, Tape};

fuzz_target!(|text: &str| {
    let tape = match Tape::parse(text) {
        Ok(tape) => tape,
        Err(error) => {
            assert!(error.offset <= text.len(), "an error behind the end");
            // serde_json reads as a value at most 128 levels, fewer than the tape.
            let refused = serde_json::from_str::<Value>(text).is_err();
            assert!(refused || error.problem == Problem::Depth, "refused what serde_json accepts: {error}");
            return;
        }
    };
    // Unlike a value, ignored text may be of any depth and its numbers of any size.
    assert!(serde_json::from_str::<IgnoredAny>(text).is_ok(), "accepted what serde_json refuses");

    // Where a name stands twice the two choose differently, and `$` has a meaning of its own: so only
    // texts in serde_json's own form are compared further.
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    if text.contains('$') || value.to_string() != text {
        return;
    }
    // Bounded, because a pointer is found by descending from the root.
    let mut open = vec![tape.root()];
    for _ in 0..1_000 {
        let Some(node) = open.pop() else { break };
        let pointer = node.pointer();
        assert!(value.pointer(&pointer).is_some(), "nothing at {pointer}");
        open.extend(node.list().known());
        open.extend(node.members().known().into_iter().flatten().map(|(_, member)| member));
    }
});
