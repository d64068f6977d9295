//! WL-010: workloads do not mount host paths.

use verdikt_sdk::{
    Decision, Document, Field, Finding, Findings, Node, Selector, Set, Severity, Strings, Value, Volume, Workload, rule,
};

use crate::host_path::{is_critical, shown};

rule! {
    /// # Workloads do not mount host paths
    ///
    /// A path of the host is no longer the container's own world: what is written there stays, other
    /// workloads see it, and some paths are the host. Who can write to the socket of the container
    /// runtime starts a privileged container; who can write to `/etc` adds a user.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: every volume of a pod, whether a container mounts it or not.
    ///
    /// - `hostPath` fails, whatever the path.
    /// - `persistentVolumeClaim` fails when a PersistentVolume of the same set is bound to the claim by
    ///   name (`volumeName` of the claim, or `claimRef` of the volume) and is a `hostPath` or `local`.
    ///   Claims whose volume is not in the scanned files change nothing; claims that a StatefulSet makes from
    ///   its templates are not followed.
    /// - A PersistentVolume that is a `hostPath` or `local` fails by itself: it hands a path of a node to
    ///   whoever claims it.
    ///
    /// ECS: every volume of the task.
    ///
    /// - `host.sourcePath` fails. A `host` without a path is a folder of the task's own and passes.
    /// - `dockerVolumeConfiguration` fails when the driver `local` (also the default) mounts a `device` of
    ///   the host: a path (`o` has `bind` or `rbind`), a disk such as `/dev/sdb1`, or a view of the host such
    ///   as `overlay`. A `type` of networks or memory passes (`nfs`, `cifs`, `tmpfs`, …), and so do other
    ///   drivers.
    ///
    /// The severity is critical for the paths of `critical_host_paths`: sockets of container runtimes,
    /// `/`, `/etc`, `/root`, `/proc`, `/sys` and `/var/lib/kubelet`, everything below them, and the
    /// folders above them, through which they can be reached. That a container mounts a path read-only, or
    /// only a part of it (`subPath`), changes nothing. What has no volumes passes.
    ///
    /// What drivers of storage do on a node is not seen: a CSI driver may keep a volume in a folder of the
    /// node.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   volumes:
    ///     - name: sock
    ///       hostPath:
    ///         path: /var/run/docker.sock
    /// ```
    ///
    /// ```json
    /// {"volumes": [{"name": "sock", "host": {"sourcePath": "/var/run/docker.sock"}}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   volume {
    ///     name      = "sock"
    ///     host_path = "/var/run/docker.sock"
    ///   }
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   volumes:
    ///     - name: scratch
    ///       emptyDir: {}
    /// ```
    ///
    /// ```json
    /// {"volumes": [{"name": "scratch"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   volume {
    ///     name = "scratch"
    ///   }
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Use an `emptyDir` for what may vanish with the pod, and a claim of network storage or an EFS volume
    /// for what has to stay. Logs go to standard output, where an agent of the node reads them; the
    /// agent itself needs the path, so waive the rule for that one workload, with a reason.
    ///
    /// ## References
    ///
    /// - [Kubernetes: hostPath](https://kubernetes.io/docs/concepts/storage/volumes/#hostpath)
    /// - [Kubernetes: persistent volumes](https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding)
    /// - [ECS: bind mounts](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html)
    /// - [ECS: DockerVolumeConfiguration](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DockerVolumeConfiguration.html)
    /// - [Docker: options of the driver local](https://docs.docker.com/reference/cli/docker/volume/create/#opt)
    pub static RULE = {
        id: "WL-010",
        slug: "host-path",
        severity: High,
        targets: ["workload/*", "kubernetes/PersistentVolume"],
        controls: [
            "bsi-sys-1-6-draft:SYS.1.6.A18" => text,
            "bsi-sys-1-6-draft:SYS.1.6.A16" => text,
            "bsi-sys-1-6-draft:SYS.1.6.A17" => text,
            "bsi-app-4-4-draft:APP.4.4.A4" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A18" => title,
        ],
        aliases: ["trivy:KSV-0023"],
        extra: { "module": "workload-hardening" },
        settings: Settings {
            /// Paths of the host that make a finding critical: a path stands for all below it and for the
            /// folders above it, a name without a slash for a file of that name anywhere.
            critical_host_paths: Strings = [
                "/",
                "/etc",
                "/root",
                "/proc",
                "/sys",
                "/var/lib/kubelet",
                "/run/docker.sock",
                "/var/run/docker.sock",
                "/run/containerd/containerd.sock",
                "/var/run/containerd/containerd.sock",
                "/run/crio/crio.sock",
                "/var/run/crio/crio.sock",
                "docker.sock",
                "containerd.sock",
                "crio.sock",
                "cri-dockerd.sock",
                "podman.sock",
                "docker_engine",
                "containerd-containerd",
            ],
        },
        texts: {
            "en": {
                title: "Workloads do not mount host paths",
                remediation: "Use `emptyDir`, a PersistentVolumeClaim or EFS; ship logs with an agent that has a documented waiver.",
                messages: {
                    "host-path": "Volume `{volume}` is the path `{path}` of the host, expected a volume apart from the host (mounted by: {containers}).",
                    "critical-host-path": "Volume `{volume}` is the path `{path}` of the host, through which a container can take over the host (mounted by: {containers}).",
                    "bound-device": "Volume `{volume}` mounts `{path}` of the host by `driverOpts`, expected a volume apart from the host (mounted by: {containers}).",
                    "claimed-host-path": "Volume `{volume}` claims the PersistentVolume `{persistent_volume}`, which is the path `{path}` of the host (mounted by: {containers}).",
                    "possible-host-path": "Volume `{volume}` may claim the PersistentVolume `{persistent_volume}`, which is or may be a path of the host: it is only decided at deployment whether they are bound (mounted by: {containers}).",
                    "persistent-host-path": "The PersistentVolume is the path `{path}` of the host, expected storage apart from the nodes.",
                    "persistent-local": "The PersistentVolume is the local path `{path}` of a node, expected storage apart from the nodes.",
                    "no-host-path": "No volume is a path of the host.",
                },
            },
            "de": {
                title: "Workloads binden keine Host-Pfade ein",
                description: "Über einen Pfad des Hosts erreicht ein Container Dateien außerhalb seiner Umgebung; über Sockets der Container-Runtime, `/etc` und Ähnliches kann er den Host übernehmen. Geprüft wird jedes Volume: in Kubernetes `hostPath` und namentlich gebundene PersistentVolumes mit `hostPath` oder `local`, in ECS `host.sourcePath` und gebundene Geräte des Treibers `local`. Für die Pfade in `critical_host_paths` ist der Verstoß kritisch.",
                remediation: "`emptyDir`, einen PersistentVolumeClaim oder EFS verwenden; Protokolle mit einem Agenten einsammeln, für den eine begründete Ausnahme dokumentiert ist.",
                messages: {
                    "host-path": "Volume `{volume}` ist der Pfad `{path}` des Hosts, erwartet wird ein vom Host getrenntes Volume (eingebunden von: {containers}).",
                    "critical-host-path": "Volume `{volume}` ist der Pfad `{path}` des Hosts, über den ein Container den Host übernehmen kann (eingebunden von: {containers}).",
                    "bound-device": "Volume `{volume}` bindet über `driverOpts` `{path}` des Hosts ein, erwartet wird ein vom Host getrenntes Volume (eingebunden von: {containers}).",
                    "claimed-host-path": "Volume `{volume}` beansprucht das PersistentVolume `{persistent_volume}`, das der Pfad `{path}` des Hosts ist (eingebunden von: {containers}).",
                    "possible-host-path": "Volume `{volume}` beansprucht möglicherweise das PersistentVolume `{persistent_volume}`, das ein Pfad des Hosts ist oder sein kann: Erst beim Deployment entscheidet sich, ob sie aneinander gebunden sind (eingebunden von: {containers}).",
                    "persistent-host-path": "Das PersistentVolume ist der Pfad `{path}` des Hosts, erwartet wird von den Knoten getrennter Speicher.",
                    "persistent-local": "Das PersistentVolume ist der lokale Pfad `{path}` eines Knotens, erwartet wird von den Knoten getrennter Speicher.",
                    "no-host-path": "Kein Volume ist ein Pfad des Hosts.",
                },
            },
        },
        inventory: judge,
    };
}

