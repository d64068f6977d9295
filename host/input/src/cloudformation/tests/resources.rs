//! Which resources become documents, and what the documents are called.

use verdikt_model::Platform;

use super::{normalize, normalize_within};
use crate::{InputLimits, Recognition};

/// Task definitions by address and name.
fn found(text: &str) -> Vec<(String, String)> {
    let outcome = normalize(text);
    let definitions = outcome.drafts.iter().filter(|draft| draft.platform == Platform::Ecs);
    definitions.map(|draft| (draft.address.clone(), draft.name.clone())).collect()
}

fn names(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(address, name)| ((*address).to_owned(), (*name).to_owned())).collect()
}

#[test]
fn every_task_definition_is_a_document_and_nothing_else_is() {
    let text = r#"{
      "Parameters": {"Name": {"Type": "String", "Default": "by-default"}, "Open": {"Type": "String"}},
      "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Plain": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "web", "ContainerDefinitions": []}},
        "Nameless": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": []}},
        "Default": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": {"Ref": "Name"}, "ContainerDefinitions": []}},
        "Later": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": {"Ref": "Open"}, "ContainerDefinitions": []}}
      }
    }"#;
    let expected = names(&[("Plain", "web"), ("Nameless", "Nameless"), ("Default", "by-default"), ("Later", "Later")]);
    assert_eq!(found(text), expected);
    let outcome = normalize(text);
    assert_eq!(outcome.recognition, Recognition::Documents(4));
    assert_eq!(outcome.workloads().len(), 4);
    assert_eq!(outcome.diagnostics, [], "CloudFormation generates a family");
    let draft = &outcome.drafts[0];
    assert!(text[draft.span.range()].starts_with("\"Plain\": {"), "{}", &text[draft.span.range()]);
    assert!(text[draft.span.range()].ends_with("}}"));
    let (tree, resource) = draft.resource.as_ref().expect("the resource as it is written");
    assert_eq!(tree.node(*resource).str("Type"), Some("AWS::ECS::TaskDefinition"));
}

#[test]
fn shapes_of_templates() {
    for (text, expected) in [
        ("{Resources: {A: {Type: 'AWS::SQS::Queue'}}}", "creates no ECS task definition"),
        ("{AWSTemplateFormatVersion: 2010-09-09, Resources: {}}", "creates no ECS task definition"),
        (
            "{Transform: 'AWS::Serverless-2016-10-31', Resources: {F: {Type: 'AWS::Serverless::Function'}}}",
            "creates no ECS task definition",
        ),
        ("{Resources: {A: {Type: 'Custom::Thing'}}}", "creates no ECS task definition"),
        ("{Resources: [a]}", "not a CloudFormation template"),
        ("{Resources: {A: {Type: queue}}}", "not a CloudFormation template"),
        ("{AWSTemplateFormatVersion: 2010-09-09}", "not a CloudFormation template"),
        ("[1]", "not a CloudFormation template"),
    ] {
        let (Recognition::Nothing { reason } | Recognition::NotOurs { reason }) =
            normalize(&format!("---\n{text}")).recognition
        else {
            panic!("{text}: documents");
        };
        assert!(reason.contains(expected), "{text}: {reason}");
    }
}

#[test]
fn a_resource_that_is_never_created_is_not_judged() {
    for (condition, is_judged) in [
        ("!Equals [a, b]", false),
        ("!Equals [a, a]", true),
        ("!Equals [!Ref Stage, prod]", true),
        ("!Equals [!Ref Stage, test]", true),
        ("!Equals [!Ref Stage, other]", false),
        ("!Equals [!Ref Free, x]", true),
        ("!Not [!Equals [!Ref Stage, !Ref Stage]]", false),
    ] {
        let text = format!(
            "Parameters:\n  Stage: {{Type: String, Default: test, AllowedValues: [test, prod]}}\n  Free: {{Type: String}}\n\
             Conditions:\n  C: {condition}\nResources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Condition: C\n    \
             Properties: {{ContainerDefinitions: [{{Name: a, Privileged: !If [C, true, false]}}]}}\n"
        );
        let outcome = normalize(&text);
        assert_eq!(outcome.diagnostics, [], "{condition}");
        assert_eq!(!outcome.drafts.is_empty(), is_judged, "{condition}");
        if is_judged {
            assert_eq!(outcome.json("/containers/0/privileged"), "true", "it exists only when {condition}");
        }
    }
}

