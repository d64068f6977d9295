//! The baseline: what it accepts, what is written, what is refused.

use std::path::Path;

use verdikt_engine::input::{Input, LoadOptions};
use verdikt_engine::model::{Date, Report, Verdict};
use verdikt_engine::{Baseline, BaselineChange, Check, Engine, NewBaseline, Waivers};

use crate::support::{compiled_engine, pod, said};

/// A folder of manifests, and one engine for all checks of it.
struct Folder {
    folder: tempfile::TempDir,
    engine: Engine,
}

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder { folder: tempfile::tempdir().unwrap(), engine: compiled_engine() };
        std::fs::create_dir(folder.path(".git")).unwrap();
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        std::fs::create_dir_all(self.path(to).parent().unwrap()).unwrap();
        std::fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn scan(&self, paths: &[&str], baseline: Option<&str>) -> Check {
        let load = LoadOptions {
            inputs: paths.iter().map(|path| Input::Path(Path::new(path).to_owned())).collect(),
            cwd: self.folder.path().canonicalize().unwrap(),
            ..LoadOptions::default()
        };
        let mut check = Check::new(load, Date::parse("2026-11-22").unwrap());
        check.selection.select = vec!["WL-001".to_owned()];
        check.baseline = baseline.map(|text| Baseline::read("baseline.json", text).unwrap());
        check
    }

    fn check(&self, baseline: &str) -> Report {
        self.engine.check(&self.scan(&["."], Some(baseline))).unwrap()
    }

    fn change(&self, change: BaselineChange, baseline: Option<&str>) -> NewBaseline {
        self.engine.baseline(&self.scan(&["."], baseline), change).unwrap().1
    }
}

/// How many findings count, and how many are accepted.
fn counts(report: &Report) -> (usize, usize) {
    (report.summary.fail, report.summary.suppressed)
}

fn figures(new: &NewBaseline) -> (usize, usize, usize, usize) {
    (new.findings, new.added, new.moved, new.removed)
}

#[test]
fn what_was_there_is_quiet_and_what_is_new_is_loud() {
    let folder = Folder::new(&[("a.yaml", &pod("a")), ("b.yaml", &pod("b"))]);
    let old = folder.change(BaselineChange::Create, None);
    assert_eq!(figures(&old), (2, 2, 0, 0));
    assert_eq!(old.text.lines().filter(|line| line.contains("WL-001")).count(), 2, "a line for each");
    assert_eq!(counts(&folder.check(&old.text)), (0, 2));
    // Lines shift, a new container comes, and the whole is written in another way.
    folder.write("a.yaml", &format!("# Moved.\n\n{}", pod("a").replace("privileged: true", "privileged: yes")));
    folder.write("c.yaml", &pod("c"));
    let report = folder.check(&old.text);
    assert_eq!(counts(&report), (1, 2));
    let row = report.rows.iter().find(|row| row.suppressed.is_some()).unwrap();
    let by = row.suppressed.as_ref().unwrap();
    assert_eq!((by.kind.as_str(), by.location.as_ref().map(|place| place.line)), ("baseline", Some(4)));
    assert_eq!(said(&report, "baseline.json"), [""; 0]);
    let new = folder.change(BaselineChange::Update, Some(&old.text));
    assert_eq!(figures(&new), (3, 1, 0, 0));
    assert_eq!(counts(&folder.check(&new.text)), (0, 3));
    assert_eq!(folder.change(BaselineChange::Update, Some(&new.text)).text, new.text, "it stays what it is");
}

#[test]
fn an_entry_accepts_what_people_read_in_it() {
    let folder = Folder::new(&[("a.yaml", &pod("a")), ("b.yaml", &pod("b").replace("true", "false"))]);
    let old = folder.change(BaselineChange::Create, None).text;
    // A file that has gone is one that was moved.
    for file in ["a.yaml", "gone.yaml"] {
        let entry = old.replace("a.yaml", file);
        assert_eq!(counts(&folder.check(&entry)), (0, 1), "{file}");
        for (from, to) in [("WL-001", "WL-002"), (file, "b.yaml"), ("test/Pod/a", "test/Pod/b")] {
            let report = folder.check(&entry.replace(from, to));
            assert_eq!(counts(&report), (1, 0), "an entry that says {to} with the digests of {from}");
        }
    }
}

