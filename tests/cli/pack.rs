//! `verdikt pack`: from nothing to a pack of one's own that judges.

use std::process::Command;

use crate::support::{PRIVILEGED, Project, files};

#[test]
fn a_project_is_complete() {
    let project = Project::new(&[]);
    let run = project.run(&["pack", "new", "our-company", "--lang", "rust"]).expect(0);
    assert!(run.stdout.contains("verdikt pack build"), "{}", run.stdout);
    let files = files(&project.path("our-company"));
    for file in [
        ".gitignore",
        "Cargo.toml",
        "README.md",
        "fixtures/no-team.yaml",
        "src/lib.rs",
        "testdata/no-team.json",
        "vendor/verdikt-sdk/Cargo.toml",
        "vendor/verdikt-sdk/LICENSE",
        "vendor/verdikt-sdk/README.md",
        "vendor/verdikt-sdk/src/lib.rs",
    ] {
        assert!(files.iter().any(|found| found == file), "{file} is not in {files:#?}");
    }
    assert!(files.iter().any(|file| file.starts_with("vendor/verdikt-sdk/wit/") && file.ends_with(".wit")));
    for file in files.iter().filter(|file| !file.starts_with("vendor/")) {
        let text = project.read(&format!("our-company/{file}"));
        assert!(!text.contains("{{"), "{file} has a placeholder left");
    }
    assert!(project.read("our-company/src/lib.rs").contains("\"OC-001\""));
}

#[test]
fn nothing_is_overwritten() {
    let project = Project::new(&[("mine/Cargo.toml", "precious")]);
    let run = project.run(&["pack", "new", "mine", "--lang", "rust"]).expect(2);
    assert!(run.stderr.contains("mine"), "{}", run.stderr);
    assert_eq!(files(&project.path("mine")), ["Cargo.toml"]);
    assert_eq!(project.read("mine/Cargo.toml"), "precious");
}

#[test]
fn bad_names_and_languages_leave_nothing_behind() {
    let project = Project::new(&[]);
    for name in ["Upper", "a_b", "../up", "a/b", "", "std", "9"] {
        let run = project.run(&["pack", "new", name, "--lang", "rust"]).expect(2);
        assert!(run.stderr.contains("cannot be the name"), "{}", run.stderr);
    }
    let run = project.run(&["pack", "new", "fine", "--lang", "cobol"]).expect(2);
    assert!(run.stderr.contains("cobol") && run.stderr.contains("rust"), "{}", run.stderr);
    assert_eq!(files(&project.path("")), [""; 0]);
}

#[test]
fn a_folder_that_is_no_project_is_refused() {
    let run = Project::new(&[]).run(&["pack", "build", "nowhere"]).expect(2);
    assert!(run.stderr.contains("nowhere"), "{}", run.stderr);
}

/// What a new user does after the README. It compiles the SDK twice, so it takes a while.
#[test]
fn a_new_pack_is_tested_built_and_judges() {
    let project = Project::new(&[("pod.yaml", PRIVILEGED)]);
    project.run(&["pack", "new", "acme", "--lang", "rust"]).expect(0);

    let mut tests = Command::new(env!("CARGO"));
    tests.arg("test").current_dir(project.path("acme")).env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
    let output = tests.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );

    let run = project.run(&["pack", "build", "acme"]).expect(0);
    assert!(run.stdout.contains("acme.wasm") && run.stdout.contains("ACM-001"), "{}", run.stdout);
    let judge = |path: &str, code: i32| {
        let arguments = ["check", "--no-builtin", "--pack", "acme/acme.wasm", "-f", "json", path];
        project.run(&arguments).expect(code).json()
    };
    let report = judge("acme/fixtures", 1);
    assert_eq!(report["results"][0]["rule"], "ACM-001");
    assert_eq!(report["results"][0]["absent"], true);
    assert_eq!(report["packs"][0]["id"], "acme");
    assert_eq!(judge("pod.yaml", 1)["summary"]["fail"], 1);

    // The fixture of the native test is what the host makes of the manifest beside it.
    let run = project.run(&["normalize", "acme/fixtures/no-team.yaml"]).expect(0);
    let workload: serde_json::Value = serde_json::from_str(run.stdout.lines().nth(1).unwrap()).unwrap();
    let fixture: serde_json::Value = serde_json::from_str(&project.read("acme/testdata/no-team.json")).unwrap();
    assert_eq!(workload["body"], fixture);

    // The parameter of the rule is one of the command line too.
    let team = PRIVILEGED.replace("{name: debug}", "{name: debug, labels: {team: blue}}");
    project.write("blue.yaml", &team);
    let check = |parameter: &str, code: i32| {
        let pack = ["check", "--no-builtin", "--pack", "acme/acme.wasm", "blue.yaml", "--param"];
        project.run(&[&pack[..], &[parameter]].concat()).expect(code)
    };
    check(r#"teams=["blue"]"#, 0);
    check(r#"ACM-001.teams=["red"]"#, 1);
    check("teams=blue", 2);
}
