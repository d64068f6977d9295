//! Functions of strings, regular expressions and `format` excepted.

use crate::value::{Data, Encoding, Known, Piece, Type, Unknown, Value};

use super::pattern::{Pattern, replace_all};
use super::sequence::gather;
use super::text::{clusters, to_lower, to_title, to_upper};
use super::{Call, Failure, yaml};

pub(super) fn chomp(call: &Call<'_>) -> Result<Value, Failure> {
    if let Some(kept) = encoding(call.get(0)?) {
        return Ok(kept);
    }
    call.text(call.string(0)?.trim_end_matches(['\r', '\n']).to_owned())
}

pub(super) fn endswith(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(Value::bool(call.string(0)?.ends_with(call.string(1)?)))
}

/// A text of which only the beginning is known may be enough.
pub(super) fn startswith(call: &Call<'_>) -> Result<Value, Failure> {
    let (value, prefix) = (call.get(0)?, call.get(1)?);
    let (Some(prefix), false) = (prefix.as_str(), value.is_null()) else { return Ok(call.unknown(Type::Bool)) };
    let beginning = match value.as_unknown().map(|unknown| &unknown.known) {
        None => return Ok(Value::bool(call.string(0)?.starts_with(prefix))),
        Some(Known::Pieces(pieces)) => match pieces.first() {
            Some(Piece::Literal(literal)) => &*literal.text,
            Some(Piece::Value(value)) => value.as_str().unwrap_or(""),
            None => "",
        },
        Some(_) => "",
    };
    Ok(if beginning.starts_with(prefix) {
        Value::bool(true)
    } else if !prefix.starts_with(beginning) {
        Value::bool(false)
    } else {
        call.unknown(Type::Bool)
    })
}

pub(super) fn strcontains(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(Value::bool(call.string(0)?.contains(call.string(1)?)))
}

pub(super) fn indent(call: &Call<'_>) -> Result<Value, Failure> {
    let (spaces, text) = (call.integer(0)?, call.get(1)?);
    let spaces = usize::try_from(spaces).map_err(|_| Failure::argument(0, "negative number of spaces"))?;
    let indented = |text: &str| {
        // The padding is made once, also where there is no line to pad.
        let lines = text.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
        call.context.budget.spend_bytes(lines.saturating_mul(spaces).saturating_add(text.len()))?;
        Ok(text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
    };
    if let Some(known) = text.as_str() {
        return indented(known).map(Value::string);
    }
    let pieces = yaml::in_pieces(text, call.context.budget).unwrap_or_else(|| text.clone());
    match pieces.as_unknown().map(|unknown| &unknown.known) {
        Some(Known::Pieces(pieces)) => {
            let piece = |piece: &Piece| match piece {
                Piece::Literal(literal) => Ok(Piece::Value(Value::string(indented(&literal.text)?).at(literal.span))),
                Piece::Value(value) => match value.as_str() {
                    Some(known) => Ok(Piece::Value(Value::string(indented(known)?).like(value))),
                    None => Ok(piece.clone()),
                },
            };
            Ok(of_pieces(call, pieces.iter().map(piece).collect::<Result<_, Failure>>()?))
        }
        // JSON is one line.
        Some(Known::Encoded(Encoding::Json, _)) => Ok(text.clone()),
        _ => Ok(call.unknown(Type::String)),
    }
}

/// A text that encodes a value of which only parts are known: what stands around it is no matter.
fn encoding(text: &Value) -> Option<Value> {
    let unknown = text.as_unknown()?;
    let encodes = matches!(unknown.known, Known::Encoded(Encoding::Json | Encoding::Yaml, _));
    Some(if encodes { text.clone() } else { Value::unknown(unknown.derived().of_type(Type::String).not_null()) })
}

pub(super) fn join(call: &Call<'_>) -> Result<Value, Failure> {
    let separator = call.string(0)?;
    let lists = call.arguments.get(1..).unwrap_or_default();
    if lists.is_empty() {
        return Err(Failure::new("at least one list is required"));
    }
    let mut pieces: Vec<Value> = Vec::new();
    // Whether all before are known to be there.
    let mut complete = true;
    for (index, list) in lists.iter().enumerate() {
        let mut elements = Vec::new();
        let closed = gather(call, list, &mut elements)?;
        for (position, element) in elements.into_iter().enumerate() {
            if element.value.is_null() {
                let message = format!("element {position} is null; cannot concatenate null values");
                return Err(Failure::argument(index + 1, message));
            }
            complete &= element.certain;
            if complete {
                pieces.push(element.value);
            }
        }
        complete &= closed;
    }
    if !complete {
        // What comes behind the known ones has its separator with it.
        if pieces.is_empty() {
            return Ok(call.unknown(Type::String));
        }
        let mut known = separated(pieces, separator);
        known.push(Piece::Value(call.unknown(Type::String)));
        return Ok(of_pieces(call, known));
    }
    if pieces.iter().any(Value::is_unknown) {
        return Ok(of_pieces(call, separated(pieces, separator)));
    }
    let texts: Vec<&str> = pieces.iter().filter_map(Value::as_str).collect();
    let length: usize = texts.iter().map(|text| text.len().saturating_add(separator.len())).sum();
    call.context.budget.spend_bytes(length)?;
    Ok(Value::string(texts.join(separator)))
}

fn separated(pieces: Vec<Value>, separator: &str) -> Vec<Piece> {
    let separated = pieces.into_iter().enumerate().flat_map(|(index, piece)| {
        let separator = (index > 0 && !separator.is_empty()).then(|| Value::string(separator));
        separator.into_iter().chain([piece])
    });
    separated.map(Piece::Value).collect()
}

/// A text of which some pieces are unknown.
pub(super) fn of_pieces(call: &Call<'_>, pieces: Vec<Piece>) -> Value {
    let unknown = Unknown::derived_from(call.arguments).of_type(Type::String).not_null();
    Value::unknown(unknown.with(Known::Pieces(pieces.into())))
}

pub(super) fn lower(call: &Call<'_>) -> Result<Value, Failure> {
    call.text(call.string(0)?.chars().map(to_lower).collect())
}

pub(super) fn upper(call: &Call<'_>) -> Result<Value, Failure> {
    call.text(call.string(0)?.chars().map(to_upper).collect())
}

/// Letters behind a separator, as `strings.Title` of Go knows them (<https://pkg.go.dev/strings#Title>).
pub(super) fn title(call: &Call<'_>) -> Result<Value, Failure> {
    let separates = |letter: char| match letter {
        letter if letter.is_ascii() => !letter.is_ascii_alphanumeric() && letter != '_',
        letter => !letter.is_alphanumeric() && letter.is_whitespace(),
    };
    let mut previous = ' ';
    let change = |letter| {
        let changed = if separates(previous) { to_title(letter) } else { letter };
        previous = letter;
        changed
    };
    call.text(call.string(0)?.chars().map(change).collect())
}

pub(super) fn replace(call: &Call<'_>) -> Result<Value, Failure> {
    let (text, wanted, replacement) = (call.string(0)?, call.string(1)?, call.string(2)?);
    if let Some(pattern) = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        let pattern = Pattern::new(call, pattern, text).map_err(|failure| failure.at(1))?;
        return replace_all(call, &pattern, text, replacement);
    }
    let count = if wanted.is_empty() { text.chars().count() + 1 } else { text.matches(wanted).count() };
    call.context.budget.spend_bytes(count.saturating_mul(replacement.len()).saturating_add(text.len()))?;
    Ok(Value::string(text.replace(wanted, replacement)))
}

