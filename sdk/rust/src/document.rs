//! A document as rules get it.

use crate::node::Node;
use crate::tape::{Tape, TapeError};

/// What a document is called: everything but its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Names the document within one scan.
    pub id: u32,
    /// `workload`, `kubernetes`, `ecs` or `terraform`.
    pub platform: String,
    /// `Deployment`, `TaskDefinition`, `aws_eks_cluster`, ...
    pub kind: String,
    /// As the document states it.
    pub namespace: Option<String>,
    /// As the document states it.
    pub name: String,
    /// As the platform writes it, such as `shop/Deployment/web`.
    pub address: String,
    /// For a workload: the document that it was derived from.
    pub origin: Option<u32>,
}

/// A document with its body.
#[derive(Debug)]
pub struct Document {
    envelope: Envelope,
    tape: Tape,
}

impl Document {
    /// # Errors
    /// When the body is not JSON.
    pub fn new(envelope: Envelope, body: impl Into<String>) -> Result<Document, TapeError> {
        let tape = Tape::parse_document(envelope.id, body.into())?;
        Ok(Document { envelope, tape })
    }

    /// A document of which only the envelope is needed: its body is nothing. A rule of scope `inventory`
    /// can so state an outcome for a document that it need not read.
    pub fn without_body(envelope: &Envelope) -> Document {
        Document { envelope: envelope.clone(), tape: Tape::nothing(envelope.id) }
    }

    /// Everything but the body.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The whole body.
    pub fn root(&self) -> Node<'_> {
        self.tape.root()
    }

    pub(crate) fn forget_missing(&mut self) {
        self.tape.forget_missing();
    }
}

impl<'a> From<&'a Document> for Node<'a> {
    fn from(document: &'a Document) -> Self {
        document.root()
    }
}
