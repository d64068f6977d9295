//! The body of a document from the evaluated properties of its resource: the names and types of the
//! ECS API in place of CloudFormation's.
//!
//! CloudFormation hands every scalar on as a text and the resource's handler makes of it what its
//! schema says (`recast.py` of cloudformation-cli-python-plugin, `stringify.go` of
//! cloudformation-cli-go-plugin; cfn-lint accepts it since
//! <https://github.com/aws-cloudformation/cfn-lint/pull/2103>): `"true"`, in any case, is a boolean
//! where one is expected, `"256"` a number, and `256` a text. What cannot be converted stays as it
//! is, so that the derivation reports it.

use verdikt_model::{Code, Entry, NodeId, Span, Tree, TreeBuilder, is_json_number};

use crate::cloudformation::evaluate::Evaluator;
use crate::cloudformation::value::{Data, Map, Piece, Unknown, Value};
use crate::ecs::schema::{Kind, Object, TASK_DEFINITION};

/// What begins a reference to the Parameter Store or to Secrets Manager, and what ends it.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
const DYNAMIC: (&str, &str) = ("{{resolve:", "}}");

/// Builds the body of a task definition.
pub(super) fn build(properties: &Value, evaluator: &mut Evaluator<'_, '_>) -> (Tree, NodeId) {
    let mut body = Body { builder: TreeBuilder::new(), evaluator };
    let root = match &properties.data {
        Data::Map(map) => body.object(map, &TASK_DEFINITION, properties.span),
        // What they are is not known, so any property may be there.
        Data::Unknown(unknown) => {
            let map = Map { members: Vec::new(), open: Some(unknown.why.clone()) };
            body.object(&map, &TASK_DEFINITION, properties.span)
        }
        _ => body.object(&Map::default(), &TASK_DEFINITION, properties.span),
    };
    (body.builder.finish(), root)
}

struct Body<'e, 'a, 'd> {
    builder: TreeBuilder,
    evaluator: &'e mut Evaluator<'a, 'd>,
}

