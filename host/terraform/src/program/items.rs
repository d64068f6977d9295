//! What was evaluated as a list of [`Item`]s.

use verdikt_model::Span;

use super::address::within;
use super::body::{Built, build};
use super::repeat::Each;
use super::world::{Called, Instance, World};
use super::{IgnoreChanges, Item, ItemKind};
use crate::config::{ModuleCall, Output, Provider, Variable};
use crate::syntax::{Argument, Block, Body, Name};
use crate::value::{Member, Value};

impl World<'_> {
    /// Everything that the module instances declare.
    pub(super) fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for instance in &self.instances {
            let module = &instance.module;
            items.extend(self.settings(instance));
            items.extend(module.providers.iter().map(|provider| self.provider(instance, provider)));
            for ((_, variable), value) in module.variables.iter().zip(&instance.variables) {
                let value = value.as_ref().map(|variable| variable.value.clone());
                items.push(self.variable_item(instance, variable, value));
            }
            for ((_, local), value) in module.locals.iter().zip(&instance.locals) {
                let body =
                    value.clone().map(|value| member("value", Some(local.name.span), value.or_at(local.value.span)));
                let body = Value::object(body.into_iter().collect()).at(local.span);
                items.push(item(instance, ItemKind::Local, "local.", &local.name, local.span, body));
            }
            for ((_, call), called) in module.calls.iter().zip(&instance.calls) {
                items.extend(called.iter().flat_map(|called| self.calls(instance, call, called)));
            }
            items.extend(resources(instance));
            for ((_, output), value) in module.outputs.iter().zip(&instance.outputs) {
                items.push(self.output_item(instance, output, value.clone()));
            }
        }
        items
    }

    /// The arguments of a block but for some, as they are.
    fn plain_arguments(&self, instance: &Instance, body: &Body, without: &[&str]) -> Vec<Member> {
        let scope = self.scope_of(instance, &Each::Once);
        let arguments = body.arguments().filter(|argument| !without.contains(&&*argument.name.text));
        arguments
            .map(|Argument { name, value, .. }| {
                member(&name.text, Some(name.span), self.evaluate(value, &scope).or_at(value.span))
            })
            .collect()
    }

    fn variable_item(&self, instance: &Instance, variable: &Variable, value: Option<Value>) -> Item {
        let mut members = self.plain_arguments(instance, &variable.body, &["type"]);
        if let Some(constraint) = variable.body.argument("type") {
            let ty = variable.constraint.as_ref().map(|constraint| constraint.ty.to_string()).unwrap_or_default();
            members.push(member("type", Some(constraint.name.span), Value::string(ty).at(constraint.value.span)));
        }
        members.extend(value.map(|value| member("value", None, value)));
        let body = Value::object(members).at(variable.body.span);
        item(instance, ItemKind::Variable, "var.", &variable.name, variable.span, body)
    }

    fn output_item(&self, instance: &Instance, output: &Output, value: Option<Value>) -> Item {
        let mut members = self.plain_arguments(instance, &output.body, &["value", "depends_on"]);
        let span = output.body.argument("value").map(|argument| argument.name.span);
        members.extend(value.map(|value| member("value", span, value)));
        let body = Value::object(members).at(output.body.span);
        item(instance, ItemKind::Output, "output.", &output.name, output.span, body)
    }

    fn provider(&self, instance: &Instance, provider: &Provider) -> Item {
        let kind = ItemKind::Provider(provider.name.text.to_string());
        let mut item = self.block_item(instance, kind, "provider.", &provider.name, provider.span, &provider.body);
        if let Some(alias) = &provider.alias {
            item.address = format!("{}.{alias}", item.address);
        }
        item
    }

    fn settings(&self, instance: &Instance) -> Vec<Item> {
        let settings =
            |block: &Block| self.block_item(instance, ItemKind::Settings, "", &block.kind, block.span, &block.body);
        instance.module.settings.iter().map(settings).collect()
    }

    /// A block that is there once.
    fn block_item(
        &self,
        instance: &Instance,
        kind: ItemKind,
        prefix: &str,
        name: &Name,
        span: Span,
        body: &Body,
    ) -> Item {
        let mut item = item(instance, kind, prefix, name, span, Value::null());
        let Built { body: value, references, .. } = build(self.scope_of(instance, &Each::Once), body, &item.address);
        item.body = value;
        item.references = references;
        item.complete = body.complete;
        item
    }

    /// A module call, for each of its instances.
    fn calls(&self, instance: &Instance, call: &ModuleCall, called: &Called) -> Vec<Item> {
        let mut settings = Vec::new();
        if let Some(source) = &call.source {
            let text = source.text.as_deref().map(Value::from);
            settings.extend(text.map(|text| member("source", Some(source.span), text.at(source.span))));
        }
        if let Some(version) = &call.version {
            let value = self.evaluate(version, &self.scope_of(instance, &Each::Once));
            settings.push(member("version", Some(version.span), value.or_at(version.span)));
        }
        let call_item = |key: Option<super::Key>, each: &Each| {
            let mut item = item(instance, ItemKind::Module, "module.", &call.name, call.span, Value::null());
            if let Some(key) = &key {
                item.address.push_str(&key.to_string());
            }
            item.key = key;
            item.unknown_number = called.kind.unknown_number().cloned();
            let built = build(self.scope_of(instance, each), &call.arguments, &item.address);
            let mut members: Vec<Member> = built.body.members().collect();
            members.extend(settings.iter().cloned());
            item.body = Value::object(members).at(call.arguments.span);
            item.references = built.references;
            item.complete = call.arguments.complete;
            item
        };
        if called.unread.is_some() {
            // How often it is there was not asked.
            let repetition = self.repetition(instance, &call.repeat);
            let unknown = repetition.kind.unknown_number().cloned();
            let mut items: Vec<Item> =
                repetition.instances.into_iter().map(|(key, each)| call_item(key, &each)).collect();
            items.iter_mut().for_each(|item| item.unknown_number = unknown.clone());
            return items;
        }
        let each = |child: usize| self.instances[child].caller.as_ref().map_or(&Each::Once, |caller| &caller.each);
        called.instances.iter().map(|(key, child)| call_item(key.clone(), each(*child))).collect()
    }
}

