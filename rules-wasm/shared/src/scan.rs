//! One pass over a text, for everything in it that is a credential: by its form, or by the name that stands
//! beside it.
//!
//! [`filter`](crate::filter) says where to look. A name is judged first, and only behind the name of a credential a
//! value is looked for. Every step looks at a bounded part of the text, so the time is linear in its length.

use crate::base64;
use crate::content::{Place, Syntax};
use crate::detector::{Detector, Evidence, Judgment, judge_literal};
use crate::filter;
use crate::form::{Found, HOLE};
use crate::literal::Literal;

/// A credential in a text, or a place for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit<'t> {
    /// Where it was recognized.
    pub(crate) at: usize,
    /// The name beside it, when it was recognized by that.
    pub(crate) name: Option<&'t str>,
    /// Never [`Judgment::Clean`].
    pub(crate) judgment: Judgment,
}

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A single value, such as a connection string.
    Value,
    /// The content of a file.
    File(Syntax),
}

/// How deep texts in Base64 are read that stand in texts in Base64.
const MOST_DEPTH: usize = 2;

/// The first credential in a text, or else the first place for one.
pub(crate) fn scan<'t>(detector: &Detector<'_>, text: &'t str, style: Style, depth: usize) -> Option<Hit<'t>> {
    let bytes = text.as_bytes();
    let filters = [detector.names.filter(), detector.values.filter()];
    let mut lines = Lines { bytes, start: 0, read: 0, depth: 0, is_comment: false, is_quoted: false };
    // Up to where names and what is in Base64 were read.
    let (mut named, mut decoded) = (0, 0);
    let mut template = None;
    let mut from = 0;
    while let Some((at, [is_name, is_form])) = filter::next(bytes, from, filters) {
        from = at + 1;
        if is_form {
            let mut found = detector.values.find_at(text, at).map(|found| match found {
                Found::Credential(form) => Judgment::Credential(Evidence::Form(form)),
                Found::Template => Judgment::Template,
            });
            if found.is_none() && at >= decoded && depth < MOST_DEPTH && detector.values.is_encoded(&bytes[at..]) {
                let length = bytes[at..].iter().take_while(|byte| is_base64(**byte)).count();
                decoded = at + length;
                let inside = base64::decode_text(&text[at..decoded]);
                let hit = inside.as_deref().and_then(|inside| scan(detector, inside, FILE, depth + 1));
                found = hit.map(|hit| hit.judgment);
            }
            match found {
                Some(judgment @ Judgment::Credential(_)) => return Some(Hit { at, name: None, judgment }),
                Some(judgment) => _ = template.get_or_insert(Hit { at, name: None, judgment }),
                None => {}
            }
        }
        if is_name && at >= named && detector.names.has_stem_at(bytes, at) {
            let (start, end) = identifier(bytes, named, at);
            named = end.max(at + 1);
            match named_value(detector, text, (start, end), style, &mut lines) {
                Some(hit @ Hit { judgment: Judgment::Credential(_), .. }) => return Some(hit),
                Some(hit) => _ = template.get_or_insert(hit),
                None => {}
            }
        }
    }
    match detector.values.find_open(text) {
        Some((at, Found::Credential(form))) => {
            Some(Hit { at, name: None, judgment: Judgment::Credential(Evidence::Form(form)) })
        }
        _ => template,
    }
}

/// A text of unknown kind.
pub(crate) const FILE: Style = Style::File(Syntax::Unknown);

/// What stands under the name at a place, if that is the name of a credential.
fn named_value<'t>(
    detector: &Detector<'_>,
    text: &'t str,
    (start, end): (usize, usize),
    style: Style,
    lines: &mut Lines<'_>,
) -> Option<Hit<'t>> {
    let name = text.get(start..end)?;
    // nginx says with `proxy_pass` and the like where requests go.
    if name.ends_with("_pass") && text[end..].starts_with([' ', '\t']) && style != Style::Value {
        return None;
    }
    let kind = detector.names.secret_with_stem(name).filter(|_| !detector.is_allowed(name))?;
    lines.go_to(start);
    if lines.is_comment {
        return None;
    }
    let syntax = match style {
        Style::Value => Syntax::Unknown,
        Style::File(syntax) => syntax,
    };
    let place = Place { text, line: lines.start, start, end, is_inside: lines.depth > 0, kind, syntax };
    let value = place.value()?;
    if value.contains(HOLE) || is_harmless_inside(value, style) {
        return None;
    }
    match judge_literal(kind, value) {
        Judgment::Clean => None,
        judgment => Some(Hit { at: start, name: Some(name), judgment: judgment.inside(name) }),
    }
}