#[test]
fn what_has_gone_is_said_and_pruned() {
    let folder = Folder::new(&[("k8s/a.yaml", &pod("a")), ("k8s/b.yaml", &pod("b")), ("k8s/c.yaml", &pod("c"))]);
    let old = folder.change(BaselineChange::Create, None);
    folder.write("k8s/a.yaml", &pod("a").replace("true", "false"));
    std::fs::remove_file(folder.path("k8s/b.yaml")).unwrap();
    let report = folder.check(&old.text);
    assert_eq!(counts(&report), (0, 1));
    let gone = "unused-acceptance This finding of WL-001 is no longer there. `verdikt baseline prune` removes it from \
                the baseline.";
    assert_eq!(said(&report, "baseline.json"), [format!("4 {gone}"), format!("5 {gone}")]);
    folder.write("k8s/d.yaml", &pod("d"));
    let pruned = folder.change(BaselineChange::Prune, Some(&old.text));
    assert_eq!(figures(&pruned), (1, 0, 0, 2));
    assert_eq!(counts(&folder.check(&pruned.text)), (1, 1), "prune accepts nothing new");
}

#[test]
fn what_is_out_of_sight_stays_in_the_baseline() {
    let folder = Folder::new(&[("one/a.yaml", &pod("a")), ("two/b.yaml", &pod("b"))]);
    let old = folder.engine.baseline(&folder.scan(&["one", "two"], None), BaselineChange::Create).unwrap().1;
    let prune = |change: &dyn Fn(&mut Check), paths: &[&str]| {
        let mut check = folder.scan(paths, Some(&old.text));
        change(&mut check);
        let (report, new) = folder.engine.baseline(&check, BaselineChange::Prune).unwrap();
        assert_eq!(said(&report, "baseline.json").len(), new.removed);
        new.removed
    };
    // Both findings have gone, for whoever looks.
    folder.write("one/a.yaml", &pod("a").replace("true", "false"));
    folder.write("two/b.yaml", &pod("b").replace("true", "false"));
    assert_eq!(prune(&|_| {}, &["one", "two"]), 2);
    assert_eq!(prune(&|_| {}, &["one"]), 1);
    assert_eq!(prune(&|check| check.selection.select = vec!["WL-007".into()], &["one", "two"]), 0);
    let exclude = globset::GlobSetBuilder::new().add(globset::Glob::new("a.yaml").unwrap()).build().unwrap();
    assert_eq!(prune(&|check| check.load.exclude = exclude.clone(), &["one", "two"]), 1, "it is there, and left out");
    folder.write("one/a.yaml", "kind: Pod\napiVersion: v1\nmetadata: {name: [\n");
    assert_eq!(prune(&|_| {}, &["one", "two"]), 1, "a file that cannot be read proves nothing");
}

#[test]
fn findings_are_known_in_files_that_were_moved() {
    let folder = Folder::new(&[("dev/a.yaml", &pod("a")), ("prod/a.yaml", &pod("a")), ("b.yaml", &pod("b"))]);
    let old = folder.change(BaselineChange::Create, None);
    for (from, to) in [("dev", "k8s/dev"), ("prod", "k8s/prod"), ("b.yaml", "k8s/b.yml")] {
        folder.rename(from, to);
    }
    let report = folder.check(&old.text);
    assert_eq!(counts(&report), (0, 3));
    let reasons: Vec<_> = report.rows.iter().map(|row| row.suppressed.as_ref().unwrap().reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "in the baseline for b.yaml, from where it was moved",
            "in the baseline for dev/a.yaml, from where it was moved",
            "in the baseline for prod/a.yaml, from where it was moved",
        ]
    );
    assert_eq!(said(&report, "baseline.json"), [""; 0]);
    for change in [BaselineChange::Prune, BaselineChange::Update] {
        let new = folder.change(change, Some(&old.text));
        assert_eq!(figures(&new), (3, 0, 3, 0));
        assert!(new.text.contains("k8s/dev/a.yaml") && !new.text.contains("\"dev/a.yaml"));
    }
}

