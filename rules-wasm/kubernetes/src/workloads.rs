//! Kinds of workloads, and the objects that come into being when one is created.

use verdikt_sdk::Envelope;

/// A kind of Kubernetes objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind<'a> {
    pub(crate) name: &'a str,
    pub(crate) group: Group<'a>,
}

/// The API group of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group<'a> {
    Known(&'a str),
    /// Of an object whose address does not say it, as Terraform's do not.
    Unknown,
}

/// A kind of Kubernetes' own.
struct Own {
    name: &'static str,
    group: &'static str,
    /// As rules of admission name it.
    resource: &'static str,
    /// What its controller creates.
    makes: Option<&'static str>,
}

/// <https://kubernetes.io/docs/concepts/workloads/controllers/>
const OWN: [Own; 8] = [
    Own { name: "Pod", group: "", resource: "pods", makes: None },
    Own { name: "ReplicationController", group: "", resource: "replicationcontrollers", makes: Some("Pod") },
    Own { name: "ReplicaSet", group: "apps", resource: "replicasets", makes: Some("Pod") },
    Own { name: "Deployment", group: "apps", resource: "deployments", makes: Some("ReplicaSet") },
    Own { name: "StatefulSet", group: "apps", resource: "statefulsets", makes: Some("Pod") },
    Own { name: "DaemonSet", group: "apps", resource: "daemonsets", makes: Some("Pod") },
    Own { name: "Job", group: "batch", resource: "jobs", makes: Some("Pod") },
    Own { name: "CronJob", group: "batch", resource: "cronjobs", makes: Some("Job") },
];

impl<'a> Kind<'a> {
    /// What every workload ends in.
    pub(crate) const POD: Kind<'static> = Kind { name: "Pod", group: Group::Known("") };

    /// The kind of a workload. The address names the group of kinds that are not Kubernetes' own.
    pub(crate) fn of(workload: &'a Envelope) -> Kind<'a> {
        let stated = workload.address.rsplit('/').nth(1).and_then(|kind| kind.split_once('.'));
        match (own(&workload.kind), stated) {
            (_, Some((name, group))) if name == workload.kind => Kind { name, group: Group::Known(group) },
            (Some(own), _) => own.kind(),
            (None, _) => Kind { name: &workload.kind, group: Group::Unknown },
        }
    }

    /// The objects that come into being with one of this kind, down to its pods. To refuse one of them is
    /// to refuse the workload.
    pub(crate) fn chain(self) -> impl Iterator<Item = Kind<'a>> {
        std::iter::successors(Some(self), |kind| {
            let makes = kind.own().map_or(Some("Pod"), |own| own.makes);
            makes.and_then(own).map(Own::kind)
        })
    }

    /// As rules of admission name it; `None` where that is not known.
    pub(crate) fn resource(self) -> Option<&'static str> {
        self.own().map(|own| own.resource)
    }

    fn own(self) -> Option<&'static Own> {
        own(self.name).filter(|own| self.group == Group::Known(own.group))
    }
}

impl Own {
    fn kind(&'static self) -> Kind<'static> {
        Kind { name: self.name, group: Group::Known(self.group) }
    }
}

fn own(name: &str) -> Option<&'static Own> {
    OWN.iter().find(|own| own.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_end_in_pods() {
        for (kind, address, expected) in [
            ("Pod", "shop/Pod/web", vec!["Pod"]),
            ("Deployment", "shop/Deployment/web", vec!["Deployment", "ReplicaSet", "Pod"]),
            ("CronJob", "kubernetes_cron_job_v1.web", vec!["CronJob", "Job", "Pod"]),
            ("Rollout", "shop/Rollout.argoproj.io/web", vec!["Rollout", "Pod"]),
            ("Job", "shop/Job.batch.volcano.sh/web", vec!["Job", "Pod"]),
            ("Thing", "thing.web", vec!["Thing", "Pod"]),
        ] {
            let envelope = Envelope {
                id: 0,
                platform: "workload".to_owned(),
                kind: kind.to_owned(),
                namespace: None,
                name: "web".to_owned(),
                address: address.to_owned(),
                origin: None,
            };
            let chain: Vec<_> = Kind::of(&envelope).chain().map(|kind| kind.name).collect();
            assert_eq!(chain, expected, "{address}");
        }
    }
}
