//! The format for people: every finding with its place in the source, then what the scan amounts to.
//!
//! Nothing is hidden silently: what is folded, cut, suppressed or below a threshold is counted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;

use annotate_snippets::renderer::{DecorStyle, Style};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use verdikt_model::{
    FileOutcome, Level as DiagnosticLevel, Location, Mode, Platform, Report, ReportDiagnostic, Row, Severity, Verdict,
};

use crate::RenderOptions;
use crate::frame::{Frame, Frames};
use crate::terminal::{Styles, escaped};

/// Notes on what was not judged that are listed.
const MOST_NOTES: usize = 10;
/// Groups of reasons for skipped files that the coverage line names.
const SKIP_REASONS: usize = 8;

/// Verdicts in the order of the summary.
const COUNTED: [Verdict; 5] =
    [Verdict::Fail, Verdict::Unknown, Verdict::Error, Verdict::Manual, Verdict::Informational];

pub(crate) fn render(report: &Report, options: &RenderOptions) -> String {
    let mut table = Table {
        report,
        options,
        styles: Styles::new(options.color),
        renderer: if options.color { Renderer::styled() } else { Renderer::plain() }
            .decor_style(DecorStyle::Ascii)
            // Lines are cut before they get here, where it is known what may be shown of them.
            .term_width(options.width.saturating_mul(8)),
        frames: Frames::new(report),
        out: String::new(),
    };
    table.rows();
    for diagnostic in &report.diagnostics {
        table.diagnostic(diagnostic);
    }
    if !options.quiet {
        table.summary();
    }
    table.incomplete();
    table.out
}

struct Table<'a> {
    report: &'a Report,
    options: &'a RenderOptions,
    styles: Styles,
    renderer: Renderer,
    frames: Frames<'a>,
    out: String,
}

impl<'a> Table<'a> {
    fn is_listed(&self, row: &Row) -> bool {
        self.options.is_severe_enough(row)
            && (self.options.unknown || row.verdict != Verdict::Unknown)
            && (self.options.suppressed || row.suppressed.is_none())
    }

    fn rows(&mut self) {
        let report = self.report;
        // A pack that breaks does so everywhere, and says the same each time.
        let mut alike: HashMap<(usize, &str), usize> = HashMap::new();
        for row in report.rows.iter().filter(|row| row.verdict == Verdict::Error && self.is_listed(row)) {
            *alike.entry((row.rule, &row.message)).or_default() += 1;
        }
        let mut explained = HashSet::new();
        for row in &report.rows {
            if !self.is_listed(row) {
                continue;
            }
            let more = if row.verdict == Verdict::Error {
                match alike.remove(&(row.rule, row.message.as_str())) {
                    Some(count) => count - 1,
                    None => continue,
                }
            } else {
                0
            };
            let helps = matches!(row.verdict, Verdict::Fail | Verdict::Unknown | Verdict::Manual);
            self.row(row, more, helps && explained.insert(row.rule));
        }
    }

