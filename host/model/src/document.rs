//! What a rule judges.

use std::fmt;
use std::sync::Arc;

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
    /// As the platform writes it: `shop/Deployment/web`, an ECS family, a Terraform address. A
    /// workload carries its origin's.
    pub address: String,
    /// The block that is the document; reports show where it begins.
    pub span: Span,
    /// For a workload: the document that it was derived from.
    pub origin: Option<DocumentId>,
    pub tree: Arc<Tree>,
    /// The body's root in `tree`.
    pub root: NodeId,
}

impl Document {
    pub fn body(&self) -> NodeRef<'_> {
        self.tree.node(self.root)
    }
}
