//! The sections of a template, and what its nodes are: literals, or calls of functions in their long
//! or short form.

use std::collections::HashMap;

use verdikt_model::{NodeId, NodeRef, Span, Value as NodeValue};

use crate::ParsedDocument;
use crate::cloudformation::value::{Data, Value};

/// What begins the key of a loop.
pub(super) const FOR_EACH: &str = "Fn::ForEach::";
pub(super) const TRANSFORM: &str = "Fn::Transform";

/// A template: what it declares, by name.
pub(super) struct Template<'a> {
    root: NodeRef<'a>,
    source: &'a str,
    /// In the order of the nodes' ids, since the loader notes a tag when it makes its node.
    tags: &'a [(NodeId, Box<str>)],
    parameters: HashMap<&'a str, NodeRef<'a>>,
    mappings: HashMap<&'a str, NodeRef<'a>>,
    conditions: HashMap<&'a str, (Span, NodeRef<'a>)>,
    resources: HashMap<&'a str, NodeRef<'a>>,
    has_more_resources: bool,
    has_more_conditions: bool,
}

/// A call of a function.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// `Ref`, `Fn::Sub`, …; a short form's tag (`!Sub`) as it is where it names no function.
    pub(super) name: Name<'a>,
    pub(super) argument: Argument<'a>,
    /// The whole expression.
    pub(super) span: Span,
}

#[derive(Clone, Copy)]
pub(super) enum Name<'a> {
    Long(&'a str),
    /// What stands behind the `!`.
    Short(&'a str),
}

impl<'a> Name<'a> {
    /// The name without `Fn::`, which `Ref` and `Condition` have not.
    pub(super) fn bare(self) -> &'a str {
        match self {
            Name::Long(name) => {
                name.strip_prefix("Fn::").filter(|bare| !matches!(*bare, "Ref" | "Condition")).unwrap_or(name)
            }
            Name::Short(name) => name,
        }
    }

    /// As it is written in the template.
    pub(super) fn written(self) -> String {
        match self {
            Name::Long(name) => name.to_owned(),
            Name::Short(name) => format!("!{name}"),
        }
    }
}

/// What a function is called with.
#[derive(Clone, Copy)]
pub(super) struct Argument<'a> {
    pub(super) node: NodeRef<'a>,
    /// Whether the node's own tag is the function's short form, so that it is not looked at again.
    pub(super) is_tagged: bool,
}

impl<'a> Template<'a> {
    pub(super) fn new(parsed: &'a ParsedDocument, source: &'a str) -> Self {
        let root = parsed.tree.node(parsed.root);
        let section = |name: &str| root.get_present(name).into_iter().flat_map(NodeRef::keyed_entries);
        let is_loop = |name: &str| name.starts_with(FOR_EACH) || name == TRANSFORM;
        Template {
            root,
            source,
            tags: &parsed.tags,
            parameters: section("Parameters").map(|(name, _, node)| (name, node)).collect(),
            mappings: section("Mappings").map(|(name, _, node)| (name, node)).collect(),
            conditions: section("Conditions").map(|(name, key, node)| (name, (key.join(node.span()), node))).collect(),
            resources: section("Resources").map(|(name, _, node)| (name, node)).collect(),
            has_more_resources: section("Resources").any(|(name, _, _)| is_loop(name))
                || transforms(root).any(|(name, _)| name != LANGUAGE_EXTENSIONS),
            has_more_conditions: section("Conditions").any(|(name, _, _)| is_loop(name))
                || transforms(root).any(|(name, _)| is_macro(name)),
        }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<NodeRef<'a>> {
        self.parameters.get(name).copied()
    }

