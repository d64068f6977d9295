//! `verdikt check`: exit codes, what is read, what is shown.

use crate::support::{PRIVILEGED, Project, TASK_DEFINITION, UNPRIVILEGED, WRONG_TYPE, require_packs};

const BROKEN: &str = "apiVersion: v1\nkind: Pod\nspec: [\n";

#[test]
fn exit_codes() {
    require_packs();
    let project = Project::new(&[
        ("bad/pod.yaml", PRIVILEGED),
        ("good/pod.yaml", UNPRIVILEGED),
        ("broken/pod.yaml", BROKEN),
        ("mixed/pod.yaml", PRIVILEGED),
        ("mixed/broken.yaml", BROKEN),
        ("odd/pod.yaml", WRONG_TYPE),
        ("values/values.yaml", "replicas: 2\n"),
    ]);
    std::fs::create_dir(project.path("empty")).unwrap();
    let cases: &[(i32, &[&str])] = &[
        (0, &["good"]),
        (1, &["bad"]),
        (1, &["good", "bad"]),
        (1, &["bad", "--fail-on", "critical"]),
        (0, &["bad", "--fail-on", "never"]),
        // What is shown does not change what it amounts to.
        (1, &["bad", "-q"]),
        (0, &["good", "--min-severity", "critical"]),
        // 3 beats 1 beats 0.
        (3, &["broken"]),
        (3, &["good", "broken"]),
        (3, &["mixed"]),
        (3, &["good", "missing"]),
        (3, &["missing"]),
        (3, &["odd"]),
        (0, &["broken", "--allow-incomplete"]),
        (0, &["good", "missing", "--allow-incomplete"]),
        (1, &["mixed", "--allow-incomplete"]),
        (0, &["odd", "--allow-incomplete"]),
        (0, &["odd", "--allow-incomplete", "--unknown", "ignore"]),
        (1, &["odd", "--allow-incomplete", "--unknown", "fail"]),
        (0, &["odd", "--allow-incomplete", "--unknown", "fail", "--fail-on", "never"]),
        (4, &["empty"]),
        (4, &["values"]),
        (4, &["empty", "--allow-incomplete"]),
        (2, &["good", "--select", "NOPE-001"]),
        (2, &["good", "--ignore", "nope"]),
        (2, &["good", "--param", "nope=1"]),
        (2, &["good", "--param", "nope"]),
    ];
    for (code, arguments) in cases {
        let mut all = vec!["check"];
        if !arguments.contains(&"--select") {
            all.extend(["--select", "WL-001"]);
        }
        all.extend(*arguments);
        let table = project.run(&all).expect(*code);
        // A machine gets its report whatever is in it.
        let json = project.run(&[&all[..], &["-f", "json"]].concat()).expect(*code);
        if *code == 2 {
            assert!(table.stdout.is_empty() && json.stdout.is_empty(), "{table:#?}");
            assert!(table.stderr.starts_with("error: "), "{table:#?}");
        } else {
            assert_eq!(json.json()["report"], 1);
        }
    }
}

#[test]
fn a_mistyped_rule_gets_a_suggestion() {
    require_packs();
    let run = Project::new(&[("pod.yaml", PRIVILEGED)]).run(&["check", "--select", "privilegd"]).expect(2);
    assert!(run.stderr.contains("`privileged`"), "{}", run.stderr);
}

