//! JSON as Terraform writes and reads it: `jsonencode`, `jsondecode`.
//!
//! Writing follows cty's and Go's encoders
//! (<https://github.com/zclconf/go-cty/blob/main/cty/json/marshal.go>,
//! <https://pkg.go.dev/encoding/json#Marshal>), to the byte: `<`, `>` and `&` are escaped. Reading gives
//! objects and tuples, like everything that is decoded.

use std::ops::Range;
use std::sync::Arc;

use verdikt_model::Span;

use crate::value::{Data, Encoding, Known, Member, Number, NumberError, Origin, Text, Type, Unknown, Value};

use super::structure::{decoded, deepest};
use super::{Call, Failure};

pub(super) fn jsonencode(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    let marks = value.marks_within();
    call.spend(usize::try_from(value.weight()).unwrap_or(usize::MAX))?;
    if !value.is_wholly_known() {
        let known = Known::Encoded(Encoding::Json, Box::new(value.clone()));
        let unknown = Unknown::derived_from(call.arguments).of_type(Type::String).not_null().with(known);
        return Ok(Value::unknown(unknown).with_marks(marks));
    }
    let text = encode(value).map_err(Failure::new)?;
    call.context.budget.spend_bytes(text.len())?;
    Ok(Value::text(Text::with_origin(text, Origin::Encoded(Encoding::Json, value.clone()))).with_marks(marks))
}

pub(super) fn jsondecode(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    call.spend(value.as_str().map_or(1, str::len) / 16)?;
    match (value.as_unknown().map(|unknown| &unknown.known), value.as_text().map(Text::origin)) {
        (Some(Known::Encoded(Encoding::Json, inner)), _) => return Ok(decoded(inner)),
        (None, Some(Origin::Encoded(Encoding::Json, inner))) => return Ok(decoded(inner)),
        (Some(_), _) => return Ok(call.unknown(Type::Dynamic)),
        _ => {}
    }
    match parse(call.string(0)?, &|_| None) {
        Ok(value) => Ok(value),
        Err(JsonError { message, too_deep: true, .. }) => Ok(Value::limit(message)),
        Err(JsonError { message, .. }) => Err(Failure::argument(0, message)),
    }
}

/// The compact JSON text of a known value.
pub(super) fn encode(value: &Value) -> Result<String, &'static str> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

/// Recursion ends where values do: their depth is bounded.
fn write(value: &Value, out: &mut String) -> Result<(), &'static str> {
    match value.data() {
        Data::Null(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) if number.is_infinite() => return Err("cannot serialize infinity as JSON"),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => write_string(text, out),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            out.push('[');
            for (index, item) in value.raw_elements().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Data::Map(_) | Data::Object(_) => {
            out.push('{');
            for (index, member) in value.raw_members().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(&member.key, out);
                out.push(':');
                write(&member.value, out)?;
            }
            out.push('}');
        }
        Data::Unknown(_) => return Err("value is not known"),
    }
    Ok(())
}

/// A string as JSON.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_string(text, &mut out);
    out
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub message: String,
    /// Bytes from the beginning of the text.
    pub offset: usize,
    /// It is more than the limit allows.
    pub too_deep: bool,
}

/// Reads a JSON text as `jsondecode` does. `place` tells the place of a range of the text.
pub(crate) fn parse(text: &str, place: &dyn Fn(Range<usize>) -> Option<Span>) -> Result<Value, JsonError> {
    let mut parser = Parser { text, at: 0, place };
    let value = parser.value(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error("extraneous data after JSON value"));
    }
    Ok(value)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    place: &'t dyn Fn(Range<usize>) -> Option<Span>,
}

impl Parser<'_> {
    fn error(&self, message: &str) -> JsonError {
        let message = format!("{message} (at offset {})", self.at);
        JsonError { message, offset: self.at, too_deep: false }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// What comes next was not expected.
    fn unexpected(&self, expected: &str) -> JsonError {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(letter) => self.error(&format!("invalid character {letter:?}; expected {expected}")),
            None => self.error(&format!("unexpected end of JSON text; expected {expected}")),
        }
    }

    fn value(&mut self, depth: u16) -> Result<Value, JsonError> {
        if depth > deepest() {
            let message = format!("JSON text that is nested more than {} levels deep, the limit", deepest());
            return Err(JsonError { message, offset: self.at, too_deep: true });
        }
        self.skip_space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::string(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(match (self.place)(start..self.at) {
            Some(span) => value.at(span),
            None => value,
        })
    }

    fn word(&mut self) -> Result<Value, JsonError> {
        let words = [("true", Value::bool(true)), ("false", Value::bool(false)), ("null", Value::null())];
        for (word, value) in words {
            if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.unexpected("a value"))
    }

    fn array(&mut self, depth: u16) -> Result<Value, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Ok(Value::tuple(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::tuple(items));
            }
            if !self.take(b',') {
                return Err(self.unexpected("a comma or the end of the array"));
            }
        }
    }

    fn object(&mut self, depth: u16) -> Result<Value, JsonError> {
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(Value::object(members));
        }
        loop {
            self.skip_space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a string as the name of a property"));
            }
            let key: Arc<str> = self.string()?.into();
            let key_span = (self.place)(start..self.at);
            self.skip_space();
            if !self.take(b':') {
                return Err(self.unexpected("a colon"));
            }
            let value = self.value(depth + 1)?;
            members.push(Member { key, key_span, value });
            self.skip_space();
            if self.take(b'}') {
                return self.finished(members);
            }
            if !self.take(b',') {
                return Err(self.unexpected("a comma or the end of the object"));
            }
        }
    }

    /// Of several properties of one name the last counts, if all are of one type
    /// (<https://github.com/zclconf/go-cty/blob/main/cty/json/type_implied.go>).
    fn finished(&self, mut members: Vec<Member>) -> Result<Value, JsonError> {
        members.sort_by(|a, b| a.key.cmp(&b.key));
        let clash = members.windows(2).find(|pair| {
            let [first, second] = pair else { return false };
            first.key == second.key && first.value.ty() != second.value.ty()
        });
        match clash {
            Some(pair) => Err(self.error(&format!("duplicate {:?} property in JSON object", &*pair[0].key))),
            None => Ok(Value::object(members)),
        }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        match Number::parse(&self.text[start..self.at]) {
            Ok(number) => Ok(Value::number(number)),
            Err(NumberError::TooLarge) => {
                Ok(Value::unknown(Unknown::new(NumberError::TooLarge.to_string()).of_type(Type::Number).not_null()))
            }
            Err(error) => Err(self.error(&error.to_string())),
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|letter: char| matches!(letter, '"' | '\\' | '\0'..='\u{1f}')).unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(_) => return Err(self.unexpected("no control character in a string")),
                None => return Err(self.unexpected("the end of the string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let letter = match self.peek() {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.unexpected("an escape character")),
        };
        self.at += 1;
        Ok(letter)
    }

    /// Halves of pairs that stand alone become replacement characters.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let unit = self.unit()?;
        if (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with("\\u") {
            let before = self.at;
            self.at += 1;
            let low = self.unit()?;
            if (0xdc00..0xe000).contains(&low) {
                let letter = char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                return Ok(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// `u` and four digits.
    fn unit(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.unexpected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(unit)
    }
}