impl Body<'_, '_, '_> {
    /// A value under its type, `None` for any; nothing when it is absent.
    fn value(&mut self, value: &Value, kind: Option<Kind>) -> Option<NodeId> {
        // The recursion is bounded by the depth of values, which the evaluator limits.
        let span = value.span;
        let node = match &value.data {
            Data::Absent => return None,
            Data::Null => self.builder.null(span),
            Data::Unknown(unknown) => self.unknown(unknown, kind, span),
            Data::List(items) => {
                let item_kind = if let Some(Kind::List(item)) = kind { Some(*item) } else { None };
                let items: Vec<NodeId> = items.iter().filter_map(|item| self.value(item, item_kind)).collect();
                self.builder.list(span, &items)
            }
            Data::Map(map) => self.map(map, kind, span),
            Data::Text(text) if text.contains(DYNAMIC.0) => {
                let pieces = with_dynamic_references(vec![Piece::Known(text.clone())]);
                match Value::of_pieces(pieces, span).data {
                    Data::Unknown(unknown) => self.unknown(&unknown, kind, span),
                    _ => self.scalar(&value.data, kind, span),
                }
            }
            scalar => self.scalar(scalar, kind, span),
        };
        for step in &value.steps {
            self.builder.add_provenance(node, step.clone());
        }
        Some(node)
    }

    fn scalar(&mut self, data: &Data, kind: Option<Kind>, span: Span) -> NodeId {
        let builder = &mut self.builder;
        match (data, kind) {
            (Data::Bool(value), Some(Kind::Text)) => builder.string(span, if *value { "true" } else { "false" }),
            (Data::Bool(value), _) => builder.bool(span, *value),
            (Data::Number(text), Some(Kind::Text)) => builder.string(span, text),
            (Data::Number(text), _) => builder.number(span, text),
            (Data::Text(text), Some(Kind::Boolean)) if text.eq_ignore_ascii_case("true") => builder.bool(span, true),
            (Data::Text(text), Some(Kind::Boolean)) if text.eq_ignore_ascii_case("false") => builder.bool(span, false),
            (Data::Text(text), Some(Kind::Integer)) => match whole_number(text) {
                Some(number) => builder.number(span, number),
                None => builder.string(span, text),
            },
            (Data::Text(text), _) => builder.string(span, text),
            // The rest is no scalar.
            _ => builder.null(span),
        }
    }

    fn unknown(&mut self, unknown: &Unknown, kind: Option<Kind>, span: Span) -> NodeId {
        let mut known = Vec::new();
        let pieces = with_dynamic_references(unknown.pieces.clone());
        let secret = pieces.iter().find_map(|piece| match piece {
            Piece::Unknown { reference: Some(reference), .. } if reference.starts_with(DYNAMIC.0) => Some(&**reference),
            _ => None,
        });
        if let Some(reference) = unknown.reference.as_deref().or(secret) {
            known.push(("$ref", self.builder.string(span, reference)));
        }
        // One piece, and that unknown, says nothing.
        if pieces.len() > 1 {
            let parts: Vec<NodeId> = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Known(text) => self.builder.string(span, text),
                    Piece::Unknown { .. } => self.builder.null(span),
                })
                .collect();
            known.push(("$parts", self.builder.list(span, &parts)));
        }
        if !unknown.alternatives.is_empty() {
            let alternatives: Vec<NodeId> = unknown
                .alternatives
                .iter()
                .map(|one| self.value(one, kind).unwrap_or_else(|| self.builder.null(one.span)))
                .collect();
            known.push(("$any", self.builder.list(span, &alternatives)));
        }
        let why = pieces.iter().find_map(|piece| if let Piece::Unknown { why, .. } = piece { Some(why) } else { None });
        self.builder.unknown(span, why.unwrap_or(&unknown.why), &known)
    }

    fn map(&mut self, map: &Map, kind: Option<Kind>, span: Span) -> NodeId {
        match (kind, &map.open) {
            (Some(Kind::Object(object)), _) => self.object(map, object, span),
            // Keys of the user's own: which others there may be cannot be said but of the whole.
            (_, Some(why)) => self.builder.unknown(span, why, &[]),
            _ => {
                let kind = matches!(kind, Some(Kind::Texts)).then_some(Kind::Text);
                let mut entries = Vec::with_capacity(map.members.len());
                for member in &map.members {
                    if let Some(node) = self.value(&member.value, kind) {
                        entries.push(self.builder.entry(&member.key, member.key_span, node));
                    }
                }
                self.builder.map(span, &entries)
            }
        }
    }

    /// A map under a type with properties: each gets its name in the API. One that CloudFormation
    /// does not know stays as it is, and a warning says so; where it is another
    /// spelling of one, the property that is meant is unknown, so that nothing passes for its absence.
    fn object(&mut self, map: &Map, object: &'static Object, span: Span) -> NodeId {
        let mut entries: Vec<Entry> = Vec::with_capacity(map.members.len());
        let mut unknown: Vec<(&str, Span, String)> = Vec::new();
        for member in &map.members {
            let key_span = member.key_span;
            if let Some(property) = object.property(&member.key) {
                if let Some(node) = self.value(&member.value, Some(property.kind)) {
                    entries.push(self.builder.entry(&property.api_name(), key_span, node));
                }
                continue;
            }
            let meant = object.meant_property(&member.key);
            let what = match meant {
                Some(property) => format!("the property is `{}`, and what it decides is unknown", property.name),
                None => "remove or correct it; no rule reads it".to_owned(),
            };
            let message = format!(
                "`{}` is no property of `{}`, so that CloudFormation refuses the template: {what}.",
                member.key, object.name
            );
            self.evaluator.report(Code::UnknownProperty, key_span, message);
            match meant {
                Some(property) => {
                    let why = format!("it is written `{}`, which CloudFormation refuses", member.key);
                    unknown.push((property.name, member.value.span, why));
                }
                None => {
                    if let Some(node) = self.value(&member.value, None) {
                        entries.push(self.builder.entry(&member.key, key_span, node));
                    }
                }
            }
        }
        for property in object.properties {
            let misspelled = unknown.iter().find(|(name, _, _)| *name == property.name);
            let why = misspelled.map(|(_, place, why)| (*place, why)).or(map.open.as_ref().map(|why| (span, why)));
            let Some((place, why)) = why else { continue };
            if !map.members.iter().any(|member| member.key == property.name) {
                let node = self.builder.unknown(place, why, &[]);
                entries.push(self.builder.entry(&property.api_name(), place, node));
            }
        }
        self.builder.map(span, &entries)
    }
}