fn judge(set: &Set<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let storage = Storage::read(set);
    set.judge_each(findings, |document, findings| {
        let before = findings.len();
        if document.envelope().platform == "workload" {
            judge_workload(document, &storage, settings, findings);
        } else {
            let path = HostPath::of_persistent_volume(document);
            let code = if path.is_local { "persistent-local" } else { "persistent-host-path" };
            findings.settle(path.decision, || path.fail(code, settings));
        }
        if findings.len() == before {
            findings.add(Finding::pass(document, "no-host-path"));
        }
    });
}

fn judge_workload<'a>(document: &'a Document, storage: &'a Storage, settings: &Settings, findings: &mut Findings<'_>) {
    let workload = Workload::from(document);
    let volumes = workload.volumes();
    for volume in findings.every(volumes) {
        let named = |finding: Finding<'a>| {
            finding
                .argument("volume", volume.name().read().known().map_or_else(|| volume.node().pointer(), str::to_owned))
                .argument("containers", mounted_by(workload, volume))
        };
        let path = match volume.kind().read() {
            Field::Known("hostPath") if workload.is_ecs() => HostPath::of_task(volume),
            Field::Known("hostPath") => HostPath::of_source(volume.source(), volume.host_path()),
            Field::Known("dockerVolumeConfiguration") => {
                let path = HostPath::of_driver(volume.source());
                findings.settle(path.decision, || named(path.fail("bound-device", settings)));
                continue;
            }
            Field::Known("persistentVolumeClaim") => {
                let claim = volume.source().get("claimName");
                if let Some(found) = storage.host_path_of(claim, document.envelope().namespace.as_deref(), settings) {
                    findings.add(named(found));
                }
                continue;
            }
            Field::Known(_) | Field::Absent => continue,
            Field::Unknown(unknown) => {
                findings.add(Finding::unknown(unknown));
                continue;
            }
        };
        findings.settle(path.decision, || named(path.fail("host-path", settings)));
    }
}

