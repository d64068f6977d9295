//! Quantities of Kubernetes: whether one is a number above zero.

/// Whether a quantity is above zero; `None` when it is no quantity.
///
/// The grammar is Kubernetes' own: a decimal number and a suffix, which is binary (`Ki` to `Ei`),
/// decimal (`n`, `u`, `m`, none, `k` to `E`) or an exponent.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
pub(crate) fn is_positive(quantity: &str) -> Option<bool> {
    let (negative, unsigned) = match quantity.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, quantity.strip_prefix('+').unwrap_or(quantity)),
    };
    let end = unsigned.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let has_digit = number.bytes().any(|byte| byte.is_ascii_digit());
    if !has_digit || number.matches('.').count() > 1 || !is_suffix(suffix) {
        return None;
    }
    Some(!negative && number.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}

fn is_suffix(suffix: &str) -> bool {
    const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if SUFFIXES.contains(&suffix) {
        return true;
    }
    let Some(exponent) = suffix.strip_prefix(['e', 'E']) else {
        return false;
    };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_positive;

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
}
