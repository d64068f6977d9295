//! Evidence: what it answers, what is said of it, what is refused.

use std::collections::BTreeMap;
use std::io::{self, Read};

use verdikt_engine::model::{Date, Gate, Report, Verdict};
use verdikt_engine::{Check, Engine, Evidence, PolicyError};

use crate::guest::{Finding, Guest, T, fail};
use crate::support::{check, lines, pack, pod, said};

const TODAY: &str = "2026-11-22";

fn today() -> Date {
    Date::parse(TODAY).unwrap()
}

fn read(entries: &str) -> Result<Evidence, PolicyError> {
    let files: BTreeMap<&str, &str> = [("proof.txt", "hello\n")].into();
    Evidence::read("e.yaml", &format!("version: 1\nevidence:\n{entries}"), today(), &mut |name| {
        let text: &'static str = files.get(name).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(text.as_bytes()) as Box<dyn Read>)
    })
}

/// T-1 asks of each of two pods; T-2 asks of each and finds fault with it as well.
fn run(entries: &str, change: impl FnOnce(&mut Check)) -> Report {
    let ask = Finding { status: 5, reason: b"is it so?".to_vec(), message: b"somebody must look".to_vec(), ..fail() };
    let state = "(call $state (i32.const 0) (local.get $rule) (local.get $id))
                 (if (i32.eq (local.get $digit) (i32.const 2))
                     (then (call $state (i32.const 1) (local.get $rule) (local.get $id))))";
    let guest = Guest::new(&T[..2]).finding(ask).finding(fail().pointer("/containers")).judge(state);
    let engine = Engine::builder().pack(pack("test.wasm", guest.component())).build().unwrap();
    let mut check = check(&[("pods.yaml", &format!("{}---\n{}", pod("a"), pod("b")))]);
    check.evidence = vec![read(entries).unwrap()];
    change(&mut check);
    engine.check(&check).unwrap()
}

#[test]
fn questions_become_passes_and_failures() {
    let asked = run("- {id: none, statement: s, owner: o, date: 2026-11-01}\n", |_| {});
    assert_eq!((asked.summary.manual, asked.summary.fail, asked.summary.pass), (4, 2, 0));
    let entry = "{id: ONE, statement: It is so, owner: web, date: 2026-11-01";
    let report = run(&format!("- {entry}}}\n").replace("ONE", "one"), |_| {});
    assert_eq!((report.summary.manual, report.summary.fail, report.summary.pass), (2, 2, 2));

    let report = run(&format!("- {entry}, result: fail, match: {{name: b}}}}\n").replace("ONE", "T-1"), |_| {});
    assert_eq!((report.summary.manual, report.summary.fail, report.summary.pass), (3, 3, 0));
    let row = report.rows.iter().find(|row| row.verdict == Verdict::Fail && report.rule(row).id == "T-1").unwrap();
    assert_eq!((row.message.as_str(), row.reason.as_str()), ("It is so (web, 2026-11-01)", "evidence"));
    assert_eq!(row.related[0].location.file, "e.yaml");
    assert_eq!(report.gate, Gate::Failed);
    assert_eq!(row.fingerprint, asked.rows.iter().find(|it| it.location == row.location).unwrap().fingerprint);
}

#[test]
fn a_rule_that_found_something_else_does_not_pass() {
    let report = run("- {id: T-2, statement: s, owner: o, date: 2026-11-01}\n", |_| {});
    assert_eq!((report.summary.manual, report.summary.fail, report.summary.pass), (2, 2, 0));
}

#[test]
fn a_question_that_nobody_answered_stays_open() {
    // Two questions of one document, told apart by their subjects.
    let ask = |subject: &str| Finding { status: 5, subject: subject.into(), ..fail() };
    let state = "(call $state (i32.const 0) (local.get $rule) (local.get $id))
                 (call $state (i32.const 1) (local.get $rule) (local.get $id))";
    let guest = Guest::new(&T[..1]).finding(ask("one")).finding(ask("two")).judge(state);
    let engine = Engine::builder().pack(pack("test.wasm", guest.component())).build().unwrap();
    let mut check = check(&[("pod.yaml", &pod("a"))]);
    check.show = [Verdict::Pass].into();
    let entry = "- {id: T-1, statement: s, owner: o, date: 2026-11-01";
    for (entries, manual, pass) in [
        (format!("{entry}, match: {{subject: one}}}}\n"), 1, 0),
        (format!("{entry}, match: {{subject: one}}}}\n{entry}, match: {{subject: two}}}}\n"), 0, 1),
        (format!("{entry}}}\n"), 0, 1),
    ] {
        check.evidence = vec![read(&entries).unwrap()];
        let report = engine.check(&check).unwrap();
        assert_eq!((report.summary.manual, report.summary.pass, report.rows.len()), (manual, pass, 1), "{entries}");
    }
}

