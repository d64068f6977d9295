//! Asking a pack, and finding who is to blame when it misbehaves.
//!
//! A call that ends in a fault says nothing about any document, so the work is halved and asked
//! again: by documents down to one, then by rules down to one. A half that succeeds keeps its
//! results. What a rule says of a document is therefore what it says of that document alone: the
//! result does not depend on how documents were spread over calls.
//!
//! **Time.** Every call has the full deadline, a half too. Half the time for half the work would
//! end sooner, but a document could then be at fault in a batch and not by itself. What bounds the
//! time is the count of faults: one for each document at fault, and one for *every* call that ran
//! into its deadline, since each of those has cost the full time. At 20 faults, two seconds each, a
//! pack that loops for ever ends after 40 s of guest time at most.
//!
//! **Rules at fault.** Once a rule was found at fault on one document, it is asked apart from the
//! others and after them, so that a rule that always traps uses up its own time and not theirs.
//!
//! **Refusals.** A pack that refuses a request is asked again without documents. If it still
//! refuses, it refuses the settings, and only rules are halved: a bad setting is one fault, not one
//! for each document.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use verdikt_model::{DocumentId, Fault, Finding, Scope};

use crate::adapter::{Adapter, Request};
use crate::findings::{self, Checks};
use crate::inventory::{Access, DocumentSet};
use crate::pack::RulePack;
use crate::runtime::CallFault;
use crate::text::shorten;

/// A rule to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The rule's id.
    pub rule: String,
    /// JSON text: validated, with defaults filled in.
    pub settings: String,
}

/// What a pack is asked.
pub struct Call<'a> {
    /// Of all rules of the call.
    pub scope: Scope,
    pub rules: &'a [Activation],
    /// Each document once. Every rule judges every document.
    pub documents: &'a [DocumentId],
    pub set: &'a Arc<dyn DocumentSet>,
    /// Asked before each guest call. `true` ends the work; what is left comes back as
    /// [`Evaluation::unjudged`].
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Called for each fault that counts.
    pub on_fault: &'a (dyn Fn() + Sync),
}

/// What came of a [`Call`]. Every pair of rule and document is in exactly one place: at fault,
/// unjudged, or judged. Judged without a finding means passed, which happens to rules of scope
/// `document` only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// In the order of documents, then of rules, then as the rule stated them; those that are about
    /// no document come last.
    pub findings: Vec<Finding>,
    /// In the order of documents, then of rules.
    pub faults: Vec<FaultAt>,
    /// Rules, as indexes into [`Call::rules`], and documents that were not judged.
    pub unjudged: Vec<(Vec<usize>, Vec<DocumentId>)>,
    /// How often [`Call::on_fault`] was called.
    pub fault_count: usize,
}

/// A fault and who is to blame: usually one rule on one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultAt {
    pub fault: Fault,
    /// Indexes into [`Call::rules`].
    pub rules: Vec<usize>,
    pub documents: Vec<DocumentId>,
}

impl RulePack {
    /// Judges documents by rules of this pack.
    pub fn evaluate(&self, call: &Call<'_>) -> Evaluation {
        let mut evaluation = Evaluation::default();
        let Some(work) = self.accepted(call, &mut evaluation) else { return evaluation };
        let adapter = match self.adapter() {
            Ok(adapter) => adapter,
            Err(fault) => {
                let Work { rules, documents, .. } = work;
                (call.on_fault)();
                evaluation.fault_count = 1;
                evaluation.faults.push(FaultAt { fault, rules, documents });
                return evaluation;
            }
        };
        let limits = &self.shared().limits;
        let (time, access) = match call.scope {
            Scope::Document => (limits.time, Access::DocumentRules),
            Scope::Inventory => (limits.inventory_time(call.set.len()), Access::Set(Arc::clone(call.set))),
        };
        let mut run = Run { pack: self, adapter, call, time, access, suspects: BTreeSet::new(), evaluation };
        run.all(work);
        let mut evaluation = run.evaluation;
        sort(&mut evaluation, call.documents);
        evaluation
    }

