//! Base64 as Kubernetes has it in `binaryData` and in the data of Secrets.

/// Decodes standard Base64 (RFC 4648) with padding; line breaks are passed over, as Go's decoder does.
///
/// <https://pkg.go.dev/encoding/base64>
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    let rest = count % 4;
    match (rest, padding) {
        (0, 0) => {}
        (2, 2) => out.push((bits >> 4) as u8),
        (3, 1) => out.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return None,
    }
    Some(out)
}

/// Three bytes in Base64.
pub(crate) fn encode(bytes: [u8; 3]) -> [u8; 4] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
    [18, 12, 6, 0].map(|shift| ALPHABET[(bits >> shift & 63) as usize])
}

/// Decodes a text in Base64 that holds a text, as people make it to write it in one line; without its padding,
/// too.
pub(crate) fn decode_text(text: &str) -> Option<String> {
    let bytes = if text.len().is_multiple_of(4) { decode(text) } else { decode(&format!("{text}{}", padding(text)?)) }?;
    let is_text = |byte: &u8| *byte >= b' ' && *byte != 127 || matches!(byte, b'\n' | b'\r' | b'\t');
    bytes.iter().all(is_text).then(|| String::from_utf8(bytes).ok()).flatten()
}

fn padding(text: &str) -> Option<&'static str> {
    match text.len() % 4 {
        2 => Some("=="),
        3 => Some("="),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_what_is_base64() {
        for (text, expected) in [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm9v\nYmE=", Some(b"fooba")),
            ("+/+/", Some(&[0xfb, 0xff, 0xbf])),
            ("Zg", None),
            ("Zg=", None),
            ("Zg==Zg==", None),
            ("Zm9v=", None),
            ("Z", None),
            ("Zm9v!", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        }
    }
}