#[test]
fn loops_make_resources() {
    let text = |collection: &str| {
        format!(
            "Transform: AWS::LanguageExtensions\nParameters:\n  Names: {{Type: CommaDelimitedList, Default: 'A,B'}}\n  \
             Free: {{Type: CommaDelimitedList}}\nResources:\n  'Fn::ForEach::Tasks':\n    - Name\n    - {collection}\n    \
             - 'Task${{Name}}':\n        Type: AWS::ECS::TaskDefinition\n        Properties:\n          Family: !Sub \
             'web-${{Name}}'\n          ContainerDefinitions:\n            - Name: 'app-${{Name}}'\n              Image: \
             !Ref Name\n              Command: ['&{{Name}}']\n"
        )
    };
    assert_eq!(found(&text("[X, Y]")), names(&[("TaskX", "web-X"), ("TaskY", "web-Y")]));
    assert_eq!(found(&text("!Ref Names")), names(&[("TaskA", "web-A"), ("TaskB", "web-B")]));
    let outcome = normalize(&text("[a.b]"));
    assert_eq!(
        super::body(&outcome).to_json(),
        r#"{"family":"web-a.b","containerDefinitions":[{"name":"app-a.b","image":"a.b","command":["ab"]}]}"#
    );
    assert_eq!(outcome.diagnostics, []);
    let outcome = normalize(&text("!Ref Free"));
    assert_eq!(outcome.diagnostics, []);
    assert_eq!(outcome.drafts[0].address, "Task${Name}");
    let why = "the items of the loop over `Name` are not known";
    assert_eq!(super::member(&outcome, "name"), format!(r#"{{"$unknown":"{why}"}}"#));
    assert_eq!(super::member(&outcome, "image"), format!(r#"{{"$unknown":"{why}"}}"#));
}

#[test]
fn loops_make_properties() {
    let text = |collection: &str| {
        super::with_container(
            "Parameters:\n  Free: {Type: CommaDelimitedList}",
            &format!(
                "DockerLabels:\n  Fixed: x\n  'Fn::ForEach::L':\n    - K\n    - {collection}\n    - 'k-${{K}}': 'v-${{K}}'\n\
                'Fn::ForEach::P':\n  - K\n  - {collection}\n  - '${{K}}': 'x'"
            ),
        )
    };
    let outcome = normalize(&text("[User, Hostname]"));
    assert_eq!(outcome.diagnostics, []);
    assert_eq!(super::member(&outcome, "dockerLabels"), r#"{"Fixed":"x","k-User":"v-User","k-Hostname":"v-Hostname"}"#);
    assert_eq!(super::member(&outcome, "user"), r#""x""#);
    let outcome = normalize(&text("!Ref Free"));
    let unknown = r#"{"$unknown":"the items of the loop over `K` are not known"}"#;
    for key in ["dockerLabels", "user", "privileged"] {
        assert_eq!(super::member(&outcome, key), unknown, "{key}");
    }
    assert_eq!(super::member(&outcome, "image"), r#""app:1""#);
}

#[test]
fn loops_that_are_not_written_as_demanded() {
    for each in ["x", "[K, [a]]", "[K, text, {a: b}]", "[K, [a], b]", "[[K], [a], {a: b}]"] {
        let text = super::with_container("", &format!("'Fn::ForEach::L': {each}"));
        let outcome = normalize(&text);
        assert_eq!(outcome.problems().len(), 1, "{each}: {:?}", outcome.diagnostics);
        assert_eq!(outcome.problems()[0].0, "bad-function", "{each}");
        assert!(super::member(&outcome, "privileged").contains("$unknown"), "{each}");
    }
}

#[test]
fn macros_are_said() {
    for (head, is_said) in [
        ("Transform: Mine", true),
        ("Transform: [AWS::LanguageExtensions, Mine]", true),
        ("Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/k'}}", true),
        ("Fn::Transform: {Name: Mine}", true),
        ("Transform: AWS::CodeDeployBlueGreen", false),
        ("Transform: AWS::Serverless-2016-10-31", false),
        ("Transform: AWS::LanguageExtensions", false),
    ] {
        let outcome = normalize(&super::with_container(head, "User: app"));
        let codes: Vec<_> = outcome.problems().into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes.contains(&"macro-not-run"), is_said, "{head}: {:?}", outcome.diagnostics);
        assert_eq!(super::member(&outcome, "user"), r#""app""#);
    }
}

#[test]
fn macros_inside_of_the_resources() {
    let task = "T: {Type: 'AWS::ECS::TaskDefinition', Properties: {ContainerDefinitions: []}";
    let include = "'Fn::Transform': {Name: AWS::Include, Parameters: {Location: 's3://b/k'}}";
    let outcome = normalize(&format!("---\nResources: {{{task}}}, {include}}}"));
    assert_eq!(outcome.problems()[0].0, "macro-not-run");
    let outcome = normalize(&format!("---\nResources: {{{task}, {include}}}}}"));
    assert_eq!(outcome.diagnostics, []);
    assert!(super::body(&outcome).get("networkMode").is_some_and(|mode| mode.is_unknown()));
    let Recognition::Nothing { reason } = normalize("Transform: Mine\nResources: {A: {Type: 'A::B::C'}}").recognition
    else {
        panic!("documents")
    };
    assert!(reason.contains("without running the transform `Mine`"), "{reason}");
    let outcome = normalize(&super::with_container("", "User: !Ref Part.Name\nHostname: !GetAtt Task.Part.Arn"));
    assert_eq!(outcome.problems().len(), 1, "no such module: {:?}", outcome.diagnostics);
}

#[test]
fn a_task_definition_without_containers_is_refused() {
    for properties in ["{Family: a}", "{}"] {
        let text = format!("Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {properties}\n");
        let outcome = normalize(&text);
        assert_eq!(outcome.problems(), [("missing-field", properties)], "{properties}");
    }
}

#[test]
fn what_multiplies_has_a_limit() {
    let items = (0..40).map(|item| format!("i{item}")).collect::<Vec<_>>().join(", ");
    let mut fragment = "'Label${A}${B}${C}${D}': x".to_owned();
    for identifier in ["A", "B", "C", "D"] {
        fragment = format!("'Fn::ForEach::L{identifier}': [{identifier}, [{items}], {{{fragment}}}]");
    }
    let text = super::with_container("", &format!("DockerLabels: {{{fragment}}}"));
    let limits = InputLimits { nodes: 20_000, ..InputLimits::default() };
    let outcome = normalize_within(&text, &limits);
    assert_eq!(outcome.problems().iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["too-many-nodes"]);
    assert!(super::member(&outcome, "dockerLabels").contains("$unknown"));

    let chain: String = (0..500).map(|at| format!("  C{at}: !Not [!Condition C{}]\n", at + 1)).collect();
    let head = format!("Conditions:\n{chain}  C500: !Equals [a, a]");
    let outcome = normalize(&super::with_container(&head, "Privileged: !If [C0, true, false]"));
    assert_eq!(outcome.problems().iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["too-deep"]);
    assert!(super::member(&outcome, "privileged").contains("$unknown"));
}