/// What is none inside of a text: variables of a script, directives of formats such as `%s`.
fn is_harmless_inside(value: &str, style: Style) -> bool {
    let is_format = value.strip_prefix('%').is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_alphabetic())
            && !rest[1..].starts_with(|next: char| next.is_ascii_alphanumeric())
    });
    is_format
        || style != Style::Value && (is_argument(value) || is_expression(value))
        || match Literal::of(value) {
            Literal::Variable => true,
            Literal::Template { default: None } => style == Style::File(Syntax::Script) && value.starts_with("${"),
            // `$password`, as programs have it.
            Literal::Text if value.starts_with('$') => {
                let name = value[1..].trim_end_matches(';');
                name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_>-[]'".contains(&byte))
                    && style != Style::Value
            }
            _ => false,
        }
}

/// `$1` of a script, whatever it does next; `$1$…` is a hash.
fn is_argument(value: &str) -> bool {
    let first = value.split([' ', '\t', ';', '&', '|', ')']).next().and_then(|first| first.strip_prefix('$'));
    first.is_some_and(|name| matches!(name, "@" | "*" | "#") || name.len() == 1 && name.as_bytes()[0].is_ascii_digit())
}

/// What a regular expression matches, and what HAProxy evaluates.
fn is_expression(value: &str) -> bool {
    ["%[", "(?", r"\S", r"\w", "[^", "([^", ".*", "(.*", r"(\S", r"(\w"].iter().any(|start| value.starts_with(start))
}

/// The borders of the name that has this place in it.
fn identifier(bytes: &[u8], from: usize, at: usize) -> (usize, usize) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let before = bytes[from..at].iter().rev().take_while(|byte| is_part(byte)).count();
    let behind = bytes[at..].iter().take_while(|byte| is_part(byte)).count();
    let (mut start, end) = (at - before, at + behind);
    while start < end && b"-.".contains(&bytes[start]) {
        start += 1;
    }
    (start, end)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// The line that a place stands in, for places in ascending order: each byte is looked at once.
struct Lines<'t> {
    bytes: &'t [u8],
    /// Where the line begins.
    start: usize,
    /// Up to where it was read.
    read: usize,
    /// How many brackets are open in it.
    depth: usize,
    is_comment: bool,
    is_quoted: bool,
}

impl Lines<'_> {
    fn go_to(&mut self, at: usize) {
        let part = self.bytes.get(self.read..at).unwrap_or_default();
        let mut from = self.read;
        if let Some(last) = part.iter().rposition(|byte| *byte == b'\n') {
            from = self.read + last + 1;
            (self.start, self.depth, self.is_comment, self.is_quoted) = (from, 0, false, false);
        }
        if from == self.start {
            self.is_comment = is_comment(&self.bytes[from..at]);
        }
        for at in from..at {
            match self.bytes[at] {
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                b'"' | b'\'' => self.is_quoted = true,
                b'#' if !self.is_quoted && (at == self.start || self.bytes[at - 1].is_ascii_whitespace()) => {
                    self.is_comment = true;
                }
                _ => {}
            }
        }
        self.read = at.max(self.read);
    }
}

/// Whether a line that begins like this is a comment.
fn is_comment(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    // `//registry.example/:_authToken=…` is a line of `.npmrc`.
    let is_address = text.ends_with(b":") || text.ends_with(b":_");
    [&b"#"[..], b";", b"-- ", b"<!--", b"* ", b"/*"].iter().any(|mark| text.starts_with(mark))
        || text.starts_with(b"//") && !is_address
}
