//! A namespace, as far as a set knows it, and what selects it.

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{Field, List, Node};

use crate::answer::Answer;

/// A namespace of the cluster. It need not have a document.
#[derive(Clone, Debug)]
pub(crate) struct Namespace<'a> {
    /// `None` where it is decided at deployment.
    pub(crate) name: Option<&'a str>,
    /// Its labels, as each document that defines it has them. Which of several counts is not known.
    pub(crate) labels: Vec<Node<'a>>,
    /// Labels that are given to it elsewhere. They win.
    pub(crate) added: Vec<Node<'a>>,
}

impl<'a> Namespace<'a> {
    /// Where a label stands, or would; `None` when its labels are not known.
    pub(crate) fn label(&self, key: &str) -> Option<Node<'a>> {
        let added = self.added.iter().map(|labels| labels.get(key)).find(|label| !label.is_absent());
        added.or_else(|| Some(self.labels.first()?.get(key)))
    }

    /// Whether a label is given to it elsewhere than in its own document.
    pub(crate) fn is_added(&self, key: &str) -> bool {
        self.added.iter().any(|labels| !labels.get(key).is_absent())
    }

    /// What a label comes to: `judge` says it of its value, `absent` holds where there is none.
    pub(crate) fn by_label(&self, key: &str, absent: Answer, judge: impl Fn(&str) -> Answer) -> Answer {
        let of = |label: Node<'a>, absent: Answer| {
            let all = label.alternatives().map(|label| match label.str() {
                Field::Known(value) => judge(value),
                Field::Absent => absent,
                Field::Unknown(_) => Answer::Maybe,
            });
            all.reduce(Answer::either).unwrap_or(Answer::Maybe)
        };
        let own = self.labels.iter().map(|labels| of(labels.get(key), absent)).reduce(Answer::either);
        let own = own.unwrap_or(Answer::Maybe);
        self.added.iter().rev().fold(own, |behind, labels| of(labels.get(key), behind))
    }

    /// Whether a label passes a test; an absent one is `None`.
    fn has_label(&self, key: &str, test: impl Fn(Option<&str>) -> bool) -> Answer {
        // The API server gives this label to every namespace.
        if key == "kubernetes.io/metadata.name" {
            return self.name.map_or(Answer::Maybe, |name| Answer::when(test(Some(name))));
        }
        self.by_label(key, Answer::when(test(None)), |value| Answer::when(test(Some(value))))
    }

    /// Whether its name matches one of the patterns.
    pub(crate) fn is_among(&self, patterns: List<'a, Node<'a>>) -> Answer {
        Answer::any(patterns, |pattern| match self.name {
            Some(name) => Answer::of(pattern, |pattern: Option<&str>| {
                pattern.is_some_and(|pattern| wildcard::matches(pattern, name))
            }),
            None => Answer::of(pattern, |pattern: Option<&str>| pattern == Some("*")).or(Answer::Maybe),
        })
    }

    /// Whether a label selector selects it. No selector selects everything.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
    pub(crate) fn is_selected(&self, selector: Node<'a>) -> Answer {
        let labels = match selector.get("matchLabels").members() {
            Field::Absent => Answer::Yes,
            Field::Unknown(_) => Answer::Maybe,
            Field::Known(members) => members
                .map(|(key, wanted)| match wanted.str() {
                    Field::Known(wanted) => self.has_label(key, |value| value == Some(wanted)),
                    _ => Answer::Maybe,
                })
                .fold(Answer::Yes, Answer::and),
        };
        labels.and(Answer::all(selector.get("matchExpressions").list(), |expression| self.meets(expression)))
    }

    fn meets(&self, expression: Node<'a>) -> Answer {
        let (Field::Known(key), Field::Known(operator)) =
            (expression.get("key").str(), expression.get("operator").str())
        else {
            return Answer::Maybe;
        };
        let is_one = || {
            Answer::any(expression.get("values").list(), |value| match value.str() {
                Field::Known(wanted) => self.has_label(key, |value| value == Some(wanted)),
                _ => Answer::Maybe,
            })
        };
        match operator {
            "In" => is_one(),
            "NotIn" => is_one().not(),
            "Exists" => self.has_label(key, |value| value.is_some()),
            "DoesNotExist" => self.has_label(key, |value| value.is_none()),
            _ => Answer::Maybe,
        }
    }
}
