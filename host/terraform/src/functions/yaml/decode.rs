//! From the events of a parser to values, as
//! <https://github.com/zclconf/go-cty-yaml/blob/main/decode.go> and `resolve.go` beside it do it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span as Marked, StrInput, Tag};

use crate::encoded::{self, Source, as_json};
use crate::value::{
    Element, Encoding, Known, MAX_DEPTH, Member, Number, NumberError, Piece, Type, Unknown, Value, convert,
};

use super::super::Failure;
use super::super::encoding::decode as decode_base64;
use super::holes::{self, BLOCK, HOLE};

/// The value of the text that the pieces are. Where a piece is unknown, so is the scalar that it is in, or what
/// else a collection has.
pub(super) fn decode(pieces: &[Piece]) -> Result<Value, Failure> {
    let unsure = || Failure::Unknown("the text has a character for private use".to_owned());
    let source = holes::source(pieces).ok_or_else(unsure)?;
    let offsets =
        if source.text.is_ascii() { Vec::new() } else { source.text.char_indices().map(|(at, _)| at).collect() };
    let parser = Parser::new_from_str(&source.text);
    let mut decoder = Decoder { parser, source: &source, offsets, anchors: HashMap::new() };
    let missing = || problem("missing start of document");
    match (decoder.next()?.0, decoder.next()?.0) {
        (Event::StreamStart, Event::DocumentStart(_)) => {}
        _ => return Err(missing()),
    }
    let (event, span) = decoder.next()?;
    // Terraform's scanner finds no token behind a tab at the beginning of a line.
    let before = source.text.get(..decoder.offset(span.start)).unwrap_or("");
    if before.rsplit('\n').next().is_some_and(|line| line.contains('\t') && line.trim().is_empty()) {
        return Err(problem("found character that cannot start any token"));
    }
    let value = decoder.node(event, span, 0)?;
    match (decoder.next()?.0, decoder.next()?.0) {
        (Event::DocumentEnd, Event::StreamEnd) => Ok(value),
        _ => Err(problem("unexpected extra content after value")),
    }
}

fn problem(message: impl Into<String>) -> Failure {
    Failure::argument(0, message)
}

struct Decoder<'t> {
    parser: Parser<'t, StrInput<'t>>,
    source: &'t Source<'t>,
    /// Where each character begins; empty for a text of ASCII.
    offsets: Vec<usize>,
    /// None for what is still being read.
    anchors: HashMap<usize, Option<Value>>,
}

