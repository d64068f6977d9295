//! `format` and `formatlist`, whose verbs are those of cty
//! (<https://github.com/zclconf/go-cty/blob/main/cty/function/stdlib/format.go>): numbers are written as
//! Go's `fmt` writes them, widths are counted in characters.

use crate::value::{Data, Encoding, Known, Number, NumberForm, Piece, Type, Unknown, Value, convert};

use super::string::of_pieces;
use super::text::clusters;
use super::{Call, Failure, json};

pub(super) fn format(call: &Call<'_>) -> Result<Value, Failure> {
    let arguments = call.arguments.get(1..).unwrap_or_default();
    refuse_untyped_null(arguments)?;
    format_one(call, call.string(0)?, arguments)
}

/// Terraform 1.11 never says what comes of a `null` that has no type.
fn refuse_untyped_null(arguments: &[Value]) -> Result<(), Failure> {
    match arguments.iter().any(|argument| matches!(argument.data(), Data::Null(Type::Dynamic))) {
        true => Err(Failure::Unknown("a null value is formatted".to_owned())),
        false => Ok(()),
    }
}

pub(super) fn formatlist(call: &Call<'_>) -> Result<Value, Failure> {
    let (format, arguments) = (call.string(0)?, call.arguments.get(1..).unwrap_or_default());
    refuse_untyped_null(arguments)?;
    let ty = Type::list(Type::String);
    let mut length: Option<(usize, usize)> = None;
    let mut unknown = false;
    for (index, argument) in arguments.iter().enumerate() {
        let own = match (argument.data(), argument.ty()) {
            (Data::List(_) | Data::Set(_) | Data::Tuple(_), _) => argument.length(),
            (Data::Unknown(_), Type::Tuple(types)) => {
                unknown = true;
                Some(types.len())
            }
            (Data::Unknown(_), Type::List(_) | Type::Set(_) | Type::Dynamic) => {
                unknown = true;
                None
            }
            _ => None,
        };
        match (length, own) {
            (Some((chooser, length)), Some(own)) if length != own => {
                return Err(Failure::argument(
                    index + 1,
                    format!(
                        "argument {} has length {own}, which is inconsistent with argument {} of length {length}",
                        index + 1,
                        chooser + 1
                    ),
                ));
            }
            (None, Some(own)) => length = Some((index, own)),
            _ => {}
        }
    }
    if unknown {
        return Ok(call.unknown(ty));
    }
    let mut results = Vec::new();
    for iteration in 0..length.map_or(1, |(_, length)| length) {
        call.spend(arguments.len())?;
        let chosen: Vec<Value> =
            arguments.iter().map(|argument| argument.element(iteration).unwrap_or_else(|| argument.clone())).collect();
        results.push(format_one(call, format, &chosen).map_err(|failure| match failure {
            Failure::Error(error) if !error.limit && length.is_some() => {
                Failure::new(format!("error on format iteration {iteration}: {error}"))
            }
            other => other,
        })?);
    }
    Ok(Value::list(Type::String, results))
}

/// A sequence behind `%`.
#[derive(Default)]
struct Verb<'f> {
    /// From the percent sign to the letter.
    raw: &'f str,
    offset: usize,
    letter: char,
    zero: bool,
    sharp: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
    argument: Option<usize>,
}

fn format_one(call: &Call<'_>, format: &str, arguments: &[Value]) -> Result<Value, Failure> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut text = String::new();
    let mut rest = format;
    let (mut next, mut highest) = (0, 0);
    while let Some(percent) = rest.find('%') {
        text.push_str(&rest[..percent]);
        rest = &rest[percent..];
        if let Some(behind) = rest.strip_prefix("%%") {
            text.push('%');
            rest = behind;
            continue;
        }
        let verb = read_verb(rest, format.len() - rest.len())?;
        rest = &rest[verb.raw.len()..];
        let index = verb.argument.unwrap_or(next + 1);
        next = index;
        highest = highest.max(index);
        let Some(argument) = index.checked_sub(1).and_then(|index| arguments.get(index)) else {
            return Err(Failure::new(format!(
                "not enough arguments for {:?} at {}: need index {index} but have {} total",
                verb.raw,
                verb.offset,
                arguments.len()
            )));
        };
        if argument.is_wholly_known() {
            let formatted = verb.format(call, argument)?;
            call.context.budget.spend_bytes(formatted.len())?;
            text.push_str(&formatted);
        } else {
            if !text.is_empty() {
                pieces.push(Piece::Value(Value::string(std::mem::take(&mut text))));
            }
            pieces.push(Piece::Value(verb.unknown(argument)));
        }
    }
    text.push_str(rest);
    if highest < arguments.len() {
        let used = match highest {
            0 => "no verbs in format string".to_owned(),
            highest => format!("only {highest} used by format string"),
        };
        return Err(Failure::argument(highest + 1, format!("too many arguments; {used}")));
    }
    if pieces.is_empty() {
        return call.text(text);
    }
    if !text.is_empty() {
        pieces.push(Piece::Value(Value::string(text)));
    }
    Ok(of_pieces(call, pieces))
}

