//! Findings by document and by place, so that a file with many findings and many suppressions costs
//! no more than the sum of both.

use std::collections::HashMap;
use std::ops::Range;

use verdikt_model::{DocumentId, FileId, Reach, Span, Verdict};

use crate::documents::Documents;
use crate::rows::Judged;

use super::names::Meant;

/// The rows that can be accepted, each by its index.
pub(super) struct Index {
    documents: HashMap<(DocumentId, usize), Group>,
    files: HashMap<(FileId, usize), Group>,
}

impl Index {
    pub(super) fn new(rows: &[Judged], documents: &Documents) -> Index {
        let mut by_document: HashMap<(DocumentId, usize), Vec<(Span, usize)>> = HashMap::new();
        let mut by_file: HashMap<(FileId, usize), Vec<(Span, usize)>> = HashMap::new();
        for (index, judged) in rows.iter().enumerate().filter(|(_, judged)| can_be_accepted(judged.row.verdict)) {
            let Some(place) = &judged.place else { continue };
            let rule = judged.row.rule;
            let entry = (place.span, index);
            by_file.entry((place.span.file, rule)).or_default().push(entry);
            let origin = |id: DocumentId| documents.get(id)?.origin.filter(|origin| *origin < id);
            for document in std::iter::successors(Some(place.document), |id| origin(*id)) {
                by_document.entry((document, rule)).or_default().push(entry);
            }
        }
        Index { documents: groups(by_document), files: groups(by_file) }
    }