impl<'t> Decoder<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Marked), Failure> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(problem(error.to_string())),
            None => Err(problem("unexpected end of the document")),
        }
    }

    /// The byte that a mark of the parser means.
    fn offset(&self, marker: Marker) -> usize {
        let end = self.source.text.len();
        match self.offsets.get(marker.index()) {
            Some(offset) => *offset,
            None if self.offsets.is_empty() => marker.index().min(end),
            None => end,
        }
    }

    fn node(&mut self, event: Event<'t>, span: Marked, depth: u16) -> Result<Value, Failure> {
        if depth > MAX_DEPTH {
            return Ok(Value::limit(format!("YAML that is nested more than {MAX_DEPTH} levels deep, the limit")));
        }
        let start = self.offset(span.start);
        match event {
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(Some(value)) => Ok(value.clone()),
                Some(None) => Err(problem("cannot refer to an anchor from inside its own definition")),
                None => Err(problem("reference to undefined anchor")),
            },
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), span)?;
                Ok(self.anchored(anchor, value))
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq", "sequence")?;
                self.anchors.insert(anchor, None);
                let (value, end) = self.sequence(start, depth)?;
                let value = value.with_place(self.source.place(start, end.max(start)));
                Ok(self.anchored(anchor, value))
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map", "mapping")?;
                self.anchors.insert(anchor, None);
                let (value, end) = self.mapping(depth)?;
                let value = value.with_place(self.source.place(start, end.max(start)));
                Ok(self.anchored(anchor, value))
            }
            _ => Err(problem("a value is expected")),
        }
    }

    /// Returns also where it ends.
    fn sequence(&mut self, start: usize, depth: u16) -> Result<(Value, usize), Failure> {
        // In brackets, a hole may stand for several elements with their commas.
        let in_brackets = self.source.text[start..].starts_with('[');
        let mut elements: Vec<Element> = Vec::new();
        let mut several: Vec<Value> = Vec::new();
        let end = loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                break self.offset(span.end);
            }
            let hole = match &event {
                Event::Scalar(text, ScalarStyle::Plain, ..) => self.whole_hole(text, span),
                _ => None,
            };
            let is_block = matches!(&event, Event::Scalar(text, ..) if text.contains(BLOCK));
            let value = self.node(event, span, depth + 1)?;
            let certain = match hole {
                Some(hole) if is_block || (in_brackets && matches!(hole.ty(), Type::String | Type::Dynamic)) => {
                    several.push(hole);
                    false
                }
                _ => true,
            };
            elements.push(Element { value, certain });
        };
        if several.is_empty() {
            return Ok((Value::tuple(elements.into_iter().map(|element| element.value).collect()), end));
        }
        let known = Known::Elements { elements: elements.into(), open: true };
        Ok((Value::unknown(Unknown::derived_from(&several).not_null().with(known)), end))
    }

    /// The hole that a scalar consists of.
    fn whole_hole(&self, text: &str, span: Marked) -> Option<Value> {
        let mut letters = text.chars();
        let (Some(HOLE | BLOCK), None) = (letters.next(), letters.next()) else { return None };
        let start = self.offset(span.start);
        let at = self.source.text.get(start..)?.find([HOLE, BLOCK])?;
        self.source.hole(start + at).cloned()
    }

    /// Anchor zero is none.
    fn anchored(&mut self, anchor: usize, value: Value) -> Value {
        if anchor != 0 {
            self.anchors.insert(anchor, Some(value.clone()));
        }
        value
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Marked) -> Result<Value, Failure> {
        let (start, end) = (self.offset(span.start), self.offset(span.end));
        let place = self.source.place(start, end);
        if !text.contains([HOLE, BLOCK]) {
            return Ok(resolve_scalar(text, style, tag)?.with_place(place));
        }
        if let Some(hole) = self.whole_hole(text, span) {
            return match style {
                ScalarStyle::Plain if text.contains(HOLE) => plain_hole(&hole),
                ScalarStyle::Plain => Ok(Value::unknown(Unknown::derived_from([&hole])).with_place(place)),
                _ => Ok(hole),
            };
        }
        // The holes of the scalar are those of its part of the text, in order.
        let written = self.source.text.get(start..end).unwrap_or("");
        let holes = written.match_indices(HOLE).filter_map(|(at, _)| self.source.hole(start + at));
        let mut holes: Vec<Value> = holes.cloned().collect();
        let unknown = Unknown::derived_from(&holes);
        // Digits with a hole in them may be a number.
        let is_text =
            style != ScalarStyle::Plain || text.contains(|letter: char| letter.is_alphabetic() && letter != HOLE);
        let mut pieces = Vec::new();
        for (index, literal) in text.split(HOLE).enumerate() {
            if index > 0 && !holes.is_empty() {
                pieces.push(Piece::Value(holes.remove(0)));
            }
            if !literal.is_empty() {
                pieces.push(Piece::Value(Value::string(literal).with_place(place.clone())));
            }
        }
        let unknown = match is_text {
            true => unknown.of_type(Type::String).not_null().with(Known::Pieces(pieces.into())),
            false => unknown,
        };
        Ok(Value::unknown(unknown).with_place(place))
    }

    /// What comes later counts, also what `<<` brings in. Returns also where it ends.
    fn mapping(&mut self, depth: u16) -> Result<(Value, usize), Failure> {
        let mut members: BTreeMap<Arc<str>, Member> = BTreeMap::new();
        let mut unknown: Vec<Value> = Vec::new();
        let end = loop {
            let (text, style, tag, anchor, span) = match self.next()? {
                (Event::MappingEnd, span) => break self.offset(span.end),
                (Event::Scalar(text, style, anchor, tag), span) => (text, style, tag, anchor, span),
                _ => return Err(problem("only strings are allowed as mapping keys")),
            };
            let key = self.scalar(&text, style, tag.as_deref(), span)?;
            self.anchored(anchor, key.clone());
            if key.is_null() {
                return Err(problem("mapping key cannot be null"));
            }
            let (event, value_span) = self.next()?;
            let value = self.node(event, value_span, depth + 1)?;
            if key.is_unknown() {
                unknown.push(key);
                continue;
            }
            let key = convert(&key, &Type::String).map_err(|_| problem("only strings are allowed as mapping keys"))?;
            let name: Arc<str> = key.as_str().unwrap_or("").into();
            if &*name != "<<" {
                let key_span = key.place().location();
                members.insert(name.clone(), Member { key: name, key_span, value });
                continue;
            }
            match value.ty() {
                Type::Object(_) => members.extend(value.members().map(|member| (member.key.clone(), member))),
                _ if value.is_unknown() => unknown.push(value),
                ty => return Err(problem(format!("cannot merge {ty} into mapping"))),
            }
        };
        let object = Value::object(members.into_values().collect());
        if unknown.is_empty() || object.as_limit().is_some() {
            return Ok((object, end));
        }
        let attributes = object.raw_members().iter().cloned().collect();
        let whole = Unknown::derived_from(&unknown).not_null().with(Known::Attributes(attributes));
        Ok((Value::unknown(whole), end))
    }
}

