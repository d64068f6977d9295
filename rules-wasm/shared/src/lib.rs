//! What several built-in packs share: how credentials are recognized, and small things.
//!
//! [`Detector`] says of a value under a name whether it is a credential in plain text. It joins four
//! readings, each in a file of its own: what a name says ([`NamePatterns`]), what the form of a value
//! says ([`ValuePatterns`]), what kind of literal a value is (a reference, a path, a number), and
//! where in a text such as a configuration file the value of a name stands (`content.rs`). `scan.rs` goes
//! over a text once for all of them, and `filter.rs` says where it has to look.
//!
//! `tests/variables.txt` and `tests/files.txt` list what real programs have, and what is said of it.
//!
//! Linked into each pack that uses it, so it stays small: it has no regular-expression engine but the
//! few lines of `pattern.rs`.

pub mod base64;
mod content;
mod detector;
mod filter;
mod form;
mod literal;
mod names;
mod pattern;
pub mod quantity;
mod reference;
mod said;
mod scan;
mod settings;
mod vocabulary;
pub mod wildcard;

pub use content::Syntax;
pub use detector::{Detector, Evidence, InText, Line, Outcome, alternatives};
pub use form::{Form, ValuePatterns};
pub use literal::Entry;
pub use names::{NamePatterns, SecretName};
pub use said::Said;
pub use settings::CredentialSettings;
