//! Suppressions in comments.

use std::ops::Range;

use verdikt_model::{Dialect, Directive, DirectiveKind, DocumentId, LineIndex, NamedRule, Platform, Reach, Span};

use super::reach::Layout;
use super::{Sink, foreign, grammar};
use crate::terraform::comments::Outline;
use crate::{Comment, Draft, ParsedDocument};

/// How a comment of ours begins.
const OURS: &str = "verdikt:ignore";

/// What makes it worth to look closer at a comment.
const SIGNS: [&str; 7] = ["verdi", "Verdi", "VERDI", "checkov:", "bridgecrew:", "trivy:", "tfsec:"];

/// Adds the suppressions in the comments of a document. `drafts` are what was made of it, the first
/// of which has the index `first`.
pub(super) fn find(document: &ParsedDocument, drafts: &[Draft], first: usize, sink: &mut Sink<'_, '_>) {
    if !document.comments.iter().any(is_sign) {
        return;
    }
    let text = sink.text;
    let lines = sink.lines.get_or_init(|| LineIndex::new(text));
    let reaches = Layout::new(text, lines, document.tree.node(document.root), &document.comments).reaches();
    for (comment, reach) in document.comments.iter().zip(reaches).filter(|(comment, _)| is_sign(comment)) {
        let resource = || Some(Reach::Document(DocumentId((first + resource(drafts, comment.span)?) as u32)));
        take(comment, reach, resource, sink);
    }
}

/// Adds the suppressions in the comments of a file of blocks.
pub(super) fn find_in_blocks(outline: &Outline, drafts: &[Draft], sink: &mut Sink<'_, '_>) {
    if !outline.comments.iter().any(is_sign) {
        return;
    }
    let text = sink.text;
    let lines = LineIndex::new(text);
    let root = outline.tree.node(outline.root);
    let reaches = Layout::of_blocks(text, &lines, root, &outline.comments).reaches();
    for (comment, reach) in outline.comments.iter().zip(reaches).filter(|(comment, _)| is_sign(comment)) {
        // One block may be there in many instances.
        let resource = || {
            let block = drafts[resource(drafts, comment.span)?].span;
            Some(Reach::Place { target: Some(block), around: block })
        };
        take(comment, reach, resource, sink);
    }
}

fn is_sign(comment: &Comment) -> bool {
    SIGNS.iter().any(|sign| comment.text.contains(sign))
}

/// Reads a comment as ours and as those of other tools. `resource` is what it stands in.
fn take(comment: &Comment, reach: Reach, resource: impl Fn() -> Option<Reach>, sink: &mut Sink<'_, '_>) {
    own(comment, reach, sink);
    for found in foreign::in_comment(&comment.text) {
        let resource = (found.dialect == Dialect::Checkov).then(&resource).flatten();
        let rules = found.checks.into_iter();
        sink.directives.push(Directive {
            kind: DirectiveKind::Comment,
            dialect: found.dialect,
            rules: rules.map(|(name, at)| NamedRule { name: name.to_owned(), span: part(comment, at) }).collect(),
            reason: found.reason,
            until: found.until,
            span: comment.span,
            reach: resource.unwrap_or(reach),
        });
    }
}

/// Checkov's comments are about the resource that they stand in, wherever that is.
fn resource(drafts: &[Draft], comment: Span) -> Option<usize> {
    let resources = drafts.iter().enumerate().filter(|(_, draft)| draft.platform != Platform::Workload);
    let around = resources.filter(|(_, draft)| draft.span.contains(comment));
    around.min_by_key(|(_, draft)| draft.span.range().len()).map(|(index, _)| index)
}

/// Reads a comment as ours.
fn own(comment: &Comment, reach: Reach, sink: &mut Sink<'_, '_>) {
    // Another comment may stand before: `# noqa # verdikt:ignore …`.
    let candidates = comment.text.match_indices(['#', '/']).map(|(at, _)| {
        let rest = comment.text[at..].trim_start_matches(['#', '/', '*']).trim_start();
        (comment.text.len() - rest.len(), rest)
    });
    for (at, rest) in candidates {
        if let Some(statement) = rest.strip_prefix(OURS).filter(|rest| !continues(rest)) {
            let base = at + OURS.len();
            let place = |at: Range<usize>| part(comment, base + at.start..base + at.end);
            sink.own((DirectiveKind::Comment, comment.span, reach), statement, place);
            return;
        }
        if let Some(length) = near_miss(rest) {
            let message =
                format!("This looks like a suppression but is none; write `# {OURS}` and then {}.", grammar::FORM);
            sink.bad(part(comment, at..at + length), message);
            return;
        }
    }
}

/// Whether what follows the keyword is part of the same word.
fn continues(rest: &str) -> bool {
    rest.starts_with(|next: char| !next.is_whitespace())
}

/// How long the beginning of a text is that was hardly meant as anything but a suppression:
/// `verdikt: ignore WL-001`, `verdikt:ignor`, `Verdikt:skip`. A sentence about Verdikt is none: words
/// with white space before them need something behind them that can only be a rule.
fn near_miss(text: &str) -> Option<usize> {
    const MEANT: [&str; 8] = ["ign", "ing", "skip", "disable", "suppress", "accept", "allow", "waive"];
    let name = text.get(..7)?;
    if !["verdikt", "verdict"].iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return None;
    }
    let rest = &text[7..];
    let word = rest.trim_start_matches(|letter: char| letter.is_whitespace() || ":=-_/.".contains(letter));
    let separator = &rest[..rest.len() - word.len()];
    let length = word.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(word.len());
    let verb = word[..length].to_ascii_lowercase();
    if separator.is_empty() || !MEANT.iter().any(|start| verb.starts_with(start)) {
        return None;
    }
    let behind = word[length..].trim_start_matches(|letter: char| letter.is_whitespace() || ":=".contains(letter));
    let first = behind.split(|letter: char| letter.is_whitespace() || letter == ',').next().unwrap_or_default();
    let attached = !separator.contains(char::is_whitespace) && separator.starts_with([':', '=']);
    (attached || grammar::is_distinct_name(first)).then_some(text.len() - word.len() + length)
}

fn part(comment: &Comment, at: Range<usize>) -> Span {
    let start = comment.span.start;
    Span::new(comment.span.file, start + at.start as u32, start + at.end as u32)
}

#[cfg(test)]
mod tests {
    use super::near_miss;

    #[test]
    fn slips_are_told_from_sentences() {
        for (text, meant) in [
            ("verdikt: ignore WL-001 why", Some("verdikt: ignore")),
            ("verdikt:ignor WL-001", Some("verdikt:ignor")),
            ("verdikt:ingore privileged", Some("verdikt:ingore")),
            ("Verdikt:Ignore WL-001", Some("Verdikt:Ignore")),
            ("verdict:ignore WL-001", Some("verdict:ignore")),
            ("verdikt:ignore=WL-001:why", Some("verdikt:ignore")),
            ("verdikt:skip=WL-001", Some("verdikt:skip")),
            ("verdikt:disable", Some("verdikt:disable")),
            ("verdikt-ignore: WL-*", Some("verdikt-ignore")),
            ("verdikt ignore WL-001", Some("verdikt ignore")),
            ("verdikt ignores this file, see there", None),
            ("verdikt: ignore what it says of labels", None),
            ("verdikt checks this", None),
            ("verdikt:1.0", None),
            ("verdiktäignore", None),
            ("the verdikt:ignore comment", None),
        ] {
            assert_eq!(near_miss(text).map(|length| &text[..length]), meant, "{text}");
        }
    }
}
