//! The sandbox from outside: guests that behave, and guests that do what they must not.

mod cache;
mod guest;
mod halving;
mod hostile;
mod inventory;
mod load;
mod machine;
mod set;
