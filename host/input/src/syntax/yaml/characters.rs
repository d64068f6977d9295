//! What the parser reads characters from.
//!
//! The scanner looks at a character several times before it takes it, so most of the time of
//! reading YAML is spent here. saphyr-parser's own `StrInput` decodes UTF-8 at every look. This one
//! looks at bytes, which nearly always are characters, and says that it holds few characters
//! beforehand: the scanner reserves room for so many when it begins a scalar, and grows the text of
//! every scalar for nothing when it is told of more than fit at first.

use saphyr_parser::Input;
use saphyr_parser::input::SkipTabs;

/// A text with the place up to which it was taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Characters<'a> {
    text: &'a str,
    at: usize,
}

/// How many characters are said to be ready. A scalar of one word fits with so many more into the
/// 32 bytes that the scanner begins with.
const READY: usize = 16;

impl<'a> Characters<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Characters { text, at: 0 }
    }

    /// The byte `ahead` bytes behind the next character's first. Zero at the end, as the scanner
    /// expects.
    #[inline]
    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The next character, which is not ASCII.
    #[cold]
    fn decode(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    /// How many bytes from the next one on are of the kind.
    #[inline]
    fn run(&self, is_kind: impl Fn(u8) -> bool) -> usize {
        self.text.as_bytes()[self.at..].iter().take_while(|byte| is_kind(**byte)).count()
    }

    /// Skips ASCII characters of the kind.
    #[inline]
    fn skip_run(&mut self, is_kind: impl Fn(u8) -> bool) -> usize {
        let run = self.run(is_kind);
        self.at += run;
        run
    }

    fn is_marker(&self, byte: u8) -> bool {
        self.text.as_bytes()[self.at..].starts_with(&[byte; 3]) && is_blank_or_break_or_end(self.byte(3))
    }
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_blank_or_break_or_end(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0)
}

fn is_flow(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}

