//! Numbers from text and to text, as `big.Float` of Go reads and writes them
//! (<https://pkg.go.dev/math/big#Float.Parse>, <https://pkg.go.dev/math/big#Float.Text>).

use std::fmt;

use num_bigint::BigUint;

use super::{Finite, Kind, Number, NumberError};

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberForm {
    /// `-ddd.ddd`
    Fixed,
    /// `-d.ddde±dd`
    Exponent,
    /// The shorter of the two: with an exponent where that is large.
    General,
}

impl Number {
    /// Reads a decimal number: a sign, digits with a fraction, an exponent of ten (`e`) or of two (`p`), or
    /// an infinity.
    pub fn parse(text: &str) -> Result<Number, NumberError> {
        // The common case.
        if text.len() < 18 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
            let number = text.parse().map_err(|_| NumberError::NotANumber)?;
            return Ok(Number { kind: Kind::Small(number), precision: Number::PRECISION });
        }
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if matches!(rest, "Inf" | "inf") {
            return Ok(Number { kind: Kind::Infinite { negative }, precision: Number::PRECISION });
        }
        let end = rest.find(['e', 'E', 'p', 'P']).unwrap_or(rest.len());
        let (mantissa, exponent) = rest.split_at(end);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NumberError::NotANumber);
        }
        let significant = digits.trim_start_matches('0');
        if significant.len() as u64 > Number::MAX_BITS / 4 {
            return Err(NumberError::TooLarge);
        }
        let magnitude = BigUint::parse_bytes(significant.as_bytes(), 10).unwrap_or_default();
        let (base, written) = read_exponent(exponent)?;
        if magnitude == BigUint::ZERO {
            return Ok(Number::finite(negative, magnitude, 0, Number::PRECISION));
        }
        let fraction = i64::try_from(fraction.len()).map_err(|_| NumberError::TooLarge)?;
        let (twos, fives) = match base {
            Base::Ten => (written - fraction, written - fraction),
            Base::Two => (written - fraction, -fraction),
        };
        let (limit, decimal_limit) = (Number::MAX_BITS, Number::MAX_BITS / 2);
        if twos.unsigned_abs() > limit || fives.unsigned_abs() > decimal_limit {
            return Err(NumberError::TooLarge);
        }
        let number = Finite { negative, magnitude, exponent: twos };
        let scaled = match fives {
            0 => number,
            1.. => {
                let power = power_of_five(fives.unsigned_abs());
                let (magnitude, exponent) = (number.magnitude * power.magnitude, twos + power.exponent);
                Finite { negative, magnitude, exponent }
            }
            _ => number.quotient(&power_of_five(fives.unsigned_abs()), Number::PRECISION),
        };
        Number::finite(negative, scaled.magnitude, scaled.exponent, Number::PRECISION).within_limit()
    }

    /// Writes the number. Without `digits`, as many as tell it from its neighbors; with them, so many
    /// behind the point, or in all for [`NumberForm::General`].
    pub fn to_text(&self, form: NumberForm, digits: Option<usize>) -> String {
        let sign = if self.signed() { "-" } else { "" };
        let Some(parts) = self.parts() else {
            return if self.signed() { "-Inf" } else { "+Inf" }.to_owned();
        };
        let mut decimal = Decimal::of(&parts.magnitude, parts.exponent);
        let mut count = match digits {
            None => {
                decimal.shorten(&parts, self.precision);
                let length = decimal.digits.len();
                match form {
                    NumberForm::Exponent => length.saturating_sub(1),
                    NumberForm::Fixed => usize::try_from(length as i64 - decimal.point).unwrap_or(0),
                    NumberForm::General => length,
                }
            }
            Some(count) => {
                let kept = match form {
                    NumberForm::Exponent => 1 + count as i64,
                    NumberForm::Fixed => decimal.point.saturating_add(count as i64),
                    NumberForm::General => count.max(1) as i64,
                };
                if let Ok(kept) = usize::try_from(kept) {
                    decimal.round(kept);
                }
                if form == NumberForm::General { count.max(1) } else { count }
            }
        };
        let length = decimal.digits.len();
        let text = match form {
            NumberForm::Fixed => decimal.fixed(count),
            NumberForm::Exponent => decimal.exponent(count),
            NumberForm::General => {
                let mut threshold = count;
                if threshold > length && length as i64 >= decimal.point {
                    threshold = length;
                }
                if digits.is_none() {
                    threshold = 6;
                }
                let exponent = decimal.point - 1;
                if exponent < -4 || exponent >= threshold as i64 {
                    decimal.exponent(count.min(length).saturating_sub(1))
                } else {
                    if count as i64 > decimal.point {
                        count = length;
                    }
                    decimal.fixed(usize::try_from(count as i64 - decimal.point).unwrap_or(0))
                }
            }
        };
        format!("{sign}{text}")
    }
}

/// As Terraform writes numbers everywhere: all digits, no exponent.
impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            // Neighbors are at most one apart then, so that no digit can be left out.
            Kind::Small(number) if super::fits(number, self.precision) => write!(formatter, "{number}"),
            _ => formatter.write_str(&self.to_text(NumberForm::Fixed, None)),
        }
    }
}

enum Base {
    Ten,
    Two,
}

