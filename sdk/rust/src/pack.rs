//! A pack: how it describes itself and how it answers a request.

use crate::bindings::verdikt::policy::types::{self as wire, Finding, PackInfo, Request};
use crate::document::{Document, Envelope};
use crate::finding::{Findings, unreadable};
use crate::inventory::{Inventory, Set};
use crate::rule::{Judge, Rule, own_pairs};
use crate::settings::Settings;
use crate::tape::Tape;

/// A pack of rules. Made by [`export_pack!`](crate::export_pack).
pub struct Pack {
    /// Stable identifier in kebab case.
    pub id: &'static str,
    /// Semantic version.
    pub version: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Its rules.
    pub rules: &'static [&'static Rule],
    /// Whatever has no field of its own.
    pub extra: &'static [(&'static str, &'static str)],
}

impl Pack {
    /// What the host is told about the pack.
    pub fn describe(&self) -> PackInfo {
        PackInfo {
            id: self.id.to_owned(),
            version: self.version.to_owned(),
            title: self.title.to_owned(),
            rules: self.rules.iter().map(|rule| rule.info()).collect(),
            extra: own_pairs(self.extra.iter().copied()),
        }
    }

    /// Judges what the host asks for, with the host's inventory.
    ///
    /// # Errors
    /// When a rule is not of this pack or cannot read its settings.
    pub fn evaluate(&self, request: Request) -> Result<Vec<Finding>, String> {
        self.evaluate_with(request, &Inventory::Host)
    }

    pub(crate) fn evaluate_with(&self, request: Request, inventory: &Inventory) -> Result<Vec<Finding>, String> {
        let mut prepared = Vec::with_capacity(request.rules.len());
        for (activation, index) in request.rules.iter().zip(0..) {
            let rule = self.rules.iter().find(|rule| rule.id == activation.rule);
            let rule = *rule.ok_or_else(|| format!("pack `{}` has no rule `{}`", self.id, activation.rule))?;
            let judge =
                (rule.prepare)(&activation.settings).map_err(|why| format!("settings of {}: {why}", rule.id))?;
            prepared.push((rule, index, judge));
        }

        let mut findings = Vec::new();
        let judges_documents = prepared.iter().any(|(_, _, judge)| matches!(judge, Judge::Document(_)));
        let mut envelopes = Vec::with_capacity(request.documents.len());
        for document in request.documents {
            let (envelope, body) = split(document);
            if judges_documents {
                judge_document(&envelope, body, &prepared, &mut findings);
            }
            envelopes.push(envelope);
        }
        let mut set = Set::new(&envelopes, inventory.clone());
        for (rule, index, judge) in &prepared {
            if let Judge::Inventory(judge) = judge {
                judge(&set, &mut Findings::new(rule, *index, &mut findings));
                set.forget_missing();
            }
        }
        Ok(findings)
    }
}

/// Runs every document rule over one document.
fn judge_document(
    envelope: &Envelope,
    body: String,
    prepared: &[(&'static Rule, u32, Judge)],
    findings: &mut Vec<Finding>,
) {
    let mut document = match Document::new(envelope.clone(), body) {
        Ok(document) => document,
        Err(error) => {
            // The host writes JSON, so this is a defect somewhere; it must not look like a pass.
            for (_, index, judge) in prepared {
                if matches!(judge, Judge::Document(_)) {
                    findings.push(unreadable(*index, envelope.id, &format!("the document's body is {error}")));
                }
            }
            return;
        }
    };
    for (rule, index, judge) in prepared {
        if let Judge::Document(judge) = judge {
            judge(&document, &mut Findings::new(rule, *index, findings));
            document.forget_missing();
        }
    }
}

fn split(document: wire::Document) -> (Envelope, String) {
    let wire::Document { id, platform, kind, namespace, name, address, origin, body } = document;
    (Envelope { id, platform, kind, namespace, name, address, origin }, body)
}

/// Reads the settings of an activation.
#[doc(hidden)]
pub fn read_settings<T: Settings>(settings: &str) -> Result<T, String> {
    let tape = Tape::parse(settings).map_err(|error| error.to_string())?;
    T::read(tape.root())
}
