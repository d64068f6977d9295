//! Runs the plan: calls in parallel, results in the plan's order, a fault budget that does not
//! depend on threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use verdikt_model::{DocumentId, SetId};
use verdikt_runtime::{Activation, Call, DocumentSet, Evaluation, RulePack};

use crate::documents::{Documents, Inventory};
use crate::plan::Job;

/// What became of one job.
pub(crate) struct Outcome {
    pub evaluation: Evaluation,
    /// Whether the pack had used up its fault budget before this job: nothing of it counts.
    pub discarded: bool,
}

/// Runs every job. `activations` are those that the jobs name.
///
/// A pack ends when its jobs so far, in the plan's order, have had `budget` faults. Jobs run in
/// parallel, so a later job may already have run by then: its results are discarded, and a job that
/// sees the budget used up by earlier ones stops early, which cannot change what counts.
pub(crate) fn run(
    packs: &[&RulePack],
    jobs: &[Job],
    activations: &[Activation],
    documents: &Arc<Documents>,
    budget: usize,
    judged: &(dyn Fn(usize) + Sync),
) -> Vec<Outcome> {
    let faults: Vec<AtomicUsize> = jobs.iter().map(|_| AtomicUsize::new(0)).collect();
    // What is asked before each call must not cost a look at all jobs: most packs never fault.
    let of_pack: Vec<AtomicUsize> = packs.iter().map(|_| AtomicUsize::new(0)).collect();
    let ended: Vec<AtomicUsize> = packs.iter().map(|_| AtomicUsize::new(usize::MAX)).collect();
    let is_ended = |place: usize| {
        let pack = jobs[place].pack;
        if ended[pack].load(Ordering::Relaxed) <= place {
            return true;
        }
        if of_pack[pack].load(Ordering::Relaxed) < budget {
            return false;
        }
        let earlier = jobs[..place].iter().zip(&faults).filter(|(job, _)| job.pack == pack);
        let is_ended = earlier.map(|(_, count)| count.load(Ordering::Relaxed)).sum::<usize>() >= budget;
        if is_ended {
            ended[pack].fetch_min(place, Ordering::Relaxed);
        }
        is_ended
    };
    let inventories = inventories(jobs, documents);
    let whole: Arc<dyn DocumentSet> = Arc::clone(documents) as Arc<dyn DocumentSet>;
    let evaluations: Vec<Evaluation> = jobs
        .par_iter()
        .enumerate()
        // Each job is milliseconds of work: splitting down to single jobs balances the threads.
        .with_max_len(1)
        .map(|(place, job)| {
            let rules: Vec<Activation> = job.activations.iter().map(|index| activations[*index].clone()).collect();
            let set = job.set.and_then(|set| inventories.iter().find(|(id, _)| *id == set));
            let evaluation = packs[job.pack].evaluate(&Call {
                scope: job.scope,
                rules: &rules,
                documents: &job.documents,
                set: set.map_or(&whole, |(_, inventory)| inventory),
                stop: &|| faults[place].load(Ordering::Relaxed) >= budget || is_ended(place),
                on_fault: &|| {
                    faults[place].fetch_add(1, Ordering::Relaxed);
                    of_pack[job.pack].fetch_add(1, Ordering::Relaxed);
                },
            });
            judged(job.documents.len());
            evaluation
        })
        .collect();
    let mut before = vec![0; packs.len()];
    let outcomes = evaluations.into_iter().zip(jobs).zip(&faults).map(|((evaluation, job), faults)| {
        let discarded = before[job.pack] >= budget;
        before[job.pack] += faults.load(Ordering::Relaxed);
        Outcome { evaluation, discarded }
    });
    outcomes.collect()
}

fn inventories(jobs: &[Job], documents: &Arc<Documents>) -> Vec<(SetId, Arc<dyn DocumentSet>)> {
    let mut sets: Vec<SetId> = jobs.iter().filter_map(|job| job.set).collect();
    sets.sort_unstable();
    sets.dedup();
    sets.into_iter()
        .map(|set| (set, Arc::new(Inventory::new(Arc::clone(documents), set)) as Arc<dyn DocumentSet>))
        .collect()
}

/// Pairs that a job was to judge but did not, as (rules, documents) blocks; rules are indexes into
/// the selected rules.
pub(crate) fn unjudged(job: &Job, outcome: &Outcome) -> Vec<(Vec<usize>, Vec<DocumentId>)> {
    if outcome.discarded {
        return vec![(job.rules.clone(), job.documents.clone())];
    }
    let blocks = outcome.evaluation.unjudged.iter();
    blocks.map(|(rules, documents)| (rules.iter().map(|rule| job.rules[*rule]).collect(), documents.clone())).collect()
}
