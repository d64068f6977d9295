//! What people write beside a resource so that a rule's findings on it are accepted: comments,
//! annotations, metadata, ours and those of other tools.
//!
//! Only what is written is read here. Whether there is such a rule and what it found is for the
//! engine, and so is the day on which a suppression has ended. A suppression that is not understood
//! becomes a warning and accepts nothing.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::Range;

use verdikt_model::{
    Code, Diagnostic, Dialect, Directive, DirectiveKind, DocumentId, LineIndex, NamedRule, Platform, Reach, Span,
};

use crate::syntax::Problems;
use crate::terraform::comments::Outline;
use crate::{Draft, ParsedDocument};

mod annotations;
mod comments;
mod foreign;
mod grammar;
mod metadata;
mod reach;
#[cfg(test)]
mod tests;

/// The suppressions in the documents of one file, in the order of its text. Of each document it
/// takes which of the drafts were made of it; numbers of documents in what comes out are indexes into
/// the drafts.
pub(crate) fn find(
    text: &str,
    documents: &[(&ParsedDocument, Range<usize>)],
    drafts: &[Draft],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Directive> {
    let mut sink = Sink::new(text, diagnostics);
    for (document, made) in documents {
        let own = drafts.get(made.clone()).unwrap_or_default();
        comments::find(document, own, made.start, &mut sink);
        annotations::find(own, made.start, &mut sink);
        for (index, draft) in own.iter().enumerate().filter(|(_, draft)| draft.platform != Platform::Workload) {
            let resource = draft.resource.as_ref().map(|(tree, node)| tree.node(*node));
            if let Some(metadata) = resource.and_then(|resource| resource.get_present("Metadata")) {
                metadata::find(metadata, DocumentId((made.start + index) as u32), &mut sink);
            }
        }
    }
    let mut directives = sink.directives;
    directives.sort_by_key(|directive| directive.span.start);
    directives
}

/// The suppressions in the comments of a file of Terraform's language. `drafts` are what was made of it.
pub(crate) fn find_in_blocks(
    text: &str,
    outline: &Outline,
    drafts: &[Draft],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Directive> {
    let mut sink = Sink::new(text, diagnostics);
    comments::find_in_blocks(outline, drafts, &mut sink);
    sink.directives
}

/// Takes what is found.
struct Sink<'t, 'd> {
    /// Of the file.
    text: &'t str,
    /// Made when the first comment needs it.
    lines: OnceCell<LineIndex>,
    directives: Vec<Directive>,
    problems: Problems<'d>,
    /// Where mistakes were listed. What an alias or a loop repeats is listed once.
    refused: HashSet<Span>,
    /// How many there were, listed or not.
    mistakes: usize,
}

impl<'t, 'd> Sink<'t, 'd> {
    fn new(text: &'t str, diagnostics: &'d mut Vec<Diagnostic>) -> Self {
        Sink {
            text,
            lines: OnceCell::new(),
            directives: Vec::new(),
            problems: Problems::new(diagnostics),
            refused: HashSet::new(),
            mistakes: 0,
        }
    }

    /// Takes a statement in our own grammar; `place` says where a part of it stands, `span` is the
    /// comment, annotation or entry as a whole.
    fn own(
        &mut self,
        (kind, span, reach): (DirectiveKind, Span, Reach),
        statement: &str,
        place: impl Fn(Range<usize>) -> Span,
    ) {
        match grammar::parse(statement) {
            Ok(found) => self.directives.push(Directive {
                kind,
                dialect: Dialect::Verdikt,
                rules: found
                    .rules
                    .iter()
                    .map(|(name, at)| NamedRule { name: (*name).to_owned(), span: place(at.clone()) })
                    .collect(),
                reason: found.reason.to_owned(),
                until: found.until,
                span,
                reach,
            }),
            Err(mistake) => self.bad(place(mistake.at), mistake.message),
        }
    }

    /// Takes a suppression that cannot be understood.
    fn bad(&mut self, at: Span, message: impl Into<String>) {
        self.mistakes += 1;
        if self.refused.insert(at) {
            let message = format!("{} Nothing is accepted here.", message.into());
            self.problems.push(Diagnostic::at(Code::BadSuppression, at, message));
        }
    }
}
