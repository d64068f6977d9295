//! The workload of a task definition: one container.
//!
//! Field names and types are those of `ContainerDefinition` in the Amazon ECS API reference, and so is
//! what they mean; where it sends readers on to Docker, Docker's documentation counts.

use verdikt_model::{NodeId, NodeRef};

use crate::ecs::task;
use crate::workload::Shape::{self, Bool, Integer, List, Map, Object, Text};
use crate::workload::{Derivation, Fields, Member, Section, image, is_placeholder, whole_number};

const TEXTS: Shape = List(&Text);
const HEALTH_CHECK: Shape = Object(&[
    ("command", TEXTS),
    ("interval", Integer),
    ("timeout", Integer),
    ("retries", Integer),
    ("startPeriod", Integer),
]);
const DEVICES: Shape = List(&Object(&[("hostPath", Text), ("containerPath", Text), ("permissions", TEXTS)]));
const PORTS: Shape = List(&Object(&[
    ("containerPort", Integer),
    ("hostPort", Integer),
    ("protocol", Text),
    ("name", Text),
    ("appProtocol", Text),
    ("containerPortRange", Text),
]));
const LOG_ROUTER: Shape = Object(&[("type", Text), ("options", Map(&Text))]);
const SECRETS: Shape = List(&Object(&[("name", Text), ("valueFrom", Text)]));

/// Derives one element of `containerDefinitions`.
pub(super) fn derive(derivation: &mut Derivation<'_>, node: NodeRef<'_>) -> NodeId {
    if node.unknown_entry("$any").is_some() {
        let each = derivation.each_alternative(node, |derivation, one| Some(derive(derivation, one)));
        return each.unwrap_or_else(|| derivation.unknown_whole(node));
    }
    if !node.is_map() && node.known_entries().next().is_none() {
        return derivation.fit(node, Object(&[]), "containerDefinitions");
    }
    let container = derivation.open(node, "containerDefinitions");
    let mut out = Fields::default();
    derivation.take(&mut out, "name", container, "name", Text);
    let role = derivation.text("main", node);
    derivation.put(&mut out, "role", role);
    derivation.take(&mut out, "essential", container, "essential", Bool);
    let image = image::derive(derivation, container, "image");
    derivation.put_some(&mut out, "image", image);
    for (to, from, shape) in [
        ("command", "entryPoint", TEXTS),
        ("args", "command", TEXTS),
        ("workingDir", "workingDirectory", Text),
        ("stdin", "interactive", Bool),
        ("tty", "pseudoTerminal", Bool),
        ("privileged", "privileged", Bool),
    ] {
        derivation.take(&mut out, to, container, from, shape);
    }
    let user = user(derivation, container);
    derivation.put_some(&mut out, "user", user);
    let escalation = privilege_escalation(derivation, container);
    derivation.put_some(&mut out, "allowPrivilegeEscalation", escalation);
    derivation.take(&mut out, "readOnlyRootFilesystem", container, "readonlyRootFilesystem", Bool);
    let linux = derivation.section(container, "linuxParameters");
    derivation.take(&mut out, "capabilities", linux, "capabilities", Object(&[("add", TEXTS), ("drop", TEXTS)]));
    derivation.take(&mut out, "securityOptions", container, "dockerSecurityOptions", TEXTS);
    let sysctls = renamed_list(derivation, container, "systemControls", &[("namespace", "name"), ("value", "value")]);
    derivation.put_some(&mut out, "sysctls", sysctls);
    resources(derivation, &mut out, container, node);
    let env =
        derivation.gather([(container, "environment"), (container, "secrets")], |derivation, part, item, items| {
            items.push(if part == 0 { variable(derivation, item) } else { secret(derivation, item) });
        });
    derivation.put_some(&mut out, "env", env);
    let files = derivation.gather([(container, "environmentFiles")], |derivation, _, item, items| {
        let file = derivation.fit(item, Object(&[("value", Text), ("type", Text)]), "environmentFiles");
        let mut fields = Fields::default();
        derivation.put(&mut fields, "file", file);
        items.push(derivation.map(fields, item));
    });
    derivation.put_some(&mut out, "envFrom", files);
    derivation.take(&mut out, "ports", container, "portMappings", PORTS);
    let mounts = renamed_list(
        derivation,
        container,
        "mountPoints",
        &[("sourceVolume", "name"), ("containerPath", "mountPath"), ("readOnly", "readOnly")],
    );
    derivation.put_some(&mut out, "mounts", mounts);
    derivation.take(&mut out, "devices", linux, "devices", DEVICES);
    let mut probes = Fields::default();
    derivation.take(&mut probes, "health", container, "healthCheck", HEALTH_CHECK);
    derivation.put_map(&mut out, "probes", probes, Some(node));
    let log = derivation.section(container, "logConfiguration");
    let mut logging = Fields::default();
    derivation.take(&mut logging, "driver", log, "logDriver", Text);
    derivation.take(&mut logging, "options", log, "options", Map(&Text));
    derivation.take(&mut logging, "secretOptions", log, "secretOptions", SECRETS);
    derivation.put_map(&mut out, "logging", logging, log.node());
    derivation.take(&mut out, "logRouter", container, "firelensConfiguration", LOG_ROUTER);
    derivation.map(out, node)
}

/// `user` is `name`, `uid`, `name:group` or any mixture. What Go's `strconv.Atoi` reads is a number,
/// as in github.com/moby/sys/user: `00` is root.
fn user(derivation: &mut Derivation<'_>, container: Section<'_>) -> Option<NodeId> {
    let node = match container.member("user") {
        Member::Known { node, .. } => node,
        _ => return derivation.value(container, "user", Text),
    };
    if node.is_unknown() {
        return derivation.each_alternative(node, |derivation, node| {
            if node.is_unknown() { Some(derivation.unknown_whole(node)) } else { identity(derivation, node) }
        });
    }
    identity(derivation, node)
}

