//! What a plan's configuration declares beside resources: variables, outputs, providers and module calls
//! (`internal/command/jsonconfig/config.go`), as documents like those of a configuration in Terraform's language.
//!
//! A plan has no text of an expression, only its value where that is a constant, and otherwise what it refers to: the latter is
//! an unknown value here. It has no locals, and modules as they are declared, without the keys of their instances.
//! Values of variables that are no defaults were given when the plan was made, and are written nowhere in it.

use std::collections::HashMap;
use std::sync::Arc;

use verdikt_model::{Entry, NodeId, NodeRef, Span, TreeBuilder};

use crate::terraform::{Resource, encoded};

/// Why a value is unknown that is computed.
const COMPUTED: &str = "computed from other values, which the plan does not say";

/// Why a value is unknown that is no default.
const GIVEN: &str = "given from outside of the configuration";

/// Everything that the configuration of a plan declares beside resources.
pub(super) fn declared(plan: NodeRef<'_>) -> Vec<Resource> {
    let mut out = Vec::new();
    for (_, provider) in entries(plan.path(&["configuration", "provider_config"])) {
        out.extend(self::provider(provider));
    }
    if let Some(root) = plan.path(&["configuration", "root_module"]) {
        module(root, "", Inputs::Root(plan.get("variables")), &mut out);
    }
    out
}

