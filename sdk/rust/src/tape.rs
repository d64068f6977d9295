//! JSON text read into a flat tape: one array of small entries instead of a tree of allocations.
//!
//! The parser is strict (RFC 8259, nothing more), never recurses and copies a string only when it
//! has escapes. A rule never sees the tape itself; it reads through [`Node`].

use std::cell::RefCell;
use std::fmt;

use crate::node::Node;

/// How deeply lists and objects may be nested.
///
/// The host reads at most 128 levels of a file, and a derived document adds a few of its own.
pub const MAX_DEPTH: usize = 256;

/// Ids of entries keep their two highest bits for nodes that are absent.
const MAX_LENGTH: usize = 1 << 30;

/// The key by which the host marks a value that cannot be known.
const UNKNOWN: &str = "$unknown";

/// What stands at an entry of the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    False,
    True,
    Number,
    /// A string without escapes: a range of the text.
    Plain,
    /// A string with escapes: a range of the unescaped buffer.
    Escaped,
    List,
    Map,
    /// An object with the member `$unknown`.
    Unknown,
}

impl Kind {
    pub(crate) fn is_container(self) -> bool {
        matches!(self, Kind::List | Kind::Map | Kind::Unknown)
    }
}

/// One value. The members of an object follow it as key, value, key, value; the elements of a list
/// follow it one after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// For member names their [`tag`].
    pub(crate) tag: u16,
    /// Where the range of a number or a string begins; for objects the [marks](mark) of their member names.
    pub(crate) start: u32,
    /// Where that range ends; for lists and objects the entry that follows everything inside.
    pub(crate) end: u32,
}

/// A member that is not there: it has an identity, so that a finding can be about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Missing {
    pub(crate) parent: u32,
    key: (u32, u32),
}

/// The members that rules asked for and that are not there.
#[derive(Debug, Default)]
struct MissingMembers {
    members: Vec<Missing>,
    keys: String,
}

/// A parsed JSON text.
///
/// ```
/// use verdikt_sdk::{Field, Tape};
///
/// let tape = Tape::parse(r#"{"replicas": 2}"#)?;
/// assert!(matches!(tape.root().get("replicas").integer(), Field::Known(2)));
/// assert!(matches!(tape.root().get("paused").bool(), Field::Absent));
/// # Ok::<(), verdikt_sdk::TapeError>(())
/// ```
#[derive(Debug)]
pub struct Tape {
    document: u32,
    text: String,
    entries: Vec<Entry>,
    unescaped: String,
    has_unknown: bool,
    // Behind a cell because asking for an absent member is reading, from a rule's point of view.
    missing: RefCell<MissingMembers>,
}

impl Tape {
    /// # Errors
    /// When the text is not JSON as RFC 8259 defines it, when it is nested deeper than
    /// [`MAX_DEPTH`], or when it is 1 GiB or longer.
    pub fn parse(text: impl Into<String>) -> Result<Tape, TapeError> {
        Tape::parse_document(0, text.into())
    }

    /// The body of the document with this id.
    pub(crate) fn parse_document(document: u32, text: String) -> Result<Tape, TapeError> {
        if text.len() >= MAX_LENGTH {
            return Err(TapeError { offset: MAX_LENGTH, problem: Problem::TooLong });
        }
        let mut parser = Parser {
            bytes: text.as_bytes(),
            text: &text,
            at: 0,
            // Bodies have one value for about 16 bytes of text, and as many keys.
            entries: Vec::with_capacity(text.len() / 8 + 8),
            unescaped: String::new(),
            has_unknown: false,
            open: Vec::new(),
        };
        parser.document()?;
        let Parser { entries, unescaped, has_unknown, .. } = parser;
        // As much as rules usually ask for.
        let missing = MissingMembers { members: Vec::with_capacity(64), keys: String::with_capacity(1 << 10) };
        Ok(Tape { document, text, entries, unescaped, has_unknown, missing: RefCell::new(missing) })
    }

    /// The tape of a document of which nothing is there.
    pub(crate) fn nothing(document: u32) -> Tape {
        let entries = vec![Entry { kind: Kind::Null, tag: 0, start: 0, end: 0 }];
        let (text, unescaped) = (String::new(), String::new());
        Tape { document, text, entries, unescaped, has_unknown: false, missing: RefCell::default() }
    }

