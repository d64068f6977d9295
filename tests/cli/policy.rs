//! Policy files from outside: waivers, evidence and the baseline, and what is said of bad ones.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{PRIVILEGED, Project, Run, UNPRIVILEGED, require_packs};

/// The only rule that `PRIVILEGED` is judged by here.
const SELECT: [&str; 2] = ["--select", "WL-001"];

/// A repository with the files.
fn repository(files: &[(&str, &str)]) -> Project {
    require_packs();
    let project = Project::new(files);
    std::fs::create_dir(project.path(".git")).unwrap();
    project
}

fn run(project: &Project, arguments: &[&str]) -> Run {
    project.run(&[arguments, &SELECT].concat())
}

fn fingerprints(run: &Run) -> BTreeSet<String> {
    let results = run.json()["results"].as_array().unwrap().clone();
    results.iter().map(|row| row["fingerprint"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_baseline_makes_yesterday_quiet_and_today_loud() {
    let project = repository(&[("k8s/pod.yaml", PRIVILEGED)]);
    run(&project, &["check"]).expect(1);
    let created = run(&project, &["baseline", "create"]).expect(0);
    assert_eq!(created.stdout, ".verdikt-baseline.json accepts 1 finding.\n");
    let baseline = ["check", "--baseline", ".verdikt-baseline.json"];
    run(&project, &baseline).expect(0);

    project.write("k8s/new.yaml", PRIVILEGED.replace("debug", "new"));
    let report = run(&project, &[&baseline[..], &["-f", "json"]].concat()).expect(1).json();
    let suppressed = |row: &Value| row["suppressed"]["kind"].as_str().map(str::to_owned);
    let kinds: Vec<_> = report["results"].as_array().unwrap().iter().map(suppressed).collect();
    assert_eq!(kinds, [None, Some("baseline".to_owned())]);
    assert_eq!((&report["summary"]["fail"], &report["summary"]["suppressed"]), (&1.into(), &1.into()));

    std::fs::remove_file(project.path("k8s/pod.yaml")).unwrap();
    let stale = run(&project, &baseline).expect(1).stdout;
    assert!(stale.contains("warning[unused-acceptance]") && stale.contains(".verdikt-baseline.json:4:"), "{stale}");
    let updated = run(&project, &["baseline", "update"]).expect(0);
    assert_eq!(updated.stdout, ".verdikt-baseline.json accepts 1 finding: 1 added, 0 moved, 1 removed.\n");
    assert!(updated.stderr.contains("unused-acceptance"), "{}", updated.stderr);
    let pruned = run(&project, &["baseline", "prune"]).expect(0);
    assert_eq!(pruned.stdout, ".verdikt-baseline.json accepts 1 finding: 0 added, 0 moved, 0 removed.\n");
    run(&project, &baseline).expect(0);
    let left: Vec<_> = std::fs::read_dir(project.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}

#[test]
fn a_baseline_is_never_written_by_half() {
    let project = repository(&[("pod.yaml", PRIVILEGED)]);
    run(&project, &["baseline", "create"]).expect(0);
    let before = project.read(".verdikt-baseline.json");
    let again = run(&project, &["baseline", "create"]).expect(2);
    assert!(again.stderr.contains("`verdikt baseline update`"), "{}", again.stderr);

    project.write("broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n");
    for change in ["update", "prune"] {
        let refused = run(&project, &["baseline", change]).expect(3);
        assert!(refused.stderr.contains("broken.yaml:") && refused.stderr.contains("was not written"), "{refused:?}");
        assert_eq!(refused.stdout, "");
    }
    assert_eq!(project.read(".verdikt-baseline.json"), before);
    run(&project, &["baseline", "create", "--baseline", "other.json"]).expect(3);
    assert!(!project.path("other.json").exists());
    run(&project, &["baseline", "create", "--baseline", "other.json", "--allow-incomplete"]).expect(0);

    let empty = repository(&[("notes.yaml", "a: 1\n")]);
    let nothing = run(&empty, &["baseline", "create"]).expect(4);
    assert!(nothing.stderr.contains("nothing to scan") && !empty.path(".verdikt-baseline.json").exists());
}

#[test]
fn bad_policy_files_are_refused_with_their_place() {
    let project = repository(&[("pod.yaml", PRIVILEGED)]);
    let waivers = |rest: &str| format!("version: 1\nwaivers:\n  - rule: WL-001\n    {rest}\n");
    let cases: &[(&str, &str, String, &str)] = &[
        (
            "--waivers",
            "w.yaml",
            waivers("match: {nam: debug}"),
            "w.yaml:4:13: `match` has no member `nam`; did you mean",
        ),
        ("--waivers", "w.yaml", waivers("match: all\n    expires: 2026-02-30"), "w.yaml:5:14: `expires` must be a day"),
        ("--waivers", "w.yaml", waivers("match: ["), "w.yaml:"),
        (
            "--waivers",
            "w.yaml",
            "version: 9\nwaivers: []\n".to_owned(),
            "w.yaml:1:10: This waivers file is of version 9",
        ),
        (
            "--evidence",
            "e.yaml",
            "version: 1\nevidence:\n- {id: WL-001, statement: s, owner: o, date: 2999-01-01}\n".to_owned(),
            "e.yaml:3:46: `date` is in the future",
        ),
        (
            "--evidence",
            "e.yaml",
            "version: 1\nevidence:\n- {id: a, statement: s, owner: o, date: 2026-01-01, attachment: {file: none.pdf, \
             sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'}}\n"
                .to_owned(),
            "`none.pdf` could not be read",
        ),
        (
            "--baseline",
            "b.json",
            "{\"baseline\": 7, \"findings\": []}".to_owned(),
            "b.json:1:14: This baseline is of version 7",
        ),
        ("--baseline", "b.json", "{\"baseline\": 1, \"findings\": [".to_owned(), "b.json:1:"),
        (
            "--baseline",
            "b.json",
            "{\n<<<<<<< HEAD\n  \"baseline\": 1\n=======\n  \"baseline\": 1\n>>>>>>> b\n}".to_owned(),
            "b.json:2:1: A merge left this conflict.",
        ),
    ];
    for (flag, file, text, expected) in cases {
        project.write(file, text);
        let refused = run(&project, &["check", flag, file]).expect(2);
        assert!(refused.stderr.contains(expected), "{expected}\n{}", refused.stderr);
        assert_eq!(refused.stdout, "");
    }
    let missing = run(&project, &["check", "--baseline", "none.json"]).expect(2);
    assert!(missing.stderr.contains("`verdikt baseline create --baseline none.json`"), "{}", missing.stderr);
}

#[test]
fn waivers_and_evidence_that_mean_nothing_are_warned_of() {
    let project = repository(&[("pod.yaml", PRIVILEGED)]);
    project.write("proof.txt", "hello\n");
    project.write("w.yaml", "version: 1\nwaivers:\n- {rule: WL-01, match: all, reason: r}\n");
    project.write(
        "policy/e.yaml",
        "version: 1\nevidence:\n- {id: privilegd, statement: s, owner: o, date: 2026-01-01, attachment: {file: \
         ../proof.txt, sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'}}\n",
    );
    let told = run(&project, &["check", "--waivers", "w.yaml", "--evidence", "policy/e.yaml"]).expect(1).stdout;
    for expected in ["w.yaml:3:10", "Did you mean `WL-001`?", "policy/e.yaml:3:8", "Did you mean `privileged`?"] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    project.write(
        "w.yaml",
        "version: 1\nwaivers:\n- {rule: WL-001, match: {name: debug}, reason: r, expires: 2999-12-31}\n",
    );
    let waived = run(&project, &["check", "--waivers", "w.yaml", "--show", "suppressed"]).expect(0).stdout;
    assert!(waived.contains("suppressed: waiver at w.yaml:3:10: r (until 2999-12-31)"), "{waived}");
}

#[test]
fn the_published_example_waives_what_it_says() {
    require_packs();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let waivers = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policy/waivers.yaml");
    let run = Project::new(&[]).run(&["check", example, "--waivers", waivers, "-f", "json"]).expect(1).json();
    let waived = run["results"].as_array().unwrap().iter().filter(|row| !row["suppressed"].is_null());
    let waived: Vec<_> = waived.map(|row| format!("{} {}", row["rule"], row["document"]["address"])).collect();
    assert_eq!(waived.len(), 3, "{waived:?}");
    assert_eq!(run["diagnostics"].as_array().unwrap().len(), 0, "{run:#}");
}

#[test]
fn fingerprints_do_not_depend_on_the_working_folder_or_the_machine() {
    let files = [("k8s/pod.yaml", PRIVILEGED), ("k8s/web.yaml", UNPRIVILEGED)];
    let (here, there) = (repository(&files), repository(&files));
    let scan = |project: &Project, folder: &str, path: &str| {
        let mut command = project.command(&["check", path, "-f", "json"]);
        Run::new(command.current_dir(project.path(folder)).output().unwrap()).expect(1)
    };
    let expected = fingerprints(&scan(&here, ".", "."));
    assert!(expected.len() > 5, "{expected:?}");
    let inside = there.path("k8s").to_str().unwrap().to_owned();
    for (folder, path) in [(".", "k8s"), ("k8s", "."), ("k8s", ".."), ("k8s", "pod.yaml"), ("/", &inside)] {
        let found = fingerprints(&scan(&there, folder, path));
        assert!(found.is_subset(&expected) && !found.is_empty(), "{path} in {folder}: {found:?} {expected:?}");
        assert!(path == "pod.yaml" || found == expected, "{path} in {folder}");
    }
}