fn resources(instance: &Instance) -> impl Iterator<Item = Item> {
    let resources = instance.module.resources.iter().zip(&instance.resources);
    resources.flat_map(move |((local, resource), expanded)| {
        expanded.iter().flat_map(move |expanded| {
            expanded.instances.iter().map(move |one| {
                let address = within(&instance.address, local);
                Item {
                    address: one.key.as_ref().map_or_else(|| address.clone(), |key| format!("{address}{key}")),
                    module: instance.address.clone(),
                    kind: ItemKind::Resource(resource.mode, resource.kind.text.to_string()),
                    name: resource.name.text.to_string(),
                    key: one.key.clone(),
                    span: resource.span,
                    body: one.body.clone(),
                    references: one.references.clone(),
                    ignore_changes: one.ignore_changes.clone(),
                    unknown_number: expanded.kind.unknown_number().cloned(),
                    complete: resource.body.complete,
                }
            })
        })
    })
}

fn item(instance: &Instance, kind: ItemKind, prefix: &str, name: &Name, span: Span, body: Value) -> Item {
    Item {
        address: within(&instance.address, format_args!("{prefix}{}", name.text)),
        module: instance.address.clone(),
        kind,
        name: name.text.to_string(),
        key: None,
        span,
        body,
        references: Vec::new(),
        ignore_changes: IgnoreChanges::None,
        unknown_number: None,
        complete: true,
    }
}

fn member(key: &str, key_span: Option<Span>, value: Value) -> Member {
    Member { key: key.into(), key_span, value }
}
