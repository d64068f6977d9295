//! Objects in, documents and workloads out.

use super::{Settings, normalize};
use crate::workload::testing::{self, Outcome, with_unknowns};

mod composed;
mod objects;
mod workloads;

fn kubernetes(text: &str) -> Outcome {
    testing::normalize(text, |parsed, out, diagnostics| normalize(parsed, Settings::default(), out, diagnostics))
}

/// A Pod with this spec.
fn pod(spec: &str) -> Outcome {
    kubernetes(&format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web"}},"spec":{spec}}}"#))
}

/// A Pod with one container of these members and these other members of the spec.
fn container(members: &str, spec: &str) -> Outcome {
    pod(&format!(r#"{{"containers":[{{"name":"app"{members}}}]{spec}}}"#))
}

/// Like [`pod`], where strings `<why>` are unknown values.
fn unknown_pod(spec: &str) -> Outcome {
    let text = format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web"}},"spec":{spec}}}"#);
    testing::normalize(&text, |parsed, out, diagnostics| {
        normalize(&with_unknowns(parsed), Settings::default(), out, diagnostics)
    })
}
