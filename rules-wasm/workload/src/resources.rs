//! What the rules about resources share: amounts, what a container gets from where, and what the
//! LimitRanges of a set give.

use std::collections::BTreeMap;

use verdikt_rules_shared::quantity::is_positive;
use verdikt_sdk::{Container, Document, Field, Finding, Findings, Node, Selector, Set, Value, Workload};

/// What a place says about an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Amount<'a> {
    /// More than zero.
    Some,
    /// Stated, but zero or less.
    Zero(&'a str),
    Absent,
    /// Not known, or no quantity at all: the platform refuses it, so nobody knows what it would be.
    Undecided,
}

impl<'a> Amount<'a> {
    /// Quantities are strings or numbers.
    pub(crate) fn of(node: Node<'a>) -> Amount<'a> {
        let text = match (node.number(), node.str()) {
            (Field::Known(number), _) => number.0,
            (_, Field::Known(text)) => text,
            (Field::Absent, _) | (_, Field::Absent) => return Amount::Absent,
            (Field::Unknown(_), Field::Unknown(_)) => return Amount::Undecided,
        };
        match is_positive(text) {
            Some(true) => Amount::Some,
            Some(false) => Amount::Zero(text),
            None => Amount::Undecided,
        }
    }
}

/// Why an amount is undecided, as a finding; `None` when it is decided.
pub(crate) fn doubt(node: Node<'_>) -> Option<Finding<'_>> {
    match (node.agreed(Amount::of), node.unknown(), node.str()) {
        (Some(Amount::Some | Amount::Zero(_) | Amount::Absent), ..) => None,
        (_, Some(unknown), _) | (_, _, Field::Unknown(unknown)) => Some(Finding::unknown(unknown)),
        (_, _, stated) => {
            let text = stated.known().unwrap_or_default();
            Some(Finding::unknown_because(node, format!("`{text}` is not a quantity")))
        }
    }
}

/// Where a container gets what it needs from, the weakest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Support<'r> {
    Container,
    /// Its limit, which is its request too.
    Limit,
    Platform,
    PodLevel,
    /// ECS: a share of the processor, which only counts when others want it.
    Share,
    LimitRange(&'r str),
}

impl Support<'_> {
    /// The reason of a pass, which is the code of its message.
    pub(crate) fn pass(self, workload: Workload<'_>) -> Finding<'_> {
        match self {
            Support::Container => Finding::pass(workload, "container"),
            Support::Limit => Finding::pass(workload, "limit"),
            Support::Platform => Finding::pass(workload, "platform"),
            Support::PodLevel => Finding::pass(workload, "pod-level"),
            Support::Share => Finding::pass(workload, "soft"),
            Support::LimitRange(name) => Finding::pass(workload, "inherited-limitrange").argument("limit_range", name),
        }
    }
}

/// Whether a container gets what it needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome<'r> {
    Met(Support<'r>),
    Missing,
    Depends,
}

impl<'r> Outcome<'r> {
    /// What a node comes to: each of its alternatives, when they come to the same.
    pub(crate) fn of(node: Node<'_>, judge: impl Fn(Amount<'_>) -> Outcome<'r>) -> Outcome<'r> {
        let all = node.alternatives().map(|node| judge(Amount::of(node)));
        all.reduce(Outcome::either).unwrap_or(Outcome::Depends)
    }

    /// The need is met when one of two places meets it.
    pub(crate) fn or(self, other: Outcome<'r>) -> Outcome<'r> {
        match (self, other) {
            (Outcome::Met(support), _) | (_, Outcome::Met(support)) => Outcome::Met(support),
            (Outcome::Missing, Outcome::Missing) => Outcome::Missing,
            (Outcome::Depends, _) | (_, Outcome::Depends) => Outcome::Depends,
        }
    }

    /// It will be one of two, nobody knows which.
    fn either(self, other: Outcome<'r>) -> Outcome<'r> {
        match (self, other) {
            (Outcome::Met(one), Outcome::Met(other)) => Outcome::Met(one.max(other)),
            (Outcome::Missing, Outcome::Missing) => Outcome::Missing,
            _ => Outcome::Depends,
        }
    }
}

/// Judges each workload of a set. `judge` says what the workload lives on when it finds nothing wrong.
pub(crate) fn judge_each<'r>(
    set: &Set<'_>,
    findings: &mut Findings<'_>,
    judge: impl Fn(Workload<'_>, Option<&str>, &mut Findings<'_>) -> Support<'r>,
) {
    set.judge_each(findings, |document, findings| {
        let workload = Workload::from(document);
        let before = findings.len();
        let support = judge(workload, document.envelope().namespace.as_deref(), findings);
        // The rule has to state an outcome for every document.
        if findings.len() == before {
            findings.add(support.pass(workload));
        }
    });
}

/// Whether a container is one whose resources nobody can state.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/#what-is-an-ephemeral-container>
pub(crate) fn is_ephemeral(container: Container<'_>) -> bool {
    container.role().read().known() == Some("ephemeral")
}

/// Kubernetes: every container of a pod has a limit of a resource, or says what it lives on instead.
pub(crate) fn judge_limits<'r>(
    workload: Workload<'_>,
    namespace: Option<&str>,
    resource: &str,
    ranges: &'r LimitRanges,
    findings: &mut Findings<'_>,
) -> Support<'r> {
    let pod_node = workload.resources().limits().get(resource);
    let pod = Outcome::of(pod_node, |amount| match amount {
        Amount::Some => Outcome::Met(Support::PodLevel),
        Amount::Zero(_) | Amount::Absent => Outcome::Missing,
        Amount::Undecided => Outcome::Depends,
    });
    let supply = ranges.supply(namespace);
    let mut weakest = Support::Container;
    for container in findings.every(workload.containers()) {
        if is_ephemeral(container) {
            continue;
        }
        let node = container.resources().limits().get(resource);
        let outcome = Outcome::of(node, |own| match own {
            Amount::Some => Outcome::Met(Support::Container),
            Amount::Zero(_) => pod,
            // Only a limit that is not stated is filled in.
            Amount::Absent => pod.or(supply.outcome()),
            Amount::Undecided => pod.or(Outcome::Depends),
        });
        match outcome {
            Outcome::Met(support) => weakest = weakest.max(support),
            Outcome::Missing => findings.add(no_limit(container, node, "no-limit")),
            Outcome::Depends => findings.add(first_doubt(&[node, pod_node], &supply)),
        }
    }
    weakest
}

/// The finding about a container without a limit: at a stated zero, or where a limit is missing.
pub(crate) fn no_limit<'a>(container: Container<'a>, node: Node<'a>, code: &'static str) -> Finding<'a> {
    let finding = match node.agreed(Amount::of) {
        Some(Amount::Zero(found)) => Finding::fail(node, "zero-limit").argument("found", found),
        _ => Finding::fail(node, code),
    };
    finding.argument("container", container.label())
}

