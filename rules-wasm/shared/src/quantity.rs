//! Quantities of Kubernetes: whether one is a number above zero, or above another.
//!
//! The grammar is Kubernetes' own: a decimal number and a suffix, which is binary (`Ki` to `Ei`),
//! decimal (`n`, `u`, `m`, none, `k` to `E`) or an exponent.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

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
    // A point with digits on one side only is none of Rust's numbers.
    let amount = format!("0{number}0").parse::<f64>().ok().filter(|_| number.contains('.'));
    let amount = amount.or_else(|| number.parse().ok())? * factor(suffix)?;
    Some(if negative { -amount } else { amount })
}

/// Whether it is negative, its number and its suffix.
fn parts(quantity: &str) -> Option<(bool, &str, &str)> {
    let (negative, unsigned) = match quantity.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, quantity.strip_prefix('+').unwrap_or(quantity)),
    };
    let end = unsigned.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let has_digit = number.bytes().any(|byte| byte.is_ascii_digit());
    let is_quantity = has_digit && number.matches('.').count() <= 1 && factor(suffix).is_some();
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
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_exponent = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // One that is out of range makes the number zero or infinite.
    is_exponent.then(|| format!("1e{exponent}").parse().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::{is_above, is_positive};

    #[test]
    fn quantities() {
        for quantity in ["1", "+1", "0.5", ".5", "5.", "512Mi", "64k", "1e3", "1E+3", "1E", "100m", "12e-3", "0.1Gi"] {
            assert_eq!(is_positive(quantity), Some(true), "{quantity}");
        }
        for quantity in ["0", "0Mi", "-1", "-1Gi", "0.00", "0e5", "+0", "-0"] {
            assert_eq!(is_positive(quantity), Some(false), "{quantity}");
        }
        for quantity in ["", "Mi", "1mi", "1 Mi", "1MB", "1.2.3", "e3", "1e", "1e+", "--1", "∞", "."] {
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
            ("-1", "0", Some(false)),
            ("0", "-1", Some(true)),
            ("1", "x", None),
        ] {
            assert_eq!(is_above(one, other), expected, "{one} {other}");
        }
    }
}
