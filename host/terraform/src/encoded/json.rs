//! Reads JSON with holes.

use std::sync::Arc;

use super::{Source, as_json};
use crate::value::{
    Element, Encoding, Known, Literal, MAX_DEPTH, Member, Number, Origin, Piece, Place, Type, Unknown, Value,
};

/// Stands for a hole. JSON has no such character.
const HOLE: char = '\0';

/// The value of the text that the pieces are.
pub(super) fn parse(pieces: &[Piece]) -> Option<Value> {
    let source = Source::of(pieces, HOLE)?;
    let mut reader = Reader { source: &source, at: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    (reader.at == source.text.len()).then_some(value)
}

/// The place at which the text that the pieces are stops being JSON.
pub(super) fn broken_at(pieces: &[Piece]) -> Place {
    let Some(source) = Source::of(pieces, HOLE) else { return Place::default() };
    let mut reader = Reader { source: &source, at: 0 };
    if reader.value(0).is_some() {
        reader.skip_space();
    }
    // What ends too early shows at its end.
    let last = source.text.char_indices().next_back().map_or(0, |(at, _)| at);
    let start = source.text.floor_char_boundary(reader.at.min(last));
    let length = source.text[start..].chars().next().map_or(0, char::len_utf8);
    source.place(start, start + length)
}

/// Reads JSON.
struct Reader<'s> {
    source: &'s Source<'s>,
    at: usize,
}

/// What a text in the place of a value or key turned out to be.
enum Token {
    Value(Value),
    /// A hole that may be any number of elements.
    Several(Value),
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.source.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Whether a value that ends here is complete.
    fn at_delimiter(&self) -> bool {
        matches!(self.peek(), None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}' | b':'))
    }

    fn value(&mut self, depth: u16) -> Option<Value> {
        match self.token(depth)? {
            Token::Value(value) => Some(value),
            Token::Several(hole) => Some(as_json(&hole)),
        }
    }

