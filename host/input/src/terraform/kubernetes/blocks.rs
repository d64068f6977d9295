//! The blocks of the Kubernetes provider's resources, and what the Kubernetes API calls what is in them.
//!
//! Terraform's names are those of the schemas in <https://github.com/hashicorp/terraform-provider-kubernetes>
//! (`schema_pod_spec.go`, `schema_container.go`, `schema_volume_source.go`, `schema_affinity_spec.go`,
//! `schema_label_selector.go` and the files `resource_kubernetes_*.go` of its folder `kubernetes`), what becomes of them
//! stands in the functions `expand…` of its files `structures*.go`. A table lists what is not simply the same word in
//! camelCase: blocks, numbers that the provider takes as text, and what it sends although nobody wrote it.

/// What becomes of a member of a block.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Copied as it is: a scalar, a list of scalars, or a map with keys of the user's own.
    Same,
    /// A whole number that the provider takes as a text.
    Integer,
    /// A list of whole numbers.
    Integers,
    /// Bits of a file's mode, as a text in base eight.
    Octal,
    /// A number or a name, in one text.
    IntegerOrText,
    /// A number whose zero means that there is none.
    NonZero,
    /// A block of which there is at most one.
    Block(&'static Block),
    /// Blocks of which the provider takes the first.
    First(&'static Block),
    /// Blocks of which the API has a list.
    Blocks(&'static Block),
    /// A block whose members stand in the object around it in the API.
    Inline(&'static Block),
    /// Projected sources: each block in one of them is a source of its own.
    Sources(&'static Block),
    /// A secret's values, which nobody may print.
    Secret,
}

/// The name in Terraform, the name in the API, and what becomes of the value.
pub(super) type Field = (&'static str, &'static str, Kind);

/// A value that the provider sends where nobody wrote one, by its name in the API.
#[derive(Clone, Copy, Debug)]
pub(super) enum Literal {
    Bool(bool),
    Text(&'static str),
}

#[derive(Debug)]
pub(super) struct Block {
    pub(super) fields: &'static [Field],
    /// Blocks that the provider demands, by their names in Terraform and in the API, as far as pods are in them.
    pub(super) required: &'static [(&'static str, &'static str)],
    pub(super) defaults: &'static [(&'static str, Literal)],
    /// Whether other members belong to the API as well, in camelCase.
    pub(super) open: bool,
}

const fn block(fields: &'static [Field]) -> Block {
    Block { fields, required: &[], defaults: &[], open: true }
}

/// A block in which another one has to be.
const fn demanding(block: Block, required: &'static [(&'static str, &'static str)]) -> Block {
    Block { required, ..block }
}

/// A resource as a whole: what is not listed is Terraform's own affair, such as `wait_for_rollout`.
pub(super) const fn resource(fields: &'static [Field]) -> Block {
    Block { fields, required: &[], defaults: &[], open: false }
}

use Kind::{
    Block as One, Blocks as Many, First, Inline, Integer, IntegerOrText, Integers, NonZero, Octal, Same, Secret,
    Sources,
};

const SPEC: &[(&str, &str)] = &[("spec", "spec")];
const TEMPLATES: &[(&str, &str)] = &[("template", "template")];
const JOB_TEMPLATES: &[(&str, &str)] = &[("job_template", "jobTemplate")];

static PLAIN: Block = block(&[]);

/// Metadata of an object in a namespace; the provider's is `default`.
static METADATA: Block = Block { defaults: &[("namespace", Literal::Text("default"))], ..CLUSTER_METADATA_BLOCK };
/// Metadata of an object in no namespace, or of a template.
static CLUSTER_METADATA: Block = CLUSTER_METADATA_BLOCK;
const CLUSTER_METADATA_BLOCK: Block = Block {
    fields: &[
        ("name", "name", Same),
        ("generate_name", "generateName", Same),
        ("namespace", "namespace", Same),
        ("labels", "labels", Same),
        ("annotations", "annotations", Same),
    ],
    required: &[],
    defaults: &[],
    // The rest is what the cluster writes.
    open: false,
};

static SELECTOR: Block = block(&[("match_expressions", "matchExpressions", Many(&PLAIN))]);
static RESOURCES: Block = block(&[]);

static KEY_TO_PATH: Block = block(&[("mode", "mode", Octal)]);
static FIELD_FILE: Block = block(&[
    ("mode", "mode", Octal),
    ("field_ref", "fieldRef", One(&PLAIN)),
    ("resource_field_ref", "resourceFieldRef", One(&PLAIN)),
]);
static FILES: Block = block(&[("default_mode", "defaultMode", Octal), ("items", "items", Many(&KEY_TO_PATH))]);
static FIELD_FILES: Block = block(&[("default_mode", "defaultMode", Octal), ("items", "items", Many(&FIELD_FILE))]);
static SECRET_REF: Block = block(&[("secret_ref", "secretRef", One(&PLAIN))]);
static PROJECTED: Block =
    block(&[("default_mode", "defaultMode", Octal), ("sources", "sources", Sources(&PROJECTION))]);
static PROJECTION: Block = block(&[
    ("secret", "secret", Many(&FILES)),
    ("config_map", "configMap", Many(&FILES)),
    ("downward_api", "downwardAPI", Many(&FIELD_FILES)),
    ("service_account_token", "serviceAccountToken", Many(&PLAIN)),
]);
static CLAIM: Block = block(&[("resources", "resources", One(&RESOURCES)), ("selector", "selector", One(&SELECTOR))]);
static CLAIM_TEMPLATE: Block =
    block(&[("metadata", "metadata", One(&CLUSTER_METADATA)), ("spec", "spec", One(&CLAIM))]);
static EPHEMERAL: Block = block(&[("volume_claim_template", "volumeClaimTemplate", One(&CLAIM_TEMPLATE))]);
static CSI: Block = block(&[
    ("volume_attributes", "volumeAttributes", Same),
    ("node_publish_secret_ref", "nodePublishSecretRef", One(&PLAIN)),
    ("controller_expand_secret_ref", "controllerExpandSecretRef", One(&PLAIN)),
    ("controller_publish_secret_ref", "controllerPublishSecretRef", One(&PLAIN)),
    ("node_stage_secret_ref", "nodeStageSecretRef", One(&PLAIN)),
]);

static VOLUME: Block = block(VOLUME_FIELDS);
static VOLUME_SOURCE: Block = block(VOLUME_FIELDS);
const VOLUME_FIELDS: &[Field] = &[
    ("config_map", "configMap", One(&FILES)),
    ("secret", "secret", One(&FILES)),
    ("downward_api", "downwardAPI", One(&FIELD_FILES)),
    ("projected", "projected", One(&PROJECTED)),
    ("empty_dir", "emptyDir", One(&PLAIN)),
    ("ephemeral", "ephemeral", One(&EPHEMERAL)),
    ("host_path", "hostPath", One(&PLAIN)),
    ("persistent_volume_claim", "persistentVolumeClaim", One(&PLAIN)),
    ("git_repo", "gitRepo", One(&PLAIN)),
    ("csi", "csi", One(&CSI)),
    ("local", "local", One(&PLAIN)),
    ("nfs", "nfs", One(&PLAIN)),
    ("aws_elastic_block_store", "awsElasticBlockStore", One(&PLAIN)),
    ("azure_disk", "azureDisk", One(&PLAIN)),
    ("azure_file", "azureFile", One(&PLAIN)),
    ("ceph_fs", "cephfs", One(&SECRET_REF)),
    ("cinder", "cinder", One(&PLAIN)),
    ("fc", "fc", One(&PLAIN)),
    ("flex_volume", "flexVolume", One(&SECRET_REF)),
    ("flocker", "flocker", One(&PLAIN)),
    ("gce_persistent_disk", "gcePersistentDisk", One(&PLAIN)),
    ("glusterfs", "glusterfs", One(&PLAIN)),
    ("iscsi", "iscsi", One(&PLAIN)),
    ("photon_persistent_disk", "photonPersistentDisk", One(&PLAIN)),
    ("quobyte", "quobyte", One(&PLAIN)),
    ("rbd", "rbd", One(&SECRET_REF)),
    ("vsphere_volume", "vsphereVolume", One(&PLAIN)),
];

static HTTP_GET: Block = block(&[("port", "port", IntegerOrText), ("http_header", "httpHeaders", Many(&PLAIN))]);
static TCP_SOCKET: Block = block(&[("port", "port", IntegerOrText)]);
static GRPC: Block = block(&[("port", "port", Integer)]);
static HANDLER: Block = block(&[
    ("exec", "exec", One(&PLAIN)),
    ("http_get", "httpGet", One(&HTTP_GET)),
    ("tcp_socket", "tcpSocket", First(&TCP_SOCKET)),
    ("grpc", "grpc", One(&GRPC)),
]);
static LIFECYCLE: Block = block(&[("post_start", "postStart", One(&HANDLER)), ("pre_stop", "preStop", One(&HANDLER))]);
static VALUE_FROM: Block = block(&[
    ("config_map_key_ref", "configMapKeyRef", One(&PLAIN)),
    ("secret_key_ref", "secretKeyRef", One(&PLAIN)),
    ("field_ref", "fieldRef", One(&PLAIN)),
    ("resource_field_ref", "resourceFieldRef", One(&PLAIN)),
]);
static ENV: Block = block(&[("value_from", "valueFrom", One(&VALUE_FROM))]);
static ENV_FROM: Block =
    block(&[("config_map_ref", "configMapRef", One(&PLAIN)), ("secret_ref", "secretRef", One(&PLAIN))]);
static CONTAINER_PORT: Block = block(&[("host_port", "hostPort", NonZero)]);

/// Where the block is there, the provider states each of these, so that the container does not inherit
/// `runAsNonRoot` of its pod (`expandContainerSecurityContext`).
static SECURITY_CONTEXT: Block = Block {
    fields: &[
        ("capabilities", "capabilities", One(&PLAIN)),
        ("run_as_user", "runAsUser", Integer),
        ("run_as_group", "runAsGroup", Integer),
        ("seccomp_profile", "seccompProfile", One(&PLAIN)),
        ("se_linux_options", "seLinuxOptions", One(&PLAIN)),
        ("windows_options", "windowsOptions", One(&PLAIN)),
    ],
    required: &[],
    defaults: &[
        ("allowPrivilegeEscalation", Literal::Bool(true)),
        ("privileged", Literal::Bool(false)),
        ("readOnlyRootFilesystem", Literal::Bool(false)),
        ("runAsNonRoot", Literal::Bool(false)),
    ],
    open: true,
};
static POD_SECURITY_CONTEXT: Block = Block {
    fields: &[
        ("run_as_user", "runAsUser", Integer),
        ("run_as_group", "runAsGroup", Integer),
        ("fs_group", "fsGroup", Integer),
        ("seccomp_profile", "seccompProfile", One(&PLAIN)),
        ("se_linux_options", "seLinuxOptions", One(&PLAIN)),
        ("windows_options", "windowsOptions", One(&PLAIN)),
        ("sysctl", "sysctls", Many(&PLAIN)),
    ],
    required: &[],
    defaults: &[("runAsNonRoot", Literal::Bool(false))],
    open: true,
};

static CONTAINER: Block = block(&[
    ("env", "env", Many(&ENV)),
    ("env_from", "envFrom", Many(&ENV_FROM)),
    ("lifecycle", "lifecycle", One(&LIFECYCLE)),
    ("liveness_probe", "livenessProbe", One(&HANDLER)),
    ("readiness_probe", "readinessProbe", One(&HANDLER)),
    ("startup_probe", "startupProbe", One(&HANDLER)),
    ("port", "ports", Many(&CONTAINER_PORT)),
    ("resources", "resources", One(&RESOURCES)),
    ("security_context", "securityContext", One(&SECURITY_CONTEXT)),
    ("volume_mount", "volumeMounts", Many(&PLAIN)),
    ("volume_device", "volumeDevices", Many(&PLAIN)),
]);

static NODE_SELECTOR_TERM: Block =
    block(&[("match_expressions", "matchExpressions", Many(&PLAIN)), ("match_fields", "matchFields", Many(&PLAIN))]);
static NODE_SELECTOR: Block = block(&[("node_selector_term", "nodeSelectorTerms", Many(&NODE_SELECTOR_TERM))]);
static NODE_PREFERENCE: Block = block(&[("preference", "preference", One(&NODE_SELECTOR_TERM))]);
static NODE_AFFINITY: Block = block(&[
    (
        "required_during_scheduling_ignored_during_execution",
        "requiredDuringSchedulingIgnoredDuringExecution",
        One(&NODE_SELECTOR),
    ),
    (
        "preferred_during_scheduling_ignored_during_execution",
        "preferredDuringSchedulingIgnoredDuringExecution",
        Many(&NODE_PREFERENCE),
    ),
]);
static POD_TERM: Block = block(&[
    ("label_selector", "labelSelector", One(&SELECTOR)),
    ("namespace_selector", "namespaceSelector", One(&SELECTOR)),
]);
static POD_PREFERENCE: Block = block(&[("pod_affinity_term", "podAffinityTerm", One(&POD_TERM))]);
static POD_AFFINITY: Block = block(&[
    (
        "required_during_scheduling_ignored_during_execution",
        "requiredDuringSchedulingIgnoredDuringExecution",
        Many(&POD_TERM),
    ),
    (
        "preferred_during_scheduling_ignored_during_execution",
        "preferredDuringSchedulingIgnoredDuringExecution",
        Many(&POD_PREFERENCE),
    ),
]);
static AFFINITY: Block = block(&[
    ("node_affinity", "nodeAffinity", One(&NODE_AFFINITY)),
    ("pod_affinity", "podAffinity", One(&POD_AFFINITY)),
    ("pod_anti_affinity", "podAntiAffinity", One(&POD_AFFINITY)),
]);
static TOLERATION: Block = block(&[("toleration_seconds", "tolerationSeconds", Integer)]);
static SPREAD: Block = block(&[("label_selector", "labelSelector", One(&SELECTOR))]);
static DNS: Block = block(&[("option", "options", Many(&PLAIN))]);

/// A pod mounts the token of its account unless it says otherwise, whatever the account says: the
/// provider always states it.
static POD_SPEC: Block = Block {
    fields: &[
        ("affinity", "affinity", One(&AFFINITY)),
        ("container", "containers", Many(&CONTAINER)),
        ("init_container", "initContainers", Many(&CONTAINER)),
        ("dns_config", "dnsConfig", One(&DNS)),
        ("host_aliases", "hostAliases", Many(&PLAIN)),
        ("image_pull_secrets", "imagePullSecrets", Many(&PLAIN)),
        ("os", "os", One(&PLAIN)),
        ("readiness_gate", "readinessGates", Many(&PLAIN)),
        ("scheduling_gate", "schedulingGates", Many(&PLAIN)),
        ("security_context", "securityContext", One(&POD_SECURITY_CONTEXT)),
        ("toleration", "tolerations", Many(&TOLERATION)),
        ("topology_spread_constraint", "topologySpreadConstraints", Many(&SPREAD)),
        ("volume", "volumes", Many(&VOLUME)),
    ],
    required: &[],
    defaults: &[("automountServiceAccountToken", Literal::Bool(true))],
    open: true,
};
static TEMPLATE: Block = block(&[("metadata", "metadata", One(&CLUSTER_METADATA)), ("spec", "spec", One(&POD_SPEC))]);

pub(super) static POD: Block =
    demanding(resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&POD_SPEC))]), SPEC);

