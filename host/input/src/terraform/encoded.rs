//! JSON in a string of a JSON file, with the places that its parts have in the file.
//!
//! Plans hold container definitions and the like as text, whose quotes are escaped in the file.

use verdikt_model::{Diagnostic, DiagnosticPlace, Entry, NodeId, NodeRef, Span, TreeBuilder};

use crate::InputLimits;
use crate::syntax::json;

/// Adds what the text of a string says to a tree; nothing where it is no JSON text. `file` is the text of
/// the file that the string stands in.
pub(super) fn decode(
    builder: &mut TreeBuilder,
    string: NodeRef<'_>,
    file: &str,
    limits: &InputLimits,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<NodeId> {
    let text = string.as_str()?;
    let places = Places::new(string.span(), text, file);
    let mut found = Vec::new();
    let parsed = json::load(string.span().file, text, limits, &mut found);
    let [document] = &parsed[..] else { return None };
    if found.iter().any(|diagnostic| diagnostic.level() == verdikt_model::Level::Error) {
        return None;
    }
    for mut warning in found {
        if let DiagnosticPlace::Span(span) = &mut warning.place {
            *span = places.of(*span);
        }
        diagnostics.push(warning);
    }
    let root = copy(builder, document.tree.node(document.root), &places);
    if string.is_sensitive() {
        mark(builder, root);
    }
    Some(root)
}

/// Says of a node and of everything below it that nobody may print it.
pub(super) fn mark(builder: &mut TreeBuilder, root: NodeId) {
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        builder.mark_sensitive(id);
        let node = builder.node(id);
        open.extend(node.items().chain(node.entries().map(|(_, member)| member)).map(NodeRef::id));
    }
}

/// Copies a node to where it stands in the file. The loader's limit on depth bounds the recursion.
fn copy(builder: &mut TreeBuilder, node: NodeRef<'_>, places: &Places) -> NodeId {
    let span = places.of(node.span());
    if node.is_map() {
        let mut entries: Vec<Entry> = Vec::with_capacity(node.entries().len());
        for (key, key_span, member) in node.keyed_entries() {
            let member = copy(builder, member, places);
            entries.push(builder.entry(key, places.of(key_span), member));
        }
        return builder.map(span, &entries);
    }
    if node.is_list() {
        let items: Vec<NodeId> = node.items().map(|item| copy(builder, item, places)).collect();
        return builder.list(span, &items);
    }
    let copied = builder.copy(node);
    builder.moved(copied, span)
}

/// Where the bytes of a string stand in its file.
struct Places {
    string: Span,
    /// By the offset in the string, the end included; empty where it cannot be told.
    offsets: Vec<u32>,
}

impl Places {
    fn new(string: Span, text: &str, file: &str) -> Self {
        let raw = file.get(string.range()).unwrap_or("");
        let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        let offsets = inner.map_or_else(Vec::new, |inner| offsets(inner, string.start + 1));
        let fits = offsets.len() == text.len() + 1;
        Places { string, offsets: if fits { offsets } else { Vec::new() } }
    }

    fn of(&self, span: Span) -> Span {
        match (self.offsets.get(span.start as usize), self.offsets.get(span.end as usize)) {
            (Some(start), Some(end)) => Span::new(self.string.file, *start, *end),
            _ => self.string,
        }
    }
}

/// The offset of each byte of a string in its file, and of its end; `raw` is what stands between the quotes.
fn offsets(raw: &str, start: u32) -> Vec<u32> {
    let mut offsets = Vec::with_capacity(raw.len() + 1);
    let mut at = 0;
    while let Some(letter) = raw[at..].chars().next() {
        let place = start + at as u32;
        let (read, bytes) = if letter == '\\' { escape(&raw[at..]) } else { (letter.len_utf8(), letter.len_utf8()) };
        // The bytes of a character as it is have places of their own, those of an escape share one.
        offsets.extend((0..bytes).map(|byte| if letter == '\\' { place } else { place + byte as u32 }));
        at += read;
    }
    offsets.push(start + raw.len() as u32);
    offsets
}

/// How many bytes an escape takes in the file, and how many what it stands for has.
fn escape(raw: &str) -> (usize, usize) {
    let unit = |at: usize| {
        let digits = raw.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else {
        let escaped = raw[1..].chars().next().map_or(0, char::len_utf8);
        return (1 + escaped, 1);
    };
    let pair =
        unit(6).and_then(|second| char::decode_utf16([first, second]).next()?.ok()).filter(|it| *it > '\u{ffff}');
    match pair {
        Some(letter) => (12, letter.len_utf8()),
        None => (6, char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER).len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use verdikt_model::FileId;

    use super::*;

    #[test]
    fn parts_of_a_text_have_their_places_in_the_file() {
        for (file, pointer, expected) in [
            (r#"{"text": "[{\"a\":true}]"}"#, "true", Some("true")),
            (r#"{"text": "{\"\u00fc\ud83d\ude00\\n\": [1, 22]}"}"#, "22", Some("22")),
            (r#"{"text": "{\"ü\": \"x\\\\y\"}"}"#, r#""x\\y""#, Some(r#"\"x\\\\y\""#)),
            (r#"{"text": "no JSON"}"#, "", None),
            (r#"{"text": "[1] [2]"}"#, "", None),
            (r#"{"text": "[1"}"#, "", None),
        ] {
            let mut diagnostics = Vec::new();
            let parsed = json::load(FileId(0), file, &InputLimits::default(), &mut diagnostics);
            let string = parsed[0].tree.node(parsed[0].root).get("text").unwrap();
            let mut builder = TreeBuilder::new();
            let root = decode(&mut builder, string, file, &InputLimits::default(), &mut diagnostics);
            assert_eq!(diagnostics, [], "{file}");
            let tree = builder.finish();
            let mut open: Vec<NodeRef<'_>> = root.into_iter().map(|root| tree.node(root)).collect();
            let mut found = None;
            while let Some(node) = open.pop() {
                if node.to_json() == pointer {
                    found = file.get(node.span().range());
                }
                open.extend(node.items().chain(node.entries().map(|(_, member)| member)));
            }
            assert_eq!(found, expected, "{file}");
        }
    }
}
