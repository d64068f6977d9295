//! What a scalar means to a cluster.
//!
//! Kubernetes reads YAML with sigs.k8s.io/yaml, which resolves scalars as go-yaml v2 does: YAML 1.1
//! booleans, octal numbers with a leading zero, underscores in numbers. The rules here are those of
//! `resolve` in its goyaml.v2/resolve.go, of `scalar` in decode.go and, for keys, of
//! `convertToJSONableObject` in yaml.go; `tests/oracles/scalars.rs` has the table of cases and holds
//! it against kubectl. Only the text of numbers differs: where it is JSON's grammar it stays digit for
//! digit, while Go prints the nearest float64.

use std::borrow::Cow;
use std::ops::RangeInclusive;

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
        (Some("timestamp"), _) if !is_timestamp(text) => Scalar::Mismatch("a timestamp"),
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
/// refuses: integers that fit only an unsigned 64-bit number. Floats that lost their point when they
/// became JSON (`-0.`, `+18446744073709551615`) count as integers, which nobody uses as keys.
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
    if let Some(digits) = stripped.strip_prefix("0b")
        && let Some(number) = signed_binary(digits)
    {
        return Scalar::Number(number.to_string().into());
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

/// What stands behind `0b`, with a sign of its own: go-yaml parses it once more by itself.
fn signed_binary(text: &str) -> Option<i64> {
    text.starts_with(['+', '-']).then(|| i64::from_str_radix(text, 2).ok()).flatten()
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
    let is_written_so = integer(magnitude).is_some() || stripped.strip_prefix("0b").and_then(signed_binary).is_some();
    is_written_so && (number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok())
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

/// Whether a text is one of `allowedTimestampFormats` in resolve.go, as Go's `time.Parse` reads them.
fn is_timestamp(text: &str) -> bool {
    let timestamp = || {
        let (year, rest) = digits(text, 4..=4)?;
        let (month, rest) = digits(rest.strip_prefix('-')?, 1..=2)?;
        let (day, rest) = digits(rest.strip_prefix('-')?, 1..=2)?;
        let days = match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        if !(1..=days).contains(&day) {
            return None;
        }
        match rest.bytes().next() {
            None => Some(()),
            // Any number of spaces stands for one.
            Some(b' ') => clock(rest.trim_start_matches(' '))?.is_empty().then_some(()),
            Some(b'T' | b't') => match clock(&rest[1..])? {
                "Z" => Some(()),
                zone => {
                    let (hours, rest) = digits(zone.strip_prefix(['+', '-'])?, 2..=2)?;
                    let (minutes, rest) = digits(rest.strip_prefix(':')?, 2..=2)?;
                    (hours <= 24 && minutes <= 60 && rest.is_empty()).then_some(())
                }
            },
            Some(_) => None,
        }
    };
    timestamp().is_some()
}

/// What follows a time of the day.
fn clock(text: &str) -> Option<&str> {
    let (hour, rest) = digits(text, 1..=2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 1..=2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 1..=2)?;
    let fraction = rest.strip_prefix(['.', ',']).filter(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
    let rest = fraction.map_or(rest, |fraction| fraction.trim_start_matches(|next: char| next.is_ascii_digit()));
    (hour < 24 && minute < 60 && second < 60).then_some(rest)
}

/// The number that a text begins with, of as many digits as there are up to the greatest length, and
/// what follows it.
fn digits(text: &str, length: RangeInclusive<usize>) -> Option<(u32, &str)> {
    let count = text.bytes().take(*length.end()).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(count);
    length.contains(&count).then_some((number.parse().ok()?, rest))
}
