//! `aws_ecs_task_definition` as a task definition of the ECS API.
//!
//! Names and types of the resource are those of the AWS provider, of which
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_task_definition> is the
//! reference and `internal/service/ecs/task_definition.go` the code that makes the request to the API.
//!
//! `container_definitions` is a JSON text that the provider decodes with Go's `encoding/json` into the types of
//! the API, so that the names of members count whatever their case
//! (<https://pkg.go.dev/encoding/json#Unmarshal>): they get the names of the API here. Where the text is not
//! known, the list of containers is an unknown value.

use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, DocumentId, Entry, NodeId, NodeRef, Span, TreeBuilder};

use super::convert::{self, Reader, Target};
use super::{Decoded, Output, Resource, SEVERAL, Single, member, refused, single};
use crate::ecs::{Definition, push_definition, schema};

/// The type of the resource.
pub(super) const KIND: &str = "aws_ecs_task_definition";
/// Its argument with the containers.
pub(super) const CONTAINERS: &str = "container_definitions";

/// What becomes of an argument or a block.
#[derive(Clone, Copy)]
enum Kind {
    /// A text, also where a number is written: the provider's types are texts.
    Text,
    Texts,
    Bool,
    Integer,
    /// A map of texts.
    Map,
    /// Blocks of which the API has a list.
    Blocks(&'static [Field]),
    /// A block of which there is at most one.
    Block(&'static [Field]),
    /// A path of the host: `{"sourcePath": …}`, which the provider leaves away when it is empty.
    Host,
    /// A map that is a list of names and values in the API.
    Pairs(&'static str, &'static str),
}

/// The name in Terraform, the name in the API, and what becomes of the value.
type Field = (&'static str, &'static str, Kind);

const TASK: &[Field] = &[
    ("family", "family", Kind::Text),
    ("cpu", "cpu", Kind::Text),
    ("memory", "memory", Kind::Text),
    ("network_mode", "networkMode", Kind::Text),
    ("pid_mode", "pidMode", Kind::Text),
    ("ipc_mode", "ipcMode", Kind::Text),
    ("task_role_arn", "taskRoleArn", Kind::Text),
    ("execution_role_arn", "executionRoleArn", Kind::Text),
    ("requires_compatibilities", "requiresCompatibilities", Kind::Texts),
    ("enable_fault_injection", "enableFaultInjection", Kind::Bool),
    (
        "runtime_platform",
        "runtimePlatform",
        Kind::Block(&[
            ("operating_system_family", "operatingSystemFamily", Kind::Text),
            ("cpu_architecture", "cpuArchitecture", Kind::Text),
        ]),
    ),
    ("ephemeral_storage", "ephemeralStorage", Kind::Block(&[("size_in_gib", "sizeInGiB", Kind::Integer)])),
    (
        "placement_constraints",
        "placementConstraints",
        Kind::Blocks(&[("type", "type", Kind::Text), ("expression", "expression", Kind::Text)]),
    ),
    (
        "proxy_configuration",
        "proxyConfiguration",
        Kind::Block(&[
            ("container_name", "containerName", Kind::Text),
            ("type", "type", Kind::Text),
            ("properties", "properties", Kind::Pairs("name", "value")),
        ]),
    ),
    (
        "inference_accelerator",
        "inferenceAccelerators",
        Kind::Blocks(&[("device_name", "deviceName", Kind::Text), ("device_type", "deviceType", Kind::Text)]),
    ),
    ("volume", "volumes", Kind::Blocks(VOLUME)),
];

const VOLUME: &[Field] = &[
    ("name", "name", Kind::Text),
    ("host_path", "host", Kind::Host),
    ("configure_at_launch", "configuredAtLaunch", Kind::Bool),
    (
        "docker_volume_configuration",
        "dockerVolumeConfiguration",
        Kind::Block(&[
            ("scope", "scope", Kind::Text),
            ("autoprovision", "autoprovision", Kind::Bool),
            ("driver", "driver", Kind::Text),
            ("driver_opts", "driverOpts", Kind::Map),
            ("labels", "labels", Kind::Map),
        ]),
    ),
    (
        "efs_volume_configuration",
        "efsVolumeConfiguration",
        Kind::Block(&[
            ("file_system_id", "fileSystemId", Kind::Text),
            ("root_directory", "rootDirectory", Kind::Text),
            ("transit_encryption", "transitEncryption", Kind::Text),
            ("transit_encryption_port", "transitEncryptionPort", Kind::Integer),
            (
                "authorization_config",
                "authorizationConfig",
                Kind::Block(&[("access_point_id", "accessPointId", Kind::Text), ("iam", "iam", Kind::Text)]),
            ),
        ]),
    ),
    (
        "fsx_windows_file_server_volume_configuration",
        "fsxWindowsFileServerVolumeConfiguration",
        Kind::Block(&[
            ("file_system_id", "fileSystemId", Kind::Text),
            ("root_directory", "rootDirectory", Kind::Text),
            (
                "authorization_config",
                "authorizationConfig",
                Kind::Block(&[
                    ("credentials_parameter", "credentialsParameter", Kind::Text),
                    ("domain", "domain", Kind::Text),
                ]),
            ),
        ]),
    ),
    (
        "s3files_volume_configuration",
        "s3filesVolumeConfiguration",
        Kind::Block(&[
            ("file_system_arn", "fileSystemArn", Kind::Text),
            ("access_point_arn", "accessPointArn", Kind::Text),
            ("root_directory", "rootDirectory", Kind::Text),
            ("transit_encryption_port", "transitEncryptionPort", Kind::Integer),
        ]),
    ),
];

/// Adds the task definition of a resource, and its workload. `origin` is the resource's own draft.
pub(super) fn push(resource: &Resource, origin: usize, out: &mut Output<'_>) {
    let body = resource.body();
    let builder = TreeBuilder::derived_from(DocumentId(origin as u32));
    let mut task = Task { builder, resource, diagnostics: &mut *out.diagnostics };
    let mut entries = task.fields(body, TASK);
    let (key_span, text) = member(body, CONTAINERS).unwrap_or((body.span(), body));
    let containers = task.containers(text);
    task.builder.set_origin(containers, text.id());
    entries.push(task.builder.entry("containerDefinitions", key_span, containers));
    // What the provider adds to all resources is in `tags_all`, which only a plan has.
    let tags = ["tags_all", "tags"].iter().find_map(|key| member(body, key));
    if let Some((key_span, tags)) = tags {
        let tags = task.pairs(tags, "key", "value");
        entries.push(task.builder.entry("tags", key_span, tags));
    }
    let root = task.builder.map(body.span(), &entries);
    task.builder.set_origin(root, resource.root);
    let tree = Arc::new(task.builder.finish());
    let family = tree.node(root).str("family").filter(|family| !family.is_empty());
    let definition = Definition {
        name: family.unwrap_or(&resource.name).to_owned(),
        address: resource.address.clone(),
        span: resource.span,
        origin: Some(origin),
        resource: None,
        tree,
        root,
    };
    push_definition(definition, out.drafts, out.diagnostics);
}

struct Task<'t> {
    builder: TreeBuilder,
    resource: &'t Resource,
    diagnostics: &'t mut Vec<Diagnostic>,
}

// The recursions are as deep as the tables, or bounded by the depth of values.
impl Task<'_> {
    fn fields(&mut self, block: NodeRef<'_>, fields: &[Field]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (from, to, kind) in fields {
            let Some((key_span, node)) = member(block, from) else { continue };
            if let Some(node) = self.field(from, node, *kind) {
                entries.push(self.builder.entry(to, key_span, node));
            }
        }
        entries
    }

    /// The list of containers. The provider demands the argument, and a text that is a JSON array; where it has none, what
    /// the containers are is as good as unknown.
    fn containers(&mut self, text: NodeRef<'_>) -> NodeId {
        let resource = self.resource;
        let (code, place, problem) = match resource.decoded(text) {
            Some(Decoded::Said(said)) => {
                let said = resource.tree.node(said);
                if said.is_list() || said.is_unknown() {
                    return self.named(said, Some(schema::CONTAINERS));
                }
                (Code::WrongType, said.span(), "is JSON, but no array of containers")
            }
            Some(Decoded::Broken(place)) => (Code::JsonSyntax, place, "is no JSON"),
            None if text.is_unknown() => return self.unknown_containers(text),
            None if text.id() == resource.root => (Code::MissingField, resource.span, "is missing"),
            None => (Code::WrongType, text.span(), "is no text"),
        };
        let message = format!(
            "`{CONTAINERS}` of `{}` {problem}. The provider refuses it, and nothing is known of the containers. Write a JSON \
             array, best with `jsonencode([…])`.",
            resource.address
        );
        self.diagnostics.push(Diagnostic::at(code, place, message));
        self.builder.unknown(text.span(), &format!("`{CONTAINERS}` {problem}"), &[])
    }

    fn field(&mut self, name: &str, node: NodeRef<'_>, kind: Kind) -> Option<NodeId> {
        Some(match kind {
            // The empty text stands for an argument that is not given, which Terraform's older interface for
            // providers cannot tell from it.
            Kind::Text | Kind::Host if node.as_str() == Some("") => return None,
            Kind::Text => self.scalar(node, Target::Text),
            Kind::Bool => self.scalar(node, Target::Bool),
            Kind::Integer => self.scalar(node, Target::Integer),
            Kind::Texts => convert::elements(&mut self.builder, node, Target::Text, Reader::Schema),
            Kind::Map => convert::texts(&mut self.builder, node),
            Kind::Host => {
                let path = self.builder.copy(node);
                let entry = self.builder.entry("sourcePath", node.span(), path);
                self.map(node, &[entry])
            }
            Kind::Pairs(key, value) => self.pairs(node, key, value),
            Kind::Blocks(fields) if node.is_list() => {
                let blocks: Vec<NodeId> = node.items().map(|block| self.block(block, fields)).collect();
                let list = self.builder.list(node.span(), &blocks);
                self.builder.set_origin(list, node.id());
                list
            }
            Kind::Block(fields) => match single(node) {
                Single::Nothing => return None,
                Single::One(block) => self.block(block, fields),
                Single::Unsure => self.builder.unknown(node.span(), SEVERAL, &[]),
                Single::Several => {
                    self.diagnostics.push(refused(self.resource, name, node));
                    self.builder.unknown(node.span(), SEVERAL, &[])
                }
            },
            Kind::Blocks(_) => self.builder.copy(node),
        })
    }

    fn block(&mut self, block: NodeRef<'_>, fields: &[Field]) -> NodeId {
        if !block.is_map() {
            return self.builder.copy(block);
        }
        let entries = self.fields(block, fields);
        self.map(block, &entries)
    }

    fn scalar(&mut self, node: NodeRef<'_>, target: Target) -> NodeId {
        convert::scalar(&mut self.builder, node, Some(target), Reader::Schema)
    }

    fn pairs(&mut self, map: NodeRef<'_>, key_name: &str, value_name: &str) -> NodeId {
        if !map.is_map() {
            return self.builder.copy(map);
        }
        let mut pairs = Vec::with_capacity(map.entries().len());
        for (key, key_span, value) in map.keyed_entries() {
            let key = self.builder.string(key_span, key);
            let copied = self.scalar(value, Target::Text);
            let entries =
                [self.builder.entry(key_name, key_span, key), self.builder.entry(value_name, value.span(), copied)];
            pairs.push(self.builder.map(key_span.join(value.span()), &entries));
        }
        let list = self.builder.list(map.span(), &pairs);
        self.builder.set_origin(list, map.id());
        list
    }

    fn map(&mut self, of: NodeRef<'_>, entries: &[Entry]) -> NodeId {
        let id = self.builder.map(of.span(), entries);
        self.builder.set_origin(id, of.id());
        id
    }

    /// Why the text is unknown; its pieces are not those of a list.
    fn unknown_containers(&mut self, text: NodeRef<'_>) -> NodeId {
        let said = |key: &str| text.unknown_entry(key).and_then(NodeRef::as_str);
        let reference = said("$ref").map(|reference| ("$ref", self.builder.string(text.span(), reference)));
        let why = said("$unknown").unwrap_or("a value that cannot be known");
        let id = self.builder.unknown(text.span(), why, reference.as_slice());
        for step in text.provenance() {
            self.builder.add_provenance(id, step.clone());
        }
        id
    }

    /// A copy in which members have the names of the API, in whatever case they are written. Of two
    /// spellings of one name the last counts, as it does for Go.
    fn named(&mut self, node: NodeRef<'_>, kind: Option<schema::Kind>) -> NodeId {
        let id = match kind {
            Some(schema::Kind::List(kind)) if node.is_list() => {
                let items: Vec<NodeId> = node.items().map(|item| self.named(item, Some(*kind))).collect();
                self.builder.list(node.span(), &items)
            }
            Some(schema::Kind::Object(object)) if node.is_map() => {
                let mut members: Vec<(String, Span, NodeRef<'_>, Option<schema::Kind>)> = Vec::new();
                for (key, key_span, member) in node.keyed_entries() {
                    let property = object.meant_property(key);
                    let name = property.map_or_else(|| key.to_owned(), schema::Property::api_name);
                    let kind = property.map(|property| property.kind);
                    members.retain(|(earlier, ..)| *earlier != name);
                    members.push((name, key_span, member, kind));
                }
                let mut entries = Vec::with_capacity(members.len());
                for (name, key_span, member, kind) in members {
                    let member = self.named(member, kind);
                    entries.push(self.builder.entry(&name, key_span, member));
                }
                self.builder.map(node.span(), &entries)
            }
            _ => return self.builder.copy(node),
        };
        for step in node.provenance() {
            self.builder.add_provenance(id, step.clone());
        }
        self.builder.set_origin(id, node.id());
        id
    }
}
