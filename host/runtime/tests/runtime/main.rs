//! The sandbox from outside: guests that behave, and guests that do what they must not.

#![expect(clippy::disallowed_methods, reason = "tests make the files and processes that they need")]

mod cache;
mod guest;
mod halving;
mod hostile;
mod inventory;
mod load;
mod machine;
mod set;
