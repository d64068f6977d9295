//! Members of a task definition that are written in other letter case than in the ECS API.
//!
//! Who reads the file decides what they are: the AWS CLI refuses a name that it does not know
//! (botocore/validate.py), while programs in Go, such as Terraform's provider with its
//! `container_definitions`, match names whatever their case (<https://pkg.go.dev/encoding/json#Unmarshal>)
//! and run a container that says `"Privileged": true` in privileged mode. So what such a member decides
//! is unknown, and a warning says so; nothing passes for its absence.

use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, Entry, NodeId, NodeRef, Tree, TreeBuilder};

use crate::ecs::schema::{Kind, Object, Property, TASK_DEFINITION};

/// The task definition with the members that somebody means unknown in place of those that are
/// misspelled. Nearly always it is its own.
pub(super) fn corrected(tree: Arc<Tree>, root: NodeId, diagnostics: &mut Vec<Diagnostic>) -> (Arc<Tree>, NodeId) {
    let kind = Kind::Object(&TASK_DEFINITION);
    let before = diagnostics.len();
    report(tree.node(root), kind, diagnostics);
    if diagnostics.len() == before {
        return (tree, root);
    }
    let mut builder = TreeBuilder::new();
    let root = copy(&mut builder, tree.node(root), kind);
    (Arc::new(builder.finish()), root)
}

/// The property that a member in other letter case stands for.
fn meant(object: &'static Object, key: &str) -> Option<&'static Property> {
    object.meant_property(key).filter(|property| !property.is_called(key))
}

// Both recursions are as deep as the schema.

fn report(node: NodeRef<'_>, kind: Kind, diagnostics: &mut Vec<Diagnostic>) {
    match kind {
        Kind::List(kind) => node.items().for_each(|item| report(item, *kind, diagnostics)),
        Kind::Object(object) => {
            for (key, key_span, member) in node.keyed_entries() {
                let Some(property) = object.meant_property(key) else { continue };
                if property.is_called(key) {
                    report(member, property.kind, diagnostics);
                    continue;
                }
                let message = format!(
                    "`{key}` is not how the ECS API writes `{name}`: the AWS CLI refuses it, and Terraform takes it for \
                     `{name}`. Write it so; what it decides is unknown.",
                    name = property.api_name()
                );
                diagnostics.push(Diagnostic::at(Code::UnknownProperty, key_span, message));
            }
        }
        _ => {}
    }
}

fn copy(builder: &mut TreeBuilder, node: NodeRef<'_>, kind: Kind) -> NodeId {
    match kind {
        Kind::List(kind) if node.is_list() => {
            let items: Vec<NodeId> = node.items().map(|item| copy(builder, item, *kind)).collect();
            builder.list(node.span(), &items)
        }
        Kind::Object(object) if node.is_map() => {
            let misspelled: Vec<&Property> = node.entries().filter_map(|(key, _)| meant(object, key)).collect();
            let mut entries: Vec<Entry> = Vec::with_capacity(node.entries().len());
            for (key, key_span, member) in node.keyed_entries() {
                let (key, member) = match object.meant_property(key) {
                    Some(property) if !property.is_called(key) => {
                        let why = format!("it is written `{key}`, which not every program takes for it");
                        (property.api_name(), builder.unknown(member.span(), &why, &[]))
                    }
                    // Which of two spellings counts depends on the program, too.
                    Some(property) if misspelled.iter().any(|other| std::ptr::eq(*other, property)) => continue,
                    Some(property) => (key.to_owned(), copy(builder, member, property.kind)),
                    None => (key.to_owned(), builder.copy(member)),
                };
                // Two wrong spellings of one name are one unknown value.
                if !entries.iter().any(|entry| builder.key(entry) == key) {
                    entries.push(builder.entry(&key, key_span, member));
                }
            }
            builder.map(node.span(), &entries)
        }
        _ => builder.copy(node),
    }
}