    fn token(&mut self, depth: u16) -> Option<Token> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        if let Some(value) = self.interpolated() {
            return Some(value);
        }
        let start = self.at;
        let value = match self.peek()? {
            b'{' => self.object(depth)?,
            b'[' => self.array(depth)?,
            b'"' => return self.string().map(Token::Value),
            _ => self.word()?,
        };
        Some(Token::Value(value.with_place(self.source.place(start, self.at))))
    }

    /// What an interpolation that stands in the place of a value gives.
    fn interpolated(&mut self) -> Option<Token> {
        let (value, end) = self.source.value_at(self.at)?;
        let before = std::mem::replace(&mut self.at, end);
        if !self.at_delimiter() {
            self.at = before;
            return None;
        }
        if !value.is_unknown() {
            // The text of an encoded value: its parts know better where they come from.
            if let Some(text) = value.as_text()
                && matches!(text.origin(), Origin::Encoded(Encoding::Json, _) | Origin::Pieces(_))
                && let Some(decoded) = super::json(value)
            {
                return Some(Token::Value(decoded));
            }
            self.at = before;
            return None;
        }
        if let Some(decoded) = super::json(value) {
            return Some(Token::Value(decoded));
        }
        match value.ty() {
            Type::String | Type::Dynamic => Some(Token::Several(value.clone())),
            _ => Some(Token::Value(value.clone())),
        }
    }

    fn array(&mut self, depth: u16) -> Option<Value> {
        self.at += 1;
        let mut elements: Vec<Element> = Vec::new();
        let mut holes: Vec<Value> = Vec::new();
        if self.take(b']') {
            return Some(Value::tuple(Vec::new()));
        }
        loop {
            self.skip_space();
            let (start, hole) = (self.at, self.source.hole(self.at));
            // A hole may stand for commas, too.
            let mut separated = false;
            match self.token(depth + 1) {
                Some(Token::Value(value)) => elements.push(Element { value, certain: true }),
                Some(Token::Several(value)) => {
                    elements.push(Element { value: as_json(&value), certain: false });
                    holes.push(value);
                    separated = true;
                }
                // Something that is no value of its own, such as what a directive gives.
                None => {
                    holes.push(hole?.clone());
                    self.at = start + HOLE.len_utf8();
                    separated = true;
                }
            }
            if self.take(b']') {
                break;
            }
            separated |= self.take(b',');
            self.skip_space();
            if !separated {
                self.source.hole(self.at)?;
            }
            if !holes.is_empty() && self.take(b']') {
                break;
            }
        }
        if holes.is_empty() {
            return Some(Value::tuple(elements.into_iter().map(|element| element.value).collect()));
        }
        let known = Known::Elements { elements: elements.into(), open: true };
        Some(Value::unknown(Unknown::derived_from(&holes).not_null().with(known)))
    }

    fn object(&mut self, depth: u16) -> Option<Value> {
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        let mut holes: Vec<Value> = Vec::new();
        if self.take(b'}') {
            return Some(Value::object(members));
        }
        loop {
            self.skip_space();
            let mut comma = false;
            if let Some(hole) = self.source.hole(self.at) {
                // Any number of members, with or without their commas.
                holes.push(hole.clone());
                self.at += HOLE.len_utf8();
                self.take(b',');
            } else {
                if self.peek()? != b'"' {
                    return None;
                }
                let key = self.string()?;
                if !self.take(b':') {
                    return None;
                }
                let value = self.value(depth + 1)?;
                match key.as_str() {
                    Some(text) => {
                        members.push(Member { key: Arc::from(text), key_span: key.place().location(), value });
                    }
                    None => holes.push(key),
                }
                comma = self.take(b',');
                self.skip_space();
                if !comma && self.peek() != Some(b'}') {
                    self.source.hole(self.at)?;
                }
            }
            // A comma before the end may be the end of what a hole stands for.
            if comma && holes.is_empty() && self.peek() == Some(b'}') {
                return None;
            }
            if self.take(b'}') {
                break;
            }
        }
        let object = Value::object(members);
        if holes.is_empty() || object.as_limit().is_some() {
            return Some(object);
        }
        let attributes = object.raw_members().iter().cloned().collect();
        Some(Value::unknown(Unknown::derived_from(&holes).not_null().with(Known::Attributes(attributes))))
    }

    /// A string; unknown where a hole is in it.
    fn string(&mut self) -> Option<Value> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut piece_start = self.at;
        loop {
            let rest = &self.source.text[self.at..];
            let length = rest.find(['"', '\\', HOLE])?;
            let plain = &rest[..length];
            if plain.bytes().any(|byte| byte < b' ') {
                return None;
            }
            text.push_str(plain);
            self.at += length;
            match self.peek()? {
                b'"' => break,
                b'\\' => text.push(self.escape()?),
                _ => {
                    let hole = self.source.hole(self.at)?;
                    if !text.is_empty() {
                        pieces.push(self.literal(std::mem::take(&mut text), piece_start));
                    }
                    pieces.push(Piece::Value(hole.clone()));
                    self.at += HOLE.len_utf8();
                    piece_start = self.at;
                }
            }
        }
        let end = self.at;
        self.at += 1;
        if pieces.is_empty() {
            // What an interpolation between the quotes gave has the way of that.
            let place = match self.source.piece(start + 1) {
                Some((first, last, Piece::Value(value))) if first == start + 1 && last == end => value.place().clone(),
                _ => self.source.place(start, self.at),
            };
            return Some(Value::string(text).with_place(place));
        }
        if !text.is_empty() {
            pieces.push(self.literal(text, piece_start));
        }
        if let [Piece::Value(value)] = &pieces[..] {
            return Some(value.clone());
        }
        let values = pieces.iter().filter_map(|piece| match piece {
            Piece::Value(value) => Some(value),
            Piece::Literal(_) => None,
        });
        let unknown = Unknown::derived_from(values).of_type(Type::String).not_null();
        let value = Value::unknown(unknown.with(Known::Pieces(pieces.into())));
        Some(value.with_place(self.source.place(start, self.at)))
    }

    /// A known piece of a string from `start` to here.
    fn literal(&self, text: String, start: usize) -> Piece {
        let place = self.source.place(start, self.at);
        match place.location() {
            Some(span) => {
                let anchors = Arc::from([(0, None)]);
                Piece::Literal(Literal { text: text.into(), span, anchors })
            }
            None => Piece::Value(Value::string(text).with_place(place)),
        }
    }

    fn escape(&mut self) -> Option<char> {
        let rest = &self.source.text[self.at + 1..];
        let character = match rest.bytes().next()? {
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'u' => {
                let first = code_unit(rest)?;
                self.at += 6;
                let second = self.source.text[self.at..].strip_prefix('\\').and_then(code_unit);
                let decoded = char::decode_utf16([Some(first), second].into_iter().flatten()).next();
                return Some(match decoded {
                    Some(Ok(character)) => {
                        self.at += if character.len_utf16() == 2 { 6 } else { 0 };
                        character
                    }
                    _ => char::REPLACEMENT_CHARACTER,
                });
            }
            _ => return None,
        };
        self.at += 2;
        Some(character)
    }

    /// A number or one of the words of JSON; what has a hole in it is unknown.
    fn word(&mut self) -> Option<Value> {
        let start = self.at;
        let mut holes = Vec::new();
        while !self.at_delimiter() {
            match self.source.hole(self.at) {
                Some(hole) => holes.push(hole.clone()),
                None if self.peek()? >= 0x80 || matches!(self.peek()?, b'"' | b'{' | b'[') => return None,
                None => {}
            }
            self.at += 1;
        }
        if !holes.is_empty() {
            return Some(Value::unknown(Unknown::derived_from(&holes)));
        }
        match &self.source.text[start..self.at] {
            "null" => Some(Value::null()),
            "true" => Some(Value::bool(true)),
            "false" => Some(Value::bool(false)),
            text if verdikt_model::is_json_number(text) => Number::parse(text).ok().map(Value::number),
            _ => None,
        }
    }
}

/// The code unit of `uNNNN`.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix('u')?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}
