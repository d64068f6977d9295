//! What a scalar means to a cluster.
//!
//! Kubernetes reads YAML with sigs.k8s.io/yaml, which resolves scalars as go-yaml v2 does: YAML 1.1
//! booleans, octal numbers with a leading zero, underscores in numbers. The rules here are those of
//! `resolve` in its goyaml.v2/resolve.go, of `scalar` in decode.go and, for keys, of
//! `convertToJSONableObject` in yaml.go; each row of the tests was also put to kubectl 1.32
//! (`kubectl annotate --local -o json`). Only the text of numbers differs: where it is JSON's
//! grammar it stays digit for digit, while Go prints the nearest float64.

use std::borrow::Cow;

/// A scalar's meaning.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// In JSON's grammar.
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
    /// `.inf`, `-.inf` or `.nan`, so written: a float that JSON has not.
    NotFinite(&'static str),
    /// The tag asks for something that the text is not: what it asks for.
    Mismatch(&'static str),
}

const CORE: &str = "tag:yaml.org,2002:";

/// Resolves a plain scalar without a tag.
pub(super) fn plain(text: &str) -> Scalar<'_> {
    // The first byte tells most strings apart, as go-yaml's table of hints does.
    match text.as_bytes().first() {
        None | Some(b'~' | b'n' | b'N' | b'y' | b'Y' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-') => match not_finite(text) {
            Some(name) => Scalar::NotFinite(name),
            None => number(text),
        },
        Some(b'.') => match not_finite(text) {
            Some(name) => Scalar::NotFinite(name),
            None => leading_dot(text),
        },
        _ => Scalar::String(text.into()),
    }
}

/// Resolves a scalar with an explicit tag, quoted or not: go-yaml looks at the text alone.
pub(super) fn tagged<'a>(handle: &str, suffix: &str, text: &'a str) -> Scalar<'a> {
    // `!<tag:yaml.org,2002:int>` comes without a handle.
    let name = if handle == CORE {
        Some(suffix)
    } else if handle.is_empty() {
        suffix.strip_prefix(CORE)
    } else {
        None
    };
    let found = plain(text);
    match (name, &found) {
        (Some("null"), Scalar::Null)
        | (Some("bool"), Scalar::Bool(_))
        | (Some("float"), Scalar::Number(_) | Scalar::NotFinite(_)) => found,
        (Some("int"), Scalar::Number(number)) if is_integer(text, number) => found,
        (Some("null"), _) => Scalar::Mismatch("null"),
        (Some("bool"), _) => Scalar::Mismatch("a boolean"),
        (Some("float"), _) => Scalar::Mismatch("a number"),
        (Some("int"), _) => Scalar::Mismatch("an integer"),
        (Some("binary"), _) => match base64(text) {
            // Go's encoding/json writes U+FFFD for what is not UTF-8, too.
            Some(bytes) => Scalar::String(String::from_utf8_lossy(&bytes).into_owned().into()),
            None => Scalar::Mismatch("base64"),
        },
        // `!!str`, `!!timestamp`, `!` and every tag that go-yaml does not know.
        _ => Scalar::String(text.into()),
    }
}

/// Whether a tag is one that YAML defines (`!!str`, `!`), as opposed to one with a meaning of its
/// own such as CloudFormation's `!Ref`.
pub(super) fn is_core_tag(handle: &str, suffix: &str) -> bool {
    handle == CORE || (handle.is_empty() && (suffix == "!" || suffix.starts_with(CORE)))
}

/// Whether a scalar in key position is the merge key: plain and without a tag, or with `!!merge` or
/// the non-specific `!` (`isMerge` in decode.go).
pub(super) fn is_merge(text: &str, is_plain: bool, tag: Option<(&str, &str)>) -> bool {
    text == "<<"
        && match tag {
            None => is_plain,
            Some((handle, suffix)) => {
                (handle == CORE && suffix == "merge")
                    || (handle.is_empty() && (suffix == "!" || suffix == "tag:yaml.org,2002:merge"))
            }
        }
}

/// A number as the key that `convertToJSONableObject` makes of it; `None` for those that it
/// refuses: integers that fit only an unsigned 64-bit number.
pub(super) fn number_key(number: &str) -> Option<String> {
    if let Ok(number) = number.parse::<i64>() {
        return Some(number.to_string());
    }
    if number.parse::<u64>().is_ok() {
        return None;
    }
    // Go prints the key as a float32 in its `g` format.
    let number = number.parse::<f64>().ok()? as f32;
    if number.is_infinite() {
        return Some(if number > 0.0 { ".inf" } else { "-.inf" }.into());
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    if (-4..6).contains(&exponent) {
        return Some(number.to_string());
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{digits}e{sign}{:02}", exponent.unsigned_abs()))
}

fn word(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        _ => Scalar::String(text.into()),
    }
}

fn not_finite(text: &str) -> Option<&'static str> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(".nan"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(".inf"),
        "-.inf" | "-.Inf" | "-.INF" => Some("-.inf"),
        _ => None,
    }
}

