//! Which workloads count as production, for rules that ask more of those.

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{Field, Finding, Findings, Node, Setting, Strings, Workload};

/// The parameter `production_selector`: each text chooses workloads, by their namespace
/// (`namespace=shop-*`) or by a label (`label:stage=prod`; ECS: a tag). Without any, every workload
/// counts as production.
#[derive(Clone, Debug, Default)]
pub struct ProductionSelector(Vec<Selector>);

#[derive(Clone, Debug)]
enum Selector {
    Namespace(String),
    Label(String, String),
}

impl Selector {
    fn parse(text: &str) -> Option<Selector> {
        let (key, pattern) = text.split_once('=').filter(|(_, pattern)| !pattern.is_empty())?;
        match key.strip_prefix("label:") {
            Some(label) if !label.is_empty() => Some(Selector::Label(label.to_owned(), pattern.to_owned())),
            None if key == "namespace" => Some(Selector::Namespace(pattern.to_owned())),
            _ => None,
        }
    }
}

impl From<[&str; 0]> for ProductionSelector {
    fn from(_: [&str; 0]) -> Self {
        ProductionSelector::default()
    }
}

impl Setting for ProductionSelector {
    const SCHEMA: &'static str =
        r#""type": "array", "items": {"type": "string", "pattern": "^(namespace|label:[^=]+)=.+$"}"#;

    fn to_json(&self) -> String {
        let texts = self.0.iter().map(|selector| match selector {
            Selector::Namespace(pattern) => format!("namespace={pattern}"),
            Selector::Label(label, pattern) => format!("label:{label}={pattern}"),
        });
        texts.collect::<Strings>().to_json()
    }

    fn read(node: Node<'_>) -> Option<Self> {
        Strings::read(node)?.iter().map(Selector::parse).collect::<Option<_>>().map(ProductionSelector)
    }
}

impl ProductionSelector {
    /// Whether a rule goes on with a workload. States that it does not apply to one that is not chosen
    /// (`not-production`), and that nothing can be known when that depends on what is not known, such as
    /// a namespace that is not stated (`no-namespace`).
    pub(crate) fn chooses(&self, workload: Workload<'_>, findings: &mut Findings<'_>) -> bool {
        let namespace = (!workload.is_ecs()).then(|| workload.namespace().node());
        self.chooses_by(workload.node(), namespace, workload.labels(), findings)
    }

    /// The same for a document that is no workload. `namespace` is `None` for what never has one.
    pub(crate) fn chooses_by<'a>(
        &self,
        document: Node<'a>,
        namespace: Option<Node<'a>>,
        labels: Node<'a>,
        findings: &mut Findings<'_>,
    ) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let mut undecided: Option<Finding<'a>> = None;
        for selector in &self.0 {
            let (node, pattern) = match (selector, namespace) {
                (Selector::Namespace(_), None) => continue,
                (Selector::Namespace(pattern), Some(namespace)) => (namespace, pattern),
                (Selector::Label(label, pattern), _) => (labels.get(label), pattern),
            };
            match node.agreed(|node| node.str().map(|value| wildcard::matches(pattern, value)).known()) {
                Some(Some(true)) => return true,
                Some(Some(false)) => {}
                _ => match (node.str(), selector) {
                    (Field::Unknown(unknown), _) => undecided = Some(Finding::unknown(unknown)),
                    (_, Selector::Namespace(_)) => undecided = Some(Finding::undecided(node, "no-namespace")),
                    _ => {}
                },
            }
        }
        findings.add(undecided.unwrap_or_else(|| Finding::not_applicable(document, "not-production")));
        false
    }
}

#[cfg(test)]
mod tests {
    use verdikt_sdk::{Setting, Tape};

    use super::ProductionSelector;

    #[test]
    fn selectors_are_read_and_written() {
        for (json, accepted) in [
            ("[]", true),
            (r#"["namespace=shop-*"]"#, true),
            (r#"["namespace=shop-*", "label:app.kubernetes.io/part-of=a=b"]"#, true),
            (r#"["shop-*"]"#, false),
            (r#"["namespace="]"#, false),
            (r#"["label:=x"]"#, false),
            (r#"["path=x"]"#, false),
            (r#""namespace=x""#, false),
        ] {
            let tape = Tape::parse(json).expect("JSON");
            let read = ProductionSelector::read(tape.root());
            assert_eq!(read.map(|read| read.to_json()).as_deref(), accepted.then_some(json), "{json}");
        }
    }
}
