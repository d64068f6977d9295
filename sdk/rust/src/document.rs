//! A document as rules get it.

use std::rc::Rc;

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

/// A document with its body. A clone is the same document and costs nothing.
#[derive(Clone, Debug)]
pub struct Document {
    content: Rc<Content>,
}

#[derive(Debug)]
struct Content {
    envelope: Envelope,
    tape: Tape,
}

impl Document {
    /// # Errors
    /// When the body is not JSON.
    pub fn new(envelope: Envelope, body: impl Into<String>) -> Result<Document, TapeError> {
        let tape = Tape::parse_document(envelope.id, body.into())?;
        Ok(Document { content: Rc::new(Content { envelope, tape }) })
    }

    /// A document of which only the envelope is needed: its body is nothing. A rule of scope `inventory`
    /// can so state an outcome for a document that it need not read.
    pub fn without_body(envelope: &Envelope) -> Document {
        let content = Content { envelope: envelope.clone(), tape: Tape::nothing(envelope.id) };
        Document { content: Rc::new(content) }
    }

    /// Everything but the body.
    pub fn envelope(&self) -> &Envelope {
        &self.content.envelope
    }

    /// The whole body.
    pub fn root(&self) -> Node<'_> {
        self.content.tape.root()
    }

    /// Forgets which absent members were asked for. Nothing happens while a rule holds a clone, whose
    /// nodes may be absent ones.
    pub(crate) fn forget_missing(&mut self) {
        if let Some(content) = Rc::get_mut(&mut self.content) {
            content.tape.forget_missing();
        }
    }
}

impl<'a> From<&'a Document> for Node<'a> {
    fn from(document: &'a Document) -> Self {
        document.root()
    }
}
