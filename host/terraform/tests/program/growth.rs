//! What an evaluation takes grows with the configuration and not faster. Steps are counted, so that the
//! test looks at no clock.

use std::fmt::Write;

use verdikt_terraform::program::{Evaluation, ItemKind};

use super::support::{Texts, evaluate, messages};

/// Modules with resources that use what people use: locals, merges, loops, JSON, nested blocks.
fn configuration(modules: usize, resources: usize) -> Evaluation {
    let mut main = String::from(
        "variable \"privileged\" {\n default = true\n}\nlocals {\n tags = { a = \"b\", env = \"prod\", x = upper(\"y\") }\n}\n",
    );
    for module in 0..modules {
        write!(
            main,
            "module \"m{module}\" {{\n source = \"./m\"\n count = 2\n name = \"n{module}-${{count.index}}\"\n tags = local.tags\n \
             privileged = var.privileged\n}}\noutput \"o{module}\" {{ value = module.m{module}[*].arns }}\n"
        )
        .expect("writing to a string works");
    }
    let mut module = String::from(
        r#"
variable "name" { type = string }
variable "tags" { type = map(string) }
variable "privileged" { type = bool }
locals {
  subnets = { for i in range(5) : "s${i}" => cidrsubnet("10.0.0.0/16", 8, i) }
  merged  = merge(var.tags, { name = var.name })
}
resource "aws_ecr_repository" "e" { name = var.name }
resource "aws_subnet" "s" {
  for_each = local.subnets
  cidr     = each.value
}
output "arns" { value = [aws_ecr_repository.e.arn, values(aws_subnet.s)[*].id] }
"#,
    );
    for resource in 0..resources {
        write!(
            module,
            r#"
resource "aws_ecs_task_definition" "t{resource}" {{
  family = "${{var.name}}-{resource}"
  tags   = local.merged
  container_definitions = jsonencode([
    {{ name = "a", image = "nginx:${{var.name}}", privileged = var.privileged,
      environment = [for k, v in local.merged : {{ name = k, value = v }}] }},
    {{ name = "b", image = aws_ecr_repository.e.repository_url, portMappings = [{{ containerPort = 80 }}] }},
  ])
  dynamic "volume" {{
    for_each = local.subnets
    content {{
      name      = volume.key
      host_path = "/x/${{volume.value}}"
    }}
  }}
}}
"#
        )
        .expect("writing to a string works");
    }
    let files = Texts::new([("main.tf", main.as_str()), ("m/main.tf", module.as_str())]);
    let evaluation = evaluate(&files);
    assert_eq!(messages(&files, &evaluation), Vec::<String>::new());
    let count = evaluation.items.iter().filter(|item| matches!(item.kind, ItemKind::Resource(..))).count();
    assert_eq!(count, modules * 2 * (resources + 6));
    evaluation
}

#[test]
fn steps_grow_with_the_configuration() {
    let small = configuration(2, 5).steps;
    let modules = configuration(8, 5).steps;
    let resources = configuration(2, 20).steps;
    assert!(modules < small * 5, "four times the modules: {small}, then {modules}");
    assert!(resources < small * 5, "four times the resources: {small}, then {resources}");
}
