//! What the host keeps for one guest call: the data of its store.

use std::sync::Arc;

use crate::fault::Breach;
use crate::inventory::Access;
use crate::limits::{Guard, Limits};
use crate::text;

/// The data of one store. It lives as long as one guest call.
pub(crate) struct State {
    pub(crate) guard: Guard,
    pub(crate) access: Access,
    log: Log,
}

impl State {
    pub(crate) fn new(pack: &Arc<str>, limits: &Limits, access: Access) -> Self {
        let log = Log {
            pack: Arc::clone(pack),
            lines: 0,
            limit: limits.log_lines,
            line_length: limits.string_length,
            last_error: None,
        };
        State { guard: Guard::new(limits), access, log }
    }

    /// Passes a line of the guest on to `tracing`.
    pub(crate) fn log(&mut self, level: LogLevel, message: &str) -> Result<(), Breach> {
        self.log.write(level, message)
    }

    /// The last line that the guest logged as an error, such as the message of its panic.
    pub(crate) fn last_error(&self) -> Option<String> {
        self.log.last_error.clone()
    }
}

/// The levels of `verdikt:policy/log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

struct Log {
    pack: Arc<str>,
    lines: usize,
    limit: usize,
    line_length: usize,
    last_error: Option<String>,
}

impl Log {
    fn write(&mut self, level: LogLevel, message: &str) -> Result<(), Breach> {
        if self.lines >= self.limit {
            return Err(Breach::Log { limit: self.limit });
        }
        self.lines += 1;
        let pack: &str = &self.pack;
        // Escaped, so that a guest cannot drive the terminal that shows the log.
        let line = text::prefix(message, self.line_length).escape_debug();
        match level {
            LogLevel::Error => {
                self.last_error = Some(text::shorten(message));
                tracing::error!(target: "verdikt::pack", pack, "{line}");
            }
            LogLevel::Warn => tracing::warn!(target: "verdikt::pack", pack, "{line}"),
            LogLevel::Info => tracing::info!(target: "verdikt::pack", pack, "{line}"),
            LogLevel::Debug => tracing::debug!(target: "verdikt::pack", pack, "{line}"),
            LogLevel::Trace => tracing::trace!(target: "verdikt::pack", pack, "{line}"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_are_counted_and_the_last_error_is_kept() {
        let limits = Limits { log_lines: 3, ..Limits::default() };
        let mut state = State::new(&"p".into(), &limits, Access::Describing);
        assert_eq!(state.last_error(), None);
        state.log(LogLevel::Error, "first").unwrap();
        state.log(LogLevel::Error, "panicked at\n x").unwrap();
        state.log(LogLevel::Info, "bye").unwrap();
        assert_eq!(state.last_error().as_deref(), Some("panicked at  x"));
        assert_eq!(state.log(LogLevel::Info, "one more"), Err(Breach::Log { limit: 3 }));
    }
}