    /// One row; `more` rows say the same elsewhere, and the first of a rule says where to read on.
    fn row(&mut self, row: &Row, more: usize, help: bool) {
        let report = self.report;
        let rule = report.rule(row);
        let (name, style) = match row.verdict {
            Verdict::Fail => (row.severity.as_str(), severity_style(row.severity, &self.styles)),
            Verdict::Error => ("error", self.styles.severe),
            Verdict::Unknown => ("unknown", self.styles.warning),
            Verdict::Pass => ("pass", self.styles.good),
            verdict => (verdict.as_str(), self.styles.note),
        };
        let suppressed = if row.suppressed.is_some() { " (suppressed)" } else { "" };
        // How bad it would be, where it is not the name already.
        let would_be = match row.verdict {
            Verdict::Unknown | Verdict::Manual | Verdict::Error => format!(", {}", row.severity),
            _ => String::new(),
        };
        // What fails nothing says so; what does is the usual case.
        let mode = match row.mode {
            Mode::Enforce => "",
            Mode::Mark => " [mark]",
            Mode::Audit => " [audit]",
        };
        let id = format!("[{} {}{would_be}]{mode}", escaped(&rule.id), escaped(&rule.slug));
        self.title(&format!("{name}{suppressed}"), style, &id, &row.message);

        let label = row.absent.then(|| missing(row));
        let gutter = match &row.location {
            Some(place) => self.place(place, label.as_deref(), style),
            None => 1,
        };
        if let Some(document) = &row.document {
            self.note(gutter, "document", &format!("{} ({} {})", document.address, document.platform, document.kind));
            if let Some(from) = &document.rendered_from {
                self.note(gutter, "rendered from", &format!("{from} ({})", from.by.as_str()));
            }
        }
        if !row.subject.is_empty() {
            self.note(gutter, "subject", &row.subject);
        }
        for step in &row.provenance {
            self.note(gutter, "note", &format!("value comes from the {} at {}", step.what, at(&step.location)));
        }
        for related in &row.related {
            self.note(gutter, "note", &format!("{} ({})", related.note, at(&related.location)));
        }
        let about = match row.verdict {
            Verdict::Unknown => "unknown",
            Verdict::Manual => "question",
            _ => "reason",
        };
        if !row.reason.is_empty() && row.reason != row.message {
            self.note(gutter, about, &row.reason);
        }
        if let Some(suppressed) = &row.suppressed {
            let mut text = suppressed.kind.clone();
            if let Some(place) = &suppressed.location {
                let _ = write!(text, " at {}", at(place));
            }
            if !suppressed.reason.is_empty() {
                let _ = write!(text, ": {}", suppressed.reason);
            }
            for (word, value) in [("by", &suppressed.by), ("until", &suppressed.until)] {
                if let Some(value) = value {
                    let _ = write!(text, " ({word} {value})");
                }
            }
            self.note(gutter, "suppressed", &text);
        }
        if let Some(fix) = &row.fix {
            self.note(gutter, "fix", &fix.title);
        }
        if more > 0 {
            self.note(gutter, "note", &format!("and {more} more that say the same; the json format lists each"));
        }
        if help {
            self.note(gutter, "help", &format!("`verdikt explain {}` says why it matters and what to do", rule.id));
        }
        self.out.push('\n');
    }

    fn diagnostic(&mut self, diagnostic: &ReportDiagnostic) {
        let style = match diagnostic.level {
            DiagnosticLevel::Error => self.styles.severe,
            DiagnosticLevel::Warning => self.styles.warning,
        };
        self.title(diagnostic.level.as_str(), style, &format!("[{}]", diagnostic.code), &diagnostic.message);
        match (&diagnostic.location, &diagnostic.file) {
            (Some(place), _) => {
                self.place(place, None, style);
            }
            (None, Some(file)) => self.arrow(1, &escaped(file)),
            (None, None) => {}
        }
        self.out.push('\n');
    }

    /// `critical[WL-001 privileged]: message`
    fn title(&mut self, name: &str, style: Style, id: &str, message: &str) {
        let strong = self.styles.strong;
        let message = escaped(message);
        let _ = writeln!(self.out, "{style}{name}{id}{style:#}{strong}: {message}{strong:#}");
    }

    /// The place and what stands there. Returns the width of the column of line numbers.
    fn place(&mut self, place: &Location, label: Option<&str>, style: Style) -> usize {
        let room = self.options.width.saturating_sub(decimal_digits(place.line) + 6);
        let frame = self.frames.frame(self.report, place, room);
        let second = matches!(&frame, Frame::Shown(window) if window.context.is_some());
        // As wide as the last line number that is shown.
        let gutter = decimal_digits(place.line + u32::from(second));
        self.arrow(gutter, &at(place));
        match frame {
            Frame::Shown(window) => {
                // The nearest ancestor is not what is wrong, only where something is missing.
                let kind = if label.is_some() { AnnotationKind::Context } else { AnnotationKind::Primary };
                let annotation = kind.span(window.highlight).label(label);
                let context = window.context.map(|context| AnnotationKind::Visible.span(context));
                let snippet = Snippet::source(window.text)
                    .line_start(place.line as usize)
                    .annotation(annotation)
                    .annotations(context);
                let group = [Group::with_level(Level::ERROR).element(snippet)];
                let renderer = self.renderer.clone().error(style);
                self.out.push_str(&renderer.render(&group));
                self.out.push('\n');
                // The renderer closes a frame itself whose last line has no mark.
                if !second {
                    self.bar(gutter);
                }
            }
            Frame::Missing => {}
        }
        gutter
    }

    fn arrow(&mut self, gutter: usize, place: &str) {
        let style = self.styles.gutter;
        let _ = writeln!(self.out, "{:gutter$}{style}-->{style:#} {place}", "");
    }

