//! From rules and documents to calls: who judges what, in which batch.

use std::collections::{BTreeMap, HashMap};

use verdikt_model::{Document, DocumentId, Platform, RuleInfo, Scope, SetId};

use crate::policy::Decisions;

/// How many documents one call carries. From 64 on the cost of an instance is lost in the noise and
/// two threads scale almost perfectly.
const BATCH: usize = 64;

/// How much source text one call carries, so that a batch of large documents does not exceed the
/// guest's memory. Source text stands for the body, which is about as long.
const BATCH_BYTES: usize = 1 << 20;

/// One call of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// Index into the packs.
    pub pack: usize,
    pub scope: Scope,
    /// Set whose inventory the rules see; `None` for document rules.
    pub set: Option<SetId>,
    /// Indexes into the selected rules.
    pub rules: Vec<usize>,
    /// For each of them the index of the activation that it runs with.
    pub activations: Vec<usize>,
    pub documents: Vec<DocumentId>,
}

/// A selected rule as the plan needs it.
pub(crate) struct Candidate<'a> {
    pub pack: usize,
    pub info: &'a RuleInfo,
}

/// Batches are cut by the order of the input alone, never by thread, so that two runs make the same
/// calls. A pack never sees a document that no selected rule of it targets, and a document rule none
/// on which it is switched off. An inventory rule sees the whole set nevertheless, since what it says
/// of one document depends on the others.
pub(crate) fn plan(rules: &[Candidate<'_>], documents: &[Document], decisions: &Decisions, isolate: bool) -> Vec<Job> {
    let mut jobs = Vec::new();
    let packs = rules.iter().map(|rule| rule.pack).max().map_or(0, |last| last + 1);
    for pack in 0..packs {
        for scope in [Scope::Document, Scope::Inventory] {
            let own: Vec<usize> = rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| rule.pack == pack && rule.info.scope == scope)
                .map(|(index, _)| index)
                .collect();
            if !own.is_empty() {
                for group in groups(rules, &own, documents, decisions, scope) {
                    cut(group, pack, scope, documents, isolate, &mut jobs);
                }
            }
        }
    }
    jobs
}

struct Group {
    rules: Vec<usize>,
    activations: Vec<usize>,
    set: Option<SetId>,
    documents: Vec<DocumentId>,
}

