//! Which findings an entry of a policy file is about: rules by name, documents by patterns.

use std::collections::{BTreeMap, BTreeSet};

use globset::{Glob, GlobMatcher};
use verdikt_model::{Code, Diagnostic, Location, NodeRef, Verdict};

use crate::policy::reader::Reader;
use crate::policy::seen::{Fate, Seen};
use crate::rows::Judged;

/// The members by which an entry names its rules, and the one that says where.
pub(crate) const MEMBERS: [&str; 3] = ["rule", "rules", "match"];

/// A rule as an entry names it: id, slug, pack or prefix with `*`.
#[derive(Clone, Debug)]
pub(crate) struct RuleName {
    pub name: String,
    pub location: Location,
}

/// Reads `rule` or `rules` of an entry.
pub(crate) fn rule_names(reader: &mut Reader<'_>, entry: NodeRef<'_>, what: &str) -> Option<Vec<RuleName>> {
    let node = match (entry.get("rule"), entry.get("rules")) {
        (Some(_), Some(both)) => {
            reader.problem(both.span(), "`rule` is there already; keep one of the two, `rules` for several.");
            return None;
        }
        (Some(node), None) | (None, Some(node)) => node,
        (None, None) => {
            return reader.required(entry, what, "rule", "it says which rule, by id or slug.").and(None);
        }
    };
    if node.is_list() && node.items().len() == 0 {
        reader.problem(node.span(), "`rules` is empty; name at least one rule, by id or slug.");
    }
    let names = reader.texts(node, "rules");
    let names = names
        .into_iter()
        .map(|(name, node)| RuleName { name: name.trim().to_owned(), location: reader.location(node.span()) });
    Some(names.collect())
}

/// The documents that an entry is about.
#[derive(Clone, Debug)]
pub(crate) enum Selector {
    /// Whatever the rules find.
    All,
    /// Findings that fit in every field, each in one of its patterns.
    Fields(Vec<(Field, Vec<Pattern>)>),
}

/// What a pattern is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Kind,
    Namespace,
    Name,
    Address,
    File,
    Subject,
}

const FIELDS: [(&str, Field); 6] = [
    ("kind", Field::Kind),
    ("namespace", Field::Namespace),
    ("name", Field::Name),
    ("address", Field::Address),
    ("file", Field::File),
    ("subject", Field::Subject),
];

/// A text, or a glob in which `*` does not cross a `/`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
    /// How much of `text` every text begins with that matches.
    plain: usize,
    glob: GlobMatcher,
}

impl Pattern {
    fn new(glob: &Glob) -> Pattern {
        let text = glob.glob().to_owned();
        let plain = text.find(['*', '?', '[', '{', '\\']).unwrap_or(text.len());
        Pattern { text, plain, glob: glob.compile_matcher() }
    }

    fn matches(&self, text: &str) -> bool {
        // Many waivers are held against many findings, and most of both are told apart by this.
        text.starts_with(self.beginning())
            // Terraform writes `this[0]`, which as a glob is `this0`.
            && (self.text == text || !self.is_plain() && self.glob.is_match(text))
    }

    /// What every text that matches begins with.
    fn beginning(&self) -> &str {
        &self.text[..self.plain]
    }

    /// Whether nothing but the text itself matches.
    fn is_plain(&self) -> bool {
        self.plain == self.text.len()
    }
}

impl Selector {
    /// Reads `match`: a map of patterns, or the word `all`.
    pub(crate) fn read(reader: &mut Reader<'_>, node: NodeRef<'_>) -> Option<Selector> {
        if node.as_str() == Some("all") {
            return Some(Selector::All);
        }
        let names = FIELDS.map(|(name, _)| name);
        if !node.is_map() {
            let known = names.map(|name| format!("`{name}`")).join(", ");
            reader.problem(node.span(), format!("`match` must be a map of {known}, or the word `all`."));
            return None;
        }
        let map = reader.members(node, "match", &names)?;
        let mut fields = Vec::new();
        for (name, field) in FIELDS {
            let Some(member) = map.get(name) else { continue };
            let patterns: Vec<Pattern> = reader
                .texts(member, name)
                .into_iter()
                .filter_map(|(_, node)| {
                    let glob =
                        if field == Field::File { reader.path_glob(node, name) } else { reader.glob(node, name) };
                    Some(Pattern::new(&glob?))
                })
                .collect();
            if member.is_list() && member.items().len() == 0 {
                reader.problem(member.span(), format!("`{name}` is empty, so nothing could match; add a pattern."));
            }
            fields.push((field, patterns));
        }
        if fields.is_empty() {
            reader.problem(
                node.span(),
                "`match` says nothing. Name the documents that are meant; for every document write `match: all`.",
            );
        }
        // What is told apart at once comes first.
        fields.sort_by_key(|(_, patterns)| !patterns.iter().all(Pattern::is_plain));
        Some(Selector::Fields(fields))
    }

