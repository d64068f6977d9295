//! `verdikt normalize`: the documents as rules see them, one line of JSON each.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use verdikt_engine::input::{Loaded, load};
use verdikt_engine::model::Document;
use verdikt_engine::report::JsonRenderedFrom;

use crate::args::NormalizeArgs;
use crate::exit::Exit;
use crate::{config, problems};

pub(crate) fn run(args: &NormalizeArgs) -> Result<Exit> {
    let loaded = load(&config::load_options(&args.inputs)?);
    if !loaded.unusable.is_empty() {
        bail!("{}", loaded.unusable.join("; "));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    for document in &loaded.documents {
        writeln!(out, "{}", line(&loaded, document)?).context("cannot write to standard output")?;
    }
    out.flush().context("cannot write to standard output")?;
    let errors = problems::print(&loaded.diagnostics, &loaded.sources);
    Ok(if errors {
        Exit::Incomplete
    } else if loaded.documents.is_empty() {
        Exit::Nothing
    } else {
        Exit::Clean
    })
}

/// Everything but the body.
#[derive(Serialize)]
struct Envelope<'a> {
    id: u32,
    platform: &'static str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
    address: &'a str,
    origin: Option<u32>,
    /// `helm` or `kustomize`, and what it was rendered from as that writes it.
    rendered_from: Option<JsonRenderedFrom<'a>>,
    /// Whether it is a part of an object that another file has.
    patch: bool,
    file: &'a str,
    line: u32,
}

fn line(loaded: &Loaded, document: &Document) -> Result<String> {
    let source = loaded.sources.get(document.span.file);
    let envelope = Envelope {
        id: document.id.0,
        platform: document.platform.as_str(),
        kind: &document.kind,
        namespace: document.namespace.as_deref(),
        name: &document.name,
        address: &document.address,
        origin: document.origin.map(|origin| origin.0),
        rendered_from: document.rendered_from.as_ref().map(JsonRenderedFrom::from),
        patch: document.is_patch,
        file: &source.path,
        line: source.position(document.span.start).line,
    };
    let mut text = serde_json::to_string(&envelope).context("cannot write a document as JSON")?;
    // The body is JSON text already, and must reach the reader digit for digit: it takes the place
    // of the closing brace.
    text.pop();
    text.push_str(",\"body\":");
    document.body().write_json(&mut text);
    text.push('}');
    Ok(text)
}