impl Input for Characters<'_> {
    #[inline]
    fn lookahead(&mut self, _: usize) {}

    #[inline]
    fn buflen(&self) -> usize {
        READY
    }

    #[inline]
    fn bufmaxlen(&self) -> usize {
        READY
    }

    #[inline]
    fn raw_read_ch(&mut self) -> char {
        let found = self.peek();
        self.skip();
        found
    }

    #[inline]
    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        let found = self.peek();
        if matches!(found, '\n' | '\r' | '\0' | '\u{feff}') {
            return None;
        }
        self.skip();
        Some(found)
    }

    #[inline]
    fn skip(&mut self) {
        match self.text.as_bytes().get(self.at) {
            Some(..0x80) => self.at += 1,
            Some(_) => self.at += self.decode().map_or(0, char::len_utf8),
            None => {}
        }
    }

    #[inline]
    fn skip_n(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    #[inline]
    fn peek(&self) -> char {
        self.peek_opt().unwrap_or('\0')
    }

    #[inline]
    fn peek_nth(&self, n: usize) -> char {
        let mut ahead = *self;
        ahead.skip_n(n);
        ahead.peek()
    }

    #[inline]
    fn peek_opt(&self) -> Option<char> {
        match self.text.as_bytes().get(self.at) {
            Some(byte @ ..0x80) => Some(char::from(*byte)),
            Some(_) => self.decode(),
            None => None,
        }
    }

    #[inline]
    fn next_is_document_indicator(&self) -> bool {
        self.is_marker(b'-') || self.is_marker(b'.')
    }

    #[inline]
    fn next_is_document_start(&self) -> bool {
        self.is_marker(b'-')
    }

    #[inline]
    fn next_is_document_end(&self) -> bool {
        self.is_marker(b'.')
    }

    fn skip_ws_to_eol(&mut self, skip_tabs: SkipTabs) -> (usize, Result<SkipTabs, &'static str>) {
        let blanks = match skip_tabs {
            SkipTabs::No => self.run(|byte| byte == b' '),
            SkipTabs::Yes | SkipTabs::Result(..) => self.run(is_blank),
        };
        let bytes = &self.text.as_bytes()[self.at..self.at + blanks];
        let found = SkipTabs::Result(bytes.contains(&b'\t'), bytes.contains(&b' '));
        if self.byte(blanks) != b'#' {
            self.at += blanks;
            return (blanks, Ok(found));
        }
        if blanks == 0 {
            return (0, Err("comments must be separated from other tokens by whitespace"));
        }
        self.at += blanks;
        (blanks + self.skip_while_non_breakz(), Ok(found))
    }

    #[inline]
    fn next_can_be_plain_scalar(&self, in_flow: bool) -> bool {
        match self.byte(0) {
            b':' => !(is_blank_or_break_or_end(self.byte(1)) || (in_flow && is_flow(self.byte(1)))),
            // A byte-order mark is no character of a plain scalar.
            0xef => self.peek() != '\u{feff}',
            byte => !(in_flow && is_flow(byte)),
        }
    }

    #[inline]
    fn next_is_blank_or_break(&self) -> bool {
        is_blank(self.byte(0)) || is_break(self.byte(0))
    }

    #[inline]
    fn next_is_blank_or_breakz(&self) -> bool {
        is_blank_or_break_or_end(self.byte(0))
    }

    #[inline]
    fn next_is_blank(&self) -> bool {
        is_blank(self.byte(0))
    }

    #[inline]
    fn next_is_break(&self) -> bool {
        is_break(self.byte(0))
    }

    #[inline]
    fn next_is_breakz(&self) -> bool {
        matches!(self.byte(0), b'\n' | b'\r' | 0)
    }

    #[inline]
    fn next_is_z(&self) -> bool {
        self.byte(0) == 0
    }

    #[inline]
    fn next_is_flow(&self) -> bool {
        is_flow(self.byte(0))
    }

    fn skip_while_non_breakz(&mut self) -> usize {
        let mut count = 0;
        loop {
            count += self.skip_run(|byte| !matches!(byte, b'\n' | b'\r' | 0 | 0x80..));
            if self.raw_read_non_breakz_ch().is_none() {
                return count;
            }
            count += 1;
        }
    }

    fn skip_while_blank(&mut self) -> usize {
        self.skip_run(is_blank)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use saphyr_parser::{Event, Parser, ScanError, Span};

    use super::*;
    use crate::syntax::reproducible;

    /// What a parser makes of a text.
    fn events<'a>(mut parser: Parser<'a, impl Input>) -> (Vec<(Event<'a>, Span)>, Option<ScanError>) {
        let mut found = Vec::new();
        loop {
            match parser.next_event() {
                Some(Ok(event)) => found.push(event),
                Some(Err(error)) => return (found, Some(error)),
                None => return (found, None),
            }
        }
    }

    fn assert_same(text: &str) {
        assert_eq!(events(Parser::new(Characters::new(text))), events(Parser::new_from_iter(text.chars())), "{text:?}");
    }

    #[test]
    fn what_is_rare_is_read_as_the_parsers_own_input_reads_it() {
        for text in [
            "",
            "\u{feff}a: 1",
            "a: \u{feff}b",
            "a: b\u{feff}c",
            "a: ü:ö: é\n",
            "ü: [é, {ö: ä}]\u{85}\u{2028}",
            "a: \0b",
            "a\0",
            "a: \"\\u00e9 \\\n  ü\"",
            "a: 'it''s' #é\n",
            "a: b#c #d\n",
            "a:\t# tab\n\tb",
            "%TAG !e! tag:é,2000:\n--- !e!x &ö *ö\n...\n---x",
            "a: |2-  # é\n    ü\n\n   b\r\n   c\rd",
            "a: >+\n                      deeper than what is ready\n\n                       ü",
            "- - ? !!str a\n    : - é",
            "a: [b#c, #d\n é:f, \"g\":h]",
        ] {
            assert_same(text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1024, ..reproducible() })]
        #[test]
        fn every_text_is_read_as_the_parsers_own_input_reads_it(
            text in r#"([ \n\t:,#&*!|>'"%@`?{}\[\].\\a0é€\u{feff}\u{0}\r-]|--- |\n\.\.\.\n|: |- |\n  ){0,40}"#,
        ) {
            assert_same(&text);
        }
    }
}
