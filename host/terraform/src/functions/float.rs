//! Logarithms and powers of 64-bit floating point as Go's standard library computes them, which is not
//! to the last bit what C's or Rust's do (<https://pkg.go.dev/math>).

use std::f64::consts::FRAC_1_SQRT_2;

/// The natural logarithm, by the method of FreeBSD's `e_log.c`
/// (<https://github.com/freebsd/freebsd-src/blob/main/lib/msun/src/e_log.c>), which Go's follows.
#[expect(clippy::excessive_precision, reason = "the coefficients as their source has them")]
pub(super) fn natural_logarithm(number: f64) -> f64 {
    /// Coefficients of the polynomial that approximates `log((1 + s) / (1 - s))`.
    const L: [f64; 7] = [
        6.666666666666735130e-01,
        3.999999999940941908e-01,
        2.857142874366239149e-01,
        2.222219843214978396e-01,
        1.818357216161805012e-01,
        1.531383769920937332e-01,
        1.479819860511658591e-01,
    ];
    /// The logarithm of two, in two parts so that the first one times an exponent is exact.
    const LN_2: (f64, f64) = (6.93147180369123816490e-01, 1.90821492927058770002e-10);

    if number.is_nan() || number == f64::INFINITY {
        return number;
    } else if number < 0.0 {
        return f64::NAN;
    } else if number == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (mut fraction, mut exponent) = split(number);
    if fraction < FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (L[0] + s4 * (L[2] + s4 * (L[4] + s4 * L[6])));
    let even = s4 * (L[1] + s4 * (L[3] + s4 * L[5]));
    let half_square = 0.5 * f * f;
    k * LN_2.0 - ((half_square - (s * (half_square + odd + even) + k * LN_2.1)) - f)
}

/// A power. For most exponents with a fraction Go's result depends on the processor; there is none here
/// then.
pub(super) fn power(number: f64, power: f64) -> Option<f64> {
    if power == 0.0 || number == 1.0 {
        return Some(1.0);
    }
    let special = power == 1.0 || number.is_nan() || power.is_nan();
    if special || number == 0.0 || number.is_infinite() || power.is_infinite() {
        // Nothing is rounded in these cases.
        return Some(number.powf(power));
    }
    if power == 0.5 {
        return Some(number.sqrt());
    } else if power == -0.5 {
        return Some(1.0 / number.sqrt());
    }
    if power.fract() != 0.0 {
        return if number < 0.0 { Some(f64::NAN) } else { None };
    }
    let magnitude = power.abs();
    if magnitude >= 2f64.powi(63) {
        return Some(match (number == -1.0, (number.abs() < 1.0) == (power > 0.0)) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => f64::INFINITY,
        });
    }
    // Squaring of the fraction, with the exponent of two kept beside it.
    let (mut result, mut result_exponent) = (1.0, 0i32);
    let (mut square, mut square_exponent) = split(number);
    // Exact, since it is a whole number below 2^63.
    let mut left = magnitude as u64;
    while left != 0 {
        if !(-4096..=4096).contains(&square_exponent) {
            result_exponent += square_exponent;
            break;
        }
        if left & 1 == 1 {
            result *= square;
            result_exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        left >>= 1;
    }
    if power < 0.0 {
        result = 1.0 / result;
        result_exponent = -result_exponent;
    }
    Some(join(result, result_exponent))
}

/// A finite number as a fraction of magnitude from a half to one, times a power of two.
fn split(number: f64) -> (f64, i32) {
    if number == 0.0 {
        return (number, 0);
    }
    // Those that are too small for a leading bit get one.
    let (normal, shift) = if number.is_normal() { (number, 0) } else { (number * 2f64.powi(52), -52) };
    let exponent = ((normal.to_bits() >> 52) & 0x7ff) as i32 - 1022;
    let fraction = f64::from_bits((normal.to_bits() & !(0x7ff << 52)) | (1022 << 52));
    (fraction, exponent + shift)
}

/// A fraction times a power of two. Rounds once, also where the result is too small for a leading bit.
fn join(fraction: f64, exponent: i32) -> f64 {
    let (fraction, own) = split(fraction);
    let exponent = exponent + own;
    match exponent {
        _ if fraction == 0.0 => fraction,
        1025.. => fraction * f64::INFINITY,
        ..=-1100 => fraction * 0.0,
        // Exact, but for the last factor.
        _ => fraction * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by `terraform console` 1.11.4 on x86-64.
    #[test]
    fn results_are_those_of_go() {
        let ratio = |number, base| natural_logarithm(number) / natural_logarithm(base);
        for (result, expected) in [
            (ratio(50.0, 10.0), 1.6989700043360185),
            (ratio(100.0, 10.0), 2.0),
            (ratio(10.0, 2.0), 3.3219280948873626),
            (ratio(0.0, 10.0), f64::NEG_INFINITY),
        ] {
            assert_eq!(result, expected);
        }
        for (number, exponent, expected) in [
            (10.0, 308.0, 1.0000000000000006e308),
            (1.1, 10.0, 2.593742460100002),
            (3.0, -2.0, 0.1111111111111111),
            (2.0, 0.5, 2f64.sqrt()),
            (2.0, 1024.0, f64::INFINITY),
            (2.0, -1074.0, 5e-324),
            (-2.0, 3.0, -8.0),
            (0.0, -1.0, f64::INFINITY),
            (10.0, 0.0, 1.0),
        ] {
            assert_eq!(power(number, exponent), Some(expected), "{number} to the power {exponent}");
        }
        assert!(power(-1.0, 1.5).is_some_and(f64::is_nan));
        assert_eq!(power(2.0, 1.5), None);
    }
}
