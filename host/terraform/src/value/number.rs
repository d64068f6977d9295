//! Numbers as Terraform computes them: binary, of up to 512 bits, each with a precision of its own.
//!
//! Terraform's numbers are Go's `big.Float` (<https://pkg.go.dev/math/big#Float>) behind cty's operations
//! (<https://github.com/zclconf/go-cty/blob/main/cty/value_ops.go>). What is read from text has 512 bits,
//! what a function returns may have 64 or 53, and a result has the precision of its more precise
//! operand; how many digits a number is written with depends on that. There are two infinities and a
//! negative zero, and they can be seen: `1 / 0` is `+Inf`, `-0` is `-0`.

mod text;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use num_bigint::BigUint;

pub use text::NumberForm;

/// A number. Equality, order and hash see the value only, not the precision.
#[derive(Clone)]
pub struct Number {
    kind: Kind,
    /// In bits.
    precision: u32,
}

/// A value that fits `Small` is never `Finite`.
#[derive(Clone)]
enum Kind {
    /// Any integer but `i64::MIN`, so that every one has its negative.
    Small(i64),
    NegativeZero,
    Finite(Arc<Finite>),
    Infinite {
        negative: bool,
    },
}

/// A number that is neither zero nor infinite: `magnitude × 2^exponent`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Finite {
    negative: bool,
    /// Odd in a [`Kind::Finite`].
    magnitude: BigUint,
    exponent: i64,
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    #[error("a number is required")]
    NotANumber,
    /// Terraform computes with such numbers; written out, one of them can fill the memory.
    #[error("the number is beyond the limit of about 39,000 decimal digits")]
    TooLarge,
    #[error("can't divide zero by zero or infinity by infinity")]
    Quotient,
    #[error("can't subtract infinity from itself")]
    Difference,
    #[error("can't multiply zero by infinity")]
    Product,
    #[error("can't use modulo with zero and infinity")]
    Remainder,
}

impl Number {
    /// The precision of numbers that are read from text.
    pub const PRECISION: u32 = 512;
    pub const ZERO: Number = Number { kind: Kind::Small(0), precision: 64 };

    /// The greatest distance of a bit from the binary point.
    const MAX_BITS: u64 = 1 << 17;

    /// An integer, with 64 bits as cty's `NumberIntVal`, which counts are made with.
    pub fn from_i64(number: i64) -> Number {
        match number {
            i64::MIN => Number::finite(true, BigUint::from(number.unsigned_abs()), 0, 64),
            number => Number { kind: Kind::Small(number), precision: 64 },
        }
    }

    /// A count.
    pub fn from_usize(number: usize) -> Number {
        match i64::try_from(number) {
            Ok(number) => Number::from_i64(number),
            Err(_) => Number::finite(false, BigUint::from(number), 0, 64),
        }
    }

