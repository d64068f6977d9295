//! What a rule judges.

use std::fmt;
use std::sync::Arc;

use crate::pointer::Pointer;
use crate::span::Span;
use crate::tree::{NodeId, NodeRef, Tree};

/// Which document of a scan: its place in scan order. Packs know documents by this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(pub u32);

/// Which document set a document belongs to: one PATH argument is one set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetId(pub u32);

/// Whose language a document speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// Derived from a pod template or a task definition; see the workload schema.
    Workload,
    Kubernetes,
    Ecs,
    Terraform,
}

impl Platform {
    pub const ALL: [Platform; 4] = [Platform::Workload, Platform::Kubernetes, Platform::Ecs, Platform::Terraform];

    pub fn as_str(self) -> &'static str {
        match self {
            Platform::Workload => "workload",
            Platform::Kubernetes => "kubernetes",
            Platform::Ecs => "ecs",
            Platform::Terraform => "terraform",
        }
    }

    pub fn parse(text: &str) -> Option<Platform> {
        Platform::ALL.into_iter().find(|platform| platform.as_str() == text)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Where the text that a document was rendered from stands, as its renderer notes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedFrom {
    pub by: Renderer,
    /// As the renderer writes it: below the chart, the folder of the build or the repository.
    pub path: String,
    /// The repository, when that is another.
    pub repository: Option<String>,
    /// The branch, tag or commit of that repository.
    pub revision: Option<String>,
}

impl fmt::Display for RenderedFrom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path)?;
        if let Some(repository) = &self.repository {
            write!(out, " in {repository}")?;
        }
        if let Some(revision) = &self.revision {
            write!(out, " at {revision}")?;
        }
        Ok(())
    }
}

/// What renders documents and notes where they are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Renderer {
    Helm,
    Kustomize,
}

impl Renderer {
    pub fn as_str(self) -> &'static str {
        match self {
            Renderer::Helm => "helm",
            Renderer::Kustomize => "kustomize",
        }
    }
}

/// One thing that a rule judges: envelope and body.
#[derive(Clone, Debug)]
pub struct Document {
    pub id: DocumentId,
    pub set: SetId,
    pub platform: Platform,
    /// `Deployment`, `TaskDefinition`, `aws_eks_cluster`, ...
    pub kind: String,
    /// As the document states it; never filled in.
    pub namespace: Option<String>,
    pub name: String,
    /// As the platform writes it: `shop/Deployment/web`, an ECS family, a Terraform address. What
    /// is derived carries its origin's.
    pub address: String,
    /// The block that is the document; reports show where it begins.
    pub span: Span,
    /// The document that it was derived from: of a workload what runs it, of an object or a task definition the
    /// Terraform resource that creates it.
    pub origin: Option<DocumentId>,
    /// For the output of a renderer: what it was rendered from.
    pub rendered_from: Option<RenderedFrom>,
    /// For a part of a Terraform configuration: the folder of the root module, as [`Source::identity`](crate::Source)
    /// has paths. An address means something in its configuration only.
    pub configuration: Option<Arc<str>>,
    /// Which documents values of this one come from, and where in the body these stand. Only Terraform says so;
    /// what others mean by the names in them is for those to say who know their kinds.
    pub references: Vec<(Pointer, DocumentId)>,
    /// Whether it is a part of an object that another file has. What it does not state is decided
    /// there, so that nothing can be missing here.
    pub is_patch: bool,
    pub tree: Arc<Tree>,
    /// The body's root in `tree`.
    pub root: NodeId,
}

impl Document {
    pub fn body(&self) -> NodeRef<'_> {
        self.tree.node(self.root)
    }
}