    fn bar(&mut self, gutter: usize) {
        let style = self.styles.gutter;
        let _ = writeln!(self.out, "{:gutter$} {style}|{style:#}", "");
    }

    fn note(&mut self, gutter: usize, label: &str, text: &str) {
        let (style, strong) = (self.styles.gutter, self.styles.strong);
        let text = escaped(text);
        let _ = writeln!(self.out, "{:gutter$} {style}={style:#} {strong}{label}{strong:#}: {text}", "");
    }

    fn summary(&mut self) {
        self.counts();
        let summary = &self.report.summary;
        let mut parts = vec![format!("{} passed", summary.pass), format!("{} not applicable", summary.not_applicable)];
        if summary.suppressed > 0 {
            let hint = if self.options.suppressed { "" } else { " (`--show suppressed` lists them)" };
            parts.push(format!("{} suppressed{hint}", summary.suppressed));
        }
        let _ = writeln!(self.out, "{}.", parts.join(", "));
        if let Some(base) = &self.report.diff_base {
            let old = self.report.rows.iter().filter(|row| is_of_base(row)).count();
            let _ = writeln!(
                self.out,
                "Compared with {}: {} there already, only new ones count.",
                escaped(&base.to_string()),
                if old == 1 { "1 finding was".to_owned() } else { format!("{old} findings were") }
            );
        }
        self.compliance();
        self.hidden();
        self.coverage();
    }

    /// Findings by verdict and severity.
    fn counts(&mut self) {
        let mut counts: BTreeMap<(usize, Severity), usize> = BTreeMap::new();
        for row in self.report.rows.iter().filter(|row| row.suppressed.is_none()) {
            if let Some(line) = COUNTED.iter().position(|verdict| *verdict == row.verdict) {
                *counts.entry((line, row.severity)).or_default() += 1;
            }
        }
        let strong = self.styles.strong;
        if counts.is_empty() {
            let _ = writeln!(self.out, "{strong}No findings.{strong:#}");
            return;
        }
        let columns = || Severity::ALL.into_iter().rev();
        let width = |severity: Severity| severity.as_str().len().max(6);
        let _ = write!(self.out, "{strong}{:14}", "");
        for severity in columns() {
            let _ = write!(self.out, "  {:>1$}", severity.as_str(), width(severity));
        }
        let _ = writeln!(self.out, "   total{strong:#}");
        for (line, verdict) in COUNTED.iter().enumerate() {
            let total: usize = columns().filter_map(|severity| counts.get(&(line, severity))).sum();
            if total == 0 {
                continue;
            }
            let _ = write!(self.out, "{:14}", verdict.as_str());
            for severity in columns() {
                let width = width(severity);
                match counts.get(&(line, severity)) {
                    Some(count) => {
                        let style = match verdict {
                            Verdict::Fail => severity_style(severity, &self.styles),
                            Verdict::Error => self.styles.severe,
                            _ => Style::new(),
                        };
                        let _ = write!(self.out, "  {style}{count:>width$}{style:#}");
                    }
                    None => {
                        let _ = write!(self.out, "  {:>width$}", "-");
                    }
                }
            }
            let _ = writeln!(self.out, "  {total:>6}");
        }
    }

    /// How many documents the rules agree with; nothing where that is all of them.
    fn compliance(&mut self) {
        let artifacts = &self.report.artifacts;
        let with = |compliant| artifacts.iter().filter(|artifact| artifact.compliant == compliant).count();
        let all = count(artifacts.len(), "document");
        let line = match (with(Some(false)), with(None)) {
            (0, 0) => return,
            (0, unknown) => format!("{unknown} of {all} not known to be compliant."),
            (wrong, 0) => format!("{wrong} of {all} not compliant."),
            (wrong, unknown) => format!("{wrong} of {all} not compliant, {unknown} not known to be."),
        };
        let _ = writeln!(self.out, "{line}");
    }

    /// What was counted and not listed.
    fn hidden(&mut self) {
        let open = self.report.rows.iter().filter(|row| row.suppressed.is_none());
        let (severe, mild): (Vec<&Row>, Vec<&Row>) = open.partition(|row| self.options.is_severe_enough(row));
        if let (Some(least), false) = (self.options.min_severity, mild.is_empty()) {
            let _ = writeln!(self.out, "{} of them below `{least}`: not listed (--min-severity).", mild.len());
        }
        let unknown = severe.iter().filter(|row| row.verdict == Verdict::Unknown).count();
        if !self.options.unknown && unknown > 0 {
            let _ = writeln!(self.out, "{unknown} of them unknown: not listed (--unknown ignore).");
        }
    }

