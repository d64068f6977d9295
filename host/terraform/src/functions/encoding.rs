//! `base64encode`, `base64decode`, and the encodings of text in between.

use data_encoding::{BASE64, Encoding as Base, Specification};

use crate::value::{Encoding, Known, Origin, Text, Type, Unknown, Value};

use super::{Call, Failure};

pub(super) fn base64encode(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    let Some(text) = value.as_str() else {
        let known = Known::Encoded(Encoding::Base64, Box::new(value.clone()));
        let unknown = Unknown::derived_from(call.arguments).of_type(Type::String).not_null().with(known);
        return Ok(Value::unknown(unknown));
    };
    call.context.budget.spend_bytes(text.len().saturating_mul(2))?;
    let encoded = BASE64.encode(text.as_bytes());
    Ok(Value::text(Text::with_origin(encoded, Origin::Encoded(Encoding::Base64, value.clone()))))
}

pub(super) fn base64decode(call: &Call<'_>) -> Result<Value, Failure> {
    let value = call.get(0)?;
    match (value.as_unknown().map(|unknown| &unknown.known), value.as_text().map(Text::origin)) {
        (Some(Known::Encoded(Encoding::Base64, inner)), _) => return Ok((**inner).clone()),
        (None, Some(Origin::Encoded(Encoding::Base64, inner))) => return Ok(inner.clone()),
        (Some(_), _) => return Ok(call.unknown(Type::String)),
        _ => {}
    }
    let text = call.string(0)?;
    let bytes = decode(text).ok_or_else(|| Failure::argument(0, format!("failed to decode base64 data {text:?}")))?;
    let decoded = String::from_utf8(bytes)
        .map_err(|_| Failure::argument(0, "the result of decoding the provided string is not valid UTF-8"))?;
    call.text(decoded)
}

/// As <https://pkg.go.dev/encoding/base64#Encoding.DecodeString>: line breaks do not count, nor do the
/// bits that are left at the end.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    // The library takes several texts, one behind the other.
    let symbols = text.trim_end_matches(['\r', '\n', '=']);
    if symbols.contains('=') {
        return None;
    }
    base().decode(text.as_bytes()).ok()
}

fn base() -> Base {
    let mut specification: Specification = BASE64.specification();
    specification.ignore.push_str("\r\n");
    specification.check_trailing_bits = false;
    // Only a contradictory specification has no encoding.
    specification.encoding().unwrap_or(BASE64)
}

pub(super) fn textencodebase64(call: &Call<'_>) -> Result<Value, Failure> {
    let (text, charset) = (call.string(0)?, Charset::named(call.string(1)?)?);
    call.context.budget.spend_bytes(text.len().saturating_mul(6))?;
    let encoded = charset.encode(text).ok_or_else(|| {
        let name = charset.name();
        Failure::argument(0, format!("the given string contains characters that cannot be represented in {name}"))
    })?;
    let text = Text::with_origin(BASE64.encode(&encoded), Origin::Encoded(Encoding::Base64, call.get(0)?.clone()));
    Ok(Value::text(text))
}

pub(super) fn textdecodebase64(call: &Call<'_>) -> Result<Value, Failure> {
    let (text, charset) = (call.string(0)?, Charset::named(call.string(1)?)?);
    let bytes = decode(text).ok_or_else(|| Failure::argument(0, "the given value has an invalid base64 symbol"))?;
    let decoded = charset.decode(&bytes).filter(|text| !text.contains(char::REPLACEMENT_CHARACTER));
    let decoded = decoded.ok_or_else(|| {
        let name = charset.name();
        Failure::argument(0, format!("the given string contains symbols that are not defined for {name}"))
    })?;
    call.text(decoded)
}

/// An encoding of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    Utf8,
    /// With a mark of the order of bytes; the greater ones first.
    Utf16,
    Utf16Big,
    Utf16Little,
    Ascii,
    Latin1,
    Windows1252,
}

/// What windows-1252 has from 0x80 to 0x9f (<https://encoding.spec.whatwg.org/index-windows-1252.txt>).
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

impl Charset {
    /// By a name or alias of <https://www.iana.org/assignments/character-sets>.
    fn named(name: &str) -> Result<Charset, Failure> {
        Ok(match &*name.to_ascii_lowercase() {
            "utf-8" | "csutf8" => Charset::Utf8,
            "utf-16" | "csutf16" => Charset::Utf16,
            "utf-16be" | "csutf16be" => Charset::Utf16Big,
            "utf-16le" | "csutf16le" => Charset::Utf16Little,
            "us-ascii" | "ascii" | "iso646-us" | "us" | "ibm367" | "cp367" | "csascii" | "ansi_x3.4-1968" => {
                Charset::Ascii
            }
            "iso-8859-1" | "iso_8859-1" | "iso_8859-1:1987" | "latin1" | "l1" | "ibm819" | "cp819" | "csisolatin1" => {
                Charset::Latin1
            }
            "windows-1252" | "cswindows1252" => Charset::Windows1252,
            name => return Err(Failure::Unknown(format!("the encoding {name:?} is not known here"))),
        })
    }

    fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Utf16 => "UTF-16",
            Charset::Utf16Big => "UTF-16BE",
            Charset::Utf16Little => "UTF-16LE",
            Charset::Ascii => "US-ASCII",
            Charset::Latin1 => "ISO-8859-1",
            Charset::Windows1252 => "windows-1252",
        }
    }

    fn encode(self, text: &str) -> Option<Vec<u8>> {
        let single = |most: char| text.chars().map(move |letter| u8::try_from(letter).ok().filter(|_| letter <= most));
        match self {
            Charset::Utf8 => Some(text.as_bytes().to_vec()),
            Charset::Utf16 => {
                Some([0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect())
            }
            Charset::Utf16Big => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Charset::Utf16Little => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Charset::Ascii => single('\u{7f}').collect(),
            Charset::Latin1 => single('\u{ff}').collect(),
            Charset::Windows1252 => {
                let byte = |letter: char| match WINDOWS_1252.iter().position(|other| *other == letter) {
                    Some(index) => u8::try_from(0x80 + index).ok(),
                    None => u8::try_from(letter).ok().filter(|byte| !(0x80..0xa0).contains(byte)),
                };
                text.chars().map(byte).collect()
            }
        }
    }

    /// What is not defined becomes a replacement character, or nothing at all.
    fn decode(self, bytes: &[u8]) -> Option<String> {
        let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
            let units = bytes.as_chunks::<2>();
            let units = units.1.is_empty().then_some(units.0)?;
            char::decode_utf16(units.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>().ok()
        };
        match self {
            Charset::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Charset::Utf16 => match bytes {
                [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
                [0xfe, 0xff, rest @ ..] | rest => utf16(rest, u16::from_be_bytes),
            },
            Charset::Utf16Big => utf16(bytes, u16::from_be_bytes),
            Charset::Utf16Little => utf16(bytes, u16::from_le_bytes),
            Charset::Ascii => bytes.is_ascii().then(|| bytes.iter().copied().map(char::from).collect()),
            Charset::Latin1 => Some(bytes.iter().copied().map(char::from).collect()),
            Charset::Windows1252 => {
                let letter =
                    |byte: &u8| match byte.checked_sub(0x80).and_then(|index| WINDOWS_1252.get(usize::from(index))) {
                        Some(letter) => *letter,
                        None => char::from(*byte),
                    };
                Some(bytes.iter().map(letter).collect())
            }
        }
    }
}
