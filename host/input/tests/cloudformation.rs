//! Templates as files: how they are told from others, what the coverage says of them, and that no
//! template is too much.

use std::fmt::Write;

use verdikt_input::{Format, Input, InputLimits, LoadOptions, Loaded, load};
use verdikt_model::{Code, FileOutcome, Platform};

const TASK: &str = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        \
                    - Name: app\n          Image: app:1\n          Privileged: !Ref IsOn\nParameters:\n  IsOn: {Type: String, \
                    Default: 'true'}\n";

fn texts(texts: &[(&str, &str)]) -> LoadOptions {
    let input = |(path, text): &(&str, &str)| Input::Text { path: (*path).into(), bytes: text.as_bytes().to_vec() };
    LoadOptions { inputs: texts.iter().map(input).collect(), ..LoadOptions::default() }
}

fn outcomes(loaded: &Loaded) -> Vec<&FileOutcome> {
    loaded.coverage.files.iter().map(|file| &file.outcome).collect()
}

#[test]
fn templates_are_told_from_other_files() {
    let loaded = load(&texts(&[("a.yaml", TASK)]));
    assert_eq!(loaded.diagnostics, []);
    assert_eq!(outcomes(&loaded), [&FileOutcome::Scanned { format: "cloudformation", documents: 1 }]);
    let [task, workload] = &loaded.documents[..] else { panic!("{:?}", loaded.documents) };
    assert_eq!((task.platform, &*task.kind, &*task.address), (Platform::Ecs, "TaskDefinition", "Task"));
    assert_eq!((workload.platform, workload.origin), (Platform::Workload, Some(task.id)));

    for (path, text, reason) in [
        (
            "queue.yaml",
            "Resources: {Q: {Type: 'AWS::SQS::Queue'}}",
            "CloudFormation template that creates no ECS task definition",
        ),
        (
            "never.yaml",
            &TASK
                .replace("Properties:", "Condition: C\n    Properties:")
                .replace("Parameters:", "Conditions: {C: !Equals [a, b]}\nParameters:"),
            "CloudFormation template that creates no ECS task definition",
        ),
        (
            "manifest.json",
            r#"{"version": "36.0.0", "artifacts": {"Stack": {"type": "aws:cloudformation:stack"}}}"#,
            "not a Kubernetes manifest",
        ),
        ("tree.json", r#"{"version": "tree-0.1", "tree": {"id": "App", "children": {}}}"#, "not a Kubernetes manifest"),
        ("Stack.assets.json", r#"{"version": "36.0.0", "files": {}}"#, "not a Kubernetes manifest"),
        ("azure.json", r#"{"resources": [{"type": "Microsoft.Web/sites"}]}"#, "not a Kubernetes manifest"),
    ] {
        let loaded = load(&texts(&[(path, text)]));
        assert_eq!(loaded.diagnostics, [], "{path}");
        let [FileOutcome::Skipped { reason: found }] = outcomes(&loaded)[..] else { panic!("{path}: {loaded:?}") };
        assert!(found.contains(reason), "{path}: {found}");
    }
}

#[test]
fn a_template_that_cannot_be_read_is_an_error() {
    for (path, text, code) in [
        ("a.yaml", &*format!("{TASK}Outputs: [\n"), Code::YamlSyntax),
        ("a.json", r#"{"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition", }}}"#, Code::JsonSyntax),
    ] {
        let loaded = load(&texts(&[(path, text)]));
        assert_eq!(loaded.diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), [code]);
        assert_eq!(outcomes(&loaded), [&FileOutcome::Failed]);
    }
    let loaded = load(&texts(&[("a.yaml", "Resources: {Q: {Type: 'AWS::SQS::Queue'}, [}")]));
    assert_eq!(loaded.diagnostics, [], "what has no task definitions is of no interest");
}

#[test]
fn a_stated_format_insists_on_templates() {
    let stated = |text: &str| load(&LoadOptions { format: Some(Format::CloudFormation), ..texts(&[("a", text)]) });
    assert_eq!(stated(TASK).diagnostics, []);
    assert_eq!(stated("{Resources: {Q: {Type: 'AWS::SQS::Queue'}}}").diagnostics, [], "a template all the same");
    assert_eq!(stated("{a: 1}").diagnostics[0].code, Code::MissingField);
}

#[test]
fn logical_ids_are_unique_in_their_template_only() {
    let loaded = load(&LoadOptions {
        inputs: vec![Input::Path("examples/cloudformation".into()), Input::Path("examples/cloudformation".into())],
        cwd: concat!(env!("CARGO_MANIFEST_DIR"), "/../..").into(),
        ..LoadOptions::default()
    });
    assert!(loaded.documents.len() > 2, "{:?}", loaded.coverage);
    assert_eq!(loaded.diagnostics, []);
}

/// Threads of a pool have 2 MiB of stack, and so have those of tests.
#[test]
fn deep_templates_end_in_a_diagnostic() {
    let nested = |open: &str, close: &str, times: usize| {
        let value = format!("{}x{}", open.repeat(times), close.repeat(times));
        TASK.replace("!Ref IsOn", &value)
    };
    for (open, close, per_level) in [
        ("!If [C, ", ", y]", 1),
        ("{'Fn::If': [C, ", ", y]}", 2),
        ("{'Fn::Sub': ['${v}', {v: ", "}]}", 3),
        ("!Join ['', [", "]]", 2),
        ("!If [C, {a: ", "}, {a: y}]", 2),
    ] {
        for depth in [128, InputLimits::MAX_DEPTH] {
            let limits = InputLimits { depth, ..InputLimits::default() };
            let text = format!(
                "{}Conditions: {{C: !Equals [!Ref AWS::Region, x]}}\n",
                nested(open, close, (depth - 8) / per_level)
            );
            let loaded = load(&LoadOptions { limits, ..texts(&[("a.yaml", &text)]) });
            let codes: Vec<Code> = loaded.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
            assert!(!codes.contains(&Code::Unreadable), "{open} {depth}: {:?}", loaded.diagnostics);
            let is_deep = loaded.documents.iter().any(|document| document.body().to_json().contains("privileged"));
            assert!(is_deep || codes == [Code::TooDeep], "{open} {depth}: {codes:?}");
        }
    }
}

#[test]
fn large_templates_end_in_a_diagnostic() {
    let reference = |name: &str| format!("!Sub '{}'", format!("${{{name}}}").repeat(2000));
    let long = "x".repeat(100_000);
    let mut doubling = "!Sub ['${x}', {x: start}]".to_owned();
    for _ in 0..30 {
        doubling = format!("!Sub ['${{x}}${{x}}', {{x: {doubling}}}]");
    }
    let mut items = String::new();
    (0..3000).for_each(|item| _ = write!(items, "i{item},"));
    for value in [
        reference("Long"),
        doubling,
        format!("!Join ['{long}', [{}]]", "a,".repeat(2000)),
        format!("[{}]", "!Ref List,".repeat(3000)),
        format!("[{}]", "!Split [x, !Ref Long],".repeat(300)),
    ] {
        let text = format!(
            "{}  Long: {{Type: String, Default: {long}}}\n  List: {{Type: CommaDelimitedList, Default: '{items}'}}\n",
            TASK.replace("!Ref IsOn", &value)
        );
        let loaded = load(&texts(&[("a.yaml", &text)]));
        let codes: Vec<Code> = loaded.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert!(codes.contains(&Code::TooManyNodes), "{}: {codes:?}", &value[..40]);
        let length: usize = loaded.documents.iter().map(|document| document.body().to_json().len()).sum();
        assert!(length < 100 << 20, "{}: {length}", &value[..40]);
    }
}
