//! Quantities of Kubernetes: whether one is a number above zero.

/// Whether a quantity is above zero; `None` when it is no quantity.
///
/// The grammar is that of Kubernetes' own parser, which takes more than its documentation says: a sign, a
/// decimal number of which all digits may be missing, and a suffix, which is binary (`Ki` to `Ei`), decimal
/// (`n`, `u`, `m`, none, `k` to `E`) or an exponent. Spaces around it are left out.
///
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go>
pub(crate) fn is_positive(quantity: &str) -> Option<bool> {
    let quantity = quantity.trim_matches(' ');
    let (negative, unsigned) = match quantity.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, quantity.strip_prefix('+').unwrap_or(quantity)),
    };
    let end = unsigned.find(|character: char| !character.is_ascii_digit() && character != '.');
    let (number, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    if quantity.is_empty() || number.matches('.').count() > 1 || !is_suffix(suffix) {
        return None;
    }
    Some(!negative && number.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}

fn is_suffix(suffix: &str) -> bool {
    const SUFFIXES: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let exponent = suffix.strip_prefix(['e', 'E']);
    SUFFIXES.contains(&suffix) || exponent.is_some_and(|exponent| exponent.parse::<i64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_positive;

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
}
