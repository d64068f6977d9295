//! Places of the parser as places in the file.

use saphyr_parser::Marker;

/// Turns the parser's marks, which count characters, into byte offsets of the file. Where the text
/// is ASCII both are the same; elsewhere a cursor walks along, since marks hardly ever go back.
#[derive(Debug)]
pub(super) struct Marks<'a> {
    text: &'a [u8],
    ascii: bool,
    characters: usize,
    bytes: usize,
}

impl<'a> Marks<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Marks { text: text.as_bytes(), ascii: text.is_ascii(), characters: 0, bytes: 0 }
    }

    /// The byte offset in the text that the parser reads.
    pub(super) fn offset(&mut self, mark: &Marker) -> usize {
        let wanted = mark.index();
        if self.ascii {
            return wanted.min(self.text.len());
        }
        while self.characters < wanted && self.bytes < self.text.len() {
            self.bytes += 1;
            while !self.at_boundary() {
                self.bytes += 1;
            }
            self.characters += 1;
        }
        while self.characters > wanted {
            self.bytes -= 1;
            while !self.at_boundary() {
                self.bytes -= 1;
            }
            self.characters -= 1;
        }
        self.bytes
    }

    /// Whether a character begins (or the text ends) at `bytes`.
    fn at_boundary(&self) -> bool {
        self.text.get(self.bytes).is_none_or(|byte| byte & 0xc0 != 0x80)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_bytes_in_both_directions() {
        let text = "aü€\u{1f600}z";
        let mut marks = Marks::new(text);
        let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len(), text.len()]).collect();
        let order = [0, 1, 2, 3, 4, 5, 6, 2, 4, 0, 5, 1];
        for character in order {
            assert_eq!(marks.offset(&Marker::new(character, 1, 0)), bytes[character], "character {character}");
        }
        assert_eq!(Marks::new("abc").offset(&Marker::new(9, 1, 0)), 3);
    }
}
