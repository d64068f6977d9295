//! Attributes and indexes: `value.name` and `value[key]`.

use std::fmt;

use super::{Unknown, Value};

/// Why there is nothing to be taken out of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessError(pub String);

impl fmt::Display for AccessError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for AccessError {}

impl Value {
    /// `value.name`.
    pub fn attribute(&self, _name: &str) -> Result<Value, AccessError> {
        Ok(Value::unknown(Unknown::new("")))
    }

    /// `value[key]`.
    pub fn index(&self, _key: &Value) -> Result<Value, AccessError> {
        Ok(Value::unknown(Unknown::new("")))
    }
}
