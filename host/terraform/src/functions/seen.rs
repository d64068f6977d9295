//! Which values were there already, without comparing each with all.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::value::{Data, Value, equal};

/// Values that are wholly known and of one type.
#[derive(Default)]
pub(super) struct Seen {
    buckets: HashMap<u64, Vec<Value>>,
}

impl Seen {
    pub(super) fn of(values: &[Value]) -> Seen {
        let mut seen = Seen::default();
        for value in values {
            seen.insert(value);
        }
        seen
    }

    /// Whether the value is new.
    pub(super) fn insert(&mut self, value: &Value) -> bool {
        let bucket = self.buckets.entry(digest(value)).or_default();
        let new = !bucket.iter().any(|other| is_equal(other, value));
        if new {
            bucket.push(value.clone());
        }
        new
    }

    pub(super) fn contains(&self, value: &Value) -> bool {
        self.buckets.get(&digest(value)).is_some_and(|bucket| bucket.iter().any(|other| is_equal(other, value)))
    }
}

fn is_equal(left: &Value, right: &Value) -> bool {
    equal(left, right).as_bool() == Some(true)
}

fn digest(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    hash(value, &mut hasher);
    hasher.finish()
}

/// Equal values have equal hashes. Recursion ends where values do: their depth is bounded.
fn hash(value: &Value, hasher: &mut DefaultHasher) {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => 0u8.hash(hasher),
        Data::Bool(value) => value.hash(hasher),
        Data::Number(number) => number.hash(hasher),
        Data::String(text) => text.as_str().hash(hasher),
        // Elements of sets are in one order.
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            value.raw_elements().len().hash(hasher);
            value.raw_elements().iter().for_each(|item| hash(item, hasher));
        }
        Data::Map(_) | Data::Object(_) => {
            for member in value.raw_members() {
                member.key.hash(hasher);
                hash(&member.value, hasher);
            }
        }
    }
}
