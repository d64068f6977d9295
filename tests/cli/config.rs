//! `verdikt.yaml` from outside: where it is found, what it is trusted with, what it changes, and what
//! is said of mistakes in it.

use serde_json::{Value, json};

use crate::support::{PRIVILEGED, Project, Run, UNPRIVILEGED, require_packs};

/// Bytes that are no pack.
const NO_PACK: &str = "not a component";

fn project(config: &str) -> Project {
    Project::new(&[
        ("verdikt.yaml", &format!("version: 1\n{config}")),
        ("k8s/pod.yaml", PRIVILEGED),
        ("legacy/pod.yaml", PRIVILEGED),
    ])
}

/// `FILE SEVERITY MODE` of each result.
fn results(run: &Run) -> Vec<String> {
    let report = run.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let results = report["results"].as_array().unwrap().iter();
    results
        .map(|row| format!("{} {} {}", text(&row["location"]["file"]), text(&row["severity"]), text(&row["mode"])))
        .collect()
}

#[test]
fn a_config_changes_what_a_check_says() {
    require_packs();
    let both = ["k8s/pod.yaml critical enforce", "legacy/pod.yaml critical enforce"];
    let cases: &[(&str, &[&str], i32, &[&str])] = &[
        ("", &[], 1, &both),
        ("select: [WL-002]\n", &["--select", "WL-001"], 1, &both),
        ("exclude: ['legacy/**']\n", &[], 1, &both[..1]),
        ("exclude: ['legacy/**']\n", &["legacy"], 4, &[]),
        ("exclude: [legacy]\n", &[], 1, &both[..1]),
        ("fail-on: never\n", &[], 0, &both),
        ("fail-on: never\n", &["--fail-on", "low"], 1, &both),
        ("mode: audit\n", &[], 0, &["k8s/pod.yaml critical audit", "legacy/pod.yaml critical audit"]),
        ("mode: audit\n", &["--mode", "mark"], 0, &["k8s/pod.yaml critical mark", "legacy/pod.yaml critical mark"]),
        ("mode: audit\n", &["--mode", "enforce"], 1, &both),
        (
            "overrides: [{files: 'legacy/**', rules: {WL-001: {mode: audit, severity: low}}}]\n",
            &["--fail-on", "critical"],
            1,
            &["k8s/pod.yaml critical enforce", "legacy/pod.yaml low audit"],
        ),
        ("overrides: [{files: 'legacy/**', rules: {'*': {enabled: false}}}]\n", &[], 1, &both[..1]),
        (
            "rules: {privileged: {severity: medium}}\n",
            &["--fail-on", "high"],
            0,
            &["k8s/pod.yaml medium enforce", "legacy/pod.yaml medium enforce"],
        ),
        (
            "profile: calm\nprofiles: {calm: {mode: audit}, strict: {extends: calm, mode: enforce}}\n",
            &[],
            0,
            &["k8s/pod.yaml critical audit", "legacy/pod.yaml critical audit"],
        ),
        (
            "profile: calm\nprofiles: {calm: {mode: audit}, strict: {extends: calm, mode: enforce}}\n",
            &["--profile", "strict"],
            1,
            &both,
        ),
    ];
    for (config, arguments, code, expected) in cases {
        let only = if config.contains("select") || arguments.contains(&"--select") { "" } else { "select: [WL-001]\n" };
        let project = project(&format!("{only}{config}"));
        let run = project.run(&[&["check", "-f", "json"], *arguments].concat()).expect(*code);
        assert_eq!(results(&run), *expected, "{config} {arguments:?}");
    }
}

#[test]
fn rules_that_are_left_out_and_namespaces_that_are_filled_in() {
    require_packs();
    let project =
        Project::new(&[("verdikt.yaml", "version: 1\nnamespace: shop\nignore: [\"*\"]\n"), ("pod.yaml", PRIVILEGED)]);
    let run = project.run(&["check"]).expect(2);
    assert!(run.stderr.contains("no rules are left to run"), "{}", run.stderr);
    let run = project.run(&["check", "--select", "WL-001", "-f", "json"]).expect(1);
    assert_eq!(run.json()["results"][0]["document"]["namespace"], "shop");
    let run = project.run(&["check", "--select", "WL-001", "-f", "json", "--namespace", "web"]).expect(1);
    assert_eq!(run.json()["results"][0]["document"]["namespace"], "web");
    // What rules see is shown as a check would read it.
    let run = project.run(&["normalize"]).expect(0);
    assert!(run.stdout.contains("\"namespace\":\"shop\""), "{}", run.stdout);
}

