//! What is in charge of the number of copies of a workload, and how few it may set.

use std::collections::BTreeMap;

use verdikt_sdk::{Decision, Document, Field, Node, Selector, Set};

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
                let reference = self.document.root().path(&["spec", "scaleTargetRef"]);
                let is = |member: &str, default: Option<&str>, wanted: &str| {
                    reference.get(member).agreed(|node| match node.text() {
                        Field::Known(text) => text.is(wanted),
                        Field::Absent => Some(default == Some(wanted)),
                        Field::Unknown(_) => None,
                    })?
                };
                // https://keda.sh/docs/latest/reference/scaledobject-spec/#scaletargetref
                let default = (kind == "ScaledObject").then_some("Deployment");
                let in_namespace = match (&own.namespace, &target.namespace) {
                    (Some(own), Some(target)) => Some(own == target),
                    // They are deployed together, wherever that is.
                    (None, None) => Some(true),
                    _ => None,
                };
                every([is("kind", default, &target.kind), is("name", None, &target.name), in_namespace])
            }
        }
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
        let (floor, default) = self.floor();
        let by_floor = || is_fewer(floor, default, minimum);
        if self.document.envelope().kind != "ScaledObject" {
            return by_floor();
        }
        // Without work to do the copies go down to this, if it is stated.
        self.idle().decide(|idle| if idle.is_absent() { by_floor() } else { is_fewer(idle, 0, minimum) })
    }

    /// The node that says how few it may set.
    pub(crate) fn decisive(&self) -> Node<'_> {
        let idle = self.idle();
        if self.document.envelope().kind == "ScaledObject" && !idle.is_absent() { idle } else { self.floor().0 }
    }

    /// How few it may set, for a message.
    pub(crate) fn shown(&self) -> String {
        shown(self.decisive(), self.floor().1)
    }

    fn idle(&self) -> Node<'_> {
        self.document.root().path(&["spec", "idleReplicaCount"])
    }

    /// The minimum, and what it is when it is absent.
    fn floor(&self) -> (Node<'_>, i64) {
        let root = self.document.root();
        match self.document.envelope().kind.as_str() {
            "HorizontalPodAutoscaler" => (root.path(&["spec", "minReplicas"]), 1),
            "ScaledObject" => (root.path(&["spec", "minReplicaCount"]), 0),
            _ => (root.get("min_capacity"), 0),
        }
    }
}

/// Whether a number, or its default where it is absent, is below a minimum.
pub(crate) fn is_fewer<'a>(node: Node<'a>, default: i64, minimum: i64) -> Decision<'a> {
    node.decide(|node| match node.integer() {
        Field::Known(count) => Decision::when(count < minimum),
        Field::Absent => Decision::when(default < minimum),
        Field::Unknown(unknown) => Decision::Unknown(unknown),
    })
}

/// The numbers that a node may be, for a message.
pub(crate) fn shown(node: Node<'_>, default: i64) -> String {
    let all = node.alternatives().map(|node| match node.integer() {
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
