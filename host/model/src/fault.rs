//! How a guest can misbehave.

use std::fmt;
use std::time::Duration;

/// A guest that misbehaved. Never a pass: whatever it was judging gets the verdict `error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It ran longer than it may.
    Deadline { limit: Duration },
    /// It wanted more linear memory than it may have.
    Memory { wanted: u64, limit: u64 },
    /// It recursed too deeply.
    Stack,
    /// It panicked or aborted; what it logged last, if anything.
    Abort { last_log: Option<String> },
    /// It accessed memory out of bounds, often a stack overflow in Rust or C.
    OutOfBounds,
    /// Another trap of WebAssembly.
    Trap { what: String },
    /// It moved more data between guest and host than it may, or broke the ABI in a call to the
    /// host.
    HostCall { what: String },
    /// It wrote more log lines than it may.
    Log { limit: usize },
    /// Its answer could not be read or says what it must not.
    InvalidOutput { what: String },
    /// A document rule asked for the document set.
    InventoryFromDocumentRule,
    /// It refused the request.
    Refused { reason: String },
    /// It could not be started.
    Instantiation { what: String },
}

impl Fault {
    /// A stable code in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Deadline { .. } => "deadline",
            Fault::Memory { .. } => "memory",
            Fault::Stack => "stack",
            Fault::Abort { .. } => "abort",
            Fault::OutOfBounds => "out-of-bounds",
            Fault::Trap { .. } => "trap",
            Fault::HostCall { .. } => "host-call",
            Fault::Log { .. } => "log",
            Fault::InvalidOutput { .. } => "invalid-output",
            Fault::InventoryFromDocumentRule => "inventory-from-document-rule",
            Fault::Refused { .. } => "refused",
            Fault::Instantiation { .. } => "instantiation",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Deadline { limit } => write!(out, "it ran longer than the limit of {:.1} s", limit.as_secs_f64()),
            Fault::Memory { wanted, limit } => {
                write!(out, "it wanted {} KiB of memory, the limit is {} KiB", wanted / 1024, limit / 1024)
            }
            Fault::Stack => out.write_str("its call stack overflowed"),
            Fault::Abort { last_log: None } => out.write_str("it panicked or aborted"),
            Fault::Abort { last_log: Some(line) } => write!(out, "it panicked or aborted, after it logged: {line}"),
            Fault::OutOfBounds => {
                out.write_str("it accessed memory out of bounds (in Rust and C often a stack overflow)")
            }
            Fault::Trap { what } => write!(out, "it trapped: {what}"),
            Fault::HostCall { what } => write!(out, "a call to the host was refused: {what}"),
            Fault::Log { limit } => write!(out, "it logged more than {limit} lines"),
            Fault::InvalidOutput { what } => write!(out, "its answer is invalid: {what}"),
            Fault::InventoryFromDocumentRule => {
                out.write_str("a rule of scope `document` asked for the document set; its scope must be `inventory`")
            }
            Fault::Refused { reason } => write!(out, "it refused the request: {reason}"),
            Fault::Instantiation { what } => write!(out, "it could not be started: {what}"),
        }
    }
}
