//! Values as the emitter of <https://github.com/zclconf/go-cty-yaml> writes them, which is libyaml's
//! (<https://github.com/yaml/libyaml/blob/master/src/emitter.c>): strings are quoted or, where they have
//! several lines, literal; long ones are broken at spaces.

use crate::budget::Budget;
use crate::value::{Data, Encoding, Known, Piece, Type, Unknown, Value};

use super::super::Failure;
use super::super::string::as_text;
use super::holes::HOLE;

/// A space behind this column is a place to break a line at.
const WIDTH: usize = 80;
/// Spaces for each level.
const INDENT: usize = 2;
/// Keys up to this length, in bytes, stand before a colon.
const LONGEST_KEY: usize = 128;

pub(super) fn encode(value: &Value, budget: &Budget) -> Result<String, Failure> {
    Ok(written(value, budget)?.0)
}

/// The text of a value in which something is not known, with a piece for each of these.
pub(super) fn encode_pieces(value: &Value, budget: &Budget) -> Result<Vec<Piece>, Failure> {
    let (text, holes) = written(value, budget)?;
    if text.matches(HOLE).count() != holes.len() {
        return Err(Failure::Unknown("the text has a character for private use".to_owned()));
    }
    let mut holes = holes.into_iter().map(Piece::Value);
    let mut pieces = Vec::new();
    for (index, known) in text.split(HOLE).enumerate() {
        if index > 0 {
            pieces.extend(holes.next());
        }
        pieces.push(Piece::Value(Value::string(known).with_place(value.place().clone())));
    }
    Ok(pieces)
}

/// The text, in which a [`HOLE`] stands for each of the values that are not known.
fn written(value: &Value, budget: &Budget) -> Result<(String, Vec<Value>), Failure> {
    let mut emitter =
        Emitter { out: String::new(), holes: Vec::new(), column: 0, whitespace: true, indention: true, budget };
    emitter.node(value, None, Place::Root)?;
    emitter.indent(0);
    // Behind a plain scalar alone it could go on.
    if !matches!(value.data(), Data::String(_)) && is_scalar(value) {
        emitter.put("...");
        emitter.line();
    }
    Ok((emitter.out, emitter.holes))
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    /// Of a mapping.
    Value,
    /// Before a colon.
    Key,
}

struct Emitter<'b> {
    out: String,
    holes: Vec<Value>,
    /// Characters on the line so far.
    column: usize,
    /// Whether the last character was a space or an indicator that needs none behind it.
    whitespace: bool,
    /// Whether nothing but indentation and indicators stands on the line.
    indention: bool,
    budget: &'b Budget,
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value.data(), Data::List(_) | Data::Set(_) | Data::Tuple(_) | Data::Map(_) | Data::Object(_))
}

