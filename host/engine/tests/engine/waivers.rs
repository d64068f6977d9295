//! Waivers: what they accept, what is said of them, what is refused.

use verdikt_engine::input::{Input, LoadOptions};
use verdikt_engine::model::{Date, Gate, Report, Verdict};
use verdikt_engine::{Check, Waivers};

use crate::support::{compiled_engine, count, pod, said};

/// Two pods in two files of a folder, judged by WL-001, with the waivers.
fn run(entries: &str, change: impl FnOnce(&mut Check)) -> Report {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("k8s")).unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    std::fs::write(folder.path().join("k8s/a.yaml"), pod("a")).unwrap();
    std::fs::write(folder.path().join("k8s/b.yaml"), pod("b")).unwrap();
    let load = LoadOptions {
        inputs: vec![Input::Path(".".into())],
        cwd: folder.path().canonicalize().unwrap(),
        ..LoadOptions::default()
    };
    let mut check = Check::new(load, Date::parse("2026-11-22").unwrap());
    check.selection.select = vec!["WL-001".to_owned(), "WL-007".to_owned()];
    check.waivers = vec![Waivers::read("waivers.yaml", &format!("version: 1\nwaivers:\n{entries}")).unwrap()];
    change(&mut check);
    compiled_engine().check(&check).unwrap()
}

/// Addresses and reasons of what is waived.
fn waived(report: &Report) -> Vec<String> {
    let rows = report.rows.iter().filter_map(|row| Some((row, row.suppressed.as_ref()?)));
    rows.map(|(row, by)| {
        assert_eq!((by.kind.as_str(), row.verdict), ("waiver", Verdict::Fail), "a waived failure stays one");
        format!("{} {} {}", report.rule(row).id, row.document.as_ref().unwrap().address, by.reason)
    })
    .collect()
}

#[test]
fn a_waiver_accepts_what_it_matches_and_nothing_else() {
    for (selector, expected) in [
        ("all", &["test/Pod/a", "test/Pod/b"][..]),
        ("{name: a}", &["test/Pod/a"]),
        ("{name: [a, b]}", &["test/Pod/a", "test/Pod/b"]),
        ("{kind: P*, namespace: test, name: '?', address: test/*/b}", &["test/Pod/b"]),
        ("{file: k8s/a.yaml}", &["test/Pod/a"]),
        ("{file: '**/b.*'}", &["test/Pod/b"]),
        // A star stays within its part of a path.
        ("{file: '*.yaml'}", &[]),
        ("{address: '*'}", &[]),
        ("{kind: pod}", &[]),
        ("{name: a, namespace: other}", &[]),
        ("{subject: '*'}", &[]),
    ] {
        let report = run(&format!("- {{rule: privileged, match: {selector}, reason: r}}\n"), |_| {});
        let expected: Vec<String> = expected.iter().map(|address| format!("WL-001 {address} r")).collect();
        assert_eq!(waived(&report), expected, "{selector}");
        assert_eq!(report.summary.suppressed, expected.len());
        assert_eq!(report.summary.fail, 4 - expected.len());
        assert_eq!(report.gate, Gate::Failed);
    }
    let report = run("- {rules: [WL-*], match: all, reason: r}\n", |_| {});
    assert_eq!((report.gate, report.summary.fail, report.summary.suppressed), (Gate::Passed, 0, 4));
    assert_eq!(count(&report, Verdict::Fail), 4);
}

#[test]
fn who_answers_and_until_when_is_in_the_report() {
    let entries = "- {rule: WL-001, match: {name: a}, reason: r, owner: web, expires: 2026-11-22}\n\
                   - {rule: WL-001, match: {name: b}, reason: r, owner: web, approved-by: ciso}\n";
    let report = run(entries, |_| {});
    let by: Vec<_> = report.rows.iter().filter_map(|row| row.suppressed.clone()).collect();
    let line = |index: usize| by[index].location.as_ref().map(|place| (place.file.as_str(), place.line));
    assert_eq!(
        (by[0].by.as_deref(), by[0].until.as_deref(), line(0)),
        (Some("web"), Some("2026-11-22"), Some(("waivers.yaml", 3)))
    );
    assert_eq!((by[1].by.as_deref(), by[1].until.as_deref(), line(1)), (Some("ciso"), None, Some(("waivers.yaml", 4))));
    assert!(report.sources.contains_key("waivers.yaml") || report.diagnostics.is_empty());
}

#[test]
fn what_no_longer_holds_is_said_at_its_line() {
    let entries = "- {rule: WL-001, match: {name: a}, expires: 2026-11-21, reason: r}\n\
                   - {rule: WL-001, match: {name: gone}, expires: 2026-01-01, reason: r}\n\
                   - {rule: WL-001, match: {name: gone}, reason: r}\n\
                   - {rule: WL-007, match: all}\n\
                   - {rule: WL-07, match: all, reason: r}\n\
                   - {rule: zzz, match: all, reason: r}\n";
    let report = run(entries, |_| {});
    assert_eq!(
        said(&report, "waivers.yaml"),
        [
            "3 expired-acceptance This waiver ended on 2026-11-21, so what it accepted counts again (1 finding). Fix it, or \
         decide anew and change `expires`.",
            "4 expired-acceptance This waiver ended on 2026-01-01 and matches no finding; remove it.",
            "5 unused-acceptance This waiver matches no finding. Remove it, or correct its `match`.",
            "6 missing-reason This waiver gives no reason. Add `reason`, so that others can tell whether it still holds.",
            "7 unknown-rule No rule that is loaded is named `WL-07`, so this waiver says nothing about it. Did you mean \
         `WL-007`?",
            "8 unknown-rule No rule that is loaded is named `zzz`, so this waiver says nothing about it. `verdikt rules` \
         lists them.",
        ]
    );
    assert_eq!((report.summary.suppressed, report.incomplete), (2, false));
    assert!(report.sources.contains_key("waivers.yaml"));
}

