//! Version 0.1 of `verdikt:policy`.
//!
//! The bindings are those of the larger world: its imports are a superset, and a pack of the
//! smaller world simply does not ask for all of them.

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store};

use verdikt_model::{DocumentId, Operation, RuleInfo, Scope, Severity, Status, Text};

use self::bindings::verdikt::policy::{inventory, log, types};
use self::bindings::{InventoryRulePack, InventoryRulePackPre};
use super::{Adapter, Request};
use crate::answer::{RawEdit, RawFinding, RawFix, RawPack, RawPlace, RawRule};
use crate::fault::Failure;
use crate::inventory as host;
use crate::state::{LogLevel, State};

mod bindings {
    #![allow(unsafe_code, unused_qualifications, reason = "generated code")]

    wasmtime::component::bindgen!({
        path: "../../wit/0.1.0",
        world: "inventory-rule-pack",
        // Bodies of documents are lent to the guest, never cloned for it.
        ownership: Borrowing { duplicate_if_necessary: true },
        // Every import can stop the guest: a flood of log lines, a set that it must not see.
        imports: { default: trappable },
    });
}

pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    InventoryRulePack::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

pub(super) fn bind(linker: &Linker<State>, component: &Component) -> wasmtime::Result<Box<dyn Adapter>> {
    Ok(Box::new(Pack { pre: InventoryRulePackPre::new(linker.instantiate_pre(component)?)? }))
}

/// A linked pack. Instantiating it takes some microseconds.
struct Pack {
    pre: InventoryRulePackPre<State>,
}

impl Adapter for Pack {
    fn describe(&self, store: &mut Store<State>) -> Result<RawPack, Failure> {
        let guest = self.pre.instantiate(&mut *store).map_err(Failure::instantiate)?;
        let info = guest.verdikt_policy_pack().call_describe(store).map_err(Failure::call)?;
        Ok(pack(info))
    }

    fn evaluate(
        &self,
        store: &mut Store<State>,
        request: &Request<'_>,
    ) -> Result<Result<Vec<RawFinding>, String>, Failure> {
        let rules: Vec<types::Activation<'_>> = request
            .rules
            .iter()
            .map(|activation| types::Activation { rule: &activation.rule, settings: &activation.settings })
            .collect();
        let documents: Vec<types::Document<'_>> = request
            .documents
            .iter()
            .map(|(document, body)| types::Document {
                id: document.id.0,
                platform: document.platform.as_str(),
                kind: &document.kind,
                namespace: document.namespace.as_deref(),
                name: &document.name,
                address: &document.address,
                origin: document.origin.map(|origin| origin.0),
                body,
            })
            .collect();
        let request = types::Request { rules: &rules, documents: &documents };
        let guest = self.pre.instantiate(&mut *store).map_err(Failure::instantiate)?;
        let answer = guest.verdikt_policy_pack().call_evaluate(store, request).map_err(Failure::call)?;
        Ok(answer.map(|findings| findings.into_iter().map(finding).collect()))
    }
}

impl types::Host for State {}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Error => LogLevel::Error,
            log::Level::Warn => LogLevel::Warn,
            log::Level::Info => LogLevel::Info,
            log::Level::Debug => LogLevel::Debug,
            log::Level::Trace => LogLevel::Trace,
        };
        Ok(self.log(level, &message)?)
    }
}

impl inventory::Host for State {
    fn find(&mut self, selector: inventory::Selector) -> wasmtime::Result<Vec<inventory::Entry>> {
        let set = self.access.set()?;
        let selector = host::Selector {
            platform: host::selected_platform(&selector.platform)?,
            kind: Some(selector.kind).filter(|kind| kind != "*"),
            namespace: selector.namespace,
            name: selector.name,
            labels: selector.labels,
        };
        let documents = set.find(&selector).into_iter().filter_map(|id| set.document(id));
        Ok(documents
            .map(|document| inventory::Entry {
                id: document.id.0,
                platform: document.platform.as_str().to_owned(),
                kind: document.kind.clone(),
                namespace: document.namespace.clone(),
                name: document.name.clone(),
                address: document.address.clone(),
                origin: document.origin.map(|origin| origin.0),
            })
            .collect())
    }

