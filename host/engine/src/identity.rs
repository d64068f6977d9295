//! What identifies a finding across runs, machines and edits elsewhere in its file.
//!
//! A fingerprint is made of the rule, the file as the repository knows it, the document's address and
//! the place inside of the document. Nothing in it counts lines or depends on order: items of lists
//! are named by what their platform tells them apart by ([`KEYS`]), a scalar by itself, and what has
//! neither by its content. Only where several are equal in all of that does their order in the text
//! tell them apart. What is said of a subject, such as a namespace that no file defines, is identified by
//! the subject, wherever it was seen first.
//!
//! Messages, severities and versions of packs are not part of it: they change without a change of what
//! is found.

use std::borrow::Cow;
use std::collections::HashMap;

use sha2::{Digest, Sha256};
use verdikt_model::{Document, DocumentId, FileId, NodeId, NodeRef, Platform, Pointer, Value};

/// Lists whose items are told apart by other fields than [`GENERAL`], with the fields that do it. The
/// first set counts whose first field is there; its other fields may be missing. Names are compared
/// without case, since CloudFormation writes those of Amazon ECS with a capital.
///
/// For Kubernetes these are the map keys of its lists
/// (<https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>), except that the
/// name of a port comes before its number, and what people know an item by where the API has no key. For
/// Amazon ECS they are the fields that say which thing is meant
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>).
const KEYS: &[(&str, &[&[&str]])] = &[
    ("conditions", &[&["type"]]),
    ("dependsOn", &[&["containerName"]]),
    ("devices", &[&["containerPath"], &["hostPath"]]),
    ("environmentFiles", &[&["value"]]),
    ("extraHosts", &[&["hostname"]]),
    ("hostAliases", &[&["ip"]]),
    ("imagePullSecrets", &[&["name"]]),
    ("matchExpressions", &[&["key", "operator"]]),
    // The `name` of a mount is that of the volume, which may be mounted several times.
    ("mountPoints", &[&["containerPath"]]),
    ("ownerReferences", &[&["uid"]]),
    ("paths", &[&["path", "pathType"]]),
    ("portMappings", &[&["name"], &["containerPort", "protocol"], &["containerPortRange", "protocol"]]),
    ("ports", &[&["name"], &["containerPort", "protocol"], &["port", "protocol"]]),
    ("readinessGates", &[&["conditionType"]]),
    ("resourceRequirements", &[&["type"]]),
    ("rules", &[&["host"]]),
    // A ServiceAccount and a User of one name are two subjects.
    ("subjects", &[&["name", "kind", "namespace"]]),
    ("systemControls", &[&["namespace"]]),
    ("tls", &[&["secretName"]]),
    ("tmpfs", &[&["containerPath"]]),
    ("tolerations", &[&["key", "operator", "value", "effect"]]),
    ("topologySpreadConstraints", &[&["topologyKey", "whenUnsatisfiable"]]),
    ("volumeDevices", &[&["devicePath"]]),
    ("volumeMounts", &[&["mountPath"]]),
    ("volumesFrom", &[&["sourceContainer"]]),
];

/// What items of other lists are told apart by: names of containers, volumes and variables, `Sid` of
/// policy statements, `Key` of tags.
const GENERAL: &[&[&str]] = &[&["name"], &["id"], &["sid"], &["key"]];

/// Names places in documents. Remembers what it named, since many findings share their lists.
#[derive(Default)]
pub(crate) struct Names {
    items: HashMap<(DocumentId, NodeId), Vec<String>>,
}

impl Names {
    /// The pointer with list items named by what identifies them, such as
    /// `/containers/[name=web]/image`. What a pointer names need not be there.
    pub(crate) fn pointer(&mut self, document: &Document, pointer: &Pointer) -> String {
        let mut text = String::new();
        let mut node = Some(document.body());
        let mut list = Cow::Borrowed("");
        for token in pointer.tokens() {
            text.push('/');
            let index = token.parse::<usize>().ok();
            match (node.filter(|node| node.is_list()), index) {
                (Some(of), Some(index)) => {
                    let names = self.items.entry((document.id, of.id())).or_insert_with(|| items(&list, of));
                    match names.get(index) {
                        Some(name) => text.push_str(name),
                        None => text.push_str(&token),
                    }
                    node = of.item(index);
                }
                _ => {
                    text.push_str(&key(&token));
                    node = node.and_then(|node| member(node, &token));
                }
            }
            list = token;
        }
        text
    }
}

/// A map's member by the token of a pointer, in which a `$` before a key of the user's is doubled.
fn member<'a>(node: NodeRef<'a>, token: &str) -> Option<NodeRef<'a>> {
    if node.is_unknown() {
        return node.unknown_entry(token);
    }
    match token.strip_prefix('$') {
        Some(key) if key.starts_with('$') => node.get(key),
        Some(_) => None,
        None => node.get(token),
    }
}

/// A key between slashes that cannot be taken for a named item.
fn key(token: &str) -> String {
    let text = token.replace('~', "~0").replace('/', "~1");
    match text.strip_prefix('[') {
        Some(rest) => format!("~2{rest}"),
        None => text,
    }
}

