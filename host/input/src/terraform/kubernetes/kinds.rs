//! Which resource of the Kubernetes provider is which object.

use super::blocks::{self, Block};

/// An object that a resource stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) block: &'static Block,
}

/// The object of a type of resources; nothing for other types.
pub(super) fn find(resource: &str) -> Option<Kind> {
    let name = resource.strip_prefix("kubernetes_")?;
    KINDS.iter().find(|(names, ..)| names.contains(&name)).map(|(_, api_version, kind, block)| Kind {
        api_version,
        kind,
        block,
    })
}

type Row = (&'static [&'static str], &'static str, &'static str, &'static Block);

/// Names without `kubernetes_`, and the version of the API that the provider talks to.
const KINDS: &[Row] = &[
    (&["pod", "pod_v1"], "v1", "Pod", &blocks::POD),
    (&["deployment", "deployment_v1"], "apps/v1", "Deployment", &blocks::CONTROLLER),
    (&["stateful_set", "stateful_set_v1"], "apps/v1", "StatefulSet", &blocks::CONTROLLER),
    (&["daemonset", "daemon_set_v1"], "apps/v1", "DaemonSet", &blocks::DAEMON_SET),
    (
        &["replication_controller", "replication_controller_v1"],
        "v1",
        "ReplicationController",
        &blocks::REPLICATION_CONTROLLER,
    ),
    (&["job", "job_v1"], "batch/v1", "Job", &blocks::JOB),
    (&["cron_job"], "batch/v1beta1", "CronJob", &blocks::CRON_JOB),
    (&["cron_job_v1"], "batch/v1", "CronJob", &blocks::CRON_JOB),
    (&["namespace", "namespace_v1"], "v1", "Namespace", &blocks::NAMESPACE),
    (&["secret", "secret_v1"], "v1", "Secret", &blocks::SECRET),
    (&["config_map", "config_map_v1"], "v1", "ConfigMap", &blocks::CONFIG_MAP),
    (&["service", "service_v1"], "v1", "Service", &blocks::SERVICE),
    (
        &["service_account", "service_account_v1", "default_service_account", "default_service_account_v1"],
        "v1",
        "ServiceAccount",
        &blocks::SERVICE_ACCOUNT,
    ),
    (&["role", "role_v1"], "rbac.authorization.k8s.io/v1", "Role", &blocks::ROLE),
    (&["cluster_role", "cluster_role_v1"], "rbac.authorization.k8s.io/v1", "ClusterRole", &blocks::CLUSTER_ROLE),
    (&["role_binding", "role_binding_v1"], "rbac.authorization.k8s.io/v1", "RoleBinding", &blocks::ROLE_BINDING),
    (
        &["cluster_role_binding", "cluster_role_binding_v1"],
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        &blocks::CLUSTER_ROLE_BINDING,
    ),
    (&["network_policy", "network_policy_v1"], "networking.k8s.io/v1", "NetworkPolicy", &blocks::NETWORK_POLICY),
    (&["limit_range", "limit_range_v1"], "v1", "LimitRange", &blocks::LIMIT_RANGE),
    (&["resource_quota", "resource_quota_v1"], "v1", "ResourceQuota", &blocks::RESOURCE_QUOTA),
    (&["ingress"], "networking.k8s.io/v1beta1", "Ingress", &blocks::INGRESS),
    (&["ingress_v1"], "networking.k8s.io/v1", "Ingress", &blocks::INGRESS),
    (&["ingress_class", "ingress_class_v1"], "networking.k8s.io/v1", "IngressClass", &blocks::INGRESS_CLASS),
    (&["persistent_volume", "persistent_volume_v1"], "v1", "PersistentVolume", &blocks::PERSISTENT_VOLUME),
    (
        &["persistent_volume_claim", "persistent_volume_claim_v1"],
        "v1",
        "PersistentVolumeClaim",
        &blocks::PERSISTENT_VOLUME_CLAIM,
    ),
    (&["storage_class", "storage_class_v1"], "storage.k8s.io/v1", "StorageClass", &blocks::STORAGE_CLASS),
    (
        &["horizontal_pod_autoscaler", "horizontal_pod_autoscaler_v1"],
        "autoscaling/v1",
        "HorizontalPodAutoscaler",
        &blocks::AUTOSCALER,
    ),
    (&["horizontal_pod_autoscaler_v2beta2"], "autoscaling/v2beta2", "HorizontalPodAutoscaler", &blocks::AUTOSCALER),
    (&["horizontal_pod_autoscaler_v2"], "autoscaling/v2", "HorizontalPodAutoscaler", &blocks::AUTOSCALER),
    (&["pod_disruption_budget"], "policy/v1beta1", "PodDisruptionBudget", &blocks::DISRUPTION_BUDGET),
    (&["pod_disruption_budget_v1"], "policy/v1", "PodDisruptionBudget", &blocks::DISRUPTION_BUDGET),
    (&["priority_class", "priority_class_v1"], "scheduling.k8s.io/v1", "PriorityClass", &blocks::PRIORITY_CLASS),
    (&["runtime_class_v1"], "node.k8s.io/v1", "RuntimeClass", &blocks::RUNTIME_CLASS),
    (
        &["pod_security_policy", "pod_security_policy_v1beta1"],
        "policy/v1beta1",
        "PodSecurityPolicy",
        &blocks::POD_SECURITY_POLICY,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for (names, ..) in KINDS {
            for name in *names {
                assert!(seen.insert(name), "{name}");
                assert!(find(&format!("kubernetes_{name}")).is_some());
            }
        }
        assert!(find("kubernetes_config_map_v1_data").is_none());
    }
}
