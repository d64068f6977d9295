//! What the numbers of benchmarks mean beside each other.

use std::fs;
use std::path::Path;

/// Two benchmarks: how many times as fast as the second the first is, and what to call that.
const PAIRS: &[(&str, &str, &str)] = &[
    ("yaml-deployments/parse", "yaml-deployments/events", "YAML, many small values: trees beside bare events"),
    ("yaml-translated/parse", "yaml-translated/events", "the same, not ASCII"),
    ("yaml-definitions/parse", "yaml-definitions/events", "YAML, long descriptions: trees beside bare events"),
    ("yaml-config-maps/parse", "yaml-config-maps/events", "YAML, block scalars: trees beside bare events"),
    ("yaml-deployments/load", "yaml-deployments/parse", "Kubernetes: documents beside trees"),
    ("json-tasks/parse", "json-tasks/values of serde_json", "JSON: trees beside values of serde_json"),
    ("json-tasks/load", "json-tasks/parse", "ECS: documents beside trees"),
    ("files/threads/2", "files/threads/1", "documents: two threads beside one"),
    ("end_to_end/threads/2", "end_to_end/threads/1", "whole check: two threads beside one"),
];

/// The ratios of the pairs that have been measured, one a line.
pub(crate) fn ratios(criterion: &Path) -> String {
    let lines = PAIRS.iter().filter_map(|(one, other, what)| {
        let (one, other) = (median(criterion, one)?, median(criterion, other)?);
        Some(format!("{:>6.2}  {what}\n", other / one))
    });
    lines.collect()
}

/// The median of a benchmark's last run, in nanoseconds.
fn median(criterion: &Path, name: &str) -> Option<f64> {
    let folder = name.split('/').fold(criterion.to_owned(), |folder, part| folder.join(part));
    point_estimate(&fs::read_to_string(folder.join("new/estimates.json")).ok()?)
}

/// What criterion's `estimates.json` says of the median. The format of that file is criterion's own;
/// one number of it is not worth a parser that xtask would have to wait for.
fn point_estimate(estimates: &str) -> Option<f64> {
    let (_, median) = estimates.split_once("\"median\":")?;
    let (_, estimate) = median.split_once("\"point_estimate\":")?;
    estimate.split([',', '}']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_found_among_the_estimates() {
        let estimates = r#"{"mean":{"confidence_interval":{"lower_bound":1.0},"point_estimate":2.5,"standard_error":0.1},"median":{"confidence_interval":{"confidence_level":0.95,"lower_bound":3.0},"point_estimate":1234.5,"standard_error":0.2}}"#;
        assert_eq!(point_estimate(estimates), Some(1234.5));
        assert_eq!(point_estimate("{}"), None);
    }
}
