//! The document set, as packs see it.
//!
//! Everything that a guest passes in is checked, and every answer is bounded by the set: a guest
//! that asks in a loop is stopped by its deadline.

use std::sync::Arc;

use verdikt_model::{Document, DocumentId, Platform, Pointer, Resolved};

use crate::fault::Breach;

/// The documents that belong together, with their indexes. Ids outside of the set have no
/// document, no body and no references.
pub trait DocumentSet: Send + Sync {
    fn document(&self, id: DocumentId) -> Option<&Document>;

    /// The body as JSON text, made once and shared by all packs.
    fn body(&self, id: DocumentId) -> Option<&str>;

    /// In the order of the scan.
    fn find(&self, selector: &Selector) -> Vec<DocumentId>;

    /// Where this document points to.
    fn references(&self, id: DocumentId) -> Vec<Link>;

    /// Who points to this document.
    fn referrers(&self, id: DocumentId) -> Vec<Link>;

    /// How many documents there are. The time of inventory rules grows with it.
    fn len(&self) -> usize {
        self.find(&Selector::default()).len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Which documents to find: those that match every field given. The default matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    pub platform: Option<Platform>,
    /// Exact.
    pub kind: Option<String>,
    pub namespace: Option<String>,
    pub name: Option<String>,
    /// Labels that the document carries, each with this value.
    pub labels: Vec<(String, String)>,
}

/// A reference from a node of one document to another document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The document that refers.
    pub document: DocumentId,
    /// The node that names the other.
    pub pointer: Pointer,
    /// The document that is referred to.
    pub target: DocumentId,
}

/// What a guest call may see of the set.
#[derive(Clone)]
pub(crate) enum Access {
    /// `describe` depends on nothing.
    Describing,
    /// A document rule judges each document by itself. If it could look at others, its outcome
    /// would depend on more than the host shows it.
    DocumentRules,
    Set(Arc<dyn DocumentSet>),
}

impl Access {
    /// The set.
    ///
    /// # Errors
    /// When this call may not see it.
    pub(crate) fn set(&self) -> Result<&dyn DocumentSet, Breach> {
        match self {
            Access::Describing => Err(Breach::InventoryFromDescribe),
            Access::DocumentRules => Err(Breach::InventoryFromDocumentRule),
            Access::Set(set) => Ok(&**set),
        }
    }
}

/// The platform that a selector names; `None` for `*`.
///
/// # Errors
/// When there is no such platform. An empty answer would look like "there is nothing".
pub(crate) fn selected_platform(text: &str) -> Result<Option<Platform>, Breach> {
    if text == "*" {
        return Ok(None);
    }
    match Platform::parse(text) {
        Some(platform) => Ok(Some(platform)),
        None => Err(Breach::Argument {
            what: format!(
                "`inventory.find` was asked for the platform `{}`; there are {} and `*`",
                crate::text::shorten(text),
                Platform::ALL.map(Platform::as_str).join(", "),
            ),
        }),
    }
}

/// JSON text of the node at a pointer, `None` when there is none.
///
/// Below a value that is unknown everything is unknown: the answer is that value itself, since
/// "absent" would be a guess.
///
/// # Errors
/// When the text is no pointer.
pub(crate) fn get(set: &dyn DocumentSet, id: DocumentId, pointer: &str) -> Result<Option<String>, Breach> {
    if pointer.is_empty() {
        return Ok(set.body(id).map(str::to_owned));
    }
    let pointer = Pointer::parse(pointer)
        .map_err(|error| Breach::Argument { what: crate::text::shorten(&format!("`inventory.get`: {error}")) })?;
    let Some(document) = set.document(id) else { return Ok(None) };
    Ok(match pointer.resolve(document.body()) {
        Ok(Resolved { node, exact, .. }) if exact || node.is_unknown() => Some(node.to_json()),
        // An index out of range and a step into a scalar name nothing either.
        Ok(_) | Err(_) => None,
    })
}