/// What begins with a digit or a sign: an integer, a float or, most often, some other text.
fn number(text: &str) -> Scalar<'_> {
    let bytes = text.as_bytes();
    // Addresses, dates, quantities and versions leave here.
    if !bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_')) {
        return Scalar::String(text.into());
    }
    let stripped: Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    let (negative, magnitude) = match stripped.as_bytes().first() {
        Some(b'-') => (true, &stripped[1..]),
        Some(b'+') => (false, &stripped[1..]),
        _ => (false, &*stripped),
    };
    let signed = magnitude.len() < stripped.len();
    if let Some(value) = integer(magnitude) {
        // `ParseInt`, then `ParseUint`, which takes no sign.
        let most = if negative {
            1 << 63
        } else if signed {
            (1 << 63) - 1
        } else {
            u128::from(u64::MAX)
        };
        if value <= most {
            return Scalar::Number(if verdikt_model::is_json_number(text) {
                text.into()
            } else if negative {
                format!("-{value}").into()
            } else {
                value.to_string().into()
            });
        }
    }
    match decimal(magnitude) {
        Some(_) if verdikt_model::is_json_number(text) => Scalar::Number(text.into()),
        Some(decimal) if negative => Scalar::Number(format!("-{decimal}").into()),
        Some(decimal) => Scalar::Number(decimal.into()),
        None => Scalar::String(text.into()),
    }
}

/// What begins with a dot: Go's `ParseFloat` on the text itself, where an underscore may stand only
/// between digits.
fn leading_dot(text: &str) -> Scalar<'_> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let misplaced = |at: usize| bytes[at] == b'_' && !(is_digit(at - 1) && is_digit(at + 1));
    if (1..bytes.len()).any(misplaced) {
        return Scalar::String(text.into());
    }
    match decimal(&text.replace('_', "")) {
        Some(decimal) => Scalar::Number(decimal.into()),
        None => Scalar::String(text.into()),
    }
}