const CORE: &str = "tag:yaml.org,2002:";

/// What an interpolation gives that stands in the place of a plain scalar.
fn plain_hole(hole: &Value) -> Result<Value, Failure> {
    let Some(unknown) = hole.as_unknown() else { return Ok(hole.clone()) };
    match &unknown.known {
        Known::Encoded(Encoding::Yaml | Encoding::Json, _) => {
            Ok(encoded::yaml(hole).unwrap_or_else(|| Value::unknown(unknown.derived())))
        }
        // A word may be more than a text.
        Known::Any(values) => {
            let resolved = values.iter().map(|value| match value.as_str() {
                Some(text) => Ok(resolve_scalar(text.trim(), ScalarStyle::Plain, None)?.like(value)),
                None => Ok(as_json(value)),
            });
            Ok(hole.child(&Value::one_of(&unknown.derived(), resolved.collect::<Result<_, Failure>>()?)))
        }
        _ => Ok(as_json(hole)),
    }
}

/// The name of a standard type, or of another one.
enum TagName<'t> {
    None,
    Core(&'t str),
    Other,
}

fn tag_name(tag: Option<&Tag>) -> TagName<'_> {
    match tag {
        None => TagName::None,
        Some(tag) if tag.handle == CORE => TagName::Core(&tag.suffix),
        Some(tag) if tag.handle.is_empty() => tag.suffix.strip_prefix(CORE).map_or(TagName::Other, TagName::Core),
        Some(_) => TagName::Other,
    }
}

fn check_tag(tag: Option<&Tag>, expected: &str, what: &str) -> Result<(), Failure> {
    match tag_name(tag) {
        TagName::None => Ok(()),
        TagName::Core(name) if name == expected => Ok(()),
        _ => Err(problem(format!("can't interpret {what} as another type"))),
    }
}

fn resolve_scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Failure> {
    let name = match tag_name(tag) {
        TagName::None => "",
        TagName::Core(name @ ("str" | "bool" | "int" | "float" | "null" | "timestamp" | "binary")) => name,
        TagName::Core(_) | TagName::Other => return Err(problem("unsupported tag of a scalar")),
    };
    // Only plain scalars are more than a string, whatever their tag says.
    if style == ScalarStyle::Plain && !matches!(name, "str" | "binary") {
        if let Some(value) = resolve(text, name)? {
            return Ok(value);
        }
    } else if name != "binary" {
        return Ok(Value::string(text));
    }
    let unusable = |what: &str| problem(format!("cannot parse {text:?} as {CORE}{name}{what}"));
    match name {
        "int" | "float" => go_number(&text.replace('_', "")).map(Value::number).ok_or_else(|| unusable("")),
        "bool" | "timestamp" => Err(unusable("")),
        "null" => Ok(Value::null()),
        "binary" if decode_base64(text).is_none() => Err(unusable(": not valid base64")),
        _ => Ok(Value::string(text)),
    }
}

