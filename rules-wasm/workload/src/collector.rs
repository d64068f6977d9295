//! Which programs collect the logs of a node, by the names of their images.

use verdikt_sdk::{Container, Field, Mount, Volume, Workload};

use crate::host_path::reaches;

/// How the repositories end of programs that collect logs, also of those that collect other things too.
const COLLECTORS: [&str; 27] = [
    "aws-for-fluent-bit",
    "cloudwatch-agent",
    "datadog/agent",
    "datadoghq/agent",
    "elastic-agent",
    "filebeat",
    "filebeat-oss",
    "fluent-bit",
    "fluent-bit-plugin-loki",
    "fluentd",
    "fluentd-elasticsearch",
    "fluentd-gcp",
    "fluentd-hec",
    "fluentd-kubernetes-daemonset",
    "grafana/agent",
    "grafana/alloy",
    "logdna-agent",
    "newrelic-fluentbit-output",
    "newrelic/infrastructure-bundle",
    "opentelemetry-collector",
    "opentelemetry-collector-contrib",
    "opentelemetry-collector-k8s",
    "promtail",
    "sematext/logagent",
    "splunk-otel-collector",
    "sumologic-otel-collector",
    "timberio/vector",
];

/// Where the kubelet and the runtimes keep what containers write.
///
/// <https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node>
const LOGS: [&str; 2] = ["/var/log/pods", "/var/lib/docker/containers"];

/// Whether the pods of a workload certainly collect the logs of their node.
pub(crate) fn collects_logs(workload: Workload<'_>) -> bool {
    workload
        .containers()
        .known()
        .any(|container| stays(container) && is_collector(container) && mounts_logs(workload, container))
}

/// Whether a container runs as long as its pod does: an init container ends before that begins, unless it
/// is a sidecar.
fn stays(container: Container<'_>) -> bool {
    matches!(container.role().read(), Field::Known("main" | "sidecar"))
}

fn is_collector(container: Container<'_>) -> bool {
    let Field::Known(repository) = container.image().repository().read() else { return false };
    let ends = |name: &&str| repository.strip_suffix(*name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    COLLECTORS.iter().any(|name| ends(name))
}

/// Whether a container sees the logs of its node: without them, a collector is one of something else.
fn mounts_logs(workload: Workload<'_>, container: Container<'_>) -> bool {
    let is_mounted = |volume: Volume<'_>| {
        let name = volume.name().read().known();
        name.is_some() && container.mounts().known().any(|mount: Mount<'_>| mount.name().read().known() == name)
    };
    let mut logs = workload.volumes().known().filter(|volume: &Volume<'_>| {
        let path = volume.host_path().read().known();
        path.is_some_and(|path| LOGS.iter().any(|logs| reaches(path, logs)))
    });
    logs.any(is_mounted)
}
