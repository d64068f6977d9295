//! Whether rules keep their word about what cannot be known: an oracle that needs no expectations.
//!
//! Every leaf of every fixture is replaced by an unknown value, and by many values that it could have.
//! What a rule says of the unknown value must hold for each of them: it may pass only where none of them
//! fails, and fail only where all of them do.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::ops::Range;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use serde_json::{Map, Value, json};
use verdikt_sdk::testing::{Case, Verdict};
use verdikt_sdk::{Envelope, Pack, Rule, Scope};

use crate::fixture::Fixture;
use crate::native::documents;

/// Members that say what a document is. A host that does not know them has no such document.
const IDENTITY: [&str; 6] = ["/platform", "/kind", "/apiVersion", "/metadata/name", "/metadata/generateName", "/name"];

/// What a leaf may be whatever its rule is about.
const COMMON: [&str; 8] = ["null", "true", "false", "0", "1", "70000", "\"\"", "\"x\""];

/// The statements of a pack's rules about unknown values that do not hold for all values, one sentence
/// each.
///
/// # Panics
/// When a fixture cannot be read, or a rule does not keep its contract.
pub fn problems_of_unknowns(pack: &'static Pack, folder: &Path) -> Vec<String> {
    let tasks: Vec<(&Rule, Vec<Subject>)> =
        pack.rules.iter().map(|rule| (*rule, subjects(rule, &folder.join(rule.id)))).collect();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut problems: Vec<(usize, Vec<String>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                let own = tasks.iter().enumerate().skip(first).step_by(threads);
                let judge = |(at, (rule, subjects)): (usize, &(&Rule, Vec<Subject>))| (at, check(pack, rule, subjects));
                scope.spawn(move || own.map(judge).collect::<Vec<_>>())
            })
            .collect();
        let join =
            |worker: thread::ScopedJoinHandle<'_, Vec<_>>| worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        workers.into_iter().flat_map(join).collect()
    });
    problems.sort();
    problems.into_iter().flat_map(|(_, problems)| problems).collect()
}

/// A fixture, or a part of it, as its rule sees it.
struct Subject {
    name: String,
    settings: String,
    documents: Vec<Body>,
    /// The places of the documents in which something is replaced.
    varied: Range<usize>,
}

/// A document with its body, as a tree and as text.
#[derive(Clone)]
struct Body {
    envelope: Envelope,
    value: Value,
    text: String,
}

/// Verdicts by document; the last one is of what is said of no document.
type Verdicts = Vec<Verdict>;

impl Subject {
    /// The verdicts of a rule when a node has this value; `None` removes it.
    fn verdicts(&self, pack: &Pack, rule: &Rule, at: &Place, value: Option<&Value>) -> Verdicts {
        let mut case = Case::new().setting(rule.id, &self.settings);
        for (index, body) in self.documents.iter().enumerate() {
            let replaced = (index == at.document).then(|| replaced(&body.value, &at.pointer, value).to_string());
            case = case.with(body.envelope.clone(), replaced.unwrap_or_else(|| body.text.clone()));
        }
        let mut verdicts = vec![None; self.documents.len() + 1];
        for finding in case.judge(pack, rule.id).findings {
            let document = finding.document.map_or(self.documents.len(), |document| document as usize);
            verdicts[document] = verdicts[document].max(Some(finding.verdict));
        }
        verdicts.into_iter().map(|verdict| verdict.unwrap_or(Verdict::Pass)).collect()
    }
}

/// A node of a subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    document: usize,
    pointer: String,
}

/// What a rule judges in its fixtures, and every single container of a document by itself: beside
/// others, one that fails would hide what is said of the rest.
fn subjects(rule: &Rule, folder: &Path) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for fixture in Fixture::all(folder) {
        let documents: Vec<Body> = documents(&fixture)
            .into_iter()
            .map(|(envelope, text)| Body {
                envelope,
                value: serde_json::from_str(&text).expect("bodies are JSON"),
                text,
            })
            .collect();
        let settings = fixture.expectations.settings();
        let mut add = |name, documents, varied| {
            subjects.push(Subject { name, settings: settings.clone(), documents, varied });
        };
        let fixture = format!("{}/{}", rule.id, fixture.name);
        // A rule of the inventory sees all documents at once.
        if is_inventory(rule) {
            add(fixture.clone(), documents.clone(), 0..documents.len());
        }
        for (index, body) in documents.iter().enumerate().filter(|(_, body)| targets(rule, &body.envelope)) {
            let name = format!("{fixture} ({})", body.envelope.address);
            let (own, seen) = if is_inventory(rule) { (index, &documents[..]) } else { (0, &documents[index..=index]) };
            if !is_inventory(rule) {
                add(name.clone(), seen.to_vec(), 0..1);
            }
            let containers = body.value.get("containers").and_then(Value::as_array).map_or(0, Vec::len);
            for container in (0..containers).filter(|_| containers > 1) {
                let mut part = seen.to_vec();
                part[own].value["containers"] = json!([body.value["containers"][container]]);
                part[own].text = part[own].value.to_string();
                add(format!("{name}, container {container} only"), part, own..own + 1);
            }
        }
    }
    subjects
}

fn is_inventory(rule: &Rule) -> bool {
    rule.scope == Scope::Inventory
}

fn targets(rule: &Rule, envelope: &Envelope) -> bool {
    rule.targets.iter().any(|target| {
        target
            .split_once('/')
            .is_some_and(|(platform, kind)| platform == envelope.platform && (kind == "*" || kind == envelope.kind))
    })
}

