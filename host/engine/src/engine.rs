//! The facade: load packs once, check as often as needed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use verdikt_input::{LoadOptions, Loaded, load};
use verdikt_model::{
    Code, Date, Diagnostic, DiagnosticPlace, DiffBase, Mode, PackInfo, PackRef, Report, RuleInfo, RuleRef, Severity,
    Verdict,
};
use verdikt_runtime::{Limits, PackSource, RulePack, Runtime, RuntimeOptions};

use crate::aggregate::{Inputs, aggregate};
use crate::base::{self, Base};
use crate::documents::Documents;
use crate::error::Error;
use crate::evaluate;
use crate::plan::{Candidate, plan};
use crate::policy::baseline::Accepted;
use crate::policy::{
    Baseline, BaselineChange, Config, Decisions, EffectiveRule, Evidence, NewBaseline, Resolver, Waivers,
};
use crate::selection::Selection;
use crate::settings::Parameter;

/// What `unknown` means for the gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownPolicy {
    /// It is counted, and not listed.
    Ignore,
    /// It is listed.
    #[default]
    Warn,
    /// It counts like a failure.
    Fail,
}

impl UnknownPolicy {
    pub const ALL: [UnknownPolicy; 3] = [UnknownPolicy::Ignore, UnknownPolicy::Warn, UnknownPolicy::Fail];

    pub fn as_str(self) -> &'static str {
        match self {
            UnknownPolicy::Ignore => "ignore",
            UnknownPolicy::Warn => "warn",
            UnknownPolicy::Fail => "fail",
        }
    }

    pub fn parse(text: &str) -> Option<UnknownPolicy> {
        UnknownPolicy::ALL.into_iter().find(|policy| policy.as_str() == text)
    }
}

/// What to check and how.
#[derive(Clone)]
pub struct Check {
    /// What to read.
    pub load: LoadOptions,
    /// What a `verdikt.yaml` says of rules. What it says of the run as a whole is
    /// [`RunValues`](crate::RunValues), and whoever makes the check puts it into the other members.
    pub config: Arc<Config>,
    /// The profile by name; `None` for the config's, or else `default`.
    pub profile: Option<String>,
    /// Stronger than everything that the config says.
    pub selection: Selection,
    /// Stronger than everything that the config says; of two for one key the later holds.
    pub parameters: Vec<Parameter>,
    /// One document a call. Slower, and must give the same report.
    pub isolate: bool,
    /// Verdicts that get a row for each pair of rule and document: `Pass`, `NotApplicable`.
    pub show: BTreeSet<Verdict>,
    /// The least severity that fails the gate; `None` never fails it.
    pub fail_on: Option<Severity>,
    pub unknown: UnknownPolicy,
    /// What a failure leads to where nothing else says it.
    pub mode: Mode,
    /// The day on which acceptances hold or have ended.
    pub today: Date,
    /// Answers to what rules leave to people.
    pub evidence: Vec<Evidence>,
    /// What is accepted for a reason.
    pub waivers: Vec<Waivers>,
    /// What was there already.
    pub baseline: Option<Baseline>,
    /// An earlier state: what was found there already does not count.
    pub base: Option<Arc<Base>>,
    /// Called with the number of documents that a batch judged, from any thread.
    pub judged: Option<Arc<dyn Fn(usize) + Send + Sync>>,
}

impl Check {
    /// Every default: the rules that are on by default, failing on `low`.
    pub fn new(load: LoadOptions, today: Date) -> Self {
        Check {
            load,
            config: Arc::default(),
            profile: None,
            selection: Selection::default(),
            parameters: Vec::new(),
            isolate: false,
            show: BTreeSet::new(),
            fail_on: Some(Severity::Low),
            unknown: UnknownPolicy::default(),
            mode: Mode::default(),
            today,
            evidence: Vec::new(),
            waivers: Vec::new(),
            baseline: None,
            base: None,
            judged: None,
        }
    }
}

/// Collects what an [`Engine`] is made of.
#[derive(Default)]
pub struct EngineBuilder<'a> {
    packs: Vec<PackSource<'a>>,
    cache: Option<PathBuf>,
    limits: Limits,
    jobs: Option<usize>,
}

impl<'a> EngineBuilder<'a> {
    /// Adds a pack. Packs are loaded in this order; of two with the same rule the first stays.
    #[must_use]
    pub fn pack(mut self, source: PackSource<'a>) -> Self {
        self.packs.push(source);
        self
    }

    /// A private folder for compiled packs; none, and every pack that is not precompiled is compiled
    /// anew in every process.
    #[must_use]
    pub fn cache(mut self, folder: Option<PathBuf>) -> Self {
        self.cache = folder;
        self
    }

