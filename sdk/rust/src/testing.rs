//! Run rules natively, over documents in memory: what `cargo test` of a pack uses.
//!
//! Rules run by the same code as inside the component, only without one. Every finding is checked on
//! its way: its message must have all arguments, and a rule of scope `inventory` must state an
//! outcome for every document.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::bindings::verdikt::policy::types as wire;
use crate::document::{Document, Envelope};
use crate::inventory::{Inventory, Link, Selector};
use crate::pack::Pack;
use crate::rule::{Rule, parse_target};
use crate::tape::Tape;

/// The outcome of a rule on a document, in the order in which the greatest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The rule does not apply.
    NotApplicable,
    /// The rule is met.
    Pass,
    /// Worth knowing.
    Informational,
    /// A person has to answer.
    Manual,
    /// Not decidable.
    Unknown,
    /// The rule is violated.
    Fail,
    /// The rule could not judge.
    Error,
}

impl Verdict {
    /// In the words of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::NotApplicable => "not-applicable",
            Verdict::Pass => "pass",
            Verdict::Informational => "informational",
            Verdict::Manual => "manual",
            Verdict::Unknown => "unknown",
            Verdict::Fail => "fail",
            Verdict::Error => "error",
        }
    }
}

/// What a rule stated, in plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// The rule's id.
    pub rule: &'static str,
    /// The verdict of the statement.
    pub verdict: Verdict,
    /// The statement's own argument: a reason, a question, what is not known; else empty.
    pub reason: String,
    /// The document that it is about.
    pub document: Option<u32>,
    /// The node of it.
    pub pointer: Option<String>,
    /// What is missing, for a statement without a document.
    pub subject: String,
    /// The finished English sentence.
    pub message: String,
    /// The code of the message.
    pub code: Option<String>,
    /// The arguments of the message.
    pub arguments: Vec<(String, String)>,
    /// When it differs from the rule's.
    pub severity: Option<wire::Severity>,
    /// Whether the value must be masked.
    pub sensitive: bool,
}

/// Documents in memory: what [`Case`] and inventory rules read.
#[derive(Debug, Default)]
pub struct Documents {
    documents: Vec<(Document, String)>,
    links: Vec<Link>,
}

impl Documents {
    pub(crate) fn find(&self, selector: &Selector) -> Vec<Envelope> {
        let found = self.documents.iter().filter(|(document, _)| selector.matches(document));
        found.map(|(document, _)| document.envelope().clone()).collect()
    }

    /// Only whole bodies, which is all that [`Set`](crate::Set) asks for.
    pub(crate) fn get(&self, document: u32, pointer: &str) -> Option<String> {
        let (_, body) = self.documents.get(document as usize)?;
        pointer.is_empty().then(|| body.clone())
    }

    pub(crate) fn links(&self, wanted: impl Fn(&Link) -> bool) -> Vec<Link> {
        self.links.iter().filter(|link| wanted(link)).cloned().collect()
    }
}

/// A set of documents, and settings, to judge.
#[derive(Clone, Debug, Default)]
pub struct Case {
    documents: Vec<(Envelope, String)>,
    links: Vec<Link>,
    settings: BTreeMap<String, String>,
}

impl Case {
    /// No documents yet.
    pub fn new() -> Case {
        Case::default()
    }

    /// One workload with this body, of the kind, name and namespace that the body states.
    pub fn workload(body: &str) -> Case {
        Case::new().document("workload", body)
    }

    /// Adds a document. Kind, name and namespace are those that the body states: at its top, or
    /// under `metadata`.
    ///
    /// # Panics
    /// When the body is not JSON.
    #[must_use]
    pub fn document(self, platform: &str, body: &str) -> Case {
        let tape = parse(body);
        let metadata = if platform == "kubernetes" { tape.root().get("metadata") } else { tape.root() };
        let text = |name: &str| metadata.get(name).str().known().map(str::to_owned);
        let kind = tape.root().get("kind").str().known().unwrap_or("Pod").to_owned();
        let (namespace, name) = (text("namespace"), text("name").unwrap_or_else(|| "unnamed".to_owned()));
        let address = format!("{}/{kind}/{name}", namespace.as_deref().unwrap_or(""));
        let envelope = Envelope { id: 0, platform: platform.to_owned(), kind, namespace, name, address, origin: None };
        self.with(envelope, body)
    }

