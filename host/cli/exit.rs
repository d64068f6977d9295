//! What the process tells its caller. The numbers are a published contract.

use std::io;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing at or above the threshold.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// The command line was wrong, or Verdikt could not go on.
    Failed,
    /// Something that should have been judged was not.
    Incomplete,
    /// There was nothing to scan, and no error.
    Nothing,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
            Exit::Incomplete => 3,
            Exit::Nothing => 4,
        }
    }

    /// For an error that ended the run. A reader that has gone away, such as `head`, has seen all
    /// that it wanted: that is no failure.
    pub(crate) fn of_error(error: &anyhow::Error) -> Exit {
        let is_broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
            cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        };
        if error.chain().any(is_broken_pipe) { Exit::Clean } else { Exit::Failed }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_broken_pipe_is_success_and_anything_else_is_not() {
        let error = |kind| Err::<(), _>(io::Error::from(kind)).context("cannot write").unwrap_err();
        assert_eq!(Exit::of_error(&error(io::ErrorKind::BrokenPipe)), Exit::Clean);
        assert_eq!(Exit::of_error(&error(io::ErrorKind::StorageFull)), Exit::Failed);
        assert_eq!(Exit::of_error(&anyhow::anyhow!("other")), Exit::Failed);
    }
}