    /// What a computation with 64-bit floating point results in, with its 53 bits.
    pub fn from_f64(number: f64) -> Result<Number, NumberError> {
        if number.is_nan() {
            return Err(NumberError::NotANumber);
        }
        if number.is_infinite() {
            return Ok(Number { kind: Kind::Infinite { negative: number < 0.0 }, precision: 53 });
        }
        let bits = number.to_bits();
        let (exponent, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
        // The smallest exponent stands for numbers without the leading bit.
        let (magnitude, exponent) = match exponent {
            0 => (fraction, -1074),
            exponent => (fraction | 1 << 52, exponent.cast_signed() - 1075),
        };
        Ok(Number::finite(number.is_sign_negative(), BigUint::from(magnitude), exponent, 53))
    }

    /// An integer in a base from 2 to 62, with as many bits as it needs and 64 at least. Digits behind 9
    /// are letters of any case, for bases above 36 small ones and then capital ones.
    pub fn parse_integer(text: &str, base: u32) -> Result<Number, NumberError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let base = u8::try_from(base).ok().filter(|base| (2..=62).contains(base)).ok_or(NumberError::NotANumber)?;
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'z' => Some(digit - b'a' + 10),
            b'A'..=b'Z' if base <= 36 => Some(digit - b'A' + 10),
            b'A'..=b'Z' => Some(digit - b'A' + 36),
            _ => None,
        };
        let values: Option<Vec<u8>> = digits.bytes().map(|digit| value(digit).filter(|value| *value < base)).collect();
        let values = values.filter(|values| !values.is_empty()).ok_or(NumberError::NotANumber)?;
        let significant = values.iter().position(|value| *value != 0).map_or(&[][..], |first| &values[first..]);
        if significant.len() as u64 > Number::MAX_BITS / 6 {
            return Err(NumberError::TooLarge);
        }
        let magnitude = BigUint::from_radix_be(significant, base.into()).unwrap_or_default();
        // An integer knows no negative zero.
        let negative = negative && magnitude != BigUint::ZERO;
        let precision = u32::try_from(magnitude.bits()).map_err(|_| NumberError::TooLarge)?.max(64);
        Number::finite(negative, magnitude, 0, precision).within_limit()
    }

    /// The number, if it is an integer that fits.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.kind {
            Kind::Small(number) => Some(*number),
            Kind::NegativeZero => Some(0),
            Kind::Finite(finite) if **finite == Finite::of_i64(i64::MIN).rounded(1) => Some(i64::MIN),
            Kind::Finite(_) | Kind::Infinite { .. } => None,
        }
    }

    /// The number, if it is an integer that fits.
    pub fn to_usize(&self) -> Option<usize> {
        usize::try_from(self.to_i64()?).ok()
    }

    /// The nearest number of 64-bit floating point.
    pub fn to_f64(&self) -> f64 {
        let finite = match &self.kind {
            Kind::Small(number) => return *number as f64,
            Kind::NegativeZero => return -0.0,
            Kind::Infinite { negative: true } => return f64::NEG_INFINITY,
            Kind::Infinite { negative: false } => return f64::INFINITY,
            Kind::Finite(finite) => finite,
        };
        let top = finite.exponent.saturating_add(finite.magnitude.bits().cast_signed());
        // Close to zero there are fewer bits than 53.
        let bits = u32::try_from((top + 1074).clamp(0, 53)).unwrap_or(53);
        let rounded = finite.rounded(bits);
        let magnitude = rounded.magnitude.iter_u64_digits().next().unwrap_or(0) as f64;
        // No single power of two spans the whole range; beyond two of them everything is zero or infinite.
        let exponent = i32::try_from(rounded.exponent.clamp(-2000, 2000)).unwrap_or(0);
        let scaled = magnitude * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2);
        if finite.negative { -scaled } else { scaled }
    }

    /// Whether there is no fraction; infinities are no integers.
    pub fn is_integer(&self) -> bool {
        match &self.kind {
            Kind::Small(_) | Kind::NegativeZero => true,
            Kind::Finite(finite) => finite.exponent >= 0,
            Kind::Infinite { .. } => false,
        }
    }

    pub fn is_zero(&self) -> bool {
        matches!(self.kind, Kind::Small(0) | Kind::NegativeZero)
    }

    pub fn is_infinite(&self) -> bool {
        matches!(self.kind, Kind::Infinite { .. })
    }

    /// Less than zero; the negative zero is not.
    pub fn is_negative(&self) -> bool {
        match &self.kind {
            Kind::Small(number) => *number < 0,
            Kind::NegativeZero => false,
            Kind::Finite(finite) => finite.negative,
            Kind::Infinite { negative } => *negative,
        }
    }

    pub fn negated(&self) -> Number {
        let kind = match &self.kind {
            Kind::Small(0) => Kind::NegativeZero,
            Kind::Small(number) => Kind::Small(-number),
            Kind::NegativeZero => Kind::Small(0),
            Kind::Finite(finite) => {
                Kind::Finite(Arc::new(Finite { negative: !finite.negative, ..Finite::clone(finite) }))
            }
            Kind::Infinite { negative } => Kind::Infinite { negative: !negative },
        };
        Number { kind, precision: self.precision }
    }

    pub fn absolute(&self) -> Number {
        if self.signed() { self.negated() } else { self.clone() }
    }

    pub fn plus(&self, other: &Number) -> Result<Number, NumberError> {
        let precision = self.precision.max(other.precision);
        if let (Kind::Small(a), Kind::Small(b)) = (&self.kind, &other.kind)
            && let Some(sum) = a.checked_add(*b)
            && fits(sum, precision)
        {
            return Ok(Number { kind: Kind::Small(sum), precision });
        }
        let (a, b) = match (self.parts(), other.parts()) {
            (Some(a), Some(b)) => (a, b),
            (None, None) if self.signed() != other.signed() => return Err(NumberError::Difference),
            (None, _) => return Ok(Number { precision, ..self.clone() }),
            (_, None) => return Ok(Number { precision, ..other.clone() }),
        };
        if a.is_zero() && b.is_zero() {
            return Ok(Number::finite(a.negative && b.negative, BigUint::ZERO, 0, precision));
        }
        let exponent = a.exponent.min(b.exponent);
        let (left, right) = (a.magnitude_at(exponent), b.magnitude_at(exponent));
        let (negative, magnitude) = if a.negative == b.negative {
            (a.negative, left + right)
        } else {
            match left.cmp(&right) {
                Ordering::Equal => (false, BigUint::ZERO),
                Ordering::Greater => (a.negative, left - right),
                Ordering::Less => (b.negative, right - left),
            }
        };
        Number::finite(negative, magnitude, exponent, precision).within_limit()
    }

    pub fn minus(&self, other: &Number) -> Result<Number, NumberError> {
        self.plus(&other.negated())
    }

    pub fn times(&self, other: &Number) -> Result<Number, NumberError> {
        let precision = self.precision.max(other.precision);
        if let (Kind::Small(a), Kind::Small(b)) = (&self.kind, &other.kind)
            && let Some(product) = a.checked_mul(*b)
            && product != 0
            && fits(product, precision)
        {
            return Ok(Number { kind: Kind::Small(product), precision });
        }
        let negative = self.signed() != other.signed();
        let (Some(a), Some(b)) = (self.parts(), other.parts()) else {
            return match self.is_zero() || other.is_zero() {
                true => Err(NumberError::Product),
                false => Ok(Number { kind: Kind::Infinite { negative }, precision }),
            };
        };
        // A product is rounded to 512 bits, and has more than its factors where it needs them.
        let product = Finite { negative, magnitude: a.magnitude * b.magnitude, exponent: a.exponent + b.exponent };
        let product = product.rounded(Number::PRECISION);
        let needed = u32::try_from(product.magnitude.bits()).map_err(|_| NumberError::TooLarge)?;
        Number::finite(negative, product.magnitude, product.exponent, precision.max(needed)).within_limit()
    }

    /// A division by zero is infinite, except that of zero.
    pub fn divided_by(&self, other: &Number) -> Result<Number, NumberError> {
        let precision = self.precision.max(other.precision);
        let negative = self.signed() != other.signed();
        let infinite = Number { kind: Kind::Infinite { negative }, precision };
        match (self.parts(), other.parts()) {
            (None, None) => Err(NumberError::Quotient),
            (None, Some(_)) => Ok(infinite),
            (Some(_), None) => Ok(Number::finite(negative, BigUint::ZERO, 0, precision)),
            (Some(a), Some(b)) if b.is_zero() => {
                if a.is_zero() {
                    Err(NumberError::Quotient)
                } else {
                    Ok(infinite)
                }
            }
            (Some(a), Some(b)) => {
                let quotient = a.quotient(&b, precision);
                Number::finite(negative, quotient.magnitude, quotient.exponent, precision).within_limit()
            }
        }
    }

    /// What is left of a division that rounds towards zero. By zero, it is the number itself.
    pub fn remainder(&self, other: &Number) -> Result<Number, NumberError> {
        if other.is_zero() {
            return Ok(self.clone());
        }
        if self.is_infinite() || other.is_infinite() {
            return Err(NumberError::Remainder);
        }
        // Each step is rounded to the precision of the dividend, as cty does it.
        let precision = self.precision;
        let quotient = self.divided_by(other)?.truncated();
        let (Some(quotient), Some(divisor), Some(_)) = (quotient.parts(), other.parts(), self.parts()) else {
            return Err(NumberError::Remainder);
        };
        let quotient = quotient.rounded(precision);
        let negative = quotient.negative != divisor.negative;
        let magnitude = quotient.magnitude * divisor.magnitude;
        let product = Number::finite(negative, magnitude, quotient.exponent + divisor.exponent, precision);
        let rest = self.minus(&product)?;
        Ok(rest.with_precision(precision))
    }

    /// The integer that is next, in the direction of zero. Infinities have none and stay.
    pub fn truncated(&self) -> Number {
        match &self.kind {
            Kind::NegativeZero => Number { kind: Kind::Small(0), precision: self.precision },
            Kind::Finite(finite) if finite.exponent < 0 => {
                let magnitude = finite.magnitude.clone() >> finite.exponent.unsigned_abs();
                // An integer knows no negative zero.
                let negative = finite.negative && magnitude != BigUint::ZERO;
                Number::finite(negative, magnitude, 0, self.precision)
            }
            _ => self.clone(),
        }
    }

    /// The same value in so many bits.
    pub fn with_precision(&self, precision: u32) -> Number {
        match self.parts() {
            Some(parts) => Number::finite(parts.negative, parts.magnitude, parts.exponent, precision),
            None => Number { kind: self.kind.clone(), precision },
        }
    }

    /// How many bits it is computed with.
    pub fn precision(&self) -> u32 {
        self.precision
    }

    /// The digits of an integer in a base from 2 to 36, with a sign if negative.
    pub fn to_radix(&self, base: u32) -> Option<String> {
        let parts = self.parts().filter(|_| self.is_integer())?;
        let digits = parts.magnitude_at(0).to_str_radix(base.clamp(2, 36));
        Some(if self.is_negative() { format!("-{digits}") } else { digits })
    }

    /// Whether the sign is negative, that of zero included.
    fn signed(&self) -> bool {
        matches!(self.kind, Kind::NegativeZero) || self.is_negative()
    }

    /// Absent for infinities.
    fn parts(&self) -> Option<Finite> {
        match &self.kind {
            Kind::Small(number) => Some(Finite::of_i64(*number)),
            Kind::NegativeZero => Some(Finite { negative: true, magnitude: BigUint::ZERO, exponent: 0 }),
            Kind::Finite(finite) => Some(Finite::clone(finite)),
            Kind::Infinite { .. } => None,
        }
    }

    /// Rounds to the precision.
    fn finite(negative: bool, magnitude: BigUint, exponent: i64, precision: u32) -> Number {
        let finite = Finite { negative, magnitude, exponent }.rounded(precision);
        if finite.is_zero() {
            return Number { kind: if negative { Kind::NegativeZero } else { Kind::Small(0) }, precision };
        }
        let small = finite.exponent >= 0 && finite.exponent.unsigned_abs() + finite.magnitude.bits() <= 63;
        let digits = small.then(|| finite.magnitude_at(0));
        let kind = match digits.and_then(|digits| i64::try_from(digits).ok()) {
            Some(number) => Kind::Small(if negative { -number } else { number }),
            None => Kind::Finite(Arc::new(finite)),
        };
        Number { kind, precision }
    }

    fn within_limit(self) -> Result<Number, NumberError> {
        match &self.kind {
            Kind::Finite(finite)
                if finite.exponent.unsigned_abs().saturating_add(finite.magnitude.bits()) > Number::MAX_BITS =>
            {
                Err(NumberError::TooLarge)
            }
            _ => Ok(self),
        }
    }
}

