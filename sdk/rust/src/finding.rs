//! What rules state, and how they state it.

use std::fmt;

use crate::bindings::verdikt::policy::types as wire;
use crate::node::{Decision, List, Node, Unknown};
use crate::rule::{self, Rule};

/// What one rule states about the documents that it judges.
///
/// Messages come from the templates of the rule's texts: a finding names the code of one and gives
/// the arguments, so that message, code and arguments always agree.
pub struct Findings<'f> {
    rule: &'static Rule,
    index: u32,
    out: &'f mut Vec<wire::Finding>,
    /// How many findings there were before this rule began.
    before: usize,
}

impl<'f> Findings<'f> {
    pub(crate) fn new(rule: &'static Rule, index: u32, out: &'f mut Vec<wire::Finding>) -> Self {
        let before = out.len();
        Findings { rule, index, out, before }
    }

    /// How many findings the rule has stated (a document rule: about this document).
    pub fn len(&self) -> usize {
        self.out.len() - self.before
    }

    /// Whether the rule has stated nothing yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// States that a document could not be read.
    pub(crate) fn add_unreadable(&mut self, document: u32, problem: &str) {
        self.out.push(unreadable(self.index, document, problem));
    }

    /// States a finding.
    pub fn add(&mut self, finding: Finding<'_>) {
        let statement = finding.unless_alternative().state(self.rule, self.index);
        self.out.push(statement);
    }

    /// States what a decision says: nothing for a pass, the finding for a failure, and what is not
    /// known otherwise.
    pub fn settle<'a>(&mut self, decision: Decision<'a>, failure: impl FnOnce() -> Finding<'a>) {
        match decision {
            Decision::Pass => {}
            Decision::Fail => self.add(failure()),
            Decision::Unknown(unknown) => self.add(Finding::unknown(unknown)),
        }
    }

    /// The elements of a list that are certain. When there may be others, that is stated as unknown.
    ///
    /// Of an element that may be absent (one of its alternatives is null) come those that it may be. A
    /// failure of one of these is stated as unknown, since it may not be there.
    pub fn every<'a, T: From<Node<'a>> + 'a>(&mut self, list: List<'a, T>) -> impl Iterator<Item = T> + use<'a, T> {
        if let Some(rest) = list.rest() {
            self.add(Finding::unknown(rest));
        }
        list.known_nodes().flat_map(Node::unless_absent).map(T::from)
    }
}