static ROLLING_UPDATE: Block =
    block(&[("max_surge", "maxSurge", IntegerOrText), ("max_unavailable", "maxUnavailable", IntegerOrText)]);
static STRATEGY: Block = block(&[("rolling_update", "rollingUpdate", One(&ROLLING_UPDATE))]);
static RETENTION: Block = block(&[]);
static CONTROLLER_SPEC: Block = demanding(
    block(&[
        ("replicas", "replicas", Integer),
        ("selector", "selector", One(&SELECTOR)),
        ("strategy", "strategy", One(&STRATEGY)),
        ("update_strategy", "updateStrategy", One(&STRATEGY)),
        ("template", "template", One(&TEMPLATE)),
        ("volume_claim_template", "volumeClaimTemplates", Many(&CLAIM_TEMPLATE)),
        ("persistent_volume_claim_retention_policy", "persistentVolumeClaimRetentionPolicy", One(&RETENTION)),
    ]),
    TEMPLATES,
);
/// Deployments, stateful sets.
pub(super) static CONTROLLER: Block =
    demanding(resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&CONTROLLER_SPEC))]), SPEC);
static DAEMON_SET_SPEC: Block = demanding(
    block(&[
        ("selector", "selector", One(&SELECTOR)),
        ("strategy", "updateStrategy", One(&STRATEGY)),
        ("template", "template", One(&TEMPLATE)),
    ]),
    TEMPLATES,
);
pub(super) static DAEMON_SET: Block =
    demanding(resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&DAEMON_SET_SPEC))]), SPEC);
