//! What names mean in the blocks of a module instance.

use verdikt_model::{Code, Diagnostic};

use super::address::{Key, within};
use super::references::resource_address;
use super::repeat::{Each, RepetitionKind};
use super::world::{Called, Expanded, Instance, World};
use crate::evaluate::{EvaluationError, Reference, Resolved, Scope};
use crate::syntax::Step;
use crate::value::{Element, Known, Marks, Member, Type, Unknown, Value, What};

/// The names in a block.
pub(super) struct BlockScope<'w> {
    pub(super) world: &'w World<'w>,
    pub(super) instance: &'w Instance,
    pub(super) each: &'w Each,
    /// Of the `dynamic` blocks around, the innermost last.
    pub(super) iterators: Vec<Iteration>,
    /// `self`, where there is one.
    pub(super) own: Option<Value>,
}

/// An element that a `dynamic` block is made for.
#[derive(Clone)]
pub(super) struct Iteration {
    pub(super) name: Box<str>,
    pub(super) key: Value,
    pub(super) value: Value,
}

/// A scope without names: what a default or a value of a file of variables may refer to.
pub(super) struct NoScope;

impl Scope for NoScope {
    fn resolve(&self, reference: &Reference<'_>) -> Result<Resolved, EvaluationError> {
        Err(EvaluationError::new(reference.span, "nothing can be referred to here; write the value itself"))
    }
}

type Answer = Result<Resolved, EvaluationError>;

impl Scope for BlockScope<'_> {
    fn resolve(&self, reference: &Reference<'_>) -> Answer {
        let resolved = self.look_up(reference)?;
        match resolved.value.as_limit() {
            // All instances or outputs together may be more than a value holds. Of other values that was
            // told where they were made.
            Some(why) if !matches!(reference.root, "var" | "local" | "each") => {
                Err(EvaluationError::limit(reference.span, format!("this is {why}")))
            }
            _ => Ok(resolved),
        }
    }
}

impl BlockScope<'_> {
    fn look_up(&self, reference: &Reference<'_>) -> Answer {
        if let Some(iteration) = self.iterators.iter().rev().find(|iteration| &*iteration.name == reference.root) {
            return iterator(iteration, reference);
        }
        match reference.root {
            "var" => self.variable(reference),
            "local" => self.local(reference),
            "module" => self.module(reference),
            "each" => self.each(reference),
            "count" => match (self.each, first(reference)?) {
                (Each::Index(index), "index") => Ok(plain(index.clone())),
                (Each::Index(_), name) => {
                    Err(missing(reference, format!("`count` has no `{name}`, only `count.index`")))
                }
                _ => Err(missing(reference, "`count.index` has a value only in a block with `count`")),
            },
            "path" => self.path(reference),
            "terraform" => self.terraform(reference),
            "self" => match &self.own {
                Some(own) => Ok(Resolved { value: own.clone(), steps: 0, through: None }),
                None => Err(missing(reference, "`self` has a value only in a provisioner or connection of a resource")),
            },
            _ => self.resource(reference),
        }
    }
}

/// What Terraform refuses before it evaluates anything, so that `try` does not catch it. Files that were
/// scanned without those beside them are full of it.
fn undeclared(world: &World<'_>, reference: &Reference<'_>, steps: usize, name: String, what: &str) -> Answer {
    let message = format!("{what} `{name}` is not declared in this module; its value is taken as unknown.");
    world.tell(Diagnostic::at(Code::UndeclaredReference, reference.span, message));
    Ok(Resolved { value: Value::unknown(Unknown::reference("not declared", name)), steps, through: None })
}

fn missing(reference: &Reference<'_>, message: impl Into<String>) -> EvaluationError {
    EvaluationError::new(reference.span, message)
}

/// The name behind the first.
fn first<'a>(reference: &Reference<'a>) -> Result<&'a str, EvaluationError> {
    match reference.steps.first() {
        Some(Step::Attribute(name)) => Ok(&name.text),
        _ => Err(missing(reference, format!("`{0}` is no value by itself; write `{0}.NAME`", reference.root))),
    }
}

/// What is answered by one step and leads through nothing.
fn plain(value: Value) -> Resolved {
    Resolved { value, steps: 1, through: None }
}

fn iterator(iteration: &Iteration, reference: &Reference<'_>) -> Answer {
    let (value, through) = match first(reference)? {
        "key" => (&iteration.key, None),
        "value" => (&iteration.value, Some((What::Element, format!("{}.value", iteration.name).into()))),
        name => {
            let message = format!("`{0}` has no `{name}`, only `{0}.key` and `{0}.value`", iteration.name);
            return Err(missing(reference, message));
        }
    };
    Ok(Resolved { value: value.clone(), steps: 1, through })
}

/// What a thing refers to that is not evaluated yet, although everything before it was: only what is in a
/// circle.
fn in_circle(name: String) -> Value {
    Value::unknown(Unknown::reference("defined by itself, in a circle", name))
}

