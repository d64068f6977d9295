//! The clock behind deadlines: a thread of its own advances the epoch of an engine.
//!
//! It has its own thread because a busy pool of workers would let it starve, and a starved clock is
//! no limit at all. It holds the engine weakly and ends with it.

use std::io;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long one epoch lasts. A deadline is at most this much late, and never early.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// Starts the clock of an engine.
pub(crate) fn start(engine: &Engine) -> io::Result<JoinHandle<()>> {
    let engine = engine.weak();
    thread::Builder::new().name("verdikt-epoch".to_owned()).spawn(move || run(&engine))
}

fn run(engine: &EngineWeak) {
    loop {
        thread::sleep(TICK);
        match engine.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return,
        }
    }
}

/// How many epochs a time is. One more than fits, since the epoch that is under way may end at
/// once.
pub(crate) fn ticks(time: Duration) -> u64 {
    let ticks = time.as_millis().div_ceil(TICK.as_millis()).saturating_add(1);
    // Half of the range: wasmtime adds the number to the current epoch.
    u64::try_from(ticks).unwrap_or(u64::MAX).min(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_thread_ends_with_its_engine() {
        let engine = Engine::default();
        let ticker = start(&engine).unwrap();
        thread::sleep(TICK * 3);
        assert!(!ticker.is_finished());
        drop(engine);
        let patience = Instant::now() + Duration::from_secs(10);
        while !ticker.is_finished() {
            assert!(Instant::now() < patience, "the thread outlives its engine");
            thread::sleep(TICK);
        }
    }

    #[test]
    fn a_time_is_never_cut_short() {
        for (millis, expected) in [(0, 1), (1, 2), (10, 2), (11, 3), (2_000, 201)] {
            assert_eq!(ticks(Duration::from_millis(millis)), expected, "{millis} ms");
        }
        assert_eq!(ticks(Duration::MAX), u64::MAX / 2);
    }
}
