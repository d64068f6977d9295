//! Suppressions in the `Metadata` of CloudFormation resources, which CDK writes with `addMetadata`.
//!
//! ```yaml
//! Metadata:
//!   verdikt:
//!     ignore:
//!       - {rules: [WL-001], until: 2027-01-31, reason: needs the devices of the host}
//!       - WL-007 writes a lock file
//!   checkov:
//!     skip:
//!       - {id: CKV_AWS_336, comment: writes a lock file}
//! ```

use verdikt_model::{Date, Dialect, Directive, DirectiveKind, DocumentId, NamedRule, NodeRef, Reach, Span};

use super::{Sink, grammar};

/// Adds the suppressions in the metadata of a resource, which is the document `document`.
pub(super) fn find(metadata: NodeRef<'_>, document: DocumentId, sink: &mut Sink<'_, '_>) {
    if let Some(own) = metadata.get_present("verdikt") {
        if !own.is_map() {
            sink.bad(own.span(), "`verdikt` in metadata is a map with the member `ignore`.");
        }
        for (key, span, node) in own.keyed_entries() {
            if key == "ignore" {
                each(node).for_each(|entry| ignore(entry, document, sink));
            } else {
                sink.bad(span, "`verdikt` in metadata has the member `ignore` and no other.");
            }
        }
    }
    for skip in metadata.path(&["checkov", "skip"]).into_iter().flat_map(each) {
        if let Some(id) = skip.get("id").filter(|id| id.as_str().is_some_and(|id| !id.trim().is_empty())) {
            let rules = vec![rule(id)];
            let reason = skip.str("comment").unwrap_or("").trim().to_owned();
            push(Dialect::Checkov, rules, reason, None, skip.span(), document, sink);
        }
    }
}

/// The elements of a list, or the one thing that stands in its place.
fn each(node: NodeRef<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    (!node.is_list()).then_some(node).into_iter().chain(node.items())
}

/// Reads one entry: a map, or a text with the grammar of comments.
fn ignore(entry: NodeRef<'_>, document: DocumentId, sink: &mut Sink<'_, '_>) {
    if let Some(text) = entry.as_str() {
        let whole = entry.span();
        sink.own((DirectiveKind::Metadata, whole, Reach::Document(document)), text, |_| whole);
        return;
    }
    if !entry.is_map() {
        sink.bad(
            entry.span(),
            format!("An entry of `ignore` is a map with `rules`, `reason` and `until`, or a string {}.", grammar::FORM),
        );
        return;
    }
    let before = sink.mistakes;
    let (mut rules, mut reason, mut until) = (Vec::new(), "", None);
    for (key, span, node) in entry.keyed_entries() {
        match key {
            "rule" | "rules" => {
                for node in each(node) {
                    match node.as_str() {
                        Some(name) if grammar::is_name(name) => rules.push(rule(node)),
                        _ => sink.bad(
                            node.span(),
                            "This names no rule; write ids, slugs, packs or prefixes such as `WL-*`.",
                        ),
                    }
                }
            }
            "reason" => match node.as_str() {
                Some(text) => reason = text.trim(),
                None => sink.bad(node.span(), "`reason` must be a string (put it in quotes)."),
            },
            "until" => match node.as_str().and_then(Date::parse) {
                Some(day) => until = Some(day),
                None => sink.bad(node.span(), grammar::not_a_day(node.as_str().unwrap_or(&node.to_json()))),
            },
            _ => sink.bad(
                span,
                "An entry of `ignore` has the members `rule` or `rules`, `reason` and `until`, and no others.",
            ),
        }
    }
    if rules.is_empty() && sink.mistakes == before {
        sink.bad(entry.span(), "A suppression names at least one rule, in `rule` or `rules`.");
    }
    // What was not understood might have narrowed it, so none of it holds.
    if sink.mistakes == before {
        push(Dialect::Verdikt, rules, reason.to_owned(), until, entry.span(), document, sink);
    }
}

fn rule(node: NodeRef<'_>) -> NamedRule {
    NamedRule { name: node.as_str().unwrap_or("").trim().to_owned(), span: node.span() }
}

fn push(
    dialect: Dialect,
    rules: Vec<NamedRule>,
    reason: String,
    until: Option<Date>,
    span: Span,
    document: DocumentId,
    sink: &mut Sink<'_, '_>,
) {
    let (kind, reach) = (DirectiveKind::Metadata, Reach::Document(document));
    sink.directives.push(Directive { kind, dialect, rules, reason, until, span, reach });
}
