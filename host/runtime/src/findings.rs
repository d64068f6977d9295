//! Checks what a guest states before the host repeats it.
//!
//! One statement that is wrong makes the whole answer invalid: a guest that names a document that
//! it was not given may as well have left out one that it was.

use std::collections::HashSet;

use verdikt_model::{Document, DocumentId, Edit, Finding, Fix, Operation, Place, Pointer, Related, Scope, Status};

use crate::adapter::Request;
use crate::answer::{RawEdit, RawFinding, RawFix, RawPlace};
use crate::description::is_control;
use crate::inventory::DocumentSet;
use crate::limits::Limits;
use crate::text::shorten;

/// What the checks know of the call.
pub(crate) struct Checks<'a> {
    pub(crate) request: &'a Request<'a>,
    /// For each rule of the request its index in the rules of the caller.
    pub(crate) rules: &'a [usize],
    pub(crate) scope: Scope,
    pub(crate) set: &'a dyn DocumentSet,
    pub(crate) limits: &'a Limits,
}

/// Checks an answer and gives it the model's types.
///
/// # Errors
/// What is wrong with the first finding that cannot be believed.
pub(crate) fn check(answer: Vec<RawFinding>, checks: &Checks<'_>) -> Result<Vec<Finding>, String> {
    if answer.len() > checks.limits.findings {
        return Err(format!("it has {} findings, the limit is {}", answer.len(), checks.limits.findings));
    }
    let given: HashSet<DocumentId> = checks.request.documents.iter().map(|(document, _)| document.id).collect();
    answer.into_iter().map(|finding| check_finding(finding, &given, checks)).collect()
}

fn check_finding(finding: RawFinding, given: &HashSet<DocumentId>, checks: &Checks<'_>) -> Result<Finding, String> {
    let Some((activation, rule)) = usize::try_from(finding.rule)
        .ok()
        .and_then(|index| Some((checks.request.rules.get(index)?, *checks.rules.get(index)?)))
    else {
        return Err(format!(
            "a finding names rule number {} of a request with {}",
            finding.rule,
            count(checks.request.rules.len(), "rule")
        ));
    };
    let rule_id = &activation.rule;
    let document = match &finding.at {
        None => None,
        Some(at) => {
            match checks.set.document(DocumentId(at.document)).filter(|document| given.contains(&document.id)) {
                Some(document) => Some(document),
                None => {
                    return Err(format!(
                        "rule {rule_id} names document {}, which is not among those it was asked about",
                        at.document
                    ));
                }
            }
        }
    };
    // Whatever follows can be said with rule and document.
    let about = || match document {
        Some(document) => format!("rule {rule_id} on {}", shorten(&document.address)),
        None => format!("rule {rule_id}"),
    };
    check_sizes(&finding, checks.limits).map_err(|what| format!("{}: {what}", about()))?;
    check_content(&finding, checks).map_err(|what| format!("{}: {what}", about()))?;
    let at = match (finding.at, document) {
        (Some(at), Some(document)) => Some(place(at, document).map_err(|what| format!("{}: {what}", about()))?),
        _ => None,
    };
    let related = finding
        .related
        .into_iter()
        .map(|(at, note)| {
            let id = DocumentId(at.document);
            let other = checks.set.document(id).ok_or_else(|| {
                format!("{}: a related place names document {}, which is not in the set", about(), id.0)
            })?;
            Ok(Related { at: place(at, other).map_err(|what| format!("{}: a related place: {what}", about()))?, note })
        })
        .collect::<Result<Vec<Related>, String>>()?;
    let fix = finding.fix.map(fix).transpose().map_err(|what| format!("{}: its fix: {what}", about()))?;
    Ok(Finding {
        rule,
        status: finding.status,
        at,
        subject: finding.subject,
        message: finding.message,
        code: finding.code,
        arguments: finding.arguments,
        severity: finding.severity,
        sensitive: finding.sensitive,
        controls: finding.controls,
        related,
        fix,
        extra: finding.extra,
    })
}