    /// The work that can be done. A rule that the pack does not have in this scope and a document
    /// that is not in the set cannot be judged, and must not look as if they were.
    fn accepted(&self, call: &Call<'_>, evaluation: &mut Evaluation) -> Option<Work> {
        let declared = |activation: &Activation| {
            self.info().rules.iter().any(|rule| rule.id == activation.rule && rule.scope == call.scope)
        };
        let (rules, foreign): (Vec<usize>, Vec<usize>) =
            (0..call.rules.len()).partition(|rule| declared(&call.rules[*rule]));
        let mut seen = HashSet::new();
        let once = call.documents.iter().copied().filter(|id| seen.insert(*id));
        let (documents, missing): (Vec<DocumentId>, Vec<DocumentId>) =
            once.partition(|id| call.set.document(*id).is_some() && call.set.body(*id).is_some());
        if !foreign.is_empty() && !seen.is_empty() {
            evaluation.unjudged.push((foreign, [&documents[..], &missing].concat()));
        }
        if !missing.is_empty() && !rules.is_empty() {
            evaluation.unjudged.push((rules.clone(), missing));
        }
        let work = Work { rules, documents, counted: false };
        (!work.rules.is_empty() && !work.documents.is_empty()).then_some(work)
    }
}

/// Rules and documents that are asked about in one call.
#[derive(Clone, Debug)]
struct Work {
    rules: Vec<usize>,
    documents: Vec<DocumentId>,
    /// Whether the fault that is looked for here has been counted.
    counted: bool,
}

/// One evaluation under way.
struct Run<'a> {
    pack: &'a RulePack,
    adapter: &'a dyn Adapter,
    call: &'a Call<'a>,
    time: Duration,
    access: Access,
    /// Rules that were at fault somewhere.
    suspects: BTreeSet<usize>,
    evaluation: Evaluation,
}

