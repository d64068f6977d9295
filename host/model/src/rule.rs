//! Rules and packs as they describe themselves.

use std::fmt;

use crate::document::{Document, Platform};

/// How bad a violation is. Ordered: `Info` is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    pub fn parse(text: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.as_str() == text)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a failure leads to. Ordered: `Audit` asks the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// It is reported, nothing more.
    Audit,
    /// It is reported, and its artifact counts as not compliant.
    Mark,
    /// It fails the check as well.
    #[default]
    Enforce,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Audit, Mode::Mark, Mode::Enforce];

    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Audit => "audit",
            Mode::Mark => "mark",
            Mode::Enforce => "enforce",
        }
    }

    pub fn parse(text: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a rule needs to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each document by itself; silence means pass.
    Document,
    /// The whole document set; silence is not a pass.
    Inventory,
}

impl Scope {
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Document => "document",
            Scope::Inventory => "inventory",
        }
    }
}

/// Documents that a rule judges.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    pub platform: Platform,
    /// `None` is every kind.
    pub kind: Option<String>,
}

impl Target {
    pub fn matches(&self, document: &Document) -> bool {
        self.platform == document.platform && self.kind.as_ref().is_none_or(|kind| *kind == document.kind)
    }
}

impl fmt::Display for Target {
    /// `workload/*`, `kubernetes/NetworkPolicy`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.platform, self.kind.as_deref().unwrap_or("*"))
    }
}

/// The human text of a rule in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// BCP 47 tag.
    pub language: String,
    pub title: String,
    /// Markdown.
    pub description: String,
    /// Markdown.
    pub remediation: String,
    /// Templates by message code; `{name}` stands for an argument.
    pub messages: Vec<(String, String)>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    pub id: String,
    pub slug: String,
    pub title: String,
    pub description: String,
    pub remediation: String,
    pub severity: Severity,
    pub scope: Scope,
    pub enabled_by_default: bool,
    pub targets: Vec<Target>,
    /// `framework:control`.
    pub controls: Vec<String>,
    pub texts: Vec<Text>,
    /// JSON Schema as text.
    pub settings_schema: Option<String>,
    pub extra: Vec<(String, String)>,
}

impl RuleInfo {
    /// What other tools call the rule, from the entries `alias` of its metadata.
    pub fn aliases(&self) -> impl Iterator<Item = Alias<'_>> {
        self.extra.iter().filter(|(key, _)| key == "alias").filter_map(|(_, text)| Alias::parse(text))
    }

    /// What the mapping to a control rests on, from the entries `basis` of the metadata: `text` when the
    /// rule implements a sentence of the control, `title` when only its title is known, ...
    pub fn basis(&self, control: &str) -> Option<&str> {
        let entries = self.extra.iter().filter(|(key, _)| key == "basis");
        entries.filter_map(|(_, text)| text.rsplit_once(' ')).find(|(of, _)| *of == control).map(|(_, basis)| basis)
    }

    /// The rule's text in a language, or else its English one; `None` when it has neither.
    pub fn text(&self, language: &str) -> Option<&Text> {
        let find = |language: &str| self.texts.iter().find(|text| text.language == language);
        find(language).or_else(|| find("en"))
    }
}

/// What another tool calls a rule: `checkov:CKV_K8S_16`, or `checkov:CKV_K8S_17@hostPID` when its check
/// is about one member of what the rule judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias<'a> {
    /// `checkov`, `trivy`, `kube-linter`, ...
    pub tool: &'a str,
    pub check: &'a str,
    /// The check is about findings that are at or below a member of this name, and about no others.
    pub member: Option<&'a str>,
}

impl<'a> Alias<'a> {
    /// `None` when the text has not the form `tool:check[@member]`.
    pub fn parse(text: &'a str) -> Option<Alias<'a>> {
        let (tool, rest) = text.split_once(':')?;
        let (check, member) = match rest.split_once('@') {
            Some((check, member)) => (check, Some(member)),
            None => (rest, None),
        };
        let complete = [Some(tool), Some(check), member].into_iter().flatten().all(|part| !part.is_empty());
        complete.then_some(Alias { tool, check, member })
    }

    /// Whether the tool takes `name` for this check.
    pub fn is_called(self, name: &str) -> bool {
        self.check.eq_ignore_ascii_case(name)
            || (self.tool == "trivy" && trivy_id(name).is_some_and(|id| id.eq_ignore_ascii_case(self.check)))
    }

    /// Whether the check is about a finding with this pointer.
    pub fn covers(self, pointer: &str) -> bool {
        self.member.is_none_or(|member| pointer.split('/').any(|token| token == member))
    }
}

impl fmt::Display for Alias<'_> {
    /// Without the member, which is of interest to machines only.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.tool, self.check)
    }
}

/// The newest of the three forms that Trivy's ids have had: `KSV017`, `AVD-KSV-0017`, `KSV-0017`
/// (`id` and `avd_id` of the metadata in github.com/aquasecurity/trivy-checks). `None` for other names.
fn trivy_id(name: &str) -> Option<String> {
    let rest = name.get(..4).filter(|start| start.eq_ignore_ascii_case("AVD-")).map_or(name, |_| &name[4..]);
    let digits = rest.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let group = &rest[..rest.len() - digits.len()];
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    let is_id = !group.is_empty() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| format!("{group}-{digits:0>4}"))
}

/// One pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackInfo {
    pub id: String,
    pub version: String,
    pub title: String,
    pub rules: Vec<RuleInfo>,
    pub extra: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_found_under_each_of_their_names() {
        for (alias, name, expected) in [
            ("checkov:CKV_K8S_16", "ckv_k8s_16", true),
            ("checkov:CKV_K8S_16", "CKV_K8S_1", false),
            ("trivy:KSV-0017", "KSV017", true),
            ("trivy:KSV-0017", "AVD-KSV-0017", true),
            ("trivy:KSV-0017", "avd-ksv-0017", true),
            ("trivy:KSV-0017", "KSV-0017", true),
            ("trivy:KSV-0017", "KSV-0170", false),
            ("trivy:KSV-0106", "KSV106", true),
            ("trivy:KSV-0017", "AVD-", false),
            ("trivy:KSV-0017", "ÄVD-ksv-0017", false),
            ("kube-linter:latest-tag", "latest-tag", true),
        ] {
            assert_eq!(Alias::parse(alias).unwrap().is_called(name), expected, "{alias} {name}");
        }
        for bad in ["", "checkov", "checkov:", ":CKV_K8S_16", "checkov:CKV_K8S_17@", "checkov:@hostPID"] {
            assert_eq!(Alias::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_alias_may_be_about_one_member() {
        let alias = Alias::parse("checkov:CKV_K8S_17@hostPID").unwrap();
        assert_eq!(alias.to_string(), "checkov:CKV_K8S_17");
        assert!(alias.covers("/hostPID") && alias.covers("/a/hostPID/0"));
        assert!(!alias.covers("/hostIPC") && !alias.covers("/hostPIDs") && !alias.covers(""));
        assert!(Alias::parse("checkov:CKV_K8S_16").unwrap().covers(""));
    }
}
