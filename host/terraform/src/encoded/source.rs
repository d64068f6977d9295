//! The text that pieces are, with the places of its parts.

use crate::value::{Piece, Place, Value};

/// The text of all pieces, with a character for each hole.
pub(crate) struct Source<'p> {
    pub(crate) text: String,
    /// Where each piece begins.
    pieces: Vec<(usize, &'p Piece)>,
}

impl<'p> Source<'p> {
    /// `None` when a text has the character that stands for a hole.
    pub(crate) fn of(pieces: &'p [Piece], hole: char) -> Option<Self> {
        let mut one = [0; 4];
        let hole_text: &str = hole.encode_utf8(&mut one);
        Source::with(pieces, hole, |_| hole_text.to_owned())
    }

    /// With a text of its own for each hole, by its number.
    pub(crate) fn with(pieces: &'p [Piece], hole: char, mut written: impl FnMut(usize) -> String) -> Option<Self> {
        let mut holes = 0;
        let mut source = Source { text: String::new(), pieces: Vec::with_capacity(pieces.len()) };
        for piece in pieces {
            source.pieces.push((source.text.len(), piece));
            let text = match piece {
                Piece::Literal(literal) => &*literal.text,
                Piece::Value(value) => match value.as_str() {
                    Some(text) => text,
                    None => {
                        source.text.push_str(&written(holes));
                        holes += 1;
                        continue;
                    }
                },
            };
            if text.contains(hole) {
                return None;
            }
            source.text.push_str(text);
        }
        Some(source)
    }

    /// The piece that holds an offset, and where that begins and ends.
    pub(super) fn piece(&self, at: usize) -> Option<(usize, usize, &'p Piece)> {
        let index = self.pieces.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        let (start, piece) = self.pieces[index];
        let end = self.pieces.get(index + 1).map_or(self.text.len(), |(start, _)| *start);
        Some((start, end, piece))
    }

    /// The place of a range of the text.
    pub(crate) fn place(&self, start: usize, end: usize) -> Place {
        let Some((first, first_end, piece)) = self.piece(start) else { return Place::default() };
        match piece {
            Piece::Value(value) if end <= first_end => value.place().clone(),
            Piece::Value(value) => value.place().location().map_or_else(Place::default, Place::at),
            Piece::Literal(literal) => {
                let mut span = literal.place(start - first..end.min(first_end) - first);
                // A string with interpolations in it ends in another piece.
                let last = self.piece(end.saturating_sub(1)).filter(|_| end > first_end);
                if let Some((last, _, Piece::Literal(literal))) = last {
                    span = span.join(literal.place(end - 1 - last..end - last));
                }
                Place::at(span)
            }
        }
    }

    /// The interpolated value whose text begins at an offset, and where that ends.
    pub(super) fn value_at(&self, at: usize) -> Option<(&'p Value, usize)> {
        match self.piece(at)? {
            (start, end, Piece::Value(value)) if start == at && end > start => Some((value, end)),
            _ => None,
        }
    }

    /// The unknown value of the hole at an offset.
    pub(crate) fn hole(&self, at: usize) -> Option<&'p Value> {
        match self.piece(at)? {
            // Behind the end there is none.
            (_, end, Piece::Value(value)) if at < end && value.is_unknown() => Some(value),
            _ => None,
        }
    }
}