static REPLICATION_CONTROLLER_SPEC: Block = demanding(
    block(&[
        ("replicas", "replicas", Integer),
        ("selector", "selector", Same),
        ("template", "template", One(&TEMPLATE)),
    ]),
    TEMPLATES,
);
pub(super) static REPLICATION_CONTROLLER: Block = demanding(
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&REPLICATION_CONTROLLER_SPEC))]),
    SPEC,
);

static EXIT_CODES: Block = block(&[("values", "values", Integers)]);
static FAILURE_RULE: Block =
    block(&[("on_exit_codes", "onExitCodes", One(&EXIT_CODES)), ("on_pod_condition", "onPodConditions", Many(&PLAIN))]);
static FAILURE_POLICY: Block = block(&[("rule", "rules", Many(&FAILURE_RULE))]);
static JOB_SPEC: Block = demanding(
    block(&[
        ("selector", "selector", One(&SELECTOR)),
        ("template", "template", One(&TEMPLATE)),
        ("ttl_seconds_after_finished", "ttlSecondsAfterFinished", Integer),
        ("pod_failure_policy", "podFailurePolicy", One(&FAILURE_POLICY)),
    ]),
    TEMPLATES,
);
pub(super) static JOB: Block =
    demanding(resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&JOB_SPEC))]), SPEC);
