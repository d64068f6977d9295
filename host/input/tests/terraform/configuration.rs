//! Configurations in Terraform's language.

#![expect(clippy::disallowed_methods, reason = "tests make the files that they need")]

use std::fs;

use verdikt_input::{Format, GivenVariable, Input, LoadOptions, TerraformOptions, load};
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
    let reference = r#""$ref":"module.web.aws_ecr_repository.app.repository_url"},":1.2"]"#;
    assert!(image.contains(r#""$parts":[{"$unknown":"#) && image.contains(reference), "{image}");
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

#[test]
fn a_named_file_is_reported_on_with_its_folder_around_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "infra/main.tf",
        "resource \"aws_x\" \"a\" {\n  name = \"${var.prefix}-a\"\n  text = file(\"note.txt\")\n}\n",
    );
    write("infra/variables.tf", "variable \"prefix\" {\n  default = \"shop\"\n}\nresource \"aws_x\" \"b\" {}\n");
    write("infra/note.txt", "hello");
    let options = LoadOptions {
        inputs: vec![Input::Path("infra/main.tf".into())],
        cwd: folder.path().to_owned(),
        ..LoadOptions::default()
    };
    let loaded = load(&options);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    assert_eq!(addresses(&loaded), ["terraform aws_x aws_x.a"]);
    assert_eq!(loaded.documents[0].body().to_json(), r#"{"name":"shop-a","text":"hello"}"#);
    let files: Vec<(&str, &str)> =
        loaded.sources.iter().map(|(_, source)| (source.path.as_str(), source.identity.as_str())).collect();
    assert_eq!(
        files,
        [("infra/main.tf", "main.tf"), ("infra/note.txt", "note.txt"), ("infra/variables.tf", "variables.tf")]
    );
    assert_eq!(loaded.coverage.files.len(), 3);
}

#[test]
fn texts_of_standard_input_are_read_as_they_are_said_to_be() {
    let stdin = |format, text: &str| {
        load(&LoadOptions {
            inputs: vec![Input::Text { path: "<stdin>".into(), bytes: text.into() }],
            format,
            ..LoadOptions::default()
        })
    };
    let native = stdin(Some(Format::Terraform), "resource \"aws_x\" \"a\" {}\n");
    let json = stdin(Some(Format::Terraform), r#"{"resource": {"aws_x": {"a": {"b": 1}}}}"#);
    let plan = stdin(
        None,
        r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{"address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a"}]}}}"#,
    );
    for loaded in [&native, &json, &plan] {
        assert_eq!(problems(loaded), Vec::<String>::new());
        assert_eq!(addresses(loaded), ["terraform aws_x aws_x.a"]);
    }
    assert!(matches!(stdin(Some(Format::TerraformPlan), "{}").coverage.files[0].outcome, FileOutcome::Failed));
}

#[test]
fn files_that_are_read_by_nobody_say_so() {
    let loaded = folder(&[
        ("main.tf", "resource \"aws_x\" \"a\" {}\nmodule \"m\" {\n  source = \"registry.example/m/x\"\n}\n"),
        ("prod.tfvars", "a = 1\n"),
        ("more.tofu", "resource {}\n"),
        ("broken/main.tf", "resource \"aws_x\" {\n"),
    ]);
    let outcomes: Vec<String> =
        loaded.coverage.files.iter().map(|file| format!("{} {:?}", file.path, file.outcome)).collect();
    assert!(outcomes[0].starts_with("broken/main.tf Failed"), "{outcomes:?}");
    assert!(outcomes[1].starts_with("main.tf Scanned"), "{outcomes:?}");
    assert!(outcomes[2].contains("OpenTofu"), "{outcomes:?}");
    assert!(outcomes[3].contains("--var-file"), "{outcomes:?}");
    let notes = notes(&loaded);
    assert!(notes[0].starts_with("main.tf:3: `module.m` calls the module `registry.example/m/x`"), "{notes:?}");
}