impl Emitter<'_> {
    /// Recursion ends where values do: their depth is bounded. `indent` is that of the collection
    /// around, if there is one.
    fn node(&mut self, value: &Value, indent: Option<usize>, place: Place) -> Result<(), Failure> {
        match value.data() {
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                if value.raw_elements().is_empty() {
                    self.indicator("[", true, true, false);
                    self.indicator("]", false, false, false);
                    return Ok(());
                }
                // In a mapping, items stand below their key.
                let indent = match indent {
                    None => 0,
                    Some(indent) if place == Place::Value && !self.indention => indent,
                    Some(indent) => indent + INDENT,
                };
                for item in value.raw_elements() {
                    self.indent(indent);
                    self.indicator("-", true, false, true);
                    self.node(item, Some(indent), Place::Item)?;
                }
                Ok(())
            }
            Data::Map(_) | Data::Object(_) => {
                if value.raw_members().is_empty() {
                    self.indicator("{", true, true, false);
                    self.indicator("}", false, false, false);
                    return Ok(());
                }
                let indent = indent.map_or(0, |indent| indent + INDENT);
                for member in value.raw_members() {
                    self.indent(indent);
                    if member.key.len() <= LONGEST_KEY && !member.key.contains(is_break) {
                        self.string(&member.key, indent + INDENT, Place::Key)?;
                        self.indicator(":", false, false, false);
                    } else {
                        self.indicator("?", true, false, true);
                        self.string(&member.key, indent + INDENT, Place::Value)?;
                        self.indent(indent);
                        self.indicator(":", true, false, true);
                    }
                    self.node(&member.value, Some(indent), Place::Value)?;
                }
                Ok(())
            }
            Data::String(text) => self.string(text, indent.map_or(INDENT, |indent| indent + INDENT), place),
            Data::Unknown(_) => {
                self.indicator(&HOLE.to_string(), true, false, false);
                let known = Known::Encoded(Encoding::Yaml, Box::new(value.clone()));
                let text = Unknown::derived_from([value]).of_type(Type::String).not_null().with(known);
                self.holes.push(Value::unknown(text).with_place(value.place().clone()));
                self.spend(1)
            }
            _ => {
                let text = as_text(value).unwrap_or_else(|| "null".to_owned());
                self.indicator(&text, true, false, false);
                self.spend(text.len())
            }
        }
    }

    fn spend(&self, bytes: usize) -> Result<(), Failure> {
        Ok(self.budget.spend_bytes(bytes)?)
    }

    fn string(&mut self, text: &str, indent: usize, place: Place) -> Result<(), Failure> {
        // In the worst case each byte is an escape.
        self.spend(text.len().saturating_mul(2).saturating_add(indent))?;
        if text.contains('\n') && place != Place::Key && can_be_literal(text) {
            self.spend(text.matches('\n').count().saturating_mul(indent))?;
            self.literal(text, indent);
        } else {
            self.quoted(text, indent, place != Place::Key);
        }
        Ok(())
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.indicator("|", true, false, false);
        if text.starts_with([' ', '\n', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.put(&INDENT.to_string());
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next()) {
            (false, _) => self.put("-"),
            (true, Some(before)) if !is_break(before) => {}
            (true, _) => self.put("+"),
        }
        self.line();
        self.indention = true;
        self.whitespace = true;
        let mut at_break = true;
        for letter in text.chars() {
            if is_break(letter) {
                if letter == '\n' {
                    self.line();
                } else {
                    self.out.push(letter);
                    self.column = 0;
                }
                self.indention = true;
            } else {
                if at_break {
                    self.indent(indent);
                }
                self.write(letter);
                self.indention = false;
            }
            at_break = is_break(letter);
        }
    }

    fn quoted(&mut self, text: &str, indent: usize, may_break: bool) {
        self.indicator("\"", true, false, false);
        let mut letters = text.char_indices().peekable();
        let mut after_space = false;
        while let Some((at, letter)) = letters.next() {
            let is_space = letter == ' ';
            if is_space && may_break && !after_space && self.column > WIDTH && at > 0 && at < text.len() - 1 {
                self.indent(indent);
                if letters.peek().is_some_and(|(_, next)| *next == ' ') {
                    self.put("\\");
                }
            } else if is_printable(letter) && !is_break(letter) && !matches!(letter, '"' | '\\' | '\u{feff}') {
                self.write(letter);
            } else {
                self.put(&escape(letter));
            }
            after_space = is_space;
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes what structures the text, with a space before it if it needs one.
    fn indicator(&mut self, text: &str, needs_space: bool, is_whitespace: bool, is_indention: bool) {
        if needs_space && !self.whitespace {
            self.put(" ");
        }
        self.put(text);
        self.whitespace = is_whitespace;
        self.indention &= is_indention;
    }

    /// Goes to a column, on a new line if anything but indicators stands on this one.
    fn indent(&mut self, column: usize) {
        if !self.indention || self.column > column || (self.column == column && !self.whitespace) {
            self.line();
        }
        while self.column < column {
            self.put(" ");
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn write(&mut self, letter: char) {
        self.out.push(letter);
        self.column += 1;
    }
}

fn is_break(letter: char) -> bool {
    matches!(letter, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && letter != '\u{feff}'
}

/// Whether a text of several lines can stand as it is.
fn can_be_literal(text: &str) -> bool {
    let space_before_break = text.chars().zip(text.chars().skip(1)).any(|(first, then)| first == ' ' && is_break(then));
    !space_before_break && !text.ends_with(' ') && text.chars().all(is_printable)
}

fn escape(letter: char) -> String {
    let short = match letter {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        letter => {
            let code = u32::from(letter);
            return match code {
                ..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}
