//! The JSON report, field by field.

use serde_json::{Value, json};

use crate::support::{PRIVILEGED, Project, UNPRIVILEGED, require_packs};

#[track_caller]
fn keys(value: &Value, expected: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("{value:#} is no object"));
    for key in expected {
        assert!(object.contains_key(*key), "`{key}` is missing in {value:#}");
    }
}

#[test]
fn every_field_of_the_contract_is_there() {
    require_packs();
    let project = Project::new(&[
        ("k8s/pod.yaml", PRIVILEGED),
        ("k8s/broken.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n"),
        ("notes.txt", "not ours"),
        ("values.yaml", "replicas: 2\n"),
    ]);
    let report = project.run(&["check", "-f", "json", "."]).expect(3).json();
    keys(
        &report,
        &[
            "report",
            "tool",
            "summary",
            "results",
            "diagnostics",
            "coverage",
            "packs",
            "rules",
            "frameworks",
            "diff_base",
        ],
    );
    assert_eq!(report["report"], 1);
    assert_eq!(report["tool"], json!({"name": "verdikt", "version": env!("CARGO_PKG_VERSION")}));
    keys(
        &report["summary"],
        &["documents", "pass", "fail", "unknown", "error", "not-applicable", "informational", "manual", "suppressed"],
    );

    let results = report["results"].as_array().unwrap();
    for result in results {
        keys(
            result,
            &[
                "rule",
                "slug",
                "verdict",
                "severity",
                "message",
                "document",
                "pointer",
                "location",
                "fingerprint",
                "controls",
                "suppressed",
            ],
        );
        keys(
            &result["document"],
            &["platform", "kind", "namespace", "name", "address", "file", "line", "rendered_from"],
        );
        keys(&result["location"], &["file", "line", "column", "end_line", "end_column"]);
        assert_ne!(result["verdict"], "pass");
        assert!(!result["fingerprint"].as_str().unwrap().is_empty());
    }
    let privileged = results.iter().find(|result| result["rule"] == "WL-001").expect("WL-001 fails");
    assert_eq!(privileged["slug"], "privileged");
    assert_eq!(privileged["verdict"], "fail");
    assert_eq!(privileged["severity"], "critical");
    assert_eq!(privileged["pointer"], "/containers/0/privileged");
    assert_eq!(privileged["suppressed"], Value::Null);
    assert_eq!(
        privileged["location"],
        json!({"file": "k8s/pod.yaml", "line": 8, "column": 37, "end_line": 8, "end_column": 41})
    );
    let document = &privileged["document"];
    assert_eq!(document["platform"], "workload");
    assert_eq!(document["kind"], "Pod");
    assert_eq!(document["namespace"], Value::Null);
    assert_eq!(document["address"], "/Pod/debug");
    assert_eq!(document["file"], "k8s/pod.yaml");
    assert_eq!(document["line"], 1);

    let diagnostic = &report["diagnostics"][0];
    keys(diagnostic, &["code", "level", "message", "location"]);
    assert_eq!(diagnostic["level"], "error");
    assert_eq!(diagnostic["location"]["file"], "k8s/broken.yaml");

    keys(&report["coverage"], &["files", "scanned", "skipped", "taken", "failed"]);
    assert_eq!(report["coverage"]["taken"], json!([{"file": "k8s/pod.yaml", "format": "kubernetes", "documents": 1}]));
    assert_eq!(report["coverage"]["failed"][0]["file"], "k8s/broken.yaml");
    assert_eq!(report["coverage"]["failed"][0]["reason"], diagnostic["message"]);
    for skipped in report["coverage"]["skipped"].as_array().unwrap() {
        keys(skipped, &["file", "reason"]);
    }
    for pack in report["packs"].as_array().unwrap() {
        keys(pack, &["id", "version", "digest"]);
        assert!(pack["digest"].as_str().unwrap().starts_with("sha256:"), "{pack}");
    }
    for rule in report["rules"].as_array().unwrap() {
        keys(rule, &["id", "slug", "title", "severity", "controls"]);
    }
    assert!(report["frameworks"].is_array());
}

#[test]
fn the_summary_counts_the_rows() {
    require_packs();
    let project = Project::new(&[("a.yaml", PRIVILEGED), ("b.yaml", UNPRIVILEGED)]);
    let report = project.run(&["check", "-f", "json", "--show", "pass,not-applicable"]).expect(1).json();
    for verdict in ["pass", "fail", "unknown", "error", "not-applicable", "informational", "manual"] {
        let rows = report["results"].as_array().unwrap().iter().filter(|row| row["verdict"] == verdict).count();
        assert_eq!(report["summary"][verdict], rows, "{verdict}");
    }
    assert!(report["summary"]["pass"].as_u64().unwrap() > 0);
    // A passed document is shown as a whole.
    let passed = report["results"].as_array().unwrap().iter().find(|row| row["verdict"] == "pass").unwrap();
    assert_eq!(passed["pointer"], "");
    let only = project.run(&["check", "-f", "json"]).expect(1).json();
    assert_eq!(only["summary"], report["summary"]);
    assert!(only["results"].as_array().unwrap().iter().all(|row| row["verdict"] != "pass"));
}

#[test]
fn the_report_does_not_depend_on_threads_or_isolation() {
    require_packs();
    let files: Vec<(String, &str)> = (0..40)
        .map(|index| (format!("{index:02}.yaml"), if index % 3 == 0 { PRIVILEGED } else { UNPRIVILEGED }))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let project = Project::new(&files);
    let run =
        |more: &[&str]| project.run(&[&["check", "-f", "json", "--show", "pass"], more].concat()).expect(1).stdout;
    let report = run(&["--jobs", "1"]);
    assert_eq!(run(&["--jobs", "4"]), report);
    assert_eq!(run(&["--isolate"]), report);
    assert_eq!(run(&[]), report);
}

/// A fingerprint outlives edits elsewhere in its file.
#[test]
fn fingerprints_have_no_lines() {
    require_packs();
    let fingerprint = |text: &str| {
        let project = Project::new(&[("pod.yaml", text)]);
        let report = project.run(&["check", "-f", "json", "--select", "WL-001"]).expect(1).json();
        report["results"][0]["fingerprint"].clone()
    };
    assert_eq!(fingerprint(PRIVILEGED), fingerprint(&format!("# A comment.\n\n{PRIVILEGED}")));
}