/// Why the outcome of a container depends: the first of these places that is undecided, or else what
/// LimitRanges supply.
pub(crate) fn first_doubt<'a>(places: &[Node<'a>], supply: &Supply<'_>) -> Finding<'a> {
    let doubt = places.iter().find_map(|node| doubt(*node));
    match (doubt, supply) {
        (Some(doubt), _) => doubt,
        (None, Supply::Maybe(why)) => Finding::unknown_because(places[0], why.as_str()),
        (None, Supply::Yes(_) | Supply::No) => {
            Finding::unknown_because(places[0], "it depends on values that are not known")
        }
    }
}

/// Whether the task size of ECS bounds a container, apart from Fargate, where it always does. It is
/// ignored for Windows.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>
pub(crate) fn task_size<'r>(workload: Workload<'_>, node: Node<'_>) -> Outcome<'r> {
    let stated = Outcome::of(node, |amount| match amount {
        Amount::Some => Outcome::Met(Support::PodLevel),
        Amount::Zero(_) | Amount::Absent => Outcome::Missing,
        Amount::Undecided => Outcome::Depends,
    });
    match (is_windows(workload.os()), stated) {
        (Some(false), stated) => stated,
        (Some(true), _) | (None, Outcome::Missing) => Outcome::Missing,
        (None, _) => Outcome::Depends,
    }
}