#[test]
fn custom_resources_have_pods_where_the_config_says() {
    require_packs();
    let resource = "apiVersion: example.com/v1\nkind: Cluster\nmetadata: {name: c}\nspec:\n  workers:\n    pod:\n      \
                    containers:\n        - {name: a, image: 'a:1', securityContext: {privileged: true}}\n";
    let config = "version: 1\nselect: [WL-001]\nkubernetes: {pod-specs: [{kind: Cluster.example.com, path: spec.workers.pod}]}\n";
    let project = Project::new(&[("verdikt.yaml", config), ("c.yaml", resource)]);
    assert_eq!(project.run(&["check", "-f", "json"]).expect(1).json()["summary"]["fail"], 1);
}

#[test]
fn compliance_is_in_the_report() {
    require_packs();
    let project = Project::new(&[("a.yaml", PRIVILEGED), ("b.yaml", UNPRIVILEGED)]);
    let run = project.run(&["check", "--select", "WL-001", "--mode", "mark", "-f", "json"]).expect(0);
    let artifact = |platform: &str, namespace: Value, name: &str, address: &str, file: &str, compliant: bool| {
        json!({"platform": platform, "kind": "Pod", "namespace": namespace, "name": name, "address": address,
               "file": file, "line": 1, "rendered_from": null, "compliant": compliant})
    };
    assert_eq!(
        run.json()["artifacts"],
        json!([
            artifact("kubernetes", Value::Null, "debug", "/Pod/debug", "a.yaml", false),
            artifact("kubernetes", json!("shop"), "web", "shop/Pod/web", "b.yaml", true),
        ])
    );
    let table = project.run(&["check", "--select", "WL-001", "--mode", "mark"]).expect(0).stdout;
    assert!(table.contains("critical[WL-001 privileged] [mark]: "), "{table}");
    assert!(table.contains("1 of 2 documents not compliant."), "{table}");
}