#[test]
fn a_copy_is_not_a_move() {
    let folder = Folder::new(&[("a.yaml", &pod("a"))]);
    let old = folder.change(BaselineChange::Create, None);
    folder.write("copy.yaml", &pod("a"));
    assert_eq!(counts(&folder.check(&old.text)), (1, 1), "the file is still there");
    folder.rename("a.yaml", "b.yaml");
    let report = folder.check(&old.text);
    assert_eq!(counts(&report), (2, 0), "nobody knows which of the two it was");
    assert_eq!(said(&report, "baseline.json").len(), 1);
    // Out of another folder that was not scanned nothing moved.
    let report = folder.engine.check(&folder.scan(&["b.yaml"], Some(&old.text))).unwrap();
    assert_eq!(counts(&report), (1, 0));
    assert_eq!(said(&report, "baseline.json"), [""; 0]);
}

#[test]
fn outside_of_a_repository_nobody_knows_what_has_gone() {
    let folder = Folder::new(&[("one/a.yaml", &pod("a")), ("two/b.yaml", &pod("b"))]);
    std::fs::remove_dir(folder.path(".git")).unwrap();
    let old = folder.engine.baseline(&folder.scan(&["one", "two"], None), BaselineChange::Create).unwrap().1;
    let (report, new) = folder.engine.baseline(&folder.scan(&["one"], Some(&old.text)), BaselineChange::Prune).unwrap();
    assert_eq!((counts(&report), figures(&new)), ((0, 1), (2, 0, 0, 0)), "the other folder was not scanned");
    folder.write("one/a.yaml", &pod("a").replace("true", "false"));
    let (_, new) = folder.engine.baseline(&folder.scan(&["one"], Some(&old.text)), BaselineChange::Prune).unwrap();
    assert_eq!(figures(&new), (1, 0, 0, 1), "the file is there, and its finding is not");
}

#[test]
fn an_entry_accepts_nothing_worse_than_it_was_made_for() {
    let folder = Folder::new(&[("a.yaml", &pod("a"))]);
    let failed = folder.change(BaselineChange::Create, None).text;
    let unknown = failed.replace("\"verdict\":\"fail\"", "\"verdict\":\"unknown\"");
    let report = folder.check(&unknown);
    assert_eq!(counts(&report), (1, 0));
    assert_eq!(report.rows[0].related[0].note, "the baseline accepts this as `unknown`, and it is `fail` now");
    assert_eq!(said(&report, "baseline.json"), [""; 0], "it has not gone");
    assert_eq!(folder.change(BaselineChange::Prune, Some(&unknown)).text, unknown);
    // A merge kept both sides, and one of them accepts the failure.
    let line = failed.lines().find(|line| line.contains("WL-001")).unwrap();
    let both = unknown.replace("\"findings\": [", &format!("\"findings\": [\n{line},"));
    let report = folder.check(&both);
    assert_eq!((counts(&report), report.rows[0].related.len()), ((0, 1), 0));
    let new = folder.change(BaselineChange::Update, Some(&unknown));
    assert_eq!((figures(&new), new.text), ((1, 1, 0, 0), failed));
}

