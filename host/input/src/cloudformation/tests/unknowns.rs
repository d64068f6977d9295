//! What a condition that is not known leaves known, and that a default decides nothing that it does
//! not decide.

use proptest::prelude::*;
use verdikt_model::{NodeRef, Span};

use super::{body, member, normalize, with_container};

const HEAD: &str = "Parameters:\n  P: {Type: String}\nConditions:\n  C: !Equals [!Ref P, x]";

#[test]
fn both_branches_are_taken_together_as_far_as_they_agree() {
    let why = "it depends on the condition `C`";
    for (property, key, expected) in [
        (
            "LinuxParameters: !If [C, {InitProcessEnabled: true, Swappiness: 1}, {InitProcessEnabled: true, Swappiness: 2}]",
            "linuxParameters",
            r#"{"initProcessEnabled":true,"swappiness":{"$unknown":"WHY","$any":[1,2]}}"#,
        ),
        (
            "LinuxParameters: !If [C, {Swappiness: 1}, {MaxSwap: 2}]",
            "linuxParameters",
            r#"{"swappiness":{"$unknown":"WHY","$any":[1,null]},"maxSwap":{"$unknown":"WHY","$any":[2,null]}}"#,
        ),
        (
            "LinuxParameters: !If [C, {Swappiness: 1}, !Ref AWS::NoValue]",
            "linuxParameters",
            r#"{"$unknown":"WHY","$any":[{"swappiness":1},null]}"#,
        ),
        ("Command: !If [C, [a, b], [a]]", "command", r#"["a",{"$unknown":"WHY","$any":["b",null]}]"#),
        ("Command: !If [C, [a, b], []]", "command", r#"{"$unknown":"WHY","$any":[["a","b"],[]]}"#),
        ("Command: [a, !If [C, b, !Ref AWS::NoValue]]", "command", r#"["a",{"$unknown":"WHY","$any":["b",null]}]"#),
        ("Command: [!If [C, b, !Ref AWS::NoValue]]", "command", r#"{"$unknown":"WHY","$any":[["b"],[]]}"#),
        ("Command: [!If [C, a, b]]", "command", r#"[{"$unknown":"WHY","$any":["a","b"]}]"#),
        (
            "Environment: !If [C, [{Name: A, Value: 1}, {Name: B, Value: 2}], [{Name: B, Value: 3}, {Name: D, Value: 4}]]",
            "environment",
            concat!(
                r#"[{"$unknown":"WHY","$any":[{"name":"A","value":"1"},null]},"#,
                r#"{"name":"B","value":{"$unknown":"WHY","$any":["2","3"]}},"#,
                r#"{"$unknown":"WHY","$any":[{"name":"D","value":"4"},null]}]"#,
            ),
        ),
        ("Privileged: !If [C, 'true', true]", "privileged", "true"),
        (
            "Privileged: !If [C, !Ref P, true]",
            "privileged",
            r#"{"$unknown":"WHY","$any":[{"$unknown":"the parameter `P` has no default","$ref":"P"},true]}"#,
        ),
        ("Memory: !If [C, '512', '256']", "memory", r#"{"$unknown":"WHY","$any":[512,256]}"#),
    ] {
        let outcome = normalize(&with_container(HEAD, property));
        assert_eq!(outcome.diagnostics, [], "{property}");
        assert_eq!(member(&outcome, key), expected.replace("WHY", why), "{property}");
    }
}

#[test]
fn an_element_that_may_be_absent_does_not_disappear() {
    for property in [
        "Command: [a, !If [C, b, !Ref AWS::NoValue]]",
        "Command: !If [C, [a, b], [a]]",
        "DockerSecurityOptions: !If [C, [no-new-privileges], !Ref AWS::NoValue]",
        "LinuxParameters: {Capabilities: {Add: [!If [C, SYS_ADMIN, !Ref AWS::NoValue]]}}",
    ] {
        let outcome = normalize(&with_container(HEAD, property));
        assert!(outcome.json("/containers/0").contains("$unknown"), "{property}: {}", outcome.json("/containers/0"));
    }
    let text = format!(
        "{HEAD}\nResources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        \
         - Name: a\n        - !If [C, {{Name: b, Privileged: true}}, !Ref AWS::NoValue]\n"
    );
    let outcome = normalize(&text);
    assert!(outcome.json("/containers/1").starts_with(r#"{"$unknown""#), "{}", outcome.json("/containers"));
}

#[test]
fn what_a_macro_adds_is_not_absent() {
    let text = with_container("", "Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/k'}}");
    let outcome = normalize(&text);
    assert_eq!(member(&outcome, "image"), r#""app:1""#);
    assert!(member(&outcome, "privileged").contains("$unknown"));
    let outcome =
        normalize("Resources: {T: {Type: 'AWS::ECS::TaskDefinition', Properties: {'Fn::Transform': {Name: Mine}}}}");
    assert!(body(&outcome).get("containerDefinitions").is_some_and(NodeRef::is_unknown));
    assert_eq!(outcome.diagnostics, []);
}

/// Expressions over the parameters `A`, `B` and `L`, with conditions and a mapping that use them.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("!Ref A".to_owned()),
        Just("!Ref B".to_owned()),
        Just("one".to_owned()),
        Just("two".to_owned()),
        Just("!Ref AWS::Region".to_owned()),
        Just("!FindInMap [M, !Ref A, k]".to_owned()),
        Just("!Select [1, !Ref L]".to_owned()),
        Just("!Select [!Ref B, [x, y]]".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(one, other)| format!("!If [IsOne, {one}, {other}]")),
            two.clone().prop_map(|(one, other)| format!("!If [Both, {one}, {other}]")),
            two.clone()
                .prop_map(|(one, other)| format!("!Join ['-', [{one}, !If [IsOne, {other}, !Ref AWS::NoValue]]]")),
            two.prop_map(|(one, other)| format!("!Sub ['${{x}}.${{y}}', {{x: {one}, y: {other}}}]")),
            inner.prop_map(|one| format!("!Select [0, [{one}]]")),
        ]
    })
}

fn template(defaults: [bool; 3], expressions: &[String]) -> String {
    let default = |at: usize, value: &str| if defaults[at] { format!(", Default: '{value}'") } else { String::new() };
    let list: String = expressions.iter().map(|one| format!("\n  - {one}")).collect();
    let head = format!(
        "Parameters:\n  A: {{Type: String{}}}\n  B: {{Type: Number{}}}\n  L: {{Type: CommaDelimitedList{}}}\nMappings:\n  M: \
         {{one: {{k: v}}, two: {{k: w}}}}\nConditions:\n  IsOne: !Equals [!Ref A, one]\n  Both: !Or [!Condition IsOne, \
         !Equals [!Ref B, '1']]",
        default(0, "one"),
        default(1, "1"),
        default(2, "p, q"),
    );
    let first = expressions.first().map_or("x", String::as_str);
    with_container(
        &head,
        &format!("Command:{list}\nLinuxParameters: !If [Both, {{Swappiness: {first}}}, {{MaxSwap: 1}}]"),
    )
}

/// Whether a node and all that is in it or known of it stand in a document's own block.
fn is_within(node: NodeRef<'_>, block: Span) -> bool {
    let inner = node.items().chain(node.entries().chain(node.unknown_entries()).map(|(_, member)| member));
    block.contains(node.span()) && inner.into_iter().all(|inner| is_within(inner, block))
}

/// Whether what is known of `less` is what `more` says.
fn agrees(less: NodeRef<'_>, more: Option<NodeRef<'_>>) -> bool {
    if less.is_unknown() {
        return true;
    }
    let Some(more) = more else { return false };
    if less.is_map() {
        return less.entries().all(|(key, member)| agrees(member, more.get(key)))
            && more.entries().all(|(key, _)| less.get(key).is_some());
    }
    if less.is_list() {
        let mut more = more.items();
        // An element that may be absent may have been left out.
        return less.items().all(|item| item.is_unknown() && more.len() == 0 || agrees(item, more.next()))
            && more.len() == 0;
    }
    less.to_json() == more.to_json()
}

proptest! {
    #![proptest_config(crate::syntax::reproducible())]

    #[test]
    fn without_a_default_nothing_becomes_another_known_value(
        expressions in proptest::collection::vec(expression(), 1..4),
        removed in 0usize..3,
    ) {
        let mut defaults = [true; 3];
        defaults[removed] = false;
        let with = normalize(&template([true; 3], &expressions));
        let without = normalize(&template(defaults, &expressions));
        let (less, more) = (body(&without), body(&with));
        for outcome in [&with, &without] {
            prop_assert!(is_within(body(outcome), outcome.drafts[0].span), "{}", body(outcome).to_json());
        }
        prop_assert!(agrees(less, Some(more)), "{}\n{}\n{}", expressions.join("\n"), less.to_json(), more.to_json());
    }
}
