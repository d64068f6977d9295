//! The description of a pack as JSON: how it is kept beside the code that was compiled ahead of
//! time.

use serde::{Deserialize, Serialize};
use verdikt_model::{PackInfo, RuleInfo, Scope, Severity, Text};

use crate::answer::{RawPack, RawRule};

/// Version of this form. Another one is a miss: the pack is compiled and asked again.
pub(crate) const SCHEMA: u32 = 1;

/// Which pack, and what it says.
#[derive(Debug)]
pub(crate) struct Description {
    /// `sha256:` and the digest of the pack file.
    pub(crate) digest: String,
    /// Not checked yet.
    pub(crate) pack: RawPack,
}

pub(crate) fn write(digest: &str, info: &PackInfo) -> Result<String, serde_json::Error> {
    let wire = WireDescription { schema: SCHEMA, digest: digest.to_owned(), pack: WirePack::from(info) };
    serde_json::to_string(&wire)
}

/// Reads what [`write`] wrote; `None` for anything else.
pub(crate) fn read(text: &str) -> Option<Description> {
    let wire: WireDescription = serde_json::from_str(text).ok()?;
    (wire.schema == SCHEMA).then_some(())?;
    Some(Description { digest: wire.digest, pack: wire.pack.into_raw()? })
}

#[derive(Serialize, Deserialize)]
struct WireDescription {
    schema: u32,
    digest: String,
    pack: WirePack,
}

#[derive(Serialize, Deserialize)]
struct WirePack {
    id: String,
    version: String,
    title: String,
    rules: Vec<WireRule>,
    extra: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct WireRule {
    id: String,
    slug: String,
    title: String,
    description: String,
    remediation: String,
    severity: String,
    scope: String,
    enabled_by_default: bool,
    targets: Vec<(String, String)>,
    controls: Vec<String>,
    texts: Vec<WireText>,
    settings_schema: Option<String>,
    extra: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct WireText {
    language: String,
    title: String,
    description: String,
    remediation: String,
    messages: Vec<(String, String)>,
}

impl From<&PackInfo> for WirePack {
    fn from(info: &PackInfo) -> Self {
        WirePack {
            id: info.id.clone(),
            version: info.version.clone(),
            title: info.title.clone(),
            rules: info.rules.iter().map(WireRule::from).collect(),
            extra: info.extra.clone(),
        }
    }
}

impl WirePack {
    fn into_raw(self) -> Option<RawPack> {
        let rules: Option<Vec<RawRule>> = self.rules.into_iter().map(WireRule::into_raw).collect();
        Some(RawPack { id: self.id, version: self.version, title: self.title, rules: rules?, extra: self.extra })
    }
}

impl From<&RuleInfo> for WireRule {
    fn from(info: &RuleInfo) -> Self {
        let targets = info
            .targets
            .iter()
            .map(|target| (target.platform.as_str().to_owned(), target.kind.clone().unwrap_or_else(|| "*".to_owned())));
        let texts = info.texts.iter().map(|text| WireText {
            language: text.language.clone(),
            title: text.title.clone(),
            description: text.description.clone(),
            remediation: text.remediation.clone(),
            messages: text.messages.clone(),
        });
        WireRule {
            id: info.id.clone(),
            slug: info.slug.clone(),
            title: info.title.clone(),
            description: info.description.clone(),
            remediation: info.remediation.clone(),
            severity: info.severity.as_str().to_owned(),
            scope: info.scope.as_str().to_owned(),
            enabled_by_default: info.enabled_by_default,
            targets: targets.collect(),
            controls: info.controls.clone(),
            texts: texts.collect(),
            settings_schema: info.settings_schema.clone(),
            extra: info.extra.clone(),
        }
    }
}

impl WireRule {
    fn into_raw(self) -> Option<RawRule> {
        let texts = self.texts.into_iter().map(|text| Text {
            language: text.language,
            title: text.title,
            description: text.description,
            remediation: text.remediation,
            messages: text.messages,
        });
        let info = RuleInfo {
            id: self.id,
            slug: self.slug,
            title: self.title,
            description: self.description,
            remediation: self.remediation,
            severity: Severity::parse(&self.severity)?,
            scope: [Scope::Document, Scope::Inventory].into_iter().find(|scope| scope.as_str() == self.scope)?,
            enabled_by_default: self.enabled_by_default,
            targets: Vec::new(),
            controls: self.controls,
            texts: texts.collect(),
            settings_schema: self.settings_schema,
            extra: self.extra,
        };
        Some(RawRule { info, targets: self.targets })
    }
}

#[cfg(test)]
mod tests {
    use verdikt_model::{Platform, Target};

    use super::*;
    use crate::description;
    use crate::limits::Limits;

    #[test]
    fn what_is_written_is_read_back() {
        let info = PackInfo {
            id: "p".into(),
            version: "1.2.3".into(),
            title: "Über".into(),
            rules: vec![RuleInfo {
                id: "A-1".into(),
                slug: "a".into(),
                title: "t".into(),
                description: "d \"quoted\"\n".into(),
                remediation: "r".into(),
                severity: Severity::Critical,
                scope: Scope::Inventory,
                enabled_by_default: false,
                targets: vec![
                    Target { platform: Platform::Ecs, kind: None },
                    Target { platform: Platform::Kubernetes, kind: Some("Pod".into()) },
                ],
                controls: vec!["a:b".into()],
                texts: vec![Text {
                    language: "de".into(),
                    title: "T".into(),
                    description: "D".into(),
                    remediation: "R".into(),
                    messages: vec![("code".into(), "{x}".into())],
                }],
                settings_schema: Some("{}".into()),
                extra: vec![("k".into(), "v".into())],
            }],
            extra: vec![("x".into(), "y".into())],
        };
        let text = write("sha256:00", &info).unwrap();
        let read_back = read(&text).unwrap();
        assert_eq!(read_back.digest, "sha256:00");
        assert_eq!(description::check(read_back.pack, &Limits::default()), Ok(info));
        for other in [text.replace("\"schema\":1", "\"schema\":2"), text.replace("critical", "worst"), text[1..].into()]
        {
            assert!(read(&other).is_none(), "{other}");
        }
    }
}
