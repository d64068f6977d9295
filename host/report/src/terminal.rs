//! Text for terminals: styles, and the escaping of everything that comes from outside.

use std::borrow::Cow;
use std::fmt::Write;

use annotate_snippets::renderer::{AnsiColor, Effects, Style};

/// The styles of the table format. Without color every one of them is empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Styles {
    pub severe: Style,
    pub warning: Style,
    pub note: Style,
    pub good: Style,
    pub gutter: Style,
    pub strong: Style,
}

impl Styles {
    pub(crate) fn new(color: bool) -> Self {
        if !color {
            let plain = Style::new();
            return Styles { severe: plain, warning: plain, note: plain, good: plain, gutter: plain, strong: plain };
        }
        let bold = |color: AnsiColor| color.on_default().effects(Effects::BOLD);
        Styles {
            severe: bold(AnsiColor::BrightRed),
            warning: bold(AnsiColor::Yellow),
            note: bold(AnsiColor::BrightCyan),
            good: bold(AnsiColor::BrightGreen),
            gutter: bold(AnsiColor::BrightBlue),
            strong: Style::new().effects(Effects::BOLD),
        }
    }
}

/// Whether a character could steer a terminal or make text look like other text: controls of C0 and
/// C1, and the invisible ones that change direction (Trojan Source, CVE-2021-42574).
fn is_hostile(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text from files and packs, for one line of a terminal: what could steer it becomes visible.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if is_hostile(char) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    Cow::Owned(out)
}

/// One character of a code frame, where columns must stay what they are. Tabs stay, the frame
/// widens them.
pub(crate) fn visible(char: char) -> char {
    match char {
        '\t' => '\t',
        // The pictures of the C0 controls.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(char)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        char if is_hostile(char) => '\u{fffd}',
        char => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(escaped("plain ü"), "plain ü");
        assert_eq!(escaped("a\u{1b}[2Jb\r\nc\td"), r"a\u{1b}[2Jb\r\nc\td");
        assert_eq!(escaped("\u{9b}31m\u{202e}x"), r"\u{9b}31m\u{202e}x");
        let frame: String = "a\u{1b}\u{9b}\u{7f}\u{202e}\tb".chars().map(visible).collect();
        assert_eq!(frame, "a␛\u{fffd}␡\u{fffd}\tb");
    }
}