/// What gives the variables of a module their values.
#[derive(Clone, Copy)]
enum Inputs<'p> {
    /// The `variables` of the plan.
    Root(Option<NodeRef<'p>>),
    /// The expressions of the call.
    Call(Option<NodeRef<'p>>),
}

/// The loader's limit on depth bounds the recursion.
fn module(module: NodeRef<'_>, address: &str, inputs: Inputs<'_>, out: &mut Vec<Resource>) {
    let at = |local: String| if address.is_empty() { local } else { format!("{address}.{local}") };
    for (name, node) in entries(module.get("variables")) {
        out.push(variable(name, at(format!("var.{name}")), node, inputs));
    }
    for (name, node) in entries(module.get("outputs")) {
        let mut body = Body::of(node, &["description", "sensitive"]);
        if let Some(expression) = node.get_present("expression") {
            let value = stated(&mut body.builder, expression);
            body.add("value", expression.span(), value);
        }
        out.push(body.finish("output".to_owned(), name, at(format!("output.{name}")), node.span()));
    }
    for (name, call) in entries(module.get("module_calls")) {
        let mut body = Body::of(call, &["source"]);
        if let Some((key_span, version)) = call.get_keyed("version_constraint") {
            let version = body.builder.copy(version);
            body.add("version", key_span, version);
        }
        body.expressions(call.get_present("expressions"));
        let called = at(format!("module.{name}"));
        out.push(body.finish("module".to_owned(), name, called.clone(), call.span()));
        if let Some(inner) = call.get_present("module") {
            self::module(inner, &called, Inputs::Call(call.get_present("expressions")), out);
        }
    }
}

fn variable(name: &str, address: String, node: NodeRef<'_>, inputs: Inputs<'_>) -> Resource {
    let mut body = Body::of(node, &["description", "default", "sensitive"]);
    let default = node.get("default");
    let value = match inputs {
        Inputs::Root(values) => {
            let value = values.and_then(|values| values.get(name)?.get("value"));
            match value.filter(|value| default.is_some_and(|default| default.to_json() == value.to_json())) {
                Some(value) => body.builder.copy(value),
                None => {
                    let span = value.map_or(node.span(), NodeRef::span);
                    let reference = body.builder.string(span, &format!("var.{name}"));
                    body.builder.unknown(span, GIVEN, &[("$ref", reference)])
                }
            }
        }
        Inputs::Call(arguments) => match (arguments.and_then(|arguments| arguments.get_present(name)), default) {
            (Some(argument), _) => stated(&mut body.builder, argument),
            (None, Some(default)) => body.builder.copy(default),
            // A call has an argument for it, or Terraform had refused it.
            (None, None) => body.builder.unknown(node.span(), COMPUTED, &[]),
        },
    };
    let place = body.builder.node(value).span();
    body.add("value", place, value);
    let is_sensitive = node.get("sensitive").and_then(NodeRef::as_bool) == Some(true);
    for entry in body.entries.iter().filter(|_| is_sensitive) {
        if matches!(body.builder.key(entry), "default" | "value") {
            encoded::mark(&mut body.builder, entry.node);
        }
    }
    body.finish("variable".to_owned(), name, address, node.span())
}

/// A provider that is configured; others are only named.
fn provider(node: NodeRef<'_>) -> Option<Resource> {
    let name = node.str("name")?;
    let expressions = node.get_present("expressions")?;
    let mut body = Body::of(node, &["alias"]);
    body.expressions(Some(expressions));
    let address = ["module_address", "alias"].map(|key| node.str(key).filter(|text| !text.is_empty()));
    let [module, alias] = address;
    let address: Vec<&str> = module.into_iter().chain(["provider", name]).chain(alias).collect();
    Some(body.finish(format!("provider.{name}"), name, address.join("."), node.span()))
}

/// A body on the way.
struct Body {
    builder: TreeBuilder,
    entries: Vec<Entry>,
    span: Span,
}

impl Body {
    /// With some members as they are.
    fn of(node: NodeRef<'_>, members: &[&str]) -> Self {
        let mut body = Body { builder: TreeBuilder::new(), entries: Vec::new(), span: node.span() };
        for (key, key_span, member) in node.keyed_entries().filter(|(key, ..)| members.contains(key)) {
            let member = body.builder.copy(member);
            body.add(key, key_span, member);
        }
        body
    }

    fn add(&mut self, key: &str, key_span: Span, node: NodeId) {
        let entry = self.builder.entry(key, key_span, node);
        self.entries.push(entry);
    }

    fn expressions(&mut self, expressions: Option<NodeRef<'_>>) {
        for (key, key_span, expression) in expressions.into_iter().flat_map(NodeRef::keyed_entries) {
            let value = stated(&mut self.builder, expression);
            self.add(key, key_span, value);
        }
    }

    fn finish(mut self, kind: String, name: &str, address: String, span: Span) -> Resource {
        let root = self.builder.map(self.span, &self.entries);
        Resource {
            address,
            kind,
            name: name.to_owned(),
            span,
            tree: Arc::new(self.builder.finish()),
            root,
            references: Vec::new(),
            decoded: HashMap::new(),
        }
    }
}

/// The value of an expression as far as a plan says it. The loader's limit on depth bounds the recursion.
fn stated(builder: &mut TreeBuilder, expression: NodeRef<'_>) -> NodeId {
    let span = expression.span();
    if let Some(constant) = expression.get("constant_value") {
        return builder.copy(constant);
    }
    if let Some(references) = expression.get("references").filter(|references| references.is_list()) {
        // The most exact one comes first.
        let first = references.item(0).and_then(NodeRef::as_str);
        let known = first.map(|first| ("$ref", builder.string(span, first)));
        return builder.unknown(span, COMPUTED, known.as_slice());
    }
    if expression.is_list() {
        let blocks: Vec<NodeId> = expression.items().map(|block| stated(builder, block)).collect();
        return builder.list(span, &blocks);
    }
    if !expression.is_map() {
        return builder.copy(expression);
    }
    let mut entries = Vec::with_capacity(expression.entries().len());
    for (key, key_span, member) in expression.keyed_entries() {
        let member = stated(builder, member);
        entries.push(builder.entry(key, key_span, member));
    }
    builder.map(span, &entries)
}

fn entries<'p>(node: Option<NodeRef<'p>>) -> impl Iterator<Item = (&'p str, NodeRef<'p>)> {
    node.into_iter().flat_map(NodeRef::entries)
}