impl Finite {
    fn of_i64(number: i64) -> Finite {
        Finite { negative: number < 0, magnitude: BigUint::from(number.unsigned_abs()), exponent: 0 }
    }

    fn is_zero(&self) -> bool {
        self.magnitude == BigUint::ZERO
    }

    /// The magnitude for an exponent that is not above the own.
    fn magnitude_at(&self, exponent: i64) -> BigUint {
        &self.magnitude << (self.exponent - exponent).max(0).unsigned_abs()
    }

    /// Rounds to so many bits, half to even, and takes the zeros at the end off.
    fn rounded(&self, precision: u32) -> Finite {
        let mut magnitude = self.magnitude.clone();
        let mut exponent = self.exponent;
        if let Some(excess @ 1..) = magnitude.bits().checked_sub(u64::from(precision)) {
            let half = magnitude.bit(excess - 1);
            let more = magnitude.trailing_zeros().is_some_and(|zeros| zeros < excess - 1);
            magnitude >>= excess;
            if half && (more || magnitude.bit(0)) {
                magnitude += 1u32;
            }
            exponent = exponent.saturating_add_unsigned(excess);
        }
        match magnitude.trailing_zeros() {
            Some(zeros) => {
                magnitude >>= zeros;
                exponent = exponent.saturating_add_unsigned(zeros);
            }
            None => exponent = 0,
        }
        Finite { negative: self.negative, magnitude, exponent }
    }