/// A number that says of what kind it is may also be one of Go's.
fn go_number(text: &str) -> Option<Number> {
    if let Ok(number) = Number::parse(text) {
        return Some(number);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, base) = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, base)| Some((lower.strip_prefix(prefix)?, base)))?;
    Number::parse_integer(&format!("{sign}{}", unsigned(digits)), base).ok()
}

/// What a plain scalar is, if not a string.
fn resolve(text: &str, name: &str) -> Result<Option<Value>, Failure> {
    let infinity = |text: &str| Number::parse(text).map(|number| Some(Value::number(number)));
    let known = match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(Value::bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::bool(false))
        }
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::null()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => infinity("inf")?,
        "-.inf" | "-.Inf" | "-.INF" => infinity("-inf")?,
        ".nan" | ".NaN" | ".NAN" => return Err(problem("floating point NaN is not supported")),
        _ => None,
    };
    if known.is_some() {
        return Ok(known);
    }
    if matches!(name, "" | "timestamp")
        && let Some(time) = timestamp(text)
    {
        return Ok(Some(Value::string(time)));
    }
    let number = if let Some(digits) = text.strip_prefix("0x") {
        Number::parse_integer(&unsigned(digits), 16)
    } else if let Some(digits) = text.strip_prefix("0o") {
        Number::parse_integer(&unsigned(digits), 8)
    } else if is_number(text) {
        Number::parse(text)
    } else {
        return Ok(None);
    };
    match number {
        Ok(number) => Ok(Some(Value::number(number))),
        Err(NumberError::TooLarge) => Ok(Some(Value::unknown(Unknown::new(NumberError::TooLarge.to_string())))),
        Err(_) => Ok(None),
    }
}

/// Digits that may not have a sign.
fn unsigned(digits: &str) -> String {
    if digits.starts_with(['+', '-']) { String::new() } else { digits.to_owned() }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let enough = !whole.is_empty() || mantissa.len() > 1;
    enough && digits(whole) && digits(fraction) && !exponent.is_empty() && digits(exponent)
}

/// A date, or a date and a time, as RFC 3339 writes it; the forms that
/// <https://github.com/zclconf/go-cty-yaml/blob/main/resolve.go> allows.
fn timestamp(text: &str) -> Option<String> {
    let (year, rest) = text.split_once('-')?;
    let (month, rest) = rest.split_once('-')?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (day, time) = rest.split_at(end);
    let number = |digits: &str, lengths: std::ops::RangeInclusive<usize>| {
        let valid = lengths.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if valid { digits.parse::<i16>().ok() } else { None }
    };
    let small = |digits: &str| i8::try_from(number(digits, 1..=2)?).ok();
    let date = Date::new(number(year, 4..=4)?, small(month)?, small(day)?).ok()?;
    let date = format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
    if time.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let zoned = time.starts_with(['T', 't']);
    let clock = time.strip_prefix(['T', 't', ' '])?;
    let clock_end = clock.find(|letter: char| !matches!(letter, '0'..='9' | ':' | '.')).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(clock_end);
    let mut parts = clock.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let (hour, minute, second) = (small(hour)?, small(minute)?, small(second)?);
    let in_range = hour < 24 && minute < 60 && second < 60;
    if !in_range || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let zone = match (zoned, zone) {
        (false, "") | (true, "Z") => "Z",
        (true, zone) => {
            let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
            let in_range = number(hours, 2..=2)? <= 24 && number(minutes, 2..=2)? < 60;
            match (in_range, hours, minutes) {
                (true, "00", "00") => "Z",
                (true, _, _) => zone,
                (false, _, _) => return None,
            }
        }
        (false, _) => return None,
    };
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{zone}"))
}
