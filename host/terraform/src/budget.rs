//! What one evaluation may cost.
//!
//! Configurations are hostile input: a few lines can ask for a hundred million elements or for a text
//! that doubles forty times. Everything that makes values pays here first.

use std::cell::Cell;
use std::fmt;

/// How much an evaluation may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Expressions evaluated, elements made, steps of functions.
    pub steps: u64,
    /// Bytes of text made.
    pub bytes: u64,
    /// Expressions that are evaluated inside of each other, through all that they refer to.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        // A thousand resources with modules use less than a quarter of a million. A step may make an element,
        // which takes some hundred bytes.
        Limits { steps: 4_000_000, bytes: 256 << 20, depth: 300 }
    }
}

/// What is left of [`Limits`]. Belongs to one evaluation, which runs on one thread.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    steps: Cell<u64>,
    bytes: Cell<u64>,
    depth: Cell<u32>,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Budget { limits, steps: Cell::new(limits.steps), bytes: Cell::new(limits.bytes), depth: Cell::new(0) }
    }

    /// Pays for evaluating, or for making so many elements. To be called before they are made.
    pub fn spend(&self, steps: usize) -> Result<(), Exhausted> {
        pay(&self.steps, steps).ok_or(Exhausted { what: "steps", limit: self.limits.steps })
    }

    /// Pays for a text of so many bytes. To be called before it is made.
    pub fn spend_bytes(&self, bytes: usize) -> Result<(), Exhausted> {
        pay(&self.bytes, bytes).ok_or(Exhausted { what: "bytes of text", limit: self.limits.bytes })
    }

    /// Goes one level further in, until what is returned is dropped. The stack of a thread is the limit.
    pub fn nest(&self) -> Result<Nested<'_>, Exhausted> {
        let depth = self.depth.get();
        if depth >= self.limits.depth {
            return Err(Exhausted { what: "levels of nesting", limit: u64::from(self.limits.depth) });
        }
        self.depth.set(depth + 1);
        Ok(Nested(self))
    }

    /// Whether something was refused already. What is computed afterwards is not worth its time.
    pub fn is_exhausted(&self) -> bool {
        self.steps.get() == 0 || self.bytes.get() == 0
    }

    /// Steps that were used so far.
    pub fn steps_used(&self) -> u64 {
        self.limits.steps - self.steps.get()
    }
}

/// One level of nesting.
#[derive(Debug)]
pub struct Nested<'b>(&'b Budget);

impl Drop for Nested<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get() - 1);
    }
}

impl Default for Budget {
    fn default() -> Self {
        Budget::new(Limits::default())
    }
}

/// Takes from what is left. What is refused takes all, so that nothing goes on behind a refusal.
fn pay(left: &Cell<u64>, amount: usize) -> Option<()> {
    let rest = left.get().checked_sub(amount as u64).filter(|rest| *rest > 0);
    left.set(rest.unwrap_or(0));
    rest.map(|_| ())
}

/// More was asked for than the [`Limits`] allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    what: &'static str,
    limit: u64,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "evaluating this takes more than {} {}, the limit", self.limit, self.what)
    }
}

impl std::error::Error for Exhausted {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_ends_everything() {
        let budget = Budget::new(Limits { steps: 10, bytes: 10, depth: 2 });
        assert_eq!(budget.spend(9), Ok(()));
        assert!(!budget.is_exhausted());
        assert!(budget.spend(1).is_err() && budget.is_exhausted());
        assert_eq!(budget.spend_bytes(5), Ok(()));
        assert!(budget.spend_bytes(usize::MAX).is_err());
        assert!(budget.spend_bytes(1).is_err());
    }

    #[test]
    fn levels_are_given_back() {
        let budget = Budget::new(Limits { depth: 2, ..Limits::default() });
        for _ in 0..3 {
            let first = budget.nest();
            let second = budget.nest();
            assert!(first.is_ok() && second.is_ok() && budget.nest().is_err());
        }
    }
}
