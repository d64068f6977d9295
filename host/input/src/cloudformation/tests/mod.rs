//! Templates in, documents out.

mod functions;
mod properties;
mod resources;
mod unknowns;

use verdikt_model::NodeRef;

use crate::InputLimits;
use crate::workload::testing::{self, Outcome};

fn normalize(text: &str) -> Outcome {
    normalize_within(text, &InputLimits::default())
}

fn normalize_within(text: &str, limits: &InputLimits) -> Outcome {
    testing::normalize(text, |parsed, out, diagnostics| super::normalize(parsed, text, limits, out, diagnostics))
}

/// A template with one task definition `Task`, whose only container has one property more. `head` is
/// what stands above the resources, `property` is indented by the function.
fn with_container(head: &str, property: &str) -> String {
    let property = property.replace('\n', "\n          ");
    format!(
        "{head}\nResources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Family: web\n      \
         ContainerDefinitions:\n        - Name: app\n          Image: app:1\n          {property}\n"
    )
}

/// The JSON text of a member of the first container of the first task definition; empty when it is
/// absent.
fn member(outcome: &Outcome, key: &str) -> String {
    container(outcome).get(key).map(NodeRef::to_json).unwrap_or_default()
}

fn container(outcome: &Outcome) -> NodeRef<'_> {
    let containers = body(outcome).get("containerDefinitions").expect("containers");
    containers.items().next().expect("a container")
}

fn body(outcome: &Outcome) -> NodeRef<'_> {
    let draft = outcome.drafts.first().unwrap_or_else(|| panic!("no document: {:?}", outcome.recognition));
    draft.tree.node(draft.root)
}
