//! The properties of `AWS::ECS::TaskDefinition`, with the names and types that they have in the ECS
//! API, which is the canonical shape of task definitions here.
//!
//! Names and types are those of the resource's schema in the CloudFormation registry, of which cfn-lint
//! 1.58 (2026) carries a copy, and of the API reference:
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>. The API's
//! names begin with a small letter; where more differs the table says so.

/// The type of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Integer,
    Boolean,
    List(&'static Kind),
    /// Texts by keys of the user's own.
    Texts,
    Object(&'static Object),
}

/// A type with properties.
#[derive(Debug)]
pub(crate) struct Object {
    /// As the reference calls it.
    pub(crate) name: &'static str,
    pub(crate) properties: &'static [Property],
}

#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    /// In the API, where that is not the name with a small first letter.
    renamed: Option<&'static str>,
    pub(crate) kind: Kind,
}

impl Object {
    pub(crate) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The property that somebody means who writes its name in other case, or its name in the API.
    pub(crate) fn meant_property(&self, name: &str) -> Option<&'static Property> {
        let means = |property: &&Property| {
            property.name.eq_ignore_ascii_case(name) || property.api_name().eq_ignore_ascii_case(name)
        };
        self.properties.iter().find(means)
    }
}

impl Property {
    /// Whether this is its name in the ECS API.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        match self.renamed {
            Some(renamed) => renamed == name,
            None => {
                let capital = name.get(..1).map(str::to_ascii_uppercase);
                capital
                    .is_some_and(|capital| capital != name[..1] && self.name.strip_prefix(&*capital) == name.get(1..))
            }
        }
    }

    /// The name in the ECS API.
    pub(crate) fn api_name(&self) -> String {
        match self.renamed {
            Some(name) => name.to_owned(),
            None => {
                let (first, rest) = self.name.split_at(1);
                first.to_ascii_lowercase() + rest
            }
        }
    }
}

const fn property(name: &'static str, kind: Kind) -> Property {
    Property { name, renamed: None, kind }
}

const fn renamed(name: &'static str, renamed: &'static str, kind: Kind) -> Property {
    Property { name, renamed: Some(renamed), kind }
}

const TEXTS: Kind = Kind::List(&Kind::Text);

/// The type of `containerDefinitions`.
pub(crate) const CONTAINERS: Kind = Kind::List(&Kind::Object(&CONTAINER_DEFINITION));

pub(crate) static TASK_DEFINITION: Object = Object {
    name: "AWS::ECS::TaskDefinition",
    properties: &[
        property("ContainerDefinitions", CONTAINERS),
        property("Cpu", Kind::Text),
        property("EnableFaultInjection", Kind::Boolean),
        property("EphemeralStorage", Kind::Object(&EPHEMERAL_STORAGE)),
        property("ExecutionRoleArn", Kind::Text),
        property("Family", Kind::Text),
        property("InferenceAccelerators", Kind::List(&Kind::Object(&INFERENCE_ACCELERATOR))),
        property("IpcMode", Kind::Text),
        property("Memory", Kind::Text),
        property("NetworkMode", Kind::Text),
        property("PidMode", Kind::Text),
        property("PlacementConstraints", Kind::List(&Kind::Object(&PLACEMENT_CONSTRAINT))),
        property("ProxyConfiguration", Kind::Object(&PROXY_CONFIGURATION)),
        property("RequiresCompatibilities", TEXTS),
        property("RuntimePlatform", Kind::Object(&RUNTIME_PLATFORM)),
        property("Tags", Kind::List(&Kind::Object(&TAG))),
        property("TaskRoleArn", Kind::Text),
        property("Volumes", Kind::List(&Kind::Object(&VOLUME))),
    ],
};

