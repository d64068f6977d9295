//! Which pods an EKS Fargate profile takes.

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{Document, Field, Node, Selector, Set, Workload};

/// The `aws_eks_fargate_profile` resources of a set.
pub(crate) struct FargateProfiles(Vec<Document>);

/// Whether a profile takes a pod.
pub(crate) enum Placement<'p> {
    /// The profile of this address does.
    Fargate(&'p str),
    /// The profile of this address may.
    Possible(&'p str),
    Node,
}

impl FargateProfiles {
    pub(crate) fn read(set: &Set<'_>) -> FargateProfiles {
        let found = set.find(Selector::new("terraform", "aws_eks_fargate_profile")).into_iter();
        FargateProfiles(found.filter_map(|envelope| set.read(&envelope).ok()).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the pods of a workload run. A DaemonSet never runs on Fargate, which has no nodes for it.
    ///
    /// <https://docs.aws.amazon.com/eks/latest/userguide/fargate.html>
    pub(crate) fn place(&self, workload: Workload<'_>, namespace: Option<&str>) -> Placement<'_> {
        if workload.kind().read().known() == Some("DaemonSet") {
            return Placement::Node;
        }
        let mut placement = Placement::Node;
        for profile in &self.0 {
            let selectors = profile.root().get("selector").list();
            let mut taken = selectors.rest().is_none().then_some(false);
            for selector in selectors.known() {
                taken = match (taken, takes(selector, namespace, workload.labels())) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                };
            }
            match taken {
                Some(true) => return Placement::Fargate(&profile.envelope().address),
                Some(false) => {}
                None => placement = Placement::Possible(&profile.envelope().address),
            }
        }
        placement
    }
}

/// Whether a selector takes a pod: its namespace, and every label that the selector has. `*` and `?` are
/// wildcards in both; `None` when it cannot be known.
///
/// <https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html#fargate-profile-wildcards>
fn takes(selector: Node<'_>, namespace: Option<&str>, labels: Node<'_>) -> Option<bool> {
    let mut taken = match (selector.get("namespace").str(), namespace) {
        (Field::Known(pattern), Some(namespace)) => Some(wildcard::matches(pattern, namespace)),
        // Required; without one the profile is refused.
        (Field::Absent, _) => Some(false),
        _ => None,
    };
    let wanted = match selector.get("labels").members() {
        Field::Known(wanted) => wanted,
        Field::Absent => return taken,
        Field::Unknown(_) => return taken.filter(|taken| !taken),
    };
    for (label, pattern) in wanted {
        let matches = match (pattern.str(), labels.get(label).str()) {
            // A label of the selector without a value is none.
            (Field::Absent, _) => Some(true),
            (Field::Known(_), Field::Absent) => Some(false),
            (Field::Known(pattern), Field::Known(value)) => Some(wildcard::matches(pattern, value)),
            _ => None,
        };
        taken = match (taken, matches) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
    }
    taken
}