    /// The whole value.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, 0)
    }

    pub(crate) fn document(&self) -> u32 {
        self.document
    }

    pub(crate) fn entry(&self, id: u32) -> Entry {
        self.entries[id as usize]
    }

    /// The entry after this one and everything inside it.
    pub(crate) fn after(&self, id: u32) -> u32 {
        let entry = self.entry(id);
        if entry.kind.is_container() { entry.end } else { id + 1 }
    }

    /// The text of a string or number entry.
    pub(crate) fn text(&self, entry: Entry) -> &str {
        let range = entry.start as usize..entry.end as usize;
        if entry.kind == Kind::Escaped { &self.unescaped[range] } else { &self.text[range] }
    }

    /// The same as bytes, for comparisons: finding out where characters begin takes longer than these.
    fn bytes(&self, entry: Entry) -> &[u8] {
        let range = entry.start as usize..entry.end as usize;
        if entry.kind == Kind::Escaped { &self.unescaped.as_bytes()[range] } else { &self.text.as_bytes()[range] }
    }

    /// The name of a member of an object, by that name as it stands in the text.
    pub(crate) fn find(&self, object: u32, name: &str) -> Option<u32> {
        let name = name.as_bytes();
        let tag = tag(name);
        let Entry { start: marks, end, .. } = self.entry(object);
        if marks & mark(tag) == 0 {
            return None;
        }
        let mut key = object + 1;
        while key < end {
            let entry = self.entry(key);
            if entry.tag == tag && is_same(self.bytes(entry), name) {
                return Some(key);
            }
            key = self.after(key + 1);
        }
        None
    }

    /// Whether anything in it is marked as unknown.
    pub(crate) fn has_unknown(&self) -> bool {
        self.has_unknown
    }

    /// Remembers a member that is not there. `key` is as it would stand in the text.
    pub(crate) fn add_missing(&self, parent: u32, key: &str) -> u32 {
        let mut missing = self.missing.borrow_mut();
        let start = missing.keys.len() as u32;
        missing.keys.push_str(key);
        let end = missing.keys.len() as u32;
        missing.members.push(Missing { parent, key: (start, end) });
        missing.members.len() as u32 - 1
    }

    pub(crate) fn missing(&self, index: u32) -> Missing {
        self.missing.borrow().members[index as usize]
    }

    pub(crate) fn missing_key(&self, missing: Missing) -> String {
        self.missing.borrow().keys[missing.key.0 as usize..missing.key.1 as usize].to_owned()
    }

    /// Forgets absent members between rules. The exclusive borrow proves that no node is alive.
    pub(crate) fn forget_missing(&mut self) {
        let missing = self.missing.get_mut();
        missing.members.clear();
        missing.keys.clear();
    }
}

/// What tells most member names apart without a look at all of their bytes.
fn tag(name: &[u8]) -> u16 {
    let at = |place: usize| name.get(place).map_or(0, |byte| u16::from(*byte));
    let length = name.len() as u16;
    length.wrapping_mul(0x1f3) ^ at(0) << 8 ^ at(name.len() / 2) << 4 ^ at(name.len().wrapping_sub(1))
}

/// Whether two texts are the same. What Rust links to compare bytes in a guest takes them one by one.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ((words, rest), (other_words, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    one.len() == other.len()
        && words.iter().zip(other_words).all(|(one, other)| u64::from_le_bytes(*one) == u64::from_le_bytes(*other))
        && rest.iter().zip(other_rest).all(|(one, other)| one == other)
}

/// One bit for a tag. Most names that rules ask an object for are not there, and most of those have a bit
/// that none of the object's names has.
fn mark(tag: u16) -> u32 {
    1 << ((tag ^ tag >> 5 ^ tag >> 10) & 31)
}

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeError {
    /// Where, in bytes.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The text ends before the value does.
    End,
    /// A byte that cannot begin a value.
    Value,
    /// A number that does not follow the grammar, such as `01` or `1.`.
    Number,
    /// A control character inside a string.
    Control,
    /// A backslash that begins no escape sequence.
    Escape,
    /// A `\u` escape that is half of a surrogate pair.
    Surrogate,
    /// An object member that does not begin with a string.
    Key,
    /// A member name without a colon after it.
    Colon,
    /// An element or a member that is followed by neither a comma nor the end.
    Separator,
    /// Something after the value.
    Trailing,
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// 1 GiB or longer.
    TooLong,
}

