//! Configurations and plans of Terraform.

use serde_json::{Value, json};

use crate::history::{History, rows};
use crate::support::{Project, Run};

/// A container that is privileged where a variable says so, through a module call, a local and `jsonencode`.
const FILES: &[(&str, &str)] = &[
    (
        "infra/main.tf",
        "variable \"debug\" {\n  type    = bool\n  default = false\n}\n\n\
         module \"web\" {\n  source     = \"./service\"\n  privileged = var.debug\n}\n",
    ),
    (
        "infra/service/main.tf",
        "variable \"privileged\" {}\n\n\
         locals {\n  containers = [{\n    name       = \"app\"\n    image      = aws_ecr_repository.app.repository_url\n    \
         privileged = var.privileged\n  }]\n}\n\n\
         resource \"aws_ecr_repository\" \"app\" {}\n\n\
         resource \"aws_ecs_task_definition\" \"web\" {\n  family                = \"web\"\n  \
         container_definitions = jsonencode(local.containers)\n}\n",
    ),
];

const PLAN: &str = r#"{"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {"resources": [
  {"address": "aws_ecs_task_definition.web", "mode": "managed", "type": "aws_ecs_task_definition", "name": "web",
   "values": {"family": "web", "container_definitions": "[{\"name\":\"app\",\"image\":\"a\",\"privileged\":true}]"}}]}}}"#;

fn check(project: &Project, code: i32, arguments: &[&str]) -> Value {
    let arguments = [&["check", "--select", "WL-001", "-f", "json", "infra"], arguments].concat();
    project.run(&arguments).expect(code).json()
}

#[test]
fn a_finding_says_by_which_way_its_value_came() {
    let project = Project::new(FILES);
    check(&project, 0, &[]);
    let report = check(&project, 1, &["--var", "debug=true"]);
    let [row] = &report["results"].as_array().unwrap()[..] else { panic!("{report:#}") };
    assert_eq!(row["document"]["address"], "module.web.aws_ecs_task_definition.web");
    assert_eq!(row["document"]["line"], 13);
    assert_eq!(
        (&row["location"]["file"], &row["location"]["line"], &row["location"]["column"]),
        (&json!("infra/service/main.tf"), &json!(15), &json!(38))
    );
    let way: Vec<String> = row["provenance"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            format!(
                "{} {}:{}",
                step["what"].as_str().unwrap(),
                step["location"]["file"].as_str().unwrap(),
                step["location"]["line"]
            )
        })
        .collect();
    assert_eq!(way, ["local infra/service/main.tf:7", "module call infra/main.tf:8", "command line infra/main.tf:8"]);
    // What the environment says stands below the command line.
    let mut command = project.command(&["check", "--select", "WL-001", "infra"]);
    Run::new(command.env("TF_VAR_debug", "true").output().unwrap()).expect(1);
    let mut command = project.command(&["check", "--select", "WL-001", "infra", "--var", "debug=false"]);
    Run::new(command.env("TF_VAR_debug", "true").output().unwrap()).expect(0);
    project.write("debug.tfvars", "debug = true\n");
    check(&project, 1, &["--var-file", "debug.tfvars"]);
    // What Terraform refuses of a command line is a wrong command line here.
    for (wrong, expected) in [
        (["--var-file", "none.tfvars"], "cannot read the file of `--var-file none.tfvars`"),
        (["--var", "typo=1"], "no configuration declares a variable `typo`"),
        (["--var", "debug=yes"], "the value of the variable `debug` does not fit: "),
        (["--var", "debug"], "NAME=VALUE"),
    ] {
        for command in [&["check", "--select", "WL-001", "infra"][..], &["normalize", "infra"]] {
            let run = project.run(&[command, &wrong].concat()).expect(2);
            assert!(run.stderr.contains(expected), "{wrong:?}: {}", run.stderr);
        }
    }
    project.write("broken.tfvars", "debug = = true\n");
    check(&project, 3, &["--var-file", "broken.tfvars"]);
    check(&project, 0, &["--type", "terraform"]);
    project.run(&["check", "--type", "tfplan", "infra"]).expect(4);
}