    /// Adds a document with an envelope of its own. Its id is set: the first document is 0.
    #[must_use]
    pub fn with(mut self, envelope: Envelope, body: impl Into<String>) -> Case {
        let id = self.documents.len() as u32;
        self.documents.push((Envelope { id, ..envelope }, body.into()));
        self
    }

    /// Adds a reference between documents.
    #[must_use]
    pub fn link(mut self, document: u32, pointer: &str, target: u32) -> Case {
        self.links.push(Link { document, pointer: pointer.to_owned(), target });
        self
    }

    /// Sets the settings of a rule, as JSON text.
    #[must_use]
    pub fn setting(mut self, rule: &str, json: &str) -> Case {
        self.settings.insert(rule.to_owned(), json.to_owned());
        self
    }

    /// What a rule of the pack says about the documents that it targets.
    ///
    /// # Panics
    /// When there is no such rule, when a body is not JSON, when settings are refused, and when the
    /// rule does not keep its contract.
    pub fn judge(&self, pack: &Pack, rule: &str) -> Judgement {
        let rule = pack.rules.iter().find(|candidate| candidate.id == rule || candidate.slug == rule);
        let rule = *rule.unwrap_or_else(|| panic!("the pack has no such rule"));
        let judgement = self.try_judge(pack, rule.id).unwrap_or_else(|why| panic!("{why}"));
        for finding in &judgement.findings {
            check_finding(rule, finding);
        }
        if rule.scope == wire::Scope::Inventory {
            for document in &judgement.documents {
                let stated = judgement.findings.iter().any(|finding| finding.document == Some(*document));
                assert!(stated, "{} states no outcome for document {document}", rule.id);
            }
        }
        judgement
    }

    /// As [`Case::judge`], but refused settings are an error, and contracts are not checked.
    ///
    /// # Errors
    /// What the pack says when it refuses the request.
    ///
    /// # Panics
    /// When a body is not JSON.
    pub fn try_judge(&self, pack: &Pack, rule: &str) -> Result<Judgement, String> {
        let rule = *pack.rules.iter().find(|candidate| candidate.id == rule).ok_or("the pack has no such rule")?;
        let targets: Vec<_> = rule.targets.iter().map(|target| parse_target(target)).collect();
        let targeted = |(envelope, _): &&(Envelope, String)| {
            let matches = |target: &wire::Target| {
                target.platform == envelope.platform && (target.kind == "*" || target.kind == envelope.kind)
            };
            targets.iter().any(matches)
        };
        let documents: Vec<_> = self.documents.iter().filter(targeted).cloned().collect();
        let ids = documents.iter().map(|(envelope, _)| envelope.id).collect();
        let inventory = Documents {
            documents: self.documents.iter().map(|(envelope, body)| (open(envelope, body), body.clone())).collect(),
            links: self.links.clone(),
        };
        let settings = self.settings.get(rule.id).cloned().unwrap_or_else(|| "{}".to_owned());
        let is_inventory = rule.scope == wire::Scope::Inventory;
        let request = wire::Request {
            rules: vec![wire::Activation { rule: rule.id.to_owned(), settings }],
            documents: documents.into_iter().map(|(envelope, body)| request(envelope, body, is_inventory)).collect(),
        };
        let findings = pack.evaluate_with(request, &Inventory::Memory(Rc::new(inventory)))?;
        Ok(Judgement { documents: ids, findings: findings.into_iter().map(|finding| report(rule, finding)).collect() })
    }
}

/// What a rule said.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The documents that it was given.
    pub documents: Vec<u32>,
    /// In the order in which it stated them.
    pub findings: Vec<Reported>,
}

impl Judgement {
    /// The verdict over all documents: the greatest, or a pass when nothing was stated.
    pub fn verdict(&self) -> Verdict {
        self.findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Pass)
    }

    /// Verdict and pointer of each finding, for comparisons.
    pub fn pointers(&self) -> Vec<(Verdict, &str)> {
        self.findings.iter().map(|finding| (finding.verdict, finding.pointer.as_deref().unwrap_or(""))).collect()
    }
}

