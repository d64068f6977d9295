//! Suppressions of other tools, so that what a team has accepted there stays accepted.
//!
//! - Checkov, `docs/2.Basics/Suppressing and Skipping Policies.md` of github.com/bridgecrewio/checkov:
//!   comments `checkov:skip=ID[,ID]:reason` anywhere in a resource, annotations `checkov.io/skip1:
//!   ID=reason` (`get_skipped_checks` in `checkov/kubernetes/kubernetes_utils.py`); `bridgecrew` is
//!   its former name.
//! - Trivy, `pkg/iac/ignore/parse.go` of github.com/aquasecurity/trivy: words
//!   `trivy:ignore:ID[:exp:YYYY-MM-DD]`, formerly `tfsec:`. Ignores that hold for a workspace (`ws:`)
//!   or an attribute's value (`ID[key=value]`) only, or that have no valid day, accept nothing here.
//! - kube-linter, `pkg/ignore/ignore.go` of github.com/stackrox/kube-linter: annotations of the object
//!   `ignore-check.kube-linter.io/CHECK: reason` and `kube-linter.io/ignore-all: reason`.
//!
//! Whether a name is one of our rules is for the engine to say: what is not concerns us not at all,
//! and so there is no such thing as a mistake here.

use memchr::memmem;
use verdikt_model::{Date, Dialect};

use super::grammar::Names;

/// A suppression as another tool understands it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Foreign<'a> {
    pub(super) dialect: Dialect,
    /// Never empty.
    pub(super) checks: Names<'a>,
    pub(super) until: Option<Date>,
    pub(super) reason: String,
}

/// The suppressions of other tools in a comment.
pub(super) fn in_comment(comment: &str) -> Vec<Foreign<'_>> {
    let mut found: Vec<Foreign<'_>> = checkov_comment(comment).into_iter().collect();
    trivy(comment, &mut found);
    found
}

/// The suppression of another tool that an annotation is. `of_object` is false for the annotations
/// of a pod template, which kube-linter does not read. Places are in the key where that names the
/// check, and in the value otherwise.
pub(super) fn in_annotation<'a>(key: &'a str, value: &'a str, of_object: bool) -> Option<(Foreign<'a>, Named)> {
    if key.contains("checkov.io/skip") || key.contains("bridgecrew.io/skip") {
        let (id, reason) = value.split_once('=').unwrap_or((value, ""));
        let start = id.len() - id.trim_start().len();
        let id = id.trim();
        let check = (!id.is_empty()).then_some((id, start..start + id.len()))?;
        let foreign = Foreign { dialect: Dialect::Checkov, checks: vec![check], until: None, reason: unquoted(reason) };
        return Some((foreign, Named::InValue));
    }
    let check = match key.strip_prefix("ignore-check.kube-linter.io/") {
        Some(check) if of_object && !check.is_empty() => (check, key.len() - check.len()..key.len()),
        None if of_object && key == "kube-linter.io/ignore-all" => ("*", 0..key.len()),
        _ => return None,
    };
    let reason = value.trim().to_owned();
    Some((Foreign { dialect: Dialect::KubeLinter, checks: vec![check], until: None, reason }, Named::InKey))
}

/// Where an annotation names its check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    InKey,
    InValue,
}

fn checkov_comment(comment: &str) -> Option<Foreign<'_>> {
    let prefixes = ["checkov:skip=", "bridgecrew:skip="];
    let after = prefixes.iter().filter_map(|prefix| Some(comment.find(prefix)? + prefix.len())).min()?;
    let mut checks = Vec::new();
    let mut at = after;
    loop {
        at += comment[at..].len() - comment[at..].trim_start_matches(' ').len();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = comment[at..].find(|letter| !is_part(letter)).map_or(comment.len(), |end| at + end);
        if end > at {
            checks.push((&comment[at..end], at..end));
        }
        at = end;
        match comment[at..].strip_prefix(',') {
            Some(_) if !checks.is_empty() => at += 1,
            _ => break,
        }
    }
    let reason = comment[at..].strip_prefix(':').map_or_else(String::new, unquoted);
    (!checks.is_empty()).then_some(Foreign { dialect: Dialect::Checkov, checks, until: None, reason })
}

/// Checkov's documentation puts reasons in quotes.
fn unquoted(reason: &str) -> String {
    let reason = reason.trim();
    let inner = reason.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(reason).trim().to_owned()
}