/// Whether tasks run on Windows; `None` when that is not known. A task definition that does not say
/// runs on Linux.
pub(crate) fn is_windows(os: Value<'_, &str>) -> Option<bool> {
    os.node().agreed(|node| match node.str() {
        Field::Known(os) => Some(os == "windows"),
        Field::Absent => Some(false),
        Field::Unknown(_) => None,
    })?
}

/// What an ECS task gets for running on Fargate, where every task has a size.
pub(crate) fn fargate_size<'r>(workload: Workload<'_>) -> Outcome<'r> {
    match workload.fargate_only() {
        Field::Known(true) => Outcome::Met(Support::Platform),
        Field::Known(false) | Field::Absent => Outcome::Missing,
        Field::Unknown(_) => Outcome::Depends,
    }
}

/// Why it depends how much an ECS container gets: the first of these places that is undecided, or else
/// the operating system or the launch type.
pub(crate) fn ecs_doubt<'a>(workload: Workload<'a>, places: &[Node<'a>]) -> Finding<'a> {
    let doubt = places.iter().find_map(|node| doubt(*node));
    let os = || workload.os().node().unknown();
    let unknown = || os().or_else(|| workload.fargate_only().unknown());
    doubt
        .or_else(|| unknown().map(Finding::unknown))
        .unwrap_or_else(|| Finding::unknown_because(places[0], "it depends on values that are not known"))
}

/// What LimitRanges of a set give containers that state nothing.
pub(crate) struct LimitRanges {
    /// Those that give something, in the order of the scan.
    ranges: Vec<LimitRange>,
    by_namespace: BTreeMap<String, Vec<usize>>,
    /// Those that do not say where they are.
    anywhere: Vec<usize>,
}

struct LimitRange {
    name: String,
    namespace: Option<String>,
    gives: Gives,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    Nothing,
    /// Zero, which Kubernetes fills in like any other amount.
    Zero,
    Maybe,
    Some,
}

impl Gives {
    /// What two defaults for one container come to. Which of them Kubernetes fills in first is not
    /// defined.
    fn and(self, other: Gives) -> Gives {
        match (self, other) {
            (Gives::Nothing, gives) | (gives, Gives::Nothing) => gives,
            (Gives::Zero, Gives::Zero) => Gives::Zero,
            (Gives::Zero, _) | (_, Gives::Zero) => Gives::Maybe,
            (Gives::Some, _) | (_, Gives::Some) => Gives::Some,
            (Gives::Maybe, Gives::Maybe) => Gives::Maybe,
        }
    }
}

/// What a container that states nothing gets.
pub(crate) enum Supply<'r> {
    /// An amount from the LimitRange of this name.
    Yes(&'r str),
    /// It depends on this.
    Maybe(String),
    No,
}

impl<'r> Supply<'r> {
    pub(crate) fn outcome(&self) -> Outcome<'r> {
        match self {
            Supply::Yes(name) => Outcome::Met(Support::LimitRange(name)),
            Supply::Maybe(_) => Outcome::Depends,
            Supply::No => Outcome::Missing,
        }
    }
}

/// The members of an item that supply a limit: Kubernetes takes the maximum for the default where
/// there is none (`SetDefaults_LimitRangeItem` in k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
const LIMIT: &[&str] = &["default", "max"];
/// Likewise a request: without a default request the default limit is taken, without that the minimum.
const REQUEST: &[&str] = &["defaultRequest", "default", "max", "min"];

