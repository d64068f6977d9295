//! Values that a finding marked as sensitive: taken out of everything that a report says.
//!
//! A rule that finds a secret does not repeat it, but others may: a rule that quotes the value of an
//! attribute, a diagnostic about its type. So every text about a place at or inside of a secret loses it,
//! and every text about the same file loses those secrets that are too long to be anything else by
//! chance. Code frames are the renderers' business; they know the places.
//!
//! What a rule says in sentences is no secret, and neither is what the place is called. A message is therefore
//! made anew from its template and its masked arguments where it can be, and the rule that found the secret
//! may go on to call a container by its name, be that the password too: not to do so would tell.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use verdikt_model::{
    Diagnostic, DiagnosticPlace, Document, FileId, NodeRef, Pointer, Row, RuleInfo, RuleRef, Sources, Span, Value,
    is_reference,
};

use crate::locate::node;
use crate::rows::Judged;

/// What stands for a secret.
const MASK: &str = "***";

/// Shorter texts are masked only where the secret is what a text is about: they may be words of their own.
const DISTINCTIVE: usize = 8;

/// A value that must not be shown: where it stands, and the texts that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    /// Of the value, and of what it came from.
    spans: Vec<Span>,
    texts: Vec<String>,
}

impl Secret {
    /// The value that a pointer leads to, with everything in it.
    pub(crate) fn of(sources: &Sources, document: &Document, pointer: &Pointer) -> Secret {
        let value = node(document, pointer);
        // A missing attribute is no secret, and neither is what it would be a part of.
        let exact = pointer.resolve(document.body()).is_ok_and(|found| found.exact);
        if exact || value.is_unknown() {
            Secret::new(sources, value)
        } else {
            Secret { spans: Vec::new(), texts: Vec::new() }
        }
    }

    /// Every scalar at and below a node, also of what is known of an unknown one. The names of members are no
    /// secret, and neither is why something is unknown, what it refers to, or where that is declared.
    fn new(sources: &Sources, root: NodeRef<'_>) -> Secret {
        let (mut spans, mut texts) = (Vec::new(), Vec::new());
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            let first = spans.len();
            match node.value() {
                Value::List(_) => open.extend(node.items()),
                Value::Map(_) => open.extend(node.entries().map(|(_, member)| member)),
                Value::Unknown(_) => {
                    let known = node.unknown_entries().filter(|(key, _)| !matches!(*key, "$unknown" | "$ref"));
                    let before = open.len();
                    open.extend(known.map(|(_, known)| known));
                    // A reference alone shows nothing, and may stand where a variable is declared.
                    if open.len() > before || node.unknown_entry("$ref").is_none() {
                        spans.push(node.span());
                    }
                }
                _ => {
                    texts.extend(node.as_str().or(node.as_number()).map(str::to_owned));
                    spans.push(node.span());
                    spans.extend(node.provenance().iter().map(|step| step.span));
                }
            }
            // As it stands in the source: with escapes, or as a number where a text was expected.
            let written = spans[first..].iter().map(|span| sources.text(*span).trim());
            let written = written.filter(|text| !is_reference(text));
            texts.extend(written.map(|text| text.trim_matches(['"', '\'']).to_owned()));
        }
        Secret { spans, texts: forms(texts) }
    }

    /// A text without the secret.
    pub(crate) fn mask(&self, text: &str) -> String {
        // The longest first: others are parts of it.
        self.texts.iter().fold(text.to_owned(), |text, secret| without(&text, secret))
    }
}

/// A text without a secret. A very short one is masked only where it stands by itself: every text has its
/// letters.
fn without(text: &str, secret: &str) -> String {
    const SHORT: usize = 4;
    if secret.len() >= SHORT {
        return text.replace(secret, MASK);
    }
    let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices(secret) {
        let end = at + secret.len();
        if !is_word(text[..at].chars().next_back()) && !is_word(text[end..].chars().next()) {
            out.push_str(&text[done..at]);
            out.push_str(MASK);
            done = end;
        }
    }
    out.push_str(&text[done..]);
    out
}

/// The ways in which texts show a value: whole and line by line, as it is and with the escapes of JSON.
fn forms(texts: Vec<String>) -> Vec<String> {
    let mut forms = Vec::new();
    for text in texts {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.len() >= DISTINCTIVE).collect();
        for form in [text.as_str(), text.trim()].into_iter().chain(lines) {
            let escaped = serde_json::Value::from(form).to_string();
            forms.extend(escaped.get(1..escaped.len() - 1).map(str::to_owned));
            forms.push(form.to_owned());
        }
    }
    forms.retain(|form| !form.trim().is_empty());
    forms.sort_by(|left, right| right.len().cmp(&left.len()).then_with(|| left.cmp(right)));
    forms.dedup();
    forms
}

/// Takes every secret out of every row and diagnostic: those of sensitive rows, and what the documents
/// themselves call sensitive. Returned is where they stand.
pub(crate) fn mask(
    rows: &mut [Judged],
    diagnostics: &mut [Diagnostic],
    rules: &[RuleRef],
    documents: &[Document],
    sources: &Sources,
) -> Vec<Span> {
    let stated = documents.iter().flat_map(|document| document.tree.sensitive_nodes());
    let stated = stated.map(|value| Secret::new(sources, value));
    let secrets: Vec<Secret> = stated.chain(rows.iter().filter_map(|judged| judged.secret.clone())).collect();
    let mut places: Vec<Span> = secrets.iter().flat_map(|secret| secret.spans.iter().copied()).collect();
    places.sort_by_key(|span| (span.file, span.start, span.end));
    places.dedup();
    if secrets.is_empty() {
        return places;
    }
    let files = Files::new(&secrets);
    for judged in rows {
        let Some(place) = &judged.place else { continue };
        // Another rule that speaks of the secret may quote it.
        let may_quote = !judged.row.sensitive && files.is_secret(place.span);
        let document = documents.get(place.document.0 as usize).filter(|_| !may_quote);
        let names = document.map(|document| names(document, &judged.row.pointer));
        let rule = &rules[judged.row.rule].info;
        files.mask_row(&mut judged.row, rule, place.span, &names.unwrap_or_default());
    }
    for diagnostic in diagnostics {
        if let DiagnosticPlace::Span(span) = diagnostic.place {
            diagnostic.message = files.masked(&diagnostic.message, &[span]);
        }
    }
    places
}

