//! Suppressions as a person sees them: what is accepted, what is listed, what is said of stale ones.

use crate::support::{Project, Run, require_packs};

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: debug, namespace: shop}
spec:
  containers:
    - name: sh
      image: registry.example/sh:1.0
      securityContext:
        privileged: true # verdikt:ignore WL-001 until=2027-01-31 needs the devices of the host
";

/// Noon of 22 November 2026 and of 1 February 2027, in seconds since 1970.
const IN_NOVEMBER: &str = "1795348800";
const IN_FEBRUARY: &str = "1801483200";

/// A check with WL-001 alone, on some day.
fn run(project: &Project, day: &str, arguments: &[&str]) -> Run {
    let all = [&["check", "--select", "WL-001", "."], arguments].concat();
    Run::new(project.command(&all).env("SOURCE_DATE_EPOCH", day).output().unwrap())
}

#[test]
fn what_is_accepted_is_listed_on_demand_and_always_in_json() {
    require_packs();
    let project = Project::new(&[("pod.yaml", POD)]);
    let quiet = run(&project, IN_NOVEMBER, &[]).expect(0);
    assert!(quiet.stdout.contains("1 suppressed (`--show suppressed` lists them)"), "{quiet:#?}");
    assert!(!quiet.stdout.contains("privileged mode"), "{quiet:#?}");
    let listed = run(&project, IN_NOVEMBER, &["--show", "suppressed"]).expect(0);
    let expected = "\
critical (suppressed)[WL-001 privileged]: Container `sh` runs in privileged mode: `privileged` is true, expected false or nothing.
 --> pod.yaml:9:21
  |
9 |         privileged: true # verdikt:ignore WL-001 until=2027-01-31 needs the devices of the host
  |                     ^^^^
  |
  = document: shop/Pod/debug (workload Pod)
  = suppressed: comment at pod.yaml:9:26: needs the devices of the host (until 2027-01-31)
";
    assert!(listed.stdout.starts_with(expected), "{}", listed.stdout);
    let json = run(&project, IN_NOVEMBER, &["-f", "json"]).expect(0).json();
    let row = &json["results"][0];
    assert_eq!((row["verdict"].as_str(), &json["summary"]["suppressed"]), (Some("fail"), &1.into()));
    let suppressed = &row["suppressed"];
    assert_eq!(suppressed["kind"], "comment");
    assert_eq!(suppressed["reason"], "needs the devices of the host");
    assert_eq!(suppressed["until"], "2027-01-31");
    assert!(suppressed["by"].is_null());
    assert_eq!((&suppressed["location"]["file"], &suppressed["location"]["line"]), (&"pod.yaml".into(), &9.into()));
}

#[test]
fn a_suppression_holds_throughout_its_last_day_and_then_no_more() {
    require_packs();
    let project = Project::new(&[("pod.yaml", &POD.replace("2027-01-31", "2026-11-22"))]);
    run(&project, IN_NOVEMBER, &[]).expect(0);
    let later = run(&project, IN_FEBRUARY, &[]).expect(1);
    assert!(later.stdout.contains("This suppression ended on 2026-11-22"), "{later:#?}");
}

#[test]
fn stale_suppressions_are_warnings_at_their_own_line() {
    require_packs();
    let stale = "\
# verdikt:ignore WL-001
# verdikt:ignore WL-0O1 mistyped
# verdikt: ignore WL-001 mistyped
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web # verdikt:ignore WL-001 until=soon needed
      image: registry.example/web:1.0
";
    let project = Project::new(&[("pod.yaml", stale)]);
    let json = run(&project, IN_NOVEMBER, &["-f", "json"]).expect(0).json();
    let line = |found: &serde_json::Value| {
        let place = &found["location"];
        format!("{}:{} {} {}", place["line"], place["column"], found["level"], found["code"]).replace('"', "")
    };
    let found: Vec<String> = json["diagnostics"].as_array().unwrap().iter().map(line).collect();
    assert_eq!(
        found,
        [
            "1:1 warning unused-acceptance",
            "2:18 warning unknown-rule",
            "3:3 warning bad-suppression",
            "9:47 warning bad-suppression",
        ]
    );
}

#[test]
fn rules_go_by_the_names_of_other_tools() {
    require_packs();
    let project = Project::new(&[("pod.yaml", POD.split(" # ").next().unwrap_or_default())]);
    let run = project.run(&["check", "--select", "CKV_K8S_16", ".", "-f", "json"]).expect(1);
    assert_eq!(run.json()["results"][0]["rule"], "WL-001");
    let page = project.run(&["explain", "WL-001"]).expect(0).stdout;
    assert!(page.contains("Also      checkov:CKV_K8S_16, checkov:CKV_AWS_334, trivy:KSV-0017"), "{page}");
}

/// A rule that the config switches off for the very document says nothing of the comment.
#[test]
fn what_a_config_switches_off_is_not_unused() {
    require_packs();
    let config = |enabled| {
        let overrides = format!("[{{files: [pod.yaml], rules: {{WL-001: {{enabled: {enabled}}}}}}}]");
        format!("version: 1\nselect: [WL-001, WL-008]\noverrides: {overrides}\n")
    };
    let project = Project::new(&[("pod.yaml", &POD.replace("true", "false"))]);
    for (enabled, said) in [(true, true), (false, false)] {
        project.write("verdikt.yaml", config(enabled));
        let output = project.command(&["check"]).env("SOURCE_DATE_EPOCH", IN_NOVEMBER).output().unwrap();
        let told = Run::new(output).expect(0).stdout;
        assert_eq!(told.contains("unused-acceptance"), said, "{told}");
    }
}
