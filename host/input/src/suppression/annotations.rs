//! Suppressions in annotations of Kubernetes objects and of their pod templates.

use std::ops::Range;

use memchr::memmem;
use verdikt_model::{Directive, DirectiveKind, DocumentId, NamedRule, NodeRef, Platform, Reach, Span};

use super::foreign::Named;
use super::{Sink, foreign, grammar};
use crate::Draft;

const OURS: &str = "verdikt.dev/ignore";

/// Adds the suppressions in the annotations of drafts: those of an object are about it and all of its
/// workloads, those of a pod template about the workload that was derived from it.
pub(super) fn find(drafts: &[Draft], first: usize, sink: &mut Sink<'_, '_>) {
    for (index, draft) in drafts.iter().enumerate() {
        let document = DocumentId((first + index) as u32);
        match (draft.platform, draft.origin) {
            (Platform::Kubernetes, _) => {
                if let Some(annotations) = of_object(draft) {
                    annotated(annotations, true, document, sink);
                }
            }
            (Platform::Workload, Some(origin)) => {
                // A workload carries the annotations of its template; a pod is its own.
                let template = draft.tree.node(draft.root).get("annotations");
                let object = origin.checked_sub(first).and_then(|origin| of_object(drafts.get(origin)?));
                if let Some(template) = template.filter(|node| object.map(NodeRef::span) != Some(node.span())) {
                    annotated(template, false, document, sink);
                }
            }
            _ => {}
        }
    }
}

fn of_object(draft: &Draft) -> Option<NodeRef<'_>> {
    draft.tree.node(draft.root).path(&["metadata", "annotations"])
}

/// Reads a map of annotations.
fn annotated(annotations: NodeRef<'_>, of_object: bool, document: DocumentId, sink: &mut Sink<'_, '_>) {
    for (key, key_span, node) in annotations.keyed_entries() {
        let entry = key_span.join(node.span());
        if key == OURS {
            match node.as_str() {
                Some(value) => own(value, node.span(), document, sink),
                None => sink.bad(node.span(), format!("`{OURS}` must be a string: {} in quotes.", grammar::FORM)),
            }
        } else if key.starts_with("verdikt") && (key.starts_with("verdikt.dev/") || key.ends_with("/ignore")) {
            sink.bad(key_span, format!("This annotation is none of Verdikt's; a suppression is called `{OURS}`."));
        } else if let Some((found, named_in)) = foreign::in_annotation(key, node.as_str().unwrap_or(""), of_object) {
            let mut source = Source::new(if named_in == Named::InKey { key_span } else { node.span() });
            let rules = found.checks.into_iter().map(|(name, _)| {
                let span = if name == "*" { key_span } else { source.place(name, sink.text) };
                NamedRule { name: name.to_owned(), span }
            });
            let rules = rules.collect();
            sink.directives.push(Directive {
                kind: DirectiveKind::Annotation,
                dialect: found.dialect,
                rules,
                reason: found.reason,
                until: found.until,
                span: entry,
                reach: Reach::Document(document),
            });
        }
    }
}

/// Reads the value of our own annotation.
fn own(value: &str, span: Span, document: DocumentId, sink: &mut Sink<'_, '_>) {
    let mut source = Source::new(span);
    let mut any = false;
    for statement in statements(value) {
        any = true;
        let whole = source.place(statement, sink.text);
        // Where the statement was not found as it is, the value as a whole is the place of all of it.
        let exact = whole.range().len() == statement.len();
        let place = |at: Range<usize>| match exact {
            true => Span::new(whole.file, whole.start + at.start as u32, whole.start + at.end as u32),
            false => whole,
        };
        sink.own((DirectiveKind::Annotation, whole, Reach::Document(document)), statement, place);
    }
    if !any {
        sink.bad(span, format!("This suppression is empty; write {}.", grammar::FORM));
    }
}

/// The statements of a text: one a line, or with `;` between them. A `;` that no id follows belongs to
/// a reason, whose words might otherwise happen to be the name of a pack.
pub(super) fn statements(text: &str) -> impl Iterator<Item = &str> {
    let split = |line| {
        let mut rest = Some(line);
        std::iter::from_fn(move || {
            let line: &str = rest?;
            let ends = line.match_indices(';').find(|(at, _)| {
                let next = line[at + 1..].trim_start();
                let word = next.split(|letter: char| letter.is_whitespace() || letter == ',').next().unwrap_or("");
                next.is_empty() || grammar::is_distinct_name(word)
            });
            let (statement, after) = ends.map_or((line, None), |(at, _)| (&line[..at], Some(&line[at + 1..])));
            rest = after;
            Some(statement.trim())
        })
    };
    text.lines().flat_map(split).filter(|statement| !statement.is_empty())
}

/// Finds parts of a scalar's value in its source, one after the other. Quotes, indentation and escapes
/// stand between the two, so that a part may not be found; its place is then the scalar.
struct Source {
    scalar: Span,
    from: u32,
}

impl Source {
    fn new(scalar: Span) -> Self {
        Source { scalar, from: scalar.start }
    }

    fn place(&mut self, part: &str, text: &str) -> Span {
        let rest = text.get(self.from as usize..self.scalar.end as usize).unwrap_or("");
        let Some(at) = memmem::find(rest.as_bytes(), part.as_bytes()) else { return self.scalar };
        let start = self.from + at as u32;
        self.from = start + part.len() as u32;
        Span::new(self.scalar.file, start, self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn statements_stand_on_lines_or_behind_semicolons() {
        for (text, expected) in [
            ("WL-001 why", &["WL-001 why"][..]),
            ("WL-001 why; IM-001 because", &["WL-001 why", "IM-001 because"]),
            ("WL-001 why\n\n  IM-* because\n", &["WL-001 why", "IM-* because"]),
            ("WL-001 accepted; workload team knows", &["WL-001 accepted; workload team knows"]),
            ("WL-001 why;", &["WL-001 why"]),
            (" ; \n", &[]),
        ] {
            assert_eq!(statements(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
