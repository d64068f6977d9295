//! Notes for the person who debugs a pack. They never become part of a report.

use crate::bindings::verdikt::policy::log::{Level, write};

/// Something is wrong.
pub fn error(message: &str) {
    send(Level::Error, message);
}

/// Something looks wrong.
pub fn warn(message: &str) {
    send(Level::Warn, message);
}

/// Something happened.
pub fn info(message: &str) {
    send(Level::Info, message);
}

/// Something for who debugs the rule.
pub fn debug(message: &str) {
    send(Level::Debug, message);
}

fn send(level: Level, message: &str) {
    // Natively there is no host; a test shows what is printed only when it fails.
    if cfg!(target_arch = "wasm32") {
        write(level, message);
    } else {
        eprintln!("{level:?}: {message}");
    }
}
