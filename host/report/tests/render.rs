//! One report, made by hand, in every format; and the ways in which a report can be hostile or
//! huge.

#[path = "render/sample.rs"]
mod sample;

use verdikt_model::{DiffBase, Severity, Verdict};
use verdikt_report::{FORMATS, Format, RenderOptions, render};

use crate::sample::{hostile, many, one_line, sample};

fn table(options: &RenderOptions) -> String {
    render(&sample(), Format::Table, options)
}

#[test]
fn the_table_without_color() {
    insta::assert_snapshot!(table(&RenderOptions::default()));
}

#[test]
fn the_table_with_color() {
    let colored = table(&RenderOptions { color: true, ..RenderOptions::default() });
    insta::assert_snapshot!(colored.replace('\u{1b}', "␛"));
    // Color adds nothing but escapes.
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').expect("every escape is a style").1;
    }
    plain.push_str(rest);
    assert_eq!(plain, table(&RenderOptions::default()));
}

#[test]
fn the_table_of_what_is_severe_with_everything_listed() {
    let options = RenderOptions {
        min_severity: Some(Severity::Critical),
        unknown: false,
        suppressed: true,
        ..RenderOptions::default()
    };
    insta::assert_snapshot!(table(&options));
}

#[test]
fn a_quiet_table_has_no_summary_but_says_that_it_is_incomplete() {
    let quiet = table(&RenderOptions { quiet: true, ..RenderOptions::default() });
    assert!(!quiet.contains("Scanned"), "{quiet}");
    assert!(quiet.ends_with("What was not judged may still be wrong.\n"), "{quiet}");
}

#[test]
fn the_json() {
    insta::assert_snapshot!(render(&sample(), Format::Json, &RenderOptions::default()));
}

#[test]
fn json_counts_the_rows_that_it_has() {
    let options = RenderOptions { min_severity: Some(Severity::Critical), ..RenderOptions::default() };
    let json: serde_json::Value = serde_json::from_str(&render(&sample(), Format::Json, &options)).unwrap();
    let results = json["results"].as_array().unwrap();
    for verdict in ["fail", "unknown", "error", "manual", "informational"] {
        let rows = results.iter().filter(|row| row["verdict"] == verdict && row["suppressed"].is_null()).count();
        assert_eq!(json["summary"][verdict], rows, "{verdict}");
    }
    assert_eq!(json["summary"]["hidden"], sample().rows.len() - results.len());
    assert!(results.iter().all(|row| row["severity"] == "critical" || row["verdict"] == "error"), "{results:#?}");
}

