//! Evidence: answers of people to what no file can tell, with a date and a proof.
//!
//! A rule that states `manual` asks a question. Evidence for the rule answers it, for as long as it is
//! valid: the question becomes a pass or a failure.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use verdikt_input::Syntax;
use verdikt_model::{Code, Date, Diagnostic, DocumentId, Location, NodeRef, RelatedPlace, Source, Verdict};

use crate::identity::hex;
use crate::policy::reader::{PolicyError, Reader};
use crate::policy::seen::Seen;
use crate::policy::selector::{Aim, RuleName, Selector};
use crate::policy::waivers::findings;
use crate::rows::Judged;

/// The evidence of one file.
#[derive(Clone, Debug)]
pub struct Evidence {
    source: Arc<Source>,
    entries: Vec<Answer>,
}

#[derive(Clone, Debug)]
struct Answer {
    rule: RuleName,
    selector: Selector,
    statement: String,
    owner: String,
    date: Date,
    /// The last day on which it is valid, and where that is written.
    valid_until: Option<(Date, Location)>,
    result: Outcome,
}

/// What an answer says. The greater wins where several are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Pass,
    Fail,
}

/// Opens a file that evidence refers to, by the path that the entry gives.
pub type Attachments<'a> = dyn FnMut(&str) -> io::Result<Box<dyn Read>> + 'a;

impl Evidence {
    /// Reads the text of an evidence file, and checks that every attachment is the one that was meant.
    /// `path` is what reports call the file.
    ///
    /// # Errors
    /// Everything in it that is not understood, or not so.
    pub fn read(
        path: &str,
        text: &str,
        today: Date,
        attachments: &mut Attachments<'_>,
    ) -> Result<Evidence, PolicyError> {
        let source = Arc::new(Source::new(path, path, text));
        let entries =
            Reader::read(&source, Syntax::Yaml, |reader, root| file(reader, root, today, attachments), Vec::new)?;
        Ok(Evidence { source, entries })
    }

    /// The file, for reports that show a place in it.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }
}

fn file(
    reader: &mut Reader<'_>,
    root: NodeRef<'_>,
    today: Date,
    attachments: &mut Attachments<'_>,
) -> Option<Vec<Answer>> {
    let map = reader.members(root, "evidence file", &["version", "evidence"])?;
    reader.version(map, "evidence file", "version", 1);
    let list = reader.required(map, "evidence file", "evidence", "it lists it; write `evidence: []` for none.")?;
    let entries = reader.list(list, "evidence").into_iter();
    Some(entries.filter_map(|entry| answer(reader, entry, today, attachments)).collect())
}

fn answer(
    reader: &mut Reader<'_>,
    entry: NodeRef<'_>,
    today: Date,
    attachments: &mut Attachments<'_>,
) -> Option<Answer> {
    let known = ["id", "statement", "owner", "date", "valid-until", "result", "attachment", "match"];
    let map = reader.members(entry, "evidence", &known)?;
    let rule = reader.required(map, "evidence", "id", "it says which rule is answered, by id or slug.");
    let rule = rule.and_then(|node| {
        let name = reader.text(node, "id")?.trim().to_owned();
        Some(RuleName { name, location: reader.location(node.span()) })
    });
    let statement = reader.required(map, "evidence", "statement", "it says what was found, in a sentence.");
    let statement = statement.and_then(|node| reader.text(node, "statement"));
    let owner = reader.required(map, "evidence", "owner", "it says who answers for the statement.");
    let owner = owner.and_then(|node| reader.text(node, "owner"));
    let date = reader.required(map, "evidence", "date", "it says on which day that was so.").and_then(|node| {
        let date = reader.date(node, "date")?;
        if date > today {
            reader.problem(node.span(), format!("`date` is in the future (today is {today}); nobody has seen it yet."));
        }
        Some(date)
    });
    let valid_until = map.get("valid-until").and_then(|node| {
        let last = reader.date(node, "valid-until")?;
        if date.is_some_and(|date| last < date) {
            reader.problem(node.span(), "`valid-until` is before `date`, so this was never valid.");
        }
        Some((last, reader.location(node.span())))
    });
    let result = map.get("result").and_then(|node| {
        reader.choice(node, "result", &["pass", "fail"], |word| match word {
            "pass" => Some(Outcome::Pass),
            "fail" => Some(Outcome::Fail),
            _ => None,
        })
    });
    let selector = match map.get("match") {
        Some(node) => Selector::read(reader, node),
        None => Some(Selector::All),
    };
    if let Some(node) = map.get("attachment") {
        attachment(reader, node, attachments);
    }
    Some(Answer {
        rule: rule?,
        selector: selector?,
        statement: statement?.to_owned(),
        owner: owner?.to_owned(),
        date: date?,
        valid_until,
        // What is there and not understood is a problem already.
        result: result.unwrap_or(Outcome::Pass),
    })
}