fn read_exponent(text: &str) -> Result<(Base, i64), NumberError> {
    let base = match text.bytes().next() {
        None => return Ok((Base::Ten, 0)),
        Some(b'p' | b'P') => Base::Two,
        Some(_) => Base::Ten,
    };
    let digits = &text[1..];
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotANumber);
    }
    match digits.parse::<i32>() {
        Ok(exponent) => Ok((base, i64::from(exponent))),
        Err(_) => Err(NumberError::TooLarge),
    }
}

/// As `big.Float` has it: powers that need more than 576 bits are products of rounded ones, which can show
/// in the last bit of what is read.
fn power_of_five(exponent: u64) -> Finite {
    const DIRECT: u64 = 27;
    const BITS: u32 = Number::PRECISION + 64;
    let five = |power: u64| BigUint::from(5u32).pow(u32::try_from(power).unwrap_or(0));
    let mut power = Finite { negative: false, magnitude: five(exponent.min(DIRECT)), exponent: 0 };
    let mut factor = Finite { negative: false, magnitude: BigUint::from(5u32), exponent: 0 };
    let times = |a: &Finite, b: &Finite, precision| {
        let (magnitude, exponent) = (&a.magnitude * &b.magnitude, a.exponent + b.exponent);
        Finite { negative: false, magnitude, exponent }.rounded(precision)
    };
    let mut left = exponent.saturating_sub(DIRECT);
    while left > 0 {
        if left & 1 == 1 {
            power = times(&power, &factor, BITS);
        }
        factor = times(&factor, &factor, BITS + 64);
        left >>= 1;
    }
    power
}

/// `0.digits × 10^point`, without zeros at the end; no digits are zero.
struct Decimal {
    /// From 0 to 9.
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// Exactly `magnitude × 2^exponent`.
    fn of(magnitude: &BigUint, exponent: i64) -> Decimal {
        if *magnitude == BigUint::ZERO {
            return Decimal { digits: Vec::new(), point: 0 };
        }
        let distance = exponent.unsigned_abs();
        let (integer, shift) = if exponent >= 0 {
            (magnitude << distance, 0)
        } else {
            (magnitude * BigUint::from(5u32).pow(u32::try_from(distance).unwrap_or(u32::MAX)), exponent)
        };
        let mut digits = integer.to_radix_be(10);
        let point = digits.len() as i64 + shift;
        let length = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
        digits.truncate(length);
        Decimal { digits, point }
    }

    fn digit(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(0)
    }

    /// Keeps as few digits as tell the number from its neighbors of that precision.
    fn shorten(&mut self, exact: &Finite, precision: u32) {
        if self.digits.is_empty() {
            return;
        }
        // With one bit more than the precision, the neighbors are two away and the borders one.
        let bits = exact.magnitude.bits().cast_signed();
        let shift = i64::from(precision) + 1 - bits;
        let magnitude = if shift >= 0 {
            &exact.magnitude << shift.unsigned_abs()
        } else {
            &exact.magnitude >> shift.unsigned_abs()
        };
        let exponent = exact.exponent - shift;
        let lower = Decimal::of(&(&magnitude - 1u32), exponent);
        let upper = Decimal::of(&(&magnitude + 1u32), exponent);
        // A border rounds to even.
        let inclusive = !magnitude.bit(1);
        for index in 0..self.digits.len() {
            let (low, digit, high) = (lower.digit(index), self.digits[index], upper.digit(index));
            let down = low != digit || inclusive && index + 1 == lower.digits.len();
            let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => return self.round(index + 1),
                (true, false) => return self.cut(index + 1),
                (false, true) => return self.round_up(index + 1),
                (false, false) => {}
            }
        }
    }

    /// Keeps so many digits, rounding half to even.
    fn round(&mut self, count: usize) {
        let Some(&next) = self.digits.get(count) else { return };
        let half = next == 5 && count + 1 == self.digits.len();
        let up = if half { count > 0 && self.digits[count - 1] % 2 == 1 } else { next >= 5 };
        if up { self.round_up(count) } else { self.cut(count) }
    }

    fn round_up(&mut self, count: usize) {
        match self.digits[..count.min(self.digits.len())].iter().rposition(|digit| *digit < 9) {
            Some(last) => {
                self.digits.truncate(last + 1);
                self.digits[last] += 1;
            }
            None => {
                self.digits = vec![1];
                self.point += 1;
            }
        }
    }

    fn cut(&mut self, count: usize) {
        self.digits.truncate(count);
        let length = self.digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
        self.digits.truncate(length);
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn text(&self, from: i64, count: usize) -> String {
        let digit = |offset: usize| {
            let index = usize::try_from(from.saturating_add(offset as i64));
            char::from(b'0' + index.map_or(0, |index| self.digit(index)))
        };
        (0..count).map(digit).collect()
    }

    fn fixed(&self, fraction: usize) -> String {
        let whole = match usize::try_from(self.point) {
            Ok(count @ 1..) => self.text(0, count),
            _ => "0".to_owned(),
        };
        if fraction == 0 { whole } else { format!("{whole}.{}", self.text(self.point, fraction)) }
    }

    fn exponent(&self, fraction: usize) -> String {
        let point = if fraction == 0 { "" } else { "." };
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}{point}{}e{sign}{:02}", self.digit(0), self.text(1, fraction), exponent.unsigned_abs())
    }
}
