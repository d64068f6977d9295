//! What is in charge of the number of copies of a workload, and how few it may set.

use std::collections::BTreeMap;

use verdikt_sdk::{Decision, Document, Field, Node, Selector, Set, Workload};

use crate::image::Answer;

/// The autoscalers of a set.
pub(crate) struct Autoscalers {
    all: Vec<Autoscaler>,
    /// Those that say whom they are in charge of, by that name.
    by_target: BTreeMap<String, Vec<usize>>,
    others: Vec<usize>,
}

impl Autoscalers {
    /// What cannot be read is left out; it is an error elsewhere.
    pub(crate) fn of(set: &Set<'_>) -> Autoscalers {
        let found = KINDS.iter().flat_map(|(platform, kind)| set.find(Selector::new(platform, kind)));
        let all = found.filter_map(|envelope| set.read(&envelope).ok()).map(|document| Autoscaler { document });
        let mut autoscalers = Autoscalers { all: all.collect(), by_target: BTreeMap::new(), others: Vec::new() };
        for (index, autoscaler) in autoscalers.all.iter().enumerate() {
            match autoscaler.target() {
                Some(name) => autoscalers.by_target.entry(name.to_owned()).or_default().push(index),
                None => autoscalers.others.push(index),
            }
        }
        autoscalers
    }

    /// Those that are in charge of a workload or a service of ECS, and those that may be.
    pub(crate) fn in_charge_of(&self, scaled: &Document, set: &Set<'_>) -> (Vec<&Autoscaler>, Vec<&Autoscaler>) {
        let is_service = scaled.envelope().platform == "terraform";
        let name = if is_service { scaled.root().get("name").str().known() } else { Some(&*scaled.envelope().name) };
        let named: Vec<usize> = match name {
            Some(name) => self.by_target.get(name).into_iter().flatten().copied().collect(),
            // A service that has no name yet may be any of them.
            None => self.by_target.values().flatten().copied().collect(),
        };
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        for autoscaler in named.iter().chain(&self.others).map(|index| &self.all[*index]) {
            match autoscaler.is_in_charge_of(scaled, set) {
                Some(true) => certain.push(autoscaler),
                Some(false) => {}
                None => possible.push(autoscaler),
            }
        }
        (certain, possible)
    }
}

/// A HorizontalPodAutoscaler, a KEDA ScaledObject or an autoscaling target of AWS.
pub(crate) struct Autoscaler {
    document: Document,
}

/// The kinds, by platform.
const KINDS: [(&str, &str); 3] = [
    ("kubernetes", "HorizontalPodAutoscaler"),
    ("kubernetes", "ScaledObject"),
    ("terraform", "aws_appautoscaling_target"),
];

impl Autoscaler {
    pub(crate) fn name(&self) -> &str {
        &self.document.envelope().name
    }

    /// The name of what it is in charge of, when that is known.
    fn target(&self) -> Option<&str> {
        let root = self.document.root();
        if self.document.envelope().platform == "terraform" {
            return root.get("resource_id").str().known()?.rsplit('/').next();
        }
        root.path(&["spec", "scaleTargetRef", "name"]).str().known()
    }

    /// Whether it is in charge of a workload or a service of ECS; `None` when that is not known.
    fn is_in_charge_of(&self, scaled: &Document, set: &Set<'_>) -> Answer {
        let (own, target) = (self.document.envelope(), scaled.envelope());
        match own.kind.as_str() {
            "aws_appautoscaling_target" if target.platform == "terraform" => self.is_in_charge_of_service(scaled, set),
            "aws_appautoscaling_target" => Some(false),
            _ if target.platform == "terraform" => Some(false),
            kind => {
                let is_keda = kind == "ScaledObject";
                let reference = self.document.root().path(&["spec", "scaleTargetRef"]);
                let is = |member: &str, default: Option<&str>, wanted: &str| {
                    reference.get(member).agreed(|node| match node.text() {
                        Field::Known(text) => text.is(wanted),
                        Field::Absent => Some(default == Some(wanted)),
                        Field::Unknown(_) => None,
                    })?
                };
                let in_namespace = match (&own.namespace, &target.namespace) {
                    (Some(own), Some(target)) => Some(own == target),
                    // They are deployed together, wherever that is.
                    (None, None) => Some(true),
                    _ => None,
                };
                every([
                    // https://keda.sh/docs/latest/reference/scaledobject-spec/#scaletargetref
                    is("kind", is_keda.then_some("Deployment"), &target.kind),
                    is("name", None, &target.name),
                    is_of_group(reference.get("apiVersion"), is_keda.then_some("apps/v1"), scaled),
                    in_namespace,
                    if is_keda { self.is_paused().map(|paused| !paused) } else { is_switched_on(scaled) },
                ])
            }
        }
    }

