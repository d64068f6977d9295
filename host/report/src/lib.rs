//! From a [`Report`] to bytes, one file a format.
//!
//! A renderer is a pure function of the report and of [`RenderOptions`]: no clock, no environment,
//! no file system, and the same input gives the same output.

mod frame;
mod json;
mod json_parts;
mod table;
mod terminal;

use verdikt_model::{Report, Row, Severity, Verdict};

pub use frame::finder;
pub use json_parts::{JsonLocation, JsonRenderedFrom};
pub use terminal::escaped;

/// The formats of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// For people: code frames and a summary.
    Table,
    /// For machines: the published JSON contract.
    Json,
}

/// Every format, with its name and what it is, in the order of the help text.
pub const FORMATS: &[(Format, &str, &str)] = &[
    (Format::Table, "table", "for people: each finding with its place in the source, and a summary"),
    (Format::Json, "json", "for machines: the complete report"),
];

impl Format {
    pub fn as_str(self) -> &'static str {
        FORMATS.iter().find(|(format, ..)| *format == self).map_or("", |(_, name, _)| name)
    }

    /// A format by its exact name.
    pub fn parse(text: &str) -> Option<Format> {
        FORMATS.iter().find(|(_, name, _)| *name == text).map(|(format, ..)| *format)
    }
}

/// How a report is shown. Nothing here changes what it says.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// Whether `table` uses ANSI colors.
    pub color: bool,
    /// Columns of the terminal; longer source lines are cut around what they are shown for.
    pub width: usize,
    /// Findings below are left out of every format, and counted as hidden. Rows of the verdict
    /// `error` always stay: they say that something was not judged.
    pub min_severity: Option<Severity>,
    /// Whether `table` lists results of the verdict `unknown`; it counts them in any case.
    pub unknown: bool,
    /// Whether `table` lists suppressed rows; it counts them in any case.
    pub suppressed: bool,
    /// Whether `table` leaves out the summary of a complete scan.
    pub quiet: bool,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions { color: false, width: 140, min_severity: None, unknown: true, suppressed: false, quiet: false }
    }
}

impl RenderOptions {
    fn is_severe_enough(&self, row: &Row) -> bool {
        row.verdict == Verdict::Error || self.min_severity.is_none_or(|least| row.severity >= least)
    }
}

/// Renders a report; the text ends with a newline.
pub fn render(report: &Report, format: Format, options: &RenderOptions) -> String {
    match format {
        Format::Table => table::render(report, options),
        Format::Json => json::render(report, options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_names_are_unique_and_parse_back() {
        for (format, name, about) in FORMATS {
            assert_eq!(Format::parse(name), Some(*format));
            assert_eq!(format.as_str(), *name);
            assert!(!about.is_empty());
        }
        assert_eq!(Format::parse("JSON"), None);
        assert_eq!(Format::parse(""), None);
    }
}