static CONTAINER_DEFINITION: Object = Object {
    name: "ContainerDefinition",
    properties: &[
        property("Command", TEXTS),
        property("Cpu", Kind::Integer),
        property("CredentialSpecs", TEXTS),
        property("DependsOn", Kind::List(&Kind::Object(&CONTAINER_DEPENDENCY))),
        property("DisableNetworking", Kind::Boolean),
        property("DnsSearchDomains", TEXTS),
        property("DnsServers", TEXTS),
        property("DockerLabels", Kind::Texts),
        property("DockerSecurityOptions", TEXTS),
        property("EntryPoint", TEXTS),
        property("Environment", Kind::List(&Kind::Object(&KEY_VALUE_PAIR))),
        property("EnvironmentFiles", Kind::List(&Kind::Object(&ENVIRONMENT_FILE))),
        property("Essential", Kind::Boolean),
        property("ExtraHosts", Kind::List(&Kind::Object(&HOST_ENTRY))),
        property("FirelensConfiguration", Kind::Object(&FIRELENS_CONFIGURATION)),
        property("HealthCheck", Kind::Object(&HEALTH_CHECK)),
        property("Hostname", Kind::Text),
        property("Image", Kind::Text),
        property("Interactive", Kind::Boolean),
        property("Links", TEXTS),
        property("LinuxParameters", Kind::Object(&LINUX_PARAMETERS)),
        property("LogConfiguration", Kind::Object(&LOG_CONFIGURATION)),
        property("Memory", Kind::Integer),
        property("MemoryReservation", Kind::Integer),
        property("MountPoints", Kind::List(&Kind::Object(&MOUNT_POINT))),
        property("Name", Kind::Text),
        property("PortMappings", Kind::List(&Kind::Object(&PORT_MAPPING))),
        property("Privileged", Kind::Boolean),
        property("PseudoTerminal", Kind::Boolean),
        property("ReadonlyRootFilesystem", Kind::Boolean),
        property("RepositoryCredentials", Kind::Object(&REPOSITORY_CREDENTIALS)),
        property("ResourceRequirements", Kind::List(&Kind::Object(&RESOURCE_REQUIREMENT))),
        property("RestartPolicy", Kind::Object(&RESTART_POLICY)),
        property("Secrets", Kind::List(&Kind::Object(&SECRET))),
        property("StartTimeout", Kind::Integer),
        property("StopTimeout", Kind::Integer),
        property("SystemControls", Kind::List(&Kind::Object(&SYSTEM_CONTROL))),
        property("Ulimits", Kind::List(&Kind::Object(&ULIMIT))),
        property("User", Kind::Text),
        property("VersionConsistency", Kind::Text),
        property("VolumesFrom", Kind::List(&Kind::Object(&VOLUME_FROM))),
        property("WorkingDirectory", Kind::Text),
    ],
};

static CONTAINER_DEPENDENCY: Object = Object {
    name: "ContainerDependency",
    properties: &[property("Condition", Kind::Text), property("ContainerName", Kind::Text)],
};

static KEY_VALUE_PAIR: Object =
    Object { name: "KeyValuePair", properties: &[property("Name", Kind::Text), property("Value", Kind::Text)] };

static ENVIRONMENT_FILE: Object =
    Object { name: "EnvironmentFile", properties: &[property("Type", Kind::Text), property("Value", Kind::Text)] };

static HOST_ENTRY: Object =
    Object { name: "HostEntry", properties: &[property("Hostname", Kind::Text), property("IpAddress", Kind::Text)] };

static FIRELENS_CONFIGURATION: Object = Object {
    name: "FirelensConfiguration",
    properties: &[property("Options", Kind::Texts), property("Type", Kind::Text)],
};

static HEALTH_CHECK: Object = Object {
    name: "HealthCheck",
    properties: &[
        property("Command", TEXTS),
        property("Interval", Kind::Integer),
        property("Retries", Kind::Integer),
        property("StartPeriod", Kind::Integer),
        property("Timeout", Kind::Integer),
    ],
};

