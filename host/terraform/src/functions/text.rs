//! Characters as Terraform counts them, and letters as Go changes their case.

use unicode_segmentation::UnicodeSegmentation;

/// The grapheme clusters of a text by the rules of Unicode 15.0, which Terraform has
/// (<https://github.com/apparentlymart/go-textseg>). Later versions keep conjuncts of Indic scripts
/// together (rule GB9c of <https://www.unicode.org/reports/tr29>); these are taken apart again.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(|cluster| {
        let mut rest = cluster;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let mut previous = None;
            let joint = rest.char_indices().find(|(_, letter)| {
                // Behind the one letter that prepends, nothing was ever separated.
                let joined = previous.is_some_and(|previous| previous != '\u{0d4e}') && is_conjunct_consonant(*letter);
                previous = Some(*letter);
                joined
            });
            let (first, then) = rest.split_at(joint.map_or(rest.len(), |(at, _)| at));
            rest = then;
            Some(first)
        })
    })
}

/// Property `Indic_Conjunct_Break=Consonant`
/// (<https://www.unicode.org/Public/16.0.0/ucd/DerivedCoreProperties.txt>).
fn is_conjunct_consonant(letter: char) -> bool {
    matches!(letter,
        '\u{0915}'..='\u{0939}' | '\u{0958}'..='\u{095f}' | '\u{0978}'..='\u{097f}'
        | '\u{0995}'..='\u{09a8}' | '\u{09aa}'..='\u{09b0}' | '\u{09b2}' | '\u{09b6}'..='\u{09b9}'
        | '\u{09dc}' | '\u{09dd}' | '\u{09df}' | '\u{09f0}' | '\u{09f1}'
        | '\u{0a95}'..='\u{0aa8}' | '\u{0aaa}'..='\u{0ab0}' | '\u{0ab2}' | '\u{0ab3}' | '\u{0ab5}'..='\u{0ab9}' | '\u{0af9}'
        | '\u{0b15}'..='\u{0b28}' | '\u{0b2a}'..='\u{0b30}' | '\u{0b32}' | '\u{0b33}' | '\u{0b35}'..='\u{0b39}'
        | '\u{0b5c}' | '\u{0b5d}' | '\u{0b5f}' | '\u{0b71}'
        | '\u{0c15}'..='\u{0c28}' | '\u{0c2a}'..='\u{0c39}' | '\u{0c58}'..='\u{0c5a}'
        | '\u{0d15}'..='\u{0d3a}')
}

/// One letter for one, as `unicode.ToUpper` of Go has it: `ß` stays what it is.
pub(super) fn to_upper(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(only), None) => only,
        _ => iota_subscript(letter).unwrap_or(letter),
    }
}

/// One letter for one, as `unicode.ToLower` of Go has it.
pub(super) fn to_lower(letter: char) -> char {
    // For `İ`, the one letter with a longer small form, the first of it is right, too.
    letter.to_lowercase().next().unwrap_or(letter)
}

/// One letter for one, as `unicode.ToTitle` of Go has it.
pub(super) fn to_title(letter: char) -> char {
    match letter {
        '\u{01c4}'..='\u{01c6}' => '\u{01c5}',
        '\u{01c7}'..='\u{01c9}' => '\u{01c8}',
        '\u{01ca}'..='\u{01cc}' => '\u{01cb}',
        '\u{01f1}'..='\u{01f3}' => '\u{01f2}',
        // Georgian has no title case.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => letter,
        letter => to_upper(letter),
    }
}

/// The capital form of Greek letters with an iota below, which have a longer one as well.
fn iota_subscript(letter: char) -> Option<char> {
    let distance = match letter {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => 8,
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => 9,
        _ => return None,
    };
    char::from_u32(u32::from(letter) + distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_those_of_unicode_15_0() {
        for (text, expected) in [
            ("", &[][..]),
            ("a\u{301}b", &["a\u{301}", "b"]),
            ("🇩🇪🇫🇷", &["🇩🇪", "🇫🇷"]),
            ("👨‍👩‍👧x", &["👨‍👩‍👧", "x"]),
            ("\r\n\n", &["\r\n", "\n"]),
            // KA, virama, SSA.
            ("\u{0915}\u{094d}\u{0937}", &["\u{0915}\u{094d}", "\u{0937}"]),
            ("\u{0915}\u{093f}\u{0915}", &["\u{0915}\u{093f}", "\u{0915}"]),
        ] {
            assert_eq!(clusters(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn letters_change_one_for_one() {
        let all = |change: fn(char) -> char, text: &str| text.chars().map(change).collect::<String>();
        assert_eq!(all(to_upper, "straße ǆ ŉ ᾳ ი"), "STRAßE Ǆ ŉ ᾼ Ი");
        assert_eq!(all(to_lower, "ΣΑΣ İ ǅ"), "σασ i ǆ");
        assert_eq!(all(to_title, "aǆᾳი"), "AǅᾼI".replace('I', "ი"));
    }
}
