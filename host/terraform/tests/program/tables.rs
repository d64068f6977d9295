//! Small configurations and what they mean.

use super::support::{Texts, body, evaluate, messages, value};

#[test]
fn everything_at_once() {
    let files = Texts::new([
        (
            "main.tf",
            r#"
variable "p" { default = true }
variable "names" { type = list(string) }
locals {
  b = local.a + 1
  a = 1
  c = [{ privileged = var.p, image = aws_ecr_repository.r.repository_url }]
}
resource "aws_ecr_repository" "r" { name = "x" }
resource "aws_x" "y" {
  count = 2
  n     = count.index
  name  = "${aws_ecr_repository.r.name}-${count.index}"
  dynamic "rule" {
    for_each = ["a", "b"]
    content { v = rule.value }
  }
  dynamic "other" {
    for_each = var.names
    iterator = it
    content { v = it.value }
  }
  def = jsonencode(local.c)
  lifecycle { ignore_changes = [tags["x"], a[0].b] }
}
module "m" {
  source   = "./m"
  for_each = { k = "v" }
  v        = each.value
  arn      = aws_x.y[0].arn
}
output "o" { value = module.m["k"].o }
output "s" { value = aws_x.y[*].n }
output "t" { value = aws_x.y[*].id }
output "u" { value = [for k, m in module.m : m.arn] }
"#,
        ),
        (
            "m/main.tf",
            r#"
variable "v" { type = string }
variable "arn" {}
output "o" { value = "${var.v} ${path.module}" }
output "arn" { value = var.arn }
resource "aws_z" "z" { arn = var.arn }
"#,
        ),
    ]);
    let evaluation = evaluate(&files);
    for item in &evaluation.items {
        println!(
            "{} {} {}",
            item.address,
            super::support::shown(&item.body),
            item.references.iter().map(|(p, a)| format!("{p} -> {a}")).collect::<Vec<_>>().join(", ")
        );
    }
    println!("{:#?}", messages(&files, &evaluation));
    let _ = (body(&evaluation, ""), value(&evaluation, ""));
}