fn trivy<'a>(comment: &'a str, found: &mut Vec<Foreign<'a>>) {
    let is_ours = |needle: &str| memmem::find(comment.as_bytes(), needle.as_bytes()).is_some();
    if !is_ours("trivy:") && !is_ours("tfsec:") {
        return;
    }
    let first = found.len();
    let mut words = Vec::new();
    let mut at = 0;
    for part in comment.split(' ') {
        let word = part.trim().trim_start_matches(['#', '/', '*']);
        let start = at + part.len() - part.trim_start().trim_start_matches(['#', '/', '*']).len();
        at += part.len() + 1;
        let sections = word.strip_prefix("trivy:").or_else(|| word.strip_prefix("tfsec:"));
        match sections {
            Some(sections) => found.extend(ignore(sections, start + word.len() - sections.len())),
            None if !word.is_empty() => words.push(word),
            None => {}
        }
    }
    // Trivy knows no reason; what else the comment says is the best there is.
    let reason = words.join(" ");
    found[first..].iter_mut().for_each(|ignore| ignore.reason.clone_from(&reason));
}

/// Pairs of a key and a value, `ignore:ID` among them. `at` is their place in the comment.
fn ignore(sections: &str, at: usize) -> Option<Foreign<'_>> {
    let mut check = None;
    let mut until = None;
    let mut place = at;
    let mut parts = sections.split(':');
    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
        let value_at = place + key.len() + 1;
        place = value_at + value.len() + 1;
        match key {
            "ignore" if !value.is_empty() && !value.contains('[') => {
                check = Some((value, value_at..value_at + value.len()));
            }
            "exp" => until = Some(Date::parse(value)?),
            _ => return None,
        }
    }
    Some(Foreign { dialect: Dialect::Trivy, checks: vec![check?], until, reason: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `DIALECT CHECK,CHECK [until] reason` of each.
    fn lines(text: &str, found: Vec<Foreign<'_>>) -> Vec<String> {
        let line = |foreign: &Foreign<'_>| {
            assert!(foreign.checks.iter().all(|(name, at)| *name == "*" || &text[at.clone()] == *name), "{text}");
            let checks: Vec<&str> = foreign.checks.iter().map(|(name, _)| *name).collect();
            let until = foreign.until.map_or_else(String::new, |day| format!(" [{day}]"));
            format!("{:?} {}{until} {}", foreign.dialect, checks.join(","), foreign.reason).trim_end().to_owned()
        };
        found.iter().map(line).collect()
    }

    #[test]
    fn comments() {
        for (comment, expected) in [
            ("# checkov:skip=CKV_K8S_16:needs the host", &["Checkov CKV_K8S_16 needs the host"][..]),
            ("#checkov:skip= CKV_K8S_16", &["Checkov CKV_K8S_16"]),
            ("# see below. bridgecrew:skip=CKV_K8S_16,CKV_K8S_20:\"a: b\"", &["Checkov CKV_K8S_16,CKV_K8S_20 a: b"]),
            ("# checkov:skip=:why", &[]),
            ("# checkov:skip", &[]),
            ("# trivy:ignore:KSV017", &["Trivy KSV017"]),
            ("#trivy:ignore:AVD-KSV-0017:exp:2027-01-31 debugging", &["Trivy AVD-KSV-0017 [2027-01-31] debugging"]),
            ("# tfsec:ignore:a  tfsec:ignore:b why", &["Trivy a why", "Trivy b why"]),
            ("# trivy:ignore:*", &["Trivy *"]),
            ("# trivy:ignore:KSV017:exp:2027-02-30", &[]),
            ("# trivy:ignore:KSV017:ws:prod", &[]),
            ("# trivy:ignore:KSV017[name=app]", &[]),
            ("# trivy:exp:2027-01-31", &[]),
            ("# trivy:ignore: KSV017", &[]),
            ("# the word trivy:ignore alone", &[]),
            (
                "# checkov:skip=CKV_K8S_16:x trivy:ignore:KSV017",
                &["Checkov CKV_K8S_16 x trivy:ignore:KSV017", "Trivy KSV017 checkov:skip=CKV_K8S_16:x"],
            ),
        ] {
            assert_eq!(lines(comment, in_comment(comment)), expected, "{comment}");
        }
    }

    #[test]
    fn annotations() {
        for (key, value, of_object, expected) in [
            ("checkov.io/skip1", "CKV_K8S_16=a = b", true, Some("Checkov CKV_K8S_16 a = b")),
            ("bridgecrew.io/skip2", " CKV_K8S_16 ", false, Some("Checkov CKV_K8S_16")),
            ("checkov.io/skip1", "=why", true, None),
            ("ignore-check.kube-linter.io/latest-tag", "why", true, Some("KubeLinter latest-tag why")),
            ("ignore-check.kube-linter.io/latest-tag", "why", false, None),
            ("ignore-check.kube-linter.io/", "why", true, None),
            ("kube-linter.io/ignore-all", "", true, Some("KubeLinter *")),
            ("kube-linter.io/ignore-all", "why", false, None),
            ("app", "CKV_K8S_16=why", true, None),
        ] {
            let found = in_annotation(key, value, of_object);
            let text = if let Some((_, Named::InKey)) = found { key } else { value };
            let found = lines(text, found.into_iter().map(|(foreign, _)| foreign).collect());
            assert_eq!(found.first().map(String::as_str), expected, "{key}: {value}");
        }
    }
}