#[test]
fn passes_are_shown_on_request() {
    let report = run("- {id: T-1, statement: It is so, owner: web, date: 2026-11-22}\n", |check| {
        check.show = [Verdict::Pass].into();
        check.selection.select = vec!["T-1".to_owned()];
    });
    assert_eq!(lines(&report), ["1 pass T-1", "13 pass T-1"]);
    assert_eq!((report.rows[0].message.as_str(), report.rows[0].pointer.as_str()), ("It is so (web, 2026-11-22)", ""));
    assert_eq!((report.summary.pass, report.summary.manual), (2, 0));
}

#[test]
fn what_is_no_longer_valid_answers_nothing() {
    let ended = "- {id: T-1, statement: s, owner: o, date: 2026-01-01, valid-until: 2026-11-21}\n";
    let report = run(ended, |_| {});
    assert_eq!(report.summary.manual, 4);
    assert_eq!(
        said(&report, "e.yaml"),
        [
            "3 expired-acceptance This evidence was valid until 2026-11-21, so 2 findings are open again. Look again, and give \
         new evidence or remove this."
        ]
    );
    let row = report.rows.iter().find(|row| report.rule(row).id == "T-1").unwrap();
    assert_eq!(row.related[0].note, "the evidence of 2026-01-01 was valid until 2026-11-21");
    // On its last day it is valid, and new evidence takes its place.
    let last = run(&ended.replace("11-21", "11-22"), |_| {});
    assert_eq!((last.summary.manual, said(&last, "e.yaml").len()), (2, 0));
    let renewed = run(&format!("{ended}- {{id: T-1, statement: s, owner: o, date: 2026-11-01}}\n"), |_| {});
    assert_eq!((renewed.summary.manual, said(&renewed, "e.yaml").len()), (2, 0));
}

#[test]
fn of_several_answers_a_failure_wins() {
    let entry = "statement: s, owner: o, date: 2026-11-01";
    let report = run(&format!("- {{id: T-1, {entry}, result: fail}}\n- {{id: T-1, {entry}}}\n"), |_| {});
    assert_eq!((report.summary.pass, report.summary.fail, report.summary.manual), (0, 4, 2));
}

#[test]
fn an_unknown_rule_is_named() {
    let report = run("- {id: T-11, statement: s, owner: o, date: 2026-11-01}\n", |_| {});
    assert_eq!(said(&report, "e.yaml").len(), 1);
    assert!(said(&report, "e.yaml")[0].starts_with("3 unknown-rule No rule that is loaded is named `T-11`"));
}

#[test]
fn every_mistake_is_told_where_it_stands() {
    let digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    let entry = "- {id: T-1, statement: s, owner: o, date: 2026-11-01";
    assert!(read(&format!("{entry}, attachment: {{file: proof.txt, sha256: {digest}}}}}\n")).is_ok());
    for (text, expected) in [
        ("- {id: T-1}\n".to_owned(), "3:4 `evidence` lacks `statement`: it says what was found, in a sentence."),
        (entry.replace("11-01", "11-31") + "}\n", "3:43 `date` must be a day that exists, written YYYY-MM-DD,"),
        (
            entry.replace("11-01", "11-23") + "}\n",
            "3:43 `date` is in the future (today is 2026-11-22); nobody has seen it yet.",
        ),
        (
            format!("{entry}, valid-until: 2026-10-31}}\n"),
            "3:68 `valid-until` is before `date`, so this was never valid.",
        ),
        (format!("{entry}, result: maybe}}\n"), "3:63 `result` must be one of `pass`, `fail`, but it is `\"maybe\"`."),
        (format!("{entry}, match: {{}}}}\n"), "3:62 `match` says nothing."),
        (
            format!("{entry}, attachment: {{file: none.txt, sha256: {digest}}}}}\n"),
            "3:74 `none.txt` could not be read: entity not found.",
        ),
        (
            format!("{entry}, attachment: {{file: proof.txt, sha256: {}}}}}\n", digest.replace('5', "6")),
            "3:93 `proof.txt` has another digest, 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03:",
        ),
        (format!("{entry}, attachment: {{file: proof.txt, sha256: abc}}}}\n"), "3:93 `sha256` must be 64 hexadecimal"),
        (format!("{entry}, attachment: {{file: proof.txt}}}}\n"), "3:68 `attachment` lacks `sha256`: it is what"),
        (format!("{entry}, attachmnt: x}}\n"), "3:55 `evidence` has no member `attachmnt`; did you mean `attachment`?"),
    ] {
        let error = read(&text).unwrap_err();
        let first = &error.0[0];
        let found = format!("{}:{} {}", first.location.line, first.location.column, first.message);
        assert!(found.starts_with(expected), "{text}\n{found}");
    }
}