static LINUX_PARAMETERS: Object = Object {
    name: "LinuxParameters",
    properties: &[
        property("Capabilities", Kind::Object(&KERNEL_CAPABILITIES)),
        property("Devices", Kind::List(&Kind::Object(&DEVICE))),
        property("InitProcessEnabled", Kind::Boolean),
        property("MaxSwap", Kind::Integer),
        property("SharedMemorySize", Kind::Integer),
        property("Swappiness", Kind::Integer),
        property("Tmpfs", Kind::List(&Kind::Object(&TMPFS))),
    ],
};

static KERNEL_CAPABILITIES: Object =
    Object { name: "KernelCapabilities", properties: &[property("Add", TEXTS), property("Drop", TEXTS)] };

static DEVICE: Object = Object {
    name: "Device",
    properties: &[
        property("ContainerPath", Kind::Text),
        property("HostPath", Kind::Text),
        property("Permissions", TEXTS),
    ],
};

static TMPFS: Object = Object {
    name: "Tmpfs",
    properties: &[
        property("ContainerPath", Kind::Text),
        property("MountOptions", TEXTS),
        property("Size", Kind::Integer),
    ],
};

static LOG_CONFIGURATION: Object = Object {
    name: "LogConfiguration",
    properties: &[
        property("LogDriver", Kind::Text),
        property("Options", Kind::Texts),
        property("SecretOptions", Kind::List(&Kind::Object(&SECRET))),
    ],
};

static MOUNT_POINT: Object = Object {
    name: "MountPoint",
    properties: &[
        property("ContainerPath", Kind::Text),
        property("ReadOnly", Kind::Boolean),
        property("SourceVolume", Kind::Text),
    ],
};

static PORT_MAPPING: Object = Object {
    name: "PortMapping",
    properties: &[
        property("AppProtocol", Kind::Text),
        property("ContainerPort", Kind::Integer),
        property("ContainerPortRange", Kind::Text),
        property("HostPort", Kind::Integer),
        property("Name", Kind::Text),
        property("Protocol", Kind::Text),
    ],
};

static REPOSITORY_CREDENTIALS: Object =
    Object { name: "RepositoryCredentials", properties: &[property("CredentialsParameter", Kind::Text)] };

static RESOURCE_REQUIREMENT: Object = Object {
    name: "ResourceRequirement",
    properties: &[
        property("SharingStrategy", Kind::Object(&SHARING_STRATEGY)),
        property("Type", Kind::Text),
        property("Value", Kind::Text),
    ],
};

static SHARING_STRATEGY: Object =
    Object { name: "SharingStrategy", properties: &[property("NvidiaMps", Kind::Object(&NVIDIA_MPS_ALLOCATION))] };

static NVIDIA_MPS_ALLOCATION: Object = Object {
    name: "NvidiaMpsAllocation",
    properties: &[property("MaxComputePercent", Kind::Integer), property("Memory", Kind::Integer)],
};

static RESTART_POLICY: Object = Object {
    name: "RestartPolicy",
    properties: &[
        property("Enabled", Kind::Boolean),
        property("IgnoredExitCodes", Kind::List(&Kind::Integer)),
        property("RestartAttemptPeriod", Kind::Integer),
    ],
};

static SECRET: Object =
    Object { name: "Secret", properties: &[property("Name", Kind::Text), property("ValueFrom", Kind::Text)] };

static SYSTEM_CONTROL: Object =
    Object { name: "SystemControl", properties: &[property("Namespace", Kind::Text), property("Value", Kind::Text)] };

static ULIMIT: Object = Object {
    name: "Ulimit",
    properties: &[
        property("HardLimit", Kind::Integer),
        property("Name", Kind::Text),
        property("SoftLimit", Kind::Integer),
    ],
};

static VOLUME_FROM: Object = Object {
    name: "VolumeFrom",
    properties: &[property("ReadOnly", Kind::Boolean), property("SourceContainer", Kind::Text)],
};

static EPHEMERAL_STORAGE: Object =
    Object { name: "EphemeralStorage", properties: &[property("SizeInGiB", Kind::Integer)] };