    /// Calls `accept` with each row that a name of a directive reaches and that no earlier directive
    /// has accepted, unless `accept` is `None`. Says whether it reaches any row at all.
    pub(super) fn reach(
        &mut self,
        reach: Reach,
        meant: &[Meant<'_>],
        rows: &mut [Judged],
        accept: Option<&dyn Fn(&mut Judged)>,
    ) -> bool {
        let mut reaches = false;
        match reach {
            Reach::Document(document) => {
                for meant in meant {
                    if let Some(group) = self.documents.get_mut(&(document, meant.rule)) {
                        reaches |= group.take(0..group.rows.len(), |_| true, meant, rows, accept);
                    }
                }
            }
            Reach::Place { target, around } => {
                for meant in meant {
                    if let (Some(target), Some(group)) = (target, self.files.get_mut(&(around.file, meant.rule))) {
                        let begun = group.beginning_in(target);
                        reaches |= group.take(begun, |span| target.contains(span), meant, rows, accept);
                    }
                }
                if !reaches {
                    return self.reach_around(around, meant, rows, accept);
                }
            }
        }
        reaches
    }

    /// Reaches the rows of the smallest place around a span that has any.
    fn reach_around(
        &mut self,
        span: Span,
        meant: &[Meant<'_>],
        rows: &mut [Judged],
        accept: Option<&dyn Fn(&mut Judged)>,
    ) -> bool {
        let file = span.file;
        let found = meant.iter().filter_map(|meant| {
            let (place, range) = self.files.get(&(file, meant.rule))?.around(span, meant, rows)?;
            Some((place, range, meant))
        });
        let found: Vec<(Span, Range<usize>, &Meant<'_>)> = found.collect();
        let Some(smallest) = found.iter().map(|(place, ..)| place.range().len()).min() else { return false };
        for (place, range, meant) in found {
            if place.range().len() == smallest
                && let Some(group) = self.files.get_mut(&(file, meant.rule))
            {
                group.take(range, |_| true, meant, rows, accept);
            }
        }
        true
    }
}

/// A rule that failed cannot be waived away, and what passed needs no acceptance.
fn can_be_accepted(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Fail | Verdict::Unknown | Verdict::Informational | Verdict::Manual => true,
        Verdict::Error | Verdict::Pass | Verdict::NotApplicable => false,
    }
}

fn groups<K: Eq + std::hash::Hash>(rows: HashMap<K, Vec<(Span, usize)>>) -> HashMap<K, Group> {
    rows.into_iter().map(|(key, rows)| (key, Group::new(rows))).collect()
}

/// The rows of one rule in one document or file.
struct Group {
    /// By place, the outer before the inner.
    rows: Vec<(Span, usize)>,
    /// From each row, the next one that is not accepted: itself, or one that is nearer to it.
    open: Vec<usize>,
    /// Each distinct place with its rows and the smallest place around it.
    places: Vec<(Span, Range<usize>, Option<usize>)>,
}

impl Group {
    fn new(mut rows: Vec<(Span, usize)>) -> Group {
        rows.sort_by_key(|(span, row)| (span.start, std::cmp::Reverse(span.end), *row));
        let mut places: Vec<(Span, Range<usize>, Option<usize>)> = Vec::new();
        let mut around: Vec<usize> = Vec::new();
        for (at, (span, _)) in rows.iter().enumerate() {
            match places.last_mut() {
                Some((last, rows, _)) if last == span => rows.end = at + 1,
                _ => {
                    while around.last().is_some_and(|outer| !places[*outer].0.contains(*span)) {
                        around.pop();
                    }
                    let outer = around.last().copied();
                    around.push(places.len());
                    places.push((*span, at..at + 1, outer));
                }
            }
        }
        let open = (0..=rows.len()).collect();
        Group { rows, open, places }
    }

    /// The rows that begin in a span.
    fn beginning_in(&self, span: Span) -> Range<usize> {
        let start = self.rows.partition_point(|(row, _)| row.start < span.start);
        start..self.rows.partition_point(|(row, _)| row.start <= span.end)
    }

    /// The rows of the smallest place around a span that has any that are meant.
    fn around(&self, inner: Span, meant: &Meant<'_>, rows: &[Judged]) -> Option<(Span, Range<usize>)> {
        let before = self.places.partition_point(|(span, ..)| span.start <= inner.start);
        let mut place = before.checked_sub(1);
        while let Some(index) = place {
            let (span, range, outer) = &self.places[index];
            let is_meant = |at: usize| meant.covers(&rows[self.rows[at].1].row.pointer);
            if span.contains(inner) && range.clone().any(is_meant) {
                return Some((*span, range.clone()));
            }
            place = *outer;
        }
        None
    }

    fn take(
        &mut self,
        range: Range<usize>,
        is_inside: impl Fn(Span) -> bool,
        meant: &Meant<'_>,
        rows: &mut [Judged],
        accept: Option<&dyn Fn(&mut Judged)>,
    ) -> bool {
        let is_reached =
            |(span, row): (Span, usize), rows: &[Judged]| is_inside(span) && meant.covers(&rows[row].row.pointer);
        let reaches_any = self.rows[range.clone()].iter().any(|entry| is_reached(*entry, rows));
        let Some(accept) = accept.filter(|_| reaches_any) else { return reaches_any };
        let mut at = self.next_open(range.start);
        while at < range.end {
            let entry = self.rows[at];
            if is_reached(entry, rows) {
                accept(&mut rows[entry.1]);
                self.open[at] = at + 1;
            }
            at = self.next_open(at + 1);
        }
        true
    }

    /// Follows the marks and shortens the way for the next one.
    fn next_open(&mut self, from: usize) -> usize {
        let mut at = from;
        while self.open[at] != at {
            let next = self.open[self.open[at]];
            self.open[at] = next;
            at = next;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};
    use verdikt_model::{Mode, Row, Severity, Suppressed};

    use super::*;
    use crate::rows::{PlaceIdentity, Placed};

    fn row(start: u32, end: u32) -> Judged {
        let row = Row::new(0, Verdict::Fail, Severity::Low, Mode::Enforce, String::new());
        let span = Span::new(FileId(0), start, end);
        let place = Placed { document: DocumentId(0), span, identity: PlaceIdentity::default() };
        Judged { row, place: Some(place), anywhere: String::new(), secret: None }
    }

    /// Spans that lie in one another or side by side, as blocks do.
    fn blocks() -> impl Strategy<Value = Vec<(u32, u32)>> {
        let halves = prop::collection::vec((0u32..64, 0u32..7), 1..12);
        halves.prop_map(|all| {
            all.into_iter()
                .map(|(at, size)| {
                    let length = 64 >> size;
                    (at / length * length, at / length * length + length)
                })
                .collect()
        })
    }

    proptest! {
        #![proptest_config(Config { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() })]

        /// What is accepted is exactly what the words of [`Reach::Place`] say, in whatever order
        /// directives come.
        #[test]
        fn places_reach_what_they_say(findings in blocks(), targets in blocks()) {
            let documents = Documents::new(Vec::new());
            let mut rows: Vec<Judged> = findings.iter().map(|(start, end)| row(*start, *end)).collect();
            let mut index = Index::new(&rows, &documents);
            let mut expected = vec![false; findings.len()];
            let suppressed =
                Suppressed { kind: String::new(), reason: String::new(), by: None, until: None, location: None };
            for (start, end) in targets {
                let target = Span::new(FileId(0), start, end);
                let span = |judged: &Judged| judged.place.as_ref().map(|place| place.span);
                let spans: Vec<Span> = rows.iter().filter_map(span).collect();
                let inside: Vec<bool> = spans.iter().map(|span| target.contains(*span)).collect();
                let around = spans.iter().filter(|span| span.contains(target)).min_by_key(|span| span.range().len());
                let is_any_inside = inside.contains(&true);
                for (at, span) in spans.iter().enumerate() {
                    expected[at] |= if is_any_inside { inside[at] } else { Some(span) == around };
                }
                let reach = Reach::Place { target: Some(target), around: target };
                let accept = |judged: &mut Judged| judged.row.suppressed = Some(suppressed.clone());
                let reaches = index.reach(reach, &[Meant::all(0)], &mut rows, Some(&accept));
                prop_assert_eq!(reaches, is_any_inside || around.is_some());
                let accepted: Vec<bool> = rows.iter().map(|judged| judged.row.suppressed.is_some()).collect();
                prop_assert_eq!(&accepted, &expected);
            }
        }
    }
}
