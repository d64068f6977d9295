//! The document set, for rules of scope `inventory`.

use std::cell::RefCell;
use std::collections::BTreeMap;
#[cfg(not(target_arch = "wasm32"))]
use std::rc::Rc;

use crate::bindings::verdikt::policy::inventory as host;
use crate::document::{Document, Envelope};
use crate::finding::Findings;
use crate::tape::TapeError;

/// How much text of bodies a set keeps, in bytes. With what it is read into, it takes less than three
/// times as much of the guest's memory, which a set of any size has to fit into.
const KEPT_TEXT: usize = 4 << 20;

/// What an inventory rule sees: the documents that it has to judge, and all others of the set.
pub struct Set<'s> {
    documents: &'s [Envelope],
    inventory: Inventory,
    kept: RefCell<Kept>,
    found: RefCell<Vec<(Selector, Vec<Envelope>)>>,
}

/// Documents that were read before: most rules of a pack read the same ones. The first are kept, since
/// every rule reads in the order of the scan: of a set that is too large, what was read last would always
/// be forgotten before it is asked for again.
struct Kept {
    documents: BTreeMap<u32, Document>,
    /// How much more text can be kept, in bytes.
    room: usize,
}

impl<'s> Set<'s> {
    pub(crate) fn new(documents: &'s [Envelope], inventory: Inventory) -> Set<'s> {
        let kept = Kept { documents: BTreeMap::new(), room: KEPT_TEXT };
        Set { documents, inventory, kept: RefCell::new(kept), found: RefCell::default() }
    }

    /// Forgets between rules which absent members were asked for.
    pub(crate) fn forget_missing(&mut self) {
        self.kept.get_mut().documents.values_mut().for_each(Document::forget_missing);
    }

    /// The documents that the rule has to judge: it states an outcome for each. Not all of its targets in the set: the
    /// host asks in as many parts as it likes, and [`find`](Set::find) sees the whole.
    pub fn documents(&self) -> &[Envelope] {
        self.documents
    }

    /// Reads one after another the documents that the rule has to judge. One that cannot be read is
    /// stated as an error of the rule there.
    pub fn judge_each(&self, findings: &mut Findings<'_>, mut judge: impl FnMut(&Document, &mut Findings<'_>)) {
        for envelope in self.documents {
            match self.read(envelope) {
                Ok(document) => judge(&document, findings),
                Err(error) => findings.add_unreadable(envelope.id, &error.to_string()),
            }
        }
    }

    /// The documents of the whole set that match, in the order of the scan.
    pub fn find(&self, selector: Selector) -> Vec<Envelope> {
        // The rules of a pack ask for the same kinds. What one asks for a single document is not asked again.
        if !selector.is_kind_only() {
            return self.inventory.find(&selector);
        }
        if let Some((_, found)) = self.found.borrow().iter().find(|(asked, _)| *asked == selector) {
            return found.clone();
        }
        let found = self.inventory.find(&selector);
        self.found.borrow_mut().push((selector, found.clone()));
        found
    }

    /// A document with its body.
    ///
    /// # Errors
    /// When the set has no such document, or its body is not JSON. Neither happens with a document
    /// that this set has named.
    pub fn read(&self, document: &Envelope) -> Result<Document, ReadError> {
        if let Some(kept) = self.kept.borrow().documents.get(&document.id) {
            return Ok(kept.clone());
        }
        let body = self.inventory.get(document.id, "").ok_or(ReadError::NoSuchDocument)?;
        let length = body.len();
        let read = Document::new(document.clone(), body).map_err(ReadError::Body)?;
        let mut kept = self.kept.borrow_mut();
        if length <= kept.room {
            kept.room -= length;
            kept.documents.insert(document.id, read.clone());
        }
        Ok(read)
    }

    /// What the document refers to.
    pub fn references(&self, document: &Envelope) -> Vec<Link> {
        self.inventory.references(document.id)
    }

    /// What refers to the document.
    pub fn referrers(&self, document: &Envelope) -> Vec<Link> {
        self.inventory.referrers(document.id)
    }
}

/// Why a document of a set could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The set has no document with this id.
    NoSuchDocument,
    /// The body is not JSON.
    Body(TapeError),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReadError::NoSuchDocument => out.write_str("the document set has no such document"),
            ReadError::Body(error) => write!(out, "the document's body is {error}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// Which documents to find. Every condition must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    platform: String,
    kind: String,
    namespace: Option<String>,
    name: Option<String>,
    labels: Vec<(String, String)>,
}