    /// Whether a ScaledObject leaves the number as it is. One that states a number for the pause sets
    /// that. What is no boolean pauses.
    ///
    /// <https://keda.sh/docs/latest/concepts/scaling-deployments/#pausing-autoscaling>
    fn is_paused(&self) -> Answer {
        let paused = self.annotations().get("autoscaling.keda.sh/paused").agreed(|paused| match paused.str() {
            Field::Known(text) => Some(!matches!(text, "0" | "f" | "F" | "false" | "False" | "FALSE")),
            Field::Absent => Some(false),
            Field::Unknown(_) => None,
        });
        let number = self.annotations().get(PAUSED_REPLICAS).agreed(|number| match number.str() {
            Field::Known(_) => Some(true),
            Field::Absent => Some(false),
            Field::Unknown(_) => None,
        });
        every([paused.flatten(), number.flatten().map(|stated| !stated)])
    }

    /// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>
    fn is_in_charge_of_service(&self, service: &Document, set: &Set<'_>) -> Answer {
        let root = self.document.root();
        let counts_tasks = root.get("scalable_dimension").agreed(|dimension| match dimension.text() {
            Field::Known(dimension) => dimension.is("ecs:service:DesiredCount"),
            Field::Absent => Some(true),
            Field::Unknown(_) => None,
        });
        every([counts_tasks.flatten(), self.names_service(service, set)])
    }

    fn names_service(&self, service: &Document, set: &Set<'_>) -> Answer {
        let links = set.references(self.document.envelope());
        if links.iter().any(|link| link.target == service.envelope().id && link.pointer.starts_with("/resource_id")) {
            return Some(true);
        }
        let name = service.root().get("name").str().known()?;
        self.document.root().get("resource_id").agreed(|id| match id.text() {
            // `service/CLUSTER/NAME`. Two services of one name in two clusters are rare enough.
            Field::Known(id) => id.ends_with(&format!("/{name}")),
            Field::Absent => Some(false),
            Field::Unknown(_) => None,
        })?
    }

    /// Whether it may set fewer copies than a minimum.
    pub(crate) fn sets_fewer_than(&self, minimum: i64) -> Decision<'_> {
        let by_bounds = || {
            let (usual, others) = self.bounds();
            let all = [usual].into_iter().chain(others);
            all.map(|bound| is_fewer(bound.node, bound.default, minimum)).fold(Decision::Pass, Decision::and)
        };
        match self.paused_replicas() {
            None => by_bounds(),
            // A number for a pause replaces all others.
            Some(bound) => bound.node.decide(|paused| {
                if paused.is_absent() { by_bounds() } else { is_fewer(paused, bound.default, minimum) }
            }),
        }
    }

    /// What says how few it may set: the first bound that is too low, or else the usual one.
    pub(crate) fn decisive(&self, minimum: i64) -> Bound<'_> {
        let is_low = |bound: &Bound<'_>| !matches!(is_fewer(bound.node, bound.default, minimum), Decision::Pass);
        let (usual, others) = self.bounds();
        let paused = self.paused_replicas().filter(|bound| !bound.node.is_absent());
        paused.or_else(|| [usual].into_iter().chain(others).find(is_low)).unwrap_or(usual)
    }

    fn annotations(&self) -> Node<'_> {
        self.document.root().path(&["metadata", "annotations"])
    }

    fn paused_replicas(&self) -> Option<Bound<'_>> {
        let is_keda = self.document.envelope().kind == "ScaledObject";
        is_keda.then(|| Bound { field: PAUSED_REPLICAS, node: self.annotations().get(PAUSED_REPLICAS), default: 0 })
    }

    /// The usual minimum, and the other numbers that may bring the copies below it. Those never do when
    /// they are absent.
    fn bounds(&self) -> (Bound<'_>, Vec<Bound<'_>>) {
        let root = self.document.root();
        let spec = |field: &'static str, default| Bound { field, node: root.path(&["spec", field]), default };
        let own = |field: &'static str, default| Bound { field, node: root.get(field), default };
        match self.document.envelope().kind.as_str() {
            "HorizontalPodAutoscaler" => (spec("minReplicas", 1), vec![spec("maxReplicas", i64::MAX)]),
            // Without work to do the copies go down to the idle number.
            "ScaledObject" => (
                spec("minReplicaCount", 0),
                vec![spec("idleReplicaCount", i64::MAX), spec("maxReplicaCount", i64::MAX)],
            ),
            _ => (own("min_capacity", 0), vec![own("max_capacity", i64::MAX)]),
        }
    }
}

