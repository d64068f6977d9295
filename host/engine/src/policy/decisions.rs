//! What holds for each rule and document of a scan.

use std::collections::HashMap;

use verdikt_model::{Document, DocumentId, FileId, Mode, Severity, Sources};
use verdikt_runtime::Activation;

use super::config::Override;
use super::filter::relative_to;
use super::origin::Origin;
use super::resolve::Resolver;
use crate::error::Error;

/// What holds for one rule on some documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub enabled: bool,
    /// `None`: the rule's own, or what a finding says of itself.
    pub severity: Option<Severity>,
    pub mode: Mode,
    /// Index into [`Decisions::activations`].
    pub activation: usize,
}

/// Decisions by rule and document. Documents that the same overrides match form a class: there are
/// few, whatever the number of documents. The first class is that of no override.
#[derive(Clone, Debug)]
pub(crate) struct Decisions {
    /// By class, then by selected rule.
    pub classes: Vec<Vec<Decision>>,
    /// By document; empty where there is one class.
    pub class_of: Vec<usize>,
    /// The settings that rules run with. A rule has one for each different set of parameters.
    pub activations: Vec<Activation>,
}

impl Decisions {
    /// `selected` are indexes into the resolver's rules.
    ///
    /// # Errors
    /// When parameters do not fit together that overrides have brought together.
    pub(crate) fn new(
        resolver: &Resolver<'_>,
        selected: &[usize],
        sources: &Sources,
        documents: &[Document],
    ) -> Result<Decisions, Error> {
        let mut decisions = Decisions { classes: Vec::new(), class_of: Vec::new(), activations: Vec::new() };
        decisions.add_class(resolver, selected, &[])?;
        let overrides = resolver.overrides();
        if overrides.is_empty() {
            return Ok(decisions);
        }
        let check = resolver.check();
        let mut paths: HashMap<FileId, String> = HashMap::new();
        let mut classes: HashMap<Vec<usize>, usize> = HashMap::from([(Vec::new(), 0)]);
        for document in documents {
            let file = document.span.file;
            let path = paths
                .entry(file)
                .or_insert_with(|| relative_to(check.config.folder(), &check.load.cwd, &sources.get(file).path));
            let matching: Vec<usize> =
                (0..overrides.len()).filter(|index| overrides[*index].filter.matches(document, path)).collect();
            let class = match classes.get(&matching) {
                Some(class) => *class,
                None => {
                    let matched: Vec<&Override> = matching.iter().map(|index| &overrides[*index]).collect();
                    decisions.add_class(resolver, selected, &matched)?;
                    classes.insert(matching, decisions.classes.len() - 1);
                    decisions.classes.len() - 1
                }
            };
            decisions.class_of.push(class);
        }
        Ok(decisions)
    }

    fn add_class(&mut self, resolver: &Resolver<'_>, selected: &[usize], overrides: &[&Override]) -> Result<(), Error> {
        let mut class = Vec::with_capacity(selected.len());
        for rule in selected {
            let effective = resolver.effective(&resolver.rules[*rule], overrides)?;
            let settings = serde_json::Value::Object(effective.settings()).to_string();
            let activation = Activation { rule: effective.rule.id.clone(), settings };
            let known = self.activations.iter().position(|known| *known == activation);
            class.push(Decision {
                enabled: effective.enabled.value,
                severity: (effective.severity.origin != Origin::Default).then_some(effective.severity.value),
                mode: effective.mode.map_or(resolver.check().mode, |mode| mode.value),
                activation: known.unwrap_or(self.activations.len()),
            });
            if known.is_none() {
                self.activations.push(activation);
            }
        }
        self.classes.push(class);
        Ok(())
    }

    /// Whether a selected rule judges every document that it targets.
    pub(crate) fn is_on_everywhere(&self, rule: usize) -> bool {
        self.classes.iter().all(|class| class[rule].enabled)
    }

    /// The class of a document.
    pub(crate) fn class(&self, document: DocumentId) -> usize {
        self.class_of.get(document.0 as usize).copied().unwrap_or(0)
    }

    /// What holds for a selected rule on a document. What is about no document is decided where no
    /// override matches.
    pub(crate) fn of(&self, rule: usize, document: Option<DocumentId>) -> &Decision {
        &self.classes[document.map_or(0, |document| self.class(document))][rule]
    }
}