    pub(crate) fn matches(&self, judged: &Judged) -> bool {
        let Selector::Fields(fields) = self else { return true };
        fields.iter().all(|(field, patterns)| {
            let text = text_of(*field, judged);
            text.is_some_and(|text| patterns.iter().any(|pattern| pattern.matches(text)))
        })
    }

    /// Whether the scan saw all documents that could match.
    fn was_seen(&self, seen: &Seen<'_>) -> bool {
        let files = match self {
            Selector::All => None,
            Selector::Fields(fields) => fields.iter().find(|(field, _)| *field == Field::File),
        };
        let Some((_, patterns)) = files else { return seen.saw_all("") };
        patterns.iter().all(|pattern| {
            let beginning = pattern.beginning();
            if pattern.is_plain() {
                return seen.file(beginning) != Fate::Unsure;
            }
            seen.saw_all(beginning.rfind('/').map_or("", |slash| &beginning[..slash]))
        })
    }
}

/// What of a finding a field is about. `None` where it has no such thing: a finding about something
/// that has no document has a subject only.
fn text_of(field: Field, judged: &Judged) -> Option<&str> {
    let document = judged.row.document.as_ref();
    match field {
        Field::Kind => Some(&document?.kind),
        Field::Namespace => document?.namespace.as_deref(),
        Field::Name => Some(&document?.name),
        Field::Address => Some(&document?.address),
        Field::File => Some(&judged.identity()?.file),
        Field::Subject => Some(judged.row.subject.as_str()).filter(|subject| !subject.is_empty()),
    }
}

/// Rows by their rule, so that many entries about few rules each need not look at all rows.
pub(crate) struct RowsByRule(BTreeMap<usize, Vec<usize>>);

impl RowsByRule {
    pub(crate) fn new(rows: &[Judged]) -> Self {
        let mut by_rule: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, judged) in rows.iter().enumerate() {
            by_rule.entry(judged.row.rule).or_default().push(index);
        }
        RowsByRule(by_rule)
    }

    /// Those of `rows` that an entry is about.
    pub(crate) fn hit_by(&self, aim: &Aim<'_>, rows: &[Judged]) -> Vec<usize> {
        let of_rules = aim.rules.iter().filter_map(|rule| self.0.get(rule)).flatten();
        of_rules.copied().filter(|row| aim.hits(&rows[*row])).collect()
    }
}

/// What an entry's names of rules and its selector amount to in one scan.
pub(crate) struct Aim<'a> {
    selector: &'a Selector,
    rules: BTreeSet<usize>,
    /// Whether everything that the entry could match was seen.
    pub certain: bool,
    /// Names that no rule has.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Aim<'a> {
    /// `entry` is what a message calls the entry.
    pub(crate) fn new(names: &[RuleName], selector: &'a Selector, seen: &Seen<'_>, entry: &str) -> Self {
        let mut aim = Aim { selector, rules: BTreeSet::new(), certain: true, diagnostics: Vec::new() };
        for rule in names {
            let named = seen.named(&rule.name);
            aim.rules.extend(named.selected);
            aim.certain &= named.all_ran;
            if let Some(nearest) = named.nearest {
                let hint = match nearest.first() {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => "`verdikt rules` lists them.".to_owned(),
                };
                let message = format!(
                    "No rule that is loaded is named `{}`, so this {entry} says nothing about it. {hint}",
                    rule.name
                );
                aim.diagnostics.push(Diagnostic::located(Code::UnknownRule, rule.location.clone(), message));
            }
        }
        aim.certain = aim.certain && selector.was_seen(seen);
        aim
    }

    /// Whether the entry is about a finding. A rule that failed is never accepted: it says nothing of
    /// the document.
    pub(crate) fn hits(&self, judged: &Judged) -> bool {
        let verdict = judged.row.verdict;
        verdict.is_finding()
            && verdict != Verdict::Error
            && self.rules.contains(&judged.row.rule)
            && self.selector.matches(judged)
    }
}
