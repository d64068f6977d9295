//! Scalars of another type than the Kubernetes API has at their place, which the Kubernetes provider converts.
//!
//! For `kubernetes_manifest` the provider does that itself, to the types of the cluster's OpenAPI document and with Go's
//! wider notion of a boolean (`manifest/morph/morph.go` in <https://github.com/hashicorp/terraform-provider-kubernetes>).
//!
//! The lists have the names of the API. A name is in one of them where it has one type at all places that the
//! provider knows; where that differs, the table in `blocks` says it.

use verdikt_model::{Entry, NodeId, NodeRef, TreeBuilder, Value};

use crate::terraform::convert::{Reader, Target, elements, scalar, stand_for, texts};

const BOOLS: [&str; 34] = [
    "allocateLoadBalancerNodePorts",
    "allowPrivilegeEscalation",
    "allowVolumeExpansion",
    "attachRequired",
    "automountServiceAccountToken",
    "blockOwnerDeletion",
    "chapAuthDiscovery",
    "chapAuthSession",
    "defaultAllowPrivilegeEscalation",
    "enableServiceLinks",
    "globalDefault",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostProcess",
    "hostUsers",
    "immutable",
    "manualSelector",
    "optional",
    "paused",
    "podInfoOnMount",
    "privileged",
    "publishNotReadyAddresses",
    "readOnly",
    "readOnlyRootFilesystem",
    "requiresRepublish",
    "runAsNonRoot",
    "setHostnameAsFQDN",
    "shareProcessNamespace",
    "stdin",
    "stdinOnce",
    "storageCapacity",
    "suspend",
    "tty",
];

const INTEGERS: [&str; 46] = [
    "activeDeadlineSeconds",
    "averageUtilization",
    "backoffLimit",
    "backoffLimitPerIndex",
    "completions",
    "containerPort",
    "defaultMode",
    "endPort",
    "expirationSeconds",
    "failedJobsHistoryLimit",
    "failureThreshold",
    "fsGroup",
    "healthCheckNodePort",
    "hostPort",
    "initialDelaySeconds",
    "lun",
    "maxFailedIndexes",
    "maxReplicas",
    "maxSkew",
    "minDomains",
    "minReadySeconds",
    "minReplicas",
    "mode",
    "nodePort",
    "number",
    "parallelism",
    "partition",
    "periodSeconds",
    "priority",
    "progressDeadlineSeconds",
    "replicas",
    "revisionHistoryLimit",
    "runAsGroup",
    "runAsUser",
    "seconds",
    "stabilizationWindowSeconds",
    "startingDeadlineSeconds",
    "successThreshold",
    "successfulJobsHistoryLimit",
    "supplementalGroups",
    "targetCPUUtilizationPercentage",
    "terminationGracePeriodSeconds",
    "timeoutSeconds",
    "tolerationSeconds",
    "ttlSecondsAfterFinished",
    "weight",
];

const TEXTS: [&str; 12] = [
    "args",
    "command",
    "hostname",
    "image",
    "key",
    "mountPath",
    "name",
    "namespace",
    "path",
    "schedule",
    "subPath",
    "workingDir",
];

/// Maps with keys of the user's own, whose values are texts for the API.
const MAPS: [&str; 7] = ["annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector", "stringData"];

/// Copies what a block of the provider has as an argument: a scalar, a list of scalars or a map of texts.
pub(super) fn argument(builder: &mut TreeBuilder, node: NodeRef<'_>, name: &str) -> NodeId {
    let target = target(name).or((name == "value").then_some(Target::Text));
    match node.value() {
        Value::Map(_) => texts(builder, node),
        Value::List(_) => elements(builder, node, target.unwrap_or(Target::Text), Reader::Schema),
        _ => scalar(builder, node, target, Reader::Schema),
    }
}

/// Copies an object that a resource holds as a whole. The depth of values bounds the recursion.
pub(super) fn manifest(builder: &mut TreeBuilder, node: NodeRef<'_>, name: &str) -> NodeId {
    match node.value() {
        Value::Map(_) if MAPS.contains(&name) => texts(builder, node),
        Value::Map(_) => {
            let mut entries: Vec<Entry> = Vec::with_capacity(node.entries().len());
            for (key, key_span, member) in node.keyed_entries() {
                // What a variable, a header or a kernel parameter has as a value stands beside its name.
                let is_named_value = key == "value" && node.get("name").is_some();
                let member = match is_named_value {
                    true => scalar(builder, member, Some(Target::Text), Reader::OpenApi),
                    false => manifest(builder, member, key),
                };
                entries.push(builder.entry(key, key_span, member));
            }
            let id = builder.map(node.span(), &entries);
            stand_for(builder, id, node);
            id
        }
        Value::List(_) if node.items().any(|item| item.is_map() || item.is_list()) => {
            let items: Vec<NodeId> = node.items().map(|item| manifest(builder, item, "")).collect();
            let id = builder.list(node.span(), &items);
            stand_for(builder, id, node);
            id
        }
        Value::List(_) => match target(name) {
            Some(target) => elements(builder, node, target, Reader::OpenApi),
            None => builder.copy(node),
        },
        _ => scalar(builder, node, target(name), Reader::OpenApi),
    }
}

fn target(name: &str) -> Option<Target> {
    let lists: [(&[&str], Target); 3] = [(&BOOLS, Target::Bool), (&INTEGERS, Target::Integer), (&TEXTS, Target::Text)];
    lists.into_iter().find(|(names, _)| names.contains(&name)).map(|(_, target)| target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_type() {
        let mut seen = std::collections::HashSet::new();
        for name in BOOLS.iter().chain(&INTEGERS).chain(&TEXTS).chain(&MAPS) {
            assert!(seen.insert(name), "{name}");
        }
    }
}