static JOB_TEMPLATE: Block =
    block(&[("metadata", "metadata", One(&CLUSTER_METADATA)), ("spec", "spec", One(&JOB_SPEC))]);
static CRON_JOB_SPEC: Block = demanding(
    block(&[("job_template", "jobTemplate", One(&JOB_TEMPLATE)), ("timezone", "timeZone", Same)]),
    JOB_TEMPLATES,
);
pub(super) static CRON_JOB: Block =
    demanding(resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&CRON_JOB_SPEC))]), SPEC);

pub(super) static NAMESPACE: Block = resource(&[("metadata", "metadata", One(&CLUSTER_METADATA))]);
/// The provider encodes `data` itself, so that it is what the API calls `stringData`.
pub(super) static SECRET: Block = resource(&[
    ("metadata", "metadata", One(&METADATA)),
    ("data", "stringData", Secret),
    ("data_wo", "stringData", Secret),
    ("binary_data", "data", Secret),
    ("binary_data_wo", "data", Secret),
    ("type", "type", Same),
    ("immutable", "immutable", Same),
]);
pub(super) static CONFIG_MAP: Block = resource(&[
    ("metadata", "metadata", One(&METADATA)),
    ("data", "data", Same),
    ("binary_data", "binaryData", Same),
    ("immutable", "immutable", Same),
]);
static SERVICE_PORT: Block = block(&[
    ("port", "port", Integer),
    ("target_port", "targetPort", IntegerOrText),
    ("node_port", "nodePort", NonZero),
]);
static SESSION: Block = block(&[("client_ip", "clientIP", One(&PLAIN))]);
static SERVICE_SPEC: Block = block(&[
    ("port", "ports", Many(&SERVICE_PORT)),
    ("health_check_node_port", "healthCheckNodePort", NonZero),
    ("session_affinity_config", "sessionAffinityConfig", One(&SESSION)),
]);
pub(super) static SERVICE: Block =
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&SERVICE_SPEC))]);
pub(super) static SERVICE_ACCOUNT: Block = Block {
    defaults: &[("automountServiceAccountToken", Literal::Bool(true))],
    ..resource(&[
        ("metadata", "metadata", One(&METADATA)),
        ("automount_service_account_token", "automountServiceAccountToken", Same),
        ("secret", "secrets", Many(&PLAIN)),
        ("image_pull_secret", "imagePullSecrets", Many(&PLAIN)),
    ])
};

