//! The workload of a task definition: what the task says as a whole.
//!
//! Field names and types are those of `RegisterTaskDefinition` and `TaskDefinition` in the Amazon ECS
//! API reference.

use verdikt_model::{NodeId, NodeRef};

use crate::ecs::container;
use crate::workload::{Derivation, Fields, Member, Section, Shape, is_placeholder};

const TEXTS: Shape = Shape::List(&Shape::Text);

/// Derives the workload of a task definition's body.
pub(super) fn derive(derivation: &mut Derivation<'_>, body: NodeRef<'_>) -> Fields {
    let task = Section::Map(body);
    let mut out = Fields::default();
    let platform = derivation.text("ecs", body);
    derivation.put(&mut out, "platform", platform);
    let kind = derivation.text(super::KIND, body);
    derivation.put(&mut out, "kind", kind);
    // A wrong type was reported when the definition was named.
    derivation.quietly(|derivation| derivation.take(&mut out, "name", task, "family", Shape::Text));
    let labels = labels(derivation, task);
    derivation.put_some(&mut out, "labels", labels);
    operating_system(derivation, &mut out, task);
    derivation.take(&mut out, "compatibilities", task, "requiresCompatibilities", TEXTS);
    let fargate = fargate(derivation, task);
    derivation.put_some(&mut out, "fargate", fargate);
    for (to, from) in [("hostNetwork", "networkMode"), ("hostPID", "pidMode"), ("hostIPC", "ipcMode")] {
        let host = is_host(derivation, task, from);
        derivation.put_some(&mut out, to, host);
    }
    for key in ["networkMode", "pidMode", "ipcMode"] {
        derivation.take(&mut out, key, task, key, Shape::Text);
    }
    derivation.take(&mut out, "taskRole", task, "taskRoleArn", Shape::Text);
    derivation.take(&mut out, "executionRole", task, "executionRoleArn", Shape::Text);
    let mut limits = Fields::default();
    for (key, read) in [("memory", memory as fn(&str) -> Option<String>), ("cpu", cpu)] {
        let size = task_size(derivation, task, key, read);
        derivation.put_some(&mut limits, key, size);
    }
    let mut resources = Fields::default();
    derivation.put_map(&mut resources, "limits", limits, Some(body));
    derivation.put_map(&mut out, "resources", resources, Some(body));
    let volumes = derivation.gather([(task, "volumes")], |derivation, _, item, items| volume(derivation, item, items));
    derivation.put_some(&mut out, "volumes", volumes);
    let containers = derivation.gather([(task, "containerDefinitions")], |derivation, _, item, items| {
        items.push(container::derive(derivation, item));
    });
    derivation.put_some(&mut out, "containers", containers);
    out
}

/// Tags as a map. It is unknown as a whole when a key is: a rule that looks for a tag cannot say
/// that it is absent then.
fn labels(derivation: &mut Derivation<'_>, task: Section<'_>) -> Option<NodeId> {
    let tags = match task.member("tags") {
        Member::Absent => return None,
        Member::Unknown { leaf, node } => return Some(derivation.unknown_leaf(leaf, node)),
        Member::Known { node, .. } => node,
    };
    if !tags.is_list() {
        return Some(derivation.fit(tags, Shape::List(&Shape::Any), "tags"));
    }
    let mut fields = Fields::default();
    for tag in tags.items() {
        if !tag.is_map() {
            return Some(derivation.fit(tag, Shape::Object(&[]), "tags"));
        }
        let section = Section::Map(tag);
        match section.member("key") {
            Member::Known { node, .. } => match node.as_str() {
                Some(key) => derivation.take(&mut fields, key, section, "value", Shape::Text),
                None => return Some(derivation.fit(node, Shape::Text, "key")),
            },
            Member::Absent | Member::Unknown { .. } => {}
        }
    }
    Some(derivation.map(fields, tags))
}