#[test]
fn what_is_accepted_otherwise_needs_no_baseline() {
    let folder = Folder::new(&[("a.yaml", &pod("a")), ("b.yaml", &pod("b"))]);
    let old = folder.change(BaselineChange::Create, None);
    let waivers = "version: 1\nwaivers:\n- {rule: WL-001, match: {name: a}, reason: r}\n";
    let run = |change, baseline| {
        let mut check = folder.scan(&["."], baseline);
        check.waivers = vec![Waivers::read("waivers.yaml", waivers).unwrap()];
        folder.engine.baseline(&check, change).unwrap()
    };
    assert_eq!(figures(&run(BaselineChange::Create, None).1), (1, 1, 0, 0));
    let (report, pruned) = run(BaselineChange::Prune, Some(&old.text));
    assert_eq!(said(&report, "baseline.json"), [""; 0], "the entry is used, although the waiver came first");
    assert_eq!(figures(&pruned), (2, 0, 0, 0));
    assert_eq!(figures(&run(BaselineChange::Update, Some(&old.text)).1), (1, 0, 0, 1));
    let kinds: Vec<_> = report.rows.iter().map(|row| row.suppressed.as_ref().unwrap().kind.as_str()).collect();
    assert_eq!(kinds, ["waiver", "baseline"]);
}

#[test]
fn a_rule_that_fails_is_never_accepted() {
    let folder = Folder::new(&[("a.yaml", &pod("a").replace("privileged: true", "privileged: [1]"))]);
    let (report, new) = folder.engine.baseline(&folder.scan(&["."], None), BaselineChange::Create).unwrap();
    assert!(
        report.incomplete && new.findings == report.rows.iter().filter(|row| row.verdict != Verdict::Error).count()
    );
}

#[test]
fn a_long_list_of_what_has_gone_ends() {
    let names: Vec<String> = (0..30).map(|index| format!("pod-{index:02}")).collect();
    let all = names.iter().map(|name| pod(name)).collect::<Vec<_>>().join("---\n");
    let folder = Folder::new(&[("a.yaml", &all)]);
    let old = folder.change(BaselineChange::Create, None);
    folder.write("a.yaml", &all.replace("true", "false"));
    let said = said(&folder.check(&old.text), "baseline.json");
    assert_eq!(said.len(), 20);
    assert!(said[19].ends_with("The same is so for 10 entries behind it."), "{}", said[19]);
}

#[test]
fn every_mistake_is_told_where_it_stands() {
    let good = r#"{"file":"a","rule":"r","address":"a","pointer":"","verdict":"fail","fingerprint":"0123456789abcdef0123456789abcdef","identity":"0123456789abcdef0123456789abcdef"}"#;
    let file = |entry: &str| format!("{{\"baseline\": 1, \"findings\": [\n{entry}\n]}}");
    assert!(Baseline::read("b.json", &file(good)).is_ok());
    assert!(Baseline::read("b.json", &file(&format!("{good},\n{good}"))).is_ok(), "both sides of a merge");
    for (text, expected) in [
        (String::new(), "1:1 This baseline is empty; `verdikt baseline create` makes one."),
        ("[]".to_owned(), "1:1 `baseline` must be a map, but it is a list."),
        (file(good).replace("\"baseline\": 1", "\"baseline\": 2"), "1:14 This baseline is of version 2,"),
        (file(good).replace("\"baseline\": 1", "\"baseline\": \"1\""), "1:14 `baseline` must be the number 1,"),
        (file(&good.replace("fail", "error")), "2:61 `verdict` must be one of `fail`,"),
        (file(&good.replace("\"0123456789abcdef0123456789abcdef\"}", "\"0123\"}")), "2:"),
        (
            file(&good.replace("\"rule\":\"r\",", "")),
            "2:2 `finding` lacks `rule`: `verdikt baseline update` writes whole",
        ),
        (file(&good.replace("address", "adress")), "2:"),
        (file(good).replace("]}", ""), "3:1 "),
        (format!("<<<<<<< HEAD\n{}", file(good)), "1:1 A merge left this conflict."),
    ] {
        let error = Baseline::read("b.json", &text).unwrap_err();
        let first = &error.0[0];
        let found = format!("{}:{} {}", first.location.line, first.location.column, first.message);
        assert!(found.starts_with(expected), "{text}\n{found}");
    }
}