fn parse(body: &str) -> Tape {
    Tape::parse(body).unwrap_or_else(|error| panic!("{error}\n{body}"))
}

fn open(envelope: &Envelope, body: &str) -> Document {
    Document::new(envelope.clone(), body).unwrap_or_else(|error| panic!("{error}\n{body}"))
}

/// As the host would: bodies of inventory rules are read through the inventory.
fn request(envelope: Envelope, body: String, is_inventory: bool) -> wire::Document {
    let Envelope { id, platform, kind, namespace, name, address, origin } = envelope;
    let body = if is_inventory { String::new() } else { body };
    wire::Document { id, platform, kind, namespace, name, address, origin, body }
}

fn report(rule: &'static Rule, finding: wire::Finding) -> Reported {
    let (verdict, reason) = match finding.status {
        wire::Status::Fail => (Verdict::Fail, String::new()),
        wire::Status::Pass(reason) => (Verdict::Pass, reason),
        wire::Status::Unknown(reason) => (Verdict::Unknown, reason),
        wire::Status::NotApplicable(reason) => (Verdict::NotApplicable, reason),
        wire::Status::Informational => (Verdict::Informational, String::new()),
        wire::Status::Manual(reason) => (Verdict::Manual, reason),
        wire::Status::Error(reason) => (Verdict::Error, reason),
    };
    let (document, pointer) = finding.at.map(|at| (at.document, at.pointer)).unzip();
    Reported {
        rule: rule.id,
        verdict,
        reason,
        document,
        pointer,
        subject: finding.subject,
        message: finding.message,
        code: finding.code,
        arguments: finding.arguments,
        severity: finding.severity,
        sensitive: finding.sensitive,
    }
}

/// A finding's arguments must be those of its message's template.
fn check_finding(rule: &Rule, finding: &Reported) {
    let Some(code) = &finding.code else {
        return;
    };
    let template = rule.template(code).unwrap_or_else(|| panic!("{}: there is no message `{code}`", rule.id));
    let given: BTreeSet<&str> = finding.arguments.iter().map(|(name, _)| name.as_str()).collect();
    for name in placeholders(template).unwrap_or_default() {
        assert!(given.contains(name), "{}: message `{code}` lacks its argument `{name}`", rule.id);
    }
}

/// The names between braces; `None` when a brace has no partner.
fn placeholders(template: &str) -> Option<BTreeSet<&str>> {
    let mut names = BTreeSet::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let name = rest[at..].strip_prefix('{')?;
        let (name, after) = name.split_once('}')?;
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_name) {
            return None;
        }
        names.insert(name);
        rest = after;
    }
    Some(names)
}

/// Checks that the metadata of a pack is complete and agrees with itself.
///
/// # Panics
/// With everything that is wrong.
pub fn check_pack(pack: &Pack) {
    let problems = pack_problems(pack);
    assert!(problems.is_empty(), "pack `{}`:\n  {}", pack.id, problems.join("\n  "));
}

/// What is wrong with the metadata of a pack; see [`check_pack`].
pub fn pack_problems(pack: &Pack) -> Vec<String> {
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    if !is_kebab(pack.id) {
        problems.push(format!("the id `{}` is not in kebab case", pack.id));
    }
    if pack.title.is_empty() {
        problems.push("the pack has no title".to_owned());
    }
    if pack.rules.is_empty() {
        problems.push("the pack has no rules".to_owned());
    }
    for rule in pack.rules {
        for name in [rule.id, rule.slug] {
            if !names.insert(name) {
                problems.push(format!("{}: `{name}` names another rule too", rule.id));
            }
        }
        problems.extend(rule_problems(rule).into_iter().map(|problem| format!("{}: {problem}", rule.id)));
    }
    problems
}