impl BlockScope<'_> {
    fn variable(&self, reference: &Reference<'_>) -> Answer {
        let name = first(reference)?;
        let Some(position) = self.instance.module.variables.position(name) else {
            return undeclared(self.world, reference, 1, format!("var.{name}"), "The variable");
        };
        let through = format!("var.{name}");
        let (what, value) = match &self.instance.variables[position] {
            Some(variable) => (variable.what, variable.value.clone()),
            None => (What::Variable, in_circle(through.clone())),
        };
        Ok(Resolved { value, steps: 1, through: Some((what, through.into())) })
    }

    fn local(&self, reference: &Reference<'_>) -> Answer {
        let name = first(reference)?;
        let Some(position) = self.instance.module.locals.position(name) else {
            return undeclared(self.world, reference, 1, format!("local.{name}"), "The local value");
        };
        let through = format!("local.{name}");
        let value = self.instance.locals[position].clone().unwrap_or_else(|| in_circle(through.clone()));
        Ok(Resolved { value, steps: 1, through: Some((What::Local, through.into())) })
    }

    fn each(&self, reference: &Reference<'_>) -> Answer {
        let Each::Element { key, value } = self.each else {
            return Err(missing(reference, "`each` has a value only in a block with `for_each`"));
        };
        match first(reference)? {
            "key" => Ok(plain(key.clone())),
            "value" => {
                Ok(Resolved { value: value.clone(), steps: 1, through: Some((What::Element, "each.value".into())) })
            }
            name => Err(missing(reference, format!("`each` has no `{name}`, only `each.key` and `each.value`"))),
        }
    }

    fn path(&self, reference: &Reference<'_>) -> Answer {
        match first(reference)? {
            "module" => Ok(plain(Value::string(self.instance.shown_folder.as_str()))),
            "root" => Ok(plain(Value::string("."))),
            "cwd" => Ok(plain(Value::unknown(
                Unknown::reference("the folder that Terraform runs in", "path.cwd").of_type(Type::String).not_null(),
            ))),
            name => {
                let message = format!("`path` has no `{name}`, only `path.module`, `path.root` and `path.cwd`");
                Err(missing(reference, message))
            }
        }
    }

    fn terraform(&self, reference: &Reference<'_>) -> Answer {
        match first(reference)? {
            "workspace" => Ok(plain(match &self.world.inputs.workspace {
                Some(workspace) => Value::string(workspace.as_str()),
                None => Value::unknown(
                    Unknown::reference("the workspace that Terraform is used in", "terraform.workspace")
                        .of_type(Type::String)
                        .not_null(),
                ),
            })),
            "applying" => Ok(plain(
                Value::unknown(
                    Unknown::reference("whether Terraform applies", "terraform.applying").of_type(Type::Bool),
                )
                .with_marks(Marks::EPHEMERAL),
            )),
            name => Err(missing(reference, format!("`terraform` has no `{name}`, only `terraform.workspace`"))),
        }
    }

    /// A managed resource, a data source or an ephemeral one.
    fn resource(&self, reference: &Reference<'_>) -> Answer {
        let Some((local, steps)) = resource_address(reference.root, reference.steps) else {
            let message = format!("`{}` is neither declared here nor the beginning of a reference", reference.root);
            return Err(missing(reference, message));
        };
        let Some(position) = self.instance.module.resources.position(&local) else {
            let what = if local.starts_with("data.") { "The data source" } else { "The resource" };
            return undeclared(self.world, reference, steps, within(&self.instance.address, local), what);
        };
        let address = within(&self.instance.address, &local);
        let Some(expanded) = &self.instance.resources[position] else {
            return Ok(Resolved { value: in_circle(address), steps, through: None });
        };
        self.instances(reference, steps, address, expanded)
    }

    /// One of the instances of a resource, or all.
    fn instances(&self, reference: &Reference<'_>, steps: usize, address: String, all: &Expanded) -> Answer {
        let through = |name: String| Some((What::Resource, name.into()));
        let found = match reference.steps.get(steps) {
            Some(Step::Index { key, .. }) => find(&all.kind, &reference.evaluate(key)?),
            _ => Found::Whole,
        };
        match found {
            Found::Whole => Ok(Resolved { value: all.whole(&address), steps, through: through(address) }),
            Found::Key(key) => match all.instances.iter().find(|instance| instance.key.as_ref() == Some(&key)) {
                Some(instance) => Ok(Resolved {
                    value: instance.view.clone(),
                    steps: steps + 1,
                    through: through(format!("{address}{key}")),
                }),
                None => Err(missing(reference, format!("`{address}` has no instance `{key}`"))),
            },
            Found::Representative => {
                let value = all.instances.first().map_or_else(Value::null, |instance| instance.view.clone());
                Ok(Resolved { value, steps: steps + 1, through: through(address) })
            }
        }
    }

    fn module(&self, reference: &Reference<'_>) -> Answer {
        let name = first(reference)?;
        let Some(position) = self.instance.module.calls.position(name) else {
            return undeclared(self.world, reference, 1, format!("module.{name}"), "The module call");
        };
        let local = format!("module.{name}");
        let address = within(&self.instance.address, &local);
        let Some(called) = &self.instance.calls[position] else {
            return Ok(Resolved { value: in_circle(address), steps: 1, through: None });
        };
        if let Some(unread) = &called.unread {
            let value = Value::unknown(Unknown::reference(unread.clone(), address));
            return Ok(Resolved { value, steps: 1, through: None });
        }
        let mut steps = 1;
        let mut shown = local;
        let found = match reference.steps.get(steps) {
            Some(Step::Index { key, .. }) => find(&called.kind, &reference.evaluate(key)?),
            _ if matches!(called.kind, RepetitionKind::Once) => Found::Representative,
            _ => Found::Whole,
        };
        let chosen = match &found {
            Found::Whole => None,
            Found::Representative => called.instances.first(),
            Found::Key(key) => match called.instances.iter().find(|(known, _)| known.as_ref() == Some(key)) {
                None => return Err(missing(reference, format!("`{address}` has no instance `{key}`"))),
                found => found,
            },
        };
        let Some((_, chosen)) = chosen else {
            return Ok(Resolved { value: self.outputs_of_all(called, &address), steps, through: None });
        };
        if matches!(reference.steps.get(steps), Some(Step::Index { .. })) {
            steps += 1;
        }
        if let Found::Key(key) = found {
            shown = format!("{shown}{key}");
        }
        let child = &self.world.instances[*chosen];
        let Some(Step::Attribute(output)) = reference.steps.get(steps) else {
            return Ok(Resolved { value: self.outputs(child, &shown), steps, through: None });
        };
        let Some(position) = child.module.outputs.position(&output.text) else {
            let message = format!("The module `{name}` has no output `{}`.", output.text);
            self.world.tell(Diagnostic::at(Code::UndeclaredReference, output.span, message));
            let value = Value::unknown(Unknown::reference("not declared", format!("{address}.{}", output.text)));
            return Ok(Resolved { value, steps: steps + 1, through: None });
        };
        let shown = format!("{shown}.{}", output.text);
        let value = child.outputs[position].clone().unwrap_or_else(|| in_circle(shown.clone()));
        Ok(Resolved { value, steps: steps + 1, through: Some((What::ModuleOutput, shown.into())) })
    }

    /// The outputs of a module as one object.
    fn outputs(&self, child: &Instance, shown: &str) -> Value {
        let outputs = child.module.outputs.iter().zip(&child.outputs).map(|((name, output), value)| {
            let shown = format!("{shown}.{name}");
            let value = value.clone().unwrap_or_else(|| in_circle(shown.clone()));
            Member::new(name, value.through(What::ModuleOutput, shown, output.span))
        });
        Value::object(outputs.collect())
    }

    fn outputs_of_all(&self, called: &Called, address: &str) -> Value {
        let outputs = |instance: &usize| self.outputs(&self.world.instances[*instance], address);
        let instances = || called.instances.iter().map(|(key, instance)| (key.as_ref(), outputs(instance)));
        gather(&called.kind, instances(), address)
    }
}

