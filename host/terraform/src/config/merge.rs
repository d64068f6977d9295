//! Override files: what they declare replaces parts of what the other files declare.
//!
//! As `internal/configs/module_merge.go` and `module_merge_body.go` of Terraform have it: arguments are
//! replaced one by one, nested blocks all of one kind at once, and `lifecycle` by its arguments.

use verdikt_model::{Code, Diagnostic};

use super::read::Declared;
use super::{Module, ModuleCall, Output, Provider, Repeat, Resource, Variable};
use crate::syntax::{Argument, Block, Body, Item, Name};

/// Lets the declarations of an override file replace those of the module.
pub(super) fn merge(module: &mut Module, declared: Declared) {
    module.files.extend(declared.file);
    module.diagnostics.extend(declared.diagnostics);
    let diagnostics = &mut module.diagnostics;
    let mut alone = |what: &str, name: &Name| {
        let message = format!(
            "This file overrides others, but {what} `{}` is declared in none of them; move it to a file with another name.",
            name.text
        );
        diagnostics.push(Diagnostic::at(Code::TerraformRefuses, name.span, message));
    };
    for variable in declared.variables {
        match module.variables.get_mut(&variable.name.text) {
            Some(base) => merge_variable(base, variable),
            None => {
                alone("the variable", &variable.name);
                module.variables.add(variable.name.text.clone(), variable);
            }
        }
    }
    for local in declared.locals {
        match module.locals.get_mut(&local.name.text) {
            Some(base) => *base = local,
            None => {
                alone("the local value", &local.name);
                module.locals.add(local.name.text.clone(), local);
            }
        }
    }
    for output in declared.outputs {
        match module.outputs.get_mut(&output.name.text) {
            Some(base) => merge_output(base, output),
            None => {
                alone("the output", &output.name);
                module.outputs.add(output.name.text.clone(), output);
            }
        }
    }
    for call in declared.calls {
        match module.calls.get_mut(&call.name.text) {
            Some(base) => merge_call(base, call),
            None => {
                alone("the module call", &call.name);
                module.calls.add(call.name.text.clone(), call);
            }
        }
    }
    for resource in declared.resources {
        let address = resource.local_address();
        match module.resources.get_mut(&address) {
            Some(base) => merge_resource(base, resource),
            None => {
                alone("the resource", &resource.name);
                module.resources.add(address, resource);
            }
        }
    }
    for provider in declared.providers {
        let same = |base: &&mut Provider| base.name.text == provider.name.text && base.alias == provider.alias;
        match module.providers.iter_mut().find(same) {
            Some(base) => merge_body(&mut base.body, provider.body),
            // A default configuration may be given here alone (`Module.mergeFile`).
            None => module.providers.push(provider),
        }
    }
    // Which of several settings count is decided by kind of setting; none of them is a value of others.
    module.settings.extend(declared.settings);
}

fn merge_variable(base: &mut Variable, new: Variable) {
    base.constraint = new.constraint.or(base.constraint.take());
    base.default = new.default.or(base.default.take());
    base.sensitive = new.sensitive.or(base.sensitive);
    base.ephemeral = new.ephemeral.or(base.ephemeral);
    base.nullable = new.nullable.or(base.nullable);
    merge_body(&mut base.body, new.body);
}

fn merge_output(base: &mut Output, new: Output) {
    base.value = new.value.or(base.value.take());
    base.sensitive = new.sensitive.or(base.sensitive);
    base.ephemeral = new.ephemeral.or(base.ephemeral);
    merge_body(&mut base.body, new.body);
}

fn merge_call(base: &mut ModuleCall, new: ModuleCall) {
    base.source = new.source.or(base.source.take());
    base.version = new.version.or(base.version.take());
    base.providers = new.providers.or(base.providers.take());
    merge_repeat(&mut base.repeat, new.repeat);
    merge_body(&mut base.arguments, new.arguments);
}

fn merge_resource(base: &mut Resource, new: Resource) {
    base.provider = new.provider.or(base.provider.take());
    merge_repeat(&mut base.repeat, new.repeat);
    merge_body(&mut base.body, new.body);
}

fn merge_repeat(base: &mut Repeat, new: Repeat) {
    if !matches!(new, Repeat::Once) {
        *base = new;
    }
}

/// Arguments replace those of the same name, where they stand. Blocks replace all blocks of the same kind,
/// written out or `dynamic`. Only `lifecycle` is merged: Terraform itself reads it, argument by argument.
fn merge_body(base: &mut Body, new: Body) {
    base.complete &= new.complete;
    let replaced: Vec<Box<str>> =
        new.blocks().filter(|block| !is_lifecycle(block)).map(|block| kind(block).into()).collect();
    base.items.retain(|item| match item {
        Item::Argument(_) => true,
        Item::Block(block) => !replaced.iter().any(|replaced| **replaced == *kind(block)),
    });
    for item in new.items {
        match item {
            Item::Argument(argument) => match argument_mut(base, &argument.name.text) {
                Some(old) => *old = argument,
                None => base.items.push(Item::Argument(argument)),
            },
            Item::Block(block) if is_lifecycle(&block) => match lifecycle_mut(base) {
                Some(old) => merge_body(&mut old.body, block.body),
                None => base.items.push(Item::Block(block)),
            },
            Item::Block(block) => base.items.push(Item::Block(block)),
        }
    }
}

fn is_lifecycle(block: &Block) -> bool {
    &*block.kind.text == "lifecycle" && block.labels.is_empty()
}

/// What a block becomes a part of: the label of a dynamic one.
fn kind(block: &Block) -> &str {
    match &block.labels[..] {
        [label] if &*block.kind.text == "dynamic" => &label.text,
        _ => &block.kind.text,
    }
}

fn argument_mut<'b>(body: &'b mut Body, name: &str) -> Option<&'b mut Argument> {
    body.items.iter_mut().find_map(|item| match item {
        Item::Argument(argument) if &*argument.name.text == name => Some(argument),
        _ => None,
    })
}

fn lifecycle_mut(body: &mut Body) -> Option<&mut Block> {
    body.items.iter_mut().find_map(|item| match item {
        Item::Block(block) if is_lifecycle(block) => Some(block),
        _ => None,
    })
}
