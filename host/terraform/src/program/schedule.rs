//! The order in which things are evaluated.
//!
//! A thing is evaluated when everything that it refers to was. That is a loop over a stack of our own: a
//! thing waits on it while others are evaluated. One that waits for itself is in a circle, which Terraform
//! refuses; it is told once, and whoever comes first in the circle sees an unknown value.

use std::collections::HashSet;

use verdikt_model::{Code, Diagnostic, Span};

use super::references::{Reference, in_body, in_expression};
use super::repeat::Each;
use super::world::World;
use crate::config::Repeat;
use crate::syntax::{Body, Expression};

/// Something that has to be evaluated: in which module instance, and where in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Node {
    Variable(usize, usize),
    Local(usize, usize),
    Output(usize, usize),
    Resource(usize, usize),
    Call(usize, usize),
}

/// What a node waits for.
enum Wait {
    Node(Node),
    /// An output of all instances of a call, or all outputs.
    Outputs {
        instance: usize,
        call: usize,
        output: Option<Box<str>>,
    },
}

struct Frame {
    node: Node,
    /// The next one last.
    waits: Vec<Wait>,
}

impl World<'_> {
    /// Evaluates all that a module instance declares.
    pub(super) fn evaluate_instance(&mut self, instance: usize) {
        let module = self.instances[instance].module.clone();
        let all = |count: usize, node: fn(usize, usize) -> Node| (0..count).map(move |at| node(instance, at));
        let nodes = all(module.variables.len(), Node::Variable)
            .chain(all(module.locals.len(), Node::Local))
            .chain(all(module.calls.len(), Node::Call))
            .chain(all(module.resources.len(), Node::Resource))
            .chain(all(module.outputs.len(), Node::Output));
        for node in nodes {
            self.demand(node);
        }
    }

    fn is_done(&self, node: Node) -> bool {
        match node {
            Node::Variable(instance, at) => self.instances[instance].variables[at].is_some(),
            Node::Local(instance, at) => self.instances[instance].locals[at].is_some(),
            Node::Output(instance, at) => self.instances[instance].outputs[at].is_some(),
            Node::Resource(instance, at) => self.instances[instance].resources[at].is_some(),
            Node::Call(instance, at) => self.instances[instance].calls[at].is_some(),
        }
    }

    /// Evaluates something, and before it all that it refers to.
    fn demand(&mut self, goal: Node) {
        if self.is_done(goal) {
            return;
        }
        let mut active = HashSet::from([goal]);
        let mut stack = vec![Frame { node: goal, waits: self.waits(goal) }];
        while let Some(frame) = stack.last_mut() {
            let next = match frame.waits.pop() {
                None => {
                    let node = frame.node;
                    stack.pop();
                    active.remove(&node);
                    self.finish(node);
                    continue;
                }
                Some(Wait::Node(node)) => node,
                Some(Wait::Outputs { instance, call, output }) => {
                    if let Some(called) = &self.instances[instance].calls[call] {
                        for (_, child) in &called.instances {
                            let outputs = &self.instances[*child].module.outputs;
                            match &output {
                                Some(output) => {
                                    let position = outputs.position(output);
                                    frame.waits.extend(position.map(|at| Wait::Node(Node::Output(*child, at))));
                                }
                                None => {
                                    let all = (0..outputs.len()).rev();
                                    frame.waits.extend(all.map(|at| Wait::Node(Node::Output(*child, at))));
                                }
                            }
                        }
                        continue;
                    }
                    let node = Node::Call(instance, call);
                    if !active.contains(&node) {
                        frame.waits.push(Wait::Outputs { instance, call, output });
                    }
                    node
                }
            };
            if self.is_done(next) {
                continue;
            }
            if active.insert(next) {
                stack.push(Frame { node: next, waits: self.waits(next) });
            } else {
                self.tell_circle(&stack, next);
            }
        }
    }

    /// What is waited for before a node can be evaluated.
    fn waits(&self, node: Node) -> Vec<Wait> {
        let mut waits = Vec::new();
        match node {
            Node::Variable(instance, at) => {
                if let Some((caller, argument)) = self.argument(instance, at) {
                    self.wait_for(caller.instance, argument, &mut waits);
                }
            }
            Node::Local(instance, at) => {
                let module = &self.instances[instance].module;
                self.wait_for(instance, &module.locals.at(at).value, &mut waits);
            }
            Node::Output(instance, at) => {
                let module = &self.instances[instance].module;
                if let Some(value) = &module.outputs.at(at).value {
                    self.wait_for(instance, value, &mut waits);
                }
            }
            Node::Resource(instance, at) => {
                let module = &self.instances[instance].module;
                let resource = module.resources.at(at);
                self.wait_for_repeat(instance, &resource.repeat, &mut waits);
                self.wait_for_body(instance, &resource.body, &mut waits);
            }
            Node::Call(instance, at) => {
                let module = &self.instances[instance].module;
                self.wait_for_repeat(instance, &module.calls.at(at).repeat, &mut waits);
            }
        }
        waits.reverse();
        waits
    }

    fn wait(&self, instance: usize, reference: Reference<'_>) -> Wait {
        match reference {
            Reference::Variable(at) => Wait::Node(Node::Variable(instance, at)),
            Reference::Local(at) => Wait::Node(Node::Local(instance, at)),
            Reference::Resource(at) => Wait::Node(Node::Resource(instance, at)),
            Reference::Call(call, output) => Wait::Outputs { instance, call, output: output.map(Into::into) },
        }
    }

    fn wait_for(&self, instance: usize, expression: &Expression, waits: &mut Vec<Wait>) {
        let module = &self.instances[instance].module;
        in_expression(expression, &mut Vec::new(), &mut |mention| {
            waits.extend(mention.resolve(module).map(|reference| self.wait(instance, reference)));
        });
    }

    fn wait_for_body(&self, instance: usize, body: &Body, waits: &mut Vec<Wait>) {
        let module = &self.instances[instance].module;
        in_body(body, &mut Vec::new(), &mut |mention| {
            waits.extend(mention.resolve(module).map(|reference| self.wait(instance, reference)));
        });
    }

    fn wait_for_repeat(&self, instance: usize, repeat: &Repeat, waits: &mut Vec<Wait>) {
        match repeat {
            Repeat::Once => {}
            Repeat::Count(expression) | Repeat::ForEach(expression) => self.wait_for(instance, expression, waits),
        }
    }

    fn tell_circle(&self, stack: &[Frame], again: Node) {
        let from = stack.iter().position(|frame| frame.node == again).unwrap_or(0);
        let names: Vec<String> = stack[from..].iter().map(|frame| self.name(frame.node)).collect();
        let span = self.span(again);
        let message = match &names[..] {
            [name] => format!("`{name}` refers to itself, which Terraform refuses; its value is unknown."),
            _ => {
                const SHOWN: usize = 8;
                let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let more =
                    if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
                format!(
                    "{shown}{more} refer to one another in a circle, which Terraform refuses; their values are unknown."
                )
            }
        };
        self.tell(Diagnostic::at(Code::TerraformCycle, span, message));
    }

    /// The name of a node, whatever the instance of its module.
    fn name(&self, node: Node) -> String {
        let (instance, local) = match node {
            Node::Variable(instance, at) => {
                (instance, format!("var.{}", self.instances[instance].module.variables.at(at).name.text))
            }
            Node::Local(instance, at) => {
                (instance, format!("local.{}", self.instances[instance].module.locals.at(at).name.text))
            }
            Node::Output(instance, at) => {
                (instance, format!("output.{}", self.instances[instance].module.outputs.at(at).name.text))
            }
            Node::Resource(instance, at) => {
                (instance, self.instances[instance].module.resources.at(at).local_address())
            }
            Node::Call(instance, at) => {
                (instance, format!("module.{}", self.instances[instance].module.calls.at(at).name.text))
            }
        };
        let calls: String = self.call_path(instance).iter().map(|call| format!("module.{call}.")).collect();
        format!("{calls}{local}")
    }

    fn span(&self, node: Node) -> Span {
        match node {
            Node::Variable(instance, at) => self.instances[instance].module.variables.at(at).name.span,
            Node::Local(instance, at) => self.instances[instance].module.locals.at(at).name.span,
            Node::Output(instance, at) => self.instances[instance].module.outputs.at(at).name.span,
            Node::Resource(instance, at) => self.instances[instance].module.resources.at(at).name.span,
            Node::Call(instance, at) => self.instances[instance].module.calls.at(at).name.span,
        }
    }

    /// Evaluates a node, when all that it refers to was.
    fn finish(&mut self, node: Node) {
        match node {
            Node::Variable(instance, at) => {
                let value = self.variable(instance, at);
                self.instances[instance].variables[at] = Some(value);
            }
            Node::Local(instance, at) => {
                let module = self.instances[instance].module.clone();
                let value = self.evaluate(&module.locals.at(at).value, &self.scope(instance, &Each::Once));
                self.instances[instance].locals[at] = Some(value);
            }
            Node::Output(instance, at) => {
                let value = self.output(instance, at);
                self.instances[instance].outputs[at] = Some(value);
            }
            Node::Resource(instance, at) => {
                let module = self.instances[instance].module.clone();
                let expanded = self.resource(instance, module.resources.at(at));
                self.instances[instance].resources[at] = Some(expanded);
            }
            Node::Call(instance, at) => {
                let module = self.instances[instance].module.clone();
                let called = self.call(instance, at, module.calls.at(at));
                self.instances[instance].calls[at] = Some(called);
            }
        }
    }
}