/// `runtimePlatform.operatingSystemFamily` is `LINUX` or one of several that begin with `WINDOWS`.
fn operating_system(derivation: &mut Derivation<'_>, out: &mut Fields, task: Section<'_>) {
    const FIELD: &str = "operatingSystemFamily";
    let runtime = derivation.section(task, "runtimePlatform");
    let (Member::Known { node, .. } | Member::Unknown { node, .. }) = runtime.member(FIELD) else {
        return;
    };
    let os = match (runtime.member(FIELD), node.as_str()) {
        (Member::Known { .. }, Some(family)) if family.starts_with("WINDOWS") => derivation.text("windows", node),
        (Member::Known { .. }, Some("LINUX")) => derivation.text("linux", node),
        (Member::Known { .. }, Some(_)) => return,
        _ => match derivation.value(runtime, FIELD, Shape::Text) {
            Some(unknown) => unknown,
            None => return,
        },
    };
    derivation.put(out, "os", os);
    let source = derivation.text("runtimePlatform", node);
    derivation.put(out, "osSource", source);
}

/// Whether the definition can run on Fargate only. An empty list means the default, which is EC2.
fn fargate(derivation: &mut Derivation<'_>, task: Section<'_>) -> Option<NodeId> {
    let node = match task.member("requiresCompatibilities") {
        Member::Absent => return None,
        Member::Unknown { leaf, node } => return Some(derivation.unknown_leaf(leaf, node)),
        Member::Known { node, .. } if node.is_list() => node,
        // A wrong type was reported with the list itself.
        Member::Known { node, .. } => return Some(derivation.quietly(|derivation| derivation.fit(node, TEXTS, ""))),
    };
    if node.items().any(|item| item.as_str().is_some_and(|name| name != "FARGATE")) || node.items().len() == 0 {
        return Some(derivation.bool(false, node));
    }
    match node.items().find(|item| item.as_str().is_none()) {
        Some(_) => Some(derivation.unknown("an element of `requiresCompatibilities` is not known", node)),
        None => Some(derivation.bool(true, node)),
    }
}

/// Whether a mode shares a namespace of the host.
fn is_host(derivation: &mut Derivation<'_>, task: Section<'_>, key: &str) -> Option<NodeId> {
    // A wrong type is reported with the mode itself.
    derivation.quietly(|derivation| {
        let Member::Known { node, .. } = task.member(key) else {
            return derivation.value(task, key, Shape::Text);
        };
        derivation.each_alternative(node, |derivation, node| {
            Some(match node.as_str() {
                Some(mode) if !is_placeholder(mode) => derivation.bool(mode == "host", node),
                _ => derivation.fit_word(node, key),
            })
        })
    })
}

/// Task-level `cpu` and `memory`: strings in the API, while consoles and templates write numbers too.
fn task_size(
    derivation: &mut Derivation<'_>,
    task: Section<'_>,
    key: &str,
    read: fn(&str) -> Option<String>,
) -> Option<NodeId> {
    let Member::Known { node, .. } = task.member(key) else {
        return derivation.value(task, key, Shape::Text);
    };
    derivation.each_alternative(node, |derivation, node| {
        let Some(text) = node.as_str().or(node.as_number()) else {
            return Some(derivation.fit(node, Shape::Text, key));
        };
        if let Some(size) = read(text) {
            return Some(derivation.text(&size, node));
        }
        let message = format!(
            "`{key}` of a task must be {}, which {} is not. Amazon ECS refuses the definition.",
            if key == "cpu" {
                "CPU units or vCPUs (such as \"256\" or \".25 vCPU\")"
            } else {
                "MiB or GB (such as \"512\" or \"1 GB\")"
            },
            if text.len() <= 40 { format!("`{text}`") } else { "this value".to_owned() },
        );
        Some(derivation.invalid(node, message, &format!("`{key}` is not a size")))
    })
}

/// MiB, or GB with a unit, as a Kubernetes quantity. A GB of ECS is 1024 MiB.
fn memory(text: &str) -> Option<String> {
    let mebibytes = match with_unit(text, "gb") {
        Some(amount) => decimal(amount, 1024)?,
        None => decimal(text.trim(), 1)?,
    };
    Some(format!("{mebibytes}Mi"))
}

/// CPU units, or vCPUs with a unit, as a Kubernetes quantity.
fn cpu(text: &str) -> Option<String> {
    match with_unit(text, "vcpu") {
        Some(amount) => Some(format!("{}m", decimal(amount, 1000)?)),
        None => Some(cpu_units(decimal(text.trim(), 1)?)),
    }
}

/// CPU units, of which a core has 1024, as a Kubernetes quantity in thousandths of a core, rounded up
/// as Kubernetes does. Nothing has no unit, so that messages show what people write.
pub(super) fn cpu_units(units: u64) -> String {
    if units == 0 {
        return "0".to_owned();
    }
    // In 128 bits nothing overflows.
    format!("{}m", (u128::from(units) * 1000).div_ceil(1024))
}