static AGGREGATION: Block = block(&[("cluster_role_selectors", "clusterRoleSelectors", Many(&SELECTOR))]);
static ROLE_REF: Block = block(&[]);
static SUBJECT: Block = Block { defaults: &[("namespace", Literal::Text("default"))], ..block(&[]) };
pub(super) static ROLE: Block = resource(&[("metadata", "metadata", One(&METADATA)), ("rule", "rules", Many(&PLAIN))]);
pub(super) static CLUSTER_ROLE: Block = resource(&[
    ("metadata", "metadata", One(&CLUSTER_METADATA)),
    ("rule", "rules", Many(&PLAIN)),
    ("aggregation_rule", "aggregationRule", One(&AGGREGATION)),
]);
pub(super) static ROLE_BINDING: Block = resource(&[
    ("metadata", "metadata", One(&METADATA)),
    ("role_ref", "roleRef", One(&ROLE_REF)),
    ("subject", "subjects", Many(&SUBJECT)),
]);
pub(super) static CLUSTER_ROLE_BINDING: Block = resource(&[
    ("metadata", "metadata", One(&CLUSTER_METADATA)),
    ("role_ref", "roleRef", One(&ROLE_REF)),
    ("subject", "subjects", Many(&SUBJECT)),
]);

static PEER: Block = block(&[
    ("ip_block", "ipBlock", One(&PLAIN)),
    ("namespace_selector", "namespaceSelector", One(&SELECTOR)),
    ("pod_selector", "podSelector", One(&SELECTOR)),
]);
static POLICY_PORT: Block = block(&[("port", "port", IntegerOrText), ("end_port", "endPort", NonZero)]);
static POLICY_RULE: Block =
    block(&[("from", "from", Many(&PEER)), ("to", "to", Many(&PEER)), ("ports", "ports", Many(&POLICY_PORT))]);