/// An unsigned integer as Go's `ParseInt` reads it with base 0: `0x`, `0b`, `0o` and plain `0` as
/// prefixes. Saturates far above what any caller accepts.
fn integer(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    let (radix, digits) = match bytes {
        [b'0', b'x' | b'X', _, ..] => (16, &text[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &text[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &text[2..]),
        [b'0', _, ..] => (8, &text[1..]),
        [_, ..] => (10, text),
        [] => return None,
    };
    digits.chars().try_fold(0u128, |value, digit| {
        Some(value.saturating_mul(u128::from(radix)).saturating_add(u128::from(digit.to_digit(radix)?)))
    })
}

/// An unsigned float in JSON's grammar, from `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
/// (`yamlStyleFloat` in resolve.go). What no float64 can hold is none, as for `ParseFloat`.
fn decimal(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], &text[at..]),
        None => (text, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.get(1..).map_or("0", |rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    let well_formed = all_digits(whole) && all_digits(fraction) && all_digits(exponent_digits);
    if !well_formed || exponent_digits.is_empty() || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let mut out = String::with_capacity(text.len() + 1);
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out.push_str(exponent);
    out.parse::<f64>().is_ok_and(f64::is_finite).then_some(out)
}

/// Whether a number came of an integer's text, for `!!int`.
fn is_integer(text: &str, number: &str) -> bool {
    let stripped = text.replace('_', "");
    let magnitude = stripped.strip_prefix(['+', '-']).unwrap_or(&stripped);
    integer(magnitude).is_some() && (number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok())
}

/// The standard alphabet with padding, line breaks skipped, as `StdEncoding` of Go.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut bits = 0u32;
    let mut count = 0usize;
    let mut padding = 0usize;
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\n' | b'\r' => continue,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    match (count % 4, padding) {
        (0, 0) => {}
        (2, 2) => out.push((bits >> 4) as u8),
        (3, 1) => out.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(scalar: Scalar<'_>) -> String {
        match scalar {
            Scalar::Null => "null".into(),
            Scalar::Bool(value) => value.to_string(),
            Scalar::Number(number) => {
                assert!(verdikt_model::is_json_number(&number), "{number}");
                number.into_owned()
            }
            Scalar::String(text) => format!("{text:?}"),
            Scalar::NotFinite(name) => name.into(),
            Scalar::Mismatch(expected) => format!("not {expected}"),
        }
    }

    #[test]
    fn plain_scalars_mean_what_they_mean_to_a_cluster() {
        for (text, expected) in [
            ("", "null"),
            ("~", "null"),
            ("null", "null"),
            ("Null", "null"),
            ("NULL", "null"),
            ("nULL", "\"nULL\""),
            ("y", "true"),
            ("Y", "true"),
            ("yes", "true"),
            ("Yes", "true"),
            ("YES", "true"),
            ("yEs", "\"yEs\""),
            ("true", "true"),
            ("True", "true"),
            ("TRUE", "true"),
            ("on", "true"),
            ("On", "true"),
            ("ON", "true"),
            ("n", "false"),
            ("N", "false"),
            ("no", "false"),
            ("No", "false"),
            ("NO", "false"),
            ("off", "false"),
            ("Off", "false"),
            ("OFF", "false"),
            ("false", "false"),
            ("False", "false"),
            ("FALSE", "false"),
            ("0", "0"),
            ("-0", "-0"),
            ("7", "7"),
            ("+1", "1"),
            ("-31", "-31"),
            ("0x1F", "31"),
            ("-0x1F", "-31"),
            ("0X1f", "31"),
            ("0b11", "3"),
            ("0B1", "1"),
            ("-0b11", "-3"),
            ("0o17", "15"),
            ("0O17", "15"),
            ("017", "15"),
            ("0777", "511"),
            ("08", "8"),
            ("09.5", "9.5"),
            ("0_1", "1"),
            ("1_000", "1000"),
            ("1__0", "10"),
            ("1_", "1"),
            ("0b12", "\"0b12\""),
            ("0o9", "\"0o9\""),
            ("0x_", "\"0x_\""),
            ("0x", "\"0x\""),
            ("1e", "\"1e\""),
            ("+", "\"+\""),
            ("-", "\"-\""),
            ("1.", "1"),
            (".5", "0.5"),
            ("+.5", "0.5"),
            ("-.5", "-0.5"),
            ("1.0", "1.0"),
            ("1_0.5", "10.5"),
            ("012.5", "12.5"),
            (".1_0", "0.10"),
            ("._5", "\"._5\""),
            (".5_", "\".5_\""),
            (".5e3", "0.5e3"),
            (".e5", "\".e5\""),
            (".", "\".\""),
            ("1e3", "1e3"),
            ("12e03", "12e03"),
            ("1E400", "\"1E400\""),
            ("-1e400", "\"-1e400\""),
            (".1e400", "\".1e400\""),
            ("9223372036854775808", "9223372036854775808"),
            ("18446744073709551615", "18446744073709551615"),
            ("99999999999999999999", "99999999999999999999"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("-9223372036854775809", "-9223372036854775809"),
            ("0x1FFFFFFFFFFFFFFFFF", "\"0x1FFFFFFFFFFFFFFFFF\""),
            ("0777777777777777777777777", "777777777777777777777777"),
            ("0x1p-2", "\"0x1p-2\""),
            (".inf", ".inf"),
            ("+.Inf", ".inf"),
            ("-.INF", "-.inf"),
            (".NaN", ".nan"),
            (".infx", "\".infx\""),
            ("NaN", "\"NaN\""),
            ("2001-12-14", "\"2001-12-14\""),
            ("1:20", "\"1:20\""),
            ("512Mi", "\"512Mi\""),
            ("10.0.0.1", "\"10.0.0.1\""),
            ("1.2.3", "\"1.2.3\""),
            ("-v", "\"-v\""),
            ("=", "\"=\""),
            ("<<", "\"<<\""),
            ("nginx", "\"nginx\""),
            ("250m", "\"250m\""),
        ] {
            assert_eq!(show(plain(text)), expected, "{text}");
        }
    }

    #[test]
    fn tags_decide() {
        for (tag, text, expected) in [
            ("str", "1", "\"1\""),
            ("str", "", "\"\""),
            ("str", "null", "\"null\""),
            ("int", "3", "3"),
            ("int", "0x1F", "31"),
            ("int", "abc", "not an integer"),
            ("int", "1.5", "not an integer"),
            ("int", "08", "not an integer"),
            ("float", "3", "3"),
            ("float", ".5", "0.5"),
            ("float", "abc", "not a number"),
            ("bool", "yes", "true"),
            ("bool", "1", "not a boolean"),
            ("null", "", "null"),
            ("null", "x", "not null"),
            ("binary", "aGVsbG8=", "\"hello\""),
            ("binary", "aGk=", "\"hi\""),
            ("binary", "aGV\nsbG8=\n", "\"hello\""),
            ("binary", "aGVs", "\"hel\""),
            ("binary", "a", "not base64"),
            ("binary", "aG=k", "not base64"),
            ("binary", "%%", "not base64"),
            ("timestamp", "2001-01-01", "\"2001-01-01\""),
            ("map", "x", "\"x\""),
        ] {
            assert_eq!(show(tagged(CORE, tag, text)), expected, "!!{tag} {text}");
            assert_eq!(show(tagged("", &format!("{CORE}{tag}"), text)), expected, "!<...{tag}> {text}");
        }
        assert_eq!(show(tagged("!", "Ref", "12")), "\"12\"");
        assert_eq!(show(tagged("", "!", "12")), "\"12\"");
    }

    #[test]
    fn numbers_as_keys() {
        for (number, expected) in [
            ("1", Some("1")),
            ("-0", Some("0")),
            ("31", Some("31")),
            ("1.5", Some("1.5")),
            ("1.0", Some("1")),
            ("1e3", Some("1000")),
            ("1e5", Some("100000")),
            ("1e6", Some("1e+06")),
            ("12345678.5", Some("1.2345678e+07")),
            ("0.0001", Some("0.0001")),
            ("0.00001", Some("1e-05")),
            ("1e39", Some(".inf")),
            ("18446744073709551615", None),
            ("9223372036854775807", Some("9223372036854775807")),
        ] {
            assert_eq!(number_key(number).as_deref(), expected, "{number}");
        }
    }
}
