//! Values with where they come from, so that every effective value can be traced to who stated it.

use std::fmt;

use verdikt_model::Location;

/// A value and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated<T> {
    pub value: T,
    pub location: Location,
}

/// A value that holds, and who stated it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Given<T> {
    /// What holds where nobody says anything.
    pub fn default(value: T) -> Self {
        Given { value, origin: Origin::Default }
    }

    /// What a flag of the command line says.
    pub fn flag(value: T, flag: &'static str) -> Self {
        Given { value, origin: Origin::Flag(flag) }
    }
}

/// Who stated a value. [`Display`](fmt::Display) gives what `config show` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: it is the default of the rule or of Verdikt.
    Default,
    /// A flag of the command line, with its dashes.
    Flag(&'static str),
    /// A line of the config.
    Config(Location),
    /// A profile, and where it says so. `None` for a built-in one.
    Profile { name: String, location: Option<Location> },
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |at: &Location| format!("{}:{}:{}", at.file, at.line, at.column);
        match self {
            Origin::Default => out.write_str("default"),
            Origin::Flag(flag) => out.write_str(flag),
            Origin::Config(at) => out.write_str(&place(at)),
            Origin::Profile { name, location: None } => write!(out, "profile {name}"),
            Origin::Profile { name, location: Some(at) } => write!(out, "profile {name}, {}", place(at)),
        }
    }
}
