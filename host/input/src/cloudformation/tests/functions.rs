//! What each function gives, in its long and its short form.

use super::{member, normalize, with_container};

const HEAD: &str = "\
Parameters:
  Name: {Type: String, Default: shop}
  Count: {Type: Number, Default: 256}
  Zones: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Ports: {Type: List<Number>, Default: '80,443'}
  Open: {Type: String}
  Stage: {Type: String, AllowedValues: [test, prod]}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/name}
  Secret: {Type: String, NoEcho: true}
Mappings:
  Sizes:
    small: {Memory: 256, User: 'app', Texts: [x, y]}
    large: {Memory: 512, User: 'app'}
Conditions:
  Always: !Equals [!Ref Name, shop]
  Never: !Not [!Condition Always]
  Later: !Equals [!Ref Open, x]
";

#[test]
fn texts() {
    for (expression, expected) in [
        ("plain", r#""plain""#),
        ("!Ref Name", r#""shop""#),
        ("{Ref: Name}", r#""shop""#),
        ("{'Ref': 'Name'}", r#""shop""#),
        ("!Ref Count", r#""256""#),
        ("!Ref Open", r#"{"$unknown":"the parameter `Open` has no default","$ref":"Open"}"#),
        ("!Ref Stage", r#"{"$unknown":"the parameter `Stage` has no default","$ref":"Stage","$any":["test","prod"]}"#),
        (
            "!Ref Stored",
            r#"{"$unknown":"the parameter `Stored` is read from the Parameter Store when the stack is deployed","$ref":"Stored"}"#,
        ),
        ("!Ref Secret", r#"{"$unknown":"the parameter `Secret` has no default","$ref":"Secret"}"#),
        (
            "!Ref AWS::Region",
            r#"{"$unknown":"`AWS::Region` is known only when the stack is deployed","$ref":"AWS::Region"}"#,
        ),
        ("!Ref Task", r#"{"$unknown":"what `Task` refers to is known only when the stack is deployed","$ref":"Task"}"#),
        ("!Ref AWS::NoValue", ""),
        ("!Sub '${Name}-${Count}'", r#""shop-256""#),
        ("{'Fn::Sub': '${Name}'}", r#""shop""#),
        ("!Sub ['${Name}-${Other}', {Other: !Ref Count}]", r#""shop-256""#),
        ("!Sub ['${Name}', {Name: mine}]", r#""mine""#),
        ("!Sub '${!Name}-$x{'", r#""${Name}-$x{""#),
        (
            "!Sub 'a-${AWS::Region}-${Name}-${Task.Arn}'",
            r#"{"$unknown":"`AWS::Region` is known only when the stack is deployed","$parts":["a-",null,"-shop-",null]}"#,
        ),
        (
            "!Sub '${AWS::Region}'",
            r#"{"$unknown":"`AWS::Region` is known only when the stack is deployed","$ref":"AWS::Region"}"#,
        ),
        ("!Join ['-', [a, !Ref Name, 1, true]]", r#""a-shop-1-true""#),
        ("{'Fn::Join': ['', [a, {Ref: Name}]]}", r#""ashop""#),
        ("!Join [',', !Ref Zones]", r#""a,b,c""#),
        ("!Join ['-', [a, !Ref AWS::NoValue, b]]", r#""a-b""#),
        ("!Join ['-', [a, !Ref Open]]", r#"{"$unknown":"the parameter `Open` has no default","$parts":["a-",null]}"#),
        (
            "!Join ['-', [a, !If [Later, b, !Ref AWS::NoValue], c]]",
            r#"{"$unknown":"it depends on the condition `Later`","$parts":["a",null,"-c"]}"#,
        ),
        (
            "!Join ['-', [!If [Later, b, !Ref AWS::NoValue], c, d]]",
            r#"{"$unknown":"it depends on the condition `Later`","$parts":[null,"c-d"]}"#,
        ),
        ("!Select [1, [a, b]]", r#""b""#),
        ("!Select ['2', !Ref Zones]", r#""c""#),
        ("!Select [0, !Split ['/', 'x/y']]", r#""x""#),
        (
            "!Select [0, !GetAZs '']",
            r#"{"$unknown":"the availability zones are known only when the stack is deployed"}"#,
        ),
        ("!Select [0, !Ref Ports]", r#""80""#),
        ("!Select [!Ref Open, [a, b]]", r#"{"$unknown":"the parameter `Open` has no default"}"#),
        ("!FindInMap [Sizes, small, User]", r#""app""#),
        ("!FindInMap [Sizes, small, Memory]", r#""256""#),
        ("!FindInMap [Sizes, !Ref AWS::Region, User]", r#""app""#),
        (
            "!FindInMap [Sizes, !Ref AWS::Region, Memory]",
            r#"{"$unknown":"which entry of the mapping `Sizes` it is is not known","$any":["256","512"]}"#,
        ),
        ("!FindInMap [Sizes, tiny, Memory, {DefaultValue: none}]", r#""none""#),
        ("!FindInMap [None, tiny, Memory, {DefaultValue: none}]", r#""none""#),
        (
            "!FindInMap [Sizes, !Ref AWS::Region, User, {DefaultValue: none}]",
            r#"{"$unknown":"which entry of the mapping `Sizes` it is is not known","$any":["app","none"]}"#,
        ),
        (
            "!GetAtt Task.TaskDefinitionArn",
            r#"{"$unknown":"`Task.TaskDefinitionArn` is known only when the stack is deployed","$ref":"Task.TaskDefinitionArn"}"#,
        ),
        (
            "{'Fn::GetAtt': [Task, Arn]}",
            r#"{"$unknown":"`Task.Arn` is known only when the stack is deployed","$ref":"Task.Arn"}"#,
        ),
        (
            "!ImportValue shared-name",
            r#"{"$unknown":"another stack exports the value","$ref":"Fn::ImportValue shared-name"}"#,
        ),
        ("!Base64 hello", r#""aGVsbG8=""#),
        ("{'Fn::Base64': !Ref Name}", r#""c2hvcA==""#),
        ("!Length [a, b]", r#""2""#),
        ("{'Fn::Length': !Ref Zones}", r#""3""#),
        (r#"!ToJsonString {a: [1, "x"], $b: !Ref Name}"#, r#""{\"a\":[1,\"x\"],\"$b\":\"shop\"}""#),
        ("!ToJsonString {a: !Ref Open}", r#"{"$unknown":"the parameter `Open` has no default"}"#),
        ("!Transform {Name: Mine}", r#"{"$unknown":"a macro gives the value, which only CloudFormation can run"}"#),
        ("!Cidr [10.0.0.0/16, 2, 8]", r#"{"$unknown":"address blocks are not computed"}"#),
        ("!If [Always, one, other]", r#""one""#),
        ("!If [Never, one, other]", r#""other""#),
        ("!If [Later, same, same]", r#""same""#),
        ("!If [Later, one, other]", r#"{"$unknown":"it depends on the condition `Later`","$any":["one","other"]}"#),
        (
            "!If [Later, one, !Ref AWS::NoValue]",
            r#"{"$unknown":"it depends on the condition `Later`","$any":["one",null]}"#,
        ),
        ("!If [Later, a, !If [Later, b, a]]", r#"{"$unknown":"it depends on the condition `Later`","$any":["a","b"]}"#),
        (
            "'{{resolve:ssm:/shop/user:1}}'",
            r#"{"$unknown":"a dynamic reference is resolved when the stack is deployed","$ref":"{{resolve:ssm:/shop/user:1}}"}"#,
        ),
        (
            "!Sub 'x:{{resolve:secretsmanager:${Task}:SecretString:p}}'",
            r#"{"$unknown":"a dynamic reference is resolved when the stack is deployed","$ref":"{{resolve:secretsmanager:${Task}:SecretString:p}}","$parts":["x:",null]}"#,
        ),
    ] {
        let outcome = normalize(&with_container(HEAD, &format!("User: {expression}")));
        assert_eq!(outcome.diagnostics, [], "{expression}");
        assert_eq!(member(&outcome, "user"), expected, "{expression}");
    }
}

#[test]
fn conditions() {
    for (condition, expected) in [
        ("!Equals [a, a]", "true"),
        ("!Equals [true, 'true']", "true"),
        ("!Equals [!Ref Zones, [a, b, c]]", "true"),
        ("!Equals [!Ref Zones, [a]]", "false"),
        ("!Equals [!Ref Open, !Ref Open]", "true"),
        ("!Equals [!Ref Open, x]", ""),
        ("!Equals [!Ref Stage, dev]", "false"),
        ("!Equals [!Ref Stage, prod]", ""),
        ("!Equals [!Sub 'a-${Open}', !Sub 'a-${Open}']", "true"),
        ("!Equals [!If [Later, a, b], !If [Later, a, b]]", ""),
        ("!Not [!Equals [a, b]]", "true"),
        ("!And [!Condition Always, !Condition Later]", ""),
        ("!And [!Condition Never, !Condition Later]", "false"),
        ("!Or [!Condition Always, !Condition Later]", "true"),
        ("!Or [!Condition Never, !Condition Later]", ""),
        ("{Condition: Always}", "true"),
        ("{'Fn::Not': [{Condition: Always}]}", "false"),
        ("{'Fn::Or': [{'Fn::Equals': [a, b]}, {'Fn::Equals': [a, a]}]}", "true"),
        ("!Equals [!FindInMap [Sizes, small, User], app]", "true"),
    ] {
        let head = format!("{HEAD}  Test: {condition}\n");
        let outcome = normalize(&with_container(&head, "Privileged: !If [Test, true, false]"));
        assert_eq!(outcome.diagnostics, [], "{condition}");
        let found = member(&outcome, "privileged");
        let expected = match expected {
            "" => r#"{"$unknown":"it depends on the condition `Test`","$any":[true,false]}"#,
            known => known,
        };
        assert_eq!(found, expected, "{condition}");
    }
}

#[test]
fn what_is_not_written_as_demanded_is_said_at_its_place_and_unknown() {
    for (expression, code, message) in [
        ("!Ref None", "undeclared-reference", "`None` is no parameter and no resource"),
        ("!Sub '${None}'", "undeclared-reference", "`None` is no parameter and no resource"),
        ("!Sub '${None.Arn}'", "undeclared-reference", "`None` is no resource"),
        ("!GetAtt None.Arn", "undeclared-reference", "`None` is no resource"),
        ("!Ref AWS::Nothing", "undeclared-reference", "`AWS::Nothing` is no parameter"),
        ("!If [None, a, b]", "undeclared-reference", "`None` is no condition"),
        ("!FindInMap [None, a, b]", "undeclared-reference", "`None` is no mapping"),
        ("!FindInMap [Sizes, small, None]", "undeclared-reference", "`Sizes` has no entry"),
        ("!Ref [a]", "bad-function", "`!Ref` takes the name"),
        ("{Ref: [a]}", "bad-function", "`Ref` takes the name"),
        ("!GetAtt Task", "bad-function", "`!GetAtt` takes the name of a resource"),
        ("!Sub '${a b}'", "bad-function", "`!Sub` takes names"),
        ("!Sub [a, b]", "bad-function", "`!Sub` takes a string"),
        ("!Sub '${Zones}'", "bad-function", "`!Sub` takes texts only, which `Zones` is not"),
        ("!Join [a]", "bad-function", "`!Join` takes a list of two"),
        ("!Join ['-', text]", "bad-function", "`!Join` takes a list of two"),
        ("!Join ['-', [[a]]]", "bad-function", "`!Join` takes a list of two"),
        ("!Select [2, [a, b]]", "bad-function", "`!Select` takes a list of two"),
        ("!Select [x, [a, b]]", "bad-function", "`!Select` takes a list of two"),
        ("!Split ['', a]", "bad-function", "`!Split` takes a list of two"),
        ("!If [Always, a]", "bad-function", "`!If` takes a list of three"),
        ("!If [!Ref Name, a, b]", "bad-function", "`!If` takes a list of three"),
        ("!FindInMap [Sizes, small]", "bad-function", "`!FindInMap` takes a list of three"),
        ("!FindInMap [Sizes, small, User, x]", "bad-function", "`!FindInMap` takes a list of three"),
        ("!Base64 [a]", "bad-function", "`!Base64` takes a string"),
        ("!Length text", "bad-function", "`!Length` takes a list"),
        ("!ToJsonString text", "bad-function", "`!ToJsonString` takes a list or a map"),
        ("!Equals [a, b]", "bad-function", "`!Equals` takes part in conditions only"),
        ("!Nothing x", "bad-function", "`!Nothing` is no function"),
        ("{'Fn::Nothing': x}", "bad-function", "`Fn::Nothing` is no function"),
        ("{'Fn::Ref': Name}", "bad-function", "`Fn::Ref` is no function"),
    ] {
        let text = with_container(HEAD, &format!("User: {expression}"));
        let outcome = normalize(&text);
        let [diagnostic] = &outcome.diagnostics[..] else { panic!("{expression}: {:?}", outcome.diagnostics) };
        assert_eq!(diagnostic.code.as_str(), code, "{expression}");
        assert!(diagnostic.message.contains(message), "{expression}: {}", diagnostic.message);
        assert!(member(&outcome, "user").starts_with(r#"{"$unknown":"#), "{expression}");
        let shown = outcome.problems()[0].1;
        assert!(expression.ends_with(shown.trim_end()), "{expression}: {shown}");
    }
}

#[test]
fn conditions_that_are_not_written_as_demanded() {
    for (condition, code) in [
        ("!Equals [a]", "bad-function"),
        ("!Not [!Condition Always, !Condition Never]", "bad-function"),
        ("!And [!Condition Always]", "bad-function"),
        ("!Ref Name", "bad-function"),
        ("true", "bad-function"),
        ("!Condition [a]", "bad-function"),
        ("!Condition None", "undeclared-reference"),
        ("!Not [!Condition Test]", "bad-function"),
    ] {
        let head = format!("{HEAD}  Test: {condition}\n");
        let outcome = normalize(&with_container(&head, "Privileged: !If [Test, true, false]"));
        let codes: Vec<_> = outcome.problems().into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, [code], "{condition}: {:?}", outcome.diagnostics);
        assert!(member(&outcome, "privileged").contains("$unknown"), "{condition}");
    }
}