static NETWORK_POLICY_SPEC: Block = block(&[
    ("pod_selector", "podSelector", One(&SELECTOR)),
    ("ingress", "ingress", Many(&POLICY_RULE)),
    ("egress", "egress", Many(&POLICY_RULE)),
]);
pub(super) static NETWORK_POLICY: Block =
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&NETWORK_POLICY_SPEC))]);

static LIMIT_RANGE_SPEC: Block = block(&[("limit", "limits", Many(&PLAIN))]);
pub(super) static LIMIT_RANGE: Block =
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&LIMIT_RANGE_SPEC))]);
static SCOPE_SELECTOR: Block = block(&[("match_expression", "matchExpressions", Many(&PLAIN))]);
static QUOTA_SPEC: Block = block(&[("scope_selector", "scopeSelector", One(&SCOPE_SELECTOR))]);
pub(super) static RESOURCE_QUOTA: Block =
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&QUOTA_SPEC))]);

static BACKEND_SERVICE: Block = block(&[("port", "port", One(&PLAIN))]);
static BACKEND: Block = block(&[
    ("service", "service", One(&BACKEND_SERVICE)),
    ("resource", "resource", One(&PLAIN)),
    ("service_port", "servicePort", IntegerOrText),
]);
static HTTP_PATH: Block = block(&[("backend", "backend", One(&BACKEND))]);
static HTTP: Block = block(&[("path", "paths", Many(&HTTP_PATH))]);
static INGRESS_RULE: Block = block(&[("http", "http", One(&HTTP))]);
static INGRESS_SPEC: Block = block(&[
    ("backend", "backend", One(&BACKEND)),
    ("default_backend", "defaultBackend", One(&BACKEND)),
    ("rule", "rules", Many(&INGRESS_RULE)),
    ("tls", "tls", Many(&PLAIN)),
]);
pub(super) static INGRESS: Block =
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&INGRESS_SPEC))]);

static VOLUME_NODES: Block = block(&[("required", "required", One(&NODE_SELECTOR))]);
static VOLUME_SPEC: Block = block(&[
    ("persistent_volume_source", "", Inline(&VOLUME_SOURCE)),
    ("node_affinity", "nodeAffinity", One(&VOLUME_NODES)),
    ("claim_ref", "claimRef", One(&PLAIN)),
]);
pub(super) static PERSISTENT_VOLUME: Block =
    resource(&[("metadata", "metadata", One(&CLUSTER_METADATA)), ("spec", "spec", One(&VOLUME_SPEC))]);