/// A statement about a node, present or absent. Made here, then [added](Findings::add).
#[must_use = "a finding counts when it is added to the findings"]
pub struct Finding<'a> {
    at: Option<Node<'a>>,
    subject: String,
    status: Status,
    /// Of the message; for passes and the like the reason, which may have no message.
    code: &'static str,
    arguments: Vec<(&'static str, String)>,
    severity: Option<wire::Severity>,
    sensitive: bool,
    controls: Vec<&'static str>,
    related: Vec<(Node<'a>, String)>,
    fix: Option<Fix<'a>>,
    extra: Vec<(&'static str, String)>,
}

enum Status {
    Fail,
    Pass,
    Unknown(String),
    NotApplicable,
    Informational,
    Manual,
    Error(String),
}

impl<'a> Finding<'a> {
    /// The node violates the rule. `code` names the message.
    pub fn fail(at: impl Into<Node<'a>>, code: &'static str) -> Finding<'a> {
        Finding::new(Some(at.into()), Status::Fail, code)
    }

    /// Something that should be there has no document at all, such as a namespace that is only seen
    /// in workloads. `subject` names it.
    pub fn missing(subject: impl Into<String>, code: &'static str) -> Finding<'a> {
        Finding { subject: subject.into(), ..Finding::new(None, Status::Fail, code) }
    }

    /// The rule depends on a value that is not known.
    pub fn unknown(unknown: Unknown<'a>) -> Finding<'a> {
        Finding::unknown_because(unknown.node(), unknown.why())
    }

    /// Whether the node violates the rule is not known, for a reason that the rule gives: part of a
    /// sentence, without a dot.
    pub fn unknown_because(at: impl Into<Node<'a>>, why: impl Into<String>) -> Finding<'a> {
        let at = at.into();
        let why = why.into();
        Finding::new(Some(at), Status::Unknown(why.clone()), rule::UNKNOWN)
            .argument("pointer", at.pointer())
            .argument("why", why)
    }

    /// Whether the rule is met is not known, for a reason that has a message: `code` names it.
    pub fn undecided(at: impl Into<Node<'a>>, code: &'static str) -> Finding<'a> {
        Finding::new(Some(at.into()), Status::Unknown(code.to_owned()), code)
    }

    /// The rule is met, for a reason that is worth saying: a short code. There may be a message of
    /// this code.
    pub fn pass(at: impl Into<Node<'a>>, reason: &'static str) -> Finding<'a> {
        Finding::new(Some(at.into()), Status::Pass, reason)
    }

    /// The rule does not apply. The reason is a short code; there may be a message of this code.
    pub fn not_applicable(at: impl Into<Node<'a>>, reason: &'static str) -> Finding<'a> {
        Finding::new(Some(at.into()), Status::NotApplicable, reason)
    }

    /// Worth knowing, no violation. `code` names the message.
    pub fn informational(at: impl Into<Node<'a>>, code: &'static str) -> Finding<'a> {
        Finding::new(Some(at.into()), Status::Informational, code)
    }

    /// A person has to answer. `code` names the message, which is the question.
    pub fn manual(at: impl Into<Node<'a>>, code: &'static str) -> Finding<'a> {
        Finding::new(Some(at.into()), Status::Manual, code)
    }

    /// The rule itself could not judge, and why.
    pub fn error(at: impl Into<Node<'a>>, problem: impl Into<String>) -> Finding<'a> {
        Finding::new(Some(at.into()), Status::Error(problem.into()), "")
    }

    fn new(at: Option<Node<'a>>, status: Status, code: &'static str) -> Finding<'a> {
        Finding {
            at,
            subject: String::new(),
            status,
            code,
            arguments: Vec::new(),
            severity: None,
            sensitive: false,
            controls: Vec::new(),
            related: Vec::new(),
            fix: None,
            extra: Vec::new(),
        }
    }

    /// An argument of the message.
    pub fn argument(mut self, name: &'static str, value: impl fmt::Display) -> Finding<'a> {
        self.arguments.push((name, value.to_string()));
        self
    }

    /// Another severity than the rule's own.
    pub fn severity(self, severity: wire::Severity) -> Finding<'a> {
        Finding { severity: Some(severity), ..self }
    }

    /// The value at the node is a secret, to be masked wherever it would be shown.
    pub fn sensitive(self) -> Finding<'a> {
        Finding { sensitive: true, ..self }
    }

    /// A control in addition to the rule's own, as `framework:control`.
    pub fn control(mut self, control: &'static str) -> Finding<'a> {
        self.controls.push(control);
        self
    }

    /// What the finding is about where that has no document of its own, such as a namespace that is only
    /// seen in workloads; the finding's place is then in a document that shows it.
    pub fn subject(self, subject: impl Into<String>) -> Finding<'a> {
        Finding { subject: subject.into(), ..self }
    }

    /// Another place that explains the finding.
    pub fn related(mut self, at: impl Into<Node<'a>>, note: impl Into<String>) -> Finding<'a> {
        self.related.push((at.into(), note.into()));
        self
    }

    /// How to put it right.
    pub fn fix(self, fix: Fix<'a>) -> Finding<'a> {
        Finding { fix: Some(fix), ..self }
    }

    /// For what there is no field for.
    pub fn extra(mut self, key: &'static str, value: impl Into<String>) -> Finding<'a> {
        self.extra.push((key, value.into()));
        self
    }

    /// A failure of something that may not be there is no failure.
    fn unless_alternative(self) -> Finding<'a> {
        match (&self.status, self.at, self.at.and_then(Node::alternative_of)) {
            (Status::Fail, Some(at), Some(unknown)) => Finding::unknown_because(
                at,
                format!("it is one of several values that may be there: {}", unknown.why()),
            ),
            _ => self,
        }
    }

    fn state(self, rule: &'static Rule, index: u32) -> wire::Finding {
        let mut arguments = self.arguments;
        // A reason without a message of its own gets the general one.
        let general = match self.status {
            Status::Pass if rule.template(self.code).is_none() => rule::PASS,
            Status::NotApplicable if rule.template(self.code).is_none() => rule::NOT_APPLICABLE,
            _ => self.code,
        };
        if general != self.code {
            arguments.push(("reason", self.code.to_owned()));
        }
        let (code, message) = match &self.status {
            Status::Error(problem) => (None, problem.clone()),
            _ => {
                let template = rule.template(general);
                debug_assert!(template.is_some(), "{}: there is no message `{general}`", rule.id);
                (Some(general.to_owned()), render(template.unwrap_or(general), &arguments))
            }
        };
        let status = match self.status {
            Status::Fail => wire::Status::Fail,
            Status::Pass => wire::Status::Pass(self.code.to_owned()),
            Status::Unknown(why) => wire::Status::Unknown(why),
            Status::NotApplicable => wire::Status::NotApplicable(self.code.to_owned()),
            Status::Informational => wire::Status::Informational,
            Status::Manual => wire::Status::Manual(message.clone()),
            Status::Error(problem) => wire::Status::Error(problem),
        };
        wire::Finding {
            rule: index,
            status,
            at: self.at.map(place),
            subject: self.subject,
            message,
            code,
            arguments: arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            severity: self.severity,
            sensitive: self.sensitive,
            controls: self.controls.into_iter().map(str::to_owned).collect(),
            related: self.related.into_iter().map(|(at, note)| wire::Related { at: place(at), note }).collect(),
            fix: self.fix.map(Fix::into_wire),
            extra: self.extra.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        }
    }
}

/// The statement of a rule that could not even begin with a document.
pub(crate) fn unreadable(rule: u32, document: u32, problem: &str) -> wire::Finding {
    wire::Finding {
        rule,
        status: wire::Status::Error(problem.to_owned()),
        at: Some(wire::Place { document, pointer: String::new() }),
        subject: String::new(),
        message: problem.to_owned(),
        code: None,
        arguments: Vec::new(),
        severity: None,
        sensitive: false,
        controls: Vec::new(),
        related: Vec::new(),
        fix: None,
        extra: Vec::new(),
    }
}

fn place(node: Node<'_>) -> wire::Place {
    wire::Place { document: node.document(), pointer: node.pointer() }
}

/// A proposed change of the document that a finding is about.
#[must_use]
pub struct Fix<'a> {
    title: String,
    safe: bool,
    edits: Vec<(wire::Operation, Node<'a>, Option<String>)>,
}

impl<'a> Fix<'a> {
    /// A change that can be made without a person looking at it.
    pub fn safe(title: impl Into<String>) -> Fix<'a> {
        Fix { title: title.into(), safe: true, edits: Vec::new() }
    }

    /// A change that a person should look at.
    pub fn suggestion(title: impl Into<String>) -> Fix<'a> {
        Fix { title: title.into(), safe: false, edits: Vec::new() }
    }

    /// Puts a value, given as JSON text, where nothing is or in place of what is there.
    pub fn set(mut self, at: impl Into<Node<'a>>, json: impl Into<String>) -> Fix<'a> {
        let at = at.into();
        let operation = if at.is_absent() { wire::Operation::Add } else { wire::Operation::Replace };
        self.edits.push((operation, at, Some(json.into())));
        self
    }

    /// Removes what is there.
    pub fn remove(mut self, at: impl Into<Node<'a>>) -> Fix<'a> {
        self.edits.push((wire::Operation::Remove, at.into(), None));
        self
    }

    fn into_wire(self) -> wire::Fix {
        let edits = self.edits.into_iter();
        let edits = edits.map(|(op, at, value)| wire::Edit { op, pointer: at.pointer(), value }).collect();
        wire::Fix { title: self.title, safe: self.safe, edits }
    }
}

/// Puts the arguments into a template, in one pass: braces in an argument are text. What has no
/// argument stays as it is, and `testing` finds it.
fn render(template: &str, arguments: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('{') {
        out.push_str(before);
        let argument = from.split_once('}').and_then(|(name, after)| {
            let (_, value) = arguments.iter().find(|(argument, _)| *argument == name)?;
            Some((value, after))
        });
        match argument {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = from;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn templates_take_their_arguments_once() {
        let arguments = [("a", "{b}".to_owned()), ("b", "2".to_owned())];
        for (template, expected) in [
            ("", ""),
            ("no arguments", "no arguments"),
            ("{a} and {b}", "{b} and 2"),
            ("{c} {", "{c} {"),
            ("{a", "{a"),
            ("}{b}}", "}2}"),
        ] {
            assert_eq!(render(template, &arguments), expected, "{template}");
        }
    }
}
