//! Parts of the JSON contract that other outputs of a program share, so that a place looks the same
//! wherever it is printed.

use serde::Serialize;
use verdikt_model::{Location, RenderedFrom};

/// A place in a text: lines and columns from 1, columns in Unicode scalar values, the end exclusive.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct JsonLocation<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'a> From<&'a Location> for JsonLocation<'a> {
    fn from(at: &'a Location) -> Self {
        JsonLocation {
            file: &at.file,
            line: at.line,
            column: at.column,
            end_line: at.end_line,
            end_column: at.end_column,
        }
    }
}

/// What a document was rendered from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct JsonRenderedFrom<'a> {
    /// `helm` or `kustomize`.
    by: &'static str,
    /// As the renderer writes it.
    path: &'a str,
    repository: Option<&'a str>,
    revision: Option<&'a str>,
}

impl<'a> From<&'a RenderedFrom> for JsonRenderedFrom<'a> {
    fn from(from: &'a RenderedFrom) -> Self {
        JsonRenderedFrom {
            by: from.by.as_str(),
            path: &from.path,
            repository: from.repository.as_deref(),
            revision: from.revision.as_deref(),
        }
    }
}