pub(super) static PERSISTENT_VOLUME_CLAIM: Block =
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&CLAIM))]);
static TOPOLOGY: Block = block(&[("match_label_expressions", "matchLabelExpressions", Many(&PLAIN))]);
pub(super) static STORAGE_CLASS: Block = resource(&[
    ("metadata", "metadata", One(&CLUSTER_METADATA)),
    ("storage_provisioner", "provisioner", Same),
    ("parameters", "parameters", Same),
    ("reclaim_policy", "reclaimPolicy", Same),
    ("volume_binding_mode", "volumeBindingMode", Same),
    ("allow_volume_expansion", "allowVolumeExpansion", Same),
    ("mount_options", "mountOptions", Same),
    ("allowed_topologies", "allowedTopologies", Many(&TOPOLOGY)),
]);

static METRIC_NAME: Block = block(&[("selector", "selector", One(&SELECTOR))]);
static METRIC_SOURCE: Block = block(&[
    ("metric", "metric", One(&METRIC_NAME)),
    ("target", "target", One(&PLAIN)),
    ("described_object", "describedObject", One(&PLAIN)),
]);
static METRIC: Block = block(&[
    ("resource", "resource", One(&METRIC_SOURCE)),
    ("container_resource", "containerResource", One(&METRIC_SOURCE)),
    ("external", "external", One(&METRIC_SOURCE)),
    ("object", "object", One(&METRIC_SOURCE)),
    ("pods", "pods", One(&METRIC_SOURCE)),
]);
static SCALING_POLICY: Block = block(&[("value", "value", Integer)]);
static SCALING: Block = block(&[("policy", "policies", Many(&SCALING_POLICY))]);
static BEHAVIOR: Block = block(&[("scale_up", "scaleUp", One(&SCALING)), ("scale_down", "scaleDown", One(&SCALING))]);
static AUTOSCALER_SPEC: Block = block(&[
    ("scale_target_ref", "scaleTargetRef", One(&PLAIN)),
    ("metric", "metrics", Many(&METRIC)),
    ("behavior", "behavior", One(&BEHAVIOR)),
    ("target_cpu_utilization_percentage", "targetCPUUtilizationPercentage", NonZero),
]);
pub(super) static AUTOSCALER: Block =
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&AUTOSCALER_SPEC))]);
static DISRUPTION_SPEC: Block = block(&[
    ("max_unavailable", "maxUnavailable", IntegerOrText),
    ("min_available", "minAvailable", IntegerOrText),
    ("selector", "selector", One(&SELECTOR)),
]);
pub(super) static DISRUPTION_BUDGET: Block =
    resource(&[("metadata", "metadata", One(&METADATA)), ("spec", "spec", One(&DISRUPTION_SPEC))]);
pub(super) static PRIORITY_CLASS: Block = resource(&[
    ("metadata", "metadata", One(&CLUSTER_METADATA)),
    ("description", "description", Same),
    ("global_default", "globalDefault", Same),
    ("preemption_policy", "preemptionPolicy", Same),
    ("value", "value", Integer),
]);
pub(super) static RUNTIME_CLASS: Block =
    resource(&[("metadata", "metadata", One(&CLUSTER_METADATA)), ("handler", "handler", Same)]);
static INGRESS_CLASS_SPEC: Block = block(&[("parameters", "parameters", One(&PLAIN))]);
pub(super) static INGRESS_CLASS: Block =
    resource(&[("metadata", "metadata", One(&CLUSTER_METADATA)), ("spec", "spec", One(&INGRESS_CLASS_SPEC))]);

static RANGE: Block = block(&[("min", "min", Integer), ("max", "max", Integer)]);
static RANGES: Block = block(&[("range", "ranges", Many(&RANGE))]);
static SE_LINUX_RULE: Block = block(&[("se_linux_options", "seLinuxOptions", One(&PLAIN))]);
static POLICY_SPEC: Block = block(&[
    ("allowed_host_paths", "allowedHostPaths", Many(&PLAIN)),
    ("allowed_flex_volumes", "allowedFlexVolumes", Many(&PLAIN)),
    ("host_ports", "hostPorts", Many(&RANGE)),
    ("fs_group", "fsGroup", One(&RANGES)),
    ("run_as_group", "runAsGroup", One(&RANGES)),
    ("run_as_user", "runAsUser", One(&RANGES)),
    ("supplemental_groups", "supplementalGroups", One(&RANGES)),
    ("se_linux", "seLinux", One(&SE_LINUX_RULE)),
]);
pub(super) static POD_SECURITY_POLICY: Block =
    resource(&[("metadata", "metadata", One(&CLUSTER_METADATA)), ("spec", "spec", One(&POLICY_SPEC))]);