impl Problem {
    fn text(self) -> &'static str {
        match self {
            Problem::End => "the text ends inside a value",
            Problem::Value => "expected a value",
            Problem::Number => "malformed number",
            Problem::Control => "control character in a string",
            Problem::Escape => "malformed escape sequence",
            Problem::Surrogate => "half of a surrogate pair",
            Problem::Key => "expected a member name",
            Problem::Colon => "expected `:`",
            Problem::Separator => "expected `,` or the end of the list or object",
            Problem::Trailing => "unexpected text after the value",
            Problem::Depth => "nested too deeply",
            Problem::TooLong => "the text is too long",
        }
    }
}

impl fmt::Display for TapeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "not valid JSON at byte {}: {}", self.offset, self.problem.text())
    }
}

impl std::error::Error for TapeError {}

struct Parser<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    entries: Vec<Entry>,
    unescaped: String,
    has_unknown: bool,
    /// Lists and objects that are not closed yet.
    open: Vec<u32>,
}

impl Parser<'_> {
    fn fail<T>(&self, problem: Problem) -> Result<T, TapeError> {
        self.fail_at(self.at, problem)
    }

    fn fail_at<T>(&self, offset: usize, problem: Problem) -> Result<T, TapeError> {
        // Whatever was expected, at the end of the text the end is what is wrong.
        let problem = if offset >= self.bytes.len() { Problem::End } else { problem };
        Err(TapeError { offset, problem })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.entries.push(Entry { kind, tag: 0, start: start as u32, end: end as u32 });
    }

    /// The whole text: a value, and nothing after it.
    fn document(&mut self) -> Result<(), TapeError> {
        self.space();
        loop {
            if self.value()? {
                continue;
            }
            // A value is complete; close what it completes.
            loop {
                self.space();
                let Some(&container) = self.open.last() else {
                    return if self.at == self.bytes.len() { Ok(()) } else { self.fail(Problem::Trailing) };
                };
                let is_list = self.entries[container as usize].kind == Kind::List;
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.space();
                        if !is_list {
                            self.key(container)?;
                        }
                        break;
                    }
                    Some(b']') if is_list => self.close(container),
                    Some(b'}') if !is_list => self.close(container),
                    _ => return self.fail(Problem::Separator),
                }
            }
        }
    }

    /// One value. True when it opened a list or an object whose first element comes next.
    fn value(&mut self) -> Result<bool, TapeError> {
        match self.peek() {
            Some(b'"') => {
                self.string()?;
                Ok(false)
            }
            Some(b'{') => {
                let container = self.open(Kind::Map)?;
                if self.peek() == Some(b'}') {
                    self.close(container);
                    return Ok(false);
                }
                self.key(container)?;
                Ok(true)
            }
            Some(b'[') => {
                let container = self.open(Kind::List)?;
                if self.peek() == Some(b']') {
                    self.close(container);
                    return Ok(false);
                }
                Ok(true)
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| false),
            Some(b't') => self.literal("true", Kind::True),
            Some(b'f') => self.literal("false", Kind::False),
            Some(b'n') => self.literal("null", Kind::Null),
            _ => self.fail(Problem::Value),
        }
    }

    fn open(&mut self, kind: Kind) -> Result<u32, TapeError> {
        if self.open.len() == MAX_DEPTH {
            return self.fail(Problem::Depth);
        }
        let container = self.entries.len() as u32;
        self.push(kind, 0, 0);
        self.open.push(container);
        self.at += 1;
        self.space();
        Ok(container)
    }

    fn close(&mut self, container: u32) {
        self.at += 1;
        self.open.pop();
        self.entries[container as usize].end = self.entries.len() as u32;
    }

    /// A member name with its colon, up to where the value begins.
    fn key(&mut self, container: u32) -> Result<(), TapeError> {
        if self.peek() != Some(b'"') {
            return self.fail(Problem::Key);
        }
        self.string()?;
        if let Some(key) = self.entries.last_mut() {
            let range = key.start as usize..key.end as usize;
            let text = if key.kind == Kind::Escaped { self.unescaped.as_bytes() } else { self.bytes };
            let name = &text[range];
            let tag = tag(name);
            key.tag = tag;
            let container = &mut self.entries[container as usize];
            container.start |= mark(tag);
            if name == UNKNOWN.as_bytes() {
                container.kind = Kind::Unknown;
                self.has_unknown = true;
            }
        }
        self.space();
        if self.peek() != Some(b':') {
            return self.fail(Problem::Colon);
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn literal(&mut self, word: &str, kind: Kind) -> Result<bool, TapeError> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word.as_bytes()) {
            return self.fail(Problem::Value);
        }
        self.push(kind, self.at, end);
        self.at = end;
        Ok(false)
    }

    fn digits(&mut self) -> Result<(), TapeError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { self.fail(Problem::Number) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), TapeError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if let Some(b'0'..=b'9') = self.peek() {
                return self.fail(Problem::Number);
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        self.push(Kind::Number, start, self.at);
        Ok(())
    }

    /// Moves to the next byte that ends a run of plain characters.
    fn plain(&mut self) -> Result<u8, TapeError> {
        // Eight bytes at a time, as long as there is nothing but plain characters among them.
        while let Some(&chunk) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            let plain = plain_bytes(u64::from_le_bytes(chunk));
            self.at += plain;
            if plain < 8 {
                break;
            }
        }
        while let Some(byte) = self.peek() {
            match byte {
                b'"' | b'\\' => return Ok(byte),
                0..=0x1f => return self.fail(Problem::Control),
                _ => self.at += 1,
            }
        }
        self.fail(Problem::End)
    }

    fn string(&mut self) -> Result<(), TapeError> {
        self.at += 1;
        let mut run = self.at;
        if self.plain()? == b'"' {
            self.push(Kind::Plain, run, self.at);
            self.at += 1;
            return Ok(());
        }
        let start = self.unescaped.len();
        loop {
            // Runs begin and end beside ASCII characters, so these are character boundaries.
            self.unescaped.push_str(&self.text[run..self.at]);
            self.escape()?;
            run = self.at;
            if self.plain()? == b'"' {
                self.unescaped.push_str(&self.text[run..self.at]);
                self.at += 1;
                self.push(Kind::Escaped, start, self.unescaped.len());
                return Ok(());
            }
        }
    }

    /// An escape sequence, from its backslash on.
    fn escape(&mut self) -> Result<(), TapeError> {
        let start = self.at;
        let letter = self.bytes.get(start + 1).copied();
        self.at += 2;
        let character = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => self.code_point(start)?,
            _ => return self.fail_at(start + 1, Problem::Escape),
        };
        self.unescaped.push(character);
        Ok(())
    }

    fn code_point(&mut self, start: usize) -> Result<char, TapeError> {
        let first = self.hex()?;
        let scalar = match first {
            0xd800..=0xdbff => {
                if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                    return self.fail_at(start, Problem::Surrogate);
                }
                self.at += 2;
                let second = self.hex()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return self.fail_at(start, Problem::Surrogate);
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        match char::from_u32(scalar) {
            Some(character) => Ok(character),
            None => self.fail_at(start, Problem::Surrogate),
        }
    }

    fn hex(&mut self) -> Result<u32, TapeError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.fail(Problem::Escape);
            };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }
}

