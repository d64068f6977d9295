//! Whether something bounds what the workloads of a namespace take, for rules that ask for it.

use std::collections::HashMap;

use verdikt_sdk::{Document, Finding, Findings, Node, Selector, Set, Strings};

use crate::answer::Answer;
use crate::cluster::{Places, namespaces_and_workloads};

/// Judges the namespaces of a set that have workloads by the objects of a kind in them: one has to pass the
/// test.
pub(crate) fn judge_namespaces(
    set: &Set<'_>,
    kind: &str,
    exempt: &Strings,
    suffices: impl Fn(Node<'_>) -> Answer,
    findings: &mut Findings<'_>,
) {
    let everywhere = namespaces_and_workloads(set);
    let places = Places::of(&everywhere);
    let bounds = Bounds::read(set, kind, suffices);
    for envelope in set.documents() {
        let document = Document::without_body(envelope);
        if envelope.platform == "workload" {
            findings.add(places.at_workload(&document, |namespace| match namespace {
                Some(name) => bounds.judge(document.root(), name, exempt),
                None => Finding::undecided(document.root(), "no-namespace"),
            }));
        } else if places.has_workloads(&envelope.name) == Answer::Yes {
            findings.add(bounds.judge(document.root(), &envelope.name, exempt));
        } else {
            // A workload that does not say where it goes has its own finding.
            findings
                .add(Finding::not_applicable(document.root(), "no-workloads").argument("namespace", &envelope.name));
        }
    }
}

/// An object that may bound a namespace.
struct Bound {
    name: String,
    answer: Answer,
}

/// The objects of one kind, by their namespace; `None` are those that do not say where they are.
struct Bounds(HashMap<Option<String>, Vec<Bound>>);

impl Bounds {
    fn read(set: &Set<'_>, kind: &str, suffices: impl Fn(Node<'_>) -> Answer) -> Bounds {
        let mut bounds: HashMap<Option<String>, Vec<Bound>> = HashMap::new();
        for envelope in set.find(Selector::new("kubernetes", kind)) {
            // One that cannot be read may suffice.
            let answer = set.read(&envelope).map_or(Answer::Maybe, |document| suffices(document.root()));
            bounds.entry(envelope.namespace).or_default().push(Bound { name: envelope.name, answer });
        }
        Bounds(bounds)
    }

    fn of(&self, namespace: Option<&str>) -> &[Bound] {
        self.0.get(&namespace.map(str::to_owned)).map_or(&[], Vec::as_slice)
    }

    /// What to say of a namespace with workloads. The rule has messages for these codes.
    fn judge<'a>(&self, at: Node<'a>, namespace: &str, exempt: &Strings) -> Finding<'a> {
        if exempt.contains(namespace) {
            return Finding::not_applicable(at, "system-namespace").argument("namespace", namespace);
        }
        let (here, anywhere) = (self.of(Some(namespace)), self.of(None));
        let first = |answer| here.iter().find(|bound| bound.answer == answer);
        let perhaps = || anywhere.iter().find(|bound| bound.answer != Answer::No);
        let finding = if let Some(bound) = first(Answer::Yes) {
            return Finding::pass(at, "bounded").argument("name", &bound.name);
        } else if let Some(bound) = first(Answer::Maybe) {
            Finding::undecided(at, "not-known").argument("name", &bound.name)
        } else if let Some(bound) = perhaps() {
            Finding::undecided(at, "anywhere").argument("name", &bound.name)
        } else if let Some(bound) = here.first() {
            Finding::fail(at, "falls-short").argument("name", &bound.name)
        } else {
            Finding::fail(at, "missing")
        };
        finding.argument("namespace", namespace)
    }
}
