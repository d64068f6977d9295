//! Terraform: its resources as documents, and as documents of the platforms that they configure.
//!
//! What there is comes from plans and states (`plan`) or from an evaluation of the language. Both give
//! [`Resource`]s, and what follows from a resource is written once, for both:
//!
//! - a document of platform `terraform`: the object of the resource with Terraform's own names, where each nested
//!   block type is a list of objects, as in a plan. Its kind is the type of the resource, `data.TYPE` for a
//!   data source; its address is Terraform's;
//! - for `aws_ecs_task_definition` an ECS document and its workload (`ecs`);
//! - for resources of the Kubernetes providers a Kubernetes document and its workloads (`kubernetes`).
//!
//! The derived documents have the resource as their origin and carry its address, since it is what
//! tells two instances of one module apart.

use std::collections::HashMap;
use std::sync::Arc;

use verdikt_model::{Code, Diagnostic, NodeId, NodeRef, Platform, Pointer, Span, Tree};

use crate::{Configuration, Draft, InputLimits};

pub(crate) mod beside;
pub(crate) mod comments;
pub(crate) mod configurations;
mod convert;
mod ecs;
mod encoded;
mod files;
mod kubernetes;
pub(crate) mod plan;
pub(crate) mod stage;
mod value;

/// Why a value cannot be known that the provider decides.
const AFTER_APPLY: &str = "known only after apply";

/// A resource, a data source or another named part of a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// As Terraform writes it.
    pub(crate) address: String,
    /// The type of a resource, `data.TYPE`, or what else it is: `variable`, `provider.aws`.
    pub(crate) kind: String,
    pub(crate) name: String,
    /// The block.
    pub(crate) span: Span,
    pub(crate) tree: Arc<Tree>,
    pub(crate) root: NodeId,
    /// The addresses of the resources that values come from, and where in the body these stand.
    pub(crate) references: Vec<(Pointer, String)>,
    /// What JSON texts in the body say, by the node of the text.
    pub(crate) decoded: HashMap<NodeId, Decoded>,
}

/// What a text says that should be JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decoded {
    /// A node of the same tree.
    Said(NodeId),
    /// It is no JSON, whatever is unknown in it; where that shows.
    Broken(Span),
}

impl Resource {
    /// Whether it is what a configuration declares beside resources and data sources.
    pub(crate) fn is_declaration(&self) -> bool {
        matches!(self.kind.as_str(), "variable" | "local" | "output" | "module" | "terraform")
            || self.kind.starts_with("provider.")
    }

    pub(crate) fn body(&self) -> NodeRef<'_> {
        self.tree.node(self.root)
    }

    /// What a JSON text of the body says; nothing where that is not known.
    fn decoded(&self, text: NodeRef<'_>) -> Option<Decoded> {
        self.decoded.get(&text.id()).copied()
    }
}

/// A member of a body that is not null. Of what is unknown altogether, each member is.
fn member<'n>(body: NodeRef<'n>, key: &str) -> Option<(Span, NodeRef<'n>)> {
    if body.is_unknown() {
        return Some((body.span(), body));
    }
    body.get_keyed(key).filter(|(_, node)| !node.is_null())
}

/// What stands where at most one block may be.
enum Single<'n> {
    Nothing,
    One(NodeRef<'n>),
    /// Terraform refuses them.
    Several,
    /// Several that may be there or not, of which one may be.
    Unsure,
}

fn single(blocks: NodeRef<'_>) -> Single<'_> {
    if !blocks.is_list() {
        return Single::One(blocks);
    }
    let mut certain = blocks.items().filter(|block| !block.is_unknown());
    match (certain.next(), certain.next(), blocks.items().len()) {
        (Some(_), Some(_), _) => Single::Several,
        // Another one beside it would be refused.
        (Some(one), None, _) => Single::One(one),
        (None, _, 0 | 1) => blocks.item(0).map_or(Single::Nothing, Single::One),
        (None, ..) => Single::Unsure,
    }
}

/// Why nothing is known of a block that stands several times.
const SEVERAL: &str = "there are several blocks where one may be";

/// What is said of a block that stands several times.
fn refused(resource: &Resource, name: &str, blocks: NodeRef<'_>) -> Diagnostic {
    let place = blocks.items().nth(1).map_or(blocks.span(), NodeRef::span);
    let message = format!(
        "`{}` has {} blocks `{name}` where Terraform allows one, so that it refuses them and nothing is known of what they say. \
         Keep one.",
        resource.address,
        blocks.items().len()
    );
    Diagnostic::at(Code::TerraformRefuses, place, message)
}

/// Something that was not judged although nothing is wrong with it; see [`verdikt_model::CoverageNote`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) span: Span,
    pub(crate) text: String,
}

/// Where what is made of resources goes.
pub(crate) struct Output<'o> {
    pub(crate) settings: crate::kubernetes::Settings<'o>,
    pub(crate) limits: &'o InputLimits,
    pub(crate) configuration: &'o Configuration,
    pub(crate) drafts: &'o mut Vec<Draft>,
    pub(crate) diagnostics: &'o mut Vec<Diagnostic>,
    pub(crate) notes: &'o mut Vec<Note>,
}

impl Output<'_> {
    fn note(&mut self, span: Span, text: impl Into<String>) {
        self.notes.push(Note { span, text: text.into() });
    }
}

/// Adds the document of a resource and those that are derived from it.
pub(crate) fn push(resource: &Resource, out: &mut Output<'_>) {
    let origin = out.drafts.len();
    out.drafts.push(Draft {
        platform: Platform::Terraform,
        kind: resource.kind.clone(),
        namespace: None,
        name: resource.name.clone(),
        address: resource.address.clone(),
        span: resource.span,
        origin: None,
        rendered_from: None,
        is_patch: false,
        configuration: Some(out.configuration.clone()),
        references: resource.references.clone(),
        tree: Arc::clone(&resource.tree),
        root: resource.root,
        resource: None,
    });
    match resource.kind.as_str() {
        ecs::KIND => ecs::push(resource, origin, out),
        "helm_release" => out.note(
            resource.span,
            format!("`{}` installs a Helm chart, which is not rendered here: what it creates was not judged. Render it with `helm template` and scan the output.", resource.address),
        ),
        _ => kubernetes::push(resource, origin, out),
    }
}
