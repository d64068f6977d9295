//! CloudFormation templates: `AWS::ECS::TaskDefinition` resources as ECS documents.
//!
//! Templates in JSON and in YAML are read, with the long and the short forms of the functions, and so
//! are templates of SAM and what the CDK synthesizes, which are the same format. Other resources
//! yield nothing.
//!
//! **The body** has the canonical shape of the ECS API, with its names and types (see [`body`]),
//! whatever the template spells. **Name**: the `Family` when it is known, else the logical id;
//! CloudFormation generates a family from the names of the stack and the resource when there is none.
//! **Address**: the logical id, which is unique in its template only.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html>
//!
//! # What is known
//!
//! - A **parameter** is its default. Without one it is unknown, with `$ref` and, when the template
//!   lists its values, with these as `$any`. So is one that is read from the Parameter Store.
//! - **Pseudo parameters, resources, attributes, imports** are unknown, with `$ref`. `AWS::NoValue`
//!   removes the property or the element.
//! - A **text** with unknown pieces has the known ones as `$parts`. A **dynamic reference**
//!   (`{{resolve:…}}`) is an unknown piece; `$ref` is the reference as it is written.
//! - A **condition** is decided by the defaults of the parameters, where they decide it. Where not,
//!   `Fn::If` is both branches: maps are taken together member by member, lists element by element,
//!   and where the branches differ the value is unknown with both as `$any`; null in it means that
//!   the value may be absent. An element that may be absent stays as an unknown one. See [`value`].
//! - A resource whose condition is false by the defaults is judged nevertheless, since somebody will
//!   set the parameter; inside it its condition is true. One whose condition is false whatever the
//!   parameters are is never created, and is left out.
//! - `Fn::ForEach` is expanded when its collection is known. Else its members are there once, with
//!   what depends on the item unknown, and every property that the map does not state is unknown.
//!
//! Nothing is looked up in an account, and no macro is run: what they would say is unknown, and a
//! macro that rewrites the whole template is a warning.

use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, NodeRef, Span};

use crate::cloudformation::evaluate::Evaluator;
use crate::cloudformation::template::{FOR_EACH, TRANSFORM, Template};
use crate::cloudformation::value::{Data, Map, Value};
use crate::ecs::{self, Definition};
use crate::syntax::Problems;
use crate::{Draft, InputLimits, ParsedDocument, Recognition};

mod body;
mod conditions;
mod evaluate;
mod functions;
mod json;
mod template;
#[cfg(test)]
mod tests;
mod value;

const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";

/// Whether a node has the shape of a template: it states the version of the format, or it has
/// resources with types such as `AWS::ECS::Service`, `Custom::X` or `Alexa::ASK::Skill`.
pub(crate) fn recognize(node: NodeRef<'_>) -> bool {
    let is_type = |kind: &str| kind.contains("::");
    let is_resource =
        |(id, resource): (&str, NodeRef<'_>)| id.starts_with(FOR_EACH) || resource.str("Type").is_some_and(is_type);
    let resources = node.get_present("Resources").filter(|resources| resources.is_map());
    resources
        .is_some_and(|resources| node.get("AWSTemplateFormatVersion").is_some() || resources.entries().any(is_resource))
}

/// Whether a text that cannot be read looks as if it were a template with task definitions.
pub(crate) fn looks_like_ours(text: &str) -> bool {
    text.contains(TASK_DEFINITION)
}

/// Turns a template into drafts, each task definition followed by its workload. `text` is the file's.
pub(crate) fn normalize(
    parsed: &ParsedDocument,
    text: &str,
    limits: &InputLimits,
    out: &mut Vec<Draft>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Recognition {
    if !recognize(parsed.tree.node(parsed.root)) {
        return Recognition::NotOurs { reason: "not a CloudFormation template: it has no typed `Resources`".into() };
    }
    let template = Template::new(parsed, text);
    let mut evaluator = Evaluator::new(&template, limits, Problems::new(diagnostics));
    let mut documents = 0;
    if let Some(resources) = template.resources() {
        evaluator.each_member(resources, &mut |evaluator, id, key_span, resource| {
            if resource.str("Type") == Some(TASK_DEFINITION) && is_ever_created(evaluator, resource) {
                documents += 1;
                push(parsed, evaluator, id, key_span.join(resource.span()), resource, out);
            }
        });
    }
    if documents == 0 {
        let what = "CloudFormation template that creates no ECS task definition";
        let reason = match template.macros().next() {
            Some((name, _)) => format!("{what}, as far as it can be known without running the transform `{name}`"),
            None => what.to_owned(),
        };
        return Recognition::Nothing { reason };
    }
    for (name, place) in template.macros() {
        let message = format!(
            "The macro `{name}` rewrites this template when it is deployed, and only CloudFormation can run it. The \
             template was judged as it is written; scan the processed template (`aws cloudformation get-template \
             --template-stage Processed`) to have the rest judged."
        );
        evaluator.report(Code::MacroNotRun, place, message);
    }
    Recognition::Documents(documents)
}

fn is_ever_created<'a>(evaluator: &mut Evaluator<'a, '_>, resource: NodeRef<'a>) -> bool {
    let condition = resource.get_present("Condition").and_then(|node| Some((node, node.as_str()?)));
    condition.is_none_or(|(node, name)| {
        let name = evaluator.in_loop(name, node.span());
        !evaluator.is_never_true(&name, node.span())
    })
}

fn push<'a>(
    parsed: &ParsedDocument,
    evaluator: &mut Evaluator<'a, '_>,
    id: String,
    span: Span,
    resource: NodeRef<'a>,
    out: &mut Vec<Draft>,
) {
    let condition = resource.get_present("Condition").and_then(|node| Some((node, node.as_str()?)));
    if let Some((node, name)) = condition {
        let name = evaluator.in_loop(name, node.span());
        // Reports a condition that the template does not declare.
        evaluator.condition(&name, node.span());
        evaluator.assume(Some(name));
    }
    let mut properties = match resource.get_present("Properties") {
        Some(node) => evaluator.value(node),
        None => Value::new(Data::Map(Map::default()), resource.span()),
    };
    if let (Some(_), Data::Map(map)) = (resource.get(TRANSFORM), &mut properties.data) {
        map.open = Some("a macro rewrites the resource, which only CloudFormation can run".to_owned());
    }
    let (tree, root) = body::build(&properties, evaluator);
    evaluator.assume(None);
    let body = tree.node(root);
    if body.get("containerDefinitions").is_none() {
        let message = "This task definition has no `ContainerDefinitions`, so that Amazon ECS refuses it. Add them.";
        evaluator.report(Code::MissingField, properties.span, message.into());
    }
    let name = body.str("family").filter(|family| !family.is_empty()).unwrap_or(&id).to_owned();
    let definition = Definition {
        tree: Arc::new(tree),
        root,
        name,
        address: id,
        span,
        origin: None,
        resource: Some((Arc::clone(&parsed.tree), resource.id())),
    };
    ecs::push_definition(definition, out, evaluator.problems.diagnostics());
}