impl Selector {
    /// Documents of a platform and a kind; `*` is any.
    pub fn new(platform: &str, kind: &str) -> Selector {
        Selector {
            platform: platform.to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: None,
            labels: Vec::new(),
        }
    }

    /// Whether it asks for nothing but a platform and a kind.
    fn is_kind_only(&self) -> bool {
        self.namespace.is_none() && self.name.is_none() && self.labels.is_empty()
    }

    /// Only those that state this namespace.
    #[must_use]
    pub fn namespace(self, namespace: &str) -> Selector {
        Selector { namespace: Some(namespace.to_owned()), ..self }
    }

    /// Only those of this name.
    #[must_use]
    pub fn name(self, name: &str) -> Selector {
        Selector { name: Some(name.to_owned()), ..self }
    }

    /// Only those that carry this label.
    #[must_use]
    pub fn label(mut self, label: &str, value: &str) -> Selector {
        self.labels.push((label.to_owned(), value.to_owned()));
        self
    }
}

/// A reference from a node of one document to another document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The document that refers.
    pub document: u32,
    /// The node of it that names the other.
    pub pointer: String,
    /// The document that is referred to.
    pub target: u32,
}

/// Where an inventory's answers come from.
///
/// An enum and not a trait object: what a component imports is what it can call, so calls that no
/// rule makes must leave no trace in it.
#[derive(Clone)]
pub(crate) enum Inventory {
    Host,
    #[cfg(not(target_arch = "wasm32"))]
    Memory(Rc<crate::testing::Documents>),
}

impl Inventory {
    fn find(&self, selector: &Selector) -> Vec<Envelope> {
        match self {
            Inventory::Host => {
                let Selector { platform, kind, namespace, name, labels } = selector.clone();
                let found = host::find(&host::Selector { platform, kind, namespace, name, labels });
                found.into_iter().map(Envelope::from).collect()
            }
            #[cfg(not(target_arch = "wasm32"))]
            Inventory::Memory(documents) => documents.find(selector),
        }
    }

    fn get(&self, document: u32, pointer: &str) -> Option<String> {
        match self {
            Inventory::Host => host::get(document, pointer),
            #[cfg(not(target_arch = "wasm32"))]
            Inventory::Memory(documents) => documents.get(document, pointer),
        }
    }

    fn references(&self, document: u32) -> Vec<Link> {
        match self {
            Inventory::Host => host::references(document).into_iter().map(Link::from).collect(),
            #[cfg(not(target_arch = "wasm32"))]
            Inventory::Memory(documents) => documents.links(|link| link.document == document),
        }
    }

    fn referrers(&self, document: u32) -> Vec<Link> {
        match self {
            Inventory::Host => host::referrers(document).into_iter().map(Link::from).collect(),
            #[cfg(not(target_arch = "wasm32"))]
            Inventory::Memory(documents) => documents.links(|link| link.target == document),
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Selector {
    /// The host's rule of matching, for documents in memory. Labels are those of the document, or
    /// for a workload those of its pods.
    pub(crate) fn matches(&self, document: &Document) -> bool {
        let envelope = document.envelope();
        let of_workload = envelope.platform == "workload";
        let labels =
            if of_workload { document.root().get("labels") } else { document.root().path(&["metadata", "labels"]) };
        (self.platform == "*" || self.platform == envelope.platform)
            && (self.kind == "*" || self.kind == envelope.kind)
            && (self.namespace.is_none() || self.namespace == envelope.namespace)
            && self.name.as_ref().is_none_or(|name| *name == envelope.name)
            && self.labels.iter().all(|(label, value)| labels.get(label).str().known() == Some(value))
    }
}

impl From<host::Entry> for Envelope {
    fn from(entry: host::Entry) -> Self {
        let host::Entry { id, platform, kind, namespace, name, address, origin } = entry;
        Envelope { id, platform, kind, namespace, name, address, origin }
    }
}

impl From<host::Link> for Link {
    fn from(link: host::Link) -> Self {
        let host::Link { document, pointer, target } = link;
        Link { document, pointer, target }
    }
}