fn check(pack: &'static Pack, rule: &Rule, subjects: &[Subject]) -> Vec<String> {
    let seen = values_seen(subjects);
    let mut problems = BTreeSet::new();
    for subject in subjects {
        for document in subject.varied.clone() {
            let mut pointers = Vec::new();
            collect_pointers(&subject.documents[document].value, &mut String::new(), &mut pointers);
            for pointer in pointers {
                let at = Place { document, pointer };
                problems.extend(problem(pack, rule, subject, &at, &seen));
            }
        }
    }
    problems.into_iter().collect()
}

/// What is wrong with a verdict about an unknown node, if something is.
fn problem(
    pack: &'static Pack,
    rule: &Rule,
    subject: &Subject,
    at: &Place,
    seen: &BTreeMap<String, BTreeSet<String>>,
) -> Option<String> {
    let verdicts_of = |value: Option<&Value>| subject.verdicts(pack, rule, at, value);
    let said = verdicts_of(Some(&json!({"$unknown": "set at deployment"})));
    let body = &subject.documents[at.document];
    let place = format!("{}{}", body.envelope.address, at.pointer);
    let original = body.value.pointer(&at.pointer).expect("a pointer into the body");
    let is_scalar = original.is_boolean() || original.is_string() || original.is_number();
    let before = verdicts_of(Some(original));
    let mut candidates: Vec<Option<Value>> = vec![Some(original.clone()), None];
    let common = COMMON.iter().map(|text| (*text).to_owned());
    let own = seen.get(&pattern(&at.pointer)).into_iter().flatten().cloned();
    for text in common.chain(own).collect::<BTreeSet<_>>() {
        let value: Value = serde_json::from_str(&text).expect("JSON");
        // A value of another type would be refused by the platform, so the node cannot have it.
        if value.is_null() || std::mem::discriminant(&value) == std::mem::discriminant(original) {
            candidates.push(Some(value));
        }
    }
    let holds = |said: Verdict, verdict: Verdict| match said {
        Verdict::Unknown => true,
        Verdict::Fail => verdict == Verdict::Fail,
        Verdict::Error => false,
        _ => !matches!(verdict, Verdict::Fail | Verdict::Error),
    };
    for candidate in &candidates {
        let verdicts = verdicts_of(candidate.as_ref());
        if let Some((said, verdict)) = said.iter().zip(&verdicts).find(|(said, verdict)| !holds(**said, **verdict)) {
            return Some(format!(
                "{}: {} when {place} is unknown, but {} when it is {}",
                subject.name,
                said.as_str(),
                verdict.as_str(),
                candidate.as_ref().map_or_else(|| "absent".to_owned(), Value::to_string)
            ));
        }
        // Known alternatives must not be read better than the worst of them, nor worse than the best.
        let Some(candidate) = candidate.as_ref().filter(|_| is_scalar && verdicts != before) else { continue };
        let either = json!({"$unknown": "depends on a condition", "$any": [original, candidate]});
        for (document, said) in verdicts_of(Some(&either)).into_iter().enumerate() {
            let each = [before[document], verdicts[document]];
            if each.iter().any(|verdict| !holds(said, *verdict)) {
                return Some(format!(
                    "{}: {} when {place} is {original} ({}) or {candidate} ({})",
                    subject.name,
                    said.as_str(),
                    each[0].as_str(),
                    each[1].as_str()
                ));
            }
        }
    }
    None
}

/// The values of each place, indexes aside, in all fixtures of a rule.
fn values_seen(subjects: &[Subject]) -> BTreeMap<String, BTreeSet<String>> {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Body { value: body, .. } in subjects.iter().flat_map(|subject| &subject.documents) {
        let mut pointers = Vec::new();
        collect_pointers(body, &mut String::new(), &mut pointers);
        for pointer in pointers {
            let value = body.pointer(&pointer).expect("a pointer into the body");
            seen.entry(pattern(&pointer)).or_default().insert(value.to_string());
        }
    }
    seen
}

/// A pointer with its indexes left open.
fn pattern(pointer: &str) -> String {
    let steps = pointer.split('/');
    let steps =
        steps.map(|step| if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) { "*" } else { step });
    steps.collect::<Vec<_>>().join("/")
}

/// Every node below the root that may be unknown, but not what is inside of an unknown one.
fn collect_pointers(node: &Value, pointer: &mut String, found: &mut Vec<String>) {
    let steps: Vec<(String, &Value)> = match node {
        Value::Object(members) if members.contains_key("$unknown") => return,
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => return,
    };
    for (step, value) in steps {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&step);
        if !IDENTITY.contains(&pointer.as_str()) && !pointer.ends_with("/role") {
            found.push(pointer.clone());
            collect_pointers(value, pointer, found);
        }
        pointer.truncate(length);
    }
}

/// The body with another value at the pointer, or with nothing there.
fn replaced(body: &Value, pointer: &str, value: Option<&Value>) -> Value {
    let mut body = body.clone();
    let (parent, last) = pointer.rsplit_once('/').expect("a pointer below the root");
    let last = last.replace("~1", "/").replace("~0", "~");
    match (body.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => {
            members.insert(last, value.clone());
        }
        (Some(Value::Object(members)), None) => remove(members, &last),
        (Some(Value::Array(items)), value) => {
            let index: usize = last.parse().expect("an index");
            match value {
                Some(value) => items[index] = value.clone(),
                None => drop(items.remove(index)),
            }
        }
        _ => unreachable!("the pointer was taken from this body"),
    }
    body
}

fn remove(members: &mut Map<String, Value>, name: &str) {
    members.shift_remove(name);
}