/// The annotation of a ScaledObject that holds the copies at a number.
const PAUSED_REPLICAS: &str = "autoscaling.keda.sh/paused-replicas";

/// A number that bounds what an autoscaler sets.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'a> {
    /// What its document calls it.
    pub(crate) field: &'static str,
    pub(crate) node: Node<'a>,
    /// What it is when it is absent.
    pub(crate) default: i64,
}

/// Whether a HorizontalPodAutoscaler does anything for a workload: at zero copies it waits for somebody
/// to scale up by hand.
///
/// <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation>
fn is_switched_on(scaled: &Document) -> Answer {
    let replicas = Workload::from(scaled).replicas().node();
    replicas.agreed(|replicas| match replicas.integer() {
        Field::Known(count) => Some(count != 0),
        Field::Absent => Some(true),
        Field::Unknown(_) => None,
    })?
}

/// Whether a reference is to a workload's group of kinds: kinds of one name in two groups are two.
fn is_of_group(reference: Node<'_>, default: Option<&str>, scaled: &Document) -> Answer {
    // A kind that moved to a group of its own is still meant by its first one.
    let group = |version: &str| match version.split_once('/').map_or("", |(group, _)| group) {
        "extensions" => "apps".to_owned(),
        "apps.openshift.io" => String::new(),
        group => group.to_owned(),
    };
    let own = match scaled.root().get("apiVersion").str() {
        Field::Known(version) => group(version),
        Field::Absent => return Some(true),
        Field::Unknown(_) => return None,
    };
    reference.agreed(|reference| match reference.text() {
        Field::Known(text) => text.whole().map(|version| group(version) == own),
        // Only kinds of the first group may be named without it; whether such a reference was ever meant to
        // work, nobody knows.
        Field::Absent => default.map(|version| group(version) == own).or(own.is_empty().then_some(true)),
        Field::Unknown(_) => None,
    })?
}

/// Whether a number, or its default where it is absent, is below a minimum.
pub(crate) fn is_fewer<'a>(node: Node<'a>, default: i64, minimum: i64) -> Decision<'a> {
    node.decide(|node| match count(node) {
        Field::Known(count) => Decision::when(count < minimum),
        Field::Absent => Decision::when(default < minimum),
        Field::Unknown(unknown) => Decision::Unknown(unknown),
    })
}

/// A number, or the text of one: annotations have nothing else.
fn count(node: Node<'_>) -> Field<'_, i64> {
    match node.str().known().and_then(|text| text.parse().ok()) {
        Some(count) => Field::Known(count),
        None => node.integer(),
    }
}

/// The numbers that a node may be, for a message.
pub(crate) fn shown(node: Node<'_>, default: i64) -> String {
    let all = node.alternatives().map(|node| match count(node) {
        Field::Known(count) => count.to_string(),
        Field::Absent => default.to_string(),
        Field::Unknown(_) => "?".to_owned(),
    });
    let mut all: Vec<String> = all.collect();
    all.dedup();
    all.join(", ")
}

/// Whether all answers are yes.
fn every<const N: usize>(answers: [Answer; N]) -> Answer {
    if answers.contains(&Some(false)) { Some(false) } else { (!answers.contains(&None)).then_some(true) }
}
