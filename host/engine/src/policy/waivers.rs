//! Waivers: findings that somebody has decided to bear, with the reason and until when.
//!
//! A waived failure stays a failure. It is reported as waived and does not count for the exit code.

use std::sync::Arc;

use verdikt_input::Syntax;
use verdikt_model::{Code, Date, Diagnostic, Location, NodeRef, Source, Suppressed};

use crate::policy::reader::{PolicyError, Reader};
use crate::policy::seen::Seen;
use crate::policy::selector::{Aim, MEMBERS, RowsByRule, RuleName, Selector, rule_names};
use crate::rows::Judged;

/// The waivers of one file.
#[derive(Clone, Debug)]
pub struct Waivers {
    source: Arc<Source>,
    entries: Vec<Waiver>,
}

#[derive(Clone, Debug)]
struct Waiver {
    id: Option<String>,
    rules: Vec<RuleName>,
    selector: Selector,
    reason: String,
    owner: Option<String>,
    approved_by: Option<String>,
    /// The last day on which it holds, and where that is written.
    expires: Option<(Date, Location)>,
    /// Where it names its rules.
    location: Location,
}

impl Waivers {
    /// Reads the text of a waivers file. `path` is what reports call it.
    ///
    /// # Errors
    /// Everything in it that is not understood.
    pub fn read(path: &str, text: &str) -> Result<Waivers, PolicyError> {
        let source = Arc::new(Source::new(path, path, text));
        let entries = Reader::read(&source, Syntax::Yaml, file, Vec::new)?;
        Ok(Waivers { source, entries })
    }

    /// The file, for reports that show a place in it.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }
}

fn file(reader: &mut Reader<'_>, root: NodeRef<'_>) -> Option<Vec<Waiver>> {
    let map = reader.members(root, "waivers file", &["version", "waivers"])?;
    reader.version(map, "waivers file", "version", 1);
    let list = reader.required(map, "waivers file", "waivers", "it lists them; write `waivers: []` for none.")?;
    let mut waivers: Vec<Waiver> = Vec::new();
    for entry in reader.list(list, "waivers") {
        let Some(waiver) = waiver(reader, entry) else { continue };
        if let Some(id) = &waiver.id
            && waivers.iter().any(|earlier| earlier.id.as_ref() == Some(id))
            && let Some(node) = entry.get("id")
        {
            reader.problem(node.span(), format!("Another waiver has the id `{id}` already; give this one its own."));
        }
        waivers.push(waiver);
    }
    Some(waivers)
}

fn waiver(reader: &mut Reader<'_>, entry: NodeRef<'_>) -> Option<Waiver> {
    let known: Vec<&str> =
        ["id"].into_iter().chain(MEMBERS).chain(["reason", "owner", "approved-by", "expires"]).collect();
    let map = reader.members(entry, "waiver", &known)?;
    let location = reader.location(map.get("rule").or(map.get("rules")).unwrap_or(map).span());
    let rules = rule_names(reader, map, "waiver");
    let why = "it says what is waived; for every document write `match: all`.";
    let selector = reader.required(map, "waiver", "match", why).and_then(|node| Selector::read(reader, node));
    let mut text = |key| map.get(key).and_then(|node| reader.text(node, key)).map(str::to_owned);
    let (id, reason, owner, approved_by) = (text("id"), text("reason"), text("owner"), text("approved-by"));
    let expires = map.get("expires").and_then(|node| {
        let date = reader.date(node, "expires")?;
        Some((date, reader.location(node.span())))
    });
    Some(Waiver {
        id,
        rules: rules?,
        selector: selector?,
        reason: reason.unwrap_or_default(),
        owner,
        approved_by,
        expires,
        location,
    })
}

/// Accepts what the waivers name, and says which of them should be looked at.
pub(crate) fn apply(rows: &mut [Judged], waivers: &[Waivers], seen: &Seen<'_>, today: Date) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let by_rule = RowsByRule::new(rows);
    for waiver in waivers.iter().flat_map(|file| &file.entries) {
        let aim = Aim::new(&waiver.rules, &waiver.selector, seen, "waiver");
        let expired = waiver.expires.as_ref().filter(|(last, _)| *last < today);
        let hits = by_rule.hit_by(&aim, rows);
        for row in hits.iter().filter(|_| expired.is_none()) {
            rows[*row].row.suppressed.get_or_insert_with(|| waiver.suppressed());
        }
        let hits = hits.len();
        if let Some((last, location)) = expired {
            let message = match hits {
                0 if aim.certain => format!("This waiver ended on {last} and matches no finding; remove it."),
                0 => format!("This waiver ended on {last}. Remove it, or decide anew and change `expires`."),
                _ => format!(
                    "This waiver ended on {last}, so what it accepted counts again ({}). Fix it, or decide anew and \
                     change `expires`.",
                    findings(hits)
                ),
            };
            diagnostics.push(Diagnostic::located(Code::ExpiredAcceptance, location.clone(), message));
        } else if hits == 0 && aim.certain {
            let message = "This waiver matches no finding. Remove it, or correct its `match`.";
            diagnostics.push(Diagnostic::located(Code::UnusedAcceptance, waiver.location.clone(), message));
        }
        if waiver.reason.is_empty() {
            let message = "This waiver gives no reason. Add `reason`, so that others can tell whether it still holds.";
            diagnostics.push(Diagnostic::located(Code::MissingReason, waiver.location.clone(), message));
        }
        diagnostics.extend(aim.diagnostics);
    }
    diagnostics
}

/// `1 finding`, `2 findings`.
pub(crate) fn findings(count: usize) -> String {
    if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }
}

impl Waiver {
    fn suppressed(&self) -> Suppressed {
        Suppressed {
            kind: "waiver".to_owned(),
            reason: self.reason.clone(),
            // Whoever approved it answers for it; else whoever owns it.
            by: self.approved_by.clone().or_else(|| self.owner.clone()),
            until: self.expires.as_ref().map(|(last, _)| last.to_string()),
            location: Some(self.location.clone()),
        }
    }
}
