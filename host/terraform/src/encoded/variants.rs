//! The texts that a text with directives may be.

use crate::value::{Encoding, Known, Origin, Piece, Value};

/// Texts that one text is read as. Directives beyond them are holes.
const MOST_VARIANTS: usize = 16;
/// Bytes of all of them together.
const MOST_BYTES: usize = 4 << 20;

/// A text with each of the branches of the directives in it whose conditions are not known, and with what a
/// directive that goes through an unknown collection gives never and once. What only chooses between words,
/// and cannot change how the text is read, stays a hole.
pub(super) fn of(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let pieces = flattened(pieces);
    let length: usize = pieces.iter().map(known_length).sum();
    let most = (MOST_BYTES / length.max(1)).clamp(1, MOST_VARIANTS);
    let mut found: Vec<Vec<Piece>> = vec![Vec::with_capacity(pieces.len())];
    for piece in pieces {
        let branches = branches(&piece).filter(|branches| found.len().saturating_mul(branches.len()) <= most);
        match branches {
            None => found.iter_mut().for_each(|variant| variant.push(piece.clone())),
            Some(branches) => {
                let continued = |variant: &Vec<Piece>| {
                    let with = |branch: &Vec<Piece>| [&variant[..], branch].concat();
                    branches.iter().map(with).collect::<Vec<_>>()
                };
                found = found.iter().flat_map(continued).collect();
            }
        }
    }
    found
}

/// Pieces with those of pieces in their place.
pub(crate) fn flattened(pieces: &[Piece]) -> Vec<Piece> {
    let mut out = Vec::with_capacity(pieces.len());
    flatten(pieces, None, &mut out);
    out
}

/// Recursion ends where values do: their depth is bounded.
fn flatten(pieces: &[Piece], of: Option<&Value>, out: &mut Vec<Piece>) {
    for piece in pieces {
        let value = match (piece, of) {
            (Piece::Literal(_), _) => {
                out.push(piece.clone());
                continue;
            }
            (Piece::Value(value), Some(whole)) => whole.child(value),
            (Piece::Value(value), None) => value.clone(),
        };
        match (value.as_text().map(|text| text.origin()), value.as_unknown().map(|unknown| &unknown.known)) {
            (Some(Origin::Pieces(inner)), _) | (_, Some(Known::Pieces(inner))) => flatten(inner, Some(&value), out),
            _ => out.push(Piece::Value(value)),
        }
    }
}

fn known_length(piece: &Piece) -> usize {
    match piece {
        Piece::Literal(literal) => literal.text.len(),
        Piece::Value(value) => value.as_str().map_or(1, str::len),
    }
}

/// What a piece may be, where that decides how the text is read.
fn branches(piece: &Piece) -> Option<Vec<Vec<Piece>>> {
    let Piece::Value(value) = piece else { return None };
    match &value.as_unknown()?.known {
        Known::Repeated(pieces) => {
            let once = of(pieces);
            Some([Vec::new()].into_iter().chain(once).collect())
        }
        Known::Any(values) if values.iter().all(is_text) && values.iter().any(is_structure) => {
            let branch = |one: &Value| of(&[Piece::Value(value.child(one))]);
            Some(values.iter().flat_map(branch).collect())
        }
        _ => None,
    }
}

fn is_text(value: &Value) -> bool {
    match value.as_unknown() {
        Some(unknown) => matches!(unknown.known, Known::Pieces(_) | Known::Encoded(Encoding::Json | Encoding::Yaml, _)),
        None => value.as_str().is_some(),
    }
}

/// Whether a text may have a part in how the text around it is read.
fn is_structure(value: &Value) -> bool {
    match value.as_str() {
        Some(text) => {
            text.contains(['\n', '"', '\'', '[', ']', '{', '}', ',', '#'])
                || text.contains(": ")
                || text.ends_with(':')
                || text.starts_with("- ")
        }
        None => true,
    }
}