fn rule_problems(rule: &Rule) -> Vec<String> {
    let mut problems = Vec::new();
    if rule.id.is_empty() || !rule.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        problems.push("an id is made of letters, digits and hyphens".to_owned());
    }
    if !is_kebab(rule.slug) {
        problems.push(format!("the slug `{}` is not in kebab case", rule.slug));
    }
    if rule.markdown().lines().count() < 3 {
        problems.push("the page says too little: what is checked, and why".to_owned());
    }
    for target in rule.targets {
        let platform = target.split_once('/').filter(|(_, kind)| !kind.is_empty()).map(|(platform, _)| platform);
        if !matches!(platform, Some("workload" | "kubernetes" | "ecs" | "terraform")) {
            problems.push(format!("target `{target}` is not `platform/kind`"));
        }
    }
    for control in rule.controls {
        if control.split_once(':').is_none_or(|(framework, id)| !is_kebab(framework) || id.is_empty()) {
            problems.push(format!("control `{control}` is not `framework:control`"));
        }
    }
    for (_, alias) in rule.extra.iter().filter(|(key, _)| *key == "alias") {
        let check = alias.split_once(':').map(|(tool, check)| (tool, check.split('@').collect::<Vec<_>>()));
        if !check.is_some_and(|(tool, parts)| {
            is_kebab(tool) && parts.len() <= 2 && parts.iter().all(|part| !part.is_empty())
        }) {
            problems.push(format!("alias `{alias}` is not `tool:check` or `tool:check@member`"));
        }
    }
    problems.extend(settings_problems(rule));
    problems.extend(text_problems(rule));
    problems
}

/// The defaults that the schema states must be accepted by the rule itself.
fn settings_problems(rule: &Rule) -> Vec<String> {
    let mut problems = Vec::new();
    if let Err(why) = (rule.prepare)("{}") {
        problems.push(format!("settings with nothing set are refused: {why}"));
    }
    let Some(schema) = (rule.schema)() else {
        return problems;
    };
    match Tape::parse(schema) {
        Err(error) => problems.push(format!("the settings schema is {error}")),
        Ok(schema) => {
            for (name, property) in schema.root().get("properties").members().known().into_iter().flatten() {
                for member in ["description", "type", "default"] {
                    if !property.get(member).is_known() {
                        problems.push(format!("parameter `{name}` has no {member}"));
                    }
                }
            }
        }
    }
    problems
}

fn text_problems(rule: &Rule) -> Vec<String> {
    let mut problems = Vec::new();
    let languages: Vec<&str> = rule.texts.iter().map(|text| text.language).collect();
    if languages.first() != Some(&"en") {
        problems.push("the first language must be `en`".to_owned());
    }
    if languages.iter().collect::<BTreeSet<_>>().len() != languages.len() {
        problems.push("a language stands twice".to_owned());
    }
    let english: BTreeMap<_, _> = rule.messages("en").collect();
    for text in rule.texts {
        let language = text.language;
        for (what, value) in [("title", text.title), ("remediation", text.remediation)] {
            if value.trim().is_empty() {
                problems.push(format!("there is no {what} in `{language}`"));
            }
        }
        let messages: BTreeMap<_, _> = rule.messages(language).collect();
        if text.messages.iter().map(|(code, _)| code).collect::<BTreeSet<_>>().len() != text.messages.len() {
            problems.push(format!("a message stands twice in `{language}`"));
        }
        for code in messages.keys().filter(|code| !english.contains_key(*code)) {
            problems.push(format!("message `{code}` in `{language}` is not in `en`"));
        }
        for (code, template) in &english {
            match messages.get(code) {
                // The SDK's own messages are in English and German.
                None if is_common(rule, code) => {}
                None => problems.push(format!("message `{code}` is not in `{language}`")),
                Some(other) => {
                    let (expected, found) = (placeholders(template), placeholders(other));
                    if expected.is_none() || found.is_none() {
                        problems.push(format!("message `{code}` in `{language}` has a brace without a name"));
                    } else if expected != found {
                        problems.push(format!("message `{code}` has other arguments in `{language}` than in `en`"));
                    }
                }
            }
        }
    }
    problems
}

/// Whether a message is one of the SDK's, not of the rule.
fn is_common(rule: &Rule, code: &str) -> bool {
    rule.texts.iter().all(|text| text.messages.iter().all(|(own, _)| *own != code))
}

fn is_kebab(text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    text.split('-').all(is_word)
}
