//! What a rule is: its metadata, its texts and the function that judges.

use crate::bindings::verdikt::policy::types::{RuleInfo, Scope, Severity, Target, Text as TextInfo};
use crate::document::Document;
use crate::finding::Findings;
use crate::inventory::Set;

/// One rule. Made by [`rule!`](crate::rule), which keeps the metadata beside the function.
pub struct Rule {
    /// Stable identifier, such as `WL-001`.
    pub id: &'static str,
    /// Readable stable name in kebab case.
    pub slug: &'static str,
    /// Of a violation, unless a finding says otherwise.
    pub severity: Severity,
    /// What the rule needs to see.
    pub scope: Scope,
    /// Whether it runs without being asked for.
    pub enabled_by_default: bool,
    /// `platform/kind`, with `*` for every kind.
    pub targets: &'static [&'static str],
    /// `framework:control`.
    pub controls: &'static [&'static str],
    /// The lines of the published page, as the doc comment has them.
    pub page: &'static [&'static str],
    /// English first.
    pub texts: &'static [Text],
    /// Whatever has no field of its own.
    pub extra: &'static [(&'static str, &'static str)],
    /// The JSON Schema of the settings; `None` when there are none.
    pub schema: fn() -> Option<String>,
    /// Reads the settings, once for a request, and gives the function that judges.
    pub prepare: fn(settings: &str) -> Result<Judge, String>,
}

/// A rule with its settings, ready to judge.
pub enum Judge {
    /// Judges one document.
    Document(DocumentJudge),
    /// Judges a whole set and states an outcome for each of its documents.
    Inventory(InventoryJudge),
}

type DocumentJudge = Box<dyn Fn(&Document, &mut Findings<'_>)>;
type InventoryJudge = Box<dyn Fn(&Set<'_>, &mut Findings<'_>)>;

/// The human text of a rule in one language.
pub struct Text {
    /// BCP 47 tag.
    pub language: &'static str,
    /// A short sentence that says what is right.
    pub title: &'static str,
    /// A page in this language; empty where there is only the English one.
    pub description: &'static str,
    /// What to write instead.
    pub remediation: &'static str,
    /// Templates by code; `{name}` stands for an argument.
    pub messages: &'static [(&'static str, &'static str)],
}

/// Messages that every rule has, because the SDK itself says them. A rule may say them better: under
/// the same code.
const COMMON: &[(&str, &[(&str, &str)])] = &[
    (
        "en",
        &[
            (UNKNOWN, "Whether the rule is met cannot be known, because the value at `{pointer}` is not: {why}."),
            (PASS, "The rule is met: {reason}."),
            (NOT_APPLICABLE, "The rule does not apply: {reason}."),
        ],
    ),
    (
        "de",
        &[
            (
                UNKNOWN,
                "Ob die Regel erfüllt ist, lässt sich nicht feststellen, weil der Wert bei `{pointer}` nicht bekannt ist: {why}.",
            ),
            (PASS, "Die Regel ist erfüllt: {reason}."),
            (NOT_APPLICABLE, "Die Regel ist nicht anwendbar: {reason}."),
        ],
    ),
];

/// The code of the message about a value that is not known.
pub(crate) const UNKNOWN: &str = "unknown";
/// The code of the message about a pass whose reason has no message of its own.
pub(crate) const PASS: &str = "pass";
/// The code of the message about a rule that does not apply, likewise.
pub(crate) const NOT_APPLICABLE: &str = "not-applicable";

impl Rule {
    /// The English template for a code.
    pub(crate) fn template(&self, code: &str) -> Option<&'static str> {
        self.messages("en").find(|(key, _)| *key == code).map(|(_, template)| template)
    }

    /// The templates in a language, the rule's own before the SDK's.
    pub(crate) fn messages(&self, language: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
        let own = self.texts.iter().find(|text| text.language == language).map_or(&[][..], |text| text.messages);
        let common = COMMON.iter().find(|(tag, _)| *tag == language).map_or(&[][..], |(_, messages)| *messages);
        let common = common.iter().filter(|(code, _)| own.iter().all(|(key, _)| key != code));
        own.iter().chain(common).copied()
    }

    /// The page as Markdown: the doc comment without the blank before each line.
    pub(crate) fn markdown(&self) -> String {
        let lines: Vec<&str> = self.page.iter().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
        lines.join("\n").trim().to_owned()
    }

    pub(crate) fn info(&self) -> RuleInfo {
        let english = self.texts.iter().find(|text| text.language == "en");
        let page = self.markdown();
        let texts = self.texts.iter().map(|text| TextInfo {
            language: text.language.to_owned(),
            title: text.title.to_owned(),
            description: if text.language == "en" { page.clone() } else { text.description.to_owned() },
            remediation: text.remediation.to_owned(),
            messages: own_pairs(self.messages(text.language)),
        });
        RuleInfo {
            id: self.id.to_owned(),
            slug: self.slug.to_owned(),
            title: english.map_or("", |text| text.title).to_owned(),
            description: page.clone(),
            remediation: english.map_or("", |text| text.remediation).to_owned(),
            severity: self.severity,
            scope: self.scope,
            enabled_by_default: self.enabled_by_default,
            targets: self.targets.iter().map(|target| parse_target(target)).collect(),
            controls: self.controls.iter().map(|control| (*control).to_owned()).collect(),
            texts: texts.collect(),
            settings_schema: (self.schema)(),
            extra: own_pairs(self.extra.iter().copied()),
        }
    }
}

/// `workload/Deployment` in two.
pub(crate) fn parse_target(target: &str) -> Target {
    let (platform, kind) = target.split_once('/').unwrap_or((target, "*"));
    Target { platform: platform.to_owned(), kind: kind.to_owned() }
}

pub(crate) fn own_pairs<'t>(pairs: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<(String, String)> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