    fn get(&mut self, document: u32, pointer: String) -> wasmtime::Result<Option<String>> {
        Ok(host::get(self.access.set()?, DocumentId(document), &pointer)?)
    }

    fn references(&mut self, document: u32) -> wasmtime::Result<Vec<inventory::Link>> {
        Ok(self.access.set()?.references(DocumentId(document)).into_iter().map(link).collect())
    }

    fn referrers(&mut self, document: u32) -> wasmtime::Result<Vec<inventory::Link>> {
        Ok(self.access.set()?.referrers(DocumentId(document)).into_iter().map(link).collect())
    }
}

fn link(link: host::Link) -> inventory::Link {
    inventory::Link { document: link.document.0, pointer: link.pointer.as_str().to_owned(), target: link.target.0 }
}

fn pack(info: types::PackInfo) -> RawPack {
    RawPack {
        id: info.id,
        version: info.version,
        title: info.title,
        rules: info.rules.into_iter().map(rule).collect(),
        extra: info.extra,
    }
}

fn rule(info: types::RuleInfo) -> RawRule {
    let targets = info.targets.into_iter().map(|target| (target.platform, target.kind)).collect();
    let texts = info.texts.into_iter().map(|text| Text {
        language: text.language,
        title: text.title,
        description: text.description,
        remediation: text.remediation,
        messages: text.messages,
    });
    let info = RuleInfo {
        id: info.id,
        slug: info.slug,
        title: info.title,
        description: info.description,
        remediation: info.remediation,
        severity: severity(info.severity),
        scope: match info.scope {
            types::Scope::Document => Scope::Document,
            types::Scope::Inventory => Scope::Inventory,
        },
        enabled_by_default: info.enabled_by_default,
        targets: Vec::new(),
        controls: info.controls,
        texts: texts.collect(),
        settings_schema: info.settings_schema,
        extra: info.extra,
    };
    RawRule { info, targets }
}

fn severity(severity: types::Severity) -> Severity {
    match severity {
        types::Severity::Info => Severity::Info,
        types::Severity::Low => Severity::Low,
        types::Severity::Medium => Severity::Medium,
        types::Severity::High => Severity::High,
        types::Severity::Critical => Severity::Critical,
    }
}

fn finding(finding: types::Finding) -> RawFinding {
    RawFinding {
        rule: finding.rule,
        status: match finding.status {
            types::Status::Fail => Status::Fail,
            types::Status::Pass(reason) => Status::Pass(reason),
            types::Status::Unknown(what) => Status::Unknown(what),
            types::Status::NotApplicable(reason) => Status::NotApplicable(reason),
            types::Status::Informational => Status::Informational,
            types::Status::Manual(question) => Status::Manual(question),
            types::Status::Error(what) => Status::Error(what),
        },
        at: finding.at.map(place),
        subject: finding.subject,
        message: finding.message,
        code: finding.code,
        arguments: finding.arguments,
        severity: finding.severity.map(severity),
        sensitive: finding.sensitive,
        controls: finding.controls,
        related: finding.related.into_iter().map(|related| (place(related.at), related.note)).collect(),
        fix: finding.fix.map(fix),
        extra: finding.extra,
    }
}

fn place(place: types::Place) -> RawPlace {
    RawPlace { document: place.document, pointer: place.pointer }
}

fn fix(fix: types::Fix) -> RawFix {
    let edits = fix.edits.into_iter().map(|edit| RawEdit {
        operation: match edit.op {
            types::Operation::Add => Operation::Add,
            types::Operation::Remove => Operation::Remove,
            types::Operation::Replace => Operation::Replace,
        },
        pointer: edit.pointer,
        value: edit.value,
    });
    RawFix { title: fix.title, safe: fix.safe, edits: edits.collect() }
}
