//! `verdikt rules` and `verdikt explain`.

use serde_json::Value;

use crate::support::{Project, require_packs};

#[test]
fn the_list_for_machines() {
    require_packs();
    let rules = Project::new(&[]).run(&["rules", "--format", "json"]).expect(0).json();
    let rules = rules.as_array().unwrap();
    for rule in rules {
        for key in [
            "id",
            "slug",
            "title",
            "severity",
            "pack",
            "scope",
            "targets",
            "enabled_by_default",
            "controls",
            "parameters",
        ] {
            assert!(rule.get(key).is_some(), "`{key}` is missing in {rule:#}");
        }
        for parameter in rule["parameters"].as_array().unwrap() {
            for key in ["name", "type", "default", "description"] {
                assert!(parameter.get(key).is_some_and(|value| key == "default" || !value.is_null()), "{rule:#}");
            }
        }
        assert!(rule["targets"].as_array().unwrap().iter().all(|target| target.as_str().unwrap().contains('/')));
    }
    let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
    for id in ["WL-001", "WL-002", "WL-003", "WL-004", "WL-005", "WL-007", "WL-008", "WL-009", "IM-001", "RS-001"] {
        assert!(ids.iter().any(|found| *found == id), "{id} is not in {ids:?}");
    }
}

#[test]
fn the_list_for_people() {
    require_packs();
    let run = Project::new(&[]).run(&["rules"]).expect(0);
    let line = run.stdout.lines().find(|line| line.trim_start().starts_with("WL-001")).unwrap();
    for part in ["privileged", "critical"] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn a_page_by_any_of_its_names() {
    require_packs();
    let project = Project::new(&[]);
    let page = project.run(&["explain", "WL-001"]).expect(0).stdout;
    for part in ["WL-001", "privileged", "critical", "How to fix it"] {
        assert!(page.contains(part), "`{part}` is not in {page}");
    }
    for name in ["wl-001", "privileged", "Privileged"] {
        assert_eq!(project.run(&["explain", name]).expect(0).stdout, page);
    }
    let run = project.run(&["explain", "privilegd"]).expect(2);
    assert!(run.stderr.contains("did you mean") && run.stderr.contains("privileged"), "{}", run.stderr);
    let run = project.run(&["explain", "nothing-like-it-at-all"]).expect(2);
    assert!(run.stderr.contains("verdikt rules"), "{}", run.stderr);
}

#[test]
fn the_published_pages_are_current() {
    require_packs();
    let project = Project::new(&[]);
    let current = project.run(&["explain", "--all"]).expect(0).stdout;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules-wasm/RULES.md");
    let published = std::fs::read_to_string(path).unwrap();
    assert!(published == current, "rules-wasm/RULES.md is not what the rules say; run `cargo xtask docs`");
}

#[test]
fn pages_speak_german() {
    require_packs();
    let project = Project::new(&[]);
    let page = project.run(&["explain", "WL-001", "--lang", "de"]).expect(0).stdout;
    assert!(page.contains("Container laufen nicht im privilegierten Modus") && page.contains("\nAbhilfe\n"), "{page}");
    project.run(&["explain", "WL-001", "--lang", "fr"]).expect(2);
    project.run(&["explain", "WL-001", "--all"]).expect(2);
}