    fn coverage(&mut self) {
        let coverage = &self.report.coverage;
        let (documents, rules) = (coverage.documents(), self.report.rules.len());
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, reason) in coverage.skipped() {
            *reasons.entry(reason).or_default() += 1;
        }
        let skipped: usize = reasons.values().sum();
        let failed = coverage.files.iter().filter(|file| file.outcome == FileOutcome::Failed).count();
        let mut formats: BTreeMap<&str, usize> = BTreeMap::new();
        for file in &coverage.files {
            if let FileOutcome::Scanned { format, .. } = file.outcome {
                *formats.entry(format).or_default() += 1;
            }
        }
        let formats: Vec<String> = formats.into_iter().map(|(format, files)| format!("{files} {format}")).collect();
        let formats = if formats.is_empty() { String::new() } else { format!("{}; ", formats.join(", ")) };
        let mut line = format!(
            "Scanned {} ({}{}) with {}",
            count(coverage.scanned(), "file"),
            formats,
            count(documents, "document"),
            count(rules, "rule")
        );
        if failed > 0 {
            let _ = write!(line, "; {failed} could not be read");
        }
        if skipped > 0 {
            let mut reasons: Vec<(&str, usize)> = reasons.into_iter().collect();
            reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
            let others: usize = reasons.iter().skip(SKIP_REASONS).map(|(_, count)| count).sum();
            let mut parts: Vec<String> = reasons
                .iter()
                .take(SKIP_REASONS)
                .map(|(reason, count)| format!("{} ({count})", escaped(reason)))
                .collect();
            if others > 0 {
                parts.push(format!("other reasons ({others})"));
            }
            let _ = write!(line, "; {skipped} skipped: {}", parts.join(", "));
        }
        let _ = writeln!(self.out, "{line}.");
        for note in coverage.notes.iter().take(MOST_NOTES) {
            let _ = writeln!(self.out, "  {}:{}: {}", escaped(&note.path), note.line, escaped(&note.text));
        }
        if let Some(more) = coverage.notes.len().checked_sub(MOST_NOTES).filter(|more| *more > 0) {
            let _ = writeln!(self.out, "  {more} more notes are in the JSON report.");
        }
        if coverage.scanned() == 0 && !self.report.incomplete {
            let _ = writeln!(self.out, "Nothing to scan: no file here is of a kind that Verdikt reads.");
        }
    }

    /// Said last and whatever the options: an incomplete scan proves nothing about the rest.
    fn incomplete(&mut self) {
        if !self.report.incomplete {
            return;
        }
        let errors = self.report.diagnostics.iter().filter(|it| it.level == DiagnosticLevel::Error).count();
        let mut why = Vec::new();
        if errors > 0 {
            why.push(format!("{} left something out", count(errors, "error")));
        }
        if self.report.summary.error > 0 {
            why.push(format!("{} ended in error", count(self.report.summary.error, "rule result")));
        }
        let style = self.styles.severe;
        let _ = writeln!(
            self.out,
            "{style}The scan is incomplete{style:#}: {}. What was not judged may still be wrong.",
            why.join(" and ")
        );
    }
}

fn severity_style(severity: Severity, styles: &Styles) -> Style {
    match severity {
        Severity::Critical | Severity::High => styles.severe,
        Severity::Medium => styles.warning,
        Severity::Low | Severity::Info => styles.note,
    }
}

/// `file:line:column`
fn at(place: &Location) -> String {
    format!("{}:{}:{}", escaped(&place.file), place.line, place.column)
}

fn is_of_base(row: &Row) -> bool {
    row.suppressed.as_ref().is_some_and(|suppressed| suppressed.kind == "diff-base")
}

/// What a frame says of something that is not there. Names of workloads are ours: in the source the
/// same thing has the name that its platform gives it, so there only the message knows.
fn missing(row: &Row) -> String {
    if row.document.as_ref().is_none_or(|document| document.platform == Platform::Workload.as_str()) {
        return "missing here".to_owned();
    }
    let name = row.pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    format!("`{}` is missing here", escaped(&name))
}

fn count(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn decimal_digits(number: u32) -> usize {
    number.checked_ilog10().map_or(1, |digits| digits as usize + 1)
}