impl LimitRanges {
    /// Those that give limits.
    pub(crate) fn of_limits(set: &Set<'_>, resource: &str) -> LimitRanges {
        LimitRanges::read(set, resource, LIMIT)
    }

    /// Those that give requests.
    pub(crate) fn of_requests(set: &Set<'_>, resource: &str) -> LimitRanges {
        LimitRanges::read(set, resource, REQUEST)
    }

    fn read(set: &Set<'_>, resource: &str, members: &[&str]) -> LimitRanges {
        let ranges = set.find(Selector::new("kubernetes", "LimitRange")).into_iter().map(|envelope| {
            // One that cannot be read may give something.
            let gives = set.read(&envelope).map_or(Gives::Maybe, |document| gives(&document, resource, members));
            LimitRange { name: envelope.name, namespace: envelope.namespace, gives }
        });
        let mut found = LimitRanges {
            ranges: ranges.filter(|range| range.gives != Gives::Nothing).collect(),
            by_namespace: BTreeMap::new(),
            anywhere: Vec::new(),
        };
        for (index, range) in found.ranges.iter().enumerate() {
            match &range.namespace {
                Some(namespace) => found.by_namespace.entry(namespace.clone()).or_default().push(index),
                None => found.anywhere.push(index),
            }
        }
        found
    }

    /// What a container in a namespace gets.
    pub(crate) fn supply(&self, namespace: Option<&str>) -> Supply<'_> {
        let here = namespace.and_then(|namespace| self.by_namespace.get(namespace)).map_or(&[][..], Vec::as_slice);
        let here = here.iter().map(|index| &self.ranges[*index]);
        match here.clone().fold(Gives::Nothing, |gives, range| gives.and(range.gives)) {
            Gives::Some => {
                let giving = here.clone().find(|range| range.gives == Gives::Some);
                return giving.map_or(Supply::No, |range| Supply::Yes(&range.name));
            }
            Gives::Maybe => {
                let names: Vec<_> = here.map(|range| format!("`{}`", range.name)).collect();
                let names = names.join(", ");
                return Supply::Maybe(format!("it depends on LimitRange {names} whether the container gets one"));
            }
            Gives::Zero | Gives::Nothing => {}
        }
        // A default of nothing at all changes nothing, wherever it is.
        let supplies = |range: &&LimitRange| range.gives != Gives::Zero;
        let elsewhere = match namespace {
            Some(_) => self.anywhere.iter().map(|index| &self.ranges[*index]).find(supplies),
            None => self.ranges.iter().find(supplies),
        };
        match elsewhere {
            None => Supply::No,
            Some(range) => Supply::Maybe(format!(
                "LimitRange `{}` would supply one, but the namespace of the {} is only decided at deployment",
                range.name,
                if namespace.is_none() { "workload" } else { "LimitRange" },
            )),
        }
    }
}

/// What a LimitRange gives containers by the first of these members that is stated. Only items of type
/// `Container` have defaults.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/limit-range-v1/>
fn gives(document: &Document, resource: &str, members: &[&str]) -> Gives {
    let limits = document.root().path(&["spec", "limits"]).list();
    let rest = if limits.rest().is_some() { Gives::Maybe } else { Gives::Nothing };
    let items = limits.known().map(|item: Node<'_>| {
        let amounts = members.iter().map(|member| Amount::of(item.path(&[member, resource])));
        let given = amounts.into_iter().find(|amount| *amount != Amount::Absent);
        match (item.get("type").str(), given) {
            (_, None | Some(Amount::Absent)) => Gives::Nothing,
            (Field::Known("Container"), Some(Amount::Some)) => Gives::Some,
            (Field::Known("Container"), Some(Amount::Zero(_))) => Gives::Zero,
            (Field::Known("Container") | Field::Unknown(_), _) => Gives::Maybe,
            (Field::Known(_) | Field::Absent, _) => Gives::Nothing,
        }
    });
    items.fold(rest, Gives::and)
}
