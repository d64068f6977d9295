//! `verdikt normalize`.

use serde_json::Value;

use crate::support::{PRIVILEGED, Project, Run, TASK_DEFINITION, UNPRIVILEGED};

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn documents_as_rules_see_them() {
    let project = Project::new(&[("a.yaml", &format!("# First.\n{UNPRIVILEGED}")), ("b.json", TASK_DEFINITION)]);
    let run = project.run(&["normalize"]).expect(0);
    let documents = lines(&run);
    assert_eq!(documents.len(), 4, "{run:#?}");
    for (index, document) in documents.iter().enumerate() {
        for key in ["id", "platform", "kind", "namespace", "name", "address", "origin", "file", "line", "body"] {
            assert!(document.get(key).is_some(), "`{key}` is missing in {document:#}");
        }
        assert_eq!(document["id"], index);
    }
    let [pod, workload, task, _] = documents.as_slice() else { panic!("{documents:#?}") };
    assert_eq!(pod["platform"], "kubernetes");
    assert_eq!(pod["namespace"], "shop");
    assert_eq!(pod["body"]["spec"]["containers"][0]["securityContext"]["privileged"], false);
    assert_eq!(workload["platform"], "workload");
    assert_eq!(workload["origin"], pod["id"]);
    assert_eq!(workload["address"], pod["address"]);
    assert_eq!(workload["body"]["containers"][0]["privileged"], false);
    assert_eq!(task["platform"], "ecs");
    assert_eq!(task["address"], "shop");
    assert_eq!(task["file"], "b.json");
}

#[test]
fn templates_become_task_definitions() {
    let template = "Parameters: {User: {Type: String, Default: app}}\nResources:\n  Task:\n    Type: \
                    AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - {Name: web, Image: \
                    'web:1', User: !Ref User, Memory: '64'}\n";
    let project = Project::new(&[("shop.template", template)]);
    for arguments in [&["normalize"][..], &["normalize", "-t", "cloudformation", "shop.template"]] {
        let run = project.run(arguments).expect(0);
        let documents = lines(&run);
        let [task, workload] = documents.as_slice() else { panic!("{run:#?}") };
        assert_eq!((&task["platform"], &task["address"]), (&Value::from("ecs"), &Value::from("Task")));
        assert_eq!(task["body"]["containerDefinitions"][0]["user"], "app");
        assert_eq!(task["body"]["containerDefinitions"][0]["memory"], 64);
        assert_eq!(workload["origin"], task["id"]);
    }
}

#[test]
fn exit_codes_and_problems() {
    let project = Project::new(&[("pod.yaml", PRIVILEGED), ("broken.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n")]);
    std::fs::create_dir(project.path("empty")).unwrap();
    project.run(&["normalize", "pod.yaml"]).expect(0);
    let run = project.run(&["normalize", "."]).expect(3);
    assert!(run.stderr.contains("broken.yaml:") && run.stderr.contains("error["), "{}", run.stderr);
    assert_eq!(lines(&run).len(), 2, "the rest goes on: {run:#?}");
    project.run(&["normalize", "missing"]).expect(3);
    project.run(&["normalize", "empty"]).expect(4);
    project.run(&["normalize", "--what"]).expect(2);
}

#[test]
fn standard_input_with_a_namespace() {
    let run = Project::new(&[]).run_with_stdin(&["normalize", "--namespace", "ops", "-"], PRIVILEGED).expect(0);
    let documents = lines(&run);
    assert_eq!(documents[0]["file"], "<stdin>");
    assert_eq!(documents[0]["namespace"], "ops");
    assert_eq!(documents[0]["body"]["metadata"].get("namespace"), None, "the body stays as it is");
}
