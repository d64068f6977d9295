//! Digests and what is made of them: `md5`, `sha1`, …, `uuidv5`, and those of files.

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::value::Value;

use super::filesystem::content;
use super::{Call, Failure};

pub(super) fn md5(call: &Call<'_>) -> Result<Value, Failure> {
    of_text::<Md5>(call)
}

pub(super) fn sha1(call: &Call<'_>) -> Result<Value, Failure> {
    of_text::<Sha1>(call)
}

pub(super) fn sha256(call: &Call<'_>) -> Result<Value, Failure> {
    of_text::<Sha256>(call)
}

pub(super) fn sha512(call: &Call<'_>) -> Result<Value, Failure> {
    of_text::<Sha512>(call)
}

pub(super) fn base64sha256(call: &Call<'_>) -> Result<Value, Failure> {
    call.text(BASE64.encode(&digest::<Sha256>(call, call.string(0)?.as_bytes())?))
}

pub(super) fn base64sha512(call: &Call<'_>) -> Result<Value, Failure> {
    call.text(BASE64.encode(&digest::<Sha512>(call, call.string(0)?.as_bytes())?))
}

pub(super) fn filemd5(call: &Call<'_>) -> Result<Value, Failure> {
    of_file::<Md5>(call)
}

pub(super) fn filesha1(call: &Call<'_>) -> Result<Value, Failure> {
    of_file::<Sha1>(call)
}

pub(super) fn filesha256(call: &Call<'_>) -> Result<Value, Failure> {
    of_file::<Sha256>(call)
}

pub(super) fn filesha512(call: &Call<'_>) -> Result<Value, Failure> {
    of_file::<Sha512>(call)
}

pub(super) fn filebase64sha256(call: &Call<'_>) -> Result<Value, Failure> {
    call.text(BASE64.encode(&digest::<Sha256>(call, content(call)?.bytes())?))
}

pub(super) fn filebase64sha512(call: &Call<'_>) -> Result<Value, Failure> {
    call.text(BASE64.encode(&digest::<Sha512>(call, content(call)?.bytes())?))
}

fn of_text<D: Digest>(call: &Call<'_>) -> Result<Value, Failure> {
    call.text(HEXLOWER.encode(&digest::<D>(call, call.string(0)?.as_bytes())?))
}

fn of_file<D: Digest>(call: &Call<'_>) -> Result<Value, Failure> {
    call.text(HEXLOWER.encode(&digest::<D>(call, content(call)?.bytes())?))
}

fn digest<D: Digest>(call: &Call<'_>, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    call.spend(bytes.len() / 16)?;
    Ok(D::digest(bytes).to_vec())
}

/// A UUID made of a namespace and a name (<https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5>).
pub(super) fn uuidv5(call: &Call<'_>) -> Result<Value, Failure> {
    let (namespace, name) = (call.string(0)?, call.string(1)?);
    // Those that the standard names differ in one byte.
    let well_known = |last: u8| {
        let mut bytes = *b"\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8";
        bytes[3] = last;
        bytes
    };
    let namespace = match namespace {
        "dns" => well_known(0x10),
        "url" => well_known(0x11),
        "oid" => well_known(0x12),
        "x500" => well_known(0x14),
        text => parse_uuid(text).ok_or_else(|| {
            let message = "uuidv5() doesn't support namespace";
            Failure::argument(0, format!("{message} {text:?}"))
        })?,
    };
    let mut bytes = digest::<Sha1>(call, &[&namespace[..], name.as_bytes()].concat())?;
    bytes.truncate(16);
    if let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes[..] {
        *version = *version & 0x0f | 0x50;
        *variant = *variant & 0x3f | 0x80;
    }
    let digits = HEXLOWER.encode(&bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or(""));
    call.text(parts.join("-"))
}

/// In the forms that the library accepts which Terraform uses: plain, in braces, as a URN, without
/// hyphens (<https://pkg.go.dev/github.com/google/uuid#Parse>).
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let lower = text.to_ascii_lowercase();
    let bare = match lower.len() {
        45 => lower.strip_prefix("urn:uuid:")?,
        38 => lower.strip_prefix('{')?.strip_suffix('}')?,
        32 | 36 => &*lower,
        _ => return None,
    };
    let hyphens = bare.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(at, _)| at);
    let hyphens: Vec<usize> = hyphens.collect();
    if bare.len() == 36 && hyphens != [8, 13, 18, 23] || bare.len() == 32 && !hyphens.is_empty() {
        return None;
    }
    HEXLOWER_PERMISSIVE.decode(bare.replace('-', "").as_bytes()).ok()?.try_into().ok()
}
