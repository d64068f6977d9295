//! Which values are equal, and the order of sets.

use super::{Type, Unknown, Value};

/// What `==` gives: a bool, or unknown.
pub fn equal(_left: &Value, _right: &Value) -> Value {
    Value::unknown(Unknown::new("").of_type(Type::Bool))
}

/// Whether two values are the same in all that is known of them, unknown ones included.
pub fn same(_left: &Value, _right: &Value) -> bool {
    false
}

/// The elements of a set in Terraform's order, each once; as they are when that is not known.
pub(super) fn ordered_set(items: Vec<Value>) -> Result<Vec<Value>, Vec<Value>> {
    Ok(items)
}

/// A set of which not all elements are known.
pub(super) fn unknown_set(element: Type, _items: Vec<Value>) -> Value {
    Value::unknown(Unknown::new("").of_type(Type::set(element)))
}