#[test]
fn a_config_is_found_in_this_folder_and_above_it_in_the_repository() {
    require_packs();
    let project = Project::new(&[
        ("verdikt.yaml", "version: 1\nselect: [WL-001]\nmode: audit\nexclude: ['apps/old/**']\n"),
        ("apps/new/pod.yaml", PRIVILEGED),
        ("apps/old/pod.yaml", PRIVILEGED),
        ("other.yaml", "version: 1\nselect: [WL-001]\nfail-on: never\n"),
    ]);
    let below = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        let output = command.current_dir(project.path("apps")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let modes =
        |text: &str| (text.matches("\"mode\": \"audit\"").count(), text.matches("\"mode\": \"enforce\"").count());
    let alone = below(&["check", "--select", "WL-001", "-f", "json"]);
    assert_eq!((alone.0, modes(&alone.1)), (Some(1), (0, 2)), "there is no repository");
    std::fs::create_dir(project.path(".git")).unwrap();
    let found = below(&["check", "-f", "json"]);
    // The patterns begin where the config lies.
    assert_eq!((found.0, modes(&found.1)), (Some(0), (1, 0)));
    assert!(found.1.contains("new/pod.yaml"), "{}", found.1);
    let named = below(&["check", "-f", "json", "--config", "../other.yaml"]);
    assert_eq!((named.0, modes(&named.1)), (Some(0), (0, 2)));
}

#[test]
fn mistakes_are_told_where_they_stand_and_all_at_once() {
    require_packs();
    let cases: &[(&str, &[&str])] = &[
        ("rules: {WL-999: {}}\n", &["verdikt.yaml:2:9: `WL-999` names no rule, slug or pack"]),
        (
            "selct: []\nmode: loud\n",
            &[
                "verdikt.yaml:2:1: `verdikt.yaml` has no member `selct`; did you mean `select`?",
                "verdikt.yaml:3:7: `mode` must be one of",
            ],
        ),
        (
            "profiles: {a: {extends: b}, b: {extends: a}}\n",
            &["verdikt.yaml:2:25: Profiles cannot extend each other in a circle: `a` extends `b` extends `a`."],
        ),
        ("profile: strict\n", &["verdikt.yaml:2:10: There is no profile `strict`"]),
        (
            "params: {require_explict: true}\n",
            &["verdikt.yaml:2:27: No rule has a parameter `require_explict`; did you mean `require_explicit`?"],
        ),
        (
            "rules: {WL-001: {params: {require_explicit: 1}}}\n",
            &[
                "verdikt.yaml:2:45: Parameter `require_explicit` of WL-001 does not take this: 1 is not of type \"boolean\".",
            ],
        ),
        ("rules: [\n", &["verdikt.yaml:"]),
        (
            "packs: [org.wasm]\n",
            &["verdikt.yaml:2:9: This config lies in what is scanned (`.`), so it cannot load rule packs"],
        ),
        ("waivers: ../waivers.yaml\n", &["verdikt.yaml:2:10: `waivers` leads out of the folder "]),
        ("evidence: /etc/passwd\n", &["verdikt.yaml:2:11: `evidence` leads out of the folder "]),
    ];
    for (config, expected) in cases {
        let run = project(config).run(&["check"]).expect(2);
        for part in *expected {
            assert!(run.stderr.contains(&format!("error: {part}")), "{config}: {}", run.stderr);
        }
        assert!(run.stdout.is_empty(), "{}", run.stdout);
    }
    let run = project("").run(&["check", "--profile", "dfault"]).expect(2);
    assert!(run.stderr.contains("there is no profile `dfault`; did you mean `default`?"), "{}", run.stderr);
    let run = project("").run(&["check", "--config", "none.yaml"]).expect(2);
    assert!(run.stderr.contains("cannot read the config none.yaml"), "{}", run.stderr);
    let run = project("").run(&["check", "--config", "k8s"]).expect(2);
    assert!(run.stderr.contains("cannot read the config k8s"), "{}", run.stderr);
}

#[test]
fn only_who_names_a_config_lets_it_load_code() {
    require_packs();
    let project = project("select: [WL-001]\npacks: [org.wasm]\n");
    project.write("org.wasm", NO_PACK);
    for arguments in [&["check"][..], &["check", "."], &["check", "k8s", "verdikt.yaml"], &["config", "show"]] {
        let run = project.run(arguments).expect(2);
        assert!(run.stderr.contains("so it cannot load rule packs: they are code"), "{arguments:?}: {}", run.stderr);
    }
    // It is loaded: what comes of it is said of the pack.
    for arguments in [&["check", "--config", "verdikt.yaml", "-f", "json"][..], &["check", "k8s", "-f", "json"]] {
        let run = project.run(arguments).expect(3);
        let report = run.json();
        let mut problems = report["diagnostics"].as_array().unwrap().iter();
        let problem = problems.find(|problem| problem["code"] == "pack-unusable").unwrap();
        assert_eq!(problem["location"]["file"], "org.wasm", "{arguments:?}");
    }
    std::fs::remove_file(project.path("org.wasm")).unwrap();
    let run = project.run(&["check", "--config", "verdikt.yaml"]).expect(2);
    assert!(
        run.stderr.contains("verdikt.yaml:3:9: There is no file or folder `org.wasm` beside this config."),
        "{}",
        run.stderr
    );
}

#[test]
fn show_says_what_holds_and_who_says_so() {
    require_packs();
    let config = "fail-on: high\nrules: {WL-001: {severity: low, params: {require_explicit: true}}}\n\
                  overrides: [{files: 'legacy/**', rules: {WL-002: {mode: audit}}}]\n\
                  profiles: {strict: {extends: all, unknown: fail}}\n";
    let project = project(config);
    let arguments = ["config", "show", "--profile", "strict", "--ignore", "WL-003", "--mode", "mark", "--exclude", "x"];
    let shown = project.run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    assert_eq!(shown["config"], "verdikt.yaml");
    let value = |key: &str| {
        let found = shown["values"].as_array().unwrap().iter().find(|line| line["key"] == key);
        let line = found.unwrap_or_else(|| panic!("no {key} in {shown}"));
        (line["value"].clone(), line["origin"].as_str().unwrap().to_owned())
    };
    for (key, expected, origin) in [
        ("profile", json!("strict"), "--profile"),
        ("mode", json!("mark"), "--mode"),
        ("fail-on", json!("high"), "verdikt.yaml:2:10"),
        ("unknown", json!("fail"), "profile strict, verdikt.yaml:5:44"),
        ("respect-ignore", json!(true), "default"),
        ("exclude", json!("x"), "--exclude"),
        ("rules.WL-001.enabled", json!(true), "profile all"),
        ("rules.WL-001.severity", json!("low"), "verdikt.yaml:3:28"),
        ("rules.WL-001.mode", json!("mark"), "--mode"),
        ("rules.WL-001.params.require_explicit", json!(true), "verdikt.yaml:3:60"),
        ("rules.WL-002.severity", json!("high"), "default"),
        ("rules.WL-003.enabled", json!(false), "--ignore"),
        ("overrides[0] (files legacy/**).WL-002.mode", json!("audit"), "verdikt.yaml:4:57"),
    ] {
        assert_eq!(value(key), (expected, origin.to_owned()), "{key}");
    }
    let table = project.run(&arguments).expect(0).stdout;
    assert!(table.starts_with("KEY"), "{table}");
    assert!(table.lines().any(|line| line.split_whitespace().eq(["fail-on", "high", "verdikt.yaml:2:10"])), "{table}");
    let nothing = Project::new(&[]).run(&["config", "show", "--format", "json"]).expect(0).json();
    assert_eq!(nothing["config"], Value::Null);
}

#[test]
fn a_config_names_the_files_of_accepted_findings() {
    require_packs();
    let waivers = |name: &str| {
        format!("version: 1\nwaivers: [{{rule: WL-001, match: {{name: {name}}}, reason: it is being rewritten}}]\n")
    };
    let project = Project::new(&[
        ("verdikt.yaml", "version: 1\nselect: [WL-001]\nwaivers: policy/w.yaml\n"),
        ("policy/w.yaml", &waivers("debug")),
        ("other.yaml", &waivers("nothing")),
        ("k8s/pod.yaml", PRIVILEGED),
    ]);
    let report = project.run(&["check", "k8s", "-f", "json"]).expect(0).json();
    let accepted = &report["results"][0]["suppressed"];
    assert_eq!((&accepted["kind"], &accepted["location"]["file"]), (&json!("waiver"), &json!("policy/w.yaml")));
    assert_eq!(report["artifacts"][0]["compliant"], true, "what is accepted counts for nothing");
    // The flag takes the place of it.
    let report = project.run(&["check", "k8s", "--waivers", "other.yaml", "-f", "json"]).expect(1).json();
    assert_eq!(
        (&report["results"][0]["suppressed"], &report["artifacts"][0]["compliant"]),
        (&Value::Null, &json!(false))
    );

    for member in ["waivers", "evidence"] {
        project.write("verdikt.yaml", format!("version: 1\n{member}: nowhere.yaml\n"));
        let run = project.run(&["check", "k8s"]).expect(2);
        let expected = format!(
            "error: verdikt.yaml:2:{}: What is named here cannot be read: cannot read the {member} nowhere.yaml: ",
            member.len() + 3
        );
        assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    }

    project.write("verdikt.yaml", "version: 1\nselect: [WL-001]\nbaseline: policy/known.json\n");
    let run = project.run(&["check", "k8s"]).expect(2);
    assert!(
        run.stderr.contains(
            "error: verdikt.yaml:3:11: What is named here cannot be read: there is no baseline policy/known.json; make one"
        ),
        "{}",
        run.stderr
    );
    project.run(&["baseline", "create", "k8s"]).expect(0);
    project.run(&["check", "k8s"]).expect(0);
    assert!(project.read("policy/known.json").contains("WL-001") && !project.path(".verdikt-baseline.json").exists());
}

#[test]
fn the_page_shows_a_config_that_is_valid() {
    require_packs();
    let page = include_str!("../../docs/configuration.md");
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (config, _) = rest.split_once("```").unwrap();
    let project = Project::new(&[("verdikt.yaml", config), ("waivers.yaml", "version: 1\nwaivers: []\n")]);
    let shown = project.run(&["config", "show"]).expect(0).stdout;
    assert!(shown.contains("profile strict, verdikt.yaml:"), "{shown}");
}

#[test]
fn init_writes_a_config_once() {
    require_packs();
    let project = Project::new(&[("pod.yaml", UNPRIVILEGED)]);
    let run = project.run(&["init"]).expect(0);
    assert!(run.stdout.contains("Wrote verdikt.yaml"), "{}", run.stdout);
    let text = project.read("verdikt.yaml");
    assert!(text.contains("# yaml-language-server: $schema="), "{text}");
    // It changes nothing before something is uncommented.
    let with = project.run(&["check", "pod.yaml", "-f", "json"]);
    std::fs::remove_file(project.path("verdikt.yaml")).unwrap();
    assert_eq!(project.run(&["check", "pod.yaml", "-f", "json"]).stdout, with.stdout);
    project.write("verdikt.yaml", "mine");
    let run = project.run(&["init"]).expect(2);
    assert!(run.stderr.contains("verdikt.yaml is there already"), "{}", run.stderr);
    assert_eq!(project.read("verdikt.yaml"), "mine");
}

#[test]
fn the_schema_is_the_published_one() {
    let run = Project::new(&[]).run(&["config", "schema"]).expect(0);
    assert_eq!(run.stdout, include_str!("../../schemas/verdikt.schema.json"));
}

#[test]
fn completions_know_the_command_line() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = Project::new(&[]).run(&["completions", shell]).expect(0);
        assert!(run.stdout.contains("allow-incomplete"), "{shell}: {}", run.stdout);
    }
    assert!(Project::new(&[]).run(&["completions", "cmd"]).expect(2).stderr.contains("zsh"));
}