/// How many of eight bytes, from the lowest on, stand before the first one that ends a run of plain characters:
/// a quotation mark, a backslash or a control character.
///
/// In a word that has a byte below `n`, subtracting `n` from every byte borrows into the highest bit of that
/// byte, and the byte itself has not set it. A borrow may also mark a byte above a marked one, but none below
/// the first. A byte that equals another one is zero, so below one, after `xor`.
fn plain_bytes(word: u64) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let quotes = below(word ^ (ONES * u64::from(b'"')), 1);
    let backslashes = below(word ^ (ONES * u64::from(b'\\')), 1);
    let ends = (below(word, 0x20) | quotes | backslashes) & HIGHEST;
    ends.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::plain_bytes;

    #[test]
    fn the_first_byte_that_is_not_plain_is_found() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                for rest in [b'a', 0x20, 0x7f, 0x80, 0xff] {
                    for behind in [rest, 0, b'"', 0x21] {
                        let mut word = [rest; 8];
                        word[place..].fill(behind);
                        word[place] = byte;
                        let is_plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
                        let expected = word.iter().take_while(|byte| is_plain(byte)).count();
                        assert_eq!(plain_bytes(u64::from_le_bytes(word)), expected, "{word:?}");
                    }
                }
            }
        }
    }
}
