//! Terraform as the oracle: the same configuration gives the same values.
//!
//! Without providers Terraform evaluates variables, locals, outputs and modules, and `terraform console`
//! prints them. Where the program is not installed, the tests say so and pass.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use verdikt_model::FileId;
use verdikt_terraform::program::{Given, Inputs, VariableFile};
use verdikt_terraform::value::{Data, Value};

use super::support::{Texts, evaluate_with, messages};

/// A configuration with expressions about it that are compared.
struct Case {
    files: &'static [(&'static str, &'static str)],
    expressions: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    /// `name=text`, or the path of a file without `=`.
    command_line: &'static [&'static str],
}

const CASES: &[Case] = &[
    // What counts for a variable.
    Case {
        files: &[
            (
                "main.tf",
                r#"
variable "by_default" { default = "default" }
variable "by_environment" { default = "default" }
variable "by_tfvars" { default = "default" }
variable "by_tfvars_json" { default = "default" }
variable "by_auto_a" { default = "default" }
variable "by_auto_b" { default = "default" }
variable "by_auto_json" { default = "default" }
variable "by_file" { default = "default" }
variable "by_argument" { default = "default" }
variable "by_later_file" { default = "default" }
variable "untyped" {}
variable "text" { type = string }
variable "number" { type = number }
variable "list" { type = list(string) }
variable "anything" { type = any }
"#,
            ),
            (
                "terraform.tfvars",
                r#"
by_tfvars = "tfvars"
by_tfvars_json = "tfvars"
by_auto_a = "tfvars"
by_auto_b = "tfvars"
by_auto_json = "tfvars"
by_file = "tfvars"
by_argument = "tfvars"
by_later_file = "tfvars"
"#,
            ),
            (
                "terraform.tfvars.json",
                r#"{"by_tfvars_json": "json ${not} a template", "by_auto_a": "json", "by_file": "json"}"#,
            ),
            ("a.auto.tfvars", "by_auto_a = \"a\"\nby_auto_b = \"a\"\nby_auto_json = \"a\"\n"),
            ("b.auto.tfvars", "by_auto_b = \"b\"\nby_auto_json = \"b\"\nby_file = \"b\"\nby_argument = \"b\"\n"),
            ("b.auto.tfvars.json", r#"{"by_auto_json": "b json"}"#),
            ("other.tfvars", "by_file = \"other\"\nby_argument = \"other\"\nby_later_file = \"other\"\n"),
            ("Z.auto.tfvars", "by_auto_a = \"Z\"\n"),
        ],
        expressions: &[
            r#"[var.by_default, var.by_environment, var.by_tfvars, var.by_tfvars_json, var.by_auto_a, var.by_auto_b]"#,
            r#"[var.by_auto_json, var.by_file, var.by_argument, var.by_later_file]"#,
            r#"[var.untyped, var.text, var.number, var.list, var.anything]"#,
        ],
        environment: &[
            ("by_environment", "environment"),
            ("by_tfvars", "environment"),
            ("by_argument", "environment"),
            ("untyped", "[1, 2]"),
            ("text", "[1, 2]"),
            ("number", "1e3"),
            ("list", "[1, true, \"x\"]"),
            ("anything", "{ a = 1 }"),
            ("nobody", "knows"),
        ],
        command_line: &["by_later_file=first", "by_argument=argument", "other.tfvars", "by_argument=argument again"],
    },
    // Types.
    Case {
        files: &[(
            "main.tf",
            r#"
variable "object" {
  type = object({
    name   = string
    port   = optional(number, 80)
    tags   = optional(map(string), { a = "b" })
    inner  = optional(object({ x = optional(bool, true), y = optional(string) }), {})
    list   = optional(list(object({ z = optional(number, 7) })), [{}, { z = "8" }])
    tuple  = optional(tuple([string, object({ q = optional(string, "q") })]), [1, {}])
    nulled = optional(string, "filled")
    none   = optional(list(string))
  })
  default = { name = 5, nulled = null, unknown = "dropped" }
}
variable "map" {
  type    = map(object({ a = optional(string, "d"), b = optional(number) }))
  default = { one = {}, two = { a = null, b = "3" } }
}
variable "maps" {
  type    = map(map(any))
  default = { one = { x = 1 }, two = { y = "s" } }
}
variable "set" {
  type    = set(string)
  default = ["b", "a", "b", 3]
}
variable "numbers" {
  type    = list(number)
  default = ["1", 2.50, "1e2"]
}
variable "bools" {
  type    = list(bool)
  default = ["true", false]
}
variable "any_list" {
  type    = list(any)
  default = [1, "a", true]
}
variable "any_map" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
variable "bare_list" {
  type    = list
  default = [1, 2]
}
variable "nullable" {
  type    = string
  default = null
}
variable "not_nullable" {
  type     = string
  default  = "default"
  nullable = false
}
variable "sensitive" {
  sensitive = true
  default   = "s"
}
"#,
        )],
        expressions: &[
            r#"var.object"#,
            r#"var.map"#,
            r#"var.maps"#,
            r#"[var.set, var.numbers, var.bools, var.any_list, var.any_map, var.bare_list]"#,
            r#"[var.nullable, var.not_nullable, nonsensitive(var.sensitive)]"#,
        ],
        environment: &[],
        command_line: &[],
    },
    // Modules.
    Case {
        files: &[
            (
                "main.tf",
                r#"
module "once" {
  source   = "./modules/a"
  name     = local.name
  nullable = null
  strict   = null
}
module "counted" {
  source = "./modules/a"
  count  = 3
  name   = "n${count.index}"
}
module "each" {
  source   = "./modules/a"
  for_each = { x = 1, "y z" = { deep = [2] } }
  name     = "${each.key}-${jsonencode(each.value)}"
}
module "set" {
  source   = "./modules/a"
  for_each = toset(["p", "q"])
  name     = "${each.key}${each.value}"
}
module "none" {
  source = "./modules/a"
  count  = 0
  name   = "never"
}
locals {
  name = "l${local.other}"
  other = 1
}
"#,
            ),
            (
                "modules/a/main.tf",
                r#"
variable "name" { type = string }
variable "nullable" { default = "d" }
variable "strict" {
  default  = "d"
  nullable = false
}
module "inner" {
  source = "../b"
  text   = upper(var.name)
}
output "name" { value = "${var.name}:${module.inner.text}" }
output "nullable" { value = var.nullable }
output "strict" { value = var.strict }
output "path" { value = "${path.module} ${path.root} ${module.inner.path}" }
"#,
            ),
            (
                "modules/b/main.tf",
                "variable \"text\" {}\noutput \"text\" { value = var.text }\noutput \"path\" { value = path.module }\n",
            ),
        ],
        expressions: &[
            r#"module.once"#,
            r#"[module.counted[0].name, module.counted[2].name, module.counted[*].name, length(module.counted)]"#,
            r#"[module.each["x"].name, { for k, m in module.each : k => m.name }, keys(module.each)]"#,
            r#"values(module.set)[*].name"#,
            r#"[module.none, module.none[*].name, one(module.none[*].name)]"#,
            r#"[path.module, path.root, terraform.workspace]"#,
        ],
        environment: &[],
        command_line: &[],
    },
    // Override files.
    Case {
        files: &[
            (
                "main.tf",
                r#"
variable "a" {
  type    = number
  default = 1
}
variable "b" { default = "1" }
locals {
  x = "base"
  y = "base"
}
module "m" {
  source = "./m"
  p      = "base"
  q      = "base"
}
"#,
            ),
            (
                "a_override.tf",
                "variable \"a\" {\n default = \"2\"\n}\nlocals {\n x = \"a\"\n y = \"a\"\n}\nmodule \"m\" {\n q = \"a\"\n}\n",
            ),
            ("b_override.tf", "locals {\n y = \"b\"\n}\nvariable \"b\" {\n type = number\n}\n"),
            ("override.tf.json", r#"{"locals": {"x": "json"}, "module": {"m": {"p": "json ${local.y}"}}}"#),
            (
                "m/main.tf",
                "variable \"p\" {}\nvariable \"q\" {}\noutput \"p\" { value = var.p }\noutput \"q\" { value = var.q }\n",
            ),
        ],
        expressions: &[r#"[var.a, var.b, local.x, local.y, module.m.p, module.m.q]"#],
        environment: &[],
        command_line: &[],
    },
    // The JSON syntax.
    Case {
        files: &[
            (
                "main.tf.json",
                r#"{
  "//": "a comment",
  "variable": {
    "a": {"type": "list(string)", "default": ["${x}", 1]},
    "b": {"default": {"k": "%{ if true }"}},
    "o": {"type": "object({ n = optional(number, 3) })", "default": {}}
  },
  "locals": [
    {"list": ["${var.a[1]}", "x-${upper(\"y\")}", 1.50, true, null, "$${escaped}"], "//": "another"},
    {"object": {"${local.key}": "v", "plain": "%{ if true }yes%{ else }no%{ endif }"}, "key": "computed"},
    {"number": "${1 + 2}", "text": "line\nbreak \"quoted\" \\ back"}
  ],
  "module": {"m": [{"source": "./m", "for_each": "${toset([\"a\"])}", "v": "${each.key}"}]}
}"#,
            ),
            ("m/main.tf.json", r#"{"variable": {"v": {}}, "output": {"v": {"value": "${var.v}!"}}}"#),
        ],
        expressions: &[
            r#"[local.list, local.object, local.number, local.text]"#,
            r#"[var.a, var.b, var.o]"#,
            r#"module.m["a"].v"#,
        ],
        environment: &[],
        command_line: &[],
    },
    // Local values in any order, and names that loops hide.
    Case {
        files: &[(
            "main.tf",
            r#"
locals {
  c     = local.b + 1
  b     = local.a + 1
  a     = 1
  var   = "local named var"
  loops = [for local in [1, 2] : local * 10]
  deep  = { for var, each in { k = { value = 3 } } : var => each.value }
  self  = { a = 1 }.a
  try   = try(local.a.b.c, "fallback")
  can   = can(local.a.nothing)
  cond  = true ? local.c : local.a.nothing
}
"#,
        )],
        expressions: &[
            r#"[local.a, local.b, local.c, local.var, local.loops, local.deep, local.self, local.try, local.can, local.cond]"#,
        ],
        environment: &[],
        command_line: &[],
    },
];

fn terraform(folder: &Path, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new("terraform");
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("CHECKPOINT_DISABLE", "1")
        .envs(environment.iter().map(|(name, text)| (format!("TF_VAR_{name}"), *text)));
    command
}

/// What Terraform says of the expressions: a JSON text each. `None` when there is no Terraform.
fn theirs(case: &Case) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in case.files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder is made");
        fs::write(path, text).expect("the file is written");
    }
    let Ok(init) = terraform(folder.path(), &[]).args(["init", "-no-color", "-backend=false"]).output() else {
        println!("skipped: there is no `terraform` on this machine to compare with");
        return None;
    };
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let mut console = terraform(folder.path(), case.environment);
    console.arg("console");
    for argument in case.command_line {
        console.arg(if argument.contains('=') { "-var" } else { "-var-file" }).arg(argument);
    }
    let mut child = console.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the console starts");
    // A line each, and one more: what has several lines is printed as a heredoc, without escapes but of `${`.
    let lines: String = case.expressions.iter().map(|expression| format!("jsonencode({expression}), ")).collect();
    let text = format!("join(\"\\n\", [{lines} \"\"])\n");
    child.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("the console reads");
    let output = child.wait_with_output().expect("the console ends");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let unescaped = |line: &str| line.replace("$${", "${").replace("%%{", "%{");
    Some(printed.lines().skip(1).take(case.expressions.len()).map(unescaped).collect())
}

/// A value as Terraform's `jsonencode` writes it.
fn json(value: &Value) -> String {
    match value.data() {
        Data::Null(_) => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => {
            let text = format!("{:?}", text.as_str()).replace("\\'", "'");
            text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
        }
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            format!("[{}]", value.elements().map(|element| json(&element)).collect::<Vec<_>>().join(","))
        }
        Data::Map(_) | Data::Object(_) => {
            let members = value.members().map(|member| format!("{:?}:{}", member.key, json(&member.value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Data::Unknown(unknown) => format!("unknown {unknown:?}"),
    }
}

#[test]
fn configurations_have_the_values_that_terraform_gives_them() {
    for case in CASES {
        let outputs = case.expressions.iter().enumerate();
        let outputs: String =
            outputs.map(|(index, expression)| format!("output \"o{index}\" {{\n value = {expression}\n}}\n")).collect();
        let files = case.files.iter().copied().chain([("outputs.tf", outputs.as_str())]);
        let texts = Texts::new(files);
        let given = case.command_line.iter().map(|argument| match argument.split_once('=') {
            Some((name, text)) => Given::Value { name: name.to_owned(), text: text.to_owned() },
            None => {
                let (at, (_, text)) =
                    case.files.iter().enumerate().find(|(_, (path, _))| path == argument).expect("the file is there");
                Given::File(VariableFile { path: argument.to_string(), id: FileId(at as u32), text: (*text).into() })
            }
        });
        let inputs = Inputs {
            environment: case.environment.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect(),
            command_line: given.collect(),
            workspace: Some("default".to_owned()),
        };
        let evaluation = evaluate_with(&texts, &inputs);
        assert_eq!(messages(&texts, &evaluation), Vec::<String>::new());
        assert_eq!(evaluation.undeclared, Vec::<String>::new());
        let Some(theirs) = theirs(case) else { return };
        assert_eq!(theirs.len(), case.expressions.len(), "{theirs:#?}");
        for (index, (expression, theirs)) in case.expressions.iter().zip(theirs).enumerate() {
            let address = format!("output.o{index}");
            let item = evaluation.items.iter().find(|item| item.address == address).expect("the output is there");
            let ours = json(&item.body.member("value").expect("the output has a value"));
            assert_eq!(ours, theirs, "{expression} in {}", case.files[0].1);
        }
    }
}