/// What the parts of a finding must say.
fn check_content(finding: &RawFinding, checks: &Checks<'_>) -> Result<(), String> {
    if finding.at.is_none() {
        if checks.scope == Scope::Document {
            return Err("a finding of a document rule must name the document that it is about".to_owned());
        }
        if finding.subject.is_empty() {
            return Err("a finding names neither a document nor a subject".to_owned());
        }
    }
    let silent = finding.message.is_empty() && finding.status.reason().is_empty();
    if silent && !matches!(finding.status, Status::Pass(_) | Status::NotApplicable(_)) {
        return Err("a finding has no message".to_owned());
    }
    match finding.controls.iter().find(|control| !is_control(control)) {
        Some(control) => Err(format!("the control `{}` must be `framework:control`", shorten(control))),
        None => Ok(()),
    }
}

/// Every string and every list is bounded, so that one finding cannot fill a report.
fn check_sizes(finding: &RawFinding, limits: &Limits) -> Result<(), String> {
    let edits = finding.fix.as_ref().map_or(&[][..], |fix| &fix.edits);
    for (what, length) in [
        ("arguments", finding.arguments.len()),
        ("controls", finding.controls.len()),
        ("related", finding.related.len()),
        ("edits", edits.len()),
        ("extra", finding.extra.len()),
    ] {
        if length > limits.list_length {
            return Err(format!("`{what}` has {length} elements, the limit is {}", limits.list_length));
        }
    }
    let pairs = finding.arguments.iter().chain(&finding.extra).flat_map(|(key, value)| [key, value]);
    let related = finding.related.iter().flat_map(|(at, note)| [&at.pointer, note]);
    let edits = edits.iter().flat_map(|edit| [Some(&edit.pointer), edit.value.as_ref()]).flatten();
    let longest = [finding.status.reason(), &finding.subject, &finding.message]
        .into_iter()
        .chain(finding.code.as_deref())
        .chain(finding.at.as_ref().map(|at| at.pointer.as_str()))
        .chain(finding.fix.as_ref().map(|fix| fix.title.as_str()))
        .chain(pairs.chain(related).chain(edits).chain(&finding.controls).map(String::as_str))
        .map(str::len)
        .max()
        .unwrap_or(0);
    if longest > limits.string_length {
        return Err(format!("a text has {longest} bytes, the limit is {}", limits.string_length));
    }
    Ok(())
}

/// A pointer that means something in its document, be it a place where nothing stands.
fn place(at: RawPlace, document: &Document) -> Result<Place, String> {
    let pointer = Pointer::parse(&at.pointer).map_err(|error| shorten(&error.to_string()))?;
    pointer.resolve(document.body()).map_err(|error| shorten(&error.to_string()))?;
    Ok(Place { document: document.id, pointer })
}

fn fix(fix: RawFix) -> Result<Fix, String> {
    let edits = fix.edits.into_iter().map(edit).collect::<Result<Vec<Edit>, String>>()?;
    Ok(Fix { title: fix.title, safe: fix.safe, edits })
}

fn edit(edit: RawEdit) -> Result<Edit, String> {
    let pointer = Pointer::parse(&edit.pointer).map_err(|error| shorten(&error.to_string()))?;
    match (&edit.value, edit.operation) {
        (Some(_), Operation::Remove) => return Err("`remove` takes no value".to_owned()),
        (None, Operation::Add | Operation::Replace) => return Err("`add` and `replace` need a value".to_owned()),
        (Some(value), _) => {
            if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(value) {
                return Err(format!("the value for `{}` is not JSON: {error}", shorten(&edit.pointer)));
            }
        }
        (None, Operation::Remove) => {}
    }
    Ok(Edit { operation: edit.operation, pointer, value: edit.value })
}

/// `1 rule`, `2 rules`.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
