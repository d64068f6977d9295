//! Quantities of Kubernetes: whether one is a number above zero, or above another.
//!
//! The grammar is that of Kubernetes' own parser, which takes more than its documentation says: a sign, a
//! decimal number of which all digits may be missing, and a suffix, which is binary (`Ki` to `Ei`), decimal
//! (`n`, `u`, `m`, none, `k` to `E`) or an exponent. Spaces around it are left out.
//!
//! <https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go>

/// Whether a quantity is above zero; `None` when it is no quantity.
pub fn is_positive(quantity: &str) -> Option<bool> {
    let (negative, number, _) = parts(quantity)?;
    Some(!negative && number.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}

/// Whether a quantity is above another, beyond doubt; `None` when one is no quantity.
pub fn is_above(one: &str, other: &str) -> Option<bool> {
    let (one, other) = (amount(one)?, amount(other)?);
    // The last digits of a floating-point number say nothing.
    Some(one - other > other.abs() * 1e-9)
}

fn amount(quantity: &str) -> Option<f64> {
    let (negative, number, suffix) = parts(quantity)?;
    // Digits may be missing on both sides of the point.
    let amount = format!("0{number}").parse::<f64>().ok()? * factor(suffix)?;
    Some(if negative { -amount } else { amount })
}

/// Whether it is negative, its number and its suffix.
fn parts(quantity: &str) -> Option<(bool, &str, &str)> {
    let quantity = quantity.trim_matches(' ');
    let (negative, unsigned) = match quantity.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, quantity.strip_prefix('+').unwrap_or(quantity)),
    };
    let end = unsigned.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let is_quantity = !quantity.is_empty() && number.matches('.').count() <= 1 && factor(suffix).is_some();
    is_quantity.then_some((negative, number, suffix))
}

/// What a suffix multiplies by.
fn factor(suffix: &str) -> Option<f64> {
    const DECIMAL: [(&str, i32); 10] =
        [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
    const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some((_, exponent)) = DECIMAL.iter().find(|(own, _)| *own == suffix) {
        return Some(10f64.powi(*exponent));
    }
    if let Some(power) = BINARY.iter().position(|own| *own == suffix) {
        return Some(1024f64.powi(power as i32 + 1));
    }
    let exponent: i64 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    // One that is out of range makes the number zero or infinite.
    Some(10f64.powi(exponent.clamp(-1000, 1000) as i32))
}

#[cfg(test)]
mod tests {
    use super::{is_above, is_positive};

    #[test]
    fn quantities() {
        for quantity in [
            "1", "+1", "0.5", ".5", "5.", "512Mi", "64k", "100k", "1e3", "1E+3", "1E3", "1E", "100m", "12e-3", "0.1Gi",
            "1Ti", " 1Gi ", "1n", "00012", "1e-30",
        ] {
            assert_eq!(is_positive(quantity), Some(true), "{quantity}");
        }
        for quantity in ["0", "0Mi", "-1", "-1Gi", "0.00", "0e5", "+0", "-0", "Mi", ".", "+", "e3", "m"] {
            assert_eq!(is_positive(quantity), Some(false), "{quantity}");
        }
        for quantity in [
            "",
            " ",
            "1mi",
            "128mi",
            "1 Mi",
            "1G i",
            "1MB",
            "128K",
            "1.2.3",
            "1e",
            "1e+",
            "1e1.5",
            "--1",
            "+-1",
            "∞",
            "1,5",
            "0x10",
            "1e99999999999999999999",
            "1Mi1",
            "unlimited",
        ] {
            assert_eq!(is_positive(quantity), None, "{quantity}");
        }
    }

    #[test]
    fn quantities_compare() {
        for (one, other, expected) in [
            ("2", "1", Some(true)),
            ("1", "1", Some(false)),
            ("1000m", "1", Some(false)),
            ("1001m", "1", Some(true)),
            ("1Gi", "1G", Some(true)),
            ("1G", "1Gi", Some(false)),
            ("1.5Gi", "1536Mi", Some(false)),
            ("5.", ".5", Some(true)),
            ("1e3", "1k", Some(false)),
            ("1e400", "1", Some(true)),
            ("Mi", "0", Some(false)),
            ("1", ".", Some(true)),
            ("-1", "0", Some(false)),
            ("0", "-1", Some(true)),
            ("1", "x", None),
        ] {
            assert_eq!(is_above(one, other), expected, "{one} {other}");
        }
    }
}