/// A value inside of an item's name: as it is where nothing in it could be misread, a digest where it
/// is no name but a whole script.
fn value(text: &str) -> String {
    const LONGEST: usize = 64;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
    if text.len() > LONGEST {
        format!("~{}", &hex(&Sha256::digest(text))[..16])
    } else if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// The names of a list's items, each once.
fn items(list: &str, node: NodeRef<'_>) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    node.items()
        .map(|item| {
            let name = keyed(list, item).or_else(|| scalar(item).map(|text| format!("[={}]", value(text))));
            let name = name.unwrap_or_else(|| format!("[~{}]", &hex(&content(item))[..16]));
            let earlier = seen.entry(name.clone()).or_default();
            *earlier += 1;
            if *earlier == 1 { name } else { format!("{name}#{earlier}") }
        })
        .collect()
}

/// The item named by its key fields.
fn keyed(list: &str, item: NodeRef<'_>) -> Option<String> {
    let field = |name: &str| {
        let mut found = item.entries().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.find_map(|(_, value)| scalar(value)).filter(|text| !text.is_empty())
    };
    let own = KEYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(list)).map_or(&[][..], |(_, sets)| *sets);
    let fields = own.iter().chain(GENERAL).find(|fields| fields.first().is_some_and(|name| field(name).is_some()))?;
    let parts = fields.iter().filter_map(|name| Some(format!("{name}={}", value(field(name)?))));
    Some(format!("[{}]", parts.collect::<Vec<_>>().join(",")))
}

/// The text of a scalar that can name something.
fn scalar(node: NodeRef<'_>) -> Option<&str> {
    match node.value() {
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        _ => node.as_str().or(node.as_number()),
    }
}

/// A digest of everything in a node that does not depend on the order of keys and items.
fn content(node: NodeRef<'_>) -> [u8; 32] {
    // The recursion is bounded by the depth limit of the loaders.
    let mut hash = Sha256::new();
    let (kind, mut parts): (u8, Vec<Vec<u8>>) = match node.value() {
        Value::Null => (b'0', Vec::new()),
        Value::Bool(_) => (b'b', vec![scalar(node).unwrap_or_default().into()]),
        Value::Number(_) => (b'n', vec![scalar(node).unwrap_or_default().into()]),
        Value::String(_) => (b's', vec![scalar(node).unwrap_or_default().into()]),
        Value::List(_) => (b'l', node.items().map(|item| content(item).to_vec()).collect()),
        Value::Map(_) => (b'm', node.entries().map(member_content).collect()),
        Value::Unknown(_) => (b'u', node.unknown_entries().map(member_content).collect()),
    };
    parts.sort();
    hash.update([kind]);
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn member_content((key, node): (&str, NodeRef<'_>)) -> Vec<u8> {
    let mut part = content(node).to_vec();
    part.extend(key.as_bytes());
    part
}

/// Tells documents of one file apart that have the same address, by document; empty for most.
///
/// A document without a name of its own (a bare array of container definitions, an object that the
/// cluster names) is known by the names of the things directly in it, so that neither its place in the
/// file nor an edit of a container makes it another one. Documents that are equal in that, too, and
/// those that have one name, are counted in the order of the text.
pub(crate) fn twins(documents: &[Document]) -> HashMap<DocumentId, String> {
    let mut seen: HashMap<(FileId, Platform, &str, String), usize> = HashMap::new();
    let mut twins = HashMap::new();
    for document in documents {
        if let Some(origin) = document.origin {
            // A workload is as distinct as what it was derived from.
            if let Some(twin) = twins.get(&origin).cloned() {
                twins.insert(document.id, twin);
            }
            continue;
        }
        let named = match &document.configuration {
            // A module that several configurations call is there once for each.
            Some(folder) => format!("@{folder}"),
            None if is_named(document) => String::new(),
            None => format!("~{}", outline(document.body())),
        };
        let earlier =
            seen.entry((document.span.file, document.platform, &document.address, named.clone())).or_default();
        *earlier += 1;
        let twin = if *earlier == 1 { named } else { format!("{named}#{earlier}") };
        if !twin.is_empty() {
            twins.insert(document.id, twin);
        }
    }
    twins
}

fn is_named(document: &Document) -> bool {
    let stated = || document.body().path(&["metadata", "name"]).and_then(NodeRef::as_str);
    !document.name.is_empty()
        && (document.platform != Platform::Kubernetes || stated().is_some_and(|it| !it.is_empty()))
}

/// A digest of the names of the items in a body's lists, not of those inside of the items.
fn outline(body: NodeRef<'_>) -> String {
    let mut names = Vec::new();
    let mut open = vec![(String::new(), "", body)];
    while let Some((path, list, node)) = open.pop() {
        for item in node.items() {
            match keyed(list, item) {
                Some(name) => names.push(format!("{path}/{name}")),
                None => open.push((format!("{path}/[]"), "", item)),
            }
        }
        for (name, member) in node.entries().filter(|(_, member)| member.is_map() || member.is_list()) {
            open.push((format!("{path}/{}", key(name)), name, member));
        }
    }
    names.sort();
    let mut hash = Sha256::new();
    for name in names {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
    }
    let digest: [u8; 32] = hash.finalize().into();
    hex(&digest)[..16].to_owned()
}

/// Everything that tells one finding from another.
pub(crate) struct Identity<'a> {
    pub rule: &'a str,
    /// [`verdikt_model::Source::identity`] of the file, empty without a document.
    pub file: &'a str,
    pub platform: &'a str,
    pub address: &'a str,
    /// See [`twins`].
    pub twin: &'a str,
    /// See [`Names::pointer`].
    pub pointer: &'a str,
    pub subject: &'a str,
    /// Which of the findings with all the rest equal.
    pub ordinal: usize,
}

impl Identity<'_> {
    /// 32 hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        // Lengths keep neighboring fields apart; the first field names this way of hashing.
        let ordinal = self.ordinal.to_string();
        let fields = [
            "verdikt/1",
            self.rule,
            self.file,
            self.platform,
            self.address,
            self.twin,
            self.pointer,
            self.subject,
            &ordinal,
        ];
        for field in fields {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field.as_bytes());
        }
        let digest: [u8; 32] = hash.finalize().into();
        hex(&digest)[..32].to_owned()
    }
}

/// Bytes as hexadecimal digits. Every finding has some, so that formatting macros would be felt.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests;