#[test]
fn the_table_shows_the_place() {
    require_packs();
    let project = Project::new(&[("k8s/pod.yaml", PRIVILEGED)]);
    let run = project.run(&["check", "--select", "WL-001"]).expect(1);
    for part in [
        "critical[WL-001 privileged]: ",
        " --> k8s/pod.yaml:8:37\n",
        "8 |",
        "^^^^",
        "Scanned 1 file (1 kubernetes; 1 document)",
    ] {
        assert!(run.stdout.contains(part), "`{part}` is not in {}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}'), "no colors in a pipe: {}", run.stdout);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    let quiet = project.run(&["check", "--select", "WL-001", "-q"]).expect(1);
    assert!(quiet.stdout.contains("WL-001") && !quiet.stdout.contains("Scanned"), "{}", quiet.stdout);
}

#[test]
fn colors() {
    require_packs();
    let project = Project::new(&[("pod.yaml", PRIVILEGED)]);
    let colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = project.command(&[&["check"], arguments].concat());
        let output = command.envs(variables.iter().copied()).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    // A report for machines has none at all.
    assert!(!colored(&["--color", "always", "-f", "json"], &[]));
}

#[test]
fn standard_input() {
    require_packs();
    let project = Project::new(&[]);
    let run = project.run_with_stdin(&["check", "-f", "json", "--select", "WL-001", "-"], PRIVILEGED).expect(1);
    assert_eq!(run.json()["results"][0]["location"]["file"], "<stdin>");
    let run = project.run_with_stdin(&["check", "-f", "json", "--select", "WL-001", "-"], TASK_DEFINITION).expect(1);
    assert_eq!(run.json()["results"][0]["document"]["address"], "shop");
    project.run_with_stdin(&["check", "-"], "").expect(4);
}

#[test]
fn reports_go_to_files() {
    require_packs();
    let project = Project::new(&[("pod.yaml", PRIVILEGED)]);
    let run = project.run(&["check", "pod.yaml", "-f", "table", "-f", "json=out.json", "--color", "always"]).expect(1);
    assert!(run.stdout.contains("WL-001"), "{}", run.stdout);
    let report: serde_json::Value = serde_json::from_str(&project.read("out.json")).unwrap();
    assert_eq!(report["report"], 1);
    let run = project.run(&["check", "pod.yaml", "-f", "table=out.txt", "--color", "always"]).expect(1);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    assert!(!project.read("out.txt").contains('\u{1b}'));
    let run = project.run(&["check", "pod.yaml", "-f", "json=no/such/folder.json"]).expect(2);
    assert!(run.stderr.contains("no/such/folder.json"), "{}", run.stderr);
}

#[test]
fn what_is_read() {
    require_packs();
    let project = Project::new(&[
        (".gitignore", "ignored.yaml\n"),
        ("ignored.yaml", PRIVILEGED),
        (".hidden/pod.yaml", PRIVILEGED),
        ("vendor/pod.yaml", PRIVILEGED),
        ("pod.yaml", UNPRIVILEGED),
        ("task.json", TASK_DEFINITION),
    ]);
    let found = |more: &[&str]| -> Vec<String> {
        let run = project.run(&[&["check", "-f", "json", "--select", "WL-001"], more].concat());
        let report = run.json();
        let rows = report["results"].as_array().unwrap();
        rows.iter().map(|row| row["location"]["file"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&[]), ["task.json", "vendor/pod.yaml"]);
    assert_eq!(found(&["--exclude", "vendor/**"]), ["task.json"]);
    assert_eq!(found(&["--exclude", "vendor", "--exclude", "*.json"]), [""; 0]);
    assert_eq!(found(&["--no-ignore"]), [".hidden/pod.yaml", "ignored.yaml", "task.json", "vendor/pod.yaml"]);
    assert_eq!(found(&["-t", "ecs", "task.json"]), ["task.json"]);
    // What is named is read.
    assert_eq!(found(&["ignored.yaml"]), ["ignored.yaml"]);
}

#[test]
fn a_namespace_for_objects_that_state_none() {
    require_packs();
    let project = Project::new(&[("pod.yaml", PRIVILEGED)]);
    let report = project.run(&["check", "-f", "json", "--select", "WL-001", "--namespace", "ops"]).expect(1).json();
    assert_eq!(report["results"][0]["document"]["namespace"], "ops");
}

#[test]
fn a_pack_that_cannot_be_used_is_named_and_the_rest_goes_on() {
    require_packs();
    let project = Project::new(&[("pod.yaml", PRIVILEGED), ("packs/bad.wasm", "not wasm"), ("packs/notes.md", "x")]);
    for pack in ["packs/bad.wasm", "packs"] {
        let run = project.run(&["check", "pod.yaml", "--pack", pack, "-f", "json"]).expect(3);
        let report = run.json();
        let diagnostic = &report["diagnostics"][0];
        assert_eq!(diagnostic["code"], "pack-unusable");
        assert!(diagnostic["location"]["file"].as_str().unwrap().contains("bad.wasm"), "{diagnostic}");
        assert!(report["results"].as_array().unwrap().iter().any(|row| row["rule"] == "WL-001"));
    }
    // With nothing else to run, the reason is said.
    let run = project.run(&["check", "pod.yaml", "--no-builtin", "--pack", "packs"]).expect(2);
    assert!(run.stderr.contains("bad.wasm") && run.stderr.contains("no rules"), "{}", run.stderr);
}

#[test]
fn nothing_below_the_severity_is_shown() {
    require_packs();
    let project = Project::new(&[("pod.yaml", PRIVILEGED)]);
    let report = project.run(&["check", "-f", "json", "--min-severity", "critical"]).expect(1).json();
    let results = report["results"].as_array().unwrap();
    assert!(results.iter().all(|row| row["severity"] == "critical") && !results.is_empty(), "{results:#?}");
    assert!(report["summary"]["hidden"].as_u64().unwrap() > 0, "{}", report["summary"]);
    let run = project.run(&["check", "--min-severity", "critical"]).expect(1);
    assert!(run.stdout.contains("below `critical`: not listed"), "{}", run.stdout);
}

#[test]
fn a_patch_is_judged_by_what_it_states() {
    require_packs();
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      \
                 containers:\n        - name: web\n          securityContext: {privileged: true}\n";
    let project = Project::new(&[("kustomization.yaml", "patches: [{path: web.yaml}]\n"), ("web.yaml", patch)]);
    let rules = |path: &str| {
        let report = project.run(&["check", "-f", "json", path]).expect(1).json();
        let results = report["results"].as_array().unwrap();
        let mut rules: Vec<String> = results.iter().map(|row| row["rule"].as_str().unwrap().to_owned()).collect();
        rules.dedup();
        (rules, report["coverage"]["taken"][0]["format"].as_str().unwrap().to_owned())
    };
    assert_eq!(
        rules("."),
        (vec!["PS-010".to_owned(), "PS-011".to_owned(), "WL-001".to_owned()], "kustomize-patch".to_owned())
    );
    // Nothing says of the file alone that it is a patch.
    let (alone, format) = rules("web.yaml");
    assert!(alone.len() > 3 && format == "kubernetes", "{alone:?} {format}");
}

#[test]
fn what_was_rendered_says_from_what() {
    require_packs();
    let rendered = format!("---\n# Source: chart/templates/pod.yaml\n{PRIVILEGED}");
    let project = Project::new(&[("all.yaml", &rendered)]);
    let run = project.run(&["check", "--select", "WL-001"]).expect(1);
    assert!(run.stdout.contains("= rendered from: chart/templates/pod.yaml (helm)"), "{}", run.stdout);
    let report = project.run(&["check", "--select", "WL-001", "-f", "json"]).expect(1).json();
    let from = &report["results"][0]["document"]["rendered_from"];
    assert_eq!((from["by"].as_str(), from["path"].as_str()), (Some("helm"), Some("chart/templates/pod.yaml")));
    let normalized = project.run(&["normalize"]).expect(0);
    for line in normalized.stdout.lines() {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(document["rendered_from"]["path"], "chart/templates/pod.yaml", "{line}");
        assert_eq!(document["patch"], false);
    }
}

/// A container may be called like the secret in it, and a secret may be a word of the rule's sentence. To mask
/// either would tell what the secret is.
#[test]
fn only_what_a_message_says_of_a_secret_is_masked() {
    require_packs();
    let pod = "\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: literal-database
      image: registry.example/db:1.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      env:
        - {name: DB_PASSWORD, value: literal-database}
        - {name: ADMIN_PASSWORD, value: container}
";
    let messages = |pod: &str| -> Vec<String> {
        let project = Project::new(&[("pod.yaml", pod)]);
        let report = project.run(&["check", ".", "--select", "SE-001,WL-007", "-f", "json"]).expect(1).json();
        let rows = report["results"].as_array().unwrap();
        rows.iter().map(|row| row["message"].as_str().unwrap().to_owned()).collect()
    };
    let found = messages(pod);
    assert_eq!(found.len(), 3, "{found:?}");
    let other = messages(
        &pod.replace("value: literal-database", "value: hunter2hunter2").replace("value: container", "value: hunter2"),
    );
    assert_eq!(found, other);
    assert!(found.iter().all(|message| message.contains("`literal-database`")), "{found:?}");
}