#[test]
fn what_findings_were_compared_with_is_said() {
    let mut report = sample();
    report.diff_base = Some(DiffBase { reference: "origin/main".to_owned(), commit: Some("0123456789".to_owned()) });
    for (kind, says) in [("comment", "0 findings were"), ("diff-base", "1 finding was")] {
        for suppressed in report.rows.iter_mut().filter_map(|row| row.suppressed.as_mut()) {
            suppressed.kind = kind.to_owned();
        }
        let text = render(&report, Format::Table, &RenderOptions::default());
        let line = format!("Compared with origin/main (0123456): {says} there already, only new ones count.\n");
        assert!(text.contains(&line), "{text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&render(&report, Format::Json, &RenderOptions::default())).unwrap();
    assert_eq!(json["diff_base"], serde_json::json!({"ref": "origin/main", "commit": "0123456789"}));
}

#[test]
fn nothing_to_scan_and_nothing_found_are_said() {
    let mut report = sample();
    report.rows.clear();
    report.diagnostics.clear();
    report.coverage.files.clear();
    report.incomplete = false;
    let text = render(&report, Format::Table, &RenderOptions::default());
    assert!(text.starts_with("No findings.\n"), "{text}");
    assert!(text.contains("Nothing to scan"), "{text}");
}

/// The place of a secret, the places that its value came from, and every other frame that would
/// show one of them.
#[test]
fn secrets_are_never_shown() {
    for options in [RenderOptions::default(), RenderOptions { color: true, width: 20, ..RenderOptions::default() }] {
        for (format, name, _) in FORMATS {
            let text = render(&sample(), *format, &options);
            assert!(!text.contains("hunter2"), "{name}: {text}");
        }
    }
    let text = table(&RenderOptions::default());
    assert_eq!(text.matches("              value: ***\n").count(), 2, "{text}");
}

/// Whatever reads like a secret, wherever the file has it, also at the edge of what is shown.
#[test]
fn secrets_are_masked_wherever_they_stand() {
    let text = "url: postgres://shop:hunter22@db # was hunter22\nkey: |\n  first line of it\n  second\nb: [hunter22, \
                \"first line of it\", hunter2]\n";
    let mut report = many(3);
    report.sources.insert("many.yaml".to_owned(), text.into());
    let places = [((1, 22), (1, 30)), ((2, 6), (5, 1)), ((5, 1), (5, 2))];
    for (row, (start, end)) in report.rows.iter_mut().zip(places) {
        let place = row.location.as_mut().unwrap();
        (place.line, place.column, place.end_line, place.end_column) = (start.0, start.1, end.0, end.1);
    }
    report.rows[0].sensitive = true;
    report.rows[1].sensitive = true;
    for width in [20, 24, 28, 32, 40, 140] {
        let text = render(&report, Format::Table, &RenderOptions { width, ..RenderOptions::default() });
        assert!(!text.contains("hunter22") && !text.contains("unter22") && !text.contains("first"), "{text}");
    }
    let text = render(&report, Format::Table, &RenderOptions::default());
    assert!(text.contains("1 | url: postgres://shop:***@db # was ***\n"), "{text}");
    assert!(text.contains("5 | b: [***, \"***\", hunter2]\n"), "{text}");
}

/// What looks for a long secret that repeats itself must not take a time that grows with the square of it.
#[test]
fn a_secret_of_a_megabyte_is_masked_soon() {
    for piece in ["password=", "password=$X&", "token=abc;", "a"] {
        let secret = piece.repeat((1 << 20) / piece.len());
        let mut report = many(1);
        report.sources.insert("many.yaml".to_owned(), format!("x: {secret}\n").into());
        let place = report.rows[0].location.as_mut().unwrap();
        (place.line, place.column, place.end_line, place.end_column) = (1, 4, 1, 4 + secret.len() as u32);
        report.rows[0].sensitive = true;
        let text = render(&report, Format::Table, &RenderOptions::default());
        assert!(text.contains("| …***…"), "{text}");
    }
}

/// `var.password` names a secret, and shows none.
#[test]
fn references_are_shown() {
    let mut report = many(1);
    report.sources.insert("many.yaml".to_owned(), "value = var.password\n".into());
    let place = report.rows[0].location.as_mut().unwrap();
    (place.line, place.column, place.end_line, place.end_column) = (1, 9, 1, 21);
    report.rows[0].sensitive = true;
    assert!(render(&report, Format::Table, &RenderOptions::default()).contains("1 | value = var.password\n"));
}

#[test]
fn nothing_in_a_report_steers_the_terminal() {
    let text = render(&hostile(), Format::Table, &RenderOptions { suppressed: true, ..RenderOptions::default() });
    let bad: Vec<char> = text.chars().filter(|char| char.is_control() && *char != '\n').collect();
    assert!(bad.is_empty(), "{bad:?} in {text}");
    assert!(!text.contains('\u{202e}'), "{text}");
    // A line that a file or a pack made up would begin one.
    assert!(text.lines().all(|line| !line.starts_with("forged")), "{text}");
}

#[test]
fn long_lines_are_cut_around_their_place() {
    let report = one_line(1000);
    let text = render(&report, Format::Table, &RenderOptions { width: 80, ..RenderOptions::default() });
    assert!(text.lines().filter(|line| line.contains(" | ")).all(|line| line.chars().count() <= 80), "{text}");
    // The column is the file's, not the frame's.
    let row = &report.rows[999];
    let place = row.location.as_ref().unwrap();
    assert!(text.contains(&format!("--> one.json:1:{}\n", place.column)), "{text}");
    assert!(text.contains('…'), "{text}");
}

/// A bracket alone says nothing, so the line below is shown with it; the numbers stay aligned where
/// the second one is wider.
#[test]
fn a_bracket_brings_its_next_line() {
    let mut report = many(1);
    let text = format!("{}{{\n  \"name\": \"web\"\n}}\n", "\n".repeat(8));
    report.sources.insert("many.yaml".to_owned(), text.into());
    let place = report.rows[0].location.as_mut().unwrap();
    (place.line, place.column, place.end_line, place.end_column) = (9, 1, 11, 2);
    let text = render(&report, Format::Table, &RenderOptions::default());
    let expected = "  --> many.yaml:9:1\n   |\n 9 | {\n   | ^\n10 |   \"name\": \"web\"\n   |\n   = document";
    assert!(text.contains(expected), "{text}");
    // Without what is secret in it.
    let mut secret = report.rows[0].clone();
    secret.sensitive = true;
    let place = secret.location.as_mut().unwrap();
    (place.line, place.column, place.end_line, place.end_column) = (10, 11, 10, 16);
    report.rows.push(secret);
    let text = render(&report, Format::Table, &RenderOptions::default());
    assert!(text.contains("\n 9 | {\n   | ^\n10 |   \"name\": ***\n"), "{text}");
    assert!(!text.contains("web\"\n"), "{text}");
}

#[test]
fn rows_of_one_fault_are_folded() {
    let mut report = many(1000);
    for row in &mut report.rows {
        row.verdict = Verdict::Error;
    }
    let text = render(&report, Format::Table, &RenderOptions::default());
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    assert!(text.contains("and 999 more"), "{text}");
}