/// The user of a text that is known.
fn identity(derivation: &mut Derivation<'_>, node: NodeRef<'_>) -> Option<NodeId> {
    let Some(text) = node.as_str().filter(|text| !is_placeholder(text)) else {
        return Some(derivation.fit_word(node, "user"));
    };
    let (user, group) = text.split_once(':').unwrap_or((text, ""));
    let mut fields = Fields::default();
    for (part, number_key, name_key) in [(user, "uid", "name"), (group, "gid", "group")] {
        match part.parse::<i64>().ok().filter(|number| *number >= 0) {
            _ if part.is_empty() => {}
            Some(number) => {
                let number = derivation.number(number, node);
                derivation.put(&mut fields, number_key, number);
            }
            None => {
                let name = derivation.text(part, node);
                derivation.put(&mut fields, name_key, name);
            }
        }
    }
    (!fields.is_empty()).then(|| derivation.map(fields, node))
}

/// False when the container runs under `no-new-privileges`; else nothing is stated: Docker has no
/// option that would say true. Docker reads `no-new-privileges`, `…:true` and `…=true`
/// (`parseSecurityOpt` in github.com/moby/moby/daemon).
fn privilege_escalation(derivation: &mut Derivation<'_>, container: Section<'_>) -> Option<NodeId> {
    const OPTIONS: [&str; 3] = ["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"];
    let list = match container.member("dockerSecurityOptions") {
        Member::Absent => return None,
        Member::Unknown { leaf, node } => return Some(derivation.unknown_leaf(leaf, node)),
        Member::Known { node, .. } if node.is_list() => node,
        // A wrong type is reported with the list itself.
        Member::Known { node, .. } => return Some(derivation.quietly(|derivation| derivation.fit(node, TEXTS, ""))),
    };
    if let Some(option) = list.items().find(|item| item.as_str().is_some_and(|text| OPTIONS.contains(&text))) {
        return Some(derivation.bool(false, option));
    }
    let hidden = list.items().find(|item| item.as_str().is_none() && !item.is_null())?;
    Some(derivation.unknown("an element of `dockerSecurityOptions` is not known", hidden))
}

/// Container-level `memory` (hard), `memoryReservation` and `cpu` are integers: MiB and CPU units.
fn resources(derivation: &mut Derivation<'_>, out: &mut Fields, container: Section<'_>, node: NodeRef<'_>) {
    let mebibytes = |amount: u64| if amount == 0 { "0".to_owned() } else { format!("{amount}Mi") };
    let mut limits = Fields::default();
    let memory = size(derivation, container, "memory", mebibytes);
    derivation.put_some(&mut limits, "memory", memory);
    let mut requests = Fields::default();
    let reservation = size(derivation, container, "memoryReservation", mebibytes);
    derivation.put_some(&mut requests, "memory", reservation);
    let cpu = size(derivation, container, "cpu", task::cpu_units);
    derivation.put_some(&mut requests, "cpu", cpu);
    let mut fields = Fields::default();
    derivation.put_map(&mut fields, "limits", limits, Some(node));
    derivation.put_map(&mut fields, "requests", requests, Some(node));
    derivation.put_map(out, "resources", fields, Some(node));
}

fn size(
    derivation: &mut Derivation<'_>,
    container: Section<'_>,
    key: &str,
    write: impl Fn(u64) -> String,
) -> Option<NodeId> {
    let Member::Known { node, .. } = container.member(key) else {
        return derivation.value(container, key, Integer);
    };
    derivation.each_alternative(node, |derivation, node| {
        let amount = node.as_number().and_then(whole_number).and_then(|amount| u64::try_from(amount).ok());
        Some(match amount {
            Some(amount) => derivation.text(&write(amount), node),
            None if node.is_unknown() => derivation.fit(node, Integer, key),
            None => derivation.wrong_type(node, "a whole number", key),
        })
    })
}

fn variable(derivation: &mut Derivation<'_>, item: NodeRef<'_>) -> NodeId {
    derivation.fit(item, Object(&[("name", Text), ("value", Text)]), "environment")
}

/// A secret's `valueFrom` is a name or an ARN.
fn secret(derivation: &mut Derivation<'_>, item: NodeRef<'_>) -> NodeId {
    if item.is_unknown() {
        return derivation.unknown_whole(item);
    }
    if !item.is_map() {
        return derivation.fit(item, Object(&[]), "secrets");
    }
    let section = Section::Map(item);
    let mut fields = Fields::default();
    derivation.take(&mut fields, "name", section, "name", Text);
    let mut from = Fields::default();
    derivation.take(&mut from, "secret", section, "valueFrom", Text);
    let source = item.get("valueFrom").unwrap_or(item);
    derivation.put_map(&mut fields, "valueFrom", from, Some(source));
    derivation.map(fields, item)
}

/// A list of maps whose members have other names in the workload.
fn renamed_list(
    derivation: &mut Derivation<'_>,
    container: Section<'_>,
    key: &str,
    names: &[(&str, &str)],
) -> Option<NodeId> {
    derivation.gather([(container, key)], |derivation, _, item, items| {
        if !item.is_map() {
            let whole = item.is_unknown();
            items.push(if whole { derivation.unknown_whole(item) } else { derivation.fit(item, Object(&[]), key) });
            return;
        }
        let section = Section::Map(item);
        let mut fields = Fields::default();
        for (from, to) in names {
            let shape = if *from == "readOnly" { Bool } else { Text };
            derivation.take(&mut fields, to, section, from, shape);
        }
        items.push(derivation.map(fields, item));
    })
}