    /// What a guest may use.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Worker threads; the machine's cores where it is not said.
    #[must_use]
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = Some(jobs.max(1));
        self
    }

    /// Starts the sandbox and loads the packs. A pack that cannot be used becomes a problem that
    /// every report repeats, and the others go on.
    ///
    /// # Errors
    /// When the sandbox or the threads cannot be started.
    pub fn build(self) -> Result<Engine, Error> {
        let jobs = self.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .thread_name(|index| format!("verdikt-{index}"))
            .build()
            .map_err(|source| Error::Threads { jobs, source })?;
        let fault_budget = self.limits.faults;
        let runtime = Runtime::new(RuntimeOptions { limits: self.limits, cache: self.cache, concurrency: jobs })?;
        let mut packs: Vec<RulePack> = Vec::new();
        let mut problems = Vec::new();
        for source in self.packs {
            let name = source.name.clone();
            let unusable = |message: String| Diagnostic {
                code: Code::PackUnusable,
                message,
                place: DiagnosticPlace::Path(name.clone()),
            };
            match runtime.load(source) {
                Ok(pack) => match clash(&packs, pack.info()) {
                    None => packs.push(pack),
                    Some(problem) => problems.push(unusable(problem)),
                },
                Err(error) => problems.push(unusable(chain(&error))),
            }
        }
        Ok(Engine { runtime, pool, packs, problems, fault_budget })
    }
}

/// Why a pack cannot stand beside those that are loaded.
fn clash(packs: &[RulePack], new: &PackInfo) -> Option<String> {
    if let Some(old) = packs.iter().find(|pack| pack.info().id == new.id) {
        return Some(format!(
            "a pack with the id `{}` is loaded already, from {}; leave one of them out (`--no-builtin` for the \
             built-in ones) or give this one another id",
            new.id,
            old.name()
        ));
    }
    let rules = || packs.iter().flat_map(|pack| pack.info().rules.iter().map(move |rule| (pack, rule)));
    for rule in &new.rules {
        if let Some((old, _)) = rules().find(|(_, known)| known.id == rule.id || known.slug == rule.slug) {
            return Some(format!(
                "pack `{}` declares rule {} (`{}`), but pack `{}` has that id or slug already; rename the rule, or \
                 leave one of the packs out",
                new.id,
                rule.id,
                rule.slug,
                old.info().id
            ));
        }
    }
    None
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let next = cause.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = cause.source();
    }
    text
}

/// Packs, loaded and ready. `Send + Sync`: many threads may check at once.
pub struct Engine {
    // Packs hold what they need of the runtime; it is kept for packs to come.
    #[expect(dead_code, reason = "owns the ticker thread that enforces every deadline")]
    runtime: Runtime,
    pool: rayon::ThreadPool,
    packs: Vec<RulePack>,
    problems: Vec<Diagnostic>,
    fault_budget: usize,
}

impl Engine {
    pub fn builder<'a>() -> EngineBuilder<'a> {
        EngineBuilder::default()
    }

    /// Every rule that is loaded, with its pack, in the order of the packs.
    pub fn rules(&self) -> impl Iterator<Item = (&PackInfo, &RuleInfo)> {
        self.packs.iter().flat_map(|pack| pack.info().rules.iter().map(move |rule| (pack.info(), rule)))
    }

    /// A rule by id or slug, without case.
    pub fn rule(&self, name: &str) -> Option<(&PackInfo, &RuleInfo)> {
        self.rules().find(|(_, rule)| rule.id.eq_ignore_ascii_case(name) || rule.slug.eq_ignore_ascii_case(name))
    }

    /// Ids and slugs that a mistyped rule name may have meant, best first.
    pub fn nearest_rules(&self, name: &str) -> Vec<String> {
        crate::error::nearest(name, self.rules().flat_map(|(_, rule)| [rule.id.as_str(), rule.slug.as_str()]))
    }

    /// The packs that are loaded.
    pub fn packs(&self) -> impl Iterator<Item = &RulePack> {
        self.packs.iter()
    }

    /// Packs that could not be used, and why. Every report repeats them.
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// Reads and normalizes without judging.
    pub fn normalize(&self, options: &LoadOptions) -> Loaded {
        self.pool.install(|| load(options))
    }

    /// What holds for each rule that is loaded, selected or not, and who says so. What overrides say
    /// is not in it, since that differs by document.
    ///
    /// # Errors
    /// As [`check`](Self::check), but a selection may leave nothing.
    pub fn effective_rules<'a>(&'a self, check: &'a Check) -> Result<Vec<EffectiveRule<'a>>, Error> {
        let infos: Vec<&PackInfo> = self.packs.iter().map(RulePack::info).collect();
        let resolver = Resolver::new(&infos, check)?;
        resolver.rules.iter().map(|rule| resolver.effective(rule, &[])).collect()
    }

