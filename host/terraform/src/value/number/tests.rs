//! Numbers as `terraform console` 1.11.4 prints them.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use proptest::prelude::*;

use super::{Number, NumberError, NumberForm};

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn text_is_read_and_written() {
    for (text, expected) in [
        ("0", "0"),
        ("-0", "-0"),
        ("007", "7"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e5", "100000"),
        ("1E-3", "0.001"),
        ("1p5", "32"),
        ("0.1", "0.1"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854775808"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ("inf", "+Inf"),
        ("-Inf", "-Inf"),
    ] {
        assert_eq!(number(text).to_string(), expected, "{text}");
    }
    for text in ["", "-", ".", "0x10", "1_000", " 5", "5 ", "1e", "1e+", "infinity", "--1", "1.2.3", "٣", "1e5.0"] {
        assert_eq!(Number::parse(text), Err(NumberError::NotANumber), "{text:?}");
    }
}

#[test]
fn what_would_fill_the_memory_is_refused() {
    let digits = "9".repeat(1_000_000);
    for text in ["1e1000000", "1e-1000000", "1e2147483648", "1e99999999999999999999", "1p1000000", &digits] {
        assert_eq!(Number::parse(text), Err(NumberError::TooLarge));
    }
    let mut square = number("1e1000");
    let error = std::iter::repeat_with(|| {
        square = square.times(&square)?;
        Ok(())
    });
    assert_eq!(error.take(100).find_map(Result::err), Some(NumberError::TooLarge));
    assert_eq!(Number::parse_integer(&digits, 10), Err(NumberError::TooLarge));
}

const THIRD: &str = "0.333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333\
    33333333333333333333333333333333333333333333333333333333335";

#[test]
fn arithmetic_is_that_of_512_bits() {
    type Operation = fn(&Number, &Number) -> Result<Number, NumberError>;
    let (plus, minus, times, over, rest): (Operation, Operation, Operation, Operation, Operation) =
        (Number::plus, Number::minus, Number::times, Number::divided_by, Number::remainder);
    let tail = |head: &str, digit: &str, count: usize, end: &str| format!("{head}{}{end}", digit.repeat(count));
    for (left, operation, right, expected) in [
        ("1", plus, "2", "3".to_owned()),
        ("0.1", plus, "0.2", "0.3".to_owned()),
        ("9223372036854775807", plus, "1", "9223372036854775808".to_owned()),
        ("-9223372036854775807", minus, "1", "-9223372036854775808".to_owned()),
        ("5", minus, "5", "0".to_owned()),
        ("-0", plus, "-0", "-0".to_owned()),
        ("0.1", times, "3", "0.3".to_owned()),
        ("1.1", times, "1.1", tail("1.21", "0", 151, "1")),
        ("0", times, "-1", "-0".to_owned()),
        ("4294967296", times, "4294967296", "18446744073709551616".to_owned()),
        ("1", over, "3", THIRD.to_owned()),
        ("-5", over, "2", "-2.5".to_owned()),
        ("1", over, "0", "+Inf".to_owned()),
        ("-1", over, "0", "-Inf".to_owned()),
        ("7", rest, "-3", "1".to_owned()),
        ("-5", rest, "3", "-2".to_owned()),
        ("5.5", rest, "2", "1.5".to_owned()),
        ("5", rest, "0", "5".to_owned()),
        ("0.7", rest, "0.3", tail("0.0", "9", 153, "55")),
    ] {
        let result = operation(&number(left), &number(right)).map(|number| number.to_string());
        assert_eq!(result, Ok(expected), "{left} and {right}");
    }
    for (left, operation, right, expected) in [
        ("0", over, "0", NumberError::Quotient),
        ("inf", over, "-inf", NumberError::Quotient),
        ("inf", minus, "inf", NumberError::Difference),
        ("inf", times, "0", NumberError::Product),
        ("5", rest, "inf", NumberError::Remainder),
    ] {
        assert_eq!(operation(&number(left), &number(right)), Err(expected), "{left} and {right}");
    }
}

#[test]
fn precision_goes_with_the_value() {
    let count = Number::from_i64(1).divided_by(&Number::from_i64(3));
    assert_eq!(count.map(|number| number.to_string()), Ok("0.33333333333333333334".to_owned()));
    let counted = Number::from_i64(1).divided_by(&number("3"));
    assert_eq!(counted.map(|number| number.to_string()), Ok(THIRD.to_owned()));
    for (float, expected) in [
        (2f64.sqrt(), "1.4142135623730951"),
        (3.3219280948873626, "3.3219280948873626"),
        (1e23, "100000000000000000000000"),
        (4611686018427387904.0, "4611686018427388000"),
        // Of 53 bits, unlike the smallest number of 64-bit floating point itself.
        (5e-324, &format!("0.{}4940656458412465", "0".repeat(323))),
        (0.1, "0.1"),
        (-0.0, "-0"),
    ] {
        let number = Number::from_f64(float).unwrap_or(Number::ZERO);
        assert_eq!(number.to_string(), expected);
        assert_eq!(number.to_f64().to_bits(), float.to_bits());
    }
    assert_eq!(Number::from_f64(f64::NAN), Err(NumberError::NotANumber));
}

#[test]
fn integers_are_known_as_such() {
    for (text, expected) in [
        ("5.0", Some(5)),
        ("-0", Some(0)),
        ("5.5", None),
        ("-9223372036854775808", Some(i64::MIN)),
        ("9223372036854775808", None),
        ("inf", None),
    ] {
        assert_eq!(number(text).to_i64(), expected, "{text}");
    }
    for (text, base, expected) in [
        ("ff", 16, Some("255")),
        ("-777", 8, Some("-511")),
        ("8", 8, None),
        ("", 10, None),
        ("1_0", 10, None),
        ("ZZ", 36, Some("1295")),
        ("zZ", 62, Some("2231")),
        ("Zz", 62, Some("3817")),
        ("-0", 10, Some("0")),
    ] {
        let parsed = Number::parse_integer(text, base).ok().map(|number| number.to_string());
        assert_eq!(parsed.as_deref(), expected, "{text} in base {base}");
    }
    assert_eq!(number("-255").to_radix(16).as_deref(), Some("-ff"));
    assert_eq!(number("0.5").to_radix(16), None);
    for (text, expected) in [("1.9", "1"), ("-1.9", "-1"), ("-0.5", "0"), ("12", "12")] {
        assert_eq!(number(text).truncated().to_string(), expected);
    }
}

#[test]
fn forms_of_writing() {
    use NumberForm::{Exponent, Fixed, General};
    for (text, form, digits, expected) in [
        ("3.14159", Fixed, Some(2), "3.14"),
        ("2.5", Fixed, Some(0), "2"),
        ("3.5", Fixed, Some(0), "4"),
        ("0.5", Fixed, Some(0), "0"),
        ("999.96", Fixed, Some(1), "1000.0"),
        ("0.0001", Fixed, Some(2), "0.00"),
        ("5", Fixed, Some(6), "5.000000"),
        ("1234.5", Exponent, None, "1.2345e+03"),
        ("1234.5", Exponent, Some(2), "1.23e+03"),
        ("0", Exponent, Some(2), "0.00e+00"),
        ("0.000012", General, None, "1.2e-05"),
        ("1234567", General, None, "1.234567e+06"),
        ("123456", General, None, "123456"),
        ("1234567", General, Some(3), "1.23e+06"),
        ("100", General, Some(5), "100"),
    ] {
        assert_eq!(number(text).to_text(form, digits), expected, "{text} {form:?} {digits:?}");
    }
}

#[test]
fn numbers_are_in_one_order() {
    let ascending = ["-inf", "-1e30", "-2", "-1.5", "-0", "0.25", "1", "1.5", "9223372036854775808", "1e30", "inf"];
    for (index, left) in ascending.iter().enumerate() {
        for (other, right) in ascending.iter().enumerate() {
            assert_eq!(number(left).cmp(&number(right)), index.cmp(&other), "{left} and {right}");
        }
    }
    assert_eq!(number("-0"), number("0"));
}

fn digest(number: &Number) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}

proptest! {
    #[test]
    fn small_integers_behave_as_integers(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000) {
        let (left, right) = (Number::from_i64(a), Number::from_i64(b));
        prop_assert_eq!(left.plus(&right)?.to_i64(), Some(a + b));
        prop_assert_eq!(left.minus(&right)?.to_i64(), Some(a - b));
        prop_assert_eq!(left.times(&right)?.to_i64(), Some(a * b));
        prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        if b != 0 {
            prop_assert_eq!(left.remainder(&right)?.to_i64(), Some(a % b));
            prop_assert_eq!(left.divided_by(&right)?.truncated().to_i64(), Some(a / b));
        }
    }

    #[test]
    fn floating_point_is_kept(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        let number = Number::from_f64(float)?;
        prop_assert_eq!(number.to_f64().to_bits(), bits);
        // Rust writes as few digits as tell a number from its neighbors, too, and of two equally near
        // texts sometimes the other.
        if float.is_normal() {
            let text = number.to_string();
            prop_assert_eq!(text.len(), float.to_string().len());
            prop_assert_eq!(text.parse(), Ok(float));
        }
    }

    #[test]
    fn what_is_written_is_read_again(text in "-?[0-9]{1,60}(\\.[0-9]{1,60})?(e-?[0-9]{1,3})?") {
        let read = number(&text);
        let again = number(&read.to_string());
        prop_assert_eq!(&read, &again);
        prop_assert_eq!(digest(&read), digest(&again));
        prop_assert_eq!(read.negated().negated().to_string(), read.to_string());
    }
}
