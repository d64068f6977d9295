//! Which programs collect the logs of a node, by the names of their images.

use verdikt_sdk::{Container, Field, Workload};

use crate::host_path::reaches;

/// How the repositories end of programs that do nothing else.
const COLLECTORS: [&str; 15] = [
    "aws-for-fluent-bit",
    "filebeat",
    "filebeat-oss",
    "fluent-bit",
    "fluent-bit-plugin-loki",
    "fluentd",
    "fluentd-elasticsearch",
    "fluentd-gcp",
    "fluentd-hec",
    "fluentd-kubernetes-daemonset",
    "logdna-agent",
    "newrelic-fluentbit-output",
    "promtail",
    "sematext/logagent",
    "timberio/vector",
];

/// The same of programs that collect other things too, such as metrics.
const AGENTS: [&str; 12] = [
    "cloudwatch-agent",
    "datadog/agent",
    "datadoghq/agent",
    "elastic-agent",
    "grafana/agent",
    "grafana/alloy",
    "newrelic/infrastructure-bundle",
    "opentelemetry-collector",
    "opentelemetry-collector-contrib",
    "opentelemetry-collector-k8s",
    "splunk-otel-collector",
    "sumologic-otel-collector",
];

/// Where the kubelet and the runtimes keep what containers write.
///
/// <https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node>
const LOGS: [&str; 2] = ["/var/log/pods", "/var/lib/docker/containers"];

/// Whether a workload certainly runs a collector of logs.
pub(crate) fn collects_logs(workload: Workload<'_>) -> bool {
    workload.containers().known().any(|container| is_collector(workload, container))
}

fn is_collector(workload: Workload<'_>, container: Container<'_>) -> bool {
    let repository = match container.image().repository().read() {
        Field::Known(repository) => repository,
        Field::Absent | Field::Unknown(_) => return false,
    };
    let ends = |name: &str| repository.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    COLLECTORS.iter().any(|name| ends(name)) || (AGENTS.iter().any(|name| ends(name)) && mounts_logs(workload))
}

fn mounts_logs(workload: Workload<'_>) -> bool {
    workload
        .volumes()
        .known()
        .any(|volume| volume.host_path().read().known().is_some_and(|path| LOGS.iter().any(|logs| reaches(path, logs))))
}