/// Documents that the same rules judge with the same settings, each group in scan order, groups by
/// their first document.
fn groups(
    rules: &[Candidate<'_>],
    own: &[usize],
    documents: &[Document],
    decisions: &Decisions,
    scope: Scope,
) -> Vec<Group> {
    type Judges = (Vec<usize>, Vec<usize>);
    let mut by_kind: HashMap<(Platform, &str, usize), Judges> = HashMap::new();
    let mut places: BTreeMap<(Judges, Option<SetId>), usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for document in documents {
        // Settings of inventory rules do not differ by document.
        let class = if scope == Scope::Inventory { 0 } else { decisions.class(document.id) };
        let judges = by_kind.entry((document.platform, &document.kind, class)).or_insert_with(|| {
            let decided = own.iter().map(|rule| (*rule, &decisions.classes[class][*rule]));
            decided
                .filter(|(_, decision)| scope == Scope::Inventory || decision.enabled)
                .filter(|(rule, _)| rules[*rule].info.targets.iter().any(|target| target.matches(document)))
                .map(|(rule, decision)| (rule, decision.activation))
                .unzip()
        });
        if judges.0.is_empty() {
            continue;
        }
        let set = (scope == Scope::Inventory).then_some(document.set);
        let place = *places.entry((judges.clone(), set)).or_insert_with(|| {
            let (rules, activations) = judges.clone();
            groups.push(Group { rules, activations, set, documents: Vec::new() });
            groups.len() - 1
        });
        groups[place].documents.push(document.id);
    }
    groups
}

fn cut(group: Group, pack: usize, scope: Scope, documents: &[Document], isolate: bool, jobs: &mut Vec<Job>) {
    let mut push = |batch: Vec<DocumentId>| {
        let (rules, activations) = (group.rules.clone(), group.activations.clone());
        jobs.push(Job { pack, scope, set: group.set, rules, activations, documents: batch });
    };
    // Inventory rules judge a set at once: their question is about the whole of it.
    if scope == Scope::Inventory {
        push(group.documents);
        return;
    }
    let mut batch = Vec::new();
    let mut bytes = 0;
    for id in group.documents {
        let size = documents[id.0 as usize].span.range().len();
        let full = isolate || batch.len() >= BATCH || bytes + size > BATCH_BYTES;
        if full && !batch.is_empty() {
            push(std::mem::take(&mut batch));
            bytes = 0;
        }
        batch.push(id);
        bytes += size;
    }
    push(batch);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use verdikt_model::{FileId, Mode, Severity, Span, Target, TreeBuilder};

    use super::*;
    use crate::policy::Decision;

    fn decision(enabled: bool, activation: usize) -> Decision {
        Decision { enabled, severity: None, mode: Mode::Enforce, activation }
    }

    /// The same for every document.
    fn uniform(rules: usize) -> Decisions {
        let class = (0..rules).map(|rule| decision(true, rule)).collect();
        Decisions { classes: vec![class], class_of: vec![], activations: vec![] }
    }

    fn document(id: u32, platform: Platform, bytes: u32) -> Document {
        let span = Span::new(FileId(0), 0, bytes);
        let mut builder = TreeBuilder::new();
        let root = builder.map(span, &[]);
        Document {
            id: DocumentId(id),
            set: SetId(0),
            platform,
            kind: "Pod".into(),
            namespace: None,
            name: String::new(),
            address: String::new(),
            span,
            origin: None,
            rendered_from: None,
            is_patch: false,
            configuration: None,
            references: Vec::new(),
            tree: Arc::new(builder.finish()),
            root,
        }
    }

    fn rule(scope: Scope, platform: Platform) -> RuleInfo {
        RuleInfo {
            id: String::new(),
            slug: String::new(),
            title: String::new(),
            description: String::new(),
            remediation: String::new(),
            severity: Severity::Low,
            scope,
            enabled_by_default: true,
            targets: vec![Target { platform, kind: None }],
            controls: vec![],
            texts: vec![],
            settings_schema: None,
            extra: vec![],
        }
    }

    #[test]
    fn batches_follow_input_order_targets_and_size() {
        let documents: Vec<Document> = (0..200)
            .map(|id| document(id, if id % 2 == 0 { Platform::Workload } else { Platform::Kubernetes }, 10))
            .collect();
        let workload = rule(Scope::Document, Platform::Workload);
        let inventory = rule(Scope::Inventory, Platform::Workload);
        let rules = [Candidate { pack: 0, info: &workload }, Candidate { pack: 0, info: &inventory }];
        let jobs = plan(&rules, &documents, &uniform(2), false);
        let sizes: Vec<(Scope, usize)> = jobs.iter().map(|job| (job.scope, job.documents.len())).collect();
        assert_eq!(sizes, [(Scope::Document, 64), (Scope::Document, 36), (Scope::Inventory, 100)]);
        assert!(jobs.iter().flat_map(|job| &job.documents).all(|id| id.0 % 2 == 0));
        assert_eq!(plan(&rules, &documents, &uniform(2), true).len(), 101);
    }

    #[test]
    fn large_documents_travel_in_smaller_batches() {
        let documents: Vec<Document> = (0..4).map(|id| document(id, Platform::Workload, 600 << 10)).collect();
        let rule = rule(Scope::Document, Platform::Workload);
        let jobs = plan(&[Candidate { pack: 0, info: &rule }], &documents, &uniform(1), false);
        assert_eq!(jobs.len(), 4);
    }

    #[test]
    fn documents_go_to_the_settings_that_hold_for_them() {
        let documents: Vec<Document> = (0..6).map(|id| document(id, Platform::Workload, 10)).collect();
        let single = rule(Scope::Document, Platform::Workload);
        let inventory = rule(Scope::Inventory, Platform::Workload);
        let rules = [Candidate { pack: 0, info: &single }, Candidate { pack: 0, info: &inventory }];
        // Documents 1 and 4 have settings of their own, document 2 is left alone.
        let decisions = Decisions {
            classes: vec![
                vec![decision(true, 0), decision(true, 1)],
                vec![decision(true, 2), decision(true, 1)],
                vec![decision(false, 0), decision(false, 1)],
            ],
            class_of: vec![0, 1, 2, 0, 1, 0],
            activations: vec![],
        };
        let jobs = plan(&rules, &documents, &decisions, false);
        let jobs: Vec<(Vec<usize>, Vec<u32>)> = jobs
            .into_iter()
            .map(|job| (job.activations, job.documents.into_iter().map(|document| document.0).collect()))
            .collect();
        assert_eq!(jobs, [(vec![0], vec![0, 3, 5]), (vec![2], vec![1, 4]), (vec![1], vec![0, 1, 2, 3, 4, 5])]);
    }
}
