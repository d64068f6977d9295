//! Configurations in Terraform's language.

use verdikt_model::{Document, FileOutcome, Platform, Pointer};

use crate::support::{addresses, at, find, folder, json, notes, problems, source};

/// A privileged container through a variable, a module call, a local and `jsonencode`.
const PRIVILEGED: &[(&str, &str)] = &[
    (
        "main.tf",
        r#"variable "debug" {
  type    = bool
  default = false
}

module "web" {
  source     = "./modules/service"
  privileged = var.debug
}
"#,
    ),
    ("terraform.tfvars", "debug = true\n"),
    (
        "modules/service/main.tf",
        r#"variable "privileged" {
  type    = bool
  default = false
}

locals {
  containers = [{
    name       = "app"
    image      = "${aws_ecr_repository.app.repository_url}:1.2"
    privileged = var.privileged
  }]
}

resource "aws_ecr_repository" "app" {
  name = "app"
}

resource "aws_ecs_task_definition" "web" {
  family                = "web"
  cpu                   = 256
  container_definitions = jsonencode(local.containers)
}
"#,
    ),
];

/// Where a value comes from: its place, then each step with what stands there.
fn way(loaded: &verdikt_input::Loaded, document: &Document, pointer: &str) -> Vec<String> {
    let resolved = Pointer::parse(pointer).unwrap().resolve(document.body()).unwrap();
    let place = |span: verdikt_model::Span| {
        let path = &loaded.sources.get(span.file).path;
        let line = loaded.sources.get(span.file).position(span.start).line;
        format!("{path}:{line} {}", loaded.sources.text(span))
    };
    let steps = resolved.provenance.iter().map(|step| format!("{}: {}", step.what, place(step.span)));
    std::iter::once(place(resolved.node.span())).chain(steps).collect()
}

#[test]
fn a_privileged_container_is_found_through_variable_module_local_and_jsonencode() {
    let loaded = folder(PRIVILEGED);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let workload = find(&loaded, Platform::Workload, "module.web.aws_ecs_task_definition.web");
    assert_eq!(json(workload, "/containers/0/privileged"), "true");
    assert_eq!(
        way(&loaded, workload, "/containers/0/privileged"),
        [
            "modules/service/main.tf:21 local.containers",
            "local: modules/service/main.tf:10 var.privileged",
            "module call: main.tf:8 var.debug",
            "tfvars: terraform.tfvars:1 true",
        ]
    );
    let ecs = find(&loaded, Platform::Ecs, "module.web.aws_ecs_task_definition.web");
    assert_eq!(json(ecs, "/cpu"), r#""256""#);
    assert_eq!(json(ecs, "/containerDefinitions/0/name"), r#""app""#);
    let image = at(ecs, "/containerDefinitions/0/image").to_json();
    assert!(image.contains(r#""$parts":[null,":1.2"]"#), "{image}");
    assert_eq!(loaded.sources.get(ecs.span.file).path, "modules/service/main.tf");
    assert!(loaded.sources.text(ecs.span).starts_with("resource \"aws_ecs_task_definition\""));
    let outcomes: Vec<_> =
        loaded.coverage.files.iter().map(|file| (file.path.as_str(), file.outcome.clone())).collect();
    let scanned = |documents| FileOutcome::Scanned { format: "terraform", documents };
    assert_eq!(
        outcomes,
        [("main.tf", scanned(2)), ("modules/service/main.tf", scanned(4)), ("terraform.tfvars", scanned(0))]
    );
    assert_eq!(notes(&loaded), Vec::<String>::new());
    assert!(!addresses(&loaded).is_empty() && source(&loaded.sources, ecs, "/family") == "\"web\"");
}