/// The secrets of each file.
struct Files<'s> {
    files: HashMap<FileId, File<'s>>,
}

#[derive(Default)]
struct File<'s> {
    /// Where secrets stand, by their beginning; they may nest.
    places: Vec<(Span, &'s Secret)>,
    /// How far the longest of them reaches.
    longest: u32,
    /// Finds all that are distinctive at once.
    distinctive: Option<AhoCorasick>,
}

impl<'s> Files<'s> {
    fn new(secrets: &'s [Secret]) -> Self {
        let mut files: HashMap<FileId, File<'s>> = HashMap::new();
        for secret in secrets {
            for span in &secret.spans {
                let file = files.entry(span.file).or_default();
                file.places.push((*span, secret));
                file.longest = file.longest.max(span.end.saturating_sub(span.start));
            }
        }
        for file in files.values_mut() {
            file.places.sort_by_key(|(span, _)| (span.start, span.end));
            let texts = file.places.iter().flat_map(|(_, secret)| &secret.texts);
            let mut texts: Vec<&String> = texts.filter(|text| text.len() >= DISTINCTIVE).collect();
            texts.sort();
            texts.dedup();
            file.distinctive = verdikt_report::finder(texts);
        }
        Files { files }
    }

    fn masked(&self, text: &str, spans: &[Span]) -> String {
        let mut text = text.to_owned();
        for span in spans {
            let Some(file) = self.files.get(&span.file) else { continue };
            for secret in file.around(*span) {
                text = secret.mask(&text);
            }
            if let Some(distinctive) = &file.distinctive {
                text = distinctive.replace_all_with_mask(&text);
            }
        }
        text
    }

    fn is_secret(&self, span: Span) -> bool {
        self.files.get(&span.file).is_some_and(|file| file.around(span).next().is_some())
    }

    /// `names` are what the place is called, which stays.
    fn mask_row(&self, row: &mut Row, rule: &RuleInfo, span: Span, names: &[&str]) {
        let mask = |text: &mut String| *text = self.masked(text, &[span]);
        let template = template(rule, row);
        for (_, value) in &mut row.arguments {
            if !names.contains(&value.as_str()) {
                mask(value);
            }
        }
        match template {
            Some(template) => row.message = render(template, &row.arguments),
            None => mask(&mut row.message),
        }
        mask(&mut row.reason);
        row.related.iter_mut().for_each(|related| mask(&mut related.note));
        row.provenance.iter_mut().for_each(|step| mask(&mut step.what));
        if let Some(fix) = &mut row.fix {
            mask(&mut fix.title);
            fix.edits.iter_mut().filter_map(|edit| edit.value.as_mut()).for_each(mask);
        }
    }
}

/// What a document and the things that a pointer leads through are called.
fn names<'d>(document: &'d Document, pointer: &str) -> Vec<&'d str> {
    let mut names = vec![document.name.as_str(), &document.address];
    names.extend(document.namespace.as_deref());
    let Ok(pointer) = Pointer::parse(pointer) else { return names };
    let mut node = Some(document.body());
    for token in pointer.tokens() {
        node = node.and_then(|node| if node.is_list() { node.item(token.parse().ok()?) } else { node.get(&token) });
        names.extend(node.and_then(|node| node.get("name")).and_then(NodeRef::as_str));
    }
    names
}

/// The template that a row's message was made of, if it was.
fn template<'r>(rule: &'r RuleInfo, row: &Row) -> Option<&'r str> {
    let code = row.code.as_ref()?;
    let english = rule.texts.iter().find(|text| text.language == "en")?;
    let (_, template) = english.messages.iter().find(|(of, _)| of == code)?;
    (render(template, &row.arguments) == row.message).then_some(template)
}

/// Puts arguments into a template in one pass, as `types.wit` says it: braces in an argument are text.
fn render(template: &str, arguments: &[(String, String)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        let argument = from.split_once('}').and_then(|(name, after)| {
            let (_, value) = arguments.iter().find(|(of, _)| of == name)?;
            Some((value, after))
        });
        let (text, after) = argument.map_or(("{", from), |(value, after)| (value.as_str(), after));
        out.push_str(text);
        rest = after;
    }
    out.push_str(rest);
    out
}

impl File<'_> {
    /// The secrets that a place is, or is inside of.
    fn around(&self, span: Span) -> impl Iterator<Item = &Secret> {
        let first = self.places.partition_point(|(place, _)| place.start.saturating_add(self.longest) < span.end);
        let places = self.places[first..].iter().take_while(move |(place, _)| place.start <= span.start);
        places.filter(move |(place, _)| place.contains(span)).map(|(_, secret)| *secret)
    }
}

/// Replacing with one text whatever matched.
trait ReplaceAll {
    fn replace_all_with_mask(&self, text: &str) -> String;
}

impl ReplaceAll for AhoCorasick {
    fn replace_all_with_mask(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        self.replace_all_with(text, &mut out, |_, _, out| {
            out.push_str(MASK);
            true
        });
        out
    }
}