/// Flags, width, precision, index of the argument, letter: in this order.
fn read_verb(text: &str, offset: usize) -> Result<Verb<'_>, Failure> {
    let mut verb = Verb { offset, ..Verb::default() };
    let mut rest = &text[1..];
    loop {
        match rest.bytes().next() {
            Some(b'0') => verb.zero = true,
            Some(b'#') => verb.sharp = true,
            Some(b'+') => verb.plus = true,
            Some(b'-') => verb.minus = true,
            Some(b' ') => verb.space = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    (verb.width, rest) = read_number(rest);
    if let Some(behind) = rest.strip_prefix('.') {
        (verb.precision, rest) = read_number(behind);
        verb.precision = verb.precision.or(Some(0));
    }
    if let Some(behind) = rest.strip_prefix('[') {
        (verb.argument, rest) = read_number(behind);
        rest = match (verb.argument, rest.strip_prefix(']')) {
            (Some(1..), Some(behind)) => behind,
            _ => return Err(unrecognized(text, rest, offset)),
        };
    }
    match rest.chars().next() {
        Some(letter) if letter.is_ascii_alphabetic() => {
            verb.letter = letter;
            verb.raw = &text[..text.len() - rest.len() + letter.len_utf8()];
            Ok(verb)
        }
        _ => Err(unrecognized(text, rest, offset)),
    }
}

fn unrecognized(text: &str, rest: &str, offset: usize) -> Failure {
    match rest.chars().next() {
        Some(letter) => {
            let offset = offset + text.len() - rest.len();
            Failure::new(format!("unrecognized format character {letter:?} at offset {offset}"))
        }
        None => Failure::new(format!("invalid format string starting at offset {offset}")),
    }
}

/// What no `usize` can hold is as good as the greatest one: the budget refuses both.
fn read_number(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (if digits.is_empty() { None } else { Some(digits.parse().unwrap_or(usize::MAX)) }, rest)
}

impl Verb<'_> {
    fn unsupported(&self, why: impl std::fmt::Display) -> Failure {
        Failure::new(format!("unsupported value for {:?} at {}: {why}", self.raw, self.offset))
    }

    fn format(&self, call: &Call<'_>, argument: &Value) -> Result<String, Failure> {
        let padding = self.width.unwrap_or(0).saturating_add(self.precision.unwrap_or(0));
        call.context.budget.spend_bytes(padding)?;
        if argument.is_null() && self.letter != 'v' {
            return Err(self.unsupported("null value cannot be formatted"));
        }
        let converted = |ty: Type| convert(argument, &ty).map_err(|error| self.unsupported(error));
        match self.letter {
            'v' => match argument.data() {
                Data::String(text) if !self.sharp => Ok(self.pad(text)),
                Data::Number(number) if !self.sharp => Ok(self.pad(&number.to_text(NumberForm::General, None))),
                _ => Ok(self.pad(&json::encode(argument).map_err(|why| self.unsupported(why))?)),
            },
            't' => Ok(converted(Type::Bool)?.as_bool().unwrap_or(false).to_string()),
            's' | 'q' => {
                let value = converted(Type::String)?;
                let text = value.as_str().unwrap_or("");
                let kept: String = match self.precision {
                    Some(precision @ 1..) => clusters(text).take(precision).collect(),
                    _ => text.to_owned(),
                };
                Ok(self.pad(&if self.letter == 'q' { json::quoted(&kept) } else { kept }))
            }
            'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => {
                let value = converted(Type::Number)?;
                let number = value.as_number().ok_or_else(|| self.unsupported("a number is required"))?;
                if matches!(self.letter, 'b' | 'd' | 'o' | 'x' | 'X') {
                    self.integer(number)
                } else {
                    Ok(self.float(number))
                }
            }
            letter => Err(Failure::new(format!(
                "unsupported format verb {letter:?} in {:?} at offset {}",
                self.raw, self.offset
            ))),
        }
    }

    /// The piece of the text that an unknown argument makes.
    fn unknown(&self, argument: &Value) -> Value {
        let same = self.width.is_none() && self.precision.is_none() && !self.sharp && !self.plus && !self.space;
        let plain = match (self.letter, argument.ty()) {
            ('s', ty) => ty.is_primitive() || ty == Type::Dynamic,
            ('v', Type::String) | ('d', Type::Number) => true,
            _ => false,
        };
        match convert(argument, &Type::String) {
            Ok(text) if same && plain => text,
            _ => {
                let known = match argument.as_unknown() {
                    None if self.letter == 'v' && same => Known::Encoded(Encoding::Json, Box::new(argument.clone())),
                    _ => Known::Nothing,
                };
                let unknown = Unknown::derived_from([argument]).of_type(Type::String).not_null().with(known);
                Value::unknown(unknown).like(argument)
            }
        }
    }

    fn pad(&self, text: &str) -> String {
        let Some(missing) = self.width.and_then(|width| width.checked_sub(clusters(text).count())) else {
            return text.to_owned();
        };
        let padding = if self.zero { "0" } else { " " }.repeat(missing);
        if self.minus { format!("{text}{padding}") } else { format!("{padding}{text}") }
    }

    /// As <https://pkg.go.dev/math/big#Int.Format>.
    fn integer(&self, number: &Number) -> Result<String, Failure> {
        let base = match self.letter {
            'b' => 2,
            'o' => 8,
            'x' | 'X' => 16,
            _ => 10,
        };
        let digits = number.to_radix(base).ok_or_else(|| self.unsupported("an integer is required"))?;
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => (self.positive_sign(), &*digits),
        };
        let digits = if self.letter == 'X' { digits.to_ascii_uppercase() } else { digits.to_owned() };
        let prefix = match (self.sharp, self.letter) {
            (true, 'b') => "0b",
            (true, 'o') => "0",
            (true, 'x') => "0x",
            (true, 'X') => "0X",
            _ => "",
        };
        if digits == "0" && self.precision == Some(0) {
            return Ok(String::new());
        }
        let mut zeros = self.precision.unwrap_or(0).saturating_sub(digits.len());
        let length = sign.len() + prefix.len() + zeros + digits.len();
        let missing = self.width.unwrap_or(0).saturating_sub(length);
        let (mut left, mut right) = (0, 0);
        if self.minus {
            right = missing;
        } else if self.zero && self.precision.is_none() {
            zeros += missing;
        } else {
            left = missing;
        }
        Ok([&*" ".repeat(left), sign, prefix, &"0".repeat(zeros), &digits, &" ".repeat(right)].concat())
    }

    /// As <https://pkg.go.dev/math/big#Float.Format>.
    fn float(&self, number: &Number) -> String {
        let (form, default) = match self.letter {
            'e' | 'E' => (NumberForm::Exponent, Some(6)),
            'f' => (NumberForm::Fixed, Some(6)),
            _ => (NumberForm::General, None),
        };
        let mut text = number.to_text(form, self.precision.or(default));
        if matches!(self.letter, 'E' | 'G') && !number.is_infinite() {
            text.make_ascii_uppercase();
        }
        let (sign, digits) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
            (Some(digits), _) => ("-", digits),
            (None, Some(digits)) => (if self.space { " " } else { "+" }, digits),
            (None, None) => (self.positive_sign(), &*text),
        };
        let missing = self.width.unwrap_or(0).saturating_sub(sign.len() + digits.len());
        if self.minus {
            format!("{sign}{digits}{}", " ".repeat(missing))
        } else if self.zero && !number.is_infinite() {
            format!("{sign}{}{digits}", "0".repeat(missing))
        } else {
            format!("{}{sign}{digits}", " ".repeat(missing))
        }
    }

    fn positive_sign(&self) -> &'static str {
        match (self.plus, self.space) {
            (true, _) => "+",
            (false, true) => " ",
            (false, false) => "",
        }
    }
}