/// A whole number in JSON's grammar.
fn whole_number(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Leading zeros mean nothing in a text.
    let text = if text == digits { text.trim_start_matches('0') } else { text };
    let text = if text.is_empty() { "0" } else { text };
    is_json_number(text).then_some(text)
}

/// Takes dynamic references out of the known pieces of a text. CloudFormation resolves them in the
/// finished text, so one may begin in one piece and end in another.
fn with_dynamic_references(pieces: Vec<Piece>) -> Vec<Piece> {
    let begins = |piece: &Piece| matches!(piece, Piece::Known(text) if text.contains(DYNAMIC.0));
    if !pieces.iter().any(begins) {
        return pieces;
    }
    let mut out = Vec::new();
    // The reference that has begun, as the template writes it, and what to fall back to if it does
    // not end.
    let mut open: Option<(String, Vec<Piece>)> = None;
    for piece in pieces {
        let Piece::Known(text) = piece else {
            match &mut open {
                Some((written, fallback)) => {
                    let Piece::Unknown { reference, .. } = &piece else { continue };
                    written.push_str(&format!("${{{}}}", reference.as_deref().unwrap_or("?")));
                    fallback.push(piece);
                }
                None => out.push(piece),
            }
            continue;
        };
        let mut rest = &*text;
        loop {
            if let Some((mut written, mut fallback)) = open.take() {
                let Some(end) = rest.find(DYNAMIC.1) else {
                    written.push_str(rest);
                    fallback.push(Piece::Known(rest.to_owned()));
                    open = Some((written, fallback));
                    break;
                };
                let (last, following) = rest.split_at(end + DYNAMIC.1.len());
                written.push_str(last);
                let why = "a dynamic reference is resolved when the stack is deployed".to_owned();
                out.push(Piece::Unknown { why, reference: Some(written) });
                rest = following;
            }
            let Some(start) = rest.find(DYNAMIC.0) else {
                out.push(Piece::Known(rest.to_owned()));
                break;
            };
            out.push(Piece::Known(rest[..start].to_owned()));
            open = Some((String::new(), Vec::new()));
            rest = &rest[start..];
        }
    }
    if let Some((_, fallback)) = open {
        out.extend(fallback);
    }
    out.retain(|piece| !matches!(piece, Piece::Known(text) if text.is_empty()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynamic_references_are_found_in_the_finished_text() {
        let known = |text: &str| Piece::Known(text.into());
        let unknown = |reference: &str| Piece::Unknown { why: String::new(), reference: Some(reference.into()) };
        let show = |pieces: Vec<Piece>| -> Vec<String> {
            pieces
                .into_iter()
                .map(|piece| match piece {
                    Piece::Known(text) => text,
                    Piece::Unknown { reference, .. } => format!("<{}>", reference.unwrap_or_default()),
                })
                .collect()
        };
        for (pieces, expected) in [
            (vec![known("plain")], vec!["plain"]),
            (vec![known("{{resolve:ssm:/a:1}}")], vec!["<{{resolve:ssm:/a:1}}>"]),
            (
                vec![known("x{{resolve:ssm:a}}y{{resolve:ssm:b}}")],
                vec!["x", "<{{resolve:ssm:a}}>", "y", "<{{resolve:ssm:b}}>"],
            ),
            (
                vec![known("{{resolve:secretsmanager:"), unknown("S"), known(":SecretString:p}}@"), unknown("H")],
                vec!["<{{resolve:secretsmanager:${S}:SecretString:p}}>", "@", "<H>"],
            ),
            (vec![known("{{resolve:ssm:a"), unknown("S")], vec!["{{resolve:ssm:a", "<S>"]),
            (vec![unknown("S"), known("}}")], vec!["<S>", "}}"]),
        ] {
            assert_eq!(show(with_dynamic_references(pieces)), expected);
        }
    }

    #[test]
    fn texts_that_are_whole_numbers() {
        for (text, expected) in [
            ("256", Some("256")),
            ("0", Some("0")),
            ("010", Some("10")),
            ("-1", Some("-1")),
            ("", None),
            ("-", None),
            ("1.5", None),
            (" 1", None),
            ("-01", None),
        ] {
            assert_eq!(whole_number(text), expected, "{text:?}");
        }
    }
}
