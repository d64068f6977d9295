//! Which version of the standards is meant.

use std::fmt;

use verdikt_sdk::{Node, Setting};

/// A version of the Pod Security Standards: `latest`, or `v1.` and the minor version of Kubernetes, as
/// the label `pod-security.kubernetes.io/enforce-version` has it.
///
/// A version that is newer than all that is known here is judged by the newest that is, as an API server
/// does that is older than the version it is asked for (`EvaluatePod` in `policy/registry.go` of
/// k8s.io/pod-security-admission).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// `None` for the latest.
    minor: Option<u32>,
}

impl Version {
    /// Whether it has what came with a minor version.
    pub(crate) fn has(self, minor: u32) -> bool {
        self.minor.is_none_or(|own| own >= minor)
    }

    /// As `ParseVersion` in `api/helpers.go` of k8s.io/pod-security-admission reads it, but what that
    /// takes for the latest, with an error beside, is refused.
    fn parse(text: &str) -> Option<Version> {
        if text == "latest" {
            return Some(Version { minor: None });
        }
        let digits = text.strip_prefix("v1.")?;
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        let minor = if is_plain { digits.parse().ok()? } else { return None };
        Some(Version { minor: Some(minor) })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            None => out.write_str("latest"),
            Some(minor) => write!(out, "v1.{minor}"),
        }
    }
}

/// The default of a parameter; only `latest` is one.
pub(crate) struct Latest;

impl From<Latest> for Version {
    fn from(Latest: Latest) -> Self {
        Version { minor: None }
    }
}

impl Setting for Version {
    const SCHEMA: &'static str = r#""type": "string", "pattern": "^(latest|v1\\.(0|[1-9][0-9]{0,3}))$""#;

    fn to_json(&self) -> String {
        format!("\"{self}\"")
    }

    fn read(node: Node<'_>) -> Option<Self> {
        Version::parse(node.str().known()?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Latest, Version};

    #[test]
    fn versions_are_read_as_the_label_has_them() {
        for (text, minor) in [("latest", None), ("v1.0", Some(0)), ("v1.25", Some(25)), ("v1.999", Some(999))] {
            assert_eq!(Version::parse(text), Some(Version { minor }), "{text}");
            assert_eq!(Version::parse(text).map(|version| version.to_string()).as_deref(), Some(text));
        }
        for text in ["", "1.25", "v1", "v1.", "v1.05", "v1.+5", "v1.25.3", "v2.0", "Latest", "v1.99999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_latest_has_everything() {
        let v25 = Version { minor: Some(25) };
        assert!(v25.has(0) && v25.has(25) && !v25.has(26));
        assert!(Version::from(Latest).has(u32::MAX));
    }
}
