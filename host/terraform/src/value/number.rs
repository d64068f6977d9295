//! Numbers. A placeholder with the interface of what comes: exact for integers of 64 bits only.

use std::cmp::Ordering;
use std::fmt;

/// A number.
#[derive(Clone, Debug)]
pub struct Number(f64);

impl Number {
    /// A decimal number with an optional sign, fraction and exponent.
    pub fn parse(text: &str) -> Option<Number> {
        text.parse().ok().map(Number)
    }

    pub fn from_i64(number: i64) -> Number {
        Number(number as f64)
    }

    /// The number, if it is an integer that fits.
    pub fn to_i64(&self) -> Option<i64> {
        (self.is_integer() && self.0.abs() < 9e18).then_some(self.0 as i64)
    }

    pub fn is_integer(&self) -> bool {
        self.0.fract() == 0.0
    }

    pub fn is_zero(&self) -> bool {
        self.0 == 0.0
    }

    pub fn negated(&self) -> Number {
        Number(-self.0)
    }

    pub fn plus(&self, other: &Number) -> Number {
        Number(self.0 + other.0)
    }

    pub fn minus(&self, other: &Number) -> Number {
        Number(self.0 - other.0)
    }

    pub fn times(&self, other: &Number) -> Number {
        Number(self.0 * other.0)
    }

    /// `None` for a division by zero.
    pub fn divided_by(&self, other: &Number) -> Option<Number> {
        (!other.is_zero()).then(|| Number(self.0 / other.0))
    }

    /// What is left of a division that rounds towards zero; `None` for a division by zero.
    pub fn remainder(&self, other: &Number) -> Option<Number> {
        (!other.is_zero()).then(|| Number(self.0 % other.0))
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Number::from_i64(number)
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        Number(number as f64)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// As Terraform prints it.
impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