#[test]
fn plans_are_read_from_files_and_from_standard_input() {
    let project = Project::new(&[("infra/plan.json", PLAN)]);
    let from_file = check(&project, 1, &[]);
    assert_eq!(from_file["coverage"]["taken"][0]["format"], "tfplan");
    let arguments = ["check", "--select", "WL-001", "-f", "json", "-t", "tfplan", "-"];
    let from_stdin = project.run_with_stdin(&arguments, PLAN).expect(1).json();
    for report in [&from_file, &from_stdin] {
        assert_eq!(report["results"][0]["document"]["address"], "aws_ecs_task_definition.web");
        assert_eq!(report["results"][0]["location"]["line"], 3);
    }
    let arguments = ["check", "--select", "WL-001", "-t", "terraform", "-"];
    let text = "resource \"kubernetes_pod\" \"p\" {\n  metadata {\n    name = \"p\"\n  }\n  spec {\n    container {\n      \
                name = \"a\"\n      security_context {\n        privileged = true\n      }\n    }\n  }\n}\n";
    let run = project.run_with_stdin(&arguments, text).expect(1);
    assert!(run.stdout.contains("<stdin>:9:22"), "{}", run.stdout);
}

#[test]
fn what_was_not_judged_is_named_below_the_results() {
    let project = Project::new(&[(
        "infra/main.tf",
        "module \"vpc\" {\n  source = \"terraform-aws-modules/vpc/aws\"\n}\nresource \"helm_release\" \"x\" {\n  name = \"x\"\n}\n",
    )]);
    let report = check(&project, 0, &[]);
    let notes = report["coverage"]["notes"].as_array().unwrap();
    assert_eq!((&notes[0]["file"], &notes[0]["line"]), (&json!("infra/main.tf"), &json!(2)));
    assert!(notes[1]["note"].as_str().unwrap().contains("Helm chart"), "{report:#}");
    let run = project.run(&["check", "infra"]).expect(0);
    assert!(run.stdout.contains("infra/main.tf:4: `helm_release.x` installs a Helm chart"), "{}", run.stdout);
    project.write("infra/broken.tf", "resource \"aws_x\" {\n");
    check(&project, 3, &[]);
}

#[test]
fn comments_accept_findings_and_what_is_sensitive_is_marked() {
    let project = Project::new(FILES);
    let text = project.read("infra/service/main.tf");
    project.write(
        "infra/service/main.tf",
        text.replace("jsonencode(local.containers)", "jsonencode(local.containers) # verdikt:ignore WL-001 known"),
    );
    let report = check(&project, 0, &["--var", "debug=true"]);
    assert_eq!(report["results"][0]["suppressed"]["reason"], "known");
    project.write(
        "infra/service/main.tf",
        text.replace("variable \"privileged\" {}", "variable \"privileged\" {\n  sensitive = true\n}"),
    );
    let report = check(&project, 1, &["--var", "debug=true"]);
    assert_eq!(report["results"][0]["sensitive"], true);
}

#[test]
fn an_earlier_state_is_evaluated_with_the_files_that_it_reads() {
    let pod = "resource \"kubernetes_pod\" \"p\" {\n  metadata {\n    name = \"p\"\n  }\n  spec {\n    container {\n      name = \"a\"\n      \
               security_context {\n        privileged = jsondecode(file(\"${path.module}/flags.txt\")).privileged\n      }\n    }\n  }\n}\n";
    let files = [("infra/main.tf", pod), ("infra/flags.txt", "{\"privileged\": true}")];
    let Some(history) = History::new(&files) else { return };
    for path in ["infra", "infra/main.tf"] {
        let report = history.check(0, &[path, "--diff-base", "HEAD"]);
        let [row] = &rows(&report)[..] else { panic!("{report:#}") };
        assert!(row.starts_with("infra/main.tf p: diff-base, present at HEAD"), "{path}: {row}");
    }
    history.project.write("infra/flags.txt", "{\"privileged\": false}");
    history.commit("off");
    history.project.write("infra/flags.txt", "{\"privileged\": true}");
    let report = history.check(1, &["infra", "--diff-base", "HEAD"]);
    assert_eq!(rows(&report), ["infra/main.tf p"]);
}
