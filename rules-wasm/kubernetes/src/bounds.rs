//! Whether something bounds what the workloads of a namespace take, for rules that ask for it.

use std::collections::HashMap;

use verdikt_sdk::{Document, Finding, Findings, Node, Selector, Set, Strings};

use crate::answer::Answer;
use crate::placement::Placement;

/// Judges the namespaces of a set by the objects of a kind in them: one has to pass the test. Without
/// one the finding has the code `missing`, with one that falls short `falls-short`.
pub(crate) fn judge_namespaces(
    set: &Set<'_>,
    kind: &str,
    exempt: &Strings,
    suffices: impl Fn(Node<'_>) -> Answer,
    findings: &mut Findings<'_>,
) {
    let placement = Placement::of(set);
    let found = set.find(Selector::new("kubernetes", kind));
    let bounds: Vec<Bound> = found
        .into_iter()
        .map(|envelope| {
            let document = set.read(&envelope).ok();
            // One that cannot be read may suffice.
            let answer = document.as_ref().map_or(Answer::Maybe, |document| suffices(document.root()));
            Bound { document, answer, namespace: envelope.namespace, name: envelope.name }
        })
        .collect();
    let mut by_namespace: HashMap<Option<&str>, Vec<&Bound>> = HashMap::new();
    for bound in &bounds {
        by_namespace.entry(bound.namespace.as_deref()).or_default().push(bound);
    }
    let anywhere = by_namespace.get(&None).map_or(&[][..], Vec::as_slice);
    set.judge_each(findings, |document, findings| {
        findings.add(match placement.namespace(document, exempt) {
            Ok(namespace) => {
                let here = by_namespace.get(&Some(namespace)).map_or(&[][..], Vec::as_slice);
                judge(document, namespace, here, anywhere)
            }
            Err(finding) => finding,
        });
    });
}

/// An object that may bound a namespace.
struct Bound {
    document: Option<Document>,
    answer: Answer,
    namespace: Option<String>,
    name: String,
}

fn judge<'a>(document: &'a Document, namespace: &str, here: &[&'a Bound], anywhere: &[&'a Bound]) -> Finding<'a> {
    let first = |bounds: &[&'a Bound], answer| bounds.iter().copied().find(|bound| bound.answer == answer);
    if let Some(bound) = first(here, Answer::Yes) {
        return Finding::pass(document, "bounded").argument("name", &bound.name);
    }
    let finding = match first(here, Answer::Maybe) {
        Some(bound) => Finding::undecided(document, "not-known").argument("name", &bound.name),
        None => match anywhere.iter().find(|bound| bound.answer != Answer::No) {
            Some(bound) => Finding::undecided(document, "anywhere").argument("name", &bound.name),
            None => match here.first() {
                Some(bound) => {
                    let finding = Finding::fail(document, "falls-short").argument("name", &bound.name);
                    match &bound.document {
                        Some(at) => finding.related(at.root().get("spec"), "what is there"),
                        None => finding,
                    }
                }
                None => Finding::fail(document, "missing"),
            },
        },
    };
    finding.argument("namespace", namespace)
}