#[test]
fn nothing_is_unused_that_was_only_out_of_sight() {
    type Change<'a> = &'a dyn Fn(&mut Check);
    let globs =
        |pattern: &str| globset::GlobSetBuilder::new().add(globset::Glob::new(pattern).unwrap()).build().unwrap();
    let unused = |selector: &str, change: Change<'_>| {
        let report = run(&format!("- {{rules: [WL-001], match: {selector}, reason: r}}\n"), change);
        !said(&report, "waivers.yaml").is_empty()
    };
    assert!(unused("{name: c}", &|_| {}));
    assert!(unused("{file: k8s/c.yaml}", &|_| {}), "the folder was scanned, and no such file is there");
    let cases: [(&str, Change<'_>); 4] = [
        ("the rule was not selected", &|check| check.selection.select = vec!["WL-007".into()]),
        ("files were left out", &|check| check.load.exclude = globs("b.yaml")),
        ("one folder of several", &|check| check.load.inputs = vec![Input::Path("k8s/a.yaml".into())]),
        ("a file could not be read", &|check| check.load.inputs.push(Input::Path("none.yaml".into()))),
    ];
    for (why, change) in cases {
        assert!(!unused("{name: c}", change), "{why}");
    }
    let one = |check: &mut Check| check.load.inputs = vec![Input::Path("k8s/a.yaml".into())];
    assert!(!unused("{file: k8s/b.yaml}", &one));
    assert!(unused("{file: k8s/a.yaml, name: c}", &one));
    let folder = |check: &mut Check| check.load.inputs = vec![Input::Path("k8s".into())];
    assert!(unused("{file: k8s/**, name: c}", &folder));
    assert!(!unused("{file: '**/a.yaml', name: c}", &folder));
}

#[test]
fn every_mistake_is_told_where_it_stands() {
    for (text, expected) in [
        ("waivers: []\n", &["1:1 `waivers file` lacks `version`: write `version: 1`."][..]),
        (
            "version: 2\nwaivers: []\n",
            &[
                "1:10 This waivers file is of version 2, and this version of Verdikt reads version 1. Use the Verdikt that \
               wrote it, or write it anew.",
            ],
        ),
        ("version: 1\nwaivers: {}\n", &["2:10 `waivers` must be a list, but it is a map."]),
        (
            "version: 1\nwaivers:\n- {rule: a}\n",
            &["3:4 `waiver` lacks `match`: it says what is waived; for every document write `match: all`."],
        ),
        (
            "version: 1\nwaivers:\n- {rule: a, match: {}}\n",
            &["3:20 `match` says nothing. Name the documents that are meant; for every document write `match: all`."],
        ),
        (
            "version: 1\nwaivers:\n- {rule: a, match: some}\n",
            &["3:20 `match` must be a map of `kind`, `namespace`, `name`, `address`, `file`, `subject`, or the word \
               `all`."],
        ),
        (
            "version: 1\nwaivers:\n- {match: all}\n- {rule: a, rules: [b], match: all}\n- {rules: [], match: all}\n",
            &[
                "3:4 `waiver` lacks `rule`: it says which rule, by id or slug.",
                "4:20 `rule` is there already; keep one of the two, `rules` for several.",
                "5:11 `rules` is empty; name at least one rule, by id or slug.",
            ],
        ),
        (
            "version: 1\nwaivers:\n- {rule: a, match: {nam: x, file: 'a['}, expires: 2026-02-30, reson: r}\n",
            &[
                "3:21 `match` has no member `nam`; did you mean `name`?",
                "3:35 `file` is no pattern: error parsing glob 'a[': unclosed character class; missing ']'.",
                "3:51 `expires` must be a day that exists, written YYYY-MM-DD, but it is `\"2026-02-30\"`.",
                "3:63 `waiver` has no member `reson`; did you mean `reason`?",
            ],
        ),
        (
            "version: 1\nwaivers:\n- {rule: a, match: {file: [./k8s/a.yaml, k8s/, /k8s/**, ../x.yaml, '**/a.yaml']}}\n",
            &[
                "3:28 `file` is compared with paths such as `k8s/web.yaml`, and this matches none; write `k8s/a.yaml`.",
                "3:42 `file` is compared with paths such as `k8s/web.yaml`, and this matches none; write `k8s/**`.",
                "3:48 `file` is compared with paths such as `k8s/web.yaml`, and this matches none; write `k8s/**`.",
                "3:57 `file` is compared with paths such as `k8s/web.yaml`, and this matches none; leave `..` away.",
            ],
        ),
        (
            "version: 1\nwaivers:\n- {id: w, rule: a, match: all}\n- {id: w, rule: a, match: all}\n",
            &["4:8 Another waiver has the id `w` already; give this one its own."],
        ),
        (
            "version: 1\n<<<<<<< HEAD\nwaivers: []\n=======\nwaivers: []\n>>>>>>> b\n",
            &[
                "2:1 A merge left this conflict. Keep what is right of both sides, and delete the lines that begin with \
               `<<<<<<<`, `=======` and `>>>>>>>`.",
            ],
        ),
    ] {
        let error = Waivers::read("w.yaml", text).unwrap_err();
        let found: Vec<String> =
            error.0.iter().map(|it| format!("{}:{} {}", it.location.line, it.location.column, it.message)).collect();
        assert_eq!(found, expected, "{text}");
    }
    assert!(Waivers::read("w.yaml", "# none yet\n").is_ok());
}