/// Checks that an attachment is there and is what it was when the entry was written.
fn attachment(reader: &mut Reader<'_>, node: NodeRef<'_>, attachments: &mut Attachments<'_>) {
    let Some(map) = reader.members(node, "attachment", &["file", "sha256"]) else { return };
    let file = reader.required(map, "attachment", "file", "it says where it is, seen from this file.");
    let file = file.and_then(|node| Some((reader.text(node, "file")?, node)));
    let why = "it is what `sha256sum` prints for the file, and shows that nobody changed it.";
    let stated = reader.required(map, "attachment", "sha256", why).and_then(|node| {
        let text = reader.text(node, "sha256")?;
        let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_digest {
            reader.problem(node.span(), "`sha256` must be 64 hexadecimal digits, as `sha256sum` prints them.");
        }
        is_digest.then_some((text, node))
    });
    let (Some((file, place)), Some((stated, stated_at))) = (file, stated) else { return };
    match attachments(file).and_then(digest) {
        Ok(found) if found.eq_ignore_ascii_case(stated) => {}
        Ok(found) => reader.problem(
            stated_at.span(),
            format!(
                "`{file}` has another digest, {found}: it is not the file that the evidence was given with. Look at \
                 it again, and then correct `sha256`."
            ),
        ),
        Err(error) => reader.problem(place.span(), format!("`{file}` could not be read: {error}.")),
    }
}

fn digest(mut file: Box<dyn Read>) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(length) => hash.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Of what a rule asked: one answer settles all that it asked of a document, or of a subject that has
/// none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Document(usize, DocumentId),
    Subject(usize, String),
}

fn question(judged: &Judged) -> Question {
    match &judged.place {
        Some(place) => Question::Document(judged.row.rule, place.document),
        None => Question::Subject(judged.row.rule, judged.row.subject.clone()),
    }
}

/// What became of the questions.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    /// Questions that are passes now, and have no other finding of their rule.
    pub passed: usize,
    pub diagnostics: Vec<Diagnostic>,
}

/// Answers what the rules left to people. Questions that are passes leave the rows, or become rows of
/// their own with `show_passes`; `whole` is the place of a document.
pub(crate) fn apply(
    rows: &mut Vec<Judged>,
    evidence: &[Evidence],
    seen: &Seen<'_>,
    today: Date,
    show_passes: bool,
    whole: &dyn Fn(DocumentId) -> Option<Location>,
) -> Answered {
    let answers: Vec<&Answer> = evidence.iter().flat_map(|file| &file.entries).collect();
    let aims: Vec<Aim<'_>> = answers
        .iter()
        .map(|answer| Aim::new(std::slice::from_ref(&answer.rule), &answer.selector, seen, "evidence"))
        .collect();
    // By answer: the questions that it is about, and those of them that no valid one answers.
    let (mut asked, mut open) = (vec![0; answers.len()], vec![0; answers.len()]);
    // By row: the answer that makes it a pass.
    let mut passes: Vec<Option<&Answer>> = vec![None; rows.len()];
    for (judged, pass) in rows.iter_mut().zip(&mut passes).filter(|(judged, _)| judged.row.verdict == Verdict::Manual) {
        let hits: Vec<usize> = (0..answers.len()).filter(|index| aims[*index].hits(judged)).collect();
        let valid = hits.iter().copied().filter(|index| answers[*index].has_ended(today).is_none());
        // Of several that say the same the first counts.
        let best = valid.rev().max_by_key(|index| answers[*index].result);
        for index in hits {
            asked[index] += 1;
            if best.is_none() {
                open[index] += 1;
                judged.row.related.extend(answers[index].note());
            }
        }
        match best.map(|index| answers[index]) {
            Some(answer) if answer.result == Outcome::Fail => answer.fail(judged),
            answer => *pass = answer,
        }
    }
    let passed = settle(rows, &passes, show_passes, whole);
    let mut diagnostics = Vec::new();
    for (index, (answer, aim)) in answers.iter().zip(aims).enumerate() {
        diagnostics.extend(answer.diagnostic(&aim, (asked[index], open[index]), today));
        diagnostics.extend(aim.diagnostics);
    }
    Answered { passed, diagnostics }
}