    pub(super) fn mapping(&self, name: &str) -> Option<NodeRef<'a>> {
        self.mappings.get(name).copied()
    }

    /// A condition with the place of its definition.
    pub(super) fn condition(&self, name: &str) -> Option<(Span, NodeRef<'a>)> {
        self.conditions.get(name).copied()
    }

    /// Whether a resource is declared, or the module that it is in (`Module.Resource`).
    pub(super) fn has_resource(&self, name: &str) -> bool {
        let module = name.split_once('.').map(|(module, _)| module);
        self.resources.contains_key(name) || module.is_some_and(|module| self.resources.contains_key(module))
    }

    /// The section `Resources`.
    pub(super) fn resources(&self) -> Option<NodeRef<'a>> {
        self.root.get_present("Resources")
    }

    /// Whether resources may exist that the template does not name: loops, included fragments and
    /// transforms make some. That of SAM adds roles, permissions and an implicit API, for example.
    /// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>
    pub(super) fn has_more_resources(&self) -> bool {
        self.has_more_resources
    }

    pub(super) fn has_more_conditions(&self) -> bool {
        self.has_more_conditions
    }

    /// The macros that rewrite the template or add resources, which nobody but CloudFormation can run.
    pub(super) fn macros(&self) -> impl Iterator<Item = (&'a str, Span)> {
        transforms(self.root).filter(|(name, _)| is_macro(name))
    }

    /// The call that a node is, if it is one.
    pub(super) fn call(&self, node: NodeRef<'a>) -> Option<Call<'a>> {
        match self.tag(node) {
            Some(tag) => {
                let name = Name::Short(tag.strip_prefix('!').unwrap_or(tag));
                Some(Call { name, argument: Argument { node, is_tagged: true }, span: node.span() })
            }
            None => long_call(node),
        }
    }

    /// The call that the argument of a function is.
    pub(super) fn call_in(&self, argument: Argument<'a>) -> Option<Call<'a>> {
        if argument.is_tagged { long_call(argument.node) } else { self.call(argument.node) }
    }

    /// The elements of an argument that is written as a list.
    pub(super) fn items(&self, argument: Argument<'a>) -> Option<Vec<NodeRef<'a>>> {
        let is_literal = argument.node.is_list() && self.call_in(argument).is_none();
        is_literal.then(|| argument.node.items().collect())
    }

    /// The text of an argument that is written as one.
    pub(super) fn literal_text(&self, argument: Argument<'a>) -> Option<&'a str> {
        if argument.is_tagged { argument.node.as_str().or(argument.node.as_number()) } else { self.text(argument.node) }
    }

    /// The text of a node that is written as one.
    pub(super) fn text(&self, node: NodeRef<'a>) -> Option<&'a str> {
        if self.tag(node).is_none() { node.as_str().or(node.as_number()) } else { None }
    }

    /// A scalar as CloudFormation reads it: by YAML 1.1, from which the loader, which reads as
    /// Kubernetes does, differs in a few spellings of numbers and booleans. `y` and `n` are texts
    /// (SnakeYAML, PyYAML and the tools of AWS take them for such), and so is what begins with a
    /// zero but is not octal (<https://yaml.org/type/int.html>): account ids keep their zero when
    /// they have an 8 or a 9, and are octal numbers else.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>
    pub(super) fn literal(&self, node: NodeRef<'a>) -> Value {
        let span = node.span();
        let written = self.source.get(span.range()).unwrap_or_default();
        let data = match node.value() {
            NodeValue::Bool(_) if matches!(written, "y" | "Y" | "n" | "N") => Data::Text(written.to_owned()),
            NodeValue::Bool(value) => Data::Bool(value),
            NodeValue::Number(_) if is_no_number(written) => Data::Text(written.to_owned()),
            NodeValue::Number(_) => Data::Number(node.as_number().unwrap_or_default().to_owned()),
            NodeValue::String(_) => Data::Text(node.as_str().unwrap_or_default().to_owned()),
            _ => Data::Null,
        };
        Value::new(data, span).with_steps(node.provenance().iter().cloned())
    }

    fn tag(&self, node: NodeRef<'a>) -> Option<&'a str> {
        let found = self.tags.binary_search_by_key(&node.id(), |(id, _)| *id).ok()?;
        self.tags.get(found).map(|(_, tag)| &**tag)
    }
}

/// A map whose only member is `Ref`, `Fn::…` or, where a condition stands, `Condition`.
fn long_call(node: NodeRef<'_>) -> Option<Call<'_>> {
    let mut members = node.entries();
    let (name, value) = members.next().filter(|_| members.len() == 0)?;
    let is_function = name == "Ref" || name == "Condition" || (name.starts_with("Fn::") && !name.starts_with(FOR_EACH));
    is_function.then(|| Call {
        name: Name::Long(name),
        argument: Argument { node: value, is_tagged: false },
        span: node.span(),
    })
}

const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";

/// The transforms of a template as a whole and of its resources: one, several, or with parameters.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html>
fn transforms<'a>(root: NodeRef<'a>) -> impl Iterator<Item = (&'a str, Span)> {
    let each =
        |node: NodeRef<'a>| -> Vec<NodeRef<'a>> { if node.is_list() { node.items().collect() } else { vec![node] } };
    let named = |node: NodeRef<'a>| Some((node.as_str().or(node.str("Name"))?, node.span()));
    let included = root.get_present("Resources").and_then(|resources| resources.get_present(TRANSFORM));
    let sections = [root.get_present("Transform"), root.get_present(TRANSFORM), included];
    sections.into_iter().flatten().flat_map(each).filter_map(named)
}

/// Whether a transform is somebody's own, or brings in a text that is not here.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html>
fn is_macro(name: &str) -> bool {
    !name.starts_with("AWS::") || name == "AWS::Include"
}

/// Whether YAML 1.1 takes for a text what the loader takes for a number: a leading zero without
/// being octal, and the prefix `0o`.
fn is_no_number(written: &str) -> bool {
    let digits = written.strip_prefix(['+', '-']).unwrap_or(written);
    let Some(rest) = digits.strip_prefix('0') else { return false };
    rest.starts_with(['o', 'O'])
        || (rest.contains(['8', '9']) && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_'))
}