impl Run<'_> {
    fn all(&mut self, work: Work) {
        // A stack and not recursion: the first half is always done first, so the order in which
        // things are asked is fixed. What is put aside comes last.
        let mut stack = vec![work];
        let mut aside = VecDeque::new();
        while let Some(work) = stack.pop().or_else(|| aside.pop_front()) {
            if (self.call.stop)() {
                self.evaluation.unjudged.push((work.rules, work.documents));
                continue;
            }
            let Some(work) = self.without_suspects(work, &mut aside) else { continue };
            match self.ask(&work.rules, &work.documents) {
                Ok(findings) => self.keep(&work, findings),
                Err(failed) => self.blame(work, failed, &mut stack),
            }
        }
    }

    /// Puts the suspects among several rules aside, each by itself; what is left, if anything.
    fn without_suspects(&self, work: Work, aside: &mut VecDeque<Work>) -> Option<Work> {
        if work.rules.len() == 1 {
            return Some(work);
        }
        let (suspected, clean): (Vec<usize>, Vec<usize>) =
            work.rules.iter().partition(|rule| self.suspects.contains(rule));
        aside.extend(suspected.into_iter().map(|rule| Work { rules: vec![rule], ..work.clone() }));
        (!clean.is_empty()).then_some(Work { rules: clean, ..work })
    }

    /// One guest call, its answer checked.
    fn ask(&self, rules: &[usize], documents: &[DocumentId]) -> Result<Vec<Finding>, CallFault> {
        let Call { scope, set, .. } = self.call;
        let documents = documents.iter().filter_map(|id| {
            let document = set.document(*id)?;
            Some((document, if *scope == Scope::Inventory { "" } else { set.body(*id)? }))
        });
        let request = Request {
            rules: rules.iter().map(|rule| &self.call.rules[*rule]).collect(),
            documents: documents.collect(),
        };
        let shared = self.pack.shared();
        let answer = shared.call(self.pack.shared_name(), self.access.clone(), self.time, |store| {
            self.adapter.evaluate(store, &request)
        })?;
        let fault = match answer {
            Err(reason) => Fault::Refused { reason: shorten(&reason) },
            Ok(findings) => {
                let checks = Checks { request: &request, rules, scope: *scope, set: &***set, limits: &shared.limits };
                match findings::check(findings, &checks) {
                    Ok(findings) => return Ok(findings),
                    Err(what) => Fault::InvalidOutput { what },
                }
            }
        };
        Err(CallFault { fault, before_request: false })
    }

    /// Keeps the findings of a call that succeeded. An inventory rule has to state something of
    /// every document: where it did not, that pair is at fault, and only that pair.
    fn keep(&mut self, work: &Work, findings: Vec<Finding>) {
        if self.call.scope == Scope::Inventory {
            let stated: HashSet<(usize, DocumentId)> =
                findings.iter().filter_map(|finding| Some((finding.rule, finding.at.as_ref()?.document))).collect();
            for rule in &work.rules {
                let silent = work.documents.iter().filter(|id| !stated.contains(&(*rule, **id)));
                let faults: Vec<FaultAt> = silent.map(|id| self.no_outcome(*rule, *id)).collect();
                if !faults.is_empty() {
                    // Counted once a rule: it has cost no call.
                    self.count();
                    self.evaluation.faults.extend(faults);
                }
            }
        }
        self.evaluation.findings.extend(findings);
    }

    fn no_outcome(&self, rule: usize, id: DocumentId) -> FaultAt {
        let address = self.call.set.document(id).map_or("", |document| &document.address);
        let what = format!(
            "rule {} on {}: a rule of scope `inventory` must state an outcome for every document, and gave none",
            self.call.rules[rule].rule,
            shorten(address)
        );
        FaultAt { fault: Fault::InvalidOutput { what }, rules: vec![rule], documents: vec![id] }
    }

    /// Settles a fault when it is clear who is to blame, and halves the work when not.
    fn blame(&mut self, work: Work, failed: CallFault, stack: &mut Vec<Work>) {
        let CallFault { fault, before_request } = failed;
        let one_pair = work.rules.len() == 1 && work.documents.len() == 1;
        let settings = !one_pair && matches!(fault, Fault::Refused { .. }) && self.refuses_settings(&work.rules);
        if before_request || one_pair || (settings && work.rules.len() == 1) {
            if !work.counted || matches!(fault, Fault::Deadline { .. }) {
                self.count();
            }
            if !before_request {
                self.suspects.extend(&work.rules);
            }
            self.evaluation.faults.push(FaultAt { fault, rules: work.rules, documents: work.documents });
            return;
        }
        let mut counted = work.counted;
        let one_document = work.documents.len() == 1;
        if matches!(fault, Fault::Deadline { .. }) || (one_document && !counted) {
            self.count();
            // One document is found: which of its rules it is, is the same fault.
            counted = one_document;
        }
        let Work { rules, documents, .. } = work;
        let (first, second) = if one_document || settings {
            let (first, second) = rules.split_at(rules.len() / 2);
            let half = |rules: &[usize]| Work { rules: rules.to_vec(), documents: documents.clone(), counted };
            (half(first), half(second))
        } else {
            let (first, second) = documents.split_at(documents.len() / 2);
            let half = |documents: &[DocumentId]| Work { rules: rules.clone(), documents: documents.to_vec(), counted };
            (half(first), half(second))
        };
        stack.push(second);
        stack.push(first);
    }

    /// Whether a pack that refused these rules refuses them whatever the documents. Any other
    /// answer, a fault among them, means that the documents matter.
    fn refuses_settings(&self, rules: &[usize]) -> bool {
        !(self.call.stop)() && matches!(self.ask(rules, &[]), Err(CallFault { fault: Fault::Refused { .. }, .. }))
    }

    fn count(&mut self) {
        self.evaluation.fault_count += 1;
        (self.call.on_fault)();
    }
}

/// Puts everything in the order of the call, which halving must not show in.
fn sort(evaluation: &mut Evaluation, documents: &[DocumentId]) {
    let mut position = HashMap::new();
    for (index, id) in documents.iter().enumerate() {
        position.entry(*id).or_insert(index);
    }
    let of = |id: Option<&DocumentId>| id.and_then(|id| position.get(id)).copied().unwrap_or(usize::MAX);
    let place = |finding: &Finding| (of(finding.at.as_ref().map(|at| &at.document)), finding.rule);
    evaluation.findings.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| about_no_document(a, b)));
    // Each half of a request can report the same subject.
    evaluation.findings.dedup_by(|a, b| a.at.is_none() && a == b);
    evaluation.faults.sort_by_key(|fault| (of(fault.documents.first()), fault.rules.first().copied()));
}

/// The order of findings of one rule that are about no document: which call they came from must not
/// show. Findings about a document stay as the rule stated them.
fn about_no_document(a: &Finding, b: &Finding) -> Ordering {
    if a.at.is_some() || b.at.is_some() {
        return Ordering::Equal;
    }
    let text = |finding: &Finding| (finding.subject.clone(), format!("{finding:?}"));
    text(a).cmp(&text(b))
}