/// Takes the questions that are passes out of the rows; says how many are passes as a whole.
fn settle(
    rows: &mut Vec<Judged>,
    passes: &[Option<&Answer>],
    show_passes: bool,
    whole: &dyn Fn(DocumentId) -> Option<Location>,
) -> usize {
    let answered = || rows.iter().zip(passes).filter_map(|(judged, pass)| pass.map(|_| judged));
    let mut passed: BTreeSet<Question> = answered().map(question).collect();
    if passed.is_empty() {
        return 0;
    }
    // A rule that has found something else of the document does not pass there.
    for (judged, _) in rows.iter().zip(passes).filter(|(_, pass)| pass.is_none()) {
        passed.remove(&question(judged));
    }
    let count = passed.len();
    let mut passes = passes.iter();
    rows.retain_mut(|judged| {
        let Some(answer) = passes.next().copied().flatten() else { return true };
        // One row for each, however often the rule asked.
        let shown = passed.remove(&question(judged)) && show_passes;
        if shown {
            answer.pass(judged, whole);
        }
        shown
    });
    count
}

impl Answer {
    /// The last day on which it was valid, when that is over.
    fn has_ended(&self, today: Date) -> Option<&(Date, Location)> {
        self.valid_until.as_ref().filter(|(last, _)| *last < today)
    }

    /// For a question that an ended answer leaves open.
    fn note(&self) -> Option<RelatedPlace> {
        let (last, location) = self.valid_until.as_ref()?;
        Some(RelatedPlace {
            note: format!("the evidence of {} was valid until {last}", self.date),
            location: location.clone(),
        })
    }

    fn says(&self) -> String {
        format!("{} ({}, {})", self.statement, self.owner, self.date)
    }

    fn answer(&self, judged: &mut Judged) {
        let row = &mut judged.row;
        row.message = self.says();
        // The words are those of the evidence, whatever the language of the report.
        (row.code, row.arguments) = (None, Vec::new());
        row.reason = "evidence".to_owned();
        let note = "the evidence is here".to_owned();
        row.related.push(RelatedPlace { note, location: self.rule.location.clone() });
    }

    fn fail(&self, judged: &mut Judged) {
        judged.row.verdict = Verdict::Fail;
        self.answer(judged);
    }

    /// Makes a question the row of a pair that passed: about the whole document.
    fn pass(&self, judged: &mut Judged, whole: &dyn Fn(DocumentId) -> Option<Location>) {
        judged.row.verdict = Verdict::Pass;
        self.answer(judged);
        if let Some(place) = &judged.place {
            judged.row.location = whole(place.document);
            judged.row.pointer = String::new();
            judged.row.absent = false;
        }
    }

    /// What to say of an answer to `asked` questions, of which `open` have no valid one.
    fn diagnostic(&self, aim: &Aim<'_>, (asked, open): (usize, usize), today: Date) -> Option<Diagnostic> {
        match self.has_ended(today) {
            // A later one has taken its place.
            Some(_) if asked > 0 && open == 0 => None,
            Some((last, location)) => {
                let counts = if open > 0 { format!(", so {} open again", is_open(open)) } else { String::new() };
                let message = format!(
                    "This evidence was valid until {last}{counts}. Look again, and give new evidence or remove this."
                );
                Some(Diagnostic::located(Code::ExpiredAcceptance, location.clone(), message))
            }
            None if asked == 0 && aim.certain => {
                let message = "This evidence answers nothing: the rule leaves no such question open. Remove it, or \
                               correct its `match`.";
                Some(Diagnostic::located(Code::UnusedAcceptance, self.rule.location.clone(), message))
            }
            None => None,
        }
    }
}

fn is_open(count: usize) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", findings(count))
}
