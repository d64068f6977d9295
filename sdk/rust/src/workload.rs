//! The workload: one view of a Kubernetes pod template or an ECS task definition.
//!
//! Each accessor says what the document says: known, absent or unknown. Nothing is filled in, so a
//! rule decides for itself what a platform does where a document is silent.

use crate::document::Document;
use crate::node::{Field, List, Node, Read, Value};

/// Makes a view: a node with typed accessors.
macro_rules! view {
    (
        $(#[doc = $about:literal])+
        $name:ident {
            $($(#[doc = $doc:literal])+ $accessor:ident: $form:ident $kind:ty = $field:literal;)*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a>(Node<'a>);

        impl<'a> From<Node<'a>> for $name<'a> {
            fn from(node: Node<'a>) -> Self {
                $name(node)
            }
        }

        impl<'a> From<$name<'a>> for Node<'a> {
            fn from(view: $name<'a>) -> Self {
                view.0
            }
        }

        impl<'a> $name<'a> {
            /// The node that this is a view of.
            pub fn node(self) -> Node<'a> {
                self.0
            }

            $(
                $(#[doc = $doc])+
                pub fn $accessor(self) -> view!(@type $form $kind) {
                    self.0.get($field).into()
                }
            )*
        }
    };
    (@type value $kind:ty) => { Value<'a, $kind> };
    (@type list $kind:ty) => { List<'a, $kind> };
    (@type view $kind:ty) => { $kind };
}

view! {
    /// A pod template or a task definition.
    Workload {
        /// Whose it is; see [`Workload::is_ecs`].
        platform: value &'a str = "platform";
        /// `Deployment`, `CronJob`, `TaskDefinition`, ...
        kind: value &'a str = "kind";
        /// The name that is stated.
        name: value &'a str = "name";
        /// The namespace that is stated.
        namespace: value &'a str = "namespace";
        /// Labels of the pod template; ECS: tags.
        labels: view Node<'a> = "labels";
        /// Annotations of the pod template.
        annotations: view Node<'a> = "annotations";
        /// How many copies are wanted.
        replicas: value i64 = "replicas";
        /// `linux` or `windows`, if stated.
        os: value &'a str = "os";
        /// ECS: the launch types for which the definition is checked.
        compatibilities: list Node<'a> = "compatibilities";
        /// Whether the pod shares the network of its host.
        host_network: value bool = "hostNetwork";
        /// Whether the pod shares the process ids of its host.
        host_pid: value bool = "hostPID";
        /// Whether the pod shares the inter-process communication of its host.
        host_ipc: value bool = "hostIPC";
        /// Kubernetes: whether the pod's user ids are those of the host. `false` is a user namespace.
        host_users: value bool = "hostUsers";
        /// Kubernetes: whether the containers see each other's processes.
        share_process_namespace: value bool = "shareProcessNamespace";
        /// ECS: `networkMode` as stated.
        network_mode: value &'a str = "networkMode";
        /// ECS: `pidMode` as stated.
        pid_mode: value &'a str = "pidMode";
        /// ECS: `ipcMode` as stated.
        ipc_mode: value &'a str = "ipcMode";
        /// Kubernetes: the runtime class.
        runtime_class: value &'a str = "runtimeClass";
        /// Kubernetes: the service account.
        service_account: value &'a str = "serviceAccount";
        /// Kubernetes: whether the token of the service account is mounted.
        automount_service_account_token: value bool = "automountServiceAccountToken";
        /// ECS: the role of the containers.
        task_role: value &'a str = "taskRole";
        /// ECS: the role of the agent.
        execution_role: value &'a str = "executionRole";
        /// Kubernetes: labels that its node must have.
        node_selector: view Node<'a> = "nodeSelector";
        /// Kubernetes: what its affinity demands of a node, of which one term must hold.
        node_selector_terms: list Node<'a> = "nodeSelectorTerms";
        /// Kubernetes: taints of nodes that it tolerates.
        tolerations: list Node<'a> = "tolerations";
        /// Kernel parameters of the pod.
        sysctls: list Node<'a> = "sysctls";
        /// Kubernetes: what is stated at pod level, before it is resolved into the containers.
        pod: view Node<'a> = "pod";
        /// Resources of the whole pod or task.
        resources: view Resources<'a> = "resources";
        /// Volumes.
        volumes: list Volume<'a> = "volumes";
        /// Init containers, containers and ephemeral containers, in this order.
        containers: list Container<'a> = "containers";
    }
}

view! {
    /// A container of a workload. Pod-level values are resolved into it.
    Container {
        /// Its name.
        name: value &'a str = "name";
        /// `main`, `init`, `sidecar` or `ephemeral`.
        role: value &'a str = "role";
        /// ECS: whether the task ends with it.
        essential: value bool = "essential";
        /// Its image.
        image: view Image<'a> = "image";
        /// `Always`, `IfNotPresent` or `Never`.
        image_pull_policy: value &'a str = "imagePullPolicy";
        /// What it runs instead of the image's entry point.
        command: list Node<'a> = "command";
        /// The arguments of that.
        args: list Node<'a> = "args";
        /// Whether its standard input is kept open.
        stdin: value bool = "stdin";
        /// Whether it has a terminal.
        tty: value bool = "tty";
        /// Whether it runs in privileged mode.
        privileged: value bool = "privileged";
        /// Whose rights it runs with.
        user: view User<'a> = "user";
        /// Whether it is refused to run as user id 0.
        run_as_non_root: value bool = "runAsNonRoot";
        /// Whether a process may gain more privileges than its parent.
        allow_privilege_escalation: value bool = "allowPrivilegeEscalation";
        /// Whether the root file system is read-only.
        read_only_root_filesystem: value bool = "readOnlyRootFilesystem";
        /// How `/proc` is mounted.
        proc_mount: value &'a str = "procMount";
        /// Capabilities added and dropped.
        capabilities: view Capabilities<'a> = "capabilities";
        /// The seccomp profile.
        seccomp_profile: view Node<'a> = "seccompProfile";
        /// The AppArmor profile.
        app_armor_profile: view Node<'a> = "appArmorProfile";
        /// The SELinux context.
        se_linux_options: view Node<'a> = "seLinuxOptions";
        /// Windows' options.
        windows_options: view Node<'a> = "windowsOptions";
        /// ECS: `dockerSecurityOptions` as stated.
        security_options: list Node<'a> = "securityOptions";
        /// Kernel parameters of the container.
        sysctls: list Node<'a> = "sysctls";
        /// Its resources.
        resources: view Resources<'a> = "resources";
        /// Environment variables.
        env: list EnvironmentVariable<'a> = "env";
        /// Where more environment variables come from.
        env_from: list Node<'a> = "envFrom";
        /// Ports.
        ports: list Port<'a> = "ports";
        /// Mounted volumes.
        mounts: list Mount<'a> = "mounts";
        /// Devices of the host.
        devices: list Node<'a> = "devices";
        /// Probes: `liveness`, `readiness`, `startup`, `health`.
        probes: view Node<'a> = "probes";
        /// Hooks.
        lifecycle: view Node<'a> = "lifecycle";
        /// Where its log goes.
        logging: view Node<'a> = "logging";
        /// ECS: how it routes the logs of the others, when it does.
        log_router: view Node<'a> = "logRouter";
        /// Which of its values come from the pod level.
        inherited: view Node<'a> = "inherited";
    }
}

view! {
    /// A reference to an image, in its pieces. A piece that the reference does not state is absent.
    Image {
        /// The whole reference as written.
        reference: value &'a str = "reference";
        /// The registry's host.
        registry: value &'a str = "registry";
        /// The repository without its registry.
        repository: value &'a str = "repository";
        /// The tag.
        tag: value &'a str = "tag";
        /// The digest with its algorithm.
        digest: value &'a str = "digest";
    }
}

view! {
    /// A user and a group, each as a number or as a name.
    User {
        /// The number of the user.
        uid: value i64 = "uid";
        /// The number of the group.
        gid: value i64 = "gid";
        /// The name of the user.
        name: value &'a str = "name";
        /// The name of the group.
        group: value &'a str = "group";
    }
}

view! {
    /// Capabilities added to the runtime's default set and dropped from it.
    Capabilities {
        /// Added.
        add: list Node<'a> = "add";
        /// Dropped.
        drop: list Node<'a> = "drop";
    }
}

view! {
    /// Limits and requests.
    Resources {
        /// Hard limits by resource, as quantities.
        limits: view Node<'a> = "limits";
        /// Requests by resource, as quantities.
        requests: view Node<'a> = "requests";
    }
}

view! {
    /// A volume.
    Volume {
        /// Its name.
        name: value &'a str = "name";
        /// `hostPath`, `emptyDir`, `secret`, `efsVolumeConfiguration`, ...
        kind: value &'a str = "type";
        /// What is stated under that type.
        source: view Node<'a> = "source";
        /// The path on the host, for volumes that have one.
        host_path: value &'a str = "hostPath";
        /// The image, for volumes of an image's files.
        image: view Image<'a> = "image";
    }
}

view! {
    /// An environment variable.
    EnvironmentVariable {
        /// Its name.
        name: value &'a str = "name";
        /// Its value in plain text.
        value: value &'a str = "value";
        /// Where its value comes from instead.
        value_from: view Node<'a> = "valueFrom";
    }
}

view! {
    /// A port of a container.
    Port {
        /// In the container.
        container_port: value i64 = "containerPort";
        /// ECS: several in the container, such as `8000-8010`, in place of one.
        container_port_range: value &'a str = "containerPortRange";
        /// On the host.
        host_port: value i64 = "hostPort";
        /// `TCP`, `UDP` or `SCTP`.
        protocol: value &'a str = "protocol";
        /// Its name.
        name: value &'a str = "name";
    }
}

view! {
    /// A volume mounted into a container.
    Mount {
        /// The name of the volume.
        name: value &'a str = "name";
        /// Where in the container.
        mount_path: value &'a str = "mountPath";
        /// Whether it is read-only.
        read_only: value bool = "readOnly";
    }
}

impl<'a> From<&'a Document> for Workload<'a> {
    fn from(document: &'a Document) -> Self {
        Workload(document.root())
    }
}

impl<'a> Workload<'a> {
    /// Whether it is a task definition; everything else is a pod template.
    pub fn is_ecs(self) -> bool {
        self.platform().read().known() == Some("ecs")
    }

    /// ECS: whether the task can only run on Fargate. A definition that names no launch type is
    /// absent here: it is then accepted for any that its parameters allow.
    ///
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>
    pub fn fargate_only(self) -> Field<'a, bool> {
        match (self.0.get("fargate").bool(), self.compatibilities().rest()) {
            (Field::Absent, Some(unknown)) => Field::Unknown(unknown),
            (stated, _) => stated,
        }
    }
}

impl<'a> Container<'a> {
    /// What to call the container in a message: its name, or its pointer when that is not known.
    pub fn label(self) -> String {
        match self.name().read().known() {
            Some(name) => name.to_owned(),
            None => self.0.pointer(),
        }
    }
}

impl Volume<'_> {
    /// What to call the volume in a message: its name, or its pointer when that is not known.
    pub fn label(self) -> String {
        match self.name().read().known() {
            Some(name) => name.to_owned(),
            None => self.0.pointer(),
        }
    }
}

impl<'a> Read<'a> for Node<'a> {
    fn read(node: Node<'a>) -> Field<'a, Self> {
        match node.unknown() {
            Some(unknown) => Field::Unknown(unknown),
            None if node.is_absent() => Field::Absent,
            None => Field::Known(node),
        }
    }
}