    /// A quotient that rounds to `precision` bits as the exact one does. The divisor is not zero.
    fn quotient(&self, other: &Finite, precision: u32) -> Finite {
        let shift = (other.magnitude.bits() + u64::from(precision) + 2).saturating_sub(self.magnitude.bits());
        let dividend = &self.magnitude << shift;
        let mut magnitude = &dividend / &other.magnitude;
        let exact = &magnitude * &other.magnitude == dividend;
        // One bit more says that the exact quotient lies above.
        magnitude <<= 1;
        magnitude.set_bit(0, !exact);
        let exponent = self.exponent - other.exponent - shift.cast_signed() - 1;
        Finite { negative: self.negative != other.negative, magnitude, exponent }
    }

    fn compare_magnitude(&self, other: &Finite) -> Ordering {
        let top = |finite: &Finite| finite.exponent + finite.magnitude.bits().cast_signed();
        top(self).cmp(&top(other)).then_with(|| {
            let exponent = self.exponent.min(other.exponent);
            self.magnitude_at(exponent).cmp(&other.magnitude_at(exponent))
        })
    }
}

/// Whether an integer has no more than so many bits.
fn fits(number: i64, precision: u32) -> bool {
    number != i64::MIN && 64 - number.unsigned_abs().leading_zeros() <= precision
}

impl From<i64> for Number {
    fn from(number: i64) -> Number {
        Number::from_i64(number)
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
        if let (Kind::Small(a), Kind::Small(b)) = (&self.kind, &other.kind) {
            return a.cmp(b);
        }
        // Which of five groups, from the negative infinity to the positive one.
        let group = |number: &Number| match (number.is_zero(), number.is_negative(), number.is_infinite()) {
            (_, true, true) => -2,
            (_, true, false) => -1,
            (true, false, _) => 0,
            (false, false, false) => 1,
            (false, false, true) => 2,
        };
        group(self).cmp(&group(other)).then_with(|| match (self.parts(), other.parts()) {
            (Some(a), Some(b)) if self.is_negative() => b.compare_magnitude(&a),
            (Some(a), Some(b)) if !self.is_zero() => a.compare_magnitude(&b),
            _ => Ordering::Equal,
        })
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.kind {
            Kind::Small(number) => number.hash(state),
            Kind::NegativeZero => 0i64.hash(state),
            Kind::Finite(finite) => finite.hash(state),
            Kind::Infinite { negative } => negative.hash(state),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests;