impl Expanded {
    /// All instances as one value: an object when there is one without a key, a list for `count`, a map for
    /// `for_each`.
    fn whole(&self, address: &str) -> Value {
        gather(
            &self.kind,
            self.instances.iter().map(|instance| (instance.key.as_ref(), instance.view.clone())),
            address,
        )
    }
}

fn gather<'k>(
    kind: &RepetitionKind,
    mut instances: impl Iterator<Item = (Option<&'k Key>, Value)>,
    address: &str,
) -> Value {
    match kind {
        RepetitionKind::Once => match instances.next() {
            Some((_, value)) => value,
            None => Value::null(),
        },
        RepetitionKind::Count => Value::tuple(instances.map(|(_, value)| value).collect()),
        RepetitionKind::ForEach => {
            let member = |(key, value): (Option<&Key>, Value)| match key {
                Some(Key::Name(name)) => Some(Member::new(name.clone(), value)),
                _ => None,
            };
            Value::object(instances.filter_map(member).collect())
        }
        RepetitionKind::Unknown(why) => {
            let elements: Vec<Element> = instances.map(|(_, value)| Element { value, certain: false }).collect();
            let known = Known::Elements { elements: elements.into(), open: true };
            Value::unknown(Unknown::reference(why.clone(), address).not_null().with(known))
        }
    }
}

/// Which instance a key means.
enum Found {
    Key(Key),
    /// The one that stands for an unknown number of them: each is like it.
    Representative,
    /// It is not known which, or the key is no key: what comes of it is for the value of all to say.
    Whole,
}

fn find(kind: &RepetitionKind, key: &Value) -> Found {
    // Terraform's keys convert: `x["0"]` is `x[0]`.
    let text = key.as_str().map(str::to_owned).or_else(|| key.as_number().map(ToString::to_string));
    match (kind, text) {
        (RepetitionKind::Unknown(_), _) => Found::Representative,
        (RepetitionKind::Count, Some(text)) => text.parse().map_or(Found::Whole, |index| Found::Key(Key::Index(index))),
        (RepetitionKind::ForEach, Some(text)) => Found::Key(Key::Name(text.into())),
        _ => Found::Whole,
    }
}
