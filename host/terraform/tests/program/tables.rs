//! Small configurations and what they mean.

use verdikt_terraform::budget::Limits;
use verdikt_terraform::program::{IgnoreChanges, Inputs, Program};

use super::support::{Texts, body, evaluate, evaluate_with, messages, shown, value};

/// What a configuration gives: a file, and addresses with the bodies they have.
struct Case {
    what: &'static str,
    files: &'static [(&'static str, &'static str)],
    bodies: &'static [(&'static str, &'static str)],
    said: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        what: "nested blocks are lists in the order of the text, and a dynamic block is what it makes",
        files: &[(
            "main.tf",
            r#"
resource "aws_x" "y" {
  a = 1
  rule { n = 1 }
  other { n = 2 }
  dynamic "rule" {
    for_each = { k = "v" }
    content {
      n = "${rule.key}=${rule.value}"
      dynamic "inner" {
        for_each = [10, 20]
        iterator = it
        content {
          i = it.key
          v = [rule.value, it.value]
        }
      }
    }
  }
  dynamic "none" {
    for_each = []
    content { n = 1 }
  }
  rule { n = 3 }
}
"#,
        )],
        bodies: &[(
            "aws_x.y",
            r#"{a=1,none=[],other=[{n=2}],rule=[{n=1},{inner=[{i=0,v=["v",10]},{i=1,v=["v",20]}],n="k=v"},{n=3}]}"#,
        )],
        said: &[],
    },
    Case {
        what: "meta-arguments are not in the body; count and for_each give addresses with keys",
        files: &[(
            "main.tf",
            r#"
resource "aws_x" "n" {
  count      = 2
  provider   = aws.other
  depends_on = [aws_x.e]
  i          = count.index
}
resource "aws_x" "e" {
  for_each = { "a b" = 1, "q\"" = 2 }
  k        = each.key
  v        = each.value
}
resource "aws_x" "none" { count = 0 }
data "aws_d" "d" {
  count = 1
  n     = aws_x.n[0].i
}
"#,
        )],
        bodies: &[
            ("aws_x.n[0]", "{i=0}"),
            ("aws_x.n[1]", "{i=1}"),
            ("aws_x.e[\"a b\"]", r#"{k="a b",v=1}"#),
            (r#"aws_x.e["q\""]"#, r#"{k="q\"",v=2}"#),
            ("aws_x.none", "there is no `aws_x.none`"),
            ("data.aws_d.d[0]", "{n=0}"),
        ],
        said: &[],
    },
    Case {
        what: "configured attributes are known, others are not and keep what they refer to",
        files: &[(
            "main.tf",
            r#"
resource "aws_x" "r" {
  name  = "n"
  empty = null
  block { a = 1 }
}
resource "aws_x" "c" {
  count = 2
  name  = "c${count.index}"
}
resource "aws_x" "e" {
  for_each = { a = 1, b = 2 }
  name     = each.key
}
data "aws_d" "d" { name = "configured" }
locals { whole = aws_x.r }
resource "aws_x" "uses" {
  known    = aws_x.r.name
  id       = aws_x.r.id
  empty    = aws_x.r.empty
  nested   = [aws_x.r.block[0].a, aws_x.r.block[0].computed]
  counted  = [aws_x.c[1].name, aws_x.c[1].id, aws_x.c[*].name, aws_x.c.*.id]
  each     = [aws_x.e["b"].name, aws_x.e["b"].arn, [for k, v in aws_x.e : "${k}:${v.name}"]]
  data     = [data.aws_d.d.name, data.aws_d.d.id]
  whole    = [local.whole.name, local.whole.arn]
  text     = "arn:${aws_x.r.id}:${aws_x.r.name}"
}
"#,
        )],
        bodies: &[(
            "aws_x.uses",
            r#"{counted=["c1",?aws_x.c[1].id,["c0","c1"],[?aws_x.c[0].id,?aws_x.c[1].id]],data=["configured",?data.aws_d.d.id],each=["b",?aws_x.e["b"].arn,["a:a","b:b"]],empty=?aws_x.r.empty,id=?aws_x.r.id,known="n",nested=[1,?aws_x.r.block[0].computed],text=?"arn:${?aws_x.r.id}:n",whole=["n",?aws_x.r.arn]}"#,
        )],
        said: &[],
    },
    Case {
        what: "what is not known in number is there once, and says so",
        files: &[(
            "main.tf",
            r#"
variable "n" { type = number }
variable "create" { type = bool }
variable "all" { type = map(string) }
resource "aws_x" "n" {
  count = var.n
  a     = "known"
  i     = count.index
}
resource "aws_x" "maybe" {
  count = var.create ? 1 : 0
  i     = count.index
}
resource "aws_x" "e" {
  for_each = var.all
  a        = "known"
  k        = each.key
  v        = each.value
  dynamic "b" {
    for_each = var.create ? ["x"] : []
    content { v = b.value }
  }
}
resource "aws_x" "uses" {
  one  = aws_x.n[3].a
  all  = aws_x.n[*].a
  name = aws_x.e["k"].a
  id   = aws_x.maybe[0].id
}
"#,
        )],
        bodies: &[
            ("aws_x.n", r#"{a="known",i=?}"#),
            ("aws_x.maybe", "{i=0}"),
            ("aws_x.e", r#"{a="known",b=?[{v="x"}?],k=?,v=?}"#),
            ("aws_x.uses", r#"{all=?["known"?...],id=?aws_x.maybe.id,name="known",one="known"}"#),
        ],
        said: &[],
    },
    Case {
        what: "modules have inputs, outputs, counts and elements",
        files: &[
            (
                "main.tf",
                r#"
module "a" {
  source = "./m"
  count  = 2
  name   = "n${count.index}"
  arn    = aws_x.key.arn
}
resource "aws_x" "key" {}
variable "unknown" {}
module "b" {
  source   = "./m"
  for_each = var.unknown
  name     = each.key
}
module "far" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0.0"
  name    = "x"
}
module "out" { source = "../elsewhere" }
resource "aws_x" "r" {
  from = module.a[1].id
  name = module.a[0].name
  far  = module.far.vpc_id
  out  = module.out.x
}
"#,
            ),
            (
                "m/main.tf",
                r#"
variable "name" { type = string }
variable "arn" { default = null }
resource "aws_y" "this" {
  name = var.name
  arn  = var.arn
}
output "id" { value = aws_y.this.id }
output "name" { value = aws_y.this.name }
"#,
            ),
        ],
        bodies: &[
            ("module.a[0].aws_y.this", r#"{arn=?aws_x.key.arn,name="n0"}"#),
            ("module.a[1].aws_y.this", r#"{arn=?aws_x.key.arn,name="n1"}"#),
            ("module.b.aws_y.this", "{arn=null,name=?}"),
            ("aws_x.r", "{far=?module.far.vpc_id,from=?module.a[1].aws_y.this.id,name=\"n0\",out=?module.out.x}"),
            ("module.far", r#"{name="x",source="terraform-aws-modules/vpc/aws",version="5.0.0"}"#),
            ("module.a[1]", r#"{arn=?aws_x.key.arn,name="n1",source="./m"}"#),
        ],
        said: &[],
    },
    Case {
        what: "circles are told once",
        files: &[(
            "main.tf",
            r#"
locals {
  a = local.b
  b = local.c
  c = local.a
  d = [local.a, 1]
}
resource "aws_x" "self" { name = aws_x.self.id }
"#,
        )],
        bodies: &[("aws_x.self", "{name=?aws_x.self.id}")],
        said: &["terraform-cycle main.tf:3 a", "terraform-cycle main.tf:8 \"self\""],
    },
    Case {
        what: "what is not declared is unknown, and told",
        files: &[(
            "main.tf",
            r#"
resource "aws_x" "r" {
  a = var.nope
  b = local.nope
  c = data.aws_d.nope.id
  d = aws_x.nope[0].id
  e = module.nope.x
  f = nope
  g = try(var.nope2, 1)
}
"#,
        )],
        bodies: &[],
        said: &[
            "undeclared-reference main.tf:3 var.nope",
            "undeclared-reference main.tf:4 local.nope",
            "undeclared-reference main.tf:5 data.aws_d.nope",
            "undeclared-reference main.tf:6 aws_x.nope[0].id",
            "undeclared-reference main.tf:7 module.nope.x",
            "terraform-refuses main.tf:8 nope",
            "undeclared-reference main.tf:9 var.nope2",
        ],
    },
    Case {
        what: "override files replace arguments and all blocks of a kind",
        files: &[
            (
                "main.tf",
                r#"
resource "aws_x" "r" {
  a = 1
  b = 1
  rule { n = 1 }
  dynamic "made" {
    for_each = [1]
    content { n = made.value }
  }
  kept { n = 1 }
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [a]
  }
}
provider "aws" {
  region = "base"
  x      = 1
}
"#,
            ),
            (
                "override.tf",
                r#"
resource "aws_x" "r" {
  b = 2
  c = 2
  dynamic "rule" {
    for_each = [7, 8]
    content { n = rule.value }
  }
  made { n = 9 }
  lifecycle { ignore_changes = all }
}
provider "aws" { region = "override" }
resource "aws_x" "alone" { a = 1 }
"#,
            ),
        ],
        bodies: &[
            (
                "aws_x.r",
                r#"{a=1,b=2,c=2,kept=[{n=1}],lifecycle=[{create_before_destroy=true,ignore_changes="all"}],made=[{n=9}],rule=[{n=7},{n=8}]}"#,
            ),
            ("provider.aws", r#"{region="override",x=1}"#),
            ("aws_x.alone", "{a=1}"),
        ],
        said: &["terraform-refuses override.tf:13 \"alone\""],
    },
    Case {
        what: "provisioners see the resource, and are blocks with a type",
        files: &[(
            "main.tf",
            r#"
resource "aws_x" "r" {
  name = "n"
  connection { host = self.public_ip }
  provisioner "local-exec" { command = "echo ${self.name}" }
  provisioner "remote-exec" { inline = [self.id] }
  lifecycle {
    precondition {
      condition     = self.nothing == undeclared
      error_message = "x"
    }
  }
}
"#,
        )],
        bodies: &[(
            "aws_x.r",
            r#"{connection=[{host=?aws_x.r.public_ip}],lifecycle=[{}],name="n",provisioner=[{command="echo n",type="local-exec"},{inline=[?aws_x.r.id],type="remote-exec"}]}"#,
        )],
        said: &[],
    },
    Case {
        what: "moved, import, removed and check blocks do not disturb, and neither do conditions",
        files: &[(
            "main.tf",
            r#"
moved {
  from = aws_x.old
  to   = aws_x.new
}
import {
  to = aws_x.new
  id = "i"
}
removed {
  from = aws_x.gone
  lifecycle { destroy = false }
}
check "health" {
  data "http" "up" { url = "https://example.com" }
  assert {
    condition     = data.http.up.status_code == 200
    error_message = "down"
  }
}
variable "v" {
  default = 1
  validation {
    condition     = var.v > 5
    error_message = "x"
  }
}
output "o" {
  value = var.v
  precondition {
    condition     = false
    error_message = "x"
  }
}
resource "aws_x" "new" {
  _ { count = 3 }
}
"#,
        )],
        bodies: &[
            ("data.http.up", r#"{url="https://example.com"}"#),
            ("output.o", "{value=1}"),
            ("aws_x.new", "{count=3}"),
        ],
        said: &[],
    },
    Case {
        what: "what is no resource is an item of its own kind",
        files: &[(
            "main.tf",
            r#"
terraform {
  required_version = ">= 1.0"
  required_providers { aws = { source = "hashicorp/aws" } }
  backend "s3" { bucket = "b" }
}
provider "aws" {
  alias      = "other"
  access_key = local.key
}
variable "password" {
  type        = string
  description = "d"
  default     = "secret"
  sensitive   = true
}
locals { key = "AKIA" }
output "password" {
  value     = var.password
  sensitive = true
}
"#,
        )],
        bodies: &[
            (
                "terraform",
                r#"{backend=[{bucket="b",type="s3"}],required_providers=[{aws={source="hashicorp/aws"}}],required_version=">= 1.0"}"#,
            ),
            ("provider.aws.other", r#"{access_key="AKIA"}"#),
            ("var.password", r#"{default="secret",description="d",sensitive=true,type="string",value="secret"}"#),
            ("local.key", r#"{value="AKIA"}"#),
            ("output.password", r#"{sensitive=true,value="secret"}"#),
        ],
        said: &[],
    },
    Case {
        what: "what Terraform refuses is told where it is, and the rest is evaluated",
        files: &[(
            "main.tf",
            r#"
variable "typed" {
  type    = number
  default = "no number"
}
variable "quoted" {
  type    = "string"
  default = "q"
}
resource "aws_x" "list" {
  for_each = ["a"]
  a        = 1
}
resource "aws_x" "negative" {
  count = -1
  a     = 1
}
resource "aws_x" "both" {
  count    = 1
  for_each = {}
}
resource "aws_x" "each" { a = each.key }
resource "aws_x" "ok" { a = var.quoted }
resource "aws_x" {}
nonsense {}
module "nothing" { source = "./nothing" }
output "no_value" {}
"#,
        )],
        bodies: &[
            ("aws_x.list", "{a=1}"),
            ("aws_x.negative", "{a=1}"),
            ("aws_x.ok", r#"{a="q"}"#),
            ("var.typed", "{default=\"no number\",type=\"number\",value=?var.typed}"),
        ],
        said: &[
            "terraform-refuses main.tf:7 \"string\"",
            "terraform-refuses main.tf:19 count",
            "hcl-syntax main.tf:24 resource",
            "hcl-syntax main.tf:25 nonsense",
            "terraform-refuses main.tf:4 \"no number\"",
            "terraform-refuses main.tf:26 \"./nothing\"",
            "terraform-refuses main.tf:11 [\"a\"]",
            "terraform-refuses main.tf:15 -1",
            "terraform-refuses main.tf:22 each.key",
            "terraform-refuses main.tf:27 \"no_value\"",
        ],
    },
    Case {
        what: "the JSON syntax means the same",
        files: &[(
            "main.tf.json",
            r#"{
  "resource": {"aws_x": {
    "r": {"name": "${local.n}", "count": 2, "tags": {"i": "${count.index}"},
          "rule": [{"n": 1}, {"n": 2}], "one": {"deep": {"provider": {"arn": "${local.n}"}, "tags": {"a": "b"}}}, "lifecycle": {"ignore_changes": ["name", "tags[\"a\"]"]},
          "dynamic": {"made": {"for_each": [5], "content": {"v": "${made.value}"}}},
          "provisioner": [{"local-exec": {"command": "echo ${self.name}"}}], "depends_on": ["aws_x.s"]},
    "s": [{"a": true, "provider": "aws.west"}]
  }},
  "data": {"aws_d": {"d": {"q": "x"}}},
  "resource": {"aws_z": {"z": {"d": "${data.aws_d.d.id}"}}},
  "locals": {"n": "name", "//": "comment"},
  "variable": {"v": {"type": "list(number)", "default": ["1"]}},
  "provider": {"aws": [{"region": "a"}, {"alias": "west", "region": "${local.n}"}]},
  "terraform": {"backend": {"s3": {"bucket": "b"}}}
}"#,
        )],
        bodies: &[
            (
                "aws_x.r[1]",
                r#"{lifecycle=[{ignore_changes=["name","tags[\"a\"]"]}],made=[{v=5}],name="name",one=[{deep=[{provider=[{arn="name"}],tags={a="b"}}]}],provisioner=[{command="echo name",type="local-exec"}],rule=[{n=1},{n=2}],tags={i=1}}"#,
            ),
            ("aws_x.s", "{a=true}"),
            ("aws_z.z", "{d=?data.aws_d.d.id}"),
            ("var.v", r#"{default=["1"],type="list of number",value=[1]}"#),
            ("provider.aws.west", r#"{region="name"}"#),
            ("terraform", r#"{backend=[{bucket="b",type="s3"}]}"#),
        ],
        said: &[],
    },
];

#[test]
fn configurations_and_what_they_describe() {
    let mut different = Vec::new();
    for case in CASES {
        let files = Texts::new(case.files.iter().copied());
        let evaluation = evaluate(&files);
        for (address, expected) in case.bodies {
            let body = body(&evaluation, address);
            if body != *expected {
                different.push(format!("{}: {address}\n  is {body}\n not {expected}", case.what));
            }
        }
        let said = messages(&files, &evaluation);
        let same =
            said.len() == case.said.len() && said.iter().zip(case.said).all(|(said, expected)| said.contains(expected));
        if !same {
            different.push(format!("{}: {said:#?}\n not {:#?}", case.what, case.said));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn installed_modules_are_found_by_the_manifest() {
    let files = Texts::new([
        (
            "envs/prod/main.tf",
            "module \"vpc\" {\n source = \"terraform-aws-modules/vpc/aws\"\n}\nlocals { id = module.vpc.path }",
        ),
        (
            "envs/prod/.terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"vpc","Source":"registry.terraform.io/x","Version":"1.0.0","Dir":".terraform/modules/vpc"},{"Key":"vpc.inner","Source":"git::x","Dir":".terraform/modules/vpc.inner/sub"}]}"#,
        ),
        (
            "envs/prod/.terraform/modules/vpc/main.tf",
            "module \"inner\" {\n source = \"git::x\"\n}\noutput \"path\" { value = \"${path.module} ${module.inner.path}\" }",
        ),
        ("envs/prod/.terraform/modules/vpc.inner/sub/main.tf", "output \"path\" { value = path.module }"),
    ]);
    let evaluation =
        Program::new(&files).evaluate("envs/prod", &Inputs::default(), Limits::default()).expect("there is a module");
    assert_eq!(messages(&files, &evaluation), Vec::<String>::new());
    assert_eq!(value(&evaluation, "local.id"), "\".terraform/modules/vpc .terraform/modules/vpc.inner/sub\"");
    assert_eq!(evaluation.unread, []);
    assert_eq!(evaluation.modules[2].address, "module.vpc.module.inner");
}

#[test]
fn roots_are_what_nobody_calls() {
    let call = |source: &str| format!("module \"x\" {{\n source = \"{source}\"\n}}\n");
    let (to_module, to_inner, to_root, to_b, to_c) =
        (call("../../modules/m"), call("./inner"), call("../.."), call("../b"), call("../c"));
    let files = Texts::new([
        ("envs/prod/main.tf", &*to_module),
        ("modules/m/main.tf", &to_inner),
        ("modules/m/inner/main.tf", "locals { x = 1 }"),
        ("modules/unused/main.tf", "locals { x = 1 }"),
        ("main.tf", "locals { x = 1 }"),
        ("examples/simple/main.tf", &to_root),
        ("circle/b/main.tf", &to_c),
        ("circle/c/main.tf", &to_b),
        ("docs/readme.md", "no Terraform"),
    ]);
    let folders = [
        "",
        "circle/b",
        "circle/c",
        "docs",
        "envs/prod",
        "examples/simple",
        "modules/m",
        "modules/m/inner",
        "modules/unused",
    ];
    let folders: Vec<String> = folders.iter().map(|folder| folder.to_string()).collect();
    let program = Program::new(&files);
    let roots = program.roots(&folders);
    assert_eq!(roots.roots, ["circle/b", "envs/prod", "examples/simple", "modules/unused"]);
    assert_eq!(roots.called, ["", "circle/c", "modules/m", "modules/m/inner"]);
    // Without their callers they are roots.
    let some: Vec<String> = ["modules/m", "modules/m/inner"].iter().map(|folder| folder.to_string()).collect();
    assert_eq!(program.roots(&some).roots, ["modules/m"]);
}

#[test]
fn modules_that_their_callers_do_not_make_are_not_there() {
    let files = Texts::new([
        ("main.tf", "module \"a\" {\n source = \"./a\"\n count = 0\n}\nmodule \"b\" {\n source = \"./b\"\n}\n"),
        ("a/main.tf", "module \"inner\" {\n source = \"./inner\"\n}\n"),
        ("a/inner/main.tf", "resource \"aws_x\" \"r\" {}\n"),
        ("b/main.tf", "resource \"aws_x\" \"r\" {}\n"),
    ]);
    let program = Program::new(&files);
    let folders: Vec<String> = ["", "a", "a/inner", "b"].iter().map(|folder| folder.to_string()).collect();
    let roots = program.roots(&folders);
    assert_eq!(roots.roots, [""]);
    // Nor is what only such a module calls.
    let evaluation = |folder: &str| program.evaluate(folder, &Inputs::default(), Limits::default()).expect("a module");
    let first = evaluation("");
    assert_eq!(program.unreached(&roots, [&first]), Vec::<String>::new());
    let empty: Vec<(&str, &str)> =
        first.empty.iter().map(|call| (call.address.as_str(), call.folder.as_str())).collect();
    assert_eq!(empty, [("module.a", "a")]);
    // Where nobody says why it is not reached, it is a root after all.
    assert_eq!(program.unreached(&roots, []), ["a", "b"]);
}

#[test]
fn values_say_where_they_come_from() {
    let files = Texts::new([
        (
            "main.tf",
            "variable \"p\" {\n default = true\n}\nvariable \"t\" {}\nlocals {\n list = [{ on = var.p, name = var.t, own = 1 }]\n}\nmodule \"m\" {\n source = \"./m\"\n list = local.list\n}\n",
        ),
        ("terraform.tfvars", "t = \"from tfvars\"\n"),
        ("m/main.tf", "variable \"list\" {}\nresource \"aws_x\" \"r\" {\n list = var.list\n}\n"),
    ]);
    let evaluation = evaluate(&files);
    let item = evaluation.items.iter().find(|item| item.address == "module.m.aws_x.r").expect("the resource");
    let element = item.body.member("list").and_then(|list| list.element(0)).expect("the element");
    let way = |name: &str| {
        let place = element.member(name).expect("the member").place().clone();
        let mut way = vec![place.location().map(|span| files.place(span)).unwrap_or_default()];
        way.extend(place.steps().iter().map(|step| {
            format!("{} {}", step.what.as_str(), step.span.map(|span| files.place(span)).unwrap_or_default())
        }));
        way
    };
    assert_eq!(way("own"), ["m/main.tf:3 var.list", "module call main.tf:10 local.list", "local main.tf:6 1"]);
    assert_eq!(
        way("on"),
        [
            "m/main.tf:3 var.list",
            "module call main.tf:10 local.list",
            "local main.tf:6 var.p",
            "variable main.tf:2 true"
        ]
    );
    assert_eq!(
        way("name"),
        [
            "m/main.tf:3 var.list",
            "module call main.tf:10 local.list",
            "local main.tf:6 var.t",
            "tfvars terraform.tfvars:1 \"from tfvars\""
        ]
    );
}

#[test]
fn references_between_resources_have_pointers() {
    let files = Texts::new([
        (
            "main.tf",
            r#"
resource "aws_kms_key" "k" { count = 2 }
resource "aws_s3_bucket" "b" { bucket = "name" }
locals { bucket = aws_s3_bucket.b.bucket }
module "m" {
  source = "./m"
  bucket = local.bucket
  key    = aws_kms_key.k[1].arn
}
resource "aws_x" "r" {
  bucket = aws_s3_bucket.b.bucket
  text   = "arn:${aws_s3_bucket.b.bucket}/*"
  length = length(aws_s3_bucket.b.bucket)
  rule {
    apply { key = aws_kms_key.k[0].arn }
  }
}
"#,
        ),
        (
            "m/main.tf",
            "variable \"bucket\" {}\nvariable \"key\" {}\nresource \"aws_y\" \"y\" {\n bucket = var.bucket\n key = var.key\n}\n",
        ),
    ]);
    let evaluation = evaluate(&files);
    assert_eq!(messages(&files, &evaluation), Vec::<String>::new());
    let references = |address: &str| {
        let item = evaluation.items.iter().find(|item| item.address == address).expect("the resource");
        let mut references: Vec<String> =
            item.references.iter().map(|(pointer, address)| format!("{pointer} {address}")).collect();
        references.sort();
        references
    };
    assert_eq!(
        references("aws_x.r"),
        [
            "/bucket aws_s3_bucket.b",
            "/length aws_s3_bucket.b",
            "/rule/0/apply/0/key aws_kms_key.k[0]",
            "/text aws_s3_bucket.b"
        ]
    );
    assert_eq!(references("module.m.aws_y.y"), ["/bucket aws_s3_bucket.b", "/key aws_kms_key.k[1]"]);
}

#[test]
fn what_is_ignored_is_kept() {
    let files = Texts::new([(
        "main.tf",
        "resource \"a\" \"some\" {\n lifecycle { ignore_changes = [tags, \"quoted\", a[0].b[\"c\"]] }\n}\nresource \"a\" \"all\" {\n lifecycle { ignore_changes = all }\n}\nresource \"a\" \"none\" {}\n",
    )]);
    let evaluation = evaluate(&files);
    let ignored: Vec<&IgnoreChanges> = evaluation.items.iter().map(|item| &item.ignore_changes).collect();
    let some = IgnoreChanges::Of(vec!["tags".to_owned(), "quoted".to_owned(), "a[0].b[\"c\"]".to_owned()]);
    assert_eq!(ignored, [&some, &IgnoreChanges::All, &IgnoreChanges::None]);
}

#[test]
fn values_of_the_command_line_for_nobody_are_told() {
    let files = Texts::new([("main.tf", "variable \"a\" {\n type = list(string)\n}")]);
    let given = |name: &str, text: &str| verdikt_terraform::program::Given::Value {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let inputs = Inputs { command_line: vec![given("a", "[1"), given("b", "x"), given("b", "y")], ..Inputs::default() };
    let evaluation = evaluate_with(&files, &inputs);
    assert_eq!(evaluation.undeclared, ["b"]);
    let said = messages(&files, &evaluation);
    assert!(said.len() == 1 && said[0].starts_with("terraform-refuses main.tf:1 \"a\""), "{said:?}");
    let item = &evaluation.items[0];
    assert_eq!(shown(&item.body.member("value").expect("a value")), "?");
}