#[test]
fn values_from_outside_count_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("main.tf"),
        "variable \"v\" {}\nvariable \"e\" {}\nresource \"aws_x\" \"a\" {\n  v = var.v\n  e = var.e\n}\n",
    )
    .unwrap();
    fs::write(folder.path().join("x.tfvars"), "v = \"file\"\n").unwrap();
    let value = |name: &str, text: &str| GivenVariable::Value { name: name.into(), text: text.into() };
    let file = || GivenVariable::File("x.tfvars".into());
    for (given, expected) in
        [(vec![value("v", "flag"), file()], r#""file""#), (vec![file(), value("v", "flag")], r#""flag""#)]
    {
        let terraform = TerraformOptions {
            given,
            environment: vec![("e".into(), "env".into()), ("v".into(), "no".into())],
            workspace: None,
        };
        let loaded = load(&LoadOptions {
            inputs: vec![Input::Path(".".into())],
            cwd: folder.path().to_owned(),
            terraform,
            ..LoadOptions::default()
        });
        assert_eq!(problems(&loaded), Vec::<String>::new());
        let document = find(&loaded, Platform::Terraform, "aws_x.a");
        assert_eq!((json(document, "/v").as_str(), json(document, "/e").as_str()), (expected, r#""env""#));
    }
    let terraform = TerraformOptions {
        given: vec![value("typo", "1"), GivenVariable::File("none.tfvars".into())],
        ..TerraformOptions::default()
    };
    let loaded = load(&LoadOptions {
        inputs: vec![Input::Path(".".into())],
        cwd: folder.path().to_owned(),
        terraform,
        ..LoadOptions::default()
    });
    assert_eq!(loaded.unusable, ["no configuration declares a variable `typo`"]);
    let problems = problems(&loaded);
    assert!(problems.iter().any(|problem| problem.starts_with("unreadable")), "{problems:?}");
    // What that file sets is not known.
    let document = find(&loaded, Platform::Terraform, "aws_x.a");
    assert!(at(document, "/v").is_unknown() && at(document, "/e").is_unknown());
}

/// Terraform refuses a value of the command line that does not fit; where several roots declare the variable, one that it
/// fits is enough.
#[test]
fn values_of_the_command_line_have_to_fit() {
    let files = [
        ("a/main.tf", "variable \"n\" {\n  type = number\n}\nvariable \"l\" {\n  type = list(string)\n}\n"),
        ("b/main.tf", "variable \"n\" {}\n"),
    ];
    let unusable = |name: &str, text: &str, files: &[(&str, &str)]| {
        let given = vec![GivenVariable::Value { name: name.into(), text: text.into() }];
        let terraform = TerraformOptions { given, ..TerraformOptions::default() };
        load(&LoadOptions { terraform, ..crate::support::options(files) }).unusable
    };
    for (name, text, is_usable) in [
        ("n", "1", true),
        ("n", "x", true),
        ("l", "[\"a\"]", true),
        ("l", "[", false),
        ("l", "7", false),
        ("l", "[var.n]", false),
        ("l", "upper(\"a\")", false),
    ] {
        let found = unusable(name, text, &files);
        assert_eq!(found.is_empty(), is_usable, "{name}={text}: {found:?}");
    }
    assert!(unusable("n", "x", &files[..1])[0].contains("`n` does not fit: "));
    assert!(unusable("n", "x", &[("pod.yaml", "a: b\n")]).is_empty());
}

/// A mistake in a file of variables costs what it may have set, and not what stands beside.
#[test]
fn what_an_unreadable_file_of_variables_may_set_is_unknown() {
    let main = "variable \"a\" {\n  default = false\n}\nvariable \"b\" {\n  default = false\n}\nvariable \"c\" {\n  default = false\n}\n\
                variable \"d\" {\n  default = false\n}\nresource \"aws_x\" \"x\" {\n  a = var.a\n  b = var.b\n  c = var.c\n  d = var.d\n}\n";
    for (path, text, expected) in [
        ("terraform.tfvars", "a = true\nb = = true\nc = false\n", [Some("true"), None, Some("false"), Some("false")]),
        ("terraform.tfvars", "a = {\n  b = true\n", [None, None, Some("false"), Some("false")]),
        ("terraform.tfvars.json", "{\"a\": true, \"c\"}", [None, Some("false"), None, Some("false")]),
        ("terraform.tfvars.json", "{\"\\u0062\": true, \"c\"}", [None; 4]),
        ("x.auto.tfvars", "a {\n}\nb = true\n", [None, Some("true"), Some("false"), Some("false")]),
        // What comes later counts.
        ("terraform.tfvars", "d = = true\n", [Some("false"), Some("false"), Some("false"), Some("true")]),
    ] {
        let later = ("z.auto.tfvars", "d = true\n");
        let files = [("main.tf", main), (path, text), later];
        let with_later = text.starts_with("d =");
        let loaded = folder(if with_later { &files } else { &files[..2] });
        assert_eq!(problems(&loaded).len(), 1, "{text}: {:?}", problems(&loaded));
        let document = find(&loaded, Platform::Terraform, "aws_x.x");
        for (name, expected) in ["/a", "/b", "/c", "/d"].into_iter().zip(expected) {
            let node = at(document, name);
            match expected {
                Some(expected) => assert_eq!(node.to_json(), expected, "{text}: {name}"),
                None => assert!(node.is_unknown(), "{text}: {name} is {}", node.to_json()),
            }
        }
    }
}

#[test]
fn modules_without_instances_are_named_and_not_judged() {
    let module = "resource \"aws_x\" \"r\" {}\n";
    let files = [
        (
            "main.tf",
            "module \"none\" {\n  source = \"./none\"\n  count  = 0\n}\nmodule \"one\" {\n  source   = \"./one\"\n  for_each = {}\n}\n",
        ),
        ("none/main.tf", module),
        ("one/main.tf", module),
        ("other/main.tf", "module \"one\" {\n  source = \"../one\"\n}\n"),
    ];
    let loaded = folder(&files);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let addresses = addresses(&loaded);
    let resources: Vec<&String> = addresses.iter().filter(|address| address.contains("aws_x")).collect();
    assert_eq!(resources, ["terraform aws_x module.one.aws_x.r"]);
    let notes = notes(&loaded);
    assert!(notes[0].starts_with("main.tf:1: `module.none` makes no instance of the module in `none`"), "{notes:?}");
    assert_eq!(notes.len(), 1);
}

/// A file that several paths hold is judged once, and a module through its callers where they are seen.
#[test]
fn files_that_several_paths_hold_count_once() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("main.tf", "module \"m\" {\n  source = \"./m\"\n  p      = true\n}\nresource \"aws_x\" \"r\" {}\n");
    write("m/main.tf", "variable \"p\" {\n  default = false\n}\nresource \"aws_x\" \"m\" {\n  p = var.p\n}\n");
    let all = ["module.m.aws_x.m", "aws_x.r"];
    for (paths, expected) in [
        (&[".", "main.tf"][..], &all[..]),
        (&["main.tf", "."], &all),
        (&[".", "m/main.tf"], &all),
        (&["m", "."], &all),
        (&[".", "."], &all),
        (&["main.tf", "main.tf"], &["aws_x.r"]),
        // Nothing says how it is called.
        (&["m/main.tf"], &["aws_x.m"]),
        (&["main.tf", "m"], &["aws_x.r", "aws_x.m"]),
    ] {
        let loaded = load(&LoadOptions {
            inputs: paths.iter().map(|path| Input::Path(path.into())).collect(),
            cwd: folder.path().to_owned(),
            ..LoadOptions::default()
        });
        let mut found: Vec<&str> =
            loaded.documents.iter().filter(|it| it.kind == "aws_x").map(|it| it.address.as_str()).collect();
        found.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{paths:?}");
        let judged =
            |file: &&verdikt_model::FileCoverage| !matches!(file.outcome, FileOutcome::Scanned { documents: 0, .. });
        let files: Vec<&str> = loaded.coverage.files.iter().filter(judged).map(|file| file.path.as_str()).collect();
        let unique: std::collections::HashSet<&str> = files.iter().copied().collect();
        assert_eq!(unique.len(), files.len(), "{paths:?}: {files:?}");
    }
}

#[test]
fn only_what_is_sensitive_is_marked() {
    let main = r#"variable "password" {
  sensitive = true
  default   = "hunter2"
}
resource "aws_ecs_task_definition" "a" {
  family = "a"
  container_definitions = jsonencode([{
    name        = "app"
    privileged  = true
    environment = [{ name = "P", value = var.password }]
  }])
}
resource "aws_ecs_task_definition" "b" {
  family                = "b"
  container_definitions = <<-JSON
    [{"name": "app", "privileged": true, "environment": [{"name": "P", "value": "x-${var.password}"}]}]
  JSON
}
"#;
    let loaded = folder(&[("main.tf", main)]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    for address in ["aws_ecs_task_definition.a", "aws_ecs_task_definition.b"] {
        let workload = find(&loaded, Platform::Workload, address);
        assert!(at(workload, "/containers/0/env/0/value").is_sensitive(), "{address}");
        // Of a template it is not known where in the JSON its pieces went.
        let is_marked = at(workload, "/containers/0/privileged").is_sensitive();
        assert_eq!(is_marked, address == "aws_ecs_task_definition.b", "{address}");
        let body = find(&loaded, Platform::Terraform, address);
        assert!(at(body, "/container_definitions").is_sensitive(), "{address}");
    }
    let workload = find(&loaded, Platform::Workload, "aws_ecs_task_definition.b");
    assert_eq!(source(&loaded.sources, workload, "/containers/0/privileged"), "true");
    let variable = find(&loaded, Platform::Terraform, "var.password");
    assert!(at(variable, "/default").is_sensitive() && at(variable, "/value").is_sensitive());
}

#[test]
fn documents_know_which_others_their_values_come_from() {
    let main = r#"resource "aws_ecr_repository" "app" {
  for_each = toset(["a", "b"])
  name     = each.key
}
resource "aws_ecr_repository_policy" "one" {
  repository = aws_ecr_repository.app["a"].name
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Resource = aws_ecr_repository.app["b"].arn }] })
}
"#;
    let references = |loaded: &verdikt_input::Loaded, address: &str| -> Vec<String> {
        let document = find(loaded, Platform::Terraform, address);
        let target = |id: verdikt_model::DocumentId| loaded.documents[id.0 as usize].address.clone();
        document.references.iter().map(|(pointer, id)| format!("{pointer} {}", target(*id))).collect()
    };
    let loaded = folder(&[("infra/main.tf", main)]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let found = references(&loaded, "aws_ecr_repository_policy.one");
    assert!(found.contains(&"/repository aws_ecr_repository.app[\"a\"]".to_owned()), "{found:?}");
    assert!(
        found.iter().any(|it| it.starts_with("/policy") && it.ends_with("aws_ecr_repository.app[\"b\"]")),
        "{found:?}"
    );
    let policy = find(&loaded, Platform::Terraform, "aws_ecr_repository_policy.one");
    assert_eq!(json(policy, "/policy/$json/Statement/0/Effect"), r#""Allow""#);
    assert_eq!(policy.configuration.as_deref(), Some("infra"));
    let plan = r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
      {"address": "aws_x.a[0]", "mode": "managed", "type": "aws_x", "name": "a", "values": {}},
      {"address": "aws_x.b", "mode": "managed", "type": "aws_x", "name": "b", "values": {"c": "1"}}]}},
      "configuration": {"root_module": {"resources": [{"address": "aws_x.b", "expressions": {
        "c": {"references": ["aws_x.a[0].id", "aws_x.a[0]", "aws_x.a", "var.v"]}, "d": [{"e": {"references": ["aws_x.a"]}}]}}]}}}"#;
    let loaded = crate::support::text("plan.json", plan);
    assert_eq!(references(&loaded, "aws_x.b"), ["/c aws_x.a[0]", "/d/0/e aws_x.a[0]"]);
}