    /// Reads, judges and reports. The same input gives the same report, byte for byte, whatever the
    /// number of threads; only a guest that runs into its deadline depends on the machine.
    ///
    /// # Errors
    /// When a selector, a parameter or a profile means nothing or has a wrong value, be it of the check
    /// itself or of its config, when no rule is left, or when no configuration of Terraform can use a variable
    /// that is given by name.
    /// Problems of files, packs and guests are in the report.
    pub fn check(&self, check: &Check) -> Result<Report, Error> {
        Ok(self.judge(check, true, |_| ())?.0)
    }

    /// Checks, and makes the baseline that follows from it. [`Check::baseline`] is the old one, where
    /// there is one; without it, everything that is open is added.
    ///
    /// A baseline made from an [incomplete](Report::incomplete) report lacks what was not judged.
    ///
    /// # Errors
    /// As [`Engine::check`].
    pub fn baseline(&self, check: &Check, change: BaselineChange) -> Result<(Report, NewBaseline), Error> {
        self.judge(check, true, |accepted| accepted.change(change))
    }

    /// Checks an earlier state, for [`Check::base`] of the check of a later one. It has to be the same
    /// check but for what is read, or findings of other rules and settings are compared.
    ///
    /// # Errors
    /// As [`Engine::check`].
    pub fn base(&self, check: &Check, state: DiffBase) -> Result<Base, Error> {
        // Which variables there are may differ between the states.
        let (report, findings) = self.judge(check, false, |accepted| base::findings(accepted.rows))?;
        Ok(Base::new(state, findings, &report))
    }

    /// The report, and what `record` makes of its rows. `strict` says whether given variables have to be of use.
    fn judge<T>(
        &self,
        check: &Check,
        strict: bool,
        record: impl FnOnce(&Accepted<'_>) -> T,
    ) -> Result<(Report, T), Error> {
        let infos: Vec<&PackInfo> = self.packs.iter().map(RulePack::info).collect();
        let resolver = Resolver::new(&infos, check)?;
        let selected: Vec<usize> =
            (0..resolver.rules.len()).filter(|rule| resolver.is_selected(&resolver.rules[*rule])).collect();
        if selected.is_empty() {
            let reason = if self.packs.is_empty() { "no pack is loaded" } else { "the selection leaves none" };
            return Err(Error::NoRules { reason });
        }
        let rules: Vec<RuleRef> = selected
            .iter()
            .map(|rule| &resolver.rules[*rule])
            .map(|rule| RuleRef { info: rule.info.clone(), pack: rule.pack_index })
            .collect();
        // Before anything is read: what is wrong with parameters is said at once.
        for rule in &selected {
            resolver.effective(&resolver.rules[*rule], &[])?;
        }

        let Loaded { sources, documents, mut diagnostics, directives, coverage, folders, unusable } =
            self.normalize(&check.load);
        if strict && !unusable.is_empty() {
            return Err(Error::UnusableVariables { problems: unusable });
        }
        diagnostics.extend(self.problems.iter().cloned());
        let candidates: Vec<Candidate<'_>> =
            rules.iter().map(|rule| Candidate { pack: rule.pack, info: &rule.info }).collect();
        let decisions = Decisions::new(&resolver, &selected, &sources, &documents)?;
        let jobs = plan(&candidates, &documents, &decisions, check.isolate);
        let documents = Arc::new(Documents::new(documents));
        let packs: Vec<&RulePack> = self.packs.iter().collect();
        let judged = |count| {
            if let Some(judged) = &check.judged {
                judged(count);
            }
        };
        let outcomes = self
            .pool
            .install(|| evaluate::run(&packs, &jobs, &decisions.activations, &documents, self.fault_budget, &judged));
        let packs = self.packs.iter().map(|pack| PackRef {
            id: pack.info().id.clone(),
            version: pack.info().version.clone(),
            digest: pack.digest().to_owned(),
        });
        Ok(aggregate(
            Inputs {
                sources: &sources,
                documents: &documents,
                diagnostics,
                directives: &directives,
                coverage,
                folders: &folders,
                infos: &infos,
                packs: packs.collect(),
                rules,
                decisions: &decisions,
                jobs: &jobs,
                outcomes,
                fault_budget: self.fault_budget,
                pool: &self.pool,
            },
            check,
            record,
        ))
    }
}
