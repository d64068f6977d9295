//! What has to be known of Kubernetes' own kinds: their groups, which belong to no namespace, which
//! hold a pod template.

/// The API groups that Kubernetes itself serves or served, from the folders of k8s.io/api and from
/// k8s.io/apiextensions-apiserver and k8s.io/kube-aggregator. The core group has the empty name.
const BUILT_IN_GROUPS: [&str; 30] = [
    "",
    "admission.k8s.io",
    "admissionregistration.k8s.io",
    "apidiscovery.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "auditregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "imagepolicy.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "settings.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
    "meta.k8s.io",
];

/// Built-in kinds that belong to no namespace, as `kubectl api-resources --namespaced=false` lists
/// them over the versions. No group has a namespaced kind of one of these names.
const CLUSTER_SCOPED: [&str; 39] = [
    "APIService",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "ComponentStatus",
    "CSIDriver",
    "CSINode",
    "CustomResourceDefinition",
    "DeviceClass",
    "DeviceTaintRule",
    "FlowSchema",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceSlice",
    "RuntimeClass",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "ServiceCIDR",
    "StorageClass",
    "StorageVersion",
    "StorageVersionMigration",
    "SubjectAccessReview",
    "TokenReview",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
];

/// Groups of configuration that no namespace can hold: files of Kubernetes' components (all groups
/// `*.config.k8s.io`, and these), of nodes and of clusters, and Karpenter's resources, which are
/// cluster-scoped.
const CONFIGURATION_GROUPS: [&str; 6] =
    ["audit.k8s.io", "eksctl.io", "karpenter.k8s.aws", "karpenter.sh", "kubeadm.k8s.io", "node.eks.aws"];

/// Kinds of built-in groups that clients read or that are never stored, and so need no name: a
/// kubeconfig, a policy of the scheduler, an error that was printed, requests to the API server.
const NAMELESS: [&str; 18] = [
    "APIGroup",
    "APIResourceList",
    "AdmissionReview",
    "Config",
    "ConversionReview",
    "CreateOptions",
    "DeleteOptions",
    "Eviction",
    "ImageReview",
    "LocalSubjectAccessReview",
    "Policy",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "Status",
    "SubjectAccessReview",
    "TokenRequest",
    "TokenReview",
];

/// Groups whose resources hold patterns, partial objects or schemas where others hold pod specs: a
/// policy that says how pods must look is no pod.
const PATTERN_GROUPS: [&str; 6] = [
    "gatekeeper.sh",
    "kubewarden.io",
    "kustomize.config.k8s.io",
    "kyverno.io",
    "open-cluster-management.io",
    "jspolicy.com",
];

/// Where a kind keeps its pod template whose place is known: the built-in ones, and custom resources
/// whose types have a `PodTemplateSpec` there.
pub(crate) fn template_path(group: &str, kind: &str) -> Option<&'static [&'static str]> {
    const TEMPLATE: &[&str] = &["spec", "template"];
    match (group, kind) {
        // https://docs.openshift.com/container-platform/latest/rest_api/workloads_apis/deploymentconfig-apps-openshift-io-v1.html
        ("apps.openshift.io", "DeploymentConfig")
        // pkg/apis/rollouts/v1alpha1/types.go of argoproj/argo-rollouts. One with a `workloadRef` has no
        // template: the workload that it names is judged where it stands.
        | ("argoproj.io", "Rollout")
        // pkg/apis/serving/v1 of knative/serving.
        | ("serving.knative.dev", "Service" | "Configuration")
        // apis/apps of openkruise/kruise.
        | ("apps.kruise.io", "CloneSet" | "StatefulSet" | "DaemonSet" | "BroadcastJob") => return Some(TEMPLATE),
        // A revision is what its service's template becomes: metadata and spec are the pod's.
        ("serving.knative.dev", "Revision") => return Some(&[]),
        _ => {}
    }
    if !is_built_in(group) {
        return None;
    }
    match kind {
        "Pod" => Some(&[]),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" => Some(TEMPLATE),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template"]),
        "PodTemplate" => Some(&["template"]),
        _ => None,
    }
}

/// The group of an `apiVersion`: what stands before its slash.
pub(crate) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

pub(crate) fn is_built_in(group: &str) -> bool {
    BUILT_IN_GROUPS.contains(&group)
}

/// Whether a namespace can be filled in for an object of this kind. Of custom resources the scope
/// is written in their definitions only; most are namespaced, and so they count as that.
pub(crate) fn is_namespaced(group: &str, kind: &str) -> bool {
    let is_cluster_scoped = is_built_in(group) && CLUSTER_SCOPED.contains(&kind);
    let is_configuration = group.ends_with(".config.k8s.io") || CONFIGURATION_GROUPS.contains(&group);
    !is_cluster_scoped && !is_configuration
}

/// Whether an object of this kind is stored under a name. Custom resources are, but the same form is
/// used for configuration files that no API server ever sees (`kustomization.yaml`,
/// `KubeletConfiguration`), so that only built-in kinds can be said to lack one.
pub(crate) fn needs_name(group: &str, kind: &str) -> bool {
    is_built_in(group) && !NAMELESS.contains(&kind)
}

pub(crate) fn holds_patterns(group: &str) -> bool {
    PATTERN_GROUPS
        .iter()
        .any(|pattern| group.strip_suffix(pattern).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Whether an `apiVersion` can be nothing but one of Kubernetes' own: a built-in group with a
/// version such as `v1` or `v2beta1`.
pub(crate) fn is_built_in_version(api_version: &str) -> bool {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let digits = version.strip_prefix('v').unwrap_or("");
    is_built_in(group) && digits.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_no_repetition() {
        for table in [&BUILT_IN_GROUPS[..], &CLUSTER_SCOPED, &CONFIGURATION_GROUPS, &NAMELESS, &PATTERN_GROUPS] {
            let mut seen = std::collections::HashSet::new();
            assert!(table.iter().all(|name| seen.insert(name)), "{table:?}");
        }
    }

    #[test]
    fn groups_and_versions() {
        for (api_version, expected, built_in) in [
            ("v1", "", true),
            ("apps/v1", "apps", true),
            ("extensions/v1beta1", "extensions", true),
            ("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io", false),
            ("argoproj.io/v1alpha1", "argoproj.io", false),
            ("x/y", "x", false),
            ("apps/latest", "apps", false),
        ] {
            assert_eq!(group(api_version), expected);
            assert_eq!(is_built_in_version(api_version), built_in, "{api_version}");
        }
    }

    #[test]
    fn policies_hold_patterns() {
        for (group, expected) in
            [("kyverno.io", true), ("policies.kyverno.io", true), ("notkyverno.io", false), ("apps.kruise.io", false)]
        {
            assert_eq!(holds_patterns(group), expected, "{group}");
        }
    }
}
