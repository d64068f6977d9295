//! A plan with the configuration that it was made of in the same folder.

#![expect(clippy::disallowed_methods, reason = "tests make the files that they need")]

use verdikt_model::Platform;

use crate::support::{addresses, at, find, folder, json, problems, source};

const MAIN: &str = r#"resource "aws_ecr_repository" "app" {
  name = "app"
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name       = "app"
    image      = aws_ecr_repository.app.repository_url
    privileged = true
  }])
}

resource "aws_eks_cluster" "this" {
  count = var.clusters
  name  = "c${count.index}"
}

variable "clusters" {}
"#;

const PLAN: &str = r#"{"format_version": "1.2",
  "planned_values": {"root_module": {"resources": [
    {"address": "aws_ecr_repository.app", "mode": "managed", "type": "aws_ecr_repository", "name": "app", "values": {"name": "app", "image_tag_mutability": "MUTABLE"}},
    {"address": "aws_ecs_task_definition.web", "mode": "managed", "type": "aws_ecs_task_definition", "name": "web", "values": {"family": "web"}},
    {"address": "aws_eks_cluster.this[0]", "mode": "managed", "type": "aws_eks_cluster", "name": "this", "index": 0, "values": {"name": "c0"}},
    {"address": "aws_x.imported", "mode": "managed", "type": "aws_x", "name": "imported", "values": {"a": 1}}
  ]}},
  "resource_changes": [
    {"address": "aws_ecr_repository.app", "change": {"actions": ["create"], "after_unknown": {"arn": true}}},
    {"address": "aws_ecs_task_definition.web", "change": {"actions": ["create"], "after_unknown": {"container_definitions": true}}}
  ]}"#;

#[test]
fn values_are_the_plans_and_places_the_configurations() {
    let loaded = folder(&[("infra/main.tf", MAIN), ("infra/plan.json", PLAN)]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let terraform: Vec<String> = addresses(&loaded).into_iter().filter(|it| it.starts_with("terraform")).collect();
    assert_eq!(
        terraform,
        [
            "terraform aws_ecr_repository aws_ecr_repository.app",
            "terraform aws_ecs_task_definition aws_ecs_task_definition.web",
            "terraform aws_eks_cluster aws_eks_cluster.this[0]",
            "terraform variable var.clusters",
            "terraform aws_x aws_x.imported",
        ]
    );
    let repository = find(&loaded, Platform::Terraform, "aws_ecr_repository.app");
    assert_eq!(json(repository, "/image_tag_mutability"), r#""MUTABLE""#);
    assert_eq!(source(&loaded.sources, repository, "/name"), r#""app""#);
    assert!(source(&loaded.sources, repository, "/image_tag_mutability").contains("name = \"app\""));
    let cluster = find(&loaded, Platform::Terraform, "aws_eks_cluster.this[0]");
    assert_eq!(source(&loaded.sources, cluster, "/name"), r#""c${count.index}""#);
    let imported = find(&loaded, Platform::Terraform, "aws_x.imported");
    assert_eq!(loaded.sources.get(imported.span.file).path, "infra/plan.json");
    // The plan knows nothing of the text with an unknown part, the configuration nearly all.
    let workload = find(&loaded, Platform::Workload, "aws_ecs_task_definition.web");
    assert_eq!(json(workload, "/containers/0/privileged"), "true");
    assert_eq!(source(&loaded.sources, workload, "/containers/0/privileged"), "true");
    assert!(at(workload, "/containers/0/image").to_json().contains("aws_ecr_repository.app.repository_url"));
}

/// A configuration says what it declares better than its plan does.
#[test]
fn what_a_configuration_declares_is_not_judged_twice() {
    let configuration = r#", "configuration": {"root_module": {"variables": {"clusters": {"default": 7}}}}}"#;
    let plan = format!("{}{configuration}", &PLAN[..PLAN.len() - 1]);
    let loaded = folder(&[("infra/main.tf", MAIN), ("infra/plan.json", &plan)]);
    let variable = find(&loaded, Platform::Terraform, "var.clusters");
    assert_eq!(loaded.sources.get(variable.span.file).path, "infra/main.tf");
    let alone = folder(&[("plan.json", &plan)]);
    assert_eq!(json(find(&alone, Platform::Terraform, "var.clusters"), "/default"), "7");
}

#[test]
fn a_plan_alone_takes_its_places_from_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("main.tf", MAIN);
    write("plan.json", PLAN);
    let loaded = verdikt_input::load(&verdikt_input::LoadOptions {
        inputs: vec![verdikt_input::Input::Path("plan.json".into())],
        cwd: folder.path().to_owned(),
        ..verdikt_input::LoadOptions::default()
    });
    let cluster = find(&loaded, Platform::Terraform, "aws_eks_cluster.this[0]");
    assert_eq!(loaded.sources.get(cluster.span.file).path, "main.tf");
    assert!(!addresses(&loaded).contains(&"terraform variable var.clusters".to_owned()));
}
