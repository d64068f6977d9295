//! What went wrong in a guest call, told by the type of the error and never by its text.

use std::time::Duration;

use verdikt_model::Fault;
use wasmtime::{Error, Trap, WasmBacktrace};

/// An error that the host itself raises while a guest runs. It stops the guest at once and comes
/// out of the call as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Breach {
    #[error("it wanted {wanted} bytes of memory, the limit is {limit}")]
    Memory { wanted: usize, limit: usize },
    #[error("a memory could not grow to {wanted} bytes: it has a smaller maximum, or the machine has no more")]
    MemoryRefused { wanted: usize },
    #[error("it wanted tables of {wanted} elements, the limit is {limit}")]
    Table { wanted: usize, limit: usize },
    #[error("it logged more than {limit} lines")]
    Log { limit: usize },
    #[error("a rule of scope `document` asked for the document set")]
    InventoryFromDocumentRule,
    #[error("`describe` asked for the document set; it must depend on nothing")]
    InventoryFromDescribe,
    #[error("{what}")]
    Argument { what: String },
}

/// How far a guest came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It could not be started; nothing of the request has reached it.
    Instantiate,
    Call,
}

/// A guest call that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    pub(crate) error: Error,
}

impl Failure {
    pub(crate) fn instantiate(error: Error) -> Self {
        Failure { stage: Stage::Instantiate, error }
    }

    pub(crate) fn call(error: Error) -> Self {
        Failure { stage: Stage::Call, error }
    }
}

/// Names the fault. `time` is what the call was given, `last_log` the last line that the guest
/// logged as an error.
pub(crate) fn classify(failure: &Failure, time: Duration, last_log: Option<String>) -> Fault {
    let error = &failure.error;
    if let Some(breach) = error.downcast_ref::<Breach>() {
        return match breach {
            Breach::Memory { wanted, limit } => Fault::Memory { wanted: *wanted as u64, limit: *limit as u64 },
            Breach::Log { limit } => Fault::Log { limit: *limit },
            Breach::InventoryFromDocumentRule => Fault::InventoryFromDocumentRule,
            Breach::MemoryRefused { .. } | Breach::Table { .. } => Fault::Trap { what: breach.to_string() },
            Breach::InventoryFromDescribe | Breach::Argument { .. } => Fault::HostCall { what: breach.to_string() },
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => Fault::Deadline { limit: time },
        Some(Trap::StackOverflow) => Fault::Stack,
        // Rust and C keep their own stack in linear memory; it runs out below address zero.
        Some(Trap::MemoryOutOfBounds) => Fault::OutOfBounds,
        Some(Trap::UnreachableCodeReached) => Fault::Abort { last_log },
        Some(trap) => Fault::Trap { what: trap.to_string() },
        None if failure.stage == Stage::Instantiate => Fault::Instantiation { what: format!("{error:#}") },
        // The error arose below a frame of the guest: in the arguments of a call to the host.
        None if error.downcast_ref::<WasmBacktrace>().is_some() => {
            Fault::HostCall { what: error.root_cause().to_string() }
        }
        // The guest had returned: its result could not be read.
        None => Fault::InvalidOutput { what: error.root_cause().to_string() },
    }
}
