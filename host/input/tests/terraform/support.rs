//! What the tests share: inputs in memory, and ways to look at what came of them.

use verdikt_input::{Input, LoadOptions, Loaded, Text, load};
use verdikt_model::{Document, NodeRef, Platform, Pointer, Sources};

/// Loads one text.
pub fn text(path: &str, text: &str) -> Loaded {
    load(&LoadOptions {
        inputs: vec![Input::Text { path: path.to_owned(), bytes: text.as_bytes().to_vec() }],
        ..LoadOptions::default()
    })
}

/// Loads the files of a folder, from memory.
pub fn folder(files: &[(&str, &str)]) -> Loaded {
    load(&options(files))
}

pub fn options(files: &[(&str, &str)]) -> LoadOptions {
    let text = |(path, text): &(&str, &str)| Text {
        path: (*path).to_owned(),
        identity: (*path).to_owned(),
        named: false,
        companion: false,
        bytes: text.as_bytes().to_vec(),
    };
    LoadOptions { inputs: vec![Input::Texts(files.iter().map(text).collect())], ..LoadOptions::default() }
}

/// The document of a platform with an address.
pub fn find<'l>(loaded: &'l Loaded, platform: Platform, address: &str) -> &'l Document {
    let found: Vec<&Document> =
        loaded.documents.iter().filter(|it| it.platform == platform && it.address == address).collect();
    match found[..] {
        [document] => document,
        _ => panic!("{} documents {platform} {address} among {:?}", found.len(), addresses(loaded)),
    }
}

/// Platform, kind and address of all documents.
pub fn addresses(loaded: &Loaded) -> Vec<String> {
    loaded.documents.iter().map(|it| format!("{} {} {}", it.platform, it.kind, it.address)).collect()
}

pub fn at<'d>(document: &'d Document, pointer: &str) -> NodeRef<'d> {
    let found = Pointer::parse(pointer).unwrap().resolve(document.body()).unwrap();
    assert!(found.exact, "{pointer} is not there in {}", document.body().to_json());
    found.node
}

pub fn json(document: &Document, pointer: &str) -> String {
    at(document, pointer).to_json()
}

/// What stands where a value comes from.
pub fn source<'l>(sources: &'l Sources, document: &Document, pointer: &str) -> &'l str {
    sources.text(at(document, pointer).span())
}

/// The messages of all diagnostics.
pub fn problems(loaded: &Loaded) -> Vec<String> {
    loaded.diagnostics.iter().map(|it| format!("{}: {}", it.code, it.message)).collect()
}

pub fn notes(loaded: &Loaded) -> Vec<String> {
    loaded.coverage.notes.iter().map(|it| format!("{}:{}: {}", it.path, it.line, it.text)).collect()
}