static INFERENCE_ACCELERATOR: Object = Object {
    name: "InferenceAccelerator",
    properties: &[property("DeviceName", Kind::Text), property("DeviceType", Kind::Text)],
};

static PLACEMENT_CONSTRAINT: Object = Object {
    name: "TaskDefinitionPlacementConstraint",
    properties: &[property("Expression", Kind::Text), property("Type", Kind::Text)],
};

static PROXY_CONFIGURATION: Object = Object {
    name: "ProxyConfiguration",
    properties: &[
        property("ContainerName", Kind::Text),
        renamed("ProxyConfigurationProperties", "properties", Kind::List(&Kind::Object(&KEY_VALUE_PAIR))),
        property("Type", Kind::Text),
    ],
};

static RUNTIME_PLATFORM: Object = Object {
    name: "RuntimePlatform",
    properties: &[property("CpuArchitecture", Kind::Text), property("OperatingSystemFamily", Kind::Text)],
};

static TAG: Object = Object { name: "Tag", properties: &[property("Key", Kind::Text), property("Value", Kind::Text)] };

static VOLUME: Object = Object {
    name: "Volume",
    properties: &[
        property("ConfiguredAtLaunch", Kind::Boolean),
        property("DockerVolumeConfiguration", Kind::Object(&DOCKER_VOLUME)),
        renamed("EFSVolumeConfiguration", "efsVolumeConfiguration", Kind::Object(&EFS_VOLUME)),
        renamed(
            "FSxWindowsFileServerVolumeConfiguration",
            "fsxWindowsFileServerVolumeConfiguration",
            Kind::Object(&FSX_VOLUME),
        ),
        property("Host", Kind::Object(&HOST_VOLUME)),
        property("Name", Kind::Text),
        renamed("S3FilesVolumeConfiguration", "s3filesVolumeConfiguration", Kind::Object(&S3_FILES_VOLUME)),
    ],
};

static DOCKER_VOLUME: Object = Object {
    name: "DockerVolumeConfiguration",
    properties: &[
        property("Autoprovision", Kind::Boolean),
        property("Driver", Kind::Text),
        property("DriverOpts", Kind::Texts),
        property("Labels", Kind::Texts),
        property("Scope", Kind::Text),
    ],
};

static EFS_VOLUME: Object = Object {
    name: "EFSVolumeConfiguration",
    properties: &[
        property("AuthorizationConfig", Kind::Object(&EFS_AUTHORIZATION)),
        renamed("FilesystemId", "fileSystemId", Kind::Text),
        property("RootDirectory", Kind::Text),
        property("TransitEncryption", Kind::Text),
        property("TransitEncryptionPort", Kind::Integer),
    ],
};

static EFS_AUTHORIZATION: Object = Object {
    name: "AuthorizationConfig",
    properties: &[property("AccessPointId", Kind::Text), renamed("IAM", "iam", Kind::Text)],
};

static FSX_VOLUME: Object = Object {
    name: "FSxWindowsFileServerVolumeConfiguration",
    properties: &[
        property("AuthorizationConfig", Kind::Object(&FSX_AUTHORIZATION)),
        property("FileSystemId", Kind::Text),
        property("RootDirectory", Kind::Text),
    ],
};

static FSX_AUTHORIZATION: Object = Object {
    name: "FSxAuthorizationConfig",
    properties: &[property("CredentialsParameter", Kind::Text), property("Domain", Kind::Text)],
};

static S3_FILES_VOLUME: Object = Object {
    name: "S3FilesVolumeConfiguration",
    properties: &[
        property("AccessPointArn", Kind::Text),
        property("FileSystemArn", Kind::Text),
        property("RootDirectory", Kind::Text),
        property("TransitEncryptionPort", Kind::Integer),
    ],
};

static HOST_VOLUME: Object = Object { name: "HostVolumeProperties", properties: &[property("SourcePath", Kind::Text)] };