/// What stands before a unit, in any case and with or without a space.
fn with_unit<'a>(text: &'a str, unit: &str) -> Option<&'a str> {
    let text = text.trim();
    let at = text.len().checked_sub(unit.len())?;
    (text.is_char_boundary(at) && text[at..].eq_ignore_ascii_case(unit)).then(|| text[..at].trim_end())
}

/// A decimal number times `scale`, when that is whole; `.5`, `0.5` and `2` are decimal numbers.
fn decimal(text: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let divisor = 10_u128.pow(fraction.len() as u32);
    let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let scaled = (u128::from(whole) * divisor + u128::from(fraction)) * u128::from(scale);
    scaled.is_multiple_of(divisor).then_some(scaled / divisor).and_then(|value| u64::try_from(value).ok())
}

/// A volume, once for each source that it states. `host` with a path is what Kubernetes calls
/// `hostPath`; without one it is a folder of the task's own, an `emptyDir`, and does not count beside
/// another source, with which descriptions print it.
fn volume(derivation: &mut Derivation<'_>, node: NodeRef<'_>, items: &mut Vec<NodeId>) {
    if node.is_unknown() {
        items.push(derivation.unknown_whole(node));
        return;
    }
    if !node.is_map() {
        items.push(derivation.fit(node, Shape::Object(&[]), "volumes"));
        return;
    }
    let section = Section::Map(node);
    let name = derivation.value(section, "name", Shape::Text);
    let is_source = |key: &str, source: NodeRef<'_>| !matches!(key, "name" | "configuredAtLaunch") && !source.is_null();
    let mut found = 0;
    for (kind, _, source) in node.keyed_entries().filter(|(key, _, source)| is_source(key, *source)) {
        let mut fields = Fields::default();
        let shared = name.map(|name| derivation.share(name));
        derivation.put_some(&mut fields, "name", shared);
        if kind == "host" {
            let others = node.entries().any(|(key, source)| key != "host" && is_source(key, source));
            let host = derivation.quietly(|derivation| derivation.open(source, kind));
            let path = match host.member("sourcePath") {
                Member::Known { node, .. } if node.as_str() == Some("") => None,
                _ => derivation.quietly(|derivation| derivation.value(host, "sourcePath", Shape::Text)),
            };
            if path.is_none() && others {
                continue;
            }
            let kind = derivation.text(if path.is_some() { "hostPath" } else { "emptyDir" }, source);
            derivation.put(&mut fields, "type", kind);
            let raw = derivation.fit(source, Shape::Object(&[("sourcePath", Shape::Text)]), "host");
            derivation.put(&mut fields, "source", raw);
            derivation.put_some(&mut fields, "hostPath", path);
        } else {
            let kind_text = derivation.text(kind, source);
            derivation.put(&mut fields, "type", kind_text);
            let raw = derivation.fit(source, Shape::Object(&[]), kind);
            derivation.put(&mut fields, "source", raw);
        }
        found += 1;
        let built = derivation.map(fields, node);
        items.push(derivation.unless_absent(built, source));
    }
    if found == 0 {
        let mut fields = Fields::default();
        derivation.put_some(&mut fields, "name", name);
        items.push(derivation.map(fields, node));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_tasks() {
        for (text, expected) in [
            ("512", Some("512Mi")),
            ("1GB", Some("1024Mi")),
            ("1 GB", Some("1024Mi")),
            ("0.5 gb", Some("512Mi")),
            (".5GB", Some("512Mi")),
            ("1.5", None),
            ("GB", None),
            ("", None),
            (".", None),
            ("-1", None),
            ("1 MB", None),
            ("99999999999999999999", None),
            ("é", None),
        ] {
            assert_eq!(memory(text).as_deref(), expected, "memory {text}");
        }
        for (text, expected) in [
            ("256", Some("250m")),
            ("1024", Some("1000m")),
            ("10", Some("10m")),
            ("0", Some("0")),
            (".25 vCPU", Some("250m")),
            ("0.5vcpu", Some("500m")),
            ("4 vCPU", Some("4000m")),
            ("1 core", None),
        ] {
            assert_eq!(cpu(text).as_deref(), expected, "cpu {text}");
        }
        assert_eq!(cpu_units(u64::MAX), "18014398509481984000m");
    }
}