pub(super) fn split(call: &Call<'_>) -> Result<Value, Failure> {
    let (separator, text) = (call.string(0)?, call.string(1)?);
    if separator.is_empty() {
        return call.strings(text.chars().map(String::from));
    }
    call.strings(text.split(separator).map(str::to_owned))
}

pub(super) fn strrev(call: &Call<'_>) -> Result<Value, Failure> {
    let mut reversed: Vec<&str> = clusters(call.string(0)?).collect();
    reversed.reverse();
    call.text(reversed.concat())
}

pub(super) fn substr(call: &Call<'_>) -> Result<Value, Failure> {
    let (text, offset, length) = (call.string(0)?, call.integer(1)?, call.integer(2)?);
    let clusters: Vec<&str> = clusters(text).collect();
    let total = i64::try_from(clusters.len()).unwrap_or(i64::MAX);
    // What is still negative then counts as the beginning, but no length gives nothing only for an
    // offset that was not negative.
    let start = if offset < 0 { offset.saturating_add(total).max(0) } else { offset };
    let count = match length {
        0 if offset >= 0 => 0,
        // cty looks for the end behind the first character only, and so takes all.
        0 => usize::MAX,
        length => usize::try_from(length).unwrap_or(usize::MAX),
    };
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    call.text(clusters.into_iter().skip(start).take(count).collect())
}

pub(super) fn trim(call: &Call<'_>) -> Result<Value, Failure> {
    let set: Vec<char> = call.string(1)?.chars().collect();
    call.spend(call.string(0)?.len().saturating_mul(set.len()) / 16)?;
    call.text(call.string(0)?.trim_matches(&set[..]).to_owned())
}

pub(super) fn trimprefix(call: &Call<'_>) -> Result<Value, Failure> {
    let (text, prefix) = (call.string(0)?, call.string(1)?);
    call.text(text.strip_prefix(prefix).unwrap_or(text).to_owned())
}

pub(super) fn trimsuffix(call: &Call<'_>) -> Result<Value, Failure> {
    let (text, suffix) = (call.string(0)?, call.string(1)?);
    call.text(text.strip_suffix(suffix).unwrap_or(text).to_owned())
}

pub(super) fn trimspace(call: &Call<'_>) -> Result<Value, Failure> {
    if let Some(kept) = encoding(call.get(0)?) {
        return Ok(kept);
    }
    call.text(call.string(0)?.trim().to_owned())
}

/// As `url.QueryEscape` of Go (<https://pkg.go.dev/net/url#QueryEscape>).
pub(super) fn urlencode(call: &Call<'_>) -> Result<Value, Failure> {
    let mut encoded = String::new();
    for byte in call.string(0)?.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    call.text(encoded)
}

/// What a value is when it is asked for as a text: of a known string, number or bool.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value.data() {
        Data::String(text) => Some(text.as_str().to_owned()),
        Data::Number(number) => Some(number.to_string()),
        Data::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}