/// The containers that mount a volume, as a message names them.
fn mounted_by(workload: Workload<'_>, volume: Volume<'_>) -> String {
    let name = volume.name().read().known();
    let mounts = |mount: verdikt_sdk::Mount<'_>| name.is_some() && mount.name().read().known() == name;
    let containers = workload.containers().known().filter(|container| container.mounts().known().any(mounts));
    let labels: Vec<String> = containers.map(|container| container.label()).collect();
    if labels.is_empty() { "-".to_owned() } else { labels.join(", ") }
}

/// A place that may name a path of a host.
struct HostPath<'a> {
    path: Value<'a, &'a str>,
    /// Fails when it does.
    decision: Decision<'a>,
    /// Whether it is one of a PersistentVolume that says `local`.
    is_local: bool,
}

impl<'a> HostPath<'a> {
    /// A source of Kubernetes: it is a path of the host by being there, whatever the path.
    fn of_source(source: Node<'a>, path: Value<'a, &'a str>) -> HostPath<'a> {
        let decision = source.decide(|source| match source.members() {
            Field::Known(_) => Decision::Fail,
            Field::Absent => Decision::Pass,
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        });
        HostPath { path, decision, is_local: false }
    }

    /// A volume of a task: it is one when the path says something.
    fn of_task(volume: Volume<'a>) -> HostPath<'a> {
        let path = volume.host_path();
        HostPath { path, decision: states_something(path), is_local: false }
    }

    /// A volume of a Docker driver. Without a driver it is `local`, which hands `type`, `o` and `device` to
    /// `mount`: with `bind` the device is a path, whatever the type, and else a disk of the host, or a view
    /// of the host itself (`overlay`, `devtmpfs`, `proc`, …). Networks and memory are apart from it.
    ///
    /// <https://github.com/moby/moby/blob/master/daemon/volume/local/local_linux.go>
    fn of_driver(configuration: Node<'a>) -> HostPath<'a> {
        let options = configuration.get("driverOpts");
        let device: Value<'a, &'a str> = options.get("device").into();
        let driver: Value<'a, &'a str> = configuration.get("driver").into();
        let mount: Value<'a, &'a str> = options.get("o").into();
        let file_system: Value<'a, &'a str> = options.get("type").into();
        let is_local = driver.fails_if_text(|driver| match driver {
            None => Some(true),
            Some(driver) if driver.whole() == Some("") => Some(true),
            Some(driver) => driver.is("local"),
        });
        let binds = mount.fails_if_text(|mount| match mount {
            None => Some(false),
            Some(mount) => Some(mount.whole()?.split(',').any(|option| matches!(option.trim(), "bind" | "rbind"))),
        });
        let is_of_host = file_system.fails_if_text(|file_system| match file_system {
            None => Some(true),
            Some(file_system) => file_system.whole().map(|name| !APART.contains(&name)),
        });
        let decision = is_local.or(binds.and(is_of_host)).or(states_something(device));
        HostPath { path: device, decision, is_local: false }
    }

    fn of_persistent_volume(document: &'a Document) -> HostPath<'a> {
        let spec = document.root().get("spec");
        let [host, local] = ["hostPath", "local"].map(|kind| {
            let source = spec.get(kind);
            HostPath::of_source(source, source.get("path").into())
        });
        match (host.decision, local.decision) {
            (Decision::Fail, _) => host,
            (_, Decision::Fail) => HostPath { is_local: true, ..local },
            (Decision::Unknown(_), _) => host,
            _ => local,
        }
    }

    fn is_critical(&self, settings: &Settings) -> bool {
        self.path.read().known().is_some_and(|path| is_critical(path, &settings.critical_host_paths))
    }

    fn fail(&self, code: &'static str, settings: &Settings) -> Finding<'a> {
        let is_critical = self.is_critical(settings);
        let code = if is_critical && code == "host-path" { "critical-host-path" } else { code };
        let finding = Finding::fail(self.path, code).argument("path", shown(self.path));
        if is_critical { finding.severity(Severity::Critical) } else { finding }
    }
}

/// The file systems of Linux that are no part of the host: those of networks, and memory.
///
/// <https://man7.org/linux/man-pages/man8/mount.8.html>
const APART: [&str; 13] =
    ["9p", "afs", "beegfs", "ceph", "cifs", "efs", "glusterfs", "lustre", "nfs", "nfs4", "ramfs", "smb3", "tmpfs"];

/// Fails when a text is there and not empty.
fn states_something<'a>(text: Value<'a, &'a str>) -> Decision<'a> {
    text.fails_if_text(|text| match text {
        None => Some(false),
        // Known pieces are not empty.
        Some(text) => match text.whole() {
            Some(whole) => Some(!whole.is_empty()),
            None => text.pieces().any(|piece| piece.is_some()).then_some(true),
        },
    })
}

/// What a set says about claims and the volumes that they are bound to.
struct Storage {
    /// Those that are paths of a host, or may be.
    volumes: Vec<Document>,
    claims: Vec<Document>,
}

impl Storage {
    fn read(set: &Set<'_>) -> Storage {
        let read = |kind| -> Vec<Document> {
            let found = set.find(Selector::new("kubernetes", kind)).into_iter();
            found.filter_map(|envelope| set.read(&envelope).ok()).collect()
        };
        let mut volumes = read("PersistentVolume");
        volumes.retain(|volume| !matches!(HostPath::of_persistent_volume(volume).decision, Decision::Pass));
        // Without such a volume, nothing depends on a claim.
        let claims = if volumes.is_empty() { Vec::new() } else { read("PersistentVolumeClaim") };
        Storage { volumes, claims }
    }

    /// What there is to say of a claim that is bound to a path of a host, or may be.
    fn host_path_of<'a>(
        &'a self,
        claim: Node<'a>,
        namespace: Option<&str>,
        settings: &Settings,
    ) -> Option<Finding<'a>> {
        let mut possible = None;
        for volume in &self.volumes {
            let path = HostPath::of_persistent_volume(volume);
            let name = &volume.envelope().name;
            match (self.is_bound(claim, namespace, volume), path.decision) {
                (Some(false), _) | (_, Decision::Pass) => {}
                (Some(true), Decision::Fail) => {
                    let finding = Finding::fail(claim, "claimed-host-path")
                        .argument("persistent_volume", name)
                        .argument("path", shown(path.path))
                        .related(path.path, "the path");
                    let critical = path.is_critical(settings);
                    return Some(if critical { finding.severity(Severity::Critical) } else { finding });
                }
                (None, _) | (_, Decision::Unknown(_)) => {
                    let finding = Finding::undecided(claim, "possible-host-path").argument("persistent_volume", name);
                    possible = possible.or(Some(finding));
                }
            }
        }
        possible
    }

    /// Whether a claim and a volume name each other; `None` when that cannot be known.
    fn is_bound(&self, claim: Node<'_>, namespace: Option<&str>, volume: &Document) -> Option<bool> {
        let by_volume = volume.root().path(&["spec", "claimRef"]);
        let reserved = by_volume.get("namespace");
        let reserved_namespace = match reserved.str() {
            Field::Known(reserved) => same_namespace(namespace, Some(reserved)),
            Field::Absent => same_namespace(namespace, None),
            Field::Unknown(_) => None,
        };
        let mut bound = all([same_text(claim, by_volume.get("name")), reserved_namespace]);
        for document in &self.claims {
            let envelope = document.envelope();
            let by_claim = all([
                is_text(claim, &envelope.name),
                same_namespace(namespace, envelope.namespace.as_deref()),
                is_text(document.root().path(&["spec", "volumeName"]), &volume.envelope().name),
            ]);
            bound = match (bound, by_claim) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        bound
    }
}

/// Both are in the namespace of the deployment when neither says one.
fn same_namespace(one: Option<&str>, other: Option<&str>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one == other),
        (None, None) => Some(true),
        _ => None,
    }
}

fn is_text(node: Node<'_>, text: &str) -> Option<bool> {
    match node.text() {
        Field::Known(known) => known.is(text),
        Field::Absent => Some(false),
        Field::Unknown(_) => None,
    }
}

fn same_text(one: Node<'_>, other: Node<'_>) -> Option<bool> {
    match (one.str(), other.str()) {
        (Field::Absent, _) | (_, Field::Absent) => Some(false),
        (Field::Known(one), _) => is_text(other, one),
        (_, Field::Known(other)) => is_text(one, other),
        _ => None,
    }
}

/// Whether all of several conditions hold.
fn all<const N: usize>(conditions: [Option<bool>; N]) -> Option<bool> {
    if conditions.contains(&Some(false)) {
        return Some(false);
    }
    conditions.iter().all(|condition| *condition == Some(true)).then_some(true)
}