#[test]
fn a_module_that_several_roots_call_is_there_for_each() {
    let loaded = folder(&[
        ("envs/dev/main.tf", "module \"m\" {\n  source = \"../../m\"\n  name   = \"dev\"\n}\n"),
        ("envs/prod/main.tf", "module \"m\" {\n  source = \"../../m\"\n  name   = \"prod\"\n}\n"),
        ("m/main.tf", "variable \"name\" {}\nresource \"aws_x\" \"a\" {\n  name = var.name\n}\n"),
    ]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let found: Vec<(&str, String)> = loaded
        .documents
        .iter()
        .filter(|it| it.address == "module.m.aws_x.a")
        .map(|it| (it.configuration.as_deref().unwrap(), json(it, "/name")))
        .collect();
    assert_eq!(found, [("envs/dev", r#""dev""#.to_owned()), ("envs/prod", r#""prod""#.to_owned())]);
}

/// The place of a finding is in its block, whatever file its value came through.
#[test]
fn what_comes_out_of_a_file_is_located_in_the_block() {
    let main = r#"variable "v" {
  default = true
}
resource "aws_ecs_task_definition" "t" {
  family = "t"
  container_definitions = templatefile("c.tftpl", {
    literal  = true
    variable = var.v
  })
}
resource "aws_ecs_task_definition" "f" {
  family                = "f"
  container_definitions = file("f.json")
}
resource "aws_ecs_task_definition" "w" {
  family                = "w"
  container_definitions = templatefile("w.tftpl", { all = jsonencode([{ name = "a", privileged = true }]) })
}
"#;
    let loaded = folder(&[
        ("main.tf", main),
        (
            "c.tftpl",
            "[{\"name\": \"a\", \"privileged\": ${literal}},\n {\"name\": \"b\", \"privileged\": ${variable}},\n {\"name\": \"c\", \"privileged\": true}]",
        ),
        ("w.tftpl", "${all}"),
        ("f.json", "[{\"name\": \"a\",\n \"privileged\": true}]"),
    ]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    for (address, container, expected) in [
        ("t", 0, &["main.tf:7 true", "file: c.tftpl:1 literal", "element: main.tf:7 true"][..]),
        (
            "t",
            1,
            &["main.tf:8 var.v", "file: c.tftpl:2 variable", "element: main.tf:8 var.v", "variable: main.tf:2 true"],
        ),
        ("f", 0, &["main.tf:13 file(\"f.json\")", "file: f.json:2 true"]),
        ("w", 0, &["main.tf:17 true", "file: w.tftpl:1 all", "element: main.tf:17 true"]),
    ] {
        let workload = find(&loaded, Platform::Workload, &format!("aws_ecs_task_definition.{address}"));
        assert_eq!(way(&loaded, workload, &format!("/containers/{container}/privileged")), expected);
    }
    let written =
        way(&loaded, find(&loaded, Platform::Workload, "aws_ecs_task_definition.t"), "/containers/2/privileged");
    assert!(written[0].starts_with("main.tf:6 templatefile("), "{written:?}");
    assert_eq!(written[1..], ["file: c.tftpl:3 true"]);
}

/// The provider refuses them when it plans, and what they were meant to say is not known.
#[test]
fn container_definitions_that_are_no_array_are_errors_at_their_place() {
    for (argument, code, place) in [
        (
            "container_definitions = <<-JSON\n    [\n      {\"name\": \"a\", \"privileged\": true,}\n    ]\n  JSON\n",
            "json-syntax",
            "}",
        ),
        ("container_definitions = \"[{\\\"name\\\": \\\"a\\\"\"\n", "json-syntax", "[{\\\"name\\\": \\\"a\\\""),
        ("container_definitions = \"\"\n", "json-syntax", "\"\""),
        (
            "container_definitions = jsonencode({ name = \"a\", privileged = true })\n",
            "wrong-type",
            "{ name = \"a\", privileged = true }",
        ),
        ("container_definitions = \"null\"\n", "wrong-type", "\"null\""),
        ("container_definitions = local.broken\n", "json-syntax", "}"),
        ("container_definitions = [{ name = \"a\" }]\n", "wrong-type", "[{ name = \"a\" }]"),
        ("container_definitions = null\n", "missing-field", "resource \"aws_ecs_task_definition\" \"t\" {"),
        ("", "missing-field", "resource \"aws_ecs_task_definition\" \"t\" {"),
    ] {
        let main = format!(
            "locals {{\n  broken = \"[}}\"\n}}\nresource \"aws_ecs_task_definition\" \"t\" {{\n  family = \"t\"\n  {argument}}}\n"
        );
        let loaded = folder(&[("main.tf", &main)]);
        let [problem] = &loaded.diagnostics[..] else { panic!("{argument}: {:?}", problems(&loaded)) };
        assert_eq!(problem.code.as_str(), code, "{argument}");
        let verdikt_model::DiagnosticPlace::Span(span) = problem.place else { panic!("{problem:?}") };
        let shown = loaded.sources.text(span);
        assert!(shown.starts_with(place) && (shown == place || place.ends_with('{')), "{argument}: {shown}");
        let workload = find(&loaded, Platform::Workload, "aws_ecs_task_definition.t");
        assert!(at(workload, "/containers").is_unknown(), "{argument}");
    }
    // What is unknown in a text may make JSON of it.
    let main = "variable \"v\" {}\nresource \"aws_ecs_task_definition\" \"t\" {\n  family = \"t\"\n  container_definitions = \"[{${var.v}\"\n}\n";
    let loaded = folder(&[("main.tf", main)]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    assert!(at(find(&loaded, Platform::Workload, "aws_ecs_task_definition.t"), "/containers").is_unknown());
    let plan = |text: &str| {
        format!(
            r#"{{"format_version": "1.2", "planned_values": {{"root_module": {{"resources": [{{
              "address": "aws_ecs_task_definition.t", "mode": "managed", "type": "aws_ecs_task_definition", "name": "t",
              "values": {{"family": "t"{text}}}}}]}}}}, "resource_changes": [
              {{"address": "aws_ecs_task_definition.t", "change": {{"actions": ["create"], "after_unknown": {{}}}}}}]}}"#
        )
    };
    for (text, code) in [
        (r#", "container_definitions": "[{""#, "json-syntax"),
        (r#", "container_definitions": "{}""#, "wrong-type"),
        (r#", "container_definitions": null"#, "missing-field"),
        ("", "missing-field"),
    ] {
        let loaded = crate::support::text("plan.json", &plan(text));
        let [problem] = &loaded.diagnostics[..] else { panic!("{text}: {:?}", problems(&loaded)) };
        assert_eq!(problem.code.as_str(), code, "{text}");
        assert!(at(find(&loaded, Platform::Workload, "aws_ecs_task_definition.t"), "/containers").is_unknown());
    }
}

#[test]
fn objects_and_texts_that_are_partly_known_have_what_is_known() {
    let loaded = folder(&[(
        "main.tf",
        r#"variable "x" {}
resource "aws_iam_policy" "p" {
  policy = <<-E
    {"Statement": [{"Action": "*", "Resource": "${var.x}"}]}
  E
  tags   = merge(var.x, { "$kept" = "yes" })
  values = yamlencode({ a = var.x, b = true })
}
"#,
    )]);
    let policy = find(&loaded, Platform::Terraform, "aws_iam_policy.p");
    let why = r#""$unknown":"no value for variable `x`""#;
    for (pointer, expected) in [
        ("/policy/$json/Statement/0/Action", r#""*""#.to_owned()),
        ("/tags", format!(r#"{{{why},"$$kept":"yes"}}"#)),
        ("/tags/$$kept", r#""yes""#.to_owned()),
        ("/values/$json/b", "true".to_owned()),
    ] {
        assert_eq!(json(policy, pointer), expected, "{pointer}");
    }
}

#[test]
fn values_that_double_become_no_large_documents() {
    let doubling: String = (1..=60).map(|n| format!("  l{n} = [local.l{0}, local.l{0}]\n", n - 1)).collect();
    let locals = format!("locals {{\n  l0 = \"x\"\n{doubling}}}\n");
    let way: String = (1..=50).map(|n| format!("  w{n} = local.w{}\n", n - 1)).collect();
    let long_way = format!("{locals}locals {{\n  w0 = local.l12\n{way}}}\n");
    let task = |containers: &str| {
        format!("{locals}resource \"aws_ecs_task_definition\" \"t\" {{\n  container_definitions = {containers}\n}}\n")
    };
    for text in [
        locals.clone(),
        long_way,
        task("jsonencode(flatten(local.l14))"),
        task("jsonencode(flatten(local.l16))"),
        task("jsonencode(flatten(local.l60))"),
        task("\"[${local.l0}, ${jsonencode(local.l16)}, ${aws_x.y.z}]\""),
    ] {
        let loaded = folder(&[("main.tf", &text)]);
        let nodes: usize = loaded.documents.iter().map(|document| document.tree.len()).sum();
        assert!(nodes < 500_000, "{nodes} nodes of {}", &text[locals.len()..]);
        assert!(!problems(&loaded).is_empty(), "{}", &text[locals.len()..]);
    }
    // What has more parts than a document may have is unknown, and said to be.
    let loaded = folder(&[("main.tf", &task("jsonencode(flatten(local.l16))"))]);
    let large = find(&loaded, Platform::Terraform, "local.l18");
    assert_eq!(json(large, "/value"), r#"{"$unknown":"it has more parts than the limit"}"#);
    let told = problems(&loaded);
    assert!(told.iter().any(|it| it.contains("`local.l18` have more parts than one document")), "{told:?}");
}
